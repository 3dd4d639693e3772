"""Stop, restart and crash of the service, and what becomes of the programs then."""

import os
import pathlib

import pytest

BUILD = pathlib.Path(os.environ.get("REEVE_BUILD", "."))
pytestmark = pytest.mark.skipif(
    not (BUILD / "reeved").exists() or not (BUILD / "reevectl").exists(),
    reason="the build tree has no reeved: make all check-vm",
)
UNIT = """[Unit]
After=dbus.socket
[Service]
Type=notify
ExecStart=/root/bin/reeved -n -c /root/reeved.conf
KillMode=mixed
Restart=on-failure
RestartSec=0
FileDescriptorStoreMax=64
[Install]
WantedBy=multi-user.target
"""
CONFIGURATION = """[supervisord]
logfile=/root/reeved.log
pidfile=/run/reeved.pid
on_service_stop={stop}
[unix_http_server]
file=/run/reeved.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix:///run/reeved.sock
[program:plain]
command=sleep 4711
[program:neat]
command=sh -c 'trap "echo ended >> /root/ended; sync; exit" TERM; while :; do sleep 0.2; done'
[program:clock]
command=sh -c 'i=0; while :; do i=$((i+1)); echo "tick $i"; sleep 1; done'
stdout_logfile=journal
"""
CTL = "/root/bin/reevectl -c /root/reeved.conf"


@pytest.fixture
def service(vm, eventually):
    def start(stop):
        vm.put(CONFIGURATION.format(stop=stop).encode(), "/root/reeved.conf")
        vm.put(UNIT.encode(), "/etc/systemd/system/reeved.service")
        vm.check("systemctl daemon-reload && systemctl enable --now reeved", timeout=120)
        all_run(vm, eventually)
        return vm

    return start


def all_run(vm, eventually):
    eventually(lambda: vm.run(f"{CTL} status", 60)[1], lambda t: t.count("RUNNING") == 3)


def pids(vm):
    return vm.check(f"{CTL} pid plain neat clock", timeout=120).split()


def ticks(vm):
    return len(vm.check("journalctl -q REEVE_PROCESS=clock REEVE_EVENT=output -o cat").splitlines())


@pytest.mark.parametrize("stop", ["end", "leave"])
def test_a_restart_of_the_service_keeps_every_program(service, eventually, stop):
    vm = service(stop)
    daemon, before = vm.check("systemctl show -P MainPID reeved"), pids(vm)
    vm.check("systemctl restart reeved", timeout=120)
    assert vm.check("systemctl show -P MainPID reeved") != daemon
    all_run(vm, eventually)
    assert pids(vm) == before
    assert vm.check("systemctl --failed --no-legend") == ""
    seen = ticks(vm)
    eventually(lambda: ticks(vm), lambda n: n > seen)
    # It is a supervisor again: what ends is started again.
    vm.check(f"kill -KILL {before[0]}")
    eventually(lambda: pids(vm)[0], lambda pid: pid not in (before[0], "0"))


def test_a_stop_of_the_service_ends_the_programs_each_in_its_own_way(service):
    vm = service("end")
    before = pids(vm)
    vm.check("systemctl stop reeved", timeout=120)
    assert vm.check("cat /root/ended") == "ended"
    assert vm.run("kill -0 " + " ".join(before))[0] != 0
    assert vm.run("pgrep -x sleep")[0] == 1


def test_a_stop_leaves_them_where_that_is_written_and_the_next_start_goes_on(service, eventually):
    vm = service("leave")
    before = pids(vm)
    vm.check("systemctl stop reeved", timeout=120)
    assert vm.check("systemctl is-active reeved; true") == "inactive"
    seen = ticks(vm)
    vm.check("kill -0 " + " ".join(before))
    eventually(lambda: ticks(vm), lambda n: n > seen + 1)
    vm.check("systemctl start reeved", timeout=120)
    all_run(vm, eventually)
    assert pids(vm) == before
    assert vm.run("test -e /root/ended")[0] != 0
    # An operator who asks for the end gets it.
    vm.check(f"{CTL} shutdown", timeout=120)
    eventually(lambda: vm.run("pgrep -x sleep")[0], lambda code: code == 1)
    assert vm.check("cat /root/ended") == "ended"


def test_when_the_machine_goes_down_programs_are_ended_in_their_own_way(service, eventually):
    vm = service("leave")
    vm.run("systemctl poweroff --no-block", 60)
    eventually(lambda: vm.proc.poll() is not None, secs=180)
    vm.kill()
    vm.start().ready(timeout=180)
    assert vm.check("cat /root/ended") == "ended"


def test_who_connects_after_a_crash_waits_for_the_next_daemon(service):
    vm = service("end")
    vm.check("mkdir -p /etc/systemd/system/reeved.service.d")
    vm.put(b"[Service]\nRestartSec=3\n", "/etc/systemd/system/reeved.service.d/slow.conf")
    vm.check("systemctl daemon-reload")
    before = pids(vm)
    assert int(vm.check("systemctl show -P NFileDescriptorStore reeved")) >= 1
    code, text = vm.run(f"kill -KILL $(systemctl show -P MainPID reeved); {CTL} pid plain neat clock",
                        60)[:2]
    assert (code, text.split()) == (0, before), text
