"""`statuspage build` and `statuspage posted`: what reaches the public, where it is put, and what never does."""

import json
import os
import re
from datetime import datetime
from pathlib import Path

import feedparser
import pytest

from incidentctl.config.reference import settings_reference
from incidentctl.document.entry_lines import render_entry
from incidentctl.incident.entries import (
    FOLDED_KEYS,
    Canceled,
    CancelReason,
    Done,
    Entry,
    KeySet,
    Milestone,
    Note,
    NoteKind,
    Opened,
    Reached,
    RoleChange,
    SeverityChange,
    Status,
    StatusChange,
    Update,
    What,
    Withdrawn,
)
from incidentctl.incident.model import PLAIN_KEYS
from tests.commands.test_schema import check
from tests.conftest import SETTINGS, Desk

PAGE_SETTINGS = """
[status_page]
title = "Example Shop status"
url = "https://status.example.org/"

[[status_page.service]]
name = "checkout"
title = "Checkout"
group = "Shop"

[[status_page.service]]
name = "search"
"""
FILES = [
    "api/v2/components.json",
    "api/v2/incidents.json",
    "api/v2/incidents/unresolved.json",
    "api/v2/status.json",
    "api/v2/summary.json",
    "history.atom",
    "index.html",
]


@pytest.fixture
def shop(desk: Desk) -> Desk:
    """A desk whose settings have a status page."""
    settle(desk, SETTINGS + PAGE_SETTINGS)
    return desk


def settle(desk: Desk, settings: str) -> None:
    desk.write("incidentctl.toml", settings)
    desk.git("add", ".")
    desk.git("commit", "-qm", "settings")


def site(desk: Desk) -> Path:
    return desk.path.parent / "site"


def files(place: Path) -> list[str]:
    return sorted(str(path.relative_to(place)) for path in place.rglob("*") if path.is_file())


def built(desk: Desk) -> str:
    """All that the public could read, in one text."""
    desk.ok("statuspage", "build", "--out", str(site(desk)))
    return "\n".join((site(desk) / name).read_text(encoding="utf-8") for name in files(site(desk)))


def an_incident(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "1", "--service", "checkout")
    desk.wait(6)
    desk.ok("update", "failing over", "--public", "Some orders fail. We are looking into it.")


# ------------------------------------------------------------------------------------------------------- what is built


def test_the_page_the_feed_and_the_files_for_programs_are_written(shop: Desk) -> None:
    an_incident(shop)
    result = shop.ok("statuspage", "build", "--out", str(site(shop)))
    assert result.out == f"{site(shop)}: 1 open, 0 of the last 90 days · written: 7 of 7 files\n"
    assert result.err == ""
    assert files(site(shop)) == FILES
    page = (site(shop) / "index.html").read_text()
    assert "Some orders fail. We are looking into it." in page
    assert "Incident affecting Checkout" in page
    feed = feedparser.parse((site(shop) / "history.atom").read_bytes())
    assert [each.title for each in feed.entries] == ["Incident affecting Checkout: investigating"]
    summary = json.loads((site(shop) / "api/v2/summary.json").read_text())
    assert summary["status"]["description"] == "Partial System Outage"
    assert shop.git("status", "--porcelain") == ""


def test_again_nothing_is_written_and_the_bytes_are_the_same(shop: Desk) -> None:
    an_incident(shop)
    shop.ok("statuspage", "build", "--out", str(site(shop)))
    before = {name: ((site(shop) / name).read_bytes(), (site(shop) / name).stat().st_ino) for name in FILES}
    shop.wait(90)
    assert "nothing changed" in shop.ok("statuspage", "build", "--out", str(site(shop))).out
    after = {name: ((site(shop) / name).read_bytes(), (site(shop) / name).stat().st_ino) for name in FILES}
    assert after == before


def test_a_life_of_an_incident_on_the_page(shop: Desk) -> None:
    an_incident(shop)
    shop.ok("set", "public_title=Orders fail at checkout")
    shop.wait(20)
    shop.ok("update", "--status", "identified", "--public", "The cause is known.")
    shop.wait(10)
    shop.ok("mitigate", "failed over to db-4")
    text = built(shop)
    assert "Orders fail at checkout: monitoring" in text
    assert "failed over" not in text
    shop.wait(60)
    shop.ok("resolve", "pool size fixed")
    text = built(shop)
    assert "Orders fail at checkout: resolved" in text
    assert "All systems operational" in text
    shop.wait(60 * 24 * 91)
    assert "Orders fail" not in built(shop)


