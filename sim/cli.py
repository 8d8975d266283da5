"""The command line: a thin shell, no model logic.

Nothing heavy is imported before a command needs it, so that `--help` comes at once.
Exit codes: 0 done, 1 the work failed, 2 the input is wrong, 130 interrupted. Problems go
to standard error, one sentence each; with `--json` they are one object on standard output.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from sim.errors import InputError, Interrupted, JourneysimError

DONE = 0
FAILED = 1
WRONG_INPUT = 2
INTERRUPTED = 130

app = typer.Typer(
    name="journeysim",
    help="Simulate the customer journey: conversion, retention, and where the next krone goes.",
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but the result.")]
Language = Annotated[
    str, typer.Option(metavar="en|da", help="Language of the report; JSON stays English.")
]


def _print_json(content: object) -> None:
    typer.echo(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False))


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"journeysim {version('journeysim')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Options of the program itself."""


@app.command()
def scenarios(as_json: Json = False, quiet: Quiet = False) -> None:
    """List the scenario library, a line each."""
    from sim.scenario.library import library_file, library_names, library_title

    found = [
        {"name": name, "title": library_title(name), "file": str(library_file(name))}
        for name in library_names()
    ]
    if as_json:
        _print_json({"scenarios": found})
        return
    width = max((len(item["name"]) for item in found), default=0)
    for item in found:
        typer.echo(item["name"] if quiet else f"{item['name']:<{width}}  {item['title']}".rstrip())


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The file is NAME.yaml.")],
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write a short commented scenario file to start from."""
    from sim.scenario.template import write_template

    file = write_template(name.removesuffix(".yaml"), Path(), replace=force)
    if as_json:
        _print_json({"file": str(file)})
    elif not quiet:
        typer.echo(f"{file} is written; next: journeysim check {file}")


@app.command()
def check(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A scenario file or library name.")],
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Validate a scenario file; say all that is wrong at once."""
    from sim.scenario.load import load_scenario, scenario_file

    path = scenario_file(file)
    scenario = load_scenario(path)
    sizes = {
        "phases": len(scenario.journey.phases),
        "segments": len(scenario.segments),
        "offers": len(scenario.offers),
        "competitors": len(scenario.competitors),
        "touchpoints": len(scenario.touchpoints),
    }
    if as_json:
        _print_json({"file": str(path), "scenario": scenario.name, "valid": True, **sizes})
    elif not quiet:
        counts = ", ".join(
            f"{count} {noun if count != 1 else noun[:-1]}" for noun, count in sizes.items()
        )
        typer.echo(f"{path} is a valid scenario: {counts}.")


@app.command()
def schema(
    study: Annotated[bool, typer.Option("--study", help="That of a study file.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Print the JSON Schema of a scenario file, or of a study file, for editors."""
    if study:
        from sim.studies.study_file import study_schema

        _print_json(study_schema())
        return
    from sim.scenario.schema import Scenario

    _print_json(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            **Scenario.model_json_schema(),
        }
    )


@app.command()
def run(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="A scenario file or library name.")
    ],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Change the scenario; may be repeated."),
    ] = None,
    agents: Annotated[int | None, typer.Option(help="Simulated customers.")] = None,
    days: Annotated[int | None, typer.Option(help="Days to simulate.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the draws; 0 is one.")] = None,
    replicates: Annotated[
        int, typer.Option(help="Run so many seeds, from --seed on; gives intervals.")
    ] = 1,
    engine: Annotated[
        str, typer.Option(metavar="fast|reference", help="Same result; reference is slow.")
    ] = "fast",
    threads: Annotated[
        int | None, typer.Option(help="At most so many; the result does not depend on it.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Result folder; by default in results/, with --json none."
        ),
    ] = None,
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
    from sim.commands.run import RunOptions, run_command

    run_command(
        RunOptions(
            scenario,
            settings or (),
            agents,
            days,
            seed,
            replicates,
            engine,
            threads,
            out,
            check,
            as_json,
            quiet,
            language=language,
            next_krone=next_krone,
        )
    )


