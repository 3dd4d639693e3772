"""Starts that must fail, with a reason that the caller sees, an exit status, and no trace."""

import os
import socket
import subprocess

import pytest

from harness import implementation, procfs
from harness.daemon import nobody
from harness.waiting import wait_until

SLEEPER = "[program:sleeper]\ncommand=/bin/sleep 1000\nstartsecs=0\n"

# lines of [program:x] after the command, the message without its suffix
BAD_OPTIONS = [
    ("startsecs=soon", "invalid literal for int() with base 10: 'soon'"),
    ("autostart=maybe", "not a valid boolean value: 'maybe'"),
    ("autorestart=sometimes", "invalid 'autorestart' value 'sometimes'"),
    ("stopsignal=FOO", "value 'FOO' is not a valid signal name"),
    ("stopsignal=35", "value '35' is not a valid signal number"),
    ("exitcodes=0,x", "not a valid list of exit codes: '0,x'"),
    ("umask=9", "9 can not be converted to an octal type"),
    ("user=nosuchuser", "Invalid user name nosuchuser"),
    ("user=54321", "Invalid user id 54321"),
    ("stdout_logfile=/nonexistent/dir/x.log",
     "The directory named as part of the path /nonexistent/dir/x.log does not exist"),
    ("stdout_logfile_maxbytes=1M", "invalid literal for int() with base 10: '1m'"),
    ("numprocs=2", "%(process_num) must be present within process_name when numprocs > 1"),
    ("stopasgroup=true\nkillasgroup=false",
     "Cannot set stopasgroup=true and killasgroup=false"),
    ("environment=A", "Unexpected end of key/value pairs in value 'A'"),
    ("directory=%(nosuch)s", "Format string '%(nosuch)s' for 'program:x.directory' contains names "
                             "('nosuch') which cannot be expanded. Available names: "),
]


def fails(start, config="", status=2, **options):
    daemon = start.make(config, **options)
    daemon.launch()
    assert daemon.wait_end() == status, daemon.stderr()
    assert not daemon.leftovers()
    assert not daemon.pidfile.exists()
    return daemon


@pytest.mark.parametrize("lines, message", BAD_OPTIONS)
def test_a_bad_option_ends_the_start_and_names_the_section(start, lines, message):
    daemon = fails(start, f"[program:x]\ncommand=/bin/true\n{lines}\n")
    said = daemon.stderr().replace("\n", " ")
    assert said.startswith("Error: " + message.replace("\n", " ")), said
    assert f"in section 'program:x' (file: '{daemon.conf}')" in said
    assert f"For help, use {daemon.impl.binary} -h" in said


@pytest.mark.parametrize("config, message", [
    ("[program:a b]\ncommand=x\n", "Invalid name: 'a b' because of character: ' '"),
    ("[program:x]\ncommand=x\npriority=high\n", "invalid literal for int() with base 10: 'high'"),
    ("[group:g]\nprograms=nosuch\n",
     "[group:g] names unknown program or fcgi-program nosuch"),
    ("[eventlistener:e]\ncommand=x\n", '[eventlistener:e] section requires an "events" line'),
    ("[eventlistener:e]\ncommand=x\nevents=NOSUCH\n",
     "Unknown event type NOSUCH in [eventlistener:e] events"),
    ("[fcgi-program:f]\ncommand=x\n", '[fcgi-program:f] section requires a "socket" line'),
    ("[include]\n", ".ini file has [include] section, but no files setting"),
])
def test_bad_sections(start, config, message):
    daemon = fails(start, config)
    said = f"Error: {message}\nFor help, use {daemon.impl.binary} -h\n"
    # reeved goes on with the place in the file.
    assert daemon.stderr().startswith(said) if daemon.impl.is_reeved else daemon.stderr() == said


@pytest.mark.parametrize("raw, words", [
    ("command=x\n", ["File contains no section headers", "line: 1"]),
    ("[supervisord]\nnonsense\n", ["Source contains parsing errors", "[line  2]: 'nonsense"]),
    ("[program:x]\ncommand=x\n", [".ini file does not include supervisord section"]),
    ("", [".ini file does not include supervisord section"]),
    ("[supervisord]\nlogfile=/nonexistent/d/x.log\n",
     ["The directory named as part of the path /nonexistent/d/x.log does not exist"]),
    ("[supervisord]\nchildlogdir=/nonexistent\n", ["/nonexistent is not an existing directory"]),
    ("[supervisord]\nuser=nosuchuser\n", ["Invalid user name nosuchuser"]),
    ("[supervisord]\nloglevel=loud\n", ["bad logging level name 'loud'"]),
    ("[supervisord]\n[unix_http_server]\nfile=/tmp/x.sock\nusername=u\n",
     ["Section [unix_http_server] contains incomplete authentication"]),
    ("[supervisord]\n[inet_http_server]\nport=99999\n", ["99999"]),
    ("[supervisord]\n[unix_http_server]\n", ["section [unix_http_server] has no file value"]),
    ("[supervisord]\n[rpcinterface:supervisor]\n",
     ["section [rpcinterface:supervisor] does not specify a supervisor.rpcinterface_factory"]),
])
def test_files_that_are_no_configuration(start, raw, words):
    daemon = fails(start, raw=raw)
    for word in words:
        assert word in daemon.stderr()
    assert daemon.stderr().startswith("Error: ")


