"""How does B differ from A: one page with two ways in, and the answer in words.

`compare_page` shows the variants of a comparison: paired replicates, so that every difference has
an interval. `make_side_by_side` shows result folders, with or without replicates, and beside the
differences the curves and bars of their first runs on shared axes (`sim.pages.side_by_side`).
Headline figures and what differs in the scenarios are told alike on both.

In words, a variant *earns more* (or less) if the 95% interval of the difference in profit leaves
out 0; otherwise it is said that it is not clear, and how many replicates would show a difference
of the size that is seen: the half-width h of the interval shrinks with the root of their number
R, so h^2 / d^2 x R for a difference d.

Percentages are of the baseline's profit, as long as that is a gain and the difference is not more
than it; otherwise amounts are told.

Where a difference comes from: of first purchases, returning customers and spend (see
`sim.questions.compare`) the largest is told as a share of the difference in profit, if it is sure
and no other works against it by more than `SMALL` of the difference; otherwise all that are sure
are told as amounts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from sim.errors import InputError
from sim.folders import put_file
from sim.locks import at_work
from sim.measures.figure import Undefined
from sim.measures.replicates import Difference
from sim.pages.blocks import (
    ComparedCell,
    ComparedLine,
    Comparison,
    LegendKey,
    Page,
    Section,
    Sentence,
    TableBlock,
    figures,
)
from sim.pages.charts.amounts import Bar, GroupOfBars, groups_chart
from sim.pages.charts.chart import scale
from sim.pages.charts.drawing import Drawing
from sim.pages.charts.estimates import Whisker
from sim.pages.charts.render import drawn
from sim.pages.compared import (
    ABSENT,
    LEAST,
    Alternative,
    ComparedResult,
    check_folders,
    differing,
    of_comparison,
    of_folders,
    read_results,
    written,
)
from sim.pages.parts import estimates, guarded, in_this_language, largest_end, reproduce_section
from sim.pages.render import render
from sim.pages.side_by_side import (
    conversion_section,
    key,
    money_section,
    phases_section,
    quality_section,
    spend_section,
    survival_section,
)
from sim.pages.words import names, numbers
from sim.pages.words.headlines import NONE, Headline
from sim.pages.words.language import prose, say, say_number
from sim.pages.words.studies import Words
from sim.questions.compare.compare import MOST_GIVEN, PROFIT, SOURCES, Compared, reached
from sim.questions.compare.tables import TOLD, differences, mean_of

COSTS = [key for key, sign in SOURCES.items() if sign < 0]
MOST_DRAWN = 6  # variants with drawings of their own; the tables have all
MOST_PARAMETERS = 150
MOST_RELATIVE = 2.0  # a larger relative difference is told, not drawn
LONGEST_BAR = 1.0  # bars of relative differences are cut at twice the figure, or nothing
# A score whose 0 is not "none" has no relative difference.
NO_RATIO = ("experience.recommendation_score",)
PUT_IN_WORDS = ("economics.profit", "customers.new", "conversion.per_need")  # beside folders

SUFFIX = ".html"
BETWEEN = "-beside-"  # folders' names in that of the page
LONGEST_NAME = 120  # letters of a file's name


# --- the two ways in ---


def compare_page(made: Compared, measures: Sequence[str], command: str) -> str:
    """The page of a comparison, in the language of the surrounding `speaking`.

    `measures`: keys that the table tells beside the headline figures; `command`: what makes the
    comparison again, in its folder. The same comparison and language give the same bytes.
    """
    scenario, variants = made.baseline.scenario, of_comparison(made)
    page = Page(
        say("journeysim comparison"),
        ", ".join(one.title for one in variants),
        say(
            "Each is compared with {baseline} on {seeds}, with the same random draws: {people},"
            " represented by {customers}, over {length}.",
            baseline=variants[0].title,
            seeds=numbers.seeds(len(made.seeds)),
            people=numbers.people(scenario.population),
            customers=numbers.simulated_customers(scenario.agents),
            length=numbers.length(scenario.days),
        ),
        [
            *guarded("answer", _answer, made, variants),
            *guarded("origin", _origin, made, variants),
            *guarded("relative", _relative, variants),
            *guarded("figures", _figures, variants, measures),
            *guarded("parameters", _parameters, variants),
            *guarded("reproduce", _reproduce, made, command),
        ],
    )
    return render(page)


def make_side_by_side(results: Sequence[ComparedResult]) -> str:
    """The page of two to six result folders, in the language of the surrounding `speaking`.

    The same results and language give the same bytes.
    """
    alternatives = of_folders(results)
    page = Page(
        say("journeysim: results side by side"),
        ", ".join(one.title for one in alternatives),
        say(
            "{count} results. Each is compared with the first, {letter}.",
            count=len(results),
            letter=results[0].letter,
        ),
        [
            *guarded("differences", _differences, results, alternatives),
            *guarded("phases", phases_section, results),
            *guarded("conversion", conversion_section, results),
            *guarded("keeping", survival_section, results),
            *guarded("over-time", money_section, results),
            *guarded("spend", spend_section, results),
            *guarded("quality", quality_section, results),
            *guarded("parameters", _parameters, alternatives),
        ],
    )
    return render(page)


def write_side_by_side(folders: Sequence[Path], out: Path | None = None) -> Path:
    """Write the page that shows the results side by side; returns its path.

    The page is `out`, by default beside the first folder and named after all. Raises as
    `check_place_of_page` and `sim.pages.compared.read_results` do, and
    `sim.folders.NotWritten`.
    """
    place = check_place_of_page(folders, out)
    with at_work(place):
        put_file(place, make_side_by_side(read_results(folders)))
    return place


def check_place_of_page(folders: Sequence[Path], out: Path | None) -> Path:
    """Where the page goes. Raises `InputError` if it must not be there, or the folders differ
    too much to be compared (`sim.pages.compared.check_folders`)."""
    if len(folders) < LEAST:
        raise InputError("--out names the page of several results side by side; one is given.")
    place = out if out is not None else _default_place(folders)
    if place.suffix != SUFFIX:
        raise InputError(f"{place} must end with {SUFFIX}: the results side by side are a page.")
    if place.is_dir():
        raise InputError(f"{place} is a folder; choose the name of a file.")
    check_folders(folders)
    return place


def _default_place(folders: Sequence[Path]) -> Path:
    named = [folder.resolve().name for folder in folders]
    name = BETWEEN.join(named)
    if len(name) + len(SUFFIX) > LONGEST_NAME:
        name = BETWEEN.join(one[: LONGEST_NAME // len(named) - len(BETWEEN)] for one in named)
    relative = folders[0].name not in ("", "..")  # these have no parent by name
    first = folders[0] if relative else folders[0].resolve()
    return first.parent / f"{name}{SUFFIX}"


# --- a comparison: the answer ---


def _answer(made: Compared, variants: Sequence[Alternative]) -> Section:
    """Who earns more, in sentences and as a drawing."""
    told = [
        Sentence(variant.letter, text)
        for variant, text in zip(variants[1:], sentences(made), strict=True)
    ]
    currency, baseline = made.baseline.scenario.currency, variants[0]
    rows = [
        _whisker(variant.title, found, lambda v: numbers.money(v, currency))
        for variant in variants[1:]
        if isinstance(found := variant.minus(baseline, PROFIT), Difference)
    ]
    what = say("profit, difference from {letter}", letter=baseline.letter)
    title = say("Difference in profit from {baseline}", baseline=baseline.title)
    drawing = _money_drawing("profit", title, rows, what=what, currency=currency)
    return Section("answer", say("Which earns more"), [*told, figures(drawing), *_how_sure(made)])


def _how_sure(made: Compared) -> list[str]:
    text = prose("compare.intervals", seeds=numbers.seeds(len(made.seeds)))
    share = reached(made.summaries)
    if share is None:
        return [text]
    return [
        f"{text} "
        + say(
            "The largest standard error of a difference in profit is {share} of the margin of"
            " {baseline}.",
            share=numbers.percent(share),
            baseline=made.baseline.name,
        )
    ]


def _whisker(name: str, found: Difference, write: numbers.Text) -> Whisker:
    """A line of a drawing; without an interval where there is none."""
    value = found.difference
    low = value if found.low is None else found.low
    high = value if found.high is None else found.high
    return Whisker(name, value, low, high, numbers.signed(value, write))


def _money_drawing(
    name: str, title: str, rows: Sequence[Whisker], *, what: str, currency: str
) -> Drawing | None:
    """A drawing of amounts."""
    unit, tick = numbers.axis(largest_end(rows), currency)
    over = say("{what}, {unit}", what=what, unit=unit)
    return estimates(name, title, rows, over=over, tick=tick)


# --- a comparison: where the difference comes from ---


def _source_words() -> dict[str, str]:
    first, returning, spend = SOURCES
    return {
        first: say("First purchases"),
        returning: say("Returning customers"),
        spend: say("Marketing spend"),
        PROFIT: say("Profit"),
    }


def _origin(made: Compared, variants: Sequence[Alternative]) -> Section:
    """What first purchases, returning customers and spend do to the profit."""
    currency, baseline, others = made.baseline.scenario.currency, variants[0], variants[1:]
    lines: dict[str, list[Whisker]] = {one.letter: [] for one in others}
    rows = []
    for source, label in _source_words().items():
        cells = []
        for one in others:
            found = one.minus(baseline, source)
            if isinstance(found, Undefined):  # a run always has these
                cells.append(ComparedCell(NONE))
                continue
            if source in COSTS:
                found = _turned(found)
            line = _whisker(label, found, lambda v: numbers.money(v, currency))
            lines[one.letter].append(line)
            value = numbers.signed(line.value, numbers.whole)
            interval = numbers.sure_interval(line.low, line.high, numbers.whole)
            cells.append(ComparedCell(value, "", interval, found.is_sure))
        rows.append(ComparedLine(label, "", cells))
    what = say("effect on profit against {letter}", letter=baseline.letter)
    caption = say(
        "Effect of each part on profit against {baseline}, {currency}",
        baseline=baseline.title,
        currency=currency,
    )
    text = prose("compare.origin")
    head = [say("Part of the profit"), *(one.title for one in others)]
    drawings = [
        _money_drawing(f"origin-{place}", one.title, own, what=what, currency=currency)
        for place, one in enumerate(others[:MOST_DRAWN], 1)
        if (own := lines[one.letter]) and any(line.low or line.high for line in own)
    ]
    return Section(
        "origin",
        say("Where the difference comes from"),
        [text, Comparison(caption, head, rows), figures(*drawings)],
    )


def _turned(cost: Difference) -> Difference:
    """What a difference in a cost does to the profit."""
    low, high = (None if end is None else -end for end in (cost.high, cost.low))
    return cost._replace(difference=-cost.difference, low=low, high=high)


# --- headline figures, each beside the first ---


def _relative(variants: Sequence[Alternative]) -> Section:
    """For each variant the relative differences of the headline figures."""
    baseline = variants[0]
    drawings = []
    for place, variant in enumerate(variants[1 : MOST_DRAWN + 1], 1):
        rows = [
            Whisker(
                line.label,
                relative,
                relative if found.low is None else found.low / abs(found.first),
                relative if found.high is None else found.high / abs(found.first),
                numbers.signed(relative, numbers.percent),
            )
            for line, found, relative in _relative_differences(baseline, variant)
            if abs(relative) <= MOST_RELATIVE
        ]
        if any(row.low or row.high for row in rows):
            over = say("of the figure of {letter}", letter=baseline.letter)
            name = f"figures-{place}"
            tick = numbers.whole_percent
            drawings.append(estimates(name, variant.title, rows, over=over, tick=tick))
    text = prose("compare.relative", baseline=baseline.title)
    if not drawings:
        text = say("No key metric differs.")
    return Section("relative", say("Other differences"), [text, figures(*drawings)])


def _relative_differences(
    first: Alternative, other: Alternative
) -> list[tuple[Headline, Difference, float]]:
    """Headline figures that have a relative difference, with both differences."""
    found = []
    for line in first.headlines:
        change = other.minus(first, line.key)
        if line.key in NO_RATIO or isinstance(change, Undefined):
            continue
        if not isinstance(change.relative, Undefined):
            found.append((line, change, change.relative))
    return found


def _figures(variants: Sequence[Alternative], measures: Sequence[str]) -> Section:
    """The headline figures and those asked for, each variant beside the baseline."""
    caption = prose("compare.figures_table", letter=variants[0].letter)
    lines = _headline_lines(variants)
    told = {line.key for line in variants[0].headlines} | set(TOLD)
    words = Words(variants[0].scenario)
    lines += [_asked(variants, measure, words) for measure in measures if measure not in told]
    text = prose("compare.figures")
    return Section("figures", say("Figures"), [text, _comparison(caption, variants, lines)])


def _comparison(
    caption: str, alternatives: Sequence[Alternative], lines: Sequence[ComparedLine]
) -> Comparison:
    return Comparison(caption, [say("Figure"), *(one.title for one in alternatives)], lines)


def _headline_lines(alternatives: Sequence[Alternative]) -> list[ComparedLine]:
    """A line for each headline figure."""
    first = alternatives[0]
    lines = []
    for row in zip(*(one.headlines for one in alternatives), strict=True):
        cells = [
            _cell(line, None if one is first else one.minus(first, line.key))
            for one, line in zip(alternatives, row, strict=True)
        ]
        note = row[0].note if row[0].value is not None else ""
        lines.append(ComparedLine(row[0].label, note, cells))
    return lines


def _cell(line: Headline, change: Difference | Undefined | None) -> ComparedCell:
    """A headline figure; `change`: from the first, None if it is the first's own."""
    if line.value is None:
        return ComparedCell(line.text, line.note)
    if change is None:
        return ComparedCell(line.text, "", line.interval)
    if isinstance(change, Undefined):
        return ComparedCell(line.text)
    interval = numbers.sure_interval(change.low, change.high, _of_difference(line))
    return ComparedCell(line.text, _in_words(line, change), interval, change.is_sure)


