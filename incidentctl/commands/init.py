"""`init`: a repository of incidents, new or an existing one as it is. What is missing is made and committed once."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from msgspec import Struct

from incidentctl.commands.options import Reading, takes
from incidentctl.commands.starting_files import runs_on_push, with_attributes, with_paths_ignored, with_repository
from incidentctl.config.settings import Settings
from incidentctl.context import Outside, read_user_settings, user_settings_path
from incidentctl.errors import ExitCode, UsageError
from incidentctl.output.json_text import as_json
from incidentctl.store.commit import Change, CommitResult, FileChange, commit_files
from incidentctl.store.files import SaveError, read_file, write_private
from incidentctl.store.lock import Lock
from incidentctl.store.objects import Tip
from incidentctl.store.reading import as_bytes, as_text
from incidentctl.store.repository import Repository, init_repository

_SETTINGS = "incidentctl.toml"
_ATTRIBUTES = ".gitattributes"
_WORKFLOWS = ".github/workflows"
_MESSAGE = "incidentctl: init\n"
_MOST = 1_000_000


class _Made(Struct, frozen=True):
    """What `init` makes: files with their new text, and what the user should know."""

    files: Mapping[str, str]
    advice: tuple[str, ...]
    folders: tuple[str, ...]


@takes(Reading)
def command(
    *,
    path: Annotated[str | None, typer.Argument(metavar="[PATH]", help="The folder; this one without it.")] = None,
    folder: Annotated[
        str | None,
        typer.Option("--folder", metavar="DIR", help="Keep the record in this folder of a product's repository."),
    ] = None,
    default: Annotated[
        bool,
        typer.Option("--default", help="Use this repository wherever no other is; the first one is used so anyway."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be made, and make nothing.")] = False,
    options: Reading,
) -> None:
    """Make a repository of incidents, or an existing one ready for them. Again, it makes only what is missing."""
    outside = options.outside
    place = str(Path(outside.cwd, Path(path or options.repository or ".").expanduser()))
    if dry_run and not Path(place).exists():
        outside.say(f"would make the repository {place}")
        return
    with _opened(place, outside) as repository:
        inside = _folder(folder, repository)
        made = _missing(repository, inside)
        if dry_run:
            for name in made.files:
                outside.say(f"would write {name}")
            if not made.files:
                outside.say("nothing to do")
            return
        result = _commit(repository, made, outside)
        is_default = _make_default(outside, repository, wanted=default)
        for advice in (*result.notes, *made.advice):
            outside.talk(f"warning: {advice}")
        if options.as_json:
            outside.say(as_json(_as_data(repository, result, made, is_default=is_default)))
        else:
            _say(outside, repository, result, made, is_default=is_default)
        if result.refused is not None:
            hint = f": {result.refused.hint}" if result.refused.hint else ""
            outside.talk(f"written, not committed: {result.refused.reason}{hint}; `ictl init` commits it then")
            raise typer.Exit(int(ExitCode.SAVED if result.refused.in_work_tree else ExitCode.REPOSITORY))


@contextmanager
def _opened(place: str, outside: Outside) -> Iterator[Repository]:
    from incidentctl.config.parse import parse_settings

    repository = init_repository(
        place,
        environ=outside.environ,
        branch_setting=lambda text: parse_settings(text, file_name=_SETTINGS, kind="repository")[0].store.branch,
    )
    try:
        yield repository
    finally:
        repository.close()


def _folder(given: str | None, repository: Repository) -> str:
    """The folder of the record: what the settings say already, else what was given."""
    from incidentctl.config.parse import parse_settings

    text = _standing(repository, _SETTINGS)
    standing = parse_settings(text, file_name=_SETTINGS)[0].store.folder if text else Settings().store.folder
    if given is None:
        return standing.strip("/")
    wanted = given.strip().removeprefix("./").strip("/")
    parts = wanted.split("/")
    if given.startswith("/") or ".." in parts or ".git" in parts or not all(parts):
        raise UsageError(f"--folder {given!r} is not a folder inside the repository", hint="as in: --folder ops")
    if text and wanted != standing.strip("/"):
        raise UsageError(
            f"{_SETTINGS} says that the record is in {standing.strip('/') or 'the top folder'}",
            hint=f"change `folder` under [store] in {_SETTINGS}, and move the files with it",
        )
    return wanted


def _standing(repository: Repository, name: str) -> str:
    """The text of a file as it is now: in the work tree where the branch is checked out, else on its tip."""
    if repository.checked_out and repository.work_tree is not None:
        data = read_file(repository.work_tree, name, cap=_MOST)
        if data is not None:
            return as_text(data)
    found = repository.tip().read(name, cap=_MOST)
    return as_text(found) if found is not None else ""


def _missing(repository: Repository, folder: str) -> _Made:
    """The files that are missing, or that lack a line of ours."""
    from incidentctl.config.reference import starter_settings

    files: dict[str, str] = {}
    advice: list[str] = []
    if not _standing(repository, _SETTINGS):
        files[_SETTINGS] = starter_settings(repository.branch, folder)
    prefix = f"{folder}/" if folder else ""
    folders = (f"{prefix}incidents", f"{prefix}postmortems")
    attributes = _standing(repository, _ATTRIBUTES)
    wanted = with_attributes(attributes, folders)
    if wanted != attributes:
        files[_ATTRIBUTES] = wanted
    if folder:
        _mind_ci(repository, folder, files, advice)
    return _Made(files, tuple(advice), folders)


def _mind_ci(repository: Repository, folder: str, files: dict[str, str], advice: list[str]) -> None:
    """A note at night is no reason to deploy: workflows that run for each push leave the record's folder out."""
    for name in _workflows(repository):
        text = _standing(repository, name)
        if not runs_on_push(text):
            continue
        is_clean = repository.tip().read(name, cap=_MOST) == as_bytes(text)
        ignoring = with_paths_ignored(text, folder) if is_clean else None
        if ignoring is None:
            advice.append(f"{name} runs on every push: add `paths-ignore: ['{folder}/**']` under its `push:`")
        else:
            files[name] = ignoring
            advice.append(f"{name} runs on every push: it now leaves out {folder}/; look at the change")
    if _standing(repository, ".gitlab-ci.yml"):
        advice.append(
            f".gitlab-ci.yml may run on every push: give its jobs `rules:` with `changes:` that leave out {folder}/"
        )


