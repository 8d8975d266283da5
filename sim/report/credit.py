"""Sections of the page of touchpoints: what analytics credits, beside what is true."""

from __future__ import annotations

from typing import Any

from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.measures.attribution import DIRECT
from sim.measures.credit import Compared, Truth
from sim.measures.figure import Figure, Undefined
from sim.measures.incrementality import Estimate, interval
from sim.report import names, numbers
from sim.report.drawing import (
    BLUE,
    INK,
    MUTED,
    ORANGE,
    RULE,
    VERMILION,
    Drawing,
    as_svg,
    new_axes,
    style,
)
from sim.report.headlines import NONE
from sim.report.language import explain, say
from sim.report.sections import Section, Table
from sim.studies.beside import Beside
from sim.studies.regret import NEXT_KRONE, TODAY, TRUTH, PlanFound, Regret

WIDTH = 420.0  # points: letters stay readable when a phone shrinks it
LINE = 24.0  # points a touchpoint takes
LETTER = 6.8  # points a letter takes at most, on average
TRUE_SIZE, MARK_SIZE = 7.5, 6.5
# The models that are drawn: told apart by shape, so that grey and overlap do no harm.
DRAWN = {
    "last_non_direct_click": ("s", VERMILION),
    "time_decay": ("^", BLUE),
    "markov_1": ("D", ORANGE),
    "shapley": ("x", MUTED),
}
SPOKEN = "last_non_direct_click"  # what tools call last click


def credit_sections(found: Beside) -> list[Section]:
    """Credit beside the truth, and the budgets that follow it; in the language of `speaking`."""
    return [_credit(found), _budgets(found)]


