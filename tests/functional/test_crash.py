"""reeved is killed: its programs go on, and the next reeved goes on with them."""

import http.client
import os
import pathlib
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time
import uuid
import xmlrpc.client

import pytest

from harness import implementation, procfs
from harness.crashes import (Reaper, come_back, crash, crash_and_come_back, worker, write_worker)
from harness.daemon import free_port
from harness.waiting import holds_for, wait_until

pytestmark = pytest.mark.reeved_only("Supervisor loses its programs when it is killed")

CRASHES = int(os.environ.get("REEVE_CRASHES", "12"))
ATTEMPTS_AT = 96  # in the head of a state file
NO_CGROUPS = ["unshare", "--mount", "--propagation=private", "/bin/sh", "-c",
              'mount -t tmpfs none /sys/fs/cgroup && exec "$0" "$@"']


@pytest.fixture
def start(start, impl):  # pylint: disable=redefined-outer-name,unused-argument
    """Daemons whose identifier nobody else on this machine has."""
    def make(config="", *, supervisord="", **options):
        return start.make(config, supervisord=f"identifier=crash-{uuid.uuid4().hex[:12]}\n"
                          f"{supervisord}", **options)

    def begin(config="", **options):
        return make(config, **options).start()
    begin.make = make
    return begin


@pytest.fixture(params=["cgroups", "no cgroups"])
def prefix(request):
    return [] if request.param == "cgroups" else NO_CGROUPS


def test_a_program_keeps_its_pid_and_its_time_over_a_crash(start, prefix):
    daemon = start("""
[program:long]
command=sleep 1000
""", prefix=prefix)
    before = daemon.wait_state("long", "RUNNING")
    crash_and_come_back(daemon)
    after = daemon.info("long")
    assert (after["statename"], after["pid"]) == ("RUNNING", before["pid"])
    assert after["start"] == before["start"]
    assert procfs.is_alive(before["pid"])
    daemon.wait_log(f"adopted: 'long' with pid {before['pid']}")


def test_an_adopted_program_is_stopped_with_all_its_children(start):
    daemon = start("""
[program:family]
command=/bin/sh -c "setsid sleep 1000 & echo $! >@DIR@/child; wait"
stopwaitsecs=5
""")
    main = daemon.pid_of("family")
    child = int(wait_until(lambda: daemon.read("child").strip(), "the child has a pid"))
    crash_and_come_back(daemon)
    assert daemon.supervisor.stopProcess("family") is True
    assert not procfs.is_alive(main) and not procfs.is_alive(child)
    assert daemon.state("family") == "STOPPED"


def test_an_adopted_program_gets_signals(start, prefix):
    daemon = start("""
[program:deaf]
command=/bin/sh -c "trap 'echo heard' USR1; echo ready; while :; do sleep 0.05; done"
stdout_logfile=@DIR@/deaf.log
""", prefix=prefix)
    daemon.pid_of("deaf")
    daemon.wait_text("deaf.log", "ready")
    crash_and_come_back(daemon)
    daemon.supervisor.signalProcess("deaf", "USR1")
    daemon.wait_text("deaf.log", "heard")


@pytest.mark.parametrize("is_reaped", [False, True], ids=["not reaped", "reaped at once"])
def test_the_exit_code_of_an_adopted_program_is_known(start, prefix, is_reaped):
    daemon = start("""
[program:code]
command=/bin/sh -c "while ! [ -e @DIR@/go ]; do sleep 0.02; done; exit 7"
autorestart=false
[program:signal]
command=sleep 1000
autorestart=false
""", prefix=prefix)
    daemon.pid_of("code")
    victim = daemon.pid_of("signal")
    crash_and_come_back(daemon)

    def end_both():
        (daemon.dir / "go").touch()
        os.kill(victim, signal.SIGUSR1)
        assert daemon.wait_state("code", "EXITED")["exitstatus"] == 7
        daemon.wait_state("signal", "EXITED")
        daemon.wait_log("exited: signal (terminated by SIGUSR1; not expected)")
    if is_reaped:
        with Reaper():
            end_both()
    else:
        end_both()


