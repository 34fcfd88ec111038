"""The golden repository: what was worked out by hand on the page of metrics is what each format prints, from whatever copy and cache.

The oracle is the page. Where it and the program do not agree, one of them is wrong: find out which by the rules at the top of the page.
"""

from typing import Any

import pytest

from tests.stats.golden_page import METRICS, golden_tables, moment, number, options_of, seconds
from tests.stats.golden_repository import Golden, build

pytestmark = pytest.mark.slow

TABLES = golden_tables()


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Golden:
    """The repository, and the one who asks about it. Nobody writes to it."""
    return build(tmp_path_factory.mktemp("golden"))


@pytest.fixture(scope="module")
def report(golden: Golden) -> Any:
    """What `stats report` says without an option."""
    return asked(golden)


def asked(golden: Golden, *options: str) -> Any:
    """The report as JSON."""
    return golden.json("ann", "stats", "report", *options)


def pairs(table: str, key: str, value: str) -> dict[str, str]:
    """Two columns of a table, as a mapping."""
    return {row[key]: row[value] for row in TABLES[table]}


def near(value: float | None) -> Any:
    return None if value is None else pytest.approx(value, abs=1e-6)


# ------------------------------------------------------------------------------------------------------------- the page


def test_the_page_has_all_its_tables() -> None:
    assert list(TABLES) == [
        *("incidents", "durations", "figures", "readings", "services", "trend", "months", "counts", "items"),
        *("completion", "repeats", "process", "impact", "data"),
    ]


# ------------------------------------------------------------------------------------------------------------ incidents


def test_the_incidents_have_their_times(report: Any) -> None:
    keys = ("started", "detected", "declared", "acknowledged", "mitigated", "resolved")
    assert [
        {"incident": each["id"], "severity": each["severity"], "services": each["services"]}
        | {key: each[f"{key}_at"] for key in keys}
        for each in report["incidents"]
    ] == [
        {"incident": row["incident"], "severity": row["severity"], "services": row["services"].split(", ")}
        | {key: moment(row[key]) for key in keys}
        for row in TABLES["incidents"]
    ]


def test_each_duration_of_each_incident(report: Any) -> None:
    found = {each["id"]: (each["durations"], each["states"]) for each in report["incidents"]}
    for row in TABLES["durations"]:
        durations, states = found.pop(row["incident"])
        for column, metric in METRICS.items():
            state = row[column].replace(" ", "_")
            if state in ("pending", "not_applicable", "invalid", "suspect"):
                assert (durations[metric], states[metric]) == (None, state), (row["incident"], metric)
            else:
                assert (durations[metric], states[metric]) == (seconds(state), "recorded"), (row["incident"], metric)
    assert found == {}


def test_what_is_not_recorded_is_listed_with_its_reason(report: Any) -> None:
    for column, metric in METRICS.items():
        excluded = {each["id"]: each["state"] for each in report["metrics"][metric]["excluded"]}
        expected = pairs("durations", "incident", column)
        assert excluded == {name: cell.replace(" ", "_") for name, cell in expected.items() if not cell[0].isdigit()}, (
            metric
        )
        assert all(each["reason"] for each in report["metrics"][metric]["excluded"])


@pytest.mark.parametrize("row", TABLES["figures"], ids=lambda row: row["metric"])
def test_each_figure(report: Any, row: dict[str, str]) -> None:
    figure = report["metrics"][METRICS[row["metric"]]]
    assert [figure[key] for key in ("n", "eligible", "assumed", "estimated")] == [
        number(row[key]) for key in ("n", "eligible", "assumed", "estimated")
    ]
    for key in ("median", "p90", "mean"):
        assert figure[key] == near(seconds(row[key])), key
    assert figure["ci95"] == [seconds(end) for end in row["interval of the median"].split(" to ")]


def test_mttm_comes_first_and_each_figure_names_its_ends(report: Any) -> None:
    assert {name: (each["from"], each["to"], each["unit"]) for name, each in report["metrics"].items()} == {
        "mttm": ("detected_at", "mitigated_at", "seconds"),
        "mttd": ("started_at", "detected_at", "seconds"),
        "mtta": ("detected_at", "acknowledged_at", "seconds"),
        "mttr": ("detected_at", "resolved_at", "seconds"),
        "user_impact": ("started_at", "mitigated_at", "seconds"),
    }
    assert next(iter(report["metrics"])) == "mttm"


@pytest.mark.parametrize("row", TABLES["readings"], ids=lambda row: f"{row['options']} {row['metric']}")
def test_each_other_reading(golden: Golden, row: dict[str, str]) -> None:
    figure = asked(golden, *options_of(row["options"]))["metrics"][METRICS[row["metric"]]]
    assert [figure["n"], figure["eligible"]] == [number(row["n"]), number(row["eligible"])]
    for key in ("median", "p90", "mean"):
        assert figure[key] == near(seconds(row[key])), key


def test_each_service(golden: Golden) -> None:
    groups = asked(golden, "--group-by", "service")["groups"]
    assert {
        each["name"]: (
            each["incidents"],
            *(each["metrics"][metric][key] for metric in ("mttm", "mttr") for key in ("n", "median")),
        )
        for each in groups
    } == {
        row["service"]: (
            number(row["incidents"]),
            number(row["n of MTTM"]),
            near(seconds(row["median of MTTM"])),
            number(row["n of MTTR"]),
            near(seconds(row["median of MTTR"])),
        )
        for row in TABLES["services"]
    }


