"""What drives each measure of a study, as sections of its page: words, drawings, figures.

A lever *matters* if its total index (Sobol) is surely above `LITTLE` of the variance, and *hardly
matters* if it is surely below; of Morris and one at a time, if its mean effect or its swing is
at least, or less than, `LITTLE` of the largest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sim.measures.figure import Undefined
from sim.report import numbers
from sim.report.drawing import Drawing
from sim.report.headlines import NONE
from sim.report.language import explain, say
from sim.report.sections import Section, Sentence, Table
from sim.report.sensitivity_figures import Mark, Marked, Swing, marked, tornado
from sim.report.study_words import Words
from sim.studies.sensitivity import (
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
from sim.studies.study import Method, Value

LITTLE = 0.05  # assumption: what nobody would act on
TOGETHER = 0.1  # share of the variance from which levers acting together are told; assumption
BENT = 0.5  # of the mean size of effects: spread from which it is told; assumption
MOST_SHOWN = 6  # measures in the page; the file has all
MOST_LEVERS = 12  # in a drawing
MOST_NAMED = 4  # levers in a sentence

Found = Sequence[Index]


def sensitivity_sections(analysed: Sensitivity, words: Words) -> list[Section]:
    """The section on sensitivity, in the language of the surrounding `speaking`."""
    tell = {
        Method.SOBOL: (_sobol_words, _sobol_drawing, _sobol_table),
        Method.MORRIS: (_morris_words, _morris_drawing, _morris_table),
        Method.ONE_AT_A_TIME: (_tornado_words, _tornado_drawing, _tornado_table),
    }[analysed.method]
    sentences, drawings, tables, none, lucky = [], [], [], [], []
    shown = list(analysed.found.items())[:MOST_SHOWN]
    for number, (measure, found) in enumerate(shown, 1):
        label = words.measure(measure)
        if isinstance(found, Undefined):
            none.append(say("{measure}: no figure: {why}.", measure=label, why=explain(found)))
            continue
        told = _Told(measure, found, words, analysed.second_order)
        sentences.append(Sentence(label, tell[0](told)))
        lucky += _lucky(told)
        drawings.append(tell[1](told, f"sensitivity-{number}"))
        tables += tell[2](told)
    text = [_method(analysed.method)]
    if lucky:
        text.append(
            say(
                "How much of the variance is luck, in single runs and, in brackets, in the means"
                " that are analysed: {figures}.",
                figures="; ".join(lucky),
            )
        )
    text += none
    if len(analysed.found) > MOST_SHOWN:
        text.append(
            say(
                "The first {count} measures are shown; sensitivity.parquet has all.",
                count=MOST_SHOWN,
            )
        )
    title = say("What drives it")
    return [
        Section("sensitivity", title, text, sentences=sentences, drawings=drawings, tables=tables)
    ]


class _Told:
    """The figures of one measure, by kind, and how they are written."""

    def __init__(self, measure: str, found: Found, words: Words, second_order: bool) -> None:
        self.measure = measure
        self.label = words.measure(measure)
        self.unit = words.unit(measure)
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
        found = [one.value for one in self.found if one.kind == kind]
        return found[0] if found else None

    def amount(self, value: float) -> str:
        """A change of the measure, with its unit."""
        if self.unit == self.currency:
            return numbers.money(value, self.currency)
        if self.unit == say("share"):
            return say("{number} pp", number=numbers.decimal(value * 100.0))
        return f"{_digits(value)}{numbers.SPACE}{self.unit}"

    def digits(self, value: float) -> str:
        """A change of the measure in a table whose caption tells the unit."""
        if self.unit == say("share"):
            return numbers.decimal(value * 100.0)
        return _digits(value)

    @property
    def column_unit(self) -> str:
        """The unit of `digits`."""
        return say("percentage points") if self.unit == say("share") else self.unit

    def axis(self, values: Sequence[float]) -> tuple[str, numbers.Text]:
        """The unit below an axis, and how to write its numbers."""
        largest = max((abs(value) for value in values), default=0.0)
        if self.unit == say("share"):
            return say("percentage points"), lambda v: numbers.short(float(f"{v * 100.0:.6g}"))
        if largest >= 1e6:
            return say("m {unit}", unit=self.unit), lambda v: numbers.short(v / 1e6)
        if largest >= 1e4:
            return say("1,000 {unit}", unit=self.unit), lambda v: numbers.short(v / 1e3)
        return self.unit, lambda v: numbers.short(float(f"{v:.6g}"))

    def listed(self, names: Sequence[str]) -> str:
        """The first of some levers, in words."""
        told = [self.lever(name) for name in names[:MOST_NAMED]]
        more = len(names) - len(told)
        if more > 0:
            told.append(say("{count} more", count=more))
        return ", ".join(told)


def _digits(value: float) -> str:
    return numbers.whole(value) if abs(value) >= 1000.0 else numbers.short(float(f"{value:.3g}"))


def _method(method: Method) -> str:
    words = {
        Method.SOBOL: say(
            "Over the ranges of the levers a figure varies; the indices share its variance out."
            " Alone: what a lever does by itself. In all: with everything that it does together"
            " with others. Intervals hold the index with 95 % confidence."
        ),
        Method.MORRIS: say(
            "An effect is what the whole range of a lever would do to the figure, judged by one"
            " step of it; each is tried out from many starting points. A spread that is large"
            " against the mean size says that the effect bends, or depends on other levers."
        ),
        Method.ONE_AT_A_TIME: say(
            "Each lever is moved alone, all others stay as in the scenario. Bars reach from the"
            " lowest to the highest figure at any of its values, beside the scenario; the values"
            " stand at their ends. What levers do together is not seen."
        ),
    }
    return words[method]


def _lucky(told: _Told) -> list[str]:
    """How much of the variance of a measure is luck, where replicates show it."""
    luck, noise = told.share(LUCK), told.share(NOISE)
    if luck is None or noise is None:
        return []
    return [f"{told.label} {numbers.percent(luck)} ({numbers.percent(noise)})"]


def _interval(one: Index, write: numbers.Text) -> str:
    if one.low is None or one.high is None or one.low == one.high:
        return NONE
    return numbers.interval(write(one.low), write(one.high))


# --- Sobol ---


def _sobol_words(told: _Told) -> str:
    first, total = told.of(FIRST), told.ranked(TOTAL)
    sure = [one for one in total if one.low is not None and one.low > LITTLE]
    hardly = [one.lever for one in total if one.high is not None and one.high < LITTLE]
    if not sure:
        return say(
            "No lever surely drives more than {share} of the variance; more samples would tell.",
            share=numbers.whole_percent(LITTLE),
        )
    head = sure[0]
    parts = [
        say(
            "Most hangs on {lever}, with {total} of the variance ({interval} with 95 %"
            " confidence); {alone} by itself.",
            lever=told.lever(head.lever),
            total=_percent(head.value),
            interval=_interval(head, _percent),
            # alone is never more than in all; where it seems so, that is the estimate's error
            alone=_percent(min(first[head.lever].value, head.value)),
        )
    ]
    if len(sure) > 1:
        rest = [f"{told.lever(one.lever)} ({_percent(one.value)})" for one in sure[1:]]
        parts.append(say("Then: {levers}.", levers=", ".join(rest[:MOST_NAMED])))
    if hardly:
        parts.append(say("Next to nothing: {levers}.", levers=told.listed(hardly)))
    parts.append(_together(told))
    return " ".join(part for part in parts if part)


def _together(told: _Told) -> str:
    """What levers do only together; the pairs by name, where they were asked for."""
    if told.second_order:
        sure = [one for one in told.pairs() if one.low is not None and one.low > 0.0]
        if not sure:
            return say("No pair of levers surely acts together.")
        named = [
            f"{told.lever(one.lever)} × {told.lever(one.other or '')} ({_percent(one.value)})"
            for one in sure[:MOST_NAMED]
        ]
        return say("Together, beyond what each does alone: {pairs}.", pairs=", ".join(named))
    shared = 1.0 - sum(one.value for one in told.of(FIRST).values())
    if shared < TOGETHER:
        return ""
    return say(
        "About {share} comes from levers that act together; second_order: true in the study file"
        " names the pairs.",
        share=_percent(shared),
    )


def _percent(share: float) -> str:
    """An estimated share; a little outside 0 to 100 % is the estimate's error."""
    return numbers.whole_percent(min(max(share, 0.0), 1.0))


