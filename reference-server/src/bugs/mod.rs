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
    /// What is sent because of this to others waits until somebody has said something else.
    Late,
    /// Where what is sent back has this in it, it is handled as if one of the others had asked, and the answer
    /// goes to who did ask.
    AsAnotherOn(&'static str),
    /// What is sent because of this tells in this field what somebody else logged in with.
    Tell(&'static str),
    /// Where what is sent back has this in it, this is sent instead.
    Instead(&'static str, &'static str),
}

/// What the layer remembers of the requests so far.
#[derive(Clone, Default, Debug)]
struct Memory {
    open: Vec<ConnId>,
    hung: Vec<ConnId>,
    all_hung: bool,
    /// The discriminators that came, by connection.
    came: Vec<(ConnId, String)>,
    /// The last request of all, and how long it was.
    last: Option<(ConnId, String, usize)>,
    /// What they logged in with, by connection.
    secrets: Vec<(ConnId, String)>,
    /// What is still to be sent.
    late: Vec<Effect>,
}

impl Memory {
    /// How many requests of a kind a connection has made.
    fn count(&self, conn: ConnId, kind: &str) -> usize {
        let same = |(who, what): &&(ConnId, String)| *who == conn && what == kind;
        self.came.iter().filter(same).count()
    }

    /// Whether it comes right after another one of its kind and length, from the same connection.
    fn follows_its_like(&self, said: &Said) -> bool {
        let like = |(conn, kind, length): &(ConnId, String, usize)| {
            *conn == said.conn && *kind == said.kind && *length == said.length
        };
        self.last.as_ref().is_some_and(like)
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
        self.memory.last = Some((conn, said.kind.clone(), said.length));
        let secret = said.secret().map(|secret| (conn, secret.to_owned()));
        self.memory.secrets.extend(secret);
        let late = std::mem::take(&mut self.memory.late);
        let mut effects = if struck && late.is_empty() {
            self.go_wrong(conn, frame, now_ms)
        } else {
            self.inner.received(conn, frame, now_ms)
        };
        effects.extend(late);
        effects
    }

    fn disconnected(&mut self, conn: ConnId, now_ms: u64) -> Vec<Effect> {
        self.memory.open.retain(|open| *open != conn);
        self.memory.came.retain(|(who, _)| *who != conn);
        self.memory.secrets.retain(|(who, _)| *who != conn);
        self.inner.disconnected(conn, now_ms)
    }
}

impl Bugged {
    fn go_wrong(&mut self, conn: ConnId, frame: Frame, now_ms: u64) -> Vec<Effect> {
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
            Fault::Late => {
                let effects = self.inner.received(conn, frame, now_ms);
                let mine =
                    |effect: &Effect| !matches!(effect, Effect::Send { to, .. } if *to != conn);
                let (mine, others) = effects.into_iter().partition(mine);
                self.memory.late = others;
                mine
            }
            Fault::AsAnotherOn(part) => {
                let effects = self.inner.received(conn, frame.clone(), now_ms);
                let refuses = |effects: &[Effect], to| {
                    (effects.iter()).any(|effect| said::tells(effect, to, part))
                };
                if !refuses(&effects, conn) {
                    return effects;
                }
                let others: Vec<ConnId> = self.memory.open.clone();
                for another in others.into_iter().filter(|other| *other != conn) {
                    let served = self.inner.received(another, frame.clone(), now_ms);
                    if !refuses(&served, another) {
                        let back = |effect| match effect {
                            Effect::Send { to, frame } if to == another => {
                                Effect::Send { to: conn, frame }
                            }
                            other => other,
                        };
                        return served.into_iter().map(back).collect();
                    }
                }
                effects
            }
            spoilt => {
                let effects = self.inner.received(conn, frame, now_ms);
                self.spoil(spoilt, conn, effects)
            }
        }
    }

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
                (Fault::Tell(field), Effect::Send { to, frame }) => {
                    let known = self.memory.secrets.iter().rev();
                    let mut others = known.filter(|(who, _)| *who != to);
                    let frame = match others.next() {
                        Some((_, secret)) => said::with_field(frame, field, secret),
                        None => frame,
                    };
                    spoilt.push(Effect::Send { to, frame });
                }
                (Fault::Instead(part, instead), effect) if said::tells(&effect, conn, part) => {
                    spoilt.push(Effect::Send {
                        to: conn,
                        frame: Frame::Text(instead.to_owned()),
                    });
                }
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
    fn there_are_thirty_bugs_and_fifteen_of_them_are_unseen() {
        let all: Vec<&Bug> = Pack::ALL.iter().flat_map(|pack| bugs(*pack)).collect();
        let unseen = all.iter().filter(|bug| !bug.seen).count();
        assert!(all.len() >= 30, "{}", all.len());
        assert!(unseen >= 15, "{unseen} of {}", all.len());
        for (i, bug) in all.iter().enumerate() {
            assert!(
                all[..i].iter().all(|other| other.id != bug.id),
                "{}",
                bug.id
            );
        }
    }
}
