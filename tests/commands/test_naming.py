"""Which incident a command means."""

import pytest

from tests.conftest import Desk

CHECKOUT = "2026-05-14-checkout-latency"
LOGIN = "2026-05-14-login-fails"
SEARCH = "2026-05-14-search-slow"


def opened(desk: Desk, title: str, *words: str) -> None:
    """An incident that did not become, or is no longer, the current one."""
    desk.ok("open", title, *(words or ("-s", "2")))
    desk.ok("use", "--clear")
    desk.wait(1)


def last_incident(desk: Desk) -> str:
    """The incident of the newest commit."""
    return desk.git("log", "-1", "--format=%(trailers:key=Incident,valueonly)").strip()


def test_open_makes_the_incident_the_current_one(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.ok("open", "Login fails", "-s", "2")
    assert desk.ok("use").out == f"{LOGIN}\n"
    desk.ok("note", "seen")
    assert last_incident(desk) == LOGIN


def test_ack_makes_the_incident_the_current_one(desk: Desk) -> None:
    opened(desk, "Checkout latency")
    opened(desk, "Login fails")
    desk.ok("ack", "-i", "checkout")
    assert desk.ok("use").out == f"{CHECKOUT}\n"


def test_use_chooses_the_current_one_and_forgets_it(desk: Desk) -> None:
    opened(desk, "Checkout latency")
    opened(desk, "Login fails")
    assert desk.ok("use", "login").out == f"{LOGIN}\n"
    desk.ok("note", "seen")
    assert last_incident(desk) == LOGIN
    desk.ok("use", "--clear")
    assert desk.ictl("note", "seen").code == 3


def test_use_without_a_name_also_says_which_is_meant_as_the_only_active_one(desk: Desk) -> None:
    opened(desk, "Checkout latency")
    result = desk.ok("use")
    assert result.out == f"{CHECKOUT}\n"
    assert result.err == "it is the only active one\n"
    assert desk.ok("use", "--json").json["incident"] == CHECKOUT


def test_use_says_that_nothing_is_meant(desk: Desk) -> None:
    result = desk.ok("use")
    assert result.out == ""
    assert result.err == "no current incident: choose one with `ictl use INCIDENT`\n"
    assert desk.ok("use", "--json").json["incident"] is None


def test_the_current_one_is_kept_in_the_git_directory_and_not_in_the_record(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    assert (desk.path / ".git" / "incidentctl" / "current").read_text().strip() == CHECKOUT
    assert desk.git("status", "--porcelain") == ""


@pytest.mark.parametrize(
    "end", [("resolve", "fixed"), ("cancel", "--reason", "false-alarm"), ("update", "--status", "resolved")]
)
def test_the_current_one_is_dropped_when_it_is_over(desk: Desk, end: tuple[str, ...]) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.ok(*end)
    opened(desk, "Login fails")
    desk.ok("note", "seen")
    assert last_incident(desk) == LOGIN


def test_the_current_one_is_dropped_when_somebody_else_resolved_it(desk: Desk) -> None:
    opened(desk, "Login fails")
    desk.ok("open", "Checkout latency", "-s", "2")
    path = next(path for path in desk.files() if "checkout" in path)
    desk.write(path, desk.text(path).replace("status: investigating", "status: resolved"))
    result = desk.ok("note", "seen")
    assert result.err == f"{CHECKOUT} is resolved: it is no longer the current incident\n"
    assert last_incident(desk) == LOGIN


def test_one_that_is_over_stays_current_when_it_was_chosen_as_it_is(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.ok("resolve", "fixed")
    opened(desk, "Login fails")
    desk.ok("use", "checkout")
    desk.ok("set", "started_at=-20m")
    desk.ok("note", "one more thing")
    assert last_incident(desk) == CHECKOUT


def test_the_only_active_one_is_meant(desk: Desk) -> None:
    opened(desk, "Checkout latency")
    desk.ok("open", "Login fails", "-s", "2")
    desk.ok("resolve", "fixed")
    desk.ok("note", "seen")
    assert last_incident(desk) == CHECKOUT


def test_a_ticket_and_one_in_triage_do_not_count_as_active(desk: Desk) -> None:
    opened(desk, "Checkout latency")
    opened(desk, "Logo is blurred", "-s", "4")
    desk.environ["INCIDENTCTL_AS"] = "@bot (agent)"
    opened(desk, "Disk fills up", "-s", "2")
    del desk.environ["INCIDENTCTL_AS"]
    desk.ok("note", "seen")
    assert last_incident(desk) == CHECKOUT


def test_several_active_ones_are_an_error_with_the_candidates(desk: Desk) -> None:
    opened(desk, "Checkout latency")
    opened(desk, "Login fails")
    result = desk.ictl("note", "seen")
    assert result.code == 3
    assert result.err == (
        "several incidents are active: name one with -i, or choose it with `ictl use`\n"
        f"  {LOGIN}  SEV2 investigating  Login fails\n"
        f"  {CHECKOUT}  SEV2 investigating  Checkout latency\n"
    )
    error = desk.ictl("note", "seen", "--json").error
    assert error["code"] == "ambiguous_incident"
    assert error["candidates"] == [LOGIN, CHECKOUT]


def test_a_choice_by_number_is_offered_on_a_terminal(desk: Desk) -> None:
    opened(desk, "Checkout latency")
    opened(desk, "Login fails")
    result = desk.ok("note", "seen", typed="2\n")
    assert "which one? [1-2] " in result.err
    assert last_incident(desk) == CHECKOUT


@pytest.mark.parametrize("answer", ["3\n", "x\n", "\n", "0\n"])
def test_an_answer_that_is_no_choice_writes_nothing(desk: Desk, answer: str) -> None:
    opened(desk, "Checkout latency")
    opened(desk, "Login fails")
    before = desk.subjects()
    assert desk.ictl("note", "seen", typed=answer).code == 3
    assert desk.subjects() == before


def test_end_of_input_at_the_choice_is_an_interruption(desk: Desk) -> None:
    opened(desk, "Checkout latency")
    opened(desk, "Login fails")
    assert desk.ictl("note", "seen", typed="").code == 130


def test_nothing_active_is_an_error_with_the_recent_ones(desk: Desk) -> None:
    result = desk.ictl("note", "seen")
    assert result.code == 3
    assert 'ictl open "What is wrong"' in result.err
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.ok("resolve", "fixed")
    result = desk.ictl("note", "seen")
    assert result.code == 3
    assert result.err.startswith("no incident is active: ")
    assert CHECKOUT in result.err


def test_what_is_said_after_the_fact_means_the_only_recent_one(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.ok("resolve", "fixed")
    desk.ok("set", "started_at=-20m")
    assert last_incident(desk) == CHECKOUT


def test_the_environment_names_one(desk: Desk) -> None:
    opened(desk, "Checkout latency")
    desk.ok("open", "Login fails", "-s", "2")
    desk.environ["INCIDENTCTL_INCIDENT"] = "checkout"
    desk.ok("note", "seen")
    assert last_incident(desk) == CHECKOUT
    assert "INCIDENTCTL_INCIDENT is set, and comes first: checkout" in desk.ok("use", "login").err
    desk.ok("note", "seen", "-i", "login")
    assert last_incident(desk) == LOGIN
    desk.environ["INCIDENTCTL_INCIDENT"] = "nothing"
    for words in (("note", "seen"), ("show",)):
        result = desk.ictl(*words)
        assert result.code == 3
        assert result.err.startswith("there is no incident 'nothing', as INCIDENTCTL_INCIDENT says: ")


def test_a_full_id_as_the_first_word_names_one(desk: Desk) -> None:
    opened(desk, "Checkout latency")
    desk.ok("open", "Login fails", "-s", "2")
    desk.ok("note", CHECKOUT, "pool", "exhausted")
    assert last_incident(desk) == CHECKOUT
    assert "pool exhausted —" in desk.text(desk.files()[0])
    assert CHECKOUT not in desk.text(desk.files()[0]).split("## Timeline")[1]


def test_two_names_that_disagree_are_refused(desk: Desk) -> None:
    opened(desk, "Checkout latency")
    opened(desk, "Login fails")
    result = desk.ictl("note", CHECKOUT, "seen", "-i", LOGIN)
    assert result.code == 2
    assert result.err == f"two incidents are named: keep one of -i {LOGIN} and {CHECKOUT}\n"


@pytest.mark.parametrize(
    "name",
    [
        "checkout",
        "CHECKOUT",
        "latency",
        "2026-05-14-check",
        CHECKOUT,
        f"#incident-{CHECKOUT}",
        f"incidents/2026/05/{CHECKOUT}.md",
    ],
)
def test_a_part_of_an_id_names_one(desk: Desk, name: str) -> None:
    opened(desk, "Checkout latency")
    opened(desk, "Login fails")
    desk.ok("note", "seen", "-i", name)
    assert last_incident(desk) == CHECKOUT


def test_a_beginning_comes_before_a_part(desk: Desk) -> None:
    opened(desk, "Latency of login")
    opened(desk, "Checkout latency")
    desk.ok("note", "seen", "-i", "latency")
    assert last_incident(desk) == "2026-05-14-latency-of-login"


def test_an_empty_name_is_refused_and_not_taken_for_the_current_one(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    for words in (("note", "seen", "-i", ""), ("show", ""), ("edit", " "), ("use", "")):
        result = desk.ictl(*words)
        assert result.code == 2
        assert "is empty" in result.err or "no terminal" in result.err


def test_a_part_that_fits_several_is_an_error_with_the_candidates(desk: Desk) -> None:
    opened(desk, "Checkout latency")
    opened(desk, "Checkout errors")
    result = desk.ictl("note", "seen", "-i", "checkout")
    assert result.code == 3
    assert result.err.startswith("'checkout' may mean several incidents: ")
    assert desk.ictl("show", "checkout").code == 3


def test_a_part_names_for_writing_only_what_is_active_or_of_the_last_seven_days(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.ok("resolve", "fixed")
    desk.wait(7 * 24 * 60 + 5)
    result = desk.ictl("note", "seen", "-i", "checkout")
    assert result.code == 3
    assert result.err.startswith(
        "no incident of the last 7 days is called 'checkout': an older one is named by its full id\n"
    )
    assert CHECKOUT in result.err
    desk.ok("note", "seen", "-i", CHECKOUT)
    desk.wait(6 * 24 * 60)
    desk.ok("note", "that note was 6 days ago", "-i", "checkout")


def test_a_part_names_an_old_one_while_it_is_active(desk: Desk) -> None:
    opened(desk, "Checkout latency")
    desk.wait(30 * 24 * 60)
    desk.ok("note", "still there", "-i", "check")


def test_a_part_names_for_reading_any_incident(desk: Desk) -> None:
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.ok("resolve", "fixed")
    desk.wait(100 * 24 * 60)
    for words in (("show", "check"), ("timeline", "check"), ("use", "check")):
        desk.ok(*words)


def test_an_unknown_name_is_an_error_that_says_what_was_meant_perhaps(desk: Desk) -> None:
    opened(desk, "Checkout latency")
    for words in (("show", "chekout-latency"), ("note", "seen", "-i", "chekout-latency")):
        result = desk.ictl(*words)
        assert result.code == 3
        assert result.err == (
            "there is no incident 'chekout-latency': did you mean one of these?\n"
            f"  {CHECKOUT}  SEV2 investigating  Checkout latency\n"
        )
    result = desk.ictl("show", "zzz")
    assert result.err == "there is no incident 'zzz': see them all: ictl list\n"
    assert desk.ictl("note", "2026-01-01-nothing", "seen").code == 3


@pytest.mark.parametrize(
    "words",
    [
        ("ack",),
        ("note", "x"),
        ("update", "x"),
        ("severity", "1"),
        ("assign", "ic", "me"),
        ("mitigate",),
        ("resolve",),
        ("reopen",),
        ("cancel", "--reason", "duplicate", "--duplicate-of", LOGIN),
        ("set", "team=shop"),
        ("undo",),
    ],
)
def test_every_write_answers_with_a_line_that_names_the_incident(desk: Desk, words: tuple[str, ...]) -> None:
    opened(desk, "Login fails")
    desk.ok("open", "Checkout latency", "-s", "2")
    desk.ok("note", "seen")
    answer = desk.ok(*words).out.splitlines()
    assert any("checkout-latency SEV" in line for line in answer)


def test_what_is_recommended_names_the_incident_where_it_would_mean_another_one(desk: Desk) -> None:
    opened(desk, "Login fails")
    desk.ok("open", "Checkout latency", "-s", "1")
    assert "`ictl assign ic me`" in desk.ok("severity", "2", "slower only").out
    result = desk.ok("severity", "-i", "login", "1")
    assert f"`ictl assign {LOGIN} ic me`" in result.out
    resolved = desk.ok("resolve", "fixed").out
    assert f"`ictl set {CHECKOUT} started_at=TIME`" in resolved
    assert f"`ictl postmortem new {CHECKOUT}`" in resolved
