"""Action items: there, assigned, dated, and in agreement with themselves."""

from datetime import date

import pytest

from incidentctl.lint.diagnostic import Severity
from incidentctl.lint.facts import Facts, HistoryFacts
from incidentctl.lint.page import Page
from incidentctl.lint.rules.actions import RULES
from tests.lint.documents import COMPLETE, PATH, compose, facts

BY_CODE = {rule.code: rule for rule in RULES}
FOREIGN = """\
# Search outage of 2 March 2026

## What happened

The index was gone for an hour.

## Timeline

- 10:02 The index is gone.
- 11:02 It is back.

## Follow-ups

{}
"""


def found(code: str, text: str, path: str = PATH, **known):
    page = Page(path, text)
    return list(BY_CODE[code].check(page, facts(**known)))


def items(*lines: str) -> str:
    return compose("## Action Items\n\n" + "\n".join(lines) + "\n")


def foreign(*lines: str) -> str:
    return FOREIGN.format("\n".join(lines))


def in_foreign(code: str, *lines: str, **known):
    return found(code, foreign(*lines), "search.md", incident=None, status=None, **known)


def pointed_at(text, finding):
    line = text.split("\n")[finding.span.line - 1]
    return line[finding.span.column - 1 : finding.span.end_column - 1]


@pytest.mark.parametrize("code", BY_CODE)
def test_the_complete_post_mortem_has_no_finding(code: str) -> None:
    assert found(code, COMPLETE, history=HistoryFacts()) == []


# ------------------------------------------------------------------------------------------------------------- ACT001


@pytest.mark.parametrize("words", ["We will watch the pool.", "None.", "N/A", "- [ ] "])
def test_a_section_without_items_is_named_at_its_heading(words: str) -> None:
    text = items(words)
    [finding] = found("ACT001", text)
    assert pointed_at(text, finding) == "Action Items"
    assert finding.key == "action items"


@pytest.mark.parametrize(
    "words",
    [
        "No follow-up is needed, because the service was switched off.",
        "None: already covered by the items of the outage in March.",
        "All of them are tracked in [the milestone](https://git.example.org/milestone/4).",
        "See OPS-412.",
        "",
        "TODO",
        "<!-- to be written -->",
        "1. Add a canary stage",
        "| What | State |\n| --- | --- |\n| Canary | open |",
    ],
)
def test_reasons_trackers_items_and_empty_sections_are_not_reported_as_none(words: str) -> None:
    assert found("ACT001", items(words)) == []


def test_a_missing_section_is_not_reported_as_none() -> None:
    assert found("ACT001", compose("## Action Items\n\n(absent)\n")) == []


def test_items_in_another_section_for_them_count() -> None:
    text = compose("## Action Items\n\nSee below.\n\n## Next Steps\n\n- Add a canary stage\n")
    assert found("ACT001", text) == []


def test_prose_below_headings_of_another_template_is_an_answer() -> None:
    assert in_foreign("ACT001", "### Canary", "", "We will build one.") == []
    [finding] = in_foreign("ACT001", "We will build a canary stage.")
    assert finding.severity is None  # the rule is eased there by what it declares
    assert BY_CODE["ACT001"].eased_elsewhere


# ---------------------------------------------------------------------------------------------------- ACT002, ACT003


@pytest.mark.parametrize(("code", "gone"), [("ACT002", " — owner: @ann"), ("ACT003", " — due: 2026-06-01")])
def test_one_item_that_lacks_it_is_one_error_at_its_words(code: str, gone: str) -> None:
    text = COMPLETE.replace(gone, "", 1)
    [finding] = found(code, text)
    assert pointed_at(text, finding) == "Alert when fewer than 10 % of connections are free"
    assert finding.severity is None


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_place_is_exact_with_either_end_of_line(newline: str) -> None:
    text = items("- [ ] Ändern: add a canary — due: 2026-06-15").replace("\n", newline)
    [finding] = found("ACT002", text)
    assert (finding.span.column, finding.span.end_column) == (7, 7 + len("Ändern: add a canary"))


