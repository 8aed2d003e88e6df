//! Choices into sequences. Each step has a gene of its own, so that its choices stay put when others go.
//!
//! Mostly valid: a step is what a flow or a scenario does, sometimes off by one thing.

use arbitrary::{Result, Unstructured};

use super::datum::Datum;
use super::raw;
use super::sequence::{Act, Actor, Link, Sequence, Step};
use super::values::{odd, ordinary, telling_text, wrong};
use super::vocabulary::{FILES, FlowWord, Parameter, Usual, Vocabulary, Word};
use crate::protocol::{Field, FieldKind, FieldShape, Type};

/// The bytes that one step's choices are made from.
pub(super) const GENE: usize = 96;
pub(super) type Gene = Vec<u8>;

/// Flows that are tried for one step.
const TRIES: usize = 8;

/// The sequence that the genes say. `works` knows whether the flows of a sequence go through by themselves.
pub(super) fn decode(
    genes: &[Gene],
    vocabulary: &Vocabulary,
    works: &mut dyn FnMut(&Sequence) -> bool,
) -> Sequence {
    let mut making = Making {
        vocabulary,
        sequence: Sequence {
            steps: Vec::new(),
            bystander: true,
            newcomer: true,
        },
        bound: Vec::new(),
        works,
    };
    for gene in genes {
        // An exhausted gene says the first choice, and never fails.
        let _ = making.step(&mut Unstructured::new(gene));
    }
    making.sequence
}

struct Making<'a> {
    vocabulary: &'a Vocabulary,
    sequence: Sequence,
    /// What flows bound: whether for the story, their name, ours.
    bound: Vec<(bool, String, String)>,
    works: &'a mut dyn FnMut(&Sequence) -> bool,
}

