"""Every method that takes a process or a group, in each of the eight states of a process.

As test_recorded_rpc.py, but complete: each call finds a process of its own in the wanted state, and
what became of that process is recorded behind the answer.
"""

import shutil

import pytest

import differences
from harness import procfs
from harness.waiting import wait_until

SLEEP = "command=/bin/sleep 1000\nstartsecs=0\n"
STATES = {
    "STOPPED": SLEEP + "autostart=false\n",
    "STARTING": "command=/bin/sleep 1000\nstartsecs=10000\n",
    "RUNNING": SLEEP,
    "BACKOFF": "command=/bin/sleep 1000\nstdout_logfile=@DIR@\nstartretries=100000\n",
    "STOPPING": "command=/bin/sh -c \"trap '' TERM; echo deaf; exec sleep 1000\"\n"
                "startsecs=0\nstopwaitsecs=10000\nstdout_logfile=@DIR@/%(program_name)s.out\n",
    "EXITED": "command=/bin/sh -c \"sleep 0.3; exit 3\"\nstartsecs=0\nautorestart=false\n",
    "FATAL": "command=/nonexistent/program\nstartretries=0\n",
}

# What may change something: 'N' stands for the name.
ACTS = [
    ("startProcess", "N"), ("startProcess", "N", False), ("startProcess", "N:*"),
    ("startProcessGroup", "N"), ("startProcessGroup", "N", False),
    ("stopProcess", "N"), ("stopProcess", "N", False), ("stopProcess", "N:*"),
    ("stopProcessGroup", "N"), ("stopProcessGroup", "N", False),
    ("removeProcessGroup", "N"), ("addProcessGroup", "N"),
]
# What does not.
LOOKS = [
    ("getProcessInfo", "N"), ("getProcessInfo", "N:N"), ("getProcessInfo", "N:*"),
    ("signalProcess", "N", "CONT"), ("signalProcess", "N", 18), ("signalProcess", "N", "FOO"),
    ("signalProcess", "N:*", "CONT"), ("signalProcess", "N:*", "FOO"),
    ("signalProcessGroup", "N", "CONT"), ("signalProcessGroup", "N", "99"),
    ("sendProcessStdin", "N", "x"), ("sendProcessStdin", "N:N", ""), ("sendProcessStdin", "N:*", "x"),
    ("clearProcessLogs", "N"), ("clearProcessLog", "N:N"), ("clearProcessLogs", "N:*"),
    ("readProcessLog", "N", 0, 0), ("readProcessStdoutLog", "N", -4, 0),
    ("readProcessStdoutLog", "N", -4, 4), ("readProcessStderrLog", "N", 0, 10),
    ("readProcessStderrLog", "N:*", 0, 10),
    ("tailProcessLog", "N", 0, 10), ("tailProcessStdoutLog", "N:N", 0, 2),
    ("tailProcessStderrLog", "N", 0, 10), ("tailProcessStderrLog", "N:*", 0, 10),
    ("startProcess", "N:nosuch"), ("stopProcess", "N:nosuch"), ("startProcess", "N", "x", 1),
    ("stopProcess",), ("signalProcess", "N"),
]


def program(state, number):
    return f"{state.lower()}{number}"


def becomes(state, act):
    """In which state the act leaves the process; None: it is gone."""
    if act[0].startswith("start"):
        return "RUNNING" if state == "STOPPED" else state
    if act[0].startswith("stop"):
        return "STOPPED" if state in ("RUNNING", "STARTING", "BACKOFF") else state
    if act[0].startswith("remove") and state in ("STOPPED", "EXITED", "FATAL", "UNKNOWN"):
        return None
    return state


def bring_about(record, state, names):
    daemon = record.daemon
    if state == "STOPPING":
        for name in names:
            daemon.wait_state(name, "RUNNING")
            daemon.wait_text(f"{name}.out", "deaf")
            daemon.supervisor.stopProcess(name, False)
    for name in names:
        record.until(name, state)


def ask(record, question, name):
    method, *arguments = question
    record.call("supervisor." + method, *(word.replace("N", name) if isinstance(word, str)
                                          and word not in ("CONT",) else word for word in arguments))


def of_state(state):
    def script(record):
        names = [program(state, number) for number in range(len(ACTS))]
        bring_about(record, state, names)
        for look in LOOKS:
            ask(record, look, names[0])
        for act, name in zip(ACTS, names):
            ask(record, act, name)
            after = becomes(state, act)
            if after:
                record.until(name, after)
            record.call("supervisor.getProcessInfo", name)
            if not after:
                ask(record, ("addProcessGroup", "N"), name)
                record.until(name, state)
                record.call("supervisor.getProcessInfo", name)
        for name in names if state == "STOPPING" else ():
            record.daemon.supervisor.signalProcess(name, "KILL")
            record.until(name, "STOPPED")
    config = "".join(f"[program:{program(state, number)}]\n{STATES[state]}"
                     for number in range(len(ACTS)))
    return script, config, {}


def unknown(record):
    """The daemon is nobody, and a program of his has become root, so he cannot signal it."""
    daemon, name = record.daemon, "unknown"
    root_maker = daemon.dir / "become_root"
    shutil.copy("/usr/bin/setpriv", root_maker)
    root_maker.chmod(0o4755)
    daemon.supervisor.startProcess(name)
    pid = daemon.info(name)["pid"]
    wait_until(lambda: procfs.command_line(pid)[:1] == ["/bin/sleep"], "the program is root's")
    record.call("supervisor.stopProcess", name)
    record.until(name, "UNKNOWN")
    for question in LOOKS + [act for act in ACTS if act[0] != "removeProcessGroup"]:
        ask(record, question, name)
    record.call("supervisor.getAllProcessInfo")
    record.call("supervisor.stopAllProcesses")
    record.call("supervisor.signalAllProcesses", "CONT")
    record.call("supervisor.clearAllProcessLogs")
    ask(record, ("removeProcessGroup", "N"), name)
    procfs.kill(pid)


UNKNOWN = """
[program:unknown]
command=@DIR@/become_root --reuid=0 --regid=0 --clear-groups /bin/sleep 1000
autostart=false
startsecs=0
stopwaitsecs=1
"""
SCRIPTS = {state: of_state(state) for state in STATES}
SCRIPTS["UNKNOWN"] = (unknown, UNKNOWN, {"owner": "nobody", "supervisord": "user=nobody"})


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_method_answers_the_same_in_the_state(start, references, name):
    tolerated = differences.RPC if start.impl.is_reeved else []
    references.check(start, name, tolerated)
