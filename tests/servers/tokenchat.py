"""A tokenchat server: tokens, chats of two, messages. Everything is kept in memory.

Where the document leaves a choice:

- `status` is a number, `timestamp` and `content_time` are ISO 8601 text; a refused request is answered with `mode`,
  `timestamp` and `status` alone.
- A user has one token: a login ends the one before. It works only on the connection that got it, and ends with it; a
  logout closes the connection. Without a token a request gets 422, as without any other field, an empty one included.
  checkToken is not there.
- createChat makes a chat, and so does createPersonalChat. The same two again are refused with 409; oneself is fine.
- User ids are UUIDs, chat ids numbers above 2^53. `chat_members` is a list of `{id, username}`, `chat_name` both
  names, `last_message_time` null in an empty chat; no chats are null.
- Messages come newest first and carry no id. `min_message_id` is not included itself; no messages are null.
- Sending to a chat of others is refused with 423, to an unknown one with 404, as reading is.
- Broken JSON gets 400 with mode null; so does a message without mode.

With `--dull`:

- `status` is text. Both ways, in every message: `username` is `login`, `contact_value` is `contact`, `chat_id` is
  `chat`, `content_time` is `sent_at`; inside `chats` and `messages`, too.
- Every request needs a field `version` of "2". Ids are text of digits, and only text is understood. `timestamp` is
  a number with decimals, `content_time` a number.
- Only createPersonalChat makes a chat; createChat gets 501. The same two share one chat; oneself is refused with 409.
  `chat_name` is the other's name; no chats are an empty list. checkToken works.
- At most 3 tokens a user: `auth` beyond gets 403. A token works on every connection until its own logout.
- Messages come oldest first with a field `id`, and `min_message_id` is included. No messages are an empty list.
- One login a connection: another `auth` or `register` there gets 400. 10 seconds without a message close a connection.
"""

import datetime
import itertools
import os
import secrets
import time
import uuid
from dataclasses import dataclass, field as default

from wire import BadField, Server, field, main, renamed

DULL = {"username": "login", "contact_value": "contact", "chat_id": "chat", "content_time": "sent_at"}
DOCUMENTED = {dull: name for name, dull in DULL.items()}
TOKENS = 3


@dataclass
class User:
    user_id: object
    username: str
    password: str
    email: str


@dataclass
class Message:
    number: int
    sender: User
    content: str
    content_type: str
    sent: float


@dataclass
class Chat:
    chat_id: object
    members: list
    messages: list = default(default_factory=list)


class Refused(Exception):
    """A request that gets another status than 200."""

    def __init__(self, status):
        super().__init__(status)
        self.status = status