@app.command()
def compare(
    scenarios: Annotated[
        list[str],
        typer.Argument(
            metavar="SCENARIO...", help="Scenario files or library names; the baseline first."
        ),
    ],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Change all alike; may be repeated."),
    ] = None,
    variants: Annotated[
        list[str] | None,
        typer.Option(
            "--variant",
            metavar="NAME:PATH=VALUE,...",
            help="Compare the baseline with these changes, too; may be repeated.",
        ),
    ] = None,
    measures: Annotated[
        list[str] | None,
        typer.Option(
            "--measure", metavar="KEY", help="Tell this figure of the summary, too; repeatable."
        ),
    ] = None,
    replicates: Annotated[
        int | None, typer.Option(help="Run so many seeds, from --seed on.")
    ] = None,
    precision: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Run as many seeds as this standard error of a difference in profit takes, a"
            " share of the baseline's margin; by default 0.01.",
        ),
    ] = None,
    agents: Annotated[int | None, typer.Option(help="Simulated customers.")] = None,
    days: Annotated[int | None, typer.Option(help="Days to simulate.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the draws; 0 is one.")] = None,
    threads: Annotated[
        int | None, typer.Option(help="At most so many; the result does not depend on it.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Result folder; by default in results/, with --json none."
        ),
    ] = None,
    language: Language = "en",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare scenarios and variants with the first, on paired runs: who earns more, and why.

    The last line printed is the path of the page.
    """
    from sim.commands.compare import CompareOptions, compare_command
    from sim.studies.compare import Request

    compare_command(
        CompareOptions(
            scenarios,
            Request(replicates, precision),
            settings or (),
            variants or (),
            measures or (),
            agents,
            days,
            seed,
            threads,
            out,
            language,
            as_json,
            quiet,
        )
    )


@app.command()
def touchpoints(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="A scenario file or library name.")
    ],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Change the scenario; may be repeated."),
    ] = None,
    agents: Annotated[int | None, typer.Option(help="Simulated customers.")] = None,
    days: Annotated[int | None, typer.Option(help="Days to simulate.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the draws; 0 is one.")] = None,
    replicates: Annotated[
        int | None, typer.Option(help="Run so many seeds, from --seed on.")
    ] = None,
    precision: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Run as many seeds as this standard error takes, a share of the largest effect.",
        ),
    ] = None,
    step: Annotated[
        float, typer.Option(metavar="SHARE", help="How much more of each a step is.")
    ] = 0.1,
    shapley: Annotated[
        str | None,
        typer.Option(
            metavar="NAME,NAME,...",
            help="Share out what these, at most 12, add together; n take 2^n runs.",
        ),
    ] = None,
    curves: Annotated[
        bool, typer.Option("--curves", help="Add response curves, 6 runs a touchpoint.")
    ] = False,
    attribution: Annotated[
        bool,
        typer.Option(
            "--attribution/--no-attribution",
            help="Set what web analytics would credit beside it; 13 runs a seed at most.",
        ),
    ] = True,
    threads: Annotated[
        int | None, typer.Option(help="At most so many; the result does not depend on it.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Result folder; by default in results/, with --json none."
        ),
    ] = None,
    language: Language = "en",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Find what every touchpoint truly adds, without it and with a little more of it.

    Paired runs with the same luck; the last line printed is the path of the page.
    """
    from sim.commands.touchpoints import TouchpointsOptions, touchpoints_command
    from sim.studies.touchpoints import Request

    players = [name.strip() for name in shapley.split(",")] if shapley is not None else []
    touchpoints_command(
        TouchpointsOptions(
            scenario,
            Request(step, replicates, precision, tuple(players), curves),
            settings or (),
            agents,
            days,
            seed,
            threads,
            out,
            language,
            as_json,
            quiet,
            attribution,
        )
    )


@app.command()
def optimise(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="A scenario file or library name.")
    ],
    budget: Annotated[
        float | None,
        typer.Option(metavar="TOTAL", help="Of the window; by default what is spent today."),
    ] = None,
    goal: Annotated[
        str,
        typer.Option(metavar="profit|new_customers|customer_value", help="What is to be large."),
    ] = "profit",
    by: Annotated[
        str, typer.Option(metavar="touchpoint|purpose", help="What the budget is split over.")
    ] = "touchpoint",
    bounds: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=LOW..HIGH", help="Bounds of an amount; may be repeated."),
    ] = None,
    from_day: Annotated[
        int, typer.Option(metavar="D", help="Today's budgets until day D, the plan from then on.")
    ] = 0,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Change the scenario; may be repeated."),
    ] = None,
    agents: Annotated[int | None, typer.Option(help="Simulated customers.")] = None,
    days: Annotated[int | None, typer.Option(help="Days to simulate.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the search; 0 is one.")] = None,
    replicates: Annotated[int, typer.Option(help="Fresh seeds to try the plans on.")] = 5,
    evaluations: Annotated[int, typer.Option(help="Runs of the search, at most.")] = 120,
    threads: Annotated[
        int | None, typer.Option(help="At most so many; the result does not depend on it.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Result folder; by default in results/, with --json none."
        ),
    ] = None,
    language: Language = "en",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Find the best split of a budget over touchpoints, or over winning and keeping customers.

    Its gain is measured on seeds that the search never saw; the last line printed is the path
    of the page.
    """
    from sim.report.optimise_command import OptimiseOptions, optimise_command
    from sim.studies.budget_request import Request

    request = Request(
        total=budget,
        goal=goal,
        by=by,
        from_day=from_day,
        evaluations=evaluations,
        replicates=replicates,
    )
    optimise_command(
        OptimiseOptions(
            scenario,
            request,
            bounds or (),
            settings or (),
            agents,
            days,
            seed,
            threads,
            out,
            language,
            as_json,
            quiet,
        )
    )


@app.command()
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
    from sim.commands.report import report_command

    report_command(folders, as_json, quiet, language, out)


@app.command()
def export(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A result folder of journeysim run.")
    ],
    name: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="events|weekly",
            help="The panel's event log, or a row a week for media mix models.",
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A .csv or .parquet file; by default beside DIR."),
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write a run as a file that other tools read.

    The last line printed is the path of the file.
    """
    from sim.commands.export import export_command

    export_command(folder, name, out, as_json, quiet)


