//! The readings of the document that this server can take.
//! The first option of each is the default; taking another one is a [`Departure`].

use super::id::Form;
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
    "user-id": "number", UserIdsAreBeyond = "beyond-2-53", UserIdsAreTexts = "text";
    "chat-id": "number", ChatIdsAreBeyond = "beyond-2-53", ChatIdsAreTexts = "text";
    "message-id": "number", MessageIdsAreBeyond = "beyond-2-53", MessageIdsAreTexts = "text";
    "message-id-scope": "same", MessageIdsAreOwn = "own";
    "avatar-form": "base64", AvatarsAreBytes = "bytes", AvatarsAreDataUrls = "other";
    "register-logs-in": "stays-out", RegisterLogsIn = "logs-in";
    "empty-credentials": "accepted", EmptyIsRefused = "refused";
    "without-login": "ignored", StrangersAreServed = "served";
    "second-login": "both", FirstIsClosed = "first-closed";
    "devices": "every", LatestDeviceOnly = "latest";
    "logout-devices": "own-only", LogoutClosesAll = "all";
    "sync-users": "all", SyncListsOnline = "online", SyncListsPartners = "partners";
    "sync-self": "listed", SyncLeavesOutSelf = "left-out";
    "spawn-offline": "later", SpawnsAreNotStored = "never";
    "push-offline": "later", PushesAreNotStored = "never";
    "push-batches": "together", StoredComeOneByOne = "one-each";
    "login-spawns": "missed-only", LoginSpawnsAll = "all";
    "login-pushes": "missed-only", LoginPushesAll = "all";
    "login-sync": "asked-only", LoginSyncs = "unasked";
    "login-info": "asked-only", LoginTellsInfo = "unasked";
    "push-echo": "others-only", SenderIsPushedToo = "sender-too";
    "sender-devices": "told", OtherDevicesAreNotTold = "silent";
    "push-time": "kept", TimesAreRestamped = "restamped";
    "reserved-types": "pushed", ReservedIsIgnored = "ignored";
    "push-outsider": "refused", OutsidersAreIgnored = "ignored", OutsidersMaySend = "pushed";
    "creator-member": "member", CreatorIsOutside = "outsider";
    "same-members": "new-chat", SameMembersSameChat = "same-chat";
    "chat-name": "named", ChatsHaveNoName = "empty";
    "chat-avatar": "given", ChatsHaveNoAvatar = "empty";
    "avatar-kept": "kept", AvatarsAreChanged = "changed";
    "unknown-user-info": "silent", UnknownInfoIsAnswered = "answered";
    "heartbeat": "answered", HeartbeatIsIgnored = "ignored";
    "history-user": "partner", HistoryNamesAsker = "self";
    "history-times": "iso", HistoryTakesSeconds = "seconds";
    "history-bounds": "inclusive", HistoryBoundsAreOutside = "exclusive";
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
                let id = id.clone();
                return Err(UnknownSetting::Reading { id, known });
            };
            if !reading.options.contains(&option.as_str()) {
                return Err(UnknownSetting::Choice {
                    reading: id.clone(),
                    option: option.clone(),
                    known: reading.options,
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

    /// The form of an id that may be a number beyond doubles or a text.
    pub(super) fn form(&self, beyond: Departure, text: Departure) -> Form {
        if self.take(beyond) {
            Form::BeyondDoubles
        } else if self.take(text) {
            Form::Text
        } else {
            Form::Number
        }
    }
}
