//! One case as a sequence diagram: actors and server as lifelines, frames as arrows in order.
//!
//! The set-up is one band; what deviates is marked where it happened, and a frame that never came is drawn as
//! missing. Draws the names of messages only: their values are in the table of frames.

use askama::Template;

use crate::event::{Deviation, DeviationKind, End, FrameKind, SentFor, TakenBy};
use crate::outcome::{Case, Entry, What};

use super::super::safe::safe_text;
use super::super::words;

/// An inline SVG.
#[derive(Template)]
#[template(path = "sequence.html", config = "src/report/html/askama.toml")]
pub(super) struct Sequence {
    label: String,
    width: usize,
    height: usize,
    lanes: Vec<Lane>,
    rows: Vec<Row>,
}

struct Lane {
    x: usize,
    name: String,
    server: bool,
}

struct Row {
    y: usize,
    /// The number of the entry in the table of frames.
    number: Option<usize>,
    /// `step`, `flow`, `fence`, `loose`, `wrong`, `missing`; of what is no frame, `state`.
    class: &'static str,
    shape: Shape,
}

enum Shape {
    Arrow {
        from: usize,
        to: usize,
        head: String,
        middle: usize,
        label: String,
    },
    /// Words beside a lifeline.
    State { x: usize, label: String },
    /// Words across the diagram.
    Band { label: String },
}

const TOP: usize = 44;
const PITCH: usize = 30;
const GUTTER: usize = 40;
/// Of a character of a label.
const ADVANCE: usize = 8;
const LONGEST: usize = 34;
/// The rows that are drawn of a long case: so many at its start, the rest at its end.
const HEAD: usize = 8;
const MOST: usize = 44;
/// A set-up of fewer entries is drawn.
const SHORT_SETUP: usize = 4;

/// `None` where the case has no frames, or they were not kept.
pub(super) fn sequence(case: &Case) -> Option<Sequence> {
    let entries = &case.exchange.entries;
    let mut lanes = Lanes::default();
    let on: Vec<Option<usize>> = entries.iter().map(|entry| lanes.of(entry)).collect();
    if lanes.lanes.is_empty() {
        return None;
    }
    let begin = entries.iter().position(|entry| match &entry.what {
        What::Sent { why, .. } => *why != SentFor::Flow,
        What::Deviated(_) => true,
        _ => false,
    });
    let setup = match begin.unwrap_or(entries.len()) {
        few if few < SHORT_SETUP => 0,
        setup => setup,
    };
    let mut steps = Vec::new();
    if setup > 0 {
        let frames = entries[..setup].iter().filter(|entry| is_frame(entry));
        let frames = words::count(frames.count(), "frame");
        steps.push((
            None,
            Step::Band(format!("set-up: {frames} of flows"), "flow"),
        ));
    }
    for (index, entry) in entries.iter().enumerate().skip(setup) {
        if let Some(step) = step(case, entry, on[index]) {
            steps.push((Some(index + 1), step));
        }
    }
    if steps.len() > MOST {
        let left = steps.len() - MOST;
        let band = Step::Band(format!("{left} entries are not drawn"), "flow");
        steps.splice(HEAD..HEAD + left, [(None, band)]);
    }
    Some(lay_out(case, lanes, steps))
}

