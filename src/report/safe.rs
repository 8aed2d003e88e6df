//! Makes text from a target harmless: nothing in it moves a cursor, turns a line around or fills a page.
//!
//! The only way by which such text reaches a terminal or a page; markup is the template's own to escape.

use std::fmt::Write as _;

/// The text on one line, of at most `most` characters of the original: control characters, escape
/// sequences, invisible and bidirectional controls become `\n` or `\u{1b}`; what is left out is counted.
pub fn safe_text(text: &str, most: usize) -> String {
    let mut safe = String::with_capacity(text.len().min(most + 32));
    let mut marks = 0;
    for (taken, (at, c)) in text.char_indices().enumerate() {
        if taken == most {
            let left = text[at..].chars().count();
            let _ = write!(safe, "… (+{left} characters)");
            break;
        }
        marks = if combining(c) { marks + 1 } else { 0 };
        match c {
            '\n' => safe.push_str("\\n"),
            '\r' => safe.push_str("\\r"),
            '\t' => safe.push_str("\\t"),
            '#' if begins_command(&text[at..], &safe) => safe.push_str("\\u{23}"),
            c if unsafe_char(c) || marks > MOST_MARKS => {
                let _ = write!(safe, "\\u{{{:x}}}", u32::from(c));
            }
            c => safe.push(c),
        }
    }
    safe
}

/// JSON with the same characters as `\u` escapes, which mean the same to every reader of JSON.
pub(super) fn safe_json(json: String) -> String {
    if !json.contains("##") && !json.contains(|c: char| c != '\n' && unsafe_char(c)) {
        return json;
    }
    let mut safe = String::with_capacity(json.len() + 64);
    for (at, c) in json.char_indices() {
        let harmless = c == '\n' || !unsafe_char(c);
        if harmless && !(c == '#' && begins_command(&json[at..], &safe)) {
            safe.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        }
    }
    safe
}

/// Whether this `#` is the second of a command to a CI runner, which may stand anywhere in a line:
/// `##[error]`, `##vso[task…]`, `##teamcity[…]`.
fn begins_command(rest: &str, before: &str) -> bool {
    let second = before.ends_with('#') && rest.starts_with('#');
    second
        && ["[", "vso[", "teamcity["]
            .iter()
            .any(|word| rest[1..].starts_with(word))
}

/// As many marks as written languages stack on one letter.
const MOST_MARKS: usize = 4;

fn unsafe_char(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{fdd0}'..='\u{fdef}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
        // The last two of each plane are no characters; XML does not take them.
        || u32::from(c) & 0xfffe == 0xfffe
}

fn combining(c: char) -> bool {
    matches!(
        c,
        '\u{300}'..='\u{36f}'
            | '\u{483}'..='\u{489}'
            | '\u{1ab0}'..='\u{1aff}'
            | '\u{1dc0}'..='\u{1dff}'
            | '\u{20d0}'..='\u{20ff}'
            | '\u{fe20}'..='\u{fe2f}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_are_shown_instead_of_obeyed() {
        assert_eq!(safe_text("\u{1b}[2Jx", 99), "\\u{1b}[2Jx");
        assert_eq!(safe_text("\u{9b}31m", 99), "\\u{9b}31m");
        assert_eq!(
            safe_text("a\r\n\tb\u{0}\u{7f}", 99),
            "a\\r\\n\\tb\\u{0}\\u{7f}"
        );
    }

    #[test]
    fn bidi_and_invisible_characters_are_shown() {
        assert_eq!(
            safe_text("\u{202e}abc\u{2066}\u{200b}\u{feff}", 99),
            "\\u{202e}abc\\u{2066}\\u{200b}\\u{feff}"
        );
        assert_eq!(safe_text("\u{2028}\u{e0041}", 99), "\\u{2028}\\u{e0041}");
    }

    #[test]
    fn what_is_no_character_is_shown() {
        assert_eq!(safe_text("\u{fffe}\u{10ffff}", 99), "\\u{fffe}\\u{10ffff}");
        assert_eq!(safe_text("\u{fdd0}\u{fffd}", 99), "\\u{fdd0}\u{fffd}");
    }

    #[test]
    fn ordinary_text_of_any_script_stays() {
        let text = "héllo שלום 你好 👩‍👩‍👧 e\u{301} <b>&";
        assert_eq!(safe_text(text, 99), text);
    }

    #[test]
    fn towers_of_marks_are_broken() {
        let tower = format!("e{}", "\u{301}".repeat(6));
        let safe = safe_text(&tower, 99);
        assert_eq!(safe, "e\u{301}\u{301}\u{301}\u{301}\\u{301}\\u{301}");
    }

    #[test]
    fn long_text_is_cut_at_a_character_and_says_so() {
        assert_eq!(safe_text("äöü", 3), "äöü");
        assert_eq!(safe_text("äöüß€", 3), "äöü… (+2 characters)");
    }

    #[test]
    fn commands_to_ci_runners_are_broken() {
        for command in ["##[error]x", "a ##vso[task.x]y", "##teamcity[z]"] {
            assert!(!safe_text(command, 99).contains("##"), "{command}");
            let json = safe_json(serde_json::Value::from(command).to_string());
            assert!(!json.contains("##"), "{json}");
            let back: String = serde_json::from_str(&json).expect("still JSON");
            assert_eq!(back, command);
        }
        assert_eq!(safe_text("## title, ###", 99), "## title, ###");
    }

    #[test]
    fn json_keeps_its_meaning() {
        let text = "a\u{9b}\u{202e}\u{7f}\u{e0041}é\"\n";
        let json = serde_json::to_string(text).expect("a string");
        let safe = safe_json(json);
        assert!(!safe.contains(unsafe_char));
        let back: String = serde_json::from_str(&safe).expect("still JSON");
        assert_eq!(back, text);
    }
}
