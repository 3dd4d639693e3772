"""Whoever is slow keeps nobody else waiting: what the daemon's loop itself says of its turns.

A turn is judged by the work and by the sleep in it.  How long it took says nothing on a machine
that is busy with something else; it is among the figures.
"""

import contextlib
import os
import subprocess
import threading
import time
import xmlrpc.client

import pytest

from harness import implementation, procfs, rawhttp
from harness.rpc import Proxy
from harness.waiting import wait_until

pytestmark = pytest.mark.reeved_only("Supervisor does not measure its loop")

TURN_SECONDS_MAX = 0.005 * (10 if implementation.is_sanitized() else 1)
WATCH_SECONDS = 2
LOOKS_MAX = 5
RESTART_SECONDS_MAX = 5

CONFIG = """
[program:bystander]
command=/bin/sleep 1000
startsecs=0
autorestart=true

[program:writer]
command=/usr/bin/yes a line of a program that writes as fast as it can
stdout_logfile={roomy}/writer.out
stdout_logfile_maxbytes=1MB
stdout_logfile_backups=1
autostart=false
startsecs=0

[program:talker]
command=/bin/sh -c "while :; do echo something; done"
stdout_events_enabled=true
stdout_logfile=NONE
autostart=false
startsecs=0

[eventlistener:mute]
command=@PYTHON@ @PROGRAMS@/raw_listener.py @DIR@/noted 'READY\\n'
events=PROCESS_LOG,PROCESS_STATE
buffer_size=20
autostart=false
startsecs=0

[program:deaf]
command=/bin/sleep 1000
autostart=false
startsecs=0

[program:filler]
command=/usr/bin/yes something to fill a disk with
process_name=%(program_name)s_%(process_num)d
numprocs=2
stdout_logfile={small}/%(program_name)s_%(process_num)d.out
stdout_logfile_maxbytes=200KB
stdout_logfile_backups=20
autostart=false
startsecs=0
"""


class Tail:
    """A client that reads ten bytes a second of what is written as fast as can be."""

    def __init__(self, daemon):
        daemon.supervisor.startProcess("writer")
        self.sock = rawhttp.connect(daemon.address)
        self.sock.sendall(rawhttp.request("GET", "/logtail/writer"))
        self.due = time.monotonic()

    def go_on(self):
        if time.monotonic() >= self.due:
            assert len(self.sock.recv(10)) == 10
            self.due += 1

    def close(self):
        self.sock.close()


class Listener:
    """An event listener that takes its first event and never answers, and many events for it."""

    def __init__(self, daemon):
        daemon.supervisor.startProcess("mute")
        daemon.supervisor.startProcess("talker")
        wait_until(lambda: "eventname:" in daemon.read("noted"), "it has got an event")
        self.daemon = daemon

    def go_on(self):
        pass

    def close(self):
        assert self.daemon.read("noted").count("eventname:") == 1


class Stdin:
    """A program that reads nothing of what is sent to it."""

    def __init__(self, daemon):
        daemon.supervisor.startProcess("deaf")
        self.daemon = daemon
        self.refused = 0

    def go_on(self):
        try:
            self.daemon.supervisor.sendProcessStdin("deaf", "x" * (64 << 10))
        except xmlrpc.client.Fault as fault:
            assert fault.faultString == "FAILED: deaf"
            self.refused += 1

    def close(self):
        assert self.refused


class Disk:
    """Logs on a disk that is full."""

    def __init__(self, daemon):
        self.where = daemon.log_path.parent
        daemon.supervisor.startProcessGroup("filler")
        wait_until(lambda: os.statvfs(self.where).f_bavail == 0, "the disk is full", 30)

    def go_on(self):
        pass

    def close(self):
        assert os.statvfs(self.where).f_bavail == 0


SLOW = {"tail": Tail, "listener": Listener, "stdin": Stdin, "disk": Disk}


def begin(start, memory_disk, more=""):
    small, roomy = memory_disk("1m"), memory_disk("64m")
    config = (CONFIG + more).replace("{small}", str(small)).replace("{roomy}", str(roomy))
    daemon = start.make(config)
    daemon.log_path = small / "daemon.log"
    daemon.write_config(config)
    daemon.start()
    daemon.pid_of("bystander")
    return daemon


def latency(daemon, reset=False):
    return daemon.rpc.call("reeve.get_loop_latency", reset)


def look(daemon, slow):
    """What the loop says of some seconds, in which calls are answered."""
    latency(daemon, True)
    end, calls = time.monotonic() + WATCH_SECONDS, 0
    while time.monotonic() < end or calls < 100:
        for each in slow:
            each.go_on()
        assert daemon.supervisor.getState()["statename"] == "RUNNING"
        calls += 1
    told = latency(daemon)
    assert told["count"] > calls
    return told


def is_quick(told):
    return max(told["worked_max"], told.get("slept_max", 0)) < TURN_SECONDS_MAX


