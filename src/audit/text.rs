//! The matrix in lines, for people.

use std::fmt::Write;

use super::matrix::{
    Counted, DegenerateLine, IdleMatcher, IdlePart, PackMatrix, RuleLine, SurvivorGroup,
    TamperPart, WirePart,
};

/// More kinds of survivors than this are counted, not shown.
const SHOWN: usize = 60;

/// One pack's part of the matrix, ending with a newline.
pub fn text_of_matrix(pack: &PackMatrix) -> String {
    let mut text = format!("{}: {} cases\n", pack.pack, pack.cases);
    if !pack.degenerate.is_empty() {
        text.push_str("  degenerate servers\n");
        pack.degenerate
            .iter()
            .for_each(|line| degenerate(&mut text, line));
    }
    if !pack.rules.is_empty() {
        rules(&mut text, &pack.rules);
    }
    if let Some(part) = &pack.tamper {
        tamper(&mut text, part, pack.wire.as_ref());
    }
    if let Some(part) = &pack.idle {
        idle(&mut text, part);
    }
    for miss in &pack.misses {
        line(&mut text, format_args!("  MISSED  {miss}"));
    }
    text
}

fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{arguments}");
}

fn degenerate(text: &mut String, server: &DegenerateLine) {
    line(
        text,
        format_args!(
            "    {:<26} {:>4} cases conform, {:>3} requirements count as met",
            server.server,
            server.conforms,
            server.met.len()
        ),
    );
    for case in &server.conforming {
        line(text, format_args!("      conforms: {case}"));
    }
    for id in &server.met_where_conforming {
        let reason = server.reasons.get(id);
        let reason = reason.map_or("no reason given", String::as_str);
        line(text, format_args!("      met: {id}: {reason}"));
    }
    let elsewhere: Vec<&str> = server
        .met
        .iter()
        .filter(|id| !server.met_where_conforming.contains(id))
        .map(String::as_str)
        .collect();
    if !elsewhere.is_empty() {
        let ids = elsewhere.join(", ");
        line(
            text,
            format_args!("      met only in cases that deviate: {ids}"),
        );
    }
}

fn rules(text: &mut String, rules: &[RuleLine]) {
    let killed = rules
        .iter()
        .filter(|rule| !rule.killed_by.is_empty())
        .count();
    let strays: usize = rules.iter().map(|rule| rule.stray.len()).sum();
    line(
        text,
        format_args!(
            "  broken rules: {killed} of {} ways killed, {strays} stray deviations",
            rules.len()
        ),
    );
    for RuleLine {
        id,
        way,
        how,
        killed_by,
        stray,
        ..
    } in rules
    {
        if killed_by.is_empty() {
            line(text, format_args!("    survives: {id}#{way} ({how})"));
        }
        for stray in stray {
            line(
                text,
                format_args!(
                    "    stray: {id}#{way} makes {} deviate at {}: {}",
                    stray.case, stray.at, stray.message
                ),
            );
        }
    }
}

fn tamper(text: &mut String, part: &TamperPart, wire: Option<&WirePart>) {
    line(text, format_args!("  tampered frames"));
    if let Some(wire) = wire {
        line(text, format_args!("    {}", wire.in_words()));
    }
    for (name, counted) in [
        ("of steps", &part.steps),
        ("of flows", &part.flows),
        ("of fences", &part.fences),
    ] {
        let Counted {
            killed,
            survived,
            share,
            equivalent,
            equivalent_share,
            equivalent_by,
        } = counted;
        let by: Vec<String> = equivalent_by
            .iter()
            .map(|(mark, count)| format!("{} {count}", format!("{mark:?}").to_lowercase()))
            .collect();
        line(
            text,
            format_args!(
                "    {name:<10} {killed} killed, {survived} survived: {share:.2} %; {equivalent} equivalent \
                 ({equivalent_share:.2} %: {})",
                by.join(", ")
            ),
        );
    }
    for group in part.survivors.iter().take(SHOWN) {
        survivor(text, group);
    }
    if part.survivors.len() > SHOWN {
        let more = part.survivors.len() - SHOWN;
        line(
            text,
            format_args!("    and {more} more kinds of survivors (--format json has all)"),
        );
    }
    for step in &part.never_failed {
        let ids = step.requirements.join(", ");
        line(
            text,
            format_args!("    never failed: {} {} (proves {ids})", step.at, step.line),
        );
    }
}

fn idle(text: &mut String, part: &IdlePart) {
    let IdlePart { judged, matchers } = part;
    let count = matchers.len();
    line(
        text,
        format_args!("  idle matchers: {count} of {judged} prove nothing"),
    );
    for matcher in matchers.iter().take(SHOWN) {
        let IdleMatcher {
            field,
            matcher,
            at,
            line: source,
            ..
        } = matcher;
        line(text, format_args!("    {field} {matcher}"));
        line(text, format_args!("           step {at} {source}"));
    }
    if count > SHOWN {
        let more = count - SHOWN;
        line(
            text,
            format_args!("    and {more} more (--format json has all)"),
        );
    }
}

fn survivor(text: &mut String, group: &SurvivorGroup) {
    let SurvivorGroup {
        requirements,
        message,
        field,
        what,
        purpose,
        count,
        case,
        at,
        line: source,
    } = group;
    let field = field.as_deref().unwrap_or("");
    let gap = if field.is_empty() { "" } else { " " };
    line(
        text,
        format_args!(
            "    {count:>4} x {message} {field}{gap}{what} ({}), as in {case}",
            requirements.join(", ")
        ),
    );
    line(text, format_args!("           {purpose} {at} {source}"));
}
