"""Which repository, which branch, in which state."""

import subprocess
from pathlib import Path

import pytest

from incidentctl.errors import ExitCode, RepositoryError
from incidentctl.store.repository import (
    FoundBy,
    Repository,
    find_repository,
    init_repository,
    read_settings_beside,
    read_settings_text,
)
from tests.store.conftest import OURS, Place, made


def setting(text: str) -> str | None:
    """Stands for the settings: `branch = NAME` on a line."""
    for line in text.splitlines():
        if line.startswith("branch = "):
            return line.removeprefix("branch = ").strip('"')
    return None


class Finder:
    def __init__(self, environ: dict[str, str]) -> None:
        self.environ = environ
        self.opened: list[Repository] = []

    def __call__(self, cwd: Path, *, explicit: str | None = None, user: str | None = None) -> Repository:
        found = find_repository(
            explicit=explicit, environ=self.environ, cwd=str(cwd), user_repository=user, branch_setting=setting
        )
        self.opened.append(found)
        return found


@pytest.fixture
def find(environ):
    finder = Finder(environ)
    yield finder
    for repository in finder.opened:
        repository.close()


@pytest.fixture
def other(tmp_path, environ):
    with made(tmp_path / "other", environ) as place:
        place.commit("incidentctl.toml", "")
        yield place


@pytest.fixture
def product(tmp_path, environ):
    """A repository that was not asked."""
    with made(tmp_path / "product", environ) as place:
        place.commit("src/app.py", "x\n")
        yield place


# ---------------------------------------------------------------------------------------------------------------- the search


def test_the_order_of_the_search(find, place, other, product, tmp_path, environ):
    third = tmp_path / "third"
    subprocess.run(["git", "clone", "--quiet", str(other.path), str(third)], env=environ, check=True)
    found = find(place.path / "incidents", user=str(other.path))
    assert (found.place, found.found_by) == (str(place.path), FoundBy.ENCLOSING)
    found = find(product.path / "src", user=str(other.path))
    assert (found.place, found.found_by) == (str(other.path), FoundBy.USER_SETTING)
    environ["INCIDENTCTL_REPO"] = str(third)
    found = find(place.path, user=str(other.path))
    assert (found.place, found.found_by) == (str(third), FoundBy.VARIABLE)
    found = find(place.path, explicit=str(other.path), user=str(place.path))
    assert (found.place, found.found_by) == (str(other.path), FoundBy.OPTION)
    environ["INCIDENTCTL_REPO"] = ""
    assert find(place.path).found_by is FoundBy.ENCLOSING


@pytest.mark.parametrize(("name", "text"), [("HEAD", "garbage\n"), ("config", "[broken\n")])
def test_a_word_never_lands_elsewhere_because_the_repository_around_us_is_damaged(
    find, place, other, product, name, text
):
    (place.path / ".git" / name).write_text(text)
    (product.path / ".git" / name).write_text(text)
    with pytest.raises(RepositoryError):
        find(place.path / "incidents", user=str(other.path))
    with pytest.raises(RepositoryError, match="a .git that git does not take" if name == "HEAD" else "bad config"):
        find(product.path, explicit=str(place.path))
    assert find(product.path, user=str(other.path)).place == str(other.path), "that one has no incidents"


def test_names_are_read_from_where_we_are_and_may_be_deep_inside(find, place, environ):
    assert find(place.path.parent, explicit="repo/incidents/2026").place == str(place.path)
    assert find(place.path / "incidents", explicit="..").place == str(place.path)
    (place.path.parent / "home" / "link").symlink_to(place.path)
    assert find(place.path.parent, user="~/link").place == str(place.path)


def test_nowhere_is_a_refusal_with_the_init_line_and_nothing_is_made(find, product, tmp_path, environ):
    for cwd in (tmp_path, product.path):
        with pytest.raises(RepositoryError) as raised:
            find(cwd)
        assert raised.value.exit_code is ExitCode.REPOSITORY
        assert "incidentctl init ~/incidents" in (raised.value.hint or "")
    assert sorted(path.name for path in product.path.iterdir()) == [".git", "src"]
    assert not (product.path / ".git/incidentctl").exists()


