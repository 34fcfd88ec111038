"""`postmortem new / show / list / submit / publish`: from the record to a final document, in every state of a repository."""

import shlex
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from incidentctl.cli import COMMANDS, OUR_SECOND_WORDS, load_command
from incidentctl.output.schemas import schema_of
from tests.conftest import Desk

ID = "2026-05-14-checkout-latency"
PATH = f"postmortems/2026/05/{ID}.md"
BRANCH = f"postmortem/{ID}"

COMPLETE = f"""---
incident: {ID}
status: draft
authors: [ann]
reviewers: [bob]
root_cause: pool-size
---

# Checkout latency

**Date**: 2026-05-14 | **Severity**: SEV1 | **Duration**: 2h 8m | **Author**: @ann

## Summary

For 57 minutes 12 % of the checkouts in one region failed, since the pool of connections to the database was too small
for the load after a config push. A failover to a second database brought them back.

## Impact

- Affected users: 3,100 customers saw an error at the checkout.
- Error budget: 9 % of the quarter's budget of the checkout was used.
- Revenue: 41,000 EUR of orders were not placed that day.
- Duration of user-facing impact: 57 minutes, from 09:51 to 10:48 UTC.

## Timeline

- 2026-05-14T09:51:00Z The config push lowers the size of the pool, and checkouts begin to fail.
- 2026-05-14T10:02:00Z The alert on the p99 of the checkout fires.
- 2026-05-14T10:06:00Z The incident is declared as a SEV1.
- 2026-05-14T10:30:00Z The pool of db-3 is found exhausted. [Graph](https://grafana.example.org/d/1).
- 2026-05-14T10:48:00Z Mitigated: the checkout is failed over to db-4.
- 2026-05-14T12:10:00Z Resolved: the size of the pool is right again.

## Root Cause

The size of the pool is a setting without a lower bound. A push that halved it was valid, and at the load of a working
day every request waited for a connection longer than its own limit.

## Contributing Factors

- The push went to all regions at once, so no smaller part of the users could show the fault first.
- No alert watches how full the pool is, so the first sign was the latency that users saw.

## What Went Well

- The failover had been practised in March and took nine minutes from decision to effect.

## What Went Poorly

- The first 18 minutes went by with the network as the suspect, since its dashboard is the first one in the runbook.

## Action Items

- [ ] Reject a pool size below last week's peak — owner: @bob — due: 2026-06-12 — type: prevent — #412 <!-- a:7k2ps0 -->
- [ ] Alert when a pool is 80 % full for a minute — owner: @ann — due: 2026-06-01 — type: detect — #413 <!-- a:m4d0z1 -->
"""


@pytest.fixture
def room(desk: Desk) -> Desk:
    """A SEV1 that was resolved, its record as a team leaves it."""
    desk.ok("open", "Checkout latency", "-s", "1", "--detected-at", "-4m", "--started-at", "-15m")
    desk.ok("assign", "ic", "me")
    desk.at("10:30")
    desk.ok("update", "failing over", "--status", "identified", "--impact", "12 % of checkouts fail")
    desk.at("10:48")
    desk.ok("mitigate", "failed over to db-4")
    desk.at("12:10")
    desk.ok("resolve", "pool size fixed")
    return desk


@pytest.fixture
def written(room: Desk) -> Desk:
    """The same with a post-mortem that is complete, in the work tree and not committed."""
    room.ok("postmortem", "new")
    room.write(PATH, COMPLETE)
    return room


def fits(data: object) -> None:
    """Whether a result is what its schema says."""
    assert isinstance(data, dict)
    Draft202012Validator(schema_of(data["kind"])).validate(data)


@pytest.fixture
def remote(room: Desk, tmp_path: Path) -> Path:
    """A remote that takes pushes."""
    path = tmp_path / "remote.git"
    room.git("init", "--quiet", "--bare", str(path))
    room.git("remote", "add", "origin", str(path))
    room.git("push", "--quiet", "-u", "origin", "main")
    return path


# ---------------------------------------------------------------------------------------------------------------- new


