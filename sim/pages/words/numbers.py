"""Numbers as people read them: rounded, with separators and units of the language being written.

English 1,234.5, 67% and DKK 12.4m are Danish 1.234,5, 67 % and 12,4 mio. kr. How many digits are
shown is decided here; how a language groups and marks them is known to Babel, where units stand is
in its catalogue. Intervals, signs, shares and numbers with a unit are written here and nowhere
else.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from contextvars import ContextVar
from decimal import Decimal
from functools import cache
from typing import Protocol, TypeAlias

from sim.measures.figure import Undefined
from sim.pages.words.language import language, say, say_number
from sim.vocabulary import DAYS_PER_YEAR, MONTHS_PER_YEAR

Text = Callable[[float], str]
Cell: TypeAlias = str | float | None  # text, a number, or a figure that does not exist


class Estimated(Protocol):
    """A figure and its 95% interval, in the figure's unit."""

    @property
    def value(self) -> float: ...
    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...


NONE = "\u2013"  # stands for a figure that does not exist

SPACE = "\u00a0"  # keeps a number and its unit on one line
HYPHEN = "\u2011"  # keeps two words on one line
MINUS = "\u2212"
SHORTEST_WORD = 2  # letters: a shorter name is an abbreviation
# Words that a name, which has no capitals, writes otherwise than they are written.
WRITTEN = {
    word.lower(): word
    for word in ("Facebook", "Google", "Instagram", "LinkedIn", "SMS", "SEO", "TikTok", "YouTube")
}
SECONDS_PER_MINUTE, SECONDS_PER_HOUR, HOURS_PER_DAY = 60.0, 3600.0, 24.0
THOUSAND, MILLION, BILLION = 1e3, 1e6, 1e9
MOST_OF_UNITS = 1e4  # that an axis counts one by one
CENTS_BELOW = 100.0  # of an amount: it is written with hundredths,
WHOLE_FROM = 10.0  # unless it is whole, and not a return on one unit
LEAST_OF_UNIT = 0.01  # of a large unit that the smaller end of an interval is written in
SIGNS = ("+", MINUS)

# The larger end of the interval that is being written: its unit is that of both ends.
_larger_end: ContextVar[float] = ContextVar("larger_end", default=0.0)

# --- numbers ---


def count(value: float) -> str:
    """People or encounters, to three digits: 951, 51,900, 1.24m."""
    return _sign(value) + _large(abs(value), whole=True)


def money(value: float, currency: str) -> str:
    """An amount, to three digits: DKK 4.38, DKK 184, DKK 951,000, DKK 12.4m."""
    amount = f"{_sign(value)}{_amount(abs(value))}"
    return _kept(say("{currency} {amount}", currency=currency, amount=amount))


def whole(value: float) -> str:
    """A number in a column, to three digits but with all its zeros: 2,480,000."""
    return f"{_sign(value)}{_marked(f'{_rounded(abs(value)):.0f}')}"


def exact(value: int) -> str:
    """A whole number with all its digits: 500,000."""
    return f"{_sign(value)}{_marked(f'{abs(value):d}')}"


def short(value: float) -> str:
    """A number as it is, without zeros that say nothing, to six digits: 0.25, 1.5, 12."""
    return f"{_sign(value)}{_marked(f'{abs(value):g}', grouped=False)}"


def plain(value: float) -> str:
    """A number as a scenario has it, with all its digits: 500,000, 0.0006."""
    return f"{_sign(value)}{_marked(f'{abs(value):.12g}')}"


def rough(value: float) -> str:
    """A number that may be of any size, to three digits: 0.0123, 12.4, 2,480,000."""
    return whole(value) if abs(value) >= THOUSAND else short(float(f"{value:.3g}"))


def cell(figure: Cell, write: Text) -> str:
    """A figure in a table: text as it is, a number as `write` does, or the sign for none."""
    if figure is None or isinstance(figure, Undefined):
        return NONE
    return figure if isinstance(figure, str) else write(figure)