# As before Linux 6.13, which keeps no exit status for who holds a pidfd.
FORGETFUL = """
    #include <errno.h>
    #include <stdarg.h>
    #include <sys/ioctl.h>
    #include <sys/syscall.h>
    #include <unistd.h>
    int ioctl(int fd, unsigned long request, ...)
    {
            va_list ap;
            void *argument;
            va_start(ap, request);
            argument = va_arg(ap, void *);
            va_end(ap);
            if (request == _IOWR(0xFF, 11, char[64])) {
                    errno = ENOTTY;
                    return -1;
            }
            return (int)syscall(SYS_ioctl, fd, request, argument);
    }
"""


def test_an_upgrade_after_a_crash_goes_on_hearing_how_adopted_programs_end(start):
    if implementation.is_sanitized() or not shutil.which("cc"):
        pytest.skip("a library cannot be put in front here")
    daemon = start.make("""
[program:code]
command=/bin/sh -c "while ! [ -e @DIR@/go ]; do sleep 0.02; done; exit 7"
autorestart=false
""")
    (daemon.dir / "forgetful.c").write_text(FORGETFUL, encoding="utf-8")
    subprocess.run(["cc", "-shared", "-fPIC", "-o", daemon.dir / "forgetful.so",
                    daemon.dir / "forgetful.c"], check=True)
    daemon.environment["LD_PRELOAD"] = str(daemon.dir / "forgetful.so")
    daemon.start()
    if "exits of descendants are not known here" in daemon.log():
        pytest.skip("the kernel tells of nobody's exits here")
    daemon.pid_of("code")
    crash_and_come_back(daemon)
    daemon.wait_log("adopted: 'code'")
    assert daemon.rpc.reeve.upgrade() is True
    daemon.wait_log("upgraded from ")
    others = signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # then nobody is there to be reaped
    try:
        (daemon.dir / "go").touch()
        assert daemon.wait_state("code", "EXITED")["exitstatus"] == 7
    finally:
        signal.signal(signal.SIGCHLD, others)


def test_who_is_killed_while_a_new_snapshot_is_written_is_followed_as_ever(start):
    daemon = start("""
[program:long]
command=sleep 1000
[program:talker]
command=/bin/sh -c "while :; do echo something; done"
stdout_events_enabled=true
stdout_logfile=NONE
[eventlistener:mute]
command=sleep 1000
events=PROCESS_LOG
buffer_size=10
""", supervisord="state_file=@DIR@/state\n")
    pid = daemon.pid_of("long")
    for _ in range(5):
        wait_until((daemon.dir / "state.new").exists, "a new snapshot is begun", 60, poll=0.0002)
        crash(daemon)
        (daemon.dir / "state.new").unlink(missing_ok=True)
        come_back(daemon)
        assert daemon.pid_of("long") == pid
        assert "is damaged" not in daemon.log()
    assert len(re.findall("going on from its state, with 3 processes", daemon.log())) == 5


def test_what_ended_unseen_has_an_unknown_exit_status_and_runs_again(start, prefix):
    daemon = start("""
[program:once]
command=sleep 1000
autorestart=false
[program:again]
command=sleep 1000
""", prefix=prefix)
    once, again = daemon.pid_of("once"), daemon.pid_of("again")
    with Reaper():
        crash(daemon)
        os.kill(once, signal.SIGKILL)
        os.kill(again, signal.SIGKILL)
        wait_until(lambda: not os.path.exists(f"/proc/{once}") and
                   not os.path.exists(f"/proc/{again}"), "both are reaped")
        come_back(daemon)
    info = daemon.info("once")
    assert (info["statename"], info["exitstatus"]) == ("EXITED", -1)
    daemon.wait_log("exited: once (exit status unknown; not expected)")
    assert daemon.wait_state("again", "RUNNING")["pid"] != again


