"""The methods of supvisors.* asked over the wire of a real cluster: what clients of Supvisors see."""

import threading
import xmlrpc.client

import pytest

from harness.cluster import Cluster
from harness.rpc import Proxy
from harness.waiting import wait_until

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
startsecs=0

[program:tool]
command=/bin/sleep
autostart=false
startsecs=0

[group:shop]
programs=web,db
"""

RULES = """<root>
<application name="shop">
 <start_sequence>0</start_sequence>
 <programs>
  <program name="db"><start_sequence>1</start_sequence><required>true</required>
   <expected_loading>30</expected_loading></program>
  <program pattern="web_"><start_sequence>2</start_sequence><expected_loading>10</expected_loading>
   <identifiers>n2,n1</identifiers></program>
 </programs>
</application>
</root>
"""

# Keys and types as the specification has them; a tuple is an array of what it holds.
MODES = {"identifier": str, "nick_identifier": str, "now_monotonic": float, "fsm_statecode": int,
         "fsm_statename": str, "degraded_mode": bool, "discovery_mode": bool,
         "master_identifier": str, "starting_jobs": bool, "stopping_jobs": bool,
         "instance_states": dict}
INSTANCE = {"identifier": str, "nick_identifier": str, "node_name": str, "port": int,
            "statecode": int, "statename": str, "loading": int, "process_failure": bool,
            "remote_sequence_counter": int, "remote_mtime": float, "remote_time": int,
            "local_sequence_counter": int, "local_mtime": float, "local_time": int}
APPLICATION = {"application_name": str, "managed": bool, "now_monotonic": float, "statecode": int,
               "statename": str, "major_failure": bool, "minor_failure": bool}
PROCESS = {"application_name": str, "process_name": str, "now_monotonic": float, "statecode": int,
           "statename": str, "expected_exit": bool, "last_event_mtime": float,
           "identifiers": (str,), "extra_args": str}
LOCAL = {"group": str, "name": str, "state": int, "statename": str, "start": int, "stop": int,
         "now": int, "pid": int, "description": str, "spawnerr": str, "expected": bool,
         "start_monotonic": float, "stop_monotonic": float, "now_monotonic": float,
         "extra_args": str, "startsecs": int, "stopwaitsecs": int, "process_index": int,
         "program_name": str, "disabled": bool, "has_stdout": bool, "has_stderr": bool}
SHAPES = [
    ("get_api_version", (), str),
    ("get_supvisors_state", (), MODES | {"starting_jobs": (str,), "stopping_jobs": (str,)}),
    ("get_all_instances_state_modes", (), (MODES,)),
    ("get_instance_state_modes", ("n2",), (MODES,)),
    ("get_master_identifier", (), {"identifier": str, "nick_identifier": str}),
    ("get_strategies", (), {"auto-fencing": bool, "starting": str, "conciliation": str,
                            "supvisors_failure": str}),
    ("get_statistics_status", (), {"host_stats": bool, "process_stats": bool,
                                   "collecting_period": float}),
    ("get_network_info", ("n1",), {"identifier": str, "nick_identifier": str, "host_id": str,
                                   "http_port": int, "stereotypes": (str,), "network": {
                                       "machine_id": str, "fqdn": str, "addresses": dict}}),
    ("get_all_instances_info", (), (INSTANCE,)),
    ("get_instance_info", ("n3",), (INSTANCE,)),
    ("get_all_applications_info", (), (APPLICATION,)),
    ("get_application_info", ("shop",), APPLICATION),
    ("get_application_rules", ("shop",), {
        "application_name": str, "managed": bool, "distribution": str, "identifiers": (str,),
        "start_sequence": int, "stop_sequence": int, "starting_strategy": str,
        "starting_failure_strategy": str, "running_failure_strategy": str, "status_formula": str}),
    ("get_application_rules", ("tool",), {"application_name": str, "managed": bool}),
    ("get_all_process_info", (), (PROCESS,)),
    ("get_process_info", ("shop:*",), (PROCESS,)),
    ("get_all_local_process_info", (), (LOCAL,)),
    ("get_local_process_info", ("shop:db",), LOCAL),
    ("get_all_inner_process_info", ("n2",), (LOCAL | {
        "local_mtime": float, "event_time": float, "uptime": (int, float), "has_crashed": bool,
        "identifier": str, "nick_identifier": str},)),
    ("get_process_rules", ("shop:",), ({
        "application_name": str, "process_name": str, "identifiers": (str,), "start_sequence": int,
        "stop_sequence": int, "required": bool, "wait_exit": bool, "expected_loading": int,
        "starting_failure_strategy": str, "running_failure_strategy": str},)),
]


@pytest.fixture(name="three")
def _three(start, tmp_path):
    """Three instances with the same programs, in OPERATION."""
    rules = tmp_path / "rules.xml"
    rules.write_text(RULES, encoding="ascii")
    cluster = Cluster(start, 3, common={"config": PROGRAMS},
                      options={"rules_files": rules, "stereotypes": "red"}).launch()
    cluster.master, _ = cluster.wait_settled()
    return cluster


def proxy(instance):
    """Of its own, so that several may wait at a time."""
    return Proxy(port=instance.tcp).supvisors


def refusal(method, *arguments):
    with pytest.raises(xmlrpc.client.Fault) as fault:
        method(*arguments)
    return fault.value.faultCode, fault.value.faultString


def identifier(instance):
    return f"127.0.0.1:{instance.tcp}"


def shape_errors(value, shape, where):
    if isinstance(shape, dict):
        if value.keys() != shape.keys():
            yield f"{where} has {sorted(value)} and not {sorted(shape)}"
            return
        for key, inner in shape.items():
            yield from shape_errors(value[key], inner, f"{where}.{key}")
    elif shape == (int, float):
        if type(value) not in shape:
            yield f"{where} is {value!r}"
    elif isinstance(shape, tuple):
        if not isinstance(value, list):
            yield f"{where} is {value!r}"
            return
        for i, item in enumerate(value):
            yield from shape_errors(item, shape[0], f"{where}[{i}]")
    elif type(value) is not shape:
        yield f"{where} is {value!r}"


def states(methods, namespec="shop:*"):
    return {p["process_name"]: (p["statename"], p["identifiers"])
            for p in methods.get_process_info(namespec)}


def test_every_status_has_the_keys_and_types_that_clients_read(three):
    methods = proxy(three[1])
    for method, arguments, shape in SHAPES:
        value = getattr(methods, method)(*arguments)
        assert not list(shape_errors(value, shape, method))
        assert not isinstance(shape, tuple) or value
    assert methods.get_api_version() == "0.19"


def test_all_instances_say_the_same_of_the_cluster(three):
    master = identifier(three[three.master])
    for instance in three:
        methods = proxy(instance)
        assert methods.get_master_identifier()["identifier"] == master
        assert [i["statename"] for i in methods.get_all_instances_info()] == ["RUNNING"] * 3
        # What others say of themselves comes with their next heartbeat.
        wait_until(lambda ask=methods: {
            (m["fsm_statename"], m["master_identifier"]) for m in ask.get_all_instances_state_modes()
        } == {("OPERATION", master)}, "all are in OPERATION")
        for modes in methods.get_all_instances_state_modes():
            assert modes["instance_states"] == {identifier(i): "RUNNING" for i in three}
        assert methods.get_supvisors_state()["identifier"] == identifier(instance)


def test_an_application_starts_and_stops_whoever_is_asked(three):
    asked = proxy(three[three.master % 3 + 1])  # not the master
    assert asked.start_application("CONFIG", "shop")
    where = {"db": [identifier(three[1])], "web_0": [identifier(three[2])],
             "web_1": [identifier(three[2])]}
    for instance in three:
        wait_until(lambda methods=proxy(instance): states(methods) == {
            name: ("RUNNING", place) for name, place in where.items()}, "all of them know it")
    loads = {i["nick_identifier"]: i["loading"] for i in asked.get_all_instances_info()}
    assert loads == {"n1": 30, "n2": 20, "n3": 0}
    assert refusal(asked.start_application, "CONFIG", "shop") == (60, "ALREADY_STARTED: shop")
    assert asked.stop_application("shop")
    assert {state for state, _ in states(asked).values()} == {"STOPPED"}
    assert refusal(asked.stop_application, "shop") == (70, "NOT_RUNNING: failed to stop shop")
    assert refusal(asked.start_application, "CONFIG", "tool") == (102, "NOT_MANAGED: tool")


def test_a_forecast_starts_nothing(three):
    methods = proxy(three[3])
    before = [p["statename"] for p in methods.get_all_inner_process_info("n1")]
    forecast = methods.test_start_application("CONFIG", "shop")
    assert [(f["process_name"], f["state"], f["running_identifiers"]) for f in forecast] == [
        ("db", "RUNNING", [identifier(three[1])]), ("web_0", "RUNNING", [identifier(three[2])]),
        ("web_1", "RUNNING", [identifier(three[2])])]
    assert [p["statename"] for p in methods.get_all_inner_process_info("n1")] == before


def test_extra_arguments_reach_the_command(three):
    methods = proxy(three[2])
    assert methods.start_process("LOCAL", "tool", "777")
    info = methods.get_process_info("tool")[0]
    assert info["identifiers"] == [identifier(three[2])] and info["extra_args"] == "777"
    local = methods.get_local_process_info("tool")
    with open(f"/proc/{local['pid']}/cmdline", "rb") as file:
        assert file.read() == b"/bin/sleep\x00777\x00"
    assert refusal(methods.start_args, "tool", "3") == (60, "ALREADY_STARTED: tool")
    assert methods.stop_process("tool")
    assert refusal(methods.stop_process, "tool") == (70, "NOT_RUNNING: tool already stopped")


def test_any_process_that_matches_is_started_and_named(three):
    methods = proxy(three[1])
    assert methods.start_any_process("CONFIG", "web_[1-9]") == "shop:web_1"
    assert refusal(methods.start_any_process, "CONFIG", "web_[1-9]") == (
        30, 'FAILED: no candidate process matching "web_[1-9]"')
    assert refusal(methods.start_any_process, "CONFIG", "(")[0] == 2


def test_a_disabled_program_is_started_by_nobody(three):
    methods, server = proxy(three[1]), Proxy(port=three[1].tcp)
    assert methods.disable("db")
    assert methods.get_local_process_info("shop:db")["disabled"]
    assert refusal(server.supervisor.startProcess, "shop:db") == (103, "DISABLED: shop:db")
    assert methods.start_process("CONFIG", "shop:db")
    assert states(methods, "shop:db") == {"db": ("RUNNING", [identifier(three[2])])}
    assert methods.enable("db")
    assert not methods.get_local_process_info("shop:db")["disabled"]


def test_numprocs_of_a_local_program_change(three):
    methods = proxy(three[1])
    assert methods.update_numprocs("web", 4)
    for instance in three:
        wait_until(lambda m=proxy(instance): len(m.get_process_info("shop:*")) == 5, "all know them")
    assert methods.update_numprocs("web", 2)
    wait_until(lambda: len(methods.get_process_info("shop:*")) == 3, "they are gone")
    assert refusal(methods.update_numprocs, "db", 3) == (
        104, "NOT_APPLICABLE: numprocs not applicable to program=db")
    assert refusal(methods.update_numprocs, "web", 0) == (
        2, "INCORRECT_PARAMETERS: program=web incorrect numprocs=0 - integer > 0 expected")


def test_a_waiting_call_delays_no_other(three):
    methods, other = proxy(three[1]), proxy(three[1])
    done = []
    thread = threading.Thread(target=lambda: done.append(
        methods.start_process("CONFIG", "tool", "5")))
    thread.start()
    assert other.get_api_version() == "0.19"
    thread.join(timeout=20)
    assert done == [True]


def test_a_multicall_mixes_results_and_faults(three):
    calls = xmlrpc.client.MultiCall(Proxy(port=three[1].tcp))
    calls.supvisors.get_api_version()
    calls.supvisors.get_network_info("red")
    calls.supvisors.start_process("CONFIG", "shop:db")
    results = calls().results
    assert results[0] == "0.19"
    assert results[1]["faultString"].startswith("INCORRECT_PARAMETERS: multiple identifiers=['127")
    assert results[2] is True


def test_all_end_when_one_is_asked(three):
    methods = proxy(three[three.master % 3 + 1])
    assert methods.start_application("CONFIG", "shop")
    assert methods.shutdown()
    for instance in three:
        instance.wait_end()
