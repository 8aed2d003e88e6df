//! Gets to know a target: which pack, over what, in which dialect; and writes the profile with which it is run.
//!
//! Works from the catalogues alone, by their own cases: what comes is held to the document, and what is different
//! and may be so is taken down. Judges nothing, and hides nothing: what does not fit is listed, not excused.
//!
//! - [`probe`]: from a URL to [`Seen`]. [`Bench`]: who is asked, how patiently.
//! - [`Draft`]: the profile in the making, each entry with its reason.
//! - `hello`: the first question, in all ways of speaking. `numbers`: symbols that travel as numbers.
//! - `scouts`: the cases that are played.
//! - `lessons`: what frames tell of names and forms; `words`: which names may stand for one another.
//! - `search`: learning and trying until the cases go through; `attempts`: what is tried; `further`: fields that
//!   requests need besides.

mod attempts;
mod bench;
mod draft;
mod further;
mod hello;
mod lessons;
mod numbers;
mod scouts;
mod search;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use bench::Bench;
pub use draft::{Because, Draft, Other};

use self::attempts::{message_of, translated};
use self::bench::Verdict;
use self::hello::{Greeting, greet};
use self::search::Search;
use crate::codec::Codec;
use crate::protocol::WireCodec;
use crate::runner::Passed;
use crate::scenario::Pack;

/// What came of it.
#[derive(Clone, Debug)]
pub enum Seen {
    /// The target cannot be reached; why.
    Unfit(String),
    /// Nothing that it says is of any pack: a line for each way of speaking.
    Foreign(Vec<String>),
    /// It may be one of these packs.
    Ambiguous(Vec<String>),
    Known(Box<Known>),
}

/// A target whose pack is known.
#[derive(Clone, Debug)]
pub struct Known {
    pub draft: Draft,
    /// Whether a user could come in at all.
    pub came_in: bool,
    /// Cases that were played, and those that went through.
    pub played: usize,
    pub fit: usize,
    pub not_applicable: usize,
    /// Cases that did not, and why.
    pub misfits: Vec<(String, String)>,
    /// Readings that the cases saw, and their options; more than one where they do not agree.
    pub readings: BTreeMap<String, BTreeSet<String>>,
    /// Messages of the server that never came.
    pub unseen: Vec<String>,
}

/// Gets to know the target at the URL, which may lack its scheme. It has to speak one of the packs.
pub async fn probe(bench: &Bench, packs: &[Arc<Pack>], url: &str) -> Seen {
    let drafts = match greet(bench, packs, url).await {
        Greeting::Known(drafts) => drafts,
        Greeting::Ambiguous(names) => return Seen::Ambiguous(names),
        Greeting::Foreign(gave) => return Seen::Foreign(gave),
        Greeting::Unfit(reason) => return Seen::Unfit(reason),
    };
    let Some((pack, first)) = drafts.first().cloned() else {
        return Seen::Foreign(Vec::new());
    };
    let mut search = Search::new(bench, pack, first);
    let drafts = drafts.into_iter().map(|(_, draft)| draft).collect();
    let came_in = search.come_in(drafts).await;
    if came_in {
        search.look_around().await;
        search.confirm().await;
    }
    Seen::Known(Box::new(known(search, came_in)))
}

fn known(search: Search<'_>, came_in: bool) -> Known {
    let catalogue = &search.pack.catalogue;
    let mut draft = search.draft.clone();
    let codec = match draft.codec.unwrap_or(catalogue.wire.codec) {
        WireCodec::Json => Codec::Json,
        WireCodec::MessagePack => Codec::MessagePack,
    };
    let mut heard = BTreeSet::new();
    let mut readings: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut misfits = Vec::new();
    let (mut fit, mut not_applicable) = (0, 0);
    for trial in search.trials.values() {
        for (id, option) in trial.readings() {
            readings
                .entry(id.clone())
                .or_default()
                .insert(option.clone());
        }
        for passed in &trial.passed {
            if let Passed::Came { bytes, .. } = passed {
                let frame = translated(catalogue, &draft, codec, bytes);
                let message = frame.and_then(|frame| message_of(catalogue, &frame));
                heard.extend(message.map(|message| message.name.clone()));
            }
        }
        match &trial.verdict {
            Verdict::Conforms => fit += 1,
            Verdict::NotApplicable => not_applicable += 1,
            Verdict::Fails { why, .. } | Verdict::Unplayed(why) => {
                misfits.push((trial.case.clone(), why.clone()));
            }
        }
    }
    let server = catalogue
        .messages
        .iter()
        .filter(|message| message.server.is_some());
    let unseen: Vec<String> = server
        .map(|message| message.name.clone())
        .filter(|name| !heard.contains(name))
        .collect();
    draft.remarks = remarks(&readings, &misfits, &unseen);
    Known {
        draft,
        came_in,
        played: search.trials.len(),
        fit,
        not_applicable,
        misfits,
        readings,
        unseen,
    }
}

fn remarks(
    readings: &BTreeMap<String, BTreeSet<String>>,
    misfits: &[(String, String)],
    unseen: &[String],
) -> Vec<String> {
    const MOST: usize = 12;
    let mut lines = Vec::new();
    if !unseen.is_empty() {
        lines.push(format!("Not seen: {}.", unseen.join(", ")));
        lines.push(
            "What the server does not implement is listed as `not_offered: [...]`; a run says so then.".to_owned(),
        );
    }
    if !misfits.is_empty() {
        lines.push("Did not go through; a run says what is wrong, if it is the server:".to_owned());
        lines.extend(
            misfits
                .iter()
                .take(MOST)
                .map(|(case, why)| format!("  {case}: {why}")),
        );
        if misfits.len() > MOST {
            lines.push(format!("  and {} more", misfits.len() - MOST));
        }
    }
    if !readings.is_empty() {
        lines.push("Readings that were seen; a run sees them by itself:".to_owned());
        lines.extend(readings.iter().map(|(id, options)| {
            let options: Vec<&str> = options.iter().map(String::as_str).collect();
            format!("  {id}: {}", options.join(" and "))
        }));
    }
    lines
}
