"""Runs one command from a small process, and reports what it took: a child's greatest memory counts from its parent's,
and the bench itself is larger than bare Python.

    python -I -S alone.py FILE_NUMBER COMMAND…

Reported to that file, as two lines of JSON: when it began (monotonic) and its process number; then its exit status, CPU
seconds, peak in KiB.
"""

import json
import os
import sys
import time

report, command = int(sys.argv[1]), sys.argv[2:]
os.set_inheritable(report, False)
began = time.monotonic()
child = os.posix_spawnp(command[0], command, os.environ)
os.write(report, json.dumps([began, child]).encode() + b"\n")
_pid, status, usage = os.wait4(child, 0)
taken = [
    os.waitstatus_to_exitcode(status),
    usage.ru_utime + usage.ru_stime,
    usage.ru_maxrss / (1024 if sys.platform == "darwin" else 1),
]
os.write(report, json.dumps(taken).encode())
