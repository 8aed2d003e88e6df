//! The event stream as JSON lines: written as it happens, and read back.
//!
//! Skips events that it does not know and a last line that was cut off; any other damage is an error
//! with its line, since a deviation must not be lost in silence.

use std::io::{self, BufRead, Write};

use serde::Deserialize;

use crate::event::{Event, SCHEMA};
use crate::outcome::Run;

use super::Reporter;
use super::safe::safe_json;

/// One JSON object a line, flushed line by line.
pub struct EventsWriter<W> {
    out: W,
}

impl<W: Write> EventsWriter<W> {
    pub fn new(out: W) -> EventsWriter<W> {
        EventsWriter { out }
    }
}

impl<W: Write> Reporter for EventsWriter<W> {
    fn on(&mut self, event: &Event, _: &Run) -> io::Result<()> {
        let mut line = safe_json(serde_json::to_string(event)?);
        line.push('\n');
        self.out.write_all(line.as_bytes())?;
        self.out.flush()
    }

    fn finish(&mut self, _: &Run) -> io::Result<()> {
        self.out.flush()
    }
}

/// The events of a stream, in order. After an error there is nothing more.
pub fn read(input: impl BufRead) -> impl Iterator<Item = io::Result<Event>> {
    let mut input = Some(input);
    let mut number = 0;
    std::iter::from_fn(move || {
        loop {
            let mut line = Vec::new();
            let event = match input.as_mut()?.read_until(b'\n', &mut line) {
                Ok(0) => Ok(None),
                Ok(_) => {
                    number += 1;
                    parse(&line).map_err(|error| {
                        let kind = io::ErrorKind::InvalidData;
                        io::Error::new(kind, format!("line {number}: {error}"))
                    })
                }
                Err(error) => Err(error),
            };
            let whole = line.ends_with(b"\n");
            match event {
                Ok(Some(event)) => return Some(Ok(event)),
                Ok(None) if whole => {}
                Ok(None) => input = None,
                Err(error) if whole || line.is_empty() => {
                    input = None;
                    return Some(Err(error));
                }
                Err(_) => input = None,
            }
        }
    })
}

/// `None` for a blank line and for an event of a later version.
fn parse(line: &[u8]) -> Result<Option<Event>, String> {
    if line.trim_ascii().is_empty() {
        return Ok(None);
    }
    let error = match serde_json::from_slice(line) {
        Ok(Event::RunStarted { schema, .. }) if schema > SCHEMA => {
            return Err(format!(
                "schema {schema} is newer than {SCHEMA}, the last one known here"
            ));
        }
        Ok(event) => return Ok(Some(event)),
        Err(error) => error.to_string(),
    };
    #[derive(Deserialize)]
    struct Named {
        event: String,
    }
    match serde_json::from_slice::<Named>(line) {
        Ok(Named { event })
            if error.starts_with(&format!(
                "unknown variant `{event}`, expected one of `run-started`"
            )) =>
        {
            Ok(None)
        }
        _ => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture::{HOSTILE, broken, fold};

    fn written(events: &[Event]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut writer = EventsWriter::new(&mut bytes);
        let run = Run::default();
        for event in events {
            writer.on(event, &run).expect("a vector takes all");
        }
        bytes
    }

    fn texts(bytes: &[u8]) -> Vec<Result<String, String>> {
        (read(bytes).map(|event| match event {
            Ok(event) => Ok(format!("{event:?}")),
            Err(error) => Err(error.to_string()),
        }))
        .collect()
    }

    #[test]
    fn stream_reads_back_as_it_was_written() {
        let events = broken();
        let bytes = written(&events);
        let back: Vec<Event> = read(&bytes[..]).map(|e| e.expect("whole")).collect();
        assert_eq!(format!("{back:?}"), format!("{events:?}"));
        assert_eq!(format!("{:?}", fold(&back)), format!("{:?}", fold(&events)));
        let text = String::from_utf8(bytes).expect("JSON is UTF-8");
        assert!(HOSTILE.contains('\u{9b}') && !text.contains(['\u{9b}', '\u{1b}', '\u{202e}']));
    }

    #[test]
    fn every_cut_reads_up_to_the_cut() {
        let events = &broken()[..4];
        let bytes = written(events);
        for length in 0..=bytes.len() {
            let whole = bytes[..length].iter().filter(|b| **b == b'\n').count();
            let back = texts(&bytes[..length]);
            assert!(back.iter().all(Result::is_ok), "cut at {length}");
            let cut_before_newline = bytes.get(length) == Some(&b'\n');
            assert_eq!(back.len(), whole + usize::from(cut_before_newline));
        }
    }

    #[test]
    fn unknown_events_and_fields_are_skipped() {
        let bytes = br#"{"event":"moon-phase","phase":{"x":1}}

{"event":"remark","pack":"p","text":"t","later":[1]}
"#;
        let back = texts(bytes);
        assert_eq!(back.len(), 1);
        assert!(back[0].as_ref().is_ok_and(|e| e.contains("Remark")));
    }

    #[test]
    fn damage_in_the_middle_is_an_error_with_its_line() {
        let cases: [&[u8]; 4] = [
            b"{\"event\":\"remark\",\"pa\n",
            b"{\"event\":\"remark\",\"pack\":\"p\"}\n",
            b"{\"event\":\"deviation\",\"case\":\"c\",\"us\":1,\"deviation\":{\"kind\":\"moon\"}}\n",
            b"\"text\"\n",
        ];
        for case in cases {
            let bytes = [b"\n", case, b"\n"].concat();
            let back = texts(&bytes);
            assert_eq!(back.len(), 1);
            assert!(
                back[0].as_ref().is_err_and(|e| e.starts_with("line 2: ")),
                "{back:?}"
            );
        }
    }

    #[test]
    fn newer_schema_is_refused() {
        let bytes = String::from_utf8(written(&broken()[..1])).expect("JSON is UTF-8");
        let newer = bytes.replace("\"schema\":1", "\"schema\":2");
        let back = texts(newer.as_bytes());
        let error = "line 1: schema 2 is newer than 1, the last one known here";
        assert_eq!(back, [Err(error.to_string())]);
    }
}
