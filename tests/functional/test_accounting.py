"""Exact accounting, limits, and why a program ended; with what the kernel of this machine gives."""

import fcntl
import json
import os
import pathlib
import pty
import select
import struct
import subprocess
import sys
import termios
import time

import pytest

from harness import implementation
from harness.daemon import nobody
from harness.waiting import wait_until

pytestmark = pytest.mark.reeved_only("reeve.* is ours")

REEVECTL = implementation.reevectl()
V1 = pathlib.Path("/sys/fs/cgroup/memory/memory.usage_in_bytes").exists()
MIB = 1 << 20

# Two thousand children that each burn a little, and the sum of what wait4 says of them.
BURN = """
import os, resource, sys, time
def burn():
    end = time.process_time() + 0.001
    while time.process_time() < end:
        pass
total = 0
for _ in range(int(sys.argv[1])):
    pid = os.fork()
    if pid == 0:
        burn()
        os._exit(0)
    usage = os.wait4(pid, 0)[2]
    total += usage.ru_utime + usage.ru_stime
own = resource.getrusage(resource.RUSAGE_SELF)
with open(sys.argv[2], "w") as f:
    f.write(str(total + own.ru_utime + own.ru_stime))
"""
GREEDY = f"{sys.executable} -c 'x = bytearray(200 << 20); import time; time.sleep(100)'"


def history(daemon, name):
    return daemon.rpc.call("reeve.get_exit_history", name)


def last_exit(daemon, name, **wanted):
    wait_until(lambda: history(daemon, name), f"{name} has ended")
    record = history(daemon, name)[0]
    assert {key: record[key] for key in wanted} == wanted
    return record


def usage(daemon, name):
    return daemon.rpc.call("reeve.get_process_usage", name)


def reevectl(daemon, *words):
    done = subprocess.run([REEVECTL, "-c", str(daemon.conf), *words], capture_output=True,
                          text=True, check=False, timeout=60)
    return done.returncode, done.stdout, done.stderr


def seen_by_psutil(pid):
    """Seconds of processor time, as a sampler of processes sees them ten times a second."""
    psutil = pytest.importorskip("psutil", reason="psutil is shown beside where it is installed")
    seen = {}
    while True:
        try:
            process = psutil.Process(pid)
            for one in [process, *process.children(recursive=True)]:
                times = one.cpu_times()
                seen[one.pid] = times.user + times.system
            if process.status() == psutil.STATUS_ZOMBIE:
                break
        except psutil.NoSuchProcess:
            if not psutil.pid_exists(pid):
                break
        time.sleep(0.1)
    return sum(seen.values())


def test_processor_time_of_2000_short_lived_children_is_within_1_percent_of_wait4(
        start, tmp_path, figure):
    script = tmp_path / "burn.py"
    script.write_text(BURN)
    result = tmp_path / "result"
    daemon = start(f"""
[program:burn]
command={sys.executable} {script} 2000 {result}
startsecs=0
autorestart=false
""")
    try:
        sampled = seen_by_psutil(daemon.pid_of("burn"))
    except pytest.skip.Exception:
        sampled = None
    wait_until(lambda: history(daemon, "burn"), "burn has ended", timeout=120)
    record = last_exit(daemon, "burn", reason="exited", exitstatus=0)
    expected = float(result.read_text())
    # The interpreter's end comes behind its own last word: some milliseconds.
    assert expected * 0.99 <= record["cpu_usec"] / 1e6 <= expected * 1.01 + 0.03
    assert record["sources"]["cpu_usec"] == "v2"
    figure(f"processor time of 2000 short-lived children: {expected:.3f} s by wait4, "
           f"{record['cpu_usec'] / 1e6:.3f} s by us"
           + (f", {sampled:.3f} s by sampling with psutil" if sampled is not None else ""))


