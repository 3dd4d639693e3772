"""The fixture that starts daemons, and the choice of which ones the tests are run against."""

import os
import pathlib
import signal
import subprocess

import pytest

from harness import implementation, netns, procfs
from harness.daemon import Daemon
from harness.fleet import Fleet
from harness.recorder import References

CHOICES = {
    "reeved": [implementation.reeved],
    "supervisord": [implementation.supervisord],
    "both": [implementation.supervisord, implementation.reeved],
}
FIGURES = pytest.StashKey()


def pytest_addoption(parser):
    parser.addoption("--impl", choices=sorted(CHOICES), default="reeved",
                     help="which daemon to test (default: reeved)")
    parser.addoption("--keep", action="store_true", help="keep the directories of failed tests")


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes more than some ten seconds")
    config.addinivalue_line("markers", "reeved_only(why): what Supervisor does not promise")
    config.addinivalue_line("markers", "supervisord_only(why): what reeved does better")
    procfs.become_subreaper()
    # A shell starts background jobs with these ignored, and all that we start would inherit it.
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_IGN:
            own = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
            signal.signal(number, own)


def pytest_generate_tests(metafunc):
    if "impl" in metafunc.fixturenames:
        chosen = [make() for make in CHOICES[metafunc.config.getoption("--impl")]]
        metafunc.parametrize("impl", chosen, ids=repr)


def pytest_collection_modifyitems(config, items):
    chosen = [make() for make in CHOICES[config.getoption("--impl")]]
    missing = [impl.binary for impl in chosen if not os.access(impl.binary, os.X_OK)]
    needed = any("impl" in item.fixturenames for item in items)
    if missing and needed and not config.getoption("collectonly"):
        raise pytest.UsageError(f"there is no {', '.join(missing)} (see --impl, REEVED)")


@pytest.fixture(autouse=True)
def _only_where_promised(request):
    for mark, name in (("reeved_only", "reeved"), ("supervisord_only", "supervisord")):
        marker = request.node.get_closest_marker(mark)
        if marker and "impl" in request.fixturenames:
            if request.getfixturevalue("impl").name != name:
                pytest.skip(f"{name} only: {marker.args[0] if marker.args else ''}")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.when == "call":
        item.call_failed = report.failed
    if report.failed and report.when == "call":
        for daemon in getattr(item, "daemons", []):
            report.sections.append((f"{daemon.impl} in {daemon.dir}", last_words(daemon)))


def last_words(daemon):
    return "\n".join([daemon.log()[-6000:], "-- stderr:", daemon.stderr()[-3000:],
                      daemon.sanitizer_reports()])


class Starter:
    """Makes daemons for one test and answers for every one of them when the test is over."""

    def __init__(self, impl):
        self.impl = impl
        self.daemons = []

    def make(self, config="", *, impl=None, **options):
        daemon = Daemon(impl or self.impl, config, **options)
        self.daemons.append(daemon)
        return daemon

    def __call__(self, config="", **options):
        return self.make(config, **options).start()

    def finish(self, failed):
        problems = []
        for daemon in reversed(self.daemons):
            if not failed and daemon.process and not daemon.unchecked:
                problems += self._verdict(daemon)
            daemon.kill_everything()
            reports = daemon.sanitizer_reports()
            if reports:
                problems.append(f"sanitizer report:\n{reports}")
        return problems

    @staticmethod
    def _verdict(daemon):
        try:
            daemon.stop()
            daemon.check_nothing_left()
            return []
        except AssertionError as error:
            return [f"{error}\n{last_words(daemon)}"]


@pytest.fixture
def start(impl, request):
    """Starts a daemon from the text of its programs; see Daemon for the options.

    When the test is over each daemon must end by SIGTERM with status 0 and leave nothing.
    """
    starter = Starter(impl)
    request.node.daemons = starter.daemons
    yield starter
    failed = getattr(request.node, "call_failed", True)
    keep = request.config.getoption("--keep")
    problems = starter.finish(failed)
    if not (keep and (failed or problems)):
        request.addfinalizer(lambda: [daemon.remove() for daemon in starter.daemons])
    assert not problems, "\n".join(problems)


@pytest.fixture(scope="module")
def references(request):
    """What the scripts of the module, SCRIPTS, see of Supervisor: name to script, configuration and
    options of the daemon."""
    with References(request, request.module.SCRIPTS) as made:
        yield made


@pytest.fixture
def here():
    return pathlib.Path(__file__).parent


@pytest.fixture
def fleet(start, tmp_path):
    """Makes a cluster with programs and rules; its instances are looked after like any daemon."""
    def make(count, programs, rules, **named):
        return Fleet(start, tmp_path, count, programs, rules, **named)
    return make


@pytest.fixture
def memory_disk(tmp_path):
    """Makes directories on file systems of their own, in memory, of the size that is given."""
    made = []

    def make(size):
        where = tmp_path / f"disk{len(made)}"
        where.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=755",
                                  "reeve-test", str(where)], capture_output=True, check=False)
        if mounted.returncode:
            pytest.skip(f"cannot mount: {mounted.stderr.decode().strip()}")
        made.append(where)
        return where
    yield make
    for where in made:
        subprocess.run(["umount", "-l", str(where)], check=True)


@pytest.fixture
def network():
    """Makes networks of our own, which are gone after the test."""
    if not netns.possible():
        pytest.skip("no network namespaces are to be had")
    made = []

    def make(nodes=3, addresses="10.81.0"):
        made.append(netns.Lan(nodes, [addresses]))
        return made[-1]

    yield make
    for lan in made:
        lan.close()
    assert netns.leftovers() == []


@pytest.fixture
def figure(request):
    """Adds a line to what is told at the end of all tests."""
    return request.config.stash.setdefault(FIGURES, []).append


def pytest_terminal_summary(terminalreporter, config):
    for line in config.stash.get(FIGURES, []):
        terminalreporter.write_line(line)
