"""Test data for media mix models: weeks of several regions, and the truth about their media.

*Regions* and *media* are those of `regions`. Every truth is a paired run of a region
with the same luck (`sim.questions.contrasts`), from day 0 to the end of the last whole week,
carry-over included; what would come later is left out. Of each region:

- *contribution* of a medium = the market as it is less the market without that medium;
- *base* = the market without any medium: what would be sold anyway;
- *interaction* = observed - base - sum of contributions. It makes

      observed = base + sum of contributions + interaction

  hold exactly, in every week. Below 0 media need one another (what the second adds hangs on the
  first, so that a knock-out of either takes both along); above 0 they stand in for one another.
  A model that adds up has no such term: it must share it out, and no sharing is the true one;
- *share* = contribution / observed, of revenue;
- *roas* = contribution to revenue / spend that would be saved, on all touchpoints together: more
  visits cost something elsewhere. *roas_on_own_spend* = the same / spend on the medium itself,
  which is what a media mix model estimates;
- *mroas*, *mroas_on_own_spend* = the same for a step: STEP more budget every day it is on;
- *response curve* = contribution to revenue against spend on the medium, at each of FACTORS times
  its budget, everything else as it is. At 0 it is 0, at 1 the contribution.

**Intervals** are 95 %, of the standard error over customers (`sim.measures.incrementality`): of
the mean over such luck, given the spend. The base, a single run that is paired with none, has none.

**All regions**: sums. Regions share no luck, so SE^2 of a sum is the sum of SE^2; ratios are of
sums, their error by the delta method.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.errors import BadOption, InputError, Problem
from sim.measures.figure import Undefined
from sim.measures.incrementality import OUTCOMES
from sim.measures.intervals import Effect
from sim.model.columns import Count, Reals
from sim.questions.contrasts import (
    BASE,
    Contrast,
    Found,
    Lived,
    evaluate,
    lived,
    pack_lived,
    unpack_lived,
)
from sim.questions.mix.regions import DAYS_PER_YEAR, Region, media_of, region
from sim.questions.scaling import levers_without, scaling
from sim.runs.exports.periods import DAYS_PER_WEEK, by_period, week_table
from sim.runs.progress import Progress
from sim.runs.run import Run
from sim.runs.store import Keep, Store, pack_arrays, unpack_arrays
from sim.scenario.levers import from_today
from sim.scenario.parts import MOST_DAYS
from sim.scenario.schema import Scenario
from sim.vocabulary import MINOR_UNITS

CONTRIBUTION, STEP_UP, CURVE = "contribution", "step", "curve"
BASE_SALES, INTERACTION, OBSERVED = "base", "interaction", "observed"
WEEKLY = ("purchases", "new_customers", "revenue")  # outcomes by week
WITHOUT_MEDIA = "without media"
ALL_REGIONS = "all"

# Assumptions.
STEP = 0.1  # as for the touchpoints of a market, `sim.questions.touchpoints.effects`
FACTORS = (0.0, 0.5, 1.0, 1.5, 2.0)  # of a response curve
DEFAULT_REGIONS, DEFAULT_YEARS, DEFAULT_VARY = 4, 3, 0.5
MOST_REGIONS = 100
MOST_VARY = 0.9  # a budget stays above 0


@dataclass(frozen=True)
class MixRequest:
    """What is asked of a scenario; see `check_request`. `truth`: whether to find the truth."""

    regions: int = DEFAULT_REGIONS
    years: int = DEFAULT_YEARS
    vary: float = DEFAULT_VARY
    truth: bool = True


class MixPart(NamedTuple):
    """One part of a region's sales: its kind, its medium if it has one, and its weeks.

    `weeks`: by outcome of WEEKLY, (weeks,), people and money of the whole population.
    """

    kind: str
    medium: str | None
    weeks: Mapping[str, Reals]


@dataclass(frozen=True)
class RegionWeeks:
    """What a region gave: its weeks as an Arrow table, and the truth, empty if not asked for."""

    region: Region
    weekly: Any
    parts: Sequence[MixPart] = ()
    found: Sequence[Found] = ()

    def of(self, kind: str, medium: str, factor: float | None = None) -> Found | None:
        """The contrast of a kind about a medium; None if there is none."""
        for one in self.found:
            about = one.contrast
            if (about.kind, about.name, about.factor) == (kind, medium, factor):
                return one
        return None


@dataclass(frozen=True)
class MixData:
    """Test data: the scenario and the request it was made of, and the regions' markets."""

    scenario: Scenario
    request: MixRequest
    media: Sequence[str]
    markets: Sequence[RegionWeeks]
    runs: int


