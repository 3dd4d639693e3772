"""Every method of the XML-RPC interface, with good and bad arguments, for processes in every state.

Recorded at Supervisor and at the daemon under test in the same run; types, keys, order of members,
values, fault codes and texts are compared.
"""

import xmlrpc.client

import pytest

import differences
from harness import procfs

STATES = """
[program:running]
command=@PYTHON@ @PROGRAMS@/echo_lines.py
stdout_logfile=@DIR@/running.out
stderr_logfile=@DIR@/running.err
startsecs=0
[program:idle]
command=/bin/sleep 1000
autostart=false
startsecs=0
[program:done]
command=/bin/sh -c "sleep 0.3; echo hello12"
stdout_logfile=@DIR@/done.out
startsecs=0
autorestart=false
[program:bad]
command=/bin/sh -c "sleep 0.3; exit 3"
startsecs=0
autorestart=false
[program:fatal]
command=/nonexistent/program
startretries=0
[program:plain]
command=/etc/passwd
autostart=false
[program:broken]
command=/bin/sh 'x
autostart=false
[program:quick]
command=/bin/sh -c "sleep 0.4; exit 1"
startretries=0
autostart=false
[program:backoff]
command=/bin/sleep 1000
stdout_logfile=@DIR@
startretries=100000
[program:starting]
command=/bin/sleep 1000
startsecs=10000
[program:stopping]
command=@PYTHON@ @PROGRAMS@/ignore_term.py
stdout_logfile=@DIR@/stopping.out
startsecs=0
stopwaitsecs=10000
[program:killed]
command=/bin/sleep 1000
startsecs=0
[program:silent]
command=/bin/sleep 1000
stdout_logfile=NONE
stderr_logfile=NONE
startsecs=0
[group:g]
programs=one,two
priority=3
[program:one]
command=/bin/sleep 1000
priority=2
startsecs=0
autostart=false
[program:two]
command=/bin/sleep 1000
priority=1
startsecs=0
autostart=false
[program:full]
command=/bin/cat %(program_name)s %(process_num)d
process_name=%(program_name)s_%(process_num)02d
numprocs=2
numprocs_start=3
priority=42
autostart=false
autorestart=unexpected
startsecs=7
startretries=8
exitcodes=0,2,3
stopsignal=USR1
stopwaitsecs=11
stopasgroup=true
user=nobody
directory=/tmp
umask=027
redirect_stderr=true
stdout_logfile=@DIR@/full.out
stdout_logfile_maxbytes=1MB
stdout_logfile_backups=2
stdout_capture_maxbytes=1KB
stdout_events_enabled=true
environment=A="1"
serverurl=http://example:1
"""

NAMES = ["running", "idle", "done", "bad", "fatal", "plain", "broken", "backoff", "starting",
         "stopping", "killed", "silent", "g:one", "full:full_03", "nosuch", "g", "g:*", "g:",
         "g:nosuch", "nosuch:*", "one", "running:running", "", "a:b:c", "running "]
METHODS = [
    "addProcessGroup", "clearAllProcessLogs", "clearLog", "clearProcessLog", "clearProcessLogs",
    "getAPIVersion", "getAllConfigInfo", "getAllProcessInfo", "getIdentification", "getPID",
    "getProcessInfo", "getState", "getSupervisorVersion", "getVersion", "readLog", "readMainLog",
    "readProcessLog", "readProcessStderrLog", "readProcessStdoutLog", "reloadConfig",
    "removeProcessGroup", "restart", "sendProcessStdin", "sendRemoteCommEvent", "shutdown",
    "signalAllProcesses", "signalProcess", "signalProcessGroup", "startAllProcesses",
    "startProcess", "startProcessGroup", "stopAllProcesses", "stopProcess", "stopProcessGroup",
    "tailProcessLog", "tailProcessStderrLog", "tailProcessStdoutLog",
]
SYSTEM = ["listMethods", "methodHelp", "methodSignature", "multicall"]


