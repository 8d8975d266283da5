"""What must not change by accident: a hash of everything that a user or another program sees.

`python tests/proof.py` compares with the committed list, `tests/proof.json`, and names what
differs; with `--write` it writes the list anew. Hashed are, of small markets in both engines, all
records, the summary and every table; the tables and summaries of every command that makes many
runs; the options of every command with their help; the keys of what `--json` prints; the columns
of every file; exit codes; the schemas of scenario and study files. Left out is what changes with
the sources or the machine: versions, hashes of sources, clocks, names of runs, and pages.

A few figures come from linear algebra, whose last bits differ by processor (docs/engines.md): the
list says by which it was made, and elsewhere figures are not compared. Names, keys and codes are.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import inspect
import io
import json
import math
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, get_args, get_type_hints

import numpy as np
import pyarrow.parquet as parquet
import pytest
from scipy import linalg

import sim.pages.folder
import sim.pages.sweep_page
from sim.cli import COMMANDS, main
from sim.cli.commands import experiment
from sim.pages.folder import CLOCKS
from sim.pages.folder import write_folder as write_run
from sim.runs.many import Here
from sim.runs.run import Run, run
from sim.scenario.dump import dump_scenario
from tools.unfinished import plain_pages
from worlds.commands import short, write_files
from worlds.help_desk import helped
from worlds.markets import MARKETS
from worlds.street import street
from worlds.studies import write_tiny

LIST = Path(__file__).with_name("proof.json")
NOT_OF_RUNS = ("run", "source", "version")  # columns of studies that change with the sources
OF_SOURCES = ("source_hash", "versions", "platform", "cores", "manifest_sha256", "files")

# Commands that make many runs, as small as they can be, in the folder that `files_of` fills.
MANY = {
    "compare": (
        "compare market.yaml --replicates 3 --variant easier:journey.checkout.abandon=0.1"
        " --measure customers.new"
    ),
    "optimise": "optimise market.yaml --evaluations 25 --replicates 2",
    "frontier": "experiment frontier.yaml",
    "belief": "experiment belief.yaml",
    "touchpoints": "touchpoints helped.yaml --replicates 2 --curves --shapley help,poster",
    "mix": "export-mmm street.yaml --regions 2 --years 1",
    "replicates": "run stall.yaml --replicates 2",
    "grid": "experiment tiny.yaml",
    "morris": "experiment morris.yaml",
}
CODES = (
    "check town.yaml",
    "check nothing.yaml",
    "check broken.yaml",
    "run nothing.yaml",
    "run town.yaml --agents 0",
    "run town.yaml --set offers.nothing.price=3",
    "run town.yaml --engine quick",
    "run town.yaml --replicates 0",
    "compare town.yaml",
    "touchpoints town.yaml --replicates 0",
    "optimise town.yaml --goal love",
    "export nothing --format weekly",
    "report nothing",
    "experiment nothing.yaml",
    "new Not-a-name",
    "nonsense",
    "run",
    "",
)


def sha(*parts: bytes | str) -> str:
    """A short hash of texts and bytes."""
    digest = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        digest.update(f"{len(content)} ".encode() + content)
    return digest.hexdigest()[:16]


def sha_of(value: Any) -> str:
    """A short hash of plain values."""
    return sha(json.dumps(value, sort_keys=True, ensure_ascii=False, default=str))


def linear_algebra() -> str:
    """Which linear algebra this machine has, as a hash of what it says."""
    values = np.array([math.ldexp(1.0 + k * 0.618 % 1.0, k % 11 - 6) for k in range(3600)])
    square = values.reshape(60, 60) + 100.0 * np.eye(60)
    return sha(
        (square @ square).tobytes(),
        linalg.lu_solve(linalg.lu_factor(square), values[:60]).tobytes(),
    )


def files_of(folder: Path) -> None:
    """Fill a folder with the scenarios and studies that the commands read."""
    write_files(folder)
    write_tiny(folder)
    changed = {"vary:": "design: {method: morris, samples: 4, seed: 2}\nvary:"}
    (folder / "morris.yaml").write_text(
        write_tiny(folder, changed | {"[280, 300, 340]": "{low: 280, high: 340}"}).read_text()
    )
    write_tiny(folder)
    (folder / "helped.yaml").write_text(dump_scenario(helped(agents=300, days=20)))
    (folder / "street.yaml").write_text(short(street(300)))
    (folder / "stall.yaml").write_text(short(MARKETS["stall"]))
    (folder / "broken.yaml").write_text("name: Broken\njourney: [\n")


def said_by(words: str) -> tuple[int, str]:
    """Exit code and standard output of a command."""
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(io.StringIO()):
        code = main(words.split())
    return code, out.getvalue()


def keys_of(value: Any, before: str = "") -> Iterator[str]:
    """The dotted keys of an object, each once; lists are looked into by their first entry."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from keys_of(inner, f"{before}.{key}" if before else str(key))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        yield from keys_of(value[0], f"{before}[]")
    else:
        yield before


def timeless(value: Any) -> Any:
    """The value without clocks and what changes with the sources."""
    if isinstance(value, Mapping):
        left_out = (*CLOCKS, *OF_SOURCES)
        return {key: timeless(inner) for key, inner in value.items() if key not in left_out}
    return [timeless(inner) for inner in value] if isinstance(value, list) else value


