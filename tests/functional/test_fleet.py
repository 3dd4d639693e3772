"""Instances know what the others run, at once and without gaps, and the master orders them to start
and stop it."""

import os
import signal
import threading
import time

import pytest

from harness import implementation, procfs
from harness.cluster import Cluster
from harness.waiting import holds_for, wait_until

SANITIZED = implementation.is_sanitized()
AT_ONCE = 0.5 if SANITIZED else 0.1  # seconds from a change until everybody knows of it

SHARED = """
[program:cat]
command=/bin/cat
autostart=false
startsecs=0

[program:missing]
command=/bin/there-is-no-such-program
autostart=false

[program:quick]
command=/bin/sh -c "exit 3"
autostart=false
startsecs=0
exitcodes=0
autorestart=false
"""
RULES = """<root>
<application name="cat"><start_sequence>1</start_sequence>
<programs><program name="cat"><start_sequence>0</start_sequence>
<identifiers>%s</identifiers></program></programs></application>
</root>"""

pytestmark = pytest.mark.reeved_only("Supervisor has no clusters")


def own(number):
    """A program that only this instance has."""
    return f"[program:own{number}]\ncommand=/bin/sleep 1000\nstartsecs=0\nautostart=true\n"


@pytest.fixture(name="fleet")
def _fleet(start, tmp_path):
    """Three instances, each with programs that all have and with one of its own."""
    def make(rules="*", more="", **options):
        (tmp_path / "rules.xml").write_text(RULES % rules)
        cluster = Cluster(start, 3, options={"rules_files": tmp_path / "rules.xml"} | options)
        for instance in cluster:
            instance.write_config(SHARED + own(instance.number) + more)
        cluster.launch()
        cluster.wait_settled(timeout=30 if SANITIZED else 15)
        return cluster
    return make


def seen_by(instance, name):
    """(state, numbers of the instances that run it) as that instance knows it; None: not at all."""
    for info in instance.rpc.supvisors.get_all_process_info():
        if info["process_name"] == name:
            return info["statename"], len(info["identifiers"])
    return None


def wait_seen(instances, name, expected, seconds=15.0):
    for instance in instances:
        wait_until(lambda i=instance: seen_by(i, name) == expected,
                   lambda i=instance: f"n{i.number} sees {name} as {expected}, not "
                                      f"{seen_by(i, name)}", seconds, poll=0.002)


def record(instance, of, name):
    return instance.rpc.supvisors.get_inner_process_info(f"n{of}", name)[0]


# What they know


def test_all_know_what_each_of_them_runs(fleet):
    cluster = fleet()
    for number in (1, 2, 3):
        wait_seen(cluster, f"own{number}", ("RUNNING", 1))
        for instance in cluster:
            told = record(instance, number, f"own{number}")
            assert told["pid"] == cluster[number].info(f"own{number}")["pid"]
            assert told["statename"] == "RUNNING" and told["program_name"] == f"own{number}"
            assert told["nick_identifier"] == f"n{number}"
    wait_seen(cluster, "cat", ("STOPPED", 0))


def test_a_change_is_known_everywhere_at_once(fleet):
    cluster = fleet()
    wait_seen(cluster, "own2", ("RUNNING", 1))
    for state, act in (("STOPPED", "stopProcess"), ("RUNNING", "startProcess")) * 5:
        cluster[2].rpc.call(f"supervisor.{act}", "own2")
        wait_seen(cluster, "own2", (state, int(state == "RUNNING")), AT_ONCE)
    os.kill(cluster[2].info("own2")["pid"], signal.SIGKILL)
    wait_until(lambda: record(cluster[1], 2, "own2")["has_crashed"], "n1 hears of the crash", 1)


def test_times_of_start_and_stop_are_those_of_the_instance(fleet):
    cluster = fleet()
    wait_seen(cluster, "own2", ("RUNNING", 1))
    cluster[2].supervisor.stopProcess("own2")
    wait_seen(cluster, "own2", ("STOPPED", 0))
    local = cluster[2].rpc.supvisors.get_local_process_info("own2")
    told = record(cluster[1], 2, "own2")
    for key in ("start_monotonic", "stop_monotonic", "extra_args", "startsecs", "stopwaitsecs",
                "process_index", "program_name", "disabled", "has_stdout", "has_stderr",
                "spawnerr", "expected", "description"):
        assert told[key] == local[key], key
    assert 0 < told["start_monotonic"] < told["stop_monotonic"] <= told["event_time"]


