"""Figures, limits and exit reasons where all controllers are of cgroup v2."""

import json
import os
import pathlib
import time

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
"""
CONFIGURATION = """[supervisord]
logfile={log}
loglevel=debug
pidfile=/run/reeved.pid
[unix_http_server]
file=/run/reeved.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix:///run/reeved.sock
"""
SCOPE = "/sys/fs/cgroup/reeve.slice/reeve-programs.scope"
GREEDY = """python3 -c "x = bytearray(200 << 20)" """
ONCE = "startsecs=0\nautorestart=false\n"


def ctl(vm, words):
    return vm.run(f"/root/bin/reevectl -c /root/reeved.conf {words}", timeout=120)


def usage(vm, name):
    return json.loads(ctl(vm, f"status --long --json {name}")[1])[0]["usage"]


def file_of(vm, slot, name):
    return vm.check(f"cat {SCOPE}/{slot}/{name}").strip()


def configure(vm, text, log="/root/reeved.log"):
    vm.put((CONFIGURATION.format(log=log) + text).encode(), "/root/reeved.conf")


@pytest.fixture
def run(vm):
    """Starts reeved with these programs."""

    def start(text, log="/root/reeved.log"):
        configure(vm, text, log)
        vm.put(UNIT.encode(), "/etc/systemd/system/reeved.service")
        vm.check("systemctl daemon-reload && systemctl start reeved", timeout=120)
        return vm

    return start


def ended(vm, eventually, name):
    return eventually(lambda: usage(vm, name)["last_exit"], secs=120)


def test_an_oom_kill_names_the_limit_of_the_program_or_of_its_group(run, eventually):
    vm = run(f"""[program:own]
command={GREEDY}
memory_max=20MB
{ONCE}
[group:g]
programs=member
memory_max=25MB
[program:member]
command={GREEDY}
{ONCE}""")
    own = ended(vm, eventually, "own")
    assert (own["reason"], own["limit"], own["signame"]) == ("oom", "memory_max", "SIGKILL")
    assert own["memory_peak"] == 20 << 20
    assert own["oom_kills"] == 1
    assert own["sources"]["memory_peak"] == own["sources"]["oom_kills"] == "v2"
    member = ended(vm, eventually, "g:member")
    assert (member["reason"], member["limit"]) == ("oom", "memory_max of the group")
    assert "REEVE_EXIT_REASON" not in vm.check("cat /root/reeved.log")


def test_the_journal_has_the_reason_as_fields(run, eventually):
    vm = run(f"[program:own]\ncommand={GREEDY}\nmemory_max=20MB\n{ONCE}", log="journal")
    eventually(lambda: vm.run("journalctl -o json REEVE_EXIT_REASON=oom REEVE_EXIT_LIMIT=memory_max"
                              " REEVE_PROCESS=own REEVE_MEMORY_PEAK=20971520")[1].strip(), secs=120)


def test_a_limit_of_tasks_refuses_forks_and_is_told(run, eventually):
    vm = run(f"""[program:forks]
command=sh -c 'for i in 1 2 3 4 5 6 7 8 9; do sleep 30 & done; wait'
pids_max=5
{ONCE}""")
    exit = ended(vm, eventually, "forks")
    assert exit["reason"] == "exited"
    assert exit["pids_max_hits"] >= 1
    assert exit["pids_peak"] == 5
    assert exit["sources"]["pids_max_hits"] == "v2"


def test_processor_time_is_limited_counted_and_changed_while_it_runs(run, eventually):
    vm = run("""[program:spin]
