"""What `journeysim report` does."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sim.cli.commands.common import print_object
from sim.pages.words.language import ENGLISH, check_language, speaking


def report_command(
    folders: Sequence[Path],
    as_json: bool,
    quiet: bool,
    *,
    language: str = ENGLISH,
    out: Path | None = None,
) -> None:
    """Make the report of each folder anew, in a language, and print its path.

    A folder holds a run, replicates, a finished study or the answer to a question. Of several
    runs, also make the page that shows them side by side, `out` or beside the first; its path is
    printed last. Raises
    `InputError` if there is no such language, if the folders cannot be shown side by side, or
    if one is not a result folder; those before it are done then.
    """
    from sim.folders import open_folder
    from sim.pages.answers import remake_page
    from sim.pages.compare_page import check_place_of_page, write_side_by_side
    from sim.pages.folder import open_replicates, remake_replicates, remake_report
    from sim.pages.sweep_page import remake_study
    from sim.questions.kinds import is_answer
    from sim.runs.dataset import is_study

    check_language(language)
    together = len(folders) > 1 or out is not None
    if together:
        check_place_of_page(folders, out)
    made = []
    for folder in folders:
        with speaking(language):
            if is_study(folder):
                made.append(remake_study(folder))
            elif is_answer(open_folder(folder)):
                made.append(remake_page(folder))
            elif len(open_replicates(folder)) > 1:
                made.append(remake_replicates(folder))
            else:
                made.append(remake_report(folder))
        if not as_json and not quiet:
            print(made[-1])
    page = None
    if together:
        with speaking(language):
            page = write_side_by_side(folders, out)
        if not as_json and not quiet:
            print(page)
    if as_json:
        found: dict[str, Any] = {"reports": [str(report) for report in made]}
        if page is not None:
            found["side_by_side"] = str(page)
        print_object(found)