def test_where_none_of_three_has_one_it_is_said_once() -> None:
    text = items("- [ ] Alpha — due: 2026-06-15", "- [ ] Beta — due: 2026-06-15", "- [ ] Gamma — due: 2026-06-15")
    [finding] = found("ACT002", text)
    assert finding.message.startswith("none of the 3 action items has an owner:")
    assert pointed_at(text, finding) == "Alpha"
    assert [
        pointed_at(text, each) for each in found("ACT003", items("- [ ] A — owner: @ann", "- [ ] B — owner: @ann"))
    ] != []
    assert len(found("ACT003", items("- [ ] A — owner: @ann", "- [ ] B — owner: @ann"))) == 2


@pytest.mark.parametrize(
    "line",
    [
        "- [x] Add a canary stage",
        "- [x] Add a canary stage — done: 2026-05-19",
        "- [x] ~~Second region~~ — dropped: 2026-05-21 too expensive",
        "- ~~Second region~~",
    ],
)
def test_what_is_done_or_dropped_needs_neither(line: str) -> None:
    assert found("ACT002", items(line)) == []
    assert found("ACT003", items(line)) == []


def test_the_form_in_parentheses_is_understood() -> None:
    text = items("- [ ] Add a canary stage (@bob, due 2026-06-01)")
    assert found("ACT002", text) == []
    assert found("ACT003", text) == []


def test_a_placeholder_is_no_owner_and_no_date() -> None:
    text = items("- [ ] Add a canary stage — owner: TBD — due: ?")
    [owner], [due] = found("ACT002", text), found("ACT003", text)
    assert (pointed_at(text, owner), pointed_at(text, due)) == ("TBD", "?")
    assert found("ACT004", text) == []


def test_a_handle_in_the_words_is_offered_as_the_owner() -> None:
    [finding] = found("ACT002", items("- [ ] @bob adds a canary stage — due: 2026-06-15"))
    assert "owner: @bob" in finding.message


def test_lines_below_an_item_belong_to_it() -> None:
    text = items(
        "- [ ] Add a canary stage — owner: @bob — due: 2026-06-15", "  - first for config", "  - then for code"
    )
    assert found("ACT002", text) == []


def test_in_another_template_where_nobody_owns_anything_it_is_info_said_once() -> None:
    lines = [f"- Build part {number}" for number in range(9)]
    [owner] = in_foreign("ACT002", *lines)
    [due] = in_foreign("ACT003", *lines)
    assert owner.message.startswith("none of the 9 action items has an owner or an issue")
    assert (owner.severity, due.severity) == (Severity.INFO, Severity.INFO)


@pytest.mark.parametrize(
    "other", ["- Build one — owner: Ruth", "- Build one ([#12](https://example.org/12))", "- @ruth builds one"]
)
def test_in_another_template_it_is_a_warning_where_other_items_are_followed(other: str) -> None:
    [owner] = in_foreign("ACT002", other, "- Build a second part")
    assert owner.severity is Severity.WARNING


def test_settings_make_another_template_answer_as_the_standard_one() -> None:
    [finding] = in_foreign("ACT002", "- Build a canary", has_settings=True)
    assert finding.severity is None


@pytest.mark.parametrize(
    "line",
    [
        "- Build a canary ([#12](https://git.example.org/a/issues/12))",
        "- Build a canary, see https://git.example.org/a/pull/12",
        "- Build a canary ([issue][canary])",
        "- Build a canary (Ruth)",
        "- Ruth to build a canary",
        "- Ruth and Ole will build a canary",
        "- Build a canary - Ruth",
        "- @ruth builds a canary",
        "- We've added a canary stage",
        "- Released version 4",
        "- **Canary**: Implemented a first stage",
        "- Sent a mail to all customers",
    ],
)
def test_in_another_template_an_owner_can_be_said_in_other_ways(line: str) -> None:
    assert in_foreign("ACT002", line) == []


