"""Search for the best split of a total: measure curves around a plan, split by them, try it out.

    the plan as it is, scaled to the total  ->  rounds  ->  the best plan that was tried

A round tries every part of the plan at a few multiples of its amount, the others staying where
they are, fits a concave curve to each, and tries out the split that Lagrange's condition gives:
first with no amount beyond what the round has tried (a trust region), then without that limit. The
better of the two is the next round's centre; if neither is better than the centre, half the way is
tried. It ends when a round gains no more than its error, or when the next would take too many
evaluations.

**Curves.** A curve says what a part of a budget brings, v(a), for the amount a spent on it, as a
difference from the amount a0 at which it was measured. Two families, both concave and rising if
A > 0:

- *saturating*: v(a) = A (exp(-a0/s) - exp(-a/s)): what random contacts do to those not yet met;
- *logarithmic*: v(a) = A (ln(1 + a/s) - ln(1 + a0/s)): returns that fall, but slowly.

For each s of a grid, A is the weighted least-squares fit to the measured differences (weights 1 /
squared standard error); the family and s with the smallest sum of weighted squares win, ties going
to the straighter curve. Where the best A is below 0, more does harm: a straight line falls through
the points instead.

**Split.** The best split of a total over concave curves satisfies Lagrange's condition: every
amount that is not held by a bound has the same slope v'(a) = m, those at their lower bound have a
smaller one and those at their upper bound a larger one. m is found by bisection, as the sum of the
amounts at a slope falls with it.

**Worth** is what the goal counts before the parts' own spend is taken off, so that every curve can
rise. Between two plans, gain = worth of one - worth of the other - slope x (what one spends more),
slope being the worth of one more krone at the split: money that could not be placed to the krone
is neither won nor lost.

What is searched is any function from factors to what came of them (`Try`): the tests search toy
functions whose best split is known.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sim.elementary import exp, log, log1p, power
from sim.measures.intervals import NORMAL_975, Effect, error_of_total
from sim.model.columns import Reals
from sim.questions.scaling import share_out

# --- curves, and the best split by them ---

SATURATING, LOGARITHMIC, STRAIGHT = "saturating", "logarithmic", "straight"
# Assumptions: scales from a twentieth of the largest amount tried, where nearly all of it is
# wasted, to twenty times as much, which is a straight line within the points.
SCALES = np.array([20.0 * power(0.05 / 20.0, step / 120.0) for step in range(121)])
LEAST_ERROR = 1e-3  # of the largest difference: no point counts as surer than this
STEPS = 200  # of a bisection: far beyond double precision


class Point(NamedTuple):
    """An amount that was tried, and the difference from the centre that it made."""

    amount: float
    value: float
    se: float


class Curve(NamedTuple):
    """A response curve; see the module. `size` is A, or the slope of a straight line."""

    family: str
    size: float
    scale: float
    centre: float

    def value(self, amount: float) -> float:
        """v(amount), in the units of the points; 0 at the centre."""
        return self._rise(amount) - self._rise(self.centre)

    def slope(self, amount: float) -> float:
        """v'(amount), per krone."""
        if self.family == STRAIGHT:
            return self.size
        if self.family == SATURATING:
            return self.size / self.scale * exp(-amount / self.scale)
        return self.size / (self.scale + amount)

    def amount_at(self, slope: float, low: float, high: float) -> float:
        """The amount between `low` and `high` whose slope is nearest to `slope`."""
        if self.slope(low) <= slope:
            return low
        if self.slope(high) >= slope:
            return high
        if self.family == SATURATING:
            return self.scale * log(self.size / (self.scale * slope))
        return self.size / slope - self.scale

    def _rise(self, amount: float) -> float:
        if self.family == STRAIGHT:
            return self.size * amount
        if self.family == SATURATING:
            return -self.size * exp(-amount / self.scale)
        return self.size * log1p(amount / self.scale)


class Split(NamedTuple):
    """Amounts by name, and the slope that all amounts not held by a bound share."""

    amounts: dict[str, float]
    slope: float


