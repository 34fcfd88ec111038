"""How what was found is made small and told."""

import subprocess
import sys

from tests.fuzz.__main__ import Finding, Searched
from tests.fuzz.inputs import as_c_words, breach, smallest, stretched
from tests.fuzz.target import Target


def _no_two_dots(data: bytes) -> None:
    if data.count(b".") >= 2:
        raise ValueError("two dots")


DOTS = Target("dots", _no_two_dots, lambda: [b"."], ["."])


def test_an_input_is_made_as_small_as_can_be() -> None:
    data = b"some words. and more of them. and\nyet more." * 20
    assert smallest(data, lambda shorter: breach(DOTS, shorter) == breach(DOTS, data)) == b".."


def test_making_small_ends_after_so_many_tries() -> None:
    tried: list[bytes] = []

    def fails(shorter: bytes) -> bool:
        tried.append(shorter)
        return False

    smallest(b"x" * 10_000, fails, tries=50)
    assert len(tried) == 50


def test_a_breach_is_told_by_where_it_comes_from() -> None:
    assert breach(DOTS, b".") is None
    told = breach(DOTS, b"..")
    assert told is not None and told.startswith("ValueError in test_search.py:") and told.endswith(" _no_two_dots")


def test_an_input_is_stretched_in_its_last_part() -> None:
    assert stretched(b"\x01\x1ea\nb", 12) == b"\x01\x1ea\nb\na\nb\na\nb\n"
    assert stretched(b"", 3) == b"\n\n\n"


def test_words_are_a_dictionary_that_libfuzzer_reads() -> None:
    assert as_c_words(('a "b"', "\n— \\")) == '"a \\x22b\\x22"\n"\\x0A\\xE2\\x80\\x94 \\x5C"\n'


def test_a_search_is_told_on_one_line() -> None:
    searched = Searched(DOTS, 14_000, 10, 66, 70, (Finding(DOTS, "x", b".."),))
    assert " ".join(str(searched).split()) == "dots 14,000 runs in 10 s coverage 66 → 70 1 finding"


def test_a_target_that_does_not_exist_is_named_with_those_that_do() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "--target", "edits"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "edits" in done.stderr and "'edit'" in done.stderr
