"""Where documents are found, and what a write of them does to a repository, in each state that it can be in."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from incidentctl.config.settings import Settings, StoreSettings
from incidentctl.errors import NoSuchIncidentError, RefusedError, RepositoryError, UsageError
from incidentctl.store.files import OutsideError
from incidentctl.store.postmortems import Outcome, Postmortems, postmortem_branch
from tests.store.conftest import Place, committed_paths, made

ID = "2026-05-14-checkout-latency"
PATH = f"postmortems/2026/05/{ID}.md"
OTHER = "postmortems/2026/04/2026-04-02-slow-lists.md"
BRANCH = f"postmortem/{ID}"
SETTINGS = Settings(store=StoreSettings(branch="main"))


@pytest.fixture
def clone_at(place: Place) -> Iterator[Callable[..., Place]]:
    """Another place of the same repository: a clone, a bare one, or a second work tree."""
    made: list[Place] = []

    def at(path: Path, *command: str) -> Place:
        place.git(*command, str(path))
        made.append(Place(path, place.environ))
        return made[-1]

    yield at
    for each in made:
        for repository in each.opened:
            repository.close()


def documents(place: Place, *, cwd: Path | None = None, settings: Settings = SETTINGS) -> Postmortems:
    said: list[str] = []
    return Postmortems(place.open(branch="main", cwd=cwd), settings, notice=said.append)


def begin(place: Place, text: str = "a draft\n", **options: bool) -> Outcome:
    return documents(place).begin(ID, text, event="post-mortem drafted", **options)


def adding(line: str) -> Callable[[str], str]:
    return lambda text: text + line + "\n"


def edit(place: Place, *lines: str, path: str = PATH, takes_in_hand_edits: bool = False) -> Outcome:
    def change(text: str) -> str:
        for line in lines:
            text = adding(line)(text)
        return text

    (outcome,) = documents(place).edit({path: change}, event="changed", takes_in_hand_edits=takes_in_hand_edits)
    return outcome


# ------------------------------------------------------------------------------------------------------------ reading


def test_what_is_checked_out_counts_before_the_branch_of_the_post_mortem_and_before_the_record(place: Place) -> None:
    place.commit(PATH, "on main\n")
    place.git("switch", "--quiet", "-c", BRANCH)
    place.commit(PATH, "on its branch\n")
    place.git("switch", "--quiet", "-c", "other", "main~1")
    assert [(each.text, each.branch, each.place) for each in documents(place).versions(ID)] == [
        ("on its branch\n", BRANCH, None),
        ("on main\n", "main", None),
    ]
    place.commit(PATH, "on another branch\n")
    place.write(PATH, "not committed\n")
    found = documents(place).find(ID)
    assert found is not None
    assert (found.text, found.branch, found.place) == ("not committed\n", "other", str(place.path))


def test_a_document_that_is_nowhere_is_none(place: Place) -> None:
    assert documents(place).find(ID) is None
    assert documents(place).all() == ([], [])


def test_all_documents_are_listed_once_each_where_it_counts(place: Place) -> None:
    place.commit(OTHER, "other\n")
    place.commit(PATH, "old\n")
    place.git("branch", "topic")
    place.git("switch", "--quiet", "-c", BRANCH)
    place.commit(PATH, "new\n")
    place.git("switch", "--quiet", "main")
    place.git("rm", "--quiet", PATH)
    place.git("commit", "--quiet", "-m", "moved to its branch")
    files, unreadable = documents(place).all()
    assert [(each.path, each.text, each.branch) for each in files] == [
        (OTHER, "other\n", "main"),
        (PATH, "new\n", BRANCH),
    ]
    assert unreadable == []


def test_a_document_on_a_branch_that_only_a_remote_has_is_found(
    place: Place, tmp_path: Path, clone_at: Callable[..., Place]
) -> None:
    begin(place)
    place.git("switch", "--quiet", "main")
    clone = clone_at(tmp_path / "clone", "clone", "--quiet", str(place.path))
    found = documents(clone).find(ID)
    assert found is not None and found.text == "a draft\n"
    assert [each.incident for each in documents(clone).all()[0]] == [ID]
    outcome = edit(clone, "more")
    assert outcome.commit is not None
    assert clone.git("show", f"{BRANCH}:{PATH}") == "a draft\nmore"
    assert clone.git("rev-parse", f"{BRANCH}~1") == place.head(BRANCH)


def test_a_link_is_never_read_nor_written(place: Place, tmp_path: Path) -> None:
    outside = tmp_path / "outside.md"
    outside.write_text("secret\n")
    link = place.path / PATH
    link.parent.mkdir(parents=True)
    link.symlink_to(outside)
    with pytest.raises(OutsideError):
        documents(place).find(ID)
    with pytest.raises(OutsideError):
        edit(place, "more")
    files, unreadable = documents(place).all()
    assert files == [] and [each.path for each in unreadable] == [PATH]
    assert outside.read_text() == "secret\n"


def test_in_a_work_tree_without_a_branch_its_own_files_are_read(place: Place) -> None:
    place.commit(PATH, "then\n")
    place.git("switch", "--quiet", "--detach")
    place.git("branch", "--force", "main", "main~1")
    found = documents(place).find(ID)
    assert found is not None
    assert (found.text, found.branch) == ("then\n", None)
    assert [each.path for each in documents(place).all()[0]] == [PATH]


def test_in_a_bare_repository_branches_are_read_and_written(
    place: Place, tmp_path: Path, clone_at: Callable[..., Place]
) -> None:
    begin(place)
    bare = clone_at(tmp_path / "bare.git", "clone", "--quiet", "--bare", str(place.path))
    outcome = edit(bare, "more")
    assert outcome.commit is not None and outcome.place is None
    assert bare.git("show", f"{BRANCH}:{PATH}") == "a draft\nmore"


# -------------------------------------------------------------------------------------------------------------- edits


def test_an_edit_is_one_commit_of_just_its_paths_on_the_branch_that_is_checked_out(place: Place) -> None:
    place.commit(PATH, "one\n")
    place.commit(OTHER, "two\n")
    place.git("switch", "--quiet", "-c", "topic")
    place.write("app.py", "changed by the user\n")
    place.write("README.md", "staged by the user\n")
    place.git("add", "README.md")
    foreign = place.git("diff"), place.git("diff", "--cached")
    (outcome,) = documents(place).edit(
        {PATH: adding("more"), OTHER: adding("more")}, event="action done", trailers=["Closes-Action: a:7k2ps0"]
    )
    assert outcome.branch == "topic" and outcome.refused is None
    assert committed_paths(place, "HEAD") == [OTHER, PATH]
    assert place.head() == outcome.commit != place.head("main")
    assert (place.git("diff"), place.git("diff", "--cached")) == foreign
    assert place.read(PATH) == "one\nmore\n"
    message = place.git("log", "-1", "--format=%B")
    assert message == (
        f"2 post-mortems: action done\n\nIncident: {ID}\nIncident: 2026-04-02-slow-lists\nCloses-Action: a:7k2ps0"
    )
    place.check()


def test_the_subject_of_a_commit_follows_the_settings(place: Place) -> None:
    place.commit(PATH, "one\n")
    edit(place, "more")
    assert place.git("log", "-1", "--format=%s") == "checkout-latency: changed"


def test_an_edit_is_given_the_text_as_it_stands_hand_edits_included(place: Place) -> None:
    place.commit(PATH, "one\n")
    place.write(PATH, "one\nby hand\n")
    edit(place, "more")
    assert place.git("show", f"HEAD:{PATH}") == "one\nby hand\nmore"


def test_what_others_write_meanwhile_is_not_lost(place: Place) -> None:
    place.commit(PATH, "one\n")
    times = 0

    def change(text: str) -> str:
        nonlocal times
        times += 1
        if times == 2:  # after the first look, before the write
            place.commit(PATH, text + "theirs\n")
        return text + "ours\n"

    documents(place).edit({PATH: change}, event="changed")
    assert place.git("show", f"HEAD:{PATH}") == "one\ntheirs\nours"


def test_a_document_that_is_not_checked_out_is_written_on_its_branch_and_the_work_tree_stays(place: Place) -> None:
    begin(place)
    place.git("switch", "--quiet", "main")
    before = place.git("status", "--porcelain"), place.head()
    outcome = edit(place, "more")
    assert (outcome.branch, outcome.place) == (BRANCH, None)
    assert place.git("show", f"{BRANCH}:{PATH}") == "a draft\nmore"
    assert (place.git("status", "--porcelain"), place.head()) == before
    assert not (place.path / PATH).exists()


def test_a_branch_that_another_work_tree_has_is_written_there(place: Place, tmp_path: Path) -> None:
    begin(place)
    place.git("switch", "--quiet", "main")
    place.git("worktree", "add", "--quiet", str(tmp_path / "review"), BRANCH)
    outcome = edit(place, "more")
    assert outcome.place == str(tmp_path / "review")
    assert (tmp_path / "review" / PATH).read_text() == "a draft\nmore\n"
    review = Place(tmp_path / "review", place.environ)
    assert review.git("status", "--porcelain") == ""


def test_documents_on_two_branches_are_two_commits(place: Place) -> None:
    place.commit(OTHER, "two\n")
    begin(place)
    place.git("switch", "--quiet", "main")
    outcomes = documents(place).edit({PATH: adding("more"), OTHER: adding("more")}, event="changed")
    assert [each.branch for each in outcomes] == [BRANCH, "main"]
    assert place.git("show", f"{BRANCH}:{PATH}").endswith("more")
    assert place.read(OTHER) == "two\nmore\n"


def test_where_one_edit_refuses_nothing_is_written(place: Place) -> None:
    place.commit(OTHER, "two\n")
    place.commit(PATH, "one\n")
    head = place.head()

    def refuse(text: str) -> str:
        raise UsageError("no such action")

    with pytest.raises(UsageError):
        documents(place).edit({OTHER: adding("more"), PATH: refuse}, event="changed")
    assert place.head() == head and place.read(OTHER) == "two\n"


def test_an_edit_of_nothing_makes_no_commit_and_leaves_hand_edits_alone(place: Place) -> None:
    place.commit(PATH, "one\n")
    place.write(PATH, "one\nby hand\n")
    head = place.head()
    outcome = edit(place)
    assert (outcome.commit, outcome.refused, outcome.files) == (None, None, ())
    assert place.head() == head and place.read(PATH) == "one\nby hand\n"


def test_hand_edits_are_committed_where_they_are_to_be_taken_in(place: Place) -> None:
    place.commit(PATH, "one\n")
    place.write(PATH, "one\nby hand\n")
    outcome = edit(place, takes_in_hand_edits=True)
    assert outcome.commit == place.head()
    assert place.git("show", f"HEAD:{PATH}") == "one\nby hand"


def test_a_dry_run_writes_nothing(place: Place) -> None:
    place.commit(PATH, "one\n")
    head = place.head()
    (outcome,) = documents(place).edit({PATH: adding("more")}, event="changed", dry_run=True)
    assert [(each.before, each.after) for each in outcome.files] == [("one\n", "one\nmore\n")]
    assert begin_other(place, dry_run=True).commit is None
    assert place.head() == head and place.git("status", "--porcelain") == ""


def begin_other(place: Place, **options: bool) -> Outcome:
    return documents(place).begin("2026-04-02-slow-lists", "x\n", event="post-mortem drafted", **options)


def test_line_endings_and_bytes_that_are_no_text_survive(place: Place) -> None:
    place.write(PATH, b"one\r\n\xff\r\n")
    place.git("add", PATH)
    place.git("commit", "--quiet", "-m", "by hand")
    edit(place, "more")
    assert (place.path / PATH).read_bytes() == b"one\r\n\xff\r\nmore\n"


def test_an_edit_of_a_document_that_is_nowhere_says_so(place: Place) -> None:
    with pytest.raises(NoSuchIncidentError, match="no post-mortem"):
        edit(place, "more")


# ------------------------------------------------------------------------------------------- where a commit is refused


def test_where_a_hook_refuses_the_text_is_in_the_file(place: Place) -> None:
    place.commit(PATH, "one\n")
    head = place.head()
    place.hook("pre-commit", "echo not today; exit 1")
    outcome = edit(place, "more")
    assert outcome.commit is None and outcome.refused is not None
    assert outcome.refused.in_work_tree
    assert "not today" in outcome.refused.reason
    assert place.head() == head and place.read(PATH) == "one\nmore\n"


def test_in_the_middle_of_a_merge_the_text_is_in_the_file_and_the_merge_stays(place: Place) -> None:
    place.commit(PATH, "one\n")
    place.git("switch", "--quiet", "-c", "side")
    place.commit("app.py", "side\n")
    place.git("switch", "--quiet", "main")
    place.commit("app.py", "main\n")
    place.git("merge", "side", ok=False)
    outcome = edit(place, "more")
    assert outcome.refused is not None and outcome.refused.in_work_tree
    assert "merge is in progress" in outcome.refused.reason
    assert place.read(PATH) == "one\nmore\n"
    assert (place.path / ".git" / "MERGE_HEAD").exists()


def test_in_the_middle_of_a_rebase_the_text_is_in_the_file(place: Place) -> None:
    place.commit(PATH, "one\n")
    place.git("switch", "--quiet", "-c", "side")
    place.commit("app.py", "side\n")
    place.git("switch", "--quiet", "main")
    place.commit("app.py", "main\n")
    place.git("switch", "--quiet", "side")
    place.git("rebase", "main", ok=False)
    outcome = edit(place, "more")
    assert outcome.refused is not None and outcome.refused.in_work_tree
    assert "rebase is in progress" in outcome.refused.reason
    assert place.read(PATH) == "one\nmore\n"
    assert place.git("log", "--all", "--format=%s", "--grep=changed") == ""


def test_without_a_branch_the_text_is_in_the_file_and_no_commit_is_made_that_nobody_would_find(place: Place) -> None:
    place.commit(PATH, "one\n")
    place.git("switch", "--quiet", "--detach")
    head = place.head()
    outcome = edit(place, "more")
    assert outcome.refused is not None and outcome.refused.in_work_tree
    assert "no branch is checked out" in outcome.refused.reason
    assert place.head() == head and place.read(PATH) == "one\nmore\n"


def test_where_there_is_no_file_to_save_in_nothing_is_written_and_that_is_said(place: Place) -> None:
    begin(place)
    place.git("switch", "--quiet", "main")
    before = place.head(BRANCH)
    Path(place.environ["HOME"], "gitconfig").write_text("[user]\n\tuseConfigOnly = true\n")
    with pytest.raises(RepositoryError, match="nothing was written: git does not know who you are"):
        edit(place, "more")
    assert place.head(BRANCH) == before


# ------------------------------------------------------------------------------------------------------- a new document


def test_a_new_document_is_on_a_branch_of_its_own_that_is_checked_out(place: Place) -> None:
    main = place.head()
    outcome = begin(place)
    assert outcome.notes == ()
    assert (outcome.branch, outcome.place) == (BRANCH, str(place.path))
    assert place.git("branch", "--show-current") == BRANCH == postmortem_branch(ID)
    assert place.head("HEAD~1") == main == place.head("main")
    assert committed_paths(place, "HEAD") == [PATH]
    assert place.git("status", "--porcelain") == ""
    place.check()


def test_foreign_work_comes_along_to_the_new_branch_untouched(place: Place) -> None:
    place.write("app.py", "changed by the user\n")
    place.write("README.md", "staged by the user\n")
    place.git("add", "README.md")
    place.write("new.txt", "not known to git\n")
    foreign = place.git("diff"), place.git("diff", "--cached")
    begin(place)
    assert place.git("branch", "--show-current") == BRANCH
    assert (place.git("diff"), place.git("diff", "--cached")) == foreign
    assert committed_paths(place, "HEAD") == [PATH]


def test_where_git_refuses_to_switch_the_branch_is_written_without(place: Place) -> None:
    place.git("switch", "--quiet", "-c", "topic")
    place.commit("app.py", "on the topic\n")
    place.write("app.py", "changed by the user\n")
    outcome = begin(place)
    assert place.git("branch", "--show-current") == "topic"
    assert place.read("app.py") == "changed by the user\n"
    assert (outcome.branch, outcome.place) == (BRANCH, None)
    assert any(note.startswith(f"written on {BRANCH} without switching to it") for note in outcome.notes)
    assert place.git("show", f"{BRANCH}:{PATH}") == "a draft"
    assert place.head(f"{BRANCH}~1") == place.head("main")


def test_from_another_branch_the_new_one_begins_at_the_record(place: Place) -> None:
    place.git("switch", "--quiet", "-c", "topic")
    place.commit("app.py", "on the topic\n")
    begin(place)
    assert place.git("branch", "--show-current") == BRANCH
    assert place.head("HEAD~1") == place.head("main")


def test_without_a_branch_checked_out_the_new_one_is_not_switched_to(place: Place) -> None:
    place.git("switch", "--quiet", "--detach")
    head = place.head()
    outcome = begin(place)
    assert outcome.commit == place.head(BRANCH)
    assert place.head() == head and place.git("branch", "--show-current") == ""
    assert any("no branch is checked out here" in note for note in outcome.notes)


def test_in_the_middle_of_a_merge_a_new_one_is_written_beside_it(place: Place) -> None:
    place.git("switch", "--quiet", "-c", "side")
    place.commit("app.py", "side\n")
    place.git("switch", "--quiet", "main")
    place.commit("app.py", "main\n")
    place.git("merge", "side", ok=False)
    outcome = begin(place)
    assert outcome.commit == place.head(BRANCH) and place.head(f"{BRANCH}~1") == place.head("main")
    assert any("without switching to it" in note for note in outcome.notes)
    assert place.git("branch", "--show-current") == "main"
    assert (place.path / ".git" / "MERGE_HEAD").exists()


def test_a_branch_of_that_name_that_is_there_is_taken(place: Place) -> None:
    place.git("switch", "--quiet", "-c", BRANCH)
    place.commit("app.py", "begun\n")
    begun = place.head()
    place.git("switch", "--quiet", "main")
    outcome = begin(place)
    assert place.git("branch", "--show-current") == BRANCH
    assert outcome.commit == place.head() and place.head("HEAD~1") == begun


def test_a_document_that_is_there_is_never_overwritten(place: Place) -> None:
    begin(place)
    place.git("switch", "--quiet", "main")
    with pytest.raises(RefusedError, match=f"already: {PATH} on {BRANCH}"):
        begin(place, "another\n")
    with pytest.raises(RefusedError, match="already"):
        begin(place, "another\n", stay=True)
    assert place.git("show", f"{BRANCH}:{PATH}") == "a draft"


def test_with_stay_it_is_written_on_the_branch_that_is_checked_out(place: Place) -> None:
    outcome = begin(place, stay=True)
    assert outcome.branch == "main" and place.git("branch", "--list", BRANCH) == ""
    assert place.git("branch", "--show-current") == "main"
    assert committed_paths(place, "HEAD") == [PATH]


def test_where_the_commit_is_refused_the_new_text_is_in_the_file_on_its_branch(place: Place) -> None:
    place.hook("commit-msg", "exit 1")
    outcome = begin(place)
    assert outcome.refused is not None and outcome.refused.in_work_tree
    assert place.git("branch", "--show-current") == BRANCH
    assert place.read(PATH) == "a draft\n"


def test_where_nothing_can_be_written_no_empty_branch_is_left(place: Place) -> None:
    place.git("switch", "--quiet", "--detach")
    Path(place.environ["HOME"], "gitconfig").write_text("[user]\n\tuseConfigOnly = true\n")
    with pytest.raises(RepositoryError, match="git does not know who you are"):
        begin(place)
    assert place.git("branch", "--list", BRANCH) == ""


def test_in_a_repository_without_a_commit_it_is_written_where_one_is(empty: Place) -> None:
    outcome = documents(empty).begin(ID, "a draft\n", event="post-mortem drafted")
    assert outcome.branch == "main" and outcome.commit == empty.head()


def test_where_no_setting_names_the_branch_of_the_record_it_does_not_become_that_of_the_post_mortem(
    place: Place,
) -> None:
    place.git("branch", "-m", "main", "trunk")
    outcome = Postmortems(place.open(), Settings(), notice=print).begin(ID, "a draft\n", event="drafted")
    assert place.git("branch", "--show-current") == "trunk"
    assert outcome.branch == BRANCH and any("[store] branch" in note for note in outcome.notes)
    place.git("branch", "-m", "trunk", "main")
    place.git("switch", "--quiet", BRANCH)
    assert place.open().branch == "main"


# ------------------------------------------------------------------------------------------------------ many at a time

WRITER = """
import os, sys
from incidentctl.config.settings import Settings, StoreSettings
from incidentctl.store.postmortems import Postmortems
from incidentctl.store.repository import find_repository

