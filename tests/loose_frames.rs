//! What the language says of frames that are known by less than their type and their values: a status in
//! either form, a frame of any type, a message whose name is a reading.
//!
//! In virtual time, against servers that answer from a table.

use std::sync::Arc;

use wireproof::audit::{Effect, Frame, Handlers, Judged, simulate};
use wireproof::codec::Codec;
use wireproof::event::FrameKind;
use wireproof::plan::{Selection, plan};
use wireproof::scenario::{PackSource, read_pack};
use wireproof::source::SourceFile;
use wireproof::target::Profile;

const PROTOCOL: &str = "
protocol: notes
title: Notes
document: notes.md
wire: { codec: json, type: $.mode }
messages:
  ping: { section: Notes, client: {}, server: { status: <status> } }
  note: { section: Notes, wire: { reading: note-name }, client: {}, server: { status: <status> } }
requirements: []
readings:
  - { id: note-name, question: What is a note called?, options: { note: so, memo: so }, settled: profile, default: note }
";

const SCENARIO: &str = "
scenario: steps
actors: { alice: connected }
ends with fence: false
steps:
";

/// Answers each request that holds a word with a text; the first entry counts.
struct Table(&'static [(&'static str, &'static str)]);

impl Handlers for Table {
    fn connected(&mut self, _: u32, _: u64) -> Vec<Effect> {
        Vec::new()
    }

    fn received(&mut self, connection: u32, frame: Frame, _: u64) -> Vec<Effect> {
        let request = String::from_utf8_lossy(&frame.bytes).into_owned();
        let answer = self.0.iter().find(|(word, _)| request.contains(word));
        let send = |(_, answer): &(&str, &str)| Effect::Send {
            to: connection,
            frame: Frame {
                kind: FrameKind::Text,
                bytes: answer.as_bytes().to_vec(),
            },
        };
        answer.map(send).into_iter().collect()
    }

    fn disconnected(&mut self, _: u32, _: u64) -> Vec<Effect> {
        Vec::new()
    }
}

fn judge(steps: &str, readings: &[(&str, &str)], answers: &Table) -> Judged {
    let source = PackSource {
        name: "notes".to_owned(),
        protocol: SourceFile::new("protocol.yaml", PROTOCOL),
        scenarios: vec![SourceFile::new("steps.yaml", format!("{SCENARIO}{steps}"))],
    };
    let pack = Arc::new(read_pack(&source).expect("a valid pack"));
    let own = |(id, option): &(&str, &str)| ((*id).to_owned(), (*option).to_owned());
    let profile = Arc::new(Profile {
        readings: readings.iter().map(own).collect(),
        ..Profile::default()
    });
    let cases = plan(&[pack], &profile, &Selection::default());
    simulate(&cases[0], Codec::Json, &mut Table(answers.0))
}

const PING: &str = "  - alice sends: { ping: {} }\n";
const OK_AS_TEXT: Table = Table(&[("ping", r#"{"mode":"ping","status":"200"}"#)]);
const OK_AS_NUMBER: Table = Table(&[("ping", r#"{"mode":"ping","status":200}"#)]);

#[test]
fn a_code_is_the_same_as_a_number_and_as_text() {
    for answers in [OK_AS_TEXT, OK_AS_NUMBER] {
        for matcher in [
            "200",
            "<one of 200|401>",
            "<not 401>",
            "<200..299>",
            "<status>",
        ] {
            let steps = format!("{PING}  - alice receives: {{ ping: {{ status: {matcher} }} }}\n");
            assert!(judge(&steps, &[], &answers).conforms(), "{matcher}");
        }
        for matcher in ["401", "<one of 401|422>", "<not 200>", "<300..599>"] {
            let steps = format!("{PING}  - alice receives: {{ ping: {{ status: {matcher} }} }}\n");
            assert!(judge(&steps, &[], &answers).deviates(), "{matcher}");
        }
    }
}

#[test]
fn a_status_is_captured_as_its_code_and_its_form_can_be_asked_for() {
    let steps = format!(
        "{PING}  - alice receives: {{ ping: {{ status: {{ $all: [<status as code>, <string as form>] }} }} }}
  - check: {{ $code: 200, $form: \"200\" }}\n"
    );
    assert!(judge(&steps, &[], &OK_AS_TEXT).conforms());
    assert!(judge(&steps, &[], &OK_AS_NUMBER).deviates());
}

#[test]
fn a_frame_of_any_type_or_of_none_is_received_as_anything() {
    let steps = format!("{PING}  - alice receives: {{ anything: {{ status: 501 }} }}\n");
    for answer in [
        r#"{"mode":"ping","status":501}"#,
        r#"{"mode":"unheard of","status":501}"#,
        r#"{"mode":null,"status":501}"#,
        r#"{"status":501}"#,
    ] {
        let answers: &'static [_] = vec![("ping", answer)].leak();
        let judged = judge(&steps, &[], &Table(answers));
        assert!(judged.conforms(), "{answer}: {:?}", judged.deviations);
    }
    let other = Table(&[("ping", r#"{"status":200}"#)]);
    assert!(judge(&steps, &[], &other).deviates());
}

#[test]
fn a_message_goes_by_the_name_that_is_known_and_is_understood_by_each() {
    const NOTES: Table = Table(&[
        (r#""mode":"note""#, r#"{"mode":"memo","status":501}"#),
        (r#""mode":"memo""#, r#"{"mode":"memo","status":200}"#),
    ]);
    let note = "  - alice sends: { note: {} }\n";
    let refused = format!("{note}  - alice receives: {{ note: {{ status: 501 }} }}\n");
    let served = format!("{note}  - alice receives: {{ note: {{ status: 200 }} }}\n");
    assert!(judge(&refused, &[], &NOTES).conforms());
    assert!(judge(&served, &[("note-name", "memo")], &NOTES).conforms());
    let learnt = format!("{refused}  - observe: {{ note-name: memo }}\n{served}");
    assert!(judge(&learnt, &[], &NOTES).conforms());
}