def test_new_drafts_it_from_the_record_on_a_branch_of_its_own(room: Desk) -> None:
    result = room.ok("postmortem", "new")
    assert result.out.splitlines() == [
        f"post-mortem of checkout-latency drafted: {PATH} · on {BRANCH}, which is checked out now",
        f"next: fill it in with `ictl postmortem edit {ID}` · check it with `ictl lint {PATH}` · "
        f"hand it over with `ictl postmortem submit {ID}`",
    ]
    assert room.git("branch", "--show-current").strip() == BRANCH
    assert room.touched() == [PATH]
    assert room.git("log", "-1", "--format=%B").strip() == f"checkout-latency: post-mortem drafted\n\nIncident: {ID}"
    text = room.text(PATH)
    assert "**Date**: 2026-05-14 | **Severity**: SEV1 | **Duration**: 2h 8m | **Author**: @ann" in text
    assert "- As of 2026-05-14 10:30 UTC: 12 % of checkouts fail" in text
    assert "- 2026-05-14T10:48:00Z Mitigated: failed over to db-4" in text


def test_new_leaves_the_users_own_work_as_it_is(room: Desk) -> None:
    room.write("notes.txt", "staged\n")
    room.git("add", "notes.txt")
    room.write("incidentctl.toml", (room.path / "incidentctl.toml").read_text() + "# mine\n")
    room.ok("postmortem", "new")
    assert room.git("diff", "--cached", "--name-only").split() == ["notes.txt"]
    assert room.git("diff", "--name-only").split() == ["incidentctl.toml"]
    assert room.touched() == [PATH]


def test_new_stays_where_it_is_with_here(room: Desk) -> None:
    result = room.ok("postmortem", "new", "--here")
    assert f"{PATH} · on main\n" in result.out
    assert room.git("branch", "--show-current").strip() == "main"
    assert room.git("branch", "--list", BRANCH) == ""


def test_new_without_a_switch_says_where_it_was_written(room: Desk) -> None:
    room.git("switch", "--quiet", "--detach")
    result = room.ok("postmortem", "new")
    assert f"{PATH} · on {BRANCH}\n" in result.out
    assert f"warning: written on {BRANCH} without switching to it: no branch is checked out here" in result.err
    assert room.git("show", f"{BRANCH}:{PATH}").startswith("---\n")
    assert not (room.path / PATH).exists()


def test_a_second_new_overwrites_nothing_and_says_where_the_first_is(room: Desk) -> None:
    room.ok("postmortem", "new")
    room.git("switch", "--quiet", "main")
    result = room.ictl("postmortem", "new", ID)
    assert result.code == 2
    assert f"{PATH} on {BRANCH}" in result.err and f"`ictl postmortem show {ID}`" in result.err


def test_the_incident_is_named_as_everywhere(room: Desk) -> None:
    for words in (("checkout",), (ID,), ("-i", "latency"), ()):
        assert room.ok("postmortem", "new", "--dry-run", *words).out.splitlines()[1] == f"+++ b/{PATH}"
    result = room.ictl("postmortem", "new", "no-such")
    assert result.code == 3


def test_on_the_branch_of_a_post_mortem_its_incident_is_meant(room: Desk) -> None:
    room.ok("postmortem", "new")
    room.ok("open", "Exports fail", "-s", "2")
    assert room.ok("postmortem", "show").out.splitlines()[1] == ID


def test_from_the_branch_of_one_post_mortem_the_next_one_is_begun(room: Desk) -> None:
    room.ok("postmortem", "new")
    room.ok("open", "Exports fail", "-s", "2")
    room.ok("resolve")
    result = room.ok("postmortem", "new", "exports")
    assert "which is checked out now" in result.out
    assert room.git("branch", "--show-current").strip() == "postmortem/2026-05-14-exports-fail"
    assert not (room.path / PATH).exists()
    assert room.ictl("postmortem", "new", "-i", ID).code == 2


def test_a_dry_run_writes_nothing(room: Desk) -> None:
    result = room.ok("postmortem", "new", "--dry-run")
    assert result.out.splitlines()[:2] == ["--- /dev/null", f"+++ b/{PATH}"]
    assert room.git("branch", "--list", BRANCH) == "" and not (room.path / PATH).exists()


def test_a_draft_is_told_to_programs(room: Desk) -> None:
    dry = room.ok("postmortem", "new", "--json", "--dry-run").json
    fits(dry)
    assert dry["dry_run"] is True and dry["diff"][1] == f"+++ b/{PATH}" and dry["commit"] is None
    data = room.ok("postmortem", "new", "--json").json
    fits(data)
    assert (data["status"], data["committed"], data["unchanged"]) == ("draft", True, False)
    assert data["commit"] == room.git("rev-parse", "HEAD").strip()
    assert [step["what"] for step in data["next"]] == ["edit", "lint", "submit"]


