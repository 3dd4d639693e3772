"""After a stop nothing that a program started is left, however well it hid."""

import os
import signal
import uuid

import pytest

from harness import procfs
from harness.crashes import come_back
from harness.waiting import holds_for, wait_until

pytestmark = pytest.mark.reeved_only("Supervisor knows only the processes that it started itself")


def wait_pid(daemon, name):
    return int(wait_until(lambda: daemon.read(name).strip(), f"{name} has a pid"))


def stop_and_expect_gone(daemon, name, *pids):
    for pid in pids:
        assert procfs.is_alive(pid)
    assert daemon.supervisor.stopProcess(name) is True
    left = [pid for pid in pids if procfs.is_alive(pid)]
    assert not left, f"after the stop {left} are still there"
    assert daemon.state(name) == "STOPPED"


def test_a_daemon_in_a_session_of_its_own_is_ended_with_its_program(start):
    daemon = start("""
[program:forker]
command=@PYTHON@ @PROGRAMS@/double_fork.py @DIR@/daemon.child
stopwaitsecs=2
""")
    child = wait_pid(daemon, "daemon.child")
    main = daemon.pid_of("forker")
    assert procfs.parent(child) != main
    stop_and_expect_gone(daemon, "forker", main, child)


def test_a_child_that_ignores_term_is_ended_with_its_program(start):
    daemon = start("""
[program:deaf]
command=@PYTHON@ @PROGRAMS@/ignore_term.py @DIR@/child
stopwaitsecs=1
""")
    child = wait_pid(daemon, "child")
    stop_and_expect_gone(daemon, "deaf", daemon.pid_of("deaf"), child)


def test_background_children_of_a_shell_are_ended_with_it(start):
    daemon = start("""
[program:shell]
command=/bin/sh -c "sleep 1000 & echo $! >@DIR@/one; sleep 1001 & echo $! >@DIR@/two; wait"
stopwaitsecs=2
""")
    one, two = wait_pid(daemon, "one"), wait_pid(daemon, "two")
    stop_and_expect_gone(daemon, "shell", daemon.pid_of("shell"), one, two)


def test_what_a_program_left_behind_before_it_died_is_ended_by_the_stop_of_its_next_run(start):
    daemon = start("""
[program:shell]
command=/bin/sh -c "setsid sleep 1000 & echo $! >>@DIR@/pids; wait"
startsecs=0
autorestart=true
stopwaitsecs=2
""")
    wait_until(lambda: len(daemon.lines("pids")) == 1, "the first run")
    os.kill(daemon.pid_of("shell"), signal.SIGKILL)
    wait_until(lambda: len(daemon.lines("pids")) == 2, "the second run")
    daemon.pid_of("shell")
    daemon.supervisor.stopProcess("shell")
    left = [pid for pid in map(int, daemon.lines("pids")) if procfs.is_alive(pid)]
    assert not left


def test_a_storm_of_forks_is_ended(start):
    daemon = start("""
[program:storm]
command=/bin/sh -c "while :; do (sleep 0.05; sleep 1000) & sleep 0.01; done"
stopwaitsecs=1
""")
    main = daemon.pid_of("storm")
    wait_until(lambda: len(procfs.descendants(main)) > 20, "many children")
    daemon.supervisor.stopProcess("storm")
    assert not [pid for pid in daemon.leftovers() if pid != daemon.pid]


def test_shutdown_leaves_nothing_of_any_program(start):
    daemon = start("""
[program:forker]
command=@PYTHON@ @PROGRAMS@/double_fork.py @DIR@/one
stopwaitsecs=1
[program:deaf]
command=@PYTHON@ @PROGRAMS@/ignore_term.py @DIR@/two
stopwaitsecs=1
[program:shell]
command=/bin/sh -c "setsid sleep 1000 & echo $! >@DIR@/three; wait"
stopwaitsecs=1
""")
    for name in ("one", "two", "three"):
        wait_pid(daemon, name)
    daemon.stop()
    assert not daemon.leftovers()


def test_killasgroup_false_written_in_the_file_leaves_the_others_alone(start):
    daemon = start("""
[program:shell]
command=/bin/sh -c "setsid sleep 1000 & echo $! >@DIR@/pid; exec sleep 1001"
killasgroup=false
startsecs=0
""")
    child = wait_pid(daemon, "pid")
    daemon.pid_of("shell")
    daemon.supervisor.stopProcess("shell")
    holds_for(lambda: procfs.is_alive(child), 0.5, "the child stays")
    procfs.kill(child)


@pytest.mark.parametrize("signal_to_the_daemon", [signal.SIGKILL, signal.SIGTERM])
def test_what_killasgroup_false_leaves_behind_outlives_the_daemon(start, signal_to_the_daemon):
    daemon = start("""
[program:shell]
command=/bin/sh -c "setsid sleep 1000 & echo $! >@DIR@/pid"
killasgroup=false
autostart=false
autorestart=false
startsecs=0
[program:other]
command=/bin/sh -c "setsid sleep 1000 & echo $! >@DIR@/other; exec sleep 1001"
""", supervisord=f"identifier=left-{uuid.uuid4().hex[:12]}\n")
    daemon.supervisor.startProcess("shell")
    child = wait_pid(daemon, "pid")
    other = wait_pid(daemon, "other")
    daemon.wait_state("shell", "EXITED")
    daemon.wait_state("other", "RUNNING")
    daemon.kill(signal_to_the_daemon)
    daemon.process.wait()
    daemon.status = None
    come_back(daemon)
    daemon.wait_state("other", "RUNNING")
    assert procfs.is_alive(child)
    assert procfs.is_alive(other) is (signal_to_the_daemon == signal.SIGKILL)
    assert "that an earlier run left in" not in daemon.log()
    procfs.kill(child)


def test_the_last_words_of_what_is_left_are_heard(start):
    daemon = start("""
[program:shell]
command=/bin/sh -c "(trap 'echo bye; sleep 0.2; echo gone; exit' TERM; echo ready; while :; do sleep 0.05; done) & exec sleep 1000"
stdout_logfile=@DIR@/shell.out
""")
    daemon.wait_text("shell.out", "ready\n")
    daemon.supervisor.stopProcess("shell")
    assert daemon.read("shell.out") == "ready\nbye\ngone\n"
