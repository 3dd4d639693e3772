#!/usr/bin/python3
"""Measures how long it takes until what a lost node ran runs on others, on three nodes in network
namespaces of this machine.  Needs root.

The time is taken from the moment of the loss until the other instances themselves say that all nine
programs are RUNNING, asked every few milliseconds, which is a part of the time.
"""

import argparse
import os
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "functional"))

from harness import implementation, netns, procfs  # noqa: E402  (found by the line above)
from harness.failover import DEFAULT, TUNED, Three  # noqa: E402

WAYS = {"kill": "all killed", "power_cut": "power cut", "link_down": "link down"}


class Start:
    """What a cluster wants to know of its tests."""

    def __init__(self):
        self.impl = implementation.reeved()
        self.daemons = []

    def finish(self):
        for daemon in self.daemons:
            daemon.kill_everything()
            daemon.remove()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reeved", help="the binary; default: $REEVED, or build/reeved")
    parser.add_argument("--rounds", type=int, default=10, help="losses for each line (10)")
    parser.add_argument("--only", nargs="+", choices=sorted(WAYS), default=list(WAYS))
    return parser.parse_args()


def measure(way, options, rounds):
    """{is_master: [milliseconds]}"""
    took = {False: [], True: []}
    start, lan = Start(), netns.Lan(3, ["10.82.0"])
    try:
        with tempfile.TemporaryDirectory(prefix="reeve-bench-") as directory:
            three = Three(start, pathlib.Path(directory), lan, options)
            for i in range(2 * rounds):
                took[bool(i % 2)].append(getattr(three, way)(bool(i % 2)))
    finally:
        start.finish()
        lan.close()
    return took


def main():
    chosen = arguments()
    if chosen.reeved:
        os.environ["REEVED"] = chosen.reeved
    procfs.become_subreaper()
    print(f"{'loss':<12}{'options':<9}{'who':<8}{'median ms':>10}{'max ms':>8}{'of':>4}")
    for way in chosen.only:
        for kind, options in (("default", DEFAULT), ("tuned", TUNED)):
            for is_master, values in measure(way, options, chosen.rounds).items():
                values.sort()
                print(f"{WAYS[way]:<12}{kind:<9}{'master' if is_master else 'other':<8}"
                      f"{values[len(values) // 2]:>10.0f}{values[-1]:>8.0f}{len(values):>4}",
                      flush=True)


if __name__ == "__main__":
    main()
