//! What clients send: frames become typed requests.
//! Refuses what is no message of the document; the caller gets `None`, for no answer exists.

use serde::Deserialize;
use serde_json::Value;

use crate::protocol::Frame;

/// A request and the timestamp that it carried.
pub(super) struct Incoming {
    pub(super) request: Request,
    /// A number, of whatever unit; a client without one is served too.
    pub(super) timestamp: Option<Value>,
}

impl Incoming {
    /// Reads a text frame; there are no binary ones in this protocol.
    pub(super) fn parse(frame: Frame) -> Option<Incoming> {
        let Frame::Text(text) = frame else {
            return None;
        };
        let value: Value = serde_json::from_str(&text).ok()?;
        let timestamp = value
            .get("timestamp")
            .filter(|stamp| stamp.is_number())
            .cloned();
        Some(Incoming {
            request: serde_json::from_value(value).ok()?,
            timestamp,
        })
    }
}

/// Every message that a client may send, with its payload.
#[derive(Deserialize, Debug)]
#[serde(tag = "type", content = "payload", rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(clippy::enum_variant_names, reason = "the names are the document's")]
pub(super) enum Request {
    RegisterRequest(Credentials),
    LoginRequest(Credentials),
    FriendRequest(Pair),
    FriendRequestResponse(Answer),
    FriendRemove(Pair),
    GroupCreate(NewGroup),
    GroupInviteResponse(InviteAnswer),
    GroupLeave(GroupOrder),
    GroupRemove(GroupOrder),
    GroupLeaderChange(Handover),
    TextMessage(Text),
    MediaMessage(Header),
    MediaMessageAck(MediaAck),
    MediaMessageData(Chunk),
    MediaMessageDataAck(ChunkAck),
    MediaMessageComplete(MediaAck),
    MediaMessageCompleteAck(#[expect(dead_code, reason = "only its shape counts")] MediaAck),
    UserStatusUpdate(Status),
    UserLogout(Named),
    MessageHistoryRequest(Named),
    // The document names no message that acknowledges these three: the type with `_ACK`, or the
    // same type sent back.
    #[serde(alias = "MESSAGE_HISTORY_BEGIN")]
    MessageHistoryBeginAck(HistoryAck),
    #[serde(alias = "MESSAGE_HISTORY_DATA")]
    MessageHistoryDataAck(HistoryAck),
    #[serde(alias = "MESSAGE_HISTORY_COMPLETE")]
    MessageHistoryCompleteAck(#[expect(dead_code, reason = "only its shape counts")] HistoryAck),
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(super) struct Credentials {
    pub(super) username: String,
    pub(super) password_hash: String,
}

#[derive(Deserialize, Debug)]
pub(super) struct Pair {
    pub(super) sender: String,
    pub(super) receiver: String,
}

#[derive(Deserialize, Debug)]
pub(super) struct Answer {
    pub(super) sender: String,
    pub(super) receiver: String,
    pub(super) code: i64,
}

#[derive(Deserialize, Debug)]
pub(super) struct NewGroup {
    pub(super) sender: String,
    pub(super) members: Vec<String>,
    pub(super) name: String,
}

#[derive(Deserialize, Debug)]
pub(super) struct InviteAnswer {
    pub(super) sender: String,
    pub(super) receiver: String,
    pub(super) group: String,
    pub(super) code: i64,
}

#[derive(Deserialize, Debug)]
pub(super) struct GroupOrder {
    pub(super) sender: String,
    pub(super) group: String,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(super) struct Handover {
    pub(super) sender: String,
    pub(super) group: String,
    pub(super) new_leader: String,
}

#[derive(Deserialize, Debug)]
pub(super) struct Text {
    pub(super) sender: String,
    pub(super) receiver: String,
    pub(super) content: String,
}

#[derive(Deserialize, Clone, Debug)]
#[serde(rename_all = "camelCase")]
pub(super) struct Header {
    pub(super) sender: String,
    pub(super) receiver: String,
    pub(super) media_id: String,
    pub(super) media_type: String,
    /// Bytes, before base64.
    pub(super) media_size: u64,
}

/// MEDIA_MESSAGE_ACK, MEDIA_MESSAGE_COMPLETE and MEDIA_MESSAGE_COMPLETE_ACK alike. Whom it names
/// as sender and receiver is not looked at: it counts for the connection that it comes from.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(super) struct MediaAck {
    pub(super) media_id: String,
    pub(super) code: i64,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(super) struct Chunk {
    pub(super) sender: String,
    pub(super) receiver: String,
    pub(super) media_id: String,
    /// Base64.
    pub(super) data: String,
    pub(super) chunk_index: u64,
    pub(super) total_chunks: u64,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChunkAck {
    pub(super) media_id: String,
    pub(super) chunk_index: u64,
    pub(super) code: i64,
}

#[derive(Deserialize, Debug)]
pub(super) struct Status {
    pub(super) username: String,
    pub(super) status: String,
}

#[derive(Deserialize, Debug)]
pub(super) struct Named {
    pub(super) username: String,
}

#[derive(Deserialize, Debug)]
pub(super) struct HistoryAck {
    /// No document shows one, so an acknowledgement without a code is one too.
    #[serde(default)]
    pub(super) code: i64,
}
