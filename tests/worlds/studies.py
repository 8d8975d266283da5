"""Studies small enough for tests: a tiny market, and functions with a known answer."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from sim.questions.levers.design import Spread, make_design
from sim.questions.levers.study import DesignPart, Range
from sim.runs.identity import name_of_values
from sim.runs.plan import Job, Outcome, Plan, Value
from sim.scenario.dump import dump_scenario
from worlds.markets import MARKETS

ISHIGAMI_A, ISHIGAMI_B = 7.0, 0.1
ANGLE = Range(low=-math.pi, high=math.pi)

TINY = """\
name: tiny
scenario: town.yaml
agents: 200
days: 20
replicates: 2
vary:
  touchpoints.search.budget_per_day: {low: 0, high: 80, points: 4}
  offers.basic.price: [280, 300, 340]
measure: [economics.profit, customers.new, economics.cac, touchpoints.*.spend]
"""


def write_tiny(folder: Path, changes: Mapping[str, str] | None = None) -> Path:
    """Write the tiny study (24 runs) and its scenario; returns its file."""
    (folder / "town.yaml").write_text(dump_scenario(MARKETS["town"]))
    text = TINY
    for old, new in (changes or {}).items():
        assert old in text
        text = text.replace(old, new)
    file = folder / "tiny.yaml"
    file.write_text(text)
    return file


def toy_plan(
    design: DesignPart,
    ranges: Mapping[str, Range],
    measures: Sequence[str] = ("y",),
    seeds: Sequence[int] = (1,),
) -> Plan:
    """The plan of a function of named numbers."""
    spreads = {name: Spread(given) for name, given in ranges.items()}

    def identify(values: Mapping[str, Value], seeds: Sequence[int]) -> list[str]:
        return [name_of_values("toy", values, seed) for seed in seeds]

    return Plan(
        name="toy",
        columns=dict.fromkeys(ranges, "number"),
        design=make_design(design, spreads),
        seeds=seeds,
        measures=measures,
        identify=identify,
    )


def ishigami(job: Job) -> Outcome:
    """sin x1 + a sin^2 x2 + b x3^4 sin x1 (Ishigami & Homma 1990)."""
    x1, x2, x3 = (float(value) for value in job.values.values())
    return [math.sin(x1) + ISHIGAMI_A * math.sin(x2) ** 2 + ISHIGAMI_B * x3**4 * math.sin(x1)]


def total(job: Job) -> Outcome:
    """The sum of all values and the seed; no second figure where the sum is odd."""
    found = math.fsum([*(float(v) for v in job.values.values()), job.seed])
    return [found, None if found % 2 else found / 2.0]
