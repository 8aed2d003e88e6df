//! From what a profile says of a message to how its type and fields travel; notes what departs.

use super::field_rule::FieldRule;
use super::profile::{Departure, Profile};
use super::read_overlay::{Direction, Overlay, Path, inner_fields};
use super::template::{Template, read_template};
use crate::protocol::{Field, FieldKind, FieldShape, Message, Type, scalar};
use crate::source::{Diagnostic, Diagnostics, Node, Place, entries, text_of};
use crate::value::Value;

/// A name of the document, wherever it stands, and what travels for it.
pub(super) struct Constant {
    pub(super) name: String,
    pub(super) wire: Value,
}

/// What a profile says of every message.
pub(super) struct Everywhere<'n> {
    pub(super) rename: Vec<(String, String)>,
    pub(super) extra: Vec<(String, &'n Node)>,
}

/// Makes the translation of one message in one direction, and notes what departs.
pub(super) struct Maker<'a, 'n> {
    pub(super) message: &'a Message,
    pub(super) direction: Direction,
    pub(super) overlay: Option<&'a Overlay<'n>>,
    pub(super) constants: &'a [Constant],
    pub(super) everywhere: &'a Everywhere<'n>,
    pub(super) profile: &'a mut Profile,
    pub(super) problems: &'a mut Diagnostics,
}

impl Maker<'_, '_> {
    pub(super) fn kind(&mut self) -> Option<Value> {
        let own = self.overlay.and_then(|overlay| overlay.kind.clone());
        let constant = || {
            let mut constants = self.constants.iter();
            let found = constants.find(|constant| constant.name == self.message.name);
            found.map(|constant| constant.wire.clone())
        };
        let wire = own.or_else(constant)?;
        let what = format!(
            "the type of {} from the {}",
            self.message.name,
            self.direction.name()
        );
        let document = self.message.discriminator.to_string();
        depart(self.profile, &what, &document, &wire.to_string());
        Some(wire)
    }

    /// The rules for the fields of an object; only those that do something.
    pub(super) fn fields(&mut self, fields: &[&Field], above: &str) -> Vec<FieldRule> {
        let mut rules: Vec<FieldRule> = Vec::new();
        for field in fields {
            let path = format!("{above}{}", field.name);
            let rule = self.field(field, &path);
            match rules.iter_mut().find(|known| known.name == rule.name) {
                // The same field in another variant, with other values perhaps.
                Some(known) => known.join(rule),
                None => rules.push(rule),
            }
        }
        for rule in &rules {
            self.report_alike(rule, above);
        }
        self.report_taken_names(&rules, above);
        rules.retain(|rule| !rule.is_plain());
        rules
    }