def _of_difference(line: Headline) -> numbers.Text:
    """How a difference of a figure is written: that of shares in percentage points."""
    return numbers.points if line.write is numbers.percent else line.write


def _in_words(line: Headline, change: Difference) -> str:
    """The difference of a headline figure, and what share of the figure it is."""
    text = numbers.signed(change.difference, _of_difference(line))
    if line.key in NO_RATIO or isinstance(change.relative, Undefined):
        return text
    return f"{text} ({numbers.signed(change.relative, numbers.percent)})"


def _asked(variants: Sequence[Alternative], measure: str, words: Words) -> ComparedLine:
    """A line of a figure that was asked for by its key."""
    is_share = words.is_share(measure)
    write: numbers.Text = numbers.percent if is_share else numbers.rough
    of_difference: numbers.Text = numbers.points if is_share else numbers.rough
    cells = []
    for variant in variants:
        mean = mean_of(variant.summaries, measure)
        change = None if variant is variants[0] else variant.minus(variants[0], measure)
        if mean is None:
            cells.append(ComparedCell(NONE))
        elif change is None or isinstance(change, Undefined):
            cells.append(ComparedCell(write(mean)))
        else:
            text = numbers.signed(change.difference, of_difference)
            interval = numbers.sure_interval(change.low, change.high, of_difference)
            cells.append(ComparedCell(write(mean), text, interval, change.is_sure))
    return ComparedLine(words.measure(measure), "" if is_share else words.unit(measure), cells)


