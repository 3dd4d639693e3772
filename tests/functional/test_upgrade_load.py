"""Upgrades in a row in a cluster of three under load, with everybody there who might notice.

REEVE_UPGRADES says how many (5); make soak-upgrade makes a hundred, and judges the pauses, too,
without what others kept the processor for."""

import http.client
import json
import os
import re
import statistics
import sys
import threading
import time
import xmlrpc.client

import pytest

from harness import fleet as fleets
from harness import implementation, procfs
from harness.cluster import free_port
from harness.subscriber import WebSocket, Zmq
from harness.waiting import wait_until
from test_follow import Follower, is_unbroken
from test_upgrade import pids, standing, upgrade
from test_upgrade_cluster import ABSENCES, standings

sys.path.insert(0, str(implementation.PROGRAMS))
import pace  # noqa: E402

pytestmark = pytest.mark.reeved_only("a restart is all that it has")
UPGRADES = int(os.environ.get("REEVE_UPGRADES", "5"))
IS_SOAK = "REEVE_UPGRADES" in os.environ
PAUSE_MSEC_MAX = 50
RATE = (5 if fleets.SANITIZED else 50) << 20
EXITED = 100
AWAITED_SECS = 1.8  # a little less than a subscriber is waited for

# A hundred programs of the first instance.
LOAD = f"""
[program:many]
command=/bin/sleep 10000
process_name=%(program_name)s_%(process_num)02d
numprocs=93
startsecs=0
stdout_logfile=NONE
stderr_logfile=NONE
[program:flood]
command=@PYTHON@ @PROGRAMS@/pace.py {RATE} @DIR@/written
stdout_logfile=@DIR@/flood.log
stdout_logfile_maxbytes=0
[program:counter]
command=/bin/sh -c 'n=0; while :; do n=$((n + 1)); echo line $n; sleep 0.01; done'
stdout_logfile=@DIR@/counter.log
stdout_logfile_maxbytes=4KB
stdout_logfile_backups=20
[program:crasher]
command=/bin/sh -c 'echo >>@DIR@/crashes; sleep 1; exit 9'
startsecs=0
exitcodes=9
autorestart=true
[eventlistener:ear]
command=@PYTHON@ @PROGRAMS@/listener.py @DIR@/heard
events=PROCESS_STATE
buffer_size=1000
"""
NAMES = ["p0", "p1", "p2"]
RULES = fleets.application("app", "".join(fleets.program_rules(name, start_sequence=1)
                                          for name in NAMES))
PROCESSES = 100  # of the first instance


class Poller(threading.Thread):
    """Asks again and again, as any client does, and comes again where that is safe."""

    RETRYABLE = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)

    def __init__(self, instance, question, pause=0.0):
        super().__init__(daemon=True)
        self.proxy, self.question, self.pause = instance.proxy(tcp=True), question, pause
        self.answers, self.again, self.failed, self.ended = 0, 0, [], False

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.ended = True
        self.join(60)
        assert not self.is_alive()

    def run(self):
        while not self.ended:
            try:
                assert self.question(self.proxy)
                self.answers += 1
            except self.RETRYABLE:
                self.again += 1
            except xmlrpc.client.ProtocolError as error:
                if error.errcode == 503:
                    self.again += 1
                else:
                    self.failed.append(error)
            except Exception as error:  # pylint: disable=broad-exception-caught
                self.failed.append(error)
            time.sleep(self.pause)


def waited_msec(pid):
    """For how long it was kept waiting for a processor."""
    return int(procfs.read(pid, "schedstat").split()[1]) / 1e6


def all_of_one(proxy):
    return len(proxy.supervisor.getAllProcessInfo()) == PROCESSES


def all_of_the_cluster(proxy):
    return len(proxy.supvisors.get_all_process_info()) == PROCESSES


@pytest.fixture(name="three")
def _three(fleet):
    """The first one has the load; events are published by WebSocket and by ZeroMQ."""
    def make(links):
        ports = [free_port() for _ in links]
        cluster = fleet(3, fleets.programs(NAMES, group="app"), RULES, own={1: LOAD},
                        # A machine that is busy elsewhere may take its time for an exec.
                        options={"failure_timeout": "5"},
                        each={i + 1: {"event_link": link, "event_port": ports[i]}
                              for i, link in enumerate(links)}).up()
        wait_until(lambda: all(info["pid"] for info in cluster[1].supervisor.getAllProcessInfo()
                               if info["group"] not in ("crasher", "app")), "all run", 60)
        cluster.wait_once([f"app:{name}" for name in NAMES])
        cluster.wait_idle()
        subscribers = [WebSocket(port, again=True) if link == "WS" else Zmq(port)
                       for port, link in zip(ports, links)]
        return cluster, subscribers
    return make


def steady(cluster):
    """The pids of all but of what crashes."""
    return {i.number: {name: pid for name, pid in pids(i).items() if "crasher" not in name}
            for i in cluster}


