"""A run: a scenario and an engine give records, with what is needed to do it again.

Nothing heavy is imported before it is needed, so that `import sim` stays quick.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache, cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import BadOption, InputError, check_installed, one_line

if TYPE_CHECKING:
    import pandas as pd

    from sim.folders import Folder
    from sim.records.recorder import Records
    from sim.records.steps import NextKrone
    from sim.scenario.schema import Scenario

ENGINES = ("fast", "reference")
PACKAGES = {"journeysim": "journeysim", "numpy": "numpy", "numba": "numba"}
SCENARIO = "scenario.yaml"
# What differs when the same command is given again, on this machine or another: it is told and
# stands in the manifest, but not in the summary, which is the same to the byte.
CLOCKS = ("seconds", "customer_days_per_second", "independent_seconds", "threads")
COMPRESSION = "zstd"


@dataclass(frozen=True)
class Manifest:
    """What a result was made of and by. Only the last six fields may differ between machines."""

    scenario: str
    scenario_hash: str  # of everything in the scenario, seed included
    seed: int
    agents: int
    population: int
    days: int
    people_per_agent: float  # people that one simulated customer stands for
    panel_epoch: str  # the date written for day 0 of the panel
    engine: str
    source_hash: str  # of the model's source code
    threads: int  # that did the work
    seconds: float
    customer_days_per_second: float
    cores: int  # of the machine
    versions: dict[str, str]
    platform: str

    def as_dict(self) -> dict[str, Any]:
        """The manifest as JSON has it."""
        return asdict(self)


class Frames(Mapping[str, "pd.DataFrame"]):
    """The tables of a run by name, each made when it is first asked for."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._made: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        from sim.records import frame

        if name not in self._made:
            self._made[name] = frame(self._records, name)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_table_names())

    def __len__(self) -> int:
        return len(_table_names())


@dataclass(frozen=True, eq=False)
class Run:
    """One finished run.

    `tables` holds its pandas DataFrames (`sim.records.tables` says what is in them); each
    is an attribute too: `run.daily`, `run.cohorts`, ... `summary` holds the measures, as
    `journeysim run --json` prints them. `next_krone` holds what a step up of each touchpoint
    did (`sim.questions.touchpoints.next_krone`), None if that was not tried out.
    """

    scenario: Scenario
    records: Records
    manifest: Manifest
    next_krone: NextKrone | None = None

    @cached_property
    def tables(self) -> Frames:
        """The tables, by name."""
        return Frames(self.records)

    @cached_property
    def summary(self) -> dict[str, Any]:
        """The figures of the run: what `run --json` prints and `summary.json` holds."""
        from sim.measures.catalogue import figures_of
        from sim.measures.spread import intervals_of_one_run

        figures, undefined = figures_of(self.records, self.next_krone)
        about = self.manifest
        return {
            "scenario": about.scenario,
            "seed": about.seed,
            "agents": about.agents,
            "population": about.population,
            "days": about.days,
            "currency": self.scenario.currency,
            "engine": about.engine,
            "threads": about.threads,
            "seconds": about.seconds,
            "customer_days_per_second": about.customer_days_per_second,
            **figures,
            "intervals": {
                key: list(ends) for key, ends in intervals_of_one_run(self.records).items()
            },
            "undefined": undefined,
        }

    def __getattr__(self, name: str) -> pd.DataFrame:
        if name.startswith("_") or name not in _table_names():
            raise AttributeError(f"a run has no {name!r}")
        return self.tables[name]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *_table_names()]


def summarise(run: Run) -> dict[str, Any]:
    """The figures of a run, as `Run.summary`."""
    return run.summary


def _table_names() -> list[str]:
    from sim.records import TABLES

    return list(TABLES)


