"""Learns from an archive what its documents are like, as the `[lint]` table that lets it be linted from now on. Reads no files."""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from math import ceil
from posixpath import commonpath, dirname, splitext
from typing import Final

from msgspec import Struct

from incidentctl.config.lint_settings import LintSettings
from incidentctl.document.section_names import STANDARD, Role, alias_key
from incidentctl.errors import RefusedError
from incidentctl.lint.blocks import BlockKind, without_check_box
from incidentctl.lint.header import Field, Source, read_length
from incidentctl.lint.page import Page, PageKind
from incidentctl.lint.rule import Rule
from incidentctl.lint.written_times import read_time

SHARE: Final = 0.8
"""What four of five documents have is the archive's way; what fewer have, nobody has promised."""

_MOST_EXCLUDED: Final = 20
_LABEL: Final = re.compile(r"[*_\s]{0,4}([A-Za-z][A-Za-z0-9 ()/_-]{1,39}?)[*_\s]{0,4}[:=][*_\s]{0,4}(\S.{0,119})")
_SEVERITY: Final = re.compile(
    r"(?:sev|severity|p|s)[ -]?[0-5]\b|(?:critical|major|minor|high|medium|low)\b", re.IGNORECASE
)


class Adopted(Struct, frozen=True):
    """What was learned. `documents` is of how many post-mortems, `has` how many have each section, in order.

    `header` tells how many say each field of the header, by where they say it. `text` is the `[lint]` table.
    """

    settings: LintSettings
    documents: int
    has: Mapping[Role, int]
    header: Mapping[tuple[Field, Source], int]
    text: str


def learn(
    pages: Iterable[Page],
    today: date,
    *,
    baseline: str | None = None,
    found: Mapping[str, Collection[str]] | None = None,
    rules: Iterable[Rule] = (),
) -> Adopted:
    """Learns the settings under which an archive can be linted from now on. The paths of the pages are seen from its top.

    What four of five post-mortems have is asked of the next one: sections, by the names that they have there, and
    labels of the header. `found` are the codes of errors and warnings by path, from a run with what was learned before:
    a rule that finds something in four of five documents is not this archive's way, and becomes info.
    """
    every = sorted(pages, key=lambda page: page.path)
    documents = [page for page in every if page.kind is PageKind.POSTMORTEM]
    total = len(documents)
    enough = max(ceil(total * SHARE), 1)
    has = Counter(role for page in documents for role in page.by_role)
    header = Counter(
        place for page in documents for place in {(each.field, each.source) for each in page.header.values}
    )
    required = tuple(role.value for role in STANDARD if has[role] >= enough) if total else None
    often = Counter(code for page in documents for code in (found or {}).get(page.path, ()))
    eased = {code: "info" for code in sorted(often) if total >= 3 and often[code] >= enough and code != "STR001"}
    include, exclude = _patterns(documents, every)
    settings = LintSettings(
        include=include,
        exclude=exclude,
        required=required or None,
        aliases=_aliases(documents, enough),
        labels=_labels(documents, enough),
        severity=eased,
        baseline=baseline,
    )
    names = {rule.code: rule.name for rule in rules}
    roles = {role: has[role] for role in Role if has[role]}
    text = "\n".join(_render(settings, total, roles, header, often, names, today)) + "\n" if total else ""
    return Adopted(settings, total, roles, dict(sorted(header.items())), text)


def with_lint_table(text: str, table: str) -> str:
    """A settings file with the table behind what stands there. Raises `RefusedError` where that is no TOML or has one already."""
    try:
        standing = tomllib.loads(text.removeprefix("\ufeff").replace("\r\n", "\n"))
    except (ValueError, RecursionError) as error:
        said = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise RefusedError(f"incidentctl.toml is not TOML: {said}", hint="mend it, then adopt the archive") from None
    if "lint" in standing:
        raise RefusedError(
            "incidentctl.toml has a [lint] table already", hint="take it out to have it written anew, or go on by hand"
        )
    newline = "\r\n" if "\r\n" in text else "\n"
    gap = "" if not text.strip() else "\n" if text.endswith("\n") else "\n\n"
    return text + (gap + table).replace("\n", newline)


# ----------------------------------------------------------------------------------------------------- what is learned


