"""What a terminal shows of the answer to each kind of question, in the language of `speaking`."""

from __future__ import annotations

import math

from sim.measures.figure import Figure, Undefined
from sim.measures.intervals import Estimate
from sim.pages.aligned import aligned
from sim.pages.budget_pages import belief_answer, frontier_answer, optimise_answer, part_names
from sim.pages.compare_page import sentences
from sim.pages.credit import credit_text
from sim.pages.touchpoints import verdict
from sim.pages.words import names, numbers
from sim.pages.words.headlines import NONE, reasons
from sim.pages.words.language import own_words, say, say_number
from sim.questions.budget.question import BeliefAnswer, FrontierAnswer, OptimiseAnswer
from sim.questions.budget.request import OPTIMISED, TODAY
from sim.questions.budget.split_study import SplitStudy
from sim.questions.budget.trials import PROFIT as PROFIT_GOAL
from sim.questions.compare.compare import PROFIT
from sim.questions.compare.question import CompareAnswer
from sim.questions.compare.tables import differences
from sim.questions.levers.study import Study
from sim.questions.mix.mmm import ALL_REGIONS, CONTRIBUTION
from sim.questions.mix.question import MixAnswer
from sim.questions.mix.tables import truth
from sim.questions.touchpoints.effects import (
    ALL,
    EVERY,
    KNOCK_OUT,
    PARTS,
    STEP,
    EffectsStudy,
    independent_factor,
    reached,
)
from sim.questions.touchpoints.question import TouchpointsAnswer
from sim.questions.touchpoints.tables import estimate, profit_per_krone

# --- touchpoints ---


def touchpoints_text(answer: TouchpointsAnswer) -> list[str]:
    """A line a touchpoint, then how precise it is and what that took; then the credit."""
    scenario = answer.scenario
    return [
        say(
            "{scenario}: amounts in {currency}, to day {days}; return is net profit per {currency}"
            " spent",
            scenario=scenario.name,
            currency=scenario.currency,
            days=numbers.exact(scenario.days),
        ),
        "",
        *_added(answer.study),
        "",
        *_together(answer.study),
        *_work(answer.study),
        *(["", *credit_text(answer.credited)] if answer.credited is not None else []),
        "",
        *verdict(answer.study),
    ]


def _added(made: EffectsStudy) -> list[str]:
    """The incremental margin of each touchpoint, the largest first; then why there is no figure."""
    head = [
        say("Touchpoint"),
        say("Incremental margin"),
        say("95% CI"),
        say("Spend"),
        say("Return"),
        say("Marginal return"),
    ]
    steps = {seeds[0].contrast.name: profit_per_krone(seeds) for seeds in made.of(STEP)}
    steps |= made.not_scaled
    lines: list[tuple[float, list[str]]] = []
    labels = (head[1], *head[4:])
    none: dict[str, list[Figure]] = {label: [] for label in labels}
    for seeds in made.of(KNOCK_OUT):
        name = seeds[0].contrast.name
        margin = estimate(made.scenario, seeds, "margin")
        returned = profit_per_krone(seeds)
        row = [
            names.touchpoint_name(made.scenario, name),
            _value(margin, numbers.whole),
            numbers.interval_of(margin, numbers.whole) if isinstance(margin, Estimate) else NONE,
            numbers.whole(sum(one.spend for one in seeds) / len(seeds)),
            _value(returned, numbers.decimal),
            _value(steps[name], numbers.decimal),
        ]
        lines.append((margin.value if isinstance(margin, Estimate) else -math.inf, row))
        for label, one in zip(labels, (margin, returned, steps[name]), strict=True):
            none[label] += [one] if isinstance(one, Undefined) else []
    rows = [row for _, row in sorted(lines, key=lambda line: -line[0])]
    why = [f"{NONE} {one}" for one in reasons(none)]
    return [*aligned([head, *rows]), *(["", *why] if why else [])]


def _value(found: Estimate | Undefined, write: numbers.Text) -> str:
    return write(found.value) if isinstance(found, Estimate) else NONE


def _together(made: EffectsStudy) -> list[str]:
    """The joint effect of all, against the sum of each; nothing where there is one touchpoint."""
    found = [
        estimate(made.scenario, seeds, "margin")
        for kind in (ALL, PARTS)
        for seeds in made.of(kind)
        if seeds[0].contrast.name == EVERY
    ]
    known = [numbers.whole(one.value) for one in found if isinstance(one, Estimate)]
    if len(known) < 2:
        return []
    return [
        say(
            "The joint effect is {all}, the sum of individual effects {parts}.",
            all=known[0],
            parts=known[1],
        ),
        "",
    ]


def _work(made: EffectsStudy) -> list[str]:
    """How many runs it took, how precise it is, and how many independent draws would take."""
    lines = [
        say_number(
            "{runs} runs on 1 seed took {time}.",
            "{runs} runs on {seeds} seeds took {time}.",
            len(made.seeds),
            runs=numbers.exact(made.runs),
            seeds=numbers.exact(len(made.seeds)),
            time=numbers.duration(made.seconds),
        )
    ]
    precision, factor = reached(made), independent_factor(made)
    if precision is not None and factor is not None:
        lines += [
            say(
                "The largest standard error of a margin is {share} of the largest effect.",
                share=numbers.percent(precision),
            ),
            say(
                "With independent random draws the same precision would take {factor} times as many"
                " runs, {time}.",
                factor=numbers.decimal(factor, 1),
                time=numbers.duration(factor * made.seconds),
            ),
        ]
    return lines


