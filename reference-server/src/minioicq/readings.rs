//! The readings of the document that this server can take.
//! The first option of each is the default; taking another one is a [`Departure`].

use super::id::Form;
use crate::readings::readings;

readings! {
    "user-id": "number", UserIdsAreBeyond = "beyond-2-53", UserIdsAreTexts = "text";
    "chat-id": "number", ChatIdsAreBeyond = "beyond-2-53", ChatIdsAreTexts = "text";
    "message-id": "number", MessageIdsAreBeyond = "beyond-2-53", MessageIdsAreTexts = "text";
    "message-id-scope": "same", MessageIdsAreOwn = "own";
    "avatar-form": "base64", AvatarsAreBytes = "bytes", AvatarsAreDataUrls = "other";
    "register-logs-in": "stays-out", RegisterLogsIn = "logs-in";
    "empty-credentials": "accepted", EmptyIsRefused = "refused";
    "any-name": "taken", OddNamesAreIgnored = "refused";
    "without-login": "ignored", StrangersAreServed = "served";
    "second-login": "both", FirstIsClosed = "first-closed";
    "login-again": "served", OneLoginAConnection = "ignored";
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
    "long-text": "taken", LongTextsClose = "refused";
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

impl Readings {
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