def test_an_incident_that_is_open_and_has_no_public_words_is_named_to_whoever_builds(shop: Desk) -> None:
    shop.ok("open", "Checkout latency", "-s", "1", "--service", "checkout")
    result = shop.ok("statuspage", "build", "--out", str(site(shop)))
    assert result.err == (
        "not on the page: 2026-05-14-checkout-latency is open and has no public words yet: "
        "ictl update 2026-05-14-checkout-latency --public TEXT\n"
    )
    assert "All systems operational" in (site(shop) / "index.html").read_text()


def test_without_settings_there_is_a_page_as_well(desk: Desk) -> None:
    an_incident(desk)
    text = built(desk)
    assert "Service incident" in text
    assert "Some services are affected" in text
    assert "checkout" not in text


def test_what_is_saved_and_not_committed_yet_is_on_the_page(shop: Desk) -> None:
    shop.ok("open", "Checkout latency", "-s", "1")
    hook = shop.path / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    assert shop.ictl("update", "--public", "We are on it.").code == 7
    assert "We are on it." in built(shop)


def test_what_was_taken_back_is_gone_from_the_page(shop: Desk) -> None:
    an_incident(shop)
    assert "Some orders fail" in built(shop)
    shop.ok("undo")
    assert "Some orders fail" not in built(shop)
    shop.ok("update", "--public", "The key is hunter2 for now")
    found = re.findall(r"e:(\w{6})", shop.text())
    shop.ok("redact", f"e:{found[-1]}", "--reason", "secret")
    text = built(shop)
    assert "hunter2" not in text
    assert "Incident affecting" not in text


def test_drills_and_private_tags_never_appear_and_that_is_said(shop: Desk) -> None:
    shop.ok("open", "Failover exercise", "-s", "1", "--drill", "--service", "checkout")
    shop.ok("update", "--public", "drill words")
    shop.ok("open", "Breach", "-s", "1", "--tag", "confidential", "--service", "checkout")
    shop.ok("update", "--public", "breach words")
    result = shop.ok("statuspage", "build", "--out", str(site(shop)))
    assert result.err.splitlines() == [
        "not on the page: 2026-05-14-breach has public words, and is a drill or has a private tag",
        "not on the page: 2026-05-14-failover-exercise has public words, and is a drill or has a private tag",
    ]
    text = built(shop)
    assert "drill words" not in text
    assert "breach words" not in text
    assert "All systems operational" in text


def test_a_file_that_cannot_be_read_costs_no_other_incident(shop: Desk) -> None:
    an_incident(shop)
    shop.write("incidents/2026/05/2026-05-13-broken.md", "---\nid: [\n---\n")
    result = shop.ictl("statuspage", "build", "--out", str(site(shop)))
    assert result.code == 1
    assert "2026-05-13-broken.md" in result.err
    assert "Some orders fail" in (site(shop) / "index.html").read_text()


def test_json_fits_its_schema(shop: Desk) -> None:
    an_incident(shop)
    result = shop.ok("statuspage", "build", "--out", "../site", "--json")
    check(shop, "status_page", result)
    assert result.json["folder"] == str(site(shop))
    assert sorted(result.json["written"]) == FILES
    assert result.json["health"] == "affected"
    assert len(result.json["open"]) == 1
    assert "checkout" not in result.json["open"][0]


def test_aliases_of_a_service_have_its_public_name(desk: Desk) -> None:
    settle(desk, SETTINGS + PAGE_SETTINGS + '\n[[service]]\nname = "checkout"\naliases = ["shop"]\n')
    desk.ok("open", "x", "-s", "2", "--service", "checkout")
    desk.ok("update", "--public", "words")
    desk.write(desk.files()[0], desk.text().replace("services: [checkout]", "services: [SHOP, search]"))
    assert "Incident affecting Checkout and search" in built(desk)


def test_times_are_told_in_the_zone_of_the_page_beside_utc(desk: Desk) -> None:
    settle(desk, SETTINGS + PAGE_SETTINGS.replace('url = "https://status.example.org/"', 'zone = "Europe/Berlin"'))
    an_incident(desk)
    page = built(desk)
    assert '<time datetime="2026-05-14T10:12:00Z" class="soft">14 May 2026, 12:12 CEST (10:12 UTC)</time>' in page


# ------------------------------------------------------------------------------------------------- what never gets there

CANARY = "kanarie"
WORDS = "words for all"
PUBLIC_TIMES = {"2026-05-14T10:17:00Z", "2026-05-14T11:21:00Z", "2026-05-14T11:23:00Z"}


