//! What the event stream says of a pack, so that reports need no pack.

use crate::event::{self, PackInfo, ReadingInfo, RequirementInfo};
use crate::protocol::{Level, Settled};
use crate::scenario::Pack;
use crate::target::{Known, KnownWhat, Profile};

/// `cases` are the ids of all the cases that run.
pub fn pack_info(pack: &Pack, profile: &Profile, cases: &[&str]) -> PackInfo {
    let catalogue = &pack.catalogue;
    let all = pack
        .scenarios
        .iter()
        .map(|scenario| scenario.permutations.len());
    let whole = cases.len() >= all.sum();
    let requirements = catalogue
        .requirements
        .iter()
        .map(|requirement| RequirementInfo {
            id: requirement.id.clone(),
            level: match requirement.level {
                Level::Must => event::Level::Must,
                Level::Should => event::Level::Should,
                Level::Advice => event::Level::Advice,
            },
            section: requirement.section.clone(),
            text: requirement.text.clone(),
            unprovokable: requirement.unprovokable.clone(),
        });
    let readings = catalogue.readings.iter().map(|reading| {
        let given = profile.readings.iter().find(|(id, _)| *id == reading.id);
        ReadingInfo {
            id: reading.id.clone(),
            question: reading.question.clone(),
            options: reading.options.clone(),
            settled: match reading.settled {
                Settled::Observed => event::Settled::Observed,
                Settled::Profile => event::Settled::Profile,
                Settled::Free => event::Settled::Free,
            },
            value: given
                .map(|(_, option)| option.clone())
                .or_else(|| reading.default.clone()),
        }
    });
    PackInfo {
        pack: catalogue.name.clone(),
        title: catalogue.title.clone(),
        document: catalogue.document.clone(),
        codec: catalogue.wire.codec.name().to_owned(),
        requirements: requirements.collect(),
        readings: readings.collect(),
        departures: profile
            .departures
            .iter()
            .map(|departure| event::Departure {
                what: departure.what.clone(),
                document: departure.document.clone(),
                target: departure.target.clone(),
            })
            .collect(),
        known: profile
            .known
            .iter()
            .map(|known| known_info(known, cases, whole))
            .collect(),
    }
}

/// A wrong shape may come in some case that is not run: only a run of all cases can say that it did not.
fn known_info(known: &Known, cases: &[&str], whole: bool) -> event::KnownDeviation {
    let about = cases.iter().filter(|case| known.is_about(case));
    event::KnownDeviation {
        at: known.place.to_string(),
        cases: about.map(|case| (*case).to_owned()).collect(),
        shape: match &known.what {
            KnownWhat::Cases(_) => None,
            KnownWhat::Shape { message, path } => Some((message.clone(), path.clone())),
        },
        fails: known.fails.clone(),
        reason: known.reason.clone(),
        sometimes: known.sometimes || (!whole && matches!(known.what, KnownWhat::Shape { .. })),
    }
}
