"""From a post-mortem and its history to what became of its action items: due dates as published, ticks and removals by hand. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from difflib import SequenceMatcher

from incidentctl.document.action_item_edits import items_of
from incidentctl.document.action_items import ActionItem, PlacedItem
from incidentctl.document.front_matter import read_front_matter
from incidentctl.document.parse import parse_document
from incidentctl.document.postmortem import DocumentStatus, read_postmortem, read_status
from incidentctl.document.section_names import OwnNames
from incidentctl.incident.times import parse_instant, to_local
from incidentctl.incident.words import whole_signs
from incidentctl.stats.case import DueMove, Fact, ItemHistory, Origin, PostmortemFacts, Source
from incidentctl.stats.revision import FileHistory, Revision, lineage
from incidentctl.stats.transitions import Rules, moment_of

_SAME_WORDS = 0.6


def postmortem_of(file: FileHistory, rules: Rules, names: OwnNames = None) -> PostmortemFacts:
    """What is known of a post-mortem and its action items. `names` are a team's own for its sections."""
    return _Reading(file, rules, names).facts()


class _Reading:
    """One document."""

    def __init__(self, file: FileHistory, rules: Rules, names: OwnNames) -> None:
        self._file = file
        self._rules = rules
        self._names = names
        self._statuses: dict[str, bool] = {}
        self._items: dict[str, Mapping[str, ActionItem] | None] = {}
        self._line_of_descent: tuple[Revision, ...] | None = None

    def facts(self) -> PostmortemFacts:
        said = read_postmortem(self._file.text, incident=self._file.incident)
        placed = [
            each
            for each in items_of(said.document, self._file.incident, self._names)
            if each.is_task and not each.item.is_blank
        ]
        now = {each.item.id: each.item for each in placed}
        self._items[self._file.blob] = now
        first = self._first_published()
        published = None
        if said.status is DocumentStatus.FINAL:
            published = self._published(said.published_at, first)
        at_publication = self._items_at(first.blob) if first is not None else None
        successors = _successors(at_publication or {}, now)
        origins = {after: before for before, after in successors.items()}
        items = [self._history(each, first, at_publication, origins.get(each.item.id)) for each in placed]
        for id_, item in (at_publication or {}).items():
            if id_ not in now and id_ not in successors:
                items.append(self._deleted(item, first))
        return PostmortemFacts(
            path=self._file.path,
            status=said.status.value if said.status else None,
            published=published,
            root_cause=said.root_cause and whole_signs(said.root_cause),
            items=tuple(items),
        )

    # ------------------------------------------------------------------------------------------------------- versions

    def _lineage(self) -> Sequence[Revision]:
        """The versions that led to the document as it is, newest first."""
        if self._line_of_descent is None:
            self._line_of_descent = tuple(lineage(self._file))
        return self._line_of_descent

    def _is_final(self, blob: str) -> bool:
        known = self._statuses.get(blob)
        if known is None:
            text = self._file.text if blob == self._file.blob else self._file.read(blob)
            known = self._statuses[blob] = text is not None and _says_final(text)
        return known

    def _first_published(self) -> Revision | None:
        """The first commit in which the document was final, and before which it was not."""
        if not self._is_final(self._file.blob) and len(self._file.revisions) == 1:
            return None
        for revision in self._file.revisions:
            was_final = any(blob is not None and self._is_final(blob) for blob in revision.before)
            if revision.blob is not None and not was_final and self._is_final(revision.blob):
                return revision
        return None

    def _items_at(self, blob: str | None) -> Mapping[str, ActionItem] | None:
        """By id, what the document held there; `None` where it cannot be read."""
        if blob is None:
            return None
        if blob not in self._items:
            text = self._file.read(blob)
            document = None if text is None else parse_document(text, incident=self._file.incident)
            is_broken = document is None or any(fault.code == "conflict-markers" for fault in document.faults)
            self._items[blob] = (
                None
                if document is None or is_broken
                else {
                    each.item.id: each.item
                    for each in items_of(document, self._file.incident, self._names)
                    if each.is_task and not each.item.is_blank
                }
            )
        return self._items[blob]

    def _versions(self) -> Iterator[tuple[Revision, Mapping[str, ActionItem]]]:
        """The versions that can be read, newest first."""
        for revision in self._lineage():
            items = self._items_at(revision.blob)
            if items is not None:
                yield revision, items

    # ----------------------------------------------------------------------------------------------------------- facts

    def _published(self, word: str | None, first: Revision | None) -> Fact | None:
        at = parse_instant(word) if word else None
        if at is not None:
            line = _line_of(self._file.text, "published_at")
            return Fact(at, Source(path=self._file.path, line=line))
        if first is None:
            return None
        return Fact(moment_of(first), self._by_hand(first))

    def _by_hand(self, revision: Revision, line: int = 0, entry: str = "") -> Source:
        author = self._rules.handle_of(revision.author_name, revision.author_mail)
        return Source(Origin.HISTORY, self._file.path, line, revision.commit, entry, author)

    def _day_of(self, revision: Revision) -> date:
        return to_local(moment_of(revision), self._rules.zone).date()

    def _history(
        self,
        placed: PlacedItem,
        first: Revision | None,
        at_publication: Mapping[str, ActionItem] | None,
        published_as: str | None,
    ) -> ItemHistory:
        item = placed.item
        source = Source(path=self._file.path, line=placed.place.line, entry=item.id)
        before = (at_publication or {}).get(published_as or item.id)
        binding = item.due_on
        moves: tuple[DueMove, ...] = ()
        if before is not None:
            binding = before.due_on
        elif first is not None:
            binding = self._due_when_it_came(item)
        if binding != item.due_on:
            moves = self._moves(item.id, published_as)
        done_on, done = self._done(item, source)
        dropped_on, dropped = self._dropped(item, source)
        return ItemHistory(
            incident=self._file.incident,
            id=item.id,
            text=whole_signs(item.text),
            source=source,
            owners=tuple(map(whole_signs, item.handles or item.owners)),
            type=item.type and whole_signs(item.type),
            link=whole_signs(item.link.url or item.link.text) if item.link is not None else None,
            due=item.due_on,
            binding_due=binding,
            moves=moves,
            done_on=done_on,
            done=done,
            dropped_on=dropped_on,
            dropped=dropped,
            drop_reason=whole_signs(item.reason) if item.is_dropped else "",
            was_dropped_before=item.is_dropped and (first is None or self._was_dropped_before(item, before, first)),
        )

    def _was_dropped_before(self, item: ActionItem, before: ActionItem | None, first: Revision) -> bool:
        """Whether an item was dropped when the document was published. Where it came whole, as an import does, the days tell."""
        if before is None or not before.is_dropped:
            return False
        published = parse_instant(read_postmortem(self._file.text).published_at or "")
        if any(blob is not None for blob in first.before) or published is None or item.dropped_on is None:
            return True
        return item.dropped_on < to_local(published, self._rules.zone).date()

    def _due_when_it_came(self, item: ActionItem) -> date | None:
        due = item.due_on
        for _, items in self._versions():
            if item.id not in items:
                break
            due = items[item.id].due_on
        return due

    def _moves(self, id_: str, earlier_id: str | None) -> tuple[DueMove, ...]:
        """The changes of its due date, oldest first."""
        moves: list[DueMove] = []
        newer: tuple[Revision, date | None] | None = None
        for revision, items in self._versions():
            item = items.get(id_) or items.get(earlier_id or "")
            if item is None:
                break
            if newer is not None and item.due_on != newer[1]:
                moves.append(DueMove(item.due_on, newer[1], self._by_hand(newer[0], entry=id_)))
            newer = revision, item.due_on
        return tuple(reversed(moves))

    def _since(self, id_: str, holds: str) -> Revision | None:
        """The commit from which on the item is done, or dropped, without a break until now."""
        found: Revision | None = None
        for revision, items in self._versions():
            item = items.get(id_)
            if item is None or not getattr(item, holds):
                break
            found = revision
        return found

    def _done(self, item: ActionItem, source: Source) -> tuple[date | None, Source | None]:
        if not item.is_done:
            return None, None
        if item.done_on is not None:
            return item.done_on, source
        ticked = self._since(item.id, "is_done")
        if ticked is None:
            return None, None
        return self._day_of(ticked), self._by_hand(ticked, source.line, item.id)

    def _dropped(self, item: ActionItem, source: Source) -> tuple[date | None, Source | None]:
        if not item.is_dropped:
            return None, None
        if item.dropped_on is not None:
            return item.dropped_on, source
        dropped = self._since(item.id, "is_dropped")
        if dropped is None:
            return None, None
        return self._day_of(dropped), self._by_hand(dropped, source.line, item.id)

    def _deleted(self, item: ActionItem, first: Revision | None) -> ItemHistory:
        """An item whose lines are gone."""
        published = item
        last: ActionItem | None = None
        gone: Revision | None = None
        ended: Revision | None = None
        for revision, items in self._versions():
            held = items.get(item.id)
            if last is None:
                if held is None:
                    gone = revision
                    continue
                last = held
            # From when on it was as it was when its lines were taken out: that is the day on which it was done, or dropped.
            if held is None or (held.is_done, held.is_dropped) != (last.is_done, last.is_dropped):
                break
            ended = revision if last.is_done or last.is_dropped else None
        item = last or item
        gone = gone or first
        was_done = item.is_done
        told = ended or gone
        day = self._day_of(told) if told is not None else None
        source = self._by_hand(told, entry=item.id) if told is not None else Source(path=self._file.path, entry=item.id)
        done_on = item.done_on or day if was_done else None
        return ItemHistory(
            incident=self._file.incident,
            id=item.id,
            text=whole_signs(item.text),
            source=source,
            owners=tuple(map(whole_signs, item.handles or item.owners)),
            type=item.type and whole_signs(item.type),
            link=whole_signs(item.link.url or item.link.text) if item.link is not None else None,
            due=item.due_on,
            binding_due=published.due_on,
            done_on=done_on,
            done=source if was_done else None,
            dropped_on=None if was_done else item.dropped_on or day,
            dropped=None if was_done else source,
            drop_reason=whole_signs(item.reason) if item.is_dropped else "its lines were deleted",
            is_deleted=True,
            was_dropped_before=item.is_dropped and published.is_dropped,
        )


