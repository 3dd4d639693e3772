"""Another binary goes on in the same process, and nothing notices."""

import grp
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import threading
import time
import xmlrpc.client

import pytest

from harness import implementation, procfs, rawhttp
from harness.waiting import wait_until

pytestmark = pytest.mark.reeved_only("a restart is all that it has")
SANITIZED = implementation.is_sanitized()
PATIENCE = 120 if SANITIZED else 60

PROGRAMS = """
[program:sleeper]
command=/bin/sleep 10000
[program:chatter]
command=/bin/sh -c 'n=0; while :; do n=$((n + 1)); echo line $n; sleep 0.02; done'
stdout_logfile=@DIR@/chatter.log
"""


def standing(daemon):
    return daemon.rpc.reeve.get_upgrade()


def upgrade(daemon, binary=None):
    """Has it done, and waits until it is: what it says of it."""
    before = standing(daemon)
    assert daemon.rpc.call("reeve.upgrade", *([str(binary)] if binary else [])) is True

    def is_over():
        try:
            now = standing(daemon)
        except (OSError, http.client.HTTPException, xmlrpc.client.ProtocolError):
            return None
        return now["done"] + now["failed"] > before["done"] + before["failed"] and now
    now = wait_until(is_over, lambda: f"the upgrade is over:\n{daemon.log()[-3000:]}", PATIENCE)
    assert now["failed"] == before["failed"], now["failure"]
    return now


def refusal(daemon, binary=None):
    """Why it is not done; and the old one runs on as before."""
    code, text = daemon.fault("reeve.upgrade", *([str(binary)] if binary else []))
    assert code == 30, text
    assert daemon.supervisor.getPID() == daemon.pid
    return text.removeprefix("FAILED: ")


def other_build(daemon, how):
    path = daemon.dir / "other_build.py"
    shutil.copy(implementation.PROGRAMS / "other_build.py", path)
    path.chmod(0o755)
    (daemon.dir / "other_build.json").write_text(
        json.dumps({"how": how, "real": daemon.impl.binary}))
    return path


def pids(daemon):
    return {f"{info['group']}:{info['name']}": info["pid"]
            for info in daemon.supervisor.getAllProcessInfo()}


def is_in_order(daemon):
    """No line of the chatter is missing or doubled."""
    lines = daemon.lines("chatter.log")
    return lines == [f"line {n + 1}" for n in range(len(lines))] and lines


#
# That it comes about.
#


def test_the_same_process_goes_on_and_so_does_each_program(start):
    daemon = start(PROGRAMS, tcp=True)
    for name in ("sleeper", "chatter"):
        daemon.pid_of(name)
    before, started = pids(daemon), daemon.info("sleeper")["start"]
    descriptors = set(procfs.open_fds(daemon.pid))
    for number in range(3):
        now = upgrade(daemon)
        assert now["done"] == number + 1 and now["from"] == now["version"] and now["pause"] > 0
    assert pids(daemon) == before
    assert daemon.info("sleeper")["start"] == started
    assert {procfs.parent(pid) for pid in before.values()} == {daemon.pid}
    now = procfs.open_fds(daemon.pid)
    assert len(now) <= len(descriptors) + 1  # of the connection that asks
    assert not any("reeve-state" in target or target == str(daemon.impl.binary)
                   for target in now.values())
    assert b"REEVE_RESUME" not in procfs.read(daemon.pid, "environ").split(b"=")[0]
    assert daemon.log().count("supervisord started with pid") == 1
    assert daemon.log().count("running without any HTTP authentication") == 2  # of the start
    count = len(daemon.lines("chatter.log"))
    wait_until(lambda: len(daemon.lines("chatter.log")) > count + 5, "the chatter is still heard")
    assert is_in_order(daemon)
    daemon.supervisor.stopProcess("sleeper")
    assert not procfs.is_alive(before["sleeper:sleeper"])
    daemon.supervisor.startProcess("sleeper")


