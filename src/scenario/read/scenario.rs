//! YAML into a scenario: its id, its actors and how they start; the rest is handed on.

use super::conditions::read_conditions;
use super::data::read_data;
use super::permutations::{declare_permutations, read_permutations};
use super::step::read_steps;
use crate::scenario::names::{Names, Signature};
use crate::scenario::{Actor, Scenario, Start};
use crate::source::{Diagnostic, Diagnostics, Fields, Kind, Node};

pub(in crate::scenario) fn read_scenario(
    node: &Node,
    names: &mut Names<'_>,
    problems: &mut Diagnostics,
) -> Option<Scenario> {
    let mut fields = Fields::of(node, "a scenario", problems)?;
    let id_node = fields.required("scenario", problems);
    let id = id_node.and_then(|node| read_id(node, problems));
    let about = fields.optional_text("about", problems).map(str::to_owned);
    let actors = fields
        .required("actors", problems)
        .map(|node| read_actors(node, names, problems));
    // An actor that starts in no known way is an actor all the same.
    let named = fields.optional("actors").and_then(Node::as_map);
    names.actors = named
        .unwrap_or_default()
        .iter()
        .filter_map(|(key, _)| Some(key.as_str()?.to_owned()))
        .collect();
    let permutations = read_permutations(fields.optional("permutations"), names, problems);
    declare_permutations(fields.optional("permutations"), names, problems);
    let data = fields
        .optional("data")
        .map(|node| read_data(node, names, problems))
        .unwrap_or_default();
    let needs = fields
        .optional("needs")
        .and_then(|node| read_conditions(node, names, problems))
        .unwrap_or_default();
    let ends_with_fence = fields.flag("ends with fence", true, problems);
    let steps_node = fields.required("steps", problems);
    let steps = steps_node.map(|node| read_steps(node, names, problems));
    fields.finish(&[], problems);
    if let (Some([]), Some(id)) = (steps_node.and_then(Node::as_list), id_node) {
        problems.push(Diagnostic::new(
            &id.place,
            "a scenario without steps tests nothing",
        ));
    }
    Some(Scenario {
        id: id?,
        about,
        place: id_node?.place.clone(),
        actors: actors?,
        data,
        permutations,
        needs,
        ends_with_fence,
        steps: steps?,
    })
}

fn read_id(node: &Node, problems: &mut Diagnostics) -> Option<String> {
    let id = node.as_str().unwrap_or_default();
    let fine = !id.is_empty()
        && id
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c));
    if !fine {
        problems.push(Diagnostic::new(
            &node.place,
            "an id has lower case letters, digits, `-` and `.`",
        ));
    }
    fine.then(|| id.to_owned())
}

fn read_actors(node: &Node, names: &Names<'_>, problems: &mut Diagnostics) -> Vec<Actor> {
    let mut actors: Vec<Actor> = Vec::new();
    if node.as_map().is_none_or(<[_]>::is_empty) {
        problems.push(Diagnostic::new(
            &node.place,
            "a scenario needs actors: { alice: logged-in }",
        ));
    }
    for (key, value) in node.as_map().unwrap_or_default() {
        let name = key.as_str().unwrap_or_default().to_owned();
        let plain = !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        if !plain || ["nobody", "now", "reading", "settings"].contains(&name.as_str()) {
            problems.push(Diagnostic::new(
                &key.place,
                format!("\"{name}\" is no name for an actor"),
            ));
            continue;
        }
        let actor = match &value.kind {
            Kind::Map(_) => read_device(name, key, value, &actors, names, problems),
            _ => read_start(value, names, problems).map(|starts| Actor {
                name,
                place: key.place.clone(),
                same_user_as: None,
                starts,
            }),
        };
        actors.extend(actor);
    }
    actors
}

/// `{ same user as: alice, starts: connected }`
fn read_device(
    name: String,
    key: &Node,
    value: &Node,
    actors: &[Actor],
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Option<Actor> {
    let mut fields = Fields::of(value, "an actor", problems)?;
    let user = fields.required("same user as", problems);
    let starts = fields
        .required("starts", problems)
        .and_then(|node| read_start(node, names, problems));
    fields.finish(&[], problems);
    let user_name = user?.as_str().unwrap_or_default();
    if !actors.iter().any(|actor| actor.name == user_name) {
        problems.push(
            Diagnostic::new(&user?.place, format!("unknown actor \"{user_name}\""))
                .help("the first device of a user stands before the second")
                .suggest(user_name, actors.iter().map(|actor| &actor.name)),
        );
        return None;
    }
    Some(Actor {
        name,
        place: key.place.clone(),
        same_user_as: Some(user_name.to_owned()),
        starts: starts?,
    })
}

fn read_start(node: &Node, names: &Names<'_>, problems: &mut Diagnostics) -> Option<Start> {
    let text = node.as_str().unwrap_or_default();
    match text {
        "offline" => return Some(Start::Offline),
        "connected" => return Some(Start::Connected),
        _ => {}
    }
    let startable =
        |signature: &&Signature| signature.actors.len() == 1 && signature.parameters.is_empty();
    if names
        .signatures
        .iter()
        .filter(startable)
        .any(|signature| signature.name == text)
    {
        return Some(Start::Flow(text.to_owned()));
    }
    let known = names
        .signatures
        .iter()
        .filter(startable)
        .map(|signature| signature.name.as_str());
    let message = if node.is_null() {
        "an actor needs the state that it starts in".to_owned()
    } else {
        format!("no actor starts \"{}\"", node.place.text())
    };
    problems.push(
        Diagnostic::new(&node.place, message)
            .help(
                "an actor starts offline, connected, or by a flow with one actor and no parameters",
            )
            .suggest(text, known.chain(["offline", "connected"])),
    );
    None
}
