"""One commit of just our files, whatever else is going on in the repository."""

import os
from pathlib import Path

import pytest

from incidentctl.store.commit import Change, FileChange, RefusalKind, commit_files
from incidentctl.store.files import OutsideError
from tests.store.conftest import OURS, Place, committed_paths, made


def assert_committed(place: Place, result, *, line: str, parent: str | None, branch: str = "main") -> None:
    assert result.refused is None, result.refused
    assert result.commit == place.head(f"refs/heads/{branch}")
    assert place.git("rev-parse", f"{branch}^@") == (parent or "")
    assert committed_paths(place, result.commit) == [OURS]
    assert place.git("show", f"{branch}:{OURS}").splitlines()[-1] == line
    place.check()


def test_the_first_commit_of_a_repository(empty):
    result = empty.note("one")
    assert_committed(empty, result, line="one", parent=None)
    assert empty.read() == "one\n"
    assert empty.git("status", "--porcelain", "--untracked-files=all") == "?? incidentctl.toml"


def test_the_first_commit_beside_staged_files_leaves_them_staged(empty):
    empty.write("app.py", "x\n")
    empty.git("add", "app.py")
    result = empty.note("one")
    assert_committed(empty, result, line="one", parent=None)
    assert empty.git("status", "--porcelain") == "A  app.py\n?? incidentctl.toml"


def test_a_clean_work_tree_is_clean_afterwards(place):
    before = place.head()
    result = place.note("second")
    assert_committed(place, result, line="second", parent=before)
    assert place.git("status", "--porcelain", "--untracked-files=all") == ""
    assert result.notes == ()
    assert result.files == {OURS: b"first\nsecond\n"}
    assert place.git("diff-files", "--name-only") == "", "the index knows the file: no refresh is needed"


def test_the_message_and_both_reflogs_say_what_it_was(place):
    place.note("second")
    assert place.git("log", "-1", "--format=%B") == "checkout-latency: second\n\nIncident: x"
    assert place.git("log", "-1", "--format=%an <%ae>") == "Ann <ann@example.org>"
    for name in ("HEAD", "main"):
        assert place.git("reflog", "-1", "--format=%gs", name) == "incidentctl: checkout-latency: second"


def test_foreign_work_of_every_kind_is_the_same_before_and_after(place):
    place.write("app.py", "1\nstaged\n3\n4\n5\n6\n7\n8\n9\n")
    place.git("add", "app.py")
    place.write("app.py", "1\nstaged\n3\n4\n5\n6\n7\n8\nnot staged\n")  # partly staged
    place.write("README.md", "changed\n")  # not staged
    place.git("rm", "--quiet", "--cached", "lib/a.txt")  # staged removal, file still there
    place.write("new.txt", "untracked\n")
    place.write("later.txt", "intended\n")
    place.git("add", "--intent-to-add", "later.txt")
    before, parent = place.foreign(), place.head()
    result = place.note("second")
    assert_committed(place, result, line="second", parent=parent)
    assert place.foreign() == before
    assert place.read("app.py").endswith("not staged\n")


def test_a_change_in_the_moment_in_which_the_index_was_written_is_still_seen(place):
    place.git("config", "core.trustctime", "false")
    place.git("config", "core.checkstat", "minimal")
    then = (1_700_000_000_000_000_000, 1_700_000_000_000_000_000)
    os.utime(place.write("app.py", "a\n"), ns=then)
    place.git("add", "app.py")
    os.utime(place.write("app.py", "b\n"), ns=then)
    os.utime(place.path / ".git/index", ns=then)
    before = place.bytes_of("diff", "--", "app.py")
    assert b"+b" in before
    place.note("second")
    assert place.bytes_of("diff", "--", "app.py") == before


def test_our_own_file_may_be_new_changed_by_hand_staged_or_only_intended(place):
    parent = place.head()
    place.write(OURS, "first\nby hand\n")
    result = place.note("second")
    assert_committed(place, result, line="second", parent=parent)
    assert place.read() == "first\nby hand\nsecond\n"
    place.write(OURS, "first\nby hand\nsecond\nstaged\n")
    place.git("add", OURS)
    place.note("third")
    assert place.git("show", f"HEAD:{OURS}") == "first\nby hand\nsecond\nstaged\nthird"
    other = "incidents/2026/05/2026-05-15-other.md"
    place.write(other, "draft\n")
    place.git("add", "--intent-to-add", other)
    place.note("fourth", path=other)
    assert place.git("show", f"HEAD:{other}") == "draft\nfourth"
    assert place.git("status", "--porcelain") == ""
    place.check()