def test_a_run_has_its_own_figures_whatever_the_runs_before_it_used(start, tmp_path):
    script = tmp_path / "burn.py"
    script.write_text(BURN)
    daemon = start(f"""
[program:burn]
command=/bin/sh -c 'test -e @DIR@/done || {sys.executable} {script} 100 @DIR@/done'
startsecs=0
autorestart=false
""")
    first = last_exit(daemon, "burn", reason="exited")
    daemon.supervisor.startProcess("burn")
    wait_until(lambda: len(history(daemon, "burn")) == 2, "the second run has ended")
    second = last_exit(daemon, "burn", reason="exited")
    assert first["cpu_usec"] > 100_000
    assert second["cpu_usec"] < 50_000
    if "memory_peak" in second and "memory_peak" not in second["bounds"]:
        assert second["memory_peak"] < first["memory_peak"]


@pytest.mark.parametrize("command, wanted", [
    ("/bin/sh -c 'exit 3'", {"reason": "exited", "exitstatus": 3, "signal": 0}),
    ("/bin/sh -c 'kill -HUP $$'", {"reason": "signalled", "signal": 1, "signame": "SIGHUP",
                                   "exitstatus": -1}),
])
def test_the_reason_of_an_exit(start, command, wanted):
    daemon = start(f"""
[program:x]
command={command}
startsecs=0
autorestart=false
""")
    record = last_exit(daemon, "x", limit="", stop_asked=False, **wanted)
    assert 0 < record["duration"] < 10
    assert record["start"] <= record["stop"]


def test_a_limit_of_processor_time_is_named_as_what_ended_a_program(start):
    daemon = start("""
[program:spin]
command=/bin/sh -c 'while :; do :; done'
startsecs=0
autorestart=false
rlimit_cpu=1:10
rlimit_core=0
""")
    wait_until(lambda: history(daemon, "spin"), "spin has ended", timeout=30)
    last_exit(daemon, "spin", reason="limit", limit="rlimit_cpu", signame="SIGXCPU")
    daemon.wait_log("'spin' was ended by the kernel: rlimit_cpu was reached")


def test_the_hard_limit_of_processor_time_is_named_too_though_the_kernel_only_kills(start):
    daemon = start("""
[program:spin]
command=/bin/sh -c 'while :; do :; done'
startsecs=0
autorestart=false
rlimit_cpu=1
[program:shot]
command=sleep 1000
startsecs=0
autorestart=false
rlimit_cpu=1
""")
    wait_until(lambda: history(daemon, "spin"), "spin has ended", timeout=60)
    last_exit(daemon, "spin", reason="limit", limit="rlimit_cpu", signame="SIGKILL")
    os.kill(daemon.pid_of("shot"), 9)
    last_exit(daemon, "shot", reason="signalled", limit="", signame="SIGKILL")


def test_who_does_not_stop_in_time_was_killed_by_us_and_a_kill_from_outside_was_not(start):
    daemon = start("""
[program:deaf]
command=/bin/sh -c 'trap "" TERM; while :; do sleep 0.1; done'
stopwaitsecs=1
[program:shot]
command=sleep 1000
autorestart=false
startsecs=0
""")
    daemon.wait_state("deaf", "RUNNING")
    daemon.supervisor.stopProcess("deaf")
    last_exit(daemon, "deaf", reason="killed", signame="SIGKILL", stop_asked=True)
    os.kill(daemon.pid_of("shot"), 9)
    last_exit(daemon, "shot", reason="signalled", signame="SIGKILL", stop_asked=False)


@pytest.mark.skipif(not V1, reason="this machine has no memory controller of version 1")
def test_an_oom_kill_is_proven_and_names_the_limit_of_the_program_or_the_group(start):
    daemon = start(f"""
[program:own]
command={GREEDY}
startsecs=0
autorestart=false
memory_max=30MB
[group:g]
programs=member
memory_max=40MB
memory_swap_max=0
[program:member]
command={GREEDY}
startsecs=0
autorestart=false
""")
    own = last_exit(daemon, "own", reason="oom", limit="memory_max", signame="SIGKILL")
    assert own["memory_peak"] == 30 * MIB
    assert own["sources"]["oom_kills"] == "v1"
    last_exit(daemon, "g:member", reason="oom", limit="memory_max of the group")
    daemon.wait_log("'own' was ended by the kernel's OOM killer: memory_max was reached")
    code, text, _ = reevectl(daemon, "status", "--long", "own")
    assert "last exit: oom, terminated by SIGKILL" in text
    assert "memory peak 30.0M (v1)" in text
    assert code == 3


