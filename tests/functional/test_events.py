"""Event listeners: what they are told, in which order, and what becomes of those who misbehave."""

import json
import os
import signal
import time

import pytest

from harness.waiting import holds_for, wait_until

UNKNOWN = ("has entered the UNKNOWN state and will no longer receive events, this usually "
           "indicates the process violated the eventlistener protocol")


def listener(events, *hows, name="listener", more="", program="listener.py"):
    words = " ".join(f"'{how}'" for how in hows)
    return f"""
[eventlistener:{name}]
command=@PYTHON@ @PROGRAMS@/{program} @DIR@/{name}.got {words}
events={events}
{more}
"""


SLEEPER = """
[program:sleeper]
command=/bin/sleep 1000
autostart=false
startsecs=0
"""


class Event:
    def __init__(self, line):
        self.headers, self.payload, self.pid = json.loads(line)
        self.name = self.headers["eventname"]
        self.serial = int(self.headers["serial"])
        self.poolserial = int(self.headers["poolserial"])

    @property
    def tokens(self):
        return dict(word.split(":", 1) for word in self.payload.split("\n")[0].split())

    def __repr__(self):
        return f"{self.headers} {self.payload!r}"


def got(daemon, name="listener"):
    return [Event(line) for line in daemon.lines(f"{name}.got")]


def wait_got(daemon, count, name="listener", timeout=20):
    return wait_until(lambda: len(got(daemon, name)) >= count and got(daemon, name),
                      lambda: f"{count} events, not {got(daemon, name)}", timeout)


def send(daemon, *texts):
    for text in texts:
        assert daemon.supervisor.sendRemoteCommEvent("t", text) is True


def test_a_remote_event_reaches_a_listener_in_an_envelope(start):
    daemon = start(listener("REMOTE_COMMUNICATION"), supervisord="identifier=node")
    assert daemon.supervisor.sendRemoteCommEvent("kind", "two\nlines") is True
    event, = wait_got(daemon, 1)
    assert event.payload == "type:kind\ntwo\nlines"
    assert event.headers == {"ver": "3.0", "server": "node", "serial": "0", "pool": "listener",
                             "poolserial": "0", "eventname": "REMOTE_COMMUNICATION", "len": "19"}


def test_a_remote_event_takes_a_number_as_its_text(start):
    daemon = start(listener("REMOTE_COMMUNICATION"))
    assert daemon.supervisor.sendRemoteCommEvent("x", 18) is True
    assert wait_got(daemon, 1)[0].payload == "type:x\n18"


def test_the_length_counts_characters(start):
    daemon = start(listener("REMOTE_COMMUNICATION"))
    send(daemon, "é€😀", "next")
    first, second = wait_got(daemon, 2)
    assert (first.headers["len"], first.payload) == ("10", "type:t\né€😀")
    assert second.payload == "type:t\nnext"


def test_the_bytes_of_a_message(start):
    daemon = start(listener("REMOTE_COMMUNICATION", "READY\\n", program="raw_listener.py"))
    send(daemon, "é")
    text = daemon.wait_text("listener.got", "é")
    assert text == ("ver:3.0 server:supervisor serial:0 pool:listener poolserial:0 "
                    "eventname:REMOTE_COMMUNICATION len:8\ntype:t\né")


def test_what_happens_at_the_start(start):
    daemon = start(listener("EVENT", more="buffer_size=100") + """
[program:one]
command=/bin/sleep 1000
autostart=false
""")
    events = wait_got(daemon, 5)[:5]
    assert [(event.name, event.payload) for event in events[:4]] == [
        ("PROCESS_GROUP_ADDED", "groupname:listener\n"),
        ("PROCESS_GROUP_ADDED", "groupname:one\n"),
        ("SUPERVISOR_STATE_CHANGE_RUNNING", ""),
        ("PROCESS_STATE_STARTING",
         "processname:listener groupname:listener from_state:STOPPED tries:0")]
    assert events[4].payload == (f"processname:listener groupname:listener from_state:STARTING "
                                 f"pid:{daemon.info('listener')['pid']}")
    assert [event.serial for event in events] == [0, 1, 2, 3, 4]
    assert [event.poolserial for event in events] == [0, 1, 2, 3, 4]


