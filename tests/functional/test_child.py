"""What a child sees: environment, user, directory, umask, descriptors, group, signals."""

import os
import signal

import pytest

from harness import procfs
from harness.daemon import nobody
from harness.waiting import wait_until

ENVIRON = "command=/bin/cp /proc/self/environ @DIR@/environ\nstartsecs=0\nautorestart=false\n"


def environment_seen(daemon, name="show"):
    daemon.wait_state(name, "EXITED")
    return procfs.parse_environment((daemon.dir / "environ").read_bytes())


def test_a_child_has_the_daemons_environment_and_the_supervisor_variables(start):
    daemon = start(f"[program:show]\n{ENVIRON}", environment={"FROM_OUTSIDE": "a b=c"})
    seen = environment_seen(daemon)
    assert seen["FROM_OUTSIDE"] == "a b=c"
    assert seen["PATH"] == daemon.environment["PATH"]
    assert seen["HOME"] == "/root"
    assert {key: value for key, value in seen.items() if key.startswith("SUPERVISOR_")} == {
        "SUPERVISOR_ENABLED": "1",
        "SUPERVISOR_SERVER_URL": f"unix://{daemon.sock}",
        "SUPERVISOR_PROCESS_NAME": "show",
        "SUPERVISOR_GROUP_NAME": "show",
    }
    unexpected = set(seen) - set(daemon.environment) - {
        "SUPERVISOR_ENABLED", "SUPERVISOR_SERVER_URL", "SUPERVISOR_PROCESS_NAME",
        "SUPERVISOR_GROUP_NAME"}
    assert unexpected - {"LC_CTYPE"} == set()


def test_the_programs_environment_wins_over_the_global_one_over_the_daemons(start):
    daemon = start(f"""
[program:show]
{ENVIRON}environment=THREE="own, %(program_name)s",SUPERVISOR_ENABLED="no",EMPTY="",Q='x"y'
""", supervisord="environment=TWO=global,THREE=global",
                   environment={"ONE": "outside", "TWO": "outside", "THREE": "outside"})
    seen = environment_seen(daemon)
    assert (seen["ONE"], seen["TWO"], seen["THREE"]) == ("outside", "global", "own, show")
    assert (seen["SUPERVISOR_ENABLED"], seen["EMPTY"], seen["Q"]) == ("no", "", 'x"y')


def test_expansions_reach_the_child(start):
    daemon = start("""
[program:show]
command=/bin/sh -c "echo '%(program_name)s %(group_name)s %(process_num)02d %(numprocs)d \
%(here)s %(host_node_name)s %(ENV_OUTSIDE)s 100%%' >@DIR@/%(process_num)d.out"
process_name=%(program_name)s_%(process_num)02d
numprocs=2
numprocs_start=4
startsecs=0
autorestart=false
[group:many]
programs=show
""", environment={"OUTSIDE": "o u t"})
    daemon.wait_state("many:show_04", "EXITED")
    daemon.wait_state("many:show_05", "EXITED")
    node = os.uname().nodename
    for number in (4, 5):
        assert daemon.read(f"{number}.out") == (
            f"show many 0{number} 2 {daemon.dir} {node} o u t 100%\n")


def test_names_of_a_removed_environment_stay_known_until_a_restart(start):
    program = "[program:p]\ncommand=/bin/echo %(ENV_GONE)s\nautostart=false\n"
    daemon = start(program, supervisord='environment=GONE="word"')
    daemon.supervisord_lines = ""
    daemon.write_config(program)
    for _ in range(2):
        assert daemon.supervisor.reloadConfig() == [[[], ["p"], []]]
    assert [info["command"] for info in daemon.supervisor.getAllConfigInfo()] == ["/bin/echo word"]
    daemon.write_config("[program:other]\ncommand=/bin/echo\nautostart=false\n")
    daemon.kill(signal.SIGHUP)
    daemon.wait_log("supervisord started with pid", 2, timeout=30)
    daemon.wait_ready()
    daemon.rpc("close")()
    daemon.write_config(program)
    fault = daemon.fault("supervisor.reloadConfig")
    assert fault[0] == 92 and "contains names ('ENV_GONE') which cannot be expanded" in fault[1]


