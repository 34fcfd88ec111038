"""Where post-mortem documents are, and how they are written: what is checked out, then `postmortem/ID`, then the record. Never prints.

For one document the first of these that has it counts, for reading as for writing: the work tree where we were called,
whatever is checked out there; the branch `postmortem/ID`; the record's branch. A branch that is checked out in some
work tree is read and written there, any other at its tip.

    documents = Postmortems(repository, settings, notice=talk)
    documents.all()                     every document, and the files that cannot be read
    documents.find(incident)            the one of an incident, or None
    documents.edit({path: function}, event="action done: a:7k2ps0")
                                        each function is given the text as it stands under the lock, and gives the new one

An edit is one commit of just these paths on each branch on which they were found. Where git refuses the commit the text
is in the file all the same (`Outcome.refused`, exit code 7), if there is a file; else nothing was written, and that is raised.
"""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from incidentctl.config.settings import Settings
from incidentctl.errors import IncidentctlError, NoSuchIncidentError, RefusedError, RepositoryError
from incidentctl.incident.ids import is_incident_id
from incidentctl.store import journal
from incidentctl.store.commit import (
    NEXT,
    Change,
    CommitResult,
    FileChange,
    Refusal,
    RefusalKind,
    commit_files,
    recover,
)
from incidentctl.store.files import (
    OutsideError,
    SaveError,
    Stamp,
    TooLargeError,
    check_path,
    read_stamped,
    write_file,
)
from incidentctl.store.git import Answer, reason
from incidentctl.store.history import list_files, list_tip
from incidentctl.store.index import null_oid, scratch_folder
from incidentctl.store.lock import Lock
from incidentctl.store.objects import Tip
from incidentctl.store.reading import MAX_SIZE, Unreadable, as_bytes, as_text, postmortem_path, postmortems_folder
from incidentctl.store.repository import POSTMORTEM_BRANCHES, Repository

_SWITCH_TIMEOUT_S: Final = 60.0
_WORD: Final = re.compile(r"\w+")
_LATER: Final = "commit it with git, or the next command that writes this post-mortem does"

Edit = Callable[[str], str]


class PostmortemFile(Struct, frozen=True):
    """A post-mortem document as it was found. `incident` is the name of its file: the id, where it is one of ours.

    `branch` is None where it was found in a work tree that has no branch checked out. `place` is the folder of the work
    tree that it stands in, None where it was read from a branch's tip.
    """

    incident: str
    path: str
    text: str
    branch: str | None
    place: str | None


class Edited(Struct, frozen=True):
    """One document before and after an edit."""

    incident: str
    path: str
    before: str
    after: str


class Outcome(Struct, frozen=True):
    """What became of the documents of one branch. `commit` is None where nothing changed, or where it was `refused`.

    `branch` and `place` as in `PostmortemFile`; `notes` are what the user would want to know beside the result.
    """

    files: tuple[Edited, ...]
    branch: str | None
    place: str | None
    commit: str | None = None
    refused: Refusal | None = None
    notes: tuple[str, ...] = ()


class _Home(Struct, frozen=True):
    """A place where documents are: a branch, in the work tree that has it checked out or at its tip; or a work tree without one."""

    repository: Repository
    branch: str | None
    place: str | None

    def read(self, path: str) -> tuple[str, Stamp | None] | None:
        """The text of a file, with its stamp where it is one of a work tree; None where it is not there."""
        if self.place is not None:
            found = read_stamped(self.place, path, cap=MAX_SIZE)
            return None if found is None else (as_text(found[0]), found[1])
        data = self.repository.tip().read(path, cap=MAX_SIZE)
        return None if data is None else (as_text(data), None)

    def paths(self, folder: str) -> list[str]:
        """The Markdown files below a folder, and links to folders, so that they are named."""
        return [path for path, _ in self.keyed_paths(folder)]

    def keyed_paths(self, folder: str) -> list[tuple[str, str]]:
        """The same, each with what changes when its content does."""
        if self.place is None:
            return [(each.path, each.oid) for each in list_tip(self.repository, folder) if each.path.endswith(".md")]
        return [
            (each.path, f"{each.stamp.inode}-{each.stamp.mtime_ns}-{each.stamp.size}")
            for each in list_files(self.place, folder)
            if each.path.endswith(".md") or each.is_way
        ]


