"""The result folder of several replicates: a result folder for each, and their means.

The work goes on in a folder named like the place, with `.partial` at the end. What stops it
leaves the finished replicates there, each whole; the same command then goes on from them.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sim.errors import InputError, Interrupted
from sim.folders import MANIFEST, check_place, move_folder, put_file, read_manifest
from sim.measures.incrementality import with_next_krone
from sim.measures.replicates import combine
from sim.report.figure_files import report_with_figures
from sim.report.folder import FORMAT, REPORT, SUMMARY, as_json, put_report, write_folder
from sim.report.pages import make_report
from sim.run import Manifest, Run, read_folder
from sim.steps import FILE as NEXT_KRONE
from sim.steps import from_text, joined

NAME = "replicate-{:02d}"


def write_replicates(
    place: Path,
    expected: Sequence[Manifest],
    make: Callable[[int], Run],
    tried_on: int | None = None,
) -> tuple[Path, dict[str, Any]]:
    """Make the replicates and write them; returns the report's path and the joint summary.

    `expected`: what the manifest of each replicate will say; `make`: runs one, by its place;
    `tried_on`: on how many customers each tries out the next krone, None if it does not.
    Raises `Interrupted`, which says what is kept, and as `write_folder` does.
    """
    partial = place.with_name(f"{place.name}.partial")
    check_place(place)
    check_place(partial)
    names = [NAME.format(number + 1) for number in range(len(expected))]
    _open(partial, names, [manifest.seed for manifest in expected])
    done = 0
    try:
        for number, name in enumerate(names):
            if not _is_made(partial / name, expected[number], tried_on):
                write_folder(make(number), partial / name)
            done += 1
        summary = _join(partial, names, figures=False)
    except KeyboardInterrupt:
        raise Interrupted(
            f"interrupted; {done} of {len(names)} replicates are finished and kept in {partial};"
            " the same command goes on from there."
        ) from None
    move_folder(partial, place)
    return place / REPORT, summary


def remake_replicates(folder: Path) -> Path:
    """Make summary, report and figures of a folder of replicates anew; returns its path."""
    manifest = read_manifest(folder)
    if manifest is None or "replicates" not in manifest:
        raise InputError(f"{folder} is not a folder of replicates.")
    _join(folder, manifest["replicates"], figures=True)
    return folder / REPORT


def _open(partial: Path, names: list[str], seeds: list[int]) -> None:
    """Make the folder, or take up the one that an interrupted command left."""
    partial.mkdir(exist_ok=True)
    before = read_manifest(partial) or {}
    for name in before.get("replicates", []):
        if name not in names:
            shutil.rmtree(partial / name, ignore_errors=True)
    files = sorted([MANIFEST, REPORT, SUMMARY, *names])
    content = {"format": FORMAT, "replicates": names, "seeds": seeds, "files": files}
    put_file(partial / MANIFEST, as_json(content))


def _is_made(folder: Path, expected: Manifest, tried_on: int | None) -> bool:
    """Whether the folder holds this very run, made by this very model."""
    found = read_manifest(folder) or {}
    same = ("scenario_hash", "source_hash", "engine", "versions")
    if not all(found.get(key) == getattr(expected, key) for key in same):
        return False
    if NEXT_KRONE not in found["files"]:
        return tried_on is None
    try:
        return from_text((folder / NEXT_KRONE).read_text(encoding="utf-8")).customers == tried_on
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _join(folder: Path, names: Sequence[str], figures: bool) -> dict[str, Any]:
    """Write the joint summary and report of the replicates; returns the summary.

    `figures`: write the pictures of the report as files, too.
    """
    first = read_folder(folder / names[0])
    summaries, found = [first.summary], [first.next_krone]
    for name in names[1:]:
        run = read_folder(folder / name)
        summaries.append(run.summary)
        found.append(run.next_krone)
    steps = [each for each in found if each is not None]
    joint = combine(summaries)
    if len(steps) == len(names):
        first = replace(first, next_krone=joined(steps))
        joint = with_next_krone(joint, first.next_krone)
    put_file(folder / SUMMARY, as_json(joint))
    if figures:
        put_report(folder, *report_with_figures(first, joint))
    else:
        put_file(folder / REPORT, make_report(first, joint))
    return joint
