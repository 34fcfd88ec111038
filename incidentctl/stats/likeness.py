"""How alike two incidents are, by their services and telling words. Knows nothing of an incident but these: it is quick to load."""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, reduce
from heapq import nlargest
from math import log, sqrt
from typing import Final

from msgspec import Struct

_PASSED_OVER: Final = re.compile(r"https?://\S+|@\S+|\d{4}-\d\d-\d\d-[\w-]+")
"""Addresses, people, ids of incidents."""
_BETWEEN_WORDS: Final = {code: " " for code in range(128) if not chr(code).isalnum()}
_TYPOGRAPHY: Final = "\u2014\u2013\u2019\u2018\u201c\u201d\u2026\u2192\u00b7\u2022\u00a0"
_MOST_TEXT: Final = 20_000
"""Characters of one text that are looked at."""
_LONGEST: Final = 30
_WITH_DIGITS: Final = frozenset(("k8s", "s3", "ec2", "ipv4", "ipv6", "http2", "log4j", "oauth2", "x509"))
"""Other words with digits are hosts, hashes and counts."""

_STOP: Final = frozenset(
    """
    about above according action actions actually affected after again against aka alert alerted alerts all almost along already
    also although always am an and another any anything apr april are aren around as at aug august away back be because been
    before behind being below between both broke broken but by came can cannot cause caused causes causing cest cet com come
    confirmed could couldn customer customers date day days dec december degradation degraded detected detection did didn do
    does doesn doing don done down due during each either else enough error errors even event events ever every everything fail
    failed failing fails failure failures feb february few finally first fix fixed fixes following for found friday from further
    gave get getting give given gives gmt go goes going gone got had hadn happened happening happens has hasn have haven having
    he help her here high him his hour hours how however html http https identified if impact impacted in incident incidents
    instead into investigate investigated investigating investigation is isn issue issues it its itself jan january jul july jun
    june just keep kept know known last later least less let like likely little ll long look looked looking looks lot low made
    make makes making many mar march may maybe md me might min mins minute minutes mitigated mitigation monday monitoring more
    mortem most mostly much must my near need needed needs never new next no non none not nothing noticed nov november now oct
    october of off often ok old on once one only onto open or org other others our out outage outages over own part pdt people
    per perhaps please post problem problems prod production pst put quite rather re really report reported reports resolved
    response restored root same saturday saw say says sec second see seem seemed seems seen sep sept september service services
    sev several severity she should show shows since so some something soon started starting status still stopped such summary
    sunday take taken takes team than that the their them then there these they thing things think this those though three
    through thursday thus till time times to today together tomorrow too took toward tried try trying tuesday turned two
    unavailable under until up update updated upon us use used user users uses using usual usually utc ve very via want was wasn
    way we wednesday week well went were weren what when where whether which while who whole whose why will with within without
    won working works would wouldn www yes yesterday yet you your yours
    """.split()
)
"""Words that say nothing of one incident, in English and of incidents."""

_THRESHOLD: Final = 0.34
"""From 0 to 1. Among 41 public post-mortems, what is above it by title and services was of the same component; from 0.25 to 0.34, by
whole texts, it was the template that both had."""
_FEWEST_SHARED: Final = 2
"""Words, services among them, but not services alone: a single one is shared by chance."""
_PRIOR: Final = 5
"""In a record of few incidents each word is rare: as if there were so many more, in which none of them stands."""
_SERVICE: Final = 1.25
"""How much more the name of a service weighs than another word."""
_SHOWN: Final = 6
"""How many of the shared words are told, the rarest."""
_REMEMBERED: Final = 200
"""How many incidents a word leads to, the latest: a word of more of them tells them no longer apart."""
_FOLLOWED: Final = 400
"""How many of them are looked at for one incident, those of the rarest words: so the time for it does not grow with the record."""
_COMPARED: Final = 12
"""How many incidents are compared whole: those that share most, by words and their rarity."""


