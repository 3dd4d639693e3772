"""A cluster in which daemons are replaced in place, or are killed and come back: what is under way
goes on, and nothing is started twice."""

import http.client
import threading
import xmlrpc.client

import pytest

from harness.crashes import come_back, crash
from harness.fleet import FEW, application, program_rules, programs, worker
from harness.waiting import wait_until

pytestmark = pytest.mark.reeved_only("Supervisor has no clusters")

STEPS = [f"step-{i}" for i in range(5)]
NAMESPECS = [f"steps:{name}" for name in STEPS]
RULES = application(
    "steps", "".join(program_rules(name, start_sequence=i + 1, expected_loading=5,
                                   running_failure_strategy="RESTART_PROCESS")
                     for i, name in enumerate(STEPS)),
    starting_strategy="LESS_LOADED", start_sequence=0)


@pytest.fixture(name="three")
def _three(fleet):
    """Three instances, which wait long enough for one that was killed to come back."""
    def make():
        return fleet(3, programs(STEPS, command=worker(), group="steps", startsecs=1), RULES,
                     options={"failure_timeout": f"{int(4 * FEW)}s",
                              "heartbeat_interval": "200ms"}).up()
    return make


def upgrade(instance):
    before = instance.rpc.reeve.get_upgrade()["done"]
    assert instance.rpc.call("reeve.upgrade") is True

    def is_over():
        try:
            now = instance.rpc.reeve.get_upgrade()
        except (OSError, http.client.HTTPException, xmlrpc.client.ProtocolError):
            return False
        assert not now["failed"], now["failure"]
        return now["done"] > before
    wait_until(is_over, lambda: f"n{instance.number} is another image:\n{instance.log()[-3000:]}",
               60 * FEW)


def others(made):
    """The number of the master, and those of the others."""
    master = made[1].master[0]
    return master, [i.number for i in made if i.number != master]


class Call(threading.Thread):
    """A call that waits for its answer."""

    def __init__(self, made, of, method, *arguments):
        super().__init__(daemon=True)
        self.made, self.of, self.what = made, of, (method, *arguments)
        self.result = None
        self.start()

    def run(self):
        try:
            self.result = self.made.ask(*self.what, of=self.of)
        except Exception as failure:  # pylint: disable=broad-except
            self.result = failure

    def wait(self):
        self.join(60 * FEW)
        assert not self.is_alive(), "there is an answer"
        return self.result


def starts(made):
    return sorted(process for word, process, _ in made.events() if word == "start")


def no_loss(made):
    for instance in made:
        assert not instance.said(r"is lost|was lost|No resource"), instance.log()[-3000:]


def test_a_start_goes_on_while_master_and_others_are_replaced(three):
    made = three()
    master, (asked, other) = others(made)
    call = Call(made, asked, "start_application", 1, "steps", True)
    made.wait_known({"steps:step-1": "STARTING"}, [master])
    upgrade(made[master])
    upgrade(made[other])
    assert call.wait() is True, made.logs()
    made.wait_once(NAMESPECS)
    assert starts(made) == STEPS
    assert others(made)[0] == master
    no_loss(made)
    upgrade(made[asked])
    upgrade(made[master])
    made.wait_idle()
    made.wait_once(NAMESPECS)
    assert starts(made) == STEPS
    assert made.order("stop_application", "steps", True, of=asked) is True
    no_loss(made)


@pytest.mark.parametrize("who", ["other", "master"])
def test_nobody_starts_a_second_copy_while_a_killed_daemon_comes_back(three, who):
    made = three()
    master, (asked, other) = others(made)
    victim = made[master if who == "master" else other]
    assert made.order("start_application", 1, "steps", True, of=asked) is True
    before = made.real()
    assert any(victim.number in copies for copies in before.values())
    crash(victim)
    wait_until(lambda: made[asked].sees(victim.number) != "RUNNING", "its end is known")
    come_back(victim)
    made.wait_idle()
    made.wait_once(NAMESPECS)
    assert made.real() == before
    assert starts(made) == STEPS


def test_what_a_killed_daemon_ran_runs_elsewhere_when_it_does_not_come_back(three):
    made = three()
    _, (asked, other) = others(made)
    assert made.order("start_application", 1, "steps", True, of=asked) is True
    victim = made[other]
    assert any(victim.number in copies for copies in made.real().values())
    made.crash(other)
    made.wait_once(NAMESPECS, [i.number for i in made if i is not victim], timeout=30)


def test_who_comes_back_late_leaves_to_the_others_what_they_have_taken_over(fleet):
    made = fleet(3, programs(STEPS, command=worker(), group="steps", autorestart="true"), RULES,
                 options={"conciliation_strategy": "USER"}).up()
    _, (asked, other) = others(made)
    assert made.order("start_application", 1, "steps", True, of=asked) is True
    victim = made[other]
    lost = [name for name, copies in made.real().items() if victim.number in copies]
    assert lost
    made.crash(other)
    made.wait_once(NAMESPECS, [i.number for i in made if i is not victim], timeout=30)
    victim.status, victim.unchecked = None, False
    come_back(victim)
    made.wait_settled(timeout=20 * FEW)
    made.wait_idle()
    made.wait_once(NAMESPECS)
    assert victim.said("going on from its state")
    assert len(starts(made)) == len(STEPS) + len(lost)
