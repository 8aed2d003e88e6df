//! Conditions over references, and what is said of readings: their ids and options are the catalogue's.

use super::options::StepReader;
use super::pattern::read_pattern;
use crate::scenario::names::Names;
use crate::scenario::{Condition, Settles, StepKind};
use crate::source::{Diagnostic, Diagnostics, Node, Place};

/// `{ $reference: matcher, … }`.
pub(super) fn read_conditions(
    node: &Node,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Option<Vec<Condition>> {
    let Some(pairs) = node.as_map() else {
        problems.push(Diagnostic::new(
            &node.place,
            "expected { $reference: matcher }",
        ));
        return None;
    };
    if pairs.is_empty() {
        problems.push(Diagnostic::new(
            &node.place,
            "no condition; write { $reference: matcher }",
        ));
        return None;
    }
    let mut conditions = Vec::new();
    for (key, value) in pairs {
        let Some(path) = key.as_str().and_then(|text| text.strip_prefix('$')) else {
            problems.push(Diagnostic::new(
                &key.place,
                "expected a reference, such as $alice.name",
            ));
            return None;
        };
        let subject = names.reference(path, &key.place, problems)?;
        let pattern = read_pattern(value, None, false, names, problems)?;
        if subject.root() == "reading" {
            let place = value.place.clone();
            for value in pattern.plain_values() {
                let option = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                check_reading_option(&subject.path[1], &option, &place, names, problems)?;
            }
        }
        conditions.push(Condition {
            place: key.place.clone(),
            subject,
            pattern,
        });
    }
    Some(conditions)
}

impl StepReader<'_, '_> {
    pub(super) fn read_observe(&mut self) -> Option<StepKind> {
        let mut observed = Vec::new();
        for (key, option) in self.argument.as_map().unwrap_or_default() {
            observed.push(read_option(key, option, self.names, self.problems)?);
        }
        if observed.is_empty() {
            self.problem(&self.argument.place, "`observe` takes { reading: option }");
            return None;
        }
        Some(StepKind::Observe(observed))
    }
}

/// `{ reading: option, otherwise: option }`.
pub(super) fn read_settles(
    node: &Node,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Option<Settles> {
    let mut seen = Vec::new();
    let mut otherwise = None;
    for (key, option) in node.as_map().unwrap_or_default() {
        if key.as_str() == Some("otherwise") {
            otherwise = Some(option);
        } else {
            seen.push(read_option(key, option, names, problems)?);
        }
    }
    let [(reading, _)] = seen.as_slice() else {
        problems.push(Diagnostic::new(
            &node.place,
            "`settles` takes { reading: option, otherwise: option }",
        ));
        return None;
    };
    let mut unseen = Vec::new();
    if let Some(node) = otherwise {
        let option = option_text(node);
        check_reading_option(reading, option, &node.place, names, problems)?;
        unseen.push((reading.clone(), option.to_owned()));
    }
    Some(Settles { seen, unseen })
}

fn read_option(
    key: &Node,
    option: &Node,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Option<(String, String)> {
    let id = key.as_str().unwrap_or_default();
    if names.catalogue.reading(id).is_none() {
        let known = names
            .catalogue
            .readings
            .iter()
            .map(|reading| reading.id.as_str());
        problems.push(
            Diagnostic::new(&key.place, format!("unknown reading \"{id}\"")).suggest(id, known),
        );
        return None;
    }
    let text = option_text(option);
    check_reading_option(id, text, &option.place, names, problems)?;
    Some((id.to_owned(), text.to_owned()))
}

fn check_reading_option(
    id: &str,
    text: &str,
    place: &Place,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Option<()> {
    let reading = names.catalogue.reading(id)?;
    if reading.options.iter().any(|(option, _)| option == text) {
        return Some(());
    }
    problems.push(
        Diagnostic::new(place, format!("reading {id} has no option \"{text}\""))
            .suggest(text, reading.options.iter().map(|(option, _)| option)),
    );
    None
}

/// An option's name, also where YAML would read it as `true` or a number.
fn option_text(node: &Node) -> &str {
    node.as_str().unwrap_or_else(|| node.place.text())
}
