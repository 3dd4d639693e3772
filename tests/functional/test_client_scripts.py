"""What scripts of a cluster's users wait for: calls to one instance, and events that have to come in
exactly that order, each with the application's state after it.  One of four instances is not there.
"""

import signal
import xmlrpc.client

import pytest

from harness.cluster import free_port
from harness.fleet import FEW, application, program_rules, programs
from harness.subscriber import Zmq
from harness.waiting import holds_for, wait_until

pytestmark = pytest.mark.reeved_only("Supervisor has no clusters")

SERVERS = ("server_01", "server_02", "server_03")
JOBS = tuple(f"job_{i:02d}" for i in range(6))
PROGRAMS = (
    programs(("server",), autorestart="false", numprocs=3, numprocs_start=1,
             process_name="server_%(process_num)02d") + "[group:store]\nprograms=server\n\n"
    + programs(("manager", "gate", "screen", *JOBS), group="cinema", autorestart="false")
    + programs(("browser",), group="site", autorestart="false"))
RULES = (
    application("store", program_rules("server_.+", identifiers="#", start_sequence=1,
                                       expected_loading=5, running_failure_strategy="CONTINUE"),
                start_sequence=3)
    + application("cinema", program_rules("manager", start_sequence=1, stop_sequence=3, required="true",
                                          expected_loading=5,
                                          running_failure_strategy="RESTART_APPLICATION")
                  + program_rules("gate", identifiers="n4", start_sequence=2, required="true",
                                  expected_loading=3)
                  + program_rules("screen", identifiers="n2,n1", start_sequence=3, stop_sequence=1,
                                  expected_loading=10, running_failure_strategy="STOP_APPLICATION")
                  + program_rules("job_.+", expected_loading=25),
                  start_sequence=4, starting_failure_strategy="CONTINUE")
    + application("site", program_rules("browser", start_sequence=1, expected_loading=4,
                                        running_failure_strategy="RESTART_PROCESS"),
                  start_sequence=6, stop_sequence=2, starting_strategy="LESS_LOADED"))


class Script:
    """Takes the events of one instance one by one, as such a script does from its queues."""

    def __init__(self, made, told):
        self.made, self.told = made, told
        self.proxy = made[1].rpc
        self.at = {"event": 0, "application": 0, "supvisors": 0}

    def next(self, header, timeout=15):
        seen = self.at[header]
        wait_until(lambda: len(self.told.of(header)) > seen,
                   lambda: f"one more {header} is told after {self.told.got[-12:]}", timeout * FEW)
        self.at[header] += 1
        return self.told.of(header)[seen]

    def flush(self):
        for header in self.at:
            self.at[header] = len(self.told.of(header))

    def nothing_more(self, seconds=1.0):
        holds_for(lambda: all(len(self.told.of(h)) == self.at[h] for h in ("event", "application")),
                  seconds, "nothing more is told")

    def state(self, name, state, **values):
        event = self.next("event")
        assert {"name": name, "state": state, **values}.items() <= event.items(), event

    def application(self, name, statename, major, minor=False):
        told = self.next("application")
        assert (told["application_name"], told["statename"], told["major_failure"],
                told["minor_failure"]) == (name, statename, major, minor), told

    def until_all(self, header, wanted, timeout=15):
        """Takes messages until each of the wanted has come, in whatever order."""
        left = list(wanted)
        while left:
            got = self.next(header, timeout)
            for one in left:
                if one.items() <= got.items():
                    left.remove(one)
                    break

    def is_in(self, statename):
        wait_until(lambda: all(self.made.state(i.number) == statename for i in self.made.alive()),
                   lambda: f"all are in {statename}:\n{self.made.logs()}", 15 * FEW)


@pytest.fixture(name="script")
def _script(fleet):
    port = free_port()
    made = fleet(4, PROGRAMS, RULES, each={1: {"event_link": "ZMQ", "event_port": port}},
                 options={"synchro_options": "LIST,TIMEOUT", "synchro_timeout": "15",
                          "stats_enabled": "OFF"})
    made.launch(1, 2, 3)
    made.wait_settled((1, 2, 3), timeout=30 * FEW)
    made.wait_idle((1, 2, 3))
    made.wait_known({f"store:{name}": "RUNNING" for name in SERVERS}
                    | {"cinema:manager": "RUNNING", "cinema:gate": "FATAL",
                       "cinema:screen": "RUNNING", "site:browser": "RUNNING"}, (1, 2, 3))
    with Zmq(port) as told:
        yield Script(made, told)


