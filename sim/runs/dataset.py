"""The table of a study on disk: it grows run by run, and no finished run is ever lost.

The folder of a study holds

- `study.json`: its manifest (`sim.folders`): what the study is (its hash, its columns, the model's
  version), and the digests of the files that do not grow;
- `finished.jsonl`: the journal, a line for each run as soon as it is finished;
- `parts/`: Parquet files that hold the runs so far, to be read while the study goes on
  (`pandas.read_parquet("parts")`, DuckDB `FROM 'parts/*.parquet'`);
- `runs.parquet`, when all runs are finished: all rows by design row and replicate, instead of
  the journal and the parts. Its bytes depend on the study alone.

A run is in the journal first, then in a part, then it leaves the journal: what stops the
program in between costs nothing, and no part holds a run twice.

Nothing that is read is believed: a line of the journal carries a digest, a part has one in its
name, and every row must be one of the plan's. A last line that was cut short is what a crash
leaves: it is dropped. Whatever else is damaged is told, and its runs are done again.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as parquet

from sim import disk
from sim.errors import InputError, JourneysimError, NotWritten, note, one_line
from sim.folders import (
    Damaged,
    Folder,
    digest_of,
    inside,
    is_ours,
    make_file,
    open_folder,
    put_file,
    put_folder,
    remove_leftovers_in,
    seal,
)
from sim.runs.plan import Outcome, Plan
from sim.runs.run import COMPRESSION
from sim.runs.unfinished import STUDY, Unfinished

JOURNAL = "finished.jsonl"
PARTS = "parts"
RUNS = "runs.parquet"

PART = re.compile(r"part-(\d{6})-([0-9a-f]{16})\.parquet")  # its number and its digest
DIGITS = 16  # of the digests in names of parts and in lines of the journal
ROWS_OF_A_PART = 1000  # then a part is written, or after
SECONDS_OF_A_PART = 5.0
ROWS_OF_A_GROUP = 100_000  # in `runs.parquet`

TYPES = {
    "number": pa.float64(),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "text": pa.string(),
}
KEYS = pa.schema(
    [
        pa.field("row", pa.int64(), nullable=False),  # of the design, 0-based
        pa.field("replicate", pa.int64(), nullable=False),  # 0-based
        pa.field("seed", pa.int64(), nullable=False),
        pa.field("run", pa.string(), nullable=False),
    ]
)

Line = tuple[int, int, str, Outcome]  # row, replicate, name of the run, outcome


class Runs(Protocol):
    """The runs of a plan by name."""

    def __contains__(self, run: object) -> bool:
        """Whether the plan has a run of that name."""

    def rows(self, run: str) -> list[tuple[int, int]]:
        """Design row and replicate of every row that the run is for."""


def schema_of(plan: Plan) -> pa.Schema:
    """The columns of a study: keys, levers, measures (null: no such figure), the plan's `about`.

    Raises ValueError if two have the same name.
    """
    fields = [
        *KEYS,
        *(pa.field(name, TYPES[kind]) for name, kind in plan.columns.items()),
        *(pa.field(name, pa.float64()) for name in plan.measures),
        *(pa.field(name, pa.string(), nullable=False) for name in plan.about),
    ]
    names = [field.name for field in fields]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"two columns are called {name}")
    return pa.schema(fields)


class Dataset:
    """The folder of one study, open for the runs that are still to be done.

    Whoever opens it holds the lock of the place (`sim.locks`).
    """

    def __init__(self, place: Path, plan: Plan, identity: str) -> None:
        self.place = place
        self.plan = plan
        self.identity = identity
        self.schema = schema_of(plan)
        self.waiting: list[Line] = []  # rows for the next part
        self.journalled: dict[str, Outcome] = {}  # runs that an earlier process left in no part
        self.kept = 0  # runs that are finished and safe
        self._journal: disk.Appended | None = None
        self._parts: list[Path] = []  # those that are whole
        self._numbers: set[int] = set()  # of parts that are there
        self._number = 0  # of the last part
        self._written = 0.0

    # --- opening ---

    def check(self, resume: bool) -> None:
        """Raise `InputError` unless this study can go on, or begin, at the place."""
        mine = Unfinished(self.plan.name, self.identity, self.plan.about)
        folder = mine.found(self.place)
        if folder is None:
            return
        if RUNS in folder.names:
            folder.check()
            finished_runs(folder, self.plan)
        elif not resume:
            mine.refuse(self.place)
        self._refuse_what_is_none(folder)

    def _refuse_what_is_none(self, folder: Folder) -> None:
        """Raise `Damaged` if a link or the like stands where this study would write."""
        for name in (PARTS, JOURNAL, RUNS, *self.plan.files):
            place = inside(self.place, name)
            is_right = place.is_dir() if name == PARTS else place.is_file()
            if os.path.lexists(place) and not is_right:
                raise folder.damage(name, f"it is not a {'folder' if name == PARTS else 'file'}")

    @property
    def is_finished(self) -> bool:
        """Whether all runs are there, in one file."""
        if not is_ours(self.place, STUDY):
            return False
        return RUNS in open_folder(self.place, STUDY, tell=False).names

    def open(self, runs: Runs, number: int) -> set[str]:
        """Make or take up the folder; returns the names of the runs that are finished.

        `runs`: those of the plan; `number`: how many they are. Those that are in the journal only
        are in `journalled`. Raises `Damaged` if the manifest is damaged, `NotWritten` if nothing
        can be written.
        """
        if not is_ours(self.place, STUDY):
            put_folder(self.place, lambda folder: self._begin(folder, number), STUDY)
        try:
            self._restore_files()
            (self.place / PARTS).mkdir(exist_ok=True)
            remove_leftovers_in(self.place / PARTS)
            self._journal = disk.Appended(self.place / JOURNAL)
            in_parts = self._read_parts(runs)
            self.journalled = {
                run: outcome for run, outcome in self._read_journal(runs) if run not in in_parts
            }
        except OSError as error:
            raise NotWritten(disk.sentence(self.place, error)) from error
        self.kept = len(in_parts) + len(self.journalled)
        return in_parts | self.journalled.keys()

    def _begin(self, folder: Path, number: int) -> dict[str, Any]:
        for name, text in self.plan.files.items():
            disk.write_text(folder / name, text)
        return self._about(number)

    def _restore_files(self) -> None:
        """Write damaged files of the plan again, as in the end the manifest vouches for them."""
        folder = open_folder(self.place, STUDY, tell=False)
        for name, text in self.plan.files.items():
            try:
                if folder.read(name) != text.encode() and folder.files is None:
                    raise folder.damage(name)
            except Damaged as error:
                note(f"{error.message.rstrip('.')}; it is written again.")
                put_file(self.place / name, text)

    def _read_parts(self, runs: Runs) -> set[str]:
        """The runs in the parts that are whole; the others are told."""
        found: set[str] = set()
        for file in part_files(self.place):
            matched = PART.fullmatch(file.name)
            if matched is None:
                continue
            self._numbers.add(int(matched[1]))
            try:
                names = check_rows(read_part(file, self.schema), self.plan, runs)
                if not names.isdisjoint(found):
                    raise ValueError("another part holds the same runs")
            except (OSError, ValueError) as error:
                note(f"{file} is damaged: {one_line(error)}; its runs are done again.")
                continue
            self._parts.append(file)
            found |= names
        return found

    def _read_journal(self, runs: Runs) -> list[tuple[str, Outcome]]:
        """The runs in the journal, each once; what is damaged is told, a line cut short removed."""
        assert self._journal is not None
        content = self._journal.read()
        whole, _, _ = content.rpartition(b"\n")
        self._journal.cut(len(whole) + 1 if whole else 0)
        found: dict[str, Outcome] = {}
        for number, line in enumerate(whole.split(b"\n") if whole else [], 1):
            try:
                run, outcome = self._read_line(line)
                if run not in runs:
                    raise ValueError("it is not a run of this study")
            except ValueError as error:
                where = f"{self.place / JOURNAL}, line {number}"
                note(f"{where}, is damaged: {one_line(error)}; its run is done again.")
                continue
            found[run] = outcome
        return list(found.items())

    def _line(self, run: str, outcome: Outcome) -> bytes:
        said = json.dumps([run, *outcome], allow_nan=False)
        return json.dumps([self._digest(said), run, *outcome], allow_nan=False).encode() + b"\n"

    def _read_line(self, line: bytes) -> tuple[str, Outcome]:
        try:
            digest, run, *outcome = json.loads(line)
            said = json.dumps([run, *outcome], allow_nan=False)
        except (ValueError, TypeError, RecursionError):
            raise ValueError("it is not a line of this journal") from None
        if digest != self._digest(said):
            raise ValueError("its content has changed")
        numbers = all(one is None or type(one) in (int, float) for one in outcome)
        if not isinstance(run, str) or not numbers or len(outcome) != len(self.plan.measures):
            raise ValueError("it does not hold the measures of the study")
        return run, outcome

    def _digest(self, said: str) -> str:
        return hashlib.sha256(f"{self.identity} {said}".encode()).hexdigest()[:DIGITS]

    def _about(self, names_of_runs: int) -> dict[str, Any]:
        plan = self.plan
        return {
            "study": plan.name,
            "identity": self.identity,
            "rows": plan.design.size,
            "replicates": len(plan.seeds),
            "runs": names_of_runs,
            "levers": dict(plan.columns),
            "measures": list(plan.measures),
            "about": dict(plan.about),
        }

    # --- writing ---

    def add(self, run: str, outcome: Outcome, rows: Iterable[tuple[int, int]]) -> None:
        """Keep a finished run: in the journal now, in a part soon. Raises `NotWritten`."""
        assert self._journal is not None
        try:
            self._journal.add(self._line(run, outcome))
        except OSError as error:
            raise NotWritten(disk.sentence(self.place, error)) from error
        self.kept += 1
        self.wait_for_part(run, outcome, rows)
        is_due = time.monotonic() - self._written >= SECONDS_OF_A_PART
        if is_due or len(self.waiting) >= ROWS_OF_A_PART:
            self.write_part()

    def wait_for_part(self, run: str, outcome: Outcome, rows: Iterable[tuple[int, int]]) -> None:
        """Let the rows of a run that is in the journal wait for the next part."""
        self.waiting += [(row, replicate, run, outcome) for row, replicate in rows]

    def write_part(self) -> None:
        """Write the rows that wait as a part, and clear the journal. Raises `NotWritten`."""
        assert self._journal is not None
        self._written = time.monotonic()
        if not self.waiting:
            return
        content = table_bytes(self._table(self.waiting))
        digest = digest_of(content).sha256[:DIGITS]
        self._number = next(n for n in count(self._number + 1) if n not in self._numbers)
        file = self.place / PARTS / f"part-{self._number:06d}-{digest}.parquet"
        make_file(file, lambda new: disk.write(new, content))
        self._parts.append(file)
        self.waiting.clear()
        try:
            self._journal.cut(0)
        except OSError as error:
            raise NotWritten(disk.sentence(self.place, error)) from error

    def _table(self, lines: Sequence[Line]) -> pa.Table:
        plan = self.plan
        rows = [
            (
                *(row, replicate, plan.seeds[replicate], run),
                *plan.design.row(row),
                *outcome,
                *plan.about.values(),
            )
            for row, replicate, run, outcome in lines
        ]
        columns = [
            pa.array(values, type=field.type)
            for values, field in zip(zip(*rows, strict=True), self.schema, strict=True)
        ]
        return pa.Table.from_arrays(columns, schema=self.schema)

    def finish(self) -> None:
        """Put all rows, in order, into `runs.parquet`, and remove journal and parts.

        Raises `JourneysimError` if a row is missing or there twice, `NotWritten`.
        """
        self.write_part()
        try:
            table = _in_order([read_part(file, self.schema) for file in self._parts], self.schema)
            wanted = self.plan.design.size * len(self.plan.seeds)
            keys = table.select(["row", "replicate"]).group_by(["row", "replicate"]).aggregate([])
            if table.num_rows != wanted or keys.num_rows != wanted:
                raise ValueError(f"{table.num_rows} of {wanted} rows")
        except (OSError, ValueError) as error:
            raise JourneysimError(f"{self.place} is damaged: {one_line(error)}.") from error
        write_table(table, self.place / RUNS)
        said = open_folder(self.place, STUDY, tell=False).said
        try:
            seal(self.place, said, STUDY, names=[RUNS, *self.plan.files])
        except OSError as error:
            raise NotWritten(disk.sentence(self.place, error)) from error
        self.close()
        remove_scaffold(self.place)

    def close(self) -> None:
        """Write what waits, if that is possible (the journal has it too), and let go."""
        if self._journal is None:
            return
        try:
            with suppress(JourneysimError, OSError):
                self.write_part()
        finally:
            with suppress(OSError):
                self._journal.close()
            self._journal = None


def table_bytes(table: pa.Table) -> bytes:
    """A table as Parquet; equal tables give equal bytes."""
    buffer = pa.BufferOutputStream()
    # one column a time is a name with few values: those of text; all else differs in each row
    words = [f.name for f in table.schema if f.type == pa.string() and f.name != "run"]
    parquet.write_table(
        table.combine_chunks(),
        buffer,
        compression=COMPRESSION,
        use_dictionary=words,
        row_group_size=ROWS_OF_A_GROUP,
    )
    content: bytes = buffer.getvalue().to_pybytes()
    return content


def write_table(table: pa.Table, file: Path) -> None:
    """Write a table as Parquet, whole or not at all."""
    content = table_bytes(table)
    make_file(file, lambda new: disk.write(new, content))


# --- reading ---


def is_study(place: Path) -> bool:
    """Whether the folder of a study stands at `place`, damaged or not."""
    return is_ours(place, STUDY)


def part_files(place: Path) -> list[Path]:
    """The parts of a study that is not finished, in the order in which they were written."""
    return sorted((place / PARTS).glob("part-*.parquet"))


def read_part(file: Path, schema: pa.Schema | None = None) -> pa.Table:
    """The rows of a part. Raises ValueError if it is not what was written, and OSError.

    `schema`: what it must have.
    """
    matched = PART.fullmatch(file.name)
    content = disk.read(file)
    if matched is None or digest_of(content).sha256[:DIGITS] != matched[2]:
        raise ValueError("its content has changed")
    return _table_in(content, schema)


def _table_in(content: bytes, schema: pa.Schema | None) -> pa.Table:
    try:
        table = parquet.read_table(pa.BufferReader(content))
    except Exception as error:  # pyarrow raises anything for a file that is none
        raise ValueError(one_line(error)) from error
    if schema is not None and not table.schema.equals(schema):
        raise ValueError("its columns are not those of the study")
    return table


def check_rows(table: pa.Table, plan: Plan, runs: Runs | None = None) -> set[str]:
    """Hold the rows of a study against its plan; returns the names of their runs.

    Raises ValueError for a row that is none of the plan's: its place, its seed, its run (of
    `runs`, if given) or its levers are others, it stands there twice, or a figure is no number.
    """
    levers = list(plan.columns)
    places = set()
    for found in table.to_pylist():
        row, replicate = found["row"], found["replicate"]
        if row is None or replicate is None or not 0 <= replicate < len(plan.seeds):
            raise ValueError("it has a row that the study does not have")
        if not 0 <= row < plan.design.size or found["seed"] != plan.seeds[replicate]:
            raise ValueError("it has a row that the study does not have")
        run = found["run"]
        if runs is not None and (run not in runs or (row, replicate) not in runs.rows(run)):
            raise ValueError("it has a run that the study does not have")
        if [found[lever] for lever in levers] != list(plan.design.row(row)):
            raise ValueError(f"row {row} has other parameter values than the study")
        for measure in plan.measures:
            if found[measure] is not None and not math.isfinite(found[measure]):
                raise ValueError(f"row {row} holds a value that is not a number")
        if any(found[name] != text for name, text in plan.about.items()):
            raise ValueError("it was made by another version of journeysim")
        places.add((row, replicate))
    if len(places) < table.num_rows:
        raise ValueError("it has a row twice")
    return set(table["run"].to_pylist())


def _in_order(tables: Sequence[pa.Table], schema: pa.Schema) -> pa.Table:
    """The rows of all tables, by design row and replicate."""
    table = pa.concat_tables([schema.empty_table(), *tables])
    return table.sort_by([("row", "ascending"), ("replicate", "ascending")])


def read_runs(place: str | Path) -> pa.Table:
    """The table of a study: all rows, or those that are finished so far.

    Raises `InputError` if there is no study at the place, `Damaged` if it is damaged.
    """
    path = Path(place)
    if not is_study(path):
        raise InputError(f"{path} is not a study folder.")
    folder = open_folder(path, STUDY)
    if RUNS in folder.names:
        return runs_of(folder)
    parts = part_files(path)
    if not parts:
        raise InputError(f"{path} holds no finished run yet.")
    tables = []
    for file in parts:
        try:
            tables.append(read_part(file))
        except (OSError, ValueError) as error:
            raise Damaged(f"{file} is damaged: {one_line(error)}.") from error
    return _in_order(tables, tables[0].schema)


def runs_of(folder: Folder) -> pa.Table:
    """The table of a finished study's open folder. Raises `Damaged`."""
    try:
        return _table_in(folder.read(RUNS), None)
    except ValueError as error:
        raise folder.damage(RUNS, one_line(error)) from error


def finished_runs(folder: Folder, plan: Plan) -> pa.Table:
    """The table of a finished study, held against its plan.

    Raises `Damaged` if it is not what was written, and `InputError` if it is another study's.
    """
    table = runs_of(folder)
    rows = plan.design.size * len(plan.seeds)
    if table.schema.names != schema_of(plan).names or table.num_rows != rows:
        raise InputError(f"{folder.place / RUNS} is not the table of its study.")
    if folder.files is None:
        try:
            check_rows(table, plan)
        except (ValueError, TypeError) as error:
            raise folder.damage(RUNS, one_line(error)) from error
    return table


def remove_scaffold(place: Path) -> None:
    """Remove journal and parts of a finished study; whatever else is there stays.

    What cannot be removed is told: the study is finished all the same.
    """
    parts = place / PARTS
    try:
        if parts.is_dir() and not parts.is_symlink():
            for file in part_files(place):
                if PART.fullmatch(file.name):
                    disk.remove(file)
            if not os.listdir(parts):
                parts.rmdir()
        disk.remove(place / JOURNAL)
    except OSError as error:
        note(
            f"{place}: temporary files could not be removed: {disk.reason(error)}; the same"
            " command with --resume removes them."
        )
