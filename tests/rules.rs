//! Breaking any rule of the reference server makes a case deviate that names the requirement.
//!
//! In virtual time: no sockets, no sleeping.

use std::collections::BTreeSet;
use std::sync::Arc;

use wireproof::audit::{Handlers, first_kill, simulate};
use wireproof::cli::reference::Reference;
use wireproof::codec::Codec;
use wireproof::plan::{Selection, plan};
use wireproof::protocol::Level;
use wireproof::scenario::{Pack, embedded, read_pack};
use wireproof_reference::{Behaviour, Pack as Server};

fn packs() -> Vec<(Server, Arc<Pack>, Codec)> {
    let read = |server: &Server| {
        let source = embedded()
            .into_iter()
            .find(|source| source.name == server.name())
            .expect("embedded");
        let pack = read_pack(&source).expect("valid");
        let codec = Codec::from_name(pack.catalogue.wire.codec.name()).expect("known");
        (*server, Arc::new(pack), codec)
    };
    Server::ALL.iter().map(read).collect()
}

#[test]
fn every_case_conforms_on_the_reference_server_in_virtual_time() {
    for (server, pack, codec) in packs() {
        for case in plan(
            std::slice::from_ref(&pack),
            &Arc::default(),
            &Selection::default(),
        ) {
            let mut reference = Reference::new(server, &Behaviour::default()).expect("no settings");
            let judged = simulate(&case, codec, &mut reference);
            let reason = format!("{}: {:?} {:?}", case.id, judged.end, judged.deviations);
            assert!(
                judged.conforms() || reason.contains("NotApplicable"),
                "{reason}"
            );
        }
    }
}

#[test]
fn every_broken_rule_is_named_by_a_case() {
    let mut survivors = Vec::new();
    for (server, pack, codec) in packs() {
        let cases = plan(
            std::slice::from_ref(&pack),
            &Arc::default(),
            &Selection::default(),
        );
        for rule in wireproof_reference::rules(server) {
            for way in 0..rule.ways.len() {
                let broken = || -> Box<dyn Handlers> {
                    Box::new(Reference::broken(server, rule.id, way).expect("a rule of the server"))
                };
                if first_kill(&cases, codec, rule.id, &broken).is_none() {
                    survivors.push(format!(
                        "{}#{way} ({}) is noticed by no case",
                        rule.id, rule.ways[way]
                    ));
                }
            }
        }
    }
    assert!(
        survivors.is_empty(),
        "{} findings\n{}",
        survivors.len(),
        survivors.join("\n")
    );
}

/// What the reference server can be told to break is just what the document demands, and a client can provoke.
#[test]
fn the_rules_are_the_musts_of_the_catalogue() {
    let mut differences = Vec::new();
    for (server, pack, _) in packs() {
        let requirements = pack.catalogue.requirements.iter();
        let musts: BTreeSet<&str> = requirements
            .filter(|known| known.level == Level::Must)
            .filter(|known| known.unprovokable.is_none())
            .map(|known| known.id.as_str())
            .collect();
        let rules: BTreeSet<&str> = wireproof_reference::rules(server)
            .iter()
            .map(|rule| rule.id)
            .collect();
        let name = server.name();
        differences.extend(
            musts
                .difference(&rules)
                .map(|id| format!("{name}: no rule breaks {id}")),
        );
        let of_others = rules.difference(&musts).filter(|id| {
            let known = pack.catalogue.requirement(id);
            known.is_none_or(|known| known.unprovokable.is_some())
        });
        differences.extend(
            of_others
                .map(|id| format!("{name}: the rule {id} is no requirement that can be provoked")),
        );
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
