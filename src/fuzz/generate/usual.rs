//! What usually stands in a field, for somebody who is here to say it.

use arbitrary::{Result, Unstructured};

use super::Making;
use crate::fuzz::datum::Datum;
use crate::fuzz::sequence::Actor;
use crate::fuzz::vocabulary::Usual;

impl Making<'_> {
    /// One of the things that usually stand in a field; `None` where none can stand here.
    pub(super) fn usual_value(
        &self,
        message: &str,
        field: &str,
        actor: Actor,
        cast: &[(String, Actor)],
        u: &mut Unstructured<'_>,
    ) -> Result<Option<Datum>> {
        let known = self.vocabulary.uses(message, field);
        // People who do all as documented name themselves and each other, and nobody else.
        // Who has not logged in gets nowhere with anything else, and so mostly does, too.
        let personal = self.vocabulary.is_personal(message, field)
            && (actor.is_judged() || (!actor.is_logged_in() && u.ratio(3, 4)?));
        let uses: Vec<&Usual> = known
            .iter()
            .filter(|usual| !personal || usual.is_personal())
            .collect();
        if uses.is_empty() {
            return Ok(None);
        }
        // Mostly what is there: what a flow made stands for it better than what nothing has.
        let made: Vec<&Usual> = uses
            .iter()
            .filter(|usual| self.is_made(usual, actor))
            .copied()
            .collect();
        if !made.is_empty() && u.ratio(5, 6)? {
            let usual = made[u.choose_index(made.len())?];
            if let Some(value) = self.resolve(usual, actor, cast, u)? {
                return Ok(Some(value));
            }
        }
        let at = u.choose_index(uses.len())?;
        for offset in 0..uses.len() {
            let value = self.resolve(uses[(at + offset) % uses.len()], actor, cast, u)?;
            if value.is_some() {
                return Ok(value);
            }
        }
        Ok(None)
    }

    /// Something that is somebody else's: who they are, what they made.
    pub(super) fn foreign_value(
        &self,
        message: &str,
        field: &str,
        u: &mut Unstructured<'_>,
    ) -> Result<Option<Datum>> {
        let uses = self.vocabulary.uses(message, field).iter();
        let mut values = Vec::new();
        for usual in uses {
            match usual {
                Usual::Own(own) | Usual::Other(own) => {
                    let known = Actor::STORY.iter().map(|other| self.field_of(*other, own));
                    values.extend(known.flatten());
                }
                Usual::Captured(name) => values.extend(self.bound_as(true, name)),
                _ => {}
            }
        }
        Ok(match values.len() {
            0 => None,
            many => Some(values.swap_remove(u.choose_index(many)?)),
        })
    }

    /// Whether a flow made what stands there.
    fn is_made(&self, usual: &Usual, actor: Actor) -> bool {
        match usual {
            Usual::Captured(name) => self.bound_as(actor.is_judged(), name).is_some(),
            Usual::List(items) => items.iter().any(|item| self.is_made(item, actor)),
            Usual::Map(pairs) => pairs.iter().any(|(_, value)| self.is_made(value, actor)),
            Usual::Value(_) | Usual::Own(_) | Usual::Other(_) | Usual::Given(_) => false,
        }
    }

    fn resolve(
        &self,
        usual: &Usual,
        actor: Actor,
        cast: &[(String, Actor)],
        u: &mut Unstructured<'_>,
    ) -> Result<Option<Datum>> {
        Ok(match usual {
            Usual::Value(value) => Some(Datum::Value(value.clone())),
            // Who has not logged in may say that they are somebody who has.
            Usual::Own(field) if actor == Actor::Guest && u.ratio(1, 2)? => {
                self.field_of(Actor::Mallory, field)
            }
            Usual::Own(field) => self.field_of(actor, field),
            Usual::Other(field) => {
                let others: Vec<Actor> = cast
                    .iter()
                    .map(|(_, other)| *other)
                    .filter(|other| *other != actor)
                    .collect();
                match others.len() {
                    0 => None,
                    many => self.field_of(others[u.choose_index(many)?], field),
                }
            }
            Usual::Given(path) => Some(Datum::Reference(path.clone())),
            Usual::Captured(name) if !actor.is_judged() && u.ratio(1, 8)? => {
                self.older_bound_as(name, u)?
            }
            Usual::Captured(name) => self.bound_as(actor.is_judged(), name),
            Usual::List(items) => {
                let mut list = Vec::new();
                let others = cast.iter().filter(|(_, other)| *other != actor);
                let mut others = others.cycle();
                for item in items {
                    let one = match (item, others.next()) {
                        (Usual::Other(field), Some((_, other))) => self.field_of(*other, field),
                        (item, _) => self.resolve(item, actor, cast, u)?,
                    };
                    let Some(one) = one else { return Ok(None) };
                    if !list.contains(&one) {
                        list.push(one);
                    }
                }
                Some(Datum::List(list))
            }
            Usual::Map(pairs) => {
                let mut map = Vec::new();
                for (key, value) in pairs {
                    let Some(value) = self.resolve(value, actor, cast, u)? else {
                        return Ok(None);
                    };
                    map.push((key.clone(), value));
                }
                Some(Datum::Map(map))
            }
        })
    }

    /// Who has not logged in has no more than an identity.
    fn field_of(&self, actor: Actor, field: &str) -> Option<Datum> {
        let known = actor.is_logged_in() || actor == Actor::Phone;
        let root = field.split('.').next().unwrap_or(field);
        (known || self.vocabulary.identity.iter().any(|name| name == root))
            .then(|| Datum::Reference(format!("{}.{field}", actor.name())))
    }
}
