"""Says how many columns of a terminal each line of standard input takes, by Unicode's own tables: a measure
that shares nothing with utf8proc. Colours take none."""
import re
import sys
import unicodedata


def width(line):
    taken = 0
    last = 0
    for c in line:
        if c == "\ufe0f":  # the one before is shown as an emoji
            more = 1 if last == 1 else 0
        elif "\U0001f3fb" <= c <= "\U0001f3ff" and last == 2:  # gives the emoji before it a skin
            more = 0
        elif unicodedata.category(c) in ("Mn", "Me", "Cf"):
            more = 0
        else:
            more = 2 if unicodedata.east_asian_width(c) in "WF" else 1
        taken += more
        last = more or last
    return taken


for line in sys.stdin.buffer.read().decode("utf-8").splitlines():
    print(width(re.sub("\x1b\\[[0-9;]*m", "", line)))