def fit_curve(centre: float, points: Sequence[Point]) -> Curve:
    """The curve through the centre that fits the points best; flat if there are none."""
    away = [point for point in points if point.amount != centre]
    if not away:
        return Curve(STRAIGHT, 0.0, 1.0, centre)
    amount = np.array([point.amount for point in away])
    value = np.array([point.value for point in away])
    floor = LEAST_ERROR * float(np.abs(value).max()) or 1.0
    weight = 1.0 / np.square(np.maximum([point.se for point in away], floor))
    largest = max(float(amount.max()), centre)
    best: tuple[float, Curve] | None = None
    for family in (SATURATING, LOGARITHMIC):
        for scale in SCALES * largest:
            unit = Curve(family, 1.0, float(scale), centre)
            rise = np.array([unit.value(a) for a in amount])
            size = float((weight * rise * value).sum() / (weight * rise * rise).sum())
            left = float((weight * np.square(value - size * rise)).sum())
            if best is None or left < best[0] * (1.0 - 1e-9):
                best = left, unit._replace(size=size)
    assert best is not None  # there are scales
    if best[1].size > 0.0:
        return best[1]
    rise = amount - centre
    size = float((weight * rise * value).sum() / (weight * rise * rise).sum())
    return Curve(STRAIGHT, min(0.0, size), 1.0, centre)


def best_split(
    curves: Mapping[str, Curve],
    total: float,
    low: Mapping[str, float],
    *,
    high: Mapping[str, float],
) -> Split:
    """The amounts between their bounds that add up to `total` and bring most.

    If the bounds leave no limit for it, all amounts are at their bounds: the lower ones if the
    total is too small, the upper ones if it is too large.
    """

    def at(slope: float) -> dict[str, float]:
        return {name: c.amount_at(slope, low[name], high[name]) for name, c in curves.items()}

    steep = max((curve.slope(low[name]) for name, curve in curves.items()), default=0.0)
    flat = min((curve.slope(high[name]) for name, curve in curves.items()), default=0.0)
    if math.fsum(high.values()) <= total:
        return Split(dict(high), flat)
    if math.fsum(low.values()) >= total:
        return Split(dict(low), steep)
    # at a slope above the steepest all are at their lower bound, below the flattest at the upper
    edge = 1.0 + abs(steep) + abs(flat)
    above, below = steep + edge, flat - edge
    for _ in range(STEPS):
        middle = (above + below) / 2.0
        if math.fsum(at(middle).values()) > total:
            below = middle
        else:
            above = middle
    amounts, more = at(above), at(below)
    # straight lines of this very slope take what is left, in their order
    for name in curves:
        left = total - math.fsum(amounts.values())
        limit = more[name] - amounts[name]
        if left > 0.0 and limit > 0.0:
            amounts[name] += min(left, limit)
    return Split(amounts, above)


# --- search ---


# Assumptions: wide steps first, to see the curves bend; then narrower ones around a better plan.
MULTIPLES = ((0.0, 0.5, 2.0, 4.0), (0.6, 1.7), (0.75, 1.35))
SMALL = 0.01  # of the total: a part with less is tried at amounts of its own
SMALL_AMOUNTS = (0.02, 0.05)  # of the total
DUST = 0.002  # of the total: an amount not worth the trouble
CLOSE = 0.002  # of the total: amounts that a plan may miss
CORRECTIONS = 2  # runs to come as close
CANDIDATES = 3  # plans that a round tries
NO_GAIN = 1e-4  # of the worth of the plan: what is not worth another round


class Tried(NamedTuple):
    """What came of factors: spend by part, and worth, of each customer and of nobody's."""

    factors: dict[str, float]
    spent: dict[str, float]  # in currency
    own: Reals  # (n,) each simulated customer's part of the worth, scaled to the population
    rest: float

    @property
    def worth(self) -> float:
        """Worth before the parts' own spend."""
        return float(self.own.sum()) + self.rest

    @property
    def placed(self) -> float:
        """What all parts spent."""
        return math.fsum(self.spent.values())


