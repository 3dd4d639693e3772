"""The packages, as an administrator meets them: installed, used, upgraded, removed and purged."""

import json
import pathlib
import stat
import subprocess

import pytest

APT = "DEBIAN_FRONTEND=noninteractive apt-get -q"
SPEC = pathlib.Path(__file__).parents[2] / "packaging/reeve.spec"
SCOPE = "/sys/fs/cgroup/reeve.slice/reeve-programs.scope"
PROGRAMS = """[program:plain]
command=sleep 4711
[program:other]
command=sleep 4712
user=nobody
"""
# Programs that the packages did not bring, and records of the manager of packages.
LEFT = (
    r"find / -xdev -name '*reeve*' -not -path '/root/*' -not -path '/var/log/journal/*'"
    r" -not -path '/var/log/apt/*' -not -path '/var/cache/*'"
)


def write_programs(vm, text=PROGRAMS, name="test.conf"):
    vm.put(text.encode(), f"/etc/reeve/conf.d/{name}")


def show(vm, what, unit="reeve"):
    return vm.check(f"systemctl show -P {what} {unit}", timeout=60)


def pids(vm):
    return vm.check("reevectl pid; reevectl pid all", timeout=120).split()


def all_run(vm, eventually, count=2):
    eventually(lambda: vm.run("reevectl status", 60)[1], lambda t: t.count("RUNNING") == count)


@pytest.fixture(scope="module")
def installed(lab, deb):
    """The state of a guest that the package was just installed in."""
    vm = lab["n1"]
    vm.load("installed")
    vm.put(deb.read_bytes(), "/root/reeve.deb")
    vm.check(f"{APT} install -y /root/reeve.deb", timeout=300)
    vm.save("package")
    return vm


@pytest.fixture
def host(installed):
    installed.load("package")
    return installed


@pytest.fixture
def used(host, eventually):
    """With two programs that run."""
    write_programs(host)
    host.check("systemctl reload reeve", timeout=120)
    all_run(host, eventually)
    return host


def test_installed_it_runs_is_ready_and_says_so(host):
    assert host.check("systemctl is-active reeve") == "active"
    assert host.check("systemctl is-enabled reeve") == "enabled"
    assert show(host, "StatusText") == "0 of 0 processes running, 0 failed"
    assert show(host, "WatchdogUSec") == "1min"
    assert host.check("systemctl --failed --no-legend") == ""
    assert host.check("stat -c '%U:%G %a' /run/reeve/reeve.sock") == "root:reeve 770"
    assert host.check("stat -c '%U:%G %a' /var/lib/reeve /var/log/reeve") == (
        "root:root 700\nroot:adm 750"
    )
    assert "LISTEN" not in host.check("ss -Hlt")
    assert host.check("reeved --check -c /etc/reeve/reeve.conf").endswith("0 groups, 0 processes")
    assert host.check("reevectl pid") == show(host, "MainPID")


def test_members_of_the_group_may_use_it_and_others_may_not(host):
    host.check("useradd -G reeve member && useradd stranger")
    assert host.check("su -s /bin/sh member -c 'reevectl pid'") == show(host, "MainPID")
    code, text = host.run("su -s /bin/sh stranger -c 'reevectl pid'", 60)
    assert code != 0 and show(host, "MainPID") not in text


def test_a_reload_takes_what_changed_and_leaves_the_rest_alone(used):
    daemon, first, second = pids(used)
    write_programs(used, PROGRAMS + "[program:third]\ncommand=sleep 4713\n")
    used.check("systemctl reload reeve", timeout=120)
    after = pids(used)
    assert after[0] == daemon and {first, second} < set(after) and len(after) == 4


def test_a_reload_of_a_bad_file_fails_says_why_and_changes_nothing(used):
    before = pids(used)
    write_programs(used, "[program:bad\n", "bad.conf")
    assert used.run("systemctl reload reeve", 60)[0] != 0
    assert pids(used) == before
    assert "/etc/reeve/conf.d/bad.conf" in used.check("journalctl -q -u reeve -o cat -n 20")


