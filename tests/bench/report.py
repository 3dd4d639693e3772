#!/usr/bin/python3
"""Makes tables of results: report.py RESULTS writes the document to standard output."""

import json
import math
import pathlib
import re
import sys

WHO = ("reeved", "supervisord", "bare")
TITLES = {
    "restart": "An exit", "many": "Many programs", "state": "Calls", "information": "Large answers",
    "output": "Output of programs", "idle": "At rest", "sampling": "Samples of programs",
    "latency": "The loop", "cluster": "Clusters", "node": "A node of a cluster",
    "distribution": "Applications", "fan_out": "Events of another instance",
    "failover": "Loss of a node", "soak": "Many restarts",
}


class Target:
    """What DESIGN asks of a figure: a bound, or a ratio to another one who was measured."""

    def __init__(self, words, figure, *, most=None, times=None, than="supervisord"):
        self.words, self.figure = words, figure
        self.most, self.times, self.than = most, times, than

    def judge(self, rows):
        """(what was measured, whether that is good); None: it was not."""
        row = rows.get(self.figure, {})
        ours, other = row.get("reeved"), row.get(self.than)
        if not ours or (self.times and not other):
            return None
        if self.most is not None:
            return f"{number(ours[0])} {row['unit']}".strip(), ours[0] <= self.most
        measured = ratio(row, self.than)
        if self.than == "bare":  # as many times as it takes more
            return f"{1 / measured:.2f}×", 1 / measured <= self.times
        return f"{measured:.1f}×", measured >= self.times


TARGETS = [
    Target("exit to running again: under 2 ms", "exit to running again, median", most=2),
    Target("the same: within 2× of a bare loop", "exit to running again, median", times=2,
           than="bare"),
    Target("1000 programs up: within 1.5× of a bare clone3 loop", "1000 programs up", times=1.5,
           than="bare"),
    Target("1000 programs up: 6× faster than Supervisor", "1000 programs up", times=6),
    Target("getState, one client: 15×", "getState, 1 client, unix, kept", times=15),
    Target("getState, eight clients: 15×", "getState, 8 clients, unix, kept", times=15),
    Target("getState, a connection each: 15×", "getState, 1 client, unix, new", times=15),
    Target("getState in CPU a call, one client: 15×", "getState, 1 client, unix, kept, CPU a call",
           times=15),
    Target("getState in CPU a call, eight clients: 15×",
           "getState, 8 clients, unix, kept, CPU a call", times=15),
    Target("getState in CPU a call, a connection each: 15×",
           "getState, 1 client, unix, new, CPU a call", times=15),
    Target("getAllProcessInfo of 1000: 200× less CPU a call",
           "1000 programs, getAllProcessInfo, CPU a call", times=200),
    Target("idle with 1000 programs: no wake-ups", "idle with 1000 programs, wake-ups a minute",
           most=0),
    Target("1000 programs: under 8 MiB", "1000 programs, resident", most=8192),
    Target("output by lines: not slower", "output, lines to a file", times=1),
    Target("output in bulk: not slower", "output, bulk to a file", times=1),
    Target("output by lines: 1/5 of the CPU", "output, lines to a file, CPU a 100 MB", times=5),
    Target("output in bulk: 1/5 of the CPU", "output, bulk to a file, CPU a 100 MB", times=5),
    Target("node loss to process elsewhere: under 1.5 s by default",
           "loss of another, all of it killed, by default: runs elsewhere", most=1500),
    Target("the same of the master", "loss of the master, all of it killed, by default: runs elsewhere",
           most=1500),
    Target("the same, tuned: 0.5 s", "loss of another, all of it killed, tuned: runs elsewhere",
           most=500),
    Target("the same of the master, tuned", "loss of the master, all of it killed, tuned: runs elsewhere",
           most=500),
    Target("cold start of 3 nodes to applications placed: under 2 s",
           "cold start of 3 with 30 programs", most=2000),
    Target("a cluster's node with 100 programs: under 10 MiB",
           "a cluster's node with 100 programs, resident", most=10240),
]