@pytest.mark.parametrize("data", [b"\x00" * 1000, b"\xff\xfe[supervisord]\n", b"[" * 100_000,
                                  b"[supervisord]\n" + b"x" * 1_000_000])
@pytest.mark.reeved_only("Supervisor ends with a traceback")
def test_binary_rubbish_is_refused(start, data):
    daemon = start.make()
    daemon.conf.write_bytes(data)
    daemon.launch()
    assert daemon.wait_end() == 2
    assert daemon.stderr().startswith("Error: ")


def test_a_port_in_use_ends_the_start(start):
    daemon = start.make(SLEEPER, tcp=True)
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", daemon.tcp))
        taken.listen()
        daemon.launch()
        assert daemon.wait_end() == 2
    assert daemon.stderr().startswith(
        "Error: Another program is already listening on a port that one of our HTTP servers is "
        "configured to use.  Shut this program down first before starting supervisord.\n")
    assert "spawned" not in daemon.log()


def test_a_second_daemon_on_the_same_socket_is_refused_and_the_first_lives_on(start):
    first = start(SLEEPER)
    second = start.make(SLEEPER, extra="", unix=False, tcp=True)
    second.conf.write_text(second.conf.read_text().replace(
        "[rpcinterface", f"[unix_http_server]\nfile={first.sock}\n\n[rpcinterface"))
    second.launch()
    assert second.wait_end() == 2
    assert second.stderr().startswith("Error: Another program is already listening")
    assert first.supervisor.getState()["statename"] == "RUNNING"
    first.pid_of("sleeper")


def test_a_stale_socket_is_replaced(start):
    daemon = start.make(SLEEPER)
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(daemon.sock)
    daemon.start()
    assert f"Unlinking stale socket {daemon.sock}" in daemon.stderr()
    daemon.pid_of("sleeper")


def test_a_socket_path_that_cannot_be_made_ends_the_start(start):
    daemon = fails(start, SLEEPER, unix=False, tcp=True,
                   extra="[unix_http_server]\nfile=/nonexistent/x.sock\n")
    assert daemon.stderr().startswith(
        "Error: Cannot open an HTTP server: socket.error reported errno.ENOENT (2)\n")


def test_a_socket_path_that_is_too_long_ends_the_start(start):
    daemon = start.make(SLEEPER, unix=False, tcp=True,
                        extra=f"[unix_http_server]\nfile=/tmp/{'x' * 120}.sock\n")
    daemon.launch()
    assert daemon.wait_end() in (1, 2)
    assert daemon.stderr()
    assert not daemon.leftovers()


def test_a_log_file_that_is_a_directory_ends_the_start(start):
    daemon = start.make(SLEEPER)
    daemon.log_path.mkdir()
    daemon.launch()
    assert daemon.wait_end() in (1, 2)
    assert daemon.stderr()
    assert not daemon.leftovers()
    daemon.log_path.rmdir()


def test_the_daemon_drops_its_rights_if_told_to(start):
    daemon = start.make(SLEEPER, supervisord="user=nobody")
    os.chown(daemon.dir, nobody().pw_uid, nobody().pw_gid)
    daemon.start()
    who = str(nobody().pw_uid)
    assert procfs.status(daemon.pid)["Uid"].split() == [who] * 4
    assert procfs.status(daemon.pid_of("sleeper"))["Uid"].split() == [who] * 4
    assert ("INFO", f"Set uid to user {who} succeeded") in daemon.messages()


def test_included_files_are_read_and_named(start):
    daemon = start.make("[include]\nfiles=conf.d/*.ini none*.ini\n")
    (daemon.dir / "conf.d").mkdir()
    for name in ("b", "a"):
        (daemon.dir / "conf.d" / f"{name}.ini").write_text(
            f"[program:{name}]\ncommand=/bin/sh -c 'echo %(here)s; exec sleep 1000'\nstartsecs=0\n"
            f"stdout_logfile={daemon.dir}/{name}.out\n")
    daemon.start()
    for name in ("a", "b"):
        assert daemon.wait_text(f"{name}.out", "\n") == f"{daemon.dir}/conf.d\n"
        assert ("INFO", f'Included extra file "{daemon.dir}/conf.d/{name}.ini" during parsing') in (
            daemon.messages())
    assert ("WARN", f'No file matches via include "{daemon.dir}/none*.ini"') in daemon.messages()


