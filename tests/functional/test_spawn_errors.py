"""Programs that cannot be started: in the daemon's view, and in the child's last words."""

import fcntl
import os
import platform
import shutil
import signal

import pytest

IDLE = "autostart=false\nstartretries=0\n"


@pytest.fixture(name="pieces")
def _pieces():
    """Makes the files that the commands below name."""
    def make(daemon):
        (daemon.dir / "plain").write_text("text\n")
        (daemon.dir / "script").write_text("#!/nonexistent/interpreter\n")
        (daemon.dir / "noformat").write_text("echo hello\n")
        (daemon.dir / "script").chmod(0o755)
        (daemon.dir / "noformat").chmod(0o755)
        (daemon.dir / "folder").mkdir()
        return daemon
    return make


# command, fault code, text after the fault's name
REFUSED = [
    ("/nonexistent/program", 20, "can't find command '/nonexistent/program'"),
    ("nosuchprogram -x", 20, "can't find command 'nosuchprogram'"),
    ("@DIR@/folder", 21, "command at '@DIR@/folder' is a directory"),
    ("@DIR@/plain", 21, "command at '@DIR@/plain' is not executable"),
    ("/bin/sh -c 'x", 21, 'can\'t parse command "/bin/sh -c \'x": No closing quotation'),
    ("/bin/sh x\\", 21, "can't parse command '/bin/sh x\\\\': No escaped character"),
    ("", 21, "command is empty"),
]


def test_a_command_that_cannot_be_run_is_refused_with_the_reason(start, pieces):
    daemon = pieces(start.make("".join(
        f"[program:p{number}]\ncommand={command}\n{IDLE}"
        for number, (command, _, _) in enumerate(REFUSED)))).start()
    for number, (_, code, text) in enumerate(REFUSED):
        name = {20: "NO_FILE", 21: "NOT_EXECUTABLE"}[code]
        assert daemon.fault("supervisor.startProcess", f"p{number}") == (
            code, f"{name}: {daemon.expand(text)}")
        assert daemon.state(f"p{number}") == "STOPPED"


def test_autostart_of_such_a_command_ends_in_fatal_with_the_reason(start, pieces):
    daemon = pieces(start.make("".join(
        f"[program:p{number}]\ncommand={command}\nstartretries=0\n"
        for number, (command, _, _) in enumerate(REFUSED)))).start()
    for number, (_, _, text) in enumerate(REFUSED):
        info = daemon.wait_state(f"p{number}", "FATAL")
        assert info["spawnerr"] == info["description"] == daemon.expand(text)
        assert (info["exitstatus"], info["pid"]) == (0, 0)
        assert info["start"] > 0 and info["stop"] == 0
        assert ("INFO", f"spawnerr: {daemon.expand(text)}") in daemon.messages()


def test_the_failed_start_is_retried_in_backoff(start):
    daemon = start("[program:late]\ncommand=@DIR@/late 1000\nstartsecs=0\nstartretries=20\n")
    daemon.wait_state("late", "BACKOFF")
    (daemon.dir / "late").symlink_to("/bin/sleep")
    daemon.wait_state("late", "RUNNING")


def test_a_missing_file_is_refused_even_while_the_program_runs(start):
    daemon = start.make("[program:gone]\ncommand=@DIR@/gone 1000\nstartsecs=0\n")
    (daemon.dir / "gone").symlink_to("/bin/sleep")
    daemon.start()
    daemon.pid_of("gone")
    (daemon.dir / "gone").unlink()
    assert daemon.fault("supervisor.startProcess", "gone") == (
        20, f"NO_FILE: can't find command '{daemon.dir}/gone'")


# name, lines of the section, last words
LAST_WORDS = [
    ("interpreter", "command=@DIR@/script",
     "supervisor: couldn't exec @DIR@/script: ENOENT\n"),
    ("format", "command=@DIR@/noformat",
     "supervisor: couldn't exec @DIR@/noformat: ENOEXEC\n"),
    ("chdir", "command=/bin/true\ndirectory=/nonexistent",
     "supervisor: couldn't chdir to /nonexistent: ENOENT\n"),
    ("nodir", "command=/bin/true\ndirectory=/etc/passwd",
     "supervisor: couldn't chdir to /etc/passwd: ENOTDIR\n"),
    ("rights", "command=/bin/true\ndirectory=@DIR@/closed\nuser=nobody",
     "supervisor: couldn't chdir to @DIR@/closed: EACCES\n"),
]


def test_errors_after_the_fork_are_written_to_stderr_and_exit_127(start, pieces):
    daemon = pieces(start.make("".join(
        f"[program:{name}]\n{lines}\nstartretries=0\nstderr_logfile=@DIR@/{name}.err\n"
        for name, lines, _ in LAST_WORDS)))
    (daemon.dir / "closed").mkdir(mode=0o700)
    daemon.start()
    for name, _, words in LAST_WORDS:
        info = daemon.wait_state(name, "FATAL")
        assert daemon.read(f"{name}.err") == (
            daemon.expand(words) + "supervisor: child process was not spawned\n")
        assert info["spawnerr"] == "Exited too quickly (process log may have details)"
        assert ("WARN", f"exited: {name} (exit status 127; not expected)") in daemon.messages()


def test_a_log_file_that_cannot_be_opened_is_a_spawn_error(start, pieces):
    daemon = pieces(start.make("""
[program:x]
command=/bin/sleep 1000
stdout_logfile=@DIR@/folder
startretries=0
""")).start()
    info = daemon.wait_state("x", "FATAL")
    assert info["spawnerr"] == "unknown error making dispatchers for 'x': EISDIR"
    assert daemon.fault("supervisor.startProcess", "x") == (50, "SPAWN_ERROR: x")


def test_a_relative_command_is_run_relative_to_its_directory(start):
    daemon = start.make("""
[program:relative]
command=./here 1000
directory=@DIR@/folder
startsecs=0
""")
    (daemon.dir / "folder").mkdir()
    for place in (daemon.dir, daemon.dir / "folder"):
        (place / "here").symlink_to("/bin/sleep")
    daemon.start()
    daemon.pid_of("relative")


@pytest.mark.reeved_only("Supervisor forks, and waits for nobody")
@pytest.mark.skipif(platform.machine() != "x86_64", reason="an exec is waited for here")
def test_execs_that_take_for_ever_do_not_hold_up_other_programs(start, tmp_path):
    # Who opens the file waits until the lease is over, as on a server that does not answer.
    binary = tmp_path / "slow"
    shutil.copy("/bin/sleep", binary)
    before = signal.signal(signal.SIGIO, signal.SIG_IGN)
    try:
        with open(binary, "rb") as lease:
            fcntl.fcntl(lease, fcntl.F_SETLEASE, fcntl.F_WRLCK)
            daemon = start(f"""
[program:hung]
command={binary} 100
numprocs=12
process_name=%(process_num)d
[program:other]
command=/bin/sleep 100
autostart=false
startsecs=0
""")
            assert daemon.supervisor.startProcess("other")
            # The kernel takes the lease away in the end.
            assert os.readlink(f"/proc/{daemon.info('hung:0')['pid']}/exe") != str(binary)
            fcntl.fcntl(lease, fcntl.F_SETLEASE, fcntl.F_UNLCK)
        daemon.wait_state("hung:11", "RUNNING")
    finally:
        signal.signal(signal.SIGIO, before)