def test_a_removed_group_is_gone_everywhere_and_comes_back(fleet):
    cluster = fleet()
    wait_seen(cluster, "own2", ("RUNNING", 1))
    cluster[2].supervisor.stopProcess("own2")
    cluster[2].supervisor.removeProcessGroup("own2")
    wait_seen(cluster, "own2", None, 1)
    cluster[2].supervisor.addProcessGroup("own2")
    wait_seen(cluster, "own2", ("RUNNING", 1), 1)


def test_who_comes_late_knows_it_all_as_well(fleet):
    cluster = fleet()
    cluster[3].stop()
    # In order or not, what it ran is for others to start: it is not told as stopped.
    wait_seen([cluster[1], cluster[2]], "own3", ("FATAL", 0))
    cluster[1].supervisor.stopProcess("own1")
    cluster[3].status = None
    cluster.launch(3)
    cluster[3].wait_ready()
    wait_until(lambda: cluster[3].rpc.supvisors.get_supvisors_state()["fsm_statename"] ==
               "OPERATION", "n3 is one of them again")
    for name, expected in (("own1", ("STOPPED", 0)), ("own2", ("RUNNING", 1)),
                           ("own3", ("RUNNING", 1))):
        wait_seen(cluster, name, expected)
    assert record(cluster[3], 1, "own1")["stop_monotonic"] > 0


def test_what_a_killed_instance_ran_is_fatal_and_lost(fleet):
    cluster = fleet()
    wait_seen(cluster, "own3", ("RUNNING", 1))
    orphan = cluster[3].info("own3")["pid"]
    cluster[3].unchecked = True  # it leaves its programs behind
    cluster[3].kill(signal.SIGKILL)
    others = [cluster[1], cluster[2]]
    wait_seen(others, "own3", ("FATAL", 0), 3)
    for instance in others:
        told = record(instance, 3, "own3")
        assert told["description"].endswith("lost"), told
        assert told["pid"] == 0 and not told["expected"]
    procfs.kill(orphan)


def test_what_changed_while_an_instance_was_away_is_known_when_it_is_back(fleet):
    cluster = fleet()
    wait_seen(cluster, "own3", ("RUNNING", 1))
    cluster[3].kill(signal.SIGSTOP)
    try:
        wait_seen([cluster[1], cluster[2]], "own3", ("FATAL", 0), 5)
        cluster[2].supervisor.stopProcess("own2")
    finally:
        cluster[3].kill(signal.SIGCONT)
    wait_seen(cluster, "own3", ("RUNNING", 1), 10)
    wait_seen(cluster, "own2", ("STOPPED", 0), 10)


def test_hundreds_that_start_at_once_do_not_make_their_instance_seem_lost(fleet):
    cluster = fleet(more="[program:many]\ncommand=/bin/sleep 1000\nnumprocs=400\nstartsecs=0\n"
                         "process_name=%(program_name)s_%(process_num)03d\nautostart=false\n"
                         "stdout_logfile=NONE\nstderr_logfile=NONE\n",
                    heartbeat_interval="0.05", failure_timeout="0.25")
    at_first = cluster.is_settled()
    waited = [procfs.processor_wait(instance.pid) for instance in cluster]
    for act in ("startProcessGroup", "stopProcessGroup"):
        cluster[2].rpc.call(f"supervisor.{act}", "many")
        state = "RUNNING" if act == "startProcessGroup" else "STOPPED"
        for instance in cluster:
            wait_until(lambda i=instance: all(
                info["statename"] == state
                for info in i.rpc.supvisors.get_all_process_info()
                if info["application_name"] == "many"), f"n{instance.number} sees all {state}")
    starved = max(procfs.processor_wait(instance.pid) - before
                  for instance, before in zip(cluster, waited))
    for instance in cluster:
        if instance.said("cluster: .* is FAILED") and starved > 0.1:
            pytest.skip(f"a daemon had to wait {starved:.1f} s for a processor")
        assert not instance.said("cluster: .* is FAILED"), instance.number
    assert cluster.is_settled() == at_first


# Orders and requests


def slaves(cluster):
    master = cluster.wait_settled()[0]
    return cluster[master], [i for i in cluster if i.number != master]


