"""The golden repository: what was worked out by hand on the page of metrics is what each format prints, from whatever copy and cache.

The oracle is the page. Where it and the program do not agree, one of them is wrong: find out which by the rules at the top of the page.
"""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.stats.golden_page import METRICS, golden_tables, moment, number, options_of, seconds
from tests.stats.golden_repository import KEPT, SETTINGS, ZONE, Golden, build, keep, load

TABLES = golden_tables()
FORMATS = ("table", "markdown", "json", "csv", "html")
ENDS = {
    "MTTM": ("detected_at", "mitigated_at"),
    "MTTD": ("started_at", "detected_at"),
    "MTTA": ("detected_at", "acknowledged_at"),
    "MTTR": ("detected_at", "resolved_at"),
    "user impact": ("started_at", "mitigated_at"),
}


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Golden:
    """The repository, and the one who asks about it. Nobody writes to it."""
    return load(tmp_path_factory.mktemp("golden"))


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
        *(
            "incidents",
            "durations",
            "figures",
            "readings",
            "severities",
            "services",
            "trend",
            "months",
            "counts",
            "items",
        ),
        *("completion", "repeats", "process", "impact", "data", "ways", "moves"),
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
        METRICS[metric]: (*ends, "seconds") for metric, ends in ENDS.items()
    }
    assert next(iter(report["metrics"])) == "mttm"


@pytest.mark.parametrize("row", TABLES["readings"], ids=lambda row: f"{row['options']} {row['metric']}")
def test_each_other_reading(golden: Golden, row: dict[str, str]) -> None:
    # On that day a file could not be read: it is named, and the report is printed all the same.
    ends = 1 if "2026-02-04" in row["options"] else 0
    said = golden.json("ann", "stats", "report", *options_of(row["options"]), ends=ends)
    assert [each["path"][-25:] for each in said["unreadable"]] == ["2026-01-20-search-slow.md"] * ends
    figure = said["metrics"][METRICS[row["metric"]]]
    assert [figure["n"], figure["eligible"]] == [number(row["n"]), number(row["eligible"])]
    for key in ("median", "p90", "mean"):
        assert figure[key] == near(seconds(row[key])), key


@pytest.mark.parametrize(("by", "table"), [("severity", "severities"), ("service", "services")])
def test_each_group(golden: Golden, by: str, table: str) -> None:
    assert {
        each["name"]: (
            each["incidents"],
            *(each["metrics"][metric][key] for metric in ("mttm", "mttr") for key in ("n", "median")),
        )
        for each in asked(golden, "--group-by", by)["groups"]
    } == {
        row[by]: (
            number(row["incidents"]),
            number(row["n of MTTM"]),
            near(seconds(row["median of MTTM"])),
            number(row["n of MTTR"]),
            near(seconds(row["median of MTTR"])),
        )
        for row in TABLES[table]
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
        "cancelled, false alarm": counts["cancelled"]["false_alarm"],
        "duplicates": counts["duplicates"],
        "drills": counts["drills"],
    } == {name: number(cell) for name, cell in pairs("counts", "count", "value").items()}
    assert counts["cancelled"].keys() == {"false_alarm"}


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


# ------------------------------------------------------------------------------------------------------------- formats


