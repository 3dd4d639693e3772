"""In the manner of crashmail: notes every process that exited unexpectedly, from RUNNING.

crash_listener.py FILE
"""

import sys

sys.path.insert(0, "/usr/lib/python3/dist-packages")
from supervisor import childutils  # noqa: E402

while True:
    headers, payload = childutils.listener.wait(sys.stdin, sys.stdout)
    assert headers["eventname"] == "PROCESS_STATE_EXITED", headers
    pheaders, pdata = childutils.eventdata(payload + "\n")
    if not int(pheaders["expected"]):
        with open(sys.argv[1], "a", encoding="utf-8") as file:
            file.write("{groupname}:{processname} {from_state} {pid}\n".format(**pheaders) + pdata)
    childutils.listener.ok(sys.stdout)
