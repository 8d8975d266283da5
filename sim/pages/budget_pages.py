"""The pages of a budget that is split: a plan that was optimised, and the studies of a split.

`optimise_page` tells the plan, what it gains, and why it is that one. `frontier_page` tells how
profit and growth depend on the share that is spent on keeping customers, `belief_page` what a plan
costs that was made in the belief of another market. What plans and their parts are called, the
frontier and how sure all of it is are told alike.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from sim.measures.figure import Undefined
from sim.measures.intervals import Estimate
from sim.pages.blocks import (
    Figures,
    Page,
    Section,
    Sentence,
    TableBlock,
    TableColumn,
    figures,
    table,
)
from sim.pages.charts.estimates import Move, Whisker, plan_chart
from sim.pages.charts.over_time import regret_chart
from sim.pages.charts.render import drawn
from sim.pages.charts.responses import OnPlane, budget_curves, frontier_chart
from sim.pages.claim_page import claimed, claimed_reasons, claimed_verdict
from sim.pages.parts import estimates, guarded, largest_end, purpose_group, reproduce_section
from sim.pages.render import render
from sim.pages.words import names, numbers
from sim.pages.words.language import explain, own_words, prose, say
from sim.questions.budget.belief import BELIEVES, BELIEVES_WINS, KNOWS, BeliefFound
from sim.questions.budget.optimise import Optimised, best_share
from sim.questions.budget.plans import BudgetPart, Divided
from sim.questions.budget.question import BeliefAnswer, FrontierAnswer
from sim.questions.budget.request import EQUAL, LAST_CLICK, MOST_TIMES, OPTIMISED, SCALED, TODAY
from sim.questions.budget.split_study import SplitStudy
from sim.questions.budget.trials import COMPARED, CUSTOMER_VALUE, KEPT, NEW_CUSTOMERS, PROFIT
from sim.runs.run import scenario_hash
from sim.scenario.schema import Scenario
from sim.vocabulary import DAYS_PER_YEAR, Shape

OUTCOMES = (PROFIT, NEW_CUSTOMERS, KEPT, CUSTOMER_VALUE)
ALL_SHARES = 11  # that the frontier tries: none, a tenth, ... all


def optimise_page(made: Optimised, command: str) -> str:
    """The page as HTML, in the language of the surrounding `speaking`; the same result and
    language give the same bytes. `command`: what makes it again."""
    scenario = made.scenario
    page = Page(
        say("journeysim optimise"),
        names.title(scenario),
        _lead(made),
        [
            *guarded("plan", _plan, made),
            *guarded("gains", _gains, made),
            *guarded("marginal", _marginals, made),
            *guarded("responses", _curves, made),
            *guarded("frontier", frontier_sections, made),
            *guarded("certainty", certainty_section, made),
            *guarded("reproduce", _reproduce, made, command),
        ],
        names.description(scenario),
    )
    return render(page)


# --- what is said of plans ---


def part_names(divided: Divided) -> dict[str, str]:
    """What the parts of a budget are called."""
    return {part.name: _called(divided.scenario, part) for part in divided.parts}


def plan_name(name: str) -> str:
    """What a plan is called."""
    known = {
        TODAY: say("the current plan"),
        SCALED: say("the current allocation of the total"),
        EQUAL: say("equal shares"),
        LAST_CLICK: say("allocation by last click"),
        OPTIMISED: say("the optimised plan"),
    }
    return known[name]


def outcome_name(name: str) -> str:
    """What an outcome of a plan is called."""
    known = {
        PROFIT: say("Profit"),
        NEW_CUSTOMERS: say("New customers"),
        KEPT: say("Active customers, end of run"),
        CUSTOMER_VALUE: say("Profit plus customer equity"),
    }
    return known[name]


def outcome_writer(outcome: str, currency: str) -> numbers.Text:
    """How an outcome is written: as money, or as people."""
    if outcome in (PROFIT, CUSTOMER_VALUE):
        return lambda value: numbers.money(value, currency)
    return numbers.count


def with_half(one: Estimate) -> str:
    """An outcome in a table, with half its interval."""
    return numbers.with_half(one, numbers.whole)


def _called(scenario: Scenario, part: BudgetPart) -> str:
    if part.name in scenario.touchpoints:
        return names.touchpoint_name(scenario, part.name)
    return numbers.capital(names.purpose_name(part.purpose))


# --- the plan ---


def _unit(made: Optimised) -> str:
    """What the goal is counted in."""
    if made.request.goal == NEW_CUSTOMERS:
        return say("new customers")
    return say("{currency} before its own cost", currency=made.scenario.currency)


def _lead(made: Optimised) -> str:
    scenario, request = made.scenario, made.request
    text = say(
        "Allocation of {total} that maximises {goal}, in a market of {people}, represented by"
        " {agents}.",
        total=numbers.money(made.total, scenario.currency),
        goal=goal_in_text(request.goal),
        people=numbers.people(scenario.population),
        agents=numbers.simulated_customers(scenario.agents),
    )
    window = numbers.length(scenario.days - request.from_day)
    if request.from_day:
        return (
            text
            + " "
            + say(
                "The plan starts after {days} of the current budgets; money and goal are counted"
                " for the {window} that follow.",
                days=numbers.in_days(request.from_day),
                window=window,
            )
        )
    return text + " " + say("Money and goal are both counted for {window}.", window=window)


def goal_in_text(goal: str) -> str:
    """What a goal is called inside a sentence."""
    words = {
        PROFIT: say("profit"),
        NEW_CUSTOMERS: say("the number of new customers"),
        CUSTOMER_VALUE: say("profit plus ending customer equity"),
    }
    return words[goal]


def _plan(made: Optimised) -> Section:
    best, today = made.plan(OPTIMISED), made.plan(TODAY)
    called, currency = part_names(made.divided), made.scenario.currency
    title = say("The plan")
    sentences = optimise_answer(made)
    changes = {name: best.spent[name] - today.spent[name] for name in called}
    up = sorted((n for n in called if changes[n] > 0.0), key=lambda n: -changes[n])[:2]
    down = sorted((n for n in called if changes[n] < 0.0), key=lambda n: changes[n])[:2]
    if up and down:
        moves = say(
            "Largest cuts: {down}. Largest increases: {up}.",
            down=_listed([_move(called[n], changes[n], currency) for n in down]),
            up=_listed([_move(called[n], changes[n], currency) for n in up]),
        )
        sentences.append(Sentence(say("Changes"), moves))
    held = [called[name] for name, one in made.marginals.items() if one.held == "high"]
    if held:
        text = say(
            "At a bound, or at the most that can be spent: {names}.",
            names=_listed(held),
        )
        sentences.append(Sentence(say("Limits"), text))
    moves_drawn = [
        Move(called[part.name], today.spent[part.name], best.spent[part.name], part.purpose)
        for part in made.divided.parts
    ]
    moves_drawn.sort(key=lambda move: -max(move.today, move.plan))
    told = say("Spend in the current plan and in the optimised plan")
    drawing = drawn(plan_chart("plan", told, moves_drawn, currency=currency))
    return Section("plan", title, [*sentences, Figures([drawing]), _plan_table(made)])


def optimise_answer(made: Optimised) -> list[Sentence]:
    """What the plan gains, in sentences, each below a few words."""
    goal = made.request.goal
    sentences = [Sentence(say("Gain"), _gain_sentence(made, made.plan(OPTIMISED).gain.of(goal)))]
    if made.has(SCALED):
        same = made.plan(SCALED).behind.of(goal)
        write = outcome_writer(goal, made.scenario.currency)
        text = say(
            "The current plan spends another total. Against the current allocation of this"
            " total, the plan adds {gain} (95% CI {interval}).",
            gain=write(same.value),
            interval=numbers.interval_of(same, write),
        )
        sentences.append(Sentence(say("For the same money"), text))
    return sentences


def _gain_sentence(made: Optimised, gain: Estimate) -> str:
    goal = made.request.goal
    write = outcome_writer(goal, made.scenario.currency)
    fields = {
        "gain": write(gain.value),
        "interval": numbers.interval_of(gain, write),
        "what": goal_in_text(goal),
    }
    if gain.low > 0.0:
        return say(
            "Against the current plan it adds {gain} to {what} (95% confidence interval"
            " {interval}, on held-out seeds).",
            **fields,
        )
    return say(
        "No plan is significantly better than the current one. The difference in {what} is"
        " {gain} (95% confidence interval {interval}).",
        **fields,
    )


def _move(name: str, change: float, currency: str) -> str:
    return f"{name} ({numbers.money(change, currency)})"


def _listed(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    return say("{first} and {last}", first=", ".join(parts[:-1]), last=parts[-1])


def _plan_table(made: Optimised) -> TableBlock:
    best, today = made.plan(OPTIMISED), made.plan(TODAY)
    called = part_names(made.divided)
    lines = [
        (
            called[one.name],
            names.purpose_name(one.purpose),
            today.spent[one.name],
            best.spent[one.name],
        )
        for one in sorted(made.divided.parts, key=lambda one: -best.spent[one.name])
    ]
    totals = [math.fsum(plan.spent.values()) for plan in (today, best)]
    lines.append((say("Total"), say("both"), totals[0], totals[1]))
    columns = [
        TableColumn(say("Part of the budget")),
        TableColumn(say("Purpose"), words=True),
        TableColumn(say("Today"), numbers.whole),
        TableColumn(say("The plan"), numbers.whole),
        TableColumn(say("Times"), lambda factor: numbers.times(factor, 1)),
        TableColumn(say("The plan per year"), numbers.whole),
    ]
    rows: list[list[numbers.Cell]] = [
        [
            name,
            what_for,
            before,
            after,
            after / before if before > 0.0 else None,
            after * DAYS_PER_YEAR / _window(made),
        ]
        for name, what_for, before, after in lines
    ]
    caption = say(
        "Spend in the window, {currency}, on held-out seeds",
        currency=made.scenario.currency,
    )
    return table(caption, columns, rows)


def _window(made: Optimised) -> int:
    return made.scenario.days - made.request.from_day


def _gains(made: Optimised) -> Section:
    goal, currency = made.request.goal, made.scenario.currency
    others = [plan for plan in made.plans if plan.name != TODAY]
    rows = []
    for plan in others:
        gain = plan.gain.of(goal)
        text = outcome_writer(goal, currency)(gain.value)
        rows.append(Whisker(plan_name(plan.name), *gain, text))
    title, over = say("Comparison with the current plan and simple rules"), _over(goal, currency)
    tick = numbers.scale(largest_end(rows), ticks=True)
    drawing = estimates("gains", title, rows, over=over, tick=tick)
    text = prose("optimise.gains", count=numbers.exact(len(made.fresh_seeds)))
    paragraphs = [text]
    paragraphs += [
        say("{plan} could not be made: {why}.", plan=numbers.capital(plan_name(n)), why=explain(w))
        for n, w in made.left_out.items()
    ]
    columns = [
        TableColumn(say("Plan")),
        TableColumn(say("Spent, {currency}", currency=currency), numbers.whole),
        *(TableColumn(outcome_name(name)) for name in OUTCOMES),
    ]
    lines: list[list[numbers.Cell]] = [
        [
            numbers.capital(plan_name(plan.name)),
            math.fsum(plan.spent.values()),
            *(with_half(plan.gain.of(name)) for name in OUTCOMES),
        ]
        for plan in others
    ]
    caption = say("Gain of each plan over the current plan, ± half the 95% CI")
    return Section("gains", title, [*paragraphs, figures(drawing), table(caption, columns, lines)])


def _over(goal: str, currency: str) -> str:
    if goal == NEW_CUSTOMERS:
        return say("people, difference from the current plan")
    return say("{currency}, difference from the current plan", currency=currency)


def _marginals(made: Optimised) -> Section:
    called, currency = part_names(made.divided), made.scenario.currency
    goal = made.request.goal
    per = 1000.0 if goal == NEW_CUSTOMERS else 1.0
    rows, notes = [], []
    for part in made.divided.parts:
        one = made.marginals[part.name]
        if isinstance(one.value, Undefined):
            notes.append(f"{called[part.name]} ({explain(one.value)})")
            continue
        mark = {"high": " ↑", "low": " ↓"}.get(one.held, "")
        value = Estimate(*(cell * per for cell in one.value))
        group = purpose_group(part.purpose)
        rows.append(Whisker(called[part.name] + mark, *value, numbers.decimal(value.value), group))
    rows.sort(key=lambda row: -row.value)
    title = say("Marginal return of each part")
    if goal == NEW_CUSTOMERS:
        what = say("new customers per 1,000 {currency} more", currency=currency)
    else:
        what = say("{currency} of net gain per extra {currency}", currency=currency)
    text = prose("optimise.marginal")
    drawing = estimates("marginal", title, rows, over=what, tick=numbers.short, by_purpose=True)
    paragraphs = [text, *_free_returns(made, per)]
    if notes:
        paragraphs.append(say("Not shown: {notes}.", notes="; ".join(notes)))
    return Section("marginal", title, [*paragraphs, figures(drawing)])


def _free_returns(made: Optimised, per: float) -> list[str]:
    """Whether the returns of the parts that no bound holds are about equal, in a sentence."""
    free = [one.value for one in made.marginals.values() if not one.held]
    found = [one for one in free if isinstance(one, Estimate)]
    if len(found) < 2:
        return []
    low, high = (numbers.decimal(pick(one.value for one in found) * per) for pick in (min, max))
    fields = {"count": numbers.exact(len(found)), "low": low, "high": high}
    if max(one.low for one in found) <= min(one.high for one in found):
        return [
            say(
                "The returns of the {count} unconstrained parts range from {low} to {high}; their"
                " 95% CIs overlap.",
                **fields,
            )
        ]
    return [
        say(
            "The returns of the {count} unconstrained parts range from {low} to {high}. Their 95%"
            " CIs do not all overlap, so the allocation can still be improved.",
            **fields,
        )
    ]


def _curves(made: Optimised) -> list[Section]:
    if not made.searched.rounds:
        return []
    called = part_names(made.divided)
    best, today = made.plan(OPTIMISED), made.plan(TODAY)
    text = prose("optimise.responses")
    charts = budget_curves(
        made.divided.scenario,
        made.searched.rounds[0],
        (today.spent, best.spent),
        called=called,
        unit=_unit(made),
    )
    return [
        Section(
            "responses", say("Response curves"), [text, Figures([drawn(chart) for chart in charts])]
        )
    ]


# --- winning against keeping ---


def frontier_sections(made: Optimised) -> list[Section]:
    """Profit and growth against the share of the total that is spent on keeping customers."""
    if len(made.frontier) < 2:
        return []
    currency = made.scenario.currency
    drawings = []
    for name in (PROFIT, NEW_CUSTOMERS, KEPT):
        points = [
            OnPlane("", share, plan.gain.of(name))
            for share, plan in zip(made.shares, made.frontier, strict=True)
        ]
        marks = [
            OnPlane(plan_name(plan.name), plan.share_kept, plan.gain.of(name))
            for plan in (made.plan(TODAY), made.plan(OPTIMISED))
        ]
        unit = say("{currency}, difference from the current plan", currency=currency)
        if name != PROFIT:
            unit = say("people, difference from the current plan")
        told = f"frontier-{name}", outcome_name(name)
        drawings.append(drawn(frontier_chart(told, points, marks, unit=unit)))
    best = max(
        zip(made.shares, made.frontier, strict=True), key=lambda one: one[1].gain.of(PROFIT).value
    )
    paragraphs = [
        say(
            "The total is reallocated for each share spent on retention, from none to all of it;"
            " the rest goes to acquisition. Profit is highest at {share}: {profit} against the"
            " current plan.",
            share=numbers.whole_percent(best[0]),
            profit=numbers.money(best[1].gain.of(PROFIT).value, currency),
        ),
        prose("optimise.frontier"),
    ]
    if len(made.shares) < ALL_SHARES:
        paragraphs.append(
            say(
                "Shares beyond {first} to {last} are left out: the touchpoints cannot spend that.",
                first=numbers.whole_percent(min(made.shares)),
                last=numbers.whole_percent(max(made.shares)),
            )
        )
    title = say("Acquisition against retention")
    return [Section("frontier", title, [*paragraphs, Figures(drawings), _frontier_table(made)])]


def _frontier_table(made: Optimised) -> TableBlock:
    columns = [
        TableColumn(say("Retention share"), numbers.whole_percent),
        *(TableColumn(outcome_name(name)) for name in OUTCOMES),
    ]
    rows: list[list[numbers.Cell]] = [
        [share, *(with_half(plan.gain.of(name)) for name in OUTCOMES)]
        for share, plan in zip(made.shares, made.frontier, strict=True)
    ]
    caption = say(
        "The optimal allocation at each share against the current plan, money in {currency}, ±"
        " half the 95% CI",
        currency=made.scenario.currency,
    )
    return table(caption, columns, rows)


# --- how sure this is, and how to do it again ---


def certainty_section(made: Optimised) -> Section:
    """How sure a plan is, and what it rests on."""
    paragraphs = [
        prose(
            "optimise.certainty",
            seed=made.search_seeds[0],
            count=numbers.exact(len(made.fresh_seeds)),
            runs=numbers.runs(made.runs),
        ),
        prose(
            "optimise.assumptions",
            times=numbers.short(MOST_TIMES),
            worth=numbers.money(made.worth, made.scenario.currency),
        ),
    ]
    by_reason: dict[str, list[str]] = {}
    for name, why in made.divided.left_out.items():
        by_reason.setdefault(explain(why), []).append(names.touchpoint_name(made.scenario, name))
    if by_reason:
        listed = "; ".join(f"{', '.join(one)} ({why})" for why, one in by_reason.items())
        paragraphs.append(say("Not part of the allocation: {listed}.", listed=listed))
    return Section("certainty", say("Precision and confidence intervals"), paragraphs)


def _reproduce(made: Optimised, command: str) -> Section:
    text = prose("optimise.reproduce")
    facts = {say("Scenario"): f"{made.scenario.name}, {scenario_hash(made.scenario)}"}
    return reproduce_section(text, command, facts)


# --- studies of a split ---


def frontier_page(answer: FrontierAnswer, command: str) -> str:
    """The page of a study of kind frontier, in the language of the surrounding `speaking`."""
    study, made = answer.study, answer.made
    sections = [
        *guarded("expected", _expected, study),
        *guarded("claim", claimed, answer),
        *guarded("verdict", claimed_verdict, answer),
        *guarded("answer", _frontier_answer, made),
        *guarded("frontier", frontier_sections, made),
        *guarded("why", claimed_reasons, answer),
        *guarded("certainty", certainty_section, made),
        *guarded("reproduce", _reproduce_study, made.scenario, command),
    ]
    return render(_page(study, made, sections))


def belief_page(answer: BeliefAnswer, command: str) -> str:
    """The page of a study of kind belief, in the language of the surrounding `speaking`."""
    study, made = answer.study, answer.made
    sections = [
        *guarded("expected", _expected, study),
        *guarded("claim", claimed, answer),
        *guarded("verdict", claimed_verdict, answer),
        *guarded("answer", _belief_section, made),
        *guarded("plans", _two_plans, made),
        *guarded("time", _over_time, made),
        *guarded("figures", _all_plans, made),
        *guarded("why", claimed_reasons, answer),
        *guarded("certainty", _belief_certainty, made),
        *guarded("reproduce", _reproduce_study, made.scenario, command),
    ]
    return render(_page(study, made, sections))


def _page(study: SplitStudy, made: Optimised | BeliefFound, sections: list[Section]) -> Page:
    scenario = made.scenario
    lead = say(
        "{total} over {length}; {agents}.",
        total=numbers.money(made.total, scenario.currency),
        length=numbers.length(scenario.days),
        agents=numbers.simulated_customers(scenario.agents),
    )
    title = own_words(study, "title") or numbers.name(study.name)
    return Page(say("journeysim study"), title, lead, sections, own_words(study, "description"))


def belief_plan_names(made: BeliefFound) -> dict[str, str]:
    """What the plans of a belief are called: by the shapes of the markets, where these differ."""
    shape, believed = made.scenario.journey.shape, made.believed.journey.shape
    if shape == believed:
        knows = say("Plan for the true market")
        believes = say("Plan built on the assumption")
        wins = say("Plan built on the assumption, retention unchanged")
    elif shape == Shape.LOOP:
        knows, believes = say("Loop plan"), say("Funnel plan")
        wins = say("Funnel plan, retention unchanged")
    else:
        knows, believes = say("Funnel plan"), say("Loop plan")
        wins = say("Loop plan, retention unchanged")
    return {TODAY: say("Current plan"), KNOWS: knows, BELIEVES: believes, BELIEVES_WINS: wins}


def _expected(study: SplitStudy) -> list[Section]:
    text = own_words(study, "expected")
    return [Section("expected", say("Hypothesis"), [text])] if text else []


# --- winning against keeping ---


def _frontier_answer(made: Optimised) -> Section:
    return Section("answer", say("Result"), frontier_answer(made))


def frontier_answer(made: Optimised) -> list[Sentence]:
    """Which share on retention is best for what, in sentences, each below a few words."""
    today = made.plan(TODAY)
    sentences = []
    for name in (PROFIT, NEW_CUSTOMERS, KEPT):
        write = outcome_writer(name, made.scenario.currency)
        share = best_share(made, name)
        best = made.frontier[made.shares.index(share.value)].gain.of(name)
        text = say(
            "Highest with {share} of the total spent on retention: {gain} against the current"
            " plan, which spends {now} on it (95% CI {interval}).",
            share=numbers.whole_percent(share.value),
            gain=write(best.value),
            now=numbers.whole_percent(today.share_kept),
            interval=numbers.interval_of(best, write),
        )
        if share.low < share.high:
            text += " " + say(
                "Shares from {low} to {high} are not distinguishable from it.",
                low=numbers.whole_percent(share.low),
                high=numbers.whole_percent(share.high),
            )
        sentences.append(Sentence(outcome_name(name), text))
    return sentences


# --- a belief ---


def _belief_section(made: BeliefFound) -> Section:
    return Section("answer", say("Result"), belief_answer(made))


def belief_answer(made: BeliefFound) -> list[Sentence]:
    """What the belief costs, in sentences, each below a few words."""
    cash = outcome_writer(PROFIT, made.scenario.currency)
    regret = made.plan(BELIEVES).regret.of(PROFIT)
    gains = regret.high < 0.0  # the plan for the true market is not the best one then
    low, high = (-regret.high, -regret.low) if gains else (regret.low, regret.high)
    fields = {
        "regret": cash(abs(regret.value)),
        "interval": numbers.interval(low, high, cash),
        "belief": names.title(made.believed),
        "length": numbers.length(made.scenario.days),
    }
    if regret.low > 0.0:
        text = say(
            "Planning with “{belief}” instead of the true market costs {regret} over {length} (95%"
            " confidence interval {interval}).",
            **fields,
        )
    elif gains:
        text = say(
            "Planning with “{belief}” even earns {regret} more over {length} (95% confidence"
            " interval {interval}). The search in the true market did not find the optimum.",
            **fields,
        )
    else:
        text = say(
            "Planning with “{belief}” instead of the true market makes no significant difference to"
            " profit over {length} (95% confidence interval of the loss: {interval}).",
            **fields,
        )
    sentences = [Sentence(say("Cost of the wrong model"), text)]
    sentences.append(Sentence(say("Against the current plan"), _against_today(made)))
    if made.parting_month is None:
        parting = say(
            "Cumulative regret does not become significantly different from zero in this time."
        )
    else:
        parting = say(
            "Cumulative regret differs significantly from zero from month {month}.",
            month=made.parting_month,
        )
    sentences.append(Sentence(say("When the plans diverge"), parting))
    wins = made.plan(BELIEVES_WINS).regret.of(PROFIT)
    sentences.append(
        Sentence(
            say("With retention unchanged"),
            say(
                "If retention spend stays as it is and only the rest follows the assumption, the"
                " regret is {amount} (95% CI {interval}).",
                amount=cash(wins.value),
                interval=numbers.interval_of(wins, cash),
            ),
        )
    )
    return sentences


def _against_today(made: BeliefFound) -> str:
    cash = outcome_writer(PROFIT, made.scenario.currency)
    knows, believes = (made.plan(name).gain.of(PROFIT) for name in (KNOWS, BELIEVES))
    called = belief_plan_names(made)
    return say(
        "Gain over the current plan: {plan} {knows} (95% CI {knows_interval}); {other} {believes}"
        " (95% CI {believes_interval}).",
        plan=called[KNOWS],
        knows=cash(knows.value),
        knows_interval=numbers.interval_of(knows, cash),
        other=called[BELIEVES],
        believes=cash(believes.value),
        believes_interval=numbers.interval_of(believes, cash),
    )


def _two_plans(made: BeliefFound) -> Section:
    called, currency = part_names(made.divided), made.scenario.currency
    plan_names = belief_plan_names(made)
    today = made.plan(TODAY).spent
    drawings = []
    for name, which in (("knows", KNOWS), ("believes", BELIEVES)):
        title, spent = plan_names[which], made.plan(which).spent
        moves = [
            Move(called[part.name], today[part.name], spent[part.name], part.purpose)
            for part in made.divided.parts
        ]
        drawings.append(drawn(plan_chart(name, title, moves, currency=currency)))
    columns = [
        TableColumn(say("Part of the budget")),
        TableColumn(say("Today"), numbers.whole),
        *(
            TableColumn(plan_names[name], numbers.whole)
            for name in (KNOWS, BELIEVES, BELIEVES_WINS)
        ),
    ]
    plans = [made.plan(name) for name in (TODAY, KNOWS, BELIEVES, BELIEVES_WINS)]
    rows: list[list[numbers.Cell]] = [
        [called[part.name], *(plan.spent[part.name] for plan in plans)]
        for part in made.divided.parts
    ]
    rows.append([say("Total"), *(math.fsum(plan.spent.values()) for plan in plans)])
    rows.append([say("Of which retention"), *(numbers.percent(plan.share_kept) for plan in plans)])
    caption = say("Spend over the run, {currency}, in the true market", currency=currency)
    text = prose("optimise.belief_plans")
    title = say("The two plans")
    return Section("plans", title, [text, Figures(drawings), table(caption, columns, rows)])


def _over_time(made: BeliefFound) -> Section:
    title, called = say("Regret over time"), belief_plan_names(made)
    unit = say("regret, {currency}", currency=made.scenario.currency)
    chart = regret_chart(
        title,
        made.plan(BELIEVES).regret_so_far,
        made.plan(BELIEVES_WINS).regret_so_far,
        called=(called[BELIEVES], called[BELIEVES_WINS]),
        unit=unit,
    )
    text = prose("optimise.belief_regret")
    return Section("time", title, [text, Figures([drawn(chart)])])


def _all_plans(made: BeliefFound) -> Section:
    called = belief_plan_names(made)
    columns = [TableColumn(say("Plan")), *(TableColumn(outcome_name(name)) for name in COMPARED)]
    gains = [
        [called[plan.name], *map(with_half, map(plan.gain.of, COMPARED))]
        for plan in made.plans
        if plan.name != TODAY
    ]
    regrets = [
        [
            called[plan.name],
            *map(with_half, map(plan.regret.of, COMPARED)),
        ]
        for plan in made.plans
        if plan.name != KNOWS
    ]
    currency = made.scenario.currency
    captions = (
        say(
            "Gain of each plan over the current plan, money in {currency}, ± half the 95% CI",
            currency=currency,
        ),
        say(
            "{plan} minus each other plan, money in {currency}, ± half the 95% CI",
            plan=called[KNOWS],
            currency=currency,
        ),
    )
    tables = [
        table(caption, columns, rows)
        for caption, rows in zip(captions, (gains, regrets), strict=True)
    ]
    return Section("figures", say("All figures"), tables)


def _belief_certainty(made: BeliefFound) -> Section:
    paragraphs = [
        prose(
            "optimise.belief_certainty",
            seed=made.search_seed,
            count=numbers.exact(len(made.fresh_seeds)),
            runs=numbers.runs(made.runs),
        ),
        prose(
            "optimise.belief_assumptions",
            times=numbers.short(MOST_TIMES),
            worth=numbers.money(made.worth, made.scenario.currency),
        ),
    ]
    return Section("certainty", say("Precision and confidence intervals"), paragraphs)


def _reproduce_study(scenario: Scenario, command: str) -> Section:
    text = prose("optimise.study_reproduce")
    facts = {say("Scenario"): f"{scenario.name}, {scenario_hash(scenario)}"}
    return reproduce_section(text, command, facts)
