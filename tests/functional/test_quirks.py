"""The oddities of Supervisor that a script may depend on: which test holds each, or which line of
doc/compatibility.md says that reeved does otherwise.  Those that no other test holds are here.
"""

import hashlib
import xmlrpc.client

import pytest

from harness import implementation
from harness.waiting import wait_until

CONFIG = "test_recorded_config.py: test_a_configuration_comes_to_the_same"
RPC = "test_recorded_rpc.py: test_the_answers_are_the_same"
STATES = "test_recorded_states.py: test_every_method_answers_the_same_in_the_state"
CTL = "test_recorded_ctl.py: test_reevectl_says_the_same"
DOC = "compatibility: "

HELD = {
    "configuration": {
        "a comment after a blank cuts a command, one without does not": CONFIG,
        "comment signs are looked for in lock-step": CONFIG,
        "an unclosed header is an option": CONFIG,
        "[DEFAULT] leaks": DOC + "Keys of `[DEFAULT]`",
        "separators, comments and empty values in environment": CONFIG,
        "four percent signs in the name of a log": CONFIG,
        "%(here)s in an included file": CONFIG,
        "expansions that are known in some options only": CONFIG,
        "numprocs=0": CONFIG,
        "x_10 before x_2": "test_order.py: test_numbered_processes_start_in_textual_order",
        "umask and directory in the foreground":
            "test_quirks.py: test_in_the_foreground_umask_and_directory_are_ignored",
        "inet_http_serverfoo is a server": CONFIG,
        "the wrong section is named for an unknown program": CONFIG,
        "an fcgi-program in a group": "test_fcgi.py: test_in_a_group_it_is_an_ordinary_program",
        "stopasgroup sets killasgroup": CONFIG,
        "loglevel=warning": CONFIG,
        "logfile=NONE": "test_quirks.py: test_the_activity_log_has_no_special_name",
        "a hash in capitals": "test_quirks.py: test_a_hash_in_capitals_matches_nothing",
        "SIGHUP with a broken file": DOC + "A bad configuration at SIGHUP",
        "identifier changes at once": "test_events.py: test_a_new_identifier_is_told_at_once",
        "a change to AUTO": "test_quirks.py: test_a_change_of_a_log_to_auto_is_none",
        "a relative command": "test_spawn_errors.py: test_a_relative_command_is_run_relative_to_its_directory",
        "which signals are known": CONFIG,
        "a slash in process_name": CONFIG,
        "the log on stdout": "test_daemonise.py: test_in_the_foreground_the_log_is_copied_to_stdout",
    },
    "processes": {
        "startretries=3 is four attempts": "test_lifecycle.py: "
            "test_a_program_that_never_stays_up_is_tried_startretries_more_times_with_growing_waits",
        "a quick exit": "test_lifecycle.py: test_a_quick_exit_is_a_failure_even_with_status_0",
        "an exit before the promotion":
            "../unit/test_engine_lifecycle.c: an_exit_after_startsecs_but_before_the_timer_has_been_running",
        "a stop in BACKOFF": "test_events.py: test_stopping_a_program_in_backoff",
        "how tries are counted": "test_events.py: test_failures_to_start",
        "a stop in STARTING": "test_lifecycle.py: test_a_stop_in_starting_signals_at_once",
        "a stop while STOPPING": STATES,
        "a start while STOPPING": STATES,
        "SIGKILL again and again":
            "../unit/test_engine_stop.c: a_process_that_ignores_the_signal_is_killed_again_and_again",
        "death by a signal":
            "test_lifecycle.py: test_death_by_a_signal_is_exit_status_minus_1_and_never_expected",
        "an endless loop":
            "../unit/test_engine_lifecycle.c: without_startsecs_an_instant_exit_loops_without_end",
        "priorities of members": "test_order.py: test_members_of_a_group_start_in_the_order_of_its_list",
        "one group after the other": "test_order.py: test_shutdown_waits_for_a_group_before_it_signals_the_next",
        "BACKOFF at the end": "test_signals.py: test_a_program_in_backoff_does_not_delay_the_shutdown",
        "short output with capture": DOC + "With capture mode, output of up to one tag's length",
        "PROCESS_LOG of captured text": "../unit/test_output.c: captured_text_is_an_event_and_not_in_the_file",
        "len counts characters": "test_events.py: test_the_length_counts_characters",
        "the newline of PROCESS_GROUP": "test_events.py: test_groups_that_come_and_go",
        "a small buffer": "test_events.py: test_a_small_buffer_overflows_at_the_start",
        "any seven bytes": "test_events.py: test_any_seven_bytes_will_do_before_the_length",
        "a byte while READY": "test_events.py: test_who_breaks_the_protocol_is_told_nothing_more",
        "overlapping subscriptions": "test_events.py: test_overlapping_subscriptions_bring_an_event_twice",
        "a relative log": "test_quirks.py: test_a_relative_log_is_relative_to_the_daemon",
        "SIGPIPE": DOC + "They start with all signals at their defaults",
        "descriptors above minfds": DOC + "Only 0, 1 and 2 are open in them",
        "a grandchild with the pipe": "test_stop_groups.py: test_a_grandchild_that_holds_the_pipe_does_not_delay_the_exit",
        "the path of an fcgi socket stays": "test_fcgi.py: test_the_socket_is_open_while_one_of_them_runs",
        "UNKNOWN": STATES,
    },
    "XML-RPC": {
        "getVersion": RPC, "bare results of multicall": RPC, "forms of startProcess": RPC,
        "a binary that vanished": "test_spawn_errors.py: test_a_missing_file_is_refused_even_while_the_program_runs",
        "start and stop while STOPPING": STATES, "stopProcess in BACKOFF": STATES,
        "what needs nothing is left out": RPC,
        "the order of results": "../unit/test_engine_requests.c: a_group_form_starts_by_priority_and_answers_as_they_are_done",
        "removeProcessGroup in BACKOFF": STATES,
        "addProcessGroup of what is not configured":
            "test_quirks.py: test_a_group_that_is_active_but_not_configured_is_a_bad_name",
        "the nesting of reloadConfig": CONFIG,
        "fault 6 while shutting down": RPC, "clearing the logs of what does not run": STATES,
        "what a tail returns": RPC, "negative offsets": RPC, "NO_FILE and its path": RPC,
        "signal 0 and unknown ones": RPC,
        "a body of no length": DOC + "`POST` with an empty body is answered with 400",
        "malformed XML": "test_http.py: test_a_body_that_is_no_call_is_a_400",
        "/RPC2anything": "test_http.py: test_rpc2_with_a_suffix_is_the_rpc_endpoint",
        "a password for all": "test_http.py: test_every_path_wants_the_password",
        "odd authorizations": "../unit/test_auth.c: a_header_opens_a_listener_or_does_not",
        "spawnerr after a stop": "test_quirks.py: test_what_was_stopped_while_it_failed_keeps_its_error",
        "exitstatus after a stop": "test_quirks.py: test_the_exit_status_of_what_was_stopped_by_a_signal",
        "logtail of what is not there": "test_logs.py: test_logtail_of_what_is_not_there_is_404",
        "actions answer 301": "test_web.py: test_start_stop_and_restart",
        "escapes in a log": "test_logs.py: test_text_that_xml_cannot_carry_still_comes_as_valid_xml",
        "base64 is a string": RPC,
    },
    "supervisorctl": {
        "3 if anything shown is stopped": CTL, "3 wins over 4": CTL, "what is no failure": CTL,
        "the last failure counts": CTL, "the statuses of an unknown group": CTL, "pid all": CTL,
        "the width of names": CTL, "-i action": CTL, "-r does nothing": CTL,
        "401 without a terminal": CTL, "reread of a broken file": CTL, "update nosuch": CTL,
        "add of an active group": CTL, "tail -f nosuch": CTL, "one more newline": CTL,
        "maintail 100": CTL, "restart of what is stopped": CTL, "clear g:*": CTL,
        "shutdown twice": CTL, "avail of a listener": CTL, "start of what runs": CTL, "a; b": CTL,
    },
}