def test_what_ended_unseen_but_was_not_reaped_has_its_exit_status(start, prefix):
    daemon = start("""
[program:once]
command=/bin/sh -c "while ! [ -e @DIR@/go ]; do sleep 0.02; done; exit 5"
autorestart=false
""", prefix=prefix)
    pid = daemon.pid_of("once")
    crash(daemon)
    (daemon.dir / "go").touch()
    wait_until(lambda: not procfs.is_alive(pid), "it has ended")
    come_back(daemon)
    assert daemon.info("once")["exitstatus"] == 5


def test_what_was_written_meanwhile_is_in_the_log(start, prefix):
    daemon = start("""
[program:counter]
command=/bin/sh -c "i=0; while [ $i -lt 400 ]; do i=$((i+1)); echo $i; sleep 0.01; done; exec sleep 1000"
stdout_logfile=@DIR@/counter.log
""", prefix=prefix)
    pid = daemon.pid_of("counter")
    wait_until(lambda: len(daemon.lines("counter.log")) > 10, "it counts")
    for _ in range(3):
        crash(daemon)
        time.sleep(0.3)
        come_back(daemon)
    wait_until(lambda: len(daemon.lines("counter.log")) >= 400, "it has counted to the end")
    assert daemon.lines("counter.log") == [str(i) for i in range(1, 401)]
    assert daemon.info("counter")["pid"] == pid


def test_back_off_goes_on_where_it_was(start, prefix):
    daemon = start("""
[program:failing]
command=/bin/sh -c "date +%%s.%%N >>@DIR@/tries; exit 1"
startretries=3
startsecs=1
""", prefix=prefix)
    for tries in (1, 2, 3):
        wait_until(lambda n=tries: len(daemon.lines("tries")) == n, f"try number {tries}")
        crash_and_come_back(daemon)
    daemon.wait_state("failing", "FATAL")
    tries = [float(line) for line in daemon.lines("tries")]
    assert len(tries) == 4
    for number, (earlier, later) in enumerate(zip(tries, tries[1:]), 1):
        assert later - earlier >= number - 0.1


def test_a_stop_goes_on_where_it_was(start, prefix):
    daemon = start("""
[program:deaf]
command=/bin/sh -c "trap '' TERM; touch @DIR@/deaf; while :; do sleep 0.05; done"
stopwaitsecs=3
""", prefix=prefix)
    pid = daemon.pid_of("deaf")
    wait_until((daemon.dir / "deaf").exists, "it is deaf by now")
    asked = time.monotonic()
    daemon.supervisor.stopProcess("deaf", False)
    daemon.wait_state("deaf", "STOPPING")
    crash(daemon)
    holds_for(lambda: procfs.is_alive(pid), 1, "nobody is there to kill it")
    come_back(daemon)
    assert daemon.state("deaf") == "STOPPING"
    daemon.wait_state("deaf", "STOPPED")
    assert 2.9 < time.monotonic() - asked < 30


@pytest.mark.parametrize("kind", ["unix", "tcp"])
def test_the_socket_of_a_group_is_still_that_of_all_its_processes(start, prefix, kind):
    where = "unix://@DIR@/f.sock" if kind == "unix" else f"tcp://127.0.0.1:{free_port()}"
    daemon = start(f"""
[fcgi-program:f]
command=/bin/sleep 1000
socket={where}
process_name=%(process_num)d
numprocs=2
""", prefix=prefix)
    old = [daemon.pid_of(f"f:{i}") for i in range(2)]
    socket_of_all = os.readlink(f"/proc/{old[0]}/fd/0")
    crash_and_come_back(daemon)
    daemon.supervisor.stopProcess("f:0")
    daemon.supervisor.startProcess("f:0")
    assert daemon.info("f:1")["pid"] == old[1]
    assert os.readlink(f"/proc/{daemon.pid_of('f:0')}/fd/0") == socket_of_all


def test_a_second_daemon_does_not_go_on_from_the_state_of_one_that_lives(start):
    daemon = start("""
[program:long]
command=sleep 1000
""")
    pid = daemon.pid_of("long")
    result = subprocess.run([daemon.impl.binary, "-n", "-c", str(daemon.conf)], cwd=daemon.dir,
                            env=daemon.environment, capture_output=True, text=True, timeout=30,
                            check=False)
    assert result.returncode != 0
    assert daemon.info("long")["pid"] == pid
    assert daemon.pidfile.exists()


