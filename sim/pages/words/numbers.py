"""Numbers as people read them: rounded, with separators and units of the language being written.

English 1,234.5 and 12.4 m are Danish 1.234,5 and 12,4 mio.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from sim.pages.words.language import marks, say, say_number
from sim.vocabulary import DAYS_PER_YEAR, MONTHS_PER_YEAR

Text = Callable[[float], str]

SPACE = "\u00a0"  # keeps a number and its unit on one line
HYPHEN = "\u2011"  # keeps two words on one line
MINUS = "\u2212"
SHORTEST_WORD = 2  # letters: a shorter name is an abbreviation
# Words that a name, which has no capitals, writes otherwise than they are written.
WRITTEN = {
    word.lower(): word
    for word in ("Facebook", "Google", "Instagram", "LinkedIn", "SMS", "SEO", "TikTok", "YouTube")
}
THOUSAND, MILLION, BILLION = 1e3, 1e6, 1e9


def count(value: float) -> str:
    """People or encounters, to three digits: 951, 51,900, 1.24 m."""
    return _sign(value) + _large(abs(value), whole=True)


def money(value: float, currency: str) -> str:
    """An amount, to three digits: 4.38 DKK, 184 DKK, 951,000 DKK, 12.4 m DKK."""
    return f"{_sign(value)}{_large(abs(value), whole=False)}{SPACE}{currency}"


def whole(value: float) -> str:
    """A number in a column, to three digits but with all its zeros: 2,480,000."""
    return f"{_sign(value)}{_marked(f'{_rounded(abs(value)):,.0f}')}"


def exact(value: int) -> str:
    """A whole number with all its digits: 500,000."""
    return f"{_sign(value)}{_marked(f'{abs(value):,d}')}"


def short(value: float) -> str:
    """A number as it is, without zeros that say nothing, to six digits: 0.25, 1.5, 12."""
    return f"{_sign(value)}{_marked(f'{abs(value):g}')}"


def plain(value: float) -> str:
    """A number as a scenario has it, with all its digits: 500,000, 0.0006."""
    return f"{_sign(value)}{_marked(f'{abs(value):,.12g}')}"


def scale(largest: float, ticks: bool = False) -> Text:
    """How to write the numbers of one axis, all in the unit that suits the largest.

    `ticks`: without zeros that say nothing.
    """
    for size, unit in _units():
        if largest >= size:
            return lambda value: _in_unit(value, size, unit, ticks)
    return count if largest >= 10.0 else short


def _in_unit(value: float, size: float, unit: str, ticks: bool) -> str:
    text = f"{abs(value) / size:.2f}"
    if ticks:
        text = text.rstrip("0").rstrip(".")
    return "0" if value == 0.0 or text == "0" else f"{_sign(value)}{_marked(text)}{SPACE}{unit}"


def percent(share: float) -> str:
    """A share as a percentage: 67.0 %, 4.11 %, 0.38 %."""
    value = abs(share) * 100.0
    digits = 1 if value >= 10.0 else 2
    text = f"{value:.{digits}f}" if value not in (0.0, 100.0) else f"{value:.0f}"
    return f"{_sign(share)}{_marked(text)}{SPACE}%"


def whole_percent(share: float) -> str:
    """A round share as a whole percentage: 10 %."""
    return f"{_sign(share)}{abs(share) * 100.0:.0f}{SPACE}%"


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


def minutes(value: float) -> str:
    """A wait in minutes."""
    return _kept(say("{number} min", number=decimal(value, 1 if value < 10.0 else 0)))


def in_days(value: int) -> str:
    """A whole number of days."""
    return _kept(say_number("1 day", "{number} days", value, number=exact(value)))


def _kept(text: str) -> str:
    """A number and its unit, on one line."""
    return text.replace(" ", SPACE)


def people(number: int) -> str:
    """So many people, with all digits."""
    return say_number("1 person", "{number} people", number, number=exact(number))


def simulated_customers(number: int) -> str:
    """So many simulated customers, with all digits."""
    return say_number(
        "1 simulated customer", "{number} simulated customers", number, number=exact(number)
    )


def interval(low: str, high: str) -> str:
    """From one figure to another, their unit told once if it is the same: 1.48 to 5.06 m DKK."""
    number, _, unit = low.partition(SPACE)
    same = unit and unit == high.partition(SPACE)[2]
    return say("{low} to {high}", low=number if same else low, high=high)


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


def _sign(value: float) -> str:
    return MINUS if value < 0.0 else ""


def _large(value: float, whole: bool) -> str:
    for size, unit in _units():
        if _rounded(value) >= size:
            return f"{_three_digits(value / size)}{SPACE}{unit}"
    if value >= THOUSAND or (whole and value >= 100.0):
        return _marked(f"{_rounded(value):,.0f}")
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
    return _marked(f"{value:,.{max(0, min(2, 2 - math.floor(math.log10(value))))}f}")


def _units() -> tuple[tuple[float, str], tuple[float, str]]:
    """Large units and their short words."""
    return (BILLION, say("bn")), (MILLION, say("m"))


def _marked(text: str) -> str:
    """An English number with the marks of the language being written."""
    thousands, decimals = marks()
    return text.translate({ord(","): thousands, ord("."): decimals})
