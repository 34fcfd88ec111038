"""The rules on sections: near misses, exact places, and fixes that leave nothing to find."""

import pytest

from incidentctl.document.section_names import STANDARD, Role
from incidentctl.lint.diagnostic import Severity
from incidentctl.lint.page import Page, PageKind
from incidentctl.lint.rules import structure
from tests.lint.documents import COMPLETE, INCIDENT, INCIDENT_PATH, PATH, compose, facts

FOREIGN = """\
# The queue that would not drain

On 3 March 2026 orders were late.

## Summary

Orders were late.

## Impact

Some 200 customers got their confirmation an hour late.

## Timeline

- 2026-03-03 08:00 UTC The queue grows.
- 2026-03-03 08:30 UTC The consumer is restarted.
- 2026-03-03 09:00 UTC The queue is empty.

## Root Cause

The consumer kept a lock over a restart of the broker, and no timeout ended it.

## Action Items

- Give the lock a timeout
"""


def page(text: str, path: str = PATH, **known) -> Page:
    return Page(path, text, **known)


def run(rule, text: str, path: str = PATH, **known):
    return list(rule.check(page(text, path), facts(**known)))


def places(findings):
    return [(each.span.line, each.span.column, each.span.end_column) for each in findings]


def quoted_by(findings, text: str):
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    return [lines[each.span.line - 1][each.span.column - 1 : each.span.end_column - 1] for each in findings]


def fixed(findings, text: str) -> str:
    edits = sorted((edit for each in findings if each.fix for edit in each.fix.edits), key=lambda edit: edit.start)
    for edit in reversed(edits):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text


def test_a_complete_document_gives_nothing_with_any_rule_of_the_family():
    assert [finding for rule in structure.RULES for finding in run(rule, COMPLETE)] == []


# ------------------------------------------------------------------------------------------------------------ STR001


@pytest.mark.parametrize("name", STANDARD.values())
def test_each_of_the_eight_sections_is_missed_at_the_heading_before_which_it_belongs(name):
    text = compose(f"## {name}\n\n(absent)\n")
    (finding,) = run(structure.missing_section, text)
    names = list(STANDARD.values())
    behind = names[names.index(name) + 1 :]
    line = text.split("\n")[finding.span.line - 1]
    assert line == (
        f"## {behind[0]}" if behind else COMPLETE.rstrip("\n").split("\n")[-1] if name != "Action Items" else line
    )
    assert finding.key == name
    assert finding.severity is None


@pytest.mark.parametrize("name", STANDARD.values())
def test_the_fix_adds_the_section_where_it_belongs_with_its_question_in_a_comment(name):
    text = compose(f"## {name}\n\n(absent)\n")
    findings = run(structure.missing_section, text)
    mended = fixed(findings, text)
    assert findings[0].fix is not None and not findings[0].fix.is_safe
    assert f"\n\n## {name}\n\n<!-- " in mended
    assert run(structure.missing_section, mended) == []
    assert run(structure.section_order, mended) == []
    assert [each.key for each in run(structure.empty_section, mended)] == [name]


@pytest.mark.parametrize(
    ("tail", "is_mended"), [("```\nx\n", False), ("<!-- x\n", False), ("```\nx\n```\n", True), ("- ~~~\n", True)]
)
def test_no_section_is_added_within_code_or_a_comment_without_an_end(tail, is_mended):
    text = compose("## Action Items\n(absent)") + f"\n{tail}"
    (finding,) = run(structure.missing_section, text)
    assert (finding.fix is not None) == is_mended


def test_the_fix_keeps_the_line_ends_of_the_document():
    text = compose("## Impact\n\n(absent)\n").replace("\n", "\r\n")
    mended = fixed(run(structure.missing_section, text), text)
    assert "\r\n## Impact\r\n\r\n<!-- " in mended
    assert "\n" not in mended.replace("\r\n", "")


def test_the_settings_say_which_sections_are_required():
    text = compose("## Impact\n\n(absent)\n\n## What Went Well\n\n(absent)\n")
    assert [each.key for each in run(structure.missing_section, text, required=("impact", "timeline"))] == ["Impact"]
    assert run(structure.missing_section, text, required=("summary", "Root Cause")) == []
    assert run(structure.missing_section, text, required=()) == []


def test_a_section_of_the_teams_own_can_be_required():
    required = ("Customer Messages",)
    assert [each.key for each in run(structure.missing_section, COMPLETE, required=required)] == ["Customer Messages"]
    assert run(structure.missing_section, COMPLETE + "\n## Customer messages\n\nNone.\n", required=required) == []


