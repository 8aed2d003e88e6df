"""A friendchat server: friends, groups, text and media, presence, history. Everything is kept in memory.

Where the document leaves a choice:

- A user is online from the first USER_STATUS_UPDATE on: before that nothing is delivered, and with it comes what was
  stored, which is friend requests and media and nothing else.
- Login announces `online` to friends by itself; a status that does not change is not told again. USER_LOGOUT, and a
  connection that drops, end the session; friends hear USER_LOGOUT of both. After USER_LOGOUT the connection closes.
- Answers to requests and invitations may come addressed either way; they are forwarded swapped.
- An invited user is a member at once, until rejecting; all members see the answer. Who leaves, removes or hands over
  a group gets the broadcast too.
- Media: acknowledgements come from `server`; the second leg has a `mediaId` of its own and chunks of 16 KiB from
  index 0, all sent at once after the header is acknowledged. In a group, `receiver` is the member.
- History: BEGIN without a RESPONSE before it; two messages a page, all pages at once; acknowledgements by either
  name. Text to a group is ignored; text to a stranger is delivered.
- Time stamps are milliseconds, and the server's own, but for texts, which keep the sender's. Broken JSON closes the connection.

With `--dull`:

- Bare TCP; JSON objects, pretty-printed, with nothing between them.
- The fields `username`, `passwordHash`, `sender`, `receiver` are `login`, `pw`, `from`, `to`; `content` is `body`;
  `not-friends` is `not_friends`. So it is in every message and both ways, but for the entries inside `messages`.
- REGISTER_REQUEST and LOGIN_REQUEST need a field `client_version` of 3; registration logs in.
- Stored items come before LOGIN_RESPONSE. The user who updates the status hears it too.
- An invited user is no member before accepting; the inviter alone sees the answer. Text to a group reaches its
  members, text to a stranger nobody. All time stamps are the server's own.
- Answers are addressed swapped, both ways. Sent chunks are counted from 0.
- History acknowledgements are the same type sent back (`echo`), and each page waits for that of the page before.
"""

import base64
import binascii
import itertools
import os
import time
from dataclasses import dataclass, field as default

from wire import BadField, JsonStream, JsonText, Server, field, main, renamed

CHUNK = 16 << 10
PAGE = 2
DULL = {
    "username": "login",
    "passwordHash": "pw",
    "sender": "from",
    "receiver": "to",
    "content": "body",
    "not-friends": "not_friends",
}
DOCUMENTED = {dull: name for name, dull in DULL.items()}
REFUSED = 3002
NOT_ALLOWED = 4002


@dataclass
class Media:
    sender: str
    media_type: str
    data: bytes


@dataclass
class Upload:
    receiver: str
    media_type: str
    chunks: dict = default(default_factory=dict)


@dataclass
class User:
    name: str
    password: str
    client: object = None
    arrived: bool = False
    status: str = ""
    friends: set = default(default_factory=set)
    asked_by: set = default(default_factory=set)
    stored: list = default(default_factory=list)
    media: dict = default(default_factory=dict)
    history: list = default(default_factory=list)

    @property
    def online(self):
        return self.client is not None and self.arrived


@dataclass
class Group:
    leader: str
    members: list
    invited: dict = default(default_factory=dict)


