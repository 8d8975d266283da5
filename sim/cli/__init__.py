"""The command line: a thin shell, no model logic.

Nothing heavy is imported before a command needs it, so that `--help` comes at once.
Exit codes: 0 done, 1 the work failed (or what it printed did not arrive), 2 the input is
wrong, 130 interrupted, 141 whoever read standard output went away (as shells report it; in
silence). Problems go to standard error, one sentence each; with `--json` they are one object
on standard output. Notes go to standard error, a line each.
"""

from __future__ import annotations

import re
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, TextIO

import typer

from sim.cli.commands.common import print_object
from sim.cli.files import check, new, scenarios, schema
from sim.cli.options import (
    DONE,
    FAILED,
    INTERRUPTED,
    READER_LEFT,
    WRONG_INPUT,
)
from sim.cli.runs import export, report, run, verify
from sim.cli.streams import SPELLED, OutputLost, guarded
from sim.cli.studies import compare, experiment, export_mmm, move, optimise, touchpoints
from sim.errors import InputError, Interrupted, JourneysimError, Note

# How the parser of options says that a text is no number, and how we say it.
NO_NUMBER = re.compile(r"Input should be a valid (integer|number), .*", re.DOTALL)
NUMBERS = {"integer": "whole number", "number": "number"}

app = typer.Typer(
    name="journeysim",
    help="Simulate customer journeys and compare marketing plans.",
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
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
    debug: Annotated[
        bool,
        typer.Option(
            "--debug", help="Print the traceback of a failure. Also accepted after a command."
        ),
    ] = False,
) -> None:
    """Options of the program itself; `main` takes --debug out before they are read."""


COMMANDS: tuple[tuple[str, Callable[..., None]], ...] = (
    ("scenarios", scenarios),
    ("new", new),
    ("check", check),
    ("schema", schema),
    ("run", run),
    ("compare", compare),
    ("move", move),
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
    """Run a command and return its exit code; nothing that goes wrong ends in a traceback."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        with guarded(), _notes_told():
            return _run(given)
    except OutputLost as lost:
        if lost.reader_left:  # as `| head` does: it has what it wanted
            return READER_LEFT
        with guarded():
            typer.echo(lost.sentence(), err=True)
        return FAILED


def _run(given: list[str]) -> int:
    """Run a command, and say on the streams what went wrong."""
    as_json = "--json" in given
    arguments, debug = _without_debug(given)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=SPELLED)
    try:
        # not `app(...)`: typer would take an EOFError for Ctrl-C, and end at a broken pipe itself
        command = typer.main.get_command(app)
        with command.make_context("journeysim", arguments) as context:
            command.invoke(context)
    except typer.Exit as end:
        return end.exit_code
    except JourneysimError as error:
        return _tell(error, as_json)
    except (KeyboardInterrupt, typer.Abort):
        return _tell(Interrupted("interrupted"), as_json)
    except OutputLost:
        raise
    except Exception as error:
        # what the command line's own parser says about options and arguments
        if hasattr(error, "format_message"):
            return _tell(_usage_error(error), as_json)
        if debug:
            traceback.print_exception(error)
        return _tell(_failure(error, given), as_json)
    return DONE


def _without_debug(given: Sequence[str]) -> tuple[list[str], bool]:
    """The command line without --debug, wherever it stands before a `--`, and whether it was."""
    end = given.index("--") if "--" in given else len(given)
    kept = [argument for argument in given[:end] if argument != "--debug"]
    return [*kept, *given[end:]], len(kept) < end


@contextmanager
def _notes_told() -> Iterator[None]:
    """Print each different note once, on standard error; other warnings go Python's way."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", Note)
        show, told = warnings.showwarning, set[str]()

        def tell(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if not issubclass(category, Note):
                show(message, category, filename, lineno, file, line)
            elif str(message) not in told:
                told.add(str(message))
                typer.echo(f"note: {' '.join(str(message).split())}", err=True)

        warnings.showwarning = tell
        yield


def _failure(error: Exception, given: Sequence[str]) -> JourneysimError:
    """What to say about something that is no fault of the input."""
    if isinstance(error, MemoryError):
        return JourneysimError("there is not enough memory; use fewer --agents.")
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return JourneysimError(f"{where}{error.strerror or error}.")
    from sim.cli.last_resort import unforeseen

    return unforeseen(error, given)


def _usage_error(error: Any) -> InputError:
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "journeysim"
    message = str(error.format_message()).strip()
    if not message:  # no command was given: the help has been shown
        return InputError(f"no command was given; see {command} --help")
    message = NO_NUMBER.sub(lambda found: f"expected a {NUMBERS[found[1]]}", message).rstrip(".")
    return InputError(f"{message}{' See' if message.endswith('?') else '; see'} {command} --help")


def _tell(error: JourneysimError, as_json: bool) -> int:
    if as_json:
        try:
            print_object({"errors": error.as_dicts()})
            sys.stdout.flush()
        except OutputLost as lost:
            if not lost.reader_left:
                typer.echo(error.message, err=True)
            raise
    else:
        typer.echo(error.message, err=True)
    return error.exit_code


__all__ = ["COMMANDS", "DONE", "FAILED", "INTERRUPTED", "READER_LEFT", "WRONG_INPUT", "app", "main"]
