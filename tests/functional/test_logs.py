"""What becomes of a program's output: which file, rotation, reading, clearing, following."""

import os
import re
import signal
import subprocess

import pytest

from harness import implementation, rawhttp
from harness.waiting import wait_until
from programs.emit import content

SAY = 'command=/bin/sh -c "echo out; echo err >&2; exec sleep 1000"\nstartsecs=0\n'
ECHO = "command=@PYTHON@ @PROGRAMS@/echo_lines.py\nstartsecs=0\n"


def test_auto_files_are_made_in_childlogdir_with_mode_0600(start):
    daemon = start(f"[program:say]\n{SAY}")
    daemon.pid_of("say")
    info = daemon.info("say")
    for channel, text in (("stdout", "out\n"), ("stderr", "err\n")):
        path = info[channel + "_logfile"]
        assert re.fullmatch(
            rf"{daemon.dir}/say-{channel}---supervisor-[a-z0-9_]{{8}}\.log", path)
        assert os.stat(path).st_mode & 0o777 == 0o600
        wait_until(lambda: open(path, encoding="utf-8").read() == text, f"{channel} is captured")
    assert info["logfile"] == info["stdout_logfile"]


def test_auto_files_of_an_earlier_run_are_removed_at_the_next_start(start):
    daemon = start.make(f"[program:say]\n{SAY}")
    old = daemon.dir / "say-stdout---supervisor-abcdefgh.log"
    rotated = daemon.dir / "say-stdout---supervisor-abcdefgh.log.3"
    other = daemon.dir / "say-stdout---another-abcdefgh.log"
    for path in (old, rotated, other):
        path.touch()
    daemon.start()
    assert not old.exists() and not rotated.exists()
    assert other.exists()


def test_nocleanup_keeps_them(start):
    daemon = start.make(f"[program:say]\n{SAY}", supervisord="nocleanup=true")
    old = daemon.dir / "say-stdout---supervisor-abcdefgh.log"
    old.touch()
    daemon.start()
    assert old.exists()


@pytest.mark.parametrize("none", ["NONE", "none", "off", ""])
def test_no_file_means_none(start, none):
    daemon = start(f"[program:say]\n{SAY}stdout_logfile={none}\nstderr_logfile={none}\n")
    daemon.pid_of("say")
    info = daemon.info("say")
    assert (info["logfile"], info["stdout_logfile"], info["stderr_logfile"]) == ("", "", "")
    code, text = daemon.fault("supervisor.readProcessStdoutLog", "say", 0, 0)
    assert code == 20 and text.rstrip(": ") == "NO_FILE"
    assert daemon.supervisor.tailProcessStdoutLog("say", 0, 100) == ["", 0, False]


def test_a_path_is_appended_to_and_keeps_what_was_there(start):
    daemon = start.make(f"[program:say]\n{SAY}stdout_logfile=@DIR@/say.out\n"
                        "stderr_logfile=%(here)s/%(program_name)s.err\n")
    (daemon.dir / "say.out").write_text("before\n")
    daemon.start()
    daemon.wait_text("say.out", "before\nout\n")
    daemon.wait_text("say.err", "err\n")
    daemon.supervisor.stopProcess("say")
    daemon.supervisor.startProcess("say")
    daemon.wait_text("say.out", "before\nout\nout\n")


def test_redirect_stderr_puts_both_into_one_file(start):
    daemon = start(f"[program:say]\n{SAY}redirect_stderr=true\nstdout_logfile=@DIR@/say.out\n")
    daemon.wait_text("say.out", "out\nerr\n")
    assert daemon.info("say")["stderr_logfile"] == ""
    assert daemon.fault("supervisor.readProcessStderrLog", "say", 0, 0) == (20, "NO_FILE")


def test_output_that_is_written_right_before_the_exit_is_not_lost(start):
    daemon = start("""
[program:last]
command=/bin/sh -c "echo first; head -c 60000 /dev/zero | tr '\\0' x; echo last"
stdout_logfile=@DIR@/last.out
startsecs=0
autorestart=false
""")
    daemon.wait_state("last", "EXITED")
    assert daemon.read("last.out") == "first\n" + "x" * 60000 + "last\n"