# What it has left in memory that is on no list of pages to be given back is its next run's, too, who
# then has none left for an exec: as here, where there was none from the beginning.
@pytest.mark.skipif(not V1, reason="this machine has no memory controller of version 1")
def test_memory_that_runs_out_before_the_exec_ends_the_program_and_not_the_daemon(start):
    daemon = start("""
[program:tiny]
command=/bin/sleep 100
startretries=1
memory_max=4096
[group:narrow]
programs=member
memory_max=4096
[program:member]
command=/bin/sleep 100
startretries=1
[program:other]
command=/bin/sleep 100
""")
    daemon.wait_state("tiny", "FATAL")
    daemon.wait_state("narrow:member", "FATAL")
    assert daemon.state("other") == "RUNNING"
    assert daemon.log().count("supervisord started with pid") == 1


@pytest.mark.skipif(not V1, reason="this machine has no pids controller of version 1")
def test_a_limit_of_tasks_refuses_forks_and_is_told(start):
    daemon = start("""
[program:forks]
command=/bin/sh -c 'for i in 1 2 3 4 5 6 7 8 9; do sleep 20 & done; wait'
startsecs=0
autorestart=false
pids_max=5
""")
    record = last_exit(daemon, "forks", reason="exited")
    assert record["pids_max_hits"] >= 1
    assert record["pids_peak"] == 5
    assert "had reached pids_max" in record["cause"]


def test_the_history_is_bounded_and_the_latest_is_first(start):
    daemon = start("""
[program:x]
command=/bin/sh -c 'echo x >>@DIR@/runs; exit $(wc -l <@DIR@/runs)'
startsecs=0
autostart=false
autorestart=false
""")
    for run in range(1, 13):
        daemon.supervisor.startProcess("x")
        wait_until(lambda run=run: history(daemon, "x")
                   and history(daemon, "x")[0]["exitstatus"] == run, f"run {run} has ended")
    assert [r["exitstatus"] for r in history(daemon, "x")] == list(range(12, 2, -1))


def test_limits_of_the_process_are_set(start):
    daemon = start("""
[program:x]
command=sleep 1000
nice=7
ionice=idle
oom_score_adj=321
rlimit_nofile=100:200
rlimit_core=unlimited
""")
    daemon.wait_state("x", "RUNNING")
    pid = daemon.pid_of("x")
    assert os.getpriority(os.PRIO_PROCESS, pid) == 7
    assert pathlib.Path(f"/proc/{pid}/oom_score_adj").read_text() == "321\n"
    limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
    assert [line.split()[3:5] for line in limits.splitlines() if "open files" in line] == [
        ["100", "200"]]
    assert [line.split()[4:6] for line in limits.splitlines() if "core file" in line] == [
        ["unlimited", "unlimited"]]
    assert subprocess.run(["ionice", "-p", str(pid)], capture_output=True, text=True,
                          check=True).stdout.strip() == "idle"
    assert usage(daemon, "x")["limits"]["rlimit_nofile"] == "100 200"


