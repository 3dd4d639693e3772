"""stopasgroup and killasgroup, which reach the program's process group and no further."""

from harness import procfs
from harness.waiting import wait_until


def wait_pid(daemon, name):
    return int(wait_until(lambda: daemon.read(name).strip(), f"{name} has a pid"))


def test_stopasgroup_signals_the_whole_process_group(start):
    daemon = start("""
[program:shell]
command=/bin/sh -c "sleep 1000 & echo $! >@DIR@/child; wait"
stopasgroup=true
startsecs=0
""")
    child = wait_pid(daemon, "child")
    assert daemon.supervisor.stopProcess("shell") is True
    wait_until(lambda: not procfs.is_alive(child), "the child is ended too")
    assert "SIGKILL" not in daemon.log()


def test_killasgroup_kills_the_whole_process_group(start):
    daemon = start("""
[program:deaf]
command=@PYTHON@ @PROGRAMS@/ignore_term.py @DIR@/child
killasgroup=true
stopwaitsecs=1
""")
    child = wait_pid(daemon, "child")
    daemon.pid_of("deaf")
    assert daemon.supervisor.stopProcess("deaf") is True
    wait_until(lambda: not procfs.is_alive(child), "the child is ended too")
    assert "killing 'deaf'" in daemon.log()


def test_a_program_without_stopasgroup_is_signalled_alone(start):
    daemon = start("""
[program:shell]
command=/bin/sh -c "@PYTHON@ @PROGRAMS@/traps.py @DIR@/signals & wait; exit 0"
stopwaitsecs=5
startsecs=0
""")
    daemon.wait_text("signals", "ready")
    before = len(daemon.children())
    assert daemon.supervisor.stopProcess("shell") is True
    assert before == 1 and not daemon.children()
    if not daemon.impl.is_reeved:  # which ends what is left once the program itself has ended
        assert daemon.read("signals") == "ready\n"


def test_a_grandchild_that_holds_the_pipe_does_not_delay_the_exit(start):
    daemon = start("""
[program:shell]
command=/bin/sh -c "sleep 3 & exit 0"
startsecs=0
autorestart=false
""")
    info = daemon.wait_state("shell", "EXITED", timeout=1 + daemon.slack)
    assert info["exitstatus"] == 0
