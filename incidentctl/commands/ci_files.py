"""What `init --ci`, `--pre-commit` and `--status-page` write: whole files of ours, and our lines in those of others. Pure text."""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from incidentctl import __version__


class Ci(StrEnum):
    """A forge whose CI runs the linter, or publishes the status page."""

    GITHUB = "github"
    GITLAB = "gitlab"


GITHUB_WORKFLOW: Final = ".github/workflows/incidentctl.yml"
GITLAB_JOB: Final = ".gitlab/incidentctl.yml"
GITLAB_PIPELINE: Final = ".gitlab-ci.yml"
GITHUB_PAGE: Final = ".github/workflows/incidentctl-status-page.yml"
GITLAB_PAGE: Final = ".gitlab/incidentctl-status-page.yml"
PRE_COMMIT: Final = ".pre-commit-config.yaml"

_REQUIREMENT = f"incidentctl=={__version__}"
_PINNED = re.compile(r"incidentctl==[\w.!+-]+")

_GITHUB = """\
# Checks post-mortems in pull requests. Written by `incidentctl init --ci github`; from here on it is yours.
# It runs only where the record changes, so do not make it a required check: a check that never runs holds up every other pull request.
name: Post-mortems

on:
  pull_request:
    types: [opened, synchronize, reopened, ready_for_review, converted_to_draft]
    paths:
@PATHS@

permissions:
  contents: read

concurrency:
  group: incidentctl-${{ github.ref }}
  cancel-in-progress: true

jobs:
  lint:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    permissions:
      contents: read
      pull-requests: write # for the comment
      # security-events: write # for code scanning
    steps:
      - uses: actions/checkout@v6
        with:
          fetch-depth: 0 # rules that read the history need all of it
          persist-credentials: false
      - uses: actions/setup-python@v6
        with:
          python-version: "3.13"
      - name: Install
        run: python -m pip install --quiet --disable-pip-version-check "@REQUIREMENT@"
      - name: Lint what the pull request changes
        env:
          INCIDENTCTL_PR_DRAFT: ${{ github.event.pull_request.draft }}
          REPORTS: ${{ runner.temp }}
        run: |
          # HEAD is the pull request merged into its base, and HEAD^1 that base.
          code=0
          incidentctl lint --changed-since 'HEAD^1' --format github \\
            --output-file "markdown=$REPORTS/incidentctl.md" \\
            --output-file "sarif=$REPORTS/incidentctl.sarif" || code=$?
          if [ -f "$REPORTS/incidentctl.md" ]; then
            cat "$REPORTS/incidentctl.md" >> "$GITHUB_STEP_SUMMARY"
          fi
          exit "$code"
      # One comment, which each run writes anew. A fork has no token that may write: there the step's summary has to do.
      - name: Comment on the pull request
        if: ${{ !cancelled() && github.event.pull_request.head.repo.full_name == github.repository }}
        continue-on-error: true
        env:
          GH_TOKEN: ${{ github.token }}
          NUMBER: ${{ github.event.pull_request.number }}
          REPORT: ${{ runner.temp }}/incidentctl.md
        run: |
          [ -f "$REPORT" ] || exit 0
          comments="repos/$GITHUB_REPOSITORY/issues/$NUMBER/comments"
          standing=$(gh api --paginate "$comments" --jq '.[]
            | select(.user.type == "Bot" and (.body | startswith("<!-- incidentctl-lint -->"))) | .id' | sed -n 1p)
          if [ -n "$standing" ]; then
            gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$standing" -F "body=@$REPORT"
          elif grep -q '^- \\[ \\]' "$REPORT"; then
            gh api --silent --method POST "$comments" -F "body=@$REPORT"
          fi
      # Code scanning, where the repository has it: take the marks away here and at `security-events` above.
      # - uses: github/codeql-action/upload-sarif@v4
      #   if: ${{ !cancelled() && github.event.pull_request.head.repo.full_name == github.repository }}
      #   with:
      #     sarif_file: ${{ runner.temp }}/incidentctl.sarif
      #     category: incidentctl
"""

_GITLAB = """\
# Checks post-mortems in merge requests. Written by `incidentctl init --ci gitlab`; from here on it is yours.
# A merge request shows the findings in its Code Quality and test widgets. Whether it is a draft, the linter reads itself.
incidentctl-lint:
  stage: test
  image: python:3.13
  needs: []
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
      changes:
@PATHS@
  variables:
    GIT_DEPTH: "0" # rules that read the history need all of it
  script:
    - python -m pip install --quiet --disable-pip-version-check "@REQUIREMENT@"
    - >-
      incidentctl lint --changed-since "$CI_MERGE_REQUEST_DIFF_BASE_SHA"
      --output-file gitlab=gl-code-quality-report.json
      --output-file junit=incidentctl-junit.xml
  artifacts:
    when: always
    reports:
      codequality: gl-code-quality-report.json
      junit: incidentctl-junit.xml
"""

