"""Answers each line of stdin with 'got: LINE' on stdout and 'err: LINE' on stderr.

'close' closes stdin and stays; 'exit N' exits with N.
"""

import os
import signal
import sys

print("ready", flush=True)
for line in iter(sys.stdin.readline, ""):
    word = line.rstrip("\n")
    if word == "close":
        os.close(0)
        print("closed", flush=True)
        while True:
            signal.pause()
    if word.startswith("exit "):
        sys.exit(int(word[5:]))
    print("got: " + word, flush=True)
    print("err: " + word, file=sys.stderr, flush=True)
