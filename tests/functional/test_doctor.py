"""reevectl doctor: what is looked at, what is found, and what one is told to do about it."""

import json
import os
import stat
import subprocess

import pytest

from harness import implementation
from harness.daemon import free_port

pytestmark = pytest.mark.reeved_only("the doctor is ours")
LIMIT_SECS = 120


def doctor(conf, *arguments):
    """The exit status and the findings, by what was looked at."""
    done = subprocess.run(
        [implementation.reevectl(), "-c", str(conf), "doctor", "--json", *arguments],
        capture_output=True, text=True, check=False, timeout=LIMIT_SECS)
    report = json.loads(done.stdout)
    findings = {}
    for finding in report["findings"]:
        findings.setdefault(finding["check"], []).append(finding)
    counted = report["troubles"] + (report["doubts"] if "--strict" in arguments else 0)
    assert done.returncode == (1 if counted else 0), report
    return findings


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def config(tmp_path, more=""):
    return write(tmp_path / "x.conf", f"""[supervisord]
logfile={tmp_path}/log
pidfile={tmp_path}/pid
[supervisorctl]
serverurl=unix://{tmp_path}/sock
{more}""")


def test_a_daemon_that_runs_is_asked_how_it_lives(start):
    daemon = start("[program:a]\ncommand=sleep 1000\n")
    found = doctor(daemon.conf)
    assert found["configuration"][0]["level"] == "good"
    assert str(daemon.conf) in found["daemon"][0]["text"]
    assert {"delegation", "watchdog", "files", "cgroups", "clock"} < set(found)
    assert found["watchdog"][0]["text"] == "no service manager started this daemon"
    text = daemon.ctl("doctor", client=implementation.reevectl()).out
    assert "good     daemon" in text


def test_without_a_daemon_it_works_too(tmp_path):
    found = doctor(config(tmp_path))
    assert found["daemon"][0]["level"] == "doubt"
    assert f"unix://{tmp_path}/sock" in found["daemon"][0]["text"]
    assert "systemctl status reeve" in found["daemon"][0]["advice"]
    assert {"exits", "files"} < set(found)


def test_a_doubt_fails_only_who_is_strict(tmp_path):
    """Without a daemon there is a doubt on every machine."""
    conf = config(tmp_path)
    assert any(finding["level"] == "doubt" for one in doctor(conf).values() for finding in one)
    doctor(conf, "--strict")
    done = subprocess.run([implementation.reevectl(), "-c", conf, "doctor", "--never"],
                          capture_output=True, text=True, check=False, timeout=LIMIT_SECS)
    assert done.returncode == 2
    assert done.stdout.startswith("ERROR: doctor takes nothing but --json and --strict\n")


def test_each_mistake_in_the_configuration_is_a_finding(tmp_path):
    found = doctor(config(tmp_path, "[program:a]\ncommand=x\nstartsecs=soon\n"
                          "[program:b]\ncommand=x\nautostart=maybe\n"))
    assert [finding["level"] for finding in found["configuration"]] == ["trouble", "trouble"]
    assert "section [program:b], option 'autostart'" in found["configuration"][1]["text"]


def test_a_mistake_in_the_configuration_is_named_and_the_rest_still_looked_at(tmp_path):
    found = doctor(config(tmp_path, "[program:a]\ncommand=x\nstartsecs=soon\n"))
    assert found["configuration"][0]["level"] == "trouble"
    assert "line 8, section [program:a], option 'startsecs'" in found["configuration"][0]["text"]
    assert "cgroups" in found


def test_without_any_configuration_there_is_still_a_doctor(tmp_path):
    found = doctor(tmp_path / "none.conf")
    assert "could not find config file" in found["configuration"][0]["text"]
    assert "daemon" in found


def test_a_key_that_others_may_read_is_trouble(tmp_path):
    key = tmp_path / "key"
    subprocess.run([implementation.reevectl(), "keygen", key], check=True, capture_output=True)
    conf = config(tmp_path, "[inet_http_server]\nport=127.0.0.1:9009\nusername=u\npassword=p\n"
                            f"[reeve]\nsupvisors_list=127.0.0.1:9009\ncluster_key_file={key}\n")
    os.chmod(conf, 0o600)
    found = doctor(conf)
    assert (found["key"][0]["level"], "access" in found) == ("good", False)
    os.chmod(key, 0o644)
    os.chmod(conf, 0o644)
    found = doctor(conf)
    assert found["key"][0]["level"] == "trouble"
    assert f"chmod 600 {key}" in found["key"][0]["advice"]
    assert found["access"][0]["advice"] == f"chmod o-r {conf}"
    assert not stat.S_IMODE(key.stat().st_mode) & stat.S_IWOTH


def test_a_port_without_a_password_is_doubtful(tmp_path):
    found = doctor(config(tmp_path, "[inet_http_server]\nport=127.0.0.1:9\n"))
    assert "whoever reaches port 9" in found["access"][0]["text"]


def test_multicast_is_tried_on_each_interface_that_is_configured(tmp_path):
    conf = config(tmp_path, "[inet_http_server]\nport=127.0.0.1:9\n[reeve]\n"
                            f"multicast_group=239.0.0.7:{free_port()}\nmulticast_interface=lo\n")
    found = doctor(conf)
    assert [f["text"] for f in found["multicast"]] == [
        "what is sent to 239.0.0.7 through lo comes back"]
    conf.write_text(conf.read_text().replace("interface=lo", "interface=nowhere0"))
    found = doctor(conf)
    assert found["multicast"][0]["level"] == "trouble"


def test_programs_that_write_to_a_journal_need_one(tmp_path):
    found = doctor(config(tmp_path, "[program:a]\ncommand=sleep 1\nstdout_logfile=journal\n"))
    has_journal = os.path.exists("/run/systemd/journal/socket")
    assert (found["journal"][0]["level"] == "trouble") is not has_journal


def test_what_it_does_not_understand_is_refused(tmp_path):
    done = subprocess.run(
        [implementation.reevectl(), "-c", str(config(tmp_path)), "doctor", "now"],
        capture_output=True, text=True, check=False, timeout=LIMIT_SECS)
    assert done.returncode == 2 and "doctor takes nothing but --json" in done.stdout
