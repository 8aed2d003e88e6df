//! A server that reads its document in another way than the built-in one is not failed for it.
//!
//! Every case of every pack, against the reference server with each other option of each reading, and
//! with many of them at once. In virtual time: no sockets, no sleeping.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use wireproof::audit::simulate;
use wireproof::cli::reference::Reference;
use wireproof::codec::Codec;
use wireproof::event::{CaseEnd, Level};
use wireproof::plan::{Selection, plan};
use wireproof::protocol::Settled;
use wireproof::scenario::{Pack, embedded, read_pack};
use wireproof::target::Profile;
use wireproof_reference::{Behaviour, Pack as Server, Reading, readings};

/// One option for some of a server's readings.
type Choices = Vec<(String, String)>;

/// How many servers of each protocol take all their readings at random.
const MIXTURES: u64 = 8;

fn pack_of(server: Server) -> Arc<Pack> {
    let source = embedded()
        .into_iter()
        .find(|source| source.name == server.name())
        .expect("a pack for each server");
    Arc::new(read_pack(&source).expect("a valid pack"))
}

fn choice(reading: &Reading, option: &str) -> (String, String) {
    (reading.id.to_owned(), option.to_owned())
}

/// Each option that the server does not take by itself, alone.
fn alternatives(server: Server) -> Vec<Choices> {
    let options = |reading: &'static Reading| {
        reading.options[1..]
            .iter()
            .map(move |option| vec![choice(reading, option)])
    };
    readings(server).iter().flat_map(options).collect()
}

/// All readings at once, each with an option by chance.
fn mixtures(server: Server) -> Vec<Choices> {
    let mix = |seed| {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let one = |reading: &Reading| {
            let index = random.next_u32() as usize % reading.options.len();
            choice(reading, reading.options[index])
        };
        readings(server).iter().map(one).collect()
    };
    (0..MIXTURES).map(mix).collect()
}

/// Requirements by `should` that an option of a reading departs from: those who take it are warned of it.
const WARNED_OF: &[&str] = &[
    // a bad request, or a logout without a login, that is not answered at all
    "error.answered",
    "logout.without-login-answered",
    // a picture that is neither bytes nor base64
    "register.avatar-base64",
];

/// Every case that does not conform on a server with these readings, though it applies, or that warns of one.
fn complaints(server: Server, pack: &Arc<Pack>, choices: &Choices) -> Vec<String> {
    let behaviour = Behaviour {
        broken: Vec::new(),
        readings: choices.clone(),
    };
    // Some questions a server cannot answer by what it does: there its people say.
    let told = choices.iter().filter(|(id, _)| {
        pack.catalogue
            .reading(id)
            .is_some_and(|reading| reading.settled == Settled::Profile)
    });
    let profile = Arc::new(Profile {
        readings: told.cloned().collect(),
        ..Profile::default()
    });
    let codec = Codec::from_name(pack.catalogue.wire.codec.name()).expect("a known codec");
    let mut complaints = Vec::new();
    for case in plan(std::slice::from_ref(pack), &profile, &Selection::default()) {
        let mut reference = Reference::new(server, &behaviour).expect("its own readings");
        let judged = simulate(&case, codec, &mut reference);
        let warns = judged.deviations.iter().any(|deviation| {
            let mut of = deviation.requirements.iter();
            let expected = of.any(|id| WARNED_OF.contains(&id.as_str()));
            deviation.level != Level::Advice && !expected
        });
        let applies = !matches!(judged.end, CaseEnd::NotApplicable { .. });
        if applies && (warns || !judged.conforms()) {
            let how: Vec<_> = judged
                .deviations
                .iter()
                .map(|deviation| format!("{}: {}", deviation.at, deviation.message))
                .collect();
            let taken: Vec<_> = choices
                .iter()
                .map(|(id, option)| format!("{id}={option}"))
                .collect();
            complaints.push(format!(
                "{} with {}: {:?} {}",
                case.id,
                taken.join(" "),
                judged.end,
                how.join("; ")
            ));
        }
    }
    complaints
}

/// What the suite has against servers with these readings, on as many threads as there are processors.
fn complaints_of_all(choices_of: impl Fn(Server) -> Vec<Choices>) -> Vec<String> {
    let mut work = Vec::new();
    for server in Server::ALL {
        let pack = pack_of(*server);
        for choices in choices_of(*server) {
            work.push((*server, pack.clone(), choices));
        }
    }
    assert!(work.len() > Server::ALL.len(), "there is something to try");
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let toil = || {
            let mut own = Vec::new();
            while let Some((server, pack, choices)) = work.get(next.fetch_add(1, Ordering::Relaxed))
            {
                own.extend(complaints(*server, pack, choices));
            }
            own
        };
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(toil)).collect();
        handles
            .into_iter()
            .flat_map(|handle| handle.join().expect("no panic"))
            .collect()
    })
}

#[test]
fn no_case_deviates_on_a_server_that_takes_another_reading() {
    let complaints = complaints_of_all(alternatives);
    assert!(
        complaints.is_empty(),
        "{} complaints\n{}",
        complaints.len(),
        complaints.join("\n")
    );
}

#[test]
fn no_case_deviates_on_a_server_that_takes_many_other_readings_at_once() {
    let complaints = complaints_of_all(mixtures);
    assert!(
        complaints.is_empty(),
        "{} complaints\n{}",
        complaints.len(),
        complaints.join("\n")
    );
}
