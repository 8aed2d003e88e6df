//! What is asked of a campaign, how far it has come, and what it came to. Data, and nothing else.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::finding::Finding;
use super::sources::Source;

/// How a campaign goes.
#[derive(Clone, Debug)]
pub struct Options {
    pub seed: u64,
    /// Ends after so long, or so many runs, or both.
    pub time: Option<Duration>,
    pub runs: Option<usize>,
    /// Sequences at once.
    pub jobs: usize,
    /// For one finding.
    pub shrink_time: Duration,
    /// Where findings are written.
    pub out: Option<PathBuf>,
    /// Messages and their bytes, sent in all.
    pub most_messages: u64,
    pub most_bytes: u64,
    /// Users that are made in all.
    pub most_accounts: u64,
    pub most_findings: usize,
    /// Messages a second; as many as can be where there is none.
    pub rate: Option<u32>,
    /// Sources of sequences that have no turn; for measuring what they are good for.
    pub without: Vec<Source>,
}

/// How far it has come.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    pub runs: usize,
    pub messages: u64,
    pub bytes: u64,
    pub accounts: u64,
    /// Runs in which everything could be done that was meant to be.
    pub healthy: usize,
    /// Different answers seen.
    pub novelty: usize,
    pub corpus: usize,
    /// Of all that can be odd about one message, how much is still to be tried, and how much there is.
    pub unswept: (usize, usize),
    /// The longest chain of flows that went through.
    pub deepest: usize,
    pub findings: usize,
    pub seconds: f64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CampaignEnd {
    TimeIsUp,
    RunsAreUp,
    /// A cap was reached.
    Capped(&'static str),
    Interrupted,
    /// Nothing could be done from the start; the reason.
    Unfit(String),
    /// It could be reached before, and then no more.
    Gone(String),
}

#[derive(Debug)]
pub struct Summary {
    pub progress: Progress,
    pub findings: Vec<Finding>,
    /// Suspicions that did not show again.
    pub not_again: usize,
    /// Suspicions that a right server gives rise to as well.
    pub excused: usize,
    /// Of which kind they were, which right server did the same, and how often.
    pub excuses: BTreeMap<(String, usize), usize>,
    pub notes: Vec<String>,
    pub end: CampaignEnd,
}
