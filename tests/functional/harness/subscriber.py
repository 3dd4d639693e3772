"""Subscribers of what a cluster publishes, as its clients have been written: by ZeroMQ and by WebSocket."""

import asyncio
import json
import threading
import time

import websockets
import zmq
from zmq.utils.monitor import parse_monitor_message

from .waiting import wait_until


class Subscriber:
    """Takes publications in the background; they are (header, body) in the order they came."""

    def __init__(self):
        self.got, self.left, self.absences = [], None, []
        self.ends = False
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        raise NotImplementedError

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ends = True
        self.thread.join(10)
        assert not self.thread.is_alive()

    def is_away(self):
        self.left = self.left or time.monotonic()

    def is_there(self):
        """It is connected, for the first time or again."""
        if self.left:
            self.absences.append(time.monotonic() - self.left)
        self.left = None

    def mark(self):
        return len(self.got)

    def of(self, header, after=0, **values):
        """The bodies with that header whose members are these."""
        return [body for name, body in self.got[after:] if name == header
                and all(body.get(key) == value for key, value in values.items())]

    def wait(self, header, after=0, timeout=15, **values):
        return wait_until(lambda: self.of(header, after, **values),
                          lambda: f"{header} {values} is published; it was:\n" +
                          "\n".join(map(str, self.got[after:][-40:])), timeout)[0]

    def names(self, after=0, but=("instance", "hstats", "pstats")):
        return [header for header, _ in self.got[after:] if header not in but]


class Zmq(Subscriber):
    def __init__(self, port, *prefixes):
        super().__init__()
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.SUB)
        for prefix in prefixes or ("",):
            self.socket.setsockopt(zmq.SUBSCRIBE, prefix.encode())
        self.monitor = self.socket.get_monitor_socket(
            zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED)
        self.socket.connect(f"tcp://127.0.0.1:{port}")

    def __enter__(self):
        assert self.monitor.poll(15000), "nobody publishes there"
        super().__enter__()
        time.sleep(0.2)  # the subscription follows the handshake, and nothing tells its arrival
        return self

    def _run(self):
        while not self.ends:
            while self.monitor.poll(0):
                if parse_monitor_message(self.monitor.recv_multipart())["event"] \
                        == zmq.EVENT_DISCONNECTED:
                    self.is_away()
                else:
                    self.is_there()
            if self.socket.poll(50):
                frames = self.socket.recv_multipart()
                assert len(frames) == 2
                self.got.append((frames[0].decode(), json.loads(frames[1])))
        self.socket.disable_monitor()
        self.context.destroy(0)


class WebSocket(Subscriber):
    """'compression' None: nothing is offered; 'again': comes back where it is asked to (1012)."""

    def __init__(self, port, path="/all", compression="deflate", again=False):
        super().__init__()
        self.url, self.compression = f"ws://127.0.0.1:{port}{path}", compression
        self.again = again
        self.connected = threading.Event()
        self.closed = None

    def __enter__(self):
        super().__enter__()
        assert self.connected.wait(15), "nobody publishes there"
        return self

    def _run(self):
        asyncio.run(self._talk())

    async def _talk(self):
        while not self.ends:
            try:
                async with websockets.connect(self.url, open_timeout=2,
                                              compression=self.compression) as connection:
                    self.connected.set()
                    self.is_there()
                    await self._listen(connection)
            except (OSError, asyncio.TimeoutError, websockets.InvalidHandshake):
                await asyncio.sleep(0.05)

    async def _listen(self, connection):
        while not self.ends:
            try:
                message = await asyncio.wait_for(connection.recv(), 0.05)
            except asyncio.TimeoutError:
                continue
            except websockets.ConnectionClosed as closed:
                self.closed = closed
                self.is_away()
                self.ends = self.ends or not self.again or closed.code != 1012
                return
            assert isinstance(message, str)
            header, body = json.loads(message)
            self.got.append((header, body))
