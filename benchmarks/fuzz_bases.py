"""The folders that are changed: results, studies and kept runs of tiny markets, and the commands
that read them.

Each base is a working folder that holds `made` (or what is kept of it), the files that the
commands are given, and `beside`, which none may touch. Pages draw nothing here: they write out a
digest of all that was read, so that a figure that changed is seen, and runs that were made once
are not made again.
"""

import hashlib
import io
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, fields
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

import sim.cli.commands.experiment
import sim.engine.day
import sim.pages.compare_page
import sim.pages.folder
import sim.pages.sweep_page
import sim.questions.levers.market
import sim.questions.levers.study_file
import sim.runs.dataset
import sim.scenario.dump
import sim.scenario.load
from benchmarks.fuzz_changes import BESIDE, COMMON
from sim import disk
from sim.cli import INTERRUPTED, main
from sim.folders import FILES, MADE_ANEW, MANIFEST, SEAL, digest_of_file, parse_json
from sim.folders import _seal_of as seal_of
from sim.pages.folder import DATA, REPLICATES
from sim.records.people import KEPT
from sim.runs.many import Here
from sim.runs.run import Run, scenario_hash
from sim.runs.unfinished import STUDY
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario
from tools.changed_folders import as_of_before
from tools.unfinished import interrupted, plain_pages
from worlds.commands import COMMANDS, short, write_files
from worlds.markets import MARKETS

RUNS_OF = sim.runs.run
MADE, OTHER = "made", "other"
PAGE, EXPORT = "page.html", "out.csv"  # what commands write beside the folder
SETTLED = ("awareness", "engagement", "loyalty", "stocks_day")  # brought up to the last day
SECONDS = 0.25  # that every run takes: what a manifest says must not differ from time to time

STUDY_TEXT = """\
name: made
scenario: market.yaml
replicates: 2
vary:
  offers.bun.price: [40.0, 45.0]
  touchpoints.smell.click_chance: [0.1, 0.5]
measure: [economics.profit, customers.new, economics.cac]
"""


def small(name: str, **sizes: int) -> Scenario:
    """A market of the tests, smaller still."""
    return with_settings(MARKETS[name], overrides={"agents": 40, "days": 16, **sizes})


# --- quick ---


@contextmanager
def quick() -> Iterator[None]:
    """Nothing is drawn, compiled in other processes, or done twice."""
    with pytest.MonkeyPatch.context() as patch:
        _draw_nothing(patch)
        _run_once(patch)
        _read_once(patch)
        patch.setattr(sim.cli.commands.experiment, "_runner", lambda options: Here())
        patch.setattr(sim.cli.commands.experiment, "is_compiled", lambda: True)
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield


def _digest(*what: object) -> str:
    return hashlib.sha256(repr(what).encode()).hexdigest()


def digest_of_run(run: Run) -> str:
    """One digest of all records and figures of a run."""
    digest = hashlib.sha256(json.dumps(run.summary, sort_keys=True, default=str).encode())
    digest.update(repr((run.next_krone, run.scenario)).encode())
    for field in fields(run.records):
        held = getattr(run.records, field.name)
        if field.name == "customers":  # a folder has those columns, and others at the last day
            columns = sorted(set(KEPT) - set(SETTLED))
            held = np.concatenate([np.ascontiguousarray(held[c]).view(np.uint8) for c in columns])
        if isinstance(held, np.ndarray) and field.name != "met":  # no table of a run holds it
            for column in held.dtype.names or (...,):  # one by one: the bytes between are no value
                digest.update(np.ascontiguousarray(held[column]).tobytes())
    return digest.hexdigest()


