"""The page of a budget that was optimised: the plan, what it gains, and why it is that one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from sim.measures.figure import Undefined
from sim.measures.incrementality import Estimate
from sim.pages.charts.drawing import Drawing
from sim.pages.charts.estimates import Move, Whisker, plan_chart, whiskers
from sim.pages.charts.render import drawn
from sim.pages.charts.responses import budget_curves
from sim.pages.frontier_sections import (
    amount,
    frontier_sections,
    in_text_of,
    interval_text,
    outcome_name,
    part_names,
    plan_name,
    pm,
)
from sim.pages.pages import render
from sim.pages.sections import Section, Sentence, Table, guarded
from sim.pages.words import names, numbers
from sim.pages.words.headlines import NONE
from sim.pages.words.language import explain, say
from sim.questions.budget.optimise import Optimised
from sim.questions.budget.runs import MOST_TIMES, OPTIMISED, SCALED, TODAY
from sim.questions.budget.trials import CUSTOMER_VALUE, KEPT, NEW_CUSTOMERS, PROFIT
from sim.runs.run import scenario_hash
from sim.vocabulary import Purpose


def optimise_page(made: Optimised, command: str) -> str:
    """The page as HTML, in the language of the surrounding `speaking`; the same result and
    language give the same bytes. `command`: what makes it again."""
    scenario = made.scenario
    return render(
        kind=say("journeysim optimise"),
        title=names.title(scenario),
        description=names.description(scenario),
        lead=_lead(made),
        sections=[
            *guarded("plan", _plan, made),
            *guarded("gains", _gains, made),
            *guarded("marginal", _marginals, made),
            *guarded("responses", _curves, made),
            *guarded("frontier", frontier_sections, made),
            *guarded("certainty", certainty_section, made),
            *guarded("reproduce", _reproduce, made, command),
        ],
    )


def _unit(made: Optimised) -> str:
    """What the goal is counted in."""
    if made.request.goal == NEW_CUSTOMERS:
        return say("new customers")
    return say("{currency} before its own cost", currency=made.scenario.currency)


def _lead(made: Optimised) -> str:
    scenario, request = made.scenario, made.request
    text = say(
        "{total} to be split so that {goal} becomes as large as can be, in a market of {people}"
        " people, represented by {agents} simulated customers.",
        total=numbers.money(made.total, scenario.currency),
        goal=_goal(request.goal),
        people=numbers.exact(scenario.population),
        agents=numbers.exact(scenario.agents),
    )
    window = numbers.length(scenario.days - request.from_day)
    if request.from_day:
        return (
            text
            + " "
            + say(
                "The plan begins after {days} with today's budgets, and is counted for {window}.",
                days=numbers.in_days(request.from_day),
                window=window,
            )
        )
    return text + " " + say("Both the money and the goal are counted for {window}.", window=window)


def _goal(goal: str) -> str:
    words = {
        PROFIT: say("profit"),
        NEW_CUSTOMERS: say("the number of new customers"),
        CUSTOMER_VALUE: say("profit and the worth of the customers at the end"),
    }
    return words[goal]


def _plan(made: Optimised) -> Section:
    best, today = made.plan(OPTIMISED), made.plan(TODAY)
    called, currency = part_names(made.divided), made.scenario.currency
    in_text = {part.name: in_text_of(made.scenario, part) for part in made.divided.parts}
    goal = made.request.goal
    gain = best.gain.of(goal)
    title = say("The plan")
    sentences = [Sentence(say("What it gains"), _gain_sentence(made, gain))]
    if made.has(SCALED):
        same = made.plan(SCALED).behind.of(goal)
        text = say(
            "Today's plan spends another total. Compared with today's split of this total the plan"
            " adds {gain} ({interval} with 95 % confidence).",
            gain=amount(goal, same.value, currency),
            interval=interval_text(goal, same, currency),
        )
        sentences.append(Sentence(say("For the same money"), text))
    changes = {name: best.spent[name] - today.spent[name] for name in called}
    up = sorted((n for n in called if changes[n] > 0.0), key=lambda n: -changes[n])[:2]
    down = sorted((n for n in called if changes[n] < 0.0), key=lambda n: changes[n])[:2]
    if up and down:
        moves = say(
            "Most is taken from {down}, and most goes to {up}.",
            down=_listed([_move(in_text[n], changes[n], currency) for n in down]),
            up=_listed([_move(in_text[n], changes[n], currency) for n in up]),
        )
        sentences.append(Sentence(say("What moves"), moves))
    held = [in_text[name] for name, one in made.marginals.items() if one.held == "high"]
    if held:
        text = say(
            "A bound, or all that can be spent, is reached at {names}.",
            names=_listed(held),
        )
        sentences.append(Sentence(say("What holds it back"), text))
    moves_drawn = [
        Move(called[part.name], today.spent[part.name], best.spent[part.name], part.purpose)
        for part in made.divided.parts
    ]
    moves_drawn.sort(key=lambda move: -max(move.today, move.plan))
    drawing = drawn(
        plan_chart("plan", say("Spend today and in the plan"), moves_drawn, currency=currency)
    )
    return Section(
        "plan", title, sentences=sentences, drawings=[drawing], tables=[_plan_table(made)]
    )


def _gain_sentence(made: Optimised, gain: Estimate) -> str:
    goal, currency = made.request.goal, made.scenario.currency
    fields = {
        "gain": amount(goal, gain.value, currency),
        "interval": interval_text(goal, gain, currency),
        "what": _goal(goal),
    }
    if gain.low > 0.0:
        return say(
            "Compared with today's plan it adds {gain} to {what}; with 95 % confidence {interval},"
            " on seeds that the search never saw.",
            **fields,
        )
    return say(
        "No plan was found that is surely better than today's: the difference in {what} is {gain},"
        " with 95 % confidence {interval}.",
        **fields | {"what": _goal(goal)},
    )


def _move(name: str, change: float, currency: str) -> str:
    return f"{name} ({numbers.money(change, currency)})"


def _listed(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return say("{first} and {last}", first=", ".join(parts[:-1]), last=parts[-1])


def _plan_table(made: Optimised) -> Table:
    best, today = made.plan(OPTIMISED), made.plan(TODAY)
    called, purpose = part_names(made.divided), say("Purpose")
    lines = [
        (
            called[part.name],
            names.purpose_name(part.purpose),
            today.spent[part.name],
            best.spent[part.name],
        )
        for part in sorted(made.divided.parts, key=lambda one: -best.spent[one.name])
    ]
    totals = [math.fsum(plan.spent.values()) for plan in (today, best)]
    lines.append((say("Total"), say("both"), totals[0], totals[1]))
    rows = [
        [
            name,
            what_for,
            numbers.whole(before),
            numbers.whole(after),
            f"{numbers.decimal(after / before, 1)}{numbers.SPACE}×" if before > 0.0 else NONE,
            numbers.whole(after * 365.0 / _window(made)),
        ]
        for name, what_for, before, after in lines
    ]
    head = [
        say("Part of the budget"),
        purpose,
        say("Today"),
        say("The plan"),
        say("Times"),
        say("The plan a year"),
    ]
    caption = say(
        "Spend in the window, {currency}, as found on the fresh seeds",
        currency=made.scenario.currency,
    )
    return Table(caption, head, rows, [purpose])


def _window(made: Optimised) -> int:
    return made.scenario.days - made.request.from_day


def _gains(made: Optimised) -> Section:
    goal, currency = made.request.goal, made.scenario.currency
    others = [plan for plan in made.plans if plan.name != TODAY]
    rows = []
    for plan in others:
        gain = plan.gain.of(goal)
        rows.append(Whisker(plan_name(plan.name), *gain, amount(goal, gain.value, currency)))
    most = max(max(abs(row.low), abs(row.high)) for row in rows)
    title = say("Against today and against simple rules")
    alt = ", ".join(f"{row.name} {row.text}" for row in rows)
    over = _over(goal, currency)
    told = "gains", title, f"{title}: {alt}"
    drawing = drawn(whiskers(told, rows, over, tick=numbers.scale(most, ticks=True)))
    text = say(
        "All plans were tried on {count} fresh seeds, with the same luck. Today's plan is the zero."
        " The same for all: every part gets the same amount. By last click: every part gets what"
        " web analytics would credit it with. Where a part cannot spend that, the rest gets it.",
        count=numbers.exact(len(made.fresh_seeds)),
    )
    paragraphs = [text]
    paragraphs += [
        say("{plan} could not be made: {why}.", plan=numbers.capital(plan_name(n)), why=explain(w))
        for n, w in made.left_out.items()
    ]
    head = [say("Plan"), say("Spent, {currency}", currency=currency)]
    head += [outcome_name(name) for name in (PROFIT, NEW_CUSTOMERS, KEPT, CUSTOMER_VALUE)]
    lines = []
    for plan in others:
        cells = [pm(plan.gain.of(n)) for n in (PROFIT, NEW_CUSTOMERS, KEPT, CUSTOMER_VALUE)]
        spent = numbers.whole(math.fsum(plan.spent.values()))
        lines.append([numbers.capital(plan_name(plan.name)), spent, *cells])
    caption = say("What each plan adds to today's, with half the 95 % interval")
    return Section(
        "gains", title, paragraphs, drawings=[drawing], tables=[Table(caption, head, lines)]
    )


def _over(goal: str, currency: str) -> str:
    if goal == NEW_CUSTOMERS:
        return say("new customers more than today's plan wins")
    return say("{currency} more than today's plan earns", currency=currency)


def _marginals(made: Optimised) -> Section:
    called, currency = part_names(made.divided), made.scenario.currency
    goal = made.request.goal
    per = 1000.0 if goal == NEW_CUSTOMERS else 1.0
    rows, notes = [], []
    for part in made.divided.parts:
        one = made.marginals[part.name]
        if isinstance(one.value, Undefined):
            notes.append(f"{called[part.name]}: {explain(one.value)}")
            continue
        mark = {"high": " ↑", "low": " ↓"}.get(one.held, "")
        value = Estimate(*(cell * per for cell in one.value))
        group = list(Purpose).index(part.purpose)
        rows.append(Whisker(called[part.name] + mark, *value, numbers.decimal(value.value), group))
    rows.sort(key=lambda row: -row.value)
    title = say("What the next krone does now")
    if goal == NEW_CUSTOMERS:
        what = say("new customers for 1,000 {currency} more", currency=currency)
    else:
        what = say("{currency} of gain for one more {currency} placed", currency=currency)
    text = say(
        "Each part was given a fifth more and a fifth less than the plan gives it. At the best"
        " split these returns are the same for all parts that no bound holds: otherwise a krone"
        " would do better elsewhere. They need not be above zero, as the whole total is to be"
        " spent: below zero, spending less would earn more. ↑: a bound holds it; this is what"
        " its last krone does. ↓: it is at its lower bound; without money, this is what its"
        " first krone would do. The intervals leave out how customers hang together."
    )
    drawings: list[Drawing] = []
    if rows:
        alt = ", ".join(f"{row.name} {row.text}" for row in rows)
        purposes = [names.purpose_name(purpose) for purpose in Purpose]
        told = "marginal", title, f"{title}: {alt}"
        drawings = [drawn(whiskers(told, rows, what, tick=numbers.short, groups=purposes))]
    paragraphs = [text, *_free_returns(made, per)]
    if notes:
        paragraphs.append(say("Not shown: {notes}.", notes="; ".join(notes)))
    return Section("marginal", title, paragraphs, drawings=drawings)


def _free_returns(made: Optimised, per: float) -> list[str]:
    """Whether the returns of the parts that no bound holds are about equal, in a sentence."""
    free = [one.value for one in made.marginals.values() if not one.held]
    found = [one for one in free if isinstance(one, Estimate)]
    if len(found) < 2:
        return []
    ends = [numbers.decimal(pick(one.value for one in found) * per) for pick in (min, max)]
    count = numbers.exact(len(found))
    if max(one.low for one in found) <= min(one.high for one in found):
        return [
            say(
                "The {count} parts that no bound holds return from {low} to {high}; luck alone may"
                " be the difference.",
                count=count,
                low=ends[0],
                high=ends[1],
            )
        ]
    return [
        say(
            "The {count} parts that no bound holds return from {low} to {high}: more than luck"
            " tells them apart, so there is still something to move.",
            count=count,
            low=ends[0],
            high=ends[1],
        )
    ]


def _curves(made: Optimised) -> list[Section]:
    if not made.searched.rounds:
        return []
    called = part_names(made.divided)
    best, today = made.plan(OPTIMISED), made.plan(TODAY)
    text = say(
        "What each part brings, by what is spent on it, around today's plan, the other parts"
        " staying as they are: the first round of the search. Grey: what was measured, with its"
        " 95 % interval; the line is the curve that was fitted. Ring: today; diamond: the plan. All"
        " drawings have the same scale upwards."
    )
    charts = budget_curves(
        made.divided.scenario,
        made.searched.rounds[0],
        (today.spent, best.spent),
        called=called,
        unit=_unit(made),
    )
    drawings = [drawn(chart) for chart in charts]
    return [Section("responses", say("Response curves"), [text], drawings=drawings)]


def certainty_section(made: Optimised) -> Section:
    """How sure a plan is, and what it rests on."""
    paragraphs = [
        say(
            "The search saw seed {seed} only; amounts and gains are those of {count} other seeds,"
            " and their intervals come from the spread between these (Student's t). It took {runs}"
            " runs. The best of what was tried is not the best of all: with more simulated"
            " customers and evaluations the search sees finer differences.",
            seed=made.search_seeds[0],
            count=numbers.exact(len(made.fresh_seeds)),
            runs=numbers.exact(made.runs),
        ),
        say(
            "Assumptions: prices of contacts and clicks stay as they are, however much is bought;"
            " no part gets more than {times} times what it has today unless a bound says so, as"
            " nothing is known about prices beyond; a touchpoint without a budget is scaled by its"
            " reach; a customer at the end is worth {worth}, whoever won them (customer value is"
            " profit and the worth of the customers at the end).",
            times=numbers.short(MOST_TIMES),
            worth=numbers.money(made.worth, made.scenario.currency),
        ),
    ]
    by_reason: dict[str, list[str]] = {}
    for name, why in made.divided.left_out.items():
        by_reason.setdefault(explain(why), []).append(names.touchpoint_name(made.scenario, name))
    if by_reason:
        listed = "; ".join(f"{', '.join(one)} ({why})" for why, one in by_reason.items())
        paragraphs.append(say("No part of the split: {listed}.", listed=listed))
    return Section("certainty", say("How sure this is"), paragraphs)


def _reproduce(made: Optimised, command: str) -> Section:
    facts: Mapping[str, str] = {
        say("Scenario"): f"{made.scenario.name}, {scenario_hash(made.scenario)}"
    }
    text = say(
        "The folder of this page holds the complete scenario (scenario.yaml), the market with the"
        " plan in it (plan.yaml), all plans and curves as tables (Parquet files) and every figure"
        " in summary.json. In it, this command makes the same again:"
    )
    return Section(
        "reproduce", say("How to reproduce this"), [text], commands=[command], facts=dict(facts)
    )
