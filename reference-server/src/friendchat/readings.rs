//! The readings of the document that this server can take.
//! The first option of each is the default; taking another one is a [`Departure`].

use serde_json::Value;

use crate::behaviour::{Reading, UnknownSetting};

macro_rules! readings {
    ($($id:literal: $default:literal, $($departure:ident = $option:literal),+;)*) => {
        /// What the server does when it takes another option of a reading than the first.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(super) enum Departure { $($($departure,)+)* }

        /// Each reading with its options.
        pub(crate) const READINGS: &[Reading] =
            &[$(Reading { id: $id, options: &[$default, $($option),+] },)*];

        /// What it means to take an option: (reading, option, departure).
        const DEPARTURES: &[(&str, &str, Departure)] =
            &[$($(($id, $option, Departure::$departure),)+)*];
    };
}

readings! {
    "response-addressing": "as-request", AnswersSwapNames = "swapped";
    // The server takes either acknowledgement anyway.
    "history-ack": "suffixed", HistoryAckEchoes = "echo";
    "chunk-base": "one", ChunksFromZero = "zero";
    "login-announces": "silent", LoginAnnounces = "announces";
    "status-echo": "others-only", StatusEchoes = "echoed";
    "logout-closes": "stays-open", LogoutCloses = "closes";
    "drop-ends-session": "ends", DropLingers = "lingers";
    "drop-told": "told", DropIsNotTold = "silent";
    "text-offline": "later", TextsAreNotStored = "never";
    "text-stranger": "refused", StrangersMayText = "delivered";
    "text-group": "delivered", GroupTextsAreIgnored = "ignored";
    "removal-offline": "later", RemovalsAreNotStored = "never";
    "answer-offline": "later", AnswersAreNotStored = "never";
    "invite-offline": "later", InvitesAreNotStored = "never";
    "broadcast-offline": "later", BroadcastsAreNotStored = "never";
    "invited-is-member": "after-accepting", InvitedAreMembers = "at-once";
    "invite-answer-broadcast": "inviter-only", InviteAnswersAreBroadcast = "members-too";
    "leave-echo": "others-only", LeaveEchoes = "everyone";
    "remove-echo": "others-only", RemoveEchoes = "everyone";
    "leader-echo": "others-only", LeaderChangeEchoes = "everyone";
    "media-ack-names": "swapped", MediaAcksKeepNames = "as-sent", MediaAcksNameServer = "other";
    "media-id": "kept", MediaIdsAreRenamed = "renamed";
    "group-media-receiver": "group", GroupMediaNamesMember = "member";
    "media-streams": "after-complete", MediaStreams = "at-once";
    "history-response": "response-first", HistoryBeginsAlone = "begin-alone";
    "history-pacing": "waits", HistoryStreams = "streams";
    "timestamp-forwarded": "restamped", TimestampsAreKept = "kept";
    "timestamp-unit": "seconds", TimestampsAreMilliseconds = "milliseconds";
}

/// The options that a server takes.
#[derive(Clone, Default)]
pub(super) struct Readings {
    /// One bit for each [`Departure`].
    departures: u64,
}

impl Readings {
    /// The defaults, but for the options given; of one reading, the last one counts.
    pub(super) fn taken(choices: &[(String, String)]) -> Result<Readings, UnknownSetting> {
        let mut departures = 0;
        for (id, option) in choices {
            let Some(reading) = READINGS.iter().find(|reading| reading.id == id) else {
                let known = READINGS.iter().map(|reading| reading.id).collect();
                return Err(UnknownSetting::Reading {
                    id: id.clone(),
                    known,
                });
            };
            if !reading.options.contains(&option.as_str()) {
                let (reading, known) = (id.clone(), reading.options);
                return Err(UnknownSetting::Choice {
                    reading,
                    option: option.clone(),
                    known,
                });
            }
            for (_, name, departure) in DEPARTURES.iter().filter(|(of, ..)| of == id) {
                let bit = 1 << *departure as u32;
                departures = if name == option {
                    departures | bit
                } else {
                    departures & !bit
                };
            }
        }
        Ok(Readings { departures })
    }

    /// Whether the server departs so.
    pub(super) fn take(&self, departure: Departure) -> bool {
        self.departures & (1 << departure as u32) != 0
    }

    /// A time as the server writes it: whole seconds as in the document's examples, unless it
    /// departs from that.
    pub(super) fn stamp(&self, now_ms: u64) -> Value {
        let milliseconds = self.take(Departure::TimestampsAreMilliseconds);
        Value::from(if milliseconds { now_ms } else { now_ms / 1000 })
    }
}
