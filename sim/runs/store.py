"""The store: makes the runs of a question, and keeps them until its answer is written.

A question that is answered by paired runs is the same work whenever it is asked again, so going
on is asking again with the finished runs taken from a folder. Beside the result folder `NAME`, the
folder `NAME.unfinished` holds

- `study.json`: what the study is (a hash of what was asked, and the version of the sources);
- a file a run, `RUN.kept`, written whole as soon as the run is finished: a SHA-256 of the name and
  of what is kept, and what is kept of the run. A damaged one is told, and its run is done again.

The name of a run is a hash of its complete scenario, of the version, and of what is kept of it.
Nothing that is read is executed: what was found is plain values, as JSON holds them, or plain numpy
arrays, a whole run its scenario, records and manifest as such.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import zlib
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
from numpy.typing import NDArray
from pydantic import BaseModel

from sim import disk
from sim.compile_cache import ROOT
from sim.errors import NotWritten, note, one_line
from sim.folders import put_bytes, put_folder
from sim.locks import at_work
from sim.measures.figure import REASON, Undefined
from sim.records import TABLES, restore
from sim.records.steps import as_text, from_text
from sim.runs.identity import LENGTH, model_version, run_name
from sim.runs.many import Runner, in_order, results_of
from sim.runs.run import Manifest, Run, run, scenario_hash, write_table
from sim.runs.unfinished import STUDY, Unfinished, check_worker, memory_of_a_worker
from sim.scenario.schema import Scenario
from sim.scenario.validate import Origin, validate

# --- plain values ---

CLOCK = "seconds"  # a field that is left out: the same question has the same answer, to the byte


def to_plain(value: Any) -> Any:
    """The value as JSON knows it, without clocks; reasons for no figure as `{"$undefined": ...}`.

    Records become objects, named tuples and sequences lists, infinities "inf" and "-inf", which
    pydantic reads as numbers where a number is due. Raises TypeError for what is no plain data,
    ValueError for NaN.
    """
    if isinstance(value, Undefined):
        return {REASON: [value.template, to_plain(dict(value.values))]}
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        if math.isnan(value):
            raise ValueError("NaN is no figure")
        return float(value) if math.isfinite(value) else str(value)
    if isinstance(value, np.generic):
        return to_plain(value.item())
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if is_dataclass(value) and not isinstance(value, type):
        names = [each.name for each in fields(value) if each.name != CLOCK]
        return {name: to_plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {to_plain(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [to_plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} is no plain data")


def with_reasons(value: Any) -> Any:
    """Nested plain values with their reasons again. Raises ValueError for what is no reason."""
    if isinstance(value, Mapping):
        if REASON in value:
            return Undefined.read(value)
        return {key: with_reasons(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_reasons(item) for item in value]
    return value


# --- the store ---

UNFINISHED = ".unfinished"  # after the name of the result folder
INSTEAD = "remove it", "choose another folder with --out"  # nothing in it is a result yet
KEPT = ".kept"  # after the name of a run
NAMED = re.compile(r"[0-9a-f]{16}\.kept")

Kept = TypeVar("Kept")  # what is kept of a run


@dataclass(frozen=True)
class Keep(Generic[Kept]):
    """What is kept of a run, and how it is written.

    `what`: all that it depends on beside the run's scenario, as one text. `of`: makes it; it is
    called in the thread of the run. `unpack(pack(kept))` must be equal to `kept`.
    """

    what: str
    of: Callable[[Run], Kept]
    pack: Callable[[Kept], bytes]
    unpack: Callable[[bytes], Kept]


@dataclass(frozen=True)
class Asked:
    """What a study is: its kind in a word, and a hash of all that its figures depend on."""

    study: str
    identity: str


def asked_for(study: str, scenarios: Sequence[Scenario], *request: object) -> Asked:
    """What is asked: a kind of study, of scenarios (in their order), with a request.

    `request`: plain values, in an order that is always the same; nothing that changes no run.
    """
    said = [study, [scenario_hash(one) for one in scenarios], request]
    text = json.dumps(said, ensure_ascii=False, sort_keys=True)
    return Asked(study, hashlib.sha256(text.encode()).hexdigest()[:LENGTH])


@cache
def version() -> str:
    """Hash of all sources that what is kept depends on: those of the model, and of all studies."""
    digest = hashlib.sha256(model_version().encode())
    for file in sorted((ROOT / "questions").rglob("*.py")):
        content = file.read_bytes()
        digest.update(f"\0{file.relative_to(ROOT).as_posix()} {len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:LENGTH]


class Store:
    """Where the runs of one question are made and, if there is a folder, kept.

    `threads`: at most so many runs at once in this process; by default as many as there are cores.
    `runner`: where they are made instead, such as a cluster. What is kept depends on neither.
    """

    def __init__(
        self, folder: Path | None = None, threads: int | None = None, runner: Runner | None = None
    ) -> None:
        self.folder, self.threads, self.runner = folder, threads, runner

    # --- the folder ---

    def open(self, asked: Asked, resume: bool) -> None:
        """Make the folder, or take up that of the same study if `resume`.

        Whoever opens it holds the lock of the result folder (`sim.locks`). Raises `InputError` if
        something else stands there, or the same study and not `resume`; `NotWritten` if nothing can
        be written.
        """
        folder = self._place()
        sources = {"version": version()}
        mine = Unfinished(asked.study, asked.identity, sources, instead=INSTEAD)
        with at_work(folder):  # a lock that a killed command left there goes with this one
            found = mine.found(folder)
            if found is None:
                said = {"study": asked.study, "identity": asked.identity, **sources}
                put_folder(folder, lambda _: said, STUDY)
                return
            if not resume:
                mine.refuse(folder)
            for file in self._files():
                if not file.is_symlink() and not file.is_file():
                    raise found.damage(file.name, "it is not a file")

    def remove(self) -> None:
        """Remove the folder, as far as it is our own; stopped in between, what is left is whole."""
        folder = self._place()
        try:  # the study is finished, whatever stays of its runs
            for file in self._files():
                disk.remove(file)
            disk.remove(folder / STUDY)
            folder.rmdir()
        except OSError as error:
            note(f"{folder} could not be removed: {disk.reason(error)}; it is no longer needed.")

    @property
    def count(self) -> int:
        """How many runs are kept."""
        return len(self._files())

    def _place(self) -> Path:
        assert self.folder is not None
        return self.folder

    def _files(self) -> list[Path]:
        return [f for f in sorted(self._place().glob(f"*{KEPT}")) if NAMED.fullmatch(f.name)]

    # --- the runs ---

    def results(
        self,
        markets: Sequence[Scenario],
        keep: Keep[Kept],
        progress: Callable[[float], None] | None = None,
    ) -> Generator[Kept, None, None]:
        """What is kept of the run of each market, in their order; only what is missing is run.

        As `sim.runs.many.runs_of`; kept runs count as done. Raises `NotWritten` when a finished
        run cannot be kept.
        """
        names = [self._name(market, keep) for market in markets]
        # read once to see which are whole, and again when they are asked for: all at once might not
        # fit in memory
        kept = {name for name in set(names) if self._kept(name, keep) is not None}
        missing = {n: m for n, m in zip(names, markets, strict=True) if n not in kept}
        asked = Counter(names)
        before = sum(asked[name] for name in kept)
        if progress is not None:
            progress(float(before))

        def tell(runs: float) -> None:
            if progress is not None:
                progress(before + runs)

        if self.runner is None:
            made = results_of(missing.values(), self._keeper(keep), self.threads, progress=tell)
        else:
            made = self._made_elsewhere(self.runner, missing, keep, tell=tell)
        found: dict[str, Kept] = {}
        with closing(made) as new:
            for name, market in zip(names, markets, strict=True):
                if name in kept:
                    again = self._kept(name, keep)
                    yield self.alone(market, keep) if again is None else again
                    continue
                if name not in found:
                    found[name] = next(new)
                asked[name] -= 1
                yield found[name] if asked[name] else found.pop(name)

    def alone(
        self,
        market: Scenario,
        keep: Keep[Kept],
        progress: Callable[[float], None] | None = None,
    ) -> Kept:
        """What is kept of one run, which has all threads if it is still to be made here."""
        if self.runner is not None:
            with closing(self.results([market], keep, progress)) as found:
                return next(found)
        kept = self._kept(self._name(market, keep), keep)
        if kept is not None:
            return kept

        def tell(day: int) -> None:
            if progress is not None:
                progress(day / market.days)

        return self._keeper(keep)(run(market, threads=self.threads, progress=tell))

    def _made_elsewhere(
        self,
        runner: Runner,
        missing: Mapping[str, Scenario],
        keep: Keep[Kept],
        *,
        tell: Callable[[float], None],
    ) -> Generator[Kept, None, None]:
        """What is kept of the run of each market, made by a runner, in their order."""
        names = list(missing)
        jobs = ((place, _packed(market)) for place, market in enumerate(missing.values()))

        def kept() -> Generator[tuple[int, bytes], None, None]:
            with closing(runner.run(MadeElsewhere(keep, version()), jobs)) as done:
                for count, ((place, _), content) in enumerate(done, 1):
                    if self.folder is not None:
                        self._write(names[place], content)
                    tell(float(count))
                    yield place, content

        if not names:
            return
        with closing(in_order(kept())) as contents:
            for content in contents:
                yield keep.unpack(content)

    def _kept(self, name: str, keep: Keep[Kept]) -> Kept | None:
        """What is kept of a run; None if it is not there, or damaged."""
        if self.folder is None:
            return None
        file = self.folder / f"{name}{KEPT}"
        try:
            digest, _, packed = disk.read(file).partition(b"\n")
            if digest != _digest(name, packed):
                raise ValueError("its content has changed")
            return keep.unpack(packed)
        except FileNotFoundError:
            return None
        except Exception as error:  # whole and no work of ours: what it raises may be anything
            note(f"{file} is damaged: {one_line(error)}; its run is done again.")
            return None

    def _keeper(self, keep: Keep[Kept]) -> Callable[[Run], Kept]:
        """What is kept of a run, as a function that writes it, too."""

        def kept(one: Run) -> Kept:
            made = keep.of(one)
            if self.folder is not None:
                self._write(self._name(one.scenario, keep), keep.pack(made))
            return made

        return kept

    def _name(self, market: Scenario, keep: Keep[Any]) -> str:
        return run_name(market, f"{version()} {keep.what}")

    def _write(self, name: str, content: bytes) -> None:
        file = self._place() / f"{name}{KEPT}"
        whole = _digest(name, content) + b"\n" + content
        try:
            put_bytes(file, whole)
        except NotWritten as error:
            # the folder is what a reader knows; the file has a hash for a name
            raise NotWritten(error.message.replace(str(file), str(self.folder))) from error


@dataclass(frozen=True)
class MadeElsewhere:
    """Makes one run in another process and packs what is kept of it."""

    keep: Keep[Any]
    version: str  # of the sources, which a worker elsewhere must have too

    def __repr__(self) -> str:
        return "run of a market"  # what a cluster calls its tasks

    def __call__(self, job: tuple[int, bytes]) -> bytes:
        """What is kept of the run of a packed scenario.

        Raises `JourneysimError` if this process has another version of the model, or no memory.
        """
        check_worker(version(), self.version)
        market = validate(json.loads(zlib.decompress(job[1])), Origin())
        with memory_of_a_worker(market):
            return self.keep.pack(self.keep.of(run(market, threads=1)))


def _packed(market: Scenario) -> bytes:
    return zlib.compress(market.model_dump_json().encode())


def _digest(name: str, content: bytes) -> bytes:
    return hashlib.sha256(f"{name}\n".encode() + content).hexdigest().encode()


# --- what is kept as arrays ---

WHOLE = " as whole numbers"  # after the name of an array of real numbers that are all whole
LARGEST_WHOLE = 2.0**53  # beyond, not every whole number is a float


def pack_arrays(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Plain arrays by name, compressed; whole numbers as small as they go. No name ends in `WHOLE`.

    Raises ValueError for arrays of objects.
    """
    small: dict[str, Any] = {}
    for name, values in arrays.items():
        if values.dtype == np.float64 and values.size and _are_whole(values):
            least, most = values.min(), values.max()
            kind = np.promote_types(np.min_scalar_type(int(least)), np.min_scalar_type(int(most)))
            small[f"{name}{WHOLE}"] = values.astype(kind)
        else:
            small[name] = values
    buffer = BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **small)
    return buffer.getvalue()