@pytest.mark.parametrize("source", ["option", "variable", "setting"])
def test_what_was_named_and_is_not_right_is_said_and_never_passed_over(find, product, place, tmp_path, environ, source):
    (tmp_path / "plain dir").mkdir()
    (tmp_path / "file").write_text("")

    def ask(name: str) -> RepositoryError:
        environ["INCIDENTCTL_REPO"] = name if source == "variable" else ""
        with pytest.raises(RepositoryError) as raised:
            find(
                tmp_path,
                explicit=name if source == "option" else None,
                user=name if source == "setting" else str(place.path),
            )
        return raised.value

    said = {"option": "-C", "variable": "$INCIDENTCTL_REPO", "setting": "your settings"}[source]
    error = ask(str(tmp_path / "gone"))
    assert error.message == f"{tmp_path}/gone does not exist ({said})"
    assert "is not a folder" in ask(str(tmp_path / "file")).message
    error = ask(str(tmp_path / "plain dir"))
    assert "is not in a git repository" in error.message and f"incidentctl init '{tmp_path}/plain dir'" in (
        error.hint or ""
    )
    error = ask(str(product.path / "src"))
    assert error.message.startswith(f"{product.path} has no incidents: neither incidentctl.toml nor incidents/")
    assert f"`incidentctl init {product.path}`" in (error.hint or "")


def test_a_repository_has_incidents_in_the_work_tree_or_on_the_records_branch(find, product):
    (product.path / "incidents").mkdir()
    assert find(product.path).place == str(product.path)
    (product.path / "incidents").rmdir()
    product.write("incidentctl.toml", "")
    assert find(product.path).unborn is False
    (product.path / "incidentctl.toml").unlink()
    product.git("checkout", "--quiet", "-b", "feature")
    product.git("checkout", "--quiet", "main")
    product.commit("incidents/2026/05/x.md", "x\n")
    product.git("checkout", "--quiet", "feature")
    found = find(product.path / "src")
    assert (found.branch, found.head_branch, found.checked_out) == ("main", "feature", False)


def test_called_from_inside_the_git_directory(find, place):
    found = find(place.path / ".git" / "refs")
    assert (found.work_tree, found.checked_out) == (str(place.path), True)


def test_a_repository_of_somebody_else_is_refused_with_gits_own_way_out(find, place, product, environ):
    environ["GIT_TEST_ASSUME_DIFFERENT_OWNER"] = "1"
    with pytest.raises(RepositoryError, match="dubious ownership") as raised:
        find(place.path / "incidents")
    assert "git config --global --add safe.directory" in (raised.value.hint or "")
    with pytest.raises(RepositoryError, match="dubious ownership"):
        find(product.path, explicit=str(place.path))
    with pytest.raises(RepositoryError, match="no repository of incidents here"):
        find(product.path)


def test_a_broken_repository_is_named(find, place):
    (place.path / ".git" / "config").write_text("[core\n")
    with pytest.raises(RepositoryError, match=r"bad config line 1"):
        find(place.path, explicit=str(place.path))


def test_a_folder_that_is_gone(find, tmp_path):
    with pytest.raises(RepositoryError, match="is gone"):
        find(tmp_path / "gone")


# ------------------------------------------------------------------------------------------------------------- the branch


def test_the_settings_name_the_branch(find, place):
    place.commit("incidentctl.toml", 'branch = "ops/incidents"\n')
    found = find(place.path)
    assert (found.branch, found.checked_out, found.unborn) == ("ops/incidents", False, True)
    place.git("branch", "ops/incidents")
    assert find(place.path).unborn is False


def test_the_settings_on_the_branch_itself_count_where_the_work_tree_has_none(find, product):
    product.git("checkout", "--quiet", "--orphan", "incidents")
    product.git("rm", "-r", "--quiet", "--force", ".")
    product.commit("incidentctl.toml", 'branch = "incidents"\n')
    product.git("checkout", "--quiet", "main")
    found = find(product.path)
    assert (found.branch, found.checked_out) == ("incidents", False)
    assert read_settings_text(found) == ('branch = "incidents"\n', "incidentctl.toml on incidents")


