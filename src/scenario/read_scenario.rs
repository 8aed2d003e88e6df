//! YAML into scenarios, flows, fences and spontaneous messages.

use super::duration::{parse_size, size_of};
use super::names::{Names, Signature};
use super::read_message::{find_message, read_expected, read_outgoing};
use super::read_step::{read_conditions, read_settles, read_steps};
use super::read_value::{literal, read_value};
use super::{
    Actor, Allowance, Answer, Chunks, Data, Expr, Fence, Flow, Permutation, Scenario, Start,
};
use crate::source::{Diagnostic, Diagnostics, Fields, Kind, Node};
use crate::value::Value;

pub(super) fn read_scenario(
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

fn read_permutations(
    node: Option<&Node>,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Vec<Permutation> {
    let one = vec![Permutation {
        name: String::new(),
        bindings: Vec::new(),
    }];
    let Some(node) = node else { return one };
    let before = problems.len();
    let rows = match &node.kind {
        Kind::List(nodes) => {
            let read = |row| Some((row, read_row(row, names, problems)?));
            let rows: Vec<(&Node, Permutation)> = nodes.iter().filter_map(read).collect();
            report_uneven_rows(&rows, problems);
            rows.into_iter().map(|(_, row)| row).collect()
        }
        Kind::Map(pairs) => read_product(pairs, names, problems),
        _ => Vec::new(),
    };
    let mut names: Vec<&str> = rows
        .iter()
        .map(|row: &Permutation| row.name.as_str())
        .collect();
    names.sort_unstable();
    if rows.is_empty() || names.windows(2).any(|pair| pair[0] == pair[1]) {
        if problems.len() > before {
            return one;
        }
        problems.push(
            Diagnostic::new(
                &node.place,
                "permutations are { name: [values] }, or a list of rows with a `case` each",
            )
            .help("no two rows have the same `case`"),
        );
        return one;
    }
    rows
}

/// The names of the permutations are known to the steps, whatever is wrong with their values.
fn declare_permutations(node: Option<&Node>, names: &mut Names<'_>, problems: &mut Diagnostics) {
    let rows = match node.map(|node| &node.kind) {
        Some(Kind::List(rows)) => rows.iter().filter_map(Node::as_map).collect(),
        Some(Kind::Map(pairs)) => vec![pairs.as_slice()],
        _ => Vec::new(),
    };
    for (key, _) in rows.into_iter().flatten() {
        let Some(name) = key.as_str().filter(|name| *name != "case") else {
            continue;
        };
        if names.check_free(name, &key.place, problems) {
            names.declare(name);
        }
    }
}

/// A name that some row lacks would have no value in its case.
fn report_uneven_rows(rows: &[(&Node, Permutation)], problems: &mut Diagnostics) {
    let names = |row: &Permutation| -> Vec<String> {
        row.bindings.iter().map(|(name, _)| name.clone()).collect()
    };
    let all: Vec<String> = rows.iter().flat_map(|(_, row)| names(row)).collect();
    for (node, row) in rows {
        let own = names(row);
        for name in all.iter().filter(|name| !own.contains(name)) {
            problems.push(Diagnostic::new(
                &node.place,
                format!("this row has no `{name}`, and others have"),
            ));
        }
    }
}

fn read_row(row: &Node, names: &Names<'_>, problems: &mut Diagnostics) -> Option<Permutation> {
    let mut name = None;
    let mut bindings = Vec::new();
    if row.as_map().is_none() {
        problems.push(row.expected("a row, { case: name, … }"));
    }
    for (key, value) in row.as_map()? {
        match key.as_str() {
            Some("case") => name = value.as_str().map(str::to_owned),
            Some(key) => bindings.push((key.to_owned(), read_value(value, names, problems)?)),
            None => problems.push(Diagnostic::new(&key.place, "expected a name")),
        }
    }
    if name.is_none() {
        problems.push(Diagnostic::new(
            &row.place,
            "a row of permutations needs `case`, its name",
        ));
    }
    Some(Permutation {
        name: name?,
        bindings,
    })
}

fn read_product(
    pairs: &[(Node, Node)],
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Vec<Permutation> {
    let mut rows = vec![Permutation {
        name: String::new(),
        bindings: Vec::new(),
    }];
    for (key, values) in pairs {
        let name = key.as_str().unwrap_or_default();
        let Some(values) = values.as_list() else {
            problems.push(Diagnostic::new(
                &values.place,
                format!("the permutations of `{name}` are a list"),
            ));
            return Vec::new();
        };
        let mut next = Vec::new();
        for row in &rows {
            for node in values {
                let Some(value) = read_value(node, names, problems) else {
                    continue;
                };
                let shown = literal(node)
                    .as_ref()
                    .and_then(Value::as_str)
                    .map_or_else(|| value.to_string(), str::to_owned);
                let mut row = row.clone();
                row.name = if row.name.is_empty() {
                    shown
                } else {
                    format!("{},{shown}", row.name)
                };
                row.bindings.push((name.to_owned(), value));
                next.push(row);
            }
        }
        rows = next;
    }
    rows
}

fn read_data(node: &Node, names: &mut Names<'_>, problems: &mut Diagnostics) -> Vec<Data> {
    let mut data = Vec::new();
    if node.as_map().is_none() {
        problems.push(node.expected("data, { photo: { random: 160KiB } }"));
    }
    for (key, value) in node.as_map().unwrap_or_default() {
        let name = key.as_str().unwrap_or_default().to_owned();
        if names.check_free(&name, &key.place, problems) {
            names.declare(&name);
        }
        let Some(mut fields) = Fields::of(value, "data", problems) else {
            continue;
        };
        let bytes = fields.required("random", problems).and_then(|node| {
            let size = read_value(node, names, problems)?;
            if size.literal().is_some_and(|size| size_of(&size).is_none()) {
                problems.push(Diagnostic::new(
                    &node.place,
                    "a size such as 160KiB, at most 64MiB",
                ));
            }
            Some(size)
        });
        let seed = match fields.optional("seed").map(|node| (node, node.as_int())) {
            Some((_, Some(seed))) => u64::try_from(seed).unwrap_or_default(),
            Some((node, None)) => {
                problems.push(node.expected("a whole number"));
                0
            }
            None => 0,
        };
        let chunks = match (fields.optional("chunks"), fields.optional("chunk")) {
            (None, None) => Some(Chunks::Count(Expr::Literal(Value::Int(1)))),
            (Some(node), None) => read_value(node, names, problems).map(Chunks::Count),
            (None, Some(node)) => match node.as_str().and_then(parse_size) {
                Some(bytes) => Some(Chunks::Of(Expr::Literal(Value::Int(bytes as i128)))),
                None => read_value(node, names, problems).map(Chunks::Of),
            },
            (Some(node), Some(_)) => {
                problems.push(Diagnostic::new(
                    &node.place,
                    "data has `chunks`, how many, or `chunk`, how large; not both",
                ));
                None
            }
        };
        fields.finish(&[], problems);
        if let (Some(bytes), Some(chunks)) = (bytes, chunks) {
            data.push(Data {
                name,
                bytes,
                seed,
                chunks,
            });
        }
    }
    data
}

/// The names and parameters of all flows, before any of their steps is read.
pub(super) fn read_signatures(node: Option<&Node>, problems: &mut Diagnostics) -> Vec<Signature> {
    let mut signatures = Vec::new();
    if let Some(node) = node.filter(|node| node.as_map().is_none()) {
        problems.push(node.expected("a map of flows, { name: { actors: [me], steps: […] } }"));
    }
    for (key, flow) in node.and_then(Node::as_map).unwrap_or_default() {
        let list = |name: &str, problems: &mut Diagnostics| -> Vec<String> {
            let Some(node) = flow.get(name) else {
                return Vec::new();
            };
            let names = node.as_list().map(|items| {
                items
                    .iter()
                    .filter_map(Node::as_str)
                    .map(str::to_owned)
                    .collect()
            });
            if names.is_none() {
                problems.push(Diagnostic::new(
                    &node.place,
                    format!("`{name}` is a list of names"),
                ));
            }
            names.unwrap_or_default()
        };
        signatures.push(Signature {
            name: key.as_str().unwrap_or_default().to_owned(),
            actors: list("actors", problems),
            parameters: list("parameters", problems),
        });
    }
    signatures
}

pub(super) fn read_flows(
    node: Option<&Node>,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Vec<Flow> {
    let mut flows = Vec::new();
    for (key, node) in node.and_then(Node::as_map).unwrap_or_default() {
        let Some(mut fields) = Fields::of(node, "a flow", problems) else {
            continue;
        };
        let name = key.as_str().unwrap_or_default();
        let Some(signature) = names
            .signatures
            .iter()
            .find(|signature| signature.name == name)
        else {
            continue;
        };
        let mut names = names.clone();
        names.in_flow = true;
        names.actors.clone_from(&signature.actors);
        names.variables.clone_from(&signature.parameters);
        let steps = fields
            .required("steps", problems)
            .map(|node| read_steps(node, &mut names, problems));
        fields.finish(&["actors", "parameters"], problems);
        flows.push(Flow {
            name: name.to_owned(),
            place: key.place.clone(),
            actors: signature.actors.clone(),
            parameters: signature.parameters.clone(),
            steps: steps.unwrap_or_default(),
        });
    }
    flows
}

pub(super) fn read_fences(
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

fn report_no_list(node: Option<&Node>, wanted: &str, problems: &mut Diagnostics) {
    if let Some(node) = node.filter(|node| node.as_list().is_none()) {
        problems.push(node.expected(wanted));
    }
}

pub(super) fn read_spontaneous(
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