def unpack_arrays(content: bytes) -> dict[str, NDArray[Any]]:
    """The arrays that were packed, equal to the last bit. Raises ValueError, OSError and the like
    for others."""
    with np.load(BytesIO(content), allow_pickle=False) as found:
        return {
            name.removesuffix(WHOLE): found[name].astype(np.float64)
            if name.endswith(WHOLE)
            else found[name]
            for name in found.files
        }


def _are_whole(values: NDArray[np.float64]) -> bool:
    if not np.abs(values).max() < LARGEST_WHOLE:  # NaN is not, either
        return False
    minus_zero = np.signbit(values[values == 0.0]).any()
    return not minus_zero and bool((values == np.floor(values)).all())


# --- what is kept as JSON ---


def pack_json(kept: Any) -> bytes:
    """Plain values, and reasons why a figure does not exist, as compressed JSON.

    Raises ValueError for what would not come back as it was, such as NaN and infinities, and
    TypeError for what is no plain data.
    """
    text = json.dumps(to_plain(kept), ensure_ascii=False, allow_nan=False)
    if with_reasons(json.loads(text)) != kept:
        raise ValueError("it would not come back as it was")
    return zlib.compress(text.encode())


def unpack_json(content: bytes) -> Any:
    """What was packed, equal to the last bit. Raises ValueError, zlib.error and the like."""
    return with_reasons(json.loads(zlib.decompress(content)))


