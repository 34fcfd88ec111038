"""`--dry-run`: the change is shown, and nothing at all is written."""

from pathlib import Path

import pytest

from tests.conftest import Desk


def everything(desk: Desk) -> dict[str, bytes]:
    """All files of the clone and of the home folder, but for what is safe to delete."""
    return {
        str(path): path.read_bytes()
        for top in (desk.path, desk.path.parent / "home")
        for path in sorted(Path(top).rglob("*"))
        if path.is_file() and "/incidentctl/cache/" not in str(path)
    }


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("open", "Login fails", "-s", "1"), "+- 2026-05-14T10:20:00Z **Opened** SEV1 — @ann"),
        (("note", "pool exhausted"), "+- 2026-05-14T10:20:00Z pool exhausted — @ann"),
        (("note", "--lines", "-"), "+- 2026-05-14T10:19:00Z hello — @ann"),
        (("update", "failing over"), "+  - Actions in Progress: failing over"),
        (("severity", "1"), "+severity: SEV1"),
        (("assign", "ic", "@bob"), "+commander: bob"),
        (("mitigate",), "+status: mitigated"),
        (("resolve",), "+resolved_at: 2026-05-14T10:20:00Z"),
        (("cancel", "--reason", "false_alarm"), "+cancel_reason: false_alarm"),
        (("set", "team=shop"), "+team: shop"),
        (("undo",), "+- 2026-05-14T10:20:00Z **Withdrawn** e:"),
    ],
)
def test_every_write_shows_its_change_and_writes_nothing(desk: Desk, words: tuple[str, ...], line: str) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.ok("note", "first")
    desk.at("10:20")
    before = everything(desk)
    result = desk.ok(*words, "--dry-run", stdin="10:19 hello\n")
    assert line in result.out
    assert result.out.startswith("--- ")
    assert everything(desk) == before
    data = desk.ok(*words, "--dry-run", "--json", stdin="10:19 hello\n").json
    assert (data["kind"], data["dry_run"], data["committed"]) == ("write", True, False)
    assert any(each.startswith(line) for each in data["diff"])
    assert everything(desk) == before


def test_what_is_so_already_would_change_nothing(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    assert desk.ok("severity", "2", "--dry-run").out == "nothing would change: severity is SEV2 already\n"


def test_what_would_be_refused_is_refused(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    assert desk.ictl("severity", "3", "--dry-run").code == 2


def test_warnings_are_said(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    assert "warning: 'teem' is none of our keys" in desk.ok("set", "teem=x", "--dry-run").err