def words(minutes: float | None) -> str:
    """A length of time as people read it: from ten minutes on, to the minute."""
    if minutes is None:
        return "n/a"
    if minutes < 10 and minutes % 1:
        return f"{int(minutes)}m {round(minutes % 1 * 60)}s"
    whole = int(minutes + 0.5)
    parts = [f"{number}{unit}" for number, unit in ((whole // 60, "h"), (whole % 60, "m")) if number]
    return " ".join(parts) or "0s"


@pytest.fixture(scope="module")
def printed(golden: Golden) -> dict[str, str]:
    """The report in each format."""
    return {name: golden.ictl("ann", "stats", "report", "--format", name) for name in FORMATS}


def plain(html: str) -> str:
    """What a reader sees of a page, without its drawings."""
    text = re.sub(r"<(script|style|title|svg)\b.*?</\1>", "", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def rows_of(html: str) -> list[list[str]]:
    """The cells of each row of each table."""
    rows = re.findall(r"<tr\b.*?</tr>", html, flags=re.DOTALL)
    return [[plain(cell) for cell in re.findall(r"<t[dh]\b.*?</t[dh]>", row, flags=re.DOTALL)] for row in rows]


def test_each_format_has_each_figure(printed: dict[str, str]) -> None:
    for row in TABLES["figures"]:
        start, end = ENDS[row["metric"]]
        numbers = [words(number(row[key])) for key in ("median", "p90", "mean")]
        interval = " to ".join(words(number(each)) for each in row["interval of the median"].split(" to "))
        n = f"{row['n']} of {row['eligible']}"
        (line,) = (each for each in printed["table"].splitlines() if f"{start} → {end}" in each)
        assert re.split(r"\s{2,}", line.strip())[-5:] == [n, numbers[0], interval, *numbers[1:]]
        (line,) = (each for each in printed["markdown"].splitlines() if f"`{start}` → `{end}`" in each)
        assert [cell.strip() for cell in line.strip("|").split("|")][-5:] == [n, numbers[0], interval, *numbers[1:]]


def test_csv_has_each_figure_in_seconds(printed: dict[str, str]) -> None:
    found = {
        (each["name"], each["figure"]): each["value"]
        for each in csv.DictReader(io.StringIO(printed["csv"]))
        if each["section"] == "metric"
    }
    for row in TABLES["figures"]:
        name = METRICS[row["metric"]]
        for key in ("median", "p90", "mean"):
            assert float(found[name, key]) == near(seconds(row[key])), (name, key)
        assert [found[name, key] for key in ("n", "eligible", "assumed", "estimated")] == [
            row[key] for key in ("n", "eligible", "assumed", "estimated")
        ]
        low, high = row["interval of the median"].split(" to ")
        assert [float(found[name, f"ci95_{end}"]) for end in ("low", "high")] == [seconds(low), seconds(high)]


@pytest.mark.parametrize("name", ["table", "markdown"])
def test_each_format_for_people_has_the_other_numbers(printed: dict[str, str], name: str) -> None:
    text = " ".join(printed[name].replace("|", " ").split())
    for said in (
        "7 of 14 due in this period were done in time",
        "2 repeats among 7 with a recorded cause; 11 have none",
        *("24 of 30 intervals", "14 of 15", "3 of 6", "4 of 12", "7m 30s", "5.5 days"),
        *("2 are still open", "known for 2 of 18", "1,500", "2,500 EUR"),
        *(f"{row['month']} {row['SEV1']} {row['SEV2']} {row['SEV3']} {row['SEV4']}" for row in TABLES["months"]),
    ):
        assert said in text, said


def test_each_format_for_people_shows_each_severe_incident(printed: dict[str, str]) -> None:
    for row in TABLES["durations"]:
        severity = pairs("incidents", "incident", "severity")[row["incident"]]
        for name in ("table", "markdown"):
            lines = [
                each for each in printed[name].splitlines() if re.match(rf"\W*{severity}\W+{row['incident']}", each)
            ]
            assert len(lines) == (severity in ("SEV1", "SEV2")), (name, row["incident"])
            for line in lines:
                cells = re.split(r"\s{2,}", line.strip()) if name == "table" else line.strip("|").split("|")
                shown = [words(number(row[each])) for each in METRICS if row[each][0].isdigit()]
                assert [cell.strip() for cell in cells if re.match(r"\s*\d+[hms]", cell)] == shown


def test_the_page_in_html_shows_each_figure_and_each_month(printed: dict[str, str]) -> None:
    text, rows = plain(printed["html"]), rows_of(printed["html"])
    for row in TABLES["figures"]:
        start, end = ENDS[row["metric"]]
        median, p90, mean = (words(number(row[key])) for key in ("median", "p90", "mean"))
        interval = " to ".join(words(number(each)) for each in row["interval of the median"].split(" to "))
        n = f"{row['n']} of {row['eligible']}"
        assert f"{start} → {end} {median} median n {n} 95 % interval {interval} p90 {p90} mean {mean}" in text
    for row in TABLES["months"]:
        counted = [row[f"SEV{level}"] for level in range(1, 5)]
        assert [row["month"], *counted, str(sum(map(int, counted)))] in rows
    for said in (
        "7 of 14",
        "2 repeats among 7 with a recorded cause",
        "24 of 30 intervals",
        "14 of 15",
        "4 of 12",
        "5.5 days",
    ):
        assert said in text


def test_the_page_in_html_shows_each_severe_incident_and_its_times(printed: dict[str, str]) -> None:
    rows = rows_of(printed["html"])
    times = {row["incident"]: row for row in TABLES["incidents"]}
    for row in TABLES["durations"]:
        found = [cells for cells in rows if any(row["incident"] in cell for cell in cells[:2])]
        shown = [words(number(row[each])) if row[each][0].isdigit() else row[each] for each in METRICS]
        cells = [cell.replace("not applicable", "n/a") for cell in shown]
        is_severe = times[row["incident"]]["severity"] in ("SEV1", "SEV2")
        assert (cells in [each[3:] for each in found]) is is_severe, row["incident"]
        # On the clock of Berlin.
        clocks = [
            "n/a" if at is None else datetime.fromisoformat(at).astimezone(ZoneInfo(ZONE)).strftime("%H:%M:%S")
            for at in (moment(times[row["incident"]][key]) for key in ("started", "detected", "mitigated", "resolved"))
        ]
        assert clocks in [[*each[1:3], *each[5:7]] for each in found], row["incident"]


# --------------------------------------------------------------------------------------- the way to a number, and back


def subjects(golden: Golden) -> dict[str, str]:
    """What each commit says of itself, by its name; a change by hand with the moment, since all say the same."""
    lines = golden.git("ann", "log", "--date=format:%m-%d %H:%M", "--format=%H %ad %s").splitlines()
    found = {line[:40]: (line[41:52], line[53:]) for line in lines}
    return {name: f"{said}, {at}" if said == "by hand" else said for name, (at, said) in found.items()}


@pytest.mark.parametrize("row", TABLES["ways"], ids=lambda row: f"{row['metric']} {row['incident']} {row['end']}")
def test_the_way_to_each_end_leads_to_its_commit_and_its_line(golden: Golden, row: dict[str, str]) -> None:
    said = golden.json("ann", "stats", "explain", METRICS[row["metric"]], row["incident"])
    ((end,),) = [[each["fact"] for each in said["incidents"][0]["ends"] if each["name"] == row["end"]]]
    source = end["source"]
    assert end["at"] == moment(row["moment"])
    told = "estimated" if end["estimated"] else source["origin"]
    assert told == row["origin"]
    if row["origin"] == "assumed":
        return
    assert subjects(golden)[source["commit"]] == row["commit"]
    if row["origin"] == "history":
        assert source["line"] is None
    else:
        line = golden.text(source["path"]).splitlines()[source["line"] - 1]
        assert f"e:{source['entry']}" in line or line.endswith("— @cem"), "a line that was typed has no id"
        assert end["at"] in line


@pytest.mark.parametrize(
    "metric", [*METRICS.values(), "incidents", "action_items", "repeats", "process", "recording_lag"]
)
def test_each_figure_can_be_explained_in_words(golden: Golden, metric: str) -> None:
    assert metric in golden.ictl("ann", "stats", "explain", metric)


def test_the_explanation_of_a_duration_adds_up_to_the_report(golden: Golden, report: Any) -> None:
    for metric in METRICS.values():
        said = golden.json("ann", "stats", "explain", metric)
        figure = report["metrics"][metric]
        assert [said["figure"][key] for key in ("n", "eligible", "median", "p90", "mean")] == [
            near(figure[key]) for key in ("n", "eligible", "median", "p90", "mean")
        ]
        assert {each["id"]: each["seconds"] for each in said["incidents"] if each["seconds"] is not None} == {
            each["id"]: each["seconds"] for each in figure["values"]
        }


def test_the_explanation_of_the_recording_lag_leaves_out_what_the_report_leaves_out(
    golden: Golden, report: Any
) -> None:
    said = golden.json("ann", "stats", "explain", "recording_lag")["incidents"]
    verdicts = Counter(each["verdict"] for each in said)
    lag = report["data_quality"]["recording_lag"]
    assert verdicts == {"recorded": lag["n"], **lag["left_out"]}
    assert all((each["seconds"] is None) is (each["verdict"] != "recorded") for each in said)


@pytest.mark.parametrize("row", TABLES["moves"], ids=lambda row: f"{row['from']} {row['metric']}")
def test_what_moved_a_number_and_which_commits_did(golden: Golden, row: dict[str, str]) -> None:
    said = golden.json("ann", "stats", "diff", row["from"].strip("`"), row["to"].strip("`"))
    moved = said["metrics"][METRICS[row["metric"]]]["moved"]
    assert [each["id"] for each in moved] == [row["incident"]]
    for key in ("before", "after"):
        entry = moved[0][key]
        cell = row[key].replace(" ", "_")
        if cell == "not_counted":
            assert entry is None
        elif cell[0].isdigit():
            assert (entry["state"], entry["seconds"]) == ("recorded", seconds(cell))
        else:
            assert (entry["state"], entry["seconds"]) == (cell, None)
    assert "; ".join(subjects(golden)[each] for each in moved[0]["commits"]) == row["commits"]


# --------------------------------------------------------------------------------------------------- export and import


def what_travels(report: Any) -> Any:
    """A report without what `docs/how-to/import.md` says cannot travel, and without places in files."""
    items = [
        {key: each[key] for key in ("incident", "id", "binding_due", "done_on", "dropped_on", "outcome")}
        for each in report["action_items"]["items"]
    ]
    repeats = [
        {**each, "left_undone": [item["id"] for item in each["left_undone"]]} for each in report["repeats"]["repeats"]
    ]
    marks = {"marks": None}
    stays = ("period", "now", "severe", "metrics", "trends", "counts", "process", "impact", "groups", "unreadable")
    return {
        **{key: report[key] for key in stays},
        "incidents": [{**each, **marks} for each in report["incidents"]],
        "action_items": {**report["action_items"], "items": items, "moved": None},
        "repeats": {**report["repeats"], "repeats": repeats},
    }


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_exported_and_imported_into_an_empty_repository_it_says_the_same(
    golden: Golden, report: Any, tmp_path: Path, form: str
) -> None:
    place, path = str(tmp_path / f"out.{form}"), tmp_path / "new"
    golden.ictl("ann", "stats", "export", "--format", form, "-o", place)
    golden.git("ann", "init", "--quiet", str(path))
    (path / "incidentctl.toml").write_text(SETTINGS)
    golden.git("ann", "-C", str(path), "add", "--all")
    golden.git("ann", "-C", str(path), "commit", "--quiet", "-m", "settings")
    golden.ictl("ann", "import", place, path=path)
    imported = json.loads(golden.ictl("ann", "stats", "report", "--json", path=path))
    assert what_travels(imported) == what_travels(report)
    quality = imported["data_quality"]
    assert quality["recording_lag"]["n"] == 0
    assert quality["recording_lag"]["median"] is None
    assert quality["imported"] == 18
    for options in (("--occurrence", "first"), ("--include-drills",), ("--period", "2026-Q2", "--compare", "previous")):
        again = json.loads(golden.ictl("ann", "stats", "report", "--json", *options, path=path))
        assert what_travels(again) == what_travels(asked(golden, *options)), options
    # Once more it changes nothing.
    tip = golden.git("ann", "-C", str(path), "rev-parse", "HEAD")
    golden.ictl("ann", "import", place, path=path)
    assert golden.git("ann", "-C", str(path), "rev-parse", "HEAD") == tip


# ------------------------------------------------------------------------------------------- the same bytes from any copy

QUESTIONS: tuple[tuple[str, ...], ...] = (
    *(("--format", name) for name in FORMATS),
    ("--json", "--period", "2026-Q2", "--compare", "previous"),
    ("--json", "--group-by", "service"),
    ("--json", "--as-of", "2026-02-20"),
)


def answers(golden: Golden, path: Path | None = None) -> list[str]:
    """What is printed for each question, in some copy of the repository."""
    return [golden.ictl("ann", "stats", "report", *options, path=path) for options in QUESTIONS]


@pytest.fixture(scope="module")
def expected(golden: Golden) -> list[str]:
    return answers(golden)


@pytest.fixture
def copy(golden: Golden, tmp_path: Path) -> Path:
    """A copy to do harm to, with whatever the clone keeps."""
    path = tmp_path / "copy"
    shutil.copytree(golden.path, path)
    return path


def cache_of(path: Path) -> Path:
    return path / ".git" / "incidentctl" / "cache"


@pytest.mark.slow
def test_the_repository_is_what_the_commands_of_today_make(tmp_path: Path) -> None:
    made = build(tmp_path / "made again")
    if os.environ.get("UPDATE_GOLDEN"):
        keep(made)
    assert load(tmp_path / "kept").git("ann", "rev-parse", "main") == made.git("ann", "rev-parse", "main")


def test_asking_again_gives_the_same_bytes(golden: Golden, expected: list[str]) -> None:
    assert answers(golden) == expected


def test_a_clone_gives_the_same_bytes(golden: Golden, expected: list[str], tmp_path: Path) -> None:
    path = tmp_path / "clone"
    golden.git("ann", "clone", "--quiet", "--no-local", str(golden.path), str(path))
    assert answers(golden, path) == expected


CLONES = {
    "bare": ("clone", "--quiet", "--bare", "{golden}", "{path}"),
    "without file contents": ("clone", "--quiet", "--filter=blob:none", "file://{golden}", "{path}"),
    "without trees": ("clone", "--quiet", "--filter=tree:0", "file://{golden}", "{path}"),
    "at no branch": ("-C", "{path}", "checkout", "--quiet", "--detach", "HEAD~50"),
    "at another branch": ("-C", "{path}", "checkout", "--quiet", "--orphan", "another"),
    "with a commit in place of another": ("-C", "{path}", "replace", "HEAD~3", "HEAD~100"),
}
"""How copies are made that are no plain clones."""


@pytest.mark.parametrize("name", [*CLONES, "with a graft"])
def test_any_other_copy_gives_the_same_bytes(golden: Golden, expected: list[str], tmp_path: Path, name: str) -> None:
    path, source = tmp_path / "clone", tmp_path / "source"
    shutil.copytree(golden.path, source)
    golden.git("ann", "-C", str(source), "config", "uploadpack.allowFilter", "true")
    golden.git("ann", "-C", str(source), "config", "uploadpack.allowAnySHA1InWant", "true")
    command = [word.format(golden=source, path=path) for word in CLONES.get(name, ())]
    if "clone" not in command:
        golden.git("ann", "clone", "--quiet", str(source), str(path))
    if command:
        golden.git("ann", *command)
    else:
        cut = golden.git("ann", "rev-parse", "HEAD~10")
        (path / ".git" / "info").mkdir(exist_ok=True)
        (path / ".git" / "info" / "grafts").write_text(cut)
    places = {index for index, options in enumerate(QUESTIONS) if "--json" in options}
    assert len(places) == 3
    for index in places:
        assert golden.ictl("ann", "stats", "report", *QUESTIONS[index], path=path) == expected[index]


def test_in_another_format_of_objects_only_the_names_of_commits_are_others(
    golden: Golden, expected: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "sha256"
    golden.git("ann", "init", "--quiet", "--object-format=sha256", str(path))
    golden.git("ann", "-C", str(path), "fast-import", "--quiet", given=KEPT.read_bytes())
    golden.git("ann", "-C", str(path), "reset", "--quiet", "--hard", "main")
    said, names = answers(golden, path), re.compile(r"\b[0-9a-f]{12}(?:[0-9a-f]{28}|[0-9a-f]{52})?\b")
    assert said != expected
    assert [names.sub("COMMIT", text) for text in said] == [names.sub("COMMIT", text) for text in expected]


@pytest.mark.slow
def test_neither_the_machine_nor_chance_changes_a_byte(golden: Golden) -> None:
    command = [sys.executable, "-m", "incidentctl", "stats", "report", "--json", "--as-of", "HEAD", "--no-cache"]
    surroundings = (
        {"PYTHONHASHSEED": "1"},
        {"PYTHONHASHSEED": "2", "TZ": "Asia/Tokyo", "LC_ALL": "tr_TR.UTF-8", "COLUMNS": "40"},
    )
    said = [
        subprocess.run(command, cwd=golden.path, env={**golden.environ("ann"), **each}, capture_output=True, check=True)
        for each in surroundings
    ]
    assert said[0].stdout == said[1].stdout != b""


@pytest.mark.slow
def test_a_repack_gives_the_same_bytes(golden: Golden, expected: list[str], copy: Path) -> None:
    golden.git("ann", "-C", str(copy), "gc", "--quiet", "--aggressive", "--prune=now")
    assert answers(golden, copy) == expected
    shutil.rmtree(cache_of(copy))
    assert answers(golden, copy) == expected


def test_without_a_cache_the_bytes_are_the_same(golden: Golden, expected: list[str], copy: Path) -> None:
    for _ in range(2):
        shutil.rmtree(cache_of(copy))
        assert answers(golden, copy) == expected


@pytest.mark.parametrize("harm", ["cut", "flipped", "emptied", "other words"])
def test_a_corrupt_cache_gives_the_same_bytes(golden: Golden, expected: list[str], copy: Path, harm: str) -> None:
    kept = [path for path in cache_of(copy).rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        data = bytearray(path.read_bytes())
        middle = len(data) // 2
        if harm == "flipped":
            data[middle] ^= 0x55
        made = {"cut": data[:middle], "emptied": b"", "other words": b"\x81\xa1a\x01" * 100}
        path.write_bytes(bytes(made.get(harm, data)))
    assert answers(golden, copy) == expected


@pytest.mark.slow
def test_a_cache_that_cannot_be_written_gives_the_same_bytes(golden: Golden, expected: list[str], copy: Path) -> None:
    shutil.rmtree(cache_of(copy))
    cache_of(copy).write_text("in the way of a folder, for root as well")
    assert answers(golden, copy) == expected
    cache_of(copy).unlink()
    cache_of(copy).mkdir()
    cache_of(copy).chmod(0o500)
    try:
        assert answers(golden, copy) == expected
    finally:
        cache_of(copy).chmod(0o700)


@pytest.mark.slow
def test_a_rebase_of_all_history_changes_nothing_but_the_names_of_commits(
    golden: Golden, expected: list[str], copy: Path
) -> None:
    before = _commits(golden, copy)
    golden.git("ann", "-C", str(copy), "-c", "sequence.editor=true", *REBASE, without=("GIT_AUTHOR_DATE",))
    after = _commits(golden, copy)
    assert before.keys() == after.keys()
    assert sum(before[key] != after[key] for key in before) >= len(before) - 1, "the first may stay what it was"
    became = {before[key]: after[key] for key in before}
    # Under the warm cache of the history that was, and without.
    renamed = [_renamed(text, became) for text in expected]
    assert answers(golden, copy) == renamed
    shutil.rmtree(cache_of(copy))
    assert answers(golden, copy) == renamed


REBASE = ("rebase", "--quiet", "--root", "--rebase-merges", "--no-ff")


def _commits(golden: Golden, path: Path) -> dict[str, str]:
    """By what a rebase leaves as it is, the names of the commits."""
    lines = golden.git("ann", "-C", str(path), "log", "--format=%H %at %T %an %s").splitlines()
    return {line.partition(" ")[2]: line.partition(" ")[0] for line in lines}


def _renamed(text: str, became: dict[str, str]) -> str:
    """The text with each commit by its new name, whole or as many letters of it as stand there."""

    def new_name(match: re.Match[str]) -> str:
        found = [new for old, new in became.items() if old.startswith(match[0])]
        return found[0][: len(match[0])] if len(found) == 1 else match[0]

    return re.sub(r"\b[0-9a-f]{7,40}\b", new_name, text)


def test_a_shallow_clone_is_refused_with_the_way_out(golden: Golden, tmp_path: Path) -> None:
    path = tmp_path / "shallow"
    golden.git("ann", "clone", "--quiet", "--depth", "5", f"file://{golden.path}", str(path))
    assert golden.ictl("ann", "stats", "report", path=path, ends=4) == ""
    golden.git("ann", "-C", str(path), "fetch", "--quiet", "--unshallow")
    assert golden.ictl("ann", "stats", "report", path=path) == golden.ictl("ann", "stats", "report")


def test_two_periods_of_a_few_incidents_are_not_told_apart(golden: Golden) -> None:
    figure = asked(golden, "--period", "2026-Q2", "--compare", "previous")["metrics"]["mttm"]
    assert figure["comparison"]["n_before"] == 8
    assert figure["comparison"]["median_before"] == 45 * 60
    assert figure["comparison"]["distinguishable"] is False
