"""Words from people: harmless before they are kept, and otherwise theirs."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.incident.words import clean_line, clean_text, handle_of, names_git_folder, show_safely

HOSTILE = st.text(
    alphabet="\x00\x07\x1b[31m\x7f\x85\x9b\u2028\u202e\u2066\ud800\udcff\ufffe\r\n\t \u00a0aé🔥", max_size=40
)


@given(st.text() | HOSTILE)
def test_clean_text_holds_nothing_that_moves_a_cursor_or_cannot_be_written(text: str) -> None:
    for clean in (clean_text(text), clean_line(text), show_safely(text)):
        clean.encode("utf-8")
        assert not [each for each in clean if unicodedata.category(each) in ("Cc", "Cs") and each not in "\n\t"]
        assert not set(clean) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\ufffe\uffff")
    assert "\n" not in clean_line(text)


@given(st.text() | HOSTILE)
def test_cleaning_again_changes_nothing(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)
    assert clean_line(clean_line(text)) == clean_line(text)
    assert show_safely(show_safely(text)) == show_safely(text)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("pool exhausted", "pool exhausted"),
        ("  \n one \r\n two\rthree\u2028four \t\n\n", "one\n two\nthree\nfour"),
        ("a  b", "a  b"),
        ("\x1b[31mred\x1b[0m", "␛[31mred␛[0m"),
        ("bell\x07 del\x7f nul\x00", "bell␇ del␡ nul␀"),
        ("\u202eevil", "\ufffdevil"),
        ("caf\udce9", "caf\ufffd"),
        ("[red]x[/red] **b** <!-- -->", "[red]x[/red] **b** <!-- -->"),
        ("決済 🔥 é", "決済 🔥 é"),
        ("a\tb", "a\tb"),
        ("x" * 300, "x" * 300),
        ("", ""),
    ],
)
def test_text_is_kept_but_for_what_harms(text: str, clean: str) -> None:
    assert clean_text(text) == clean


def test_a_line_has_no_runs_of_white_space() -> None:
    assert clean_line(" one\n  two\tthree\u00a0\u00a0four ") == "one two three four"


@pytest.mark.parametrize("word", ["ann", "@ann", " @ann ", "j.doe", "x-y", "a+b", "zoë", "7", "_", "決"])
def test_a_handle_is_read_with_and_without_its_sign(word: str) -> None:
    assert handle_of(word) == word.strip().removeprefix("@")


@pytest.mark.parametrize(
    "word", ["", "@", "@@ann", "ann bob", "-ann", "ann-", ".ann", "a/b", "a@b", "ann\nbob", "<ann>", "a:b", "@ ann"]
)
def test_what_is_no_handle_is_none(word: str) -> None:
    assert handle_of(word) is None


def test_a_line_of_blanks_is_cleaned_in_linear_time() -> None:
    assert clean_text("a" + " " * 1_000_000 + "b") == "a" + " " * 1_000_000 + "b"
    assert clean_text("a" + " " * 1_000_000 + "\nb") == "a\nb"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\U000e0041\U000e0042b", "a\ufffd\ufffdb"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", None),
        ("\U0001f3f4\U000e0067", "\U0001f3f4\ufffd"),
        ("e" + "\u0301" * 200 + "x", "e" + "\u0301" * 8 + "\ufffdx"),
        ("Việt Nam, é́̂, नमस्ते, ไทย, שָׁלוֹם, مَرْحَبًا", None),
        ("👩‍👩‍👧 क्‍ष zero\u200bwidth", None),
        ("a\u206ab\ufff9c", "a\ufffdb\ufffdc"),
    ],
)
def test_what_hides_is_shown_and_what_scripts_need_stays(text: str, shown: str | None) -> None:
    assert show_safely(text) == (text if shown is None else shown)


@pytest.mark.parametrize(
    "name",
    [".git", ".GIT", ".Git", "git~1", "GIT~9", ".git.", ".git ", ".git . .", ".git::$DATA", ".g\u200cit", "\ufeff.git"],
)
def test_gits_own_folder_is_known_by_all_of_its_names(name: str) -> None:
    assert names_git_folder(name)


@pytest.mark.parametrize(
    "name", ["git", ".github", ".gitattributes", ".gitlab-ci.yml", "my.git", "git~x", "x.git.y", ""]
)
def test_other_names_are_not_taken_for_it(name: str) -> None:
    assert not names_git_folder(name)
