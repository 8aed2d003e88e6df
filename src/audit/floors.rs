//! Floors: how much a pack's audit must find, as measured before; and why a wrong server may seem right.
//!
//! A floor only rises, a ceiling only falls. They stand in `audit.json` beside the scenarios.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::matrix::{Counted, PackMatrix};

/// What stands in a pack's `audit.json`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Floors {
    /// In per cent of the tamperings that could be noticed, killed at least.
    #[serde(default)]
    pub killed: Shares,
    /// In per cent of all tamperings, equivalent at most.
    #[serde(default)]
    pub equivalent: Shares,
    /// Degenerate server and requirement: why it counts as met there in a case that conforms.
    #[serde(default)]
    pub met: BTreeMap<String, BTreeMap<String, String>>,
}

/// One share each for the frames of steps, flows and fences.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shares {
    pub steps: Option<f64>,
    pub flows: Option<f64>,
    pub fences: Option<f64>,
}

impl Floors {
    /// Reads an `audit.json`.
    ///
    /// # Errors
    ///
    /// Where it is none: what is wrong, with line and column.
    pub fn read(text: &str) -> Result<Floors, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// As it is to stand in the file.
    pub fn write(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Holds a whole audit to the floors: what fell short is added to the matrix, and the reasons too.
    pub fn hold(&self, matrix: &mut PackMatrix) {
        let mut misses = Vec::new();
        self.hold_servers(matrix, &mut misses);
        hold_rules(matrix, &mut misses);
        if let Some(tamper) = &matrix.tamper {
            let parts = [&tamper.steps, &tamper.flows, &tamper.fences];
            let killed = self.killed.each().into_iter().zip(parts);
            for ((name, floor), counted) in killed {
                if floor.is_some_and(|floor| counted.share < floor) {
                    misses.push(format!(
                        "of the tampered frames of {name}, {} % are killed; the floor is {} %",
                        counted.share,
                        floor.unwrap_or_default()
                    ));
                }
            }
            let equivalent = self.equivalent.each().into_iter().zip(parts);
            for ((name, ceiling), counted) in equivalent {
                if ceiling.is_some_and(|ceiling| counted.equivalent_share > ceiling) {
                    misses.push(format!(
                        "of the tampered frames of {name}, {} % are equivalent; the ceiling is {} %",
                        counted.equivalent_share,
                        ceiling.unwrap_or_default()
                    ));
                }
            }
        }
        matrix.misses.extend(misses);
    }

    fn hold_servers(&self, matrix: &mut PackMatrix, misses: &mut Vec<String>) {
        if matrix.degenerate.is_empty() {
            return;
        }
        for line in &mut matrix.degenerate {
            if line.hopeless && line.conforms > 0 {
                misses.push(format!(
                    "{} cases conform on the server that is \"{}\": {}",
                    line.conforms,
                    line.server,
                    line.conforming.join(", ")
                ));
            }
            line.reasons = self.met.get(line.server).cloned().unwrap_or_default();
            for id in &line.met_where_conforming {
                if !line.reasons.contains_key(id) {
                    misses.push(format!(
                        "{id} counts as met on the server that is \"{}\", and no reason is given",
                        line.server
                    ));
                }
            }
            for id in line.reasons.keys() {
                if !line.met_where_conforming.contains(id) {
                    misses.push(format!(
                        "a reason is given why {id} counts as met on the server that is \"{}\"; it does not any more",
                        line.server
                    ));
                }
            }
        }
        let unknown = |name: &&String| !matrix.degenerate.iter().any(|line| line.server == **name);
        for name in self.met.keys().filter(unknown) {
            misses.push(format!(
                "reasons are given for a server \"{name}\" that there is not"
            ));
        }
    }

    /// The floors after this audit: none lower, no ceiling higher, no reason for what is not met any more.
    pub fn raised(&self, matrix: &PackMatrix) -> Floors {
        let mut raised = self.clone();
        if let Some(tamper) = &matrix.tamper {
            let share = |counted: &Counted| counted.share;
            let equivalent = |counted: &Counted| counted.equivalent_share;
            let parts = [&tamper.steps, &tamper.flows, &tamper.fences];
            for (floor, counted) in raised.killed.each_mut().into_iter().zip(parts) {
                *floor = Some(floor.map_or(share(counted), |floor| floor.max(share(counted))));
            }
            for (ceiling, counted) in raised.equivalent.each_mut().into_iter().zip(parts) {
                let measured = equivalent(counted);
                *ceiling = Some(ceiling.map_or(measured, |ceiling| ceiling.min(measured)));
            }
        }
        if !matrix.degenerate.is_empty() {
            raised.met.retain(|server, reasons| {
                let line = matrix.degenerate.iter().find(|line| line.server == server);
                reasons.retain(|id, _| {
                    line.is_some_and(|line| line.met_where_conforming.contains(id))
                });
                !reasons.is_empty()
            });
        }
        raised
    }
}

impl Shares {
    fn each(&self) -> [(&'static str, Option<f64>); 3] {
        [
            ("steps", self.steps),
            ("flows", self.flows),
            ("fences", self.fences),
        ]
    }

    fn each_mut(&mut self) -> [&mut Option<f64>; 3] {
        [&mut self.steps, &mut self.flows, &mut self.fences]
    }
}

/// A `must` that can be broken unnoticed, and a case that deviates without having to.
fn hold_rules(matrix: &PackMatrix, misses: &mut Vec<String>) {
    for rule in &matrix.rules {
        if rule.must && rule.killed_by.is_empty() {
            misses.push(format!(
                "no case notices {}#{} ({})",
                rule.id, rule.way, rule.how
            ));
        }
        for stray in &rule.stray {
            misses.push(format!(
                "breaking {}#{} makes {} deviate, which does not prove it",
                rule.id, rule.way, stray.case
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::matrix::{DegenerateLine, TamperPart};
    use super::*;

    fn matrix(share: f64, equivalent_share: f64) -> PackMatrix {
        let steps = Counted {
            share,
            equivalent_share,
            ..Counted::default()
        };
        let tamper = TamperPart {
            steps,
            flows: Counted::default(),
            fences: Counted::default(),
            survivors: Vec::new(),
            never_failed: Vec::new(),
        };
        PackMatrix {
            pack: "demo".to_owned(),
            cases: 1,
            degenerate: Vec::new(),
            rules: Vec::new(),
            tamper: Some(tamper),
            idle: None,
            wire: None,
            misses: Vec::new(),
        }
    }

    fn misses(floors: &Floors, mut matrix: PackMatrix) -> Vec<String> {
        floors.hold(&mut matrix);
        matrix.misses
    }

    #[test]
    fn what_falls_below_its_floor_or_rises_above_its_ceiling_is_missed() {
        let floors = Floors::read(r#"{"killed":{"steps":99.5},"equivalent":{"steps":10}}"#);
        let floors = floors.expect("as documented");
        assert!(misses(&floors, matrix(99.5, 10.0)).is_empty());
        assert_eq!(misses(&floors, matrix(99.49, 10.0)).len(), 1);
        assert_eq!(misses(&floors, matrix(99.5, 10.01)).len(), 1);
    }

    #[test]
    fn a_floor_only_rises_and_a_ceiling_only_falls() {
        let first = Floors::default().raised(&matrix(98.0, 10.0));
        let better = first.raised(&matrix(99.0, 9.0));
        let worse = better.raised(&matrix(97.0, 11.0));
        assert_eq!(
            (better.killed.steps, better.equivalent.steps),
            (Some(99.0), Some(9.0))
        );
        assert_eq!(
            (worse.killed.steps, worse.equivalent.steps),
            (Some(99.0), Some(9.0))
        );
    }

    #[test]
    fn a_reason_is_asked_for_and_must_not_be_stale() {
        let line = |met: &[&str]| DegenerateLine {
            server: "accepts everything",
            hopeless: false,
            conforms: met.len(),
            conforming: Vec::new(),
            met: Vec::new(),
            met_where_conforming: met.iter().map(|id| (*id).to_owned()).collect(),
            reasons: BTreeMap::new(),
        };
        let with = |met: &[&str]| PackMatrix {
            degenerate: vec![line(met)],
            ..matrix(100.0, 0.0)
        };
        let floors =
            Floors::read(r#"{"met":{"accepts everything":{"login.ok":"it does log in"}}}"#);
        let floors = floors.expect("as documented");
        assert!(misses(&floors, with(&["login.ok"])).is_empty());
        assert_eq!(
            misses(&floors, with(&["login.ok", "login.refused"])).len(),
            1
        );
        assert_eq!(misses(&floors, with(&[])).len(), 1);
    }
}