# --- folders: the differences first ---


def _differences(results: Sequence[ComparedResult], alternatives: Sequence[Alternative]) -> Section:
    """In words, as a table and as bars: how each result differs from the first."""
    letter = results[0].letter
    caption = say("Key metrics, and below each its difference from {letter}", letter=letter)
    if any(len(one.summaries) > 1 for one in alternatives):
        caption = prose("compare.headlines_of_replicates", letter=letter)
    return Section(
        "differences",
        say("What differs"),
        [
            *_sentences(alternatives),
            _what_they_rest_on(alternatives),
            *_unlike(alternatives),
            _comparison(caption, alternatives, _headline_lines(alternatives)),
            LegendKey(key(results)),
            figures(_relative_bars(alternatives)),
        ],
    )


def _sentences(alternatives: Sequence[Alternative]) -> list[str]:
    """A sentence about each result beside the first."""
    first, found = alternatives[0], []
    for one in alternatives[1:]:
        told = [
            f"{line.label[:1].lower()}{line.label[1:]} {_in_words(line, change)}"
            for line in one.headlines
            if line.key in PUT_IN_WORDS
            and not isinstance(change := one.minus(first, line.key), Undefined)
        ]
        if told:
            found.append(
                say(
                    "{letter} against {first}: {differences}.",
                    letter=one.letter,
                    first=first.letter,
                    differences=", ".join(told),
                )
            )
    return found


