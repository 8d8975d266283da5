"""What analytics credits, beside what is true, and budgets that follow it.

Sections of the page of touchpoints (`credit_sections`), and the same for a terminal
(`credit_text`).
"""

from __future__ import annotations

from sim.measures.attribution import DIRECT
from sim.measures.credit import CreditCompared, Truth
from sim.measures.figure import Figure, Undefined
from sim.measures.incrementality import seen
from sim.measures.intervals import Estimate, interval
from sim.pages.aligned import aligned
from sim.pages.blocks import Figures, Section, TableBlock, TableColumn, table
from sim.pages.charts.drawing import Drawing
from sim.pages.charts.estimates import credit_chart
from sim.pages.charts.render import drawn
from sim.pages.parts import guarded
from sim.pages.words import names, numbers
from sim.pages.words.headlines import NONE
from sim.pages.words.language import explain, prose, say
from sim.questions.budget.request import MOST_TIMES, TODAY
from sim.questions.touchpoints.attribution import Credited
from sim.questions.touchpoints.regret import NEXT_KRONE, TRUTH, Regret

SPOKEN = "last_non_direct_click"  # what tools call last click
DRAWN = ("last_non_direct_click", "time_decay", "markov_1", "shapley")  # models in the chart


def credit_sections(found: Credited) -> list[Section]:
    """Credit beside the truth, and the budgets that follow it; in the language of `speaking`."""
    return [
        *guarded("analytics", _credit, found),
        *guarded("regret", _budgets, found),
    ]


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
        TODAY: numbers.capital(say("the current plan")),
        TRUTH: say("Incremental contribution"),
        NEXT_KRONE: say("Marginal return"),
    }[model]


# --- credit beside the truth ---


def _credit(found: Credited) -> Section:
    title = say("Attribution against incrementality")
    intro = prose(
        "touchpoints.analytics",
        paths=numbers.exact(found.paths),
        conversions=numbers.exact(found.conversions),
        share=numbers.whole_percent(found.panel),
    )
    error = found.judgement(SPOKEN).mean_error
    if isinstance(error, Undefined):
        text = say("No model can be judged: {why}.", why=explain(error))
        return Section("analytics", title, [intro, text])
    extremes = _extremes(found)
    return Section(
        "analytics",
        title,
        [
            intro,
            _direct_and_ranks(found),
            *([extremes] if extremes else []),
            Figures([_dots(found)]),
            _models_table(found),
            _touchpoints_table(found),
        ],
    )


def _direct_and_ranks(found: Credited) -> str:
    spoken, decay = found.judgement(SPOKEN), found.judgement("time_decay")
    text = say(
        "{direct} of purchases have no tracked touchpoint; analytics reports them as direct. The"
        " rest is compared below, as shares among touchpoints.",
        direct=_percent(spoken.direct),
    )
    ranks = spoken.rank_correlation, decay.rank_correlation
    if any(isinstance(rank, Undefined) for rank in ranks):
        return text
    return (
        text
        + " "
        + say(
            "The ranks of the {number} touchpoints by last click correlate with their"
            " incremental ranks by {rank} (1: the same order, 0: no relation); by time decay,"
            " {decay}.",
            number=numbers.exact(spoken.touchpoints),
            rank=_decimal(ranks[0]),
            decay=_decimal(ranks[1]),
        )
    )


def _extremes(found: Credited) -> str:
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
            "Last click credits {name} with {factor} times its incremental purchases.",
            name=_quoted(found, most[1]),
            factor=numbers.decimal(most[0], 1),
        )
    if len(seen) > 1:
        least = min(seen, key=lambda pair: pair[0])
        if least[0] < 1.0:
            text += " " + say(
                "{name} is credited with {factor} of its incremental purchases.",
                name=_quoted(found, least[1]),
                factor=numbers.percent(least[0]),
            )
    if untracked:
        text += " " + say(
            "These have an incremental effect but are not tracked, so they are credited with"
            " nothing: {names}.",
            names=", ".join(_called(found, line.touchpoint) for line in untracked),
        )
    return text.strip()


def _called(found: Credited, touchpoint: str) -> str:
    return names.touchpoint_name(found.study.scenario, touchpoint)


def _quoted(found: Credited, line: CreditCompared) -> str:
    return say("“{name}”", name=_called(found, line.touchpoint))


def _percent(figure: Figure) -> str:
    return numbers.cell(figure, numbers.percent)


def _decimal(figure: Figure) -> str:
    return numbers.cell(figure, numbers.decimal)


def _sorted(found: Credited) -> list[tuple[Truth, Estimate]]:
    """Touchpoints and their true shares, the largest first."""
    pairs = [(one, one.share) for one in found.truths if not isinstance(one.share, Undefined)]
    return sorted(pairs, key=lambda pair: -pair[1].value)