def test_programs_are_in_the_scope_and_free_of_what_is_for_the_daemon(used):
    daemon, *programs = pids(used)
    assert used.check(f"cat /proc/{daemon}/oom_score_adj") == "-900"
    for pid in programs:
        cgroup = used.check(f"cat /proc/{pid}/cgroup")
        assert cgroup.startswith("0::/reeve.slice/reeve-programs.scope/")
        assert used.check(f"cat /proc/{pid}/oom_score_adj") == "0"
        limits = used.check(f"grep 'open files' /proc/{pid}/limits").split()
        assert limits[3:5] == ["1024", "524288"]
        status = used.check(f"cat /proc/{pid}/status")
        assert "NoNewPrivs:\t0" in status and "Seccomp:\t0" in status
        assert "CapBnd:\t000001ffffffffff" in status
        variables = used.check(f"tr '\\0' '\\n' < /proc/{pid}/environ")
        assert "NOTIFY_SOCKET" not in variables and "WATCHDOG" not in variables
    users = {used.check(f"stat -c %U /proc/{pid}") for pid in programs}
    assert users == {"root", "nobody"}
    assert used.check("systemd-cgls /reeve.slice").count("sleep 471") == 2


def test_the_doctor_finds_no_trouble_where_it_was_just_installed(host):
    code, text = host.run("reevectl -c /etc/reeve/reeve.conf doctor --json", 120)
    report = json.loads(text)
    by_check = {f["check"]: f for f in report["findings"]}
    assert report["troubles"] == 0 and code in (0, 1), report
    for check in "configuration", "daemon", "delegation", "watchdog", "files":
        assert by_check[check]["level"] in ("good", "note"), by_check[check]


def test_the_catalog_explains_the_messages(host):
    text = host.check("journalctl -q -x REEVE_EVENT=daemon-started", timeout=60)
    assert "Reeve has started" in text and "Defined-By: reeve" in text


def test_the_manager_may_hold_the_socket_while_the_daemon_is_restarted(used):
    used.check("systemctl stop reeve && systemctl enable --now reeve.socket", timeout=120)
    assert used.check("stat -c '%U:%G %a' /run/reeve/reeve.sock") == "root:reeve 770"
    inode = used.check("stat -c %i /run/reeve/reeve.sock")
    # Who comes starts it.
    daemon = used.check("reevectl pid", timeout=120)
    assert daemon == show(used, "MainPID")
    used.check("systemctl restart --no-block reeve")
    used.check("reevectl pid", timeout=120)
    assert used.check("stat -c %i /run/reeve/reeve.sock") == inode
    assert "is the address of no HTTP server" not in used.check("cat /var/log/reeve/reeved.log")


def test_the_journal_tells_what_became_of_a_process_and_what_it_wrote(used, eventually):
    pid = used.check("reevectl pid plain")
    loud = "[program:loud]\ncommand=sh -c 'echo here; exec sleep 4713'\nstdout_logfile=journal\n"
    write_programs(used, loud, "loud.conf")
    used.check("systemctl reload reeve", timeout=120)
    lines = eventually(
        lambda: used.check("journalctl -q REEVE_PROCESS=plain -o json").splitlines(), bool
    )
    record = next(r for r in map(json.loads, lines) if r["MESSAGE"].startswith("spawned"))
    assert (record["REEVE_GROUP"], record["REEVE_PID"]) == ("plain", pid)
    assert record["_SYSTEMD_UNIT"] == "reeve.service"
    eventually(lambda: "here" in used.check("journalctl -q REEVE_PROCESS=loud -o cat"))
    assert used.check("reevectl tail loud", timeout=60) == "here"
    assert "here" in used.check("journalctl -q -u reeve-programs.scope -o cat")


def kill_daemon(vm, eventually):
    """And waits for the next one."""
    before = show(vm, "MainPID")
    vm.check(f"kill -KILL {before} && systemctl reset-failed reeve")  # it is no loop of crashes
    eventually(
        lambda: (show(vm, "MainPID"), show(vm, "ActiveState")),
        lambda s: s[0] not in (before, "0") and s[1] == "active",
    )


CLOCK = """[program:clock]
command=sh -c 'i=0; while :; do i=$((i+1)); echo "tick $i"; sleep 1; done'
"""


def ticks(vm):
    text = vm.check("journalctl -q REEVE_PROCESS=clock REEVE_EVENT=output -o cat", timeout=120)
    return [int(line.removeprefix("tick ")) for line in text.splitlines()]


def test_twenty_crashes_end_no_program_and_lose_nothing_of_what_they_write(host, eventually):
    # Started by a daemon that was there before: the relay to the journal is of its making.
    write_programs(host, PROGRAMS + CLOCK)
    host.check("systemctl reload reeve", timeout=120)
    all_run(host, eventually, 3)
    before = pids(host)
    for _ in range(20):
        kill_daemon(host, eventually)
    after = pids(host)
    assert after[0] != before[0] and after[1:] == before[1:]
    last = ticks(host)[-1]
    seen = eventually(lambda: ticks(host), lambda n: n[-1] > last)
    assert seen == list(range(1, seen[-1] + 1))
    assert host.check("systemctl --failed --no-legend") == ""