def settle(record):
    daemon = record.daemon
    daemon.wait_text("stopping.out", "deaf")
    daemon.wait_text("running.out", "ready")
    for name, state in (("running", "RUNNING"), ("done", "EXITED"), ("bad", "EXITED"),
                        ("fatal", "FATAL"), ("backoff", "BACKOFF"), ("starting", "STARTING"),
                        ("silent", "RUNNING"), ("stopping", "RUNNING")):
        record.until(name, state)
    daemon.wait_state("killed", "RUNNING")
    daemon.supervisor.stopProcess("killed")
    daemon.supervisor.stopProcess("stopping", False)


def unstick(record):
    """Lets the program that ignores SIGTERM go, which may wait for very long."""
    record.daemon.supervisor.signalProcess("stopping", "KILL")
    record.until("stopping", "STOPPED")


def questions(record):
    """What changes nothing, in every state."""
    settle(record)
    for method in ("getAPIVersion", "getVersion", "getSupervisorVersion", "getIdentification",
                   "getState", "getAllProcessInfo", "getAllConfigInfo", "reloadConfig"):
        record.call("supervisor." + method)
    for name in NAMES:
        record.call("supervisor.getProcessInfo", name)
        for channel in ("", "Stdout", "Stderr"):
            record.call(f"supervisor.readProcess{channel}Log", name, 0, 10)
            record.call(f"supervisor.tailProcess{channel}Log", name, 0, 10)
        record.call("supervisor.signalProcess", name, "0")
        record.call("supervisor.signalProcess", name, "FOO")
        record.call("supervisor.sendProcessStdin", name, "")
        record.call("supervisor.addProcessGroup", name)
    unstick(record)


def refusals(record):
    """Starts, stops and the like that are refused by the state of the process."""
    settle(record)
    for name in ("running", "fatal", "plain", "broken", "backoff", "starting", "stopping",
                 "silent", "nosuch", "nosuch:*", "g:nosuch", "one", "", "a:b:c"):
        for wait in (True, False):
            record.call("supervisor.startProcess", name, wait)
    record.call("supervisor.startProcess", "quick")
    record.until("quick", "FATAL")
    record.call("supervisor.startProcess", "quick", False)
    record.until("quick", "STARTING")
    record.until("quick", "FATAL")
    record.call("supervisor.getProcessInfo", "quick")
    for name in ("idle", "done", "bad", "fatal", "stopping", "killed", "g:one", "nosuch", "g",
                 "nosuch:*", "one", ""):
        record.call("supervisor.stopProcess", name)
        record.call("supervisor.stopProcess", name, False)
    for name in NAMES:
        if name not in ("idle", "done", "bad", "fatal", "plain", "broken", "killed", "g"):
            record.call("supervisor.removeProcessGroup", name)
    for name in ("nosuch", "", "g:*", "g:one"):
        record.call("supervisor.startProcessGroup", name)
        record.call("supervisor.stopProcessGroup", name)
        record.call("supervisor.signalProcessGroup", name, "CONT")
    for name in NAMES:
        record.call("supervisor.clearProcessLogs", name)
    record.call("supervisor.clearProcessLog", "done")
    record.call("supervisor.signalProcess", "running", 18)
    record.call("supervisor.signalProcess", "running", "SIGCONT")
    record.call("supervisor.signalProcess", "running", "cont")
    record.call("supervisor.signalProcess", "running", "35")
    record.call("supervisor.signalProcess", "running", "")
    record.call("supervisor.signalProcess", "stopping", "CONT")
    record.call("supervisor.signalProcess", "g:*", "CONT")
    record.call("supervisor.signalProcess", "nosuch:*", "CONT")
    unstick(record)


