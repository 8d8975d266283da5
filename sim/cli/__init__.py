"""The command line: a thin shell, no model logic.

Nothing heavy is imported before a command needs it, so that `--help` comes at once.
Exit codes: 0 done, 1 the work failed, 2 the input is wrong, 130 interrupted. Problems go
to standard error, one sentence each; with `--json` they are one object on standard output.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer

from sim.cli.files import check, new, scenarios, schema
from sim.cli.options import DONE, FAILED, INTERRUPTED, WRONG_INPUT, print_json
from sim.cli.runs import export, report, run, verify
from sim.cli.studies import compare, experiment, export_mmm, optimise, touchpoints
from sim.errors import InputError, Interrupted, JourneysimError

app = typer.Typer(
    name="journeysim",
    help="Simulate the customer journey: conversion, retention, and where the next krone goes.",
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)


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


COMMANDS: tuple[tuple[str, Callable[..., None]], ...] = (
    ("scenarios", scenarios),
    ("new", new),
    ("check", check),
    ("schema", schema),
    ("run", run),
    ("compare", compare),
    ("touchpoints", touchpoints),
    ("optimise", optimise),
    ("report", report),
    ("export", export),
    ("export-mmm", export_mmm),
    ("experiment", experiment),
    ("verify", verify),
)
for _name, _command in COMMANDS:
    app.command(_name)(_command)


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
        print_json({"errors": error.as_dicts()})
    else:
        typer.echo(error.message, err=True)
    return error.exit_code


__all__ = ["COMMANDS", "DONE", "FAILED", "INTERRUPTED", "WRONG_INPUT", "app", "main"]