def holds(here, where):
    document, _, name = where.partition(": ")
    if document == "compatibility":
        return name in (implementation.TOP / "doc" / "compatibility.md").read_text()
    text = (here / document).read_text()
    return f"\ndef {name}(" in text or f" {name}(void **state)" in text


def test_every_oddity_is_held_by_a_test_or_written_down(here):
    numbers = {part: len(places) for part, places in HELD.items()}
    assert numbers == {"configuration": 25, "processes": 28, "XML-RPC": 28, "supervisorctl": 22}
    missing = [f"{part}: {oddity}: {where}" for part, places in HELD.items()
               for oddity, where in places.items() if not holds(here, where)]
    assert not missing, missing


def test_in_the_foreground_umask_and_directory_are_ignored(start):
    daemon = start("[program:p]\ncommand=/bin/sh -c \"pwd; umask\"\nstdout_logfile=@DIR@/out\n"
                   "startsecs=0\nautorestart=false\n", supervisord="umask=077\ndirectory=/usr",
                   prefix=["sh", "-c", 'umask 0027; exec "$@"', "sh"])
    daemon.wait_state("p", "EXITED")
    assert daemon.read("out") == f"{daemon.dir}\n0027\n"


def test_the_activity_log_has_no_special_name(start):
    daemon = start.make()
    daemon.log_path = "NONE"
    daemon.write_config("")
    daemon.start()
    assert "supervisord started with pid" in daemon.read("NONE")


