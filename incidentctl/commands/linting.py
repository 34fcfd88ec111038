"""From files to findings: gathers documents and what is known beside them, runs the rules on all cores, keeps a cache. Prints nothing."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, tzinfo
from functools import partial
from hashlib import blake2b
from os.path import relpath
from pathlib import Path
from posixpath import normpath
from typing import Final
from urllib.parse import unquote

from msgspec import DecodeError, Struct, json, msgpack
from msgspec.structs import replace

from incidentctl import __version__
from incidentctl.commands.shares import available_cores, can_fork, in_shares
from incidentctl.config.lint_settings import LintSettings
from incidentctl.config.settings import Settings, merge_settings
from incidentctl.context import Outside, Workspace, open_repository, read_user_settings
from incidentctl.document.believe import believe
from incidentctl.document.parse import parse_document
from incidentctl.document.section_names import Role, own_names
from incidentctl.errors import RepositoryError
from incidentctl.incident.ids import is_incident_id
from incidentctl.incident.model import Incident
from incidentctl.incident.secrets import mask_secrets
from incidentctl.incident.times import resolve_zone
from incidentctl.lint.catalogue import BY_WORD, RULES
from incidentctl.lint.diagnostic import Diagnostic, Result, Severity, Skipped, Unreadable
from incidentctl.lint.engine import Linted, lint_page
from incidentctl.lint.facts import Facts, HistoryFacts, PostmortemFacts
from incidentctl.lint.globs import fits
from incidentctl.lint.header import Field
from incidentctl.lint.page import Page, PageKind
from incidentctl.lint.prose import speaks_english
from incidentctl.lint.rule import Asks, Rule
from incidentctl.lint.selection import Chosen, Selection, select_rules
from incidentctl.lint.settings import labels_of, wrong_words
from incidentctl.store.archive import (
    MAX_DOCUMENT,
    ArchiveFile,
    DocumentHistory,
    Failed,
    code_stamp,
    common_folder,
    git_folder,
    histories,
    is_file,
    is_shallow,
    keep_file,
    nearest_above,
    read_document,
    read_text,
    work_tree_around,
)
from incidentctl.store.files import read_private, sealed, unsealed
from incidentctl.store.history import list_tip
from incidentctl.store.reading import as_text, incident_path, incidents_folder, postmortem_path, postmortems_folder
from incidentctl.store.repository import SETTINGS_FILE, FoundBy, Repository, read_settings_beside, read_settings_text

PARALLEL_FROM: Final = 48
"""Fewer documents than these are linted in one process: starting others takes longer."""

_INCIDENT_KEY: Final = re.compile(r"^incident:[ \t]*[\"']?([^\s\"'#]+)", re.MULTILINE)
_ID_KEY: Final = re.compile(r"^id:[ \t]*[\"']?([^\s\"'#]+)", re.MULTILINE)
_DRAFT_TITLE: Final = re.compile(r"^\s*(?:\[?draft\]?|\(draft\)|wip)\b", re.IGNORECASE)


class PullRequest(Struct, frozen=True):
    """What CI says of the change: whether this is one, and whether it is a draft; `None` where it does not say."""

    is_one: bool = False
    is_draft: bool | None = None


class Job(Struct, frozen=True):
    """What is the same for all documents of one run. `root` is the folder of the settings, the top of the work tree, or none.

    `rules` are those that can show anything.

    `records` holds the texts of incident files that are not on the disk, by id.
    """

    root: str
    settings: Settings
    selection: Selection
    now: datetime
    zone: tzinfo
    level: Severity
    has_settings: bool
    people: frozenset[str]
    groups: frozenset[str]
    incident_ids: frozenset[str] | None
    records: Mapping[str, str]
    histories: Mapping[str, HistoryFacts] | None
    pull_request: PullRequest
    asks: Asks
    digest: bytes
    since: date | None = None
    aliases: Mapping[str, Role] | None = None
    labels: Mapping[str, str] | None = None
    rules: tuple[Rule, ...] = ()

    def relative(self, place: str) -> str:
        """A document's place as the settings name it: from their folder on."""
        return within(self.root, place)


