"""The ledger judges versions against all parents; whatever comes, it counts each change once and never fails."""

from datetime import UTC, datetime
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from incidentctl.document.merge import parted_from
from incidentctl.verify.changes import Change, Kind, Made, Verdict, read_claims
from incidentctl.verify.facts import Facts, Family, facts_of
from incidentctl.verify.ledger import FileChange, Ledger

ID = "2026-05-14-x"
PATH = f"incidents/2026/05/{ID}.md"
AT = datetime(2026, 5, 20, tzinfo=UTC)
A = "- 2026-05-14T10:00:00Z **Opened** SEV2: a — @ann <!-- e:00aaaa -->"
B = "- 2026-05-14T10:01:00Z b — @ann <!-- e:00bbbb -->"
B2 = "- 2026-05-14T10:01:00Z b, changed — @ann <!-- e:00bbbb -->"
B3 = "- 2026-05-14T10:01:00Z b, again — @ann <!-- e:00bbbb -->"
BR = "- 2026-05-14T10:01:00Z **Redacted** secret — @ann <!-- e:00bbbb -->"
C = "- 2026-05-14T10:02:00Z c — @bob <!-- e:00cccc -->"
T = "- 2026-05-14T10:03:00Z typed — @bob"
T2 = "- 2026-05-14T10:03:00Z typed, changed — @bob"


def facts(*lines: str, name: str = ID) -> Facts:
    return facts_of(
        f"---\nid: {name}\n---\n\n## Timeline\n\n" + "".join(f"{line}\n" for line in lines), Family.INCIDENT, name
    )


class Story:
    """Commits, one after the other."""

    def __init__(self) -> None:
        self.ledger = Ledger()
        self.count = 0

    def commit(self, *before: Facts | None, after: Facts | None, message: str = "", name: str = ID) -> None:
        self.files(FileChange(Family.INCIDENT, name, PATH.replace(ID, name), before, after), message=message)

    def files(self, *files: FileChange, message: str = "") -> None:
        self.count += 1
        self.ledger.take(Made(f"{self.count:040x}", "Ann", "ann@example.org", AT, AT), read_claims(message), files)

    @property
    def told(self) -> list[tuple[str, str, str]]:
        return [(each.verdict.value, each.kind.value, each.what) for each in self.ledger.changes()]


def test_a_merge_that_took_one_side_of_each_entry_changed_nothing() -> None:
    story = Story()
    story.commit(None, after=facts(A, B))
    story.commit(facts(A, B), after=facts(A, B, C))
    story.commit(facts(A, B), after=facts(A, B, T))
    story.commit(facts(A, B, C), facts(A, B, T), after=facts(A, B, C, T))
    assert story.told == []


def test_a_merge_that_brings_an_entry_back_settles_its_removal() -> None:
    story = Story()
    story.commit(facts(A, B), after=facts(A))
    story.commit(facts(A), facts(A, B, C), after=facts(A, B, C))
    assert story.told == [("declared", "entry_removed", "e:00bbbb")]


def test_a_merge_of_a_removal_is_told_at_the_removal() -> None:
    story = Story()
    story.commit(facts(A, B), after=facts(A))
    story.commit(facts(A), facts(A, B, C), after=facts(A, C))
    assert story.told == [("undeclared", "entry_removed", "e:00bbbb")]


def test_a_typed_line_that_one_side_changed_is_told_there() -> None:
    story = Story()
    old = next(iter(facts(T).entries))
    story.commit(facts(A, T), after=facts(A, T2))
    story.commit(facts(A, T2), facts(A, T, C), after=facts(A, T2, C))
    assert story.told == [("undeclared", "entry_edited", f"e:{old}")]


def test_both_sides_of_a_conflict_that_a_merge_settled_its_own_way_are_told() -> None:
    story = Story()
    story.commit(facts(A, B), after=facts(A, B2))
    story.commit(facts(A, B), after=facts(A, B3))
    story.commit(facts(A, B2), facts(A, B3), after=facts(A, B3))
    assert [verdict for verdict, _, _ in story.told] == ["undeclared", "undeclared"]
    story.commit(facts(A, B3), after=facts(A, B))
    assert {verdict for verdict, _, _ in story.told} == {"declared"}


def test_the_redacted_form_that_a_merge_dropped_is_told() -> None:
    story = Story()
    story.commit(facts(A, B), after=facts(A, BR))
    story.commit(facts(A, BR), facts(A, B, C), after=facts(A, BR, C))
    assert story.told == [("declared", "redacted", "e:00bbbb")]
    story.commit(facts(A, BR), facts(A, B, C), after=facts(A, B, C))
    assert story.told[1:] == [("undeclared", "entry_edited", "e:00bbbb")]
    assert {(each.was, each.now) for each in story.ledger.changes()[1:]} == {(None, None)}


