"""Listens for clients over WebSocket or bare TCP, and hands decoded messages to a server.

Knows no protocol. A server is a class with a `name`, its `FAULTS`, and the methods of `Server`; `main` makes a
program of it. What a client sent and cannot be decoded is `malformed`; a field that is missing or of another type
is `refused`; neither ends the program.
"""

import argparse
import asyncio
import contextvars
import json
import random

import msgpack
import websockets
from websockets.asyncio.server import serve as serve_websocket

MAX_MESSAGE = 16 << 20
TICK = 1e-6  # seconds: the event loop does not keep the order of what is due at the same time

handled = contextvars.ContextVar("the client whose message is being handled", default=None)


def finite(text):
    """A number of JSON's; one beyond floats would go out again as Infinity, which is none."""
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"{text[:20]} is too large")
    return number


class Malformed(Exception):
    """Bytes that are no message."""


class BadField(Exception):
    """A field that is missing, or not of the type that it should have."""

    def __init__(self, name):
        super().__init__(f"bad or missing field {name}")
        self.name = name


def field(message, name, kind=str):
    """The field of the message, if it has that type (or one of those types)."""
    value = message.get(name)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise BadField(name)
    return value


def renamed(fields, names):
    """The same fields under other names, where `names` has one."""
    return {names.get(name, name): value for name, value in fields.items()}


class JsonText:
    """JSON in text frames."""

    def encode(self, message):
        return json.dumps(message)

    def decode(self, frame):
        if isinstance(frame, bytes):
            raise Malformed("a binary frame")
        try:
            return json.loads(frame, parse_float=finite)
        except (ValueError, RecursionError) as error:
            raise Malformed(str(error)) from error


class MessagePack:
    """MessagePack in binary frames."""

    def encode(self, message):
        return msgpack.packb(message)

    def decode(self, frame):
        if isinstance(frame, str):
            raise Malformed("a text frame")
        try:
            return msgpack.unpackb(frame, strict_map_key=False)
        except (ValueError, TypeError, RecursionError, msgpack.UnpackException) as error:
            raise Malformed(str(error)) from error


class JsonStream:
    """JSON objects one after the other in a stream of bytes, with nothing but white space between them."""

    def __init__(self):
        self.buffer = bytearray()
        self.depth = self.read = 0
        self.quoted = self.escaped = False

    def encode(self, message):
        return json.dumps(message, indent=2, ensure_ascii=False).encode("utf-8", "replace")

    def messages(self, received):
        """The messages that are complete with what was just received."""
        self.buffer += received
        start = 0
        while self.read < len(self.buffer):
            byte = self.buffer[self.read]
            self.read += 1
            if self.quoted:
                if self.escaped:
                    self.escaped = False
                elif byte == 0x5C:
                    self.escaped = True
                elif byte == 0x22:
                    self.quoted = False
            elif byte == 0x22:
                self.quoted = True
            elif byte in b"{[":
                self.depth += 1
            elif byte in b"}]":
                self.depth -= 1
                if self.depth <= 0:
                    yield self.decode(self.buffer[start : self.read])
                    start = self.read
        del self.buffer[:start]
        self.read -= start
        if len(self.buffer) > MAX_MESSAGE:
            raise Malformed("a message without end")

    def decode(self, text):
        try:
            return json.loads(text, parse_float=finite)
        except (ValueError, RecursionError) as error:
            raise Malformed(str(error)) from error


class Client:
    """One connection. What is sent goes out in order, and at once unless the server is slow."""

    def __init__(self, codec, slow, lanes):
        self.codec = codec
        self.slow = slow
        self.lanes = lanes
        self.outgoing = asyncio.Queue()
        self.due = [0.0, 0.0]
        self.closing = False
        self.alive = lambda: True

    @property
    def open(self):
        """Whether what is sent can still arrive."""
        return not self.closing and self.alive()

    def send(self, message):
        if not self.open:
            return
        frame = self.codec.encode(message)
        if self.slow is None:
            self.outgoing.put_nowait(frame)
        else:
            self.later(lambda: self.outgoing.put_nowait(frame))

    def close(self, code=1000):
        """Ends the connection after what was sent. Takes nothing more."""
        if not self.closing:
            self.closing = True
            if self.slow is None:
                self.outgoing.put_nowait(code)
            else:
                self.due = [max(self.due)] * 2
                self.later(lambda: self.outgoing.put_nowait(code))

    def later(self, act):
        """After 50 to 200 ms, and not before what went before. With two lanes, what comes of the messages of other
        clients comes after 200 to 400 ms, and neither lane waits for the other."""
        clock = asyncio.get_running_loop()
        lane = 1 if self.lanes and handled.get() is not self else 0
        delay = self.slow.uniform(0.2, 0.4) if lane else self.slow.uniform(0.05, 0.2)
        self.due[lane] = max(self.due[lane] + TICK, clock.time() + delay)
        clock.call_at(self.due[lane], act)


