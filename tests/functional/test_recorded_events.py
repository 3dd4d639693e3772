"""What listeners are told of the same doings, by Supervisor and by the daemon under test: names,
payloads, serials and order.
"""

import contextlib
import json
import re
import xmlrpc.client

import pytest

from harness import procfs
from harness.waiting import wait_until

LISTENER = """
[eventlistener:all]
command=@PYTHON@ @PROGRAMS@/listener.py @DIR@/all.got
events=PROCESS_STATE,PROCESS_COMMUNICATION,PROCESS_LOG,REMOTE_COMMUNICATION,PROCESS_GROUP,\
SUPERVISOR_STATE_CHANGE
buffer_size=1000
startsecs=0
"""
PROGRAMS = """
[program:plain]
command=/bin/sleep 1000
startsecs=0
autostart=false
[program:fails]
command=/bin/sh -c "exit 3"
startsecs=3
startretries=1
autostart=false
[program:again]
command=/bin/sh -c "exit 3"
startsecs=3
startretries=9
autostart=false
[program:missing]
command=/nonexistent
startretries=1
autostart=false
[program:ends]
command=/bin/sh -c "exit %(ENV_CODE)s"
environment=CODE=0
startsecs=0
autorestart=false
autostart=false
[program:odd]
command=/bin/sh -c "exit 7"
exitcodes=0,2
startsecs=0
autorestart=false
autostart=false
[program:waits]
command=/bin/sleep 1000
stdout_logfile=@DIR@
startretries=1000
autostart=false
[program:talks]
command=/bin/sh -c "read a; echo one that is longer than a tag is; read a; printf 'x<!--XSUPERVISOR:BEGIN-->in<!--XSUPERVISOR:END-->and more than a tag of 24 bytes'; \
read a; echo err >&2; read a; printf '\\\\377'; read a"
stdout_events_enabled=true
stderr_events_enabled=true
stdout_capture_maxbytes=1KB
stdout_logfile=NONE
startsecs=0
autorestart=false
autostart=false
[program:slow]
command=/bin/sleep 1000
startsecs=1000
autostart=false
[group:pair]
programs=left,right
priority=3
[program:left]
command=/bin/sleep 1000
startsecs=0
priority=9
autostart=false
[program:right]
command=/bin/sleep 1000
startsecs=0
priority=8
autostart=false
"""


class Told:
    """Reads on in what the listener of a daemon has noted, and puts it into a record."""

    def __init__(self, record):
        self.record = record
        self.seen = 0

    def lines(self):
        return self.record.daemon.lines("all.got")[self.seen:]

    def until(self, label, count, each=False):
        """So many further events; with 'each' only in the order that each process has them in."""
        wait_until(lambda: len(self.lines()) >= count,
                   lambda: f"{count} events at {label}, not {self.lines()}", 20)
        said = []
        for line in self.lines()[:count]:
            headers, payload, _ = json.loads(line)
            payload = re.sub(r"pid:[1-9]\d*", "pid:PID", payload)
            said.append(" ".join(f"{key}:{value}" for key, value in headers.items()
                                 if key != "len") + "|" + payload)
        if each:
            said = sorted((re.sub(r"serial:\d+", "serial:N", line) for line in said),
                          key=lambda line: re.search(r"processname:\S*", line).group())
        self.seen += count
        self.record.add(label, "\n".join(said))


def begin(record, name):
    """A start whose result is of no interest: what ends at once may be found to have ended."""
    with contextlib.suppress(xmlrpc.client.Fault):
        record.daemon.supervisor.startProcess(name, False)


def doings(record):
    daemon, told = record.daemon, Told(record)
    supervisor = daemon.supervisor
    daemon.wait_state("all", "RUNNING")
    # Itself, its group and those after it, the daemon, its two states.
    told.until("start", 1 + 10 + 1 + 2)
    supervisor.startProcess("plain")
    told.until("start plain", 2)
    procfs.kill(daemon.pid_of("plain"))
    told.until("plain dies and comes again", 3)
    supervisor.signalProcess("plain", "USR1")
    told.until("plain is signalled and comes again", 3)
    daemon.wait_state("plain", "RUNNING")
    supervisor.stopProcess("plain")
    told.until("stop plain", 2)
    begin(record, "fails")
    told.until("fails", 5)
    record.until("fails", "FATAL")
    # Stopped after the third failure, when there are three seconds for it.
    begin(record, "again")
    told.until("fails three times", 6)
    supervisor.stopProcess("again")
    told.until("is stopped in BACKOFF", 1)
    begin(record, "again")
    told.until("is started after that", 2)
    supervisor.stopProcess("again")
    told.until("is stopped once more", 1)
    for name in ("ends", "odd"):
        begin(record, name)
        told.until(name, 3)
    begin(record, "waits")
    told.until("waits", 6)
    supervisor.stopProcess("waits")
    told.until("waits is stopped", 1)
    supervisor.startProcess("slow", False)
    told.until("slow", 1)
    supervisor.stopProcess("slow")
    told.until("slow is stopped", 2)
    supervisor.startProcess("talks")
    told.until("talks", 2)
    for number, count in enumerate((1, 4, 1)):
        supervisor.sendProcessStdin("talks", "go\n")
        told.until(f"talks {number}", count)
    supervisor.sendRemoteCommEvent("type", "some é data\nin lines")
    supervisor.sendRemoteCommEvent("", "")
    told.until("remote", 2)
    for method in ("startProcessGroup", "stopProcessGroup", "startProcessGroup"):
        getattr(supervisor, method)("pair")
        # All are spawned before the first of them has run for its startsecs, even if that is none.
        told.until(method, 4, each=True)
    record.edit(LISTENER + PROGRAMS.replace("[program:plain]", "[program:new]").replace("autostart=false", "", 1))
    supervisor.reloadConfig()
    supervisor.addProcessGroup("new")
    told.until("a group comes", 3)
    supervisor.removeProcessGroup("plain")
    told.until("a group goes", 1)


SCRIPTS = {"doings": (doings, LISTENER + PROGRAMS, {"supervisord": "identifier=node"})}


@pytest.mark.parametrize("name", SCRIPTS)
def test_listeners_are_told_the_same(start, references, name):
    references.check(start, name)
