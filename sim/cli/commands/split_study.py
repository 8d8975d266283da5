"""What `journeysim experiment` does with a study that has a `kind`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sim.cli.commands.common import kept_runs, print_object
from sim.disk import write_text
from sim.folders import RESULTS, put_folder, writing
from sim.pages.folder import SUMMARY, add_pages, summary_text
from sim.pages.split_page import belief_page, frontier_page
from sim.pages.words import numbers
from sim.pages.words.language import check_language, speaking
from sim.questions.budget.belief import BELIEVES, BeliefFound, belief
from sim.questions.budget.optimise import Optimised, optimise
from sim.questions.budget.request import Request, check_request
from sim.questions.budget.split_file import LoadedSplit, load_split_study
from sim.questions.budget.split_study import SplitStudy
from sim.questions.budget.tables import gain_cells, summary
from sim.questions.budget.trials import PROFIT
from sim.runs.progress import progress_bar
from sim.runs.room import check_pairs
from sim.runs.run import SCENARIO, make_manifest
from sim.runs.store import asked_for
from sim.scenario.dump import dump_data, dump_scenario
from sim.scenario.schema import Scenario

REPORT = "report.html"
STUDY_FILE, BELIEVED = "study.yaml", "believed.yaml"


def split_study_command(
    file: str,
    threads: int | None,
    out: Path | None,
    as_json_object: bool,
    quiet: bool,
    language: str,
    resume: bool,
    again: str,
) -> None:
    """Do a study of a split, write its folder and print where it is.

    The folder is `out`, by default `results/` and the name of the study. `again`: what a message
    says to go on with. Raises `JourneysimError` for whatever goes wrong; of the folder nothing is
    left behind then, and finished runs are kept beside it.
    """
    check_language(language)
    loaded = load_split_study(file)
    study = loaded.study
    request = Request(
        total=study.budget, replicates=study.replicates, evaluations=study.evaluations
    )
    check_request(loaded.scenario, request)
    place = RESULTS / study.name if out is None else out
    made: BeliefFound | Optimised

    def page() -> str:
        command = f"journeysim experiment {STUDY_FILE} --out again"
        if isinstance(made, BeliefFound):
            return belief_page(study, made, command)
        return frontier_page(study, made, command)

    scenarios = [one for one in (loaded.scenario, loaded.believed) if one is not None]
    check_pairs(scenarios, threads, "fewer agents or days in the study, or --workers, need less")
    asked = asked_for(study.kind.value, scenarios, vars(request))
    with kept_runs(place, asked, resume, again) as finished:
        with progress_bar(quiet or as_json_object) as show:
            if loaded.believed is not None:
                made = belief(loaded.scenario, loaded.believed, request, threads, show, finished)
                found, texts = belief_summary(made), _belief_text(made)
            else:
                made = optimise(loaded.scenario, request, threads, show, finished)
                found, texts = summary(made), _frontier_text(made)
        with speaking(language):
            _write(loaded, made.runs, made.seconds, found, page, place)
    if as_json_object:
        about = {"study": study.name, "folder": str(place), "report": str(place / REPORT)}
        print_object({**about, **found})
        return
    if not quiet:
        print("\n".join([study.title or study.name, *texts]), end="\n\n")
    print(place / REPORT)


def belief_summary(made: BeliefFound) -> dict[str, Any]:
    """Everything that was found, as plain values; it holds no clock."""
    return {
        "scenario": made.scenario.name,
        "believed": made.believed.name,
        "currency": made.scenario.currency,
        "budget": made.total,
        "days": made.scenario.days,
        "agents": made.scenario.agents,
        "population": made.scenario.population,
        "seeds": {"search": [made.search_seed], "fresh": list(made.fresh_seeds)},
        "runs": made.runs,
        "customer_worth": made.worth,
        "parting_month": made.parting_month,
        "plans": {
            plan.name: {
                "spent": dict(plan.spent),
                "share_keeping": plan.share_kept,
                "gain": gain_cells(plan.gain),
                "regret": gain_cells(plan.regret),
                "regret_so_far": [list(one) for one in plan.regret_so_far],
            }
            for plan in made.plans
        },
    }


def _write(
    loaded: LoadedSplit,
    runs: int,
    seconds: float,
    found: dict[str, Any],
    page: Callable[[], str],
    place: Path,
) -> None:
    def fill(folder: Path) -> dict[str, Any]:
        texts = {
            STUDY_FILE: dump_split_study(loaded.study),
            SCENARIO: dump_scenario(loaded.scenario),
            SUMMARY: summary_text(found),
        }
        if loaded.believed is not None:
            texts[BELIEVED] = dump_scenario(loaded.believed)
        for name, text in texts.items():
            write_text(folder / name, text)
        return {
            "study": loaded.study.name,
            "runs": runs,
            "seconds": seconds,
            **_market(loaded.scenario, seconds),
        }

    with writing(place):
        put_folder(place, fill)
        add_pages(place, lambda: {REPORT: page().encode()})


def _market(scenario: Scenario, seconds: float) -> dict[str, Any]:
    manifest = make_manifest(scenario, "fast", 1, seconds).as_dict()
    market = {k: manifest[k] for k in ("scenario", "scenario_hash", "source_hash")}
    return {"market": market, "versions": manifest["versions"]}


def dump_split_study(study: SplitStudy) -> str:
    """The study as YAML that means the same beside its complete scenarios."""
    data = study.model_dump(mode="json", exclude_unset=True) | {"scenario": SCENARIO}
    data.pop("set", None)  # the scenario has it all
    if study.believed:
        data["believed"] = BELIEVED
    return dump_data(data)


def _belief_text(made: BeliefFound) -> list[str]:
    regret = made.plan(BELIEVES).regret.of(PROFIT)
    cells = [numbers.money(value, made.scenario.currency) for value in regret]
    parts = (
        "the plans do not part"
        if made.parting_month is None
        else f"the plans part in month {made.parting_month}"
    )
    return [
        f"Regret of the plan made in the belief of {made.believed.name}: {cells[0]},"
        f" 95 % interval {cells[1]} to {cells[2]}; {parts}."
    ]


def _frontier_text(made: Optimised) -> list[str]:
    lines = [f"share on keeping: {PROFIT} against today's plan, {made.scenario.currency}"]
    for share, plan in zip(made.shares, made.frontier, strict=True):
        gain = plan.gain.of(PROFIT)
        lines.append(
            f"{share:>6.0%}  {numbers.whole(gain.value):>12}"
            f"  ({numbers.whole(gain.low)} to {numbers.whole(gain.high)})"
        )
    return lines
