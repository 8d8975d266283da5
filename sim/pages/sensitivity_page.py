"""What drives each measure of a study: words built from the figures, drawings and tables.

A lever *matters* if its total index (Sobol) is surely above `LITTLE` of the variance, and *hardly
matters* if it is surely below; of Morris and one at a time, if its mean effect or its swing is
at least, or less than, `LITTLE` of the largest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from sim.measures.figure import Undefined
from sim.pages.blocks import Block, Figures, Section, Sentence, TableBlock, TableColumn, table
from sim.pages.charts.drawing import Drawing
from sim.pages.charts.estimates import MeasuredValue, Swing, TwoMeasured, tornado, two_values
from sim.pages.charts.render import drawn
from sim.pages.words import numbers
from sim.pages.words.language import explain, prose, say
from sim.pages.words.studies import Words, lever_value
from sim.questions.levers.sensitivity import (
    FIRST,
    LEAST,
    LUCK,
    MOST,
    MU,
    MU_STAR,
    NOISE,
    SECOND,
    SIGMA,
    SWING,
    TOTAL,
    Index,
    Sensitivity,
)
from sim.questions.levers.study import Method

MOST_SHOWN = 6  # measures in the page; the file has all
MOST_LEVERS = 12  # in a drawing
LITTLE = 0.05  # assumption: what nobody would act on
TOGETHER = 0.1  # share of the variance from which levers acting together are told; assumption
BENT = 0.5  # of the mean size of effects: spread from which it is told; assumption
MOST_NAMED = 4  # levers in a sentence


class _Shown(NamedTuple):
    """How the figures of a method are shown: in words, drawn, and as tables."""

    words: Callable[[Analysed], str]
    drawing: Callable[[Analysed, str], Drawing]
    tables: Callable[[Analysed], list[TableBlock]]


def sensitivity_answer(analysed: Sensitivity, words: Words) -> list[Sentence]:
    """What drives each measure that could be analysed, in sentences, each below its name."""
    shown = _shown(analysed.method)
    told = [
        Analysed(measure, found, words, second_order=analysed.second_order)
        for measure, found in list(analysed.found.items())[:MOST_SHOWN]
        if not isinstance(found, Undefined)
    ]
    return [Sentence(one.label, shown.words(one)) for one in told]


def _shown(method: Method) -> _Shown:
    return {
        Method.SOBOL: _Shown(_sobol_words, _sobol_drawing, _sobol_tables),
        Method.MORRIS: _Shown(_morris_words, _morris_drawing, _morris_tables),
        Method.ONE_AT_A_TIME: _Shown(_tornado_words, _tornado_drawing, _tornado_tables),
    }[method]


def sensitivity_sections(analysed: Sensitivity, words: Words) -> list[Section]:
    """The section on sensitivity, in the language of the surrounding `speaking`."""
    shown = _shown(analysed.method)
    told, none = [], []
    for measure, found in list(analysed.found.items())[:MOST_SHOWN]:
        if isinstance(found, Undefined):
            label = words.measure(measure)
            none.append(say("{measure}: not available ({why}).", measure=label, why=explain(found)))
        else:
            told.append(Analysed(measure, found, words, second_order=analysed.second_order))
    blocks: list[Block] = [_method(analysed.method)]
    lucky = [text for one in told for text in _lucky(one)]
    if lucky:
        blocks.append(prose("study.luck", figures="; ".join(lucky)))
    blocks += none
    if len(analysed.found) > MOST_SHOWN:
        blocks.append(
            say(
                "The first {count} measures are shown; sensitivity.parquet has all.",
                count=MOST_SHOWN,
            )
        )
    places = {measure: place for place, measure in enumerate(analysed.found, 1)}
    drawings = [shown.drawing(one, f"sensitivity-{places[one.measure]}") for one in told]
    blocks += sensitivity_answer(analysed, words)
    blocks += [Figures(drawings), *(each for one in told for each in shown.tables(one))]
    return [Section("sensitivity", say("Sensitivity"), blocks)]


def _method(method: Method) -> str:
    words = {
        Method.SOBOL: prose("study.sobol"),
        Method.MORRIS: prose("study.morris"),
        Method.ONE_AT_A_TIME: prose("study.one_at_a_time"),
    }
    return words[method]


def _lucky(told: Analysed) -> list[str]:
    """How much of the variance of a measure is luck, where replicates show it."""
    luck, noise = told.share(LUCK), told.share(NOISE)
    if luck is None or noise is None:
        return []
    return [f"{told.label} {numbers.percent(luck)} ({numbers.percent(noise)})"]


# --- the figures of a measure ---


class Analysed:
    """The figures of one measure, by kind, and how they are written."""

    def __init__(
        self, measure: str, found: Sequence[Index], words: Words, *, second_order: bool
    ) -> None:
        self.measure = measure
        self.label = words.measure(measure)
        self.unit = words.unit(measure)
        self.is_share = words.is_share(measure)
        self.currency = words.scenario.currency
        self.lever: Callable[[str], str] = words.lever
        self.second_order = second_order
        self.found = found

    def of(self, kind: str) -> dict[str, Index]:
        """By lever, in the order of the study."""
        return {one.lever: one for one in self.found if one.kind == kind}

    def pairs(self) -> list[Index]:
        """Second-order indices, the largest first."""
        found = [one for one in self.found if one.kind == SECOND]
        return sorted(found, key=lambda one: -one.value)

    def ranked(self, kind: str) -> list[Index]:
        """Figures of a kind, the largest first."""
        return sorted(self.of(kind).values(), key=lambda one: -one.value)

    def share(self, kind: str) -> float | None:
        """The one figure of a kind that is of no lever."""
        found = [one.value for one in self.found if one.kind == kind]
        return found[0] if found else None

    def amount(self, value: float) -> str:
        """A change of the measure, with its unit."""
        if self.unit == self.currency:
            return numbers.money(value, self.currency)
        if self.is_share:
            return numbers.points(value)
        return numbers.with_unit(numbers.rough(value), self.unit)

    def digits(self, value: float) -> str:
        """A change of the measure in a table whose caption tells the unit."""
        if self.is_share:
            return numbers.decimal(value * 100.0)
        return numbers.rough(value)

    @property
    def column_unit(self) -> str:
        """The unit of `digits`."""
        return say("percentage points") if self.is_share else self.unit

    def axis(self, values: Sequence[float]) -> tuple[str, numbers.Text]:
        """The unit below an axis, and how to write its numbers."""
        largest = max((abs(value) for value in values), default=0.0)
        if self.is_share:
            return say("percentage points"), lambda v: numbers.short(float(f"{v * 100.0:.6g}"))
        return numbers.axis(largest, self.unit)

    def largest(self, found: Sequence[Index], write: Callable[[Index], str]) -> str:
        """The first of some levers, each with its figure, in words."""
        return ", ".join(f"{self.lever(one.lever)} ({write(one)})" for one in found[:MOST_NAMED])

    def pair(self, one: Index) -> str:
        """What two levers are called together."""
        return f"{self.lever(one.lever)} × {self.lever(one.other or '')}"

    def listed(self, names: Sequence[str]) -> str:
        """The first of some levers, in words."""
        told = [self.lever(name) for name in names[:MOST_NAMED]]
        more = len(names) - len(told)
        if more > 0:
            told.append(say("{count} more", count=more))
        return ", ".join(told)


def _interval(one: Index, write: numbers.Text) -> str:
    """The interval of a figure; a dash if it has none."""
    if one.low is None or one.high is None or one.low == one.high:
        return numbers.NONE
    return numbers.interval(one.low, one.high, write)


def _percent(share: float) -> str:
    """An estimated share; a little outside 0 to 100 % is the estimate's error."""
    return numbers.whole_percent(min(max(share, 0.0), 1.0))