def test_the_server_url_is_that_of_tcp_when_there_is_no_unix_socket(start):
    daemon = start(f"[program:show]\n{ENVIRON}", tcp=True, unix=False)
    assert environment_seen(daemon)["SUPERVISOR_SERVER_URL"] == f"http://127.0.0.1:{daemon.tcp}"


@pytest.mark.parametrize("given, seen", [
    ("http://x:1", "http://x:1"), ("", None), ("auto", "unix")])
def test_serverurl_sets_or_hides_the_variable(start, given, seen):
    daemon = start(f"[program:show]\n{ENVIRON}serverurl={given}\n")
    expected = f"unix://{daemon.sock}" if seen == "unix" else seen
    assert environment_seen(daemon).get("SUPERVISOR_SERVER_URL") == expected


def test_user_changes_uid_gid_and_groups_but_no_variable(start):
    daemon = start("""
[program:sleeper]
command=/bin/sleep 1000
user=nobody
startsecs=0
""")
    who = nobody()
    status = procfs.status(daemon.pid_of("sleeper"))
    assert status["Uid"].split() == [str(who.pw_uid)] * 4
    assert status["Gid"].split() == [str(who.pw_gid)] * 4
    assert set(map(int, status["Groups"].split())) == set(os.getgrouplist("nobody", who.pw_gid))
    assert procfs.environment(daemon.pid_of("sleeper"))["HOME"] == "/root"


def test_user_can_be_a_number(start):
    daemon = start(f"""
[program:sleeper]
command=/bin/sleep 1000
user={nobody().pw_uid}
startsecs=0
""")
    status = procfs.status(daemon.pid_of("sleeper"))
    assert status["Uid"].split()[0] == str(nobody().pw_uid)


def test_directory_and_umask(start):
    daemon = start("""
[program:touch]
command=/bin/sh -c "pwd >@DIR@/cwd; umask >@DIR@/umask; exec sleep 1000"
directory=/usr/lib
umask=027
startsecs=0
""")
    daemon.wait_text("umask", "0027\n")
    assert daemon.read("cwd") == "/usr/lib\n"


def test_without_directory_and_umask_those_of_the_daemon_are_kept(start):
    before = os.umask(0o026)
    try:
        daemon = start.make("""
[program:show]
command=/bin/sh -c "pwd >@DIR@/cwd; umask >@DIR@/umask; exec sleep 1000"
startsecs=0
""", supervisord="umask=077\ndirectory=/", cwd="/usr")
        daemon.start()
    finally:
        os.umask(before)
    daemon.wait_text("umask", "0026\n")
    assert daemon.read("cwd") == "/usr\n"


def test_a_child_has_three_descriptors_and_no_more(start):
    daemon = start("""
[program:one]
command=/bin/sleep 1000
startsecs=0
[program:two]
command=/bin/sleep 1000
startsecs=0
redirect_stderr=true
""", tcp=True)
    one, two = procfs.open_fds(daemon.pid_of("one")), procfs.open_fds(daemon.pid_of("two"))
    assert set(one) == set(two) == {0, 1, 2}
    assert all(target.startswith("pipe:") for target in one.values())
    assert len(set(one.values())) == 3
    assert two[1] == two[2] != two[0]


def test_a_child_leads_a_process_group_in_the_daemons_session(start):
    daemon = start("[program:sleeper]\ncommand=/bin/sleep 1000\nstartsecs=0\n")
    pid = daemon.pid_of("sleeper")
    fields = procfs.stat(pid)
    assert int(fields[2]) == pid
    assert fields[3] == procfs.stat(daemon.pid)[3]
    assert int(fields[1]) == daemon.pid


def test_a_child_starts_with_no_signal_blocked_or_caught(start):
    daemon = start("[program:sleeper]\ncommand=/bin/sleep 1000\nstartsecs=0\n")
    pid = daemon.pid_of("sleeper")
    assert procfs.signals(pid, "SigBlk") == set()
    assert procfs.signals(pid, "SigCgt") == set()
    # SIGPIPE and SIGXFSZ: Supervisor's children inherit them ignored, an artefact of Python.
    assert procfs.signals(pid, "SigIgn") <= ({13, 25} if not daemon.impl.is_reeved else {13})


