//! The documentation says what is so: pages that are generated are fresh, and examples of the language are valid.
//!
//! `SNAPSHOTS=overwrite cargo test --test docs` writes the pages anew.

use std::fs;
use std::path::Path;

use snapbox::cmd::Command;
use snapbox::{Assert, Data};
use wireproof::scenario::{PackSource, embedded, read_pack};
use wireproof::source::SourceFile;

#[test]
fn the_page_of_each_pack_is_fresh() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for source in embedded() {
        let page = root.join(format!("docs/packs/{}.md", source.name));
        let output = Command::new(snapbox::cmd::cargo_bin!("wireproof"))
            .args(["list", "--format", "markdown", "--pack", &source.name])
            .output()
            .expect("it starts");
        let written = String::from_utf8(output.stdout).expect("text");
        assert!(written.contains("## Requirements"), "{written}");
        Assert::new()
            .action_env("SNAPSHOTS")
            .eq(written, Data::read_from(&page, None).raw());
    }
}

/// The YAML examples of the language reference, each with the line at which it begins.
fn examples(text: &str) -> Vec<(usize, String)> {
    let mut examples = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (number, line) in text.lines().enumerate() {
        match &mut open {
            None if line == "```yaml" => open = Some((number + 2, String::new())),
            Some(_) if line == "```" => examples.extend(open.take()),
            Some((_, example)) => {
                example.push_str(line);
                example.push('\n');
            }
            None => {}
        }
    }
    examples
}

/// What reading an example has to say against it. A catalogue is a pack from then on; scenarios belong to the
/// friendchat pack before that, and to that pack after it.
fn mistakes(text: &str) -> Vec<String> {
    let mut pack = embedded()
        .into_iter()
        .find(|source| source.name == "friendchat")
        .expect("embedded");
    let mut wrong = Vec::new();
    for (line, example) in examples(text) {
        let file = SourceFile::new(format!("line-{line}.yaml"), example.clone());
        if example.starts_with("protocol:") {
            pack = PackSource {
                name: "example".to_owned(),
                protocol: file,
                scenarios: Vec::new(),
            };
        } else {
            pack.scenarios = vec![file];
        }
        if let Err(diagnostics) = read_pack(&pack) {
            wrong.push(diagnostics.to_string());
        }
    }
    wrong
}

#[test]
fn every_example_of_the_language_reference_is_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("docs/scenario-language.md")).expect("readable");
    assert!(examples(&text).len() > 3, "the reference has examples");
    let wrong = mistakes(&text);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let misspelt = mistakes(&text.replace("alice receives", "alice recieves"));
    assert!(!misspelt.is_empty(), "the examples are looked at");
}