class FriendChat(Server):
    """friendchat over WebSocket (with --dull over TCP)."""

    name = "friendchat"
    FAULTS = {
        "any-password": "logs in with a wrong password",
        "tells-strangers": "delivers a text to everybody online",
        "loses-chunk": "forgets the last chunk of a medium of several",
        "forgets-requests": "drops friend requests to users who are offline",
        "doubles-text": "delivers each text twice",
        "hasty-history": "sends history before BEGIN is acknowledged",
        "blames-all": "lists every member under not-friends",
        "crashes": "ends when a field is missing",
    }

    def __init__(self, options):
        super().__init__(options)
        self.users = {}
        self.groups = {}
        self.media_ids = itertools.count(1)

    def wire(self):
        return JsonStream if self.dull else JsonText

    # Connections and messages

    def opened(self, client):
        client.user = None
        client.uploads = {}
        client.pages = None

    def closed(self, client):
        self.leave(client)

    def received(self, client, message):
        kind = field(message, "type")
        payload = field(message, "payload", dict)
        if self.dull:
            payload = renamed(payload, DOCUMENTED)
        message["payload"] = payload
        if kind in ("REGISTER_REQUEST", "LOGIN_REQUEST"):
            return getattr(self, kind.lower())(client, payload)
        handler = getattr(self, "on_" + kind.lower(), None)
        if handler is None:
            return
        if client.user is None:
            return self.not_logged_in(client, kind, payload)
        if kind == "TEXT_MESSAGE":
            stamp = now() if self.dull else message.get("timestamp", now())
            return handler(client, client.user, payload, stamp)
        handler(client, client.user, payload)

    def not_logged_in(self, client, kind, payload):
        if kind == "MESSAGE_HISTORY_REQUEST":
            self.send(client, "MESSAGE_HISTORY_RESPONSE", username=field(payload, "username"), code=6002)
        elif kind == "FRIEND_REQUEST":
            names = {name: field(payload, name) for name in ("sender", "receiver")}
            self.send(client, "FRIEND_REQUEST_ACK", **names, code=REFUSED)

    def refused(self, client, message, bad):
        if self.fault == "crashes":
            os._exit(1)
        match message.get("type"):
            case "REGISTER_REQUEST":
                self.send(client, "REGISTER_RESPONSE", success=False, code=1003)
            case "LOGIN_REQUEST":
                self.send(client, "LOGIN_RESPONSE", success=False, code=2004)
            case "MESSAGE_HISTORY_REQUEST":
                name = client.user.name if client.user else ""
                self.send(client, "MESSAGE_HISTORY_RESPONSE", username=name, code=6002)

    def send(self, client, kind, **payload):
        self.send_stamped(client, now(), kind, payload)

    def send_stamped(self, client, stamp, kind, payload):
        if self.dull:
            payload = renamed(payload, DULL)
        client.send({"type": kind, "timestamp": stamp, "payload": payload})

    def tell(self, name, kind, **payload):
        """To a user who is online; nobody else misses it."""
        user = self.users.get(name)
        if user and user.online:
            self.send(user.client, kind, **payload)

    # Accounts and presence

    def register_request(self, client, payload):
        name, password = field(payload, "username"), field(payload, "passwordHash")
        if not name or (self.dull and payload.get("client_version") != 3):
            self.send(client, "REGISTER_RESPONSE", success=False, code=1001)
        elif name in self.users:
            self.send(client, "REGISTER_RESPONSE", success=False, code=1002)
        else:
            self.users[name] = User(name, password)
            self.send(client, "REGISTER_RESPONSE", success=True, code=0)
            if self.dull:
                self.enter(client, self.users[name])

    def login_request(self, client, payload):
        name, password = field(payload, "username"), field(payload, "passwordHash")
        user = self.users.get(name)
        if self.dull and payload.get("client_version") != 3:
            code = 2004
        elif user is None:
            code = 2003
        elif user.password != password and self.fault != "any-password":
            code = 2001
        elif user.client not in (None, client):
            code = 2002
        else:
            code = 0
        if code == 0 and self.dull:
            self.deliver_stored(user, client)
        self.send(client, "LOGIN_RESPONSE", success=code == 0, code=code)
        if code == 0:
            self.enter(client, user)

    def enter(self, client, user):
        if client.user is user:
            return
        self.leave(client)
        client.user, user.client, user.arrived = user, client, self.dull
        self.announce(user, "online")

    def leave(self, client):
        user, client.user = client.user, None
        client.uploads, client.pages = {}, None
        if user:
            user.client, user.status = None, ""
            for friend in user.friends:
                self.tell(friend, "USER_LOGOUT", username=user.name)

    def on_user_logout(self, client, user, payload):
        self.leave(client)
        client.close()

    def on_user_status_update(self, client, user, payload):
        status = field(payload, "status")
        if self.dull:
            self.send(client, "USER_STATUS_UPDATE", username=user.name, status=status)
        if not user.arrived:
            user.arrived = True
            self.announce(user, status)
            self.deliver_stored(user, client)
        elif user.status != status or self.dull:
            self.announce(user, status)

    def announce(self, user, status):
        user.status = status
        for friend in user.friends:
            self.tell(friend, "USER_STATUS_UPDATE", username=user.name, status=status)

    def deliver_stored(self, user, client):
        stored, user.stored = user.stored, []
        for kind, payload in stored:
            self.send(client, kind, **payload)
        for media_id in user.media:
            self.offer(client, user, media_id)

    # Friends

    def on_friend_request(self, client, user, payload):
        name = field(payload, "receiver")
        other = self.users.get(name)
        code = 3001 if other is None else REFUSED if other is user else 0
        names = {"sender": user.name, "receiver": name}
        self.send(client, "FRIEND_REQUEST_ACK", **names, code=code)
        if code or name in user.friends or user.name in other.asked_by:
            return
        other.asked_by.add(user.name)
        if other.online:
            self.tell(name, "FRIEND_REQUEST", **names)
        elif self.fault != "forgets-requests":
            other.stored.append(("FRIEND_REQUEST", names))

    def on_friend_request_response(self, client, user, payload):
        name, code = self.addressee(user, payload), field(payload, "code", int)
        if name not in user.asked_by:
            return
        user.asked_by.discard(name)
        if code == 0:
            user.friends.add(name)
            self.users[name].friends.add(user.name)
        self.tell(name, "FRIEND_REQUEST_RESPONSE", sender=user.name, receiver=name, code=code)

    def addressee(self, user, payload):
        """Whom an answer is for: it names the two either as the request did, or swapped."""
        sender, receiver = field(payload, "sender"), field(payload, "receiver")
        return receiver if sender == user.name or self.dull else sender

    def on_friend_remove(self, client, user, payload):
        name = field(payload, "receiver")
        names = {"sender": user.name, "receiver": name}
        friends = name in user.friends
        self.send(client, "FRIEND_REMOVE_ACK", **names, code=0 if friends else 3001)
        if friends:
            user.friends.discard(name)
            self.users[name].friends.discard(user.name)
            self.tell(name, "FRIEND_REMOVE", **names)

    # Groups

    def on_group_create(self, client, user, payload):
        name, members = field(payload, "name"), field(payload, "members", list)
        if not all(isinstance(member, str) for member in members):
            raise BadField("members")
        strangers = [member for member in members if member not in user.friends and member != user.name]
        if strangers:
            blamed = members if self.fault == "blames-all" else strangers
            answer = {"sender": user.name, "not-friends": blamed, "name": name, "code": 4001}
            return self.send(client, "GROUP_CREATE_ACK", **answer)
        answer = {"sender": user.name, "members": members, "name": name}
        if name in self.groups:
            return self.send(client, "GROUP_CREATE_ACK", **answer, code=NOT_ALLOWED)
        group = self.groups[name] = Group(user.name, [user.name])
        self.send(client, "GROUP_CREATE_ACK", **answer, code=0)
        for member in dict.fromkeys(members):
            if member != user.name:
                group.invited[member] = user.name
                if not self.dull:
                    group.members.append(member)
                self.tell(member, "GROUP_INVITE", sender=user.name, receiver=member, group=name)

    def on_group_invite_response(self, client, user, payload):
        name, code = field(payload, "group"), field(payload, "code", int)
        self.addressee(user, payload)
        group = self.groups.get(name)
        if group is None or user.name not in group.invited:
            return
        inviter = group.invited.pop(user.name)
        answer = {"sender": user.name, "receiver": inviter, "group": name, "code": code}
        told = [inviter] if self.dull else [member for member in group.members if member != user.name]
        for member in told:
            self.tell(member, "GROUP_INVITE_RESPONSE", **answer)
        if code == 0 and user.name not in group.members:
            group.members.append(user.name)
        elif code != 0 and user.name in group.members:
            group.members.remove(user.name)

    def on_group_leave(self, client, user, payload):
        name = field(payload, "group")
        group = self.group_change(client, user, "GROUP_LEAVE", name, leader=False)
        if group:
            group.members.remove(user.name)
            if group.leader == user.name and group.members:
                group.leader = group.members[0]

    def on_group_remove(self, client, user, payload):
        name = field(payload, "group")
        if self.group_change(client, user, "GROUP_REMOVE", name, leader=True):
            del self.groups[name]

    def on_group_leader_change(self, client, user, payload):
        name, leader = field(payload, "group"), field(payload, "newLeader")
        known = leader in self.groups[name].members if name in self.groups else False
        group = self.group_change(
            client, user, "GROUP_LEADER_CHANGE", name, leader=True, allowed=known, newLeader=leader
        )
        if group:
            group.leader = leader

    def group_change(self, client, user, kind, name, leader, allowed=True, **more):
        """Acknowledges and tells the members; the group, if the user may do that."""
        group = self.groups.get(name)
        may = group and allowed and user.name in group.members and (not leader or group.leader == user.name)
        about = {"sender": user.name, "group": name, **more}
        self.send(client, kind + "_ACK", **about, code=0 if may else NOT_ALLOWED)
        for member in group.members if may else ():
            self.tell(member, kind, **about)
        return group if may else None

    # Text and history

    def on_text_message(self, client, user, payload, stamp):
        name, content = field(payload, "receiver"), field(payload, "content")
        group = self.groups.get(name) if self.dull else None
        if group and user.name in group.members:
            readers = [member for member in group.members if member != user.name]
        elif name in (user.friends if self.dull else self.users):
            readers = [name]
        else:
            return
        text = {"sender": user.name, "receiver": name, "content": content}
        for reader in {user.name, *readers}:
            self.users[reader].history.append({"timestamp": stamp, **text})
        if self.fault == "tells-strangers":
            readers = [other for other in self.users if other != user.name]
        for reader in readers * (2 if self.fault == "doubles-text" else 1):
            if self.users[reader].online:
                self.send_stamped(self.users[reader].client, stamp, "TEXT_MESSAGE", text)

    def on_message_history_request(self, client, user, payload):
        name = field(payload, "username")
        if name != user.name:
            self.send(client, "MESSAGE_HISTORY_RESPONSE", username=name, code=6003)
        elif not user.history:
            self.send(client, "MESSAGE_HISTORY_RESPONSE", username=name, code=6001)
        else:
            client.pages = [user.history[i : i + PAGE] for i in range(0, len(user.history), PAGE)]
            self.send(client, "MESSAGE_HISTORY_BEGIN", username=name, code=0)
            if self.fault == "hasty-history":
                self.on_message_history_begin(client, user, payload)

    def on_message_history_begin(self, client, user, payload):
        """The acknowledgement of BEGIN; with `dull` those of DATA, too."""
        while client.pages:
            self.send(client, "MESSAGE_HISTORY_DATA", username=user.name, messages=client.pages.pop(0))
            if self.dull:
                return
        if client.pages is not None:
            client.pages = None
            self.send(client, "MESSAGE_HISTORY_COMPLETE", username=user.name, code=0)

    def on_message_history_begin_ack(self, client, user, payload):
        if not self.dull:
            self.on_message_history_begin(client, user, payload)

    def on_message_history_data(self, client, user, payload):
        if self.dull:
            self.on_message_history_begin(client, user, payload)

    # Media

    def answer_media(self, client, user, kind, media_id, **more):
        self.send(client, kind, sender="server", receiver=user.name, mediaId=media_id, **more)

    def on_media_message(self, client, user, payload):
        media_id, name = field(payload, "mediaId"), field(payload, "receiver")
        media_type = field(payload, "mediaType")
        field(payload, "mediaSize", int)
        group = self.groups.get(name)
        known = name in user.friends or (group and user.name in group.members)
        if known:
            client.uploads[media_id] = Upload(name, media_type)
        self.answer_media(client, user, "MEDIA_MESSAGE_ACK", media_id, code=0 if known else 3001)

    def on_media_message_data(self, client, user, payload):
        media_id, total = field(payload, "mediaId"), field(payload, "totalChunks", int)
        index, data = field(payload, "chunkIndex", int), field(payload, "data")
        upload = client.uploads.get(media_id)
        try:
            chunk = base64.b64decode(data, validate=True)
        except (binascii.Error, ValueError):
            chunk = None
        good = upload is not None and chunk is not None and (not self.dull or 0 <= index < total)
        self.answer_media(
            client, user, "MEDIA_MESSAGE_DATA_ACK", media_id, chunkIndex=index, code=0 if good else REFUSED
        )
        if not good:
            return
        upload.chunks[index] = chunk
        if len(upload.chunks) < total:
            return
        del client.uploads[media_id]
        self.answer_media(client, user, "MEDIA_MESSAGE_COMPLETE", media_id, code=0)
        indexes = sorted(upload.chunks)
        if self.fault == "loses-chunk" and len(indexes) > 1:
            indexes.pop()
        medium = Media(user.name, upload.media_type, b"".join(upload.chunks[i] for i in indexes))
        group = self.groups.get(upload.receiver)
        for receiver in group.members if group else [upload.receiver]:
            if receiver != user.name:
                self.deliver_media(self.users[receiver], medium)

    def deliver_media(self, user, medium):
        media_id = f"srv-{next(self.media_ids)}"
        user.media[media_id] = medium
        if user.online:
            self.offer(user.client, user, media_id)

    def second_leg(self, client, user, kind, media_id, **more):
        about = {"sender": user.media[media_id].sender, "receiver": user.name, "mediaId": media_id}
        self.send(client, kind, **about, **more)

    def offer(self, client, user, media_id):
        medium = user.media[media_id]
        about = {"mediaType": medium.media_type, "mediaSize": len(medium.data)}
        self.second_leg(client, user, "MEDIA_MESSAGE", media_id, **about)

    def on_media_message_ack(self, client, user, payload):
        media_id = field(payload, "mediaId")
        if media_id not in user.media or field(payload, "code", int) != 0:
            user.media.pop(media_id, None)
            return
        data = user.media[media_id].data
        total = -(-len(data) // CHUNK)
        for index in range(total):
            chunk = base64.b64encode(data[index * CHUNK : (index + 1) * CHUNK]).decode()
            part = {"data": chunk, "chunkIndex": index, "totalChunks": total}
            self.second_leg(client, user, "MEDIA_MESSAGE_DATA", media_id, **part)

    def on_media_message_complete(self, client, user, payload):
        media_id = field(payload, "mediaId")
        if media_id in user.media:
            self.second_leg(client, user, "MEDIA_MESSAGE_COMPLETE_ACK", media_id, code=0)
            del user.media[media_id]


def now():
    return time.time_ns() // 1_000_000


if __name__ == "__main__":
    main(FriendChat)
