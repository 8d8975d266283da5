"""The folder of test data for media mix models: its files, and the text that explains them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from sim.disk import new_file, write_text
from sim.folders import MANIFEST, put_folder
from sim.questions.mix.mmm import MixData
from sim.questions.mix.movement import movement_notes
from sim.questions.mix.tables import OF_MEDIA, TABLES
from sim.runs.exports.dates import FIRST_LEAP_DAY
from sim.runs.exports.files import COMPRESSION, CSV, PARQUET
from sim.runs.exports.periods import WEEK
from sim.runs.run import SCENARIO, make_manifest
from sim.scenario.dump import dump_scenario

README = "README.txt"
WIDTH = 98
ENDINGS = tuple(f"_{what}" for what in OF_MEDIA)


def command_of(data: MixData) -> str:
    """The command that makes the data again, in their folder."""
    asked = data.request
    command = f"journeysim export-mmm {SCENARIO} --regions {asked.regions} --years {asked.years}"
    return f"{command} --vary {asked.vary:g}" + ("" if asked.truth else " --no-truth")


def scenario_file(region: str) -> str:
    """The name of the file with a region's complete scenario."""
    return f"scenario-{region}.yaml"


def write_folder(data: MixData, place: Path) -> list[str]:
    """Write the folder, whole or not at all; returns the names of its files.

    The same data give the same bytes. Raises as `sim.folders.put_folder` does.
    """
    tables = {name: make(data) for name, make in TABLES.items()}
    tables = {name: table for name, table in tables.items() if table.num_rows > 0}
    scenarios = {SCENARIO: data.scenario}
    scenarios |= {scenario_file(each.region.name): each.region.scenario for each in data.markets}
    files = [f"{name}{ending}" for name in tables for ending in (CSV, PARQUET)]
    files += [*scenarios, README, MANIFEST]

    def fill(folder: Path) -> dict[str, Any]:
        for name, table in tables.items():
            _write_csv(table, folder / f"{name}{CSV}")
            with new_file(folder / f"{name}{PARQUET}") as sink:
                pyarrow.parquet.write_table(table, sink, compression=COMPRESSION)
        for name, scenario in scenarios.items():
            write_text(folder / name, dump_scenario(scenario))
        write_text(folder / README, readme(data, tables))
        return _manifest(data)

    put_folder(place, fill)
    return sorted(files)


def _manifest(data: MixData) -> dict[str, Any]:
    """What the data were made of and by; nothing in it depends on the machine's speed."""
    market = make_manifest(data.scenario, "fast", 1, seconds=0.0).as_dict()
    return {
        "study": "media mix",
        "command": command_of(data),
        "market": {key: market[key] for key in ("scenario", "scenario_hash", "source_hash")},
        "regions": regions_of(data),
        "media": list(data.media),
        "runs": data.runs,
        "versions": market["versions"],
    }


def regions_of(data: MixData) -> dict[str, dict[str, int]]:
    """Seed and size of each region, by name."""
    return {
        each.region.name: {
            "seed": each.region.scenario.seed,
            "agents": each.region.scenario.agents,
            "population": each.region.scenario.population,
        }
        for each in data.markets
    }


def readme(data: MixData, tables: dict[str, Any]) -> str:
    """What the folder holds, column by column."""
    return "\n".join(_lines(data, tables)) + "\n"


def _lines(data: MixData, tables: dict[str, Any]) -> Iterator[str]:
    scenario, first = data.scenario, data.markets[0].region.scenario
    yield f"Test data for media mix models, made of the scenario {scenario.name}"
    yield ""
    yield from _wrapped(
        f"{len(data.markets)} independent markets (regions), {first.days // 7} weeks each. Money"
        f" is {scenario.currency}; money and people are of a region's whole population. The dates"
        " are invented: the model knows days only. The media, whose budgets"
        f" {_varying(data.request.vary)}, are {', '.join(data.media)}. The spend on all other"
        " touchpoints follows from what customers do, or never changes."
    )
    for sentence in movement_notes(data):
        yield ""
        yield from _wrapped(f"Note: {sentence}")
    if first.days > FIRST_LEAP_DAY:
        yield ""
        yield from _wrapped(
            "The calendar has no 29 February, so that a season stays on its date. In a leap year"
            " one week therefore begins eight days after the one before. A tool that wants evenly"
            " spaced dates, as Meridian does, has to be given dates of your own, seven days apart."
        )
    yield ""
    yield "Make them again, in this folder (the same files to the byte):"
    yield f"  {command_of(data)} --out again"
    yield "See one region with its journeys, maps and reports:"
    yield f"  journeysim run {scenario_file(data.markets[0].region.name)}"
    if not data.request.truth:
        yield ""
        yield "The truth was not asked for (--no-truth)."
    if data.request.truth:
        yield ""
        yield from _wrapped(
            "Where not one simulated customer did anything else, an effect has no interval and a"
            " ratio to spend no figure: too few were there to see it. Their cells are empty."
        )
    for name, table in tables.items():
        yield ""
        yield f"{name}{CSV}, {name}{PARQUET}: {table.num_rows:,} rows"
        yield from _columns(table, of_touchpoints=name == "weekly")


def _varying(vary: float) -> str:
    """What budgets do, as the end of a sentence."""
    if vary == 0.0:
        return "are those of the scenario in every region"
    return "vary from region to region and over time, each by itself"


def _columns(table: Any, of_touchpoints: bool) -> Iterator[str]:
    """A line a column; those of touchpoints, if there are such, once for all of them."""
    told = set()
    for column in table.schema:
        about = {key.decode(): value.decode() for key, value in column.metadata.items()}
        name, meaning = column.name, about["meaning"]
        if of_touchpoints and name.endswith(ENDINGS):
            ending = name.rpartition("_")[2]
            name, meaning = OF_MEDIA[ending].name, OF_MEDIA[ending].meaning
        if name in told:
            continue
        told.add(name)
        unit = f" [{about['unit']}]" if about["unit"] else ""
        empty = " (empty: there is none)" if column.nullable else ""
        yield from _wrapped(f"{name}{unit}: {meaning}{empty}", "  ", "      ")


def _wrapped(text: str, first: str = "", rest: str = "") -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False
    )


def _write_csv(table: Any, file: Path) -> None:
    """Dates as dates; what there is none of is an empty cell."""
    if WEEK in table.column_names:
        at = table.column_names.index(WEEK)
        table = table.set_column(at, WEEK, table[WEEK].cast(pa.date32()))
    # no name of a scenario has a comma or a quotation mark
    options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="none")
    with new_file(file) as sink:
        sink.write((",".join(table.column_names) + "\n").encode())
        pyarrow.csv.write_csv(table, sink, options)
