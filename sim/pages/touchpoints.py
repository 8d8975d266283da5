"""The page of a study of touchpoints: what each truly adds, alone, at the margin and together."""

from __future__ import annotations

from collections.abc import Sequence

from sim.measures.figure import Undefined
from sim.measures.incrementality import Estimate, interval
from sim.pages.charts.drawing import Drawing
from sim.pages.charts.estimates import Whisker, whiskers
from sim.pages.charts.render import drawn
from sim.pages.charts.responses import touchpoint_curves
from sim.pages.pages import render
from sim.pages.sections import Section, Table, guarded
from sim.pages.words import names, numbers
from sim.pages.words.headlines import NONE
from sim.pages.words.language import explain, say
from sim.questions.contrasts import Found
from sim.questions.touchpoints.effects import (
    ALL,
    CURVE,
    EVERY,
    KNOCK_OUT,
    PARTS,
    SHAPLEY,
    STEP,
    SYNERGY,
    Study,
    independent_factor,
    reached,
)
from sim.questions.touchpoints.tables import outcome, profit_per_krone, roas
from sim.runs.run import scenario_hash
from sim.scenario.schema import Scenario
from sim.vocabulary import Purpose

Seeds = Sequence[Found]  # one contrast, by seed


def touchpoints_page(made: Study, command: str, beside: Sequence[Section] = ()) -> str:
    """The page as HTML, in the language of the surrounding `speaking`; the same study and
    language give the same bytes.

    `command`: what makes it again; `beside`: further sections, such as attribution's.
    """
    scenario = made.scenario
    return render(
        kind=say("journeysim touchpoints"),
        title=names.title(scenario),
        description=names.description(scenario),
        lead=_lead(made),
        sections=[
            *guarded("knock-outs", _knock_outs, made),
            *guarded("steps", _steps, made),
            *guarded("together", _together, made),
            *guarded("shapley", _shapley, made),
            *guarded("curves", _curves, made),
            *beside,
            *guarded("certainty", _certainty, made),
            *guarded("reproduce", _reproduce, made, command),
        ],
    )


def _lead(made: Study) -> str:
    scenario = made.scenario
    return say(
        "What every touchpoint truly adds, in a market of {people} people, represented by {agents}"
        " simulated customers, over {length}. Everything that follows by the end of that time is"
        " counted, what comes later is left out.",
        people=numbers.exact(scenario.population),
        agents=numbers.exact(scenario.agents),
        length=numbers.length(scenario.days),
    )


def _called(scenario: Scenario, seeds: Seeds) -> str:
    return names.touchpoint_name(scenario, seeds[0].contrast.name)


def _group(scenario: Scenario, seeds: Seeds) -> int:
    return list(Purpose).index(scenario.touchpoints[seeds[0].contrast.name].purpose)


def _purposes() -> list[str]:
    return [names.purpose_name(purpose) for purpose in Purpose]


def _half(one: Estimate) -> str:
    """How far a 95 % interval goes to each side."""
    return f"±{numbers.SPACE}{numbers.whole((one.high - one.low) / 2.0)}"


def _money_whiskers(name: str, title: str, made: Study, lines: Sequence[Seeds]) -> Drawing:
    """Incremental margin by touchpoint, the largest first."""
    scenario = made.scenario
    found = [(seeds, interval(outcome(seeds, "margin"))) for seeds in lines]
    found.sort(key=lambda pair: -pair[1].value)
    tick = numbers.scale(max(max(abs(one.low), abs(one.high)) for _, one in found), ticks=True)
    rows = [
        Whisker(_called(scenario, seeds), *one, numbers.count(one.value), _group(scenario, seeds))
        for seeds, one in found
    ]
    alt = f"{title}: " + ", ".join(f"{row.name} {row.text}" for row in rows)
    over = say("{currency} of margin", currency=scenario.currency)
    return drawn(whiskers((name, title, alt), rows, over, tick=tick, groups=_purposes()))


