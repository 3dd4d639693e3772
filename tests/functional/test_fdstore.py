"""The service manager keeps the listening sockets while there is no daemon."""

import contextlib
import fcntl
import os
import re
import signal
import socket
import subprocess
import threading
import time
import xmlrpc.client

import pytest

from harness import implementation
from harness.daemon import free_port

pytestmark = pytest.mark.reeved_only("Supervisor keeps nothing there")
PATIENCE_SECS = 60
FDS_MAX = 16
REQUEST = b"POST /RPC2 HTTP/1.0\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s"


class Manager:
    """A service manager in small: what it is told to keep it hands to the next start."""

    def __init__(self, where):
        self.where, self.port, self.other_port = where, free_port(), free_port()
        self.conf = where / "x.conf"
        self.kept, self.lent, self.daemon = {}, [], None
        self.lock = threading.Lock()
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
""" + (f"""[unix_http_server]
file={self.where}/{unix}
chmod={mode}
""" if unix else "") + f"""[inet_http_server]
port=127.0.0.1:{port or self.port}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[program:fds]
command=sh -c 'ls /proc/self/fd > {self.where}/fds.new; mv {self.where}/fds.new {self.where}/fds; exec sleep 1000'
""")

    def listen(self):
        while True:
            try:
                data, fds, _, _ = socket.recv_fds(self.socket, 65536, FDS_MAX)
            except OSError:
                return
            fields = dict(line.split("=", 1) for line in data.decode().splitlines())
            with self.lock:
                if fields.get("FDSTOREREMOVE") == "1":
                    for fd in self.kept.pop(fields["FDNAME"], []):
                        os.close(fd)
                if fields.get("FDSTORE") == "1":
                    assert fields["FDPOLL"] == "0" and re.fullmatch(r"[!-9;-~]{1,255}", fields["FDNAME"])
                    there = self.kept.setdefault(fields["FDNAME"], [])
                    known = {os.fstat(fd).st_ino for fd in there}
                    there += [fd for fd in fds if os.fstat(fd).st_ino not in known]
                    fds = [fd for fd in fds if fd not in there]
                for fd in fds:
                    os.close(fd)

    def names(self):
        with self.lock:
            return sorted(name for name, fds in self.kept.items() for _ in fds)

    def launch(self):
        with self.lock:
            handed = [(s.fileno(), "reeve.socket") for s in self.lent]
            handed += [(fd, name) for name, fds in self.kept.items() for fd in fds]
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 200) for fd, _ in handed]
        moves = " ".join(f"{3 + i}<&{fd} {fd}<&-" for i, fd in enumerate(high))
        environment = {**os.environ, "NOTIFY_SOCKET": str(self.where / "notify"),
                       "LISTEN_FDNAMES": ":".join(name for _, name in handed)}
        self.daemon = subprocess.Popen(
            ["bash", "-c", (f"exec {moves}; export LISTEN_PID=$$ LISTEN_FDS={len(high)}; " if high else "") +
             'exec "$@"', "bash", implementation.reeved().binary, "-c", str(self.conf)],
            pass_fds=high, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
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


@pytest.fixture
def manager(tmp_path):
    made = Manager(tmp_path)
    yield made
    made.clear()


def test_who_connects_while_there_is_no_daemon_is_answered_by_the_next(manager):
    manager.start(2)
    names = manager.names()
    inode = os.stat(manager.where / "sock").st_ino
    for _ in range(2):
        manager.crash()
        with manager.connect("unix") as first, manager.connect("inet") as second:
            for client in first, second:
                send(client, "supervisor.getPID")
            manager.launch()
            assert answer(first) == answer(second) == manager.daemon.pid
        assert manager.names() == names and len(names) == 2
        assert os.stat(manager.where / "sock").st_ino == inode
        assert "the service manager has opened a socket" not in manager.log()
    assert manager.ask("unix", "supervisor.stopProcess", "fds")
    (manager.where / "fds").unlink()
    assert manager.ask("unix", "supervisor.startProcess", "fds")
    manager.wait((manager.where / "fds").exists)
    assert (manager.where / "fds").read_text().split() == ["0", "1", "2", "3"]


def test_what_is_configured_no_more_is_given_up(manager):
    manager.start(2)
    names = manager.names()
    manager.crash()
    manager.configure(port=manager.other_port, unix=None)
    manager.launch()
    manager.wait(lambda: manager.ask("inet", "supervisor.getState", port=manager.other_port))
    manager.wait(lambda: len(manager.names()) == 1)
    assert not set(manager.names()) & set(names)
    assert manager.is_refused("inet") and manager.is_refused("unix")


def test_an_address_that_overlaps_with_the_one_before_is_to_be_had(manager):
    manager.start(2)
    manager.crash()
    manager.conf.write_text(manager.conf.read_text().replace("port=127.0.0.1:", "port=*:"))
    manager.launch()
    manager.wait(lambda: manager.ask("inet", "supervisor.getPID") == manager.daemon.pid)
    manager.wait(lambda: len(manager.names()) == 2)


def test_a_socket_whose_file_is_gone_is_made_anew(manager):
    manager.start(2)
    manager.crash()
    (manager.where / "sock").unlink()
    manager.launch()
    manager.wait(lambda: manager.ask("unix", "supervisor.getPID") == manager.daemon.pid)
    manager.wait(lambda: len(manager.names()) == 2)
    manager.crash()
    with manager.connect("unix") as client:
        send(client, "supervisor.getPID")
        manager.launch()
        assert answer(client) == manager.daemon.pid


def test_a_mode_that_has_changed_is_that_of_the_file(manager):
    manager.start(2)
    manager.crash()
    inode = os.stat(manager.where / "sock").st_ino
    manager.configure(mode="0770")
    manager.start(2)
    assert os.stat(manager.where / "sock").st_mode & 0o777 == 0o770
    assert os.stat(manager.where / "sock").st_ino == inode


def test_an_orderly_end_leaves_nothing_there(manager):
    manager.start(2)
    manager.crash()
    manager.start(2)
    manager.end()
    manager.wait(lambda: not manager.names())
    assert manager.is_refused("inet")
    assert not (manager.where / "sock").exists()
    manager.start(2)


def test_a_restart_in_place_has_the_addresses_again(manager):
    manager.start(2)
    manager.crash()
    manager.start(2)
    for number in (2, 3):
        manager.daemon.send_signal(signal.SIGHUP)
        manager.wait(lambda n=number: manager.log().count("supervisord started with pid") == n + 1)
        for kind in "unix", "inet":
            assert manager.ask(kind, "supervisor.getPID") == manager.daemon.pid
        manager.wait(lambda: len(manager.names()) == 2)
    manager.crash()
    assert not manager.is_refused("unix") and not manager.is_refused("inet")


def test_an_upgrade_keeps_them_and_gives_up_what_is_configured_no_more(manager):
    manager.start(2)
    manager.crash()
    manager.start(2)
    names = manager.names()
    assert manager.ask("unix", "reeve.upgrade") is True
    manager.wait(lambda: "upgraded from " in manager.log())
    assert manager.ask("unix", "supervisor.getPID") == manager.daemon.pid
    assert manager.names() == names
    manager.configure(unix=None)
    assert manager.ask("unix", "reeve.upgrade") is True
    manager.wait(lambda: manager.log().count("upgraded from ") == 2)
    manager.wait(lambda: len(manager.names()) == 1)
    assert manager.is_refused("unix")
    manager.configure(unix="later")
    assert manager.ask("inet", "reeve.upgrade") is True
    manager.wait(lambda: manager.log().count("upgraded from ") == 3)
    manager.wait(lambda: len(manager.names()) == 2)
    manager.crash()
    with manager.connect("unix", unix="later") as client:
        send(client, "supervisor.getPID")
        manager.launch()
        assert answer(client) == manager.daemon.pid


def test_those_of_a_socket_unit_are_not_kept_twice(manager):
    lent = socket.socket(socket.AF_UNIX)
    lent.bind(str(manager.where / "sock"))
    lent.listen()
    manager.lent.append(lent)
    for _ in range(2):
        manager.start(1)
        assert manager.names() == [f"reeve-http-inet-{manager.port}-127.0.0.1"]
        assert manager.ask("unix", "supervisor.getPID") == manager.daemon.pid
        manager.crash()
    manager.start(1)
    manager.end()
    manager.wait(lambda: not manager.names())
    assert (manager.where / "sock").exists()
