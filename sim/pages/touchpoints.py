"""The page of a study of touchpoints: what each truly adds, alone, at the margin and together."""

from __future__ import annotations

from collections.abc import Sequence

from sim.measures.figure import Figure, Undefined
from sim.measures.incrementality import UNSEEN
from sim.measures.intervals import Estimate, interval
from sim.pages.blocks import Figures, Page, Section, TableBlock, TableColumn, figures, table
from sim.pages.charts.estimates import Whisker
from sim.pages.charts.render import drawn
from sim.pages.charts.responses import touchpoint_curves
from sim.pages.parts import (
    estimates,
    guarded,
    largest_end,
    purpose_group,
    reproduce_section,
)
from sim.pages.render import render
from sim.pages.words import names, numbers
from sim.pages.words.headlines import why_none
from sim.pages.words.language import explain, prose, say
from sim.questions.contrasts import Found
from sim.questions.scaling import Scaling, scaling
from sim.questions.touchpoints.effects import (
    ALL,
    CURVE,
    EVERY,
    KNOCK_OUT,
    PARTS,
    SHAPLEY,
    STEP,
    SYNERGY,
    EffectsStudy,
    independent_factor,
    reached,
)
from sim.questions.touchpoints.tables import estimate, outcome, profit_per_krone, roas
from sim.runs.run import scenario_hash
from sim.scenario.schema import Scenario
from sim.vocabulary import Purpose

Seeds = Sequence[Found]  # one contrast, by seed


def touchpoints_page(made: EffectsStudy, command: str, beside: Sequence[Section] = ()) -> str:
    """The page as HTML, in the language of the surrounding `speaking`; the same study and
    language give the same bytes.

    `command`: what makes it again; `beside`: further sections, such as attribution's.
    """
    scenario = made.scenario
    page = Page(
        say("journeysim touchpoints"),
        names.title(scenario),
        _lead(made),
        [
            *guarded("knock-outs", _knock_outs, made),
            *guarded("steps", _steps, made),
            *guarded("together", _together, made),
            *guarded("shapley", _shapley, made),
            *guarded("curves", _curves, made),
            *beside,
            *guarded("certainty", _certainty, made),
            *guarded("reproduce", _reproduce, made, command),
        ],
        names.description(scenario),
    )
    return render(page)


def _lead(made: EffectsStudy) -> str:
    scenario = made.scenario
    return say(
        "Incremental effect of each touchpoint in a market of {people}, represented by {agents},"
        " over {length}. Effects after the end of that time are not counted.",
        people=numbers.people(scenario.population),
        agents=numbers.simulated_customers(scenario.agents),
        length=numbers.length(scenario.days),
    )


# --- the verdict ---


def verdict(made: EffectsStudy) -> list[str]:
    """What matters most and where more would pay, in sentences, for the page and a terminal."""
    return [*_largest_effect(made), *_best_return(made)]


def _largest_effect(made: EffectsStudy) -> list[str]:
    """The touchpoint without which most margin is lost, and how many are surely worth something."""
    lines = made.of(KNOCK_OUT)
    if not lines:
        return []
    found = [(seeds, estimate(made.scenario, seeds, "margin")) for seeds in lines]
    sure = [(s, one) for s, one in found if isinstance(one, Estimate) and one.low > 0.0]
    if not sure:
        return [say("No touchpoint has a significant positive effect on margin.")]
    seeds, best = max(sure, key=lambda each: each[1].value)
    currency = made.scenario.currency
    return [
        say(
            "Largest incremental effect: {touchpoint}, {margin} of margin (95% confidence interval"
            " {interval}).",
            touchpoint=_called(made.scenario, seeds),
            margin=numbers.money(best.value, currency),
            interval=numbers.interval_of(best, lambda v: numbers.money(v, currency)),
        ),
        say(
            "Touchpoints with a significant positive effect on margin: {count} of {all}.",
            count=numbers.exact(len(sure)),
            all=numbers.exact(len(lines)),
        ),
    ]


