//! What a step sends: a message of the catalogue, a malformed one, or a raw frame.

use super::constructor::unhex;
use super::message::{find_message, one_message};
use super::sent::check_sent;
use super::value::read_value;
use crate::scenario::names::Names;
use crate::scenario::{Expr, Outgoing};
use crate::source::{Diagnostic, Diagnostics, Node};
use crate::value::Value;

/// `{ MESSAGE: { field: value } }`, as a client may send it.
pub(super) fn read_outgoing(
    node: &Node,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Option<Outgoing> {
    let (key, body) = one_message(node, problems)?;
    let message = find_message(key, names.catalogue, problems)?;
    let Some(shape) = &message.client else {
        problems.push(
            Diagnostic::new(
                &key.place,
                format!("no client sends {}; the server does", message.name),
            )
            .help("to send it all the same, use `sends malformed`"),
        );
        return None;
    };
    let fields = read_value(body, names, problems)?;
    check_sent(body, &fields, shape, message, problems).then(|| Outgoing::Message {
        name: message.name.clone(),
        fields,
    })
}

/// `{ ANYTHING: anything }`: a discriminator and a body, unchecked.
pub(super) fn read_malformed(
    node: &Node,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Option<Outgoing> {
    if node.as_str().is_some() {
        return Some(Outgoing::MalformedAs(read_value(node, names, problems)?));
    }
    let (key, body) = one_message(node, problems)?;
    let name = key
        .as_str()
        .map_or_else(|| key.place.text().to_owned(), str::to_owned);
    Some(Outgoing::Malformed {
        name,
        body: read_value(body, names, problems)?,
    })
}

/// `text`, `hex`, `value`, `fragments` or `ping`.
pub(super) fn read_raw(
    node: &Node,
    names: &Names<'_>,
    problems: &mut Diagnostics,
) -> Option<Outgoing> {
    let forms = ["text", "hex", "value", "fragments", "ping"];
    let Some([(key, content)]) = node.as_map() else {
        problems.push(Diagnostic::new(&node.place, "a raw frame is one of { text: … }, { hex: … }, { value: … }, { fragments: […] }, { ping: … }"));
        return None;
    };
    let form = key.as_str().unwrap_or_default();
    let outgoing = match form {
        "text" => Some(Outgoing::Text(read_value(content, names, problems)?)),
        "value" => Some(Outgoing::Value(read_value(content, names, problems)?)),
        "hex" => {
            let digits = match content.as_str() {
                Some(_) => read_value(content, names, problems)?,
                None => Expr::Literal(Value::str(content.place.text())),
            };
            let fine = digits
                .literal()
                .is_none_or(|digits| digits.as_str().and_then(unhex).is_some());
            fine.then_some(Outgoing::Binary(digits))
        }
        "ping" => content.as_str().map(|text| Outgoing::Ping(text.to_owned())),
        "fragments" => match content.as_list() {
            Some(parts) => {
                let parts: Vec<_> = parts
                    .iter()
                    .map(|part| read_value(part, names, problems))
                    .collect();
                Some(Outgoing::Fragments(
                    parts.into_iter().collect::<Option<_>>()?,
                ))
            }
            None => None,
        },
        _ => {
            problems.push(
                Diagnostic::new(&key.place, format!("unknown raw frame \"{form}\""))
                    .suggest(form, forms),
            );
            return None;
        }
    };
    if outgoing.is_none() {
        problems.push(Diagnostic::new(
            &content.place,
            format!(
                "`{form}` takes {}",
                match form {
                    "hex" => "hex digits in quotes",
                    "fragments" => "a list of texts",
                    _ => "a text",
                }
            ),
        ));
    }
    outgoing
}
