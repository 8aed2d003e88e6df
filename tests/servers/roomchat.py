"""A roomchat server: accounts, rooms for two, messages that can be edited and deleted. Everything is kept in memory.

Where the document leaves a choice:

- SIGNUP_OK, SIGNUP_FAIL and `first_message_id` are spelled right. READ_MSG takes RESENT and RECENT.
- A user has one connection: a login closes the one before.
- STATUS is 1 for success and 0 for failure. Room ids are UUIDs, message ids text, dates milliseconds.
- The customer of a new room gets CREATE_ROOM, too, with the creator's name in `customer`. The same two share one
  room. An unknown customer is answered without an `id`. Only the creator can delete a room.
- A new message reaches the other member as READ_MSG, at the next login if need be, and so does DELETE_ROOM. Edits and
  deletions of messages go to both members, if they are online.
- READ_MSG ALL gives the newest first; RESENT gives what the others wrote and this user has not read. An empty room
  gives one answer without a message, with STATUS 0.
- SEARCH_USER finds any part of a name in either case, but not oneself.
- OLD_DIALOGS names a dialog `a & b`; the first message is the newest; a room without one is left out of that list.
  Who has no room gets no lists.
- Who is not logged in, no member, or not the author gets no answer, and READ_MSG of another's room STATUS 0.
  `username` is not looked at. Broken messages are ignored.

With `--dull`:

- Constants are numbers; request and response share one: LOGIN 1, SIGNUP 2, CREATE_ROOM 3, SND_MSG 4, READ_MSG 5,
  SEARCH_USER 6, DELETE_ROOM 7, DELETE_MSG 8, EDIT_MSG 9, OLD_DIALOGS 10. LOGIN_OK 0, LOGIN_WRONG_USER 1,
  LOGIN_WRONG_PASS 2; SINGUP_OK 0, SIGNUP_USER_EXIST 1, SINGUP_FAIL 2; ALL 0, RESENT 1; TEXT 0, FILE 1, IMAGE 2.
- Both ways, in every message: `login` is `user_name`, `pass` is `password`, `room_id` is `roomId`, `sender` is `from`,
  `new_msg` is `text`, `first_massage_id` is `last_ids`. To the client only: `message_id` of SND_MSG is `id`.
- Registration logs in. One login a connection: another one closes it. 10 idle seconds close it, too.
- Several connections a user. The customer does not hear of a new room; the sender of a message gets it as READ_MSG,
  too, and the other member as SND_MSG with STATUS 1, `sender` and `message`; nobody is told later. Edits go to the
  other member only, deletions of messages to the one who asked only. A refused message gets STATUS 0.
- Message ids are whole numbers. READ_MSG RESENT gives the newest 20, own ones included; an empty room gives nothing.
- Broken messages close the connection.
"""

import itertools
import os
import time
import uuid
from dataclasses import dataclass, field as default

from wire import JsonText, Server, field, main, renamed

KINDS = {
    1: "REQUEST_LOGIN",
    2: "REQUEST_SIGNUP",
    3: "CREATE_ROOM",
    4: "SND_MSG",
    5: "READ_MSG",
    6: "SEARCH_USER",
    7: "DELETE_ROOM",
    8: "DELETE_MSG",
    9: "EDIT_MSG",
    10: "OLD_DIALOGS",
}
NUMBERS = {name: number for number, name in KINDS.items()} | {"RESPONSE_LOGIN": 1, "RESPONSE_SIGNUP": 2}
STATUSES = {
    "LOGIN_OK": 0,
    "LOGIN_WRONG_USER": 1,
    "LOGIN_WRONG_PASS": 2,
    "SIGNUP_OK": 0,
    "SIGNUP_USER_EXIST": 1,
    "SIGNUP_FAIL": 2,
}
READ = {0: "ALL", 1: "RESENT"}
TYPES = {0: "TEXT", 1: "FILE", 2: "IMAGE"}
DULL = {
    "login": "user_name",
    "pass": "password",
    "room_id": "roomId",
    "sender": "from",
    "new_msg": "text",
    "first_message_id": "last_ids",
}
DOCUMENTED = {dull: name for name, dull in DULL.items()}
NEWEST = 20


@dataclass
class Message:
    message_id: str | int
    room: "Room"
    sender: str
    kind: str
    text: str
    date: int
    unread: set


@dataclass
class Room:
    room_id: str
    members: tuple
    messages: list = default(default_factory=list)


