"""Pasted lines: whatever is pasted becomes entries, or is named as left out, or refused. No line is lost."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from incidentctl.commands.pasted import read_lines
from incidentctl.errors import UsageError
from incidentctl.incident.words import clean_text, handle_of
from tests.fuzz.target import Choices, Target, joined, parts_of, text_of
from tests.lint.documents import COMPLETE

_ZONES: tuple[tzinfo, ...] = (UTC, ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Asia/Kathmandu"))
_NOWS = (datetime(2026, 5, 14, 12, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC))

_PASTES = (
    "10:48 @ann failed over\n10:50 looks good\n  more of it\n",
    "[10:48] ann: failed over\n[10:49 AM] Ann Example\nyes\n",
    "2026-05-14 23:50 x\n00:10 next day\n",
    "Ann Example  10:48 AM\nfailed over\n```\n10:49 in code\n```\nBob  10:50 AM\nok\n",
    "# Timeline\n\nAll times in CEST, on May 14\n\n| Time (UTC) | What |\n|---|---|\n| 10:48 | x |\n| ~10:50 – 11:00 | y |\n",
    "## 2026-05-12\n\n### 08:14\n\nThe copy fails.\n\n- **08:30** - report\n* 9 pm <bob> z\n",
    "14 May 10:48 <ann> x\n14/5 10:49 y\nyesterday at 18:00 z\nMonday\n10:00 w\n",
    "From Ann Example To Everyone: 10:48\n> quoted 10:49\n1. 10:50 one\n2. 10:51 two\n",
    "02:30 ambiguous\n10:48 -> 10:50 @ann and @bob\n10:48Z\nnobody said: this\n",
)


def _read(text: str, choices: Choices, people: dict[str, str]) -> str | None:
    """What became of a paste, in one text; `None` where it was refused."""
    now, zone = choices.of(_NOWS), choices.of(_ZONES)
    try:
        read = read_lines(
            text,
            now=now,
            zone=zone,
            person_of=lambda word: people.get(word.removeprefix("@").casefold()),
            is_service=lambda word: word == "checkout",
        )
    except UsageError as refused:
        assert refused.message and "\n" not in refused.message and refused.hint
        return None
    for entry in read.entries:
        assert entry.at.tzinfo is not None and entry.text == clean_text(entry.text) and entry.text
        assert entry.author is None or handle_of(entry.author) == entry.author, "an author that is no handle"
    assert [entry.at for entry in read.entries] == sorted(entry.at for entry in read.entries)
    said = [*read.shown, *read.left_out]
    return "\n".join((*(f"{entry.text} @{entry.author}" for entry in read.entries), *said))


def pasted(data: bytes) -> None:
    """Any text; then the same with a word of its own in each line, of which each has to be found again."""
    chosen, raw = parts_of(data, 2)
    text = text_of(raw)
    people = {"ann": "ann", "ann example": "ann"}
    _read(text, Choices(chosen), people)
    lines = clean_text(text.removeprefix("\ufeff")).split("\n")
    marked = [f"{line} qz{number}q" if line.strip() else line for number, line in enumerate(lines)]
    result = _read("\n".join(marked), Choices(chosen), people)
    if result is not None:
        found = result.casefold()
        for number, line in enumerate(marked):
            assert not line.strip() or f"qz{number}q" in found, f"line {number + 1} was lost: {line!r}"


_WORDS = (
    *(
        "10:48 ",
        "[10:48] ",
        "10:48:30.5 ",
        "10:48 pm ",
        "9 am ",
        "25:00 ",
        "10:48Z ",
        "10:48+02:00 ",
        "~10:48 ",
        "ca. 10:48 ",
    ),
    *(
        "10:48-10:50 ",
        "10:48 – 10:50 ",
        "10:48 to 11:00 ",
        "2026-05-14",
        "2026-05-14T10:48:00Z",
        "14 May",
        "May 14, 2026",
    ),
    *("14.05.2026", "5/14", "today ", "yesterday ", "Monday", "CEST", "UTC", "GMT+2", "Europe/Berlin", "EST", "(UTC)"),
    *(
        "@ann ",
        "ann: ",
        "<ann> ",
        "Ann Example ",
        "Ann Example  10:48 AM\n",
        "From Ann To Everyone: ",
        "@ann and @bob ",
    ),
    *(
        "- ",
        "* ",
        "• ",
        "1. ",
        "- [ ] ",
        "> ",
        "| ",
        " | ",
        "|---|---|\n",
        "# ",
        "### ",
        "**",
        "`",
        "```\n",
        "~~~\n",
        "---\n",
    ),
    *(
        "Timeline\n",
        "All times in CET\n",
        "all times are UTC",
        " -> ",
        " — ",
        ": ",
        "\n  ",
        "\n\n",
        "\t",
        "\r\n",
        "\x1b[2J",
    ),
    *("note: ", "update: ", "checkout: ", "APP", "BOT", "(edited)", "at ", "on ", "\u202e", "\u00a0", "’"),
)

TARGETS = (
    Target(
        "pasted",
        pasted,
        lambda: [joined(bytes((n % 2, n % 4)), each) for n, each in enumerate((*_PASTES, COMPLETE))],
        _WORDS,
        3_000,
    ),
)
