"""The pages of studies of how a budget is split: what was expected, what came out, on what."""

from __future__ import annotations

import math

from sim.pages.charts.estimates import Move, plan_chart
from sim.pages.charts.over_time import regret_chart
from sim.pages.charts.render import drawn
from sim.pages.frontier_sections import (
    amount,
    frontier_sections,
    interval_text,
    outcome_name,
    part_names,
    pm,
)
from sim.pages.optimise_page import certainty_section
from sim.pages.pages import render
from sim.pages.sections import Section, Sentence, Table, guarded
from sim.pages.words import names, numbers
from sim.pages.words.language import language, say
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

DANISH = "da"


def frontier_page(study: SplitStudy, made: Optimised, command: str) -> str:
    """The page of a study of kind frontier, in the language of the surrounding `speaking`."""
    return render(
        kind=say("journeysim study"),
        title=_own(study.title, study.title_da) or numbers.name(study.name),
        description=_own(study.description, study.description_da),
        lead=_lead(made.total, made.scenario.currency, made.scenario.agents, made.scenario.days),
        sections=[
            *guarded("expected", _expected, study),
            *guarded("answer", _frontier_answer, made),
            *guarded("frontier", frontier_sections, made),
            *guarded("certainty", certainty_section, made),
            *guarded("reproduce", _reproduce, made.scenario, command),
        ],
    )


def belief_page(study: SplitStudy, made: BeliefFound, command: str) -> str:
    """The page of a study of kind belief, in the language of the surrounding `speaking`."""
    return render(
        kind=say("journeysim study"),
        title=_own(study.title, study.title_da) or numbers.name(study.name),
        description=_own(study.description, study.description_da),
        lead=_lead(made.total, made.scenario.currency, made.scenario.agents, made.scenario.days),
        sections=[
            *guarded("expected", _expected, study),
            *guarded("answer", _belief_answer, made),
            *guarded("plans", _two_plans, made),
            *guarded("time", _over_time, made),
            *guarded("figures", _all_plans, made),
            *guarded("certainty", _belief_certainty, made),
            *guarded("reproduce", _reproduce, made.scenario, command),
        ],
    )


def belief_plan_name(name: str) -> str:
    """What a plan of a belief is called."""
    known = {
        TODAY: say("today's plan"),
        KNOWS: say("who knows the market"),
        BELIEVES: say("the believer"),
        BELIEVES_WINS: say("the believer, keeping as it is"),
    }
    return known[name]


def _own(english: str, danish: str) -> str:
    return danish if language() == DANISH and danish else english


def _lead(total: float, currency: str, agents: int, days: int) -> str:
    return say(
        "{total} over {length}; {agents} simulated customers.",
        total=numbers.money(total, currency),
        length=numbers.length(days),
        agents=numbers.exact(agents),
    )


def _expected(study: SplitStudy) -> list[Section]:
    text = _own(study.expected, study.expected_da)
    return [Section("expected", say("What one would expect"), [text])] if text else []


# --- winning against keeping ---


def _frontier_answer(made: Optimised) -> Section:
    currency = made.scenario.currency
    today = made.plan(TODAY)
    sentences = []
    for name in (PROFIT, NEW_CUSTOMERS, KEPT):
        points = list(zip(made.shares, made.frontier, strict=True))
        share, best = max(points, key=lambda one: one[1].gain.of(name).value)
        near = [
            other for other, plan in points if plan.gain.of(name).high >= best.gain.of(name).low
        ]
        text = say(
            "Highest with {share} of the total spent on keeping customers: {gain} against today's"
            " plan, which spends {now} on it ({interval} with 95 % confidence).",
            share=numbers.whole_percent(share),
            gain=amount(name, best.gain.of(name).value, currency),
            now=numbers.whole_percent(today.share_kept),
            interval=interval_text(name, best.gain.of(name), currency),
        )
        if len(near) > 1:
            text += " " + say(
                "Shares from {low} to {high} cannot be told apart from it.",
                low=numbers.whole_percent(min(near)),
                high=numbers.whole_percent(max(near)),
            )
        sentences.append(Sentence(outcome_name(name), text))
    return Section("answer", say("What came out"), sentences=sentences)


# --- a belief ---


def _belief_answer(made: BeliefFound) -> Section:
    currency = made.scenario.currency
    regret = made.plan(BELIEVES).regret.of(PROFIT)
    fields = {
        "regret": numbers.money(abs(regret.value), currency),
        "interval": interval_text(PROFIT, regret, currency),
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
                amount=numbers.money(wins.value, currency),
                interval=interval_text(PROFIT, wins, currency),
            ),
        )
    )
    return Section("answer", say("What came out"), sentences=sentences)


