//! Masks what is secret in the events of a run, before any report or log has them.
//!
//! By value: what a field that the pack marks `secret` held is masked wherever else in its case it turns
//! up, in whole or where it was cut off; and so are the values of headers, and what a URL holds besides an
//! address. What a server makes of a secret (a hash, its base64) is another value, and stays.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::event::{CaseEnd, Deviation, End, Event, Frame, RunEnd};

/// What stands in the place of a secret.
pub const MASK: &str = "[masked]";

/// Shorter secrets are masked only where they are words of their own.
const LONG_ENOUGH: usize = 4;
/// The least that is left of a secret when a text is cut off, for it to count as one.
const LEAST_START: usize = 3;

#[derive(Debug, Default)]
pub(super) struct Redactor {
    /// The secrets of each running case, longest first.
    cases: HashMap<String, Vec<Needle>>,
}

impl Redactor {
    /// The event without secrets; `None` for an event that says what is secret.
    pub(super) fn redact(&mut self, event: &Event) -> Option<Event> {
        let mut event = event.clone();
        match &mut event {
            Event::Secret { case, value } => {
                let needles = self.cases.entry(case.clone()).or_default();
                needles.push(Needle::new(value));
                needles.sort_by_key(|needle| usize::MAX - needle.raw.len());
                return None;
            }
            Event::RunStarted { target, .. } => mask_urls(target),
            Event::CaseStarted { rerun, .. } => {
                mask_headers(rerun);
                mask_urls(rerun);
            }
            Event::RunFinished { end, .. } => {
                if let RunEnd::TargetUnfit { reason } = end {
                    self.all(reason);
                    mask_urls(reason);
                }
            }
            Event::Remark { text, .. } => self.all(text),
            Event::Sent { case, frame, .. } => self.frame(case, frame),
            Event::Received {
                case,
                frame,
                message,
                ..
            } => {
                self.frame(case, frame);
                self.some(case, message);
            }
            Event::Closed { case, end, .. } => match end {
                End::Close { reason, .. } => self.text(case, reason),
                End::Protocol { error } | End::Refused { error } => self.text(case, error),
                End::ByUs | End::Eof | End::Reset => {}
            },
            Event::Shape {
                case,
                expected,
                received,
                path,
                ..
            } => {
                for text in [expected, received, path] {
                    self.text(case, text);
                }
            }
            Event::UnknownMessage { case, name, .. } => self.text(case, name),
            Event::Deviation {
                case, deviation, ..
            } => self.deviation(case, deviation),
            Event::ServerLog { lines, .. } => {
                lines.iter_mut().for_each(|line| self.all(line));
            }
            Event::CaseWithdrawn { reason, .. } => {
                self.all(reason);
                mask_urls(reason);
            }
            Event::CaseFinished { case, end, .. } => {
                if let CaseEnd::Blocked { reason, .. } | CaseEnd::CouldNotRun { reason } = end {
                    self.text(case, reason);
                }
                self.cases.remove(case);
            }
            Event::Opened { .. }
            | Event::Taken { .. }
            | Event::Held { .. }
            | Event::Silence { .. }
            | Event::Reading { .. } => {}
        }
        Some(event)
    }

    fn deviation(&self, case: &str, deviation: &mut Deviation) {
        self.text(case, &mut deviation.message);
        let texts = [
            &mut deviation.expected,
            &mut deviation.received,
            &mut deviation.sent,
            &mut deviation.near,
        ];
        for text in texts {
            self.some(case, text);
        }
    }

    fn frame(&self, case: &str, frame: &mut Frame) {
        self.text(case, &mut frame.text);
        for needle in self.of(case) {
            if let Some(hex) = &mut frame.hex {
                needle.mask_hex(hex, frame.cut);
            }
        }
    }

    fn some(&self, case: &str, text: &mut Option<String>) {
        if let Some(text) = text {
            self.text(case, text);
        }
    }

    fn text(&self, case: &str, text: &mut String) {
        for needle in self.of(case) {
            needle.mask(text);
        }
    }

    /// A text that is of no one case.
    fn all(&self, text: &mut String) {
        for needle in self.cases.values().flatten() {
            needle.mask(text);
        }
    }

    fn of(&self, case: &str) -> &[Needle] {
        self.cases.get(case).map_or(&[], Vec::as_slice)
    }
}

/// One secret, in the forms in which a text may have it.
#[derive(Debug)]
struct Needle {
    raw: String,
    /// As in a string of JSON, where that differs.
    escaped: Option<String>,
    hex: String,
}

impl Needle {
    fn new(secret: &str) -> Needle {
        let quoted = serde_json::Value::from(secret).to_string();
        let escaped = quoted[1..quoted.len() - 1].to_owned();
        Needle {
            raw: secret.to_owned(),
            escaped: (escaped != secret).then_some(escaped),
            hex: secret.bytes().map(|byte| format!("{byte:02x}")).collect(),
        }
    }

    fn mask(&self, text: &mut String) {
        for form in [Some(&self.raw), self.escaped.as_ref()]
            .into_iter()
            .flatten()
        {
            if text.contains(form.as_str()) {
                *text = masked(text, form);
            }
            mask_start(text, form);
        }
    }

    fn mask_hex(&self, hex: &mut String, cut: bool) {
        let mut from = 0;
        while let Some(found) = hex[from..].find(&self.hex) {
            let at = from + found;
            from = at + 1;
            // Bytes begin at even places.
            if at % 2 == 0 {
                hex.replace_range(at..at + self.hex.len(), &"*".repeat(self.hex.len()));
            }
        }
        if cut {
            let most = self.hex.len().min(hex.len());
            let mut starts = (2 * LEAST_START..=most)
                .rev()
                .filter(|length| length % 2 == 0);
            if let Some(length) = starts.find(|length| hex.ends_with(&self.hex[..*length])) {
                let at = hex.len() - length;
                hex.replace_range(at.., &"*".repeat(length));
            }
        }
    }
}

