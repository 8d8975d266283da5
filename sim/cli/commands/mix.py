"""What `journeysim export-mmm` does, from options to files and printed lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.cli.commands.common import loaded, print_object, problems_of, refuse, short_name
from sim.folders import RESULTS, writing
from sim.questions.mix.folder import README, regions_of, write_folder
from sim.questions.mix.mmm import (
    ALL_REGIONS,
    CONTRIBUTION,
    MixData,
    Request,
    check_request,
    mix_data,
)
from sim.questions.mix.regions import whole_weeks
from sim.questions.mix.tables import truth
from sim.runs.progress import progress_bar
from sim.runs.room import check_pairs
from sim.runs.run import check_options, scenario_hash
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario


@dataclass(frozen=True)
class MixOptions:
    """The options of `journeysim export-mmm`; None where the scenario's value holds."""

    scenario: str
    request: Request
    settings: Sequence[str] = ()
    agents: int | None = None
    seed: int | None = None
    threads: int | None = None
    out: Path | None = None
    as_json: bool = False
    quiet: bool = False


def mix_command(options: MixOptions) -> None:
    """Make the data, write their folder and print, as the options say.

    The folder is `--out`, by default `results/` and a name made of the scenario and a hash of
    what is asked. Raises `JourneysimError` for whatever goes wrong; nothing is left behind then.
    """
    scenario = _checked(options)
    place = options.out
    if place is None:
        asked = short_name(scenario_hash(scenario), options.request)
        place = RESULTS / f"{scenario.name}-mmm-{asked}"
    longer = with_settings(scenario, overrides={"days": whole_weeks(options.request.years)})
    less = "fewer --agents, --years or --threads need less"
    check_pairs([longer], options.threads, less, held=1)
    with writing(place):
        with progress_bar(options.quiet or options.as_json) as show:
            data = mix_data(scenario, options.request, options.threads, show)
        files = write_folder(data, place)
    if options.as_json:
        print_object(as_object(data, place, files))
        return
    if not options.quiet:
        print("\n".join(as_text(data)), end="\n\n")
    print(place / README)


def _checked(options: MixOptions) -> Scenario:
    """The scenario to use. Raises `InputError` with all that is wrong with it and the options."""
    problems = problems_of(lambda: check_options("fast", options.threads))
    sizes = {"agents": options.agents, "seed": options.seed}
    scenario = loaded(options.scenario, options.settings, problems, **sizes)
    refuse(problems + problems_of(lambda: check_request(scenario, options.request)))
    return scenario


def as_object(data: MixData, place: Path, files: Sequence[str]) -> dict[str, Any]:
    """What `--json` prints; docs/media_mix.md lists its keys."""
    return {
        "folder": str(place),
        "scenario": data.scenario.name,
        "seed": data.scenario.seed,
        "years": data.request.years,
        "weeks": data.markets[0].weekly.num_rows,
        "vary": data.request.vary,
        "regions": regions_of(data),
        "media": list(data.media),
        "runs": data.runs,
        "files": list(files),
    }


def as_text(data: MixData) -> list[str]:
    """What a terminal shows: how much there is, and the true return of each medium."""
    weeks = data.markets[0].weekly.num_rows
    count = len(data.markets)
    lines = [
        f"{count} region{'s' * (count != 1)} x {weeks} weeks; {len(data.media)} media whose"
        f" budgets vary; {data.runs} run{'s' * (data.runs != 1)}"
    ]
    if not data.request.truth:
        return lines
    head = ("medium", "share of revenue", "true ROAS", "95 % interval")
    rows = [head]
    for row in truth(data).to_pylist():
        if (row["region"], row["kind"]) == (ALL_REGIONS, CONTRIBUTION):
            ends = [row[f"roas_on_own_spend{end}"] for end in ("", "_low", "_high")]
            told = ("-", "-") if ends[0] is None else _interval(*ends)
            share = "-" if row["share"] is None else f"{_rounded(100.0 * row['share'], 1)} %"
            rows.append((row["touchpoint"], share, *told))
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    return [
        *lines,
        "",
        *(
            f"{row[0]:<{widths[0]}}"
            + "".join(f"  {cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True))
            for row in rows
        ),
    ]


def _interval(value: float, low: float, high: float) -> tuple[str, str]:
    return _rounded(value, 2), f"{_rounded(low, 2)} to {_rounded(high, 2)}"


def _rounded(value: float, places: int) -> str:
    """The number as text, without a minus before a zero."""
    return f"{round(value, places) + 0.0:.{places}f}"
