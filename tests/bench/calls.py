"""Measurements of what is asked of a daemon, and of its loop while everything is asked at once."""

import subprocess
import time

from bench import Value, cpu, end, ms
from harness.cluster import free_port
from harness.daemon import Daemon
from harness.waiting import wait_until
from programs import many_config

# Clients, over what, and whether connections are kept.
WAYS = [(1, "unix", "kept"), (8, "unix", "kept"), (1, "unix", "new"), (8, "unix", "new"),
        (1, "TCP", "kept"), (8, "TCP", "kept"), (1, "TCP", "new"), (8, "TCP", "new")]


def plural(count, word):
    return f"{count} {word}{'s' * (count != 1)}"


def load(bench, address, pid, method, way, expected, seconds=None):
    """What as many calls as can be say: (rate, median, p99, CPU of the daemon a call)."""
    clients, _, kept = way
    used, seconds = cpu(pid), seconds or bench.seconds
    begin = time.monotonic()
    rate, median, p99 = map(float, bench.run("http_load", address, method, clients, seconds, kept,
                                             expected).split())
    return rate, median, p99, (cpu(pid) - used) / (rate * (time.monotonic() - begin))


def told(label, way, got):
    clients, over, kept = way
    rate, median, p99, used = got
    label = f"{label}, {plural(clients, 'client')}, {over}, {kept}"
    return {label: Value(rate, "/s", False), f"{label}, median": ms(median / 1e6),
            f"{label}, p99": ms(p99 / 1e6), f"{label}, CPU a call": Value(used * 1e6, "µs")}


def state(bench, impl):
    values = {}
    daemon = bench.daemon(impl, "[program:p]\ncommand=/bin/sleep 100000\nstartsecs=0\n", tcp=True)
    try:
        for way in WAYS:
            address = daemon.sock if way[1] == "unix" else daemon.tcp
            values.update(told("getState", way, load(
                bench, address, daemon.pid, "supervisor.getState", way, "RUNNING")))
        return values
    finally:
        end(daemon)


def state_bare(bench):
    """A fixed answer by the same HTTP library."""
    path = bench.tools / "http.sock"
    path.unlink(missing_ok=True)
    with subprocess.Popen([bench.tools / "http_bare", path]) as server:
        try:
            wait_until(path.exists, "it listens")
            time.sleep(0.1)
            values = {}
            for way in WAYS[:4]:
                values.update(told("getState", way, load(
                    bench, path, server.pid, "supervisor.getState", way, "RUNNING")))
            return values
        finally:
            server.kill()


def information(bench, impl):
    """getAllProcessInfo of few and of many."""
    values = {}
    for count in (100, bench.programs) if bench.programs > 100 else (bench.programs,):
        daemon = bench.daemon(impl, many_config(count), tcp=True, supervisord="minfds=16384")
        try:
            daemon.supervisor.startAllProcesses()
            for way in WAYS[:2] + WAYS[5:6]:
                address = daemon.sock if way[1] == "unix" else daemon.tcp
                values.update(told(f"getAllProcessInfo of {count}", way, load(
                    bench, address, daemon.pid, "supervisor.getAllProcessInfo", way, "RUNNING",
                    bench.seconds * (1 if impl.is_reeved else 4))))
        finally:
            end(daemon)
    return values


ALL = """
[program:writer]
command={child} bulk 1000000000000
stdout_logfile=@DIR@/writer.out
stdout_logfile_maxbytes=50MB
stdout_logfile_backups=1
startsecs=0
[program:talker]
command=/bin/sh -c "while :; do echo something; done"
stdout_events_enabled=true
stdout_logfile=NONE
startsecs=0
[program:mortal]
command=/bin/true
autorestart=true
startsecs=0
stdout_logfile=NONE
[eventlistener:listener]
command={child} listen @DIR@/events
events=PROCESS_STATE,PROCESS_LOG
buffer_size=1000
startsecs=0
[reeve]
supvisors_list=127.0.0.1:{port}
link_port={link}
state_dir=@DIR@/state
stats_enabled=ALL
stats_collecting_period=1
event_link=WS
event_port={events}
"""


def latency(bench, impl):
    """The longest turn of the loop with everything at once: many programs that are sampled, output
    in bulk and in lines, restarts, events, calls."""
    daemon = Daemon(impl, "", tcp=True, loglevel="critical", supervisord="minfds=16384")
    daemon.write_config(many_config(bench.programs, "true") + ALL.format(
        child=bench.child, port=daemon.tcp, link=free_port(), events=free_port()))
    try:
        daemon.start()

        def all_run():
            return daemon.info(f"many:many_{bench.programs - 1:04}")["statename"] == "RUNNING"
        wait_until(all_run, "all run", 60, poll=0.1)
        time.sleep(3)
        daemon.rpc.call("reeve.get_loop_latency", True)
        for method, clients in (("supervisor.getState", 8), ("supervisor.getAllProcessInfo", 2)):
            load(bench, daemon.sock, daemon.pid, method, (clients, "unix", "kept"), "RUNNING", 4)
        said = daemon.rpc.call("reeve.get_loop_latency")
        return {"loop with all of it, longest turn": ms(said["max"]),
                "loop with all of it, 99.9 % of turns within": ms(said["p999"]),
                "loop with all of it, most work in a turn": ms(said["worked_max"]),
                "loop with all of it, longest sleep in a turn": ms(said.get("slept_max", 0))}
    finally:
        end(daemon)
