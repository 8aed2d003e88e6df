//! How the shape of messages can be broken, where each is of a kind: a field is missing, or of another type.

use crate::message::Kinded;

/// What is done to a field of the messages of one kind.
#[derive(Clone, Copy)]
pub(crate) struct Damage<K> {
    pub(crate) kind: K,
    pub(crate) spot: Spot,
    pub(crate) what: What,
}

/// Where the field stands.
#[derive(Clone, Copy)]
pub(crate) struct Spot {
    /// The list whose items have it; empty where it is a field of the message itself.
    pub(crate) list: &'static str,
    pub(crate) field: &'static str,
}

#[derive(Clone, Copy)]
pub(crate) enum What {
    Missing,
    Retyped,
}

/// A message whose shape can be broken.
pub(crate) trait Shaped: Kinded {
    /// Takes a field out, or gives it another type. A field that is not there is left alone.
    fn spoil(&mut self, spot: Spot, what: What);
}

impl<M: Shaped> super::Damage<M> for Damage<M::Kind> {
    fn inflict(self, message: &mut M) {
        if message.kind() == self.kind {
            message.spoil(self.spot, self.what);
        }
    }
}

/// Lists, for each id of a message, a kind and the field to spoil; `field in list` for one that the items of
/// a list have.
macro_rules! shapes {
    ($($id:literal = $kind:ident $field:literal $(in $list:literal)?,)*) => {
        pub(super) const RULES: &[Entry] = &[$(
            rule(concat!("shape.", $id), &[
                Way {
                    does: concat!($field, " is missing"),
                    how: How::Shape($crate::rules::shapes::Damage {
                        kind: Kind::$kind,
                        spot: $crate::rules::shapes::Spot { list: concat!($($list)?), field: $field },
                        what: $crate::rules::shapes::What::Missing,
                    }),
                },
                Way {
                    does: concat!($field, " has another type"),
                    how: How::Shape($crate::rules::shapes::Damage {
                        kind: Kind::$kind,
                        spot: $crate::rules::shapes::Spot { list: concat!($($list)?), field: $field },
                        what: $crate::rules::shapes::What::Retyped,
                    }),
                },
            ]),
        )*];
    };
}

pub(crate) use shapes;
