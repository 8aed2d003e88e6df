//! The shortest scenarios by hand that show the bugs of the reference servers: each deviates where its bug is, and
//! conforms where it is not.

use std::sync::Arc;

use wireproof::audit::simulate;
use wireproof::cli::reference::Reference;
use wireproof::codec::Codec;
use wireproof::fuzz::{Vocabulary, Workshop};
use wireproof::scenario::{ScenarioReader, embedded, read_pack};
use wireproof::target::Profile;
use wireproof_reference::{Pack as Server, bugs, shortest};

#[test]
fn each_bug_shows_in_its_scenario_and_only_with_the_bug() {
    let mut wrong = Vec::new();
    for server in Server::ALL {
        let source = embedded()
            .into_iter()
            .find(|source| source.name == server.name())
            .expect("a pack for each server");
        let pack = Arc::new(read_pack(&source).expect("a valid pack"));
        let codec = Codec::from_name(pack.catalogue.wire.codec.name()).expect("a codec");
        let workshop = Workshop::new(
            pack.clone(),
            ScenarioReader::of(&source).expect("a valid pack"),
            Vocabulary::of(&pack).expect("a flow to start from"),
            codec,
            Profile::default(),
            "lab".to_owned(),
            1,
        );
        let scenarios: Vec<&str> = shortest(*server).split("\n---\n").collect();
        assert_eq!(scenarios.len(), bugs(*server).len(), "{}", server.name());
        for (text, bug) in scenarios.into_iter().zip(bugs(*server)) {
            let case = workshop
                .case_of(text)
                .unwrap_or_else(|problems| panic!("{}: {}", bug.id, problems.render(false)));
            assert_eq!(case.scenario.id, bug.id);
            let mut right = Reference::new(*server, &Default::default()).expect("a server");
            let judged = simulate(&case, codec, &mut right);
            if !judged.conforms() {
                wrong.push(format!("{} without its bug: {judged:#?}", bug.id));
            }
            let mut buggy = Reference::with_bug(*server, bug.id).expect("a bug of the server");
            if !simulate(&case, codec, &mut buggy).deviates() {
                wrong.push(format!("{} does not show", bug.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