def test_what_programs_write_goes_to_the_journal_where_nothing_else_is_said(host, eventually):
    loud = "[program:loud]\ncommand=sh -c 'echo here; echo trouble >&2; exec sleep 4713'\n"
    write_programs(host, loud + CLOCK)
    host.check("systemctl reload reeve", timeout=120)
    all_run(host, eventually)
    ask = "journalctl -q REEVE_PROCESS=loud REEVE_EVENT=output -o json"
    lines = eventually(lambda: host.check(ask).splitlines(), lambda found: len(found) == 2)
    channels = {r["MESSAGE"]: r["REEVE_CHANNEL"] for r in map(json.loads, lines)}
    assert channels == {"here": "stdout", "trouble": "stderr"}
    assert host.check("reevectl tail loud", timeout=60) == "here"
    host.check("nohup reevectl tail -f clock > /root/followed 2>&1 & echo on")
    count = lambda: host.check("cat /root/followed").count("tick")
    seen = eventually(count)
    eventually(count, lambda n: n > seen + 1)
    assert host.check("find /var/log/reeve -type f") == "/var/log/reeve/reeved.log"


def test_a_restart_keeps_the_programs_and_so_does_the_start_of_a_newer_build(used, deb, tmp_path):
    before = pids(used)
    used.put(newer(deb, tmp_path).read_bytes(), "/root/newer.deb")
    used.check(f"{APT} install -y /root/newer.deb", timeout=300)
    for act in "systemctl restart reeve", "reevectl upgrade && systemctl restart reeve":
        daemon = show(used, "MainPID")
        used.check(act, timeout=120)
        after = pids(used)
        assert after[0] != daemon and after[1:] == before[1:]
    assert "could be gone on with" not in used.check("cat /var/log/reeve/reeved.log")


def test_a_crash_after_an_upgrade_ends_no_program(used, eventually):
    before = pids(used)
    used.check("reevectl upgrade", timeout=120)
    kill_daemon(used, eventually)
    all_run(used, eventually)
    after = pids(used)
    assert after[0] != before[0] and after[1:] == before[1:]
    assert "going on from its state, with 2 processes" in used.check(
        "cat /var/log/reeve/reeved.log"
    )


def test_a_stop_ends_all_and_the_next_boot_starts_all(used, eventually):
    used.check("systemctl stop reeve", timeout=120)
    assert used.run("pgrep -x sleep")[0] == 1
    used.check("sync")
    used.kill()
    used.start().ready(timeout=180)
    all_run(used, eventually)


def test_a_port_without_a_password_is_refused_once_and_not_in_a_loop(host, eventually):
    write_programs(host, "[inet_http_server]\nport=*:9001\n", "port.conf")
    code, text = host.run("reeved --check -c /etc/reeve/reeve.conf", 60)
    assert code == 2 and "require_auth" in text
    assert host.run("systemctl restart reeve", 120)[0] != 0
    eventually(lambda: show(host, "ActiveState"), lambda state: state == "failed")
    assert show(host, "ExecMainStatus") == "2"
    assert show(host, "NRestarts") == "0"
    write_programs(host, "[inet_http_server]\nport=*:9001\nusername=u\npassword=p\n", "port.conf")
    host.check("systemctl start reeve", timeout=120)
    assert "9001" in host.check("ss -Hltn")


def newer(deb, directory):
    """The same package with a later version."""
    tree, path = directory / "tree", directory / "newer.deb"
    subprocess.check_call(["dpkg-deb", "-R", deb, tree])
    control = tree / "DEBIAN/control"
    text = control.read_text(encoding="utf-8")
    control.write_text(text.replace("\nVersion: ", "\nVersion: 99:"), encoding="utf-8")
    subprocess.check_call(["dpkg-deb", "--root-owner-group", "-b", tree, path])
    return path


def is_of_the_package(vm, daemon):
    """The file that runs is the one that is installed."""
    assert vm.check(f"readlink /proc/{daemon}/exe") == "/usr/sbin/reeved"
    assert vm.check(f"stat -L -c %i /proc/{daemon}/exe") == vm.check("stat -c %i /usr/sbin/reeved")


