"""Says what happens, but not more than anybody reads."""

import math
import time

LINES_A_SECOND = 100
LONGEST = 300

second = 0
lines = 0


def log(text):
    """Prints a line. The tutorial prints what arrives: a peer could fill the disk, or keep the program
    writing. So lines have a length, a second has so many of them, and those left out are counted.
    """
    global second, lines
    this_second = math.floor(time.monotonic())
    if this_second > second:
        if lines > LINES_A_SECOND:
            print(f"({lines - LINES_A_SECOND} lines left out)", flush=True)
        second = this_second
        lines = 0
    lines += 1
    if lines > LINES_A_SECOND:
        return
    print(f"{text[:LONGEST]}..." if len(text) > LONGEST else text, flush=True)
