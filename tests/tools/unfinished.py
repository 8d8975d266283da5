"""Studies of paired runs that are interrupted: tiny ones, and what is left in their folders."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import sim.cli.commands.questions
import sim.engine.day
import sim.pages.answers
import sim.questions.mix.folder
from sim.cli import INTERRUPTED, main
from sim.questions.budget.belief import BeliefFound
from sim.questions.budget.optimise import Optimised
from sim.questions.compare.compare import Compared
from sim.questions.touchpoints.effects import EffectsStudy
from sim.runs.run import scenario_hash
from sim.runs.store import KEPT
from sim.scenario.schema import Scenario
from worlds.commands import COMMANDS, SMALL, write_files

PAGES = ("compare_page", "touchpoints_page", "optimise_page", "frontier_page", "belief_page")
FOUND = (Compared, EffectsStudy, Optimised, BeliefFound)
PLACE, FOLDER = Path("made"), Path("made.unfinished")

Folder = dict[str, bytes]


def inside(place: Path) -> Folder:
    """The files of a result folder, clocks left out, and with them digests of what holds them."""
    files = sorted(file for file in place.rglob("*") if file.is_file())
    clock = re.compile(rb"""(\bseconds|_per_second)["']?[:=] ?[-+.e\d]+""")
    seal = re.compile(rb'"manifest_sha256": "\w+"|"\w+.html": {[^}]+}')
    found = {str(f.relative_to(place)): clock.sub(b"", f.read_bytes()) for f in files}
    return {name: seal.sub(b"", text) for name, text in found.items()}


def kept() -> list[Path]:
    """The finished runs that are kept."""
    return sorted(FOLDER.glob(f"*{KEPT}"))


def sentence(count: int) -> str:
    """What is kept, and how to go on."""
    are = "1 run is" if count == 1 else f"{count} runs are"
    return f"{are} finished and kept in {FOLDER}; go on with the same command and --resume."


def begin(command: str, *options: str) -> int:
    """Do a command of `COMMANDS`; returns its exit code."""
    return main([*COMMANDS[command], "--out", str(PLACE), *options])


def interrupted(command: str, after: float, *options: str) -> None:
    """Ctrl-C as soon as so many runs are kept; infinite: when the result is being written."""

    def look(done: float, of: float) -> None:
        assert 0.0 <= done <= of
        if len(kept()) >= after:
            raise KeyboardInterrupt

    @contextmanager
    def bar(*options: Any, **more: Any) -> Iterator[Any]:
        yield look

    def put(*arguments: Any) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sim.cli.commands.questions, "progress_bar", bar)
        patch.setattr(sim.pages.answers, "put_folder", put)
        patch.setattr(sim.questions.mix.folder, "put_folder", put)
        assert begin(command, *options) == INTERRUPTED


def plain_pages(patch: pytest.MonkeyPatch) -> None:
    """Pages that draw nothing: they write out all that was found."""

    def page(*given: Any) -> str:
        every = [getattr(one, "made", one) for one in given]  # an answer holds what was found
        (made,) = [one for one in every if isinstance(one, FOUND)]
        return repr(made)

    for name in PAGES:
        patch.setattr(sim.pages.answers, name, page)
    patch.setattr(sim.pages.answers, "credit_sections", lambda found: [])


def counted(patch: pytest.MonkeyPatch) -> list[str]:
    """The runs that the engine finishes from now on, by the hash of their scenario."""
    found: list[str] = []
    engine = sim.engine.day.run_fast

    def run_fast(scenario: Scenario, **options: Any) -> Any:
        records = engine(scenario, **options)
        found.append(scenario_hash(scenario))
        return records

    patch.setattr(sim.engine.day, "run_fast", run_fast)
    return found


class Undisturbed(NamedTuple):
    """What a command does that nothing disturbs."""

    folder: Folder
    runs: int  # that the engine made


Make = Callable[[str], Undisturbed]


def undisturbed_in(around: Path, market: Scenario = SMALL) -> Make:
    """What a command does that nothing disturbs, done in a folder when it is first asked for."""
    write_files(around, market)
    found: dict[str, Undisturbed] = {}

    def make(command: str) -> Undisturbed:
        if command not in found:
            with pytest.MonkeyPatch.context() as patch:
                patch.chdir(around)
                runs = counted(patch)
                assert main([*COMMANDS[command], "--out", command, "--quiet"]) == 0
            found[command] = Undisturbed(inside(around / command), len(runs))
        assert len(found[command].folder) > 3
        assert found[command].runs >= 10
        return found[command]

    return make
