"""Similar incidents: what is suggested as a possible repeat, and what is not."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from incidentctl.incident.entries import Status
from incidentctl.stats.case import Case, Fact, PostmortemFacts, Source
from incidentctl.stats.likeness import Profile, find_by_lines, profile_of, stem_of, terms_of
from incidentctl.stats.report import Suggestion
from incidentctl.stats.similar import find_all_similar, find_similar

FIRST = datetime(2026, 1, 5, 9, tzinfo=UTC)

OTHERS = (
    ("Search returns nothing", "search", "the index of the night was empty"),
    ("Login down", "identity", "the certificate of the proxy expired"),
    ("Mail queue grows", "mail", "the relay refuses what is not signed"),
    ("Images missing", "catalog", "a bucket was made private"),
    ("Report of the month is late", "billing", "the batch waits for a lock"),
)


def case(day: int, title: str, service: str = "", notes: str = "", cause: str | None = None) -> Case:
    at = FIRST + timedelta(days=day)
    name = f"{at:%Y-%m-%d}-{'-'.join(title.lower().split())}"
    return Case(
        id=name,
        path=f"incidents/{at:%Y/%m}/{name}.md",
        title=title,
        status=Status.RESOLVED,
        severity_declared="SEV2",
        severity_peak="SEV2",
        severity_final="SEV2",
        services=(service,) if service else (),
        times={"declared_at": Fact(at, Source())},
        postmortem=PostmortemFacts("", root_cause=cause) if cause else None,
        terms=terms_of((title, service, cause or "", notes)),
    )


def others(start: int = 0) -> list[Case]:
    return [case(start + number, *words) for number, words in enumerate(OTHERS)]


EARLIER = case(20, "Checkout latency", "checkout", "pool exhausted on db-3, requests run into a timeout")
LATER = case(60, "Checkout is slow", "checkout", "timeouts, and the connection pool is exhausted")


def pairs(suggestions: Sequence[Suggestion]) -> list[tuple[str, str]]:
    return [(each.id, each.earlier) for each in suggestions]


# ---------------------------------------------------------------------------------------------------------------- terms


def test_the_terms_are_the_telling_words_each_once_in_their_order() -> None:
    assert terms_of(("Checkout latency", "checkout", "The pool was exhausted: pool_size too low")) == (
        "checkout",
        "latency",
        "pool",
        "exhausted",
        "size",
    )


@pytest.mark.parametrize(
    "text",
    [
        "12 % of 4031",
        "db3 a7k2ps0 p99",
        "https://graphs.example.org/d/pool",
        "@ann and @bob.smith",
        "as in 2026-05-14-checkout-latency",
        "The incident was resolved at 10:12 UTC on Monday",
        "",
    ],
)
def test_numbers_ids_addresses_people_and_words_of_any_incident_are_no_terms(text: str) -> None:
    assert terms_of((text,)) == ()


def test_words_are_found_between_any_signs_and_in_any_language() -> None:
    assert terms_of(("Größe\u2014“pool”…k8s/ipv6",)) == ("größe", "pool", "k8s", "ipv6")


def test_there_are_no_more_terms_than_asked_for() -> None:
    assert terms_of(("alpha beta", "gamma delta"), limit=3) == ("alpha", "beta", "gamma")


@given(st.lists(st.text()))
def test_any_text_has_terms_that_are_their_own_terms(texts: list[str]) -> None:
    terms = terms_of(texts)
    assert len(terms) == len(set(terms)) <= 40
    assert all(term == term.strip() and len(term) > 1 for term in terms)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("timeout", "timeouts"),
        ("upgrade", "upgraded"),
        ("upgrade", "upgrading"),
        ("exhausted", "exhaustion"),
        ("deploy", "deployment"),
        ("retry", "retries"),
        ("cache", "caches"),
    ],
)
def test_forms_of_a_word_are_one(one: str, other: str) -> None:
    assert stem_of(one) == stem_of(other)


@pytest.mark.parametrize("word", ["dns", "status", "redis", "address", "speed", "need"])
def test_a_word_that_only_looks_like_a_form_stays(word: str) -> None:
    assert stem_of(word) == word


# -------------------------------------------------------------------------------------------------------------- similar


def test_the_same_trouble_again_is_suggested_with_the_shared_words() -> None:
    (found,) = find_similar(LATER, [*others(), EARLIER])
    assert (found.id, found.earlier) == (LATER.id, EARLIER.id)
    assert set(found.shared) == {"checkout", "pool", "exhausted", "timeouts"}
    assert 0.34 < found.score < 1


def test_it_is_suggested_as_well_where_it_is_the_only_one_earlier() -> None:
    assert pairs(find_similar(LATER, [EARLIER])) == [(LATER.id, EARLIER.id)]


def test_nothing_is_suggested_where_nothing_is_alike() -> None:
    assert find_similar(case(70, "Disk full on the build machine", "ci"), [*others(), EARLIER]) == ()


def test_a_single_shared_word_is_too_little() -> None:
    assert find_similar(case(70, "Login of the printer"), [*others(), EARLIER]) == ()


def test_the_same_services_alone_are_too_little() -> None:
    one, two = case(1, "Certificate expired", "checkout-api"), case(2, "Disk full", "checkout-api")
    one, two = (replace(each, services=("checkout-api", "payments")) for each in (one, two))
    assert find_similar(two, [one, *others()]) == ()


def test_the_parts_of_one_services_name_count_once() -> None:
    assert find_similar(case(9, "checkout-api", "checkout-api"), [case(8, "checkout-api", "checkout-api")]) == ()


def test_words_that_most_incidents_have_suggest_nothing() -> None:
    many = [
        case(day, f"{what} in cluster west", "platform", "seen in the dashboard") for day, what in enumerate(_UNLIKE)
    ]
    again = case(50, "Elevator in cluster west", "platform", "seen in the dashboard")
    assert find_similar(again, many) == ()


_UNLIKE = (
    "alpha bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike oscar papa quebec romeo sierra tango uniform"
).split()


def test_of_equal_ones_the_latest_come_first() -> None:
    same = [case(day, "Checkout latency", "checkout", "pool exhausted, timeout") for day in (1, 2, 3, 4)]
    found = find_similar(LATER, [*same, *others(10)], limit=2)
    assert [each.earlier for each in found] == [same[3].id, same[2].id]


@pytest.mark.parametrize(
    "changed",
    [
        replace(EARLIER, status=Status.CANCELED),
        replace(EARLIER, is_drill=True),
        replace(EARLIER, duplicate_of="2026-01-05-x"),
        replace(EARLIER, times={"declared_at": Fact(FIRST + timedelta(days=61), Source())}),
        replace(EARLIER, id=LATER.id),
    ],
    ids=["canceled", "drill", "duplicate", "declared later", "itself"],
)
def test_what_cannot_come_again_is_not_suggested(changed: Case) -> None:
    assert find_similar(LATER, [*others(), changed]) == ()


def test_where_people_have_said_that_it_is_a_repeat_nothing_is_suggested() -> None:
    assert find_similar(replace(LATER, repeat_of=EARLIER.id), [EARLIER]) == ()
    one, two = (replace(each, postmortem=PostmortemFacts("", root_cause="pool-size")) for each in (EARLIER, LATER))
    assert find_similar(two, [one]) == ()


def test_other_causes_are_no_repeat_and_a_like_one_may_be() -> None:
    one = case(20, "Checkout latency", "checkout", "pool exhausted, timeout", "connection-pool-size")
    like = case(60, "Checkout is slow", "checkout", "pool exhausted, timeouts", "pool-limit")
    unlike = case(60, "Checkout is slow", "checkout", "pool exhausted, timeouts", "expired-certificate")
    assert pairs(find_similar(like, [one, *others()])) == [(like.id, one.id)]
    assert find_similar(unlike, [one, *others()]) == ()


def test_many_are_asked_for_at_once_with_the_same_answer() -> None:
    cases = [
        *others(),
        EARLIER,
        *others(30),
        LATER,
        case(70, "Checkout latency", "checkout", "pool exhausted, timeout"),
    ]
    each = [find_similar(one, cases, limit=1) for one in sorted(cases, key=lambda one: one.id)]
    assert find_all_similar(cases) == tuple(found for one in each for found in one)
    assert pairs(find_all_similar(cases, among=lambda one: one is LATER)) == [(LATER.id, EARLIER.id)]


def test_the_order_in_which_they_are_handed_in_changes_nothing() -> None:
    cases = [*others(), EARLIER, *others(30)]
    assert find_similar(LATER, cases) == find_similar(LATER, cases[::-1]) != ()
    assert find_all_similar([*cases, LATER]) == find_all_similar([LATER, *cases[::-1]])


# --------------------------------------------------------------------------------------------------------- by its line


def by_lines(words: tuple[str, str], earlier: Sequence[tuple[str, str]]) -> list[tuple[str, tuple[str, ...]]]:
    def profile(name: str, title: str, service: str) -> Profile:
        return profile_of(name, terms=terms_of((title,)), services=(service,))

    lines = [" ".join(each).lower() for each in earlier]
    found = find_by_lines(profile("new", *words), lines, lambda number: profile(str(number), *earlier[number]))
    return [(each.id, each.shared) for each in found]


TITLES = [(title, service) for title, service, _ in OTHERS]


def test_where_only_titles_and_services_are_known_they_are_enough() -> None:
    earlier = [*TITLES, ("Checkout latency", "checkout"), *TITLES]
    assert by_lines(("Latency in the checkout", "checkout"), earlier) == [("5", ("checkout", "latency"))]
    assert by_lines(("Retries everywhere", "search"), [*TITLES, ("Retry of a retry", "search")]) == [
        ("5", ("retries", "search"))
    ]


def test_by_their_titles_as_well_one_word_or_a_service_is_too_little() -> None:
    assert by_lines(("Login of the printer", "office"), TITLES) == []
    assert by_lines(("Cards declined", "identity"), TITLES) == []
    assert by_lines(("Anything", "new"), []) == []
