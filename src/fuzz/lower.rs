//! A sequence as the text of an ordinary scenario: what runs is what can be kept.
//!
//! Whoever may do anything may hear any documented message, and each of its steps ends with a fence, so that
//! the next one finds everything handled. Refuses nothing: a step that cannot be is left out.

use std::fmt::Write as _;

use super::sequence::{Act, Actor, Claim, Hears, Link, Raw, Right, Sequence, Step};
use super::vocabulary::{FILES, Vocabulary};

/// Texts longer than this a server may refuse by closing the connection.
const LONG: usize = 16 << 10;

/// The head of a scenario that is written to a file.
pub(super) struct Head<'a> {
    pub id: &'a str,
    pub about: Option<&'a str>,
    /// Lines of comment, without their `#`.
    pub comment: &'a [String],
}

/// A scenario's text, and on which line each step stands; `None` for one that was left out.
pub(super) struct Lowered {
    pub text: String,
    pub lines: Vec<Option<usize>>,
    /// The first and the last line of each claim, and whose step it is.
    claims: Vec<(usize, usize, usize)>,
}

impl Lowered {
    /// The step in whose lines this place is, which is `file:line:column`.
    pub(super) fn step_at(&self, place: &str) -> Option<usize> {
        let line = line_of(place)?;
        (self.lines.iter()).rposition(|at| at.is_some_and(|at| at <= line))
    }

    /// The step whose claim stands at this place.
    pub(super) fn claim_at(&self, place: &str) -> Option<usize> {
        let line = line_of(place)?;
        let mut claims = self.claims.iter();
        let found = claims.find(|(first, last, _)| (*first..=*last).contains(&line));
        found.map(|(_, _, step)| *step)
    }
}

fn line_of(place: &str) -> Option<usize> {
    place.split(':').nth(1)?.parse().ok()
}

pub(super) fn lower(sequence: &Sequence, vocabulary: &Vocabulary, head: &Head<'_>) -> Lowered {
    let mut writer = Writer {
        vocabulary,
        text: String::new(),
        connected: Vec::new(),
        anything: Vec::new(),
        acted: None,
        calm: true,
        moved: Vec::new(),
        unheard: Vec::new(),
        strict: sequence.steps.iter().find_map(|step| match &step.claim {
            Some(Claim::Right(right)) if !matches!(right.hears, Hears::Message(..)) => {
                Some(right.actor)
            }
            _ => None,
        }),
        claimed: None,
    };
    writer.head(sequence, head);
    let (mut lines, mut claims) = (Vec::new(), Vec::new());
    for (i, step) in sequence.steps.iter().enumerate() {
        writer.acted = None;
        writer.calm &= matches!(step.act, Act::Flow { .. });
        writer.step(step, &sequence.steps[i + 1..]);
        lines.push(writer.acted);
        let claimed = writer.claimed.take();
        claims.extend(claimed.map(|first| (first, writer.last_line(), i)));
    }
    writer.end(sequence);
    Lowered {
        text: writer.text,
        lines,
        claims,
    }
}

struct Writer<'a> {
    vocabulary: &'a Vocabulary,
    text: String,
    connected: Vec<Actor>,
    /// Who may hear anything already.
    anything: Vec<Actor>,
    /// The line of the step that is being written.
    acted: Option<usize>,
    /// Whether nobody has done anything but play flows.
    calm: bool,
    /// Who came or went in a flow, and may not be where other flows begin.
    moved: Vec<Actor>,
    /// Whose requests nobody has waited for yet.
    unheard: Vec<Actor>,
    /// Who may hear nothing but what is claimed.
    strict: Option<Actor>,
    /// The first line of the claim that is being written.
    claimed: Option<usize>,
}

