//! One case against a server, as a test that passes or fails. Decides nothing that the fold does not say.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use crate::event::{Event, Level, SCHEMA};
use crate::outcome::{Fold, Outcome, Run};
use crate::plan::{Case, pack_info};
use crate::report::{Reporter, Terminal, TerminalOptions};
use crate::runner::{self, RunOptions, Target};
use crate::transport::{Endpoint, EndpointOptions};

/// Columns of a failure's text.
const WIDTH: usize = 100;

/// `Err` is the text of the failure.
pub(super) async fn run(case: Arc<Case>, url: &str, strict: bool) -> Result<(), String> {
    let endpoint = Endpoint::parse(url, EndpointOptions::default())
        .map_err(|error| format!("the server's URL: {error}"))?;
    let pack = case.pack.clone();
    let started = Event::RunStarted {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        target: url.to_owned(),
        started: String::new(),
        seed: 1,
        packs: vec![pack_info(&pack, &case.profile, &[&case.id])],
        cases: 1,
        part: None,
    };
    let options = RunOptions {
        jobs: 1,
        seed: 1,
        tag: runner::fresh_tag(),
        rerun: "cargo test --".to_owned(),
        server: None,
    };
    let (events, mut incoming) = mpsc::channel(64);
    // Dropping the sender would not interrupt, but nobody is there to interrupt at all.
    let (_interrupt, interrupted) = watch::channel(false);
    let target = Target::new(endpoint, &pack, case.profile.clone());
    let batch = (pack, target, vec![case]);
    let running = tokio::spawn(runner::run(vec![batch], options, events, interrupted));
    let mut fold = Fold::new();
    fold.on(&started);
    while let Some(event) = incoming.recv().await {
        fold.on(&event);
    }
    running
        .await
        .map_err(|_| "wireproof itself failed".to_owned())?;
    let run = fold.finish();
    if passes(&run, strict) {
        return Ok(());
    }
    let mut text = Vec::new();
    let options = TerminalOptions {
        width: WIDTH,
        ..TerminalOptions::default()
    };
    // A vector takes whatever is written.
    let _ = Terminal::new(&mut text, options).finish(&run);
    let text = String::from_utf8_lossy(&text);
    Err(anstream::adapter::strip_str(&text).to_string())
}

fn passes(run: &Run, strict: bool) -> bool {
    let [case] = run.cases.as_slice() else {
        return false;
    };
    let applicable = !matches!(case.outcome, Outcome::NotApplicable { .. });
    let warnings = case.deviations_of(Level::Should).next().is_some()
        || run.shapes.iter().any(|shape| shape.level != Level::Advice);
    case.expected && !run.facts().deviated && !(strict && applicable && warnings)
}
