"""The pre-commit framework itself, on real repositories: the hook that we offer, and the one that `init --pre-commit` writes."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from pre_commit.clientlib import load_config, load_manifest  # type: ignore[import-untyped]

from incidentctl.commands.ci_files import is_same, with_hook
from tests.acceptance.workflow_steps import ROOT, with_path
from tests.conftest import Desk
from tests.lint.documents import COMPLETE, INCIDENT, INCIDENT_PATH, PATH

MANIFEST = ROOT / ".pre-commit-hooks.yaml"
BIN = Path(sys.executable).parent
INCOMPLETE = COMPLETE.replace("## Root Cause", "## Why it happened to be so")


def pre_commit(desk: Desk, *words: str) -> subprocess.CompletedProcess[str]:
    """Runs the framework as a user does, with a cache of its own and nothing from the network."""
    environ = with_path(desk.environ, BIN)
    environ |= {"PRE_COMMIT_HOME": str(desk.path.parent / "pre-commit"), "PRE_COMMIT_COLOR": "never"}
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", *words],
        cwd=desk.path, env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def user(desk: Desk) -> Desk:
    """A repository that takes our hook from a repository which holds nothing but our manifest.

    The hook's environment would be installed from the network, so the configuration says that the linter is there already.
    """
    hooks = desk.path.parent / "hooks"
    hooks.mkdir()
    desk.git("init", "-q", cwd=hooks)
    (hooks / MANIFEST.name).write_bytes(MANIFEST.read_bytes())
    desk.git("add", ".", cwd=hooks)
    desk.git("commit", "-qm", "hooks", cwd=hooks)
    revision = desk.git("rev-parse", "HEAD", cwd=hooks).strip()
    hook = {"id": "incidentctl-lint", "language": "system", "args": ["--select", "STR001"]}
    config = {"repos": [{"repo": f"file://{hooks}", "rev": revision, "hooks": [hook]}]}
    desk.write(".pre-commit-config.yaml", yaml.safe_dump(config))
    desk.git("add", ".")
    desk.git("commit", "-qm", "config")
    return desk


def test_the_manifest_is_one_that_the_framework_takes() -> None:
    (hook,) = load_manifest(str(MANIFEST))
    assert (hook["id"], hook["entry"], hook["language"]) == ("incidentctl-lint", "incidentctl lint", "python")


def test_a_commit_with_a_missing_section_is_refused_and_names_it(user: Desk) -> None:
    user.write(PATH, INCOMPLETE)
    user.git("add", ".")
    done = pre_commit(user, "run", "incidentctl-lint")
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{PATH}:" in done.stdout
    assert "STR001 missing-section" in done.stdout


def test_a_complete_post_mortem_passes(user: Desk) -> None:
    user.write(PATH, COMPLETE)
    user.write(INCIDENT_PATH, INCIDENT)
    user.git("add", ".")
    done = pre_commit(user, "run", "incidentctl-lint")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Passed" in done.stdout


def test_other_files_do_not_start_it(user: Desk) -> None:
    user.write("docs/readme.md", "# Nothing of ours\n")
    user.write("postmortems/notes.txt", "no Markdown\n")
    user.git("add", ".")
    done = pre_commit(user, "run", "incidentctl-lint")
    assert "Skipped" in done.stdout, done.stdout + done.stderr


def test_what_is_not_staged_is_not_looked_at(user: Desk) -> None:
    user.write(PATH, COMPLETE)
    user.git("add", ".")
    user.write(PATH, INCOMPLETE)
    assert pre_commit(user, "run", "incidentctl-lint").returncode == 0
    assert (user.path / PATH).read_text() == INCOMPLETE, "the framework puts it back"


# ---------------------------------------------------------------------------------------------- what `init` writes


def test_the_configuration_that_init_writes_is_one_that_the_framework_takes(desk: Desk) -> None:
    desk.ok("init", "--pre-commit")
    config = load_config(str(desk.path / ".pre-commit-config.yaml"))
    (hook,) = config["repos"][0]["hooks"]
    assert hook["additional_dependencies"][0].startswith("incidentctl==")
    assert hook["files"] == "^postmortems/"


def test_the_hook_that_init_writes_refuses_a_post_mortem_and_lets_the_record_of_an_incident_be(desk: Desk) -> None:
    desk.ok("init", "--pre-commit")
    installed(desk)
    desk.write(INCIDENT_PATH, "no front matter at all\n")
    desk.git("add", ".")
    assert "Skipped" in pre_commit(desk, "run").stdout
    desk.write(PATH, INCOMPLETE)
    desk.git("add", ".")
    done = pre_commit(desk, "run")
    assert done.returncode == 1
    assert "STR001" in done.stdout


def installed(desk: Desk) -> None:
    """As though the hook's environment had been made: the linter is on the path."""
    path = desk.path / ".pre-commit-config.yaml"
    lines = [line for line in path.read_text().splitlines() if "additional_dependencies" not in line]
    path.write_text("\n".join(lines).replace("language: python", "language: system") + "\n")
    desk.git("commit", "-qam", "the linter is installed")


def test_the_page_shows_the_configuration_that_init_writes_and_one_that_the_framework_takes(tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/how-to/pre-commit.md").read_text(), re.DOTALL)
    assert is_same(blocks[0], with_hook("", "") or "")
    for block in blocks:
        (tmp_path / "config.yaml").write_text(block)
        load_config(str(tmp_path / "config.yaml"))
