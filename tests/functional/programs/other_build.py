#!/usr/bin/python3
"""other_build.py: stands for another build of reeved, which in the end is this one.

HOW, from other_build.json beside it, with the path of the real one:

  later     the state that it is asked about is of a later version of the text
  richer    the build before it wrote fields and items that this one does not know; what it is
            handed is kept in other_build.state
  notes     keeps what it is handed in other_build.state, one file after the other
  hangs     does not answer when it is asked
  refuses   says that it cannot
  strays    hangs, and so does a child of its own, whose pid it writes into other_build.stray
  leaves    says that it cannot, and leaves such a child behind
  broken    crashes when it is asked
  deaf      can go on when it is asked, but not when it comes to that: deaf.so keeps it from serving
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
OUGHT = json.loads((HERE / "other_build.json").read_text())


def richer(text):
    """Fields where they are allowed: behind the line of an item; and items of our own."""
    text = re.sub(rb"(?m)^(\[(?:reeve|child|cgroup_tree|\.cgroup_slot)\])$",
                  rb"\1\nfrom_later=kept", text)
    return re.sub(rb"(?m)^\[\]\n\Z", b"[novelty]\nhow=new\n[.inner]\nwhat=1\n[]\n", text)


def replace(fd, text):
    other = os.memfd_create("state", 0)
    os.write(other, text)
    os.dup2(other, fd, inheritable=True)


def read(fd):
    return os.pread(fd, os.fstat(fd).st_size, 0)


def check(how):
    if how == "later":
        replace(0, read(0).replace(b"reeve-state 1", b"reeve-state 2", 1))
    elif how == "hangs":
        time.sleep(1000)
    elif how in ("strays", "leaves"):
        stray = subprocess.Popen(["sleep", "1000"], stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        (HERE / "other_build.stray").write_text(str(stray.pid))
        if how == "leaves":
            sys.exit("it would rather not")
        time.sleep(1000)
    elif how == "refuses":
        sys.exit("it does not like\nthe state")
    elif how == "broken":
        os.kill(os.getpid(), signal.SIGSEGV)


def resume(how):
    state = int(os.environ["REEVE_RESUME"].split(":")[1])
    if how == "richer":
        (HERE / "other_build.state").write_bytes(read(state))
        replace(state, richer(read(state)))
    elif how == "notes":
        count = len(list(HERE.glob("other_build.state.*")))
        (HERE / f"other_build.state.{count}").write_bytes(read(state))
    elif how == "deaf":
        os.environ["LD_PRELOAD"] = str(HERE / "deaf.so")


def main():
    how = OUGHT["how"]
    if sys.argv[1].startswith("--check-state="):
        check(how)
    else:
        resume(how)
    os.execv(OUGHT["real"], [OUGHT["real"], *sys.argv[1:]])


if __name__ == "__main__":
    main()
