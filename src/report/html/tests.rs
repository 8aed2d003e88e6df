//! Facts about the page: what it says, in which order, and what a hostile server cannot do to it.

use super::*;
use crate::event::{Departure, DeviationKind, Event, KnownDeviation, Level};
use crate::outcome::fixture::{
    HOSTILE, Stream, broken, clean, deviation, fold, interrupted, unfit,
};

fn page(events: &[Event]) -> String {
    let mut bytes = Vec::new();
    let mut html = Html::new(&mut bytes);
    html.finish(&fold(events)).expect("a vector takes all");
    String::from_utf8(bytes).expect("text")
}

fn place(page: &str, text: &str) -> usize {
    page.find(text)
        .unwrap_or_else(|| panic!("{text} is not there"))
}

#[test]
fn sections_come_in_the_order_of_their_weight() {
    let page = page(&broken());
    let order = [
        "<h1>",
        "id=\"requirements\"",
        "id=\"deviations\"",
        "id=\"stuck\"",
        "id=\"warnings\"",
        "id=\"cases\"",
        "id=\"readings\"",
        "id=\"advice\"",
        "id=\"silences\"",
        "id=\"about\"",
    ];
    assert!(order.map(|id| place(&page, id)).is_sorted());
}

fn known(cases: &[&str], shape: Option<(&str, &str)>, fails: &str) -> KnownDeviation {
    KnownDeviation {
        at: "my-server.yaml:9:5".into(),
        cases: cases.iter().map(|id| (*id).to_owned()).collect(),
        shape: shape.map(|(message, path)| (message.into(), path.into())),
        fails: fails.into(),
        reason: "issue 17".into(),
        sometimes: false,
    }
}

#[test]
fn profile_tells_departures_and_what_was_known() {
    let wrong = deviation(DeviationKind::Mismatch, Level::Must, "friend-request.ack");
    let mut events = Stream::new()
        .case("a", &[])
        .deviation(wrong)
        .judged()
        .case("b", &["login.accepted"])
        .held(&["login.accepted"])
        .judged()
        .completed();
    if let Event::RunStarted { packs, .. } = &mut events[0] {
        packs[0].departures = vec![Departure {
            what: "LOGIN_REQUEST's name".into(),
            document: "LOGIN_REQUEST".into(),
            target: "7".into(),
        }];
        packs[0].known = vec![
            known(&["friendchat/a"], None, "mismatch"),
            known(&["friendchat/b"], None, "missing"),
            known(&["friendchat/never-run"], None, "missing"),
        ];
    }
    let page = page(&events);
    let profile = between(&page, "<section id=\"profile\"", "</section>");
    for words in [
        "LOGIN_REQUEST&#39;s name",
        "<td data-side=\"document\">LOGIN_REQUEST</td><td data-side=\"target\">7</td>",
        "issue 17",
    ] {
        assert!(profile.contains(words), "{words} in {profile}");
    }
    let states = ["as known", "not as known", "not seen"]
        .map(|state| profile.contains(&format!("<span class=\"state\">{state}</span>")));
    assert_eq!(states, [true; 3]);
    let broken = between(&page, "id=\"not-as-known\"", "</div>");
    assert!(
        broken.contains("<code>friendchat/b</code> conforms"),
        "{broken}"
    );
    assert!(!broken.contains("friendchat/a"), "{broken}");
}

#[test]
fn verdict_names_the_target() {
    let page = page(&broken());
    let h1 = &page[place(&page, "<h1>")..place(&page, "</h1>")];
    assert!(h1.contains("ws://127.0.0.1:8080/chat") && h1.contains("does not conform"));
}