@pytest.mark.parametrize(
    "heading",
    [
        "## Root Cause Analysis",
        "## 4. Root cause",
        "## **Root Cause**",
        "## :mag: Root Cause",
        "Root Cause\n----------",
    ],
)
def test_other_names_and_forms_of_a_heading_are_understood(heading):
    text = COMPLETE.replace("## Root Cause", heading)
    assert run(structure.missing_section, text) == []


def test_one_heading_may_stand_for_two_sections():
    text = compose("## Contributing Factors\n\n(absent)\n").replace(
        "## Root Cause", "## Root Cause and Contributing Factors"
    )
    assert run(structure.missing_section, text) == []


def test_a_heading_in_a_code_fence_is_no_section():
    text = compose("## Impact\n\n(absent)\n") + "\n```\n## Impact\n```\n"
    assert [each.key for each in run(structure.missing_section, text)] == ["Impact"]


def test_a_document_of_another_template_promised_only_what_any_reader_needs():
    severities = {each.key: each.severity for each in run(structure.missing_section, FOREIGN)}
    assert severities == dict.fromkeys(("Contributing Factors", "What Went Well", "What Went Poorly"), Severity.INFO)


def test_a_document_of_another_template_that_has_all_but_one_is_asked_for_that_one():
    text = FOREIGN.replace(
        "## Root Cause\n\nThe consumer kept a lock over a restart of the broker, and no timeout ended it.\n\n", ""
    )
    assert {each.key for each in run(structure.missing_section, text) if each.severity is None} == {"Root Cause"}


def test_what_a_summary_tells_is_not_asked_for_again_in_another_template():
    text = FOREIGN.replace(
        "## Root Cause\n\nThe consumer kept a lock over a restart of the broker, and no timeout ended it.\n\n", ""
    )
    text = text.replace(
        "Orders were late.\n\n## Impact", "Orders were late because a lock had no timeout.\n\n## Impact"
    )
    assert all(each.severity is Severity.INFO for each in run(structure.missing_section, text))


def test_opening_prose_is_a_summary_in_another_template():
    text = FOREIGN.replace("## Summary\n\nOrders were late.\n\n", "")
    assert "Summary" not in {each.key for each in run(structure.missing_section, text)}


def test_detection_and_recovery_narrate_what_a_timeline_would():
    start, end = FOREIGN.index("## Timeline"), FOREIGN.index("## Root Cause")
    text = FOREIGN[:start] + "## Detection\n\nA customer called.\n\n## Recovery\n\nWe restarted it.\n\n" + FOREIGN[end:]
    assert {each.key: each.severity for each in run(structure.missing_section, text)}["Timeline"] is Severity.INFO


def test_lessons_learned_hold_what_went_well_and_poorly_in_another_template():
    text = FOREIGN + "\n## Lessons Learned\n\nLocks need timeouts.\n"
    assert [each.key for each in run(structure.missing_section, text)] == ["Contributing Factors"]


def test_labels_above_the_first_section_are_sections_in_another_template():
    head = "# A slow day\n\nDate: 2026-03-03\n\nImpact: about 200 customers waited.\n\nRoot Causes: a lock without a timeout.\n"
    text = f"{head}\n## Timeline\n\n- 08:00 UTC slow\n"
    keys = {each.key for each in run(structure.missing_section, text)}
    assert not keys & {"Impact", "Root Cause", "Summary"}


def test_with_settings_a_document_of_another_template_must_have_what_they_require():
    findings = run(structure.missing_section, FOREIGN, has_settings=True, required=("contributing_factors", "impact"))
    assert [(each.key, each.severity) for each in findings] == [("Contributing Factors", None)]


def test_an_empty_text_has_no_place_but_its_beginning():
    assert all(each.span.line == 1 for each in run(structure.missing_section, ""))


# ------------------------------------------------------------------------------------------------------------ STR002


