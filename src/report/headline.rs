//! The verdict on a run in one sentence that names the target.
//!
//! Never says "conforms" of a run that was cut off, interrupted, blocked in part, or judged nothing.

use crate::event::Level;
use crate::outcome::{Requirement, Run, Verdict};

use super::safe::safe_text;
use super::words::{count, verb};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headline {
    pub tone: Tone,
    /// The target's name, safe to print.
    pub target: String,
    /// What is said of it: "conforms", "does not conform", …
    pub verdict: &'static str,
    /// Why, lower case, no full stop, safe to print.
    pub reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Conforms,
    Deviates,
    /// There is no saying.
    Open,
}

impl Headline {
    pub fn sentence(&self) -> String {
        format!("{} {}: {}", self.target, self.verdict, self.reason)
    }

    pub fn of(run: &Run) -> Headline {
        let facts = run.facts();
        let target = match run.target.as_str() {
            "" => "an unnamed target".into(),
            target => safe_text(target, 200),
        };
        let must = Tally::of(run, Level::Must);
        let end = if facts.interrupted {
            Some("the run was interrupted")
        } else if facts.cut_off {
            Some("the log ends")
        } else {
            None
        };
        let end = end.map(|what| {
            let planned = count(run.planned, "case");
            format!("{what} after {} of {planned}", run.summary.cases)
        });
        let missing = run.planned.saturating_sub(run.summary.cases);
        let stuck = list(&[
            (missing, "never started"),
            (run.summary.blocked, "blocked"),
            (run.summary.could_not_run, "could not run"),
        ]);
        let (tone, verdict, reason) = if facts.deviated {
            let total = count(must.total(), "must requirement");
            let mut reasons = vec![format!("{} of {total} not met", must.not_met)];
            if run.summary.deviates > 0 {
                let cases = count(run.summary.cases, "case");
                let deviate = verb(run.summary.deviates, "deviate");
                reasons.push(format!("{} of {cases} {deviate}", run.summary.deviates));
            }
            reasons.extend(end);
            reasons.extend(facts.unfit.map(|reason| safe_text(reason, 300)));
            (Tone::Deviates, "does not conform", reasons.join("; "))
        } else if let Some(reason) = facts.unfit {
            let verdict = if facts.judged {
                "was not judged in full"
            } else {
                "could not be tested"
            };
            (Tone::Open, verdict, safe_text(reason, 300))
        } else if let Some(end) = end {
            let reason = format!("{end}, with no deviation until there");
            (Tone::Open, "was not judged in full", reason)
        } else if !facts.judged {
            let reason = match stuck.as_str() {
                "" => "no case came to a judgement".into(),
                stuck => format!("no case came to a judgement ({stuck})"),
            };
            (Tone::Open, "was not judged", reason)
        } else if run.broken() > 0 {
            let broken = count(run.broken(), "known deviation");
            let reason = format!("{broken} did not fail as the profile says");
            (Tone::Deviates, "is not as its profile says", reason)
        } else if facts.unexpected || missing > 0 {
            let reason = format!("{stuck}; what was judged conforms");
            (Tone::Open, "was not judged in full", reason)
        } else if run.kept() > 0 {
            let met = count(must.met, "must requirement");
            let known = count(run.kept(), "known deviation");
            let reason = format!("{met} met, {known}");
            (Tone::Open, "deviates as known", reason)
        } else {
            let met = count(must.met, "must requirement");
            let mut reason = format!("{met} met");
            for (others, how) in [
                (must.not_met, "contradicted by warnings"),
                (must.not_judged, "not judged"),
            ] {
                if others > 0 {
                    reason += &format!(", {others} {how}");
                }
            }
            (Tone::Conforms, "conforms", reason)
        };
        Headline {
            tone,
            target,
            verdict,
            reason,
        }
    }
}

/// "1 case blocked, 2 cases could not run"
fn list(parts: &[(usize, &str)]) -> String {
    let parts = parts.iter().filter(|(cases, _)| *cases > 0);
    let parts = parts.map(|(cases, how)| format!("{} {how}", count(*cases, "case")));
    parts.collect::<Vec<_>>().join(", ")
}

/// How the requirements of one level came out, over all packs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) met: usize,
    pub(super) not_met: usize,
    pub(super) not_judged: usize,
    /// Not judged, and never will be: no client can bring it about.
    pub(super) out_of_reach: usize,
}

impl Tally {
    pub(super) fn of(run: &Run, level: Level) -> Tally {
        let mut tally = Tally::default();
        for requirement in run.packs.iter().flat_map(|pack| &pack.requirements) {
            if requirement.info.level == level {
                tally.add(requirement);
            }
        }
        tally
    }

    pub(super) fn add(&mut self, requirement: &Requirement) {
        let out_of_reach = requirement.info.unprovokable.is_some();
        *match requirement.verdict() {
            Verdict::NotJudged if out_of_reach => &mut self.out_of_reach,
            Verdict::Met => &mut self.met,
            Verdict::NotMet => &mut self.not_met,
            Verdict::NotJudged => &mut self.not_judged,
        } += 1;
    }

    /// Those that a client can bring about.
    pub(super) fn total(&self) -> usize {
        self.met + self.not_met + self.not_judged
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{CaseEnd, RunEnd};
    use crate::outcome::fixture::{Stream, broken, clean, fold, interrupted, unfit};

    fn headline(events: &[crate::event::Event]) -> (Tone, String) {
        let headline = Headline::of(&fold(events));
        (headline.tone, headline.sentence())
    }

    #[test]
    fn clean_run_conforms_and_names_its_target() {
        let text = "built-in reference server conforms: 8 must requirements met";
        assert_eq!(headline(&clean()), (Tone::Conforms, text.into()));
    }

    #[test]
    fn broken_run_does_not_conform() {
        let text = "ws://127.0.0.1:8080/chat does not conform: 3 of 8 must requirements not met; 11 of 18 cases deviate";
        assert_eq!(headline(&broken()), (Tone::Deviates, text.into()));
    }

    #[test]
    fn failing_shape_alone_does_not_conform() {
        let events = Stream::new()
            .case("a", &[])
            .shape("FRIEND_REQUEST_ACK", "$.x", Level::Must, "1")
            .judged()
            .completed();
        let text = "ws://127.0.0.1:8080/chat does not conform: 1 of 8 must requirements not met";
        assert_eq!(headline(&events), (Tone::Deviates, text.into()));
    }

    #[test]
    fn nothing_conforms_that_was_not_judged_in_full() {
        let blocked = Stream::new().case("a", &[]).judged().case("b", &[]);
        let blocked = blocked.case_end(CaseEnd::CouldNotRun {
            reason: "out of ports".into(),
        });
        let all = clean();
        let nothing = Stream::new().completed();
        let missing = Stream::new().case("a", &[]).judged().end(RunEnd::Completed);
        let runs = [
            (interrupted(), "the run was interrupted after 2 of 12 cases"),
            (
                unfit(),
                "could not be tested: the target accepts connections",
            ),
            (
                all[..all.len() - 1].to_vec(),
                "the log ends after 5 of 5 cases",
            ),
            (
                blocked.completed(),
                "1 case could not run; what was judged conforms",
            ),
            (missing, "11 cases never started; what was judged conforms"),
            (nothing, "was not judged: no case came to a judgement"),
        ];
        for (events, why) in runs {
            let (tone, text) = headline(&events);
            assert_eq!(tone, Tone::Open);
            assert!(text.contains(why), "{text}");
        }
    }
}
