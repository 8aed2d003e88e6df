//! The reference servers, as the audit wants servers: handlers without sockets.

use wireproof_reference::{
    Behaviour, Break, Effect as Theirs, Frame as TheirFrame, Pack, Protocol, UnknownSetting,
};

use crate::audit::{Effect, Forkable, Frame, Handlers};
use crate::event::FrameKind;

/// A reference server in virtual time.
pub struct Reference(Box<dyn Protocol>);

impl Reference {
    pub fn new(pack: Pack, behaviour: &Behaviour) -> Result<Reference, UnknownSetting> {
        Ok(Reference(wireproof_reference::protocol(pack, behaviour)?))
    }

    /// The server with one rule broken, in one of its ways.
    pub fn broken(pack: Pack, rule: &str, way: usize) -> Result<Reference, UnknownSetting> {
        let broken = vec![Break {
            rule: rule.to_owned(),
            way,
        }];
        Reference::new(
            pack,
            &Behaviour {
                broken,
                readings: Vec::new(),
            },
        )
    }
}

impl Handlers for Reference {
    fn connected(&mut self, connection: u32, now_ms: u64) -> Vec<Effect> {
        ours(self.0.connected(connection.into(), now_ms))
    }

    fn received(&mut self, connection: u32, frame: Frame, now_ms: u64) -> Vec<Effect> {
        let frame = match (frame.kind, String::from_utf8(frame.bytes)) {
            (FrameKind::Text, Ok(text)) => TheirFrame::Text(text),
            (_, Ok(text)) => TheirFrame::Binary(text.into_bytes()),
            (_, Err(error)) => TheirFrame::Binary(error.into_bytes()),
        };
        ours(self.0.received(connection.into(), frame, now_ms))
    }

    fn disconnected(&mut self, connection: u32, now_ms: u64) -> Vec<Effect> {
        ours(self.0.disconnected(connection.into(), now_ms))
    }
}

impl Forkable for Reference {
    fn fork(&self) -> Box<dyn Forkable> {
        Box::new(Reference(self.0.fork()))
    }
}

fn ours(effects: Vec<Theirs>) -> Vec<Effect> {
    // Every connection here was numbered by us, in 32 bits.
    let number = |id: u64| u32::try_from(id).unwrap_or(u32::MAX);
    let convert = |effect| match effect {
        Theirs::Send { to, frame } => {
            let frame = match frame {
                TheirFrame::Text(text) => Frame {
                    kind: FrameKind::Text,
                    bytes: text.into_bytes(),
                },
                TheirFrame::Binary(bytes) => Frame {
                    kind: FrameKind::Binary,
                    bytes,
                },
            };
            Effect::Send {
                to: number(to),
                frame,
            }
        }
        Theirs::Close { conn, code } => Effect::Close {
            connection: number(conn),
            code,
        },
    };
    effects.into_iter().map(convert).collect()
}