def _sobol_drawing(told: _Told, name: str) -> Drawing:
    first = told.of(FIRST)
    ranked = told.ranked(TOTAL)[:MOST_LEVERS]
    rows = [Marked(told.lever(one.lever), _mark(first[one.lever]), _mark(one)) for one in ranked]
    title = say("{measure}: shares of the variance", measure=told.label)
    alt = say(
        "{title}: {figures}.",
        title=title,
        figures="; ".join(
            f"{row.name} {_percent(row.first.value)}, {_percent(row.second.value)}" for row in rows
        ),
    )
    key = (say("alone"), say("in all"))
    return marked(name, title, alt, rows, say("share of the variance"), numbers.whole_percent, key)


def _mark(one: Index) -> Mark:
    return Mark(one.value, one.low, one.high)


def _sobol_table(told: _Told) -> list[Table]:
    first = told.of(FIRST)
    rows = [
        [
            told.lever(one.lever),
            numbers.decimal(first[one.lever].value),
            _interval(first[one.lever], numbers.decimal),
            numbers.decimal(one.value),
            _interval(one, numbers.decimal),
        ]
        for one in told.ranked(TOTAL)
    ]
    head = [say("Lever"), say("alone"), say("95 %"), say("in all"), say("95 %")]
    caption = say("{measure}: indices of sensitivity, shares of the variance", measure=told.label)
    tables = [Table(caption, head, rows)]
    pairs = [
        [
            f"{told.lever(one.lever)} × {told.lever(one.other or '')}",
            numbers.decimal(one.value),
            _interval(one, numbers.decimal),
        ]
        for one in told.pairs()[:MOST_LEVERS]
    ]
    if pairs:
        caption = say("{measure}: what two levers do only together", measure=told.label)
        tables.append(Table(caption, [say("Levers"), say("together"), say("95 %")], pairs))
    return tables


