"""Reports for the tests of the formats: a rich quarter, few incidents, none, all open, a clear change, several repositories.

The figures are made of the rows here, by the rules of the metrics, but without the code that makes real ones: a format prints what it is
given. Titles, services, causes and action items are hostile where a format could stumble.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from incidentctl.stats.case import BatchCommit, Deleted, DueMove, ItemHistory, Origin, Source, UnreadableFile
from incidentctl.stats.report import (
    ActionItemFigure,
    Comparison,
    Counts,
    DataQuality,
    DurationFigure,
    DurationState,
    Excluded,
    Group,
    ImpactSum,
    IncidentRow,
    ItemOutcome,
    JudgedItem,
    Lag,
    MonthCount,
    OpenIncident,
    Period,
    ProcessFigure,
    Repeat,
    RepeatFigure,
    Report,
    Share,
    Suggestion,
    TrendPoint,
    Value,
)

NOW = datetime(2026, 7, 2, 9, 30, tzinfo=UTC)
TIP = "4f1c0a9be27d5538cf1a6e0b94d2c7738e5a1b60"
METRICS: Mapping[str, tuple[str, str, str]] = {
    "mttm": ("MTTM, time to mitigate", "detected_at", "mitigated_at"),
    "mttd": ("MTTD, time to detect", "started_at", "detected_at"),
    "mtta": ("MTTA, time to acknowledge", "detected_at", "acknowledged_at"),
    "mttr": ("MTTR, time to resolve", "detected_at", "resolved_at"),
    "user_impact": ("User impact", "started_at", "mitigated_at"),
}
HOSTILE_TITLES = (
    "<script>alert('x')</script> & \"quotes\" </title>",
    "[db] [bold red]pool[/] | **exhausted** `on` db-3 | [click](https://evil.example)",
    '=HYPERLINK("https://evil.example","click")',
    "escape \x1b[31mred\x1b[0m \u202egnirts\u202c bell \x07",
    "決済が失敗する — カード決済が全リージョンで失敗し、再試行も失敗した",
    "# heading\n- and a second line -->",
)


class Told(Struct, frozen=True):
    """One incident, told in minutes from its detection. `None` where a time is not known."""

    day: str
    slug: str
    title: str
    severity: str = "SEV2"
    started: float | None = None
    acknowledged: float | None = None
    mitigated: float | None = None
    resolved: float | None = None
    services: tuple[str, ...] = ("checkout",)
    status: str = "resolved"
    marks: tuple[str, ...] = ()
    invalid: tuple[str, ...] = ()
    suspect: tuple[str, ...] = ()
    published: float | None = None
    repository: str = ""

    @property
    def id(self) -> str:
        return f"{self.day}-{self.slug}"


QUARTER = (
    Told("2026-04-02", "card-payments-fail", HOSTILE_TITLES[4], "SEV1", 11, 3, 46, 128, ("checkout", "payments"),
         "closed", published=60 * 24 * 4),
    Told("2026-04-07", "login-slow", "Login slow in eu-west-1", "SEV2", None, 6, 72, 190, ("login",), marks=("assumed",)),
    Told("2026-04-09", "search-stale", "Search index a day old", "SEV3", None, 35, None, 1630, ("search",),
         marks=("assumed",)),
    Told("2026-04-19", "pool-exhausted", HOSTILE_TITLES[1], "SEV2", 4, 2, 31, 47, ("checkout", "db"), "closed",
         marks=("from history",), published=60 * 24 * 9),
    Told("2026-04-28", "script-in-title", HOSTILE_TITLES[0], "SEV2", None, 9, 55, 300, ("web",), marks=("estimated",)),
    Told("2026-05-03", "formula", HOSTILE_TITLES[2], "SEV3", None, 12, 88, 240, ("=cmd|' /C calc'!A0",)),
    Told("2026-05-14", "checkout-latency", "Checkout latency", "SEV1", 11, 4, 46, 128, ("checkout", "payments"),
         marks=("reopened",), published=60 * 24 * 6),
    Told("2026-05-15", "escape-sequences", HOSTILE_TITLES[3], "SEV3", None, 20, 140, 400, ("web",)),
    Told("2026-05-21", "region-failover", "Region failover took the sessions with it", "SEV2", 2, 5, 405, 1500,
         ("login", "web"), "closed", marks=("estimated", "from history")),
    Told("2026-05-29", "two-lines", HOSTILE_TITLES[5], "SEV4", None, None, 18, 18, ("batch",), marks=("assumed",)),
    Told("2026-06-03", "clock-of-the-host-was-wrong-and-so-was-all-that-it-said", "Clock of a host was wrong", "SEV2",
         None, 3, -12, 64, ("db",), marks=("imported",), invalid=("mttm",)),
    Told("2026-06-08", "import-of-orders-failed", "Import of orders failed", "SEV3", None, 41, 93, 0, ("batch",),
         suspect=("mttr",)),
    Told("2026-06-17", "pool-exhausted-again", "Pool exhausted again", "SEV1", 6, 2, 24, 70, ("checkout", "db"),
         marks=("reopened", "from history")),
    Told("2026-06-26", "mails-late", "Mails an hour late", "SEV2", None, 8, 61, None, ("mail",), "mitigated"),
    Told("2026-06-30", "certificates", "Certificate of api.example.org ran out", "SEV2", None, 1, None, None, ("api",),
         "identified", marks=("assumed",)),
)  # fmt: skip


def detected(told: Told) -> datetime:
    """When it was detected."""
    return datetime.fromisoformat(f"{told.day}T10:02:00+00:00")


def row(told: Told) -> IncidentRow:
    """Its row in the table behind the numbers."""
    start = detected(told)

    def at(minutes: float | None) -> datetime | None:
        return None if minutes is None else start + timedelta(minutes=minutes)

    durations, states = {}, {}
    for name in METRICS:
        seconds = _seconds(told, name)
        states[name] = _state(told, name)
        if states[name] is DurationState.RECORDED and seconds is not None:
            durations[name] = seconds
    declared = start + (timedelta() if "assumed" in told.marks else timedelta(minutes=3, seconds=40))
    return IncidentRow(
        id=told.id,
        title=told.title,
        severity=told.severity,
        status=told.status,
        path=f"incidents/{told.day[:4]}/{told.day[5:7]}/{told.id}.md",
        services=told.services,
        started_at=at(None if told.started is None else -told.started),
        detected_at=None if "assumed" in told.marks else start,
        declared_at=declared,
        acknowledged_at=at(told.acknowledged),
        mitigated_at=at(told.mitigated),
        resolved_at=at(told.resolved),
        postmortem_published_at=at(told.published),
        closed_at=at(told.published) if told.status == "closed" else None,
        durations=durations,
        states=states,
        marks=told.marks,
        repository=told.repository,
    )


def _seconds(told: Told, name: str) -> float | None:
    start = None if told.started is None else -told.started
    ends: dict[str, tuple[float | None, float | None]] = {
        "mttm": (0, told.mitigated),
        "mttd": (start, 0),
        "mtta": (0, told.acknowledged),
        "mttr": (0, told.resolved),
        "user_impact": (start, told.mitigated),
    }
    begin, end = ends[name]
    return None if begin is None or end is None else (end - begin) * 60


def _state(told: Told, name: str) -> DurationState:
    if name in told.invalid:
        return DurationState.INVALID
    if name in told.suspect:
        return DurationState.SUSPECT
    if name in ("mttd", "mtta") and "assumed" in told.marks:
        return DurationState.NOT_APPLICABLE
    if _seconds(told, name) is not None:
        return DurationState.RECORDED
    is_on_its_way = told.resolved is None and name in ("mttm", "mttr", "user_impact")
    reached = name in ("mttm", "user_impact") and told.mitigated is not None
    return DurationState.PENDING if is_on_its_way and not reached else DurationState.NOT_APPLICABLE


_REASONS = {
    DurationState.PENDING: "still on its way to {end}",
    DurationState.NOT_APPLICABLE: "{what} is not known",
    DurationState.INVALID: "{end} is before {start}",
    DurationState.SUSPECT: "a duration of zero",
}


def quantile(values: Sequence[float], share: float) -> float:
    """By linear interpolation between order statistics."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def figure(name: str, tolds: Sequence[Told], comparison: Comparison | None = None) -> DurationFigure:
    """The figure of one duration. The interval is no bootstrap's, only one that looks like it."""
    title, start, end = METRICS[name]
    values, excluded = [], []
    for told in tolds:
        state, seconds = _state(told, name), _seconds(told, name)
        if state is DurationState.RECORDED and seconds is not None:
            values.append(Value(told.id, seconds, "assumed" in told.marks, "estimated" in told.marks))
        else:
            missing = start if (name in ("mttd", "user_impact") and told.started is None) else end
            what = "detected_at" if name in ("mttd", "mtta") and "assumed" in told.marks else missing
            excluded.append(Excluded(told.id, state, _REASONS[state].format(start=start, end=end, what=what)))
    seconds_of = [value.seconds for value in values]
    n = len(values)
    return DurationFigure(
        name=name,
        title=title,
        start=start,
        end=end,
        n=n,
        eligible=len(tolds),
        assumed=sum(value.is_assumed for value in values),
        estimated=sum(value.is_estimated for value in values),
        median=quantile(seconds_of, 0.5) if n else None,
        p90=quantile(seconds_of, 0.9) if n >= 10 else None,
        mean=sum(seconds_of) / n if n else None,
        ci95=(quantile(seconds_of, 0.25), quantile(seconds_of, 0.75)) if n >= 9 else None,
        values=tuple(values),
        excluded=tuple(excluded),
        comparison=comparison,
    )