def _dots(found: Credited) -> Drawing:
    """Shares by touchpoint: true ones with their intervals, and one mark for each model."""
    rows = _sorted(found)
    labels = [_called(found, one.touchpoint) for one, _ in rows]
    shares = {
        model: [found.line(model, one.touchpoint).share for one, _ in rows] for model in DRAWN
    }
    known = {
        model_name(model): [0.0 if isinstance(share, Undefined) else share for share in values]
        for model, values in shares.items()
        if not any(isinstance(share, Undefined) for share in values)
    }
    title = say("Incremental and credited shares of the touchpoints")
    figures = "; ".join(
        say(
            "{name} {true}, by last click {credit}",
            name=label,
            true=numbers.percent(share.value),
            credit=_percent(shares[SPOKEN][place]),
        )
        for place, (label, (_, share)) in enumerate(zip(labels, rows, strict=True))
    )
    pairs = [(label, share) for label, (_, share) in zip(labels, rows, strict=True)]
    return drawn(credit_chart(("credit", title, f"{title}: {figures}"), pairs, known))


def _models_table(found: Credited) -> TableBlock:
    columns = [
        TableColumn(say("Model")),
        TableColumn(say("Direct"), numbers.percent),
        TableColumn(say("Rank correlation"), numbers.decimal),
        TableColumn(say("Tracked only"), numbers.decimal),
        TableColumn(say("Misallocated credit"), numbers.percent),
        TableColumn(say("Mean error"), numbers.percent),
    ]
    rows = [
        [
            model_name(one.model),
            one.direct,
            one.rank_correlation,
            one.rank_correlation_tracked,
            one.misplaced,
            one.mean_error,
        ]
        for one in found.judged
    ]
    caption = prose("touchpoints.models_table")
    return table(caption, columns, rows)


def _touchpoints_table(found: Credited) -> TableBlock:
    """A line a touchpoint: what is true, what last click makes of it, other models; direct last."""
    others = [model for model in ("last_click", *DRAWN) if model != SPOKEN]
    columns = [
        TableColumn(say("Touchpoint")),
        TableColumn(say("Incremental share"), numbers.percent),
        TableColumn(say("95% CI")),
        TableColumn(model_name(SPOKEN), numbers.percent),
        TableColumn(say("Credited / incremental"), numbers.times),
        TableColumn(say("95% CI")),
        *(TableColumn(model_name(model), numbers.percent) for model in others),
        TableColumn(say("Incremental, margin"), numbers.percent),
        *([TableColumn(say("Incremental, Shapley"), numbers.percent)] if found.shapley else []),
    ]
    rows: list[list[numbers.Cell]] = []
    for one, share in _sorted(found):
        line = found.line(SPOKEN, one.touchpoint)
        shared_out = [_value(found.shapley.get(one.touchpoint))] if found.shapley else []
        rows.append(
            [
                _called(found, one.touchpoint),
                _value(share),
                numbers.half(share, numbers.percent),
                line.share,
                line.factor,
                _range(line),
                *(found.line(model, one.touchpoint).share for model in others),
                _value(one.margin_share),
                *shared_out,
            ]
        )
    direct = {model: found.line(model, DIRECT).share_of_all for model in (SPOKEN, *others)}
    rows.append(
        [
            say("Unattributed (direct), of all purchases"),
            *[None] * 2,
            direct[SPOKEN],
            *[None] * 2,
            *(direct[model] for model in others),
            *[None] * (2 if found.shapley else 1),
        ]
    )
    caption = prose("touchpoints.credit_table", none=NONE)
    return table(caption, columns, rows)


def _value(share: Estimate | Undefined | None) -> numbers.Cell:
    """A share, where something was seen of what the touchpoint adds."""
    if not isinstance(share, Estimate):
        return None
    found = seen(share)
    return found if isinstance(found, Undefined) else found.value


def _range(line: CreditCompared) -> str:
    low, high = line.factor_low, line.factor_high
    if isinstance(low, Undefined) or isinstance(high, Undefined):
        return NONE
    return numbers.interval(low, high, numbers.decimal)


# --- budgets that follow the credit ---


def _budgets(found: Credited) -> Section:
    """What each plan brings."""
    title = say("What budgeting by attribution costs")
    tried = found.regret
    if isinstance(tried, Undefined):
        return Section("regret", title, [say("No plan was tried: {why}.", why=explain(tried))])
    currency = found.study.scenario.currency
    total = sum(tried.plans[0].budgets.values())
    intro = prose(
        "touchpoints.budgets",
        number=numbers.exact(len(tried.plans[0].budgets)),
        total=numbers.money(total, currency),
        times=numbers.short(MOST_TIMES),
    )
    paragraphs = [intro, _verdict(tried, currency)]
    if tried.left_out:
        reasons = "; ".join(
            f"{model_name(name)} ({explain(why)})" for name, why in tried.left_out.items()
        )
        paragraphs.append(say("Not tried: {touchpoints}.", touchpoints=reasons))
    tables = [_regret_table(tried, currency), _plans_table(found, tried, currency)]
    return Section("regret", title, [*paragraphs, *tables])


