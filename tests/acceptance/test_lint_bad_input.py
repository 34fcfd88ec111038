"""No file makes the linter crash or hang: what it cannot read it names, and goes on with the rest."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.lint.documents import COMPLETE, INCIDENT, INCIDENT_PATH, NOW, PATH

FORMATS = ("full", "concise", "json", "github", "gitlab", "sarif", "junit", "markdown")
BOUND = 60
"""Seconds: a step that is not linear takes hours on these, and a busy machine takes its time."""

NO_DUE = COMPLETE.replace(" — due: 2026-06-15", "")


@pytest.fixture
def folder(desk, tmp_path):
    """An archive without git or settings, with one complete document."""
    desk.now = NOW
    folder = tmp_path / "archive"
    folder.mkdir()
    (folder / "2026-05-14-checkout-latency.md").write_text(COMPLETE, encoding="utf-8")
    return folder


def lint(desk, folder: Path, *words: str):
    result = desk.ictl("lint", str(folder), *words)
    assert result.code in (0, 1), result.err
    return result


def unreadable(result) -> dict[str, str]:
    return {each["path"].rpartition("/")[2]: each["reason"] for each in json.loads(result.out)["summary"]["unreadable"]}


HUGE = {
    "ten megabytes of prose": lambda: COMPLETE + "A sentence about the pool, and one more.\n\n" * 240_000,
    "a line of five megabytes": lambda: COMPLETE.replace("The config pipeline", "word " * 1_000_000),
    "five megabytes without a space": lambda: COMPLETE + "x" * 5_000_000,
    "ten thousand headings": lambda: COMPLETE + "## Impact\n\nwords\n\n" * 10_000,
    "ten thousand levels of headings": lambda: COMPLETE + "".join(f"{'#' * (n % 6 + 1)} h{n}\n" for n in range(10_000)),
    "lists a thousand deep": lambda: COMPLETE + "".join(f"{' ' * (2 * n)}- item\n" for n in range(1_000)),
    "quotations a thousand deep": lambda: COMPLETE + "> " * 1_000 + "words\n" + ">" * 20_000 + "\n",
    "an open fence": lambda: COMPLETE.replace("## Impact", "```\n## Impact") + "a\n" * 100_000,
    "an open comment": lambda: COMPLETE.replace("## Impact", "<!-- \n## Impact") + "<!--\n" * 50_000,
    "emphasis without an end": lambda: COMPLETE + "*a_ **b __c " * 40_000 + "\n",
    "brackets without an end": lambda: COMPLETE + "[" * 100_000 + "](" * 50_000 + "\n",
    "backticks of every length": lambda: COMPLETE + " ".join("`" * n for n in range(1, 1_500)) + "\n",
    "two hundred thousand spaces": lambda: COMPLETE.replace("- [ ] Add", "- [ ] " + " " * 200_000 + "Add"),
    "a table of a thousand columns": lambda: (
        COMPLETE + "|".join("a" * 1000) + "\n" + "|".join("-" * 1000) + "\n|x" * 999
    ),
    "twenty thousand times": lambda: COMPLETE.replace(
        "- 2026-05-14 10:48",
        "".join(f"- 2026-05-14 10:{n % 60:02} step\n" for n in range(20_000)) + "- 2026-05-14 10:48",
    ),
    "twenty thousand action items": lambda: COMPLETE + "- [ ] Add a thing — owner: @bob — due: 2026-06-15\n" * 20_000,
    "twenty thousand suppressions": lambda: COMPLETE + "<!-- incidentctl: ignore STR009 -- a -->\n" * 20_000,
    "twenty thousand markers of a merge": lambda: COMPLETE + "```\n<<<<<<< a\n```\n>>>>>>> b\n" * 20_000,
    "front matter without an end": lambda: "---\n" + "key: [a, b\n" * 50_000,
    "front matter nested too deep": lambda: "---\nkey: " + "[" * 5_000 + "\n---\n" + COMPLETE,
    "only line ends": lambda: "\n" * 1_000_000,
    "carriage returns alone": lambda: COMPLETE.replace("\n", "\r"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HUGE)
def test_a_hostile_document_is_linted_in_bounded_time(desk, folder, name):
    (folder / "2026-05-15-hostile.md").write_bytes(HUGE[name]().encode())
    began = time.monotonic()
    for words in (("--json", "--select", "ALL", "--preview"), ("--diff", "--unsafe-fixes", "--select", "ALL")):
        lint(desk, folder, *words)
    assert time.monotonic() - began < BOUND


def test_what_is_no_text_is_named_and_the_rest_is_linted(desk, folder):
    (folder / "2026-05-15-binary.md").write_bytes(bytes(range(256)) * 40)
    (folder / "2026-05-16-loop.md").symlink_to("2026-05-16-loop.md")
    (folder / "2026-05-17-gone.md").symlink_to("nowhere.md")
    (folder / "loop").symlink_to(".")
    os.mkfifo(folder / "2026-05-18-pipe.md")
    (folder / "2026-05-19-folder.md").mkdir()
    (folder / "2026-05-20-empty.md").write_bytes(b"")
    result = lint(desk, folder, "--json")
    assert result.code == 1
    assert set(unreadable(result)) == {"2026-05-15-binary.md", "2026-05-16-loop.md", "2026-05-17-gone.md"}
    assert "zero bytes" in unreadable(result)["2026-05-15-binary.md"]
    assert json.loads(result.out)["summary"]["files"] == 1


@pytest.mark.parametrize("name", ["2026-05-16-pipe.md", "2026-05-16-loop.md", "2026-05-16-null.md"])
def test_a_named_path_that_is_no_document_is_named_and_does_not_hang(desk, folder, name):
    os.mkfifo(folder / "2026-05-16-pipe.md")
    (folder / "2026-05-16-loop.md").symlink_to("2026-05-16-loop.md")
    (folder / "2026-05-16-null.md").symlink_to(os.devnull)
    result = lint(desk, folder / name, "--json")
    assert (result.code, set(unreadable(result))) == (1, {name})


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_may_not_be_read_is_named(desk, folder):
    closed = folder / "closed"
    closed.mkdir()
    closed.chmod(0)
    try:
        (folder / "2026-05-15-closed.md").touch(0)
        result = lint(desk, folder, "--json")
        assert set(unreadable(result)) == {"closed", "2026-05-15-closed.md"}
    finally:
        closed.chmod(0o700)


@pytest.mark.parametrize(
    ("encoding", "says"),
    [("utf-16", "save it as UTF-8"), ("utf-16-be", "zero bytes"), ("cp1252", "Windows-1252"), ("utf-8-sig", "")],
)
def test_another_encoding_is_read_where_it_can_be_and_that_is_said(desk, folder, encoding, says):
    text = NO_DUE.replace("eu-west-1 failed", "Köln failed")
    (folder / "2026-05-14-checkout-latency.md").write_bytes(text.encode(encoding, "replace"))
    result = lint(desk, folder, "--json")
    assert says in result.err + result.out
    if "zero" not in says:
        assert [each["code"] for each in result.json["findings"]] == ["ACT003"]
        assert result.json["summary"]["fixable"] == 0


@pytest.mark.parametrize("shape", FORMATS)
def test_names_that_are_no_text_and_names_that_steer_a_terminal_are_shown_safely(desk, folder, shape):
    for name in (b"2026-05-15-\xff\xfe.md", b"2026-05-16-a\nb\x1b[31m.md", "2026-05-17-\u202egro.md".encode()):
        (folder / os.fsdecode(name)).write_text(NO_DUE, encoding="utf-8")
    for _ in range(2):
        result = lint(desk, folder, "--format", shape)
        assert result.code == 1
        assert "ACT003" in result.out
        assert not {"\x1b", "\u202e", "\udcff"} & set(result.out)
    lint(desk, folder, "--output-file", f"{shape}={folder}/report")
    assert b"ACT003" in (folder / "report").read_bytes()


def test_standard_input_in_another_encoding_is_read_as_a_file_is(desk):
    def run(data: bytes):
        words = [sys.executable, "-m", "incidentctl", "lint", "-", "-f", "concise"]
        environ = {**desk.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "LC_ALL": "C"}
        return subprocess.run(words, input=data, cwd=desk.path, env=environ, capture_output=True, check=False)

    text = NO_DUE.replace("eu-west-1 failed", "Köln failed")
    for encoding, says in (("utf-8", b""), ("utf-16", b"UTF-16"), ("cp1252", b"Windows-1252")):
        done = run(text.encode(encoding, "replace"))
        assert (done.returncode, b"-:59:7: error ACT003" in done.stdout, says in done.stderr) == (1, True, True)
    binary = run(bytes(range(256)))
    assert (binary.returncode, b"zero bytes" in binary.stdout) == (1, True)


def test_a_file_too_large_to_be_a_document_is_named(desk, folder):
    with (folder / "2026-05-15-large.md").open("wb") as stream:
        stream.truncate((64 << 20) + 1)
    assert "more than" in unreadable(lint(desk, folder, "--json"))["2026-05-15-large.md"]


# ------------------------------------------------------------------------------------------- markers of a merge

CONFLICT = "<<<<<<< HEAD\n- Revenue: 21,000 EUR.\n=======\n- Revenue: 12,000 EUR.\n>>>>>>> topic\n"


def with_conflict(text: str, conflict: str = CONFLICT) -> str:
    return text.replace("- Revenue: 21,000 EUR of orders were delayed, none was lost.\n", conflict)


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_markers_of_a_merge_are_an_error_at_their_line_at_any_status(desk, folder, newline):
    file = folder / "2026-05-14-checkout-latency.md"
    for status in ("final", "draft"):
        text = with_conflict(COMPLETE).replace("status: final", f"status: {status}")
        file.write_bytes(text.replace("\n", newline).encode())
        result = lint(desk, folder, "--select", "HDR002", "--json")
        assert result.code == 1
        (found,) = result.json["findings"]
        assert found["message"].startswith("the file holds conflict markers of a merge")
        place = text[: text.index("<<<<<<<")].count("\n") + 1
        assert (found["line"], found["column"], found["end_column"]) == (place, 1, 8)


@pytest.mark.parametrize(
    "conflict",
    [
        "```\n" + CONFLICT + "```\n",
        "> " + CONFLICT.replace("\n", "\n> ") + "\n",
        "A title\n=======\n",
        ">>>>>>> deep\n",
    ],
    ids=["code", "quotation", "an underlined heading", "nested quotation"],
)
def test_what_only_looks_like_markers_of_a_merge_is_none(desk, folder, conflict):
    file = folder / "2026-05-14-checkout-latency.md"
    file.write_text(with_conflict(COMPLETE, conflict), encoding="utf-8")
    assert lint(desk, folder, "--select", "HDR002", "--json").json["findings"] == []


@pytest.mark.parametrize("where", ["front matter", "body"])
def test_an_incident_file_with_markers_of_a_merge_is_told_so_once(desk, where):
    desk.now = NOW
    text = (
        INCIDENT.replace("severity: SEV1\n", "<<<<<<< a\nseverity: SEV1\n=======\nseverity: SEV2\n>>>>>>> b\n")
        if where == "front matter"
        else INCIDENT.replace("# Checkout latency\n", "# Checkout latency\n\n<<<<<<< a\nx\n=======\ny\n>>>>>>> b\n")
    )
    desk.write(INCIDENT_PATH, text)
    desk.write(PATH, COMPLETE)
    result = desk.ictl("lint", "--select", "HDR002", "--json")
    assert result.code == 1
    (found,) = result.json["findings"]
    assert found["line"] == text[: text.index("<<<<<<<")].count("\n") + 1
    assert "merge" in found["message"]
