"""What more touchpoints cost when they bring no more encounters."""

import json
from functools import partial
from statistics import median
from typing import Any

from benchmarks.common import Figure, cpu_seconds, in_turns, market
from sim.engine.day import run_fast
from sim.model.columns import Touch
from sim.records.recorder import Records
from sim.scenario.rules import cross_check
from sim.scenario.schema import Scenario

COUNTS = {56: 1.1, 250: 1.6}  # touchpoints, and what they may cost beside those of the file
SAME = 0.05  # how far encounters may differ, as a share: copies of a letter end permissions too


def split(scenario: Scenario, count: int) -> Scenario:
    """The same market with `count` touchpoints: each in copies that share what it has.

    A budget, a daily cost and, where no budget decides, the reach are divided among the copies:
    a customer meets a touchpoint once a day at most, so encounters add up as chances do. With a
    push budget the reach is a weight, which all copies keep. Raises ValueError if a rule of
    scenarios is broken.
    """
    data: dict[str, Any] = scenario.model_dump(mode="json")
    touchpoints = data["touchpoints"]
    copies, more = divmod(count, len(touchpoints))
    data["touchpoints"] = {}
    names: dict[str, list[str]] = {}
    for place, (name, touchpoint) in enumerate(touchpoints.items()):
        parts = copies + (place < more)
        names[name] = [f"{name}_{part}" for part in range(parts)]
        data["touchpoints"].update(dict.fromkeys(names[name], _share(touchpoint, parts)))
    for segment in data["segments"].values():
        segment["affinities"] = {
            each: factor for name, factor in segment["affinities"].items() for each in names[name]
        }
    made = Scenario.model_validate_json(json.dumps(data))
    findings = cross_check(made)
    if findings:
        raise ValueError(f"{count} touchpoints: {findings}")
    return made


def _share(touchpoint: dict[str, Any], parts: int) -> dict[str, Any]:
    """One of so many equal parts of a touchpoint, as a scenario file has it."""
    budget = touchpoint["budget_per_day"]
    weights = budget is not None and touchpoint["starts"] == "push"
    reach = touchpoint["reach"]
    cost = touchpoint["cost"]
    return {
        **touchpoint,
        "budget_per_day": None if budget is None else budget / parts,
        "reach": reach if weights else {phase: part / parts for phase, part in reach.items()},
        "cost": {**cost, "per_day": cost["per_day"] / parts},
    }


def encounters(records: Records) -> int:
    """Encounters of all customers with all touchpoints in a run."""
    return int(records.touch[..., Touch.ENCOUNTERS].sum())


def touchpoints(quick: bool) -> list[Figure]:
    """56 and 250 touchpoints beside the 22 of the file. Stops if encounters are not the same."""
    agents, days, times = (20_000, 60, 3) if quick else (100_000, 180, 5)
    base = market(agents, days)
    own = len(base.touchpoints)
    markets = {own: base, **{count: split(base, count) for count in COUNTS}}
    met = {count: encounters(run_fast(each, threads=1)) for count, each in markets.items()}
    works = [partial(cpu_seconds, partial(run_fast, each, threads=1)) for each in markets.values()]
    taken = dict(zip(markets, in_turns(works, times), strict=True))
    figures = list[Figure]()
    for count, goal in COUNTS.items():
        same = met[count] / met[own]
        figures.append(Figure(f"encounters with {count} touchpoints / with {own}", same, "ratio"))
        if abs(same - 1.0) > SAME:
            raise SystemExit(
                f"encounters with {count} touchpoints are not those with {own}: {same}"
            )
        cost = median(a / b for a, b in zip(taken[count], taken[own], strict=True))
        where = f"{agents:,} customers x {days} days"
        figures.append(
            Figure(f"run with {count} touchpoints / with {own}, {where}", cost, "ratio", goal)
        )
    return figures