def item(incident: str, number: int, text: str, **rest: object) -> ItemHistory:
    """An action item in the incident's post-mortem."""
    path = f"postmortems/{incident[:4]}/{incident[5:7]}/{incident}.md"
    found = ItemHistory(
        incident=incident, id=f"a:{number:06d}", text=text, source=Source(Origin.RECORD, path, 40 + number, TIP)
    )
    return replace(found, **rest)


CARD, POOL, AGAIN, CHECKOUT = (
    "2026-04-02-card-payments-fail",
    "2026-04-19-pool-exhausted",
    "2026-06-17-pool-exhausted-again",
    "2026-05-14-checkout-latency",
)
_MOVE = DueMove(date(2026, 5, 15), date(2026, 8, 31), Source(Origin.HISTORY, "", 0, TIP))
ITEMS = (
    JudgedItem(
        item(CARD, 1, "Alert on failed card payments", due=date(2026, 4, 21), binding_due=date(2026, 4, 21),
             done_on=date(2026, 4, 19), done=Source(), owners=("ann",), type="detect"),
        ItemOutcome.IN_TIME, "done 2026-04-19, due 2026-04-21",
    ),
    JudgedItem(
        item(CARD, 2, "Second provider for cards", due=date(2026, 6, 30), binding_due=date(2026, 6, 30),
             done_on=date(2026, 6, 12), done=Source(Origin.HISTORY, "", 0, TIP), owners=("bob",), type="prevent"),
        ItemOutcome.IN_TIME, "done 2026-06-12, due 2026-06-30; ticked in 4f1c0a9be27d",
    ),
    JudgedItem(
        item(POOL, 3, "Pool size from the load, not by <b>hand</b> | [docs](javascript:alert(1))", due=date(2026, 8, 31),
             binding_due=date(2026, 5, 15), moves=(_MOVE,), owners=("bob",), type="prevent"),
        ItemOutcome.OVERDUE, "open, due 2026-05-15; moved to 2026-08-31 after the post-mortem was published",
    ),
    JudgedItem(
        item(POOL, 4, "=1+1 runbook for a full pool", due=date(2026, 5, 20), binding_due=date(2026, 5, 20),
             done_on=date(2026, 6, 2), done=Source(), owners=("ann", "eve")),
        ItemOutcome.LATE, "done 2026-06-02, due 2026-05-20",
    ),
    JudgedItem(
        item(CHECKOUT, 5, "Canary stage for the config pipeline", due=date(2026, 6, 1), binding_due=date(2026, 6, 1),
             dropped_on=date(2026, 6, 11), dropped=Source(), drop_reason="covered by #430"),
        ItemOutcome.DROPPED_AFTER, "dropped 2026-06-11, after the post-mortem was published: covered by #430",
    ),
    JudgedItem(
        item(CHECKOUT, 6, "Second region", dropped_on=date(2026, 5, 18), dropped=Source(), was_dropped_before=True),
        ItemOutcome.DROPPED_BEFORE, "dropped 2026-05-18, before the post-mortem was published",
    ),
    JudgedItem(
        item(CHECKOUT, 7, "Load test each quarter", due=date(2026, 9, 1), binding_due=date(2026, 9, 1)),
        ItemOutcome.NOT_YET_DUE, "open, due 2026-09-01",
    ),
    JudgedItem(item(AGAIN, 8, "Talk to the vendor"), ItemOutcome.UNDATED, "no due date"),
)  # fmt: skip


