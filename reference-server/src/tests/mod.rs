//! What holds of every protocol here: its rules and readings are those of its catalogue, and each of them
//! makes a difference.

mod catalogue;
pub(crate) mod clients;
mod readings;
mod robust;
mod rules;
pub(crate) mod trial;

use crate::behaviour::Behaviour;
use crate::pack::Pack;
use crate::{friendchat, minioicq, ourchat, roomchat, tokenchat};
use trial::Trial;

fn trial(pack: Pack) -> Trial {
    match pack {
        Pack::Friendchat => friendchat::tests::TRIAL,
        Pack::Minioicq => minioicq::tests::TRIAL,
        Pack::Ourchat => ourchat::tests::TRIAL,
        Pack::Roomchat => roomchat::tests::TRIAL,
        Pack::Tokenchat => tokenchat::tests::TRIAL,
    }
}

/// Everything that a pack's server of this behaviour sends on a tour of its protocol, without sockets in
/// virtual time.
fn transcript(pack: Pack, behaviour: &Behaviour) -> String {
    (trial(pack).tour)(behaviour)
}

/// Runs a test for each protocol, as a test of its own.
macro_rules! for_each_pack {
    ($($test:ident),+) => {
        for_each_pack! { friendchat Friendchat $($test)+ }
        for_each_pack! { minioicq Minioicq $($test)+ }
        for_each_pack! { ourchat Ourchat $($test)+ }
        for_each_pack! { roomchat Roomchat $($test)+ }
        for_each_pack! { tokenchat Tokenchat $($test)+ }
    };
    ($name:ident $pack:ident $($test:ident)+) => {
        mod $name {
            $(
                #[test]
                fn $test() {
                    super::$test($crate::pack::Pack::$pack);
                }
            )+
        }
    };
}

use for_each_pack;
