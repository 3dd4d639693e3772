"""Measurements of clusters, on nodes that are network namespaces of this machine where these can be
had.  Each returns {name: Value}."""

import contextlib
import pathlib
import subprocess
import tempfile
import threading
import time

import zmq

from bench import Starter, Value, cpu, ms, private_kib, quantiles
from harness import netns, procfs
from harness.cluster import free_port
from harness.failover import DEFAULT, TUNED, Three
from harness.fleet import Fleet, application, program_rules, programs
from harness.waiting import wait_until
from programs import stamps, to_events

WAYS = {"kill": "all of it killed", "power_cut": "power cut", "link_down": "link down"}
PATIENCE = 60


@contextlib.contextmanager
def fleet(impl, count, text, rules, **named):
    """A cluster that is not started yet."""
    starter, lan = Starter(impl), None
    try:
        with tempfile.TemporaryDirectory(prefix="reeve-bench-") as directory:
            if netns.possible():
                lan = netns.Lan(count, ["10.83.0"])
            yield Fleet(starter, pathlib.Path(directory), count, text, rules, lan=lan, **named)
    finally:
        starter.finish()
        if lan:
            lan.close()


def operates(made, number):
    return made.answers(lambda: made.state(number)) == "OPERATION"


def launch(made):
    """Seconds until all are in OPERATION, from the first start."""
    begin = time.monotonic()
    made.launch()
    for instance in made:
        wait_until(lambda i=instance: operates(made, i.number), lambda: made.logs(), PATIENCE,
                   poll=0.01)
    took = time.monotonic() - begin
    made.wait_settled(timeout=PATIENCE)
    return took


def traffic(made, number):
    """(bytes, packets) that a node has sent and received by now."""
    words = made.lan.command(number, "cat", "/proc/net/dev")
    for line in subprocess.run(words, capture_output=True, text=True, check=True).stdout.split("\n"):
        if line.strip().startswith("eth0:"):
            fields = list(map(int, line.split(":")[1].split()))
            return fields[0] + fields[8], fields[1] + fields[9]
    return 0, 0


def at_rest(bench, made, label):
    """What an instance costs while nothing happens."""
    seconds = 2 if bench.quick else 5
    some = list(made)[:4]
    before = [(cpu(i.pid), traffic(made, i.number) if made.lan else (0, 0)) for i in some]
    time.sleep(seconds)
    after = [(cpu(i.pid), traffic(made, i.number) if made.lan else (0, 0)) for i in some]
    gone = len(some) * seconds
    values = {f"{label}, CPU of one a second": ms(sum(
        late[0] - early[0] for early, late in zip(before, after)) / gone)}
    if made.lan:
        values[f"{label}, sent and received by one"] = Value(sum(
            late[1][0] - early[1][0] for early, late in zip(before, after)) / gone / 1000, "kB/s")
        values[f"{label}, packets of one"] = Value(sum(
            late[1][1] - early[1][1] for early, late in zip(before, after)) / gone, "/s")
    return values


def loss(made, label):
    """Milliseconds until all others say that one is not there, which is killed."""
    victim = next(i.number for i in made if i.number != made[1].master[0] and i.number != 1)
    identifier = next(k for k, number in made.numbers.items() if number == victim)
    procfs.kill(made[victim].pid)
    begin = time.monotonic()
    made[victim].wait_end()
    for instance in made:
        if instance.number != victim:
            wait_until(lambda i=instance: made.answers(lambda: made.ask(
                "get_instance_info", identifier, of=i.number)[0]["statename"]) not in (
                    "RUNNING", None), "the loss is noticed", PATIENCE, poll=0.005)
    return {f"{label}, kill of one to noticed by all": ms(time.monotonic() - begin)}


def cluster(bench, impl):
    """Clusters of several sizes: start, rest, loss."""
    values = {}
    for count in bench.instances:
        label = f"{count} instances"
        with fleet(impl, count, programs(["one", "two"]), "") as made:
            values[f"{label}, start to OPERATION"] = ms(launch(made))
            values[f"{label}, resident"] = Value(procfs.resident_kib(made[1].pid), "KiB")
            values[f"{label}, private"] = Value(private_kib(made[1].pid), "KiB")
            values.update(at_rest(bench, made, label))
            values.update(loss(made, label))
    return values


def node(_bench, impl):
    """The size of a node of three with a hundred programs that run on each."""
    text = """
[program:many]
command=/bin/sleep 100000
process_name=%(program_name)s_%(process_num)03d
numprocs=100
startsecs=0
stdout_logfile=NONE
stderr_logfile=NONE
"""
    with fleet(impl, 3, text, "") as made:
        launch(made)
        wait_until(lambda: len(procfs.descendants(made[1].pid)) >= 100, "all run", PATIENCE)
        time.sleep(2)
        return {"a cluster's node with 100 programs, resident": Value(
                    procfs.resident_kib(made[1].pid), "KiB"),
                "a cluster's node with 100 programs, private": Value(
                    private_kib(made[1].pid), "KiB")}


