"""The service manager keeps the pipes of programs while there is no daemon."""

import os
import re
import signal

import pytest

from harness import procfs
from harness.crashes import Reaper
from harness.manager import Manager, answer, send
from harness.waiting import wait_until

pytestmark = pytest.mark.reeved_only("Supervisor loses its programs when it is killed")

# Says what it is told to say when it is told to end, so that a test can have it end at its time.
TALKER = """[program:talker]
command=/bin/sh -c 'echo begin; echo oops >&2; while ! [ -e @DIR@/go ]; do sleep 0.02; done; i=0; while [ $i -lt 500 ]; do i=$((i+1)); echo line $i; done; echo last words; echo the end >&2; exit 7'
stdout_logfile=@DIR@/talker.log
stderr_logfile=@DIR@/talker.err
autorestart=false
startsecs=0
"""
SAID = ["begin"] + [f"line {n + 1}" for n in range(500)] + ["last words"]


@pytest.fixture
def managed(tmp_path):
    made = []

    def make(programs, **options):
        made.append(Manager(tmp_path, programs, **options))
        return made[-1]
    yield make
    for manager in made:
        manager.clear()


def info(manager, name):
    return manager.ask("unix", "supervisor.getProcessInfo", name)


def runs(manager, name):
    manager.wait(lambda: info(manager, name)["statename"] == "RUNNING")
    return info(manager, name)["pid"]


def lines(manager, name):
    path = manager.where / name
    return path.read_text().splitlines() if path.exists() else []


def start(manager):
    manager.launch()
    manager.wait(lambda: manager.ask("unix", "supervisor.getState"))


def ends_meanwhile(manager, pid):
    """It says its last and ends, and its new parent reaps it at once, while there is no daemon."""
    with Reaper():
        manager.crash()
        (manager.where / "go").touch()
        wait_until(lambda: not os.path.exists(f"/proc/{pid}"), "it has ended and is reaped")
    start(manager)


def knows_ends():
    """Whether this kernel tells who holds a pidfd how its process ended."""
    major, minor = map(int, re.match(r"(\d+)\.(\d+)", os.uname().release).groups())
    return (major, minor) >= (6, 15)


@pytest.mark.parametrize("crashes", [1, 3])
def test_what_a_program_says_last_while_there_is_no_daemon_is_in_its_log(managed, crashes):
    manager = managed(TALKER)
    start(manager)
    pid = runs(manager, "talker")
    manager.wait(lambda: len(manager.names("reeve-run-")) == 4)
    assert set(manager.names("reeve-run-")) == {f"reeve-run-{pid}-talker"}
    for _ in range(crashes - 1):
        manager.crash()
        start(manager)
        assert runs(manager, "talker") == pid
        assert len(manager.names("reeve-run-")) == 4
    ends_meanwhile(manager, pid)
    manager.wait(lambda: info(manager, "talker")["statename"] == "EXITED")
    assert lines(manager, "talker.log") == SAID
    assert lines(manager, "talker.err") == ["oops", "the end"]
    if knows_ends():
        assert info(manager, "talker")["exitstatus"] == 7
        assert "exited: talker (exit status 7; not expected)" in manager.log()
    else:
        assert info(manager, "talker")["exitstatus"] == -1
        assert "exited: talker (exit status unknown; not expected)" in manager.log()
    manager.wait(lambda: not manager.names("reeve-run-"))


def test_who_runs_again_has_new_pipes_and_what_was_said_before_comes_first(managed):
    manager = managed(TALKER.replace("autorestart=false", "autorestart=true"))
    start(manager)
    pid = runs(manager, "talker")
    ends_meanwhile(manager, pid)
    manager.wait(lambda: lines(manager, "talker.log")[len(SAID):][:1] == ["begin"])
    assert lines(manager, "talker.log")[:len(SAID)] == SAID


