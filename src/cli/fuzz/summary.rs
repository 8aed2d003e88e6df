//! What a campaign came to: in words, as JSON, and as an exit code.

use serde_json::json;

use super::FuzzArgs;
use crate::exit::Exit;
use crate::fuzz::{CampaignEnd, Progress, Summary};
use crate::report::safe_text;
use crate::scenario::Pack;

/// Sequences in which all that was meant to be done could be done, in percent.
pub(super) fn health(progress: &Progress) -> f64 {
    100.0 * progress.healthy as f64 / progress.runs.max(1) as f64
}

pub(super) fn in_words(
    args: &FuzzArgs,
    url: Option<&str>,
    pack: &Pack,
    summary: &Summary,
) -> String {
    let progress = &summary.progress;
    let target = url.unwrap_or("built-in reference server");
    let mut text = String::new();
    let mut line = |line: String| {
        text.push_str(&line);
        text.push('\n');
    };
    for finding in &summary.findings {
        line(String::new());
        let grave = finding.signature.oracle.is_grave();
        line(format!(
            "{} {}",
            if grave { "FOUND" } else { "ADVICE" },
            finding.id
        ));
        line(format!("  {}", finding.signature.oracle.in_words()));
        line(format!("  {}", safe_text(&finding.says, 400)));
        let (n, of) = finding.shown;
        line(format!(
            "  shown again {n} of {of} times; {} steps{}; first in run {} after {:.1} s",
            finding.sequence.steps.len(),
            if finding.unfinished {
                ", and perhaps fewer would do"
            } else {
                ""
            },
            finding.run,
            finding.after
        ));
        if let Some(file) = &finding.file {
            line(format!(
                "  run again     wireproof run {} --pack {} --no-report{}",
                file.display(),
                pack.catalogue.name,
                url.map_or(String::new(), |url| format!(" --target {url}"))
            ));
        }
    }
    if !summary.notes.is_empty() {
        line(String::new());
        line(format!("Notes ({})", summary.notes.len()));
        for note in &summary.notes {
            line(format!("  {}", safe_text(note, 300)));
        }
    }
    line(String::new());
    line(format!(
        "{target}: {} of {}, seed {}: {} sequences, {} messages in {:.1} s",
        how_it_ended(&summary.end),
        pack.catalogue.name,
        args.seed,
        progress.runs,
        progress.messages,
        progress.seconds
    ));
    line(format!(
        "  {} different answers, flows {} deep, {:.0} % of the sequences could be played as meant",
        progress.novelty,
        progress.deepest,
        health(progress)
    ));
    if summary.not_again + summary.excused > 0 {
        line(format!(
            "  {} suspicions did not show again, {} are such as a right server gives, too",
            summary.not_again, summary.excused
        ));
    }
    if progress.runs > 0 && health(progress) < 50.0 {
        line(
            "  warning: fewer than half; this campaign says little. Is the profile right?"
                .to_owned(),
        );
    }
    line(match summary.findings.len() {
        0 => format!("{target}: nothing found"),
        1 => format!("{target}: 1 finding"),
        many => format!("{target}: {many} findings"),
    });
    text
}

fn how_it_ended(end: &CampaignEnd) -> String {
    match end {
        CampaignEnd::TimeIsUp | CampaignEnd::RunsAreUp => "campaign".to_owned(),
        CampaignEnd::Capped(what) => format!("campaign, ended by the cap on {what},"),
        CampaignEnd::Interrupted => "campaign, interrupted,".to_owned(),
        CampaignEnd::Unfit(reason) => {
            format!("could not be fuzzed: {}; campaign", safe_text(reason, 300))
        }
        CampaignEnd::Gone(reason) => {
            format!("is gone ({}); campaign", safe_text(reason, 300))
        }
    }
}

pub(super) fn as_json(
    args: &FuzzArgs,
    url: Option<&str>,
    pack: &Pack,
    summary: &Summary,
) -> serde_json::Value {
    let progress = &summary.progress;
    let findings = summary.findings.iter().map(|finding| {
        json!({
            "id": finding.id,
            "grave": finding.signature.oracle.is_grave(),
            "oracle": finding.signature.oracle.name(),
            "subject": finding.signature.subject,
            "says": finding.says,
            "shown": finding.shown.0,
            "replays": finding.shown.1,
            "steps": finding.sequence.steps.len(),
            "unfinished": finding.unfinished,
            "run": finding.run,
            "after_seconds": finding.after,
            "times": finding.times,
            "file": finding.file.as_ref().map(|file| file.display().to_string()),
        })
    });
    json!({
        "schema": 1,
        "target": url.unwrap_or("built-in reference server"),
        "pack": pack.catalogue.name,
        "seed": args.seed,
        "end": match &summary.end {
            CampaignEnd::TimeIsUp => json!("time"),
            CampaignEnd::RunsAreUp => json!("runs"),
            CampaignEnd::Capped(what) => json!({ "capped": what }),
            CampaignEnd::Interrupted => json!("interrupted"),
            CampaignEnd::Unfit(reason) => json!({ "unfit": reason }),
            CampaignEnd::Gone(reason) => json!({ "gone": reason }),
        },
        "runs": progress.runs,
        "messages": progress.messages,
        "bytes": progress.bytes,
        "seconds": progress.seconds,
        "healthy_percent": health(progress),
        "novelty": progress.novelty,
        "corpus": progress.corpus,
        "unswept": progress.unswept.0,
        "deepest": progress.deepest,
        "not_shown_again": summary.not_again,
        "excused": summary.excused,
        "excuses": summary
            .excuses
            .iter()
            .map(|((what, server), times)| json!({ "what": what, "right_server": server, "times": times }))
            .collect::<Vec<_>>(),
        "notes": summary.notes,
        "findings": findings.collect::<Vec<_>>(),
    })
}

/// The first that holds, in the order of [`Exit`]. A target that went away in the middle went under our input.
pub(super) fn exit_of(summary: &Summary) -> Exit {
    match &summary.end {
        CampaignEnd::Interrupted => Exit::Interrupted,
        _ if summary
            .findings
            .iter()
            .any(|finding| finding.signature.oracle.is_grave()) =>
        {
            Exit::Deviations
        }
        CampaignEnd::Gone(_) => Exit::Deviations,
        CampaignEnd::Unfit(reason) => {
            eprintln!("wireproof: could not be fuzzed: {}", safe_text(reason, 300));
            Exit::TargetUnfit
        }
        _ if summary.progress.runs == 0 => Exit::Usage,
        _ => Exit::Fine,
    }
}
