"""Measurements of one daemon and its programs.  Each returns {name: Value}."""

import glob
import os
import subprocess
import time
from pathlib import Path

from bench import Value, cpu, end, ms, private_kib, quantiles
from harness import procfs, rawhttp
from harness.cluster import free_port
from harness.daemon import Daemon
from harness.waiting import wait_until


def stamps(text):
    """[(start, end)] of runs, in nanoseconds."""
    return [tuple(map(int, line.split())) for line in text.splitlines()]


def between_runs(text):
    """Milliseconds from the end of each run to the start of the next."""
    runs = stamps(text)
    return [(after[0] - before[1]) / 1e6 for before, after in zip(runs, runs[1:])]


def to_events(runs, events):
    """Milliseconds from the end of each run to the first event after it."""
    times, found = iter(sorted(map(int, events.split()))), []
    at = next(times, None)
    for _, ended in stamps(runs):
        while at is not None and at < ended:
            at = next(times, None)
        if at is not None:
            found.append((at - ended) / 1e6)
    return found


def restart(bench, impl):
    """From a program's exit until it runs again, and until a listener has been told."""
    count = bench.exits if impl.is_reeved else min(bench.exits, 15)
    daemon = bench.daemon(impl, f"""
[program:stamp]
command={bench.child} stamp @DIR@/stamps
startsecs=0
autorestart=true
stdout_logfile=NONE
stderr_logfile=NONE
[eventlistener:listener]
command={bench.child} listen @DIR@/events
events=PROCESS_STATE_EXITED
buffer_size=1000
startsecs=0
stderr_logfile=NONE
""")
    try:
        wait_until(lambda: len(daemon.lines("stamps")) > count, "enough exits", 300, poll=0.1)
        runs = "\n".join(daemon.read("stamps").splitlines()[:count])
        wait_until(lambda: len(daemon.lines("events")) > count, "enough events", 60, poll=0.1)
        values = quantiles("exit to running again", between_runs(runs))
        values.update(quantiles("exit to event at a listener",
                                to_events(runs, daemon.read("events"))))
        return values
    finally:
        end(daemon)


def restart_bare(bench):
    path = bench.tools / "stamps"
    path.unlink(missing_ok=True)
    bench.run("spawn_loop", "restart", bench.exits + 1, bench.child, "stamp", path)
    return quantiles("exit to running again", between_runs(path.read_text(encoding="ascii")))


def many_config(count, autostart="false"):
    return f"""
[program:many]
command=/bin/sleep 100000
process_name=%(program_name)s_%(process_num)04d
numprocs={count}
startsecs=0
autostart={autostart}
stdout_logfile=NONE
stderr_logfile=NONE
"""


def many(bench, impl):
    """Start and end of programs, and what it costs to have them."""
    values = {}
    for count in bench.counts:
        daemon = bench.daemon(impl, many_config(count), supervisord="minfds=16384")
        try:
            values.update(up_and_down(bench, daemon, count))
        finally:
            end(daemon)
    return values


def up_and_down(bench, daemon, count):
    values, label = {}, f"{count} programs"
    begin, used = time.monotonic(), cpu(daemon.pid)
    entries = daemon.supervisor.startAllProcesses()
    values[f"{label} up"] = ms(time.monotonic() - begin)
    values[f"{label} up, CPU of the daemon"] = ms(cpu(daemon.pid) - used)
    assert len(entries) == count
    time.sleep(1)  # who forks shares its memory with children until they have begun
    values[f"{label}, resident"] = Value(procfs.resident_kib(daemon.pid), "KiB")
    values[f"{label}, private"] = Value(private_kib(daemon.pid), "KiB")
    values.update(all_info(daemon, label))
    begin, used = time.monotonic(), cpu(daemon.pid)
    entries = daemon.supervisor.stopAllProcesses()
    values[f"{label} down"] = ms(time.monotonic() - begin)
    values[f"{label} down, CPU of the daemon"] = ms(cpu(daemon.pid) - used)
    assert len(entries) == count
    return values


def all_info(daemon, label):
    calls = 5 if not daemon.impl.is_reeved else 50
    request = rawhttp.request("POST", "/RPC2", rawhttp.rpc_body("supervisor.getAllProcessInfo"))
    with rawhttp.connect(daemon.address, 60) as sock:
        reader = rawhttp.Reader(sock)
        begin = cpu(daemon.pid)
        for _ in range(calls):
            sock.sendall(request)
            reader.response(60)
        return {f"{label}, getAllProcessInfo, CPU a call": ms((cpu(daemon.pid) - begin) / calls)}


def own_cgroup():
    """A directory of a v2 hierarchy below which we may make groups, or '-'."""
    for line in Path("/proc/self/cgroup").read_text(encoding="ascii").splitlines():
        if line.startswith("0::"):
            for mount in ("/sys/fs/cgroup/unified", "/sys/fs/cgroup"):
                if os.path.exists(f"{mount}/cgroup.procs"):
                    return mount + line[3:].rstrip("/")
    return "-"


