//! The fuzzer against reference servers in virtual time: what it has to find, and that it finds nothing else.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use wireproof::audit::Handlers;
use wireproof::cli::reference::{Reference, right_servers};
use wireproof::codec::Codec;
use wireproof::fuzz::{
    Campaign, CampaignEnd, Corpus, Ground, Mirror, Options, Summary, Vocabulary, Workshop,
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
    }
}

/// A campaign against a server in virtual time.
fn campaign(
    server: Server,
    options: Options,
    ground: &(dyn Fn(usize) -> Box<dyn Handlers> + Sync),
) -> Summary {
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
        Corpus::default(),
    );
    let (summary, _) = runtime.block_on(campaign.run(interrupted, |_, _| {}));
    summary
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
