"""Every command of supervisorctl, in every case of its description, recorded and compared.

The reference is Supervisor with its own client in the same run; against it are held the unchanged
client at the daemon under test, and reevectl where it has been built.
"""

import os
import signal

import pytest

import differences
from harness import implementation
from harness.recorder import Recorder
from harness.waiting import wait_until

EVERYDAY = """
[program:cat]
command=@PYTHON@ @PROGRAMS@/echo_lines.py
stdout_logfile=@DIR@/cat.out
stderr_logfile=@DIR@/cat.err
startsecs=0
[program:idle]
command=/bin/sleep 1000
autostart=false
startsecs=0
[program:done]
command=/bin/sleep 0.4
startsecs=0
autorestart=false
[program:missing]
command=/nonexistent/program
startretries=0
[program:plain]
command=/etc/passwd
autostart=false
[program:quick]
command=/bin/false
autostart=false
startretries=0
[program:silent]
command=/bin/sleep 1000
stdout_logfile=NONE
stderr_logfile=NONE
startsecs=0
[program:num]
command=/bin/sleep 1000
process_name=%(program_name)s_%(process_num)02d
numprocs=2
priority=5
startsecs=0
[group:g]
programs=one,two
priority=7
[program:one]
command=/bin/sleep 1000
startsecs=0
[program:two]
command=/bin/sleep 1000
startsecs=0
autostart=false
[program:a_name_that_is_longer_than_thirty_columns]
command=/bin/sleep 1000
autostart=false
"""


def settle(record):
    for name, state in (("cat", "RUNNING"), ("done", "EXITED"), ("missing", "FATAL"),
                        ("g:one", "RUNNING"), ("num:num_01", "RUNNING"), ("silent", "RUNNING")):
        record.until(name, state)
    record.daemon.wait_text("cat.out", "ready")


def status_and_pid(record):
    settle(record)
    record.commands("""
        status
        status all
        status cat
        status cat cat
        status idle
        status done
        status cat idle
        status nosuch
        status nosuch idle
        status nosuch cat
        status g:*
        status g:
        status g:one num:*
        status one
        status nosuch:*
        status num:nosuch
        pid
        pid cat
        pid idle
        pid nosuch
        pid all
        pid g:*
        pid cat idle nosuch
        version
        version x
        avail
        avail x
        nosuch
        tail-5 cat
        status a; pid
    """)


def start_stop_restart(record):
    settle(record)
    record.commands("""
        start
        start cat
        start idle
        start nosuch
        start nosuch:*
        start missing
        start plain
        start quick
        start g:*
        start g:*
        start cat nosuch quick
        start num:num_00
        stop
        stop idle
        stop idle
        stop nosuch
        stop nosuch:*
        stop cat:cat
        start cat:cat
        stop nosuch idle
    """)
    record.ctl("stop", "g:*", sort=True)
    record.ctl("stop", "g:*")
    record.ctl("start", "g:one", "g:two")
    record.commands("""
        restart
        restart cat
        restart nosuch
        restart nosuch:*
        restart quick
        restart silent
    """)
    record.ctl("restart", "g:*", sort=True)
    record.ctl("restart", "done")
    record.until("done", "EXITED")
    record.ctl("stop", "all", sort=True)
    record.ctl("stop", "all")
    record.ctl("start", "all", sort=True)
    record.until("done", "EXITED")
    record.ctl("restart", "all", sort=True)


def signal_and_clear(record):
    settle(record)
    record.commands("""
        signal
        signal HUP
        signal CONT cat
        signal sigcont cat
        signal 18 cat
        signal 0 cat
        signal FOO cat
        signal 99 cat
        signal CONT idle
        signal CONT nosuch
        signal CONT nosuch:*
        signal CONT idle nosuch
        signal CONT nosuch idle
        signal CONT g:*
        signal FOO g:*
        signal CONT all
        signal FOO all
        clear
        clear cat
        clear idle
        clear nosuch
        clear cat nosuch
        clear g:one
        clear g:*
        clear all
    """)


def tails(record):
    settle(record)
    record.daemon.supervisor.sendProcessStdin("cat", "one\n")
    record.daemon.wait_text("cat.out", "got: one")
    record.daemon.wait_text("cat.err", "err: one")
    record.commands("""
        tail
        tail cat
        tail cat stdout
        tail cat stderr
        tail cat STDERR
        tail cat stdin
        tail -5 cat
        tail -5 cat stderr
        tail -0 cat
        tail -x cat
        tail -5
        tail -f
        tail nosuch
        tail nosuch stderr
        tail silent
        tail idle
        tail g:*
        tail cat x stdout
        tail cat -f
        tail a b c d
        tail -f nosuch
        tail -f silent
        maintail 100
        maintail -x
        maintail a b
    """)
    record.follow("tail", "-f", "cat", until="got: two", act=lambda daemon: (
        daemon.wait_text("follow.out", "got: one"),
        daemon.supervisor.sendProcessStdin("cat", "two\n")))
    record.follow("tail", "-f", "cat", "stderr", until="err: three", act=lambda daemon: (
        daemon.wait_text("follow.out", "err: two"),
        daemon.supervisor.sendProcessStdin("cat", "three\n")))


