"""A network that falls apart in two halves and heals: what ran in both is settled as configured.
With a quorum the smaller part does nothing."""

import time

import pytest

from harness.fleet import FEW, application, program_rules, programs
from harness.waiting import holds_for, wait_until

pytestmark = pytest.mark.reeved_only("Supervisor has no clusters")

NAMES = [f"job-{i}" for i in range(8)]
JOBS = [f"jobs:{name}" for name in NAMES]
PROGRAMS = programs(NAMES, group="jobs")
LEFT, RIGHT = (1, 2), (3, 4)


def rules(**more):
    return application("jobs", starting_strategy="LESS_LOADED",
                       running_failure_strategy="RESTART_PROCESS",
                       programs_rules=program_rules(r"^job-\d", start_sequence=1,
                                                    expected_loading=5, **more))


def parted(made):
    """Splits the network; {namespec: {number: pid}} before, and when both halves run everything."""
    made.wait_once(JOBS)
    before = made.real()
    assert {number for copies in before.values() for number in copies} == {1, 2, 3, 4}
    time.sleep(0.2)  # so that one copy is older than the other beyond doubt
    made.lan.split(*RIGHT)
    for half in (LEFT, RIGHT):
        made.wait_settled(half, timeout=20 * FEW)
        made.wait_once(JOBS, half)
    both = made.real()
    assert all(len(copies) == 2 for copies in both.values()), both
    assert all(before[name].items() <= both[name].items() for name in JOBS)
    return before, both


@pytest.fixture(name="halves")
def _halves(fleet, network):
    def make(strategy, **more):
        return fleet(4, PROGRAMS, rules(**more), lan=network(4),
                     options={"conciliation_strategy": strategy}).up()
    return make


def heal(made):
    for number in RIGHT:
        made.lan.heal(number)


def young(before, both):
    return {name: dict(both[name].items() - before[name].items()) for name in JOBS}


@pytest.mark.parametrize("strategy", ["SENICIDE", "INFANTICIDE"])
def test_after_a_partition_one_copy_stays_the_one_that_is_configured(halves, strategy):
    made = halves(strategy)
    before, both = parted(made)
    heal(made)
    made.wait_once(JOBS, timeout=30)
    made.wait_idle()
    left = made.real()
    assert left == (before if strategy == "INFANTICIDE" else young(before, both))
    holds_for(lambda: made.real() == left, 0.5, "nothing more happens")


def test_after_a_partition_all_copies_stop(halves):
    made = halves("STOP")
    parted(made)
    heal(made)
    made.wait_known(dict.fromkeys(JOBS, "STOPPED"), timeout=30)
    made.wait_idle()
    assert not any(made.real().values())
    holds_for(lambda: not any(made.real().values()), 0.5, "nothing is started again")


@pytest.mark.parametrize("strategy", ["RESTART", "RUNNING_FAILURE"])
def test_after_a_partition_one_new_copy_takes_the_place_of_all(halves, strategy):
    made = halves(strategy)
    _, both = parted(made)
    heal(made)
    old = {pid for copies in both.values() for pid in copies.values()}
    wait_until(lambda: made.answers(lambda: made.runs_once(JOBS)) and not old & {
        pid for copies in made.real().values() for pid in copies.values()},
        lambda: f"one new copy of each: {made.real()}\n{made.logs()}", 30 * FEW)
    made.wait_idle()
    left = made.real()
    holds_for(lambda: made.real() == left, 0.5, "nothing more happens")


def test_after_a_partition_copies_stay_where_that_is_their_running_failure_strategy(halves):
    made = halves("RUNNING_FAILURE", running_failure_strategy="CONTINUE")
    made.wait_once(JOBS)
    made.lan.split(*RIGHT)
    for half in (LEFT, RIGHT):
        made.wait_settled(half, timeout=20 * FEW)
    lost = [name for name, copies in made.real(LEFT).items() if not copies]
    assert lost, "what ran at the right is not started at the left: its strategy is CONTINUE"
    started = lost[0]
    assert made.order("start_process", "LESS_LOADED", started, "", True, of=1) is True
    before = made.real()
    heal(made)
    made.wait_known({started: "STOPPED"}, timeout=30)
    made.wait_idle()
    assert made.real() == before | {started: {}}


def test_after_a_partition_the_user_decides_where_that_is_configured(halves):
    made = halves("USER")
    before, both = parted(made)
    heal(made)
    wait_until(lambda: all(made.answers(lambda n=n: made.state(n)) == "CONCILIATION"
                           for n in (1, 2, 3, 4)),
               lambda: f"they are in CONCILIATION:\n{made.logs()}", 30 * FEW)
    assert {f"{i['application_name']}:{i['process_name']}"
            for i in made.ask("get_conflicts", of=3)} == set(JOBS)
    holds_for(lambda: made.real() == both, 1, "nothing is done by itself")
    assert made.ask("conciliate", "USER", of=2) is False
    # All copies of what is stopped by hand.
    assert made.order("stop_process", JOBS[0], True, of=4) is True
    assert made.real() == both | {JOBS[0]: {}}
    assert made.state(2) == "CONCILIATION"
    assert made.ask("conciliate", "INFANTICIDE", of=1) is True
    made.wait_idle()
    made.wait_once(JOBS[1:])
    assert made.real() == before | {JOBS[0]: {}}


def test_without_a_quorum_nothing_is_started(fleet, network):
    made = fleet(3, PROGRAMS, rules(), lan=network(3),
                 options={"quorum": "majority", "conciliation_strategy": "USER"}).up()
    made.wait_once(JOBS)
    alone = made.wait_settled()[0]
    rest = [n for n in (1, 2, 3) if n != alone]
    had = {name: copies[alone] for name, copies in made.real().items() if alone in copies}
    made.lan.split(alone)
    made.wait_settled(rest, timeout=20 * FEW)
    made.wait_once(JOBS, rest)
    assert made.state(alone) not in ("DISTRIBUTION", "OPERATION", "CONCILIATION")
    assert made.ask("get_master_identifier", of=alone) == {}
    assert made[alone].fault("supvisors.start_process", "LOCAL", JOBS[0])[0] == 101
    holds_for(lambda: {name: copies[alone] for name, copies in made.real([alone]).items()
                       if copies} == had, 1, "it runs what it ran, and nothing else")
    # A majority's master stays, so who was alone joins and follows.
    master = made.wait_settled(rest)[0]
    made.lan.heal(alone)
    wait_until(lambda: made.answers(lambda: made.ask("conciliate", "SENICIDE", of=master)),
               lambda: f"there is something to settle:\n{made.logs()}", 20 * FEW)
    made.wait_once(JOBS, timeout=30)
    assert made.wait_settled(timeout=20 * FEW)[0] == master
    assert not any(alone in copies for copies in made.real().values()), "the younger ones stay"


def test_what_only_a_minority_saw_being_lost_is_not_forgotten(fleet, network):
    """Two of three lose their power, and whoever becomes master then knows of nothing."""
    made = fleet(3, PROGRAMS, rules(), lan=network(3), options={"quorum": "majority"}).up()
    made.wait_once(JOBS)
    kept = {name: copies for name, copies in made.real().items() if 3 in copies}
    made.crash(1, 2)
    wait_until(lambda: made[3].sees(1) == made[3].sees(2) == "STOPPED", "n3 knows", 10 * FEW)
    assert made.ask("get_master_identifier", of=3) == {}, "and can do nothing"
    made.revive(1, 2)
    made.wait_once(JOBS)
    assert {name: made.real()[name] for name in kept} == kept