    fn field(&mut self, field: &Field, path: &str) -> FieldRule {
        let (inner, each) = inner_fields(&field.shape);
        let mut rule = FieldRule {
            name: field.name.clone(),
            each,
            ..FieldRule::default()
        };
        let (message, direction) = (self.message, self.direction);
        let at = |path: &str| format!("{path} of {} from the {}", message.name, direction.name());
        let found = |list: &[(Path<'_>, String)]| {
            let named = list.iter().find(|(known, _)| known.dotted == path);
            named.map(|(_, name)| name.clone())
        };
        rule.wire = self.overlay.and_then(|overlay| found(&overlay.rename));
        if let Some(wire) = &rule.wire {
            if *wire != field.name {
                let what = format!("the name of {}", at(path));
                depart(self.profile, &what, &field.name, wire);
            }
        } else {
            let mut everywhere = self.everywhere.rename.iter();
            let found = everywhere.find(|(name, _)| *name == field.name);
            rule.wire = found.map(|(_, wire)| wire.clone());
            if let Some(wire) = &rule.wire {
                let what = format!("the name of {}", field.name);
                depart(self.profile, &what, &field.name, wire);
            }
        }
        // A message may keep the name that is another one everywhere else.
        rule.wire = rule.wire.filter(|wire| *wire != field.name);
        let form = self.overlay.and_then(|overlay| {
            let mut forms = overlay.forms.iter();
            forms
                .find(|(known, _)| known.dotted == path)
                .map(|(_, form)| *form)
        });
        if let Some(form) = form {
            rule.form = Some(form);
            let what = format!("the form of {}", at(path));
            depart(self.profile, &what, form.opposite().name(), form.name());
        }
        rule.values = self.values(&field.shape, path);
        for (value, wire) in &rule.values {
            let what = format!("{value} as {}", at(path));
            depart(self.profile, &what, &value.to_string(), &wire.to_string());
        }
        rule.inner = self.fields(&inner, &format!("{path}."));
        rule
    }

    fn values(&mut self, shape: &FieldShape, path: &str) -> Vec<(Value, Value)> {
        let documented = documented_values(shape);
        let mut values: Vec<(Value, Value)> = Vec::new();
        let own = (self.overlay.iter())
            .flat_map(|overlay| &overlay.values)
            .filter(|(known, _)| known.dotted == path);
        for (_, node) in own {
            for (key, wire) in entries(Some(node), "values", self.problems) {
                let Some(wire) = scalar(wire) else {
                    self.problems
                        .push(wire.expected("what travels for it, a plain value"));
                    continue;
                };
                match value_of_key(key, shape) {
                    Some(value) => values.push((value, wire)),
                    None => {
                        let text = text_of(key);
                        let message = format!("{text} is no documented value of `{path}`");
                        let known = documented.iter().map(|value| {
                            value
                                .as_str()
                                .map_or_else(|| value.to_string(), str::to_owned)
                        });
                        self.problems
                            .push(Diagnostic::new(&key.place, message).suggest(&text, known));
                    }
                }
            }
        }
        for constant in self.constants {
            let value = Value::str(&constant.name);
            if documented.contains(&value) && !values.iter().any(|(known, _)| *known == value) {
                values.push((value, constant.wire.clone()));
            }
        }
        values
    }

    pub(super) fn extra(&mut self) -> Vec<(String, Template)> {
        if self.direction == Direction::Server {
            return Vec::new();
        }
        let own = self.overlay.map_or(&[][..], |overlay| &overlay.extra);
        let names: Vec<&str> = (self.direction.shape(self.message))
            .map(|shape| shape.field_names().collect())
            .unwrap_or_default();
        let mut extra = Vec::new();
        for (name, node) in own {
            if let Some(template) = read_template(node, &names, self.problems) {
                let what = format!("{name} of {} from the client", self.message.name);
                depart(self.profile, &what, "no such field", node.place.text());
                extra.push((name.clone(), template));
            }
        }
        for (name, node) in &self.everywhere.extra {
            if extra.iter().all(|(known, _)| known != name)
                && let Some(template) = read_template(node, &names, self.problems)
            {
                let what = format!("{name} of every message from the client");
                depart(self.profile, &what, "no such field", node.place.text());
                extra.push((name.clone(), template));
            }
        }
        extra
    }

    /// What comes must stand for one thing.
    fn report_alike(&mut self, rule: &FieldRule, above: &str) {
        if self.direction == Direction::Client {
            return;
        }
        for (i, (value, wire)) in rule.values.iter().enumerate() {
            let first = rule.values[..i].iter().find(|(_, other)| other == wire);
            let (Some((first, _)), Some(place)) = (first, self.place()) else {
                continue;
            };
            let message = format!(
                "{first} and {value} are both {wire} in `{above}{}` of {}",
                rule.name, self.message.name
            );
            self.problems.push(
                Diagnostic::new(&place, message)
                    .help("what comes must stand for one of them; leave out the one that this server never says"),
            );
        }
    }

    /// Two fields of one object under one name.
    fn report_taken_names(&mut self, rules: &[FieldRule], above: &str) {
        let name = |rule: &FieldRule| rule.wire.clone().unwrap_or_else(|| rule.name.clone());
        for (i, rule) in rules.iter().enumerate() {
            let taken = rules.iter().enumerate().any(|(j, other)| {
                (j < i || other.wire.is_none()) && j != i && name(other) == name(rule)
            });
            if rule.wire.is_some()
                && taken
                && let Some(place) = self.place()
            {
                let message = format!(
                    "{} has two fields `{above}{}` then",
                    self.message.name,
                    name(rule)
                );
                self.problems.push(Diagnostic::new(&place, message));
            }
        }
    }

    /// Where the profile speaks of this message, or of anything.
    fn place(&self) -> Option<Place> {
        let overlay = self.overlay?;
        let renamed = overlay.rename.iter().map(|(path, _)| path.place);
        let valued = overlay.values.iter().map(|(path, _)| path.place);
        renamed.chain(valued).next().cloned()
    }
}

impl FieldRule {
    fn join(&mut self, other: FieldRule) {
        for value in other.values {
            if !self.values.contains(&value) {
                self.values.push(value);
            }
        }
        for rule in other.inner {
            match self.inner.iter_mut().find(|known| known.name == rule.name) {
                Some(known) => known.join(rule),
                None => self.inner.push(rule),
            }
        }
    }
}

/// The documented values, through lists.
fn documented_values(shape: &FieldShape) -> Vec<Value> {
    match &shape.kind {
        FieldKind::OneOf(values) => values.iter().map(|(value, _)| value.clone()).collect(),
        FieldKind::ListOf(item) => documented_values(item),
        _ => Vec::new(),
    }
}

/// What a key of `values` means in the document; `None` where the field cannot hold it.
fn value_of_key(key: &Node, shape: &FieldShape) -> Option<Value> {
    let value = scalar(key)?;
    let documented = documented_values(shape);
    if !documented.is_empty() {
        return documented.contains(&value).then_some(value);
    }
    let bool = match value.as_str() {
        Some("true") => Some(Value::Bool(true)),
        Some("false") => Some(Value::Bool(false)),
        _ => None,
    };
    match &shape.kind {
        FieldKind::Of(Type::Bool) => bool,
        FieldKind::Of(kind) => kind.accepts(&value).then_some(value),
        _ => None,
    }
}

/// Notes a departure, once.
pub(super) fn depart(profile: &mut Profile, what: &str, document: &str, target: &str) {
    let departure = Departure {
        what: what.to_owned(),
        document: document.to_owned(),
        target: target.to_owned(),
    };
    if !profile.departures.contains(&departure) {
        profile.departures.push(departure);
    }
}
