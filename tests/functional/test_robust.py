"""What hostile or unlucky surroundings do to the daemon: it serves the others, and nothing grows.

Each test does its harm under a Watch, which asks in between whether the daemon answers and restarts
what dies, and at the end whether descriptors and memory are what they were.
"""

import http.client
import os
import signal
import socket
import statistics
import subprocess
import time
import xmlrpc.client

import pytest

from harness import implementation, procfs, rawhttp
from harness.daemon import nobody
from harness.implementation import Implementation
from harness.waiting import wait_until

pytestmark = pytest.mark.reeved_only("what is promised here is reeved's")

BYSTANDER = "[program:bystander]\ncommand=/bin/sleep 1000\nstartsecs=0\nautorestart=true\n"
STATE = rawhttp.rpc_body("supervisor.getState")
CALLS = 200
CALL_SECONDS_MAX = 0.25  # generous: it tells a daemon that is blocked from a busy machine
TURN_SECONDS_MAX = 0.005  # what a call may wait for the loop; half of them see what it is
RESTART_SECONDS_MAX = 2
MEMORY_KIB_MAX = 16 << 10  # growth that is no leak: an allocator keeps something
CONNECTIONS_MAX = 1000  # per listener, rpc/limits.h


class Watch:
    """Knows what the daemon used before the harm, when it had served everything once."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.still_serves("before")
        time.sleep(0.3)  # what a start needs for a moment is closed again
        self.fds = self.open_fds()
        self.kib = procfs.resident_kib(daemon.pid)

    def still_serves(self, when="meanwhile"):
        """Calls are answered in time, and a program that dies is started again at once."""
        supervisor = self.daemon.supervisor
        seconds = []
        for _ in range(CALLS):
            begin = time.monotonic()
            assert supervisor.getState()["statename"] == "RUNNING"
            seconds.append(time.monotonic() - begin)
        print(f"{when}: getState in {statistics.median(seconds) * 1000:.2f} ms (median), "
              f"{max(seconds) * 1000:.2f} ms (most)")
        assert max(seconds) < CALL_SECONDS_MAX
        assert statistics.median(seconds) < TURN_SECONDS_MAX
        pid = self.daemon.pid_of("bystander")
        procfs.kill(pid)
        wait_until(lambda: self.daemon.info("bystander")["pid"] not in (0, pid),
                   "the bystander runs again", RESTART_SECONDS_MAX)
        self.daemon.pid_of("bystander")

    def is_at_rest(self):
        before = procfs.cpu_seconds(self.daemon.pid)
        time.sleep(1)
        assert procfs.cpu_seconds(self.daemon.pid) - before < 0.2, "the daemon spins"

    def is_small(self, most=MEMORY_KIB_MAX):
        """The memory of sanitizers, which keep what was freed, says nothing."""
        grown = procfs.resident_kib(self.daemon.pid) - self.kib
        print(f"grown by {grown} KiB")
        assert grown < most or b"libasan" in procfs.read(self.daemon.pid, "maps")

    def open_fds(self):
        """But for one of each program that was ever started, for its cgroup."""
        return sorted(name for name in procfs.open_fds(self.daemon.pid).values()
                      if not name.endswith(".scope"))

    def nothing_remains(self, memory=True):
        wait_until(lambda: len(self.open_fds()) == len(self.fds),
                   lambda: f"the descriptors\n{self.fds}\nnow are\n{self.open_fds()}")
        if memory:
            self.is_small()


def begin(start, config="", **options):
    daemon = start(BYSTANDER + config, **options)
    daemon.pid_of("bystander")
    return daemon


def call(body, headers=()):
    return rawhttp.request("POST", "/RPC2", body, ["Content-Type: text/xml", *headers])


# Clients


def test_a_reader_of_ten_bytes_a_second_holds_up_nobody(start):
    daemon = begin(start, """
