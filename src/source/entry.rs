//! What an entry of a map must be: a key that is text or an integer, once, a colon with a space
//! behind it, and, between braces, a value. Names the slip where one is likely.

use std::collections::BTreeMap;

use super::{Diagnostic, Kind, Node, Place, refuse::find_outside_comments};

/// The keys of a map so far, with their places; `1` and `"1"` are two keys.
pub(super) type Seen = BTreeMap<(bool, String), Place>;

pub(super) fn check_key(key: &Node, flow: bool, seen: &mut Seen) -> Option<Diagnostic> {
    let (is_int, name) = match &key.kind {
        Kind::Str { text, .. } => (false, text.clone()),
        Kind::Int(int) => (true, int.to_string()),
        Kind::Null if key.place.range().is_empty() => {
            return Some(Diagnostic::new(&key.place, "no key before the colon"));
        }
        Kind::List(_) | Kind::Map(_) => {
            let message = format!("a {} cannot be a key", key.type_name());
            return Some(
                Diagnostic::new(&key.place, message).help("quote the text that contains brackets"),
            );
        }
        Kind::Null | Kind::Bool(_) | Kind::Float(_) => {
            let message = format!("a key is text or an integer, not {}", key.type_name());
            let help = format!("quote it: \"{}\"", key.place.text());
            return Some(Diagnostic::new(&key.place, message).help(help));
        }
    };
    if key.is_plain() && name == "<<" {
        let help = "write the entries out, or quote the key";
        return Some(Diagnostic::new(&key.place, "merge keys are not allowed").help(help));
    }
    if key.is_plain()
        && !flow
        && let Some(colon) = key
            .place
            .text()
            .find(":{")
            .or_else(|| key.place.text().find(":["))
    {
        let place = key.place.part(colon..colon + 1);
        return Some(
            Diagnostic::new(&place, "no space after the colon").help("put a space after \":\""),
        );
    }
    match seen.get(&(is_int, name.clone())) {
        Some(first) => {
            let message = format!("duplicate key {name:?}");
            Some(
                Diagnostic::new(&key.place, message)
                    .label("again here")
                    .related(first, "first here"),
            )
        }
        None => {
            seen.insert((is_int, name), key.place.clone());
            None
        }
    }
}

/// `text` is what was parsed, which the place of the key and the value are of.
pub(super) fn check_value(text: &str, key: &Node, value: &Node, flow: bool) -> Option<Diagnostic> {
    let between = key.place.range().end..value.place.range().start;
    if flow && value.is_null() && value.place.range().is_empty() {
        if find_outside_comments(text, between, ':').is_some() {
            return None;
        }
        if key.is_plain()
            && let Some(colon) = glued_colon(key.place.text())
        {
            return Some(colon_glued(&key.place, colon));
        }
        let help = "an entry of a map is \"key: value\"";
        return Some(Diagnostic::new(&key.place, "a key without a value").help(help));
    }
    let on_its_own_line = text
        .get(between)
        .is_some_and(|between| between.contains('\n'));
    if value.is_plain()
        && on_its_own_line
        && let Some(colon) = glued_colon(value.place.text())
    {
        return Some(colon_glued(&value.place, colon));
    }
    None
}

/// The colon of `word:value`: a word, then a value without a space between. Not that of `ws://host`.
pub(super) fn glued_colon(source: &str) -> Option<usize> {
    let (word, value) = source.split_once(':')?;
    let is_word = word.starts_with(|char: char| char.is_alphabetic() || "_$".contains(char))
        && word
            .chars()
            .all(|char| char.is_alphanumeric() || "_-.$".contains(char));
    let is_value =
        !value.is_empty() && !value.starts_with(|char: char| char.is_whitespace() || char == ':');
    (is_word && is_value && !value.starts_with("//")).then_some(word.len())
}

/// `code:0` where an entry of a map belongs; the colon relative to the place.
pub(super) fn colon_glued(place: &Place, colon: usize) -> Diagnostic {
    let (key, value) = place.text().split_at(colon);
    let value = value
        .trim_start_matches(':')
        .split('\n')
        .next()
        .unwrap_or_default()
        .trim_end();
    Diagnostic::new(place, "no space after the colon").help(format!("write {key}: {value}"))
}

#[cfg(test)]
mod tests {
    use crate::source::{SourceFile, parse};

