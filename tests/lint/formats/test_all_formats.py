"""What holds for every format: it is in the list, says the same each time, takes what is hostile and what is much."""

from pathlib import Path

import pytest

import incidentctl.lint.formats as package
from incidentctl.lint.formats.catalogue import FORMATS
from incidentctl.lint.formats.presentation import Presentation, path_in_repository
from incidentctl.lint.formats.statistics import render_statistics, render_statistics_json
from tests.growth import assert_grows_linearly
from tests.lint.formats.results import OF_EACH, PLAIN, RESULTS, many

EVERY = {name: each.render for name, each in FORMATS.items()} | {
    "statistics": render_statistics,
    "statistics as json": render_statistics_json,
}


def test_each_module_of_a_format_is_in_the_list_and_the_default_comes_first() -> None:
    assert list(FORMATS) == ["full", "concise", "json", "github", "gitlab", "sarif", "junit", "markdown"]
    modules = {path.stem for path in Path(package.__file__).parent.glob("*.py")}
    assert modules >= set(FORMATS)
    assert all(each.says and len(each.says) < 70 for each in FORMATS.values())


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("result", RESULTS)
def test_each_format_takes_each_result_and_gives_the_same_text_again(name: str, result: str) -> None:
    text = EVERY[name](RESULTS[result], PLAIN)
    assert text == EVERY[name](RESULTS[result], PLAIN)
    assert text
    assert not text.endswith("\n")


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("result", RESULTS)
def test_nothing_in_a_format_can_move_a_cursor_or_break_an_encoding(name: str, result: str) -> None:
    text = EVERY[name](RESULTS[result], PLAIN)
    text.encode()
    assert not any(character < " " and character != "\n" for character in text)
    assert not set("\x7f\x9b\u202e\u2066\u2028\ufffe") & set(text)


@pytest.mark.parametrize("name", EVERY)
def test_time_is_linear_in_the_number_of_findings(name: str) -> None:
    assert_grows_linearly(many, lambda result: EVERY[name](result, PLAIN), 1_000)


@pytest.mark.parametrize("name", EVERY)
def test_colour_is_only_where_people_read_and_only_when_asked_for(name: str) -> None:
    coloured = EVERY[name](OF_EACH, Presentation(colour=True))
    assert ("\x1b[" in coloured) == (name in ("full", "concise", "statistics"))


@pytest.mark.parametrize(
    ("path", "folder", "top", "seen"),
    [
        ("a.md", "", "", "a.md"),
        ("./a/../b.md", "", "", "b.md"),
        ("a.md", "/srv/repo/ops", "/srv/repo", "ops/a.md"),
        ("../a.md", "/srv/repo/ops", "/srv/repo/", "a.md"),
        ("/srv/repo/a.md", "/elsewhere", "/srv/repo", "a.md"),
        ("/srv/repository/a.md", "/srv/repo", "/srv/repo", "/srv/repository/a.md"),
        ("../a.md", "", "", "../a.md"),
        ("/../a.md", "", "", "/a.md"),
    ],
)
def test_a_forge_gets_paths_from_the_top_of_the_repository(path: str, folder: str, top: str, seen: str) -> None:
    assert path_in_repository(path, Presentation(folder=folder, top=top)) == seen
