"""An instance is replaced in place, and the cluster sees no absence."""

import http.client
import re
import threading
import xmlrpc.client

import pytest

from harness.cluster import free_port, make_key
from harness.fleet import FEW, Fleet
from harness.subscriber import WebSocket
from harness.waiting import holds_for, wait_until

pytestmark = pytest.mark.reeved_only("Supervisor has no upgrade")

GROUP = f"239.77.6.3:{free_port()}"

PROGRAMS = """
[program:web]
command=/bin/sleep 1000
process_name=web_%(process_num)d
numprocs=3
autostart=false
startsecs=0

[program:job]
command=/bin/sleep 1000
autostart=false
startsecs=0
"""

RULES = """
<application name="web">
 <start_sequence>1</start_sequence><starting_strategy>LESS_LOADED</starting_strategy>
 <programs><program pattern="web_"><start_sequence>1</start_sequence><expected_loading>20</expected_loading>
 <running_failure_strategy>RESTART_PROCESS</running_failure_strategy></program></programs>
</application>
<application name="job">
 <start_sequence>0</start_sequence>
 <programs><program name="job"><start_sequence>1</start_sequence></program></programs>
</application>
"""


def standing(instance):
    return instance.rpc.reeve.get_upgrade()


def upgrade(instance):
    """With the same binary; returns what it says of it when the next image goes on."""
    before = standing(instance)
    assert instance.rpc.call("reeve.upgrade") is True

    def is_over():
        try:
            now = standing(instance)
        except (OSError, http.client.HTTPException, xmlrpc.client.ProtocolError):
            return None
        return now["done"] + now["failed"] > before["done"] + before["failed"] and now
    now = wait_until(is_over, lambda: f"the upgrade is over:\n{instance.log()[-3000:]}", 60 * FEW)
    assert now["failed"] == before["failed"], now["failure"]
    return now


@pytest.fixture(name="three")
def _three(start, tmp_path):
    def make(way="list", **named):
        options = {"cluster_key_file": make_key(tmp_path / "key")} if "key" in way else {}
        # A machine that is busy elsewhere may take its time for an exec.
        options["failure_timeout"] = "5"
        ports = [free_port() for _ in range(3)]
        fleet = Fleet(start, tmp_path, 3, PROGRAMS, RULES, group=GROUP if "multicast" in way else None,
                      options=options | {"event_link": "WS"},
                      each={i + 1: {"event_port": port} for i, port in enumerate(ports)}, **named)
        fleet.event_ports = {i + 1: port for i, port in enumerate(ports)}
        return fleet.up()
    return make


def told_of_absence(fleet, places):
    """What any of them said in its log that it would not have said without an upgrade."""
    bad = re.compile(r"cluster: (ELECTION|SYNCHRONIZATION|OFF|DISTRIBUTION|<n\d>\S+ is (STOPPED|FAILED"
                     r"|CHECK\w+|ISOLATED)|there is no master|\S+ is the master|this instance was)")
    return [line for i in fleet for line in i.lines("daemon.log")[places[i.number]:]
            if bad.search(line)]


def absences(subscriber, after):
    """Publications that would tell of an absence."""
    return [(header, body) for header, body in subscriber.got[after:]
            if (header == "instance" and body["statename"] != "RUNNING")
            or (header == "supvisors" and body["fsm_statename"] != "OPERATION")
            or (header == "process" and body["statename"] not in ("RUNNING", "STARTING"))]


@pytest.mark.parametrize("way", ["list", "list with a key", "list and multicast",
                                 "list and multicast with a key"])
def test_nobody_notices_that_one_after_the_other_is_replaced(three, way):
    fleet = three(way)
    wait_until(lambda: [len(fleet.real()[f"web:web_{i}"]) for i in range(3)] == [1, 1, 1],
               "all run", 20 * FEW)
    before, master = fleet.real(), fleet.wait_settled()
    incarnations = {i.number: i.record["incarnation"] for i in fleet}
    places = {i.number: i.place() for i in fleet}
    for number in (1, 2, 3):
        one, two = (WebSocket(fleet.event_ports[n]) for n in (1, 2, 3) if n != number)
        with one, two:
            marks, pid = (one.mark(), two.mark()), fleet[number].supervisor.getPID()
            upgrade(fleet[number])
            holds_for(lambda: fleet.is_settled() == master, 1.5, "nothing changes")
            assert not absences(one, marks[0])
            assert not absences(two, marks[1])
            assert fleet[number].supervisor.getPID() == pid
    assert not told_of_absence(fleet, places)
    assert fleet.real() == before
    assert {i.number: i.record["incarnation"] for i in fleet} == incarnations
    assert fleet.wait_settled() == master


def test_orders_go_on_while_all_are_replaced_again_and_again(three):
    fleet = three()
    master, _ = fleet.wait_settled()
    places = {i.number: i.place() for i in fleet}
    failures, ends, done = [], threading.Event(), []
    asked = next(n for n in (1, 2, 3) if n != master)

    def load():
        """Somebody who has no patience: every call is to be answered, and with success."""
        while not ends.is_set():
            for method, args in (("start_application", (1, "job", True)),
                                 ("stop_application", ("job", True))):
                try:
                    if fleet[asked].rpc.call(f"supvisors.{method}", *args) is not True:
                        failures.append((method, "false"))
                    done.append(method)
                except Exception as error:  # pylint: disable=broad-except
                    failures.append((method, repr(error)))

    thread = threading.Thread(target=load)
    thread.start()
    try:
        for number in 3 * [n for n in (1, 2, 3) if n != asked]:
            upgrade(fleet[number])
            mark = len(done)
            wait_until(lambda: len(done) > mark + 4, "it goes on", 20 * FEW)
    finally:
        ends.set()
        thread.join(60)
    assert not failures and len(done) > 10
    assert not told_of_absence(fleet, places)
    assert fleet.wait_settled()[0] == master
