"""The session that the README opens with is run, and compared line by line."""

import re
import shlex
from pathlib import Path

from tests.conftest import START, Desk, scrubbed_environ
from tests.lint.documents import COMPLETE, NOW
from tests.stats.golden_repository import load

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
CLOCKS = {
    "note": "10:12",
    "update": "10:30",
    "mitigate": "10:48",
    "resolve": "12:10",
    "assign": "10:07",
    "open": "10:06",
}


def session() -> list[tuple[list[str], str]]:
    """The commands of the first block, each with what it prints there."""
    block = re.search(r"```console\n(.*?)```", README, re.DOTALL)
    assert block is not None
    steps: list[tuple[list[str], str]] = []
    for part in re.split(r"^\$ ", block[1], flags=re.MULTILINE)[1:]:
        line, _, printed = part.partition("\n")
        steps.append((shlex.split(line, comments=True), printed))
    return steps


def test_the_session_of_the_readme_prints_what_it_says(tmp_path: Path) -> None:
    desk = Desk(tmp_path, scrubbed_environ(tmp_path / "home"), now=START, zone="Europe/Berlin")
    steps = session()
    assert [words[:2] for words, _ in steps[:2]] == [["pipx", "install"], ["ictl", "init"]]
    desk.ok("init", str(tmp_path / "incidents"))
    for words, printed in steps[2:]:
        assert words[0] == "ictl"
        desk.at(CLOCKS[words[1]])
        assert desk.ok(*words[1:]).out == printed, words


def test_the_file_of_the_readme_is_what_the_session_writes(tmp_path: Path) -> None:
    desk = Desk(tmp_path, scrubbed_environ(tmp_path / "home"), now=START, zone="Europe/Berlin")
    desk.ok("init", str(tmp_path / "incidents"))
    for words, _ in session()[2:]:
        desk.at(CLOCKS[words[1]])
        desk.ok(*words[1:])
    file = tmp_path / "incidents/incidents/2026/05/2026-05-14-checkout-latency.md"
    written = re.sub(r"e:\w{6}", "e:", file.read_text(encoding="utf-8")).splitlines()
    block = re.search(r"```markdown\n(.*?)```", README, re.DOTALL)
    assert block is not None
    shown = re.sub(r"e:\w{6}", "e:", block[1]).replace("…\n", "").splitlines()
    assert written[: len(shown)] == shown


def test_the_linter_says_of_a_document_what_the_readme_shows(tmp_path: Path) -> None:
    desk = Desk(tmp_path, scrubbed_environ(tmp_path / "home"), now=NOW)
    name = "2026-05-14-checkout-latency.md"
    text = COMPLETE.replace(" — due: 2026-06-15", "").replace("2026-05-14 10:48 The", "2026-05-14 10:08 The")
    desk.write(name, text)
    shown = re.search(rf"\$ ictl lint {re.escape(name)}\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    result = desk.ictl("lint", name)
    findings, _, rest = result.out.partition("Found ")
    assert findings == shown[1].partition("Found ")[0]
    assert rest.startswith("2 findings in 1 of 1 document: 2 errors.")
    assert result.code == 1


def test_every_link_of_the_readme_leads_to_a_file() -> None:
    root = Path(__file__).parents[1]
    for target in re.findall(r"\]\(((?!http)[^)#]+)", README):
        assert (root / target).exists(), target


def test_the_figures_are_those_of_the_repository_that_is_checked_by_hand(tmp_path: Path) -> None:
    golden = load(tmp_path)
    shown = re.findall(r"```console\n\$ ictl (stats [^\n]*)\n…\n(.*?)…\n```", README, re.DOTALL)
    assert len(shown) == 2
    for words, part in shown:
        assert part in golden.ictl("ann", *shlex.split(words)), words
