"""What drives each measure of a study, as a section of its page: words, drawings, figures."""

from __future__ import annotations

from sim.measures.figure import Undefined
from sim.pages.charts.drawing import Drawing
from sim.pages.charts.estimates import Measured, Swing, TwoMeasured, tornado, two_values
from sim.pages.charts.render import drawn
from sim.pages.sections import Section, Sentence, Table
from sim.pages.sensitivity_words import (
    Told,
    interval_of,
    level_of,
    morris_words,
    percent_of,
    sobol_words,
    tornado_words,
)
from sim.pages.words import numbers
from sim.pages.words.language import explain, say
from sim.pages.words.studies import Words
from sim.questions.levers.sensitivity import (
    FIRST,
    LEAST,
    LUCK,
    MOST,
    MU,
    MU_STAR,
    NOISE,
    SIGMA,
    SWING,
    TOTAL,
    Index,
    Sensitivity,
)
from sim.questions.levers.study import Method

MOST_SHOWN = 6  # measures in the page; the file has all
MOST_LEVERS = 12  # in a drawing


def sensitivity_sections(analysed: Sensitivity, words: Words) -> list[Section]:
    """The section on sensitivity, in the language of the surrounding `speaking`."""
    tell = {
        Method.SOBOL: (sobol_words, _sobol_drawing, _sobol_table),
        Method.MORRIS: (morris_words, _morris_drawing, _morris_table),
        Method.ONE_AT_A_TIME: (tornado_words, _tornado_drawing, _tornado_table),
    }[analysed.method]
    sentences, drawings, tables, none, lucky = [], [], [], [], []
    shown = list(analysed.found.items())[:MOST_SHOWN]
    for number, (measure, found) in enumerate(shown, 1):
        label = words.measure(measure)
        if isinstance(found, Undefined):
            none.append(say("{measure}: no figure: {why}.", measure=label, why=explain(found)))
            continue
        told = Told(measure, found, words, analysed.second_order)
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


def _lucky(told: Told) -> list[str]:
    """How much of the variance of a measure is luck, where replicates show it."""
    luck, noise = told.share(LUCK), told.share(NOISE)
    if luck is None or noise is None:
        return []
    return [f"{told.label} {numbers.percent(luck)} ({numbers.percent(noise)})"]


# --- Sobol ---


def _sobol_drawing(told: Told, name: str) -> Drawing:
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
            f"{row.name} {percent_of(row.first.value)}, {percent_of(row.second.value)}"
            for row in rows
        ),
    )
    key = (say("alone"), say("in all"))
    over = say("share of the variance")
    return drawn(two_values((name, title, alt), rows, over, tick=numbers.whole_percent, key=key))


def _mark(one: Index) -> Measured:
    return Measured(one.value, one.low, one.high)


def _sobol_table(told: Told) -> list[Table]:
    first = told.of(FIRST)
    rows = [
        [
            told.lever(one.lever),
            numbers.decimal(first[one.lever].value),
            interval_of(first[one.lever], numbers.decimal),
            numbers.decimal(one.value),
            interval_of(one, numbers.decimal),
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
            interval_of(one, numbers.decimal),
        ]
        for one in told.pairs()[:MOST_LEVERS]
    ]
    if pairs:
        caption = say("{measure}: what two levers do only together", measure=told.label)
        tables.append(Table(caption, [say("Levers"), say("together"), say("95 %")], pairs))
    return tables


# --- Morris ---


def _morris_drawing(told: Told, name: str) -> Drawing:
    sigma = told.of(SIGMA)
    ranked = told.ranked(MU_STAR)[:MOST_LEVERS]
    rows = [
        TwoMeasured(told.lever(one.lever), _mark(one), Measured(sigma[one.lever].value))
        for one in ranked
    ]
    title = say("{measure}: effects of the levers", measure=told.label)
    alt = say(
        "{title}: {figures}.",
        title=title,
        figures="; ".join(f"{row.name} {told.amount(row.first.value)}" for row in rows),
    )
    unit, tick = told.axis([row.first.high or row.first.value for row in rows])
    key = (say("mean size"), say("spread"))
    return drawn(two_values((name, title, alt), rows, unit, tick=tick, key=key))


def _morris_table(told: Told) -> list[Table]:
    mu, sigma = told.of(MU), told.of(SIGMA)
    rows = [
        [
            told.lever(one.lever),
            told.digits(one.value),
            interval_of(one, told.digits),
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


def _tornado_drawing(told: Told, name: str) -> Drawing:
    least, most = told.of(LEAST), told.of(MOST)
    rows = [
        Swing(
            told.lever(one.lever),
            least[one.lever].value,
            most[one.lever].value,
            level_of(least[one.lever].level),
            level_of(most[one.lever].level),
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
    return drawn(tornado((name, title, alt), rows, over, tick=tick))


def _tornado_table(told: Told) -> list[Table]:
    least, most = told.of(LEAST), told.of(MOST)
    rows = []
    for one in told.ranked(SWING):
        low, high = least[one.lever], most[one.lever]
        cells = [told.lever(one.lever), told.digits(one.value)]
        for end in (low, high):
            cells += [level_of(end.level), told.digits(end.value), interval_of(end, told.digits)]
        rows.append(cells)
    head = [say("Lever"), say("from end to end"), say("lowest at"), say("change"), say("95 %")]
    head += [say("highest at"), say("change"), say("95 %")]
    caption = say(
        "{measure}: change from the scenario, {unit}", measure=told.label, unit=told.column_unit
    )
    return [Table(caption, head, rows)]