def test_the_command_is_split_like_a_shell_would_but_run_without_one(start):
    daemon = start(r"""
[program:show]
command=/bin/sleep 1000 'a b' "c \" d" e\ f $HOME * ~
startsecs=0
autorestart=false
""".replace("/bin/sleep 1000", "@PYTHON@ -c 'import signal; signal.pause()'"))
    pid = daemon.pid_of("show")
    assert procfs.command_line(pid)[3:] == ["a b", 'c " d', "e f", "$HOME", "*", "~"]
    assert procfs.command_line(pid)[0] == "/usr/bin/python3"


def test_a_bare_command_is_found_by_the_path_of_the_programs_own_environment(start):
    daemon = start.make("""
[program:own]
command=findme 1000
environment=PATH="@DIR@/bin:/bin"
startsecs=0
[program:daemons]
command=sleep 1000
startsecs=0
""")
    (daemon.dir / "bin").mkdir()
    (daemon.dir / "bin" / "findme").symlink_to("/bin/sleep")
    daemon.start()
    assert os.path.samefile(f"/proc/{daemon.pid_of('own')}/exe", "/bin/sleep")
    assert procfs.command_line(daemon.pid_of("own"))[0] == "findme"
    daemon.pid_of("daemons")


def test_stdin_is_a_pipe_that_stays_open(start):
    daemon = start("[program:cat]\ncommand=/bin/cat\nstdout_logfile=@DIR@/cat.out\nstartsecs=0\n")
    daemon.pid_of("cat")
    assert daemon.supervisor.sendProcessStdin("cat", "one\n") is True
    daemon.wait_text("cat.out", "one\n")
    assert daemon.supervisor.sendProcessStdin("cat", "tw\u00f6 \u20ac\n") is True
    daemon.wait_text("cat.out", "tw\u00f6 \u20ac\n")
    assert daemon.state("cat") == "RUNNING"


def test_much_stdin_at_once_arrives_whole_even_if_the_child_is_slow(start):
    daemon = start("""
[program:slow]
command=/bin/sh -c "while ! test -e @DIR@/go; do sleep 0.05; done; exec cat"
stdout_logfile=@DIR@/slow.out
stdout_logfile_maxbytes=0
startsecs=0
""")
    daemon.pid_of("slow")
    text = "".join(f"{number:07}\n" for number in range(100_000))
    half = len(text) // 2
    assert daemon.supervisor.sendProcessStdin("slow", text[:half]) is True
    try:
        daemon.supervisor.sendProcessStdin("slow", text[half:])
    except Exception:  # a full pipe is an HTTP 500 of Supervisor's, although it has taken the data
        assert not daemon.impl.is_reeved
    (daemon.dir / "go").touch()
    wait_until(lambda: (daemon.dir / "slow.out").stat().st_size >= len(text), "all has arrived", 30)
    assert daemon.read("slow.out") == text


def test_stdin_faults(start):
    daemon = start("""
[program:echo]
command=@PYTHON@ @PROGRAMS@/echo_lines.py
stdout_logfile=@DIR@/echo.out
startsecs=0
[program:idle]
command=/bin/cat
autostart=false
""")
    daemon.wait_text("echo.out", "ready")
    assert daemon.fault("supervisor.sendProcessStdin", "idle", "x") == (70, "NOT_RUNNING: idle")
    assert daemon.fault("supervisor.sendProcessStdin", "nosuch", "x") == (10, "BAD_NAME: nosuch")
    assert daemon.fault("supervisor.sendProcessStdin", "echo", 1)[0] == 2
    daemon.supervisor.sendProcessStdin("echo", "close\n")
    daemon.wait_text("echo.out", "closed")

    def is_refused():
        try:
            daemon.supervisor.sendProcessStdin("echo", "more\n")
            return None
        except Exception as error:
            return error
    error = wait_until(is_refused, "the closed stdin is noticed")
    assert (error.faultCode, error.faultString) == (20, "NO_FILE: echo")
    assert daemon.state("echo") == "RUNNING"
