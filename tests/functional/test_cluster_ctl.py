"""The commands of Supvisors' client, in reevectl: their words, columns and exit statuses.

What a cluster can show is asked of three real instances; answers that it does not give on request
come from a small server that answers by script."""

import base64
import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import threading

import pytest

from conftest import Starter
from harness import implementation
from harness.cluster import Cluster, free_port
from harness.daemon import Result
from harness.waiting import wait_until
from test_reevectl import Script, Terminal

pytestmark = pytest.mark.reeved_only("Supervisor has no clusters")

STARTING = ("['CONFIG', 'LESS_LOADED', 'MOST_LOADED', 'LOCAL', 'LESS_LOADED_NODE', "
            "'MOST_LOADED_NODE']")
CONCILIATION = "['SENICIDE', 'INFANTICIDE', 'USER', 'STOP', 'RESTART', 'RUNNING_FAILURE']"

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

[group:shop]
programs=web,db

[program:tool]
command=/bin/sleep
autostart=false
startsecs=0

[program:once]
command=/bin/true
autostart=false
autorestart=false
startsecs=0

[program:many]
command=/bin/sleep 1000
process_name=many_%(process_num)d
numprocs=2
autostart=false
startsecs=0
"""

RULES = """<root>
<application name="shop">
 <start_sequence>1</start_sequence>
 <programs>
  <program name="db"><start_sequence>1</start_sequence><required>true</required>
   <expected_loading>30</expected_loading></program>
  <program pattern="web_"><start_sequence>2</start_sequence><expected_loading>10</expected_loading>
   <identifiers>n2,n1</identifiers></program>
 </programs>
