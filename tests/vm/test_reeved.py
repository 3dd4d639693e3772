"""reeved itself as a systemd service on pure cgroup v2."""

import os
import pathlib

import pytest

BUILD = pathlib.Path(os.environ.get("REEVE_BUILD", "."))
pytestmark = pytest.mark.skipif(
    not (BUILD / "reeved").exists() or not (BUILD / "reevectl").exists(),
    reason="the build tree has no reeved: make all check-vm",
)

UNIT = """[Service]
Type=notify
ExecStart=/root/bin/reeved -n -c /root/reeved.conf
KillMode=mixed
Restart=on-failure
RestartSec=0
StartLimitIntervalSec=0
"""
# The second is a daemon of old: what it starts leaves its session and forgets its parent.
CONFIGURATION = """[supervisord]
logfile=/root/reeved.log
loglevel=debug
pidfile=/run/reeved.pid
[unix_http_server]
file=/run/reeved.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix:///run/reeved.sock
[program:plain]
command=sleep 4711
[program:hiding]
command=sh -c 'setsid sh -c "sleep 4712 & sleep 4712" & exec sleep 4711'
"""
SCOPE = "/sys/fs/cgroup/reeve.slice/reeve-programs.scope"


def ctl(vm, words):
    return vm.run(f"/root/bin/reevectl -c /root/reeved.conf {words}", timeout=120)


@pytest.fixture
def reeved(vm, eventually):
    vm.put(CONFIGURATION.encode(), "/root/reeved.conf")
    vm.put(UNIT.encode(), "/etc/systemd/system/reeved.service")
    vm.check("systemctl daemon-reload && systemctl start reeved", timeout=120)
    all_run(vm, eventually)
    return vm


def all_run(vm, eventually):
    eventually(lambda: ctl(vm, "status")[1], lambda text: text.count("RUNNING") == 2)


def members(vm, slot):
    return vm.check(f"cat {SCOPE}/{slot}/cgroup.procs").split()


def sleepers(vm):
    return int(vm.run("pgrep -c -x sleep")[1])


def test_programs_run_in_the_scope_and_not_in_the_service(reeved):
    assert len(members(reeved, "plain.slice/plain.scope")) == 1
    assert len(members(reeved, "hiding.slice/hiding.scope")) == 4
    service = reeved.check("cat /sys/fs/cgroup/system.slice/reeved.service/cgroup.procs").split()
    assert service == [reeved.check("systemctl show -P MainPID reeved")]
    assert "cpu, memory, pids, io, cpuset of version 2" in reeved.check("cat /root/reeved.log")


def test_a_stopped_program_leaves_nobody(reeved, eventually):
    code, text = ctl(reeved, "stop hiding")
    assert (code, text.strip()) == (0, "hiding: stopped")
    eventually(lambda: sleepers(reeved), lambda count: count == 1)
    ctl(reeved, "start hiding")
    eventually(lambda: len(members(reeved, "hiding.slice/hiding.scope")), lambda n: n == 4)


def all_members(vm):
    slots = "plain.slice/plain.scope", "hiding.slice/hiding.scope"
    return {slot: sorted(members(vm, slot)) for slot in slots}


def test_a_restart_of_the_service_works_and_keeps_everybody(reeved, eventually):
    before = all_members(reeved)
    reeved.check("systemctl restart reeved", timeout=120)
    all_run(reeved, eventually)
    assert all_members(reeved) == before
    assert sleepers(reeved) == 4
    assert reeved.check("systemctl is-active reeve-programs.scope") == "active"
    # Who is adopted is stopped as if it had been started here.
    ctl(reeved, "stop hiding")
    eventually(lambda: sleepers(reeved), lambda count: count == 1)


def test_after_a_crash_the_service_starts_again_and_everybody_is_kept(reeved, eventually):
    daemon, before = reeved.check("systemctl show -P MainPID reeved"), all_members(reeved)
    reeved.check(f"kill -KILL {daemon}")
    eventually(
        lambda: reeved.check("systemctl show -P MainPID -P ActiveState reeved").split(),
        lambda s: "active" in s and daemon not in s,
    )
    all_run(reeved, eventually)
    assert all_members(reeved) == before
    assert sleepers(reeved) == 4
    assert reeved.check("systemctl --failed --no-legend") == ""


def test_a_stop_of_the_service_leaves_nothing_at_all(reeved, eventually):
    reeved.check("systemctl stop reeved", timeout=120)
    assert sleepers(reeved) == 0
    eventually(lambda: reeved.run(f"test -e {SCOPE}")[0], lambda code: code != 0)
    assert reeved.run("pgrep -x reeve-keeper")[0] == 1