def test_the_remotes_default_branch_comes_before_what_is_checked_out(find, place, tmp_path, environ):
    place.git("branch", "--move", "main", "trunk")
    subprocess.run(
        ["git", "clone", "--quiet", "-o", "company", str(place.path), str(tmp_path / "clone")], env=environ, check=True
    )
    clone = Place(tmp_path / "clone", environ)
    clone.git("checkout", "--quiet", "-b", "feature")
    found = find(clone.path)
    assert (found.branch, found.checked_out, found.tip_ref) == ("trunk", False, "refs/heads/trunk")
    clone.git("branch", "--quiet", "-D", "trunk")
    assert find(clone.path).tip_ref == "refs/remotes/company/trunk"


def test_without_a_remote_the_branch_that_has_incidents(find, place):
    place.git("branch", "--move", "main", "trunk")
    assert find(place.path).branch == "trunk"
    place.git("checkout", "--quiet", "--detach")
    found = find(place.path)
    assert (found.head_branch, found.branch, found.checked_out) == (None, "main", False)
    place.git("branch", "--move", "trunk", "master")
    assert find(place.path).branch == "master"


@pytest.mark.parametrize(
    "name",
    [
        "-x",
        "--upload-pack=x",
        "a..b",
        "a b",
        "a:b",
        "refs/heads/main",
        "/a",
        "a/",
        "a//b",
        "a.lock",
        ".a",
        "@",
        "@{-1}",
        "HEAD",
        "a~1",
        "a\x01",
    ],
)
def test_a_setting_that_is_no_name_of_a_branch_is_refused(find, place, name):
    place.write("incidentctl.toml", f"branch = {name}\n")
    with pytest.raises(RepositoryError, match="is not the name of a branch"):
        find(place.path)


def test_gits_own_rules_agree(place):
    from incidentctl.store.repository import _checked_branch

    for name in ("main", "ops/incidents", "a-b", "ä", "v1.0", "feature/x.y", "@a", "a@b"):
        assert _checked_branch(name, "") == name
        place.git("check-ref-format", "--branch", name)


def test_unborn(find, empty):
    found = find(empty.path)
    assert (found.branch, found.head_branch, found.checked_out, found.unborn) == ("main", "main", True, True)
    assert found.tip().commit is None and found.tip().read(OURS) is None and not found.tip().has(OURS)


# -------------------------------------------------------------------------------------------------------------- settings


def test_settings_are_the_work_trees_then_the_branchs(find, place):
    place.commit("incidentctl.toml", "committed\n")
    found = find(place.path)
    assert read_settings_text(found) == ("committed\n", "incidentctl.toml")
    place.write("incidentctl.toml", b"\xef\xbb\xbfchanged\r\n")
    assert read_settings_text(found) == ("changed\r\n", "incidentctl.toml")
    (place.path / "incidentctl.toml").unlink()
    assert read_settings_text(found) == ("committed\n", "incidentctl.toml on main")
    place.git("checkout", "--quiet", "--", ".")
    place.git("checkout", "--quiet", "-b", "feature")
    place.commit("incidentctl.toml", "feature\n")
    place.write("incidentctl.toml", 'branch = "main"\n')
    found = find(place.path)
    assert read_settings_text(found) == ("committed\n", "incidentctl.toml on main")
    assert read_settings_beside(found) == 'branch = "main"\n'


def test_where_the_records_branch_is_checked_out_there_are_no_settings_beside_it(find, place):
    place.commit("incidentctl.toml", "committed\n")
    assert read_settings_beside(find(place.path)) is None


def test_no_settings_at_all(find, product):
    (product.path / "incidents").mkdir()
    assert read_settings_text(find(product.path)) == (None, "incidentctl.toml")


# ------------------------------------------------------------------------------------------------------------------ init