class Watch:
    """What is to be the same in the end, and what may not be heard of meanwhile."""

    def __init__(self, cluster, subscribers):
        self.cluster, self.subscribers = cluster, subscribers
        self.pids, self.standings = steady(cluster), standings(cluster)
        self.daemons = {i.number: i.supervisor.getPID() for i in cluster}
        self.places = {i.number: i.place() for i in cluster}

    def check(self):
        cluster = self.cluster
        wait_until(cluster.is_settled, lambda: f"they are settled:\n{cluster.logs(60)}", 30)
        assert steady(cluster) == self.pids
        assert standings(cluster) == self.standings
        assert {i.number: i.supervisor.getPID() for i in cluster} == self.daemons
        for instance in cluster:
            for line in instance.lines("daemon.log")[self.places[instance.number]:]:
                assert not ABSENCES.search(line), f"n{instance.number}: {line}\n{cluster.logs(60)}"
            assert standing(instance)["failed"] == 0
        for subscriber in self.subscribers:
            for body in subscriber.of("instance"):
                assert body["statename"] == "RUNNING", body
            for body in subscriber.of("supvisors"):
                assert body["fsm_statename"] == "OPERATION", body


def check_output(instance):
    """No byte of the flood is lost or doubled; how many blocks it was."""
    instance.supervisor.signalProcess("flood", "USR1")
    written = int(wait_until(lambda: instance.read("written"), "the flood ends", 60))
    wait_until(lambda: (instance.dir / "flood.log").stat().st_size >= written * pace.BLOCK,
               "all of it is in the log", 60)
    assert pace.blocks(instance.dir / "flood.log") == written
    return written


def check_exits(instance, subscribers):
    """Each is known of, and told once to the listener and to each subscriber."""
    instance.supervisor.stopProcess("crasher")
    log = instance.log()
    runs = [int(pid) for pid in re.findall(r"spawned: 'crasher' with pid (\d+)", log)]
    exits = log.count("exited: crasher (exit status 9; expected)")
    assert len(runs) - len(instance.lines("crashes")) in (0, 1)  # the last one was stopped
    assert len(runs) == exits + log.count("stopped: crasher")
    wait_until(lambda: sum('"PROCESS_STATE_STOPPED"' in line for line in instance.lines("heard")) or
               exits == len(runs), "the listener has heard of the last one")
    heard = [json.loads(line) for line in instance.lines("heard")]
    serials = [int(headers["poolserial"]) for headers, _, _ in heard]
    assert serials == list(range(serials[0], serials[0] + len(serials)))
    told = sum(headers["eventname"] == "PROCESS_STATE_EXITED" and "processname:crasher" in payload
               for headers, payload, _ in heard)
    assert told == exits
    for number, subscriber in enumerate(subscribers, 1):
        def published(subscriber=subscriber):
            return [body["pid"] for body in subscriber.of("event", name="crasher", state=EXITED)]
        wait_until(lambda published=published: published()[-1:] == runs[exits - 1:exits],
                   lambda published=published: f"the last exit is told: {published()[-1:]}")
        expected = runs[runs.index(published()[0]):exits]
        missing = [pid for pid in expected if pid not in published()]
        # Nobody is waited for any longer than that, and on a busy machine it may take longer.
        assert not missing or max(subscriber.absences) > AWAITED_SECS, \
            f"n{number}'s subscriber misses {missing}, and was away for {subscriber.absences}"
        assert published() == [pid for pid in expected if pid not in missing]
    return exits


@pytest.mark.parametrize("links, numbers", [
    (["WS", "WS", "ZMQ"], [1]), (["ZMQ", "ZMQ", "WS"], [1]), (["WS", "ZMQ", "WS"], [1, 2, 3]),
], ids=["one, with subscribers by WebSocket", "one, with subscribers by ZeroMQ", "each in turn"])
def test_under_load_nothing_is_lost_or_doubled_and_nobody_is_missed(three, figure, links, numbers):
    cluster, subscribers = three(links)
    one, pauses, own = cluster[1], [], []
    with subscribers[0], subscribers[1], subscribers[2], \
            Poller(one, all_of_one) as poller, \
            Poller(cluster[3], all_of_the_cluster, 0.1) as other, \
            Follower(one, "tail", "-f", "counter") as follower:
        watch = Watch(cluster, subscribers)
        for number in range(UPGRADES):
            instance = cluster[numbers[number % len(numbers)]]
            before = waited_msec(instance.pid)
            pauses.append(upgrade(instance)["pause"] * 1000)
            own.append(pauses[-1] - (waited_msec(instance.pid) - before))
            time.sleep(0.2)  # of load, not for anything to come about
        follower.goes_on()
        assert is_unbroken(follower.end()[1:])
        assert follower.errors() == ""
        poller.ended = other.ended = True
        watch.check()
        written = check_output(one)
        exits = check_exits(one, subscribers)
    assert poller.failed == [] and poller.answers > UPGRADES
    assert other.failed == [] and other.answers
    assert other.again == 0 or 3 in numbers
    assert one.pid in {procfs.parent(pid) for pid in pids(one).values() if pid}
    told = (f"{UPGRADES} upgrades under load, {links[0]}, of {numbers}: pause "
            f"{statistics.median(pauses):.1f} ms median, {max(pauses):.1f} ms at most, without what "
            f"others kept the processor for {max(own):.1f} ms; "
            f"{poller.answers + other.answers} calls answered, {poller.again + other.again} to be "
            f"asked again; {written * pace.BLOCK >> 20} MB of output; {exits} exits")
    figure(told)
    if IS_SOAK and not fleets.SANITIZED:
        assert max(own) < PAUSE_MSEC_MAX, told