def test_an_exit_right_then_is_not_missed(start):
    daemon = start("""
[program:brief]
command=/bin/sh -c 'echo >>@DIR@/begun; sleep 0.03; exit 7'
startsecs=0
exitcodes=7
autorestart=true
""")
    for _ in range(4):
        upgrade(daemon)
    daemon.supervisor.stopProcess("brief")
    log = daemon.log()
    spawned = log.count("spawned: 'brief'")
    assert spawned - len(daemon.lines("begun")) in (0, 1)  # the last one was stopped
    assert spawned == log.count("exited: brief (exit status 7; expected)") + \
        log.count("stopped: brief")


def test_reevectl_waits_and_says_both_versions(start):
    daemon = start(PROGRAMS)
    result = daemon.ctl("upgrade", client=implementation.reevectl())
    version = daemon.rpc.reeve.get_upgrade()["version"]
    assert result.status == 0
    assert result.out.startswith(f"upgraded from {version} to {version}: it stood still for ")
    assert daemon.ctl("upgrade", "now", client=implementation.reevectl()).status == 2


def test_work_under_way_goes_on_though_who_waits_is_sent_away(start):
    daemon = start("""
[program:slow]
command=/bin/sleep 1000
startsecs=4
autostart=false
[program:stubborn]
command=@PYTHON@ @PROGRAMS@/ignore_term.py
stopwaitsecs=3
[program:backing]
command=/bin/sh -c 'exit 1'
startretries=100
startsecs=10
""", tcp=True)
    stubborn = daemon.pid_of("stubborn")
    answers = {}

    def ask(name, method, *arguments):
        try:
            answers[name] = daemon.proxy().call(method, *arguments)
        except xmlrpc.client.ProtocolError as error:
            answers[name] = error.errcode, dict(error.headers.items()).get("Retry-After")
    waiting = [threading.Thread(target=ask, args=("slow", "supervisor.startProcess", "slow")),
               threading.Thread(target=ask, args=("stop", "supervisor.stopProcess", "stubborn"))]
    for thread in waiting:
        thread.start()
    daemon.wait_state("slow", "STARTING")
    daemon.wait_state("stubborn", "STOPPING")
    began = time.monotonic()
    slow = daemon.info("slow")["pid"]
    upgrade(daemon)
    for thread in waiting:
        thread.join(30)
    assert answers == {"slow": (503, "1"), "stop": (503, "1")}
    assert daemon.state("slow") == "STARTING" or time.monotonic() - began > 4
    daemon.wait_state("slow", "RUNNING")
    assert daemon.info("slow")["pid"] == slow
    daemon.wait_state("stubborn", "STOPPED")
    assert not procfs.is_alive(stubborn)
    assert daemon.state("backing") in ("BACKOFF", "STARTING")


def test_a_stream_ends_and_connections_at_rest_are_closed(start):
    daemon = start(PROGRAMS, tcp=True)
    daemon.pid_of("chatter")
    with rawhttp.connect(("127.0.0.1", daemon.tcp)) as stream, \
            rawhttp.connect(daemon.sock) as idle:
        stream.sendall(rawhttp.request("GET", "/logtail/chatter"))
        reader = rawhttp.Reader(stream)
        assert reader.head()[0] == 200
        assert reader.chunk()
        idle.sendall(rawhttp.request("POST", "/RPC2", rawhttp.rpc_body("supervisor.getPID")))
        assert rawhttp.Reader(idle).response().status == 200
        upgrade(daemon)
        while reader.chunk():
            pass
        assert idle.recv(1) == b""


def test_a_listener_is_told_each_event_once(start):
    daemon = start("""
[eventlistener:ear]
command=@PYTHON@ @PROGRAMS@/listener.py @DIR@/heard
events=PROCESS_STATE
[program:brief]
command=/bin/sh -c 'sleep 0.05; exit 3'
startsecs=0
exitcodes=3
autorestart=true
""")
    daemon.pid_of("ear")
    wait_until(lambda: len(daemon.lines("heard")) > 5, "events are heard")
    ear = daemon.info("ear")["pid"]
    for _ in range(4):
        upgrade(daemon)
    count = len(daemon.lines("heard"))
    wait_until(lambda: len(daemon.lines("heard")) > count + 5, "they still are")
    heard = [json.loads(line) for line in daemon.lines("heard")]
    serials = [int(headers["poolserial"]) for headers, _, _ in heard]
    assert serials == list(range(serials[0], serials[0] + len(serials)))
    assert {pid for _, _, pid in heard} == {ear}