@pytest.mark.parametrize("name", STANDARD.values())
def test_none_is_offered_only_where_it_can_be_an_answer(name):
    page = Page(PATH, compose(f"## {name}\n\n(nothing)\n".replace("(nothing)\n", "")))
    [finding] = [found for found in structure.empty_section.check(page, facts()) if found.key == name]
    may_be_none = name in ("Impact", "Contributing Factors", "What Went Well", "What Went Poorly")
    assert ("'None'" in finding.message) is may_be_none


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<!-- what? -->",
        "<!-- what?\n\nand why? -->",
        "-",
        "- \n- ",
        "- [ ]",
        "---",
        "| a | b |\n| --- | --- |\n| | |",
        "**Cause:**",
        "```\n```",
        "<!-- a --> <!-- b -->",
    ],
    ids=["nothing", "prompt", "long prompt", "dash", "items", "box", "rule", "table", "label", "fence", "prompts"],
)
def test_a_section_without_words_is_empty(body):
    text = compose(f"## Root Cause\n\n{body or '<!-- -->'}\n")
    text = text if body else text.replace("<!-- -->\n\n", "")
    findings = run(structure.empty_section, text)
    assert quoted_by(findings, text) == ["Root Cause"]


@pytest.mark.parametrize(
    "body",
    [
        "None.",
        "n/a",
        "Unknown.",
        "![graph](pool.png)",
        "```\nERROR 42\n```",
        "| a |\n| --- |\n| b |",
        "### Why\n\nIt was.",
        "<details>\nA log.\n</details>",
        "- <!-- why? --> it was",
        "> A quotation.",
        "Cause: a lock",
        "### The lock was never given back",
    ],
    ids=[
        "none",
        "n/a",
        "unknown",
        "picture",
        "code",
        "table",
        "inner",
        "html",
        "comment and words",
        "quote",
        "label with value",
        "sentence as heading",
    ],
)
def test_a_section_with_words_is_not_empty(body):
    assert run(structure.empty_section, compose(f"## Root Cause\n\n{body}\n")) == []


def test_sections_below_an_empty_one_are_not_named_again():
    text = compose("## Action Items\n\n### Prevention\n\n### Follow-ups\n")
    assert quoted_by(run(structure.empty_section, text), text) == ["Action Items"]


def test_headings_with_times_are_what_a_timeline_says():
    text = compose("## Timeline\n\n### 10:02 the alert fires\n\n### 10:48 mitigated\n")
    assert run(structure.empty_section, text) == []


def test_times_in_headings_of_the_same_level_belong_to_the_timeline_above():
    text = FOREIGN.replace("- 2026-03-03 08:00 UTC The queue grows.", "## 2026-03-03 08:00 UTC\n\nThe queue grows.\n")
    assert run(structure.empty_section, text) == []


def test_an_empty_section_for_something_else_is_only_mentioned():
    text = FOREIGN + "\n## Where we got lucky\n\n## Appendix\n"
    assert [each.severity for each in run(structure.empty_section, text)] == [Severity.INFO]


def test_a_setext_heading_is_pointed_at_by_its_words():
    text = COMPLETE.replace("## Root Cause", "Root Cause\n----------")
    text = text[: text.index("The config pipeline")] + text[text.index("## Contributing") :]
    assert quoted_by(run(structure.empty_section, text), text) == ["Root Cause"]


# ------------------------------------------------------------------------------------------------------------ STR003


@pytest.mark.parametrize(
    ("words", "placeholder"),
    [
        ("TODO", "TODO"),
        ("TODO: ask the database team", "TODO"),
        ("**TODO** ask the database team", "TODO"),
        ("The pool was small (TODO: why?).", "TODO"),
        ("FIXME: numbers", "FIXME"),
        ("The exact cause is TBD.", "TBD"),
        ("tbd", "tbd"),
        ("It began on YYYY-MM-DD.", "YYYY-MM-DD"),
        ("- Began: YYYY-MM-DD HH:MM", "YYYY-MM-DD HH:MM"),
        ("- HH:MM the alert fires", "HH:MM"),
        ("- <describe the cause>", "<describe the cause>"),
        ("Cause: <name>", "<name>"),
        ("{{ root cause }}", "{{ root cause }}"),
        ("{{summary}}", "{{summary}}"),
        ("[Insert the cause here]", "[Insert the cause here]"),
        ("Found by [your name].", "[your name]"),
        ("Lorem ipsum dolor sit amet.", "Lorem ipsum"),
        ("*Describe what in the system made this possible.*", "*Describe what in the system made this possible.*"),
    ],
)
def test_a_placeholder_is_found_where_it_stands(words, placeholder):
    text = compose(f"## Root Cause\n\n{words}\n")
    assert quoted_by(run(structure.placeholder_left, text), text) == [placeholder]


