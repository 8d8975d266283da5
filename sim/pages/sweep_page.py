"""The report of a study: what varied, its drawings, its rows, and how to do it again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from sim.pages.best_split import split_section
from sim.pages.charts.drawing import Drawing
from sim.pages.charts.render import drawn
from sim.pages.charts.responses import sweep_chart
from sim.pages.folder import add_pages
from sim.pages.pages import render
from sim.pages.sections import Section, Table, guarded
from sim.pages.sensitivity_page import sensitivity_sections
from sim.pages.words import names, numbers
from sim.pages.words.language import language, say, say_number
from sim.pages.words.studies import Words
from sim.questions.levers.market import STUDY_FILE, MarketPlan, base_of
from sim.questions.levers.responses import Sweep
from sim.questions.levers.sensitivity import FILE as SENSITIVITY
from sim.questions.levers.sensitivity import Sensitivity, analyse, sensitivity_table
from sim.questions.levers.study import Draw, DrawingKind, Method, Study
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
    own = study.title_da if language() == "da" else ""
    description = study.description_da if language() == "da" else ""
    return render(
        kind=say("journeysim study"),
        title=own or study.title or numbers.name(study.name),
        description=description or study.description,
        lead=_lead(scenario, plan, table),
        sections=[
            *guarded("varied", _varied, study, scenario, words),
            *guarded("best-split", split_section, plan, words),
            *guarded("sensitivity", _sensitivity, analysed, words),
            *guarded("responses", _drawings, study, plan, sweep, words),
            *guarded("rows", _rows, plan, table, words),
            *guarded("reproduce", _reproduce, study, plan),
        ],
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
    rows = []
    base = base_of(study, scenario, always=True) or {}
    for lever, given in study.vary.items():
        if given.values is not None:
            text = ", ".join(_value(value) for value in given.values)
        elif given.distribution is None:
            low, high = (numbers.short(v) for v in (given.low, given.high) if v is not None)
            text = say("{low} to {high}", low=low, high=high)
        else:
            parts = ("mean", "sd", "low", "mode", "high")
            said = {part: getattr(given, part) for part in parts}
            inner = ", ".join(f"{p} {numbers.short(v)}" for p, v in said.items() if v is not None)
            text = f"{given.distribution.value} ({inner})"
        rows.append([words.lever(lever), lever, _value(base.get(lever)), text])
    head = [say("Lever"), say("Path"), say("In the scenario"), say("Values")]
    return Section(
        "varied",
        say("What varied"),
        [_method(study.design.method)],
        tables=[Table(say("The levers and their values"), head, rows, words=head[1:])],
    )


def _drawings(study: Study, plan: MarketPlan, sweep: Sweep, words: Words) -> list[Section]:
    asked = [
        one.model_copy(update={"measure": measure})
        for one in study.draw or default_drawings(study, plan)
        for measure in plan.measures
        if measure == one.measure or _fits(one.measure, measure)
    ]
    made: dict[DrawingKind, list[Drawing]] = {}
    for number, one in enumerate(asked, 1):
        made.setdefault(one.kind, []).append(drawn(sweep_chart(one, number, sweep, words=words)))
    found = []
    if DrawingKind.HEAT_MAP in made:
        text = say("Each cell is a mean over all runs with these two values. A dash: no figure.")
        found.append(
            Section(
                "heat-maps", say("Two levers together"), [text], drawings=made[DrawingKind.HEAT_MAP]
            )
        )
    if DrawingKind.RESPONSE in made:
        found.append(
            Section(
                "responses",
                say("What each lever does"),
                [_band(sweep, len(plan.seeds))],
                drawings=made[DrawingKind.RESPONSE],
            )
        )
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


def _rows(plan: MarketPlan, table: pd.DataFrame, words: Words) -> Section:
    measures = list(plan.measures)[:MOST_MEASURES]
    means = (
        table.groupby("row")[measures].mean().where(~table.groupby("row")[measures].agg(_any_none))
    )
    many = plan.design.size > MOST_ROWS
    if many:
        means = means.sort_values([measures[0]], ascending=False, kind="stable").head(MOST_ROWS)
    rows = [
        [
            numbers.exact(int(number)),
            *(_value(value) for value in plan.design.row(int(number))),
            *(_cell(value, key, words) for key, value in means.loc[number].items()),
        ]
        for number in means.index
    ]
    head = [say("Row"), *map(words.lever, plan.columns)]
    head += [words.measure_and_unit(key) for key in measures]
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
    caption = say("Rows of the study")
    return Section(
        "rows",
        say("Rows"),
        [text, warning] if many else [text],
        tables=[Table(caption, head, rows)],
    )


def _any_none(values: pd.Series) -> bool:
    return bool(values.isna().any())


def _reproduce(study: Study, plan: MarketPlan) -> Section:
    return Section(
        "reproduce",
        say("How to reproduce this"),
        [
            say(
                "The folder of this report holds the study (study.yaml), the complete scenario"
                " (scenario.yaml) and the table of all runs (runs.parquet). In it, this command"
                " makes the same table again, on any number of workers:"
            )
        ],
        commands=[f"journeysim experiment {STUDY_FILE} --out again"],
        facts={
            say("Model"): say("hash of its source code {hash}", hash=plan.about["source"]),
            say("Versions"): f"journeysim {plan.about['version']}",
            say("Seeds"): _seeds(plan.seeds),
        },
    )


def _seeds(seeds: Sequence[int]) -> str:
    return f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]}–{seeds[-1]}"


def _value(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return numbers.short(float(f"{value:.5g}")) if isinstance(value, int | float) else str(value)


def _cell(value: float, key: str, words: Words) -> str:
    if math.isnan(value):
        return "–"
    return numbers.percent(value) if words.is_share(key) else _figure(value)


def _figure(value: float) -> str:
    return numbers.whole(value) if abs(value) >= 1000.0 else numbers.short(float(f"{value:.3g}"))