def _what_they_rest_on(alternatives: Sequence[Alternative]) -> str:
    """Whether the differences are paired, and whether luck can be seen in them."""
    first, others = alternatives[0], alternatives[1:]
    paired = [one.letter for one in others if one.is_paired_with(first)]
    if len(paired) == len(others):
        text = prose("compare.paired")
    elif paired:
        text = say(
            "Paired with {first} (same seeds, same customers, same random draws): {letters}. The"
            " other differences include random variation.",
            first=first.letter,
            letters=", ".join(paired),
        )
    else:
        text = prose("compare.not_paired")
    if all(len(one.summaries) > 1 for one in alternatives):
        return text
    return f"{text} " + prose("compare.single_runs")


def _unlike(alternatives: Sequence[Alternative]) -> list[str]:
    """What makes totals of different results different things."""
    scenarios = [one.scenario for one in alternatives]
    sizes = {
        say("people"): [numbers.exact(scenario.population) for scenario in scenarios],
        say("length"): [numbers.length(scenario.days) for scenario in scenarios],
    }
    unlike = [
        f"{what} ({', '.join(given)})" for what, given in sizes.items() if len(set(given)) > 1
    ]
    if not unlike:
        return []
    return [prose("compare.unlike", what=", ".join(unlike))]


def _relative_bars(alternatives: Sequence[Alternative]) -> Drawing | None:
    """The relative differences, a group of bars for each figure that has any."""
    first, letters = alternatives[0], [one.letter for one in alternatives]
    found: dict[str, list[Bar]] = {}
    for place, one in enumerate(alternatives[1:], 1):
        for line, change, relative in _relative_differences(first, one):
            bar = Bar(
                place,
                relative,
                numbers.signed(relative, numbers.percent),
                None if change.low is None else change.low / abs(change.first),
                None if change.high is None else change.high / abs(change.first),
            )
            found.setdefault(line.key, []).append(bar)
    groups = [
        GroupOfBars(line.label, found[line.key]) for line in first.headlines if line.key in found
    ]
    if not groups:
        return None
    title = say("Differences from {letter}", letter=first.letter)
    told = [
        f"{group.name}: " + ", ".join(f"{letters[bar.place]} {bar.text}" for bar in group.bars)
        for group in groups
    ]
    over = say("of the figure of {letter}", letter=first.letter)
    if any(
        bar.value is not None and abs(bar.value) > LONGEST_BAR for g in groups for bar in g.bars
    ):
        over = say("of the figure of {letter}; bars with an arrow are longer", letter=first.letter)
    chart = groups_chart(
        ("differences", title, f"{title}: {'; '.join(told)}"),
        groups,
        letters,
        across=lambda ends: scale(
            over, ends, lambda value: numbers.signed(value, numbers.whole_percent)
        ),
        longest=LONGEST_BAR,
    )
    return drawn(chart)