def test_what_is_left_of_a_program_holds_nothing_open(managed):
    manager = managed("""[program:family]
command=/bin/sh -c 'setsid sh -c "while ! [ -e @DIR@/say ]; do sleep 0.1; done" & while ! [ -e @DIR@/go ]; do sleep 0.02; done; echo parent'
stdout_logfile=@DIR@/family.log
autorestart=false
killasgroup=false
startsecs=0
""")
    start(manager)
    pid = runs(manager, "family")
    try:
        ends_meanwhile(manager, pid)
        manager.wait(lambda: info(manager, "family")["statename"] == "EXITED")
        assert lines(manager, "family.log") == ["parent"]
        manager.wait(lambda: not manager.names("reeve-run-"))
    finally:
        for child in procfs.children(os.getpid()):
            if f"while ! [ -e {manager.where}/say".encode() in procfs.read(child, "cmdline"):
                os.kill(child, signal.SIGKILL)


def test_a_pipe_that_is_kept_still_ends_when_the_program_does(managed):
    manager = managed(TALKER)
    start(manager)
    pid = runs(manager, "talker")
    manager.wait(lambda: len(manager.names("reeve-run-")) == 4)
    (manager.where / "go").touch()
    manager.wait(lambda: info(manager, "talker")["statename"] == "EXITED")
    assert info(manager, "talker")["exitstatus"] == 7
    assert lines(manager, "talker.log") == SAID
    manager.wait(lambda: not manager.names("reeve-run-"))
    with manager.lock:
        assert sum(m.get("FDSTOREREMOVE") == "1" and f"-{pid}-" in m["FDNAME"]
                   for m in manager.messages) == 1


def test_a_start_costs_the_manager_one_message(managed):
    manager = managed(TALKER)
    start(manager)
    runs(manager, "talker")
    for _ in range(5):
        assert manager.ask("unix", "supervisor.stopProcess", "talker")
        assert manager.ask("unix", "supervisor.startProcess", "talker")
    manager.wait(lambda: len(manager.names("reeve-run-")) == 4)
    with manager.lock:
        told = [m for m in manager.messages if m.get("FDNAME", "").startswith("reeve-run-")]
    assert len(told) == 6 + 5


def test_an_orderly_end_leaves_no_pipe_there(managed):
    manager = managed(TALKER.replace("command=/bin/sh", "numprocs=20\nprocess_name=%(process_num)d\ncommand=/bin/sh"))
    start(manager)
    manager.wait(lambda: len(manager.names("reeve-run-")) == 80)
    manager.end()
    manager.wait(lambda: not manager.names(""))


def test_an_upgrade_keeps_the_pipes_under_their_names(managed):
    manager = managed(TALKER)
    start(manager)
    pid = runs(manager, "talker")
    manager.wait(lambda: len(manager.names("reeve-run-")) == 4)
    names = manager.names("")
    assert manager.ask("unix", "reeve.upgrade") is True
    manager.wait(lambda: "upgraded from " in manager.log())
    assert manager.ask("unix", "supervisor.getState")
    assert manager.names("") == names
    ends_meanwhile(manager, pid)
    manager.wait(lambda: info(manager, "talker")["statename"] == "EXITED")
    assert lines(manager, "talker.log") == SAID
    manager.wait(lambda: not manager.names("reeve-run-"))
    # And the other way round: a daemon that went on after a crash is upgraded.
    (manager.where / "go").unlink()
    manager.ask("unix", "supervisor.startProcess", "talker")
    pid = runs(manager, "talker")
    manager.wait(lambda: len(manager.names("reeve-run-")) == 4)
    manager.crash()
    start(manager)
    assert manager.ask("unix", "reeve.upgrade") is True
    manager.wait(lambda: manager.log().count("upgraded from ") == 2)
    (manager.where / "go").touch()
    manager.wait(lambda: info(manager, "talker")["statename"] == "EXITED")
    assert lines(manager, "talker.log") == SAID + SAID
    manager.wait(lambda: not manager.names("reeve-run-"))