def test_after_an_orderly_end_there_is_nothing_to_go_on_from(start):
    daemon = start("""
[program:long]
command=sleep 1000
""")
    daemon.pid_of("long")
    daemon.stop()
    daemon.status = None
    come_back(daemon)
    assert "adopted" not in daemon.log()
    daemon.wait_state("long", "RUNNING")


def test_a_state_that_is_damaged_starts_everything_once(start, prefix):
    daemon = start("""
[program:long]
command=sleep 1000
""", supervisord="state_file=@DIR@/state", prefix=prefix)
    pid = daemon.pid_of("long")
    crash(daemon)
    state = bytearray((daemon.dir / "state").read_bytes())
    at = state.index(b"[engine]")
    state[at:at + 8] = b"[ngine!]"
    (daemon.dir / "state").write_bytes(state)
    come_back(daemon)
    assert daemon.wait_state("long", "RUNNING")["pid"] != pid
    wait_until(lambda: not procfs.is_alive(pid), "the first copy is ended")
    assert "cannot be gone on from" in daemon.log()


def test_the_directory_of_the_state_is_his_who_the_daemon_is_now(start):
    if os.geteuid() != 0:
        pytest.skip("only root becomes somebody else")
    daemon = start("", supervisord="user=nobody", owner="nobody")
    name = re.search(r"identifier=(\S+)", daemon.conf.read_text()).group(1)
    directory, = pathlib.Path("/run/reeve").glob(f"{name}-*")
    assert directory.stat().st_uid != 0
    daemon.stop()  # as nobody, who may not take away what is in a directory of root's
    daemon.status = None
    daemon.conf.write_text(daemon.conf.read_text().replace("user=nobody", "user=root"))
    come_back(daemon)
    assert directory.stat().st_uid == 0 and (directory / "state").stat().st_uid == 0


def test_pipes_that_are_lost_for_good_are_told_of(start):
    if os.geteuid() != 0:
        pytest.skip("only root makes a file that becomes root")
    daemon = start.make("""
[program:closed]
command=@DIR@/sleep 1000
[program:open]
command=/bin/sleep 1000
""", supervisord="user=nobody", owner="nobody")
    shutil.copy("/bin/sleep", daemon.dir / "sleep")
    (daemon.dir / "sleep").chmod(0o4755)  # nobody may look into who has become root
    daemon.start()
    daemon.pid_of("open")
    pid = daemon.pid_of("closed")
    if procfs.status(pid)["Uid"].split()[1] != "0":
        pytest.skip("that bit means nothing in this file system")
    crash_and_come_back(daemon)
    daemon.wait_log(f"the pipes of 'closed' (pid {pid}) cannot be had again, stdout: Permission denied, "
                    "stderr: Permission denied; on_orphan=adopt: ")
    assert "the pipes of 'open'" not in daemon.log()
    assert daemon.info("closed")["pid"] == pid


