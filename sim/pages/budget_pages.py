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
from sim.pages.parts import estimates, guarded, largest_end, purpose_group, reproduce_section
from sim.pages.render import render
from sim.pages.words import names, numbers
from sim.pages.words.language import explain, own_words, prose, say
from sim.questions.budget.belief import BELIEVES, BELIEVES_WINS, KNOWS, BeliefFound
from sim.questions.budget.optimise import Optimised
from sim.questions.budget.plans import BudgetPart, Divided
from sim.questions.budget.request import EQUAL, LAST_CLICK, MOST_TIMES, OPTIMISED, SCALED, TODAY
from sim.questions.budget.split_study import SplitStudy
from sim.questions.budget.trials import COMPARED, CUSTOMER_VALUE, KEPT, NEW_CUSTOMERS, PROFIT
from sim.runs.run import scenario_hash
from sim.scenario.schema import Scenario
from sim.vocabulary import DAYS_PER_YEAR

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
        TODAY: say("today's plan"),
        SCALED: say("today's split of the total"),
        EQUAL: say("the same for all"),
        LAST_CLICK: say("by last click"),
        OPTIMISED: say("the optimised plan"),
    }
    return known[name]


def outcome_name(name: str) -> str:
    """What an outcome of a plan is called."""
    known = {
        PROFIT: say("Profit"),
        NEW_CUSTOMERS: say("New customers"),
        KEPT: say("Customers at the end"),
        CUSTOMER_VALUE: say("Customer value"),
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


def in_text_of(scenario: Scenario, part: BudgetPart) -> str:
    """What a part is called inside a sentence."""
    if part.name in scenario.touchpoints:
        return names.touchpoint_in_text(scenario, part.name)
    return names.purpose_name(part.purpose)


# --- the plan ---


def _unit(made: Optimised) -> str:
    """What the goal is counted in."""
    if made.request.goal == NEW_CUSTOMERS:
        return say("new customers")
    return say("{currency} before its own cost", currency=made.scenario.currency)


def _lead(made: Optimised) -> str:
    scenario, request = made.scenario, made.request
    text = say(
        "{total} to be split so that {goal} becomes as large as can be, in a market of {people},"
        " represented by {agents}.",
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
                "The plan begins after {days} with today's budgets, and is counted for {window}.",
                days=numbers.in_days(request.from_day),
                window=window,
            )
        )
    return text + " " + say("Both the money and the goal are counted for {window}.", window=window)