[program:writer]
command=/usr/bin/yes a line of a program that writes as fast as it can
stdout_logfile=@DIR@/writer.out
stdout_logfile_maxbytes=1MB
stdout_logfile_backups=1
autostart=false
startsecs=0
""")
    watch = Watch(daemon)
    daemon.supervisor.startProcess("writer")
    with rawhttp.connect(daemon.address) as sock:
        sock.sendall(rawhttp.request("GET", "/logtail/writer"))
        for _ in range(3):
            assert len(sock.recv(10)) == 10
            watch.still_serves()
            time.sleep(0.5)
            watch.is_small()
        assert daemon.supervisor.stopProcess("writer") is True
        watch.is_at_rest()  # though there is more to send
    watch.nothing_remains()


def test_two_hundred_halves_of_requests_hold_up_nobody(start):
    daemon = begin(start, tcp=True)
    watch = Watch(daemon)
    whole = call(STATE)
    halves = []
    for number in range(200):
        sock = rawhttp.connect(daemon.address if number % 2 else ("127.0.0.1", daemon.tcp))
        sock.sendall(whole[:len(whole) // 2 + number % 20])
        halves.append(sock)
    watch.still_serves()
    watch.is_small()
    watch.is_at_rest()
    halves[7].sendall(whole[len(whole) // 2 + 7:])
    assert b"RUNNING" in rawhttp.Reader(halves[7]).response().body
    for sock in halves:
        sock.close()
    watch.nothing_remains()


def send_until_refused(sock, pieces):
    """Sends what the daemon takes; returns how many bytes that were."""
    sent = 0
    try:
        for piece in pieces:
            sock.sendall(piece)
            sent += len(piece)
    except (BrokenPipeError, ConnectionResetError):
        pass
    return sent


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_100_mb_is_refused_and_not_kept(start, chunked):
    daemon = begin(start)
    watch = Watch(daemon)
    size, piece = 100_000_000, b"x" * 100_000
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {size}"
    head = f"POST /RPC2 HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\n{length}\r\n\r\n"
    framed = f"{len(piece):x}\r\n".encode() + piece + b"\r\n" if chunked else piece
    for _ in range(3):
        with rawhttp.connect(daemon.address) as sock:
            sock.sendall(head.encode())
            assert send_until_refused(sock, [framed] * (size // len(piece))) < size // 2
        watch.still_serves()
    watch.nothing_remains()


def test_many_bodies_at_once_stay_within_the_limit_of_all(start):
    daemon = begin(start)
    watch = Watch(daemon)
    head = b"POST /RPC2 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 16000000\r\n\r\n"
    socks = []
    for _ in range(10):
        sock = rawhttp.connect(daemon.address)
        sock.sendall(head)
        send_until_refused(sock, [b"x" * 100_000] * 150)
        socks.append(sock)
    watch.still_serves()
    watch.is_small((64 + 32) << 10)
    for sock in socks:
        sock.close()
    watch.nothing_remains()


def kept_connection(address):
    sock = rawhttp.connect(address)
    sock.sendall(call(STATE))
    assert rawhttp.Reader(sock).response().status == 200
    return sock


def fill_and_empty(daemon, watch, address):
    idle = [kept_connection(address) for _ in range(CONNECTIONS_MAX)]
    beyond = [kept_connection(address) for _ in range(50)]
    watch.still_serves()  # over the other listener
    for sock in beyond + idle[-100:]:
        sock.sendall(call(STATE))
        assert rawhttp.Reader(sock).response().status == 200
    for sock in idle[:50]:
        assert rawhttp.Reader(sock).is_closed(), "those at rest for the longest time had to go"
    watch.is_at_rest()
    for sock in idle + beyond:
        sock.close()
    kept_connection(address).close()


def test_silent_connections_lock_nobody_out(start):
    daemon = begin(start, tcp=True)
    watch = Watch(daemon)
    address = ("127.0.0.1", daemon.tcp)
    silent = [rawhttp.connect(address) for _ in range(CONNECTIONS_MAX + 50)]
    kept = kept_connection(address)
    for _ in range(20):
        kept.sendall(call(STATE))
        assert rawhttp.Reader(kept).response().status == 200
    watch.still_serves()
    watch.is_at_rest()
    for sock in [kept, *silent]:
        sock.close()
    watch.nothing_remains(memory=False)


def test_idle_connections_up_to_and_beyond_the_limit(start):
    daemon = begin(start, tcp=True)
    watch = Watch(daemon)
    address = ("127.0.0.1", daemon.tcp)
    fill_and_empty(daemon, watch, address)
    watch.nothing_remains(memory=False)
    watch.kib = procfs.resident_kib(daemon.pid)  # an allocator keeps what it had once
    fill_and_empty(daemon, watch, address)
    watch.nothing_remains()


# Programs


@pytest.mark.parametrize("words", ["", "'READY\\n'"], ids=["never ready", "never answers"])
def test_a_listener_that_does_not_speak_holds_up_nobody(start, words):
    daemon = begin(start, f"""
