//! Who may know whom: the `use` lines of each room, held to a table.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each room and the rooms that it may import; everybody may know itself.
const TABLE: [(&str, &[&str]); 19] = [
    ("value", &[]),
    ("event", &[]),
    ("exit", &[]),
    ("source", &[]),
    ("codec", &["value"]),
    ("transport", &["event", "codec"]),
    ("protocol", &["value", "source"]),
    ("scenario", &["value", "source", "protocol"]),
    (
        "target",
        &["value", "event", "source", "protocol", "scenario"],
    ),
    (
        "plan",
        &["event", "source", "protocol", "scenario", "target"],
    ),
    (
        "engine",
        &["value", "event", "protocol", "scenario", "target", "plan"],
    ),
    (
        "runner",
        &[
            "value",
            "event",
            "codec",
            "transport",
            "protocol",
            "scenario",
            "target",
            "plan",
            "engine",
        ],
    ),
    (
        "probe",
        &[
            "value",
            "event",
            "source",
            "codec",
            "transport",
            "protocol",
            "scenario",
            "target",
            "plan",
            "engine",
            "runner",
        ],
    ),
    ("outcome", &["event"]),
    ("report", &["event", "outcome"]),
    (
        "audit",
        &[
            "value", "event", "codec", "protocol", "scenario", "plan", "engine", "report",
        ],
    ),
    (
        "embed",
        &[
            "codec",
            "event",
            "outcome",
            "plan",
            "report",
            "runner",
            "scenario",
            "source",
            "target",
            "transport",
        ],
    ),
    (
        "fuzz",
        &[
            "value", "event", "source", "codec", "protocol", "scenario", "target", "plan",
            "engine", "runner", "audit",
        ],
    ),
    ("lib", &[]),
];

fn rust_files(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a folder of the repository") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

/// The rooms that a source text names by `crate::`, wherever it does.
fn imported(text: &str) -> BTreeSet<String> {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let mut rooms = BTreeSet::new();
    for line in code {
        for part in line.split("crate::").skip(1) {
            let room: String = part
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                .collect();
            rooms.insert(room);
        }
    }
    rooms
}

#[test]
fn imports_point_one_way() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&root, &mut files);
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for file in files {
        let inside = file.strip_prefix(&root).expect("below src");
        let first = inside
            .components()
            .next()
            .expect("a name")
            .as_os_str()
            .to_string_lossy();
        let room = first.trim_end_matches(".rs").to_owned();
        if room == "cli" || room == "main" {
            continue; // whoever stands at the door may know everybody
        }
        let Some((_, allowed)) = TABLE.iter().find(|(name, _)| *name == room) else {
            wrong.push(format!(
                "{}: room {room} stands in no line of the table",
                inside.display()
            ));
            continue;
        };
        seen.insert(room.clone());
        let text = fs::read_to_string(&file).expect("readable");
        for other in imported(&text) {
            if other != room && !allowed.contains(&other.as_str()) {
                wrong.push(format!("{}: {room} may not know {other}", inside.display()));
            }
        }
    }
    for (room, _) in TABLE {
        if !seen.contains(room) {
            wrong.push(format!(
                "the table has a line for {room}, which is not there"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_command_line_knows_clap_and_the_reference_server() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&root, &mut files);
    for file in files {
        let inside = file.strip_prefix(&root).expect("below src");
        if inside.starts_with("cli") || inside == Path::new("main.rs") {
            continue;
        }
        let text = fs::read_to_string(&file).expect("readable");
        for word in ["clap::", "wireproof_reference::"] {
            assert!(!text.contains(word), "{} names {word}", inside.display());
        }
    }
}

#[test]
fn the_reference_server_imports_nothing_of_the_harness() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("reference-server");
    let manifest = fs::read_to_string(root.join("Cargo.toml")).expect("readable");
    let dependencies = manifest
        .split("[dependencies]")
        .nth(1)
        .expect("dependencies");
    assert!(!dependencies.contains("wireproof"), "{dependencies}");
}
