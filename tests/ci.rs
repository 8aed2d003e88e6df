//! What is printed in the documentation can be typed: every `wireproof …` command line is held to the real
//! argument parser, and every YAML file for a CI system can be read.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{CommandFactory, Parser};
use regex::Regex;
use wireproof::cli::Cli;
use wireproof::source::{SourceFile, parse};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files below a folder that end in one of these.
fn files(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the repository") {
            let path = entry.expect("readable").path();
            let ending = path.extension().and_then(|ending| ending.to_str());
            if path.is_dir() {
                folders.push(path);
            } else if ending.is_some_and(|ending| endings.contains(&ending)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn ci_files() -> Vec<PathBuf> {
    let mut all = files("docs/ci", &["yml"]);
    all.extend(files(".github", &["yml"]));
    all
}

/// The command lines of a text that begin with `wireproof`, continued lines joined, with their numbers; in
/// Markdown, those in blocks of code.
fn command_lines(text: &str, markdown: bool) -> Vec<(usize, String)> {
    let before = if markdown {
        r"\$ " // what follows a prompt; the rest is what the program says
    } else {
        r"(?:- (?:run: )?|command: |run: )?"
    };
    let command = Regex::new(&format!(r"^\s*{before}(wireproof [a-z].*)$")).expect("valid");
    let mut found = Vec::new();
    let mut lines = text.lines().enumerate();
    let mut code = !markdown;
    while let Some((number, line)) = lines.next() {
        code ^= markdown && line.starts_with("```");
        if !code {
            continue;
        }
        let mut whole = line.to_owned();
        while whole.ends_with('\\') {
            whole.pop();
            whole += lines.next().map_or("", |(_, next)| next.trim());
        }
        if let Some(command) = command.captures(&whole) {
            found.push((number + 1, command[1].to_owned()));
        }
    }
    found
}

/// The first command's words, as a shell would have them; variables stay as they are.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = command.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            '\'' | '"' => {
                let word = word.get_or_insert_default();
                word.extend(chars.by_ref().take_while(|next| *next != char));
            }
            '|' | ';' | '&' | '>' | '#' => break,
            '2' if word.is_none() && chars.peek() == Some(&'>') => break,
            ' ' => words.extend(word.take()),
            _ => word.get_or_insert_default().push(char),
        }
    }
    words.extend(word);
    words
}

#[test]
fn every_command_line_of_the_documentation_is_understood() {
    let mut documents = files("docs", &["md"]);
    documents.push(root().join("README.md"));
    documents.extend(ci_files());
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for path in documents {
        let text = fs::read_to_string(&path).expect("readable");
        let markdown = path.extension().is_some_and(|ending| ending == "md");
        for (line, command) in command_lines(&text, markdown) {
            seen += 1;
            // Which part `auto` is, the environment of a CI says.
            let command_words = words(&command).into_iter().map(|word| {
                let is_auto = word == "auto" || word.starts_with("auto/");
                if is_auto { "1/5".to_owned() } else { word }
            });
            if let Err(error) = Cli::try_parse_from(command_words) {
                let name = path.strip_prefix(root()).expect("below it").display();
                wrong.push(format!("{name}:{line}: {command}\n{error}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen >= 15, "only {seen} command lines were found");
}

#[test]
fn every_option_named_in_the_documentation_exists() {
    let option = Regex::new(r"`(--[a-z][a-z-]*)").expect("valid");
    let mut known: Vec<String> = vec!["--help".to_owned(), "--version".to_owned()];
    let mut commands = vec![Cli::command()];
    while let Some(command) = commands.pop() {
        known.extend(
            command
                .get_arguments()
                .filter_map(|a| Some(format!("--{}", a.get_long()?))),
        );
        commands.extend(command.get_subcommands().cloned());
    }
    // Of the test harness.
    known.extend(["--list", "--exact"].map(str::to_owned));
    let mut documents = files("docs", &["md"]);
    documents.push(root().join("README.md"));
    // Its options are those of the servers that it is about.
    documents.retain(|path| !path.ends_with("independent-servers.md"));
    let mut wrong = Vec::new();
    for path in documents {
        let text = fs::read_to_string(&path).expect("readable");
        for found in option.captures_iter(&text) {
            if !known.iter().any(|known| *known == found[1]) {
                wrong.push(format!("{}: {}", path.display(), &found[1]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_file_for_a_ci_system_is_yaml() {
    let files = ci_files();
    assert!(files.len() >= 6, "{files:?}");
    for path in files {
        let text = fs::read_to_string(&path).expect("readable");
        let file = SourceFile::new(path.display().to_string(), text);
        if let Err(mistakes) = parse(&file) {
            panic!("{}", mistakes.render(false));
        }
    }
}

#[test]
fn words_are_split_as_a_shell_does() {
    let split =
        words("wireproof run --launch './s --port {port}' --target \"$URL\" x || [ $? -eq 1 ]");
    assert_eq!(
        split,
        [
            "wireproof",
            "run",
            "--launch",
            "./s --port {port}",
            "--target",
            "$URL",
            "x"
        ]
    );
    let text =
        "```\n$ wireproof list \\\n    --format json >x\n```\n- wireproof check\n`wireproof run`";
    let found = command_lines(text, true);
    assert_eq!(found, [(2, "wireproof list --format json >x".to_owned())]);
    assert_eq!(command_lines("- wireproof check", false).len(), 1);
}
