//! What a person reads who got something wrong: every kind of mistake, as a small file with the rendered
//! diagnostics beside it.
//!
//! `tests/mistakes/scenarios` is held to `tests/mistakes/protocol.yaml`; the files of `protocols` are
//! catalogues themselves. `SNAPSHOTS=overwrite cargo test --test mistakes` writes the diagnostics anew.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use snapbox::data::{Data, DataFormat};
use wireproof::scenario::{PackSource, check, read_pack};
use wireproof::source::{Diagnostics, SourceFile};

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
fn hold_to_snapshots(folder: &str, read: impl Fn(&Path) -> PackSource) {
    let assert = snapbox::Assert::new().action_env("SNAPSHOTS");
    let mut differences = Vec::new();
    for path in yaml_files(folder) {
        let found = mistakes(&read(&path));
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
        pack(
            Path::new("tests/mistakes/protocol.yaml"),
            &[Path::new("tests/mistakes/correct.yaml"), path],
        )
    });
}

#[test]
fn every_mistake_of_a_catalogue_is_shown_at_its_place() {
    hold_to_snapshots("tests/mistakes/protocols", |path| pack(path, &[]));
}

#[test]
fn what_the_others_misuse_is_correct_as_it_stands() {
    let found = mistakes(&pack(
        Path::new("tests/mistakes/protocol.yaml"),
        &[Path::new("tests/mistakes/correct.yaml")],
    ));
    assert!(found.is_empty(), "{}", found.render(false));
}
