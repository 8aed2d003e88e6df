//! A badge: how many of the requirements that must hold do, as a picture or for shields.io to draw.
//!
//! Green only where the run conforms; says nothing but the pack and the count.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde::Serialize;

use crate::event::Level;
use crate::outcome::Run;

use super::Reporter;
use super::headline::{Headline, Tally, Tone};
use super::safe::safe_text;

/// An SVG picture.
pub(super) struct Badge<W> {
    out: W,
}

/// What shields.io asks of an endpoint (its schema version 1).
pub(super) struct BadgeEndpoint<W> {
    out: W,
}

impl<W: Write> Badge<W> {
    pub(super) fn new(out: W) -> Badge<W> {
        Badge { out }
    }
}

impl<W: Write> BadgeEndpoint<W> {
    pub(super) fn new(out: W) -> BadgeEndpoint<W> {
        BadgeEndpoint { out }
    }
}

impl<W: Write> Reporter for Badge<W> {
    fn finish(&mut self, run: &Run) -> io::Result<()> {
        self.out.write_all(svg(&Facts::of(run)).as_bytes())?;
        self.out.flush()
    }
}

impl<W: Write> Reporter for BadgeEndpoint<W> {
    fn finish(&mut self, run: &Run) -> io::Result<()> {
        let facts = Facts::of(run);
        let endpoint = Endpoint {
            schema_version: 1,
            label: &facts.label,
            message: &facts.message,
            color: facts.colour.0,
            is_error: facts.tone != Tone::Conforms,
        };
        serde_json::to_writer(&mut self.out, &endpoint)?;
        self.out.write_all(b"\n")?;
        self.out.flush()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Endpoint<'a> {
    schema_version: u32,
    label: &'a str,
    message: &'a str,
    color: &'static str,
    is_error: bool,
}

struct Facts {
    label: String,
    message: String,
    /// What shields.io calls it, and what it is.
    colour: (&'static str, &'static str),
    tone: Tone,
}

impl Facts {
    fn of(run: &Run) -> Facts {
        let must = Tally::of(run, Level::Must);
        let tone = Headline::of(run).tone;
        let label = match run.packs.as_slice() {
            [pack] => safe_text(&pack.name, 40),
            _ => "wireproof".to_owned(),
        };
        let message = if run.facts().judged {
            format!("{} of {} must", must.met, must.total())
        } else {
            "not judged".to_owned()
        };
        let colour = match tone {
            Tone::Conforms => ("brightgreen", "#2c7a1f"),
            Tone::Deviates => ("red", "#b3261e"),
            Tone::Open => ("lightgrey", "#5f6368"),
        };
        Facts {
            label,
            message,
            colour,
            tone,
        }
    }
}

fn svg(facts: &Facts) -> String {
    let (label, message) = (escape(&facts.label), escape(&facts.message));
    let (left, right) = (width(&facts.label), width(&facts.message));
    let all = left + right;
    let colour = facts.colour.1;
    let mut svg = String::new();
    let _ = write!(
        svg,
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{all}" height="20" role="img" aria-label="{label}: {message}">
<title>{label}: {message}</title>
<clipPath id="r"><rect width="{all}" height="20" rx="3"/></clipPath>
<g clip-path="url(#r)"><rect width="{left}" height="20" fill="#3c4043"/><rect x="{left}" width="{right}" height="20" fill="{colour}"/></g>
<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
"##
    );
    for (text, middle, length) in [
        (&label, left / 2, left),
        (&message, left + right / 2, right),
    ] {
        // The length is said, since fonts differ.
        let length = length - PAD;
        let _ = writeln!(
            svg,
            r#"<text x="{middle}" y="14" textLength="{length}" lengthAdjust="spacingAndGlyphs">{text}</text>"#
        );
    }
    svg += "</g>\n</svg>\n";
    svg
}

const PAD: usize = 12;

/// About what Verdana takes at 11 pixels.
fn width(text: &str) -> usize {
    let tenths = text.chars().map(|c| match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | '\'' | '|' | ' ' => 36,
        'f' | 't' | 'r' | '(' | ')' | '-' | '/' => 48,
        'm' | 'w' | 'M' | 'W' => 98,
        c if c.is_ascii() => 70,
        _ => 110,
    });
    tenths.sum::<usize>() / 10 + PAD
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '&' => escaped += "&amp;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&#39;",
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::event::Event;
    use crate::outcome::fixture::{broken, clean, fold, unfit};

    fn endpoint(events: &[Event]) -> Value {
        let mut bytes = Vec::new();
        let mut report = BadgeEndpoint::new(&mut bytes);
        report.finish(&fold(events)).expect("a vector takes all");
        serde_json::from_slice(&bytes).expect("JSON")
    }

    fn picture(events: &[Event]) -> String {
        let mut bytes = Vec::new();
        let mut report = Badge::new(&mut bytes);
        report.finish(&fold(events)).expect("a vector takes all");
        String::from_utf8(bytes).expect("text")
    }

    #[test]
    fn badge_counts_what_must_hold() {
        let wanted = json!({
            "schemaVersion": 1, "label": "friendchat", "message": "8 of 8 must",
            "color": "brightgreen", "isError": false,
        });
        assert_eq!(endpoint(&clean()), wanted);
        assert!(picture(&clean()).contains("<title>friendchat: 8 of 8 must</title>"));
    }

    #[test]
    fn only_a_run_that_conforms_is_green() {
        let mut cut = clean();
        cut.pop();
        for (events, color) in [
            (broken(), "red"),
            (unfit(), "lightgrey"),
            (cut, "lightgrey"),
        ] {
            assert_eq!(endpoint(&events)["color"], color);
            assert_eq!(endpoint(&events)["isError"], true);
            assert!(!picture(&events).contains("#2c7a1f"));
        }
        assert_eq!(endpoint(&unfit())["message"], "not judged");
    }

    #[test]
    fn name_of_a_pack_is_no_markup() {
        let mut events = clean();
        if let Some(Event::RunStarted { packs, .. }) = events.first_mut() {
            packs[0].pack = "<script>&\"".to_owned();
        }
        let picture = picture(&events);
        assert!(
            picture.contains("<title>&lt;script&gt;&amp;&quot;: "),
            "{picture}"
        );
        assert!(!picture.contains("<script"));
    }
}