def _successors(before: Mapping[str, ActionItem], after: Mapping[str, ActionItem]) -> dict[str, str]:
    """By the id of an item that is gone, that of the one that stands for it: its words were changed, and it had no written id."""
    gone = [item for id_, item in before.items() if id_ not in after]
    come = [item for id_, item in after.items() if id_ not in before]
    found: dict[str, str] = {}
    for old in gone:
        near = [(SequenceMatcher(None, old.text[:500], new.text[:500]).ratio(), new) for new in come]
        best = max(near, key=lambda pair: (pair[0], pair[1].id), default=None)
        if best is not None and best[0] >= _SAME_WORDS:
            found[old.id] = best[1].id
            come.remove(best[1])
    return found


def _says_final(text: str) -> bool:
    """Whether the front matter says `status: final`. The word alone is looked for first: most versions are drafts."""
    if re.search("final", text[:4000], re.IGNORECASE) is None:
        return False
    front = read_front_matter(text)
    value = front.values.get("status") if front is not None else None
    return read_status(value if isinstance(value, str) else None) is DocumentStatus.FINAL


def _line_of(text: str, key: str) -> int:
    match = re.search(rf"^{key}[ \t]*:", text, re.MULTILINE)
    return text.count("\n", 0, match.start()) + 1 if match is not None else 0