def test_an_incident_that_still_runs_is_drafted_with_a_warning(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "1")
    result = desk.ok("postmortem", "new", "--here")
    assert f"warning: {ID} is not resolved yet" in result.err
    assert "**Duration**: TBD, not resolved yet" in desk.text(PATH)


def test_what_the_record_lacks_is_said(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "3")
    desk.ok("resolve")
    result = desk.ok("postmortem", "new", "--here")
    assert result.out.splitlines()[-1] == (
        "missing in the record: started_at `ictl set started_at=TIME` · detected_at `ictl set detected_at=TIME`"
        " · mitigated_at `ictl set mitigated_at=TIME`"
    )


def test_a_canceled_incident_has_none_and_a_duplicate_names_the_one_that_has(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "1")
    desk.ok("open", "Exports fail", "-s", "2")
    desk.ok("cancel", "-i", "exports", "--duplicate-of", ID)
    result = desk.ictl("postmortem", "new", "2026-05-14-exports-fail")
    assert result.code == 2 and f"`ictl postmortem new {ID}`" in result.err
    desk.ok("cancel", "-i", "checkout", "--reason", "false_alarm")
    result = desk.ictl("postmortem", "new", ID)
    assert result.code == 2 and "was canceled as false alarm" in result.err and f"`ictl reopen {ID}`" in result.err


def test_the_draft_is_edited_before_it_is_committed_where_that_is_asked(room: Desk) -> None:
    room.environ["GIT_EDITOR"] = "sed -i 's/^## Summary/## Summary of mine/'"
    room.ok("postmortem", "new", "--edit")
    assert "## Summary of mine" in room.git("show", f"HEAD:{PATH}")
    del room.environ["GIT_EDITOR"]
    room.git("switch", "--quiet", "main")
    room.git("branch", "-D", BRANCH)
    assert room.ictl("postmortem", "new", "--edit", ID).code == 2


def test_where_the_commit_is_refused_the_draft_is_in_the_file(room: Desk) -> None:
    hook = room.path / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho not on a Friday; exit 1\n")
    hook.chmod(0o755)
    result = room.ictl("postmortem", "new")
    assert result.code == 7
    assert "saved in the file, not committed: the pre-commit hook refused: not on a Friday" in result.err
    assert room.text(PATH).startswith("---\n")
    hook.unlink()
    room.ok("postmortem", "submit")
    assert room.touched() == [PATH]


def test_one_that_was_written_for_another_is_by_them(room: Desk) -> None:
    room.ok("postmortem", "new", "--by", "@cem")
    assert "authors: [cem]" in room.text(PATH)