_GITHUB_PAGE = """\
# Publishes the status page on GitHub Pages. Written by `incidentctl init --status-page`; from here on it is yours.
# Once, under Settings -> Pages: choose "GitHub Actions" as the source.
name: Status page

on:
  push:
    branches: [@BRANCH@]
    paths:
@PATHS@
  workflow_dispatch:

permissions:
  contents: read

concurrency:
  group: incidentctl-status-page
  cancel-in-progress: false

jobs:
  build:
    runs-on: ubuntu-latest
    timeout-minutes: 10
    steps:
      - uses: actions/checkout@v6
        with:
          fetch-depth: 0 # what was changed in an editor is read with the history
          persist-credentials: false
      - uses: actions/setup-python@v6
        with:
          python-version: "3.13"
      - name: Install
        run: python -m pip install --quiet --disable-pip-version-check "@REQUIREMENT@"
      - name: Build the page
        env:
          PAGE: ${{ runner.temp }}/status-page
        run: |
          # Exit code 1: the page is there, and a file of the record that could not be read is named above.
          incidentctl statuspage build --out "$PAGE" || [ $? -eq 1 ]
      - uses: actions/upload-pages-artifact@v4
        with:
          path: ${{ runner.temp }}/status-page
  publish:
    needs: build
    runs-on: ubuntu-latest
    timeout-minutes: 10
    permissions:
      pages: write
      id-token: write # by which Pages knows who publishes
    environment:
      name: github-pages
      url: ${{ steps.publish.outputs.page_url }}
    steps:
      - id: publish
        uses: actions/deploy-pages@v4
"""

_GITLAB_PAGE = """\
# Publishes the status page on GitLab Pages. Written by `incidentctl init --status-page`; from here on it is yours.
pages:
  stage: deploy
  image: python:3.13
  needs: []
  rules:
    - if: $CI_COMMIT_BRANCH == @BRANCH@
      changes:
@PATHS@
  variables:
    GIT_DEPTH: "0" # what was changed in an editor is read with the history
  script:
    - python -m pip install --quiet --disable-pip-version-check "@REQUIREMENT@"
    # Exit code 1: the page is there, and a file of the record that could not be read is named above.
    - incidentctl statuspage build --out public || [ $? -eq 1 ]
  artifacts:
    paths:
      - public
"""

_HOOK = """\
- repo: local
  hooks:
    - id: incidentctl-lint
      name: post-mortems are complete
      entry: incidentctl lint
      language: python
      additional_dependencies: ["@REQUIREMENT@"]
      types: [markdown]
      files: '@FILES@'
      require_serial: true
"""


def github_workflow(folder: str) -> str:
    """The workflow for a record in that folder, empty for the top."""
    return _filled(_GITHUB, " " * 6, [f"{_glob(each)}/**" for each in _folders(folder)])


def gitlab_job(folder: str) -> str:
    """The job that a pipeline of GitLab includes."""
    return _filled(_GITLAB, " " * 8, [f"{_glob(each)}/**/*" for each in _folders(folder)])


def github_page(folder: str, branch: str) -> str:
    """The workflow that publishes the status page of a record on that branch."""
    text = _filled(_GITHUB_PAGE, " " * 6, [f"{_glob(_folders(folder)[0])}/**"])
    return text.replace("@BRANCH@", _quoted(_glob(branch)))


def gitlab_page(folder: str, branch: str) -> str:
    """The job that publishes the status page; a branch whose name is no plain word is taken for the default one."""
    text = _filled(_GITLAB_PAGE, " " * 8, [f"{_glob(_folders(folder)[0])}/**/*"])
    return text.replace("@BRANCH@", f'"{branch}"' if re.fullmatch(r"[\w./-]+", branch) else "$CI_DEFAULT_BRANCH")


def forges_of_page(ci: Ci | None, remotes: Iterable[str], *, has_pipeline: bool) -> tuple[Ci, ...]:
    """For which forge the status page is published: the one that was named, else that of the remotes, else both.

    `has_pipeline` says whether there is a pipeline of GitLab already.
    """
    if ci is not None:
        return (ci,)
    host = r"(?:[a-z+]+://)?(?:[^@/:]+(?::[^@/]*)?@)?([\w.-]+)[:/]"
    hosts = [match[1] for url in remotes if (match := re.match(host, url.lower()))]
    known = tuple(forge for forge in Ci if any(forge.value in each for each in hosts))
    return known or ((Ci.GITLAB,) if has_pipeline else tuple(Ci))


def gitlab_include(*jobs: str) -> str:
    """The lines by which a pipeline takes in jobs of ours; that of the linter where none is named."""
    return "include:\n" + "".join(f"  - local: {job}\n" for job in jobs or (GITLAB_JOB,))


def pre_commit_hook(folder: str) -> str:
    """The entry of a pre-commit configuration. Post-mortems alone: what is written in the middle of an incident waits for no linter."""
    postmortems = _folders(folder)[1]
    files = "^" + re.escape(postmortems).replace("\\-", "-") + "/"
    return _HOOK.replace("@REQUIREMENT@", _REQUIREMENT).replace("@FILES@", files.replace("'", "''"))