# --- what differs in the scenarios, and how to do it again ---


def _parameters(alternatives: Sequence[Alternative]) -> Section:
    """The parameters of the scenario files that differ."""
    title = say("What differs in the scenarios")
    found = differing([one.scenario.model_dump(mode="json") for one in alternatives])
    if not found:
        return Section("parameters", title, [say("None: all results are of one scenario.")])
    text = [prose("compare.parameters")]
    more = len(found) - MOST_PARAMETERS
    if more > 0:
        text.append(
            say_number(
                "The first {shown} are shown, one more is in the scenario files.",
                "The first {shown} are shown, {more} more are in the scenario files.",
                more,
                shown=MOST_PARAMETERS,
                more=more,
            )
        )
    shown = found[:MOST_PARAMETERS]
    caption = say("Parameters that differ")
    if any(ABSENT in values for _, values in shown):
        caption = say("Parameters that differ. {none}: the scenario has no such part", none=NONE)
    head = [say("Parameter"), *(one.title for one in alternatives)]
    rows = [[path, *map(written, values)] for path, values in shown]
    return Section("parameters", title, [*text, TableBlock(caption, head, rows, head[1:])])


def _reproduce(made: Compared, command: str) -> Section:
    facts: Mapping[str, str] = {
        say("Seeds"): f"{made.seeds[0]}–{made.seeds[-1]}",
        say("Scenario"): names.title(made.baseline.scenario),
    }
    text = prose("compare.reproduce")
    return reproduce_section(text, in_this_language(command), facts)