class _Plan(NamedTuple):
    markets: Mapping[str, Mapping[str, Any]]  # levers, by the name of the run
    contrasts: Sequence[Contrast]


class _Kept(NamedTuple):
    """What is kept of a run: each customer's outcomes, and its weeks.

    `counts`: simulated purchases, new customers and revenue by week, (weeks, 3) whole numbers, so
    that sums are exact; `weekly`: the weeks as an Arrow table.
    """

    lived: Lived
    counts: NDArray[np.int64]
    weekly: Any


def _kept(one: Run) -> _Kept:
    columns = [Count.PURCHASES, Count.NEW_CUSTOMERS, Count.REVENUE]
    counts = by_period(one.records.counts.sum(axis=1), DAYS_PER_WEEK)[:, columns]
    return _Kept(lived(one), counts, week_table(one.records))


def _pack(kept: _Kept) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, kept.weekly.schema) as stream:
        stream.write_table(kept.weekly)
    weekly = np.frombuffer(sink.getvalue(), dtype=np.uint8)
    customers = np.frombuffer(pack_lived(kept.lived), dtype=np.uint8)
    return pack_arrays({"customers": customers, "counts": kept.counts, "weekly": weekly})


def _unpack(content: bytes) -> _Kept:
    found = unpack_arrays(content)
    weekly = pa.ipc.open_stream(found["weekly"].tobytes()).read_all()
    return _Kept(unpack_lived(found["customers"].tobytes()), found["counts"], weekly)


WEEKS = Keep("outcomes of each customer, and weeks", _kept, _pack, _unpack)


def check_request(scenario: Scenario, request: MixRequest) -> None:
    """Raise `InputError` with all that is wrong with a request."""
    problems: list[Problem] = []

    def refuse(option: str, given: object, allowed: str) -> None:
        problems.append(BadOption(field=option, given=str(given), allowed=allowed))

    most_years = MOST_DAYS // DAYS_PER_YEAR
    if not 1 <= request.regions <= MOST_REGIONS:
        refuse("regions", request.regions, f"1 to {MOST_REGIONS}")
    if not 1 <= request.years <= most_years:
        refuse("years", request.years, f"1 to {most_years}")
    if not 0.0 <= request.vary <= MOST_VARY:
        refuse("vary", request.vary, f"0 to {MOST_VARY}")
    if problems:
        raise InputError(problems=problems)
    if not media_of(scenario):
        raise InputError(
            f"{scenario.name} has no enabled touchpoint with a budget;"
            " a media mix model needs at least one."
        )


def mix_data(
    scenario: Scenario,
    request: MixRequest,
    store: Store | None = None,
    *,
    progress: Progress | None = None,
) -> MixData:
    """Make the regions, run them and find the truth. The result does not depend on `threads`.

    `progress`: called with the number of runs done, fractions included, and of all. Raises
    `InputError` if the request is wrong or a region leaves the bounds of a scenario.
    """
    check_request(scenario, request)
    media = media_of(scenario)
    numbers = range(1, request.regions + 1)
    regions = [region(scenario, number, request.years, vary=request.vary) for number in numbers]
    plans = [_plan(each.scenario, media if request.truth else []) for each in regions]
    total = float(sum(len(plan.markets) for plan in plans))
    markets: list[RegionWeeks] = []
    runs, done = store or Store(), 0
    for each, plan in zip(regions, plans, strict=True):

        def tell(made: float, before: int = done) -> None:
            if progress is not None:
                progress(before + made, total)

        markets.append(_market(each, media, plan, store=runs, tell=tell))
        done += len(plan.markets)
    return MixData(scenario, request, media, markets, done)


