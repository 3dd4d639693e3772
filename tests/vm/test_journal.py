"""The journal: what became of programs and what they wrote, to be found by the same fields."""

import json
import os
import pathlib

import pytest

BUILD = pathlib.Path(os.environ.get("REEVE_BUILD", "."))
TOP = pathlib.Path(__file__).parents[2]
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
logfile=/root/reeved.log
pidfile=/run/reeved.pid
[unix_http_server]
file=/run/reeved.sock
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix:///run/reeved.sock
[program:loud]
command=sh -c 'echo hello; echo trouble >&2; while read line; do echo "got $line"; done < /root/f'
stdout_logfile=journal
stderr_logfile=journal
autorestart=false
[program:clock]
command=sh -c 'i=0; while :; do i=$((i+1)); echo "tick $i"; sleep 1; done'
stdout_logfile=journal
"""
CTL = "/root/bin/reevectl -c /root/reeved.conf"


@pytest.fixture
def service(vm):
    vm.put(UNIT.encode(), "/etc/systemd/system/reeved.service")
    vm.put(CONFIGURATION.encode(), "/root/reeved.conf")
    catalog = (TOP / "packaging/systemd/reeve.catalog").read_bytes()
    vm.check("mkdir -p /usr/lib/systemd/catalog && mkfifo /root/f")
    vm.put(catalog, "/usr/lib/systemd/catalog/reeve.catalog")
    vm.check("journalctl --update-catalog && systemctl daemon-reload", timeout=120)
    vm.check("systemctl start reeved", timeout=120)
    return vm


def records(vm, match):
    text = vm.check(f"journalctl -q {match} -o json", timeout=120)
    return [json.loads(line) for line in text.splitlines()]


def messages(vm, match):
    return [r["MESSAGE"] for r in records(vm, match)]


def test_one_match_shows_what_became_of_a_process_and_what_it_wrote(service, eventually):
    found = eventually(
        lambda: records(service, "REEVE_PROCESS=loud"),
        lambda all: {"hello", "trouble"} <= {r["MESSAGE"] for r in all},
    )
    by_event = {r["REEVE_EVENT"]: r for r in found}
    assert {"spawned", "output"} <= set(by_event)
    assert len(by_event["spawned"]["MESSAGE_ID"]) == 32
    out = next(r for r in found if r["MESSAGE"] == "hello")
    err = next(r for r in found if r["MESSAGE"] == "trouble")
    assert (out["REEVE_CHANNEL"], out["PRIORITY"]) == ("stdout", "6")
    assert (err["REEVE_CHANNEL"], err["PRIORITY"]) == ("stderr", "4")
    for record in out, err, by_event["spawned"]:
        assert record["REEVE_GROUP"] == "loud" and record["REEVE_INSTANCE"] == "supervisor"
    assert out["SYSLOG_IDENTIFIER"] == "loud:loud"
    assert out["_SYSTEMD_UNIT"] == "reeve-programs.scope"


def test_the_catalog_explains_what_happened(service, eventually):
    eventually(lambda: messages(service, "REEVE_EVENT=running"))
    text = service.check("journalctl -q -x REEVE_EVENT=running", timeout=60)
    assert "Process loud is running" in text or "Process clock is running" in text
    assert "Documentation: man:reeved(8)" in text


def test_the_log_is_read_and_followed_as_if_it_were_a_file(service, eventually):
    eventually(lambda: "hello" in messages(service, "REEVE_PROCESS=loud"))
    assert service.check(f"{CTL} tail loud", timeout=120) == "hello"
    assert service.check(f"{CTL} tail -4 loud stderr", timeout=120) == "ble"
    service.check(f"nohup {CTL} tail -f loud > /root/followed 2>&1 & echo on")
    followed = lambda: service.check("cat /root/followed")
    eventually(followed, lambda text: "hello" in text)
    service.check("(echo one; echo two) > /root/f")
    eventually(followed, lambda text: text.endswith("hello\ngot one\ngot two"))
    # By offsets, as scripts do: the size goes on, and what was read is not read again.
    ask = ("python3 - <<'EOF'\nimport http.client, socket, sys, xmlrpc.client\n"
           "class T(xmlrpc.client.Transport):\n"
           "    def make_connection(self, host):\n"
           "        c = http.client.HTTPConnection('x')\n"
           "        c.sock = socket.socket(socket.AF_UNIX); c.sock.connect('/run/reeved.sock')\n"
           "        return c\n"
           "s = xmlrpc.client.ServerProxy('http://x', transport=T()).supervisor\n"
           "print([s.readProcessStdoutLog('loud', 6, 7), s.tailProcessStdoutLog('loud', 0, 100),"
           " s.tailProcessStdoutLog('loud', 22, 100), s.readProcessStdoutLog('loud', 0, 0)])\nEOF")
    read, tail, rest, whole = eval(service.check(ask, timeout=120))  # our own words
    assert read == "got one"
    assert (tail[1], rest[1], tail[2]) == (22, 22, False)
    assert tail[0] == whole == "hello\ngot one\ngot two\n" and rest[0] == ""


def test_what_programs_write_is_kept_when_the_daemon_dies(service, eventually):
    eventually(lambda: "tick 2" in messages(service, "REEVE_PROCESS=clock"))
    pid = service.check(f"{CTL} pid clock", timeout=60)
    service.check("systemctl kill -s KILL reeved", timeout=60)
    eventually(
        lambda: service.run("systemctl is-active reeved")[1].strip(), lambda s: s == "failed"
    )
    before = len(messages(service, "REEVE_PROCESS=clock"))
    eventually(lambda: len(messages(service, "REEVE_PROCESS=clock")), lambda n: n > before + 2)
    assert service.run(f"kill -0 {pid}")[0] == 0


def test_the_relay_goes_when_the_daemon_and_the_last_program_have_gone(service, eventually):
    eventually(lambda: "tick 2" in messages(service, "REEVE_PROCESS=clock"))
    assert service.check("pgrep -c reeve-journal") == "1"
    service.check("pkill -KILL reeve-journal")
    # Another one goes on where it was.
    eventually(lambda: service.run("pgrep -c reeve-journal")[1].strip(), lambda n: n == "1")
    before = len(messages(service, "REEVE_PROCESS=clock"))
    eventually(lambda: len(messages(service, "REEVE_PROCESS=clock")), lambda n: n > before + 1)
    service.check("systemctl stop reeved", timeout=120)
    eventually(lambda: service.run("pgrep reeve-journal")[0], lambda code: code == 1)
    eventually(
        lambda: service.run("test -e /sys/fs/cgroup/reeve.slice/reeve-programs.scope")[0],
        lambda code: code == 1,
    )


def test_the_doctor_finds_nothing_of_trouble(service, eventually):
    code, text = service.run(f"{CTL} doctor --json", 120)
    report = json.loads(text)
    by_check = {f["check"]: f for f in report["findings"]}
    assert report["troubles"] == 0 and code in (0, 1), report
    for check in "daemon", "cgroups", "delegation", "journal":
        assert by_check[check]["level"] in ("good", "note"), by_check[check]
    assert "reeve-programs.scope" in by_check["delegation"]["text"]