def action_items(items: Sequence[JudgedItem] = ITEMS, *, rate_before: float | None = None) -> ActionItemFigure:
    """The completion rate over the items."""
    n = {outcome: sum(each.outcome is outcome for each in items) for outcome in ItemOutcome}
    missed = (ItemOutcome.LATE, ItemOutcome.OVERDUE, ItemOutcome.DROPPED_AFTER)
    due = n[ItemOutcome.IN_TIME] + sum(n[each] for each in missed)
    return ActionItemFigure(
        rate=n[ItemOutcome.IN_TIME] / due if due else None,
        in_time=n[ItemOutcome.IN_TIME],
        due=due,
        late=n[ItemOutcome.LATE],
        overdue=n[ItemOutcome.OVERDUE],
        dropped_after=n[ItemOutcome.DROPPED_AFTER],
        dropped_before=n[ItemOutcome.DROPPED_BEFORE],
        not_yet_due=n[ItemOutcome.NOT_YET_DUE],
        undated=n[ItemOutcome.UNDATED],
        moved=sum(bool(each.item.moves) for each in items),
        items=tuple(items),
        rate_before=rate_before,
    )


def counts(tolds: Sequence[Told], months: Iterable[str], **rest: object) -> Counts:
    """How many there are."""
    levels = ("SEV1", "SEV2", "SEV3", "SEV4")
    found = Counts(
        total=len(tolds),
        severe=sum(told.severity in levels[:2] for told in tolds),
        by_severity={level: sum(told.severity == level for told in tolds) for level in levels},
        months=tuple(
            MonthCount(
                month,
                {level: sum(t.severity == level and t.day.startswith(month) for t in tolds) for level in levels},
            )
            for month in months
        ),
        open=tuple(
            OpenIncident(told.id, told.severity, (NOW - detected(told)).total_seconds())
            for told in tolds
            if told.status not in ("resolved", "closed")
        ),
        reopened=sum("reopened" in told.marks for told in tolds),
        reopenings=2 * sum("reopened" in told.marks for told in tolds),
    )
    return replace(found, **rest)