@pytest.mark.parametrize("word", ["adopt", "restart", "kill"])
def test_what_follows_when_the_output_of_a_program_is_lost(start, prefix, word):
    other = "adopt" if word != "adopt" else "kill"
    daemon = start(f"""
[program:closing]
command=/bin/sh -c "exec >&-; echo >>@DIR@/starts; exec sleep 1000"
[program:replacing]
command=/bin/sh -c "trap 'echo >>@DIR@/asked; exit' TERM; exec 2>/dev/null; touch @DIR@/there; while :; do sleep 0.05; done"
autorestart=false
[program:keeping]
command=/bin/sleep 1000
[program:differing]
command=/bin/sh -c "exec >&-; touch @DIR@/differs; exec sleep 1000"
on_orphan={other}
autorestart=false
""", supervisord=f"on_orphan={word}", prefix=prefix)
    before = {name: daemon.pid_of(name) for name in ("closing", "replacing", "keeping", "differing")}
    for name in ("starts", "there", "differs"):
        wait_until((daemon.dir / name).exists, f"'{name}' is there")
    crash_and_come_back(daemon)
    log = daemon.log()
    assert (f"the pipes of 'closing' (pid {before['closing']}) cannot be had again, stdout: it has closed it; "
            f"on_orphan={word}: ") in log
    assert (f"the pipes of 'replacing' (pid {before['replacing']}) cannot be had again, "
            f"stderr: it has put another file there; on_orphan={word}: ") in log
    assert f"cannot be had again, stdout: it has closed it; on_orphan={other}: " in log
    assert "the pipes of 'keeping'" not in log
    assert daemon.info("keeping")["pid"] == before["keeping"]
    if other == "kill":
        daemon.wait_state("differing", "EXITED")
        daemon.wait_log("exited: differing (terminated by SIGKILL; not expected)")
    else:
        assert daemon.info("differing")["pid"] == before["differing"]
    if word == "adopt":
        for name in ("closing", "replacing"):
            assert daemon.info(name)["pid"] == before[name]
            assert daemon.rpc.reeve.get_process_usage(name)["output_lost"] is True
        assert daemon.rpc.reeve.get_process_usage("keeping")["output_lost"] is False
        return
    wait_until(lambda: len(daemon.lines("starts")) == 2, "it was started again")
    assert not procfs.is_alive(before["closing"])
    daemon.wait_state("closing", "RUNNING")
    assert daemon.rpc.reeve.get_process_usage("closing")["output_lost"] is False
    if word == "restart":
        wait_until(lambda: daemon.info("replacing")["pid"] not in (0, before["replacing"]),
                   "it was started again, though an exit would not be followed by that")
        assert len(daemon.lines("asked")) == 1
    else:
        daemon.wait_state("replacing", "EXITED")
        assert not (daemon.dir / "asked").exists()


@pytest.mark.parametrize("what, why", [
    (b"garbage", "it is no state of reeved"),
    (b"x" * 9000, "it is no state of reeved"),
    (b"reeve-state 9\n" + bytes(9000), "it is of a form that another build of reeved writes"),
])
def test_a_file_that_is_no_state_is_told_of_and_kept_aside(start, what, why):
    daemon = start.make("[program:long]\ncommand=sleep 1000\n",
                        supervisord="state_file=@DIR@/state")
    state = daemon.dir / "state"
    state.write_bytes(what)
    state.chmod(0o600)
    daemon.start()
    daemon.wait_log(f"what was found in '{state}' is not gone on from: {why}; it is kept as "
                    f"'{state}.bad'")
    assert (daemon.dir / "state.bad").read_bytes() == what
    pid = daemon.pid_of("long")
    crash_and_come_back(daemon)  # and there is one now
    assert daemon.info("long")["pid"] == pid


def test_a_start_that_could_not_be_written_down_is_not_done_twice(start, memory_disk):
    disk = memory_disk("1m")
    daemon = start("[program:long]\ncommand=sleep 1000\n", supervisord=f"state_file={disk}/state")
    daemon.pid_of("long")
    (disk / "filler").write_bytes(b"x" * (os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize))
    for _ in range(100):  # until the room that the file has is used up
        daemon.supervisor.stopProcess("long")
        daemon.supervisor.startProcess("long", False)
        if "cannot write the state to" in daemon.log():
            break
    daemon.wait_log("cannot write the state to")
    last = daemon.pid_of("long")
    crash(daemon)
    (disk / "filler").unlink()
    come_back(daemon)
    now = daemon.info("long")["pid"]
    assert procfs.is_alive(last) is (now == last)