def test_what_does_not_fit_is_said_once_and_opened_anew(managed):
    # 32 are left to the HTTP servers: of three programs one fits.
    manager = managed(TALKER.replace("command=/bin/sh", "numprocs=3\nprocess_name=%(process_num)d\ncommand=/bin/sh"),
                      limit=32 + 7)
    start(manager)
    manager.wait(lambda: len(manager.names("reeve-run-")) == 4)
    before = [runs(manager, f"talker:{i}") for i in range(3)]
    assert manager.log().count("the service manager has no room for the pipes of '1'") == 1
    assert manager.log().count("the service manager has no room") == 1
    manager.crash()
    start(manager)
    assert [runs(manager, f"talker:{i}") for i in range(3)] == before
    (manager.where / "go").touch()
    manager.wait(lambda: not manager.names("reeve-run-"))
    manager.wait(lambda: all(info(manager, f"talker:{i}")["exitstatus"] == 7 for i in range(3)))
    said = lines(manager, "talker.log")
    assert all(said.count(line) == 3 for line in SAID) and len(said) == 3 * len(SAID)
    assert manager.refused == 0


def test_no_more_is_kept_than_the_next_daemon_could_be_handed(managed):
    manager = managed(TALKER, limit=5000, files=140)  # (140 - 64) / 2 - 32
    start(manager)
    runs(manager, "talker")
    manager.wait(lambda: len(manager.names("reeve-run-")) == 4)
    assert manager.ask("unix", "supervisor.stopProcess", "talker")
    manager.programs = TALKER.replace("command=/bin/sh", "numprocs=3\nprocess_name=%(process_num)d\ncommand=/bin/sh")
    manager.configure()
    assert manager.ask("unix", "supervisor.reloadConfig")
    manager.ask("unix", "supervisor.removeProcessGroup", "talker")
    manager.ask("unix", "supervisor.addProcessGroup", "talker")
    manager.wait(lambda: "the service manager has no room for the pipes of '1'" in manager.log())
    assert "(6 descriptors, by FileDescriptorStoreMax= and LimitNOFILE= of our service)" in manager.log()


def test_a_manager_that_is_slow_holds_nobody_up_and_gets_it_later(managed):
    manager = managed(TALKER.replace("command=/bin/sh", "numprocs=40\nprocess_name=%(process_num)d\nautostart=false\ncommand=/bin/sh"))
    start(manager)
    manager.wait(lambda: len(manager.names()) == 2)
    manager.hearing.clear()
    manager.ask("inet", "supervisor.getState")
    names = [f"talker:{i}" for i in range(40)]
    assert all(manager.ask("unix", "supervisor.startProcess", name) for name in names)
    for name in names[:10]:
        assert manager.ask("unix", "supervisor.stopProcess", name)
    assert len(manager.names("reeve-run-")) < 4 * 30
    manager.hearing.set()
    manager.wait(lambda: len(manager.names("reeve-run-")) == 4 * 30)
    pids = {str(info(manager, name)["pid"]) for name in names[10:]}
    assert {name.split("-")[2] for name in manager.names("reeve-run-")} == pids


def test_what_a_slow_manager_was_not_told_before_an_upgrade_it_is_told_then(managed):
    manager = managed(TALKER.replace("command=/bin/sh", "numprocs=40\nprocess_name=%(process_num)d\nautostart=false\ncommand=/bin/sh"))
    start(manager)
    manager.wait(lambda: len(manager.names()) == 2)
    names = [f"talker:{i}" for i in range(40)]
    assert all(manager.ask("unix", "supervisor.startProcess", name) for name in names[:10])
    manager.wait(lambda: len(manager.names("reeve-run-")) == 4 * 10)
    manager.hearing.clear()
    manager.ask("inet", "supervisor.getState")
    assert all(manager.ask("unix", "supervisor.startProcess", name) for name in names[10:])
    for name in names[:10]:
        assert manager.ask("unix", "supervisor.stopProcess", name)
    with manager.connect("unix") as client:
        send(client, "reeve.upgrade")
        # It has something to say of it, too.
        wait_until(lambda: "upgrading in place" in manager.log(), "it is on its way")
        manager.hearing.set()
        assert answer(client) is True
    manager.wait(lambda: "upgraded from " in manager.log())
    manager.wait(lambda: len(manager.names("reeve-run-")) == 4 * 30)
    pids = {str(info(manager, name)["pid"]) for name in names[10:]}
    assert {name.split("-")[2] for name in manager.names("reeve-run-")} == pids