def test_the_commit_may_hold_less_than_the_work_tree(place):
    place.write(OURS, "first\nhalf an edit\n")
    repository = place.open()
    change = Change({OURS: FileChange(b"first\nsecond\n", work_tree=b"first\nhalf an edit\nsecond\n")}, "s\n")
    result = commit_files(repository, lambda tip: change)
    assert place.git("show", f"HEAD:{OURS}") == "first\nsecond"
    assert place.read() == "first\nhalf an edit\nsecond\n"
    assert place.git("status", "--porcelain") == f" M {OURS}"
    assert result.files == {OURS: b"first\nsecond\n"}
    place.check()


def test_an_ignored_folder_is_no_obstacle(place):
    place.commit(".gitignore", "incidents/\n")
    new = "incidents/2026/06/2026-06-01-new.md"
    assert place.note("one", path=new).commit == place.head()
    assert place.git("show", f"HEAD:{new}") == "one"


def test_nothing_new_makes_no_commit(place):
    before = place.head()
    assert place.note("first").commit is None
    repository = place.open()
    same = Change({OURS: FileChange(b"first\n")}, "s\n")
    result = commit_files(repository, lambda tip: same)
    assert (result.commit, result.refused, result.tip) == (None, None, before)
    assert place.head() == before
    place.check()


def test_several_files_are_one_commit_and_may_be_removals(place):
    repository = place.open()
    change = Change(
        {
            OURS: FileChange(None),
            "incidents/2026/06/new.md": FileChange(b"new\n"),
            ".gitattributes": FileChange(b"incidents/** merge=incidentctl\n"),
        },
        "init\n",
    )
    result = commit_files(repository, lambda tip: change)
    assert sorted(committed_paths(place, result.commit or "")) == [".gitattributes", OURS, "incidents/2026/06/new.md"]
    assert place.git("ls-tree", "-r", "--name-only", "HEAD", "incidents").split() == ["incidents/2026/06/new.md"]
    assert not (place.path / OURS).exists() and not (place.path / "incidents/2026/05").exists()
    assert place.git("status", "--porcelain") == ""
    place.check()


@pytest.mark.parametrize("how", ["other branch", "detached"])
def test_where_the_branch_is_not_checked_out_its_tip_alone_moves(place, how):
    place.git("checkout", "--quiet", *(["-b", "feature"] if how == "other branch" else ["--detach"]))
    place.commit("app.py", "feature\n")
    place.write("README.md", "changed\n")
    place.write("lib/a.txt", "staged\n")
    place.git("add", "lib/a.txt")
    before, parent, head = place.foreign(), place.head("main"), place.head()
    repository = place.open(branch="main")
    assert not repository.checked_out
    result = place.note("second", repository=repository)
    assert_committed(place, result, line="second", parent=parent)
    assert place.foreign() == before
    assert place.head() == head and place.read() == "first\n"
    assert place.git("reflog", "-1", "--format=%gs", "HEAD") != "incidentctl: checkout-latency: second"


def test_a_bare_repository_takes_the_commit_on_its_tip(place, tmp_path, environ):
    place.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare.git"))
    bare = Place(tmp_path / "bare.git", environ)
    repository = bare.open()
    assert repository.bare and repository.branch == "main"
    parent = bare.head("main")
    result = bare.note("second", repository=repository)
    assert_committed(bare, result, line="second", parent=parent)
    for each in bare.opened:
        each.close()


def test_a_branch_that_only_the_remote_has_begins_at_the_remotes_commit(place, tmp_path, environ):
    place.git("checkout", "--quiet", "-b", "product")
    place.git("clone", "--quiet", ".", str(tmp_path / "clone"))
    clone = Place(tmp_path / "clone", environ)
    result = clone.note("second", repository=clone.open(branch="main"))
    assert_committed(clone, result, line="second", parent=clone.head("refs/remotes/origin/main"))
    assert clone.git("symbolic-ref", "HEAD") == "refs/heads/product"
    for each in clone.opened:
        each.close()


