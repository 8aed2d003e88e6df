//! The readings of the document that this server can take.
//! The first option of each is the default; taking another one is a [`Departure`].

use crate::readings::readings;

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
    "any-name": "taken", OddNamesAreRefused = "refused";
    "any-password": "taken", OddPasswordsAreRefused = "refused";
    "nickname-twice": "allowed", NicknamesAreUnique = "refused";
    "second-login": "accepted", SecondLoginsAreRefused = "refused";
    "second-login-closes": "stays-open", SecondLoginsCloseTheFirst = "closes";
    "login-again": "accepted", OneLoginAConnection = "refused";
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
    "same-members-again": "new", SameMembersShareASession = "same",
        SameMembersAreRefused = "refused";
    "session-of-others": "created", SessionsAreForTheirMembers = "refused";
    "creator-unlisted": "member", CreatorsMustBeListed = "outsider";
    "session-told": "not-told", MembersAreTold = "told";
    "message-echo": "others-only", SendersHearThemselves = "echoed";
    "message-own-devices": "delivered", OwnDevicesHearNothing = "without";
    "message-first-device": "delivered", FirstDevicesHearNothing = "without";
    "message-second-device": "delivered", SecondDevicesHearNothing = "without";
    "message-offline": "later", MessagesAreNotStored = "never";
    "long-text": "taken", LongTextsAreErrors = "refused";
    "empty-text": "delivered", EmptyTextsAreErrors = "refused";
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
