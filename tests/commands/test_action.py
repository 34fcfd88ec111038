"""The commands on action items, as a user runs them: add, list, done, drop, set, sync."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.conftest import Desk, Result, new_desk

ID = "2026-05-14-checkout-latency"
PATH = f"postmortems/2026/05/{ID}.md"
HEAD = f"---\nincident: {ID}\nstatus: draft\n---\n\n# Checkout latency\n\n## Summary\n\nSlow.\n\n"
ITEMS = (
    "## Action Items\n\n"
    "- [ ] Add a canary stage — owner: @bob — due: 2026-06-01 — type: prevent"
    " — [#412](https://github.com/example/ops/issues/412) <!-- a:7k2ps0 -->\n"
    "- [x] Alert on saturation — owner: @ann — due: 2026-05-21 — done: 2026-05-19 <!-- a:m4d0z1 -->\n"
    "- [x] ~~Second region~~ — owner: @ann — due: 2026-07-01 — dropped: 2026-06-11 too dear <!-- a:0q8fh2 -->\n"
    "- [ ] Cap the pool — owner: @ann — due: 2026-05-10 <!-- a:c4p001 -->\n"
)


@pytest.fixture
def story(desk: Desk) -> Desk:
    """An incident with a post-mortem that has action items."""
    desk.ok("open", "Checkout latency", "-s", "2")
    write(desk, HEAD + ITEMS)
    return desk


def write(desk: Desk, text: str, path: str = PATH) -> None:
    desk.write(path, text)
    desk.git("add", path)
    desk.git("commit", "--quiet", "-m", "post-mortem")


def line(desk: Desk, words: str, path: str = PATH) -> str:
    (found,) = [each for each in desk.text(path).splitlines() if words in each]
    return found


def fits(desk: Desk, kind: str, result: Result) -> Any:
    Draft202012Validator(desk.ok("schema", kind).json).validate(result.json)
    assert result.json["kind"] == kind
    return result.json


class TestAdd:
    def test_an_item_is_written_at_the_end_of_its_section_in_one_commit(self, story: Desk) -> None:
        result = story.ok(
            *("action", "add", "Watch", "the", "pool", "--owner", "@bob", "--due", "2026-06-15", "--type", "Detect"),
            *("--link", "https://github.com/example/ops/issues/430"),
        )
        match = re.fullmatch(r"a:(\w{6}) checkout-latency added: Watch the pool · @bob · due 2026-06-15\n", result.out)
        assert match, result.out
        assert story.text(PATH) == (
            f"{HEAD}{ITEMS}- [ ] Watch the pool — owner: @bob — due: 2026-06-15 — type: detect"
            f" — [#430](https://github.com/example/ops/issues/430) <!-- a:{match[1]} -->\n"
        )
        assert story.touched() == [PATH]
        assert story.git("log", "-1", "--format=%B").strip() == (
            f"checkout-latency: action add\n\nIncident: {ID}\nAction: a:{match[1]}"
        )

    def test_text_that_looks_like_fields_stays_text(self, story: Desk) -> None:
        hostile = "Say — owner: @x | [a](b) <!-- a:7k2ps0 --> (@y, due 2026-01-01)"
        story.ok("action", "add", "-m", hostile, "--due", "2w")
        (item,) = [each for each in story.ok("action", "list", "--json").json["items"] if each["text"] == hostile]
        assert (item["owners"], item["due_on"]) == ([], "2026-05-28")

    def test_several_lines_are_kept(self, story: Desk) -> None:
        story.ok("action", "add", "-m", "-", stdin="Watch the pool\n\n- in eu\n- in us\n")
        assert any(
            each["text"] == "Watch the pool\n\n- in eu\n- in us"
            for each in story.ok("action", "list", "--json").json["items"]
        )

    def test_a_missing_section_is_made(self, story: Desk) -> None:
        write(story, HEAD)
        story.ok("action", "add", "Watch it", "--owner", "me", "--due", "friday")
        assert "\n\nSlow.\n\n## Action Items\n\n- [ ] Watch it — owner: @ann — due: 2026-05-15 <!--" in story.text(PATH)

    def test_lines_end_as_the_file_does(self, story: Desk) -> None:
        write(story, (HEAD + ITEMS).replace("\n", "\r\n"))
        story.ok("action", "add", "Watch it")
        assert "\n" not in story.text(PATH).replace("\r\n", "")

    def test_what_is_missing_or_past_is_a_warning(self, story: Desk) -> None:
        assert "no owner and no due date yet: `ictl action set a:" in story.ok("action", "add", "Watch it").err
        assert "2026-05-01 is past" in story.ok("action", "add", "x", "--due", "2026-05-01", "--owner", "@bob").err

    @pytest.mark.parametrize(
        ("words", "hint"),
        [
            (("--type", "prevention"), "did you mean prevent?"),
            (("--type", "xyzzy"), "write prevent, detect, mitigate, process"),
            (("--due", "soon"), "2026-06-01, +14d, 2w, friday"),
            (("--owner", "b b"), "@bob"),
            (("--link", "javascript://x"), "https://"),
            (("--link", "a b"), "write a URL"),
        ],
    )
    def test_what_cannot_be_is_refused_with_the_way_out(self, story: Desk, words: tuple[str, str], hint: str) -> None:
        result = story.ictl("action", "add", "x", *words)
        assert result.code == 2
        assert hint in result.err
        assert story.text(PATH) == HEAD + ITEMS

    def test_without_a_post_mortem_the_way_to_one_is_said(self, desk: Desk) -> None:
        desk.ok("open", "Checkout latency", "-s", "2")
        result = desk.ictl("action", "add", "Watch it")
        assert result.code == 3
        assert f"`ictl postmortem new {ID}`" in result.err

    def test_a_full_id_names_the_incident_even_without_a_record(self, desk: Desk) -> None:
        old = "2026-01-02-old-one"
        write(desk, HEAD, f"postmortems/2026/01/{old}.md")
        desk.ok("action", "add", old, "Watch it")
        assert "Watch it" in desk.text(f"postmortems/2026/01/{old}.md")

    def test_an_unknown_owner_is_recorded_with_a_warning(self, tmp_path: Path) -> None:
        desk = new_desk(tmp_path, settings='[people]\n"ann@example.org" = "ann"\n"b@example.org" = "bob"\n')
        desk.ok("open", "Checkout latency", "-s", "2")
        write(desk, HEAD)
        result = desk.ok("action", "add", "x", "--owner", "@bbo", "--due", "+1d")
        assert "did you mean @bob" in result.err
        assert "owner: @bbo" in desk.text(PATH)

    def test_the_settings_pattern_makes_the_subject(self, tmp_path: Path) -> None:
        desk = new_desk(tmp_path, settings='[commit]\nsubject = "incident({slug}): {event}"\n')
        desk.ok("open", "Checkout latency", "-s", "2")
        write(desk, HEAD)
        desk.ok("action", "add", "x")
        assert desk.subjects()[0] == "incident(checkout-latency): action add"


class TestList:
    def test_open_items_are_listed_by_the_day_on_which_they_are_due(self, story: Desk) -> None:
        assert story.ok("action", "list").out == (
            f"a:c4p001  overdue 2026-05-10  @ann           {ID}  Cap the pool\n"
            f"a:7k2ps0  due 2026-06-01      @bob  prevent  {ID}  Add a canary stage\n"
        )

    def test_overdue_owner_incident_and_day_choose(self, story: Desk) -> None:
        def ids(*words: str) -> list[str]:
            return [each["id"] for each in story.ok("action", "list", "--json", *words).json["items"]]

        assert ids("--overdue") == ["a:c4p001"]
        assert ids("--owner", "@BOB") == ["a:7k2ps0"]
        assert ids("--owner", "me", "--owner", "@bob") == ["a:c4p001", "a:7k2ps0"]
        assert ids("--owner", "none") == []
        assert ids("--due-before", "2026-06-01") == ["a:c4p001"]
        assert ids("-i", "checkout") == ["a:c4p001", "a:7k2ps0"]
        assert ids("--all") == ["a:c4p001", "a:m4d0z1", "a:7k2ps0", "a:0q8fh2"]
        assert story.ictl("action", "list", "-i", "nothing").code == 3

    def test_what_is_due_today_is_not_overdue_yet(self, story: Desk) -> None:
        write(story, f"{HEAD}## Action Items\n\n- [ ] x — due: 2026-05-14\n")
        assert story.ok("action", "list").out.split("  ")[1] == "due 2026-05-14"
        assert story.ok("action", "list", "--overdue").out == ""

    def test_items_typed_by_hand_are_listed_and_have_an_id(self, story: Desk) -> None:
        story.write(PATH, f"{HEAD}## Action items\n\n* [ ] Typed (@cleo, due 2026-06-02)\n- [ ]\n- plain\n")
        (item,) = story.ok("action", "list", "--json").json["items"]
        assert (item["owners"], item["due_on"], item["id"][:4]) == (["cleo"], "2026-06-02", "a:00")
        assert item["line"] == HEAD.count("\n") + 3

    def test_the_json_fits_its_schema(self, story: Desk) -> None:
        data = fits(story, "action_items", story.ok("action", "list", "--all", "--json"))
        assert [each["state"] for each in data["items"]] == ["open", "done", "open", "dropped"]

    def test_a_document_that_cannot_be_read_is_named_beside_the_others(self, story: Desk) -> None:
        story.path.joinpath("postmortems/2026/05/2026-05-15-link.md").symlink_to("/etc/passwd")
        result = story.ictl("action", "list", "--json")
        assert result.code == 1
        assert len(result.json["items"]) == 2
        assert len(result.json["unreadable"]) == 1

    def test_nothing_to_list_is_said(self, desk: Desk) -> None:
        result = desk.ok("action", "list")
        assert (result.out, "no action item yet" in result.err) == ("", True)

    def test_words_are_cut_where_the_terminal_ends(self, story: Desk) -> None:
        story.environ["COLUMNS"] = "60"
        result = story.ok("action", "list", typed="")
        assert all(len(each) <= 60 for each in result.out.splitlines())

    def test_nothing_in_an_item_steers_the_terminal(self, story: Desk) -> None:
        write(story, f"{HEAD}## Action Items\n\n- [ ] [bold]x[/] \x1b[31mred\n")
        assert "[bold]x[/] ␛[31mred" in story.ok("action", "list").out


class TestDoneDropAndSet:
    def test_done_ticks_and_notes_the_day(self, story: Desk) -> None:
        result = story.ok("action", "done", "a:c4p001")
        assert result.out == "a:c4p001 checkout-latency done 2026-05-14: Cap the pool · @ann\n"
        assert (
            line(story, "Cap")
            == "- [x] Cap the pool — owner: @ann — due: 2026-05-10 — done: 2026-05-14 <!-- a:c4p001 -->"
        )
        assert story.subjects()[0] == "checkout-latency: action done"

    def test_the_day_and_the_evidence_are_noted(self, story: Desk) -> None:
        story.ok("action", "done", "c4p", "--at", "-3d", "--evidence", "https://github.com/a/b/pull/9")
        assert "— done: 2026-05-11 https://github.com/a/b/pull/9 <!--" in line(story, "Cap")
        assert story.ictl("action", "done", "7k2", "--at", "2026-06-01").code == 2

    def test_done_twice_says_so_and_changes_nothing(self, story: Desk) -> None:
        head = story.git("rev-parse", "HEAD")
        result = story.ok("action", "done", "m4d0z1")
        assert result.out == "a:m4d0z1 is done already since 2026-05-19: Alert on saturation\n"
        assert story.git("rev-parse", "HEAD") == head

    def test_a_box_that_was_ticked_by_hand_gets_its_day(self, story: Desk) -> None:
        story.write(PATH, (HEAD + ITEMS).replace("- [ ] Cap", "- [x] Cap"))
        story.ok("action", "done", "c4p001")
        assert "- [x] Cap the pool — owner: @ann — due: 2026-05-10 — done: 2026-05-14" in story.git(
            "show", f"HEAD:{PATH}"
        )

    def test_a_typed_line_gets_its_id_when_it_is_changed(self, story: Desk) -> None:
        write(story, f"{HEAD}## Action Items\n\n- [ ] Typed\n")
        (item,) = story.ok("action", "list", "--json").json["items"]
        story.ok("action", "done", item["id"])
        assert line(story, "Typed") == f"- [x] Typed — done: 2026-05-14 <!-- {item['id']} -->"

    def test_drop_needs_a_reason_and_strikes_the_words(self, story: Desk) -> None:
        assert story.ictl("action", "drop", "c4p001").code == 2
        story.ok("action", "drop", "c4p001", "--reason", "covered by #430 — due: never")
        assert line(story, "Cap").startswith(
            "- [x] ~~Cap the pool~~ — owner: @ann — due: 2026-05-10 — dropped: 2026-05-14 cov"
        )
        (item,) = [
            each for each in story.ok("action", "list", "--all", "--json").json["items"] if each["id"] == "a:c4p001"
        ]
        assert (item["state"], item["reason"]) == ("dropped", "covered by #430 — due: never")

    def test_what_is_dropped_is_not_done_and_what_is_done_not_dropped(self, story: Desk) -> None:
        assert "was dropped on 2026-06-11" in story.ictl("action", "done", "0q8").err
        assert "is done already" in story.ictl("action", "drop", "m4d", "why").err
        assert (
            story.ok("action", "drop", "0q8", "again").out == "a:0q8fh2 is dropped already since 2026-06-11: too dear\n"
        )

    def test_set_changes_owner_day_type_and_link(self, story: Desk) -> None:
        story.ok("action", "set", "c4p001", "--owner", "@bob", "--due", "+7d", "--type", "process", "--link", "#9")
        assert line(story, "Cap") == (
            "- [ ] Cap the pool — owner: @bob — due: 2026-05-21 — type: process — #9 <!-- a:c4p001 -->"
        )
        assert story.ok("action", "set", "c4p001", "--owner", "@bob").out == "a:c4p001 says that already\n"
        assert story.ictl("action", "set", "c4p001").code == 2

    def test_ids_are_taken_by_their_beginning_and_several_are_named(self, story: Desk) -> None:
        write(story, HEAD + ITEMS + "- [ ] Other <!-- a:7k2zzz -->\n")
        result = story.ictl("action", "done", "a:7k2", "--json")
        assert result.code == 3
        assert (result.error["code"], result.error["candidates"]) == ("ambiguous_action", ["a:7k2ps0", "a:7k2zzz"])
        assert story.ictl("action", "done", "zzz").code == 3
        assert story.ictl("action", "done", "a:").code == 3

    def test_one_id_in_two_documents_is_ambiguous(self, story: Desk) -> None:
        write(story, HEAD + ITEMS, "postmortems/2026/05/2026-05-15-other.md")
        result = story.ictl("action", "done", "7k2ps0")
        assert result.code == 3
        assert f"{PATH}:" in result.err
        assert "2026-05-15-other.md:" in result.err

    def test_dry_run_shows_the_change_and_writes_nothing(self, story: Desk) -> None:
        result = story.ok("action", "done", "c4p001", "--dry-run")
        assert (
            "+- [x] Cap the pool — owner: @ann — due: 2026-05-10 — done: 2026-05-14 <!-- a:c4p001 -->\n" in result.out
        )
        assert story.text(PATH) == HEAD + ITEMS
        assert story.ok("action", "add", "x", "--dry-run", "--json").json["dry_run"] is True

    def test_the_json_fits_its_schema(self, story: Desk) -> None:
        for words in (
            ("done", "c4p001"),
            ("done", "c4p001"),
            ("drop", "7k2", "--reason", "x"),
            ("add", "y"),
            ("sync",),
        ):
            data = fits(story, "action_write", story.ok("action", *words, "--json"))
            assert data["committed"] is (data["unchanged"] is None)

    def test_other_changes_of_the_user_are_left_alone(self, story: Desk) -> None:
        story.write("incidentctl.toml", "# mine\n")
        story.git("add", "incidentctl.toml")
        story.ok("action", "done", "c4p001")
        assert story.touched() == [PATH]
        assert story.git("status", "--porcelain").startswith("M  incidentctl.toml")

    def test_a_document_on_its_own_branch_is_written_there(self, story: Desk) -> None:
        story.git("switch", "-qc", f"postmortem/{ID}")
        write(story, f"{HEAD}## Action Items\n\n- [ ] On the branch <!-- a:br4nch -->\n")
        story.git("switch", "-q", "main")
        story.git("rm", "-q", PATH)
        story.git("commit", "-qm", "not here")
        assert story.ok("action", "list", "--json").json["items"][0]["branch"] == f"postmortem/{ID}"
        result = story.ok("action", "done", "br4nch")
        assert "not checked out" in result.err
        assert "- [x] On the branch" in story.git("show", f"postmortem/{ID}:{PATH}")

    def test_a_refused_commit_is_saved_with_its_own_exit_code(self, story: Desk) -> None:
        hook = story.path / ".git/hooks/pre-commit"
        hook.write_text("#!/bin/sh\nexit 1\n")
        hook.chmod(0o755)
        story.write("incidentctl.toml", '[store]\nbranch = "main"\n\n[commit]\nhooks = "always"\n')
        result = story.ictl("action", "done", "c4p001")
        assert result.code == 7
        assert "saved in the file, not committed" in result.err
        assert "- [x] Cap the pool" in story.text(PATH)

    def test_conflict_markers_are_named(self, story: Desk) -> None:
        story.write(PATH, HEAD + ITEMS + "<<<<<<< a\n=======\n>>>>>>> b\n")
        result = story.ictl("action", "done", "c4p001")
        assert result.code == 2
        assert "conflict markers" in result.err


class TestSync:
    def close(self, desk: Desk, *ids: str, path: Path | None = None, day: str = "2026-05-19") -> str:
        message = "Cap it\n\n" + "".join(f"Closes-Action: {each}\n" for each in ids)
        desk.git("commit", "--allow-empty", "-qm", message, f"--date={day}T12:00:00Z", cwd=path)
        return desk.git("rev-parse", "--short=7", "HEAD", cwd=path).strip()

    def test_a_commit_closes_an_item_with_itself_as_evidence(self, story: Desk) -> None:
        sha = self.close(story, "a:7k2ps")
        result = story.ok("action", "sync")
        assert result.out == f"a:7k2ps0 {ID} done 2026-05-19 {sha}: Add a canary stage\n"
        assert f"— done: 2026-05-19 {sha} <!-- a:7k2ps0 -->" in line(story, "canary")
        assert story.subjects()[0] == "checkout-latency: action done"

    def test_again_it_changes_nothing(self, story: Desk) -> None:
        self.close(story, "a:7k2ps0", "a:c4p001")
        story.ok("action", "sync")
        head = story.git("rev-parse", "HEAD")
        assert story.ok("action", "sync").out == "nothing to close\n"
        assert story.git("rev-parse", "HEAD") == head

    def test_what_is_done_or_dropped_stays_as_it_is(self, story: Desk) -> None:
        self.close(story, "a:m4d0z1", "a:0q8fh2")
        assert story.ok("action", "sync").out == "nothing to close\n"

    def test_another_repository_is_read_where_it_is_named(self, story: Desk, tmp_path: Path) -> None:
        other = tmp_path / "checkout"
        other.mkdir()
        story.git("init", "-q", cwd=other)
        sha = self.close(story, "a:7k2ps0", path=other)
        assert story.ok("action", "sync").out == "nothing to close\n"
        story.ok("action", "sync", "--from-repo", "../checkout")
        assert f"— done: 2026-05-19 checkout@{sha} <!--" in line(story, "canary")
        assert story.ictl("action", "sync", "--from-repo", "nowhere").code == 2

    def test_an_unknown_or_ambiguous_id_is_said_and_no_error(self, story: Desk) -> None:
        write(story, HEAD + ITEMS + "- [ ] Other <!-- a:7k2pzz -->\n")
        sha = self.close(story, "a:7k2p", "a:nnnnnn", "c4p001")
        result = story.ok("action", "sync")
        assert f"{sha} closes a:7k2p, which may mean 2 action items" in result.err
        assert f"{sha} closes a:nnnnnn, which no action item is called" in result.err
        assert "a:c4p001" in result.out

    def test_documents_are_changed_each_in_its_place_by_one_commit(self, story: Desk) -> None:
        other = "postmortems/2026/05/2026-05-15-other.md"
        write(story, f"{HEAD}## Action Items\n\n- [ ] Other <!-- a:0ther0 -->\n", other)
        self.close(story, "a:0ther0", "a:7k2ps0")
        data = fits(story, "action_write", story.ok("action", "sync", "--json"))
        assert sorted(each["id"] for each in data["items"]) == ["a:0ther0", "a:7k2ps0"]
        assert sorted(story.touched()) == [PATH, other]
        assert len(data["commits"]) == 1

    def test_dry_run_shows_what_would_be_closed(self, story: Desk) -> None:
        self.close(story, "a:7k2ps0")
        assert "+- [x] Add a canary stage" in story.ok("action", "sync", "--dry-run").out
        assert story.text(PATH) == HEAD + ITEMS

    def stand_in(self, desk: Desk, tmp_path: Path, answer: dict[str, object]) -> None:
        folder = tmp_path / "bin"
        folder.mkdir()
        program = folder / "gh"
        program.write_text(f"#!/bin/sh\ncat <<'END'\n{json.dumps(answer)}\nEND\n")
        program.chmod(0o755)
        desk.environ["PATH"] = f"{folder}:{desk.environ['PATH']}"

    def test_a_linked_issue_that_is_closed_closes_its_item(self, story: Desk, tmp_path: Path) -> None:
        self.stand_in(
            story, tmp_path, {"state": "CLOSED", "stateReason": "COMPLETED", "closedAt": "2026-05-20T10:00:00Z"}
        )
        story.ok("action", "sync")
        assert line(story, "canary").endswith("— done: 2026-05-20 <!-- a:7k2ps0 -->")

    def test_one_closed_as_not_planned_is_said_and_stays_open(self, story: Desk, tmp_path: Path) -> None:
        self.stand_in(
            story, tmp_path, {"state": "CLOSED", "stateReason": "NOT_PLANNED", "closedAt": "2026-05-20T10:00:00Z"}
        )
        result = story.ok("action", "sync")
        assert "a:7k2ps0 stays open" in result.err
        assert story.text(PATH) == HEAD + ITEMS


class TestTheGroup:
    def test_each_command_has_its_help_with_examples(self, desk: Desk) -> None:
        for verb in ("add", "list", "done", "drop", "set", "sync"):
            assert "Examples:\n  " in desk.ok("action", verb, "--help").out

    def test_other_words_lead_to_ours(self, desk: Desk) -> None:
        assert "`ictl action set`" in desk.ictl("action", "assign", "x").err
        assert "`ictl action done`" in desk.ictl("action", "close", "x").err