def actions(record):
    """Starts and stops that are obeyed, one after the other."""
    settle(record)
    unstick(record)
    record.call("supervisor.startProcess", "idle")
    record.call("supervisor.getProcessInfo", "idle")
    record.call("supervisor.startProcess", "idle")
    record.call("supervisor.stopProcess", "idle")
    record.call("supervisor.getProcessInfo", "idle")
    record.call("supervisor.stopProcess", "idle")
    record.call("supervisor.startProcess", "idle", 0)
    record.call("supervisor.stopProcess", "idle", False)
    record.until("idle", "STOPPED")
    record.call("supervisor.startProcess", "g:*")
    record.call("supervisor.startProcess", "g:*")
    record.call("supervisor.signalProcess", "g:*", "CONT")
    record.call("supervisor.signalProcessGroup", "g", "CONT")
    record.call("supervisor.signalProcessGroup", "g", "FOO")
    record.call("supervisor.stopProcess", "g:", sort=True)
    record.call("supervisor.stopProcess", "g:*")
    record.call("supervisor.startProcessGroup", "g", False)
    record.call("supervisor.stopProcessGroup", "g", sort=True)
    record.call("supervisor.stopProcessGroup", "g")
    record.call("supervisor.stopProcess", "starting")
    record.call("supervisor.getProcessInfo", "starting")
    record.call("supervisor.stopProcess", "backoff")
    record.call("supervisor.getProcessInfo", "backoff")
    record.call("supervisor.startProcess", "backoff")
    record.call("supervisor.stopProcess", "backoff")
    record.call("supervisor.signalAllProcesses", "CONT", sort=True)
    record.call("supervisor.signalAllProcesses", "FOO", sort=True)
    record.call("supervisor.clearAllProcessLogs", sort=True)
    record.call("supervisor.stopAllProcesses", sort=True)
    record.call("supervisor.stopAllProcesses")
    record.call("supervisor.signalAllProcesses", "CONT")
    record.call("supervisor.signalAllProcesses", "FOO")
    record.call("supervisor.getAllProcessInfo")
    for name in ("starting", "full"):
        record.call("supervisor.removeProcessGroup", name)
        record.call("supervisor.removeProcessGroup", name)
    record.call("supervisor.getAllConfigInfo")
    record.call("supervisor.startAllProcesses", False, sort=True)
    record.until("done", "EXITED")
    record.until("bad", "EXITED")
    record.until("quick", "FATAL")
    record.daemon.supervisor.stopProcess("stopping", False)
    unstick(record)
    record.call("supervisor.stopAllProcesses", True, sort=True)
    record.call("supervisor.addProcessGroup", "full")
    record.call("supervisor.addProcessGroup", "full")
    record.call("supervisor.getAllConfigInfo")


def logs(record):
    settle(record)
    for offset, length in ((0, 0), (0, 3), (2, 3), (5, 0), (8, 0), (100, 5), (-3, 0), (-100, 0),
                           (-3, 1), (0, -1), (-1, -1), ("0", "3"), (2**31 - 1, 0)):
        record.call("supervisor.readProcessStdoutLog", "done", offset, length)
    for offset, length in ((0, 3), (0, 100), (8, 10), (5, 3), (0, 8), (0, 0), (-1, 3), (3, -1),
                           (100, 3), (2**31 - 1, 2**31 - 1)):
        record.call("supervisor.tailProcessStdoutLog", "done", offset, length)
    record.call("supervisor.readLog", -1, 1)
    record.call("supervisor.readLog", 0, -1)
    record.call("supervisor.readMainLog", 2**31 - 1, 0)
    record.call("supervisor.sendProcessStdin", "running", "one\n")
    record.daemon.wait_text("running.err", "err: one")
    record.call("supervisor.readProcessStdoutLog", "running", 0, 0)
    record.call("supervisor.readProcessStderrLog", "running", 0, 0)
    record.call("supervisor.sendProcessStdin", "running", xmlrpc.client.Binary(b"two\n"))
    record.daemon.wait_text("running.err", "err: two")
    record.call("supervisor.sendProcessStdin", "running", 5)
    record.call("supervisor.sendProcessStdin", "nosuch", 5)
    record.call("supervisor.clearProcessLogs", "running")
    record.call("supervisor.readProcessStdoutLog", "running", 0, 0)
    record.call("supervisor.clearProcessLogs", "done")
    record.call("supervisor.readProcessStdoutLog", "done", 0, 0)
    (record.daemon.dir / "done.out").unlink()
    record.call("supervisor.readProcessStdoutLog", "done", 0, 0)
    record.call("supervisor.tailProcessStdoutLog", "done", 0, 10)
    record.call("supervisor.clearProcessLogs", "done")
    record.call("supervisor.sendRemoteCommEvent", "type", "data")
    record.call("supervisor.clearLog")
    unstick(record)


DESTRUCTIVE = ("restart", "shutdown")