command=sh -c 'while :; do :; done'
cpu_max=20%%
cpu_weight=50
cpuset=0
""")
    eventually(lambda: usage(vm, "spin")["statename"], lambda state: state == "RUNNING")
    slot = "spin.slice/spin.scope"
    assert file_of(vm, slot, "cpu.max") == "20000 100000"
    assert file_of(vm, slot, "cpu.weight") == "50"
    assert file_of(vm, slot, "cpuset.cpus") == "0"
    before = usage(vm, "spin")
    time.sleep(10)
    after = usage(vm, "spin")
    share = (after["cpu_usec"] - before["cpu_usec"]) / 1e6 / (after["now"] - before["now"])
    assert 0.17 <= share <= 0.23
    assert after["cpu_throttled_usec"] > before["cpu_throttled_usec"]
    configure(vm, "[program:spin]\ncommand=sh -c 'while :; do :; done'\ncpu_max=50%%\n")
    assert ctl(vm, "update") == (0, "spin: updated limits\n")
    assert usage(vm, "spin")["pid"] == before["pid"]
    assert file_of(vm, slot, "cpu.max") == "50000 100000"
    assert file_of(vm, slot, "cpu.weight") == "100"
    # Where somebody lives some kernels refuse an empty list.
    everything = file_of(vm, "spin.slice", "cpuset.cpus.effective")
    assert file_of(vm, slot, "cpuset.cpus") in ("", everything)
    assert file_of(vm, slot, "cpuset.cpus.effective") == everything
    assert "cannot write" not in vm.check("cat /root/reeved.log")


def test_all_other_limits_reach_their_files(run, eventually):
    vm = run("""[program:x]
command=sleep 4711
memory_max=100MB
memory_high=50MB
io_max=/dev/vda wbps=1MB riops=100
[group:g]
programs=y
pids_max=50
cpu_weight=10
[program:y]
command=sleep 4711
""")
    eventually(lambda: ctl(vm, "status")[1], lambda text: text.count("RUNNING") == 2)
    slot = "x.slice/x.scope"
    assert file_of(vm, slot, "memory.max") == str(100 << 20)
    assert file_of(vm, slot, "memory.high") == str(50 << 20)
    assert "wbps=1048576 riops=100" in file_of(vm, slot, "io.max")
    assert file_of(vm, "g.slice", "pids.max") == "50"
    assert file_of(vm, "g.slice", "cpu.weight") == "10"
    configure(vm, "[program:x]\ncommand=sleep 4711\n[group:g]\nprograms=y\n"
                  "[program:y]\ncommand=sleep 4711\n")
    assert sorted(ctl(vm, "update")[1].splitlines()) == ["g: updated limits", "x: updated limits"]
    assert file_of(vm, slot, "memory.max") == "max"
    assert file_of(vm, slot, "io.max") == ""
    assert file_of(vm, "g.slice", "pids.max") == "max"


def test_io_and_pressure_are_read(run, eventually):
    vm = run("""[program:writer]
command=sh -c 'while :; do dd if=/dev/zero of=/root/x bs=64k count=16 oflag=direct 2>/dev/null; sleep 1; done'
""")
    eventually(lambda: usage(vm, "writer").get("io_written", 0), lambda n: n >= 1 << 20, secs=120)
    figures = usage(vm, "writer")
    assert figures["sources"]["io_written"] == "v2"
    assert {"cpu_pressure", "memory_pressure", "io_pressure"} <= figures.keys()


def test_a_peak_that_did_not_rise_is_told_as_a_bound(run, eventually):
    """A kernel before 6.12 cannot set a peak back."""
    vm = run(f"""[program:x]
