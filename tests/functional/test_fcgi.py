"""[fcgi-program:x]: one listening socket for all processes of a group, open while one of them runs."""

import contextlib
import os
import pwd
import socket
import shutil
import stat
import subprocess
import threading
import time
import xmlrpc.client

import pytest

from harness import procfs
from harness.daemon import StartFailed, free_port
from harness.waiting import wait_until

SLEEPERS = """
[fcgi-program:f]
command=/bin/sleep 1000
socket=unix://@DIR@/f.sock
process_name=%(process_num)d
numprocs=3
startsecs=0
"""


def ask(address):
    """What the program that accepts says: its pid."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as sock:
        sock.settimeout(15)
        sock.connect(address)
        return int(sock.makefile().readline())


def is_refused(address):
    try:
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as sock:
            sock.connect(address)
        return False
    except ConnectionRefusedError:
        return True


def lines(daemon, path):
    """The log's lines about a socket."""
    return [f"{level} {text.split()[0]}" for level, text in daemon.messages()
            if text.endswith(f"socket {path}")]


def stdin_of(pid):
    return os.readlink(f"/proc/{pid}/fd/0")


def test_all_processes_share_one_unix_socket_as_their_stdin(start):
    daemon = start(SLEEPERS)
    ends = {stdin_of(daemon.pid_of(f"f:{number}")) for number in range(3)}
    assert len(ends) == 1
    assert ends.pop().startswith("socket:[")


@pytest.mark.parametrize("tcp", [False, True])
def test_a_program_serves_what_connects(start, tcp):
    port = free_port()
    url = f"tcp://LocalHost:{port}" if tcp else "unix://@DIR@/f.sock"
    daemon = start(f"""
[fcgi-program:f]
command=@PYTHON@ @PROGRAMS@/fcgi_child.py
socket={url}
process_name=%(process_num)d
numprocs=2
startsecs=0
""")
    address = ("127.0.0.1", port) if tcp else str(daemon.dir / "f.sock")
    pids = {daemon.pid_of("f:0"), daemon.pid_of("f:1")}
    assert {ask(address) for _ in range(10)} <= pids
    daemon.supervisor.stopProcess("f:0")
    assert ask(address) == daemon.pid_of("f:1")
    daemon.supervisor.stopProcess("f:1")
    wait_until(lambda: is_refused(address), "nobody listens")
    daemon.supervisor.startProcess("f:0")
    assert ask(address) == daemon.pid_of("f:0")
    shown = f"tcp://localhost:{port}" if tcp else f"unix://{address}"
    assert lines(daemon, shown) == [
        "INFO Creating", "INFO Closing", "INFO Creating", "INFO Closing", "INFO Creating"]


def test_the_socket_is_open_while_one_of_them_runs(start):
    daemon = start(SLEEPERS)
    path = str(daemon.dir / "f.sock")
    for number in range(3):
        daemon.pid_of(f"f:{number}")
    for number in range(2):
        daemon.supervisor.stopProcess(f"f:{number}")
    assert not is_refused(path)
    daemon.supervisor.stopProcess("f:2")
    wait_until(lambda: is_refused(path), "it is closed")
    assert stat.S_ISSOCK(os.stat(path).st_mode)  # the path stays
    daemon.supervisor.startProcessGroup("f")
    assert not is_refused(path)


def test_an_exit_of_the_last_one_closes_it(start):
    daemon = start("""
[fcgi-program:f]
command=/bin/sleep 1000
socket=unix://@DIR@/f.sock
startsecs=0
autorestart=false
""")
    os.kill(daemon.pid_of("f"), 9)
    daemon.wait_state("f", "EXITED")
    wait_until(lambda: is_refused(str(daemon.dir / "f.sock")), "it is closed")


@pytest.mark.reeved_only("Supervisor closes it in between, which refuses clients")
def test_a_restart_at_once_keeps_the_socket(start):
    daemon = start("""
[fcgi-program:f]
command=/bin/sleep 1000
socket=unix://@DIR@/f.sock
startsecs=0
autorestart=true
""")
    pid = daemon.pid_of("f")
    before = stdin_of(pid)
    os.kill(pid, 9)
    again = wait_until(lambda: daemon.pid_of("f") != pid and daemon.pid_of("f"), "it runs again")
    assert stdin_of(again) == before