def _filled(text: str, indent: str, paths: list[str]) -> str:
    lines = (f"{indent}- {_quoted(path)}" for path in (*paths, "incidentctl.toml"))
    return text.replace("@REQUIREMENT@", _REQUIREMENT).replace("@PATHS@", "\n".join(lines))


def _folders(folder: str) -> tuple[str, str]:
    prefix = f"{folder}/" if folder else ""
    return f"{prefix}incidents", f"{prefix}postmortems"


def _glob(folder: str) -> str:
    return re.sub(r"([*?\[\]+!{}\\])", r"\\\1", folder)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def is_same(standing: str, ours: str) -> bool:
    """Whether a file is what we would write, but for the version that it installs and the ends of its lines."""
    return _unpinned(standing) == _unpinned(ours)


def _unpinned(text: str) -> str:
    return _PINNED.sub("incidentctl", text.replace("\r\n", "\n"))


def includes_ours_alone(pipeline: str) -> bool:
    """Whether a pipeline of GitLab has jobs of ours and no others."""
    ours = gitlab_include(GITLAB_JOB, GITLAB_PAGE).splitlines()
    return all(line in ours for line in pipeline.splitlines() if line.strip())


# --------------------------------------------------------------------------------------- our lines in files of others

_HOOK_ID = re.compile(r"(?m)^[^#\n]*\bid:\s*['\"]?incidentctl-lint\b")
_TOP_KEY = re.compile(r"([A-Za-z0-9_.][^#'\"]*?|'[^']*'|\"[^\"]*\")[ ]*:(?=\s|$)(.*)")


def with_hook(text: str, folder: str) -> str | None:
    """A pre-commit configuration with our hook as the last of its `repos`; `None` where that cannot be done surely."""
    if _HOOK_ID.search(text):
        return text
    if not _says_anything(text):
        return _with_newline(text) + "repos:\n" + _indented(pre_commit_hook(folder), 2)
    return _with_item(text, "repos", pre_commit_hook(folder))


def with_include(text: str, job: str = GITLAB_JOB, stage: str = "test") -> str | None:
    """A pipeline of GitLab that includes our job; `None` where that cannot be done surely, or where it has no such stage."""
    if re.search(rf"(?m)^[^#\n]*{re.escape(job)}", text):
        return text
    if not _says_anything(text):
        return _with_newline(text) + gitlab_include(job)
    keys = _top_keys(text)
    if keys is None or _lacks_stage(text, keys, stage):
        return None
    if "include" in keys:
        return _with_item(text, "include", f"- local: {job}\n")
    newline = _newline_of(text)
    return _with_newline(text) + newline + gitlab_include(job).replace("\n", newline)


def _lacks_stage(text: str, keys: dict[str, int], stage: str) -> bool:
    if "stages" not in keys:
        return False
    lines = text.splitlines()
    begin = keys["stages"]
    end = min((at for at in keys.values() if at > begin), default=len(lines))
    return not any(re.search(rf"(?<![\w-]){stage}(?![\w-])", _content(line)) for line in lines[begin:end])


def _with_item(text: str, key: str, item: str) -> str | None:
    """The text with one more item in the list of a key at the top level, where that is a plain block of items."""
    keys = _top_keys(text)
    if keys is None or key not in keys:
        return None
    lines = text.splitlines(keepends=True)
    begin = keys[key] + 1
    end = min((at for at in keys.values() if at >= begin), default=len(lines))
    match = _TOP_KEY.match(lines[begin - 1])
    inside = [index for index in range(begin, end) if _content(lines[index])]
    if match is None or _content(match[2]) or not inside:
        return None
    depth = _depth(lines[inside[0]])
    if any(_depth(lines[index]) < depth for index in inside) or not lines[inside[0]].lstrip().startswith("- "):
        return None
    own = (index for index in range(begin, end) if lines[index].strip() and _depth(lines[index]) > depth)
    last = max((*inside, *own))
    newline = _newline_of(text)
    before = _with_newline("".join(lines[: last + 1]))
    return before + _indented(item, depth).replace("\n", newline) + "".join(lines[last + 1 :])


def _top_keys(text: str) -> dict[str, int] | None:
    """The keys at the top level with their lines; `None` where the text is no plain mapping, such as with two documents in it."""
    keys: dict[str, int] = {}
    for index, line in enumerate(text.splitlines()):
        if line.startswith("---") and not keys and not _content(line[3:]):
            continue
        if not _content(line) or line.startswith((" ", "- ")):
            continue
        match = _TOP_KEY.match(line)
        if match is None or match[1].strip("'\"") in keys:
            return None
        keys[match[1].strip("'\"")] = index
    return keys


def _says_anything(text: str) -> bool:
    return any(_content(line) not in ("", "---") for line in text.removeprefix("\ufeff").splitlines())


def _content(line: str) -> str:
    """What a line says without its comment."""
    return re.sub(r"(?:^|\s)#.*", "", line).strip()


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _indented(text: str, depth: int) -> str:
    return "".join(" " * depth + line for line in text.splitlines(keepends=True))


def _with_newline(text: str) -> str:
    return text if not text or text.endswith("\n") else text + _newline_of(text)


def _newline_of(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"