# --- Sobol ---


def _sobol_words(told: Analysed) -> str:
    """Which levers drive the variance, which hardly do, and which act together."""
    first, total = told.of(FIRST), told.ranked(TOTAL)
    sure = [one for one in total if one.low is not None and one.low > LITTLE]
    hardly = [one.lever for one in total if one.high is not None and one.high < LITTLE]
    if not sure:
        return say(
            "No parameter significantly explains more than {share} of the variance; more samples"
            " may show one.",
            share=numbers.whole_percent(LITTLE),
        )
    head = sure[0]
    parts = [
        say(
            "{lever} explains most variance: total-order {total} (95% CI {interval}),"
            " first-order {alone}.",
            lever=told.lever(head.lever),
            total=_percent(head.value),
            interval=_interval(head, _percent),
            # alone is never more than in all; where it seems so, that is the estimate's error
            alone=_percent(min(first[head.lever].value, head.value)),
        )
    ]
    if len(sure) > 1:
        rest = told.largest(sure[1:], lambda one: _percent(one.value))
        parts.append(say("Then: {levers}.", levers=rest))
    if hardly:
        parts.append(say("Negligible: {levers}.", levers=told.listed(hardly)))
    parts.append(_together(told))
    return " ".join(part for part in parts if part)


def _together(told: Analysed) -> str:
    """What levers do only together; the pairs by name, where they were asked for."""
    if told.second_order:
        sure = [one for one in told.pairs() if one.low is not None and one.low > 0.0]
        if not sure:
            return say("No pairwise interaction is significant.")
        named = [f"{told.pair(one)} ({_percent(one.value)})" for one in sure[:MOST_NAMED]]
        return say("Significant pairwise interactions: {pairs}.", pairs=", ".join(named))
    shared = 1.0 - sum(one.value for one in told.of(FIRST).values())
    if shared < TOGETHER:
        return ""
    return say(
        "About {share} comes from interactions; second_order: true in the study file names the"
        " pairs.",
        share=_percent(shared),
    )


