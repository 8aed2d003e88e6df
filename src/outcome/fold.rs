//! The fold itself: one event at a time into the [`Run`] so far.
//!
//! Copes with a stream that ends anywhere. Ignores events of cases that never started, and does not
//! credit a requirement with what held in a case that was blocked, inapplicable or never finished.

use std::collections::HashMap;

use crate::event::{CaseEnd, Event, Level, RequirementInfo};

use super::case::{Case, Entry, Exchange, LOG_ENDS, Outcome, Silence, What};
use super::pack::{Pack, pack_shape};
use super::promise::{settle, settle_shapes};
use super::run::{Remark, Run, ShapeFinding, UnknownMessage};

/// All the exchanges of finished cases together hold no more than this many bytes.
const MOST_KEPT: usize = 32 * 1024 * 1024;
const MOST_UNKNOWN: usize = 1_000;
const MOST_ANSWERS: usize = 1_000_000;

#[derive(Debug, Default)]
pub struct Fold {
    run: Run,
    open: HashMap<String, Open>,
    kept: usize,
    /// Of a run that was divided.
    is_part: bool,
}

/// A case that has started and not finished.
#[derive(Debug)]
struct Open {
    index: usize,
    /// What its steps proved so far; it counts once the case is judged.
    proved: Vec<String>,
}

impl Fold {
    pub fn new() -> Fold {
        Fold::default()
    }

    /// The run as far as it is known; cases that still run are counted nowhere.
    pub fn so_far(&self) -> &Run {
        &self.run
    }

    /// How many cases have started and not finished.
    pub fn running(&self) -> usize {
        self.open.len()
    }

    pub fn on(&mut self, event: &Event) {
        match event {
            Event::RunStarted {
                schema: _,
                version,
                target,
                started,
                seed,
                packs,
                cases,
                part,
            } => {
                let run = &mut self.run;
                run.version.clone_from(version);
                run.target.clone_from(target);
                run.started.clone_from(started);
                run.seed = *seed;
                run.planned = *cases;
                self.is_part = part.is_some();
                run.packs = packs.iter().map(Pack::from).collect();
            }
            Event::Remark { pack, text } => {
                let remark = Remark {
                    pack: pack.clone(),
                    text: text.clone(),
                };
                if !self.run.remarks.contains(&remark) {
                    self.run.remarks.push(remark);
                }
            }
            Event::CaseStarted {
                case,
                pack,
                scenario,
                about,
                at,
                covers,
                rerun,
            } => {
                let index = self.run.cases.len();
                self.run.cases.push(Case {
                    id: case.clone(),
                    pack: pack.clone(),
                    scenario: scenario.clone(),
                    about: about.clone(),
                    at: at.clone(),
                    covers: covers.clone(),
                    rerun: rerun.clone(),
                    outcome: Outcome::CouldNotRun {
                        reason: LOG_ENDS.into(),
                    },
                    expected: false,
                    duration_us: 0,
                    deviations: Vec::new(),
                    held: 0,
                    frames: 0,
                    silences: Vec::new(),
                    server_log: Vec::new(),
                    exchange: Exchange::default(),
                });
                let proved = Vec::new();
                let again = self.open.insert(case.clone(), Open { index, proved });
                if let Some(open) = again {
                    self.run.summary.add(&self.run.cases[open.index].outcome);
                }
            }
            Event::Reading {
                pack, id, option, ..
            } => {
                let reading = self
                    .run
                    .packs
                    .iter_mut()
                    .filter(|p| p.name == *pack)
                    .flat_map(|p| &mut p.readings)
                    .find(|r| r.info.id == *id);
                if let Some(reading) = reading {
                    reading.see(option);
                }
            }
            Event::Shape { .. } => self.shape(event),
            Event::UnknownMessage { pack, name, .. } => {
                let full = self.run.unknown.len() == MOST_UNKNOWN;
                let known = self
                    .run
                    .unknown
                    .iter_mut()
                    .find(|u| u.pack == *pack && u.name == *name);
                match known {
                    Some(unknown) => unknown.count += 1,
                    None if full => {}
                    None => self.run.unknown.push(UnknownMessage {
                        pack: pack.clone(),
                        name: name.clone(),
                        count: 1,
                    }),
                }
            }
            // For whoever masks what is secret, before it gets here.
            Event::Secret { .. } => {}
            Event::ServerLog { case, lines } => {
                if let Some(open) = self.open.get(case) {
                    self.run.cases[open.index].server_log.clone_from(lines);
                }
            }
            Event::CaseFinished { case, us, end } => self.close(case, *us, end),
            Event::CaseWithdrawn { case, .. } => self.withdraw(case),
            Event::RunFinished { us, end } => {
                self.run.duration_us = Some(*us);
                self.run.end = Some(end.clone());
            }
            Event::Opened { case, .. }
            | Event::Sent { case, .. }
            | Event::Received { case, .. }
            | Event::Taken { case, .. }
            | Event::Closed { case, .. }
            | Event::Held { case, .. }
            | Event::Silence { case, .. }
            | Event::Deviation { case, .. } => self.inside(case, event),
        }
    }

