"""Without -n the daemon puts itself behind; and what the command line can say."""

import os
import re
import subprocess

import pytest

from harness import procfs
from harness.waiting import wait_until

SLEEPER = "[program:sleeper]\ncommand=/bin/sleep 1000\nstartsecs=0\n"


def daemonise(start, config=SLEEPER, **options):
    daemon = start.make(config, arguments=(), **options)
    daemon.launch()
    assert daemon.wait_end() == 0
    pid = int(wait_until(lambda: daemon.pidfile.exists() and daemon.pidfile.read_text().strip(),
                         "the pid file is written"))
    daemon.adopt(pid)
    daemon.wait_ready()
    return daemon


def test_the_parent_exits_0_and_the_daemon_lives_in_a_session_of_its_own(start):
    daemon = daemonise(start)
    assert daemon.pidfile.read_text() == f"{daemon.pid}\n"
    assert procfs.parent(daemon.pid) == os.getpid()
    assert int(procfs.stat(daemon.pid)[3]) == daemon.pid
    fds = procfs.open_fds(daemon.pid)
    assert [fds[number] for number in range(3)] == ["/dev/null"] * 3
    assert daemon.supervisor.getPID() == daemon.pid
    assert ("INFO", "daemonizing the supervisord process") in daemon.messages()
    assert ("INFO", f"supervisord started with pid {daemon.pid}") in daemon.messages()


def test_children_of_the_daemon_run_and_end_with_it(start):
    daemon = daemonise(start)
    child = daemon.pid_of("sleeper")
    assert procfs.parent(child) == daemon.pid
    daemon.stop()
    assert not procfs.is_alive(child)


def test_directory_and_umask_apply_when_daemonising(start):
    daemon = daemonise(start, """
[program:touch]
command=/bin/sh -c "pwd >@DIR@/cwd; touch @DIR@/touched; exec sleep 1000"
startsecs=0
""", supervisord="directory=/usr\numask=077")
    daemon.pid_of("touch")
    wait_until(lambda: (daemon.dir / "touched").exists(), "the file is made")
    assert daemon.read("cwd") == "/usr\n"
    assert (daemon.dir / "touched").stat().st_mode & 0o777 == 0o600
    assert os.readlink(f"/proc/{daemon.pid}/cwd") == "/usr"


def test_a_bad_configuration_reaches_the_caller(start):
    daemon = start.make("[program:x]\n", arguments=())
    daemon.launch()
    assert daemon.wait_end() == 2
    assert daemon.stderr().startswith("Error: program section program:x does not specify a command")
    assert not daemon.pidfile.exists()


def test_a_pid_file_that_cannot_be_written_is_only_logged(start):
    daemon = start(SLEEPER, arguments=("-n", "-j", "/proc/none.pid"))
    assert ("CRIT", "could not write pidfile /proc/none.pid") in daemon.messages()
    daemon.pid_of("sleeper")


def test_options_of_the_command_line_win_over_the_file(start):
    daemon = start(SLEEPER, arguments=("-n", "-i", "other", "--logfile", "other.log"))
    assert daemon.supervisor.getIdentification() == "other"
    (daemon.dir / "other.log").read_text()
    assert not daemon.log_path.exists()


def test_in_the_foreground_the_log_is_copied_to_stdout(start):
    daemon = start(SLEEPER)
    daemon.wait_text("daemon.out", "spawned: 'sleeper'")
    assert daemon.read("daemon.out") in daemon.log() or daemon.log() in daemon.read("daemon.out")


def test_silent_stops_the_copy(start):
    daemon = start(SLEEPER, arguments=("-n", "-s"))
    daemon.pid_of("sleeper")
    assert daemon.read("daemon.out") == ""


def test_every_line_of_the_log_has_time_and_level(start):
    daemon = start(SLEEPER, loglevel="trace")
    daemon.pid_of("sleeper")
    daemon.ctl("status")
    daemon.stop()
    shape = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} "
                       r"(CRIT|ERRO|WARN|INFO|DEBG|TRAC|BLAT) ")
    odd = [line for line in daemon.lines("daemon.log")
           if not shape.match(line) and not line.startswith("\t")]
    assert odd == []


def run(impl, *arguments, cwd="/"):
    return subprocess.run([impl.binary, *arguments], capture_output=True, text=True, timeout=60,
                          check=False, cwd=cwd)


def test_version_is_printed_alone(impl):
    done = run(impl, "-v")
    assert done.returncode == 0
    assert re.fullmatch(r"\S+\n", done.stdout)
    assert run(impl, "--version").stdout == done.stdout


def test_help_is_printed_on_stdout(impl):
    for option in ("-h", "--help"):
        done = run(impl, option)
        assert done.returncode == 0
        assert "--configuration" in done.stdout


@pytest.mark.parametrize("option", ["-h", "-?", "--help"])
def test_help_has_the_form_that_scripts_know(impl, tmp_path, option):
    """By whatever name it is called: what it is, and a line "-l/--logfile FILENAME -- ..." for each."""
    program = tmp_path / "supervisord"
    program.symlink_to(impl.binary)
    done = subprocess.run([program, option], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("supervisord -- run a set of applications")
    for line in ("-c/--configuration FILENAME -- ", "-n/--nodaemon -- ", "-l/--logfile FILENAME -- use FILENAME as ",
                 "-u/--user USER -- ", "-j/--pidfile FILENAME -- ", "-q/--childlogdir DIRECTORY -- "):
        assert "\n" + line in done.stdout


@pytest.mark.parametrize("arguments, message", [
    (("--nosuch",), "option --nosuch not recognized"),
    (("-Q",), "option -Q not recognized"),
    (("-c",), "option -c requires argument"),
    (("--nodaemon=1",), "option --nodaemon must not have an argument"),
    (("-n", "rest"), "positional arguments are not supported: ['rest']"),
    (("-c", "/nonexistent/x.conf"), "could not find config file /nonexistent/x.conf"),
    (("-e", "loud"), "invalid value for -e 'loud': bad logging level name 'loud'"),
    (("-a", "many"), "invalid value for -a 'many': invalid literal for int() with base 10: 'many'"),
    (("-m", "9"), "invalid value for -m '9': 9 can not be converted to an octal type"),
    (("-i", "a", "-i", "b"), "conflicting command line option '-i'"),
])
def test_bad_command_lines_are_refused(impl, arguments, message):
    done = run(impl, *arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == f"Error: {message}\nFor help, use {impl.binary} -h\n"


def test_the_configuration_is_found_in_the_current_directory(start):
    daemon = start.make(SLEEPER)
    process = subprocess.Popen([link_to_binary(daemon), "-n"], cwd=daemon.dir,
                               env=daemon.environment, stdout=subprocess.DEVNULL,
                               stderr=open(daemon.dir / "daemon.err", "wb"))
    daemon.process, daemon.pid = process, process.pid
    daemon.wait_ready()
    daemon.pid_of("sleeper")


def link_to_binary(daemon):
    """The binary by a path beside which there is no configuration."""
    place = daemon.dir / "apart" / "bin"
    place.mkdir(parents=True)
    (place / "daemon").symlink_to(daemon.impl.binary)
    return place / "daemon"
