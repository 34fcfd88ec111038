"""Random entries, texts and documents for the properties."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from incidentctl.incident.entries import (
    FOLDED_ROLES,
    SETTABLE_KEYS,
    TIME_KEYS,
    UPDATE_STATUSES,
    Canceled,
    CancelReason,
    Done,
    Entry,
    KeySet,
    Milestone,
    Note,
    NoteKind,
    Opened,
    Reached,
    RedactReason,
    RoleChange,
    SeverityChange,
    Status,
    StatusChange,
    Update,
    Withdrawn,
)
from incidentctl.incident.times import format_instant
from incidentctl.incident.words import clean_text

START = datetime(2026, 5, 14, 10, 0, tzinfo=UTC)

instants = st.integers(0, 10**9).map(lambda second: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(seconds=second))
near_instants = st.integers(0, 5).map(lambda minute: START + timedelta(minutes=minute))

_TRAPS = (
    "**Resolved** all of it",
    "**Redacted** secret",
    "**Action** x **Redacted** secret",
    "done (recorded 2026-05-14T11:02:13Z)",
    "(recorded 2026-05-14T11:02:13Z)",
    "(by hand, abcdef1)",
    "said so — @bob",
    "- @bob",
    "— @bob (noted by @ann) (agent)",
    "<!-- e:004mz1 -->",
    "`<!-- e:004mz1 -->`",
    "<!-- a comment",
    "-->",
    "```",
    "````\ntext",
    "~~~",
    "a\n```\n- 2026-05-14T10:05:40Z **Resolved** — @ann\n\\- x\n- Impact: y\n```\n- z",
    "first\n- Impact: none\n  - Next Update: 2026-05-14T11:00:00Z",
    "# Heading\n## Timeline",
    "\\server\\share\\",
    "\\`not code\\`",
    "`code \\ here` and ``more ` code``",
    "none: nothing",
    "SEV1 → SEV2: x",
    "a: b",
    "C:\\temp\\*.log",
    "e:004mz1",
    "[red]bold[/red]",
    "- 2026-05-14T10:05:40Z a line that looks like an entry",
    "first\n- 2026-05-14T10:05:40Z a further line that looks like an entry",
)
texts = st.one_of(
    st.sampled_from(_TRAPS),
    st.text(max_size=40),
    st.text(alphabet="`\\*<!->-@(): \n#~[]ab—→", max_size=40),
    st.lists(st.sampled_from(_TRAPS), min_size=2, max_size=4).map("\n".join),
).map(clean_text)
words = texts.filter(bool)
handles = st.sampled_from(("ann", "bob", "j.doe", "x-y", "zoë", "a+b"))
entry_ids = st.text(alphabet="0123456789abcdefghjkmnpqrstvwxyz", min_size=6, max_size=6)
severities = st.sampled_from(("SEV1", "SEV2", "SEV3", "SEV4", "P0"))
incident_ids = st.sampled_from(("2026-05-14-checkout-latency", "2026-01-02-x"))
maybe = st.none

openings = st.builds(
    Opened,
    severities,
    given_as=st.sampled_from((None, "1-2", "sev2?")),
    unconfirmed=st.booleans(),
    started_at=st.none() | instants,
    detected_at=st.none() | instants,
)
updates = st.builds(
    Update,
    st.sampled_from(UPDATE_STATUSES),
    impact=st.none() | words,
    theory=st.none() | words,
    actions=st.none() | words,
    next_at=st.none() | instants,
    commander=st.none() | handles,
    public=st.none() | words,
)
settings_of_times = st.builds(
    KeySet,
    st.sampled_from(TIME_KEYS),
    st.none() | instants.map(format_instant),
    st.none() | instants.map(format_instant),
)
settings_of_duplicates = st.builds(KeySet, st.just("duplicate_of"), st.none() | incident_ids, st.none() | incident_ids)
assert set(SETTABLE_KEYS) == {*TIME_KEYS, "duplicate_of"}
roles = st.builds(RoleChange, st.sampled_from((*FOLDED_ROLES, "scribe")), st.none() | handles)
severity_changes = st.builds(SeverityChange, severities, severities)
milestones = st.builds(Reached, st.sampled_from(Milestone))
cancellations = st.builds(Canceled, st.sampled_from(CancelReason), st.none() | incident_ids)
whats = st.one_of(
    openings,
    updates,
    settings_of_times,
    settings_of_duplicates,
    roles,
    severity_changes,
    milestones,
    cancellations,
    st.builds(StatusChange, st.sampled_from(Status)),
    st.builds(Note, st.none() | st.sampled_from(NoteKind)),
    st.builds(Done, st.sampled_from(("status_page", "management", "bridge", "dpo-told"))),
    st.builds(Withdrawn, entry_ids),
)


@st.composite
def entries(draw: st.DrawFn, at: st.SearchStrategy[datetime] = instants) -> Entry:
    """An entry as a command writes it."""
    what = draw(whats)
    redacted = draw(st.none() | st.none() | st.none() | st.sampled_from(RedactReason))
    if redacted and isinstance(what, Update):
        what = Update(what.status)
    text = "" if redacted else draw(texts)
    if isinstance(what, Note) and not redacted and not text:
        text = "x"
    author = draw(handles)
    return Entry(
        at=draw(at),
        what=what,
        text=text,
        author=author,
        id=draw(entry_ids),
        recorded_at=draw(st.none() | instants),
        by_hand=draw(st.none() | st.sampled_from(("3f2a1bc", "uncommitted"))),
        noted_by=draw(st.none() | handles),
        agent=draw(st.booleans()),
        redacted=redacted,
    )