/// What a row shows, before it has a place.
enum Step {
    Arrow {
        lane: usize,
        outward: bool,
        label: String,
        class: &'static str,
    },
    State {
        lane: usize,
        label: String,
        class: &'static str,
    },
    Band(String, &'static str),
}

/// `None` for what would only clutter the picture: connections that open and close as they should.
fn step(case: &Case, entry: &Entry, lane: Option<usize>) -> Option<Step> {
    let lane_of = lane.unwrap_or_default();
    Some(match &entry.what {
        What::Opened | What::Closed(End::ByUs) => return None,
        What::Closed(end) => Step::State {
            lane: lane_of,
            label: clip(&words::end(end)),
            class: "state",
        },
        What::Sent {
            message,
            why,
            frame,
            ..
        } => Step::Arrow {
            lane: lane_of,
            outward: true,
            label: name(message.as_deref(), frame.kind),
            class: match why {
                SentFor::Step => "step",
                SentFor::Flow => "flow",
                SentFor::Fence => "fence",
            },
        },
        What::Received {
            message,
            frame,
            taken,
            ..
        } => Step::Arrow {
            lane: lane_of,
            outward: false,
            label: name(message.as_deref(), frame.kind),
            class: match taken.as_ref().map(|(by, _)| by) {
                Some(TakenBy::Flow) => "flow",
                Some(TakenBy::Fence) => "fence",
                Some(TakenBy::Deviation) => "wrong",
                Some(TakenBy::Step | TakenBy::Allowance | TakenBy::Spontaneous) => "step",
                None => "loose",
            },
        },
        What::Deviated(index) => {
            let deviation = case.deviations.get(*index)?;
            match (missing(deviation), lane) {
                (Some(label), Some(lane)) => Step::Arrow {
                    lane,
                    outward: false,
                    label,
                    class: "missing",
                },
                _ => Step::Band(marked(deviation), "wrong"),
            }
        }
    })
}

/// The name of the message that did not come: the first line of what was expected.
fn missing(deviation: &Deviation) -> Option<String> {
    let expected = deviation.expected.as_deref().unwrap_or_default();
    let first = expected.lines().next().unwrap_or_default();
    let missing = deviation.kind == DeviationKind::Missing && !first.is_empty();
    missing.then(|| clip(first))
}

fn marked(deviation: &Deviation) -> String {
    let step = deviation.at.rsplit('/').next().unwrap_or_default();
    let words = match deviation.kind {
        DeviationKind::Missing => "nothing came",
        DeviationKind::Mismatch => "not what was expected",
        DeviationKind::Unexpected => "nothing accounts for it",
        DeviationKind::Order => "too early",
        DeviationKind::Shape => "not of the documented shape",
        DeviationKind::Codec => "not what the codec allows",
        DeviationKind::Closed => "the connection ended",
        DeviationKind::NotClosed => "the connection did not end so",
        DeviationKind::Connect => "connecting went wrong",
        DeviationKind::Check => "the values contradict each other",
        DeviationKind::Gone => "the server went away",
    };
    safe_text(&format!("{words} ({step})"), 100)
}

fn is_frame(entry: &Entry) -> bool {
    matches!(entry.what, What::Sent { .. } | What::Received { .. })
}

fn name(message: Option<&str>, kind: FrameKind) -> String {
    match (message, kind) {
        (Some(message), _) => clip(message),
        (None, FrameKind::Ping) => "ping".into(),
        (None, _) => "no message".into(),
    }
}

fn clip(text: &str) -> String {
    let safe = safe_text(text, 200);
    if safe.chars().count() <= LONGEST {
        return safe;
    }
    let kept: String = safe.chars().take(LONGEST - 1).collect();
    kept + "…"
}

/// The lifelines: one an actor, and another for each connection that the actor has at the same time.
#[derive(Default)]
struct Lanes {
    lanes: Vec<(String, usize)>,
    /// The lane and number of the connections that are open.
    live: Vec<(u32, usize)>,
}

impl Lanes {
    fn of(&mut self, entry: &Entry) -> Option<usize> {
        let actor = &entry.actor;
        if let What::Deviated(_) = entry.what {
            let open = self.live.iter().rev().map(|(_, lane)| *lane);
            return open
                .chain(0..self.lanes.len())
                .find(|lane| self.lanes[*lane].0 == *actor);
        }
        let known = self.live.iter().position(|(c, _)| *c == entry.connection);
        let place = known.unwrap_or_else(|| {
            let lane = self.free(actor);
            self.live.push((entry.connection, lane));
            self.live.len() - 1
        });
        let lane = self.live[place].1;
        if let What::Closed(_) = entry.what {
            self.live.remove(place);
        }
        Some(lane)
    }

    fn free(&mut self, actor: &str) -> usize {
        let busy = |lane: usize| self.live.iter().any(|(_, live)| *live == lane);
        let own = (0..self.lanes.len()).filter(|lane| self.lanes[*lane].0 == actor);
        let mut own = own.collect::<Vec<_>>().into_iter();
        let nth = own.len() + 1;
        own.find(|lane| !busy(*lane)).unwrap_or_else(|| {
            self.lanes.push((actor.to_owned(), nth));
            self.lanes.len() - 1
        })
    }
}

fn lay_out(case: &Case, lanes: Lanes, steps: Vec<(Option<usize>, Step)>) -> Sequence {
    let count = lanes.lanes.len();
    let longest = steps.iter().map(|(_, step)| match step {
        Step::Arrow { label, .. } => label.chars().count(),
        _ => 0,
    });
    let bands = steps.iter().map(|(_, step)| match step {
        Step::Band(label, _) => label.chars().count(),
        _ => 0,
    });
    let band = bands.max().unwrap_or(0).min(120) * ADVANCE + 2 * GUTTER;
    let pitch = (longest.max().unwrap_or(0) * ADVANCE + 24).clamp(130, 300);
    // The server stands among the actors, so that few arrows cross another lifeline.
    let before = (count / 2).max(1);
    let x_of = |lane: usize| GUTTER + pitch / 2 + pitch * (lane + usize::from(lane >= before));
    let server = GUTTER + pitch / 2 + pitch * before;
    let named = lanes
        .lanes
        .iter()
        .enumerate()
        .map(|(lane, (actor, nth))| Lane {
            x: x_of(lane),
            name: match nth {
                1 => short(actor),
                nth => format!("{} ({nth})", short(actor)),
            },
            server: false,
        });
    let mut named: Vec<Lane> = named.collect();
    named.push(Lane {
        x: server,
        name: "server".into(),
        server: true,
    });
    let frames = case.exchange.entries.iter().filter(|e| is_frame(e)).count();
    let actors: Vec<&str> = named.iter().map(|lane| lane.name.as_str()).collect();
    let label = format!(
        "Sequence diagram of {} between {}; the table of frames below says the same in words",
        words::count(frames, "frame"),
        actors.join(", ")
    );
    let rows = steps
        .into_iter()
        .enumerate()
        .map(|(index, (number, step))| {
            let y = TOP + PITCH * (index + 1);
            let (class, shape) = match step {
                Step::Band(label, class) => (class, Shape::Band { label }),
                Step::State { lane, label, class } => {
                    let x = x_of(lane);
                    (class, Shape::State { x, label })
                }
                Step::Arrow {
                    lane,
                    outward,
                    label,
                    class,
                } => (class, arrow(x_of(lane), server, outward, label)),
            };
            Row {
                y,
                number,
                class,
                shape,
            }
        });
    let rows: Vec<Row> = rows.collect();
    Sequence {
        label,
        width: band.max(GUTTER + pitch * (count + 1)),
        height: TOP + PITCH * (rows.len() + 1),
        lanes: named,
        rows,
    }
}

fn arrow(actor: usize, server: usize, outward: bool, label: String) -> Shape {
    let (from, to) = if outward {
        (actor, server)
    } else {
        (server, actor)
    };
    let head = if from < to { "l-8-4v8z" } else { "l8-4v8z" };
    Shape::Arrow {
        from,
        to,
        head: head.into(),
        middle: (from + to) / 2,
        label,
    }
}

fn short(actor: &str) -> String {
    safe_text(actor, 200).chars().take(14).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, Level};
    use crate::outcome::fixture::{HOSTILE, Stream, deviation, fold};