def runs_at(script, namespec):
    """The proxy of the instance that runs it."""
    info = script.proxy.supvisors.get_process_info(namespec)[0]
    assert info["statename"] == "RUNNING" and len(info["identifiers"]) == 1
    return script.made[script.made.numbers[info["identifiers"][0]]].rpc


def crash(script, namespec):
    runs_at(script, namespec).supervisor.signalProcess(namespec, "SEGV")
    script.state(namespec.split(":")[1], 100, expected=False)


def test_what_follows_a_crash(script):
    crash(script, "store:server_01")
    script.application("store", "RUNNING", False, True)
    script.nothing_more()

    crash(script, "cinema:manager")
    script.application("cinema", "RUNNING", True)
    script.state("screen", 40)
    script.application("cinema", "STOPPING", True)
    script.state("screen", 0)
    script.application("cinema", "STOPPED", True)
    script.state("manager", 10)
    script.application("cinema", "STARTING", True)
    script.state("manager", 20)
    script.application("cinema", "RUNNING", True)
    script.state("gate", 200)
    script.application("cinema", "RUNNING", True)
    script.state("screen", 10)
    script.application("cinema", "STARTING", True)
    script.state("screen", 20)
    script.application("cinema", "RUNNING", True)
    script.nothing_more()

    crash(script, "cinema:screen")
    script.application("cinema", "RUNNING", True)
    script.state("manager", 40)
    script.application("cinema", "STOPPING", True)
    script.state("manager", 0)
    script.application("cinema", "STOPPED", True)
    script.nothing_more()

    # What is left behind is put in order as scripts do it.
    assert script.proxy.supvisors.start_process("CONFIG", "store:server_01")
    with pytest.raises(xmlrpc.client.Fault) as raised:
        script.proxy.supvisors.start_process("CONFIG", "store:server_01")
    assert raised.value.faultCode == 60
    assert script.proxy.supvisors.start_application("CONFIG", "cinema")


def test_a_restarted_instance_loses_its_program_to_another(script):
    at = runs_at(script, "site:browser")
    script.flush()
    at.supervisor.restart()
    script.until_all("event", [{"group": "site", "name": "browser", "state": 10},
                               {"group": "site", "name": "browser", "state": 20}], 25)
    script.until_all("application", [
        {"application_name": "site", "statename": "STARTING", "major_failure": False},
        {"application_name": "site", "statename": "RUNNING", "major_failure": False}])


def servers(script):
    return {info["process_name"]: info["identifiers"]
            for info in script.proxy.supvisors.get_process_info("store:*")
            if info["statecode"] == 20}


def make_conflicts(script, group, names):
    """Each is started everywhere, by hand; one that runs already is refused."""
    script.flush()
    for identifier, number in script.made.numbers.items():
        for name in names if number != 4 else ():
            try:
                script.made[number].rpc.supervisor.startProcess(f"{group}:{name}")
            except xmlrpc.client.Fault as fault:
                assert fault.faultCode == 60
            else:
                script.state(name, 10, identifier=identifier)
                script.state(name, 20, identifier=identifier)
    script.until_all("supvisors", [{"fsm_statename": "CONCILIATION"}])
    script.is_in("CONCILIATION")
    for instance in script.made.alive():
        conflicts = instance.rpc.supvisors.get_conflicts()
        assert sorted(conflict["process_name"] for conflict in conflicts) == sorted(names)


def no_conflicts(script):
    script.until_all("supvisors", [{"fsm_statename": "OPERATION"}])
    assert script.proxy.supvisors.get_supvisors_state()["fsm_statename"] == "OPERATION"
    assert script.proxy.supvisors.get_conflicts() == []


