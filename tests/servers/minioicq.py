"""A minioicq server: accounts by number, chats, messages, avatars. Everything is kept in memory.

Where the document leaves a choice:

- A user_id is text of digits, a chat_id a UUID, a message_id a number above 2^53, of its own for each receiver.
- Avatars are bytes, generated and set ones alike; a set one may come as base64 text or as bytes.
- A sync lists those who are online, without the asker. `user.sync` and a `user.push` about oneself come at login, too.
- The members of a chat are those whom the request lists; the creator only if listed. A chat of the same members
  as another is that chat. It has neither name nor avatar.
- At login all chats are spawned anew, and messages that were missed are pushed, one each. Pushes are restamped and go
  to the latest connection of each member but the sender.
- A message of a reserved type, or of somebody who is not in the chat, is ignored.
- The info of an unknown user is answered with an empty name and avatar. The heartbeat is ignored.
- The history is that of all chats with the other party, newest first; `end` is not in it.
- Requests without login and bad fields get no answer; what is no MessagePack closes the connection.

With `--dull`:

- JSON in text frames; avatars and data in base64.
- Both ways, in every message: `user_name` is `nick`, `chat_id` is `chat`, `reason` is `error`; inside `message`,
  `messages`, `users`, `members`, too. In `auth.register.success` only, `user_id` is `id`.
- `auth.register` needs a field `invite`, any text; registration logs in. user_id, chat_id, message_id are numbers.
- A login closes the connections that the user had; another login on the same connection closes it.
- 8 seconds without a message close a connection. The heartbeat is answered.
- The creator is a member, listed or not; a chat of the same members is another one. The sender gets the push, too,
  all connections do. Who is offline gets neither spawns nor pushes later. Reserved types are pushed. A sync lists the partners, oneself included.
- What is refused and has no error form is answered with `{"action": "error"}`.
"""

import base64
import binascii
import datetime
import itertools
import os
import uuid
from dataclasses import dataclass, field as default

from wire import JsonText, MessagePack, Server, field, main, renamed

DULL = {"user_name": "nick", "chat_id": "chat", "reason": "error"}
DOCUMENTED = {dull: name for name, dull in DULL.items()}
TYPES = ("text", "image", "file", "video", "audio")
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@dataclass
class User:
    user_id: object
    name: str
    password: str
    avatar: bytes = PIXEL
    devices: list = default(default_factory=list)
    pushes: list = default(default_factory=list)


@dataclass
class Chat:
    chat_id: object
    owner: User
    members: list
    created: str
    messages: list = default(default_factory=list)


