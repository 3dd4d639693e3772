"""The measurements.  Each takes a Bench and an implementation and returns {name: Value}."""

import glob
import os
import statistics
import subprocess
import time
from pathlib import Path

from harness import procfs, rawhttp
from harness.daemon import Daemon, free_port
from harness.waiting import wait_until


class Value:
    def __init__(self, number, unit, lower_is_better=True):
        self.number = number
        self.unit = unit
        self.lower_is_better = lower_is_better


class Bench:
    """What the measurements share: the compiled helpers, and how much to do."""

    def __init__(self, tools, quick, soak):
        self.tools = Path(tools)
        self.quick = quick
        self.programs = 200 if quick else 1000
        self.exits = 50 if quick else 200
        self.bytes = 20_000_000 if quick else 200_000_000
        self.seconds = 2 if quick else 5
        self.idle_seconds = 10 if quick else 60
        self.soak = soak
        self.child = self.tools / "bench_child"

    def daemon(self, impl, config, **options):
        options.setdefault("loglevel", "critical")
        daemon = Daemon(impl, config, **options)
        try:
            return daemon.start()
        except BaseException:
            end(daemon)
            raise

    def run(self, tool, *arguments):
        done = subprocess.run([self.tools / tool, *map(str, arguments)], capture_output=True,
                              text=True, check=True)
        return done.stdout


def end(daemon):
    daemon.kill_everything()
    daemon.remove()


def cpu(pid):
    """Seconds of CPU, to the nanosecond, of all threads that are there."""
    return sum(int(Path(path).read_text(encoding="ascii").split()[0])
               for path in glob.glob(f"/proc/{pid}/task/*/schedstat")) / 1e9


def latencies(text):
    """Milliseconds from the end of each run to the start of the next."""
    stamps = [tuple(map(int, line.split())) for line in text.splitlines()]
    return [(after[0] - before[1]) / 1e6 for before, after in zip(stamps, stamps[1:])]


def quantiles(label, values):
    ordered = sorted(values)
    return {f"{label}, median": Value(statistics.median(ordered), "ms"),
            f"{label}, p99": Value(ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)], "ms")}


def restart_latency(bench, impl):
    """From a program's exit until it runs again."""
    count = bench.exits if impl.is_reeved else min(bench.exits, 30)
    daemon = bench.daemon(impl, f"""
[program:stamp]
command={bench.child} stamp @DIR@/stamps
startsecs=0
autorestart=true
stdout_logfile=NONE
stderr_logfile=NONE
""")
    try:
        wait_until(lambda: len(daemon.lines("stamps")) > count, "enough exits", 300, poll=0.1)
        return quantiles("exit to running again", latencies(daemon.read("stamps"))[:count])
    finally:
        end(daemon)


def restart_latency_bare(bench):
    path = bench.tools / "stamps"
    path.unlink(missing_ok=True)
    bench.run("spawn_loop", "restart", bench.exits + 1, bench.child, "stamp", path)
    return quantiles("exit to running again", latencies(path.read_text(encoding="ascii")))


def many(bench):
    return f"""
[program:many]
command=/bin/sleep 100000
process_name=%(program_name)s_%(process_num)04d
numprocs={bench.programs}
startsecs=0
autostart=false
stdout_logfile=NONE
stderr_logfile=NONE
"""


def many_programs(bench, impl):
    """Start of many programs, then what it costs to have them."""
    values = {}
    daemon = bench.daemon(impl, many(bench), supervisord="minfds=8192")
    try:
        begin, used = time.monotonic(), cpu(daemon.pid)
        entries = daemon.supervisor.startAllProcesses()
        values["many programs up"] = Value((time.monotonic() - begin) * 1000, "ms")
        values["many programs up, CPU of the daemon"] = Value((cpu(daemon.pid) - used) * 1000, "ms")
        assert len(entries) == bench.programs
        values["idle with many programs, RSS"] = Value(procfs.resident_kib(daemon.pid), "KiB")
        values.update(all_info(bench, daemon))
        values.update(wake_ups(bench, daemon))
        return values
    finally:
        end(daemon)


