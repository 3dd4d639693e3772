"""Networks of our own: namespaces joined by bridges. Root only. Whatever is made here is removed
again, also when a test fails; nothing outside is touched."""

import itertools
import os
import re
import subprocess

_numbers = itertools.count()


def possible():
    """Whether namespaces can be had here."""
    if os.geteuid() != 0:
        return False
    try:
        lan = Lan(1, [])
    except (OSError, subprocess.CalledProcessError):
        return False
    lan.close()
    return True


def _ip(*words, check=True):
    return subprocess.run(["ip", *map(str, words)], check=check, capture_output=True, text=True)


class Lan:
    """Nodes 1 to n, each with one interface (eth0, eth1, ...) on every network.

    Node i has the address <network>.i on it; the bridges br0, br1, ... are in a namespace of their
    own, in which the ports of the nodes are called p<node>e<network>."""

    def __init__(self, nodes, networks):
        self.prefix = f"rv{os.getpid()}x{next(_numbers)}"
        self.networks = networks
        self.names = []
        try:
            self.hub = self._namespace("hub")
            self.nodes = {i: self._namespace(f"n{i}") for i in range(1, nodes + 1)}
            for index in range(len(networks)):
                _ip("-n", self.hub, "link", "add", f"br{index}", "type", "bridge",
                    "mcast_snooping", "0")
                _ip("-n", self.hub, "link", "set", f"br{index}", "up")
                for node in self.nodes:
                    self.plug(node, index)
        except BaseException:
            self.close()
            raise

    def _namespace(self, suffix):
        name = self.prefix + suffix
        _ip("netns", "add", name)
        self.names.append(name)
        _ip("-n", name, "link", "set", "lo", "up")
        return name

    def address(self, node, index=0):
        return f"{self.networks[index]}.{node}"

    def plug(self, node, index=0):
        """A new interface, with its address."""
        port, inside = f"p{node}e{index}", f"eth{index}"
        _ip("-n", self.hub, "link", "add", port, "type", "veth", "peer", "name", inside,
            "netns", self.nodes[node])
        _ip("-n", self.hub, "link", "set", port, "master", f"br{index}", "up")
        self.add_address(node, index)
        _ip("-n", self.nodes[node], "link", "set", inside, "up")

    def unplug(self, node, index=0):
        """The interface is gone."""
        _ip("-n", self.hub, "link", "del", f"p{node}e{index}")

    def add_address(self, node, index=0):
        _ip("-n", self.nodes[node], "address", "add", f"{self.address(node, index)}/24",
            "dev", f"eth{index}")

    def drop_address(self, node, index=0):
        _ip("-n", self.nodes[node], "address", "del", f"{self.address(node, index)}/24",
            "dev", f"eth{index}")

    def cut(self, node, index=0):
        """The cable seems to be in, and nothing passes."""
        _ip("-n", self.hub, "link", "set", f"p{node}e{index}", "nomaster")

    def heal(self, node, index=0):
        _ip("-n", self.hub, "link", "set", f"p{node}e{index}", "master", f"br{index}")

    def block(self, source, target, index=0):
        """One way only: nothing of the one reaches the other any more."""
        rule = f'iifname "p{source}e{index}" oifname "p{target}e{index}" drop'
        self.nft("add table bridge part; add chain bridge part way "
                 "{ type filter hook forward priority 0; policy accept; }; "
                 f"add rule bridge part way {rule}")

    def lose(self, target, percent, index=0):
        """So much of what is sent to a node is lost on its way, at random."""
        self.nft("add table bridge part; add chain bridge part way "
                 "{ type filter hook forward priority 0; policy accept; }; add rule bridge part way "
                 f'oifname "p{target}e{index}" numgen random mod 100 < {percent} drop')

    def unblock(self):
        self.nft("delete table bridge part")

    def nft(self, commands):
        subprocess.run(["ip", "netns", "exec", self.hub, "nft", "-f", "-"], check=True,
                       input=commands.replace("; ", "\n").replace("{ ", "{\n"),
                       capture_output=True, text=True)

    def split(self, *nodes, index=0):
        """These see only each other from now on; heal() brings each back."""
        bridge = f"br{index}part"
        if bridge not in _ip("-n", self.hub, "-brief", "link").stdout:
            _ip("-n", self.hub, "link", "add", bridge, "type", "bridge", "mcast_snooping", "0")
            _ip("-n", self.hub, "link", "set", bridge, "up")
        for node in nodes:
            _ip("-n", self.hub, "link", "set", f"p{node}e{index}", "master", bridge)

    def cable(self, node, index, is_in):
        _ip("-n", self.hub, "link", "set", f"p{node}e{index}", "up" if is_in else "down")

    def command(self, node, *words):
        """What to start for a program to run on a node.

        Only its network is another one: 'ip netns exec' would also hide the mounts of cgroups."""
        return ["nsenter", f"--net=/run/netns/{self.nodes[node]}", *map(str, words)]

    def close(self):
        for name in reversed(self.names):
            _ip("netns", "del", name, check=False)
        self.names = []


def leftovers():
    """Namespaces of ours that are still there."""
    listed = _ip("netns", "list", check=False).stdout
    return re.findall(rf"^rv{os.getpid()}x\S+", listed, re.MULTILINE)