class FileResult(Struct, frozen=True):
    """What one document gave, and what it rests on besides the files: which links led somewhere when it was read.

    `left_out` says why a file was not linted, `is_eased` that it follows another template.
    """

    path: str
    linted: Linted | None = None
    left_out: str | None = None
    failed: str | None = None
    notes: tuple[str, ...] = ()
    links: tuple[tuple[str, bool], ...] = ()
    key: bytes = b""
    is_eased: bool = False


# ------------------------------------------------------------------------------------------------------ one document


def lint_file(job: Job, file: ArchiveFile, known: FileResult | None = None) -> FileResult:
    """Reads and lints one document. `known` is what it gave before: where nothing has changed, that holds again."""
    data = read_document(file)
    if isinstance(data, Failed):
        return FileResult(file.path, failed=data.reason)
    key = _key(job, file, data)
    if known is not None and known.key == key and all(is_file(place) == there for place, there in known.links):
        return known
    text, failed, notes = decode(data)
    if failed is not None:
        return FileResult(file.path, failed=failed, key=key)
    result = lint_text(job, file, text, notes=notes, key=key)
    if notes and result.linted is not None:
        # What is not UTF-8 is not written either, so nothing in it can be mended.
        kept = tuple(replace(each, fix=None) for each in result.linted.diagnostics)
        result = replace(result, linted=replace(result.linted, diagnostics=kept))
    return result


def lint_text(
    job: Job, file: ArchiveFile, text: str, *, notes: tuple[str, ...] = (), key: bytes = b"", status: str | None = None
) -> FileResult:
    """Lints a text as if it stood in the file. `status` takes the place of the one that the document gives itself."""
    page = page_of(job, file.path, text)
    if page.kind is PageKind.OTHER and not file.is_named:
        return FileResult(file.path, left_out="no post-mortem: an index, a template or a page of another kind", key=key)
    links: dict[str, bool] = {}
    facts = facts_of(job, page, file, links, status=status)
    if job.since is not None and _is_before(page, facts, job.since):
        return FileResult(file.path, left_out=f"from before {job.since.isoformat()}", key=key)
    chosen = job.selection.severities(job.relative(file.place), facts.status, is_eased=is_eased(page, facts))
    linted = lint_page(
        page,
        facts,
        job.rules,
        lambda rule: chosen[rule.code],
        kind=PageKind.INCIDENT if page.kind is PageKind.INCIDENT else PageKind.POSTMORTEM,
        level=job.level,
        is_english=speaks_english,
        mask=mask_secrets,
        baseline_path=job.relative(file.place),
    )
    if page.value("incident") is None and page.kind is not PageKind.INCIDENT:
        # A document that names no incident has no record to be held against: nothing was left out.
        linted = replace(linted, skipped=tuple(code for code in linted.skipped if not _asks_record(code)))
    is_learned = job.settings.lint.required is not None  # what the archive's own documents have is known then
    eased = page.kind is not PageKind.INCIDENT and is_eased(page, facts) and not is_learned
    return FileResult(file.path, linted, notes=notes, links=tuple(links.items()), key=key, is_eased=eased)


def _asks_record(code: str) -> bool:
    rule = BY_WORD.get(code.lower())
    return rule is not None and bool(rule.asks & Asks.RECORD)


def is_eased(page: Page, facts: Facts) -> bool:
    """Whether a document follows another template, and nobody has said that it should not."""
    return not page.is_standard and not facts.has_settings


def page_of(job: Job, path: str, text: str) -> Page:
    """The page of a text, with the team's own names for sections and labels."""
    return Page(path, text, aliases=job.aliases, labels=job.labels)