    fn mistakes(text: &str) -> String {
        parse(&SourceFile::new("a.yaml", text))
            .expect_err("a file with mistakes")
            .to_string()
    }

    #[test]
    fn a_colon_without_its_space_is_named_wherever_an_entry_belongs() {
        for (text, said) in [
            ("{ code:0 }", "1:3: no space after the colon; write code: 0"),
            (
                "a: { b: 1, code:$x.y }",
                "1:12: no space after the colon; write code: $x.y",
            ),
            (
                "a:\n  code:0\n",
                "2:3: no space after the colon; write code: 0",
            ),
            ("code:0\n", "1:1: no space after the colon; write code: 0"),
            (
                "a: 1\nwithin:2s\nb: 2\n",
                "2:1: no space after the colon; write within: 2s",
            ),
            (
                "a: nothing\n  within:2s\n",
                "2:3: no space after the colon; write within: 2s",
            ),
            (
                "- bob receives:{ X: 1 }\n",
                "1:15: no space after the colon; put a space after \":\"",
            ),
        ] {
            assert_eq!(mistakes(text), format!("a.yaml:{said}"), "{text}");
        }
    }

    #[test]
    fn a_colon_inside_a_value_is_text() {
        let text = "{ a: b:c, 'd:e': 1, f:g: 2, h: [i:j], k: \"l:m\" }\n---\nurl:\n  ws://localhost\n---\n- a:b\n";
        assert_eq!(
            parse(&SourceFile::new("a.yaml", text))
                .map(|documents| documents.len())
                .ok(),
            Some(3)
        );
    }

    #[test]
    fn an_entry_between_braces_has_a_value() {
        assert_eq!(
            mistakes("{ a: 1, b 2, \"c\" }"),
            "a.yaml:1:9: a key without a value; an entry of a map is \"key: value\"\n\
             a.yaml:1:14: a key without a value; an entry of a map is \"key: value\""
        );
        assert!(parse(&SourceFile::new("a.yaml", "{ a: , 'b' : # c\n }")).is_ok());
    }

    #[test]
    fn a_key_stands_once_and_the_first_place_is_shown() {
        let text = "a: 1\nb: { c: 1, \"c\": 2 }\na: 3\n";
        let mistakes = parse(&SourceFile::new("a.yaml", text)).expect_err("two duplicates");
        assert_eq!(
            mistakes.to_string(),
            "a.yaml:2:12: duplicate key \"c\"\na.yaml:3:1: duplicate key \"a\""
        );
        let (first, label) = &mistakes.iter().nth(1).expect("the second mistake").related[0];
        assert_eq!(
            (first.to_string(), label.as_str()),
            ("a.yaml:1:1".to_owned(), "first here")
        );
    }

    #[test]
    fn an_integer_and_its_digits_as_text_are_two_keys() {
        assert!(parse(&SourceFile::new("a.yaml", "{ 1: a, \"1\": b }")).is_ok());
        assert_eq!(
            mistakes("{ 1: a, 1: b }"),
            "a.yaml:1:9: duplicate key \"1\""
        );
    }

    #[test]
    fn a_key_is_text_or_an_integer() {
        assert_eq!(
            mistakes("true: 1\nnull: 1\n1.5: 1\n[a]: 1\n? {b: c}\n: 1\n---\n: 2\n"),
            "a.yaml:1:1: a key is text or an integer, not bool; quote it: \"true\"\n\
             a.yaml:2:1: a key is text or an integer, not null; quote it: \"null\"\n\
             a.yaml:3:1: a key is text or an integer, not float; quote it: \"1.5\"\n\
             a.yaml:4:1: a list cannot be a key; quote the text that contains brackets\n\
             a.yaml:5:3: a map cannot be a key; quote the text that contains brackets\n\
             a.yaml:8:1: no key before the colon"
        );
        assert!(
            parse(&SourceFile::new(
                "a.yaml",
                "0: a\n-1: b\nyes: c\non: d\n\"true\": e\n"
            ))
            .is_ok()
        );
    }

    #[test]
    fn merge_keys_are_refused() {
        assert_eq!(
            mistakes("<<: { a: 1 }\n"),
            "a.yaml:1:1: merge keys are not allowed; write the entries out, or quote the key"
        );
        assert!(parse(&SourceFile::new("a.yaml", "\"<<\": 1\n")).is_ok());
    }
}
