"""The key of a root cause: set in the post-mortem, and completed from those in use, so that repeats are seen."""

import re
from collections import Counter
from difflib import get_close_matches
from typing import Final

from incidentctl.commands.documents import (
    change_of,
    documents_of,
    finish_documents,
    read_again,
    read_document,
    say_notes,
    written_as_data,
)
from incidentctl.commands.options import Reading, Writing
from incidentctl.context import Workspace
from incidentctl.document.postmortem import read_postmortem, set_keys
from incidentctl.incident.words import clean_line
from incidentctl.output.json_text import as_json

_MOST_READ: Final = 1000
"""Documents, the latest: a key that was not in use since does not come back by itself, and the Tab key is not to wait."""
_LINE: Final = re.compile(r"^root_cause:[ \t]*(.*)$", re.MULTILINE)
_HEAD: Final = 4000
"""Characters in which a front matter is looked for."""


def root_causes_in_use(workspace: Workspace, *, besides: str | None = None) -> list[str]:
    """The keys of the latest post-mortems, the most used first, of equal ones by name; without that of one incident."""
    files = (file for file in documents_of(workspace).latest(_MOST_READ) if file.incident != besides)
    counts = Counter(cause for file in files if (cause := _cause_of(file.text)))
    return sorted(counts, key=lambda cause: (-counts[cause], cause))


def _cause_of(text: str) -> str | None:
    match = _LINE.search(text, 0, _HEAD)
    if match is None or not match[1].strip():
        return None
    plain = match[1].strip()
    return plain if re.fullmatch(r"[\w-]+", plain) and not plain.isdecimal() else read_postmortem(text).root_cause


def set_root_cause(workspace: Workspace, options: Writing, incident: str, value: str) -> None:
    """Sets the key in the post-mortem of an incident, as one commit. One that is in use in another spelling is written as it is there."""
    Reading.before(options, workspace)
    options.mark_drill_of(workspace, incident)
    read = read_document(workspace, incident)
    wanted = _key(value)
    warnings: list[str] = []
    if wanted is not None and wanted != read.said.root_cause:
        known = {_key(cause) or cause: cause for cause in root_causes_in_use(workspace, besides=incident)}
        near = [] if wanted in known else get_close_matches(wanted, known, n=1, cutoff=0.75)
        warnings += [f"root cause {wanted!r} is new; {known[each]!r} is in use: is it the same?" for each in near]
        wanted = known.get(wanted, wanted)
    (outcome,) = documents_of(workspace).edit(
        {read.file.path: lambda text: set_keys(text, {"root_cause": wanted}, incident=incident)},
        event=f"root cause {wanted or 'none'}",
        dry_run=options.dry_run,
    )
    outside = workspace.outside
    if options.as_json:
        outside.say(as_json(written_as_data(workspace, options, read_again(read, outcome), outcome, warnings)))
    elif options.dry_run:
        for line in change_of([outcome]):
            outside.say(line)
    else:
        is_new = bool(outcome.commit or outcome.refused)
        saved = " · saved, not committed" if outcome.refused else ""
        what = f"root cause {wanted or 'none'}" if is_new else f"root cause is {wanted or 'none'} already"
        outside.say(f"post-mortem of {read.file.incident[11:]} {what}{saved}")
    say_notes(workspace, options, outcome, warnings)
    finish_documents(workspace, options, [outcome])


def _key(value: str) -> str | None:
    """A key as it is written: small letters, `-` between the words. `none` and nothing are none."""
    key = re.sub(r"[\s_-]+", "-", clean_line(value).lower()).strip("-")
    return None if key in ("", "none") else key
