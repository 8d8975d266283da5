"""The report of a finished study made anew from its folder, without a run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from sim.errors import InputError
from sim.folders import open_folder
from sim.locks import at_work
from sim.pages.sweep_page import write_page
from sim.questions.levers.market import STUDY_FILE, market_plan
from sim.questions.levers.study_file import load_study
from sim.runs.dataset import RUNS, STUDY, finished_runs


def remake_study(place: Path) -> Path:
    """Write the report (and the sensitivity) of a finished study anew; returns its path.

    In the language of the surrounding `speaking`. Raises `InputError` if the folder holds no
    finished study, or its table is not that of its study file.
    """
    with at_work(place):
        folder = open_folder(place, STUDY)
        if RUNS not in folder.names or not (place / RUNS).exists():
            raise InputError(
                f"{place} holds a study that is not finished; go on with its journeysim experiment"
                " and --resume."
            )
        folder.check()
        study, scenario = load_study(place / STUDY_FILE)
        plan = market_plan(study, scenario)
        about = folder.said.get("about")
        if not isinstance(about, dict) or about.keys() != plan.about.keys():
            raise folder.damage(STUDY, "it does not say what made the runs")
        # what made the runs, not what is installed now
        plan = replace(plan, about={key: str(value) for key, value in about.items()})
        table = finished_runs(folder, plan)
        return write_page(place, study, scenario, plan=plan, table=table.to_pandas())