def test_update_changes_limits_of_what_runs_and_restarts_only_what_else_has_changed(start):
    config = """
[program:x]
command=sleep 1000
nice=3
{}
"""
    daemon = start(config.format("memory_max=100MB" if V1 else ""))
    daemon.wait_state("x", "RUNNING")
    pid = daemon.pid_of("x")
    daemon.write_config(config.replace("nice=3", "nice=5").format("pids_max=9" if V1 else ""))
    assert reevectl(daemon, "update") == (0, "x: updated limits\n", "")
    assert daemon.pid_of("x") == pid
    wait_until(lambda: os.getpriority(os.PRIO_PROCESS, pid) == 5, "it is nicer")
    if V1:
        groups = pathlib.Path(f"/proc/{pid}/cgroup").read_text().splitlines()
        where = {line.split(":")[1]: line.split(":", 2)[2] for line in groups}
        v1 = pathlib.Path("/sys/fs/cgroup")
        assert (v1 / f"pids{where['pids']}/pids.max").read_text() == "9\n"
        assert int((v1 / f"memory{where['memory']}/memory.limit_in_bytes").read_text()) > 1 << 60
    assert reevectl(daemon, "update") == (0, "", "")
    # An old client, which does not know of it, restarts the group.
    daemon.write_config(config.replace("nice=3", "nice=6").replace("1000", "1001").format(""))
    assert "x: updated process group" in reevectl(daemon, "update")[1]
    assert daemon.pid_of("x") != pid


def as_nobody(start, config):
    """A daemon of a plain user to whom no cgroup is delegated."""
    who = nobody()
    daemon = start.make(config, prefix=["setpriv", f"--reuid={who.pw_uid}",
                                        f"--regid={who.pw_gid}", "--clear-groups"])
    os.chown(daemon.dir, who.pw_uid, who.pw_gid)
    return daemon


def test_a_limit_that_cannot_be_had_is_an_error_with_file_line_option_and_value(start):
    config = "\n[program:x]\ncommand=sleep 1000\n{}\n"
    daemon = as_nobody(start, config.format(""))
    daemon.start()
    daemon.wait_state("x", "RUNNING")
    daemon.write_config(config.format("cpu_max=0.5"))
    code, text, _ = reevectl(daemon, "update")
    assert code == 1
    assert "[program:x] cpu_max=0.5: there are no cgroups to be had here" in text
    assert f"{daemon.conf}, line " in text
    daemon.write_config(config.format("cpu_max=0.5\nlimits=best-effort"))
    assert reevectl(daemon, "update") == (0, "x: updated limits\n", "")
    daemon.wait_log("cpu_max=0.5: there are no cgroups to be had here; it is not applied")


V1_CPU = pathlib.Path("/sys/fs/cgroup/cpu/cpu.cfs_quota_us").exists()


@pytest.mark.skipif(not V1_CPU, reason="this machine has no cpu controller of version 1")
def test_limits_are_translated_where_version_1_has_the_controller(start):
    config = """
[program:spin]
command=/bin/sh -c 'while :; do :; done'
{}
[group:g]
programs=member
cpuset=0
[program:member]
command=sleep 1000
"""
    limits = """cpu_max=20%%
cpu_weight=50
cpuset=0
memory_high=50MB
"""
    daemon = start(config.format(limits))
    daemon.wait_state("spin", "RUNNING")
    daemon.wait_state("g:member", "RUNNING")
    groups = cgroups_of(daemon.pid_of("spin"))

    def read(controller, name):
        return (groups[controller] / name).read_text().strip()

    assert (read("cpu", "cpu.cfs_quota_us"), read("cpu", "cpu.cfs_period_us")) == (
        "20000", "100000")
    assert read("cpu", "cpu.shares") == "512"
    assert read("cpuset", "cpuset.cpus") == "0"
    assert read("memory", "memory.soft_limit_in_bytes") == str(50 * MIB)
    assert (cgroups_of(daemon.pid_of("g:member"))["cpuset"].parent
            / "cpuset.cpus").read_text() == "0\n"
    before = usage(daemon, "spin")
    time.sleep(3)
    after = usage(daemon, "spin")
    assert (after["cpu_usec"] - before["cpu_usec"]) / 1e6 / (after["now"] - before["now"]) < 0.25
    daemon.write_config(config.format(""))
    assert reevectl(daemon, "update") == (0, "spin: updated limits\n", "")
    assert read("cpu", "cpu.cfs_quota_us") == "-1"
    assert read("cpu", "cpu.shares") == "1024"
    everything = pathlib.Path("/sys/fs/cgroup/cpuset/cpuset.cpus").read_text().strip()
    assert read("cpuset", "cpuset.cpus") == everything