def _draw_nothing(patch: pytest.MonkeyPatch) -> None:
    def page(run: Run, summary: Mapping[str, Any] | None = None) -> str:
        return f"{digest_of_run(run)} {_digest(summary)}"

    def with_figures(
        run: Run, summary: Mapping[str, Any] | None = None
    ) -> tuple[str, dict[str, bytes]]:
        text = page(run, summary)
        return text, {f"figures/{name}": text.encode() for name in ("a.svg", "b.png")}

    def beside(results: Sequence[Any]) -> str:
        return "\n".join(f"{digest_of_run(r.run)} {_digest(r.summaries)}" for r in results)

    def study_page(study: Any, scenario: Any, plan: Any, table: Any, analysed: Any) -> str:
        said = (study, scenario, plan.about, list(plan.columns), table.to_csv())
        return _digest(*said)

    patch.setattr(sim.pages.folder, "make_report", page)
    patch.setattr(sim.pages.folder, "report_with_figures", with_figures)
    patch.setattr(sim.pages.compare_page, "make_side_by_side", beside)
    patch.setattr(sim.pages.sweep_page, "make_page", study_page)
    plain_pages(patch)


def _run_once(patch: pytest.MonkeyPatch) -> None:
    engine, manifest = sim.engine.day.run_fast, RUNS_OF.make_manifest
    made: dict[str, Any] = {}

    def run_fast(scenario: Scenario, **options: Any) -> Any:
        name = scenario_hash(scenario)
        if name not in made:
            made[name] = engine(scenario, **options)
        return made[name]

    def make_manifest(scenario: Scenario, name: str, threads: int, **_: float) -> Any:
        return manifest(scenario, name, threads, seconds=SECONDS)

    patch.setattr(sim.engine.day, "run_fast", run_fast)
    patch.setattr(RUNS_OF, "make_manifest", make_manifest)


def _read_once(patch: pytest.MonkeyPatch) -> None:
    """A text that was read without a fault is not read again: it takes most of the time.

    Nor is the same text made again, or the description of the command line.
    """
    dump, command = sim.scenario.dump.dump_data, cache(typer.main.get_command)
    texts: dict[str, str] = {}

    def dump_data(data: Any) -> str:
        key = json.dumps(data)
        if key not in texts:
            texts[key] = dump(data)
        return texts[key]

    for module in (sim.scenario.dump, sim.questions.levers.market):
        patch.setattr(module, "dump_data", dump_data)
    patch.setattr(typer.main, "get_command", command)
    scenario, study = sim.scenario.load.parse_scenario, sim.questions.levers.study_file.read_as
    scenarios: dict[str, Any] = {}
    studies: dict[Any, Any] = {}

    def parse_scenario(text: str, file_name: str | None = None) -> Scenario:
        if text not in scenarios:
            scenarios[text] = scenario(text, file_name)
        found: Scenario = scenarios[text]
        return found

    def read_as(model: Any, text: str, file_name: str | None = None) -> Any:
        if (model, text) not in studies:
            studies[model, text] = study(model, text, file_name)
        return studies[model, text]

    patch.setattr(sim.scenario.load, "parse_scenario", parse_scenario)
    patch.setattr(sim.questions.levers.study_file, "read_as", read_as)


# --- bases ---


@dataclass(frozen=True)
class Command:
    """A command that reads the folder; `looks`: the files whose bytes are its figures.

    `fresh`: it makes the folder whole, so that every file of it counts.
    """

    words: Sequence[str]
    looks: Sequence[str] = ()
    fresh: bool = False

    @property
    def name(self) -> str:
        return " ".join(self.words[:1])


@dataclass(frozen=True)
class Base:
    """A folder to be changed. `kind`: "sealed", "before" or "forged"."""

    name: str
    kind: str
    subject: str  # the folder in the working folder that is changed
    manifest: str
    changes: Sequence[str]
    commands: Sequence[Command]
    make: Callable[[], None]  # in the working folder

    def forge(self, folder: Path) -> None:
        """Sign what is in a changed folder, if it is one that is forged."""
        if self.kind == "forged":
            sign_again(folder, self.manifest)