def test_an_unborn_branch_whose_remote_has_commits_is_not_begun_anew(empty, place):
    empty.git("remote", "add", "origin", str(place.path))
    empty.git("fetch", "--quiet", "origin")
    result = empty.note("second")
    assert result.refused is not None and "git merge origin/main" in (result.refused.hint or "")
    assert empty.git("rev-parse", "--verify", "--quiet", "main", ok=False) == ""
    (empty.path / "incidentctl.toml").unlink()
    empty.git("merge", "--quiet", "origin/main")
    assert empty.note("second").commit == empty.head()


@pytest.mark.parametrize("where", ["there", "here", "gone"])
def test_a_linked_work_tree_that_has_the_branch_is_the_one_that_is_written(place, tmp_path, where):
    if where == "here":
        place.git("worktree", "add", "--quiet", "-b", "feature", str(tmp_path / "linked"))
        cwd, tree = tmp_path / "linked", place.path
    else:
        place.git("checkout", "--quiet", "-b", "feature")
        place.git("worktree", "add", "--quiet", str(tmp_path / "linked"), "main")
        cwd, tree = place.path, tmp_path / "linked"
    if where == "gone":
        import shutil

        shutil.rmtree(tmp_path / "linked")
    parent = place.head("main")
    repository = place.open(cwd=cwd, branch="main")
    assert repository.elsewhere is (where != "gone") and repository.checked_out is (where != "gone")
    result = place.note("second", repository=repository)
    assert_committed(place, result, line="second", parent=parent)
    if where == "gone":
        assert not repository.checked_out and place.read() == "first\n"
    else:
        assert (tree / OURS).read_text() == "first\nsecond\n"
        linked = Place(tree, place.environ)
        assert linked.git("status", "--porcelain") == ""
        assert linked.git("reflog", "-1", "--format=%gs", "HEAD") == "incidentctl: checkout-latency: second"


def test_a_linked_work_tree_of_a_bare_repository(place, tmp_path, environ):
    place.git("clone", "--quiet", "--bare", ".", str(tmp_path / "bare.git"))
    bare = Place(tmp_path / "bare.git", environ)
    bare.git("worktree", "add", "--quiet", str(tmp_path / "tree"), "main")
    linked = Place(tmp_path / "tree", environ)
    parent = linked.head()
    result = linked.note("second")
    assert_committed(linked, result, line="second", parent=parent)
    assert linked.git("status", "--porcelain") == ""
    for each in linked.opened:
        each.close()


def test_a_submodule_is_a_repository_of_its_own(place, tmp_path, environ):
    with made(tmp_path / "product", environ) as product:
        product.commit("app.py", "x\n")
        product.git("submodule", "--quiet", "add", str(place.path), "ops")
        product.git("commit", "--quiet", "-m", "ops")
        inner = Place(tmp_path / "product" / "ops", environ)
        repository = inner.open(cwd=tmp_path / "product" / "ops" / "incidents")
        assert repository.work_tree == str(inner.path)
        parent = inner.head()
        result = inner.note("second", repository=repository)
        assert_committed(inner, result, line="second", parent=parent)
        assert product.git("status", "--porcelain", "--ignore-submodules=none") == " M ops"
        for each in inner.opened:
            each.close()


def test_sha256(tmp_path, environ):
    with made(tmp_path / "sha256", environ, "--object-format=sha256") as place:
        place.write("incidentctl.toml", "")
        assert place.note("one").commit == place.head()
        place.git("add", "incidentctl.toml")
        parent = place.head()
        result = place.note("two")
        assert_committed(place, result, line="two", parent=parent)
        assert len(parent) == 64
        assert place.git("status", "--porcelain") == "A  incidentctl.toml"
        change = Change({OURS: FileChange(None)}, "remove\n")
        commit_files(place.open(), lambda tip: change)
        assert place.git("ls-tree", "-r", "--name-only", "HEAD") == ""
        place.check()


def test_line_endings_are_what_git_makes_of_them(place):
    place.git("config", "core.autocrlf", "true")
    place.git("rm", "-r", "--quiet", "--cached", ".")
    place.git("reset", "--quiet", "--hard")
    assert (place.path / OURS).read_bytes() == b"first\r\n"
    parent = place.head()
    result = place.note("second")
    assert_committed(place, result, line="second", parent=parent)
    assert (place.path / OURS).read_bytes() == b"first\r\nsecond\r\n"
    assert place.bytes_of("cat-file", "blob", f"HEAD:{OURS}") == b"first\nsecond\n"
    assert place.git("status", "--porcelain") == ""


