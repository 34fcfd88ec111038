"""Patterns of paths: which documents they mean."""

import pytest

from incidentctl.lint.globs import fits
from tests.growth import assert_grows_linearly


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("a/b.md", "*.md"),
        ("b.md", "*.md"),
        ("a/b.md", "a"),
        ("a/b/c.md", "a/"),
        ("x/a/c.md", "a"),
        ("a/b/c.md", "a/**"),
        ("a/b/c.md", "a/b"),
        ("a/c.md", "a/**/*.md"),
        ("a/b/d/c.md", "a/**/*.md"),
        ("x/y/a/c.md", "**/a/c.md"),
        ("a/c.md", "/a/*.md"),
        ("./a/c.md", "a/c.md"),
        ("2019-01-02.md", "2019-[0-9][0-9]-*"),
        ("größe/ä.md", "größe"),
    ],
)
def test_a_pattern_means_the_paths_that_it_describes_and_all_that_is_in_a_folder(path, pattern):
    assert fits(path, [pattern])
    assert fits(path, ["nothing", pattern])


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("a/b/c.md", "a/*.md"),
        ("x/a/c.md", "a/c.md"),
        ("ab/c.md", "a"),
        ("c.md", "**/a/c.md"),
        ("A.md", "a.md"),
        ("a.md", ""),
        ("a.md", "/"),
    ],
)
def test_it_means_no_others(path, pattern):
    assert not fits(path, [pattern])


@pytest.mark.parametrize(
    ("make_path", "pattern"),
    [
        (lambda size: "a" * 1_000 * size + "b", "*a" * 50 + "c"),
        (lambda size: "/".join("a" * size), "**/a/" * 50 + "b"),
    ],
    ids=["a long name", "many folders"],
)
def test_time_is_linear_in_the_path(make_path, pattern):
    assert_grows_linearly(make_path, lambda path: fits(path, [pattern]), 100)


@pytest.mark.parametrize(
    ("path", "make_pattern"),
    [("a" * 2_000 + "b", lambda size: "*a" * size + "c"), ("/".join("a" * 300), lambda size: "**/a/" * size + "b")],
    ids=["stars", "folders"],
)
def test_time_is_linear_in_the_pattern(path, make_pattern):
    assert_grows_linearly(make_pattern, lambda pattern: fits(path, [pattern]), 100)
