"""Nodes lose power, network and patience at random; when that is over, everything runs once."""

import os
import random
import signal
import time

import pytest

from harness import procfs
from harness.failover import JOBS, PROGRAMS, RULES
from harness.fleet import FEW, LONG

pytestmark = pytest.mark.reeved_only("Supervisor has no clusters")

SEED = int(os.environ.get("REEVE_SEED", "7"))


class Chaos:
    """What is wrong at the moment, and what may happen next."""

    def __init__(self, made, seed):
        self.made, self.random = made, random.Random(seed)
        self.down, self.cut, self.frozen = set(), set(), set()
        self.told = []

    def crash(self, number):
        self.thaw(number)
        self.made.crash(number)
        self.down.add(number)

    def revive(self, number):
        self.made.revive(number, wait=False)
        self.down.discard(number)

    def split(self, number):
        self.made.lan.split(number)
        self.cut.add(number)

    def pull(self, number):
        self.made.lan.cable(number, 0, False)
        self.cut.add(number)

    def heal(self, number):
        self.made.lan.cable(number, 0, True)
        self.made.lan.heal(number)
        self.cut.discard(number)

    def freeze(self, number):
        if number not in self.down:
            self.made[number].kill(signal.SIGSTOP)
            self.frozen.add(number)

    def thaw(self, number):
        if number in self.frozen:
            self.made[number].kill(signal.SIGCONT)
            self.frozen.discard(number)

    def fail(self, number):
        """One of its programs crashes."""
        children = [] if number in self.down else procfs.children(self.made[number].pid)
        if children:
            procfs.kill(self.random.choice(children))

    def happen(self):
        number = self.random.choice(list(self.made.instances))
        if number in self.down:
            acts = [self.revive]
        else:
            acts = [self.crash, self.fail, self.heal if number in self.cut else self.split,
                    self.heal if number in self.cut else self.pull,
                    self.thaw if number in self.frozen else self.freeze]
        act = self.random.choice(acts)
        self.told.append(f"{act.__name__} {number}")
        act(number)

    def end(self):
        for number in list(self.frozen):
            self.thaw(number)
        for number in list(self.cut):
            self.heal(number)
        for number in list(self.down):
            self.revive(number)


@pytest.mark.parametrize("quorum", ["none", "majority"])
@pytest.mark.parametrize("strategy", ["SENICIDE", "RUNNING_FAILURE"])
def test_after_all_that_may_happen_everything_runs_once(fleet, network, quorum, strategy):
    # Those that are required are looked after by whoever is master, also if it has lost its memory.
    made = fleet(3, PROGRAMS.replace("autostart=false", "autostart=false\nautorestart=true"),
                 RULES.replace("<expected_loading>", "<required>true</required><expected_loading>"),
                 lan=network(3), options={"quorum": quorum, "conciliation_strategy": strategy})
    made.up().wait_once(JOBS)
    for i in range(8 if LONG else 1):
        chaos = Chaos(made, SEED + i)
        end = time.monotonic() + (15 if LONG else 4)
        while time.monotonic() < end:
            chaos.happen()
            time.sleep(chaos.random.uniform(0, 0.7))
        chaos.end()
        try:
            made.wait_settled(timeout=20 * FEW)
            made.wait_once(JOBS, timeout=20)
            made.wait_idle()
        except AssertionError as error:
            raise AssertionError(f"seed {SEED + i}: {', '.join(chaos.told)}: {error}") from None