    /// The run, in an order that does not depend on how its cases interleaved.
    pub fn finish(mut self) -> Run {
        for open in self.open.values() {
            self.run.summary.add(&self.run.cases[open.index].outcome);
        }
        let run = &mut self.run;
        let packs: HashMap<String, usize> = (run.packs.iter().enumerate())
            .map(|(index, pack)| (pack.name.clone(), index))
            .collect();
        let rank = |pack: &str| packs.get(pack).copied().unwrap_or(usize::MAX);
        (run.cases).sort_by(|a, b| (rank(&a.pack), &a.id).cmp(&(rank(&b.pack), &b.id)));
        run.shapes.sort_by_cached_key(|f| {
            let place = (f.message.clone(), f.path.clone());
            (f.level, rank(&f.pack), place, f.kind as u8)
        });
        let is_part = self.is_part;
        for pack in &mut run.packs {
            let (shapes, requirements) = (&mut run.shapes, &pack.requirements);
            let judged = |message: &str| {
                let shape = pack_shape(requirements, message);
                // The wrong frame may have come in another part.
                !is_part && shape.is_some_and(|requirement| requirement.held > 0)
            };
            settle_shapes(shapes, &pack.name, &mut pack.promises, judged);
            (pack.promises.iter_mut()).for_each(|promise| promise.broken.sort());
        }
        run.unknown
            .sort_by(|a, b| (rank(&a.pack), &a.name).cmp(&(rank(&b.pack), &b.name)));
        run.remarks.sort();
        run.answers_us.sort_unstable();
        self.run
    }

    /// An event inside a running case.
    fn inside(&mut self, id: &str, event: &Event) {
        let Some(open) = self.open.get_mut(id) else {
            return;
        };
        let case = &mut self.run.cases[open.index];
        match event {
            Event::Held { us, proves, .. } => {
                case.duration_us = *us;
                case.held += 1;
                open.proved.extend(proves.iter().cloned());
            }
            Event::Silence {
                us,
                at,
                actor,
                shown,
                ..
            } => {
                case.duration_us = *us;
                case.silences.push(Silence {
                    at: at.clone(),
                    actor: actor.clone(),
                    shown: *shown,
                });
            }
            Event::Deviation { us, deviation, .. } => {
                case.duration_us = *us;
                case.exchange.push(Entry {
                    us: *us,
                    actor: deviation.actor.clone().unwrap_or_default(),
                    connection: 0,
                    what: What::Deviated(case.deviations.len()),
                });
                if deviation.level == Level::Must {
                    case.outcome = Outcome::Deviates;
                }
                case.deviations.push(deviation.clone());
                let (pack, named) = (case.pack.clone(), &deviation.requirements);
                self.contradict(&pack, |info| named.contains(&info.id));
            }
            Event::Taken {
                connection,
                seq,
                by,
                at,
                ..
            } => {
                case.exchange.take(*connection, *seq, *by, at);
                let took = case.exchange.answered_after(*connection, *seq, *by);
                if self.run.answers_us.len() < MOST_ANSWERS {
                    self.run.answers_us.extend(took);
                }
            }
            _ => {
                if let Some(entry) = Entry::of(event) {
                    case.duration_us = entry.us;
                    case.frames += usize::from(matches!(
                        entry.what,
                        What::Sent { .. } | What::Received { .. }
                    ));
                    case.exchange.push(entry);
                }
            }
        }
    }

