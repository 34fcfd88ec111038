"""How post-mortems look: one of them, a list, its JSON, and the announcement of a final one. Value to text; nothing here prints."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from msgspec import Struct

from incidentctl.document.action_items import ActionItem
from incidentctl.document.postmortem import Postmortem


class Shown(Struct, frozen=True):
    """A document, with where it is: `branch` and the work tree `place`, None at a branch's tip; `here` is where we were called.

    `path` is seen from the top of the repository, `reached` from where the user stands.

    `status` is a word of the document's own where it is none of ours.
    """

    incident: str
    path: str
    reached: str
    branch: str | None
    place: str | None
    here: str | None
    said: Postmortem
    items: tuple[ActionItem, ...]
    status: str
    due_on: date | None = None
    """The day by which it is to be published, where its severity has one and it is not final."""


def counts_of(items: Iterable[ActionItem]) -> dict[str, int]:
    """How many action items are open, done and dropped."""
    items = list(items)
    return {
        "open": sum(item.is_open for item in items),
        "done": sum(item.is_done for item in items),
        "dropped": sum(item.is_dropped for item in items),
    }


def counts_in_words(counts: Mapping[str, int]) -> str:
    """`2 open, 1 done`; `none` where there are none."""
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "none"


def commands_as_data(steps: Iterable[tuple[str, str | None]]) -> list[dict[str, Any]]:
    """What comes next for a program: a word, and the command that does it, where one does."""
    return [{"what": what, "by": None, "command": command} for what, command in steps]


def postmortem_as_data(shown: Shown) -> dict[str, Any]:
    """One post-mortem for a program."""
    said = shown.said
    return {
        "incident": shown.incident,
        "title": said.title,
        "status": shown.status,
        "path": shown.path,
        "branch": shown.branch,
        "checked_out": shown.place is not None and shown.place == shown.here,
        "authors": list(said.authors),
        "reviewers": list(said.reviewers),
        "published_at": said.published_at,
        "due_on": shown.due_on.isoformat() if shown.due_on else None,
        "root_cause": said.root_cause,
        "severity": said.header.get("severity"),
        "duration": said.header.get("duration"),
        "action_items": counts_of(shown.items),
    }


def postmortem_as_lines(shown: Shown) -> list[str]:
    """One post-mortem for people: how far it is, where it is, who is on it, and what is left to do."""
    said = shown.said
    published = f", published {said.published_at}" if said.published_at else ""
    published += f", to be published by {shown.due_on.isoformat()}" if shown.due_on else ""
    rows = [
        ("status", f"{shown.status.replace('_', ' ')}{published}"),
        ("file", _where(shown)),
        ("authors", _people(said.authors)),
        ("reviewers", _people(said.reviewers)),
        ("duration", said.header.get("duration") or "-"),
        ("root cause", said.root_cause or "-"),
        ("action items", counts_in_words(counts_of(shown.items))),
    ]
    severity = said.header.get("severity")
    head = f"{severity} {said.title}" if severity else said.title
    return [head, shown.incident, "", *(f"{name:<13} {words}" for name, words in rows)]


def _where(shown: Shown) -> str:
    if shown.branch is None:
        return shown.reached
    if shown.place is None:
        return f"{shown.path} on {shown.branch}, which is not checked out"
    return f"{shown.reached} on {shown.branch}" + ("" if shown.place == shown.here else f", in {shown.place}")


def _people(handles: Iterable[str]) -> str:
    return ", ".join(f"@{handle}" for handle in handles) or "-"


def announcement(
    said: Postmortem, sections: Sequence[tuple[str, str]], items: Sequence[ActionItem], *, link: str
) -> str:
    """A final post-mortem to share: what happened, what was learned, what will be done, and where all of it is.

    `sections` are headings with their words, in order; those without words are left out.
    """
    header = [said.header.get(field) for field in ("severity", "date", "duration")]
    facts = ", ".join(words for words in header if words)
    parts = [f"Post-mortem: {said.title}{f' ({facts})' if facts else ''}"]
    parts += [f"{heading}\n{words}" for heading, words in sections if words]
    left = [_item(item) for item in items if not item.is_dropped]
    parts += ["Action items\n" + "\n".join(left)] if left else []
    parts.append(f"The whole post-mortem: {link}")
    return "\n\n".join(parts)


def _item(item: ActionItem) -> str:
    first = item.text.partition("\n")[0]
    facts = [f"@{handle}" for handle in item.handles] or list(item.owners)
    facts += [f"due {item.due}"] if item.due else []
    done = "done: " if item.is_done else ""
    return f"- {done}{first}" + (f" ({', '.join(facts)})" if facts else "")