PROCESS = ProcessFigure(
    to_commander=260.0,
    to_commander_n=9,
    without_commander=("2026-06-26-mails-late", "2026-06-30-certificates"),
    updates=58,
    unchanged_updates=7,
    intervals=Share(41, 49, ("2026-05-21-region-failover", "2026-04-19-pool-exhausted")),
    longest_silence=8040.0,
    longest_silence_id="2026-05-21-region-failover",
    to_status_page=780.0,
    status_page=Share(2, 3, (AGAIN,)),
    response=Share(11, 12, ("2026-04-09-search-stale",)),
    postmortem_days=5.5,
    postmortem_n=3,
    postmortem=Share(2, 4, ("2026-05-21-region-failover", POOL)),
    postmortem_missing=("2026-05-21-region-failover",),
)
NO_PROCESS = ProcessFigure(
    to_commander=None, to_commander_n=0, without_commander=(), updates=0, unchanged_updates=0, intervals=Share(0, 0),
    longest_silence=None, longest_silence_id=None, to_status_page=None, status_page=Share(0, 0), response=Share(0, 0),
    postmortem_days=None, postmortem_n=0, postmortem=Share(0, 0),
)  # fmt: skip
QUALITY = DataQuality(
    recording=Lag(74, 48.0, 1860.0, {"imported": 4, "batch": 2, "squashed": 1}),
    tip=TIP,
    commits=412,
    walked=530,
    from_history=3,
    assumed_detection=4,
    estimated=2,
    imported=1,
    unreadable=(
        UnreadableFile("incidents/2026/04/2026-04-30-broken.md", 3, "the front matter is not closed [bold]<b>"),
    ),
    deleted=(Deleted("2026-05-05-deleted", "9a3e51d2c0b8f7766554433221100ffeeddccbba"),),
    batches=(BatchCommit("1b2c3d4e5f60718293a4b5c6d7e8f90123456789", NOW - timedelta(days=40), 120),),
    squashed=1,
    skewed=2,
    uncommitted=("incidents/2026/06/2026-06-30-certificates.md",),
    unpublished=("2026-06-26-mails-late",),
    contradictions=("2026-06-08-import-of-orders-failed: resolved_at",),
)
CLEAN = DataQuality(
    recording=Lag(0, None, None),
    tip=TIP,
    commits=0,
    walked=1,
    from_history=0,
    assumed_detection=0,
    estimated=0,
    imported=0,
)
REPEATS = RepeatFigure(
    repeats=(
        Repeat(AGAIN, POOL, "connection_pool", (ITEMS[2].item, ITEMS[3].item)),
        Repeat(CHECKOUT, CARD, ""),
    ),
    with_cause=5,
    without_cause=10,
    suggestions=(Suggestion("2026-05-15-escape-sequences", "2026-04-28-script-in-title", ("<b>web</b>", "cdn"), 0.61),),
    unresolved={"2026-05-03-formula": "repeat_of names <i>checkout</i>, and there is no such incident"},
)
IMPACT = (
    ImpactSum("affected_users", 184_300, 6, 15, "", ("2026-04-09-search-stale",)),
    ImpactSum("revenue_impact", 12_450.5, 2, 15, "EUR"),
    ImpactSum("error_budget", None, 0, 15, ""),
)
TRENDS: Mapping[str, tuple[TrendPoint, ...]] = {
    "mttm": (
        TrendPoint("2025-Q1", 0, None, None),
        TrendPoint("2025-Q2", 6, 5520, None),
        TrendPoint("2025-Q3", 14, 4980, (3100, 7200)),
        TrendPoint("2025-Q4", 21, 4440, (3000, 6900)),
        TrendPoint("2026-Q1", 26, 4020, (2880, 5460)),
        TrendPoint("2026-Q2", 31, 3780, (2760, 4980)),
    ),
    "mttr": (TrendPoint("2026-Q1", 25, 9200, (7000, 11000)), TrendPoint("2026-Q2", 30, 9540, (7100, 11500))),
}
_Q2 = Period(
    datetime(2026, 3, 31, 22, tzinfo=UTC),
    datetime(2026, 6, 30, 22, tzinfo=UTC),
    "2026-Q2, 2026-04-01 to 2026-06-30",
    "Europe/Berlin",
)
_Q1 = Period(
    datetime(2025, 12, 31, 23, tzinfo=UTC),
    datetime(2026, 3, 31, 22, tzinfo=UTC),
    "2026-Q1, 2026-01-01 to 2026-03-31",
    "Europe/Berlin",
)
Q2_MONTHS = ("2026-04", "2026-05", "2026-06")


