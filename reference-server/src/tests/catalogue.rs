//! What the catalogues of the project say. They are data; only ids are looked at, line by line.

use std::collections::BTreeSet;

use crate::pack::Pack;

fn text(pack: Pack) -> &'static str {
    match pack {
        Pack::Friendchat => include_str!("../../../scenarios/friendchat/protocol.yaml"),
        Pack::Minioicq => include_str!("../../../scenarios/minioicq/protocol.yaml"),
        Pack::Ourchat => include_str!("../../../scenarios/ourchat/protocol.yaml"),
        Pack::Roomchat => include_str!("../../../scenarios/roomchat/protocol.yaml"),
        Pack::Tokenchat => include_str!("../../../scenarios/tokenchat/protocol.yaml"),
    }
}

/// The lines below a key of the outermost map.
fn below(pack: Pack, key: &str) -> impl Iterator<Item = &'static str> {
    let key = format!("\n{key}:\n");
    let listed = text(pack).split_once(&key);
    let (_, listed) = listed.expect("the catalogue has this key");
    let lines = listed.lines();
    lines.take_while(|line| !line.starts_with(|c: char| c.is_alphabetic()))
}

/// The ids that must be met and can be provoked, and the others.
pub(super) fn requirements(pack: Pack) -> (BTreeSet<String>, BTreeSet<String>) {
    let lines: Vec<&str> = below(pack, "requirements").collect();
    let (mut musts, mut others) = (BTreeSet::new(), BTreeSet::new());
    for (place, line) in lines.iter().enumerate() {
        let Some(id) = line.trim().strip_prefix("- id: ") else {
            continue;
        };
        let body = lines[place + 1..]
            .iter()
            .take_while(|line| !line.contains("- id: "));
        let body: Vec<&str> = body.map(|line| line.trim()).collect();
        let provokable = !body.iter().any(|line| line.starts_with("unprovokable:"));
        let demanded = body.contains(&"level: must") && provokable;
        let ids = if demanded { &mut musts } else { &mut others };
        ids.insert(id.to_owned());
    }
    (musts, others)
}

/// One `shape.` id for each message that the server sends with fields; without any there is no shape to
/// break.
pub(super) fn shapes(pack: Pack) -> BTreeSet<String> {
    let mut shapes = BTreeSet::new();
    let mut message = "";
    for line in below(pack, "messages") {
        let text = line.trim();
        match line.len() - line.trim_start().len() {
            2 if text.ends_with(':') => message = text.trim_end_matches(':'),
            4 if text.starts_with("server:") && text != "server: {}" => {
                shapes.insert(format!("shape.{}", kebab(message)));
            }
            _ => {}
        }
    }
    shapes
}

/// The readings with their options.
pub(super) fn readings(pack: Pack) -> Vec<(&'static str, Vec<&'static str>)> {
    let mut readings: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in below(pack, "readings") {
        if let Some(id) = line.trim().strip_prefix("- id: ") {
            readings.push((id, Vec::new()));
        } else if let Some(options) = line.trim().strip_prefix("options: { ") {
            let last = readings.last_mut();
            let (_, last) = last.expect("an id comes before its options");
            // An option is a word before a colon; what it means holds no colon.
            let words = options
                .split(": ")
                .map(|part| part.rsplit([',', ' ']).next());
            let words: Vec<&str> = words.flatten().collect();
            last.extend(&words[..words.len() - 1]);
        }
    }
    readings
}

/// `getChats` is `get-chats`, and `USER_LOGOUT` is `user-logout`.
fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    let mut after_small = false;
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && after_small {
            kebab.push('-');
        }
        kebab.push(if letter.is_ascii_alphanumeric() {
            letter.to_ascii_lowercase()
        } else {
            '-'
        });
        after_small = letter.is_ascii_lowercase();
    }
    kebab
}
