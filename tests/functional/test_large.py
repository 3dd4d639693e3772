"""Five hundred programs over eight instances: all of them start, in their order, and soon."""

import time

import pytest

from harness.fleet import FEW, application, program_rules
from harness.waiting import wait_until

pytestmark = pytest.mark.reeved_only("Supervisor has no clusters")

PROGRAMS = """
[program:big]
command=/bin/sleep 100000
process_name=%(program_name)s-%(process_num)03d
numprocs=500
autostart=false
startsecs=0
stdout_logfile=NONE
stderr_logfile=NONE
"""
RULES = application("big", starting_strategy="LESS_LOADED", programs_rules=program_rules(
    r"^big-\d+", start_sequence=1, identifiers="#"))


def test_five_hundred_programs_start_over_eight_instances(fleet, figure):
    made = fleet(8, PROGRAMS, RULES, options={"synchro_options": "STRICT"})
    began = time.monotonic()
    made.launch()
    made.wait_settled(timeout=30 * FEW)

    def count(number):
        return sum(i["statename"] == "RUNNING"
                   for i in made[number].rpc.supervisor.getAllProcessInfo())
    wait_until(lambda: made.answers(lambda: sum(count(n) for n in range(1, 9)) == 500),
               lambda: f"all run:\n{made.logs()}", 30 * FEW, poll=0.05)
    took = time.monotonic() - began
    # '#' shares them out evenly.
    assert sorted(count(n) for n in range(1, 9)) == [62] * 4 + [63] * 4
    for number in range(1, 9):
        wait_until(lambda n=number: made.answers(lambda: all(
            state == "RUNNING" and len(at) == 1 for state, at in made.known(n).values())),
            f"n{number} knows all of it", 10 * FEW, poll=0.05)
    figure(f"500 programs over 8 instances, from nothing: {took:.2f} s")
    assert took < 15 * FEW
    began = time.monotonic()
    assert made.ask("stop_application", "big", True, of=3) is True
    figure(f"500 programs stopped: {time.monotonic() - began:.2f} s")
    assert sum(count(n) for n in range(1, 9)) == 0
