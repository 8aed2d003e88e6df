//! What the target's profile says: where it departs from the document, and which deviations are known.
//!
//! Excuses nothing: what was promised and did not come is a failure, and stands among the deviations.

use crate::outcome::{Promise, Run};

use super::super::words;
use super::Text;

/// Something that the target does in another way than the document says.
pub(super) struct Departure {
    pub(super) what: Text,
    pub(super) document: Text,
    pub(super) target: Text,
    pub(super) pack: Text,
}

/// A deviation that is known, and whether it came.
pub(super) struct Known {
    /// The case, the cases, or the message and the path.
    pub(super) what: Text,
    pub(super) fails: Text,
    pub(super) reason: Text,
    pub(super) at: Text,
    /// `known`, `not-met` or `not-judged`.
    pub(super) class: &'static str,
    pub(super) state: &'static str,
}

/// A known deviation that did not come as promised.
pub(super) struct Broken {
    pub(super) what: Text,
    pub(super) how: Text,
    pub(super) fails: Text,
    pub(super) at: Text,
}

/// More of a kind are not shown.
const MOST: usize = 300;

pub(super) fn departures(run: &Run) -> Vec<Departure> {
    let of_packs = run.packs.iter().flat_map(|pack| {
        let rows = pack.departures.iter();
        rows.map(|departure| Departure {
            what: Text::short(&departure.what),
            document: Text::short(&departure.document),
            target: Text::short(&departure.target),
            pack: Text::short(&pack.name),
        })
    });
    of_packs.take(MOST).collect()
}

pub(super) fn known(run: &Run) -> Vec<Known> {
    promises(run).take(MOST).map(row).collect()
}

pub(super) fn broken(run: &Run) -> Vec<Broken> {
    let of_promises = promises(run).flat_map(|promise| {
        let rows = promise.broken.iter();
        rows.map(|broken| Broken {
            what: Text::short(&broken.what),
            how: Text::short(&broken.how),
            fails: Text::short(&promise.known.fails),
            at: Text::short(&promise.known.at),
        })
    });
    of_promises.take(MOST).collect()
}

fn promises(run: &Run) -> impl Iterator<Item = &Promise> {
    run.packs.iter().flat_map(|pack| &pack.promises)
}

fn row(promise: &Promise) -> Known {
    let known = &promise.known;
    let what = match (&known.shape, known.cases.as_slice()) {
        (Some((message, path)), _) => format!("{message} {path}"),
        (None, [case]) => case.clone(),
        (None, cases) => words::count(cases.len(), "case"),
    };
    let (class, state) = match (promise.broken.is_empty(), promise.kept) {
        (false, _) => ("not-met", "not as known"),
        (true, 0) => ("not-judged", "not seen"),
        (true, _) => ("known", "as known"),
    };
    Known {
        what: Text::short(&what),
        fails: Text::short(&known.fails),
        reason: Text::short(&known.reason),
        at: Text::short(&known.at),
        class,
        state,
    }
}
