"""`set`: a time or a key put right after the fact. Times become entries, plain keys stand in the front matter alone."""

import re
from collections.abc import Mapping
from typing import Annotated

import typer
from msgspec.structs import replace

from incidentctl.commands.completion import complete_key
from incidentctl.commands.drafting import say_settled
from incidentctl.commands.naming import incident_to_read
from incidentctl.commands.options import Writing, takes
from incidentctl.commands.writing import answer, named, request_of, write
from incidentctl.context import Workspace
from incidentctl.errors import UsageError
from incidentctl.incident.decisions import VERB_OF_KEY
from incidentctl.incident.entries import SETTABLE_KEYS, TIME_KEYS, KeySet, What
from incidentctl.incident.ids import is_incident_id
from incidentctl.incident.model import LIST_KEYS, PLAIN_KEYS, Incident, Value
from incidentctl.incident.requests import Verb
from incidentctl.incident.times import describe_instant, format_instant, parse_instant
from incidentctl.incident.words import clean_line
from incidentctl.store.record import Written

_PAIR = re.compile(r"([A-Za-z][A-Za-z0-9_-]*?)([+-]?)=(.*)", re.DOTALL)
_ID_WORDS = ("id",)
_OF_INCIDENTS = ("duplicate_of", "repeat_of")
_ROOT_CAUSE = "root_cause"

EXAMPLES = """
ictl set started_at=09:51
ictl set resolved_at="yesterday 18:00" -m "the vendor says so"
ictl set services+=payments affected_users=1200
ictl set title=Checkout fails in eu-west-1
ictl set repeat_of=2026-01-20-checkout-latency
ictl set root_cause=connection-pool-size
"""


@takes(Writing, without=("at",))
def command(
    *,
    pairs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[INCIDENT] KEY=VALUE...",
            help="`services+=x` adds to a list, `services-=x` takes out, `none` removes the key; `root_cause` is the post-mortem's.",
            autocompletion=complete_key,
        ),
    ] = None,
    options: Writing,
) -> None:
    """Set a time or a key after the fact. A time becomes an entry of the timeline, any other key is set as it is."""
    with options.workspace() as workspace:
        name, words = named(workspace, options, pairs, after_the_fact=True)
        if not words:
            raise UsageError("nothing to set", hint="as in: ictl set started_at=09:51")
        incident = workspace.reader.read(name).incident
        changes: list[tuple[What, str]] = []
        keys: dict[str, Value] = {}
        warnings: list[str] = []
        reason = clean_line(options.message or "")
        pairs_given = _pairs(words)
        if any(key == _ROOT_CAUSE for key, _, _ in pairs_given):
            _set_root_cause(workspace, options, name, pairs_given, reason)
            return
        for key, sign, value in pairs_given:
            if sign and key not in LIST_KEYS and (key in SETTABLE_KEYS or key in PLAIN_KEYS):
                raise UsageError(f"{key} is no list", hint=f"set it whole: ictl set {key}={value}")
            if key in TIME_KEYS:
                at = None if value == "none" else format_instant(workspace.typed_time(value))
                changes.append((KeySet(key, None, at), reason))
            elif key == "duplicate_of":
                other = None if value == "none" else incident_to_read(workspace, value)
                changes.append((KeySet(key, None, other), reason))
            elif key == "repeat_of":
                keys[key] = _repeated(workspace, incident, value, warnings)
            else:
                keys[key] = _plain(workspace, incident, key, sign, value, keys.get(key, incident.keys.get(key)))
        if reason and not changes:
            raise UsageError(
                "a reason stands beside a time alone, not beside other keys", hint='leave -m out, or: ictl note "WHY"'
            )
        request = request_of(workspace, options, Verb.SET, name, *changes, keys=keys)
        written = write(workspace, options, request)
        written = replace(written, warnings=(*written.warnings, *warnings))
        if keys and not options.dry_run:
            say_settled(workspace, written.path, tuple(keys))
        answer(workspace, options, written, f"set {_values(workspace, written, keys)}")


