//! What is the same in many cases, told once: by what blocked them, why they could not run, what warned.
//!
//! Groups are in a fixed order and hold their cases in the run's order.

use std::collections::BTreeMap;

use crate::event::{Deviation, Level};
use crate::outcome::{Case, Outcome, Run};

/// Cases that came to no judgement for one reason.
pub(super) struct Stuck<'a> {
    /// `None` where the cases could not run at all.
    pub(super) flow: Option<&'a str>,
    pub(super) reason: &'a str,
    pub(super) tested_by: Option<&'a str>,
    pub(super) cases: Vec<&'a Case>,
}

/// The blocked groups first, then those that could not run; the biggest first.
pub(super) fn stuck(run: &Run) -> Vec<Stuck<'_>> {
    let mut groups: BTreeMap<_, Vec<&Case>> = BTreeMap::new();
    for case in &run.cases {
        let key = match &case.outcome {
            Outcome::Blocked {
                flow,
                reason,
                tested_by,
            } => (false, Some(flow.as_str()), reason, tested_by.as_deref()),
            Outcome::CouldNotRun { reason } => (true, None, reason, None),
            _ => continue,
        };
        groups.entry(key).or_default().push(case);
    }
    let mut stuck: Vec<Stuck<'_>> = (groups.into_iter())
        .map(|((_, flow, reason, tested_by), cases)| Stuck {
            flow,
            reason,
            tested_by,
            cases,
        })
        .collect();
    stuck.sort_by_key(|group| (group.flow.is_none(), usize::MAX - group.cases.len()));
    stuck
}

/// One deviation that several cases show in the same step.
pub(super) struct Shared<'a> {
    /// As the first case shows it.
    pub(super) deviation: &'a Deviation,
    pub(super) cases: Vec<&'a Case>,
}

/// The deviations of one level, the most frequent first.
pub(super) fn shared(run: &Run, level: Level) -> Vec<Shared<'_>> {
    let mut groups: BTreeMap<_, Shared<'_>> = BTreeMap::new();
    for case in &run.cases {
        for deviation in case.deviations_of(level) {
            let key = (&deviation.at, &deviation.requirements, &deviation.message);
            let group = groups.entry(key).or_insert_with(|| Shared {
                deviation,
                cases: Vec::new(),
            });
            group.cases.push(case);
        }
    }
    let mut shared: Vec<Shared<'_>> = groups.into_values().collect();
    shared.sort_by_key(|group| usize::MAX - group.cases.len());
    shared
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::DeviationKind;
    use crate::outcome::fixture::{Stream, broken, deviation, fold};

    #[test]
    fn blocked_come_first_and_are_counted() {
        let run = fold(&broken());
        let groups = stuck(&run);
        assert_eq!(groups.len(), 2);
        assert_eq!(
            (groups[0].flow, groups[0].cases.len()),
            (Some("logged-in"), 2)
        );
        assert_eq!((groups[1].flow, groups[1].reason), (None, "server gone"));
    }

    #[test]
    fn same_warning_in_two_cases_is_one() {
        let warning = || deviation(DeviationKind::Order, Level::Should, "media.order");
        let events = Stream::new().case("a", &[]).deviation(warning()).judged();
        let events = events.case("b", &[]).deviation(warning()).judged();
        let run = fold(&events.completed());
        let groups = shared(&run, Level::Should);
        assert_eq!(groups.len(), 1);
        assert_eq!(groups[0].cases.len(), 2);
        assert!(shared(&run, Level::Advice).is_empty());
    }
}
