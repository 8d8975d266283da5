"""The report of a study: what varied, its drawings, its rows, and how to do it again.

That of a finished study is made anew from its folder, without a run.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from sim.errors import InputError
from sim.folders import open_folder
from sim.locks import at_work
from sim.pages.blocks import Block, Figures, Page, Section, TableBlock, TableColumn, table
from sim.pages.charts.drawing import Drawing
from sim.pages.charts.render import drawn
from sim.pages.charts.responses import sweep_chart
from sim.pages.folder import add_pages
from sim.pages.parts import guarded, reproduce_section
from sim.pages.render import render
from sim.pages.sensitivity_page import sensitivity_answer, sensitivity_sections
from sim.pages.words import names, numbers
from sim.pages.words.language import own_words, prose, say, say_number
from sim.pages.words.studies import Words, lever_value
from sim.questions.budget.best_split import GAIN, SLOPE, is_of_split, parts_of, split_request
from sim.questions.levers.market import MarketPlan, base_of, market_plan
from sim.questions.levers.responses import Sweep
from sim.questions.levers.sensitivity import FILE as SENSITIVITY
from sim.questions.levers.sensitivity import Sensitivity, analyse, sensitivity_table
from sim.questions.levers.study import (
    By,
    Draw,
    DrawingKind,
    Goal,
    Method,
    OptimisePart,
    Range,
    Study,
)
from sim.questions.levers.study_file import STUDY_FILE, load_study
from sim.runs.dataset import RUNS, finished_runs, table_bytes
from sim.runs.unfinished import STUDY
from sim.scenario.schema import Scenario

REPORT = "report.html"
MOST_ROWS = 24  # in the page; the file has all
MOST_MEASURES = 4  # columns of the page's table
DRAWN = (Method.LATIN_HYPERCUBE, Method.SOBOL, Method.MORRIS)


def write_page(
    place: Path, study: Study, scenario: Scenario, *, plan: MarketPlan, table: pd.DataFrame
) -> Path:
    """Write the report of a finished study into its folder; returns its path.

    Of a design that tells sensitivities, also their table (`sim.questions.levers.sensitivity`).
    """
    analysed = analyse(study.design, plan, table)
    if analysed is not None:
        content = table_bytes(sensitivity_table(analysed))
        add_pages(place, lambda: {SENSITIVITY: content}, STUDY)

    def page() -> dict[str, bytes]:
        return {REPORT: make_page(study, scenario, plan, table=table, analysed=analysed).encode()}

    add_pages(place, page, STUDY)
    return place / REPORT


def make_page(
    study: Study,
    scenario: Scenario,
    plan: MarketPlan,
    *,
    table: pd.DataFrame,
    analysed: Sensitivity | None = None,
) -> str:
    """The report as one HTML page, in the language of the surrounding `speaking`."""
    sweep = Sweep(table, study.design.method in DRAWN, base_of(study, scenario))
    words = _words(scenario, plan)
    sections = [
        *guarded("varied", _varied, study, scenario, words),
        *guarded("best-split", _best_split, plan, words),
        *guarded("sensitivity", _sensitivity, analysed, words),
        *guarded("responses", _responses, _asked(study, plan), sweep, words),
        *guarded("rows", _rows, plan, table, words, answer=analysed is None),
        *guarded("reproduce", _reproduce, study, plan),
    ]
    return render(
        Page(
            say("journeysim study"),
            own_words(study, "title") or numbers.name(study.name),
            _lead(scenario, plan, table),
            sections,
            own_words(study, "description"),
        )
    )


def study_answer(
    study: Study, scenario: Scenario, plan: MarketPlan, *, table: pd.DataFrame
) -> list[str]:
    """What a terminal says came out: what drives the measures, or where the first is highest."""
    words = _words(scenario, plan)
    analysed = analyse(study.design, plan, table)
    if analysed is None:
        return _highest(plan, table, words)
    return [f"{one.about}: {one.text}" for one in sensitivity_answer(analysed, words)]


def _words(scenario: Scenario, plan: MarketPlan) -> Words:
    return Words(scenario, plan.split.goal) if plan.split is not None else Words(scenario)


def _sensitivity(analysed: Sensitivity | None, words: Words) -> list[Section]:
    return [] if analysed is None else sensitivity_sections(analysed, words)


def default_drawings(study: Study, plan: MarketPlan) -> list[Draw]:
    """What is drawn if the file does not say: each lever's effect on the first measure.

    With two levers on a grid a heat map comes first.
    """
    first, levers = plan.measures[0], list(plan.columns)
    found = [Draw(measure=first, x=lever) for lever in levers]
    if len(levers) == 2 and study.design.method == Method.GRID:
        x, y = levers
        found.insert(0, Draw(kind=DrawingKind.HEAT_MAP, measure=first, x=x, y=y))
    return found


def _lead(scenario: Scenario, plan: MarketPlan, table: pd.DataFrame) -> str:
    return say(
        "{runs} of the scenario “{scenario}”: {rows}, {replicates} for each; {agents} over"
        " {length}.",
        runs=numbers.runs(int(table["run"].nunique())),
        scenario=names.title(scenario),
        rows=say_number(
            "1 design point",
            "{number} design points",
            plan.design.size,
            number=numbers.exact(plan.design.size),
        ),
        replicates=numbers.seeds(len(plan.seeds)),
        agents=numbers.simulated_customers(scenario.agents),
        length=numbers.length(scenario.days),
    )


def _method(method: Method) -> str:
    words = {
        Method.GRID: prose("study.grid"),
        Method.ONE_AT_A_TIME: prose("study.levers_alone"),
        Method.LATIN_HYPERCUBE: prose("study.latin_hypercube"),
        Method.SOBOL: prose("study.sobol_sample"),
        Method.MORRIS: prose("study.morris_trajectories"),
    }
    return words[method]


def _varied(study: Study, scenario: Scenario, words: Words) -> Section:
    base = base_of(study, scenario, always=True) or {}
    rows = [
        [words.lever(lever), lever, lever_value(base.get(lever)), _given(given)]
        for lever, given in study.vary.items()
    ]
    head = [say("Parameter varied"), say("Path"), say("In the scenario"), say("Values")]
    varied = TableBlock(say("The parameters and their values"), head, rows, words=head[1:])
    return Section("varied", say("Parameters varied"), [_method(study.design.method), varied])


def _given(given: Range) -> str:
    """The values that a lever was given: a list, a range or a distribution."""
    if given.values is not None:
        return ", ".join(lever_value(value) for value in given.values)
    if given.distribution is None and given.low is not None and given.high is not None:
        return numbers.interval(given.low, given.high, numbers.short)
    parts = ("mean", "sd", "low", "mode", "high")
    said = {part: getattr(given, part) for part in parts}
    inner = ", ".join(f"{p} {numbers.short(v)}" for p, v in said.items() if v is not None)
    return f"{given.distribution} ({inner})"


# --- the best split ---


def _best_split(plan: MarketPlan, words: Words) -> list[Section]:
    """How the best splits were looked for, and how to read them; none if none was measured."""
    if plan.split is None:
        return []
    asked = plan.split
    request = split_request(words.scenario, asked)
    text = [
        prose(
            "study.best_split",
            total=_total(asked, words),
            goal=_goal(asked.goal),
            parts=_parts(asked, len(parts_of(words.scenario, asked))),
            evaluations=numbers.exact(request.evaluations),
        )
    ]
    if asked.from_day:
        text.append(
            say(
                "The plan starts after {days}; until then the current budgets apply.",
                days=numbers.in_days(asked.from_day),
            )
        )
    measured = [key for key in plan.measures if is_of_split(key)]
    if len(measured) > sum(key in (GAIN, SLOPE) for key in measured):
        text.append(prose("study.near_the_best"))
    if GAIN in measured:
        text.append(prose("study.gain"))
    if SLOPE in measured:
        text.append(_slope(asked.goal, words.scenario.currency))
    return [Section("best-split", say("How the optimal allocation was found"), text)]


def _total(asked: OptimisePart, words: Words) -> str:
    if asked.budget is None:
        return say("current spend")
    return numbers.money(asked.budget, words.scenario.currency)


def _goal(goal: Goal) -> str:
    return {
        Goal.PROFIT: say("profit"),
        Goal.NEW_CUSTOMERS: say("the number of new customers"),
        Goal.CUSTOMER_VALUE: say("profit plus ending customer equity"),
    }[goal]


def _parts(asked: OptimisePart, count: int) -> str:
    if asked.by == By.TOUCHPOINT:
        return say_number("1 touchpoint", "{count} touchpoints", count, count=numbers.exact(count))
    return say("acquisition and retention, each in its current proportions")


def _slope(goal: Goal, currency: str) -> str:
    if goal == Goal.NEW_CUSTOMERS:
        return prose("study.slope_of_customers", currency=currency)
    return prose("study.slope", currency=currency)


# --- drawings and rows ---


def _asked(study: Study, plan: MarketPlan) -> list[Draw]:
    """The drawings of the study file, or the default ones; one for each measure it means."""
    return [
        one.model_copy(update={"measure": measure})
        for one in study.draw or default_drawings(study, plan)
        for measure in plan.measures
        if measure == one.measure or _fits(one.measure, measure)
    ]


def _responses(asked: Sequence[Draw], sweep: Sweep, words: Words) -> list[Section]:
    """Heat maps of two levers, and what each lever does alone."""
    made: dict[DrawingKind, list[Drawing]] = {}
    for number, one in enumerate(asked, 1):
        made.setdefault(one.kind, []).append(drawn(sweep_chart(one, number, sweep, words=words)))
    found = []
    if DrawingKind.HEAT_MAP in made:
        text = prose("study.heat_maps")
        drawings = Figures(made[DrawingKind.HEAT_MAP])
        found.append(Section("heat-maps", say("Two parameters together"), [text, drawings]))
    if DrawingKind.RESPONSE in made:
        band, drawings = _band(sweep), Figures(made[DrawingKind.RESPONSE])
        found.append(Section("responses", say("Response to each parameter"), [band, drawings]))
    return found


def _fits(pattern: str, key: str) -> bool:
    """Whether a key is one of those that a pattern with a star means."""
    from fnmatch import fnmatchcase

    return "*" in pattern and fnmatchcase(key, pattern)


def _band(sweep: Sweep) -> str:
    if sweep.drawn:
        return prose("study.sampled_lines")
    replicates = int(sweep.table["replicate"].nunique())
    if replicates > 1:
        return prose("study.lines", replicates=numbers.seeds(replicates))
    return prose("study.one_seed")


def _means(measures: list[str], runs: pd.DataFrame) -> pd.DataFrame:
    """The means of each row, none where one of its runs has no figure."""
    rows = runs.groupby("row")[measures]
    return rows.mean().where(~rows.agg(_any_none))


def _highest(plan: MarketPlan, runs: pd.DataFrame, words: Words) -> list[str]:
    """Where the first measure is highest, in a sentence; none if it has no figure anywhere."""
    measure = plan.measures[0]
    means = _means([measure], runs)[measure].dropna().sort_values(ascending=False, kind="stable")
    if means.empty:
        return []
    best = int(means.index[0])
    values = zip(plan.columns, plan.design.row(best), strict=True)
    return [
        say(
            "{measure} is highest, {value} (mean of {replicates}), with: {levers}.",
            measure=words.measure(measure),
            value=words.written(measure, float(means.iloc[0])),
            replicates=numbers.seeds(len(plan.seeds)),
            levers="; ".join(
                f"{words.lever(lever)} {lever_value(value)}" for lever, value in values
            ),
        )
    ]


def _rows(plan: MarketPlan, runs: pd.DataFrame, words: Words, *, answer: bool) -> Section:
    measures = list(plan.measures)[:MOST_MEASURES]
    means = _means(measures, runs)
    many = plan.design.size > MOST_ROWS
    if many:
        means = means.sort_values([measures[0]], ascending=False, kind="stable").head(MOST_ROWS)
    rows: list[list[numbers.Cell]] = [
        [
            numbers.exact(int(number)),
            *map(lever_value, plan.design.row(int(number))),
            *(None if math.isnan(value) else float(value) for value in means.loc[number]),
        ]
        for number in means.index
    ]
    columns = [
        TableColumn(say("Row")),
        *(TableColumn(words.lever(lever)) for lever in plan.columns),
    ]
    columns += [
        TableColumn(
            words.measure_and_unit(key), numbers.percent if words.is_share(key) else numbers.rough
        )
        for key in measures
    ]
    text = prose("study.rows", file=RUNS)
    warning = prose("study.most_rows", count=MOST_ROWS, measure=words.measure(measures[0]))
    shown = table(say("Design points of the study"), columns, rows)
    highest = _highest(plan, runs, words) if answer else []
    blocks: list[Block] = [*highest, text, *([warning] if many else []), shown]
    return Section("rows", say("Design points"), blocks)


def _any_none(values: pd.Series) -> bool:
    return bool(values.isna().any())


def _reproduce(study: Study, plan: MarketPlan) -> Section:
    text = prose("study.reproduce")
    facts = {
        say("Model"): say("hash of its source code {hash}", hash=plan.about["source"]),
        say("Versions"): f"journeysim {plan.about['version']}",
        say("Seeds"): _seeds(plan.seeds),
    }
    return reproduce_section(text, f"journeysim experiment {STUDY_FILE} --out again", facts)


def _seeds(seeds: Sequence[int]) -> str:
    return f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]}–{seeds[-1]}"


# --- made anew from its folder ---


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
