"""The page of a claim: what is said, whether it holds, with what certainty, and why.

What is said of a claim stands in its study file; what is found of it is told here. Studies of other
kinds that are about a claim open and end with the same sections.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sim.measures.catalogue import Unit
from sim.measures.intervals import Estimate
from sim.pages.blocks import (
    Actions,
    Block,
    Figures,
    Page,
    Section,
    Sentence,
    TableBlock,
    TableColumn,
    table,
)
from sim.pages.charts.drawing import Drawing
from sim.pages.charts.estimates import Whisker
from sim.pages.compared import differing
from sim.pages.compared import written as written_value
from sim.pages.parts import estimates, guarded, largest_end, reproduce_section
from sim.pages.render import render
from sim.pages.words import names, numbers
from sim.pages.words.language import own_texts, own_words, prose, say
from sim.pages.words.studies import Words, lever_value
from sim.questions.budget.question import SplitAnswer
from sim.questions.budget.split_study import FIGURES
from sim.questions.claims.claim import Claim, Expectation, FoundClaim, Judgement, Verdict
from sim.questions.claims.claim_file import TODAY
from sim.questions.claims.question import ClaimAnswer
from sim.runs.run import scenario_hash


class NamedFigure(NamedTuple):
    """What a figure of a claim is called, what it counts, and whether it is drawn."""

    title: str
    unit: Unit
    shown: bool = True
    drawing: str = ""  # the title of the drawing that it stands in; empty: that of its unit


def claim_page(answer: ClaimAnswer, command: str) -> str:
    """The page of a study of kind claim, in the language of the surrounding `speaking`."""
    study, scenario = answer.study, answer.scenario
    lead = say(
        "{market}; {agents}, {length}, {seeds}.",
        market=names.title(scenario),
        agents=numbers.simulated_customers(scenario.agents),
        length=numbers.length(scenario.days),
        seeds=numbers.seeds(len(answer.seeds)),
    )
    title = own_words(study, "title") or numbers.name(study.name)
    found, called = answer.claimed, figures_of(answer)
    sections = [
        *guarded("claim", claim_section, found.claim),
        *guarded("verdict", verdict_section, found, called, currency=scenario.currency),
        *guarded("why", why_sections, found),
        *guarded("variants", _variants, answer),
        *guarded("figures", _figures, found, called, scenario.currency),
        *guarded("reproduce", _reproduce, answer, command),
    ]
    description = own_words(study, "description")
    return render(Page(say("journeysim claim"), title, lead, sections, description))


def claim_text(answer: ClaimAnswer) -> list[str]:
    """The claim and its verdict, for a terminal."""
    found, currency = answer.claimed, answer.scenario.currency
    study = answer.study
    rows = expected_rows(found, figures_of(answer), currency)
    return [
        own_words(study, "title") or numbers.name(study.name),
        own_words(found.claim, "says"),
        *(
            say("- {expected}. Found: {by}; {verdict}.", expected=expected, by=by, verdict=verdict)
            for expected, by, verdict in rows
        ),
        f"{verdict_name(found.verdict)}.",
    ]


def figures_of(answer: ClaimAnswer | SplitAnswer) -> dict[str, NamedFigure]:
    """What the figures of a claim are called."""
    if isinstance(answer, SplitAnswer):
        called = _split_figures()
        return {
            name: NamedFigure(called[name], unit)
            for name, unit in FIGURES[answer.study.kind].items()
        }
    return {
        name: NamedFigure(
            own_words(figure, "title"), figure.unit, figure.shown, own_words(figure, "drawing")
        )
        for name, figure in answer.study.figures.items()
    }


def _split_figures() -> dict[str, str]:
    return {
        "regret": say("Cost of the wrong model"),
        "regret_with_equity": say("Cost, ending customer equity included"),
        "regret_retention_unchanged": say("Cost with retention unchanged"),
        "gain_knowing": say("Gain of the plan for the true market"),
        "best_share": say("Optimal retention share"),
        "share_today": say("Retention share today"),
        "gain_best": say("Gain at the optimal share"),
        "gain_no_retention": say("Gain with nothing on retention"),
        "gain_most_retention": say("Gain with the most on retention"),
    }


def verdict_name(verdict: Verdict) -> str:
    """A verdict in words."""
    return {
        Verdict.HOLDS: say("The claim holds"),
        Verdict.DOES_NOT_HOLD: say("The claim does not hold"),
        Verdict.CANNOT_BE_TOLD: say("It cannot be told from this many runs"),
    }[verdict]


def short_verdict(verdict: Verdict) -> str:
    """A verdict in a table."""
    return {
        Verdict.HOLDS: say("holds"),
        Verdict.DOES_NOT_HOLD: say("does not hold"),
        Verdict.CANNOT_BE_TOLD: say("cannot be told"),
    }[verdict]


# --- what is said, and what is found ---


def claim_section(claim: Claim) -> Section:
    """What is claimed, by whom, and what to ask before looking."""
    return Section(
        "claim",
        say("The claim"),
        [
            Sentence(say("It is said"), own_words(claim, "says")),
            say("Source: {source}", source=own_words(claim, "source")),
            say("Before you look: {question}", question=own_words(claim, "question")),
        ],
    )


def verdict_section(
    found: FoundClaim, called: Mapping[str, NamedFigure], *, currency: str
) -> Section:
    """Whether it holds: the figures with their intervals, and what was expected of them."""
    rows: list[list[numbers.Cell]] = [
        [expected, verdict, by] for expected, by, verdict in expected_rows(found, called, currency)
    ]
    expected = table(
        say("What the claim leads one to expect, and what was found"),
        [
            TableColumn(say("Expected"), words=True),
            TableColumn(say("Verdict"), words=True),
            TableColumn(say("Found, with 95% CI"), words=True),
        ],
        rows,
    )
    blocks: list[Block] = [
        Figures([drawing]) for drawing in claim_drawings(found, called, currency)
    ]
    blocks += [expected, own_words(found.claim, "notice")]
    return Section("verdict", verdict_name(found.verdict), blocks)


def why_sections(found: FoundClaim) -> list[Section]:
    """Why, what would change the verdict, and what to try."""
    claim = found.claim
    if found.as_found:
        blocks: list[Block] = [
            own_words(claim.found, "why"),
            Sentence(say("What would change the verdict"), own_words(claim.found, "would_change")),
        ]
    else:
        blocks = [
            say(
                "The study file explains another verdict ({verdict}), so its explanation is left"
                " out here.",
                verdict=short_verdict(claim.found.verdict),
            )
        ]
    ideas = own_texts(claim, "to_try")
    items = [Sentence("", text) for text in ideas]
    return [
        Section("why", say("Why"), [*blocks, Actions(say("Three things to try"), items)]),
    ]


def claimed(answer: SplitAnswer) -> list[Section]:
    """What is claimed; none if the study makes no claim."""
    found = answer.claimed
    return [] if found is None else [claim_section(found.claim)]


def claimed_verdict(answer: SplitAnswer) -> list[Section]:
    """Whether it holds; none if the study makes no claim."""
    found = answer.claimed
    if found is None:
        return []
    return [verdict_section(found, figures_of(answer), currency=answer.scenario.currency)]


def claimed_reasons(answer: SplitAnswer) -> list[Section]:
    """Why, and what to try; none if the study makes no claim."""
    found = answer.claimed
    return [] if found is None else why_sections(found)


# --- figures ---


def expected_rows(
    found: FoundClaim, called: Mapping[str, NamedFigure], currency: str
) -> list[tuple[str, str, str]]:
    """What is expected, what was found, and the verdict, a row each."""
    return [
        (
            expected_text(one.expectation, called, currency),
            _by(one, called, currency),
            short_verdict(one.verdict),
        )
        for one in found.judged
    ]


def expected_text(one: Expectation, called: Mapping[str, NamedFigure], currency: str) -> str:
    """What is expected of a figure, in words."""
    figure = called[one.figure]
    write = figure_writer(figure.unit, currency)

    def other(given: float | str | None) -> str:
        return called[given].title if isinstance(given, str) else write(given or 0.0)

    if one.between is not None:
        low, high = map(write, one.between)
        return say("{figure} between {low} and {high}", figure=figure.title, low=low, high=high)
    if one.above is not None:
        return say("{figure} > {other}", figure=figure.title, other=other(one.above))
    if one.below is not None:
        return say("{figure} < {other}", figure=figure.title, other=other(one.below))
    return say("{figure} = {other}", figure=figure.title, other=other(one.equals))


def _by(one: Judgement, called: Mapping[str, NamedFigure], currency: str) -> str:
    """What decided: the figure where it was held against a number, else how far they are apart."""
    if one.by is None:
        return numbers.NONE
    expectation = one.expectation
    unit = called[expectation.figure].unit
    if not expectation.others:
        sides = [getattr(expectation, side) for side in expectation.sides]
        off = 0.0 if expectation.between is not None else float(sides[0])
        value, low, high = (each + off for each in one.by)
        return _with_interval(Estimate(value, low, high), figure_writer(unit, currency))
    write = numbers.points if unit == Unit.SHARE else figure_writer(unit, currency)
    return say(
        "difference {difference}",
        difference=_with_interval(one.by, lambda value: numbers.signed(value, write)),
    )


def figure_writer(unit: Unit, currency: str) -> numbers.Text:
    """How a figure of a claim is written: as a measure, but scores to a tenth."""
    return _tenths if unit == Unit.POINTS else names.writer(unit, currency)


def _tenths(value: float) -> str:
    return numbers.decimal(value, 1)


def _with_interval(one: Estimate, write: numbers.Text) -> str:
    if one.low == one.high:  # no luck was seen: an interval would say that there is none
        return write(one.value)
    return numbers.with_interval(one, write)


def claim_drawings(
    found: FoundClaim, called: Mapping[str, NamedFigure], currency: str, *, of: str = ""
) -> list[Drawing]:
    """The figures that are shown, a drawing for each unit and title.

    `of`: what the drawings' names begin with, on a page with several claims.
    """
    groups = dict.fromkeys((one.unit, one.drawing) for one in called.values() if one.shown)
    drawings = []
    for place, (unit, title) in enumerate(groups):
        write, rows = figure_writer(unit, currency), []
        for name, figure in called.items():
            one = found.figures[name]
            if figure.shown and (figure.unit, figure.drawing) == (unit, title) and one is not None:
                text = write(one.value)
                rows.append(Whisker(figure.title, one.value, one.low, one.high, text))
        counts = names.unit_name(unit, currency)
        over, tick = numbers.axis(largest_end(rows), counts)
        if unit == Unit.SHARE:
            over, tick = counts, numbers.short_percent
        plain = say("What was found, {unit}", unit=counts) if counts else say("What was found")
        drawing = estimates(f"{of}figures-{place + 1}", title or plain, rows, over=over, tick=tick)
        drawings += [] if drawing is None else [drawing]
    return drawings


def _figures(found: FoundClaim, called: Mapping[str, NamedFigure], currency: str) -> Section:
    rows: list[list[numbers.Cell]] = []
    for name, figure in called.items():
        one, write = found.figures[name], figure_writer(figure.unit, currency)
        interval = None if one is None or one.low == one.high else numbers.interval_of(one, write)
        rows.append([figure.title, None if one is None else write(one.value), interval])
    columns = [TableColumn(say("Figure")), TableColumn(say("Mean")), TableColumn(say("95% CI"))]
    caption = say("Mean over the seeds, with 95% confidence interval")
    return Section("figures", say("All figures"), [table(caption, columns, rows)])


def _variants(answer: ClaimAnswer) -> Section:
    """What was run beside the market as it is."""
    today, words = answer.scenario, Words(answer.scenario)
    rows: list[list[numbers.Cell]] = []
    for name, variant in answer.study.variants.items():
        called, market = own_words(variant, "title"), answer.markets[name]
        if variant.scenario:
            title = names.title(market)
            rows.append([called, say("another market"), names.title(today), title])
        base = market.before if variant.scenario else today
        changes = differing([one.model_dump(mode="json") for one in (base, market)])
        rows += [[called, words.lever(path), *map(_value, values)] for path, values in changes]
    caption = say("Every variant has the same customers and the same random draws")
    heads = (say("Variant"), say("Parameter"), say("Today"), say("In the variant"))
    columns = [TableColumn(head, words=True) for head in heads]
    shown: TableBlock = table(caption, columns, rows)
    return Section("variants", say("What was compared"), [shown])


def _value(value: object) -> str:
    """A value of a scenario as people read it."""
    if value is None or isinstance(value, bool | int | float):
        return lever_value(value)
    return written_value(value)


def _reproduce(answer: ClaimAnswer, command: str) -> Section:
    scenario = answer.markets[TODAY]
    facts = {say("Scenario"): f"{scenario.name}, {scenario_hash(scenario)}"}
    return reproduce_section(prose("optimise.study_reproduce"), command, facts)