def _best_return(made: EffectsStudy) -> list[str]:
    """Where one more of the currency brings most, of what can be bought as much as one likes."""
    found = []
    for seeds in made.of(STEP):
        one = profit_per_krone(seeds)
        how = scaling(made.scenario, seeds[0].contrast.name, 1.0 + made.request.step)
        if isinstance(one, Estimate) and isinstance(how, Scaling) and not how.assumed:
            found.append((seeds, one))
    if not found:
        return []
    sure = [each for each in found if each[1].low > 0.0]
    seeds, best = max(sure or found, key=lambda each: each[1].value)
    fields = {
        "touchpoint": _called(made.scenario, seeds),
        "value": numbers.decimal(best.value),
        "currency": made.scenario.currency,
        "interval": numbers.interval_of(best, numbers.decimal),
    }
    if sure:
        return [
            say(
                "Highest marginal return: {touchpoint}, {value} of net profit per extra {currency}"
                " by the end of the run (95% CI {interval}).",
                **fields,
            )
        ]
    return [
        say(
            "No touchpoint significantly recovers its extra cost by the end of the run. The best"
            " estimate is {touchpoint}: {value} of net profit per extra {currency} (95% CI"
            " {interval}).",
            **fields,
        )
    ]


# --- figures ---


def _called(scenario: Scenario, seeds: Seeds) -> str:
    return names.touchpoint_name(scenario, seeds[0].contrast.name)


def _half(one: Figure | Estimate) -> numbers.Cell:
    """How far a 95% interval goes to each side."""
    return numbers.half(one, numbers.whole) if isinstance(one, Estimate) else None


def _money_drawing(name: str, title: str, made: EffectsStudy, *, lines: Sequence[Seeds]) -> Figures:
    """Incremental margin by touchpoint, the largest first."""
    rows = []
    for seeds in lines:
        one = estimate(made.scenario, seeds, "margin")
        if isinstance(one, Undefined):
            continue
        group = purpose_group(made.scenario.touchpoints[seeds[0].contrast.name].spend_purpose)
        rows.append(Whisker(_called(made.scenario, seeds), *one, numbers.count(one.value), group))
    rows.sort(key=lambda row: -row.value)
    over = say("{currency} of margin", currency=made.scenario.currency)
    tick = numbers.scale(largest_end(rows), ticks=True)
    return figures(estimates(name, title, rows, over=over, tick=tick, by_purpose=True))


def _money_table(caption: str, made: EffectsStudy, lines: Sequence[Seeds]) -> TableBlock:
    currency = made.scenario.currency
    columns = [
        TableColumn(say("Touchpoint")),
        TableColumn(say("New customers"), numbers.whole),
        TableColumn(say("Retained"), numbers.whole),
        TableColumn(say("Margin"), numbers.whole),
        TableColumn(say("95% CI")),
        TableColumn(say("Spend"), numbers.whole),
        TableColumn(say("Profit"), numbers.whole),
        TableColumn(say("Profit per {currency}", currency=currency), numbers.decimal),
        TableColumn(say("ROAS"), numbers.decimal),
    ]
    rows: list[list[numbers.Cell]] = []
    for seeds in lines:
        found = {
            name: estimate(made.scenario, seeds, name)
            for name in ("new_customers", "retained_customers", "margin", "profit")
        }
        rows.append(
            [
                _called(made.scenario, seeds),
                _value(found["new_customers"]),
                _value(found["retained_customers"]),
                _value(found["margin"]),
                _half(found["margin"]),
                _mean([one.spend for one in seeds]),
                _value(found["profit"]),
                _value(profit_per_krone(seeds)),
                _value(roas(seeds)),
            ]
        )
    unit = say("amounts in {currency}", currency=currency)
    return table(f"{caption}; {unit}{_reasons(columns, rows)}", columns, rows)