def report(tolds: Sequence[Told], *, comparisons: Mapping[str, Comparison] | None = None, **rest: object) -> Report:
    """A report over these incidents; what is not given is as plain as it can be."""
    compared = comparisons or {}
    found = Report(
        period=_Q2,
        now=NOW,
        compared_with=_Q1 if compared else None,
        severity_at="peak",
        occurrence="last",
        window="declared",
        filters=(),
        rows=tuple(row(told) for told in tolds),
        severe_ids=tuple(told.id for told in tolds if told.severity in ("SEV1", "SEV2")),
        durations=tuple(figure(name, tolds, compared.get(name)) for name in METRICS),
        trends={},
        counts=counts(tolds, Q2_MONTHS),
        action_items=action_items(()),
        repeats=RepeatFigure((), 0, len(tolds)),
        process=NO_PROCESS,
        impact=(),
        quality=CLEAN,
    )
    return replace(found, **rest)


def _group(name: str, tolds: Sequence[Told]) -> Group:
    return Group(name, len(tolds), tuple(figure(metric, tolds) for metric in METRICS))


def quarter() -> Report:
    """All there is: every state and mark, hostile words, a comparison that shows nothing, groups, trends, a poor record."""
    services = sorted({service for told in QUARTER for service in told.services})
    return report(
        QUARTER,
        comparisons={
            "mttm": Comparison(9, 4200.0, -420.0, (-3000.0, 2400.0), False, 2700.0),
            "mttd": Comparison(3, 600.0, -240.0, None, False),
            "mtta": Comparison(7, 420.0, 0.0, None, False),
            "mttr": Comparison(9, 9000.0, 240.0, (-6000.0, 9000.0), False, 7500.0),
            "user_impact": Comparison(0, None, None, None, False),
        },
        trends=TRENDS,
        counts=counts(
            QUARTER, Q2_MONTHS, downgraded=2, upgraded=3, cancelled={"false_alarm": 2, "not_an_incident": 1},
            duplicates=1, drills=2, severe_before=9, total_before=11,
        ),
        action_items=action_items(rate_before=0.5),
        repeats=REPEATS,
        process=PROCESS,
        impact=IMPACT,
        quality=QUALITY,
        group_by="service",
        groups=tuple(_group(name, [t for t in QUARTER if name in t.services]) for name in services),
    )  # fmt: skip