def _market(
    place: Region,
    media: Sequence[str],
    plan: _Plan,
    *,
    store: Store,
    tell: Callable[[float], None],
) -> RegionWeeks:
    """The runs of one region."""
    weekly: list[Any] = []
    wanted = [BASE, WITHOUT_MEDIA, *(_without(name) for name in media)]
    counts: dict[str, NDArray[np.int64]] = {}
    order = list(plan.markets)
    markets = [from_today(place.scenario, overrides=plan.markets[name]) for name in order]
    with closing(store.results(markets, WEEKS, tell)) as runs:

        def make(name: str) -> Lived:
            kept = next(runs)
            if name in wanted:
                counts[name] = kept.counts
            if name == BASE:
                weekly.append(kept.weekly)
            return kept.lived

        if not plan.contrasts:
            make(BASE)
            return RegionWeeks(place, weekly[0])
        found = evaluate(plan.contrasts, order, make)
    people = place.scenario.population / place.scenario.agents
    return RegionWeeks(place, weekly[0], _parts(media, counts, people), found)


def _without(name: str) -> str:
    return f"without {name}"


def _plan(scenario: Scenario, media: Sequence[str]) -> _Plan:
    """The runs of a region and the contrasts of them; without media, the market as it is only."""
    markets: dict[str, Mapping[str, Any]] = {BASE: {}}
    contrasts: list[Contrast] = []
    for name in media:
        markets[_without(name)] = levers_without([name])
        weights = {BASE: 1.0, _without(name): -1.0}
        contrasts.append(Contrast(CONTRIBUTION, name, None, [name], weights))
        for factor in (1.0 + STEP, *FACTORS):
            _add_scaled(scenario, name, factor, markets=markets, contrasts=contrasts)
    if media:
        markets[WITHOUT_MEDIA] = levers_without(media)
        # observed - base - sum of (observed - without)
        weights = {BASE: 1.0 - len(media), WITHOUT_MEDIA: -1.0}
        weights |= {_without(name): 1.0 for name in media}
        contrasts.append(Contrast(INTERACTION, INTERACTION, None, list(media), weights))
    return _Plan(markets, contrasts)


def _add_scaled(
    scenario: Scenario,
    name: str,
    factor: float,
    *,
    markets: dict[str, Mapping[str, Any]],
    contrasts: list[Contrast],
) -> None:
    """The run with `factor` times the budget, and the step or the point of the curve it gives."""
    if factor in (0.0, 1.0):  # runs that are there already
        weights = {BASE: factor, _without(name): -factor}
        contrasts.append(Contrast(CURVE, name, factor, [name], weights))
        return
    found = scaling(scenario, name, factor)
    assert not isinstance(found, Undefined)  # a budget above 0 can always be scaled
    run_name = f"{factor:g} x {name}"
    markets[run_name] = found.levers
    if factor == 1.0 + STEP:
        contrasts.append(Contrast(STEP_UP, name, None, [name], {run_name: 1.0, BASE: -1.0}))
    else:
        weights = {run_name: 1.0, _without(name): -1.0}
        contrasts.append(Contrast(CURVE, name, factor, [name], weights))


def _parts(
    media: Sequence[str], counts: Mapping[str, NDArray[np.int64]], people: float
) -> list[MixPart]:
    """The parts of a region's weeks: observed, base, contributions and interaction."""
    observed, base = counts[BASE], counts[WITHOUT_MEDIA]
    added = {name: observed - counts[_without(name)] for name in media}
    rest = observed - base - sum(added.values())
    found: list[tuple[str, str | None, NDArray[np.int64]]] = [
        (OBSERVED, None, observed),
        (BASE_SALES, None, base),
    ]
    found += [(CONTRIBUTION, name, each) for name, each in added.items()]
    found.append((INTERACTION, None, rest))
    return [MixPart(kind, medium, _weeks_of(each, people)) for kind, medium, each in found]


def _weeks_of(counts: NDArray[np.int64], people: float) -> dict[str, Reals]:
    """Simulated counts (weeks, outcomes) as people and money of the whole population."""
    weeks: dict[str, Reals] = {}
    for column, name in enumerate(WEEKLY):
        scaled = counts[:, column].astype(np.float64) * people
        weeks[name] = scaled / MINOR_UNITS if name == "revenue" else scaled
    return weeks


def joined(found: Sequence[Found]) -> Found:
    """The same contrast of several regions as one: sums, and standard errors of sums."""
    outcomes = {
        name: Effect(
            math.fsum(one.outcomes[name].value for one in found),
            math.hypot(*(one.outcomes[name].se for one in found)),
        )
        for name in OUTCOMES
    }
    return found[0]._replace(
        outcomes=outcomes,
        spend=math.fsum(one.spend for one in found),
        placed=math.fsum(one.placed for one in found),
        independent_se=math.hypot(*(one.independent_se for one in found)),
    )