BIG = """
[program:big]
command=/bin/sleep 100000
process_name=%(program_name)s-%(process_num)03d
numprocs={count}
autostart=false
startsecs=0
stdout_logfile=NONE
stderr_logfile=NONE
"""
BIG_RULES = application("big", starting_strategy="LESS_LOADED", start_sequence=0,
                        programs_rules=program_rules(r"^big-\d+", start_sequence=1,
                                                     identifiers="#"))


def distribution(_bench, impl):
    """An application that is spread over three instances; a cold start with one."""
    values = {}
    for count in (30, 300):
        with fleet(impl, 3, BIG.format(count=count), BIG_RULES) as made:
            launch(made)
            begin, label = time.monotonic(), f"start_application of {count} programs over 3"
            assert made.order("start_application", "LESS_LOADED", "big", True) is True
            values[label] = ms(time.monotonic() - begin)
            begin = time.monotonic()
            assert made.order("stop_application", "big", True) is True
            values[label.replace("start", "stop")] = ms(time.monotonic() - begin)
    with fleet(impl, 3, BIG.format(count=30), BIG_RULES.replace(
            "<start_sequence>0<", "<start_sequence>1<")) as made:
        begin = time.monotonic()
        made.launch()

        def all_run():
            return sum(info["statename"] == "RUNNING" for i in made
                       for info in i.rpc.supervisor.getAllProcessInfo()) == 30
        wait_until(lambda: made.answers(all_run), lambda: made.logs(), PATIENCE, poll=0.02)
        values["cold start of 3 with 30 programs"] = ms(time.monotonic() - begin)
    return values


def watch(port, host, ends, times):
    """Notes when messages come, until 'ends' is set."""
    context = zmq.Context()
    socket = context.socket(zmq.SUB)
    socket.setsockopt(zmq.SUBSCRIBE, b"event")
    socket.setsockopt(zmq.RCVTIMEO, 100)
    socket.connect(f"tcp://{host}:{port}")
    while not ends.is_set():
        with contextlib.suppress(zmq.Again):
            socket.recv_multipart()
            times.append(time.monotonic_ns())
    socket.close()
    context.term()


def fan_out(bench, impl):
    """From an exit on one instance to a subscriber of another, who is written in Python."""
    text = f"""
[program:stamp]
command=/bin/sh -c "sleep 0.05; exec {bench.child} stamp @SHARED@/stamps"
startsecs=0
autorestart=true
autostart=false
stdout_logfile=NONE
"""
    port, starter = free_port(), Starter(impl)
    count = 20 if bench.quick else 60
    try:
        with tempfile.TemporaryDirectory(prefix="reeve-bench-") as directory:
            made = Fleet(starter, pathlib.Path(directory), 2, text, "",
                         options={"event_link": "ZMQ"}, each={2: {"event_port": port}})
            launch(made)
            ends, times = threading.Event(), []
            watcher = threading.Thread(target=watch, args=(port, "127.0.0.1", ends, times))
            watcher.start()
            path = pathlib.Path(directory) / "stamps"
            made[1].rpc.supervisor.startProcess("stamp")
            wait_until(lambda: path.exists() and len(path.read_text().splitlines()) > count,
                       "it ends often", PATIENCE)
            time.sleep(0.5)
            ends.set()
            watcher.join()
            runs = "\n".join(path.read_text(encoding="ascii").splitlines()[5:count])
            assert len(stamps(runs)) == count - 5
            return quantiles("exit on one instance to subscriber of another",
                             to_events(runs, " ".join(map(str, times))))
    finally:
        starter.finish()


def failover(bench, impl):
    """Until all that a lost node of three ran runs on the others, as these say when they are asked
    every few milliseconds."""
    values = {}
    for way in ("kill",) if bench.quick else ("kill", "link_down"):
        for kind, options in (("by default", DEFAULT), ("tuned", TUNED)):
            starter, lan = Starter(impl), netns.Lan(3, ["10.82.0"])
            took = {False: [], True: []}
            try:
                with tempfile.TemporaryDirectory(prefix="reeve-bench-") as directory:
                    three = Three(starter, pathlib.Path(directory), lan, options)
                    for i in range(bench.losses):
                        took[bool(i % 2)].append(getattr(three, way)(bool(i % 2)))
            finally:
                starter.finish()
                lan.close()
            for is_master, some in took.items():
                who = "the master" if is_master else "another"
                values[f"loss of {who}, {WAYS[way]}, {kind}: runs elsewhere"] = Value(
                    sorted(some)[len(some) // 2], "ms")
    return values