def foreground(record):
    settle(record)
    record.commands("""
        fg
        fg a b
        fg nosuch
        fg idle
        fg g:*
    """)
    record.terminal("fg", "cat", talk=[("ready", "hello\n"), ("err: hello", "again\n"),
                                       ("err: again", "\x03"), ("Exiting foreground", "")])
    record.daemon.supervisor.stopProcess("cat")
    record.ctl("fg", "cat")


QUIET = """
[program:sleeper]
command=/bin/sleep 1000
startsecs=0
[program:gone]
command=/bin/sh -c "exit 3"
startsecs=0
autorestart=false
priority=1000
"""


LOGGED = """
[program:sleeper]
command=/bin/sleep 1000
startsecs=0
[program:gone]
command=/bin/sh -c "sleep 0.3; exit 3"
startsecs=0
autostart=false
autorestart=false
[program:third]
command=/bin/sleep 1000
startsecs=0
autostart=false
"""


def activity_log(record):
    record.daemon.wait_log("success: sleeper")
    record.daemon.supervisor.startProcess("gone")
    record.daemon.wait_log("exited: gone")
    record.ctl("maintail")
    record.ctl("maintail", "-12")
    record.ctl("stop", "sleeper")
    record.daemon.wait_log("stopped: sleeper")
    record.ctl("maintail")
    record.follow("maintail", "-f", until="success: third", act=lambda daemon: (
        daemon.wait_text("follow.out", "stopped"),
        daemon.supervisor.startProcess("third")))


def helps(record):
    record.ctl("help")
    for name in ("add", "avail", "clear", "exit", "fg", "help", "maintail", "open", "pid", "quit",
                 "reload", "remove", "reread", "restart", "shutdown", "signal", "start", "status",
                 "stop", "tail", "update", "version", "nosuch"):
        record.ctl("help", name)
    record.ctl("?")


def shell(record):
    record.until("sleeper", "RUNNING")
    record.until("gone", "EXITED")
    record.ctl(stdin="status\npid\n\nnosuch\n?\nhelp nosuch\nversion\nquit\n")
    record.ctl(stdin="")
    record.ctl(stdin="stop sleeper\nstart sleeper\nexit\n")
    record.ctl(stdin="shutdown\nn\nreload\n\n")
    record.ctl("-i", "pid", stdin="status\n")
    record.terminal(talk=[("supervisor> ", "pid\n"), ("supervisor> ", "quit\n")])


def options(record):
    url = f"unix://{record.daemon.sock}"
    record.ctl("-s", url, "pid")
    record.ctl("-s", "unix:///nonexistent/s.sock", "status")
    record.ctl("-s", "unix:///nonexistent/s.sock", "pid")
    record.ctl("-s", "unix:///nonexistent/s.sock", "shutdown")
    record.ctl("-s", "unix:///nonexistent/s.sock", "reread")
    record.ctl("-s", "http://127.0.0.1:1", "status")
    record.ctl("-s", "http://127.0.0.1:1", "start", "sleeper")
    record.ctl("-s", "http://127.0.0.1:1", "shutdown")
    record.ctl("-s", "https://127.0.0.1:1", "status")
    record.ctl("-s", "nonsense", "status")
    record.ctl("--serverurl", url, "pid")
    record.ctl("--serverurl=" + url, "pid")
    record.ctl("--nosuch")
    record.ctl("-x")
    record.ctl("-s")
    record.ctl("-h")
    record.ctl("-r", "@DIR@/history", "pid")
    record.ctl("open")
    record.ctl("open", "nonsense")
    record.ctl("open", url)