def _against_today(made: BeliefFound) -> str:
    currency = made.scenario.currency
    knows, believes = (made.plan(name).gain.of(PROFIT) for name in (KNOWS, BELIEVES))
    return say(
        "Compared with today's plan, who knows gains {knows} ({knows_interval}), and the believer"
        " {believes} ({believes_interval}).",
        knows=numbers.money(knows.value, currency),
        knows_interval=interval_text(PROFIT, knows, currency),
        believes=numbers.money(believes.value, currency),
        believes_interval=interval_text(PROFIT, believes, currency),
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
    head = [
        say("Part of the budget"),
        say("Today"),
        say("Who knows"),
        say("Who believes"),
        say("Who believes, keeping as it is"),
    ]
    plans = [made.plan(name) for name in (TODAY, KNOWS, BELIEVES, BELIEVES_WINS)]
    rows = [
        [called[part.name], *(numbers.whole(plan.spent[part.name]) for plan in plans)]
        for part in made.divided.parts
    ]
    rows.append([say("Total"), *(numbers.whole(math.fsum(plan.spent.values())) for plan in plans)])
    shares = [numbers.percent(plan.share_kept) for plan in plans]
    rows.append([say("Of it on keeping"), *shares])
    caption = say(
        "Spend over the run in {currency}, as found in the true market", currency=currency
    )
    text = say(
        "The believer spends nothing on what the believed market does not have. Both kinds of plan"
        " cost the same in total; the amounts are those found in the true market."
    )
    title = say("The two plans")
    return Section("plans", title, [text], drawings=drawings, tables=[Table(caption, head, rows)])


def _over_time(made: BeliefFound) -> Section:
    currency = made.scenario.currency
    title = say("Regret over time")
    chart = regret_chart(
        title,
        made.plan(BELIEVES).regret_so_far,
        made.plan(BELIEVES_WINS).regret_so_far,
        currency=currency,
    )
    text = say(
        "What the believer has earned less than who knows, from the start to each month, with the"
        " 95 % interval. The broken line is the believer who leaves the spend on keeping customers"
        " as it is. Both plans begin on day 0 with the customers and the memory that the market has"
        " then, so that they can only part with time."
    )
    return Section("time", title, [text], drawings=[drawn(chart)])


def _all_plans(made: BeliefFound) -> Section:
    head = [say("Plan"), *(outcome_name(name) for name in COMPARED)]
    gains = [
        [numbers.capital(belief_plan_name(plan.name)), *(pm(plan.gain.of(n)) for n in COMPARED)]
        for plan in made.plans
        if plan.name != TODAY
    ]
    regrets = [
        [numbers.capital(belief_plan_name(plan.name)), *(pm(plan.regret.of(n)) for n in COMPARED)]
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
        Table(caption, head, rows) for caption, rows in zip(captions, (gains, regrets), strict=True)
    ]
    return Section("figures", say("All figures"), tables=tables)


def _belief_certainty(made: BeliefFound) -> Section:
    paragraphs = [
        say(
            "Both searches saw seed {seed} only; all figures are those of {count} other seeds, with"
            " the same luck for all plans, and intervals from the spread between these (Student's"
            " t). It took {runs} runs.",
            seed=made.search_seed,
            count=numbers.exact(len(made.fresh_seeds)),
            runs=numbers.exact(made.runs),
        ),
        say(
            "Assumptions: the believer never learns from what happens; prices stay as they are,"
            " however much is bought; no part gets more than {times} times what it has today, in"
            " either plan; what comes after the end of the run is left out, except that a customer"
            " at the end counts {worth} in the customer value. Touchpoints with a fixed cost, and"
            " service desks, stay as they are in all plans.",
            times=numbers.short(MOST_TIMES),
            worth=numbers.money(made.worth, made.scenario.currency),
        ),
    ]
    return Section("certainty", say("How sure this is"), paragraphs)


def _reproduce(scenario: Scenario, command: str) -> Section:
    text = say(
        "The folder of this page holds the study (study.yaml), the complete market (scenario.yaml)"
        " and every figure in summary.json. In it, this command makes the same again:"
    )
    return Section(
        "reproduce",
        say("How to reproduce this"),
        [text],
        commands=[command],
        facts={say("Scenario"): f"{scenario.name}, {scenario_hash(scenario)}"},
    )
