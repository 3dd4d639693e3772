"""HTTP by hand: exactly the bytes that a test wants on the wire, and what comes back."""

import select
import socket
import time

from .waiting import NotInTime


def connect(address, timeout=15.0):
    """The address is a path, or a (host, port) pair."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.settimeout(timeout)
    sock.connect(address)
    return sock


def request(method, target, body=b"", headers=(), version="HTTP/1.1"):
    lines = [f"{method} {target} {version}", "Host: localhost", *headers]
    if body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def rpc_body(method, *strings):
    parameters = "".join(f"<param><value><string>{text}</string></value></param>"
                         for text in strings)
    return (f"<?xml version='1.0'?><methodCall><methodName>{method}</methodName>"
            f"<params>{parameters}</params></methodCall>").encode()


class Response:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body


class Reader:
    """Reads responses, or a stream of chunks, off one connection."""

    def __init__(self, sock):
        self.sock = sock
        self.pending = b""

    def _more(self, deadline):
        left = deadline - time.monotonic()
        waiting = select.poll()  # select() knows no descriptor beyond 1023
        waiting.register(self.sock, select.POLLIN)
        if left <= 0 or not waiting.poll(left * 1000):
            raise NotInTime(f"nothing more came; so far {self.pending[-200:]!r}")
        data = self.sock.recv(262144)
        self.pending += data
        return data

    def _until(self, mark, deadline):
        while mark not in self.pending:
            if not self._more(deadline):
                raise EOFError(f"closed; so far {self.pending!r}")
        taken, _, self.pending = self.pending.partition(mark)
        return taken

    def head(self, timeout=15.0):
        lines = self._until(b"\r\n\r\n", time.monotonic() + timeout).decode("latin-1").split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines[1:])
        return int(lines[0].split()[1]), {key.lower(): value for key, value in headers.items()}

    def response(self, timeout=15.0):
        deadline = time.monotonic() + timeout
        status, headers = self.head(timeout)
        length = int(headers.get("content-length", 0))
        while len(self.pending) < length:
            if not self._more(deadline):
                raise EOFError("closed within a body")
        body, self.pending = self.pending[:length], self.pending[length:]
        return Response(status, headers, body)

    def chunk(self, timeout=15.0):
        deadline = time.monotonic() + timeout
        length = int(self._until(b"\r\n", deadline), 16)
        while len(self.pending) < length + 2:
            if not self._more(deadline):
                raise EOFError("closed within a chunk")
        data, self.pending = self.pending[:length], self.pending[length + 2:]
        return data

    def stream_until(self, text, timeout=15.0):
        """The bytes of a chunked body up to and including the chunk that completes 'text'."""
        deadline = time.monotonic() + timeout
        got = b""
        while text not in got:
            got += self.chunk(deadline - time.monotonic())
        return got

    def is_closed(self, timeout=15.0):
        """True when the peer closes without another byte."""
        deadline = time.monotonic() + timeout
        try:
            return not self.pending and self._more(deadline) == b""
        except ConnectionResetError:
            return True


def exchange(address, data, timeout=15.0):
    with connect(address, timeout) as sock:
        sock.sendall(data)
        return Reader(sock).response(timeout)
