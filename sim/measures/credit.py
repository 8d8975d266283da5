"""Credit beside the truth: how far each attribution model is from what touchpoints truly add.

The truth is what the market lacks without a touchpoint (`sim.measures.incrementality`), credit
is what a model gives it (`sim.measures.attribution`). Both are in purchases. For touchpoint c,

- *true share* = what c adds / the sum of what each touchpoint adds, each taken away alone. Of
  purchases, and likewise of margin. A share may be below 0; they add up to 1. The interval
  (95 %) is that of a ratio of totals over seeds; with one seed the sum is taken as it was found.
- *share of all* = credit of c / all purchases; `(direct)` has one too, and with it they add up
  to 1.
- *share* = credit of c / the credit of all touchpoints, `(direct)` left out. This is what is set
  beside the true share, as a budget is split among touchpoints and not with nobody.
- *factor* = purchases credited to c / purchases that c adds. Above 1: over-credited. It takes no
  share, so that purchases lost to `(direct)` count against the model. Its interval is credit / the
  interval of the truth; there is none, nor a factor, where that interval reaches down to 0.

And for a model,

- *rank correlation* = Spearman's, between the shares of the model and the true shares (of
  purchases), over all touchpoints that are switched on, and over those that leave a trail
  (`tracking` other than none). Touchpoints with equal shares get their mean rank. There is none
  of fewer than three touchpoints, nor where all shares are equal.
- *mean error* = mean over touchpoints of |share - true share|.
- *misplaced* = 1/2 sum over touchpoints of |share - true share|: the part of the credit that
  would have to move.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from sim.measures.attribution import DIRECT, CreditRow
from sim.measures.figure import Figure, Undefined
from sim.measures.intervals import Effect, Estimate, interval, ratio_interval

ADDS_NOTHING = "touchpoints add nothing together"
NO_CREDIT = "no touchpoint got any credit"
UNSURE_TRUTH = "its incremental effect is not significantly above zero"
NOT_A_TOUCHPOINT = "it is no touchpoint"
TOO_FEW_RANKS = "fewer than three touchpoints can be ranked"
ALL_EQUAL = "all touchpoints have the same share"
LEAST_RANKS = 3


class Truth(NamedTuple):
    """What a touchpoint truly adds, in purchases and as shares of what each adds."""

    touchpoint: str
    purchases: Estimate
    share: Estimate | Undefined  # of purchases
    margin_share: Estimate | Undefined


class CreditCompared(NamedTuple):
    """What a model says of a touchpoint, or of `(direct)`, beside what is true."""

    model: str
    touchpoint: str
    credit: Figure  # purchases of the whole population
    share_of_all: Figure
    share: Figure
    true_share: Figure
    factor: Figure
    factor_low: Figure
    factor_high: Figure


class Judged(NamedTuple):
    """How near to the truth a model comes."""

    model: str
    rank_correlation: Figure
    touchpoints: int  # that it is over
    rank_correlation_tracked: Figure
    tracked: int
    mean_error: Figure
    misplaced: Figure
    direct: Figure  # share of all purchases


def truths(
    purchases: Mapping[str, Sequence[Effect]], margin: Mapping[str, Sequence[Effect]]
) -> list[Truth]:
    """The truth of each touchpoint, from what it adds in each seed, by name.

    One of which nothing was seen counts as adding nothing: models are judged by it, but its share
    is not told (`sim.measures.incrementality.seen`).
    """
    shares, margin_shares = _true_shares(purchases), _true_shares(margin)
    return [
        Truth(name, interval(found), shares[name], margin_shares[name])
        for name, found in purchases.items()
    ]


def _true_shares(found: Mapping[str, Sequence[Effect]]) -> dict[str, Estimate | Undefined]:
    wholes = [
        math.fsum(one.value for one in of_seed) for of_seed in zip(*found.values(), strict=True)
    ]
    shares: dict[str, Estimate | Undefined] = {}
    for name, parts in found.items():
        share = ratio_interval(parts, wholes)
        shares[name] = Undefined(ADDS_NOTHING) if share is None else share
    return shares


def compared(true: Sequence[Truth], credits: Iterable[CreditRow]) -> list[CreditCompared]:
    """Every model's credit beside the truth, by model: the touchpoints of `true`, then direct."""
    by_model: dict[str, dict[str, CreditRow]] = {}
    for row in credits:
        by_model.setdefault(row.model, {})[row.touchpoint] = row
    lines = []
    for model, rows in by_model.items():
        whole = _total([rows[one.touchpoint].share for one in true])
        for one in true:
            row = rows[one.touchpoint]
            lines.append(
                CreditCompared(
                    model,
                    one.touchpoint,
                    row.credit,
                    row.share,
                    _part(row.share, whole),
                    one.share if isinstance(one.share, Undefined) else one.share.value,
                    *_factor(row.credit, one.purchases),
                )
            )
        lost, none = rows[DIRECT], Undefined(NOT_A_TOUCHPOINT)
        lines.append(
            CreditCompared(model, DIRECT, lost.credit, lost.share, none, none, none, none, none)
        )
    return lines


