"""The result folder of a run: scenario, manifest, tables, summary and report.

Its figures as files come when the report is made again: drawing them for print takes longer than
a small run.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from sim.folders import MANIFEST, make_file, put_file, put_folder, read_manifest, write_text
from sim.report.figure_files import FOLDER, report_with_figures
from sim.report.pages import make_report
from sim.run import SCENARIO, Run, read_folder, write_tables
from sim.scenario.dump import dump_scenario
from sim.steps import FILE as NEXT_KRONE
from sim.steps import as_text

SUMMARY = "summary.json"
REPORT = "report.html"
FORMAT = 1  # of the folder: raised when what is in it changes its meaning


def write_folder(run: Run, path: str | Path) -> Path:
    """Write the result folder of a run at `path`; returns the path of its report.

    A result folder that stands there is replaced; nothing else ever is. Raises
    `sim.errors.InputError` if something else stands there, `sim.folders.NotWritten` if the
    folder cannot be written.
    """
    place = Path(path)

    def fill(folder: Path) -> None:
        write_text(folder / SCENARIO, dump_scenario(run.scenario))
        tables = write_tables(run.records, folder)
        write_text(folder / SUMMARY, as_json(run.summary))
        write_text(folder / REPORT, make_report(run))
        files = [SCENARIO, MANIFEST, SUMMARY, REPORT, *tables]
        if run.next_krone is not None:
            write_text(folder / NEXT_KRONE, as_text(run.next_krone))
            files.append(NEXT_KRONE)
        files.sort()
        manifest = {"format": FORMAT, **run.manifest.as_dict(), "files": files}
        write_text(folder / MANIFEST, as_json(manifest))

    put_folder(place, fill)
    return place / REPORT


def remake_report(path: str | Path, figures: bool = True) -> Path:
    """Make the report and the summary of a result folder anew; returns the report's path.

    `figures`: write the pictures of the report as files, too (`sim.report.figure_files`).
    Raises `sim.errors.InputError` if the folder is not a whole result folder.
    """
    folder = Path(path)
    run = read_folder(folder)
    put_file(folder / SUMMARY, as_json(run.summary))
    if figures:
        put_report(folder, *report_with_figures(run))
    else:
        put_file(folder / REPORT, make_report(run))
    return folder / REPORT


def put_report(folder: Path, page: str, figures: Mapping[str, bytes]) -> None:
    """Put a report and its figures into a result folder, instead of those that are there.

    The manifest lists every figure before it is written and until it is removed, so that the
    folder stays one of ours whatever stops the program. Raises `sim.folders.NotWritten`.
    """
    manifest = read_manifest(folder) or {"files": []}
    files = [name for name in manifest["files"] if not name.startswith(f"{FOLDER}/")]
    before = set(manifest["files"]) - set(files)
    _put_manifest(folder, manifest, {*files, *before, *figures})
    put_file(folder / REPORT, page)
    for name, content in figures.items():
        make_file(folder / name, partial(_write_bytes, content))
    for name in before - set(figures):
        (folder / name).unlink(missing_ok=True)
    _put_manifest(folder, manifest, {*files, *figures})


def _put_manifest(folder: Path, manifest: Mapping[str, Any], files: Iterable[str]) -> None:
    put_file(folder / MANIFEST, as_json({**manifest, "files": sorted(files)}))


def as_json(content: Mapping[str, Any]) -> str:
    """The content as text: standard JSON, without NaN."""
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _write_bytes(content: bytes, file: Path) -> None:
    file.write_bytes(content)


__all__ = ["REPORT", "SUMMARY", "as_json", "read_manifest", "remake_report", "write_folder"]
