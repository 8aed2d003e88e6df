"""An ourchat server: accounts, sessions, messages to them. Everything is kept in memory.

Where the document leaves a choice:

- An ocid is text of digits everywhere, in answers and in requests; in requests numbers do, too. A refused
  registration or login has the ocid null. msg_id and session_id are numbers above 2^53.
- Verification: 13 comes during the first registration of a connection; the answer 5 waits for 14, and comes after 15
  with status 0. 14 unasked gets 18.
- Without a login only 4, 6, 10 and 14 are served; all else gets 18, the server's status, too. Unknown codes and bad
  messages get 18, and the connection closes. A login closes the account's other connection.
- 10: the answer holds all that there is; an unknown ocid has no data; an avatar is empty, time is ISO 8601 text.
- 8: an unknown member is refused with 1; the creator is a member only if listed; the other members are told by 9; the
  same members share one session.
- A message goes to all members who are online, its sender, too; each is told another msg_id, unique in the session;
  time is restamped, in milliseconds. It is not kept. 0 to a foreign session gets 18.
- After 17 the connection stays; the email is not free again.

With `--dull`:

- An ocid is a number everywhere, and nothing else is understood, `account` of an ocid login and `members` included.
- Both ways, in every message: `session_id` is `sid`, `msg` is `bundle`, `details` is `reason`; `login_type` is `type`.
  Inside `sender`, too.
- Every request needs a field `client`, any text. Registration logs in. 13 comes on connecting; nobody waits for 14.
  The server's status is told before a login, account information is not.
- One login a connection: another one gets 18. 10 seconds without a message close a connection. An account can have
  several. Bad messages do not close it.
- 10: what is asked for; an unknown ocid gets 18; an unset avatar is left out; time is in seconds.
- 8: the creator is added; nobody is told; the same members get another session.
- A message goes to every connection of all members, the sending one, too, with the msg_id that all are told; time is
  kept; members who are away get it at login. 0 to a foreign session is ignored.
- After 17 the connection closes; the email is free again.
"""

import datetime
import itertools
import os
import time
from dataclasses import dataclass, field as default

from wire import BadField, Server, field, main, renamed

DULL = {"session_id": "sid", "msg": "bundle", "details": "reason", "login_type": "type"}
DOCUMENTED = {dull: name for name, dull in DULL.items()}
MESSAGE, REGISTER, LOGIN, SESSION, INFO, STATUS, CODE, LOGOUT = 0, 4, 6, 8, 10, 12, 14, 16
REGISTERED, LOGGED_IN, NEW_SESSION, ACCOUNT, VERIFY, VERIFIED, GONE, ERROR = 5, 7, 9, 11, 13, 15, 17, 18
OPEN = (REGISTER, LOGIN, CODE)


@dataclass
class Account:
    ocid: object
    email: str
    password: str
    name: str
    time: float
    devices: list = default(default_factory=list)
    missed: list = default(default_factory=list)


@dataclass
class Session:
    session_id: int
    members: list
    msg_ids: object


