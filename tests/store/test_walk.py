"""The walk gives every version of every file once, parents first, with what each parent had."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from incidentctl.errors import RepositoryError
from incidentctl.store.git import GitError
from incidentctl.store.walk import FileVersion, Walk, WalkedCommit
from tests.store.conftest import Place, made

ONE, TWO = "incidents/2026/05/2026-05-14-one.md", "incidents/2026/05/2026-05-14-two.md"


@pytest.fixture(params=["sha1", "sha256"])
def kept(request: pytest.FixtureRequest, tmp_path: Path, environ: dict[str, str]) -> Iterator[Place]:
    """A repository in each of git's formats."""
    with made(tmp_path / "repo", environ, f"--object-format={request.param}") as place:
        place.write("incidentctl.toml", "")
        place.write("other.txt", "x")
        place.git("add", ".")
        place.git("commit", "--quiet", "-m", "init")
        yield place


def walked(place: Place, *folders: str, tip: str = "HEAD") -> list[WalkedCommit]:
    repository = place.open(branch="main")
    with Walk(repository, place.head(tip), folders or ("incidents", "postmortems")) as walk:
        return list(walk.commits())


def told(place: Place, commit: str, steps: list[WalkedCommit]) -> dict[str, tuple[str | None, tuple[str | None, ...]]]:
    """What a commit made of each file: the texts."""
    (step,) = [step for step in steps if step.commit.oid == place.head(commit)]

    def text(blob: str | None) -> str | None:
        return None if blob is None else place.git("cat-file", "blob", blob)

    return {each.path: (text(each.blob), tuple(map(text, each.before))) for each in step.files}


def test_each_commit_tells_what_it_made_of_each_file(kept: Place) -> None:
    kept.commit(ONE, "a\n")
    kept.commit(TWO, "b\n")
    kept.commit("other.txt", "foreign\n")
    kept.commit(ONE, "c\n")
    kept.git("rm", "--quiet", TWO)
    kept.git("commit", "--quiet", "-m", "gone")
    steps = walked(kept)
    assert [step.commit.oid for step in steps] == kept.git("rev-list", "--reverse", "HEAD").split()
    assert told(kept, "HEAD~5", steps) == {}
    assert told(kept, "HEAD~4", steps) == {ONE: ("a", (None,))}
    assert told(kept, "HEAD~3", steps) == {TWO: ("b", (None,))}
    assert told(kept, "HEAD~2", steps) == {}
    assert told(kept, "HEAD~1", steps) == {ONE: ("c", ("a",))}
    assert told(kept, "HEAD", steps) == {TWO: (None, ("b",))}


def test_a_commit_is_told_as_it_was_made(kept: Place) -> None:
    env = {
        "GIT_AUTHOR_NAME": "Änn",
        "GIT_AUTHOR_EMAIL": "ann@example.org",
        "GIT_AUTHOR_DATE": "1700000000 +0100",
        "GIT_COMMITTER_NAME": "Bob",
        "GIT_COMMITTER_EMAIL": "bob@example.org",
        "GIT_COMMITTER_DATE": "1600000000 -0500",
    }
    kept.write(".mailmap", "Somebody <else@example.org> <ann@example.org>\n")
    kept.write(ONE, "a\n")
    kept.git("add", "--all")
    kept.git("commit", "--quiet", "-m", "subject\n\nbody\n\nIncident: x", env=env)
    commit = walked(kept)[-1].commit
    assert (commit.author_name, commit.author_mail, commit.author_at) == ("Änn", "ann@example.org", 1_700_000_000)
    assert (commit.committer_name, commit.committer_mail, commit.committer_at) == (
        "Bob",
        "bob@example.org",
        1_600_000_000,
    )
    assert commit.message == "subject\n\nbody\n\nIncident: x\n"
    assert commit.parents == (kept.head("HEAD~1"),)
    assert commit.tree == kept.head("HEAD^{tree}")


