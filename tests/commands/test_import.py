"""`import`: another tool's incidents, or an export's, in one commit or not at all; each bad row is named."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.commands.test_secrets import KEY
from tests.conftest import SETTINGS, Desk, Result

CSV = """\
Number;Name;Priority;Created;Mitigated;Resolved;State
37;Checkout slow;Blocker;14/05/2025 12:05;14/05/2025 12:48;14/05/2025 14:10;Done
38;Login down;P2;15/05/2025 09:00;;15/05/2025 11:10;Done
39;Not ours;P3;16/05/2025 12:05;;;No problem
"""

MAPPING = """
[import]
source = "pager"
zone = "Europe/Berlin"
date_format = "%d/%m/%Y %H:%M"

[import.columns]
external_id = "Number"
title = "Name"
severity = "Priority"
declared_at = "Created"
detected_at = "Created"
mitigated_at = "Mitigated"
resolved_at = "Resolved"
status = "State"

[import.severities]
"blocker" = "SEV1"

[import.statuses]
"Done" = "resolved"
"No problem" = "false_alarm"
"""

PLAIN = "title,declared_at,external_id\nOne,2025-05-14T10:00:00Z,1\nTwo,2025-05-15T10:00:00Z,2\n"


@pytest.fixture
def mapped(desk: Desk) -> Desk:
    """A repository whose settings know the other tool."""
    desk.write("incidentctl.toml", SETTINGS + MAPPING)
    desk.git("commit", "--quiet", "-am", "mapping")
    return desk


def given(desk: Desk, text: str | bytes, name: str = "pager.csv") -> str:
    """A file beside the repository."""
    path = desk.path.parent / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


def stems(desk: Desk) -> list[str]:
    """The ids of the incidents in the work tree."""
    return sorted(Path(name).stem for name in desk.files())


def refused(desk: Desk, text: str | bytes, *words: str, name: str = "x.csv") -> str:
    """What is said of a file of which nothing is taken; and that nothing was written."""
    before, place = desk.git("rev-parse", "HEAD"), given(desk, text, name)
    result = desk.ictl("import", place, *words)
    assert result.code == 2, result.out + result.err
    assert desk.git("rev-parse", "HEAD") == before
    assert desk.git("status", "--porcelain") == ""
    assert "Traceback" not in result.err
    return result.err.replace(f"{place}", name)


# ------------------------------------------------------------------------------------------------------ another tool


def test_the_table_of_another_tool_becomes_incidents_in_one_commit(mapped: Desk) -> None:
    result = mapped.ok("import", given(mapped, CSV))
    assert result.out == "imported 3 incidents, 7 transitions, 0 action items from pager\n"
    assert mapped.subjects()[0] == "3 incidents: imported from pager"
    assert len(mapped.subjects()) == 3
    assert stems(mapped) == [
        "2025-05-14-checkout-slow",
        "2025-05-15-login-down",
        "2025-05-16-not-ours",
    ]
    assert mapped.git("status", "--porcelain") == ""
    text = mapped.text("incidents/2025/05/2025-05-14-checkout-slow.md")
    assert text == (
        "---\nid: 2025-05-14-checkout-slow\ntitle: Checkout slow\nseverity: SEV1\nstatus: resolved\n"
        "detected_at: 2025-05-14T10:05:00Z\ndeclared_at: 2025-05-14T10:05:00Z\nmitigated_at: 2025-05-14T10:48:00Z\n"
        'resolved_at: 2025-05-14T12:10:00Z\nexternal_id: "37"\nsource: pager\n---\n\n# Checkout slow\n\n## Timeline\n\n'
        "- 2025-05-14T10:05:00Z **Opened** SEV1, detected 2025-05-14T10:05:00Z — @import (agent) <!-- e:00qgpe -->\n"
        "- 2025-05-14T10:48:00Z **Mitigated** — @import (agent) <!-- e:00s7ys -->\n"
        "- 2025-05-14T12:10:00Z **Resolved** — @import (agent) <!-- e:00hndb -->\n"
    )


def test_what_was_imported_is_read_like_any_other_and_clean_for_lint_and_verify(mapped: Desk) -> None:
    mapped.ok("import", given(mapped, CSV))
    rows = {each["id"]: each for each in mapped.ok("list", "--json").json["incidents"]}
    assert rows["2025-05-15-login-down"]["status"] == "resolved"
    assert rows["2025-05-16-not-ours"]["cancel_reason"] == "false_alarm"
    assert mapped.ictl("lint").code == 0
    assert "nothing changed after the fact" in mapped.ok("verify").out
    mapped.ok("note", "2025-05-15-login-down", "found the old ticket")
    assert "found the old ticket" in mapped.text("incidents/2025/05/2025-05-15-login-down.md")


def test_importing_it_again_changes_nothing(mapped: Desk) -> None:
    mapped.ok("import", given(mapped, CSV))
    before = mapped.git("rev-parse", "HEAD")
    result = mapped.ok("import", given(mapped, CSV, "renamed.csv"))
    assert result.out == "already there: 3\n"
    assert mapped.git("rev-parse", "HEAD") == before
    result = mapped.ok("import", given(mapped, CSV + "40;New one;P2;17/05/2025 09:00;;17/05/2025 10:00;Done\n"))
    assert result.out.startswith("imported 1 incident, 2 transitions, 0 action items from pager\nalready there: 3")


def test_a_row_that_changed_leaves_the_word_of_the_record_and_is_said(mapped: Desk) -> None:
    mapped.ok("import", given(mapped, CSV))
    place = given(mapped, CSV.replace("Blocker", "P2"))
    result = mapped.ok("import", place)
    assert f"differs: {place}:2: 2025-05-14-checkout-slow: severity is SEV1 here, and SEV2 there" in result.err
    assert "severity: SEV1" in mapped.text("incidents/2025/05/2025-05-14-checkout-slow.md")


def test_a_dry_run_shows_what_would_be_made_and_writes_nothing(mapped: Desk) -> None:
    before = mapped.git("rev-parse", "HEAD")
    result = mapped.ok("import", given(mapped, CSV), "--dry-run")
    assert "SEV1  resolved  incidents/2025/05/2025-05-14-checkout-slow.md  Checkout slow" in result.out
    assert "would import 3 incidents" in result.out
    assert mapped.git("rev-parse", "HEAD") == before
    assert mapped.git("status", "--porcelain") == ""
    assert mapped.ok("import", given(mapped, CSV), "--dry-run", "--json").json["dry_run"] is True


def test_columns_are_mapped_on_the_command_line_too(desk: Desk) -> None:
    text = "Name,Opened at,Why\nCheckout slow,2025-05-14T10:00:00Z,x\n"
    result = desk.ok("import", given(desk, text), "--map", "title=Name", "--map", "declared_at=opened AT")
    assert "columns that were not read: Why" in result.err
    assert desk.files() == ["incidents/2025/05/2025-05-14-checkout-slow.md"]
    assert "did you mean title?" in refused(desk, text, "--map", "titel=Name")
    assert "did you mean 'Name'?" in refused(desk, text, "--map", "title=Nme")


def test_days_without_a_clock_are_estimates(desk: Desk) -> None:
    text = "title,declared_at,resolved_at\nX,14/05/2025,15/05/2025\n"
    desk.ok("import", given(desk, text), "--date-format", "%d/%m/%Y", "--tz", "UTC")
    assert "estimated: [declared_at, resolved_at]" in desk.text()


def test_the_same_name_on_the_same_day_gets_a_number(desk: Desk) -> None:
    text = "title,declared_at,external_id\nX,2025-05-14T10:00:00Z,1\nX,2025-05-14T11:00:00Z,2\n"
    desk.ok("import", given(desk, text))
    assert stems(desk) == ["2025-05-14-x", "2025-05-14-x-2"]


def test_rows_without_an_id_are_known_by_day_and_title(desk: Desk) -> None:
    text = "title,declared_at\nX,2025-05-14T10:00:00Z\n"
    desk.ok("import", given(desk, text))
    assert desk.ok("import", given(desk, text)).out == "already there: 1\n"


def test_people_are_known_by_mail_name_or_words(desk: Desk) -> None:
    desk.write("incidentctl.toml", SETTINGS + '[people]\n"a@example.org" = { handle = "ann", name = "Ann Roe" }\n')
    text = (
        "title,declared_at,commander,opened_by\nA,2025-05-14T10:00:00Z,Ann Roe,A@example.org\n"
        "B,2025-05-15T10:00:00Z,Bob B. Roe,@ann\n"
    )
    desk.ok("import", given(desk, text))
    a, b = (desk.text(name) for name in desk.files())
    assert "commander: ann" in a
    assert "**Opened** SEV2, unconfirmed — @ann <!--" in a
    assert "commander: bob.b.roe" in b


def test_action_items_go_into_a_post_mortem(desk: Desk) -> None:
    folder = desk.path.parent / "tables"
    folder.mkdir()
    (folder / "incidents.csv").write_text(
        "external_id,title,declared_at,postmortem_published_at,root_cause,postmortem_url\n"
        "7,X,2025-05-14T10:00:00Z,2025-05-20T10:00:00Z,pool,https://wiki.example.org/7\n"
    )
    (folder / "action_items.csv").write_text(
        "incident,text,owners,due,done_on\n7,Add a canary,'@bob,2025-06-01,2025-05-30\n7,Alert,'@ann,2025-06-02,\n"
    )
    desk.ok("import", str(folder))
    text = desk.text("postmortems/2025/05/2025-05-14-x.md")
    assert "status: final" in text
    assert "published_at: 2025-05-20T10:00:00Z" in text
    assert "root_cause: pool" in text
    assert "Imported from tables: <https://wiki.example.org/7>." in text
    assert "- [x] Add a canary — owner: @bob — due: 2025-06-01 — done: 2025-05-30 <!-- a:" in text
    assert "- [ ] Alert — owner: @ann — due: 2025-06-02 <!-- a:" in text
    assert desk.ictl("lint").code == 0
    assert len(desk.ok("action", "list", "--all", "--json").json["items"]) == 2


# ----------------------------------------------------------------------------------------------------------- figures


def test_when_a_commander_began_is_not_known_and_in_no_figure(desk: Desk) -> None:
    desk.ok("import", given(desk, "title,declared_at,severity,commander\nX,2025-05-14T10:00:00Z,1,ann\n"))
    process = desk.ok("stats", "report", "--json").json["process"]
    assert (process["to_commander"]["n"], process["to_commander"]["without"]) == (0, [])


def test_whether_an_item_was_dropped_before_publication_is_told_by_the_days(desk: Desk) -> None:
    folder = desk.path.parent / "tables"
    folder.mkdir()
    (folder / "incidents.csv").write_text(
        "external_id,title,declared_at,postmortem_published_at\n7,X,2025-05-14T10:00:00Z,2025-05-20T10:00:00Z\n"
    )
    (folder / "action_items.csv").write_text(
        "incident,text,owners,due,dropped_on\n7,Before,@a,2025-06-01,2025-05-19\n7,After,@a,2025-06-01,2025-05-21\n"
    )
    desk.ok("import", str(folder))
    items = desk.ok("stats", "report", "--json").json["action_items"]
    assert (items["dropped_before"], items["dropped_after"], items["due"]) == (1, 1, 1)


def test_an_imported_incident_is_in_the_durations_and_not_in_the_recording_lag(mapped: Desk) -> None:
    mapped.ok("import", given(mapped, CSV))
    report = mapped.ok("stats", "report", "--json").json
    assert (report["metrics"]["mttm"]["n"], report["metrics"]["mttr"]["median"]) == (1, 7650)
    assert report["data_quality"]["imported"] == 2
    assert report["data_quality"]["recording_lag"]["n"] == 0


# --------------------------------------------------------------------------------------------------------- bad input


BAD = [
    ("", (), "is empty"),
    ("  \n\n", (), "is empty"),
    ("a,b\n1,2\n", (), "has no column for title and declared_at; it has 'a', 'b'"),
    (
        "title,declared_at\nX,2025-05-14 10:00\n",
        (),
        "x.csv:2: declared_at has no time zone: '2025-05-14 10:00' (say in",
    ),
    (
        "title,declared_at\nX,2025-10-26 02:30\n",
        ("--tz", "Europe/Berlin"),
        "is in doubt: 02:30 on 26 Oct 2025 is ambiguous",
    ),
    ("title,declared_at\nX,soon\n", (), "x.csv:2: declared_at is no time: 'soon'"),
    ("title,declared_at\nX,=NOW()\n", (), "declared_at is a formula"),
    ("title,declared_at\nX,2027-05-14T10:00:00Z\n", (), "is not past"),
    ("title,declared_at\nX,0025-05-14T10:00:00Z\n", (), "is in the year 25"),
    ("title,declared_at\n,2025-05-14T10:00:00Z\n", (), "x.csv:2: title is empty"),
    ("title,declared_at\nX\n", (), "x.csv:2: has 1 cell, and the header has 2"),
    ('title,declared_at\nA,2025-05-14T10:00:00Z\n"X,2025', (), "x.csv:3: unexpected end of data"),
    (
        "title,declared_at,severity\nX,2025-05-14T10:00:00Z,P9\n",
        (),
        "x.csv:2: severity is 'P9', which is not on the scale",
    ),
    ("title,declared_at,status\nX,2025-05-14T10:00:00Z,Fixed\n", (), "x.csv:2: status must be one of"),
    ("title,declared_at\nX\0Y,2025-05-14T10:00:00Z\n", (), "x.csv:2: title holds NUL bytes"),
    (PLAIN.replace(",2\n", ",1\n"), (), "x.csv:3: external_id '1' is in x.csv:2 already"),
    ("title,declared_at\nCafé,x\n".encode("latin-1"), (), "x.csv:2: byte 0xE9 is not UTF-8: say how it is encoded"),
    (
        PLAIN.encode("utf-16-le"),
        (),
        "looks like UTF-16, and does not say so at its beginning: say it: --encoding utf-16-le",
    ),
    (PLAIN, ("--encoding", "klingon"), "there is no encoding 'klingon'"),
    (PLAIN, ("--tz", "Mars/Olympus"), "there is no time zone"),
    (PLAIN, ("--map", "title"), "--map takes OURS=THEIRS"),
    (PLAIN, ("--delimiter", ";;"), "--delimiter is one sign"),
    (PLAIN, ("--date-format", "soon"), "--date-format must be a form of dates"),
    ("[1]", (), "is a JSON list"),
    ('{"type": "incident", "title": "X"}\n', (), "x.csv:1: declared_at is empty"),
    (
        '{"type": "incident", "title": "X", "declared_at": "2025-05-14T10:00:00Z", "nope": 1}\n',
        (),
        "'nope' is no column",
    ),
    ('{"type": "wish"}\n', (), "x.csv:1: type is 'wish'"),
    ('{"type": "incident", "schema_version": 9}\n', (), "x.csv:1: schema_version is '9'"),
    ('{"type": "incident", "ti', (), "x.csv:1: is cut off, or no JSON"),
    ('{"a":' * 5000 + "1" + "}" * 5000, (), "x.csv:1: is nested too deeply"),
    ("incident,at,kind\nnobody,2025-05-14T10:00:00Z,note\n", (), "x.csv:2: incident 'nobody' is none of the incidents"),
    (b"PK\x03\x04...", (), "is a spreadsheet's own file: save the table as CSV"),
]


@pytest.mark.parametrize(("text", "words", "said"), BAD, ids=[said[:50] for _, _, said in BAD])
def test_what_cannot_be_read_is_named_with_row_and_column_and_nothing_is_written(
    desk: Desk, text: str | bytes, words: tuple[str, ...], said: str
) -> None:
    assert said in refused(desk, text, *words)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_file_that_says_its_encoding_is_read(desk: Desk, encoding: str) -> None:
    desk.ok("import", given(desk, PLAIN.encode(encoding)))
    assert len(desk.files()) == 2


def test_a_file_is_read_in_the_encoding_that_was_said(desk: Desk) -> None:
    desk.ok(
        "import", given(desk, "title,declared_at\nCafé,2025-05-14T10:00:00Z\n".encode("cp1252")), "--encoding", "cp1252"
    )
    assert "title: Café" in desk.text()


def test_bad_rows_are_left_out_where_that_is_asked_and_named(desk: Desk) -> None:
    place = given(desk, PLAIN + "Three,never,3\n")
    result = desk.ok("import", place, "--skip-bad")
    assert "imported 2 incidents" in result.out
    assert f"left out: {place}:4: declared_at is no time: 'never'" in result.err
    left = desk.ok("import", place, "--skip-bad", "--json").json["left_out"]
    assert [(each["line"], each["column"]) for each in left] == [(4, "declared_at")]


def test_an_incident_of_which_a_row_is_bad_is_left_out_whole(desk: Desk) -> None:
    folder = desk.path.parent / "tables"
    folder.mkdir()
    (folder / "incidents.csv").write_text(PLAIN)
    (folder / "transitions.csv").write_text(
        "incident,at,kind\n1,2025-05-14T10:00:00Z,mitigated\n1,never,resolved\n2,2025-05-15T11:00:00Z,resolved\n"
    )
    assert desk.ictl("import", str(folder)).code == 2
    result = desk.ok("import", str(folder), "--skip-bad")
    assert (
        "incidents.csv:2: one of its transitions or action items cannot be read, so all of it is left out" in result.err
    )
    assert stems(desk) == ["2025-05-15-two"]


def test_the_same_doubt_of_many_rows_is_said_once(desk: Desk) -> None:
    place = given(desk, PLAIN)
    said = [line for line in desk.ok("import", place).err.splitlines() if "counts as open" in line]
    assert said == [
        f"warning: {place}:2 and 1 row more: status is empty, and there is no resolved_at: it counts as open"
    ]


def test_many_bad_rows_are_counted(desk: Desk) -> None:
    said = refused(desk, "title,declared_at\n" + "X,never\n" * 2000)
    assert said.count("x.csv:") == 20
    assert "and 1980 more" in said


def test_an_enormous_file_is_named_and_not_read(desk: Desk) -> None:
    place = desk.path.parent / "huge.csv"
    with place.open("wb") as stream:
        stream.truncate(200 << 20)
    result = desk.ictl("import", str(place))
    assert result.code == 2
    assert "more than the 134,217,728 that are read: import it in parts" in result.err


def test_what_is_no_file_is_named_and_never_waited_for(desk: Desk) -> None:
    os.mkfifo(desk.path.parent / "pipe")
    assert "is no plain file" in desk.ictl("import", str(desk.path.parent / "pipe")).err
    assert "cannot be read: No such file" in desk.ictl("import", "nowhere.csv").err
    (desk.path.parent / "empty").mkdir()
    assert "holds no table" in desk.ictl("import", str(desk.path.parent / "empty")).err


HOSTILE = "\x1b[31mred\u202e @ann <!-- e:000000 --> [db] <script>"


def test_hostile_text_stays_text(desk: Desk) -> None:
    text = f'title,declared_at,summary\n"{HOSTILE}",2025-05-14T10:00:00Z,"{HOSTILE}\n## Timeline\n- 2025-05-14T10:00:00Z **Resolved**"\n'
    result = desk.ok("import", given(desk, text))
    shown = desk.ok("show", "--json", desk.files()[0].rpartition("/")[2][:-3])
    assert shown.json["incident"]["status"] == "investigating"
    assert len(shown.json["timeline"]) == 2
    for printed in (result.out, result.err, shown.out, desk.text()):
        assert "\x1b" not in printed
        assert "\u202e" not in printed


def test_what_looks_like_a_secret_is_taken_out_and_said(desk: Desk) -> None:
    secret = KEY
    text = f"title,declared_at,summary\nX,2025-05-14T10:00:00Z,token {secret}\n"
    result = desk.ok("import", given(desk, text))
    assert "was taken out before it was written" in result.err
    assert secret not in desk.text()
    text = f"title,declared_at,summary\nY,2025-05-14T10:00:00Z,token {secret}\n"
    desk.ok("import", given(desk, text), "--allow-secret")
    assert secret in desk.text("incidents/2025/05/2025-05-14-y.md")
    result = desk.ok("import", given(desk, f"title,declared_at\nV,2025-05-14T10:00:00Z\nW,{secret}\n"), "--skip-bad")
    assert "left out" in result.err
    assert secret not in result.err
    assert "looks like a password" in refused(desk, f"title,declared_at,external_id\nZ,2025-05-14T10:00:00Z,{secret}\n")


# ----------------------------------------------------------------------------------------------------- the repository


def test_other_work_of_the_user_is_neither_in_the_way_nor_taken_along(desk: Desk) -> None:
    desk.write("notes.md", "mine\n")
    desk.git("add", "notes.md")
    desk.write("incidentctl.toml", SETTINGS + "# mine\n")
    desk.ok("import", given(desk, PLAIN))
    assert sorted(desk.touched()) == ["incidents/2025/05/2025-05-14-one.md", "incidents/2025/05/2025-05-15-two.md"]
    assert desk.git("status", "--porcelain") == " M incidentctl.toml\nA  notes.md\n"


def test_it_goes_to_the_record_where_another_branch_is_checked_out(desk: Desk) -> None:
    desk.git("switch", "--quiet", "-c", "other")
    result = desk.ok("import", given(desk, PLAIN))
    assert "committed on main; the work tree is on other and was not touched" in result.err
    assert desk.files() == []
    assert desk.git("log", "-1", "--format=%s", "main").strip() == "2 incidents: imported from pager"


def test_a_commit_that_is_refused_leaves_nothing_behind_and_says_why(desk: Desk) -> None:
    hook = desk.path / ".git" / "hooks" / "pre-commit"
    hook.write_text("#!/bin/sh\necho not today\nexit 1\n")
    hook.chmod(0o755)
    desk.write("incidentctl.toml", SETTINGS + '[commit]\nhooks = "always"\n')
    desk.git("commit", "--quiet", "--no-verify", "-am", "hooks")
    result = desk.ictl("import", given(desk, PLAIN))
    assert result.code == 4
    assert "nothing was imported: the pre-commit hook refused: not today" in result.err
    assert "then import it again" in result.err
    assert desk.git("status", "--porcelain") == ""
    assert desk.files() == []
    hook.unlink()
    assert "imported 2 incidents" in desk.ok("import", given(desk, PLAIN)).out


def test_in_the_middle_of_a_rebase_nothing_is_imported(desk: Desk) -> None:
    (desk.path / ".git" / "rebase-merge").mkdir()
    result = desk.ictl("import", given(desk, PLAIN))
    assert result.code == 4
    assert "nothing was imported: a rebase is in progress" in result.err


def test_what_an_import_that_was_killed_had_written_is_taken_along(desk: Desk) -> None:
    desk.ok("import", given(desk, PLAIN))
    texts = {name: desk.text(name) for name in desk.files()}
    desk.git("reset", "--quiet", "--hard", "HEAD~1")
    for name, text in texts.items():
        desk.write(name, text)
    assert "imported 2 incidents" in desk.ok("import", given(desk, PLAIN)).out
    assert desk.git("status", "--porcelain") == ""


def test_two_clones_that_import_the_same_file_agree(desk: Desk, tmp_path: Path) -> None:
    place = given(desk, PLAIN)
    subprocess.run(["git", "init", "--quiet", "--bare", str(tmp_path / "hub.git")], check=True, env=desk.environ)
    desk.git("remote", "add", "origin", str(tmp_path / "hub.git"))
    desk.git("push", "--quiet", "-u", "origin", "main")
    desk.git("clone", "--quiet", str(tmp_path / "hub.git"), str(tmp_path / "other"))
    other = Desk(tmp_path / "other", desk.environ)
    other.git("config", "merge.incidentctl.driver", "incidentctl merge-driver %O %A %B %P")
    desk.ok("import", place)
    desk.ok("sync")
    other.ok("import", place)
    assert other.ictl("sync").code == 0
    assert len(other.files()) == 2
    assert desk.ok("import", place).out == "already there: 2\n"


def test_an_older_incident_of_that_name_is_another_one(desk: Desk) -> None:
    desk.ok("open", "One", "-s", "2", "--at", "2025-05-14T08:00Z")
    desk.ok("import", given(desk, PLAIN))
    assert stems(desk) == ["2025-05-14-one", "2025-05-14-one-2", "2025-05-15-two"]


def test_an_incident_that_was_opened_with_that_id_elsewhere_is_the_same(desk: Desk) -> None:
    desk.ok("open", "First", "-s", "2", "--external-id", "1")
    result = desk.ok("import", given(desk, PLAIN))
    assert "already there: 1" in result.out
    assert len(desk.files()) == 2


def test_standard_input_is_a_file_too(desk: Desk) -> None:
    result: Result = desk.ok("import", "-", "--source", "pipe", stdin=PLAIN)
    assert "from pipe" in result.out
    assert "source: pipe" in desk.text()
