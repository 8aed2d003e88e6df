use super::room::Room;
use super::tour::tour;
use crate::behaviour::{Behaviour, UnknownSetting};
use crate::ourchat::READINGS;
use crate::pack::{Pack, protocol};

fn transcript(behaviour: &Behaviour) -> String {
    let mut room = Room::with(behaviour);
    tour(&mut room);
    room.transcript().to_owned()
}

#[test]
fn the_first_option_of_a_reading_changes_nothing_and_each_other_one_something() {
    let default = transcript(&Behaviour::default());
    for reading in READINGS {
        for option in reading.options {
            let readings = vec![(reading.id.to_owned(), (*option).to_owned())];
            let taken = transcript(&Behaviour {
                readings,
                ..Behaviour::default()
            });
            // An ocid is taken in any form anyway.
            let is_same = *option == reading.options[0]
                || reading.id == "ocid-sent"
                || reading.id == "ocid-asked";
            assert_eq!(taken == default, is_same, "{}: {option}", reading.id);
        }
    }
}

/// The catalogue is data of the project; only its ids are looked at, line by line.
#[test]
fn the_readings_and_their_options_are_those_of_the_catalogue() {
    let text = include_str!("../../../../scenarios/ourchat/protocol.yaml");
    let listed = text
        .split_once("\nreadings:\n")
        .expect("readings are listed")
        .1;
    let lines = listed
        .lines()
        .take_while(|line| line.is_empty() || line.starts_with([' ', '#']));
    let mut catalogue: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in lines {
        if let Some(id) = line.trim().strip_prefix("- id: ") {
            catalogue.push((id, Vec::new()));
        } else if let Some(options) = line.trim().strip_prefix("options: { ") {
            let (_, last) = catalogue
                .last_mut()
                .expect("an id comes before its options");
            // An option is a word before a colon; what it means holds no colon.
            let words = options
                .split(": ")
                .map(|part| part.rsplit([',', ' ']).next());
            let words: Vec<&str> = words.flatten().collect();
            last.extend(&words[..words.len() - 1]);
        }
    }
    let ours: Vec<_> = READINGS
        .iter()
        .map(|r| (r.id, r.options.to_vec()))
        .collect();
    assert_eq!(ours, catalogue);
}

#[test]
fn an_unknown_reading_or_option_is_refused_by_name() {
    let make = |id: &str, option: &str| {
        let readings = vec![(id.to_owned(), option.to_owned())];
        protocol(
            Pack::Ourchat,
            &Behaviour {
                readings,
                ..Behaviour::default()
            },
        )
        .err()
    };
    let unknown = make("no-such-reading", "x").expect("refused");
    assert!(matches!(&unknown, UnknownSetting::Reading { id, .. } if id == "no-such-reading"));
    let message = make("logout-closes", "x").expect("refused").to_string();
    let said = "reading `logout-closes` has no option `x`; there are stays-open, closes";
    assert_eq!(message, said);
}