def run(
    scenario: Scenario | str | Path,
    seed: int | None = None,
    engine: str = "fast",
    *,
    threads: int | None = None,
    check: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Run:
    """Run a scenario.

    `scenario`: a `Scenario`, a library name or a file; `seed`: instead of the scenario's;
    `engine`: "fast" or "reference" (same result, slowly); `threads`: at most so many, by
    default one per core (the result does not depend on it); `check`: verify every night
    that flow equals census; `progress`: called with the number of days done.
    Raises `InputError` if the scenario or an option is wrong.

        made = run(load_scenario("webshop_loop", agents=500, days=30))
        made.summary["customers"]["new"], made.daily.shape
    """
    from sim.scenario.levers import with_settings
    from sim.scenario.load import load_scenario

    check_options(engine, threads)
    if isinstance(scenario, str | Path):
        scenario = load_scenario(scenario, seed=seed)
    elif seed is not None:
        scenario = with_settings(scenario, overrides={"seed": seed})
    used = _threads_used(scenario, engine, threads)
    began = time.perf_counter()
    if engine == "fast":
        from sim.engine.day import run_fast

        records = run_fast(scenario, threads=used, check=check, progress=progress)
    else:
        from sim.reference.market import run_reference

        records = run_reference(scenario, check=check, progress=progress)
    return Run(
        scenario,
        records,
        make_manifest(scenario, engine, used, seconds=time.perf_counter() - began),
    )


def check_options(engine: str, threads: int | None) -> None:
    """Raise `InputError` unless the engine exists, here too, and the threads are at least one."""
    problems = []
    if engine not in ENGINES:
        allowed = " or ".join(ENGINES)
        problems.append(BadOption(field="engine", given=engine, allowed=allowed))
    if threads is not None and threads < 1:
        problems.append(BadOption(field="threads", given=str(threads), allowed="1 or more"))
    if problems:
        raise InputError(problems=problems)
    if engine == "reference":
        check_installed("the reference engine", "reference")


def is_compiled() -> bool:
    """Whether the fast engine's machine code is there; otherwise the first run makes it."""
    from sim.compile_cache import is_kept

    return is_kept("sim.engine.day", "run_days")


def _threads_used(scenario: Scenario, engine: str, threads: int | None) -> int:
    """How many threads find work: a chunk of customers is never shared."""
    if engine != "fast":
        return 1
    from sim.engine.day import SMALL_RUN
    from sim.engine.state import chunk_for

    if threads is None:
        threads = 1 if scenario.agents <= SMALL_RUN else os.cpu_count() or 1
    return min(threads, -(-scenario.agents // chunk_for(scenario.agents, threads)))


def scenario_hash(scenario: Scenario) -> str:
    """Hash of everything in a scenario, and of its past's; the order of its parts counts."""
    text = json.dumps(scenario.model_dump(mode="json"), ensure_ascii=False)
    if scenario.before is not scenario:
        text += json.dumps(scenario.before.model_dump(mode="json"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def make_manifest(scenario: Scenario, engine: str, threads: int, *, seconds: float) -> Manifest:
    """The manifest of a run that took `seconds`."""
    from sim.compile_cache import OWN_HASH
    from sim.records.people import EPOCH

    return Manifest(
        scenario=scenario.name,
        scenario_hash=scenario_hash(scenario),
        seed=scenario.seed,
        agents=scenario.agents,
        population=scenario.population,
        days=scenario.days,
        people_per_agent=scenario.population / scenario.agents,
        panel_epoch=f"{EPOCH:%Y-%m-%d}",
        engine=engine,
        source_hash=OWN_HASH,
        threads=threads,
        seconds=seconds,
        customer_days_per_second=scenario.agents * scenario.days / max(seconds, 1e-9),
        cores=os.cpu_count() or 1,
        versions={name: _version(package) for name, package in PACKAGES.items()}
        | {"python": platform.python_version()},
        platform=platform.platform(terse=True),
    )


@cache
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def write_tables(records: Records, folder: Path) -> list[str]:
    """Write every table as Parquet, a slice at a time; returns the names of the files."""
    from sim.disk import new_file

    files = []
    for name in _table_names():
        files.append(f"{name}.parquet")
        with new_file(folder / files[-1]) as stream:
            write_table(records, name, stream)
    return files


def write_table(records: Records, name: str, stream: Any) -> None:
    """Write a table as Parquet into a stream of bytes, a slice at a time."""
    import pyarrow.parquet as parquet

    from sim.records import TABLES, batches
    from sim.records.table import NAME

    table = TABLES[name]
    names = [column.name for column in table.columns if column.kind == NAME]
    with parquet.ParquetWriter(
        stream, table.schema, compression=COMPRESSION, use_dictionary=names
    ) as writer:
        for batch in batches(records, name):
            writer.write_batch(batch)


def read_folder(path: str | Path) -> Run:
    """The run in a result folder; its counts are exactly those that were written.

    Raises `InputError` if there is no such folder, or it is not a whole result folder.
    """
    from sim.folders import open_folder

    return read_run(open_folder(Path(path)))


def read_run(folder: Folder) -> Run:
    """The run in an open folder. Raises `InputError` as `read_folder` does."""
    import pyarrow as pa
    import pyarrow.parquet as parquet

    from sim.records import TABLES, restore
    from sim.records.names import Names
    from sim.records.steps import FILE, from_text

    manifest = _manifest_of(folder)
    scenario = scenario_of(folder)
    _check_scenario(folder, manifest, scenario)

    names = Names(scenario)

    def table(name: str) -> Any:
        file = f"{name}.parquet"
        content = folder.read(file)
        try:
            stored = parquet.ParquetFile(pa.BufferReader(content))
            if stored.metadata.num_rows > TABLES[name].most_rows(names):
                raise ValueError("it has more rows than there can be")
            return stored.read()
        except Exception as error:  # pyarrow raises anything for a file that is none
            raise folder.damage(file, one_line(error)) from error

    try:
        records = restore(scenario, table)
    except ValueError as error:
        name, _, what = str(error).partition(": ")
        raise folder.damage(f"{name}.parquet", one_line(what)) from error
    steps = None
    if FILE in folder.names:
        try:
            steps = from_text(folder.read(FILE), scenario.touchpoints)
        except (ValueError, KeyError, TypeError) as error:
            raise folder.damage(FILE, one_line(error)) from error
    return Run(scenario, records, manifest, steps)


def scenario_of(folder: Folder) -> Scenario:
    """The scenario in an open folder. Raises `InputError` if it is damaged."""
    from sim.scenario.load import MOST_BYTES, parse_scenario, text_of

    file = str(folder.place / SCENARIO)
    return parse_scenario(text_of(folder.read(SCENARIO, MOST_BYTES), file), file)


def _manifest_of(folder: Folder) -> Manifest:
    """What the folder's manifest says of a single run. Raises `InputError`, `Damaged`."""
    from pydantic import TypeAdapter, ValidationError

    known = [field.name for field in fields(Manifest)]
    if any(name not in folder.said for name in known):
        raise InputError(f"{folder.place} is not the result of a single run.")
    try:
        said = {name: folder.said[name] for name in known}
        manifest = TypeAdapter(Manifest).validate_json(json.dumps(said), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise folder.damage(folder.manifest, f"{where}: {one_line(first['msg'])}") from error
    numbers = (manifest.threads, manifest.cores, manifest.customer_days_per_second)
    if min(numbers) <= 0 or manifest.seconds < 0 or manifest.engine not in ENGINES:
        raise folder.damage(folder.manifest, "it has impossible values")
    return manifest


def _check_scenario(folder: Folder, manifest: Manifest, scenario: Scenario) -> None:
    """Make sure that the folder's scenario is the one that was run."""
    sizes = ("seed", "agents", "population", "days")
    same = all(getattr(manifest, name) == getattr(scenario, name) for name in sizes)
    same = same and manifest.scenario == scenario.name
    same_version = manifest.versions.get("journeysim") == _version("journeysim")
    if not same or (same_version and scenario_hash(scenario) != manifest.scenario_hash):
        raise InputError(f"{folder.place / SCENARIO} is not the scenario that was run; restore it.")
