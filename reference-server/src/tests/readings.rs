use super::clients::reading;
use super::{catalogue, for_each_pack, transcript};
use crate::behaviour::{Behaviour, UnknownSetting};
use crate::pack::{Pack, protocol, readings};

for_each_pack! {
    the_first_option_of_a_reading_changes_nothing_and_each_other_one_something,
    the_readings_and_their_options_are_those_of_the_catalogue,
    an_unknown_reading_or_option_is_refused_by_name
}

/// Readings that change nothing by themselves.
fn alone_nothing(pack: Pack) -> &'static [&'static str] {
    match pack {
        // They are about what is sent to the server, which takes any of it.
        Pack::Friendchat => &["history-ack"],
        Pack::Ourchat => &["ocid-sent", "ocid-asked"],
        // It is about messages that a server tells, which is a reading of its own.
        Pack::Roomchat => &["told-is-recent"],
        // It is about messages that a server refuses, which is a reading of its own.
        Pack::Tokenchat => &["too-long"],
        _ => &[],
    }
}

fn the_first_option_of_a_reading_changes_nothing_and_each_other_one_something(pack: Pack) {
    let default = transcript(pack, &Behaviour::default());
    let mut odd = Vec::new();
    for listed in readings(pack) {
        for option in listed.options {
            let taken = transcript(pack, &reading(listed.id, option));
            let is_same = *option == listed.options[0] || alone_nothing(pack).contains(&listed.id);
            if (taken == default) != is_same {
                odd.push(format!("{}: {option}", listed.id));
            }
        }
    }
    assert_eq!(odd, [""; 0]);
}

fn the_readings_and_their_options_are_those_of_the_catalogue(pack: Pack) {
    let listed = readings(pack).iter();
    let ours: Vec<_> = listed
        .map(|reading| (reading.id, reading.options.to_vec()))
        .collect();
    assert_eq!(ours, catalogue::readings(pack));
}

fn an_unknown_reading_or_option_is_refused_by_name(pack: Pack) {
    let refused = |behaviour| protocol(pack, &behaviour).err().expect("refused");
    let unknown = refused(reading("no-such-reading", "x"));
    assert!(matches!(&unknown, UnknownSetting::Reading { id, .. } if id == "no-such-reading"));
    let listed = &readings(pack)[0];
    let message = refused(reading(listed.id, "x")).to_string();
    let (id, options) = (listed.id, listed.options.join(", "));
    let said = format!("reading `{id}` has no option `x`; there are {options}");
    assert_eq!(message, said);
}
