"""Documents that nobody wrote for a linter: none makes it crash, hang or stop short of the others."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lint.documents import COMPLETE

CAUSE = "The config pipeline"


def within(words: str) -> str:
    """The complete document with other words in its root cause."""
    return COMPLETE.replace(CAUSE, f"{words} {CAUSE}")


HOSTILE: dict[str, str | bytes] = {
    "one line of a megabyte": within("x " * 500_000),
    "one word of a megabyte": within("a" * 1_000_000),
    "many headings": COMPLETE + "".join(f"\n## Heading {number}\n" for number in range(10_000)),
    "the same heading again and again": COMPLETE + "\n## Impact\n" * 3_000,
    "lists a thousand deep": COMPLETE + "\n" + "\n".join("  " * depth + "- item" for depth in range(1_000)),
    "quotes five thousand deep": COMPLETE + "\n" + ">" * 5_000 + " x\n",
    "a fence that never ends": COMPLETE.replace("## Root Cause", "```\n## Root Cause"),
    "a comment that never ends": COMPLETE.replace("## Root Cause", "<!--\n## Root Cause"),
    "emphasis that never ends": within("*a **b _c " * 20_000),
    "brackets that never end": within("[" * 100_000),
    "links that never end": within("[a](b " * 50_000),
    "quotation marks": within("\"a 'b “c " * 20_000),
    "white space": within(" " * 500_000),
    "bold signs in the header": COMPLETE.replace("**Date**", "**" * 50_000 + "**Date**"),
    "labels": COMPLETE.replace("**Date**", "a: b\n" * 20_000 + "**Date**"),
    "a wide table": COMPLETE + "\n" + "|a" * 20_000 + "|\n" + "|-" * 20_000 + "|\n",
    "a long table": COMPLETE + "\n|a|b|\n|-|-|\n" + "|1|2|\n" * 20_000,
    "a yaml bomb": "---\na: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\nd: " + "[" * 5_000 + "\n---\n" + COMPLETE,
    "comments that suppress nothing": COMPLETE + "\n<!-- incidentctl: ignore STR001 -- x -->" * 5_000,
    "many action items": COMPLETE + "\n" + "- [ ] do it — owner: @a — due: 2026-09-01\n" * 5_000,
    "times in no order": COMPLETE.replace("## Root Cause", "- 10:00 x\n- 09:00 y\n" * 3_000 + "\n## Root Cause"),
    "people who should have": within("the engineer should have " * 20_000),
    "secrets that are none": within("password: curl -u " * 20_000),
    "placeholders": within("TODO {{ <name> " * 10_000),
    "html": COMPLETE + "\n" + "<div>\n" * 20_000,
    "definitions": COMPLETE + "\n" + "".join(f"[r{number}]: http://x/{number}\n" for number in range(10_000)),
    "escape sequences": within("\x1b[2J\x1b]0;x\x07\u202e\u2066"),
    "lone returns": COMPLETE.replace("\n", "\r"),
    "nothing": "",
    "UTF-16": COMPLETE.encode("utf-16"),
    "Windows-1252": COMPLETE.replace("pool", "pöol").encode("cp1252", "replace"),
}
UNREADABLE: dict[str, bytes] = {"zero bytes": COMPLETE.encode() + b"\0\0", "no text at all": bytes(range(256)) * 400}


@pytest.mark.slow
def test_hostile_documents_are_linted_beside_an_ordinary_one(desk, tmp_path):
    folder = tmp_path / "hostile"
    folder.mkdir()
    for number, text in enumerate([*HOSTILE.values(), *UNREADABLE.values()]):
        data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
        (folder / f"2026-05-14-{number}.md").write_bytes(data)
    (folder / "2026-05-14-ordinary.md").write_text(COMPLETE.replace(" — due: 2026-06-15", ""), encoding="utf-8")
    (folder / "2026-05-14-loop.md").symlink_to("2026-05-14-loop.md")
    (folder / "loop").symlink_to(".")
    done = subprocess.run(
        [sys.executable, "-m", "incidentctl", "lint", str(folder), "--json", "--level", "info", "--no-cache"],
        env={**desk.environ, "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        timeout=240,  # for one that hangs; together they take some seconds
        check=False,
    )
    assert done.returncode == 1, done.stderr
    result = json.loads(done.stdout)
    unreadable = {Path(each["path"]).stem.removeprefix("2026-05-14-") for each in result["summary"]["unreadable"]}
    assert unreadable == {str(len(HOSTILE)), str(len(HOSTILE) + 1), "loop"}
    names = {Path(each["path"]).name for each in result["findings"]}
    assert "2026-05-14-ordinary.md" in names
    assert len(names) > len(HOSTILE) // 2


@pytest.mark.parametrize("shape", ["full", "concise", "github", "markdown", "junit"])
def test_nothing_of_a_hostile_document_reaches_the_terminal_raw(desk, tmp_path, shape):
    file = tmp_path / "2026-05-14-outage.md"
    file.write_text(COMPLETE.replace("- The dashboard for", "- TODO \x1b[2J\u202e The dashboard for"), encoding="utf-8")
    out = desk.ictl("lint", str(file), "--format", shape).out
    assert "TODO" in out
    assert not {"\x1b", "\u202e"} & set(out)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_read_is_named_and_the_rest_is_linted(desk, tmp_path):
    folder = tmp_path / "archive"
    (folder / "closed").mkdir(parents=True)
    (folder / "2026-05-14-outage.md").write_text(COMPLETE, encoding="utf-8")
    (folder / "closed").chmod(0)
    try:
        result = desk.ictl("lint", str(folder), "--json")
    finally:
        (folder / "closed").chmod(0o755)
    assert result.code == 1
    assert [each["path"] for each in result.json["summary"]["unreadable"]] == [str(folder / "closed")]
