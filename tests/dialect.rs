//! Frames there and back through dialects, as profiles state them.

use wireproof::scenario::{embedded, read_pack};
use wireproof::source::{SourceFile, parse};
use wireproof::target::{Me, Profile, read_profile};
use wireproof::value::Value;

fn profile(pack: &str, text: &str) -> Profile {
    let source = embedded().into_iter().find(|source| source.name == pack);
    let pack = read_pack(&source.expect("an embedded pack")).expect("a valid pack");
    let root = &parse(&SourceFile::new("p.yaml", text)).expect("valid YAML")[0];
    let read = read_profile(root, &pack.catalogue);
    read.unwrap_or_else(|problems| panic!("{}", problems.render(false)))
        .1
}

/// A value as the scenario language's YAML would have it; plain ones only.
fn value(text: &str) -> Value {
    wireproof::codec::Codec::Json
        .decode(text.as_bytes())
        .expect("JSON")
}

fn outgoing(profile: &Profile, frame: &str) -> String {
    let fields = [("name".to_owned(), Value::str("ann"))];
    let me = Me {
        fields: &fields,
        now: 7,
    };
    profile.dialect.outgoing(value(frame), &me).to_string()
}

fn incoming(profile: &Profile, frame: &str) -> String {
    profile.dialect.incoming(value(frame)).to_string()
}

const NUMBERS: &str = "
constants: { REQUEST_LOGIN: 1, RESPONSE_LOGIN: 1, READ_MSG: 4, LOGIN_OK: 0, LOGIN_WRONG_USER: 1, ALL: 0, TEXT: 0 }
";