def few() -> Report:
    """Seven incidents, all of them whole: the values themselves, and no interval."""
    tolds = [told for told in QUARTER if told.mitigated is not None and told.mitigated > 0 and told.resolved][:7]
    return report(
        [replace(told, marks=(), started=told.started or 5) for told in tolds],
        filters=("service checkout", "measured only", "with drills"),
    )


def nothing() -> Report:
    """A period without incidents."""
    return report(
        (),
        counts=counts((), Q2_MONTHS),
        repeats=RepeatFigure((), 0, 0),
        compared_with=_Q1,
        durations=tuple(figure(name, (), Comparison(9, 4200.0, None, None, False)) for name in METRICS),
    )


def never_any() -> Report:
    """A repository without any incident, over all of history."""
    return report(
        (),
        period=Period(None, None, "all history", "UTC"),
        counts=counts((), ()),
        repeats=RepeatFigure((), 0, 0),
        quality=replace(CLEAN, tip=None, walked=0),
    )


def one_open() -> Report:
    """A single incident, still open: no duration is known."""
    return report(QUARTER[-1:])


def clear_change() -> Report:
    """Two periods that can be told apart: twelve incidents against eleven, in both directions."""
    tolds = [
        Told(f"2026-05-{day:02d}", f"incident-{day}", f"Incident {day}", "SEV2", 2, 3, 20 + day, 90 + 9 * day)
        for day in range(1, 13)
    ]
    return report(
        tolds,
        comparisons={
            "mttm": Comparison(11, 5400.0, -3810.0, (-4900.0, -2400.0), True, 1250.0),
            "mttr": Comparison(11, 3600.0, 5310.0, (3000.0, 7000.0), True, 2000.0),
            "mtta": Comparison(11, 180.0, 0.0, (-30.0, 40.0), False, 35.0),
        },
    )


def several_repositories() -> Report:
    """Two repositories in one report."""
    tolds = [replace(told, repository=("shop", "platform")[at % 2]) for at, told in enumerate(QUARTER[:6])]
    return report(tolds, repositories=("shop", "platform"))


ALL = {
    "quarter": quarter,
    "few": few,
    "nothing": nothing,
    "never_any": never_any,
    "one_open": one_open,
    "clear_change": clear_change,
    "several_repositories": several_repositories,
}
"""Every sample by its name, for tests that hold for all reports."""
