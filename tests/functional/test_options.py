"""The effect of options that no other test needs; and which test shows the effect of which option.

The list below is complete: an option of the configuration is named there or the first test fails.
"""

import os
import pathlib
import re
import socket
import subprocess

import pytest

from harness import implementation
from harness.daemon import StartFailed
from harness.waiting import wait_until

SLEEPER = "[program:sleeper]\ncommand=/bin/sleep 1000\nstartsecs=0\n"

# Section -> option -> where its effect is shown.
SHOWN = {
    "supervisord": {
        "logfile": "test_daemonise.py: test_every_line_of_the_log_has_time_and_level",
        "logfile_maxbytes": "test_logs.py: test_the_activity_log_rotates_too",
        "logfile_backups": "test_logs.py: test_the_activity_log_rotates_too",
        "loglevel": "test_logs.py: test_at_debug_the_output_is_copied_to_the_activity_log",
        "pidfile": "test_daemonise.py: test_a_pid_file_that_cannot_be_written_is_only_logged",
        "umask": "test_daemonise.py: test_directory_and_umask_apply_when_daemonising",
        "nodaemon": "test_daemonise.py: test_the_parent_exits_0_and_the_daemon_lives_in_a_session_of_its_own",
        "silent": "test_daemonise.py: test_silent_stops_the_copy",
        "minfds": "test_options.py: test_limits_are_raised",
        "minprocs": "test_options.py: test_limits_are_raised",
        "require_auth": "test_options.py: test_a_port_without_a_password_can_be_forbidden",
        "nocleanup": "test_logs.py: test_nocleanup_keeps_them",
        "childlogdir": "test_logs.py: test_auto_files_are_made_in_childlogdir_with_mode_0600",
        "user": "test_bad_configuration.py: test_the_daemon_drops_its_rights_if_told_to",
        "directory": "test_daemonise.py: test_directory_and_umask_apply_when_daemonising",
        "strip_ansi": "test_logs.py: test_strip_ansi_removes_the_escapes",
        "environment": "test_child.py: test_the_programs_environment_wins_over_the_global_one_over_the_daemons",
        "identifier": "test_events.py: test_a_new_identifier_is_told_at_once",
        "state_file": "test_crash.py: test_a_state_that_is_damaged_starts_everything_once",
        "on_orphan": "test_crash.py: test_what_follows_when_the_output_of_a_program_is_lost",
        "on_service_stop": "../vm/test_service.py: test_a_stop_leaves_them_where_that_is_written_and_the_next_start_goes_on",
        "default_logfile": "test_options.py: test_output_goes_where_all_of_it_does_unless_the_program_says_it",
    },
    "unix_http_server": {
        "file": "test_http.py: test_unix_and_tcp_give_the_same_answers",
        "chmod": "test_http.py: test_the_sockets_mode_and_owner",
        "chown": "test_http.py: test_the_sockets_mode_and_owner",
        "username": "test_http.py: test_a_password_is_wanted_where_one_is_set",
        "password": "test_http.py: test_a_password_is_wanted_where_one_is_set",
    },
    "inet_http_server": {
        "port": "test_options.py: test_a_server_listens_where_its_port_says",
        "username": "test_http.py: test_a_password_is_wanted_where_one_is_set",
        "password": "test_http.py: test_a_password_is_wanted_where_one_is_set",
    },
    "supervisorctl": {
        "serverurl": "test_reevectl.py: test_the_prompt_is_the_configured_one",
        "username": "test_http.py: test_supervisorctl_with_and_without_the_password",
        "password": "test_http.py: test_supervisorctl_with_and_without_the_password",
        "prompt": "test_reevectl.py: test_the_prompt_is_the_configured_one",
        "history_file": "test_reevectl.py: test_a_history_file_that_is_no_file_is_left_alone",
    },
    "program": {
        "command": "test_child.py: test_the_command_is_split_like_a_shell_would_but_run_without_one",
        "process_name": "test_recorded_config.py: test_a_configuration_comes_to_the_same",
        "numprocs": "test_order.py: test_numbered_processes_start_in_textual_order",
        "numprocs_start": "test_recorded_config.py: test_a_configuration_comes_to_the_same",
        "priority": "test_order.py: test_programs_start_by_ascending_priority",
        "autostart": "test_lifecycle.py: test_autostart_false_waits_for_a_start",
        "autorestart": "test_lifecycle.py: test_autorestart_and_exitcodes_decide_what_comes_back",
        "startsecs": "test_lifecycle.py: test_start_waits_until_startsecs_have_passed",
        "startretries": "test_lifecycle.py: test_startretries_0_is_one_attempt",
        "exitcodes": "test_lifecycle.py: test_autorestart_and_exitcodes_decide_what_comes_back",
        "stopsignal": "test_lifecycle.py: test_stopsignal_is_what_ends_the_program",
        "stopwaitsecs": "test_lifecycle.py: test_stopwaitsecs_over_means_sigkill",
        "stopasgroup": "test_stop_groups.py: test_stopasgroup_signals_the_whole_process_group",
        "on_orphan": "test_crash.py: test_what_follows_when_the_output_of_a_program_is_lost",
        "killasgroup": "test_stop_groups.py: test_killasgroup_kills_the_whole_process_group",
        "user": "test_child.py: test_user_changes_uid_gid_and_groups_but_no_variable",
        "umask": "test_child.py: test_directory_and_umask",
        "directory": "test_child.py: test_directory_and_umask",
        "redirect_stderr": "test_logs.py: test_redirect_stderr_puts_both_into_one_file",
        "stdout_logfile": "test_logs.py: test_a_path_is_appended_to_and_keeps_what_was_there",
        "stderr_logfile": "test_signals.py: test_sigusr2_reopens_the_activity_log_and_the_child_logs",
        "stdout_logfile_maxbytes": "test_logs.py: test_files_rotate_at_maxbytes_and_keep_so_many_backups",
        "stderr_logfile_maxbytes": "test_options.py: test_stderr_rotates_by_its_own_options",
        "stdout_logfile_backups": "test_logs.py: test_files_rotate_at_maxbytes_and_keep_so_many_backups",
        "stderr_logfile_backups": "test_options.py: test_stderr_rotates_by_its_own_options",
        "stdout_capture_maxbytes": "test_events.py: test_a_capture_becomes_an_event",
        "stderr_capture_maxbytes": "test_events.py: test_a_capture_becomes_an_event",
        "stdout_events_enabled": "test_events.py: test_output_becomes_events_where_that_is_wanted",
        "stderr_events_enabled": "test_events.py: test_output_becomes_events_where_that_is_wanted",
        "stdout_syslog": "test_options.py: test_output_goes_to_syslog",
        "stderr_syslog": "test_options.py: test_output_goes_to_syslog",
        "environment": "test_child.py: test_the_programs_environment_wins_over_the_global_one_over_the_daemons",
        "serverurl": "test_child.py: test_serverurl_sets_or_hides_the_variable",
    },
    "group": {
        "programs": "test_order.py: test_members_of_a_group_start_in_the_order_of_its_list",
        "priority": "test_order.py: test_groups_and_programs_share_one_order",
    },
    "eventlistener": {
        "events": "test_events.py: test_the_states_of_a_program",
        "buffer_size": "test_events.py: test_what_happens_at_the_start",
        "result_handler": "test_recorded_config.py: test_a_configuration_comes_to_the_same",
    },
    "fcgi-program": {
        "socket": "test_fcgi.py: test_all_processes_share_one_unix_socket_as_their_stdin",
        "socket_backlog": "test_fcgi.py: test_the_backlog_is_what_the_option_says",
        "socket_owner": "test_fcgi.py: test_mode_and_owner_of_a_unix_socket",
        "socket_mode": "test_fcgi.py: test_mode_and_owner_of_a_unix_socket",
    },
    "rpcinterface": {
        "supervisor.rpcinterface_factory":
            "test_http.py: test_without_the_rpcinterface_section_there_is_no_supervisor_namespace",
    },
    "include": {"files": "test_bad_configuration.py: test_included_files_are_read_and_named"},
}


