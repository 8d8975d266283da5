"""What the page of a study says about the best splits that it measured."""

from __future__ import annotations

from sim.pages.sections import Section
from sim.pages.words import numbers
from sim.pages.words.language import say
from sim.pages.words.studies import Words
from sim.questions.budget.best_split import GAIN, SLOPE, is_of_split, parts_of, split_request
from sim.questions.levers.market import MarketPlan
from sim.questions.levers.study import By, Goal, OptimisePart


def split_section(plan: MarketPlan, words: Words) -> list[Section]:
    """How the best splits were looked for, and how to read them; none if none was measured."""
    if plan.split is None:
        return []
    asked = plan.split
    request = split_request(words.scenario, asked)
    text = [
        say(
            "Each run looked for the split of {total} that makes {goal} as large as can be, over"
            " {parts}: for every row and seed anew, with at most {evaluations} plans, all with the"
            " seed of the run.",
            total=_total(asked, words),
            goal=_goal(asked.goal),
            parts=_parts(asked, len(parts_of(words.scenario, asked))),
            evaluations=numbers.exact(request.evaluations),
        )
    ]
    if asked.from_day:
        text.append(
            say(
                "The plan begins after {days} with today's budgets.",
                days=numbers.in_days(asked.from_day),
            )
        )
    measured = [key for key in plan.measures if is_of_split(key)]
    if len(measured) > sum(key in (GAIN, SLOPE) for key in measured):
        text.append(
            say(
                "Near its best a split may change a good deal and the goal hardly at all: luck"
                " moves the best split more than what it earns. Replicates tell how much."
            )
        )
    if GAIN in measured:
        text.append(
            say(
                "The gain is over today's split of the same total. It is a little too large, as it"
                " was found on the seed that the plan was chosen on; journeysim optimise tries"
                " plans on fresh seeds."
            )
        )
    if SLOPE in measured:
        text.append(_slope(asked.goal))
    return [Section("best-split", say("How the best split was found"), text)]


def _total(asked: OptimisePart, words: Words) -> str:
    if asked.budget is None:
        return say("what is spent today")
    return numbers.money(asked.budget, words.scenario.currency)


def _goal(goal: Goal) -> str:
    return {
        Goal.PROFIT: say("profit"),
        Goal.NEW_CUSTOMERS: say("the number of new customers"),
        Goal.CUSTOMER_VALUE: say("profit and the worth of the customers at the end"),
    }[goal]


def _parts(asked: OptimisePart, count: int) -> str:
    if asked.by == By.TOUCHPOINT:
        return say("{count} touchpoints", count=numbers.exact(count))
    return say("winning and keeping customers, either as it is split today")


def _slope(goal: Goal) -> str:
    if goal == Goal.NEW_CUSTOMERS:
        return say("The return of the next krone is the new customers for one more of the total.")
    return say(
        "The return of the next krone is what one more of the total would add to the goal, its own"
        " cost taken off: below 0, spending less would earn more."
    )
