//! A profile in the making: what is taken for granted of a target so far, each thing with the reason.
//!
//! Becomes a [`Profile`] only by way of its own text, so that what is tried is what is written down.

use crate::protocol::{Catalogue, WireCodec};
use crate::source::{Diagnostics, SourceFile, parse};
use crate::target::{Address, Frames, Framing, Profile, read_profile};
use crate::value::Value;

/// Something that the target does in its own way, and how that is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Because<T> {
    pub it: T,
    pub why: String,
}

/// What the target has as another form of a field.
#[derive(Clone, Debug, PartialEq)]
pub struct Other<T> {
    pub message: String,
    /// Whether the client sends the message, rather than the server.
    pub client: bool,
    /// Dotted, as the document has it.
    pub path: String,
    pub it: T,
}

/// What is taken for granted so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    pub pack: String,
    pub url: String,
    pub codec: Option<WireCodec>,
    pub frames: Option<Frames>,
    pub framing: Option<Framing>,
    /// Messages and documented values, and what travels for them.
    pub constants: Vec<Because<(String, Value)>>,
    /// Names of the document and those that travel, in every message.
    pub rename: Vec<Because<(String, String)>>,
    /// The same for one message in one direction; over `rename`.
    pub renamed: Vec<Because<Other<String>>>,
    /// Further fields of every request.
    pub extra: Vec<Because<(String, Value)>>,
    /// `number`, `text`, `bytes`, `base64`.
    pub forms: Vec<Because<Other<&'static str>>>,
    pub readings: Vec<Because<(String, String)>>,
    pub settings: Vec<Because<(String, Value)>>,
    /// The messages that log in, and those after which another login is taken.
    pub one_login: Option<Because<(Vec<String>, Vec<String>)>>,
    /// What is sent, what comes to its sender, and the fields by which that is known.
    pub echoes: Vec<Because<(String, String, Vec<String>)>>,
    /// Lines at the end of the file, for people: what is no part of a profile.
    pub remarks: Vec<String>,
}

impl<T> Because<T> {
    pub fn new(it: T, why: impl Into<String>) -> Because<T> {
        Because {
            it,
            why: why.into(),
        }
    }
}

impl Draft {
    /// What a run would take for granted.
    ///
    /// `Err` where it contradicts itself: two messages of one type, two fields of one name.
    pub fn profile(&self, catalogue: &Catalogue) -> Result<(Address, Profile), Diagnostics> {
        let file = SourceFile::new("the probed profile", self.text());
        let roots = parse(&file)?;
        match roots.first() {
            Some(root) => read_profile(root, catalogue),
            None => Ok(Default::default()),
        }
    }

    /// The type that travels for a message of the document, where that is another one.
    pub fn constant(&self, name: &str) -> Option<&Value> {
        let mut constants = self.constants.iter();
        let found = constants.find(|constant| constant.it.0 == name);
        found.map(|constant| &constant.it.1)
    }

    /// The profile as a file.
    pub fn text(&self) -> String {
        let mut file = File::default();
        file.line("# Written by `wireproof probe`. What a comment calls a guess deserves a look.");
        file.line(&format!("pack: {}", plain(&self.pack)));
        file.line(&format!("url: {}", quoted(&self.url)));
        self.write_wire(&mut file);
        file.map(
            "constants",
            "symbols of the document and what travels for them",
            self.constants.iter().map(|constant| {
                let (name, wire) = &constant.it;
                (plain(name), wire.to_string(), &constant.why)
            }),
        );
        file.map(
            "rename",
            "fields of the document and what they are called here, in every message",
            self.rename.iter().map(|renamed| {
                let (name, wire) = &renamed.it;
                (plain(name), plain(wire), &renamed.why)
            }),
        );
        file.map(
            "extra",
            "further fields that requests need",
            self.extra
                .iter()
                .map(|extra| (plain(&extra.it.0), literal(&extra.it.1), &extra.why)),
        );
        self.write_messages(&mut file);
        file.map(
            "readings",
            "where the document leaves a choice that the suite has to be told",
            self.readings
                .iter()
                .map(|it| (plain(&it.it.0), plain(&it.it.1), &it.why)),
        );
        file.map(
            "settings",
            "limits of the server",
            self.settings
                .iter()
                .map(|it| (plain(&it.it.0), it.it.1.to_string(), &it.why)),
        );
        if let Some(one) = &self.one_login {
            let (by, until) = &one.it;
            file.line("");
            file.line(&format!("# {}", one.why));
            let until = if until.is_empty() {
                String::new()
            } else {
                format!(", until: {}", list(until))
            };
            file.line(&format!(
                "one_login_per_connection: {{ by: {}{until} }}",
                list(by)
            ));
        }
        let echoes = self.echoes.iter().map(|echo| {
            let (sent, comes, same) = &echo.it;
            let comes = format!("{{ {}: {} }}", plain(comes), list(same));
            (plain(sent), comes, &echo.why)
        });
        file.map("echoes", "what the sender of a message gets, too", echoes);
        if !self.remarks.is_empty() {
            file.line("");
        }
        for remark in &self.remarks {
            file.line(format!("# {}", comment(remark)).trim_end());
        }
        file.0
    }