def terms_of(words: Iterable[str], *, limit: int = 40) -> tuple[str, ...]:
    """The telling words among some texts, in lower case, each once, in their order, at most `limit`: so what tells most has to come first.

    No numbers, no ids, no addresses, no people, and no words that stand in any text about an incident.
    """
    found: dict[str, None] = {}
    for each in words:
        # A regular expression that finds words takes four times as long, and so does `translate` where a sign is not ASCII.
        text = _PASSED_OVER.sub(" ", each[:_MOST_TEXT].lower())
        if not text.isascii():
            text = reduce(lambda left, sign: left.replace(sign, " "), _TYPOGRAPHY, text)
        for word in text.translate(_BETWEEN_WORDS).split():
            if word in found or word in _STOP or not 1 < len(word) <= _LONGEST:
                continue
            if word.isalpha() or word in _WITH_DIGITS:
                found[word] = None
                if len(found) >= limit:
                    return tuple(found)
    return tuple(found)


class Profile(Struct, frozen=True):
    """What two incidents are compared by. `words` are by their stems, as they are shown; `cause` is the key of the root cause."""

    id: str
    words: dict[str, str]
    services: frozenset[str] = frozenset()
    cause: str | None = None


def profile_of(
    incident: str, *, terms: Sequence[str], services: Sequence[str] = (), cause: str | None = None
) -> Profile:
    """The profile of an incident, by its terms and the names of its services. The parts of a service's name are no words of their own."""
    named = {stem_of(name.lower()): name.lower() for name in services}
    parts = {stem_of(part) for name in named.values() for part in name.translate(_BETWEEN_WORDS).split()}
    words = dict(named)
    for term in (*terms, *terms_of((cause or "",))):
        stem = stem_of(term)
        if stem not in parts:
            words.setdefault(stem, term)
    return Profile(incident, words, frozenset(named), cause)


