"""The report of a finished study made anew from its folder, without a run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sim.errors import InputError
from sim.report.sweep_page import write_page
from sim.studies.dataset import RUNS, read_runs, read_study, schema_of
from sim.studies.market import STUDY_FILE, market_plan
from sim.studies.study_file import load_study


def remake_study(folder: Path) -> Path:
    """Write the report (and the sensitivity) of a finished study anew; returns its path.

    In the language of the surrounding `speaking`. Raises `InputError` if the folder holds no
    finished study, or its table is not that of its study file.
    """
    about = read_study(folder)
    if about is None:
        raise InputError(f"{folder} is not the folder of a study.")
    if not (folder / RUNS).is_file():
        raise InputError(
            f"{folder} holds a study that is not finished; go on with its journeysim experiment"
            " and --resume."
        )
    study, scenario = load_study(folder / STUDY_FILE)
    # what made the runs, not what is installed now
    plan = replace(market_plan(study, scenario), about=about["about"])
    table = read_runs(folder)
    if table.schema.names != schema_of(plan).names or len(table) != (
        plan.design.size * len(plan.seeds)
    ):
        raise InputError(f"{folder / RUNS} is not the table of {folder / STUDY_FILE}.")
    return write_page(folder, study, scenario, plan, table.to_pandas())
