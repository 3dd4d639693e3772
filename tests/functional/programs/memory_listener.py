"""In the manner of memmon: at each tick asks the daemon for all processes and restarts one by name.

memory_listener.py FILE NAMESPEC: FILE gets a line for every restart; only the first tick restarts.
"""

import os
import sys

sys.path.insert(0, "/usr/lib/python3/dist-packages")
from supervisor import childutils  # noqa: E402

path, namespec = sys.argv[1:3]
rpc = childutils.getRPCInterface(os.environ)
done = False
while True:
    headers, _ = childutils.listener.wait(sys.stdin, sys.stdout)
    if headers["eventname"].startswith("TICK") and not done:
        for info in rpc.supervisor.getAllProcessInfo():
            if f"{info['group']}:{info['name']}" == namespec and info["state"] == 20:
                rpc.supervisor.stopProcess(namespec)
                rpc.supervisor.startProcess(namespec)
                done = True
                with open(path, "a", encoding="utf-8") as file:
                    file.write(f"{info['pid']} {rpc.supervisor.getProcessInfo(namespec)['pid']}\n")
    childutils.listener.ok(sys.stdout)