def test_an_upgrade_ends_neither_the_daemon_nor_any_program(used, deb, tmp_path):
    before = pids(used)
    # The administrator's file stays, and nobody is asked.
    used.check("echo '; mine' >> /etc/reeve/reeve.conf")
    used.put(newer(deb, tmp_path).read_bytes(), "/root/newer.deb")
    used.check(f"{APT} install -y /root/newer.deb", timeout=300)
    assert used.check("dpkg-query -W -f '${Version}' reeve").startswith("99:")
    assert pids(used) == before
    assert used.check("tail -n 1 /etc/reeve/reeve.conf") == "; mine"
    is_of_the_package(used, before[0])
    assert "upgraded from" in used.check("journalctl -q -u reeve -o cat -n 20")
    assert show(used, "ActiveState") == "active" and show(used, "MainPID") == before[0]
    # And that one can be asked for everything as before.
    used.check("reevectl restart plain", timeout=120)
    assert pids(used)[0] == before[0]


def test_an_upgrade_that_is_refused_is_no_failure_of_the_package(used, deb, tmp_path):
    before = pids(used)
    write_programs(used, "[program:bad\n", "bad.conf")
    used.put(newer(deb, tmp_path).read_bytes(), "/root/newer.deb")
    text = used.check(f"{APT} install -y /root/newer.deb", timeout=300)
    assert "no upgrade: " in text and "the daemon that runs is still the old one" in text
    assert used.check("dpkg-query -W -f '${Status}' reeve") == "install ok installed"
    assert pids(used) == before
    used.check("rm /etc/reeve/conf.d/bad.conf && reevectl upgrade", timeout=120)
    assert pids(used) == before
    is_of_the_package(used, before[0])


def test_an_upgrade_leaves_stopped_what_was_stopped_and_a_new_installation_starts_it(
    host, deb, tmp_path
):
    host.check("systemctl stop reeve", timeout=120)
    host.put(newer(deb, tmp_path).read_bytes(), "/root/newer.deb")
    host.check(f"{APT} install -y /root/newer.deb", timeout=300)
    assert host.run("systemctl is-active reeve")[0] != 0
    host.check(f"{APT} remove -y reeve && {APT} install -y /root/newer.deb", timeout=300)
    assert host.check("systemctl is-active reeve") == "active"


def test_removed_it_stops_all_and_purged_it_leaves_nothing(used):
    used.check(f"{APT} remove -y reeve", timeout=300)
    assert used.run("pgrep -x sleep")[0] == 1
    assert used.run("pgrep -x reeve-keeper")[0] == 1
    assert used.check("test -e /etc/reeve/conf.d/test.conf && echo there") == "there"
    used.check(f"{APT} purge -y reeve", timeout=300)
    assert used.check(LEFT) == ""
    assert used.run("getent group reeve")[0] != 0
    assert used.check("systemctl list-units --all --no-legend '*reeve*'") == ""


def test_what_a_killed_daemon_left_is_ended_by_the_removal(used):
    used.check("systemctl kill -s KILL reeve; systemctl stop reeve", timeout=120)
    used.check(f"{APT} purge -y reeve", timeout=300)
    assert used.run("pgrep -x sleep")[0] == 1
    assert used.run(f"test -e {SCOPE}")[0] != 0


def newer_rpm(rpm, directory):
    """The same files and scriptlets in a package of a later release."""
    tree, spec = directory / "tree", directory / "reeve.spec"
    tree.mkdir()
    content = rpm.read_bytes()
    archive = subprocess.run(["rpm2archive", "-"], input=content, capture_output=True, check=True)
    subprocess.run(["tar", "-xz", "-C", tree], input=archive.stdout, check=True)
    files = subprocess.run(["rpm", "-qlp", rpm], check=True, capture_output=True, text=True).stdout
    text = SPEC.read_text(encoding="utf-8").replace("Release:        1", "Release:        99")
    head, rest = text[: text.index("%prep")], text[text.index("# Where systemd-rpm-macros") :]
    kept = [line for line in rest.splitlines() if not line.startswith(("%license", "%doc"))]
    kept += [f for f in files.splitlines() if f.startswith(("/usr/share/doc", "/usr/share/lic"))]
    install = f"%install\nmkdir -p %{{buildroot}}\ncp -a '{tree}/.' %{{buildroot}}/\n\n"
    spec.write_text(head + install + "\n".join(kept) + "\n", encoding="utf-8")
    defines = f"_topdir {directory}/rpm", "debug_package %{nil}", "__os_install_post %{nil}"
    words = [word for define in defines for word in ("--define", define)]
    subprocess.run(["rpmbuild", "-bb", "--nodeps", *words, spec], check=True, capture_output=True)
    return next(directory.glob("rpm/RPMS/*/reeve-[0-9]*.rpm"))