def test_a_small_buffer_overflows_at_the_start(start):
    programs = "".join(f"""
[program:p{i}]
command=/bin/sleep 1000
autostart=false
""" for i in range(12))
    daemon = start(listener("PROCESS_GROUP_ADDED") + programs)
    events = wait_got(daemon, 10)
    assert [event.serial for event in events] == list(range(3, 13))
    for serial in range(3):
        assert ("ERRO", "pool listener event buffer overflowed, discarding event "
                f"{serial}") in daemon.messages()


def test_the_states_of_a_program(start):
    daemon = start(listener("PROCESS_STATE") + """
[program:cat]
command=/bin/cat
autostart=false
""")
    wait_got(daemon, 2)
    daemon.supervisor.startProcess("cat")
    pid = daemon.info("cat")["pid"]
    daemon.supervisor.stopProcess("cat")
    events = wait_got(daemon, 6)[2:]
    assert [(event.name, event.payload) for event in events] == [
        ("PROCESS_STATE_STARTING", "processname:cat groupname:cat from_state:STOPPED tries:0"),
        ("PROCESS_STATE_RUNNING", f"processname:cat groupname:cat from_state:STARTING pid:{pid}"),
        ("PROCESS_STATE_STOPPING", f"processname:cat groupname:cat from_state:RUNNING pid:{pid}"),
        ("PROCESS_STATE_STOPPED", f"processname:cat groupname:cat from_state:STOPPING pid:{pid}")]


def test_failures_to_start(start):
    daemon = start(listener("PROCESS_STATE_STARTING,PROCESS_STATE_BACKOFF,PROCESS_STATE_FATAL",
                            more="buffer_size=100") + """
[program:crash]
command=/bin/false
startretries=1
""")
    daemon.wait_state("crash", "FATAL")
    events = [event for event in wait_got(daemon, 6) if "crash" in event.payload]
    assert [(event.name, event.payload.split(" ", 2)[2]) for event in events] == [
        ("PROCESS_STATE_STARTING", "from_state:STOPPED tries:0"),
        ("PROCESS_STATE_BACKOFF", "from_state:STARTING tries:1"),
        ("PROCESS_STATE_STARTING", "from_state:BACKOFF tries:1"),
        ("PROCESS_STATE_BACKOFF", "from_state:STARTING tries:2"),
        ("PROCESS_STATE_FATAL", "from_state:BACKOFF")]


@pytest.mark.parametrize("status, expected", [(0, "1"), (3, "0")])
def test_an_exit_says_whether_it_was_expected(start, status, expected):
    daemon = start(listener("PROCESS_STATE_EXITED") + f"""
[program:late]
command=/bin/sh -c "sleep 1.5; exit {status}"
autorestart=false
""")
    event, = wait_got(daemon, 1)
    assert event.tokens["expected"] == expected
    assert event.tokens["from_state"] == "RUNNING"
    assert int(event.tokens["pid"]) > 0


def test_stopping_a_program_in_backoff(start):
    daemon = start(listener("PROCESS_STATE_STOPPED") + """
[program:crash]
command=/bin/false
startretries=100
""")
    daemon.wait_state("crash", "BACKOFF")
    daemon.supervisor.stopProcess("crash")
    event, = wait_got(daemon, 1)
    assert event.payload == "processname:crash groupname:crash from_state:BACKOFF pid:0"


def test_nothing_is_delivered_before_startsecs_have_passed(start):
    daemon = start(listener("REMOTE_COMMUNICATION", more="startsecs=3"))
    send(daemon, "1")
    holds_for(lambda: not got(daemon), 2, "nothing is delivered")
    wait_got(daemon, 1)
    assert daemon.state("listener") == "RUNNING"