def many_programs_bare(bench):
    seconds = float(bench.run("spawn_loop", "up", bench.programs, "/bin/sleep", "100000"))
    return {"many programs up": Value(seconds * 1000, "ms")}


def all_info(bench, daemon):
    calls = 5 if not daemon.impl.is_reeved else 50
    request = rawhttp.request("POST", "/RPC2", rawhttp.rpc_body("supervisor.getAllProcessInfo"))
    with rawhttp.connect(daemon.address, 60) as sock:
        reader = rawhttp.Reader(sock)
        begin = cpu(daemon.pid)
        for _ in range(calls):
            sock.sendall(request)
            size = len(reader.response(60).body)
        used = cpu(daemon.pid) - begin
    return {"getAllProcessInfo of all, CPU": Value(used / calls * 1000, "ms"),
            "getAllProcessInfo of all, size": Value(size / 1024, "KiB")}


def wake_ups(bench, daemon):
    def switches():
        return sum(int(procfs.status(pid)["voluntary_ctxt_switches"])
                   for pid in [f"{daemon.pid}/task/{task}"
                               for task in os.listdir(f"/proc/{daemon.pid}/task")])
    daemon.rpc("close")()
    wait_until(lambda: len(procfs.descendants(daemon.pid)) >= bench.programs, "all are there")
    time.sleep(1)  # what the calls before have left to do is not the idling that is measured
    before, used = switches(), cpu(daemon.pid)
    time.sleep(bench.idle_seconds)
    return {"idle, wake-ups a minute": Value((switches() - before) * 60 / bench.idle_seconds, ""),
            "idle, CPU a minute": Value(
                (cpu(daemon.pid) - used) * 60_000 / bench.idle_seconds, "ms")}


def output(bench, impl):
    """Capture of much output into a file without rotation."""
    values = {}
    for shape in ("lines", "bulk"):
        daemon = bench.daemon(impl, f"""
[program:emit]
command={bench.child} {shape} {bench.bytes}
stdout_logfile=@DIR@/out
stdout_logfile_maxbytes=0
startsecs=0
autostart=false
autorestart=false
""")
        try:
            used, begin = cpu(daemon.pid), time.monotonic()
            daemon.supervisor.startProcess("emit", False)
            path = daemon.dir / "out"
            wait_until(lambda: path.exists() and path.stat().st_size >= bench.bytes,
                       "all is captured", 300, poll=0.002)
            took = time.monotonic() - begin
            daemon.wait_state("emit", "EXITED", timeout=30)
            used = cpu(daemon.pid) - used
            assert path.stat().st_size == bench.bytes
            values[f"output by {shape}"] = Value(bench.bytes / took / 1e6, "MB/s", False)
            values[f"output by {shape}, CPU a 100 MB"] = Value(
                used * 1e11 / bench.bytes, "ms")
        finally:
            end(daemon)
    return values


def get_state(bench, impl):
    values = {}
    daemon = bench.daemon(impl, "[program:sleeper]\ncommand=/bin/sleep 100000\nstartsecs=0\n")
    try:
        for clients in (1, 8):
            rate = float(bench.run("http_load", daemon.sock, clients, bench.seconds))
            values[f"getState, {clients} client{'s' * (clients > 1)}"] = Value(rate, "/s", False)
        return values
    finally:
        end(daemon)


def cgroup_count():
    """Directories of all mounted hierarchies, and the v2 groups that are removed but not gone."""
    count = sum(len(directories) for _, directories, _ in os.walk("/sys/fs/cgroup"))
    dying = 0
    for path in glob.glob("/sys/fs/cgroup/cgroup.stat") + glob.glob("/sys/fs/cgroup/*/cgroup.stat"):
        for line in Path(path).read_text(encoding="ascii").splitlines():
            if line.startswith("nr_dying_descendants "):
                dying += int(line.split()[1])
    return count, dying