    fn drawn(events: &[Event]) -> String {
        let run = fold(events);
        let sequence = sequence(&run.cases[0]).expect("it has frames");
        sequence.render().expect("a string takes all")
    }

    fn case(name: &str) -> Stream {
        Stream::new()
            .case("a", &["friend-request.ack"])
            .sent(name, "{}")
    }

    #[test]
    fn frame_that_never_came_is_drawn_as_missing() {
        let missing = deviation(DeviationKind::Missing, Level::Must, "friend-request.ack");
        let svg = drawn(
            &case("FRIEND_REQUEST")
                .deviation(missing)
                .judged()
                .completed(),
        );
        let drawn = svg.split("<g class=\"").skip(1).collect::<Vec<_>>();
        assert!(drawn[0].starts_with("step") && drawn[0].contains(">FRIEND_REQUEST<"));
        assert!(drawn[1].starts_with("missing") && drawn[1].contains(">FRIEND_REQUEST_ACK<"));
        assert_eq!(svg.matches("class=\"mark\"").count(), 1);
        assert!(svg.contains(">alice<") && svg.contains(">server<"));
    }

    #[test]
    fn frame_that_differs_is_followed_by_its_mark() {
        let wrong = deviation(DeviationKind::Mismatch, Level::Must, "friend-request.ack");
        let events = case("FRIEND_REQUEST").received("FRIEND_REQUEST_ACK", "{}");
        let svg = drawn(&events.deviation(wrong).judged().completed());
        assert!(svg.contains("✕ not what was expected (friends.yaml:6:5)"));
    }

    #[test]
    fn second_connection_at_the_same_time_is_a_lifeline_of_its_own() {
        let entry = |connection, what| Entry {
            us: 1,
            actor: "alice".into(),
            connection,
            what,
        };
        let mut lanes = Lanes::default();
        let order = [
            (0, What::Opened),
            (1, What::Opened),
            (0, What::Closed(End::ByUs)),
            (2, What::Opened),
            (1, What::Closed(End::ByUs)),
        ];
        let places = order.map(|(connection, what)| lanes.of(&entry(connection, what)));
        assert_eq!(places, [0, 1, 0, 0, 1].map(Some));
    }

    #[test]
    fn long_case_keeps_its_start_and_its_end() {
        let mut stream = case("FIRST");
        for _ in 0..500 {
            stream = stream.sent("PING", "{}");
        }
        let missing = deviation(DeviationKind::Missing, Level::Must, "friend-request.ack");
        let svg = drawn(&stream.deviation(missing).judged().completed());
        assert!(svg.contains(">FIRST<") && svg.contains("class=\"missing\""));
        assert!(svg.contains("entries are not drawn") && svg.matches("<g ").count() == MOST + 1);
    }

    #[test]
    fn hostile_names_are_harmless_and_short() {
        let wrong = deviation(DeviationKind::Mismatch, Level::Must, "friend-request.ack");
        let svg = drawn(&case(HOSTILE).deviation(wrong).judged().completed());
        assert!(!svg.contains("<script") && !svg.contains(['\u{202e}', '\u{1b}']));
        let labels = svg
            .split("<text")
            .skip(1)
            .filter_map(|part| part.split("</text").next());
        assert!(labels.map(str::len).all(|length| length < 200));
    }
}
