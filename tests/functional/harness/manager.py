"""A service manager in small: what it is told to keep it hands to the next start of its daemon."""

import contextlib
import fcntl
import os
import re
import socket
import subprocess
import threading
import time
import xmlrpc.client

from . import implementation
from .daemon import free_port

PATIENCE_SECS = 60
FDS_MAX = 16
REQUEST = b"POST /RPC2 HTTP/1.0\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s"


def send(client, method, *parameters):
    body = xmlrpc.client.dumps(parameters, method).encode()
    client.sendall(REQUEST % (len(body), body))


def answer(client):
    data = b""
    while part := client.recv(65536):
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    assert b" 200 " in head.splitlines()[0]
    return xmlrpc.client.loads(body)[0][0]


SLEEPER = """[program:fds]
command=sh -c 'ls /proc/self/fd > @DIR@/fds.new; mv @DIR@/fds.new @DIR@/fds; exec sleep 1000'
"""


def is_same(one, other):
    """Whether both mean one file; those that the kernel has no inodes for are all different."""
    first, second = os.fstat(one), os.fstat(other)
    return (first.st_dev, first.st_ino) == (second.st_dev, second.st_ino) and \
        "anon_inode" not in os.readlink(f"/proc/self/fd/{one}")


class Manager:
    """'programs' are sections of the configuration, in which @DIR@ is the directory; 'limit' is how
    many descriptors the store takes; a manager that is deaf reads nothing it is told until hears()."""

    def __init__(self, where, programs=SLEEPER, *, limit=None, supervisord="", files=None):
        self.where, self.port, self.other_port = where, free_port(), free_port()
        self.conf = where / "x.conf"
        self.programs, self.supervisord = programs, supervisord
        self.limit, self.files = limit, files
        self.messages, self.refused = [], 0
        self.kept, self.lent, self.daemon = {}, [], None
        self.lock = threading.Lock()
        self.hearing = threading.Event()
        self.hearing.set()
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(where / "notify"))
        threading.Thread(target=self.listen, daemon=True).start()
        self.configure()

    def configure(self, *, port=None, unix="sock", mode="0700"):
        self.conf.write_text(f"""[supervisord]
logfile={self.where}/log
pidfile={self.where}/pid
identifier=fdstore-{self.port}
nodaemon=true
{self.supervisord}
""" + (f"""[unix_http_server]
file={self.where}/{unix}
chmod={mode}
""" if unix else "") + f"""[inet_http_server]
port=127.0.0.1:{port or self.port}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
""" + self.programs.replace("@DIR@", str(self.where)))

    def listen(self):
        while True:
            self.hearing.wait()
            try:
                data, fds, _, _ = socket.recv_fds(self.socket, 65536, FDS_MAX)
            except OSError:
                return
            fields = dict(line.split("=", 1) for line in data.decode().splitlines())
            with self.lock:
                self.messages.append(fields)
                if fields.get("FDSTOREREMOVE") == "1":
                    for fd in self.kept.pop(fields["FDNAME"], []):
                        os.close(fd)
                if fields.get("FDSTORE") == "1":
                    assert fields["FDPOLL"] == "0" and re.fullmatch(r"[!-9;-~]{1,255}", fields["FDNAME"])
                    there = self.kept.setdefault(fields["FDNAME"], [])
                    taken = [fd for fd in fds if not any(is_same(fd, other) for other in there)]
                    if self.limit is not None:
                        room = self.limit - sum(map(len, self.kept.values()))
                        self.refused += len(taken[room:])
                        del taken[room:]
                    there += taken
                    fds = [fd for fd in fds if fd not in there]
                for fd in fds:
                    os.close(fd)

    def names(self, prefix="reeve-http-"):
        with self.lock:
            return sorted(name for name, fds in self.kept.items() for _ in fds
                          if name.startswith(prefix))

    def launch(self):
        with self.lock:
            handed = [(s.fileno(), "reeve.socket") for s in self.lent]
            handed += [(fd, name) for name, fds in self.kept.items() for fd in fds]
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 200) for fd, _ in handed]
        moves = " ".join(f"{3 + i}<&{fd} {fd}<&-" for i, fd in enumerate(high))
        environment = {**os.environ, "NOTIFY_SOCKET": str(self.where / "notify"),
                       "LISTEN_FDNAMES": ":".join(name for _, name in handed)}
        if self.limit is not None:
            environment["FDSTORE"] = str(self.limit)
        ulimit = f"ulimit -Sn {self.files}; " if self.files else ""
        self.daemon = subprocess.Popen(
            ["bash", "-c", (f"exec {moves}; export LISTEN_PID=$$ LISTEN_FDS={len(high)}; " if high else "") +
             f'{ulimit}exec "$@"', "bash", implementation.reeved().binary, "-c", str(self.conf)],
            pass_fds=high, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)
        for fd in high:
            os.close(fd)

    def start(self, count):
        """Until as many sockets are kept, and the program runs."""
        self.launch()
        self.wait(lambda: len(self.names()) == count)
        self.wait(lambda: self.ask("inet", "supervisor.getState"))

    def crash(self):
        self.daemon.kill()
        self.daemon.wait(PATIENCE_SECS)

    def end(self):
        self.daemon.terminate()
        assert self.daemon.wait(PATIENCE_SECS) == 0

    def connect(self, kind, port=None, unix="sock"):
        if kind == "inet":
            return socket.create_connection(("127.0.0.1", port or self.port), PATIENCE_SECS)
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(PATIENCE_SECS)
        client.connect(str(self.where / unix))
        return client

    def ask(self, kind, method, *parameters, **where):
        with self.connect(kind, **where) as client:
            send(client, method, *parameters)
            return answer(client)

    def is_refused(self, kind, **where):
        try:
            self.connect(kind, **where).close()
        except (ConnectionRefusedError, FileNotFoundError):
            return True
        return False

    def log(self):
        return (self.where / "log").read_text()

    def wait(self, condition):
        end = time.monotonic() + PATIENCE_SECS
        while True:
            with contextlib.suppress(OSError):
                if condition():
                    return
            assert time.monotonic() < end, self.log()
            time.sleep(0.02)

    def clear(self):
        if self.daemon and self.daemon.poll() is None:
            self.end()
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for one in self.lent:
            one.close()