def _reasons(columns: Sequence[TableColumn], rows: Sequence[Sequence[numbers.Cell]]) -> str:
    """Why a table has no figure, where it has none."""
    cells = {
        column.head: [cell for row in rows if isinstance(cell := row[place], Undefined)]
        for place, column in enumerate(columns)
    }
    return why_none({head: found for head, found in cells.items() if found})


def _value(one: Estimate | Undefined) -> Figure:
    return one if isinstance(one, Undefined) else one.value


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _knock_outs(made: EffectsStudy) -> Section:
    lines = made.of(KNOCK_OUT)
    title = say("Incremental effect of each touchpoint")
    text = prose("touchpoints.knock_outs", currency=made.scenario.currency)
    drawing = _money_drawing("knock-outs", say("Incremental margin"), made, lines=lines)
    caption = say("Incremental effect of each touchpoint, against the market without it")
    money = _money_table(caption, made, lines)
    return Section("knock-outs", title, [*_largest_effect(made), text, drawing, money])


def _steps(made: EffectsStudy) -> Section:
    title = say("Marginal return")
    share = numbers.short_percent(made.request.step)
    lines = made.of(STEP)
    paragraphs = [*_best_return(made), prose("touchpoints.steps", share=share)]
    if made.not_scaled:
        reasons = "; ".join(
            f"{names.touchpoint_name(made.scenario, name)} ({explain(why)})"
            for name, why in made.not_scaled.items()
        )
        paragraphs.append(say("Not tried: {touchpoints}.", touchpoints=reasons))
    if not lines:
        return Section("steps", title, paragraphs)
    rows = []
    for seeds in lines:
        one = profit_per_krone(seeds)
        if not isinstance(one, Undefined):
            name, text = _called(made.scenario, seeds), numbers.decimal(one.value)
            group = purpose_group(made.scenario.touchpoints[seeds[0].contrast.name].spend_purpose)
            rows.append(Whisker(name, *one, text, group))
    rows.sort(key=lambda row: -row.value)
    currency = made.scenario.currency
    drawing = estimates(
        "steps",
        say("Extra profit per extra {currency}", currency=currency),
        rows,
        over=say("{currency} of net profit per extra {currency}", currency=currency),
        tick=numbers.short,
        by_purpose=True,
    )
    money = _money_table(say("Marginal effect of {share} more of each", share=share), made, lines)
    return Section("steps", title, [*paragraphs, figures(drawing), money])


def _together(made: EffectsStudy) -> Section:
    """All, the sum of the parts, and what lies between."""
    title = say("Joint effect and sum of individual effects")
    currency = made.scenario.currency
    found = {
        (seeds[0].contrast.name, seeds[0].contrast.kind): estimate(made.scenario, seeds, "margin")
        for kind in (ALL, PARTS, SYNERGY)
        for seeds in made.of(kind)
    }
    if not found:
        return Section(
            "together", title, [say("With fewer than two touchpoints there is nothing to add up.")]
        )
    groups = list(dict.fromkeys(group for group, _ in found))
    rows: list[list[numbers.Cell]] = [
        [
            _group_name(group),
            *(
                cell
                for kind in (ALL, PARTS, SYNERGY)
                for cell in (_interaction(kind, found[group, kind]), _half(found[group, kind]))
            ),
        ]
        for group in groups
    ]
    columns = [
        TableColumn(say("Touchpoints")),
        TableColumn(say("Joint effect, {currency}", currency=currency), numbers.whole),
        TableColumn(say("95% CI")),
        TableColumn(say("Sum of individual effects, {currency}", currency=currency), numbers.whole),
        TableColumn(say("95% CI")),
        TableColumn(say("Interaction (joint − sum), {currency}", currency=currency), numbers.whole),
        TableColumn(say("95% CI")),
    ]
    caption = say("Incremental margin of touchpoints, together and one by one")
    caption += _reasons(columns, rows)
    told = [
        _all_and_parts(
            *(found[groups[0], kind] for kind in (ALL, PARTS, SYNERGY)), currency=currency
        )
    ]
    return Section("together", title, [*filter(None, told), table(caption, columns, rows)])