#[test]
fn deviation_says_all_that_one_needs() {
    let events = Stream::new()
        .case("friend-request.accepted", &["friend-request.ack"])
        .sent("FRIEND_REQUEST", "{ FRIEND_REQUEST: { sender: alice-1 } }")
        .received("FRIEND_REQUEST_ACK", "{ FRIEND_REQUEST_ACK: { code: 3 } }")
        .deviation(deviation(
            DeviationKind::Mismatch,
            Level::Must,
            "friend-request.ack",
        ))
        .judged()
        .completed();
    let page = page(&events);
    let article = &page[place(&page, "<article")..place(&page, "</article>")];
    let said = [
        "alice received FRIEND_REQUEST_ACK with another code",
        "The server acknowledges a friend request to its sender.",
        "Friend requests",
        "alice receives: { FRIEND_REQUEST_ACK: { receiver: $bob.name, code: 0 } }",
        "scenarios/friendchat/friends.yaml:6:5",
        "{ FRIEND_REQUEST: { sender: alice-1, receiver: bob-1 } }",
        "<del>-   code: 0</del>",
        "<ins>+   code: 3</ins>",
        "a FRIEND_REQUEST_ACK arrived at carol",
        "wireproof run --case &#39;friendchat/friend-request.accepted&#39;",
        "Deviates here:",
        "{ FRIEND_REQUEST_ACK: { code: 3 } }",
    ];
    for text in said {
        place(article, text);
    }
}

#[test]
fn conforming_cases_are_digests() {
    let page = page(&clean());
    assert!(page.contains("friendchat/register.accepted"));
    assert!(!page.contains("<table") && !page.contains("<article"));
    place(&page, "2 steps held, 2 frames, ");
    assert!(page.contains("8 must requirements met"));
}

#[test]
fn hostile_text_is_inert() {
    let page = page(&broken());
    assert!(page.contains("&#60;script&#62;"));
    let body = &page[place(&page, "<body>")..];
    for markup in ["<img", "onerror=\"", "javascript:"] {
        assert!(!body.contains(markup), "{markup}");
    }
    assert_eq!(body.matches("<script").count(), 1, "its own");
    let bad = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}' || c == '\u{2028}');
    assert!(!page.contains(bad));
    let named = Stream::against(HOSTILE).completed();
    let page = self::page(&named);
    assert_eq!(page.matches("<script").count(), 1, "its own");
}

/// What stands between two texts, the first time that it does.
fn between<'p>(page: &'p str, from: &str, to: &str) -> &'p str {
    let start = place(page, from) + from.len();
    let end = page[start..].find(to).expect("it ends");
    &page[start..start + end]
}

#[test]
fn policy_allows_the_style_and_the_script_of_the_page_alone() {
    let page = page(&clean());
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\"");
    let style = shell::hash(between(&page, "<style>", "</style>"));
    let script = shell::hash(between(&page, "<script>", "</script>"));
    let wanted = format!(
        "default-src 'none'; style-src '{style}'; script-src '{script}'; base-uri 'none'; form-action 'none'"
    );
    assert_eq!(policy.replace("&#39;", "'"), wanted);
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    let page = page(&clean());
    for remote in ["http://", "https://", "url(", "@import", "<link", " src="] {
        assert!(!page.contains(remote), "{remote}");
    }
}

#[test]
fn every_link_leads_somewhere_and_ids_are_unique() {
    for events in [clean(), broken(), interrupted(), unfit()] {
        let page = page(&events);
        let values = |key: &str| -> Vec<String> {
            let parts = page.split(key).skip(1);
            parts
                .filter_map(|p| p.split('"').next())
                .map(str::to_owned)
                .collect()
        };
        let mut ids = values(" id=\"");
        for link in values("href=\"#") {
            assert!(ids.contains(&link), "{link}");
        }
        let all = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), all);
    }
}

#[test]
fn every_prefix_of_a_run_renders() {
    let events = broken();
    for length in (0..events.len()).step_by(5) {
        let page = page(&events[..length]);
        place(
            &page,
            "<strong>This log was cut off.</strong> It ends in the middle: ",
        );
        assert!(page.ends_with("</html>") || page.ends_with("</html>\n"));
    }
}

