"""The result folder of a run: scenario, manifest, tables, summary and report; and of replicates.

What took long is written first, and is whole; the report comes into the folder after. Its figures
as files come when the report is made again: drawing them for print takes longer than a small run.

Several replicates have a result folder each, and their means. The work goes on in a folder named
like the place, with `.partial` at the end. What stops it leaves the finished replicates there, each
whole; the same command then goes on from them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial as bound
from pathlib import Path
from typing import Any

from sim import disk
from sim.disk import write_text
from sim.errors import InputError, Interrupted, JourneysimError, NotWritten, note, one_line, shown
from sim.folders import (
    LEFTOVER,
    MADE_ANEW,
    MANIFEST,
    Damaged,
    Folder,
    as_json,
    change_files,
    inside,
    is_ours,
    move_folder,
    open_folder,
    put_file,
    put_folder,
    remove_leftovers,
    remove_own,
    remove_unfinished,
    seal,
    writing,
)
from sim.locks import LOCK, at_work
from sim.measures.incrementality import with_next_krone
from sim.measures.replicates import combine
from sim.pages.charts.figure_files import report_with_figures
from sim.pages.pages import make_report
from sim.records import TABLES
from sim.records.steps import FILE as NEXT_KRONE
from sim.records.steps import as_text, from_text, joined
from sim.runs.run import CLOCKS, SCENARIO, Manifest, Run, read_run, write_tables
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


# --- replicates ---

NAME = "replicate-{:02d}"
NAMED = re.compile(r"replicate-\d{2,6}")
OURS = frozenset(
    [MANIFEST, SCENARIO, SUMMARY, REPORT, NEXT_KRONE, *(f"{name}.parquet" for name in TABLES)]
)  # the files of a replicate
NOTHING = re.compile(r"(?!)")
PARTIAL = ".partial"  # after the name of the place
REPLICATES, SEEDS, DATA = "replicates", "seeds", "data_sha256"  # keys of the manifest
ALIKE = ("scenario", "agents", "population", "days", "engine", "source_hash")


def write_replicates(
    place: Path,
    expected: Sequence[Manifest],
    make: Callable[[Sequence[int]], Iterator[Run]],
    *,
    tried_on: int | None = None,
) -> tuple[Path, dict[str, Any]]:
    """Make the replicates and write them; returns the report's path and the joint summary.

    `expected`: what the manifest of each replicate will say; `make`: the runs at these places, one
    after the other;
    `tried_on`: on how many customers each tries out the next krone, None if it does not.
    Raises `Interrupted`, which says what is kept, and as `write_folder` does.
    """
    if place.name in ("", ".."):  # a name that another cannot be made from
        place = place.resolve()
    partial = place.with_name(f"{place.name}{PARTIAL}")
    names = [NAME.format(number + 1) for number in range(len(expected))]
    done = 0

    def kept() -> str:
        return (
            f"{done} of {len(names)} replicates are finished and kept in {partial}; the same"
            " command goes on from there."
        )

    with writing(place), at_work(partial):
        try:
            _open(partial, names)
            places = dict(zip(names, expected, strict=True))
            whole = {
                name for name, each in places.items() if _is_made(partial / name, each, tried_on)
            }
            made = make([number for number, name in enumerate(names) if name not in whole])
            for name in names:
                if name in whole:
                    _mend_pages(partial / name)
                else:
                    write_folder(next(made), partial / name)
                done += 1
            _open(partial, names)  # no lock is left whose removal failed
            folders = [open_folder(partial / name) for name in names]
            first, joint = _joined(folders)
            put_file(partial / SUMMARY, summary_text(joint))
            seal(partial, _said(folders))
        except KeyboardInterrupt:
            raise Interrupted(f"interrupted; {kept()}") from None
        except OSError as error:
            raise NotWritten(f"{disk.sentence(partial, error)[:-1]}; {kept()}") from error
        except NotWritten as error:
            raise NotWritten(f"{error.message.rstrip('.')}; {kept()}") from error
        move_folder(partial, place)
        add_pages(place, lambda: pages_of(first, joint, figures=False))
    return place / REPORT, joint


def remake_replicates(place: Path, each: bool = True) -> Path:
    """Make summary, report and figures of a folder of replicates anew; returns the report's path.

    `each`: also the report of every replicate. Raises `InputError` if the folder is not whole.
    """
    with at_work(place):
        folders = open_replicates(place)
        first, joint = _joined(folders)
        if each:
            for folder in folders:
                run = read_run(folder)
                add_pages(folder.place, bound(pages_of, run, None, figures=False))
        add_pages(place, lambda: pages_of(first, joint, figures=True))
    return place / REPORT


def open_replicates(place: Path) -> list[Folder]:
    """The folders of the runs in a result folder: its replicates, or the folder itself.

    Raises `InputError` if there is no result folder, `Damaged` unless the replicates are those
    that were written: each once, with seeds of their own, and of one scenario and model.
    """
    folder = open_folder(place)
    if REPLICATES not in folder.said:
        return [folder]
    names, seeds = folder.said[REPLICATES], folder.said.get(SEEDS, [])
    plain = (
        isinstance(names, list)
        and isinstance(seeds, list)
        and len(names) == len(seeds) == len(set(map(str, seeds))) > 1
        and all(isinstance(name, str) and NAMED.fullmatch(name) for name in names)
        and len(set(names)) == len(names)
    )
    if not plain:
        raise folder.damage(MANIFEST, "its replicates are no list of different ones")
    found = [open_folder(inside(place, name), tell=False) for name in names]
    data = folder.said.get(DATA, [None] * len(names))
    for number, one in enumerate(found):
        said = one.said
        if said.get("seed") != seeds[number]:
            raise folder.damage(names[number], "it is not the replicate that was written there")
        if any(said.get(key) != found[0].said.get(key) for key in ALIKE):
            raise folder.damage(names[number], "it is a replicate of something else")
        if folder.files is not None and (
            not isinstance(data, list) or data[number : number + 1] != [one.data_digest()]
        ):
            raise folder.damage(names[number], "it is not what was written there")
    return found


def _open(partial: Path, names: Sequence[str]) -> None:
    """Make the folder, or take up the one that an interrupted command left.

    What it is to hold is known from the names alone; a manifest in it is never asked. Raises
    `InputError` if there is anything else in it.
    """
    if os.path.lexists(partial) and not _is_folder(partial):
        raise InputError(f"{partial} is no folder. Move it away, or choose another folder.")
    partial.mkdir(exist_ok=True)
    ours = (MANIFEST, SUMMARY, REPORT)
    for name in sorted(os.listdir(partial)):
        left, lock = LEFTOVER.fullmatch(name), LOCK.fullmatch(name)
        if left is not None:
            remove_leftovers(partial / left["name"])
        elif lock is not None and NAMED.fullmatch(lock["name"]):
            with at_work(partial / lock["name"]):
                pass  # what a killed command left of it goes as this ends
        elif NAMED.fullmatch(name) and _is_folder(partial / name):
            if name not in names:
                remove_own(partial / name)
        elif (
            name not in ours
            or not _is_file(partial / name)
            or not any(map(is_ours, [partial, *(partial / n for n in names)]))
        ):
            raise InputError(
                f"{partial} is left as it is: it also holds {shown(name)}; move it away, or choose"
                " another folder."
            )


def _is_folder(place: Path) -> bool:
    """Whether it is a folder itself: what a link leads to is somebody else's."""
    return place.is_dir() and not place.is_symlink()


