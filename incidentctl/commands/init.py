"""`init`: a repository of incidents, new or an existing one as it is. What is missing is made and committed once."""

import os
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from msgspec import Struct

from incidentctl.commands.ci_files import (
    GITHUB_PAGE,
    GITHUB_WORKFLOW,
    GITLAB_JOB,
    GITLAB_PAGE,
    GITLAB_PIPELINE,
    PRE_COMMIT,
    Ci,
    forges_of_page,
    github_page,
    github_workflow,
    gitlab_include,
    gitlab_job,
    gitlab_page,
    includes_ours_alone,
    is_same,
    pre_commit_hook,
    with_hook,
    with_include,
)
from incidentctl.commands.options import Reading, takes
from incidentctl.commands.starting_files import push_trigger, with_attributes, with_repository
from incidentctl.config.settings import Settings
from incidentctl.context import Outside, read_user_settings, user_settings_path
from incidentctl.errors import RepositoryError, SavedError, UsageError
from incidentctl.output.diffs import as_diff_lines
from incidentctl.output.json_text import as_json
from incidentctl.store.commit import Change, CommitResult, FileChange, Refusal, commit_files
from incidentctl.store.files import SaveError, read_file, write_private
from incidentctl.store.git import expand_home
from incidentctl.store.history import list_tip, list_work_tree
from incidentctl.store.lock import Lock
from incidentctl.store.merge_driver import wire
from incidentctl.store.objects import Tip
from incidentctl.store.reading import as_bytes, as_text
from incidentctl.store.repository import Repository, init_repository, repository_at

EXAMPLES = """
ictl init ~/incidents                a repository of its own
ictl init --folder ops               in the repository of a product
ictl init --ci github --pre-commit   with checks of post-mortems, in CI and before a commit
ictl init --status-page              with what publishes the status page
ictl init ~/incidents --default      and from now on found from any folder
"""

_SETTINGS = "incidentctl.toml"
_ATTRIBUTES = ".gitattributes"
_WORKFLOWS = ".github/workflows"
_MESSAGE = "incidentctl: init\n"
_MOST = 1_000_000


class _Made(Struct, frozen=True):
    """What `init` makes: files with their text before and after, and what the user should know of them.

    `standing` are files that are as they should be; they are committed where an earlier `init` could not do it.
    """

    files: Mapping[str, tuple[str, str]] = {}
    advice: tuple[str, ...] = ()
    standing: Mapping[str, str] = {}


class _Wanted(Struct, frozen=True):
    """What the options ask for beside the repository itself."""

    ci: Ci | None = None
    pre_commit: bool = False
    status_page: bool = False


