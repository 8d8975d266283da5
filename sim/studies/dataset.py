"""The table of a study on disk: it grows run by run, and no finished run is ever lost.

The folder of a study holds

- `study.json`: what the study is (its hash, its columns, the model's version);
- `finished.jsonl`: the journal, a line for each run as soon as it is finished;
- `parts/`: Parquet files that hold the runs so far, to be read while the study goes on
  (`pandas.read_parquet("parts")`, DuckDB `FROM 'parts/*.parquet'`);
- `runs.parquet`, when all runs are finished: all rows by design row and replicate, instead of
  the journal and the parts. Its bytes depend on the study alone.

A run is in the journal first, then in a part, then it leaves the journal: what stops the
program in between costs nothing, and no part holds a run twice. A line that was cut short is
dropped, and its run done again.
"""

from __future__ import annotations

import errno
import json
import shutil
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as parquet

from sim.errors import InputError, JourneysimError
from sim.folders import NotWritten, lock, make_file, put_file
from sim.run import COMPRESSION
from sim.studies.plan import Outcome, Plan

FORMAT = 1  # of the folder: raised when what is in it changes its meaning
STUDY = "study.json"
JOURNAL = "finished.jsonl"
PARTS = "parts"
RUNS = "runs.parquet"
OWN = (STUDY, JOURNAL, PARTS, RUNS, "report.html", "sensitivity.parquet")

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
    """The folder of one study, open for the runs that are still to be done."""

    def __init__(self, place: Path, plan: Plan, identity: str) -> None:
        self.place = place
        self.plan = plan
        self.identity = identity
        self.schema = schema_of(plan)
        self.waiting: list[Line] = []  # rows for the next part
        self.journalled: dict[str, Outcome] = {}  # runs that an earlier process left in no part
        self.kept = 0  # runs that are finished and safe
        self._journal: IO[bytes] | None = None
        self._parts = 0
        self._written = 0.0

    # --- opening ---

    def check(self, resume: bool) -> None:
        """Raise `InputError` unless this study can go on, or begin, at the place."""
        place = self.place
        if not place.exists():
            return
        if not place.is_dir():
            raise InputError(f"{place} is a file; choose another folder.")
        found = read_study(place)
        if found is None:
            if any(place.iterdir()):
                raise InputError(
                    f"{place} is left as it is: it is not the folder of a study; choose another."
                )
            return
        if found.get("identity") != self.identity:
            same_model = all(found.get("about", {}).get(k) == v for k, v in self.plan.about.items())
            what = "another study, or this one before it was changed"
            if found.get("study") == self.plan.name and not same_model:
                what = "a study that was made by another version of journeysim"
            raise InputError(f"{place} holds {what}; choose another folder with --out.")
        if not self.is_finished and not resume:
            with suppress(OSError), (place / JOURNAL).open("rb") as stream:
                lock(stream, place)  # whoever is at work there is to be left alone
            raise InputError(
                f"{place} holds this study, begun and not finished; go on with --resume, or choose"
                " another folder with --out."
            )

    @property
    def is_finished(self) -> bool:
        """Whether all runs are there, in one file."""
        return (self.place / RUNS).is_file()

    def open(self, names_of_runs: int) -> set[str]:
        """Make or take up the folder; returns the names of the runs that are finished.

        Those that are in the journal only are in `journalled`. Raises `InputError` if another
        process is at work here, `NotWritten` if nothing can be written.
        """
        try:
            (self.place / PARTS).mkdir(parents=True, exist_ok=True)
            self._journal = (self.place / JOURNAL).open("a+b")
        except OSError as error:
            raise NotWritten(_sentence(self.place, error)) from error
        lock(self._journal, self.place)
        if read_study(self.place) is None:
            for name, text in self.plan.files.items():
                put_file(self.place / name, text)
            put_file(self.place / STUDY, self._about(names_of_runs))
        parts = part_files(self.place)
        self._parts = max((int(part.stem.rpartition("-")[2]) for part in parts), default=0)
        in_parts = set[str]()
        for part in parts:
            in_parts.update(parquet.read_table(part, columns=["run"])["run"].to_pylist())
        self.journalled = {
            run: outcome for run, outcome in self._read_journal() if run not in in_parts
        }
        self.kept = len(in_parts) + len(self.journalled)
        return in_parts | self.journalled.keys()

    def _read_journal(self) -> list[tuple[str, Outcome]]:
        """The lines of the journal; one that was cut short is removed."""
        assert self._journal is not None
        self._journal.seek(0)
        whole, _, _ = self._journal.read().rpartition(b"\n")
        self._journal.truncate(len(whole) + 1 if whole else 0)
        found = []
        for line in whole.splitlines():
            run, *outcome = json.loads(line)
            found.append((run, outcome))
        return found

    def _about(self, names_of_runs: int) -> str:
        plan = self.plan
        content = {
            "format": FORMAT,
            "study": plan.name,
            "identity": self.identity,
            "rows": plan.design.size,
            "replicates": len(plan.seeds),
            "runs": names_of_runs,
            "levers": dict(plan.columns),
            "measures": list(plan.measures),
            "about": dict(plan.about),
            "files": sorted([*OWN, *plan.files]),
        }
        return json.dumps(content, indent=2, ensure_ascii=False) + "\n"

    # --- writing ---

    def add(self, run: str, outcome: Outcome, rows: Iterable[tuple[int, int]]) -> None:
        """Keep a finished run: in the journal now, in a part soon. Raises `NotWritten`."""
        assert self._journal is not None
        line = json.dumps([run, *outcome], allow_nan=False).encode() + b"\n"
        try:
            self._journal.write(line)
            self._journal.flush()
        except OSError as error:
            raise NotWritten(_sentence(self.place, error)) from error
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
        file = self.place / PARTS / f"part-{self._parts + 1:06d}.parquet"
        write_table(self._table(self.waiting), file)
        self._parts += 1
        self.waiting.clear()
        self._journal.truncate(0)

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
        table = read_parts(self.place, self.schema)
        wanted = self.plan.design.size * len(self.plan.seeds)
        keys = table.select(["row", "replicate"]).group_by(["row", "replicate"]).aggregate([])
        if table.num_rows != wanted or keys.num_rows != wanted:
            raise JourneysimError(f"{self.place} is damaged: {table.num_rows} of {wanted} rows.")
        write_table(table, self.place / RUNS)
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


