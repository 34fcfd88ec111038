"""Times as people type them: which moment is meant, and what is refused with which words."""

import os
from datetime import UTC, datetime, timedelta
from time import tzset
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from incidentctl.errors import UsageError
from incidentctl.incident.times import resolve_zone
from incidentctl.incident.typed_times import TOLERANCE, read_typed_time

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
NOW = datetime(2026, 5, 14, 10, 6, tzinfo=UTC)  # a Thursday; 12:06 in Berlin

MOMENTS = st.datetimes(datetime(1975, 1, 1), datetime(2037, 12, 31), timezones=st.just(UTC)).map(
    lambda at: at.replace(microsecond=0)
)
ZONES = st.sampled_from([BERLIN, NEW_YORK, LORD_HOWE, ZoneInfo("Asia/Kathmandu"), ZoneInfo("Pacific/Apia"), UTC])


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def read(text, kind="past", now=NOW, zone=BERLIN):
    return read_typed_time(text, now=now, zone=zone, kind=kind).at


def refusal(text, kind="past", now=NOW, zone=BERLIN):
    with pytest.raises(UsageError) as caught:
        read(text, kind, now, zone)
    return caught.value


class TestPast:
    @pytest.mark.parametrize(
        ("text", "at"),
        [
            ("now", utc(2026, 5, 14, 10, 6)),
            ("2026-05-14T10:02:00Z", utc(2026, 5, 14, 10, 2)),
            ("2026-05-14 12:02+02:00", utc(2026, 5, 14, 10, 2)),
            ("2026-05-14 12:02", utc(2026, 5, 14, 10, 2)),
            ("2026-05-14T12:02", utc(2026, 5, 14, 10, 2)),
            ("2026-5-4 9:02", utc(2026, 5, 4, 7, 2)),
            ("12:02", utc(2026, 5, 14, 10, 2)),
            ("12:02:30", utc(2026, 5, 14, 10, 2, 30)),
            ("9:15", utc(2026, 5, 14, 7, 15)),
            ("12:08", utc(2026, 5, 14, 10, 8)),
            ("12:09", utc(2026, 5, 13, 10, 9)),
            ("23:30", utc(2026, 5, 13, 21, 30)),
            ("10:02Z", utc(2026, 5, 14, 10, 2)),
            ("10:02 UTC", utc(2026, 5, 14, 10, 2)),
            ("10:02 gmt", utc(2026, 5, 14, 10, 2)),
            ("12:02 CEST", utc(2026, 5, 14, 10, 2)),
            ("15:32+05:30", utc(2026, 5, 14, 10, 2)),
            ("10:48 PM", utc(2026, 5, 13, 20, 48)),
            ("10:48pm", utc(2026, 5, 13, 20, 48)),
            ("10 p.m.", utc(2026, 5, 13, 20, 0)),
            ("12:00 am", utc(2026, 5, 13, 22, 0)),
            ("12:00 pm", utc(2026, 5, 14, 10, 0)),
            ("-4m", utc(2026, 5, 14, 10, 2)),
            ("−4m", utc(2026, 5, 14, 10, 2)),
            ("-1h30m", utc(2026, 5, 14, 8, 36)),
            ("25m ago", utc(2026, 5, 14, 9, 41)),
            ("1h 5m ago", utc(2026, 5, 14, 9, 1)),
            ("2 days ago", utc(2026, 5, 12, 10, 6)),
            ("yesterday 18:00", utc(2026, 5, 13, 16, 0)),
            ("yesterday at 6 pm", utc(2026, 5, 13, 16, 0)),
            ("18:00 yesterday", utc(2026, 5, 13, 16, 0)),
            ("Today 09:00", utc(2026, 5, 14, 7, 0)),
            ("mon 18:00", utc(2026, 5, 11, 16, 0)),
            ("last Monday 18:00", utc(2026, 5, 11, 16, 0)),
            ("thu 09:00", utc(2026, 5, 14, 7, 0)),
            ("thu 18:00", utc(2026, 5, 7, 16, 0)),
            ("14 May 10:48", utc(2026, 5, 14, 8, 48)),
            ("May 14, 10:48", utc(2026, 5, 14, 8, 48)),
            ("14 May 2025 10:48", utc(2025, 5, 14, 8, 48)),
            ("May 14th 2025 at 10:48", utc(2025, 5, 14, 8, 48)),
            ("24 Dec 18:00", utc(2025, 12, 24, 17, 0)),
            ("29 Feb 12:00", utc(2024, 2, 29, 11, 0)),
            ("10:48 on 14 May", utc(2026, 5, 14, 8, 48)),
            ("13 May 22:30Z", utc(2026, 5, 13, 22, 30)),
            ("  yesterday   18:00 ", utc(2026, 5, 13, 16, 0)),
        ],
    )
    def test_what_people_type_is_the_moment_they_mean(self, text, at):
        assert read(text) == at

    @pytest.mark.parametrize(
        ("text", "message", "hint"),
        [
            ("", "the time is empty", None),
            ("25:10", "'25:10' is not a time of day: hours run from 00 to 23", None),
            (
                "24:00",
                "'24:00' is not a time of day: hours run from 00 to 23, and midnight is 00:00 of the day after",
                None,
            ),
            ("10:75", "'10:75' is not a time of day: minutes and seconds run from 00 to 59", None),
            (
                "22:22 PM",
                "'22:22 PM' is not a time of day: with pm the hours run from 1 to 12",
                "write 22:22 or 10:22 pm",
            ),
            ("22:22 am", "'22:22 am' is not a time of day: with am the hours run from 1 to 12", "write 22:22"),
            ("0:30 am", "'0:30 am' is not a time of day: with am the hours run from 1 to 12", "write 00:30"),
            ("2026-02-30 10:00", "'2026-02-30 10:00' names a day that no calendar has: 2026-02-30", None),
            ("30 Feb 10:00", "'30 Feb 10:00' names a day that no calendar has: 30 Feb", None),
            ("2026-05-14T25:10:00Z", "'2026-05-14T25:10:00Z' is not a time of day: hours run from 00 to 23", None),
            ("10.48", "'10.48' is not a time", "did you mean 10:48?"),
            ("1048", "'1048' is not a time", "did you mean 10:48?"),
            ("25m", "'25m' is a length of time, not a moment", "write -25m for 25 min ago"),
            ("25", "'25' has no unit", "write -25m for minutes"),
            ("yesterday", "'yesterday' is a day without a time", "write 'yesterday 10:48'"),
            ("2026-05-14", "'2026-05-14' is a day without a time", "write '2026-05-14 10:48'"),
            ("soon", "'soon' is not a time", None),
            ("14.05.2026 10:48", "'14.05.2026 10:48' is not a time", None),
            ("10:48+25:00", "'10:48+25:00' has an impossible offset: +25:00; they run from -23:59 to +23:59", None),
            ("today 23:00", "'today 23:00' is not past: 23:00 CEST = 21:00Z is 10h 54m ahead of now", None),
            ("2026-05-14T13:06Z", "'2026-05-14T13:06Z' is not past: 13:06Z is 3h 0m ahead of now", None),
            ("+10m", "'+10m' is not past: 12:16 CEST = 10:16Z is 10 min ahead of now", None),
            (
                "tomorrow 09:00",
                "'tomorrow 09:00' is not past: 15 May 09:00 CEST = 07:00Z is 20h 54m ahead of now",
                None,
            ),
            (
                "12:02 EST",
                "'12:02 EST' says EST, but Europe/Berlin has CEST on 14 May 2026",
                "write an offset, as 12:02+02:00, or UTC, as 12:02Z",
            ),
        ],
    )
    def test_what_cannot_be_is_refused_in_one_sentence_with_the_way_out(self, text, message, hint):
        error = refusal(text)
        assert error.message == message
        assert error.hint == (hint or "write 10:48, -25m, 'yesterday 18:00' or 2026-05-14T10:48Z")

    def test_two_minutes_ahead_have_happened(self):
        assert read("2026-05-14T10:08:00Z") == utc(2026, 5, 14, 10, 8)
        assert "is not past" in refusal("2026-05-14T10:08:01Z").message

    def test_escape_sequences_in_what_was_typed_do_not_reach_the_message(self):
        assert "\x1b" not in refusal("\x1b[31mnow\x07").message

    def test_a_text_too_long_for_a_time_is_cut_in_the_message(self):
        error = refusal("9" * 10_000)
        assert error.message.endswith("is too long for a time")
        assert len(error.message) < 100

    def test_the_zone_in_which_it_was_read_is_told(self):
        assert read_typed_time("12:02", now=NOW, zone=BERLIN).zone_name == "CEST"
        assert read_typed_time("10:02Z", now=NOW, zone=BERLIN).zone_name == "UTC"
        assert read_typed_time("12:02+02:00", now=NOW, zone=UTC).zone_name == "UTC+02:00"

    @given(MOMENTS, ZONES, st.times().map(lambda clock: f"{clock:%H:%M}"))
    @example(utc(2026, 10, 25, 0, 45), BERLIN, "02:30")
    @example(utc(2026, 10, 25, 1, 15), BERLIN, "02:50")
    @example(utc(2026, 3, 29, 1, 10), BERLIN, "02:30")
    @example(utc(2011, 12, 31, 0, 0), ZoneInfo("Pacific/Apia"), "12:00")
    def test_a_bare_clock_time_is_the_latest_such_moment_not_two_minutes_ahead(self, now, zone, clock):
        try:
            at = read(clock, now=now, zone=zone)
        except UsageError as error:
            assert "ambiguous" in error.message or "does not exist" in error.message
            return
        assert at <= now + TOLERANCE
        assert f"{at.astimezone(zone):%H:%M}" == clock
        step = at + timedelta(minutes=1)
        while step <= now + TOLERANCE:
            assert f"{step.astimezone(zone):%H:%M}" != clock
            step += timedelta(minutes=1)

    @given(MOMENTS, st.times().map(lambda clock: f"{clock:%H:%M}Z"))
    def test_a_clock_time_in_utc_is_within_a_day(self, now, clock):
        assert now - timedelta(hours=24) < read(clock, now=now) <= now + TOLERANCE

    @given(MOMENTS, ZONES)
    def test_a_moment_written_in_its_zone_is_read_as_itself_or_refused_as_ambiguous(self, at, zone):
        local = at.astimezone(zone)
        if local.utcoffset() % timedelta(minutes=1):
            return
        try:
            assert read(f"{local:%Y-%m-%d %H:%M:%S}", now=utc(2038, 1, 1), zone=zone) == at
        except UsageError as error:
            assert "ambiguous" in error.message
            assert any(utc_text.startswith(f"{at:%Y-%m-%dT%H:%M}") for utc_text in error.candidates)

    @given(st.text(max_size=40), st.sampled_from(["past", "next", "since", "until"]), ZONES)
    def test_any_text_is_a_moment_or_a_refusal(self, text, kind, zone):
        try:
            assert read(text, kind, zone=zone).tzinfo is UTC
        except UsageError as error:
            assert error.message.isprintable()
            assert error.hint

    @given(
        st.from_regex(
            r"\A[a-zA-Z0-9+: ,.-]{0,12}([0-9]{1,2}:[0-9]{2}|now|ago|[0-9]{1,4}[mhdw])[a-zA-Z0-9+: ,.-]{0,12}\Z"
        ),
        st.sampled_from(["past", "next", "since", "until"]),
        st.sampled_from([BERLIN, UTC, None]),
        st.sampled_from([NOW, utc(1, 1, 1), utc(9999, 12, 31, 23, 59, 59)]),
    )
    @example("tomorrow 10:00", "next", BERLIN, utc(9999, 12, 31, 23, 59, 59))
    @example("yesterday", "until", None, utc(1, 1, 1))
    @example("-1w", "past", BERLIN, utc(1, 1, 1))
    @example("mon 18:00", "next", BERLIN, utc(9999, 12, 31, 23, 59, 59))
    def test_what_looks_like_a_time_is_a_moment_or_a_refusal_at_any_now(self, text, kind, zone, now):
        try:
            assert read(text, kind, now, zone).tzinfo is UTC
        except UsageError:
            pass