def test_what_belongs_to_nobody_is_given_back(managed):
    manager = managed(TALKER)
    start(manager)
    pid = runs(manager, "talker")
    manager.wait(lambda: len(manager.names("reeve-run-")) == 4)
    manager.crash()
    mine = os.pipe()
    with manager.lock:
        manager.kept["reeve-run-1-other"] = [mine[0]]
        manager.kept["reeve-fcgi-other-12345678"] = [mine[1]]
    start(manager)
    manager.wait(lambda: not manager.names("reeve-run-1-") and not manager.names("reeve-fcgi"))
    assert len(manager.names("reeve-run-")) == 4
    assert runs(manager, "talker") == pid
    held = [target for target in procfs.open_fds(manager.daemon.pid).values() if "pipe" in target]
    assert len(held) == len(set(held))
    # With another state there is nobody at all to whom they belong.
    manager.crash()
    os.kill(pid, signal.SIGKILL)
    manager.supervisord = f"state_file={manager.where}/other"
    manager.configure()
    start(manager)
    runs(manager, "talker")
    manager.wait(lambda: f"reeve-run-{pid}-talker" not in manager.names("reeve-run-"))
    assert len(manager.names("reeve-run-")) == 4


def test_a_fastcgi_socket_is_there_though_all_its_programs_have_ended(managed):
    manager = managed("""[fcgi-program:f]
command=/bin/sleep 1000
socket=unix://@DIR@/f.sock
autorestart=true
startsecs=0
""")
    start(manager)
    pid = runs(manager, "f")
    manager.wait(lambda: len(manager.names("reeve-fcgi-f-")) == 1)
    socket = os.readlink(f"/proc/{pid}/fd/0")
    with Reaper():
        manager.crash()
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not os.path.exists(f"/proc/{pid}"), "it is gone")
    start(manager)
    manager.wait(lambda: info(manager, "f")["pid"] not in (0, pid))
    assert os.readlink(f"/proc/{runs(manager, 'f')}/fd/0") == socket
    assert len(manager.names("reeve-fcgi-f-")) == 1
    assert manager.ask("unix", "supervisor.stopProcess", "f")
    manager.wait(lambda: not manager.names("reeve-fcgi-"))


def test_programs_are_given_none_of_what_is_kept(managed):
    manager = managed("""[program:fds]
command=/bin/sh -c 'ls -l /proc/self/fd; env; exec sleep 1000'
stdout_logfile=@DIR@/fds.log
redirect_stderr=true
""")
    start(manager)
    runs(manager, "fds")
    manager.wait(lambda: len(manager.names("reeve-run-")) == 3)
    manager.crash()
    start(manager)
    assert manager.ask("unix", "supervisor.stopProcess", "fds")
    (manager.where / "fds.log").write_text("")
    assert manager.ask("unix", "supervisor.startProcess", "fds")
    manager.wait(lambda: any("PATH=" in line for line in lines(manager, "fds.log")))
    said = lines(manager, "fds.log")
    assert len([line for line in said if " -> " in line]) == 4  # and the directory itself
    assert not any(line.startswith(("LISTEN_", "FDSTORE", "NOTIFY_SOCKET")) for line in said)


@pytest.mark.parametrize("minfds, wanted", [(1024, 1500), (2000, 2000), (5000, 5000)])
def test_programs_begin_with_as_many_open_files_as_the_unit_says(managed, monkeypatch, minfds, wanted):
    monkeypatch.setenv("REEVE_PROGRAM_FILES", "1500")
    manager = managed("""[program:limit]
command=/bin/sh -c 'ulimit -Sn; exec sleep 1000'
stdout_logfile=@DIR@/limit.log
""", files=4096, supervisord=f"minfds={minfds}")
    start(manager)
    manager.wait(lambda: lines(manager, "limit.log"))
    assert lines(manager, "limit.log") == [str(wanted)]