def test_a_hash_in_capitals_matches_nothing(start):
    stored = "{SHA}" + hashlib.sha1(b"secret").hexdigest().upper()
    daemon = start(tcp=True, user="u", password=stored)
    for password in ("secret", stored):
        proxy = xmlrpc.client.ServerProxy(f"http://u:{password}@127.0.0.1:{daemon.tcp}/RPC2")
        with pytest.raises(xmlrpc.client.ProtocolError) as error:
            proxy.supervisor.getState()
        assert error.value.errcode == 401


def test_a_change_of_a_log_to_auto_is_none(start):
    config = "[program:p]\ncommand=/bin/cat\nautostart=false\nstdout_logfile={}\n"
    daemon = start(config.format("@DIR@/out"))
    for log, changed in (("AUTO", []), ("@DIR@/other", ["p"]), ("NONE", ["p"]), ("@DIR@/out", [])):
        daemon.write_config(config.format(log))
        assert daemon.supervisor.reloadConfig() == [[[], changed, []]], log


def test_a_relative_log_is_relative_to_the_daemon(start):
    daemon = start("[program:p]\ncommand=/bin/echo here\ndirectory=/usr\nstdout_logfile=relative.out\n"
                   "startsecs=0\nautorestart=false\n")
    assert daemon.wait_text("relative.out", "here") == "here\n"
    assert daemon.info("p")["stdout_logfile"] == "relative.out"


def test_a_group_that_is_active_but_not_configured_is_a_bad_name(start):
    daemon = start("[program:p]\ncommand=/bin/cat\n")
    daemon.write_config("[program:q]\ncommand=/bin/cat\n")
    assert daemon.fault("supervisor.addProcessGroup", "p") == (90, "ALREADY_ADDED: p")
    assert daemon.supervisor.reloadConfig() == [[["q"], [], ["p"]]]
    assert daemon.fault("supervisor.addProcessGroup", "p") == (10, "BAD_NAME: p")


def test_what_was_stopped_while_it_failed_keeps_its_error(start):
    daemon = start("[program:p]\ncommand=/bin/sh -c \"exit 3\"\nstartretries=1000\n")
    daemon.wait_state("p", "BACKOFF")
    daemon.supervisor.stopProcess("p")
    info = daemon.info("p")
    assert (info["statename"], info["exitstatus"]) == ("STOPPED", 0)
    assert info["spawnerr"] == "Exited too quickly (process log may have details)"
    assert info["description"].endswith(("AM", "PM"))


def test_the_exit_status_of_what_was_stopped_by_a_signal(start):
    daemon = start("[program:p]\ncommand=/bin/cat\nstartsecs=0\n"
                   "[program:q]\ncommand=/bin/sh -c \"trap 'exit 9' TERM; echo x; while :; do sleep 0.1; "
                   "done\"\nstartsecs=0\nstdout_logfile=@DIR@/q.out\n")
    daemon.wait_text("q.out", "x")
    daemon.pid_of("p")
    for name, status in (("p", -1), ("q", 9)):
        daemon.supervisor.stopProcess(name)
        wait_until(lambda name=name: daemon.state(name) == "STOPPED", "it has stopped")
        assert daemon.info(name)["exitstatus"] == status