def test_in_another_template_most_items_without_one_are_one_finding() -> None:
    lines = ["- Build one — owner: Ruth", *(f"- Build part {number}" for number in range(5))]
    [finding] = in_foreign("ACT002", *lines)
    assert finding.message.startswith("5 of the 6 open action items are without an owner")
    assert len(in_foreign("ACT002", *lines[:3])) == 2


def test_lists_of_what_went_wrong_among_the_items_are_none() -> None:
    lines = ["### What went wrong", "", "- Nobody knew the password", "", "### Process", "", "- Write it down"]
    text = foreign(*lines)
    [finding] = in_foreign("ACT002", *lines)
    assert pointed_at(text, finding) == "Write it down"


def test_rows_of_a_table_are_items() -> None:
    lines = [
        "| Action | Owner | Due |",
        "| --- | --- | --- |",
        "| Build a canary | | 2026-04-01 |",
        "| Alert | Ruth | |",
    ]
    text = foreign(*lines)
    [owner], [due] = in_foreign("ACT002", *lines), in_foreign("ACT003", *lines)
    assert (pointed_at(text, owner), pointed_at(text, due)) == ("Build a canary", "Alert")


# ------------------------------------------------------------------------------------------------------------- ACT004


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("soon", "is no day"),
        ("next sprint", "is no day"),
        ("ASAP", "is no day"),
        ("Q3", "is no day"),
        ("end of June", "is no day"),
        ("2026-02-30", "there is no day 2026-02-30"),
        ("05/06/2026", "two days"),
        ("15.06.2026", "write 2026-06-15"),
        ("June 15", "has no year"),
        ("2026-05-13", "before the incident (2026-05-14)"),
        ("2025-06-15", "before the incident"),
    ],
)
def test_a_due_date_that_is_none_is_named_at_its_value(words: str, said: str) -> None:
    text = items(f"- [ ] Add a canary stage — owner: @bob — due: {words} — type: prevent")
    [finding] = found("ACT004", text)
    assert said in finding.message
    assert pointed_at(text, finding) == words


@pytest.mark.parametrize(
    "words", ["2026-06-15", "2026-05-14", "2026/06/15", "15 June 2026", "June 15, 2026", "2026-06-15T10:00Z"]
)
def test_a_day_in_a_form_that_can_be_followed_up_is_fine(words: str) -> None:
    assert found("ACT004", items(f"- [ ] Add a canary stage — owner: @bob — due: {words} — type: prevent")) == []


def test_the_day_of_an_item_that_is_done_is_not_judged() -> None:
    assert found("ACT004", items("- [x] Add a canary stage — owner: @bob — due: soon — done: 2026-05-20")) == []


@pytest.mark.parametrize("cell", ["Done", "15.06.2026", "in progress", "N/A", "-", "as part of the migration"])
def test_a_column_of_another_template_may_say_something_else(cell: str) -> None:
    assert in_foreign("ACT004", "| Action | Owner | When |", "| --- | --- | --- |", f"| Canary | Ruth | {cell} |") == []


def test_a_vague_day_in_another_template_is_a_warning() -> None:
    [finding] = in_foreign(
        "ACT004", "| Action | Owner | Due |", "| --- | --- | --- |", "| Canary | Ruth | next sprint |"
    )
    assert finding.severity is Severity.WARNING


# ---------------------------------------------------------------------------------------------------- ACT005 to ACT007


def test_overdue_counts_from_the_day_after() -> None:
    line = "- [ ] Add a canary stage — owner: @bob — due: {} — type: prevent"
    assert found("ACT005", items(line.format("2026-05-22"))) == []
    [finding] = found("ACT005", items(line.format("2026-05-21")))
    assert "yesterday" in finding.message
    assert BY_CODE["ACT005"].severity is Severity.WARNING


def test_half_a_year_is_not_too_far() -> None:
    line = "- [ ] Add a canary stage — owner: @bob — due: {} — type: prevent"
    assert found("ACT006", items(line.format("2026-11-10"))) == []
    [finding] = found("ACT006", items(line.format("2026-11-20")))
    assert "6 months" in finding.message


