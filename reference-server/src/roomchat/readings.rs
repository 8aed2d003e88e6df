//! The readings of the document that this server can take.
//! The first option of each is the default; taking another one is a [`Departure`].

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
    "signup-ok-spelling": "printed", SignupOkIsCorrected = "corrected";
    "signup-exists-spelling": "printed", SignupExistsIsAlike = "alike";
    "signup-fail-spelling": "printed", SignupFailIsCorrected = "corrected";
    "first-message-spelling": "printed", FirstsAreSpelledRight = "corrected";
    "recent": "RESENT", RecentIsSpelledRight = "RECENT";
    "signup-logs-in": "no-login", SignupLogsIn = "logs-in";
    "before-login": "nothing", ServesBeforeLogin = "served";
    "second-login": "both", SecondLoginReplaces = "replaces", SecondLoginIsRefused = "refused";
    "room-id": "number", RoomIdsAreText = "text", RoomIdsAreLarge = "large";
    "message-id": "number", MessageIdsAreText = "text", MessageIdsAreLarge = "large";
    "status-value": "text", StatusIsNumber = "number", StatusIsFlag = "flag";
    "date-form": "text", DatesAreNumbers = "number";
    "date-kept": "same", DatesAreNotKept = "other";
    "room-told": "creator-only", CustomerIsToldAsSent = "as-sent", CustomerIsToldMirrored = "mirrored";
    "room-twice": "another", SecondRoomIsTheFirst = "same", SecondRoomIsRefused = "refused";
    "room-with-oneself": "refused", OneselfCanBeCustomer = "created";
    "room-with-nobody": "refused", NobodyCanBeCustomer = "created";
    "refused-room": "silent", RefusedRoomsAreAnswered = "answered";
    "new-message": "silent", NewMessagesAreToldAsSent = "as-sent", NewMessagesAreToldAsRead = "as-read";
    "missed-message": "silent", MissedMessagesAreTold = "told";
    "refused-message": "answered", RefusedMessagesAreNotAnswered = "silent";
    "big-text": "taken", BigTextsAreRefused = "refused";
    "empty-room": "silent", EmptyRoomsAreAnswered = "answered";
    "recent-means": "newest", RecentIsUnread = "unread";
    "recent-own": "there", RecentIsOfOthers = "left-out";
    "search-part": "whole", SearchComparesBeginning = "beginning", SearchComparesAnywhere = "anywhere";
    "search-case": "exact", SearchFoldsCase = "folded";
    "search-oneself": "found", SearchLeavesOneselfOut = "left-out";
    "customer-deletes": "deleted", OnlyCreatorsDelete = "refused";
    "room-deletion-missed": "never", RoomDeletionsAreKept = "told";
    "deletion-told": "asker", DeletionsGoToOthers = "others", DeletionsGoToBoth = "both";
    "edit-told": "editor", EditsGoToOthers = "others", EditsGoToBoth = "both";
    "dialog-names": "partner", DialogsNameRooms = "other";
    "first-message": "oldest", FirstIsNewest = "newest";
    "first-of-empty-room": "placeholder", EmptyRoomsHaveNoFirst = "left-out";
    "no-dialogs": "empty", NoDialogsIsAbsent = "absent", NoDialogsIsSilent = "silent";
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
}
