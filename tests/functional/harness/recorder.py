"""Records what a client gets to see of a daemon, step by step, and compares two such records."""

import difflib
import fnmatch
import os
import pprint
import pty
import re
import select
import signal
import subprocess
import threading
import time
import xmlrpc.client

from . import implementation, mask, procfs
from .daemon import Daemon
from .waiting import NotInTime, wait_until

ELEMENTS = {"methodResponse", "params", "param", "fault", "value", "string", "int", "boolean",
            "array", "data", "struct", "member", "name"}


INTERRUPT = "\x03"
# read, select, pselect6 of the machines that we know
INPUT_CALLS = {"x86_64": (0, 23, 270), "aarch64": (63, 72)}


def waits_for_input(pid):
    """Whether the main thread is back at its prompt: an interrupt within a call has it give up."""
    known = INPUT_CALLS.get(os.uname().machine)
    word = procfs.read(pid, "syscall").split(b" ")[0]
    return not known or (word.isdigit() and int(word) in known)


class Recorder:
    """One daemon and one client; the entries are (label, masked text) pairs."""

    def __init__(self, daemon, client=implementation.SUPERVISORCTL):
        self.daemon = daemon
        self.client = client
        self.entries = []

    def add(self, label, said):
        self.entries.append((mask.text(self.daemon, label), mask.text(self.daemon, said)))

    # supervisorctl

    def ctl(self, *arguments, stdin="", sort=False):
        """Runs one command line; 'sort' where the order is that of processes which end or start."""
        words = [self.daemon.expand(word) for word in arguments]
        done = self.daemon.ctl(*words, client=self.client, stdin=stdin)
        out = "".join(sorted(done.out.splitlines(True))) if sort else done.out
        err = f"-- stderr:\n{done.err}" if done.err else ""
        label = " ".join(arguments) + (f" <<< {stdin!r}" if stdin else "")
        self.add(label, f"status {done.status}\n{out}{err}".replace(self.client, "CLIENT"))

    def commands(self, lines):
        for line in lines.strip().splitlines():
            self.ctl(*line.split())

    def follow(self, *arguments, until, act=None):
        """Runs a command that does not end, until its output has the text; then interrupts it."""
        out_path, err_path = self.daemon.dir / "follow.out", self.daemon.dir / "follow.err"
        with open(out_path, "wb") as out, open(err_path, "wb") as err:
            client = subprocess.Popen([self.client, "-c", str(self.daemon.conf), *arguments],
                                      stdout=out, stderr=err, env=self.daemon.environment)
            try:
                self.daemon.wait_text("follow.out", "==> Press Ctrl-C to exit <==")
                if act:
                    act(self.daemon)
                self.daemon.wait_text("follow.out", until)
                client.send_signal(signal.SIGINT)
                status = client.wait(20)
            finally:
                client.kill()
                client.wait()
        self.add(" ".join(arguments), f"status {status}\n{out_path.read_text()}"
                                      f"-- stderr:\n{err_path.read_text()}")

    def terminal(self, *arguments, talk):
        """Runs a command at a terminal.  'talk' is a list of (wait for this text, then type that).

        What is recorded are the different lines in sorted order, as streams mix at will.  A last
        element without a text to type ends the client there: supervisorctl's fg hangs at its end
        until its streams bring something more.
        """
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.daemon.dir)
            os.execve(self.client, [self.client, "-c", str(self.daemon.conf), *arguments],
                      self.daemon.environment | {"TERM": "dumb"})
        said, seen = b"", 0
        try:
            for expected, typed in talk:
                said = read_until(terminal, said, expected.encode(), seen)
                seen = said.index(expected.encode(), seen) + len(expected)
                if typed == INTERRUPT and self.client == implementation.SUPERVISORCTL:
                    wait_until(lambda: waits_for_input(pid), "the client waits for a line")
                os.write(terminal, typed.encode())
            if typed:
                said = read_until(terminal, said, None)
            else:
                os.kill(pid, signal.SIGKILL)
            _, status = os.waitpid(pid, 0)
            pid = 0
        finally:
            os.close(terminal)
            if pid:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
        lines = sorted(set(said.decode().replace("\r", "").splitlines()))
        ended = f"status {os.waitstatus_to_exitcode(status)}\n" if typed else ""
        self.add(" ".join(arguments) + " (at a terminal)", ended + "\n".join(lines))

    # XML-RPC

    def call(self, method, *arguments, sort=False, label=None):
        """One call, recorded with the types of its result, or its fault, or its HTTP status."""
        expanded = [self.daemon.expand(word) if isinstance(word, str) else word
                    for word in arguments]
        proxy = self.daemon.proxy()
        try:
            result = proxy.call(method, *expanded)
            if sort:
                result = sorted(result, key=lambda entry: (entry["group"], entry["name"]))
            shown = pprint.pformat(mask.value(self.daemon, result), width=100, sort_dicts=False)
        except xmlrpc.client.Fault as fault:
            shown = f"fault {fault.faultCode!r} {fault.faultString!r}"
        except xmlrpc.client.ProtocolError as error:
            shown = f"HTTP {error.errcode}"
        odd = set(re.findall(r"<(\w+)[ >]", strip_texts(proxy.transport.raw))) - ELEMENTS
        proxy("close")()
        if odd:
            shown += f"\nelements that clients do not know: {sorted(odd)}"
        words = [f"base64 {word.data!r}" if isinstance(word, xmlrpc.client.Binary) else repr(word)
                 for word in arguments]
        self.add(label or f"{method}({', '.join(words)})", shown)

    # Synchronisation and change, which leave no entry

    def until(self, name, *states):
        self.daemon.wait_state(name, *states)

    def edit(self, config):
        self.daemon.write_config(config)