def test_figures_limits_frozen_state_and_leftovers_go_along(start):
    daemon = start("""
[program:busy]
command=/bin/sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done; exec sleep 1000'
[program:parent]
command=/bin/sh -c 'trap "" TERM; sleep 1000 & exec sleep 1000'
autostart=false
stopwaitsecs=2
""")
    if "no cgroups here" in daemon.log():
        pytest.skip("there are no cgroups")
    daemon.wait_state("busy", "RUNNING")
    wait_until(lambda: procfs.command_line(daemon.info("busy")["pid"])[0] == "sleep", "it is done",
               60)
    used = daemon.rpc.reeve.get_process_usage("busy")["cpu_usec"]
    assert used > 10000
    daemon.rpc.reeve.freeze_process("busy")
    daemon.supervisor.startProcess("parent")
    parent = daemon.pid_of("parent")
    child = procfs.children(parent)[0]
    os.kill(parent, signal.SIGKILL)  # of the group a member is left
    upgrade(daemon)
    assert daemon.rpc.reeve.get_process_usage("busy")["frozen"] is True
    daemon.rpc.reeve.thaw_process("busy")
    assert daemon.rpc.reeve.get_process_usage("busy")["cpu_usec"] >= used
    wait_until(lambda: not procfs.is_alive(child), "what was left behind is ended")


def test_a_fastcgi_socket_stays_open(start):
    daemon = start("""
[fcgi-program:f]
command=/bin/sleep 1000
socket=unix://@DIR@/f.sock
process_name=%(process_num)d
numprocs=2
startsecs=0
""")
    pid = daemon.pid_of("f:0")
    socket = os.readlink(f"/proc/{pid}/fd/0")
    inode = os.stat(daemon.dir / "f.sock").st_ino
    upgrade(daemon)
    daemon.supervisor.stopProcess("f:1")
    daemon.supervisor.startProcess("f:1")
    assert os.readlink(f"/proc/{daemon.pid_of('f:1')}/fd/0") == socket
    assert os.stat(daemon.dir / "f.sock").st_ino == inode
    daemon.supervisor.stopProcessGroup("f")
    assert "Closing socket" in daemon.log()


def test_input_and_commands_that_were_given_go_along(start):
    daemon = start("""
[program:reader]
command=@PYTHON@ @PROGRAMS@/echo_lines.py
stdout_logfile=@DIR@/echo.log
""")
    daemon.pid_of("reader")
    daemon.supervisor.sendProcessStdin("reader", "half ")
    upgrade(daemon)
    daemon.supervisor.sendProcessStdin("reader", "a line\n")
    daemon.wait_text("echo.log", "half a line")


def test_a_daemon_that_is_somebody_else_by_now_needs_no_root(start):
    daemon = start(PROGRAMS, supervisord="user=nobody", owner="nobody")
    daemon.pid_of("chatter")
    before = pids(daemon)
    for _ in range(2):
        upgrade(daemon)
        # Others of that user, its programs among them, still may not look into it.
        assert os.stat(f"/proc/{daemon.pid}/mem").st_uid == 0
    assert pids(daemon) == before
    assert procfs.status(daemon.pid)["Uid"].split()[0] != "0"
    daemon.supervisor.stopProcess("sleeper")
    daemon.supervisor.startProcess("sleeper")
    upgrade(daemon)


