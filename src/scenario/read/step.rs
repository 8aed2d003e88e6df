//! YAML into steps: which verb a step has, and what kind of step that makes.

use std::sync::Arc;

use super::conditions::read_conditions;
use super::options::StepReader;
use super::outgoing::{read_malformed, read_outgoing, read_raw};
use super::pattern::read_pattern;
use crate::scenario::names::Names;
use crate::scenario::{Settles, Step, StepKind};
use crate::source::{Diagnostic, Diagnostics, Kind, Node};

const VERBS: [&str; 12] = [
    "sends",
    "sends malformed",
    "sends raw",
    "receives",
    "may receive",
    "connects",
    "disconnects",
    "vanishes",
    "reconnects",
    "is closed",
    "may be closed",
    "fails to connect",
];

const KEYWORDS: [&str; 9] = [
    "nobody receives more",
    "in any order",
    "for each",
    "repeat until",
    "use",
    "when",
    "check",
    "observe",
    "do",
];

pub(super) fn read_steps(
    node: &Node,
    names: &mut Names<'_>,
    problems: &mut Diagnostics,
) -> Arc<[Step]> {
    let Some(items) = node.as_list() else {
        problems.push(Diagnostic::new(
            &node.place,
            format!("steps are a list, not {}", node.a_type()),
        ));
        return Arc::default();
    };
    items
        .iter()
        .filter_map(|item| read_step(item, names, problems))
        .collect()
}

pub(super) fn read_step(
    node: &Node,
    names: &mut Names<'_>,
    problems: &mut Diagnostics,
) -> Option<Step> {
    let nothing = Node {
        kind: Kind::Null,
        place: node.place.clone(),
    };
    let (key, argument, options): (&Node, &Node, &[(Node, Node)]) = match &node.kind {
        Kind::Str { .. } => (node, &nothing, &[]),
        Kind::Map(pairs) if !pairs.is_empty() => (&pairs[0].0, &pairs[0].1, &pairs[1..]),
        _ => {
            problems.push(Diagnostic::new(
                &node.place,
                "a step is a map whose first key says who does what",
            ));
            return None;
        }
    };
    let mut step = StepReader {
        key,
        argument,
        options,
        allowed: Vec::new(),
        names,
        problems,
    };
    let kind = step.read();
    let proves = step.read_proves();
    step.finish(kind.is_some());
    if kind.is_none() {
        declare_mentioned(node, names);
    }
    Some(Step {
        place: key.place.clone(),
        kind: kind?,
        proves: proves?,
    })
}

impl StepReader<'_, '_> {
    pub(super) fn read(&mut self) -> Option<StepKind> {
        let key = self.key.as_str().unwrap_or_default();
        match key {
            "nobody receives more" => {
                self.allowed.push("proves");
                self.no_argument()?;
                let wait = self.silence_waits()?;
                Some(StepKind::Nothing {
                    actor: None,
                    wait,
                    settles: Settles::default(),
                })
            }
            "in any order" => self.read_any_order(),
            "for each" => self.read_for_each(),
            "repeat until" => self.read_repeat_until(),
            "use" => self.read_use(),
            "when" => self.read_when(),
            "check" => {
                self.allowed.push("proves");
                let conditions = read_conditions(self.argument, self.names, self.problems)?;
                self.names
                    .declare_captures(conditions.iter().flat_map(|c| c.pattern.capture_names()));
                Some(StepKind::Check(conditions))
            }
            "observe" => self.read_observe(),
            _ => self.read_deed(key),
        }
    }

