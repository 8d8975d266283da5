"""The report of a study: what varied, its drawings, its rows, and how to do it again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from sim.pages.blocks import Column, Figures, Page, Section, Table, table
from sim.pages.charts.drawing import Drawing
from sim.pages.charts.sweep_figures import draw
from sim.pages.folder import add_pages
from sim.pages.parts import guarded, reproduce_section
from sim.pages.render import render
from sim.pages.sensitivity_page import sensitivity_sections
from sim.pages.words import names, numbers
from sim.pages.words.language import own_words, say, say_number
from sim.pages.words.studies import Words, lever_value
from sim.questions.budget.best_split import GAIN, SLOPE, is_of_split, parts_of, split_request
from sim.questions.levers.market import STUDY_FILE, MarketPlan, base_of
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
from sim.runs.dataset import RUNS, STUDY, table_bytes
from sim.scenario.schema import Scenario

REPORT = "report.html"
MOST_ROWS = 24  # in the page; the file has all
MOST_MEASURES = 4  # columns of the page's table
DRAWN = (Method.LATIN_HYPERCUBE, Method.SOBOL, Method.MORRIS)


def write_page(
    place: Path, study: Study, scenario: Scenario, plan: MarketPlan, table: pd.DataFrame
) -> Path:
    """Write the report of a finished study into its folder; returns its path.

    Of a design that tells sensitivities, also their table (`sim.questions.levers.sensitivity`).
    """
    analysed = analyse(study.design, plan, table)
    if analysed is not None:
        content = table_bytes(sensitivity_table(analysed))
        add_pages(place, lambda: {SENSITIVITY: content}, STUDY)

    def page() -> dict[str, bytes]:
        return {REPORT: make_page(study, scenario, plan, table, analysed).encode()}

    add_pages(place, page, STUDY)
    return place / REPORT


def make_page(
    study: Study,
    scenario: Scenario,
    plan: MarketPlan,
    table: pd.DataFrame,
    analysed: Sensitivity | None = None,
) -> str:
    """The report as one HTML page, in the language of the surrounding `speaking`."""
    sweep = Sweep(table, study.design.method in DRAWN, base_of(study, scenario))
    words = Words(scenario, plan.split.goal) if plan.split is not None else Words(scenario)
    sections = [
        *guarded("varied", _varied, study, scenario, words),
        *guarded("best-split", _best_split, plan, words),
        *guarded("sensitivity", _sensitivity, analysed, words),
        *guarded("responses", _drawings, study, plan, sweep, words),
        *guarded("rows", _rows, plan, table, words),
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
        "{runs} runs of the scenario “{scenario}”: {rows} rows of levers, {replicates} for each;"
        " {agents} simulated customers over {length}.",
        runs=numbers.exact(int(table["run"].nunique())),
        scenario=names.title(scenario),
        rows=numbers.exact(plan.design.size),
        replicates=say_number(
            "1 seed", "{number} seeds", len(plan.seeds), number=numbers.exact(len(plan.seeds))
        ),
        agents=numbers.exact(scenario.agents),
        length=numbers.length(scenario.days),
    )


def _method(method: Method) -> str:
    words = {
        Method.GRID: say("A grid: every combination of the values."),
        Method.ONE_AT_A_TIME: say("One lever at a time; the others stay as in the scenario."),
        Method.LATIN_HYPERCUBE: say("A Latin hypercube: rows drawn evenly over all ranges."),
        Method.SOBOL: say("A Sobol sample, for indices of sensitivity."),
        Method.MORRIS: say("Morris trajectories: one lever moves from row to row."),
    }
    return words[method]


def _varied(study: Study, scenario: Scenario, words: Words) -> Section:
    base = base_of(study, scenario, always=True) or {}
    rows = [
        [words.lever(lever), lever, lever_value(base.get(lever)), _given(given)]
        for lever, given in study.vary.items()
    ]
    head = [say("Lever"), say("Path"), say("In the scenario"), say("Values")]
    varied = Table(say("The levers and their values"), head, rows, words=head[1:])
    return Section("varied", say("What varied"), [_method(study.design.method), varied])


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
        say(
            "Each run looked for the split of {total} that makes {goal} as large as can be, over"
            " {parts}: for every row and seed anew, with at most {evaluations} plans, all with the"
            " seed of the run.",
            total=_total(asked, words),
            goal=_goal(asked.goal),
            parts=_parts(asked, len(parts_of(words.scenario, asked))),
            evaluations=numbers.exact(request.evaluations),
        )
    ]
    if asked.from_day:
        text.append(
            say(
                "The plan begins after {days} with today's budgets.",
                days=numbers.in_days(asked.from_day),
            )
        )
    measured = [key for key in plan.measures if is_of_split(key)]
    if len(measured) > sum(key in (GAIN, SLOPE) for key in measured):
        text.append(
            say(
                "Near its best a split may change a good deal and the goal hardly at all: luck"
                " moves the best split more than what it earns. Replicates tell how much."
            )
        )
    if GAIN in measured:
        text.append(
            say(
                "The gain is over today's split of the same total. It is a little too large, as it"
                " was found on the seed that the plan was chosen on; journeysim optimise tries"
                " plans on fresh seeds."
            )
        )
    if SLOPE in measured:
        text.append(_slope(asked.goal))
    return [Section("best-split", say("How the best split was found"), text)]


def _total(asked: OptimisePart, words: Words) -> str:
    if asked.budget is None:
        return say("what is spent today")
    return numbers.money(asked.budget, words.scenario.currency)


def _goal(goal: Goal) -> str:
    return {
        Goal.PROFIT: say("profit"),
        Goal.NEW_CUSTOMERS: say("the number of new customers"),
        Goal.CUSTOMER_VALUE: say("profit and the worth of the customers at the end"),
    }[goal]


def _parts(asked: OptimisePart, count: int) -> str:
    if asked.by == By.TOUCHPOINT:
        return say("{count} touchpoints", count=numbers.exact(count))
    return say("winning and keeping customers, either as it is split today")


def _slope(goal: Goal) -> str:
    if goal == Goal.NEW_CUSTOMERS:
        return say("The return of the next krone is the new customers for one more of the total.")
    return say(
        "The return of the next krone is what one more of the total would add to the goal, its own"
        " cost taken off: below 0, spending less would earn more."
    )


# --- drawings and rows ---


def _drawings(study: Study, plan: MarketPlan, sweep: Sweep, words: Words) -> list[Section]:
    asked = [
        one.model_copy(update={"measure": measure})
        for one in study.draw or default_drawings(study, plan)
        for measure in plan.measures
        if measure == one.measure or _fits(one.measure, measure)
    ]
    made: dict[DrawingKind, list[Drawing]] = {}
    for number, one in enumerate(asked, 1):
        made.setdefault(one.kind, []).append(draw(one, number, sweep, words))
    found = []
    if DrawingKind.HEAT_MAP in made:
        text = say("Each cell is a mean over all runs with these two values. A dash: no figure.")
        drawings = Figures(made[DrawingKind.HEAT_MAP])
        found.append(Section("heat-maps", say("Two levers together"), [text, drawings]))
    if DrawingKind.RESPONSE in made:
        band, drawings = _band(sweep, len(plan.seeds)), Figures(made[DrawingKind.RESPONSE])
        found.append(Section("responses", say("What each lever does"), [band, drawings]))
    return found


def _fits(pattern: str, key: str) -> bool:
    """Whether a key is one of those that a pattern with a star means."""
    from fnmatch import fnmatchcase

    return "*" in pattern and fnmatchcase(key, pattern)


def _band(sweep: Sweep, replicates: int) -> str:
    if sweep.drawn:
        return say(
            "Lines are means over all runs at a value (or, of many values, in equal groups)."
            " Bands hold the mean with 95 % confidence, over the draw of the other levers and luck."
        )
    if replicates > 1:
        return say(
            "Lines are means over all runs at a value. Bands hold the mean with 95 % confidence,"
            " from {replicates} seeds; all values share the same luck, so differences between"
            " them are surer than the bands.",
            replicates=replicates,
        )
    return say(
        "Lines are means over all runs at a value. One seed shows one outcome of luck, without"
        " bands; replicates in the study file tell how sure a figure is."
    )


def _rows(plan: MarketPlan, runs: pd.DataFrame, words: Words) -> Section:
    measures = list(plan.measures)[:MOST_MEASURES]
    means = (
        runs.groupby("row")[measures].mean().where(~runs.groupby("row")[measures].agg(_any_none))
    )
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
    columns = [Column(say("Row")), *(Column(words.lever(lever)) for lever in plan.columns)]
    columns += [
        Column(
            words.measure_and_unit(key), numbers.percent if words.is_share(key) else numbers.rough
        )
        for key in measures
    ]
    text = say(
        "Means over the replicates of each row. All runs, with all measures, are in {file}.",
        file=RUNS,
    )
    warning = say(
        "Only the {count} rows with the most {measure} are shown. The best of many rows is partly"
        " the luckiest: try it again with other seeds before you believe it.",
        count=MOST_ROWS,
        measure=words.measure(measures[0]),
    )
    shown = table(say("Rows of the study"), columns, rows)
    return Section("rows", say("Rows"), [text, *([warning] if many else []), shown])


def _any_none(values: pd.Series) -> bool:
    return bool(values.isna().any())


def _reproduce(study: Study, plan: MarketPlan) -> Section:
    text = say(
        "The folder of this report holds the study (study.yaml), the complete scenario"
        " (scenario.yaml) and the table of all runs (runs.parquet). In it, this command"
        " makes the same table again, on any number of workers:"
    )
    facts = {
        say("Model"): say("hash of its source code {hash}", hash=plan.about["source"]),
        say("Versions"): f"journeysim {plan.about['version']}",
        say("Seeds"): _seeds(plan.seeds),
    }
    return reproduce_section(text, f"journeysim experiment {STUDY_FILE} --out again", facts)


def _seeds(seeds: Sequence[int]) -> str:
    return f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]}–{seeds[-1]}"
