"""One import as one commit: which incidents are there already, what is made of the others, and that a refusal leaves nothing behind."""

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

from incidentctl.context import Workspace
from incidentctl.document.parse import parse_document
from incidentctl.errors import IncidentctlError, RepositoryError
from incidentctl.incident.ids import incident_id
from incidentctl.incident.lifecycle import fold
from incidentctl.incident.times import format_instant
from incidentctl.output.imports import Difference, Imported, Taken
from incidentctl.stats.imports import Given, Made, Problem, Taking, Unfit, differences, make_incident
from incidentctl.store.commit import NEXT, Change, FileChange, commit_files
from incidentctl.store.files import read_stamped, remove_file, stamp_of
from incidentctl.store.lock import Lock
from incidentctl.store.objects import Tip
from incidentctl.store.reading import MAX_SIZE, Reader, Row, as_bytes, incident_path, postmortem_path

_MOST_TRAILERS = 20
_MANY = 200
_ID = re.compile(rb"<!-- [ea]:(\w{6}) -->")


class Found(Struct):
    """What is there: the incidents by their ids, by their ids elsewhere, and by day and title."""

    by_id: Mapping[str, Row]
    by_external_id: Mapping[str, Row]
    by_words: Mapping[tuple[str | None, str], Row]
    names: set[str]

    def row_of(self, given: Given) -> Row | None:
        """The incident that a row is about, if it is there: by its external id, else by its id and declaration, else by both words."""
        row = given.row
        declared_at = format_instant(row.declared_at)
        if row.external_id is not None:
            return self.by_external_id.get(row.external_id)
        if row.id is not None:
            here = self.by_external_id.get(row.id) or self.by_id.get(row.id)
            is_same = here is not None and (here.keys.get("declared_at") == declared_at or here.external_id == row.id)
            return here if is_same else None
        return self.by_words.get((declared_at, row.title))


class Planned(Struct):
    """What an import comes to on what stands now."""

    made: list[tuple[Given, Made]]
    already: list[Row]
    differences: list[Difference]
    problems: list[Problem]
    files: dict[str, FileChange]
    postmortems: dict[str, str]
    notes: list[str]


def found_in(reader: Reader) -> Found:
    """The incidents of the record as they stand."""
    rows, _ = reader.rows()
    return Found(
        by_id={row.id: row for row in rows},
        by_external_id={row.external_id: row for row in rows if row.external_id},
        by_words={(row.keys.get("declared_at"), row.title): row for row in rows},
        names=set(reader.ids()),
    )


