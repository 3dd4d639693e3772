"""The daemons that the tests can be run against."""

import os
import pathlib

TOP = pathlib.Path(__file__).resolve().parents[3]
FUNCTIONAL = TOP / "tests" / "functional"
PROGRAMS = FUNCTIONAL / "programs"
PYTHON = "/usr/bin/python3"
SUPERVISORCTL = "/usr/bin/supervisorctl"


class Implementation:
    """A daemon's binary, and how late its timers may be.

    The slack of Supervisor is the second of its poll plus what a busy machine adds; reeved has
    exact timers, so only the latter is granted.
    """

    def __init__(self, name, binary, slack):
        self.name = name
        self.binary = str(binary)
        self.slack = slack

    @property
    def is_reeved(self):
        return self.name == "reeved"

    def __repr__(self):
        return self.name


def supervisord():
    return Implementation("supervisord", "/usr/bin/supervisord", slack=2.0)


def reeved():
    binary = os.environ.get("REEVED", TOP / "build" / "reeved")
    return Implementation("reeved", pathlib.Path(binary).absolute(), slack=0.5)


def is_sanitized():
    """Whether the reeved under test is slower than it would be, for it watches itself."""
    try:
        return b"__asan_init" in pathlib.Path(reeved().binary).read_bytes()
    except FileNotFoundError:
        return False


def reevectl():
    path = pathlib.Path(os.environ.get("REEVECTL", TOP / "build" / "reevectl")).absolute()
    return str(path) if path.exists() else None
