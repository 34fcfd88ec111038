"""Searches for inputs that break a promise: `make fuzz ARGS="--seconds 60 --target edit --seed 3"`.

Each target runs in a process of its own under atheris, led by the code that its inputs reach. What is found is made
small and printed as a line for a test; `--keep` puts it into `tests/fuzz/found/`, which the usual tests run.
"""

import argparse
import hashlib
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from tests.fuzz.inputs import FOUND, as_c_words, breach, found_inputs, smallest, stretched
from tests.fuzz.target import Target
from tests.fuzz.targets import TARGETS, target_of
from tests.growth import assert_grows_linearly

_HANG = 20
"""Seconds after which one input is taken for a hang: on a busy machine, with code that counts where it goes."""
_STRETCHED = 5_000


class Finding(NamedTuple):
    """An input that breaks a promise, and which one."""

    target: Target
    what: str
    data: bytes


class Searched(NamedTuple):
    """What one search came to."""

    target: Target
    runs: int
    seconds: float
    covered_before: int
    covered: int
    findings: tuple[Finding, ...]
    trouble: str = ""

    def __str__(self) -> str:
        speed = f"{self.runs:,} runs in {self.seconds:.0f} s"
        return (
            f"{self.target.name:16} {speed:26} coverage {self.covered_before:,} → {self.covered:,}"
            f"   {len(self.findings) or 'no'} finding{'' if len(self.findings) == 1 else 's'}{self.trouble}"
        )


def main(words: Sequence[str] | None = None) -> int:
    given = _options().parse_args(words)
    if importlib.util.find_spec("atheris") is None:
        print(
            "atheris is not installed: `make fuzz` installs it, where it has a wheel for this Python", file=sys.stderr
        )
        return 2
    targets = [target_of(name) for name in given.target] if given.target else list(TARGETS)
    began = time.monotonic()
    with ThreadPoolExecutor(given.jobs) as pool:
        searches = [pool.submit(search, target, given.seconds, given.seed, given.corpus) for target in targets]
        done = []
        for each in searches:
            done.append(each.result())
            print(done[-1], flush=True)
            for finding in done[-1].findings:
                print(f"  {finding.what}\n    target_of({finding.target.name!r}).run({finding.data!r})", flush=True)
                if given.keep:
                    print(f"    kept as {_keep(finding)}")
    findings = [finding for searched in done for finding in searched.findings]
    runs = sum(searched.runs for searched in done)
    print(f"\n{len(done)} targets, {runs:,} runs, {len(findings)} findings in {time.monotonic() - began:.0f} s")
    return 1 if findings or any(searched.trouble for searched in done) else 0


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="how long each target is searched (default: 60)")
    parser.add_argument(
        "--target", action="append", choices=[target.name for target in TARGETS], help="this one; may be given again"
    )
    parser.add_argument("--seed", type=int, default=0, help="of chance; 0 is another one each time (default)")
    parser.add_argument("--jobs", type=int, default=1, help="how many targets at once (default: 1)")
    parser.add_argument("--corpus", type=Path, help="a folder that keeps inputs which reach far, for the next time")
    parser.add_argument("--keep", action="store_true", help="put what is found into tests/fuzz/found/")
    return parser


def search(target: Target, seconds: int, seed: int, corpus: Path | None) -> Searched:
    """Runs one target for a time. The same seed on the same code tries the same inputs, as far as time allows."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        folder = Path(name)
        seeds, out = folder / "seeds", folder / "out"
        own = (corpus / target.name).resolve() if corpus else folder / "corpus"
        for each in (seeds, out, own):
            each.mkdir(parents=True, exist_ok=True)
        for number, data in enumerate((*target.seeds(), *found_inputs(target).values())):
            (seeds / f"{number:04d}").write_bytes(data[: target.longest])
        (folder / "words").write_text(as_c_words(target.words), encoding="ascii")
        done = subprocess.run(
            [
                *(sys.executable, "-m", "tests.fuzz.worker", target.name, str(out), str(own), str(seeds)),
                *(f"-dict={folder / 'words'}", f"-max_total_time={seconds}", f"-max_len={target.longest}"),
                *(f"-artifact_prefix={out}/", f"-timeout={_HANG}", f"-seed={seed}", "-print_final_stats=1"),
                *("-len_control=0", "-rss_limit_mb=2048"),
            ],
            env={**os.environ, "PYTHONHASHSEED": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        return _result(target, done, out)


def _result(target: Target, done: subprocess.CompletedProcess[str], out: Path) -> Searched:
    said = done.stderr
    covered = [int(each) for each in re.findall(r"(?:INITED|NEW|REDUCE|pulse|RELOAD|DONE)\s+cov: (\d+)", said)] or [0]
    runs = re.search(r"Done (\d+) runs in (\d+) second", said)
    findings = [_made_small(target, path.read_bytes()) for path in sorted(out.glob("breach-*"))]
    findings += [
        Finding(target, path.name.partition("-")[0], path.read_bytes())
        for path in sorted(out.iterdir())
        if path.name.startswith(("timeout-", "oom-", "crash-", "leak-"))
    ]
    slowest = out / "slowest"
    if target.grows and slowest.exists():
        findings += _grows(target, slowest.read_bytes())
    trouble = "" if runs else f"\n  it ended with {done.returncode}: {' / '.join(said.strip().splitlines()[-3:])}"
    return Searched(
        target,
        int(runs[1]) if runs else 0,
        int(runs[2]) if runs else 0,
        covered[0],
        covered[-1],
        tuple(findings),
        "" if findings else trouble,
    )


def _made_small(target: Target, data: bytes) -> Finding:
    what = breach(target, data)
    if what is None:
        return Finding(target, "seen once, and not again with the same input", data)
    small = smallest(data, lambda shorter: breach(target, shorter) == what)
    try:
        target.run(small)
    except Exception as error:
        what += f": {' '.join(str(error).split())[:200]}"
    return Finding(target, what, small)


def _grows(target: Target, data: bytes) -> list[Finding]:
    """The slowest input for its length, stretched: whether its time grows with the length or faster."""
    try:
        # What breaks a promise only when it is long is none of a file that people write, but has to come to an end.
        assert_grows_linearly(lambda length: stretched(data, length), lambda each: breach(target, each), _STRETCHED)
    except AssertionError as error:
        return [Finding(target, f"time grows faster than its length: {error}", data)]
    return []


def _keep(finding: Finding) -> str:
    folder = FOUND / finding.target.name
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / hashlib.sha256(finding.data).hexdigest()[:12]
    path.write_bytes(finding.data)
    return str(path.relative_to(FOUND.parents[2]))


if __name__ == "__main__":
    sys.exit(main())
