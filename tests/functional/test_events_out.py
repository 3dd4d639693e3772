"""What a cluster publishes to subscribers: which messages, in which order, with which keys."""

import os
import pathlib
import signal
import socket
import time

import pytest
import zmq

from harness.cluster import Cluster, free_port
from harness.subscriber import WebSocket, Zmq
from harness.waiting import holds_for, wait_until

pytestmark = pytest.mark.reeved_only("Supervisor has no clusters")

PROGRAMS = """
[program:web]
command=/bin/sleep 1000
process_name=web_%(process_num)d
numprocs=2
autostart=false
startsecs=0

[program:db]
command=/bin/sleep 1000
autostart=false
startsecs=1

[group:shop]
programs=web,db

[program:lone]
command=/bin/sleep 1000
autostart=false
startsecs=0

[program:bad]
command=/bin/there-is-no-such-program
autostart=false
"""

RULES = """<root>
<application name="shop">
 <start_sequence>0</start_sequence>
 <programs>
  <program name="db"><start_sequence>1</start_sequence><required>true</required></program>
  <program pattern="web_"><start_sequence>2</start_sequence><identifiers>n2</identifiers></program>
 </programs>
</application>
<application name="bad"><start_sequence>0</start_sequence><programs><program name="bad">
 <start_sequence>1</start_sequence></program></programs></application>
</root>
"""

SUPVISORS = {"identifier": str, "nick_identifier": str, "now_monotonic": float,
             "fsm_statecode": int, "fsm_statename": str, "degraded_mode": bool,
             "discovery_mode": bool, "master_identifier": str, "starting_jobs": list,
             "stopping_jobs": list, "instance_states": dict}
INSTANCE = {"identifier": str, "nick_identifier": str, "node_name": str, "port": int,
            "statecode": int, "statename": str, "loading": int, "process_failure": bool,
            "remote_sequence_counter": int, "remote_time": int, "remote_mtime": float,
            "local_sequence_counter": int, "local_time": int, "local_mtime": float}
APPLICATION = {"application_name": str, "managed": bool, "now_monotonic": float, "statecode": int,
               "statename": str, "major_failure": bool, "minor_failure": bool}
PROCESS = {"application_name": str, "process_name": str, "now_monotonic": float, "statecode": int,
           "statename": str, "expected_exit": bool, "last_event_mtime": float,
           "identifiers": list, "extra_args": str}
STATE = {"identifier": str, "nick_identifier": str, "name": str, "group": str, "state": int,
         "now": float, "now_monotonic": float, "pid": int, "expected": bool, "spawnerr": str,
         "extra_args": str, "disabled": bool, "event_mtime": float}
FORCED = {"identifier": str, "nick_identifier": str, "group": str, "name": str, "state": int,
          "now": float, "now_monotonic": float, "pid": int, "expected": bool, "spawnerr": str,
          "extra_args": str, "event_mtime": float}
ABILITY = {"group": str, "name": str, "state": int, "statename": str, "start": int, "stop": int,
           "now": int, "pid": int, "description": str, "spawnerr": str, "expected": bool,
           "start_monotonic": float, "stop_monotonic": float, "now_monotonic": float,
           "extra_args": str, "startsecs": int, "stopwaitsecs": int, "process_index": int,
           "program_name": str, "disabled": bool, "has_stdout": bool, "has_stderr": bool,
           "identifier": str, "nick_identifier": str}
REMOVED = {"name": str, "group": str, "state": int, "identifier": str, "nick_identifier": str}
HOST = {"identifier": str, "now_monotonic": float, "target_period": float, "period": list,
        "cpu": list, "mem": float, "net_io": dict, "disk_io": dict, "disk_usage": dict}
FIGURES = {"namespec": str, "identifier": str, "pid": int, "now_monotonic": float,
           "target_period": float, "period": list, "cpu": float, "mem": float}


def check(body, shape):
    """The same keys in the same order, and values of these types."""
    assert list(body) == list(shape)
    for key, kind in shape.items():
        assert type(body[key]) is kind, f"{key}: {body[key]!r}"