def table_shas(file: Path) -> tuple[str, str]:
    """Hashes of a Parquet file: its columns; what they hold."""
    table = parquet.read_table(file)
    table = table.select([name for name in table.column_names if name not in NOT_OF_RUNS])
    columns = [
        [f.name, str(f.type), f.nullable, {k.decode(): v.decode() for k, v in f.metadata.items()}
         if f.metadata else {}]
        for f in table.schema
    ]  # fmt: skip
    return sha_of(columns), sha_of([column.to_pylist() for column in table.columns])


def record_shas(one: Run) -> dict[str, str]:
    """A hash of each array of a run's records."""
    found = {}
    for field in dataclasses.fields(one.records):
        value = getattr(one.records, field.name)
        if isinstance(value, np.ndarray):
            whole = np.ascontiguousarray(value)
            content = b"".join(
                np.ascontiguousarray(whole[name]).tobytes() for name in whole.dtype.names
            ) if whole.dtype.names else whole.tobytes()  # fmt: skip
            kinds = [(n, str(whole.dtype[n])) for n in whole.dtype.names or ()] or str(whole.dtype)
            found[field.name] = sha(repr(kinds), repr(value.shape), content)
    return found


def options() -> dict[str, Any]:
    """Every command with its help, and its options with theirs, as the functions declare them."""
    found = {}
    for name, command in COMMANDS:
        hints = get_type_hints(command, include_extras=True)
        parameters = []
        for one in inspect.signature(command).parameters.values():
            kind, about = get_args(hints[one.name])[:2]
            parameters.append(
                {
                    "name": one.name,
                    "kind": str(kind),
                    "default": repr(one.default),
                    "names": about.param_decls,
                    "metavar": about.metavar,
                    "help": about.help,
                }
            )
        found[name] = {"help": inspect.getdoc(command), "parameters": parameters}
    return found


def made() -> dict[str, dict[str, str]]:
    """Everything, by group and name."""
    figures: dict[str, str] = {}
    shapes: dict[str, str] = {}
    for name, scenario in MARKETS.items():
        for engine in ("fast", "reference"):
            one = run(scenario, engine=engine)
            for field, digest in record_shas(one).items():
                figures[f"records/{name}/{engine}/{field}"] = digest
            figures[f"summary/{name}/{engine}"] = sha_of(timeless(one.summary) | {"engine": ""})
        shapes[f"keys/run/{name}"] = sha_of(sorted(keys_of(one.summary)))
    with tempfile.TemporaryDirectory() as folder, chdir(folder), pytest.MonkeyPatch.context() as p:
        files_of(Path())
        plain_pages(p)
        p.setattr(sim.pages.folder, "make_report", lambda *of, **more: "a page")
        p.setattr(sim.pages.sweep_page, "make_page", lambda *of, **more: "a page")
        p.setattr(experiment, "_runner", lambda options: Here())
        for name in MARKETS:
            write_run(run(MARKETS[name]), Path("runs") / name)
            _look(Path("runs") / name, f"run/{name}", figures, shapes)
        for name, words in MANY.items():
            code, said = said_by(f"{words} --json --out {name}")
            assert code == 0, said
            shapes[f"keys/json/{name}"] = sha_of(sorted(keys_of(json.loads(said))))
            _look(Path(name), name, figures, shapes)
        for words in CODES:
            shapes[f"code/{words}"] = str(said_by(words)[0])
        for words in ("schema", "schema --study", "scenarios"):
            found = json.loads(said_by(f"{words} --json")[1])
            shapes[f"json/{words}"] = sha_of(found if "scenarios" not in found else sorted(
                one["name"] for one in found["scenarios"]))  # fmt: skip
    for name, about in options().items():
        shapes[f"help/{name}"] = sha_of(about)
    return {"made with": {"linear algebra": linear_algebra()}, "shapes": shapes, "figures": figures}


def _look(place: Path, name: str, figures: dict[str, str], shapes: dict[str, str]) -> None:
    """Hash all files of a result folder but pages."""
    files = sorted(str(file.relative_to(place)) for file in place.rglob("*") if file.is_file())
    shapes[f"files/{name}"] = sha_of(files)
    for file in files:
        path = place / file
        if path.suffix == ".parquet":
            shapes[f"columns/{name}/{file}"], figures[f"table/{name}/{file}"] = table_shas(path)
        elif path.suffix == ".json":
            content = json.loads(path.read_text())
            keys = sorted(keys_of({k: v for k, v in content.items() if k != "files"}))
            shapes[f"keys/{name}/{file}"] = sha_of(keys)
            if path.name in ("summary.json", "next_krone.json"):
                figures[f"{name}/{file}"] = sha_of(timeless(content))
        elif path.suffix in (".csv", ".yaml", ".txt"):
            figures[f"{name}/{file}"] = sha(path.read_bytes())


def differing() -> list[str]:
    """What is not as the committed list says: names, each with what happened to it."""
    wanted, found = json.loads(LIST.read_text()), made()
    groups = ["shapes"]
    if found["made with"] == wanted["made with"]:
        groups.append("figures")
    told = []
    for group in groups:
        for name in sorted(wanted[group].keys() | found[group].keys()):
            before, now = wanted[group].get(name), found[group].get(name)
            if before != now:
                what = "is new" if before is None else "is gone" if now is None else "has changed"
                told.append(f"{name} {what}")
    return told


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write the list anew")
    if parser.parse_args().write:
        LIST.write_text(json.dumps(made(), indent=1, sort_keys=True) + "\n")
        sys.exit(0)
    changes = differing()
    print("\n".join(changes) or "nothing has changed")
    sys.exit(1 if changes else 0)
