"""Signals to the daemon: ordered ends, restarts, reopened logs."""

import os
import random
import signal
import time

import pytest

from harness import procfs
from harness.waiting import holds_for, wait_until

SLEEPERS = """
[program:one]
command=/bin/sleep 1000
startsecs=0
stopwaitsecs=2
priority=1
[program:two]
command=/bin/sleep 1000
startsecs=0
stopwaitsecs=2
priority=2
"""
DEAF = """
[program:deaf]
command=@PYTHON@ @PROGRAMS@/ignore_term.py
stdout_logfile=@DIR@/deaf.out
startsecs=0
stopwaitsecs=2
"""


@pytest.mark.parametrize("name", ["TERM", "INT", "QUIT"])
def test_a_signal_to_end_shuts_down_in_order(start, name):
    daemon = start(SLEEPERS)
    pids = [daemon.pid_of("one"), daemon.pid_of("two")]
    daemon.kill(getattr(signal, "SIG" + name))
    assert daemon.wait_end() == 0
    assert ("WARN", f"received SIG{name} indicating exit request") in daemon.messages()
    assert not [pid for pid in pids if procfs.is_alive(pid)]
    stopped = [text for _, text in daemon.messages() if text.startswith("stopped: ")]
    assert stopped == [f"stopped: {name} (terminated by SIGTERM)" for name in ("two", "one")]


def test_sigterm_at_any_moment_of_the_start_leaves_nothing(start):
    chance = random.Random(7)
    for _ in range(8):
        daemon = start.make(SLEEPERS)
        daemon.launch()
        time.sleep(chance.uniform(0.0, 0.5))
        daemon.kill(signal.SIGTERM)
        status = daemon.wait_end()
        if "spawned" in daemon.log() or "supervisord started" in daemon.log():
            assert status == 0
        else:
            assert status in (0, -signal.SIGTERM)
        assert not daemon.leftovers()
        assert not os.path.exists(daemon.sock) or status != 0
        daemon.unchecked = True


def test_sigterm_twice_during_a_long_shutdown_still_ends_in_order(start):
    daemon = start(SLEEPERS + DEAF)
    daemon.wait_text("deaf.out", "deaf")
    pids = [daemon.pid_of(name) for name in ("one", "two", "deaf")]
    daemon.kill(signal.SIGTERM)
    daemon.wait_log("waiting for")
    daemon.kill(signal.SIGTERM)
    daemon.kill(signal.SIGINT)
    assert daemon.wait_end() == 0
    assert not [pid for pid in pids if procfs.is_alive(pid)]
    assert "killing 'deaf'" in daemon.log()


def test_a_hundred_sigterms_end_it_in_order(start):
    daemon = start(SLEEPERS)
    daemon.pid_of("two")
    for _ in range(100):
        if daemon.has_ended():
            break
        daemon.kill(signal.SIGTERM)
    assert daemon.wait_end() in (0, -signal.SIGTERM if not daemon.impl.is_reeved else 0)


def test_nothing_is_restarted_during_a_shutdown(start):
    daemon = start("""
[program:loop]
command=/bin/sleep 0.3
startsecs=0
autorestart=true
""" + DEAF)
    daemon.wait_text("deaf.out", "deaf")
    daemon.wait_log("spawned: 'loop'", 2)
    daemon.kill(signal.SIGTERM)
    daemon.wait_log("indicating exit request")
    daemon.wait_end()
    after = daemon.log().split("indicating exit request")[1]
    assert "spawned" not in after


def test_a_program_in_backoff_does_not_delay_the_shutdown(start):
    daemon = start("""
[program:crash]
command=/bin/false
startretries=100
""")
    daemon.wait_state("crash", "BACKOFF")
    begin = time.monotonic()
    daemon.stop()
    assert time.monotonic() - begin < 3 + daemon.slack
    assert "gave up" not in daemon.log()


def test_rpc_is_answered_with_fault_6_during_shutdown(start):
    daemon = start(DEAF)
    daemon.wait_text("deaf.out", "deaf")
    assert daemon.supervisor.shutdown() is True
    daemon.wait_log("waiting for deaf to die")
    for method, arguments in (("getState", ()), ("getVersion", ()), ("shutdown", ()),
                              ("getProcessInfo", ("deaf",)), ("stopProcess", ("deaf",))):
        assert daemon.fault("supervisor." + method, *arguments) == (6, "SHUTDOWN_STATE")
    assert daemon.supervisor.sendRemoteCommEvent("a", "b") is True
    assert "supervisor.getState" in daemon.rpc.system.listMethods()
    assert daemon.wait_end() == 0


def test_sighup_restarts_in_the_same_pid_with_the_new_file(start):
    daemon = start(SLEEPERS)
    before = daemon.pid_of("one")
    daemon.write_config("[program:three]\ncommand=/bin/sleep 1000\nstartsecs=0\n")
    daemon.kill(signal.SIGHUP)
    daemon.wait_log("supervisord started with pid", 2, timeout=30)
    daemon.wait_ready()
    assert daemon.proxy().supervisor.getPID() == daemon.pid
    daemon.rpc("close")()
    daemon.pid_of("three")
    assert [info["name"] for info in daemon.supervisor.getAllProcessInfo()] == ["three"]
    assert not procfs.is_alive(before)
    assert ("WARN", "received SIGHUP indicating restart request") in daemon.messages()
    assert int(daemon.pidfile.read_text()) == daemon.pid


def test_the_rpc_restart_does_the_same(start):
    daemon = start(SLEEPERS)
    before = daemon.pid_of("one")
    assert daemon.supervisor.restart() is True
    daemon.rpc("close")()
    daemon.wait_log("supervisord started with pid", 2, timeout=30)
    daemon.wait_ready()
    assert daemon.pid_of("one") != before
    assert daemon.supervisor.getPID() == daemon.pid
    assert not procfs.is_alive(before)