@pytest.mark.parametrize("options, mode, owner", [
    ("", 0o700, "root"), ("socket_mode=0666", 0o666, "root"),
    ("socket_owner=nobody:nogroup", 0o700, "nobody"), ("user=daemon", 0o700, "daemon"),
    ("user=daemon\nsocket_owner=nobody:nogroup\nsocket_mode=0770", 0o770, "nobody")])
def test_mode_and_owner_of_a_unix_socket(start, options, mode, owner):
    daemon = start(f"""
[fcgi-program:f]
command=/bin/sleep 1000
socket=unix://@DIR@/f.sock
startsecs=0
{options}
""")
    daemon.pid_of("f")
    status = os.stat(daemon.dir / "f.sock")
    entry = pwd.getpwnam(owner)
    assert stat.S_IMODE(status.st_mode) == mode
    assert (status.st_uid, status.st_gid) == (entry.pw_uid, entry.pw_gid)


@pytest.mark.skipif(not shutil.which("ss"), reason="there is no ss")
def test_the_backlog_is_what_the_option_says(start):
    port = free_port()
    daemon = start(f"""
[fcgi-program:f]
command=/bin/sleep 1000
socket=tcp://127.0.0.1:{port}
socket_backlog=7
startsecs=0
""")
    daemon.pid_of("f")
    shown = subprocess.run(["ss", "-ltnH", "sport", "=", f":{port}"], stdout=subprocess.PIPE,
                           text=True, check=True).stdout.split()
    assert shown[2] == "7"


def test_there_is_no_stdin_to_send_to(start):
    daemon = start(SLEEPERS)
    daemon.pid_of("f:0")
    assert daemon.fault("supervisor.sendProcessStdin", "f:0", "x") == (20, "NO_FILE: f:0")


def test_no_variables_of_fastcgi_are_set(start):
    daemon = start(SLEEPERS)
    environment = procfs.read(daemon.pid_of("f:0"), "environ")
    assert b"FCGI" not in environment


@pytest.mark.parametrize("socket_line, reason", [
    ("unix://@DIR@/nosuch/f.sock", "[Errno 2] No such file or directory"),
    ("tcp://10.255.255.1:80", "[Errno 99] Cannot assign requested address"),
    ("tcp://nosuch.invalid:80", "[Errno -2] Name or service not known")])
def test_a_socket_that_cannot_be_had_ends_the_start_with_status_1(start, socket_line, reason):
    daemon = start.make(f"[fcgi-program:f]\ncommand=/bin/sleep 1000\nsocket={socket_line}\n")
    with pytest.raises(StartFailed) as failure:
        daemon.start()
    assert failure.value.status == 1
    assert daemon.expand(f"Could not create FastCGI socket {socket_line}: {reason}") in (
        failure.value.stderr)
    daemon.unchecked = True


@pytest.mark.reeved_only("Supervisor takes the socket away from its program")
def test_a_daemon_that_finds_another_one_in_its_place_leaves_the_sockets_alone(start):
    daemon = start(SLEEPERS)
    daemon.pid_of("f:0")
    again = subprocess.run([daemon.impl.binary, *daemon.arguments, "-c", str(daemon.conf)],
                           cwd=daemon.dir, env=daemon.environment, stdout=subprocess.DEVNULL,
                           stderr=subprocess.PIPE, text=True, check=False, timeout=30)
    assert again.returncode == 2
    assert "Another program is already listening on a port" in again.stderr
    assert not is_refused(str(daemon.dir / "f.sock"))


@pytest.mark.reeved_only("Supervisor ends with a traceback")
def test_a_socket_that_is_taken_later_is_a_spawn_error(start):
    port = free_port()
    daemon = start(f"""
[fcgi-program:f]
command=/bin/sleep 1000
socket=tcp://127.0.0.1:{port}
autostart=false
startretries=0
""")
    words = f"Could not create FastCGI socket tcp://127.0.0.1:{port}: [Errno 98] Address already in use"
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        assert daemon.fault("supervisor.startProcess", "f") == (50, "SPAWN_ERROR: f")
        info = daemon.wait_state("f", "FATAL")
        assert info["spawnerr"] == info["description"] == words
        daemon.wait_log(f"spawnerr: {words}")
    assert daemon.supervisor.startProcess("f") is True