def test_a_daemon_behind_goes_on_from_where_it_was_started(start):
    daemon = start.make(PROGRAMS, arguments=(), supervisord="directory=/usr\numask=077")
    daemon.conf.rename(daemon.dir / "here.conf")
    daemon.conf = type(daemon.conf)("here.conf")  # as it is given: relative
    daemon.launch()
    assert daemon.wait_end() == 0
    daemon.conf = daemon.dir / "here.conf"
    pid = int(wait_until(lambda: daemon.pidfile.exists() and daemon.pidfile.read_text().strip(),
                         "the pid file is written"))
    daemon.adopt(pid)
    daemon.wait_ready()
    daemon.pid_of("chatter")
    upgrade(daemon)
    upgrade(daemon)
    assert os.readlink(f"/proc/{pid}/cwd") == "/usr"
    assert daemon.pidfile.read_text() == f"{pid}\n"


def test_the_servers_are_those_that_the_file_says_now(start):
    daemon = start(PROGRAMS, tcp=True)
    wait_until(lambda: all(pids(daemon).values()), "all are started")
    before, old = pids(daemon), daemon.tcp
    taken = rawhttp.connect(("127.0.0.1", old))
    with taken:
        daemon.tcp = None
        daemon.write_config(PROGRAMS)
        upgrade(daemon)
    with pytest.raises(OSError):
        rawhttp.connect(("127.0.0.1", old))
    daemon.tcp = old
    daemon.write_config(PROGRAMS)
    upgrade(daemon)
    rawhttp.connect(("127.0.0.1", old)).close()
    assert pids(daemon) == before


#
# That it does not.
#


@pytest.mark.parametrize("how, why", [
    ("later", "the state is of version 2, and this build knows those up to 1"),
    ("refuses", "it does not like the state"),
    ("broken", "terminated by SIGSEGV"),
])
def test_a_binary_that_cannot_go_on_is_not_let(start, how, why):
    daemon = start(PROGRAMS)
    daemon.pid_of("chatter")
    before, binary = pids(daemon), other_build(daemon, how)
    assert refusal(daemon, binary) == f"'{binary}' cannot go on from here: {why}"
    assert f"no upgrade in place: '{binary}' cannot go on from here: {why}" in daemon.log()
    assert pids(daemon) == before
    upgrade(daemon)
    assert pids(daemon) == before
    assert is_in_order(daemon)


def test_files_that_are_no_reeved_are_refused(start):
    daemon = start(PROGRAMS)
    absent, plain = daemon.dir / "absent", daemon.conf
    assert refusal(daemon, absent) == f"cannot execute '{absent}': No such file or directory"
    assert refusal(daemon, plain) == f"cannot execute '{plain}': Permission denied"
    assert "it is no reeved that knows how to" in refusal(daemon, "/bin/true")
    assert "exit status 1" in refusal(daemon, "/bin/false")
    code, text = daemon.fault("reeve.upgrade", "bin/true")
    assert "relative" in text


def test_only_who_owns_the_daemon_may_name_a_binary(start):
    daemon = start(PROGRAMS, tcp=True)
    with pytest.raises(xmlrpc.client.Fault, match="by its unix socket"):
        daemon.proxy(tcp=True).reeve.upgrade("/bin/true")
    assert standing(daemon)["done"] == 0


def test_a_configuration_that_is_wrong_is_told_with_its_place(start):
    daemon = start(PROGRAMS)
    wait_until(lambda: all(pids(daemon).values()), "all are started")
    before, good = pids(daemon), daemon.conf.read_text()
    daemon.conf.write_text(good.replace("loglevel=info", "loglevel=loud"))
    text = refusal(daemon)
    assert "loud" in text and "supervisord.conf" in text and "line" in text
    daemon.conf.write_text(good.replace("[supervisord]", "[supervisord]\nuser=daemon"))
    assert "takes a restart" in refusal(daemon)
    daemon.conf.write_text(good)
    upgrade(daemon)
    assert pids(daemon) == before