def test_many_restarts_leak_no_descriptor(start):
    daemon = start(SLEEPERS)
    daemon.pid_of("one")
    daemon.rpc("close")()
    counts = []
    for number in range(2, 5):
        daemon.kill(signal.SIGHUP)
        daemon.wait_log("supervisord started with pid", number, timeout=30)
        daemon.wait_ready()
        daemon.pid_of("two")
        daemon.rpc("close")()
        counts.append(wait_until(lambda: len(procfs.open_fds(daemon.pid)), "fds"))
    assert max(counts) - min(counts) <= 2, counts


def test_sighup_during_a_shutdown_is_ignored(start):
    daemon = start(DEAF)
    daemon.wait_text("deaf.out", "deaf")
    daemon.kill(signal.SIGTERM)
    daemon.wait_log("waiting for deaf to die")
    daemon.kill(signal.SIGHUP)
    assert daemon.wait_end() == 0
    assert ("WARN", "ignored SIGHUP indicating restart request (shutdown in progress)") in (
        daemon.messages())
    assert daemon.log().count("supervisord started") == 1


def test_sigterm_during_a_restart_makes_it_a_shutdown(start):
    daemon = start(DEAF)
    daemon.wait_text("deaf.out", "deaf")
    daemon.kill(signal.SIGHUP)
    daemon.wait_log("waiting for deaf to die")
    daemon.kill(signal.SIGTERM)
    assert daemon.wait_end() == 0
    assert daemon.log().count("supervisord started") == 1


@pytest.mark.reeved_only("Supervisor loses one that comes between two of its lives")
def test_sigterm_at_any_moment_of_a_restart_ends_it(start):
    for number in range(60):
        daemon = start("[program:one]\ncommand=/bin/sleep 1000\nstartsecs=0\n")
        daemon.pid_of("one")
        daemon.kill(signal.SIGHUP)
        until = time.perf_counter() + number * 0.00007
        while time.perf_counter() < until:
            pass
        daemon.kill(signal.SIGTERM)
        assert daemon.wait_end(5) == 0
        assert "received SIGTERM indicating exit request" in daemon.log()


def test_a_second_sighup_during_a_restart_is_no_reason_to_ignore_it(start):
    daemon = start(DEAF)
    daemon.wait_text("deaf.out", "deaf")
    daemon.kill(signal.SIGHUP)
    daemon.wait_log("waiting for deaf to die")
    daemon.write_config("[program:newest]\ncommand=/bin/sleep 1000\nstartsecs=0\n")
    daemon.kill(signal.SIGHUP)
    daemon.wait_log("received SIGHUP indicating restart request", 2)
    daemon.wait_log("supervisord started with pid", 2, timeout=30)
    daemon.wait_ready()
    daemon.rpc("close")()
    daemon.pid_of("newest")
    assert [info["name"] for info in daemon.supervisor.getAllProcessInfo()] == ["newest"]


@pytest.mark.reeved_only("Supervisor ends when the file is broken at a restart")
def test_sighup_with_a_broken_file_changes_nothing_and_says_why(start):
    daemon = start(SLEEPERS)
    daemon.pid_of("one")
    daemon.write_config("[program:broken]\ncommand=/bin/sleep 1000\nstartsecs=soon\n")
    daemon.kill(signal.SIGHUP)
    daemon.wait_log("cannot restart: ")
    line = daemon.conf.read_text().splitlines().index("startsecs=soon") + 1
    assert (f"; it is about file '{daemon.conf}', line {line}, section [program:broken], option "
            "'startsecs', value 'soon'") in daemon.log()
    holds_for(lambda: not daemon.has_ended(), 1.0, "the daemon lives")
    daemon.rpc("close")()
    daemon.wait_ready()
    daemon.pid_of("one")
    daemon.pid_of("two")


def test_sigusr2_reopens_the_activity_log_and_the_child_logs(start):
    daemon = start("""
[program:echo]
command=@PYTHON@ @PROGRAMS@/echo_lines.py
stdout_logfile=@DIR@/echo.out
stderr_logfile=@DIR@/echo.err
startsecs=0
""")
    daemon.wait_text("echo.out", "ready")
    for name in ("daemon.log", "echo.out", "echo.err"):
        (daemon.dir / name).rename(daemon.dir / (name + ".old"))
    daemon.kill(signal.SIGUSR2)
    wait_until(lambda: (daemon.dir / "echo.out").exists(), "a new log file")
    wait_until(lambda: (daemon.dir / "echo.err").exists(), "a new log file")
    daemon.supervisor.sendProcessStdin("echo", "after\n")
    assert daemon.wait_text("echo.out", "got: after\n") == "got: after\n"
    assert daemon.wait_text("echo.err", "err: after\n") == "err: after\n"
    assert daemon.read("echo.out.old") == "ready\n"
    said = daemon.read("daemon.log.old") + daemon.log()
    assert "INFO received SIGUSR2 indicating log reopen request\n" in said
    assert "INFO supervisord logreopen\n" in said
    daemon.supervisor.stopProcess("echo")
    assert "stopped: echo" in daemon.log()


@pytest.mark.parametrize("name", ["CHLD", "CONT", "WINCH", "URG"])
def test_harmless_signals_do_no_harm(start, name):
    daemon = start(SLEEPERS)
    pid = daemon.pid_of("one")
    daemon.kill(getattr(signal, "SIG" + name))
    assert daemon.supervisor.getState() == {"statecode": 1, "statename": "RUNNING"}
    assert daemon.info("one")["pid"] == pid
