"""A thousand processes of one program."""

import pytest

from harness import procfs
from harness.waiting import wait_until

COUNT = 1000

pytestmark = pytest.mark.slow


def test_a_thousand_processes_start_are_listed_and_stop(start):
    daemon = start(f"""
[program:many]
command=/bin/sleep 1000
process_name=%(program_name)s_%(process_num)04d
numprocs={COUNT}
startsecs=0
stdout_logfile=NONE
stderr_logfile=NONE
""", supervisord="minfds=8192")

    def running():
        infos = daemon.supervisor.getAllProcessInfo()
        return sum(info["statename"] == "RUNNING" for info in infos) == COUNT and infos
    infos = wait_until(running, "all run", 120, poll=0.2)
    assert [info["name"] for info in infos] == [f"many_{number:04}" for number in range(COUNT)]
    assert len({info["pid"] for info in infos}) == COUNT
    status = daemon.ctl("status")
    assert status.status == 0
    assert len(status.out.splitlines()) == COUNT
    assert all(" RUNNING " in line for line in status.out.splitlines())
    entries = daemon.supervisor.stopProcessGroup("many")
    assert len(entries) == COUNT
    assert {entry["status"] for entry in entries} == {80}
    wait_until(lambda: not daemon.children(), "no child is left")
    entries = daemon.supervisor.startAllProcesses()
    assert len(entries) == COUNT
    assert len(daemon.children()) == COUNT
    fds = len(procfs.open_fds(daemon.pid))
    daemon.stop(timeout=120)
    assert fds < 8192