class Listed(Struct, frozen=True):
    """A place of a document. `key` changes when its content does, empty where that is not known; `read` gives it, if it is there."""

    path: str
    key: str
    read: Callable[[], PostmortemFile | Unreadable | None]


def postmortem_branch(incident: str) -> str:
    """The branch on which a post-mortem is written until it is merged."""
    return f"{POSTMORTEM_BRANCHES}{incident}"


class Postmortems:
    """The post-mortem documents of one repository. `notice` is told what a user who waits would want to know."""

    def __init__(self, repository: Repository, settings: Settings, *, notice: Callable[[str], None]) -> None:
        self._repository = repository
        self._settings = settings
        self._notice = notice

    # -------------------------------------------------------------------------------------------------------- reading

    def path_of(self, incident: str) -> str:
        """Where the document of an incident is, or would be."""
        return postmortem_path(self._settings, incident)

    def find(self, incident: str) -> PostmortemFile | None:
        """The document of an incident where it counts. Raises for a file that is a link or too large."""
        return self.read(self.path_of(incident))

    def read(self, path: str) -> PostmortemFile | None:
        """The document at a path from the top of the repository, where it counts."""
        return next(self._versions(path), None)

    def versions(self, incident: str) -> list[PostmortemFile]:
        """The document of an incident in all the places where it is, the one that counts first."""
        return list(self._versions(self.path_of(incident)))

    def _versions(self, path: str) -> Iterator[PostmortemFile]:
        for home in self._homes(_name(path)):
            found = home.read(path)
            if found is not None:
                yield PostmortemFile(_name(path), path, found[0], home.branch, home.place)

    def all(self) -> tuple[list[PostmortemFile], list[Unreadable]]:
        """Every document once, where it counts, by name; and the files that cannot be read."""
        found: dict[str, PostmortemFile | Unreadable] = {}
        for listed in self.listed():
            if listed.path not in found and (each := listed.read()) is not None:
                found[listed.path] = each
        files = [each for each in found.values() if isinstance(each, PostmortemFile)]
        unreadable = [each for each in found.values() if isinstance(each, Unreadable)]
        return sorted(files, key=lambda each: each.path), sorted(unreadable, key=lambda each: each.path)

    def listed(self) -> Iterator["Listed"]:
        """Where documents are, those that count before others of the same path; nothing is read."""
        folder = postmortems_folder(self._settings)
        here = self._home_here()
        begun = [self._home_on(branch) for branch in self._postmortem_branches()]
        record = self._home_on(self._repository.branch)
        is_record_here = here is not None and (here.branch, here.place) == (record.branch, record.place)
        for home in (here, *begun, *(() if is_record_here else (record,))):
            if home is None:
                continue
            is_begun = home is not here and home is not record
            own = self.path_of((home.branch or "").removeprefix(POSTMORTEM_BRANCHES)) if is_begun else None
            for path, key in [(own, "")] if own is not None else home.keyed_paths(folder):
                yield Listed(path, f"{home.branch}:{key}" if key else "", partial(self._read_for_list, home, path))

    def latest(self, most: int) -> Iterator[PostmortemFile]:
        """The latest documents, newest first: what is checked out here, else the record. For what has to be quick.

        What only a branch `postmortem/ID` has is not among them, nor what cannot be read.
        """
        home = self._home_here() or self._home_on(self._repository.branch)
        for path in sorted(home.paths(postmortems_folder(self._settings)), reverse=True)[:most]:
            found = self._read_for_list(home, path)
            if isinstance(found, PostmortemFile):
                yield found

    def _read_for_list(self, home: _Home, path: str) -> PostmortemFile | Unreadable | None:
        try:
            text = home.read(path)
        except (OutsideError, TooLargeError, SaveError) as error:
            return Unreadable(path, 1, error.message)
        return None if text is None else PostmortemFile(_name(path), path, text[0], home.branch, home.place)

    # ---------------------------------------------------------------------------------------------------------- homes

    def _homes(self, name: str) -> Iterator[_Home]:
        """The places where the document of that name is looked for, in order."""
        here = self._home_here()
        if here is not None:
            yield here
        seen = {here.branch} if here is not None else set()
        names = [postmortem_branch(name)] if is_incident_id(name) else []
        for branch in (*names, self._repository.branch):
            if branch not in seen:
                seen.add(branch)
                yield self._home_on(branch)

    def _home_here(self) -> _Home | None:
        """What is checked out where we were called; a work tree without a branch is one too."""
        place, branch = self._repository.called_in, self._repository.head_here
        if place is None:
            return None
        return _Home(self._repository, None, place) if branch is None else self._home_on(branch)

    def _home_on(self, branch: str) -> _Home:
        repository = self._repository.on_branch(branch)
        return _Home(repository, branch, repository.work_tree if repository.checked_out else None)

    def _postmortem_branches(self) -> list[str]:
        """The branches of post-mortems, here and at remotes, by name."""
        patterns = (f"refs/heads/{POSTMORTEM_BRANCHES}*", f"refs/remotes/*/{POSTMORTEM_BRANCHES}*")
        out = self._repository.git.ask("for-each-ref", "--format=%(refname)", *patterns)
        names = {line[line.index(POSTMORTEM_BRANCHES) :] for line in os.fsdecode(out).splitlines()}
        return sorted(name for name in names if is_incident_id(name.removeprefix(POSTMORTEM_BRANCHES)))

    # -------------------------------------------------------------------------------------------------------- writing

    def edit(
        self,
        edits: Mapping[str, Edit],
        *,
        event: str,
        trailers: Iterable[str] = (),
        takes_in_hand_edits: bool = False,
        dry_run: bool = False,
    ) -> tuple[Outcome, ...]:
        """Changes documents by path: one commit on each branch on which they are. What an edit raises is raised, and nothing written.

        An edit is called more than once, each time with the text as it stands then, and gives the same for the same text.
        `event` is what happened, for the commit's subject, `trailers` stand below `Incident: ID`. A document that its
        edit leaves as it is takes no part, unless `takes_in_hand_edits`: then what was changed in it by hand and not
        committed yet is committed all the same.
        """
        if dry_run:
            return self._edited(edits, event, tuple(trailers), takes_in_hand_edits, dry_run=True)
        with self._held():
            return self._edited(edits, event, tuple(trailers), takes_in_hand_edits, dry_run=False)

    def _edited(
        self,
        edits: Mapping[str, Edit],
        event: str,
        trailers: tuple[str, ...],
        takes_in_hand_edits: bool,
        *,
        dry_run: bool,
    ) -> tuple[Outcome, ...]:
        grouped: dict[str | None, tuple[_Home, dict[str, Edit]]] = {}
        for path, edit in edits.items():
            home, text = self._found(path)
            edit(text)  # what is refused is refused before any of them is written
            grouped.setdefault(home.branch, (home, {}))[1][path] = edit
        return tuple(
            self._write(
                home, own, event, trailers, is_new=False, takes_in_hand_edits=takes_in_hand_edits, dry_run=dry_run
            )
            for home, own in grouped.values()
        )

    def _found(self, path: str) -> tuple[_Home, str]:
        for home in self._homes(_name(path)):
            found = home.read(path)
            if found is not None:
                return home, found[0]
        raise NoSuchIncidentError(f"there is no post-mortem {path}", hint="begin it with `ictl postmortem new`")

    def begin(self, incident: str, text: str, *, event: str, stay: bool = False, dry_run: bool = False) -> Outcome:
        """Writes a new document, on a branch `postmortem/ID` that is made from the record's tip and switched to.

        Where git refuses to switch, or nothing can be switched, it is written on that branch all the same, and a note
        says so. With `stay` it is written on the branch that is checked out. Raises `RefusedError` where there is one.
        """
        if dry_run:
            self._demand_none(incident)
            branch = self._repository.head_here if stay else postmortem_branch(incident)
            return Outcome((Edited(incident, self.path_of(incident), "", text),), branch, None)
        with self._held():
            self._demand_none(incident)
            home, made, notes = self._home_for_new(incident, stay=stay)
            path = self.path_of(incident)
            try:
                outcome = self._write(home, {path: lambda _: text}, event, (), is_new=True)
            except IncidentctlError:
                if made is not None and home.place is None:  # an empty branch helps nobody
                    home.repository.git.run("update-ref", "-d", home.repository.ref, made, writes=True)
                raise
            return replace(outcome, notes=(*notes, *outcome.notes))

    def _demand_none(self, incident: str) -> None:
        found = self.find(incident)
        if found is not None:
            where = f" on {found.branch}" if found.branch is not None and found.place is None else ""
            raise RefusedError(
                f"there is a post-mortem of {incident} already: {found.path}{where}",
                hint=f"see it with `ictl postmortem show {incident}`, and change it in your editor",
            )

    def _home_for_new(self, incident: str, *, stay: bool) -> tuple[_Home, str | None, list[str]]:
        """Where a new document goes, the commit from which a branch was made for it, and what is to be said of that."""
        here = self._home_here()
        start = self._repository.tip().commit
        if stay or start is None:
            return here or self._home_on(self._repository.branch), None, []
        branch = postmortem_branch(incident)
        is_there = self._repository.on_branch(branch).tip_ref is not None
        refused = self._switch(here, branch, None if is_there else start)
        if refused is None:
            return self._home_on(branch), None, []
        if not is_there:
            null = null_oid(self._repository)
            self._repository.git.ask("update-ref", f"refs/heads/{branch}", start, null, writes=True)
        home = self._home_on(branch)
        notes = [] if home.place is not None else [f"written on {branch} without switching to it: {refused}"]
        return home, None if is_there else start, notes

    def _switch(self, here: _Home | None, branch: str, start: str | None) -> str | None:
        """Switches to a branch, a new one from `start`, as `git switch` does; or says why not."""
        if here is None:
            return "there is no work tree"
        if here.branch is None:
            return "no branch is checked out here"
        if here.branch == branch:
            return None
        if self._settings.store.branch is None and not self._repository.branch_outlives_a_switch:
            return f"no setting says that {self._repository.branch} is the record's branch: `[store] branch`"
        arguments = ("-c", branch, start) if start is not None else (branch,)
        answer = self._switched(here, branch, arguments)
        return None if answer.code == 0 else reason(answer.err) or "git refused"

    def _switched(self, here: _Home, branch: str, arguments: tuple[str, ...]) -> Answer:
        """Runs `git switch`, with a note of it, so that the locks that it leaves if it is killed can be proved to be ours."""
        repository, git = self._repository, self._repository.git_here
        ref = os.path.join(repository.common_dir, "refs", "heads", *branch.split("/"))
        git_dir = here.repository.git_dir
        locks = (f"{ref}.lock", os.path.join(git_dir, "HEAD.lock"), os.path.join(git_dir, "index.lock"))
        intent = journal.begin_switch(
            repository.own_dir, ref=f"refs/heads/{branch}", locks=locks, timeout=_SWITCH_TIMEOUT_S
        )
        process = git.start("switch", "--quiet", *arguments, pipe_in=False, pipe_err=True, writes=True)
        journal.switches(repository.own_dir, intent, process.pid)
        answer = git.finish(process, None, _SWITCH_TIMEOUT_S)
        if answer.code >= 0:
            journal.end(repository.own_dir)
        else:
            journal.recover(repository.own_dir)
        return answer

    def _write(
        self,
        home: _Home,
        edits: Mapping[str, Edit],
        event: str,
        trailers: tuple[str, ...],
        *,
        is_new: bool,
        takes_in_hand_edits: bool = True,
        dry_run: bool = False,
    ) -> Outcome:
        built: dict[str, tuple[Edited, Stamp | None]] = {}

        def build(tip: Tip | None) -> Change | None:
            earlier = dict(built)
            built.clear()
            for path, edit in edits.items():
                found = home.read(path)
                before, stamp = found if found is not None else ("", None)
                if path in earlier and before == earlier[path][0].after:
                    # An earlier try wrote the file, and its commit did not come about: to edit it again would be to say it twice.
                    built[path] = earlier[path][0], stamp
                    continue
                after = edit(before)
                if is_new or takes_in_hand_edits or after != before:
                    built[path] = Edited(_name(path), path, before, after), stamp
            files = {
                path: FileChange(committed=as_bytes(each.after), work_tree=as_bytes(each.after), expects=stamp)
                for path, (each, stamp) in built.items()
            }
            return Change(files, self._message([_name(path) for path in files], event, trailers)) if files else None

        if dry_run:
            build(None)
            return Outcome(tuple(each for each, _ in built.values()), home.branch, home.place)
        result = self._committed(home, build, lambda files: _keeps(files, [each for each, _ in built.values()]))
        if result.refused is not None and not built:
            build(None)
        files = tuple(each for each, _ in built.values())
        outcome = Outcome(files, home.branch, home.place, result.commit, result.refused, result.notes)
        if result.refused is None or not built:
            return outcome
        return replace(outcome, refused=self._saved(home, result.refused, built))

    def _committed(
        self,
        home: _Home,
        build: Callable[[Tip | None], Change | None],
        keeps: Callable[[Mapping[str, bytes | None]], bool],
    ) -> CommitResult:
        if home.branch is None:
            operation = home.repository.operation_here
            why = f"a {operation.kind.value} is in progress" if operation else "no branch is checked out here"
            hint = operation.hint if operation else "take one, such as `git switch -c NAME`"
            return CommitResult(None, None, refused=Refusal(RefusalKind.OPERATION, why, hint, in_work_tree=False))
        commit = self._settings.commit
        return commit_files(
            home.repository, build, hooks=commit.hooks.value, hook_timeout=commit.hook_timeout, keeps=keeps
        )

    def _saved(self, home: _Home, refused: Refusal, built: Mapping[str, tuple[Edited, Stamp | None]]) -> Refusal:
        """The texts in their files, where the commit was refused before they were; raises where there are no files to save in."""
        hint = "; ".join(part for part in (refused.hint or "").split("; ") if part and part != NEXT) or None
        if home.place is None:
            raise RepositoryError(f"nothing was written: {refused.reason}", hint=hint)
        if not refused.in_work_tree:
            for path, (each, stamp) in built.items():
                check_path(path)
                write_file(
                    home.place,
                    path,
                    as_bytes(each.after),
                    expects=stamp,
                    staging=scratch_folder(home.repository),
                )
        return Refusal(refused.kind, refused.reason, f"{hint}; then {_LATER}" if hint else _LATER, in_work_tree=True)

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Under the lock the repository is looked at afresh: another branch may be checked out by now."""
        with Lock(self._repository.own_dir).held(timeout=self._settings.store.lock_timeout, notice=self._notice):
            self._repository = self._repository.refreshed()
            for note in recover(self._repository):
                self._notice(note)
            yield

    def _message(self, names: list[str], event: str, trailers: Iterable[str]) -> str:
        """Subject by the settings, and trailers by which a program finds what the commit is about."""
        if len(names) == 1:
            slug = names[0][11:] or names[0]
            subject = self._settings.commit.subject_line(slug=slug, id=names[0], event=event, severity="post-mortem")
        else:
            subject = f"{len(names)} post-mortems: {event}"
        lines = [*(f"Incident: {name}" for name in names), *trailers]
        return "\n".join((" ".join(subject.split()), "", *(" ".join(line.split()) for line in lines))) + "\n"


def _name(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".md")


def _keeps(files: Mapping[str, bytes | None], edited: Iterable[Edited]) -> bool:
    """Whether every word that an edit brought in is still in what a hook made of its file; how it is laid out may change."""
    for each in edited:
        new = set(_WORD.findall(each.after)) - set(_WORD.findall(each.before))
        if not new <= set(_WORD.findall(as_text(files.get(each.path) or b""))):
            return False
    return True
