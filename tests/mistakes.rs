//! What a person reads who got something wrong: every kind of mistake, as a small file with the rendered
//! diagnostics beside it.
//!
//! `tests/mistakes/profiles` is held to roomchat; `tests/mistakes/scenarios` is held to `tests/mistakes/protocol.yaml`; the files of `protocols` are
//! catalogues themselves. `SNAPSHOTS=overwrite cargo test --test mistakes` writes the diagnostics anew.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use snapbox::data::{Data, DataFormat};
use wireproof::plan::check_known;
use wireproof::scenario::{PackSource, check, embedded, read_pack};
use wireproof::source::{Diagnostics, SourceFile, parse};
use wireproof::target::read_profile;

fn source(path: &Path) -> Arc<SourceFile> {
    let text = std::fs::read_to_string(path).expect("a readable file");
    SourceFile::new(path.display().to_string().replace('\\', "/"), text)
}

fn mistakes(source: &PackSource) -> Diagnostics {
    match read_pack(source) {
        Ok(pack) => check(&pack),
        Err(found) => found,
    }
}

fn pack(protocol: &Path, scenarios: &[&Path]) -> PackSource {
    PackSource {
        name: "notes".to_owned(),
        protocol: source(protocol),
        scenarios: scenarios.iter().map(|path| source(path)).collect(),
    }
}

fn yaml_files(folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|ending| ending == "yaml"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no files in {folder}");
    files
}

/// Compares with the text beside each file; every file must have mistakes.
fn hold_to_snapshots(folder: &str, find: impl Fn(&Path) -> Diagnostics) {
    let assert = snapbox::Assert::new().action_env("SNAPSHOTS");
    let mut differences = Vec::new();
    for path in yaml_files(folder) {
        let found = find(&path);
        if found.is_empty() {
            differences.push(format!("{}: nothing was noticed", path.display()));
            continue;
        }
        let expected = Data::read_from(&path.with_extension("txt"), Some(DataFormat::Text));
        if let Err(difference) = assert.try_eq(None, found.render(false).into(), expected) {
            differences.push(format!("{}\n{difference}", path.display()));
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn every_mistake_of_a_scenario_is_shown_at_its_place() {
    hold_to_snapshots("tests/mistakes/scenarios", |path| {
        mistakes(&pack(
            Path::new("tests/mistakes/protocol.yaml"),
            &[Path::new("tests/mistakes/correct.yaml"), path],
        ))
    });
}

#[test]
fn every_mistake_of_a_catalogue_is_shown_at_its_place() {
    hold_to_snapshots("tests/mistakes/protocols", |path| {
        mistakes(&pack(path, &[]))
    });
}

#[test]
fn every_mistake_of_a_profile_is_shown_at_its_place() {
    let source_of = |name: &str| embedded().into_iter().find(|source| source.name == name);
    let roomchat = read_pack(&source_of("roomchat").expect("an embedded pack"));
    let roomchat = Arc::new(roomchat.expect("a valid pack"));
    hold_to_snapshots("tests/mistakes/profiles", |path| {
        let root = match parse(&source(path)) {
            Ok(roots) => roots.into_iter().next().expect("a document"),
            Err(found) => return found,
        };
        match read_profile(&root, &roomchat.catalogue) {
            Ok((_, profile)) => check_known(&roomchat, &profile),
            Err(found) => found,
        }
    });
}

#[test]
fn what_the_others_misuse_is_correct_as_it_stands() {
    let found = mistakes(&pack(
        Path::new("tests/mistakes/protocol.yaml"),
        &[Path::new("tests/mistakes/correct.yaml")],
    ));
    assert!(found.is_empty(), "{}", found.render(false));
}
