"""What runs beside a test."""

import time
from pathlib import Path


def session_of(leader: int) -> list[int]:
    """Every process of a session, also those in groups of their own."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_bytes().rpartition(b")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == leader:
                found.append(int(entry.name))
    return found


def is_gone(process: int, *, within: float = 2.0) -> bool:
    """Whether a process has ended: it is not there, or only waits to be asked how it ended."""
    until = time.monotonic() + within
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()[0]
        except OSError:
            return True
        if state == b"Z":
            return True
        time.sleep(0.02)
    return False