def _sobol_drawing(told: Analysed, name: str) -> Drawing:
    first = told.of(FIRST)
    ranked = told.ranked(TOTAL)[:MOST_LEVERS]
    rows = [
        TwoMeasured(told.lever(one.lever), _mark(first[one.lever]), _mark(one)) for one in ranked
    ]
    title = say("{measure}: shares of the variance", measure=told.label)
    alt = say(
        "{title}: {figures}.",
        title=title,
        figures="; ".join(
            f"{row.name} {_percent(row.first.value)}, {_percent(row.second.value)}" for row in rows
        ),
    )
    key = (say("first-order"), say("total-order"))
    over = say("share of the variance")
    return drawn(two_values((name, title, alt), rows, over, tick=numbers.whole_percent, key=key))


def _mark(one: Index) -> MeasuredValue:
    return MeasuredValue(one.value, one.low, one.high)


def _sobol_tables(told: Analysed) -> list[TableBlock]:
    first = told.of(FIRST)
    columns = [
        TableColumn(say("Parameter varied")),
        TableColumn(say("first-order"), numbers.decimal),
        TableColumn(say("95% CI")),
        TableColumn(say("total-order"), numbers.decimal),
        TableColumn(say("95% CI")),
    ]
    rows: list[list[numbers.Cell]] = [
        [
            told.lever(one.lever),
            first[one.lever].value,
            _interval(first[one.lever], numbers.decimal),
            one.value,
            _interval(one, numbers.decimal),
        ]
        for one in told.ranked(TOTAL)
    ]
    caption = say("{measure}: sensitivity indices, shares of the variance", measure=told.label)
    tables = [table(caption, columns, rows)]
    pairs: list[list[numbers.Cell]] = [
        [told.pair(one), one.value, _interval(one, numbers.decimal)]
        for one in told.pairs()[:MOST_LEVERS]
    ]
    if pairs:
        columns = [
            TableColumn(say("Pair of parameters")),
            TableColumn(say("interaction"), numbers.decimal),
            TableColumn(say("95% CI")),
        ]
        caption = say(
            "{measure}: interactions of two parameters, shares of the variance", measure=told.label
        )
        tables.append(table(caption, columns, pairs))
    return tables


# --- Morris ---


def _morris_words(told: Analysed) -> str:
    """Which levers move the measure most, hardly, and not always alike."""
    ranked = told.ranked(MU_STAR)
    head, sigma = ranked[0], told.of(SIGMA)
    parts = [
        say(
            "{lever} matters most: its whole range moves the figure by {effect} on average.",
            lever=told.lever(head.lever),
            effect=told.amount(head.value),
        )
    ]
    rest = [one for one in ranked[1:] if one.value >= LITTLE * head.value]
    hardly = [one.lever for one in ranked[1:] if one.value < LITTLE * head.value]
    if rest:
        levers = told.largest(rest, lambda one: told.amount(one.value))
        parts.append(say("Then: {levers}.", levers=levers))
    if hardly:
        parts.append(say("Negligible: {levers}.", levers=told.listed(hardly)))
    bent = [
        one.lever
        for one in [head, *rest]
        if one.value > 0.0 and sigma[one.lever].value > BENT * one.value
    ]
    if bent:
        parts.append(
            say(
                "Non-linear, or dependent on other parameters: {levers}.",
                levers=told.listed(bent),
            )
        )
    return " ".join(parts)


