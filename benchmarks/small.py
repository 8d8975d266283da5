"""Small commands that write something, done in forked copies of one warm process.

A copy has all imported and compiled already, so that a command takes a tenth of a second. Pages
are replaced by short ones: what stands in them is tested elsewhere.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import typer

import sim.engine.day
import sim.pages.folder
import sim.pages.sweep_page
import sim.scenario.dump
from sim.cli import app, main
from sim.cli.commands import experiment
from sim.folders import MANIFEST, open_folder
from sim.pages import answers
from sim.pages.words.language import language
from sim.runs.many import Here
from sim.runs.run import scenario_hash
from sim.runs.unfinished import STUDY
from sim.scenario.schema import Scenario
from sim.theory.bare import CERTAIN_BIAS, market

BROKEN = 99  # the exit code of a copy that ended in what no command should
NEVER = re.compile(r"(?!)")
MADE = "made"  # where commands write, in the folder WORK
WORK = Path("work")
OLD_RUN, NEW_RUN = Path("runs") / "one", Path("runs") / "two"  # to be exported

SWEEP = """\
name: small
scenario: market.yaml
replicates: 2
vary:
  touchpoints.poster.budget_per_day: [5, 10]
measure: [economics.profit, customers.new]
"""


class Ended(NamedTuple):
    """How a command ended: its exit code (minus the signal's number) and what it said."""

    code: int
    said: str

    @property
    def problems(self) -> list[str]:
        """The lines of standard error that are no notes."""
        return [line for line in self.said.splitlines() if not line.startswith("note: ")]


@dataclass(frozen=True)
class Small:
    """A small command: `words` after `journeysim`, and what goes before it.

    `old`: what makes the result that stands at the place before, if that is tried; it is another
    command, or `words` with another seed. `resumes`: whether it has `--resume`.
    """

    name: str
    words: tuple[str, ...]
    old: tuple[str, ...] = ()
    resumes: bool = False
    empty: bool = True  # whether it is tried with nothing at the place
    manifest: str = MANIFEST
    file: str = MADE  # what it writes, in WORK

    @property
    def place(self) -> Path:
        """What it writes."""
        return WORK / self.file

    def line(self, *more: str, seed: int | None = None) -> list[str]:
        """Its arguments."""
        words = [*self.words, *more]
        return words if seed is None else [*words, "--seed", str(seed)]


def _made(command: str, *words: str, **about: Any) -> Small:
    line = (command, "market.yaml", "--out", str(WORK / MADE), "--quiet", *words)
    return Small(about.pop("name", command), line, (*line, "--seed", "77"), **about)


ONE = ("--threads", "1")
_RUN = _made("run", *ONE)
_REPLICATES = _made("run", "--replicates", "2", *ONE, name="run --replicates")
_SWEEP = ("experiment", "small.yaml", "--out", str(WORK / MADE), "--quiet")
_EVENTS = ("--format", "events", "--out", str(WORK / "made.csv"), "--quiet")
COMMANDS = {
    one.name: one
    for one in (
        _RUN,
        _REPLICATES,
        _made(
            "compare",
            *("--replicates", "2", "--variant", "easier:journey.checkout.abandon=0.1", *ONE),
            resumes=True,
        ),
        _made("optimise", *("--replicates", "2", "--evaluations", "21", *ONE), resumes=True),
        _made("touchpoints", "--replicates", "2", *ONE, resumes=True),
        _made(
            "export-mmm",
            *("--regions", "1", "--years", "1", "--agents", "20", *ONE),
            resumes=True,
        ),
        Small("experiment", _SWEEP, _SWEEP, resumes=True, manifest=STUDY),
        Small("report", ("report", str(WORK / MADE), "--quiet"), _RUN.words, empty=False),
        Small(
            "report (replicates)",
            ("report", str(WORK / MADE), "--quiet"),
            _REPLICATES.words,
            empty=False,
        ),
        Small(
            "report (study)",
            ("report", str(WORK / MADE), "--quiet"),
            _SWEEP,
            empty=False,
            manifest=STUDY,
        ),
        Small(
            "export",
            ("export", str(NEW_RUN), *_EVENTS),
            ("export", str(OLD_RUN), *_EVENTS),
            file="made.csv",
        ),
    )
}


# --- the folder in which commands work ---


@contextmanager
def workshop() -> Iterator[Path]:
    """A working folder with what the commands read, in memory if the machine offers that."""
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    before = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="journeysim-", dir=memory) as name:
        os.chdir(name)
        try:
            scenario = _market().model_dump(mode="json", exclude_defaults=True)
            Path("market.yaml").write_text(json.dumps(scenario, indent=1))
            Path("small.yaml").write_text(SWEEP)
            _make_cheap()
            _make_quick()
            for seed, place in enumerate((OLD_RUN, NEW_RUN)):
                line = ["run", "market.yaml", "--quiet", "--out", str(place), "--seed", str(seed)]
                warm(line)
            yield Path(name)
        finally:
            os.chdir(before)


def _market() -> Any:
    def touchpoint(budget: float) -> dict[str, Any]:
        return {
            "starts": "push",
            "control": "paid",
            "budget_per_day": budget,
            "cost": {"per_contact": 0.5},
            "reach": {"latent": 1.0, "consider": 1.0, "purchase": 1.0},
            "effects_in": {"purchase": {"friction": -10.0}},
        }

    return market(
        "small",
        40,
        10,
        seed=3,
        panel=1.0,
        journey={
            "phases": {"consider": {"pace_per_day": 1.0, "bias": CERTAIN_BIAS}},
            "checkout": {"abandon": 0.9, "retry": 0.0},
        },
        segments={
            "only": {
                "all": {"share": 1.0, "need": {"rate_per_year": 60.0}, "start": {"awareness": 1.0}}
            }
        },
        offers={"offer": {"price": 100.0, "unit_cost": 40.0}},
        touchpoints={"poster": touchpoint(7.0), "flyer": touchpoint(2.0)},
    )


