"""A service manager in small: kills its daemon, reaps what is left to it, starts the daemon again."""

import os
import signal
import threading

from . import procfs

# Holds its lock for as long as it lives, and says so when somebody else does.
WORKER = """\
exec 9>>"$1.lock"
flock -n 9 || echo "$1 $$" >>"$2"
echo $$ >>"$1.starts"
"""


class Reaper:
    """As a service manager does, collects at once whatever becomes an orphan."""

    def __init__(self, *daemons):
        self.daemons = daemons
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def run(self):
        """Only of ours that nobody else waits for: daemons lead a session, clients are in ours."""
        while not self.over.wait(0.002):
            for pid in procfs.children(os.getpid()):
                fields = procfs.stat(pid)
                if fields and fields[0] == b"Z" and int(fields[3]) not in (os.getsid(0), pid):
                    try:
                        os.waitpid(pid, os.WNOHANG)
                    except ChildProcessError:
                        pass


def crash(daemon):
    """SIGKILL to the daemon alone."""
    daemon.kill(signal.SIGKILL)
    assert daemon.process.wait() == -signal.SIGKILL
    daemon.status = None


def come_back(daemon):
    daemon.launch()
    daemon.wait_ready()


def crash_and_come_back(daemon):
    crash(daemon)
    come_back(daemon)


def write_worker(daemon):
    (daemon.dir / "worker.sh").write_text(WORKER, encoding="utf-8")


def worker(name, then="exec sleep 1000"):
    """A command that tells of its copies in the file 'copies'."""
    return f"/bin/sh -c 'set -- @DIR@/{name} @DIR@/copies; . @DIR@/worker.sh; {then}'"