class TestSummerTime:
    def test_an_hour_that_comes_twice_is_refused_with_both_readings(self):
        error = refusal("2026-10-25 02:30", now=utc(2026, 10, 25, 12, 0))
        assert error.message == (
            "02:30 on 25 Oct 2026 is ambiguous in Europe/Berlin, where the clocks went back: "
            "2026-10-25T00:30Z (CEST) or 2026-10-25T01:30Z (CET)"
        )
        assert error.hint == "type one of these"
        assert error.candidates == ("2026-10-25T00:30Z", "2026-10-25T01:30Z")

    def test_an_hour_that_was_skipped_is_refused_with_both_readings(self):
        error = refusal("2026-03-29 02:30", now=utc(2026, 3, 29, 12, 0))
        assert error.message == (
            "02:30 on 29 Mar 2026 does not exist in Europe/Berlin, where the clocks went forward: "
            "2026-03-29T00:30Z (01:30 CET) or 2026-03-29T01:30Z (03:30 CEST)"
        )

    def test_each_reading_that_a_refusal_offers_is_accepted(self):
        for text, now in (("2026-10-25 02:30", utc(2026, 10, 25, 12)), ("2026-03-29 02:30", utc(2026, 3, 29, 12))):
            for candidate in refusal(text, now=now).candidates:
                assert read(candidate, now=now)

    @pytest.mark.parametrize(
        ("zone", "now", "text", "what"),
        [
            (BERLIN, utc(2026, 10, 25, 9), "02:30", "ambiguous"),
            (BERLIN, utc(2026, 3, 29, 9), "02:30", "does not exist"),
            (BERLIN, utc(2026, 3, 29, 1, 10), "02:30", "does not exist"),
            (NEW_YORK, utc(2026, 11, 1, 15), "01:30", "ambiguous"),
            (NEW_YORK, utc(2026, 3, 8, 15), "02:30", "does not exist"),
            # Half an hour: 02:00 LHDT becomes 01:30 LHST on 5 April, and 02:00 becomes 02:30 on 4 October.
            (LORD_HOWE, utc(2026, 4, 5, 5), "01:45", "ambiguous"),
            (LORD_HOWE, utc(2026, 10, 4, 5), "02:15", "does not exist"),
        ],
    )
    def test_a_bare_clock_time_in_such_an_hour_is_refused(self, zone, now, text, what):
        assert what in refusal(text, now=now, zone=zone).message

    @pytest.mark.parametrize(
        ("zone", "now", "text", "at"),
        [
            (LORD_HOWE, utc(2026, 4, 5, 5), "01:29", utc(2026, 4, 4, 14, 29)),
            (LORD_HOWE, utc(2026, 10, 4, 5), "02:30", utc(2026, 10, 3, 15, 30)),
            (NEW_YORK, utc(2026, 3, 8, 15), "03:00", utc(2026, 3, 8, 7, 0)),
        ],
    )
    def test_the_minutes_beside_such_an_hour_are_read(self, zone, now, text, at):
        assert read(text, now=now, zone=zone) == at

    def test_an_abbreviation_tells_the_two_readings_apart(self):
        now = utc(2026, 10, 25, 12, 0)
        assert read("2026-10-25 02:30 CEST", now=now) == utc(2026, 10, 25, 0, 30)
        assert read("02:30 CET", now=now) == utc(2026, 10, 25, 1, 30)

    def test_a_reading_that_is_still_ahead_cannot_be_meant(self):
        assert read("02:30", now=utc(2026, 10, 25, 0, 45)) == utc(2026, 10, 25, 0, 30)

    def test_before_the_hour_that_is_skipped_yesterdays_is_meant(self):
        assert read("02:30", now=utc(2026, 3, 29, 0, 45)) == utc(2026, 3, 28, 1, 30)

    def test_a_day_that_was_skipped_does_not_exist(self):
        error = refusal("2011-12-30 12:00", zone=ZoneInfo("Pacific/Apia"))
        assert "does not exist in Pacific/Apia" in error.message