def _canaries() -> list[What]:
    """Each kind of entry there is, with a canary in each of its fields."""
    return [
        *(Reached(milestone) for milestone in (Milestone.ACKNOWLEDGED, Milestone.REOPENED)),
        *(RoleChange(role, f"{CANARY}-holder") for role in ("commander", "tech_lead", "comms_lead", f"{CANARY}-role")),
        SeverityChange("SEV3", "SEV1"),
        StatusChange(Status.INVESTIGATING),
        KeySet("detected_at", None, "2026-05-14T09:33:33Z"),
        KeySet("started_at", None, "2026-05-14T09:33:34Z"),
        KeySet("duplicate_of", None, f"2026-05-13-{CANARY}"),
        Note(),
        *(Note(kind) for kind in NoteKind),
        Done("status_page"),
        Done(f"{CANARY}_clock"),
        Update(Status.INVESTIGATING, f"{CANARY} impact", f"{CANARY} theory", f"{CANARY} actions", None, f"{CANARY}-ic"),
        Withdrawn("00zzzz"),
    ]


def canary_record() -> str:
    """A file in which everything that is not public holds the canary, or a time that nothing public has."""
    name = f"2026-05-14-{CANARY}-slug"
    entries: list[Entry] = [
        Entry(
            _at("10:05:41"),
            Opened("SEV1", f"{CANARY}-sev", True, _at("09:11:11"), _at("09:12:12")),
            f"{CANARY} summary",
            f"{CANARY}-opener",
            "00aaaa",
        )
    ]
    for number, what in enumerate(_canaries()):
        entries.append(
            Entry(
                _at(f"10:06:{number:02d}"), what, "" if isinstance(what, Update) else f"{CANARY} text\n{CANARY} more", f"{CANARY}-author",
                f"00k{number:03d}",
                recorded_at=_at(f"10:59:{number:02d}"), noted_by=f"{CANARY}-noted", by_hand="c0ffee123456",
            )
        )  # fmt: skip
    public = Update(
        Status.IDENTIFIED,
        f"{CANARY} impact",
        f"{CANARY} theory",
        f"{CANARY} actions",
        _at("10:47:47"),
        f"{CANARY}-ic",
        WORDS,
    )
    entries += [
        Entry(_at("10:17:00"), public, "", f"{CANARY}-speaker", "00pppp", recorded_at=_at("10:58:58")),
        Entry(_at("10:18:18"), Update(Status.IDENTIFIED, public=f"{CANARY} withdrawn"), "", f"{CANARY}-a", "00wwww"),
        Entry(_at("10:19:19"), Withdrawn("00wwww"), f"{CANARY} why", f"{CANARY}-a", "00xxxx"),
        Entry(_at("11:21:00"), Reached(Milestone.MITIGATED), f"{CANARY} better", f"{CANARY}-a", "00mmmm"),
        Entry(_at("11:23:00"), Reached(Milestone.RESOLVED), f"{CANARY} fixed", f"{CANARY}-a", "00rrrr"),
        Entry(_at("11:44:44"), Reached(Milestone.CLOSED), f"{CANARY} learned", f"{CANARY}-a", "00cccc"),
    ]
    plain = {
        key: f"{CANARY}-{key.replace('_', '-')}"
        for key in PLAIN_KEYS
        if key not in ("public_title", "drill", "services")
    }
    front = [
        f"id: {name}",
        *(f"{key}: {value}" for key, value in plain.items()),
        f"services: [checkout, {CANARY}-service]",
        f"{CANARY}_own: {CANARY} own",
        f"# {CANARY} comment",
    ]
    timeline = "\n".join(line for entry in sorted(entries, key=lambda each: each.order) for line in render_entry(entry))
    return "\n".join(
        (
            "---",
            *front,
            "---",
            "",
            f"# {CANARY} heading",
            "",
            "## Timeline",
            "",
            timeline,
            "",
            f"## {CANARY}",
            "",
            CANARY,
            "",
        )
    )


def _at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-05-14T{clock}Z")