def goal_in_text(goal: str) -> str:
    """What a goal is called inside a sentence."""
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
        write = outcome_writer(goal, currency)
        text = say(
            "Today's plan spends another total. Compared with today's split of this total the plan"
            " adds {gain} ({interval} with 95 % confidence).",
            gain=write(same.value),
            interval=numbers.interval_of(same, write),
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
    told = say("Spend today and in the plan")
    drawing = drawn(plan_chart("plan", told, moves_drawn, currency=currency))
    return Section("plan", title, [*sentences, Figures([drawing]), _plan_table(made)])


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
            "Compared with today's plan it adds {gain} to {what}; with 95 % confidence {interval},"
            " on seeds that the search never saw.",
            **fields,
        )
    return say(
        "No plan was found that is surely better than today's: the difference in {what} is {gain},"
        " with 95 % confidence {interval}.",
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
        TableColumn(say("The plan a year"), numbers.whole),
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
        "Spend in the window, {currency}, as found on the fresh seeds",
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
    title, over = say("Against today and against simple rules"), _over(goal, currency)
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
    caption = say("What each plan adds to today's, with half the 95 % interval")
    return Section("gains", title, [*paragraphs, figures(drawing), table(caption, columns, lines)])


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
        group = purpose_group(part.purpose)
        rows.append(Whisker(called[part.name] + mark, *value, numbers.decimal(value.value), group))
    rows.sort(key=lambda row: -row.value)
    title = say("What the next krone does now")
    if goal == NEW_CUSTOMERS:
        what = say("new customers for 1,000 {currency} more", currency=currency)
    else:
        what = say("{currency} of gain for one more {currency} placed", currency=currency)
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
        unit = say("{currency} against today", currency=currency)
        if name != PROFIT:
            unit = say("people against today")
        told = f"frontier-{name}", outcome_name(name)
        drawings.append(drawn(frontier_chart(told, points, marks, unit=unit)))
    best = max(
        zip(made.shares, made.frontier, strict=True), key=lambda one: one[1].gain.of(PROFIT).value
    )
    paragraphs = [
        say(
            "The whole total is split anew for each share spent on keeping customers, from none to"
            " all of it; the rest goes to winning them. Profit is highest at {share}, {profit}"
            " compared with today.",
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
    title = say("Winning against keeping")
    return [Section("frontier", title, [*paragraphs, Figures(drawings), _frontier_table(made)])]


def _frontier_table(made: Optimised) -> TableBlock:
    columns = [
        TableColumn(say("Share on keeping"), numbers.whole_percent),
        *(TableColumn(outcome_name(name)) for name in OUTCOMES),
    ]
    rows: list[list[numbers.Cell]] = [
        [share, *(with_half(plan.gain.of(name)) for name in OUTCOMES)]
        for share, plan in zip(made.shares, made.frontier, strict=True)
    ]
    caption = say(
        "The best split at each share against today's plan, money in {currency}, with half the"
        " 95 % interval",
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
        paragraphs.append(say("No part of the split: {listed}.", listed=listed))
    return Section("certainty", say("How sure this is"), paragraphs)


def _reproduce(made: Optimised, command: str) -> Section:
    text = prose("optimise.reproduce")
    facts = {say("Scenario"): f"{made.scenario.name}, {scenario_hash(made.scenario)}"}
    return reproduce_section(text, command, facts)


# --- studies of a split ---


def frontier_page(study: SplitStudy, made: Optimised, command: str) -> str:
    """The page of a study of kind frontier, in the language of the surrounding `speaking`."""
    sections = [
        *guarded("expected", _expected, study),
        *guarded("answer", _frontier_answer, made),
        *guarded("frontier", frontier_sections, made),
        *guarded("certainty", certainty_section, made),
        *guarded("reproduce", _reproduce_study, made.scenario, command),
    ]
    return render(_page(study, made, sections))


def belief_page(study: SplitStudy, made: BeliefFound, command: str) -> str:
    """The page of a study of kind belief, in the language of the surrounding `speaking`."""
    sections = [
        *guarded("expected", _expected, study),
        *guarded("answer", _belief_section, made),
        *guarded("plans", _two_plans, made),
        *guarded("time", _over_time, made),
        *guarded("figures", _all_plans, made),
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


def belief_plan_name(name: str) -> str:
    """What a plan of a belief is called."""
    known = {
        TODAY: say("today's plan"),
        KNOWS: say("who knows the market"),
        BELIEVES: say("the believer"),
        BELIEVES_WINS: say("the believer, keeping as it is"),
    }
    return known[name]


def _expected(study: SplitStudy) -> list[Section]:
    text = own_words(study, "expected")
    return [Section("expected", say("What one would expect"), [text])] if text else []


# --- winning against keeping ---


def _frontier_answer(made: Optimised) -> Section:
    today = made.plan(TODAY)
    sentences = []
    for name in (PROFIT, NEW_CUSTOMERS, KEPT):
        write = outcome_writer(name, made.scenario.currency)
        points = list(zip(made.shares, made.frontier, strict=True))
        share, best = max(points, key=lambda one: one[1].gain.of(name).value)
        near = [
            other for other, plan in points if plan.gain.of(name).high >= best.gain.of(name).low
        ]
        text = say(
            "Highest with {share} of the total spent on keeping customers: {gain} against today's"
            " plan, which spends {now} on it ({interval} with 95 % confidence).",
            share=numbers.whole_percent(share),
            gain=write(best.gain.of(name).value),
            now=numbers.whole_percent(today.share_kept),
            interval=numbers.interval_of(best.gain.of(name), write),
        )
        if len(near) > 1:
            text += " " + say(
                "Shares from {low} to {high} cannot be told apart from it.",
                low=numbers.whole_percent(min(near)),
                high=numbers.whole_percent(max(near)),
            )
        sentences.append(Sentence(outcome_name(name), text))
    return Section("answer", say("What came out"), sentences)


# --- a belief ---


def _belief_section(made: BeliefFound) -> Section:
    return Section("answer", say("What came out"), belief_answer(made))


def belief_answer(made: BeliefFound) -> list[Sentence]:
    """What the belief costs, in sentences, each below a few words."""
    cash = outcome_writer(PROFIT, made.scenario.currency)
    regret = made.plan(BELIEVES).regret.of(PROFIT)
    fields = {
        "regret": cash(abs(regret.value)),
        "interval": numbers.interval_of(regret, cash),
        "belief": names.title(made.believed),
        "length": numbers.length(made.scenario.days),
    }
    if regret.low > 0.0:
        text = say(
            "The plan made in the belief of “{belief}” earns {regret} less over {length} than the"
            " plan of who knows the market (difference {interval} with 95 % confidence).",
            **fields,
        )
    elif regret.high < 0.0:
        text = say(
            "The plan made in the belief of “{belief}” even earns {regret} more over {length} than"
            " the plan of who knows the market (difference {interval} with 95 % confidence): the"
            " search in the true market did not find the best.",
            **fields,
        )
    else:
        text = say(
            "It makes no difference that could be seen: the plan made in the belief of “{belief}”"
            " and the plan of who knows the market earn the same over {length} within the interval"
            " of the difference, {interval} with 95 % confidence.",
            **fields,
        )
    sentences = [Sentence(say("The price of the belief"), text)]
    sentences.append(Sentence(say("Against today"), _against_today(made)))
    if made.parting_month is None:
        parting = say("The two plans do not part in this time: the interval of the regret holds 0.")
    else:
        parting = say(
            "From month {month} on the regret so far is surely not 0.", month=made.parting_month
        )
    sentences.append(Sentence(say("When they part"), parting))
    wins = made.plan(BELIEVES_WINS).regret.of(PROFIT)
    sentences.append(
        Sentence(
            say("Half a belief"),
            say(
                "Between who knows and the believer who leaves the spend on keeping customers as it"
                " is, and splits only the rest by the belief, the difference is {amount}"
                " ({interval}).",
                amount=cash(wins.value),
                interval=numbers.interval_of(wins, cash),
            ),
        )
    )
    return sentences


def _against_today(made: BeliefFound) -> str:
    cash = outcome_writer(PROFIT, made.scenario.currency)
    knows, believes = (made.plan(name).gain.of(PROFIT) for name in (KNOWS, BELIEVES))
    return say(
        "Compared with today's plan, who knows gains {knows} ({knows_interval}), and the believer"
        " {believes} ({believes_interval}).",
        knows=cash(knows.value),
        knows_interval=numbers.interval_of(knows, cash),
        believes=cash(believes.value),
        believes_interval=numbers.interval_of(believes, cash),
    )


def _two_plans(made: BeliefFound) -> Section:
    called, currency = part_names(made.divided), made.scenario.currency
    knows, believes, today = (made.plan(name).spent for name in (KNOWS, BELIEVES, TODAY))
    drawings = []
    for name, title, spent in (
        ("knows", say("Today's plan and that of who knows"), knows),
        ("believes", say("Today's plan and that of who believes"), believes),
    ):
        moves = [
            Move(called[part.name], today[part.name], spent[part.name], part.purpose)
            for part in made.divided.parts
        ]
        drawings.append(drawn(plan_chart(name, title, moves, currency=currency)))
    columns = [
        TableColumn(say("Part of the budget")),
        TableColumn(say("Today"), numbers.whole),
        TableColumn(say("Who knows"), numbers.whole),
        TableColumn(say("Who believes"), numbers.whole),
        TableColumn(say("Who believes, keeping as it is"), numbers.whole),
    ]
    plans = [made.plan(name) for name in (TODAY, KNOWS, BELIEVES, BELIEVES_WINS)]
    rows: list[list[numbers.Cell]] = [
        [called[part.name], *(plan.spent[part.name] for plan in plans)]
        for part in made.divided.parts
    ]
    rows.append([say("Total"), *(math.fsum(plan.spent.values()) for plan in plans)])
    rows.append([say("Of it on keeping"), *(numbers.percent(plan.share_kept) for plan in plans)])
    caption = say(
        "Spend over the run in {currency}, as found in the true market", currency=currency
    )
    text = prose("optimise.belief_plans")
    title = say("The two plans")
    return Section("plans", title, [text, Figures(drawings), table(caption, columns, rows)])


def _over_time(made: BeliefFound) -> Section:
    title = say("Regret over time")
    chart = regret_chart(
        say("Regret over time"),
        made.plan(BELIEVES).regret_so_far,
        made.plan(BELIEVES_WINS).regret_so_far,
        currency=made.scenario.currency,
    )
    text = prose("optimise.belief_regret")
    return Section("time", title, [text, Figures([drawn(chart)])])


def _all_plans(made: BeliefFound) -> Section:
    columns = [TableColumn(say("Plan")), *(TableColumn(outcome_name(name)) for name in COMPARED)]
    gains = [
        [numbers.capital(belief_plan_name(plan.name)), *map(with_half, map(plan.gain.of, COMPARED))]
        for plan in made.plans
        if plan.name != TODAY
    ]
    regrets = [
        [
            numbers.capital(belief_plan_name(plan.name)),
            *map(with_half, map(plan.regret.of, COMPARED)),
        ]
        for plan in made.plans
        if plan.name != KNOWS
    ]
    currency = made.scenario.currency
    captions = (
        say(
            "What each plan adds to today's, money in {currency}, ± half the 95 % interval",
            currency=currency,
        ),
        say(
            "What who knows has more than each plan, money in {currency}, likewise",
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
    return Section("certainty", say("How sure this is"), paragraphs)


def _reproduce_study(scenario: Scenario, command: str) -> Section:
    text = prose("optimise.study_reproduce")
    facts = {say("Scenario"): f"{scenario.name}, {scenario_hash(scenario)}"}
    return reproduce_section(text, command, facts)