@pytest.mark.parametrize("names", [[name] for name in SLOW] + [list(SLOW)], ids="-".join)
def test_who_is_slow_keeps_nobody_waiting(start, memory_disk, figure, names):
    daemon = begin(start, memory_disk)
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(contextlib.closing(SLOW[name](daemon))) for name in names]
        # Where the machine is a virtual one it may stand still in the midst of our work, which
        # the kernel does not know.  What is our own fault happens again.
        for _ in range(LOOKS_MAX):
            told = look(daemon, slow)
            if is_quick(told):
                break
        figure(f"loop with slow {', '.join(names)}: {told['count']:.0f} turns, longest "
               f"{told['max'] * 1000:.2f} ms, 99.9 % within {told['p999'] * 1000:.2f} ms, of work at "
               f"most {told['worked_max'] * 1000:.2f} ms, of sleep "
               f"{told.get('slept_max', 0) * 1000:.2f} ms")
        assert is_quick(told), told
        for _ in range(3):
            pid = daemon.pid_of("bystander")
            procfs.kill(pid)
            wait_until(lambda: daemon.info("bystander")["pid"] not in (0, pid),
                       "the bystander runs again", RESTART_SECONDS_MAX)


MANY = 300
CROWD = f"""
[program:many]
command=/bin/sleep 1000
process_name=%(program_name)s_%(process_num)d
numprocs={MANY}
startsecs=0
autostart=false
autorestart=true
stdout_logfile=NONE
stderr_logfile=NONE
"""


class Poller(threading.Thread):
    """A client that asks for everything, again and again."""

    def __init__(self, daemon):
        super().__init__()
        self.rpc = Proxy(daemon.address)
        self.over, self.calls = threading.Event(), 0

    def run(self):
        while not self.over.is_set():
            assert len(self.rpc.supervisor.getAllProcessInfo()) > MANY
            self.calls += 1

    def close(self):
        self.over.set()
        self.join()
        assert self.calls


def start_all(daemon):
    daemon.supervisor.startProcessGroup("many")


def crash_all(daemon):
    before = {info["pid"] for info in daemon.supervisor.getAllProcessInfo()
              if info["group"] == "many"}
    for pid in before:
        procfs.kill(pid)
    wait_until(lambda: all(info["pid"] not in before and info["statename"] == "RUNNING"
                           for info in daemon.supervisor.getAllProcessInfo()
                           if info["group"] == "many"), "all run again", 60, poll=0.1)


def stop_all(daemon):
    daemon.supervisor.stopProcessGroup("many")


def reload(daemon):
    assert daemon.supervisor.reloadConfig() == [[[], [], []]]


def works_little(said):
    """Of sleep nothing is asked here: every start sleeps in the kernel while anybody on the machine
    moves a process from one cgroup of version 1 to another."""
    return all(told["worked_max"] < TURN_SECONDS_MAX for told in said.values())


def look_at_crowd(daemon, said):
    """What the loop says of each act, if that is better than what it said before."""
    for act in (start_all, crash_all, reload, stop_all):
        latency(daemon, True)
        act(daemon)
        told = latency(daemon)
        said[act.__name__] = min(said.get(act.__name__, told), told,
                                 key=lambda told: told["worked_max"])


def test_many_that_start_and_crash_and_stop_at_once_keep_nobody_waiting(
        start, memory_disk, figure):
    daemon = begin(start, memory_disk, CROWD)
    with contextlib.ExitStack() as stack:
        for slow in (Tail, Listener):
            stack.enter_context(contextlib.closing(slow(daemon)))
        poller = stack.enter_context(contextlib.closing(Poller(daemon)))
        poller.start()
        said = {}
        for _ in range(LOOKS_MAX):
            look_at_crowd(daemon, said)
            if works_little(said):
                break
        for name, told in said.items():
            figure(f"loop with {MANY} programs, {name}: {told['count']:.0f} turns, longest "
                   f"{told['max'] * 1000:.2f} ms, of work at most {told['worked_max'] * 1000:.2f} "
                   f"ms, of sleep {told.get('slept_max', 0) * 1000:.2f} ms")
        assert works_little(said), said


def test_the_histogram_has_all_turns_and_a_reset_none(start):
    daemon = start("[program:p]\ncommand=/bin/sleep 1000\nstartsecs=0\n")
    for _ in range(100):
        daemon.supervisor.getState()
    told = latency(daemon, True)
    assert told["count"] >= 100
    assert sum(bucket["count"] for bucket in told["histogram"]) == told["count"]
    ends = [bucket["up_to"] for bucket in told["histogram"]]
    assert ends == sorted(ends) and ends[-1] == told["max"]
    assert 0 < told["p50"] <= told["p99"] <= told["p999"] <= told["max"] <= told["busy"]
    again = latency(daemon)
    assert again["count"] < 20 and again["since"] < told["since"] + 60
    assert again["busy"] <= again["since"]


def test_reevectl_shows_it(start):
    daemon = start("[program:p]\ncommand=/bin/sleep 1000\nstartsecs=0\n")

    def run(*words):
        done = subprocess.run([implementation.reevectl(), "-c", str(daemon.conf), "latency", *words],
                              capture_output=True, text=True, check=False)
        return done.returncode, done.stdout
    status, text = run()
    assert status == 0
    lines = text.splitlines()
    assert " turns of the loop in " in lines[0]
    assert [line.split(" ")[0] for line in lines[1:]] == ["half", "longest", "of"]
    status, text = run("--json", "reset")
    assert status == 0 and '"worked_max"' in text
    status, text = run("twice")
    assert status == 2 and text.startswith("Error: latency takes the word reset or nothing\n")