</application>
</root>
"""


def ctl(url, line, environment=None):
    words = line.split() if isinstance(line, str) else line
    done = subprocess.run([implementation.reevectl(), "-s", url, *words], text=True, check=False,
                          capture_output=True, stdin=subprocess.DEVNULL, timeout=60,
                          env=os.environ | {"TZ": "UTC", "LC_ALL": "C.UTF-8",
                                            "ASAN_OPTIONS": "exitcode=99"} | (environment or {}))
    return Result(done.returncode, done.stdout, done.stderr)


class Fleet:
    """Three instances, and reevectl to each of them."""

    def __init__(self, starter, directory):
        (directory / "rules.xml").write_text(RULES, encoding="ascii")
        self.cluster = Cluster(
            starter, 3, common={"config": PROGRAMS, "user": "joe", "password": "secret"},
            options={"rules_files": directory / "rules.xml", "event_link": "WS",
                     "cluster_auth": "none"},
            each={n: {"event_port": free_port()} for n in (1, 2, 3)}).launch()
        self.master = self.cluster.wait_settled()[0]
        wait_until(lambda: self.states("shop:*") == {"RUNNING"}
                   and all("[]        []" in self.ctl("sstate", n).out for n in (1, 2, 3)),
                   "shop runs, and nobody starts anything any more", 15)

    def url(self, number):
        return f"http://127.0.0.1:{self.cluster[number].tcp}"

    def identifier(self, number):
        return f"127.0.0.1:{self.cluster[number].tcp}"

    @property
    def ordered(self):
        """The numbers, in the order of the identifiers, which is that of all answers."""
        return sorted((1, 2, 3), key=self.identifier)

    def ctl(self, line, number=1):
        words = line.split() if isinstance(line, str) else line
        return ctl(self.url(number), ["-u", "joe", "-p", "secret", *words])

    def check(self, line, out, status=0, number=1):
        result = self.ctl(line, number)
        assert (result.status, result.out, result.err) == (status, out, ""), line

    def json(self, line):
        return json.loads(self.ctl([*line.split(), "--json"]).out)

    def states(self, name):
        return {p["statename"] for p in self.json(f"sstatus {name}")}

    def wait_state(self, name, state):
        wait_until(lambda: self.states(name) == {state},
                   lambda: f"{name} is {state}: {self.ctl('sstatus').out}", 15)

    def only(self, line):
        """The one row below the titles, in words."""
        result = self.ctl(line)
        rows = result.out.splitlines()
        assert result.status == 0 and len(rows) == 2, result
        return rows[1].split()


@pytest.fixture(scope="module", name="fleet")
def _fleet(tmp_path_factory, request):
    starter = Starter(implementation.reeved())
    try:
        yield Fleet(starter, tmp_path_factory.mktemp("fleet"))
        problems = starter.finish(False)
    except BaseException:
        starter.finish(True)
        raise
    for daemon in starter.daemons:
        daemon.remove()
    assert not problems, "\n".join(problems)


@pytest.fixture(name="script")
def _script():
    server = Script()
    yield server
    server.stop()


def table(columns, *rows):
    """What 2.5 of the specification says; a width of 0 is a flexible column, None the last one."""
    widths = [max([len(title), *(len(row[i]) for row in rows)]) + 2 if width == 0 else width or 0
              for i, (title, width) in enumerate(columns)]
    lines = [[title for title, _ in columns], *rows]
    return "".join("".join(cell.ljust(width) for cell, width in zip(line, widths)) + "\n"
                   for line in lines)


# What a real cluster shows


def test_the_version_is_that_of_the_interface(fleet):
    fleet.check("sversion", "0.19\n")


STATE = [("Nickname", 0), ("Supvisors identifier", 0), ("State", 16), ("Degraded", 10),
         ("Discovery", 11), ("Master", 0), ("Starting", 0), ("Stopping", 0)]


def state_row(fleet, number, jobs):
    return (f"n{number}", fleet.identifier(number), "OPERATION", "False", "False",
            fleet.identifier(fleet.master), jobs, jobs)


def test_the_state_is_that_of_the_instance_or_of_those_that_are_named(fleet):
    fleet.check("sstate", table(STATE, state_row(fleet, 1, "[]")))
    fleet.check("sstate all", table(STATE, *(state_row(fleet, n, "False") for n in fleet.ordered)))
    fleet.check("sstate n2", table(STATE, state_row(fleet, 2, "False")))
    fleet.check(f"sstate {fleet.identifier(3)}", table(STATE, state_row(fleet, 3, "False")))
    fleet.check("sstate nobody", table(STATE))


def test_the_master_has_a_nick_and_an_identifier(fleet):
    fleet.check("master", f"Nick identifier: n{fleet.master}\n"
                          f"Identifier:      {fleet.identifier(fleet.master)}\n")


def test_strategies_are_four_lines(fleet):
    fleet.check("strategies", "Auto-fencing: False\nFailure:      CONTINUE\n"
                              "Conciliation: USER\nStarting:     CONFIG\n")


def test_instances_have_their_place_state_and_load(fleet):
    out = fleet.ctl("instance_status").out
    titles, *rows = out.splitlines()
    host = "127.0.0.1"
    assert len(rows) == 3
    for number, row in zip(fleet.ordered, rows):
        assert re.fullmatch(
            rf"n{number}        {re.escape(fleet.identifier(number).ljust(22))}{host.ljust(11)}"
            rf"{str(fleet.cluster[number].tcp).ljust(7)}RUNNING    \d+% +\d\d:\d\d:\d\d  "
            r"\d+ +ok {9}", row), row
    assert titles == ("Nickname  " + "Supvisors identifier".ljust(22) + "Host".ljust(11)
                      + "Port   " + "State".ljust(11) + "Load  " + "Time".ljust(10)
                      + "Counter  " + "Processes".ljust(11))
    assert len(fleet.ctl("instance_status n2 n3").out.splitlines()) == 3
    fleet.check("instance_status nobody", table(
        [("Nickname", 0), ("Supvisors identifier", 0), ("Host", 0), ("Port", 7), ("State", 11),
         ("Load", 6), ("Time", 10), ("Counter", 9), ("Processes", 11)]))


def test_applications_have_states_and_failures(fleet):
    columns = [("Application", 0), ("State", 10), ("Major", 7), ("Minor", 7)]
    fleet.check("application_info shop",
                table(columns, ("shop", "RUNNING", "False", "False")))
    fleet.check("application_info nosuch", table(columns))
    rows = fleet.ctl("application_info").out.splitlines()[1:]
    assert sorted(row.split()[0] for row in rows) == ["many", "once", "shop", "tool"]


def test_rules_of_applications_are_na_where_they_are_not_managed(fleet):
    columns = [("Application", 0), ("Managed", 9), ("Distribution", 17), ("Supervisor", 0),
               ("Start", 7), ("Stop", 7), ("Starting", 18), ("Starting_Failure", 18),
               ("Running_Failure", None)]
    shop = ("shop", "True", "ALL_INSTANCES", "['*']", "1", "1", "CONFIG", "ABORT", "CONTINUE")
    tool = ("tool", "False", *["n/a"] * 7)
    fleet.check("application_rules shop tool", table(columns, shop, tool))
    fleet.check("application_rules nosuch", "nosuch: ERROR (BAD_NAME: application=nosuch unknown to"
                                            " Supvisors)\n", 1)
    result = fleet.ctl("application_rules all")
    assert result.status == 0 and len(result.out.splitlines()) == 5


PROCESS = [("Application", 0), ("Process", 0), ("State", 12), ("Expected", 10),
           ("Supervisor", None)]


def test_processes_have_states_and_places(fleet):
    fleet.check("sstatus tool", table(PROCESS, ("tool", "tool", "STOPPED", "n/a", "[]")))
    fleet.check("sstatus zz", "zz: ERROR (BAD_NAME: application=zz unknown to Supvisors)\n", 1)
    titles, *rows = fleet.ctl("sstatus shop:*").out.splitlines()
    assert titles.split() == ["Application", "Process", "State", "Expected", "Supervisor"]
    assert sorted(row.split()[:4] for row in rows) == [
        ["shop", name, "RUNNING", "n/a"] for name in ("db", "web_0", "web_1")]
    assert all(re.search(r"\['127\.0\.0\.1:\d+'\]$", row) for row in rows)
    assert fleet.ctl("start once").status == 0
    fleet.wait_state("once", "EXITED")
    fleet.check("sstatus once", table(PROCESS, ("once", "once", "EXITED", "True", "[]")))
    result = fleet.ctl("sstatus zz once")
    assert result.status == 1 and len(result.out.splitlines()) == 3


def test_local_processes_are_filtered_here_and_unknown_ones_are_nothing(fleet):
    columns = [("Application", 0), ("Process", 0), ("Disabled", 10), ("State", 12), ("Start", 12),
               ("Now", 12), ("PID", 8), ("Extra args", None)]
    out = fleet.ctl("local_status tool").out
    now = re.search(r"\d\d:\d\d:\d\d", out)[0]
    row = ("tool", "tool", "False", "STOPPED", "0", now, "0", "")
    assert out == table(columns, row)
    assert len(fleet.ctl("local_status tool tool").out.splitlines()) == 3
    assert len(fleet.ctl("local_status many:*").out.splitlines()) == 3
    assert len(fleet.ctl("local_status").out.splitlines()) == 8
    fleet.check("local_status nosuch", "")


def test_rules_of_processes_are_in_the_order_of_their_names(fleet):
    columns = [("Application", 0), ("Process", 0), ("Start", 7), ("Stop", 7), ("Required", 12),
               ("WaitExit", 12), ("Loading", 12), ("Strategy", 22), ("Supervisor", None)]
    db = ("shop", "db", "1", "1", "True", "False", "30%", "CONTINUE", "['*']")
    webs = [("shop", f"web_{n}", "2", "2", "False", "False", "10%", "CONTINUE", "['n2', 'n1']")
            for n in (0, 1)]
    fleet.check("process_rules shop:web_1 shop:db shop:web_0", table(columns, db, *webs))
    result = fleet.ctl("process_rules zz")
    assert (result.status, result.out) == (
        1, "zz: ERROR (BAD_NAME: application=zz unknown to Supvisors)\n")
    names = [row.split()[:2] for row in fleet.ctl("process_rules").out.splitlines()[1:]]
    assert names == [["many", "many_0"], ["many", "many_1"], ["once", "once"], ["shop", "db"],
                     ["shop", "web_0"], ["shop", "web_1"], ["tool", "tool"]]


def test_no_conflict_is_no_line(fleet):
    fleet.check("conflicts", "")


def test_json_has_the_members_of_the_answer(fleet):
    assert {a["application_name"] for a in fleet.json("application_info")} == {
        "many", "once", "shop", "tool"}
    assert fleet.json("sstate")[0]["fsm_statename"] == "OPERATION"
    assert len(fleet.json("sstate all")) == 3
    assert fleet.json("application_rules shop")[0]["starting_strategy"] == "CONFIG"
    assert fleet.json("conflicts") == []
    result = fleet.ctl("sstatus zz --json")
    assert result.status == 1 and json.loads(result.out) == [] and "zz: ERROR" in result.err


# What acts on a real cluster


def test_applications_are_stopped_started_and_restarted(fleet):
    fleet.check("stop_application shop", "shop stopped: True\n")
    fleet.check("stop_application", "shop: ERROR (NOT_RUNNING: failed to stop shop)\n", 1)
    fleet.check("start_application CONFIG zz tool shop",
                "zz: ERROR (no such application)\n"
                "tool: IGNORED (unmanaged. use start tool:*)\n"
                "shop started: True\n", 2)
    fleet.check("start_application CONFIG zz shop", "zz: ERROR (no such application)\n"
                                                    "shop: ERROR (ALREADY_STARTED: shop)\n", 1)
    fleet.check("restart_application LESS_LOADED shop", "shop restarted: True\n")
    fleet.check("stop_application tool", "tool: IGNORED (unmanaged. use stop tool:*)\n")
    fleet.check("restart_application CONFIG tool",
                "tool: IGNORED (unmanaged. use restart tool:*)\n")


def test_a_forecast_has_places_or_a_reason(fleet):
    columns = [("Application", 0), ("Process", 0), ("State", 12), ("Supervisor", 0),
               ("Reason", None)]
    fleet.check("stop_application shop", "shop stopped: True\n")
    out = fleet.ctl("test_start_application MOST_LOADED shop").out
    titles, *rows = out.splitlines()
    assert titles.split() == [title for title, _ in columns]
    assert [row.split()[1:3] for row in rows] == [["db", "RUNNING"], ["web_0", "RUNNING"],
                                                  ["web_1", "RUNNING"]]
    place = f"['{fleet.identifier(1)}']"
    fleet.check("test_start_process LOCAL shop:web_0",
                table(columns, ("shop", "web_0", "RUNNING", place, "")))
    fleet.check("test_start_application CONFIG zz", 'ERROR: unknown application "zz"\n', 2)
    result = fleet.ctl("test_start_application CONFIG tool")
    assert result.status == 2
    assert result.out.startswith("ERROR: tool unmanaged\ntest_start_application <strategy>")
    fleet.check("start_application CONFIG", "shop started: True\n")
    result = fleet.ctl("test_start_process CONFIG zz")
    assert (result.status, result.out) == (
        1, "zz: ERROR (BAD_NAME: application=zz unknown to Supvisors)\n")


def test_processes_are_started_restarted_and_stopped(fleet):
    fleet.check("start_process LESS_LOADED many:many_1 many:many_0",
                "many:many_0 started: True\nmany:many_1 started: True\n")
    fleet.check("start_process CONFIG many:many_0",
                "many:many_0: ERROR (ALREADY_STARTED: many:many_0)\n", 1)
    fleet.check("restart_process CONFIG many:*", "many:* restarted: True\n")
    fleet.check("stop_process many:*", "many:* stopped\n")
    fleet.check("start_process CONFIG zz",
                "zz: ERROR (BAD_NAME: application=zz unknown to Supvisors)\n", 1)
    fleet.check("start_args tool 7000", "tool started: True\n")
    assert fleet.only("local_status tool")[-1] == "7000"
    fleet.check("stop_process tool", "tool stopped\n")
    fleet.check("start_process_args LOCAL tool 7000 1", "tool started: True\n")
    assert fleet.ctl("local_status tool").out.endswith("7000 1\n")
    fleet.check("stop_process", "shop:db stopped\nshop:web_0 stopped\nshop:web_1 stopped\n"
                                "tool stopped\n")
    fleet.check("start_application CONFIG", "shop started: True\n")


def test_one_of_those_that_match_is_started(fleet):
    fleet.check("start_any_process LOCAL zz ^many", 'many:many_0 started\n'
                '"zz": ERROR (FAILED: no candidate process matching "zz")\n', 1)
    fleet.check("start_any_process_args LOCAL ^tool 70", "tool started\n")
    assert fleet.only("local_status tool")[-1] == "70"
    fleet.check("stop_process many:many_0 tool", "many:many_0 stopped\ntool stopped\n")


def test_every_instance_starts_it_and_that_is_a_conflict_to_settle(fleet):
    fleet.check("stop_application shop", "shop stopped: True\n")
    fleet.check("all_start shop:db ignored", "".join(
        f"shop:db started on {fleet.identifier(n)}: True\n" for n in fleet.ordered))
    fleet.wait_state("shop:db", "RUNNING")
    wait_until(lambda: len(fleet.json("conflicts")) == 1
               and len(fleet.json("conflicts")[0]["identifiers"]) == 3, "there is a conflict", 10)
    out = fleet.ctl("conflicts").out
    assert out.splitlines()[0] == "Application  Process  State       Supervisor"
    assert re.fullmatch(r"shop         db       RUNNING     \[('127\.0\.0\.1:\d+'(, )?){3}\]",
                        out.splitlines()[1])
    wait_until(lambda: "CONCILIATION" in fleet.ctl("sstate").out, "it is seen", 10)
    result = fleet.ctl("all_start shop:db")
    assert result.status == 1 and len(re.findall(
        r"shop:db: ERROR \(ALREADY_STARTED.*\) on 127.0.0.1:\d+", result.out)) == 3
    fleet.check("conciliate USER", "Conciliated: False\n")
    fleet.check("conciliate SENICIDE", "Conciliated: True\n")
    wait_until(lambda: not fleet.json("conflicts") and "OPERATION" in fleet.ctl("sstate").out,
               "it is settled", 15)
    assert len(fleet.json("sstatus shop:db")[0]["identifiers"]) == 1
    fleet.check("stop_process shop:db", "shop:db stopped\n")
    fleet.check("start_application CONFIG", "shop started: True\n")
    fleet.check("all_start_args tool 7 8", "".join(
        f"tool started on {fleet.identifier(n)}: True\n" for n in fleet.ordered))
    wait_until(lambda: len(fleet.json("sstatus tool")[0]["identifiers"]) == 3, "all have it", 10)
    fleet.check("stop_process tool", "tool stopped\n")
    wait_until(lambda: not fleet.json("conflicts") and "OPERATION" in fleet.ctl("sstate").out,
               "nothing is left", 15)


def test_a_program_is_disabled_and_enabled(fleet):
    fleet.check("disable tool", "tool disabled: True\n")
    assert fleet.only("local_status tool")[2] == "True"
    fleet.check("start tool", "tool: ERROR disabled\n", 1)
    fleet.check("enable tool", "tool enabled: True\n")
    assert fleet.only("local_status tool")[2] == "False"
    result = fleet.ctl("enable zz")
    assert result.status == 1
    assert result.out == "ERROR (BAD_NAME: program=zz unknown to Supvisors)\n"


def test_the_number_of_processes_is_changed(fleet):
    fleet.check("update_numprocs many 3", "many numprocs updated: True\n")
    wait_until(lambda: len(fleet.json("local_status many:*")) == 3, "there are three", 10)
    fleet.check("lazy_update_numprocs many 2", "many numprocs updated: True\n")
    wait_until(lambda: len(fleet.json("local_status many:*")) == 2, "there are two", 10)
    result = fleet.ctl("update_numprocs zz 2")
    assert result.status == 1 and result.out.startswith("ERROR (BAD_NAME: ")


def test_global_commands_say_what_came_of_them(fleet):
    fleet.check("restart_sequence", "ERROR (ABNORMAL_TERMINATION: failed to trigger start "
                                    "sequence)\n", 1)  # everything runs
    fleet.check("end_sync", "ERROR (BAD_SUPVISORS_STATE: invalid Supvisors state=OPERATION - state "
                            "expected in ['SYNCHRONIZATION'])\n", 1)
    fleet.check("end_sync n1", "ERROR (BAD_SUPVISORS_STATE: invalid Supvisors state=OPERATION - "
                               "state expected in ['SYNCHRONIZATION'])\n", 1)
    for level in ("debug", "INFO", "info"):
        fleet.check(f"loglevel {level}", "Logger level changed: True\n")


def test_credentials_are_those_of_all_instances(fleet):
    result = ctl(fleet.url(1), "sversion")
    assert result.status == 1 and result.out.startswith(
        "Server requires authentication\nerror: <class 'xmlrpc.client.ProtocolError'>, ")


def test_rules_are_read_again_and_who_is_not_isolated_is_not_readmitted(fleet):
    fleet.check("reload_rules", "Rules read: True\n")
    fleet.check("readmit n2", "ERROR (NOT_APPLICABLE: instance=n2 is not ISOLATED (RUNNING))\n"
                .replace("instance=n2", f"instance={fleet.identifier(2)}"), 1)
    result = fleet.ctl("readmit nobody")
    assert result.status == 1 and result.out.startswith("ERROR (")


# Words that are wrong


WRONG = [
    ("start_application", "ERROR: start_application requires at least a strategy"),
    ("restart_application", "ERROR: restart_application requires at least a strategy"),
    ("test_start_application", "ERROR: test_start_application requires one strategy and one "
                               "application name"),
    ("test_start_application CONFIG", "ERROR: test_start_application requires one strategy and one"
                                      " application name"),
    ("test_start_application CONFIG a b", "ERROR: test_start_application requires one strategy and"
                                          " one application name"),
    ("start_process", "ERROR: start_process requires at least a strategy"),
    ("test_start_process CONFIG", "ERROR: test_start_process requires one strategy and one "
                                  "namespec"),
    ("start_any_process CONFIG", "ERROR: start_any_process requires a strategy and at least a "
                                 "regular expression"),
    ("start_args tool", "ERROR: start_args requires a process name and extra arguments"),
    ("start_process_args CONFIG tool", "ERROR: start_process_args requires a strategy, a program "
                                       "namespec and extra arguments"),
    ("start_any_process_args CONFIG x", "ERROR: start_any_process_args requires a strategy, a "
                                        "regular expression and extra arguments"),
    ("all_start", "ERROR: all_start requires a process name"),
    ("all_start_args tool", "ERROR: all_start_args requires a process name and extra arguments"),
    ("restart_process", "ERROR: restart_process requires a strategy and a program name"),
    ("restart_process X", f"ERROR: unknown strategy=X. use one of {STARTING}"),
    ("update_numprocs many", "ERROR: update_numprocs requires a program name and a numprocs "
                             "values"),
    ("update_numprocs many 0", "ERROR: numprocs must be a strictly positive integer"),
    ("update_numprocs many x", "ERROR: numprocs must be a strictly positive integer"),
    ("lazy_update_numprocs many", "ERROR: lazy_update_numprocs requires a program name and a "
                                  "numprocs values"),
    ("lazy_update_numprocs many -1", "ERROR: numprocs must be a strictly positive integer"),
    ("enable", "ERROR: enable requires a program name"),
    ("disable", "ERROR: disable requires a program name"),
    ("conciliate", "ERROR: conciliate requires a strategy"),
    ("conciliate user", f"ERROR: unknown strategy for conciliate. use one of {CONCILIATION}"),
    ("end_sync a b", "ERROR: end_sync optionally takes one single Supvisors identifier"),
    ("loglevel", "ERROR: loglevel requires a level"),
    ("loglevel loud", "ERROR: unknown level for Logger"),
    ("stats_period", "ERROR: stats_period requires a period"),
    ("stats_period soon", "ERROR: stats_period requires a strictly positive period"),
    ("stats_period 0", "ERROR: stats_period requires a strictly positive period"),
    ("stats_period nan", "ERROR: stats_period requires a strictly positive period"),
    ("sversion x", "ERROR: sversion accepts no arguments"),
    *((f"{command} x", f"ERROR: {command} accepts no arguments") for command in (
        "master", "strategies", "stats_status", "conflicts", "restart_sequence", "sreload",
        "sshutdown", "reload_rules")),
    ("cluster", "ERROR: cluster takes the word probe"),
    ("readmit", "ERROR: readmit requires an identifier"),
    *((f"{command} {more}", f"ERROR: unknown strategy for {command}. use one of {STARTING}")
      for command, more in (("start_application", "less_loaded"), ("start_application", "1"),
                            ("restart_application", "X"), ("test_start_application", "X shop"),
                            ("start_process", "X"), ("test_start_process", "X tool"),
                            ("start_any_process", "X y"), ("start_process_args", "X y z"),
                            ("start_any_process_args", "X y z"))),
]


@pytest.mark.parametrize("line, words", WRONG, ids=[line for line, _ in WRONG])
def test_wrong_words_are_told_with_the_help_of_the_command(script, line, words):
    script.script = {"supvisors.get_api_version": "0.19"}
    result = ctl(script.url, line)
    helped = ctl(script.url, f"help {line.split()[0]}").out
    assert (result.status, result.out) == (2, f"{words}\n{helped}")
    assert helped.startswith(line.split()[0])
    assert [method for method, _ in script.server.asked] == ["supvisors.get_api_version"]


def test_each_wrong_kind_of_statistics_is_told(script):
    script.script = {"supvisors.get_api_version": "0.19"}
    for command in ("enable_stats", "disable_stats"):
        result = ctl(script.url, f"{command} host x y")
        assert (result.status, result.out) == (2, "ERROR: invalid statistics type x\n"
                                                  "ERROR: invalid statistics type y\n")


# Who is there


def test_another_version_is_refused(script):
    script.script = {"supvisors.get_api_version": "0.16"}
    result = ctl(script.url, "sstate")
    assert (result.status, result.out) == (
        5, "ERROR: this version of supvisorsctl expects to talk to a server with API version 0.19, "
           "but the remote version is 0.16.\n")


def test_a_server_without_the_namespace_is_told(script):
    result = ctl(script.url, "sstate")
    assert result.status == 3 and result.out.startswith(
        "ERROR: supervisord responded but did not recognize the supvisors namespace commands")
    assert len(result.out.splitlines()) == 1


def test_no_server_is_told():
    assert repr(ctl("http://127.0.0.1:1", "sstate")) == repr(
        Result(4, "ERROR: http://127.0.0.1:1 refused connection\n", ""))
    assert repr(ctl("unix:///nonexistent/s", "master")) == repr(
        Result(7, "ERROR: unix:///nonexistent/s no such file\n", ""))
    result = ctl("http://no-such-host.invalid:1", "master")
    assert result.status == 1 and result.out.startswith("error: <class 'socket.gaierror'>, ")


def test_unknown_commands_are_told():
    assert repr(ctl("http://127.0.0.1:1", "nosuch x")) == repr(
        Result(1, "*** Unknown syntax: nosuch x\n", ""))


# What a real cluster does not show on request


def asked(script, line, answers, status=0):
    script.script = {"supvisors.get_api_version": "0.19"} | answers
    script.server.asked.clear()
    result = ctl(script.url, line)
    assert result.status == status, result
    return result.out, script.server.asked[1:]


def test_no_master_is_one_line(script):
    answer = {"supvisors.get_master_identifier": {"identifier": "", "nick_identifier": ""}}
    assert asked(script, "master", answer)[0] == "No Supvisors Master\n"


def test_a_table_is_padded_by_characters_and_a_long_cell_is_not_cut(script):
    info = {"application_name": "größer", "statename": "A_VERY_LONG_STATE", "major_failure": True,
            "minor_failure": False}
    out, _ = asked(script, "application_info", {"supvisors.get_all_applications_info": [info]})
    assert out == ("Application  State     Major  Minor  \n"
                   "größer       A_VERY_LONG_STATETrue   False  \n")


def test_statistics_are_told_and_switched(script):
    status = {"host_stats": True, "process_stats": False, "collecting_period": 5.0}
    assert asked(script, "stats_status", {"supvisors.get_statistics_status": status})[0] == (
        "Collecting Host statistics:    True\nCollecting Process statistics: False\n"
        "Collecting statistics period:  5\n")
    answers = {"supvisors.enable_host_statistics": True,
               "supvisors.enable_process_statistics": True,
               "supvisors.update_collecting_period": True}
    both = [("supvisors.enable_host_statistics", (True,)),
            ("supvisors.enable_process_statistics", (True,))]
    for line in ("enable_stats", "enable_stats all", "enable_stats HOST Process"):
        out, calls = asked(script, line, answers)
        assert (out, calls) == ("Host statistics enabled: True\n"
                                "Process statistics enabled: True\n", both)
    out, calls = asked(script, "disable_stats process", answers)
    assert (out, calls) == ("Process statistics disabled: True\n",
                            [("supvisors.enable_process_statistics", (False,))])
    out, calls = asked(script, "stats_period 2.5", answers)
    assert (out, calls) == ("Statistics period updated: True\n",
                            [("supvisors.update_collecting_period", (2.5,))])


def test_the_whole_is_restarted_and_ended(script):
    answers = {"supvisors.restart": True, "supvisors.shutdown": True,
               "supvisors.restart_sequence": True}
    assert asked(script, "restart_sequence", answers) == (
        "Start sequence completed: True\n", [("supvisors.restart_sequence", ())])
    assert asked(script, "sreload", answers) == ("Restarted: True\n", [("supvisors.restart", ())])
    assert asked(script, "sshutdown", answers) == ("Shut down: True\n",
                                                   [("supvisors.shutdown", ())])
    assert asked(script, "sshutdown", {"supvisors.shutdown": (101, "BAD_SUPVISORS_STATE: no")},
                 1)[0] == "ERROR (BAD_SUPVISORS_STATE: no)\n"


def test_calls_have_strategies_as_integers_and_arguments_joined(script):
    answers = {f"supvisors.{method}": True for method in (
        "start_process", "restart_process", "start_args", "conciliate", "update_numprocs",
        "change_log_level", "end_sync", "stop_process")}
    answers["supvisors.start_any_process"] = "x:y"
    for line, method, parameters in (
            ("start_process MOST_LOADED a", "start_process", (2, "a")),
            ("start_process_args LOCAL a b  c", "start_process", (3, "a", "b c")),
            ("restart_process CONFIG a", "restart_process", (0, "a")),
            ("start_args a b c", "start_args", ("a", "b c")),
            ("start_any_process LESS_LOADED_NODE a", "start_any_process", (4, "a")),
            ("start_any_process_args MOST_LOADED_NODE a b c", "start_any_process", (5, "a", "b c")),
            ("conciliate RUNNING_FAILURE", "conciliate", (5,)),
            ("update_numprocs a 3", "update_numprocs", ("a", 3)),
            ("lazy_update_numprocs a 3", "update_numprocs", ("a", 3, True, True)),
            ("loglevel WARN", "change_log_level", (30,)),
            ("end_sync", "end_sync", ("",)),
            ("end_sync n1", "end_sync", ("n1",)),
            ("stop_process a:*", "stop_process", ("a:*",))):
        assert asked(script, line, answers)[1] == [(f"supvisors.{method}", parameters)], line


def test_a_forecast_that_is_refused_for_another_reason_is_not_an_unknown_application(script):
    refusal = (101, "BAD_SUPVISORS_STATE: not now")
    out, _ = asked(script, "test_start_application CONFIG shop", {
        "supvisors.get_application_info": refusal, "supvisors.test_start_application": refusal}, 1)
    assert out == "shop: ERROR (BAD_SUPVISORS_STATE: not now)\n"


def test_a_forecast_tells_the_reason(script):
    row = {"application_name": "shop", "process_name": "db", "state": "FATAL",
           "running_identifiers": [], "forced_reason": "no resource available"}
    out, _ = asked(script, "test_start_process CONFIG shop:db",
                   {"supvisors.test_start_process": [row]})
    assert out == ("Application  Process  State       Supervisor  Reason\n"
                   "shop         db       FATAL       []          no resource available\n")


def test_an_instance_that_cannot_be_reached_does_not_keep_the_others_from_it(script):
    other = Script()
    try:
        other.script = {"supervisor.startProcess": True, "supvisors.start_args": True}

        def instance(nick, port, state="RUNNING"):
            return {"identifier": nick, "node_name": "127.0.0.1", "port": port, "statename": state}

        port = other.server.server_address[1]
        answers = {"supvisors.get_all_instances_info": [
            instance("away", 1), instance("off", port, "STOPPED"),
            instance("there", port, "CHECKED")]}
        out, _ = asked(script, "all_start a", answers, 1)
        assert out == ("a: ERROR ([Errno 111] Connection refused) on away\n"
                       "a started on there: True\n")
        assert other.server.asked == [("supervisor.startProcess", ("a", False))]
        other.server.asked.clear()
        asked(script, "all_start_args a b c", answers, 1)
        assert other.server.asked == [("supvisors.start_args", ("a", "b c", False))]
        out, _ = asked(script, "all_start a", {"supvisors.get_all_instances_info": []})
        assert out == "ERROR: no running Supvisors instance\n"
    finally:
        other.stop()


# Help


def test_help_has_a_block_for_each_kind_of_commands(script):
    out = ctl(script.url, "help").out
    blocks = re.split(r"^(\w+) commands \(type help <topic>\):\n=+\n", out, flags=re.M)[1:]
    names = dict(zip(blocks[::2], (block.split() for block in blocks[1::2])))
    assert list(names) == ["default", "supvisors", "reeve"]
    assert len(names["supvisors"]) == 39 and "start_any_process_args" in names["supvisors"]
    assert {"check", "cluster", "events", "keygen", "readmit",
            "reload_rules"} <= set(names["reeve"])
    for name in names["supvisors"] + names["reeve"]:
        result = ctl(script.url, f"help {name}")
        assert result.status == 0 and result.out.startswith(f"{name}"), name
        assert max(map(len, result.out.expandtabs().splitlines())) < 140
    assert script.server.asked == []


# On a terminal


@pytest.fixture(name="terminal")
def _terminal(tmp_path):
    opened = []

    def make(*words):
        opened.append(Terminal(words, tmp_path))
        return opened[-1]
    yield make
    for each in opened:
        each.close()


def test_credentials_are_asked_for(fleet, terminal):
    once = terminal("-i", "-s", fleet.url(1), "all_start", "nosuch")
    once.expect("Server requires authentication")
    once.expect("Username:")
    once.type("joe\n")
    once.expect("Password:")
    once.type("secret\n")
    for number in fleet.ordered:  # the others are asked with the same
        once.expect(f"nosuch: ERROR (BAD_NAME: nosuch) on {fleet.identifier(number)}")
    assert once.end() == 1


def test_the_shell_completes_the_clusters_commands_and_their_names(fleet, terminal):
    shell = terminal("-s", fleet.url(1), "-u", "joe", "-p", "secret")
    shell.expect("supervisor> ")
    shell.type("sver\t\n")
    shell.expect("0.19\r\n")
    shell.expect("supervisor> ")
    shell.type("application_i\tsho\t\n")
    shell.expect("shop         RUNNING")
    shell.expect("supervisor> ")


def test_control_c_ends_the_events_and_not_the_shell(fleet, terminal):
    shell = terminal("-s", fleet.url(1), "-u", "joe", "-p", "secret")
    shell.expect("supervisor> ")
    shell.type("events instance\n")
    shell.expect(" instance    n")
    shell.type("\x03")
    shell.expect("supervisor> ")
    shell.type("sversion\n")
    shell.expect("0.19\r\n")


# Events


class Follower:
    """'reevectl events' under way; its lines as they come."""

    def __init__(self, words):
        self.process = subprocess.Popen(
            [implementation.reevectl(), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, stdin=subprocess.DEVNULL, env=os.environ | {"ASAN_OPTIONS": "exitcode=99"})
        self.lines = []
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line)

    def wait_line(self, pattern):
        return wait_until(lambda: next((m for m in map(re.compile(pattern).search, self.lines)
                                        if m), None),
                          lambda: f"a line like {pattern!r} comes; there are {self.lines}", 20)

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)
        return self.end()

    def end(self):
        status = self.process.wait(10)
        self.thread.join(5)
        with self.process.stderr as err, self.process.stdout:
            return status, err.read()


@pytest.fixture(name="follow")
def _follow():
    followers = []

    def make(*words):
        followers.append(Follower(words))
        return followers[-1]
    yield make
    for follower in followers:
        if follower.process.poll() is None:
            follower.process.kill()
            follower.process.wait()


def test_events_are_followed_until_control_c(fleet, follow):
    account = ("-s", fleet.url(1), "-u", "joe", "-p", "secret")
    lines = follow(*account, "events")
    raw = follow(*account, "events", "--json", "process")
    lines.wait_line(r"^\d\d:\d\d:\d\d instance    n[123] RUNNING loading=\d+%$")
    # Who follows gets what comes once it has subscribed.
    wait_until(lambda: fleet.ctl("start_process LOCAL many:many_0") and
               fleet.ctl("stop_process many:many_0") and raw.lines, "both follow", 15)
    fleet.ctl("start_process LOCAL many:many_1")
    lines.wait_line(r"^\d\d:\d\d:\d\d event       many:many_1 RUNNING on=n1 pid=\d+$")
    lines.wait_line(rf"process     many:many_1 RUNNING on={fleet.identifier(1)}$")
    lines.wait_line(r"application many RUNNING$")
    raw.wait_line(r'"process_name": ?"many_1"')
    for line in raw.lines:
        header, body = json.loads(line)
        assert header == "process" and body["application_name"]
    fleet.ctl("stop_process many:*")
    assert lines.interrupt() == (0, "") and raw.interrupt() == (0, "")


class Stream:
    """A listener that answers a WebSocket's handshake in its own way."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = b""
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        peer, _ = self.socket.accept()
        with peer:
            while b"\r\n\r\n" not in self.asked:
                self.asked += peer.recv(4096)
            key = re.search(rb"Sec-WebSocket-Key: (\S+)", self.asked)[1]
            accept = base64.b64encode(hashlib.sha1(
                key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
            peer.sendall(self.answer.replace(b"@ACCEPT@", accept))

    def stop(self):
        self.socket.close()
        self.thread.join(5)


UPGRADED = (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: @ACCEPT@\r\n\r\n")


def text_frame(text):
    data = text.encode()
    return bytes([0x81, len(data)]) + data if len(data) < 126 else (
        bytes([0x81, 126]) + len(data).to_bytes(2, "big") + data)


@pytest.mark.parametrize("answer, out, status, words", [
    (UPGRADED + text_frame('["application", {"application_name": "a\\u001b[2J", '
                           '"statename": "RUNNING", "major_failure": true}]')
     + text_frame('["new", {"a": 1}]') + text_frame("\x07 no JSON"),
     "application a?[2J RUNNING major_failure\n["
     '"new", {"a": 1}]\n? no JSON\n', 1, "has ended"),
    (UPGRADED + b"\x88\x02\x03\xe8", "", 1, "has ended"),
    (UPGRADED + b"\xff\xff", "", 1, "cannot be understood"),
    (UPGRADED.replace(b"@ACCEPT@", b"nonsense"), "", 1, "the key is not the one that was sent"),
    (b"HTTP/1.1 404 Not Found\r\n\r\n", "", 1, "this is no event stream: HTTP/1.1 404 Not Found"),
    (b"HTTP/1.1 101 x\r\n", "", 1, "Remote end closed connection"),
    (b"x" * 9000, "", 1, "too many headers"),
], ids=["text", "close", "nonsense", "key", "404", "cut", "endless"])
def test_what_a_stream_says_is_shown_and_its_end_is_told(script, answer, out, status, words):
    stream = Stream(answer)
    try:
        script.script = {"supvisors.get_api_version": "0.19",
                         "reeve.getEventLink": {"link": "WS", "port": stream.port}}
        result = ctl(script.url, "events process event")
        assert re.sub(r"^\d\d:\d\d:\d\d ", "", result.out, flags=re.M) == out
        assert result.status == status and words in result.err
        assert result.err.startswith("ERROR: the event") and result.err.count("\n") == 1
        assert stream.asked.startswith(b"GET /process/event HTTP/1.1\r\n")
    finally:
        stream.stop()


def test_how_to_have_events_is_told(script):
    script.script = {"supvisors.get_api_version": "0.19",
                     "reeve.getEventLink": {"link": "NONE", "port": 0}}
    result = ctl(script.url, "events")
    assert result.status == 3 and "publishes no events: set event_link = WS" in result.out
    script.script["reeve.getEventLink"] = {"link": "ZMQ", "port": 6000}
    result = ctl(script.url, "events")
    assert result.status == 3 and "by ZeroMQ (port 6000)" in result.out
    result = ctl(script.url, "events procces")
    assert result.status == 2 and result.out.startswith(
        "ERROR: unknown header procces. use some of ['supvisors', 'instance', 'application', "
        "'event', 'process', 'hstats', 'pstats']\nevents ")
    script.script["reeve.getEventLink"] = {"link": "WS", "port": 1}
    result = ctl(script.url, "events --json")
    assert (result.status, result.out) == (4, "")
    assert result.err == ("ERROR: the events of 127.0.0.1:1 cannot be followed: [Errno 111] "
                          "Connection refused\n")


# The network


def test_the_probe_finds_nothing_wrong_with_a_cluster_that_is_well(fleet):
    result = fleet.ctl("cluster probe")
    assert result.status == 0 and result.out.endswith("\nAll is well.\n"), result
    assert "Multicast:   none\n" in result.out
    rows = [line.split() for line in result.out.splitlines() if line.startswith(("n2 ", "n3 "))]
    assert sorted(row[:6] for row in rows) == [
        [f"n{n}", fleet.identifier(n), "RUNNING", "True", "same", "never"] for n in (2, 3)]
    report = json.loads(fleet.ctl("cluster probe --json").out)
    assert report["troubles"] == []
    assert report["after"]["sent"] > report["before"]["sent"] > 0


def test_the_probe_says_why_nobody_is_heard(start, tmp_path):
    keys = [subprocess.run([implementation.reevectl(), "keygen", tmp_path / str(n)], check=True)
            and tmp_path / str(n) for n in (1, 2)]
    text = [key.read_text() for key in keys]
    number = [re.search(r"^key (\d+)", t, flags=re.M)[1] for t in text]
    keys[1].write_text(re.sub(rf"^key {number[1]}\b", f"key {number[0]}", text[1], flags=re.M))
    cluster = Cluster(start, 2, options={"synchro_options": "TIMEOUT", "synchro_timeout": 15},
                      each={n: {"cluster_key_file": keys[n - 1]} for n in (1, 2)})
    cluster.launch()
    for instance in cluster:
        instance.wait_ready()
    url = f"http://127.0.0.1:{cluster[1].tcp}"
    result = ctl(url, "cluster probe")
    assert result.status == 1
    assert re.search(r"^\* \d+ datagrams came with a tag that does not fit its key", result.out,
                     flags=re.M), result
    assert "* n2 has never been heard\n" in result.out
    cluster[2].stop()
    result = ctl(url, "cluster probe")
    assert result.status == 1 and "* nothing of this cluster has arrived: " in result.out


def test_the_probe_tells_who_has_other_rules(start, tmp_path):
    files = {n: tmp_path / f"rules{n}.xml" for n in (1, 2)}
    for path in files.values():
        path.write_text(RULES, encoding="ascii")
    cluster = Cluster(start, 2, options={"synchro_options": "STRICT"},
                      each={n: {"rules_files": path} for n, path in files.items()})
    cluster.launch()
    cluster.wait_settled()
    url = f"http://127.0.0.1:{cluster[1].tcp}"
    assert ctl(url, "cluster probe").status == 0

    def rules():
        after = cluster[1].rpc.reeve.getClusterNetwork()
        return after["rules"], [peer["rules"] for peer in after["peers"]]

    ours, theirs = rules()
    assert theirs == [ours]
    files[2].write_text("<root/>", encoding="ascii")
    assert cluster[2].rpc.reeve.reloadRules() is True
    wait_until(lambda: rules()[1] != theirs, "n1 knows that n2 has other rules")
    result = ctl(url, "cluster probe")
    assert result.status == 1
    assert f"* n2 has DIFFERENT RULES ({rules()[1][0]}, here {ours}): " in result.out, result
    assert [line.split()[4] for line in result.out.splitlines() if line.startswith("n2 ")] == [
        "DIFFERENT"]
    files[2].write_text(RULES, encoding="ascii")
    assert cluster[2].rpc.reeve.reloadRules() is True
    wait_until(lambda: rules() == (ours, theirs), "n1 knows that n2 has the same rules again")


def test_a_single_instance_has_no_network(start):
    daemon = start("", tcp=True)
    result = ctl(f"http://127.0.0.1:{daemon.tcp}", "cluster probe")
    assert result.status == 3 and "[rpcinterface:supvisors] or [reeve]" in result.out


# The check of a configuration


CHECKED = """[supervisord]
[inet_http_server]
port=127.0.0.1:61000
[reeve]
supvisors_list=<n1>127.0.0.1:61000,<n2>127.0.0.1:61001
cluster_auth=none
starting_strategy=MOST_LOADED
rules_files=%(here)s/*.xml
disabilities_file=%(here)s/disabilities
core_identifiers=n1
""" + PROGRAMS


def check(tmp_path, words=("check", "-c"), configuration=CHECKED, rules=RULES):
    (tmp_path / "reeve.conf").write_text(configuration)
    (tmp_path / "rules.xml").write_text(rules)
    return subprocess.run([implementation.reevectl(), *words, tmp_path / "reeve.conf"], text=True,
                          capture_output=True, check=False, env=os.environ | {"LC_ALL": "C.UTF-8"})


def test_a_configuration_is_checked_without_a_server(tmp_path):
    done = check(tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["starting_strategy", "MOST_LOADED"] in rows
    assert ["shop", "True", "ALL_INSTANCES", "1", "1", "MOST_LOADED", "ABORT", "CONTINUE",
            "required", "*"] in rows
    assert ["tool", "False", *["n/a"] * 8] in rows
    assert ["shop", "db", "1", "1", "True", "False", "30%", "ABORT", "CONTINUE", "*"] in rows
    assert ["shop", "web_1", "2", "2", "False", "False", "10%", "ABORT", "CONTINUE", "n2,",
            "n1"] in rows
    other = subprocess.run([implementation.reevectl(), "-c", tmp_path / "reeve.conf", "check"],
                           text=True, capture_output=True, check=False)
    assert other.stdout == done.stdout and other.returncode == 0


def test_the_check_as_json_has_all_of_it(tmp_path):
    done = check(tmp_path, ("check", "--json", "-c"))
    report = json.loads(done.stdout)
    assert done.returncode == 0 and report["cluster"]["synchro_options"]
    shop = next(a for a in report["applications"] if a["application_name"] == "shop")
    assert shop["starting_strategy"] == "MOST_LOADED" and shop["status_formula"] == ""
    assert shop["processes"][0]["expected_loading"] in (10, 30)


@pytest.mark.parametrize("configuration, rules, words", [
    (CHECKED, RULES.replace(">2<", ">two<"), "rules.xml': line 7: element 'start_sequence': 'two'"),
    (CHECKED, RULES.replace("web_", "web_("), "rules.xml': line 7"),
    (CHECKED, RULES[:-9], "rules.xml': line "),
    (CHECKED.replace("startsecs=0", "startsecs=soon"), RULES, "line 17, section [program:web], "
                                                              "option 'startsecs', value 'soon'"),
    (CHECKED.replace("=MOST_LOADED", "=SOME"), RULES, "line 7"),
    (CHECKED.replace("cluster_auth=none", "cluster_key_file=%(here)s/none"), RULES, "/none"),
], ids=["value", "pattern", "end", "option", "strategy", "key"])
def test_what_is_wrong_is_told_with_its_line(tmp_path, configuration, rules, words):
    done = check(tmp_path, configuration=configuration, rules=rules)
    assert done.returncode == 1
    assert any(words in line for line in done.stdout.splitlines()
               if line.startswith(("error: ", "warn: ", "critical: "))), done.stdout


def test_a_list_without_this_machine_is_an_error(tmp_path):
    elsewhere = "\n".join("supvisors_list=<n1>192.0.2.77:61999,<n2>192.0.2.78:61999"
                          if line.startswith("supvisors_list") else line
                          for line in CHECKED.splitlines()) + "\n"
    assert elsewhere != CHECKED + "\n"
    sentence = "supvisors_list has no item with port "
    done = check(tmp_path, configuration=elsewhere)
    assert done.returncode == 1
    assert f"error: {sentence}" in done.stdout and "; this machine is " in done.stdout
    done = subprocess.run([implementation.reeved().binary, "--check", "-c",
                           tmp_path / "reeve.conf"], text=True, capture_output=True, check=False)
    assert done.returncode == 2 and sentence in done.stderr
    report = json.loads(check(tmp_path, ("check", "--json", "-c")).stdout)
    assert report["cluster"]["self"] == "127.0.0.1:61000", "who we are is told"


def test_a_warning_fails_only_who_is_strict(tmp_path):
    odd = CHECKED.replace("[program:", "[nonsense]\nx=y\n[program:", 1)
    done = check(tmp_path, configuration=odd)
    assert done.returncode == 0 and "warn: " in done.stdout, done.stdout
    assert check(tmp_path, ("check", "--strict", "-c"), configuration=odd).returncode == 1


def test_all_that_is_wrong_with_a_configuration_is_told(tmp_path):
    done = check(tmp_path, configuration=CHECKED.replace("startsecs=0", "startsecs=soon\n"
                                                         "autorestart=maybe"))
    assert done.returncode == 1
    assert sum("section [program:web], option " in line for line in done.stdout.splitlines()) == 2


def test_identifiers_that_nobody_has_are_spoken_of(tmp_path):
    done = check(tmp_path, rules=RULES.replace("n2,n1", "n2,n3"))
    assert done.returncode == 0
    assert done.stdout.count("info: 'n3', an identifier of shop:web_0, is not in supvisors_list"
                             ) == 1 and "'n2'" not in done.stdout


def test_a_configuration_without_a_cluster_is_good(tmp_path):
    done = check(tmp_path, configuration="[supervisord]\n" + PROGRAMS)
    assert done.returncode == 0 and "info: no cluster is configured" in done.stdout


def test_check_takes_only_a_file(tmp_path):
    for words in ("check x", "check -c"):
        result = ctl("http://127.0.0.1:1", words)
        assert result.status == 2 and result.out.startswith("ERROR: check ")
    result = ctl("http://127.0.0.1:1", "check -c /nonexistent")
    assert result.status == 1 and result.out.startswith("error: ")
