"""`lint --adopt`: four organisations, each with a template of its own, take the linter in without a word about the past."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lint.documents import COMPLETE, INCIDENT, INCIDENT_PATH, NOW, PATH

BASELINE = ".incidentctl-baseline.json"


def harbour(day: int) -> str:
    """Front matter of its own, emoji in headings, times in a table."""
    return f"""---
title: Ferry bookings fail
date: 2026-03-{day:02}
impact_minutes: {day * 7}
---

# Ferry bookings fail

## :ship: In short

On 2026-03-{day:02} bookings for the night ferry failed for {day * 7} minutes.

## :chart_with_downwards_trend: Who noticed

About {day * 30} passengers could not book.

## :clock1: What happened when

Times are UTC.

| When | What |
| --- | --- |
| 2026-03-{day:02} 08:00 | The certificate of the quay's gateway expires. |
| 2026-03-{day:02} 08:{day + 10} | An alert pages the on-call. |
| 2026-03-{day:02} 09:00 | A new certificate is in place. |

## :wrench: To do

* Renew certificates thirty days ahead (Mika, {day + 1} April)
* Watch the expiry of number {day}
"""


def weather(day: int) -> str:
    """A heading for each time, bold labels, another order."""
    return f"""Station {day} silent
=================

**Severity:** P2
**Owner:** the sensors team
**Started on:** 2026-04-{day:02}

Root cause
----------

The modem of station {day} restarts when its buffer is full.

Chronology
----------

### 2026-04-{day:02} 10:00 CEST

The station sends nothing.

### 2026-04-{day:02} 10:3{day % 10} CEST

It is restarted by hand.

Follow-up
---------

1. Drain the buffer of station {day} each hour.
"""


def printing(day: int) -> str:
    """Numbered headings with emphasis, a timeline of bare lines, CRLF."""
    text = f"""# Incident report: presses stop ({day} May 2026)

## 1. **Executive summary**

Press {day} stopped for an hour, and one edition was late.

## 2. **Customer impact**

{day},000 readers had their paper after nine.

## 3. **Timeline**

All times in Europe/Paris.

02:00 The press stops.
02:4{day % 10} The feeder is cleaned.
03:00 The press runs.

## 4. **Causes**

Dust on the sensor of the feeder.

## 5. **Lessons**

- The spare sensor was at hand.

## 6. **Actions**

- [ ] A cover for the sensor of press {day}
"""
    return text.replace("\n", "\r\n")


def library(day: int) -> str:
    """Prose in four short parts and a list of bold times."""
    return f"""# Catalogue down on 2026-06-{day:02}

### What went wrong?

The index of branch {day} was rebuilt while people searched, so that they found nothing.

### How did we find out?

A reader called at ten.

### Timeline (UTC)

- **10:00** A reader calls.
- **10:{day + 20}** The old index is put back.

### What will we do?