class Background:
    """Records a script at Supervisor itself in a thread, while ours is recorded in the main one."""

    def __init__(self, script, config, options):
        self.entries = []
        self.error = None
        self.daemon = Daemon(implementation.supervisord(), config, **options)
        self.thread = threading.Thread(target=self._run, args=(script,))
        self.thread.start()

    def _run(self, script):
        try:
            record = Recorder(self.daemon.start())
            script(record)
            self.entries = record.entries
        except BaseException as error:  # pylint: disable=broad-except  (raised again by result())
            self.error = error
        finally:
            self.daemon.kill_everything()
            self.daemon.remove()

    def result(self):
        self.thread.join()
        if self.error:
            raise self.error
        return self.entries


class References:
    """The records of Supervisor, each made once in a run of the tests.

    Supervisor waits a second for most things, so the next records that will be wanted are begun
    ahead of their time.
    """

    AHEAD = 2

    def __init__(self, request, scripts):
        self.scripts = scripts
        self.made = {}
        wanted = [item.callspec.params["name"] for item in request.session.items
                  if item.module is request.module and hasattr(item, "callspec")
                  and "name" in item.callspec.params]
        self.wanted = list(dict.fromkeys(wanted))

    def begin(self, name):
        place = self.wanted.index(name)
        for wanted in self.wanted[place:place + 1 + self.AHEAD]:
            if wanted not in self.made:
                self.made[wanted] = Background(*self.scripts[wanted])
        return self.made[name]

    def check(self, start, name, tolerated=(), client=implementation.SUPERVISORCTL):
        """The script sees of the daemon under test what it sees of Supervisor, or what differs as
        we mean it to."""
        script, config, options = self.scripts[name]
        reference = self.begin(name)
        try:
            record = Recorder(start(config, **options), client)
            script(record)
        finally:
            expected = reference.result()
        problems = compare(expected, record.entries, tolerated)
        assert not problems, problems

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for background in self.made.values():
            background.thread.join()


def strip_texts(raw):
    """The document without its declaration and string contents, where a tag cannot be escaped."""
    return re.sub(r"<string>[^<]*</string>", "<string></string>",
                  raw.decode("utf-8", "replace").partition("?>")[2])


def read_until(terminal, said, expected, seen=0, timeout=20):
    """Reads on until the text is there, beyond what has been seen of what was said; with None to
    the end.  Returns all that was said."""
    deadline = time.monotonic() + timeout
    while expected is None or expected not in said[seen:]:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([terminal], [], [], left)[0]:
            raise NotInTime(f"no {expected!r} at the terminal; it said {said!r}")
        try:
            data = os.read(terminal, 65536)
        except OSError:  # how a terminal says that the other side has gone
            data = b""
        if not data:
            break
        said += data
    return said


def compare(reference, ours, differences):
    """The untolerated differences of two records, as one text; empty if there are none."""
    problems = []
    if [label for label, _ in reference] != [label for label, _ in ours]:
        problems.append("the records have different steps")
    for (label, expected), (_, got) in zip(reference, ours):
        if expected != got and not any(
                fnmatch.fnmatchcase(label, difference.label) and difference.accepts(expected, got)
                for difference in differences):
            shown = difflib.unified_diff(expected.splitlines(), got.splitlines(), "supervisord",
                                         "ours", lineterm="", n=3)
            problems.append(f"### {label}\n" + "\n".join(shown))
    return "\n\n".join(problems)