def axis(largest: float, unit: str) -> tuple[str, Text]:
    """The unit of an axis and how to write its numbers: one by one, thousands or millions."""
    if largest >= MILLION:
        return say("{unit}, millions", unit=unit), lambda value: short(value / MILLION)
    if largest >= MOST_OF_UNITS:
        return say("{unit}, thousands", unit=unit), lambda value: short(value / THOUSAND)
    return unit, lambda value: short(float(f"{value:.6g}"))


def scale(largest: float, ticks: bool = False) -> Text:
    """How to write the numbers of one axis, all in the unit that suits the largest.

    `ticks`: without zeros that say nothing.
    """
    for size, in_unit in _units():
        if largest >= size:
            return lambda value: _in_unit(value / size, in_unit, ticks)
    return count if largest >= 10.0 else short


def _in_unit(value: float, in_unit: Callable[[str], str], ticks: bool) -> str:
    text = f"{abs(value):.2f}"
    if ticks:
        text = text.rstrip("0").rstrip(".")
    return "0" if value == 0.0 or text == "0" else _sign(value) + in_unit(_marked(text))


# --- shares, and numbers with a unit ---


def percent(share: float) -> str:
    """A share as a percentage: 67.0%, 4.11%, 0.38%."""
    value = abs(share) * 100.0
    digits = 1 if value >= 10.0 else 2
    text = f"{value:.{digits}f}" if value not in (0.0, 100.0) else f"{value:.0f}"
    return _per_cent(_sign(share) + _marked(text))


def whole_percent(share: float) -> str:
    """A round share as a whole percentage: 10%."""
    return _per_cent(decimal(share * 100.0, 0))


def short_percent(share: float) -> str:
    """A share that somebody chose, without zeros that say nothing: 25%, 0.5%."""
    return _per_cent(short(round(share * 100.0, 6)))


def _per_cent(number: str) -> str:
    return _kept(say("{number}%", number=number))


def points(share: float) -> str:
    """A difference of shares, in percentage points: 1.25 pp."""
    return _kept(say("{number} pp", number=decimal(share * 100.0)))


def times(factor: float, digits: int = 2) -> str:
    """A ratio: 1.25×."""
    return _kept(say("{number}×", number=decimal(factor, digits)))


def with_unit(text: str, unit: str) -> str:
    """A number that is written, with its unit on the same line."""
    return f"{text}{SPACE}{unit}"


def decimal(value: float, digits: int = 2) -> str:
    """A figure on a scale, such as a quality of -1 to 1."""
    text = f"{abs(value):.{digits}f}"
    return (MINUS if value < 0.0 and float(text) else "") + _marked(text)


def days(value: float) -> str:
    """A duration in days, or in months where that is easier to grasp."""
    if value < 60.0:
        return in_days(round(value))
    months = decimal(value * MONTHS_PER_YEAR / DAYS_PER_YEAR, 1)
    return _kept(say("{number} months", number=months))


def length(days: int) -> str:
    """The length of a run: in years where they are whole, otherwise in days."""
    if days % DAYS_PER_YEAR:
        return in_days(days)
    years = days // DAYS_PER_YEAR
    return _kept(say_number("1 year", "{number} years", years, number=exact(years)))


def length_in_text(days: int) -> str:
    """The length of a run inside a sentence, where one year is a word."""
    return say("one year") if days == DAYS_PER_YEAR else length(days)


def minutes(value: float) -> str:
    """A wait: in minutes, or in hours or days where that is easier to grasp."""
    hours = value * SECONDS_PER_MINUTE / SECONDS_PER_HOUR
    if hours >= 2.0 * HOURS_PER_DAY:
        return days(hours / HOURS_PER_DAY)
    if hours >= 2.0:
        return _kept(say("{number} hours", number=decimal(hours, 1)))
    return _kept(say("{number} min", number=decimal(value, 1 if value < 10.0 else 0)))


