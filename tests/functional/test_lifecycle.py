"""A program's life: retries, exit codes, restarts, and being stopped in each state."""

import time

import pytest

from harness.waiting import holds_for, wait_until


def runs(daemon, name):
    return [float(line) for line in daemon.lines(f"{name}.runs")]


def run_logger(name, then):
    """A command that notes the time of each of its starts."""
    return f"""/bin/sh -c "date +%%s.%%N >>@DIR@/{name}.runs; {then}" """


def test_a_program_that_never_stays_up_is_tried_startretries_more_times_with_growing_waits(start):
    daemon = start(f"""
[program:crash]
command={run_logger("crash", "exit 1")}
startretries=2
""")
    daemon.wait_state("crash", "FATAL", timeout=15)
    times = runs(daemon, "crash")
    assert len(times) == 3
    for wait, (before, after) in enumerate(zip(times, times[1:]), 1):
        assert wait - 0.05 <= after - before <= wait + daemon.slack
    assert daemon.log().count("spawned: 'crash' with pid") == 3
    assert daemon.messages()[-1] == (
        "INFO", "gave up: crash entered FATAL state, too many start retries too quickly")


def test_startretries_0_is_one_attempt(start):
    daemon = start(f"""
[program:crash]
command={run_logger("crash", "exit 1")}
startretries=0
""")
    info = daemon.wait_state("crash", "FATAL")
    assert len(runs(daemon, "crash")) == 1
    assert info["spawnerr"] == "Exited too quickly (process log may have details)"
    assert info["description"] == info["spawnerr"]


def test_a_quick_exit_is_a_failure_even_with_status_0(start):
    daemon = start("""
[program:quick]
command=/bin/true
startretries=0
startsecs=5
""")
    info = daemon.wait_state("quick", "FATAL")
    assert info["exitstatus"] == 0
    assert info["spawnerr"].startswith("Exited too quickly")
    assert ("WARN", "exited: quick (exit status 0; not expected)") in daemon.messages()


def test_while_waiting_for_the_next_try_a_program_is_in_backoff(start):
    daemon = start("""
[program:crash]
command=/bin/false
startretries=100
""")
    info = daemon.wait_state("crash", "BACKOFF")
    assert info["pid"] == 0
    assert info["state"] == 30
    assert info["description"] == "Exited too quickly (process log may have details)"
    assert daemon.fault("supervisor.startProcess", "crash") == (60, "ALREADY_STARTED: crash")


@pytest.mark.parametrize("startsecs", [0, 1])
def test_a_manual_start_after_fatal_tries_again(start, startsecs):
    daemon = start(f"""
[program:late]
command=/bin/sh -c "test -e @DIR@/go || exit 1; exec sleep 1000"
startretries=0
startsecs={startsecs}
autorestart=false
""")
    daemon.wait_state("late", "FATAL", "EXITED")
    (daemon.dir / "go").touch()
    assert daemon.supervisor.startProcess("late") is True
    assert daemon.state("late") == "RUNNING"


def test_start_waits_until_startsecs_have_passed(start):
    daemon = start("""
[program:slow]
command=/bin/sleep 1000
startsecs=2
autostart=false
""")
    begin = time.monotonic()
    assert daemon.supervisor.startProcess("slow") is True
    took = time.monotonic() - begin
    assert 1.99 <= took <= 2 + daemon.slack
    assert daemon.state("slow") == "RUNNING"
    assert ("INFO", "success: slow entered RUNNING state, process has stayed up for > than 2 "
            "seconds (startsecs)") in daemon.messages()


def test_start_without_waiting_returns_in_starting(start):
    daemon = start("""
[program:slow]
command=/bin/sleep 1000
startsecs=3
autostart=false
""")
    assert daemon.supervisor.startProcess("slow", False) is True
    info = daemon.info("slow")
    assert info["statename"] == "STARTING"
    assert info["description"] == ""
    assert info["pid"] > 0


def test_a_start_that_waits_is_refused_when_the_program_exits_too_quickly(start):
    daemon = start("""
[program:quick]
command=/bin/sh -c "sleep 0.3; exit 1"
autostart=false
startretries=0
""")
    assert daemon.fault("supervisor.startProcess", "quick") == (50, "SPAWN_ERROR: quick")


def test_startsecs_0_runs_at_once_and_never_exits_too_quickly(start):
    daemon = start("""
[program:once]
command=/bin/true
startsecs=0
autorestart=false
""")
    info = daemon.wait_state("once", "EXITED")
    assert info["spawnerr"] == ""
    said = [text for _, text in daemon.messages()]
    assert "exited: once (exit status 0; expected)" in said
    assert any(text.startswith("success: once entered RUNNING") for text in said)


