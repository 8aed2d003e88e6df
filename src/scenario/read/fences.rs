//! What a pack says of every case: its fences, and the messages that a server may push unasked.

use super::conditions::read_settles;
use super::expected::read_expected;
use super::message::find_message;
use super::outgoing::read_outgoing;
use crate::scenario::names::Names;
use crate::scenario::{Allowance, Answer, Fence};
use crate::source::{Diagnostic, Diagnostics, Fields, Node};

pub(in crate::scenario) fn read_fences(
    node: Option<&Node>,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Vec<Fence> {
    let mut names = names.clone();
    names.actors = vec!["me".to_owned()];
    names.variables = vec!["fresh".to_owned()];
    let mut fences = Vec::new();
    report_no_list(node, "a list of fences", problems);
    for node in node.and_then(Node::as_list).unwrap_or_default() {
        fences.extend(read_fence(node, &names, problems));
    }
    fences
}

fn read_fence(node: &Node, names: &Names<'_>, problems: &mut Diagnostics) -> Option<Fence> {
    let mut fields = Fields::of(node, "a fence", problems)?;
    let since = fields
        .optional("since")
        .map(|node| read_expected(node, None, false, names, problems));
    let until = fields
        .optional("until")
        .and_then(|node| Some(find_message(node, names.catalogue, problems)?.name.clone()));
    let sends = fields
        .required("sends", problems)
        .and_then(|node| read_outgoing(node, names, problems));
    let answered_by = fields
        .required("answered by", problems)
        .and_then(|node| read_expected(node, None, false, names, problems));
    fields.finish(&[], problems);
    Some(Fence {
        place: node.place.clone(),
        since: match since {
            None => None,
            Some(since) => Some(since?),
        },
        until,
        sends: sends?,
        answered_by: answered_by?,
    })
}

pub(in crate::scenario) fn read_spontaneous(
    node: Option<&Node>,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Vec<Allowance> {
    let mut names = names.clone();
    names.actors = vec!["me".to_owned()];
    let mut allowances = Vec::new();
    report_no_list(node, "a list of messages", problems);
    for node in node.and_then(Node::as_list).unwrap_or_default() {
        let Some(mut fields) = Fields::of(node, "a spontaneous message", problems) else {
            continue;
        };
        let message = fields.required("message", problems);
        let settles = fields
            .optional("settles")
            .and_then(|node| read_settles(node, &names, problems));
        let contradicts = fields.optional_text("contradicts", problems);
        let then = fields
            .optional("then")
            .and_then(|node| read_expected(node, None, false, &names, problems));
        let answer = fields
            .optional("answered with")
            .and_then(|node| read_outgoing(node, &names, problems))
            .map(|sends| Box::new(Answer { sends, then }));
        if let (Some(id), Some(place)) = (contradicts, node.get("contradicts"))
            && names.catalogue.requirement(id).is_none()
        {
            let known = names
                .catalogue
                .requirements
                .iter()
                .map(|requirement| requirement.id.as_str());
            problems.push(
                Diagnostic::new(&place.place, format!("unknown requirement \"{id}\""))
                    .suggest(id, known),
            );
        }
        fields.finish(&[], problems);
        let expected = message.and_then(|node| read_expected(node, None, false, &names, problems));
        allowances.extend(expected.map(|expected| Allowance {
            documented: true,
            place: node.place.clone(),
            expected: Some(expected),
            any_number: true,
            contradicts: contradicts.map(str::to_owned),
            settles: settles.unwrap_or_default(),
            answer,
        }));
    }
    allowances
}

fn report_no_list(node: Option<&Node>, wanted: &str, problems: &mut Diagnostics) {
    if let Some(node) = node.filter(|node| node.as_list().is_none()) {
        problems.push(node.expected(wanted));
    }
}