path, name = sys.argv[1:]
for number in range(4):
    with find_repository(
        explicit=None, environ=os.environ, cwd=os.getcwd(), user_repository=None, branch_setting=lambda text: "main"
    ) as repository:
        documents = Postmortems(repository, Settings(store=StoreSettings(branch="main")), notice=lambda line: None)
        line = f"{name}{number}\\n"
        (outcome,) = documents.edit({path: lambda text: text + line}, event=f"{name}{number}")
        assert outcome.commit, outcome
"""


@pytest.mark.parametrize("is_checked_out", [True, False])
def test_of_several_who_write_at_once_nobody_loses_a_line(
    place: Place, python: "Callable[..., subprocess.Popen[str]]", is_checked_out: bool
) -> None:
    begin(place)
    if not is_checked_out:
        place.git("switch", "--quiet", "main")
    writers = [python(WRITER, PATH, name, cwd=place.path) for name in ("a", "b", "c")]
    said = [writer.communicate(timeout=120)[1] for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0, 0], said
    lines = place.git("show", f"{BRANCH}:{PATH}").splitlines()
    assert sorted(lines[1:]) == sorted(f"{name}{number}" for name in "abc" for number in range(4))
    assert place.git("rev-list", "--count", f"main..{BRANCH}") == "13"
    if is_checked_out:
        assert place.git("status", "--porcelain") == ""
    place.check()


def test_a_repository_with_sha256_is_written_like_any_other(tmp_path: Path, environ: dict[str, str]) -> None:
    with made(tmp_path / "sha256", environ, "--object-format=sha256") as place:
        place.commit("incidentctl.toml", "")
        place.git("switch", "--quiet", "--detach")
        assert begin(place).commit == place.head(BRANCH)
        assert edit(place, "more").commit == place.head(BRANCH)


def test_where_the_name_of_the_branch_cannot_be_made_that_is_said(place: Place) -> None:
    place.git("branch", "postmortem")
    with pytest.raises(RepositoryError):
        begin(place)
    assert place.git("branch", "--show-current") == "main" and place.git("status", "--porcelain") == ""