class TokenChat(Server):
    """tokenchat over WebSocket."""

    name = "tokenchat"
    FAULTS = {
        "any-password": "logs in with a wrong password",
        "eternal-token": "a token works after its logout",
        "open-chats": "reads any chat to anybody",
        "doubles-messages": "stores each message twice",
        "chats-of-all": "lists the chats of all users",
        "same-email": "registers an e-mail twice",
        "defaults": "takes a missing field for an empty one",
        "crashes": "ends when a field is missing",
    }

    def __init__(self, options):
        super().__init__(options)
        self.users = {}
        self.tokens = {}
        self.chats = {}
        self.user_ids = itertools.count(101)
        self.chat_ids = itertools.count(101 if self.dull else (1 << 61) + 1)
        self.numbers = itertools.count(1)

    def idle(self):
        return 10 if self.dull else None

    def opened(self, client):
        client.logged_in = False

    def closed(self, client):
        if not self.dull:
            for token in [token for token, (_, owner) in self.tokens.items() if owner is client]:
                del self.tokens[token]

    def malformed(self, client):
        self.answer(client, None, 400)

    def refused(self, client, message, bad):
        if self.fault == "crashes":
            os._exit(1)
        self.answer(client, message.get("mode"), 422)

    def answer(self, client, mode, status, **fields):
        if self.dull:
            status = str(status)
            fields = renamed(fields, DULL)
            for name in ("chats", "messages"):
                if name in fields:
                    fields[name] = [renamed(entry, DULL) for entry in fields[name]]
        client.send({"mode": mode, "timestamp": self.moment(time.time()), "status": status, **fields})

    def moment(self, seconds):
        if self.dull:
            return seconds
        return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat()

    def received(self, client, message):
        mode = message.get("mode")
        if not isinstance(mode, str):
            return self.answer(client, mode, 400)
        if self.dull:
            message = renamed(message, DOCUMENTED)
        handlers = {
            "checkConnection": self.check_connection,
            "checkToken": self.check_token if self.dull else None,
            "auth": self.auth,
            "register": self.register,
            "logout": self.logout,
            "createChat": None if self.dull else self.create_chat,
            "createPersonalChat": self.create_chat,
            "getChats": self.get_chats,
            "getMessages": self.get_messages,
            "sendMessage": self.send_message,
        }
        try:
            handler = handlers.get(mode)
            if handler is None:
                raise Refused(501)
            if self.dull and field(message, "version") != "2":
                raise Refused(400)
            self.answer(client, mode, 200, **handler(client, message))
            if mode == "logout" and not self.dull and self.fault != "eternal-token":
                client.close()
        except Refused as refused:
            self.answer(client, mode, refused.status)

    def text(self, message, name):
        """A field that must be there and hold something."""
        if self.fault == "defaults" and name not in message:
            return ""
        value = field(message, name)
        if not value:
            raise BadField(name)
        return value

    def identifier(self, message, name):
        return field(message, name, str if self.dull else (int, str))

    # Tokens

    def user(self, client, message):
        """Whose token it is."""
        user, owner = self.tokens.get(self.text(message, "token"), (None, None))
        if user is None or (owner is not client and not self.dull):
            raise Refused(401)
        return user

    def new_token(self, client, user):
        if self.dull and client.logged_in:
            raise Refused(400)
        if self.dull and sum(owner is user for owner, _ in self.tokens.values()) >= TOKENS:
            raise Refused(403)
        if not self.dull:
            self.end_tokens(user)
        client.logged_in = True
        token = secrets.token_urlsafe(24)
        self.tokens[token] = (user, client)
        return {"token": token}

    def check_connection(self, client, message):
        return {}

    def check_token(self, client, message):
        self.user(client, message)
        return {}

    def auth(self, client, message):
        user = self.users.get(self.text(message, "username"))
        password = self.text(message, "password")
        if user is None or (user.password != password and self.fault != "any-password"):
            raise Refused(401)
        return self.new_token(client, user)

    def register(self, client, message):
        username, password, email = (self.text(message, name) for name in ("username", "password", "email"))
        taken = any(user.email == email for user in self.users.values()) and self.fault != "same-email"
        if username in self.users or taken:
            raise Refused(409)
        user_id = str(next(self.user_ids) if self.dull else uuid.uuid4())
        user = User(user_id, username, password, email)
        token = self.new_token(client, user)
        self.users[username] = user
        return token

    def logout(self, client, message):
        user = self.user(client, message)
        client.logged_in = False
        if self.fault == "eternal-token":
            return {}
        if self.dull:
            del self.tokens[message["token"]]
        else:
            self.end_tokens(user)
        return {}

    def end_tokens(self, user):
        for token in [token for token, (owner, _) in self.tokens.items() if owner is user]:
            del self.tokens[token]

    # Chats

    def create_chat(self, client, message):
        user, mode = self.user(client, message), self.text(message, "contact_mode")
        value = field(message, "contact_value", (str, int))
        if mode == "username":
            contact = self.users.get(value)
        elif mode == "id":
            contact = next((other for other in self.users.values() if other.user_id == value), None)
        else:
            raise Refused(400)
        same = (chat for chat in self.chats.values() if chat.members in ([user, contact], [contact, user]))
        chat = next(same, None)
        if contact is None or (contact is user and self.dull) or (chat and not self.dull):
            raise Refused(409)
        if chat is None:
            number = next(self.chat_ids)
            chat = Chat(str(number) if self.dull else number, [user, contact])
            self.chats[chat.chat_id] = chat
        return {"chat_id": chat.chat_id}

    def get_chats(self, client, message):
        user = self.user(client, message)
        chats = [chat for chat in self.chats.values() if user in chat.members or self.fault == "chats-of-all"]
        return {"chats": [self.listed(chat, user) for chat in chats] if chats or self.dull else None}

    def listed(self, chat, user):
        members = [{"id": member.user_id, "username": member.username} for member in chat.members]
        names = [member.username for member in chat.members]
        return {
            "chat_id": chat.chat_id,
            "chat_members": names if self.dull else members,
            "chat_name": next((name for name in names if name != user.username), "") if self.dull else ", ".join(names),
            "chat_type": "personal",
            "last_message_time": self.moment(chat.messages[-1].sent) if chat.messages else None,
        }

    def chat(self, user, message):
        chat = self.chats.get(self.identifier(message, "chat_id"))
        if chat is None:
            raise Refused(404)
        if user not in chat.members and self.fault != "open-chats":
            raise Refused(423)
        return chat

    def get_messages(self, client, message):
        user = self.user(client, message)
        chat = self.chat(user, message)
        bound = message.get("min_message_id")
        if bound is not None and not isinstance(bound, (int, str)):
            raise BadField("min_message_id")
        try:
            bound = 0 if bound is None else int(bound)
        except ValueError:
            raise BadField("min_message_id") from None
        if self.dull:
            found = [self.shown(one) for one in chat.messages if one.number >= bound]
        else:
            found = [self.shown(one) for one in reversed(chat.messages) if one.number > bound]
        return {"messages": found if found or self.dull else None}

    def shown(self, message):
        shown = {
            "from_id": message.sender.user_id,
            "from_name": message.sender.username,
            "content": message.content,
            "content_type": message.content_type,
            "content_time": self.moment(message.sent),
        }
        return {"id": message.number, **shown} if self.dull else shown

    def send_message(self, client, message):
        user = self.user(client, message)
        chat = self.chat(user, message)
        content, content_type = self.text(message, "content"), self.text(message, "content_type")
        for _ in range(2 if self.fault == "doubles-messages" else 1):
            chat.messages.append(Message(next(self.numbers), user, content, content_type, time.time()))
        return {}


if __name__ == "__main__":
    main(TokenChat)
