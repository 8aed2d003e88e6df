//! Words that servers use for one another, and for what requests need besides. Knows no protocol.

/// Each line: words that may stand for one another in the name of a field.
const ALIKE: &[&[&str]] = &[
    &[
        "user",
        "username",
        "user_name",
        "login",
        "login_name",
        "nick",
        "nickname",
        "name",
        "account",
        "uname",
    ],
    &[
        "password",
        "pass",
        "passwd",
        "pwd",
        "pw",
        "password_hash",
        "hash",
        "secret",
    ],
    &["sender", "from", "from_user", "author", "source", "src"],
    &[
        "receiver",
        "recipient",
        "to",
        "to_user",
        "target",
        "dest",
        "destination",
        "contact",
    ],
    &[
        "content", "body", "text", "message", "msg", "data", "payload", "new_msg", "bundle",
    ],
    &[
        "reason",
        "error",
        "details",
        "description",
        "detail",
        "message",
        "cause",
    ],
    &["id", "uid", "identifier", "key"],
    &["user_id", "uid", "userid", "id"],
    &["session", "session_id", "sid"],
    &[
        "chat",
        "chat_id",
        "conversation",
        "conversation_id",
        "dialog",
    ],
    &["room", "room_id", "channel", "channel_id"],
    &[
        "time",
        "timestamp",
        "date",
        "sent_at",
        "created_at",
        "ts",
        "content_time",
        "created",
    ],
    &["type", "kind", "mode", "login_type"],
    &["status", "code", "state", "result"],
    &["email", "mail", "e_mail"],
    &["members", "participants", "users"],
    &["members", "member"],
    &["first", "last", "newest", "oldest"],
];

/// What requests are often asked for besides what a document says.
pub(super) const FURTHER: &[&str] = &[
    "version",
    "client_version",
    "protocol_version",
    "api_version",
    "app_version",
    "client",
    "client_id",
    "client_name",
    "device",
    "device_id",
    "platform",
    "app",
    "app_id",
    "os",
    "agent",
    "user_agent",
    "locale",
    "lang",
    "language",
    "invite",
    "invite_code",
    "invitation",
    "api_key",
    "captcha",
    "request_id",
    "seq",
    "nonce",
];

/// Whether two names differ in nothing but how their words are set apart.
pub(super) fn same_words(one: &str, other: &str) -> bool {
    words(one) == words(other) || joined(one) == joined(other)
}

/// Whether one name may stand for the other.
pub(super) fn are_alike(one: &str, other: &str) -> bool {
    let (one, other) = (joined(one), joined(other));
    let in_line = |line: &&&[&str], name: &str| line.iter().any(|word| joined(word) == name);
    ALIKE
        .iter()
        .any(|line| in_line(&line, &one) && in_line(&line, &other))
}

/// How many words two names have in common.
pub(super) fn shared_words(one: &str, other: &str) -> usize {
    let other = words(other);
    words(one)
        .iter()
        .filter(|word| other.contains(word))
        .count()
}

fn joined(name: &str) -> String {
    words(name).concat()
}

/// `lastMessage_ids` → last, message, id.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower_before = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (c.is_uppercase() && lower_before) {
            words.push(String::new());
        }
        lower_before = c.is_lowercase();
        if let Some(word) = words.last_mut()
            && c.is_alphanumeric()
        {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    for word in &mut words {
        if word.len() > 2 && word.ends_with('s') && !word.ends_with("ss") {
            word.pop();
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_by_their_words() {
        assert!(same_words("not-friends", "not_friends") && same_words("roomId", "room_id"));
        assert!(same_words("chatid", "chat_id") && !same_words("chat_id", "user_id"));
        assert!(are_alike("sender", "from") && are_alike("passwordHash", "pw"));
        assert!(!are_alike("sender", "receiver") && !are_alike("chat_id", "user_id"));
        assert_eq!(shared_words("first_massage_id", "last_ids"), 1);
        assert_eq!(shared_words("sender", "receiver"), 0);
    }
}
