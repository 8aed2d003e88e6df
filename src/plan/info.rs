//! What the event stream says of a pack, so that reports need no pack.

use crate::event::{self, PackInfo, ReadingInfo, RequirementInfo};
use crate::protocol::{Level, Settled};
use crate::scenario::Pack;
use crate::target::Profile;

pub fn pack_info(pack: &Pack, profile: &Profile) -> PackInfo {
    let catalogue = &pack.catalogue;
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
    }
}