def _interaction(kind: str, found: Estimate | Undefined) -> Figure:
    """A figure of the table, in which the interaction is the joint effect less the sum."""
    value = _value(found)
    if kind == SYNERGY and not isinstance(value, Undefined):
        return 0.0 - value  # the tables have the sum less the joint effect
    return value


def _all_and_parts(
    whole: Estimate | Undefined,
    parts: Estimate | Undefined,
    synergy: Estimate | Undefined,
    *,
    currency: str,
) -> str:
    """What all add beside the sum of each; empty where nothing was seen of it."""
    if isinstance(whole, Undefined) or isinstance(parts, Undefined):
        return ""
    text = say(
        "All touchpoints together add {whole} of margin. Their individual effects, each removed"
        " in turn, add up to {parts}.",
        whole=numbers.money(whole.value, currency),
        parts=numbers.money(parts.value, currency),
    )
    if isinstance(synergy, Undefined) or synergy.low <= 0.0 <= synergy.high:
        return text + " " + say("The difference is not significant.")
    if synergy.low > 0.0:
        return text + " " + prose("touchpoints.synergy")
    return text + " " + prose("touchpoints.overlap")


def _group_name(group: str) -> str:
    if group == EVERY:
        return say("All touchpoints")
    return names.purpose_name(Purpose(group))


def _shapley(made: EffectsStudy) -> list[Section]:
    lines = made.of(SHAPLEY)
    if not lines:
        return []
    total = sum(interval(outcome(seeds, "margin")).value for seeds in lines)
    text = prose(
        "touchpoints.shapley",
        number=numbers.exact(len(lines)),
        total=numbers.money(total, made.scenario.currency),
    )
    drawing = _money_drawing("shapley", say("Shapley share of the margin"), made, lines=lines)
    return [Section("shapley", say("Joint effect by touchpoint (Shapley value)"), [text, drawing])]


def _curves(made: EffectsStudy) -> list[Section]:
    if not made.of(CURVE):
        return []
    charts = touchpoint_curves(made)
    if not charts:
        text = say("Nothing is shown: {why}.", why=explain(Undefined(UNSEEN)))
        return [Section("curves", say("Response curves"), [text])]
    text = prose("touchpoints.curves")
    drawings = Figures([drawn(chart) for chart in charts])
    return [Section("curves", say("Response curves"), [text, drawings])]


def _certainty(made: EffectsStudy) -> Section:
    count = len(made.seeds)
    if count == 1:
        paragraphs = [prose("touchpoints.one_seed")]
    else:
        paragraphs = [
            say(
                "The confidence intervals come from the spread between {count} replicates"
                " (Student's t).",
                count=numbers.exact(count),
            )
        ]
    precision, factor = reached(made), independent_factor(made)
    if precision is not None:
        paragraphs.append(
            say(
                "The largest standard error of a margin is {share} of the largest effect.",
                share=numbers.percent(precision),
            )
        )
    if factor is not None:
        paragraphs.append(
            prose(
                "touchpoints.runs", runs=numbers.runs(made.runs), factor=numbers.decimal(factor, 1)
            )
        )
    return Section("certainty", say("Precision and confidence intervals"), paragraphs)


def _reproduce(made: EffectsStudy, command: str) -> Section:
    text = say(
        "The folder of this page holds the complete scenario (scenario.yaml), every figure"
        " as a table (Parquet files) and as summary.json. In it, this command makes the"
        " same again:"
    )
    facts = {say("Scenario"): f"{made.scenario.name}, {scenario_hash(made.scenario)}"}
    return reproduce_section(text, command, facts)