def test_every_option_of_the_manual_has_a_test(here):
    """And every test that is named exists."""
    for section, options in SHOWN.items():
        for option, where in options.items():
            file, _, name = where.partition(": ")
            assert f"\ndef {name}(" in (here / file).read_text(), f"[{section}] {option}: {where}"
    table = (implementation.TOP / "config" / "sections.c").read_text()
    for variable, section in (("supervisord", "supervisord"), ("unix", "unix_http_server"),
                              ("inet", "inet_http_server"), ("program", "program"),
                              ("group", "group"), ("eventlistener", "eventlistener"),
                              ("fcgi", "fcgi-program")):
        rows = re.search(rf"section_option {variable}\w*\[\] = \{{(.*?)\n\}};", table, re.DOTALL)
        assert rows, f"the table of {section} is in sections.c"
        names = set(re.findall(r'\{ "(\w+)",', rows.group(1)))
        assert names, section
        missing = names - set(SHOWN[section]) - set(SHOWN["program"])
        assert not missing, f"[{section}]: {missing}"


def test_a_port_without_a_password_can_be_forbidden(start):
    refused = start.make(raw="""
[supervisord]
logfile=@DIR@/daemon.log
pidfile=@DIR@/daemon.pid
require_auth=true
[inet_http_server]
port=127.0.0.1:9001
""")
    refused.unchecked = True
    refused.launch()
    assert refused.wait_end() == 2
    assert "require_auth" in refused.stderr()