class OurChat(Server):
    """ourchat over WebSocket."""

    name = "ourchat"
    FAULTS = {
        "any-password": "logs in with a wrong password",
        "tells-everybody": "delivers a message to everybody online",
        "drops-entry": "loses the last entry of a message that has several",
        "keeps-account": "answers a logout with 0, and keeps the account",
        "double-email": "registers an email twice",
        "one-msg-id": "gives each message of a session the same msg_id",
        "crashes": "ends when a field is missing",
    }

    def __init__(self, options):
        super().__init__(options)
        self.accounts = {}
        self.sessions = {}
        self.ocids = itertools.count(2_100_000_001)
        first = 1 if self.dull else (1 << 62) + 1
        self.session_ids, self.msg_ids = itertools.count(first), itertools.count(first)
        self.emails = set()

    def idle(self):
        return 10 if self.dull else None

    def opened(self, client):
        client.account = None
        client.waiting = None
        client.verified = self.dull
        if self.dull:
            self.send(client, VERIFY)

    def closed(self, client):
        if client.account:
            client.account.devices.remove(client)
            client.account = None

    def malformed(self, client):
        self.bad(client, "no JSON object")

    def refused(self, client, message, bad):
        if self.fault == "crashes":
            os._exit(1)
        self.bad(client, str(bad))

    def bad(self, client, details):
        self.error(client, details)
        if not self.dull:
            client.close(1008)

    def error(self, client, details):
        self.send(client, ERROR, details=details)

    def send(self, client, code, **fields):
        if self.dull:
            fields = renamed(fields, DULL)
            if "sender" in fields:
                fields["sender"] = renamed(fields["sender"], DULL)
        client.send({"code": code, **fields})

    def received(self, client, message):
        if self.dull:
            message = renamed(message, DOCUMENTED)
            field(message, "client")
        code = field(message, "code", int)
        handlers = {
            MESSAGE: self.user_message,
            REGISTER: self.register,
            LOGIN: self.login,
            SESSION: self.new_session,
            INFO: self.account_info,
            STATUS: self.server_status,
            CODE: self.verification_code,
            LOGOUT: self.logout,
        }
        if code not in handlers:
            self.bad(client, f"code {code} is none of a client's")
        elif client.account is None and code not in OPEN and code != (STATUS if self.dull else INFO):
            self.error(client, "not logged in")
        else:
            handlers[code](client, message)

    def ocid(self, message, name):
        """The ocid in this field."""
        if self.dull:
            return field(message, name, int)
        return str(field(message, name, (str, int)))

    # Accounts

    def register(self, client, message):
        answer = [field(message, name) for name in ("email", "password", "name")]
        if client.verified:
            return self.make_account(client, *answer)
        client.waiting = answer
        self.send(client, VERIFY)

    def verification_code(self, client, message):
        if client.waiting:
            waiting, client.waiting, client.verified = client.waiting, None, True
            self.send(client, VERIFIED, status=0)
            self.make_account(client, *waiting)
        elif self.dull:
            self.send(client, VERIFIED, status=0)
        else:
            self.error(client, "nothing to verify")

    def make_account(self, client, email, password, name):
        if email in self.emails and self.fault != "double-email":
            return self.send(client, REGISTERED, status=2, ocid=None)
        number = next(self.ocids)
        account = Account(number if self.dull else str(number), email, password, name, time.time())
        self.emails.add(email)
        self.accounts[account.ocid] = account
        self.send(client, REGISTERED, status=0, ocid=account.ocid)
        if self.dull:
            self.enter(client, account)

    def by_email(self, email):
        return next((account for account in self.accounts.values() if account.email == email), None)

    def login(self, client, message):
        kind, password = field(message, "login_type", int), field(message, "password")
        if self.dull and client.account:
            return self.error(client, "logged in already")
        if kind == 0:
            account = self.by_email(field(message, "account"))
        elif kind == 1:
            account = self.accounts.get(self.ocid(message, "account"))
        else:
            account = None
        if account is None or (account.password != password and self.fault != "any-password"):
            return self.send(client, LOGGED_IN, status=1, ocid=None)
        self.send(client, LOGGED_IN, status=0, ocid=account.ocid)
        self.enter(client, account)

    def enter(self, client, account):
        self.closed(client)
        for other in account.devices if not self.dull else ():
            other.close(1008)
        client.account = account
        account.devices.append(client)
        missed, account.missed = account.missed, []
        for message in missed:
            self.send(client, MESSAGE, **message)

    def logout(self, client, message):
        account = client.account
        if self.fault != "keeps-account":
            del self.accounts[account.ocid]
            if self.dull:
                self.emails.discard(account.email)
            for session in self.sessions.values():
                session.members = [member for member in session.members if member is not account]
        self.send(client, GONE, status=0)
        for device in list(account.devices):
            self.closed(device)
            if self.dull:
                device.close()

    def account_info(self, client, message):
        account = self.accounts.get(self.ocid(message, "ocid"))
        wanted = field(message, "request_values", list)
        if account is None:
            if self.dull:
                return self.error(client, "no such account")
            return self.send(client, ACCOUNT, data={})
        data = {"ocid": account.ocid, "nickname": account.name, "status": 1 if account.devices else 0}
        if self.dull:
            data["time"] = int(account.time)
            data = {name: data[name] for name in data if name in wanted}
        else:
            data["time"] = datetime.datetime.fromtimestamp(account.time).isoformat()
            data["avatar"] = ""
        self.send(client, ACCOUNT, data=data)

    def server_status(self, client, message):
        self.send(client, STATUS, status=0)

    # Sessions

    def new_session(self, client, message):
        ocids = field(message, "members", list)
        if not all(isinstance(ocid, int if self.dull else (str, int)) for ocid in ocids):
            raise BadField("members")
        members = [self.accounts.get(ocid if self.dull else str(ocid)) for ocid in ocids]
        if None in members:
            return self.send(client, NEW_SESSION, status=1)
        if self.dull:
            members.append(client.account)
        people = list({member.ocid: member for member in members}.values())
        same = (session for session in self.sessions.values() if same_people(session.members, people))
        session = None if self.dull else next(same, None)
        if session is None:
            ids = self.msg_ids if self.dull else itertools.count((1 << 60) + 1)
            session = Session(next(self.session_ids), people, ids)
            self.sessions[session.session_id] = session
        answer = {"status": 0, "session_id": session.session_id}
        self.send(client, NEW_SESSION, **answer)
        for member in session.members if not self.dull else ():
            for device in member.devices if member is not client.account else ():
                self.send(device, NEW_SESSION, **answer)

    def user_message(self, client, message):
        account, sender = client.account, field(message, "sender", dict)
        if self.dull:
            sender = renamed(sender, DOCUMENTED)
        self.ocid(sender, "ocid")
        session = self.sessions.get(field(sender, "session_id", int))
        entries = field(message, "msg", list)
        sent = field(message, "time", (int, float))
        if session is None or account not in session.members:
            return None if self.dull else self.error(client, "no such session")
        if self.fault == "drops-entry" and len(entries) > 1:
            entries = entries[:-1]
        msg_id = next(session.msg_ids)
        receivers = session.members if self.fault != "tells-everybody" else self.accounts.values()
        for member in receivers:
            relayed = {
                "time": sent if self.dull else time.time_ns() // 1_000_000,
                "msg_id": session.session_id if self.fault == "one-msg-id" else msg_id,
                "sender": {"ocid": account.ocid, "session_id": session.session_id},
                "msg": entries,
            }
            devices = [device for device in member.devices if device.open]
            for device in devices:
                self.send(device, MESSAGE, **relayed)
            if not devices and self.dull:
                member.missed.append(relayed)
            if not self.dull:
                msg_id = next(session.msg_ids)


def same_people(some, others):
    return {account.ocid for account in some} == {account.ocid for account in others}


if __name__ == "__main__":
    main(OurChat)