def soak(bench, impl):
    """Very many restarts: nothing may grow."""
    if not impl.is_reeved:
        return {}
    daemon = bench.daemon(impl, f"""
[program:count]
command={bench.child} count @DIR@/count
startsecs=0
autorestart=true
""")

    def runs():
        path = daemon.dir / "count"
        return path.stat().st_size if path.exists() else 0

    def look():
        groups, dying = cgroup_count()
        # The least of many looks: during a restart there are some more for a moment.
        fds = min(len(procfs.open_fds(daemon.pid)) for _ in range(200))
        return procfs.resident_kib(daemon.pid), fds, groups, dying
    try:
        wait_until(lambda: runs() >= 200, "warmed up", 300, poll=0.1)
        before, begin, first = look(), time.monotonic(), runs()
        wait_until(lambda: runs() >= first + bench.soak, lambda: f"{runs()} restarts",
                   bench.soak / 20 + 60, poll=0.2)
        rate = (runs() - first) / (time.monotonic() - begin)
        after = look()
        names = ("RSS", "descriptors", "cgroups", "dying cgroups")
        values = {f"soak, growth of {name}": Value(late - early, "KiB" if name == "RSS" else "")
                  for name, early, late in zip(names, before, after)}
        values["soak, restarts"] = Value(rate, "/s", False)
        return values
    finally:
        end(daemon)


def sampled(bench, statistics_enabled, seconds):
    """CPU of a daemon that samples its programs once a second, or not."""
    daemon = Daemon(bench.reeved, many(bench).replace("autostart=false", ""), tcp=True,
                    loglevel="critical", supervisord="minfds=16384")
    daemon.write_config(f"""{many(bench).replace("autostart=false", "")}
[reeve]
supvisors_list=127.0.0.1:{daemon.tcp}
link_port={free_port()}
state_dir=@DIR@/state
stats_enabled={statistics_enabled}
stats_collecting_period=1
""")
    try:
        daemon.start()
        wait_until(lambda: len(procfs.descendants(daemon.pid)) >= bench.programs, "all are there",
                   timeout=60)
        time.sleep(5)  # the first samples open files, and the cluster forms
        used = cpu(daemon.pid)
        time.sleep(seconds)
        return (cpu(daemon.pid) - used) / seconds
    finally:
        end(daemon)


def sampled_by_psutil(bench):
    """CPU seconds of a round over all programs: with the search of descendants, which is what
    Supvisors does, and without. The former is that of a few programs, multiplied."""
    import psutil  # the peer's library: only where this is measured

    few = 20
    children = [subprocess.Popen(["/bin/sleep", "100000"]) for _ in range(bench.programs)]
    try:
        processes = [psutil.Process(child.pid) for child in children]
        begin = time.process_time()
        for process in processes[:few]:
            for one in [process, *process.children(recursive=True)]:
                with one.oneshot():
                    one.cpu_times()
                    one.memory_percent()
        searched = (time.process_time() - begin) * bench.programs / few
        rounds, begin = 3, time.process_time()
        for process in processes * rounds:
            with process.oneshot():
                process.cpu_times()
                process.memory_percent()
        return searched, (time.process_time() - begin) / rounds
    finally:
        for child in children:
            child.kill()
            child.wait()


def sampling(bench, impl):
    """A sample of each program with its descendants: CPU of one round over all."""
    names = "sample of all with descendants, CPU", "sample of all alone, CPU"
    if not impl.is_reeved:
        return {name: Value(seconds * 1000, "ms")
                for name, seconds in zip(names, sampled_by_psutil(bench))}
    bench.reeved = impl
    seconds = 10 if bench.quick else 30
    without = sampled(bench, "OFF", seconds)
    share = sampled(bench, "PROCESS", seconds) - without
    return {name: Value(share * 1000, "ms") for name in names}  # one round a second


MEASUREMENTS = {
    "restart": (restart_latency, restart_latency_bare),
    "many": (many_programs, many_programs_bare),
    "output": (output, None),
    "state": (get_state, None),
    "sampling": (sampling, None),
    "soak": (soak, None),
}