@pytest.mark.parametrize("how, why", [
    ("records", "what it begins with is damaged"),
    ("namespace", "it is of a daemon in another pid namespace"),
    ("boot", None),
])
def test_a_state_of_somebody_else_is_told_of_and_kept_aside(start, how, why):
    daemon = start("[program:long]\ncommand=sleep 1000\n", supervisord="state_file=@DIR@/state")
    pid = daemon.pid_of("long")
    crash(daemon)
    state = daemon.dir / "state"
    data = bytearray(state.read_bytes())
    world = bytes(data[16:96]).rstrip(b"\0")
    if how == "records":
        data[4096:] = bytes(len(data) - 4096)
    elif how == "namespace":
        data[16:96] = world.replace(b" ", b" 9").ljust(80, b"\0")
    else:
        data[16:24] = b"00000000"
    state.write_bytes(data)
    come_back(daemon)
    if why:
        daemon.wait_log(f"what was found in '{state}' is not gone on from: {why}")
        assert (daemon.dir / "state.bad").read_bytes() == data
    else:
        assert "is not gone on from" not in daemon.log()
        assert not (daemon.dir / "state.bad").exists()
    if procfs.is_alive(pid):
        os.kill(pid, signal.SIGKILL)


def cut_before_birth(state, victim, since):
    """As it is when the daemon is killed in a start: the kernel has written the pid, and no more."""
    data = bytearray(state.read_bytes())
    at, last = 4096, None
    while at < len(data):
        length = int(data[at + 2:data.index(b"\n", at)])
        if data[at:at + 1] == b"B":
            last = at
        at = data.index(b"\n", at) + 1 + length + 1
    process = int(re.search(rb"process=(\d+)", data[last:]).group(1))
    struct.pack_into("<IiQ", data, 104, process, victim, since)
    state.write_bytes(data[:last])


def test_who_has_got_the_pid_later_is_not_taken_for_what_was_being_started(start, prefix):
    daemon = start("[program:long]\ncommand=sleep 1000\nautostart=false\n", supervisord="state_file=@DIR@/state",
                   prefix=prefix)
    daemon.supervisor.startProcess("long")  # behind the first snapshot
    pid = daemon.pid_of("long")
    crash(daemon)
    os.kill(pid, signal.SIGKILL)
    with subprocess.Popen(["sleep", "1000"], start_new_session=True) as victim:
        since = int((time.clock_gettime(time.CLOCK_BOOTTIME) - 60) * 1e9)
        cut_before_birth(daemon.dir / "state", victim.pid, since)
        try:
            come_back(daemon)
            wait_until(lambda: daemon.info("long")["pid"] not in (0, pid, victim.pid), "it is anew")
            daemon.stop()
            assert procfs.is_alive(victim.pid)
        finally:
            victim.kill()


def test_what_was_being_started_is_gone_on_with(start, prefix):
    daemon = start("[program:long]\ncommand=sleep 1000\nautostart=false\n", supervisord="state_file=@DIR@/state",
                   prefix=prefix)
    daemon.supervisor.startProcess("long")  # behind the first snapshot
    pid = daemon.pid_of("long")
    crash(daemon)
    born = float(procfs.stat(pid)[19]) / os.sysconf("SC_CLK_TCK")
    cut_before_birth(daemon.dir / "state", pid, int((born - 0.5) * 1e9))
    come_back(daemon)
    assert daemon.wait_state("long", "RUNNING")["pid"] == pid


JOURNALD = """
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
with open(sys.argv[2], "a", 1) as out:
    out.write("ready\\n")
    while True:
        data = s.recv(1 << 20).split(b"\\n")
        out.write([x for x in data if x.startswith(b"MESSAGE=")][0].decode() + "\\n")
"""


def relays():
    return {pid for pid in procfs.pids() if procfs.read(pid, "comm") == b"reeve-journal\n" and procfs.is_alive(pid)}


@pytest.fixture
def journal(start):
    """A journald of our own for a daemon with one program that never stops writing."""
    if os.geteuid() != 0:
        pytest.skip("only root gives itself a journald of its own")
    daemon = start.make("""
[program:clock]
command=/bin/sh -c 'i=0; while :; do i=$((i+1)); echo "tick $i"; sleep 0.02; done'
stdout_logfile=journal
redirect_stderr=true
""", supervisord="state_file=@DIR@/state")
    run = daemon.dir / "run/systemd/journal"
    run.mkdir(parents=True)
    daemon.prefix = ["unshare", "--mount", "--propagation=private", "/bin/sh", "-c",
                     f'mount --bind "{daemon.dir}/run" /run && exec "$0" "$@"']
    with subprocess.Popen([sys.executable, "-c", JOURNALD, str(run / "socket"),
                           str(daemon.dir / "journal")]) as journald:
        wait_until(lambda: daemon.lines("journal"), "journald is there")
        yield daemon
        journald.kill()


