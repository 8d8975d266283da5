"""Compare: scenarios and variants beside a baseline, on paired runs with the same luck.

The first scenario is the *baseline*; the others are *variants*: other scenarios, or the baseline
with some of its levers moved. Replicate r of every variant has the same seed, and the same number
of simulated customers for the same people, so that what differs comes from what differs between
the scenarios.

- *difference* of a figure = that of the variant less that of the baseline, replicate by
  replicate; its mean and 95% interval are those of `sim.measures.replicates`, paired.
- *standard error* of the difference in profit = s / sqrt(R), s being the standard deviation of
  the R differences.
- *precision* = the largest of these errors of any variant / the baseline's mean margin. Margin,
  not profit, because a profit may be next to nothing; and not the difference, because a variant
  that changes nothing would never be done.

The number of replicates is given, or chosen for a precision p: after `LEAST_SEEDS` of them, and
again after those then found wanting, R = (s / (p x margin))^2, rounded up, until R are done, at
most `MOST_SEEDS`.

Where a difference in profit comes from:

    profit = margin of first purchases + margin of returning customers - marketing spend

so the differences of the three, the last with its sign turned, add up to that of the profit.
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from sim.elementary import square
from sim.errors import BadOption, InputError, Problem
from sim.measures.intervals import error_of_mean
from sim.measures.replicates import figure_at
from sim.questions.question import Summary
from sim.runs.progress import Progress
from sim.runs.run import CLOCKS, Run
from sim.runs.store import Keep, Store, pack_json, unpack_json
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario
from sim.vocabulary import MAX_SEED

PROFIT, MARGIN = "economics.profit", "economics.margin"
# What a profit is made of: key, and its sign in the profit.
SOURCES = {"economics.margin_first": 1, "economics.margin_returning": 1, "economics.spend": -1}

# Assumptions.
DEFAULT_PRECISION = 0.01  # of the baseline's margin
LEAST_SEEDS = 5  # of fewer, Student's interval is very wide
MOST_SEEDS = 100
MOST_GIVEN = 999


@dataclass(frozen=True)
class Variant:
    """What is compared: its name and complete scenario; `settings` made it from the baseline."""

    name: str
    scenario: Scenario
    settings: Sequence[str] = ()


@dataclass(frozen=True)
class CompareRequest:
    """How sure the answer is to be: so many `replicates`, or as many as `precision` takes.

    Neither: as many as `DEFAULT_PRECISION` takes.
    """

    replicates: int | None = None
    precision: float | None = None


@dataclass(frozen=True)
class Compared:
    """What was found: the summaries of every variant, the baseline first, by seed."""

    variants: Sequence[Variant]
    seeds: Sequence[int]
    summaries: Sequence[Sequence[Summary]]
    seconds: float = 0.0  # that it took; the manifest keeps it, the answer does not

    @property
    def baseline(self) -> Variant:
        """What all others are compared with."""
        return self.variants[0]

    @property
    def runs(self) -> int:
        """How many runs were made."""
        return len(self.variants) * len(self.seeds)


def check_request(seed: int, request: CompareRequest) -> list[Problem]:
    """All that is wrong with a request whose first replicate has this seed."""
    problems: list[Problem] = []

    def refuse(field: str, given: object, allowed: str) -> None:
        problems.append(BadOption(field=field, given=str(given), allowed=allowed))

    replicates, precision = request.replicates, request.precision
    if replicates is not None and not 2 <= replicates <= MOST_GIVEN:
        refuse("replicates", replicates, f"2 to {MOST_GIVEN} (one gives no confidence interval)")
    if replicates is not None and precision is not None:
        refuse("precision", precision, "either replicates or precision, not both")
    elif precision is not None and not 1e-5 <= precision <= 1.0:
        refuse("precision", precision, "0.00001 to 1")
    if seed + (replicates or MOST_SEEDS) - 1 > MAX_SEED:
        refuse("seed", seed, f"at most {MAX_SEED} in the last replicate")
    return problems


def compare(
    variants: Sequence[Variant],
    request: CompareRequest,
    store: Store | None = None,
    *,
    progress: Progress | None = None,
) -> Compared:
    """Run every variant with every seed. The result does not depend on `threads`.

    `variants`: as `variants.make_variants` gives them; seeds count from that of the
    baseline. `progress`: called with the number of runs done, fractions included, and of all
    so far planned. `finished`: where finished runs are kept, and taken from. Raises `InputError`
    if the request is wrong.
    """
    first = variants[0].scenario.seed
    problems = check_request(first, request)
    if problems:
        raise InputError(problems=problems)
    began, runs = time.perf_counter(), store or Store()
    found: list[list[Summary]] = [[] for _ in variants]
    wanted = request.replicates or LEAST_SEEDS
    while len(found[0]) < wanted:
        before, total = float(len(found[0]) * len(variants)), float(wanted * len(variants))

        def tell(done: float, before: float = before, total: float = total) -> None:
            if progress is not None:
                progress(before + done, total)

        markets = [
            with_settings(variant.scenario, overrides={"seed": seed})
            for seed in range(first + len(found[0]), first + wanted)
            for variant in variants
        ]
        with closing(runs.results(markets, SUMMARY, tell)) as summaries:
            for place, one in enumerate(summaries):
                found[place % len(variants)].append(one)
        if request.replicates is None:
            wanted = seeds_needed(found, request.precision or DEFAULT_PRECISION)
    seeds = range(first, first + len(found[0]))
    return Compared(variants, seeds, found, time.perf_counter() - began)


def _summary(one: Run) -> Summary:
    """The summary of a run, its clocks at 0: the same runs, the same answer."""
    return {key: 0 if key in CLOCKS else value for key, value in one.summary.items()}


SUMMARY = Keep("summary", _summary, pack_json, unpack_json)


def seeds_needed(summaries: Sequence[Sequence[Summary]], precision: float) -> int:
    """How many seeds the precision takes, judged by those there are; at most `MOST_SEEDS`."""
    made = len(summaries[0])
    error = reached(summaries)
    if error == 0.0:
        return made
    if error is None:
        return MOST_SEEDS
    needed = math.ceil(made * square(error / precision))
    return max(made, min(MOST_SEEDS, needed))


def reached(summaries: Sequence[Sequence[Summary]]) -> float | None:
    """The precision of at least two replicates: largest error of a difference in profit / the
    baseline's mean margin. None if there is an error and no margin."""
    margins = [figure_at(summary, MARGIN) or 0.0 for summary in summaries[0]]
    error = max(profit_error(summaries[0], other) for other in summaries[1:])
    margin = abs(math.fsum(margins)) / len(margins)
    if error == 0.0:
        return 0.0
    return error / margin if margin > 0.0 else None


def profit_error(baseline: Sequence[Summary], variant: Sequence[Summary]) -> float:
    """Standard error of the mean difference in profit, in currency."""
    changes = [
        (figure_at(after, PROFIT) or 0.0) - (figure_at(before, PROFIT) or 0.0)
        for before, after in zip(baseline, variant, strict=True)
    ]
    return error_of_mean(changes)
