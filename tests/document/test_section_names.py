"""What headings are understood to mean, in the forms in which people write them."""

import pytest

from incidentctl.document.section_names import (
    STANDARD,
    Role,
    alias_key,
    is_whole_name,
    plain_heading,
    role_of,
    roles_named,
)


@pytest.mark.parametrize(("role", "name"), STANDARD.items())
def test_the_standard_names_are_no_aliases(role, name):
    assert role_of(name) == (role, False)
    assert role_of(name.upper()) == (role, False)
    assert role.heading == name


@pytest.mark.parametrize(
    "heading",
    [
        "Root cause",
        "Root Cause:",
        "**Root Cause**",
        "_Root Cause_",
        "`Root Cause`",
        "4. Root Cause",
        "4) Root Cause",
        "1.2.3 Root Cause",
        "IV. Root Cause",
        "Section 4: Root Cause",
        "Part 2 Root Cause",
        ":mag: Root Cause",
        "🔍 Root Cause 🔍",
        "[Root Cause](#top)",
        "Root Cause (draft)",
        "(Root Cause)",
        "Root\xa0Cause",
        "~ Root Cause ~",
    ],
)
def test_numbers_emphasis_pictures_links_and_parentheses_are_no_part_of_the_name(heading):
    assert role_of(heading) == (Role.ROOT_CAUSE, False)


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("TL;DR", Role.SUMMARY),
        ("What happened?", Role.SUMMARY),
        ("Who was affected?", Role.IMPACT),
        ("Incident timeline (all times UTC)", Role.TIMELINE),
        ("Five Why’s", Role.ROOT_CAUSE),
        ("Why did this happen?", Role.ROOT_CAUSE),
        ("Contributing causes & conditions", Role.CONTRIBUTING_FACTORS),
        ("Things that went well", Role.WENT_WELL),
        ("What didn’t go well", Role.WENT_POORLY),
        ("What could have gone better?", Role.WENT_POORLY),
        ("Follow‑up tasks", Role.ACTION_ITEMS),
        ("Next Steps", Role.ACTION_ITEMS),
        ("Corrective actions for the relay", Role.ACTION_ITEMS),
        ("Lessons learnt", Role.LESSONS),
        ("Where we got lucky", Role.LUCK),
        ("#ops chat logs", Role.CHAT_LOG),
        ("How did we detect it?", Role.DETECTION),
        ("Recovery", Role.RESOLUTION),
        ("Appendix B", Role.APPENDIX),
    ],
)
def test_other_names_are_aliases(heading, role):
    assert role_of(heading) == (role, True)


@pytest.mark.parametrize(
    "heading",
    [
        "The relay",
        "10:48 mitigated",
        "2026-05-14",
        "",
        "???",
        "How the new pipeline changed the way in which we think about timeline tools",
    ],
)
def test_other_headings_name_no_section(heading):
    assert role_of(heading) == (None, False)
    assert roles_named(heading) == frozenset()


@pytest.mark.parametrize(
    ("heading", "first", "roles"),
    [
        ("Root cause and contributing factors", Role.ROOT_CAUSE, {Role.ROOT_CAUSE, Role.CONTRIBUTING_FACTORS}),
        ("Impact & Timeline", Role.TIMELINE, {Role.IMPACT, Role.TIMELINE}),
        ("Lessons learned / Next steps", Role.ACTION_ITEMS, {Role.LESSONS, Role.ACTION_ITEMS}),
        ("Summary, impact and timeline", Role.TIMELINE, {Role.SUMMARY, Role.IMPACT, Role.TIMELINE}),
        ("What went well and what went poorly", Role.WENT_WELL, {Role.WENT_WELL, Role.WENT_POORLY}),
        ("Root Cause", Role.ROOT_CAUSE, {Role.ROOT_CAUSE}),
    ],
)
def test_one_heading_may_name_several_sections(heading, first, roles):
    assert role_of(heading)[0] is first
    assert roles_named(heading) == roles


def test_a_teams_own_names_come_first_and_count_as_standard():
    own = {alias_key("Why it broke"): Role.ROOT_CAUSE, alias_key("Impact"): Role.SUMMARY}
    assert role_of("3. Why it broke?", own) == (Role.ROOT_CAUSE, False)
    assert role_of("Impact", own) == (Role.SUMMARY, False)


def test_a_whole_name_loses_no_word_when_it_is_replaced():
    assert is_whole_name("Root Cause Analysis")
    assert is_whole_name("2. next steps")
    assert not is_whole_name("Timeline of the rollback")
    assert not is_whole_name("Incident timeline (UTC)")


def test_plain_words_are_what_a_reader_sees():
    assert plain_heading("**The `pool`** of [db-3](https://example.org)") == "The pool of db-3"
    assert plain_heading("two\nlines") == "two lines"
    assert plain_heading("snake_case") == "snake_case"


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("Timeline (times in CET) 03/02/2026 to 03/04/2026, some approximate", Role.TIMELINE),
        ("Corrective and Preventative Measures", Role.ACTION_ITEMS),
        ("What is being done about this?", Role.ACTION_ITEMS),
        ("What happened on 3 March 2026", Role.SUMMARY),
        ("✅ LESSON LEARNED", Role.LESSONS),
        ("What was the problem?", Role.SUMMARY),
        ("Relay (events) and what it is for", None),
    ],
)
def test_words_behind_a_parenthesis_do_not_hide_a_name(heading, role):
    assert role_of(heading)[0] is role
