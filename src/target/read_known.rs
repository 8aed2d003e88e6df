//! `known:` of a profile: the deviations that are promised, each with its reason.

use super::profile::matches_glob;
use super::{Known, KnownWhat};
use crate::event::{DeviationKind, ShapeKind};
use crate::protocol::Catalogue;
use crate::source::{Diagnostic, Diagnostics, Fields, Node, items, text_of};

/// How a case fails whose set-up did.
const BLOCKED: &str = "blocked";

pub(super) fn read_known(
    node: Option<&Node>,
    catalogue: &Catalogue,
    problems: &mut Diagnostics,
) -> Vec<Known> {
    let mut known = Vec::new();
    for node in items(node, "known", problems) {
        known.extend(read_one(node, catalogue, problems));
    }
    known
}

fn read_one(node: &Node, catalogue: &Catalogue, problems: &mut Diagnostics) -> Option<Known> {
    let mut fields = Fields::of(node, "a known deviation", problems)?;
    let (case, shape) = (fields.optional("case"), fields.optional("shape"));
    let what = match (case, shape) {
        (Some(case), None) => Some(KnownWhat::Cases(text_of(case))),
        (None, Some(shape)) => read_shape(shape, catalogue, problems),
        _ => {
            let message = "a known deviation is about a `case` or about a `shape`";
            problems.push(Diagnostic::new(&node.place, message));
            None
        }
    };
    let fails = fields.required("fails", problems).map(|node| {
        let fails = text_of(node);
        if shape.is_some() {
            let kinds = ShapeKind::ALL.map(ShapeKind::name);
            if !kinds.contains(&fails.as_str()) {
                problems.push(unknown_failure(node, &fails, &kinds));
            }
        } else {
            let mut words = DeviationKind::ALL.map(DeviationKind::name).to_vec();
            words.push(BLOCKED);
            let ids = catalogue.requirements.iter().map(|r| r.id.as_str());
            if !words
                .iter()
                .copied()
                .chain(ids.clone())
                .any(|word| word == fails)
            {
                words.extend(ids);
                problems.push(
                    Diagnostic::new(
                        &node.place,
                        format!("\"{fails}\" is no requirement and no kind of deviation"),
                    )
                    .suggest(&fails, &words),
                );
            }
        }
        fails
    });
    let reason = fields.text("reason", problems);
    if let Some(reason) = reason
        && reason.trim().is_empty()
    {
        let place = node.get("reason").map_or(&node.place, |node| &node.place);
        problems.push(Diagnostic::new(place, "the reason is empty"));
    }
    let sometimes = fields.flag("sometimes", false, problems);
    fields.finish(&[], problems);
    Some(Known {
        place: case.or(shape).unwrap_or(node).place.clone(),
        what: what?,
        fails: fails?,
        reason: reason?.to_owned(),
        sometimes,
    })
}

fn unknown_failure(node: &Node, fails: &str, kinds: &[&str]) -> Diagnostic {
    Diagnostic::new(&node.place, format!("no shape fails by \"{fails}\""))
        .help(format!("it fails by one of {}", kinds.join(", ")))
        .suggest(fails, kinds)
}

/// `LOGIN_RESPONSE $.payload.code`
fn read_shape(node: &Node, catalogue: &Catalogue, problems: &mut Diagnostics) -> Option<KnownWhat> {
    let text = text_of(node);
    let split = text.split_once(' ').map(|(m, p)| (m.trim(), p.trim()));
    let Some((message, path)) = split.filter(|(_, path)| matches_glob("$*", path)) else {
        problems.push(node.expected("a message and a path: LOGIN_RESPONSE $.payload.code"));
        return None;
    };
    if catalogue.message(message).is_none() {
        let names = catalogue.messages.iter().map(|message| &message.name);
        problems.push(
            Diagnostic::new(
                &node.place.find(message),
                format!("unknown message {message}"),
            )
            .suggest(message, names),
        );
    }
    Some(KnownWhat::Shape {
        message: message.to_owned(),
        path: path.to_owned(),
    })
}