def judged(lines: Iterable[CreditCompared], tracked: Collection[str]) -> list[Judged]:
    """How near each model comes. `lines`: of `compared`; `tracked`: those that leave a trail."""
    by_model: dict[str, list[CreditCompared]] = {}
    for line in lines:
        by_model.setdefault(line.model, []).append(line)
    found = []
    for model, rows in by_model.items():
        every = [row for row in rows if row.touchpoint != DIRECT]
        seen = [row for row in every if row.touchpoint in tracked]
        errors = [_apart(row.share, row.true_share) for row in every]
        whole = _total(errors)
        (direct,) = (row.share_of_all for row in rows if row.touchpoint == DIRECT)
        found.append(
            Judged(
                model,
                _rank_correlation(every),
                len(every),
                _rank_correlation(seen),
                len(seen),
                whole if isinstance(whole, Undefined) else whole / len(errors),
                whole if isinstance(whole, Undefined) else whole / 2.0,
                direct,
            )
        )
    return found


def _total(figures: Iterable[Figure]) -> Figure:
    """The sum; where a figure is undefined, that."""
    values = []
    for figure in figures:
        if isinstance(figure, Undefined):
            return figure
        values.append(figure)
    return math.fsum(values)


def _part(share: Figure, whole: Figure) -> Figure:
    if isinstance(share, Undefined) or isinstance(whole, Undefined):
        return share if isinstance(share, Undefined) else whole
    return share / whole if whole > 0.0 else Undefined(NO_CREDIT)


def _apart(share: Figure, true_share: Figure) -> Figure:
    if isinstance(share, Undefined) or isinstance(true_share, Undefined):
        return share if isinstance(share, Undefined) else true_share
    return abs(share - true_share)


def _factor(credit: Figure, truth: Estimate) -> tuple[Figure, Figure, Figure]:
    """Credit / truth and its interval."""
    if isinstance(credit, Undefined):
        return credit, credit, credit
    if truth.low <= 0.0:
        unsure = Undefined(UNSURE_TRUTH)
        return unsure, unsure, unsure
    return credit / truth.value, credit / truth.high, credit / truth.low


def _rank_correlation(rows: Sequence[CreditCompared]) -> Figure:
    """Spearman's, of the shares of a model and the true ones."""
    if len(rows) < LEAST_RANKS:
        return Undefined(TOO_FEW_RANKS)
    shares: list[float] = []
    true_shares: list[float] = []
    for row in rows:
        if isinstance(row.share, Undefined) or isinstance(row.true_share, Undefined):
            return row.share if isinstance(row.share, Undefined) else row.true_share
        shares.append(row.share)
        true_shares.append(row.true_share)
    if len(set(shares)) == 1 or len(set(true_shares)) == 1:
        return Undefined(ALL_EQUAL)
    from scipy.stats import spearmanr

    return float(spearmanr(shares, true_shares).statistic)