# autorestart, exit code, exitcodes -> does it come back
RESTARTS = [
    ("false", 0, "0", False),
    ("false", 3, "0", False),
    ("true", 0, "0", True),
    ("true", 3, "0", True),
    ("unexpected", 0, "0", False),
    ("unexpected", 2, "0,2", False),
    ("unexpected", 3, "0,2", True),
    ("unexpected", 0, "", True),
]


def test_autorestart_and_exitcodes_decide_what_comes_back(start):
    names = [f"p{number}" for number in range(len(RESTARTS))]
    daemon = start("".join(f"""
[program:{name}]
command={run_logger(name, f"sleep 0.2; exit {code}")}
startsecs=0
autorestart={mode}
exitcodes={codes}
""" for name, (mode, code, codes, _) in zip(names, RESTARTS)))
    for name, (mode, code, codes, again) in zip(names, RESTARTS):
        if again:
            wait_until(lambda: len(runs(daemon, name)) >= 3, f"{name} is restarted twice")
        else:
            info = daemon.wait_state(name, "EXITED")
            assert info["exitstatus"] == code
            expected = "expected" if str(code) in codes.split(",") else "not expected"
            assert f"exited: {name} (exit status {code}; {expected})" in daemon.log()
    for name, (_, _, _, again) in zip(names, RESTARTS):
        if not again:
            assert len(runs(daemon, name)) == 1, name


def test_an_unexpected_exit_code_is_kept_as_spawn_error(start):
    daemon = start("""
[program:bad]
command=/bin/sh -c "exit 7"
startsecs=0
autorestart=false
""")
    info = daemon.wait_state("bad", "EXITED")
    assert info["spawnerr"] == "Bad exit code 7"
    assert info["exitstatus"] == 7


def test_death_by_a_signal_is_exit_status_minus_1_and_never_expected(start):
    daemon = start(f"""
[program:killed]
command={run_logger("killed", "sleep 0.2; kill -9 $$")}
startsecs=0
exitcodes=0,9,137
[program:once]
command=/bin/sh -c "kill -SEGV $$"
startsecs=0
autorestart=false
""")
    wait_until(lambda: len(runs(daemon, "killed")) >= 2, "it is restarted")
    info = daemon.wait_state("once", "EXITED")
    assert info["exitstatus"] == -1
    assert info["spawnerr"] == "Bad exit code -1"
    assert "exited: once (terminated by SIGSEGV" in daemon.log()
    assert "exited: killed (terminated by SIGKILL; not expected)" in daemon.log()


def test_a_signal_by_rpc_is_not_a_stop(start):
    daemon = start("""
[program:sleeper]
command=/bin/sleep 1000
startsecs=0
""")
    first = daemon.pid_of("sleeper")
    assert daemon.supervisor.signalProcess("sleeper", "TERM") is True
    wait_until(lambda: daemon.info("sleeper")["pid"] not in (0, first), "it is restarted")
    assert "exited: sleeper (terminated by SIGTERM; not expected)" in daemon.log()


def test_a_signal_reaches_the_program_itself(start):
    daemon = start("""
[program:traps]
command=@PYTHON@ @PROGRAMS@/traps.py @DIR@/signals
""")
    daemon.wait_text("signals", "ready")
    for signal in ("HUP", "sigusr1", "12", 28, "INT"):
        assert daemon.supervisor.signalProcess("traps", signal) is True
        daemon.wait_text("signals", {"HUP": "SIGHUP", "sigusr1": "SIGUSR1", "12": "SIGUSR2",
                                     28: "SIGWINCH", "INT": "SIGINT"}[signal])


@pytest.mark.parametrize("stopsignal", ["TERM", "INT", "QUIT", "HUP", "USR1", "10", "SIGKILL"])
def test_stopsignal_is_what_ends_the_program(start, stopsignal):
    daemon = start(f"""
[program:sleeper]
command=/bin/sleep 1000
stopsignal={stopsignal}
startsecs=0
""")
    daemon.pid_of("sleeper")
    assert daemon.supervisor.stopProcess("sleeper") is True
    name = {"10": "SIGUSR1", "SIGKILL": "SIGKILL"}.get(stopsignal, "SIG" + stopsignal)
    daemon.wait_log(f"stopped: sleeper (terminated by {name})")
    info = daemon.info("sleeper")
    assert (info["statename"], info["exitstatus"], info["pid"]) == ("STOPPED", -1, 0)
    assert info["stop"] > 0


def test_a_stop_in_starting_signals_at_once(start):
    daemon = start("""
[program:slow]
command=/bin/sleep 1000
startsecs=60
""")
    daemon.wait_state("slow", "STARTING")
    begin = time.monotonic()
    assert daemon.supervisor.stopProcess("slow") is True
    assert time.monotonic() - begin < 2 + daemon.slack
    assert daemon.state("slow") == "STOPPED"


