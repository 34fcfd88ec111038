"""The settings of the linter against what the linter knows: which words name no rule, and a team's own names. Reads no files."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from incidentctl.config.lint_settings import LintSettings, Override
from incidentctl.config.settings import SettingsProblem
from incidentctl.lint.custom import read_custom_rules
from incidentctl.lint.header import Field
from incidentctl.lint.rule import Rule
from incidentctl.lint.selection import RuleWords

_Path = tuple[str | int, ...]


def wrong_words(
    settings: LintSettings, catalogue: Iterable[Rule], text: str = "", file_name: str = "incidentctl.toml"
) -> tuple[SettingsProblem, ...]:
    """What is wrong with the settings that only the linter can see: words that name no rule, patterns that must not run.

    They say nothing then, and all else holds. With the `text` of the settings file each has its place.
    """
    rules = tuple(catalogue)
    custom, faults = read_custom_rules(settings.custom, rules)
    words = RuleWords((*rules, *custom))
    found: list[tuple[_Path, bool, str, str | None]] = [
        (("lint", "custom", fault.number, fault.key), True, f"[[lint.custom]] {fault.key} {fault.message}", fault.hint)
        for fault in faults
    ]
    refused = {settings.custom[fault.number].code.lower() for fault in faults}
    for path, label, word in _words(settings):
        if words.find(word) is None and word.lower() not in refused:
            is_key = path[-1] == word
            found.append((path, not is_key, f"{label} names no rule: {word!r}", words.hint(word)))
    return tuple(_placed(found, text, file_name)) if found else ()


def labels_of(settings: LintSettings) -> Mapping[str, str] | None:
    """A team's own labels in the header, in the forms in which labels and keys of front matter are compared."""
    labels: dict[str, str] = {}
    for name, word in settings.labels.items():
        plain = " ".join(name.rstrip(":").lower().split())
        labels[plain] = labels[plain.replace("-", "_").replace(" ", "_")] = Field(word).value
    return labels or None


def _words(settings: LintSettings) -> Iterator[tuple[_Path, str, str]]:
    """Every word that should name a rule, with the path of its key and what that is called."""
    own: dict[str, Iterable[str]] = {
        "select": settings.select or (),
        "extend_select": settings.extend_select,
        "ignore": settings.ignore,
        "severity": settings.severity,
    }
    tables: list[tuple[_Path, str, dict[str, Iterable[str]]]] = [(("lint",), "[lint]", own)]
    for status, override in settings.status.items():
        tables.append((("lint", "status", status), f"[lint.status.{status}]", _words_of(override)))
    for number, place in enumerate(settings.path):
        tables.append((("lint", "path", number), "[[lint.path]]", _words_of(place)))
    for path, label, keys in tables:
        for key, named in keys.items():
            for word in named:
                yield (*path, key, word), f"{label} {key}", word


def _words_of(override: Override) -> dict[str, Iterable[str]]:
    return {"ignore": override.ignore, "extend_select": override.extend_select, "severity": override.severity}


def _placed(found: list[tuple[_Path, bool, str, str | None]], text: str, file_name: str) -> Iterator[SettingsProblem]:
    import tomllib  # only to tell of a fault

    from incidentctl.config.toml_positions import find_positions, line_and_column

    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    try:
        raw: Any = tomllib.loads(text)
    except (ValueError, RecursionError):
        raw = {}
    spans = find_positions(text) if raw else {}
    problems = []
    for path, at_value, message, hint in found:
        place = _path_in(raw, path)
        while place and place not in spans:
            place = place[:-1]
        span = spans.get(place)
        offset = 0 if span is None else span.value if at_value else span.key
        problems.append(SettingsProblem(file_name, *line_and_column(text, offset), message, hint))
    yield from sorted(problems, key=lambda problem: (problem.line, problem.column))


def _path_in(raw: Any, path: _Path) -> _Path:
    """The path as the file has it: a word of a list by its number, a status and a number of a table as they are spelt there."""
    found: list[str | int] = []
    for part in path:
        if isinstance(raw, dict) and isinstance(part, str):
            key = next(
                (each for each in raw if each.strip().lower().replace("-", "_") == part.lower().replace("-", "_")), part
            )
            found.append(key)
            raw = raw.get(key)
        elif isinstance(raw, list) and isinstance(part, str):
            number = next((n for n, each in enumerate(raw) if isinstance(each, str) and part in each), 0)
            found.append(number)
            raw = None
        else:
            found.append(part)
            raw = raw[part] if isinstance(raw, list) and isinstance(part, int) and part < len(raw) else None
    return tuple(found)