def write_table(table: pa.Table, file: Path) -> None:
    """Write a table as Parquet, whole or not at all; equal tables give equal bytes."""
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
    content = buffer.getvalue()
    make_file(file, lambda new: _write(new, content))


def _write(file: Path, content: Any) -> None:
    with file.open("wb") as stream:
        stream.write(content)


def part_files(place: Path) -> list[Path]:
    """The parts of a study that is not finished, in the order in which they were written."""
    return sorted((place / PARTS).glob("part-*.parquet"))


def read_parts(place: Path, schema: pa.Schema) -> pa.Table:
    """The rows of all parts, by design row and replicate."""
    tables = [parquet.read_table(part) for part in part_files(place)]
    table = pa.concat_tables([schema.empty_table(), *tables])
    return table.sort_by([("row", "ascending"), ("replicate", "ascending")])


def read_runs(place: str | Path) -> pa.Table:
    """The table of a study: all rows, or those that are finished so far.

    Raises `InputError` if there is no study at the place.
    """
    folder = Path(place)
    if (folder / RUNS).is_file():
        return parquet.read_table(folder / RUNS)
    parts = part_files(folder)
    if read_study(folder) is None or not parts:
        what = "holds no finished run yet" if read_study(folder) else "is not the folder of a study"
        raise InputError(f"{folder} {what}.")
    return read_parts(folder, parquet.read_schema(parts[0]))


def read_study(place: Path) -> Mapping[str, Any] | None:
    """What the folder says of its study; None if it is not the folder of one."""
    try:
        content = json.loads((place / STUDY).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) and "identity" in content else None


def remove_scaffold(place: Path) -> None:
    """Remove journal and parts of a finished study."""
    shutil.rmtree(place / PARTS, ignore_errors=True)
    (place / JOURNAL).unlink(missing_ok=True)


def _sentence(place: Path, error: OSError) -> str:
    reason = "the disk is full" if error.errno == errno.ENOSPC else (error.strerror or str(error))
    return f"{place} cannot be written: {reason[:1].lower()}{reason[1:]}."