def test_any_instance_can_be_asked_and_the_master_orders(fleet):
    cluster = fleet()
    _, others = slaves(cluster)
    asked, target = others
    name = f"own{target.number}"
    wait_seen(cluster, name, ("RUNNING", 1))
    assert asked.rpc.supvisors.stop_process(name) is True
    assert target.state(name) == "STOPPED"
    assert asked.rpc.supvisors.start_process("LESS_LOADED", name, "7", True) is True
    told = target.rpc.supvisors.get_local_process_info(name)
    assert told["statename"] == "RUNNING" and told["extra_args"] == "7"
    assert procfs.command_line(told["pid"]) == ["/bin/sleep", "1000", "7"]
    assert record(asked, target.number, name)["extra_args"] == "7"
    assert asked.fault("supvisors.start_process", "LESS_LOADED", name) == (
        60, f"ALREADY_STARTED: {name}")


def test_the_master_orders_itself_as_well(fleet):
    cluster = fleet()
    master, others = slaves(cluster)
    name = f"own{master.number}"
    wait_seen(cluster, name, ("RUNNING", 1))
    assert others[0].rpc.supvisors.restart_process("LESS_LOADED", name) is True
    assert master.state(name) == "RUNNING"


def test_a_command_that_is_missing_there_is_shown_as_fatal_everywhere(fleet):
    cluster = fleet()
    _, others = slaves(cluster)
    wait_seen(cluster, "missing", ("STOPPED", 0))
    code, _ = others[0].fault("supvisors.start_process", "LESS_LOADED", "missing")
    assert code in (40, 70)
    wait_seen(cluster, "missing", ("FATAL", 0), 5)


def test_local_means_where_it_was_asked(fleet):
    cluster = fleet()
    _, others = slaves(cluster)
    wait_seen(cluster, "cat", ("STOPPED", 0))
    assert others[1].rpc.supvisors.start_process("LOCAL", "cat") is True
    assert others[1].state("cat") == "RUNNING"
    wait_seen(cluster, "cat", ("RUNNING", 1), 1)


def test_a_caller_does_not_wait_for_a_master_that_is_gone(fleet):
    cluster = fleet()
    master, others = slaves(cluster)
    asked, target = others
    target.write_config(SHARED + own(target.number).replace(
        "startsecs=0", "startsecs=600\nstopwaitsecs=1"))
    name = f"own{target.number}"
    wait_seen(cluster, name, ("RUNNING", 1))
    target.supervisor.stopProcess(name)
    target.supervisor.removeProcessGroup(name)
    target.supervisor.reloadConfig()
    target.supervisor.addProcessGroup(name)
    target.supervisor.stopProcess(name)
    wait_seen(cluster, name, ("STOPPED", 0))
    master.unchecked = True
    orphan = master.info(f"own{master.number}")["pid"]
    begin = time.monotonic()
    threading.Timer(0.5, lambda: master.kill(signal.SIGKILL)).start()
    code, text = asked.fault("supvisors.start_process", "LESS_LOADED", name)
    assert time.monotonic() - begin < 5
    assert code in (30, 40, 101), text
    procfs.kill(orphan)


# Rules


def test_rules_are_read_again_and_bad_ones_change_nothing(fleet, tmp_path):
    cluster = fleet(rules="n1")
    one = cluster[1]

    def places():
        return one.rpc.supvisors.get_process_rules("cat:cat")[0]["identifiers"]

    assert places() == ["n1"]
    (tmp_path / "rules.xml").write_text(RULES % "n2,n3")
    assert one.rpc.call("reeve.reloadRules") is True
    assert places() == ["n2", "n3"]
    (tmp_path / "rules.xml").write_text("<root><application>")
    code, text = one.fault("reeve.reloadRules")
    assert code == 92 and "rules.xml" in text
    assert places() == ["n2", "n3"]
    one.wait_said("ERRO the rules stay as they were: .*rules.xml")
    (tmp_path / "rules.xml").write_text(RULES % "n3")
    one.supervisor.reloadConfig()
    assert places() == ["n3"]


def test_bad_rules_at_the_start_are_told_and_none_hold(fleet, tmp_path):
    cluster = fleet(rules="n1</nothing>")
    for instance in cluster:
        assert instance.said("ERRO no rules hold, every application is unmanaged: .*rules.xml")
    assert not cluster[1].rpc.supvisors.get_application_info("cat")["managed"]
    holds_for(lambda: not cluster[1].has_ended(), 0.3, "n1 lives")
