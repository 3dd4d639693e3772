"""ignore_term.py [PIDFILE]: ignores SIGTERM, and so does the child whose pid goes to the file."""

import os
import signal
import sys

signal.signal(signal.SIGTERM, signal.SIG_IGN)
if len(sys.argv) > 1:
    child = os.fork()
    if child:
        with open(sys.argv[1] + ".new", "w", encoding="ascii") as file:
            file.write(str(child))
        os.rename(sys.argv[1] + ".new", sys.argv[1])
print("deaf", flush=True)
while True:
    signal.pause()