def test_the_trend(report: Any) -> None:
    assert [(each["quarter"], each["n"], each["median"]) for each in report["trends"]["mttm"]] == [
        (row["quarter"], number(row["n"]), near(seconds(row["median of MTTM"]))) for row in TABLES["trend"]
    ]


# --------------------------------------------------------------------------------------------------------------- counts


def test_each_month(report: Any) -> None:
    assert [{"month": each["month"], **each["by_severity"]} for each in report["counts"]["months"]] == [
        {key: cell if key == "month" else number(cell) for key, cell in row.items()} for row in TABLES["months"]
    ]


def test_the_counts(report: Any) -> None:
    counts = report["counts"]
    assert {
        "total": counts["total"],
        "severe": counts["severe"],
        "open": len(counts["open"]),
        "open for the longest, minutes": max(each["seconds"] for each in counts["open"]) / 60,
        "reopened": counts["reopened"],
        "reopenings": counts["reopenings"],
        "upgraded": counts["upgraded"],
        "downgraded": counts["downgraded"],
        "cancelled, false alarm": counts["cancelled"].pop("false_alarm"),
        "duplicates": counts["duplicates"],
        "drills": counts["drills"],
    } == {name: number(cell) for name, cell in pairs("counts", "count", "value").items()}
    assert sum(counts["cancelled"].values()) == 0


# -------------------------------------------------------------------------------------------------------- action items


def test_each_action_item(report: Any) -> None:
    assert {
        each["id"]: (each["incident"][11:], each["binding_due"], each["outcome"].replace("_", " "))
        for each in report["action_items"]["items"]
    } == {
        row["item"]: (row["of"], None if row["binding due date"] == "—" else row["binding due date"], row["outcome"])
        for row in TABLES["items"]
    }


@pytest.mark.parametrize("row", TABLES["completion"], ids=lambda row: row["options"])
def test_the_completion_rate(golden: Golden, row: dict[str, str]) -> None:
    figure = asked(golden, *options_of(row["options"]))["action_items"]
    keys = ("in time", "late", "overdue", "dropped after", "due")
    assert [figure[key.replace(" ", "_")] for key in keys] == [number(row[key]) for key in keys]
    assert figure["rate"] == near(number(row["rate"]))


# -------------------------------------------------------------------------------------------- repeats, process, impact


def test_the_repeats_and_what_was_left_undone(report: Any) -> None:
    repeats = report["repeats"]
    assert (repeats["with_cause"], repeats["without_cause"]) == (7, 11)
    assert [
        (each["id"], each["earlier"], each["cause"] or "—", ", ".join(item["id"] for item in each["left_undone"]))
        for each in repeats["repeats"]
    ] == [(row["repeat"], row["of"], row["by"], row["left undone"]) for row in TABLES["repeats"]]


def test_how_the_process_was_kept(report: Any) -> None:
    process = report["process"]
    expected = pairs("process", "figure", "value")
    assert expected.pop("longest silence of") == process["longest_silence"]["id"]
    assert {
        "to the first commander, minutes": process["to_commander"]["median"] / 60,
        "with a commander": process["to_commander"]["n"],
        "without a commander": len(process["to_commander"]["without"]),
        "updates": process["updates"],
        "unchanged updates": process["unchanged_updates"],
        "intervals": process["intervals"]["n"],
        "intervals kept": process["intervals"]["kept"],
        "longest silence, minutes": process["longest_silence"]["seconds"] / 60,
        "to the status page, minutes": process["to_status_page"]["median"] / 60,
        "status page, of": process["status_page"]["n"],
        "status page, in time": process["status_page"]["kept"],
        "response, of": process["response"]["n"],
        "response, in time": process["response"]["kept"],
        "post-mortem, days": process["to_postmortem"]["median"],
        "post-mortems published": process["to_postmortem"]["n"],
        "post-mortem, of": process["postmortem"]["n"],
        "post-mortem, in time": process["postmortem"]["kept"],
        "post-mortems missing": len(process["to_postmortem"]["missing"]),
    } == {name: number(cell) for name, cell in expected.items()}


def test_the_impact(report: Any) -> None:
    assert {each["name"]: (each["total"], each["known"], each["of"]) for each in report["impact"]} == {
        row["fact"]: (number(row["sum"]), number(row["known for"]), number(row["of"])) for row in TABLES["impact"]
    }


def test_what_has_to_be_known_of_the_data(report: Any) -> None:
    quality = report["data_quality"]
    lag = quality["recording_lag"]
    assert {
        "recording lag, n": lag["n"],
        "recording lag, median, minutes": lag["median"] / 60,
        "recording lag, p90, minutes": lag["p90"] / 60,
        "left out, imported": lag["left_out"]["imported"],
        "left out, squashed": lag["left_out"]["squashed"],
        "from history": quality["from_history"],
        "assumed detections": quality["assumed_detection"],
        "estimated": quality["estimated"],
        "imported": quality["imported"],
        "deleted": len(quality["deleted"]),
        "unreadable": len(quality["unreadable"]),
        "commits that touch many incidents": len(quality["batches"]),
        "squashed commits": quality["squashed"],
        "commits": quality["commits"],
        "commits walked": quality["commits_read"],
    } == {name: number(cell) for name, cell in pairs("data", "figure", "value").items()}