class Limits(NamedTuple):
    """How far a part can go: bounds of its amount, its largest factor, and whether the amount
    is in proportion to the factor (a budget), or only follows from it."""

    low: float = 0.0
    high: float = math.inf
    most: float = math.inf
    exact: bool = True


class Round(NamedTuple):
    """One round: its centre, what was tried around it, and the split that came of it."""

    centre: Tried
    points: dict[str, list[Point]]
    curves: dict[str, Curve]
    amounts: dict[str, float]
    slope: float
    expected: float  # gain by the curves
    gained: Effect  # when it was tried out


class Searched(NamedTuple):
    """The plan it began with, the best plan, and the rounds between."""

    start: Tried
    best: Tried
    amounts: dict[str, float]  # that the best plan is to spend
    rounds: Sequence[Round]
    evaluations: int


class Reached(NamedTuple):
    """A plan of the search, without what each customer did."""

    factors: Mapping[str, float]
    spent: Mapping[str, float]  # in currency
    worth: float


class Measured(NamedTuple):
    """What a round measured: points and curves by part, and the worth of one more krone."""

    points: Mapping[str, Sequence[Point]]
    curves: Mapping[str, Curve]
    slope: float


class SearchFound(NamedTuple):
    """A search as plain data."""

    start: Reached
    best: Reached
    rounds: Sequence[Measured]
    evaluations: int


def told(searched: Searched) -> SearchFound:
    """The search without what each customer did under each of its plans."""
    start, best = (Reached(o.factors, o.spent, o.worth) for o in (searched.start, searched.best))
    rounds = [Measured(each.points, each.curves, each.slope) for each in searched.rounds]
    return SearchFound(start, best, rounds, searched.evaluations)


Try = Callable[[Sequence[Mapping[str, float]]], Sequence[Tried]]  # all at once, in their order
Ask = Callable[[Mapping[str, float]], Tried]


class _Change(NamedTuple):
    """A part at another amount: the change of worth, and what other parts spend more by it."""

    amount: float
    worth: Effect
    others: float

    def at(self, price: float) -> Point:
        """The point of the curve, if a krone of the total is worth `price` elsewhere."""
        return Point(self.amount, self.worth.value - price * self.others, self.worth.se)


class SpendMap:
    """Which factor spends an amount, of one part, by what was tried: straight lines between."""

    def __init__(self, pairs: Sequence[tuple[float, float]], most: float) -> None:
        """`pairs`: factor and spend."""
        self._most = most
        self._spent, self._factor = [0.0], [0.0]
        for factor, spent in sorted(pairs):
            if spent > self._spent[-1] * (1.0 + 1e-9) and factor > self._factor[-1]:
                self._spent.append(spent)
                self._factor.append(factor)

    def factor(self, amount: float) -> float:
        """The factor; beyond what was tried, in proportion."""
        if len(self._spent) == 1:
            return 0.0
        if amount > self._spent[-1]:
            return min(self._most, self._factor[-1] * amount / self._spent[-1])
        return min(self._most, float(np.interp(amount, self._spent, self._factor)))


def worth_between(before: Tried, after: Tried) -> Effect:
    """Worth of one plan less that of another with the same luck, and its error over customers."""
    own = after.own - before.own
    return Effect(float(own.sum()) + after.rest - before.rest, error_of_total(own))


def gain(before: Tried, after: Tried, slope: float) -> Effect:
    """The gain of one plan over another; see the module."""
    found = worth_between(before, after)
    return Effect(found.value - slope * (after.placed - before.placed), found.se)


def least_evaluations(parts: int) -> int:
    """How many evaluations one round takes, with the plan before it and the one after."""
    before = 1 + (1 + CORRECTIONS)
    return before + parts * len(MULTIPLES[0]) + CANDIDATES * (1 + CORRECTIONS)