# Reread: what the pending file says, and that nothing bad takes effect.

def test_a_reread_of_a_broken_file_is_refused_and_changes_nothing(start):
    daemon = start(SLEEPER)
    daemon.pid_of("sleeper")
    daemon.write_config("[program:x]\ncommand=/bin/true\nstartsecs=soon\n")
    code, text = daemon.fault("supervisor.reloadConfig")
    assert code == 92
    assert text.startswith("CANT_REREAD: invalid literal for int() with base 10: 'soon'")
    assert daemon.state("sleeper") == "RUNNING"
    daemon.write_config(SLEEPER)
    assert daemon.supervisor.reloadConfig() == [[[], [], []]]


@pytest.mark.reeved_only("Supervisor does not say where")
def test_the_log_says_where_a_reread_failed(start):
    daemon = start()
    daemon.write_config("[program:p]\ncommand=/bin/sleep\nstopsignal=FOO\n")
    line = daemon.conf.read_text().splitlines().index("stopsignal=FOO") + 1
    assert daemon.fault("supervisor.reloadConfig")[0] == 92
    assert (f"; it is about file '{daemon.conf}', line {line}, section [program:p], option "
            "'stopsignal', value 'FOO'") in daemon.log()


def test_reread_reports_and_add_and_remove_apply(start):
    daemon = start(SLEEPER + "[program:old]\ncommand=/bin/sleep 1\nautostart=false\n")
    daemon.pid_of("sleeper")
    daemon.write_config(SLEEPER.replace("1000", "1001")
                        + "[program:new]\ncommand=/bin/sleep 1000\nstartsecs=0\n")
    assert daemon.supervisor.reloadConfig() == [[["new"], ["sleeper"], ["old"]]]
    names = [info["name"] for info in daemon.supervisor.getAllProcessInfo()]
    assert names == ["old", "sleeper"]
    assert daemon.supervisor.addProcessGroup("new") is True
    daemon.wait_state("new", "RUNNING")
    assert daemon.fault("supervisor.addProcessGroup", "new") == (90, "ALREADY_ADDED: new")
    assert daemon.fault("supervisor.addProcessGroup", "nosuch") == (10, "BAD_NAME: nosuch")
    assert daemon.fault("supervisor.removeProcessGroup", "sleeper") == (
        91, "STILL_RUNNING: sleeper")
    assert daemon.supervisor.removeProcessGroup("old") is True
    assert daemon.fault("supervisor.removeProcessGroup", "old") == (10, "BAD_NAME: old")
    assert daemon.fault("supervisor.addProcessGroup", "old") == (10, "BAD_NAME: old")


def test_add_and_remove_many_times_leak_no_descriptor(start):
    daemon = start(SLEEPER)
    daemon.pid_of("sleeper")
    counts = []
    for _ in range(10):
        daemon.supervisor.stopProcess("sleeper")
        daemon.supervisor.removeProcessGroup("sleeper")
        daemon.supervisor.reloadConfig()
        daemon.supervisor.addProcessGroup("sleeper")
        daemon.pid_of("sleeper")
        counts.append(len(procfs.open_fds(daemon.pid)))
    wait_until(lambda: len(procfs.open_fds(daemon.pid)) <= counts[0] + 1, f"no growth: {counts}")


# What a user is told of each mistake: file, line, section, option and value, never nothing.

PROGRAM_MISTAKES = """process_name=a b|numprocs=0x|numprocs=2|numprocs_start=a|priority=high|autostart=no way
startsecs=-x|startsecs=1.5|startretries=x|autorestart=sometimes|exitcodes=a|stopsignal=SIGFOO
stopwaitsecs=long|stopasgroup=q|killasgroup=q|user=nosuchuser|redirect_stderr=q
stdout_logfile=/nonexistent/l|stdout_logfile_maxbytes=1 banana|stdout_logfile_backups=-q
stdout_capture_maxbytes=zz|stdout_events_enabled=q|stdout_syslog=q|stderr_logfile=/nonexistent/l
stderr_logfile_maxbytes=x|stderr_logfile_backups=x|stderr_capture_maxbytes=x|stderr_events_enabled=x
stderr_syslog=x|umask=88|environment=A=B,C|environment=%(x)s|cpu_max=many|memory_max=many|memory_high=x
pids_max=x|nice=77|ionice=z|oom_score_adj=9999|rlimit_nofile=x|io_weight=-3|cpu_weight=0|limits=sure
on_orphan=x"""
SUPERVISORD_MISTAKES = """logfile=/nonexistent/x.log|logfile_maxbytes=5XB|logfile_backups=many|loglevel=loud
pidfile=/nonexistent/p|umask=999|nodaemon=perhaps|silent=2|minfds=lots|minprocs=-x|nocleanup=maybe
childlogdir=/nonexistent|user=nosuchuser|directory=/nonexistent|strip_ansi=7|environment=A
on_service_stop=never|on_orphan=eat|default_logfile=what|require_auth=q|loglevel=%(here
state_file=/nonexistent/x"""