def test_a_stop_in_backoff_stops_at_once_and_for_good(start):
    daemon = start(f"""
[program:crash]
command={run_logger("crash", "exit 1")}
startretries=100
""")
    wait_until(lambda: len(runs(daemon, "crash")) >= 2, "a second try")
    daemon.wait_state("crash", "BACKOFF")
    assert daemon.supervisor.stopProcess("crash") is True
    info = daemon.info("crash")
    assert info["statename"] == "STOPPED"
    count = len(runs(daemon, "crash"))
    holds_for(lambda: len(runs(daemon, "crash")) == count, 3.2, "it stays stopped")


def test_stopping_what_does_not_run_is_refused(start):
    daemon = start("""
[program:idle]
command=/bin/sleep 1000
autostart=false
[program:once]
command=/bin/true
startsecs=0
autorestart=false
""")
    daemon.wait_state("once", "EXITED")
    assert daemon.fault("supervisor.stopProcess", "idle") == (70, "NOT_RUNNING: idle")
    assert daemon.fault("supervisor.stopProcess", "once") == (70, "NOT_RUNNING: once")


def test_stopwaitsecs_over_means_sigkill(start):
    daemon = start("""
[program:deaf]
command=@PYTHON@ @PROGRAMS@/ignore_term.py
stdout_logfile=@DIR@/deaf.out
stopwaitsecs=1
""")
    pid = daemon.pid_of("deaf")
    daemon.wait_text("deaf.out", "deaf")
    begin = time.monotonic()
    assert daemon.supervisor.stopProcess("deaf") is True
    assert 0.99 <= time.monotonic() - begin <= 1 + 2 * daemon.slack
    assert ("WARN", f"killing 'deaf' ({pid}) with SIGKILL") in daemon.messages()
    assert ("WARN", "stopped: deaf (terminated by SIGKILL)") in daemon.messages()
    assert ("INFO", "waiting for deaf to stop") in daemon.messages()


def test_while_stopping_a_second_stop_is_refused_and_signals_are_not(start):
    daemon = start("""
[program:deaf]
command=@PYTHON@ @PROGRAMS@/ignore_term.py
stdout_logfile=@DIR@/deaf.out
stopwaitsecs=60
startsecs=0
""")
    daemon.pid_of("deaf")
    daemon.wait_text("deaf.out", "deaf")
    assert daemon.supervisor.stopProcess("deaf", False) is True
    assert daemon.state("deaf") == "STOPPING"
    assert daemon.fault("supervisor.stopProcess", "deaf") == (70, "NOT_RUNNING: deaf")
    assert daemon.fault("supervisor.startProcess", "deaf") == (40, "ABNORMAL_TERMINATION: deaf")
    assert daemon.supervisor.startProcess("deaf", False) is True
    assert daemon.fault("supervisor.removeProcessGroup", "deaf") == (91, "STILL_RUNNING: deaf")
    assert daemon.supervisor.signalProcess("deaf", "KILL") is True
    daemon.wait_state("deaf", "STOPPED")


def test_an_exit_on_stop_with_an_expected_code_is_no_warning(start):
    daemon = start("""
[program:polite]
command=@PYTHON@ @PROGRAMS@/traps.py @DIR@/signals
""")
    daemon.wait_text("signals", "ready")
    daemon.supervisor.stopProcess("polite")
    daemon.wait_log("stopped: polite")
    assert ("INFO", "stopped: polite (exit status 0)") in daemon.messages()


def test_a_stopped_program_starts_again_with_a_new_pid(start):
    daemon = start("""
[program:sleeper]
command=/bin/sleep 1000
startsecs=0
""")
    pid = daemon.pid_of("sleeper")
    daemon.supervisor.stopProcess("sleeper")
    stopped = daemon.info("sleeper")
    daemon.supervisor.startProcess("sleeper")
    info = daemon.info("sleeper")
    assert info["pid"] not in (0, pid)
    assert info["stop"] == stopped["stop"]
    assert info["exitstatus"] == 0


def test_an_exit_is_noticed_and_answered_within_the_loops_resolution(start):
    daemon = start("""
[program:sleeper]
command=/bin/sleep 1000
startsecs=0
autorestart=true
""")
    pid = daemon.pid_of("sleeper")
    begin = time.monotonic()
    daemon.supervisor.signalProcess("sleeper", "KILL")
    wait_until(lambda: daemon.info("sleeper")["pid"] not in (0, pid), "it is restarted")
    assert time.monotonic() - begin < 0.2 + daemon.slack


def test_autostart_false_waits_for_a_start(start):
    daemon = start("""
[program:idle]
command=/bin/sleep 1000
autostart=false
[program:other]
command=/bin/sleep 1000
startsecs=0
""")
    daemon.pid_of("other")
    info = daemon.info("idle")
    assert (info["statename"], info["description"], info["start"]) == ("STOPPED", "Not started", 0)