@pytest.mark.parametrize(
    "words",
    [
        "The TODO app was down.",
        "A TODO in the code was overlooked.",
        "The line `TODO: check` stood in the code.",
        "```\nTODO: check\n```",
        "<!-- TODO: check -->",
        'The page said "TBD" for an hour.',
        "> TODO: check",
        "The parser takes dates in the format YYYY-MM-DD only.",
        "It expects `HH:MM`.",
        "A List<String> of <b>bold</b> words.<br>",
        "`kubectl delete pod <name>` did not help.",
        "We ran kubectl delete pod <pod-name> on each.",
        "See <https://example.org/a> and <ann@example.org>.",
        "The pods were <none>.",
        "The chart sets `{{ name }}` and {{ .Values.name }} and ${{ github.sha }}.",
        "See [name] and [date](https://example.org).\n\n[name]: https://example.org",
        "- [ ] ready\n- [x] done",
        "The todos of the team were long.",
        "*Why did it happen?*\n\nThe pool was too small.",
        "The `XX:XX` of the log, the ticket TBD-12 and a methodology.",
        "<details>\n<summary>Log</summary>\n\nIt was.\n\n</details>",
    ],
)
def test_what_only_looks_like_a_placeholder_is_none(words):
    assert run(structure.placeholder_left, compose(f"## Root Cause\n\n{words}\n")) == []


def test_a_todo_among_the_action_items_is_what_it_says():
    assert (
        run(
            structure.placeholder_left,
            compose("## Action Items\n\n- TODO: add an alert\n\n| Task | State |\n| --- | --- |\n| Alert | TODO |\n"),
        )
        == []
    )
    assert len(run(structure.placeholder_left, compose("## Action Items\n\n- [ ] TODO\n"))) == 1
    assert run(structure.placeholder_left, FOREIGN.replace("## Action Items", "## TODO")) == []


def test_a_chat_log_is_quoted_and_not_written():
    assert run(structure.placeholder_left, FOREIGN + "\n## Chat log\n\nann: TODO: look at the lock\n") == []


@pytest.mark.parametrize("line", ["**Date**: YYYY-MM-DD | **Severity**: SEV1 | **Duration**: 2h 8m | **Author**: @ann"])
def test_a_header_with_a_placeholder_is_not_filled(line):
    text = compose(line)
    assert quoted_by(run(structure.placeholder_left, text), text) == ["YYYY-MM-DD"]


def test_the_draft_of_an_incident_that_goes_on_says_that_the_duration_is_open():
    text = compose("**Date**: 2026-05-14 | **Severity**: SEV1 | **Duration**: TBD, not resolved yet | **Author**: @ann")
    assert quoted_by(run(structure.placeholder_left, text), text) == ["TBD"]


def test_a_key_of_the_front_matter_that_is_a_placeholder_is_found():
    text = "---\ntitle: TODO\nnote: the TODO app\n---\n" + FOREIGN
    assert places(run(structure.placeholder_left, text)) == [(2, 8, 12)]


def test_a_title_with_a_placeholder_is_found():
    text = compose("# Incident on YYYY-MM-DD")
    assert quoted_by(run(structure.placeholder_left, text), text) == ["YYYY-MM-DD"]


def test_columns_count_characters_behind_a_byte_order_mark_and_with_carriage_returns():
    text = "\ufeff" + FOREIGN.replace("Orders were late.\n\n## Impact", "Überfällig: TBD\n\n## Impact").replace(
        "\n", "\r\n"
    )
    assert quoted_by(run(structure.placeholder_left, text), text) == ["TBD"]


# ------------------------------------------------------------------------------------------------- STR004 to STR008


def test_another_name_is_renamed_by_a_safe_fix():
    text = COMPLETE.replace("## Root Cause", "## Root Cause Analysis").replace("## Action Items", "## Next steps ##")
    findings = run(structure.nonstandard_heading, text)
    assert quoted_by(findings, text) == ["Root Cause Analysis", "Next steps"]
    assert all(each.fix and each.fix.is_safe for each in findings)
    assert fixed(findings, text) == COMPLETE.replace("## Action Items", "## Action Items ##")


def test_a_rename_that_would_break_a_link_or_lose_a_word_is_not_safe():
    text = COMPLETE.replace("## Root Cause", "## Root Cause Analysis") + "\nSee [above](#root-cause-analysis).\n"
    assert [each.fix and each.fix.is_safe for each in run(structure.nonstandard_heading, text)] == [False]
    text = COMPLETE.replace("## Timeline", "## Timeline of the rollback")
    assert [each.fix for each in run(structure.nonstandard_heading, text)] == [None]