def test_output_goes_where_all_of_it_does_unless_the_program_says_it(start):
    daemon = start("[program:quiet]\ncommand=sleep 100\n"
                   "[program:loud]\ncommand=sleep 100\nstdout_logfile=AUTO\n",
                   supervisord="default_logfile=none")
    quiet, loud = daemon.info("quiet"), daemon.info("loud")
    assert (quiet["stdout_logfile"], quiet["stderr_logfile"]) == ("", "")
    assert "loud-stdout---" in loud["stdout_logfile"] and loud["stderr_logfile"] == ""


def limits(daemon):
    text = daemon.wait_text("limits", "Max open files")
    return {name.strip(): soft for name, soft in
            re.findall(r"^(Max open files|Max processes) +(\w+)", text, re.MULTILINE)}


def test_limits_are_raised(start):
    daemon = start("[program:p]\ncommand=/bin/cp /proc/self/limits @DIR@/limits\nstartsecs=0\n"
                   "autorestart=false\n", supervisord="minfds=512\nminprocs=4321",
                   prefix=["prlimit", "--nofile=300:4096", "--nproc=1000:8192"])
    daemon.wait_state("p", "EXITED")
    assert limits(daemon) == {"Max open files": "512", "Max processes": "4321"}
    assert ("INFO", "Increased RLIMIT_NOFILE limit to 512") in daemon.messages()
    assert ("INFO", "Increased RLIMIT_NPROC limit to 4321") in daemon.messages()


def test_limits_that_are_high_enough_stay(start):
    daemon = start("[program:p]\ncommand=/bin/cp /proc/self/limits @DIR@/limits\nstartsecs=0\n"
                   "autorestart=false\n", supervisord="minfds=10\nminprocs=10",
                   prefix=["prlimit", "--nofile=300:4096", "--nproc=1000:8192"])
    daemon.wait_state("p", "EXITED")
    assert limits(daemon) == {"Max open files": "300", "Max processes": "1000"}
    assert "Increased" not in daemon.log()


def test_a_limit_that_cannot_be_raised_ends_the_start(start):
    with pytest.raises(StartFailed) as failure:
        start(supervisord="minfds=5000\nuser=nobody", owner="nobody",
              prefix=["prlimit", "--nofile=300:400"])
    assert failure.value.status == 2
    assert "minfds" in failure.value.stderr and "5000" in failure.value.stderr


@pytest.mark.parametrize("form, everywhere", [(":{}", True), ("*:{}", True), ("{}", True),
                                              ("127.0.0.1:{}", False), ("LocalHost:{}", False)])
def test_a_server_listens_where_its_port_says(start, form, everywhere):
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    start(extra=f"[inet_http_server]\nport={form.format(port)}\n")
    for address, answers in (("127.0.0.1", True), ("127.5.5.5", everywhere)):
        try:
            socket.create_connection((address, port), 5).close()
            assert answers, f"{address} answers for {form}"
        except ConnectionRefusedError:
            assert not answers, f"{address} does not answer for {form}"


