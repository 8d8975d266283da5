"""What drives a measure, in words built from the figures of a sensitivity analysis.

A lever *matters* if its total index (Sobol) is surely above `LITTLE` of the variance, and *hardly
matters* if it is surely below; of Morris and one at a time, if its mean effect or its swing is
at least, or less than, `LITTLE` of the largest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sim.pages.words import numbers
from sim.pages.words.headlines import NONE
from sim.pages.words.language import say
from sim.pages.words.studies import Words
from sim.questions.levers.sensitivity import (
    FIRST,
    LEAST,
    MOST,
    MU_STAR,
    SECOND,
    SIGMA,
    SWING,
    TOTAL,
    Index,
)
from sim.runs.plan import Value

LITTLE = 0.05  # assumption: what nobody would act on
TOGETHER = 0.1  # share of the variance from which levers acting together are told; assumption
BENT = 0.5  # of the mean size of effects: spread from which it is told; assumption
MOST_NAMED = 4  # levers in a sentence

Found = Sequence[Index]


class Told:
    """The figures of one measure, by kind, and how they are written."""

    def __init__(self, measure: str, found: Found, words: Words, second_order: bool) -> None:
        self.measure = measure
        self.label = words.measure(measure)
        self.unit = words.unit(measure)
        self.currency = words.scenario.currency
        self.lever: Callable[[str], str] = words.lever
        self.second_order = second_order
        self.found = found

    def of(self, kind: str) -> dict[str, Index]:
        """By lever, in the order of the study."""
        return {one.lever: one for one in self.found if one.kind == kind}

    def pairs(self) -> list[Index]:
        """Second-order indices, the largest first."""
        found = [one for one in self.found if one.kind == SECOND]
        return sorted(found, key=lambda one: -one.value)

    def ranked(self, kind: str) -> list[Index]:
        """Figures of a kind, the largest first."""
        return sorted(self.of(kind).values(), key=lambda one: -one.value)

    def share(self, kind: str) -> float | None:
        """The one figure of a kind that is of no lever."""
        found = [one.value for one in self.found if one.kind == kind]
        return found[0] if found else None

    def amount(self, value: float) -> str:
        """A change of the measure, with its unit."""
        if self.unit == self.currency:
            return numbers.money(value, self.currency)
        if self.unit == say("share"):
            return say("{number} pp", number=numbers.decimal(value * 100.0))
        return f"{plain(value)}{numbers.SPACE}{self.unit}"

    def digits(self, value: float) -> str:
        """A change of the measure in a table whose caption tells the unit."""
        if self.unit == say("share"):
            return numbers.decimal(value * 100.0)
        return plain(value)

    @property
    def column_unit(self) -> str:
        """The unit of `digits`."""
        return say("percentage points") if self.unit == say("share") else self.unit

    def axis(self, values: Sequence[float]) -> tuple[str, numbers.Text]:
        """The unit below an axis, and how to write its numbers."""
        largest = max((abs(value) for value in values), default=0.0)
        if self.unit == say("share"):
            return say("percentage points"), lambda v: numbers.short(float(f"{v * 100.0:.6g}"))
        if largest >= 1e6:
            return say("m {unit}", unit=self.unit), lambda v: numbers.short(v / 1e6)
        if largest >= 1e4:
            return say("1,000 {unit}", unit=self.unit), lambda v: numbers.short(v / 1e3)
        return self.unit, lambda v: numbers.short(float(f"{v:.6g}"))

    def listed(self, names: Sequence[str]) -> str:
        """The first of some levers, in words."""
        told = [self.lever(name) for name in names[:MOST_NAMED]]
        more = len(names) - len(told)
        if more > 0:
            told.append(say("{count} more", count=more))
        return ", ".join(told)


def plain(value: float) -> str:
    """A figure in a table: to three digits."""
    return numbers.whole(value) if abs(value) >= 1000.0 else numbers.short(float(f"{value:.3g}"))


def interval_of(one: Index, write: numbers.Text) -> str:
    """The interval of a figure; a dash if it has none."""
    if one.low is None or one.high is None or one.low == one.high:
        return NONE
    return numbers.interval(write(one.low), write(one.high))


def sobol_words(told: Told) -> str:
    """Which levers drive the variance, which hardly do, and which act together."""
    first, total = told.of(FIRST), told.ranked(TOTAL)
    sure = [one for one in total if one.low is not None and one.low > LITTLE]
    hardly = [one.lever for one in total if one.high is not None and one.high < LITTLE]
    if not sure:
        return say(
            "No lever surely drives more than {share} of the variance; more samples would tell.",
            share=numbers.whole_percent(LITTLE),
        )
    head = sure[0]
    parts = [
        say(
            "Most hangs on {lever}, with {total} of the variance ({interval} with 95 %"
            " confidence); {alone} by itself.",
            lever=told.lever(head.lever),
            total=percent_of(head.value),
            interval=interval_of(head, percent_of),
            # alone is never more than in all; where it seems so, that is the estimate's error
            alone=percent_of(min(first[head.lever].value, head.value)),
        )
    ]
    if len(sure) > 1:
        rest = [f"{told.lever(one.lever)} ({percent_of(one.value)})" for one in sure[1:]]
        parts.append(say("Then: {levers}.", levers=", ".join(rest[:MOST_NAMED])))
    if hardly:
        parts.append(say("Next to nothing: {levers}.", levers=told.listed(hardly)))
    parts.append(_together(told))
    return " ".join(part for part in parts if part)


def _together(told: Told) -> str:
    """What levers do only together; the pairs by name, where they were asked for."""
    if told.second_order:
        sure = [one for one in told.pairs() if one.low is not None and one.low > 0.0]
        if not sure:
            return say("No pair of levers surely acts together.")
        named = [
            f"{told.lever(one.lever)} × {told.lever(one.other or '')} ({percent_of(one.value)})"
            for one in sure[:MOST_NAMED]
        ]
        return say("Together, beyond what each does alone: {pairs}.", pairs=", ".join(named))
    shared = 1.0 - sum(one.value for one in told.of(FIRST).values())
    if shared < TOGETHER:
        return ""
    return say(
        "About {share} comes from levers that act together; second_order: true in the study file"
        " names the pairs.",
        share=percent_of(shared),
    )


def percent_of(share: float) -> str:
    """An estimated share; a little outside 0 to 100 % is the estimate's error."""
    return numbers.whole_percent(min(max(share, 0.0), 1.0))