@pytest.mark.skipif(not V1_CPU, reason="this machine has no cpu controller of version 1")
def test_what_runs_is_put_into_a_group_of_version_1_when_a_limit_comes_to_need_one(start):
    config = "\n[program:x]\ncommand=/bin/sh -c 'sleep 1000 & wait'\n{}\n"
    daemon = start(config.format(""))
    daemon.wait_state("x", "RUNNING")
    pid = daemon.pid_of("x")
    assert cgroups_of(pid)["cpu"].name != "x.scope"
    daemon.write_config(config.format("cpu_max=1.5"))
    assert reevectl(daemon, "update") == (0, "x: updated limits\n", "")
    group = cgroups_of(pid)["cpu"]
    assert group.name == "x.scope"
    assert len((group / "cgroup.procs").read_text().split()) == 2
    assert (group / "cpu.cfs_quota_us").read_text() == "150000\n"


def may_raise_limits():
    """CAP_SYS_RESOURCE, which containers do without."""
    status = pathlib.Path("/proc/self/status").read_text()
    effective = next(line.split()[1] for line in status.splitlines() if line.startswith("CapEff"))
    return int(effective, 16) >> 24 & 1


def test_a_limit_of_the_process_that_is_lifted_is_lifted_while_it_runs(start):
    config = "\n[program:x]\ncommand=sleep 1000\n{}\n"
    daemon = start(config.format("nice=7\nionice=idle\noom_score_adj=321\nrlimit_nofile=100:200"))
    daemon.wait_state("x", "RUNNING")
    pid = daemon.pid_of("x")
    daemon.write_config(config.format(""))
    assert reevectl(daemon, "update") == (0, "x: updated limits\n", "")
    assert daemon.pid_of("x") == pid
    assert os.getpriority(os.PRIO_PROCESS, pid) == os.getpriority(os.PRIO_PROCESS, 0)
    assert (pathlib.Path(f"/proc/{pid}/oom_score_adj").read_text()
            == pathlib.Path("/proc/self/oom_score_adj").read_text())
    assert subprocess.run(["ionice", "-p", str(pid)], capture_output=True, text=True,
                          check=True).stdout.strip() != "idle"
    limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
    if may_raise_limits():
        assert ["100", "200"] not in [line.split()[3:5] for line in limits.splitlines()]
    else:
        daemon.wait_log("rlimit_nofile: cannot change it for pid")


@pytest.mark.skipif(not V1_CPU, reason="this machine has no cpuset controller of version 1")
def test_a_live_change_that_fails_is_answered_so_with_file_and_value(start):
    config = "\n[program:x]\ncommand=sleep 1000\n{}\n"
    daemon = start(config.format(""))
    daemon.wait_state("x", "RUNNING")
    daemon.write_config(config.format("cpuset=8000"))
    code, text, _ = reevectl(daemon, "update")
    assert code == 1
    assert "[program:x] cpuset=8000: cannot write '8000' to cpuset.cpus of cgroup" in text
    daemon.wait_log("cpuset=8000: cannot write '8000' to cpuset.cpus of cgroup")
    daemon.write_config(config.format("cpuset=8000\nlimits=best-effort"))
    assert reevectl(daemon, "update") == (0, "x: updated limits\n", "")


def in_mounts_of_its_own(*without):
    """Words in front of a command, for which these are not mounted."""
    umounts = "".join(f"umount -l {path}; " for path in without)
    return ["unshare", "--mount", "--propagation", "private", "/bin/sh", "-c",
            umounts + 'exec "$@"', "sh"]