class Import:
    """The incidents of one import, and the repository that takes them in."""

    def __init__(self, workspace: Workspace, given: Sequence[Given], source: str) -> None:
        self._workspace = workspace
        self._given = given
        self._source = source
        self._repository = workspace.repository

    # ---------------------------------------------------------------------------------------------------------- planning

    def plan(self, tip: Tip) -> Planned:
        """What is made of the rows on a tip, and of the work tree where it is checked out. Writes nothing."""
        found = found_in(self._reader())
        planned = Planned([], [], [], [], {}, {}, [])
        names, rows = self._names(found, tip)
        by_word = {**{row.external_id: row.id for row in found.by_id.values() if row.external_id}}
        for given in self._given:
            for word in (given.row.id, given.row.external_id):
                if word is not None:
                    by_word.setdefault(word, names[given.key])

        def named(word: str) -> str | None:
            return by_word.get(word) or (word if word in found.by_id else None)

        settings = self._workspace.settings
        taking = Taking(self._source, settings.default_severity, self._person, named)
        for given in self._given:
            here = rows.get(given.key)
            is_committed = here is not None and tip.has(here.path)
            if here is not None and is_committed:
                self._compare(given, here, planned)
                continue
            try:
                made = make_incident(given, names[given.key], taking)
            except Unfit as unfit:
                planned.problems += unfit.problems
                continue
            if here is not None and not self._is_ours(here.path, made.text):
                self._compare(given, here, planned)
                continue
            self._add(given, made, tip, planned)
        return planned

    def _names(self, found: Found, tip: Tip) -> tuple[dict[str, str], dict[str, Row]]:
        """The id of each incident of the import, those that are there already included, and these by what tells them."""
        taken = set(found.names)
        names: dict[str, str] = {}
        rows: dict[str, Row] = {}
        for given in self._given:
            here = found.row_of(given)
            if here is not None:
                rows[given.key], names[given.key] = here, here.id
        for given in self._given:
            if given.key in names:
                continue
            wanted = given.wanted_id
            name = wanted
            while name in taken or tip.has(incident_path(self._workspace.settings, name)):
                taken.add(name)
                name = incident_id(given.row.declared_at.date(), wanted[11:], is_taken=taken)
            taken.add(name)
            names[given.key] = name
        return names, rows

    def _compare(self, given: Given, here: Row, planned: Planned) -> None:
        planned.already.append(here)
        for column, stands, said in differences(given.row, here.keys, here.title):
            planned.differences.append(Difference(str(given.place), here.id, column, stands, said))

    def _add(self, given: Given, made: Made, tip: Tip, planned: Planned) -> None:
        settings = self._workspace.settings
        planned.made.append((given, made))
        planned.files[incident_path(settings, made.id)] = self._change(incident_path(settings, made.id), made.text)
        if made.postmortem is None:
            return
        path = postmortem_path(settings, made.id)
        is_there = tip.has(path) or (self._stands(path) and not self._is_ours(path, made.postmortem))
        if is_there:
            planned.notes.append(
                f"{path} is there already, and was left as it is: what the import says of it is not in it"
            )
            return
        planned.files[path] = self._change(path, made.postmortem)
        planned.postmortems[made.id] = path

    def _change(self, path: str, text: str) -> FileChange:
        """A new file: none may stand there, unless an import that was cut off has left it, to the byte."""
        data = as_bytes(text)
        stamp = None
        if self._work_tree is not None:
            standing = read_stamped(self._work_tree, path, cap=MAX_SIZE)
            stamp = standing[1] if standing is not None and standing[0] == data else None
        return FileChange(committed=data, work_tree=data, expects=stamp)

    @property
    def _work_tree(self) -> str | None:
        return self._repository.work_tree if self._repository.checked_out else None

    def _stands(self, path: str) -> bool:
        return self._work_tree is not None and stamp_of(self._work_tree, path) is not None

    def _is_ours(self, path: str, text: str) -> bool:
        if self._work_tree is None:
            return False
        standing = read_stamped(self._work_tree, path, cap=MAX_SIZE)
        return standing is not None and standing[0] == as_bytes(text)

    def _reader(self) -> Reader:
        workspace = self._workspace
        return Reader(
            self._repository,
            workspace.settings,
            environ=workspace.outside.environ,
            handle_of=lambda name, mail: workspace.settings.person_of_mail(mail).handle,
            me=workspace.author.handle,
            now=workspace.now,
        )

    def _person(self, word: str) -> str | None:
        """The handle of somebody whom another tool names by handle, mail address or full name; else one is made of the words."""
        settings = self._workspace.settings
        bare = word.strip().removeprefix("@")
        if "@" in bare:
            return settings.person_of_mail(bare).handle
        for person in settings.people:
            if person.name and person.name.casefold() == bare.casefold():
                return person.handle
        return self._workspace.person(bare) or self._workspace.person(".".join(re.findall(r"[\w+-]+", bare.lower())))

    # ----------------------------------------------------------------------------------------------------------- writing

    def carry_out(self, *, skips_bad: bool) -> tuple[Planned, str | None]:
        """Commits it, all in one. Nothing is written where a row has a problem, unless those are to be left out; nothing stays where
        the commit is refused: raises `RepositoryError` then."""
        planned: Planned | None = None

        def build(tip: Tip) -> Change | None:
            nonlocal planned
            planned = self.plan(tip)
            if not planned.made or (planned.problems and not skips_bad):
                return None
            if len(planned.files) >= _MANY:  # each of them is flushed to the disk, which takes a moment
                self._workspace.outside.talk(f"writing {len(planned.files)} files")
            return Change(planned.files, self._message(planned))

        settings = self._workspace.settings
        with Lock(self._repository.own_dir).held(
            timeout=settings.store.lock_timeout, notice=self._workspace.outside.talk
        ):
            self._repository = self._repository.refreshed()
            result = commit_files(
                self._repository,
                build,
                hooks=settings.commit.hooks.value,
                hook_timeout=settings.commit.hook_timeout,
                keeps=lambda files: planned is None or _keeps(files, planned),
            )
            if result.refused is not None:
                if planned is not None and result.refused.in_work_tree:
                    self._take_back(planned)
                hint = "; ".join(part for part in (result.refused.hint or "").split("; ") if part and part != NEXT)
                again = "then import it again: nothing of it was kept"
                raise RepositoryError(
                    f"nothing was imported: {result.refused.reason}", hint=f"{hint}; {again}" if hint else again
                )
        assert planned is not None
        planned.notes += result.notes
        return planned, result.commit

    def _take_back(self, planned: Planned) -> None:
        """The files that were made for a commit that did not come about: those that still are what we wrote."""
        if self._work_tree is None:
            return
        for path, file in planned.files.items():
            try:
                standing = read_stamped(self._work_tree, path, cap=MAX_SIZE)
                if standing is not None and standing[0] == file.committed:
                    remove_file(self._work_tree, path, expects=standing[1])
            except IncidentctlError as error:
                self._workspace.outside.talk(f"{path} could not be taken back: {error.message}")

    def _message(self, planned: Planned) -> str:
        names = [made.id for _, made in planned.made]
        settings = self._workspace.settings.commit
        event = f"imported from {self._source}"
        if len(names) == 1:
            (made,) = (made for _, made in planned.made)
            severity = parse_document(made.text, incident=made.id).value("severity")
            subject = settings.subject_line(slug=names[0][11:], id=names[0], event=event, severity=str(severity))
        else:
            subject = f"{len(names)} incidents: {event}"
        trailers = [f"Incident: {name}" for name in names[:_MOST_TRAILERS]]
        lines = [*trailers, f"Incident-Import: {self._source}"]
        return "\n".join((" ".join(subject.split()), "", *(" ".join(line.split()) for line in lines))) + "\n"