#[test]
fn deviations_stand_under_the_requirement_that_most_cases_contradict() {
    let mut stream = Stream::new();
    let broken = [
        ("a", "register.accepted"),
        ("b", "friend-request.ack"),
        ("c", "friend-request.ack"),
    ];
    for (scenario, requirement) in broken {
        let deviation = deviation(DeviationKind::Missing, Level::Must, requirement);
        stream = stream
            .case(scenario, &[requirement])
            .deviation(deviation)
            .judged();
    }
    let page = page(&stream.completed());
    let deviations = &page[place(&page, "id=\"deviations\"")..place(&page, "id=\"cases\"")];
    let order = [
        "<h3>The server acknowledges a friend request to its sender.</h3>",
        "contradicted by 2 deviations",
        "friendchat/b</code></summary>",
        "friendchat/c</code></summary>",
        "<h3>Registering a new username succeeds with code 0.</h3>",
        "contradicted by 1 deviation",
        "friendchat/a</code></summary>",
    ];
    assert!(order.map(|text| place(deviations, text)).is_sorted());
    assert_eq!(
        deviations
            .matches("<details class=\"card wrong deviation\" open>")
            .count(),
        2
    );
}

#[test]
fn page_without_times_is_the_same_whenever_it_ran() {
    let earlier = broken();
    let mut later = earlier.clone();
    for event in &mut later {
        match event {
            Event::RunStarted { started, .. } => *started = "2031-01-01T00:00:00Z".into(),
            Event::Opened { us, .. }
            | Event::Sent { us, .. }
            | Event::Received { us, .. }
            | Event::Closed { us, .. }
            | Event::Deviation { us, .. }
            | Event::CaseFinished { us, .. }
            | Event::RunFinished { us, .. } => *us = *us * 3 + 17,
            _ => {}
        }
    }
    let without = |events: &[Event]| {
        let mut bytes = Vec::new();
        Html::without_times(&mut bytes)
            .finish(&fold(events))
            .expect("a vector takes all");
        String::from_utf8(bytes).expect("text")
    };
    assert_eq!(without(&earlier), without(&later));
    assert_ne!(page(&earlier), page(&later));
}

fn many(broken: bool) -> Vec<Event> {
    let mut stream = Stream::new();
    for index in 0..1_000 {
        let scenario = format!("friend-request.many-{index}");
        stream = stream.case(&scenario, &["friend-request.ack"]);
        for frame in 0..10 {
            let text = format!(
                "{{ FRIEND_REQUEST: {{ n: {frame}, text: {} }} }}",
                "x".repeat(900)
            );
            stream = stream
                .sent("FRIEND_REQUEST", &text)
                .received("FRIEND_REQUEST_ACK", &text);
        }
        if broken {
            let deviation = deviation(DeviationKind::Mismatch, Level::Must, "friend-request.ack");
            stream = stream.deviation(deviation);
        }
        stream = stream.held(&["friend-request.ack"]).judged();
    }
    stream.completed()
}

#[test]
fn thousand_cases_stay_well_under_five_megabytes() {
    let clean = page(&many(false));
    assert!(clean.len() < 1_000_000, "{}", clean.len());
    let broken = page(&many(true));
    assert!(broken.len() < 4_000_000, "{}", broken.len());
    assert_eq!(broken.matches("wireproof run --case").count(), 1_000);
}

#[test]
fn what_the_server_wrote_is_folded_below_the_deviation_and_is_text() {
    let mut events = Stream::new()
        .case("friend-request.accepted", &["friend-request.ack"])
        .deviation(deviation(
            DeviationKind::Gone,
            Level::Must,
            "friend-request.ack",
        ))
        .judged()
        .completed();
    let case = events.iter().find_map(|event| match event {
        Event::Deviation { case, .. } => Some(case.clone()),
        _ => None,
    });
    let lines = vec![
        "panicked at src/main.rs:7".to_owned(),
        "<b>bye</b>".to_owned(),
    ];
    let log = Event::ServerLog {
        case: case.expect("a deviation"),
        lines,
    };
    let at = events.len() - 2;
    assert!(!page(&events).contains("Server log"));
    events.insert(at, log);
    let page = page(&events);
    let article = &page[place(&page, "<article")..place(&page, "</article>")];
    assert!(article.contains("Server log"), "{article}");
    assert!(article.contains("panicked at src/main.rs:7") && article.contains("2 lines"));
    assert!(!page.contains("<b>bye</b>"));
}
