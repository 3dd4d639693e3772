"""Much output is captured whole: no byte lost or doubled, across rotations.

20 MB by default; REEVE_TEST_FULL=1 takes the full 200 MB.
"""

import os

import pytest

from harness.waiting import wait_until
from programs.emit import LINE, content

SIZE = 200_000_000 if os.environ.get("REEVE_TEST_FULL") else 20_000_000


def pieces(daemon, name):
    """The oldest backup first, the current file last."""
    backups = sorted(daemon.dir.glob(name + ".*"), key=lambda path: -int(path.suffix[1:]))
    return backups + [daemon.dir / name]


def check_whole(daemon, name, size):
    expected_line = 0
    tail = b""
    for path in pieces(daemon, name):
        with open(path, "rb") as file:
            while block := file.read(LINE * 10_000):
                tail += block
                lines = len(tail) // LINE
                assert tail[:lines * LINE] == content(expected_line, expected_line + lines), path
                expected_line += lines
                tail = tail[lines * LINE:]
    assert expected_line * LINE == size and not tail


def captured(daemon, name):
    return sum(path.stat().st_size for path in pieces(daemon, name) if path.exists())


@pytest.mark.parametrize("maxbytes", [0, 1_000_000])
@pytest.mark.parametrize("shape", ["lines", "bulk"])
def test_output_is_captured_whole(start, shape, maxbytes):
    size = SIZE // 2 if shape == "lines" and SIZE < 100_000_000 else SIZE
    daemon = start(f"""
[program:emit]
command=@PYTHON@ @PROGRAMS@/emit.py {size} {shape}
stdout_logfile=@DIR@/emit.out
stdout_logfile_maxbytes={maxbytes}
stdout_logfile_backups=1000
startsecs=0
autorestart=false
""")
    daemon.wait_state("emit", "EXITED", timeout=180)
    check_whole(daemon, "emit.out", size)
    if maxbytes:
        assert len(pieces(daemon, "emit.out")) > size // maxbytes // 2


def test_two_channels_and_two_programs_at_once_do_not_mix(start):
    size = SIZE // 10
    daemon = start("".join(f"""
[program:{name}]
command=/bin/sh -c "@PYTHON@ @PROGRAMS@/emit.py {size} bulk & exec @PYTHON@ @PROGRAMS@/emit.py \
{size} lines hold 1>&2"
stdout_logfile=@DIR@/{name}.out
stderr_logfile=@DIR@/{name}.err
stdout_logfile_maxbytes=300000
stderr_logfile_maxbytes=300000
stdout_logfile_backups=1000
stderr_logfile_backups=1000
startsecs=0
""" for name in ("a", "b")))
    for name in ("a.out", "a.err", "b.out", "b.err"):
        wait_until(lambda: captured(daemon, name) >= size, f"{name} is whole", 60)
        check_whole(daemon, name, size)


def test_the_daemon_answers_while_much_is_written(start):
    daemon = start("""
[program:flood]
command=/bin/sh -c "exec cat /dev/zero"
stdout_logfile=NONE
startsecs=0
""")
    daemon.pid_of("flood")
    for _ in range(50):
        assert daemon.supervisor.getState()["statename"] == "RUNNING"
    assert daemon.supervisor.stopProcess("flood") is True
