"""Instants, durations and zones: what is read, what is refused, and that what is written can be read again."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.errors import UsageError
from incidentctl.incident.times import (
    clock,
    describe_duration,
    describe_instant,
    first_moment,
    format_instant,
    instant_of_seconds,
    is_naive_instant,
    parse_duration,
    parse_instant,
    quoted,
    resolve_zone,
    to_local,
)
from incidentctl.incident.typed_times import read_typed_time

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 5, 14, 10, 6, tzinfo=UTC)

instants = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=0))


class TestInstants:
    @pytest.mark.parametrize(
        ("text", "at"),
        [
            ("2026-05-14T10:05:40Z", datetime(2026, 5, 14, 10, 5, 40, tzinfo=UTC)),
            ("2026-05-14t10:05:40z", datetime(2026, 5, 14, 10, 5, 40, tzinfo=UTC)),
            ("2026-05-14 10:05:40Z", datetime(2026, 5, 14, 10, 5, 40, tzinfo=UTC)),
            ("2026-05-14T10:05Z", datetime(2026, 5, 14, 10, 5, tzinfo=UTC)),
            ("2026-05-14 10:05 UTC", datetime(2026, 5, 14, 10, 5, tzinfo=UTC)),
            ("2026-05-14T12:05:40+02:00", datetime(2026, 5, 14, 10, 5, 40, tzinfo=UTC)),
            ("2026-05-14 12:05 +0200", datetime(2026, 5, 14, 10, 5, tzinfo=UTC)),
            ("2026-05-14T07:05-03", datetime(2026, 5, 14, 10, 5, tzinfo=UTC)),
            ("2026-05-14T10:05:40.999Z", datetime(2026, 5, 14, 10, 5, 40, tzinfo=UTC)),
            ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
            ("9999-12-31T23:59:59Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ],
    )
    def test_rfc_3339_and_what_people_type_in_files_is_read(self, text, at):
        assert parse_instant(text) == at
        assert repr(parse_instant(text)) == repr(at)

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "2026-05-14",
            "2026-05-14T10:05:40",
            "2026-05-14 10:05",
            "2026-13-14T10:05:40Z",
            "2026-02-30T10:05:40Z",
            "2026-05-14T24:00:00Z",
            "2026-05-14T10:60:00Z",
            "2026-05-14T10:05:60Z",
            "2026-05-14T10:05:40+24:00",
            "2026-05-14T10:05:40+02:60",
            "2026-W20-4T10:05:40Z",
            "0000-01-01T00:00:00Z",
            "0001-01-01T00:00:00+02:00",
            "9999-12-31T23:00:00-02:00",
            "２０２６-05-14T10:05:40Z",
            "٢٠٢٦-05-14T10:05:00Z",
            " 2026-05-14T10:05:40Z",
            "2026-05-14T10:05:40Z\n",
            "14 May 2026 10:05Z",
        ],
    )
    def test_what_has_no_zone_or_is_no_moment_is_none(self, text):
        assert parse_instant(text) is None

    @given(instants)
    def test_what_is_written_is_read_again(self, at):
        assert parse_instant(format_instant(at)) == at

    @given(st.datetimes(timezones=st.just(UTC)))
    def test_fractions_of_a_second_are_dropped(self, at):
        assert parse_instant(format_instant(at)) == at.replace(microsecond=0)

    @given(
        st.from_regex(
            r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:?[0-9]{2})", fullmatch=True
        )
    )
    def test_any_text_of_the_shape_is_a_moment_in_utc_or_none(self, text):
        at = parse_instant(text)
        assert at is None or at.tzinfo is UTC

    @given(st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", fullmatch=True))
    def test_the_fast_path_agrees_with_the_grammar(self, text):
        assert parse_instant(text) == parse_instant(text.replace("T", " "))

    def test_a_moment_of_another_zone_is_written_in_utc(self):
        assert format_instant(datetime(2026, 5, 14, 12, 5, 40, tzinfo=BERLIN)) == "2026-05-14T10:05:40Z"

    @pytest.mark.parametrize("text", ["2026-05-14T10:05:40", "2026-05-14 10:05"])
    def test_a_moment_without_a_zone_is_told_apart(self, text):
        assert is_naive_instant(text)

    @pytest.mark.parametrize("text", ["2026-05-14T10:05:40Z", "2026-02-30 10:05", "10:05", ""])
    def test_a_moment_with_a_zone_and_what_is_no_moment_are_not_naive(self, text):
        assert not is_naive_instant(text)


class TestDurations:
    @pytest.mark.parametrize(
        ("text", "duration"),
        [
            ("15m", timedelta(minutes=15)),
            ("4h", timedelta(hours=4)),
            ("1h30m", timedelta(hours=1, minutes=30)),
            ("1h 5m", timedelta(hours=1, minutes=5)),
            ("2d", timedelta(days=2)),
            ("1w", timedelta(days=7)),
            ("90s", timedelta(seconds=90)),
            ("0m", timedelta(0)),
            ("1.5h", timedelta(minutes=90)),
            ("25 min", timedelta(minutes=25)),
            ("2 hours and 8 minutes", timedelta(hours=2, minutes=8)),
            ("1 day, 2 hours", timedelta(days=1, hours=2)),
            (" 30M ", timedelta(minutes=30)),
        ],
    )
    def test_a_length_of_time_is_read_with_its_units(self, text, duration):
        assert parse_duration(text) == duration

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "15",
            "m",
            "15x",
            "-15m",
            "1m1h",
            "1h1h",
            "1h,",
            "1h and",
            "15m!",
            "1e3s",
            "9" * 50 + "m",
            "37000d",
            "1 h 5",
            "half",
        ],
    )
    def test_anything_else_is_none(self, text):
        assert parse_duration(text) is None

    @pytest.mark.parametrize(
        ("duration", "text"),
        [
            (timedelta(0), "0 s"),
            (timedelta(seconds=45), "45 s"),
            (timedelta(seconds=60), "1 min"),
            (timedelta(minutes=46, seconds=59), "46 min"),
            (timedelta(hours=1), "1h 0m"),
            (timedelta(hours=2, minutes=8), "2h 8m"),
            (timedelta(hours=23, minutes=59), "23h 59m"),
            (timedelta(days=3, hours=4, minutes=5), "3d 4h"),
            (timedelta(minutes=-5), "-5 min"),
        ],
    )
    def test_a_length_of_time_is_told_in_two_units_at_most(self, duration, text):
        assert describe_duration(duration) == text

    @given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=36500)))
    def test_what_is_told_can_be_read_and_is_told_the_same_again(self, duration):
        read = parse_duration(describe_duration(duration))
        assert read is not None
        assert read <= duration
        assert describe_duration(read) == describe_duration(duration)

    @given(st.text(max_size=30))
    def test_no_text_breaks_the_reader(self, text):
        duration = parse_duration(text)
        assert duration is None or duration >= timedelta(0)


class TestZones:
    @pytest.mark.parametrize(
        ("name", "offset"),
        [
            ("UTC", 0),
            ("utc", 0),
            ("Z", 0),
            ("+02:00", 2),
            ("-03", -3),
            ("UTC+2:00", None),
            ("UTC+02:00", 2),
            ("Europe/Berlin", 2),
        ],
    )
    def test_a_zone_is_a_place_or_utc_or_an_offset(self, name, offset):
        if offset is None:
            with pytest.raises(UsageError):
                resolve_zone(name)
        else:
            assert datetime(2026, 7, 1, tzinfo=resolve_zone(name)).utcoffset() == timedelta(hours=offset)

    def test_no_name_is_the_machines_zone(self):
        assert resolve_zone(None) is None

    @pytest.mark.parametrize(
        ("name", "meant"),
        [
            ("Europe/Berln", "Europe/Berlin"),
            ("europe/berlin", "Europe/Berlin"),
            ("berlin", "Europe/Berlin"),
            ("New York", "America/New_York"),
        ],
    )
    def test_an_unknown_zone_is_refused_with_what_was_meant(self, name, meant):
        with pytest.raises(UsageError) as caught:
            resolve_zone(name)
        assert caught.value.message == f"there is no time zone {name!r}"
        assert (caught.value.hint or "").startswith(f"did you mean {meant}")
        assert meant in caught.value.candidates

    @pytest.mark.parametrize(
        "name", ["", "Europe", "../../etc/passwd", "/etc/localtime", "CEST", "\x00", "+25:00", "e" * 5000, "é\n"]
    )
    def test_a_name_that_is_no_zone_is_refused_and_never_a_traceback(self, name):
        with pytest.raises(UsageError, match="there is no time zone"):
            resolve_zone(name)


class TestTelling:
    def test_both_readings_are_told(self):
        at = datetime(2026, 5, 14, 10, 2, tzinfo=UTC)
        assert describe_instant(at, BERLIN, now=NOW) == "12:02 CEST = 10:02Z"

    @pytest.mark.parametrize("zone", [UTC, ZoneInfo("UTC")])
    def test_one_reading_suffices_where_the_zone_is_utc(self, zone):
        assert describe_instant(datetime(2026, 5, 14, 10, 2, tzinfo=UTC), zone, now=NOW) == "10:02Z"

    @pytest.mark.parametrize(
        ("at", "text"),
        [
            (datetime(2026, 5, 13, 21, 30, tzinfo=UTC), "13 May 23:30 CEST = 21:30Z"),
            (datetime(2026, 5, 13, 22, 30, tzinfo=UTC), "00:30 CEST = 13 May 22:30Z"),
            (datetime(2026, 5, 12, 22, 30, tzinfo=UTC), "13 May 00:30 CEST = 12 May 22:30Z"),
            (datetime(2025, 12, 31, 23, 30, tzinfo=UTC), "1 Jan 00:30 CET = 31 Dec 2025 23:30Z"),
            (datetime(2025, 5, 14, 10, 2, tzinfo=UTC), "14 May 2025 12:02 CEST = 10:02Z"),
        ],
    )
    def test_a_day_is_told_where_it_is_not_today(self, at, text):
        assert describe_instant(at, BERLIN, now=NOW) == text

    def test_a_zone_without_a_name_for_its_time_is_told_by_its_offset(self):
        at = datetime(2026, 5, 14, 10, 2, tzinfo=UTC)
        assert describe_instant(at, ZoneInfo("America/Sao_Paulo"), now=NOW) == "07:02 -03 = 10:02Z"
        assert describe_instant(at, timezone(timedelta(hours=2)), now=NOW) == "12:02 UTC+02:00 = 10:02Z"

    def test_the_clock_alone(self):
        assert clock(datetime(2026, 5, 14, 12, 12, 59, tzinfo=BERLIN)) == "10:12Z"

    @given(
        st.datetimes(datetime(1990, 1, 1), datetime(2026, 5, 14), timezones=st.just(UTC)),
        st.sampled_from(
            ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kathmandu", "UTC"]
        ),
    )
    def test_each_reading_that_is_told_can_be_typed_again(self, at, name):
        zone = resolve_zone(name)
        at = at.replace(second=0, microsecond=0)
        if at.astimezone(zone).utcoffset() % timedelta(minutes=1):
            return
        told = describe_instant(at, zone, now=NOW).split(" = ")
        assert read_typed_time(told[0], now=NOW, zone=zone, kind="past").at == at
        if len(told) == 2 and to_local(at, zone).date() == at.date():
            assert told[1] == clock(at)

    @pytest.mark.parametrize("at", [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC)])
    @pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", None])
    def test_the_ends_of_the_calendar_can_be_told_in_any_zone(self, at, name):
        assert describe_instant(at, resolve_zone(name), now=NOW)

    def test_a_day_begins_at_midnight_or_when_the_clocks_went_forward(self):
        assert first_moment(datetime(2026, 5, 14).date(), BERLIN) == datetime(2026, 5, 13, 22, tzinfo=UTC)
        # Midnight was skipped: 00:00 became 01:00.
        sao_paulo = ZoneInfo("America/Sao_Paulo")
        assert first_moment(datetime(2018, 11, 4).date(), sao_paulo) == datetime(2018, 11, 4, 3, tzinfo=UTC)
        # Midnight came twice: 01:00 became 00:00.
        havana = ZoneInfo("America/Havana")
        assert first_moment(datetime(2025, 11, 2).date(), havana) == datetime(2025, 11, 2, 4, tzinfo=UTC)

    def test_quoted_words_are_cut_and_harmless(self):
        assert quoted("\x1b[31mred") == "'\\x1b[31mred'"
        assert len(quoted("x" * 500)) < 70


def test_a_date_of_a_commit_that_is_none_of_the_calendar_is_the_beginning_of_1970() -> None:
    for seconds in (0, 10**18, -(10**18), 2**63 - 1):
        assert instant_of_seconds(seconds) == datetime(1970, 1, 1, tzinfo=UTC)
    assert instant_of_seconds(1778752800) == datetime(2026, 5, 14, 10, 0, tzinfo=UTC)