def _money_table(caption: str, made: Study, lines: Sequence[Seeds]) -> Table:
    currency = made.scenario.currency
    head = [
        say("Touchpoint"),
        say("New customers"),
        say("Kept"),
        say("Margin"),
        say("95 %"),
        say("Spend"),
        say("Profit"),
        say("Per {currency}", currency=currency),
        say("ROAS"),
    ]
    rows = []
    for seeds in lines:
        margin = interval(outcome(seeds, "margin"))
        each, sold = profit_per_krone(seeds), roas(seeds)
        rows.append(
            [
                _called(made.scenario, seeds),
                numbers.whole(interval(outcome(seeds, "new_customers")).value),
                numbers.whole(interval(outcome(seeds, "retained_customers")).value),
                numbers.whole(margin.value),
                _half(margin),
                numbers.whole(_mean([one.spend for one in seeds])),
                numbers.whole(interval(outcome(seeds, "profit")).value),
                NONE if isinstance(each, Undefined) else numbers.decimal(each.value),
                NONE if isinstance(sold, Undefined) else numbers.decimal(sold.value),
            ]
        )
    unit = say("amounts in {currency}", currency=currency)
    return Table(f"{caption}; {unit}", head, rows)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _knock_outs(made: Study) -> Section:
    lines = made.of(KNOCK_OUT)
    title = say("What each touchpoint adds")
    text = say(
        "Each touchpoint was taken away in turn, with the same luck for everything else: what the"
        " market then lacks is what the touchpoint adds. The line through each mark is the 95 %"
        " interval. Kept: people who are customers at the end. Per {currency}: profit for each"
        " {currency} spent on it, 0 being that the money just comes back. ROAS: revenue for each"
        " {currency} that all touchpoints then cost more. {none}: nothing is spent.",
        currency=made.scenario.currency,
        none=NONE,
    )
    drawing = _money_whiskers("knock-outs", say("Margin that it adds"), made, lines)
    table = _money_table(
        say("What each touchpoint adds, against the market without it"), made, lines
    )
    return Section("knock-outs", title, [text], drawings=[drawing], tables=[table])


def _steps(made: Study) -> Section:
    title = say("What a little more of each adds")
    share = f"{numbers.short(round(made.request.step * 100.0, 6))}{numbers.SPACE}%"
    lines = made.of(STEP)
    paragraphs = [
        say(
            "Each touchpoint was given {share} more: more budget, or, where it has none, more reach"
            " with a fixed cost a day that grows in proportion (an assumption).",
            share=share,
        )
    ]
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
            rows.append(Whisker(name, *one, text, _group(made.scenario, seeds)))
    rows.sort(key=lambda row: -row.value)
    currency = made.scenario.currency
    drawings = []
    if rows:
        figures = ", ".join(f"{row.name} {row.text}" for row in rows)
        told = (
            "steps",
            say("Extra profit per extra {currency}", currency=currency),
            say("Extra profit per extra {currency}: {figures}", currency=currency, figures=figures),
        )
        over = say("{currency} of profit for one more {currency} placed", currency=currency)
        drawings.append(drawn(whiskers(told, rows, over, tick=numbers.short, groups=_purposes())))
    table = _money_table(say("What {share} more of each adds", share=share), made, lines)
    return Section("steps", title, paragraphs, drawings=drawings, tables=[table])