def test_stderr_rotates_by_its_own_options(start):
    daemon = start("""
[program:p]
command=/bin/sh -c "for i in 1 2 3 4 5 6; do printf '%%0100d' $i >&2; sleep 0.1; done; exec sleep 1000"
stderr_logfile=@DIR@/p.err
stderr_logfile_maxbytes=100
stderr_logfile_backups=2
startsecs=0
""")
    wait_until(lambda: daemon.read("p.err.1").endswith("6"), "six units")
    assert daemon.read("p.err") == ""
    assert daemon.read("p.err.2").endswith("5")
    assert not (daemon.dir / "p.err.3").exists()


@pytest.fixture
def devices(tmp_path):
    """A /dev of few devices and a log that we hear, and the words that give it to a daemon."""
    where = tmp_path / "dev"
    where.mkdir()
    words = ["unshare", "-m", "sh", "-c", f'mount --bind {where} /dev && exec "$@"', "sh"]
    for name in ("null", "zero", "urandom", "random", "full", "tty"):
        subprocess.run(["cp", "-a", f"/dev/{name}", str(where)], check=True)
    if subprocess.run([*words, "sh", "-c", "echo >/dev/null"], capture_output=True,
                      check=False).returncode:
        pytest.skip("no devices or mount namespaces of one's own here")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(where / "log"))
        sock.settimeout(15)
        yield sock, words


def hear(sock, count):
    said = []
    while len(said) < count:
        said.append(sock.recv(4096).rstrip(b"\0\n").decode())
    return said


def test_output_goes_to_syslog(start, devices):
    sock, words = devices
    daemon = start("""
[program:p]
command=/bin/sh -c "echo one; echo two >&2; printf 'three\\nfour\\n'; exec sleep 1000"
stdout_logfile=@DIR@/p.out
stdout_syslog=true
stderr_syslog=true
startsecs=0
""", prefix=words)
    daemon.pid_of("p")
    said = hear(sock, 4)
    assert all(re.fullmatch(r"<14>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+: p \w+", line)
               for line in said), said
    assert sorted(line.rpartition(" ")[2] for line in said) == ["four", "one", "three", "two"]
    assert daemon.wait_text("p.out", "four") == "one\nthree\nfour\n"


def test_without_the_option_nothing_goes_to_syslog(start, devices):
    sock, words = devices
    daemon = start("[program:p]\ncommand=/bin/sh -c \"echo one; exec sleep 1000\"\nstartsecs=0\n"
                   "stdout_logfile=@DIR@/p.out\n", prefix=words)
    daemon.wait_text("p.out", "one")
    sock.setblocking(False)
    with pytest.raises(BlockingIOError):
        sock.recv(100)


def test_the_activity_log_goes_to_syslog(start, devices):
    sock, words = devices
    daemon = start.make(SLEEPER, prefix=words)
    daemon.log_path = "syslog"
    daemon.write_config(SLEEPER)
    daemon.log_path = pathlib.Path("/nonexistent/log")
    daemon.start()
    daemon.pid_of("sleeper")
    said = []
    while not any("spawned: 'sleeper'" in line for line in said):
        said += hear(sock, 1)
    assert re.fullmatch(r"<14>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+: \d{4}-\d\d-\d\d "
                        r"\d\d:\d\d:\d\d,\d{3} INFO spawned: 'sleeper' with pid \d+", said[-1])
    assert not os.path.exists(daemon.dir / "syslog")


def test_profile_options_are_accepted(start):
    daemon = start.make(SLEEPER)
    daemon.arguments += ["--profile_options=cumulative,calls"]
    if daemon.impl.is_reeved:
        daemon.start().pid_of("sleeper")
        assert ("WARN", "option --profile_options is not acted upon by this version") in (
            daemon.messages())


@pytest.mark.parametrize("client", ["reevectl", "supervisorctl"])
def test_a_plugin_of_the_client_is_no_reason_to_fail(start, client):
    daemon = start(SLEEPER, extra="[ctlplugin:x]\nsupervisor.ctl_factory = supervisor.supervisorctl:"
                   "DefaultControllerPlugin\n")
    daemon.pid_of("sleeper")
    path = implementation.reevectl() if client == "reevectl" else implementation.SUPERVISORCTL
    done = daemon.ctl("status", client=path)
    assert done.status == 0 and done.out.startswith("sleeper  "), done
