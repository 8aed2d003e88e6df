//! The readings of the document that this server can take.
//! The first option of each is the default; taking another one is a [`Departure`].

use serde_json::Value;

use crate::readings::readings;

readings! {
    "response-addressing": "as-request", AnswersSwapNames = "swapped";
    // The server takes either acknowledgement anyway.
    "history-ack": "suffixed", HistoryAckEchoes = "echo";
    "chunk-base": "one", ChunksFromZero = "zero";
    "registration-closes": "stays-open", RegistrationCloses = "closes";
    "refusal-closes": "stays-open", RefusedLoginsClose = "closes";
    "login-announces": "silent", LoginAnnounces = "announces";
    "befriending-announces": "silent", BefriendingAnnounces = "announces";
    "status-echo": "others-only", StatusEchoes = "echoed";
    "logout-closes": "stays-open", LogoutCloses = "closes";
    "drop-ends-session": "ends", DropLingers = "lingers";
    "drop-told": "told", DropIsNotTold = "silent";
    "big-text": "delivered", BigTextsAreRefused = "refused";
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

impl Readings {
    /// A time as the server writes it: whole seconds as in the document's examples, unless it
    /// departs from that.
    pub(super) fn stamp(&self, now_ms: u64) -> Value {
        let milliseconds = self.take(Departure::TimestampsAreMilliseconds);
        Value::from(if milliseconds { now_ms } else { now_ms / 1000 })
    }
}
