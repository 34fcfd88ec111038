"""How incidents are parted into groups."""

from incidentctl.incident.policy import DEFAULT_SCALE
from incidentctl.stats.grouping import group_cases
from incidentctl.stats.question import GroupBy, SeverityAt, Window
from incidentctl.stats.report import Period
from tests.stats.cases import EVERYTHING, asking, case

BERLIN = Period(None, None, "all history", "Europe/Berlin")


def groups(cases, **changes):
    return dict(group_cases(cases, asking(**changes), DEFAULT_SCALE))


def test_without_being_asked_there_are_none():
    assert group_cases([case()], EVERYTHING, DEFAULT_SCALE) == []


def test_all_severities_of_the_scale_are_there_and_others_after_them():
    found = groups([case(severity="SEV2"), case(severity="SEV9"), case(severity="SEV2")], group_by=GroupBy.SEVERITY)

    assert list(found.items()) == [("SEV1", []), ("SEV2", [0, 2]), ("SEV3", []), ("SEV4", []), ("SEV9", [1])]


def test_a_severity_that_the_record_has_under_another_word_is_that_of_the_scale():
    assert groups([case(severity="P1")], group_by=GroupBy.SEVERITY)["SEV1"] == [0]


def test_a_changed_severity_is_grouped_by_its_peak_unless_another_is_asked_for():
    changed = case(severity_declared="SEV3", severity_peak="SEV1", severity_final="SEV2")

    assert groups([changed], group_by=GroupBy.SEVERITY)["SEV1"] == [0]
    assert groups([changed], group_by=GroupBy.SEVERITY, severity_at=SeverityAt.DECLARED)["SEV3"] == [0]
    assert groups([changed], group_by=GroupBy.SEVERITY, severity_at=SeverityAt.FINAL)["SEV2"] == [0]


def test_an_incident_with_several_services_counts_once_in_the_group_of_each():
    cases = [case(services=("search", "checkout", "Search")), case(services=("checkout",)), case()]

    assert list(groups(cases, group_by=GroupBy.SERVICE).items()) == [
        ("checkout", [0, 1]),
        ("Search", [0]),
        ("none", [2]),
    ]


def test_names_that_differ_in_case_alone_are_one():
    cases = [case(team="Shop"), case(team="shop")]

    assert groups(cases, group_by=GroupBy.TEAM) == {"Shop": [0, 1]}


def test_by_tag():
    assert groups([case(tags=("db", "dns")), case(tags=("dns",))], group_by=GroupBy.TAG) == {"db": [0], "dns": [0, 1]}


def test_months_and_quarters_come_in_the_order_of_time_and_in_the_zone_of_the_report():
    cases = [case(declared="2026-05-14 10:00"), case(declared="2026-03-31 22:30"), case(declared="2025-12-31 22:30")]

    assert list(groups(cases, group_by=GroupBy.MONTH).items()) == [("2025-12", [2]), ("2026-03", [1]), ("2026-05", [0])]
    assert list(groups(cases, group_by=GroupBy.MONTH, period=BERLIN)) == ["2025-12", "2026-04", "2026-05"]
    assert list(groups(cases, group_by=GroupBy.QUARTER)) == ["2025-Q4", "2026-Q1", "2026-Q2"]
    assert list(groups(cases, group_by=GroupBy.QUARTER, fiscal_year_start=4)) == ["FY2026-Q3", "FY2026-Q4", "FY2027-Q1"]


def test_by_the_month_of_the_resolution_where_the_window_is_that():
    over_the_end = case(declared="2026-05-31 23:30", minutes={"resolved_at": 60})

    assert list(groups([over_the_end], group_by=GroupBy.MONTH, window=Window.RESOLVED)) == ["2026-06"]


def test_what_nobody_knows_when_it_was_declared_is_in_no_month():
    assert groups([case(id="undated", times={"declared_at": None})], group_by=GroupBy.MONTH) == {"none": [0]}
