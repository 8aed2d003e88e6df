//! Flows of the catalogue as steps: who plays them, and what they are given.

use arbitrary::{Result, Unstructured};

use super::{Making, byte_below};
use crate::fuzz::datum::Datum;
use crate::fuzz::sequence::{Act, Actor, Step};
use crate::fuzz::values::{ordinary, telling_text};
use crate::fuzz::vocabulary::{FILES, FlowWord, Parameter};
use crate::protocol::{FieldKind, Type};

/// Flows that are tried for one step.
const TRIES: usize = 8;

/// From this byte on, one actor plays all of a flow's.
pub(in crate::fuzz) const ALONE: u8 = 232;

impl Making<'_> {
    /// A flow that goes through after those before it; `None` where none of those tried does.
    pub(super) fn flow(&mut self, cast: &[Actor], u: &mut Unstructured<'_>) -> Result<Option<Act>> {
        let vocabulary = self.vocabulary;
        if vocabulary.flows.is_empty() {
            return Ok(None);
        }
        let first = byte_below(u, vocabulary.flows.len())?;
        let turn: u8 = u.arbitrary()?;
        // Only a server that is right can tell what comes of somebody who does it all with himself.
        let alone = turn >= ALONE && self.crossing && cast == Actor::NOISE;
        let turn = usize::from(turn) % cast.len();
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
                .map(|(i, name)| {
                    let next = if alone { 0 } else { i };
                    (name.clone(), cast[(turn + next) % cast.len()])
                })
                .collect();
            let u = &mut Unstructured::new(&arguments);
            let Some(arguments) = self.arguments(flow, &actors, cast, u)? else {
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
                hasty: false,
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
        cast: &[Actor],
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
                        // People who are no part of the flow may well be named in it.
                        let mut known = actors.to_vec();
                        if actors.len() == 1 {
                            known.extend(cast.iter().map(|other| (String::new(), *other)));
                        }
                        self.usual_value(message, field, actors[0].1, &known, u)?
                    } else if matches!(shape.kind, FieldKind::Of(Type::Id)) {
                        None
                    } else if is_text {
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

    /// Any of the things that flows of those who do anything bound under this name: what was left behind, too.
    pub(super) fn older_bound_as(
        &self,
        name: &str,
        u: &mut Unstructured<'_>,
    ) -> Result<Option<Datum>> {
        let bound = self
            .bound
            .iter()
            .filter(|(story, theirs, _)| !story && theirs == name);
        let ours: Vec<&String> = bound.map(|(_, _, ours)| ours).collect();
        Ok(match ours.len() {
            0 => None,
            many => Some(Datum::Reference(ours[u.choose_index(many)?].clone())),
        })
    }

    /// What flows bound under this name, last of all.
    pub(super) fn bound_as(&self, judged: bool, name: &str) -> Option<Datum> {
        let mut bound = self.bound.iter().rev();
        bound
            .find(|(story, theirs, _)| *story == judged && theirs == name)
            .map(|(_, _, ours)| Datum::Reference(ours.clone()))
    }
}
