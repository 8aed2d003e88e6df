//! The names that a step may use, as far as the file has come: actors, captures, parameters, settings.

use super::Reference;
use crate::protocol::Catalogue;
use crate::source::{Diagnostic, Diagnostics, Place};

/// What a flow is called with.
#[derive(Clone, Debug)]
pub(super) struct Signature {
    pub(super) name: String,
    pub(super) actors: Vec<String>,
    pub(super) parameters: Vec<String>,
}

/// The names in scope; captures are added as the steps are read.
#[derive(Clone)]
pub(super) struct Names<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) signatures: &'a [Signature],
    /// Fields of actors that some step of the pack captures: `me.user_id`.
    pub(super) captured_fields: &'a [String],
    pub(super) actors: Vec<String>,
    pub(super) variables: Vec<String>,
    /// Inside a flow, steps prove nothing.
    pub(super) in_flow: bool,
}

/// Roots of references that mean something everywhere.
const BUILT_IN: [&str; 4] = ["nobody", "now", "reading", "settings"];

impl Names<'_> {
    pub(super) fn declare(&mut self, name: &str) {
        if !self.variables.iter().any(|known| known == name) {
            self.variables.push(name.to_owned());
        }
    }

    /// Captures of a pattern become variables, but for those that go to an actor's field.
    pub(super) fn declare_captures<'n>(&mut self, captures: impl IntoIterator<Item = &'n str>) {
        for name in captures {
            if !name.contains('.') {
                self.declare(name);
            }
        }
    }

    /// Whether a name can be given to a value: no actor has it, and it means nothing by itself.
    pub(super) fn check_free(&self, name: &str, place: &Place, problems: &mut Diagnostics) -> bool {
        let taken = if self.actors.iter().any(|actor| actor == name) {
            "is an actor"
        } else if BUILT_IN.contains(&name) {
            "has a meaning of its own"
        } else {
            return true;
        };
        problems.push(
            Diagnostic::new(place, format!("\"{name}\" {taken}")).help("choose another name"),
        );
        false
    }

    pub(super) fn check_actor(
        &self,
        name: &str,
        place: &Place,
        problems: &mut Diagnostics,
    ) -> bool {
        let known = self.actors.iter().any(|actor| actor == name);
        if !known {
            problems.push(
                Diagnostic::new(place, format!("unknown actor \"{name}\""))
                    .suggest(name, self.actors.iter()),
            );
        }
        known
    }

    /// `$alice.name` without its `$`, checked as far as it can be before the run.
    pub(super) fn reference(
        &self,
        text: &str,
        place: &Place,
        problems: &mut Diagnostics,
    ) -> Option<Reference> {
        let path: Vec<String> = text.split('.').map(str::to_owned).collect();
        let well_formed = |segment: &String| {
            !segment.is_empty()
                && segment
                    .chars()
                    .all(|c| c.is_alphanumeric() || c == '_' || c == '-')
        };
        if !path.iter().all(well_formed) {
            problems.push(
                Diagnostic::new(place, format!("`${text}` is no reference"))
                    .help("a reference is $name or $name.part; write $$ for a plain $, \"${name}\" inside text"),
            );
            return None;
        }
        let known = self.check_root(&path, place, problems);
        known.then(|| Reference {
            path,
            place: place.clone(),
        })
    }

    fn check_root(&self, path: &[String], place: &Place, problems: &mut Diagnostics) -> bool {
        let root = path[0].as_str();
        if self.actors.iter().any(|actor| actor == root) {
            return self.check_actor_field(path, place, problems);
        }
        match root {
            "reading" => {
                let ids = self
                    .catalogue
                    .readings
                    .iter()
                    .map(|reading| reading.id.as_str());
                return check_second(path, "reading", ids, place, problems);
            }
            "settings" => {
                let names = self
                    .catalogue
                    .settings
                    .iter()
                    .map(|(name, _)| name.as_str());
                return check_second(path, "setting", names, place, problems);
            }
            _ => {}
        }
        let known = BUILT_IN.contains(&root) || self.variables.iter().any(|name| name == root);
        if !known {
            let candidates = self
                .actors
                .iter()
                .chain(&self.variables)
                .map(String::as_str)
                .chain(BUILT_IN);
            problems.push(
                Diagnostic::new(place, format!("nothing is called `${root}` here"))
                    .suggest(root, candidates),
            );
        }
        known
    }

    fn check_actor_field(
        &self,
        path: &[String],
        place: &Place,
        problems: &mut Diagnostics,
    ) -> bool {
        let fields = self
            .catalogue
            .identity_fields()
            .chain(self.captured_fields.iter().map(String::as_str));
        check_second(path, "field of an actor", fields, place, problems)
    }
}

fn check_second<'a>(
    path: &[String],
    what: &str,
    known: impl Iterator<Item = &'a str>,
    place: &Place,
    problems: &mut Diagnostics,
) -> bool {
    let known: Vec<&str> = known.collect();
    match path.get(1) {
        None => {
            let diagnostic =
                Diagnostic::new(place, format!("`${}` needs the name of a {what}", path[0]));
            problems.push(match known.first() {
                Some(first) => diagnostic.help(format!("such as ${}.{first}", path[0])),
                None => diagnostic,
            });
            false
        }
        Some(name) if known.contains(&name.as_str()) => true,
        Some(name) => {
            let diagnostic =
                Diagnostic::new(place, format!("unknown {what} \"{name}\"")).suggest(name, known);
            problems.push(diagnostic);
            false
        }
    }
}
