"""A check of theory: what a run found, beside what is exactly true, and how far apart they may be.

The tolerance is four standard errors of the estimate (a false alarm in 16,000), more where
many values are compared at once (Bonferroni). A check also says how far a rule that is 2 %
wrong would have moved what was found: it is sharp when such an error would be noticed.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

SIGMAS = 4.0
FALSE_ALARM = float(2.0 * stats.norm.sf(SIGMAS))
ERROR_TO_NOTICE = 0.02  # a rule this much wrong must fail
SAFETY = 2.0  # standard errors beyond the tolerance: noticed with chance .977
FEW = 25.0  # an expected count below it is not compared on its own: the normal law is too coarse


@dataclass(frozen=True)
class Check:
    """One comparison of a run with theory."""

    case: str
    what: str
    found: float
    exact: float
    standard_error: float  # of `found`; 0 where the arithmetic leaves no room for luck
    tolerance: float  # largest |found - exact| that passes
    shift: float  # how far a rule 2 % wrong moves `found`
    note: str = ""

    def __post_init__(self) -> None:
        """Plain numbers, whatever kind of float they were computed in."""
        for field in ("found", "exact", "standard_error", "tolerance", "shift"):
            object.__setattr__(self, field, float(getattr(self, field)))

    @property
    def passed(self) -> bool:
        """The verdict; an undefined `found` fails."""
        return abs(self.found - self.exact) <= self.tolerance

    @property
    def sharp(self) -> bool:
        """Whether a rule 2 % wrong would fail, with chance .977 or more."""
        return self.shift >= self.tolerance + SAFETY * self.standard_error


def near(
    case: str,
    what: str,
    found: float,
    *,
    exact: float,
    standard_error: float,
    shift: float | None = None,
    note: str = "",
) -> Check:
    """`found` lies within four standard errors of `exact`. `shift`: 2 % of it by default."""
    moved = ERROR_TO_NOTICE * abs(exact) if shift is None else shift
    return Check(
        case, what, found, exact, standard_error, SIGMAS * standard_error, abs(moved), note
    )


def exactly(case: str, what: str, found: float, *, exact: float, rounding: float = 0.0) -> Check:
    """`found` equals `exact`, but for `rounding` of stored numbers."""
    return Check(case, what, found, exact, 0.0, rounding, ERROR_TO_NOTICE * max(abs(exact), 1.0))


def near_days(
    case: str,
    what: str,
    daily: ArrayLike,
    *,
    exact: float,
    shift: float | None = None,
    note: str = "",
) -> Check:
    """The mean of independent days, (D,), lies near `exact`; Student's t instead of the normal."""
    values = np.asarray(daily, dtype=np.float64)
    error = float(values.std(ddof=1)) / math.sqrt(len(values))
    sigmas = float(stats.t.isf(FALSE_ALARM / 2.0, len(values) - 1))
    moved = ERROR_TO_NOTICE * abs(exact) if shift is None else shift
    return Check(case, what, float(values.mean()), exact, error, sigmas * error, abs(moved), note)


def all_near(
    case: str,
    what: str,
    found: ArrayLike,
    *,
    exact: ArrayLike,
    standard_error: ArrayLike,
    wrong: Sequence[ArrayLike] = (),
) -> Check:
    """Every element of `found` lies near its exact value: the largest deviation in standard
    errors, against the normal quantile after Bonferroni. `wrong`: what the exact values would
    be under rules 2 % wrong, by default all values 2 % larger; the least noticed one counts.
    """
    f, e, se = (np.ravel(np.asarray(x, dtype=np.float64)) for x in (found, exact, standard_error))
    others = [np.ravel(np.asarray(x, dtype=np.float64)) for x in wrong]
    others = others or [e * (1.0 + ERROR_TO_NOTICE)]
    limit = float(stats.norm.isf(FALSE_ALARM / 2.0 / len(f)))
    shift = min(float(np.max(np.abs(x - e) / se)) for x in others)
    largest = float(np.max(np.abs(f - e) / se))
    note = f"largest of {len(f)} deviations, in standard errors"
    return Check(case, what, largest, 0.0, 1.0, limit, shift, note)


def shares_near(
    case: str,
    what: str,
    counts: ArrayLike,
    *,
    shares: ArrayLike,
    of: float,
    wrong: Sequence[ArrayLike] = (),
) -> Check:
    """Counts of `of` independent customers in states of exact `shares`, state by state (binomial
    standard errors); states where fewer than 25 are expected, or missing, are left out."""
    p = np.ravel(np.asarray(shares, dtype=np.float64))
    found = np.ravel(np.asarray(counts, dtype=np.float64)) / of
    kept = of * np.minimum(p, 1.0 - p) >= FEW
    error = np.sqrt(p * (1.0 - p) / of)
    others = [np.ravel(np.asarray(x, dtype=np.float64))[kept] for x in wrong]
    return all_near(
        case, what, found[kept], exact=p[kept], standard_error=error[kept], wrong=others
    )


def fits(
    case: str,
    what: str,
    counts: ArrayLike,
    *,
    chances: ArrayLike,
    wrong: Sequence[ArrayLike],
    note: str = "chi-square",
) -> Check:
    """Pearson's chi-square of counts (k,) against exact chances (k,), which add up to 1.

    Classes in which fewer than 25 are expected join their neighbour. `wrong`: the chances
    under rules 2 % wrong. Under these chi-square is noncentral, with a larger spread: the
    shift is what is sure of it, so that `sharp` means the same as elsewhere.
    """
    group = _groups(float(np.sum(counts)) * np.asarray(chances, dtype=np.float64))
    n, p, *others = (
        np.bincount(group, weights=np.asarray(x, dtype=np.float64))
        for x in (counts, chances, *wrong)
    )
    total, freedom = float(n.sum()), len(p) - 1
    found = float(((n - total * p) ** 2 / (total * p)).sum())
    limit = float(stats.chi2.isf(FALSE_ALARM, freedom)) - freedom
    excess = min(total * float(((q - p) ** 2 / p).sum()) for q in others)
    error = math.sqrt(2.0 * freedom)
    shift = excess - SAFETY * (math.sqrt(2.0 * freedom + 4.0 * excess) - error)
    return Check(case, what, found, float(freedom), error, limit, max(0.0, shift), note)


def _groups(expected: NDArray[np.float64]) -> NDArray[np.int64]:
    """Number of the group that each class joins: from the left until a group expects enough,
    the rest with the last one."""
    groups = np.zeros(len(expected), dtype=np.int64)
    group, held = 0, 0.0
    for k, value in enumerate(expected):
        groups[k] = group
        held += value
        if held >= FEW and expected[k + 1 :].sum() >= FEW:
            group, held = group + 1, 0.0
    return groups
