//! `launch` of a profile: how the server is started, and what shows that it is ready.

use regex::Regex;

use super::Launching;
use super::read::duration;
use crate::source::{Diagnostic, Diagnostics, Fields, Kind, Node, entries, text_of};

pub(super) fn read_launch(node: Option<&Node>, problems: &mut Diagnostics) -> Option<Launching> {
    let mut fields = Fields::of(node?, "`launch`", problems)?;
    let mut launching = Launching {
        log: fields.optional_text("log", problems).map(str::to_owned),
        ..Launching::default()
    };
    if let Some(node) = fields.required("command", problems) {
        match node.as_str().filter(|command| !command.trim().is_empty()) {
            Some(command) => launching.command = command.to_owned(),
            None => problems.push(node.expected("a command line")),
        }
    }
    if let Some(node) = fields.optional("ready") {
        match node.as_str().map(Regex::new) {
            Some(Ok(pattern)) => launching.ready = Some(pattern),
            Some(Err(error)) => {
                let reason = error.to_string();
                let reason = reason.lines().last().unwrap_or_default().trim();
                let message = format!("`ready` is no regular expression: {reason}");
                problems.push(Diagnostic::new(&node.place, message));
            }
            None => problems.push(node.expected("a regular expression, as text")),
        }
    }
    let mut time = |key| {
        let node = fields.optional(key)?;
        duration(node, problems)
    };
    (launching.within, launching.grace) = (time("within"), time("grace"));
    for (key, value) in entries(fields.optional("env"), "env", problems) {
        match value.kind {
            Kind::List(_) | Kind::Map(_) => problems.push(value.expected("a variable's text")),
            _ => launching.env.push((text_of(key), text_of(value))),
        }
    }
    fields.finish(&[], problems);
    Some(launching)
}