def mistakes(text):
    return [one for line in text.splitlines() for one in line.split("|")]


def check(path):
    done = subprocess.run([implementation.reeved().binary, "--check", "-c", path], check=False,
                          capture_output=True, encoding="utf-8", errors="backslashreplace")
    return done.returncode, done.stdout + done.stderr


@pytest.mark.reeved_only("places are ours")
@pytest.mark.parametrize("section, before, options", [
    ("program:x", "command=/bin/true\n", PROGRAM_MISTAKES),
    ("supervisord", "", SUPERVISORD_MISTAKES),
], ids=["program", "supervisord"])
def test_each_wrong_value_is_named_with_its_place(tmp_path, section, before, options):
    path = tmp_path / "x.conf"
    for option in mistakes(options):
        key, value = option.split("=", 1)
        head = "" if section == "supervisord" else "[supervisord]\n"
        path.write_text(f"{head}[{section}]\n{before}{option}\n", encoding="ascii")
        status, said = check(path)
        line = 1 + path.read_text(encoding="ascii").splitlines().index(option)
        assert status == 2, (option, said)
        assert (f"It is about file '{path}', line {line}, section [{section}], option '{key}', "
                f"value '{value}'.\n") in said, option


@pytest.mark.reeved_only("Supervisor says nothing of these")
@pytest.mark.parametrize("text, status, said", [
    ("[program:x]\ncommand=\n", 0, "warn: program 'x' could not start now: command is empty\n"),
    ("[program:x]\ncommand=foo 'bar\n", 0, "No closing quotation\n"),
    ("[program:x]\ncommand=/nonexistent/x\n", 0, "can't find command '/nonexistent/x'\n"),
    ("[program:x]\ncommand=/bin/true\ndirectory=/nonexistent\n", 0,
     "program 'x' could not start now: directory '/nonexistent': No such file or directory\n"),
    ("[program:x]\ncommand=/bin/true\nnumprocs=-1\n", 0,
     "line 2: numprocs of [program:x] is -1, so it has no process\n"),
    ("[program:x]\ncommand=/bin/true\ncommand=/bin/false\n", 0,
     "line 4: option 'command' of [program:x] is there already in line 3, which does not hold any "
     "more\n"),
    ("[program:x]\ncommand=/bin/true\nstartsec=3\n", 0,
     "line 4: option 'startsec' of [program:x] is unknown and is not acted upon\n"),
    ("[programme:x]\ncommand=/bin/true\n", 0,
     "line 2: section [programme:x] is unknown and is not acted upon\n"),
    ("[include]\nfiles=/nonexistent/*.conf\n", 0,
     'warn: No file matches via include "/nonexistent/*.conf"\n'),
    ("[include]\nfiles=/tmp\n", 0, 'warn: Extra file "/tmp" cannot be read: Is a directory\n'),
    ("[unix_http_server]\nfile=/tmp/" + "s" * 100 + "\n", 2,
     "of [unix_http_server] is too long (at most 96 bytes)\n"),
    ("[reeve]\ncluster_key_file=/nonexistent\n[inet_http_server]\nport=127.0.0.1:1\n", 2,
     "key file '/nonexistent' cannot be opened: No such file or directory\n"),
    ("[reeve]\nrules_files=%(here)s/x.conf\n[inet_http_server]\nport=127.0.0.1:1\n", 1,
     "error: no rules hold, every application is unmanaged: rules file "),
    ("[program:x]\ncommand=/bin/true\nstartsecs=" + "9x" * 5000 + "\n", 2, "... (10000 bytes).\n"),
], ids=["empty", "quote", "command", "directory", "numprocs", "twice", "option", "section", "include",
        "directory included", "socket", "key", "rules", "long"])
def test_nothing_odd_is_passed_over_in_silence(tmp_path, text, status, said):
    path = tmp_path / "x.conf"
    path.write_text("[supervisord]\n" + text, encoding="ascii")
    got, all_of_it = check(path)
    assert said in all_of_it and got == status, all_of_it


@pytest.mark.reeved_only("the advice is ours")
def test_a_byte_order_mark_is_called_by_its_name(tmp_path):
    path = tmp_path / "x.conf"
    path.write_bytes(b"\xef\xbb\xbf[supervisord]\n")
    status, said = check(path)
    assert status == 2 and "\nIt is about its byte order mark: save it as UTF-8 without one." in said
    path.write_bytes(b"[supervisord]\r\n[program:x]\r\ncommand=/bin/true\r\n")
    assert check(path)[0] == 0