def morris_words(told: Told) -> str:
    """Which levers move the measure most, hardly, and not always alike."""
    ranked = told.ranked(MU_STAR)
    head, sigma = ranked[0], told.of(SIGMA)
    parts = [
        say(
            "Most hangs on {lever}, whose whole range moves the figure by {effect} on average.",
            lever=told.lever(head.lever),
            effect=told.amount(head.value),
        )
    ]
    rest = [one for one in ranked[1:] if one.value >= LITTLE * head.value]
    hardly = [one.lever for one in ranked[1:] if one.value < LITTLE * head.value]
    if rest:
        levers = [f"{told.lever(one.lever)} ({told.amount(one.value)})" for one in rest]
        parts.append(say("Then: {levers}.", levers=", ".join(levers[:MOST_NAMED])))
    if hardly:
        parts.append(say("Next to nothing: {levers}.", levers=told.listed(hardly)))
    bent = [
        one.lever
        for one in [head, *rest]
        if one.value > 0.0 and sigma[one.lever].value > BENT * one.value
    ]
    if bent:
        parts.append(
            say(
                "How much depends on the other levers, or on where one starts, for: {levers}.",
                levers=told.listed(bent),
            )
        )
    return " ".join(parts)


def level_of(value: Value) -> str:
    """A value of a lever as people read it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return numbers.short(float(f"{value:.4g}")) if isinstance(value, int | float) else str(value)


def _signed(text: str, value: float) -> str:
    return f"+{text}" if value > 0.0 else text


def tornado_words(told: Told) -> str:
    """Which levers move the measure most, and from where to where."""
    ranked, least, most = told.ranked(SWING), told.of(LEAST), told.of(MOST)
    head = ranked[0].lever
    ends = []
    for one in (least[head], most[head]):
        text = say(
            "{change} at {level}",
            change=_signed(told.amount(one.value), one.value),
            level=level_of(one.level),
        )
        ends.append(text)
    parts = [
        say(
            "{lever} moves it most, from {least} to {most}, beside the scenario.",
            lever=told.lever(head),
            least=ends[0],
            most=ends[1],
        )
    ]
    rest = [one for one in ranked[1:] if one.value >= LITTLE * ranked[0].value]
    hardly = [one.lever for one in ranked[1:] if one.value < LITTLE * ranked[0].value]
    if rest:
        levers = [f"{told.lever(one.lever)} ({told.amount(one.value)})" for one in rest]
        text = ", ".join(levers[:MOST_NAMED])
        parts.append(say("Then, from end to end: {levers}.", levers=text))
    if hardly:
        parts.append(say("Next to nothing: {levers}.", levers=told.listed(hardly)))
    return " ".join(parts)