def _values(workspace: Workspace, written: Written, keys: Mapping[str, Value]) -> str:
    """What was set, and to what: times in both readings."""
    words: list[str] = []
    for entry in written.entries:
        if isinstance(entry.what, KeySet):
            at = parse_instant(entry.what.new) if entry.what.new and entry.what.key in TIME_KEYS else None
            told = describe_instant(at, workspace.zone, now=workspace.now) if at else entry.what.new or "none"
            words.append(f"{entry.what.key} {told}")
    for key, value in keys.items():
        text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value or "none")
        words.append(f"{key} {text}")
    return ", ".join(words)


def _pairs(words: list[str]) -> list[tuple[str, str, str]]:
    """Key, sign and value of each. Words without a `=` belong to the value before them: quotes are not needed."""
    joined: list[str] = []
    for word in words:
        if _PAIR.fullmatch(word) or not joined:
            joined.append(word)
        else:
            joined[-1] += f" {word}"
    pairs: list[tuple[str, str, str]] = []
    for word in joined:
        match = _PAIR.fullmatch(word)
        if match is None:
            raise UsageError(f"{word!r} is not KEY=VALUE", hint="as in: ictl set started_at=09:51")
        key = match[1].lower().replace("-", "_")
        known = (*TIME_KEYS, *PLAIN_KEYS, *VERB_OF_KEY, *_OF_INCIDENTS, *_ID_WORDS, _ROOT_CAUSE)
        key = key if key in known else match[1]
        if key in VERB_OF_KEY:
            raise UsageError(f"{key} is not set by hand", hint=f"it has a verb of its own: {VERB_OF_KEY[key]}")
        if key in _ID_WORDS:
            raise UsageError("an incident's id never changes", hint="set title=… instead; the id stays")
        pairs.append((key, match[2], match[3].strip()))
    return pairs


def _repeated(workspace: Workspace, incident: Incident, value: str, warnings: list[str]) -> str | None:
    """The incident that this one repeats. One that nobody knows is recorded while people are at work, with a warning."""
    if value.lower() in ("", "none"):
        return None
    is_unknown = is_incident_id(value) and not workspace.reader.exists(value)
    if is_unknown and incident.state.status is not None and not incident.state.status.is_over:
        warnings.append(f"there is no incident {value}; recorded as typed")
        return value
    other = incident_to_read(workspace, value)
    if other == incident.id:
        raise UsageError("an incident is no repeat of itself", hint="name the earlier one: ictl set repeat_of=ID")
    if other[:10] > incident.id[:10]:
        warnings.append(f"{other} was declared later: it is rather that one which repeats {incident.id}")
    return other


def _set_root_cause(
    workspace: Workspace, options: Writing, incident: str, pairs: list[tuple[str, str, str]], reason: str
) -> None:
    if len(pairs) > 1:
        raise UsageError(
            "root_cause is a key of the post-mortem, not of the record", hint="set it alone: ictl set root_cause=KEY"
        )
    if pairs[0][1]:
        raise UsageError("root_cause is no list", hint="set it whole: ictl set root_cause=KEY")
    if reason:
        raise UsageError("a reason stands beside a time alone, not beside other keys", hint="leave -m out")
    from incidentctl.commands.root_cause import set_root_cause  # it loads what reads and writes documents

    set_root_cause(workspace, options, incident, pairs[0][2])


def _plain(workspace: Workspace, incident: Incident, key: str, sign: str, value: str, stands: Value) -> Value:
    if key not in LIST_KEYS and not sign:
        text = clean_line(value)
        if key == "title":
            if not text:
                raise UsageError("a title cannot be empty", hint="ictl set title=WORDS")
            return text
        return None if text.lower() in ("", "none") else text
    items = [clean_line(item) for item in value.split(",") if clean_line(item).lower() not in ("", "none")]
    if key == "services":
        items = [service.name if (service := workspace.settings.service(item)) else item for item in items]
    standing = [stands] if isinstance(stands, str) else [each for each in stands or () if isinstance(each, str)]
    if sign == "+":
        items = [*standing, *items]
    elif sign == "-":
        items = [each for each in standing if each not in items]
    return tuple(dict.fromkeys(items)) or None
