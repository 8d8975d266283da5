"""What a terminal shows of the answer to each kind of question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.measures.figure import Undefined
from sim.pages.compare_page import sentences
from sim.pages.credit import credit_text
from sim.pages.words import names, numbers
from sim.pages.words.language import say
from sim.questions.budget.belief import BELIEVES
from sim.questions.budget.question import BeliefAnswer, FrontierAnswer, OptimiseAnswer
from sim.questions.budget.request import OPTIMISED, SCALED, TODAY
from sim.questions.budget.trials import PROFIT as PROFIT_GOAL
from sim.questions.compare.compare import PROFIT
from sim.questions.compare.question import CompareAnswer
from sim.questions.compare.tables import differences
from sim.questions.mix.mmm import ALL_REGIONS, CONTRIBUTION
from sim.questions.mix.question import MixAnswer
from sim.questions.mix.tables import truth
from sim.questions.touchpoints.question import TouchpointsAnswer


def touchpoints_text(answer: TouchpointsAnswer) -> list[str]:
    """A line a touchpoint, then how sure it is and what that took; then what analytics credit."""
    scenario, found = answer.scenario, answer.summary()
    head = ("touchpoint", "margin it adds", "95 % interval", "spend", "return", "of the next")
    rows = [head]
    order = sorted(
        found["touchpoints"].items(), key=lambda item: -item[1]["knock_out"]["margin"][0]
    )
    for name, figures in order:
        whole, step = figures["knock_out"], figures["step"]
        margin = whole["margin"]
        rows.append(
            (
                names.touchpoint_name(scenario, name),
                numbers.whole(margin[0]),
                f"{numbers.whole(margin[1])} to {numbers.whole(margin[2])}",
                numbers.whole(whole["spend"]),
                _ratio(whole["return"]),
                _ratio(step["return"] if step else None),
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = [
        f"{row[0]:<{widths[0]}}"
        + "".join(f"  {cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True))
        for row in rows
    ]
    group = found["groups"].get("every")
    if group is not None:
        amounts = [numbers.whole(group[kind]["margin"][0]) for kind in ("all", "parts")]
        lines += ["", f"All at once add {amounts[0]}, one by one {amounts[1]}."]
    return [
        f"{scenario.name}: amounts in {scenario.currency}, by day {scenario.days:,};"
        f" return: profit per {scenario.currency} spent on it",
        "",
        *lines,
        "",
        *_cost(found),
        *(["", *credit_text(answer.credited)] if answer.credited is not None else []),
    ]


def _ratio(cell: Sequence[float] | None) -> str:
    return "\u2013" if cell is None else numbers.decimal(cell[0])


def _cost(found: Mapping[str, Any]) -> list[str]:
    """How precise it is, how long it took, and how long without shared luck."""
    seeds = len(found["seeds"])
    took = f"{found['runs']:,} runs, {seeds} seed{'s' * (seeds != 1)}: {_time(found['seconds'])}"
    if found["precision"] is None or found["independent_factor"] is None:
        return [f"{took}."]
    share = numbers.percent(found["precision"])
    return [
        f"{took}; the largest standard error of a margin is {share} of the largest effect.",
        "With luck of its own in each run the same precision would take"
        f" {numbers.decimal(found['independent_factor'], 1)} times as many runs,"
        f" {_time(found['independent_seconds'])}.",
    ]


def _time(seconds: float) -> str:
    if seconds < 120.0:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60.0:.0f} minutes" if seconds < 7200.0 else f"{seconds / 3600.0:.1f} hours"


def compare_text(answer: CompareAnswer) -> list[str]:
    """The answer in words, then the figures behind it."""
    made = answer.made
    currency = made.baseline.scenario.currency
    lines = [*sentences(made), ""]
    rows = []
    for variant, found in zip(made.variants[1:], differences(made, PROFIT), strict=True):
        if isinstance(found, Undefined) or found.low is None or found.high is None:
            continue
        ends = numbers.interval(found.low, found.high, lambda v: numbers.money(v, currency))
        rows.append((variant.name, numbers.money(found.difference, currency), ends))
    wide = [max(len(row[column]) for row in rows) for column in range(2)]
    lines += [
        f"{name:<{wide[0]}}  {mean:>{wide[1]}}  " + say("95 %: {interval}", interval=ends)
        for name, mean, ends in rows
    ]
    lines.append("")
    lines.append(
        say(
            "Profit beside {baseline}; {runs} runs, {seeds} seeds, the same luck in each.",
            baseline=made.baseline.name,
            runs=numbers.exact(made.runs),
            seeds=numbers.exact(len(made.seeds)),
        )
    )
    return lines


def optimise_text(answer: OptimiseAnswer) -> list[str]:
    """The plan beside today's, and what it gains."""
    made = answer.made
    head = ("", "today", "optimised")
    rows = [head]
    today, best = made.plan(TODAY), made.plan(OPTIMISED)
    for part in made.divided.parts:
        called = numbers.name(part.name)
        if part.name in made.scenario.touchpoints:
            called = names.touchpoint_name(made.scenario, part.name)
        amounts = today.spent[part.name], best.spent[part.name]
        rows.append((called, numbers.whole(amounts[0]), numbers.whole(amounts[1])))
    totals = [sum(plan.spent.values()) for plan in (today, best)]
    rows.append(("total", numbers.whole(totals[0]), numbers.whole(totals[1])))
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = [f"{a:<{widths[0]}}  {b:>{widths[1]}}  {c:>{widths[2]}}" for a, b, c in rows]
    goal = made.request.goal
    compared = [("today's plan", best.gain.of(goal))]
    if made.has(SCALED):
        compared.append(("today's split of this total", made.plan(SCALED).behind.of(goal)))
    gains = [
        f"Gain over {name} ({goal.replace('_', ' ')}): {numbers.whole(gain.value)}, 95 % interval"
        f" {numbers.whole(gain.low)} to {numbers.whole(gain.high)},"
        f" on {len(made.fresh_seeds)} fresh seeds."
        for name, gain in compared
    ]
    return [
        f"{made.scenario.name}: spend by touchpoint in {made.scenario.currency}",
        "",
        *lines,
        "",
        *gains,
    ]