def test_a_group_is_added_with_its_socket(start):
    daemon = start("[program:p]\ncommand=/bin/sleep 1000\nstartsecs=0\n")
    daemon.write_config(SLEEPERS)
    daemon.supervisor.reloadConfig()
    assert daemon.supervisor.addProcessGroup("f") is True
    daemon.pid_of("f:2")
    assert not is_refused(str(daemon.dir / "f.sock"))
    daemon.supervisor.stopProcessGroup("f")
    assert daemon.supervisor.removeProcessGroup("f") is True
    assert daemon.supervisor.addProcessGroup("f") is True
    daemon.pid_of("f:2")


@pytest.mark.reeved_only("Supervisor answers HTTP 500")
def test_a_group_whose_socket_cannot_be_had_is_not_added(start):
    daemon = start("[program:p]\ncommand=/bin/sleep 1000\nstartsecs=0\n")
    daemon.write_config(SLEEPERS.replace("f.sock", "nosuch/f.sock"))
    daemon.supervisor.reloadConfig()
    url = daemon.expand("unix://@DIR@/nosuch/f.sock")
    assert daemon.fault("supervisor.addProcessGroup", "f") == (
        30, f"FAILED: Could not create FastCGI socket {url}: [Errno 2] No such file or directory")
    assert daemon.fault("supervisor.getProcessInfo", "f:0")[0] == 10
    (daemon.dir / "nosuch").mkdir()
    assert daemon.supervisor.addProcessGroup("f") is True
    daemon.pid_of("f:0")


class NameServer:
    """One that says nothing to anybody, unless it is asked to."""

    def __init__(self, sock, directory):
        self.sock = sock
        self.directory = directory
        self.be_patient(2)

    def be_patient(self, seconds):
        """For so long who asks waits."""
        (self.directory / "resolv").write_text(
            f"nameserver 127.66.5.5\noptions timeout:{seconds} attempts:1\n", encoding="utf-8")

    @property
    def prefix(self):
        """The words that give a daemon this name server."""
        return ["unshare", "-m", "sh", "-c", f"mount --bind {self.directory}/resolv "
                '/etc/resolv.conf && exec "$@"', "sh"]

    def answer(self, address):
        """Says to all who ask, from here on and in the past, that every name is this address."""
        def serve():
            while True:
                try:
                    query, client = self.sock.recvfrom(512)
                except OSError:
                    return
                if not query:
                    return  # it was shut down
                head = query[:2] + b"\x81\x80\0\1\0\1\0\0\0\0"
                question = query[12:query.index(b"\0", 12) + 5]
                record = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + socket.inet_aton(address)
                self.sock.sendto(head + question + record, client)
        threading.Thread(target=serve, daemon=True).start()


@pytest.fixture
def slow_name_server(tmp_path):
    mounted = subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("no mount namespaces here")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.bind(("127.66.5.5", 53))
        except OSError as error:
            pytest.skip(f"cannot be a name server: {error}")
        yield NameServer(sock, tmp_path)
        with contextlib.suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)  # lets go of who reads


