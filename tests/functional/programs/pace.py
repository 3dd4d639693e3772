"""pace.py BYTES_PER_SECOND FILE: writes numbered blocks at that rate until SIGTERM or SIGUSR1.

Then FILE gets the number of blocks that were written whole.  After SIGUSR1 it stays.  blocks() reads
a log of it again.
"""

import os
import signal
import sys
import time

BLOCK = 65536
FILLING = (b"0123456789abcdef" * (BLOCK // 16))[:BLOCK - 17] + b"\n"


def block(number):
    return b"%015d\n" % number + FILLING


def blocks(path):
    """How many blocks the log has, all of which must follow each other."""
    count = 0
    with open(path, "rb") as log:
        while data := log.read(BLOCK):
            assert data == block(count), f"block {count} of {path} begins with {data[:32]!r}"
            count += 1
    return count


def main(rate, path):
    ended = []
    signal.signal(signal.SIGTERM, lambda number, frame: ended.append(number))
    signal.signal(signal.SIGUSR1, lambda number, frame: ended.append(number))
    start, number = time.monotonic(), 0
    while not ended:
        data = memoryview(block(number))
        while data:
            data = data[os.write(1, data):]
        number += 1
        ahead = number * BLOCK / rate - (time.monotonic() - start)
        if ahead > 0:
            time.sleep(ahead)
    with open(f"{path}.new", "w", encoding="ascii") as file:
        file.write(str(number))
    os.rename(f"{path}.new", path)
    while ended[-1] == signal.SIGUSR1:
        signal.pause()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