def test_no_other_word_time_name_or_id_of_the_record_is_in_any_file(desk: Desk) -> None:
    settle(
        desk,
        f"""
services = ["checkout", "{CANARY}-other"]
[store]
branch = "main"
[people]
"{CANARY}@example.org" = {{ handle = "{CANARY}-author", name = "{CANARY} Name" }}
"ann@example.org" = "{CANARY}-me"
[bridge]
url = "https://{CANARY}.example.org/sev1"
[channel]
prefix = "{CANARY}-"
[[team]]
name = "{CANARY}-team"
members = ["{CANARY}-author"]
[roles]
extra = ["{CANARY}-role"]
[status_page]
title = "Status"
private_tags = ["{CANARY}-private"]
[[status_page.service]]
name = "checkout"
title = "Checkout"
""",
    )
    text = canary_record()
    desk.write(f"incidents/2026/05/2026-05-14-{CANARY}-slug.md", text)
    desk.write(f"postmortems/2026/05/2026-05-14-{CANARY}-slug.md", f"# {CANARY}\n")
    desk.git("add", ".")
    desk.git("commit", "-qm", f"{CANARY} subject")
    shown = desk.ok("show", CANARY, "--json")
    assert shown.json["faults"] == []
    kinds = {each["kind"] for each in shown.json["timeline"]}
    assert len(kinds) >= 19, "each kind of entry is there"
    assert all(shown.json["incident"][key] for key in FOLDED_KEYS if key not in ("cancel_reason",))
    public = built(desk)
    assert WORDS in public
    assert "Incident affecting Checkout" in public
    assert CANARY not in public.lower()
    assert "c0ffee" not in public
    assert not any(CANARY in name for name in files(site(desk)))
    assert "SEV" not in public
    assert not re.search("critical|SEV|sev1", public.partition("<style>")[0] + public.partition("</style>")[2])
    times = {f"{found}Z" for found in re.findall(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", public)}
    assert times == PUBLIC_TIMES
    clocks = set(re.findall(r"\b\d\d:\d\d\b", re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", "", public)))
    assert clocks == {"10:17", "11:23"}
    for entry in shown.json["timeline"]:
        assert not re.search(rf"\b{entry['id']}\b", public), entry


@pytest.mark.parametrize("reason", CancelReason)
def test_nor_why_it_was_canceled(shop: Desk, reason: CancelReason) -> None:
    an_incident(shop)
    canceled = Entry(_at("10:30:00"), Canceled(reason, f"2026-05-13-{CANARY}"), f"{CANARY} why", "ann", "00zzzz")
    shop.write(shop.files()[0], shop.text() + "\n".join(render_entry(canceled)) + "\n")
    public = built(shop)
    assert "This notice is closed." in public
    assert CANARY not in public
    assert reason.value not in public


def test_every_setting_that_is_on_the_page_is_in_its_own_table(shop: Desk) -> None:
    """What the page shows of the settings is what stands in [status_page]; the reference says that it is public."""
    assert "What stands in this table is public" in settings_reference()


# ------------------------------------------------------------------------------------------------------ where it is put


@pytest.mark.parametrize(
    ("place", "why"),
    [
        (".", "which would be published with the page"),
        ("..", "which would be published with the page"),
        (".git", "is in git's own folder"),
        (".git/site", "is in git's own folder"),
        ("incidents", "is in the record"),
        ("incidents/2026/05/site", "is in the record"),
        ("postmortems/site", "is in the record"),
        ("/", "is no folder of its own"),
        ("incidentctl.toml", "is not a folder"),
    ],
)
def test_a_folder_that_is_or_holds_the_record_or_git_is_refused(shop: Desk, place: str, why: str) -> None:
    an_incident(shop)
    before = shop.git("status", "--porcelain", "--ignored")
    result = shop.ictl("statuspage", "build", "--out", place)
    assert result.code == 2
    assert why in result.err
    assert "name " in result.err
    assert shop.git("status", "--porcelain", "--ignored") == before
    assert not (shop.path / ".git/site").exists()


def test_so_is_one_that_leads_there_by_a_link(shop: Desk) -> None:
    an_incident(shop)
    (shop.path.parent / "way").symlink_to(shop.path / "incidents")
    (shop.path.parent / "top").symlink_to(shop.path)
    assert "is a symbolic link" in shop.ictl("statuspage", "build", "--out", "../way").err
    assert "is in the record" in shop.ictl("statuspage", "build", "--out", "../way/site").err
    assert "is in git's own folder" in shop.ictl("statuspage", "build", "--out", "../top/.git/x").err


def test_so_is_the_home_folder_and_an_empty_name(shop: Desk) -> None:
    assert "is no folder of its own" in shop.ictl("statuspage", "build", "--out", shop.environ["HOME"]).err
    assert shop.ictl("statuspage", "build", "--out", " ").code == 2


def test_a_folder_in_the_work_tree_beside_the_record_is_fine(shop: Desk) -> None:
    an_incident(shop)
    shop.ok("statuspage", "build", "--out", "public")
    assert files(shop.path / "public") == FILES


def test_a_link_in_the_folder_is_not_followed(shop: Desk) -> None:
    elsewhere = shop.path.parent / "elsewhere"
    elsewhere.mkdir()
    site(shop).mkdir()
    (site(shop) / "api").symlink_to(elsewhere)
    result = shop.ictl("statuspage", "build", "--out", str(site(shop)))
    assert result.code == 4
    assert "is a link or a file where a folder should be" in result.err
    assert files(elsewhere) == []
    (site(shop) / "api").unlink()
    (site(shop) / "index.html").symlink_to(elsewhere / "index.html")
    assert shop.ictl("statuspage", "build", "--out", str(site(shop))).code == 4
    assert files(elsewhere) == []


def test_a_page_of_somebody_else_is_never_overwritten(shop: Desk) -> None:
    for name in ("index.html", "history.atom", "api/v2/summary.json"):
        place = shop.path.parent / name.replace("/", "-")
        (place / name).parent.mkdir(parents=True)
        (place / name).write_text("mine")
        result = shop.ictl("statuspage", "build", "--out", str(place))
        assert result.code == 2
        assert f"{place}/{name} is there and is none of ours, so nothing was written" in result.err
        assert files(place) == [name]
        assert (place / name).read_text() == "mine"


def test_what_else_is_in_the_folder_stays(shop: Desk) -> None:
    site(shop).mkdir()
    (site(shop) / "CNAME").write_text("status.example.org\n")
    (site(shop) / "api").mkdir()
    (site(shop) / "api/other.json").write_text("{}")
    shop.ok("statuspage", "build", "--out", str(site(shop)))
    an_incident(shop)
    shop.ok("statuspage", "build", "--out", str(site(shop)))
    assert files(site(shop)) == sorted([*FILES, "CNAME", "api/other.json"])
    assert (site(shop) / "CNAME").read_text() == "status.example.org\n"


def test_a_build_that_was_broken_off_is_finished_by_the_next(shop: Desk) -> None:
    an_incident(shop)
    shop.ok("statuspage", "build", "--out", str(site(shop)))
    (site(shop) / "index.html").unlink()
    (site(shop) / "history.atom").unlink()
    assert "written: 2 of 7 files" in shop.ok("statuspage", "build", "--out", str(site(shop))).out


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_named(shop: Desk) -> None:
    site(shop).mkdir(mode=0o500)
    result = shop.ictl("statuspage", "build", "--out", str(site(shop)))
    assert result.code == 4
    assert "no permission" in result.err


# ----------------------------------------------------------------------------------------------------------- posted


def test_posted_records_the_link_and_stops_the_clock(shop: Desk) -> None:
    shop.ok("open", "Checkout latency", "-s", "1")
    assert "status page by 10:21Z" in shop.ok("show").out
    shop.wait(8)
    result = shop.ok("statuspage", "posted", "--at", "10:12", "--url", "https://status.example.org/i/17")
    assert result.out.splitlines()[0].startswith("10:12Z checkout-latency SEV1 status page done")
    assert "- 2026-05-14T10:12:00Z **Done** status_page: https://status.example.org/i/17 (recorded" in shop.text()
    assert "status page by" not in shop.ok("show").out
    assert shop.subjects()[0] == "checkout-latency: status page done"


def test_posted_takes_words_an_incident_and_json(shop: Desk) -> None:
    shop.ok("open", "Checkout latency", "-s", "1")
    shop.ok("open", "Other", "-s", "1")
    result = shop.ok(
        "statuspage", "posted", "2026-05-14-checkout-latency", "told", "all", "--url", "https://x.example", "--json"
    )
    check(shop, "write", result)
    assert result.json["incident"] == "2026-05-14-checkout-latency"
    assert result.json["entry"]["text"] == "told all https://x.example"
    assert all(step["what"] != "status_page" for step in result.json["next"])
    shop.ok("statuspage", "posted", "--dry-run")


def test_a_public_word_stops_the_clock_as_well(shop: Desk) -> None:
    an_incident(shop)
    assert "status page by" not in shop.ok("show").out


def test_other_words_for_it_lead_there(shop: Desk) -> None:
    assert "it is `ictl statuspage posted`" in shop.ictl("posted").err
    assert "it is `ictl statuspage build`" in shop.ictl("statuspage", "publish").err
