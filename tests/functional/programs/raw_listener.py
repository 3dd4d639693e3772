"""An event listener by bytes alone: raw_listener.py FILE TEXT...

It writes each TEXT (\\n for a newline, @N for a pause of N tenths of a second) in turn, notes
everything that it reads, byte by byte, and stays.
"""

import os
import sys
import threading
import time


def note(path):
    while True:
        data = os.read(0, 65536)
        if not data:
            return
        with open(path, "ab") as file:
            file.write(data)


threading.Thread(target=note, args=sys.argv[1:2], daemon=True).start()
for text in sys.argv[2:]:
    if text.startswith("@"):
        time.sleep(int(text[1:]) / 10)
    else:
        os.write(1, text.replace("\\n", "\n").encode("utf-8", "surrogateescape"))
time.sleep(1000)