@app.command("export-mmm")
def export_mmm(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="A scenario file or library name.")
    ],
    regions: Annotated[int, typer.Option(help="Independent markets.")] = 4,
    years: Annotated[int, typer.Option(help="Years to simulate, in whole weeks.")] = 3,
    vary: Annotated[
        float,
        typer.Option(metavar="SHARE", help="How far sizes and budgets may differ, 0 to 0.9."),
    ] = 0.5,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="PATH=VALUE", help="Change the scenario; may be repeated."),
    ] = None,
    agents: Annotated[
        int | None, typer.Option(help="Simulated customers of a region of usual size.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the draws; 0 is one.")] = None,
    threads: Annotated[
        int | None, typer.Option(help="At most so many; the result does not depend on it.")
    ] = None,
    truth: Annotated[
        bool,
        typer.Option(
            "--truth/--no-truth", help="Find out what each medium truly adds; takes more runs."
        ),
    ] = True,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder; by default in results/.")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write weeks of several regions for media mix models, and the truth behind them.

    The last line printed is the path of a text that explains every column.
    """
    from sim.commands.mix import MixOptions, mix_command
    from sim.studies.mmm import Request

    mix_command(
        MixOptions(
            scenario,
            Request(regions, years, vary, truth),
            settings or (),
            agents,
            seed,
            threads,
            out,
            as_json,
            quiet,
        )
    )


@app.command()
def experiment(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="A study file or the name of a library study.")
    ],
    workers: Annotated[
        int | None, typer.Option(help="Processes; by default one for each core.")
    ] = None,
    dask: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Use the Dask cluster with this scheduler."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a study that was interrupted.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of the study; by default in results/."),
    ] = None,
    language: Language = "en",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Do all runs of a study file and write their table and report.

    The last line printed is the path of the report.
    """
    from sim.commands.experiment import ExperimentOptions, experiment_command

    experiment_command(
        ExperimentOptions(file, workers, dask, resume, out, as_json, quiet, language)
    )


@app.command()
def verify(
    engine: Annotated[
        str, typer.Option(metavar="fast|reference", help="The reference engine does less.")
    ] = "fast",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare the model's limiting cases with theory, a line each."""
    from sim.commands.verify import verify_command

    raise typer.Exit(DONE if verify_command(engine, as_json, quiet) else FAILED)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code; no input of a user's ends in a traceback."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in given
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        code = app(args=given, prog_name="journeysim", standalone_mode=False)
    except JourneysimError as error:
        return _tell(error, as_json)
    except (KeyboardInterrupt, typer.Abort):
        return _tell(Interrupted("interrupted"), as_json)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _tell(JourneysimError(f"{where}{error.strerror or error}."), as_json)
    except Exception as error:
        # what the command line's own parser says about options and arguments
        if not hasattr(error, "format_message"):
            raise
        return _tell(_usage_error(error), as_json)
    if code == INTERRUPTED:
        return _tell(Interrupted("interrupted"), as_json)
    return code if isinstance(code, int) else DONE


def _usage_error(error: Any) -> InputError:
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "journeysim"
    message = str(error.format_message()).strip()
    if not message:  # no command was given: the help has been shown
        return InputError(f"no command was given; see {command} --help")
    return InputError(f"{message.rstrip('.')}; see {command} --help")


def _tell(error: JourneysimError, as_json: bool) -> int:
    if as_json:
        _print_json({"errors": error.as_dicts()})
    else:
        typer.echo(error.message, err=True)
    return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
