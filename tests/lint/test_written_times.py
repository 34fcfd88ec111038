"""Times as people write them: what is one, where it stands, and that nothing that is written makes the reader fail."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentctl.lint import written_times
from incidentctl.lint.written_times import Clock, find_dates
from tests.growth import assert_grows_linearly

read_time: Any = written_times.read_time  # each test knows whether there is one
find_day: Any = written_times.find_day
stated_zone: Any = written_times.stated_zone

DAY = date(2026, 5, 14)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10:48 over", "10:48:00"),
        ("10:48:30 over", "10:48:30"),
        ("10:48:30.123 over", "10:48:30"),
        ("**10:48** over", "10:48:00"),
        ("[10:48] over", "10:48:00"),
        ("(10:48) over", "10:48:00"),
        ("~10:48 over", "10:48:00"),
        ("at 10:48 over", "10:48:00"),
        ("approx. 10:48 over", "10:48:00"),
        ("→ 10:48 over", "10:48:00"),
        (":fire: 10:48 over", "10:48:00"),
        ("10h48 over", "10:48:00"),
        ("1048 UTC over", "10:48:00"),
        ("10.48 UTC over", "10:48:00"),
        ("10:48 PM over", "22:48:00"),
        ("10:48 p.m. over", "22:48:00"),
        ("12:05 am over", "00:05:00"),
        ("12:05 pm over", "12:05:00"),
        ("4pm over", "16:00:00"),
        ("24:00 over", "24:00:00"),
        ("2026-05-14 10:48 over", "10:48:00"),
        ("2026-05-14T10:48:00Z over", "10:48:00"),
        ("May 14, 2026 at 10:48 over", "10:48:00"),
        ("14 May 2026, 10:48 over", "10:48:00"),
        ("Thursday, May 14th 10:48 over", "10:48:00"),
        ("14.05.2026 10:48 over", "10:48:00"),
        ("05/14/2026 10:48 over", "10:48:00"),
        ("14/05 10:48 over", "10:48:00"),
        ("05-14 10:48 over", "10:48:00"),
        ("10:48 on 2026-05-14 over", "10:48:00"),
        ("Day 1, 10:48 over", "10:48:00"),
        ("Thu 10:48 over", "10:48:00"),
    ],
)
def test_forms_of_a_clock(text, expected):
    found = read_time(text)
    assert found is not None
    assert found.impossible is None
    assert f"{found.clock.hour:02}:{found.clock.minute:02}:{found.clock.second:02}" == expected
    assert text[found.start : found.end].strip() == found.text
    assert text[found.end :].strip(" *])").startswith("over")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-14 10:48", DAY),
        ("2026/05/14 10:48", DAY),
        ("2026.05.14 10:48", DAY),
        ("14.05.2026 10:48", DAY),
        ("14.5.26 10:48", DAY),
        ("5/14/2026 10:48", DAY),
        ("14/5/2026 10:48", DAY),
        ("May 14 10:48", DAY),
        ("14th of May 10:48", DAY),
        ("Thu, May 14, 2026 10:48", DAY),
        ("05-14 10:48", DAY),
        ("14/05 10:48", DAY),
        ("05/14 10:48", DAY),
        ("14.05. 10:48", DAY),
        ("2026年5月14日 10:48", DAY),
        ("10:48 (May 14)", DAY),
    ],
)
def test_forms_of_a_day(text, expected):
    assert read_time(text).date_in(2026) == expected


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("10:48 UTC", 0),
        ("10:48Z", 0),
        ("10:48 (GMT)", 0),
        ("10:48 CEST", 2),
        ("10:48 UTC+2", 2),
        ("10:48 GMT-05:00", -5),
        ("2026-05-14T10:48:00+02:00", 2),
        ("2026-05-14T10:48-0700", -7),
        ("2026-05-14 10:48 -07:00", -7),
        ("10:48+02:00", 2),
        ("10:48 PST", -8),
    ],
)
def test_forms_of_a_zone(text, hours):
    found = read_time(text)
    assert found.offset == timedelta(hours=hours)
    assert found.moment(DAY) == datetime(2026, 5, 14, 10, 48, tzinfo=UTC) - timedelta(hours=hours)


@pytest.mark.parametrize("text", ["10:48 PT", "10:48 Pacific Time", "10:48 local time", "10:48 IST"])
def test_a_zone_whose_name_does_not_say_its_offset_gives_none(text):
    found = read_time(text)
    assert found.zone is not None
    assert found.offset is None
    assert found.moment(DAY).tzinfo is None


@pytest.mark.parametrize(
    "text",
    [
        "10:00-10:30 a",
        "10:00 - 10:30 a",
        "10:00–10:30 a",
        "10:00 to 10:30 a",
        "10:00 until 10:30 a",
        "2026-05-14 10:00-10:30 a",
    ],
)
def test_a_range_has_a_beginning_and_an_end(text):
    found = read_time(text)
    assert (found.clock, found.until) == (Clock(10, 0), Clock(10, 30))
    assert found.zone is None


@pytest.mark.parametrize(
    "text",
    [
        "4 pods",
        "10 minutes later",
        "v1.20",
        "3.5 million",
        "1048 users",
        "100% of 10",
        "",
        "7/10 fail",
        "-",
        "10:4",
        "T-shirt",
    ],
)
def test_what_is_no_time(text):
    assert read_time(text) is None


@pytest.mark.parametrize(
    "text", ["T+5m a", "T-30m a", "T+1h 20m a", "T0 a", "T+0: a", "T+5 a", "T+00:10 a", "T+7d a", "+5m a", "+0:20 a"]
)
def test_times_from_the_beginning_are_relative(text):
    assert read_time(text).is_relative


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("25:10", "a day has 24 hours"),
        ("24:01", "a day has 24 hours"),
        ("10:75", "an hour has 60 minutes"),
        ("22:22 PM", "mixes"),
        ("0:30 pm", "mixes"),
        ("2026-02-30 10:00", "there is no day"),
        ("2026-13-01 10:00", "there is no day"),
        ("June 31 10:00", "there is no day"),
    ],
)
def test_an_impossible_time_says_why(text, says):
    found = read_time(text)
    assert says in found.impossible
    assert found.moment(DAY) is None


def test_an_impossible_clock_keeps_its_day_and_an_impossible_day_its_clock():
    assert read_time("2026-05-14 25:10").full_date == DAY
    assert read_time("2026-02-30 10:48").clock == Clock(10, 48)


def test_the_order_of_day_and_month_is_doubtful_only_where_it_can_be_either():
    assert read_time("03/04/2026 10:00").is_day_ambiguous
    assert read_time("03/04 10:00").is_day_ambiguous
    assert not read_time("14/05/2026 10:00").is_day_ambiguous
    assert not read_time("03.04.2026 10:00").is_day_ambiguous


def test_words_as_around_make_a_time_vague():
    assert read_time("around 10:48").is_vague
    assert read_time("~10:48").is_vague
    assert not read_time("at 10:48").is_vague


def test_a_bracket_that_was_opened_before_is_no_part_of_the_time():
    assert read_time("[10:48 UTC](https://example.org)").text == "10:48 UTC"
    assert read_time("10:48 (UTC) over").text == "10:48 (UTC)"


@pytest.mark.parametrize(
    ("text", "name", "hours"),
    [
        ("All times are UTC.", "UTC", 0),
        ("All times in PST", "PST", -8),
        ("(times in UTC+2)", "UTC+2", 2),
        ("Timezone: CEST", "CEST", 2),
        ("The timestamps below are in Pacific Time", "Pacific Time", None),
        ("All times Europe/Berlin", "Europe/Berlin", None),
    ],
)
def test_a_zone_that_is_stated_for_all(text, name, hours):
    found = stated_zone(text)
    assert found[:2] == (name, None if hours is None else timedelta(hours=hours))
    assert text[found[2] :].startswith(name[:3])


@pytest.mark.parametrize("text", ["It took a long time.", "UTC is a zone.", "This time it was the CPU", ""])
def test_no_zone_is_stated(text):
    assert stated_zone(text) is None


def test_all_days_in_a_text_are_found():
    assert [found.full_date for found in find_dates("from 2026-05-14 to May 15, 2026, not v2026-05")] == [
        DAY,
        date(2026, 5, 15),
    ]


def test_the_first_day_in_a_text_is_found_with_its_year_or_without():
    assert find_day("Day 2 (May 15)").date_in(2026) == date(2026, 5, 15)
    assert find_day("on 2026-05-14, and 2026-05-15").full_date == DAY
    assert find_day("no day") is None


PIECES = st.sampled_from(
    ["10:48", "25:10", "2026-05-14", "0000-01-01", "9999-12-31", "May 3", "3/4", "UTC", "+14:00", "-12:00", " ", "-", "–", "~", "at ", "PM",
     "T", "T+", "(", ")", "[", "]", "*", "年", "on ", "Fri ", ".", ",", "\n", "5", "h", "Z"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=12).map("".join)), st.integers(0, 5))
def test_no_text_makes_the_reader_fail_and_its_offsets_stay_inside(text, at):
    found = read_time(text, min(at, len(text)))
    if found is not None:
        assert 0 <= found.start <= found.end <= len(text)
        assert found.text in text
        found.moment(DAY)
        found.moment(date.max)
        found.moment(date.min)
    stated_zone(text)
    find_day(text)
    for each in find_dates(text):
        assert text[each.start : each.end] == each.text


@pytest.mark.parametrize(
    ("start", "words", "end"),
    [("", " ", ""), ("", "*", ""), ("", "10:", ""), ("", "10:00 - ", ""), ("", "at ", ""), ("", "times ", ""), ("", "1/", ""),
     ("", "(", ""), ("", "May ", ""), ("10:00", " ", "-")],
    ids=["blanks", "stars", "clocks", "ranges", "words", "times", "slashes", "brackets", "months", "gap"],
)  # fmt: skip
def test_the_time_to_read_a_line_is_linear_in_its_length(start, words, end):
    def read(text):
        read_time(text)
        stated_zone(text)
        find_day(text)
        list(find_dates(text))

    assert_grows_linearly(lambda size: start + (words * size)[:size] + end, read, 30_000)
