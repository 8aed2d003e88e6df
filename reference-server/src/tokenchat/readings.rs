//! The readings of the document that this server can take.
//! The first option of each is the default; taking another one is a [`Departure`].

use serde_json::Value;

use crate::readings::readings;

readings! {
    "create-chat-mode": "createChat", ChatsArePersonal = "createPersonalChat";
    "status-form": "text", StatusesAreNumbers = "number";
    "timestamp-form": "seconds", StampsAreMilliseconds = "milliseconds", StampsAreText = "text";
    "no-token": "unauthorized", MissingTokensAreFields = "unprocessable";
    "check-token": "works", TokensAreNotChecked = "not-implemented";
    "second-token": "another", TokensAreShared = "same";
    "older-token": "works", OlderTokensEnd = "ends";
    "other-tokens": "work", LogoutEndsAll = "end";
    "token-limit": "limited", TokensAreUnlimited = "unlimited", OneTokenEach = "one";
    "login-again": "served", OneLoginAConnection = "refused";
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
    "message-ids": "numbers", MessageIdsAreBeyond = "beyond-2-53",
        MessagesAreNotNumbered = "other";
    "bound": "included", BoundsExclude = "excluded";
    "any-name": "taken", OddNamesAreRefused = "refused";
    "long-message": "taken", LongMessagesAreRefused = "refused";
    "too-long": "answered", TooLongCloses = "closed";
    "huge-message": "taken", HugeMessagesAreRefused = "refused";
}

impl Readings {
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