[eventlistener:mute]
command=@PYTHON@ @PROGRAMS@/raw_listener.py @DIR@/noted {words}
events=EVENT
buffer_size=20
[program:talker]
command=/bin/sh -c "while :; do echo something; done"
stdout_events_enabled=true
stdout_logfile=NONE
autostart=false
startsecs=0
""", loglevel="critical")
    daemon.pid_of("mute")
    watch = Watch(daemon)
    daemon.supervisor.startProcess("talker")
    for _ in range(3):
        watch.still_serves()
        watch.is_small()
    assert daemon.supervisor.stopProcess("talker") is True
    assert daemon.read("noted").count("eventname:") == (1 if words else 0)
    watch.nothing_remains()


def test_a_stdin_that_is_never_read_takes_a_limited_amount(start):
    daemon = begin(start, "[program:deaf]\ncommand=/bin/sleep 1000\nstartsecs=0\nautostart=false\n")
    watch = Watch(daemon)
    size, piece = 2 << 20, 64 << 10
    for _ in range(3):
        daemon.supervisor.startProcess("deaf")
        daemon.pid_of("deaf")
        taken = 0
        try:
            while taken < size:
                daemon.supervisor.sendProcessStdin("deaf", "x" * piece)
                taken += piece
        except xmlrpc.client.Fault as fault:
            assert (fault.faultCode, fault.faultString) == (30, "FAILED: deaf")
        watch.is_at_rest()
        assert 1 << 20 <= taken < size, "what does not fit is refused, not kept"
        watch.still_serves()
        assert daemon.supervisor.stopProcess("deaf") is True
    watch.nothing_remains()


def test_a_full_disk_stops_no_program(memory_disk, start):
    small_disk = memory_disk("1m")
    program = """
[program:{name}]
command=/bin/sh -c "yes something to fill a disk with | head -c 20000000; echo >@DIR@/{name}.done; \
exec sleep 1000"
stdout_logfile={disk}/{name}.out
{lines}
startsecs=0
autostart=false
"""
    lines = {"plain": "stdout_logfile_maxbytes=0",
             "rotated": "stdout_logfile_maxbytes=200KB\nstdout_logfile_backups=20",
             "stripped": "stdout_logfile_maxbytes=0\nstdout_events_enabled=true"}
    config = BYSTANDER + "".join(program.format(name=name, disk=small_disk, lines=more)
                                 for name, more in lines.items())
    daemon = start.make(config)
    daemon.log_path = small_disk / "daemon.log"
    daemon.write_config(config)
    daemon.start()
    watch = Watch(daemon)
    for name in lines:
        daemon.supervisor.startProcess(name)
        wait_until(lambda: daemon.read(f"{name}.done"), f"{name} has written all", 30)
        watch.still_serves()
        watch.is_small()
    assert os.statvfs(small_disk).f_bavail == 0
    assert daemon.log_path.stat().st_size < 100_000

    # There is room again, and what is said then is kept.
    for path in small_disk.glob("*.out*"):
        path.unlink()
    for name in lines:
        assert daemon.supervisor.stopProcess(name) is True
    daemon.supervisor.clearProcessLogs("bystander")
    (daemon.dir / "plain.done").unlink()
    assert daemon.supervisor.startProcess("plain") is True
    wait_until(lambda: (small_disk / "plain.out").exists()
               and (small_disk / "plain.out").stat().st_size > 500_000, "output is kept again")
    assert daemon.supervisor.stopProcess("plain") is True
    watch.nothing_remains()


def test_what_a_full_disk_costs_is_told_and_shown(memory_disk, start):
    small_disk = memory_disk("1m")
    daemon = begin(start, f"""
[program:chatty]
command=/bin/cat
stdout_logfile={small_disk}/chatty.out
stdout_logfile_maxbytes=0
startsecs=0
""")
    log = f"{small_disk}/chatty.out"
    daemon.pid_of("chatty")
    usage = daemon.rpc.reeve.get_process_usage

    def long_status():
        return daemon.ctl("status", "--long", "chatty", client=implementation.reevectl()).out

    assert usage("chatty")["log_troubles"] == []
    filler = small_disk / "filler"
    filler.write_bytes(b"x" * ((1 << 20) - 4096))
    (small_disk / "rest").write_bytes(b"")
    daemon.supervisor.sendProcessStdin("chatty", "y" * 8191 + "\n")
    wait_until(lambda: usage("chatty")["log_troubles"], "it is known that output is lost")
    daemon.supervisor.sendProcessStdin("chatty", "z" * 99 + "\n")
    wait_until(lambda: usage("chatty")["log_troubles"][0]["bytes_lost"] >= 4196, "more is lost")
    trouble = usage("chatty")["log_troubles"]
    assert trouble == [{"channel": "stdout", "logfile": log, "reason": "No space left on device",
                        "bytes_lost": trouble[0]["bytes_lost"]}]
    told = [line for line in daemon.log().splitlines() if "cannot write" in line]
    assert len(told) == 1
    assert told[0].endswith(f"WARN cannot write to log file '{log}' of the stdout of 'chatty': "
                            "No space left on device; what does not fit is lost")
    shown = long_status()
    lost = int(trouble[0]["bytes_lost"])
    assert (f"    stdout: {lost} bytes lost, log file '{log}' cannot be written to: "
            "No space left on device\n") in shown

    filler.unlink()
    daemon.supervisor.sendProcessStdin("chatty", "room\n")
    wait_until(lambda: f"log file '{log}' of the stdout of 'chatty' is written to again, {lost} "
               "bytes were lost" in daemon.log(), "its end is told")
    assert usage("chatty")["log_troubles"][0]["reason"] == ""
    assert f"'{log}' could not be written to for a time\n" in long_status()


def test_five_hundred_children_are_stopped_with_their_program(start):
    daemon = begin(start, """