@pytest.mark.parametrize("heading", ["## timeline", "## Timeline (UTC)", "## 3. Timeline", "## Timeline:"])
def test_the_standard_name_in_another_spelling_is_standard(heading):
    assert run(structure.nonstandard_heading, COMPLETE.replace("## Timeline", heading)) == []


def test_the_teams_own_name_is_standard():
    text = COMPLETE.replace("## Root Cause", "## Why it broke")
    own = page(text, aliases={"why it broke": Role.ROOT_CAUSE})
    assert list(structure.nonstandard_heading.check(own, facts())) == []
    assert list(structure.missing_section.check(own, facts())) == []


def test_another_template_has_its_own_names_order_and_levels():
    text = FOREIGN.replace("## Action Items", "### Follow-ups").replace("## Impact", "# Scope")
    for rule in (structure.nonstandard_heading, structure.section_order, structure.heading_level):
        assert run(rule, text) == []


def moved(name: str, before: str | None) -> str:
    start = COMPLETE.index(f"## {name}\n")
    end = COMPLETE.find("\n## ", start + 1)
    end = len(COMPLETE) if end < 0 else end + 1
    section = COMPLETE[start:end].rstrip("\n") + "\n\n"
    rest = COMPLETE[:start] + COMPLETE[end:]
    at = rest.index(f"## {before}\n") if before else len(rest)
    return rest[:at] + ("" if rest[:at].endswith("\n\n") else "\n") + section + rest[at:]


@pytest.mark.parametrize(
    ("name", "before", "place"),
    [
        ("Summary", None, "before Impact"),
        ("Action Items", "Summary", "behind What Went Poorly"),
        ("Root Cause", "Impact", "behind Timeline"),
        ("Impact", "Root Cause", "behind Summary"),
    ],
)
def test_one_moved_section_is_one_finding(name, before, place):
    text = moved(name, before)
    findings = run(structure.section_order, text)
    assert len(findings) == 1
    if name != "Impact":  # two neighbours that changed places: either was moved
        assert quoted_by(findings, text) == [name]
        assert findings[0].message.endswith(f"move it {place}")


def test_sections_that_are_not_there_do_not_disturb_the_order():
    assert run(structure.section_order, compose("## Impact\n\n(absent)\n\n## Timeline\n\n(absent)\n")) == []


def test_a_section_that_stands_twice_is_found_at_the_second():
    text = COMPLETE + "\n## Timeline\n\n- 10:00 UTC nothing\n"
    findings = run(structure.duplicate_section, text)
    assert places(findings) == [(text.rstrip("\n").count("\n") - 1, 4, 12)]
    assert "first on line 26" in findings[0].message


@pytest.mark.parametrize(
    "extra",
    [
        "\n## Timeline (second day)\n\n- 10:00 UTC x\n",
        "\n## Notes\n\na\n\n## Notes\n\nb\n",
        "\n## Second\n\n### Timeline\n\n- x\n\n## Third\n\n### Timeline\n\n- x\n",
    ],
    ids=["other words", "not one of ours", "below different parents"],
)
def test_sections_that_only_resemble_each_other_are_not_twice(extra):
    assert run(structure.duplicate_section, COMPLETE + extra) == []


def test_a_heading_of_another_level_is_put_on_the_second_with_all_below_it():
    text = COMPLETE.replace("## Impact", "### Impact\n\n#### Users").replace("## Timeline", "# Timeline\n\n## Day one")
    findings = run(structure.heading_level, text)
    assert quoted_by(findings, text) == ["Impact", "Timeline"]
    mended = fixed(findings, text)
    assert "\n## Impact\n\n### Users\n" in mended
    assert "\n## Timeline\n\n### Day one\n" in mended
    assert run(structure.heading_level, mended) == []


def test_a_setext_heading_of_the_first_level_gets_another_line_below():
    text = COMPLETE.replace("## Impact", "Impact\n======")
    mended = fixed(run(structure.heading_level, text), text)
    assert "Impact\n------\n" in mended


def test_what_went_well_may_stand_below_lessons_learned():
    text = COMPLETE.replace("## What Went Well", "## Lessons Learned\n\n### What Went Well").replace(
        "## What Went Poorly", "### What Went Poorly"
    )
    assert run(structure.heading_level, text) == []


@pytest.mark.parametrize(
    "line",
    ["**Contributing Factors**", "**Contributing Factors:**", "__Contributing Factors__:", "Contributing Factors:"],
)
def test_a_line_that_looks_like_a_heading_is_named(line):
    text = COMPLETE.replace("## Contributing Factors", line)
    assert len(run(structure.pseudo_heading, text)) == 1
    assert run(structure.missing_section, text) == []


