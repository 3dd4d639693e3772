"""double_fork.py PIDFILE: leaves a daemon in a session of its own behind, and stays up itself."""

import os
import signal
import sys


def detach(pidfile):
    if os.fork():
        os.wait()
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with open(pidfile + ".new", "w", encoding="ascii") as file:
        file.write(str(os.getpid()))
    os.rename(pidfile + ".new", pidfile)
    while True:
        signal.pause()


detach(sys.argv[1])
while True:
    signal.pause()