# --- Morris ---


def _morris_words(told: _Told) -> str:
    ranked = told.ranked(MU_STAR)
    head, sigma = ranked[0], told.of(SIGMA)
    parts = [
        say(
            "Most hangs on {lever}, whose whole range moves the figure by {effect} on average.",
            lever=told.lever(head.lever),
            effect=told.amount(head.value),
        )
    ]
    rest = [one for one in ranked[1:] if one.value >= LITTLE * head.value]
    hardly = [one.lever for one in ranked[1:] if one.value < LITTLE * head.value]
    if rest:
        levers = [f"{told.lever(one.lever)} ({told.amount(one.value)})" for one in rest]
        parts.append(say("Then: {levers}.", levers=", ".join(levers[:MOST_NAMED])))
    if hardly:
        parts.append(say("Next to nothing: {levers}.", levers=told.listed(hardly)))
    bent = [
        one.lever
        for one in [head, *rest]
        if one.value > 0.0 and sigma[one.lever].value > BENT * one.value
    ]
    if bent:
        parts.append(
            say(
                "How much depends on the other levers, or on where one starts, for: {levers}.",
                levers=told.listed(bent),
            )
        )
    return " ".join(parts)


def _morris_drawing(told: _Told, name: str) -> Drawing:
    sigma = told.of(SIGMA)
    ranked = told.ranked(MU_STAR)[:MOST_LEVERS]
    rows = [
        Marked(told.lever(one.lever), _mark(one), Mark(sigma[one.lever].value)) for one in ranked
    ]
    title = say("{measure}: effects of the levers", measure=told.label)
    alt = say(
        "{title}: {figures}.",
        title=title,
        figures="; ".join(f"{row.name} {told.amount(row.first.value)}" for row in rows),
    )
    unit, tick = told.axis([row.first.high or row.first.value for row in rows])
    key = (say("mean size"), say("spread"))
    return marked(name, title, alt, rows, unit, tick, key)


