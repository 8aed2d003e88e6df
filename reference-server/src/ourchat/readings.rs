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
    "ocid-in-registration": "number", OcidIsTextInRegistration = "text";
    "ocid-in-login": "number", OcidIsTextInLogin = "text";
    "ocid-in-account-info": "number", OcidIsTextInAccountInfo = "text";
    "ocid-in-messages": "text", OcidIsANumberInMessages = "number";
    // The server takes an ocid in any form anyway.
    "ocid-sent": "text", OcidIsSentAsReceived = "as-received";
    "ocid-asked": "number", OcidIsAskedAsReceived = "as-received", OcidIsAskedAsText = "text";
    "ocid-on-failure": "absent", FailuresHaveAnOcid = "present";
    "registration-logs-in": "must-log-in", RegistrationLogsIn = "logged-in";
    "nickname-twice": "allowed", NicknamesAreUnique = "refused";
    "second-login": "accepted", SecondLoginsAreRefused = "refused";
    "second-login-closes": "stays-open", SecondLoginsCloseTheFirst = "closes";
    "status-before-login": "served", StatusNeedsLogin = "refused";
    "account-info-before-login": "refused", AccountInfoNeedsNoLogin = "served";
    "session-before-login": "refused", SessionsNeedNoLogin = "served";
    "logout-before-login": "failed", LogoutWithoutLoginIsAnError = "error",
        LogoutWithoutLoginIsIgnored = "silent";
    "unknown-account-info": "error", UnknownAccountsHaveData = "data";
    "account-info-extent": "asked-only", AccountInfoTellsAll = "more";
    "avatar-unset": "nothing", UnsetAvatarsAreEmpty = "empty",
        UnsetAvatarsAreAbsent = "absent", UnsetAvatarsAreLinks = "url";
    "account-time": "number", AccountTimesAreText = "text";
    "unknown-member": "refused", UnknownMembersArePassedOver = "created";
    "same-members-again": "new", SameMembersShareASession = "same";
    "session-of-others": "created", SessionsAreForTheirMembers = "refused";
    "creator-unlisted": "member", CreatorsMustBeListed = "outsider";
    "session-told": "not-told", MembersAreTold = "told";
    "message-echo": "others-only", SendersHearThemselves = "echoed";
    "message-own-devices": "delivered", OwnDevicesHearNothing = "without";
    "message-first-device": "delivered", FirstDevicesHearNothing = "without";
    "message-second-device": "delivered", SecondDevicesHearNothing = "without";
    "message-offline": "later", MessagesAreNotStored = "never";
    "message-time": "kept", TimesAreRestamped = "restamped";
    "message-id-shared": "shared", ReceiversGetOwnIds = "own";
    "message-id-scope": "everywhere", MessageIdsAreTheSessions = "session";
    "unknown-session": "silent", UnknownSessionsAreErrors = "error";
    "verification": "never", VerifiesConnections = "connecting",
        VerifiesRegistrations = "registration", VerifiesLogins = "login",
        VerifiesSessions = "session", VerifiesLogouts = "logout";
    "verification-unasked": "status", UnaskedVerificationsAreErrors = "other";
    "logout-closes": "stays-open", LogoutCloses = "closes";
    "email-again": "free", EmailsAreNotFreed = "taken";
    "bad-request-answer": "answered", BadRequestsAreIgnored = "silent";
    "bad-request-closes": "stays-open", BadRequestsClose = "closes";
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