def test_files_rotate_at_maxbytes_and_keep_so_many_backups(start):
    daemon = start("""
[program:emit]
command=@PYTHON@ @PROGRAMS@/emit.py 2000000 lines hold
stdout_logfile=@DIR@/emit.out
stdout_logfile_maxbytes=10000
stdout_logfile_backups=2
startsecs=0
""")
    wait_until(lambda: "000019999 " in daemon.read("emit.out.1") + daemon.read("emit.out"),
               "all is captured")
    names = sorted(path.name for path in daemon.dir.glob("emit.out*"))
    assert names == ["emit.out", "emit.out.1", "emit.out.2"]
    text = "".join(daemon.read(name) for name in ("emit.out.2", "emit.out.1", "emit.out"))
    assert content(0, 20000).decode().endswith(text)
    for name in names[1:]:
        assert 10000 <= (daemon.dir / name).stat().st_size < 10000 + 131072


def test_zero_backups_truncate(start):
    daemon = start(f"[program:echo]\n{ECHO}stdout_logfile=@DIR@/echo.out\n"
                   "stdout_logfile_maxbytes=10KB\nstdout_logfile_backups=0\n"
                   "stderr_logfile=@DIR@/echo.err\n")
    daemon.wait_text("echo.out", "ready\n")
    daemon.supervisor.sendProcessStdin("echo", "x" * 12000 + "\n")
    wait_until(lambda: "ready" not in daemon.read("echo.out"), "the file is truncated")
    daemon.wait_text("echo.err", "x\n")
    daemon.supervisor.sendProcessStdin("echo", "after\n")
    text = daemon.wait_text("echo.out", "got: after\n")
    assert "ready" not in text and len(text) < 10240
    assert not list(daemon.dir.glob("echo.out.*"))


def test_the_activity_log_rotates_too(start):
    daemon = start(f"[program:say]\n{SAY}",
                   supervisord="logfile_maxbytes=400\nlogfile_backups=2")
    daemon.pid_of("say")
    for _ in range(4):
        daemon.supervisor.stopProcess("say")
        daemon.supervisor.startProcess("say")
    names = sorted(path.name for path in daemon.dir.glob("daemon.log*"))
    assert names == ["daemon.log", "daemon.log.1", "daemon.log.2"]
    assert "say" in daemon.read("daemon.log.1")


def test_dev_stdout_goes_where_the_daemons_stdout_goes(start):
    daemon = start(f"[program:say]\n{SAY}stdout_logfile=/dev/fd/1\nstdout_logfile_maxbytes=0\n")
    daemon.wait_text("daemon.out", "\nout\n")


def test_strip_ansi_removes_the_escapes(start):
    daemon = start("""
[program:colours]
command=/bin/sh -c "printf '\\033[31mred\\033[0m plain\\n'; exec sleep 1000"
stdout_logfile=@DIR@/colours.out
startsecs=0
""", supervisord="strip_ansi=true")
    assert daemon.wait_text("colours.out", "plain\n") == "red plain\n"


def test_a_reread_strips_what_runs_already(start):
    config = """
[program:colours]
command=/bin/sh -c "while read line; do printf '\\033[31m%%s\\033[0m\\n' \"$line\"; done"
stdout_logfile=@DIR@/colours.out
startsecs=0
"""
    daemon = start(config)
    daemon.pid_of("colours")
    for text, strip in (("one", True), ("two", False), ("three", None)):
        daemon.supervisor.sendProcessStdin("colours", text + "\n")
        daemon.wait_text("colours.out", text)
        wait_until(lambda: daemon.read("colours.out").endswith("\n"), "all of the line")
        if strip is not None:
            daemon.supervisord_lines = f"strip_ansi={strip}"
            daemon.write_config(config)
            assert daemon.supervisor.reloadConfig() == [[[], [], []]]
    assert daemon.read("colours.out") == "\x1b[31mone\x1b[0m\ntwo\n\x1b[31mthree\x1b[0m\n"


def test_at_debug_the_output_is_copied_to_the_activity_log(start):
    daemon = start(f"[program:say]\n{SAY}", loglevel="debug")
    daemon.wait_log("DEBG 'say' stdout output:\nout\n")
    daemon.wait_log("DEBG 'say' stderr output:\nerr\n")