def test_a_merge_that_went_back_over_several_changes_is_told() -> None:
    story = Story()
    edit = f"x\n\nIncident: {ID}\nIncident-Edited: e:00bbbb\n"
    story.commit(facts(A, B), after=facts(A, B2), message=edit)
    story.commit(facts(A, B2), after=facts(A, B3), message=edit)
    story.commit(facts(A, B3), facts(A, B, C), after=facts(A, B, C))
    assert [verdict for verdict, _, _ in story.told] == ["declared", "declared", "undeclared"]


def test_a_redaction_may_take_the_author_and_nothing_else() -> None:
    for line, kind in (
        (BR.replace("@ann", "@redacted"), "redacted"),
        (BR.replace("@ann", "@eve"), "entry_edited"),
        (BR.replace("**Redacted**", "**Decision** **Redacted**"), "entry_edited"),
        (BR.replace("10:01", "10:02"), "time_moved"),
        (BR.replace(" — @ann", " (recorded 2026-05-14T11:00:00Z) — @ann"), "entry_edited"),
    ):
        story = Story()
        story.commit(facts(A, B), after=facts(A, line))
        assert [what for _, what, _ in story.told] == [kind], line


def test_a_redaction_that_was_taken_back_is_told_without_its_words() -> None:
    story = Story()
    story.commit(facts(A, B), after=facts(A, BR))
    story.commit(facts(A, BR), after=facts(A, B))
    assert story.told[1:] == [("undeclared", "entry_edited", "e:00bbbb")]
    assert all("b —" not in f"{each.was}{each.now}" for each in story.ledger.changes())


def test_why_a_change_was_declared_is_not_told_once_that_was_redacted() -> None:
    story = Story()
    entry = "- 2026-05-14T10:05:00Z **Set** started_at none → 2026-05-14T09:51:00Z{} — @ann <!-- e:00dddd -->"
    withdrawn = "- 2026-05-14T10:06:00Z **Withdrawn** e:00bbbb{} — @ann <!-- e:00eeee -->"
    said = [line.format(": says Jane Roe") for line in (entry, withdrawn)]
    story.commit(facts(A, B), after=facts(A, B, *said))
    assert [each.reason for each in story.ledger.changes()] == ["says Jane Roe"] * 2
    redacted = [line.format(" **Redacted** personal_data") for line in (entry, withdrawn)]
    story.commit(facts(A, B, *said), after=facts(A, B, *redacted))
    changes = story.ledger.changes()
    assert [each.kind.value for each in changes] == ["set", "withdrawn", "redacted", "redacted"]
    assert "Jane" not in repr(changes)
    assert (changes[0].was, changes[0].now) == (None, "2026-05-14T09:51:00Z")


def test_an_edit_is_declared_where_the_message_names_incident_and_entry() -> None:
    whole = f"x\n\nIncident: {ID}\nIncident-Edited: e:00bbbb\n"
    for message, verdict in (
        (whole, "declared"),
        (whole.replace(ID, "y"), "undeclared"),
        (whole.replace("bbbb", "cccc"), "undeclared"),
    ):
        story = Story()
        story.commit(facts(A, B), after=facts(A, B2), message=message)
        assert story.told == [(verdict, "entry_edited", "e:00bbbb")]


def test_a_declared_edit_does_not_settle_an_undeclared_one() -> None:
    story = Story()
    story.commit(facts(A, B), after=facts(A, B2))
    story.commit(facts(A, B2), after=facts(A, B3), message=f"x\n\nIncident: {ID}\nIncident-Edited: e:00bbbb\n")
    assert [verdict for verdict, _, _ in story.told] == ["undeclared", "declared"]
    story.commit(facts(A, B3), after=facts(A, B))
    assert [verdict for verdict, _, _ in story.told] == ["declared", "declared"]


def test_a_file_that_a_merge_dropped_is_told_and_one_that_a_side_deleted_is_told_there() -> None:
    story = Story()
    story.commit(facts(A), None, after=None)
    assert story.told == [("undeclared", "file_deleted", "")]
    story = Story()
    story.commit(facts(A), after=None)
    story.commit(facts(A, B), None, after=None)
    assert story.told == [("undeclared", "file_deleted", "")]


def test_a_file_that_comes_back_changed_is_told_for_that() -> None:
    story = Story()
    story.commit(facts(A, B), after=None)
    story.commit(None, after=facts(A, B2))
    assert story.told == [("declared", "file_deleted", ""), ("undeclared", "entry_edited", "e:00bbbb")]