# --- a whole run as bytes ---

SCENARIO, MANIFEST, STEPS = "scenario", "manifest", "next_krone"


def keep_whole(what: str, of: Callable[[Run], Run]) -> Keep[Run]:
    """How a whole run is kept. `what`: all that it depends on beside its scenario; `of`: what is
    done to it where it is made."""
    return Keep(f"whole run, {what}", of, pack_run, unpack_run)


def pack_run(run: Run) -> bytes:
    """The run as bytes: its tables as Parquet, the rest as JSON."""
    parts = {
        SCENARIO: run.scenario.model_dump_json().encode(),
        MANIFEST: json.dumps(run.manifest.as_dict()).encode(),
    }
    if run.next_krone is not None:
        parts[STEPS] = as_text(run.next_krone).encode()
    for name in TABLES:
        stream = BytesIO()
        write_table(run.records, name, stream)
        parts[name] = stream.getvalue()
    return pack_arrays({name: np.frombuffer(part, np.uint8) for name, part in parts.items()})


def unpack_run(content: bytes) -> Run:
    """The run that was packed; its records are equal to the last bit.

    Raises ValueError, KeyError, OSError and the like for other bytes.
    """
    parts: dict[str, NDArray[Any]] = unpack_arrays(content)
    scenario = validate(json.loads(parts[SCENARIO].tobytes()), Origin())
    records = restore(
        scenario, lambda name: parquet.read_table(pa.BufferReader(parts[name].tobytes()))
    )
    steps = None
    if STEPS in parts:
        steps = from_text(parts[STEPS].tobytes(), scenario.touchpoints)
    return Run(scenario, records, Manifest(**json.loads(parts[MANIFEST].tobytes())), steps)