@pytest.mark.parametrize(
    "owner",
    [
        "platform team",
        "SRE",
        "everyone",
        "all",
        "us",
        "the backend engineers",
        "@acme/platform",
        "@platform-team",
        "on-call",
        "@infra",
    ],
)
def test_a_group_is_no_owner(owner: str) -> None:
    text = items(f"- [ ] Add a canary stage — owner: {owner} — due: 2026-06-15 — type: prevent")
    [finding] = found("ACT007", text, groups=frozenset({"infra"}))
    assert pointed_at(text, finding) == owner


@pytest.mark.parametrize("owner", ["@bob", "Ruth", "ruth@example.org", "@bob, platform team", "@opsgirl", "Allison"])
def test_a_person_is_no_group(owner: str) -> None:
    assert found("ACT007", items(f"- [ ] Add a canary — owner: {owner} — due: 2026-06-15")) == []


def test_a_known_person_is_none_whatever_the_name() -> None:
    text = items("- [ ] Add a canary — owner: @ops — due: 2026-06-15")
    assert len(found("ACT007", text)) == 1
    assert found("ACT007", text, people=frozenset({"ops"})) == []


# ---------------------------------------------------------------------------------------------------- ACT011 to ACT013


@pytest.mark.parametrize(
    "link", ["#412", "[#412](https://git.example.org/a/issues/412)", "https://git.example.org/a/issues/412"]
)
def test_an_issue_is_a_tracker_in_each_form(link: str) -> None:
    assert found("ACT011", items(f"- [ ] Add a canary stage — owner: @bob — {link}")) == []


def test_an_unknown_type_names_the_nearest() -> None:
    text = items("- [ ] Add a canary stage — owner: @bob — due: 2026-06-15 — type: prevnt")
    [finding] = found("ACT012", text)
    assert "did you mean prevent?" in finding.message
    assert pointed_at(text, finding) == "prevnt"


@pytest.mark.parametrize("word", ["prevent", "Detect", "mitigation", "preventive", "process"])
def test_types_have_several_spellings(word: str) -> None:
    assert found("ACT012", items(f"- [ ] Add a canary stage — owner: @bob — type: {word}")) == []


def test_another_template_without_types_promised_none() -> None:
    assert in_foreign("ACT012", "- Build a canary", "- Build another") == []


@pytest.mark.parametrize("severity", ["SEV1", "SEV2", "P1"])
def test_a_severe_incident_asks_for_prevention(severity: str) -> None:
    text = compose(
        f"**Date**: 2026-05-14 | **Severity**: {severity} | **Duration**: 2h 8m | **Author**: @ann\n\n"
        "## Action Items\n\n- [ ] Alert on free connections — owner: @ann — due: 2026-06-01 — type: detect\n"
    )
    assert len(found("ACT013", text, incident=None)) == 1


def test_a_minor_incident_does_not() -> None:
    text = compose(
        "**Date**: 2026-05-14 | **Severity**: SEV3 | **Duration**: 2h 8m | **Author**: @ann\n\n"
        "## Action Items\n\n- [ ] Alert on free connections — owner: @ann — due: 2026-06-01 — type: detect\n"
    )
    assert found("ACT013", text, incident=None) == []


@pytest.mark.parametrize(
    ("line", "prevents"),
    [
        ("Reject pool sizes below 100", True),
        ("Fix the leak in the reaper", True),
        ("Talk to the vendor", True),
        ("Alert when the pool is nearly empty", False),
        ("Document the failover in the runbook", False),
        ("Discuss this in the weekly meeting", False),
    ],
)
def test_without_types_only_what_plainly_does_not_prevent_counts_as_that(line: str, prevents: bool) -> None:
    assert (found("ACT013", items(f"- [ ] {line} — owner: @ann — due: 2026-06-01")) == []) is prevents


def test_a_preventive_item_that_was_dropped_does_not_count() -> None:
    text = items(
        "- [x] ~~Canary~~ — type: prevent — dropped: 2026-05-20 too expensive",
        "- [ ] Alert on free connections — type: detect",
    )
    assert len(found("ACT013", text)) == 1