def _morris_drawing(told: Analysed, name: str) -> Drawing:
    sigma = told.of(SIGMA)
    ranked = told.ranked(MU_STAR)[:MOST_LEVERS]
    rows = [
        TwoMeasured(told.lever(one.lever), _mark(one), MeasuredValue(sigma[one.lever].value))
        for one in ranked
    ]
    title = say("{measure}: effects of the parameters", measure=told.label)
    alt = say(
        "{title}: {figures}.",
        title=title,
        figures="; ".join(f"{row.name} {told.amount(row.first.value)}" for row in rows),
    )
    unit, tick = told.axis([row.first.high or row.first.value for row in rows])
    key = (say("mean size"), say("spread"))
    return drawn(two_values((name, title, alt), rows, unit, tick=tick, key=key))


def _morris_tables(told: Analysed) -> list[TableBlock]:
    mu, sigma = told.of(MU), told.of(SIGMA)
    columns = [
        TableColumn(say("Parameter varied")),
        TableColumn(say("mean size"), told.digits),
        TableColumn(say("95% CI")),
        TableColumn(say("signed mean"), told.digits),
        TableColumn(say("spread"), told.digits),
    ]
    rows: list[list[numbers.Cell]] = [
        [
            told.lever(one.lever),
            one.value,
            _interval(one, told.digits),
            mu[one.lever].value,
            sigma[one.lever].value,
        ]
        for one in told.ranked(MU_STAR)
    ]
    caption = say(
        "{measure}: effect of the whole range of each parameter, {unit}",
        measure=told.label,
        unit=told.column_unit,
    )
    return [table(caption, columns, rows)]


# --- one at a time ---


def _tornado_words(told: Analysed) -> str:
    """Which levers move the measure most, and from where to where."""
    ranked, least, most = told.ranked(SWING), told.of(LEAST), told.of(MOST)
    head = ranked[0].lever
    ends = []
    for one in (least[head], most[head]):
        text = say(
            "{change} at {level}",
            change=numbers.signed(one.value, told.amount),
            level=lever_value(one.level),
        )
        ends.append(text)
    parts = [
        say(
            "{lever} moves the figure most, from {least} to {most}, relative to the scenario.",
            lever=told.lever(head),
            least=ends[0],
            most=ends[1],
        )
    ]
    rest = [one for one in ranked[1:] if one.value >= LITTLE * ranked[0].value]
    hardly = [one.lever for one in ranked[1:] if one.value < LITTLE * ranked[0].value]
    if rest:
        levers = told.largest(rest, lambda one: told.amount(one.value))
        parts.append(say("Then, by range: {levers}.", levers=levers))
    if hardly:
        parts.append(say("Negligible: {levers}.", levers=told.listed(hardly)))
    return " ".join(parts)


def _tornado_drawing(told: Analysed, name: str) -> Drawing:
    least, most = told.of(LEAST), told.of(MOST)
    rows = [
        Swing(
            told.lever(one.lever),
            least[one.lever].value,
            most[one.lever].value,
            lever_value(least[one.lever].level),
            lever_value(most[one.lever].level),
        )
        for one in told.ranked(SWING)[:MOST_LEVERS]
    ]
    title = say("{measure}: one parameter at a time", measure=told.label)
    alt = say(
        "{title}: {figures}.",
        title=title,
        figures="; ".join(
            f"{row.name} {told.amount(row.least)} – {told.amount(row.most)}" for row in rows
        ),
    )
    unit, tick = told.axis([end for row in rows for end in (row.least, row.most)])
    over = say("change, {unit}", unit=unit)
    return drawn(tornado((name, title, alt), rows, over, tick=tick))


def _tornado_tables(told: Analysed) -> list[TableBlock]:
    least, most = told.of(LEAST), told.of(MOST)
    columns = [
        TableColumn(say("Parameter varied")),
        TableColumn(say("range"), told.digits),
        TableColumn(say("lowest at")),
        TableColumn(say("change"), told.digits),
        TableColumn(say("95% CI")),
        TableColumn(say("highest at")),
        TableColumn(say("change"), told.digits),
        TableColumn(say("95% CI")),
    ]
    rows: list[list[numbers.Cell]] = [
        [
            told.lever(one.lever),
            one.value,
            *(
                cell
                for end in (least[one.lever], most[one.lever])
                for cell in (lever_value(end.level), end.value, _interval(end, told.digits))
            ),
        ]
        for one in told.ranked(SWING)
    ]
    caption = say(
        "{measure}: change from the scenario, {unit}", measure=told.label, unit=told.column_unit
    )
    return [table(caption, columns, rows)]
