"""An event listener on Supervisor's own helper library, which notes what it is told.

listener.py FILE [HOW...]: FILE gets one JSON line per event: its headers, its payload. The n-th HOW
is for the n-th event, the last one for all that follow:

  ok      accepts it (what it does without any HOW)
  fail    rejects it
  result=TEXT  answers with that result
  say=TEXT     answers with that raw text (\\n for a newline) and goes on
  exit=N  ends with that status, without an answer
  sleep=SECONDS  accepts it after that time
  hang    sleeps
"""

import json
import os
import sys
import time

sys.path.insert(0, "/usr/lib/python3/dist-packages")
from supervisor import childutils  # noqa: E402


def answer(how):
    if how == "ok":
        childutils.listener.ok(sys.stdout)
    elif how == "fail":
        childutils.listener.fail(sys.stdout)
    elif how.startswith("result="):
        childutils.listener.send(how[7:], sys.stdout)
    elif how.startswith("say="):
        sys.stdout.write(how[4:].replace("\\n", "\n"))
        sys.stdout.flush()
    elif how.startswith("sleep="):
        time.sleep(float(how[6:]))
        childutils.listener.ok(sys.stdout)
    elif how.startswith("exit="):
        os._exit(int(how[5:]))
    else:
        time.sleep(1000)


def main(path, *hows):
    hows = list(hows) or ["ok"]
    while True:
        headers, payload = childutils.listener.wait(sys.stdin, sys.stdout)
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps([headers, payload, os.getpid()]) + "\n")
        answer(hows[0])
        if len(hows) > 1:
            hows.pop(0)


main(*sys.argv[1:])
