//! The reference servers, as the audit wants servers: handlers without sockets.

use wireproof_reference::{
    Behaviour, Break, Effect as Theirs, Frame as TheirFrame, Pack, Protocol, UnknownBug,
    UnknownSetting,
};

use crate::audit::{Effect, Forkable, Frame, Handlers};
use crate::event::FrameKind;

/// A reference server in virtual time.
pub struct Reference(Box<dyn Protocol>);

impl Reference {
    pub fn new(pack: Pack, behaviour: &Behaviour) -> Result<Reference, UnknownSetting> {
        Ok(Reference(wireproof_reference::protocol(pack, behaviour)?))
    }

    /// The server with a bug, of those that [`wireproof_reference::bugs`] lists.
    pub fn with_bug(pack: Pack, bug: &str) -> Result<Reference, UnknownBug> {
        Ok(Reference(wireproof_reference::with_bug(pack, bug)?))
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

/// So many right servers of a protocol take all their readings by chance.
const MIXTURES: u64 = 8;

/// Servers that are right, each taking other readings of its document; the first takes the usual ones.
///
/// `settled` are readings that the target's people settle: all of these servers take them so.
pub fn right_servers(pack: Pack, settled: &[(String, String)]) -> Vec<Behaviour> {
    let known = wireproof_reference::readings(pack);
    let open: Vec<_> = known
        .iter()
        .filter(|reading| !settled.iter().any(|(id, _)| id == reading.id))
        .collect();
    let settled: Vec<_> = settled
        .iter()
        .filter(|(id, _)| known.iter().any(|reading| reading.id == id))
        .cloned()
        .collect();
    let mut servers = vec![Vec::new()];
    for reading in &open {
        let others = reading.options.iter().skip(1);
        servers.extend(others.map(|option| vec![(reading.id.to_owned(), (*option).to_owned())]));
    }
    for mixture in 0..MIXTURES {
        let taken = open.iter().enumerate().map(|(i, reading)| {
            // Some of each, in as many combinations as that makes.
            let turn = mixture
                .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                .rotate_left(i as u32 * 7);
            let option = reading.options[turn as usize % reading.options.len()];
            (reading.id.to_owned(), option.to_owned())
        });
        servers.push(taken.collect());
    }
    servers
        .into_iter()
        .map(|mut readings| {
            readings.extend(settled.clone());
            Behaviour {
                broken: Vec::new(),
                readings,
            }
        })
        .collect()
}
