"""The scope of the programs and their cgroups under systemd, as the probe uses them."""

import re

import pytest

UNIT = """[Unit]
Description=Probe
[Service]
Type=notify
ExecStart=/root/bin/probe serve {instance} '{command}'
Restart=on-failure
RestartSec=0
StartLimitIntervalSec=0
"""
COMMAND = "exec sleep infinity"
SCOPE = "/sys/fs/cgroup/reeve.slice/reeve-programs.scope"
SLOT = SCOPE + "/group.slice/program.scope"


class Service:
    """A probe as a systemd service."""

    def __init__(self, vm, name="probe", instance="supervisor", command=COMMAND):
        self.vm, self.name = vm, name
        unit = UNIT.format(instance=instance, command=command)
        vm.put(unit.encode(), f"/etc/systemd/system/{name}.service")
        vm.check("systemctl daemon-reload", timeout=120)

    def systemctl(self, word):
        self.vm.check(f"systemctl {word} {self.name}", timeout=120)

    def show(self, what, unit=None):
        return self.vm.check(f"systemctl show -P {what} {unit or self.name}", timeout=60)

    def said(self):
        """What it said since it was started last."""
        identity = self.show("InvocationID")
        return self.vm.check(f"journalctl -q -o cat _SYSTEMD_INVOCATION_ID={identity}", timeout=60)

    def signal(self, name):
        self.vm.check(f"kill -{name} {self.show('MainPID')}")


@pytest.fixture
def service(vm):
    service = Service(vm)
    service.systemctl("start")
    return service


def procs(vm, path):
    return vm.check(f"cat {path}/cgroup.procs").split()


def figures(service, eventually):
    service.signal("USR1")
    words = eventually(lambda: re.findall(r"figures: 0 (.*)", service.said()))[-1].split()
    found = {name: (source, int(number)) for name, source, number in zip(*[iter(words[2:])] * 3)}
    return found | {"members": int(words[1])}


def test_programs_live_in_a_delegated_scope_with_controllers_and_a_keeper(vm, service):
    said = service.said()
    assert f"scope: {SCOPE}" in said
    assert f"under '{SCOPE}', controllers: cpu, memory, pids, io, cpuset of version 2" in said
    for what, wanted in {
        "ActiveState": "active",
        "Slice": "reeve.slice",
        "Delegate": "yes",
        "TasksMax": "infinity",
    }.items():
        assert service.show(what, "reeve-programs.scope") == wanted
    assert "probe.service" in service.show("Before", "reeve-programs.scope").split()
    (keeper,) = procs(vm, SCOPE + "/keeper")
    assert vm.check(f"cat /proc/{keeper}/comm") == "reeve-keeper"
    assert vm.check(f"ps -o args= -p {keeper}") == "reeved: keeper of the programs' scope"
    assert vm.check(f"ls /proc/{keeper}/fd") == ""
    assert vm.check(f"ps -o ppid= -p {keeper}") == "1"
    assert procs(vm, SCOPE) == []
    assert len(procs(vm, SLOT)) == 1
    assert {"cpu", "memory", "pids", "io"} <= set(
        vm.check(f"cat {SCOPE}/cgroup.subtree_control").split()
    )


def test_figures_come_from_version_2(service, eventually):
    found = figures(service, eventually)
    assert found["members"] == 1
    assert found["cpu"][0] == found["memory"][0] == found["tasks"][0] == found["oom"][0] == "v2"
    assert found["cpu"][1] > 0 and found["memory"][1] > 0
    assert found["tasks"][1] == 1 and found["oom"][1] == 0


def test_a_kill_leaves_nobody_however_they_hide(vm, eventually):
    hide = 'for i in 1 2 3; do setsid sh -c "sleep 4711 & sleep 4711" & done; exec sleep 4711'
    service = Service(vm, command=hide)
    service.systemctl("start")
    eventually(lambda: vm.run("pgrep -xc sleep")[1].strip(), lambda n: n == "7")
    service.signal("USR2")
    said = eventually(lambda: re.findall(r"killed: .*", service.said()))
    assert said == ["killed: 0, empty: 1, members left: 0"]
    assert vm.run("pgrep -xc sleep")[1].strip() == "0"


def survives(vm, service, eventually, disturb):
    """The same process, in the same cgroup, with its counters, and the service up again."""
    program, keeper = procs(vm, SLOT), procs(vm, SCOPE + "/keeper")
    vm.check(f"echo 64M > {SLOT}/memory.max")
    before = int(vm.check(f"grep ^usage_usec {SLOT}/cpu.stat | cut -d' ' -f2"))
    main = service.show("MainPID")
    disturb()
    eventually(lambda: service.show("MainPID"), lambda pid: pid not in ("0", main))
    eventually(lambda: service.show("ActiveState"), lambda state: state == "active")
    assert procs(vm, SLOT) == program and procs(vm, SCOPE + "/keeper") == keeper
    assert vm.check(f"cat {SLOT}/memory.max") == str(64 << 20)
    assert int(vm.check(f"grep ^usage_usec {SLOT}/cpu.stat | cut -d' ' -f2")) >= before
    said = eventually(service.said, lambda text: "adopted" in text or "started" in text)
    assert "adopted" in said and f"scope: {SCOPE}" in said
    assert service.show("ActiveState", "reeve-programs.scope") == "active"


