"""emit.py BYTES lines|bulk [HOLD]: writes exactly so many known bytes to stdout, then waits.

lines: one write for each 100-byte line; bulk: blocks of 64 KiB.  The content is that of content().
With HOLD it stays until it is ended, else it exits at once.
"""

import os
import signal
import sys

LINE = 100


def content(first, last):
    """The bytes of the lines first .. last-1: a number and a filling that depends on it."""
    return b"".join(b"%09d %s\n" % (n, bytes([97 + n % 26]) * (LINE - 11))
                    for n in range(first, last))


def write_all(data):
    view = memoryview(data)
    while view:
        view = view[os.write(1, view):]


def main():
    count = int(sys.argv[1]) // LINE
    step = 1 if sys.argv[2] == "lines" else 655
    for first in range(0, count, step):
        write_all(content(first, min(first + step, count)))
    if len(sys.argv) > 3:
        signal.pause()


if __name__ == "__main__":
    main()
