//! The fuzzer against reference servers in virtual time: what it has to find, and that it finds nothing else.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;
use wireproof::audit::{Effect, Frame, Handlers};
use wireproof::cli::reference::{Reference, right_servers};
use wireproof::codec::Codec;
use wireproof::fuzz::{
    Campaign, CampaignEnd, Corpus, Ground, Mirror, Options, Source, Summary, Vocabulary, Workshop,
};
use wireproof::protocol::Settled;
use wireproof::scenario::{PackSource, ScenarioReader, embedded, read_pack};
use wireproof::target::Profile;
use wireproof_reference::{Behaviour, Pack as Server};

fn source(server: Server) -> PackSource {
    embedded()
        .into_iter()
        .find(|source| source.name == server.name())
        .expect("a pack for each server")
}

/// The servers that are right, as long as their people settle what our profile says.
fn rights(server: Server) -> Vec<Behaviour> {
    let pack = read_pack(&source(server)).expect("a valid pack");
    let readings = pack.catalogue.readings.iter();
    let settled: Vec<(String, String)> = readings
        .filter(|reading| reading.settled == Settled::Profile)
        .filter_map(|reading| Some((reading.id.clone(), reading.default.clone()?)))
        .collect();
    right_servers(server, &settled)
}

fn options(runs: usize, seed: u64) -> Options {
    Options {
        seed,
        time: None,
        runs: Some(runs),
        jobs: 1,
        shrink_time: Duration::from_secs(60),
        out: None,
        most_messages: u64::MAX,
        most_bytes: u64::MAX,
        most_accounts: u64::MAX,
        most_findings: 2,
        rate: None,
        without: Vec::new(),
    }
}

/// A campaign against a server in virtual time.
fn campaign(
    server: Server,
    options: Options,
    ground: &(dyn Fn(usize) -> Box<dyn Handlers> + Sync),
) -> Summary {
    campaign_from(server, options, ground, Corpus::default()).0
}

