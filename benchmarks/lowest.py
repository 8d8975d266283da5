"""Do the lowest versions that pyproject.toml declares work, and do the newest give the same bits?

`python -m benchmarks.lowest [--keep FOLDER]`. Two virtual environments are made in a temporary
folder: the lowest declared versions on the oldest Python that is there and may be used, and the
newest versions that fit on the newest Python. In each the project is installed as users install
it, and one after the other a help page, a run, its report, a check, a comparison and two small
studies (one on a Dask cluster) are done. Then the tables of both are compared, value by value.
What a run counts must be the same to the last bit. Standard errors and intervals are scipy's, whose
last digits change with its version. Compiling the engine twice takes most of the time: ten minutes
or so.
"""

import argparse
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from sim.errors import EXTRAS

HERE = Path(__file__).resolve().parent.parent
FROM_SCIPY = {"standard_error", "low", "high"}
NEAR = 1e-9  # 2e-11 was measured between scipy 1.12 and 1.18
NAMED_AFTER_VERSIONS = {"run", "source"}  # columns of a study that name the versions it was made by
LOWER = (">=", "==", "~=")  # the operators that name a lowest version
NAMES_OF_PYTHON = re.compile(r"python3\.\d+")

STUDY = """\
name: tiny
scenario: webshop_loop
agents: 100
days: 20
replicates: 2
vary:
  offers.everyday.price: [349, 399]
measure: [economics.profit, customers.new]
"""
SMALL = ("--agents", "300", "--days", "60")
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("run", "--help"),
    ("run", "webshop_loop", "--agents", "500", "--days", "60", "--out", "run"),
    ("report", "run"),
    ("check", "run/scenario.yaml"),
    ("compare", "webshop_loop", "webshop_funnel", *SMALL, "--replicates", "2", "--out", "compare"),
    ("experiment", "tiny.yaml", "--workers", "1", "--out", "study"),
)
CLUSTER = """
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as found:
        print(found.scheduler_address, flush=True)
        input()
"""


def lowest(requirements: Sequence[str]) -> list[str]:
    """Each requirement as the lowest version that it admits. Raises ValueError without one."""
    found = []
    for text in requirements:
        one = Requirement(text)
        bounds = [Version(s.version) for s in one.specifier if s.operator in LOWER]
        if not bounds:
            raise ValueError(f"{text} declares no lowest version")
        found.append(f"{one.name}=={max(bounds)}")
    return found


def declared() -> tuple[list[str], SpecifierSet]:
    """What the project needs, its extras included, and which Pythons it admits."""
    project = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    of_extras = [project["optional-dependencies"][extra] for extra in EXTRAS]
    needs = [*project["dependencies"], *chain.from_iterable(of_extras)]
    return needs, SpecifierSet(project["requires-python"])


def pythons(admitted: SpecifierSet) -> dict[Version, str]:
    """The Pythons that are there and may be used, by version."""
    found: dict[Version, str] = {}
    for program in _candidates():
        command = [program, "-c", "import platform, venv; print(platform.python_version())"]
        told = subprocess.run(command, capture_output=True, text=True)
        if told.returncode == 0 and (version := Version(told.stdout.strip())) in admitted:
            found.setdefault(version, program)
    return dict(sorted(found.items()))


def _candidates() -> Iterator[str]:
    yield sys.executable
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        for file in sorted(Path(folder).glob("python3.*")) if folder else []:
            if NAMES_OF_PYTHON.fullmatch(file.name):
                yield str(file)
    for file in sorted(Path.home().glob(".pyenv/versions/3.*/bin/python")):
        yield str(file)


def install(python: str, folder: Path, constraints: Sequence[str]) -> Path:
    """Make an environment with the project in it; returns the folder of its programs."""
    subprocess.run([python, "-m", "venv", str(folder)], check=True)
    bin_folder = folder / ("Scripts" if os.name == "nt" else "bin")
    file = folder / "constraints.txt"
    file.write_text("\n".join(constraints) + "\n")
    pip = [str(bin_folder / "python"), "-m", "pip", "install", "--quiet"]
    pip += ["--disable-pip-version-check", "--constraint", str(file), f"{HERE}[all]"]
    done = subprocess.run(pip, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if not line.startswith("WARNING")]
        raise SystemExit("\n".join(["it cannot be installed:", *errors]))
    return bin_folder