[program:family]
command=/bin/sh -c "i=0; while [ $i -lt 500 ]; do sleep 1000 & i=$((i+1)); done; \
echo >@DIR@/done; wait"
startsecs=0
stopwaitsecs=10
autostart=false
""".replace("%", "%%"))
    watch = Watch(daemon)
    daemon.supervisor.startProcess("family")
    wait_until(lambda: daemon.read("done"), "all children are there", 30)
    main = daemon.pid_of("family")
    children = procfs.descendants(main)
    assert len(children) >= 500
    watch.still_serves()
    began = time.monotonic()
    daemon.supervisor.stopProcess("family", False)
    watch.still_serves("while it stops")
    daemon.wait_state("family", "STOPPED")
    print(f"stopped within {time.monotonic() - began:.2f} s")
    assert not [pid for pid in [main, *children] if procfs.is_alive(pid)]
    watch.nothing_remains()


# Others who ask


EXPORTER = "/usr/bin/prometheus-node-exporter"


def scrape(port):
    """The supervisord metrics as {(metric, group, name): value}."""
    metrics = {}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    for line in text.splitlines():
        if line.startswith("node_supervisord_"):
            metric, _, rest = line.partition("{")
            labels, _, value = rest.partition("} ")
            pairs = dict(pair.split("=", 1) for pair in labels.split(","))
            metrics[metric.removeprefix("node_supervisord_"), pairs["group"].strip('"'),
                    pairs["name"].strip('"')] = float(value)
    return metrics


@pytest.mark.skipif(not os.access(EXPORTER, os.X_OK), reason="no prometheus-node-exporter here")
def test_the_collector_of_the_node_exporter_reads_us(start):
    daemon = begin(start, """
