"""What all measurements share: the compiled helpers, how much to do, and how a figure is told."""

import glob
import os
import statistics
import subprocess
from pathlib import Path

from harness.daemon import Daemon

HERE = Path(__file__).resolve().parent
TOOLS = {"spawn_loop": [], "bench_child": [], "http_load": [], "http_bare": ["-lmicrohttpd"]}


class Value:
    def __init__(self, number, unit, lower_is_better=True):
        self.number = number
        self.unit = unit
        self.lower_is_better = lower_is_better


class Bench:
    def __init__(self, tools, quick):
        self.tools = Path(tools)
        self.quick = quick
        self.counts = (50, 100, 200) if quick else (125, 250, 500, 1000)
        self.programs = self.counts[-1]
        self.exits = 50 if quick else 200
        self.bytes = 20_000_000 if quick else 200_000_000
        self.seconds = 1
        self.idle_seconds = 5 if quick else 60
        self.instances = (2, 4) if quick else (4, 8, 16, 32)
        self.losses = 2 if quick else 4
        self.soak = 2000 if quick else 20_000
        self.child = self.tools / "bench_child"

    def compile_tools(self):
        for tool, libraries in TOOLS.items():
            subprocess.run([os.environ.get("CC", "cc").split()[-1], "-O2", "-D_GNU_SOURCE", "-Wall",
                            "-Wextra", "-o", self.tools / tool, HERE / f"{tool}.c", *libraries],
                           check=True)

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
                              text=True, check=False)
        assert done.returncode == 0, f"{tool} {arguments}: {done.stderr}"
        return done.stdout


class Starter:
    """What a cluster of the functional tests wants to know."""

    def __init__(self, impl):
        self.impl = impl
        self.daemons = []

    def finish(self):
        for daemon in self.daemons:
            end(daemon)


def end(daemon):
    daemon.kill_everything()
    daemon.remove()


def cpu(pid):
    """Seconds of CPU, to the nanosecond, of all threads that are there."""
    return sum(int(Path(path).read_text(encoding="ascii").split()[0])
               for path in glob.glob(f"/proc/{pid}/task/*/schedstat")) / 1e9


def private_kib(pid):
    """Memory that is ours alone: what is gained when we end."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Private_"))


def ms(seconds):
    return Value(seconds * 1000, "ms")


def quantiles(label, milliseconds):
    ordered = sorted(milliseconds)
    return {f"{label}, median": Value(statistics.median(ordered), "ms"),
            f"{label}, p99": Value(ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)], "ms")}
