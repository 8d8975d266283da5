"""The result folder of a run: scenario, manifest, tables, summary and report."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.folders import MANIFEST, put_file, put_folder, read_manifest
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
        _write(folder / SCENARIO, dump_scenario(run.scenario))
        tables = write_tables(run.records, folder)
        _write(folder / SUMMARY, as_json(run.summary))
        _write(folder / REPORT, make_report(run))
        files = [SCENARIO, MANIFEST, SUMMARY, REPORT, *tables]
        if run.next_krone is not None:
            _write(folder / NEXT_KRONE, as_text(run.next_krone))
            files.append(NEXT_KRONE)
        files.sort()
        manifest = {"format": FORMAT, **run.manifest.as_dict(), "files": files}
        _write(folder / MANIFEST, as_json(manifest))

    put_folder(place, fill)
    return place / REPORT


def remake_report(path: str | Path) -> Path:
    """Make the report and the summary of a result folder anew; returns the report's path.

    Raises `sim.errors.InputError` if the folder is not a whole result folder.
    """
    folder = Path(path)
    run = read_folder(folder)
    put_file(folder / SUMMARY, as_json(run.summary))
    put_file(folder / REPORT, make_report(run))
    return folder / REPORT


def as_json(content: Mapping[str, Any]) -> str:
    """The content as text: standard JSON, without NaN."""
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8", newline="\n")


__all__ = ["REPORT", "SUMMARY", "as_json", "read_manifest", "remake_report", "write_folder"]
