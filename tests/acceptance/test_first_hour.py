"""The first hour of a SEV1 that a real Alertmanager's message opened, with one update missed: each command says exactly that."""

from datetime import UTC, datetime
from pathlib import Path

from tests.conftest import Desk

MESSAGE = Path(__file__).parents[1] / "alerts" / "data" / "alertmanager-0.25-firing.json"
ID = "2026-05-14-checkout-fails"


def overdue(desk: Desk) -> list[tuple[str, str]]:
    """What is overdue, with the moment at which it was due."""
    return [(clock["name"], clock["due_at"][11:16]) for clock in desk.ictl("due", "--json").json["clocks"]]


def test_the_first_hour_of_an_alert_with_one_update_missed(desk: Desk) -> None:
    desk.now = datetime(2026, 5, 14, 10, 3, tzinfo=UTC)
    opened = desk.ok("open", "--from", "-", "--json", stdin=MESSAGE.read_text()).json
    assert (opened["incident"], opened["state"]["status"], opened["state"]["severity"]) == (ID, "triage", "SEV1")
    assert (opened["state"]["detected_at"], opened["state"]["acknowledged_at"]) == ("2026-05-14T10:02:34Z", None)

    desk.at("10:07")
    acknowledged = desk.ok("ack", ID)
    assert "warning: nobody coordinates this SEV1 yet" in acknowledged.err
    desk.at("10:08")
    desk.ok("assign", "ic", "me")
    desk.ok("note", "--done", "management", "told the director on duty")
    desk.ok("note", "--done", "status_page", "https://status.example.org/1")
    assert overdue(desk) == [] and desk.ictl("due").code == 0

    desk.at("10:20")
    desk.ok("update", "looking", "--impact", "7 errors a second")
    desk.at("11:10")
    assert overdue(desk) == [("update", "10:50")] and desk.ictl("due").code == 1
    status = desk.ok("status").out
    assert "! update" in status and "overdue 20 min" in status and status.count("overdue") == 1
    desk.ok("update", "failing over to db-4")
    assert overdue(desk) == []

    desk.at("11:20")
    desk.ok("mitigate", "failed over")
    desk.at("11:30")
    desk.ok("resolve", "pool size fixed")
    assert desk.ictl("due").code == 0

    report = desk.ok("stats", "report", "--period", "2026-05", "--json").json
    process = report["process"]
    assert (process["updates"], process["longest_silence"]["seconds"]) == (2, 50 * 60)
    assert (process["intervals"]["kept"], process["intervals"]["n"], process["intervals"]["missed"]) == (2, 3, [ID])
    assert (process["response"]["kept"], process["response"]["n"]) == (1, 1)
    assert (process["status_page"]["kept"], process["status_page"]["n"]) == (1, 1)
    assert process["to_commander"]["median"] == 5 * 60
    metrics = report["metrics"]
    seconds = {name: metrics[name]["median"] for name in ("mttm", "mtta", "mttr")}
    assert seconds == {"mttm": 77 * 60 + 26, "mtta": 4 * 60 + 26, "mttr": 87 * 60 + 26}