def test_two_at_a_time_are_one_too_many(start):
    daemon = start(PROGRAMS)
    binary = other_build(daemon, "hangs")
    thread = threading.Thread(target=lambda: daemon.fault("reeve.upgrade", str(binary)))
    other = daemon.proxy()
    thread.start()
    wait_until(lambda: other.reeve.get_upgrade()["under_way"], "the first one is under way")
    with pytest.raises(xmlrpc.client.Fault, match="an upgrade is under way"):
        other.reeve.upgrade()
    # What happens meanwhile is not held up, and the end of the daemon is none of an obstacle.
    other.supervisor.stopProcess("sleeper")
    daemon.stop()
    thread.join(30)


def stray_of(daemon):
    path = daemon.dir / "other_build.stray"
    return int(wait_until(lambda: path.exists() and path.read_text(), "it has a child"))


def test_what_a_check_leaves_behind_is_ended(start):
    daemon = start(PROGRAMS)
    assert "it would rather not" in refusal(daemon, other_build(daemon, "leaves"))
    stray = stray_of(daemon)
    wait_until(lambda: not procfs.is_alive(stray), "it is ended")


def test_a_check_that_hangs_is_ended_with_its_children(start):
    daemon = start(PROGRAMS)
    binary = other_build(daemon, "strays")
    thread = threading.Thread(target=lambda: daemon.fault("reeve.upgrade", str(binary)))
    thread.start()
    stray = stray_of(daemon)
    assert procfs.is_alive(stray)
    daemon.stop()  # or after half a minute
    thread.join(30)
    wait_until(lambda: not procfs.is_alive(stray), "it is ended")


def test_a_state_file_that_is_not_to_be_had_is_tried_again(start):
    daemon = start(PROGRAMS, supervisord=f"state_file=@DIR@/state\nidentifier=again-{os.getpid()}")
    daemon.pid_of("chatter")
    os.link(daemon.dir / "state", daemon.dir / "second")  # then it is not a file of ours alone
    upgrade(daemon)
    daemon.wait_log("after a crash no program could be gone on with: ")
    assert f"'{daemon.dir}/state' is not a file of ours alone; this is tried again" in daemon.log()
    daemon.supervisor.stopProcess("sleeper")
    daemon.wait_log("still after a crash no program could be gone on with: ")
    upgrade(daemon)  # one more image that cannot have it
    (daemon.dir / "second").unlink()
    daemon.wait_log(f"the state is written to '{daemon.dir}/state' again")
    before = pids(daemon)
    daemon.kill(signal.SIGKILL)
    daemon.process.wait()
    daemon.status = None
    daemon.launch()
    daemon.wait_ready()
    assert pids(daemon) == before and daemon.state("sleeper") == "STOPPED"
    assert is_in_order(daemon)


@pytest.mark.parametrize("is_root", [True, False])
def test_the_mode_of_the_socket_is_what_the_file_says_now(start, is_root):
    daemon = start.make(PROGRAMS, **({} if is_root else {"supervisord": "user=nobody", "owner": "nobody"}))
    text = daemon.conf.read_text()
    assert "chmod" not in text and f"file={daemon.sock}" in text
    daemon.start()
    assert os.stat(daemon.sock).st_mode & 0o777 == 0o700
    inode = os.stat(daemon.sock).st_ino
    owner = "chown=root:daemon" if is_root else ""
    daemon.conf.write_text(text.replace(f"file={daemon.sock}", f"file={daemon.sock}\nchmod=0770\n{owner}"))
    upgrade(daemon)
    wait_until(lambda: os.stat(daemon.sock).st_mode & 0o777 == 0o770, "it has the mode")
    assert os.stat(daemon.sock).st_ino == inode
    if is_root:
        assert grp.getgrgid(os.stat(daemon.sock).st_gid).gr_name == "daemon"
        return
    daemon.conf.write_text(text.replace(f"file={daemon.sock}", f"file={daemon.sock}\nchown=root:root"))
    upgrade(daemon)
    daemon.wait_log(f"mode and owner of '{daemon.sock}' stay as they were: Not permitted to chown")