fn masked(text: &str, secret: &str) -> String {
    let word = |c: char| c.is_alphanumeric();
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(secret) {
        let (before, after) = (&rest[..at], &rest[at + secret.len()..]);
        let inside = before
            .chars()
            .next_back()
            .or(safe.chars().next_back())
            .is_some_and(word)
            || after.chars().next().is_some_and(word);
        safe += before;
        safe += if secret.len() < LONG_ENOUGH && inside {
            secret
        } else {
            MASK
        };
        rest = after;
    }
    safe + rest
}

/// Masks the start of a secret that was cut off: before an ellipsis, or at the end.
fn mask_start(text: &mut String, secret: &str) {
    let ends: Vec<usize> = (text.match_indices('…').map(|(at, _)| at))
        .chain([text.len()])
        .collect();
    // From the back, so that the places before stay right.
    for end in ends.into_iter().rev() {
        let starts = secret.char_indices().map(|(at, _)| at).rev();
        let start = starts
            .filter(|length| *length >= LEAST_START)
            .find(|length| text[..end].ends_with(&secret[..*length]));
        if let Some(length) = start {
            text.replace_range(end - length..end, MASK);
        }
    }
}

/// The values of headers in a command.
fn mask_headers(command: &mut String) {
    static HEADER: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"--header (?:'([^':]*):(?:[^']|'\\'')*'|([^\s':]*):\S*)").expect("it is valid")
    });
    let safe = HEADER.replace_all(command, format!("--header '$1$2: {MASK}'"));
    *command = safe.into_owned();
}

/// User, password and query of the URLs in a text.
fn mask_urls(text: &mut String) {
    static USER: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\b((?:wss?|tcp|tls|https?)://)[^\s/@'?#]*@").expect("it is valid")
    });
    static QUERY: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"\b((?:wss?|tcp|tls|https?)://[^\s'?]*\?)[^\s']*").expect("it is valid")
    });
    let safe = USER.replace_all(text, format!("${{1}}{MASK}@"));
    let safe = QUERY
        .replace_all(&safe, format!("${{1}}{MASK}"))
        .into_owned();
    *text = safe;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::FrameKind;

    fn said(secrets: &[&str], text: &str) -> String {
        let mut redactor = Redactor::default();
        for value in secrets {
            let (case, value) = ("c".to_owned(), (*value).to_owned());
            assert!(redactor.redact(&Event::Secret { case, value }).is_none());
        }
        let mut text = text.to_owned();
        redactor.text("c", &mut text);
        text
    }

    #[test]
    fn secret_is_masked_wherever_it_stands() {
        let frame = "{\"password\": \"hunter22\", \"echo\": \"xhunter22x\"}";
        let safe = "{\"password\": \"[masked]\", \"echo\": \"x[masked]x\"}";
        assert_eq!(said(&["hunter22"], frame), safe);
        assert_eq!(
            said(&["a\"b\\c"], r#"{"p": "a\"b\\c"} a"b\c"#),
            r#"{"p": "[masked]"} [masked]"#
        );
    }

    #[test]
    fn longest_secret_goes_first() {
        assert_eq!(
            said(&["pass", "password1"], "password1 pass"),
            "[masked] [masked]"
        );
    }

    #[test]
    fn short_secret_is_masked_where_it_is_a_word() {
        assert_eq!(
            said(&["42"], "token 42, id 142, \"42\", 42"),
            "token [masked], id 142, \"[masked]\", [masked]"
        );
    }

    #[test]
    fn start_of_a_secret_that_was_cut_off_is_masked() {
        assert_eq!(
            said(&["hunter22"], "{\"p\": \"hunt…"),
            "{\"p\": \"[masked]…"
        );
        assert_eq!(said(&["hunter22"], "p: hunter2"), "p: [masked]");
        assert_eq!(said(&["hunter22"], "hu… hunt"), "hu… [masked]");
    }

    #[test]
    fn bytes_of_a_secret_are_masked() {
        let mut redactor = Redactor::default();
        let (case, value) = ("c".to_owned(), "hunter22".to_owned());
        redactor.redact(&Event::Secret { case, value });
        let mut frame = Frame {
            kind: FrameKind::Binary,
            bytes: 24,
            text: String::new(),
            hex: Some("81a168756e74657232320068756e74".to_owned()),
            cut: true,
        };
        redactor.frame("c", &mut frame);
        assert_eq!(frame.hex.as_deref(), Some("81a1****************00********"));
    }

    #[test]
    fn secrets_of_one_case_mean_nothing_in_another() {
        let mut redactor = Redactor::default();
        let (case, value) = ("c".to_owned(), "hunter22".to_owned());
        redactor.redact(&Event::Secret { case, value });
        let mut text = "hunter22".to_owned();
        redactor.text("d", &mut text);
        assert_eq!(text, "hunter22");
    }

    #[test]
    fn headers_and_urls_in_a_command_are_masked() {
        let mut command = r"wireproof run --target 'ws://u:p@h:1/x?token=abc&b=c' --header 'Authorization: Bearer it'\''s x' --header A:b --case".to_owned();
        mask_headers(&mut command);
        mask_urls(&mut command);
        assert_eq!(
            command,
            "wireproof run --target 'ws://[masked]@h:1/x?[masked]' --header 'Authorization: [masked]' --header 'A: [masked]' --case"
        );
        let mut plain = "ws://127.0.0.1:7000/chat".to_owned();
        mask_urls(&mut plain);
        assert_eq!(plain, "ws://127.0.0.1:7000/chat");
    }
}
