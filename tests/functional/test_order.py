"""In which order programs are started and stopped."""

import re

import pytest

SLEEPER = "command=/bin/sleep 1000\nstartsecs=0\n"


def order(daemon, word):
    """The names in messages such as "spawned: 'name'" or "stopped: name", in their order."""
    pattern = re.compile(rf"{word}: '?([^' ]+)")
    matches = (pattern.match(text) for _, text in daemon.messages())
    return [match.group(1) for match in matches if match]


def program(name, lines=""):
    return f"[program:{name}]\n{SLEEPER}{lines}\n"


THREE = program("b", "priority=2") + program("c", "priority=3") + program("a", "priority=1")


def wait_running(daemon, *names):
    for name in names:
        daemon.wait_state(name, "RUNNING")


def test_programs_start_by_ascending_priority(start):
    daemon = start(THREE)
    wait_running(daemon, "a", "b", "c")
    assert order(daemon, "spawned") == ["a", "b", "c"]


def test_equal_priorities_start_by_name(start):
    daemon = start(program("z") + program("m") + program("a"))
    wait_running(daemon, "a", "m", "z")
    assert order(daemon, "spawned") == ["a", "m", "z"]


def test_numbered_processes_start_in_textual_order(start):
    daemon = start(program("n", "numprocs=11\nprocess_name=n_%(process_num)d"))
    wait_running(daemon, *(f"n:n_{number}" for number in range(11)))
    assert order(daemon, "spawned") == ["n_0", "n_1", "n_10"] + [f"n_{n}" for n in range(2, 10)]


def test_shutdown_stops_group_by_group_by_descending_priority(start):
    daemon = start(THREE)
    wait_running(daemon, "a", "b", "c")
    daemon.stop()
    assert order(daemon, "stopped") == ["c", "b", "a"]


def test_shutdown_waits_for_a_group_before_it_signals_the_next(start):
    daemon = start(program("first", "priority=1")
                   + "[program:last]\ncommand=@PYTHON@ @PROGRAMS@/ignore_term.py\nstopwaitsecs=2\n"
                     "priority=2\nstdout_logfile=@DIR@/out\n")
    daemon.wait_text("out", "deaf")
    wait_running(daemon, "first", "last")
    daemon.stop()
    assert order(daemon, "stopped") == ["last", "first"]
    assert "waiting for last, first to die" in daemon.log() or (
        "waiting for first, last to die" in daemon.log())


MEMBERS = """
[group:g]
programs=one,two,three
priority=5
""" + (program("one", "priority=3") + program("two", "priority=1") + program("three", "priority=2"))


def test_members_of_a_group_start_in_the_order_of_its_list(start):
    daemon = start(MEMBERS)
    wait_running(daemon, "g:one", "g:two", "g:three")
    assert order(daemon, "spawned") == ["one", "two", "three"]


@pytest.mark.parametrize("whole", ["group", "all"])
def test_start_and_stop_of_a_group_or_of_all_go_by_the_members_priority(start, whole):
    daemon = start(MEMBERS.replace("startsecs=0", "startsecs=0\nautostart=false"))
    call = {"group": ("ProcessGroup", ("g",)), "all": ("AllProcesses", ())}[whole]
    entries = daemon.rpc.call("supervisor.start" + call[0], *call[1])
    assert [entry["name"] for entry in entries] == ["two", "three", "one"]
    assert {(entry["status"], entry["description"]) for entry in entries} == {(80, "OK")}
    assert order(daemon, "spawned") == ["two", "three", "one"]
    assert daemon.rpc.call("supervisor.start" + call[0], *call[1]) == []
    entries = daemon.rpc.call("supervisor.stop" + call[0], *call[1])
    assert sorted(entry["name"] for entry in entries) == ["one", "three", "two"]
    assert daemon.rpc.call("supervisor.stop" + call[0], *call[1]) == []


def test_groups_and_programs_share_one_order(start):
    daemon = start(MEMBERS + program("early", "priority=4") + program("late", "priority=6"))
    wait_running(daemon, "early", "late", "g:one")
    assert order(daemon, "spawned") == ["early", "one", "two", "three", "late"]
    daemon.stop()
    stopped = order(daemon, "stopped")
    assert stopped[0] == "late" and stopped[-1] == "early"
