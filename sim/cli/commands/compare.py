"""What `journeysim compare` does, from options to files and printed lines."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.cli.commands.common import kept_runs, print_object, problems_of, refuse, short_name
from sim.disk import write_text
from sim.errors import InputError
from sim.folders import RESULTS, put_folder, writing
from sim.measures.figure import Undefined
from sim.pages.compare_page import compare_page
from sim.pages.compare_words import sentences
from sim.pages.folder import SUMMARY, add_pages, summary_text
from sim.pages.words import numbers
from sim.pages.words.language import ENGLISH, check_language, say, speaking
from sim.questions.compare.compare import PROFIT, Compared, Request, Variant, check_request, compare
from sim.questions.compare.tables import (
    differences,
    differences_table,
    measures_of,
    runs_table,
    summary,
)
from sim.questions.compare.variants import make_variants
from sim.records import write_frame
from sim.runs.progress import progress_bar
from sim.runs.room import check_pairs
from sim.runs.run import check_options, make_manifest, scenario_hash
from sim.runs.store import asked_for
from sim.scenario.dump import dump_scenario

PAGE = "compare.html"
SCENARIOS = "scenarios"
TABLES = {"differences": differences_table, "runs": runs_table}


@dataclass(frozen=True)
class CompareOptions:
    """The options of `journeysim compare`; None where the scenario's value holds."""

    scenarios: Sequence[str]
    request: Request
    settings: Sequence[str] = ()
    variants: Sequence[str] = ()
    measures: Sequence[str] = ()
    agents: int | None = None
    days: int | None = None
    seed: int | None = None
    threads: int | None = None
    out: Path | None = None
    language: str = ENGLISH
    as_json: bool = False
    quiet: bool = False
    resume: bool = False


def compare_command(options: CompareOptions) -> None:
    """Compare, write the folder and print, as the options say.

    The folder is `--out`, by default `results/` and a name made of the baseline and a hash of
    what is asked. With `--json` and without `--out` nothing is written. Raises
    `JourneysimError` for whatever goes wrong; of the folder nothing is left behind then, and
    finished runs are kept beside it.
    """
    check_language(options.language)
    variants = _checked(options)
    measures = measures_of(options.measures, variants[0].scenario)
    place = options.out
    if place is None and not options.as_json:
        sources = [(one.name, scenario_hash(one.scenario)) for one in variants]
        asked = short_name(sources, options.request, sorted(options.measures))
        place = RESULTS / f"{variants[0].name}-compare-{asked}"
    scenarios = [one.scenario for one in variants]
    check_pairs(scenarios, options.threads)
    asked_now = asked_for(
        "compare", scenarios, [one.name for one in variants], vars(options.request)
    )
    with kept_runs(place, asked_now, options.resume) as finished:
        with progress_bar(options.quiet or options.as_json) as show:
            made = compare(variants, options.request, options.threads, show, finished)
        others = [variant.name for variant in made.variants[1:]]
        found = summary(made, measures, dict(zip(others, sentences(made), strict=True)))
        if place is not None:
            with speaking(options.language):
                write_comparison(made, measures, options, found, place)
    if options.as_json:
        print_object(found)
        return
    if not options.quiet:
        with speaking(options.language):
            print("\n".join(as_text(made)), end="\n\n")
    if place is not None:
        print(place / PAGE)


def _checked(options: CompareOptions) -> list[Variant]:
    """What is compared. Raises `InputError` with all that is wrong with it and the options."""
    problems = problems_of(lambda: check_options("fast", options.threads))
    problems += check_request(options.seed or 0, options.request)
    try:
        variants = make_variants(
            options.scenarios,
            options.settings,
            options.variants,
            agents=options.agents,
            days=options.days,
            seed=options.seed,
        )
    except InputError as error:
        if not error.problems and not problems:
            raise
        raise InputError(problems=[*error.problems, *problems]) from error
    refuse(problems or check_request(variants[0].scenario.seed, options.request))
    return variants


def _files(made: Compared) -> dict[str, Variant]:
    """The scenario files of the folder; a variant of the baseline needs none."""
    return {f"{SCENARIOS}/{one.name}.yaml": one for one in made.variants if not one.settings}


def command_of(made: Compared, measures: Sequence[str]) -> str:
    """The command that makes the comparison again, in its folder."""
    words = ["journeysim", "compare", *_files(made)]
    for one in made.variants:
        if one.settings:
            words += ["--variant", f"{one.name}:{','.join(one.settings)}"]
    for key in measures:
        words += ["--measure", key]
    words += ["--seed", str(made.seeds[0]), "--replicates", str(len(made.seeds))]
    return shlex.join(words)


def write_comparison(
    made: Compared,
    measures: Sequence[str],
    options: CompareOptions,
    found: Mapping[str, Any],
    place: Path,
) -> None:
    """Write the folder of a comparison: scenarios, manifest, tables, summary and page.

    The page is in the language of the surrounding `speaking`. Raises as
    `sim.folders.put_folder` does.
    """
    command = command_of(made, options.measures)

    def fill(folder: Path) -> dict[str, Any]:
        (folder / SCENARIOS).mkdir()
        for name, variant in _files(made).items():
            write_text(folder / name, dump_scenario(variant.scenario))
        for name, table in TABLES.items():
            write_frame(table(made), folder / f"{name}.parquet")
        write_text(folder / SUMMARY, summary_text(found))
        market = make_manifest(made.baseline.scenario, "fast", 1, made.seconds).as_dict()
        return {
            "study": "compare",
            "command": command,
            "seeds": list(made.seeds),
            "runs": made.runs,
            "seconds": made.seconds,
            "scenario_hashes": {one.name: scenario_hash(one.scenario) for one in made.variants},
            "source_hash": market["source_hash"],
            "versions": market["versions"],
        }

    with writing(place):
        put_folder(place, fill)
        add_pages(place, lambda: {PAGE: compare_page(made, measures, command).encode()})


def as_text(made: Compared) -> list[str]:
    """What a terminal shows: the answer in words, then the figures behind it."""
    currency = made.baseline.scenario.currency
    lines = [*sentences(made), ""]
    rows = []
    for variant, found in zip(made.variants[1:], differences(made, PROFIT), strict=True):
        if isinstance(found, Undefined) or found.low is None or found.high is None:
            continue
        ends = numbers.interval(found.low, found.high, lambda v: numbers.money(v, currency))
        rows.append((variant.name, numbers.money(found.difference, currency), ends))
    wide = [max(len(row[column]) for row in rows) for column in range(2)]
    lines += [
        f"{name:<{wide[0]}}  {mean:>{wide[1]}}  " + say("95 %: {interval}", interval=ends)
        for name, mean, ends in rows
    ]
    lines.append("")
    lines.append(
        say(
            "Profit beside {baseline}; {runs} runs, {seeds} seeds, the same luck in each.",
            baseline=made.baseline.name,
            runs=numbers.exact(made.runs),
            seeds=numbers.exact(len(made.seeds)),
        )
    )
    return lines
