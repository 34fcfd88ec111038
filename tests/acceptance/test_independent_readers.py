"""Others can read what we write: libraries that know nothing of us see the same commits, files and keys."""

import frontmatter
import git

from tests.conftest import Desk


def test_gitpython_reads_the_commits(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.ok("note", "pool exhausted — ein Müll 🔥")
    repository = git.Repo(desk.path)
    try:
        newest, opened = list(repository.iter_commits("main", max_count=2))
        assert not repository.is_dirty(untracked_files=True)
        assert (newest.author.name, newest.author.email) == ("Ann", "ann@example.org")
        assert str(newest.summary) == "checkout-latency: noted"
        assert list(newest.stats.files) == desk.files()
        assert newest.parents[0] == opened
        blob = newest.tree / desk.files()[0]
        assert blob.data_stream.read().decode() == desk.text()
        assert {pair[0] for pair in newest.trailers_list} == {"Incident", "Incident-Event"}
    finally:
        repository.close()


def test_front_matter_libraries_read_the_keys(desk: Desk) -> None:
    desk.ok("open", "NO: 12:30 @bob #x — “1.10”", "-s", "2", "--service", "a, b", "--drill")
    post = frontmatter.loads(desk.text())
    assert post["title"] == "NO: 12:30 @bob #x — “1.10”"
    assert post["services"] == ["a", "b"]
    assert post["drill"] is True
    assert post["severity"] == "SEV2"
    assert post.content.startswith("# NO: 12:30 @bob #x")