    /// `ACTOR VERB`.
    fn read_deed(&mut self, key: &str) -> Option<StepKind> {
        let (actor, verb) = key.split_once(' ').unwrap_or((key, ""));
        if !VERBS.contains(&verb) {
            let shown = self.key.place.text();
            let mut unknown = Diagnostic::new(&self.key.place, format!("unknown step \"{shown}\""));
            let glued = VERBS
                .iter()
                .rev()
                .filter_map(|known| Some((known, verb.strip_prefix(known)?.strip_prefix(' ')?)))
                .max_by_key(|(known, _)| known.len());
            let deeds = VERBS.map(|verb| format!("{actor} {verb}"));
            unknown = match glued {
                _ if actor == "nobody" => unknown.help("write \"nobody receives more\""),
                Some((verb, rest @ ("nothing" | "anything"))) => {
                    unknown.help(format!("write \"{actor} {verb}: {rest}\""))
                }
                _ => unknown
                    .help("a step begins with an actor and a verb, `alice sends`, or with a word such as `use`")
                    .suggest(key, KEYWORDS.iter().map(|word| (*word).to_owned()).chain(deeds)),
            };
            self.problems.push(unknown);
            return None;
        }
        let place = self.key.place.find(actor);
        let known = self.names.check_actor(actor, &place, self.problems);
        let actor = actor.to_owned();
        let kind = self.read_verb(verb, actor);
        kind.filter(|_| known)
    }

    fn read_verb(&mut self, verb: &str, actor: String) -> Option<StepKind> {
        match verb {
            "sends" => Some(StepKind::Send {
                actor,
                what: read_outgoing(self.argument, self.names, self.problems)?,
            }),
            "sends malformed" => Some(StepKind::Send {
                actor,
                what: read_malformed(self.argument, self.names, self.problems)?,
            }),
            "sends raw" => Some(StepKind::Send {
                actor,
                what: read_raw(self.argument, self.names, self.problems)?,
            }),
            "receives" if self.argument.as_str() == Some("nothing") => {
                self.allowed.push("proves");
                let wait = self.silence_waits()?;
                let settles = self.settles()?;
                Some(StepKind::Nothing {
                    actor: Some(actor),
                    wait,
                    settles,
                })
            }
            "may be closed" => {
                self.no_argument()?;
                Some(StepKind::MayBeClosed {
                    actor,
                    settles: self.settles()?,
                })
            }
            "receives" => self.read_receive(actor).map(StepKind::Receive),
            "may receive" => self.read_may_receive(actor),
            "is closed" => {
                self.allowed.push("proves");
                let within = self.duration("within")?;
                let code = match self.argument {
                    Node {
                        kind: Kind::Null, ..
                    } => None,
                    node => {
                        let code = node
                            .get("code")
                            .filter(|_| node.as_map().is_some_and(|pairs| pairs.len() == 1));
                        let Some(code) = code else {
                            self.problem(&node.place, "`is closed` takes nothing, or { code: … }");
                            return None;
                        };
                        Some(read_pattern(code, None, false, self.names, self.problems)?)
                    }
                };
                Some(StepKind::Closed {
                    actor,
                    code,
                    within,
                })
            }
            _ => {
                self.no_argument()?;
                Some(match verb {
                    "connects" => StepKind::Connect { actor },
                    "disconnects" => StepKind::Disconnect { actor },
                    "vanishes" => StepKind::Vanish { actor },
                    "reconnects" => StepKind::Reconnect { actor },
                    _ => {
                        self.allowed.push("proves");
                        StepKind::FailsToConnect { actor }
                    }
                })
            }
        }
    }
}

/// The names that a step would have bound had it been read: whoever uses them made no mistake.
fn declare_mentioned(node: &Node, names: &mut Names<'_>) {
    match &node.kind {
        Kind::Str { text, .. } => {
            let capture = text
                .strip_suffix('>')
                .and_then(|text| text.rsplit_once(" as "));
            names.declare_captures(capture.map(|(_, name)| name));
        }
        Kind::List(items) => items.iter().for_each(|item| declare_mentioned(item, names)),
        Kind::Map(pairs) => {
            for (key, value) in pairs {
                match (key.as_str(), value.as_map()) {
                    (Some("as"), _) => names.declare_captures(value.as_str()),
                    (Some("into"), Some(pairs)) => {
                        names.declare_captures(pairs.iter().filter_map(|(_, ours)| ours.as_str()));
                    }
                    _ => declare_mentioned(value, names),
                }
            }
        }
        _ => {}
    }
}
