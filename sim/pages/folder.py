"""The result folder of a run: scenario, manifest, tables, summary and report.

What took long is written first, and is whole; the report comes into the folder after. Its figures
as files come when the report is made again: drawing them for print takes longer than a small run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sim.disk import write_text
from sim.errors import JourneysimError, one_line
from sim.folders import MANIFEST, as_json, change_files, open_folder, put_folder, writing
from sim.locks import at_work
from sim.pages.charts.figure_files import report_with_figures
from sim.pages.pages import make_report
from sim.records.steps import FILE as NEXT_KRONE
from sim.records.steps import as_text
from sim.runs.run import CLOCKS, SCENARIO, Run, read_run, write_tables
from sim.scenario.dump import dump_scenario

SUMMARY = "summary.json"
REPORT = "report.html"


def write_folder(run: Run, path: str | Path) -> Path:
    """Write the result folder of a run at `path`; returns the path of its report.

    A result folder that stands there is replaced; nothing else ever is. Raises
    `sim.errors.InputError` if something else stands there, `sim.errors.NotWritten` if the
    folder cannot be written.
    """
    place = Path(path)

    def fill(folder: Path) -> Mapping[str, Any]:
        write_text(folder / SCENARIO, dump_scenario(run.scenario))
        write_tables(run.records, folder)
        write_text(folder / SUMMARY, summary_text(run.summary))
        if run.next_krone is not None:
            write_text(folder / NEXT_KRONE, as_text(run.next_krone))
        return run.manifest.as_dict()

    with writing(place):
        put_folder(place, fill)
        add_pages(place, lambda: {REPORT: make_report(run).encode()})
    return place / REPORT


def remake_report(path: str | Path, figures: bool = True) -> Path:
    """Make the report and the summary of a result folder anew; returns the report's path.

    `figures`: write the pictures of the report as files, too (`sim.pages.charts.figure_files`).
    Raises `sim.errors.InputError` if the folder is not a whole result folder.
    """
    place = Path(path)
    with at_work(place):
        run = read_run(open_folder(place))
        add_pages(place, lambda: pages_of(run, None, figures))
    return place / REPORT


def pages_of(run: Run, summary: Mapping[str, Any] | None, figures: bool) -> dict[str, bytes]:
    """Summary, report and, if wanted, its pictures as files, by their names in the folder.

    `summary`: that of several replicates, of which `run` is the first.
    """
    text = summary_text(run.summary if summary is None else summary).encode()
    if not figures:
        return {SUMMARY: text, REPORT: make_report(run, summary).encode()}
    page, pictures = report_with_figures(run, summary)
    return {SUMMARY: text, REPORT: page.encode(), **pictures}


def add_pages(
    place: Path, make: Callable[[], Mapping[str, bytes]], manifest: str = MANIFEST
) -> None:
    """Put what `make` makes into the finished folder at `place`, which stays whole if it fails.

    Raises `JourneysimError` that says so, and as `sim.folders.change_files` does.
    """
    try:
        pages = make()
    except JourneysimError:
        raise
    except Exception as error:
        raise JourneysimError(
            f"the page could not be made ({one_line(error)}); all else is written in {place}."
        ) from error
    change_files(open_folder(place, manifest, tell=False), pages)


def summary_text(found: Mapping[str, Any]) -> str:
    """What `summary.json` holds: everything that was found, without clocks."""
    timeless: dict[str, Any] = _without_clocks(found)
    return as_json(timeless)


def _without_clocks(found: Any) -> Any:
    if isinstance(found, Mapping):
        return {key: _without_clocks(each) for key, each in found.items() if key not in CLOCKS}
    if isinstance(found, list | tuple):
        return [_without_clocks(each) for each in found]
    return found


__all__ = ["REPORT", "SUMMARY", "add_pages", "pages_of", "remake_report", "summary_text"]
