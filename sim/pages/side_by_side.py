"""Several results on one page: their differences first, then each figure on shared axes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sim.errors import InputError
from sim.folders import put_file
from sim.locks import at_work
from sim.measures.differences import Difference, are_paired, difference
from sim.measures.figure import Undefined
from sim.pages.charts.amounts import Bar, GroupOfBars, groups_chart
from sim.pages.charts.chart import scale
from sim.pages.charts.render import drawn
from sim.pages.compared import LEAST, Result, all_paired, check_folders, read_results
from sim.pages.pages import render
from sim.pages.parameters import parameters_section
from sim.pages.sections import ComparedCell, ComparedLine, Comparison, Section, guarded
from sim.pages.side_over_time import money_section, phases_section, survival_section
from sim.pages.side_parts import key
from sim.pages.side_sections import conversion_section, quality_section, spend_section
from sim.pages.words import numbers
from sim.pages.words.headlines import Headline, between, headlines
from sim.pages.words.language import say

SUFFIX = ".html"
BETWEEN = "-beside-"  # folders' names in that of the page
LONGEST_NAME = 120  # letters of a file's name
CUT = 1.0  # bars of relative differences are cut at twice the figure, or nothing
TOLD = ("economics.profit", "customers.new", "conversion.overall")  # differences put in words
NO_RATIO = ("experience.recommendation_score",)  # on a scale whose 0 is not "none"


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


def make_side_by_side(results: Sequence[Result]) -> str:
    """The page of two to six results; the same results and language give the same bytes."""
    return render(
        kind=say("journeysim: results side by side"),
        title=", ".join(f"{result.letter} {result.name}" for result in results),
        description="",
        lead=say(
            "{count} results. Each is compared with the first, {letter}.",
            count=len(results),
            letter=results[0].letter,
        ),
        sections=[
            *guarded("differences", _differences, results),
            *guarded("phases", phases_section, results),
            *guarded("conversion", conversion_section, results),
            *guarded("keeping", survival_section, results),
            *guarded("over-time", money_section, results),
            *guarded("spend", spend_section, results),
            *guarded("quality", quality_section, results),
            *guarded("parameters", parameters_section, results),
        ],
    )


# --- differences first ---


def _differences(results: Sequence[Result]) -> Section:
    found = [headlines(result.summary) for result in results]
    lines = [
        ComparedLine(
            row[0].label,
            row[0].note if row[0].value is not None else "",
            [_cell(results[0], result, row[result.place]) for result in results],
        )
        for row in zip(*found, strict=True)
    ]
    caption = say(
        "Headline figures, and below each its difference from {letter}", letter=results[0].letter
    )
    if any(len(result.summaries) > 1 for result in results):
        caption = say(
            "Headline figures, means where there are replicates; below each its difference from"
            " {letter}, with its 95 % interval where both have replicates, bold if that leaves"
            " out 0",
            letter=results[0].letter,
        )
    head = [say("Figure"), *(f"{result.letter} {result.name}" for result in results)]
    groups = _relative(results, found)
    drawing = []
    if groups:
        title = say("Differences from {letter}", letter=results[0].letter)
        alt = title + ": "
        alt += "; ".join(
            f"{group.name}: "
            + ", ".join(f"{results[bar.place].letter} {bar.text}" for bar in group.bars)
            for group in groups
        )
        across = say("of the figure of {letter}", letter=results[0].letter)
        if any(bar.value is not None and abs(bar.value) > CUT for g in groups for bar in g.bars):
            across = say(
                "of the figure of {letter}; bars with an arrow are longer",
                letter=results[0].letter,
            )
        drawing = [
            drawn(
                groups_chart(
                    ("differences", title, alt),
                    groups,
                    [result.letter for result in results],
                    across=lambda ends: scale(across, ends, lambda v: signed(v, _whole_percent)),
                    longest=CUT,
                )
            )
        ]
    return Section(
        "differences",
        say("What differs"),
        [*_in_words(results, found), *_how_sure(results), *_unlike(results)],
        comparison=Comparison(caption, head, lines),
        key=key(results),
        drawings=drawing,
    )


def signed(value: float, write: numbers.Text) -> str:
    """A difference: with its sign, whichever it is; none if it is written as 0."""
    text = write(value)
    return f"+{text}" if value > 0.0 and text != write(0.0) else text


def _whole_percent(share: float) -> str:
    return f"{numbers.decimal(share * 100.0, 0)}{numbers.SPACE}%"


def _points(share: float) -> str:
    """A difference of shares."""
    return say("{number} pp", number=numbers.decimal(share * 100.0))


def _change(line: Headline, found: Difference) -> str:
    write = _points if line.write is numbers.percent else line.write
    text = signed(found.difference, write)
    if line.key in NO_RATIO or isinstance(found.relative, Undefined):
        return text
    return f"{text} ({signed(found.relative, numbers.percent)})"


def _interval(line: Headline, found: Difference) -> str:
    if found.low is None or found.high is None:
        return ""
    write = _points if line.write is numbers.percent else line.write
    return say(
        "95 %: {interval}", interval=between(lambda v: signed(v, write), found.low, found.high)
    )


def _cell(first: Result, result: Result, line: Headline) -> ComparedCell:
    if line.value is None:
        return ComparedCell(line.text, line.note)
    if result is first:
        return ComparedCell(line.text, "", line.interval)
    found = difference(first.summaries, result.summaries, line.key)
    if isinstance(found, Undefined):
        return ComparedCell(line.text)
    return ComparedCell(line.text, _change(line, found), _interval(line, found), found.is_sure)


def _relative(results: Sequence[Result], found: Sequence[Sequence[Headline]]) -> list[GroupOfBars]:
    """The relative differences, a group of bars for each figure that has any."""
    groups = []
    for line in found[0]:
        if line.key in NO_RATIO:
            continue
        shown = []
        for result in results[1:]:
            change = difference(results[0].summaries, result.summaries, line.key)
            if isinstance(change, Undefined) or isinstance(change.relative, Undefined):
                continue
            scale = abs(change.first)
            shown.append(
                Bar(
                    result.place,
                    change.relative,
                    signed(change.relative, numbers.percent),
                    None if change.low is None else change.low / scale,
                    None if change.high is None else change.high / scale,
                )
            )
        if shown:
            groups.append(GroupOfBars(line.label, shown))
    return groups


def _in_words(results: Sequence[Result], found: Sequence[Sequence[Headline]]) -> list[str]:
    """A sentence about each result beside the first."""
    sentences = []
    for result in results[1:]:
        told = []
        for line in found[result.place]:
            change = difference(results[0].summaries, result.summaries, line.key)
            if line.key in TOLD and not isinstance(change, Undefined):
                told.append(f"{line.label[:1].lower()}{line.label[1:]} {_change(line, change)}")
        if told:
            sentences.append(
                say(
                    "{letter} against {first}: {differences}.",
                    letter=result.letter,
                    first=results[0].letter,
                    differences=", ".join(told),
                )
            )
    return sentences


def _how_sure(results: Sequence[Result]) -> list[str]:
    """What the differences rest on."""
    first, others = results[0], results[1:]
    paired = [one.letter for one in others if are_paired(first.summaries, one.summaries)]
    text = []
    if all_paired(results):
        text.append(
            say(
                "The results are paired: the same seeds, and the same customers with the same"
                " luck, so the differences come from what differs between the scenarios."
            )
        )
    elif paired:
        text.append(
            say(
                "Paired with {first} (the same seeds, and the same customers with the same luck):"
                " {letters}. The others differ in luck, too.",
                first=first.letter,
                letters=", ".join(paired),
            )
        )
    else:
        text.append(
            say(
                "The results are not paired: seeds or numbers of customers differ, so a part of"
                " the differences is luck."
            )
        )
    if any(len(result.summaries) == 1 for result in results):
        text.append(
            say(
                "Where a result is a single run, differences have no interval: other seeds would"
                " give other ones. Replicates (--replicates 10) tell how sure they are."
            )
        )
    return [" ".join(text)]


def _unlike(results: Sequence[Result]) -> list[str]:
    """What makes totals of different results different things."""
    scenarios = [result.run.scenario for result in results]
    sizes = {
        say("people"): [numbers.exact(scenario.population) for scenario in scenarios],
        say("length"): [numbers.length(scenario.days) for scenario in scenarios],
    }
    differing = [
        f"{what} ({', '.join(given)})" for what, given in sizes.items() if len(set(given)) > 1
    ]
    if not differing:
        return []
    return [
        say(
            "The results differ in {what}: compare rates and figures per customer rather than"
            " totals, which are those of each whole market and run.",
            what=", ".join(differing),
        )
    ]
