"""Three machines, the package on each, and one cluster of them: power, network and time fail."""

import os
import pathlib
import time

import pytest

import vmlab

NAMES = ("n1", "n2", "n3")
COPIES = 4
# Emulated machines are up to twenty times slower than real ones, hence the patience.
CONFIGURATION = """[inet_http_server]
port=*:9001
username=reeve
password=guests
[reeve]
supvisors_list=<n1>n1:9001,<n2>n2:9001,<n3>n3:9001
multicast_group=239.77.0.9:7709
cluster_name=guests
cluster_key_file=/etc/reeve/cluster.key
rules_files=/etc/reeve/rules.d/*.xml
state_dir=/var/lib/reeve
synchro_options=STRICT
heartbeat_interval=500ms
failure_timeout=5s
quorum=majority
starting_strategy=LESS_LOADED
conciliation_strategy=SENICIDE
[program:work]
command=sleep 600%(process_num)d
process_name=work_%(process_num)d
numprocs=4
autostart=false
startsecs=0
[group:shop]
programs=work
"""
RULES = """<?xml version="1.0" encoding="UTF-8"?>
<root><application name="shop">
<start_sequence>1</start_sequence><starting_strategy>LESS_LOADED</starting_strategy>
<running_failure_strategy>RESTART_PROCESS</running_failure_strategy>
<programs><program pattern="work_"><start_sequence>1</start_sequence>
<expected_loading>20</expected_loading></program></programs>
</application></root>
"""


class Cluster:
    def __init__(self, lab, eventually):
        self.lab, self.eventually = lab, eventually

    def living(self):
        return [vm.name for vm in self.lab.vms if vm.alive()]

    def copies(self, names):
        """Where each program runs: {argument of sleep: [guest, ...]}, from the guests' /proc."""
        found = {}
        texts = self.lab.all(lambda vm: vm.run("pgrep -a -x sleep", 30)[1], names)
        for name, text in texts.items():
            for line in text.splitlines():
                found.setdefault(line.split()[-1], []).append(name)
        return found

    def masters(self, names):
        ask = "reevectl master | sed -n 's/Nick identifier: //p'"
        return [text.strip() for text in self.lab.all(lambda vm: vm.run(ask, 30)[1], names).values()]

    def master(self, names=None):
        """Of whom all of them say the same."""
        names = names or self.living()
        told = self.eventually(
            lambda: self.masters(names), lambda m: len(set(m)) == 1 and m[0] in names, 120
        )
        return told[0]

    def await_one_of_each(self, names=None, secs=180):
        names = names or self.living()
        return self.eventually(
            lambda: self.copies(names),
            lambda c: len(c) == COPIES and all(len(at) == 1 for at in c.values()),
            secs,
        )

    def await_all_seen(self, secs=180):
        def ask(vm):
            return vm.run("reevectl instance_status", 30)[1].count("RUNNING")

        self.eventually(
            lambda: list(self.lab.all(ask).values()), lambda n: n == [len(NAMES)] * len(NAMES), secs
        )

    def hosts(self):
        return {name for at in self.await_one_of_each().values() for name in at}


@pytest.fixture(scope="module")
def guests(images, deb, tmp_path_factory):
    out = pathlib.Path(os.environ.get("REEVE_VM_OUT") or tmp_path_factory.mktemp("vm")) / "cluster"
    with vmlab.Lab(images, n=len(NAMES), limit=1800, out=out) as lab:
        lab.all(lambda vm: vm.put(deb.read_bytes(), "/root/reeve.deb"))
        lab.all(lambda vm: vm.check("apt-get -q install -y /root/reeve.deb", timeout=300))
        lab["n1"].check("reevectl keygen /etc/reeve/cluster.key")
        key = lab["n1"].get("/etc/reeve/cluster.key")
        for vm in lab.vms:
            vm.put(key, "/etc/reeve/cluster.key", 0o600)
            vm.put(CONFIGURATION.encode(), "/etc/reeve/conf.d/cluster.conf")
            vm.put(RULES.encode(), "/etc/reeve/rules.d/shop.xml")
        lab.all(lambda vm: vm.check("systemctl stop reeve; sync", timeout=120))
        for vm in lab.vms:
            vm.save("cluster")
        yield lab


@pytest.fixture
def cluster(guests, eventually):
    guests.switch.heal()
    for vm in guests.vms:
        vm.load("cluster")
    guests.all(lambda vm: vm.check("systemctl start reeve", timeout=120))
    cluster = Cluster(guests, eventually)
    cluster.await_all_seen()
    cluster.await_one_of_each()
    return cluster


def test_three_machines_have_one_master_and_share_the_work(cluster):
    assert cluster.master() in NAMES
    assert cluster.hosts() == set(NAMES)


def test_what_ran_on_a_machine_whose_power_failed_runs_elsewhere(cluster):
    victim = cluster.master()
    before = cluster.copies([victim])
    assert before
    cluster.lab[victim].kill()
    cut = time.monotonic()
    cluster.await_one_of_each()
    taken = f"{time.monotonic() - cut:.1f} s from the cut until all runs, asking included\n"
    cluster.lab.out.mkdir(parents=True, exist_ok=True)
    (cluster.lab.out / "failover").write_text(taken, encoding="utf-8")
    assert cluster.master() != victim
    cluster.lab[victim].start().ready(timeout=180)
    cluster.await_all_seen()
    cluster.await_one_of_each()
    assert cluster.master() in NAMES


def test_after_a_divided_network_is_whole_again_there_is_one_copy_of_each(cluster):
    lost = next(name for name in NAMES if name != cluster.master())
    rest = [name for name in NAMES if name != lost]
    cluster.lab[lost].link(False)
    cluster.await_one_of_each(rest)
    assert cluster.master(rest) in rest
    cluster.lab[lost].link(True)
    cluster.await_all_seen()
    cluster.await_one_of_each()
    assert cluster.master() in NAMES


def test_a_machine_that_stood_still_comes_back_and_gives_no_old_order(cluster):
    victim = cluster.master()
    rest = [name for name in NAMES if name != victim]
    cluster.lab[victim].pause()
    cluster.await_one_of_each(rest)
    successor = cluster.master(rest)
    cluster.lab[victim].resume()
    cluster.lab[victim].clock()
    cluster.await_all_seen()
    cluster.await_one_of_each()
    assert cluster.master() == successor
