"""Starts that come to nothing: the words and the status of both daemons for the same file and the
same command line.
"""

import pathlib
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import implementation
from harness.daemon import clean_environment

GOOD = "[supervisord]\nlogfile=@DIR@/log\npidfile=@DIR@/pid\nchildlogdir=@DIR@\n"
RPC = ("[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory=supervisor.rpcinterface:"
       "make_main_rpcinterface\n")
SERVER = "[unix_http_server]\nfile=@DIR@/s.sock\n"

FILES = {
    "nothing": "", "no supervisord": "[program:x]\ncommand=x\n", "headless": "a=b\n", "garbage": "[supervisord]\nx y\nz\n",
    "bom": "\ufeff[supervisord]\n", "empty key": "[supervisord]\n=1\n",
    "user": GOOD + "user=nosuch\n", "uid": GOOD + "user=54321\n", "level": GOOD + "loglevel=warning\n",
    "umask": GOOD + "umask=8\n", "minfds": GOOD + "minfds=many\n", "size": GOOD + "logfile_maxbytes=1M\n",
    "backups": GOOD + "logfile_backups=x\n", "bool": GOOD + "nocleanup=perhaps\n",
    "log": GOOD.replace("@DIR@/log", "/nonexistent/log"), "pid": GOOD.replace("@DIR@/pid", "/nonexistent/pid"),
    "childlogdir": GOOD + "[supervisord]\nchildlogdir=/nonexistent\n", "directory": GOOD + "directory=/nonexistent\n",
    "environment": GOOD + "environment=A\n", "expansion": GOOD + "identifier=%(nosuch)s\n",
    "bad expansion": GOOD + "identifier=%(here\n",
    "stray key": GOOD + SERVER + RPC + "more=1\n", "no factory": GOOD + SERVER + "[rpcinterface:supervisor]\n",
    "no port": GOOD + "[inet_http_server]\n", "port": GOOD + "[inet_http_server]\nport=x\n",
    "low port": GOOD + "[inet_http_server]\nport=h:0\n", "no file": GOOD + "[unix_http_server]\n",
    "half a login": GOOD + SERVER + "username=u\n", "mode": GOOD + SERVER + "chmod=9\n", "owner": GOOD + SERVER + "chown=nosuch\n",
    "command": GOOD + "[program:x]\n", "name": GOOD + "[program:x y]\ncommand=x\n", "priority": GOOD + "[program:x]\ncommand=x\npriority=p\n",
    "numprocs": GOOD + "[program:x]\ncommand=x\nnumprocs=2\n", "signal": GOOD + "[program:x]\ncommand=x\nstopsignal=X\n",
    "group": GOOD + "[group:g]\nprograms=x\n", "events": GOOD + "[eventlistener:x]\ncommand=x\n",
    "socket": GOOD + "[fcgi-program:x]\ncommand=x\n", "tcp owner": GOOD + "[fcgi-program:x]\ncommand=x\nsocket=tcp://h:1\nsocket_owner=root\n",
    "include": GOOD + "[include]\n", "included": GOOD + "[include]\nfiles=other.ini\n",
    "socket directory": GOOD + RPC + "[unix_http_server]\nfile=/nonexistent/s.sock\n",
}
LINES = {
    "unknown": ["--nosuch"], "unknown letter": ["-x"], "prefix": ["--log"], "argument": ["-n=1"], "no argument": ["--nodaemon=1"],
    "needs one": ["-c"], "needs one, long": ["--configuration"], "words": ["a", "b"], "missing file": ["-c", "/nonexistent/c"],
    "a directory": ["-c", "/tmp"], "twice": ["-c", "@DIR@/c", "-c", "@DIR@/c"], "level": ["-e", "loud"], "umask": ["-m", "9"],
    "user": ["-u", "nosuch"], "directory": ["-d", "/nonexistent"], "log": ["-l", "/nonexistent/x"], "size": ["-y", "1M"],
    "backups": ["-z", "x"], "pid": ["-j", "/nonexistent/x"], "childlogs": ["-q", "/nonexistent"], "minfds": ["-a", "x"],
    "minprocs": ["--minprocs", "x"], "two levels": ["-e", "info", "-e", "warn"],
}


def run(impl, directory, text, arguments):
    """(status, what was said on stderr), with what belongs to the daemon itself masked."""
    where = pathlib.Path(directory)
    expand = lambda words: words.replace("@DIR@", str(where))  # noqa: E731
    (where / "c").write_text(expand(text), encoding="utf-8")
    (where / "other.ini").write_text("[program:x]\ncommand=x\nstartsecs=soon\n", encoding="utf-8")
    given = [expand(word) for word in arguments]
    if "-c" not in given and "--configuration" not in given:
        given = ["-c", str(where / "c"), *given]
    done = subprocess.run([impl.binary, "-n", *given], cwd=where, env=clean_environment(where, "start"),
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=False)
    said = done.stderr.replace(impl.binary, "DAEMON").replace(str(where), "DIR")
    return done.returncode, [line for line in said.splitlines() if not line.startswith("It is about ")]


CASES = ([(f"file: {name}", text, []) for name, text in FILES.items()]
         + [(f"line: {name}", GOOD, words) for name, words in LINES.items()])


@pytest.fixture(scope="module", name="expected")
def _expected():
    def ask(case):
        directory = tempfile.mkdtemp(prefix="reeve-start-")
        try:
            return run(implementation.supervisord(), directory, *case[1:])
        finally:
            shutil.rmtree(directory)

    with ThreadPoolExecutor(2) as pool:
        return dict(zip([case[0] for case in CASES], pool.map(ask, CASES)))


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_a_start_fails_in_the_same_words(impl, expected, tmp_path, case):
    assert expected[case[0]][0] != 0, "a start that comes to nothing"
    assert run(impl, tmp_path, *case[1:]) == expected[case[0]]