def _workflows(repository: Repository) -> list[str]:
    if not repository.checked_out or repository.work_tree is None:
        return []
    folder = Path(repository.work_tree, _WORKFLOWS)
    if not folder.is_dir():
        return []
    return sorted(f"{_WORKFLOWS}/{each.name}" for each in folder.iterdir() if each.suffix in (".yml", ".yaml"))


def _commit(repository: Repository, made: _Made, outside: Outside) -> CommitResult:
    def build(tip: Tip) -> Change:
        """Our settings as they stand, ours alone of what stands in other files: a line that somebody else added waits."""
        settings = made.files.get(_SETTINGS) or _standing(repository, _SETTINGS)
        files = {_SETTINGS: FileChange(committed=as_bytes(settings))}
        for name, text in made.files.items():
            if name != _SETTINGS:
                files[name] = FileChange(committed=as_bytes(text), work_tree=as_bytes(text))
        attributes = tip.read(_ATTRIBUTES, cap=_MOST)
        files[_ATTRIBUTES] = FileChange(
            committed=as_bytes(with_attributes(as_text(attributes or b""), made.folders)),
            work_tree=as_bytes(with_attributes(_standing(repository, _ATTRIBUTES), made.folders)),
        )
        return Change(files, _MESSAGE)

    with Lock(repository.own_dir).held(timeout=60.0, notice=outside.talk):
        return commit_files(repository, build)


def _make_default(outside: Outside, repository: Repository, *, wanted: bool) -> bool:
    """Names the repository in the user's own settings, where it is wanted or none is named yet."""
    user, _ = read_user_settings(outside)
    place = repository.place
    if user.repository and not wanted:
        return os.path.realpath(Path(user.repository).expanduser()) == os.path.realpath(place)
    path = user_settings_path(outside.environ)
    data = read_file(str(path.parent), path.name, cap=_MOST)
    text = as_text(data) if data is not None else ""
    new = with_repository(text, place)
    if new == text:
        return True
    try:
        write_private(str(path), as_bytes(new))
    except (OSError, SaveError) as error:
        outside.talk(
            f"warning: {path} could not be written ({error}): name the repository with -C, or set INCIDENTCTL_REPO"
        )
        return False
    return True


def _say(outside: Outside, repository: Repository, result: CommitResult, made: _Made, *, is_default: bool) -> None:
    if result.commit is not None:
        names = ", ".join(name for name, content in result.files.items() if content is not None)
        outside.say(f"{repository.place} is ready: committed {names} on {repository.branch}")
    elif result.refused is None:
        outside.say(f"{repository.place} is ready: nothing to do")
    if is_default:
        outside.say("found from any folder, by your own settings")
    else:
        outside.say(f"found from inside, with -C {repository.place}, or from anywhere after `ictl init --default`")
    if result.refused is None:
        outside.say(
            'next: `ictl open "What is wrong"` · people, services and the bridge are settings in incidentctl.toml'
        )


def _as_data(repository: Repository, result: CommitResult, made: _Made, *, is_default: bool) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "kind": "init",
        "repository": repository.place,
        "branch": repository.branch,
        "commit": result.commit,
        "files": sorted(result.files),
        "default": is_default,
        "warnings": [*result.notes, *made.advice],
    }