@pytest.mark.skipif(not V1_CPU, reason="this machine has no controllers of version 1")
def test_a_check_tells_of_controllers_that_the_machine_has_not(start):
    daemon = start.make("\n[program:x]\ncommand=cat\ncpu_max=2\n")

    def check(*prefix):
        done = subprocess.run([*prefix, daemon.impl.binary, "--check", "-c", str(daemon.conf)],
                              capture_output=True, text=True, check=False, timeout=30)
        return done.returncode, done.stdout + done.stderr

    assert check()[0] == 0
    code, text = check(*in_mounts_of_its_own("/sys/fs/cgroup/cpu"))
    assert code == 2
    assert "[program:x] cpu_max=2: this machine offers no cpu controller" in text
    daemon.write_config("\n[program:x]\ncommand=cat\ncpu_max=2\nlimits=best-effort\n")
    code, text = check(*in_mounts_of_its_own("/sys/fs/cgroup/cpu"))
    assert code == 0
    assert "cpu_max=2: this machine offers no cpu controller; it is not applied" in text


@pytest.mark.skipif(not V1, reason="this machine has no memory controller of version 1")
def test_where_version_1_is_refused_the_figures_name_what_they_come_from_instead(start):
    daemon = start("\n[program:x]\ncommand=/bin/sh -c 'sleep 1000 & wait'\n",
                   prefix=in_mounts_of_its_own("/sys/fs/cgroup/memory", "/sys/fs/cgroup/pids"))
    daemon.wait_state("x", "RUNNING")
    wait_until(lambda: usage(daemon, "x")["pids"] == 2, "both are there")
    figures = usage(daemon, "x")
    assert figures["sources"]["memory"] == figures["sources"]["pids"] == "proc"
    assert figures["sources"]["cpu_usec"] == "v2"
    assert figures["memory"] > 0
    assert "memory_peak" not in figures
    assert "memory" in reevectl(daemon, "status", "--long", "x")[1]


def disk():
    """A disk of this machine that can be named in io_max, or None."""
    return next((str(path) for path in pathlib.Path("/dev").glob("[sv]d[a-z]")
                 if path.is_block_device()), None)


@pytest.mark.skipif(not disk() or not pathlib.Path("/sys/fs/cgroup/blkio/tasks").exists(),
                    reason="this machine has no disk, or no blkio controller of version 1")
def test_rates_of_disks_are_translated_too(start):
    config = "\n[program:x]\ncommand=sleep 1000\n{}\n"
    daemon = start(config.format(f"io_max={disk()} wbps=1MB riops=100\nio_weight=200"))
    daemon.wait_state("x", "RUNNING")
    group = cgroups_of(daemon.pid_of("x"))["blkio"]

    def read(name):
        return (group / f"blkio.throttle.{name}_device").read_text().split()[1:]

    assert (read("write_bps"), read("read_iops"), read("read_bps")) == ([str(MIB)], ["100"], [])
    weights = [path.read_text() for path in group.glob("blkio*weight")]
    assert any("200" in text or "1000" in text for text in weights)
    daemon.write_config(config.format(""))
    assert reevectl(daemon, "update") == (0, "x: updated limits\n", "")
    assert read("write_bps") == read("read_iops") == []


@pytest.mark.parametrize("line, words", [
    ("memory_max=lots", "invalid literal for int() with base 10: 'lots'"),
    ("cpu_max=0", "not a number of cores"),
    ("cpuset=3-1", "not a list of processors"),
    ("cpu_weight=0", "not between 1 and 10000"),
    ("io_max=/dev/null rbps=1", "not a block device: '/dev/null'"),
    ("io_max=8:0 xbps=1", "not one of rbps, wbps, riops, wiops"),
    ("pids_max=0", "not between 1 and"),
    ("oom_score_adj=1001", "not between -1000 and 1000"),
    ("nice=20", "not between -20 and 19"),
    ("ionice=idle:3", "neither idle nor none"),
    ("rlimit_nofile=20:10", "the soft limit is above the hard one"),
    ("limits=sometimes", "neither 'strict' nor 'best-effort'"),
])
def test_a_value_that_is_none_is_refused(start, line, words):
    daemon = start("")
    daemon.write_config(f"\n[program:x]\ncommand=cat\n{line}\n")
    code, text, _ = reevectl(daemon, "update")
    assert code == 1
    assert words in text