def test_the_rpm_is_installed_verified_started_upgraded_and_erased(vm, rpm, eventually, tmp_path):
    vm.put(rpm.read_bytes(), "/root/reeve.rpm")
    # No database here knows of libc, so a refusal is right, and --nodeps the way.
    assert vm.run("rpm -i /root/reeve.rpm", 120)[0] != 0
    vm.check("rpm -i --nodeps /root/reeve.rpm", timeout=120)
    vm.check("rpm -V --nodeps reeve", timeout=120)
    assert show(vm, "ActiveState") == "inactive"
    write_programs(vm)
    vm.check("systemctl start reeve", timeout=120)
    all_run(vm, eventually)
    before = pids(vm)
    vm.check("echo '; mine' >> /etc/reeve/reeve.conf")
    vm.put(newer_rpm(rpm, tmp_path).read_bytes(), "/root/newer.rpm")
    text = vm.check("rpm -U --nodeps /root/newer.rpm", timeout=120)
    assert "the daemon that runs is still the old one" not in text
    assert vm.check("rpm -q --qf '%{RELEASE}' reeve").startswith("99")
    assert pids(vm) == before
    is_of_the_package(vm, before[0])
    assert "upgraded from" in vm.check("cat /var/log/reeve/reeved.log")
    assert vm.check("tail -n 1 /etc/reeve/reeve.conf") == "; mine"
    vm.check("systemctl restart reeve", timeout=120)
    after = pids(vm)
    assert after[0] != before[0] and after[1:] == before[1:]
    # Where it is refused the package is installed all the same, and says so.
    write_programs(vm, "[program:bad\n", "bad.conf")
    text = vm.check("rpm -U --nodeps --replacepkgs /root/newer.rpm 2>&1", timeout=120)
    assert "the daemon that runs is still the old one" in text
    assert pids(vm) == after
    vm.check("rm /etc/reeve/conf.d/bad.conf && rpm -e --nodeps reeve", timeout=120)
    assert vm.run("pgrep -x sleep")[0] == 1
    assert vm.run("systemctl cat reeve")[0] != 0


def test_the_rpm_has_sound_modes_and_scriptlets(rpm):
    def ask(*words):
        return subprocess.run(
            ["rpm", "-qp", *words, str(rpm)], check=True, capture_output=True, text=True
        ).stdout

    modes = {}
    for line in ask("--qf", "[%{FILENAMES} %{FILEMODES:octal} %{FILEUSERNAME}\\n]").splitlines():
        name, mode, owner = line.split()
        if stat.S_ISLNK(int(mode, 8)):
            continue
        modes[name] = stat.S_IMODE(int(mode, 8))
        assert owner == "root" and not modes[name] & 0o022, line
    assert modes["/usr/sbin/reeved"] == modes["/usr/bin/reevectl"] == 0o755
    assert modes["/etc/reeve/reeve.conf"] == modes["/usr/share/reeve/rules.xsd"] == 0o644
    assert (modes["/var/lib/reeve"], modes["/var/log/reeve"]) == (0o700, 0o750)
    for tag in "PREIN", "POSTIN", "PREUN", "POSTUN":
        script = ask("--qf", f"%{{{tag}}}")
        assert "%" not in script, "a macro that nobody has expanded"
        subprocess.run(["sh", "-n"], input=script, check=True, text=True)
        # None may fail where no systemd runs: in a container, or while an image is made.
        assert "systemctl" not in script or "/run/systemd/system" in script
    assert "/etc/reeve/reeve.conf" in ask("--configfiles")


def test_the_rpm_holds_what_the_deb_holds(rpm, deb):
    def files(*command):
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return {line.removesuffix(".gz") for line in text.splitlines()}

    of_rpm = files("rpm", "-qlp", str(rpm))
    listing = subprocess.run(
        ["dpkg-deb", "--fsys-tarfile", deb], check=True, capture_output=True
    ).stdout
    text = subprocess.run(["tar", "-t"], input=listing, check=True, capture_output=True).stdout
    of_deb = {"/" + line.removeprefix("./") for line in text.decode().splitlines()}
    # What each family has a place of its own for.
    skip = ("/usr/share/doc", "/usr/share/lintian", "/usr/share/zsh")
    moved = {("/usr" + f if f.startswith("/lib/") else f).removesuffix(".gz") for f in of_deb}
    wanted = {f for f in moved if not f.endswith("/") and not f.startswith(skip)}
    assert {f for f in wanted if f not in of_rpm} == set()
    assert {f for f in of_rpm if f.endswith((".8", ".5", ".1"))} <= wanted