@pytest.mark.parametrize("line", ["**Impact** was felt", "**The pool**", "- **Impact**", "**Timeline**"])
def test_bold_words_that_head_no_missing_section_are_fine(line):
    assert (
        run(structure.pseudo_heading, compose(f"## Root Cause\n\nThe pool was small.\n\n{line}\n\nMore words.\n")) == []
    )


# ------------------------------------------------------------------------------------------------- STR009, STR010


@pytest.mark.parametrize("body", ["Misconfiguration.", "- Bad config", "**DNS**"])
def test_a_word_or_two_are_no_account(body):
    assert len(run(structure.thin_section, compose(f"## Root Cause\n\n{body}\n"))) == 1


@pytest.mark.parametrize(
    "body",
    [
        "None.",
        "Unknown",
        "N/A",
        "See #412",
        "[Details](https://example.org)",
        "A bad deploy",
        "TBD",
        "<!-- x -->",
        "![x](y.png)",
        "```\nx\n```",
        "接続プールの設定値が小さすぎた",
    ],
)
def test_answers_links_and_more_are_enough(body):
    assert run(structure.thin_section, compose(f"## Root Cause\n\n{body}\n")) == []


def test_timeline_and_action_items_may_be_short():
    assert run(structure.thin_section, compose("## Timeline\n\n- 10:02 alert\n\n## Action Items\n\nNone\n")) == []


@pytest.mark.parametrize(("count", "expected"), [(140, 0), (170, 1)])
def test_a_summary_is_long_from_150_words_on(count, expected):
    assert len(run(structure.summary_too_long, compose(f"## Summary\n\n{'word ' * count}\n"))) == expected


# -------------------------------------------------------------------------------------------------- STR011 to STR013


@pytest.mark.parametrize(
    "title", ["Slow checkouts", "Post-mortem: latency of the shop", "2026-05-14-checkout-latency", "Incident", "TODO"]
)
def test_a_title_with_a_word_of_its_incident_or_with_none_at_all_is_fine(title):
    assert run(structure.title_mismatch, compose(f"# {title}\n")) == []


def test_a_title_without_a_word_of_its_incident_is_another_documents():
    text = compose("# Mail relay down\n")
    assert quoted_by(run(structure.title_mismatch, text), text) == ["Mail relay down"]
    assert len(run(structure.title_mismatch, text, incident=None)) == 1


def test_a_document_that_names_no_incident_may_have_any_title():
    assert run(structure.title_mismatch, FOREIGN, incident=None) == []


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (PATH, 0),
        ("postmortems/checkout-latency.md", 0),
        ("pm/2026-05-14-checkout-latency/README.md", 0),
        ("pm/postmortem-2026-05-14-checkout-latency.md", 0),
        ("<stdin>", 0),
        ("-", 0),
        ("pm/2026-05-15-checkout-latency.md", 1),
        ("pm/2026-05-14-mail.md", 1),
    ],
)
def test_the_file_is_called_as_its_incident(path, expected):
    findings = run(structure.filename_mismatch, COMPLETE, path)
    assert quoted_by(findings, COMPLETE) == ["2026-05-14-checkout-latency"] * expected


def test_an_incident_file_is_called_as_its_id():
    assert run(structure.filename_mismatch, INCIDENT, INCIDENT_PATH) == []
    assert page(INCIDENT, INCIDENT_PATH).kind is PageKind.INCIDENT
    assert places(run(structure.filename_mismatch, INCIDENT, "incidents/2026-05-14-mail.md")) == [(2, 5, 32)]


@pytest.mark.parametrize(
    ("status", "ci", "expected"),
    [
        ("draft", {"is_pull_request": True, "is_draft_pull_request": False}, 1),
        ("Draft", {"is_pull_request": True, "is_draft_pull_request": False}, 1),
        ("in_review", {"is_pull_request": True, "is_draft_pull_request": False}, 0),
        ("draft", {"is_pull_request": True, "is_draft_pull_request": True}, 0),
        ("draft", {"is_pull_request": True, "is_draft_pull_request": None}, 0),
        ("draft", {}, 0),
    ],
)
def test_a_draft_stands_in_the_way_of_a_merge_only_where_ci_says_that_it_is_meant(status, ci, expected):
    text = COMPLETE.replace("status: final", f"status: {status}")
    findings = run(structure.draft_for_merge, text, **ci)
    assert quoted_by(findings, text) == [status] * expected