def _together(made: Study) -> Section:
    """All, the sum of the parts, and what lies between."""
    title = say("Together, and as the sum of parts")
    currency = made.scenario.currency
    found = {
        (seeds[0].contrast.name, seeds[0].contrast.kind): interval(outcome(seeds, "margin"))
        for kind in (ALL, PARTS, SYNERGY)
        for seeds in made.of(kind)
    }
    if not found:
        return Section("together", title, [say("There are not several touchpoints to add up.")])
    groups = list(dict.fromkeys(group for group, _ in found))
    rows = []
    for group in groups:
        cells = [_group_name(group)]
        for kind in (ALL, PARTS, SYNERGY):
            one = found[group, kind]
            cells += [numbers.whole(one.value), _half(one)]
        rows.append(cells)
    head = [
        say("Touchpoints"),
        say("All at once, {currency}", currency=currency),
        say("95 %"),
        say("Sum of each, {currency}", currency=currency),
        say("95 %"),
        say("Difference, {currency}", currency=currency),
        say("95 %"),
    ]
    first = groups[0]
    whole, parts, synergy = (found[first, kind] for kind in (ALL, PARTS, SYNERGY))
    amounts = {
        "whole": numbers.money(whole.value, currency),
        "parts": numbers.money(parts.value, currency),
    }
    text = say(
        "All touchpoints together add {whole} of margin. Taken away one by one, they add up to"
        " {parts}.",
        **amounts,
    )
    if synergy.low > 0.0:
        text += " " + say(
            "The parts are more than the whole: touchpoints need one another, and the one that is"
            " taken away takes some of the others' work along."
        )
    elif synergy.high < 0.0:
        text += " " + say(
            "The parts are less than the whole: touchpoints stand in for one another, and each is"
            " hardly missed as long as the others are there."
        )
    else:
        text += " " + say("The difference may be luck.")
    caption = say("Margin that touchpoints add, all at once and one by one")
    return Section("together", title, [text], tables=[Table(caption, head, rows)])


def _group_name(group: str) -> str:
    if group == EVERY:
        return say("All touchpoints")
    return names.purpose_name(Purpose(group))


def _shapley(made: Study) -> list[Section]:
    lines = made.of(SHAPLEY)
    if not lines:
        return []
    total = sum(interval(outcome(seeds, "margin")).value for seeds in lines)
    text = say(
        "{number} touchpoints add {total} of margin together. Each gets the mean of what it adds"
        " over all orders in which they may come in (its Shapley value), so that the shares add up"
        " to the total. All other touchpoints were there all along.",
        number=numbers.exact(len(lines)),
        total=numbers.money(total, made.scenario.currency),
    )
    drawing = _money_whiskers("shapley", say("Fair share of the margin"), made, lines)
    return [Section("shapley", say("The true total, shared out"), [text], drawings=[drawing])]


def _curves(made: Study) -> list[Section]:
    if not made.of(CURVE):
        return []
    text = say(
        "Each drawing shows one touchpoint from none of it to three times as much, against the"
        " market as it is (the mark at 1), with its 95 % band. Where the curve falls, more of it"
        " costs more than it brings. All drawings have the same scale."
    )
    return [
        Section(
            "curves",
            say("Response curves"),
            [text],
            drawings=[drawn(chart) for chart in touchpoint_curves(made)],
        ),
    ]


def _certainty(made: Study) -> Section:
    count = len(made.seeds)
    if count == 1:
        paragraphs = [
            say(
                "One seed was run. The intervals come from the spread between its simulated"
                " customers, each compared with itself; they leave out how queues, talk and the"
                " public rating tie customers to one another. Replicates (--replicates 10) show"
                " that too."
            )
        ]
    else:
        paragraphs = [
            say(
                "{count} seeds were run; the intervals come from the spread between them"
                " (Student's t).",
                count=numbers.exact(count),
            )
        ]
    paragraphs.append(
        say(
            "An interval without width means that not one of {agents} simulated customers did"
            " anything else: rarer effects cannot be seen with so few.",
            agents=numbers.exact(made.scenario.agents),
        )
    )
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
            say(
                "It took {runs} runs with shared luck. With luck of its own in each run, the same"
                " precision would take {factor} times as many.",
                runs=numbers.exact(made.runs),
                factor=numbers.decimal(factor, 1),
            )
        )
    return Section("certainty", say("How sure this is"), paragraphs)


def _reproduce(made: Study, command: str) -> Section:
    return Section(
        "reproduce",
        say("How to reproduce this"),
        [
            say(
                "The folder of this page holds the complete scenario (scenario.yaml), every figure"
                " as a table (Parquet files) and as summary.json. In it, this command makes the"
                " same again:"
            )
        ],
        commands=[command],
        facts={say("Scenario"): f"{made.scenario.name}, {scenario_hash(made.scenario)}"},
    )