@lru_cache(maxsize=1 << 15)
def stem_of(word: str) -> str:
    """What `timeouts` and `timeout`, `upgraded` and `upgrade`, `exhausted` and `exhaustion` have in common. Only for comparing."""
    if len(word) < 5:
        return word
    if word.endswith("ies"):
        word = f"{word[:-3]}y"
    elif word[-1] == "s" and word[-2] not in "sui":
        word = word[:-1]
    for ending in ("ment", "ing", "ion", "ed"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            word = word[: -len(ending)]
            break
    return word[:-1] if word[-1] == "e" and len(word) > 4 else word


class Alike(Struct, frozen=True):
    """An incident that another one is like: `shared` are the words that both have, the rarest first; `score` from 0 to 1."""

    id: str
    shared: tuple[str, ...]
    score: float


class Earlier:
    """The incidents that are looked through, as they come to be: each is compared with those that were added before it.

    To add one is quick: only of the few that another one is compared with a profile is made.
    """

    def __init__(self) -> None:
        self._told: list[tuple[str, Sequence[str], Sequence[str], str | None]] = []
        self._of_term: dict[str, list[int]] = {}
        self._forms: dict[str, list[str]] = {}

    def add(
        self, incident: str, *, terms: Sequence[str], services: Sequence[str] = (), cause: str | None = None
    ) -> None:
        """From now on it is found. The words are as those of `profile_of`."""
        number = len(self._told)
        self._told.append((incident, terms, services, cause))
        names = [name.lower() for name in services]
        for term in (*terms, *names, *terms_of((cause,))) if cause else (*terms, *names):
            numbers = self._of_term.get(term)
            if numbers is None:
                self._of_term[term] = [number]
                self._forms.setdefault(stem_of(term), []).append(term)
            elif numbers[-1] != number:
                numbers.append(number)

    def _with(self, word: str) -> list[int]:
        """The incidents that have a word, in whichever form, oldest first."""
        lists = [self._of_term[term] for term in self._forms.get(word, ())]
        return lists[0] if len(lists) == 1 else sorted(set().union(*lists))

    def similar_to(self, profile: Profile, *, limit: int = 3) -> tuple[Alike, ...]:
        """The most similar ones, the most similar first, of equal ones the latest; none where nothing is similar enough."""
        held = {word: self._with(word) for word in profile.words if word in self._forms}
        promise: dict[int, float] = {}
        followed = 0
        for numbers in sorted(held.values(), key=len):
            if followed >= _FOLLOWED:
                break
            rarity = _rarity(len(numbers), len(self._told))
            for number in numbers[-_REMEMBERED:]:
                promise[number] = promise.get(number, 0.0) + rarity
            followed += min(len(numbers), _REMEMBERED)
        promising = nlargest(_COMPARED, zip(promise.values(), promise, strict=True))
        return nearest(
            profile,
            [self._profile(number) for _, number in promising],
            held_by=lambda word: len(held[word] if word in held else self._with(word)),
            of=len(self._told),
            limit=limit,
        )

    def _profile(self, number: int) -> Profile:
        incident, terms, services, cause = self._told[number]
        return profile_of(incident, terms=terms, services=services, cause=cause)


def find_by_lines(
    profile: Profile, lines: Sequence[str], profile_at: Callable[[int], Profile], *, limit: int = 1
) -> tuple[Alike, ...]:
    """The same among incidents of whom a line each is known, oldest first: quick for many, since few of them are read.

    `lines` are in lower case, and have no more than the terms of `profile_at` are taken from.
    """
    # A stem stands at the beginning of the forms of its word, but for the `y` that becomes `ies`.
    stems = [stem.removesuffix("y") for stem in profile.words]
    whole = "\n".join(lines)
    known = [(stem, _rarity(whole.count(stem), len(lines))) for stem in stems if stem in whole]
    promise = ((sum([rarity for stem, rarity in known if stem in line]), number) for number, line in enumerate(lines))
    promising = nlargest(_COMPARED, (each for each in promise if each[0] > 0))
    candidates = [profile_at(number) for _, number in promising]
    return nearest(profile, candidates, held_by=whole.count, of=len(lines), limit=limit)


def _rarity(held_by: int, of: int) -> float:
    """How much a word tells that so many incidents have, among all; never below 0."""
    return max(log((of + _PRIOR) / (held_by + 1)), 0.0)


def nearest(
    profile: Profile, candidates: Iterable[Profile], *, held_by: Callable[[str], int], of: int, limit: int
) -> tuple[Alike, ...]:
    """The candidates that are similar enough. `held_by` says how many incidents, among `of`, have a word, by its stem."""
    rarity: dict[str, float] = {}

    def weight(word: str, services: frozenset[str]) -> float:
        known = rarity.get(word)
        if known is None:
            known = rarity[word] = _rarity(held_by(word), of)
        return known * _SERVICE if word in services else known

    def size_of(each: Profile) -> float:
        return sqrt(sum(weight(word, each.services) ** 2 for word in each.words))

    own = {word: weight(word, profile.services) for word in profile.words}
    own_size = size_of(profile)
    found: list[tuple[float, str, Profile]] = []
    for other in candidates:
        shared = own.keys() & other.words.keys()
        if len(shared) < _FEWEST_SHARED or profile.services.issuperset(shared) or not _may_be_one(profile, other):
            continue
        # Whatever else the other one says, its score is at most this share. A set has no order, so the sum is not exact.
        if sqrt(sum([own[word] ** 2 for word in shared])) < 0.999 * _THRESHOLD * own_size:
            continue
        together = sum(own[word] * weight(word, other.services) for word in sorted(shared))
        score = together / (own_size * size_of(other) or 1.0)
        if score >= _THRESHOLD:
            found.append((round(score, 3), other.id, other))
    found.sort(key=lambda each: each[:2], reverse=True)

    def shared_of(other: Profile) -> tuple[str, ...]:
        # What is rare comes first: it is what makes somebody say "oh, that one".
        shared = [word for word in profile.words if word in other.words]
        shared.sort(key=lambda word: -own[word])
        return tuple(profile.words[word] for word in shared[:_SHOWN])

    return tuple(Alike(name, shared_of(other), score) for score, name, other in found[:limit])


def _may_be_one(one: Profile, other: Profile) -> bool:
    """Whether people have not said already whether the causes are the same: equal keys are a repeat, keys without a common word none."""
    if one.id == other.id or (one.cause and one.cause == other.cause):
        return False
    if one.cause and other.cause:
        return not set(map(stem_of, terms_of((one.cause,)))).isdisjoint(map(stem_of, terms_of((other.cause,))))
    return True