def test_a_rejected_event_comes_again(start):
    daemon = start(listener("REMOTE_COMMUNICATION", "fail", "result=WHAT", "ok"))
    send(daemon, "1", "2")
    events = wait_got(daemon, 4)
    assert [event.payload[-1] for event in events] == ["1", "1", "1", "2"]
    assert [event.poolserial for event in events] == [0, 0, 0, 1]
    assert daemon.messages().count(("WARN", "listener: event was rejected")) == 2


def test_an_event_whose_listener_exits_comes_again(start):
    daemon = start(listener("REMOTE_COMMUNICATION", "exit=0", more="autorestart=false") +
                   listener("REMOTE_COMMUNICATION", name="other"))
    send(daemon, "1")
    first, = wait_got(daemon, 1)
    daemon.wait_state("listener", "EXITED")
    daemon.supervisor.startProcess("listener", False)
    again = wait_got(daemon, 2)[1]
    assert (again.serial, again.poolserial, again.payload) == (
        first.serial, first.poolserial, first.payload)
    assert again.pid != first.pid
    others = wait_got(daemon, 1, "other")
    if daemon.impl.is_reeved:  # Supervisor gives it to every pool of the same priority again
        assert len(others) == 1


def test_a_pool_shares_its_events(start):
    daemon = start(listener("REMOTE_COMMUNICATION", "hang", more="numprocs=2\n"
                            "process_name=%(process_num)d"))
    daemon.wait_state("listener:1", "RUNNING")
    daemon.wait_state("listener:0", "RUNNING")
    send(daemon, "1", "2", "3")
    first, second = wait_got(daemon, 2)
    assert {first.payload, second.payload} == {"type:t\n1", "type:t\n2"}
    assert first.pid != second.pid
    holds_for(lambda: len(got(daemon)) == 2, 1.5, "the third one waits")


def test_each_pool_has_serials_of_its_own(start):
    daemon = start(listener("REMOTE_COMMUNICATION") +
                   listener("REMOTE_COMMUNICATION,PROCESS_STATE_STOPPED", name="more") + SLEEPER)
    daemon.supervisor.startProcess("sleeper")
    daemon.supervisor.stopProcess("sleeper")
    send(daemon, "1")
    event, = wait_got(daemon, 1)
    both = wait_got(daemon, 2, "more")
    assert (event.serial, event.poolserial) == (1, 0)
    assert [(one.serial, one.poolserial) for one in both] == [(0, 0), (1, 1)]


def test_overlapping_subscriptions_bring_an_event_twice(start):
    daemon = start(listener("REMOTE_COMMUNICATION,EVENT", more="buffer_size=100"))
    daemon.wait_state("listener", "RUNNING")
    send(daemon, "1")
    wait_until(lambda: sum(event.name == "REMOTE_COMMUNICATION" for event in got(daemon)) == 2,
               "it comes twice")
    first, second = (event for event in got(daemon) if event.name == "REMOTE_COMMUNICATION")
    assert (first.serial, first.poolserial) == (second.serial, second.poolserial)


@pytest.mark.parametrize("words, said", [
    (["hello, world\\n"], None),
    (["READY\\n", "@20", "x"], None),
    (["READY\\n", "@25", "nonsense\\n"], "bad result line: 'nonsense'"),
    (["READY\\n", "@25", "RESULT 2 2\\n"], "bad result line: 'RESULT 2 2'"),
])
def test_who_breaks_the_protocol_is_told_nothing_more(start, words, said):
    daemon = start(listener("REMOTE_COMMUNICATION", *words, program="raw_listener.py"))
    daemon.wait_state("listener", "RUNNING")
    if said:
        daemon.wait_log("RUNNING state")
        send(daemon, "1")
        daemon.wait_text("listener.got", "type:t")
        daemon.wait_log(f"WARN listener: {said}")
    daemon.wait_log(f"WARN listener: {UNKNOWN}")
    before = daemon.read("listener.got")
    send(daemon, "2")
    holds_for(lambda: daemon.read("listener.got") == before, 1.5, "it is told nothing")
    assert daemon.state("listener") == "RUNNING"
    daemon.supervisor.stopProcess("listener")