def _keeps(files: Mapping[str, bytes | None], planned: Planned) -> bool:
    """Whether a hook has left all entries and action items in the files."""
    for path, file in planned.files.items():
        wanted = set(_ID.findall(file.committed or b""))
        if not wanted <= set(_ID.findall(files.get(path) or b"")):
            return False
    return True


def told(planned: Planned, source: str, workspace: Workspace, **more: object) -> Imported:
    """What came of it, for printing."""
    settings = workspace.settings
    taken: list[Taken] = []
    for _, made in planned.made:
        document = parse_document(made.text, incident=made.id)
        state = fold(document.entries)
        taken.append(
            Taken(
                id=made.id,
                path=incident_path(settings, made.id),
                title=str(document.value("title") or made.id),
                severity=state.severity,
                status=state.status.value if state.status else None,
                external_id=made.external_id,
                postmortem=planned.postmortems.get(made.id),
                transitions=len(document.entries),
                action_items=made.items,
            )
        )
    return Imported(
        source=source,
        taken=tuple(taken),
        already=tuple(row.id for row in planned.already),
        differences=tuple(planned.differences),
        warnings=tuple(warning for _, made in planned.made for warning in made.warnings),
        notes=tuple(planned.notes),
        **more,  # type: ignore[arg-type]  # the fields that the caller knows
    )