fn campaign_from(
    server: Server,
    options: Options,
    ground: &(dyn Fn(usize) -> Box<dyn Handlers> + Sync),
    corpus: Corpus,
) -> (Summary, Corpus) {
    let source = source(server);
    let pack = Arc::new(read_pack(&source).expect("a valid pack"));
    let rights = rights(server);
    let make = |variant: usize| -> Box<dyn Handlers> {
        Box::new(Reference::new(server, &rights[variant]).expect("its own readings"))
    };
    let workshop = Workshop::new(
        pack.clone(),
        ScenarioReader::of(&source).expect("a valid pack"),
        Vocabulary::of(&pack).expect("a flow to start from"),
        Codec::from_name(pack.catalogue.wire.codec.name()).expect("a codec"),
        Profile::default(),
        "lab".to_owned(),
        options.seed,
    );
    let mirror = Mirror {
        variants: rights.len(),
        make: &make,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    // Dropped only at the end: nobody interrupts.
    let (_nobody, interrupted) = watch::channel(false);
    let campaign = Campaign::new(
        &workshop,
        Ground::Lab(ground),
        Some(mirror),
        options,
        corpus,
    );
    runtime.block_on(campaign.run(interrupted, |_, _| {}))
}

fn found(summary: &Summary) -> Vec<String> {
    summary
        .findings
        .iter()
        .map(|finding| format!("{}: {} {:#?}", finding.id, finding.says, finding.sequence))
        .collect()
}

#[test]
fn nothing_is_found_on_a_right_server() {
    for server in Server::ALL {
        let clean = |_: usize| -> Box<dyn Handlers> {
            Box::new(Reference::new(*server, &Default::default()).expect("a server"))
        };
        let summary = campaign(*server, options(160, 1), &clean);
        let name = server.name();
        assert_eq!(found(&summary), Vec::<String>::new(), "{name}");
        assert_eq!(summary.end, CampaignEnd::RunsAreUp, "{name}");
        assert_eq!(summary.notes, Vec::<String>::new(), "{name}");
        // It did do something: most of what it meant to, and with many different answers.
        let progress = &summary.progress;
        assert!(
            progress.healthy * 10 > progress.runs * 8,
            "{name}: {progress:?}"
        );
        assert!(progress.novelty > 40, "{name}: {progress:?}");
        assert!(progress.deepest >= 2, "{name}: {progress:?}");
        println!(
            "{name}: {progress:?}, excused {}, not again {}",
            summary.excused, summary.not_again
        );
    }
}

#[test]
fn nothing_is_found_on_a_server_that_takes_other_readings() {
    for server in Server::ALL {
        let others = rights(*server);
        // The last ones take many at once.
        for behaviour in &others[others.len() - 3..] {
            let other = |_: usize| -> Box<dyn Handlers> {
                Box::new(Reference::new(*server, behaviour).expect("its own readings"))
            };
            let summary = campaign(*server, options(96, 2), &other);
            assert_eq!(
                found(&summary),
                Vec::<String>::new(),
                "{} {:?}",
                server.name(),
                behaviour
            );
        }
    }
}

#[test]
fn the_same_seed_makes_the_same_choices() {
    let server = Server::Roomchat;
    let clean = |_: usize| -> Box<dyn Handlers> {
        Box::new(Reference::new(server, &Default::default()).expect("a server"))
    };
    let once = |seed| {
        let progress = campaign(server, options(64, seed), &clean).progress;
        (progress.messages, progress.bytes, progress.novelty)
    };
    assert_eq!(once(5), once(5));
    assert_ne!(once(5), once(6));
}

#[test]
fn a_crash_is_found_shown_again_and_made_small() {
    let buggy = |_: usize| -> Box<dyn Handlers> {
        let server = Reference::with_bug(Server::Friendchat, "friendchat.crash-without-receiver");
        Box::new(server.expect("a bug of the server"))
    };
    let summary = campaign(Server::Friendchat, options(400, 3), &buggy);
    let finding = summary
        .findings
        .iter()
        .find(|finding| finding.signature.oracle.name() == "others-not-served")
        .expect("it is found");
    assert_eq!(finding.shown, (5, 5));
    assert!(finding.sequence.steps.len() <= 3, "{:#?}", finding.sequence);
}

/// Its answer to a FRIEND_REQUEST right after a GROUP_LEAVE has no code.
struct Forgetful {
    inner: Reference,
    last: HashMap<u32, String>,
}

impl Handlers for Forgetful {
    fn connected(&mut self, connection: u32, now_ms: u64) -> Vec<Effect> {
        self.inner.connected(connection, now_ms)
    }

    fn received(&mut self, connection: u32, frame: Frame, now_ms: u64) -> Vec<Effect> {
        let request: Value = serde_json::from_slice(&frame.bytes).unwrap_or_default();
        let kind = request["type"].as_str().unwrap_or_default().to_owned();
        let last = self.last.insert(connection, kind.clone());
        let mut effects = self.inner.received(connection, frame, now_ms);
        if kind == "FRIEND_REQUEST" && last.as_deref() == Some("GROUP_LEAVE") {
            for effect in &mut effects {
                if let Effect::Send { to, frame } = effect
                    && *to == connection
                {
                    let mut answer: Value = serde_json::from_slice(&frame.bytes).expect("JSON");
                    answer["payload"]["code"] = Value::Null;
                    frame.bytes = answer.to_string().into_bytes();
                }
            }
        }
        effects
    }

    fn disconnected(&mut self, connection: u32, now_ms: u64) -> Vec<Effect> {
        self.inner.disconnected(connection, now_ms)
    }
}

#[test]
fn a_wrong_answer_that_takes_two_requests_in_a_row_is_found() {
    let server = Server::Friendchat;
    let forgetful = |_: usize| -> Box<dyn Handlers> {
        Box::new(Forgetful {
            inner: Reference::new(server, &Default::default()).expect("a server"),
            last: HashMap::new(),
        })
    };
    let only = |source: Source| Options {
        without: Source::ALL
            .into_iter()
            .filter(|other| *other != source)
            .collect(),
        most_findings: 1,
        ..options(1000, 1)
    };
    for source in [Source::Pairs, Source::After] {
        let summary = campaign(server, only(source), &forgetful);
        let [finding] = summary.findings.as_slice() else {
            panic!("nothing by {source:?}: {:?}", summary.progress);
        };
        assert_eq!(finding.signature.oracle.name(), "wrong-shape", "{source:?}");
        assert_eq!(finding.shown, (5, 5), "{source:?}");
        assert!(
            finding.sequence.steps.len() <= 2,
            "{source:?}: {:#?}",
            finding.sequence
        );
    }
}

#[test]
fn a_corpus_holds_no_more_than_shows_the_same_again() {
    let server = Server::Tokenchat;
    let clean = |_: usize| -> Box<dyn Handlers> {
        Box::new(Reference::new(server, &Default::default()).expect("a server"))
    };
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("corpus");
    let _ = fs::remove_dir_all(&folder);
    let (summary, corpus) = campaign_from(server, options(200, 1), &clean, Corpus::default());
    let all = summary.progress.novelty;
    assert!(corpus.len() < summary.progress.corpus, "{}", corpus.len());
    corpus.save(&folder).expect("written");
    let names = |folder: &Path| -> Vec<_> {
        let files = fs::read_dir(folder).expect("a folder");
        let mut names: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
        names.sort();
        names
    };
    let kept = names(&folder);
    assert_eq!(kept.len(), corpus.len());

    // Played again, and nothing else, the corpus shows all that the campaign showed, and all of it is needed.
    let read = Corpus::load(&folder).expect("read");
    assert_eq!(read.len(), kept.len());
    let (summary, corpus) = campaign_from(server, options(kept.len(), 2), &clean, read);
    assert_eq!(summary.progress.novelty, all);
    corpus.save(&folder).expect("written");
    assert_eq!(names(&folder), kept);

    // What is there twice is dropped; what has not been played yet, and what is none of ours, stays.
    fs::copy(&kept[0], folder.join("again.genes")).expect("copied");
    fs::write(folder.join("other.genes"), "nothing of ours").expect("written");
    let read = Corpus::load(&folder).expect("read");
    assert_eq!(read.len(), kept.len() + 1);
    let (_, corpus) = campaign_from(server, options(1, 2), &clean, read);
    assert_eq!(corpus.len(), kept.len() + 1);
    let (_, corpus) = campaign_from(server, options(kept.len(), 2), &clean, corpus);
    corpus.save(&folder).expect("written");
    let left = names(&folder);
    assert_eq!(left.len(), kept.len() + 1, "{left:?}");
    assert!(folder.join("other.genes").exists());
}

/// Each of these bugs shows only to one who knows what a right server does. Texts that overtake each other are left to
/// longer campaigns.
#[test]
fn what_no_right_server_shows_is_found() {
    let wanted = [
        (
            Server::Friendchat,
            "friendchat.request-without-login",
            "served-without-login",
            5000,
        ),
        (
            Server::Ourchat,
            "ourchat.password-in-account-info",
            "told",
            400,
        ),
        (
            Server::Minioicq,
            "minioicq.lost-second-in-a-row",
            "lost-or-twice",
            800,
        ),
        (
            Server::Friendchat,
            "friendchat.error-on-refused-removal",
            "undocumented",
            400,
        ),
    ];
    let mut missed = Vec::new();
    for (server, bug, oracle, runs) in wanted {
        let buggy = |_: usize| -> Box<dyn Handlers> {
            Box::new(Reference::with_bug(server, bug).expect("a bug of the server"))
        };
        let summary = campaign(server, options(runs, 1), &buggy);
        let names: Vec<&str> = summary
            .findings
            .iter()
            .map(|finding| finding.signature.oracle.name())
            .collect();
        if !names.contains(&oracle) {
            let (found, excuses) = (found(&summary), &summary.excuses);
            missed.push(format!(
                "{bug}: {found:#?}, {excuses:?}, {}",
                summary.not_again
            ));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}
