"""What people, chats and broken files hand in. Each: one clear sentence with the way out, the right exit code, nothing lost."""

import os
from pathlib import Path

import pytest

from tests.conftest import Desk, Result

GOOD = "2026-05-14-login-fails"
BAD = "2026-05-14-broken"
BAD_PATH = f"incidents/2026/05/{BAD}.md"


def fine(result: Result) -> Result:
    """No traceback, nothing that moves a cursor, no blank complaint."""
    for stream in (result.out, result.err):
        assert "Traceback" not in stream
        assert not any(sign in stream for sign in ("\x1b", "\x07", "\x00", "\r", "\u202e"))
    return result


# ------------------------------------------------------------------------------------------------------------ titles


@pytest.mark.parametrize(
    ("title", "slug", "kept"),
    [
        ("x" * 300, "x" * 59, "x" * 300),
        (" ".join(["word"] * 60), "-".join(["word"] * 12)[:59].rpartition("-")[0] + "-word", " ".join(["word"] * 60)),
        ("🔥🔥🔥", None, "🔥🔥🔥"),
        ("Ошибка оплаты", "oshibka-oplaty", "Ошибка оплаты"),
        ("決済が失敗する", None, "決済が失敗する"),
        ("a/b/../../etc/passwd", "a-b-etc-passwd", "a/b/../../etc/passwd"),
        ("..", "incident", ".."),
        ("two\nlines", "two-lines", "two lines"),
        ("[red]db[/red] down", "red-db-red-down", "[red]db[/red] down"),
        ("\x1b[31mred\x1b[0m \x07bell", "31mred-0m-bell", "␛[31mred␛[0m ␇bell"),
        ("-rf everything", "rf-everything", "-rf everything"),
        ('"quoted": {yaml} #comment', "quoted-yaml-comment", '"quoted": {yaml} #comment'),
        ("NO", "no", "NO"),
        ("2026-05-14", "2026-05-14", "2026-05-14"),
        ("null", "null", "null"),
        ("@bob & co.", "bob-co", "@bob & co."),
        ("a\u202eb\u2066c", "abc", "a\ufffdb\ufffdc"),
        ("nul\x00byte \x7f", "nul-byte", "nul␀byte ␡"),
    ],
)
def test_a_title_of_any_kind_opens_an_incident_and_reads_back(
    desk: Desk, title: str, slug: str | None, kept: str
) -> None:
    opened = fine(desk.ok("open", "-s", "2", "--", title))
    data = fine(desk.ok("show", "--json")).json["incident"]
    assert data["title"] == kept
    name = data["id"].removeprefix("2026-05-14-")
    assert name.isascii()
    assert 1 <= len(name) <= 59
    if slug is not None and len(title) < 250:
        assert name.replace("-", "") == slug.replace("-", "")
    assert desk.files() == [f"incidents/2026/05/2026-05-14-{name}.md"]
    assert f"#incident-2026-05-14-{name}" in opened.out
    for words in (("show",), ("list",), ("timeline",), ("note", "x")):
        fine(desk.ok(*words))
    fine(desk.ok("list", typed=""))


def test_a_title_that_begins_with_a_dash_is_refused_with_the_way_out(desk: Desk) -> None:
    result = fine(desk.ictl("open", "-rf everything"))
    assert result.code == 2
    assert "text that begins with a dash goes behind `--`, as in: ictl open -- TEXT" in result.err


@pytest.mark.parametrize("title", ["", "   ", "\n\t"])
def test_an_empty_title_is_refused(desk: Desk, title: str) -> None:
    result = fine(desk.ictl("open", title, "-s", "2"))
    assert result.code == 2
    assert result.err.startswith("the text is missing")


@pytest.mark.parametrize("slug", ["../../etc", "🔥", "UPPER case", "-", "a" * 200])
def test_a_slug_of_any_kind_stays_in_its_folder(desk: Desk, slug: str) -> None:
    desk.ok("open", "Secret", "-s", "2", f"--slug={slug}")
    (name,) = desk.files()
    assert name.startswith("incidents/2026/05/2026-05-14-")
    assert "secret" not in name or slug == "-"


# ------------------------------------------------------------------------------------------------------------- texts


