//! A case on the table: what the engine asks for is done at once, what the server does is put in by hand.

use std::sync::Arc;

use wireproof::codec::Codec;
use wireproof::engine::{Action, Engine, Input, Micros, Options, Outbound, Received};
use wireproof::event::{
    CaseEnd, Deviation, DeviationKind, End, Event, FrameKind, Level, SilenceShown,
};
use wireproof::plan::{Selection, plan};
use wireproof::scenario::{PackSource, read_pack};
use wireproof::source::SourceFile;
use wireproof::target::Profile;

/// The fields stand in the frame itself; PING is the fence, whose reply is PONG.
const PROTOCOL: &str = "
protocol: t
title: A tiny protocol
document: t.md
wire: { codec: json, type: $.type, body: $, stamp: { at: <int> } }
identity: { name: <fresh name> }
settings: { limit: null, room: lobby }
messages:
  LOGIN: { section: Login, client: { name: <string> } }
  WELCOME: { section: Login, server: { id: { is: <int>, optional: true } } }
  SAY: { section: Talk, client: { text: <string> } }
  SAID: { section: Talk, server: { text: { is: <string>, nullable: true }, id: { is: <int>, optional: true } } }
  OK: { section: Talk, server: { code: <int>, why: { one of: { none: fine, full: no room }, optional: true } } }
  END: { section: Talk, server: {} }
  NEWS: { section: News, server: { text: { is: <string>, optional: true } } }
  PING: { section: Fence, client: { tag: <string> } }
  PONG: { section: Fence, server: { tag: <string> } }
requirements:
  - { id: talk.must, level: must, section: Talk, text: Talk arrives. }
  - { id: talk.other, level: must, section: Talk, text: Talk is answered. }
  - { id: talk.form, level: must, section: Talk, text: Talk has a time., form: true }
  - { id: talk.should, level: should, section: Talk, text: Talk should arrive. }
  - { id: talk.advice, level: advice, section: Talk, text: Talk may as well arrive. }
readings:
  - { id: echo, question: Is there an echo?, options: { loud: yes, none: no }, settled: observed }
  - { id: mode, question: Which mode?, options: { old: old, new: new }, settled: profile, default: old }
flows:
  logged-in:
    actors: [me]
    steps:
      - me connects
      - me sends: { LOGIN: { name: $me.name } }
      - me receives: { WELCOME: {} }
  tell:
    actors: [from, to]
    parameters: [text]
    steps:
      - from sends: { SAY: { text: $text } }
      - to receives: { SAID: { text: $text, id: <int as id> } }
  stay-quiet:
    actors: [me]
    steps:
      - me receives: nothing
  hear-news:
    actors: [me]
    steps:
      - me receives: { NEWS: {} }
fences:
  - sends: { PING: { tag: $fresh } }
    answered by: { PONG: { tag: $fresh } }
";

/// Connections in the order of their opening: those of the actors, as they stand in `actors`.
pub(crate) const ALICE: u32 = 0;
pub(crate) const BOB: u32 = 1;
pub(crate) const CAROL: u32 = 2;

/// Bob is to hear what Alice says.
pub(crate) const SAID: &str = "
  - alice sends: { SAY: { text: hi } }
  - bob receives: { SAID: { text: hi } }
    proves: talk.must
";

/// A case that is under way.
pub(crate) struct Play {
    engine: Engine,
    now: Micros,
    /// What the actors sent, fences apart: connection and frame.
    pub(crate) sent: Vec<(u32, String)>,
    /// Fences that are out: connection and tag.
    pub(crate) fences: Vec<(u32, String)>,
    /// Whether a fence is answered at once.
    answers_fences: bool,
    /// Connections from this one on are refused.
    pub(crate) refuses_from: u32,
    pub(crate) dropped: Vec<u32>,
    events: Vec<Event>,
}

/// How a case is set up, besides its steps.
pub(crate) struct Setup {
    pub(crate) actors: &'static str,
    /// Further keys of the scenario.
    pub(crate) head: &'static str,
    /// Further documents of the file.
    pub(crate) others: &'static str,
    /// Appended to the catalogue.
    pub(crate) catalogue: String,
    /// Replaces the catalogue's fences where it is not empty.
    pub(crate) fences: &'static str,
    pub(crate) profile: Profile,
    pub(crate) overtaken: bool,
    pub(crate) permutation: usize,
}

