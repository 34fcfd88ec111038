"""Lets the n-th change that a command makes on the disk fail, or kills it there: a small library in C between programs and the system."""

import functools
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

SOURCE = Path(__file__).with_name("faults.c")
KINDS = ("open", "write", "fsync", "rename", "link", "unlink", "mkdir")
MISSING = "needs a C compiler that makes libraries for LD_PRELOAD (gcc or cc, on Linux)"


@functools.cache
def library() -> Path | None:
    """The library, built once a process; `None` where it cannot be built or loaded."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None or not Path("/proc/self/fd").exists():
        return None
    built = Path(tempfile.mkdtemp(prefix="incidentctl-faults-")) / "faults.so"
    done = subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-o", str(built), str(SOURCE), "-ldl"], capture_output=True, check=False
    )
    return built if done.returncode == 0 else None


def leave() -> None:
    """Removes the library."""
    built = library()
    if built is not None:
        shutil.rmtree(built.parent, ignore_errors=True)
        library.cache_clear()


class Faults:
    """What happens to the changes below one folder. `count` is how many of them there were in the last run."""

    def __init__(self, below: Path, counter: Path) -> None:
        self._below = below
        self._counter = counter

    def environ(
        self,
        *,
        at: int = 0,
        do: str = "0",
        kinds: tuple[str, ...] = KINDS,
        lasts: bool = False,
        who: str = "",
        log: Path | None = None,
    ) -> dict[str, str]:
        """The variables for one run: `do` is the number of an error, `kill` or `both`, for the change number `at` (0: none)."""
        built = library()
        assert built is not None, MISSING
        self._counter.write_bytes(bytes(8))
        environ = {
            "LD_PRELOAD": str(built),
            "FAULTS_BELOW": str(self._below),
            "FAULTS_KINDS": " ".join(kinds),
            "FAULTS_COUNTER": str(self._counter),
            "FAULTS_AT": str(at),
            "FAULTS_DO": do,
            "FAULTS_WHO": who,
        }
        if lasts:
            environ["FAULTS_LASTS"] = "1"
        if log is not None:
            environ["FAULTS_LOG"] = str(log)
        return environ

    @property
    def count(self) -> int:
        """How many changes there were since `environ` was asked for."""
        number: int = struct.unpack("l", self._counter.read_bytes())[0]
        return number
