"""What a responder waits for imports nothing slow: real runs of the program, with the modules that Python itself lists."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

# Importing any of these costs more than the rest of such a command.
SLOW = {"pydantic", "rich", "git", "frontmatter", "markdown_it", "jinja2", "vl_convert", "apprise", "requests"}

MODULE = ["-m", "incidentctl"]
SCRIPT = [str(Path(sys.executable).with_name("incidentctl"))]


@dataclass(frozen=True)
class Run:
    output: str
    modules: frozenset[str]

    @property
    def packages(self) -> set[str]:
        return {name.partition(".")[0] for name in self.modules}


class Responder:
    """Someone at a terminal: a home folder, a git identity, and nothing of this machine's settings."""

    def __init__(self, home: Path) -> None:
        self.repository = home / "incidents"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_CACHE_HOME": str(home / "cache"),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Ann",
            "GIT_AUTHOR_EMAIL": "ann@example.org",
            "GIT_COMMITTER_NAME": "Ann",
            "GIT_COMMITTER_EMAIL": "ann@example.org",
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
        }

    def types(self, *words: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        ran = subprocess.run(
            words,
            cwd=self.environment["HOME"],
            env=self.environment | (environment or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran

    def runs(self, *words: str, environment: dict[str, str] | None = None) -> Run:
        ran = self.types(sys.executable, "-X", "importtime", *words, environment=environment)
        listed = (line for line in ran.stderr.splitlines() if line.startswith("import time:"))
        return Run(ran.stdout, frozenset(line.rpartition("|")[2].strip() for line in listed))

    def commits(self) -> int:
        return int(self.types("git", "-C", str(self.repository), "rev-list", "--count", "HEAD").stdout)


@pytest.fixture
def responder(tmp_path: Path) -> Responder:
    return Responder(tmp_path)


def test_an_import_of_something_slow_would_be_seen(responder: Responder) -> None:
    run = responder.runs("-c", "import rich.console")
    assert {"rich", "rich.console"} <= run.modules
    assert "rich" in run.packages & SLOW


@pytest.mark.parametrize(
    "words",
    [
        ["open", "Login down", "-s", "1"],
        ["note", "pool exhausted on db-3"],
        ["update", "failing over to db-4", "--status", "identified", "--impact", "12 % of checkouts fail"],
    ],
    ids=lambda words: words[0],
)
def test_a_word_under_pressure_imports_nothing_slow(responder: Responder, words: list[str]) -> None:
    repository = str(responder.repository)
    responder.types(sys.executable, *MODULE, "init", repository)
    responder.types(sys.executable, *MODULE, "-C", repository, "open", "Checkout latency", "-s", "2")
    before = responder.commits()

    run = responder.runs(*MODULE, "-C", repository, *words)

    assert run.packages & SLOW == set()
    assert [name for name in run.modules if name.startswith("incidentctl.stats")] == []
    assert responder.commits() == before + 1


TELLING = {
    f"incidentctl.{name}" for name in ("commands.notifying", "store.delivery", "store.outbox", "store.user_hooks")
}


def test_where_nobody_is_to_be_told_nothing_is_loaded_for_it(responder: Responder) -> None:
    repository = str(responder.repository)
    responder.types(sys.executable, *MODULE, "init", repository)
    run = responder.runs(*MODULE, "-C", repository, "open", "Checkout latency", "-s", "2")
    assert run.modules & TELLING == set()


def test_where_somebody_is_to_be_told_a_note_loads_nothing_for_it_and_a_webhook_needs_no_library(
    responder: Responder,
) -> None:
    repository = str(responder.repository)
    responder.types(sys.executable, *MODULE, "init", repository)
    (responder.repository / "incidentctl.toml").write_text('[[notify]]\nname = "ops"\n')
    responder.types("git", "-C", repository, "commit", "-qam", "targets")
    there = {"INCIDENTCTL_NOTIFY_OPS": "json://127.0.0.1:9/"}
    responder.types(sys.executable, *MODULE, "-C", repository, "open", "Checkout latency", "-s", "2")
    assert (
        responder.runs(*MODULE, "-C", repository, "note", "pool exhausted", environment=there).modules & TELLING
        == set()
    )
    run = responder.runs(*MODULE, "-C", repository, "update", "failing over", environment=there)
    assert "incidentctl.store.webhook" in run.modules
    assert run.packages & SLOW == set()


def test_the_version_imports_not_even_typer(responder: Responder) -> None:
    run = responder.runs(*MODULE, "--version")
    assert run.packages & (SLOW | {"typer", "yaml"}) == set()
    assert "incidentctl" in run.modules


def test_completing_a_command_imports_nothing_slow(responder: Responder) -> None:
    completing = {"COMP_WORDS": "incidentctl no", "COMP_CWORD": "1", "_INCIDENTCTL_COMPLETE": "complete_bash"}
    run = responder.runs(*SCRIPT, environment=completing)
    assert "note" in run.output.split()
    assert run.packages & SLOW == set()


def test_help_imports_neither_pydantic_nor_git(responder: Responder) -> None:
    run = responder.runs(*MODULE, "--help")
    assert "open" in run.output
    assert run.packages & SLOW <= {"rich", "markdown_it"}