class MiniOicq(Server):
    """minioicq over WebSocket."""

    name = "minioicq"
    FAULTS = {
        "any-password": "logs in with a wrong password",
        "pushes-to-all": "pushes a message to everybody online",
        "cuts-text": "pushes only the first 1000 characters",
        "forgets-member": "spawns a chat for all members but the last",
        "unknown-is-wrong": "says `Incorrect password` of an unknown user",
        "wrong-sender": "pushes every message as if the chat's owner had sent it",
        "stays-open": "does not close after a logout",
        "crashes": "ends when a field is missing",
    }

    def __init__(self, options):
        super().__init__(options)
        self.users = {}
        self.chats = {}
        self.user_ids = itertools.count(10001)
        self.chat_ids = itertools.count(1)
        self.message_ids = itertools.count(1 if self.dull else (1 << 60) + 1)

    def wire(self):
        return JsonText if self.dull else MessagePack

    def idle(self):
        return 8 if self.dull else None

    def opened(self, client):
        client.user = None

    def closed(self, client):
        if client.user:
            client.user.devices.remove(client)
            client.user = None

    def received(self, client, message):
        if self.dull:
            message = renamed(message, DOCUMENTED)
        action = field(message, "action")
        match action:
            case "auth.register":
                self.register(client, message)
            case "auth.login":
                self.login(client, message)
            case "heartbeat" if self.dull:
                self.send(client, action="heartbeat.ack")
            case _:
                handler = getattr(self, "on_" + action.replace(".", "_"), None)
                if handler and client.user:
                    handler(client, client.user, message)
                else:
                    self.no(client)

    def refused(self, client, message, bad):
        if self.fault == "crashes":
            os._exit(1)
        self.no(client)

    def no(self, client):
        """Where the document has no form for it."""
        if self.dull:
            client.send({"action": "error"})

    def send(self, client, **message):
        if self.dull:
            message = renamed(message, DULL)
            for name, value in message.items():
                if name in ("messages", "users", "members"):
                    message[name] = [renamed(entry, DULL) for entry in value]
            if message["action"] == "auth.register.success":
                message["id"] = message.pop("user_id")
        client.send(message)

    # Accounts

    def register(self, client, message):
        name, password = field(message, "user_name"), field(message, "password")
        if self.dull:
            field(message, "invite")
        number = next(self.user_ids)
        user = User(number if self.dull else str(number), name, password)
        self.users[user.user_id] = user
        self.send(client, action="auth.register.success", **self.card(user), password=password)
        if self.dull:
            self.enter(client, user)

    def login(self, client, message):
        user_id, password = field(message, "user_id", (str, int)), field(message, "password")
        if self.dull and client.user:
            return client.close(1008)
        user = self.users.get(user_id)
        wrong = user and user.password != password and self.fault != "any-password"
        if user and not wrong:
            self.send(client, action="auth.login.success", **self.card(user), password=password)
            return self.enter(client, user)
        told = "Incorrect password" if wrong or self.fault == "unknown-is-wrong" else "User not found"
        self.send(client, action="auth.login.fail", reason=told)

    def enter(self, client, user):
        self.closed(client)
        client.user = user
        if self.dull:
            for other in user.devices:
                other.close(1008)
        user.devices.append(client)
        if self.dull:
            return
        self.on_user_sync(client, user, {})
        self.send(client, action="user.push", **self.info(user))
        for chat in self.chats.values():
            if user in chat.members:
                self.spawn(client, chat)
        for push in user.pushes:
            self.send(client, action="message.push", messages=[push])
        user.pushes = []

    def on_auth_logout(self, client, user, message):
        self.closed(client)
        if self.fault != "stays-open":
            client.close()

    # Users

    def avatar(self, user):
        return base64.b64encode(user.avatar).decode() if self.dull else user.avatar

    def card(self, user):
        return {"user_id": user.user_id, "user_name": user.name, "avatar": self.avatar(user)}

    def info(self, user):
        return {"user_id": user.user_id, "nick": user.name, "avatar": self.avatar(user)}

    def on_user_sync(self, client, user, message):
        if self.dull:
            chats = [chat for chat in self.chats.values() if user in chat.members]
            listed = {member.user_id: member for chat in chats for member in chat.members}.values()
        else:
            listed = [other for other in self.users.values() if other.devices and other is not user]
        self.send(client, action="user.sync", users=[self.card(other) for other in listed])

    def on_user_get(self, client, user, message):
        user_id = field(message, "user_id", (str, int))
        if user_id in self.users:
            self.send(client, action="user.push", **self.info(self.users[user_id]))
        elif not self.dull:
            self.send(client, action="user.push", user_id=user_id, nick="", avatar=b"")
        else:
            self.no(client)

    def on_avatar_set(self, client, user, message):
        avatar = field(message, "avatar", (str, bytes))
        try:
            image = avatar if isinstance(avatar, bytes) else base64.b64decode(avatar, validate=True)
        except (binascii.Error, ValueError):
            return self.no(client)
        user.avatar = image
        self.send(client, action="avatar.set.ack")

    # Chats

    def on_chat_create(self, client, user, message):
        ids = field(message, "members", list)
        if not ids or any(not isinstance(one, (str, int)) or one not in self.users for one in ids):
            return self.no(client)
        members = [self.users[one] for one in dict.fromkeys(ids)]
        if self.dull:
            if user not in members:
                members.append(user)
            same = None
        else:
            same = next((chat for chat in self.chats.values() if same_people(chat.members, members)), None)
        number = next(self.chat_ids)
        chat = same or Chat(number if self.dull else str(uuid.uuid4()), user, members, now())
        self.chats[chat.chat_id] = chat
        for member in members[:-1] if self.fault == "forgets-member" else members:
            for device in member.devices:
                self.spawn(device, chat)

    def spawn(self, client, chat):
        self.send(
            client,
            action="chat.spawn",
            chat_id=chat.chat_id,
            name=", ".join(member.name for member in chat.members) if self.dull else "",
            avatar=self.avatar(chat.owner) if self.dull else b"",
            owner_id=chat.owner.user_id,
            created=chat.created,
            members=[self.card(member) for member in chat.members],
        )

    # Messages

    def on_message_send(self, client, user, message):
        sent = field(message, "message", dict)
        if self.dull:
            sent = renamed(sent, DOCUMENTED)
        chat = self.chats.get(field(sent, "chat_id", (str, int)))
        kind, content = field(sent, "type"), field(sent, "content")
        field(sent, "time")
        if chat is None or (self.dull and user not in chat.members):
            return self.send(client, action="message.send.fail", reason="Chat not found")
        if kind not in (TYPES if self.dull else TYPES[:3]) or user not in chat.members:
            return self.no(client)
        if self.fault == "cuts-text":
            content = content[:1000]
        sender = chat.owner if self.fault == "wrong-sender" else user
        entry = {"sender": sender.user_id, "time": now(), "type": kind, "content": content}
        chat.messages.append(entry)
        receivers = chat.members if self.fault != "pushes-to-all" else self.users.values()
        for member in receivers:
            push = {"chat_id": chat.chat_id, "message_id": next(self.message_ids), **entry}
            devices = [device for device in member.devices if device.open]
            if not self.dull:
                devices = devices[-1:] if member is not user else []
            for device in devices:
                self.send(device, action="message.push", messages=[push])
            if not devices and member is not user and not self.dull:
                member.pushes.append(push)

    def on_message_get(self, client, user, message):
        other = self.users.get(field(message, "user_id", (str, int)))
        start, end = moment(field(message, "start")), moment(field(message, "end"))
        if other is None or start is None or end is None:
            return self.no(client)
        shared = [chat for chat in self.chats.values() if user in chat.members and other in chat.members]
        found = [entry for chat in shared for entry in chat.messages if start <= moment(entry["time"]) < end]
        found.sort(key=lambda entry: entry["time"], reverse=True)
        self.send(client, action="message.retrieve", messages=found)


def same_people(some, others):
    return {user.user_id for user in some} == {user.user_id for user in others}


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="microseconds")


def moment(text):
    """The point in time that ISO 8601 text names, without a zone in UTC; None if it names none."""
    try:
        point = datetime.datetime.fromisoformat(text)
    except ValueError:
        return None
    return point if point.tzinfo else point.replace(tzinfo=datetime.timezone.utc)


if __name__ == "__main__":
    main(MiniOicq)
