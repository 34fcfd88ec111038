"""Commits merged and carried over from their trees alone: what each side keeps, and that no file is touched for it."""

from pathlib import Path

import pytest

from incidentctl.config.settings import Settings
from incidentctl.store.merge_commits import CommitMerger, Late, UnrelatedError, copy_commit, local_commits, make_commit
from tests.store.conftest import OURS, Place

HEAD = """---
id: 2026-05-14-checkout-latency
title: Checkout latency
severity: SEV2
status: investigating
declared_at: 2026-05-14T10:06:00Z
acknowledged_at: 2026-05-14T10:06:00Z
---

# Checkout latency

## Timeline

- 2026-05-14T10:06:00Z **Opened** SEV2 — @ann <!-- e:0007qf -->
"""


def entry(minute: int, word: str) -> str:
    return f"- 2026-05-14T10:{minute:02}:00Z {word} — @ann <!-- e:00{word[:4]} -->\n"


def on(place: Place, branch: str, start: str, files: dict[str, str | None], message: str = "x") -> str:
    """A commit on a branch of its own, with these files."""
    place.git("checkout", "--quiet", "-B", branch, start)
    for path, text in files.items():
        if text is None:
            place.git("rm", "--quiet", path)
        else:
            place.write(path, text)
            place.git("add", path)
    place.git("commit", "--quiet", "-m", message)
    return place.head()


def merger(place: Place) -> CommitMerger:
    return CommitMerger(place.open(branch="main"), Settings())


def merged(place: Place, each: CommitMerger, ours: str, theirs: str) -> str:
    outcome = each.merge(ours, theirs)
    assert outcome.is_clean, outcome
    return make_commit(place.open(branch="main"), outcome.tree, (ours, theirs), "merge")


@pytest.fixture
def start(place: Place) -> str:
    return on(place, "main", "HEAD", {OURS: HEAD})


def test_both_sides_words_are_in_the_tree_and_no_file_is_touched(place: Place, start: str) -> None:
    a = on(place, "a", start, {OURS: HEAD + entry(7, "aaaa"), "app.py": "a\n"})
    b = on(place, "b", start, {OURS: HEAD + entry(8, "bbbb"), "README.md": None})
    place.git("checkout", "--quiet", "main")
    commit = merged(place, merger(place), a, b)
    assert place.git("show", f"{commit}:{OURS}") == (HEAD + entry(7, "aaaa") + entry(8, "bbbb")).rstrip("\n")
    assert place.git("show", f"{commit}:app.py") == "a"
    assert "README.md" not in place.git("ls-tree", "--name-only", commit).split()
    assert place.git("status", "--porcelain") == ""


def test_either_order_gives_the_same_record(place: Place, start: str) -> None:
    a = on(place, "a", start, {OURS: HEAD + entry(7, "aaaa")})
    b = on(place, "b", start, {OURS: HEAD + entry(7, "bbbb")})
    each = merger(place)
    texts = {place.git("show", f"{merged(place, each, *pair)}:{OURS}") for pair in ((a, b), (b, a))}
    assert len(texts) == 1


def test_of_several_common_ancestors_a_merge_is_the_base(place: Place, start: str) -> None:
    """Two who merged each other at the same time: what one of them took out since is not brought back by the other's merge."""
    each = merger(place)
    a = on(place, "a", start, {OURS: HEAD + entry(7, "aaaa")})
    b = on(place, "b", start, {OURS: HEAD + entry(8, "bbbb")})
    left, right = merged(place, each, a, b), merged(place, each, b, a)
    assert len(each.bases(left, right)) == 2
    c = on(place, "c", left, {OURS: HEAD + entry(8, "bbbb") + entry(9, "cccc")})
    d = on(place, "d", right, {OURS: HEAD + entry(7, "aaaa") + entry(8, "bbbb") + entry(10, "dddd")})
    text = place.git("show", f"{merged(place, each, c, d)}:{OURS}")
    assert "aaaa" not in text
    assert all(word in text for word in ("bbbb", "cccc", "dddd"))


def test_a_file_that_was_removed_stays_where_others_wrote_to_it(place: Place, start: str) -> None:
    a = on(place, "a", start, {OURS: None})
    b = on(place, "b", start, {OURS: HEAD + entry(8, "bbbb")})
    for pair in ((a, b), (b, a)):
        assert "bbbb" in place.git("show", f"{merged(place, merger(place), *pair)}:{OURS}")


def test_another_file_that_both_changed_is_named_and_not_guessed(place: Place, start: str) -> None:
    a = on(place, "a", start, {"app.py": "a\n", "lib/a.txt": "same\n"})
    b = on(place, "b", start, {"app.py": "b\n", "lib/a.txt": "same\n"})
    outcome = merger(place).merge(a, b)
    assert (outcome.foreign, outcome.is_clean) == (("app.py",), False)


def test_histories_without_a_common_commit_are_refused(place: Place, start: str) -> None:
    place.git("checkout", "--quiet", "--orphan", "other")
    place.git("commit", "--quiet", "-m", "other")
    with pytest.raises(UnrelatedError):
        merger(place).merge(start, place.head())


def test_a_copy_keeps_who_when_and_what_was_said(place: Place, start: str) -> None:
    place.git("config", "user.name", "Ünal")
    message = "subject — ü\n\nbody\n\nIncident: x\nIncident-Event: note e:00aaaa"
    a = on(place, "a", start, {OURS: HEAD + entry(7, "aaaa"), "app.py": "wip\n"}, message)
    place.git("config", "user.name", "Somebody else")
    each = merger(place)
    outcome = each.carry(a, start, [OURS], {}, Late(frozenset(), a, start))
    copy = copy_commit(place.open(branch="main"), each, a, outcome.tree, start)
    told = "--format=%an %ae %ad %cn %ce %cd%n%B"
    assert place.git("log", "-1", told, copy) == place.git("log", "-1", told, a)
    assert place.git("diff", "--name-only", start, copy) == OURS


def test_of_a_merge_only_what_differs_from_all_parents_is_touched(place: Place, start: str) -> None:
    a = on(place, "a", start, {"app.py": "a\n"}, "of a")
    b = on(place, "b", start, {OURS: HEAD + entry(8, "bbbb")}, "of b")
    each = merger(place)
    m = merged(place, each, a, b)
    found = {commit.subject: commit for commit in local_commits(place.open(branch="main"), each, m, [start])}
    assert found["of a"].paths == ("app.py",) and found["of b"].paths == (OURS,)
    assert found["merge"].is_merge and found["merge"].paths == ()


def test_a_file_name_is_what_it_is(place: Place, start: str) -> None:
    path = f'{Path(OURS).parent}/ö "quoted"\t.png'
    a = on(place, "a", start, {path: "x"})
    each = merger(place)
    assert local_commits(place.open(branch="main"), each, a, [start])[0].paths == (path,)
    assert each.paths.is_ours(path) and not each.paths.is_document(path)