TEXTS = (
    "- 2026-05-14T10:00:00Z **Resolved** fake — @mallory <!-- e:000000 -->",
    "**Mitigated** not really",
    "**Severity** SEV2 → SEV4: fake",
    "a comment <!-- e:00abcd --> in the middle",
    "<!-- never closed",
    "-->",
    "```\ncode that is never closed",
    "```\ncode\n```\nand more",
    "# heading",
    "## Timeline",
    "text\n## Timeline\n- 2026-05-14T10:00:00Z **Resolved** fake",
    "---\nstatus: resolved\n---",
    "it was (recorded 2026-05-14T09:00:00Z)",
    "(by hand, uncommitted)",
    "he said so — @x",
    "he said so — @x (noted by @y) (agent)",
    "**Redacted** secret",
    "back\\slash and \\*stars\\*",
    "trailing backslash \\",
    "tab\tand   spaces",
    "<script>alert(1)</script> &amp;",
    "[db] [red]x[/red] {yaml: [",
    "  - Impact: fake",
    "line\r\nwindows\rmac\u2028sep",
    "<<<<<<< HEAD\n=======\n>>>>>>> x",
    "🔥 決済 Ошибка",
    "e:00abcd",
)


@pytest.mark.parametrize("verb", ["note", "mitigate", "update"])
def test_a_text_that_looks_like_the_record_is_kept_as_a_text(desk: Desk, verb: str) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    for text in TEXTS:
        fine(desk.ok(verb, "2026-05-14-checkout-latency", "-m", text))
        data = desk.ok("show", "checkout", "--json").json
        last = data["timeline"][-1]
        kept = last["details"]["actions"] if verb == "update" else last["text"]
        assert kept == text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").strip("\n \t")
        assert data["faults"] == []
        assert last["by"] == "ann"
    assert data["incident"]["status"] == ("mitigated" if verb == "mitigate" else "investigating")
    assert len(data["timeline"]) == len(TEXTS) + 1
    for words in (("show",), ("timeline",), ("list",), ("search", "fake")):
        fine(desk.ok(*words))


