//! The readings of the document that this server can take.
//! The first option of each is the default; taking another one is a [`Departure`].

use crate::readings::readings;

readings! {
    "signup-ok-spelling": "printed", SignupOkIsCorrected = "corrected";
    "signup-exists-spelling": "printed", SignupExistsIsAlike = "alike";
    "signup-fail-spelling": "printed", SignupFailIsCorrected = "corrected";
    "first-message-spelling": "printed", FirstsAreSpelledRight = "corrected";
    "recent": "RESENT", RecentIsSpelledRight = "RECENT";
    "signup-logs-in": "no-login", SignupLogsIn = "logs-in";
    "signup-closes": "stays-open", SignupCloses = "closes";
    "refusal-closes": "stays-open", RefusedLoginsClose = "closes";
    "before-login": "nothing", ServesBeforeLogin = "served";
    "second-login": "both", SecondLoginReplaces = "replaces", SecondLoginIsRefused = "refused";
    "login-again": "served", OneLoginAConnection = "refused";
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
    "told-is-recent": "there", ToldIsNotRecent = "left-out";
    "outsider-writes": "refused", OutsidersWrite = "taken";
    "sender-name": "own", MembersWriteForEachOther = "given";
    "refused-message": "answered", RefusedMessagesAreNotAnswered = "silent";
    "big-text": "taken", BigTextsAreRefused = "refused";
    "empty-room": "silent", EmptyRoomsAreAnswered = "answered";
    "outsider-reads": "refused", OutsidersRead = "served";
    "read-end": "unmarked", ReadingsEndIsMarked = "marked";
    "recent-means": "newest", RecentIsUnread = "unread";
    "recent-own": "there", RecentIsOfOthers = "left-out";
    "search-part": "whole", SearchComparesBeginning = "beginning", SearchComparesAnywhere = "anywhere";
    "search-case": "exact", SearchFoldsCase = "folded";
    "search-oneself": "found", SearchLeavesOneselfOut = "left-out";
    "customer-deletes": "deleted", OnlyCreatorsDelete = "refused";
    "room-deletion-missed": "never", RoomDeletionsAreKept = "told";
    "deletion-told": "asker", DeletionsGoToOthers = "others", DeletionsGoToBoth = "both";
    "deleted-id": "retired", DeletedIdsAreUsedAgain = "reused";
    "edit-told": "editor", EditsGoToOthers = "others", EditsGoToBoth = "both";
    "dialog-names": "partner", DialogsNameRooms = "other";
    "first-message": "oldest", FirstIsNewest = "newest";
    "first-of-empty-room": "placeholder", EmptyRoomsHaveNoFirst = "left-out";
    "no-dialogs": "empty", NoDialogsIsAbsent = "absent", NoDialogsIsSilent = "silent";
}
