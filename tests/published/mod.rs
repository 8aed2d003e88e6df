//! The runs that `reports/` shows: the reference servers as they are, and one that is broken on purpose.
//!
//! In virtual time, without sockets: every case has the same identities, data and frames each time, so that
//! the pages can be compared byte for byte. Only a page without times shows such a run truly.

use std::sync::Arc;

use wireproof::audit::simulate;
use wireproof::cli::reference::Reference;
use wireproof::codec::Codec;
use wireproof::event::{Event, RunEnd, SCHEMA};
use wireproof::outcome::{Fold, Run};
use wireproof::plan::{Selection, pack_info, plan};
use wireproof::report::{Html, Reporter};
use wireproof::scenario::{Pack, embedded, read_pack};
use wireproof::target::Profile;
use wireproof_reference::{Behaviour, Pack as Server};

/// The rules that the broken server breaks.
const BROKEN: [&str; 4] = [
    "friend-request.delivered-later",
    "register.duplicate#1",
    "text.private#1",
    "history.completes",
];

/// The reference server of every pack.
pub(crate) fn reference() -> Vec<Event> {
    run(
        "built-in reference server",
        "wireproof run --case",
        Server::ALL,
        &Behaviour::default(),
        Vec::new(),
    )
}

/// As `wireproof serve --pack friendchat --break …` serves it.
pub(crate) fn broken() -> Vec<Event> {
    let broken = BROKEN.map(|rule| rule.parse().expect("a rule and a way"));
    let remark = Event::Remark {
        pack: "friendchat".into(),
        text: format!(
            "this is the reference server, broken on purpose: wireproof serve --pack friendchat --break {}",
            BROKEN.join(" --break ")
        ),
    };
    run(
        "a broken friendchat server",
        "wireproof run --target ws://127.0.0.1:7000 --pack friendchat --case",
        &[Server::Friendchat],
        &Behaviour {
            broken: broken.into(),
            readings: Vec::new(),
        },
        vec![remark],
    )
}

fn run(
    target: &str,
    rerun: &str,
    servers: &[Server],
    behaviour: &Behaviour,
    remarks: Vec<Event>,
) -> Vec<Event> {
    let profile = Arc::new(Profile::default());
    let packs: Vec<(Server, Arc<Pack>)> = servers.iter().map(|s| (*s, pack(*s))).collect();
    let all: Vec<Arc<Pack>> = packs.iter().map(|(_, pack)| pack.clone()).collect();
    let cases = plan(&all, &profile, &Selection::default());
    let ids: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    let mut events = vec![Event::RunStarted {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION").into(),
        target: target.into(),
        started: String::new(),
        seed: 1,
        packs: (all.iter())
            .map(|pack| pack_info(pack, &profile, &ids))
            .collect(),
        cases: cases.len(),
        part: None,
    }];
    events.extend(remarks);
    for case in cases {
        let (server, pack) = (packs.iter())
            .find(|(_, pack)| Arc::ptr_eq(pack, &case.pack))
            .expect("planned from these");
        let codec = Codec::from_name(pack.catalogue.wire.codec.name()).expect("known");
        events.push(Event::CaseStarted {
            case: case.id.clone(),
            pack: pack.catalogue.name.clone(),
            scenario: case.scenario.id.clone(),
            about: case.scenario.about.clone(),
            at: case.scenario.place.to_string(),
            covers: case.covers.clone(),
            rerun: format!("{rerun} '{}'", case.id),
        });
        let mut handlers = Reference::new(*server, behaviour).expect("rules of the server");
        events.extend(simulate(&case, codec, &mut handlers).events);
    }
    events.push(Event::RunFinished {
        us: 0,
        end: RunEnd::Completed,
    });
    events
}

fn pack(server: Server) -> Arc<Pack> {
    let source = embedded().into_iter().find(|s| s.name == server.name());
    Arc::new(read_pack(&source.expect("a pack for each server")).expect("a valid pack"))
}

pub(crate) fn fold(events: &[Event]) -> Run {
    let mut fold = Fold::new();
    events.iter().for_each(|event| fold.on(event));
    fold.finish()
}

/// The page of a run, without times.
pub(crate) fn page(events: &[Event]) -> String {
    let mut bytes = Vec::new();
    let mut html = Html::without_times(&mut bytes);
    html.finish(&fold(events)).expect("a vector takes all");
    String::from_utf8(bytes).expect("text")
}