def model_name(model: str) -> str:
    """What an attribution model, or another plan of budgets, is called."""
    return {
        "last_click": say("Last click"),
        "last_non_direct_click": say("Last click that is not direct"),
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


def _credit(found: Beside) -> Section:
    title = say("What web analytics would credit")
    intro = say(
        "Web analytics sees {paths} paths with {conversions} purchases: those of {share} of the"
        " customers, as far as cookies, consent and devices let it. Each attribution model shares"
        " the purchases out by a rule of its own. What touchpoints truly add is known here, because"
        " the market was run without each of them.",
        paths=numbers.exact(found.paths),
        conversions=numbers.exact(found.conversions),
        share=numbers.whole_percent(found.panel),
    )
    spoken = found.judgement(SPOKEN)
    if isinstance(spoken.direct, Undefined):
        text = say("No model can be computed: {why}.", why=explain(spoken.direct))
        return Section("analytics", title, [intro, text])
    paragraphs = [intro, _direct_and_ranks(found)]
    extremes = _extremes(found)
    if extremes:
        paragraphs.append(extremes)
    drawings = []
    if not any(isinstance(one.share, Undefined) for one in found.truths):
        drawings.append(_dots(found))
    return Section(
        "analytics",
        title,
        paragraphs,
        drawings=drawings,
        tables=[_models_table(found), _touchpoints_table(found)],
    )


def _direct_and_ranks(found: Beside) -> str:
    spoken, decay = found.judgement(SPOKEN), found.judgement("time_decay")
    text = say(
        "{direct} of the purchases are nobody's: their trail is lost, and analytics calls them"
        " direct. The rest is compared below, as shares among touchpoints.",
        direct=_percent(spoken.direct),
    )
    ranks = spoken.rank_correlation, decay.rank_correlation
    if any(isinstance(rank, Undefined) for rank in ranks):
        return text
    return (
        text
        + " "
        + say(
            "The order of the {number} touchpoints by last click agrees with the true one by"
            " {rank} (1: the same order, 0: no more than chance); by time decay by {decay}.",
            number=numbers.exact(spoken.touchpoints),
            rank=_decimal(ranks[0]),
            decay=_decimal(ranks[1]),
        )
    )


def _extremes(found: Beside) -> str:
    """The touchpoints that last click credits with most and least for what they add."""
    known = [
        (line.factor, line)
        for line in found.compared
        if line.model == SPOKEN and not isinstance(line.factor, Undefined)
    ]
    if len(known) < 2:
        return ""
    most = max(known, key=lambda pair: pair[0])
    untracked = [line for factor, line in known if factor == 0.0]
    seen = [pair for pair in known if pair[0] > 0.0]
    text = ""
    if most[0] > 1.0:
        text = say(
            "Last click credits {name} with {factor} times the purchases that it truly adds.",
            name=_quoted(found, most[1]),
            factor=numbers.decimal(most[0], 1),
        )
    if len(seen) > 1:
        least = min(seen, key=lambda pair: pair[0])
        if least[0] < 1.0:
            text += " " + say(
                "{name} gets {factor} of what it adds.",
                name=_quoted(found, least[1]),
                factor=numbers.percent(least[0]),
            )
    if untracked:
        text += " " + say(
            "These add something and get nothing, as nothing of them is tracked: {names}.",
            names=", ".join(_called(found, line.touchpoint) for line in untracked),
        )
    return text.strip()


def _called(found: Beside, touchpoint: str) -> str:
    return names.touchpoint_name(found.study.scenario, touchpoint)


def _quoted(found: Beside, line: Compared) -> str:
    return say("“{name}”", name=_called(found, line.touchpoint))


def _percent(figure: Figure) -> str:
    return NONE if isinstance(figure, Undefined) else numbers.percent(figure)


def _decimal(figure: Figure) -> str:
    return NONE if isinstance(figure, Undefined) else numbers.decimal(figure)


def _times(figure: Figure) -> str:
    if isinstance(figure, Undefined):
        return NONE
    return f"{numbers.decimal(figure, 1)}{numbers.SPACE}×"


def _sorted(found: Beside) -> list[tuple[Truth, Estimate]]:
    """Touchpoints and their true shares, the largest first."""
    pairs = [(one, one.share) for one in found.truths if not isinstance(one.share, Undefined)]
    return sorted(pairs, key=lambda pair: -pair[1].value)


def _dots(found: Beside) -> Drawing:
    """Shares by touchpoint: true ones with their intervals, and one mark for each model."""
    rows = _sorted(found)
    labels = [_called(found, one.touchpoint) for one, _ in rows]
    shares = {
        model: [found.line(model, one.touchpoint).share for one, _ in rows] for model in DRAWN
    }
    drawn = {
        model: [0.0 if isinstance(share, Undefined) else share for share in values]
        for model, values in shares.items()
        if not any(isinstance(share, Undefined) for share in values)
    }
    title = say("Share of what touchpoints add, and of what they are credited with")
    figures = "; ".join(
        say(
            "{name} {true}, by last click {credit}",
            name=label,
            true=numbers.percent(share.value),
            credit=_percent(shares[SPOKEN][place]),
        )
        for place, (label, (_, share)) in enumerate(zip(labels, rows, strict=True))
    )
    alt = f"{title}: {figures}"
    left, top = 14.0 + LETTER * max(map(len, labels)), 62.0
    ends = [end for _, share in rows for end in (share.low, share.high, 0.0)]
    ends += [value for values in drawn.values() for value in values]
    margin = 0.03 * ((max(ends) - min(ends)) or 1.0)
    with style():
        figure, axes = new_axes(WIDTH, LINE * len(rows) + top + 44.0, left, 14.0, top, 44.0)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(min(ends) - margin, max(ends) + margin)
        axes.grid(axis="y", visible=True, color=RULE)
        for side in ("bottom", "left"):
            axes.spines[side].set_visible(False)
        axes.axvline(0.0, color=INK, linewidth=1.0)
        for place, (_, share) in enumerate(rows):
            axes.plot([share.low, share.high], [place, place], color=INK, linewidth=1.8)
        places = range(len(rows))
        axes.plot([s.value for _, s in rows], places, "o", color=INK, markersize=TRUE_SIZE)
        for model, values in drawn.items():
            mark, colour = DRAWN[model]
            axes.plot(values, places, linestyle="none", **_mark(mark, colour))
        axes.set_yticks(list(places), labels)
        axes.tick_params(axis="y", labelcolor=INK)
        axes.xaxis.set_major_locator(MaxNLocator(4))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: numbers.whole_percent(value)))
        axes.set_xlabel(say("share among touchpoints, of purchases"))
        handles = [Line2D([], [], color=INK, marker="o", label=say("True, with its 95 % interval"))]
        handles += [
            Line2D([], [], linestyle="none", label=model_name(model), **_mark(*DRAWN[model]))
            for model in drawn
        ]
        axes.legend(
            handles=handles,
            loc="lower left",
            bbox_to_anchor=(-left / (WIDTH - left - 14.0), 1.0),
            ncols=2,
            frameon=False,
            labelcolor=MUTED,
        )
        return Drawing("credit", title, alt, as_svg(figure, "credit", alt))


def _mark(mark: str, colour: str) -> dict[str, Any]:
    """A hollow mark, so that what lies below it is seen."""
    return {
        "marker": mark,
        "markersize": MARK_SIZE,
        "markerfacecolor": "none",
        "markeredgecolor": colour,
        "markeredgewidth": 1.6,
    }


