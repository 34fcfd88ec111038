"""What git is in the middle of: the commit is made beside it, or refused with the way out; it is never meddled with."""

import pytest

from incidentctl.store.commit import RefusalKind
from incidentctl.store.repository import OperationKind
from tests.store.conftest import OURS, Place, committed_paths


def diverge(place: Place) -> None:
    """Branches `main` and `topic` that clash in app.py."""
    place.git("checkout", "--quiet", "-b", "topic")
    place.commit("app.py", "topic 1\n", "topic 1")
    place.commit("app.py", "topic 2\n", "topic 2")
    place.git("checkout", "--quiet", "main")
    place.commit("app.py", "main\n", "main 1")


def stop_in(place: Place, kind: OperationKind) -> None:
    """Stops git in the middle of something on `main`."""
    diverge(place)
    if kind is OperationKind.MERGE:
        place.git("merge", "topic", ok=False)
    elif kind is OperationKind.REBASE:
        place.git("rebase", "topic", ok=False)
    elif kind is OperationKind.CHERRY_PICK:
        place.git("cherry-pick", "topic", ok=False)
    elif kind is OperationKind.REVERT:
        place.commit("app.py", "main 2\n")
        place.git("revert", "--no-edit", "HEAD~1", ok=False)
    elif kind is OperationKind.AM:
        patch = place.git("format-patch", "--stdout", "topic~2..topic")
        place.git("am", stdin=patch + "\n", ok=False)


def snapshot(place: Place) -> tuple[object, ...]:
    return (
        place.foreign(),
        place.head(),
        place.head("main"),
        sorted(str(path) for path in (place.path / ".git").iterdir() if path.name != "incidentctl"),
        place.read(),
    )


@pytest.mark.parametrize(
    "kind",
    [OperationKind.MERGE, OperationKind.REBASE, OperationKind.CHERRY_PICK, OperationKind.REVERT, OperationKind.AM],
    ids=lambda kind: kind.value,
)
def test_in_the_middle_of_something_on_the_records_branch_nothing_is_touched(place, kind):
    stop_in(place, kind)
    before = snapshot(place)
    result = place.note("second", repository=place.open(branch="main"))
    assert result.refused is not None
    assert result.refused.kind is RefusalKind.OPERATION
    assert result.refused.reason in (f"a {kind.value} is in progress", f"an {kind.value} is in progress")
    assert f"`git {kind.value} --abort`" in (result.refused.hint or "") and "next incidentctl" in (
        result.refused.hint or ""
    )
    assert not result.refused.in_work_tree
    assert snapshot(place) == before
    place.git(kind.value, "--abort")
    result = place.note("second")
    assert result.commit == place.head("main") and place.git("symbolic-ref", "HEAD") == "refs/heads/main"
    place.check()


def test_the_old_rebase_with_patches_too(place):
    diverge(place)
    place.git("rebase", "--apply", "topic", ok=False)
    result = place.note("second", repository=place.open(branch="main"))
    assert result.refused is not None and result.refused.reason == "a rebase is in progress"
    place.git("rebase", "--abort")
    assert place.note("second").commit == place.head("main")


def test_between_two_picks_of_a_series(place):
    diverge(place)
    place.git("cherry-pick", "topic~1", "topic", ok=False)
    place.write("app.py", "settled\n")
    place.git("commit", "--quiet", "--all", "--no-edit")
    assert not (place.path / ".git/CHERRY_PICK_HEAD").exists()
    result = place.note("second")
    assert result.refused is not None and result.refused.reason == "a cherry-pick is in progress"


