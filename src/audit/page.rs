//! The matrix on one page that opens from disk, offline, and reads without script; in the look of a run's report.
//!
//! Every text has been through `safe_text`; the template escapes its markup.

use std::io::{self, Write};

use askama::Template;

use super::matrix::{Counted, DegenerateLine, IdleMatcher, PackMatrix, RuleLine, SurvivorGroup};
use crate::report::{Shell, Tone, safe_text};

/// The most of one text that is shown, in characters.
const LONG: usize = 400;

#[derive(Template)]
#[template(path = "audit.html", config = "src/report/html/askama.toml")]
struct Page {
    shell: Shell,
    sentence: String,
    packs: Vec<PackPart>,
}

struct PackPart {
    name: String,
    cases: usize,
    misses: Vec<String>,
    frames: Vec<Frames>,
    /// How it was tampered with a server that is not the reference.
    wire: Option<String>,
    survivors: Vec<Line>,
    servers: Vec<ServerRow>,
    rules: Vec<RuleRow>,
    rules_words: String,
    rules_open: bool,
    never_failed: Vec<Line>,
    judged_matchers: Option<usize>,
    matchers: Vec<Line>,
}

struct Frames {
    of: &'static str,
    killed: usize,
    survived: usize,
    share: String,
    equivalent: String,
}

struct ServerRow {
    server: &'static str,
    hopeless: bool,
    conforms: usize,
    class: &'static str,
    met: Vec<(String, String)>,
}

struct RuleRow {
    id: String,
    how: String,
    killed_by: String,
    class: &'static str,
    strays: usize,
}

/// A step of a scenario, and what is said of it.
#[derive(Default)]
struct Line {
    count: usize,
    message: String,
    field: String,
    what: &'static str,
    purpose: &'static str,
    matcher: String,
    requirements: String,
    case: String,
    at: String,
    line: String,
}

/// Writes the page.
///
/// # Errors
///
/// What the writer says.
pub fn page_of_matrix(packs: &[PackMatrix], mut out: impl Write) -> io::Result<()> {
    let misses: usize = packs.iter().map(|pack| pack.misses.len()).sum();
    let (tone, sentence) = match misses {
        0 => (Tone::Conforms, "The suite notices what it must".to_owned()),
        1 => (
            Tone::Deviates,
            "The suite falls short in one way".to_owned(),
        ),
        many => (
            Tone::Deviates,
            format!("The suite falls short in {many} ways"),
        ),
    };
    let page = Page {
        shell: Shell::new(sentence.clone(), tone),
        sentence,
        packs: packs.iter().map(part).collect(),
    };
    page.write_into(&mut out)?;
    out.flush()
}

fn part(pack: &PackMatrix) -> PackPart {
    let tamper = pack.tamper.as_ref();
    let frames = tamper.map(|part| {
        let of = [
            ("steps", &part.steps),
            ("flows", &part.flows),
            ("fences", &part.fences),
        ];
        of.map(|(of, counted)| frames(of, counted)).into()
    });
    let survivors = tamper.map(|part| part.survivors.iter().map(survivor).collect());
    let never_failed = tamper.map(|part| {
        let steps = part.never_failed.iter();
        let line = |step: &super::NeverFailed| Line {
            requirements: text(&step.requirements.join(", ")),
            at: text(&step.at),
            line: text(&step.line),
            ..Line::default()
        };
        steps.map(line).collect()
    });
    let unnoticed = pack.rules.iter().filter(|rule| rule.killed_by.is_empty());
    let unnoticed = unnoticed.count();
    let strays: usize = pack.rules.iter().map(|rule| rule.stray.len()).sum();
    PackPart {
        name: text(&pack.pack),
        cases: pack.cases,
        misses: pack.misses.iter().map(|miss| text(miss)).collect(),
        frames: frames.unwrap_or_default(),
        wire: pack.wire.as_ref().map(|wire| text(&wire.in_words())),
        survivors: survivors.unwrap_or_default(),
        servers: pack.degenerate.iter().map(server).collect(),
        rules: pack.rules.iter().map(rule).collect(),
        rules_words: format!(
            "{} of {} ways noticed, {strays} strays",
            pack.rules.len() - unnoticed,
            pack.rules.len()
        ),
        rules_open: unnoticed + strays > 0,
        never_failed: never_failed.unwrap_or_default(),
        judged_matchers: pack.idle.as_ref().map(|part| part.judged),
        matchers: pack
            .idle
            .iter()
            .flat_map(|part| part.matchers.iter().map(matcher))
            .collect(),
    }
}

