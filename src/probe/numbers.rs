//! Numbers for the symbols of a document, as programs count them: in the document's order. Pure.

use super::draft::Because;
use crate::protocol::{Catalogue, Field, FieldKind, FieldShape};
use crate::value::Value;

pub(super) type Constants = Vec<Because<(String, Value)>>;

/// Numbers for all symbols: types and values from 0 or from 1; a request and its response under one number or not.
pub(super) fn enumerations(catalogue: &Catalogue) -> Vec<Constants> {
    let names = catalogue
        .messages
        .iter()
        .all(|message| message.discriminator.as_str().is_some() && message.named_by.is_none());
    if !names {
        return Vec::new();
    }
    let mut all = Vec::new();
    for values_from in [0, 1] {
        for (shared, types_from) in [(true, 1), (true, 0), (false, 1), (false, 0)] {
            let mut constants = numbers_of_types(catalogue, types_from, shared);
            numbers_of_values(catalogue, values_from, &mut constants);
            all.push(constants);
        }
    }
    all
}

fn numbers_of_types(catalogue: &Catalogue, first: i128, shared: bool) -> Constants {
    const WHY: &str = "counted in the order of the document";
    let mut constants: Constants = Vec::new();
    let mut stems: Vec<(String, bool)> = Vec::new();
    for message in &catalogue.messages {
        let stem = stem(&message.name);
        let one_way = message.client.is_none() != message.server.is_none();
        let known = stems.iter().position(|(other, other_one_way)| {
            shared && one_way && *other_one_way && *other == stem
        });
        let number = known.unwrap_or(stems.len());
        if known.is_none() {
            stems.push((stem, one_way));
        }
        let wire = Value::Int(first + i128::try_from(number).unwrap_or(0));
        constants.push(Because::new((message.name.clone(), wire), WHY));
    }
    constants
}

/// A message's name without the words that tell a request from its response.
fn stem(name: &str) -> String {
    let words = [
        "request", "response", "answer", "reply", "ack", "result", "req", "res",
    ];
    name.split(['_', '.', '-'])
        .map(str::to_lowercase)
        .filter(|word| !words.contains(&word.as_str()))
        .collect::<Vec<_>>()
        .join("_")
}

fn numbers_of_values(catalogue: &Catalogue, first: i128, constants: &mut Constants) {
    const WHY: &str = "counted in the order of the document";
    let fields = catalogue
        .messages
        .iter()
        .flat_map(|message| message.client.iter().chain(&message.server))
        .flat_map(|shape| &shape.variants)
        .flat_map(|variant| &variant.fields);
    let mut lists = Vec::new();
    fields.for_each(|field: &Field| symbols(&field.shape, &mut lists));
    for list in lists {
        // Spellings of one meaning share a number, and the first of them stands for it.
        let mut meanings: Vec<&str> = Vec::new();
        for (name, meaning) in &list {
            let seen = meanings.contains(&meaning.as_str());
            if !seen {
                meanings.push(meaning);
            }
            if !seen && !constants.iter().any(|known| known.it.0 == *name) {
                let number = i128::try_from(meanings.len() - 1).unwrap_or(0);
                let it = (name.clone(), Value::Int(first + number));
                constants.push(Because::new(it, WHY));
            }
        }
    }
}

/// The documented values of a field that are symbols, all of them, and their meanings.
fn symbols(shape: &FieldShape, lists: &mut Vec<Vec<(String, String)>>) {
    match &shape.kind {
        FieldKind::OneOf(values) => {
            let names = values.iter().map(|(value, meaning)| {
                let name = value.as_str().filter(|name| !name.is_empty())?;
                Some((name.to_owned(), meaning.clone()))
            });
            lists.extend(names.collect::<Option<Vec<_>>>());
        }
        FieldKind::ListOf(item) | FieldKind::MapOf(item) => symbols(item, lists),
        FieldKind::Object(fields) => fields.iter().for_each(|field| symbols(&field.shape, lists)),
        FieldKind::Of(_) => {}
    }
}
