"""The pages of studies of how a budget is split: what was expected, what came out, on what."""

from __future__ import annotations

import math

from sim.pages.blocks import Column, Figures, Page, Section, Sentence, table
from sim.pages.charts.estimates import Move, plan_chart
from sim.pages.charts.over_time import regret_chart
from sim.pages.charts.render import drawn
from sim.pages.optimise_page import (
    certainty_section,
    frontier_sections,
    outcome_name,
    outcome_writer,
    part_names,
    with_half,
)
from sim.pages.parts import guarded, reproduce_section
from sim.pages.render import render
from sim.pages.words import names, numbers
from sim.pages.words.language import own_words, say
from sim.pages.words.prose import prose
from sim.questions.budget.belief import (
    BELIEVES,
    BELIEVES_WINS,
    KNOWS,
    BeliefFound,
)
from sim.questions.budget.optimise import Optimised
from sim.questions.budget.runs import MOST_TIMES, TODAY
from sim.questions.budget.split_study import SplitStudy
from sim.questions.budget.trials import COMPARED, KEPT, NEW_CUSTOMERS, PROFIT
from sim.runs.run import scenario_hash
from sim.scenario.schema import Scenario


def frontier_page(study: SplitStudy, made: Optimised, command: str) -> str:
    """The page of a study of kind frontier, in the language of the surrounding `speaking`."""
    sections = [
        *guarded("expected", _expected, study),
        *guarded("answer", _frontier_answer, made),
        *guarded("frontier", frontier_sections, made),
        *guarded("certainty", certainty_section, made),
        *guarded("reproduce", _reproduce, made.scenario, command),
    ]
    return render(_page(study, made, sections))


def belief_page(study: SplitStudy, made: BeliefFound, command: str) -> str:
    """The page of a study of kind belief, in the language of the surrounding `speaking`."""
    sections = [
        *guarded("expected", _expected, study),
        *guarded("answer", _belief_answer, made),
        *guarded("plans", _two_plans, made),
        *guarded("time", _over_time, made),
        *guarded("figures", _all_plans, made),
        *guarded("certainty", _belief_certainty, made),
        *guarded("reproduce", _reproduce, made.scenario, command),
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


def _belief_answer(made: BeliefFound) -> Section:
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
    return Section("answer", say("What came out"), sentences)


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
        Column(say("Part of the budget")),
        Column(say("Today"), numbers.whole),
        Column(say("Who knows"), numbers.whole),
        Column(say("Who believes"), numbers.whole),
        Column(say("Who believes, keeping as it is"), numbers.whole),
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
    columns = [Column(say("Plan")), *(Column(outcome_name(name)) for name in COMPARED)]
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


def _reproduce(scenario: Scenario, command: str) -> Section:
    text = prose("optimise.study_reproduce")
    facts = {say("Scenario"): f"{scenario.name}, {scenario_hash(scenario)}"}
    return reproduce_section(text, command, facts)
