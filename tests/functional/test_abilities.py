"""What a cluster's callers change in one instance: the arguments of a program, whether it is
disabled, how many processes it has."""

import json
import time

import pytest

from harness import procfs
from harness.daemon import free_port
from harness.waiting import holds_for, wait_until

pytestmark = pytest.mark.reeved_only("Supvisors is not installed here")

X = """
[program:x]
command=/bin/sleep 1000
process_name=x_%(process_num)d
numprocs=2
startsecs=0
[group:g]
programs=x
"""

SOLO = """
[program:solo]
command=/bin/sleep 1000
startsecs=0
autostart=%s
"""


def configure(daemon, config):
    daemon.extra = f"""
[reeve]
supvisors_list=127.0.0.1:{daemon.tcp}
link_port={daemon.link_port}
state_dir=@DIR@/state
disabilities_file=@DIR@/var/lib/disabled.json
"""
    daemon.write_config(config)


def make(start, config):
    """A daemon, not started yet, that is a cluster by itself."""
    daemon = start.make(tcp=True)
    daemon.link_port = free_port()
    (daemon.dir / "state").mkdir()
    configure(daemon, config)
    return daemon


def in_operation(daemon):
    state = daemon.rpc.supvisors.get_supvisors_state
    wait_until(lambda: state()["fsm_statename"] == "OPERATION", state, 30)
    return daemon


def cluster(start, config):
    return in_operation(make(start, config).start())


def file_of(daemon):
    return json.loads(daemon.read("var/lib/disabled.json"))


def wait_file(daemon, expected):
    """That of the start is written beside the loop; what a call changes is there when it is answered."""
    path = daemon.dir / "var/lib/disabled.json"
    wait_until(lambda: path.exists() and file_of(daemon) == expected, "the file of the start")


def names(daemon):
    return [info["name"] for info in daemon.supervisor.getAllProcessInfo()]


def states(daemon):
    return {info["name"]: info["statename"] for info in daemon.supervisor.getAllProcessInfo()}


def local(daemon, namespec):
    return daemon.rpc.supvisors.get_local_process_info(namespec)


# Arguments


def test_arguments_are_appended_and_kept(start):
    daemon = cluster(start, """
[program:echo]
command=/bin/sh -c 'echo "$@" >> @DIR@/echo.args; exec sleep 1000' sh 'of the command'
startsecs=0
autostart=false
autorestart=true
""")
    assert daemon.rpc.supvisors.start_args("echo", "-x 'a  b' \"\"", True) is True
    wait_until(lambda: len(daemon.lines("echo.args")) == 1, "it has run")
    assert local(daemon, "echo")["extra_args"] == "-x 'a  b' \"\""
    procfs.kill(daemon.pid_of("echo"))
    wait_until(lambda: len(daemon.lines("echo.args")) == 2, "it was restarted")
    daemon.supervisor.stopProcess("echo")
    daemon.supervisor.startProcess("echo")
    wait_until(lambda: len(daemon.lines("echo.args")) == 3, "it has run again")
    daemon.supervisor.stopProcess("echo")
    daemon.rpc.supvisors.start_args("echo", "", True)
    wait_until(lambda: len(daemon.lines("echo.args")) == 4, "it has run without")
    assert daemon.lines("echo.args") == 3 * ["of the command -x a  b "] + ["of the command"]
    assert local(daemon, "echo")["extra_args"] == ""


def test_arguments_of_a_refused_start_are_not_kept(start):
    daemon = cluster(start, SOLO % "true")
    daemon.wait_state("solo", "RUNNING")
    assert daemon.fault("supvisors.start_args", "solo", "1", True) == (
        60, "ALREADY_STARTED: solo")
    daemon.supervisor.stopProcess("solo")
    assert daemon.fault("supvisors.start_args", "solo", "'1", True) == (
        2, "INCORRECT_PARAMETERS: can't parse extra arguments \"'1\": No closing quotation")
    daemon.rpc.supvisors.disable("solo", True)
    assert daemon.fault("supvisors.start_args", "solo", "1", True) == (103, "DISABLED: solo")
    daemon.rpc.supvisors.enable("solo", True)
    daemon.wait_state("solo", "RUNNING")
    assert local(daemon, "solo")["extra_args"] == ""