fn text(text: &str) -> String {
    safe_text(text, LONG)
}

fn frames(of: &'static str, counted: &Counted) -> Frames {
    let by: Vec<String> = counted
        .equivalent_by
        .iter()
        .map(|(mark, count)| format!("{} {count}", format!("{mark:?}").to_lowercase()))
        .collect();
    let Counted {
        equivalent,
        equivalent_share,
        ..
    } = counted;
    Frames {
        of,
        killed: counted.killed,
        survived: counted.survived,
        share: format!("{:.2}", counted.share),
        equivalent: format!("{equivalent} ({equivalent_share:.2} %): {}", by.join(", ")),
    }
}

fn survivor(group: &SurvivorGroup) -> Line {
    Line {
        count: group.count,
        message: text(&group.message),
        field: text(group.field.as_deref().unwrap_or_default()),
        what: group.what,
        purpose: group.purpose,
        requirements: text(&group.requirements.join(", ")),
        case: text(&group.case),
        at: text(&group.at),
        line: text(&group.line),
        ..Line::default()
    }
}

fn matcher(idle: &IdleMatcher) -> Line {
    Line {
        field: text(&idle.field),
        matcher: text(&idle.matcher),
        case: text(&idle.case),
        at: text(&idle.at),
        line: text(&idle.line),
        ..Line::default()
    }
}

fn server(line: &DegenerateLine) -> ServerRow {
    let reason = |id: &String| {
        let reason = line
            .reasons
            .get(id)
            .map_or("no reason given", String::as_str);
        (text(id), text(reason))
    };
    ServerRow {
        server: line.server,
        hopeless: line.hopeless,
        conforms: line.conforms,
        class: match (line.hopeless, line.conforms) {
            (true, 0) => "met",
            (true, _) => "not-met",
            (false, _) => "not-judged",
        },
        met: line.met_where_conforming.iter().map(reason).collect(),
    }
}

fn rule(line: &RuleLine) -> RuleRow {
    let killed_by = match line.killed_by.as_slice() {
        [] => "nobody".to_owned(),
        [case] => text(case),
        [case, rest @ ..] => format!("{} and {} more", text(case), rest.len()),
    };
    RuleRow {
        id: format!("{}#{}", text(&line.id), line.way),
        how: text(&line.how),
        class: if line.killed_by.is_empty() {
            "not-met"
        } else {
            "met"
        },
        killed_by,
        strays: line.stray.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::matrix::TamperPart;
    use super::*;

    const HOSTILE: &str = "<script>alert(1)</script>\u{202e}\u{1b}[31m";

    #[test]
    fn names_are_no_markup_and_a_miss_is_what_the_page_says_first() {
        let survivor = SurvivorGroup {
            requirements: vec![HOSTILE.to_owned()],
            message: HOSTILE.to_owned(),
            field: Some(HOSTILE.to_owned()),
            what: "removed",
            purpose: "step",
            count: 3,
            case: HOSTILE.to_owned(),
            at: HOSTILE.to_owned(),
            line: HOSTILE.to_owned(),
        };
        let pack = PackMatrix {
            pack: "friendchat".to_owned(),
            cases: 1,
            degenerate: Vec::new(),
            rules: Vec::new(),
            tamper: Some(TamperPart {
                steps: Counted::default(),
                flows: Counted::default(),
                fences: Counted::default(),
                survivors: vec![survivor],
                never_failed: Vec::new(),
            }),
            idle: None,
            wire: None,
            misses: vec![HOSTILE.to_owned()],
        };
        let mut bytes = Vec::new();
        page_of_matrix(&[pack], &mut bytes).expect("a vector takes all");
        let page = String::from_utf8(bytes).expect("text");
        assert!(page.contains("<strong>The suite falls short in one way</strong>"));
        assert!(page.contains("<b>3 \u{d7}</b>"));
        assert!(!page.contains("<script>alert"));
        assert!(!page.contains(['\u{1b}', '\u{202e}']));
    }
}
