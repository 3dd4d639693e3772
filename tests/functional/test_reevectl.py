"""reevectl beside supervisorctl: the same words in, the same text and exit status out.

Two supervisord of the same configuration run side by side, one for each client, so that commands
which change something can be compared as well.  Answers that a real one does not give on request
come from a small server that answers by script and notes what it is asked.
"""
import concurrent.futures
import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import xmlrpc.client
import xmlrpc.server

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
REEVECTL = os.environ.get("REEVECTL", str(TOP / "build" / "reevectl"))
SUPERVISORCTL = shutil.which("supervisorctl")
SUPERVISORD = shutil.which("supervisord")
ENVIRONMENT = {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC", "TERM": "xterm"}
# The sanitizers' exit status must not be taken for one of ours.
ENVIRONMENT.setdefault("ASAN_OPTIONS", "exitcode=99")
ENVIRONMENT.setdefault("UBSAN_OPTIONS", "exitcode=99")
SECONDS_MAX = 60

pytestmark = pytest.mark.skipif(
    not (SUPERVISORCTL and SUPERVISORD and os.access(REEVECTL, os.X_OK)),
    reason="needs supervisorctl, supervisord and a built reevectl")

CONFIGURATION = """
[unix_http_server]
file = {dir}/s
[inet_http_server]
port = 127.0.0.1:{port}
username = user
password = 123
[supervisord]
logfile = {dir}/main.log
pidfile = {dir}/pid
childlogdir = {dir}
nodaemon = true
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl = unix://{dir}/s
[include]
files = {dir}/more/*.conf

[program:cat]
command = /bin/cat
startsecs = 0
stdout_logfile = {dir}/cat.out
stderr_logfile = {dir}/cat.err
[program:stopped]
command = /bin/sleep 1000
startsecs = 0
autostart = false
[program:slow]
command = /bin/sleep 1000
startsecs = 1
autostart = false
[program:nofile]
command = /nonexistent/program
autostart = false
[program:noexec]
command = {dir}/noexec
autostart = false
[program:quick]
command = /bin/false
startsecs = 1
startretries = 0
autorestart = false
autostart = false
[program:done]
command = /bin/true
startsecs = 0
autorestart = false
[program:nolog]
command = /bin/sleep 1000
startsecs = 0
stdout_logfile = NONE
stderr_logfile = NONE
[program:multi]
process_name = multi_%(process_num)02d
numprocs = 2
command = /bin/sleep 1000
startsecs = 0
[program:off]
command = /bin/sleep 1000
startsecs = 0
autostart = false
[group:g]
programs = multi
[group:downs]
programs = off
[eventlistener:lis]
command = /bin/sh -c 'echo READY; exec sleep 1000'
events = PROCESS_STATE
startsecs = 0
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Daemon:
    """A supervisord in a directory of its own, which is what tells it from the other."""

    def __init__(self, directory):
        self.dir = directory
        self.port = free_port()
        (directory / "more").mkdir()
        (directory / "noexec").write_text("")
        self.conf = directory / "c.conf"
        self.conf.write_text(CONFIGURATION.format(dir=directory, port=self.port))
        self.process = None

    def start(self):
        self.process = subprocess.Popen([SUPERVISORD, "-c", str(self.conf)], cwd=self.dir,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                        env=ENVIRONMENT)

    def wait_until_up(self):
        self.wait_for(lambda: self.rpc().supervisor.getState()["statecode"] == 1)
        # What starts on its own has started.
        self.wait_for(lambda: self.state("done") == "EXITED" and self.state("cat") == "RUNNING"
                      and self.state("nolog") == "RUNNING" and self.state("lis") == "RUNNING"
                      and self.state("g:multi_01") == "RUNNING")

    def rpc(self):
        return xmlrpc.client.ServerProxy(f"http://user:123@127.0.0.1:{self.port}/RPC2")

    def state(self, name):
        return self.rpc().supervisor.getProcessInfo(name)["statename"]

    def wait_for(self, is_so, seconds=15):
        end = time.monotonic() + seconds
        while True:
            try:
                if is_so():
                    return
            except OSError:
                pass
            except xmlrpc.client.Error:
                pass
            assert time.monotonic() < end, "the daemon did not come to the expected state"
            time.sleep(0.05)

    def begin_to_stop(self):
        if not self.process or self.process.poll() is not None:
            return
        try:  # all at once: on its own it stops group after group
            self.rpc().supervisor.stopAllProcesses(False)
        except (OSError, xmlrpc.client.Error):
            pass
        self.process.send_signal(signal.SIGTERM)

    def stop(self):
        self.begin_to_stop()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Pair:
    """supervisorctl with its daemon, and reevectl with one just like it."""

    def __init__(self, root):
        for name in "ab":
            (root / name).mkdir()
        self.daemons = [Daemon(root / "a"), Daemon(root / "b")]
        for daemon in self.daemons:
            daemon.start()
        for daemon in self.daemons:
            daemon.wait_until_up()

    def stop(self):
        for daemon in self.daemons:
            daemon.begin_to_stop()
        for daemon in self.daemons:
            daemon.stop()

    def each(self, act):
        for daemon in self.daemons:
            act(daemon)

    def run(self, words, stdin="", tcp=False, before=()):
        """Runs the words through both; returns [(status, stdout, stderr)] masked."""
        commands = []
        for program, daemon in zip((SUPERVISORCTL, REEVECTL), self.daemons):
            options = ["-s", f"http://127.0.0.1:{daemon.port}"] if tcp else ["-c", str(daemon.conf)]
            filled = [w.format(dir=daemon.dir, port=daemon.port) for w in (*before, *words)]
            commands.append(([program, *options, *filled], daemon.dir))
        return run_both(commands, stdin, self.daemons)

    def same(self, line, **more):
        words = line.split() if isinstance(line, str) else line
        theirs, ours = self.run(words, **more)
        assert ours == theirs, line
        return ours


class Reference:
    """supervisorctl without its long start: loaded once, forked for each command line."""

    PROGRAM = """
import json, os, sys
import supervisor.supervisorctl
for request in sys.stdin:
    r = json.loads(request)
    pid = os.fork()
    if pid == 0:
        os.chdir(r["cwd"])
        os.environ.update(r["environment"])
        for fd, name, flags in ((0, "in", os.O_RDONLY), (1, "out", os.O_WRONLY | os.O_CREAT),
                                (2, "err", os.O_WRONLY | os.O_CREAT)):
            os.dup2(os.open(r[name], flags), fd)
        sys.stdin = open(0, encoding="utf-8", closefd=False)
        sys.argv = r["argv"]
        status = 0
        try:
            supervisor.supervisorctl.main()
        except SystemExit as e:
            status = e.code or 0
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""

    def __init__(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="reevectl-test."))
        self.lock = threading.Lock()
        self.process = subprocess.Popen(["/usr/bin/python3", "-c", self.PROGRAM], text=True,
                                        env=ENVIRONMENT, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)

    def run(self, argv, cwd, stdin):
        with self.lock:
            names = {name: str(self.dir / name) for name in ("in", "out", "err")}
            (self.dir / "in").write_text(stdin, encoding="utf-8")
            for name in ("out", "err"):
                (self.dir / name).write_text("")
            self.process.stdin.write(json.dumps({"argv": argv, "cwd": str(cwd), **names,
                                                 "environment": ENVIRONMENT}) + "\n")
            self.process.stdin.flush()
            status = int(self.process.stdout.readline())
            return (status, *((self.dir / name).read_text(encoding="utf-8")
                              for name in ("out", "err")))

    def stop(self):
        self.process.stdin.close()
        self.process.wait(5)
        shutil.rmtree(self.dir)


