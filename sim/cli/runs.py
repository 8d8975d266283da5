"""Commands about one run: make it, its report and exports; and the check against theory."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import (
    DONE,
    FAILED,
    Agents,
    Dask,
    Days,
    Json,
    Language,
    Out,
    Quiet,
    Scenario,
    Seed,
    Settings,
    Threads,
)


def run(
    scenario: Scenario,
    settings: Settings = None,
    agents: Agents = None,
    days: Days = None,
    seed: Seed = None,
    replicates: Annotated[
        int, typer.Option(help="Run so many seeds, from --seed on; gives intervals.")
    ] = 1,
    engine: Annotated[
        str, typer.Option(metavar="fast|reference", help="Same result; reference is slow.")
    ] = "fast",
    threads: Threads = None,
    dask: Dask = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Replicates that are finished are never made again, with or without it.",
        ),
    ] = False,
    out: Out = None,
    check: Annotated[
        bool, typer.Option("--check", help="Verify every night that no customer is lost.")
    ] = False,
    next_krone: Annotated[
        bool | None,
        typer.Option(
            "--next-krone/--no-next-krone",
            help="Try out a step up of each touchpoint; by default where a folder is written.",
            show_default=False,
        ),
    ] = None,
    language: Language = "en",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run a scenario, print the summary, write the result folder and the report.

    The last line printed is the path of the report.
    """
    from sim.cli.commands.common import MarketOptions, Output
    from sim.cli.commands.run import RunRequest, run_command
    from sim.runs.many import Means

    run_command(
        MarketOptions(scenario, settings or (), agents=agents, days=days, seed=seed),
        RunRequest(replicates, engine, check, next_krone),
        means=Means(threads, dask, resume),
        output=Output(out, language, as_json=as_json, quiet=quiet),
    )


def report(
    folders: Annotated[
        list[Path],
        typer.Argument(metavar="DIR...", help="Folders of journeysim run or experiment."),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="The page of several side by side; by default beside the first."
        ),
    ] = None,
    language: Language = "en",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Make the report of each result folder anew, and of several one page side by side.

    The path of that page is the last line printed.
    """
    from sim.cli.commands.report import report_command

    report_command(folders, as_json, quiet, language=language, out=out)


def export(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A result folder of journeysim run.")
    ],
    name: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="events|daily|weekly",
            help="The panel's event log, a row a day, or a row a week for media mix models.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A .csv, .parquet or .xlsx file; by default .csv beside DIR."
        ),
    ] = None,
    case: Annotated[
        str, typer.Option(metavar="customer|journey", help="What a case of the event log is.")
    ] = "customer",
    decimal_comma: Annotated[
        bool,
        typer.Option("--decimal-comma", help="CSV with semicolons, for a European spreadsheet."),
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write a run as a file that other tools read.

    The last line printed is the path of the file.
    """
    from sim.cli.commands.export import default_file, export_command
    from sim.runs.exports.files import Export

    place = default_file(folder, name) if out is None else out
    export_command(
        folder, Export(name, place, case, decimal_comma), json_wanted=as_json, quiet=quiet
    )


def verify(
    engine: Annotated[
        str, typer.Option(metavar="fast|reference", help="The reference engine does less.")
    ] = "fast",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare the model's limiting cases with theory, a line each."""
    from sim.cli.commands.verify import verify_command

    raise typer.Exit(DONE if verify_command(engine, as_json, quiet) else FAILED)
