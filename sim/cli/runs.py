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
        int,
        typer.Option(
            help="Number of replicates (consecutive seeds from --seed). Two or more give"
            " confidence intervals."
        ),
    ] = 1,
    engine: Annotated[
        str,
        typer.Option(
            metavar="fast|reference", help="Engine. Results are the same; reference is slow."
        ),
    ] = "fast",
    threads: Threads = None,
    dask: Dask = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Resume interrupted replicates. Completed ones are reused even without it.",
        ),
    ] = False,
    out: Out = None,
    check: Annotated[
        bool,
        typer.Option(
            "--check",
            help="After each simulated day, check that phase flows and head counts balance.",
        ),
    ] = False,
    marginal_return: Annotated[
        bool | None,
        typer.Option(
            "--marginal-return/--no-marginal-return",
            help="Estimate each touchpoint's marginal return (extra runs). Default: on when a"
            " result folder is written.",
            show_default=False,
        ),
    ] = None,
    next_krone: Annotated[
        bool | None,
        typer.Option(
            "--next-krone/--no-next-krone",
            hidden=True,
            help="Former name of --marginal-return, which wins if both are given.",
        ),
    ] = None,
    language: Language = "en",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Run a scenario; print its summary and write its result folder and report.

    The last line printed is the path of the report.
    """
    from sim.cli.commands.common import MarketOptions, Output
    from sim.cli.commands.run import RunRequest, run_command
    from sim.runs.many import Means

    wanted = next_krone if marginal_return is None else marginal_return
    run_command(
        MarketOptions(scenario, settings or (), agents=agents, days=days, seed=seed),
        RunRequest(replicates, engine, check, wanted),
        means=Means(threads, dask, resume),
        output=Output(out, language, as_json=as_json, quiet=quiet),
    )


def report(
    folders: Annotated[
        list[Path],
        typer.Argument(metavar="DIR...", help="Result folders of any command."),
    ],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Side-by-side page. Default: next to the first folder."),
    ] = None,
    language: Language = "en",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Rebuild the report of each result folder; for several folders, add a side-by-side page.

    The last line printed is the path of the last page written.
    """
    from sim.cli.commands.report import report_command

    report_command(folders, as_json, quiet, language=language, out=out)


def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Result folder of journeysim run.")],
    name: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="events|daily|weekly",
            help="Content: the event log of the panel, a row a day, or a row a week.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A .csv, .parquet or .xlsx file. Default: a .csv file next to DIR.",
        ),
    ] = None,
    case: Annotated[
        str,
        typer.Option(metavar="customer|journey", help="Case of the event log. Default: customer."),
    ] = "customer",
    decimal_comma: Annotated[
        bool,
        typer.Option("--decimal-comma", help="Write CSV with semicolons and decimal commas."),
    ] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Export a run as a CSV or Parquet file for other tools.

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
        str,
        typer.Option(
            metavar="fast|reference",
            help="Engine to verify. Fewer checks run on the reference engine.",
        ),
    ] = "fast",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare limiting cases of the model with theory; print a line per check."""
    from sim.cli.commands.verify import verify_command

    raise typer.Exit(DONE if verify_command(engine, as_json, quiet) else FAILED)
