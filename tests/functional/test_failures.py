"""What the rules say of a program that fails while it runs: that crashes, or is lost with its
instance, master or not."""

import pytest

from harness import procfs
from harness.fleet import FEW, application, program_rules, programs
from harness.waiting import holds_for, wait_until

pytestmark = pytest.mark.reeved_only("Supervisor has no clusters")

STRATEGIES = ("CONTINUE", "RESTART_PROCESS", "STOP_APPLICATION", "RESTART_APPLICATION")


def short(strategy):
    return strategy.lower().replace("_", "-")


def cases(strategies, main, side):
    """An application for each strategy, with one program that will fail, and one beside it."""
    text = rules = ""
    for strategy in strategies:
        name = short(strategy)
        text += programs([f"{name}.main", f"{name}.side"], group=name, autorestart="false")
        rules += application(
            name, program_rules(f"{name}.main", start_sequence=1, identifiers=main,
                                running_failure_strategy=strategy) +
            program_rules(f"{name}.side", start_sequence=2, identifiers=side))
    return text, rules


def process(strategy, part):
    return f"{short(strategy)}:{short(strategy)}.{part}"


def expected(made, before, strategy, states, kept):
    """The states, and whether the one beside is still the same one."""
    main, side = process(strategy, "main"), process(strategy, "side")
    made.wait_known({main: states[0], side: states[1]})
    now = made.real()
    assert bool(now[main]) == (states[0] == "RUNNING"), now[main]
    assert bool(now[side]) == (states[1] == "RUNNING"), now[side]
    if states[0] == "RUNNING":
        assert now[main] != before[main]
    if states[1] == "RUNNING":
        assert (now[side] == before[side]) == kept


def test_a_crash_has_the_consequences_of_its_strategy(fleet):
    made = fleet(2, *cases(STRATEGIES, "n2,n1", "n1")).up()
    made.wait_once()
    before = made.real()
    for strategy in STRATEGIES:
        procfs.kill(before[process(strategy, "main")][2])
    # Only its own autorestart restarts a crashed process; here it has none.
    expected(made, before, "CONTINUE", ("EXITED", "RUNNING"), True)
    expected(made, before, "RESTART_PROCESS", ("EXITED", "RUNNING"), True)
    expected(made, before, "STOP_APPLICATION", ("EXITED", "STOPPED"), False)
    wait_until(lambda: made.real()[process("RESTART_APPLICATION", "side")] not in (
        {}, before[process("RESTART_APPLICATION", "side")]), "it is restarted")
    expected(made, before, "RESTART_APPLICATION", ("RUNNING", "RUNNING"), False)
    left = made.real()
    holds_for(lambda: made.real() == left, 0.5, "nothing more happens")


@pytest.mark.parametrize("victim", [3, 1], ids=["other", "master"])
def test_a_loss_has_the_consequences_of_its_strategy(fleet, victim):
    made = fleet(3, *cases(STRATEGIES, f"n{victim},n2", "n2"),
                 options={"starting_strategy": "CONFIG"}).up()
    made.wait_once()
    before = made.real()
    assert all(list(before[process(strategy, "main")]) == [victim] for strategy in STRATEGIES)
    assert (made.wait_settled()[0] == victim) == (victim == 1), "the first is the master"
    made.crash(victim)
    rest = [number for number in (1, 2, 3) if number != victim]
    made.wait_settled(rest, timeout=20 * FEW)
    expected(made, before, "CONTINUE", ("FATAL", "RUNNING"), True)
    expected(made, before, "RESTART_PROCESS", ("RUNNING", "RUNNING"), True)
    expected(made, before, "STOP_APPLICATION", ("FATAL", "STOPPED"), False)
    wait_until(lambda: made.real()[process("RESTART_APPLICATION", "side")] not in (
        {}, before[process("RESTART_APPLICATION", "side")]), "it is restarted")
    expected(made, before, "RESTART_APPLICATION", ("RUNNING", "RUNNING"), False)
    left = made.real()
    holds_for(lambda: made.real() == left, 0.5, "nothing more happens")


def fails(made, how, name):
    at, pid = next(iter(made.real()[name].items()))
    if how == "crash":
        procfs.kill(pid)
        return list(made)
    made.crash(at)
    return [instance for instance in made if instance.number != at]


@pytest.mark.parametrize("how", ["crash", "loss"])
def test_the_failure_of_one_program_can_end_the_whole(fleet, how):
    made = fleet(3, *cases(["SHUTDOWN"], "n3", "n1")).up()
    made.wait_once()
    for instance in fails(made, how, process("SHUTDOWN", "main")):
        assert instance.wait_end() == 0


@pytest.mark.parametrize("how", ["crash", "loss"])
def test_the_failure_of_one_program_can_restart_the_whole(fleet, how):
    made = fleet(3, *cases(["RESTART"], "n3,n2", "n1")).up()
    made.wait_once()
    before = made.real()
    main, side = process("RESTART", "main"), process("RESTART", "side")
    for instance in fails(made, how, main):
        instance.wait_said(r"cluster: FINAL", timeout=20 * FEW)
    if how == "loss":
        made.revive(next(iter(before[main])), wait=False)
    wait_until(lambda: made.answers(lambda: (real := made.real()) and real[main] and real[side]
                                    and real[side] != before[side]),
               lambda: f"all of it runs anew:\n{made.logs()}", 30 * FEW)
    made.wait_once()