def _make_cheap() -> None:
    """Short pages, and studies that stay in this process."""

    def page(*given: Any, **_: Any) -> str:
        seeds = [_seeds(one) for one in given]
        return f"<html>{language()} {[each for each in seeds if each]}</html>"

    def page_and_pictures(*given: Any) -> tuple[str, dict[str, bytes]]:
        text = page(*given)
        names = ("figures/one.svg", "figures/two.png")
        return text, {name: f"{name} {text}".encode() for name in names}

    sim.pages.folder.make_report = page
    sim.pages.folder.report_with_figures = page_and_pictures
    sim.pages.sweep_page.make_page = page
    answers.compare_page = page
    answers.optimise_page = page
    answers.touchpoints_page = page
    answers.credit_sections = lambda _: []
    experiment._runner = lambda _: Here()


def _make_quick() -> None:
    """Runs, and the command line's own description, are made once, here or in a copy."""
    engine, known = sim.engine.day.run_fast, dict[str, Any]()

    def run_fast(scenario: Scenario, **options: Any) -> Any:
        name = scenario_hash(scenario)
        if name not in known:
            known[name] = engine(scenario, **options)
        return known[name]

    command = typer.main.get_command(app)
    sim.engine.day.run_fast = run_fast
    typer.main.get_command = lambda _: command
    # JSON is YAML that is written and read sooner
    sim.scenario.dump.dump_data = lambda data: json.dumps(data, indent=1)


def _seeds(made: Any) -> list[int]:
    """What tells one result from another."""
    if hasattr(made, "seeds"):
        return list(made.seeds)
    scenario = getattr(made, "scenario", None)
    return [scenario.seed] if hasattr(scenario, "seed") else []


# --- commands in copies of this process ---


def warm(*lines: Sequence[str]) -> None:
    """Do commands here, so that the copies have all at hand. Raises SystemExit if one fails."""
    for line in lines:
        with redirect_stdout(io.StringIO()):
            if main(list(line)) != 0:
                raise SystemExit(f"it fails undisturbed: journeysim {' '.join(line)}")


def begin(line: list[str], said: Path, before: Callable[[], None] = lambda: None) -> int:
    """Do a command in a copy of this process; returns its process number.

    `said`: the file for all that it prints; `before`: called in the copy first.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    process = os.fork()
    if process:
        return process
    code = BROKEN
    try:
        file = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, 1)
        os.dup2(file, 2)
        sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
        sys.argv = ["journeysim", *line]
        before()
        code = main(line)
        sys.stderr.flush()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def wait(process: int, said: Path) -> Ended:
    """Wait for the copy to end."""
    status = os.waitpid(process, 0)[1]
    return Ended(os.waitstatus_to_exitcode(status), said.read_text())


def do(line: list[str], before: Callable[[], None] = lambda: None) -> Ended:
    """Do a command in a copy of this process and wait for it."""
    said = Path("said.txt")
    return wait(begin(line, said, before), said)


# --- what stands in the folder ---


def fresh(old: Path | None) -> None:
    """Empty WORK, and put what stands in the folder `old` there."""
    shutil.rmtree(WORK, ignore_errors=True)
    if old is None:
        WORK.mkdir()
    else:
        shutil.copytree(old, WORK, symlinks=True)


def files_of(folder: Path) -> dict[str, bytes]:
    """The files in a folder, hidden ones too, without clocks and digests of what holds them."""
    clock = re.compile(rb"""(\bseconds|_per_second)["']?[:=] ?[-+.e\d]+""")
    seal = re.compile(rb'"(manifest_sha256|data_sha256)": ("\w+"|\[[^]]*\])')
    found = {}
    for file in sorted(folder.rglob("*")):
        name = str(file.relative_to(folder))
        content = b"" if file.is_dir() else file.read_bytes()
        if file.name in (MANIFEST, STUDY):
            content = seal.sub(b"", clock.sub(b"", content))
        found[name] = content
    return found


def hidden(folder: Path = WORK) -> list[str]:
    """The hidden names in a folder and below."""
    return sorted(str(f.relative_to(folder)) for f in folder.rglob(".*"))


def tables_of(place: Path) -> dict[str, bytes]:
    """What a result is: all files but manifests and what can be made anew of the rest."""
    if place.is_file():
        return {place.name: place.read_bytes()}
    made_anew = re.compile(r"(.*/)?(manifest\.json|study\.json|[\w-]+\.html|figures(/.*)?)")
    found = files_of(place)
    return {
        name: each
        for name, each in found.items()
        if not made_anew.fullmatch(name) and not name.rpartition("/")[2].startswith(".")
    }


def check_whole(place: Path, manifest: str) -> None:
    """Raise `InputError` unless all that the manifest lists, pages too, is as it was written."""
    if not place.is_dir():
        return
    folder = open_folder(place, manifest, tell=False)
    folder.check(NEVER)
    for name in folder.said.get("replicates", []) if manifest == MANIFEST else []:
        open_folder(place / name, tell=False).check(NEVER)
