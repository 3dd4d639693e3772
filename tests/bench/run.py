#!/usr/bin/python3
"""Measures reeved against Supervisor and against bare loops: in turn, several times, in one run on
one machine.  What was measured goes into a file of results, from which the tables are made.
"""

import argparse
import json
import os
import pathlib
import platform
import statistics
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "functional")]

import calls  # noqa: E402  (found by the line above)
import clusters  # noqa: E402
import programs  # noqa: E402
import report  # noqa: E402
from bench import Bench  # noqa: E402
from harness import implementation, procfs  # noqa: E402


class Measure:
    """How reeved is measured; whether Supervisor is, by the same; a bare loop; how often."""

    def __init__(self, ours, *, theirs=True, bare=None, rounds=3, default=True):
        self.ours, self.theirs, self.bare = ours, theirs, bare
        self.rounds, self.default = rounds, default


MEASURES = {
    "restart": Measure(programs.restart, bare=programs.restart_bare),
    "many": Measure(programs.many, bare=programs.many_bare),
    "state": Measure(calls.state, bare=calls.state_bare),
    "information": Measure(calls.information, rounds=2),
    "output": Measure(programs.output, bare=programs.output_bare),
    "idle": Measure(programs.idle, rounds=1),
    "sampling": Measure(programs.sampling, rounds=1),
    "latency": Measure(calls.latency, theirs=False),
    "cluster": Measure(clusters.cluster, theirs=False, rounds=2),
    "node": Measure(clusters.node, theirs=False, rounds=2),
    "distribution": Measure(clusters.distribution, theirs=False, rounds=2),
    "fan_out": Measure(clusters.fan_out, theirs=False),
    "failover": Measure(clusters.failover, theirs=False, rounds=1),
    "soak": Measure(programs.soak, theirs=False, rounds=1, default=False),
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=" ".join(MEASURES))
    parser.add_argument("--reeved", default=os.environ.get("REEVED"), help="the binary to measure; "
                        "without it only the others are")
    parser.add_argument("--supervisord", default="/usr/bin/supervisord",
                        help="the peer; empty: none")
    parser.add_argument("--quick", action="store_true", help="smaller counts, to try things out")
    parser.add_argument("--rounds", type=int, help="how often each is measured")
    parser.add_argument("--results", help="the file of results, in which what is measured now "
                        "replaces what was measured then")
    parser.add_argument("--report", help="write the tables of all results to this file")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in MEASURES]
    if unknown:
        parser.error(f"there is no measure {', '.join(unknown)}; there are {', '.join(MEASURES)}")
    options.names = options.names or [name for name, m in MEASURES.items() if m.default]
    return options


def peers(options):
    found = []
    if options.reeved:
        found.append(implementation.Implementation(
            "reeved", pathlib.Path(options.reeved).absolute(), slack=1))
    if options.supervisord:
        found.append(implementation.Implementation("supervisord", options.supervisord, slack=2))
    missing = [peer.binary for peer in found if not os.access(peer.binary, os.X_OK)]
    if missing:
        sys.exit(f"there is no {', '.join(missing)}")
    return found


def runs_of(measure, bench, found):
    """[(who, what to call)] of one round."""
    runs = [(peer.name, lambda peer=peer: measure.ours(bench, peer)) for peer in found
            if measure.theirs or peer.is_reeved]
    return runs + ([("bare", lambda: measure.bare(bench))] if measure.bare else [])


def collect(name, measure, bench, found, rounds):
    """{figure: {unit, lower_is_better, who: [median, least, most]}}"""
    rows = {}
    for turn in range(rounds):
        for who, run in runs_of(measure, bench, found):
            begin = time.monotonic()
            try:
                values = run()
            except Exception as error:  # pylint: disable=broad-exception-caught
                # The others are measured nevertheless; what is not there is seen in the table.
                print(f"{name} of {who} failed: {error!r}"[:2000], file=sys.stderr)
                continue
            for key, value in values.items():
                row = rows.setdefault(key, {"unit": value.unit,
                                            "lower_is_better": value.lower_is_better})
                row.setdefault(who, []).append(value.number)
            print(f"{name} {turn + 1}/{rounds} of {who}: {time.monotonic() - begin:.1f} s",
                  file=sys.stderr)
    for row in rows.values():
        for who in report.WHO:
            if who in row:
                row[who] = [round(f(row[who]), 4) for f in (statistics.median, min, max)]
    return rows


def machine():
    """Told in general, for the figures are of a kind of machine and not of this one."""
    return {"kernel": platform.release().split("-")[0], "architecture": platform.machine(),
            "cores": os.cpu_count(), "load_before": round(os.getloadavg()[0], 1),
            "cgroups": "v2" if os.path.exists("/sys/fs/cgroup/cgroup.procs") else "v1 and v2"}


def main():
    options = arguments()
    procfs.become_subreaper()
    path = pathlib.Path(options.results) if options.results else None
    results = json.loads(path.read_text(encoding="utf-8")) if path and path.exists() else {}
    for name in options.names:
        with tempfile.TemporaryDirectory(prefix="reeve-bench-") as tools:
            bench = Bench(tools, options.quick)
            bench.compile_tools()
            measure, state = MEASURES[name], machine()
            rounds = options.rounds or (1 if options.quick else measure.rounds)
            rows = collect(name, measure, bench, peers(options), rounds)
        results[name] = {"machine": state, "rounds": rounds, "rows": rows}
        print("\n".join(report.plain(rows)), flush=True)
        if path:
            ordered = {key: results[key] for key in MEASURES if key in results}
            path.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n",
                            encoding="utf-8")
    if options.report:
        pathlib.Path(options.report).write_text(report.document(results), encoding="utf-8")


if __name__ == "__main__":
    main()
