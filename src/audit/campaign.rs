//! One pack's whole audit: all its cases against all that is wrong, on as many threads as there are processors.
//!
//! Prints nothing and judges nothing: the floors do.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::degenerate::{Impression, Wrong, degenerate};
use super::lab::{Forkable, Handlers};
use super::matrix::{
    Counted, DegenerateLine, IdlePart, NeverFailed, PackMatrix, RuleLine, Steps, TamperPart,
    WirePart,
};
use super::rules::{Kill, rules};
use super::tamper::{Matchers, Order, Purpose, Tally, Working, idle, tamper};
use crate::codec::Codec;
use crate::plan::Case;
use crate::protocol::Level;
use crate::scenario::{Pack, Proof};

/// The servers of one protocol: a correct one, and those with a rule broken.
pub trait Servers: Sync {
    fn reference(&self) -> Box<dyn Forkable>;
    /// The server with one rule broken, in one of its ways.
    fn broken(&self, rule: &str, way: usize) -> Box<dyn Handlers>;
    /// Every way to break a rule: the requirement, the number of the way, and what it does.
    fn ways(&self) -> Vec<(String, usize, String)>;
}

/// Which parts of the audit are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    pub degenerate: bool,
    pub rules: bool,
    pub tamper: bool,
    pub idle: bool,
}

/// Audits the cases of one pack.
pub fn campaign(
    pack: &Pack,
    cases: &[Arc<Case>],
    codec: Codec,
    servers: &dyn Servers,
    parts: Parts,
) -> PackMatrix {
    let campaign = Campaign {
        pack,
        cases,
        codec,
        servers,
    };
    let degenerate = parts.degenerate.then(|| campaign.degenerate());
    let kills = if parts.rules {
        campaign.kills()
    } else {
        Vec::new()
    };
    let tamper = parts.tamper.then(|| campaign.tamper(&kills));
    PackMatrix {
        pack: pack.catalogue.name.clone(),
        cases: cases.len(),
        degenerate: degenerate.unwrap_or_default(),
        rules: campaign.rule_lines(kills),
        tamper,
        idle: parts.idle.then(|| campaign.idle()),
        wire: None,
        misses: Vec::new(),
    }
}

/// The matrix of what was tampered with between the suite and a real server.
pub fn matrix_of_wire(pack: &Pack, cases: usize, all: &Tally, wire: WirePart) -> PackMatrix {
    PackMatrix {
        pack: pack.catalogue.name.clone(),
        cases,
        degenerate: Vec::new(),
        rules: Vec::new(),
        tamper: Some(tamper_part(&Steps::of(pack), all, Vec::new())),
        idle: None,
        wire: Some(wire),
        misses: Vec::new(),
    }
}

fn tamper_part(steps: &Steps<'_>, all: &Tally, never_failed: Vec<NeverFailed>) -> TamperPart {
    let counted = |purpose| all.counts.get(&purpose).map(Counted::from);
    TamperPart {
        steps: counted(Purpose::Step).unwrap_or_default(),
        flows: counted(Purpose::Flow).unwrap_or_default(),
        fences: counted(Purpose::Fence).unwrap_or_default(),
        survivors: steps.group(&all.survivors),
        never_failed,
    }
}

struct Campaign<'a> {
    pack: &'a Pack,
    cases: &'a [Arc<Case>],
    codec: Codec,
    servers: &'a dyn Servers,
}