def duration(seconds: float) -> str:
    """How long something took: in seconds, minutes or hours, whichever is easier to grasp."""
    if seconds < 2.0 * SECONDS_PER_MINUTE:
        whole = round(seconds)
        return _kept(say_number("1 second", "{number} seconds", whole, number=exact(whole)))
    if seconds < 2.0 * SECONDS_PER_HOUR:
        return _kept(say("{number} minutes", number=decimal(seconds / SECONDS_PER_MINUTE, 0)))
    return _kept(say("{number} hours", number=decimal(seconds / SECONDS_PER_HOUR, 1)))


def in_days(value: int) -> str:
    """A whole number of days."""
    return _kept(say_number("1 day", "{number} days", value, number=exact(value)))


def _kept(text: str) -> str:
    """A number and its unit, on one line."""
    return text.replace(" ", SPACE)


def people(number: int) -> str:
    """So many people, with all digits."""
    return say_number("1 person", "{number} people", number, number=exact(number))


def count_of_people(number: float) -> str:
    """So many people, to three digits."""
    return say_number("1 person", "{number} people", number, number=count(number))


def runs(number: int) -> str:
    """So many runs."""
    return say_number("1 run", "{number} runs", number, number=exact(number))


def seeds(number: int) -> str:
    """So many seeds, each with random draws of its own."""
    return say_number("1 seed", "{number} seeds", number, number=exact(number))


def claims(number: int) -> str:
    """So many claims."""
    return say_number("1 claim", "{number} claims", number, number=exact(number))


def months(number: int) -> str:
    """So many months."""
    return say_number("1 month", "{count} months", number, count=exact(number))


def simulated_customers(number: int) -> str:
    """So many simulated customers, with all digits."""
    return say_number(
        "1 simulated customer", "{number} simulated customers", number, number=exact(number)
    )


# --- differences and intervals ---


def signed(value: float, write: Text) -> str:
    """A difference: with its sign, whichever it is; none if it is written as 0."""
    text = write(value)
    if value <= 0.0 or text == write(0.0):
        return text
    return re.sub(r"\d", r"+\g<0>", text, count=1)


def interval(low: float, high: float, write: Text) -> str:
    """From one figure to another, with their unit once: DKK 1.48m to 5.06m, 1 to 3%."""
    first, last = _unit_once(low, high, write)
    if SPACE in first or any(sign in first + last for sign in SIGNS):
        return say("{low} to {high}", low=first, high=last)
    return f"{first}{say(' to ')}{last}"


def _unit_once(low: float, high: float, write: Text) -> tuple[str, str]:
    """Two figures in the same large unit; a unit that both have is written once.

    What stands before numbers, a currency, stays with the first; what follows them with the last.
    """
    token = _larger_end.set(max(abs(low), abs(high)))
    try:
        first, last = write(low).split(SPACE), write(high).split(SPACE)
    finally:
        _larger_end.reset(token)
    before = 0
    while before < min(len(first), len(last)) - 1 and first[before] == last[before]:
        if _is_number(first[before]):
            break
        before += 1
    one, other = first, last[before:]
    if first[before + 1 :] == other[1:]:
        one = first[: before + 1]
    for sign in ("%", "×"):
        if one[-1].endswith(sign) and other[-1].endswith(sign):
            one[-1] = one[-1].removesuffix(sign)
    return SPACE.join(one), SPACE.join(other)


def _is_number(text: str) -> bool:
    return any(letter.isdigit() for letter in text)


def interval_of(one: Estimated, write: Text) -> str:
    """The interval of an estimate: DKK 1.48m to 5.06m."""
    return interval(one.low, one.high, write)


def sure_interval(low: float | None, high: float | None, write: Text) -> str:
    """How surely a difference is known: 95% CI −3 to +12; empty if it shows no random variation."""
    if low is None or high is None or low == high:
        return ""
    return ci(interval(low, high, lambda value: signed(value, write)))


def ci(ends: str) -> str:
    """An interval that is written, with what it is: 95% CI −3 to +12."""
    return say("95% CI {interval}", interval=ends)