def _morris_table(told: _Told) -> list[Table]:
    mu, sigma = told.of(MU), told.of(SIGMA)
    rows = [
        [
            told.lever(one.lever),
            told.digits(one.value),
            _interval(one, told.digits),
            told.digits(mu[one.lever].value),
            told.digits(sigma[one.lever].value),
        ]
        for one in told.ranked(MU_STAR)
    ]
    head = [say("Lever"), say("mean size"), say("95 %"), say("mean with signs"), say("spread")]
    caption = say(
        "{measure}: effect of the whole range of each lever, {unit}",
        measure=told.label,
        unit=told.column_unit,
    )
    return [Table(caption, head, rows)]


# --- one at a time ---


def _level(value: Value) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return numbers.short(float(f"{value:.4g}")) if isinstance(value, int | float) else str(value)


def _signed(text: str, value: float) -> str:
    return f"+{text}" if value > 0.0 else text


def _tornado_words(told: _Told) -> str:
    ranked, least, most = told.ranked(SWING), told.of(LEAST), told.of(MOST)
    head = ranked[0].lever
    ends = []
    for one in (least[head], most[head]):
        text = say(
            "{change} at {level}",
            change=_signed(told.amount(one.value), one.value),
            level=_level(one.level),
        )
        ends.append(text)
    parts = [
        say(
            "{lever} moves it most, from {least} to {most}, beside the scenario.",
            lever=told.lever(head),
            least=ends[0],
            most=ends[1],
        )
    ]
    rest = [one for one in ranked[1:] if one.value >= LITTLE * ranked[0].value]
    hardly = [one.lever for one in ranked[1:] if one.value < LITTLE * ranked[0].value]
    if rest:
        levers = [f"{told.lever(one.lever)} ({told.amount(one.value)})" for one in rest]
        text = ", ".join(levers[:MOST_NAMED])
        parts.append(say("Then, from end to end: {levers}.", levers=text))
    if hardly:
        parts.append(say("Next to nothing: {levers}.", levers=told.listed(hardly)))
    return " ".join(parts)


def _tornado_drawing(told: _Told, name: str) -> Drawing:
    least, most = told.of(LEAST), told.of(MOST)
    rows = [
        Swing(
            told.lever(one.lever),
            least[one.lever].value,
            most[one.lever].value,
            _level(least[one.lever].level),
            _level(most[one.lever].level),
        )
        for one in told.ranked(SWING)[:MOST_LEVERS]
    ]
    title = say("{measure}: one lever at a time", measure=told.label)
    alt = say(
        "{title}: {figures}.",
        title=title,
        figures="; ".join(
            f"{row.name} {told.amount(row.least)} – {told.amount(row.most)}" for row in rows
        ),
    )
    unit, tick = told.axis([end for row in rows for end in (row.least, row.most)])
    over = say("change, {unit}", unit=unit)
    return tornado(name, title, alt, rows, over, tick)


def _tornado_table(told: _Told) -> list[Table]:
    least, most = told.of(LEAST), told.of(MOST)
    rows = []
    for one in told.ranked(SWING):
        low, high = least[one.lever], most[one.lever]
        cells = [told.lever(one.lever), told.digits(one.value)]
        for end in (low, high):
            cells += [_level(end.level), told.digits(end.value), _interval(end, told.digits)]
        rows.append(cells)
    head = [say("Lever"), say("from end to end"), say("lowest at"), say("change"), say("95 %")]
    head += [say("highest at"), say("change"), say("95 %")]
    caption = say(
        "{measure}: change from the scenario, {unit}", measure=told.label, unit=told.column_unit
    )
    return [Table(caption, head, rows)]