    /// Forgets a case that has not finished, but for what it showed of the server beyond itself.
    fn withdraw(&mut self, id: &str) {
        let Some(withdrawn) = self.open.remove(id) else {
            return;
        };
        self.run.cases.remove(withdrawn.index);
        let later = self.open.values_mut();
        later
            .filter(|open| open.index > withdrawn.index)
            .for_each(|open| open.index -= 1);
    }

    fn close(&mut self, id: &str, us: u64, end: &CaseEnd) {
        let Some(open) = self.open.remove(id) else {
            return;
        };
        let case = &mut self.run.cases[open.index];
        case.duration_us = us;
        if case.outcome != Outcome::Deviates {
            case.outcome = match end.clone() {
                CaseEnd::Judged => Outcome::Conforms,
                CaseEnd::Blocked {
                    flow,
                    reason,
                    tested_by,
                } => Outcome::Blocked {
                    flow,
                    reason,
                    tested_by,
                },
                CaseEnd::NotApplicable { reason } => Outcome::NotApplicable { reason },
                CaseEnd::CouldNotRun { reason } => Outcome::CouldNotRun { reason },
            };
        }
        let pack = (self.run.packs.iter_mut()).find(|pack| pack.name == case.pack);
        let promises = pack.map_or(&mut [][..], |pack| &mut pack.promises);
        case.expected = settle(case, promises);
        if matches!(
            case.outcome,
            Outcome::Conforms | Outcome::NotApplicable { .. }
        ) {
            case.exchange = Exchange::default();
        } else if self.kept + case.exchange.bytes() > MOST_KEPT {
            case.exchange.forget();
        }
        self.kept += case.exchange.bytes();
        self.run.summary.add(&case.outcome);
        if case.judged()
            && let Some(pack) = self.run.packs.iter_mut().find(|p| p.name == case.pack)
        {
            for requirement in &mut pack.requirements {
                let proved = open.proved.iter().filter(|id| **id == requirement.info.id);
                requirement.held += proved.count();
            }
        }
    }

    fn shape(&mut self, event: &Event) {
        let Event::Shape {
            case,
            pack,
            message,
            path,
            kind,
            level,
            expected,
            received,
            section,
        } = event
        else {
            return;
        };
        let known = self.run.shapes.iter_mut().find(|f| {
            f.kind == *kind && f.path == *path && f.message == *message && f.pack == *pack
        });
        let requirement = match known {
            Some(finding) => {
                finding.count += 1;
                finding.level = finding.level.min(*level);
                if *case < finding.case {
                    finding.case.clone_from(case);
                    finding.expected.clone_from(expected);
                    finding.received.clone_from(received);
                }
                finding.requirement.clone()
            }
            None => {
                let requirement = self.run.pack(pack).and_then(|p| p.shape_of(message));
                self.run.shapes.push(ShapeFinding {
                    pack: pack.clone(),
                    message: message.clone(),
                    path: path.clone(),
                    kind: *kind,
                    level: *level,
                    section: section.clone(),
                    requirement: requirement.clone(),
                    count: 1,
                    case: case.clone(),
                    known: false,
                    expected: expected.clone(),
                    received: received.clone(),
                });
                requirement
            }
        };
        if let Some(id) = requirement {
            self.contradict(pack, |info| info.id == id);
        }
    }

    fn contradict(&mut self, pack: &str, named: impl Fn(&RequirementInfo) -> bool) {
        let pack = self.run.packs.iter_mut().find(|p| p.name == pack);
        for requirement in pack.into_iter().flat_map(|p| &mut p.requirements) {
            if named(&requirement.info) {
                requirement.contradicted += 1;
            }
        }
    }
}