def search(
    try_out: Try, total: float, limits: Mapping[str, Limits], *, evaluations: int
) -> Searched:
    """The best split of `total` over the parts named in `limits`, as far as it can be found.

    `try_out`: is asked at most `evaluations` times, which must be at least
    `least_evaluations(len(limits))`. A part that spends nothing at factor 1 stays at 0.
    """
    asking = _Asking(try_out, list(limits))
    today = asking.one(dict.fromkeys(limits, 1.0))
    maps = {n: SpendMap([(1.0, today.spent[n])], limit.most) for n, limit in limits.items()}
    low, high = _bounds(limits, maps)
    wanted = share_out(today.spent, total, low, high=high)
    start = centre = place(asking.one, wanted, maps, limits=limits, total=total)
    rounds: list[Round] = []
    while True:
        multiples = MULTIPLES[min(len(rounds), len(MULTIPLES) - 1)]
        needed = len(limits) * len(multiples) + CANDIDATES * (1 + CORRECTIONS)
        if asking.times + needed > evaluations:
            break
        found, made = _round(asking, centre, multiples, maps=maps, limits=limits, total=total)
        rounds.append(made)
        if made.gained.value > 0.0:
            centre, wanted = found, made.amounts
        if made.gained.value <= max(NORMAL_975 * made.gained.se, NO_GAIN * abs(centre.worth)):
            break
    return Searched(start, centre, wanted, rounds, asking.times)


class _Asking:
    """Asks what comes of plans, each once."""

    def __init__(self, try_out: Try, names: Sequence[str]) -> None:
        self._try_out, self._names = try_out, names
        self._seen: dict[tuple[float, ...], Tried] = {}

    @property
    def times(self) -> int:
        """How often it was asked so far."""
        return len(self._seen)

    def all(self, plans: Sequence[Mapping[str, float]]) -> list[Tried]:
        keys = [tuple(factors[name] for name in self._names) for factors in plans]
        new = {k: f for k, f in zip(keys, plans, strict=True) if k not in self._seen}
        self._seen.update(zip(new, self._try_out(list(new.values())), strict=True))
        return [self._seen[key] for key in keys]

    def one(self, factors: Mapping[str, float]) -> Tried:
        return self.all([factors])[0]


def _round(
    asking: _Asking,
    centre: Tried,
    multiples: Sequence[float],
    *,
    maps: dict[str, SpendMap],
    limits: Mapping[str, Limits],
    total: float,
) -> tuple[Tried, Round]:
    """One round, and the plan that came of it; `maps` are brought up to date."""
    around, pairs = _look_around(asking, centre, multiples, maps=maps, limits=limits, total=total)
    maps |= {name: SpendMap(pairs[name], limits[name].most) for name in limits if pairs[name]}
    low, high = _bounds(limits, maps)
    near = {}
    for name, spent in centre.spent.items():
        most = max([spent, *(one.amount for one in around[name])])
        near[name] = max(low[name], min(high[name], most))
    price = 0.0
    for _ in range(2):  # the first time to learn the price of a krone
        told = {name: [one.at(price) for one in around[name]] for name in limits}
        curves = {name: fit_curve(centre.spent[name], told[name]) for name in limits}
        split = best_split(curves, total, low, high=near)
        price = split.slope

    def try_amounts(wanted: Mapping[str, float]) -> tuple[dict[str, float], Tried, Effect]:
        amounts = without_dust(wanted, total, low, high=high)
        found = place(asking.one, amounts, maps, limits=limits, total=total)
        return amounts, found, gain(centre, found, price)

    far = best_split(curves, total, low, high=high).amounts
    tries = [try_amounts(wanted) for wanted in (split.amounts, far)]
    amounts, found, gained = max(tries, key=lambda one: one[2].value)
    if gained.value <= 0.0:  # too far
        half = {n: (a + centre.spent[n]) / 2.0 for n, a in split.amounts.items()}
        amounts, found, gained = try_amounts(half)
    expected = math.fsum(
        curves[n].value(a) - price * (a - centre.spent[n]) for n, a in amounts.items()
    )
    return found, Round(centre, told, curves, amounts, price, expected, gained)