def test_crlf_that_is_committed_stays_under_text_auto(place):
    place.commit(".gitattributes", "* -text\n")
    place.commit(OURS, "first\r\n")
    place.commit(".gitattributes", "* text=auto\n")
    result = place.note("second")
    assert place.bytes_of("cat-file", "blob", f"{result.commit}:{OURS}") == b"first\r\nsecond\r\n"
    assert place.git("status", "--porcelain") == ""


def test_a_filter_applies_and_one_that_fails_is_no_obstacle(place):
    place.commit(".gitattributes", "incidents/** filter=upper\n")
    place.git("config", "filter.upper.clean", "tr a-z A-Z")
    place.git("config", "filter.upper.smudge", "tr A-Z a-z")
    place.note("second")
    assert place.git("show", f"HEAD:{OURS}") == "FIRST\nSECOND"
    assert place.git("status", "--porcelain") == ""
    place.git("config", "filter.upper.clean", "false")
    place.git("config", "filter.upper.required", "true")
    result = place.note("third")
    assert result.commit == place.head()
    assert place.git("show", f"HEAD:{OURS}") == "first\nsecond\nthird"
    place.check()


@pytest.mark.parametrize("index", ["sparse index", "full index"])
def test_a_sparse_checkout_without_our_folder(place, index):
    place.git("sparse-checkout", "set", "--sparse-index" if index == "sparse index" else "--no-sparse-index", "lib")
    assert not (place.path / OURS).exists()
    repository = place.open()
    change = Change({OURS: FileChange(b"first\nsecond\n")}, "s\n")
    place.write("lib/a.txt", "staged\n")
    place.git("add", "lib/a.txt")
    result = commit_files(repository, lambda tip: change)
    assert result.commit == place.head() and committed_paths(place, result.commit or "") == [OURS]
    assert place.git("status", "--porcelain") == "M  lib/a.txt"
    place.check()


def test_the_mode_of_the_file_and_a_split_index_stay(place):
    place.git("update-index", "--split-index")
    (place.path / OURS).chmod(0o755)
    place.commit(OURS, "first\n", "executable")
    parent = place.head()
    place.write("lib/a.txt", "staged\n")
    place.git("add", "lib/a.txt")
    result = place.note("second")
    assert_committed(place, result, line="second", parent=parent)
    assert place.git("ls-tree", "HEAD", OURS).startswith("100755 ")
    assert (place.path / OURS).stat().st_mode & 0o777 == 0o755
    assert place.git("status", "--porcelain") == "M  lib/a.txt"


def test_a_damaged_index_does_not_stop_the_commit(place):
    (place.path / ".git/index").write_bytes(b"DIRC nonsense")
    result = place.note("second")
    assert result.commit == place.head()
    assert "damaged" in result.notes[0] and "git reset" in result.notes[0]
    assert (place.path / ".git/index").read_bytes() == b"DIRC nonsense"
    (place.path / ".git/index").unlink()
    place.git("reset", "--quiet")
    assert place.git("status", "--porcelain") == ""
    place.check()


