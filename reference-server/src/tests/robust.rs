use super::clients::breaking;
use super::{for_each_pack, trial};
use crate::behaviour::{Behaviour, Reading};
use crate::pack::{Pack, readings, rules};

for_each_pack! {
    no_sequence_of_requests_makes_it_panic,
    no_broken_rule_makes_it_panic
}

/// As many as make the server's state full of things; those with long lists in it take longer.
fn requests(pack: Pack) -> usize {
    match pack {
        Pack::Friendchat | Pack::Roomchat | Pack::Tokenchat => 15_000,
        Pack::Minioicq | Pack::Ourchat => 3_000,
    }
}

/// Every request in every state, with the first option of every reading, then the second, and so on.
fn no_sequence_of_requests_makes_it_panic(pack: Pack) {
    let longest = readings(pack).iter().map(|reading| reading.options.len());
    for place in 0..longest.max().expect("a reading") {
        let option = |reading: &Reading| {
            let option = reading.options[place.min(reading.options.len() - 1)];
            (reading.id.to_owned(), option.to_owned())
        };
        let behaviour = Behaviour {
            readings: readings(pack).iter().map(option).collect(),
            ..Behaviour::default()
        };
        let sent = (trial(pack).play)(&behaviour, requests(pack));
        assert!(sent.len() > 15 * requests(pack), "it hardly answers");
    }
}

fn no_broken_rule_makes_it_panic(pack: Pack) {
    for rule in rules(pack) {
        for way in 0..rule.ways.len() {
            (trial(pack).play)(&breaking(&format!("{}#{way}", rule.id)), 500);
        }
    }
}