TEXT = "hello12\n"
# offset, length -> result, or the fault code
READS = [
    ((0, 0), TEXT), ((0, 3), "hel"), ((2, 3), "llo"), ((5, 0), "12\n"), ((8, 0), ""),
    ((100, 5), ""),
    ((-3, 0), "12\n"), ((-100, 0), TEXT), ((-3, 1), 3), ((0, -1), 3),
]
TAILS = [
    ((0, 3), ["12\n", 8, True]), ((0, 100), [TEXT, 8, False]), ((8, 10), ["", 8, False]),
    ((5, 3), ["12\n", 8, False]), ((0, 8), [TEXT, 8, False]), ((0, 0), ["", 8, True]),
]


def test_reading_and_tailing_count_bytes(start):
    daemon = start("""
[program:x]
command=/bin/sh -c "echo hello12; echo hello12 >&2; exec sleep 1000"
startsecs=0
stdout_logfile=@DIR@/x.out
stderr_logfile=@DIR@/x.err
""")
    daemon.wait_text("x.out", TEXT)
    daemon.wait_text("x.err", TEXT)
    for channel in ("Stdout", "Stderr"):
        for arguments, expected in READS:
            method = f"supervisor.readProcess{channel}Log"
            if isinstance(expected, int):
                assert daemon.fault(method, "x", *arguments) == (expected, "BAD_ARGUMENTS")
            else:
                assert daemon.rpc.call(method, "x", *arguments) == expected, arguments
        for arguments, expected in TAILS:
            got = daemon.rpc.call(f"supervisor.tailProcess{channel}Log", "x", *arguments)
            assert got == expected, arguments


def test_text_that_xml_cannot_carry_still_comes_as_valid_xml(start):
    daemon = start("""
[program:raw]
command=/bin/sh -c "printf '<a>&\\000\\033[1m\\377\\ncaf\\303\\251\\n'; exec sleep 1000"
stdout_logfile=@DIR@/raw.out
startsecs=0
""")
    wait_until(lambda: (daemon.dir / "raw.out").stat().st_size >= 17, "all is captured")
    if not daemon.impl.is_reeved:
        pytest.skip("Supervisor answers HTTP 500 or XML that is not well-formed")
    text = daemon.supervisor.readProcessStdoutLog("raw", 0, 0)
    assert text.startswith("<a>&") and text.endswith("caf\u00e9\n")
    cut = daemon.supervisor.readProcessStdoutLog("raw", 0, 15)  # within the last character
    assert cut.endswith(("caf\ufffd", "caf"))
    assert daemon.supervisor.tailProcessStdoutLog("raw", 0, 100)[0].startswith("<a>&")


def test_clear_empties_the_logs_of_a_running_program_only(start):
    daemon = start(f"[program:echo]\n{ECHO}stdout_logfile=@DIR@/echo.out\n"
                   "stderr_logfile=@DIR@/echo.err\n")
    daemon.wait_text("echo.out", "ready\n")
    assert daemon.supervisor.clearProcessLogs("echo") is True
    assert daemon.read("echo.out") == ""
    daemon.supervisor.sendProcessStdin("echo", "x\n")
    assert daemon.wait_text("echo.out", "got: x\n") == "got: x\n"
    daemon.supervisor.stopProcess("echo")
    assert daemon.supervisor.clearProcessLogs("echo") is True
    assert daemon.read("echo.out") == "got: x\n"


def test_the_main_log_can_be_read_and_cleared(start):
    daemon = start(f"[program:say]\n{SAY}")
    daemon.pid_of("say")
    text = daemon.supervisor.readLog(0, 0)
    assert "spawned: 'say'" in text
    assert daemon.supervisor.readMainLog(-5, 0) == daemon.log()[-5:]
    assert daemon.supervisor.clearLog() is True
    assert "spawned" not in daemon.log()
    daemon.wait_text("daemon.out", "INFO reopening log file\n")
    daemon.supervisor.stopProcess("say")
    daemon.wait_log("stopped: say")


def follow(daemon, target):
    sock = rawhttp.connect(daemon.address)
    sock.sendall(rawhttp.request("GET", target, headers=["Accept-Encoding: chunked", "Accept: */*"])
                 + b"\r\n")
    return sock, rawhttp.Reader(sock)


@pytest.mark.parametrize("channel, prefix", [
    ("", "got: "), ("/stdout", "got: "), ("/stderr", "err: ")])
