"""traps.py FILE: appends the name of every signal that comes to the file; ends only by SIGTERM."""

import signal
import sys


def note(number, _frame):
    with open(sys.argv[1], "a", encoding="ascii") as file:
        file.write(signal.Signals(number).name + "\n")
    if number == signal.SIGTERM:
        sys.exit(0)


for name in ("HUP", "INT", "QUIT", "USR1", "USR2", "TERM", "WINCH", "CONT"):
    signal.signal(getattr(signal, "SIG" + name), note)
with open(sys.argv[1], "a", encoding="ascii") as start:
    start.write("ready\n")
while True:
    signal.pause()