impl Writer<'_> {
    fn line(&mut self, line: &str) {
        self.text.push_str("  - ");
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn head(&mut self, sequence: &Sequence, head: &Head<'_>) {
        for line in head.comment {
            let _ = writeln!(self.text, "# {line}");
        }
        let _ = writeln!(self.text, "scenario: {}", head.id);
        if let Some(about) = head.about {
            let _ = writeln!(self.text, "about: {}", super::datum::Datum::text(about));
        }
        let start = &self.vocabulary.start;
        let mut actors = Vec::new();
        for actor in [
            Actor::Alice,
            Actor::Bob,
            Actor::Carol,
            Actor::Mallory,
            Actor::Mike,
            Actor::Phone,
            Actor::Guest,
            Actor::Dora,
            Actor::Wendy,
        ] {
            let name = actor.name();
            let wanted = match actor {
                Actor::Dora => sequence.bystander,
                Actor::Wendy => sequence.newcomer,
                Actor::Mallory => sequence.has(actor) || sequence.has(Actor::Phone),
                _ => sequence.has(actor),
            };
            if !wanted {
                continue;
            }
            actors.push(match actor {
                Actor::Phone => {
                    format!("{name}: {{ same user as: mallory, starts: connected }}")
                }
                Actor::Guest => format!("{name}: connected"),
                Actor::Wendy => format!("{name}: offline"),
                _ => format!("{name}: {start}"),
            });
            if actor != Actor::Wendy {
                self.connected.push(actor);
            }
        }
        let _ = writeln!(self.text, "actors: {{ {} }}", actors.join(", "));
        let files: Vec<String> = FILES
            .iter()
            .filter(|(name, _, _)| sequence.steps.iter().any(|step| step.act.mentions(name)))
            .map(|(name, size, chunk)| {
                format!("{name}: {{ random: {size}, seed: 7, chunk: {chunk} }}")
            })
            .collect();
        if !files.is_empty() {
            let _ = writeln!(self.text, "data: {{ {} }}", files.join(", "));
        }
        self.text.push_str("steps:\n");
        for actor in [Actor::Mallory, Actor::Mike, Actor::Phone, Actor::Guest] {
            if self.connected.contains(&actor) && self.strict != Some(actor) {
                self.line(&format!("{} may receive: any message", actor.name()));
            }
        }
    }

    /// The line that does what the step is about.
    fn act(&mut self, line: &str) {
        self.acted = Some(self.last_line() + 1);
        self.line(line);
    }

    fn last_line(&self) -> usize {
        self.text.lines().count()
    }

    fn step(&mut self, step: &Step, later: &[Step]) {
        let actor = step.act.actor();
        let name = actor.name();
        let here = self.connected.contains(&actor);
        match &step.act {
            Act::Flow {
                flow,
                actors,
                arguments,
                into,
            } => {
                if !actors
                    .iter()
                    .all(|(_, actor)| self.connected.contains(actor))
                {
                    return;
                }
                // What is still under way would meet what the flow begins.
                self.hear();
                self.act(&format!("use: {flow}"));
                let with: Vec<String> = actors
                    .iter()
                    .map(|(theirs, actor)| format!("{theirs}: {}", actor.name()))
                    .chain(
                        arguments
                            .iter()
                            .map(|(name, value)| format!("{name}: {value}")),
                    )
                    .collect();
                if !with.is_empty() {
                    let _ = writeln!(self.text, "    with: {{ {} }}", with.join(", "));
                }
                let into: Vec<String> = into
                    .iter()
                    .filter(|(_, ours)| later.iter().any(|step| step.act.mentions(ours)))
                    .map(|(theirs, ours)| format!("{theirs}: {ours}"))
                    .collect();
                if !into.is_empty() {
                    let _ = writeln!(self.text, "    into: {{ {} }}", into.join(", "));
                }
                let still = actors.iter().all(|(_, actor)| !self.moved.contains(actor));
                if still && (actor.is_judged() || self.calm) {
                    self.text.push_str("    tested: true\n");
                }
                let settles = (self.vocabulary.flow(flow)).is_none_or(|flow| flow.settles);
                if !settles && !actor.is_judged() {
                    self.unheard.extend(actors.iter().map(|(_, actor)| *actor));
                }
                if (self.vocabulary.flow(flow)).is_some_and(|flow| flow.moves) {
                    self.moved.extend(actors.iter().map(|(_, actor)| *actor));
                }
                return;
            }
            Act::Send {
                message,
                body,
                malformed,
                ..
            } => {
                if !here {
                    return;
                }
                let free = *malformed
                    || !actor.is_logged_in()
                    || self.vocabulary.may_close.contains(message)
                    || body.longest() > LONG;
                // What answers somebody who has not logged in has no documented form.
                self.permit(actor, free, *malformed || !actor.is_logged_in());
                // Logged in here, the user may be logged out there.
                if actor == Actor::Phone
                    && self.vocabulary.may_close.contains(message)
                    && self.connected.contains(&Actor::Mallory)
                {
                    self.permit(Actor::Mallory, true, false);
                }
                let verb = if *malformed {
                    "sends malformed"
                } else {
                    "sends"
                };
                let message = super::datum::Datum::Map(vec![(message.clone(), body.clone())]);
                self.act(&format!("{name} {verb}: {message}"));
            }
            Act::Burst {
                message, bodies, ..
            } => {
                if !here {
                    return;
                }
                for (i, body) in bodies.iter().enumerate() {
                    let one = super::datum::Datum::Map(vec![(message.clone(), body.clone())]);
                    let line = format!("{name} sends: {one}");
                    match i {
                        0 => self.act(&line),
                        _ => self.line(&line),
                    }
                }
                // Whoever hears of it has heard of it, too.
                for other in Actor::NOISE {
                    if other != actor && self.connected.contains(&other) && step.claim.is_none() {
                        self.line(&format!("{name} receives: nothing"));
                        self.line(&format!("{} receives: nothing", other.name()));
                        return;
                    }
                }
            }
            Act::Raw { raw, .. } => {
                if !here {
                    return;
                }
                self.permit(actor, true, !matches!(raw, Raw::Ping(_)));
                let raw = match raw {
                    Raw::Text(text) => format!("text: {text}"),
                    Raw::Hex(digits) => format!("hex: \"{digits}\""),
                    Raw::Value(value) => format!("value: {value}"),
                    Raw::Fragments(parts) => {
                        let parts: Vec<String> = parts
                            .iter()
                            .map(|part| super::datum::Datum::text(part.as_str()).to_string())
                            .collect();
                        format!("fragments: [{}]", parts.join(", "))
                    }
                    Raw::Ping(text) => {
                        format!("ping: {}", super::datum::Datum::text(text.as_str()))
                    }
                };
                self.act(&format!("{name} sends raw: {{ {raw} }}"));
            }
            Act::Link { link, .. } => {
                let gone = matches!(link, Link::Disconnects | Link::Vanishes);
                if gone && !here {
                    return;
                }
                let verb = if here { link.verb() } else { "connects" };
                self.act(&format!("{name} {verb}"));
                self.connected.retain(|other| *other != actor);
                if !gone {
                    self.connected.push(actor);
                }
                return;
            }
        }
        match &step.claim {
            Some(Claim::Answered) => {
                self.line(&format!("{name} receives: nothing"));
                if let Some((sends, receives)) = self.vocabulary.question(actor) {
                    self.line(&format!("{name} sends: {sends}"));
                    self.line(&format!("{name} receives: {receives}"));
                }
            }
            Some(Claim::Shape { actor, message }) => {
                let name = actor.name();
                self.line(&format!("{name} receives: {{ {message}: {{}} }}"));
            }
            Some(Claim::Asked { actor, early }) => {
                let name = actor.name();
                if let Some((sends, receives)) = self.vocabulary.question_at(*actor, *early) {
                    self.line(&format!("{name} sends: {sends}"));
                    self.line(&format!("{name} receives: {receives}"));
                }
            }
            None if step.hasty => {
                self.unheard.push(actor);
                return;
            }
            Some(Claim::Right(right)) => self.right(right),
            None => self.line(&format!("{name} receives: nothing")),
        }
        self.unheard.retain(|other| *other != actor);
        self.hear();
    }

    /// Waits for those whose requests may still be under way.
    fn hear(&mut self) {
        let mut unheard = std::mem::take(&mut self.unheard);
        unheard.sort();
        unheard.dedup();
        for actor in unheard {
            if self.connected.contains(&actor) {
                self.line(&format!("{} receives: nothing", actor.name()));
            }
        }
    }

    fn right(&mut self, right: &Right) {
        self.claimed = Some(self.last_line() + 1);
        let name = right.actor.name();
        let mut hears = |message: &str, fields: &str| {
            let message = super::datum::Datum::text(message);
            self.line(&format!("{name} receives: {{ {message}: {fields} }}"));
        };
        match &right.hears {
            Hears::Message(message, fields) => hears(message, fields),
            Hears::Just(messages) => {
                for (message, fields) in messages {
                    hears(message, fields);
                }
                self.line(&format!("{name} receives: nothing"));
            }
            Hears::Nothing => self.line(&format!("{name} receives: nothing")),
        }
    }

    fn permit(&mut self, actor: Actor, close: bool, anything: bool) {
        let name = actor.name();
        if anything && !self.anything.contains(&actor) && self.strict != Some(actor) {
            self.anything.push(actor);
            self.line(&format!("{name} may receive: anything"));
        }
        if close {
            self.line(&format!("{name} may be closed"));
        }
    }

    fn end(&mut self, sequence: &Sequence) {
        self.hear();
        if sequence.bystander
            && let Some((sends, receives)) = self.vocabulary.question(Actor::Dora)
        {
            self.line(&format!("dora sends: {sends}"));
            self.line(&format!("dora receives: {receives}"));
        }
        if sequence.newcomer {
            self.line(&format!("use: {}", self.vocabulary.start));
            let _ = writeln!(
                self.text,
                "    with: {{ {}: wendy }}\n    tested: true",
                self.vocabulary.start_actor
            );
        }
        if !self.text.contains("steps:\n  - ") {
            self.line("nobody receives more");
        }
    }
}