#[test]
fn symbols_travel_as_numbers_and_request_and_response_may_share_one() {
    let profile = profile("roomchat", NUMBERS);
    assert_eq!(
        outgoing(
            &profile,
            r#"{"type": "REQUEST_LOGIN", "login": "a", "pass": "b"}"#
        ),
        r#"{"type": 1, "login": "a", "pass": "b"}"#
    );
    assert_eq!(
        outgoing(
            &profile,
            r#"{"type": "READ_MSG", "read": "ALL", "room_id": 3}"#
        ),
        r#"{"type": 4, "read": 0, "room_id": 3}"#
    );
    assert_eq!(
        incoming(&profile, r#"{"type": 1, "status": 1}"#),
        r#"{"type": "RESPONSE_LOGIN", "status": "LOGIN_WRONG_USER"}"#
    );
}

#[test]
fn what_the_document_says_is_not_taken_where_the_profile_says_otherwise() {
    let profile = profile("roomchat", NUMBERS);
    assert_eq!(
        incoming(&profile, r#"{"type": "RESPONSE_LOGIN", "status": 0}"#),
        r#"{"type": "RESPONSE_LOGIN (the profile says 1)", "status": 0}"#
    );
    assert_eq!(
        incoming(&profile, r#"{"type": 1, "status": "LOGIN_OK"}"#),
        r#"{"type": "RESPONSE_LOGIN", "status": "LOGIN_OK (the profile says 0)"}"#
    );
    // Neither a constant nor anything that was changed: as it came.
    assert_eq!(
        incoming(&profile, r#"{"type": 1, "status": 7}"#),
        r#"{"type": "RESPONSE_LOGIN", "status": 7}"#
    );
}

#[test]
fn fields_have_other_names_in_one_direction_of_one_message() {
    let profile = profile(
        "friendchat",
        "messages: { TEXT_MESSAGE: { server: { rename: { sender: sender_id } } } }",
    );
    let frame = r#"{"type": "TEXT_MESSAGE", "payload": {"sender": "a", "content": "hi"}}"#;
    assert_eq!(outgoing(&profile, frame), frame);
    assert_eq!(
        incoming(
            &profile,
            r#"{"type": "TEXT_MESSAGE", "payload": {"sender_id": "a", "content": "hi"}}"#
        ),
        frame
    );
    assert_eq!(
        incoming(&profile, frame),
        r#"{"type": "TEXT_MESSAGE", "payload": {"sender (the profile says \"sender_id\")": "a", "content": "hi"}}"#
    );
    let other = r#"{"type": "FRIEND_REQUEST", "payload": {"sender": "a", "receiver": "b"}}"#;
    assert_eq!(incoming(&profile, other), other);
}

#[test]
fn a_field_has_another_name_everywhere_but_where_a_message_keeps_it() {
    let profile = profile(
        "friendchat",
        "rename: { sender: from }\nextra: { v: \"2\" }\nmessages: { MESSAGE_HISTORY_DATA: { server: { rename: { messages.sender: sender } } } }",
    );
    assert_eq!(
        outgoing(
            &profile,
            r#"{"type": "GROUP_LEAVE", "payload": {"sender": "a"}}"#
        ),
        r#"{"type": "GROUP_LEAVE", "payload": {"from": "a", "v": "2"}}"#
    );
    let kept = r#"{"type": "MESSAGE_HISTORY_DATA", "payload": {"messages": [{"sender": "a"}]}}"#;
    assert_eq!(incoming(&profile, kept), kept);
    assert_eq!(
        incoming(
            &profile,
            r#"{"type": "GROUP_LEAVE", "payload": {"from": "a"}}"#
        ),
        r#"{"type": "GROUP_LEAVE", "payload": {"sender": "a"}}"#
    );
}

#[test]
fn fields_inside_lists_are_renamed_by_their_path() {
    let profile = profile(
        "minioicq",
        "messages: { message.push: { server: { rename: { messages: batch, messages.sender: from }, values: { messages.type: { text: 1 } } } } }",
    );
    assert_eq!(
        incoming(
            &profile,
            r#"{"action": "message.push", "batch": [{"from": 9007199254740993, "type": 1}]}"#
        ),
        r#"{"action": "message.push", "messages": [{"sender": 9007199254740993, "type": "text"}]}"#
    );
}

#[test]
fn the_envelope_may_be_flat_and_its_keys_called_otherwise() {
    let flat = profile(
        "friendchat",
        "wire: { type: $.kind, body: $, stamp: { timestamp: ts } }",
    );
    let ours = r#"{"type": "LOGIN_REQUEST", "timestamp": 5, "payload": {"username": "a"}}"#;
    let theirs = r#"{"kind": "LOGIN_REQUEST", "ts": 5, "username": "a"}"#;
    assert_eq!(outgoing(&flat, ours), theirs);
    assert_eq!(incoming(&flat, theirs), ours);
    assert_eq!(
        incoming(&flat, r#"{"type": "LOGIN_REQUEST", "ts": 5}"#),
        r#"{"timestamp": 5, "payload": {"type (the profile says \"kind\")": "LOGIN_REQUEST"}}"#
    );
    let nested = profile("roomchat", "wire: { body: $.data }");
    let ours = r#"{"type": "SEARCH_USER", "user": "a"}"#;
    let theirs = r#"{"type": "SEARCH_USER", "data": {"user": "a"}}"#;
    assert_eq!(outgoing(&nested, ours), theirs);
    assert_eq!(incoming(&nested, theirs), ours);
}

#[test]
fn further_fields_are_made_from_templates() {
    let profile = profile(
        "roomchat",
        "messages: { SEARCH_USER: { client: { extra: { by: $me.name, at: $now, text: \"${fields.user}?\", token: $me.token, v: 3 } } } }",
    );
    assert_eq!(
        outgoing(&profile, r#"{"type": "SEARCH_USER", "user": "bob"}"#),
        r#"{"type": "SEARCH_USER", "user": "bob", "by": "ann", "at": 7, "text": "bob?", "v": 3}"#
    );
}

#[test]
fn bytes_stand_for_base64_and_text_for_numbers() {
    let profile = profile(
        "friendchat",
        "messages: { MEDIA_MESSAGE_DATA: { client: { forms: { data: bytes, chunkIndex: text } }, server: { forms: { data: bytes, chunkIndex: text } } } }",
    );
    let ours = r#"{"type": "MEDIA_MESSAGE_DATA", "payload": {"data": "AAE=", "chunkIndex": 1}}"#;
    let theirs = outgoing(&profile, ours);
    assert_eq!(
        theirs,
        r#"{"type": "MEDIA_MESSAGE_DATA", "payload": {"data": {"$bytes": "0001"}, "chunkIndex": "1"}}"#
    );
    let bytes = Value::map([
        ("data", Value::Bin(vec![0, 1])),
        ("chunkIndex", Value::str("1")),
    ]);
    let frame = Value::map([
        ("type", Value::str("MEDIA_MESSAGE_DATA")),
        ("payload", bytes),
    ]);
    assert_eq!(profile.dialect.incoming(frame).to_string(), ours);
    assert_eq!(
        incoming(&profile, ours),
        r#"{"type": "MEDIA_MESSAGE_DATA", "payload": {"data": "AAE= (the profile says \"bytes\")", "chunkIndex": "1 (the profile says \"text\")"}}"#
    );
}

#[test]
fn each_departure_is_noted_once() {
    let profile = profile("roomchat", "constants: { RESPONSE_LOGIN: 1, TEXT: 0 }");
    let noted: Vec<String> = (profile.departures.iter())
        .map(|d| format!("{}: {} → {}", d.what, d.document, d.target))
        .collect();
    assert_eq!(
        noted,
        [
            "the type of RESPONSE_LOGIN from the server: \"RESPONSE_LOGIN\" → 1",
            "\"TEXT\" as msg_type of SND_MSG from the client: \"TEXT\" → 0",
            "\"TEXT\" as msg_type of READ_MSG from the server: \"TEXT\" → 0",
        ]
    );
}