def test_parents_come_first_whatever_the_dates_say(kept: Place) -> None:
    for number in range(5):
        when = f"{1_700_000_000 - number * 86400} +0000"
        kept.write(ONE, f"{number}\n")
        kept.git("add", "--all")
        kept.git("commit", "--quiet", "-m", str(number), env={"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when})
    assert [step.commit.message for step in walked(kept)[1:]] == [f"{number}\n" for number in range(5)]


def test_a_root_commit_with_files_is_told(empty: Place) -> None:
    empty.write(ONE, "a\n")
    empty.git("add", ".")
    empty.git("commit", "--quiet", "-m", "all at once")
    (step,) = walked(empty)
    assert step.files == (FileVersion(step.commit, ONE, empty.git("rev-parse", f"HEAD:{ONE}"), ()),)
    assert step.files[0].is_own


def test_a_merge_tells_what_each_parent_had(kept: Place) -> None:
    kept.commit(ONE, "one\n")
    kept.commit(TWO, "two\n")
    kept.git("branch", "other")
    kept.commit(ONE, "one, changed here\n")
    kept.git("switch", "--quiet", "other")
    kept.commit(TWO, "two, changed there\n")
    kept.git("switch", "--quiet", "main")
    kept.git("merge", "--quiet", "--no-edit", "other")
    steps = walked(kept)
    assert told(kept, "HEAD", steps) == {
        ONE: ("one, changed here", ("one, changed here", "one")),
        TWO: ("two, changed there", ("two", "two, changed there")),
    }
    assert not any(each.is_own for each in steps[-1].files)
    kept.git("reset", "--quiet", "--hard", "HEAD~1")
    kept.git("merge", "--quiet", "--no-commit", "--no-ff", "other")
    kept.write(ONE, "neither\n")
    kept.git("add", "--all")
    kept.git("commit", "--quiet", "-m", "evil")
    assert [each.path for each in walked(kept)[-1].files if each.is_own] == [ONE]


def test_octopuses_roots_and_criss_crosses_are_walked(kept: Place) -> None:
    for name in ("a", "b", "c"):
        kept.git("switch", "--quiet", "-c", name, "main")
        kept.commit(f"incidents/2026/05/2026-05-14-{name}.md", f"{name}\n")
    kept.git("switch", "--quiet", "main")
    kept.git("merge", "--quiet", "--no-edit", "a", "b", "c")
    kept.git("switch", "--quiet", "--orphan", "root")
    kept.commit("incidents/2020/01/2020-01-02-old.md", "old\n")
    kept.git("switch", "--quiet", "main")
    kept.git("merge", "--quiet", "--no-edit", "--allow-unrelated-histories", "root")
    kept.git("branch", "left")
    kept.git("switch", "--quiet", "-c", "right")
    kept.commit(TWO, "right\n")
    right = kept.head()
    kept.git("switch", "--quiet", "left")
    kept.commit(ONE, "left\n")
    left = kept.head()
    kept.git("merge", "--quiet", "--no-edit", right)
    kept.git("switch", "--quiet", "right")
    kept.git("merge", "--quiet", "--no-edit", left)
    kept.git("merge", "--quiet", "--no-edit", "-m", "both", "left")
    steps = walked(kept)
    assert len(steps) == int(kept.git("rev-list", "--count", "HEAD"))
    seen: set[str] = set()
    for step in steps:
        assert set(step.commit.parents) <= seen
        assert all(len(each.before) == len(step.commit.parents) for each in step.files)
        seen.add(step.commit.oid)
    octopus = next(step for step in steps if len(step.commit.parents) == 3)
    assert {each.path[-4]: [blob is not None for blob in each.before] for each in octopus.files} == {
        "a": [True, False, False],
        "b": [False, True, False],
        "c": [False, False, True],
    }


def test_a_link_and_a_submodule_are_empty_files(kept: Place) -> None:
    kept.commit(ONE, "a\n")
    (kept.path / ONE).unlink()
    (kept.path / ONE).symlink_to("/etc/hostname")
    kept.git("update-index", "--add", "--cacheinfo", f"160000,{kept.head()},{TWO}")
    kept.git("add", ONE)
    kept.git("commit", "--quiet", "-m", "links")
    repository = kept.open(branch="main")
    with Walk(repository, kept.head(), ("incidents",)) as walk:
        *_, last = walk.commits()
        assert {each.path: walk.read(each.blob or "", cap=10) for each in last.files} == {ONE: b"", TWO: b""}


def test_any_name_is_told(kept: Place) -> None:
    names = ("with space", "ünï", 'quo"te', "new\nline", "tab\t", "-dash", ":colon", "*")
    for name in names:
        kept.write(f"incidents/{name}.md", "a\n")
    kept.git("add", "--all")
    kept.git("commit", "--quiet", "-m", "x")
    assert {each.path for each in walked(kept)[-1].files} == {f"incidents/{name}.md" for name in names}
    assert walked(kept, "incidents/2026")[-1].files == ()


def test_folders_are_no_patterns(kept: Place) -> None:
    kept.commit("incidents/a.md", "a\n")
    assert walked(kept, "incid*")[-1].files == ()
    assert walked(kept, ":/incidents") is not None


def test_contents_are_read_many_at_a_time(kept: Place) -> None:
    blobs = [
        subprocess.run(
            ["git", "hash-object", "-w", "--stdin"],
            input=f"{number}\n" * (number + 1),
            cwd=kept.path,
            env=kept.environ,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for number in range(120)
    ]
    with Walk(kept.open(branch="main"), kept.head(), ("incidents",)) as walk:
        assert list(walk.read_all(blobs, cap=200)) == [
            (blob, text if len(text) <= 200 else None)
            for blob, text in zip(blobs, [f"{number}\n".encode() * (number + 1) for number in range(120)], strict=True)
        ]
        some = walk.read_all(blobs[:9], cap=200)
        next(some)
        some.close()  # type: ignore[attr-defined]  # a generator
        assert walk.read(blobs[1], cap=200) == b"1\n1\n"
        with pytest.raises(RepositoryError, match="the repository has no file"):
            walk.read("1" * len(blobs[0]), cap=200)
        assert walk.read(blobs[1], cap=200) == b"1\n1\n"


def test_what_replaces_a_commit_in_this_clone_does_not_count(kept: Place) -> None:
    kept.commit(ONE, "a\n")
    kept.commit(ONE, "b\n")
    before = walked(kept)
    kept.git(
        "replace", kept.git("rev-parse", f"HEAD~1:{ONE}"), kept.git("hash-object", "-w", "--stdin", stdin="forged")
    )
    kept.git("replace", kept.head("HEAD"), kept.head("HEAD~1"))
    assert walked(kept, tip=before[-1].commit.oid) == before
    grafts = kept.path / ".git" / "info" / "grafts"
    grafts.parent.mkdir(exist_ok=True)
    grafts.write_text(f"{before[-1].commit.oid}\n")
    assert walked(kept, tip=before[-1].commit.oid) == before


def test_a_commit_that_is_gone_is_an_error_with_gits_words(kept: Place) -> None:
    kept.commit(ONE, "a\n")
    middle = kept.head()
    kept.commit(ONE, "b\n")
    (kept.path / ".git" / "objects" / middle[:2] / middle[2:]).unlink()
    with pytest.raises(GitError):
        walked(kept)


def test_a_tree_that_is_gone_is_an_error_with_gits_words(kept: Place) -> None:
    kept.commit(ONE, "a\n")
    tree = kept.git("rev-parse", "HEAD:incidents")
    kept.commit(ONE, "b\n")
    (kept.path / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
    with pytest.raises(GitError):
        walked(kept)


def test_a_walk_that_is_left_early_leaves_nothing_running(kept: Place) -> None:
    for number in range(3):
        kept.commit(ONE, f"{number}\n")
    with Walk(kept.open(branch="main"), kept.head(), ("incidents",)) as walk:
        steps = walk.commits()
        next(steps)
        steps.close()  # type: ignore[attr-defined]  # a generator


def test_more_files_than_fit_into_a_pipe_are_told(kept: Place) -> None:
    for number in range(3000):
        kept.write(f"incidents/2026/05/2026-05-14-a-name-that-is-not-short-at-all-{number}.md", "x\n")
    kept.git("add", "--all")
    kept.git("commit", "--quiet", "-m", "many")
    assert len(walked(kept)[-1].files) == 3000


def test_a_walk_since_a_commit_gives_what_came_after_it_as_the_whole_walk_does(kept: Place) -> None:
    kept.commit(ONE, "a\n")
    kept.git("branch", "side")
    kept.commit(ONE, "b\n")
    since = kept.head("HEAD")
    kept.git("switch", "--quiet", "side")
    kept.commit(TWO, "c\n")
    kept.git("switch", "--quiet", "main")
    kept.git("merge", "--quiet", "--no-edit", "side")
    kept.commit(TWO, "d\n")
    whole = walked(kept)
    repository = kept.open(branch="main")
    with Walk(repository, kept.head("HEAD"), ("incidents",), since=since) as walk:
        later = list(walk.commits())
    assert later == [step for step in whole if step in later]
    assert {step.commit.oid for step in later} == {*kept.git("rev-list", f"{since}..HEAD").split()}


def test_a_commit_knows_the_date_of_the_latest_of_those_that_it_comes_from(kept: Place) -> None:
    kept.commit(ONE, "a\n")
    steps = walked(kept)
    assert [step.parents_at for step in steps] == [0, *(step.commit.committer_at for step in steps[:-1])]