# --- compare ---


def compare_text(answer: CompareAnswer) -> list[str]:
    """The answer in words, then the figures behind it."""
    made = answer.made
    currency = made.baseline.scenario.currency
    rows = []
    for variant, found in zip(made.variants[1:], differences(made, PROFIT), strict=True):
        if isinstance(found, Undefined) or found.low is None or found.high is None:
            continue
        ends = numbers.interval(found.low, found.high, lambda v: numbers.money(v, currency))
        rows.append((variant.name, numbers.money(found.difference, currency), ends))
    return [
        *sentences(made),
        "",
        *(
            f"{line}  " + numbers.ci(ends)
            for line, (*_, ends) in zip(aligned([row[:2] for row in rows]), rows, strict=True)
        ),
        "",
        say(
            "Profit against {baseline}; {runs} runs, {seeds} seeds, common random numbers.",
            baseline=made.baseline.name,
            runs=numbers.exact(made.runs),
            seeds=numbers.exact(len(made.seeds)),
        ),
    ]


# --- budgets ---


def optimise_text(answer: OptimiseAnswer) -> list[str]:
    """The plan against today's, and what it gains."""
    made = answer.made
    today, best = made.plan(TODAY), made.plan(OPTIMISED)
    rows = [["", say("Today"), say("The plan")]]
    for name, called in part_names(made.divided).items():
        rows.append([called, *(numbers.whole(plan.spent[name]) for plan in (today, best))])
    totals = (sum(plan.spent.values()) for plan in (today, best))
    rows.append([say("Total"), *map(numbers.whole, totals)])
    return [
        say(
            "{scenario}: spend on each part of the budget, in {currency}",
            scenario=made.scenario.name,
            currency=made.scenario.currency,
        ),
        "",
        *aligned(rows),
        "",
        *(f"{one.about}: {one.text}" for one in optimise_answer(made)),
    ]


def belief_text(answer: BeliefAnswer) -> list[str]:
    """What the wrong assumption costs, and when the plans diverge."""
    told = belief_answer(answer.made)
    return [_title(answer.study), *(f"{one.about}: {one.text}" for one in told)]


def frontier_text(answer: FrontierAnswer) -> list[str]:
    """What each share of retention gains."""
    made = answer.made
    gains = [plan.gain.of(PROFIT_GOAL) for plan in made.frontier]
    rows = [
        (
            numbers.whole_percent(share),
            numbers.whole(gain.value),
            numbers.interval_of(gain, numbers.whole),
        )
        for share, gain in zip(made.shares, gains, strict=True)
    ]
    currency = made.scenario.currency
    profit = say("Profit gained, {currency}", currency=currency)
    return [
        _title(answer.study),
        *aligned([(say("Retention share"), profit, say("95% CI")), *rows]),
        "",
        *(f"{one.about}: {one.text}" for one in frontier_answer(made)),
    ]


# --- studies over levers ---


def study_text(study: Study, *, rows: int, runs: int, measures: int) -> str:
    """How much was done, in a line."""
    return say(
        "{study}: {rows}, {runs}, {measures}.",
        study=_title(study),
        rows=say_number(
            "1 design point", "{number} design points", rows, number=numbers.exact(rows)
        ),
        runs=numbers.runs(runs),
        measures=say_number(
            "1 measure", "{number} measures", measures, number=numbers.exact(measures)
        ),
    )


def _title(study: SplitStudy | Study) -> str:
    return own_words(study, "title") or study.name


# --- media mix ---


def mix_text(answer: MixAnswer) -> list[str]:
    """How much there is, and the true return of each channel."""
    data = answer.data
    weeks, regions, media = data.markets[0].weekly.num_rows, len(data.markets), len(data.media)
    much = say(
        "{regions} x {weeks}; {media}; {runs}",
        regions=say_number("1 region", "{number} regions", regions, number=numbers.exact(regions)),
        weeks=say_number("1 week", "{number} weeks", weeks, number=numbers.exact(weeks)),
        media=say_number(
            "1 channel with a varying budget",
            "{number} channels with varying budgets",
            media,
            number=numbers.exact(media),
        ),
        runs=numbers.runs(data.runs),
    )
    if not data.request.truth:
        return [much]
    rows = [[say("Channel"), say("Share of revenue"), say("ROAS, ground truth"), say("95% CI")]]
    for row in truth(data).to_pylist():
        if (row["region"], row["kind"]) != (ALL_REGIONS, CONTRIBUTION):
            continue
        value, low, high = (row[f"roas_on_own_spend{end}"] for end in ("", "_low", "_high"))
        rows.append(
            [
                names.touchpoint_name(answer.scenario, row["touchpoint"]),
                numbers.cell(row["share"], numbers.percent),
                numbers.cell(value, numbers.decimal),
                NONE if low is None else numbers.interval(low, high, numbers.decimal),
            ]
        )
    return [much, "", *aligned(rows)]