def test_any_seven_bytes_will_do_before_the_length(start):
    daemon = start(listener("REMOTE_COMMUNICATION", "say=1234567 2\\nOK", "ok"))
    send(daemon, "1", "2")
    assert [event.payload[-1] for event in wait_got(daemon, 2)] == ["1", "2"]


def test_an_empty_result_is_a_rejection(start):
    daemon = start(listener("REMOTE_COMMUNICATION", "result=", "ok"))
    send(daemon, "1")
    assert [event.serial for event in wait_got(daemon, 2)] == [0, 0]
    assert ("WARN", "listener: event was rejected") in daemon.messages()


def test_the_log_at_debug_tells_the_way_of_an_event(start):
    daemon = start(listener("REMOTE_COMMUNICATION", "fail", "ok"), loglevel="debug")
    send(daemon, "1")
    wait_got(daemon, 2)
    daemon.wait_log("event was processed")
    said = [text for level, text in daemon.messages()
            if text.startswith(("event ", "rebuffering", "listener: ", "'listener' stdout"))]
    wanted = ["listener: ACKNOWLEDGED -> READY", "event 0 sent to listener listener",
              "listener: event was rejected", "listener: BUSY -> ACKNOWLEDGED",
              "listener: ACKNOWLEDGED -> READY", "event 0 sent to listener listener",
              "listener: event was processed", "listener: BUSY -> ACKNOWLEDGED"]
    assert [text for text in said if text in wanted][:8] == wanted
    assert any(text == "rebuffering event 0 for pool listener (buf size=0, max=10)"
               for text in said)
    assert "'listener' stdout output:\nb'READY\\n'" in daemon.log()


def test_the_log_at_debug_has_an_answer_and_the_next_ready_in_one_piece(start):
    daemon = start(listener("REMOTE_COMMUNICATION", "ok"), loglevel="debug")
    for number in range(1, 21):
        send(daemon, str(number))
        wait_got(daemon, number)
    daemon.wait_log("event 19 sent to listener")
    pieces = daemon.log().count("b'RESULT 2\\nOKREADY\\n'")
    assert pieces > 10, daemon.log()


def test_ticks_come_at_multiples_of_five_seconds(start):
    daemon = start(listener("TICK_5"))
    begin = time.time()
    first, second = wait_got(daemon, 2, timeout=20)[:2]
    assert first.name == "TICK_5"
    when = int(first.payload.removeprefix("when:"))
    assert when % 5 == 0 and when >= int(begin) and len(first.payload) == len("when:") + 10
    assert int(second.payload.removeprefix("when:")) == when + 5
    assert when + 5 - 0.1 <= os.stat(daemon.dir / "listener.got").st_mtime <= (
        when + 10 + daemon.slack)


def test_a_capture_becomes_an_event(start):
    daemon = start(listener("PROCESS_COMMUNICATION") + """
[program:talk]
command=/bin/sh -c "printf 'before<!--XSUPERVISOR:BEGIN-->inside é<!--XSUPERVISOR:END-->after, which is longer'; printf '<!--XSUPERVISOR:BEGIN--><!--XSUPERVISOR:END-->and so on to the end of it' >&2; exec sleep 1000"
stdout_capture_maxbytes=1MB
stderr_capture_maxbytes=1MB
""")
    pid = daemon.pid_of("talk")
    events = {event.name: event.payload for event in wait_got(daemon, 2)}
    prefix = f"processname:talk groupname:talk pid:{pid}\n"
    assert events == {"PROCESS_COMMUNICATION_STDOUT": prefix + "inside é",
                      "PROCESS_COMMUNICATION_STDERR": prefix}


