"""A supervisor daemon under test: made from a configuration, asked, stopped, cleaned up after."""

import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
import xmlrpc.client

from . import implementation, procfs, rawhttp
from .rpc import Proxy
from .waiting import wait_until

MARK = "REEVE_TEST_MARK"
START_TIMEOUT = 30
STOP_TIMEOUT = 30


class StartFailed(Exception):
    """The daemon ended instead of answering."""

    def __init__(self, status, stderr):
        super().__init__(f"ended with {status}: {stderr}")
        self.status = status
        self.stderr = stderr


class Result:
    """What one run of a client said."""

    def __init__(self, status, out, err):
        self.status = status
        self.out = out
        self.err = err

    def __repr__(self):
        return f"status {self.status}\n{self.out}{self.err}"


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def clean_environment(directory, mark):
    """A small environment that is the same everywhere; sanitizers report into the directory."""
    return {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C.UTF-8",
        "HOME": "/root",
        "TZ": "UTC",
        "PYTHONDONTWRITEBYTECODE": "1",
        MARK: mark,
        "ASAN_OPTIONS": f"log_path={directory}/sanitizer.asan:detect_leaks=1:abort_on_error=0",
        "UBSAN_OPTIONS": f"log_path={directory}/sanitizer.ubsan:print_stacktrace=1",
        "LSAN_OPTIONS": f"log_path={directory}/sanitizer.lsan",
    }


