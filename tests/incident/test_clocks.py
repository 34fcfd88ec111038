"""What is due, by when and what stopped it, at a time that is handed in."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.incident.calendar import Calendar
from incidentctl.incident.clocks import (
    STANDING,
    Clock,
    ClockPolicy,
    ClockRule,
    ClockState,
    DoneBy,
    PostmortemState,
    clocks_of,
    running,
    standing_rule,
)
from incidentctl.incident.entries import (
    Canceled,
    CancelReason,
    Done,
    Entry,
    KeySet,
    Milestone,
    Opened,
    Reached,
    RoleChange,
    SeverityChange,
    Status,
    Update,
    What,
    Withdrawn,
)
from incidentctl.incident.lifecycle import fold
from incidentctl.incident.model import Incident
from incidentctl.incident.policy import DEFAULT_SCALE, CommanderRule, ResponseHours, Scale, Severity
from incidentctl.incident.times import format_instant
from tests.strategies import START, instants
from tests.strategies import entries as any_entries

NAME = "2026-05-14-checkout-latency"
POLICY = ClockPolicy()
AUTHORITY = ClockRule("authority", timedelta(hours=72), tags=("personal_data",), since="detected_at")


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def on(minute: float, what: What, *, agent: bool = False, recorded: float | None = None) -> Entry:
    number = f"{int(minute) % 100:02d}{abs(hash(repr(what))) % 10000:04d}"
    return Entry(
        at(minute), what, author="ann", id=number, agent=agent, recorded_at=None if recorded is None else at(recorded)
    )


def incident(*entries: Entry, **keys: object) -> Incident:
    plain = {key: value for key, value in keys.items() if value is not None}
    return Incident(NAME, "Checkout latency", entries, fold(entries), plain)  # type: ignore[arg-type]


def minutes(moment: datetime | None) -> int | None:
    return None if moment is None else (moment - START) // timedelta(minutes=1)


def clocks(
    *entries: Entry,
    now: float = 10,
    policy: ClockPolicy = POLICY,
    postmortem: PostmortemState | None = None,
    **keys: object,
) -> dict[str, Clock]:
    found = clocks_of(incident(*entries, **keys), policy, at(now), postmortem=postmortem)
    assert len({clock.name for clock in found}) == len(found)
    return {clock.name: clock for clock in found}


def told(found: dict[str, Clock], *names: str) -> dict[str, tuple[str, int | None]]:
    """State and due time of each."""
    return {
        name: (each.state.value, minutes(each.due_at)) for name, each in found.items() if name in names or not names
    }


SEV1, SEV2, SEV3, SEV4 = (on(0, Opened(f"SEV{number}", detected_at=at(-2))) for number in (1, 2, 3, 4))
COMMANDER = on(1, RoleChange("commander", "ann"))


class TestStandingClocks:
    def test_a_sev1_begins_with_all_of_them(self) -> None:
        assert told(clocks(SEV1)) == {
            "commander": ("overdue", 0),
            "status_page": ("running", 15),
            "management": ("running", 15),
            "bridge": ("running", 15),
            "update": ("running", 30),
            "response": ("met", 13),
        }

    def test_a_sev2_has_fewer_and_a_sev3_a_response_alone(self) -> None:
        assert told(clocks(SEV2)) == {"update": ("running", 60), "response": ("met", 28)}
        assert list(clocks(SEV3)) == ["response"]

    def test_a_ticket_has_none_nor_has_what_was_canceled(self) -> None:
        assert clocks(SEV4) == {}
        assert clocks(SEV4, policy=POLICY._replace(own=(AUTHORITY,)), tags=("personal_data",)) == {}
        assert clocks(SEV1, on(5, Canceled(CancelReason.FALSE_ALARM))) == {}

    def test_a_drill_has_those_of_the_real_thing(self) -> None:
        assert told(clocks(SEV1, drill="true")) == told(clocks(SEV1))

    def test_none_is_missed_where_the_severity_is_on_no_scale(self) -> None:
        assert clocks(on(0, Opened("P0"))) == {}

    def test_each_names_what_stops_it(self) -> None:
        found = clocks(SEV1)
        assert found["commander"].command == "ictl assign ic me"
        assert found["status_page"].command == "ictl note --done status_page LINK"
        assert found["update"].command == "ictl update"
        assert found["update"].words == "update" and found["status_page"].words == "status page"

    def test_the_most_pressing_comes_first_and_what_is_met_last(self) -> None:
        assert [each.name for each in clocks_of(incident(SEV1), POLICY, at(10))] == [
            *("commander", "management", "status_page", "update", "bridge", "response")
        ]

    def test_a_team_s_scale_says_how_long(self) -> None:
        scale = Scale((Severity("P0", response=timedelta(minutes=5), status_page=timedelta(minutes=7)),))
        found = clocks(on(0, Opened("P0")), policy=ClockPolicy(scale))
        assert told(found) == {"status_page": ("overdue", 7), "response": ("met", 5)}

    def test_all_rules_of_the_standing_scale(self) -> None:
        found = [standing_rule(name, level) for name in STANDING for level in DEFAULT_SCALE]
        rules = {(rule.name, rule.severities[0]): rule.within for rule in found if rule is not None}
        assert rules == {
            ("response", "SEV1"): timedelta(minutes=15),
            ("response", "SEV2"): timedelta(minutes=30),
            ("response", "SEV3"): timedelta(hours=4),
            ("status_page", "SEV1"): timedelta(minutes=15),
            ("management", "SEV1"): timedelta(minutes=15),
            ("commander", "SEV1"): timedelta(0),
            ("bridge", "SEV1"): timedelta(minutes=15),
            ("postmortem", "SEV1"): 5,
            ("postmortem", "SEV2"): 5,
        }


class TestResponse:
    def test_it_runs_from_the_detection_until_a_human_takes_it(self) -> None:
        opened = on(0, Opened("SEV1", detected_at=at(-2)), agent=True)
        assert told(clocks(opened), "response") == {"response": ("running", 13)}
        assert told(clocks(opened, now=14), "response") == {"response": ("overdue", 13)}
        late = clocks(opened, on(20, Reached(Milestone.ACKNOWLEDGED)), now=30)["response"]
        assert (late.state, minutes(late.met_at)) == (ClockState.MET_LATE, 20)

    def test_without_a_detection_it_runs_from_the_declaration(self) -> None:
        assert told(clocks(on(0, Opened("SEV1"), agent=True)), "response") == {"response": ("running", 15)}

    def test_one_in_business_hours_waits_for_the_morning(self) -> None:
        evening = datetime(2026, 5, 14, 16, 0, tzinfo=UTC)
        entry = Entry(evening, Opened("SEV3"), agent=True, id="000001", author="bot")
        found = clocks_of(incident(entry), POLICY, evening)
        assert [each.due_at for each in found] == [datetime(2026, 5, 15, 12, 0, tzinfo=UTC)]

    def test_a_raised_severity_brings_it_forward_until_it_is_taken(self) -> None:
        opened = on(0, Opened("SEV2"), agent=True)
        assert told(clocks(opened, on(5, SeverityChange("SEV2", "SEV1"))), "response") == {"response": ("running", 20)}
        taken = (on(4, Reached(Milestone.ACKNOWLEDGED)), on(5, SeverityChange("SEV2", "SEV1")))
        assert told(clocks(opened, *taken), "response") == {"response": ("met", 30)}


class TestUpdates:
    def test_the_next_one_is_due_when_it_was_promised(self) -> None:
        update = on(10, Update(Status.IDENTIFIED, next_at=at(25)))
        assert told(clocks(SEV1, update, now=20), "update") == {"update": ("running", 25)}
        assert told(clocks(SEV1, update, now=26), "update") == {"update": ("overdue", 25)}

    def test_a_raised_severity_brings_it_forward_and_a_lowered_one_gives_more_time(self) -> None:
        assert told(clocks(SEV2, on(10, SeverityChange("SEV2", "SEV1"))), "update") == {"update": ("running", 40)}
        assert told(clocks(SEV1, on(10, SeverityChange("SEV1", "SEV2"))), "update") == {"update": ("running", 60)}
        assert "update" not in clocks(SEV1, on(10, SeverityChange("SEV1", "SEV3")))

    def test_one_is_due_when_it_is_mitigated_and_none_when_it_is_over(self) -> None:
        mitigated = on(20, Reached(Milestone.MITIGATED))
        assert told(clocks(SEV1, mitigated, now=31), "update") == {"update": ("overdue", 30)}
        assert "update" not in clocks(SEV1, mitigated, on(25, Reached(Milestone.RESOLVED)), now=31)

    def test_it_begins_anew_when_it_is_reopened(self) -> None:
        again = (on(25, Reached(Milestone.RESOLVED)), on(500, Reached(Milestone.REOPENED)))
        assert told(clocks(SEV1, *again, now=501), "update") == {"update": ("running", 530)}


class TestStatusPage:
    def test_a_word_for_the_public_stops_it(self) -> None:
        done, public = on(9, Done("status_page")), on(9, Update(Status.INVESTIGATING, public="we know"))
        for entry in (done, public):
            assert clocks(SEV1, entry)["status_page"].state is ClockState.MET
        assert clocks(SEV1, on(9, Update(Status.INVESTIGATING)))["status_page"].state is ClockState.RUNNING
        assert clocks(SEV1, on(16, Done("status_page")), now=20)["status_page"].state is ClockState.MET_LATE

    def test_a_withdrawn_word_stops_nothing(self) -> None:
        done = on(9, Done("status_page"))
        assert clocks(SEV1, done, on(11, Withdrawn(done.id)), now=12)["status_page"].state is ClockState.RUNNING

    def test_it_runs_from_when_the_severity_was_raised(self) -> None:
        assert "status_page" not in clocks(SEV2)
        assert told(clocks(SEV2, on(40, SeverityChange("SEV2", "SEV1")), now=41), "status_page") == {
            "status_page": ("running", 55)
        }

    def test_a_lowered_severity_ends_it_unless_it_was_overdue(self) -> None:
        assert "status_page" not in clocks(SEV1, on(14, SeverityChange("SEV1", "SEV2")))
        assert told(clocks(SEV1, on(16, SeverityChange("SEV1", "SEV2")), now=20), "status_page") == {
            "status_page": ("overdue", 15)
        }

    def test_what_was_over_before_it_was_due_needs_none(self) -> None:
        assert clocks(SEV1, on(14, Reached(Milestone.RESOLVED)), now=99)["status_page"].state is ClockState.NOT_ASKED
        assert clocks(SEV1, on(16, Reached(Milestone.RESOLVED)), now=99)["status_page"].state is ClockState.MISSED

    def test_the_public_words_of_an_earlier_episode_stand_and_its_clock_does_not_run_on(self) -> None:
        again = (on(25, Reached(Milestone.RESOLVED)), on(500, Reached(Milestone.REOPENED)))
        assert told(clocks(SEV1, *again, now=501), "status_page") == {"status_page": ("running", 515)}
        assert clocks(SEV1, on(9, Done("status_page")), *again, now=501)["status_page"].state is ClockState.MET


class TestCommander:
    def test_one_is_due_from_the_first_second_until_the_seat_is_taken(self) -> None:
        assert told(clocks(SEV1, now=0), "commander") == {"commander": ("overdue", 0)}
        assert told(clocks(SEV1, COMMANDER), "commander") == {"commander": ("met", 0)}

    def test_one_is_due_again_when_the_role_was_laid_down(self) -> None:
        assert told(clocks(SEV1, COMMANDER, on(7, RoleChange("commander", None))), "commander") == {
            "commander": ("overdue", 7)
        }

    def test_for_a_sev2_it_is_a_hint_and_no_clock(self) -> None:
        assert "commander" not in clocks(SEV2)
        required = Scale(tuple(each._replace(commander=CommanderRule.REQUIRED) for each in DEFAULT_SCALE))
        assert "commander" in clocks(SEV2, policy=ClockPolicy(required))


class TestBridge:
    def test_a_standing_one_or_its_own_is_enough(self) -> None:
        assert clocks(SEV1, policy=POLICY._replace(bridge_url="https://meet"))["bridge"].state is ClockState.MET
        assert clocks(SEV1, bridge="https://meet")["bridge"].state is ClockState.MET
        assert clocks(SEV1, on(3, Done("bridge")))["bridge"].state is ClockState.MET


class TestPostmortem:
    RESOLVED = (SEV1, on(60, Reached(Milestone.RESOLVED)))

    def test_it_is_due_on_a_business_day_and_overdue_when_that_day_is_over(self) -> None:
        clock = clocks(*self.RESOLVED, now=100)["postmortem"]
        assert (clock.state, clock.due_on, clock.command) == (
            ClockState.RUNNING,
            date(2026, 5, 21),
            "ictl postmortem new",
        )
        last = datetime(2026, 5, 21, 23, 59, 59, tzinfo=UTC)
        for moment, state in ((last, ClockState.RUNNING), (last + timedelta(seconds=1), ClockState.OVERDUE)):
            found = clocks_of(incident(*self.RESOLVED), POLICY, moment)
            assert [each.state for each in found if each.name == "postmortem"] == [state]

    def test_the_day_ends_in_the_calendar_s_zone(self) -> None:
        policy = POLICY._replace(calendar=Calendar(zone="America/New_York"))
        clock = clocks(*self.RESOLVED, policy=policy)["postmortem"]
        assert clock.due_at == datetime(2026, 5, 22, 3, 59, 59, tzinfo=UTC)

    def test_publishing_stops_it(self) -> None:
        draft = clocks(*self.RESOLVED, postmortem=PostmortemState(is_begun=True))["postmortem"]
        assert (draft.state, draft.command) == (ClockState.RUNNING, "ictl postmortem publish")
        final = PostmortemState(is_begun=True, is_final=True, published_at=at(3000))
        assert clocks(*self.RESOLVED, postmortem=final)["postmortem"].state is ClockState.MET
        undated = PostmortemState(is_begun=True, is_final=True)
        assert clocks(*self.RESOLVED, postmortem=undated)["postmortem"].state is ClockState.MET

    def test_none_is_asked_of_a_drill_nor_while_it_goes_on(self) -> None:
        assert "postmortem" not in clocks(*self.RESOLVED, drill="yes")
        assert "postmortem" not in clocks(SEV1)
        assert "postmortem" not in clocks(*self.RESOLVED, on(70, Reached(Milestone.REOPENED)))
        assert "postmortem" not in clocks(*self.RESOLVED, on(9000, Reached(Milestone.CLOSED)), now=9001)


class TestOwnClocks:
    def own(self, rule: ClockRule, *entries: Entry, now: float = 10, **keys: object) -> Clock | None:
        found = clocks_of(incident(*entries, **keys), POLICY._replace(own=(rule,)), at(now))
        return next((clock for clock in found if clock.name == rule.name), None)

    def test_one_runs_from_the_detection_where_the_tag_is_there(self) -> None:
        assert self.own(AUTHORITY, SEV3) is None
        clock = self.own(AUTHORITY, SEV3, tags=("Personal_Data",))
        assert clock is not None
        assert (minutes(clock.due_at), clock.state, clock.command) == (
            72 * 60 - 2,
            ClockState.RUNNING,
            "ictl note --done authority",
        )

    def test_a_duty_towards_others_does_not_end_with_the_incident(self) -> None:
        over = (SEV1, on(60, Reached(Milestone.RESOLVED)), on(90, Reached(Milestone.CLOSED)))
        clock = self.own(AUTHORITY, *over, now=73 * 60, tags="personal_data")
        assert clock is not None and clock.state is ClockState.OVERDUE
        clock = self.own(AUTHORITY, *over, on(100, Done("authority")), now=73 * 60, tags="personal_data")
        assert clock is not None and clock.state is ClockState.MET

    def test_one_that_steers_the_incident_does(self) -> None:
        rule = ClockRule("second", timedelta(minutes=10), done_by=DoneBy.COMMANDER)
        clock = self.own(rule, SEV2, on(5, Reached(Milestone.RESOLVED)), now=60)
        assert clock is not None and clock.state is ClockState.NOT_ASKED

    def test_one_of_a_severity_runs_while_it_is_of_that(self) -> None:
        rule = ClockRule("legal", timedelta(hours=1), severities=("SEV1",))
        assert self.own(rule, SEV2) is None
        raised = self.own(rule, SEV2, on(30, SeverityChange("SEV2", "SEV1")), now=40)
        assert raised is not None and minutes(raised.due_at) == 90
        assert self.own(rule, SEV1, on(30, SeverityChange("SEV1", "SEV2")), now=40) is None

    def test_two_rules_of_a_name_are_one_clock(self) -> None:
        rules = (
            ClockRule("legal", timedelta(hours=1), severities=("SEV1",)),
            ClockRule("legal", timedelta(hours=4)),
        )
        found = clocks(SEV2, policy=POLICY._replace(own=rules))
        assert minutes(found["legal"].due_at) == 240

    @pytest.mark.parametrize(
        ("done_by", "entry"),
        [
            (DoneBy.MITIGATED, on(8, Reached(Milestone.MITIGATED))),
            (DoneBy.MITIGATED, on(8, Reached(Milestone.RESOLVED))),
            (DoneBy.RESOLVED, on(8, Reached(Milestone.RESOLVED))),
            (DoneBy.UPDATE, on(8, Update(Status.IDENTIFIED))),
            (DoneBy.PUBLIC, on(8, Update(Status.IDENTIFIED, public="we know"))),
            (DoneBy.COMMANDER, on(8, RoleChange("commander", "bob"))),
            (DoneBy.NOTE, on(8, Done("own"))),
            (DoneBy.MITIGATED, on(8, Done("own"))),
        ],
    )
    def test_it_is_stopped_by_what_the_rule_says(self, done_by: DoneBy, entry: Entry) -> None:
        rule = ClockRule("own", timedelta(minutes=9), done_by=done_by)
        before, after = self.own(rule, SEV2), self.own(rule, SEV2, entry)
        assert before is not None and before.state is ClockState.OVERDUE
        assert after is not None and (after.state, minutes(after.met_at)) == (ClockState.MET, 8)

    def test_one_from_a_time_that_is_not_known_yet_does_not_run(self) -> None:
        rule = ClockRule("verify", timedelta(hours=1), since="mitigated_at")
        assert self.own(rule, SEV2) is None
        clock = self.own(rule, SEV2, on(20, Reached(Milestone.MITIGATED)))
        assert clock is not None and minutes(clock.due_at) == 80

    def test_a_corrected_time_moves_it(self) -> None:
        moved = on(5, KeySet("detected_at", None, format_instant(at(-60))))
        clock = self.own(AUTHORITY, SEV3, moved, tags="personal_data")
        assert clock is not None and minutes(clock.due_at) == 72 * 60 - 60

    def test_hours_of_business_and_days(self) -> None:
        hours = ClockRule("own", timedelta(hours=9), hours=ResponseHours.BUSINESS)
        days = ClockRule("own", 2)
        in_hours, in_days = self.own(hours, SEV2), self.own(days, SEV2)
        assert in_hours is not None and in_hours.due_at.date() == date(2026, 5, 15)
        assert in_days is not None and in_days.due_on == date(2026, 5, 18)

    def test_one_that_never_ends_is_none(self) -> None:
        assert self.own(ClockRule("own", timedelta(days=36525 * 100)), SEV2) is None
        never = POLICY._replace(calendar=Calendar(days=frozenset()), own=(ClockRule("own", 5),))
        assert "own" not in clocks(SEV2, policy=never)


def test_what_was_late_when_it_was_recorded_is_marked_so() -> None:
    late = on(0, Opened("SEV1"), recorded=40)
    found = clocks(late, now=41)
    assert {name for name, each in found.items() if each.was_late_at_once} == set(found)
    assert not any(each.was_late_at_once for each in clocks(on(0, Opened("SEV1")), now=41).values())


@given(st.lists(any_entries(), max_size=12), instants)
def test_any_record_has_clocks_at_any_time(entries: list[Entry], now: datetime) -> None:
    policy = POLICY._replace(own=(AUTHORITY, ClockRule("fix", timedelta(hours=1), done_by=DoneBy.MITIGATED)))
    found = clocks_of(incident(*entries, tags=("personal_data",)), policy, now)
    assert all((each.state is ClockState.OVERDUE) <= (now >= each.due_at) for each in found)
    assert all((each.state is ClockState.MET_LATE) <= (each.met_at is not None) for each in found)
    assert running(found) == found[: len(running(found))]
    assert {each.name for each in found} <= {*STANDING, "authority", "fix"}
    assert len({each.name for each in found}) == len(found)


@given(st.lists(any_entries(), max_size=12), instants)
def test_the_order_of_arrival_does_not_matter(entries: list[Entry], now: datetime) -> None:
    assert clocks_of(incident(*entries), POLICY, now) == clocks_of(incident(*reversed(entries)), POLICY, now)