def test_logtail_streams_what_comes(start, channel, prefix):
    daemon = start(f"[program:echo]\n{ECHO}")
    daemon.pid_of("echo")
    sock, reader = follow(daemon, "/logtail/echo" + channel)
    with sock:
        for word in ("one", "two", "three"):
            daemon.supervisor.sendProcessStdin("echo", word + "\n")
            if word == "one":
                status, headers = reader.head()
                assert status == 200
                assert headers["transfer-encoding"] == "chunked"
                assert headers["content-type"].replace(" ", "") == "text/plain;charset=utf-8"
            got = reader.stream_until(f"{prefix}{word}\n".encode())
            assert got.endswith(f"{prefix}{word}\n".encode())


def test_logtail_begins_with_the_last_1024_bytes_and_survives_rotation_and_clear(start):
    daemon = start(f"[program:echo]\n{ECHO}stdout_logfile=@DIR@/echo.out\n")
    daemon.wait_text("echo.out", "ready\n")
    filling = "x" * 2000
    daemon.supervisor.sendProcessStdin("echo", filling + "\n")
    daemon.wait_text("echo.out", filling + "\n")
    sock, reader = follow(daemon, "/logtail/echo")
    with sock:
        assert reader.head()[0] == 200
        assert reader.stream_until(b"x\n") == b"x" * 1023 + b"\n"
        daemon.supervisor.clearProcessLogs("echo")
        daemon.supervisor.sendProcessStdin("echo", "after\n")
        assert reader.stream_until(b"after\n").endswith(b"got: after\n")


@pytest.mark.parametrize("target", ["/logtail/nosuch", "/logtail/echo/stdin", "/logtail/echo:*",
                                    "/logtail/silent"])
def test_logtail_of_what_is_not_there_is_404(start, target):
    daemon = start(f"[program:echo]\n{ECHO}[program:silent]\n{ECHO}stdout_logfile=NONE\n")
    assert rawhttp.exchange(daemon.address, rawhttp.request("GET", target)).status == 404


def test_mainlogtail_streams_the_activity_log(start):
    daemon = start(f"[program:say]\n{SAY}")
    daemon.pid_of("say")
    sock, reader = follow(daemon, "/mainlogtail")
    with sock:
        assert reader.head()[0] == 200
        daemon.supervisor.stopProcess("say", False)
        reader.stream_until(b"stopped: say")


def test_many_followers_that_leave_do_no_harm(start):
    daemon = start(f"[program:echo]\n{ECHO}")
    daemon.pid_of("echo")
    before = len(os.listdir(f"/proc/{daemon.pid}/fd"))
    followers = [follow(daemon, "/logtail/echo") for _ in range(20)]
    for _, reader in followers:
        assert reader.head()[0] == 200
    for sock, _ in followers:
        sock.close()
    daemon.supervisor.sendProcessStdin("echo", "x\n")

    def is_forgotten():
        daemon.supervisor.sendProcessStdin("echo", "x\n")
        return len(os.listdir(f"/proc/{daemon.pid}/fd")) <= before + 2
    wait_until(is_forgotten, "the connections are closed", 20)


def test_supervisorctl_tail_f_follows_until_interrupted(start):
    daemon = start(f"[program:echo]\n{ECHO}")
    daemon.pid_of("echo")
    with open(daemon.dir / "tail.out", "wb") as out:
        tail = subprocess.Popen([implementation.SUPERVISORCTL, "-c", str(daemon.conf), "tail", "-f",
                                 "echo"], stdout=out, env=daemon.environment)
        try:
            daemon.wait_text("tail.out", "==> Press Ctrl-C to exit <==\n")
            for word in ("one", "two"):
                daemon.supervisor.sendProcessStdin("echo", word + "\n")
                daemon.wait_text("tail.out", f"got: {word}\n")
            tail.send_signal(signal.SIGINT)
            assert tail.wait(15) == 0
        finally:
            tail.kill()
            tail.wait()
    assert daemon.read("tail.out").endswith("ready\ngot: one\ngot: two\n\n")


def test_a_full_disk_for_one_log_does_no_harm_to_the_others(start):
    daemon = start(f"[program:full]\n{ECHO}stdout_logfile=/dev/full\nstdout_logfile_maxbytes=0\n"
                   f"[program:echo]\n{ECHO}stdout_logfile=@DIR@/echo.out\n")
    daemon.pid_of("full")
    daemon.supervisor.sendProcessStdin("full", "lost\n")
    daemon.pid_of("echo")
    daemon.supervisor.sendProcessStdin("echo", "kept\n")
    daemon.wait_text("echo.out", "got: kept")
    assert daemon.state("full") == "RUNNING"