# ---------------------------------------------------------------------------------------------------- ACT015, ACT016


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("- [ ] Canary — done: 2026-05-20", "not ticked"),
        ("- [x] Canary — done: 2026-05-23", "still to come"),
        ("- [x] Canary — done: 2026-05-13", "before the incident"),
        ("- [x] Canary — done: yes", "does not begin with the day"),
        ("- [x] ~~Canary~~ — dropped: 2026-05-20", "dropped without a reason"),
        ("- [x] ~~Canary~~", "struck through without a reason"),
        ("- [x] ~~Canary~~ — done: 2026-05-20 — dropped: 2026-05-20 no", "done and dropped"),
    ],
)
def test_states_that_do_not_go_together_are_reported(line: str, said: str) -> None:
    [finding] = found("ACT015", items(line))
    assert said in finding.message


def test_a_tick_without_a_day_is_reported_where_others_have_one() -> None:
    lines = ["- [x] Canary — owner: @bob", "- [x] Alert — owner: @ann — done: 2026-05-20 3f2c1ab"]
    text = items(*lines)
    [finding] = found("ACT015", text)
    assert pointed_at(text, finding) == "Canary"
    assert found("ACT015", items(lines[0])) == []


@pytest.mark.parametrize(
    "line",
    [
        "- [x] Canary — done: 2026-05-20 3f2c1ab",
        "- [x] ~~Canary~~ — dropped: 2026-05-20 covered by #430",
        "- [ ] Canary",
        "- ✅ Canary",
    ],
)
def test_states_that_go_together_are_not(line: str) -> None:
    assert found("ACT015", items(line)) == []


def test_without_a_day_nothing_is_still_to_come() -> None:
    assert found("ACT015", items("- [x] Canary — done: 2026-05-23"), now=None) == []


def test_a_date_that_was_moved_once_is_no_finding() -> None:
    text = items("- [ ] Canary — owner: @bob — due: 2026-09-15 <!-- a:7k2ps0 -->")

    def moved(*dates: date):
        return found("ACT016", text, history=HistoryFacts(due_dates={"7k2ps0": dates}))

    assert moved(date(2026, 6, 1)) == []
    assert moved(date(2026, 6, 1), date(2026, 9, 15)) == []
    [finding] = moved(date(2026, 6, 1), date(2026, 7, 1))
    assert "moved twice, first from 2026-06-01" in finding.message
    assert pointed_at(text, finding) == "2026-09-15"


ELSEWHERE = "# Relay outage, 2026-03-02\n\n## Summary\n\nThe relay was down.\n\n## Timeline\n\n- 10:00 UTC alert\n- 10:05 UTC fixed\n\n"


def owners_missing(text: str) -> list[str]:
    page = Page("2026-03-02-relay.md", ELSEWHERE + text)
    return [finding.message for finding in BY_CODE["ACT002"].check(page, Facts())]


def test_an_issue_named_by_its_number_in_brackets_says_who_follows_it():
    assert (
        owners_missing(
            "## Action items\n\n- Keep the relay's queue bounded: [#113]\n\n[#113]: https://example.org/113\n"
        )
        == []
    )


def test_a_heading_that_leads_to_an_issue_speaks_for_its_items():
    text = "## Action items\n\n### Short term ([tracked here](https://example.org/7))\n\n- Bound the queue\n- Alert on its depth\n"
    assert owners_missing(text) == []


def test_bullets_that_spell_out_a_numbered_item_are_no_items():
    text = "## Action items\n\n1. **Better alerts**\n   We will add alerts for:\n\n- depth\n- age\n\n2. A runbook for the relay\n"
    page = Page("2026-03-02-relay.md", ELSEWHERE + text)
    assert [placed.item.text.splitlines()[0] for placed in page.action_items] == [
        "**Better alerts**",
        "A runbook for the relay",
    ]


def test_another_template_may_have_types_of_its_own() -> None:
    assert in_foreign("ACT012", "- Build one — type: tactical", "- Build two — type: strategic") == []
    assert len(in_foreign("ACT012", "- Build one — type: prevent", "- Build two — type: strategic")) == 1
