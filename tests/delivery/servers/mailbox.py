"""Writes the messages of a Maildir to standard output, a JSON object a line."""

import pathlib
import sys

from messages import described, record

for path in sorted(pathlib.Path(sys.argv[1]).glob("new/*")):
    # A mailbox has the line ends of the system.
    record(described(path.read_bytes().replace(b"\n", b"\r\n")))