impl Default for Setup {
    fn default() -> Setup {
        Setup {
            actors: "alice: connected, bob: connected",
            head: "",
            others: "",
            catalogue: String::new(),
            fences: "",
            profile: Profile::default(),
            overtaken: false,
            permutation: 0,
        }
    }
}

/// Alice and bob, connected; the steps as they stand in a file.
pub(crate) fn play(steps: &str) -> Play {
    Setup::default().play(steps)
}

impl Setup {
    pub(crate) fn play(self, steps: &str) -> Play {
        let mut protocol = format!("{PROTOCOL}{}", self.catalogue);
        if !self.fences.is_empty() {
            let at = protocol.find("fences:").expect("the catalogue has fences");
            protocol = format!("{}{}{}", &protocol[..at], self.fences, self.catalogue);
        }
        let steps = steps.trim_start_matches('\n');
        let scenario = format!(
            "scenario: s\nactors: {{ {} }}\n{}steps:\n{steps}{}",
            self.actors, self.head, self.others
        );
        let source = PackSource {
            name: "t".to_owned(),
            protocol: SourceFile::new("protocol.yaml", protocol),
            scenarios: vec![SourceFile::new("s.yaml", scenario)],
        };
        let pack = read_pack(&source).unwrap_or_else(|wrong| panic!("{}", wrong.render(false)));
        let profile = Arc::new(self.profile);
        let cases = plan(&[Arc::new(pack)], &profile, &Selection::default());
        let options = Options {
            run_tag: "t".to_owned(),
            seed: 1,
            started: 1_700_000_000,
            overtaken: self.overtaken,
            fences_unanswered: false,
        };
        Play {
            engine: Engine::new(cases[self.permutation].clone(), options),
            now: 0,
            sent: Vec::new(),
            fences: Vec::new(),
            answers_fences: true,
            refuses_from: u32::MAX,
            dropped: Vec::new(),
            events: Vec::new(),
        }
    }
}

impl Play {
    pub(crate) fn start(mut self) -> Play {
        self.engine.start();
        self.carry_out();
        self
    }

    /// Leaves fences unanswered from here on.
    pub(crate) fn without_answers_to_fences(mut self) -> Play {
        self.answers_fences = false;
        self
    }

    pub(crate) fn refusing_from(mut self, connection: u32) -> Play {
        self.refuses_from = connection;
        self
    }

    /// The server sends a message: its type and its fields, without the braces.
    pub(crate) fn server(&mut self, connection: u32, message: &str, fields: &str) {
        let comma = if fields.is_empty() { "" } else { ", " };
        self.server_raw(
            connection,
            &format!("{{\"type\": \"{message}\", \"at\": 7{comma}{fields}}}"),
        );
    }

    pub(crate) fn server_raw(&mut self, connection: u32, text: &str) {
        let codec = Codec::from_name("json").expect("a codec");
        let value = codec.decode(text.as_bytes());
        let frame = Received {
            kind: FrameKind::Text,
            bytes: text.as_bytes().to_vec(),
            value: value.map_err(|error| error.to_string()),
        };
        self.put(Input::Frame { connection, frame });
    }

    pub(crate) fn server_closes(&mut self, connection: u32, code: u16) {
        let reason = String::new();
        self.server_ends(connection, End::Close { code, reason });
    }

    pub(crate) fn server_ends(&mut self, connection: u32, end: End) {
        self.put(Input::Ended { connection, end });
    }

    pub(crate) fn answer_fence(&mut self, connection: u32) {
        let at = self
            .fences
            .iter()
            .position(|(to, _)| *to == connection)
            .expect("a fence is out");
        let (_, tag) = self.fences.remove(at);
        self.server(connection, "PONG", &format!("\"tag\": \"{tag}\""));
    }

    /// Lets the time go by, in milliseconds since the start of the case.
    pub(crate) fn at(&mut self, ms: u64) {
        let until = ms * 1000;
        while let Some(deadline) = self.engine.deadline().filter(|first| *first <= until) {
            self.now = deadline;
            self.put(Input::Tick);
        }
        self.now = until;
    }

    /// Milliseconds since the start of the case.
    pub(crate) fn ms(&self) -> u64 {
        self.now / 1000
    }

    pub(crate) fn is_over(&self) -> bool {
        self.engine.end().is_some()
    }

    pub(crate) fn saw_overtaking(&self) -> bool {
        self.engine.saw_overtaking()
    }

    pub(crate) fn saw_unanswered_fence(&self) -> bool {
        self.engine.saw_unanswered_fence()
    }