def _patterns(documents: Sequence[Page], every: Sequence[Page]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Where the post-mortems are, and the incidents where there are some, and what lies among them that is none."""
    if not documents:
        return (), ()
    folder = _folder_of(documents)
    incidents = [page for page in every if page.kind is PageKind.INCIDENT]
    include = tuple(
        dict.fromkeys(
            f"{_as_pattern(_folder_of(pages))}**/*{ending}"
            for pages in (documents, incidents)
            for ending in sorted({splitext(page.path)[1] for page in pages})
        )
    )
    others = [page.path for page in every if page.kind is PageKind.OTHER and page.path.startswith(folder)]
    return include, tuple(_as_pattern(path) for path in others) if len(others) <= _MOST_EXCLUDED else ()


def _folder_of(pages: Sequence[Page]) -> str:
    """The folder that all of them are in, with a `/` behind it; empty for the top."""
    folders = {dirname(page.path) for page in pages}
    folder = "" if "" in folders else commonpath(folders)
    return f"{folder}/" if folder else ""


def _as_pattern(path: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", path)


def _aliases(documents: Sequence[Page], enough: int) -> dict[str, str]:
    """The archive's own names of sections, as most documents spell them."""
    spelt: dict[str, Counter[str]] = {}
    roles: dict[str, Role] = {}
    for page in documents:
        seen: dict[str, str] = {}
        for section in page.sections:
            heading, role = section.heading, section.role
            if heading.is_alias and role is not None and role in STANDARD and not heading.is_pseudo:
                key = alias_key(heading.text)
                seen.setdefault(key, heading.text)
                roles[key] = role
        for key, text in seen.items():
            spelt.setdefault(key, Counter())[text] += 1
    return {
        names.most_common(1)[0][0]: roles[key].value
        for key, names in sorted(spelt.items(), key=lambda each: (list(Role).index(roles[each[0]]), each[0]))
        if names.total() >= enough
    }


def _labels(documents: Sequence[Page], enough: int) -> dict[str, str]:
    """Labels that nobody knows but this archive, where their values can be nothing but one field that is said nowhere else."""
    fields: dict[str, Counter[Field | None]] = {}
    spelt: dict[str, str] = {}
    said = Counter(
        field
        for page in documents
        for field in {each.field for each in page.header.values if each.source in (Source.LABEL, Source.TABLE)}
    )
    for page in documents:
        known = {each.label.lower() for each in page.header.values}
        for label, value in dict(_labelled(page)).items():
            key = " ".join(label.lower().split())
            if key not in known:
                spelt.setdefault(key, label)
                fields.setdefault(key, Counter())[_field_of(value)] += 1
    learned: dict[str, str] = {}
    for key, counts in sorted(fields.items()):
        field, count = counts.most_common(1)[0]
        is_free = field is not None and said[field] < enough and field.value not in learned.values()
        if field is not None and is_free and count >= enough and len(counts) == 1:
            learned[spelt[key]] = field.value
    return learned


def _labelled(page: Page) -> Iterator[tuple[str, str]]:
    """Each line `Label: value` before the first section, or in one for details, and each row of a table there."""
    blocks = [*page.prose(page.lead)]
    for section in page.by_role.get(Role.DETAILS, ()):
        blocks += page.prose(section.own_blocks)
    for block in blocks:
        if block.kind is BlockKind.TABLE:
            for row in block.rows:
                if len(row.cells) == 2 and row.cells[1].text:
                    yield row.cells[0].text.strip(" \t*_`:"), row.cells[1].text.strip(" \t*_`")
            continue
        for piece in block.pieces:
            match = _LABEL.match(without_check_box(piece)[0].text)
            if match:
                yield match[1].strip(), match[2].strip(" \t*_`")


def _field_of(value: str) -> Field | None:
    """What a value can only be: a day, a length of time or a severity."""
    if _SEVERITY.match(value) and len(value) <= 30:
        return Field.SEVERITY
    if read_length(value) is not None:
        return Field.DURATION
    time = read_time(value)
    return Field.DATE if time is not None and time.full_date is not None else None


# ------------------------------------------------------------------------------------------------------------ the table


def _render(
    settings: LintSettings,
    total: int,
    has: Mapping[Role, int],
    header: Mapping[tuple[Field, Source], int],
    often: Mapping[str, int],
    names: Mapping[str, str],
    today: date,
) -> Iterator[str]:
    count = f"{total} post-mortem{'' if total == 1 else 's'}"
    yield f"# Learned by `incidentctl lint --adopt` from {count} on {today}. It is yours: change what is wrong."
    yield "[lint]"
    yield "# Which documents are linted, and what lies among them that is none."
    yield f"include = {_list(settings.include)}"
    if settings.exclude:
        yield f"exclude = {_list(settings.exclude)}"
    if settings.required:
        yield "# The sections that four of five documents have."
        yield f"# {_counted(has, total)}"
        yield f"required = {_list(settings.required)}"
    if settings.baseline:
        yield "# What was found today is listed there and not reported again; what comes from now on is."
        yield f"baseline = {_text(settings.baseline)}"
    yield "# Take the sign away to leave older incidents alone altogether, whatever is changed in their documents."
    yield f"# since = {today}"
    places = ", ".join(
        f"{field.value} in the {source.value} ({count})"
        for (field, source), count in sorted(header.items(), key=lambda each: (-each[1], each[0]))
        if count >= total * SHARE
    )
    if places:
        yield f"# The header says: {places}."
    if settings.severity:
        yield ""
        yield "# What these rules ask for, four of five documents do not have."
        yield "[lint.severity]"
        for code, level in settings.severity.items():
            name = f"{names[code]}, " if code in names else ""
            yield f"{code} = {_text(level)} # {name}in {often.get(code, 0)} of {total}"
    if settings.aliases:
        yield ""
        yield "# Your own names of sections."
        yield "[lint.aliases]"
        for name, role in settings.aliases.items():
            yield f"{_text(name)} = {_text(role)}"
    if settings.labels:
        yield ""
        yield "# Your own labels in the header."
        yield "[lint.labels]"
        for name, field in settings.labels.items():
            yield f"{_text(name)} = {_text(field)}"


def _counted(has: Mapping[Role, int], total: int) -> str:
    counts = ", ".join(f"{title} {has.get(role, 0)}" for role, title in STANDARD.items())
    return f"Of {total} have one: {counts}."


def _list(texts: Iterable[str]) -> str:
    texts = list(texts)
    line = f"[{', '.join(_text(text) for text in texts)}]"
    if len(line) <= 100:
        return line
    return "[\n" + "".join(f"  {_text(text)},\n" for text in texts) + "]"


def _text(text: str) -> str:
    """A string as TOML has it: what cannot be printed is escaped."""
    written = json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
    return re.sub(r"[\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", written)