def test_init_makes_a_repository_where_there_is_none(tmp_path, environ):
    with init_repository(str(tmp_path / "a" / "b"), environ=environ) as repository:
        assert repository.work_tree == str(tmp_path / "a/b") and repository.unborn and repository.branch == "main"
    with init_repository(str(tmp_path / "a" / "b"), environ=environ) as again:
        assert again.work_tree == str(tmp_path / "a/b")
    assert [path.name for path in (tmp_path / "a/b").iterdir()] == [".git"]


def test_init_takes_the_name_that_the_user_gives_to_first_branches(tmp_path, environ):
    config = Path(environ["GIT_CONFIG_GLOBAL"])
    config.write_text(config.read_text() + "[init]\n\tdefaultBranch = trunk\n")
    with init_repository(str(tmp_path / "x"), environ=environ) as repository:
        assert repository.branch == "trunk"
    config.write_text("[user]\n\tname = A\n")
    with init_repository(str(tmp_path / "y"), environ=environ) as repository:
        assert repository.branch == "main"


def test_init_takes_an_existing_repository_as_it_is(product, environ, tmp_path):
    head = product.head()
    with init_repository(str(product.path), environ=environ) as repository:
        assert (repository.work_tree, repository.branch, repository.unborn) == (str(product.path), "main", False)
    with init_repository(str(product.path / "src"), environ=environ) as repository:
        assert repository.work_tree == str(product.path), (
            "a folder with something in it belongs to the repository around it"
        )
    with init_repository(str(product.path / "new"), environ=environ) as repository:
        assert repository.work_tree == str(product.path / "new"), "a new one gets its own"
    assert product.head() == head


def test_init_where_a_file_is_or_nothing_may_be(tmp_path, environ):
    (tmp_path / "file").write_text("")
    with pytest.raises(RepositoryError, match="is a file"):
        init_repository(str(tmp_path / "file"), environ=environ)
    from incidentctl.store.files import SaveError

    with pytest.raises(SaveError, match="cannot write"):
        init_repository(str(tmp_path / "file" / "below"), environ=environ)


# ----------------------------------------------------------------------------------------------------------------- facts


def test_facts_of_several_kinds_of_repositories(find, place, tmp_path, environ):
    found = find(place.path)
    assert found.own_dir == str(place.path / ".git/incidentctl") and not Path(found.own_dir).exists()
    assert (found.bare, found.shallow, found.object_format, found.elsewhere, found.operation) == (
        False,
        False,
        "sha1",
        False,
        None,
    )
    subprocess.run(
        ["git", "clone", "--quiet", "--depth=1", f"file://{place.path}", str(tmp_path / "shallow")],
        env=environ,
        check=True,
    )
    place.commit("app.py", "x\n")
    assert find(tmp_path / "shallow").shallow is True
    place.git("worktree", "add", "--quiet", "-b", "feature", str(tmp_path / "linked"))
    linked = find(tmp_path / "linked", explicit=str(tmp_path / "linked"))
    assert linked.common_dir == found.common_dir and linked.own_dir == found.own_dir
    # The main work tree has `main`, which is what the record is on by the settings of nobody; here `feature` has it too.
    assert linked.branch == "feature" and linked.checked_out and not linked.elsewhere


def test_looking_again_sees_what_changed(find, place):
    found = find(place.path)
    assert found.refreshed() == found
    place.git("checkout", "--quiet", "--detach")
    again = found.refreshed()
    assert (again.branch, again.head_branch, again.checked_out) == ("main", None, False)
    place.git("checkout", "--quiet", "main")
    assert again.refreshed().checked_out


def test_a_work_tree_that_its_repository_names_from_afar(find, tmp_path, environ):
    tree = tmp_path / "tree"
    tree.mkdir()
    git_dir = tmp_path / "far.git"
    subprocess.run(["git", "init", "--quiet", str(git_dir)], env=environ, check=True)
    far = Place(git_dir / ".git", environ)
    far.git("config", "core.worktree", str(tree))
    (tree / "incidents").mkdir()
    found = find(git_dir / ".git", explicit=str(git_dir / ".git"))
    assert found.own_dir.endswith("far.git/.git/incidentctl")