def test_an_order_without_a_command_is_fatal(start):
    daemon = cluster(start, "[program:none]\ncommand=/nonexistent/x\nautostart=false\n")
    text = "NO_FILE: can't find command '/nonexistent/x'"
    assert daemon.fault("supervisor.startProcess", "none") == (20, text)
    assert daemon.state("none") == "STOPPED"
    assert daemon.fault("supvisors.start_args", "none", "1", True) == (20, text)
    assert daemon.state("none") == "FATAL"
    assert daemon.info("none")["spawnerr"] == text


# Disabling


def test_a_disabled_program_is_stopped_and_not_started(start):
    daemon = cluster(start, X + SOLO % "true")
    daemon.wait_state("g:x_1", "RUNNING")
    wait_file(daemon, {"x": False, "solo": False})
    assert daemon.rpc.supvisors.disable("x", True) is True
    assert states(daemon) == {"x_0": "STOPPED", "x_1": "STOPPED", "solo": "RUNNING"}
    assert file_of(daemon) == {"x": True, "solo": False}
    assert local(daemon, "g:x_0")["disabled"] is True
    assert daemon.fault("supervisor.startProcess", "g:x_0") == (103, "DISABLED: g:x_0")
    assert daemon.supervisor.startAllProcesses() == [
        {"name": name, "group": "g", "status": 103, "description": f"DISABLED: g:{name}"}
        for name in ("x_0", "x_1")]
    assert daemon.rpc.supvisors.enable("x", True) is True
    daemon.wait_state("g:x_0", "RUNNING")
    daemon.wait_state("g:x_1", "RUNNING")
    assert file_of(daemon) == {"x": False, "solo": False}
    for method in ("supvisors.enable", "supvisors.disable"):
        assert daemon.fault(method, "g", True) == (
            10, "BAD_NAME: program=g unknown to Supvisors")


def test_what_is_disabled_stays_so_over_a_restart(start):
    daemon = make(start, X)
    (daemon.dir / "var/lib").mkdir(parents=True)
    path = daemon.dir / "var/lib/disabled.json"
    path.write_text('{"x": true, "gone": true}', encoding="utf-8")
    in_operation(daemon.start())
    assert states(daemon) == {"x_0": "STOPPED", "x_1": "STOPPED"}
    wait_file(daemon, {"x": True, "gone": True})
    daemon.rpc.supvisors.enable("x", True)
    assert file_of(daemon) == {"x": False, "gone": True}
    daemon.rpc.supvisors.disable("x", True)
    serial = daemon.log().count("supervisord started")
    daemon.supervisor.restart()
    daemon.wait_log("supervisord started", serial + 1)
    in_operation(daemon)
    holds_for(lambda: states(daemon) == {"x_0": "STOPPED", "x_1": "STOPPED"}, 0.3,
              "nothing starts")


def test_a_file_that_is_not_json_is_moved_aside(start):
    daemon = make(start, SOLO % "true")
    (daemon.dir / "var/lib").mkdir(parents=True)
    (daemon.dir / "var/lib/disabled.json").write_text('{"solo": tr', encoding="utf-8")
    in_operation(daemon.start())
    daemon.wait_state("solo", "RUNNING")
    assert daemon.read("var/lib/disabled.json.bad") == '{"solo": tr'
    wait_file(daemon, {"solo": False})
    assert any(level == "ERRO" and "is not valid, all programs are enabled" in text
               for level, text in daemon.messages())


def test_a_group_that_is_added_is_in_the_file(start):
    daemon = cluster(start, SOLO % "true")
    configure(daemon, SOLO % "true" + X)
    daemon.supervisor.reloadConfig()
    wait_file(daemon, {"solo": False})
    daemon.supervisor.addProcessGroup("g")
    assert file_of(daemon) == {"solo": False, "x": False}