class TestNext:
    @pytest.mark.parametrize(
        ("text", "at"),
        [
            ("30m", utc(2026, 5, 14, 10, 36)),
            ("+30m", utc(2026, 5, 14, 10, 36)),
            ("in 1h 30m", utc(2026, 5, 14, 11, 36)),
            ("13:00", utc(2026, 5, 14, 11, 0)),
            ("12:06", utc(2026, 5, 15, 10, 6)),
            ("12:07", utc(2026, 5, 14, 10, 7)),
            ("11:00", utc(2026, 5, 15, 9, 0)),
            ("11:00Z", utc(2026, 5, 14, 11, 0)),
            ("tomorrow 09:00", utc(2026, 5, 15, 7, 0)),
            ("mon 09:00", utc(2026, 5, 18, 7, 0)),
            ("next thu 09:00", utc(2026, 5, 21, 7, 0)),
            ("14 May 13:00", utc(2026, 5, 14, 11, 0)),
            ("13 May 13:00", utc(2027, 5, 13, 11, 0)),
            ("2026-05-14T11:00:00Z", utc(2026, 5, 14, 11, 0)),
        ],
    )
    def test_what_is_to_come_is_the_earliest_such_moment_ahead(self, text, at):
        assert read(text, "next") == at

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("now", "'now' is not ahead: 12:06 CEST = 10:06Z is 0 s behind now"),
            ("-5m", "'-5m' is not ahead: 12:01 CEST = 10:01Z is 5 min behind now"),
            ("2026-05-14T09:00Z", "'2026-05-14T09:00Z' is not ahead: 09:00Z is 1h 6m behind now"),
            ("30", "'30' has no unit"),
        ],
    )
    def test_what_is_not_ahead_is_refused(self, text, message):
        assert refusal(text, "next").message == message

    def test_ambiguous_hours_are_refused_and_a_reading_that_is_over_cannot_be_meant(self):
        assert "ambiguous" in refusal("02:30", "next", now=utc(2026, 10, 24, 20)).message
        assert read("02:05", "next", now=utc(2026, 10, 25, 0, 10)) == utc(2026, 10, 25, 1, 5)
        assert "does not exist" in refusal("02:30", "next", now=utc(2026, 3, 28, 20)).message

    @given(MOMENTS, ZONES, st.times().map(lambda clock: f"{clock:%H:%M}"))
    def test_a_bare_clock_time_is_ahead(self, now, zone, clock):
        try:
            at = read(clock, "next", now=now, zone=zone)
        except UsageError as error:
            assert "ambiguous" in error.message or "does not exist" in error.message
        else:
            assert now < at <= now + timedelta(hours=49)
            assert f"{at.astimezone(zone):%H:%M}" == clock


