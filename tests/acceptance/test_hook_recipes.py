"""The recipes of docs/how-to/hooks.md do what they say, with the real input of a hook and programs that only note how they were called."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Desk

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "hooks.md"
RECIPES = {
    name: text for text, name in re.findall(r"```sh\n(#!/bin/sh\n# ~/bin/([\w-]+).*?)```", PAGE.read_text(), re.DOTALL)
}
EVIL = "Checkout $(touch pwned) \"'; touch pwned #"

pytestmark = pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not installed")


def programs(folder: Path, **scripts: str) -> None:
    folder.mkdir(exist_ok=True)
    for name, script in scripts.items():
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)


@pytest.fixture
def called(desk: Desk, tmp_path: Path) -> Path:
    """Where what was called is noted. The programs stand before the real ones."""
    path = tmp_path / "called"
    note = f'for word in "$@"; do printf "%s\\n" "$word" >>{path}; done'
    programs(
        tmp_path / "bin",
        curl=f'{note}\ncase "$*" in *@-*) cat >>{path};; *) echo \'{{"ok": true}}\';; esac',
        gh=f"{note}\ncat >/dev/null\necho https://github.com/example/ops/issues/7",
        ictl=f'exec {sys.executable} -m incidentctl "$@"',
        **RECIPES,
    )
    desk.environ |= {
        "PATH": f"{tmp_path / 'bin'}:{desk.environ['PATH']}",
        "SLACK_TOKEN": "x",
        "PAGERDUTY_KEY": "key",
    }
    return path


def opens_with(desk: Desk, recipe: str, title: str = EVIL) -> str:
    settings = Path(desk.environ["XDG_CONFIG_HOME"], "incidentctl", "config.toml")
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(f'[hooks]\nopened = ["{recipe}"]\n')
    result = desk.ok("open", title, "-s", "1", "--slug", "checkout", "--summary", "p99 above 4 s")
    assert result.err == ""
    assert not list(desk.path.parent.rglob("pwned"))
    return result.out


def test_the_page_has_three() -> None:
    assert set(RECIPES) == {"make-channel", "page", "open-ticket"}


def test_a_shell_checker_has_nothing_to_say(tmp_path: Path) -> None:
    programs(tmp_path, **{name: text.removeprefix("#!/bin/sh\n") for name, text in RECIPES.items()})
    checker = Path(sys.executable).with_name("shellcheck")
    done = subprocess.run([checker, *(tmp_path / name for name in RECIPES)], capture_output=True, text=True)
    assert (done.stdout, done.returncode) == ("", 0)


def test_a_channel_is_made(desk: Desk, called: Path) -> None:
    opens_with(desk, "make-channel")
    assert "name=incident-2026-05-14-checkout" in called.read_text().splitlines()


def test_somebody_is_paged(desk: Desk, called: Path) -> None:
    import json

    opens_with(desk, "page")
    body = json.loads(called.read_text().splitlines()[-1])
    assert (body["routing_key"], body["dedup_key"]) == ("key", "2026-05-14-checkout")
    assert body["payload"]["summary"] == f"SEV1 {EVIL}"


def test_a_ticket_is_opened_and_its_link_noted(desk: Desk, called: Path) -> None:
    opens_with(desk, "open-ticket")
    words = called.read_text().splitlines()
    assert words[words.index("--title") + 1] == f"SEV1 {EVIL}"
    assert "ticket: https://github.com/example/ops/issues/7" in desk.text()