def test_output_becomes_events_where_that_is_wanted(start):
    daemon = start(listener("PROCESS_LOG") + """
[program:loud]
command=/bin/sh -c "printf 'out\\n'; printf '\\377' >&2; exec sleep 1000"
stdout_events_enabled=true
stderr_events_enabled=true
stdout_logfile=@DIR@/loud.out

[program:silent]
command=/bin/sh -c "echo out; exec sleep 1000"
""")
    pid = daemon.pid_of("loud")
    events = {event.name: event.payload for event in wait_got(daemon, 2)}
    prefix = f"processname:loud groupname:loud pid:{pid} channel:"
    assert events == {"PROCESS_LOG_STDOUT": prefix + "stdout\nout\n",
                      "PROCESS_LOG_STDERR": prefix + "stderr\nUndecodable: b'\\xff'"}
    assert daemon.read("loud.out") == "out\n"
    assert len(got(daemon)) == 2


def test_a_program_that_runs_already_is_heard_when_a_listener_comes(start):
    program = """
[program:loud]
command=/bin/sh -c "while :; do echo out; sleep 0.3; done"
stdout_events_enabled=true
stdout_logfile=@DIR@/loud.out
"""
    daemon = start(program)
    daemon.wait_text("loud.out", "out")
    daemon.write_config(program + listener("PROCESS_LOG_STDOUT"))
    assert daemon.supervisor.reloadConfig() == [[["listener"], [], []]]
    daemon.supervisor.addProcessGroup("listener")
    assert wait_got(daemon, 1)[0].tokens["channel"] == "stdout"
    daemon.supervisor.stopProcess("listener")
    daemon.supervisor.removeProcessGroup("listener")
    count = len(daemon.lines("loud.out"))
    wait_until(lambda: len(daemon.lines("loud.out")) > count + 2, "its output goes on")


def test_a_listener_s_output_goes_to_its_log_unchanged(start):
    daemon = start(listener("REMOTE_COMMUNICATION", more="stdout_logfile=@DIR@/listener.out\n"
                            "stdout_capture_maxbytes=1MB\nstdout_events_enabled=true"))
    send(daemon, "1")
    wait_got(daemon, 1)
    assert daemon.wait_text("listener.out", "OKREADY") == "READY\nRESULT 2\nOKREADY\n"


def test_groups_that_come_and_go(start):
    config = listener("PROCESS_GROUP", more="buffer_size=100")
    daemon = start(config + SLEEPER)
    wait_got(daemon, 2)
    daemon.supervisor.removeProcessGroup("sleeper")
    daemon.supervisor.addProcessGroup("sleeper")
    events = wait_got(daemon, 4)
    assert [(event.name, event.payload) for event in events[2:]] == [
        ("PROCESS_GROUP_REMOVED", "groupname:sleeper\n"),
        ("PROCESS_GROUP_ADDED", "groupname:sleeper\n")]


def test_the_end_is_told(start):
    daemon = start(listener("SUPERVISOR_STATE_CHANGE,PROCESS_STATE_STOPPED") + """
[program:a]
command=/bin/sleep 1000
priority=1
[program:b]
command=/bin/sleep 1000
priority=2
[program:c]
command=/bin/sh -c "trap 'sleep 1.5; exit' TERM; while :; do sleep 0.1; done"
priority=0
""")
    daemon.wait_state("c", "RUNNING")
    wait_got(daemon, 1)
    daemon.stop()
    assert [(event.name, event.tokens.get("processname")) for event in got(daemon)[:4]] == [
        ("SUPERVISOR_STATE_CHANGE_RUNNING", None), ("SUPERVISOR_STATE_CHANGE_STOPPING", None),
        ("PROCESS_STATE_STOPPED", "b"), ("PROCESS_STATE_STOPPED", "a")]


@pytest.mark.reeved_only("Supervisor stops a listener before it has told it of the last one")
@pytest.mark.parametrize("seconds", [0, 0.3])
def test_the_end_of_the_last_is_told_too(start, seconds):
    daemon = start(listener("PROCESS_STATE_STOPPED", f"sleep={seconds}") + "".join(f"""
[program:p{number}]
command=/bin/sleep 1000
priority={number}
startsecs=0
""" for number in range(3)))
    daemon.wait_state("listener", "RUNNING")
    daemon.pid_of("p0")
    daemon.stop()
    assert [event.tokens["processname"] for event in got(daemon)] == ["p2", "p1", "p0"]


