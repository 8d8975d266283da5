"""What `journeysim export` does."""

from __future__ import annotations

from pathlib import Path

from sim.cli.commands.common import print_object
from sim.errors import InputError
from sim.runs.exports.files import CSV, FORMATS, Export, check_file, write
from sim.runs.exports.periods import days_left_out
from sim.runs.run import read_folder


def export_command(folder: Path, export: Export, *, json_wanted: bool, quiet: bool) -> None:
    """Write an export of a result folder and print the file's path.

    Raises `InputError` if the export or the folder is wrong, `sim.folders.NotWritten` if writing
    fails.
    """
    check_file(export)
    run = read_folder(folder)
    rows = write(run.records, export)
    left_out = days_left_out(run.scenario.days) if export.name == "weekly" else 0
    if json_wanted:
        found = {"file": str(export.place), "format": export.name, "rows": rows}
        print_object({**found, "days_left_out": left_out})
        return
    if not quiet:
        row = FORMATS[export.name].row
        rest = f"; {left_out} days after the last whole week are left out" if left_out else ""
        print(f"{rows} {row}{'s' * (rows != 1)}{rest}")
    print(export.place)


def default_file(folder: Path, name: str) -> Path:
    """Where an export goes if nothing is said: beside its result folder."""
    named = folder if folder.name not in ("", "..") else folder.resolve()
    if not named.name:
        raise InputError(f"{named} is not a result folder.")
    return named.with_name(f"{named.name}-{name}{CSV}")
