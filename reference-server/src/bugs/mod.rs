//! Faults of robustness and of state, such as servers have: what a fuzzer is for. Each is a table entry, and a
//! server with one is a right server behind a thin layer that goes wrong at the right moment.
//!
//! Kept apart from the rules: those are about what the document demands, and the suite finds them broken;
//! these show only on input that nobody thought of.

mod friendchat;
mod minioicq;
mod ourchat;
mod roomchat;
mod said;
mod tokenchat;

use std::fmt;

use crate::behaviour::Behaviour;
use crate::pack::{Pack, protocol};
use crate::protocol::{ConnId, Effect, Frame, Protocol};
use said::Said;

/// A fault that a server can be told to have.
#[derive(Clone, Copy, Debug)]
pub struct Bug {
    /// Unique over all packs.
    pub id: &'static str,
    /// What the server does, and on what.
    pub text: &'static str,
    /// Whether the fuzzer was tuned with it in sight; the others tell how it does on what it never saw.
    pub seen: bool,
    when: fn(&Said, &Memory) -> bool,
    what: Fault,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// The process dies, and whoever minds it starts it again: connections and accounts are gone.
    Crash,
    /// Nobody is answered any more.
    HangForAll,
    /// This connection is not answered any more.
    Hang,
    /// This connection is closed.
    Drop,
    /// What is sent because of this is cut off in the middle.
    Garbage,
    /// What is sent because of this gets lost.
    Lose,
    /// What is sent because of this to others is sent twice.
    Twice,
    /// What is sent because of this to others is sent to everybody.
    ToEverybody,
    /// The first field of this name, in what is sent because of it, is null instead.
    Null(&'static str),
}

/// What the layer remembers of the requests so far.
#[derive(Clone, Default, Debug)]
struct Memory {
    open: Vec<ConnId>,
    hung: Vec<ConnId>,
    all_hung: bool,
    /// The discriminators that came, by connection.
    came: Vec<(ConnId, String)>,
}

impl Memory {
    /// How many requests of a kind a connection has made.
    fn count(&self, conn: ConnId, kind: &str) -> usize {
        let same = |(who, what): &&(ConnId, String)| *who == conn && what == kind;
        self.came.iter().filter(same).count()
    }

    /// The last request but this one of a connection.
    fn last(&self, conn: ConnId) -> Option<&str> {
        let mut own = self.came.iter().rev().filter(|(who, _)| *who == conn);
        own.next().map(|(_, what)| what.as_str())
    }
}

/// The faults that a pack's server can have.
pub fn bugs(pack: Pack) -> &'static [Bug] {
    match pack {
        Pack::Friendchat => friendchat::BUGS,
        Pack::Minioicq => minioicq::BUGS,
        Pack::Ourchat => ourchat::BUGS,
        Pack::Roomchat => roomchat::BUGS,
        Pack::Tokenchat => tokenchat::BUGS,
    }
}

/// For each bug of a pack the shortest scenario by hand, by its id, in the notation of the harness: a server that
/// has the bug deviates in it, a right one conforms.
pub fn shortest(pack: Pack) -> &'static str {
    match pack {
        Pack::Friendchat => include_str!("friendchat.yaml"),
        Pack::Minioicq => include_str!("minioicq.yaml"),
        Pack::Ourchat => include_str!("ourchat.yaml"),
        Pack::Roomchat => include_str!("roomchat.yaml"),
        Pack::Tokenchat => include_str!("tokenchat.yaml"),
    }
}

/// No bug of the pack has this id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownBug {
    /// What was asked for.
    pub id: String,
    /// The ids that there are.
    pub known: Vec<&'static str>,
}

impl fmt::Display for UnknownBug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let UnknownBug { id, known } = self;
        write!(f, "no bug `{id}`; there are {}", known.join(", "))
    }
}

impl std::error::Error for UnknownBug {}

/// A server that has a bug.
pub fn with_bug(pack: Pack, id: &str) -> Result<Box<dyn Protocol>, UnknownBug> {
    let Some(bug) = bugs(pack).iter().find(|bug| bug.id == id) else {
        return Err(UnknownBug {
            id: id.to_owned(),
            known: bugs(pack).iter().map(|bug| bug.id).collect(),
        });
    };
    Ok(Box::new(Bugged {
        pack,
        bug,
        inner: usual(pack),
        memory: Memory::default(),
    }))
}

