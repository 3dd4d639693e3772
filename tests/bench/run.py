#!/usr/bin/python3
"""Measures reeved against Supervisor and against a bare loop, in the same run on the same machine.

A ratio above 1 says how many times better reeved is than the other.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "functional"))

from harness import implementation, procfs  # noqa: E402  (found by the line above)
from measure import MEASUREMENTS, Bench  # noqa: E402

TOOLS = ("spawn_loop", "bench_child", "http_load")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reeved", default=os.environ.get("REEVED"), help="the binary to measure; "
                        "without it Supervisor and the bare loop are measured alone")
    parser.add_argument("--supervisord", default="/usr/bin/supervisord",
                        help="the peer; empty: none")
    parser.add_argument("--quick", action="store_true", help="smaller counts, to try things out")
    parser.add_argument("--soak", type=int, help="restarts in the soak (100000, or 2000 if quick)")
    parser.add_argument("--only", nargs="+", choices=sorted(MEASUREMENTS), metavar="NAME",
                        default=list(MEASUREMENTS), help=" ".join(MEASUREMENTS))
    parser.add_argument("--json", help="write the figures to this file, too (-: stdout, no table)")
    return parser.parse_args()


def compile_tools(directory):
    for tool in TOOLS:
        subprocess.run([os.environ.get("CC", "cc"), "-O2", "-D_GNU_SOURCE", "-Wall", "-Wextra",
                        "-o", os.path.join(directory, tool), HERE / f"{tool}.c"], check=True)


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


def measure(options, bench):
    """{measure: {who: Value}}, in the order of measuring."""
    figures = {}
    for name in options.only:
        by_daemon, bare = MEASUREMENTS[name]
        runs = [(peer.name, lambda peer=peer: by_daemon(bench, peer)) for peer in peers(options)]
        if bare:
            runs.append(("bare", lambda: bare(bench)))
        for who, run in runs:
            print(f"measuring {name} of {who} ...", file=sys.stderr)
            for key, value in run().items():
                figures.setdefault(key, {})[who] = value
    return figures


def ratio(ours, theirs):
    if not ours or not theirs or not (ours.number and theirs.number):
        return ""
    better = theirs.number / ours.number if ours.lower_is_better else ours.number / theirs.number
    return f"{better:.2f}x" if better < 100 else f"{better:.0f}x"


def shown(value):
    return f"{value.number:,.2f} {value.unit}".rstrip() if value else ""


def table(figures):
    rows = [("", "reeved", "supervisord", "better by", "bare loop", "better by")]
    for key, by in figures.items():
        ours = by.get("reeved")
        rows.append((key, shown(ours), shown(by.get("supervisord")),
                     ratio(ours, by.get("supervisord")), shown(by.get("bare")),
                     ratio(ours, by.get("bare"))))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) if number == 0 else cell.rjust(width)
                        for number, (cell, width) in enumerate(zip(row, widths))).rstrip())


def main():
    options = arguments()
    procfs.become_subreaper()
    with tempfile.TemporaryDirectory(prefix="reeve-bench-") as tools:
        compile_tools(tools)
        soak = options.soak or (2000 if options.quick else 100_000)
        bench = Bench(tools, options.quick, soak)
        figures = measure(options, bench)
    if options.json:
        text = json.dumps({key: {who: {"value": value.number, "unit": value.unit}
                                 for who, value in by.items()} for key, by in figures.items()},
                          indent=2) + "\n"
        if options.json == "-":
            sys.stdout.write(text)
            return
        pathlib.Path(options.json).write_text(text, encoding="utf-8")
    table(figures)


if __name__ == "__main__":
    main()
