"""The configurations in doc/examples/use-cases do what they say, as they are: in a network with the
addresses that they are written for."""

import shutil

import pytest

from harness import implementation
from harness.cluster import make_key
from harness.daemon import Daemon
from harness.fleet import FEW, Fleet
from harness.waiting import holds_for, wait_until

pytestmark = pytest.mark.reeved_only("Supervisor has no clusters")

EXAMPLES = implementation.TOP / "doc" / "examples" / "use-cases"


class Node(Daemon):
    """A node of an example, with a copy of its files."""

    def __init__(self, impl, number, source, **named):
        self.number, self.master = number, None
        super().__init__(impl, **named)
        shutil.copytree(source, self.dir, dirs_exist_ok=True)
        self.conf, self.sock = self.dir / "reeve.conf", str(self.dir / "reeve.sock")
        self.log_path, self.pidfile = self.dir / "reeved.log", self.dir / "reeved.pid"

    def write_config(self, config):
        pass

    def log(self):
        return self.read("reeved.log")

    def lines(self, name):
        return super().lines(name.replace("daemon.log", "reeved.log"))


class Example(Fleet):
    """An example on nodes 10.0.0.1 and so on, called node1 and so on."""

    def __init__(self, start, name, count, lan, each):  # pylint: disable=super-init-not-called
        self.lan, self.count, self.directory = lan, count, EXAMPLES / name
        self.instances, self.numbers = {}, {}
        for number in range(1, count + 1):
            prefix = lan.command(number, "unshare", "--uts", "sh", "-c",
                                 'hostname "$0" && exec "$@"', f"node{number}")
            node = Node(start.impl, number, self.directory, prefix=prefix,
                        environment=each.get(number))
            start.daemons.append(node)
            self.instances[number] = node
            self.numbers[f"10.0.0.{number}:60000"] = self.numbers[f"node{number}:60000"] = number
        key = make_key(self[1].dir / "cluster.key")
        for number in range(2, count + 1):
            shutil.copy2(key, self[number].dir)

    def control(self, number, *words):
        said = self[number].ctl(*words, client=implementation.reevectl())
        assert said.status == 0, said
        return said.out


@pytest.fixture(name="example")
def _example(start, network):
    def make(name, count, each=None):
        return Example(start, name, count, network(count, "10.0.0"), each or {})
    return make


def at(made, name):
    state, numbers = made.known()[name]
    return numbers[0] if state == "RUNNING" and len(numbers) == 1 else state


def test_one_application_is_distributed_over_the_nodes(example):
    made = example("distributed", 3).up()
    web = [f"shop:web-{i}" for i in range(6)]
    made.wait_once(["shop:database", *web], timeout=30)
    assert made.known()["shop:migrate"] == ("EXITED", [])
    assert at(made, "shop:database") == 1
    # 40 of the database are at the first, so the web servers are shared by the others.
    assert sorted(at(made, name) for name in web) == [2, 2, 2, 3, 3, 3]
    made.crash(1)
    made.wait_once(["shop:database", *web], timeout=20)
    assert at(made, "shop:database") == 2, "the other one with disks"
    made.crash(3)
    wait_until(lambda: made.ask("get_master_identifier", of=2) == {},
               "alone it is no majority", 10 * FEW)
    made.revive(3)
    made.wait_once(["shop:database", *web], timeout=20)


def test_each_user_has_the_application_on_a_node_of_his_own(example):
    made = example("per-user", 3).up()
    wait_until(lambda: made.answers(made.runs_once), lambda: f"all run: {made.logs()}", 20 * FEW)
    assert {n: {at(made, f"desk_{n}:viewer_{n}"), at(made, f"desk_{n}:recorder_{n}")}
            for n in (1, 2, 3, 4)} == {1: {1}, 2: {2}, 3: {3}, 4: {1}}
    # A user more.
    for node in made:
        text = (node.dir / "users" / "4.conf").read_text(encoding="ascii")
        (node.dir / "users" / "5.conf").write_text(text.replace("_4", "_5"), encoding="ascii")
        made.control(node.number, "update")
    wait_until(lambda: "desk_5:viewer_5" in made.known(3), "all know of it")
    made.control(3, "start_application", "CONFIG", "desk_5")
    assert at(made, "desk_5:viewer_5") == at(made, "desk_5:recorder_5") == 2
    # His node is lost: so is his desk, and only his, until it is back.
    made.crash(3)
    made.wait_known({"desk_3:viewer_3": "FATAL", "desk_3:recorder_3": "FATAL",
                     "desk_1:viewer_1": "RUNNING", "desk_5:viewer_5": "RUNNING"})
    made.revive(3)
    made.wait_once()
    assert at(made, "desk_3:viewer_3") == 3


def test_services_do_not_wait_for_consoles_that_come_and_go(example):
    server, console = {"REEVE_STEREOTYPES": "server"}, {"REEVE_STEREOTYPES": "console"}
    made = example("services-and-consoles", 4, {1: server, 2: server, 3: console, 4: console})
    made.launch(1, 2)
    made.wait_settled(timeout=15 + 15 * FEW)
    made.wait_once(["services:feed", "services:store"])
    assert {at(made, "services:feed"), at(made, "services:store")} == {1, 2}
    services = made.real()
    made.launch(4)
    made.wait_settled(timeout=15 * FEW)
    made.wait_known({"consoles:screen-0": "RUNNING", "consoles:screen-1": "FATAL"})
    assert at(made, "consoles:screen-0") == 4
    made.launch(3)
    made.wait_settled(timeout=15 * FEW)
    made.wait_once()
    assert at(made, "consoles:screen-0") == 4 and at(made, "consoles:screen-1") == 3
    assert made.wait_settled()[0] in (1, 2)
    assert made.real()["services:feed"] == services["services:feed"]
    made.crash(4)
    made.wait_known({"consoles:screen-0": "FATAL", "consoles:screen-1": "RUNNING"})
    lost = at(made, "services:store")
    made.crash(lost)
    made.wait_once(["services:feed", "services:store"])
    assert at(made, "services:store") == at(made, "services:feed") == 3 - lost
    made.revive(4)
    made.wait_once(["services:feed", "services:store", "consoles:screen-0", "consoles:screen-1"])
    assert at(made, "consoles:screen-0") == 4


def test_nodes_find_each_other_without_a_list(example):
    made = example("discovery", 3)
    made.launch(1)
    made.wait_settled(timeout=15 * FEW)
    made.wait_once()
    made.launch(2, 3)
    made.wait_settled(timeout=15 * FEW)
    wait_until(lambda: made.answers(lambda: sum(i["statename"] == "RUNNING" for i in
                                                made.ask("get_all_instances_info"))) == 3,
               "all are there", 15 * FEW)
    made.wait_once()
    assert {at(made, f"worker:worker-{i:02}") for i in range(6)} == {1}, "nothing is moved"
    made.control(2, "restart_application", "LESS_LOADED", "worker")
    made.wait_once()
    assert sorted(at(made, f"worker:worker-{i:02}") for i in range(6)) == [1, 1, 2, 2, 3, 3]
    made.crash(1)
    made.wait_once(timeout=20)
    left = made.real()
    holds_for(lambda: made.real() == left, 0.3, "that is all")