def configuration(record):
    record.until("sleeper", "RUNNING")
    record.until("gone", "EXITED")
    record.commands("""
        reread
        reread x
        update
        add
        add sleeper
        add nosuch
        remove
        remove sleeper
        remove nosuch
    """)
    record.edit(QUIET.replace("/bin/sleep 1000", "/bin/sleep 1001")
                + "[program:fresh]\ncommand=/bin/sleep 1000\nstartsecs=0\n"
                + "[group:later]\nprograms=alpha\n[program:alpha]\ncommand=/bin/sleep 1000\n"
                  "startsecs=0\n")
    record.ctl("reread")
    record.ctl("reread")
    record.ctl("avail")
    record.ctl("update", "nosuch")
    record.ctl("update", "fresh", "nosuch")
    record.until("fresh", "RUNNING")
    record.ctl("status")
    record.ctl("update")
    record.until("sleeper", "RUNNING")
    record.until("later:alpha", "RUNNING")
    record.ctl("update")
    record.ctl("status")
    record.edit("[program:fresh]\ncommand=/bin/sleep 1000\nstartsecs=0\n")
    record.commands("""
        reread
        add gone
        stop later:*
        remove later
        remove fresh sleeper nosuch
        update all
        status
        avail
        stop all
        status
        remove fresh
        status
        add fresh
    """)
    record.until("fresh", "RUNNING")
    record.ctl("status")
    record.edit("[program:x]\ncommand=/bin/true\nstartsecs=soon\n")
    record.commands("reread\nupdate\nadd x\navail\nstatus")
    record.edit("")
    record.ctl("update")
    record.ctl("status")
    record.ctl("avail")
    record.ctl("stop", "all")


def endings(record):
    daemon = record.daemon
    record.until("sleeper", "RUNNING")
    record.ctl("reload", "x")
    record.ctl("reload")
    daemon.wait_log("supervisord started with pid", 2, timeout=40)
    daemon.rpc("close")()
    daemon.wait_ready()
    record.until("sleeper", "RUNNING")
    record.until("gone", "EXITED")
    record.ctl("status")
    record.ctl("shutdown", "x")
    record.ctl("shutdown")
    daemon.wait_end()
    record.commands("status\nstart sleeper\nstop sleeper\nshutdown\nreload\nreread\nversion\navail")


DEAF = """
[program:deaf]
command=@PYTHON@ @PROGRAMS@/ignore_term.py
stdout_logfile=@DIR@/deaf.out
stopwaitsecs=100
startsecs=0
"""


def during_a_shutdown(record):
    daemon = record.daemon
    daemon.wait_text("deaf.out", "deaf")
    pid = daemon.pid_of("deaf")
    record.ctl("shutdown")
    daemon.wait_log("waiting for deaf to die")
    record.commands("""
        status
        shutdown
        reload
        reread
        update
        avail
        add deaf
        remove deaf
        start deaf
        stop deaf
        signal HUP deaf
        pid
        pid deaf
        version
        tail deaf
        maintail
        clear deaf
        fg deaf
    """)
    os.kill(pid, signal.SIGKILL)
    daemon.wait_end()


def wrong_password(record):
    url = f"http://127.0.0.1:{record.daemon.tcp}"
    wrong = ("-s", url, "-u", "me", "-p", "wrong")
    for command in ("status", "pid", "stop sleeper", "shutdown", "reread", "tail sleeper",
                    "tail -f sleeper", "avail"):
        record.ctl(*wrong, *command.split())
    record.ctl("-s", url, "-u", "me", "-p", "secret", "pid")
    record.ctl("pid")
    record.ctl(*wrong, stdin="pid\n")


SCRIPTS = {
    "status_and_pid": (status_and_pid, EVERYDAY, {}),
    "start_stop_restart": (start_stop_restart, EVERYDAY, {}),
    "signal_and_clear": (signal_and_clear, EVERYDAY, {}),
    "tails": (tails, EVERYDAY, {}),
    "foreground": (foreground, EVERYDAY, {}),
    "activity_log": (activity_log, LOGGED, {}),
    "helps": (helps, QUIET, {}),
    "shell": (shell, QUIET, {}),
    "options": (options, QUIET, {}),
    "configuration": (configuration, QUIET, {}),
    "endings": (endings, QUIET, {}),
    "during_a_shutdown": (during_a_shutdown, DEAF, {}),
    "wrong_password": (wrong_password, QUIET, {"tcp": True, "user": "me", "password": "secret"}),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_supervisorctl_says_the_same(start, references, name):
    tolerated = differences.CTL if start.impl.is_reeved else []
    references.check(start, name, tolerated)


@pytest.mark.parametrize("name", SCRIPTS)
def test_reevectl_says_the_same(start, references, name):
    client = implementation.reevectl()
    if not client:
        pytest.skip("there is no reevectl (see REEVECTL)")
    references.check(start, name, differences.CTL + differences.REEVECTL, client)


def test_an_interrupted_client_leaves_the_daemon_alone(start):
    daemon = start(QUIET)
    pid = daemon.pid_of("sleeper")
    record = Recorder(daemon)
    record.follow("maintail", "-f", until="sleeper")
    wait_until(lambda: daemon.supervisor.getState()["statename"] == "RUNNING", "it answers")
    assert daemon.info("sleeper")["pid"] == pid