def test_in_a_bare_repository_it_is_written_on_its_branch(room: Desk, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    room.git("clone", "--quiet", "--bare", str(room.path), str(bare))
    result = room.ok("-C", str(bare), "postmortem", "new", ID)
    assert f"{PATH} · on {BRANCH}\n" in result.out
    assert room.git("--git-dir", str(bare), "show", f"{BRANCH}:{PATH}").startswith("---\n")
    assert "status        draft," in room.ok("-C", str(bare), "postmortem", "show", ID).out


def test_in_a_folder_of_a_products_repository_it_is_beside_the_record(desk: Desk) -> None:
    desk.write("incidentctl.toml", '[store]\nbranch = "main"\nfolder = "ops"\n')
    desk.git("commit", "--quiet", "--all", "-m", "a folder")
    desk.ok("open", "Checkout latency", "-s", "1")
    desk.ok("resolve")
    desk.git("switch", "--quiet", "-c", "feature")
    result = desk.ok("postmortem", "new", ID)
    assert desk.touched(BRANCH) == [f"ops/{PATH}"]
    assert desk.git("rev-parse", f"{BRANCH}~1") == desk.git("rev-parse", "main")
    assert f"ops/{PATH} · on {BRANCH}, which is checked out now" in result.out


# --------------------------------------------------------------------------------------------------------- show, list


def test_a_path_is_named_as_one_reaches_it_from_where_one_stands(written: Desk) -> None:
    inside = written.path / "postmortems" / "2026"
    near = f"05/{ID}.md"
    lines = written.ok("postmortem", "show", cwd=inside).out.splitlines()
    assert f"file          {near} on {BRANCH}" in lines
    assert f"`ictl lint {near}`" in lines[-1]
    assert written.ictl("lint", near, cwd=inside).code == 0
    written.write(PATH, COMPLETE.replace("## Impact\n", "## Reach\n"))
    assert f"`ictl lint {near}` shows each place" in written.ictl("postmortem", "publish", cwd=inside).err
    away = written.path.parent
    assert (
        f"file          {written.path}/{PATH} on {BRANCH}"
        in written.ok("-C", str(written.path), "postmortem", "show", ID, cwd=away).out
    )


@pytest.mark.parametrize(
    ("heading", "settings"),
    [
        ("Corrective measures", ""),
        ("Ce que nous changeons", '[lint.aliases]\n"Ce que nous changeons" = "action_items"\n'),
    ],
)
def test_every_command_takes_the_same_section_for_that_of_the_action_items(
    written: Desk, heading: str, settings: str
) -> None:
    written.write("incidentctl.toml", written.text("incidentctl.toml") + settings)
    written.write(PATH, COMPLETE.replace("## Action Items", f"## {heading}"))
    assert "action items  2 open" in written.ok("postmortem", "show").out
    assert [each["id"] for each in written.ok("action", "list", "--json").json["items"]] == ["a:m4d0z1", "a:7k2ps0"]
    assert written.ictl("lint", PATH).code == 0
    written.ok("action", "done", "m4d0z1")
    written.ok("action", "add", "Watch it", "--due", "2w", "--owner", "@ann", "--type", "detect")
    text = written.text(PATH)
    assert text.count("## Action Items") == 0 and "Watch it" in text.partition(f"## {heading}")[2]
    assert "Watch it" in written.ok("postmortem", "publish").out


def test_show_says_how_far_it_is_and_what_comes_next(written: Desk) -> None:
    assert written.ok("postmortem", "show").out.splitlines() == [
        "SEV1 Checkout latency",
        ID,
        "",
        "status        draft, to be published by 2026-05-21",
        f"file          {PATH} on {BRANCH}",
        "authors       @ann",
        "reviewers     @bob",
        "duration      2h 8m",
        "root cause    pool-size",
        "action items  2 open",
        "",
        f"next: `ictl postmortem edit {ID}` · `ictl lint {PATH}` · `ictl postmortem submit {ID}`",
    ]
    assert written.ok("postmortem", "show", "--text").out == COMPLETE


def test_show_finds_it_on_its_branch_from_anywhere(room: Desk) -> None:
    room.ok("postmortem", "new")
    room.git("switch", "--quiet", "main")
    assert f"{PATH} on {BRANCH}, which is not checked out" in room.ok("postmortem", "show", ID).out
    data = room.ok("postmortem", "show", ID, "--json").json
    assert (data["kind"], data["incident"], data["status"]) == ("postmortem", ID, "draft")
    assert (data["branch"], data["checked_out"]) == (BRANCH, False)
    fits(data)
    fits(room.ok("postmortem", "show", ID, "--json", "--text").json)
    assert data["action_items"] == {"open": 0, "done": 0, "dropped": 0}


def test_show_of_none_says_how_to_begin(room: Desk) -> None:
    result = room.ictl("postmortem", "show")
    assert result.code == 3
    assert result.err == (f"there is no post-mortem of {ID}: draft it with `ictl postmortem new {ID}`\n")


def test_a_document_without_an_incident_in_the_record_is_shown(desk: Desk) -> None:
    old = "2024-01-02-old-outage"
    desk.write(f"postmortems/2024/01/{old}.md", "# Old outage\n\n## Summary\n\nIt was down.\n")
    shown = desk.ok("postmortem", "show", old).out.splitlines()
    assert shown[0] == "Old outage" and "status        none" in shown


def test_list_has_all_of_them_newest_first(room: Desk) -> None:
    room.ok("postmortem", "new", "--here")
    room.write("postmortems/2026/04/2026-04-02-slow-lists.md", "---\nstatus: final\n---\n\n# Slow lists\n")
    room.write("postmortems/README.md", "# How we write them\n")
    assert room.ok("postmortem", "list").out.splitlines() == [
        f"draft  actions: none  {ID}  Checkout latency",
        "final  actions: none  2026-04-02-slow-lists        Slow lists",
    ]
    data = room.ok("postmortem", "list", "--status", "final", "--json").json
    fits(data)
    assert [each["incident"] for each in data["postmortems"]] == ["2026-04-02-slow-lists"]
    assert room.ictl("postmortem", "list", "--status", "done").code == 2


def test_list_names_what_cannot_be_read(room: Desk) -> None:
    room.ok("postmortem", "new", "--here")
    link = room.path / "postmortems/2026/05/2026-05-01-link.md"
    link.symlink_to(room.path / PATH)
    result = room.ictl("postmortem", "list")
    assert result.code == 1
    assert ID in result.out and "2026-05-01-link.md:1: not read:" in result.err


def test_without_a_verb_they_are_listed_and_other_words_name_ours(desk: Desk) -> None:
    bare = desk.ictl("postmortem")
    assert bare.code == 2
    for verb in ("new", "edit", "show", "list", "submit", "publish"):
        assert f"\n  {verb} " in bare.err
        page = desk.ok("postmortem", verb, "--help").out
        assert all(len(line) <= 80 for line in page.splitlines())
        assert page.partition("\nExamples:\n")[2].startswith(f"  ictl postmortem {verb}")
    assert desk.ictl("postmortem", "review").err == (
        "there is no command 'postmortem review' here: it is `ictl postmortem submit`\n"
    )
    assert "did you mean `ictl postmortem publish`?" in desk.ictl("postmortem", "publsh").err
    assert "it is one of new, edit, show, list, submit, publish" in desk.ictl("postmortem", "xyzzy").err


def test_each_command_behind_a_word_is_there_and_says_what_it_does() -> None:
    groups = [listed for listed in COMMANDS if listed.commands]
    assert "postmortem" in [group.name for group in groups]
    for group in groups:
        for listed in group.commands:
            assert load_command(listed).name == listed.name
            assert listed.summary.endswith(".")
        assert set(OUR_SECOND_WORDS[group.name].values()) <= {listed.name for listed in group.commands}


def test_words_that_are_wrong_name_the_page_of_their_command(desk: Desk) -> None:
    assert desk.ictl("postmortem", "new", "--bogus").err == "no such option: --bogus: see ictl postmortem new --help\n"
    assert desk.ictl("postmortem", "show", "--tetx").err.startswith("no such option: --tetx: did you mean --text")


# ------------------------------------------------------------------------------------------------------------- submit


def test_submit_commits_what_was_written_pushes_it_and_prints_the_request(written: Desk, tmp_path: Path) -> None:
    remote = tmp_path / "github.example.org.git"
    written.git("init", "--quiet", "--bare", str(remote))
    written.git("remote", "add", "origin", str(remote))
    result = written.ok("postmortem", "submit")
    assert result.out.splitlines()[0] == "post-mortem of checkout-latency in review · shared"
    assert written.text(PATH) == COMPLETE.replace("status: draft", "status: in_review")
    assert written.touched() == [PATH]
    assert written.git("--git-dir", str(remote), "rev-parse", BRANCH) == written.git("rev-parse", BRANCH)
    assert written.git("rev-parse", "--abbrev-ref", "@{upstream}").strip() == f"origin/{BRANCH}"


@pytest.mark.parametrize(
    ("url", "programs"),
    [
        ("git@github.com:acme/incidents.git", ["gh"]),
        ("https://token@github.example.org/acme/incidents", ["gh"]),
        ("ssh://git@gitlab.example.org:2222/acme/ops/incidents.git", ["glab"]),
        ("https://git.example.org/acme/incidents.git", ["gh", "glab"]),
    ],
)
def test_the_line_for_the_request_is_by_the_host_and_safe_to_paste(
    written: Desk, url: str, programs: list[str]
) -> None:
    written.git("remote", "add", "origin", url)
    written.git("config", "remote.origin.pushurl", "/nowhere/at/all")
    written.write(PATH, COMPLETE.replace("# Checkout latency", '# It\'s $(rm -rf ~) `down`; "again"'))
    result = written.ok("postmortem", "submit")
    lines = result.out.splitlines()
    assert lines[0] == "post-mortem of checkout-latency in review · not shared"
    assert [line.split()[0] for line in lines[1:]] == programs
    for line in lines[1:]:
        words = shlex.split(line)
        assert words[words.index("--title") + 1] == 'Post-mortem: It\'s $(rm -rf ~) `down`; "again"'
        assert BRANCH in words and "main" in words
    assert "token" not in result.out + result.err


def test_a_push_that_fails_is_said_with_the_command_to_repeat_and_the_commit_stands(written: Desk) -> None:
    written.git("remote", "add", "origin", "/nowhere/at/all")
    result = written.ok("postmortem", "submit")
    assert "not shared: '/nowhere/at/all' does not appear to be a git repository" in result.err
    assert f"push it later with `git push -u origin {BRANCH}`" in result.err
    assert written.touched() == [PATH]


def test_without_a_remote_that_is_said(written: Desk) -> None:
    result = written.ok("postmortem", "submit")
    assert result.out == "post-mortem of checkout-latency in review\n"
    assert "there is no remote to push it to" in result.err


def test_what_is_missing_is_said_and_refused_only_when_strict(room: Desk) -> None:
    room.ok("postmortem", "new")
    strict = room.ictl("postmortem", "submit", "--strict")
    assert strict.code == 2
    assert strict.err.startswith(f"the post-mortem of {ID} is not complete: mend this, or leave --strict out")
    assert "status: draft" in room.text(PATH)
    result = room.ok("postmortem", "submit")
    assert f"to mend before it is final; `ictl lint {PATH}` shows each place:" in result.err
    assert "status: in_review" in room.text(PATH)
    data = room.ok("postmortem", "submit", "--json").json
    fits(data)
    assert data["problems"] and data["next"] == []
    assert {each.rpartition("(")[2][:3] for each in data["problems"]} <= {"STR", "IMP", "RCA", "ACT"}


def test_submitting_again_commits_and_pushes_what_was_changed_since(written: Desk, remote: Path) -> None:
    written.ok("postmortem", "submit")
    written.write(PATH, written.text(PATH).replace("nine minutes", "ten minutes"))
    assert written.ok("postmortem", "submit").out.startswith("post-mortem of checkout-latency in review · shared")
    assert "ten minutes" in written.git("--git-dir", str(remote), "show", f"{BRANCH}:{PATH}")
    again = written.ok("postmortem", "submit")
    assert again.out.startswith("post-mortem of checkout-latency in review already · shared")


def test_on_the_branch_of_the_record_it_is_shared_as_the_record_is(room: Desk, remote: Path) -> None:
    room.ok("postmortem", "new", "--here")
    result = room.ok("postmortem", "submit")
    assert "it is on main, the branch of the record" in result.err
    assert room.git("--git-dir", str(remote), "branch", "--list", "postmortem/*") == ""
    assert "status: in_review" in room.git("--git-dir", str(remote), "show", f"main:{PATH}")


def test_a_final_one_is_not_submitted(written: Desk) -> None:
    written.write(PATH, COMPLETE.replace("status: draft", "status: final"))
    result = written.ictl("postmortem", "submit")
    assert result.code == 2 and "is final already" in result.err


def test_nobody_but_the_author_as_reviewer_is_a_warning(written: Desk) -> None:
    written.write(PATH, COMPLETE.replace("reviewers: [bob]", "reviewers: [ann]"))
    assert "warning: nobody but the author is named as a reviewer" in written.ok("postmortem", "submit").err


# ------------------------------------------------------------------------------------------------------------ publish


def test_publish_makes_it_final_and_prints_its_announcement(written: Desk) -> None:
    written.git("remote", "add", "origin", "git@github.com:acme/incidents.git")
    result = written.ok("postmortem", "publish")
    assert written.text(PATH) == COMPLETE.replace("status: draft", "status: final").replace(
        "root_cause: pool-size\n", "root_cause: pool-size\npublished_at: 2026-05-14T12:10:00Z\n"
    )
    assert written.subjects()[0] == "checkout-latency: post-mortem published"
    text = result.out
    assert text.startswith("Post-mortem: Checkout latency (SEV1, 2026-05-14, 2h 8m)\n\nSummary\nFor 57 minutes")
    assert "\nWhat went poorly\n- The first 18 minutes" in text
    assert "\nAction items\n- Reject a pool size below last week's peak (@bob, due 2026-06-12)" in text
    assert f"\nThe whole post-mortem: https://github.com/acme/incidents/blob/main/{PATH}\n" in text
    assert "<!--" not in text
    assert text.splitlines()[-2:] == [
        "post-mortem of checkout-latency published",
        f"next: push {BRANCH} and merge it into main · `ictl close {ID}`",
    ]


def test_publish_refuses_what_is_not_complete_and_names_each_fault(room: Desk) -> None:
    room.ok("postmortem", "new")
    result = room.ictl("postmortem", "publish")
    assert result.code == 2
    assert result.err.startswith(f"the post-mortem of {ID} is not complete: mend this, then publish it")
    assert "Summary" in result.err and "Action Items" in result.err
    assert "status: draft" in room.text(PATH)
    error = room.ictl("postmortem", "publish", "--json").error
    assert error["code"] == "refused" and error["candidates"]


def test_the_lines_that_publish_names_are_those_of_the_file_as_it_stands(written: Desk) -> None:
    text = COMPLETE.replace("status: draft\n", "").replace(
        "- The failover had been practised", "- TBD: the failover was"
    )
    written.write(PATH, text)
    line = next(number for number, each in enumerate(text.splitlines(), 1) if "TBD" in each)
    (problem,) = written.ictl("postmortem", "publish", "--json").error["candidates"]
    assert problem.startswith(f"line {line}: ")
    assert f"{PATH}:{line}:" in written.ictl("lint", PATH, "-f", "concise").out


def test_publishing_again_prints_the_announcement_and_changes_nothing(written: Desk) -> None:
    first = written.ok("postmortem", "publish").out
    before = written.subjects()
    written.wait(60)
    again = written.ok("postmortem", "publish").out
    assert again.partition("The whole post-mortem")[0] == first.partition("The whole post-mortem")[0]
    assert "post-mortem of checkout-latency final already, published 2026-05-14T12:10:00Z" in again
    assert written.subjects() == before


def test_when_it_was_published_can_be_said(written: Desk) -> None:
    written.ok("postmortem", "publish", "--at", "12:00")
    assert "published_at: 2026-05-14T12:00:00Z" in written.text(PATH)


def test_the_announcement_is_for_programs_too(written: Desk) -> None:
    data = written.ok("postmortem", "publish", "--json").json
    assert (data["kind"], data["status"], data["committed"]) == ("postmortem", "final", True)
    assert data["announcement"].startswith("Post-mortem: Checkout latency")
    assert data["published_at"] == "2026-05-14T12:10:00Z"
    assert data["next"] == [
        {"what": "merge", "by": None, "command": None},
        {"what": "close", "by": None, "command": f"ictl close {ID}"},
    ]
    fits(data)


def test_it_is_copied_where_there_is_a_terminal(written: Desk) -> None:
    result = written.ok("postmortem", "publish", "--copy", typed="")
    assert "published · announcement copied" in result.out and "\x1b]52;c;" in result.err
    assert "here is the announcement" in written.ok("postmortem", "publish", "--copy").err


def test_final_without_a_reviewer_is_a_warning(written: Desk) -> None:
    written.write(PATH, COMPLETE.replace("reviewers: [bob]", "reviewers: []"))
    assert "warning: it is final without a reviewer besides its author" in written.ok("postmortem", "publish").err


# -------------------------------------------------------------------------------------------------------------- close


def test_closing_waits_until_the_final_one_is_merged(written: Desk) -> None:
    written.ok("postmortem", "submit")
    result = written.ictl("close", ID)
    assert result.code == 2 and f"is missing on main: it is in review on {BRANCH}" in result.err
    written.ok("postmortem", "publish")
    result = written.ictl("close", ID)
    assert result.code == 2
    assert f"is missing on main: it is final on {BRANCH}: merge {BRANCH} into main first" in result.err
    written.git("switch", "--quiet", "main")
    written.git("merge", "--quiet", BRANCH)
    assert written.ok("close", ID).out.startswith("12:10Z checkout-latency SEV1 closed")
    assert written.ok("postmortem", "show", ID).out.splitlines()[-1] == "action items  2 open"


def test_a_post_mortem_that_is_there_is_not_missed_any_more(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "1", "--mitigated-at", "-5m", "--detected-at", "-40m")
    assert "postmortem new" in desk.ok("resolve", "pool fixed").out
    desk.ok("postmortem", "new", "2026-05-14-checkout-latency")
    assert "postmortem new" not in desk.ok("show", "2026-05-14-checkout-latency").out
