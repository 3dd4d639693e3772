"""The machine's figures: beside those that somebody else reads, bounded by cgroups, and while parts
of the machine come and go."""

import os
import pathlib
import shutil
import subprocess
import time

import pytest

from harness.waiting import wait_until

pytestmark = pytest.mark.reeved_only("reeve.* is ours")

MIB = 1 << 20
CGROUPS = pathlib.Path("/sys/fs/cgroup")


def host(daemon):
    return daemon.rpc.call("reeve.get_host_usage")


def cpu_by_proc():
    """Seconds of work and idleness of each processor, as /proc/stat has them."""
    tick = os.sysconf("SC_CLK_TCK")
    found = []
    for line in pathlib.Path("/proc/stat").read_text().splitlines():
        words = line.split()
        if words[0].startswith("cpu") and words[0] != "cpu":
            user, nice, system, idle, wait, irq, soft, steal = map(int, words[1:9])
            found.append(((user + nice + system + irq + soft + steal) / tick,
                          (idle + wait) / tick))
    return found


def nets_by_sysfs():
    return {path.name: [int((path / "statistics" / f"{way}_bytes").read_text())
                        for way in ("rx", "tx")]
            for path in pathlib.Path("/sys/class/net").iterdir()}


def disks_by_sysfs():
    """Bytes read and written, in sectors of 512."""
    found = {}
    for path in pathlib.Path("/sys/class/block").iterdir():
        words = (path / "stat").read_text().split()
        found[path.name] = [int(words[2]) * 512, int(words[6]) * 512]
    return found


def between(before, now, after, slack=0):
    return all(b - slack <= n <= a + slack for b, n, a in zip(before, now, after))


def test_the_machines_figures_lie_between_those_read_before_and_after_them(start):
    daemon = start("")
    for _ in range(2):
        cpu, nets, disks = cpu_by_proc(), nets_by_sysfs(), disks_by_sysfs()
        ours = host(daemon)
        cpu_after, nets_after, disks_after = cpu_by_proc(), nets_by_sysfs(), disks_by_sysfs()
        each = ours["machine"]["cpu"][1:]
        assert len(each) == len(cpu) == ours["machine"]["cpus"]
        # The kernel makes these of two clocks, whose sum may go back by a tick.
        assert all(between(*three, slack=0.1) for three in zip(cpu, each, cpu_after))
        mean = [sum(pair[i] for pair in each) / len(each) for i in (0, 1)]
        assert ours["machine"]["cpu"][0] == pytest.approx(mean)
        assert "lo" in ours["net_io"]
        assert all(between(nets[name], ours["net_io"][name], nets_after[name])
                   for name in ours["net_io"])
        assert set(ours["disk_io"]) == set(disks)
        assert all(between(disks[name], ours["disk_io"][name], disks_after[name])
                   for name in disks)
        time.sleep(1)
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert ours["machine"]["memory"] == pytest.approx(total, rel=0.01)
    assert 0 < ours["machine"]["memory_used"] < ours["machine"]["memory"]
    assert len(ours["load"]) == 3
    if pathlib.Path("/proc/pressure/cpu").exists():
        assert set(ours["pressure"]) == {"cpu", "memory", "io"}
    for point, percent in ours["disk_usage"].items():
        fs = os.statvfs(point)
        used = fs.f_blocks - fs.f_bfree
        assert percent == pytest.approx(100 * used / (used + fs.f_bavail), abs=1)


def test_beside_psutil_the_share_of_work_over_the_same_interval_is_the_same(start, figure):
    psutil = pytest.importorskip("psutil", reason="it is the independent reader")
    daemon = start("[program:spin]\ncommand=/bin/sh -c 'while :; do :; done'\nstartsecs=0\n")
    psutil.cpu_percent()
    before = host(daemon)["machine"]["cpu"][0]
    time.sleep(3)
    theirs = psutil.cpu_percent()
    after = host(daemon)["machine"]["cpu"][0]
    work, idle = (after[i] - before[i] for i in (0, 1))
    figure(f"work of all processors over 3 s: {theirs:.1f} % by psutil, "
           f"{100 * work / (work + idle):.1f} % by us")
    assert 100 * work / (work + idle) == pytest.approx(theirs, abs=5)


@pytest.fixture
def v1_groups():
    """Makes groups of controllers of version 1 that the daemon can be put into."""
    made = []

    def make(**limits):
        for controller, files in limits.items():
            own = next(line.split(":", 2)[2]
                       for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines()
                       if line.split(":")[1] == controller)
            path = CGROUPS / controller / own.strip("/") / f"reeve-test-host-{os.getpid()}"
            path.mkdir()
            made.append(path)
            for name, value in files.items():
                (path / name).write_text(value)
        words = "".join(f"echo $$ >{path}/tasks; " for path in made)
        return ["/bin/sh", "-c", words + 'exec "$@"', "sh"]

    yield make
    for path in made:
        wait_until(lambda path=path: not (path / "tasks").read_text(), "nobody is left")
        path.rmdir()


