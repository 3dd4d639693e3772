"""Starts that must fail, with a reason that the caller sees, an exit status, and no trace."""

import os
import socket

import pytest

from harness import procfs
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