def _is_file(place: Path) -> bool:
    """Whether it is a plain file itself."""
    return place.is_file() and not place.is_symlink()


def _said(folders: Sequence[Folder]) -> dict[str, Any]:
    """What the manifest of replicates says."""
    return {
        REPLICATES: [folder.place.name for folder in folders],
        SEEDS: [folder.said["seed"] for folder in folders],
        DATA: [folder.data_digest() for folder in folders],
    }


def _is_made(place: Path, expected: Manifest, tried_on: int | None) -> bool:
    """Whether the folder holds this very run, whole, made by this very model."""
    if not place.exists():
        return False
    try:
        folder = open_folder(place, tell=False)
        same = ("scenario_hash", "source_hash", "engine", "versions")
        if not all(folder.said.get(key) == getattr(expected, key) for key in same):
            return False
        folder.check()
        if NEXT_KRONE not in folder.names:
            return tried_on is None
        content = folder.read(NEXT_KRONE)
        touchpoints = read_run(folder).scenario.touchpoints
        return from_text(content, touchpoints).customers == tried_on
    except JourneysimError as error:
        note(f"{error.message.rstrip('.')}; it is made again.")
    except (ValueError, KeyError, TypeError) as error:
        note(f"{place} is damaged: {NEXT_KRONE}: {one_line(error)}; it is made again.")
    remove_unfinished(place, OURS)
    return False


def _mend_pages(place: Path) -> None:
    """Make page and summary of a whole replicate anew if they are not what was written there.

    Its command may have been stopped before it had a page.
    """
    folder = open_folder(place, tell=False)
    try:
        folder.check(skip=MADE_ANEW if folder.coming else NOTHING)
        missing = set(folder.coming) or {REPORT, SUMMARY} - set(folder.names)
    except Damaged as error:
        note(f"{error.message.rstrip('.')}; it is made again.")
        missing = {REPORT}
    if missing:
        run = read_run(folder)
        add_pages(place, lambda: pages_of(run, None, figures=False))


def _joined(folders: Sequence[Folder]) -> tuple[Run, dict[str, Any]]:
    """The first run, with the joint next krone, and the joint summary."""
    first = read_run(folders[0])
    summaries, found = [first.summary], [first.next_krone]
    for folder in folders[1:]:
        run = read_run(folder)
        summaries.append(run.summary)
        found.append(run.next_krone)
    joint = combine(summaries)
    steps = [each for each in found if each is not None]
    if len(steps) == len(folders):
        first = replace(first, next_krone=joined(steps))
        joint = with_next_krone(joint, first.next_krone)
    return first, joint
