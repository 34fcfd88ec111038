"""Steps of a workflow or an action, run as GitHub's runner runs them: `bash`, an environment, and files for what they say."""

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

from incidentctl.store.reading import as_text

ROOT = Path(__file__).parents[2]
_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


class Done(Struct, frozen=True):
    """How a step ended: its exit code, its log, its outputs, the summary and the path that it has added to."""

    code: int
    log: str
    outputs: Mapping[str, str]
    summary: str
    added_path: tuple[str, ...]


def load(path: Path) -> Any:
    """A YAML file with every scalar as it is written, so that `on` stays a word."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)


def steps_of(data: Any) -> list[dict[str, Any]]:
    """The steps of a composite action, or of all jobs of a workflow."""
    if "runs" in data:
        return list(data["runs"]["steps"])
    return [step for job in data["jobs"].values() for step in job["steps"]]


def step_named(data: Any, name: str) -> dict[str, Any]:
    """The only step of that name."""
    (step,) = [each for each in steps_of(data) if each.get("name") == name]
    return step


def filled(text: str, known: Mapping[str, str]) -> str:
    """A value with its expressions replaced. One that is not known is a KeyError: the test has to say what it is."""
    return _EXPRESSION.sub(lambda match: known[match[1]], text)


def run_step(
    step: Mapping[str, Any], *, known: Mapping[str, str], cwd: Path, environ: Mapping[str, str], temp: Path
) -> Done:
    """Runs one `run:` step. `known` has the values of the expressions, `temp` is the runner's temporary folder."""
    assert "${{" not in step["run"], "what comes from outside goes through the environment"
    temp.mkdir(parents=True, exist_ok=True)
    files = {name: temp / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_PATH")}
    for path in files.values():
        path.write_text("")
    folder = cwd / filled(step.get("working-directory", "."), known)
    program = ["bash", "--noprofile", "--norc", "-eo", "pipefail"] if step.get("shell") == "bash" else ["bash", "-e"]
    script = temp / "step.sh"
    script.write_text(step["run"])
    done = subprocess.run(
        [*program, str(script)],
        cwd=folder,
        env={
            **environ,
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(cwd),
            "RUNNER_TEMP": str(temp),
            **{name: str(path) for name, path in files.items()},
            **{name: filled(value, known) for name, value in step.get("env", {}).items()},
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return Done(
        done.returncode,
        as_text(done.stdout) + as_text(done.stderr),
        _outputs(files["GITHUB_OUTPUT"].read_text()),
        files["GITHUB_STEP_SUMMARY"].read_text(),
        tuple(files["GITHUB_PATH"].read_text().split()),
    )


def _outputs(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        name, mark, end = line.partition("<<")
        if mark and "=" not in name:
            value = []
            for each in lines:
                if each == end:
                    break
                value.append(each)
            found[name] = "\n".join(value)
        else:
            name, _, said = line.partition("=")
            found[name] = said
    return found


def stand_in(folder: Path, name: str, script: str) -> None:
    """A program of that name in a folder that a test puts at the head of the path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/usr/bin/env bash\n{script}")
    path.chmod(0o755)


def with_path(environ: Mapping[str, str], *folders: Path | str) -> dict[str, str]:
    """The environment with folders at the head of its path."""
    return {**environ, "PATH": os.pathsep.join([*map(str, folders), environ["PATH"]])}
