"""The page of a comparison: the answer, where it comes from, every figure, and what differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.measures.differences import Difference
from sim.measures.figure import Undefined
from sim.measures.replicates import combine
from sim.pages.charts.drawing import Drawing
from sim.pages.charts.estimates import Whisker, whiskers
from sim.pages.charts.render import drawn
from sim.pages.compare_words import sentences
from sim.pages.pages import render
from sim.pages.parameters import ABSENT, differing, written
from sim.pages.sections import (
    ComparedCell,
    ComparedLine,
    Comparison,
    Section,
    Sentence,
    Table,
    guarded,
)
from sim.pages.words import names, numbers
from sim.pages.words.headlines import NONE, Headline, between, headlines
from sim.pages.words.language import language, say
from sim.pages.words.studies import Words
from sim.questions.compare.compare import PROFIT, SOURCES, Compared, reached
from sim.questions.compare.tables import TOLD, differences, mean_of

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MOST_DRAWN = 6  # variants with drawings of their own; the tables have all
MOST_PARAMETERS = 60
THOUSAND, MILLION = 1e3, 1e6
MOST_OF_UNITS = 1e4  # currency that an axis counts one by one
CUT = 2.0  # a relative difference beyond twice the baseline's figure is told, not drawn
# A score whose 0 is not "none" has no relative difference.
NO_RATIO = ("experience.recommendation_score",)


def compare_page(made: Compared, measures: Sequence[str], command: str) -> str:
    """The page, in the language of the surrounding `speaking`; no clock is in it.

    `measures`: keys that the table tells beside the headline figures; `command`: what makes the
    comparison again, in its folder.
    """
    scenario = made.baseline.scenario
    return render(
        kind=say("journeysim comparison"),
        title=", ".join(_named(made, place) for place in range(len(made.variants))),
        description="",
        lead=say(
            "Each is compared with {baseline} over {seeds} seeds, with the same luck: {people},"
            " represented by {customers}, over {length}.",
            baseline=_named(made, 0),
            seeds=numbers.exact(len(made.seeds)),
            people=numbers.people(scenario.population),
            customers=numbers.simulated_customers(scenario.agents),
            length=numbers.length(scenario.days),
        ),
        sections=[
            *guarded("answer", _answer, made),
            *guarded("origin", _origin, made),
            *guarded("relative", _relative, made),
            *guarded("figures", _figures, made, measures),
            *guarded("parameters", _parameters, made),
            *guarded("reproduce", _reproduce, made, command),
        ],
    )


def _named(made: Compared, place: int) -> str:
    return f"{LETTERS[place]} {made.variants[place].name}"


def _signed(value: float, write: numbers.Text) -> str:
    """A difference with its sign; none if it is written as 0."""
    text = write(value)
    return f"+{text}" if value > 0.0 and text != write(0.0) else text


def _in_cell(found: Difference, write: numbers.Text) -> str:
    """The interval of a difference below it; none if the seeds show no luck in it."""
    if found.low is None or found.high is None or found.low == found.high:
        return ""
    interval = between(lambda v: _signed(v, write), found.low, found.high)
    return say("95 %: {interval}", interval=interval)


def _whisker(name: str, found: Difference, write: numbers.Text, sign: float = 1.0) -> Whisker:
    """A line of a drawing; `sign` -1 turns a cost into what it does to the profit."""
    value = sign * found.difference
    low = value if found.low is None else sign * found.low
    high = value if found.high is None else sign * found.high
    return Whisker(name, value, min(low, high), max(low, high), _signed(value, write))


def _drawing(
    name: str, title: str, rows: Sequence[Whisker], over: str, tick: numbers.Text
) -> Drawing:
    alt = say(
        "{title}: {figures}.",
        title=title,
        figures="; ".join(f"{row.name} {row.text}" for row in rows),
    )
    return drawn(whiskers((name, title, alt), rows, over, tick=tick))


def _money_drawing(
    name: str, title: str, rows: Sequence[Whisker], what: str, currency: str
) -> Drawing:
    """A drawing of amounts; the axis counts thousands or millions, so that its ticks have room."""
    largest = max(max(abs(row.low), abs(row.high)) for row in rows)
    if largest >= MILLION:
        over, unit = say("{what}, m {currency}", what=what, currency=currency), MILLION
    elif largest >= MOST_OF_UNITS:
        over, unit = say("{what}, 1,000 {currency}", what=what, currency=currency), THOUSAND
    else:
        over, unit = say("{what}, {currency}", what=what, currency=currency), 1.0
    return _drawing(name, title, rows, over, lambda v: numbers.short(v / unit))


# --- the answer ---


def _answer(made: Compared) -> Section:
    told = [Sentence(LETTERS[place], text) for place, text in enumerate(sentences(made), 1)]
    currency = made.baseline.scenario.currency
    rows = [
        _whisker(_named(made, place), found, lambda v: numbers.money(v, currency))
        for place, found in enumerate(differences(made, PROFIT), 1)
        if isinstance(found, Difference)
    ]
    what = say("profit, difference from {baseline}", baseline=LETTERS[0])
    title = say("Difference in profit from {baseline}", baseline=_named(made, 0))
    drawings = [_money_drawing("profit", title, rows, what, currency)] if rows else []
    return Section(
        "answer",
        say("Which earns more"),
        [_how_sure(made)],
        sentences=told,
        drawings=drawings,
    )


def _how_sure(made: Compared) -> str:
    text = say(
        "Intervals hold the true difference with 95 % confidence. They come from {seeds} seeds;"
        " each is a run of every market with the same customers and the same luck, so that only"
        " what differs between the markets is left.",
        seeds=numbers.exact(len(made.seeds)),
    )
    share = reached(made.summaries)
    if share is None:
        return text
    return f"{text} " + say(
        "The largest standard error of a difference in profit is {share} of the margin of"
        " {baseline}.",
        share=numbers.percent(share),
        baseline=made.baseline.name,
    )


# --- where it comes from ---


def _source_words() -> dict[str, str]:
    first, returning, spend = SOURCES
    return {
        first: say("First purchases"),
        returning: say("Returning customers"),
        spend: say("Marketing spend"),
        PROFIT: say("Profit"),
    }


def _origin(made: Compared) -> Section:
    """What first purchases, returning customers and spend do to the profit."""
    currency = made.baseline.scenario.currency
    others = range(1, len(made.variants))
    lines: dict[int, list[Whisker]] = {place: [] for place in others}
    rows = []
    for key, label in _source_words().items():
        cells = []
        for place, one in zip(others, differences(made, key), strict=True):
            if isinstance(one, Undefined):  # a run always has these
                cells.append(ComparedCell(NONE))
                continue
            line = _whisker(
                label, one, lambda v: numbers.money(v, currency), float(SOURCES.get(key, 1))
            )
            lines[place].append(line)
            ends = between(lambda v: _signed(v, numbers.whole), line.low, line.high)
            interval = say("95 %: {interval}", interval=ends) if line.low < line.high else ""
            cells.append(
                ComparedCell(_signed(line.value, numbers.whole), "", interval, one.is_sure)
            )
        rows.append(ComparedLine(label, "", cells))
    what = say("what it does to the profit beside {baseline}", baseline=LETTERS[0])
    caption = say(
        "What each does to the profit, beside {baseline}, {currency}",
        baseline=_named(made, 0),
        currency=currency,
    )
    text = say(
        "Profit is the margin of new customers' first purchases, plus all other margin, that of"
        " returning customers and renewals, less marketing spend. The three add up to the"
        " difference in profit; more spend counts as a loss. Each drawing has a scale of its own."
    )
    head = [say("Part of the profit"), *(_named(made, place) for place in others)]
    return Section(
        "origin",
        say("Where the difference comes from"),
        [text],
        comparison=Comparison(caption, head, rows),
        drawings=[
            _money_drawing(f"origin-{place}", _named(made, place), own, what, currency)
            for place, own in lines.items()
            if place <= MOST_DRAWN and any(line.low or line.high for line in own)
        ],
    )


# --- every figure ---


def _relative(made: Compared) -> Section:
    """For each variant the relative differences of the headline figures."""
    lines = headlines(combine(list(made.summaries[0])))
    found = {line.key: differences(made, line.key) for line in lines}
    drawings = []
    for place in range(1, min(len(made.variants), MOST_DRAWN + 1)):
        rows = []
        for line in lines:
            one = found[line.key][place - 1]
            if line.key in NO_RATIO or isinstance(one, Undefined):
                continue
            if isinstance(one.relative, Undefined) or abs(one.relative) > CUT:
                continue
            scale = abs(one.first)
            low = one.relative if one.low is None else one.low / scale
            high = one.relative if one.high is None else one.high / scale
            text = _signed(one.relative, numbers.percent)
            rows.append(Whisker(line.label, one.relative, low, high, text))
        if any(row.low or row.high for row in rows):
            over = say("of the figure of {letter}", letter=LETTERS[0])
            title = _named(made, place)
            drawings.append(_drawing(f"figures-{place}", title, rows, over, numbers.whole_percent))
    text = say(
        "Headline figures, in per cent of those of {baseline}. Figures that more than triple, or"
        " start at nothing, are in the table below only.",
        baseline=_named(made, 0),
    )
    if not drawings:
        text = say("No headline figure differs.")
    return Section("relative", say("What else differs"), [text], drawings=drawings)


def _figures(made: Compared, measures: Sequence[str]) -> Section:
    """The headline figures and those asked for, each variant beside the baseline."""
    joint = [combine(list(own)) for own in made.summaries]
    found = [headlines(one) for one in joint]
    lines = []
    for row in zip(*found, strict=True):
        key = row[0].key
        changes = [None, *differences(made, key)]
        cells = [_cell(line, change) for line, change in zip(row, changes, strict=True)]
        lines.append(
            ComparedLine(row[0].label, row[0].note if row[0].value is not None else "", cells)
        )
    told = {line.key for line in found[0]}
    words = Words(made.baseline.scenario)
    for key in measures:
        if key not in told and key not in TOLD:
            lines.append(_asked(made, key, words))
    caption = say(
        "Means over the seeds; below each its difference from {baseline} with the 95 % interval,"
        " bold if that leaves out 0",
        baseline=LETTERS[0],
    )
    head = [say("Figure"), *(_named(made, place) for place in range(len(made.variants)))]
    text = say(
        "Every figure of every run, not only these, is in runs.parquet, and its difference in"
        " differences.parquet."
    )
    comparison = Comparison(caption, head, lines)
    return Section("figures", say("Figures"), [text], comparison=comparison)


def _points(share: float) -> str:
    return say("{number} pp", number=numbers.decimal(share * 100.0))


def _cell(line: Headline, change: Difference | Undefined | None) -> ComparedCell:
    if line.value is None:
        return ComparedCell(line.text, line.note)
    if change is None or isinstance(change, Undefined):
        return ComparedCell(line.text, "", "" if change is not None else line.interval)
    write = _points if line.write is numbers.percent else line.write
    text = _signed(change.difference, write)
    if line.key not in NO_RATIO and not isinstance(change.relative, Undefined):
        text = f"{text} ({_signed(change.relative, numbers.percent)})"
    return ComparedCell(line.text, text, _in_cell(change, write), change.is_sure)


def _asked(made: Compared, key: str, words: Words) -> ComparedLine:
    """A line of a figure that was asked for by its key."""
    means = [mean_of(own, key) for own in made.summaries]
    known = [abs(mean) for mean in means if mean is not None]
    is_share = words.is_share(key)
    largest = max(known, default=0.0)
    plain = numbers.whole if largest >= 1000.0 else lambda v: numbers.short(float(f"{v:.3g}"))
    write = numbers.percent if is_share else plain
    cells = []
    for mean, change in zip(means, [None, *differences(made, key)], strict=True):
        if mean is None:
            cells.append(ComparedCell(NONE))
        elif change is None or isinstance(change, Undefined):
            cells.append(ComparedCell(write(mean)))
        else:
            own = _points if is_share else plain
            text = _signed(change.difference, own)
            cells.append(ComparedCell(write(mean), text, _in_cell(change, own), change.is_sure))
    note = "" if is_share else words.unit(key)
    return ComparedLine(words.measure(key), note, cells)


# --- what differs, and how to do it again ---


def _parameters(made: Compared) -> Section:
    found = differing([one.scenario.model_dump(mode="json") for one in made.variants])
    text = [
        say(
            "Each line is a parameter of the scenario file, by its path, as --set takes it; values"
            " are written as in the file."
        )
    ]
    caption = say("Parameters that differ")
    if any(ABSENT in values for _, values in found):
        caption = say("Parameters that differ. {none}: the scenario has no such part", none=NONE)
    more = len(found) - MOST_PARAMETERS
    if more > 0:
        text.append(
            say(
                "The first {count} are shown; the scenario files have all {all}.",
                count=MOST_PARAMETERS,
                all=len(found),
            )
        )
    head = [say("Parameter"), *(_named(made, place) for place in range(len(made.variants)))]
    rows = [[path, *map(written, values)] for path, values in found[:MOST_PARAMETERS]]
    title = say("What differs in the scenarios")
    return Section("parameters", title, text, tables=[Table(caption, head, rows, head[1:])])


def _reproduce(made: Compared, command: str) -> Section:
    facts: Mapping[str, str] = {
        say("Seeds"): f"{made.seeds[0]}–{made.seeds[-1]}",
        say("Scenario"): names.title(made.baseline.scenario),
    }
    if language() != "en":
        command += f" --language {language()}"
    return Section(
        "reproduce",
        say("How to reproduce this"),
        [
            say(
                "The folder of this page holds the complete scenarios (scenarios/), every figure"
                " of every run (runs.parquet), all differences (differences.parquet) and the"
                " answer (summary.json). In it, this command makes the same comparison again, on"
                " any number of threads:"
            )
        ],
        commands=[command],
        facts=facts,
    )
