"""Three nodes, of which one is lost: what it ran is soon running on the others, whoever was lost
and however, also if it was the master."""

import pytest

from harness.failover import DEFAULT, TUNED, Three
from harness.fleet import FEW, LONG, application, figures, program_rules, programs
from harness.waiting import wait_until

pytestmark = pytest.mark.reeved_only("Supervisor has no clusters")

BOUND = 5000 * FEW  # of milliseconds; what is to be expected is in the figures and tests/bench
WAYS = {"kill": "all killed", "power_cut": "power cut", "link_down": "link down"}


@pytest.fixture(name="three")
def _three(start, tmp_path, network):
    return lambda options: Three(start, tmp_path, network(3), options)


@pytest.mark.parametrize("way, kind, rounds", [
    ("kill", "default", 20 if LONG else 6), ("power_cut", "default", 20 if LONG else 2),
    ("link_down", "default", 20 if LONG else 2), ("link_down", "tuned", 20 if LONG else 2)])
def test_what_a_lost_node_ran_runs_elsewhere(three, figure, way, kind, rounds):
    fleet = three(TUNED if kind == "tuned" else DEFAULT)
    took = {"master": [], "other": []}
    for i in range(rounds):
        took["master" if i % 2 else "other"].append(getattr(fleet, way)(bool(i % 2)))
    for who, values in took.items():
        figure(figures(f"{WAYS[way]}, {kind}, {who}: runs elsewhere", values))
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
