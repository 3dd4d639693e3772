"""An application is started in the order of its rules, where the strategy says, as was predicted;
and stopped in the opposite order."""

import time

import pytest

from harness.fleet import FEW, application, program_rules, programs, worker
from harness.waiting import wait_until

pytestmark = pytest.mark.reeved_only("Supervisor has no clusters")

STRATEGIES = ("CONFIG", "LESS_LOADED", "MOST_LOADED", "LOCAL", "LESS_LOADED_NODE",
              "MOST_LOADED_NODE")
FIRST = [f"first-{i}" for i in range(10)]
WAIT = [f"wait-{i}" for i in range(10)]
LAST = [f"last-{i}" for i in range(10)]
PROGRAMS = (programs(FIRST, command=worker(), startsecs=1) +
            programs(WAIT, command=worker(0.3), autorestart="false") +
            programs(LAST, command=worker()) +
            f"[group:thirty]\nprograms={','.join(FIRST + WAIT + LAST)}\n")
RULES = application(
    "thirty", start_sequence=0,
    programs_rules=program_rules(r"^first-\d", start_sequence=1, expected_loading=4,
                                 required="true") +
    program_rules(r"^wait-\d", start_sequence=2, wait_exit="true", expected_loading=2) +
    program_rules(r"^last-\d", start_sequence=3, expected_loading=3))


@pytest.fixture(name="four")
def _four(fleet, network):
    """Two nodes with two instances each."""
    return fleet(4, PROGRAMS, RULES, lan=network(2), nodes=[1, 1, 2, 2],
                 options={"synchro_options": "STRICT"}).up()


def places(fleet, since):
    """{process: number} of what was started since that moment of the monotonic clock."""
    found = {}
    for name in FIRST + WAIT + LAST:
        started = [of for of in (1, 2, 3, 4)
                   if fleet.inner(of, f"thirty:{name}")["start_monotonic"] >= since]
        assert len(started) == 1, f"{name} was started at {started}"
        found[name] = started[0]
    return found


def check_started_in_order(fleet, placed):
    def moments(names, key):
        return [fleet.inner(placed[name], f"thirty:{name}")[f"{key}_monotonic"] for name in names]
    # Each takes its second before it counts as started.
    assert max(moments(FIRST, "start")) + 0.99 <= min(moments(WAIT, "start"))
    assert max(moments(WAIT, "stop")) <= min(moments(LAST, "start"))
    # Those of one sequence do not wait for each other.
    assert max(moments(FIRST, "start")) - min(moments(FIRST, "start")) < 0.9 * FEW
    assert max(moments(WAIT, "start")) < min(moments(WAIT, "stop")) + 0.2 * FEW


def check_said_in_order(events):
    """What the workers themselves said."""
    def positions(word, names):
        found = [i for i, event in enumerate(events) if event[0] == word and event[1] in names]
        assert len(found) == len(names), f"{word} of {names}: {events}"
        return found
    assert positions("start", FIRST)[-1] < positions("start", WAIT)[0]
    assert positions("end", WAIT)[-1] < positions("start", LAST)[0]
    assert positions("start", LAST)[-1] < positions("asked", LAST)[0]
    assert positions("end", LAST)[-1] < positions("asked", FIRST)[0]


def check_strategy(strategy, asked, placed):
    used = {number: sum(place == number for place in placed.values()) for number in (1, 2, 3, 4)}
    if strategy == "CONFIG":
        assert used == {1: 30, 2: 0, 3: 0, 4: 0}
    elif strategy == "LOCAL":
        assert used[asked] == 30
    elif strategy.startswith("LESS_LOADED"):
        for names in (FIRST, LAST):
            share = [sum(placed[name] == number for name in names) for number in (1, 2, 3, 4)]
            assert max(share) - min(share) <= 1, share
    else:
        assert sorted(used.values()) == [0, 0, 0, 30]


def test_thirty_programs_start_where_and_when_they_are_to_by_each_strategy(four, figure):
    took = []
    for i, strategy in enumerate(STRATEGIES):
        asked = i % 4 + 1
        since = time.monotonic()
        predicted = four.ask("test_start_application", strategy, "thirty", of=asked)
        assert len(predicted) == 30
        assert four.ask("start_application", strategy, "thirty", True, of=asked) is True
        took.append(time.monotonic() - since)
        placed = places(four, since)
        for told in predicted:
            name, state = told["process_name"], told["state"]
            # What will have ended is then nowhere, as with Supvisors.
            assert [four.numbers[p] for p in told["running_identifiers"]] == (
                [] if name in WAIT else [placed[name]]), told
            assert state == ("EXITED" if name in WAIT else "RUNNING")
            assert told["forced_reason"] == ""
        four.wait_known({f"thirty:{name}": "EXITED" if name in WAIT else "RUNNING"
                         for name in placed})
        check_started_in_order(four, placed)
        check_strategy(strategy, asked, placed)
        wait_until(lambda: sum(e[0] == "start" for e in four.events()) == 30, "all have said so")
        assert four.ask("stop_application", "thirty", True, of=asked % 4 + 1) is True
        check_said_in_order(four.events())
        four.wait_known({f"thirty:{name}": "STOPPED" for name in FIRST + LAST})
        (four.directory / "events").unlink()
    figure("30 programs in 3 sequences (1 s of startsecs and 0.3 s of wait_exit are theirs): "
           f"{min(took):.2f} to {max(took):.2f} s")
