"""Finished runs of a study, kept until its result is written: nothing finished is done again.

A study of paired runs (optimise, compare, a study file with a kind) is the same work whenever it
is done again, so going on is doing it again with the finished runs taken from a folder. Beside
the result folder `NAME`, the folder `NAME.unfinished` holds

- `study.json`: what the study is (a hash of what was asked, and the version of the sources);
- a file a run, `RUN.kept`, written whole as soon as the run is finished: a SHA-256 of the name and
  of what is kept, and what is kept of the run. A damaged one is told, and its run is done again.

The name of a run is a hash of its complete scenario, of the version, and of what is kept of it.
Nothing that is read is executed: figures are JSON or plain numpy arrays.
"""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar

from sim import disk
from sim.compile_cache import ROOT
from sim.errors import InputError, NotWritten, note, one_line
from sim.folders import LEFTOVER, is_ours, open_folder, put_bytes, put_folder
from sim.locks import at_work
from sim.measures.figure import Undefined
from sim.runs.dataset import STUDY
from sim.runs.identity import LENGTH, model_version, run_name
from sim.runs.many_runs import results_of
from sim.runs.run import Run, run, scenario_hash
from sim.scenario.schema import Scenario

UNFINISHED = ".unfinished"  # after the name of the result folder
KEPT = ".kept"  # after the name of a run
NAMED = re.compile(r"[0-9a-f]{16}\.kept")
REASON = "$undefined"  # in JSON: why there is no figure; no name begins with this sign

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


class Finished:
    """The finished runs of one study; without a folder none is kept."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder

    # --- the folder ---

    def open(self, asked: Asked, resume: bool) -> None:
        """Make the folder, or take up that of the same study if `resume`.

        Whoever opens it holds the lock of the result folder (`sim.locks`). Raises `InputError` if
        something else stands there, or the same study and not `resume`; `NotWritten` if nothing can
        be written.
        """
        folder = self._place()
        with at_work(folder):  # a lock that a killed command left there goes with this one
            self._check(folder, asked, resume)
            if not is_ours(folder, STUDY):
                said = {"study": asked.study, "identity": asked.identity, "version": version()}
                put_folder(folder, lambda _: said, STUDY)

    def _check(self, folder: Path, asked: Asked, resume: bool) -> None:
        if not folder.exists():
            return
        if not folder.is_dir():
            raise InputError(f"{folder} is a file; remove it, or choose another folder with --out.")
        if not is_ours(folder, STUDY):
            if any(not LEFTOVER.fullmatch(inside.name) for inside in folder.iterdir()):
                raise InputError(
                    f"{folder} is left as it is: it is not the folder of a study; choose another"
                    " with --out."
                )
            return
        found = open_folder(folder, STUDY, tell=False)
        said = found.said
        what = ""
        if found.files is None or said.get("version") != version():
            what = "a study that was made by another version of journeysim"
        elif (said.get("identity"), said.get("study")) != (asked.identity, asked.study):
            what = "another study, or this one before it was changed"
        if what:
            raise InputError(
                f"{folder} holds {what}; remove it, or choose another folder with --out."
            )
        if not resume:
            raise InputError(
                f"{folder} holds this study, begun and not finished; go on with --resume, or remove"
                " it."
            )
        for file in self._files():
            if not file.is_symlink() and not file.is_file():
                raise found.damage(file.name, "it is no file")

    def remove(self) -> None:
        """Remove the folder, as far as it is our own; stopped in between, what is left is whole."""
        folder = self._place()
        with suppress(OSError):  # the study is finished, whatever stays of its runs
            for file in self._files():
                disk.remove(file)
            disk.remove(folder / STUDY)
            folder.rmdir()

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
        threads: int | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> Generator[Kept, None, None]:
        """What is kept of the run of each market, in their order; only what is missing is run.

        As `many_runs.runs_of`; kept runs count as done. Raises `NotWritten` when a finished run
        cannot be kept.
        """
        names = [self._name(market, keep) for market in markets]
        known = {name: self._kept(name, keep) for name in dict.fromkeys(names)}
        found = {name: kept for name, kept in known.items() if kept is not None}
        missing = {n: m for n, m in zip(names, markets, strict=True) if n not in found}
        done = len(markets) - len(missing)
        if progress is not None:
            progress(float(done))

        def tell(runs: float) -> None:
            if progress is not None:
                progress(done + runs)

        with closing(results_of(missing.values(), self._keeper(keep), threads, tell)) as new:
            for name in names:
                if name not in found:
                    found[name] = next(new)
                yield found[name]

    def alone(self, market: Scenario, keep: Keep[Kept], threads: int | None = None) -> Kept:
        """What is kept of one run, which has all threads if it is still to be made."""
        kept = self._kept(self._name(market, keep), keep)
        return self._keeper(keep)(run(market, threads=threads)) if kept is None else kept

    def _kept(self, name: str, keep: Keep[Kept]) -> Kept | None:
        """What is kept of a run; None if it is not there, or damaged."""
        if self.folder is None:
            return None
        file = self.folder / f"{name}{KEPT}"
        try:
            digest, _, packed = disk.read(file).partition(b"\n")
            if digest != _digest(name, packed):
                raise ValueError("it is not what was written there")
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


def _digest(name: str, content: bytes) -> bytes:
    return hashlib.sha256(f"{name}\n".encode() + content).hexdigest().encode()


# --- what is kept as JSON ---


def pack_json(kept: Any) -> bytes:
    """Plain values, and reasons why a figure does not exist, as compressed JSON.

    Raises ValueError for NaN and infinities.
    """
    text = json.dumps(_with_tags(kept), ensure_ascii=False, allow_nan=False)
    return zlib.compress(text.encode())


def unpack_json(content: bytes) -> Any:
    """What was packed, equal to the last bit. Raises ValueError, zlib.error and the like."""
    return json.loads(zlib.decompress(content), object_hook=_without_tags)


def _with_tags(value: Any) -> Any:
    if isinstance(value, Undefined):
        return {REASON: [value.template, _with_tags(dict(value.values))]}
    if isinstance(value, dict):
        return {key: _with_tags(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_tags(item) for item in value]
    return value


def _without_tags(found: dict[str, Any]) -> Any:
    if REASON not in found:
        return found
    template, values = found[REASON]
    return Undefined(template, **values)