[program:ended]
command=/bin/sh -c "exit 7"
startsecs=0
autorestart=false
[program:never]
command=/bin/sleep 1000
autostart=false
[program:worker]
command=/bin/sleep 1000
process_name=worker_%(process_num)d
numprocs=2
startsecs=0
[group:pair]
programs=worker
""", tcp=True)
    daemon.wait_state("ended", "EXITED")
    watch = Watch(daemon)
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    exporter = subprocess.Popen(
        [EXPORTER, f"--web.listen-address=127.0.0.1:{port}", "--collector.disable-defaults",
         "--collector.supervisord", f"--collector.supervisord.url=http://127.0.0.1:{daemon.tcp}/RPC2"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        def answers():
            try:
                return scrape(port)
            except OSError:
                return None
        wait_until(answers, "the exporter answers")
        watch.still_serves()
        metrics = scrape(port)
    finally:
        exporter.kill()
        exporter.wait()
    infos = daemon.supervisor.getAllProcessInfo()
    assert len(infos) == 5
    for info in infos:
        name = info["group"], info["name"]
        running = info["statename"] == "RUNNING"
        assert metrics.pop(("state", *name)) == info["state"]
        assert metrics.pop(("exit_status", *name)) == info["exitstatus"]
        assert metrics.pop(("up", *name)) == running
        if running:
            assert metrics.pop(("start_time_seconds", *name)) == info["start"]
        else:
            metrics.pop(("start_time_seconds", *name), None)
    assert not metrics
    watch.nothing_remains()


# Without root


HIDER = """
[program:hider]
command=/bin/sh -c "echo hello; setsid sleep 1000 & echo $! >@DIR@/hidden; exec sleep 1001"
stdout_logfile=@DIR@/hider.out
startsecs=0
stopwaitsecs=2
"""
NO_CGROUPS = "no cgroups here, so what a program leaves behind is not ended"


def give_to_nobody(daemon):
    for path in (daemon.dir, daemon.conf):
        os.chown(path, nobody().pw_uid, nobody().pw_gid)
    return daemon


def check_logs(daemon):
    assert daemon.wait_text("hider.out", "hello\n") == "hello\n"
    assert (daemon.dir / "hider.out").stat().st_uid == nobody().pw_uid
    assert daemon.supervisor.tailProcessStdoutLog("hider", 0, 100) == ["hello\n", 6, False]
    with rawhttp.connect(daemon.address) as sock:
        sock.sendall(rawhttp.request("GET", "/logtail/hider"))
        reader = rawhttp.Reader(sock)
        assert reader.head()[0] == 200
        assert b"hello\n" in reader.stream_until(b"hello\n")
    assert "bystander" in daemon.supervisor.readLog(0, 0)


def hidden_pid(daemon):
    return int(wait_until(lambda: daemon.read("hidden").strip(), "the hidden child has a pid"))


def test_a_daemon_that_becomes_nobody_keeps_its_cgroups(start):
    daemon = give_to_nobody(start.make(BYSTANDER + HIDER, supervisord="user=nobody")).start()
    main, hidden = daemon.pid_of("hider"), hidden_pid(daemon)
    for pid in (daemon.pid, main, hidden):
        assert procfs.status(pid)["Uid"].split() == [str(nobody().pw_uid)] * 4
    assert NO_CGROUPS not in daemon.log()
    groups = [procfs.cgroup_paths(pid)
              for pid in (daemon.pid, main, daemon.pid_of("bystander"))]
    assert procfs.cgroup_paths(hidden) == groups[1]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert groups[one] != groups[other]
    check_logs(daemon)
    watch = Watch(daemon)
    for _ in range(3):
        assert daemon.supervisor.stopProcess("hider") is True
        assert not procfs.is_alive(main) and not procfs.is_alive(hidden)
        (daemon.dir / "hidden").unlink()
        assert daemon.supervisor.startProcess("hider") is True
        main, hidden = daemon.pid_of("hider"), hidden_pid(daemon)
        assert procfs.cgroup_paths(main) == groups[1] == procfs.cgroup_paths(hidden)
    watch.nothing_remains()

    # A plain user cannot remove the leaf in which it lives itself: the next run of root does.
    daemon.remember_cgroups()
    daemon.stop()
    start(BYSTANDER).pid_of("bystander")


def test_an_ordinary_user_runs_and_stops_programs_without_cgroups(start, impl):
    daemon = give_to_nobody(start.make(BYSTANDER + HIDER))
    wrapper = daemon.dir / "as_nobody"
    wrapper.write_text("#!/bin/sh\nexec setpriv --reuid=nobody --regid=nogroup --clear-groups "
                       f"{impl.binary} \"$@\"\n", encoding="utf-8")
    wrapper.chmod(0o755)
    daemon.impl = Implementation("reeved", wrapper, impl.slack)
    daemon.start()
    main, hidden = daemon.pid_of("hider"), hidden_pid(daemon)
    for pid in (daemon.pid, main):
        assert procfs.status(pid)["Uid"].split() == [str(nobody().pw_uid)] * 4
    assert daemon.log().count(NO_CGROUPS) == 1
    check_logs(daemon)
    watch = Watch(daemon)
    for _ in range(2):
        assert daemon.supervisor.stopProcess("hider") is True
        assert not procfs.is_alive(main)
        procfs.kill(hidden)  # as was said, this one is not ended
        (daemon.dir / "hidden").unlink()
        assert daemon.supervisor.startProcess("hider") is True
        main, hidden = daemon.pid_of("hider"), hidden_pid(daemon)
    assert daemon.log().count(NO_CGROUPS) == 1
    watch.nothing_remains()
    assert daemon.supervisor.stopProcess("hider") is True
    procfs.kill(hidden)
    daemon.stop()
    assert not procfs.is_alive(main)


def test_those_that_start_while_others_of_their_name_end_have_cgroups(start):
    ending = []
    for _ in range(4):
        starting = [start.make(BYSTANDER).launch() for _ in range(3)]
        for daemon in ending:
            daemon.kill(signal.SIGTERM)
        for daemon in starting:
            daemon.wait_ready()
            assert NO_CGROUPS not in daemon.log()
        for daemon in ending:
            assert daemon.wait_end() == 0
        ending = starting
