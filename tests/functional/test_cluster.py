"""Clusters of real instances: they find each other, agree on one master, and come through whatever
happens to them, to their network and to their keys."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

import pytest

from harness import implementation, netns
from harness.cluster import Cluster, free_port, make_key, resident_kib, tool
from harness.waiting import holds_for, wait_until

GROUP = f"239.77.5.2:{free_port()}"  # whoever else runs these tests here has another one
SANITIZED = implementation.is_sanitized()
FEW = 2.0 if SANITIZED else 1.0  # how much longer everything may take

pytestmark = pytest.mark.reeved_only("Supervisor has no clusters")


@pytest.fixture(name="cluster")
def _cluster(start):
    """Makes a cluster whose instances are ended and looked after like any daemon."""
    def make(count=3, **named):
        return Cluster(start, count, **named)
    return make


def end_all(cluster):
    """Together: one after the other each would wait for nothing."""
    for instance in cluster.alive():
        instance.kill(signal.SIGTERM)


# They find each other


@pytest.mark.parametrize("way", ["list", "multicast", "both", "list with a key",
                                 "multicast with a key", "password"])
def test_three_instances_have_one_master_within_two_seconds(cluster, tmp_path, way):
    options = {"cluster_key_file": make_key(tmp_path / "key")} if "key" in way else {}
    three = cluster(listed="multicast" not in way, options=options,
                    group=GROUP if way != "list" and "list" not in way else None,
                    common={"user": "u", "password": "secret"} if way == "password" else {})
    three.launch()
    # Where nobody knows how many there are, each may vote for itself first: that costs a second.
    number, term = three.wait_settled(timeout=(3 if "multicast" in way else 2) * FEW)
    assert term >= 1
    holds_for(lambda: three.masters() == {(number, term)}, 1, "the same master")
    warned = three[1].said("WARN cluster: .*reevectl keygen.*cluster_key_file")
    assert bool(warned) == ("key" not in way)
    if way == "password":
        assert "made of the HTTP server's user name and password" in warned.string


def test_an_instance_without_others_works_alone_and_opens_nothing(cluster):
    one = cluster(1, listed=False).launch()[1]
    one.wait_said("cluster: OPERATION")
    assert one.said("is alone: neither supvisors_list nor multicast_group")
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind(("0.0.0.0", one.tcp))


def test_a_native_cluster_without_a_key_is_confined_to_the_machine(cluster):
    three = cluster(common={"section": "reeve"}).launch()
    three.wait_settled()
    for instance in three:
        assert instance.said("WARN cluster: there is no key, so it is confined to this machine")
        assert instance.said(r"heartbeats at 127\.0\.0\.1:")


def test_a_native_cluster_is_open_where_that_is_written(cluster):
    three = cluster(2, common={"section": "reeve"}, options={"cluster_auth": "none"}).launch()
    three.wait_settled()
    assert three[1].said(r"heartbeats at 0\.0\.0\.0:")
    assert three[1].said("INFO cluster: open, as cluster_auth = none says")


def test_a_log_file_of_its_own_gets_the_lines_of_the_cluster(cluster, tmp_path):
    log, rules = tmp_path / "cluster.log", tmp_path / "rules.xml"
    rules.write_text("<root>")
    one = cluster(1, listed=False, options={"logfile": log, "software_name": "Shop",
                                            "rules_files": rules}).launch()[1]
    wait_until(lambda: log.exists() and ";INFO;cluster: OPERATION (it was " in log.read_text(),
               "the lines are there")
    assert all(line.startswith("Shop;20") for line in log.read_text().splitlines())
    assert "cluster:" not in one.log()
    assert ";ERRO;no rules hold, every application is unmanaged: " in log.read_text()
    assert "no rules hold" not in one.log()


# They lose each other


def test_a_killed_master_is_replaced_and_comes_back_as_a_follower(cluster):
    three = cluster().launch()
    first, term = three.wait_settled()
    three[first].kill(signal.SIGKILL)
    three[first].wait_end()
    begin = time.monotonic()
    rest = [n for n in (1, 2, 3) if n != first]
    second, later = three.wait_settled(rest)
    assert time.monotonic() - begin < 1.5 * FEW
    assert second != first and later > term
    assert three[second].said(f"<n{first}>.* is FAILED: nothing listens there any more")
    three[first].status = None
    three[first].launch()
    assert three.wait_settled() == (second, later)


def test_a_master_that_ends_in_order_is_replaced_at_once(cluster):
    three = cluster().launch()
    first, _ = three.wait_settled()
    rest = [n for n in (1, 2, 3) if n != first]
    marks = {n: three[n].place() for n in rest}
    three[first].kill(signal.SIGTERM)
    begin = time.monotonic()
    three[first].wait_end()
    three.wait_settled(rest)
    assert time.monotonic() - begin < 1.0 * FEW
    for n in rest:
        assert three[n].said(f"INFO cluster: <n{first}>.* is FAILED: it has said good-bye", marks[n])


def test_a_master_that_was_stopped_for_ten_seconds_comes_back_as_a_follower(cluster):
    three = cluster().launch()
    first, _ = three.wait_settled()
    rest = [n for n in (1, 2, 3) if n != first]
    three[first].kill(signal.SIGSTOP)
    try:
        second, later = three.wait_settled(rest, timeout=4 * FEW)
        assert three[second].said(f"<n{first}>.* is FAILED: it is silent")
        time.sleep(10)
        mark = three[first].place()
    finally:
        three[first].kill(signal.SIGCONT)
    three[first].wait_said(r"did not run for 1\d\.\d+ s, and joins anew", mark)
    assert three.wait_settled() == (second, later)
    claims = [line for line in three[first].lines("daemon.log")[mark:]
              if "this instance is the master" in line]
    assert claims == []


def test_who_is_restarted_is_the_same_and_who_has_lost_its_record_is_somebody_new(cluster):
    two = cluster(2).launch()
    two.wait_settled()
    before = two[2].record
    two[2].stop()
    two[2].status = None
    two[2].launch()
    two.wait_settled()
    after = two[2].record
    assert after["id"] == before["id"] and after["incarnation"] == before["incarnation"] + 1
    two[2].stop()
    shutil.rmtree(two[2].dir / "state")
    two[2].status = None
    two[2].launch()
    two.wait_settled()
    assert two[2].record["id"] != before["id"]


def test_a_damaged_record_makes_somebody_new_and_is_told_of(cluster):
    one = cluster(2).launch(1)[1]
    path = one.dir / "state" / f"cluster-{one.tcp}.json"
    wait_until(path.exists, "the record is written")
    one.stop()
    before = one.record["id"]
    path.write_text(path.read_text()[:-20])
    one.status = None
    one.launch()
    one.wait_said("WARN cluster: .* is damaged, so this instance begins anew")
    wait_until(lambda: path.read_text().endswith("}\n") and one.record["id"] != before,
               "a new record")


def test_two_instances_cannot_share_a_state_file(cluster):
    one = cluster(1, listed=False).launch()[1]
    one.wait_said("OPERATION")
    other = cluster(1, listed=False, options={"state_dir": one.dir / "state"})[1]
    state = one.dir / "state"
    os.link(state / f"cluster-{one.tcp}.json.lock", state / f"cluster-{other.tcp}.json.lock")
    other.launch()
    assert other.wait_end() != 0
    assert "is in use by another instance: each needs a state_dir" in other.stderr()
    # Behind the terminal too: it was said late, and by somebody who has no terminal any more.
    other.status, other.arguments = None, ()
    (other.dir / "daemon.err").write_text("")
    other.launch()
    assert other.wait_end() == 1
    assert "is in use by another instance: each needs a state_dir" in other.stderr()
    assert other.said("CRIT .* is in use by another instance: each needs a state_dir")


def test_where_the_record_cannot_be_kept_the_instance_is_new_each_time(cluster, tmp_path):
    (tmp_path / "file").write_text("no directory")
    two = cluster(2, options={"state_dir": tmp_path / "file" / "state"}).launch()
    two.wait_settled()
    assert two[1].said("WARN cluster: .*this instance will be somebody new at each start")


@pytest.mark.parametrize("place, why", [
    ("file/state", "cannot open"),
    ("/proc/none", "cannot make /proc/none: No such file or directory"),
])
def test_a_majority_needs_a_record(cluster, tmp_path, place, why):
    (tmp_path / "file").write_text("no directory")
    one = cluster(3, options={"state_dir": tmp_path / place, "quorum": "majority"}).launch(1)[1]
    assert one.wait_end() != 0
    assert why in one.stderr()


def test_a_plain_user_keeps_the_key_and_the_state_over_restarts(cluster, tmp_path):
    key = make_key(tmp_path / "key")  # root's alone
    two = cluster(2, options={"cluster_key_file": key})
    for instance in two:
        instance.supervisord_lines += "\nuser=nobody\nchildlogdir=/tmp"
        instance.write_config("")
        instance.dir.chmod(0o777)
    two.launch()
    two.wait_settled()
    state = two[1].dir / "state"
    assert state.owner() == "nobody"
    before = two[1].record
    mark = two[1].place()
    two[1].kill(signal.SIGHUP)
    two[1].wait_said("supervisord started with pid", mark)
    wait_until(lambda: two[1].record["incarnation"] == before["incarnation"] + 1, "another life")
    two.wait_settled()
    assert two[1].record["id"] == before["id"]


# They differ


def test_other_enforced_options_isolate_and_are_told_of(cluster):
    two = cluster(2, options={"synchro_options": "TIMEOUT"},
                  each={2: {"conciliation_strategy": "STOP"}}).launch()
    for one, other in ((1, 2), (2, 1)):
        two[one].wait_said(f"ERRO cluster: <n{other}>.* has other options where all must have")
        two[one].wait_said(f"ERRO cluster: <n{other}>.* is ISOLATED: its options that must be")


def test_another_list_is_told_of(cluster):
    three = cluster(3, options={"synchro_options": "LIST"})
    three[2].options["supvisors_list"] = ",".join(reversed(three.list.split(",")))
    three[2].write_config("")
    three.launch()
    three[1].wait_said("WARN cluster: <n2>.* has another supvisors_list")


def test_another_key_leads_to_no_cluster_and_is_told_of(cluster, tmp_path):
    keys = {n: {"cluster_key_file": make_key(tmp_path / f"key{n}")} for n in (1, 2)}
    two = cluster(2, options={"synchro_options": "TIMEOUT"}, each=keys).launch()
    for instance in two:
        instance.wait_said("WARN cluster: a heartbeat from 127.0.0.1:.* is dropped: it was made "
                           r"with a key that we do not have \(cluster_key_file\)")
    assert two[1].sees(2) == two[2].sees(1) == "STOPPED"


def test_another_cluster_is_told_of_and_not_heard(cluster):
    two = cluster(2, options={"synchro_options": "TIMEOUT"},
                  each={2: {"cluster_name": "other"}}).launch()
    two[1].wait_said(r"is dropped: it is of another cluster \(cluster_name\)")
    assert two[1].sees(2) == "STOPPED"


# What is wrong with the configuration


def test_a_port_that_is_in_use_is_told_of(cluster):
    two = cluster(2)
    with socket.socket(type=socket.SOCK_DGRAM) as taken:
        taken.bind(("0.0.0.0", two[1].tcp))
        two.launch(1)
        assert two[1].wait_end() != 0
    assert f"cannot open 0.0.0.0:{two[1].tcp} for heartbeats: Address already in use" in (
        two[1].stderr())


def test_a_link_port_that_is_in_use_is_told_of(cluster):
    port = free_port()
    two = cluster(2, options={"link_port": port})
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", port))
        taken.listen()
        two.launch(1)
        assert two[1].wait_end() != 0
    assert f"cannot listen for links on 0.0.0.0:{port}: Address already in use" in two[1].stderr()


@pytest.mark.parametrize("content, mode, said", [
    ("key nonsense\n", 0o600, "line 1"), ("", 0o600, "no key"), (None, 0o644, "must be 0600"),
])
def test_a_bad_key_file_stops_the_start_and_is_told_of(cluster, tmp_path, content, mode, said):
    key = pathlib.Path(make_key(tmp_path / "key"))
    if content is not None:
        key.write_text(content)
    key.chmod(mode)
    one = cluster(2, options={"cluster_key_file": key}).launch(1)[1]
    assert one.wait_end() != 0
    assert "rpcinterface:supvisors" in one.stderr() and str(key) in one.stderr(), one.stderr()
    assert said in one.stderr()


def test_a_peer_that_cannot_be_resolved_harms_nobody(cluster):
    two = cluster(2, options={"synchro_options": "TIMEOUT,CORE", "core_identifiers": "n1,n2"})
    for instance in two:
        instance.options["supvisors_list"] = f"{two.list},<n3>no-such-host.invalid:17999"
        instance.write_config("")
    two.launch()
    two[1].wait_said("WARN cluster: the name 'no-such-host.invalid' of a peer cannot be resolved",
                     timeout=30)
    for one, other in ((1, 2), (2, 1)):
        wait_until(lambda one=one, other=other: two[one].sees(other) == "RUNNING", "they are there")


# Keys that change


def test_keys_are_rotated_without_anybody_being_lost(cluster, tmp_path):
    old, new = make_key(tmp_path / "old"), make_key(tmp_path / "new")
    key = tmp_path / "key"
    lines = [line for line in old.read_text().splitlines() if line.startswith("key")]
    fresh = [line for line in new.read_text().splitlines() if line.startswith("key")]
    # Else they might be of the same second, and which one is the newest would be a matter of order.
    fresh = [line.replace(line.split()[3], "2099-01-01T00:00:00Z") for line in fresh]

    def write(*which):
        key.write_text("\n".join(which) + "\n")

    key.touch(mode=0o600)
    write(*lines)
    three = cluster(options={"cluster_key_file": key}).launch()
    settled = three.wait_settled()
    marks = {i.number: i.place() for i in three}
    for step in ([*lines, *(f"{line} receive" for line in fresh)], [*lines, *fresh], fresh):
        write(*step)
        for instance in three:
            mark = instance.place()
            instance.supervisor.reloadConfig()
            instance.wait_said("INFO cluster: . keys? from ", mark)
            time.sleep(0.3)
    assert three.is_settled() == settled
    number = fresh[0].split()[1]
    for instance in three:
        assert instance.said(f"key {number} is sent with", marks[instance.number])
        assert not instance.said("is FAILED", marks[instance.number])
    # A file that is bad changes nothing.
    key.write_text("nonsense\n")
    three[1].supervisor.reloadConfig()
    three[1].wait_said("ERRO cluster: the keys stay as they are, for they cannot be read again")
    holds_for(lambda: three.is_settled() == settled, 2, "nobody is lost")


# What they tell


def test_each_tells_how_it_hears_the_others(cluster, tmp_path):
    three = cluster(group=GROUP, options={"cluster_key_file": make_key(tmp_path / "key")}).launch()
    three.wait_settled()

    def heard_twice():
        told = three[1].rpc.reeve.getClusterNetwork()
        return len(told["peers"]) == 2 and all(
            p["multicast"]["count"] > 2 and p["unicast"]["count"] > 2 for p in told["peers"]) and told

    told = wait_until(heard_twice, "both ways")
    assert (told["security"], told["group"], told["enabled"]) == ("key file", GROUP, True)
    assert told["address"] == f"0.0.0.0:{three[1].tcp}"
    assert [i["name"] for i in told["interfaces"]] == ["lo"]
    assert told["interfaces"][0]["joined"] and told["interfaces"][0]["sent"] > 0
    for peer in told["peers"]:
        assert peer["listed"] and peer["state"] == "RUNNING" and peer["link"]["up"]
        for way in ("multicast", "unicast"):
            assert peer[way]["interface"] == "lo"
            assert peer[way]["address"].split(":")[1] == peer["identifier"].split(":")[1]
            assert 0 <= peer[way]["age"] < 2
    assert told["counters"]["own"] > 0 and told["counters"]["forged"] == 0


def test_the_network_of_another_instance_is_told_after_its_hello(cluster):
    two = cluster(2, options={"synchro_options": "TIMEOUT"}, each={2: {"stereotypes": "a,b"}})
    two.launch(1)
    two[1].wait_ready()
    other = f"127.0.0.1:{two[2].tcp}"
    info = two[1].rpc.supvisors.get_network_info(other)
    assert (info["host_id"], info["http_port"]) == ("127.0.0.1", two[2].tcp)
    assert "network" not in info
    two.launch(2)
    wait_until(lambda: two[1].sees(2) == "RUNNING", "it is there")
    info = two[1].rpc.supvisors.get_network_info(other)
    assert sorted(info["stereotypes"]) == ["a", "b"]
    own = two[2].rpc.supvisors.get_network_info(other)
    assert info["network"] == own["network"]
    assert own["network"]["machine_id"].count(":") == 5

    def second_tick():
        ticks = two[1].rpc.supvisors.get_instance_info(other)[0]
        return ticks["remote_sequence_counter"] > 0 and ticks

    ticks = wait_until(second_tick, "another heartbeat")
    assert abs(ticks["remote_time"] - time.time()) < 3
    assert abs(ticks["remote_mtime"] - time.monotonic()) < 3


# They end together


@pytest.mark.parametrize("asked", [1, 2])
def test_the_whole_is_shut_down_by_whoever_is_asked(cluster, asked):
    three = cluster().launch()
    three.wait_settled()
    assert three[asked].rpc.supvisors.shutdown() is True
    for instance in three:
        assert instance.wait_end() == 0
        assert instance.said("WARN cluster: the whole has ended: this instance shuts down")


@pytest.mark.parametrize("asked", [1, 2])
def test_the_whole_is_restarted_by_whoever_is_asked(cluster, asked):
    three = cluster().launch()
    _, term = three.wait_settled()
    pids = [i.pid for i in three]
    marks = {i.number: i.place() for i in three}
    assert three[asked].rpc.supvisors.restart() is True
    for instance in three:
        instance.wait_said("supervisord started with pid", marks[instance.number])
    _, later = three.wait_settled()
    assert later > term and [i.pid for i in three] == pids


def test_a_user_ends_the_synchronization_and_says_who_is_master(cluster):
    three = cluster(options={"synchro_options": "USER"}).launch()
    wait_until(lambda: all(i.sees(n) == "RUNNING" for i in three for n in (1, 2, 3)
                           if n != i.number), "they see each other")
    assert {i.cluster_state for i in three} == {"SYNCHRONIZATION"}
    fault = three[1].fault("supvisors.end_sync", "nobody")
    assert fault == (10, "BAD_NAME: unknown Supvisors identifier=nobody")
    assert three[1].rpc.supvisors.end_sync("n3") is True
    number, _ = three.wait_settled()
    assert number == 3


def test_a_user_cannot_end_a_synchronization_that_is_not_his(cluster):
    two = cluster(2).launch(1)
    two[1].wait_said("cluster: SYNCHRONIZATION")
    assert two[1].fault("supvisors.end_sync", "") == (
        104, "NOT_APPLICABLE: USER expected in synchro_options")
    user = cluster(2, options={"synchro_options": "USER"}).launch(1)
    user[1].wait_said("cluster: SYNCHRONIZATION")
    assert user[1].fault("supvisors.end_sync", "n2") == (
        70, f"NOT_RUNNING: Supvisors instance=127.0.0.1:{user[2].tcp} is not RUNNING (STOPPED)")


def test_who_is_isolated_is_let_in_again_by_an_operator(cluster):
    two = cluster(2, options={"synchro_options": "TIMEOUT"},
                  each={2: {"conciliation_strategy": "STOP"}}).launch()
    two[1].wait_said("<n2>.* is ISOLATED")
    mark = two[1].place()
    two[1].rpc.reeve.readmit("n2")
    two[1].wait_said("<n2>.* is STOPPED: it is let in again", mark)


# What is thrown at them


@pytest.mark.skipif(not tool("cluster_throw"), reason="the tools are not built")
@pytest.mark.parametrize("keyed", [False, True])
def test_what_is_thrown_at_a_cluster_is_counted_and_not_obeyed(cluster, tmp_path, keyed):
    options = {"cluster_key_file": make_key(tmp_path / "key")} if keyed else {}
    three = cluster(options=options).launch()
    settled = three.wait_settled()
    target = three[1]
    count = int(os.environ.get("REEVE_THROW", "2000"))
    heartbeats = f"127.0.0.1:{target.tcp}"
    links = "127.0.0.1:" + target.said(r"links at port (\d+)")[1]
    key = [str(options["cluster_key_file"])] if keyed else [""]

    def throw(address, kind, times, *more):
        done = subprocess.run([tool("cluster_throw"), address, kind, str(times), *more],
                              check=False, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, f"{kind}: {done.stderr}"

    kinds = ["forged", "flipped", "wrong-key", "untagged", "truncated", "garbage", "oversized",
             "foreign", "good"]
    for kind in kinds:  # once, so that everything is allocated that will be
        throw(heartbeats, kind, 10, *key, "reeve")
    before = resident_kib(target.pid)
    for kind in kinds:
        throw(heartbeats, kind, count, *key, "reeve")
    for kind in ("link-garbage", "link-http", "link-half-greeting", "link-foreign",
                 "link-mistaken", "link-huge-frame", "link-bad-frame", "link-wrong-key"):
        throw(links, kind, 20, *(key if keyed else [""]), "reeve")
    assert three.is_settled() == settled
    counted = target.rpc.reeve.getClusterNetwork()["counters"]
    # What the kernel dropped, because more came than anybody could read, is nobody's fault.
    enough = count - counted["overflowed"]
    for name in ("malformed", "foreign", "too_large", *(
            ("forged", "untagged", "unknown_key") if keyed else ())):
        assert counted[name] >= enough, (name, counted)
    if not keyed:  # a tag means nothing where there is no key
        assert counted["unknown_key"] >= 2 * enough, counted
    assert counted["strangers"] >= enough, counted
    assert counted["rejected"] > 0
    assert target.said("WARN cluster: a heartbeat from .* is dropped: it is malformed")
    assert target.said("'thrower:9001' at .* is not in supvisors_list")
    assert not target.said("cluster: .*thrower.* is (CHECKING|RUNNING)")
    # However much is thrown, it is told of now and then only.
    assert len([line for line in target.lines("daemon.log") if "is dropped:" in line]) < 40
    grown = resident_kib(target.pid) - before
    assert grown < (20000 if SANITIZED else 2000), f"{grown} KiB"


# Networks that are cut


NETWORK = pytest.mark.skipif(not netns.possible(), reason="no network namespaces are to be had")


@pytest.fixture(name="lan")
def _lan():
    made = []

    def make(nodes=3, networks=("10.79.0",)):
        made.append(netns.Lan(nodes, list(networks)))
        return made[-1]

    yield make
    for lan in made:
        lan.close()
    assert netns.leftovers() == []


@NETWORK
@pytest.mark.parametrize("listed, group", [(True, None), (False, GROUP), (True, GROUP)])
def test_three_nodes_have_one_master_within_two_seconds(lan, cluster, listed, group):
    three = cluster(lan=lan(), listed=listed, group=group)
    if not listed:
        for instance in three:  # all are called alike here
            instance.options["supvisors_list"] = three.list
            instance.options["multicast_interface"] = "eth0"
            instance.write_config("")
    three.launch()
    three.wait_settled(timeout=2 * FEW)


@NETWORK
@pytest.mark.parametrize("quorum", ["none", "majority"])
def test_a_node_whose_cable_is_pulled_is_lost_and_comes_back(lan, cluster, quorum):
    network = lan()
    three = cluster(lan=network, options={"quorum": quorum, "synchro_options": "STRICT,TIMEOUT"})
    three.launch()
    first, term = three.wait_settled()
    rest = [n for n in (1, 2, 3) if n != first]
    network.cut(first)
    second, later = three.wait_settled(rest, timeout=4 * FEW)
    assert later > term
    if quorum == "majority":
        three[first].wait_said("cluster: there is no master")
    else:
        wait_until(lambda: all(three[first].sees(n) == "STOPPED" for n in rest), "it is alone")
    network.heal(first)
    three.wait_settled(timeout=10 * FEW)
    masters = three.masters()
    assert len(masters) == 1
    if quorum == "majority":
        assert masters == {(second, later)}


@NETWORK
def test_a_network_that_works_one_way_only_does_not_make_two_masters(lan, cluster):
    network = lan()
    three = cluster(lan=network, options={"synchro_options": "STRICT,TIMEOUT",
                                          "quorum": "majority"}).launch()
    first, term = three.wait_settled()
    other = 1 if first != 1 else 2
    network.block(other, first)  # the master does not hear him any more
    wait_until(lambda: three[first].sees(other) == "STOPPED", "the master misses him")
    wait_until(lambda: three[other].sees(first) in ("STOPPED", "CHECKING"), "and he the master")
    network.unblock()
    _, later = three.wait_settled(timeout=15 * FEW)
    assert later >= term


@NETWORK
def test_a_lossy_network_loses_nobody(lan, cluster):
    network = lan()
    three = cluster(lan=network, options={"failure_timeout": "3"}).launch()
    settled = three.wait_settled()
    network.lose(1, 20)
    network.lose(2, 20)
    holds_for(lambda: three.is_settled() == settled, 5, "nobody is lost")


@NETWORK
def test_an_interface_that_goes_and_comes_is_told_of_and_used_again(lan, cluster):
    network = lan(2)
    two = cluster(2, lan=network, group=GROUP, options={
        "synchro_options": "STRICT,TIMEOUT", "multicast_interface": "eth0"}).launch()
    two.wait_settled()
    mark = two[2].place()
    network.unplug(2)
    two[2].wait_said("WARN cluster: there is no network interface for multicast now", mark)
    wait_until(lambda: two[1].sees(2) == "STOPPED", "it is lost")
    network.plug(2)
    two[2].wait_said("INFO cluster: there is a network interface for multicast: eth0", mark)
    two.wait_settled(timeout=15 * FEW)
