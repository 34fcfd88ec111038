"""`list`, `show`, `timeline`, `search`: what is read back."""

from pathlib import Path

import pytest

from tests.conftest import SETTINGS, Desk, new_desk

CHECKOUT = "2026-05-14-checkout-latency"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Four incidents of two days."""
    services = '[[services]]\nname = "checkout"\naliases = ["shop"]\n[[services]]\nname = "login"\n'
    desk = new_desk(tmp_path, settings=SETTINGS + services)
    desk.ok(
        *("open", "Search slow", "-s", "3", "--tag", "db", "--at", "2026-05-12 10:00", "--team", "find"),
        *("--mitigated-at", "2026-05-12 10:40", "--resolved-at", "2026-05-12 11:30"),
    )
    desk.ok("open", "Login fails", "-s", "2", "--service", "login", "--at", "2026-05-13 10:00")
    desk.ok("open", "Exercise", "-s", "2", "--drill", "--at", "2026-05-13 12:00")
    desk.ok("open", "Checkout latency", "-s", "1", "--service", "shop", "--detected-at", "-4m", "--commander", "me")
    desk.at("10:50")
    return desk


def ids(desk: Desk, *words: str) -> list[str]:
    return [row["id"][11:] for row in desk.ok("list", "--json", *words).json["incidents"]]


# ------------------------------------------------------------------------------------------------------------- list


def test_a_list_is_newest_first_with_all_that_one_looks_for(desk: Desk) -> None:
    assert desk.ok("list").out == (
        "SEV1        investigating  48 min   @ann  2026-05-14-checkout-latency  Checkout latency\n"
        "DRILL SEV2  investigating  22h 50m        2026-05-13-exercise          Exercise\n"
        "SEV2        investigating  1d 0h          2026-05-13-login-fails       Login fails\n"
        "SEV3        resolved       1h 30m         2026-05-12-search-slow       Search slow\n"
    )


def test_in_80_columns_no_line_is_longer_and_the_id_is_whole(desk: Desk) -> None:
    desk.environ["COLUMNS"] = "80"
    desk.ok("open", "Ошибка оплаты в приложении", "-s", "2", "--service", "checkout")
    lines = desk.ok("list", typed="").out.splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert all(each in "\n".join(lines) for each in (CHECKOUT, "2026-05-14-oshibka-oplaty-v-prilozhenii"))
    desk.environ["COLUMNS"] = "100"
    assert "Checkout latency" in desk.ok("list", typed="").out


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--open",), ["checkout-latency", "exercise", "login-fails"]),
        (("--severity", "1"), ["checkout-latency"]),
        (("--severity", "1-2"), ["checkout-latency", "exercise", "login-fails"]),
        (("-s", "sev3", "-s", "critical"), ["checkout-latency", "search-slow"]),
        (("--service", "SHOP"), ["checkout-latency"]),
        (("--service", "login", "--service", "checkout"), ["checkout-latency", "login-fails"]),
        (("--service", "nothing"), []),
        (("--tag", "db"), ["search-slow"]),
        (("--team", "find"), ["search-slow"]),
        (("--limit", "2"), ["checkout-latency", "exercise"]),
        (("--open", "--until", "2026-05-13", "-s", "2"), ["exercise", "login-fails"]),
    ],
)
def test_a_list_is_narrowed(desk: Desk, words: tuple[str, ...], expected: list[str]) -> None:
    assert ids(desk, *words) == expected


def test_a_severity_that_is_not_on_the_scale_is_refused(desk: Desk) -> None:
    assert "'9' is not on the scale SEV1, SEV2, SEV3, SEV4" in desk.ictl("list", "-s", "9").err


def test_an_empty_list_says_so_beside_the_result(desk: Desk, tmp_path: Path) -> None:
    assert desk.ok("list", "-s", "4").out == ""
    assert desk.ok("list", "-s", "4").err == "no incident matches\n"
    assert new_desk(tmp_path / "new").ok("list").err == 'no incident yet: ictl open "What is wrong"\n'


def test_a_list_for_programs(desk: Desk) -> None:
    data = desk.ok("list", "--format", "JSON", "-s", "3").json
    assert (data["schema_version"], data["kind"], data["unreadable"]) == (1, "incidents", [])
    (row,) = data["incidents"]
    assert row["severity"] == "SEV3"
    assert row["status"] == "resolved"
    assert row["resolved_at"] == "2026-05-12T11:30:00Z"
    assert row["path"] == "incidents/2026/05/2026-05-12-search-slow.md"
    assert row["tags"] == ["db"]
    assert row["commander"] is None


def test_an_unreadable_incident_is_named_beside_the_good_ones(desk: Desk) -> None:
    broken = "incidents/2026/05/2026-05-14-broken.md"
    desk.write(broken, "---\ntitle: [\n---\n")
    result = desk.ictl("list")
    assert result.code == 1
    assert result.out.count("\n") == 4
    assert result.err.startswith(f"{broken}:")
    assert result.err.count("\n") == 1
    data = desk.ictl("list", "--json")
    assert data.code == 1
    assert [each["path"] for each in data.json["unreadable"]] == [broken]
    assert len(data.json["incidents"]) == 4
    assert desk.ictl("search", "checkout").code == 1


# ------------------------------------------------------------------------------------------------------------- show


def test_an_incident_is_shown_with_its_timeline_and_what_comes_next(desk: Desk) -> None:
    desk.zone = "Europe/Berlin"
    desk.ok("note", "pool exhausted")
    desk.ok("update", "failing over", "--impact", "12 % fail", "--at", "12:30")
    assert desk.ok("show").out == (
        "SEV1 Checkout latency\n"
        "2026-05-14-checkout-latency · #incident-2026-05-14-checkout-latency\n"
        "\n"
        "status        investigating\n"
        "commander     @ann\n"
        "detected      12:02 CEST = 10:02Z\n"
        "declared      12:06 CEST = 10:06Z\n"
        "acknowledged  12:06 CEST = 10:06Z\n"
        "duration      48 min so far\n"
        "services      checkout\n"
        "\n"
        "2026-05-14\n"
        "10:06Z  OPENED SEV1, detected 10:02Z  (@ann)\n"
        "10:06Z  COMMANDER @ann  (@ann)\n"
        "10:30Z  UPDATE Investigating  (@ann, recorded 10:50Z)\n"
        "        Impact: 12 % fail\n"
        "        Actions in Progress: failing over\n"
        "        Next Update: 13:00 CEST = 11:00Z\n"
        "        IC: @ann\n"
        "10:50Z  pool exhausted  (@ann)\n"
        "\n"
        "next: status page was due 10:21Z · update by 11:00Z · management was due 10:21Z `ictl note --done management WHO` · bridge https://meet.example.org/sev1\n"
    )


def test_long_lines_are_broken_at_words_in_a_terminal_and_nowhere_else(desk: Desk) -> None:
    words = (
        "the pool of connections to db-3 is exhausted since the config push of this morning at 09:45 by the deployer"
    )
    desk.ok("note", words)
    assert f"10:50Z  {words}  (@ann)\n" in desk.ok("timeline").out
    desk.environ["COLUMNS"] = "60"
    lines = desk.ok("timeline", typed="").out.splitlines()
    assert all(len(line) <= 60 for line in lines)
    start = next(index for index, line in enumerate(lines) if "the pool" in line)
    assert lines[start + 1].startswith("        ")
    assert "\x1b" not in desk.ok("show", typed="").out


def test_a_timeline_is_told_in_utc_or_in_the_zone_that_is_named(desk: Desk) -> None:
    desk.ok("note", "late", "-i", "login", "--at", "2026-05-13 22:30")
    assert desk.ok("timeline", "login").out == (
        "2026-05-13\n10:00Z  OPENED SEV2  (@ann, recorded 2026-05-14 10:06Z)\n"
        "22:30Z  late  (@ann, recorded 2026-05-14 10:50Z)\n"
    )
    assert desk.ok("timeline", "login", "--tz", "Europe/Berlin").out == (
        "2026-05-13 CEST\n12:00  OPENED SEV2  (@ann, recorded 2026-05-14 12:06)\n"
        "\n2026-05-14 CEST\n00:30  late  (@ann, recorded 12:50)\n"
    )


def test_ids_are_shown_where_undo_needs_them(desk: Desk) -> None:
    out = desk.ok("timeline", "login", "--ids").out
    entry = out.splitlines()[1].split()[0]
    assert entry.startswith("e:")
    assert entry in desk.text("incidents/2026/05/2026-05-13-login-fails.md")


def test_an_incident_for_programs(desk: Desk) -> None:
    data = desk.ok("show", "--json").json
    assert (data["schema_version"], data["kind"]) == (1, "incident")
    assert data["incident"]["id"] == CHECKOUT
    assert data["incident"]["channel"] == f"#incident-{CHECKOUT}"
    assert data["incident"]["services"] == ["checkout"]
    entry = data["timeline"][0]
    assert {"id", "at", "recorded_at", "by", "kind", "text", "origin"} <= set(entry)
    assert (entry["kind"], entry["by"], entry["origin"]) == ("opened", "ann", "command")
    assert [step["what"] for step in data["next"]] == ["status_page", "update", "management", "bridge"]
    assert desk.ok("timeline", "--json").json["timeline"] == data["timeline"]


def test_what_was_typed_by_hand_is_marked_and_shown(desk: Desk) -> None:
    path = f"incidents/2026/05/{CHECKOUT}.md"
    text = desk.text(path).replace("severity: SEV1", "severity: SEV2") + "- 2026-05-14 12:20+02:00 seen by @bob\n"
    desk.write(path, text)
    out = desk.ok("show", "checkout").out
    assert "10:20Z  seen by @bob  (by hand)" in out
    assert "SEVERITY SEV1 → SEV2  (@ann, by hand)" in out
    assert out.startswith("SEV2 ")
    assert desk.text(path) == text


def test_faults_of_a_file_are_said_beside_it(desk: Desk) -> None:
    path = f"incidents/2026/05/{CHECKOUT}.md"
    desk.write(path, desk.text(path).replace("severity: SEV1", "severity: SEV1\nseverity: SEV2"))
    result = desk.ictl("show", "checkout")
    assert f"warning: {path}:" in result.err
    assert "Traceback" not in result.err
    assert "OPENED SEV1" in result.out


# ----------------------------------------------------------------------------------------------------------- search


def test_words_are_found_in_titles_keys_and_timelines(desk: Desk) -> None:
    desk.ok("note", "pool exhausted on DB-3", "-i", "login")
    assert desk.ok("search", "exhausted", "db-3").out == (
        "SEV2 2026-05-13-login-fails  Login fails\n    2026-05-14T10:50:00Z  pool exhausted on DB-3\n"
    )
    assert desk.ok("search", "LATENCY").out == "SEV1 2026-05-14-checkout-latency  Checkout latency\n"
    assert desk.ok("search", "exhausted", "nothing").err == "no incident holds 'exhausted nothing'\n"
    assert desk.ok("search", "exercise").out == "DRILL SEV2 2026-05-13-exercise  Exercise\n"
    assert desk.ok("search", "o", "--open", "--limit", "1").out.startswith("SEV1 ")
    assert desk.ictl("search").code == 2
    data = desk.ok("search", "exhausted", "--json").json
    assert data["kind"] == "search"
    assert data["incidents"][0]["matches"][0]["line"] == "pool exhausted on DB-3"


def test_many_hits_are_counted(desk: Desk) -> None:
    desk.ok("note", "--lines", "-", "-i", "login", stdin="".join(f"10:0{n} needle {n}\n" for n in range(6)))
    out = desk.ok("search", "needle").out
    assert out.count("needle") == 3
    assert out.endswith("    and 3 more\n")
