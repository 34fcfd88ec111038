"""Save, then commit: takes a request through spool, lock, decision and edit to one commit of one file. Never prints.

The order is what makes it safe. The words are in the spool before the lock is waited for; what a command that died
had saved is taken in first, as commits of its own; and an item leaves the spool only when its entries are committed.
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from incidentctl.config.settings import Settings
from incidentctl.document.believe import believe
from incidentctl.document.edit import apply_edit
from incidentctl.document.hand_edits import TakenOver, differing_keys, take_over
from incidentctl.document.parse import Document, parse_document
from incidentctl.document.render import render_document
from incidentctl.document.saved_words import (
    Edited,
    Plan,
    redacted_plan,
    request_as_data,
    request_of_data,
    with_plan,
)
from incidentctl.errors import (
    AmbiguousIncidentError,
    ConflictError,
    IncidentctlError,
    LockTimeoutError,
    NoSuchIncidentError,
    RefusedError,
    SavedError,
    UnknownAlertError,
    UsageError,
)
from incidentctl.incident.decisions import Decision, Rules, decide
from incidentctl.incident.entries import Entry, Note
from incidentctl.incident.ids import incident_id, is_incident_id
from incidentctl.incident.model import Incident
from incidentctl.incident.requests import AlertWord, Redaction, Request, Verb
from incidentctl.store.commit import Change, CommitResult, FileChange, Keeps, Refusal, RefusalKind, commit_files
from incidentctl.store.drafts import draft_path
from incidentctl.store.files import ANY, Expects, SaveError, Stamp, read_file, read_stamped, write_private
from incidentctl.store.lock import Lock
from incidentctl.store.merge_text import merge_three
from incidentctl.store.objects import Tip
from incidentctl.store.reading import MAX_SIZE, Reader, as_bytes, as_text, incident_path, past_versions
from incidentctl.store.repository import Repository
from incidentctl.store.spool import Spool, SpoolItem


class Written(Struct, frozen=True):
    """What became of a request: the incident as it is now, what was written, and how far it got.

    `unchanged` says why there was nothing to write, `refused` why it is saved and not committed. `before` and `after`
    are the file's texts. `others` counts the words of earlier commands that were taken in on the way.
    """

    incident: Incident
    event: str
    entries: tuple[Entry, ...] = ()
    path: str = ""
    commit: str | None = None
    unchanged: str | None = None
    refused: Refusal | None = None
    warnings: tuple[str, ...] = ()
    before: str = ""
    after: str = ""
    others: int = 0


_REFUSALS = (UsageError, RefusedError, NoSuchIncidentError, AmbiguousIncidentError, ConflictError)
"""What the user is told and can mend: there is nothing that should be kept. After any other error the words stay saved."""


_ENTRY_ID: Final = re.compile(rb"<!-- e:(\w{6}) -->")
_VERSIONS: Final = 200
"""So far back an earlier version of a file is looked for."""

_MOST_EARLIER: Final = 5
"""So many incidents of one alert that are over are looked at, the newest ones."""
_DO_NOT_REPEAT: Final = "do not repeat the command: the next one that writes commits this"
_SWITCHES: Final = 3
"""So often a commit is tried anew because somebody switched branches meanwhile."""


class _Built(Struct, frozen=True):
    """One try at a change: what it is based on, and what it makes of it."""

    incident: Incident
    decision: Decision
    plan: Plan
    before: str
    after: str
    warnings: tuple[str, ...]


class Recorder:
    """Writes to the record of one repository. `notice` is told what a user who waits would want to know."""

    def __init__(
        self,
        repository: Repository,
        settings: Settings,
        rules: Rules,
        *,
        environ: Mapping[str, str],
        handle_of: Callable[[str, str], str],
        notice: Callable[[str], None],
    ) -> None:
        self._repository = repository
        self._settings = settings
        self._rules = rules
        self._environ = environ
        self._handle_of = handle_of
        self._notice = notice
        self._waiting: list[Plan] = []

    # ------------------------------------------------------------------------------------------------- the one way in

    def record(self, request: Request, *, dry_run: bool = False, edited: Edited | None = None) -> Written:
        """Writes what is asked. Raises `IncidentctlError` only where nothing was saved and the user can mend it."""
        if dry_run:
            built = self._build(request, self._repository.tip(), edited=edited)
            return self._written(built, commit=None)
        item = self._save(request, edited)
        try:
            with self._lock().held(timeout=self._settings.store.lock_timeout, notice=self._notice):
                self._repository = self._repository.refreshed()  # another branch may be checked out by now
                if request.redaction is not None:
                    self._redact_what_waits(request.incident, request.redaction)
                others = self._take_in_what_waits()
                written = self._perform(request, item, edited=edited)
                return replace(written, others=others)
        except LockTimeoutError as error:
            if item is None:
                raise
            refusal = Refusal(RefusalKind.LOCKED, error.message, error.hint, in_work_tree=False)
            return self._only_saved(request, refusal, item, edited)
        except _REFUSALS:
            if item is not None:
                item.remove()
            raise
        except IncidentctlError as error:
            if item is None:
                raise
            item.release()
            hint = "; ".join(filter(None, (error.hint, _DO_NOT_REPEAT)))
            raise SavedError(f"saved in the spool, not committed: {error.message}", hint=hint) from error

    def take_in(self) -> int:
        """Commits what earlier commands could only save, and says how many. Waits for no lock."""
        spool = Spool(self._repository.own_dir, self._environ)
        if not spool.pending():
            return 0
        try:
            with self._lock().held(timeout=0.0, notice=None):
                self._repository = self._repository.refreshed()
                return self._take_in_what_waits()
        except (LockTimeoutError, SaveError):
            return 0

    def _lock(self) -> Lock:
        return Lock(self._repository.own_dir)

    def _save(self, request: Request, edited: Edited | None) -> SpoolItem | None:
        """The words in the spool, or `None` where no place takes them: then the commit alone must succeed."""
        try:
            return Spool(self._repository.own_dir, self._environ).put(dict(request_as_data(request, edited=edited)))
        except SaveError:
            return None

    # ---------------------------------------------------------------------------------------------- one request, locked

    def _perform(self, request: Request, item: SpoolItem | None, *, edited: Edited | None = None) -> Written:
        built: _Built | None = None

        def build(tip: Tip) -> Change | None:
            nonlocal built
            again = self._once_more(built, tip, edited=edited) if built is not None else None
            if again is not None:
                return again
            built = self._build(request, tip, edited=edited)
            if built.decision.unchanged is not None:
                return None
            if item is not None:
                item.replace(dict(request_as_data(request, built.plan, edited=edited)))
            return self._change(built, tip)

        result = self._commit(build, keeps=lambda files: built is None or _keeps(files, built.plan))
        if built is None:  # refused before anything was built: say what it would have been, and keep that
            built = self._build(request, self._repository.tip(), edited=edited)
            if item is not None:
                item.replace(dict(request_as_data(request, built.plan, edited=edited)))
        if item is not None:
            if result.refused is not None and built.decision.unchanged is None:
                item.release()
            else:
                item.remove()
        elif result.refused is not None and not result.refused.in_work_tree:
            raise SaveError(f"nothing could be saved: {result.refused.reason}", hint=result.refused.hint)
        return self._written(built, commit=result.commit, refused=result.refused, notes=result.notes)

    def _commit(self, build: Callable[[Tip], Change | None], *, keeps: Keeps) -> CommitResult:
        commit = self._settings.commit
        for _ in range(_SWITCHES):
            result = commit_files(
                self._repository, build, hooks=commit.hooks.value, hook_timeout=commit.hook_timeout, keeps=keeps
            )
            if result.refused is None:
                break
            known, self._repository = self._repository, self._repository.refreshed()
            if known.checked_out == self._repository.checked_out:
                break
        return result

    def _written(
        self,
        built: _Built,
        *,
        commit: str | None,
        refused: Refusal | None = None,
        notes: tuple[str, ...] = (),
    ) -> Written:
        document = parse_document(built.after, incident=built.plan.incident)
        unchanged = built.decision.unchanged
        redacted = {redaction.entry for redaction in built.plan.redactions}
        return Written(
            incident=believe(document, built.plan.incident),
            event=built.decision.event,
            entries=(*built.decision.entries, *(entry for entry in document.entries if entry.id in redacted)),
            path=built.plan.path,
            commit=commit,
            unchanged=unchanged,
            refused=None if unchanged is not None else refused,
            warnings=(*built.decision.warnings, *built.warnings, *notes),
            before=built.before,
            after=built.after,
        )

    def _only_saved(self, request: Request, refusal: Refusal, item: SpoolItem, edited: Edited | None) -> Written:
        """What the words mean on the file as it is now: so that they are seen before they are committed."""
        try:
            built = self._build(request, self._repository.tip(), edited=edited)
            # Another message of the same alert may be waiting for the lock as well: an alert is decided on when it is its turn.
            plan = built.plan if request.alert is None else None
            item.replace(dict(request_as_data(request, plan, edited=edited)))
        finally:
            item.release()
        return self._written(built, commit=None, refused=refusal)

    # ------------------------------------------------------------------------------------------------------- building

    def _build(self, request: Request, tip: Tip, *, edited: Edited | None = None) -> _Built:
        if request.alert is not None:
            request = self._placed(request, request.alert)
        if request.verb is Verb.OPEN:
            return self._build_new(request, tip)
        path = incident_path(self._settings, request.incident)
        text = self._current_text(path, tip)
        if text is None:
            text = self._waiting_text(request.incident)
        if text is None:
            raise NoSuchIncidentError(f"there is no incident {request.incident}", hint="see them all: ictl list")
        document = parse_document(self._with_waiting(text, request.incident), incident=request.incident)
        changed: tuple[str, ...] = ()
        if edited is not None:
            document = parse_document(self._merged(edited, document.text, request), incident=request.incident)
            changed = _edited_entries(tip.read(path, cap=MAX_SIZE), document, request.incident)
        taken = self._hand_edits(document, path, request)
        incident = believe(document, request.incident, taken)
        decision = decide(incident, request, self._rules)
        for redaction in decision.redactions:
            document = parse_document(_redacted(document, redaction, request.incident), incident=request.incident)
        after, faults = apply_edit(
            document,
            incident=request.incident,
            entries=(*taken.entries, *decision.entries),
            keys=decision.keys,
            hold=taken.hold,
        )
        if decision.unchanged is not None:
            after = text
        plan = Plan(
            incident=request.incident,
            path=path,
            entries=(*taken.entries, *decision.entries),
            message=self._message(incident, decision, taken.entries, edited=changed),
            keys=decision.keys,
            redactions=decision.redactions,
        )
        return _Built(incident, decision, plan, text, after, (*taken.clashes, *faults))

    def _merged(self, edited: Edited, now: str, request: Request) -> str:
        """The text from an editor, with what others wrote while it was open."""
        merged, is_clean = merge_three(self._repository, edited.text, edited.base, now)
        if not is_clean:
            raise ConflictError(
                f"{request.incident} was changed in the same lines while you edited it",
                hint=f"your text is kept: `ictl edit {request.incident}` opens it again",
            )
        return merged

    def _build_new(self, request: Request, tip: Tip) -> _Built:
        name = self._free_id(request, tip)
        incident = Incident(id=name, title="", entries=(), state=believe(parse_document(""), name).state)
        decision = decide(incident, replace(request, incident=name), self._rules)
        text = render_document(name, decision.keys, decision.entries)
        path = incident_path(self._settings, name)
        new = believe(parse_document(text, incident=name), name)
        plan = Plan(name, path, decision.entries, self._message(new, decision, ()), decision.keys, new_text=text)
        return _Built(new, decision, plan, "", text, ())

    def _placed(self, request: Request, alert: AlertWord) -> Request:
        """The opening that an alert asks for, as a note of the incident that has it, where there is one."""
        from incidentctl.incident.alerts import note_of, opening_of, place_alert  # only for what an alert says

        reader = Reader(
            self._repository,
            self._settings,
            environ=self._environ,
            handle_of=self._handle_of,
            me=request.author.handle,
            now=request.now,
        )

        def read(incident: str) -> Incident | None:
            return reader.read(incident).incident if is_incident_id(incident) and reader.exists(incident) else None

        is_drill = bool(request.keys.get("drill"))
        rows = [row for row in reader.rows()[0] if row.external_id in alert.keys and row.drill == is_drill]
        is_over = [row.keys.get("resolved_at") or row.keys.get("status") == "canceled" for row in rows]
        newest = {row.id for row in sorted(rows, key=lambda row: row.keys.get("declared_at") or "")[-_MOST_EARLIER:]}
        known = [read(row.id) for row, over in zip(rows, is_over, strict=True) if not over or row.id in newest]
        placement = place_alert(alert, [each for each in known if each is not None], read)
        if placement.incident is not None:
            note = note_of(alert, placement, request.now)
            return replace(request, verb=Verb.NOTE, incident=placement.incident.id, entries=(note,), keys={}, at=None)
        if not placement.opens:
            raise UnknownAlertError("no incident is known of this alert, and its message opens none")
        before = placement.before.id if placement.before else None
        entries = opening_of(alert, placement, request.entries)
        return replace(request, entries=entries, alert=replace(alert, before=before))

    def _free_id(self, request: Request, tip: Tip) -> str:
        """The id that was asked for, or the same with `-2`, `-3` where this clone has such an incident already."""
        taken = {plan.incident for plan in self._waiting}
        name = request.incident
        while name in taken or self._current_text(incident_path(self._settings, name), tip) is not None:
            taken.add(name)
            declared_on = date.fromisoformat(request.incident[:10])
            name = incident_id(declared_on, request.incident[11:], is_taken=taken)
        return name

    def _current_text(self, path: str, tip: Tip) -> str | None:
        """What stands in the work tree where the record's branch is checked out, else what its tip holds."""
        if self._repository.checked_out and self._repository.work_tree is not None:
            found = read_stamped(self._repository.work_tree, path, cap=MAX_SIZE)
            if found is not None and not self._is_outdated(path, found[0], tip):
                return as_text(found[0])
        data = tip.read(path, cap=MAX_SIZE)
        return None if data is None else as_text(data)

    def _is_outdated(self, path: str, data: bytes, tip: Tip) -> bool:
        """Whether a file is, to the byte, one of the branch's earlier versions, and lacks entries that the branch has.

        So a `git checkout` leaves it that could not move HEAD in the end. Nobody has struck these entries out; who wants to go back to an
        earlier version commits that with git.
        """
        committed = tip.read(path, cap=MAX_SIZE)
        if committed is None or committed == data or set(_ENTRY_ID.findall(committed)) <= set(_ENTRY_ID.findall(data)):
            return False
        git = self._repository.git
        blob = git.run("hash-object", "--stdin", f"--path={path}", stdin=data).text
        seen = git.run(
            "log", "--format=", "--raw", "--no-abbrev", f"-{_VERSIONS}", f"{tip.commit}", "--", f":(top,literal){path}"
        )
        is_earlier = bool(blob) and blob in seen.text
        if is_earlier:
            self._notice(f"{path} was an earlier version, without entries that are committed; they stay")
        return is_earlier

    def _hand_edits(self, document: Document, path: str, request: Request) -> TakenOver:
        if not differing_keys(document):
            return TakenOver()
        history = past_versions(self._repository, path, request.incident, self._handle_of)
        return take_over(
            document,
            history,
            incident=request.incident,
            by=request.author.handle,
            now=request.now.replace(microsecond=0),
        )

    def _message(
        self, incident: Incident, decision: Decision, absorbed: Iterable[Entry], *, edited: Iterable[str] = ()
    ) -> str:
        """Subject by the settings, and trailers by which a program finds what the commit recorded."""
        subject = self._settings.commit.subject_line(
            slug=incident.slug, id=incident.id, event=decision.event, severity=incident.state.severity or "none"
        )
        trailers = [f"Incident: {incident.id}"]
        trailers += [f"Incident-Event: {entry.kind} e:{entry.id}" for entry in (*absorbed, *decision.entries)]
        trailers += [f"Incident-Edited: e:{each}" for each in edited]
        trailers += [f"Incident-Event: redacted e:{redaction.entry}" for redaction in decision.redactions]
        return "\n".join((" ".join(subject.split()), "", *trailers)) + "\n"

    def _change(self, built: _Built, tip: Tip) -> Change | None:
        plan, data = built.plan, as_bytes(built.after)
        stamp: Stamp | None | Expects = ANY
        if self._repository.checked_out and self._repository.work_tree is not None:
            found = read_stamped(self._repository.work_tree, plan.path, cap=MAX_SIZE)
            if found is None:
                stamp = None
            elif as_text(found[0]) == built.before:
                stamp = found[1]
        return Change({plan.path: FileChange(committed=data, work_tree=data, expects=stamp)}, plan.message)

    def _once_more(self, built: _Built, tip: Tip, *, edited: Edited | None) -> Change | None:
        """The change of an earlier try whose words are in the file by now, though its commit did not come about.

        To decide on that file anew would be to decide on our own words: they would be said twice.
        """
        plan = built.plan
        if built.decision.unchanged is not None or not self._repository.checked_out:
            return None
        assert self._repository.work_tree is not None
        found = read_stamped(self._repository.work_tree, plan.path, cap=MAX_SIZE)
        if found is None:
            return None
        if as_text(found[0]) == built.after:
            data = as_bytes(built.after)
            return Change({plan.path: FileChange(committed=data, work_tree=data, expects=found[1])}, plan.message)
        # Somebody saved the file since, with our words in it.
        return self._planned_change(plan, tip) if edited is None and _keeps({plan.path: found[0]}, plan) else None

    # -------------------------------------------------------------------------------------------- what waits in the spool

    def _redact_what_waits(self, incident: str, redaction: Redaction) -> None:
        """Takes the words out of what is saved and not committed yet: so they never get into history."""
        for item in Spool(self._repository.own_dir, self._environ).orphans():
            try:
                request, plan, edited = request_of_data(item.item)
                redaction_here = None if plan is None else redacted_plan(request, plan, redaction)
                if redaction_here is not None and plan is not None and plan.incident == incident:
                    item.replace(dict(request_as_data(*redaction_here, edited=edited)))
            except (ValueError, KeyError, TypeError):
                pass  # what cannot be read is told of when it is to be taken in
            finally:
                item.release()

    def _take_in_what_waits(self) -> int:
        """Commits what commands that are gone had saved, oldest first, each as its own commit."""
        count = 0
        for item in Spool(self._repository.own_dir, self._environ).orphans():
            try:
                request, plan, edited = request_of_data(item.item)
            except (ValueError, KeyError, TypeError):
                item.release()
                self._notice(f"an item of the spool cannot be read and was left alone: {item.name}")
                continue
            try:
                is_in, waits = self._take_in_one(request, plan, edited, item)
            except Exception as error:  # whatever it is, it must not stop the words of today
                item.release()
                self._notice(f"words saved earlier still wait, in the spool as {item.name}: {error}")
                continue
            count += is_in
            if waits is not None:
                self._waiting.append(waits)
        return count

    def _take_in_one(
        self, request: Request, plan: Plan | None, edited: Edited | None, item: SpoolItem
    ) -> tuple[bool, Plan | None]:
        if plan is not None and edited is None:
            result = self._commit(lambda tip: self._planned_change(plan, tip), keeps=lambda files: _keeps(files, plan))
            if result.refused is not None:
                item.release()
                return False, plan
            item.remove()
            return result.commit is not None, None
        try:
            written = self._perform(request, item, edited=edited)
        except _REFUSALS as error:
            if edited is not None:
                self._back_to_the_editor(request.incident, edited, item)
                return False, None
            fallback = _as_note(request, error)
            if fallback is None:
                item.remove()
                return False, None
            written = self._perform(fallback, item)
        return written.commit is not None, None

    def _back_to_the_editor(self, incident: str, edited: Edited, item: SpoolItem) -> None:
        """A text from an editor that does not go together with what stands now: it is a draft again, for its author to settle."""
        text, base = (draft_path(self._repository, f"{incident}.{ending}") for ending in ("md", "base"))
        folder, name = os.path.split(text)
        there = read_file(folder, name)
        if there not in (None, as_bytes(edited.text)):  # another draft of this file is in an editor
            item.release()
            self._notice(f"an edit of {incident} that was saved earlier still waits, in the spool as {item.name}")
            return
        if there is None:
            write_private(base, as_bytes(edited.base))
            write_private(text, as_bytes(edited.text))
        item.remove()
        self._notice(
            f"an edit of {incident} that was saved earlier clashes with what others wrote; `ictl edit {incident}` opens it again"
        )

    def _planned_change(self, plan: Plan, tip: Tip) -> Change | None:
        """What an earlier command had decided, on what stands now: its entries are added where they are not yet."""
        committed = self._with_plan(plan, tip.read(plan.path, cap=MAX_SIZE))
        stamp: Stamp | None | Expects = ANY
        work_tree = committed
        if self._repository.checked_out and self._repository.work_tree is not None:
            found = read_stamped(self._repository.work_tree, plan.path, cap=MAX_SIZE)
            if found is not None and self._is_outdated(plan.path, found[0], tip):
                stamp = found[1]
            elif found is not None:
                work_tree, stamp = self._with_plan(plan, found[0]), found[1]
            else:
                stamp = None
        return Change({plan.path: FileChange(committed=committed, work_tree=work_tree, expects=stamp)}, plan.message)

    def _with_plan(self, plan: Plan, data: bytes | None) -> bytes:
        if data is None:
            return as_bytes(plan.new_text or render_document(plan.incident, plan.keys, plan.entries))
        return as_bytes(with_plan(as_text(data), plan))

    def _with_waiting(self, text: str, incident: str) -> str:
        """A text with the entries that wait for it: what was said before counts before it is committed."""
        for plan in self._waiting:
            if plan.incident == incident:
                text = with_plan(text, plan)
        return text

    def _waiting_text(self, incident: str) -> str | None:
        return next((plan.new_text for plan in self._waiting if plan.incident == incident and plan.new_text), None)


