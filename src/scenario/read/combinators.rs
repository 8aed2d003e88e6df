//! Matchers made of matchers, `{ $contains: […] }` and the like.

use super::constructor::{CONSTRUCTORS, read_constructor};
use super::pattern::Reader;
use super::value::read_value;
use crate::protocol::FieldShape;
use crate::scenario::Pattern;
use crate::source::{Diagnostic, Diagnostics, Node};

pub(super) const COMBINATORS: [&str; 8] = [
    "$contains",
    "$unordered",
    "$each",
    "$consecutive",
    "$length",
    "$not",
    "$either",
    "$all",
];

impl Reader<'_> {
    pub(super) fn combinator(
        &self,
        name: &str,
        key: &Node,
        argument: &Node,
        shape: Option<&FieldShape>,
        problems: &mut Diagnostics,
    ) -> Option<Pattern> {
        let list =
            |shape: Option<&FieldShape>, problems: &mut Diagnostics| -> Option<Vec<Pattern>> {
                let Some(items) = argument.as_list() else {
                    problems.push(Diagnostic::new(
                        &argument.place,
                        format!("`{name}` takes a list"),
                    ));
                    return None;
                };
                let items: Vec<_> = items
                    .iter()
                    .map(|item| self.pattern(item, shape, problems))
                    .collect();
                items.into_iter().collect()
            };
        if matches!(name, "$contains" | "$unordered")
            && argument.as_str().is_some_and(|text| text.starts_with('$'))
        {
            let list = read_value(argument, self.names, problems)?;
            self.item_shape(key, shape, problems)?;
            return Some(Pattern::ElementsOf {
                list,
                only: name == "$unordered",
            });
        }
        match name {
            "$contains" => Some(Pattern::Contains(list(
                self.item_shape(key, shape, problems)?,
                problems,
            )?)),
            "$unordered" => Some(Pattern::Unordered(list(
                self.item_shape(key, shape, problems)?,
                problems,
            )?)),
            "$either" => Some(Pattern::Either(list(shape, problems)?)),
            "$all" => Some(Pattern::All(list(shape, problems)?)),
            "$each" => {
                let item_shape = self.item_shape(key, shape, problems)?;
                Some(Pattern::Each(Box::new(
                    self.pattern(argument, item_shape, problems)?,
                )))
            }
            "$consecutive" => {
                let item_shape = self.item_shape(key, shape, problems)?;
                Some(Pattern::Consecutive(Box::new(
                    self.pattern(argument, item_shape, problems)?,
                )))
            }
            "$length" => Some(Pattern::Length(Box::new(
                self.pattern(argument, None, problems)?,
            ))),
            "$not" => Some(Pattern::Unlike(Box::new(
                self.pattern(argument, shape, problems)?,
            ))),
            _ if CONSTRUCTORS.contains(&name) => {
                let expr = read_constructor(name, key, argument, self.names, problems)?;
                if let Some(value) = expr.literal() {
                    self.check_value(argument, &value, shape, problems)?;
                }
                Some(Pattern::Is(expr))
            }
            _ => {
                problems.push(
                    Diagnostic::new(&key.place, format!("unknown matcher `{name}`"))
                        .suggest(name, COMBINATORS.iter().chain(&CONSTRUCTORS)),
                );
                None
            }
        }
    }
}
