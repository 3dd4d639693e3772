"""Several daemons that are to be a cluster, on this machine or on the nodes of a network of ours."""

import json
import os
import pathlib
import random
import re
import socket
import subprocess
import time

from . import implementation
from .daemon import Daemon
from .waiting import wait_until

STATES = ("OFF", "SYNCHRONIZATION", "ELECTION", "DISTRIBUTION", "OPERATION", "CONCILIATION",
          "RESTARTING", "SHUTTING_DOWN", "FINAL")


def free_port():
    """One that is free for TCP and for UDP, and that the kernel gives to nobody by itself."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            try:
                tcp.bind(("127.0.0.1", port))
                udp.bind(("0.0.0.0", port))
            except OSError:
                continue
            return port


def tool(name):
    """A program of ours for tests, or None where it is not built."""
    path = pathlib.Path(implementation.reeved().binary).parent / "tests/functional/tools" / name
    return path if path.exists() else None


def make_key(path):
    subprocess.run([implementation.reevectl(), "keygen", path], check=True, capture_output=True)
    return path


class Instance(Daemon):
    """A daemon with a cluster's section."""

    def __init__(self, impl, number, options, *, section="rpcinterface:supvisors", config="",
                 **named):
        self.number, self.options, self.section = number, dict(options), section
        own = f"identifier=n{number}\nstate_file=@DIR@/run.state"
        super().__init__(impl, config, supervisord=own, **named)

    def write_config(self, config):
        factory = ("supervisor.rpcinterface_factory=supvisors.plugin:"
                   "make_supvisors_rpcinterface\n" if ":" in self.section else "")
        lines = "".join(f"{key}={value}\n" for key, value in
                        ({"state_dir": self.dir / "state"} | self.options).items())
        self.extra = f"[{self.section}]\n{factory}{lines}\n"
        super().write_config(config)

    # What it says in its log

    def said(self, pattern, after=0):
        """The last match in the lines from that one on."""
        found = None
        for line in self.lines("daemon.log")[after:]:
            found = re.search(pattern, line) or found
        return found

    def place(self):
        return len(self.lines("daemon.log"))

    def wait_said(self, pattern, after=0, timeout=15):
        return wait_until(lambda: self.said(pattern, after),
                          lambda: f"n{self.number} says {pattern!r}; its log is:\n" +
                          "\n".join(self.lines("daemon.log")[-60:]), timeout)

    @property
    def cluster_state(self):
        found = self.said(r"cluster: ([A-Z_]+) \(it was ")
        return found[1] if found else "OFF"

    @property
    def master(self):
        """(number of the master, term), or None."""
        found = self.said(r"cluster: (?:there is no (master)|this (instance) is the master, term "
                          r"(\d+)|<n(\d+)>\S+ is the master, term (\d+))")
        if not found or found[1]:
            return None
        return (self.number, int(found[3])) if found[2] else (int(found[4]), int(found[5]))

    def sees(self, other):
        """The state of another instance as this one sees it."""
        found = self.said(rf"cluster: <n{other}>\S+ is ([A-Z]+): ")
        return found[1] if found else "STOPPED"

    # What is on its disk

    @property
    def record(self):
        return json.loads((self.dir / "state" / f"cluster-{self.tcp}.json").read_text())


class Cluster:
    """Makes instances 1 to n; the fixture starts and ends them."""

    def __init__(self, starter, count, *, lan=None, listed=True, group=None, options=None,
                 each=None, common=None, nodes=None):
        """nodes: on which node of the network each of them is, where that is not its number."""
        self.lan, self.count = lan, count
        nodes = nodes or list(range(1, count + 1))
        ports = [60000 + nodes[:i].count(nodes[i]) if lan else free_port() for i in range(count)]
        hosts = [lan.address(nodes[i]) if lan else "127.0.0.1" for i in range(count)]
        self.places = {i + 1: (hosts[i], ports[i]) for i in range(count)}
        self.list = ",".join(f"<n{i + 1}>{hosts[i]}:{ports[i]}" for i in range(count))
        base = {"synchro_options": "STRICT" if listed else "LIST"}
        if listed:
            base["supvisors_list"] = self.list
        if group:
            base["multicast_group"] = group
            if not lan:
                base["multicast_interface"] = "127.0.0.1"
        self.instances = {}
        for i in range(count):
            number = i + 1
            instance = Instance(
                starter.impl, number, base | (options or {}) | (each or {}).get(number, {}),
                tcp=ports[i], host="0.0.0.0" if lan else "127.0.0.1",
                prefix=lan.command(nodes[i]) if lan else (), **(common or {}))
            starter.daemons.append(instance)
            self.instances[number] = instance

    def __getitem__(self, number):
        return self.instances[number]

    def __iter__(self):
        return iter(self.instances.values())

    def launch(self, *numbers):
        for number in numbers or self.instances:
            self.instances[number].launch()
        return self

    def alive(self):
        return [i for i in self if i.process and i.status is None]

    def masters(self):
        return {i.master for i in self.alive()}

    def is_settled(self, numbers=None):
        """All of them are in OPERATION, see each other, and follow one master, who is one of them."""
        group = [self.instances[n] for n in numbers] if numbers else self.alive()
        masters = {i.master for i in group}
        master = next(iter(masters))
        return (len(masters) == 1 and master and master[0] in {i.number for i in group}
                and all(i.cluster_state == "OPERATION" for i in group)
                and all(i.sees(other.number) == "RUNNING"
                        for i in group for other in group if i is not other) and master)

    def wait_settled(self, numbers=None, timeout=15):
        """The (number, term) of the master, when there is one for all."""
        return wait_until(lambda: self.is_settled(numbers), lambda: "they settle; they say:\n" +
                          "\n\n".join("\n".join(i.lines("daemon.log")[-25:])
                                      for i in self.alive()), timeout)


def seconds_until(condition, what, timeout=15):
    begin = time.monotonic()
    wait_until(condition, what, timeout, poll=0.005)
    return time.monotonic() - begin


def resident_kib(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") // 1024
