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
FileDescriptorStoreMax=400
LimitNOFILE=2048:524288
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


def kept(vm):
    """How many descriptors the manager has for the next daemon."""
    return int(vm.check("systemctl show -P NFileDescriptorStore reeved"))


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
    assert kept(vm) >= 1
    code, text = vm.run(f"kill -KILL $(systemctl show -P MainPID reeved); {CTL} pid plain neat clock",
                        60)[:2]
    assert (code, text.split()) == (0, before), text


CRASHES = 20
# Each run says which it is, and ends with words and a code of its own when the file is there.
TALKERS = CONFIGURATION + """[program:talker]
process_name=%(process_num)d
numprocs=4
command=sh -c 'echo begin $$; echo err $$ >&2; while ! [ -e /root/go%(process_num)d ]; do sleep 0.1; done; rm /root/go%(process_num)d; i=0; while [ $i -lt 100 ]; do i=$((i+1)); echo line $$ $i; done; echo end $$ >&2; exit 7'
stdout_logfile=/root/talker%(process_num)d.log
stderr_logfile=/root/talker%(process_num)d.err
startsecs=0
exitcodes=7
autorestart=true
"""


# All of its lines, each once, and in order; of a run that has ended.
COMPLETE = """
for i in {ending}; do
    set -- {before}; shift $i
    {{ echo begin $1; seq -f "line $1 %g" 100; }} > /root/wanted
    grep -F " $1" /root/talker$i.log | cmp - /root/wanted || exit 1
    printf 'err %s\\nend %s\\n' $1 $1 > /root/wanted
    grep -F " $1" /root/talker$i.err | cmp - /root/wanted || exit 1
done
"""


def test_twenty_crashes_lose_nothing_of_what_programs_say_last(vm, eventually):
    vm.put(TALKERS.format(stop="end").encode(), "/root/reeved.conf")
    gate = "ExecStartPre=/bin/sh -c 'while [ -e /root/gate ]; do sleep 0.1; done'\nExecStart="
    vm.put(UNIT.replace("[Service]", "StartLimitIntervalSec=0\n[Service]")
           .replace("ExecStart=", gate).encode(), "/etc/systemd/system/reeved.service")
    vm.check("systemctl daemon-reload && systemctl enable --now reeved", timeout=120)
    running = lambda: vm.run(f"{CTL} status", 60)[1].count("RUNNING")  # noqa: E731
    eventually(running, lambda n: n == 7)
    stay = pids(vm)
    eventually(lambda: kept(vm), lambda n: n == 1 + 3 * 4 + 4 * 4)
    for number in range(CRASHES):
        # Three of the four end between the kill and the next daemon.
        ending = [i for i in range(4) if (number + i) % 4]
        before = vm.check(f"{CTL} pid talker:0 talker:1 talker:2 talker:3", timeout=120).split()
        files = " ".join(f"/root/go{i}" for i in ending)
        waiting = " ".join(f"/proc/{before[i]}" for i in ending)
        vm.check(f"touch /root/gate; systemctl kill -s KILL reeved; touch {files}; "
                 f"for p in {waiting}; do while [ -e $p ]; do sleep 0.1; done; done; rm /root/gate",
                 timeout=120)
        eventually(running, lambda n: n == 7)
        vm.check(COMPLETE.format(ending=" ".join(map(str, ending)), before=" ".join(before)),
                 timeout=120)
    assert pids(vm) == stay
    eventually(lambda: kept(vm), lambda n: n == 1 + 3 * 4 + 4 * 4)
    # Kernel 6.1 does not keep how somebody has ended: only who was not reaped yet is known.
    told = vm.check("grep -c 'exited: [0-3] (exit status \\(7; expected\\|unknown; not expected\\))' "
                    "/root/reeved.log")
    assert int(told) == CRASHES * 3
    assert "Cannot store" not in vm.check("journalctl -q -u reeved -o cat -n 200")
    vm.check("systemctl stop reeved", timeout=120)
    assert kept(vm) == 0


def test_a_service_whose_store_is_full_starts_again(vm, eventually):
    """It is never given more than it could be handed by this limit of open files."""
    vm.put((CONFIGURATION.format(stop="end") + "[program:many]\nprocess_name=%(process_num)d\n"
            "numprocs=120\ncommand=sleep 1000\n").encode(), "/root/reeved.conf")
    vm.put(UNIT.replace("2048:", "512:").encode(), "/etc/systemd/system/reeved.service")
    vm.check("systemctl daemon-reload && systemctl enable --now reeved", timeout=120)
    running = lambda: vm.run(f"{CTL} status", 60)[1].count("RUNNING")  # noqa: E731
    eventually(running, lambda n: n == 123)
    assert 150 < kept(vm) <= (512 - 64) // 2
    before = vm.check(f"{CTL} pid many:0 many:119", timeout=120)
    assert vm.check("grep -c 'has no room for the pipes of' /root/reeved.log") == "1"
    daemon = vm.check("systemctl show -P MainPID reeved")
    vm.check("systemctl kill -s KILL reeved")
    eventually(lambda: vm.check("systemctl show -P MainPID reeved"), lambda p: p not in ("0", daemon))
    eventually(running, lambda n: n == 123)
    assert vm.check(f"{CTL} pid many:0 many:119", timeout=120) == before
    assert vm.check("systemctl show -P NRestarts reeved") == "1"