def _models_table(found: Beside) -> Table:
    head = [
        say("Model"),
        say("Direct"),
        say("Agreement of ranks"),
        say("Of tracked ones"),
        say("Credit to move"),
        say("Mean error"),
    ]
    rows = [
        [
            model_name(one.model),
            _percent(one.direct),
            _decimal(one.rank_correlation),
            _decimal(one.rank_correlation_tracked),
            _percent(one.misplaced),
            _percent(one.mean_error),
        ]
        for one in found.judged
    ]
    return Table(
        say(
            "How near each model comes. Agreement: Spearman's rank correlation with the true shares"
            " of all touchpoints, and of those that leave a trail. Credit to move: the part of it"
            " that is with the wrong touchpoint"
        ),
        head,
        rows,
    )


def _touchpoints_table(found: Beside) -> Table:
    """A line a touchpoint, its true share, then each drawn model's; direct last."""
    head = [
        say("Touchpoint"),
        say("True, purchases"),
        say("95 %"),
        say("True, margin"),
        *([say("True, shared out")] if found.shapley else []),
        say("Last click"),
        *(model_name(model) for model in DRAWN),
        say("Credited / added"),
        say("95 %"),
    ]
    rows = []
    for one, share in _sorted(found):
        line = found.line(SPOKEN, one.touchpoint)
        fair = found.shapley.get(one.touchpoint)
        half = (share.high - share.low) / 2.0
        rows.append(
            [
                _called(found, one.touchpoint),
                numbers.percent(share.value),
                f"±{numbers.SPACE}{numbers.percent(half)}",
                _percent(
                    one.margin_share
                    if isinstance(one.margin_share, Undefined)
                    else one.margin_share.value
                ),
                *([_fair(fair)] if found.shapley else []),
                *(_percent(found.line(m, one.touchpoint).share) for m in ("last_click", *DRAWN)),
                _times(line.factor),
                _range(line),
            ]
        )
    direct = [_percent(found.line(model, DIRECT).share_of_all) for model in ("last_click", *DRAWN)]
    blank = [NONE] * (4 if found.shapley else 3)
    rows.append([say("Direct, of all purchases"), *blank, *direct, NONE, NONE])
    return Table(
        say(
            "Shares among touchpoints. Credited / added: purchases that last click (not direct)"
            " credits it with, for each that it truly adds; {none}: it cannot be told, or there is"
            " none",
            none=NONE,
        ),
        head,
        rows,
    )


def _fair(share: Estimate | Undefined | None) -> str:
    return NONE if share is None or isinstance(share, Undefined) else numbers.percent(share.value)


def _range(line: Compared) -> str:
    low, high = line.factor_low, line.factor_high
    if isinstance(low, Undefined) or isinstance(high, Undefined):
        return NONE
    return say("{low} to {high}", low=numbers.decimal(low, 1), high=numbers.decimal(high, 1))


def _budgets(found: Beside) -> Section:
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
    best = model_name(tried.best)
    text = say("The best of the plans tried: {name}.", name=best)
    true = {plan.name: plan for plan in tried.plans}.get(TRUTH)
    if true is not None and tried.best != TRUTH:
        lost = interval(true.regret)
        text += " " + say(
            "It is not the plan that follows what each truly adds. That one pays for all that a"
            " budget brings, the first {currency} with the last; as returns fall, what is best"
            " depends on the last one only.",
            currency=currency,
        )
        if lost.low <= 0.0:
            text += " " + say("The difference between the two may be luck.")
    spoken = {plan.name: plan for plan in tried.plans}.get(SPOKEN)
    if spoken is not None and tried.best != SPOKEN:
        lost = interval(spoken.regret)
        text += " " + (
            say(
                "Following last click costs {amount} of profit against it.",
                amount=numbers.money(lost.value, currency),
            )
            if lost.low > 0.0
            else say("What following last click costs against it may be luck.")
        )
    return text


def _regret_table(tried: Regret, currency: str) -> Table:
    head = [
        say("Budgets in proportion to"),
        say("Elsewhere, {currency}", currency=currency),
        say("Spend, {currency}", currency=currency),
        say("Profit against today, {currency}", currency=currency),
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
            " touchpoint in the plan of what each truly adds. Regret: profit lost against the best"
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
    head = [say("Budgets in proportion to"), *(_called(found, name) for name in own)]
    rows = [
        [model_name(plan.name), *(numbers.whole(plan.budgets[name]) for name in own)]
        for plan in tried.plans
    ]
    return Table(say("The plans: budgets over the run, {currency}", currency=currency), head, rows)