@pytest.mark.parametrize("upgrades", [0, 1])
def test_a_relay_of_an_earlier_daemon_that_is_killed_is_followed_by_another(journal, upgrades):
    daemon, before = journal, relays()

    def goes_on():
        count = len(daemon.lines("journal"))
        wait_until(lambda: len(daemon.lines("journal")) > count + 5, "it is heard", 60)
    daemon.start()
    pid = daemon.pid_of("clock")
    goes_on()
    for number in range(2):
        relay, = relays() - before
        crash_and_come_back(daemon)
        assert relays() - before == {relay}
        goes_on()
        for _ in range(upgrades):
            assert daemon.rpc.reeve.upgrade() is True
            wait_until(lambda n=number: daemon.log().count("upgraded from ") == n + 1, "it is done")
            goes_on()
        os.kill(relay, signal.SIGKILL)
        wait_until(lambda n=number: daemon.log().count(
            "the relay to the journal of an earlier daemon is gone, another one goes on") == n + 1,
                   "that is told")
        goes_on()
        assert daemon.info("clock")["pid"] == pid
        assert len(relays() - before - {relay}) == 1
    daemon.stop()
    wait_until(lambda: not relays() - before, "the relay goes with the last program")


def forge(state, pid):
    """Whoever runs as the daemon's user may write into its state: damaged, and of another's pid."""
    data = state.read_bytes().replace(b"[engine]", b"[ngine!]", 1)
    birth = b"reeve-state 1\n[birth]\nprocess=2\npid=%d\nborn_since=0\nborn_until=%d\n[]\n" % (
        pid, 1 << 62)
    state.write_bytes(data + b"B %d\n%s\n" % (len(birth), birth))


def test_a_forged_state_ends_nobody_whom_its_owner_could_not_end_himself(start):
    if os.geteuid() != 0:
        pytest.skip("only root becomes somebody else")
    daemon = start("""
[program:long]
command=sleep 1000
""", supervisord="user=nobody\nstate_file=@DIR@/state", owner="nobody")
    pid = daemon.pid_of("long")
    crash(daemon)
    with subprocess.Popen(["sleep", "1000"], start_new_session=True) as victim:
        forge(daemon.dir / "state", victim.pid)
        come_back(daemon)
        assert "cannot be gone on from" in daemon.log()
        assert procfs.is_alive(victim.pid)
        victim.kill()
    assert daemon.wait_state("long", "RUNNING")["pid"] != pid
    assert not procfs.is_alive(pid)


def count_attempts(state, count):
    """As if so many daemons had failed to go on from there."""
    with open(state, "r+b") as file:
        file.seek(ATTEMPTS_AT)
        file.write(count.to_bytes(4, "little"))


def test_what_was_left_out_is_not_there_for_the_next_daemon_either(start, prefix):
    daemon = start.make(programs(), supervisord="state_file=@DIR@/state", prefix=prefix)
    write_worker(daemon)
    daemon.start()
    for i in range(LONG):
        daemon.wait_state(f"long{i}", "RUNNING")
    with Reaper():
        for number in range(6):
            crash(daemon)
            if number % 2 == 0:
                count_attempts(daemon.dir / "state", 2)
            come_back(daemon)
            time.sleep(0.05 * number)
        # Once more by a daemon that ends before it has written a state of its own.
        assert daemon.log().count("so the last thing that had happened is left out") >= 3
        assert "is damaged behind" not in daemon.log()
        for i in range(SHORT):
            counted = len(daemon.lines(f"short{i}.starts"))
            wait_until(lambda i=i, n=counted: len(daemon.lines(f"short{i}.starts")) > n,
                       f"short{i} runs again and again")
    assert daemon.read("copies") == ""


# Many crashes, at any moment.

LONG, SHORT = 6, 4