def arguments(record):
    """Wrong numbers and wrong types of parameters; unknown names of methods."""
    settle(record)
    for method in METHODS:
        record.call("supervisor." + method, "a", "b", "c", "d", "e")
        if method not in DESTRUCTIVE + ("startAllProcesses", "stopAllProcesses", "clearLog",
                                        "clearAllProcessLogs", "reloadConfig"):
            record.call("supervisor." + method, "running")
        if method.startswith(("get", "read", "tail", "signal", "add", "remove", "send")):
            record.call("supervisor." + method)
            record.call("supervisor." + method, 18)
            record.call("supervisor." + method, "running", 18)
            record.call("supervisor." + method, "running", "x", "y")
            record.call("supervisor." + method, [], {}, 1.5)
    for method in SYSTEM:
        record.call("system." + method, "a", "b", "c")
    for name in ("", "x", "supervisor", "supervisor.", ".getState", "supervisor.nosuch",
                 "x.getState", "supervisor.getState.x", "supervisor._update",
                 "supervisor.supervisord",
                 "system._x", "system.namespaces", "SUPERVISOR.getState", "supervisor.getstate"):
        record.call(name)
    unstick(record)


def introspection(record):
    record.call("system.listMethods")
    names = [f"supervisor.{method}" for method in METHODS] + [f"system.{name}" for name in SYSTEM]
    for name in names:
        record.call("system.methodSignature", name)
        record.call("system.methodHelp", name)
    for name in ("nosuch", "supervisor.nosuch", "", "supervisor"):
        record.call("system.methodSignature", name)
        record.call("system.methodHelp", name)


def call(method, *parameters):
    return {"methodName": method, "params": list(parameters)}


def multicalls(record):
    record.until("idle", "STOPPED")
    record.call("system.multicall", [])
    record.call("system.multicall", [
        call("supervisor.getAPIVersion"), call("supervisor.getState"),
        call("supervisor.getProcessInfo", "idle"), call("supervisor.getProcessInfo", "nosuch"),
        call("supervisor.startProcess", "idle"), call("supervisor.startProcess", "idle"),
        call("supervisor.stopProcess", "idle"), call("supervisor.stopProcess", "idle"),
        call("supervisor.startProcessGroup", "idle"), call("supervisor.stopProcess", "idle:*"),
        {"methodName": "supervisor.getIdentification"}, {"params": []}, {},
        call("system.multicall", []), call("system.listMethods", 1), call("nosuch"),
        call("supervisor.getState", 1), call("", 1),
    ])
    for bad in ("x", 1, {}, [1], ["x"], [[]], [{"methodName": 1}],
                [{"methodName": "supervisor.getState", "params": "x"}],
                [{"methodName": "supervisor.getState", "params": 5}]):
        record.call("system.multicall", bad)


SLEEPER = "[program:idle]\ncommand=/bin/sleep 1000\nstartsecs=0\nautostart=false\n"


def shutting_down(record):
    """Once a shutdown has begun everything of supervisor.* is refused, but for one method."""
    record.daemon.wait_text("stopping.out", "deaf")
    record.daemon.wait_state("stopping", "RUNNING")
    record.call("supervisor.shutdown")
    record.daemon.wait_log("waiting for stopping to die")
    for method in METHODS:
        record.call("supervisor." + method)
        record.call("supervisor." + method, "nosuch")
        record.call("supervisor." + method, "stopping", "x")
        record.call("supervisor." + method, "stopping", 0, 0)
    record.call("system.listMethods")
    record.call("system.multicall", [call("supervisor.getState"), call("system.listMethods", 1)])
    for child in record.daemon.children():
        procfs.kill(child)
    record.daemon.wait_end()


DEAF = STATES[STATES.index("[program:stopping]"):STATES.index("[program:killed]")]

SCRIPTS = {
    "questions": (questions, STATES, {}),
    "refusals": (refusals, STATES, {}),
    "actions": (actions, STATES, {}),
    "logs": (logs, STATES, {}),
    "arguments": (arguments, STATES, {}),
    "introspection": (introspection, SLEEPER, {}),
    "multicalls": (multicalls, SLEEPER, {}),
    "shutting_down": (shutting_down, DEAF, {}),
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_answers_are_the_same(start, references, name):
    tolerated = differences.RPC if start.impl.is_reeved else []
    references.check(start, name, tolerated)
