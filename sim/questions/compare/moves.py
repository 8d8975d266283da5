"""The same money, elsewhere: a share of what one touchpoint spends goes to another.

How much each spends today is found by a run of the market as it is (at most `MEASURED` simulated
customers, the same seed); each is then scaled as `sim.questions.scaling` says. What cannot be had
in any amount, such as a desk or word of mouth, gives and takes no money. Nor does a paid search
take more than all who search would click, which one more run shows: it is refused then, as money
that is not spent is not the same money.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sim.engine.day import run_fast
from sim.errors import BadOption, InputError, Problem, nearest
from sim.measures.figure import Undefined
from sim.measures.incrementality import spend_on
from sim.questions.scaling import is_paid_search, scaling
from sim.scenario.levers import from_today, with_settings
from sim.scenario.schema import Scenario

FORM = "FROM:TO=SHARE, such as display:newsletter=20%"
TEXT = re.compile(r"\s*(\w+)\s*:\s*(\w+)\s*=\s*(\d+(?:\.\d*)?|\.\d+)\s*%\s*")
MEASURED = 20_000
LEAST_TAKEN = 0.8  # of what is moved to a paid search; clicks of a small market vary (assumption)


class MoneyMove(NamedTuple):
    """A share (above 0, at most 1) of what `source` spends goes to `target`."""

    source: str
    target: str
    share: float

    @property
    def name(self) -> str:
        """What the variant is called."""
        return f"{self.source} → {self.target} {self.share * 100:g}%"


def read_moves(
    texts: Sequence[str], scenario: Scenario, problems: list[Problem]
) -> Iterator[MoneyMove]:
    """The moves that texts name; what is wrong with one goes to `problems`."""
    names = list(scenario.touchpoints)
    for text in texts:
        read = TEXT.fullmatch(text)
        if read is None or read[1] == read[2] or not 0.0 < float(read[3]) <= 100.0:
            problems.append(BadOption(field="move", given=text, allowed=FORM))
            continue
        unknown = [name for name in read.groups()[:2] if name not in names]
        for name in unknown:
            allowed = f"touchpoints of {scenario.name}"
            near = nearest(name, names)
            problems.append(BadOption(field="move", given=name, allowed=allowed, nearest=near))
        if not unknown:
            yield MoneyMove(read[1], read[2], float(read[3]) / 100.0)


def settings_of(moves: Sequence[MoneyMove], scenario: Scenario) -> list[list[str]]:
    """The settings `PATH=VALUE` that make each move.

    Raises `InputError` if one spends nothing today, or cannot be had in any amount.
    """
    if not moves:
        return []
    size = {"agents": min(scenario.agents, MEASURED), "panel": 0.0}
    few = with_settings(scenario, overrides=size)
    records = run_fast(few)
    found = []
    for one in moves:
        spent = {name: spend_on(records, [name]) for name in one[:2]}
        settings = _settings(one, scenario, spent)
        if is_paid_search(scenario, one.target):
            after = spend_on(run_fast(from_today(few, settings)), [one.target])
            _check_taken(one, after - spent[one.target], one.share * spent[one.source])
        found.append(settings)
    return found


def _check_taken(move: MoneyMove, took: float, given: float) -> None:
    """Raises `InputError` unless a paid search spends what it is given."""
    if took < LEAST_TAKEN * given:
        raise InputError(
            f"--move: {move.target} would spend {max(0.0, took / given):.0%} of what it is given,"
            " because everyone who searches clicks already; move a smaller share."
        )


def _settings(move: MoneyMove, scenario: Scenario, spent: dict[str, float]) -> list[str]:
    for name, amount in spent.items():
        if amount <= 0.0:
            raise InputError(f"--move: {name} spends nothing today, so its spend cannot be scaled.")
    moved = move.share * spent[move.source]
    factors = {move.source: 1.0 - move.share, move.target: 1.0 + moved / spent[move.target]}
    found: list[str] = []
    for name, factor in factors.items():
        scaled = scaling(scenario, name, factor)
        if isinstance(scaled, Undefined):
            raise InputError(f"--move: {name} cannot give or take money: {scaled}.")
        if scaled.clipped:
            raise InputError(
                f"--move: {name} cannot spend this much: it would have to reach more than everyone;"
                " move a smaller share."
            )
        found += [f"{path}={value!r}" for path, value in scaled.levers.items()]
    return found