@pytest.fixture(name="cluster")
def _cluster(start, tmp_path):
    """Three instances; the first publishes by the given link at cluster.port."""
    def make(link="ZMQ", count=3, wait=True, **options):
        (tmp_path / "rules.xml").write_text(RULES)
        port = free_port()
        cluster = Cluster(start, count, options={"rules_files": tmp_path / "rules.xml",
                                                 "stats_enabled": "OFF"} | options,
                          each={1: {"event_link": link, "event_port": port}})
        cluster.port = port
        for instance in cluster:
            instance.write_config(PROGRAMS)
        cluster.launch()
        if wait:
            cluster.wait_settled(timeout=30)
            wait_until(lambda: all(m["fsm_statename"] == "OPERATION" for m in
                                   cluster[1].rpc.supvisors.get_all_instances_state_modes()),
                       "n1 has heard that all are at work")
            for instance in cluster:
                wait_until(lambda i=instance: len(i.rpc.supvisors.get_all_process_info()) == 5,
                           "everybody knows the programs")
        return cluster
    return make


def subscribe(cluster, link, *headers):
    if link == "ZMQ":
        return Zmq(cluster.port, *headers)
    return WebSocket(cluster.port, "/" + "/".join(headers or ("all",)))


def identifier(cluster, number):
    return cluster.list.split(",")[number - 1].split(">")[1]


# Processes and applications