    /// Nothing more happens but that time goes by.
    pub(crate) fn finish(mut self) -> Judged {
        while let Some(deadline) = self.engine.deadline() {
            self.now = self.now.max(deadline);
            self.put(Input::Tick);
        }
        self.events.extend(self.engine.take_events());
        let deviations = self.events.iter().filter_map(|event| match event {
            Event::Deviation { deviation, .. } => Some(deviation.clone()),
            _ => None,
        });
        Judged {
            end: self.engine.end().cloned().expect("the case is over"),
            deviations: deviations.collect(),
            ms: self.ms(),
            events: self.events,
        }
    }

    fn put(&mut self, input: Input) {
        self.engine.on(input, self.now);
        self.carry_out();
    }

    fn carry_out(&mut self) {
        self.events.extend(self.engine.take_events());
        for action in self.engine.take_actions() {
            match action {
                Action::Open { connection } if connection >= self.refuses_from => {
                    let error = "refused by the test".to_owned();
                    self.put(Input::Refused { connection, error });
                }
                Action::Open { connection } => self.put(Input::Opened { connection }),
                Action::Send { connection, what } => self.send(connection, what),
                Action::Close { connection } => self.put(Input::Ended {
                    connection,
                    end: End::ByUs,
                }),
                Action::Drop { connection } => self.dropped.push(connection),
            }
        }
    }

    fn send(&mut self, connection: u32, what: Outbound) {
        let shown = match &what {
            Outbound::Value(value) => {
                let kind = value.get("type").and_then(|kind| kind.as_str());
                let tag = value.get("tag").and_then(|tag| tag.as_str());
                if let (Some("PING"), Some(tag)) = (kind, tag) {
                    self.fences.push((connection, tag.to_owned()));
                    if self.answers_fences {
                        self.answer_fence(connection);
                    }
                    return;
                }
                value.to_string()
            }
            other => format!("{other:?}"),
        };
        self.sent.push((connection, shown));
    }
}

/// What came of a case.
pub(crate) struct Judged {
    pub(crate) end: CaseEnd,
    pub(crate) deviations: Vec<Deviation>,
    pub(crate) events: Vec<Event>,
    /// When it was over.
    pub(crate) ms: u64,
}

impl Judged {
    #[track_caller]
    pub(crate) fn conforms(&self) {
        assert_eq!(self.end, CaseEnd::Judged);
        assert!(self.deviations.is_empty(), "{:#?}", self.deviations);
    }

    /// The one deviation there is.
    #[track_caller]
    pub(crate) fn deviation(&self) -> &Deviation {
        assert_eq!(self.end, CaseEnd::Judged, "{:?}", self.deviations);
        assert_eq!(self.deviations.len(), 1, "{:#?}", self.deviations);
        &self.deviations[0]
    }

    /// The one deviation there is, at level must.
    #[track_caller]
    pub(crate) fn deviates(&self, kind: DeviationKind, message: &str) -> &Deviation {
        let deviation = self.deviation();
        let (level, found) = (deviation.level, deviation.message.as_str());
        assert_eq!((level, deviation.kind, found), (Level::Must, kind, message));
        deviation
    }

    #[track_caller]
    pub(crate) fn could_not_run(&self, reason: &str) {
        let reason = reason.to_owned();
        assert_eq!(self.end, CaseEnd::CouldNotRun { reason });
        assert!(self.deviations.is_empty(), "{:#?}", self.deviations);
    }

    /// The requirements of steps that held, those of shapes apart.
    pub(crate) fn proved(&self) -> Vec<&str> {
        let held = self.events.iter().filter_map(|event| match event {
            Event::Held { proves, .. } => Some(proves),
            _ => None,
        });
        held.flatten()
            .map(String::as_str)
            .filter(|id| !id.starts_with("shape."))
            .collect()
    }

    /// How silences were shown: the line of the step and the actor.
    pub(crate) fn silences(&self) -> Vec<(&str, &str, SilenceShown)> {
        let shown = self.events.iter().filter_map(|event| match event {
            Event::Silence {
                at, actor, shown, ..
            } => Some((at.as_str(), actor.as_str(), *shown)),
            _ => None,
        });
        shown.collect()
    }

    pub(crate) fn readings(&self) -> Vec<(&str, &str)> {
        let settled = self.events.iter().filter_map(|event| match event {
            Event::Reading { id, option, .. } => Some((id.as_str(), option.as_str())),
            _ => None,
        });
        settled.collect()
    }
}
