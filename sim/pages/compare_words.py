"""The answer of a comparison in words: a sentence for each variant, built from figures.

A variant *earns more* (or less) if the 95 % interval of the difference in profit leaves out 0;
otherwise the sentence says that it is not clear, and how many replicates would show a difference
of the size that is seen: the half-width h of the interval shrinks with the root of their number
R, so h^2 / d^2 x R for a difference d.

Percentages are of the baseline's profit, as long as that is a gain and the difference is not more
than it; otherwise amounts are told.

Where a difference comes from: of first purchases, returning customers and spend (see
`compare`) the largest is told as tenths of the difference in profit, if it is sure
and no other works against it by more than `SMALL` of the difference; otherwise all that are sure
are told as amounts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.measures.figure import Undefined
from sim.measures.replicates import Difference
from sim.pages.opening import KRONER
from sim.pages.words import numbers
from sim.pages.words.language import say
from sim.questions.compare.compare import MOST_GIVEN, PROFIT, SOURCES, Compared
from sim.questions.compare.tables import differences

SMALL = 0.05  # of a difference; assumption: nobody would miss it in the sentence
FIRST, RETURNING, SPEND = SOURCES


def sentences(made: Compared) -> list[str]:
    """A plain sentence, or a few, about each variant beside the baseline."""
    profits = differences(made, PROFIT)
    sources = {key: differences(made, key) for key in SOURCES}
    found = []
    for place, variant in enumerate(made.variants[1:]):
        profit = profits[place]
        if isinstance(profit, Undefined):  # a run always has a profit
            continue
        own = {
            key: each[place]
            for key, each in sources.items()
            if not isinstance(each[place], Undefined)
        }
        told = _Answer(made.baseline.name, variant.name, made.baseline.scenario.currency)
        parts = {key: one for key, one in own.items() if isinstance(one, Difference)}
        found.append(told.sentence(profit, parts, len(made.seeds)))
    return found


class _Answer:
    """Says how one variant does beside the baseline."""

    def __init__(self, baseline: str, variant: str, currency: str) -> None:
        self.names = {"variant": variant, "baseline": baseline}
        self.currency = currency

    def sentence(self, profit: Difference, parts: dict[str, Difference], seeds: int) -> str:
        low, high = _ends(profit)
        if low == high == 0.0:
            return say(
                "{variant} earns what {baseline} earns: the profit is the same in every replicate.",
                **self.names,
            )
        if not profit.is_sure:
            return f"{self._unclear(profit)} {self._how_many(profit, seeds)}".strip()
        more = low > 0.0
        ends = sorted((abs(low), abs(high)))
        amount = _interval(ends, self.cash)
        if _in_percent(profit):
            share = _interval([end / profit.first for end in ends], numbers.percent)
            values = {"share": share, "amount": amount, **self.names}
            if more:
                head = say("{variant} earns {share} more than {baseline} ({amount})", **values)
            else:
                head = say("{variant} earns {share} less than {baseline} ({amount})", **values)
        elif more:
            head = say("{variant} earns {amount} more than {baseline}", amount=amount, **self.names)
        else:
            head = say("{variant} earns {amount} less than {baseline}", amount=amount, **self.names)
        return f"{head}{self._origin(profit, parts)}."

    def cash(self, amount: float) -> str:
        return numbers.money(amount, self.currency)

    def _unclear(self, profit: Difference) -> str:
        low, high = _ends(profit)
        write: numbers.Text = self.cash
        scale = 1.0
        if _in_percent(profit):
            write, scale = numbers.percent, profit.first
        return say(
            "It is not clear whether {variant} earns more or less than {baseline}: with 95 %"
            " confidence it is between {less} less and {more} more.",
            less=write(abs(low) / scale),
            more=write(high / scale),
            **self.names,
        )

    def _how_many(self, profit: Difference, seeds: int) -> str:
        """How many replicates would show a difference of the size that is seen."""
        low, high = _ends(profit)
        if profit.difference == 0.0:
            return ""
        needed = math.ceil(seeds * ((high - low) / 2.0 / profit.difference) ** 2)
        if needed > MOST_GIVEN:
            return say("If there is a difference, it is too small to be worth a search.")
        return say(
            "If the difference is what it seems, about {count} replicates would show it.",
            count=numbers.exact(max(needed, seeds + 1)),
        )

    def _origin(self, profit: Difference, parts: dict[str, Difference]) -> str:
        """Where a sure difference comes from, as the rest of a sentence."""
        gains = {key: SOURCES[key] * one.difference for key, one in parts.items()}
        shares = {key: gain / profit.difference for key, gain in gains.items()}
        largest = max(shares, key=lambda key: shares[key])
        if min(shares.values()) >= -SMALL and parts[largest].is_sure:
            return self._tenths(largest, min(round(10.0 * shares[largest]), 10), profit)
        told = [self._part(key, one) for key, one in parts.items() if one.is_sure]
        return f": {', '.join(told)}" if told else ""

    def _tenths(self, key: str, tenths: int, profit: Difference) -> str:
        kroner = say("kroner") if self.currency in KRONER else self.currency
        if tenths == 10:
            part = say("nearly all of it")
        else:
            part = say("{tenths} of 10 {kroner} of it", tenths=tenths, kroner=kroner)
        more = profit.difference > 0.0
        if key == RETURNING:
            text = say("{part} from returning customers", part=part)
            lost = say("{part} lost with returning customers", part=part)
        elif key == FIRST:
            text = say("{part} from first purchases", part=part)
            lost = say("{part} lost with first purchases", part=part)
        else:
            text = say("{part} from lower marketing spend", part=part)
            lost = say("{part} from higher marketing spend", part=part)
        return f", {text if more else lost}"

    def _part(self, key: str, one: Difference) -> str:
        amount = self.cash(abs(one.difference))
        more = one.difference > 0.0
        if key == RETURNING:
            text = say("returning customers bring {amount} more", amount=amount)
            less = say("returning customers bring {amount} less", amount=amount)
        elif key == FIRST:
            text = say("first purchases bring {amount} more", amount=amount)
            less = say("first purchases bring {amount} less", amount=amount)
        else:
            text = say("marketing costs {amount} more", amount=amount)
            less = say("marketing costs {amount} less", amount=amount)
        return text if more else less


def _ends(profit: Difference) -> tuple[float, float]:
    """The interval; without one, the difference itself."""
    low = profit.difference if profit.low is None else profit.low
    high = profit.difference if profit.high is None else profit.high
    return low, high


def _in_percent(profit: Difference) -> bool:
    """Whether a share of the baseline's profit says anything."""
    low, high = _ends(profit)
    return profit.first > 0.0 and max(abs(low), abs(high)) <= profit.first


def _interval(ends: Sequence[float], write: numbers.Text) -> str:
    return numbers.interval(ends[0], ends[1], write)