class Server:
    """What `main` asks of a server."""

    name = ""
    FAULTS = {}

    def __init__(self, options):
        self.dull = options.dull
        self.fault = options.fault

    def wire(self):
        """How this server speaks: JsonText, MessagePack, JsonStream."""
        return JsonText

    def idle(self):
        """After how many seconds without a message a connection is closed, if ever."""
        return None

    def opened(self, client):
        """A client connected."""

    def received(self, client, message):
        """A client sent a message."""

    def refused(self, client, message, bad):
        """`received` met a bad field."""

    def malformed(self, client):
        """A client sent what is no message."""
        client.close(1007)

    def closed(self, client):
        """A client is gone."""


def handle(server, client, message):
    token = handled.set(client)
    try:
        if not isinstance(message, dict):
            server.malformed(client)
        else:
            server.received(client, message)
    except BadField as bad:
        server.refused(client, message, bad)
    finally:
        handled.reset(token)


async def speak(server, client, receive, send, end):
    """One client from its opening to its end. `receive` gives a list of messages, or None at the end."""

    async def pump():
        while True:
            frame = await client.outgoing.get()
            if isinstance(frame, int):
                return await end(frame)
            await send(frame)

    server.opened(client)
    pumping = asyncio.create_task(pump())
    try:
        while not client.closing:
            try:
                messages = await asyncio.wait_for(receive(), server.idle())
            except Malformed:
                server.malformed(client)
            except TimeoutError:
                client.close(1001)
            else:
                if messages is None:
                    break
                for message in messages:
                    handle(server, client, message)
        if not client.closing:
            pumping.cancel()
        await pumping
    except (websockets.ConnectionClosed, ConnectionError, asyncio.CancelledError):
        pass
    finally:
        pumping.cancel()
        client.closing = True
        server.closed(client)


def handle(server, client, message):
    token = handled.set(client)
    try:
        if isinstance(message, dict):
            server.received(client, message)
        else:
            server.malformed(client)
    except BadField as bad:
        server.refused(client, message, bad)
    finally:
        handled.reset(token)


async def listen(server, options):
    slow = None if options.slow is None else random.Random(options.slow)
    wire = server.wire()

    async def websocket(connection):
        client = Client(wire(), slow, options.lanes)
        client.alive = lambda: connection.state is websockets.State.OPEN

        async def receive():
            return [client.codec.decode(await connection.recv())]

        await speak(server, client, receive, connection.send, connection.close)

    async def tcp(reader, writer):
        client = Client(wire(), slow, options.lanes)

        async def receive():
            received = await reader.read(1 << 16)
            return list(client.codec.messages(received)) if received else None

        async def send(frame):
            writer.write(frame)
            await writer.drain()

        async def end(_):
            writer.close()

        await speak(server, client, receive, send, end)
        writer.close()

    if wire is JsonStream:
        listening = await asyncio.start_server(tcp, "127.0.0.1", options.port)
        scheme = "tcp"
    else:
        listening = await serve_websocket(
            websocket, "127.0.0.1", options.port, max_size=MAX_MESSAGE, compression=None
        )
        scheme = "ws"
    port = next(iter(listening.sockets)).getsockname()[1]
    print(f"{server.name} {scheme}://127.0.0.1:{port}", flush=True)
    await asyncio.Event().wait()


def main(kind):
    """The program of a server."""
    parser = argparse.ArgumentParser(description=kind.__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any that is free")
    parser.add_argument("--dull", action="store_true", help="the dialect in the file's header")
    parser.add_argument("--fault", choices=kind.FAULTS, help="be wrong on purpose")
    parser.add_argument("--list-faults", action="store_true")
    parser.add_argument("--slow", type=int, metavar="SEED", help="hold each answer back for 50 to 200 ms")
    parser.add_argument("--lanes", action="store_true", help="with --slow: relays are slower still, and overtaken by answers")
    options = parser.parse_args()
    if options.list_faults:
        for name, what in kind.FAULTS.items():
            print(f"{name:24}{what}")
        return
    asyncio.run(listen(kind(options), options))