def programs(version=0):
    text = [f"[program:long{i}]\ncommand={worker(f'long{i}')}\n" for i in range(LONG)]
    text += [f"[program:short{i}]\nautorestart=true\nstartsecs=0\nexitcodes={i + 1}\n"
             f"command={worker(f'short{i}', f'sleep 0.1{i}; exit {i + 1}')}\n"
             for i in range(SHORT)]
    text.append("[program:slow]\nstopwaitsecs=20\ncommand=" + worker(
        "slow", "trap \"sleep 0.2; exit 0\" TERM; while :; do sleep 0.05; done") + "\n")
    text.append(f"[program:changing]\ncommand={worker('changing', f'exec sleep {1000 + version}')}\n")
    return "".join(text)


class Operator(threading.Thread):
    """Somebody who does all kinds of things, and does not mind when nobody answers."""

    def __init__(self, daemon, seed):
        super().__init__(daemon=True)
        self.daemon_, self.random, self.over, self.version = daemon, random.Random(seed), False, 0

    def run(self):
        names = [f"long{i}" for i in range(LONG)] + ["slow", "changing"]
        while not self.over:
            try:
                self.act(self.daemon_.proxy(), self.random.choice(names))
            except (OSError, EOFError, AssertionError, ValueError, http.client.HTTPException,
                    xmlrpc.client.Error):
                time.sleep(0.01)

    def act(self, proxy, name):
        supervisor = proxy.supervisor
        what = self.random.randrange(8)
        if what < 3:
            supervisor.stopProcess(name, self.random.random() < 0.5)
        elif what < 6:
            supervisor.startProcess(name, self.random.random() < 0.5)
        elif what == 6:
            self.version += 1
            self.daemon_.write_config(programs(self.version))
            for changed in supervisor.reloadConfig()[0][1]:
                supervisor.stopProcessGroup(changed)
                supervisor.removeProcessGroup(changed)
                supervisor.addProcessGroup(changed)
        else:
            proxy.reeve.upgrade(str(self.daemon_.impl.binary))
        time.sleep(self.random.random() * 0.05)


def settle(daemon):
    """Whatever was asked for last, in the end everything runs."""
    wait_until(lambda: daemon.supervisor.getState()["statename"] == "RUNNING", "it runs")
    known = {info["name"] for info in daemon.supervisor.getAllProcessInfo()}
    for changed in daemon.supervisor.reloadConfig()[0][0]:
        daemon.supervisor.addProcessGroup(changed)
    for info in daemon.supervisor.getAllProcessInfo():
        if not info["name"].startswith("short") and info["statename"] not in ("RUNNING", "STARTING"):
            try:
                daemon.supervisor.startProcess(info["name"])
            except xmlrpc.client.Fault as fault:
                assert fault.faultCode == 60, fault
    assert known


@pytest.mark.parametrize("seed", [1])
def test_no_crash_at_whatever_moment_makes_a_second_copy_or_loses_a_program(start, prefix, seed):
    daemon = start.make(programs(), prefix=prefix)
    write_worker(daemon)
    daemon.start()
    dice = random.Random(seed)
    operator = Operator(daemon, seed)
    with Reaper():
        operator.start()
        for _ in range(CRASHES):
            time.sleep(dice.random() * 0.3)
            crash(daemon)
            daemon.launch()
            if dice.random() < 0.7:
                daemon.wait_ready()
        daemon.wait_ready()
        operator.over = True
        operator.join()
        daemon.wait_ready()
        settle(daemon)
        for i in range(LONG):
            daemon.wait_state(f"long{i}", "RUNNING")
        for i in range(SHORT):
            counted = len(daemon.lines(f"short{i}.starts"))
            wait_until(lambda i=i, n=counted: len(daemon.lines(f"short{i}.starts")) > n,
                       f"short{i} runs again and again")
    assert daemon.read("copies") == ""
    for name, code in re.findall(r"exited: (short\d) \(([^);]*)", daemon.log()):
        assert code in (f"exit status {int(name[-1]) + 1}", "exit status unknown")
    assert "waitpid error" not in daemon.log()