class TestRanges:
    @pytest.mark.parametrize(
        ("text", "since", "until"),
        [
            ("2026-05-14", utc(2026, 5, 13, 22), utc(2026, 5, 14, 22)),
            ("2026-03-29", utc(2026, 3, 28, 23), utc(2026, 3, 29, 22)),
            ("2026-05", utc(2026, 4, 30, 22), utc(2026, 5, 31, 22)),
            ("2025-12", utc(2025, 11, 30, 23), utc(2025, 12, 31, 23)),
            ("today", utc(2026, 5, 13, 22), utc(2026, 5, 14, 22)),
            ("yesterday", utc(2026, 5, 12, 22), utc(2026, 5, 13, 22)),
            ("mon", utc(2026, 5, 10, 22), utc(2026, 5, 11, 22)),
            ("1 May", utc(2026, 4, 30, 22), utc(2026, 5, 1, 22)),
            ("24 Dec", utc(2025, 12, 23, 23), utc(2025, 12, 24, 23)),
            ("30d", utc(2026, 4, 14, 10, 6), utc(2026, 4, 14, 10, 6)),
            ("-2h", utc(2026, 5, 14, 8, 6), utc(2026, 5, 14, 8, 6)),
            ("2026-05-14T09:00Z", utc(2026, 5, 14, 9), utc(2026, 5, 14, 9)),
            ("2027-01-01", utc(2026, 12, 31, 23), utc(2027, 1, 1, 23)),
            ("09:00", utc(2026, 5, 14, 7), utc(2026, 5, 14, 7)),
            ("23:00", utc(2026, 5, 13, 21), utc(2026, 5, 13, 21)),
        ],
    )
    def test_a_day_is_included_at_both_ends(self, text, since, until):
        assert read(text, "since") == since
        assert read(text, "until") == until

    def test_the_last_day_of_the_calendar_has_an_end(self):
        assert read("9999-12-31", "until") == utc(9999, 12, 31, 23, 59, 59)
        assert read("9999-12", "until") == utc(9999, 12, 31, 23, 59, 59)

    @pytest.mark.parametrize("text", ["2026-13", "2026-02-30", "soon", "2026"])
    def test_what_is_no_day_is_refused(self, text):
        assert refusal(text, "since").hint


class TestTheMachinesZone:
    @pytest.fixture(autouse=True)
    def in_new_york(self, monkeypatch):
        monkeypatch.setenv("TZ", "America/New_York")
        tzset()
        yield
        monkeypatch.undo()
        tzset()

    def test_it_is_used_where_none_is_named(self):
        assert os.environ["TZ"] == "America/New_York"
        assert read("06:02", zone=resolve_zone(None)) == utc(2026, 5, 14, 10, 2)

    def test_its_summer_time_is_minded(self):
        assert "is ambiguous in this machine's zone" in refusal("01:30", now=utc(2026, 11, 1, 15), zone=None).message
        assert "does not exist in this machine's zone" in refusal("02:30", now=utc(2026, 3, 8, 15), zone=None).message
        assert read("2026-11-01 01:30 EST", now=utc(2026, 11, 1, 15), zone=None) == utc(2026, 11, 1, 6, 30)