def _edited_entries(committed: bytes | None, document: Document, incident: str) -> tuple[str, ...]:
    """The ids of the entries that the commit of an edit will change or remove: it says so, for `verify`."""
    if committed is None:
        return ()
    from incidentctl.document.entry_changes import edited_ids  # only `edit` can change what stands

    return edited_ids(parse_document(as_text(committed), incident=incident), document)


def _keeps(files: Mapping[str, bytes | None], plan: Plan) -> bool:
    """Whether every entry is still in what a hook made of the file."""
    text = files.get(plan.path) or b""
    ids = [*(entry.id for entry in plan.entries), *(redaction.entry for redaction in plan.redactions)]
    return all(f"e:{each}".encode() in text for each in ids)


def _redacted(document: Document, redaction: Redaction, incident: str) -> str:
    from incidentctl.document.redaction import redact_entry  # only where something is redacted

    return redact_entry(document, redaction, incident=incident)


def _as_note(request: Request, error: IncidentctlError) -> Request | None:
    """The words of a request that is refused by now, as notes: they were said, and they stay."""
    texts = [entry.text for entry in request.entries if entry.text]
    if not texts or request.verb is Verb.OPEN:
        return None
    notes = tuple(
        Entry(at=request.now, what=Note(), text=f"{text} ({request.verb.value}: {error.message})") for text in texts
    )
    return replace(request, verb=Verb.NOTE, entries=notes, given=frozenset(), target=None, at=None)
