"""Who follows a log with reevectl goes on over whatever becomes of the daemon and of the file."""

import signal
import subprocess
import time

import pytest

from harness import implementation
from harness.crashes import crash_and_come_back
from harness.fleet import FEW
from harness.waiting import wait_until
from test_upgrade import upgrade

pytestmark = pytest.mark.reeved_only("Supervisor's client is cut off")

BANNER = "==> Press Ctrl-C to exit <==\n"
COUNTER = """
[program:counter]
command=/bin/sh -c 'n=0; while :; do n=$((n + 1)); echo line $n; sleep 0.005; done'
stdout_logfile=@DIR@/counter.log
"""


class Follower:
    """reevectl tail -f; what it says is in the files tail.out and tail.err."""

    def __init__(self, daemon, *words):
        self.daemon = daemon
        with open(daemon.dir / "tail.out", "wb") as out, open(daemon.dir / "tail.err", "wb") as err:
            self.process = subprocess.Popen(  # pylint: disable=consider-using-with
                [implementation.reevectl(), "-c", str(daemon.conf), *words], stdout=out, stderr=err,
                stdin=subprocess.DEVNULL, env=daemon.environment)

    def __enter__(self):
        self.daemon.wait_text("tail.out", BANNER)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def lines(self):
        """Those that are whole."""
        text = self.daemon.read("tail.out").removeprefix(BANNER)
        return text[:text.rfind("\n") + 1].splitlines()

    def errors(self):
        return self.daemon.read("tail.err")

    def goes_on(self, count=30):
        last = len(self.lines())
        wait_until(lambda: len(self.lines()) > last + count,
                   lambda: f"it goes on: {self.lines()[-3:]} {self.errors()}", 20 * FEW)

    def end(self):
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(15) == 0
        return self.lines()[:-1]  # the last one is the line behind the ^C


def is_unbroken(lines):
    numbers = [int(line.removeprefix("line ")) for line in lines if line.startswith("line ")]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))


@pytest.mark.parametrize("tcp", [False, True], ids=["unix", "tcp"])
def test_not_a_byte_is_lost_or_doubled_over_upgrades(start, tcp):
    daemon = start(COUNTER, tcp=tcp, unix=not tcp)
    daemon.pid_of("counter")
    with Follower(daemon, "tail", "-f", "counter") as follower:
        for _ in range(4):
            follower.goes_on()
            upgrade(daemon)
        follower.goes_on()
        assert is_unbroken(follower.end()[1:])  # the first may be half a line
        assert follower.errors() == ""


def test_nor_over_crashes(start):
    daemon = start(COUNTER)
    daemon.pid_of("counter")
    with Follower(daemon, "tail", "-f", "counter") as follower:
        for _ in range(3):
            follower.goes_on()
            crash_and_come_back(daemon)
        follower.goes_on()
        assert is_unbroken(follower.end()[1:])
        assert follower.errors() == ""


def test_nor_over_rotation_which_goes_on_meanwhile(start):
    daemon = start(COUNTER + "stdout_logfile_maxbytes=400\nstdout_logfile_backups=50\n")
    daemon.pid_of("counter")
    with Follower(daemon, "tail", "-f", "counter") as follower:
        for number in range(4):
            follower.goes_on(100)
            if number % 2:
                crash_and_come_back(daemon)
            else:
                upgrade(daemon)
        follower.goes_on(100)
        assert is_unbroken(follower.end()[1:])
        assert follower.errors() == ""


def test_the_log_of_the_daemon_is_followed_over_an_upgrade_too(start):
    daemon = start(COUNTER)
    with Follower(daemon, "maintail", "-f") as follower:
        upgrade(daemon)
        upgrade(daemon)
        wait_until(lambda: sum("upgraded from" in line for line in follower.lines()) == 2,
                   "both are told of")
        lines = follower.end()
    log = daemon.lines("daemon.log")
    begin = log.index(lines[1])
    assert lines[1:] == log[begin:begin + len(lines) - 1]


def test_a_log_that_is_cleared_meanwhile_begins_anew(start):
    daemon = start(COUNTER)
    daemon.pid_of("counter")
    with Follower(daemon, "tail", "-f", "counter") as follower:
        follower.goes_on()
        daemon.supervisor.clearProcessLogs("counter")
        follower.goes_on()
        upgrade(daemon)
        follower.goes_on()
        (daemon.dir / "counter.log").write_text("")
        follower.goes_on()
        lines = follower.end()[1:]
    numbers = [int(line.removeprefix("line ")) for line in lines if line.startswith("line ")]
    assert numbers == sorted(set(numbers))
    assert lines.count("==> File truncated <==") == 1
    assert follower.errors() == ""


def test_who_comes_back_too_late_is_told_that_something_is_missing(start):
    daemon = start(COUNTER + "stdout_logfile_maxbytes=200\nstdout_logfile_backups=2\n")
    daemon.pid_of("counter")
    with Follower(daemon, "tail", "-f", "counter") as follower:
        follower.goes_on()
        follower.process.send_signal(signal.SIGSTOP)
        upgrade(daemon)
        last = wait_until(lambda: daemon.lines("counter.log"), "there is a line in it")[-1]
        wait_until(lambda: not any(last in daemon.lines(f"counter.log{suffix}")
                                   for suffix in ("", ".1", ".2")), "it is rotated away")
        follower.process.send_signal(signal.SIGCONT)
        wait_until(lambda: "What was written meanwhile is not all there" in follower.errors(),
                   "it is said")
        follower.goes_on()


def test_when_nobody_comes_back_it_ends_and_says_so(start):
    daemon = start(COUNTER)
    daemon.pid_of("counter")
    with Follower(daemon, "tail", "-f", "counter") as follower:
        follower.goes_on()
        daemon.stop()
        began = time.monotonic()
        assert follower.process.wait(30) == 1
        assert time.monotonic() - began < 30
        assert "/logtail/counter/stdout Cannot connect, error: " in follower.errors()


def test_fg_goes_on_too(start):
    daemon = start("""
[program:echo]
command=/bin/sh -c 'while read x; do echo got: $x; done'
""")
    daemon.pid_of("echo")
    with open(daemon.dir / "tail.out", "wb") as out, subprocess.Popen(
            [implementation.reevectl(), "-c", str(daemon.conf), "fg", "echo"], stdout=out,
            stdin=subprocess.PIPE, stderr=subprocess.STDOUT, env=daemon.environment) as client:
        for word in ("one", "two", "three"):
            client.stdin.write(f"{word}\n".encode())
            client.stdin.flush()
            daemon.wait_text("tail.out", f"got: {word}\n")
            upgrade(daemon)
        client.stdin.close()
        assert client.wait(30) == 0
    assert daemon.read("tail.out").count("got: ") == 3