def sign_again(folder: Path, manifest: str) -> None:
    """Write digests of what is there now into a manifest, whatever else it says."""
    for inner in sorted(folder.glob("replicate-*")):
        if not inner.is_symlink():
            sign_again(inner, manifest)
    try:
        said = parse_json(disk.read(folder / manifest))
        if isinstance(said.get(FILES), dict):
            for name in said[FILES]:
                if _is_plain(folder, name):
                    said[FILES][name] = vars(digest_of_file(folder / name))
        if isinstance(said.get(DATA), list) and isinstance(said.get(REPLICATES), list):
            said[DATA] = [_data_digest(folder / str(name)) for name in said[REPLICATES]]
        said[SEAL] = seal_of(said)
        (folder / manifest).write_text(json.dumps(said))
    except (OSError, ValueError, TypeError, AttributeError, KeyError):
        return


def _is_plain(folder: Path, name: str) -> bool:
    place = folder / name
    return ".." not in name and place.is_file() and not place.is_symlink()


def _data_digest(folder: Path) -> str:
    files = parse_json(disk.read(folder / MANIFEST))[FILES]
    return seal_of({n: d["sha256"] for n, d in files.items() if not MADE_ANEW.fullmatch(n)})


def _write_beside() -> None:
    """What lies next to the folder: letters, photographs, and a result of its own."""
    beside = Path(BESIDE)
    (beside / "photos").mkdir(parents=True)
    for name in ("letter.txt", "report.html", "photos/cat.jpg", "photos/a.svg"):
        (beside / name).write_text("mine")
    _do("run", "hermit.yaml", "--out", f"{BESIDE}/result", "--no-next-krone")


def _do(*words: str, code: int = 0) -> None:
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        found = main([*words, "--quiet"])
    if found != code:
        raise RuntimeError(f"journeysim {' '.join(words)} ended with {found}")


def _write_markets() -> None:
    for name, sizes in (("town", {}), ("stall", {}), ("hermit", {"agents": 1, "days": 1})):
        Path(f"{name}.yaml").write_text(short(small(name, **sizes)))
    Path("market.yaml").write_text(short(small("stall")))
    Path("study.yaml").write_text(STUDY_TEXT)


def make_run(market: str) -> None:
    """The result of one run."""
    _do("run", f"{market}.yaml", "--out", MADE)


def make_replicates() -> None:
    """The result of two replicates, and another to stand beside it."""
    _do("run", "stall.yaml", "--out", MADE, "--replicates", "2")


def make_study() -> None:
    """A finished study."""
    _do("experiment", "study.yaml", "--out", MADE)


def make_unfinished_study() -> None:
    """A study that was killed: two parts, and lines that are in none."""
    dataset = sim.runs.dataset
    add, close = dataset.Dataset.add, dataset.Dataset.close

    def add_or_stop(self: Any, *given: Any) -> None:
        if self.kept == 6:
            raise KeyboardInterrupt
        add(self, *given)

    def close_at_once(self: Any) -> None:
        self.waiting.clear()
        close(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dataset, "ROWS_OF_A_PART", 3)
        patch.setattr(dataset, "SECONDS_OF_A_PART", 1e18)
        patch.setattr(dataset.Dataset, "add", add_or_stop)
        patch.setattr(dataset.Dataset, "close", close_at_once)
        _do("experiment", "study.yaml", "--out", MADE, code=INTERRUPTED)


def make_partial(whole: bool) -> None:
    """Replicates that were interrupted: before the last, or (`whole`) before the last step."""
    replicates = sim.pages.folder
    write = replicates.write_folder

    def write_or_stop(run: Run, place: Path) -> Path:
        if place.name == "replicate-03":
            raise KeyboardInterrupt
        return write(run, place)

    def stop(*given: Any) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        if whole:
            patch.setattr(replicates, "move_folder", stop)
        else:
            patch.setattr(replicates, "write_folder", write_or_stop)
        _do("run", "stall.yaml", "--out", MADE, "--replicates", "3", code=INTERRUPTED)


def make_kept(command: str) -> None:
    """Runs that an interrupted study keeps."""
    write_files(Path())
    with redirect_stderr(io.StringIO()):
        interrupted(command, 4, "--threads", "1", "--quiet")


