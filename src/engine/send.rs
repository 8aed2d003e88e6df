//! Sending: from what a step or a fence says to the frame on the wire.

use super::boundary::{Action, Outbound};
use super::failure::Stop;
use super::render::{frame_of_bytes, frame_of_value};
use super::scope::FenceScope;
use super::stack::StepAt;
use super::state::Engine;
use crate::event::{CaseEnd, Event, Frame, FrameKind, SentFor};
use crate::protocol::WireCodec;
use crate::scenario::{Expr, Outgoing, Unresolved, unhex};
use crate::value::Value;

impl Engine {
    pub(super) fn send(
        &mut self,
        step: &StepAt,
        actor_name: &str,
        what: &Outgoing,
    ) -> Result<(), Unresolved> {
        let actor = self.actor(actor_name);
        let Some(connection) = self.current[actor] else {
            self.stop = Some(Stop::not_connected(step, actor_name));
            return Ok(());
        };
        let (message, outbound) = self.outbound(what, None)?;
        // A connection that the server closed shows at the next step that receives.
        if !self.connection(connection).is_open() {
            return Ok(());
        }
        if let Some(name) = self.taken_once(what, &outbound) {
            if self.connection(connection).used_up {
                let reason = format!(
                    "{}: a connection takes one login here, by the profile, and {name} is another",
                    step.place
                );
                self.stop = Some(Stop::End(CaseEnd::NotApplicable { reason }));
                return Ok(());
            }
            self.connection_mut(connection).used_up = true;
        }
        let again = &self.case.profile.again_after;
        if message.as_ref().is_some_and(|name| again.contains(name)) {
            self.connection_mut(connection).used_up = false;
        }
        let why = if self.scopes.flow().is_some() {
            SentFor::Flow
        } else {
            SentFor::Step
        };
        let shown = self.push_send(
            connection,
            message.as_deref(),
            &step.place.to_string(),
            why,
            outbound,
        );
        self.last_sent = Some((actor, shown));
        self.sent_anything = true;
        // Malformed or not: a server may well have taken it for what it calls itself.
        let said = match what {
            Outgoing::Malformed { name, .. } => Some(name.clone()),
            _ => message,
        };
        let fences = self.case.pack.fences.iter().enumerate();
        let over: Vec<usize> = fences
            .filter(|(_, f)| f.until.is_some() && f.until == said)
            .map(|(i, _)| i)
            .collect();
        for fence in over {
            self.connection_mut(connection).usable_fences[fence] = false;
        }
        Ok(())
    }

    /// The message that this is, if a connection takes one of its kind; of a raw text it is seen by its name.
    fn taken_once(&self, what: &Outgoing, outbound: &Outbound) -> Option<String> {
        let raw = match outbound {
            Outbound::Text(text) => text.clone(),
            Outbound::Fragments(parts) => parts.concat(),
            _ => String::new(),
        };
        let mut once = self.case.profile.once_per_connection.iter();
        let is_it = |name: &&String| match what {
            Outgoing::Message { name: sent, .. } => sent == *name,
            _ => raw.contains(&format!("\"{name}\"")),
        };
        once.find(is_it).cloned()
    }