class RoomChat(Server):
    """roomchat over WebSocket."""

    name = "roomchat"
    FAULTS = {
        "any-password": "logs in with a wrong password",
        "forgets-edits": "acknowledges an edit, and keeps the old text",
        "keeps-deleted": "acknowledges a deletion, and keeps the message",
        "loses-message": "ALL leaves the oldest of several messages out",
        "mixes-rooms": "ALL gives the messages of all rooms",
        "secret-end": "tells only the one who asked that a room is deleted",
        "crashes": "ends when a field is missing",
    }

    def __init__(self, options):
        super().__init__(options)
        self.passwords = {}
        self.devices = {}
        self.rooms = {}
        self.messages = {}
        self.numbers = itertools.count(1)
        self.missed = {}

    def idle(self):
        return 10 if self.dull else None

    def opened(self, client):
        client.user = None

    def closed(self, client):
        self.devices.get(client.user, set()).discard(client)

    def malformed(self, client):
        if self.dull:
            client.close(1003)

    def refused(self, client, message, bad):
        if self.fault == "crashes":
            os._exit(1)
        self.malformed(client)

    def received(self, client, message):
        if self.dull:
            message = renamed(message, DOCUMENTED)
            kind = KINDS.get(field(message, "type", int))
        else:
            kind = field(message, "type")
        match kind:
            case "REQUEST_LOGIN":
                self.login(client, message)
            case "REQUEST_SIGNUP":
                self.sign_up(client, message)
            case _:
                handler = getattr(self, "on_" + kind.lower(), None) if kind else None
                if handler and client.user:
                    handler(client, message)

    def send(self, client, kind, **fields):
        if not self.dull:
            return client.send({"type": kind, **fields})
        fields = renamed(fields, DULL | ({"message_id": "id"} if kind == "SND_MSG" else {}))
        client.send({"type": NUMBERS[kind], **fields})

    def tell(self, users, kind, **fields):
        """To every device of these users; to one without, some things at the next login."""
        for user in dict.fromkeys(users):
            devices = [device for device in self.devices.get(user, ()) if device.open]
            for device in devices:
                self.send(device, kind, **fields)
            if not devices and not self.dull and kind in ("READ_MSG", "DELETE_ROOM"):
                self.missed.setdefault(user, []).append((kind, fields))

    # Accounts

    def sign_up(self, client, message):
        name, password = field(message, "login"), field(message, "pass")
        if not name or not password:
            status = "SIGNUP_FAIL"
        elif name in self.passwords:
            status = "SIGNUP_USER_EXIST"
        else:
            status = "SIGNUP_OK"
            self.passwords[name] = password
        self.send(client, "RESPONSE_SIGNUP", status=STATUSES[status] if self.dull else status)
        if self.dull and status == "SIGNUP_OK":
            self.enter(client, name)

    def login(self, client, message):
        name, password = field(message, "login"), field(message, "pass")
        if self.dull and client.user:
            return client.close(1008)
        if name not in self.passwords:
            status = "LOGIN_WRONG_USER"
        elif self.passwords[name] != password and self.fault != "any-password":
            status = "LOGIN_WRONG_PASS"
        else:
            status = "LOGIN_OK"
        self.send(client, "RESPONSE_LOGIN", status=STATUSES[status] if self.dull else status)
        if status == "LOGIN_OK":
            self.enter(client, name)

    def enter(self, client, name):
        self.closed(client)
        devices = self.devices.setdefault(name, set())
        if not self.dull:
            for other in devices:
                other.close(1008)
            devices.clear()
        client.user = name
        devices.add(client)
        for kind, fields in self.missed.pop(name, ()):
            self.send(client, kind, **fields)

    def on_search_user(self, client, message):
        part = field(message, "user").casefold()
        found = [name for name in self.passwords if part in name.casefold() and name != client.user]
        self.send(client, "SEARCH_USER", user=found)

    # Rooms

    def on_create_room(self, client, message):
        creator, customer = client.user, field(message, "customer")
        if customer not in self.passwords:
            return None if self.dull else self.send(client, "CREATE_ROOM", customer=customer)
        known = (room for room in self.rooms.values() if set(room.members) == {creator, customer})
        room = next(known, None) or Room(str(uuid.uuid4()), (creator, customer))
        self.rooms[room.room_id] = room
        self.send(client, "CREATE_ROOM", id=room.room_id, customer=customer)
        if customer != creator and not self.dull:
            self.tell([customer], "CREATE_ROOM", id=room.room_id, customer=creator)

    def on_delete_room(self, client, message):
        room = self.room(client, field(message, "id"))
        if room and (self.dull or client.user == room.members[0]):
            del self.rooms[room.room_id]
            for gone in room.messages:
                del self.messages[gone.message_id]
            members = room.members if self.fault != "secret-end" else [client.user]
            self.tell(members, "DELETE_ROOM", id=room.room_id)

    def on_old_dialogs(self, client, message):
        field(message, "username")
        rooms = [room for room in self.rooms.values() if client.user in room.members]
        if not rooms and not self.dull:
            return self.send(client, "OLD_DIALOGS")
        self.send(
            client,
            "OLD_DIALOGS",
            dialogs=[" & ".join(room.members) for room in rooms],
            id=[room.room_id for room in rooms],
            first_message_id=[room.messages[-1].message_id for room in rooms if room.messages],
        )

    def room(self, client, room_id):
        """The room, if this client's user is a member."""
        room = self.rooms.get(room_id)
        return room if room and client.user in room.members else None

    # Messages

    def on_snd_msg(self, client, message):
        room_id, text = field(message, "room_id"), field(message, "message")
        if self.dull:
            kind = TYPES.get(field(message, "msg_type", int))
        else:
            kind = field(message, "msg_type")
        room = self.room(client, room_id)
        if room is None or kind not in TYPES.values():
            return self.send(client, "SND_MSG", status=0, room_id=room_id) if self.dull else None
        others = [member for member in room.members if member != client.user]
        number, date = next(self.numbers), time.time_ns() // 1_000_000
        new = Message(number if self.dull else f"m-{number}", room, client.user, kind, text, date, set(others))
        room.messages.append(new)
        self.messages[new.message_id] = new
        about = {"status": 1, "room_id": room_id, "message_id": new.message_id, "date": date}
        self.send(client, "SND_MSG", **about)
        if self.dull:
            self.tell([client.user], "READ_MSG", **self.shown(new))
            self.tell(others, "SND_MSG", **about, sender=client.user, message=text)
        else:
            self.tell(others, "READ_MSG", **self.shown(new))

    def shown(self, message):
        return {
            "status": 1,
            "room_id": message.room.room_id,
            "message_id": message.message_id,
            "msg_type": list(TYPES.values()).index(message.kind) if self.dull else message.kind,
            "message": message.text,
            "date": message.date,
            "sender": message.sender,
        }

    def on_read_msg(self, client, message):
        room_id, read = field(message, "room_id"), field(message, "read", (str, int))
        room = self.room(client, room_id)
        if room is None:
            return self.send(client, "READ_MSG", status=0, room_id=room_id)
        messages = room.messages[::-1]
        if (READ.get(read) if self.dull else read) == "ALL":
            if self.fault == "loses-message" and len(messages) > 1:
                messages.pop()
            elif self.fault == "mixes-rooms":
                messages = list(self.messages.values())
        elif self.dull:
            messages = messages[:NEWEST]
        else:
            messages = [message for message in messages if client.user in message.unread]
        if not messages and not self.dull:
            self.send(client, "READ_MSG", status=0, room_id=room_id)
        for message in messages:
            message.unread.discard(client.user)
            self.send(client, "READ_MSG", **self.shown(message))

    def own(self, client, message_id):
        """The message, if this client's user wrote it."""
        message = self.messages.get(message_id)
        return message if message and message.sender == client.user else None

    def on_edit_msg(self, client, message):
        message_id, text = field(message, "id", (str, int)), field(message, "new_msg")
        edited = self.own(client, message_id)
        if edited:
            if self.fault != "forgets-edits":
                edited.text = text
            others = [member for member in edited.room.members if member != client.user]
            self.tell(others if self.dull else edited.room.members, "EDIT_MSG", id=message_id, new_msg=text)

    def on_delete_msg(self, client, message):
        message_id = field(message, "id", (str, int))
        deleted = self.own(client, message_id)
        if deleted:
            if self.fault != "keeps-deleted":
                del self.messages[message_id]
                deleted.room.messages.remove(deleted)
            told = [client.user] if self.dull else deleted.room.members
            self.tell(told, "DELETE_MSG", id=message_id)


if __name__ == "__main__":
    main(RoomChat)
