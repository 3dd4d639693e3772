"""Three nodes, of which one is lost: what it ran is soon running on the others, whoever was lost and
however, also if it was the master."""

import time

import pytest

from harness.fleet import FEW, LONG, application, figures, program_rules, programs
from harness.waiting import wait_until

pytestmark = pytest.mark.reeved_only("Supervisor has no clusters")

NAMES = [f"job-{i}" for i in range(9)]
PROGRAMS = programs(NAMES, group="jobs")
RULES = application("jobs", starting_strategy="LESS_LOADED",
                    running_failure_strategy="RESTART_PROCESS",
                    programs_rules=program_rules(r"^job-\d", start_sequence=1, expected_loading=5))
TUNED = {"heartbeat_interval": "60ms", "failure_timeout": "300ms"}
BOUND = 5000 * FEW  # of milliseconds; what is to be expected is in the figures and tests/bench


@pytest.fixture(name="three")
def _three(fleet, network):
    def make(**options):
        made = fleet(3, PROGRAMS, RULES, lan=network(3), options=options).up()
        made.wait_once()
        return made
    return make


def spread(fleet):
    """So that each has something to lose."""
    fleet.ask("restart_application", "LESS_LOADED", "jobs", True)
    fleet.wait_once()


def lose_and_measure(fleet, number, lose):
    """Milliseconds until all that it ran runs on the others, as their own records say."""
    rest = [n for n in (1, 2, 3) if n != number]
    fleet.wait_once()
    had = {name for name, copies in fleet.real().items() if number in copies}
    assert had, f"n{number} runs nothing"
    kept = {name: copies for name, copies in fleet.real().items() if name not in had}
    begin = time.monotonic()
    lose()

    def healed():
        found = {}
        for n in rest:
            for info in fleet[n].rpc.supervisor.getAllProcessInfo():
                if info["statename"] == "RUNNING":
                    found.setdefault(f"{info['group']}:{info['name']}", {})[n] = info["pid"]
        return len(found) == len(NAMES) and found
    now = wait_until(healed, lambda: f"what n{number} ran runs again:\n{fleet.logs()}",
                     4 * BOUND / 1000, poll=0.002)
    took = (time.monotonic() - begin) * 1000
    assert all(len(copies) == 1 for copies in now.values()), now
    assert {name: now[name] for name in kept} == kept, "what others ran has been left alone"
    fleet.wait_settled(rest)
    fleet.wait_idle(rest)
    fleet.wait_once(numbers=rest)
    return took


NAMES_OF = [f"jobs:{name}" for name in NAMES]


def test_what_a_node_without_power_ran_runs_elsewhere(three, figure):
    fleet = three()
    rounds = 20 if LONG else 6
    took = {"master": [], "other": []}
    for i in range(rounds):
        master = fleet.wait_settled()[0]
        victim = master if i % 2 else next(n for n in (1, 2, 3) if n != master)
        took["master" if i % 2 else "other"].append(
            lose_and_measure(fleet, victim, lambda v=victim: fleet.crash(v)))
        fleet.revive(victim)
        fleet.wait_idle()
        assert fleet.runs_once(NAMES_OF), "who comes back brings nothing into disorder"
        spread(fleet)
    for who, values in took.items():
        figure(figures(f"everything of the {who} killed", values))
        assert max(values) < BOUND


@pytest.mark.parametrize("options", [{}, TUNED], ids=["default", "tuned"])
def test_what_a_node_without_network_ran_runs_elsewhere(three, figure, options, request):
    fleet = three(conciliation_strategy="SENICIDE", **options)
    name = request.node.callspec.id
    took = {"master": [], "other": []}
    for i in range(10 if LONG else 2):
        master = fleet.wait_settled()[0]
        victim = master if i % 2 else next(n for n in (1, 2, 3) if n != master)
        took["master" if i % 2 else "other"].append(
            lose_and_measure(fleet, victim, lambda v=victim: fleet.lan.cable(v, 0, False)))
        fleet.lan.cable(victim, 0, True)
        fleet.wait_settled(timeout=20 * FEW)
        fleet.wait_once(NAMES_OF, timeout=20)
        fleet.wait_idle()
        spread(fleet)
    for who, values in took.items():
        figure(figures(f"link of the {who} down, {name}", values))
        assert max(values) < BOUND


def test_a_lost_master_is_replaced_in_the_middle_of_a_start(fleet, network):
    names = [f"step-{i}" for i in range(6)]
    rules = "".join(program_rules(name, start_sequence=i + 1, expected_loading=5)
                    for i, name in enumerate(names))
    made = fleet(3, programs(names, group="steps", startsecs=1),
                 application("steps", rules, starting_strategy="LESS_LOADED", start_sequence=1,
                             running_failure_strategy="RESTART_PROCESS"),
                 lan=network(3)).launch()
    wait_until(lambda: made[1].master, "there is a master")
    master = made[1].master[0]
    wait_until(lambda: made.answers(lambda: made.known(master)["steps:step-1"][0] == "STARTING"),
               "the second step is under way")
    made.crash(master)
    made.wait_once([f"steps:{name}" for name in names], timeout=30)
