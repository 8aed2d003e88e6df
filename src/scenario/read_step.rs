//! YAML into steps: the verbs of the language and their options.

use std::sync::Arc;
use std::time::Duration;

use super::duration::parse_duration;
use super::names::Names;
use super::read_message::{key_text, read_expected, read_malformed, read_outgoing, read_raw};
use super::read_pattern::read_pattern;
use super::read_value::read_value;
use super::{Allowance, Condition, Expr, Proof, Receive, Settles, Step, StepKind, Until};
use crate::source::{Diagnostic, Diagnostics, Kind, Node, Place};

/// Rounds of a loop, unless `at most` says otherwise.
const ROUNDS: usize = 1000;

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

/// Every option of some step.
pub(super) const OPTIONS: [&str; 15] = [
    "proves",
    "within",
    "exactly",
    "envelope",
    "silence",
    "early",
    "settles",
    "any number",
    "at most",
    "collect",
    "with",
    "into",
    "as",
    "do",
    "otherwise",
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

fn read_step(node: &Node, names: &mut Names<'_>, problems: &mut Diagnostics) -> Option<Step> {
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

struct StepReader<'r, 'a> {
    key: &'r Node,
    argument: &'r Node,
    options: &'r [(Node, Node)],
    /// The options that were asked for.
    allowed: Vec<&'static str>,
    names: &'r mut Names<'a>,
    problems: &'r mut Diagnostics,
}

impl<'r> StepReader<'r, '_> {
    fn read(&mut self) -> Option<StepKind> {
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

    fn read_receive(&mut self, actor: String) -> Option<Receive> {
        self.allowed.push("proves");
        let within = self.duration("within")?;
        let closed = self.flag("exactly");
        let early = self.flag("early");
        let envelope = self.option("envelope");
        let expected = read_expected(self.argument, envelope, closed, self.names, self.problems)?;
        self.declare_captures(&expected);
        Some(Receive {
            actor,
            expected,
            within,
            early,
        })
    }

    fn read_may_receive(&mut self, actor: String) -> Option<StepKind> {
        let any_number = self.flag("any number");
        let envelope = self.option("envelope");
        let settles = self.settles()?;
        let place = self.key.place.clone();
        if let Some(word @ ("anything" | "any message")) = self.argument.as_str() {
            let allowance = Allowance {
                place,
                expected: None,
                documented: word == "any message",
                any_number: true,
                contradicts: None,
                settles,
                answer: None,
            };
            return Some(StepKind::MayReceive { actor, allowance });
        }
        let expected = read_expected(self.argument, envelope, false, self.names, self.problems)?;
        if !expected.fields.capture_names().is_empty() {
            self.problem(
                &self.argument.place,
                "`may receive` captures nothing, since it need not come",
            );
            return None;
        }
        let allowance = Allowance {
            place,
            expected: Some(expected),
            documented: true,
            any_number,
            contradicts: None,
            settles,
            answer: None,
        };
        Some(StepKind::MayReceive { actor, allowance })
    }

    fn read_any_order(&mut self) -> Option<StepKind> {
        self.allowed.push("proves");
        let within = self.duration("within")?;
        // What is captured here is bound only behind the group.
        let before = self.names.variables.len();
        let mut bound = Vec::new();
        let mut receives = Vec::new();
        for item in self.argument.as_list().unwrap_or_default() {
            receives.extend(read_step(item, self.names, self.problems));
            bound.append(&mut self.names.variables.split_off(before));
        }
        bound.iter().for_each(|name| self.names.declare(name));
        if self.argument.as_list().is_none_or(<[Node]>::is_empty) {
            self.problem(
                &self.argument.place,
                "`in any order` takes a list of `receives` steps",
            );
        }
        for step in receives.iter() {
            if !matches!(step.kind, StepKind::Receive(_)) {
                self.problem(&step.place, "`in any order` holds `receives` steps only");
                return None;
            }
        }
        Some(StepKind::InAnyOrder {
            receives: receives.into(),
            within,
        })
    }

    fn read_for_each(&mut self) -> Option<StepKind> {
        let list = read_value(self.argument, self.names, self.problems);
        let name = self.required("as").and_then(|node| self.new_name(node));
        let body = self.required("do");
        let at_most = self.rounds();
        name.iter().for_each(|name| self.names.declare(name));
        self.declare_collected();
        let steps = body.map(|body| read_steps(body, self.names, self.problems));
        let collect = self.collected();
        Some(StepKind::ForEach {
            list: list?,
            name: name?,
            steps: steps?,
            at_most: at_most?,
            collect: collect?,
        })
    }

    fn read_repeat_until(&mut self) -> Option<StepKind> {
        let body = self.required("do");
        let at_most = self.rounds()?;
        self.declare_collected();
        if self
            .argument
            .as_map()
            .is_some_and(|pairs| pairs.iter().any(|(key, _)| is_reference(key)))
        {
            let steps = read_steps(body?, self.names, self.problems);
            let collect = self.collected()?;
            let conditions = read_conditions(self.argument, self.names, self.problems)?;
            return Some(StepKind::RepeatUntil {
                until: Until::Holds(conditions),
                steps,
                at_most,
                collect,
            });
        }
        let until = read_step(self.argument, self.names, self.problems)?;
        let steps = read_steps(body?, self.names, self.problems);
        let collect = self.collected()?;
        let actor = |step: &Step| match &step.kind {
            StepKind::Receive(receive) => Some(receive.actor.clone()),
            _ => None,
        };
        match (actor(&until), steps.first().and_then(actor)) {
            (Some(a), Some(b)) if a == b => Some(StepKind::RepeatUntil {
                until: Until::Received([until].into()),
                steps,
                at_most,
                collect,
            }),
            _ => {
                self.problem(
                    &self.key.place,
                    "`repeat until` and the first step of `do` both receive at one actor",
                );
                None
            }
        }
    }

    fn read_use(&mut self) -> Option<StepKind> {
        self.allowed.push("proves");
        let tested = self.flag("tested");
        let flow = self.argument.as_str().unwrap_or_default();
        let with = self.option("with");
        let into = self.option("into");
        let Some(signature) = self
            .names
            .signatures
            .iter()
            .find(|signature| signature.name == flow)
            .cloned()
        else {
            let known: Vec<String> = self
                .names
                .signatures
                .iter()
                .map(|s| s.name.clone())
                .collect();
            let shown = self.argument.place.text();
            self.problems.push(
                Diagnostic::new(&self.argument.place, format!("unknown flow \"{shown}\""))
                    .suggest(flow, known),
            );
            return None;
        };
        let given = self.map_of(with, "`with` takes { parameter: value }");
        let mut actors = Vec::new();
        let mut arguments = Vec::new();
        for (key, value) in given {
            let name = key_text(key, self.problems)?;
            if signature.actors.contains(&name) {
                let actor = value.as_str().unwrap_or_default();
                if self.names.check_actor(actor, &value.place, self.problems) {
                    actors.push((name, actor.to_owned()));
                }
            } else if signature.parameters.contains(&name) {
                if let Some(value) = read_value(value, self.names, self.problems) {
                    arguments.push((name, value));
                }
            } else {
                let known = signature.actors.iter().chain(&signature.parameters);
                self.problems.push(
                    Diagnostic::new(
                        &key.place,
                        format!("flow {flow} has no parameter \"{name}\""),
                    )
                    .suggest(&name, known),
                );
            }
        }
        for name in signature.actors.iter().chain(&signature.parameters) {
            if !given.iter().any(|(key, _)| key.as_str() == Some(name)) {
                self.problem(
                    &self.argument.place,
                    &format!("flow {flow} needs `{name}` in `with`"),
                );
            }
        }
        let mut renamed = Vec::new();
        for (key, value) in self.map_of(into, "`into` takes { name in the flow: name here }") {
            let theirs = key_text(key, self.problems)?;
            let ours = self.new_name(value)?;
            self.names.declare(&ours);
            renamed.push((ours, theirs));
        }
        Some(StepKind::Use {
            flow: flow.to_owned(),
            actors,
            arguments,
            into: renamed,
            tested,
        })
    }

    fn read_when(&mut self) -> Option<StepKind> {
        let then = self.required("do");
        let otherwise = self.option("otherwise");
        let conditions = read_conditions(self.argument, self.names, self.problems);
        let then = then.map(|node| read_steps(node, self.names, self.problems));
        let otherwise = otherwise
            .map(|node| read_steps(node, self.names, self.problems))
            .unwrap_or_default();
        Some(StepKind::When {
            conditions: conditions?,
            then: then?,
            otherwise,
        })
    }

    fn read_observe(&mut self) -> Option<StepKind> {
        let mut observed = Vec::new();
        for (key, option) in self.argument.as_map().unwrap_or_default() {
            observed.push(read_option(key, option, self.names, self.problems)?);
        }
        if observed.is_empty() {
            self.problem(&self.argument.place, "`observe` takes { reading: option }");
            return None;
        }
        Some(StepKind::Observe(observed))
    }

    fn read_proves(&mut self) -> Option<Vec<Proof>> {
        if !self.allowed.contains(&"proves") {
            return Some(Vec::new());
        }
        let Some(node) = self.option("proves") else {
            return Some(Vec::new());
        };
        if self.names.in_flow {
            self.problem(
                &node.place,
                "the steps of a flow prove nothing; let a scenario's own step prove it",
            );
            return None;
        }
        let items = match &node.kind {
            Kind::List(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        if items.is_empty() {
            self.problem(&node.place, "`proves` names no requirement");
        }
        items.iter().map(|item| self.read_proof(item)).collect()
    }

    fn read_proof(&mut self, node: &Node) -> Option<Proof> {
        let text = node.as_str().unwrap_or_default();
        if let Some(path) = text.strip_prefix('$') {
            return self
                .names
                .reference(path, &node.place, self.problems)
                .map(Proof::Of);
        }
        match self.names.catalogue.requirement(text) {
            Some(requirement) if requirement.unprovokable.is_none() => {
                Some(Proof::Id(text.to_owned()))
            }
            Some(_) => {
                self.problem(
                    &node.place,
                    &format!("the catalogue says that no client can provoke {text}"),
                );
                None
            }
            None => {
                let known = self
                    .names
                    .catalogue
                    .requirements
                    .iter()
                    .map(|requirement| requirement.id.as_str());
                let shown = node.place.text();
                self.problems.push(
                    Diagnostic::new(&node.place, format!("unknown requirement \"{shown}\""))
                        .suggest(text, known),
                );
                None
            }
        }
    }

    fn option(&mut self, name: &'static str) -> Option<&'r Node> {
        self.allowed.push(name);
        self.options
            .iter()
            .find(|(key, _)| key.as_str() == Some(name))
            .map(|(_, node)| node)
    }

    fn required(&mut self, name: &'static str) -> Option<&'r Node> {
        let found = self.option(name);
        if found.is_none() {
            let what = self.key.as_str().unwrap_or_default().to_owned();
            self.problem(&self.key.place, &format!("`{what}` needs `{name}`"));
        }
        found
    }

    fn flag(&mut self, name: &'static str) -> bool {
        match self.option(name) {
            None => false,
            Some(Node {
                kind: Kind::Bool(flag),
                ..
            }) => *flag,
            Some(node) => {
                self.problem(&node.place, &format!("`{name}` is true or false"));
                false
            }
        }
    }

    fn duration(&mut self, name: &'static str) -> Option<Option<Duration>> {
        let Some(node) = self.option(name) else {
            return Some(None);
        };
        let duration = node.as_str().and_then(parse_duration);
        if duration.is_none() {
            self.problem(
                &node.place,
                &format!("`{name}` is a duration, such as 250ms or 2s"),
            );
        }
        duration.map(Some)
    }

    fn settles(&mut self) -> Option<Settles> {
        match self.option("settles") {
            None => Some(Settles::default()),
            Some(node) => read_settles(node, self.names, self.problems),
        }
    }

    fn silence_waits(&mut self) -> Option<bool> {
        match self.option("silence").map(|node| (node, node.as_str())) {
            None => Some(false),
            Some((_, Some("wait"))) => Some(true),
            Some((node, _)) => {
                self.problem(&node.place, "`silence` is `wait`, or not there");
                None
            }
        }
    }

    fn rounds(&mut self) -> Option<usize> {
        match self.option("at most").map(|node| (node, &node.kind)) {
            None => Some(ROUNDS),
            Some((_, Kind::Int(rounds))) if (1..=100_000).contains(rounds) => {
                usize::try_from(*rounds).ok()
            }
            Some((node, _)) => {
                self.problem(&node.place, "`at most` is a number from 1 to 100000");
                None
            }
        }
    }

    /// The entries of an option that is a map; none where it is absent.
    fn map_of(&mut self, node: Option<&'r Node>, wanted: &str) -> &'r [(Node, Node)] {
        let entries = node.and_then(Node::as_map);
        if let (Some(node), None) = (node, entries) {
            self.problem(&node.place, wanted);
        }
        entries.unwrap_or_default()
    }

    /// A name for a value.
    fn new_name(&mut self, node: &Node) -> Option<String> {
        let Some(name) = node.as_str() else {
            self.problem(&node.place, "expected a name");
            return None;
        };
        let free = self.names.check_free(name, &node.place, self.problems);
        free.then(|| name.to_owned())
    }

    fn declare_collected(&mut self) {
        for (key, _) in self
            .option("collect")
            .and_then(Node::as_map)
            .unwrap_or_default()
        {
            if let Some(name) = key.as_str().and_then(|text| text.strip_prefix('$')) {
                self.names.declare(name);
            }
        }
    }

    fn collected(&mut self) -> Option<Vec<(String, Expr)>> {
        let mut collect = Vec::new();
        let node = self.option("collect");
        for (key, value) in self.map_of(node, "`collect` takes { $list: $value }") {
            let Some(name) = key.as_str().and_then(|text| text.strip_prefix('$')) else {
                self.problem(&key.place, "`collect` takes { $list: $value }");
                return None;
            };
            collect.push((
                name.to_owned(),
                read_value(value, self.names, self.problems)?,
            ));
        }
        Some(collect)
    }

    fn declare_captures(&mut self, expected: &super::Expected) {
        let envelope = expected
            .envelope
            .iter()
            .flat_map(|(_, pattern)| pattern.capture_names());
        self.names
            .declare_captures(expected.fields.capture_names().into_iter().chain(envelope));
    }

    fn no_argument(&mut self) -> Option<()> {
        if matches!(self.argument.kind, Kind::Null) {
            return Some(());
        }
        let key = self.key.as_str().unwrap_or_default().to_owned();
        self.problem(&self.argument.place, &format!("`{key}` takes nothing"));
        None
    }

    fn problem(&mut self, place: &Place, message: &str) {
        self.problems.push(Diagnostic::new(place, message));
    }

    /// Reports the options that this step does not have; where it could not be read to its end, only those
    /// that no step has.
    fn finish(self, whole: bool) {
        for (key, _) in self.options {
            let name = key.as_str().unwrap_or_default();
            let known = self.allowed.contains(&name) || !whole && OPTIONS.contains(&name);
            if !known {
                let step = self.key.as_str().unwrap_or_default();
                self.problems.push(
                    Diagnostic::new(
                        &key.place,
                        format!("\"{step}\" has no option \"{}\"", key.place.text()),
                    )
                    .suggest(name, self.allowed.iter()),
                );
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

/// `{ $reference: matcher, … }`.
pub(super) fn read_conditions(
    node: &Node,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Option<Vec<Condition>> {
    let Some(pairs) = node.as_map() else {
        problems.push(Diagnostic::new(
            &node.place,
            "expected { $reference: matcher }",
        ));
        return None;
    };
    if pairs.is_empty() {
        problems.push(Diagnostic::new(
            &node.place,
            "no condition; write { $reference: matcher }",
        ));
        return None;
    }
    let mut conditions = Vec::new();
    for (key, value) in pairs {
        let Some(path) = key.as_str().and_then(|text| text.strip_prefix('$')) else {
            problems.push(Diagnostic::new(
                &key.place,
                "expected a reference, such as $alice.name",
            ));
            return None;
        };
        let subject = names.reference(path, &key.place, problems)?;
        let pattern = read_pattern(value, None, false, names, problems)?;
        if subject.root() == "reading" {
            let place = value.place.clone();
            for value in pattern.plain_values() {
                let option = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                check_reading_option(&subject.path[1], &option, &place, names, problems)?;
            }
        }
        conditions.push(Condition {
            place: key.place.clone(),
            subject,
            pattern,
        });
    }
    Some(conditions)
}

fn check_reading_option(
    id: &str,
    text: &str,
    place: &Place,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Option<()> {
    let reading = names.catalogue.reading(id)?;
    if reading.options.iter().any(|(option, _)| option == text) {
        return Some(());
    }
    problems.push(
        Diagnostic::new(place, format!("reading {id} has no option \"{text}\""))
            .suggest(text, reading.options.iter().map(|(option, _)| option)),
    );
    None
}

/// `{ reading: option, otherwise: option }`.
pub(super) fn read_settles(
    node: &Node,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Option<Settles> {
    let mut seen = Vec::new();
    let mut otherwise = None;
    for (key, option) in node.as_map().unwrap_or_default() {
        if key.as_str() == Some("otherwise") {
            otherwise = Some(option);
        } else {
            seen.push(read_option(key, option, names, problems)?);
        }
    }
    let [(reading, _)] = seen.as_slice() else {
        problems.push(Diagnostic::new(
            &node.place,
            "`settles` takes { reading: option, otherwise: option }",
        ));
        return None;
    };
    let mut unseen = Vec::new();
    if let Some(node) = otherwise {
        let option = option_text(node);
        check_reading_option(reading, option, &node.place, names, problems)?;
        unseen.push((reading.clone(), option.to_owned()));
    }
    Some(Settles { seen, unseen })
}

fn is_reference(key: &Node) -> bool {
    key.as_str().is_some_and(|text| text.starts_with('$'))
}

fn read_option(
    key: &Node,
    option: &Node,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Option<(String, String)> {
    let id = key.as_str().unwrap_or_default();
    if names.catalogue.reading(id).is_none() {
        let known = names
            .catalogue
            .readings
            .iter()
            .map(|reading| reading.id.as_str());
        problems.push(
            Diagnostic::new(&key.place, format!("unknown reading \"{id}\"")).suggest(id, known),
        );
        return None;
    }
    let text = option_text(option);
    check_reading_option(id, text, &option.place, names, problems)?;
    Some((id.to_owned(), text.to_owned()))
}

/// An option's name, also where YAML would read it as `true` or a number.
fn option_text(node: &Node) -> &str {
    node.as_str().unwrap_or_else(|| node.place.text())
}
