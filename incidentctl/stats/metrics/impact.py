"""Impact: affected users, error budget and revenue, each summed over the incidents that say it as a number.

The three are words of people, so what is plainly one number is read, and nothing else:

- `12000`, `12,000`, `12 000`, `12'000`, `12_000`, `1,234,567.50`, `1.234.567,50`, `99.5`, `4,5`. A comma before just three digits
  parts thousands; a single point before just three digits may part thousands or decimals, and is not read.
- `4.5k`, `3 thousand`, `1.2M`, `2 million`, `1bn`. `1.2m` may be minutes or millions, and is not read.
- One unit beside it, a word or a currency: `3400 users`, `25 min`, `€ 4,500`, `4500 EUR`, `$500`; a percentage with its whole, as
  `40 % of requests`.
- `~`, `≈`, `about`, `around`, `roughly`, `approx.`, `approximately`, `circa` and `ca.` before it: the number counts as it stands.
- Not read: two numbers (`3-4k`, `12 of 50`, `2h 8m`), bounds (`> 100`, `up to 100`, `100+`), rates (`€ 500 per hour`), doubts
  (`100?`), numbers in words (`many`, `none`), and whatever is longer.

An incident whose words are not read is not known, and is named. Percentages are of different wholes, and different units cannot be
added: then there is no sum, only how many are known. Users need no unit, so that `3400` and `3400 users` are one. `$` is the sign of
several currencies, so it is none of `USD`, and not added to it.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from msgspec import Struct

from incidentctl.stats.case import Case
from incidentctl.stats.question import Question
from incidentctl.stats.report import ImpactSum
from incidentctl.stats.selection import counting

PERCENT: Final = "%"
_LONGEST: Final = 60
_SPACES: Final = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f"), " ")
_CURRENCIES: Final = (
    "AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF ILS INR JPY KRW MXN NOK NZD PLN SEK SGD TRY USD ZAR".split()
)
"""What may stand before a number: another word there, as in `top 500`, says more than a unit."""
_MONEY: Final = rf"(?:US\$|[$€£¥₹₩₽₺₪]|(?i:{'|'.join(_CURRENCIES)})(?![A-Za-z]))"
_AMOUNT: Final = re.compile(
    r"(?:(?:[~≈]|(?i:about|around|roughly|approximately|approx\.?|circa|ca\.?)(?![A-Za-z])) ?)?"
    rf"(?:(?P<before>{_MONEY}) ?)?"
    r"(?P<number>[0-9](?:[0-9.,'’_ ]*[0-9])?)"
    r"(?: ?(?P<factor>[kKM]|(?i:thousand|mio\.?|mn|million|bn|billion))(?![A-Za-z]))?"
    rf"(?: ?(?:(?P<percent>(?:%|(?i:percent)(?![A-Za-z]))(?: of [^0-9%]+)?)|(?P<money>{_MONEY})|(?P<word>[^\W\d_]+)))?"
)
_FACTORS: Final = {
    "k": 10**3,
    "thousand": 10**3,
    "m": 10**6,
    "mio": 10**6,
    "mn": 10**6,
    "million": 10**6,
} | dict.fromkeys(("bn", "billion"), 10**9)
_SAME_UNIT: Final = {
    "€": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP", "US$": "USD",
    **dict.fromkeys(("min", "mins", "minute", "minutes"), "min"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
}  # fmt: skip
_NO_UNIT: Final = frozenset(
    """
    m b about and approx approximately around ca circa daily each estimated hourly ish max maximum minimum monthly more of or per plus
    roughly to unknown weekly yearly
    """.split()
)
"""Words beside a number that say something else of it than what it counts."""
_USERS: Final = frozenset(("user", "users"))
_ONE_POINT: Final = re.compile(r"([0-9]{1,15})([.,])([0-9]{1,15})")
_GROUPED: Final = re.compile(
    r"([1-9][0-9]{0,2}(?:(?P<by>[,.'’_ ])[0-9]{3})(?:(?P=by)[0-9]{3})*)(?:(?!(?P=by))[.,]([0-9]+))?"
)


class Amount(Struct, frozen=True):
    """One number that somebody wrote, and its unit: a word, the code or sign of a currency, `%`, or nothing."""

    number: Decimal
    unit: str = ""


def sum_impact(cases: Iterable[Case], question: Question) -> tuple[ImpactSum, ...]:
    """Users, error budget and revenue of the question's period, `cases` being all that are known."""
    counted = counting(cases, question)
    return (
        _sum("affected_users", [(case.id, case.affected_users) for case in counted], plain=_USERS),
        _sum("error_budget", [(case.id, case.error_budget) for case in counted]),
        _sum("revenue_impact", [(case.id, case.revenue_impact) for case in counted]),
    )


def read_amount(text: str) -> Amount | None:
    """The number that somebody wrote, where it is plainly one; `None` for all else."""
    words = " ".join(text[: _LONGEST + 1].translate(_SPACES).split())
    match = _AMOUNT.fullmatch(words.removesuffix(".")) if len(words) <= _LONGEST else None
    if match is None:
        return None
    number = _number(match["number"])
    beside = [_unit(match[name]) for name in ("before", "money", "word") if match[name]]
    if match["percent"]:
        beside.append(PERCENT)
    if number is None or len(set(beside)) > 1 or not _NO_UNIT.isdisjoint(beside):
        return None
    factor = _FACTORS[match["factor"].lower().removesuffix(".")] if match["factor"] else 1
    return Amount(number * factor, beside[0] if beside else "")


def _unit(word: str) -> str:
    if word.upper() in _CURRENCIES:
        return word.upper()
    return _SAME_UNIT.get(word) or _SAME_UNIT.get(word.lower()) or word.lower()


def _number(digits: str) -> Decimal | None:
    """Digits with or without thousands and decimals; `None` where it cannot be told which of the two a point is."""
    if digits.isdecimal():
        return Decimal(digits)
    if match := _ONE_POINT.fullmatch(digits):
        whole, point, rest = match.groups()
        may_be_thousands = len(rest) == 3 and len(whole) <= 3 and not whole.startswith("0")
        if not may_be_thousands:
            return Decimal(f"{whole}.{rest}")
        return Decimal(whole + rest) if point == "," else None
    if match := _GROUPED.fullmatch(digits):
        return Decimal("".join(filter(str.isdecimal, match[1])) + (f".{match[3]}" if match[3] else ""))
    return None


def _sum(name: str, said: list[tuple[str, str | None]], *, plain: frozenset[str] = frozenset()) -> ImpactSum:
    """`plain` are units that go without saying."""
    known: list[Amount] = []
    unread: list[str] = []
    for incident, text in said:
        if text is None or not text.strip():
            continue
        amount = read_amount(text)
        if amount is None:
            unread.append(incident)
        else:
            known.append(Amount(amount.number) if amount.unit in plain else amount)
    units = {amount.unit for amount in known}
    units -= {unit for unit in units if f"{unit}s" in units}  # one customer, two customers
    unit = units.pop() if len(units) == 1 else ""
    can_be_added = not units and unit != PERCENT and bool(known)
    total = float(sum(amount.number for amount in known)) if can_be_added else None
    return ImpactSum(name, total, known=len(known), of=len(said), unit=unit, unread=tuple(unread))