def many_bare(bench):
    """A loop of clone3 that does nothing else; and the same into a cgroup for each."""
    values, above = {}, own_cgroup()
    below = os.path.join(above, f"reeve-bench-{os.getpid()}") if above != "-" else "-"
    for count in bench.counts:
        took, used = bench.run("spawn_loop", "up", count, "-", "/bin/sleep", "100000").split()
        values[f"{count} programs up"] = ms(float(took))
        values[f"{count} programs up, CPU of the daemon"] = ms(float(used))
    if below != "-":
        try:
            os.mkdir(below)
            took, used = bench.run("spawn_loop", "up", bench.programs, below, "/bin/sleep",
                                   "100000").split()
            values[f"{bench.programs} programs up, each in a cgroup"] = ms(float(took))
        except OSError:
            pass
        finally:
            for group in glob.glob(f"{below}/*.scope"):
                os.rmdir(group)
            if os.path.isdir(below):
                os.rmdir(below)
    return values


def idle(bench, impl):
    """A minute of many programs that do nothing."""
    daemon = bench.daemon(impl, many_config(bench.programs), supervisord="minfds=16384")
    label = f"idle with {bench.programs} programs"

    def switches():
        return sum(int(procfs.status(f"{daemon.pid}/task/{task}")["voluntary_ctxt_switches"])
                   for task in os.listdir(f"/proc/{daemon.pid}/task"))
    try:
        daemon.supervisor.startAllProcesses()
        daemon.rpc("close")()
        time.sleep(1)  # what the calls before have left to do is not the idling that is measured
        before, used = switches(), cpu(daemon.pid)
        time.sleep(bench.idle_seconds)
        scale = 60 / bench.idle_seconds
        return {f"{label}, wake-ups a minute": Value((switches() - before) * scale, ""),
                f"{label}, CPU a minute": ms((cpu(daemon.pid) - used) * scale)}
    finally:
        end(daemon)


CAPTURES = {
    "lines to a file": ("lines", "stdout_logfile_maxbytes=0"),
    "bulk to a file": ("bulk", "stdout_logfile_maxbytes=0"),
    "bulk with rotation": ("bulk", "stdout_logfile_maxbytes=50MB\nstdout_logfile_backups=1000"),
    "lines without escapes": ("lines", "stdout_logfile_maxbytes=0\nSTRIP"),
}


def output(bench, impl):
    """Capture of much output."""
    values = {}
    for name, (shape, options) in CAPTURES.items():
        strip = "STRIP" in options
        daemon = bench.daemon(impl, f"""
[program:emit]
command={bench.child} {shape} {bench.bytes}
stdout_logfile=@DIR@/out
{options.replace("STRIP", "")}
startsecs=0
autostart=false
autorestart=false
""", supervisord="strip_ansi=true" if strip else "")
        try:
            values.update(capture(bench, daemon, f"output, {name}"))
        finally:
            end(daemon)
    return values


def capture(bench, daemon, label):
    used, begin = cpu(daemon.pid), time.monotonic()
    daemon.supervisor.startProcess("emit", False)

    def size():
        return sum(path.stat().st_size for path in daemon.dir.glob("out*"))
    wait_until(lambda: size() >= bench.bytes, "all is captured", 300, poll=0.002)
    took = time.monotonic() - begin
    daemon.wait_state("emit", "EXITED", timeout=30)
    used = cpu(daemon.pid) - used
    assert size() == bench.bytes
    return {label: Value(bench.bytes / took / 1e6, "MB/s", False),
            f"{label}, CPU a 100 MB": ms(used * 1e8 / bench.bytes)}


def output_bare(bench):
    """A cat in between."""
    values = {}
    for name in ("lines to a file", "bulk to a file"):
        path = bench.tools / "out"
        begin = time.monotonic()
        with open(path, "wb") as file, subprocess.Popen(
                [bench.child, CAPTURES[name][0], str(bench.bytes)],
                stdout=subprocess.PIPE) as child:
            with subprocess.Popen(["cat"], stdin=child.stdout, stdout=file) as cat:
                child.stdout.close()
                _, _, usage = os.wait4(cat.pid, 0)
                cat.returncode = 0
        took = time.monotonic() - begin
        assert path.stat().st_size == bench.bytes
        path.unlink()
        values[f"output, {name}"] = Value(bench.bytes / took / 1e6, "MB/s", False)
        values[f"output, {name}, CPU a 100 MB"] = ms(
            (usage.ru_utime + usage.ru_stime) * 1e8 / bench.bytes)
    return values


def sampled(bench, impl, statistics_enabled, seconds):
    """CPU of a daemon that samples its programs once a second, or not."""
    daemon = Daemon(impl, "", tcp=True, loglevel="critical", supervisord="minfds=16384")
    daemon.write_config(f"""{many_config(bench.programs, "true")}
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
    label = f"a sample of {bench.programs} programs"
    names = f"{label} with descendants, CPU", f"{label} alone, CPU"
    if not impl.is_reeved:
        return {name: ms(seconds) for name, seconds in zip(names, sampled_by_psutil(bench))}
    seconds = 5 if bench.quick else 10
    without = sampled(bench, impl, "OFF", seconds)
    share = sampled(bench, impl, "PROCESS", seconds) - without
    return {name: ms(share) for name in names}  # one round a second


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
