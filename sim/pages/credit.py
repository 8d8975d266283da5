"""Sections of the page of touchpoints: what analytics credits, beside what is true."""

from __future__ import annotations

from sim.measures.attribution import DIRECT
from sim.measures.credit import Compared, Truth
from sim.measures.figure import Figure, Undefined
from sim.measures.incrementality import Estimate
from sim.pages.charts.drawing import Drawing
from sim.pages.charts.estimates import credit_chart
from sim.pages.charts.render import drawn
from sim.pages.plans import SPOKEN, budgets_section, model_name
from sim.pages.sections import Section, Table, guarded
from sim.pages.words import names, numbers
from sim.pages.words.headlines import NONE
from sim.pages.words.language import explain, say
from sim.questions.touchpoints.attribution import Beside

DRAWN = ("last_non_direct_click", "time_decay", "markov_1", "shapley")  # models in the chart


def credit_sections(found: Beside) -> list[Section]:
    """Credit beside the truth, and the budgets that follow it; in the language of `speaking`."""
    return [
        *guarded("analytics", _credit, found),
        *guarded("regret", budgets_section, found),
    ]


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
    error = found.judgement(SPOKEN).mean_error
    if isinstance(error, Undefined):
        text = say("No model can be judged: {why}.", why=explain(error))
        return Section("analytics", title, [intro, text])
    paragraphs = [intro, _direct_and_ranks(found)]
    extremes = _extremes(found)
    if extremes:
        paragraphs.append(extremes)
    return Section(
        "analytics",
        title,
        paragraphs,
        drawings=[_dots(found)],
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
    return f"{numbers.decimal(figure)}{numbers.SPACE}×"


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
    known = {
        model_name(model): [0.0 if isinstance(share, Undefined) else share for share in values]
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
    pairs = [(label, share) for label, (_, share) in zip(labels, rows, strict=True)]
    return drawn(credit_chart(("credit", title, f"{title}: {figures}"), pairs, known))


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
    """A line a touchpoint: what is true, what last click makes of it, other models; direct last."""
    others = [model for model in ("last_click", *DRAWN) if model != SPOKEN]
    head = [
        say("Touchpoint"),
        say("True share"),
        say("95 %"),
        model_name(SPOKEN),
        say("Credited / added"),
        say("95 %"),
        *(model_name(model) for model in others),
        say("True, margin"),
        *([say("True, shared out")] if found.shapley else []),
    ]
    rows = []
    for one, share in _sorted(found):
        line, fair = found.line(SPOKEN, one.touchpoint), found.shapley.get(one.touchpoint)
        rows.append(
            [
                _called(found, one.touchpoint),
                numbers.percent(share.value),
                f"±{numbers.SPACE}{numbers.percent((share.high - share.low) / 2.0)}",
                _percent(line.share),
                _times(line.factor),
                _range(line),
                *(_percent(found.line(model, one.touchpoint).share) for model in others),
                _value(one.margin_share),
                *([_value(fair)] if found.shapley else []),
            ]
        )
    direct = {model: found.line(model, DIRECT).share_of_all for model in (SPOKEN, *others)}
    rows.append(
        [
            say("Direct, of all purchases"),
            NONE,
            NONE,
            _percent(direct[SPOKEN]),
            NONE,
            NONE,
            *(_percent(direct[model]) for model in others),
            *([NONE] * (2 if found.shapley else 1)),
        ]
    )
    return Table(
        say(
            "Shares among touchpoints, of purchases. Credited / added: purchases that last click"
            " (not direct) credits it with, for each that it truly adds. {none}: it cannot be told,"
            " or there is none",
            none=NONE,
        ),
        head,
        rows,
    )


def _value(share: Estimate | Undefined | None) -> str:
    return NONE if share is None or isinstance(share, Undefined) else numbers.percent(share.value)


def _range(line: Compared) -> str:
    low, high = line.factor_low, line.factor_high
    if isinstance(low, Undefined) or isinstance(high, Undefined):
        return NONE
    return say("{low} to {high}", low=numbers.decimal(low), high=numbers.decimal(high))
