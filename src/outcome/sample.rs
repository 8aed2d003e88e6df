//! Whole runs for tests: a clean one, one with everything that can go wrong, an interrupted, an unfit one.
//!
//! Not like any real server: each event is there for what a report must make of it.

use crate::event::{CaseEnd, Deviation, DeviationKind, End, Event, Level, RunEnd, SilenceShown};

use super::fixture::{Stream, deviation};

pub(crate) const KINDS: [DeviationKind; 10] = [
    DeviationKind::Missing,
    DeviationKind::Mismatch,
    DeviationKind::Unexpected,
    DeviationKind::Order,
    DeviationKind::Shape,
    DeviationKind::Codec,
    DeviationKind::Closed,
    DeviationKind::NotClosed,
    DeviationKind::Connect,
    DeviationKind::Check,
];

/// Everything held: a run to be happy about.
pub(crate) fn clean() -> Vec<Event> {
    Stream::against("built-in reference server")
        .case(
            "register.accepted",
            &["register.accepted", "login.accepted"],
        )
        .sent(
            "REGISTER_REQUEST",
            "{ REGISTER_REQUEST: { username: alice-1 } }",
        )
        .received("REGISTER_RESPONSE", "{ REGISTER_RESPONSE: { code: 0 } }")
        .held(&["register.accepted"])
        .held(&["login.accepted"])
        .judged()
        .case("register.duplicate", &["register.duplicate"])
        .held(&["register.duplicate"])
        .judged()
        .case(
            "friend-request.accepted",
            &["friend-request.ack", "friend-request.delivered-online"],
        )
        .held(&["friend-request.ack", "shape.friend-request-ack"])
        .held(&["friend-request.delivered-online"])
        .reading("login-announces", "echo")
        .silence(SilenceShown::Fenced)
        .held(&["friend-request.private"])
        .judged()
        .case("media.ten-chunks", &["media.order"])
        .held(&["media.order"])
        .judged()
        .case("presence.login", &["presence.prompt"])
        .held(&["presence.prompt", "shape.user-status-update"])
        .silence(SilenceShown::Waited)
        .judged()
        .completed()
}

/// Everything that can go wrong in a run, once: each kind, each level, hostile text, each outcome.
pub(crate) fn broken() -> Vec<Event> {
    let mut stream = Stream::new()
        .remark("answers were seen out of order; silences are shown by fence and window")
        .case("register.accepted", &["register.accepted"])
        .held(&["register.accepted", "login.accepted"])
        .reading("login-announces", "echo")
        .judged();
    for (index, kind) in KINDS.into_iter().enumerate() {
        let scenario = format!("friend-request.kind-{index}");
        stream = stream
            .case(&scenario, &["friend-request.ack"])
            .sent(
                "FRIEND_REQUEST",
                "{ FRIEND_REQUEST: { sender: alice-1, receiver: bob-1 } }",
            )
            .received("FRIEND_REQUEST_ACK", "{ FRIEND_REQUEST_ACK: { code: 3 } }")
            .shape("FRIEND_REQUEST_ACK", "$.payload.code", Level::Must, "\"3\"")
            .deviation(deviation(kind, Level::Must, "friend-request.ack"))
            .judged();
    }
    stream
        .case("media.ten-chunks", &["media.order"])
        .reading("login-announces", "suffixed")
        .unknown("WELCOME")
        .deviation(deviation(
            DeviationKind::Order,
            Level::Should,
            "media.order",
        ))
        .shape(
            "MEDIA_MESSAGE",
            "$.payload.mediaSize",
            Level::Should,
            "\"160\"",
        )
        .silence(SilenceShown::FenceUnanswered)
        .judged()
        .case("presence.login", &["presence.prompt"])
        .deviation(deviation(
            DeviationKind::Missing,
            Level::Advice,
            "presence.prompt",
        ))
        .silence(SilenceShown::FencedAndWaited)
        .judged()
        .case("hostile", &["friend-request.private"])
        .sent("FRIEND_REQUEST", HOSTILE)
        .received(HOSTILE, &format!("{HOSTILE}{}", "A".repeat(4_000)))
        .closed(End::Close {
            code: 1011,
            reason: HOSTILE.into(),
        })
        .unknown(HOSTILE)
        .deviation(Deviation {
            message: HOSTILE.into(),
            received: Some(format!("{HOSTILE}\n{}", "B".repeat(100_000))),
            near: Some(HOSTILE.into()),
            sent: Some(HOSTILE.into()),
            ..deviation(
                DeviationKind::Unexpected,
                Level::Must,
                "friend-request.private",
            )
        })
        .judged()
        .case("history.empty", &["register.duplicate"])
        .case_end(CaseEnd::Blocked {
            flow: "logged-in".into(),
            reason: "alice received nothing within 2 s".into(),
            tested_by: Some("friendchat/login.accepted".into()),
        })
        .case("history.short", &["register.duplicate"])
        .case_end(CaseEnd::Blocked {
            flow: "logged-in".into(),
            reason: "alice received nothing within 2 s".into(),
            tested_by: Some("friendchat/login.accepted".into()),
        })
        .case("groups.create", &[])
        .case_end(CaseEnd::NotApplicable {
            reason: "the profile says that groups are not offered".into(),
        })
        .case("groups.leave", &[])
        .closed(End::Reset)
        .case_end(CaseEnd::CouldNotRun {
            reason: "server gone".into(),
        })
        .completed()
}

/// Markup, script, an escape sequence, C1 CSI, bidi override, NUL, line breaks.
pub(crate) const HOSTILE: &str = "<script>alert(1)</script>\"'&<img src=x onerror=alert(2)>\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}txet\u{0}\r\n\u{2028}end";

pub(crate) fn interrupted() -> Vec<Event> {
    Stream::new()
        .case("register.accepted", &["register.accepted"])
        .held(&["register.accepted"])
        .judged()
        .case("register.duplicate", &["register.duplicate"])
        .case_end(CaseEnd::CouldNotRun {
            reason: "interrupted".into(),
        })
        .end(RunEnd::Interrupted)
}

pub(crate) fn unfit() -> Vec<Event> {
    Stream::new().end(RunEnd::TargetUnfit {
        reason: "the target accepts connections and says nothing".into(),
    })
}