def test_listeners_hear_of_disabled_and_added_processes(start):
    daemon = cluster(start, X + """
[eventlistener:ear]
command=@PYTHON@ @PROGRAMS@/listener.py @DIR@/ear.got
events=PROCESS
buffer_size=100
""")
    daemon.wait_state("ear", "RUNNING")
    daemon.rpc.supvisors.update_numprocs("x", 3, True)
    daemon.rpc.supvisors.disable("x", True)
    daemon.rpc.supvisors.enable("x", True)
    daemon.rpc.supvisors.update_numprocs("x", 2, True)
    lines = wait_until(lambda: len(daemon.lines("ear.got")) == 8 and daemon.lines("ear.got"),
                       lambda: daemon.lines("ear.got"))
    events = [json.loads(line) for line in lines]
    assert [(event[0]["eventname"], event[1]) for event in events] == [
        (f"PROCESS_{what}", f"processname:x_{number} groupname:g ") for what, number in (
            ("ADDED", 2), ("DISABLED", 0), ("DISABLED", 1), ("DISABLED", 2), ("ENABLED", 0),
            ("ENABLED", 1), ("ENABLED", 2), ("REMOVED", 2))]


# Numprocs


def test_a_program_gets_more_processes_and_fewer(start):
    daemon = cluster(start, X + SOLO % "true")
    assert daemon.rpc.supvisors.update_numprocs("x", 4, True) is True
    assert names(daemon) == ["x_0", "x_1", "x_2", "x_3", "solo"]
    daemon.wait_state("g:x_3", "RUNNING")
    assert local(daemon, "g:x_3")["process_index"] == 3
    assert len(list(daemon.dir.glob("x_3-stdout*"))) == 1
    assert daemon.rpc.supvisors.update_numprocs("x", 1, True) is True
    assert names(daemon) == ["x_0", "solo"]
    assert daemon.rpc.supvisors.update_numprocs("x", "2", False) is True
    assert daemon.rpc.supvisors.update_numprocs("x", 1, False) is True
    wait_until(lambda: names(daemon) == ["x_0", "solo"], lambda: states(daemon))
    for _ in range(2):
        assert daemon.fault("supvisors.update_numprocs", "solo", 2, True) == (
            104, "NOT_APPLICABLE: numprocs not applicable to program=solo")
    assert daemon.rpc.supvisors.update_numprocs("solo", 1, True) is True
    assert daemon.fault("supvisors.update_numprocs", "x", 0, True) == (
        2, "INCORRECT_PARAMETERS: program=x incorrect numprocs=0 - integer > 0 expected")
    assert daemon.supervisor.reloadConfig() == [[[], [], []]]


def test_lazily_processes_live_until_they_end(start):
    daemon = cluster(start, X.replace("startsecs=0", "startsecs=0\nautorestart=true"))
    pid = daemon.pid_of("g:x_1")
    assert daemon.rpc.supvisors.update_numprocs("x", 1, True, True) is True
    assert states(daemon) == {"x_0": "RUNNING", "x_1": "RUNNING"}
    assert daemon.rpc.supvisors.update_numprocs("x", 2, True, True) is True
    assert daemon.pid_of("g:x_1") == pid
    assert daemon.rpc.supvisors.update_numprocs("x", 1, True, True) is True
    procfs.kill(pid)
    wait_until(lambda: names(daemon) == ["x_0"], lambda: states(daemon))


def test_what_is_added_is_of_the_configuration_as_last_read(start):
    daemon = cluster(start, X)
    configure(daemon, X.replace("1000", "1001"))
    daemon.rpc.supvisors.update_numprocs("x", 3, True)
    assert "1000" in procfs.command_line(daemon.pid_of("g:x_2"))
    assert daemon.supervisor.reloadConfig() == [[[], ["g"], []]]
    daemon.rpc.supvisors.update_numprocs("x", 4, True)
    assert "1001" in procfs.command_line(daemon.pid_of("g:x_3"))


def test_a_stubborn_process_is_waited_for(start):
    daemon = cluster(start, """
[program:x]
command=@PYTHON@ @PROGRAMS@/ignore_term.py
process_name=x_%(process_num)d
numprocs=2
stopwaitsecs=1
""")
    daemon.wait_state("x:x_1", "RUNNING")
    begun = time.monotonic()
    assert daemon.rpc.supvisors.update_numprocs("x", 1, True) is True
    assert time.monotonic() - begun >= 1
    assert names(daemon) == ["x_0"]