def cpu_of(daemon, name):
    return usage(daemon, name)["cpu_usec"]


def test_a_frozen_program_stands_still_keeps_its_state_and_can_be_stopped(start):
    daemon = start("""
[program:spin]
command=/bin/sh -c 'while :; do :; done'
startsecs=0
""")
    daemon.wait_state("spin", "RUNNING")
    assert reevectl(daemon, "freeze", "spin") == (0, "spin: frozen\n", "")
    wait_until(lambda: usage(daemon, "spin")["frozen"], "it is frozen")
    before = cpu_of(daemon, "spin")
    time.sleep(0.3)
    assert cpu_of(daemon, "spin") == before
    assert daemon.state("spin") == "RUNNING"
    assert "\n    frozen\n" in reevectl(daemon, "status", "--long", "spin")[1]
    assert json.loads(reevectl(daemon, "status", "--long", "--json", "spin")[1])[0]["usage"][
        "frozen"] is True
    assert reevectl(daemon, "thaw", "spin") == (0, "spin: thawed\n", "")
    wait_until(lambda: cpu_of(daemon, "spin") > before, "it runs on")
    assert reevectl(daemon, "freeze", "spin", "nix")[0:2] == (
        1, "spin: frozen\nnix: ERROR (no such process)\n")
    began = time.monotonic()
    daemon.supervisor.stopProcess("spin")
    assert time.monotonic() - began < 5
    assert reevectl(daemon, "freeze", "spin") == (7, "spin: ERROR (not running)\n", "")
    daemon.supervisor.startProcess("spin")
    assert usage(daemon, "spin")["frozen"] is False


def test_top_once_is_a_table_sorted_by_what_was_asked_for(start):
    daemon = start("""
[program:idle]
command=sleep 1000
[program:spin]
command=/bin/sh -c 'while :; do :; done'
""")
    daemon.wait_state("spin", "RUNNING")
    daemon.wait_state("idle", "RUNNING")
    code, text, _ = reevectl(daemon, "top", "--once")
    lines = text.splitlines()
    assert code == 0
    assert lines[0].split() == ["Process", "State", "CPU%", "Time", "Memory", "Peak",
                                "Tasks", "Read/s", "Write/s", "Press%"]
    assert [line.split()[0] for line in lines[1:]] == ["spin", "idle"]
    assert float(lines[1].split()[2]) > 5
    text = reevectl(daemon, "top", "--once", "--sort", "name")[1]
    assert [line.split()[0] for line in text.splitlines()[1:]] == ["idle", "spin"]
    rows = json.loads(reevectl(daemon, "top", "--once", "--json", "spin")[1])
    assert [row["name"] for row in rows] == ["spin"]
    assert rows[0]["cpu_percent"] > 5
    assert reevectl(daemon, "top", "--sort", "luck")[0:2] == (
        2, "Error: --sort takes cpu, time, memory, tasks, io, pressure or name\n")


def test_top_goes_on_until_its_reader_leaves_or_a_key_says_so(start):
    daemon = start("""
[program:idle]
command=sleep 1000
""")
    daemon.wait_state("idle", "RUNNING")
    plain = subprocess.Popen([REEVECTL, "-c", str(daemon.conf), "top", "--interval", "0.1"],
                             stdout=subprocess.PIPE, text=True)
    assert sum(plain.stdout.readline().startswith("Process") for _ in range(9)) == 3
    plain.stdout.close()
    plain.wait(10)
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(REEVECTL, [str(REEVECTL), "-c", str(daemon.conf), "top", "--interval", "600"])
    shown = ""
    while "idle" not in shown:
        assert select.select([terminal], [], [], 20)[0]
        shown += os.read(terminal, 4096).decode()
    assert "\033[H\033[J" in shown
    os.write(terminal, b"m")
    while "by memory" not in shown:
        assert select.select([terminal], [], [], 20)[0]
        shown += os.read(terminal, 4096).decode()
    os.write(terminal, b"q")
    assert os.waitpid(pid, 0)[1] == 0
    os.close(terminal)