def place(
    ask: Ask,
    amounts: Mapping[str, float],
    maps: Mapping[str, SpendMap],
    *,
    limits: Mapping[str, Limits],
    total: float,
) -> Tried:
    """A plan that spends the amounts: what it spends is corrected by what its runs spent."""
    factors = {name: maps[name].factor(amount) for name, amount in amounts.items()}
    found = ask(factors)
    for _ in range(CORRECTIONS):
        wrong = {
            name: amounts[name] / spent
            for name, spent in found.spent.items()
            if not limits[name].exact
            and spent > 0.0
            and abs(spent - amounts[name]) > CLOSE * total / 2.0
        }
        if not wrong:
            break
        corrected = {
            name: min(limits[name].most, factor * min(2.0, max(0.5, wrong.get(name, 1.0))))
            for name, factor in factors.items()
        }
        if corrected == factors:
            break
        factors = corrected
        found = ask(factors)
    return found


def without_dust(
    amounts: Mapping[str, float],
    total: float,
    low: Mapping[str, float],
    *,
    high: Mapping[str, float],
) -> dict[str, float]:
    """The amounts without those that are next to nothing, unless a bound asks for them.

    The others share their money in proportion; where they are full, it stays where it is.
    """
    kept = {n: a for n, a in amounts.items() if a >= DUST * total or low[n] > 0.0}
    if len(kept) == len(amounts):
        return dict(amounts)
    whole = math.fsum(amounts.values())
    ends = {n: max(high[n], a) for n, a in kept.items()}
    shared = share_out(kept, whole, {n: low[n] for n in kept}, high=ends)
    if math.fsum(shared.values()) < whole * (1.0 - 1e-9):
        return dict(amounts)
    return dict.fromkeys(amounts, 0.0) | shared


def _bounds(
    limits: Mapping[str, Limits], maps: Mapping[str, SpendMap]
) -> tuple[dict[str, float], dict[str, float]]:
    """The bounds of the amounts; a part that cannot spend anything has none to spend."""
    high = {
        name: limit.high if maps[name].factor(1.0) > 0.0 else 0.0 for name, limit in limits.items()
    }
    return {name: min(limit.low, high[name]) for name, limit in limits.items()}, high


def _look_around(
    asking: _Asking,
    centre: Tried,
    multiples: Sequence[float],
    *,
    maps: Mapping[str, SpendMap],
    limits: Mapping[str, Limits],
    total: float,
) -> tuple[dict[str, list[_Change]], dict[str, list[tuple[float, float]]]]:
    """Each part at a few amounts: what came of them, and which factor spent how much."""
    around: dict[str, list[_Change]] = {name: [] for name in limits}
    pairs: dict[str, list[tuple[float, float]]] = {name: [] for name in limits}
    steps: list[tuple[str, float]] = []
    for name, limit in limits.items():
        now, spent = centre.factors[name], centre.spent[name]
        if spent < SMALL * total:
            factors = [0.0, *(maps[name].factor(share * total) for share in SMALL_AMOUNTS)]
        else:
            # by amounts, as a search near its last click spends no more with a larger factor
            wanted = [min(limit.high, spent * multiple) for multiple in multiples]
            factors = [maps[name].factor(amount) for amount in wanted]
            pairs[name].append((now, spent))
        steps += [(name, factor) for factor in dict.fromkeys(factors) if factor != now]
    results = asking.all([{**centre.factors, name: factor} for name, factor in steps])
    for (name, factor), tried in zip(steps, results, strict=True):
        change = worth_between(centre, tried)
        others = (tried.placed - tried.spent[name]) - (centre.placed - centre.spent[name])
        around[name].append(_Change(tried.spent[name], change, others))
        if tried.spent[name] > 0.0:
            pairs[name].append((factor, tried.spent[name]))
    return around, pairs
