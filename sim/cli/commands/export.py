"""What `journeysim export` does."""

from __future__ import annotations

from pathlib import Path

from sim.cli.commands.common import print_object
from sim.errors import InputError
from sim.runs.exports.files import CSV, check_file, write
from sim.runs.exports.weekly import days_left_out
from sim.runs.run import read_folder


def export_command(
    folder: Path, name: str, out: Path | None, *, json_wanted: bool, quiet: bool
) -> None:
    """Write the export `name` of a result folder and print the file's path.

    The file is `out`, by default a CSV file beside the folder. Raises `InputError` if the
    format, the folder or the file is wrong, `sim.folders.NotWritten` if writing fails.
    """
    place = default_file(folder, name) if out is None else out
    check_file(place, name)
    run = read_folder(folder)
    rows = write(run.records, name, place)
    left_out = days_left_out(run.scenario.days) if name == "weekly" else 0
    if json_wanted:
        found = {"file": str(place), "format": name, "rows": rows, "days_left_out": left_out}
        print_object(found)
        return
    if not quiet:
        kind = "week" if name == "weekly" else "event"
        rest = f"; {left_out} days after the last whole week are left out" if left_out else ""
        print(f"{rows} {kind}{'s' * (rows != 1)}{rest}")
    print(place)


def default_file(folder: Path, name: str) -> Path:
    """Where an export goes if nothing is said: beside its result folder."""
    named = folder if folder.name not in ("", "..") else folder.resolve()
    if not named.name:
        raise InputError(f"{named} is not a result folder.")
    return named.with_name(f"{named.name}-{name}{CSV}")
