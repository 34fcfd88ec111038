"""Help pages and the errors about words: what a tired engineer reads."""

import pytest

from incidentctl.cli import COMMANDS, OUR_WORDS, Listed, load_command
from tests.conftest import Desk

WRITING = [
    *("open", "ack", "note", "update", "severity", "assign", "mitigate"),
    *("resolve", "reopen", "cancel", "close", "set", "undo", "edit"),
]
READING = ["list", "show", "timeline", "search", "use"]
EACH = [
    ((first.name, second.name), second)
    for first in COMMANDS
    for second in first.commands
    if not first.hidden and not second.hidden
] + [((each.name,), each) for each in COMMANDS if not each.commands and not each.hidden]


def test_without_a_command_the_commands_are_listed_in_groups(desk: Desk) -> None:
    shown = desk.ok("--help").out
    bare = desk.ictl()
    assert bare.code == 2
    assert bare.err.strip() == shown.strip()
    for heading in ("Begin:", "During an incident:", "Afterwards:", "Look:", "The record itself:", "How to begin:"):
        assert f"\n{heading}\n" in shown
    for listed in COMMANDS:
        assert (f"\n  {listed.name} " in shown) is not listed.hidden


@pytest.mark.parametrize("verb", [*WRITING, *READING])
def test_each_page_fits_80_columns_and_ends_in_examples(desk: Desk, verb: str) -> None:
    page = desk.ok(verb, "--help").out
    assert page == desk.ok(verb, "-h").out
    lines = page.splitlines()
    assert all(len(line) <= 80 for line in lines), [line for line in lines if len(line) > 80]
    examples = page.partition("\nExamples:\n")[2].splitlines()
    assert examples
    assert examples[0].startswith(f"  ictl {verb}")
    assert "\nRepository and output:\n" in page
    assert ("\nWhich incident, whose words, and when:\n" in page) is (verb in WRITING)
    for option in ("--json", "--format", "-C DIR", "--tz", "-h, --help"):
        assert option in page


def test_options_that_make_no_sense_are_not_offered(desk: Desk) -> None:
    assert "--at" not in desk.ok("undo", "--help").out
    assert "--at " not in desk.ok("set", "--help").out
    assert "-i, --incident" not in desk.ok("open", "--help").out
    assert "--message" not in desk.ok("edit", "--help").out


@pytest.mark.parametrize("word", [*OUR_WORDS, "Log", "STATUS_UPDATE"])
def test_the_words_of_other_tools_name_ours(desk: Desk, word: str) -> None:
    ours = OUR_WORDS[word.lower().replace("_", "-")]
    result = desk.ictl(word, "x")
    assert result.code == 2
    assert result.err == f"there is no command {word!r} here: it is `ictl {ours}`\n"
    known = {listed.name for listed in COMMANDS} | {"--help"}
    assert ours.split()[0] in known


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nte", "x"), "there is no command 'nte': did you mean `ictl note`?"),
        (("mitgate",), "there is no command 'mitgate': did you mean `ictl mitigate`?"),
        (("xyzzy",), "there is no command 'xyzzy': see them all: ictl --help"),
        (("note", "x", "--kimd", "y"), "no such option: --kimd: did you mean --kind? See ictl note --help"),
        (("note", "x", "--at"), "option '--at' requires an argument: see ictl note --help"),
        (("list", "extra"), "got unexpected extra argument(s) (extra): see ictl list --help"),
        (("list", "--limit", "0"), "--limit 0 leaves nothing: write 1 or more"),
        (("--bogus",), "no such option: --bogus: see ictl --help"),
    ],
)
def test_words_that_are_wrong_are_one_sentence_with_the_way_out(
    desk: Desk, words: tuple[str, ...], message: str
) -> None:
    result = desk.ictl(*words)
    assert (result.code, result.out, result.err) == (2, "", f"{message}\n")


def test_the_version_is_printed(desk: Desk) -> None:
    from incidentctl import __version__

    for words in (("--version",), ("-V",), ("-C", "x", "--version")):
        assert desk.ok(*words).out == f"incidentctl {__version__}\n"


@pytest.mark.parametrize(("words", "listed"), EACH, ids=[" ".join(words) for words, _ in EACH])
def test_each_option_of_a_command_is_on_its_help_page(desk: Desk, words: tuple[str, ...], listed: Listed) -> None:
    page = desk.ok(*words, "--help").out
    options = [each for each in load_command(listed).params if each.param_type_name == "option" and not each.hidden]
    assert [each.opts for each in options if each.opts[-1] not in page] == []