@pytest.mark.parametrize("delay", [0, 0.005, 0.02, 0.05])
def test_a_signal_to_end_is_obeyed_whichever_image_gets_it(start, delay):
    daemon = start(PROGRAMS)
    daemon.pid_of("chatter")
    assert daemon.rpc.reeve.upgrade() is True
    time.sleep(delay)  # some come before, some after the jump
    daemon.stop()
    assert is_in_order(daemon)


def test_a_restart_in_place_and_a_reread_work_after_it(start):
    daemon = start(PROGRAMS)
    daemon.pid_of("chatter")
    before = pids(daemon)
    upgrade(daemon)
    daemon.write_config(PROGRAMS + "[program:third]\ncommand=/bin/sleep 10000\n")
    assert daemon.supervisor.reloadConfig() == [[["third"], [], []]]
    daemon.supervisor.addProcessGroup("third")
    upgrade(daemon)
    assert {name: pid for name, pid in pids(daemon).items() if "third" not in name} == before
    daemon.kill(signal.SIGHUP)
    wait_until(lambda: daemon.log().count("supervisord started with pid") == 2, "it begins anew")
    daemon.wait_ready()
    wait_until(lambda: len(set(pids(daemon).values()) - {0}) == 3, "all run again")
    assert not set(before.values()) & set(pids(daemon).values())
    upgrade(daemon)


def test_who_cannot_go_on_after_all_is_put_back(start):
    if SANITIZED or not shutil.which("cc"):
        pytest.skip("a library cannot be put in front here")
    daemon = start(PROGRAMS)
    daemon.pid_of("chatter")
    source = daemon.dir / "deaf.c"
    source.write_text("""
        #include <stddef.h>
        #include <stdlib.h>
        void *MHD_start_daemon(void) { return NULL; }
        __attribute__((constructor)) static void once(void) { unsetenv("LD_PRELOAD"); }
        """)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", daemon.dir / "deaf.so", source], check=True)
    before, binary = pids(daemon), other_build(daemon, "deaf")
    assert daemon.rpc.reeve.upgrade(str(binary)) is True

    def has_failed():
        try:
            return standing(daemon)["failed"]
        except (OSError, http.client.HTTPException):
            return 0
    wait_until(has_failed, "it is given up")
    now = standing(daemon)
    assert (now["done"], now["failed"]) == (0, 1)
    assert "cannot serve HTTP" in now["failure"]
    assert pids(daemon) == before
    assert procfs.read(daemon.pid, "comm").strip() == b"reeved"
    result = daemon.ctl("upgrade", "--binary", str(binary), client=implementation.reevectl())
    assert result.status == 1 and "cannot serve HTTP" in result.out
    upgrade(daemon)
    assert pids(daemon) == before
    count = len(daemon.lines("chatter.log"))
    wait_until(lambda: len(daemon.lines("chatter.log")) > count + 5, "the chatter is still heard")
    assert is_in_order(daemon)


def vanishing(daemon):
    """Can go on when it is asked, and is not there any more when it is to be executed."""
    binary = daemon.dir / "vanishing"
    binary.write_text(f"#!/bin/sh\nrm -f {binary}\nexec {daemon.impl.binary} \"$@\"\n")
    binary.chmod(0o755)
    return binary


def test_a_binary_that_is_gone_at_the_last_moment_costs_nothing(start):
    daemon = start(PROGRAMS)
    daemon.pid_of("chatter")
    before, descriptors = pids(daemon), len(procfs.open_fds(daemon.pid))
    for number in range(4):
        assert daemon.rpc.reeve.upgrade(str(vanishing(daemon))) is True
        wait_until(lambda n=number: standing(daemon)["failed"] > n, "it has failed")
    assert "No such file" in standing(daemon)["failure"]
    assert pids(daemon) == before
    assert len(procfs.open_fds(daemon.pid)) <= descriptors + 1  # of the connection that asks
    upgrade(daemon)
    assert pids(daemon) == before and is_in_order(daemon)