def decode(data: bytes) -> tuple[str, str | None, tuple[str, ...]]:
    """The text of a document, why it is none, and what to say of how it was read."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return data.decode("utf-16"), None, ("it is UTF-16: save it as UTF-8, as git and other tools expect",)
        except UnicodeDecodeError:
            return "", "it is no text", ()
    if b"\0" in data:
        return "", "it is no text: it holds zero bytes", ()
    try:
        return data.decode("utf-8"), None, ()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return data.decode("cp1252", "replace"), None, (f"line {line} is not UTF-8; it was read as Windows-1252",)


# ------------------------------------------------------------------------------------------------- what is known beside


def facts_of(job: Job, page: Page, file: ArchiveFile, links: dict[str, bool], *, status: str | None = None) -> Facts:
    """What is known beside one document. What its links lead to is written into `links`, by place."""
    incident = postmortem = None
    has_postmortem: bool | None = None
    if page.kind is PageKind.INCIDENT:
        identity = page.value("id") or ""
        incident = believe(page.document, identity)
        has_postmortem, postmortem = _postmortem_of(job, identity)
    else:
        named = page.value("incident")
        text = _record_text(job, named) if named else None
        if text is not None and named:
            incident = _believed(text, named)
    lint = job.settings.lint
    return Facts(
        now=job.now,
        zone=job.zone,
        scale=job.settings.scale,
        calendar=job.settings.calendar,
        required=lint.required,
        people=job.people,
        services=frozenset(service.name for service in job.settings.services),
        groups=job.groups,
        incident=incident,
        postmortem=postmortem,
        has_postmortem=has_postmortem,
        exists=partial(_exists, file.place, links),
        incident_ids=job.incident_ids,
        history=job.histories.get(job.relative(file.place)) if job.histories is not None else None,
        status=status or page.value("status") or lint.default_status,
        is_pull_request=job.pull_request.is_one,
        is_draft_pull_request=job.pull_request.is_draft,
        has_settings=job.has_settings and lint.required is None,
    )


def _record_text(job: Job, incident: str) -> str | None:
    if not is_incident_id(incident):
        return None
    if job.root:
        text = read_text(f"{job.root}/{incident_path(job.settings, incident)}", top=job.root)
        if text is not None:
            return text
    return job.records.get(incident)


def _believed(text: str, incident: str) -> Incident | None:
    document = parse_document(text, incident=incident)
    return believe(document, incident) if document.is_readable else None


def _postmortem_of(job: Job, incident: str) -> tuple[bool | None, PostmortemFacts | None]:
    if not job.root or not is_incident_id(incident):
        return None, None
    path = postmortem_path(job.settings, incident)
    text = read_text(f"{job.root}/{path}", top=job.root)
    if text is None:
        return False, None
    page = Page(path, text)
    published = page.header.all(Field.PUBLISHED)
    moment = published[0].moment() if published else None
    return True, PostmortemFacts(
        path, page.value("status"), moment if moment is not None and moment.tzinfo is not None else None
    )


def _exists(place: str, links: dict[str, bool], target: str) -> bool:
    """Whether a relative link of the document at a place leads somewhere."""
    bare = unquote(target.partition("#")[0].partition("?")[0])
    if "\0" in bare:
        return False
    there = normpath(f"{place.rpartition('/')[0] or '.'}/{bare}")
    found = links.get(there)
    if found is None:
        found = links[there] = is_file(there)
    return found


def _is_before(page: Page, facts: Facts, since: date) -> bool:
    """Whether a document is about an incident from before a day. One that says no day is not."""
    named = page.value("incident") or page.value("id") or ""
    day = _day_of_id(named)
    if day is None and facts.incident is not None and facts.incident.state.declared_at is not None:
        day = facts.incident.state.declared_at.date()
    day = day or page.header.day
    return day is not None and day < since


def _day_of_id(incident: str) -> date | None:
    try:
        return date.fromisoformat(incident[:10])
    except ValueError:
        return None


# ---------------------------------------------------------------------------------------------------------------- runs


class Knowledge(Struct, frozen=True):
    """Where a run stands: the folder of the settings or the top of the work tree, what is set there, and what git knows.

    `root` is empty where there are neither settings nor git; `top` is the top of the git work tree, `git_dir` the git
    directory, both empty without git. `is_record`: the repository keeps incidents. Where those are not in the work tree
    they are read from the record's branch, by `repository`.
    """

    root: str
    top: str
    git_dir: str
    settings: Settings
    has_settings: bool
    is_record: bool
    zone: tzinfo
    now: datetime
    cwd: str
    repository: Repository | None = None

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The catalogue's, and the team's own."""
        if not self.settings.lint.custom:
            return RULES
        from incidentctl.lint.custom import custom_rules  # only for those who have some

        return (*RULES, *custom_rules(self.settings.lint.custom, RULES))

    @property
    def baseline(self) -> str | None:
        """The baseline that the settings name, beside them."""
        name = self.settings.lint.baseline
        return f"{self.root}/{name}" if name else None

    def cache_place(self, outside: Outside) -> str:
        """Where what was found before is kept."""
        if self.git_dir:
            return f"{self.git_dir}/incidentctl/cache/lint"
        base = outside.environ.get("XDG_CACHE_HOME") or str(Path(outside.environ.get("HOME") or Path.home(), ".cache"))
        name = blake2b((self.root or self.cwd).encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
        return f"{base}/incidentctl/lint-{name}"

    def folders(self, cwd: str) -> list[str]:
        """What is linted where nobody names anything: incidents and post-mortems, else the folder that we are in."""
        if self.settings.lint.include and self.root:
            return [relpath(self.root, cwd)]
        if self.is_record and self.root:
            ours = (incidents_folder(self.settings), postmortems_folder(self.settings))
            there = [f"{self.root}/{folder}" for folder in ours if Path(self.root, folder).is_dir()]
            return [relpath(place, cwd) for place in there]
        return [] if self.repository is not None and not self.root else ["."]

    def only_ours(self, files: list[ArchiveFile], *, is_chosen: bool) -> list[ArchiveFile]:
        """Those that the patterns of the settings mean; a file that somebody named is always meant.

        `is_chosen`: somebody named the folders, so that only what is excluded is left out.
        """
        lint = self.settings.lint

        def is_meant(file: ArchiveFile) -> bool:
            if file.is_named:
                return True
            place = within(self.root, file.place)
            return not fits(place, lint.exclude) and (is_chosen or not lint.include or fits(place, lint.include))

        return [file for file in files if is_meant(file)]


@contextmanager
def know(
    outside: Outside,
    directory: str | None,
    paths: Sequence[str],
    *,
    stdin_filename: str | None = None,
    tz: str | None = None,
) -> Iterator[Knowledge]:
    """Looks around: the nearest settings above the documents, the git work tree, the record. None of it has to be there."""
    named = [stdin_filename] if stdin_filename else [path for path in paths if path != "-"]
    start = common_folder([str(Path(outside.cwd, path)) for path in named], outside.cwd)
    with ExitStack() as stack:
        if directory is not None or not named:
            try:
                repository, settings = stack.enter_context(open_repository(outside, directory))
                yield _of_repository(outside, repository, settings, tz)
                return
            except RepositoryError:
                if directory is not None:
                    raise
        above = nearest_above(start, SETTINGS_FILE)
        if above is not None and Path(above, "incidents").is_dir():
            yield _of_settings(outside, above, start, tz)
            return
        found = _enclosing(outside, start, stack)
        if found is not None:
            yield _of_repository(outside, *found, tz)
            return
        yield _of_settings(outside, above, start, tz)


def _enclosing(outside: Outside, start: str, stack: ExitStack) -> tuple[Repository, Settings] | None:
    """The repository of incidents around the documents, where there is one."""
    environ = {name: value for name, value in outside.environ.items() if name != "INCIDENTCTL_REPO"}
    try:
        found = stack.enter_context(open_repository(replace(outside, cwd=start, environ=environ), None))
    except RepositoryError:
        return None
    return found if found[0].found_by is FoundBy.ENCLOSING else None


def _of_settings(outside: Outside, above: str | None, start: str, tz: str | None) -> Knowledge:
    """What is known where only a settings file says how documents are, or nothing does."""
    user, _ = read_user_settings(outside)
    settings = Settings()
    if above is not None:
        from incidentctl.config.parse import parse_settings  # only for those who have settings

        text = read_text(f"{above}/{SETTINGS_FILE}", top=above) or ""
        settings, problems = parse_settings(text, file_name=f"{above}/{SETTINGS_FILE}", kind="repository")
        for problem in (*problems, *wrong_words(settings.lint, RULES, text, f"{above}/{SETTINGS_FILE}")):
            outside.talk(f"warning: {problem}")
    settings = merge_settings(settings, user)
    top = work_tree_around(start, outside.environ) or ""
    root = above or top
    return Knowledge(
        root=root,
        top=top,
        git_dir=(git_folder(top, outside.environ) or "") if top else "",
        settings=settings,
        has_settings=above is not None,
        is_record=bool(root) and Path(root, incidents_folder(settings)).is_dir(),
        zone=_zone(outside, settings, tz),
        now=outside.now(),
        cwd=outside.cwd,
    )


def _of_repository(outside: Outside, repository: Repository, settings: Settings, tz: str | None) -> Knowledge:
    """What is known in a repository of incidents. Documents are those of the work tree in which we were called."""
    top = repository.called_in or ""
    if settings.lint != LintSettings():
        text, where = read_settings_beside(repository), SETTINGS_FILE
        if text is None:
            text, where = read_settings_text(repository)
        for problem in wrong_words(settings.lint, RULES, text or "", where):
            outside.talk(f"warning: {problem}")
    return Knowledge(
        root=top,
        top=top,
        git_dir=repository.common_dir,
        settings=settings,
        has_settings=True,
        is_record=True,
        zone=_zone(outside, settings, tz),
        now=outside.now(),
        cwd=outside.cwd,
        repository=repository,
    )


def _zone(outside: Outside, settings: Settings, tz: str | None) -> tzinfo:
    name = tz or settings.zone
    return (resolve_zone(name) if name else outside.zone) or UTC


def job_of(
    known: Knowledge,
    selection: Selection,
    files: Sequence[ArchiveFile],
    *,
    level: Severity,
    since: date | None = None,
    environ: Mapping[str, str],
) -> Job:
    """What is the same for all documents of a run. History is asked for only where a rule that runs needs it."""
    settings = known.settings
    asks = Asks.NOTHING
    for rule in selection.rules:
        if selection.may_run(rule, level):
            asks |= rule.asks
    owners = code_owners(known.root) if known.root else frozenset()
    named = frozenset(word for person in settings.people for word in (person.handle, person.name) if word)
    members = frozenset(member for team in settings.teams for member in team.members)
    ids, records = _incidents(known, files)
    job = Job(
        root=known.root,
        settings=settings,
        selection=selection,
        now=known.now,
        zone=known.zone,
        level=level,
        has_settings=known.has_settings,
        people=named | members | frozenset(owner for owner in owners if "/" not in owner),
        groups=frozenset(team.name for team in settings.teams) | frozenset(owner for owner in owners if "/" in owner),
        incident_ids=ids,
        records=records,
        histories=_histories(known, files, environ) if asks & Asks.HISTORY else None,
        pull_request=pull_request_of(environ),
        asks=asks,
        digest=b"",
        since=since,
        aliases=own_names(settings.lint.aliases),
        labels=labels_of(settings.lint),
        # Custom rules stay though they may be below the level: a comment that suppresses one names a rule all the same.
        rules=tuple(rule for rule in selection.rules if rule.family == "X" or selection.may_run(rule, level)),
    )
    return replace(job, digest=_digest(job))


def _incidents(known: Knowledge, files: Sequence[ArchiveFile]) -> tuple[frozenset[str] | None, Mapping[str, str]]:
    """The ids that there are, and the texts of the incidents that the documents name where these are not on the disk."""
    folder = incidents_folder(known.settings)
    on_disk = ids_below(known.root, folder) if known.root else None
    repository = known.repository
    if repository is None or repository.checked_out:
        return on_disk, {}
    tip = repository.tip()
    ids = frozenset(entry.path.rpartition("/")[2].removesuffix(".md") for entry in list_tip(repository, folder))
    records: dict[str, str] = {}
    for file in files:
        data = read_document(file)
        named = None if isinstance(data, Failed) else _INCIDENT_KEY.search(_head(data))
        if named and named[1] in ids and named[1] not in records:
            record = tip.read(incident_path(known.settings, named[1]))
            if record is not None:
                records[named[1]] = as_text(record)
    return (on_disk or frozenset()) | ids, records


def ids_below(root: str, folder: str) -> frozenset[str] | None:
    """The ids of all incident files on the disk; None where there is no folder for them."""
    if not Path(root, folder).is_dir():
        return None
    return frozenset(file.stem for file in Path(root, folder).glob("[0-9]*/[0-9]*/*.md") if is_incident_id(file.stem))


def code_owners(root: str) -> frozenset[str]:
    """Handles, and teams as `org/team`, of the file that says who owns what."""
    for place in (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"):
        text = read_text(f"{root}/{place}", cap=1 << 20, top=root)
        if text is not None:
            words = (word for line in text.splitlines() for word in line.partition("#")[0].split()[1:])
            return frozenset(word[1:] for word in words if word.startswith("@") and len(word) > 1)
    return frozenset()


def pull_request_of(environ: Mapping[str, str]) -> PullRequest:
    """What CI's own variables say of the change: GitHub's, GitLab's, or `INCIDENTCTL_PR_DRAFT` for any other."""
    told = environ.get("INCIDENTCTL_PR_DRAFT", "").strip().lower()
    if told in ("true", "1", "yes", "false", "0", "no"):
        return PullRequest(True, told in ("true", "1", "yes"))
    if environ.get("GITHUB_EVENT_NAME", "").startswith("pull_request"):
        return PullRequest(True, _draft_in_event(environ.get("GITHUB_EVENT_PATH", "")))
    if environ.get("CI_MERGE_REQUEST_IID"):
        told = environ.get("CI_MERGE_REQUEST_DRAFT", "").lower()
        if told in ("true", "false"):
            return PullRequest(True, told == "true")
        return PullRequest(True, bool(_DRAFT_TITLE.match(environ.get("CI_MERGE_REQUEST_TITLE", ""))))
    return PullRequest()


def _draft_in_event(place: str) -> bool | None:
    from json import loads  # only in GitHub's CI

    text = read_text(place) if place else None
    try:
        event = loads(text) if text else None
    except ValueError:
        return None
    change = event.get("pull_request") if isinstance(event, dict) else None
    draft = change.get("draft") if isinstance(change, dict) else None
    return draft if isinstance(draft, bool) else None


def _histories(
    known: Knowledge, files: Sequence[ArchiveFile], environ: Mapping[str, str]
) -> Mapping[str, HistoryFacts] | None:
    """What git knows of the documents; None without git, and in a clone whose history was cut off."""
    if not known.top or is_shallow(known.top, environ):
        return None
    names = {within(known.top, file.place): file for file in files}
    inside = [name for name in names if not name.startswith(("/", "../"))]
    found = histories(known.top, inside, environ) if inside else {}
    return {
        within(known.root, names[name].place): _history_facts(found.get(name, DocumentHistory(()))) for name in inside
    }


def _history_facts(history: DocumentHistory) -> HistoryFacts:
    dates: dict[str, list[date]] = {}
    first_final: datetime | None = None
    for at, data in history.versions:
        page = Page("", as_text(data))
        if first_final is None and page.value("status") == "final":
            first_final = at
        for placed in page.action_items:
            due = placed.item.due_on
            moves = dates.setdefault(placed.item.id, [])
            if due is not None and (not moves or moves[-1] != due):
                moves.append(due)
    changed = history.versions[-1][0] if history.versions else None
    return HistoryFacts({key: tuple(moves) for key, moves in dates.items()}, changed, first_final)


def within(root: str, place: str) -> str:
    """A place as it is seen from a folder: below it without it, elsewhere as it is."""
    place = normpath(place)
    return place[len(root) + 1 :] if root and place.startswith(f"{root}/") else place


def lint_files(
    job: Job, files: Sequence[ArchiveFile], cache: "Cache | None" = None, *, processes: int | None = None
) -> list[FileResult]:
    """Lints documents, on all cores where there are many, in the order given."""
    known = cache.entries if cache is not None else {}
    if processes is None:
        processes = 1 if len(files) < PARALLEL_FROM else available_cores()
    if processes > 1 and len(files) > 1 and can_fork():
        results = _in_parallel(job, files, known, processes)
    else:
        results = [lint_file(job, file, known.get(job.relative(file.place))) for file in files]
    if cache is not None:
        cache.keep(job, files, results)
    return results


def _in_parallel(
    job: Job, files: Sequence[ArchiveFile], known: Mapping[str, FileResult], processes: int
) -> list[FileResult]:
    results: list[FileResult | None] = [None] * len(files)
    shares = in_shares(
        lambda share: _lint_share(job, files, known, share), len(files), processes, pack=_PACK.encode, unpack=_unpacked
    )
    for share, ours in shares:
        for at, result in zip(share, ours, strict=True):
            results[at] = result
    return [result for result in results if result is not None]


def _unpacked(packed: bytes) -> list[FileResult] | None:
    """What a child handed over; nothing where it died on the way."""
    try:
        return _UNPACK.decode(packed)
    except DecodeError:
        return None


def _lint_share(
    job: Job, files: Sequence[ArchiveFile], known: Mapping[str, FileResult], share: range
) -> list[FileResult]:
    return [lint_file(job, files[at], known.get(job.relative(files[at].place))) for at in share]


_PACK: Final = msgpack.Encoder()
_UNPACK: Final = msgpack.Decoder(list[FileResult])


# --------------------------------------------------------------------------------------------------------------- cache


class Cache:
    """What documents gave before, in one file. A cache that is broken, old or cannot be written is as good as none."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.entries: Mapping[str, FileResult] = self._load()

    def _load(self) -> Mapping[str, FileResult]:
        data = unsealed(read_private(self.place, cap=MAX_DOCUMENT))
        if data is None:
            return {}
        try:
            return msgpack.decode(data, type=dict[str, FileResult])
        except (ValueError, RecursionError):
            return {}

    def keep(self, job: Job, files: Sequence[ArchiveFile], results: Sequence[FileResult]) -> None:
        """Writes what is new; what the same documents gave under other settings is replaced."""
        entries = dict(self.entries)
        for file, result in zip(files, results, strict=True):
            name = job.relative(file.place)
            if result.failed is None and len(result.key) > 0 and _is_small(result):
                entries[name] = result
            else:
                entries.pop(name, None)
        if entries != self.entries:
            keep_file(self.place, sealed(_packed(entries)))


def _packed(entries: Mapping[str, FileResult]) -> bytes:
    """The entries as they are kept, without those of files whose names are no text."""
    try:
        return _PACK.encode(entries)
    except UnicodeEncodeError:
        return _PACK.encode({name: result for name, result in entries.items() if _is_packable(name, result)})


def _is_packable(name: str, result: FileResult) -> bool:
    try:
        _PACK.encode((name, result))
    except UnicodeEncodeError:
        return False
    return True


def _is_small(result: FileResult) -> bool:
    return result.linted is None or sum(len(each.line_text) for each in result.linted.diagnostics) < 100_000


def _key(job: Job, file: ArchiveFile, data: bytes) -> bytes:
    """What a document's findings rest on: its bytes, its name, the run, and the record that it is about."""
    digest = blake2b(job.digest, digest_size=20)
    digest.update(job.relative(file.place).encode("utf-8", "surrogateescape") + (b"\0n" if file.is_named else b"\0"))
    digest.update(file.path.encode("utf-8", "surrogateescape") + b"\0")
    digest.update(data)
    head = _head(data)
    match = _INCIDENT_KEY.search(head)
    beside = _record_text(job, match[1]) if match else None
    if match is None:
        match = _ID_KEY.search(head)
        if match and job.root and is_incident_id(match[1]):
            beside = read_text(f"{job.root}/{postmortem_path(job.settings, match[1])}", top=job.root)
    digest.update(b"\0" if beside is None else b"\1" + beside.encode("utf-8", "surrogateescape"))
    if job.histories is not None:
        digest.update(repr(job.histories.get(job.relative(file.place))).encode("utf-8", "surrogateescape"))
    return digest.digest()


def _head(data: bytes) -> str:
    """Where the keys of the front matter stand, if it has any."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data[:32_000].decode("utf-16", "replace")
    end = data.find(b"\n---", 3, 64_000) if data[:6].lstrip(b"\xef\xbb\xbf").startswith(b"---") else -1
    return data[: end if end > 0 else 4_000].decode("utf-8", "replace")


def _digest(job: Job) -> bytes:
    """What all documents of a run have in common; the day only where a rule asks for it."""
    day = job.now.astimezone(job.zone).date().isoformat() if job.asks & Asks.TODAY else ""
    parts = (
        __version__,
        code_stamp(),
        day,
        str(job.zone),
        job.settings,
        (job.selection.base, job.selection.line, [rule.code for rule in job.selection.rules]),
        job.level.value,
        job.has_settings,
        job.people,
        job.groups,
        job.incident_ids,
        job.pull_request,
        job.since,
    )
    # A set has another order in each process: here they are sorted.
    told = json.encode(parts, enc_hook=repr, order="deterministic")
    return blake2b(told, digest_size=20).digest()


def as_result(
    results: Iterable[FileResult], failed: Iterable[Failed], *, fail_level: Severity, level: Severity
) -> Result:
    """What a whole run found, in order. `level` is that from which on findings are shown."""
    diagnostics: list[Diagnostic] = []
    skipped: list[Skipped] = []
    unreadable = [Unreadable(each.path, each.reason) for each in failed]
    documents: list[str] = []
    suppressed = 0
    without: dict[str, list[str]] = {}
    eased = 0
    for result in results:
        if result.failed is not None:
            unreadable.append(Unreadable(result.path, result.failed))
        elif result.linted is None:
            skipped.append(Skipped(result.path, (), result.left_out or ""))
        else:
            documents.append(result.path)
            diagnostics.extend(result.linted.diagnostics)
            suppressed += result.linted.suppressed
            eased += result.is_eased
            for code in result.linted.skipped:
                without.setdefault(code, []).append(result.path)
            if not result.linted.is_english:
                skipped.append(Skipped(result.path, (), "not in English: its wording was not checked"))
    for code, paths in without.items():
        rule = BY_WORD[code.lower()]
        skipped.append(
            Skipped(None, (code,), f"{_what_lacks(rule.asks)} ({len(paths)} document{'s' if len(paths) != 1 else ''})")
        )
    if eased and level is not Severity.INFO:
        whose = "a document that follows" if eased == 1 else f"{eased} documents that follow"
        reason = f"the completeness of {whose} another template: --level info shows what is missing, --adopt learns what is usual"
        skipped.append(Skipped(None, (), reason))
    return Result(
        tuple(sorted(diagnostics, key=lambda each: each.order)),
        len(documents),
        fail_level,
        suppressed=suppressed,
        skipped=tuple(skipped),
        unreadable=tuple(sorted(unreadable, key=lambda each: each.path)),
        documents=tuple(documents),
    )


def _what_lacks(asks: Asks) -> str:
    """Why a rule was skipped. The day is always known here, so of several things it is one of the others."""
    return next(reason for each, reason in _WANTS.items() if asks & each)


_WANTS: Final[Mapping[Asks, str]] = {
    Asks.RECORD: "there is no record of the incident beside the document",
    Asks.HISTORY: "git's history is missing or was cut off: in CI set `fetch-depth: 0`",
    Asks.FILES: "the files beside the document are not known",
    Asks.TODAY: "the day is not known",
}


def problems_of(workspace: Workspace, path: str, text: str, status: str) -> list[str]:
    """One sentence, with its line, for each error that a post-mortem would have at a status."""
    place = f"{workspace.repository.called_in or workspace.repository.place}/{path}"
    known = _of_repository(workspace.outside, workspace.repository, workspace.settings, None)
    selection = select_rules(known.rules, workspace.settings.lint, Chosen())
    file = ArchiveFile(path, place, is_named=True)
    environ: Mapping[str, str] = {}
    job = job_of(known, selection, [file], level=Severity.ERROR, environ=environ)
    found = lint_text(job, file, text, status=status)
    diagnostics = found.linted.diagnostics if found.linted is not None else ()
    return [f"line {each.span.line}: {each.message} ({each.code})" for each in diagnostics]