- Build the index of branch {day} beside the old one
- Tell the branches a day ahead
"""


ORGANISATIONS: dict[str, tuple[Callable[[int], str], str, str, str]] = {
    "harbour": (harbour, "| 2026-03-{day:02} 09:00 | A new", "| 2026-03-{day:02} 07:00 | A new", "TML003"),
    "weather": (weather, "Drain the buffer of station {day} each hour.", "TODO", "STR003"),
    "printing": (printing, "03:00 The press runs.", "01:00 The press runs.", "TML003"),
    "library": (library, "**10:{minute}** The old", "**09:{minute}** The old", "TML003"),
}


@pytest.fixture(params=ORGANISATIONS)
def archive(request, desk, tmp_path):
    """An archive of seven documents with an index and a template, and what makes one of them wrong."""
    desk.now = NOW
    document, right, wrong, code = ORGANISATIONS[request.param]
    folder = tmp_path / request.param / "reports"
    folder.mkdir(parents=True)
    for day in range(1, 8):
        (folder / f"2026-0{3 + list(ORGANISATIONS).index(request.param)}-{day:02}-report.md").write_bytes(
            document(day).encode()
        )
    (folder / "README.md").write_text("# Reports\n\nOne for each time that something broke.\n", encoding="utf-8")
    (folder / "template.md").write_text("# {{ title }}\n\n## {{ part }}\n\n{{ text }}\n", encoding="utf-8")
    return folder, right, wrong, code


def break_one(folder: Path, right: str, wrong: str, day: int = 4) -> str:
    (file,) = folder.glob(f"*-{day:02}-report.md")
    text = file.read_bytes().decode()
    words = {"day": day, "minute": day + 20}
    assert right.format(**words) in text
    file.write_bytes(text.replace(right.format(**words), wrong.format(**words)).encode())
    return file.name


def test_an_adopted_archive_is_clean_and_a_new_fault_is_named_alone(desk, archive):
    folder, right, wrong, code = archive
    before = {file: file.read_bytes() for file in folder.iterdir()}
    said = desk.ok("lint", str(folder), "--adopt", cwd=folder)
    assert "learned from 7 post-mortems" in said.out
    assert {file: file.read_bytes() for file in before} == before
    assert sorted(set(folder.iterdir()) - set(before)) == [folder / BASELINE, folder / "incidentctl.toml"]
    clean = desk.ok("lint", cwd=folder)
    assert "7 documents" in clean.out
    name = break_one(folder, right, wrong)
    result = desk.ictl("lint", "--json", cwd=folder)
    assert result.code == 1
    assert [(each["path"], each["code"]) for each in result.json["findings"]] == [(name, code)]


def test_a_new_document_is_held_to_what_the_others_have(desk, archive):
    folder, *_ = archive
    desk.ok("lint", str(folder), "--adopt")
    month = next(folder.glob("2026-*"))
    text = month.read_bytes().decode()
    last = max(text.rfind("\n## "), text.rfind("\n### What"), text.rfind("\nFollow-up"))
    (folder / month.name.replace("-01-", "-09-")).write_bytes(text[: last + 1].replace("-01", "-09").encode())
    result = desk.ictl("lint", "--json", cwd=folder)
    assert ("STR001", "action_items") in {
        (each["code"], "action_items" if "Action Items" in each["message"] else "") for each in result.json["findings"]
    }
    assert result.code == 1


def test_what_is_learned_is_the_same_from_anywhere(desk, archive):
    folder, *_ = archive
    written = []
    for words, cwd in (([str(folder)], Path("/")), (["."], folder), (["reports"], folder.parent), ([], folder)):
        desk.ok("lint", *words, "--adopt", cwd=cwd)
        written.append([(folder / name).read_bytes() for name in (BASELINE, "incidentctl.toml")])
        for name in (BASELINE, "incidentctl.toml"):
            (folder / name).unlink()
    assert all(each == written[0] for each in written)


def test_adopting_again_is_refused_and_changes_nothing(desk, archive):
    folder, *_ = archive
    desk.ok("lint", str(folder), "--adopt")
    before = {file: file.read_bytes() for file in folder.iterdir()}
    again = desk.ictl("lint", str(folder), "--adopt")
    assert again.code == 2
    assert "[lint]" in again.err
    assert {file: file.read_bytes() for file in folder.iterdir()} == before


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("end", ["", "\n\n"], ids=["no last line end", "blank lines"])
def test_the_settings_that_are_there_keep_every_byte(desk, archive, newline, end):
    folder, *_ = archive
    standing = ('# ours\n[time]\nzone = "Europe/Paris" # as we speak' + end).replace("\n", newline).encode()
    (folder / "incidentctl.toml").write_bytes(standing)
    desk.ok("lint", str(folder), "--adopt")
    written = (folder / "incidentctl.toml").read_bytes()
    assert written.startswith(standing)
    assert tomllib.loads(written.decode().replace("\r\n", "\n"))["lint"]["baseline"] == BASELINE
    assert (b"\r\n" in written[len(standing) :]) == (newline == "\r\n")
    assert desk.ok("lint", cwd=folder).code == 0


@pytest.mark.parametrize("settings", ["[lint]\nlevel = 'info'\n", "this is no TOML"], ids=["has lint", "broken"])
def test_settings_that_cannot_take_the_table_are_left_alone(desk, archive, settings):
    folder, *_ = archive
    (folder / "incidentctl.toml").write_text(settings, encoding="utf-8")
    before = sorted(folder.iterdir())
    refused = desk.ictl("lint", str(folder), "--adopt")
    assert refused.code == 2
    assert (folder / "incidentctl.toml").read_text(encoding="utf-8") == settings
    assert sorted(folder.iterdir()) == before


def test_a_folder_without_post_mortems_teaches_nothing(desk, tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes/README.md").write_text("# Notes\n", encoding="utf-8")
    refused = desk.ictl("lint", str(tmp_path / "notes"), "--adopt")
    assert refused.code == 2
    assert not (tmp_path / "notes/incidentctl.toml").exists()


def test_one_document_is_an_archive_too(desk, tmp_path):
    desk.now = NOW
    folder = tmp_path / "one"
    folder.mkdir()
    (folder / "2026-06-01-report.md").write_text(library(1), encoding="utf-8")
    desk.ok("lint", str(folder), "--adopt")
    assert desk.ok("lint", cwd=folder).out.startswith("No findings in 1 document.")


def test_a_mended_fault_of_the_past_is_told_as_gone_and_taken_out(desk, archive):
    folder, right, wrong, _ = archive
    break_one(folder, right, wrong)
    desk.ok("lint", str(folder), "--adopt")
    broken = json.loads((folder / BASELINE).read_text(encoding="utf-8"))["findings"]
    assert broken
    break_one(folder, wrong, right)
    assert "no longer there" in desk.ok("lint", cwd=folder).out
    desk.ok("lint", "--update-baseline", cwd=folder)
    assert "no longer there" not in desk.ok("lint", cwd=folder).out
    assert json.loads((folder / BASELINE).read_text(encoding="utf-8"))["findings"] != broken


def test_in_a_repository_of_incidents_the_table_goes_into_its_settings(desk):
    desk.now = NOW
    desk.write(INCIDENT_PATH, INCIDENT)
    desk.write(PATH, COMPLETE)
    standing = desk.text("incidentctl.toml")
    desk.ok("lint", "--adopt")
    assert desk.text("incidentctl.toml").startswith(standing)
    clean = desk.ok("lint", "--json")
    assert (clean.json["findings"], clean.json["summary"]["files"]) == ([], 2)


@pytest.mark.parametrize("is_detached", [False, True])
def test_what_a_change_adopts_holds_in_that_change(desk, is_detached):
    desk.now = NOW
    desk.write(INCIDENT_PATH, INCIDENT)
    desk.write(PATH, COMPLETE.replace("## Impact\n", "## Reach\n"))
    desk.git("add", ".")
    desk.git("commit", "--quiet", "-m", "documents")
    desk.git("switch", "--quiet", "-c", "adopt")
    assert desk.ictl("lint").code == 1
    desk.ok("lint", "--adopt")
    desk.git("add", ".")
    desk.git("commit", "--quiet", "-m", "adopt lint")
    if is_detached:
        desk.git("checkout", "--quiet", "--detach")  # as in CI
    assert desk.ok("lint", "--json").json["findings"] == []
    desk.git("checkout", "--quiet", "main")
    assert desk.ictl("lint").code == 1