def test_a_text_of_a_hundred_thousand_characters_is_kept_and_one_of_two_million_is_refused(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.ok("note", "-m", "-", stdin="word " * 20_000)
    assert len(desk.ok("show", "--json").json["timeline"][-1]["text"]) == 99_999
    result = fine(desk.ictl("note", "-m", "-", stdin="x" * 2_000_000))
    assert result.code == 2
    assert result.err == "standard input is longer than a million characters: link to it instead, or keep a part\n"


@pytest.mark.parametrize(
    "options",
    [
        ("--service", "a, [b]: #c"),
        ("--tag", "--- x"),
        ("--team", "@bob: {"),
        ("--bridge", "https://x/?a=b#c"),
        ("--external-id", "'\"\\"),
        ("--summary", "- 2026-05-14T10:00:00Z **Resolved** fake"),
    ],
)
def test_options_of_any_kind_read_back(desk: Desk, options: tuple[str, str]) -> None:
    fine(desk.ok("open", "Checkout latency", "-s", "2", *options))
    data = desk.ok("show", "--json").json
    assert data["faults"] == []
    assert data["incident"]["status"] == "investigating"
    if options[0] in ("--team", "--bridge"):
        assert data["incident"][options[0][2:]] == options[1]
    if options[0] == "--external-id":
        assert data["incident"]["external_id"] == options[1]


# ------------------------------------------------------------------------------------------------------------- files


@pytest.fixture
def among_good_ones(desk: Desk) -> Desk:
    """A good incident, and one whose file a test breaks."""
    desk.ok("open", "Broken", "-s", "2")
    desk.ok("note", "the words that must not be lost")
    desk.ok("open", "Login fails", "-s", "2")
    desk.wait(5)
    return desk


def _conflict(text: str) -> bytes:
    return text.replace("title: Broken", "<<<<<<< HEAD\ntitle: A\n=======\ntitle: B\n>>>>>>> theirs").encode()


BROKEN = {
    "conflict markers in the front matter": _conflict,
    "conflict markers in the timeline": lambda text: (text + "<<<<<<< HEAD\n- x\n=======\n>>>>>>> t\n").encode(),
    "broken YAML": lambda text: text.replace("title: Broken", "title: [").encode(),
    "tabs in YAML": lambda text: text.replace("title: Broken", "title:\n\t- x").encode(),
    "duplicate keys": lambda text: text.replace("title: Broken", "title: Broken\ntitle: Twice").encode(),
    "no end of the front matter": lambda text: text.replace("\n---\n\n", "\n\n").encode(),
    "no front matter": lambda text: b"# just words\n",
    "invalid UTF-8": lambda text: text.replace("Broken", "Br\udcff\udcfeken").encode("utf-8", "surrogateescape"),
    "UTF-16": lambda text: text.encode("utf-16"),
    "zero bytes in it": lambda text: text.encode() + b"\x00\x00\x01",
    "zero bytes long": lambda text: b"",
    "a binary": lambda text: bytes(range(256)) * 20,
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_file_is_named_among_the_good_ones_and_still_takes_a_note(among_good_ones: Desk, fault: str) -> None:
    desk = among_good_ones
    broken = BROKEN[fault](desk.text(BAD_PATH))
    Path(desk.path, BAD_PATH).write_bytes(broken)

    listed = fine(desk.ictl("list"))
    data = desk.ictl("list", "--json")
    assert GOOD in listed.out
    if listed.code == 1:
        assert listed.err.startswith(f"{BAD_PATH}:")
        assert listed.err.count("\n") == 1
        assert [each["path"] for each in data.json["unreadable"]] == [BAD_PATH]
        assert data.json["unreadable"][0]["line"] >= 1
    assert data.code == listed.code

    shown = fine(desk.ictl("show", "broken"))
    assert shown.code == listed.code
    if shown.code == 1:
        assert shown.err.startswith(f"warning: {BAD_PATH}:")
        assert shown.err.endswith(f"what can be read is shown; to mend the file: ictl edit {BAD}\n")

    noted = fine(desk.ictl("note", "-i", BAD, "a word in need"))
    assert noted.code in (0, 7), noted.err
    after = Path(desk.path, BAD_PATH).read_bytes()
    assert b"a word in need" in after
    assert desk.git("log", "-1", "--format=%s").strip() == "broken: noted"
    for line in broken.splitlines():
        assert line in after
    assert desk.ok("note", "-i", GOOD, "all is well here").err == ""


def test_a_broken_file_is_found_by_a_part_of_its_name(among_good_ones: Desk) -> None:
    desk = among_good_ones
    desk.write(BAD_PATH, desk.text(BAD_PATH).replace("title: Broken", "title: ["))
    fine(desk.ok("note", "-i", "brok", "a word in need"))
    assert "a word in need" in desk.text(BAD_PATH)


def test_a_file_of_50_mb_is_named_and_not_read(among_good_ones: Desk) -> None:
    desk = among_good_ones
    with Path(desk.path, BAD_PATH).open("ab") as file:
        file.truncate(50 * 1024 * 1024)
    listed = fine(desk.ictl("list"))
    assert listed.code == 1
    assert listed.err.startswith(f"{BAD_PATH}:1: not read: {BAD_PATH} has 52,428,800 bytes")
    for words, code in ((("show", BAD), 4), (("timeline", "broken"), 4), (("note", "-i", BAD, "x"), 7)):
        result = fine(desk.ictl(*words))
        assert result.code in (2, code), "a note is saved all the same"
        assert "52,428,800 bytes" in result.err
        assert result.err.count("\n") == 1
    assert "saved earlier still wait" in desk.ok("note", "-i", GOOD, "all is well here").err


def test_a_file_that_may_not_be_read_is_named(among_good_ones: Desk) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    desk = among_good_ones
    Path(desk.path, BAD_PATH).chmod(0)
    listed = fine(desk.ictl("list"))
    assert (listed.code, GOOD in listed.out) == (1, True)


def test_a_link_in_the_place_of_a_file_is_named_and_not_followed(among_good_ones: Desk) -> None:
    desk = among_good_ones
    secret = desk.path.parent / "secret.md"
    secret.write_text("secret words")
    Path(desk.path, BAD_PATH).unlink()
    Path(desk.path, BAD_PATH).symlink_to(secret)
    for words in (("list",), ("show", BAD), ("note", "-i", BAD, "x")):
        result = fine(desk.ictl(*words))
        assert result.code != 0
        assert "secret words" not in result.out + result.err
        assert "symbolic link" in result.err
    assert secret.read_text() == "secret words"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("incidents/2026/05/notes.md", "its name is no incident's"),
        ("incidents/2025/01/2026-05-14-elsewhere.md", "move it to incidents/2026/05/2026-05-14-elsewhere.md"),
    ],
)
def test_a_file_in_the_wrong_place_is_named_with_the_right_one(among_good_ones: Desk, name: str, message: str) -> None:
    among_good_ones.write(name, "---\ntitle: x\n---\n")
    result = fine(among_good_ones.ictl("list"))
    assert result.code == 1
    assert message in result.err


def test_settings_that_are_broken_never_stop_a_word(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.write("incidentctl.toml", '[store]\nbranch = "main"\nfoldr = "x"\n[time]\nzone = 5\n[[[\n')
    result = fine(desk.ictl("note", "a word in need"))
    assert result.code in (0, 7)
    assert result.err.startswith("warning: incidentctl.toml:")
    assert "a word in need" in desk.text()