@pytest.mark.parametrize("kind", [OperationKind.MERGE, OperationKind.REBASE], ids=lambda kind: kind.value)
def test_in_the_middle_of_something_on_another_branch_the_tip_moves(place, kind):
    diverge(place)
    place.git("checkout", "--quiet", "topic")
    place.git(kind.value, "main", ok=False)
    repository = place.open(branch="main")
    assert repository.operation is not None and repository.operation.kind is kind and repository.blocking is None
    before, parent = place.foreign(), place.head("main")
    head = place.head()
    result = place.note("second", repository=repository)
    assert result.refused is None and result.commit == place.head("main")
    assert place.head("main^") == parent and committed_paths(place, result.commit or "") == [OURS]
    assert place.foreign() == before and place.head() == head
    place.git(kind.value, "--abort")
    assert place.git("symbolic-ref", "HEAD") == "refs/heads/topic"
    place.check()


def test_a_rebase_of_another_branch_that_will_move_the_records_too(place):
    place.git("checkout", "--quiet", "-b", "base")
    place.git("checkout", "--quiet", "main")
    place.commit("app.py", "main\n")
    place.git("checkout", "--quiet", "-b", "topic")
    place.commit("app.py", "topic\n")
    place.git("checkout", "--quiet", "base")
    place.commit("app.py", "base\n")
    place.git("checkout", "--quiet", "topic")
    place.git("rebase", "--update-refs", "base", ok=False)
    result = place.note("second", repository=place.open(branch="main"))
    assert result.refused is not None and result.refused.reason == "a rebase is in progress"


def test_a_rebase_of_the_records_branch_in_another_work_tree(place, tmp_path):
    diverge(place)
    place.git("checkout", "--quiet", "--detach", "topic~2")
    place.git("worktree", "add", "--quiet", str(tmp_path / "linked"), "main")
    linked = Place(tmp_path / "linked", place.environ)
    linked.git("rebase", "topic", ok=False)
    repository = place.open(branch="main")
    assert not repository.checked_out
    result = place.note("second", repository=repository)
    assert result.refused is not None
    assert result.refused.reason == f"a rebase is in progress in {tmp_path / 'linked'}"
    linked.git("rebase", "--abort")
    assert place.note("second", repository=place.open(branch="main")).commit == place.head("main")
    assert (tmp_path / "linked" / OURS).read_text() == "first\nsecond\n"


def test_a_bisection_is_no_obstacle(place):
    for number in range(4):
        place.commit("app.py", f"{number}\n")
    place.git("bisect", "start", "HEAD", "HEAD~3")
    repository = place.open(branch="main")
    assert repository.operation is not None and repository.operation.kind is OperationKind.BISECT
    assert not repository.checked_out
    head, parent = place.head(), place.head("main")
    result = place.note("second", repository=repository)
    assert result.commit == place.head("main") and place.head("main^") == parent and place.head() == head
    place.git("bisect", "reset")
    assert place.read() == "first\nsecond\n" and place.git("status", "--porcelain") == ""
    place.check()


def test_a_rebase_that_began_while_we_waited(place):
    repository = place.open()
    stop_in(place, OperationKind.REBASE)
    result = place.note("second", repository=repository)
    assert result.refused is not None and result.refused.kind is RefusalKind.OPERATION


def test_another_branch_checked_out_while_we_waited(place):
    from incidentctl.store.commit import commit_files
    from tests.store.conftest import adding

    repository = place.open(branch="main")
    place.git("checkout", "--quiet", "-b", "feature")
    result = commit_files(repository, adding(repository, OURS, "second"))
    assert result.refused is not None and result.refused.kind is RefusalKind.MOVED
    assert place.read() == "first\n"
    result = place.note("second", repository=repository)
    assert result.commit == place.head("main") and place.read() == "first\n"


def test_a_file_in_conflict_after_a_stash_is_taken_as_it_is(place):
    place.write(OURS, "first\nmine\n")
    place.git("stash", "--quiet")
    place.commit(OURS, "first\ntheirs\n")
    place.git("stash", "pop", ok=False)
    assert "<<<<<<<" in place.read()
    result = place.note("second")
    assert result.commit == place.head()
    assert place.git("ls-files", "--unmerged") == ""
    place.check()
