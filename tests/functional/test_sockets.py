"""Sockets that a service manager has opened before the daemon is there."""

import os
import signal
import socket
import subprocess
import time

import pytest

from harness import implementation
from harness.daemon import free_port

pytestmark = pytest.mark.reeved_only("Supervisor knows of no such sockets")
# As systemd does it: from descriptor 3 on, for the process of that pid alone.
HAND_DOWN = """exec 3<&$1 4<&$2 5<&$3; shift 3
export LISTEN_PID=$$ LISTEN_FDS=3; exec "$@" """
PATIENCE_SECS = 60


class Handed:
    def __init__(self, where):
        self.where, self.port = where, free_port()
        self.unix = socket.socket(socket.AF_UNIX)
        self.unix.bind(str(where / "sock"))
        self.inet = socket.create_server(("127.0.0.1", self.port))
        self.other = socket.create_server(("127.0.0.1", 0))
        self.unix.listen()
        self.conf = where / "x.conf"
        self.conf.write_text(f"""[supervisord]
logfile={where}/log
pidfile={where}/pid
nodaemon=true
[unix_http_server]
file={where}/sock
[inet_http_server]
port=127.0.0.1:{self.port}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://{where}/sock
[program:env]
command=sh -c 'env > {where}/env; ls /proc/self/fd > {where}/fds; exec sleep 1000'
""")
        self.daemon = None

    def launch(self):
        fds = [s.fileno() for s in (self.unix, self.inet, self.other)]
        self.daemon = subprocess.Popen(
            ["bash", "-c", HAND_DOWN, "bash", *map(str, fds), implementation.reeved().binary,
             "-c", str(self.conf)],
            pass_fds=fds, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def ctl(self, *words):
        """Waits in the queue of the socket until the daemon is there."""
        return subprocess.run(
            [implementation.reevectl(), "-c", str(self.conf), *words],
            capture_output=True, text=True, check=False, timeout=PATIENCE_SECS)

    def log(self):
        return (self.where / "log").read_text()

    def wait(self, condition):
        end = time.monotonic() + PATIENCE_SECS
        while not condition():
            assert time.monotonic() < end, self.log()
            time.sleep(0.05)


@pytest.fixture
def handed(tmp_path):
    made = Handed(tmp_path)
    yield made
    if made.daemon and made.daemon.poll() is None:
        made.daemon.terminate()
        made.daemon.wait(PATIENCE_SECS)
    for one in made.unix, made.inet, made.other:
        one.close()


def test_they_are_taken_by_their_addresses_and_others_are_named(handed):
    # Who comes before the daemon waits and is answered.
    early = subprocess.Popen(
        [implementation.reevectl(), "-c", str(handed.conf), "pid"],
        stdout=subprocess.PIPE, text=True)
    handed.launch()
    assert early.communicate(timeout=PATIENCE_SECS)[0] == f"{handed.daemon.pid}\n"
    assert handed.ctl("-s", f"http://127.0.0.1:{handed.port}", "pid").stdout == (
        f"{handed.daemon.pid}\n")
    lines = [line for line in handed.log().splitlines() if "has opened a socket" in line]
    assert len(lines) == 1 and "(descriptor 5)" in lines[0]


def test_programs_get_neither_the_sockets_nor_a_word_of_them(handed):
    handed.launch()
    handed.wait((handed.where / "fds").exists)
    handed.wait(lambda: len((handed.where / "fds").read_text().split()) >= 4)
    assert "LISTEN_" not in (handed.where / "env").read_text()
    assert {"0", "1", "2", "3"} >= set((handed.where / "fds").read_text().split())


def test_they_outlive_a_restart_and_the_daemon(handed):
    handed.launch()
    inode = os.stat(handed.where / "sock").st_ino
    assert handed.ctl("pid").returncode == 0
    handed.daemon.send_signal(signal.SIGHUP)
    handed.wait(lambda: handed.log().count("supervisord started with pid") == 2)
    assert handed.ctl("pid").stdout == f"{handed.daemon.pid}\n"
    handed.daemon.terminate()
    assert handed.daemon.wait(PATIENCE_SECS) == 0
    assert os.stat(handed.where / "sock").st_ino == inode
    handed.launch()
    assert handed.ctl("pid").stdout == f"{handed.daemon.pid}\n"


def test_those_of_another_process_are_let_alone(handed, monkeypatch):
    monkeypatch.setenv("LISTEN_PID", "1")
    monkeypatch.setenv("LISTEN_FDS", "3")
    handed.inet.close()
    handed.unix.close()
    os.unlink(handed.where / "sock")
    handed.daemon = subprocess.Popen(
        [implementation.reeved().binary, "-c", str(handed.conf)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    handed.wait(lambda: (handed.where / "sock").exists())
    assert handed.ctl("pid").stdout == f"{handed.daemon.pid}\n"