def test_top_cuts_what_the_terminal_has_no_room_for(start):
    name = "a-name-that-is-longer-than-half-the-terminal"
    daemon = start(f"[program:{name}]\ncommand=sleep 1000\n")
    daemon.wait_state(name, "RUNNING")
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
        os.execv(REEVECTL, [str(REEVECTL), "-c", str(daemon.conf), "top", "--interval", "600"])
    shown = ""
    while "\na-nam" not in shown or not shown.endswith("\n"):
        assert select.select([terminal], [], [], 20)[0]
        shown += os.read(terminal, 4096).decode()
    os.write(terminal, b"q")
    assert os.waitpid(pid, 0)[1] == 0
    os.close(terminal)
    titles, row = shown.replace("\r", "").split("\n")[1:3]
    assert titles.startswith("Process ") and row.split()[:2] == ["a-nam~minal", "RUNNING"]
    assert len(titles) == len(row) == 60, "what is left of the figures is shown"


def test_without_cgroups_everything_runs_and_the_source_is_named(start):
    """As a plain user to whom nothing is delegated."""
    who = nobody()
    daemon = as_nobody(start, """
[program:burn]
command=/usr/bin/python3 @DIR@/burn.py 50 @DIR@/result
startsecs=0
autorestart=false
[program:idle]
command=/bin/sh -c 'sleep 1000 & wait'
killasgroup=true
stopasgroup=true
""")
    (daemon.dir / "burn.py").write_text(BURN)
    os.chown(daemon.dir, who.pw_uid, who.pw_gid)
    daemon.start()
    daemon.wait_state("idle", "RUNNING")
    record = last_exit(daemon, "burn", reason="exited", exitstatus=0)
    assert record["sources"]["cpu_usec"] == "wait"
    assert record["cpu_usec"] > 50_000
    wait_until(lambda: usage(daemon, "idle").get("pids") == 2, "both are counted")
    figures = usage(daemon, "idle")
    assert figures["sources"]["cpu_usec"] == figures["sources"]["memory"] == "proc"
    assert figures["memory"] > 0
    assert reevectl(daemon, "freeze", "idle")[1] == (
        "idle: ERROR (NOT_APPLICABLE: idle has no cgroup that can be frozen)\n")


def cgroups_of(pid):
    """The directories of its groups: {controller: path}, "" for version 2."""
    top = pathlib.Path("/sys/fs/cgroup")
    found = {}
    for line in pathlib.Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        controller, path = line.split(":", 2)[1:]
        places = [top / controller, top / "unified"] if controller else [top / "unified", top]
        found[controller] = next(p for p in (pathlib.Path(f"{place}{path}") for place in places)
                                 if p.is_dir())
    return found


def test_a_cgroup_that_somebody_removed_is_made_again_with_its_limits(start):
    daemon = start("""
[program:x]
command=sleep 1000
{}
""".format("pids_max=7" if V1 else ""))
    daemon.wait_state("x", "RUNNING")
    ours = {c: path for c, path in cgroups_of(daemon.pid_of("x")).items()
            if path.name == "x.scope"}
    assert "" in ours
    daemon.supervisor.stopProcess("x")
    for path in ours.values():
        path.rmdir()
        path.parent.rmdir()
    assert usage(daemon, "x")["pid"] == 0
    daemon.supervisor.startProcess("x")
    if V1:  # and once more those of version 1 alone
        daemon.supervisor.stopProcess("x")
        ours["pids"].rmdir()
        ours["memory"].rmdir()
        daemon.supervisor.startProcess("x")
    assert usage(daemon, "x")["sources"]["cpu_usec"] == "v2"
    now = cgroups_of(daemon.pid_of("x"))
    assert {c: now[c] for c in ours} == ours
    if V1:
        assert usage(daemon, "x")["pids"] == 1
        assert (now["pids"] / "pids.max").read_text() == "7\n"