def belief_text(answer: BeliefAnswer) -> list[str]:
    """What the believer loses, and when the plans part."""
    made = answer.made
    regret = made.plan(BELIEVES).regret.of(PROFIT_GOAL)
    cells = [numbers.money(value, made.scenario.currency) for value in regret]
    parts = (
        "the plans do not part"
        if made.parting_month is None
        else f"the plans part in month {made.parting_month}"
    )
    return [
        answer.study.title or answer.study.name,
        f"Regret of the plan made in the belief of {made.believed.name}: {cells[0]},"
        f" 95 % interval {cells[1]} to {cells[2]}; {parts}.",
    ]


def frontier_text(answer: FrontierAnswer) -> list[str]:
    """What each share on keeping customers gains."""
    study, made = answer.study, answer.made
    lines = [study.title or study.name]
    lines += [f"share on keeping: {PROFIT_GOAL} against today's plan, {made.scenario.currency}"]
    for share, plan in zip(made.shares, made.frontier, strict=True):
        gain = plan.gain.of(PROFIT_GOAL)
        lines.append(
            f"{share:>6.0%}  {numbers.whole(gain.value):>12}"
            f"  ({numbers.whole(gain.low)} to {numbers.whole(gain.high)})"
        )
    return lines


def mix_text(answer: MixAnswer) -> list[str]:
    """How much there is, and the true return of each medium."""
    data = answer.data
    weeks = data.markets[0].weekly.num_rows
    count = len(data.markets)
    lines = [
        f"{count} region{'s' * (count != 1)} x {weeks} weeks; {len(data.media)} media whose"
        f" budgets vary; {data.runs} run{'s' * (data.runs != 1)}"
    ]
    if not data.request.truth:
        return lines
    head = ("medium", "share of revenue", "true ROAS", "95 % interval")
    rows = [head]
    for row in truth(data).to_pylist():
        if (row["region"], row["kind"]) == (ALL_REGIONS, CONTRIBUTION):
            ends = [row[f"roas_on_own_spend{end}"] for end in ("", "_low", "_high")]
            told = ("-", "-") if ends[0] is None else _with_interval(*ends)
            share = "-" if row["share"] is None else f"{_rounded(100.0 * row['share'], 1)} %"
            rows.append((row["touchpoint"], share, *told))
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return [
        *lines,
        "",
        *(
            f"{row[0]:<{widths[0]}}"
            + "".join(f"  {cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True))
            for row in rows
        ),
    ]


def _with_interval(value: float, low: float, high: float) -> tuple[str, str]:
    return _rounded(value, 2), f"{_rounded(low, 2)} to {_rounded(high, 2)}"


def _rounded(value: float, places: int) -> str:
    """The number as text, without a minus before a zero."""
    return f"{round(value, places) + 0.0:.{places}f}"