def test_a_restart_of_the_service_keeps_the_programs(vm, service, eventually):
    survives(vm, service, eventually, lambda: service.systemctl("restart"))


def test_a_crash_of_the_service_keeps_the_programs(vm, service, eventually):
    survives(vm, service, eventually, lambda: service.signal("KILL"))


def test_a_reload_of_systemd_keeps_limits_and_programs(vm, service, eventually):
    def disturb():
        vm.check("systemctl daemon-reload && systemctl daemon-reexec", timeout=120)
        service.systemctl("restart")

    survives(vm, service, eventually, disturb)


def is_gone(vm):
    return vm.run(f"test -e {SCOPE}")[0] != 0


def test_an_orderly_end_takes_the_scope_with_it(vm, service, eventually):
    service.signal("HUP")
    eventually(lambda: is_gone(vm))
    eventually(
        lambda: service.show("LoadState", "reeve-programs.scope"), lambda s: s == "not-found"
    )
    assert vm.run("pgrep -x 'sleep|reeve-keeper'")[0] == 1
    assert vm.check("systemctl --failed --no-legend") == ""


def test_a_start_right_after_an_orderly_end_gets_a_scope_that_lives(vm, service, eventually):
    for _ in range(3):
        service.signal("HUP")
        eventually(lambda: service.show("MainPID"), lambda pid: pid == "0")
        service.systemctl("start")
        assert f"scope: {SCOPE}" in service.said()
        assert service.show("ActiveState", "reeve-programs.scope") == "active"
        assert len(procs(vm, SLOT)) == len(procs(vm, SCOPE + "/keeper")) == 1


def test_a_keeper_that_was_killed_is_replaced(vm, service):
    (keeper,) = procs(vm, SCOPE + "/keeper")
    (program,) = procs(vm, SLOT)
    vm.check(f"kill -KILL {keeper}")
    service.systemctl("restart")
    (other,) = procs(vm, SCOPE + "/keeper")
    assert other != keeper and procs(vm, SLOT) == [program]


def test_each_instance_has_a_scope_of_its_own(vm, service):
    other = Service(vm, "other", instance="node@2")
    other.systemctl("start")
    path = r"/sys/fs/cgroup/reeve.slice/reeve-programs-node\x402.scope"
    assert f"scope: {path}" in other.said()
    assert procs(vm, f"'{path}/group.slice/program.scope'") != procs(vm, SLOT)


def test_stopping_the_scope_ends_all_that_is_in_it(vm, service, eventually):
    vm.check("systemctl stop reeve-programs.scope", timeout=120)
    eventually(lambda: is_gone(vm))
    assert vm.run("pgrep -x 'sleep|reeve-keeper'")[0] == 1


def test_without_a_message_bus_programs_run_beside_the_daemon_and_it_says_why(vm):
    service = Service(vm)
    vm.check("systemctl stop dbus.socket dbus.service", timeout=120)
    service.systemctl("start")
    said = service.said()
    assert "no scope: cannot ask systemd for 'reeve-programs.scope' over D-Bus: " in said
    assert "under '/sys/fs/cgroup/system.slice/probe.service/reeve-supervisor'" in said
    assert "enabling more in a service's cgroup would keep systemd from starting it" not in said
    assert "not available (enabling more in a service's cgroup would keep systemd" in said


def test_at_shutdown_the_service_ends_before_its_programs(vm):
    vm.check("mkdir -p /var/log/journal")
    command = 'trap "echo program gets TERM >> /root/order; sync; exit" TERM; sleep 9999 & wait'
    service = Service(vm, command=command)
    vm.check(
        "mkdir -p /etc/systemd/system/probe.service.d && printf "
        "'[Service]\\nExecStopPost=/bin/sh -c \"echo service ended >> /root/order; sync\"\\n'"
        " > /etc/systemd/system/probe.service.d/order.conf && systemctl daemon-reload",
        timeout=120,
    )
    service.systemctl("start")
    with pytest.raises(Exception):  # the guest goes away under the request
        vm.run("systemctl poweroff; sleep 300", timeout=300)
    vm.proc.wait()
    vm.start().ready()
    assert vm.check("cat /root/order").splitlines() == ["service ended", "program gets TERM"]
