"""An instance of a cluster is replaced in place: nobody sees it absent."""

import json
import re
import signal
import statistics
import subprocess
import time

import pytest

from harness import fleet as fleets
from harness import implementation
from harness.cluster import Cluster, free_port
from harness.crashes import crash_and_come_back
from harness.subscriber import WebSocket, Zmq
from harness.waiting import wait_until
from test_upgrade import standing, upgrade

pytestmark = pytest.mark.reeved_only("a restart is all that it has")
NAMES = [f"p{number}" for number in range(6)]
RULES = fleets.application("app", "".join(fleets.program_rules(name, start_sequence=1)
                                          for name in NAMES))
# What an instance says of one that it has not heard, or that was away.
ABSENCES = re.compile(r"cluster: .*(FAILED|STOPPED|ISOLATED|ELECTION|SYNCHRONIZATION|no master|"
                      r"silent|restarted|good-bye|did not run|joins anew)")


def make(fleet):
    cluster = fleet(3, fleets.programs(NAMES, group="app"), RULES).up()
    cluster.wait_once([f"app:{name}" for name in NAMES])
    cluster.wait_idle()
    return cluster


def standings(cluster):
    """Of each instance: the master that it knows, and since when the cluster is in its state."""
    return {i.number: {key: cluster.ask("get_supvisors_state", of=i.number)[key]
                       for key in ("master_identifier", "fsm_statename")} for i in cluster}


def test_each_instance_in_turn_the_master_too(fleet, figure):
    cluster = make(fleet)
    places = {i.number: i.place() for i in cluster}
    real, before = cluster.real(), standings(cluster)
    pauses = []
    for _ in range(3):
        for instance in cluster:
            pauses.append(upgrade(instance)["pause"] * 1000)
            time.sleep(0.1)  # so that they meet each other in between, or not
    wait_until(lambda: cluster.is_settled(), lambda: f"they are settled:\n{cluster.logs(60)}")
    assert standings(cluster) == before
    assert cluster.real() == real
    for instance in cluster:
        for line in instance.lines("daemon.log")[places[instance.number]:]:
            assert not ABSENCES.search(line), f"n{instance.number}: {line}\n{cluster.logs(60)}"
        assert standing(instance)["failed"] == 0
    cluster.wait_once([f"app:{name}" for name in NAMES])
    figure(f"{len(pauses)} upgrades in a cluster of three: pause "
           f"{statistics.median(pauses):.1f} ms median, {max(pauses):.1f} ms at most")


def test_all_at_once(fleet):
    cluster = make(fleet)
    real, before = cluster.real(), standings(cluster)
    for instance in cluster:
        assert instance.rpc.reeve.upgrade() is True
    for instance in cluster:
        wait_until(lambda instance=instance: cluster.answers(
            lambda: standing(instance)["done"] == 1), "it is done")
    wait_until(lambda: cluster.is_settled(), lambda: f"they are settled:\n{cluster.logs(60)}")
    assert standings(cluster) == before
    assert cluster.real() == real
    cluster.wait_once([f"app:{name}" for name in NAMES])


def test_a_crash_after_an_upgrade_is_seen_as_ever(fleet):
    cluster = make(fleet)
    for instance in cluster:
        upgrade(instance)
    cluster.crash(2)
    cluster.wait_once([f"app:{name}" for name in NAMES], numbers=[1, 3], timeout=30)


def test_subscribers_come_again_to_the_same_port(start, figure):
    """ZeroMQ does so by itself; a WebSocket ends in order, and its client comes again."""
    for link, subscriber in (("ZMQ", Zmq), ("WS", WebSocket)):
        port = free_port()
        cluster = Cluster(start, 1, options={"event_link": link, "event_port": port})
        cluster[1].write_config(fleets.programs(["web"]))
        cluster.launch()
        cluster.wait_settled(timeout=30)
        with subscriber(port) as told:
            cluster[1].supervisor.startProcess("web")
            told.wait("process", process_name="web", statename="RUNNING")
            began = time.monotonic()
            upgrade(cluster[1])
            if link == "WS":
                wait_until(lambda told=told: told.closed, "it is closed")
                break
            mark = told.mark()
            # Again and again, for nothing tells when a subscription has come.
            wait_until(lambda: cluster[1].supervisor.stopProcess("web") and
                       cluster[1].supervisor.startProcess("web") and
                       told.of("process", mark, process_name="web"), "it is told again", 30, poll=0.1)
            figure(f"a subscriber by ZeroMQ heard again {time.monotonic() - began:.2f} s after the "
                   "upgrade was asked for")
    with WebSocket(port) as again:
        cluster[1].supervisor.stopProcess("web")
        again.wait("process", process_name="web", statename="STOPPED")


def test_reevectl_events_goes_on_and_tells_where_something_is_missing(start):
    cluster = Cluster(start, 1, options={"event_link": "WS", "event_port": free_port()})
    cluster[1].write_config("""
[program:brief]
command=/bin/sh -c 'sleep 0.1; exit 3'
startsecs=0
exitcodes=3
autorestart=true
""")
    cluster.launch()
    cluster.wait_settled(timeout=30)

    def exits():
        """The pids of those that have ended, as it was told."""
        bodies = (json.loads(line)[1] for line in cluster[1].read("told").splitlines(True)
                  if line.endswith("\n"))
        return [body["pid"] for body in bodies if body["name"] == "brief" and body["state"] == 100]

    with open(cluster[1].dir / "told", "wb") as out, \
            open(cluster[1].dir / "trouble", "wb") as trouble, subprocess.Popen(
                [implementation.reevectl(), "-c", str(cluster[1].conf), "events", "--json", "event"],
                stdout=out, stderr=trouble) as client:
        try:
            for _ in range(4):
                count = len(exits())
                wait_until(lambda count=count: len(exits()) > count + 2, "exits are told", 30)
                upgrade(cluster[1])
            count = len(exits())
            wait_until(lambda: len(exits()) > count + 2, "they still are", 30)
            runs = [int(pid) for pid in re.findall(r"spawned: 'brief' with pid (\d+)",
                                                   cluster[1].log())]
            told = exits()
            begin = runs.index(told[0])
            assert told == runs[begin:begin + len(told)]
            assert cluster[1].read("trouble") == ""
            crash_and_come_back(cluster[1])
            cluster[1].wait_text("trouble", "was broken: what happened meanwhile is missing", 30)
            count = len(exits())
            wait_until(lambda: len(exits()) > count + 2, "it goes on", 30)
            client.send_signal(signal.SIGINT)
            assert client.wait(15) == 0
        finally:
            client.kill()