@takes(Reading, without=("tz",))
def command(
    *,
    path: Annotated[str | None, typer.Argument(metavar="[PATH]", help="The folder; this one without it.")] = None,
    folder: Annotated[
        str | None,
        typer.Option("--folder", metavar="DIR", help="Keep the record in this folder of a product's repository."),
    ] = None,
    ci: Annotated[
        Ci | None,
        typer.Option(
            "--ci", metavar="github|gitlab", help="Write what lints post-mortems in this CI.", case_sensitive=False
        ),
    ] = None,
    pre_commit: Annotated[
        bool, typer.Option("--pre-commit", help="Write the hook that lints post-mortems before a commit.")
    ] = False,
    status_page: Annotated[
        bool,
        typer.Option(
            "--status-page",
            help="Write what publishes the status page, on the forge of the remote or of --ci; for both, where neither says.",
        ),
    ] = False,
    default: Annotated[
        bool,
        typer.Option("--default", help="Use this repository wherever no other is; the first one is used so anyway."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the change, and make nothing.")] = False,
    options: Reading,
) -> None:
    """Make a repository of incidents, or an existing one ready for them. Again, it makes only what is missing."""
    outside = options.outside
    place = _place(outside, options.repository, path)
    wanted = _Wanted(ci, pre_commit, status_page)
    if dry_run:
        _show_change(options, place, folder, wanted)
        return
    with _opened(place, outside) as repository:
        settings = _settings(repository)
        inside = _folder(folder, repository, settings)
        made, result = _commit(repository, settings, inside, wanted, outside)
        if result.refused is not None and not result.refused.in_work_tree:
            raise RepositoryError(f"nothing was made: {result.refused.reason}", hint=_way_out(result.refused))
        if not repository.merges_by_meaning:
            wire(repository, outside.environ)
        found = _make_default(outside, repository, wanted=default)
        warnings = (*result.notes, *made.advice, *found.warnings)
        if options.as_json:
            outside.say(as_json(_as_data(repository, made, result, found, warnings)))
        else:
            for each in warnings:
                outside.talk(f"warning: {each}")
            _say(outside, repository, result, found, made)
        if result.refused is not None:
            hint = "; ".join(part for part in (_way_out(result.refused), "then `ictl init` again commits it") if part)
            raise SavedError(f"written, not committed: {result.refused.reason}", hint=hint)


def _place(outside: Outside, directory: str | None, path: str | None) -> str:
    """The folder that is meant; PATH is seen from where `-C` leads."""
    if path is not None and not path.strip():
        raise UsageError("the path is empty", hint="leave it out for this folder, or name one: ictl init ~/incidents")
    words = [expand_home(word, outside.environ) for word in (directory, path) if word]
    return os.path.normpath(Path(outside.cwd, *words))


def _branch_setting(text: str) -> str | None:
    return _parsed(text).store.branch


def _parsed(text: str) -> Settings:
    from incidentctl.config.parse import parse_settings

    return parse_settings(text, file_name=_SETTINGS)[0]


@contextmanager
def _opened(place: str, outside: Outside) -> Iterator[Repository]:
    repository = init_repository(place, environ=outside.environ, branch_setting=_branch_setting)
    with repository:
        _check_branch(repository)
        yield repository


def _check_branch(repository: Repository) -> None:
    """A branch without a commit is fine in a new repository; beside other branches it would be one that nobody asked for."""
    if repository.unborn and repository.head_branch is None and _settings(repository).store.branch is None:
        raise RepositoryError(
            f"no branch is checked out in {repository.place}, and there is no {repository.branch}",
            hint="check out the one that is to hold the record: `git switch BRANCH`",
        )


def _settings(repository: Repository) -> Settings:
    return _parsed(_standing(repository, _SETTINGS))


def _folder(given: str | None, repository: Repository | None, settings: Settings) -> str:
    """The folder of the record: what the settings say already, else what was given."""
    from incidentctl.config.keys import TABLES
    from incidentctl.config.values import WrongValueError, read_value

    if given is None:
        return settings.store.folder
    key = next(key for table in TABLES if table.name == "store" for key in table.keys if key.name == "folder")
    try:
        wanted = str(read_value(key, given))
    except WrongValueError:
        wanted = ""
    if not wanted or "//" in given:
        raise UsageError(f"--folder {given!r} is not a folder inside the repository", hint="as in: --folder ops")
    if repository is not None and wanted != settings.store.folder and _standing(repository, _SETTINGS).strip():
        raise UsageError(
            f"{_SETTINGS} says that the record is in {settings.store.folder or 'the top folder'}",
            hint=f"change `folder` under [store] in {_SETTINGS}, and move the files with it",
        )
    return wanted


def _standing(repository: Repository, name: str) -> str:
    """The text of a file as it is now: in the work tree where the branch is checked out, else on its tip."""
    if repository.checked_out and repository.work_tree is not None:
        data = read_file(repository.work_tree, name, cap=_MOST)
        if data is not None:
            return as_text(data)
    return _committed(repository, name)


def _committed(repository: Repository, name: str) -> str:
    return as_text(repository.tip().read(name, cap=_MOST) or b"")


# --------------------------------------------------------------------------------------------------- what is missing


def _missing(repository: Repository, folder: str, wanted: _Wanted) -> _Made:
    """The files that are missing, or that lack a line of ours."""
    from incidentctl.config.reference import starter_settings

    files: dict[str, tuple[str, str]] = {}
    advice: list[str] = []
    settings = _standing(repository, _SETTINGS)
    if not settings.strip():
        files[_SETTINGS] = (settings, starter_settings(repository.branch, folder))
    attributes = _standing(repository, _ATTRIBUTES)
    complete = with_attributes(attributes, _folders(folder))
    if complete != attributes:
        files[_ATTRIBUTES] = (attributes, complete)
    if folder:
        _mind_ci(repository, folder, files, advice)
    config = repository.git.config
    remotes = [config.text(name) or "" for name in config.names() if re.fullmatch(r"remote\..+\.url", name)]
    checks = _checks(
        folder,
        wanted,
        lambda name: _standing(repository, name),
        lambda name: _committed(repository, name),
        branch=repository.branch,
        remotes=remotes,
    )
    return _Made({**files, **checks.files}, (*advice, *checks.advice), checks.standing)


_Read = Callable[[str], str]


def _checks(
    folder: str,
    wanted: _Wanted,
    standing: _Read,
    committed: _Read,
    *,
    branch: str = "main",
    remotes: Iterable[str] = (),
) -> _Made:
    """The files that run the linter, and those that publish the status page.

    A file of somebody else's gets our lines where that is plain, and is never replaced.
    """
    files: dict[str, tuple[str, str]] = {}
    right: dict[str, str] = {}
    advice: list[str] = []

    def write(name: str, ours: str) -> None:
        text = standing(name)
        if not text.strip():
            files[name] = (text, ours)
        elif is_same(text, ours):
            right[name] = text
        else:
            advice.append(f"{name} is there and says something else, so it was left as it is; rename it to get ours")

    def add(name: str, change: Callable[[str], str | None], lines: str) -> None:
        text, before = standing(name), committed(name)
        changed = change(text)
        if changed == text:
            if change(before) == text:  # what is not committed yet is ours alone
                right[name] = text
        elif changed is None or text != before:
            reason = "cannot be changed surely" if changed is None else "has changes that are not committed"
            advice.append(f"{name} {reason}, so it was left as it is: add\n{lines.rstrip()}")
        else:
            files[name] = (text, changed)

    if wanted.ci is Ci.GITHUB:
        write(GITHUB_WORKFLOW, github_workflow(folder))
    jobs: list[tuple[str, str]] = []  # of GitLab: a file, and the stage of its job
    if wanted.ci is Ci.GITLAB:
        write(GITLAB_JOB, gitlab_job(folder))
        jobs.append((GITLAB_JOB, "test"))
    forges = forges_of_page(wanted.ci, remotes, has_pipeline=bool(standing(GITLAB_PIPELINE).strip()))
    if wanted.status_page and Ci.GITHUB in forges:
        write(GITHUB_PAGE, github_page(folder, branch))
    if wanted.status_page and Ci.GITLAB in forges:
        write(GITLAB_PAGE, gitlab_page(folder, branch))
        jobs.append((GITLAB_PAGE, "deploy"))
    if jobs:
        names = [name for name, _ in jobs]
        by_hand = f"{gitlab_include(*names)}and give the job in {' and in '.join(names)} one of your stages"
        add(GITLAB_PIPELINE, lambda text: _with_includes(text, jobs), by_hand)
    if wanted.pre_commit:
        add(PRE_COMMIT, lambda text: with_hook(text, folder), pre_commit_hook(folder))
    return _Made(files, tuple(advice), right)


def _with_includes(text: str, jobs: Iterable[tuple[str, str]]) -> str | None:
    changed: str | None = text
    for job, stage in jobs:
        changed = None if changed is None else with_include(changed, job, stage)
    return changed


def _folders(folder: str) -> tuple[str, str]:
    prefix = f"{folder}/" if folder else ""
    return f"{prefix}incidents", f"{prefix}postmortems"


def _mind_ci(repository: Repository, folder: str, files: dict[str, tuple[str, str]], advice: list[str]) -> None:
    """A note at night is no reason to deploy: workflows that run for each push leave the record's folder out."""
    for name in _workflows(repository):
        text = _standing(repository, name)
        trigger = push_trigger(text, folder)
        if trigger is None:
            continue
        is_clean = _committed(repository, name) == text
        if trigger.ignoring is None or not is_clean:
            advice.append(f"{name} runs on every push, also of the record: add {trigger.to_add}")
        else:
            files[name] = (text, trigger.ignoring)
            advice.append(f"{name} ran on every push: it leaves {folder}/ out now; look at the change")
    gitlab = _standing(repository, GITLAB_PIPELINE)
    if gitlab and "changes:" not in gitlab and not includes_ours_alone(gitlab):
        advice.append(
            f"{GITLAB_PIPELINE} runs on every push, also of the record: say what it runs for, each folder but {folder}/:\n"
            "  workflow:\n    rules:\n      - changes: ['*', 'src/**/*']"
        )


def _workflows(repository: Repository) -> list[str]:
    entries: Iterator[str]
    if repository.checked_out:
        entries = (each.path for each in list_work_tree(repository, _WORKFLOWS) if not each.is_link)
    else:
        entries = (each.path for each in list_tip(repository, _WORKFLOWS) if not each.is_link)
    return [path for path in entries if path.endswith((".yml", ".yaml"))]


# ---------------------------------------------------------------------------------------------------- what is written


def _commit(
    repository: Repository, settings: Settings, folder: str, wanted: _Wanted, outside: Outside
) -> tuple[_Made, CommitResult]:
    made = _Made()

    def build(tip: Tip) -> Change:
        """Our settings as they stand; in other files our lines alone: one that somebody else added is theirs to commit."""
        nonlocal made
        made = _missing(repository, folder, wanted)
        files = {_SETTINGS: FileChange(committed=as_bytes(_standing(repository, _SETTINGS)))}
        texts = {**made.standing, **{name: text for name, (_, text) in made.files.items()}}
        for name, text in texts.items():
            files[name] = FileChange(committed=as_bytes(text))
        folders, attributes = _folders(folder), as_text(tip.read(_ATTRIBUTES, cap=_MOST) or b"")
        files[_ATTRIBUTES] = FileChange(
            committed=as_bytes(with_attributes(attributes, folders)),
            work_tree=as_bytes(with_attributes(_standing(repository, _ATTRIBUTES), folders)),
        )
        return Change(files, _MESSAGE)

    rules = settings.commit
    with Lock(repository.own_dir).held(timeout=settings.store.lock_timeout, notice=outside.talk):
        result = commit_files(repository, build, hooks=rules.hooks.value, hook_timeout=rules.hook_timeout)
    return made, result


def _way_out(refused: Refusal) -> str | None:
    """What to do. That the next command commits it holds for words, which are in the spool as well, and not for these files."""
    parts = (part for part in (refused.hint or "").split("; ") if not part.endswith("command commits this"))
    return "; ".join(parts) or None


class _Found(Struct, frozen=True):
    """Whether the repository is the user's own default, whether it was made so just now, and which one is else."""

    is_default: bool
    is_new: bool = False
    other: str | None = None
    warnings: tuple[str, ...] = ()


def _make_default(outside: Outside, repository: Repository, *, wanted: bool) -> _Found:
    """Names the repository in the user's own settings, where it is wanted or none is named yet."""
    user, _ = read_user_settings(outside)
    place = repository.place
    if user.repository:
        named = Path(outside.cwd, expand_home(user.repository, outside.environ))
        if os.path.realpath(named) == os.path.realpath(place):
            return _Found(is_default=True)
        if not wanted:
            return _Found(is_default=False, other=user.repository)
    path = user_settings_path(outside.environ)
    try:
        text = as_text(read_file(str(path.parent), path.name, cap=_MOST) or b"")
        new = with_repository(text, place)
        if new is None:
            return _Found(is_default=False, warnings=(f"add `repository` to {path} by hand: it is not plain TOML",))
        write_private(str(path), as_bytes(new))
    except (OSError, SaveError) as error:
        return _Found(is_default=False, warnings=(f"it is not found from other folders: {error}",))
    return _Found(is_default=True, is_new=True)


# ------------------------------------------------------------------------------------------------------ what is said


def _shown(outside: Outside, place: str) -> str:
    """A path as a person types it."""
    home = outside.environ.get("HOME", "")
    quoted = shlex.quote(place)
    return f"~{place[len(home) :]}" if home and quoted == place and place.startswith(f"{home}/") else quoted


def _say(outside: Outside, repository: Repository, result: CommitResult, found: _Found, made: _Made) -> None:
    place = _shown(outside, repository.place)
    if result.commit is not None:
        names = ", ".join(name for name, content in result.files.items() if content is not None)
        outside.say(f"{place} is ready: committed {names} on {repository.branch}")
        if not repository.checked_out and repository.work_tree is not None:
            here = repository.head_branch or "no branch"
            outside.talk(f"committed on {repository.branch}; the work tree is on {here} and was not touched")
    elif result.refused is None:
        outside.say(f"{place} is ready: nothing to do")
    settings = _shown(outside, str(user_settings_path(outside.environ)))
    if found.is_new:
        outside.say(f"found from any folder from now on: it is the `repository` in {settings}")
    elif found.is_default:
        outside.say("found from any folder")
    elif found.other:
        outside.say(
            f"found from inside, or with -C; from elsewhere {found.other} is, until `ictl init {place} --default`"
        )
    if GITHUB_PAGE in made.files:
        outside.say('once, on GitHub: Settings → Pages → Source: "GitHub Actions"')
    if PRE_COMMIT in made.files:
        outside.say("the hook runs in each clone where `pre-commit install` was run")
    if result.refused is None:
        outside.say(f'next: `ictl open "What is wrong"` · people, services and the bridge are settings in {_SETTINGS}')


def _as_data(
    repository: Repository, made: _Made, result: CommitResult, found: _Found, warnings: tuple[str, ...]
) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "kind": "init",
        "repository": repository.place,
        "branch": repository.branch,
        "commit": result.commit,
        "committed": result.commit is not None,
        "files": sorted(result.files or made.files),
        "default": found.is_default,
        "warnings": list(warnings),
    }


def _show_change(options: Reading, place: str, folder: str | None, wanted: _Wanted) -> None:
    """What would be made, as a diff; makes nothing, not even a repository."""
    from incidentctl.config.reference import starter_settings

    outside = options.outside
    repository = repository_at(place, environ=outside.environ, branch_setting=_branch_setting)
    if repository is None:
        inside = _folder(folder, None, Settings())
        starting = {_SETTINGS: starter_settings(None, inside), _ATTRIBUTES: with_attributes("", _folders(inside))}
        checks = _checks(inside, wanted, lambda _: "", lambda _: "")
        made = _Made({**{name: ("", text) for name, text in starting.items()}, **checks.files})
    else:
        with repository:
            _check_branch(repository)
            made = _missing(repository, _folder(folder, repository, _settings(repository)), wanted)
    diff = [line for name, (before, after) in made.files.items() for line in as_diff_lines(before, after, name)]
    if options.as_json:
        data = {
            "schema_version": 1,
            "kind": "init",
            "repository": repository.place if repository else place,
            "branch": repository.branch if repository else None,
            "commit": None,
            "committed": False,
            "files": sorted(made.files),
            "default": False,
            "warnings": list(made.advice),
            "dry_run": True,
            "diff": diff,
        }
        outside.say(as_json(data))
        return
    if repository is None:
        outside.say(f"would make the repository {place}")
    elif not made.files:
        outside.say(f"nothing would change: {place} is ready")
    for line in diff:
        outside.say(line)