@pytest.mark.reeved_only("Supervisor stops a listener before it has told it of the last one")
def test_a_listener_that_hangs_delays_the_end_by_a_second_at_most(start):
    daemon = start(listener("PROCESS_STATE_STOPPED", "hang") + SLEEPER)
    daemon.wait_state("listener", "RUNNING")
    daemon.supervisor.startProcess("sleeper")
    began = time.monotonic()
    daemon.stop()
    assert 0.9 < time.monotonic() - began < 2 + daemon.slack


def test_serials_go_on_after_a_restart_in_place(start):
    daemon = start(listener("SUPERVISOR_STATE_CHANGE_RUNNING,REMOTE_COMMUNICATION"))
    send(daemon, "1", "2")
    wait_got(daemon, 3)
    daemon.kill(signal.SIGHUP)
    event = wait_got(daemon, 4)[3]
    assert event.name == "SUPERVISOR_STATE_CHANGE_RUNNING"
    assert (event.serial, event.poolserial) == (3, 0)


def test_a_new_identifier_is_told_at_once(start):
    config = listener("REMOTE_COMMUNICATION")
    daemon = start(config, supervisord="identifier=old")
    send(daemon, "1")
    wait_got(daemon, 1)
    daemon.supervisord_lines = "identifier=new"
    daemon.write_config(config)
    daemon.supervisor.reloadConfig()
    send(daemon, "2")
    assert [event.headers["server"] for event in wait_got(daemon, 2)] == ["old", "new"]


def test_a_listener_that_reads_nothing_stops_nobody(start):
    daemon = start(listener("REMOTE_COMMUNICATION", "READY\\n", "@9000",
                            program="raw_listener.py", more="buffer_size=3").replace(
                                "@PYTHON@ @PROGRAMS@/raw_listener.py @DIR@/listener.got",
                                "/bin/sh -c 'echo READY; exec sleep 1000' --"))
    daemon.wait_state("listener", "RUNNING")
    send(daemon, *["x" * 200000] * 6)
    daemon.wait_log("pool listener event buffer overflowed, discarding event ")
    assert daemon.supervisor.getState()["statename"] == "RUNNING"


def test_a_listener_in_the_manner_of_memmon(start):
    daemon = start("""
[eventlistener:memory]
command=@PYTHON@ @PROGRAMS@/memory_listener.py @DIR@/memory.got sleeper:sleeper
events=TICK_5
[program:sleeper]
command=/bin/sleep 1000
""")
    old, new = daemon.wait_text("memory.got", "\n").split()
    assert old != new
    assert new == str(daemon.pid_of("sleeper"))


def test_a_listener_in_the_manner_of_crashmail(start):
    daemon = start("""
[eventlistener:crash]
command=@PYTHON@ @PROGRAMS@/crash_listener.py @DIR@/crash.got
events=PROCESS_STATE_EXITED
[program:good]
command=/bin/sh -c "sleep 1.5; exit 0"
autorestart=false
[program:bad]
command=/bin/sh -c "sleep 1.5; exit 7"
autorestart=false
""")
    text = daemon.wait_text("crash.got", "bad")
    assert text.startswith("bad:bad RUNNING ")
    daemon.wait_state("good", "EXITED")
    assert "good" not in daemon.read("crash.got")


@pytest.mark.reeved_only("Supervisor's loop wakes once a second")
@pytest.mark.parametrize("events", ["PROCESS_STATE_EXITED", "TICK_3600"])
def test_while_no_tick_is_due_nothing_wakes_the_daemon(start, events):
    daemon = start(listener(events))
    daemon.wait_state("listener", "RUNNING")
    time.sleep(1)

    def switches():
        with open(f"/proc/{daemon.pid}/status", encoding="ascii") as status:
            return [line for line in status if line.startswith("voluntary")]
    before = switches()
    time.sleep(6)
    assert switches() == before