@pytest.fixture(scope="module", autouse=True)
def the_reference():
    Reference.only = Reference()
    yield
    Reference.only.stop()


def run_both(commands, stdin, daemons=()):
    """supervisorctl's command line, then reevectl's; [(status, stdout, stderr)], masked."""
    (their_words, their_cwd), (our_words, our_cwd) = commands
    ours = subprocess.Popen(our_words, cwd=our_cwd, text=True, env=ENVIRONMENT,
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    theirs = Reference.only.run(their_words, their_cwd, stdin)
    try:
        out, err = ours.communicate(stdin, timeout=SECONDS_MAX)
    finally:
        ours.kill()
    return [(status, mask_help(mask(out, daemons)), mask(err, daemons))
            for status, out, err in (theirs, (ours.returncode, out, err))]


def run_all(jobs):
    """Runs functions side by side, since most of their time is a start of Python; in order."""
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        return [future.result() for future in [pool.submit(job) for job in jobs]]


def mask(text, daemons=()):
    for daemon in daemons:
        text = text.replace(str(daemon.dir), "DIR").replace(str(daemon.port), "PORT")
    text = text.replace(SUPERVISORCTL, "CTL").replace(REEVECTL, "CTL")
    text = re.sub(r"pid \d+, uptime [\d:]+", "pid N, uptime T", text)
    text = re.sub(r"\b[A-Z][a-z]{2} \d\d \d\d:\d\d [AP]M", "DATE", text)
    text = re.sub(r": file: \S+ line: \d+$", ": file: F line: L", text, flags=re.M)
    text = re.sub(r"^((?:supervisor> )*)[1-9]\d*$", r"\1PID", text, flags=re.M)
    text = re.sub(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} .*$", "LOG", text, flags=re.M)
    # The first line of a log's end is cut somewhere.
    return re.sub(r"(\A.*\n)?(LOG\n)+", "LOG\n", text)


def mask_help(text):
    """The words of a help are our own, what is in front of the tabs is not."""
    text = re.sub(r"(\t+)[^\t\n]+$", r"\1WORDS", text, flags=re.M)
    return re.sub(r"^Note: .*$", "NOTE", text, flags=re.M)


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """For what changes nothing."""
    both = Pair(tmp_path_factory.mktemp("p"))
    yield both
    both.stop()


@pytest.fixture
def fresh_pair(tmp_path):
    both = Pair(tmp_path)
    yield both
    both.stop()


READING = """
status
status all
status cat
status cat cat
status nosuch
status nosuch stopped
status nosuch cat
status g:*
status g:
status g:multi_00
status nogroup:*
status g:nosuch
status cat:cat
status all nosuch
status :
status ::
status a; pid
pid
pid all
pid all cat
pid cat
pid stopped
pid nosuch
pid nosuch stopped
pid stopped nosuch cat
pid g:*
pid g:multi_00
avail
version
reread
signal HUP
signal
signal 0 cat
signal foo cat
signal foo cat nosuch
signal 0 stopped
signal 0 stopped nosuch
signal 0 nosuch stopped
signal 0 nosuch:*
signal 0 downs:*
signal foo downs:*
start cat
start cat nosuch
start nosuch cat
start nosuch
start nosuch:*
start g:nosuch
start g:
start g:*
start cat:
start :
start ::
start a:b:c
start nofile
start noexec
start nofile noexec
stop stopped
stop nosuch
stop nosuch:*
stop :cat
stop downs:*
restart nosuch
restart nosuch:*
clear nosuch
clear stopped
clear g:*
clear g:
tail nosuch
tail nolog
tail nolog stderr
tail cat
tail cat stderr
tail cat STDERR
tail cat foo
tail cat foo'bar
tail cat middle stdout
tail cat foo bar
tail cat -f
tail -f cat foo
tail -f
tail -5
tail -5 -5
tail -5 cat
tail --5 cat
tail -+5 cat
tail -1_0 cat
tail -1__0 cat
tail -_1 cat
tail -0 cat
tail - cat
tail -x cat
tail -x cat foo
tail -1x cat
tail -99999999999 cat
tail -99999999999999999999999999 cat
tail -2147483648 cat
tail -2147483649 cat
tail --2147483647 cat
tail --2147483648 cat
tail-5 cat
tail g:*
tail -f nosuch
tail -f g:*
tail -f nolog
tail -f nosuch stderr
maintail
maintail -100
maintail -0
maintail 100
maintail -x
maintail x
maintail -
maintail -9999999999999999999
fg stopped
fg nosuch
fg a b
fg g:*
add
add cat
add nosuch
add nosuch cat
add cat nosuch
add g:*
remove
remove nosuch
remove cat
remove cat nosuch
update
update all
update cat
update nosuch
update nosuch cat
update g nosuch
open
open nonsense
open ftp://x
open http:
open unix:/tmp/x
open HTTP://localhost:1
open http://127.0.0.1:1
open unix:///nonexistent/socket
open unix://{dir}/s
open http://a b
foo
foo bar
!x
HELP
EOF
exit
exit 5
quit
help EOF
help nosuch
help start stop
help all
help ?
? nosuch
status\tcat
""".strip("\n").split("\n")


UNUSUAL = [[""], [" "], ["status cat"], ["  status", " cat "], ["é x"], ["help é"], ["status é:*"],
           ["start\ncat"], ["tail", ""], ["status\u00a0cat"], ["status", "--", "cat"], ["--", "pid"]]

HELPED = """
help
?
help help
help add
help avail
help clear
help exit
help fg
help maintail
help open
help pid
help quit
help reload
help remove
help reread
help restart
help shutdown
help signal
help start
help status
help stop
help tail
help update
help version
? start
start
stop
restart
clear
signal
fg
tail
tail a b c d
maintail -f x
maintail x y
version x
avail x
reread x
shutdown x
reload x
""".strip().split("\n")




@pytest.fixture(scope="module")
def answers(pair):
    """What both say to every line that changes nothing."""
    lines = [*READING, *HELPED, *UNUSUAL]
    results = run_all([lambda line=line: pair.run(line.split() if isinstance(line, str) else line)
                       for line in lines])
    return {str(line): result for line, result in zip(lines, results)}


@pytest.mark.parametrize("line", READING)
def test_a_command_that_changes_nothing_is_answered_alike(answers, line):
    theirs, ours = answers[line]
    if line.startswith("maintail") and ours[0] == 0:  # the logs of two daemons differ
        theirs, ours = ((r[0], bool(r[1]), r[2]) for r in (theirs, ours))
    assert ours == theirs


@pytest.mark.parametrize("words", UNUSUAL)
def test_unusual_words_are_taken_alike(answers, words):
    theirs, ours = answers[str(words)]
    assert ours == theirs


def without_our_blocks(result):
    """The list of commands has two blocks more: Supvisors' client has the first of them, as the
    commands of a plugin, and Debian's supervisorctl has no plugins here."""
    status, out, err = result
    return status, re.split(r"^\nsupvisors commands ", out, flags=re.M)[0], err


@pytest.mark.parametrize("line", HELPED)
def test_help_has_the_same_syntax(answers, line):
    theirs, ours = answers[line]
    assert without_our_blocks(ours) == theirs


NO_SERVER = """
status
status x
start x
start
stop x
restart x
restart
signal HUP x
signal
clear x
fg x
fg
tail x
tail -f x
tail
tail a b c d
maintail
maintail -f
maintail x
pid
pid x
version
avail
reread
update
add x
remove x
shutdown
reload
open http://127.0.0.1:2
add
help nosuch
""".strip().split("\n")


NOWHERE = ["http://127.0.0.1:1", "unix:///nonexistent/socket"]
URLS = ["unix:///etc/passwd", "unix:///etc/passwd/x", "unix:///etc/", "unix:///" + 120 * "a",
        "unix://relative", "unix:///tmp/../nonexistent", "http://127.0.0.1:xx",
        "http://127.0.0.1:99999", "http://127.0.0.1:1/path?query", "http://user:word@127.0.0.1:1",
        "http://localhost:1", "ftp://127.0.0.1:1", "HTTP://127.0.0.1:1", "UNIX:///nonexistent",
        "x:y", "foo", "http:", "http://", "unix:", "unix://", "", "://x", "1:x"]


@pytest.fixture(scope="module")
def vain_answers(tmp_path_factory):
    """What both say when there is nobody to talk to."""
    cwd = tmp_path_factory.mktemp("v")
    lines = [["-s", url, *line.split()] for url in NOWHERE for line in NO_SERVER]
    lines += [["-s", url, line] for url in URLS for line in ("pid", "status", "reread")]
    results = run_all([lambda line=line: run_both([([SUPERVISORCTL, *line], cwd),
                                                   ([REEVECTL, *line], cwd)], "")
                       for line in lines])
    return {" ".join(line): result for line, result in zip(lines, results)}


@pytest.mark.parametrize("line", NO_SERVER)
@pytest.mark.parametrize("url", NOWHERE)
def test_without_a_server_the_same_is_said(vain_answers, url, line):
    theirs, ours = vain_answers[" ".join(["-s", url, *line.split()])]
    assert ours == theirs


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("line", ["pid", "status", "reread"])
def test_a_server_url_is_judged_alike(vain_answers, url, line):
    theirs, ours = vain_answers[f"-s {url} {line}"]
    assert ours == theirs


@pytest.mark.parametrize("words", [
    ["-z"], ["--foo"], ["-c"], ["--server"], ["--serverurl"], ["--s=x", "pid"], ["--help=x"],
    ["--h"], ["-c", "/nonexistent", "pid"], ["-c", "{conf}", "-c", "{conf}", "pid"],
    ["-u", "a", "-u", "b", "pid"], ["-i", "-i", "pid"], ["-r", "x", "-r", "y", "pid"],
    ["-c", "{conf}", "-r", "x", "pid"], ["-ic", "{conf}", "pid"], ["--configuration={conf}", "pid"],
    ["--conf", "{conf}", "pid"], ["-c", "{dir}", "pid"], ["-s", "foo", "-z"], ["-s", "foo", "pid"],
    ["--serverurl=foo", "pid"], ["-uX", "-c{conf}", "pid"], ["-c", "{conf}", "pid", "-z"]])
def test_options_are_parsed_alike(pair, words):
    commands = []
    for program, daemon in zip((SUPERVISORCTL, REEVECTL), pair.daemons):
        filled = [w.format(dir=daemon.dir, conf=daemon.conf) for w in words]
        commands.append(([program, *filled], daemon.dir))
    theirs, ours = run_both(commands, "", pair.daemons)
    assert ours == theirs


SECTIONS = {
    "missing": "[supervisord]\n",
    "no scheme": "[supervisorctl]\nserverurl = foo\n",
    "empty url": "[supervisorctl]\nserverurl =\n",
    "here": "[supervisorctl]\nserverurl = unix://%(here)s/nosocket\n",
    "dots": "[supervisorctl]\nserverurl = unix://%(here)s/../x//./nosocket\n",
    "relative": "[supervisorctl]\nserverurl = unix://nosocket\n",
    "unknown name": "[supervisorctl]\nserverurl = unix://%(nosuch)s/x\n",
    "bad format": "[supervisorctl]\nserverurl = unix://%(here/x\n",
    "prompt has no here": "[supervisorctl]\nprompt = %(here)s\n",
    "environment": "[supervisorctl]\nserverurl = http://127.0.0.1:%(ENV_REEVE_PORT)s\n",
    "include is ignored": "[supervisorctl]\nserverurl = http://127.0.0.1:1\n[include]\nfiles = *\n",
    "plugins are ignored": "[supervisorctl]\nserverurl = http://127.0.0.1:1\n",
}


@pytest.mark.parametrize("name", SECTIONS)
def test_the_section_is_read_alike(name, tmp_path, monkeypatch):
    (tmp_path / "c.conf").write_text(SECTIONS[name])
    monkeypatch.setitem(ENVIRONMENT, "REEVE_PORT", "1")
    commands = [([p, "-c", "c.conf", "status"], tmp_path) for p in (SUPERVISORCTL, REEVECTL)]
    theirs, ours = run_both(commands, "")
    assert ours == theirs


def test_a_file_that_cannot_be_parsed_is_a_usage_error(tmp_path):
    (tmp_path / "c.conf").write_text("foo\n")
    done = subprocess.run([REEVECTL, "-c", "c.conf", "pid"], cwd=tmp_path, capture_output=True,
                          text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == ("Error: File contains no section headers.\nfile: 'c.conf', line: 1\n"
                           f"'foo\\n'\nFor help, use {REEVECTL} -h\n")


def test_the_configuration_is_found_where_it_was(tmp_path):
    for place in ("supervisord.conf", "etc/supervisord.conf"):
        (tmp_path / "etc").mkdir(exist_ok=True)
        (tmp_path / place).write_text(f"[supervisorctl]\nserverurl = unix:///nosuch/{place}\n")
        commands = [([p, "status"], tmp_path) for p in (SUPERVISORCTL, REEVECTL)]
        theirs, ours = run_both(commands, "")
        assert ours == theirs
        assert place in ours[1]
        (tmp_path / place).unlink()


def test_help_option_names_every_option_and_ends_well():
    done = subprocess.run([REEVECTL, "-h"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    for option in ("-c/", "-h/", "-i/", "-s/", "-u/", "-p/", "-r/", "--json"):
        assert option in done.stdout


@pytest.mark.parametrize("option", ["-h", "-?", "--help"])
def test_help_has_the_form_that_scripts_know(tmp_path, option):
    said = []
    for binary in (SUPERVISORCTL, REEVECTL):
        program = tmp_path / pathlib.Path(binary).name / "supervisorctl"
        program.parent.mkdir()
        program.symlink_to(binary)
        done = subprocess.run([program, option], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("supervisorctl -- control applications ")
        said.append(re.findall(r"^(-\w/--[\w-]+(?: [A-Z]+)?) -- ", done.stdout.replace("history-file", "history_file FILENAME"), re.M))
    assert said[1] == said[0]
    assert "\n-i/--interactive -- start an interactive shell" in done.stdout


# Lines that act, in order; what follows sees what came before.
SEQUENCES = {
    "start and stop": ["start stopped", "status stopped", "start stopped", "stop stopped",
                       "stop stopped", "status stopped", "restart stopped", "restart stopped",
                       "stop stopped nosuch", "start slow", "restart slow", "stop slow"],
    "failures to start": ["start quick", "start quick nosuch", "start quick cat",
                          "start nofile quick noexec nosuch", "status nofile"],
    "groups": ["stop g:*", "status g:*", "start g:*", "start g:*", "restart g:*", "stop g:multi_00",
               "start g:*", "restart g:multi_01", "start downs:", "stop downs:off", "stop g: nosuch:*"],
    "signals": ["signal 0 g:*", "signal HUP cat", "signal SIGUSR1 nosuch cat", "signal 0 lis",
                "signal foo g:*"],
    "logs": ["clear cat", "clear cat nosuch", "clear nosuch cat", "tail cat", "clear g:multi_00"],
    "groups in and out": ["remove downs", "remove downs", "status downs:*", "add downs", "add downs",
                          "stop g:*", "remove g", "avail", "status", "update g", "update downs g",
                          "reread", "update"],
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_commands_that_change_something_are_answered_alike(fresh_pair, name):
    for line in SEQUENCES[name]:
        theirs, ours = fresh_pair.run(line.split())
        # The order of a group's processes is the server's, by completion.
        assert in_any_order(ours) == in_any_order(theirs), line


def in_any_order(result):
    return result[0], sorted(result[1].split("\n")), result[2]


def test_all_forms_are_answered_alike(fresh_pair):
    # What ends as soon as it is started is seen in one state or another.
    fresh_pair.each(lambda d: (d.rpc().supervisor.removeProcessGroup("done"),
                               d.rpc().supervisor.removeProcessGroup("quick")))
    for line in ("start all", "stop all", "start all nosuch", "signal 0 all", "restart all",
                 "clear all", "stop all"):
        theirs, ours = fresh_pair.run(line.split())
        assert in_any_order(ours)[1:] == in_any_order(theirs)[1:], line
        assert bool(ours[0]) == bool(theirs[0]), line


def test_a_new_configuration_is_taken_up_alike(fresh_pair):
    def write(name, text):
        fresh_pair.each(lambda d: (d.dir / "more" / name).write_text(text))

    write("n.conf", "[program:new]\ncommand = /bin/sleep 1000\nstartsecs = 0\n"
                    "[program:a_new]\ncommand = /bin/sleep 1000\nstartsecs = 0\n")
    for line in ("reread", "avail", "update nosuch", "update new", "update nosuch a_new", "update"):
        fresh_pair.same(line)
    fresh_pair.each(lambda d: d.wait_for(lambda: d.state("new") == "RUNNING"))
    write("n.conf", "[program:new]\ncommand = /bin/sleep 1001\nstartsecs = 0\n"
                    "[program:b_new]\ncommand = /bin/sleep 1000\nstartsecs = 0\nautostart = false\n")
    for line in ("reread", "status new", "update", "status a_new new b_new", "reread"):
        fresh_pair.same(line)
    write("n.conf", "[program:x]\ncommand = /bin/cat\nautostart = perhaps\n")
    theirs, ours = fresh_pair.run(["reread"])
    assert ours == theirs
    assert ours[0] == 1 and ours[1].startswith("ERROR: CANT_REREAD: ")
    theirs, ours = fresh_pair.run(["update"])
    assert ours == theirs
    assert ours[0] == 1 and ours[1].startswith("error: <class 'xmlrpc.client.Fault'>, <Fault 92:")


@pytest.mark.parametrize("line", ["pid cat", "status cat", "avail", "version", "tail cat",
                                  "tail -f nosuch", "maintail -x", "shutdown", "reload", "start",
                                  "restart cat", "open http://127.0.0.1:{port}", "reread"])
def test_a_password_is_asked_for_alike(pair, line):
    words = line.split()
    wrong = pair.run(words, tcp=True)
    assert wrong[0] == wrong[1]
    assert wrong[1][:2] != (0, "") and "Server requires authentication" in wrong[1][1]
    if words[0] in ("shutdown", "reload", "start"):
        return
    for before in (["-u", "user", "-p", "124"], ["-u", "user"], ["-p", "123"]):
        theirs, ours = pair.run([*before, *words], tcp=True)
        assert ours == theirs
    theirs, ours = pair.run(["-u", "user", "-p", "123", *words], tcp=True)
    assert ours[:2] == theirs[:2]
    assert "requires authentication" not in ours[1]
    # The words on standard error name the address, which is the same but for the port.
    assert ours[2] == theirs[2]


@pytest.mark.parametrize("answer", ["", "n\n", "N\n", "\n", "no\n"])
@pytest.mark.parametrize("command", ["shutdown", "reload"])
def test_a_confirmation_that_is_not_given_changes_nothing(pair, command, answer):
    theirs, ours = pair.run([command], stdin=answer, before=["-i"])
    assert ours == theirs
    pair.each(lambda d: d.wait_for(lambda: d.state("cat") == "RUNNING"))


def test_shutdown_and_after(fresh_pair):
    fresh_pair.each(lambda d: (d.dir / "more" / "n.conf").write_text(
        "[program:stubborn]\ncommand = /bin/sh -c 'trap \"\" TERM; while :; do sleep 1; done'\n"
        "startsecs = 0\nstopwaitsecs = 5\n"))
    fresh_pair.same("update")
    fresh_pair.each(lambda d: time.sleep(0.5))
    fresh_pair.same(["shutdown"], before=["-i"], stdin="y\n")
    for line in ("shutdown", "reload", "avail", "reread", "update", "add x", "remove cat",
                 "status", "start cat", "pid", "version"):
        fresh_pair.same(line)
    fresh_pair.each(lambda d: d.process.wait(20))
    for line in ("shutdown", "status", "start cat", "reload"):
        fresh_pair.same(line)


def test_a_reload_leads_to_the_same_daemon_again(fresh_pair):
    fresh_pair.same("reload")
    fresh_pair.each(lambda d: time.sleep(1))
    fresh_pair.each(lambda d: d.wait_for(lambda: d.state("g:multi_01") == "RUNNING"))
    fresh_pair.same("pid cat")


def test_the_name_column_grows_with_the_longest_name(fresh_pair):
    name = "n" * 40
    fresh_pair.each(lambda d: (d.dir / "more" / "n.conf").write_text(
        f"[program:{name}]\ncommand = /bin/cat\nautostart = false\n"
        f"[program:größe]\ncommand = /bin/cat\nautostart = false\n", encoding="utf-8"))
    for line in ("update", "avail", "status", f"status {name}", "status cat", "status größe cat",
                 "start größe", "stop größe"):
        fresh_pair.same(line)


def test_tail_shows_the_bytes_of_a_log(fresh_pair):
    fresh_pair.each(lambda d: (d.dir / "cat.out").write_text(
        "".join(f"line {i} ü\n" for i in range(400)), encoding="utf-8"))
    fresh_pair.each(lambda d: (d.dir / "cat.err").write_text("trouble\n<&>'\"\n"))
    for line in ("tail cat", "tail -10 cat", "tail cat stderr", "tail -0 cat", "tail --100 cat",
                 "tail -3 cat stderr", "maintail -1", "tail -9 cat"):
        fresh_pair.same(line)
    (fresh_pair.daemons[1].dir / "cat.out").unlink()
    (fresh_pair.daemons[0].dir / "cat.out").unlink()
    fresh_pair.same("tail cat")
    fresh_pair.same("tail -f cat")


SHELL_LINES = ["", "   ", "hello", "status cat", "!x", "? nosuch", "pid cat", "pid nosuch", "help nosuch",
               "start cat", "tail -x", "EOF no", "shutdown\nn", "status"]


@pytest.mark.parametrize("line", [*SHELL_LINES, "\n".join(SHELL_LINES), "quit\nstatus",
                                  "exit\nstatus", "EOF\nstatus", "open http://127.0.0.1:1\npid",
                                  "no newline at the end"])
def test_the_shell_reads_lines_from_a_pipe_alike(pair, line):
    theirs, ours = pair.run([], stdin=line + ("" if "no newline" in line else "\n"))
    assert ours == theirs
    assert ours[0] == 0


def test_the_shell_starts_without_a_server(tmp_path):
    commands = [([p, "-s", "unix:///nonexistent/s"], tmp_path) for p in (SUPERVISORCTL, REEVECTL)]
    theirs, ours = run_both(commands, "pid\n")
    assert ours == theirs
    assert ours[0] == 0


def test_the_prompt_is_the_configured_one(tmp_path):
    (tmp_path / "c.conf").write_text("[supervisorctl]\nserverurl=http://127.0.0.1:1\nprompt=hey you\n")
    commands = [([p, "-c", "c.conf"], tmp_path) for p in (SUPERVISORCTL, REEVECTL)]
    theirs, ours = run_both(commands, "quit\n")
    assert ours == theirs
    assert "hey you> " in ours[1]


def test_json_is_what_the_server_said(pair):
    daemon = pair.daemons[1]
    expected = daemon.rpc().supervisor.getAllProcessInfo()

    def without_time(processes):
        return [{k: v for k, v in p.items() if k not in ("now", "description")} for p in processes]

    for words in (["--json", "status"], ["status", "--json"], ["--json", "status", "all"]):
        done = subprocess.run([REEVECTL, "-c", str(daemon.conf), *words], capture_output=True,
                              text=True, check=False)
        assert (done.returncode, done.stderr) == (3, "")
        assert without_time(json.loads(done.stdout)) == without_time(expected)
        assert all("description" in p and "now" in p for p in json.loads(done.stdout))
    done = subprocess.run([REEVECTL, "-c", str(daemon.conf), "--json", "status", "cat", "nosuch"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert [p["name"] for p in json.loads(done.stdout)] == ["cat"]
    assert done.stderr == "nosuch: ERROR (no such process)\n"


def test_json_is_not_for_what_shows_nothing():
    done = subprocess.run([REEVECTL, "--json", "start", "x"], capture_output=True, text=True,
                          check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: option --json is not for this action")


def test_json_without_a_server_leaves_standard_output_empty():
    done = subprocess.run([REEVECTL, "--json", "-s", "http://127.0.0.1:1", "status"],
                          capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == "http://127.0.0.1:1 refused connection\n"


def test_https_is_ours_alone(tmp_path):
    done = subprocess.run([REEVECTL, "-s", "https://127.0.0.1:1", "status"], capture_output=True,
                          text=True, check=False, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (4, "https://127.0.0.1:1 refused connection\n")


class Script(xmlrpc.server.SimpleXMLRPCDispatcher):
    """A server that answers by a script, and remembers what it was asked."""

    class Handler(xmlrpc.server.SimpleXMLRPCRequestHandler):
        rpc_paths = ("/RPC2",)
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def log_message(self, *args):
            pass

        def do_POST(self):
            if self.server.raw is not None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.wfile.write(self.server.raw)
                self.close_connection = True
                return
            super().do_POST()

        def do_GET(self):
            self.server.asked.append(self.path)
            body = self.server.log
            if body is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for piece in body:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                self.wfile.flush()
            self.server.let_go.wait(SECONDS_MAX)

    class Server(xmlrpc.server.SimpleXMLRPCServer):
        allow_reuse_address = True
        raw = None
        log = None

    def __init__(self):
        self.server = self.Server(("127.0.0.1", 0), self.Handler, allow_none=True)
        self.server.asked = []
        self.server.let_go = threading.Event()
        self.server.register_instance(self)
        self.server.socket.listen(16)
        self.script = {}
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def _dispatch(self, method, params):
        self.server.asked.append((method, params))
        answer = self.script.get(method, "3.0" if method == "supervisor.getVersion" else None)
        if callable(answer):
            answer = answer(*params)
        if isinstance(answer, tuple):
            raise xmlrpc.client.Fault(*answer)
        if answer is None:
            raise xmlrpc.client.Fault(1, "UNKNOWN_METHOD")
        return answer

    def stop(self):
        self.server.let_go.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)


@pytest.fixture
def script():
    server = Script()
    yield server
    server.stop()


def is_our_question(call):
    """An update first asks whether a change is one of limits alone, which Supervisor refuses."""
    return "reeve.update_limits" in str(call)


def compare(script, line, answers=None, calls_too=True):
    """Both run the line against the script, one after the other."""
    script.script = answers or {}
    outcomes = []
    words = ["-s", script.url, *line.split()]
    for is_ours in (False, True):
        script.server.asked.clear()
        if is_ours:
            done = subprocess.run([REEVECTL, *words], input="", text=True, capture_output=True,
                                  env=ENVIRONMENT, timeout=SECONDS_MAX, check=False)
            result = done.returncode, done.stdout, done.stderr
        else:
            result = Reference.only.run([SUPERVISORCTL, *words], "/", "")
        outcomes.append((result[0], mask(result[1]), mask(result[2]),
                         [call for call in script.server.asked if not is_our_question(call)]
                         if calls_too else None))
    assert outcomes[1] == outcomes[0], line
    return outcomes[1]


def entry(name, group, status, description="OK"):
    return {"name": name, "group": group, "status": status, "description": description}


STATES = {"STOPPED": 0, "STARTING": 10, "RUNNING": 20, "BACKOFF": 30, "STOPPING": 40, "EXITED": 100,
          "FATAL": 200, "UNKNOWN": 1000}


def process(name, group, statename="RUNNING", **more):
    return {"name": name, "group": group, "statename": statename, "state": STATES[statename],
            "description": "up", "pid": 5, **more}


FAULTS = [(1, "UNKNOWN_METHOD"), (2, "INCORRECT_PARAMETERS"), (6, "SHUTDOWN_STATE"),
          (10, "BAD_NAME: a"), (11, "BAD_SIGNAL: x"), (20, "NO_FILE: /x"), (21, "NOT_EXECUTABLE: /x"),
          (30, "FAILED: it's so"), (40, "ABNORMAL_TERMINATION: a"), (50, "SPAWN_ERROR: a"),
          (60, "ALREADY_STARTED: a"), (70, "NOT_RUNNING: a"), (90, "ALREADY_ADDED: a"),
          (91, "STILL_RUNNING: a"), (92, "CANT_REREAD: no\nsuch"), (1000, "more \"than\" 'all'")]

FAULTY = {
    "start a b": ["startProcess"], "start a:* b": ["startProcessGroup"], "start all": ["startAllProcesses"],
    "stop a b": ["stopProcess"], "stop a:* b": ["stopProcessGroup"], "stop all": ["stopAllProcesses"],
    "signal HUP a b": ["signalProcess"], "signal HUP a:* b": ["signalProcessGroup"],
    "signal HUP all": ["signalAllProcesses"], "restart a": ["stopProcess", "startProcess"],
    "clear a b": ["clearProcessLogs"], "clear all": ["clearAllProcessLogs"],
    "add a b": ["addProcessGroup"], "remove a b": ["removeProcessGroup"], "reread": ["reloadConfig"],
    "update": ["reloadConfig"], "update a": ["reloadConfig"], "shutdown": ["shutdown"],
    "reload": ["restart"], "avail": ["getAllConfigInfo"], "status": ["getAllProcessInfo"],
    "pid": ["getPID"], "pid a b": ["getProcessInfo"], "pid all": ["getAllProcessInfo"],
    "version": ["getSupervisorVersion"], "fg a": ["getProcessInfo"], "tail a": ["readProcessStdoutLog"],
    "tail a stderr": ["readProcessStderrLog"], "maintail": ["readLog"],
}


@pytest.mark.parametrize("line", FAULTY)
def test_every_fault_is_answered_alike(script, line):
    for fault in FAULTS:
        compare(script, line, {f"supervisor.{m}": fault for m in FAULTY[line]})


@pytest.mark.parametrize("line", ["status", "start a", "pid", "version", "tail a", "maintail", "fg a",
                                  "restart a", "clear a", "signal 1 a"])
def test_another_version_of_the_interface_is_refused_alike(script, line):
    for answer in ("2.0", "", (1, "UNKNOWN_METHOD"), (6, "SHUTDOWN_STATE")):
        compare(script, line, {"supervisor.getVersion": answer})


@pytest.mark.parametrize("line", ["start g:*", "stop g:*", "signal HUP g:*", "start all", "stop all",
                                  "signal HUP all", "clear all", "restart g:* h:*", "start g:* x"])
def test_results_of_many_processes_are_told_alike(script, line):
    lists = [[entry("a", "a", 80), entry("b", "g", 80)],
             [entry("a", "g", 50, "SPAWN_ERROR: a"), entry("b", "g", 80)],
             [entry("a", "g", 10, "BAD_NAME"), entry("b", "g", 40, "ABNORMAL_TERMINATION")],
             [entry("a", "g", 40, "x"), entry("b", "g", 10, "x"), entry("c", "g", 80)],
             [entry("a", "g", 70, "NOT_RUNNING: a"), entry("b", "g", 60, "ALREADY_STARTED")],
             [entry("a", "g", 30, "FAILED: because"), entry("b", "g", 80)],
             [entry("a", "g", 6, "SHUTDOWN_STATE"), entry("b", "g", 80)],
             [entry("a", "g", 11, "BAD_SIGNAL"), entry("größe", "g", 21, "x"),
              entry("c", "g", 20, "x")],
             []]
    for results in lists:
        compare(script, line, {f"supervisor.{verb}{what}": results
                               for verb in ("start", "stop", "signal", "clear")
                               for what in ("ProcessGroup", "AllProcesses", "AllProcessLogs")}
                | {"supervisor.startProcess": (60, "x")})


@pytest.mark.parametrize("line", ["update", "update all", "update a", "update a b c", "update n",
                                  "update r n", "update x", "update x y a all", "reread"])
def test_an_update_takes_the_same_steps(script, line):
    base = {"supervisor.getAllProcessInfo": [process("a", "a"), process("b", "b"), process("r", "r")],
            "supervisor.stopProcessGroup": [entry("a", "a", 80)],
            "supervisor.removeProcessGroup": True, "supervisor.addProcessGroup": True}
    for changes in ([[], [], []], [["n"], ["a"], ["r"]], [["z", "n"], ["b", "a"], ["r", "q"]]):
        answers = base | {"supervisor.reloadConfig": [changes]}
        compare(script, line, answers)
        compare(script, line, answers | {"supervisor.stopProcessGroup": [
            entry("a", "a", 30, "FAILED: stuck"), entry("b", "a", 80)]})
        compare(script, line, answers | {"supervisor.stopProcessGroup": (10, "BAD_NAME: a")})
        compare(script, line, answers | {"supervisor.removeProcessGroup": (91, "STILL_RUNNING: a")})
        compare(script, line, answers | {"supervisor.addProcessGroup": (90, "ALREADY_ADDED: a")})


@pytest.mark.parametrize("line", ["status", "status a", "status nosuch a", "status g:*", "pid all"])
def test_states_are_told_alike(script, line):
    for state in STATES:
        compare(script, line, {"supervisor.getAllProcessInfo": [
            process("a", "a", statename=state, description="", pid=0), process("b" * 50, "g"),
            process("größe", "g", description="<&> \"so\"")]})
    compare(script, line, {"supervisor.getAllProcessInfo": []})


def test_the_configuration_is_listed_alike(script):
    compare(script, "avail", {"supervisor.getAllConfigInfo": [
        {"name": n, "group": g, "inuse": u, "autostart": a, "group_prio": p, "process_prio": q}
        for n, g, u, a, p, q in (("a", "a", True, False, 999, 1), ("b" * 40, "g", False, True, -1, 0),
                                 ("ü", "ö", True, True, 1, 2))]})
    compare(script, "avail", {"supervisor.getAllConfigInfo": []})


@pytest.mark.parametrize("status", [b"401 Unauthorized", b"404 Not Found", b"500 Internal Server Error",
                                    b"302 Found", b"204 No Content"])
@pytest.mark.parametrize("line", ["status", "pid", "avail", "start a", "shutdown", "tail -f a"])
def test_an_http_error_is_told_alike(script, status, line):
    script.server.raw = b"HTTP/1.1 %s\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % status
    compare(script, line)


def test_an_answer_that_is_no_xml_is_an_error(script):
    body = b"<?xml version='1.0'?><methodResponse><par"
    for raw in (b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body),
                b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", b"hello\r\n\r\n", b"",
                b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + body):
        script.server.raw = raw
        done = subprocess.run([REEVECTL, "-s", script.url, "pid"], capture_output=True, text=True,
                              check=False, timeout=SECONDS_MAX)
        assert (done.returncode, done.stderr) == (1, ""), raw
        assert re.fullmatch(r"error: <class '[\w.]+'>, .*: file: \S+ line: \d+\n", done.stdout), raw


def test_one_connection_carries_all_calls_of_a_command(script):
    ports = set()
    script.script = {"supervisor.startProcess": True}
    original = script.Handler.setup

    def setup(handler):
        ports.add(handler.client_address)
        original(handler)

    script.Handler.setup = setup
    try:
        subprocess.run([REEVECTL, "-s", script.url, "start", "a", "b", "c"], check=True,
                       capture_output=True, timeout=SECONDS_MAX)
    finally:
        script.Handler.setup = original
    assert len(ports) == 1


class Terminal:
    """reevectl on a terminal of its own."""

    def __init__(self, words, cwd):
        self.shown = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(cwd)
            os.execve(REEVECTL, [REEVECTL, *words], {**ENVIRONMENT, "HOME": str(cwd)})
        self.status = None

    def read(self, seconds):
        if not select.select([self.fd], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.shown += data.decode("utf-8", "replace")
        return bool(data)

    def expect(self, text, seconds=20):
        """Waits until the text was shown, and forgets all up to it."""
        end = time.monotonic() + seconds
        while text not in self.shown:
            assert time.monotonic() < end, f"{text!r} does not come: {self.shown!r}"
            self.read(0.1)
        before, self.shown = self.shown.split(text, 1)
        return before

    def type(self, text):
        os.write(self.fd, text.encode())

    def end(self, seconds=20):
        """The exit status as Python's subprocess has it."""
        end = time.monotonic() + seconds
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                break
            assert time.monotonic() < end, f"it does not end: {self.shown!r}"
            self.read(0.05)
        while self.read(0.05):
            pass
        os.close(self.fd)
        self.fd = None
        return os.waitstatus_to_exitcode(status)

    def close(self):
        if self.fd is not None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            os.close(self.fd)


@pytest.fixture
def terminal(tmp_path):
    opened = []

    def open_terminal(*words):
        opened.append(Terminal(words, tmp_path))
        return opened[-1]

    yield open_terminal
    for each in opened:
        each.close()


@pytest.fixture
def shell(pair, terminal):
    """A shell that has just shown the states."""
    t = terminal("-c", str(pair.daemons[1].conf))
    t.expect("supervisor> ")
    return t


def test_quit_leaves_the_shell(shell):
    shell.type("quit\n")
    assert shell.end() == 0


@pytest.mark.parametrize("key", ["\x03", "\x04"])
def test_a_key_at_the_prompt_leaves_the_shell(shell, key):
    shell.type("pid nosuch\n")
    shell.expect("No such process nosuch")
    shell.expect("supervisor> ")
    shell.type(key)
    assert shell.end() == 0
    assert shell.shown.endswith("\n")


def test_control_c_ends_a_command_that_waits_and_the_shell(fresh_pair, terminal):
    daemon = fresh_pair.daemons[1]
    (daemon.dir / "more" / "n.conf").write_text(
        "[program:late]\ncommand = /bin/sleep 1000\nstartsecs = 1000\nautostart = false\n")
    daemon.rpc().supervisor.reloadConfig()
    daemon.rpc().supervisor.addProcessGroup("late")
    shell = terminal("-c", str(daemon.conf))
    shell.expect("supervisor> ")
    shell.type("start late\n")
    daemon.wait_for(lambda: daemon.state("late") == "STARTING")
    shell.type("\x03")
    assert shell.end() == 0

    once = terminal("-c", str(daemon.conf), "restart", "late")
    once.expect("late: stopped")
    daemon.wait_for(lambda: daemon.state("late") == "STARTING")
    once.type("\x03")
    assert once.end() == -signal.SIGINT


def test_tab_completes_commands_and_names(shell):
    shell.type("rer\t")
    shell.expect("ead ")
    shell.type("\n")
    shell.expect("No config update")
    shell.expect("supervisor> ")
    shell.type("stat\t")
    shell.expect("stats_period  stats_status  status")
    shell.type("us g\t")
    shell.expect(":")
    shell.type("multi_00\t\n")
    shell.expect("g:multi_00  ")
    shell.expect("supervisor> ")
    shell.type("pid stopp\t\n")
    shell.expect("\r\n0\r\n")
    shell.expect("supervisor> ")
    shell.type("add dow\t\n")
    shell.expect("already active")
    shell.expect("supervisor> ")
    shell.type("version nos\t\n")
    shell.expect("accepts no arguments")


def test_lines_can_be_edited_and_repeated(shell):
    shell.type("pid nosuhc\x7f\x7fch\n")
    shell.expect("No such process nosuch")
    shell.expect("supervisor> ")
    shell.type("\x1b[A\n")  # up
    shell.expect("No such process nosuch")
    shell.expect("supervisor> ")
    shell.type("\x12nosu\n")  # ^R
    shell.expect("No such process nosuch")
    shell.type("pid größe\n")
    shell.expect("No such process größe")


def test_history_is_plain_text_and_survives(pair, terminal, tmp_path):
    conf = tmp_path / "h.conf"
    conf.write_text(f"[supervisorctl]\nserverurl = unix://{pair.daemons[1].dir}/s\n"
                    "history_file = %(here)s/hist\n")
    (tmp_path / "hist").write_text("pid before\n\npid before\npid older\n")
    shell = terminal("-c", str(conf))
    shell.expect("supervisor> ")
    shell.type("\x1b[A\n")
    shell.expect("No such process older")
    shell.expect("supervisor> ")
    shell.type("pid newer\n   \n")
    shell.expect("No such process newer")
    shell.expect("supervisor> ")
    shell.type("quit\n")
    assert shell.end() == 0
    assert (tmp_path / "hist").read_text() == "pid before\npid older\npid newer\nquit\n"
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith("hist")] == ["hist"]


def test_a_history_that_cannot_be_written_is_said(pair, terminal, tmp_path):
    conf = tmp_path / "h.conf"
    conf.write_text(f"[supervisorctl]\nserverurl = unix://{pair.daemons[1].dir}/s\n"
                    "history_file = /nonexistent/hist\n")
    shell = terminal("-c", str(conf))
    shell.expect("supervisor> ")
    shell.type("quit\n")
    assert shell.end() == 0
    assert "cannot save the history in '/nonexistent/hist'" in shell.shown


def test_a_history_file_that_is_no_file_is_left_alone(pair, terminal, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    conf = tmp_path / "h.conf"
    conf.write_text(f"[supervisorctl]\nserverurl = unix://{pair.daemons[1].dir}/s\n"
                    f"history_file = {tmp_path}/fifo\n")
    shell = terminal("-c", str(conf))
    shell.expect("supervisor> ")
    shell.type("quit\n")
    assert shell.end() == 0
    assert (tmp_path / "fifo").is_fifo()


def test_credentials_are_asked_for_and_kept(pair, terminal):
    shell = terminal("-s", f"http://127.0.0.1:{pair.daemons[1].port}")
    shell.expect("Server requires authentication")
    shell.expect("Username:")
    shell.type("user\n")
    shell.expect("Password:")
    shell.type("wrong\n")
    assert "wrong" not in shell.expect("Server requires authentication")
    shell.expect("Username:")
    shell.type("user\n")
    shell.expect("Password:")
    shell.type("123\n")
    assert "123" not in shell.expect("RUNNING")
    shell.expect("supervisor> ")
    shell.type("pid nosuch\n")
    shell.expect("No such process nosuch")
    shell.type("quit\n")
    assert shell.end() == 0


@pytest.mark.parametrize("key", ["\x03", "\x04"])
def test_credentials_that_are_not_given_end_the_question(pair, terminal, key):
    shell = terminal("-s", f"http://127.0.0.1:{pair.daemons[1].port}")
    shell.expect("Username:")
    shell.type("user\n")
    shell.expect("Password:")
    shell.type(key)
    if key == "\x04":
        shell.expect("error: <class 'EOFError'>")
        shell.expect("supervisor> ")
        shell.type("quit\n")
    assert shell.end() == 0


def test_one_command_asks_for_credentials_when_it_is_interactive(pair, terminal):
    once = terminal("-i", "-s", f"http://127.0.0.1:{pair.daemons[1].port}", "pid", "stopped")
    once.expect("Username:")
    once.type("user\n")
    once.expect("Password:")
    once.type("123\n")
    once.expect("\r\n0\r\n")
    assert once.end() == 7


def test_control_c_ends_a_question_of_one_command(pair, terminal):
    once = terminal("-i", "-c", str(pair.daemons[1].conf), "shutdown")
    once.expect("y/N? ")
    once.type("\x03")
    assert once.end() == -signal.SIGINT
    pair.daemons[1].wait_for(lambda: pair.daemons[1].state("cat") == "RUNNING")


def test_a_log_is_followed_until_control_c(fresh_pair, terminal):
    daemon = fresh_pair.daemons[1]
    log = daemon.dir / "cat.out"
    log.write_text("old line\n")
    once = terminal("-c", str(daemon.conf), "tail", "-f", "cat")
    once.expect("==> Press Ctrl-C to exit <==\r\nold line\r\n")
    with log.open("a") as f:
        f.write("new line ü\n")
    once.expect("new line ü\r\n")
    once.type("\x03")
    assert once.end() == 0
    assert once.shown.endswith("\r\n")

    shell = terminal("-c", str(daemon.conf))
    shell.expect("supervisor> ")
    shell.type("maintail -f\n")
    shell.expect("spawned")
    shell.type("\x03")
    shell.expect("supervisor> ")
    shell.type("tail -f cat\n")
    shell.expect("new line")
    daemon.rpc().supervisor.shutdown()
    shell.expect("supervisor> ")
    shell.type("quit\n")
    assert shell.end() == 0


def test_foreground_shows_output_and_sends_lines(fresh_pair, terminal):
    daemon = fresh_pair.daemons[1]
    (daemon.dir / "more" / "n.conf").write_text(
        "[program:talk]\ncommand = /bin/sh -c 'while read x; do echo out $x; echo err $x >&2; "
        "[ $x = end ] && exit; done'\nstartsecs = 0\nautorestart = false\n")
    daemon.rpc().supervisor.reloadConfig()
    daemon.rpc().supervisor.addProcessGroup("talk")
    daemon.wait_for(lambda: daemon.state("talk") == "RUNNING")
    for key in ("\x03", "\x04"):
        once = terminal("-c", str(daemon.conf), "fg", "talk")
        once.expect("==> Press Ctrl-C to exit <==")
        once.type("hello\n")
        once.expect(" hello")
        once.expect(" hello")
        once.type(key)
        once.expect("Exiting foreground\r\n")
        assert once.end() == 0
    assert daemon.state("talk") == "RUNNING"
    shell = terminal("-c", str(daemon.conf))
    shell.expect("supervisor> ")
    shell.type("fg talk\n")
    shell.expect("Press Ctrl-C")
    shell.type("x\n")
    shell.expect("out x")
    shell.type("end\n")
    shell.expect("out end")
    daemon.wait_for(lambda: daemon.state("talk") == "EXITED")
    time.sleep(0.2)
    if "Process got killed" not in shell.shown:
        shell.type("more\n")
    shell.expect("Process got killed\r\nExiting foreground\r\nsupervisor> ")
    shell.type("quit\n")
    assert shell.end() == 0


def test_foreground_with_input_at_its_end_ends(pair):
    for text in ("", "one\n", "one\ntwo"):
        done = subprocess.run([REEVECTL, "-c", str(pair.daemons[1].conf), "fg", "cat"], input=text,
                              capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("==> Press Ctrl-C to exit <==\n")
        assert done.stdout.endswith("Exiting foreground\n")


@pytest.mark.parametrize("fault,text", [
    ((70, "NOT_RUNNING: a"), "Process got killed\nExiting foreground\n"),
    ((20, "NO_FILE: a"), "ERROR: <Fault 20: 'NO_FILE: a'>\nExiting foreground\n")])
def test_foreground_ends_when_a_line_cannot_be_sent(script, fault, text):
    script.script = {"supervisor.getProcessInfo": process("a", "a"),
                     "supervisor.sendProcessStdin": fault}
    done = subprocess.run([REEVECTL, "-s", script.url, "fg", "a"], input="x\ny\n", text=True,
                          capture_output=True, timeout=SECONDS_MAX, check=False)
    assert (done.returncode, done.stdout) == (0, "==> Press Ctrl-C to exit <==\n" + text)


def test_a_server_that_never_answers_can_be_left():
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        process_ = subprocess.Popen([REEVECTL, "-s", url, "status"])
        time.sleep(0.5)
        assert process_.poll() is None
        process_.send_signal(signal.SIGINT)
        assert process_.wait(5) == -signal.SIGINT


def test_a_full_disk_is_an_error(pair):
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([REEVECTL, "-c", str(pair.daemons[1].conf), "status", "cat"],
                              stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "reevectl: cannot write all of the output\n"


def test_a_line_without_end_is_refused(pair):
    done = subprocess.run([REEVECTL, "-c", str(pair.daemons[1].conf)], input="x" * (2 << 20),
                          capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
    assert done.returncode == 0
    assert "cannot read the next command" in done.stderr


def test_keygen_makes_private_files_and_replaces_none_unasked(tmp_path):
    path = tmp_path / "key"

    def keygen(*words):
        done = subprocess.run([REEVECTL, "keygen", *words], env=ENVIRONMENT, timeout=SECONDS_MAX,
                              check=False, capture_output=True, text=True, cwd=tmp_path)
        return done.returncode, done.stdout

    status, said = keygen("key")
    assert status == 0
    key = re.fullmatch(r"key (\d+) written to key\n", said).group(1)
    first = path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert re.search(rf"^key {key} [0-9a-f]{{64}} \d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", first,
                     re.MULTILINE)
    assert keygen("key") == (1, "Error: there is a key file 'key' already "
                                "(--force replaces it, --add keeps its keys)\n")
    assert path.read_text() == first
    status, said = keygen("--add", "key")
    assert status == 0 and "(receive) added to key" in said
    assert path.read_text().startswith(first)
    assert path.read_text().endswith("Z receive\n")
    assert keygen("--force", "key")[0] == 0
    assert first not in path.read_text()
    for words in ([], ["a", "b"], ["--bad", "a"], ["--force", "--add", "key"]):
        assert keygen(*words)[0] == 2
    path.chmod(0o640)
    assert keygen("--add", "key")[0] == 1
    assert os.listdir(tmp_path) == ["key"]