def test_a_restart_that_comes_in_between_leaves_nothing_of_the_upgrade(start):
    daemon = start("", tcp=True)
    before = len(procfs.open_fds(daemon.pid))
    with rawhttp.connect(("127.0.0.1", daemon.tcp)) as slow:
        slow.sendall(b"POST /RPC2 HTTP/1.1\r\nHost: ")  # so there is something to wait for
        assert daemon.rpc.reeve.upgrade() is True
        daemon.kill(signal.SIGHUP)
        wait_until(lambda: daemon.log().count("supervisord started") == 2, "it has begun anew")
    daemon.wait_ready()
    if standing(daemon)["done"]:
        pytest.skip("the machine was too slow for something to come in between")
    assert len(procfs.open_fds(daemon.pid)) <= before + 1  # of the connection that asks


def test_what_a_later_build_wrote_is_kept_for_it(start):
    daemon = start(PROGRAMS)
    daemon.pid_of("chatter")
    binary = other_build(daemon, "richer")
    upgrade(daemon, binary)
    upgrade(daemon, binary)
    state = (daemon.dir / "other_build.state").read_text(errors="replace")
    assert "[novelty]\nhow=new\n[.inner]\nwhat=1\n" in state
    assert state.count("\nfrom_later=kept\n") >= 3
    upgrade(daemon)


CAP_SYS_RESOURCE = 24
MANY_FILES = """
[program:many]
command=/bin/sleep 10000
process_name=%(program_name)s_%(process_num)02d
numprocs=20
startsecs=0
stdout_logfile=@DIR@/%(program_name)s_%(process_num)02d.out
stderr_logfile=@DIR@/%(program_name)s_%(process_num)02d.err
"""


@pytest.mark.parametrize("user", ["root", "nobody"])
def test_a_limit_of_descriptors_is_raised_for_it_or_it_is_not_begun(start, user):
    if os.geteuid() != 0:
        pytest.skip("only root becomes somebody else")
    may_raise = int(procfs.status(os.getpid())["CapEff"], 16) >> CAP_SYS_RESOURCE & 1
    daemon = start(MANY_FILES, supervisord=f"minfds=1\nuser={user}", owner=user,
                   prefix=["prlimit", "--nofile=250:250"])
    wait_until(lambda: all(info["pid"] for info in daemon.supervisor.getAllProcessInfo()),
               "all run", 60)
    before = pids(daemon)
    assert 140 < len(procfs.open_fds(daemon.pid)) < 220  # some of it would not have room twice
    if user == "root" and may_raise:
        upgrade(daemon)
    else:
        assert "file descriptors for a moment, which are more" in refusal(daemon)
    assert pids(daemon) == before
    assert "Too many open files" not in daemon.log()


# What does change from one to the next, though nothing has happened.
CHANGES = re.compile(r"saved_at=|upgrades=|upgrade_pause=|upgraded_from=|list=")


def test_the_state_is_the_same_after_each_upgrade(start):
    """Written, read and written again it is what it was, of every part of the daemon."""
    daemon = start("""
[program:sleeper]
command=/bin/sleep 10000
[program:left]
command=/bin/sh -c 'exit 3'
autorestart=false
startsecs=0
[fcgi-program:f]
command=/bin/sleep 1000
socket=unix://@DIR@/f.sock
[eventlistener:ear]
command=@PYTHON@ @PROGRAMS@/listener.py @DIR@/heard
events=PROCESS_STATE
""", tcp=True)
    for name in ("sleeper", "f", "ear"):
        daemon.pid_of(name)
    wait_until(lambda: '"PROCESS_STATE_RUNNING"' in daemon.read("heard"), "it is quiet")
    daemon.supervisor.sendProcessStdin("sleeper", "some words")
    binary = other_build(daemon, "notes")
    for _ in range(3):
        upgrade(daemon, binary)
    states = [(daemon.dir / f"other_build.state.{number}").read_text().splitlines()
              for number in range(3)]
    assert any(line == "[engine]" for line in states[0]) and len(states[0]) > 100
    states = [[line for line in state if not CHANGES.match(line)] for state in states]
    assert states[1] == states[0]
    assert states[2] == states[0]
