"""A study that measures the best split of a budget, in the market of two posters."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from sim.questions.levers.market import market_plan, market_run
from sim.questions.levers.study_file import parse_study
from sim.runs.many import Runner
from sim.runs.plan import Plan
from sim.runs.sweep import sweep
from sim.scenario.dump import dump_scenario
from worlds.two_posters import KEEPS, two_posters

STUDY = """\
name: tiny
scenario: posters.yaml
vary:
  touchpoints.one.budget_per_day: [500, 700]
  offers.offer.unit_cost: [40, 70]
measure: [best_split.share_keeping, "best_split.share.*", best_split.gain, best_split.slope]
"""
WITH_PROFIT = STUDY.replace("slope]", "slope, economics.profit]") + "replicates: 2\n"


def write_posters(folder: Path) -> Path:
    """Write the market, in which west's poster keeps customers."""
    (folder / "posters.yaml").write_text(dump_scenario(two_posters(agents=300, **KEEPS)))
    return folder


def plan_of(folder: Path, text: str) -> Plan:
    """The plan of a study file in the folder."""
    return market_plan(*parse_study(text, "tiny.yaml", folder))


def made(
    folder: Path,
    text: str,
    runner: Runner,
    place: Path,
    resume: bool = False,
    progress: Callable[[str, int, int], None] = lambda what, done, of: None,
) -> pd.DataFrame:
    """The table of a study file in the folder, made at `place`."""
    study, scenario = parse_study(text, "tiny.yaml", folder)
    plan = market_plan(study, scenario)
    work = market_run(plan, scenario)
    return sweep(plan, work, runner, place=place, resume=resume, progress=progress)