# --- the answer in words ---

SMALL = 0.05  # of a difference; assumption: nobody would miss it in the sentence
FIRST, RETURNING, SPEND = SOURCES


def sentences(made: Compared) -> list[str]:
    """A plain sentence, or a few, about each variant beside the baseline."""
    profits = differences(made, PROFIT)
    sources = {key: differences(made, key) for key in SOURCES}
    found = []
    for place, variant in enumerate(made.variants[1:]):
        profit = profits[place]
        if isinstance(profit, Undefined):  # a run always has a profit
            continue
        own = {
            key: each[place]
            for key, each in sources.items()
            if not isinstance(each[place], Undefined)
        }
        told = _Answer(made.baseline.name, variant.name, made.baseline.scenario.currency)
        parts = {key: one for key, one in own.items() if isinstance(one, Difference)}
        found.append(told.sentence(profit, parts, len(made.seeds)))
    return found


class _Answer:
    """Says how one variant does beside the baseline."""

    def __init__(self, baseline: str, variant: str, currency: str) -> None:
        self.names = {"variant": variant, "baseline": baseline}
        self.currency = currency

    def sentence(self, profit: Difference, parts: dict[str, Difference], seeds: int) -> str:
        low, high = _ends(profit)
        if low == high == 0.0:
            return say(
                "{variant} earns the same as {baseline} in every replicate.",
                **self.names,
            )
        if not profit.is_sure:
            return f"{self._unclear(profit)} {self._how_many(profit, seeds)}".strip()
        more = low > 0.0
        ends = sorted((abs(low), abs(high)))
        amount = _interval(ends, self.cash)
        if _in_percent(profit):
            share = _interval([end / profit.first for end in ends], numbers.percent)
            values = {"share": share, "amount": amount, **self.names}
            if more:
                head = say(
                    "{variant} earns {share} more than {baseline} (95% CI; {amount})", **values
                )
            else:
                head = say(
                    "{variant} earns {share} less than {baseline} (95% CI; {amount})", **values
                )
        elif more:
            head = say(
                "{variant} earns {amount} more than {baseline} (95% CI)",
                amount=amount,
                **self.names,
            )
        else:
            head = say(
                "{variant} earns {amount} less than {baseline} (95% CI)",
                amount=amount,
                **self.names,
            )
        return f"{head}{self._origin(profit, parts)}."

    def cash(self, amount: float) -> str:
        return numbers.money(amount, self.currency)

    def _unclear(self, profit: Difference) -> str:
        low, high = _ends(profit)
        write: numbers.Text = self.cash
        scale = 1.0
        if _in_percent(profit):
            write, scale = numbers.percent, profit.first
        return say(
            "{variant} does not earn significantly more or less than {baseline} (95% CI: {less}"
            " less to {more} more).",
            less=write(abs(low) / scale),
            more=write(high / scale),
            **self.names,
        )

    def _how_many(self, profit: Difference, seeds: int) -> str:
        """How many replicates would show a difference of the size that is seen."""
        low, high = _ends(profit)
        if profit.difference == 0.0:
            return ""
        needed = math.ceil(seeds * ((high - low) / 2.0 / profit.difference) ** 2)
        if needed > MOST_GIVEN:
            return say("Any difference is too small to be worth more replicates.")
        return say(
            "If the difference is as large as estimated, about {count} replicates would show it.",
            count=numbers.exact(max(needed, seeds + 1)),
        )

    def _origin(self, profit: Difference, parts: dict[str, Difference]) -> str:
        """Where a sure difference comes from, as the rest of a sentence."""
        gains = {key: SOURCES[key] * one.difference for key, one in parts.items()}
        shares = {key: gain / profit.difference for key, gain in gains.items()}
        largest = max(shares, key=lambda key: shares[key])
        if min(shares.values()) >= -SMALL and parts[largest].is_sure:
            return self._share(largest, min(round(10.0 * shares[largest]), 10) / 10.0, profit)
        told = [self._part(key, one) for key, one in parts.items() if one.is_sure]
        return f": {', '.join(told)}" if told else ""

    def _share(self, key: str, share: float, profit: Difference) -> str:
        if share == 1.0:
            part = say("nearly all of the difference")
        else:
            part = say("about {share} of the difference", share=numbers.whole_percent(share))
        if key == RETURNING:
            return "; " + say("{part} comes from returning customers", part=part)
        if key == FIRST:
            return "; " + say("{part} comes from first purchases", part=part)
        if profit.difference > 0.0:
            return "; " + say("{part} comes from lower marketing spend", part=part)
        return "; " + say("{part} comes from higher marketing spend", part=part)

    def _part(self, key: str, one: Difference) -> str:
        amount = self.cash(abs(one.difference))
        more = one.difference > 0.0
        if key == RETURNING:
            text = say("returning customers bring {amount} more", amount=amount)
            less = say("returning customers bring {amount} less", amount=amount)
        elif key == FIRST:
            text = say("first purchases bring {amount} more", amount=amount)
            less = say("first purchases bring {amount} less", amount=amount)
        else:
            text = say("marketing costs {amount} more", amount=amount)
            less = say("marketing costs {amount} less", amount=amount)
        return text if more else less


def _ends(profit: Difference) -> tuple[float, float]:
    """The interval; without one, the difference itself."""
    low = profit.difference if profit.low is None else profit.low
    high = profit.difference if profit.high is None else profit.high
    return low, high


def _in_percent(profit: Difference) -> bool:
    """Whether a share of the baseline's profit says anything."""
    low, high = _ends(profit)
    return profit.first > 0.0 and max(abs(low), abs(high)) <= profit.first


def _interval(ends: Sequence[float], write: numbers.Text) -> str:
    return numbers.interval(ends[0], ends[1], write)
