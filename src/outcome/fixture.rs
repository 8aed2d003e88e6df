//! Event streams built by hand, for the tests of this room and of the reports.
//!
//! Says nothing about what an engine would emit: a test writes down exactly the events that it is about.

use crate::event::{
    CaseEnd, Deviation, DeviationKind, End, Event, Frame, FrameKind, Level, PackInfo, ReadingInfo,
    RequirementInfo, RunEnd, SCHEMA, SentFor, Settled, ShapeKind, SilenceShown, TakenBy,
};

use super::{Fold, Run};

pub(crate) use super::sample::{HOSTILE, KINDS, broken, clean, interrupted, unfit};

pub(crate) fn fold(events: &[Event]) -> Run {
    let mut fold = Fold::new();
    events.iter().for_each(|event| fold.on(event));
    fold.finish()
}

pub(crate) fn requirement(id: &str, level: Level, section: &str, text: &str) -> RequirementInfo {
    RequirementInfo {
        id: id.into(),
        level,
        section: section.into(),
        text: text.into(),
        unprovokable: None,
    }
}

pub(crate) fn pack() -> PackInfo {
    let must = |id, section, text| requirement(id, Level::Must, section, text);
    PackInfo {
        pack: "friendchat".into(),
        title: "Friends, groups, media and history".into(),
        document: "friendchat.md".into(),
        codec: "json".into(),
        departures: Vec::new(),
        known: Vec::new(),
        requirements: vec![
            must(
                "register.accepted",
                "Registration",
                "Registering a new username succeeds with code 0.",
            ),
            must(
                "register.duplicate",
                "Registration",
                "Registering a username that exists is refused with code 1002.",
            ),
            RequirementInfo {
                unprovokable: Some("no client can make the server fail".into()),
                ..must(
                    "register.server-error",
                    "Registration",
                    "A failure inside the server is answered with code 1003.",
                )
            },
            must(
                "login.accepted",
                "Login",
                "A registered user logs in with the right password.",
            ),
            must(
                "friend-request.ack",
                "Friend requests",
                "The server acknowledges a friend request to its sender.",
            ),
            must(
                "friend-request.delivered-online",
                "Friend requests",
                "A friend request reaches its receiver when that one is online.",
            ),
            must(
                "friend-request.private",
                "Friend requests",
                "Nobody but the receiver sees a friend request.",
            ),
            requirement(
                "media.order",
                Level::Should,
                "Media",
                "Chunks should be forwarded in the order of their index.",
            ),
            requirement(
                "presence.prompt",
                Level::Advice,
                "Presence",
                "Friends are told of a login without delay.",
            ),
            must(
                "shape.friend-request-ack",
                "Friend requests",
                "FRIEND_REQUEST_ACK has the documented shape.",
            ),
            must(
                "shape.user-status-update",
                "Presence",
                "USER_STATUS_UPDATE has the documented shape.",
            ),
        ],
        readings: vec![
            reading(
                "history-ack",
                "Which message acknowledges BEGIN, DATA and COMPLETE?",
                Settled::Profile,
            ),
            reading(
                "login-announces",
                "Are friends told of a login?",
                Settled::Observed,
            ),
        ],
    }
}

fn reading(id: &str, question: &str, settled: Settled) -> ReadingInfo {
    ReadingInfo {
        id: id.into(),
        question: question.into(),
        options: vec![
            ("suffixed".into(), "the type plus _ACK".into()),
            ("echo".into(), "the same type sent back".into()),
        ],
        settled,
        value: (settled == Settled::Profile).then(|| "suffixed".into()),
    }
}

/// A stream that grows; `case` is the one that events are about.
pub(crate) struct Stream {
    pub(crate) events: Vec<Event>,
    case: String,
    us: u64,
    seq: u32,
}

impl Stream {
    pub(crate) fn new() -> Stream {
        Stream::against("ws://127.0.0.1:8080/chat")
    }

    pub(crate) fn against(target: &str) -> Stream {
        let started = Event::RunStarted {
            schema: SCHEMA,
            version: "0.1.0".into(),
            target: target.into(),
            started: "2026-11-20T12:00:00Z".into(),
            seed: 7,
            packs: vec![pack()],
            cases: 12,
            part: None,
        };
        Stream {
            events: vec![started],
            case: String::new(),
            us: 0,
            seq: 0,
        }
    }

    fn push(mut self, event: Event) -> Stream {
        self.events.push(event);
        self
    }

    fn tick(&mut self) -> u64 {
        self.us += 1_370;
        self.us
    }

    pub(crate) fn remark(self, text: &str) -> Stream {
        self.push(Event::Remark {
            pack: "friendchat".into(),
            text: text.into(),
        })
    }

    pub(crate) fn case(mut self, scenario: &str, covers: &[&str]) -> Stream {
        self.case = format!("friendchat/{scenario}");
        (self.us, self.seq) = (0, 0);
        let started = Event::CaseStarted {
            case: self.case.clone(),
            pack: "friendchat".into(),
            scenario: scenario.into(),
            about: None,
            at: "scenarios/friendchat/friends.yaml:3:1".into(),
            covers: covers.iter().map(|&id| id.into()).collect(),
            rerun: format!("wireproof run --case '{}'", self.case),
        };
        let case = self.case.clone();
        self.push(started).push(Event::Opened {
            case,
            us: 210,
            actor: "alice".into(),
            connection: 0,
        })
    }