    fn write_wire(&self, file: &mut File) {
        let mut parts = Vec::new();
        parts.extend(self.codec.map(|codec| format!("codec: {}", codec.name())));
        parts.extend((self.frames).map(|frames| format!("frames: {}", frames.name())));
        parts.extend((self.framing).map(|framing| format!("framing: {}", framing.name())));
        if !parts.is_empty() {
            file.line(&format!("wire: {{ {} }}", parts.join(", ")));
        }
    }

    /// What is said of single messages, each message once.
    fn write_messages(&self, file: &mut File) {
        let renamed = self.renamed.iter().map(|it| &it.it.message);
        let formed = self.forms.iter().map(|it| &it.it.message);
        let mut names: Vec<&String> = renamed.chain(formed).collect();
        names.sort();
        names.dedup();
        if names.is_empty() {
            return;
        }
        file.line("");
        file.line("# what is different in single messages");
        file.line("messages:");
        for name in names {
            file.line(&format!("  {}:", plain(name)));
            for client in [true, false] {
                let is_here =
                    |message: &String, from_client: bool| message == name && from_client == client;
                let renamed: Vec<_> = (self.renamed.iter())
                    .filter(|it| is_here(&it.it.message, it.it.client))
                    .map(|it| (plain(&it.it.path), plain(&it.it.it), &it.why))
                    .collect();
                let forms: Vec<_> = (self.forms.iter())
                    .filter(|it| is_here(&it.it.message, it.it.client))
                    .map(|it| (plain(&it.it.path), it.it.it.to_owned(), &it.why))
                    .collect();
                if renamed.is_empty() && forms.is_empty() {
                    continue;
                }
                file.line(if client { "    client:" } else { "    server:" });
                for (key, entries) in [("rename", renamed), ("forms", forms)] {
                    if entries.is_empty() {
                        continue;
                    }
                    file.line(&format!("      {key}:"));
                    for (path, wire, why) in entries {
                        file.line(&format!("        {path}: {wire}  # {why}"));
                    }
                }
            }
        }
    }
}

#[derive(Default)]
struct File(String);

impl File {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    /// A block of entries with a comment each; nothing where there is none.
    fn map<'w>(
        &mut self,
        key: &str,
        about: &str,
        entries: impl Iterator<Item = (String, String, &'w String)>,
    ) {
        let mut entries = entries.peekable();
        if entries.peek().is_none() {
            return;
        }
        self.line("");
        self.line(&format!("# {about}"));
        self.line(&format!("{key}:"));
        for (name, value, why) in entries {
            self.line(&format!("  {name}: {value}  # {why}"));
        }
    }
}

/// A word as YAML has it, in quotes where it might be taken for something else.
fn plain(word: &str) -> String {
    let reserved = ["true", "false", "null", "yes", "no", "on", "off"];
    let starts = word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    if starts && word.chars().all(is_plain) && !reserved.contains(&word.to_lowercase().as_str()) {
        word.to_owned()
    } else {
        quoted(word)
    }
}

fn quoted(text: &str) -> String {
    Value::str(text).to_string()
}

/// A value that travels as it is: text that looks like a reference is escaped.
fn literal(value: &Value) -> String {
    match value.as_str() {
        Some(text) if text.starts_with('$') => quoted(&format!("${text}")),
        Some(text) if text.contains("${") => quoted(&text.replace("${", "$")),
        _ => value.to_string(),
    }
}