impl Making<'_> {
    fn step(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let kind = u.int_in_range(0..=99u8)?;
        let act = match kind {
            0..=21 => self.flow(&Actor::STORY, u)?,
            // Whoever has done anything is no longer where a flow begins.
            22..=31 if !self.is_noisy() => self.flow(&Actor::NOISE, u)?,
            22..=61 => Some(self.send(u, Manner::Plain)?),
            62..=77 => Some(self.send(u, Manner::Odd)?),
            78..=87 => Some(self.send(u, Manner::Malformed)?),
            88..=94 => Some(self.raw(u)?),
            _ => {
                let actor = *u.choose(&[Actor::Mallory, Actor::Mike, Actor::Guest])?;
                let link = *u.choose(&[Link::Reconnects, Link::Vanishes, Link::Disconnects])?;
                Some(Act::Link { actor, link })
            }
        };
        if let Some(act) = act {
            self.sequence.steps.push(Step { act, claim: None });
        }
        Ok(())
    }

    fn is_noisy(&self) -> bool {
        let mut acts = self.sequence.steps.iter().map(|step| &step.act);
        acts.any(|act| !matches!(act, Act::Flow { .. }))
    }

    /// A flow that goes through after those before it; `None` where none of those tried does.
    fn flow(&mut self, cast: &[Actor], u: &mut Unstructured<'_>) -> Result<Option<Act>> {
        let vocabulary = self.vocabulary;
        if vocabulary.flows.is_empty() {
            return Ok(None);
        }
        let first = u.choose_index(vocabulary.flows.len())?;
        let turn = u.choose_index(cast.len())?;
        let arguments: [u8; 32] = u.arbitrary()?;
        for offset in 0..TRIES {
            let flow = &vocabulary.flows[(first + offset * 7) % vocabulary.flows.len()];
            let judged = cast == Actor::STORY;
            let fits = !flow.actors.is_empty() && flow.actors.len() <= cast.len();
            if !fits || (judged && !flow.receives) {
                continue;
            }
            let actors: Vec<(String, Actor)> = flow
                .actors
                .iter()
                .enumerate()
                .map(|(i, name)| (name.clone(), cast[(turn + i) % cast.len()]))
                .collect();
            let u = &mut Unstructured::new(&arguments);
            let Some(arguments) = self.arguments(flow, &actors, u)? else {
                continue;
            };
            let into: Vec<(String, String)> = flow
                .captures
                .iter()
                .map(|theirs| (theirs.clone(), self.fresh_name(theirs)))
                .collect();
            let act = Act::Flow {
                flow: flow.name.clone(),
                actors,
                arguments,
                into: into.clone(),
            };
            let mut story = self.sequence.story();
            story.steps.push(Step {
                act: act.clone(),
                claim: None,
            });
            if (self.works)(&story) {
                let bound = into
                    .into_iter()
                    .map(|(theirs, ours)| (judged, theirs, ours));
                self.bound.extend(bound);
                return Ok(Some(act));
            }
        }
        Ok(None)
    }

    fn fresh_name(&self, theirs: &str) -> String {
        let word: String = theirs.chars().filter(char::is_ascii_alphanumeric).collect();
        format!("{word}{}", self.sequence.steps.len() + 1)
    }

    fn arguments(
        &self,
        flow: &FlowWord,
        actors: &[(String, Actor)],
        u: &mut Unstructured<'_>,
    ) -> Result<Option<Vec<(String, Datum)>>> {
        let judged = actors[0].1.is_judged();
        let mut arguments = Vec::new();
        for (name, parameter) in &flow.parameters {
            let bound = self.bound_as(judged, name);
            let value = match parameter {
                _ if bound.is_some() => bound,
                Parameter::File => Some(Datum::Reference(
                    FILES[u.choose_index(FILES.len())?].0.to_owned(),
                )),
                Parameter::OneOf(values) => {
                    Some(Datum::Value(values[u.choose_index(values.len())?].clone()))
                }
                Parameter::Field(message, shape, field) => {
                    // What people choose for themselves has to be their own, and what names others has to name
                    // them; only a text may be anything.
                    let is_text = matches!(shape.kind, FieldKind::Of(Type::String));
                    if self.vocabulary.is_personal(message, field) {
                        self.usual_value(message, field, actors[0].1, actors, u)?
                    } else if matches!(shape.kind, FieldKind::Of(Type::Id)) {
                        None
                    } else if is_text && u.ratio(2, 3)? {
                        Some(telling_text(u)?)
                    } else {
                        Some(ordinary(shape, u)?)
                    }
                }
                Parameter::Unknown => None,
            };
            let Some(value) = value else {
                return Ok(None);
            };
            arguments.push((name.clone(), value));
        }
        Ok(Some(arguments))
    }

    /// What flows bound under this name, last of all.
    fn bound_as(&self, judged: bool, name: &str) -> Option<Datum> {
        let mut bound = self.bound.iter().rev();
        bound
            .find(|(story, theirs, _)| *story == judged && theirs == name)
            .map(|(_, _, ours)| Datum::Reference(ours.clone()))
    }

    /// One of the things that usually stand in a field; `None` where none can stand here.
    fn usual_value(
        &self,
        message: &str,
        field: &str,
        actor: Actor,
        cast: &[(String, Actor)],
        u: &mut Unstructured<'_>,
    ) -> Result<Option<Datum>> {
        let known = self.vocabulary.uses(message, field);
        // People who do all as documented name themselves and each other, and nobody else.
        let personal = actor.is_judged() && self.vocabulary.is_personal(message, field);
        let uses: Vec<&Usual> = known
            .iter()
            .filter(|usual| !personal || usual.is_personal())
            .collect();
        if uses.is_empty() {
            return Ok(None);
        }
        let at = u.choose_index(uses.len())?;
        for offset in 0..uses.len() {
            let value = self.resolve(uses[(at + offset) % uses.len()], actor, cast, u)?;
            if value.is_some() {
                return Ok(value);
            }
        }
        Ok(None)
    }

    fn resolve(
        &self,
        usual: &Usual,
        actor: Actor,
        cast: &[(String, Actor)],
        u: &mut Unstructured<'_>,
    ) -> Result<Option<Datum>> {
        Ok(match usual {
            Usual::Value(value) => Some(Datum::Value(value.clone())),
            Usual::Own(field) => self.field_of(actor, field),
            Usual::Other(field) => {
                let others: Vec<Actor> = cast
                    .iter()
                    .map(|(_, other)| *other)
                    .filter(|other| *other != actor)
                    .collect();
                match others.len() {
                    0 => None,
                    many => self.field_of(others[u.choose_index(many)?], field),
                }
            }
            Usual::Given(path) => Some(Datum::Reference(path.clone())),
            Usual::Captured(name) => self.bound_as(actor.is_judged(), name),
            Usual::List(items) => {
                let mut list = Vec::new();
                let others = cast.iter().filter(|(_, other)| *other != actor);
                let mut others = others.cycle();
                for item in items {
                    let one = match (item, others.next()) {
                        (Usual::Other(field), Some((_, other))) => self.field_of(*other, field),
                        (item, _) => self.resolve(item, actor, cast, u)?,
                    };
                    let Some(one) = one else { return Ok(None) };
                    if !list.contains(&one) {
                        list.push(one);
                    }
                }
                Some(Datum::List(list))
            }
            Usual::Map(pairs) => {
                let mut map = Vec::new();
                for (key, value) in pairs {
                    let Some(value) = self.resolve(value, actor, cast, u)? else {
                        return Ok(None);
                    };
                    map.push((key.clone(), value));
                }
                Some(Datum::Map(map))
            }
        })
    }

    /// Who has not logged in has no more than an identity.
    fn field_of(&self, actor: Actor, field: &str) -> Option<Datum> {
        let known = actor.is_logged_in() || actor == Actor::Phone;
        let root = field.split('.').next().unwrap_or(field);
        (known || self.vocabulary.identity.iter().any(|name| name == root))
            .then(|| Datum::Reference(format!("{}.{field}", actor.name())))
    }

    fn send(&mut self, u: &mut Unstructured<'_>, manner: Manner) -> Result<Act> {
        let words = &self.vocabulary.messages;
        let word = &words[u.choose_index(words.len())?];
        let actor = self.noise_actor(u)?;
        let target = match word.fields.len() {
            0 => None,
            many => Some(u.choose_index(many)?),
        };
        let mut fields = Vec::new();
        for (i, field) in word.fields.iter().enumerate() {
            if field.shape.optional && u.ratio(1, 2)? {
                continue;
            }
            let value = match manner {
                Manner::Odd if target == Some(i) => self.odd_field(word, field, actor, u)?,
                _ => self.plain_field(word, field, actor, u)?,
            };
            fields.push((field.name.clone(), value));
        }
        let mut message = word.name.clone();
        let mut body = Datum::Map(fields);
        if manner == Manner::Malformed {
            (message, body) = self.spoil(word, message, body, target, u)?;
        }
        Ok(Act::Send {
            actor,
            message,
            body,
            malformed: manner == Manner::Malformed,
        })
    }

    fn noise_actor(&self, u: &mut Unstructured<'_>) -> Result<Actor> {
        Ok(*u.choose(&[
            Actor::Mallory,
            Actor::Mallory,
            Actor::Mallory,
            Actor::Mike,
            Actor::Guest,
            Actor::Phone,
        ])?)
    }

    fn plain_field(
        &self,
        word: &Word,
        field: &Field,
        actor: Actor,
        u: &mut Unstructured<'_>,
    ) -> Result<Datum> {
        let cast = [
            (String::new(), Actor::Mallory),
            (String::new(), Actor::Mike),
        ];
        if u.ratio(9, 10)?
            && let Some(value) = self.usual_value(&word.name, &field.name, actor, &cast, u)?
        {
            return Ok(value);
        }
        let is_id = matches!(field.shape.kind, FieldKind::Of(Type::Id));
        if is_id && !self.vocabulary.unknown.is_empty() {
            return Ok(u.choose(&self.vocabulary.unknown)?.clone());
        }
        self.inner_field(word, &field.shape, actor, u)
    }

    /// Object fields are filled from what usually stands in them, where that is known.
    fn inner_field(
        &self,
        word: &Word,
        shape: &FieldShape,
        actor: Actor,
        u: &mut Unstructured<'_>,
    ) -> Result<Datum> {
        let FieldKind::Object(inner) = &shape.kind else {
            return ordinary(shape, u);
        };
        let mut map = Vec::new();
        for field in inner {
            map.push((field.name.clone(), self.plain_field(word, field, actor, u)?));
        }
        Ok(Datum::Map(map))
    }

    /// An odd value; inside of an object, one odd field among ordinary ones.
    fn odd_field(
        &self,
        word: &Word,
        field: &Field,
        actor: Actor,
        u: &mut Unstructured<'_>,
    ) -> Result<Datum> {
        let plain = self.plain_field(word, field, actor, u)?;
        match (&field.shape.kind, plain) {
            (FieldKind::Object(inner), Datum::Map(mut pairs)) if !inner.is_empty() => {
                let at = u.choose_index(inner.len())?;
                if let Some((_, value)) = pairs.iter_mut().find(|(key, _)| *key == inner[at].name) {
                    *value = odd(&inner[at].shape, u)?;
                }
                Ok(Datum::Map(pairs))
            }
            _ => odd(&field.shape, u),
        }
    }

    /// One thing about the message is wrong.
    fn spoil(
        &self,
        word: &Word,
        message: String,
        body: Datum,
        target: Option<usize>,
        u: &mut Unstructured<'_>,
    ) -> Result<(String, Datum)> {
        let Datum::Map(mut fields) = body else {
            return Ok((message, body));
        };
        let way = u.int_in_range(0..=11u8)?;
        let at = target.filter(|at| *at < fields.len());
        Ok(match (way, at) {
            (0..=3, Some(at)) => {
                fields[at].1 = wrong(&word.fields[at].shape, u)?;
                (message, Datum::Map(fields))
            }
            (4..=6, Some(at)) => {
                fields.remove(at);
                (message, Datum::Map(fields))
            }
            (7, Some(at)) => {
                let again = fields[at].clone();
                fields.push(again);
                (message, Datum::Map(fields))
            }
            (8, Some(at)) => {
                // One level down.
                let inner = match &mut fields[at].1 {
                    Datum::Map(pairs) if !pairs.is_empty() => {
                        pairs.pop();
                        fields[at].1.clone()
                    }
                    other => Datum::List(vec![other.clone()]),
                };
                fields[at].1 = inner;
                (message, Datum::Map(fields))
            }
            (9, _) => (message, Datum::Map(Vec::new())),
            (10, _) => {
                let name = *u.choose(&["NO_SUCH_MESSAGE", "", "null", "0", "-1"])?;
                (name.to_owned(), Datum::Map(fields))
            }
            _ => {
                fields.push(("extra".to_owned(), Datum::Nest(3)));
                (message, Datum::Map(fields))
            }
        })
    }

    fn raw(&self, u: &mut Unstructured<'_>) -> Result<Act> {
        let actor = self.noise_actor(u)?;
        let words = &self.vocabulary.messages;
        let word = &words[u.choose_index(words.len())?];
        let mut fields = Vec::new();
        for field in &word.fields {
            fields.push((field.name.clone(), ordinary(&field.shape, u)?));
        }
        let raw = raw::spoilt_frame(self.vocabulary, word, fields, u)?;
        Ok(Act::Raw { actor, raw })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Plain,
    Odd,
    Malformed,
}