command=sh -c 'test -e /root/done || python3 -c "x = bytearray(30 << 20)"; touch /root/done'
{ONCE}""")
    first = ended(vm, eventually, "x")
    assert first["memory_peak"] > 30 << 20 and first["bounds"] == []
    ctl(vm, "start x")
    eventually(lambda: usage(vm, "x")["last_exit"], lambda exit: exit["pid"] != first["pid"])
    second = usage(vm, "x")["last_exit"]
    assert second["memory_peak"] < 30 << 20 or "memory_peak" in second["bounds"]


ASK = """
import http.client, json, socket, sys, xmlrpc.client
class Connection(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect("/run/reeved.sock")
class Transport(xmlrpc.client.Transport):
    def make_connection(self, host):
        return Connection(host)
proxy = xmlrpc.client.ServerProxy("http://x", transport=Transport())
print(json.dumps(getattr(proxy, sys.argv[1])(*sys.argv[2:])))
"""


def ask(vm, *words):
    vm.put(ASK.encode(), "/root/ask.py")
    return json.loads(vm.check(f"python3 /root/ask.py {' '.join(words)}"))


def test_in_a_service_with_limits_they_are_the_machine(vm, eventually):
    unit = UNIT + "MemoryMax=200M\nCPUQuota=50%\n"
    configure(vm, "[program:x]\ncommand=sleep 4711\n")
    vm.put(unit.encode(), "/etc/systemd/system/reeved.service")
    vm.check("systemctl daemon-reload && systemctl start reeved", timeout=120)
    ours = eventually(lambda: ask(vm, "reeve.get_host_usage"))
    assert ours["limited"] is True
    assert (ours["cpus_source"], ours["memory_source"]) == ("v2", "v2")
    assert ours["available"]["cpus"] == 0.5
    assert ours["available"]["memory"] == 200 << 20
    assert 0 < ours["available"]["memory_used"] < 100 << 20
    assert ours["machine"]["cpus"] == len(ours["machine"]["cores"]) >= 1
    assert ours["machine"]["memory"] > 400 << 20
    assert 0 < ours["available"]["cpu"][0][0] < ours["now"]
    vm.check("systemctl set-property --runtime reeved.service MemoryMax=infinity CPUQuota=")
    assert eventually(lambda: ask(vm, "reeve.get_host_usage"),
                      lambda figures: not figures["limited"])["available"]["memory"] > 400 << 20


def test_a_controller_that_vanishes_and_comes_back_takes_its_figures_along(run, eventually):
    vm = run("[program:x]\ncommand=sleep 4711\n")
    eventually(lambda: usage(vm, "x")["statename"], lambda state: state == "RUNNING")
    assert usage(vm, "x")["sources"]["memory"] == "v2"
    for path in (f"{SCOPE}/x.slice", SCOPE):
        vm.check(f"echo '-memory -pids' > {path}/cgroup.subtree_control")
    figures = ask(vm, "reeve.get_process_usage", "x")
    assert figures["sources"]["memory"] == figures["sources"]["pids"] == "proc"
    assert figures["memory"] > 0 and figures["pids"] == 1
    assert "memory_peak" not in figures and "oom_kills" not in figures
    for path in (SCOPE, f"{SCOPE}/x.slice"):
        vm.check(f"echo '+memory +pids' > {path}/cgroup.subtree_control")
    assert usage(vm, "x")["sources"]["memory"] == "v2"
    assert ctl(vm, "restart x")[0] == 0


def test_who_runs_out_of_memory_is_ended_as_a_whole_where_that_is_wanted(run, eventually):
    worker = "python3 -c 'x = bytearray(200 << 20)'"
    vm = run(f"""[program:survivor]
command=sh -c "{worker}; exec sleep 4711"
memory_max=20MB
[program:whole]
command=sh -c "{worker}; exec sleep 4711"
memory_max=20MB
memory_oom_group=true
{ONCE}""")
    whole = ended(vm, eventually, "whole")
    assert (whole["reason"], whole["limit"]) == ("oom", "memory_max")
    eventually(lambda: ask(vm, "reeve.get_process_usage", "survivor").get("oom_kills"),
               lambda kills: kills == 1)
    assert usage(vm, "survivor")["statename"] == "RUNNING"
    assert usage(vm, "survivor")["last_exit"] == {}


def test_a_limit_that_cannot_be_written_is_in_the_answer_with_file_and_value(run, eventually):
    vm = run("[program:x]\ncommand=sleep 4711\n")
    eventually(lambda: usage(vm, "x")["statename"], lambda state: state == "RUNNING")
    configure(vm, "[program:x]\ncommand=sleep 4711\ncpuset=63\n")
    code, text = ctl(vm, "update")
    assert code == 1
    assert "[program:x] cpuset=63: cannot write '63' to cpuset.cpus of cgroup" in text