    /// The frame for what a step or a fence sends, and the name of its message.
    pub(super) fn outbound(
        &self,
        what: &Outgoing,
        fence: Option<&FenceScope<'_>>,
    ) -> Result<(Option<String>, Outbound), Unresolved> {
        let resolve = |expr: &Expr| match fence {
            Some(scope) => expr.resolve(scope),
            None => expr.resolve(&self.scopes),
        };
        let catalogue = &self.case.pack.catalogue;
        let now = self.unix_now();
        let empty_for_null = |value| {
            if matches!(value, Value::Null) {
                Value::Map(Vec::new())
            } else {
                value
            }
        };
        Ok(match what {
            Outgoing::Message { name, fields } => {
                let discriminator = self.discriminator(name);
                let discriminator = discriminator.unwrap_or_else(|| Value::str(name));
                let body = empty_for_null(resolve(fields)?);
                (
                    Some(name.clone()),
                    Outbound::Value(catalogue.wire.wrap(&discriminator, body, now)),
                )
            }
            Outgoing::Malformed { name, body } => {
                (None, Outbound::Value(self.malformed(name, resolve(body)?)))
            }
            Outgoing::MalformedAs(message) => match resolve(message)? {
                Value::Map(pairs) if pairs.len() == 1 => {
                    let (name, body) = &pairs[0];
                    let name = name
                        .as_str()
                        .map_or_else(|| name.to_string(), str::to_owned);
                    (None, Outbound::Value(self.malformed(&name, body.clone())))
                }
                other => (None, Outbound::Value(other)),
            },
            Outgoing::Text(text) => match resolve(text)? {
                Value::Str(text) => (None, Outbound::Text(text)),
                other => (None, Outbound::Text(other.to_string())),
            },
            Outgoing::Binary(digits) => (
                None,
                Outbound::Binary(
                    resolve(digits)?
                        .as_str()
                        .and_then(unhex)
                        .unwrap_or_default(),
                ),
            ),
            Outgoing::Value(value) => (None, Outbound::Value(resolve(value)?)),
            Outgoing::Fragments(parts) => {
                let text = |part: &Expr| Ok(resolve(part)?.as_str().unwrap_or_default().to_owned());
                (
                    None,
                    Outbound::Fragments(parts.iter().map(text).collect::<Result<_, Unresolved>>()?),
                )
            }
            Outgoing::Ping(text) => (None, Outbound::Ping(text.clone())),
        })
    }

    /// What stands on the wire for a message, by what is known of the target.
    fn discriminator(&self, name: &str) -> Option<Value> {
        let message = self.case.pack.catalogue.message(name)?;
        let named_by = message.named_by.as_ref();
        let option = named_by.and_then(|reading| self.scopes.reading(&reading.id));
        Some(option.map_or_else(|| message.discriminator.clone(), Value::str))
    }

    /// A frame with any discriminator and any body.
    fn malformed(&self, name: &str, body: Value) -> Value {
        let catalogue = &self.case.pack.catalogue;
        let known = self.discriminator(name);
        let numeric = catalogue
            .messages
            .iter()
            .any(|m| matches!(m.discriminator, Value::Int(_)));
        let number = name.parse().ok().filter(|_| numeric).map(Value::Int);
        let discriminator = known.or(number).unwrap_or_else(|| Value::str(name));
        catalogue.wire.wrap(&discriminator, body, self.unix_now())
    }

    /// Sends, and says so; the text of the frame is handed back.
    pub(super) fn push_send(
        &mut self,
        connection: u32,
        message: Option<&str>,
        at: &str,
        why: SentFor,
        what: Outbound,
    ) -> String {
        let frame = self.frame_of(&what);
        let shown = frame.text.clone();
        if why != SentFor::Fence {
            self.connection_mut(connection).last_request = message.map(str::to_owned);
        }
        self.events.push(Event::Sent {
            case: self.case.id.clone(),
            us: self.now,
            actor: self
                .actor_name(self.connection(connection).actor)
                .to_owned(),
            connection,
            message: message.map(str::to_owned),
            at: at.to_owned(),
            why,
            frame,
        });
        self.actions.push(Action::Send { connection, what });
        shown
    }

    fn frame_of(&self, what: &Outbound) -> Frame {
        let kind = match self.case.pack.catalogue.wire.codec {
            WireCodec::Json => FrameKind::Text,
            WireCodec::MessagePack => FrameKind::Binary,
        };
        match what {
            Outbound::Value(value) => frame_of_value(kind, value, None),
            Outbound::Text(text) => frame_of_bytes(FrameKind::Text, text.as_bytes()),
            Outbound::Binary(bytes) => frame_of_bytes(FrameKind::Binary, bytes),
            Outbound::Fragments(parts) => {
                frame_of_bytes(FrameKind::Text, parts.concat().as_bytes())
            }
            Outbound::Ping(text) => frame_of_bytes(FrameKind::Ping, text.as_bytes()),
        }
    }
}