class Daemon:
    """One daemon with a directory of its own, a unix socket, and a TCP port if asked for.

    In the configuration @DIR@, @PROGRAMS@ and @PYTHON@ stand for the directory, our helper
    programs and the interpreter.  'tcp' may be the port itself; 'prefix' are words in front of the
    command, for a daemon that is to run somewhere else; 'owner' is to own the directory, for one
    that drops its rights.  'supervisord' and 'extra' add lines to [supervisord] and sections of any
    kind; 'raw' gives the whole file instead.
    """

    def __init__(self, impl, config="", *, tcp=False, user=None, password=None, unix=True,
                 supervisord="", extra="", raw=None, arguments=("-n",), environment=None,
                 loglevel="info", cwd=None, host="127.0.0.1", prefix=(),
                 owner=None):
        self.impl = impl
        self.tcp = free_port() if tcp is True else tcp or None
        self.host, self.prefix = host, list(prefix)
        self.user, self.password, self.unix = user, password, unix
        self.supervisord_lines, self.extra, self.raw = supervisord, extra, raw
        self.arguments, self.loglevel = list(arguments), loglevel
        self.mark = uuid.uuid4().hex
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="reeve-test-"))
        self.dir.chmod(0o755)
        self.cwd = cwd or self.dir
        self.environment = clean_environment(self.dir, self.mark) | (environment or {})
        self.sock, self.log_path = str(self.dir / "s.sock"), self.dir / "daemon.log"
        self.conf, self.pidfile = self.dir / "supervisord.conf", self.dir / "daemon.pid"
        self.slack = impl.slack
        self.process = self.pid = self.status = None
        self.before, self.cgroups = set(), {}
        self.unchecked = False  # set by a test that ends the daemon in a way of its own
        self._rpc = None
        self.write_config(config)
        if owner:
            shutil.chown(self.dir, owner)

    # Configuration

    def expand(self, text):
        return (text.replace("@DIR@", str(self.dir)).replace("@PYTHON@", implementation.PYTHON)
                .replace("@PROGRAMS@", str(implementation.PROGRAMS)))

    def _server_lines(self):
        lines = f"username={self.user}\npassword={self.password}\n" if self.user else ""
        unix = f"[unix_http_server]\nfile={self.sock}\n{lines}\n" if self.unix else ""
        tcp = f"[inet_http_server]\nport={self.host}:{self.tcp}\n{lines}\n" if self.tcp else ""
        url = f"unix://{self.sock}" if self.unix else f"http://127.0.0.1:{self.tcp}"
        return f"{unix}{tcp}[supervisorctl]\nserverurl={url}\n{lines}\n"

    def write_config(self, config):
        """Writes the file, also anew while the daemon runs."""
        text = self.raw
        if text is None:
            text = (f"[supervisord]\nlogfile={self.log_path}\npidfile={self.pidfile}\n"
                    f"childlogdir={self.dir}\nloglevel={self.loglevel}\n{self.supervisord_lines}\n"
                    f"\n{self._server_lines()}[rpcinterface:supervisor]\n"
                    "supervisor.rpcinterface_factory = "
                    "supervisor.rpcinterface:make_main_rpcinterface\n\n"
                    f"{self.extra}\n{config}\n")
        new = self.conf.with_suffix(".new")  # whoever reads meanwhile reads one of both
        new.write_text(self.expand(text), encoding="utf-8")
        new.rename(self.conf)

    # Life

    def launch(self):
        """Starts the daemon without waiting for anything."""
        self.before = set(procfs.children(os.getpid()))
        with open(self.dir / "daemon.out", "ab") as out, open(self.dir / "daemon.err", "ab") as err:
            self.process = subprocess.Popen(
                [*self.prefix, self.impl.binary, *self.arguments, "-c", str(self.conf)], cwd=self.cwd,
                stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=self.environment,
                start_new_session=True)
        self.pid = self.process.pid
        return self

    def start(self):
        self.launch()
        self.wait_ready()
        return self

    def wait_ready(self):
        def answers():
            if self.has_ended():
                raise StartFailed(self.status, self.stderr())
            return self._probe()
        wait_until(answers, "the daemon answers", START_TIMEOUT)

    def _probe(self):
        """True when the server answers, even if only that it wants a password."""
        if not self.unix and not self.tcp:
            return "supervisord started with pid" in self.log()
        try:
            with rawhttp.connect(self.address, 5) as sock:
                sock.sendall(rawhttp.request("POST", "/RPC2",
                                             rawhttp.rpc_body("supervisor.getState")))
                response = rawhttp.Reader(sock).response(5)
                return response.status == 401 or b"RUNNING" in response.body
        except (OSError, EOFError, AssertionError):
            return False

    def has_ended(self):
        if self.status is None:
            self.status = self.process.poll()
        return self.status is not None

    def adopt(self, pid):
        """From now on this is the daemon: the one that was launched has put itself behind."""
        self.pid = pid
        self.process = AdoptedProcess(pid)
        self.status = None

    def kill(self, number):
        os.kill(self.pid, number)

    def wait_end(self, timeout=STOP_TIMEOUT):
        wait_until(self.has_ended, lambda: f"the daemon ends; log:\n{self.log()[-2000:]}", timeout)
        return self.status

    def stop(self, timeout=STOP_TIMEOUT):
        """Ends the daemon in order and checks that it did so."""
        if not self.has_ended():
            self.remember_cgroups()
            self.kill(signal.SIGTERM)
            self.wait_end(timeout)
            # Before its first words it knows of no signals yet.
            unborn = self.status == -signal.SIGTERM and not self.log()
            assert self.status == 0 or unborn, f"exit status {self.status}: {self.stderr()}"
        return self.status

    def remember_cgroups(self):
        """Notes the cgroups of the children, so that the final check can look for them.

        By inode, as another daemon of the same identifier may make the same path at any time.  It
        may also take over the top of the tree, so that is not looked for.
        """
        if self.impl.is_reeved:
            own = procfs.cgroup_paths(os.getpid()) | procfs.cgroup_paths(self.pid)
            for child in procfs.descendants(self.pid):
                for path in procfs.cgroup_paths(child) - own:
                    above = [str(parent) for parent in pathlib.Path(path).parents
                             if parent.name.endswith(".slice")]
                    for directory in (path, *above):
                        self.cgroups[directory] = inode(directory)

    # What is left

    def leftovers(self):
        """The processes that come from this daemon and are still there, the daemon included.

        They are known by their ancestry, by our mark in their environment, or by having become our
        own children without the mark of another daemon.
        """
        ours, mine = os.getpid(), procfs.read(os.getpid(), "cmdline")
        reap_orphans(self.before | {self.pid})
        found = set(procfs.descendants(self.pid))
        for pid in procfs.pids():
            environment = procfs.read(pid, "environ")
            if f"{MARK}={self.mark}".encode() in environment:
                found.add(pid)
            elif procfs.parent(pid) == ours and pid not in self.before and (
                    f"{MARK}=".encode() not in environment
                    and procfs.read(pid, "cmdline") != mine):
                found.add(pid)
        return sorted(pid for pid in found if procfs.is_alive(pid))

    def kill_everything(self):
        deadline = time.monotonic() + 10
        if self.process and not self.has_ended():
            procfs.kill(self.pid)
            self.process.wait()
        while self.pid and time.monotonic() < deadline:
            left = self.leftovers()
            if not left:
                return
            for pid in left:
                procfs.kill(pid)
            time.sleep(0.02)

    def check_nothing_left(self):
        """The daemon has ended: no process, socket, pid file, cgroup or sanitizer report remains.

        Supervisor does not promise the processes, so of it only the files are asked.
        """
        assert not os.path.exists(self.sock), "the socket is still there"
        assert not self.pidfile.exists(), "the pid file is still there"
        if self.impl.is_reeved:
            # The sanitizers look for leaks after the last file is closed, in a process of their own.
            wait_until(lambda: not self.leftovers(),
                       lambda: "processes are left: "
                       f"{ {pid: procfs.command_line(pid) for pid in self.leftovers()} }", 5)
            cgroups = sorted(path for path, number in self.cgroups.items()
                             if number and inode(path) == number and not is_handed_over(path))
            assert not cgroups, f"cgroups are left: {cgroups}"

    def sanitizer_reports(self):
        return "\n".join(path.read_text(errors="replace")
                         for path in sorted(self.dir.glob("sanitizer.*")))

    def remove(self):
        for state in self._states():
            shutil.rmtree(state, ignore_errors=True)
        shutil.rmtree(self.dir, ignore_errors=True)

    def _states(self):
        """What was kept for the next daemon, of one that was killed: by the hash of its paths."""
        number = 2166136261
        for byte in f"{self.dir}{self.conf}{self.pidfile}".encode():
            number = (number ^ byte) * 16777619 & 0xffffffff
        return pathlib.Path("/run/reeve").glob(f"*-{number:08x}")

    # Questions

    @property
    def address(self):
        return self.sock if self.unix else ("127.0.0.1", self.tcp)

    @property
    def rpc(self):
        """A kept-alive proxy over the unix socket, or over TCP when there is none."""
        if self._rpc is None:
            self._rpc = self.proxy()
        return self._rpc

    def proxy(self, tcp=False):
        port = self.tcp if tcp or not self.unix else None
        return Proxy(None if port else self.sock, port, self.user, self.password)

    @property
    def supervisor(self):
        return self.rpc.supervisor

    def info(self, name):
        return self.supervisor.getProcessInfo(name)

    def state(self, name):
        return self.info(name)["statename"]

    def wait_state(self, name, *states, timeout=15):
        return wait_until(lambda: self.state(name) in states and self.info(name),
                          lambda: f"{name} is {'/'.join(states)}, not {self.info(name)}", timeout)

    def pid_of(self, name):
        """The pid of the running program, which has got as far as being that program."""
        pid = self.wait_state(name, "RUNNING")["pid"]
        ours = procfs.command_line(self.pid)
        wait_until(lambda: procfs.command_line(pid) != ours, f"{name} executes its command")
        return pid

    def fault(self, method, *arguments):
        """The (code, text) that the call is refused with."""
        try:
            value = self.rpc.call(method, *arguments)
        except xmlrpc.client.Fault as fault:
            return fault.faultCode, fault.faultString
        raise AssertionError(f"{method}{arguments} gave {value!r}")

    def ctl(self, *arguments, client=implementation.SUPERVISORCTL, stdin=""):
        done = subprocess.run([client, "-c", str(self.conf), *arguments], input=stdin, cwd=self.dir,
                              capture_output=True, text=True, timeout=90, check=False,
                              env=clean_environment(self.dir, self.mark))
        return Result(done.returncode, done.stdout, done.stderr)

    def children(self):
        return procfs.children(self.pid)

    # Texts

    def read(self, name):
        path = self.dir / name
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def lines(self, name):
        return self.read(name).splitlines()

    def log(self):
        return self.read("daemon.log")

    def messages(self):
        """The log as (level, message) pairs; continuation lines are left out."""
        pattern = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ([A-Z]{4}) (.*)")
        matches = (pattern.fullmatch(line) for line in self.lines("daemon.log"))
        return [match.groups() for match in matches if match]

    def wait_log(self, text, count=1, timeout=15):
        wait_until(lambda: self.log().count(text) >= count,
                   lambda: f"the log says {text!r}; it is:\n{self.log()[-3000:]}", timeout)

    def wait_text(self, name, text, timeout=15):
        return wait_until(lambda: text in self.read(name) and self.read(name),
                          lambda: f"{name} has {text!r}; it is: {self.read(name)[-500:]!r}",
                          timeout)

    def stderr(self):
        return self.read("daemon.err")


def is_handed_over(path):
    """A daemon that became a plain user cannot leave, and so not remove, the subtree it was given."""
    try:
        return os.stat(path).st_uid != 0
    except FileNotFoundError:
        return False


def inode(path):
    try:
        return os.stat(path).st_ino
    except OSError:
        return None


class AdoptedProcess:
    """Popen's poll() and wait() for a daemon that became our child by losing its parent."""

    def __init__(self, pid):
        self.pid = pid

    def poll(self):
        try:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
        except ChildProcessError:
            return 0
        return os.waitstatus_to_exitcode(status) if pid else None

    def wait(self):
        wait_until(lambda: self.poll() is not None, f"{self.pid} is reaped")


def reap_orphans(but_not):
    """Collects zombies that were handed to us, except those that somebody here waits for.

    What we have started ourselves is no orphan: it has been in our session from its start, or it
    is a daemon, which leads its own.
    """
    for pid in procfs.children(os.getpid()):
        fields = procfs.stat(pid)
        if pid not in but_not and fields and fields[0] == b"Z" and (
                int(fields[3]) not in (os.getsid(0), pid)):
            try:
                os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                pass


def nobody():
    return pwd.getpwnam("nobody")
