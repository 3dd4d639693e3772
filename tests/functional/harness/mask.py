"""Replaces what differs from run to run by a word, so that two runs can be compared."""

import re

TEXTS = [
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}"), "TIME"),
    # Where the last 1024 bytes of the log begin depends on the length of pids.
    (re.compile(r"(==> Press Ctrl-C to exit <==\n).*(TIME INFO RPC interface)", re.DOTALL),
     r"\1\2"),
    # Whether a stop has to wait at all is a matter of microseconds.
    (re.compile(r"TIME INFO waiting for \S+ to stop\n"), ""),
    (re.compile(r"\bpid \d+"), "pid PID"),
    (re.compile(r"uptime \d+:\d\d:\d\d"), "uptime H:MM:SS"),
    (re.compile(r"[A-Z][a-z]{2} \d\d \d\d:\d\d [AP]M"), "DATE"),
    (re.compile(r"(---supervisor-)[a-z0-9_]{8}(\.log)"), r"\1RANDOM\2"),
    (re.compile(r"^(supervisor> )?[1-9]\d*$", re.MULTILINE), r"\1PID"),
    (re.compile(r"^(supervisor> )?\d+\.\d+\.\d+\S*$", re.MULTILINE), r"\1VERSION"),
    # reeved tells how it groups its programs.
    (re.compile(r"TIME INFO cgroups: [^\n]*\n"), ""),
    (re.compile(r"http://127\.0\.0\.1:\d+"), "http://127.0.0.1:PORT"),
]
NUMBERS = {"pid": "PID", "now": "TIME", "start": "TIME", "stop": "TIME"}


def text(daemon, said):
    said = said.replace(str(daemon.dir), "DIR")
    for pattern, word in TEXTS:
        said = pattern.sub(word, said)
    return said


def value(daemon, given, key=None):
    """The same for an XML-RPC value; a zero stays a zero, and a type stays visible."""
    if isinstance(given, dict):
        return {name: value(daemon, inner, name) for name, inner in given.items()}
    if isinstance(given, list):
        return [value(daemon, inner) for inner in given]
    if isinstance(given, str):
        return text(daemon, given)
    if type(given) is int and key in NUMBERS and given > 0:
        return NUMBERS[key]
    return given
