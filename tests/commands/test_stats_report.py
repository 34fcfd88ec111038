"""`stats report` through the real command line: every format, what it is asked, and what it does with a bad record."""

import csv
import io
from importlib import import_module
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from incidentctl.commands.stats_report import ReportFormat
from incidentctl.output import reports
from incidentctl.output.schemas import schema_of
from tests.conftest import Desk

HOSTILE = "[db] <b>down</b> =1+1 | `x`"


def finished(desk: Desk, title: str, *options: str, mitigated: int = 46, resolved: int = 128) -> None:
    """An incident that is over: detected at the hour, two days before now."""
    desk.ok(
        *("open", title, "-s", "1", "--service", "checkout", "--started-at", "2026-05-12T09:51:00Z"),
        *("--detected-at", "2026-05-12T10:02:00Z", "--at", "2026-05-12T10:05:00Z"),
        *("--mitigated-at", f"2026-05-12T{10 + (2 + mitigated) // 60}:{(2 + mitigated) % 60:02d}:00Z"),
        *("--resolved-at", f"2026-05-12T{10 + (2 + resolved) // 60}:{(2 + resolved) % 60:02d}:00Z"),
        *options,
    )


@pytest.fixture
def record(desk: Desk) -> Desk:
    """One incident that is over, and one that is not."""
    finished(desk, HOSTILE)
    desk.ok("open", "Login slow", "-s", "2", "--service", "login")
    return desk


def test_the_table_has_the_incidents_the_figures_and_their_limits(record: Desk) -> None:
    text = record.ok("stats", "report").out
    assert text.startswith("Incident report: all history\n2 incidents, 2 of them SEV1 or SEV2; one is still open")
    assert "MTTM         detected_at → mitigated_at     1 of 2     46m" in text
    assert "2026-05-14-login-slow" in text
    assert "none of them says anything about a person." in text.splitlines()[-1]
    assert max(map(len, text.splitlines())) <= 100


def test_the_json_is_as_its_schema_says(record: Desk) -> None:
    by_word = record.ok("stats", "report", "--json")
    Draft202012Validator(schema_of("stats_report")).validate(by_word.json)
    assert by_word.json["metrics"]["mttm"]["median"] == 46 * 60
    assert by_word.json["metrics"]["mttm"]["excluded"][0]["state"] == "pending"
    assert by_word.json["incidents"][0]["title"] == HOSTILE
    assert record.ok("stats", "report", "--format", "json").out == by_word.out


def test_markdown_and_csv_have_the_same_figure(record: Desk) -> None:
    markdown = record.ok("stats", "report", "--format", "markdown").out
    assert "| `detected_at` → `mitigated_at` | 1 of 2 | 46m |" in markdown
    assert "<b>" not in markdown
    text = record.ok("stats", "report", "-f", "csv").out
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    wanted = ("metric", "mttm", "median")
    found = [row["value"] for row in rows if (row["section"], row["name"], row["figure"]) == wanted]
    assert found == ["2760"]
    assert text.count("\r\n") == text.count("\n")


def test_a_report_goes_into_a_file_whole_and_nothing_else_is_printed(record: Desk, tmp_path: Path) -> None:
    place = tmp_path / "reports" / "may.md"
    result = record.ok("stats", "report", "--format", "markdown", "-o", str(place))
    assert result.out == ""
    assert result.err == f"written: {place}\n"
    assert place.read_text() == record.ok("stats", "report", "--format", "markdown").out
    refused = record.ictl("stats", "report", "-o", str(tmp_path))
    assert (refused.code, refused.out) == (2, "")
    assert "is a folder" in refused.err


def test_a_terminal_gives_the_width_and_says_what_it_can_show(record: Desk) -> None:
    record.environ["COLUMNS"] = "80"
    text = record.ictl("stats", "report", typed="").out
    assert max(map(len, text.splitlines())) <= 80
    assert "→" in text
    record.environ["LANG"] = "C"
    assert record.ictl("stats", "report", typed="").out.isascii()
    assert "→" in record.ok("stats", "report").out


def test_a_period_without_incidents_is_a_sentence_and_n_a(record: Desk) -> None:
    text = record.ok("stats", "report", "--period", "2024-Q1").out
    assert "No incident was declared in this period: its durations are n/a, not 0." in text
    data = record.ok("stats", "report", "--period", "2024-Q1", "--json").json
    assert data["metrics"]["mttm"]["median"] is None
    assert data["counts"]["total"] == 0


@pytest.mark.parametrize("form", ["table", "markdown", "json", "csv"])
def test_no_incident_at_all_is_no_fault(desk: Desk, form: str) -> None:
    assert desk.ok("stats", "report", "--format", form).out


def test_what_cannot_be_read_is_named_beside_the_report(record: Desk) -> None:
    record.write("incidents/2026/05/2026-05-13-broken.md", "---\nid: [\n---\n")
    record.git("add", ".")
    record.git("commit", "-qm", "broken")
    result = record.ictl("stats", "report", "--json")
    assert result.code == 1
    assert "incidents/2026/05/2026-05-13-broken.md" in result.err
    assert [each["path"] for each in result.json["unreadable"]] == ["incidents/2026/05/2026-05-13-broken.md"]
    assert result.json["metrics"]["mttm"]["n"] == 1
    assert "Not read, and in no figure: incidents/2026/05/2026-05-13-broken.md" in record.ictl("stats", "report").out