REPORTS = ("summary.json", "report.html", "figures/a.svg")
ONE = (
    Command(["report", MADE], REPORTS),
    Command(["report", MADE], REPORTS),
    Command(["report", MADE, OTHER, "--out", PAGE], [*REPORTS, f"../{PAGE}"]),
    Command(["report", OTHER, MADE, "--out", PAGE, "--json"], [*REPORTS, f"../{PAGE}"]),
    Command(["export", MADE, "--format", "weekly", "--out", EXPORT], [f"../{EXPORT}"]),
    Command(["export", MADE, "--format", "events", "--out", EXPORT], [f"../{EXPORT}"]),
)
MANY = (
    Command(["report", MADE, "--json"], [*REPORTS, "replicate-01/summary.json"]),
    Command(["report", MADE, OTHER, "--out", PAGE], [*REPORTS, f"../{PAGE}"]),
)
STUDIES = (
    Command(["report", MADE], ["report.html", "runs.parquet"]),
    Command(["experiment", "study.yaml", "--out", MADE, "--resume"], ["runs.parquet"]),
)
RUN = Command(["run", "stall.yaml", "--out", MADE, "--replicates", "3"], fresh=True)
RESUMED = Command(["experiment", "study.yaml", "--out", MADE, "--resume"], fresh=True)


def _kept(command: str) -> Base:
    words = [*COMMANDS[command], "--out", MADE, "--resume", "--threads", "1"]
    changes = ["bytes", "JSON", "file", "link", "name", "leftover", "extra", "kept", "kept"]
    return Base(
        f"kept runs of {command}",
        "sealed",
        f"{MADE}.unfinished",
        STUDY,
        changes,
        [Command(words, fresh=True)],
        partial(make_kept, command),
    )


def _bases() -> list[Base]:
    usual = list(COMMON)
    found = []
    for kind, after in (("sealed", ""), ("before", ", as of before"), ("forged", ", signed")):
        for market in ("town", "stall", "hermit"):
            commands = ONE if market != "hermit" else ONE[:4]
            make = partial(make_run, market)
            changes = [*usual, "table"] if kind == "sealed" else [*usual, "table", "table", "table"]
            name = f"run of {market}{after}"
            found.append(Base(name, kind, MADE, MANIFEST, changes, commands, make))
        changes = [*usual, "replicate", "replicate"]
        name = f"replicates{after}"
        found.append(Base(name, kind, MADE, MANIFEST, changes, MANY, make_replicates))
        found.append(Base(f"study{after}", kind, MADE, STUDY, usual, STUDIES, make_study))
    changes = [*usual, "journal", "journal", "journal", "part", "part"]
    found.append(
        Base("unfinished study", "sealed", MADE, STUDY, changes, [RESUMED], make_unfinished_study)
    )
    for whole, name in ((False, "partial replicates"), (True, "replicates before the last step")):
        changes = [*usual, "replicate", "replicate"]
        make = partial(make_partial, whole)
        found.append(Base(name, "sealed", f"{MADE}.partial", MANIFEST, changes, [RUN], make))
    return [*found, _kept("compare"), _kept("optimise")]


BASES = _bases()


def make_base(base: Base, around: Path) -> None:
    """Make the working folder of a base at `around`, which does not exist yet."""
    around.mkdir(parents=True)
    before = Path.cwd()
    os.chdir(around)
    try:
        _write_markets()
        _write_beside()
        if base.commands[0] in ONE or base.commands[0] in MANY:
            _do("run", "stall.yaml", "--seed", "3", "--out", OTHER, "--no-next-krone")
        base.make()
        if base.kind == "before":
            as_of_before(Path(base.subject), base.manifest)
    finally:
        os.chdir(before)


def copied(stored: Path, around: Path) -> None:
    """Put a fresh copy of a working folder at `around`."""
    shutil.rmtree(around, ignore_errors=True)
    shutil.copytree(stored, around, symlinks=True)
