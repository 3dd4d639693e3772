"""Daemons of a cluster are killed at any moment, and somebody starts them again at once: nothing runs
twice, nothing is lost.

REEVE_CRASHES says how many crashes (12), REEVE_SEEDS how many times, each with a seed of its own."""

import http.client
import os
import random
import re
import threading
import time
import xmlrpc.client

import pytest

from harness import fleet as fleets
from harness.crashes import WORKER, Reaper, crash, worker
from harness.fleet import FEW
from harness.waiting import wait_until

pytestmark = pytest.mark.reeved_only("Supervisor has no clusters")
CRASHES = int(os.environ.get("REEVE_CRASHES", "12"))
SEEDS = int(os.environ.get("REEVE_SEEDS", "1"))

STEPS, FREE, SHORT = ([f"{word}{i}" for i in range(3)] for word in ("step", "free", "short"))
NAMES = {"steps": STEPS, "frees": FREE, "shorts": SHORT}


def shared(command):
    return command.replace("@DIR@", "@SHARED@")


def program(name, then="exec sleep 1000", **options):
    return fleets.programs([name], command=shared(worker(name, then)), **options)


def groups():
    return "".join(f"[group:{group}]\nprograms={','.join(names)}\n" for group, names in NAMES.items())


PROGRAMS = "".join(
    [program(name, startsecs=1) for name in STEPS] + [program(name) for name in FREE] +
    [program(name, f"sleep 0.{i + 2}; exit {i + 1}", autorestart="true", exitcodes=i + 1)
     for i, name in enumerate(SHORT)]) + groups()
RULES = "".join(
    fleets.application(group, "".join(
        fleets.program_rules(name, start_sequence=i + 1 if group == "steps" else 1,
                             expected_loading=5, running_failure_strategy="RESTART_PROCESS")
        for i, name in enumerate(names)), starting_strategy="LESS_LOADED", start_sequence=1)
    for group, names in NAMES.items())


class Operator(threading.Thread):
    """Somebody who does all kinds of things, and does not mind when nobody answers."""

    def __init__(self, cluster, seed):
        super().__init__(daemon=True)
        self.cluster, self.random, self.over = cluster, random.Random(seed), False

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over = True
        self.join(60)

    def run(self):
        while not self.over:
            try:
                self.act(self.random.choice(list(self.cluster)).proxy())
            except (OSError, EOFError, AssertionError, ValueError, http.client.HTTPException,
                    xmlrpc.client.Error):
                pass
            time.sleep(self.random.random() * 0.5)

    def act(self, proxy):
        what, group = self.random.randrange(7), self.random.choice(list(NAMES))
        name = f"{group}:{self.random.choice(NAMES[group])}"
        if what == 0:
            proxy.supvisors.start_application(1, group, False)
        elif what == 1:
            proxy.supvisors.restart_application(1, group, False)
        elif what == 2:
            proxy.supvisors.stop_process(name, False)
        elif what == 3:
            proxy.supvisors.start_process(1, name, "", False)
        elif what == 4:
            proxy.supvisors.restart_process(1, name, "", False)
        else:
            proxy.reeve.upgrade()


@pytest.fixture(name="three")
def _three(fleet, tmp_path):
    """Who is killed is back before anybody takes it for lost."""
    def make():
        (tmp_path / "worker.sh").write_text(WORKER, encoding="ascii")
        return fleet(3, PROGRAMS, RULES, options={"failure_timeout": f"{int(8 * FEW)}s",
                                                  "heartbeat_interval": "200ms"}).up()
    return make


def crash_some(cluster, dice):
    """One, or two, or at times all of them at once; each is back in a moment."""
    count = dice.choice([1, 1, 1, 1, 2, 2, 3])
    victims = dice.sample(list(cluster), count)
    for victim in victims:
        crash(victim)
        if dice.random() < 0.5:
            time.sleep(dice.random() * 0.3)
    for victim in victims:
        time.sleep(dice.random() * 0.3)
        victim.launch()
    if dice.random() < 0.7:
        for victim in victims:
            victim.wait_ready()


def settle(cluster):
    """Whatever was asked for last, in the end everything is asked to run."""
    for instance in cluster:
        instance.wait_ready()
    cluster.wait_settled(timeout=60 * FEW)
    cluster.wait_idle(timeout=60)
    for name, (state, _) in cluster.known().items():
        if state not in fleets.RUNNING:
            cluster.order("start_process", 1, name, "", False)
    cluster.wait_idle(timeout=60)
    cluster.wait_once([f"{group}:{name}" for group in ("steps", "frees") for name in NAMES[group]],
                      timeout=60)


def starts(directory, name):
    path = directory / f"{name}.starts"
    return len(path.read_text(encoding="ascii").splitlines()) if path.exists() else 0


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_no_crash_of_any_daemon_makes_a_second_copy_or_loses_a_program(three, tmp_path, seed):
    cluster, dice = three(), random.Random(seed)
    with Reaper():
        with Operator(cluster, seed):
            for _ in range(CRASHES):
                time.sleep(dice.random())
                crash_some(cluster, dice)
        settle(cluster)
        for name in SHORT:
            counted = starts(tmp_path, name)
            wait_until(lambda name=name, counted=counted: starts(tmp_path, name) > counted,
                       f"{name} runs again and again: {cluster.real()}", 20 * FEW)
    copies = tmp_path / "copies"
    assert not copies.exists(), f"{copies.read_text()}\n{cluster.logs(200)}"
    for instance in cluster:
        log = instance.log()
        for name, code in re.findall(r"exited: (short\d) \(([^);]*)", log):
            assert code in (f"exit status {int(name[-1]) + 1}", "exit status unknown"), name
        assert "waitpid error" not in log and "cannot be gone on from" not in log
