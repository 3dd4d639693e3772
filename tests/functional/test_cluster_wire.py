"""The wire side of the cluster, in networks of our own: heartbeats on several interfaces that come
and go, links that are cut, and whatever somebody may throw at an instance."""

import os
import pathlib
import subprocess
import threading
import time

import pytest

from harness import netns

TOOLS = pathlib.Path(os.environ.get("REEVED", "reeved")).resolve().parent / "tests/functional/tools"
GROUP = "239.77.2.2:17555"
PORT, LINK_PORT = 17600, 17601

pytestmark = [
    pytest.mark.skipif(not (TOOLS / "cluster_wire").exists(), reason="the tools are not built"),
    pytest.mark.skipif(not netns.possible(), reason="no network namespaces are to be had"),
]


class Node:
    """A running cluster_wire, and the lines that it said."""

    def __init__(self, lan, number, *options, group=GROUP):
        words = [TOOLS / "cluster_wire", "--id", number, "--port", PORT, "--link-port", LINK_PORT]
        words += ["--group", group] if group else []
        self.number = number
        self.lines = []
        self.process = subprocess.Popen(
            lan.command(number, *words, *options), stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.wait("ready ")

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def wait(self, *words, after=0, seconds=10):
        """The number of the first line that begins with the first and holds the other words."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for i in range(after, len(self.lines)):
                line = self.lines[i]
                if line.startswith(words[0]) and all(word in line for word in words[1:]):
                    return i
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        raise AssertionError(f"node {self.number}: no '{words}' in:\n" +
                             "\n".join(self.lines[after:][-40:]))

    def mark(self):
        return len(self.lines)

    def count(self, *words, after=0):
        return sum(line.startswith(words[0]) and all(word in line for word in words[1:])
                   for line in self.lines[after:])

    def close(self):
        self.process.terminate()
        try:
            status = self.process.wait(5)
        finally:
            self.process.kill()
            self.reader.join(5)
        assert status == 0, "\n".join(self.lines[-60:])


@pytest.fixture(name="world")
def _world():
    """A function that makes a network of nodes, and one that starts them."""
    made, nodes = [], []

    class World:
        lan = None

        def build(self, count, networks=("10.77.0",)):
            self.lan = netns.Lan(count, list(networks))
            made.append(self.lan)

        def start(self, number, *options, **named):
            nodes.append(Node(self.lan, number, *options, **named))
            return nodes[-1]

        def throw(self, node, target, *words):
            return subprocess.run(
                self.lan.command(node, TOOLS / "cluster_throw", target, *words),
                check=False, capture_output=True, text=True, timeout=60)

    try:
        yield World()
    finally:
        try:
            for node in nodes:
                node.close()
        finally:
            for lan in made:
                lan.close()
            assert netns.leftovers() == []


def make_key(directory, name="key"):
    path = directory / name
    reevectl = os.environ.get("REEVECTL", str(TOOLS.parents[2] / "reevectl"))
    subprocess.run([reevectl, "keygen", path], check=True, capture_output=True)
    return path


def test_all_hear_all_on_every_interface(world):
    world.build(3, ["10.77.0", "10.78.0"])
    nodes = [world.start(i) for i in (1, 2, 3)]
    for node in nodes:
        assert "eth0" in node.lines[1] and "eth1" in node.lines[1]
        assert " lo" not in node.lines[1]
        for other in nodes:
            if other is not node:
                for index in (0, 1):
                    # The sender's own address and port, by which he can be reached.
                    node.wait(f"heard {other.number} ", f" group eth{index} ",
                              f"{world.lan.address(other.number, index)}:{PORT}")


def test_a_chosen_interface_is_the_only_one(world):
    world.build(2, ["10.77.0", "10.78.0"])
    one = world.start(1, "--interface", world.lan.address(1, 1))
    two = world.start(2, "--interface", "eth1")
    two.wait("heard 1 ", " eth1 ")
    one.wait("heard 2 ", " eth1 ")
    time.sleep(0.5)
    assert one.count("heard", " eth0 ") == two.count("heard", " eth0 ") == 0


def test_an_interface_that_loses_its_cable_is_left_and_joined_again(world):
    world.build(2, ["10.77.0", "10.78.0"])
    one, two = world.start(1), world.start(2)
    two.wait("heard 1 ", " eth0 ")
    after, heard = one.mark(), two.mark()
    world.lan.cable(1, 0, False)
    line = one.wait("interfaces", after=after)
    assert one.lines[line] == "interfaces eth1"
    two.wait("heard 1 ", " eth1 ", after=heard + 5)
    after, heard = one.mark(), two.mark()
    world.lan.cable(1, 0, True)
    one.wait("interfaces eth0 eth1", after=after)
    two.wait("heard 1 ", " eth0 ", after=heard)
    one.wait("heard 2 ", " eth0 ", after=after)


def test_an_address_that_goes_and_comes_back(world):
    world.build(2)
    one, two = world.start(1), world.start(2)
    one.wait("heard 2 ")
    after = one.mark()
    world.lan.drop_address(1)
    # With nothing else left the loopback will do, for others on the same machine.
    assert one.lines[one.wait("interfaces", after=after)] == "interfaces lo"
    after, heard = one.mark(), two.mark()
    world.lan.add_address(1)
    one.wait("interfaces eth0", after=after)
    one.wait("heard 2 ", " eth0 ", after=after)
    two.wait("heard 1 ", " eth0 ", after=heard)


def test_an_interface_that_is_removed_and_made_anew(world):
    world.build(2)
    one, two = world.start(1), world.start(2)
    two.wait("heard 1 ")
    after = two.mark()
    world.lan.unplug(2)
    two.wait("interfaces lo", after=after)
    after, heard = two.mark(), one.mark()
    world.lan.plug(2)
    two.wait("interfaces eth0", after=after)
    two.wait("heard 1 ", " eth0 ", after=after)
    one.wait("heard 2 ", " eth0 ", after=heard)


def test_listed_peers_hear_each_other_without_multicast(world):
    world.build(3)
    peers = {i: ["--peer", f"{world.lan.address(i)}:{PORT}"] for i in (1, 2, 3)}
    one = world.start(1, *peers[2], *peers[3], group=None)
    two = world.start(2, *peers[1], *peers[3], group=None)
    for node, other in ((one, 2), (two, 1)):
        line = node.wait(f"heard {other} ", " alone eth0 ")
        assert f"{world.lan.address(other)}:{PORT}" in node.lines[line]
    # Nobody is at the third address yet, which harms nobody.
    three = world.start(3, *peers[1], group=None)
    three.wait("heard 2 ")
    one.wait("heard 3 ")
    assert two.count("heard 3 ") == 0


def test_several_instances_on_one_node_hear_each_other(world):
    world.build(2)
    one = world.start(1)
    beside = Node.__new__(Node)
    beside.number, beside.lines = 1, []
    beside.process = subprocess.Popen(
        world.lan.command(1, TOOLS / "cluster_wire", "--id", 9, "--group", GROUP),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    beside.reader = threading.Thread(target=beside._read, daemon=True)
    beside.reader.start()
    try:
        two = world.start(2)
        beside.wait("heard 1 ")
        beside.wait("heard 2 ")
        one.wait("heard 9 ")
        one.wait("heard 2 ")
        two.wait("heard 9 ")
    finally:
        beside.close()


@pytest.mark.parametrize("keyed", [False, True])
def test_a_link_that_is_cut_is_noticed_and_comes_back(world, tmp_path, keyed):
    world.build(2)
    options = ["--stall", 1000] + (["--key", make_key(tmp_path)] if keyed else [])
    one = world.start(1, *options)
    two = world.start(2, *options, "--connect", f"1@{world.lan.address(1)}:{LINK_PORT}")
    one.wait("frame 2 event")
    two.wait("frame 1 event")
    marks = one.mark(), two.mark()
    world.lan.cut(1)
    one.wait("down 2 lost", after=marks[0], seconds=8)
    two.wait("down 1 lost", after=marks[1], seconds=8)
    marks = one.mark(), two.mark()
    world.lan.heal(1)
    one.wait("frame 2 event", after=marks[0], seconds=15)
    two.wait("frame 1 event", after=marks[1], seconds=15)


def test_a_wrong_key_leads_to_no_link_and_no_heartbeat(world, tmp_path):
    world.build(2)
    one = world.start(1, "--key", make_key(tmp_path, "a"))
    two = world.start(2, "--key", make_key(tmp_path, "b"),
                      "--connect", f"1@{world.lan.address(1)}:{LINK_PORT}")
    two.wait("failed 1 wrong key")
    one.wait("rejected wrong key")
    one.wait("bad of an unknown key group eth0")
    assert one.count("up") + two.count("up") + one.count("heard") + two.count("heard") == 0


@pytest.mark.parametrize("kind, said", [
    ("untagged", "bad untagged"), ("forged", "bad forged"), ("flipped", "bad forged"),
    ("wrong-key", "bad of an unknown key"), ("foreign", "bad foreign"),
    ("truncated", "bad malformed"), ("garbage", "bad malformed"), ("oversized", None),
])
def test_bad_datagrams_are_told_apart_and_harm_nobody(world, tmp_path, kind, said):
    world.build(3)
    key = make_key(tmp_path)
    one, two = world.start(1, "--key", key), world.start(2, "--key", key)
    for port in (PORT, ):
        assert world.throw(3, f"{world.lan.address(1)}:{port}", kind, 500,
                           *([key] if kind != "foreign" else [])).returncode == 0
    after = one.mark()
    if said:
        one.wait(said, " alone eth0")
    one.wait("heard 2 ", after=after)
    two.wait("heard 1 ")
    assert one.count("heard 200 ") == 0
    assert one.process.poll() is None


def test_a_replayed_datagram_is_the_same_datagram(world, tmp_path):
    """The wire cannot tell: that is what its sequence is for."""
    world.build(2)
    key = make_key(tmp_path)
    one = world.start(1, "--key", key)
    assert world.throw(2, f"{world.lan.address(1)}:{PORT}", "good", 3, key).returncode == 0
    one.wait("heard 200 1 ")
    time.sleep(0.2)
    assert one.count("heard 200 1 ") == 3


@pytest.mark.parametrize("keyed", [False, True])
def test_bad_connections_are_ended_and_harm_nobody(world, tmp_path, keyed):
    world.build(3)
    options = ["--key", make_key(tmp_path)] if keyed else []
    one = world.start(1, *options)
    two = world.start(2, *options, "--connect", f"1@{world.lan.address(1)}:{LINK_PORT}")
    two.wait("frame 1 event")
    for kind in ("link-garbage", "link-http", "link-silent", "link-half-greeting", "link-foreign",
                 "link-mistaken", "link-huge-frame", "link-bad-frame", "link-wrong-key"):
        thrown = world.throw(3, f"{world.lan.address(1)}:{LINK_PORT}", kind, 2)
        assert thrown.returncode == 0, f"{thrown.stderr}{one.lines[-5:]}"
    if not keyed:
        one.wait("rejected of another cluster")
        one.wait("rejected another instance")
        one.wait("down 200 bad frame")
    else:
        one.wait("rejected wrong key")
        assert one.count("up 200") == 0
    one.wait("rejected timed out")
    assert one.count("down 2 ") == two.count("down 1 ") == 0
    after = two.mark()
    two.wait("frame 1 event", after=after)
