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
    "create-chat-mode": "createChat", ChatsArePersonal = "createPersonalChat";
    "status-form": "text", StatusesAreNumbers = "number";
    "timestamp-form": "seconds", StampsAreMilliseconds = "milliseconds", StampsAreText = "text";
    "no-token": "unauthorized", MissingTokensAreFields = "unprocessable";
    "check-token": "works", TokensAreNotChecked = "not-implemented";
    "second-token": "another", TokensAreShared = "same";
    "older-token": "works", OlderTokensEnd = "ends";
    "other-tokens": "work", LogoutEndsAll = "end";
    "token-limit": "limited", TokensAreUnlimited = "unlimited";
    "token-elsewhere": "works", TokensStayOnConnection = "refused";
    "token-after-close": "works", TokensEndWithConnection = "refused";
    "logout-closes": "stays-open", LogoutCloses = "closes";
    "chat-twice": "same", ChatsAgainAreNew = "new", ChatsAgainAreRefused = "refused";
    "chat-with-oneself": "refused", ChatsWithOneself = "made";
    "no-chats": "empty", NoChatsAreNull = "nothing", NoChatsAreAbsent = "absent";
    "no-messages": "empty", NoMessagesAreNull = "nothing", NoMessagesAreAbsent = "absent";
    "chat-id": "number", ChatIdsAreText = "text";
    "user-id": "number", UserIdsAreText = "text";
    "chat-members": "ids", MembersAreNames = "names", MembersAreObjects = "other";
    "chat-name": "contact", ChatsHaveNoName = "other";
    "message-order": "oldest-first", NewestComeFirst = "newest-first";
    "message-ids": "numbers", MessagesAreNotNumbered = "other";
    "bound": "included", BoundsExclude = "excluded";
    "huge-message": "taken", HugeMessagesAreRefused = "refused";
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

    /// A time as the server writes it: whole seconds, unless it departs from that.
    pub(super) fn stamp(&self, now_ms: u64) -> Value {
        if self.take(Departure::StampsAreMilliseconds) {
            Value::from(now_ms)
        } else if self.take(Departure::StampsAreText) {
            Value::from((now_ms / 1000).to_string())
        } else {
            Value::from(now_ms / 1000)
        }
    }
}