def test_conflicts_are_settled_by_each_strategy(script):
    before = servers(script)
    assert sorted(before) == sorted(SERVERS)
    assert sorted(place for places in before.values() for place in places) == sorted(
        identifier for identifier, number in script.made.numbers.items() if number != 4)
    assert script.proxy.supvisors.get_strategies()["conciliation"] == "USER"

    make_conflicts(script, "store", SERVERS)
    for name, places in before.items():
        for identifier, number in script.made.numbers.items():
            if identifier not in places and number != 4:
                script.made[number].rpc.supervisor.stopProcess(f"store:{name}")
    no_conflicts(script)
    assert servers(script) == before

    make_conflicts(script, "store", SERVERS)
    assert script.proxy.supvisors.conciliate("INFANTICIDE") is True
    no_conflicts(script)
    assert servers(script) == before

    make_conflicts(script, "store", SERVERS)
    assert script.proxy.supvisors.conciliate(0) is True
    no_conflicts(script)
    after = servers(script)
    assert all(len(after[name]) == 1 and after[name] != before[name] for name in SERVERS), after

    make_conflicts(script, "store", SERVERS)
    assert script.proxy.supvisors.conciliate("STOP") is True
    no_conflicts(script)
    assert servers(script) == {}
    assert script.proxy.supvisors.restart_application("CONFIG", "store")
    assert servers(script) == before

    make_conflicts(script, "store", SERVERS)
    assert script.proxy.supvisors.conciliate("RESTART") is True
    no_conflicts(script)
    wait_until(lambda: len(servers(script)) == 3, lambda: f"all run: {servers(script)}", 15 * FEW)

    make_conflicts(script, "cinema", ["manager"])
    assert script.proxy.supvisors.conciliate("RUNNING_FAILURE") is True
    script.until_all("event", [{"name": "manager", "state": 0, "identifier": identifier}
                               for identifier, number in script.made.numbers.items() if number != 4]
                     + [{"name": "screen", "state": 0}])
    script.until_all("event", [{"name": "manager", "state": 20}, {"name": "gate", "state": 200},
                               {"name": "screen", "state": 20}])
    no_conflicts(script)


def load(script):
    return {script.made.numbers[info["identifier"]]: info["loading"]
            for info in script.proxy.supvisors.get_all_instances_info()
            if info["statename"] == "RUNNING"}


def test_programs_are_started_until_there_is_no_room(script):
    """All instances are on one node here, so that its load is the sum of theirs."""
    rules = script.proxy.supvisors.get_process_rules("cinema:*")
    assert [r["expected_loading"] for r in rules if r["process_name"] in JOBS] == [25] * len(JOBS)
    assert sum(load(script).values()) == 3 * 5 + 5 + 10 + 4
    for number, name in enumerate(JOBS[:2], 1):
        assert script.proxy.supvisors.start_process(1, f"cinema:{name}")
        script.state(name, 10, group="cinema")
        script.state(name, 20, group="cinema")
        assert sum(load(script).values()) == 34 + 25 * number
    for name in JOBS[2:4]:
        with pytest.raises(xmlrpc.client.Fault) as raised:
            script.proxy.supvisors.start_process(5, f"cinema:{name}")
        assert (raised.value.faultCode, raised.value.faultString) == (
            40, f"ABNORMAL_TERMINATION: failed to start cinema:{name}")
        script.state(name, 200, group="cinema", identifier="")
    for name in JOBS[:2]:
        assert script.proxy.supvisors.stop_process(f"cinema:{name}")


def test_the_whole_is_stopped_application_by_application(script):
    info = {f"{i['application_name']}:{i['process_name']}": i
            for i in script.proxy.supvisors.get_all_process_info()}
    assert script.proxy.supvisors.start_args("cinema:job_05", "")
    script.state("job_05", 10)
    script.state("job_05", 20)
    script.flush()
    mark = script.told.mark()
    script.proxy.supvisors.restart()

    def stopped(*names):
        """The two states of each, those of one in order, and each process is told of where it is."""
        got = [script.next("event") for _ in range(2 * len(names))]
        for name in names:
            assert [e["state"] for e in got if e["name"] == name] == [40, 0], got

    stopped("manager")
    stopped("screen")
    stopped("job_05")
    stopped(*SERVERS)
    stopped("browser")
    for event in script.told.of("process", mark, statename="STOPPING"):
        namespec = f"{event['application_name']}:{event['process_name']}"
        if namespec in info and info[namespec]["identifiers"]:
            assert event["identifiers"] == info[namespec]["identifiers"]