def test_an_incident_that_a_merge_parted_has_its_entries() -> None:
    mine, theirs = facts(A, B), facts(A.replace("00aaaa", "00tttt"), C)
    story = Story()
    other = parted_from(ID, "00aaaa")
    stays = FileChange(Family.INCIDENT, ID, PATH, (mine, theirs), theirs)
    moved = facts(A, name=other)
    come = FileChange(Family.INCIDENT, other, PATH.replace(ID, other), (None, None), moved)
    story.files(stays, come)
    assert story.told == [("declared", "parted", ""), ("undeclared", "entry_removed", "e:00bbbb")]


def test_an_incident_that_took_a_name_of_its_own_choice_was_not_parted() -> None:
    story = Story()
    left = FileChange(Family.INCIDENT, ID, PATH, (facts(A, B),), None)
    for other, kind in ((parted_from(ID, "00aaaa"), "parted"), (f"{ID}-zzz", "incident_id_changed")):
        come = FileChange(Family.INCIDENT, other, PATH.replace(ID, other), (None,), facts(A, B, name=other))
        story.files(left, come)
        assert story.told[-1][1] == kind


def test_an_entry_that_says_a_change_is_told_once_though_two_branches_brought_it() -> None:
    line = "- 2026-05-14T10:09:00Z **Set** started_at none → 2026-05-14T09:00:00Z: log — @ann <!-- e:00dddd -->"
    story = Story()
    story.commit(facts(A), after=facts(A, line))
    story.commit(facts(A, B), after=facts(A, B, line))
    story.commit(facts(A, line), facts(A, B, line), after=facts(A, B, line))
    assert story.told == [("declared", "set", "started_at")]


def test_changes_that_were_found_elsewhere_are_kept() -> None:
    story = Story()
    story.ledger.add(Change(Verdict.UNDECLARED, Kind.NOT_SIGNED))
    assert story.told == [("undeclared", "not_signed", "")]


OPEN = (A, B, B2, B3, C, T, T2, B.replace("10:01", "10:05"))
SWAPPED = C.replace("00cccc", "00bbbb")


def versions(*lines: str) -> st.SearchStrategy[Facts | None]:
    return st.none() | st.lists(st.sampled_from(lines), max_size=6).map(lambda lines: facts(*lines))


@settings(max_examples=60, deadline=None)
@given(st.lists(versions(*OPEN), min_size=1, max_size=8))
def test_any_chain_that_ends_as_it_began_is_settled(between: list[Facts | None]) -> None:
    story = Story()
    start = facts(A, B, C)
    for before, after in pairwise((start, *between, start)):
        if before != after:
            story.commit(before, after=after)
    mine = [each for each in story.ledger.changes() if each.what in ("e:00aaaa", "e:00bbbb", "e:00cccc", "")]
    assert [each for each in mine if each.verdict is not Verdict.DECLARED] == []


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.lists(versions(*OPEN, BR, SWAPPED), min_size=1, max_size=3), versions(*OPEN, BR, SWAPPED)),
        max_size=6,
    )
)
def test_any_history_is_judged(history: list[tuple[list[Facts | None], Facts | None]]) -> None:
    story = Story()
    for before, after in history:
        if any(before) or after is not None:
            story.commit(*before, after=after)
    assert all(each.made is not None for each in story.ledger.changes())


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.lists(st.integers(0, 9), min_size=1, max_size=3), st.lists(st.sampled_from(OPEN), max_size=5)),
        min_size=1,
        max_size=8,
    )
)
def test_nothing_is_gone_at_the_end_of_any_history_without_a_word(commits: list[tuple[list[int], list[str]]]) -> None:
    history: list[tuple[list[int], Facts]] = [([], facts(A, B, C))]
    for parents, lines in commits:
        history.append((sorted({number % len(history) for number in parents}), facts(*lines)))
    reached: set[int] = set()
    waiting = [len(history) - 1]
    while waiting:
        number = waiting.pop()
        reached.add(number)
        waiting += history[number][0]
    story = Story()
    for number in sorted(reached):
        before: list[Facts | None] = [history[parent][1] for parent in history[number][0]] or [None]
        if any(each != history[number][1] for each in before):
            story.commit(*before, after=history[number][1])
    last = history[-1][1].entries
    once = {id_ for number in reached for id_ in history[number][1].entries}
    if not once <= set(last):
        assert [each for each in story.ledger.changes() if each.verdict is Verdict.UNDECLARED]