fn usual(pack: Pack) -> Box<dyn Protocol> {
    match protocol(pack, &Behaviour::default()) {
        Ok(server) => server,
        Err(error) => unreachable!("the default has no settings: {error}"),
    }
}

struct Bugged {
    pack: Pack,
    bug: &'static Bug,
    inner: Box<dyn Protocol>,
    memory: Memory,
}

impl Protocol for Bugged {
    fn fork(&self) -> Box<dyn Protocol> {
        Box::new(Bugged {
            pack: self.pack,
            bug: self.bug,
            inner: self.inner.fork(),
            memory: self.memory.clone(),
        })
    }

    fn connected(&mut self, conn: ConnId, now_ms: u64) -> Vec<Effect> {
        self.memory.open.push(conn);
        self.inner.connected(conn, now_ms)
    }

    fn received(&mut self, conn: ConnId, frame: Frame, now_ms: u64) -> Vec<Effect> {
        if self.memory.all_hung || self.memory.hung.contains(&conn) {
            return Vec::new();
        }
        let said = Said::new(conn, &frame);
        let struck = (self.bug.when)(&said, &self.memory);
        self.memory.came.push((conn, said.kind.clone()));
        if !struck {
            return self.inner.received(conn, frame, now_ms);
        }
        match self.bug.what {
            Fault::Crash => self.crash(),
            Fault::HangForAll => {
                self.memory.all_hung = true;
                Vec::new()
            }
            Fault::Hang => {
                self.memory.hung.push(conn);
                Vec::new()
            }
            Fault::Drop => vec![Effect::Close { conn, code: 1011 }],
            spoilt => {
                let effects = self.inner.received(conn, frame, now_ms);
                self.spoil(spoilt, conn, effects)
            }
        }
    }

    fn disconnected(&mut self, conn: ConnId, now_ms: u64) -> Vec<Effect> {
        self.memory.open.retain(|open| *open != conn);
        self.memory.came.retain(|(who, _)| *who != conn);
        self.inner.disconnected(conn, now_ms)
    }
}

impl Bugged {
    fn crash(&mut self) -> Vec<Effect> {
        self.inner = usual(self.pack);
        let memory = std::mem::take(&mut self.memory);
        let close = |conn| Effect::Close { conn, code: 1011 };
        memory.open.into_iter().map(close).collect()
    }

    fn spoil(&self, fault: Fault, conn: ConnId, effects: Vec<Effect>) -> Vec<Effect> {
        let to_others = |effect: &Effect| matches!(effect, Effect::Send { to, .. } if *to != conn);
        let mut spoilt = Vec::new();
        for effect in effects {
            match (fault, effect) {
                (Fault::Lose, Effect::Send { .. }) => {}
                (Fault::Garbage, Effect::Send { to, frame }) => spoilt.push(Effect::Send {
                    to,
                    frame: said::cut(frame),
                }),
                (Fault::Null(field), Effect::Send { to, frame }) => spoilt.push(Effect::Send {
                    to,
                    frame: said::with_null(frame, field),
                }),
                (Fault::Twice, effect) if to_others(&effect) => {
                    spoilt.push(effect.clone());
                    spoilt.push(effect);
                }
                (Fault::ToEverybody, Effect::Send { to, frame }) if to != conn => {
                    for everybody in self.memory.open.iter().filter(|open| **open != conn) {
                        spoilt.push(Effect::Send {
                            to: *everybody,
                            frame: frame.clone(),
                        });
                    }
                }
                (_, effect) => spoilt.push(effect),
            }
        }
        spoilt
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_thirty_bugs_and_half_of_them_are_unseen() {
        let all: Vec<&Bug> = Pack::ALL.iter().flat_map(|pack| bugs(*pack)).collect();
        let seen = all.iter().filter(|bug| bug.seen).count();
        assert!(all.len() >= 30, "{}", all.len());
        assert!(
            seen.abs_diff(all.len() - seen) <= 1,
            "{seen} of {}",
            all.len()
        );
        for (i, bug) in all.iter().enumerate() {
            assert!(
                all[..i].iter().all(|other| other.id != bug.id),
                "{}",
                bug.id
            );
        }
    }
}
