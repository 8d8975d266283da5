"""What every touchpoint truly adds: knock-outs, small steps, all together, and shared credit.

Each is a contrast (`sim.questions.contrasts`) of runs of one market with the same luck:

- *knock_out* of a touchpoint = the market as it is less the market without it (`enabled:
  false`): what all of it adds.
- *step* = the market with a little more of it (`sim.questions.scaling`) less the market as it is.
- *all* = the market as it is less the market without any touchpoint; *parts* = the sum of all
  knock-outs; *synergy* = parts - all. Where it is above 0 touchpoints need one another
  (complements: the one that is taken away takes some of the others' work along, so that it
  is counted several times); below 0 they stand in for one another (substitutes: each alone is
  hardly missed). The same for each purpose that has several touchpoints.
- *shapley* = the mean, over all orders in which touchpoints may come in, of what each adds when
  it comes, the touchpoints not named being there all along. The values add up to what the
  named ones add together. n touchpoints take 2^n runs, so n is at most `MOST_PLAYERS`.
- *curve* = the market with `factor` times as much of a touchpoint less the market as it is.

Replicates are seeds, paired across runs. With one, errors are those over customers; with
several, those over seeds. Their number is given, or chosen for a precision: a pilot seed shows
the largest knock-out effect on margin, L, and the largest error over customers of any knock-out
or step, s; the errors of R seeds being s / sqrt(R), R = (s / (precision x L))^2, rounded up.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, NamedTuple

from sim.elementary import square
from sim.errors import BadOption, InputError, Problem, nearest
from sim.measures.figure import Undefined
from sim.questions.contrasts import BASE, LIVED, Contrast, Found, evaluate, shapley_weights
from sim.questions.scaling import Scaling, is_costly, levers_without, scaling
from sim.runs.progress import Progress
from sim.runs.store import Store
from sim.scenario.levers import from_today
from sim.scenario.schema import Scenario
from sim.vocabulary import MAX_SEED, Purpose

KNOCK_OUT, STEP, CURVE, SHAPLEY = "knock_out", "step", "curve", "shapley"
ALL, PARTS, SYNERGY = "all", "parts", "synergy"
EVERY = "every"  # the group of all touchpoints

# Assumptions.
DEFAULT_STEP = 0.1  # of what there is: a few per cent more
DEFAULT_PRECISION = 0.05  # of the largest effect
FACTORS = (0.0, 0.25, 0.5, 1.5, 2.0, 3.0)  # of a response curve; 1 is the market as it is
MOST_PLAYERS = 12  # 4,096 runs
LEAST_SEEDS = 5  # once one is not enough: of fewer, Student's interval is very wide
MOST_SEEDS = 100

Levers = Mapping[str, Any]


@dataclass(frozen=True)
class TouchpointsRequest:
    """What is asked of a scenario; see `check_request`.

    `replicates`: how many seeds; None: as many as `precision` needs, an error as a share of the
    largest effect. `step`: a share of what there is. `players`: the touchpoints of a Shapley split.
    """

    step: float = DEFAULT_STEP
    replicates: int | None = None
    precision: float | None = None
    players: Sequence[str] = ()
    curves: bool = False


class EffectsPlan(NamedTuple):
    """The runs by name, how each differs from the scenario, and the contrasts of them."""

    markets: Mapping[str, Levers]
    contrasts: Sequence[Contrast]
    not_scaled: Mapping[str, Undefined]  # touchpoints without a step, and why


@dataclass(frozen=True)
class EffectsStudy:
    """What was found: the contrasts of each seed, in the order of the plan."""

    scenario: Scenario
    request: TouchpointsRequest
    seeds: Sequence[int]
    found: Sequence[Sequence[Found]]  # by seed
    not_scaled: Mapping[str, Undefined]
    runs: int  # that were made
    seconds: float = 0.0  # that it took; the manifest keeps it, the answer does not

    def of(self, kind: str) -> list[list[Found]]:
        """The contrasts of a kind: for each, its results by seed."""
        places = [p for p, one in enumerate(self.found[0]) if one.contrast.kind == kind]
        return [[seed[place] for seed in self.found] for place in places]


def plan(scenario: Scenario, request: TouchpointsRequest) -> EffectsPlan:
    """The runs and contrasts of a study. Raises `InputError` with all that is wrong with it."""
    check_request(scenario, request)
    names = [name for name, one in scenario.touchpoints.items() if one.enabled]
    markets: dict[str, Levers] = {BASE: {}}
    contrasts: list[Contrast] = []
    for name in names:
        run_name = f"without {name}"
        markets[run_name] = levers_without([name])
        contrasts.append(Contrast(KNOCK_OUT, name, None, [name], {BASE: 1.0, run_name: -1.0}))
    not_scaled: dict[str, Undefined] = {}
    for name in names:
        found = scaling(scenario, name, 1.0 + request.step)
        if isinstance(found, Undefined):
            not_scaled[name] = found
            continue
        run_name = f"more {name}"
        markets[run_name] = found.levers
        contrasts.append(Contrast(STEP, name, None, [name], {run_name: 1.0, BASE: -1.0}))
        if request.curves and is_costly(scenario, name):
            _add_curve(scenario, name, markets, contrasts=contrasts)
    _add_groups(scenario, names, markets, contrasts=contrasts)
    if request.players:
        _add_shapley(list(request.players), markets, contrasts)
    return EffectsPlan(markets, contrasts, not_scaled)


def _add_curve(
    scenario: Scenario, name: str, markets: dict[str, Levers], *, contrasts: list[Contrast]
) -> None:
    for factor in FACTORS:
        found = scaling(scenario, name, factor)
        if isinstance(found, Scaling):
            run_name = f"{factor:g} x {name}"
            markets[run_name] = found.levers
            weights = {run_name: 1.0, BASE: -1.0}
            contrasts.append(Contrast(CURVE, name, factor, [name], weights))


def _add_groups(
    scenario: Scenario, names: list[str], markets: dict[str, Levers], *, contrasts: list[Contrast]
) -> None:
    """All touchpoints, and those of each purpose, beside the sums of their parts."""
    groups = {EVERY: names}
    for purpose in Purpose:
        mine = [name for name in names if scenario.touchpoints[name].spend_purpose == purpose]
        if len(mine) < len(names):
            groups[purpose.value] = mine
    for group, mine in groups.items():
        if len(mine) < 2:
            continue
        run_name = f"without all: {group}"
        markets[run_name] = levers_without(mine)
        parts = {f"without {name}": -1.0 for name in mine}
        count = float(len(mine))
        contrasts.append(Contrast(ALL, group, None, mine, {BASE: 1.0, run_name: -1.0}))
        contrasts.append(Contrast(PARTS, group, None, mine, {BASE: count, **parts}))
        synergy = {BASE: count - 1.0, run_name: 1.0, **parts}
        contrasts.append(Contrast(SYNERGY, group, None, mine, synergy))


def _add_shapley(players: list[str], markets: dict[str, Levers], contrasts: list[Contrast]) -> None:
    everybody = frozenset(players)

    def name_of(coalition: frozenset[str]) -> str:
        missing = [player for player in players if player not in coalition]
        if not missing:
            return BASE
        if len(missing) == 1:
            return f"without {missing[0]}"
        return "with only " + ",".join(player for player in players if player in coalition)

    for player, weights in shapley_weights(players).items():
        for coalition in weights:
            run_name = name_of(coalition)
            if run_name not in markets:
                markets[run_name] = levers_without(sorted(everybody - coalition))
        named = {name_of(coalition): weight for coalition, weight in weights.items()}
        contrasts.append(Contrast(SHAPLEY, player, None, [player], named))


def check_request(scenario: Scenario, request: TouchpointsRequest) -> None:
    """Raise `InputError` with all that is wrong with a request."""
    problems: list[Problem] = []

    def refuse(field: str, given: object, allowed: str, *, near: str | None = None) -> None:
        problems.append(BadOption(field=field, given=str(given), allowed=allowed, nearest=near))

    names = [name for name, one in scenario.touchpoints.items() if one.enabled]
    if not names:
        raise InputError(f"{scenario.name} has no enabled touchpoint.")
    if not 0.0 < request.step <= 1.0:
        refuse("step", request.step, "above 0, at most 1")
    if request.replicates is not None and not 1 <= request.replicates <= MOST_SEEDS:
        refuse("replicates", request.replicates, f"1 to {MOST_SEEDS}")
    if request.replicates is not None and request.precision is not None:
        refuse("precision", request.precision, "either replicates or precision, not both")
    if request.precision is not None and not 0.001 <= request.precision <= 1.0:
        refuse("precision", request.precision, "0.001 to 1")
    if scenario.seed + (request.replicates or MOST_SEEDS) - 1 > MAX_SEED:
        refuse("seed", scenario.seed, f"at most {MAX_SEED} in the last replicate")
    for player in request.players:
        if player not in names:
            allowed = "names of enabled touchpoints"
            refuse("shapley", player, allowed, near=nearest(player, names))
    if len(set(request.players)) < len(request.players):
        refuse("shapley", ",".join(request.players), "each touchpoint once")
    if request.players and not 2 <= len(request.players) <= MOST_PLAYERS:
        count = len(request.players)
        problems.append(
            BadOption(
                field="shapley",
                given=str(count),
                detail=f"{count} touchpoint{'s are' if count > 1 else ' is'} given",
                allowed=f"2 to {MOST_PLAYERS} touchpoints (n of them take 2^n runs)",
            )
        )
    if problems:
        raise InputError(problems=problems)


def study(
    scenario: Scenario,
    request: TouchpointsRequest,
    store: Store | None = None,
    *,
    progress: Progress | None = None,
) -> EffectsStudy:
    """Carry out a request. The result does not depend on `threads`.

    `progress`: called with the number of runs done, fractions included, and of all so far
    planned. Raises `InputError` if the request is wrong.
    """
    planned, runs = plan(scenario, request), store or Store()
    began, done, wanted = time.perf_counter(), 0, request.replicates or 1

    def of_seed(seed: int) -> list[Found]:
        nonlocal done
        names, before = list(planned.markets), done

        def tell(runs: float) -> None:
            if progress is not None:
                progress(before + runs, float(wanted * len(names)))

        markets = [
            from_today(scenario, overrides={**planned.markets[name], "seed": seed})
            for name in names
        ]
        with closing(runs.results(markets, LIVED, tell)) as found:
            made = evaluate(planned.contrasts, names, lambda _: next(found))
        done += len(names)
        return made

    found = [of_seed(scenario.seed)]
    if request.replicates is None:
        wanted = seeds_for(found[0], request.precision or DEFAULT_PRECISION)
    found += [of_seed(scenario.seed + place) for place in range(1, wanted)]
    return EffectsStudy(
        scenario,
        request,
        range(scenario.seed, scenario.seed + wanted),
        found,
        planned.not_scaled,
        done,
        time.perf_counter() - began,
    )


def largest(found: Sequence[Found]) -> tuple[float, float]:
    """The largest knock-out effect on margin, and the largest error over customers of any
    knock-out or step, in currency; of one seed."""
    effects = [abs(f.outcomes["margin"].value) for f in found if f.contrast.kind == KNOCK_OUT]
    errors = [f.outcomes["margin"].se for f in found if f.contrast.kind in (KNOCK_OUT, STEP)]
    return max(effects), max(errors)


def seeds_for(pilot: Sequence[Found], precision: float) -> int:
    """How many seeds the precision takes, from the pilot seed; at most `MOST_SEEDS`."""
    effect, error = largest(pilot)
    if effect == 0.0:  # nothing was seen: that it is nothing is not known
        return LEAST_SEEDS
    if error <= precision * effect:
        return 1
    return min(MOST_SEEDS, max(LEAST_SEEDS, math.ceil(square(error / (precision * effect)))))


def reached(made: EffectsStudy) -> float | None:
    """The precision reached: largest error / largest effect on margin; None if no effect."""
    sizes = [largest(seed) for seed in made.found]
    effects = [
        abs(math.fsum(one.outcomes["margin"].value for one in seeds)) / len(seeds)
        for seeds in made.of(KNOCK_OUT)
    ]
    error = math.sqrt(math.fsum(e * e for _, e in sizes)) / len(sizes)
    return error / max(effects) if max(effects) > 0.0 else None


def independent_factor(made: EffectsStudy) -> float | None:
    """How many times the runs would be needed for the same precision without shared luck.

    Of each knock-out and step: (error with luck of its own / the largest error found)^2, at
    least 1, averaged over them. None if no error was found.
    """
    pairs = made.of(KNOCK_OUT) + made.of(STEP)
    worst = max(one[0].outcomes["margin"].se for one in pairs)
    if worst <= 0.0:
        return None
    factors = [max(1.0, square(one[0].independent_se / worst)) for one in pairs]
    return math.fsum(factors) / len(factors)