@pytest.mark.parametrize("link", ["ZMQ", "WS"])
def test_an_application_that_is_started_and_stopped(cluster, link):
    three = cluster(link)
    with subscribe(three, link) as told:
        assert three[1].rpc.supvisors.start_application(0, "shop")
        told.wait("supvisors", starting_jobs=[])
        names = told.names()
        first = next(body for header, body in told.got if header == "supvisors")
        assert names[0] == "supvisors" and names[-1] == "supvisors"
        assert first["starting_jobs"] != [] and names.count("supvisors") == 2
        assert names[1:-1] == ["event", "process", "application"] * (len(names[1:-1]) // 3)
        events = [(e["name"], e["state"]) for e in told.of("event")]
        assert events[:2] == [("db", 10), ("db", 20)] and len(events) == 6
        for number in (0, 1):
            states = [e["state"] for e in told.of("event", name=f"web_{number}")]
            assert states == [10, 20]
            assert {e["identifier"] for e in told.of("event", name=f"web_{number}")} == {
                identifier(three, 2)}
            shown = told.of("process", process_name=f"web_{number}", statename="RUNNING")[-1]
            assert shown["identifiers"] == [identifier(three, 2)]
        assert told.of("application")[0]["statename"] == "STARTING"
        assert told.of("application")[-1]["statename"] == "RUNNING"
        for header, shape in (("event", STATE), ("process", PROCESS), ("application", APPLICATION),
                              ("supvisors", SUPVISORS)):
            for body in told.of(header):
                check(body, shape)
        running = told.of("event", name="db", state=20)[0]
        assert running["pid"] > 0 and told.of("event", name="db", state=10)[0]["pid"] == 0
        assert abs(running["now"] - time.time()) < 30

        mark = told.mark()
        assert three[1].rpc.supvisors.stop_application("shop")
        told.wait("supvisors", mark, stopping_jobs=[])
        names = told.names(mark)
        assert names[0] == "supvisors" and told.of("supvisors", mark)[0]["stopping_jobs"]
        assert names[1:-1] == ["event", "process", "application"] * (len(names[1:-1]) // 3)
        assert told.of("application", mark)[-1]["statename"] == "STOPPED"
        assert {e["state"] for e in told.of("event", mark)} == {40, 0}


def test_every_event_is_followed_by_its_process_and_its_application(cluster):
    three = cluster()
    with subscribe(three, "ZMQ") as told:
        three[3].supervisor.startProcess("lone")
        told.wait("application", application_name="lone", statename="RUNNING")
        assert told.names() == ["event", "process", "application"] * 2
        kinds = [(header, body.get("state", body.get("statename"))) for header, body in told.got
                 if header in ("event", "process", "application")]
        assert kinds == [("event", 10), ("process", "STARTING"), ("application", "STARTING"),
                         ("event", 20), ("process", "RUNNING"), ("application", "RUNNING")]
        event = told.of("event", state=20)[0]
        assert event["identifier"] == identifier(three, 3) and event["nick_identifier"] == "n3"
        assert event["pid"] == three[3].info("lone")["pid"]
        assert sorted(os.listdir(f"/proc/{event['pid']}/fd")) == ["0", "1", "2"]
        assert not told.of("application")[0]["managed"]

        mark = told.mark()
        os.kill(event["pid"], signal.SIGKILL)
        exited = told.wait("event", mark, state=100)
        assert exited["expected"] is False and exited["pid"] == event["pid"]
        assert exited["spawnerr"]
        assert told.wait("process", mark, statename="EXITED")["expected_exit"] is False
        told.wait("event", mark, state=20)  # autorestart


def test_the_same_process_in_two_places_and_one_that_cannot_start(cluster):
    three = cluster()
    with subscribe(three, "ZMQ") as told:
        three[1].supervisor.startProcess("lone")
        three[2].supervisor.startProcess("lone")
        wait_until(lambda: any(len(p["identifiers"]) == 2 for p in told.of("process")),
                   "it runs twice")
        mark = told.mark()
        three[1].fault("supvisors.start_application", 0, "bad")
        told.wait("process", mark, process_name="bad", statename="FATAL")
        fatal = told.wait("event", mark, name="bad", state=200)
        assert fatal["expected"] and fatal["pid"] == 0 and fatal["spawnerr"]
        check(fatal, STATE)


def test_a_process_that_finds_no_place_is_forced(cluster):
    three = cluster()
    with subscribe(three, "ZMQ") as told:
        three[2].rpc.supvisors.disable("web", False)
        wait_until(lambda: len(told.of("event", disabled=True)) == 2, lambda: str(told.got))
        mark = told.mark()
        three[1].fault("supvisors.start_process", 0, "shop:web_0", "--fast", True)
        forced = told.wait("event", mark, name="web_0")
        check(forced, FORCED)
        assert forced["identifier"] == forced["nick_identifier"] == ""
        assert (forced["state"], forced["pid"], forced["expected"]) == (200, 0, False)
        assert forced["spawnerr"]
        told.wait("application", mark, application_name="shop")
        assert [n for n in told.names(mark) if n != "supvisors"] == [
            "event", "process", "application"]
        assert told.of("process", mark)[0]["statename"] == "FATAL"


# What users change


def test_programs_that_are_disabled_and_enabled(cluster):
    three = cluster()
    with subscribe(three, "ZMQ") as told:
        three[2].rpc.supvisors.disable("lone", True)
        event = told.wait("event", disabled=True)
        check(event, ABILITY)
        assert (event["name"], event["program_name"], event["statename"]) == (
            "lone", "lone", "STOPPED")
        assert event["identifier"] == identifier(three, 2) and event["nick_identifier"] == "n2"
        mark = told.mark()
        three[2].rpc.supvisors.enable("lone", True)
        check(told.wait("event", mark, disabled=False), ABILITY)
        three[1].supervisor.startProcess("lone")
        told.wait("event", mark, state=20)
        # Nothing but the events came of it.
        assert told.names(mark)[:2] == ["event", "event"]
        assert told.names()[0] == "event"


def test_more_and_fewer_processes(cluster):
    three = cluster()
    with subscribe(three, "ZMQ") as told:
        for instance in three:
            instance.rpc.supvisors.update_numprocs("web", 3, True)
        wait_until(lambda: len(three[1].rpc.supvisors.get_all_process_info()) == 6, "it is there")
        holds_for(lambda: told.names() == [], 0.5, "nothing is said of what is new")
        for instance in three:
            instance.rpc.supvisors.update_numprocs("web", 2, True)
        told.wait("process", process_name="web_2", statename="DELETED")
        told.wait("application", application_name="shop")
        assert told.names() == ["event", "event", "event", "process", "application"]
        for event, instance in zip(told.of("event"), three):
            check(event, REMOVED)
            assert (event["name"], event["group"], event["state"]) == ("web_2", "shop", -1)
        assert {e["nick_identifier"] for e in told.of("event")} == {"n1", "n2", "n3"}
        gone = told.of("process")[0]
        check(gone, PROCESS)
        assert gone["statecode"] == -1 and gone["identifiers"] == []

        mark = told.mark()
        for instance in three:
            instance.supervisor.removeProcessGroup("lone")
        last = told.wait("application", mark, application_name="lone")
        check(last, APPLICATION)
        assert (last["statecode"], last["statename"]) == (4, "DELETED")
        assert told.names(mark) == ["event", "event", "event", "process", "application"]


# Instances


def gone_at(three, told):
    """Where it is told that n3 is STOPPED; 0: not yet."""
    return next((i for i, (header, body) in enumerate(told.got) if header == "supvisors"
                 and body["instance_states"][identifier(three, 3)] == "STOPPED"), 0)


def told_of_a_loss(three, told):
    """What was told of n3 from its failure on; and what everybody who lost it is told."""
    told.wait("instance", statename="FAILED")
    told.wait("process", process_name="db", statename="FATAL")
    told.wait("process", process_name="lone")
    told.wait("application", application_name="shop")
    order = [(header, body.get("statename"), body.get("process_name")) for header, body in told.got
             if header != "instance" or body["nick_identifier"] == "n3"]
    lone = told.of("process", process_name="lone")[0]
    assert lone["identifiers"] == [identifier(three, 2)]
    wait_until(lambda: gone_at(three, told), "its state is told")
    return order[order.index(("instance", "FAILED", None)):]


LOST = [("process", "FATAL", "db"), ("process", "RUNNING", "lone")]


@pytest.fixture(name="sharing")
def _sharing(cluster):
    """n3 runs db, and lone as n2 does."""
    three = cluster()
    three[3].supervisor.startProcess("lone")
    three[2].supervisor.startProcess("lone")
    three[3].supervisor.startProcess("shop:db")
    wait_until(lambda: three[1].rpc.supvisors.get_process_info("shop:db")[0]["identifiers"] and len(
        three[1].rpc.supvisors.get_process_info("lone")[0]["identifiers"]) == 2, "n1 knows")
    return three


def test_an_instance_that_is_lost(sharing):
    with subscribe(sharing, "ZMQ") as told:
        sharing[3].kill(signal.SIGSTOP)
        try:
            order = told_of_a_loss(sharing, told)
        finally:
            mark = told.mark()
            sharing[3].kill(signal.SIGCONT)
        assert order[1] == ("instance", "STOPPED", None)
        assert sorted(order[2:4]) == LOST
        assert order[4][0] == "application"
        assert ("event", None, None) not in order[:6]
        lone = told.of("process", process_name="lone")[0]
        assert gone_at(sharing, told) > told.got.index(("process", lone))
        told.wait("instance", mark, statename="CHECKING", nick_identifier="n3")
        told.wait("instance", mark, statename="RUNNING", nick_identifier="n3")


def test_a_daemon_that_is_killed_and_comes_too_late_for_its_programs(sharing):
    with subscribe(sharing, "ZMQ") as told:
        sharing[3].kill(signal.SIGKILL)
        sharing[3].wait_end()
        order = told_of_a_loss(sharing, told)
        assert order[1] == ("instance", "STOPPED", None)
        # The instance is away for a while before its programs are given up.
        lone = told.of("process", process_name="lone")[0]
        assert gone_at(sharing, told) < told.got.index(("process", lone))
        first = order.index(next(o for o in order if o[0] == "process"))
        assert {header for header, *_ in order[2:first]} == {"supvisors"}
        assert sorted(order[first:first + 2]) == LOST
        assert order[first + 2][0] == "application"
        assert ("event", None, None) not in order[:first + 4]
        sharing[3].kill_everything()

        mark = told.mark()
        sharing[3].status = None
        sharing[3].launch()
        told.wait("instance", mark, statename="CHECKING", nick_identifier="n3")
        told.wait("instance", mark, statename="RUNNING", nick_identifier="n3")
        wait_until(lambda: any(s["instance_states"][identifier(sharing, 3)] == "RUNNING"
                               for s in told.of("supvisors", mark)), "it is seen")
        check(told.of("instance", mark)[0], INSTANCE)


@pytest.mark.parametrize("link", ["ZMQ", "WS"])
def test_each_instance_is_told_of_every_five_seconds(cluster, link):
    three = cluster(link)
    with subscribe(three, link, "instance") as told:
        wait_until(lambda: {b["nick_identifier"] for b in told.of("instance")} == {
            "n1", "n2", "n3"}, "all three are told of", 7)
        assert all(b["statename"] == "RUNNING" for b in told.of("instance"))
        begin, mark = time.monotonic(), told.mark()
        wait_until(lambda: len(told.of("instance", mark)) >= 3, "and again", 7)
        assert time.monotonic() - begin > 3
        assert set(told.names(but=())) == {"instance"}
        check(told.got[0][1], INSTANCE)


@pytest.mark.parametrize("link", ["ZMQ", "WS"])
def test_the_end_of_the_whole_is_told_to_its_end(cluster, link):
    three = cluster(link)
    with subscribe(three, link, "supvisors") as told:
        three[2].rpc.supvisors.shutdown()
        for instance in three:
            assert instance.wait_end() == 0
        told.wait("supvisors", fsm_statename="FINAL")
        states = [b["fsm_statename"] for b in told.of("supvisors")]
        assert "SHUTTING_DOWN" in states and states[-1] == "FINAL"
        if link == "WS":
            wait_until(lambda: told.closed, "the connection is closed")
            assert told.closed.code == 1001


def test_the_publisher_is_back_after_a_restart_in_place(cluster):
    three = cluster("WS")
    with subscribe(three, "WS", "supvisors", "process") as told:
        three[1].supervisor.restart()
        wait_until(lambda: told.closed, "the connection is closed")
    three.wait_settled(timeout=30)
    with subscribe(three, "WS", "process") as told:
        three[2].supervisor.startProcess("lone")
        told.wait("process", statename="RUNNING", process_name="lone")


# Subscriptions


def test_who_has_subscribed_gets_what_he_wants(cluster):
    three = cluster("WS")
    paths = {"/all": {"event", "process", "application"}, "/process/supvisors": {"process"},
             "//event//process/event": {"event", "process"}, "/application/nix": {"application"},
             "/": set(), "/nix": set(), "/ALL": set(), "/x/all/y": {"event", "process",
                                                                  "application"}}
    subscribers = {path: WebSocket(three.port, path) for path in paths}
    for subscriber in subscribers.values():
        subscriber.__enter__()
    try:
        three[2].supervisor.startProcess("lone")
        subscribers["/all"].wait("application", statename="RUNNING")
        time.sleep(0.3)
        for path, wanted in paths.items():
            assert set(subscribers[path].names()) == wanted, path
            for header, body in subscribers[path].got:
                assert (header, body) in subscribers["/all"].got or header == "instance"
    finally:
        for subscriber in subscribers.values():
            subscriber.__exit__()


def test_prefixes_choose_what_zeromq_brings(cluster):
    three = cluster()
    with subscribe(three, "ZMQ", "proc", "app") as told, subscribe(three, "ZMQ") as all_of_it:
        three[2].supervisor.startProcess("lone")
        all_of_it.wait("application", statename="RUNNING")
        told.wait("application", statename="RUNNING")
        assert set(told.names(but=())) == {"process", "application"}


@pytest.mark.parametrize("compression", [None, "deflate"])
def test_compression_may_be_offered(cluster, compression):
    three = cluster("WS")
    with WebSocket(three.port, "/all", compression) as told:
        three[2].supervisor.startProcess("lone")
        told.wait("application", statename="RUNNING")


def raw_websocket(port):
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect(("127.0.0.1", port))
    sock.sendall(b"GET /all HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                 b"\r\n")
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += sock.recv(1)
    return sock, answer


@pytest.mark.parametrize("link", ["ZMQ", "WS"])
def test_who_does_not_read_holds_up_nobody(cluster, link):
    three = cluster(link)
    if link == "WS":
        idle, answer = raw_websocket(three.port)
        assert b" 101 " in answer and b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in answer
    else:
        idle = socket.create_connection(("127.0.0.1", three.port))
    with subscribe(three, link) as told:
        for _ in range(100):
            three[2].supervisor.startProcess("lone")
            three[2].supervisor.stopProcess("lone")
        begin = time.monotonic()
        wait_until(lambda: len(told.of("event")) == 400, "all of them have come")
        assert time.monotonic() - begin < 3
    idle.close()


def test_a_port_that_is_taken_is_tried_again(cluster):
    one = cluster("WS", wait=False, count=1, synchro_options="LIST")
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one[1].kill(signal.SIGTERM)
        one[1].wait_end()
        taken.bind(("0.0.0.0", one.port))
        taken.listen()
        one[1].status = None
        one[1].launch()
        one[1].wait_said(f"CRIT events cannot be published on port {one.port} ")
    one[1].wait_said(f"INFO events are published on port {one.port} now")
    with WebSocket(one.port) as told:
        one[1].supervisor.startProcess("lone")
        told.wait("application", statename="RUNNING")


# Statistics


def test_figures_of_hosts_and_processes(cluster):
    three = cluster(stats_enabled="ALL", stats_collecting_period=1, stats_periods="1,2")
    three[2].supervisor.startProcess("lone")
    pid = three[2].info("lone")["pid"]
    with subscribe(three, "ZMQ", "hstats", "pstats") as told:
        for number in (1, 2, 3):
            host = told.wait("hstats", identifier=identifier(three, number), target_period=2.0)
            check(host, HOST)
            assert len(host["cpu"]) == os.cpu_count() + 1
            assert all(0 <= x <= 100 for x in host["cpu"]) and 0 < host["mem"] < 100
            assert "lo" in host["net_io"] and all(len(p) == 2 for p in host["net_io"].values())
            assert 2 <= host["period"][1] - host["period"][0] < 4
            own = told.wait("pstats", namespec="supervisord",
                            identifier=identifier(three, number))
            check(own, FIGURES)
            assert own["pid"] == three[number].pid and 0 < own["mem"] < 100
        lone = told.wait("pstats", namespec="lone")
        check(lone, FIGURES)
        assert lone["pid"] == pid and lone["identifier"] == identifier(three, 2)
        assert lone["target_period"] == 1.0 and 1 <= lone["period"][1] - lone["period"][0] < 3
        three[2].supervisor.stopProcess("lone")
        time.sleep(1.5)
        holds_for(lambda mark=told.mark(): not told.of("pstats", mark, namespec="lone"), 2.5,
                  "it is not told of any more")


def test_statistics_are_switched_while_it_runs(cluster):
    one = cluster(count=1, wait=False, synchro_options="LIST", stats_periods=1,
                  stats_collecting_period=3600, stats_enabled="PROCESS")
    one[1].wait_said("cluster: OPERATION")
    rpc = one[1].rpc.supvisors
    with subscribe(one, "ZMQ", "hstats", "pstats") as told:
        assert rpc.get_statistics_status() == {
            "host_stats": False, "process_stats": True, "collecting_period": 3600.0}
        assert rpc.update_collecting_period(1.0)
        told.wait("pstats", timeout=5)
        assert not told.of("hstats")
        assert rpc.enable_host_statistics(True)
        told.wait("hstats", timeout=5)
        assert rpc.enable_process_statistics(False)
        mark = told.mark()
        told.wait("hstats", mark, timeout=5)
        told.wait("hstats", told.mark(), timeout=5)
        assert not told.of("pstats", mark + 1)
        assert rpc.enable_host_statistics(False)
        time.sleep(0.2)
        holds_for(lambda mark=told.mark(): told.mark() == mark, 2.5, "nothing is sampled")


def test_one_stranger_cannot_take_up_the_descriptors_of_a_zeromq_publisher(cluster):
    """The limits are those of daemon/zeromq_guard.h."""
    one = cluster("ZMQ", count=1, synchro_options="TIMEOUT", wait=False)
    one[1].wait_ready()
    wait_until(lambda: answers(one.port), "it publishes")
    context = zmq.Context()
    context.set(zmq.MAX_SOCKETS, 4096)
    strangers = []
    for _ in range(200):
        strangers.append(context.socket(zmq.SUB))
        strangers[-1].setsockopt(zmq.RECONNECT_IVL, 2000)
        strangers[-1].setsockopt(zmq.SUBSCRIBE, b"")
        strangers[-1].connect(f"tcp://127.0.0.1:{one.port}")
    one[1].wait_log("a subscriber of events at 127.0.0.1:", timeout=30)

    # Those who are refused come again and again: a few more may be there in passing.
    wait_until(lambda: 128 <= connections(one.port) < 180,
               lambda: f"128 are taken, not {connections(one.port)}", 30)
    assert one[1].log().count("is refused, as 256 are connected, or 128 from there (") == 1
    for socket_ in strangers:
        socket_.close(linger=0)
    context.term()
    wait_until(lambda: connections(one.port) == 0, "they are gone", 30)
    with subscribe(one, "ZMQ") as told:
        one[1].supervisor.startProcess("lone")
        told.wait("process", process_name="lone", timeout=30)


def connections(port):
    """Those that its daemon has accepted, from this machine."""
    lines = pathlib.Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    words = (line.split() for line in lines)
    return sum(word[1].endswith(f":{port:04X}") and word[3] == "01" for word in words)


def answers(port):
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0