def test_a_link_in_the_place_of_the_file_or_of_a_folder_is_never_followed(place, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret\n")
    target = "incidents/2026/06/2026-06-01-x.md"
    (place.path / "incidents/2026/06").symlink_to(outside)
    repository = place.open()
    change = Change({target: FileChange(b"x\n")}, "s\n")
    result = commit_files(repository, lambda tip: change)
    assert result.refused is not None and result.refused.kind is RefusalKind.SAVE
    assert "incidents/2026/06" in result.refused.reason and not result.refused.in_work_tree
    assert list(outside.iterdir()) == [outside / "secret"]
    (place.path / "incidents/2026/06").unlink()
    (place.path / "incidents/2026/06").mkdir()
    (place.path / target).symlink_to(outside / "secret")
    result = commit_files(place.open(), lambda tip: change)
    assert result.refused is not None and "symbolic link" in result.refused.reason
    assert (outside / "secret").read_text() == "secret\n"
    place.git("add", target)
    place.git("commit", "--quiet", "-m", "link")
    place.git("checkout", "--quiet", "--detach")
    result = commit_files(place.open(branch="main"), lambda tip: change)
    assert result.refused is not None and "symbolic link" in result.refused.reason


@pytest.mark.parametrize(
    "path", ["../x.md", "/etc/x.md", "incidents/../../x.md", ".git/config", "a//b", "a/\n/b", "", "x/.GIT/hooks"]
)
def test_a_path_that_leads_elsewhere_is_refused(place, path):
    result = commit_files(place.open(), lambda tip: Change({path: FileChange(b"x")}, "s\n"))
    assert result.refused is not None and "not a path inside the repository" in result.refused.reason


def test_a_file_where_a_folder_should_be_is_named(place):
    place.commit("ops", "a file\n")
    place.git("checkout", "--quiet", "--detach")
    change = Change({"ops/incidents/x.md": FileChange(b"x\n")}, "s\n")
    result = commit_files(place.open(branch="main"), lambda tip: change)
    assert result.refused is not None and "ops is a file where a folder should be" in result.refused.reason
    change = Change({"incidents": FileChange(b"x\n")}, "s\n")
    result = commit_files(place.open(branch="main"), lambda tip: change)
    assert result.refused is not None and "incidents is a folder" in result.refused.reason


def test_what_the_caller_raises_is_the_callers(place):
    def build(tip):
        raise OutsideError("mine")

    with pytest.raises(OutsideError, match="mine"):
        commit_files(place.open(), build)


def test_odd_names_are_only_names(place):
    for name in ("-rf", "--all", ":(top)x", "*", "a b", "ä", "x'y\"z", "tab\there"):
        path = f"incidents/{name}.md"
        result = place.note("one", path=path)
        assert result.refused is None and place.read(path) == "one\n"
        assert place.bytes_of("diff", "--name-only", "-z", "HEAD^", "HEAD") == path.encode() + b"\0"
    assert place.git("status", "--porcelain") == ""
    place.check()


def test_a_subject_that_looks_like_an_option_is_only_a_subject(place):
    change = Change({OURS: FileChange(b"x\n")}, "--amend -S\n")
    result = commit_files(place.open(), lambda tip: change)
    assert place.git("log", "-1", "--format=%s") == "--amend -S" and result.commit == place.head()


def test_a_message_with_what_git_takes_no_message_with(place):
    change = Change({OURS: FileChange(b"x\n")}, "a\0b \udce9\n\nIncident: x\n")
    result = commit_files(place.open(), lambda tip: change)
    assert result.commit == place.head()
    assert place.bytes_of("log", "-1", "--format=%s") == "ab é\n".encode()
    assert place.git("log", "-1", "--format=%(trailers:key=Incident,valueonly)").strip() == "x"


def test_in_anothers_name(place):
    change = Change({OURS: FileChange(b"x\n")}, "s\n")
    who = {"GIT_AUTHOR_NAME": "Demo", "GIT_AUTHOR_EMAIL": "demo@example.org"}
    commit_files(place.open(), lambda tip: change, author=who)
    assert place.git("log", "-1", "--format=%an %ae %cn") == "Demo demo@example.org Ann"


def test_inside_a_hook_of_git_the_variables_of_that_git_are_not_ours(place, environ):
    environ.update(
        GIT_DIR=".git", GIT_INDEX_FILE=str(place.path / "other-index"), GIT_WORK_TREE="/nowhere", GIT_PREFIX="x/"
    )
    repository = place.open()
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_PREFIX"):
        del environ[name]
    parent = place.head()
    result = place.note("second", repository=repository)
    assert_committed(place, result, line="second", parent=parent)
    assert not (place.path / "other-index").exists() and place.git("status", "--porcelain") == ""


def test_the_cost_does_not_grow_with_the_repository(place):
    repository = place.open()
    for name in range(300):
        place.write(f"many/{name % 30}/{name}.txt", str(name))
    place.git("add", "--all")
    place.git("commit", "--quiet", "-m", "many")
    before = place.git("count-objects").split()[0]
    place.note("second", repository=repository)
    # One blob, one tree for each folder on the way and the root, one commit.
    assert int(place.git("count-objects").split()[0]) - int(before) == 1 + 4 + 1
    assert place.git("ls-tree", "-r", "--name-only", "HEAD").count("many/") == 300
    assert Path(place.path / "many/0/0.txt").read_text() == "0"
