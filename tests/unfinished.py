"""Studies of paired runs that are interrupted: tiny ones, and what is left in their folders."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from markets import MARKETS
from posters import two_posters

import sim.cli.commands.questions
import sim.engine.day
import sim.pages.answers
import sim.questions.mix.folder
from sim.cli import INTERRUPTED, main
from sim.questions.budget.belief import BeliefFound
from sim.questions.budget.optimise import Optimised
from sim.questions.compare.compare import Compared
from sim.questions.touchpoints.effects import Study
from sim.runs.run import scenario_hash
from sim.runs.store import KEPT
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario

# It has most of the model, and so most of what can be kept of a run.
TOWN = with_settings(MARKETS["town"], overrides={"agents": 150, "days": 25, "panel": 0.2})
# Quick to read, to run and to write. With as much a head as in the whole market of two posters,
# no plan reaches everybody: what is compared differs from plan to plan.
SMALL = with_settings(
    two_posters(agents=100),
    overrides={"touchpoints.one.budget_per_day": 17.5, "touchpoints.two.budget_per_day": 5.0},
)
TRUE = with_settings(SMALL, overrides={"touchpoints.two.purpose": "retention"})
BLIND = with_settings(TRUE, overrides={"segments.west.need.rate_per_year": 0.0})

STUDY = "kind: {kind}\nname: tiny\nscenario: true.yaml\nreplicates: 2\nevaluations: 30\n"
COMMANDS = {
    "optimise": ["optimise", "market.yaml", "--evaluations", "25", "--replicates", "2"],
    "compare": [
        *("compare", "market.yaml", "--replicates", "5"),
        *("--variant", "easier:journey.checkout.abandon=0.1"),
    ],
    "touchpoints": ["touchpoints", "market.yaml", "--replicates", "2", "--no-attribution"],
    "export-mmm": ["export-mmm", "market.yaml", "--regions", "2", "--years", "1"],
    "frontier": ["experiment", "frontier.yaml"],
    "belief": ["experiment", "belief.yaml"],
}
PAGES = ("compare_page", "touchpoints_page", "optimise_page", "frontier_page", "belief_page")
FOUND = (Compared, Study, Optimised, BeliefFound)
PLACE, FOLDER = Path("made"), Path("made.unfinished")

Folder = dict[str, bytes]


def short(scenario: Scenario) -> str:
    """The scenario as YAML without defaults: quick to read."""
    return json.dumps(scenario.model_dump(mode="json", exclude_defaults=True), indent=1)


def write_files(folder: Path, market: Scenario = SMALL) -> None:
    """Write what the commands read; `market`: what is optimised and compared."""
    files = {
        "market.yaml": short(market),
        "true.yaml": short(TRUE),
        "blind.yaml": short(BLIND),
        "frontier.yaml": STUDY.format(kind="frontier"),
        "belief.yaml": STUDY.format(kind="belief") + "believed: blind.yaml\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text)


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
        (made,) = [one for one in given if isinstance(one, FOUND)]
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
