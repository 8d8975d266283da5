"""The section of the page of touchpoints on budgets that follow a model's credit."""

from __future__ import annotations

from sim.measures.figure import Undefined
from sim.measures.incrementality import Estimate, interval
from sim.pages.sections import Section, Table
from sim.pages.words import names, numbers
from sim.pages.words.headlines import NONE
from sim.pages.words.language import explain, say
from sim.questions.touchpoints.attribution import Beside
from sim.questions.touchpoints.regret import NEXT_KRONE, TODAY, TRUTH, PlanFound, Regret

SPOKEN = "last_non_direct_click"  # what tools call last click


def model_name(model: str) -> str:
    """What an attribution model, or another plan of budgets, is called."""
    return {
        "last_click": say("Last click"),
        "last_non_direct_click": say("Last click (not direct)"),
        "first_click": say("First click"),
        "linear": say("Linear"),
        "position_based": say("Position-based"),
        "time_decay": say("Time decay"),
        "markov_1": say("Markov"),
        "markov_2": say("Markov, two touches"),
        "shapley": say("Shapley of paths"),
        "shapley_rate": say("Shapley of rates"),
        TODAY: say("Today's budgets"),
        TRUTH: say("What each truly adds"),
        NEXT_KRONE: say("What a little more of each adds"),
    }[model]


def budgets_section(found: Beside) -> Section:
    """What each plan brings, in the language of `speaking`."""
    title = say("If the budget followed the credit")
    tried = found.regret
    if isinstance(tried, Undefined):
        return Section(
            "regret", title, [say("There is no plan to try out: {why}.", why=explain(tried))]
        )
    currency = found.study.scenario.currency
    total = sum(tried.plans[0].budgets.values())
    intro = say(
        "The {number} touchpoints with a budget share {total} over the run. Each plan splits the"
        " same total in another way, in proportion to a model's credit or to what is true; one"
        " without credit gets nothing, and what paid search cannot spend goes to the others. Every"
        " plan was run in the same market with the same luck.",
        number=numbers.exact(len(tried.plans[0].budgets)),
        total=numbers.money(total, currency),
    )
    paragraphs = [intro, _verdict(tried, currency)]
    if tried.left_out:
        reasons = "; ".join(
            f"{model_name(name)} ({explain(why)})" for name, why in tried.left_out.items()
        )
        paragraphs.append(say("Not tried: {touchpoints}.", touchpoints=reasons))
    return Section(
        "regret",
        title,
        paragraphs,
        tables=[_regret_table(tried, currency), _plans_table(found, tried, currency)],
    )


def _verdict(tried: Regret, currency: str) -> str:
    """Which plan was best, how surely, and what that means for the truth's and last click's."""
    by_name = {plan.name: interval(plan.regret) for plan in tried.plans}
    others = [lost for name, lost in by_name.items() if name != tried.best]
    unsure = sum(lost.low <= 0.0 for lost in others)
    text = say("The best of the plans tried: “{name}”.", name=model_name(tried.best))
    if unsure:
        text += " " + say(
            "{unsure} of the other {others} may be as good: what they lose against it may be luck.",
            unsure=numbers.exact(unsure),
            others=numbers.exact(len(others)),
        )
    if TRUTH in by_name and tried.best != TRUTH:
        text += " " + say(
            "The plan that follows what each truly adds need not be the best. It pays for all that"
            " a budget brings, the first {currency} with the last; as returns fall, what is best"
            " depends on the last one only.",
            currency=currency,
        )
    for name in (SPOKEN, TODAY):
        lost = by_name.get(name)
        if lost is not None and lost.low > 0.0 and name != tried.best:
            text += " " + say(
                "“{name}” costs {amount} of profit against the best.",
                name=model_name(name),
                amount=numbers.money(lost.value, currency),
            )
    return text


def _regret_table(tried: Regret, currency: str) -> Table:
    head = [
        say("Budgets in proportion to"),
        say("Elsewhere, {currency}", currency=currency),
        say("Spend, {currency}", currency=currency),
        say("Profit gained, {currency}", currency=currency),
        say("95 %"),
        say("Regret, {currency}", currency=currency),
        say("95 %"),
    ]

    def key(plan: PlanFound) -> float:
        return -interval(plan.gain).value

    rows = []
    for plan in sorted(tried.plans, key=key):
        gain, lost = interval(plan.gain), interval(plan.regret)
        rows.append(
            [
                model_name(plan.name),
                NONE if isinstance(plan.misplaced, Undefined) else numbers.whole(plan.misplaced),
                numbers.whole(plan.spent),
                *_with_half(gain),
                *_with_half(lost),
            ]
        )
    return Table(
        say(
            "What each plan brings, the best first. Elsewhere: money that is with another"
            " touchpoint in the plan of what each truly adds. Profit gained: against today's"
            " budgets. Regret: profit lost against the best"
        ),
        head,
        rows,
    )


def _with_half(one: Estimate) -> list[str]:
    return [
        numbers.whole(one.value),
        f"±{numbers.SPACE}{numbers.whole((one.high - one.low) / 2.0)}",
    ]


def _plans_table(found: Beside, tried: Regret, currency: str) -> Table:
    own = list(tried.plans[0].budgets)
    head = [
        say("Budgets in proportion to"),
        *(names.touchpoint_name(found.study.scenario, name) for name in own),
    ]
    rows = [
        [model_name(plan.name), *(numbers.whole(plan.budgets[name]) for name in own)]
        for plan in tried.plans
    ]
    return Table(say("The plans: budgets over the run, {currency}", currency=currency), head, rows)