impl Campaign<'_> {
    fn degenerate(&self) -> Vec<DegenerateLine> {
        let impressions = in_parallel(&Wrong::ALL, |wrong| {
            degenerate(self.pack, self.cases, self.codec, *wrong, &|| {
                self.servers.reference()
            })
        });
        let line = |impression: Impression| DegenerateLine {
            server: impression.wrong.name(),
            hopeless: impression.wrong.is_hopeless(),
            conforms: impression.conforms.len(),
            conforming: impression.conforms,
            met: impression.met,
            met_where_conforming: impression.met_where_conforming,
            reasons: std::collections::BTreeMap::new(),
        };
        impressions.into_iter().map(line).collect()
    }

    fn kills(&self) -> Vec<(Kill, String)> {
        let ways = self.servers.ways();
        let kills = in_parallel(&ways, |(rule, way, _)| {
            let broken = |rule: &str, way: usize| self.servers.broken(rule, way);
            rules(self.pack, self.cases, self.codec, rule, *way, &broken)
        });
        let texts = ways.into_iter().map(|(_, _, text)| text);
        kills.into_iter().zip(texts).collect()
    }

    fn rule_lines(&self, kills: Vec<(Kill, String)>) -> Vec<RuleLine> {
        let catalogue = &self.pack.catalogue;
        let line = |(kill, how): (Kill, String)| RuleLine {
            must: catalogue
                .requirement(&kill.rule)
                .is_some_and(|known| known.level == Level::Must),
            id: kill.rule,
            way: kill.way,
            how,
            killed_by: kill.killed_by,
            stray: kill.stray,
        };
        kills.into_iter().map(line).collect()
    }

    fn tamper(&self, kills: &[(Kill, String)]) -> TamperPart {
        let order = Order::of(self.pack);
        let tallies = in_parallel(self.cases, |case| {
            tamper(self.pack, &order, case, self.codec, &|| {
                self.servers.reference()
            })
        });
        let mut all = Tally::default();
        tallies.into_iter().for_each(|tally| all.add(tally));
        let steps = Steps::of(self.pack);
        let mut failed = all.failed.clone();
        for (kill, _) in kills {
            failed.extend(kill.failed.iter().cloned());
        }
        let never_failed = self.never_failed(&steps, &failed);
        tamper_part(&steps, &all, never_failed)
    }

    fn idle(&self) -> IdlePart {
        let working = Working::default();
        let found = in_parallel(self.cases, |case| {
            let reference = || self.servers.reference();
            idle(self.pack, case, self.codec, &reference, &working)
        });
        let mut all = Matchers::default();
        found.into_iter().for_each(|found| all.add(found));
        Steps::of(self.pack).idle(all)
    }

    /// The proving steps that held whatever was done, among those that the cases can come to.
    fn never_failed(
        &self,
        steps: &Steps<'_>,
        failed: &BTreeSet<(String, String)>,
    ) -> Vec<NeverFailed> {
        let places: BTreeSet<&str> = failed.iter().map(|(at, _)| at.as_str()).collect();
        let scenarios: BTreeSet<&str> = self
            .cases
            .iter()
            .map(|case| case.scenario.place.file())
            .collect();
        let never = steps.proving().filter(|(at, step)| {
            scenarios.contains(step.place.file()) && !places.contains(at.as_str())
        });
        never
            .map(|(at, step)| NeverFailed {
                at: at.clone(),
                line: step.source(),
                requirements: step
                    .proves
                    .iter()
                    .map(|proof| match proof {
                        Proof::Id(id) => id.clone(),
                        Proof::Of(reference) => reference.to_string(),
                    })
                    .collect(),
            })
            .collect()
    }
}

/// Maps over the items with as many threads as there are processors.
fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let mut results: Vec<(usize, R)> = std::thread::scope(|scope| {
        let run = || {
            let mut own = Vec::new();
            loop {
                let i = next.fetch_add(1, Ordering::Relaxed);
                let Some(item) = items.get(i) else { return own };
                own.push((i, work(item)));
            }
        };
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
        let join = |handle: std::thread::ScopedJoinHandle<'_, Vec<(usize, R)>>| match handle.join()
        {
            Ok(own) => own,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        handles.into_iter().flat_map(join).collect()
    });
    results.sort_by_key(|(i, _)| *i);
    results.into_iter().map(|(_, result)| result).collect()
}