def with_interval(one: Estimated, write: Text) -> str:
    """An estimate and its interval: 2.50 (1.48 to 5.06)."""
    return f"{write(one.value)} ({interval_of(one, write)})"


def half(one: Estimated, write: Text) -> str:
    """How far the interval of an estimate goes to each side: ± 12; a dash if it has no width."""
    if one.low == one.high:
        return NONE
    return f"±{SPACE}{write((one.high - one.low) / 2.0)}"


def with_half(one: Estimated, write: Text) -> str:
    """An estimate and half its interval: 184 ± 12; without it if it has no width."""
    if one.low == one.high:
        return write(one.value)
    value, wide = _unit_once(one.value, (one.high - one.low) / 2.0, write)
    return f"{value}{SPACE}±{SPACE}{wide}"


# --- names ---


def name(word: str) -> str:
    """A name of the scenario as a heading: `paid_search` becomes Paid search, `pr` PR."""
    return capital(name_in_text(word))


def name_in_text(word: str) -> str:
    """A name of the scenario inside a sentence: `paid_search` becomes paid search, `pr` PR."""
    text = word.replace("_", " ").strip()
    if len(text) <= SHORTEST_WORD:
        return text.upper()
    return " ".join(WRITTEN.get(each, each) for each in text.split(" "))


def capital(text: str) -> str:
    """The text with a capital at its start."""
    return text[:1].upper() + text[1:]


# --- how a language writes digits ---


def _sign(value: float) -> str:
    return MINUS if value < 0.0 else ""


def _amount(value: float) -> str:
    """An amount of money: under 100 with hundredths, unless it has none."""
    if value >= CENTS_BELOW:
        return _large(value, whole=False)
    is_whole = float(value).is_integer() and (value >= WHOLE_FROM or not value)
    return _marked(f"{value:.0f}" if is_whole else f"{value:.2f}")


def _large(value: float, whole: bool) -> str:
    for size, in_unit in _units():
        if _rounded(value) >= size:
            return in_unit(_three_digits(value / size))
        if _rounded(_larger_end.get()) >= size and value >= LEAST_OF_UNIT * size:
            return in_unit(_marked(f"{value / size:.2f}"))
    if value >= THOUSAND or (whole and value >= 100.0):
        return _marked(f"{_rounded(value):.0f}")
    if whole and float(value).is_integer():
        return f"{value:.0f}"
    return _three_digits(value)


def _rounded(value: float) -> float:
    """To three significant digits."""
    if value == 0.0:
        return 0.0
    return round(value, 2 - math.floor(math.log10(value)))


def _three_digits(value: float) -> str:
    value = _rounded(value)
    if value == 0.0:
        return "0"
    return _marked(f"{value:.{max(0, min(2, 2 - math.floor(math.log10(value))))}f}")


def _units() -> tuple[tuple[float, Callable[[str], str]], ...]:
    """Large units, and how a number of them is written."""
    return (BILLION, _billions), (MILLION, _millions)


def _billions(number: str) -> str:
    return _kept(say("{number}bn", number=number))


def _millions(number: str) -> str:
    return _kept(say("{number}m", number=number))


def _marked(digits: str, grouped: bool = True) -> str:
    """Digits (1234.50, 1e-05) with the marks of the language being written: 1.234,50."""
    mark = _mark(language())
    whole, point, rest = digits.partition(".")
    if grouped and whole.isdigit():
        whole = _grouped(language(), whole)
    return f"{whole}{mark if point else ''}{rest}"


@cache
def _mark(code: str) -> str:
    """What stands before decimals."""
    from babel.numbers import get_decimal_symbol

    return get_decimal_symbol(code)


def _grouped(code: str, digits: str) -> str:
    """A whole number as the language groups its digits."""
    if len(digits) <= 3:
        return digits
    from babel.numbers import format_decimal

    return format_decimal(Decimal(digits), locale=code)