def versions(bin_folder: Path, names: Sequence[str]) -> list[str]:
    """The versions that were installed."""
    program = "import sys; from importlib.metadata import version; "
    program += "print(*[f'{n} {version(n)}' for n in sys.argv[1:]], sep=', ')"
    command = [str(bin_folder / "python"), "-c", program, *names]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split(", ")


def smoke(bin_folder: Path, folder: Path) -> None:
    """Do all commands in a folder. Ends the program with what a command said if one fails."""
    folder.mkdir()
    (folder / "tiny.yaml").write_text(STUDY)
    for words in COMMANDS:
        _do([str(bin_folder / "journeysim"), *words], folder)
    (folder / "cluster.py").write_text(CLUSTER)
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    command = [str(bin_folder / "python"), "cluster.py"]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL, **pipes) as cluster:
        assert cluster.stdout is not None
        assert cluster.stdin is not None
        address = cluster.stdout.readline().strip()
        words = ("experiment", "tiny.yaml", "--dask", address, "--out", "study-dask")
        _do([str(bin_folder / "journeysim"), *words], folder)
        cluster.stdin.write("\n")
        cluster.stdin.close()


def _do(command: list[str], folder: Path) -> None:
    told = " ".join(["journeysim", *command[1:]])
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode or "Traceback" in done.stderr:
        raise SystemExit(f"FAILED: {told}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    print(f"  passed: {told}", flush=True)


def tables(folder: Path) -> dict[str, dict[str, list[Any]]]:
    """The values of every table, by column; the bytes of a file differ by who wrote it."""
    found = {}
    for file in sorted(folder.rglob("*.parquet")):
        table = parquet.read_table(file)
        values = {name: table.column(name).to_pylist() for name in table.column_names}
        found[file.relative_to(folder).as_posix()] = values
    return found


def different(one: dict[str, dict[str, list[Any]]], other: dict[str, Any]) -> list[str]:
    """The columns in which two folders differ, as table and name."""
    found = sorted(one.keys() ^ other.keys())
    for table in sorted(one.keys() & other.keys()):
        names = one[table].keys() | other[table].keys()
        for name in sorted(names - NAMED_AFTER_VERSIONS):
            a, b = one[table].get(name, []), other[table].get(name, [])
            near = name in FROM_SCIPY and len(a) == len(b)
            # `repr` of a float is exact, and tells 0.0 from -0.0
            same = all(map(_near, a, b)) if near else repr(a) == repr(b)
            found += [] if same else [f"{table} {name}"]
    return found


def _near(a: float | None, b: float | None) -> bool:
    if a is None or b is None:
        return a is b
    return math.isclose(a, b, rel_tol=NEAR, abs_tol=NEAR) or (math.isnan(a) and math.isnan(b))


def main() -> None:
    """Install, try out and compare; the exit code is 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keep", type=Path, help="an empty folder to work in, which is kept")
    keep = parser.parse_args().keep
    needs, admitted = declared()
    there = pythons(admitted)
    oldest, newest = next(iter(there)), next(reversed(there))
    work = Path(tempfile.mkdtemp()) if keep is None else keep.resolve()
    work.mkdir(parents=True, exist_ok=True)
    try:
        found = {}
        for name, version, constraints in (
            ("lowest", oldest, lowest(needs)),
            ("newest", newest, []),
        ):
            bin_folder = install(there[version], work / f"env-{name}", constraints)
            names = [Requirement(need).name for need in needs]
            print(f"{name}: Python {version}, {', '.join(versions(bin_folder, names)).strip()}")
            smoke(bin_folder, work / name)
            found[name] = tables(work / name)
    finally:
        if keep is None:
            shutil.rmtree(work, ignore_errors=True)
    odd = different(found["lowest"], found["newest"])
    if odd or not found["lowest"]:
        raise SystemExit(f"these columns differ: {', '.join(odd)}")
    print(f"{len(found['lowest'])} tables are the same.")


if __name__ == "__main__":
    main()