    /// Goes back to a case that already started.
    pub(crate) fn within(mut self, scenario: &str) -> Stream {
        self.case = format!("friendchat/{scenario}");
        self
    }

    pub(crate) fn sent(mut self, message: &str, text: &str) -> Stream {
        let us = self.tick();
        let case = self.case.clone();
        self.push(Event::Sent {
            case,
            us,
            actor: "alice".into(),
            connection: 0,
            message: Some(message.into()),
            at: "scenarios/friendchat/friends.yaml:5:5".into(),
            why: SentFor::Step,
            frame: frame(text),
        })
    }

    pub(crate) fn received(mut self, message: &str, text: &str) -> Stream {
        let (us, seq, case) = (self.tick(), self.seq, self.case.clone());
        self.seq += 1;
        self.push(Event::Received {
            case: case.clone(),
            us,
            actor: "alice".into(),
            connection: 0,
            seq,
            message: Some(message.into()),
            frame: frame(text),
        })
        .push(Event::Taken {
            case,
            connection: 0,
            seq,
            by: TakenBy::Step,
            at: "scenarios/friendchat/friends.yaml:6:5".into(),
        })
    }

    pub(crate) fn closed(mut self, end: End) -> Stream {
        let (us, case) = (self.tick(), self.case.clone());
        self.push(Event::Closed {
            case,
            us,
            actor: "alice".into(),
            connection: 0,
            end,
        })
    }

    pub(crate) fn held(mut self, proves: &[&str]) -> Stream {
        let (us, case) = (self.tick(), self.case.clone());
        self.push(Event::Held {
            case,
            us,
            at: "scenarios/friendchat/friends.yaml:6:5".into(),
            step: "alice receives: { FRIEND_REQUEST_ACK: { code: 0 } }".into(),
            proves: proves.iter().map(|&id| id.into()).collect(),
        })
    }

    pub(crate) fn silence(mut self, shown: SilenceShown) -> Stream {
        let (us, case) = (self.tick(), self.case.clone());
        self.push(Event::Silence {
            case,
            us,
            at: "scenarios/friendchat/friends.yaml:9:5".into(),
            actor: "carol".into(),
            shown,
        })
    }

    pub(crate) fn reading(self, id: &str, option: &str) -> Stream {
        let case = self.case.clone();
        self.push(Event::Reading {
            case,
            pack: "friendchat".into(),
            id: id.into(),
            option: option.into(),
            at: "scenarios/friendchat/friends.yaml:8:5".into(),
        })
    }

    pub(crate) fn shape(self, message: &str, path: &str, level: Level, received: &str) -> Stream {
        let case = self.case.clone();
        self.push(Event::Shape {
            case,
            pack: "friendchat".into(),
            message: message.into(),
            path: path.into(),
            kind: ShapeKind::WrongType,
            level,
            expected: "<int>".into(),
            received: received.into(),
            section: "Friend requests".into(),
        })
    }

    pub(crate) fn unknown(self, name: &str) -> Stream {
        let case = self.case.clone();
        self.push(Event::UnknownMessage {
            case,
            pack: "friendchat".into(),
            name: name.into(),
        })
    }

    pub(crate) fn deviation(mut self, deviation: Deviation) -> Stream {
        let (us, case) = (self.tick(), self.case.clone());
        self.push(Event::Deviation {
            case,
            us,
            deviation,
        })
    }

    pub(crate) fn judged(self) -> Stream {
        self.case_end(CaseEnd::Judged)
    }

    pub(crate) fn case_end(mut self, end: CaseEnd) -> Stream {
        let (us, case) = (self.tick(), self.case.clone());
        self.push(Event::CaseFinished { case, us, end })
    }

    pub(crate) fn end(self, end: RunEnd) -> Vec<Event> {
        self.push(Event::RunFinished { us: 1_234_567, end }).events
    }

    /// Ends a run that ran all it meant to.
    pub(crate) fn completed(mut self) -> Vec<Event> {
        let started = |event: &&Event| matches!(event, Event::CaseStarted { .. });
        let all = self.events.iter().filter(started).count();
        if let Some(Event::RunStarted { cases, .. }) = self.events.first_mut() {
            *cases = all;
        }
        self.end(RunEnd::Completed)
    }
}

pub(crate) fn frame(text: &str) -> Frame {
    Frame {
        kind: FrameKind::Text,
        bytes: text.len() as u64,
        text: text.into(),
        hex: None,
        cut: false,
    }
}

/// A deviation of the kind's usual looks, naming one requirement.
pub(crate) fn deviation(kind: DeviationKind, level: Level, requirement: &str) -> Deviation {
    Deviation {
        kind,
        level,
        requirements: vec![requirement.into()],
        at: "scenarios/friendchat/friends.yaml:6:5".into(),
        step: "alice receives: { FRIEND_REQUEST_ACK: { receiver: $bob.name, code: 0 } }".into(),
        actor: Some("alice".into()),
        message: "alice received FRIEND_REQUEST_ACK with another code".into(),
        expected: Some(
            "FRIEND_REQUEST_ACK\n  sender: alice-1\n  receiver: bob-1\n  code: 0\n".into(),
        ),
        received: Some(
            "FRIEND_REQUEST_ACK\n  sender: alice-1\n  receiver: bob-1\n  code: 3\n".into(),
        ),
        sent: Some("{ FRIEND_REQUEST: { sender: alice-1, receiver: bob-1 } }".into()),
        near: Some("a FRIEND_REQUEST_ACK arrived at carol".into()),
    }
}
