"""No file makes the linter crash or hang: what it cannot read it names, and goes on with the rest."""

import json
import os
import subprocess
import sys
from math import isqrt
from pathlib import Path

import pytest

from tests.growth import assert_grows_linearly
from tests.lint.documents import COMPLETE, INCIDENT, INCIDENT_PATH, NOW, PATH

FORMATS = ("full", "concise", "json", "github", "gitlab", "sarif", "junit", "markdown")

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
    "megabytes of prose": lambda size: COMPLETE + "A sentence about the pool, and one more.\n\n" * 10 * size,
    "a line of megabytes": lambda size: COMPLETE.replace("The config pipeline", "word " * 125 * size),
    "megabytes without a space": lambda size: COMPLETE + "x" * 600 * size,
    "thousands of headings": lambda size: COMPLETE + "## Impact\n\nwords\n\n" * size,
    "thousands of levels of headings": lambda size: (
        COMPLETE + "".join(f"{'#' * (n % 6 + 1)} h{n}\n" for n in range(2 * size))
    ),
    "lists a thousand deep": lambda size: (
        COMPLETE + "".join(f"{' ' * (2 * n)}- item\n" for n in range(isqrt(125 * size)))
    ),
    "quotations thousands deep": lambda size: COMPLETE + "> " * size + "words\n" + ">" * 20 * size + "\n",
    "an open fence": lambda size: COMPLETE.replace("## Impact", "```\n## Impact") + "a\n" * 12 * size,
    "an open comment": lambda size: COMPLETE.replace("## Impact", "<!-- \n## Impact") + "<!--\n" * 10 * size,
    "emphasis without an end": lambda size: COMPLETE + "*a_ **b __c " * 10 * size + "\n",
    "brackets without an end": lambda size: COMPLETE + "[" * 20 * size + "](" * 10 * size + "\n",
    "backticks of every length": lambda size: COMPLETE + " ".join("`" * n for n in range(1, isqrt(300 * size))) + "\n",
    "a million spaces": lambda size: COMPLETE.replace("- [ ] Add", "- [ ] " + " " * 125 * size + "Add"),
    "a table of thousands of columns": lambda size: (
        COMPLETE + "|".join("a" * size) + "\n" + "|".join("-" * size) + "\n|x" * 999
    ),
    "a table of thousands of rows": lambda size: COMPLETE + "|a|b|\n|-|-|\n" + "|x\n" * size,
    "thousands of times": lambda size: COMPLETE.replace(
        "- 2026-05-14 10:48",
        "".join(f"- 2026-05-14 10:{n % 60:02} step\n" for n in range(2 * size)) + "- 2026-05-14 10:48",
    ),
    "thousands of action items": lambda size: COMPLETE + "- [ ] Add a thing — owner: @bob — due: 2026-06-15\n" * size,
    "thousands of suppressions": lambda size: COMPLETE + "<!-- incidentctl: ignore STR009 -- a -->\n" * size,
    "thousands of markers of a merge": lambda size: COMPLETE + "```\n<<<<<<< a\n```\n>>>>>>> b\n" * size,
    "front matter without an end": lambda size: "---\n" + "key: [a, b\n" * 2 * size,
    "front matter nested too deep": lambda size: "---\nkey: " + "[" * size + "\n---\n" + COMPLETE,
    "only line ends": lambda size: "\n" * 40 * size,
    "carriage returns alone": lambda size: COMPLETE.replace("\n", "\r") + "word\r" * 10 * size,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HUGE)
def test_a_hostile_document_is_linted_in_time_that_grows_as_its_size_does(desk, folder, name):
    """At eight thousand these are megabytes. Each of them is linted whole, or named as what cannot be read."""
    file = folder / "2026-05-15-hostile.md"

    def run(data: bytes) -> None:
        file.write_bytes(data)
        for words in (("--json", "--select", "ALL", "--preview"), ("--diff", "--unsafe-fixes", "--select", "ALL")):
            lint(desk, file, *words)

    assert_grows_linearly(lambda size: HUGE[name](size).encode(), run, 1_000)


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