/// Text as a comment may have it: on one line, and with nothing that no YAML file may hold.
fn comment(text: &str) -> String {
    let is_odd = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}');
    text.replace(is_odd, " ")
}

fn list(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(|word| plain(word)).collect();
    format!("[{}]", words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{embedded, read_pack};

    fn catalogue(pack: &str) -> Catalogue {
        let source = embedded().into_iter().find(|source| source.name == pack);
        let pack = source.map(|source| read_pack(&source).expect("a pack"));
        pack.expect("a known pack").catalogue
    }

    fn because<T>(it: T) -> Because<T> {
        Because::new(it, "seen once")
    }

    #[test]
    fn what_is_written_is_read_again_as_it_was_meant() {
        let draft = Draft {
            pack: "roomchat".to_owned(),
            url: "ws://127.0.0.1:7000/chat?a=b".to_owned(),
            codec: Some(WireCodec::MessagePack),
            frames: Some(Frames::Text),
            constants: vec![because(("CREATE_ROOM".to_owned(), Value::Int(3)))],
            rename: vec![because(("room_id".to_owned(), "true".to_owned()))],
            renamed: vec![because(Other {
                it: "the id".to_owned(),
                message: "SND_MSG".to_owned(),
                client: false,
                path: "message_id".to_owned(),
            })],
            extra: vec![
                because(("version".to_owned(), Value::str("2"))),
                because(("odd".to_owned(), Value::str("$me.name: #\"'"))),
            ],
            forms: vec![because(Other {
                it: "number",
                message: "SEARCH_USER".to_owned(),
                client: true,
                path: "user".to_owned(),
            })],
            readings: vec![because(("recent".to_owned(), "RECENT".to_owned()))],
            one_login: Some(because((vec!["REQUEST_LOGIN".to_owned()], Vec::new()))),
            echoes: vec![because((
                "SND_MSG".to_owned(),
                "READ_MSG".to_owned(),
                vec!["room_id".to_owned()],
            ))],
            remarks: vec!["a remark: with { odd } signs".to_owned()],
            ..Draft::default()
        };
        let (address, profile) = draft
            .profile(&catalogue("roomchat"))
            .unwrap_or_else(|problems| panic!("{}\n{}", problems.render(false), draft.text()));
        assert_eq!(address.url.as_deref(), Some("ws://127.0.0.1:7000/chat?a=b"));
        assert_eq!(profile.wire.codec, Some(WireCodec::MessagePack));
        assert_eq!(profile.wire.frames, Some(Frames::Text));
        assert_eq!(
            profile.readings,
            [("recent".to_owned(), "RECENT".to_owned())]
        );
        assert_eq!(profile.once_per_connection, ["REQUEST_LOGIN"]);
        assert_eq!(profile.echoes.len(), 1);
        let me = crate::target::Me {
            fields: &[],
            now: 0,
        };
        let search = Value::map([
            ("type", Value::str("SEARCH_USER")),
            ("user", Value::str("12")),
        ]);
        let sent = profile.dialect.outgoing(search, &me);
        assert_eq!(sent.get("user"), Some(&Value::Int(12)));
        assert_eq!(sent.get("version"), Some(&Value::str("2")));
        assert_eq!(sent.get("odd"), Some(&Value::str("$me.name: #\"'")));
        let came = Value::map([
            ("type", Value::str("SND_MSG")),
            ("true", Value::Int(7)),
            ("the id", Value::Int(8)),
        ]);
        let came = profile.dialect.incoming(came);
        assert_eq!(came.get("room_id"), Some(&Value::Int(7)));
        assert_eq!(came.get("message_id"), Some(&Value::Int(8)));
    }

    #[test]
    fn what_a_server_says_cannot_break_the_file() {
        for said in [
            "a\0b",
            "a\u{1b}[31mb",
            "a\u{85}b: c",
            "a\u{2028}b: c",
            "a\r\nb: c",
        ] {
            let draft = Draft {
                pack: "roomchat".to_owned(),
                url: "ws://127.0.0.1:7000".to_owned(),
                remarks: vec![said.to_owned()],
                ..Draft::default()
            };
            let read = draft.profile(&catalogue("roomchat"));
            assert!(read.is_ok(), "{said:?}: {}", draft.text());
            assert_eq!(draft.text().lines().count(), 5, "{}", draft.text());
        }
    }
}
