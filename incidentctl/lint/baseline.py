"""Findings that were there before: which of them a run leaves out, which are gone, and the file that lists them. Text in, text out."""

import json
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from hashlib import blake2b
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from incidentctl.errors import UsageError
from incidentctl.lint.diagnostic import Diagnostic, Result

VERSION: Final = 1
_KIND: Final = "lint_baseline"
_MOST: Final = 1_000_000


class Entry(Struct, frozen=True, order=True):
    """Equal findings of one rule in one document; the place is seen from the settings."""

    place: str
    code: str
    fingerprint: str


class Baseline(Struct, frozen=True):
    """How many findings of each entry are known."""

    counts: Mapping[Entry, int] = {}


class _Head(Struct, frozen=True):
    schema_version: int
    kind: str = _KIND


class _File(Struct, frozen=True):
    findings: dict[str, dict[str, int]]


def fingerprint(path: str, code: str, text: str, ordinal: int) -> str:
    """What names a finding from one run to the next: it depends on path, code and the words at its place, not on the line.

    `ordinal` counts from 0 those of a document that are equal in code and words, and is told behind a hyphen.
    """
    words = " ".join(unicodedata.normalize("NFC", text).split())
    parts = "\0".join((_plain(path), code, words))
    name = blake2b(parts.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    return f"{name}-{ordinal + 1}" if ordinal else name


def read_baseline(text: str, name: str = "the baseline") -> Baseline:
    """Reads the file. Raises `UsageError` where it is none, is broken, or was written by a later version."""
    write_anew = f"`incidentctl lint --baseline {name} --update-baseline` writes it anew"
    text = text.removeprefix("\ufeff")
    data = text.encode("utf-8", "replace")
    try:
        head = msgspec.json.decode(data, type=_Head)
    except (msgspec.DecodeError, RecursionError) as error:
        if "\n<<<<<<< " in text or text.startswith("<<<<<<< "):
            raise UsageError(f"{name} has the marks of a merge conflict", hint=write_anew) from None
        raise UsageError(f"{name} is no baseline: {_said(error)}", hint=write_anew) from None
    if head.kind != _KIND:
        raise UsageError(f"{name} is no baseline: its kind is {head.kind[:40]!r}", hint=write_anew)
    if head.schema_version > VERSION:
        raise UsageError(
            f"{name} was written by a later version of incidentctl: its schema_version is {head.schema_version}, "
            f"and this one knows {VERSION}",
            hint="update incidentctl, or have this version write it anew with --update-baseline",
        )
    if head.schema_version < 1:
        raise UsageError(f"{name} is no baseline: its schema_version is {head.schema_version}", hint=write_anew)
    try:
        file = msgspec.json.decode(data, type=_File)
    except (msgspec.DecodeError, RecursionError) as error:
        raise UsageError(f"{name} is broken: {_said(error)}", hint=write_anew) from None
    counts: dict[Entry, int] = {}
    for place, found in file.findings.items():
        for key, count in found.items():
            code, _, mark = key.partition(" ")
            if not mark or " " in mark or not 0 < count <= _MOST:
                raise UsageError(f"{name} is broken: {place[:80]!r} has {key[:80]!r}: {count}", hint=write_anew)
            counts[Entry(place, code, mark)] = count
    return Baseline(counts)


def apply_baseline(
    result: Result, baseline: Baseline, *, scanned: Iterable[str] | None, codes: Iterable[str] | None = None
) -> Result:
    """A result without the findings that the baseline knows; an entry covers as many as it counts.

    Entries that nothing fits any more are told as stale: only for documents that were `scanned`, by place seen from the
    settings (`None`: all that there are, so that those of a document that is gone are stale), and for the rules that
    ran, by code (`None`: all).
    """
    known = Counter({entry.fingerprint: count for entry, count in baseline.counts.items()})
    kept: list[Diagnostic] = []
    for diagnostic in result.diagnostics:
        mark = _mark(diagnostic)
        if known[mark] > 0:
            known[mark] -= 1
        else:
            kept.append(diagnostic)
    is_judged = _judging(scanned, codes)
    left: Counter[tuple[str, str]] = Counter()
    for entry in baseline.counts:
        count = known[entry.fingerprint]
        if count > 0 and is_judged(entry):
            left[entry.place, entry.code] += count
    stale = tuple(
        f"{place}: {code}{f' ({count} times)' if count > 1 else ''}" for (place, code), count in sorted(left.items())
    )
    return replace(
        result,
        diagnostics=tuple(kept),
        baselined=result.baselined + len(result.diagnostics) - len(kept),
        stale_baseline=stale,
    )


def render_baseline(
    diagnostics: Iterable[Diagnostic],
    *,
    place_of: Callable[[str], str] | None = None,
    kept: Baseline = Baseline(),
    scanned: Iterable[str] | None = None,
    codes: Iterable[str] | None = None,
) -> str:
    """The file that knows these findings: sorted, an entry a line, so that a change of it can be read.

    `place_of` leads from a finding's path to its place seen from the settings. Of an earlier baseline those entries
    stay that the run could not judge: of documents that were not `scanned`, or of rules that did not run, as
    `apply_baseline` has them.
    """
    is_judged = _judging(scanned, codes)
    counts = Counter({entry: count for entry, count in kept.counts.items() if not is_judged(entry)})
    for each in diagnostics:
        place = _plain(each.path if place_of is None else place_of(each.path))
        counts[Entry(place, each.code, _mark(each))] += 1
    by_place: dict[str, list[str]] = {}
    for entry in sorted(counts):
        by_place.setdefault(entry.place, []).append(f"{_text(f'{entry.code} {entry.fingerprint}')}: {counts[entry]}")
    parts = [
        f"    {_text(place)}: {{\n" + ",\n".join(f"      {line}" for line in lines) + "\n    }"
        for place, lines in by_place.items()
    ]
    findings = "{\n" + ",\n".join(parts) + "\n  }" if parts else "{}"
    return f'{{\n  "schema_version": {VERSION},\n  "kind": "{_KIND}",\n  "findings": {findings}\n}}\n'


def _judging(scanned: Iterable[str] | None, codes: Iterable[str] | None) -> Callable[[Entry], bool]:
    places = None if scanned is None else {_plain(place) for place in scanned}
    ran = None if codes is None else frozenset(codes)
    return lambda entry: (places is None or entry.place in places) and (ran is None or entry.code in ran)


def _mark(diagnostic: Diagnostic) -> str:
    """The fingerprint that equal findings share."""
    return diagnostic.fingerprint.partition("-")[0]


def _plain(path: str) -> str:
    """A path as the file can hold it: bytes that are no text become visible escapes."""
    if path.isascii():
        return path
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _said(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    said = str(error)
    return said[:1].lower() + said[1:]