def _verdict(tried: Regret, currency: str) -> str:
    """Which plan was best, how surely, and what that means for the truth's and last click's."""
    by_name = {plan.name: interval(plan.regret) for plan in tried.plans}
    others = [lost for name, lost in by_name.items() if name != tried.best]
    unsure = sum(lost.low <= 0.0 for lost in others)
    text = say("The best of the plans tried is “{name}”.", name=model_name(tried.best))
    if unsure:
        text += " " + say(
            "{unsure} of the other {others} plans are not significantly worse.",
            unsure=numbers.exact(unsure),
            others=numbers.exact(len(others)),
        )
    if TRUTH in by_name and tried.best != TRUTH:
        text += " " + prose("touchpoints.plan_of_truth")
    for name in (SPOKEN, TODAY):
        lost = by_name.get(name)
        if lost is not None and lost.low > 0.0 and name != tried.best:
            text += " " + say(
                "“{name}” costs {amount} of profit against the best plan.",
                name=model_name(name),
                amount=numbers.money(lost.value, currency),
            )
    return text


def _regret_table(tried: Regret, currency: str) -> TableBlock:
    columns = [
        TableColumn(say("Budget allocated by")),
        TableColumn(say("Budget displaced, {currency}", currency=currency), numbers.whole),
        TableColumn(say("Spend, {currency}", currency=currency), numbers.whole),
        TableColumn(say("Profit gained, {currency}", currency=currency), numbers.whole),
        TableColumn(say("95% CI")),
        TableColumn(say("Regret, {currency}", currency=currency), numbers.whole),
        TableColumn(say("95% CI")),
    ]
    found = [(plan, interval(plan.gain), interval(plan.regret)) for plan in tried.plans]
    rows = [
        [
            model_name(plan.name),
            plan.misplaced,
            plan.spent,
            gain.value,
            numbers.half(gain, numbers.whole),
            lost.value,
            numbers.half(lost, numbers.whole),
        ]
        for plan, gain, lost in sorted(found, key=lambda one: -one[1].value)
    ]
    caption = prose("touchpoints.regret_table")
    return table(caption, columns, rows)


def _plans_table(found: Credited, tried: Regret, currency: str) -> TableBlock:
    own = list(tried.plans[0].budgets)
    scenario = found.study.scenario
    columns = [
        TableColumn(say("Budget allocated by")),
        *(TableColumn(names.touchpoint_name(scenario, name), numbers.whole) for name in own),
    ]
    rows: list[list[numbers.Cell]] = [
        [model_name(plan.name), *(plan.budgets[name] for name in own)] for plan in tried.plans
    ]
    caption = say("The plans: budgets over the run, {currency}", currency=currency)
    return table(caption, columns, rows, fold=say("Budgets of each plan"))


# --- for a terminal ---


def credit_text(found: Credited) -> list[str]:
    """A line a model: how near its ranks are, and what its budget brings; then the other plans."""
    currency = found.study.scenario.currency
    plans = {} if isinstance(found.regret, Undefined) else {p.name: p for p in found.regret.plans}
    intro = say(
        "Attribution against incrementality, from {conversions} purchases on {paths} paths.",
        conversions=numbers.exact(found.conversions),
        paths=numbers.exact(found.paths),
    )
    errors = [one.mean_error for one in found.judged]
    if all(isinstance(error, Undefined) for error in errors):
        why = explain(errors[0]) if isinstance(errors[0], Undefined) else ""
        return [f"{intro} {say('No model can be judged: {why}.', why=why)}"]
    rows = [
        [
            say("Budget allocated by"),
            say("Rank correlation"),
            say("Misallocated credit"),
            say("Profit gained, {currency}", currency=currency),
            say("95% CI"),
        ]
    ]
    judged = {one.model: one for one in found.judged}
    for name in dict.fromkeys([*judged, *plans]):
        one, plan = judged.get(name), plans.get(name)
        gain = None if plan is None else interval(plan.gain)
        rows.append(
            [
                model_name(name),
                NONE if one is None else _decimal(one.rank_correlation),
                NONE if one is None else _percent(one.misplaced),
                NONE if gain is None else numbers.whole(gain.value),
                NONE if gain is None or name == TODAY else numbers.interval_of(gain, numbers.whole),
            ]
        )
    answer = [] if isinstance(found.regret, Undefined) else ["", _verdict(found.regret, currency)]
    return [intro, "", *aligned(rows), *answer]