def test_a_shallow_clone_is_refused_with_the_way_out(record: Desk, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    record.git("clone", "-q", "--depth", "1", f"file://{record.path}", str(shallow))
    result = record.ictl("-C", str(shallow), "stats", "report")
    assert (result.code, result.out) == (4, "")
    assert "fetch-depth: 0" in result.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--period", "soon"), "'soon' is not a period"),
        (("--last", "x"), "'x' is not a length of time"),
        (("--period", "2026", "--last", "90d"), "are different ways to name one period"),
        (("--tz", "Mars/Base"), "there is no time zone 'Mars/Base'"),
        (("--severity", "9"), "'9' is not on the scale SEV1, SEV2, SEV3, SEV4"),
        (("--compare", "previous"), "all history has nothing before it to compare with"),
        (("--as-of", "nowhere"), "'nowhere' is neither a commit nor a time"),
        (("--group-by", "colour"), "invalid value for '--group-by'"),
        (("--format", "yaml"), "invalid value for '--format'"),
        (("--json", "--format", "csv"), "exclude each other"),
    ],
)
def test_what_cannot_be_asked_is_said_in_a_sentence(record: Desk, words: tuple[str, ...], said: str) -> None:
    result = record.ictl("stats", "report", *words)
    assert (result.code, result.out) == (2, "")
    assert said in result.err


def test_filters_are_said_and_kept(record: Desk) -> None:
    data = record.ok("stats", "report", "--service", "CHECKOUT", "--severity", "1-2", "--json").json
    assert [each["id"] for each in data["incidents"]] == ["2026-05-12-db-b-down-b-1-1-x"]
    assert data["filters"] == ["severity SEV1", "severity SEV2", "service CHECKOUT"]
    assert "Asked for: service login." in record.ok("stats", "report", "--service", "login").out


def test_groups_stand_in_a_table_of_their_own(record: Desk) -> None:
    text = record.ok("stats", "report", "--group-by", "service").out
    assert "\nBY SERVICE\n" in text
    data = record.ok("stats", "report", "--group-by", "service", "--json").json
    assert [each["name"] for each in data["groups"]] == ["checkout", "login"]


def test_a_comparison_of_few_incidents_shows_no_change(record: Desk) -> None:
    text = record.ok("stats", "report", "--period", "2026-05", "--compare", "previous").out
    assert "compared with 2026-04" in text
    assert "not distinguishable (1 against 0 incidents)" in " ".join(text.split())


def test_the_zone_and_the_fiscal_year_say_where_a_quarter_begins(record: Desk) -> None:
    record.write("incidentctl.toml", '[store]\nbranch = "main"\n\n[report]\nfiscal_year_start = 4\n')
    data = record.ok("stats", "report", "--period", "2026-Q1", "--tz", "Europe/Berlin", "--json").json
    assert data["period"]["since"] == "2025-03-31T22:00:00Z"
    assert data["period"]["zone"] == "Europe/Berlin"


def test_as_of_a_day_the_figures_are_those_of_that_day(record: Desk) -> None:
    record.git("commit", "-q", "--allow-empty", "-m", "later")
    first = record.git("rev-list", "--max-parents=0", "HEAD").strip()
    data = record.ok("stats", "report", "--as-of", first, "--json").json
    assert data["counts"]["total"] == 0


def test_several_repositories_are_one_report(record: Desk, tmp_path: Path) -> None:
    other = tmp_path / "other"
    record.git("clone", "-q", str(record.path), str(other))
    data = record.ok("stats", "report", "--repo", str(record.path), "--repo", str(other), "--json").json
    assert data["repositories"] == ["incidents-repo", "other"]
    assert {each["repository"] for each in data["incidents"]} == {"incidents-repo", "other"}
    text = record.ok("stats", "report", "--repo", str(record.path), "--repo", str(other)).out
    assert " other/2026-" in text and "other/other/" not in text and ":other/" not in text
    one = record.ok("stats", "report", "--repo", "../other", "--json").json
    assert one["counts"]["total"] == 2
    assert one["repositories"] == []


def test_the_same_record_gives_the_same_bytes_with_and_without_a_cache(record: Desk) -> None:
    for form in ("table", "markdown", "json", "csv"):
        first = record.ok("stats", "report", "--format", form).out
        assert record.ok("stats", "report", "--format", form).out == first
        assert record.ok("stats", "report", "--format", form, "--no-cache").out == first


@pytest.mark.parametrize("word", ["metrics", "report", "dora"])
def test_for_other_tools_words_ours_is_named(desk: Desk, word: str) -> None:
    result = desk.ictl(word)
    assert result.code == 2
    assert "it is `ictl stats report`" in result.err


def test_nothing_is_written_into_the_record(record: Desk) -> None:
    before = record.git("rev-parse", "HEAD")
    record.ok("stats", "report")
    assert record.git("rev-parse", "HEAD") == before
    assert record.git("status", "--porcelain") == ""


def test_html_is_one_page_in_which_a_title_is_text(record: Desk, tmp_path: Path) -> None:
    place = tmp_path / "report.html"
    result = record.ok("stats", "report", "--format", "html", "-o", str(place))
    assert result.out == ""
    page = place.read_text()
    assert page.lower().startswith("<!doctype html>")
    assert "<b>down</b>" not in page
    assert record.ok("stats", "report", "--format", "html").out == page


@pytest.mark.parametrize("form", ReportFormat)
def test_each_format_has_a_module_of_its_own(form: ReportFormat) -> None:
    module = import_module(f"incidentctl.output.reports.{form.value}")
    assert callable(getattr(module, f"report_as_{form.value}"))


def test_the_list_of_formats_is_complete() -> None:
    folder = Path(reports.__file__).parent
    found = {path.stem for path in folder.glob("*.py") if f"def report_as_{path.stem}(" in path.read_text()}
    assert found == {form.value for form in ReportFormat}
