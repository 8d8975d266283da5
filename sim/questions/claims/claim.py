"""What a study file says of a claim: whose it is, what is expected, and what was found.

A claim is *judged* by expectations of figures, each of them known by its 95% interval over seeds:

- `above`, `below`: a figure is larger, or smaller, than a number or another figure. It *holds* if
  the interval of the difference, seed by seed, lies wholly on that side of 0, *does not hold* if
  wholly on the other, and *cannot be told* otherwise;
- `between`: the interval lies within a band; it does not hold if it lies wholly outside;
- `equals`: every seed has the very same number; it does not hold if one has not.

A figure that does not exist in every seed cannot be told. A claim holds if every expectation does,
and does not hold if one does not; otherwise it cannot be told from so many runs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, NamedTuple

from pydantic import Field, StringConstraints

from sim.errors import BrokenRule, MissingField, Problem, UnknownKey, nearest
from sim.measures.intervals import Estimate, around, mean_half, mean_of
from sim.questions.levers.study import MOST_VALUE, StudyFile
from sim.scenario.parts import Name, Part
from sim.scenario.yaml_text import Path

NOTHING = 1e-9  # a difference that is only the rounding of a formula
TO_TRY = 3
Number = Annotated[float, Field(ge=-MOST_VALUE, le=MOST_VALUE)]
Said = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
Side = Number | Name  # of an expectation: a number, or the name of a figure


class Verdict(StrEnum):
    """What the runs say of an expectation, or of a claim."""

    HOLDS = "holds"
    DOES_NOT_HOLD = "does_not_hold"
    CANNOT_BE_TOLD = "cannot_be_told"


# --- what a file says ---


class Expectation(Part):
    """What is expected of a figure: one of `above`, `below`, `between` and `equals`."""

    figure: Name
    above: Side | None = None
    below: Side | None = None
    between: list[Number] | None = Field(default=None, min_length=2, max_length=2)
    equals: Side | None = None

    @property
    def sides(self) -> list[str]:
        """Which of the four are said."""
        every = ("above", "below", "between", "equals")
        return [name for name in every if getattr(self, name) is not None]

    @property
    def others(self) -> list[tuple[str, str]]:
        """The figures that it is held against: side, and name of the figure."""
        return [
            (side, given) for side in self.sides if isinstance(given := getattr(self, side), str)
        ]


class FoundVerdict(Part):
    """What was found, and why: told on the page where the runs say the same."""

    verdict: Verdict = Field(strict=False)
    why: Said
    why_da: Said
    would_change: Said = Field(description="what would change the verdict")
    would_change_da: Said


class Claim(Part):
    """A claim: one sentence, who makes it, how a class comes to it, and how it is judged."""

    says: Said = Field(description="the claim, in a sentence")
    says_da: Said
    source: Said = Field(description="who makes it")
    source_da: Said
    question: Said = Field(description="what a teacher asks before the picture is shown")
    question_da: Said
    notice: Said = Field(description="what to notice in the picture")
    notice_da: Said
    to_try: list[Said] = Field(min_length=TO_TRY, max_length=TO_TRY)
    to_try_da: list[Said] = Field(min_length=TO_TRY, max_length=TO_TRY)
    expect: list[Expectation] = Field(min_length=1, max_length=20)
    found: FoundVerdict


class ClaimedStudy(StudyFile):
    """A study file that may say which claim it is about."""

    claim: Claim | None = None


class BrokenClaim(NamedTuple):
    """What is wrong with a claim, and where in the file it stands."""

    path: Path
    problem: Problem


def broken(claim: Claim, figures: Sequence[str]) -> list[BrokenClaim]:
    """All that is wrong with the expectations of a claim about these figures."""
    problems = []
    for place, one in enumerate(claim.expect):
        at: Path = ("claim", "expect", str(place))
        if len(one.sides) != 1:
            allowed = "one of above, below, between and equals"
            problems.append(BrokenClaim(at, MissingField(allowed=allowed)))
        for field, name in [("figure", one.figure), *one.others]:
            if name not in figures:
                near = nearest(name, figures)
                unknown = UnknownKey(given=name, allowed=", ".join(figures), nearest=near)
                problems.append(BrokenClaim((*at, field), unknown))
        if one.between is not None and one.between[0] >= one.between[1]:
            least = BrokenRule(detail="the first number must be below the second")
            problems.append(BrokenClaim((*at, "between"), least))
    return problems


# --- judging ---

# A figure: by seed; or, where only that is known, with its interval; None: it does not exist.
Known = Sequence[float] | Estimate | None


class Judgement(NamedTuple):
    """An expectation, what came of it, and the figure that decided.

    `by`: for `above`, `below` and `equals` the figure less what it is held against, for `between`
    the figure, with its 95% interval; None if there is none.
    """

    expectation: Expectation
    verdict: Verdict
    by: Estimate | None


def estimate(known: Known) -> Estimate | None:
    """A figure with its 95% interval: the mean over at least two seeds (Student's t)."""
    if known is None or isinstance(known, Estimate):
        return known
    half = mean_half(known)
    return None if half is None else around(mean_of(known), half)


def judge(claim: Claim, figures: Mapping[str, Known]) -> list[Judgement]:
    """What is found of every expectation; `figures`: by name, their seeds paired."""
    return [_judge(one, figures) for one in claim.expect]


def verdict_of(judged: Sequence[Judgement]) -> Verdict:
    """What the expectations say of the claim together."""
    found = {one.verdict for one in judged}
    if Verdict.DOES_NOT_HOLD in found:
        return Verdict.DOES_NOT_HOLD
    return Verdict.CANNOT_BE_TOLD if Verdict.CANNOT_BE_TOLD in found else Verdict.HOLDS


def _judge(one: Expectation, figures: Mapping[str, Known]) -> Judgement:
    own, side = figures[one.figure], one.sides[0]
    against: Any = getattr(one, side)
    if one.between is not None:
        low, high = one.between
    else:
        low, high = (0.0, math.inf) if one.above is not None else (-math.inf, 0.0)
        own = _less(own, figures[against] if isinstance(against, str) else against)
    found = estimate(own)
    if found is None or own is None:
        return Judgement(one, Verdict.CANNOT_BE_TOLD, None)
    if one.equals is not None:
        same = all(abs(each) <= NOTHING for each in own)
        return Judgement(one, Verdict.HOLDS if same else Verdict.DOES_NOT_HOLD, found)
    return Judgement(one, _within(found, low, high), found)


def _less(own: Known, other: Known | float) -> Known:
    """The difference, seed by seed; of figures with intervals only that from a number."""
    if own is None or other is None:
        return None
    if isinstance(own, Estimate):
        if not isinstance(other, float | int):
            return None
        return Estimate(own.value - other, own.low - other, own.high - other)
    if isinstance(other, Estimate):
        return None
    others = [other] * len(own) if isinstance(other, float | int) else other
    return [mine - theirs for mine, theirs in zip(own, others, strict=True)]


def _within(found: Estimate, low: float, high: float) -> Verdict:
    if low < found.low and found.high < high:
        return Verdict.HOLDS
    outside = found.high < low or found.low > high
    return Verdict.DOES_NOT_HOLD if outside else Verdict.CANNOT_BE_TOLD


class FoundClaim(NamedTuple):
    """A claim, and what the runs say of it: `figures` with their 95% intervals, None: none."""

    claim: Claim
    verdict: Verdict
    judged: Sequence[Judgement]
    figures: Mapping[str, Estimate | None]

    @property
    def as_found(self) -> bool:
        """Whether the verdict is the one that the file explains."""
        return self.verdict == self.claim.found.verdict


def found_claim(claim: Claim, figures: Mapping[str, Known]) -> FoundClaim:
    """What is found of a claim; `figures`: by name, their seeds paired."""
    judged = judge(claim, figures)
    estimates = {name: estimate(known) for name, known in figures.items()}
    return FoundClaim(claim, verdict_of(judged), judged, estimates)


# --- as plain values ---


def plain_claim(found: FoundClaim) -> dict[str, Any]:
    """What was found, as plain values, `KEYS`."""
    return {
        "claim": found.claim.says,
        "verdict": found.verdict.value,
        "figures": {name: _plain(one) for name, one in found.figures.items()},
        "expectations": [
            {
                "figure": one.expectation.figure,
                "expected": {
                    side: getattr(one.expectation, side) for side in one.expectation.sides
                },
                "verdict": one.verdict.value,
                "by": _plain(one.by),
            }
            for one in found.judged
        ],
    }


def _plain(one: Estimate | None) -> list[float] | None:
    return None if one is None else list(one)


KEYS: dict[str, str] = {
    "claim": "the claim, in a sentence",
    "verdict": "holds, does_not_hold or cannot_be_told",
    "figures.*": "a figure and its 95% CI: [value, low, high]; null if there is none",
    "expectations.*.figure": "the figure that something is expected of",
    "expectations.*.expected": "above, below, between or equals, and what",
    "expectations.*.verdict": "as of the claim",
    "expectations.*.by": "the figure less what it is held against: [value, low, high]; null: none",
}
