"""Completion in bash, zsh and fish: through the scripts that the program prints, for both of its names."""

import subprocess
from pathlib import Path

import pytest

from tests.commands.terminal import Terminal, environ_of, ictl, shell
from tests.conftest import SETTINGS, Desk, new_desk

TEAM = SETTINGS + (
    '[people]\n"ann@example.org" = "ann"\n"bob@example.org" = "bob"\n[roles]\nextra = ["scribe"]\n'
    '[[services]]\nname = "checkout"\n[[services]]\nname = "$(touch pwned) `touch pwned` \\"; touch pwned"\n'
    '[[notify]]\nname = "ops"\nevents = ["resolved"]\n'
)


@pytest.fixture
def team(tmp_path: Path) -> Desk:
    """Two incidents, two people, and a service with a dangerous name."""
    desk = new_desk(tmp_path, settings=TEAM)
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.ok("open", "Login fails", "-s", "2")
    return desk


def bash(desk: Desk, *words: str, program: str = "ictl") -> list[str]:
    """What bash is told when the words stand on the line and Tab is pressed behind the last one."""
    asked = {
        f"_{program.upper()}_COMPLETE": "complete_bash",
        "COMP_WORDS": "\n".join((program, *words)),
        "COMP_CWORD": str(len(words)),
    }
    done = ictl(desk.environ, desk.path, program=program, **asked)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.split("\n")[:-1] if done.stdout.strip() else []


def test_commands_ids_people_and_values_are_completed(team: Desk) -> None:
    ids = ["2026-05-14-login-fails", "2026-05-14-checkout-latency"]
    for words, expected in {
        ("no",): ["note", "notify"],
        ("notify", "--to", "o"): ["ops"],
        ("re",): ["resolve", "reopen", "redact"],
        ("show", "2026"): ids,
        ("show", "check"): ids[1:],
        ("note", "-i", "log"): ids[:1],
        ("resolve", "2026-05-14-c"): ids[1:],
        ("note", "check"): [],
        ("note", "words", "2026"): [],
        ("cancel", "--duplicate-of", "login"): ids[:1],
        ("assign", ""): ["ic", "tl", "comms", "scribe"],
        ("assign", "ic", "b"): ["@bob"],
        ("assign", "ic", "@", "b"): ["@bob"],
        ("note", "--by", "=", "@", "b"): ["@bob"],
        ("note", "--by", "=@", "b"): ["@bob"],
        ("severity", "sev1"): ["SEV1"],
        ("open", "-s", ""): ["SEV1", "SEV2", "SEV3", "SEV4"],
        ("list", "--service", "ch"): ["checkout"],
        ("update", "--status", "mitigat"): ["mitigating", "mitigated"],
        ("note", "--kind", "D"): ["decision"],
        ("note", "--done", "st"): ["status_page"],
        ("cancel", "--reason", "not"): ["not_an_incident"],
        ("set", "start"): ["started_at="],
        ("list", "--form"): ["--format"],
    }.items():
        assert bash(team, *words) == expected, words


def test_a_word_that_bash_would_run_is_put_on_the_line_as_a_word(team: Desk) -> None:
    (word,) = bash(team, "list", "--service", "$")
    done = subprocess.run(
        ["bash", "-c", f"printf %s {word}"], cwd=team.path, capture_output=True, text=True, check=True
    )
    assert done.stdout == '$(touch pwned) `touch pwned` "; touch pwned'
    assert not (team.path / "pwned").exists()


def test_the_repository_of_c_is_asked(team: Desk, tmp_path: Path) -> None:
    asked = {"_ICTL_COMPLETE": "complete_bash", "COMP_CWORD": "4"}
    words = "\n".join(("ictl", "-C", str(team.path), "show", "check"))
    assert ictl(team.environ, tmp_path, COMP_WORDS=words, **asked).stdout == "2026-05-14-checkout-latency\n"
    assert ictl(team.environ, tmp_path, COMP_WORDS="ictl\n-C\n/nowhere\nshow\ncheck", **asked).stdout == "\n"


def test_both_names_are_completed(team: Desk) -> None:
    assert bash(team, "note", program="incidentctl") == ["note"]
    for program in ("ictl", "incidentctl"):
        for name in ("bash", "zsh", "fish"):
            variable = f"_{program.upper()}_COMPLETE"
            done = ictl(team.environ, team.path, program=program, **{variable: f"source_{name}"})
            assert variable in done.stdout
            assert program in done.stdout


def test_bash_completes_at_its_prompt(team: Desk) -> None:
    terminal = Terminal(["bash", "--norc", "--noprofile", "-i"], team.environ | {"PS1": "> "}, team.path)
    try:
        terminal.waits_for("> ")
        terminal.types('eval "$(_ICTL_COMPLETE=source_bash ictl)"; echo rea""dy\n')
        terminal.waits_for("ready\n")
        for typed, completed in (
            ("ictl mi\t", "ictl mitigate "),
            ("ictl assign ic @b\t", "ictl assign ic @bob "),
            ("ictl note --by=@b\t", "ictl note --by=@bob "),
            ("ictl note -i check\t", "ictl note -i 2026-05-14-checkout-latency "),
        ):
            terminal.types(typed)
            terminal.waits_for(completed.removeprefix("ictl ").split()[-1])
            terminal.types("\x15")
    finally:
        terminal.kill()
    assert not (team.path / "pwned").exists()


@pytest.mark.skipif(shell("fish") is None, reason="fish is not installed")
def test_fish_completes(team: Desk) -> None:
    script = 'env _ICTL_COMPLETE=source_fish ictl | source; complete -C "ictl assign ic @b"; complete -C "ictl ca"'
    done = subprocess.run(
        ["fish", "--no-config", "-c", script],
        cwd=team.path,
        env=environ_of(team.environ),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "@bob\ncancel\tIt was no incident, or another one's.\n"


ZSH = """
autoload -U compinit && compinit -u -D
eval "$(_ICTL_COMPLETE=source_zsh ictl)"
echo rea""dy
"""


@pytest.mark.skipif(shell("zsh") is None, reason="zsh is not installed")
def test_zsh_completes_at_its_prompt(team: Desk) -> None:
    terminal = Terminal(["zsh", "-f", "-i"], team.environ | {"PS1": "> "}, team.path)
    try:
        terminal.types(ZSH)
        terminal.waits_for("ready\n")
        for typed, completed in (
            ("ictl mi\t", "tigate"),
            ("ictl assign ic @b\t", "ob"),
            ("ictl ca\t", "ncel"),
            ("ictl open --service \t", "touch"),
        ):
            terminal.types(typed)
            terminal.waits_for(completed)
            terminal.types("\x15")
    finally:
        terminal.kill()
    assert not (team.path / "pwned").exists()


def test_what_repeats_is_completed_from_what_there_is(team: Desk) -> None:
    team.ok("resolve", "-i", "checkout", "done")
    team.ok("postmortem", "new", "2026-05-14-checkout-latency", "--here")
    team.ok("set", "2026-05-14-checkout-latency", "root_cause=pool-size")
    for words, expected in {
        ("set", "repeat_of=2026-05-14-c"): ["2026-05-14-checkout-latency"],
        ("set", "repeat_of", "=", "login"): ["2026-05-14-login-fails"],
        ("set", "root_"): ["root_cause="],
        ("set", "root_cause", "="): ["pool-size"],
        ("set", "root_cause=po"): ["pool-size"],
        ("set", "root_cause=x"): [],
        ("set", "title=x"): [],
    }.items():
        assert bash(team, *words) == expected, words