def number(value):
    if value == 0 or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def ratio(row, who):
    """How many times better reeved is; None where there is nothing to compare."""
    ours, theirs = row.get("reeved"), row.get(who)
    if not ours or not theirs or ours[0] <= 0 or theirs[0] <= 0:
        return None
    return theirs[0] / ours[0] if row["lower_is_better"] else ours[0] / theirs[0]


def shown(row, who, spread):
    if who not in row:
        return ""
    median, least, most = row[who]
    text = f"{number(median)} {row['unit']}".strip()
    return text if not spread or least == most else f"{text} ({number(least)}–{number(most)})"


def times(row, who):
    found = ratio(row, who)
    if found is None:
        return ""
    return f"{found:.2f}×" if found < 10 else f"{found:.0f}×"


def cells(rows, spread):
    others = [who for who in WHO[1:] if any(who in row for row in rows.values())]
    head = ["", "reeved"]
    for who in others:
        head += [who, "better by"]
    table = [head]
    for key, row in rows.items():
        line = [key, shown(row, "reeved", spread)]
        for who in others:
            line += [shown(row, who, spread), times(row, who)]
        table.append(line)
    return table


def plain(rows):
    table = cells(rows, spread=False)
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    return ["  ".join(cell.ljust(width) if column == 0 else cell.rjust(width) for column,
                      (cell, width) in enumerate(zip(line, widths))).rstrip() for line in table]


def markdown(table):
    lines = ["| " + " | ".join(line) + " |" for line in table]
    return [lines[0], "|" + "---|" + "---:|" * (len(table[0]) - 1), *lines[1:]]


def exponent(points):
    """The slope of a straight line through the logarithms."""
    logs = [(math.log(x), math.log(y)) for x, y in points]
    mean_x, mean_y = (sum(values) / len(logs) for values in zip(*logs))
    return sum((x - mean_x) * (y - mean_y) for x, y in logs) / sum(
        (x - mean_x) ** 2 for x, _ in logs)


def growth(rows):
    """[(figure, counts, exponent)] of whatever was measured for three counts or more."""
    series = {}
    for key, row in rows.items():
        found = re.match(r"(\d+) (programs|instances)(.*)$", key)
        if found and row["lower_is_better"] and row.get("reeved", [0])[0] > 0:
            series.setdefault(f"{found[2]}{found[3]}", []).append((int(found[1]), row["reeved"][0]))
    return [(key, [x for x, _ in points], exponent(points)) for key, points in series.items()
            if len(points) >= 3]


def targets(results):
    rows = {key: row for part in results.values() for key, row in part["rows"].items()}
    table = [["target", "measured", ""]]
    for target in TARGETS:
        found = target.judge(rows)
        table.append([target.words, *((found[0], "met" if found[1] else "not met") if found
                                      else ("not measured", ""))])
    return table


def document(results):
    here = pathlib.Path(__file__).resolve().parent
    lines = (here / "introduction.md").read_text(encoding="utf-8").rstrip().split("\n")
    lines += ["", "## The targets", "", *markdown(targets(results)), ""]
    lines += (here / "reasons.md").read_text(encoding="utf-8").rstrip().split("\n")
    grown = [[key, ", ".join(map(str, counts)), f"{slope:.2f}"]
             for part in results.values() for key, counts, slope in growth(part["rows"])]
    if grown:
        lines += ["", "## Growth", "", "The exponent of the cost in the number: 1 is linear, 0 is "
                  "none.", "", *markdown([["cost of reeved", "of", "exponent"], *grown])]
    for name, part in results.items():
        state = part["machine"]
        lines += ["", f"## {TITLES[name]}", "",
                  f"{state['cores']} cores, {state['architecture']}, Linux {state['kernel']}, cgroups "
                  f"{state['cgroups']}; {part['rounds']} rounds, load before "
                  f"{state['load_before']}.", "", *markdown(cells(part["rows"], spread=True))]
    return "\n".join(lines) + "\n"


def main():
    results = json.loads(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
    sys.stdout.write(document(results))


if __name__ == "__main__":
    main()
