//! A target's dull choices as a translator: a frame as the document has it ↔ the frame on this target's wire.
//!
//! Pure, and applied outside of the engine, so that nobody else knows of it. Widens nothing: where the
//! profile says how something travels, the document's own form is no longer taken for it, and is marked.

use super::field_rule::{self, FieldRule};
use super::template::{Me, Template};
use crate::value::Value;

/// How frames travel here, where that is not how the document says. The default changes nothing.
#[derive(Clone, Debug, Default)]
pub struct Dialect {
    pub(super) document: Layout,
    pub(super) target: Layout,
    /// One for each message towards the server.
    pub(super) sent: Vec<Translation>,
    /// One for each message towards the client.
    pub(super) received: Vec<Translation>,
    /// Whether there is anything to do.
    pub(super) active: bool,
}

/// Where a frame's type, stamps and fields stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) type_key: String,
    /// `None` where the fields stand in the frame itself.
    pub(super) body_key: Option<String>,
    /// In the order of the catalogue, in both layouts.
    pub(super) stamps: Vec<String>,
}

/// One message in one direction.
#[derive(Clone, Debug)]
pub(super) struct Translation {
    /// What stands for it in the document; the first is what the engine is given.
    pub(super) kinds: Vec<Value>,
    /// What stands for it on this target's wire, where that is something else.
    pub(super) wire: Option<Value>,
    pub(super) fields: Vec<FieldRule>,
    /// Further fields that the target wants to be sent.
    pub(super) extra: Vec<(String, Template)>,
}

impl Dialect {
    /// Whether every frame travels as the document says.
    pub fn is_plain(&self) -> bool {
        !self.active
    }

    /// What is sent to this target for a frame of the document. A frame that is no message of the document
    /// (a test sends those, too) is changed as little as that allows.
    pub fn outgoing(&self, frame: Value, me: &Me<'_>) -> Value {
        if self.is_plain() {
            return frame;
        }
        let Some(mut parts) = Parts::of(frame.clone(), &self.document) else {
            return frame;
        };
        if let Some(translation) = self
            .sent
            .iter()
            .find(|known| (parts.kind.as_ref()).is_some_and(|kind| known.kinds.contains(kind)))
        {
            let document = parts.body.clone();
            if let (Some(wire), Some(kind)) = (&translation.wire, &mut parts.kind) {
                *kind = wire.clone();
            }
            if let Some(Value::Map(fields)) = &mut parts.body {
                *fields = field_rule::to_wire(&translation.fields, std::mem::take(fields));
                for (name, template) in &translation.extra {
                    if let Some(value) = template.fill(me, document.as_ref())
                        && !fields.iter().any(|(key, _)| key.as_str() == Some(name))
                    {
                        fields.push((Value::str(name), value));
                    }
                }
            }
        }
        parts.frame(&self.target, &self.document)
    }

    /// The frame of the document that this target's frame stands for.
    pub fn incoming(&self, frame: Value) -> Value {
        if self.is_plain() {
            return frame;
        }
        let Some(mut parts) = Parts::of(frame.clone(), &self.target) else {
            return frame;
        };
        self.mark_document_keys(&mut parts);
        if let Some(kind) = &mut parts.kind {
            let found = self.received.iter().find(|known| match &known.wire {
                Some(wire) => wire == kind,
                None => known.kinds.contains(kind),
            });
            if let Some(translation) = found {
                if translation.wire.is_some() {
                    kind.clone_from(&translation.kinds[0]);
                }
                if let Some(Value::Map(fields)) = &mut parts.body {
                    *fields = field_rule::from_wire(&translation.fields, std::mem::take(fields));
                }
            } else if let Some(wire) = self
                .received
                .iter()
                .find_map(|known| known.wire.as_ref().filter(|_| known.kinds.contains(kind)))
            {
                *kind = departed(kind, wire);
            }
        }
        parts.frame(&self.document, &self.target)
    }

    /// A key that the profile moved elsewhere is a further field where it still stands.
    fn mark_document_keys(&self, parts: &mut Parts) {
        let (ours, theirs) = (self.document.keys(), self.target.keys());
        let moved: Vec<_> = (ours.into_iter().zip(&theirs))
            .filter(|(document, _)| !theirs.contains(document))
            .collect();
        let body = parts
            .body
            .as_mut()
            .filter(|_| self.target.body_key.is_none());
        let fields = match body {
            Some(Value::Map(fields)) => Some(fields),
            _ => None,
        };
        for (key, _) in parts.further.iter_mut().chain(fields.into_iter().flatten()) {
            let name = key.as_str().unwrap_or_default();
            if let Some((_, Some(target))) = moved
                .iter()
                .find(|(document, _)| document.as_deref() == Some(name))
            {
                *key = departed(key, &Value::str(target));
            }
        }
    }
}

impl Layout {
    /// Type, body and stamps, in this order.
    fn keys(&self) -> Vec<Option<String>> {
        let stamps = self.stamps.iter().cloned().map(Some);
        [Some(self.type_key.clone()), self.body_key.clone()]
            .into_iter()
            .chain(stamps)
            .collect()
    }
}

/// A document's word where the profile says that another one travels: shown, and equal to neither.
pub(super) fn departed(found: &Value, wire: &Value) -> Value {
    let found = found
        .as_str()
        .map_or_else(|| found.to_string(), str::to_owned);
    Value::Str(format!("{found} (the profile says {wire})"))
}

/// A frame taken apart.
struct Parts {
    kind: Option<Value>,
    /// By their place in the layouts.
    stamps: Vec<(usize, Value)>,
    body: Option<Value>,
    /// What stands beside these, repeated keys among it.
    further: Vec<(Value, Value)>,
}

impl Parts {
    /// `None` for what is no map.
    fn of(frame: Value, layout: &Layout) -> Option<Parts> {
        let Value::Map(pairs) = frame else {
            return None;
        };
        let mut parts = Parts {
            kind: None,
            stamps: Vec::new(),
            body: None,
            further: Vec::new(),
        };
        let mut fields = Vec::new();
        for (key, value) in pairs {
            let name = key.as_str();
            let stamp = layout
                .stamps
                .iter()
                .position(|key| Some(key.as_str()) == name);
            if name == Some(&layout.type_key) && parts.kind.is_none() {
                parts.kind = Some(value);
            } else if let Some(at) = stamp.filter(|at| parts.stamps.iter().all(|(s, _)| s != at)) {
                parts.stamps.push((at, value));
            } else if layout.body_key.is_none() {
                fields.push((key, value));
            } else if name == layout.body_key.as_deref() && parts.body.is_none() {
                parts.body = Some(value);
            } else {
                parts.further.push((key, value));
            }
        }
        if layout.body_key.is_none() {
            parts.body = Some(Value::Map(fields));
        }
        Some(parts)
    }

    fn frame(self, layout: &Layout, came_from: &Layout) -> Value {
        let mut pairs = Vec::new();
        pairs.extend(self.kind.map(|kind| (Value::str(&layout.type_key), kind)));
        for (at, value) in self.stamps {
            pairs.push((Value::str(&layout.stamps[at]), value));
        }
        pairs.extend(self.further);
        match (self.body, &layout.body_key) {
            (None, _) => {}
            (Some(Value::Map(fields)), None) => pairs.extend(fields),
            (Some(body), Some(key)) => pairs.push((Value::str(key), body)),
            // Something else than fields, where fields would have no key of their own.
            (Some(body), None) => {
                let key = came_from.body_key.as_deref().unwrap_or("body");
                pairs.push((Value::str(key), body));
            }
        }
        Value::Map(pairs)
    }
}