V1 = (CGROUPS / "memory/memory.limit_in_bytes").exists() and (
    CGROUPS / "cpu/cpu.cfs_quota_us").exists()


@pytest.mark.skipif(not V1 or os.geteuid() != 0, reason="this machine has no cgroups of version 1")
def test_within_limits_these_are_the_machine_and_the_whole_is_told_beside(start, v1_groups):
    prefix = v1_groups(memory={"memory.limit_in_bytes": str(300 * MIB)},
                       cpu={"cpu.cfs_quota_us": "50000"})
    daemon = start("", prefix=prefix)
    ours = host(daemon)
    assert ours["limited"] is True
    assert (ours["cpus_source"], ours["memory_source"]) == ("v1", "v1")
    assert ours["available"]["cpus"] == 0.5
    assert ours["available"]["memory"] == 300 * MIB
    assert 0 < ours["available"]["memory_used"] < 300 * MIB
    assert ours["machine"]["cpus"] == os.cpu_count()
    assert ours["machine"]["memory"] > 300 * MIB
    daemon.stop()


@pytest.mark.skipif(os.cpu_count() < 2, reason="there is one processor only")
def test_only_the_processors_that_we_may_use_are_available(start):
    ours = host(start("", prefix=["taskset", "-c", "1"]))
    assert ours["limited"] is True
    assert ours["available"]["cores"] == [1]
    assert len(ours["available"]["cpu"]) == 2
    assert len(ours["machine"]["cpu"]) == os.cpu_count() + 1
    assert ours["cpus_source"] == ""


@pytest.mark.skipif(os.geteuid() != 0, reason="network namespaces are root's")
def test_an_interface_that_is_renamed_or_gone_is_told_so(start):
    daemon = start("", prefix=["unshare", "--net"])

    def ip(*words):
        subprocess.run(["nsenter", "-t", str(daemon.process.pid), "-n", "ip", *words], check=True)

    assert "lo" not in host(daemon)["net_io"]  # it is down
    ip("link", "set", "lo", "up")
    ip("link", "add", "rv0", "type", "veth", "peer", "name", "rv1")
    ip("link", "set", "rv0", "up")
    ip("link", "set", "rv1", "up")
    assert set(host(daemon)["net_io"]) == {"lo", "rv0", "rv1"}
    ip("link", "set", "rv0", "down")
    ip("link", "set", "rv0", "name", "rv9")
    ip("link", "set", "rv9", "up")
    assert set(host(daemon)["net_io"]) == {"lo", "rv9", "rv1"}
    ip("link", "delete", "rv9")
    assert set(host(daemon)["net_io"]) == {"lo"}


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("mkfs.ext4"),
                    reason="mounting is root's, and mkfs.ext4 is needed")
def test_a_disk_that_is_gone_is_not_told_of_any_more(start, tmp_path):
    image, point = tmp_path / "disk", tmp_path / "point"
    image.write_bytes(b"")
    os.truncate(image, 8 * MIB)
    point.mkdir()
    subprocess.run(["mkfs.ext4", "-q", str(image)], check=True)
    if subprocess.run(["mount", "-o", "loop", str(image), str(point)],
                      capture_output=True, check=False).returncode:
        pytest.skip("no loop device is to be had")
    daemon = start("")
    try:
        assert 0 < host(daemon)["disk_usage"][str(point)] < 100
    finally:
        subprocess.run(["umount", str(point)], check=True)
    assert str(point) not in host(daemon)["disk_usage"]


@pytest.mark.skipif(not V1 or os.geteuid() != 0, reason="this machine has no cgroups of version 1")
def test_a_hierarchy_that_is_unmounted_leaves_figures_that_are_known_or_unknown_but_never_wrong(
        start):
    daemon = start("[program:x]\ncommand=sleep 1000\n",
                   prefix=["unshare", "--mount", "--propagation", "private"])
    daemon.wait_state("x", "RUNNING")
    for controller in ("memory", "cpu", "unified"):
        subprocess.run(["nsenter", "-t", str(daemon.process.pid), "-m", "umount", "-l",
                        f"/sys/fs/cgroup/{controller}"], check=True)
    ours = host(daemon)
    assert ours["machine"]["memory"] > 0
    assert ours["available"]["cpus"] > 0
    daemon.supervisor.stopProcess("x")
    daemon.supervisor.startProcess("x")
    assert daemon.rpc.call("reeve.get_process_usage", "x")["pid"] > 0