@pytest.mark.reeved_only("Supervisor's loop waits for name servers")
def test_a_name_that_takes_its_time_delays_nobody(start, slow_name_server):
    daemon = start(prefix=slow_name_server.prefix)
    port = free_port()
    daemon.write_config(f"[fcgi-program:f]\ncommand=/bin/sleep 1000\n"
                        f"socket=tcp://slow.example:{port}\nstartsecs=0\n")
    daemon.supervisor.reloadConfig()
    faults = []

    def add():
        try:
            daemon.proxy().supervisor.addProcessGroup("f")
        except xmlrpc.client.Fault as fault:
            faults.append((fault.faultCode, fault.faultString))

    threads = [threading.Thread(target=add) for _ in range(2)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    supervisor, calls = daemon.proxy().supervisor, 0
    while not faults:
        before = time.monotonic()
        assert supervisor.getState()["statename"] == "RUNNING"
        assert time.monotonic() - before < 1
        calls += 1
    for thread in threads:
        thread.join()
    assert time.monotonic() - began > 1.5 and calls > 50
    assert [fault[0] for fault in faults] == [30, 30]
    assert all(fault[1].startswith(
        f"FAILED: Could not create FastCGI socket tcp://slow.example:{port}: [Errno -")
               for fault in faults), faults

    # An end does not wait for the name either.
    thread = threading.Thread(target=add)
    thread.start()
    time.sleep(0.2)
    before = time.monotonic()
    daemon.stop()
    assert time.monotonic() - before < 1.5
    thread.join()
    assert faults[2] == (6, "SHUTDOWN_STATE")


NAMED = """
[program:p]
command=/bin/sleep 1000
startsecs=0
[fcgi-program:f]
command=/bin/sleep 1000
socket=tcp://late.example:{port}
startsecs=0
startretries=100
autostart={autostart}
"""


@pytest.mark.reeved_only("Supervisor's start waits for name servers")
def test_a_name_server_that_says_nothing_does_not_hold_up_the_start(start, slow_name_server):
    slow_name_server.be_patient(30)
    port = free_port()
    began = time.monotonic()
    daemon = start(NAMED.format(port=port, autostart="true"), prefix=slow_name_server.prefix)
    daemon.pid_of("p")
    assert time.monotonic() - began < 15
    info = daemon.wait_state("f", "BACKOFF")
    assert info["spawnerr"] == (f"Could not create FastCGI socket tcp://late.example:{port}: what "
                                "its host stands for is not known yet")
    assert lines(daemon, f"tcp://late.example:{port}") == []
    daemon.wait_log(f"FastCGI socket tcp://late.example:{port}: nobody says what its host stands for")
    slow_name_server.answer("127.0.0.1")
    daemon.wait_state("f", "RUNNING", timeout=30)
    assert not is_refused(("127.0.0.1", port))


@pytest.mark.reeved_only("Supervisor's start waits for name servers")
def test_a_name_that_is_refused_late_is_a_spawn_error_and_asked_for_again(start, slow_name_server):
    slow_name_server.be_patient(4)
    port = free_port()
    daemon = start(NAMED.format(port=port, autostart="false").replace("=100", "=0"),
                   prefix=slow_name_server.prefix)
    assert daemon.fault("supervisor.startProcess", "f") == (50, "SPAWN_ERROR: f")

    def is_refused_by_name():
        daemon.fault("supervisor.startProcess", "f")
        return daemon.info("f")["spawnerr"] == (
            f"Could not create FastCGI socket tcp://late.example:{port}: [Errno -3] Temporary "
            "failure in name resolution")
    wait_until(is_refused_by_name, "it is known that nobody knows it", 30, poll=0.3)
    slow_name_server.answer("127.0.0.1")

    def starts():
        try:
            return daemon.supervisor.startProcess("f")
        except xmlrpc.client.Fault:
            return False
    wait_until(starts, "it starts, as somebody knows it now", 30, poll=0.3)
    assert not is_refused(("127.0.0.1", port))


def test_a_named_host_is_looked_up_when_its_group_is_added(start):
    port = free_port()
    config = f"""
[fcgi-program:f]
command=/bin/sleep 1000
socket=tcp://localhost:{port}
startsecs=0
"""
    daemon = start()
    daemon.write_config(config)
    daemon.supervisor.reloadConfig()
    assert daemon.supervisor.addProcessGroup("f") is True
    assert daemon.fault("supervisor.addProcessGroup", "f") == (90, "ALREADY_ADDED: f")
    daemon.pid_of("f")
    with socket.create_connection(("127.0.0.1", port)):
        pass


def test_what_is_at_the_path_gives_way(start):
    daemon = start.make(SLEEPERS)
    (daemon.dir / "f.sock").write_text("in the way")
    daemon.start()
    daemon.pid_of("f:0")
    assert stat.S_ISSOCK(os.stat(daemon.dir / "f.sock").st_mode)


def test_in_a_group_it_is_an_ordinary_program(start):
    daemon = start(SLEEPERS + "[group:g]\nprograms=f\n")
    assert stdin_of(daemon.pid_of("g:0")).startswith("pipe:[")
    assert not os.path.exists(daemon.dir / "f.sock")


def test_a_restart_of_the_daemon_opens_it_anew(start):
    daemon = start(SLEEPERS)
    before = daemon.pid_of("f:0")
    daemon.kill(1)
    wait_until(lambda: not procfs.is_alive(before), "it was stopped")
    daemon.wait_ready()
    daemon.pid_of("f:0")
    assert not is_refused(str(daemon.dir / "f.sock"))


@pytest.mark.reeved_only("Supervisor does not close what lies above minfds")
def test_no_other_program_gets_the_socket(start):
    daemon = start(SLEEPERS + "[program:p]\ncommand=/bin/sleep 1000\nstartsecs=0\npriority=9999\n")
    shared = stdin_of(daemon.pid_of("f:0"))
    assert shared not in procfs.open_fds(daemon.pid_of("p")).values()
