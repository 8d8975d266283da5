"""Without the packages of an extra everything else works, and what needs them says so."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from sim.errors import EXTRAS

ROOT = Path(__file__).parent.parent

# A finder that knows nothing of these packages goes before all others.
WITHOUT = """\
import sys
from importlib.abc import MetaPathFinder
from sim.cli import main

class Nothing(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {packages!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

missing = {packages!r}
assert not [name for name in sys.modules if name.partition(".")[0] in missing]
import importlib.util
found = importlib.util.find_spec

def hide(name, package=None):
    return None if name.partition(".")[0] in missing else found(name, package)

importlib.util.find_spec = hide
import sim.errors
sim.errors.find_spec = hide
sys.meta_path.insert(0, Nothing())
sys.exit(main({line!r}))
"""

STUDY = """\
name: small
scenario: webshop_loop
set: {{agents: 20, days: 3}}
design: {{method: {method}, samples: 4}}
vary:
  touchpoints.display.budget_per_day: {{low: 1, high: 2}}
  touchpoints.web_shop.norm: {{low: 0.1, high: 0.2}}
measure: [customers.new]
"""


def without(extra: str, *line: str, place: Path) -> subprocess.CompletedProcess[str]:
    """The command line without what an extra brings."""
    code = WITHOUT.format(packages=EXTRAS[extra], line=list(line))
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


SMALL = ("run", "webshop_loop", "--agents", "20", "--days", "3", "--quiet")
VARIANT = ("webshop_loop", "--variant", "easier:journey.checkout.abandon=0.1")


def test_the_extras_bring_what_is_looked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {
        extra: {Requirement(line).name.lower() for line in project["optional-dependencies"][extra]}
        for extra in EXTRAS
    }
    assert declared == {extra: {name.lower() for name in names} for extra, names in EXTRAS.items()}


@pytest.mark.parametrize("extra", EXTRAS)
def test_a_run_needs_no_extra(extra: str, tmp_path: Path) -> None:
    done = without(extra, *SMALL, place=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("extra", "line", "what"),
    [
        ("reference", (*SMALL, "--engine", "reference"), "the reference engine"),
        ("reference", ("verify", "--engine", "reference"), "the reference engine"),
        ("studies", ("experiment", "sobol.yaml", "--out", "made"), "a design of sobol"),
        ("studies", ("experiment", "morris.yaml", "--out", "made"), "a design of morris"),
        (
            "spreadsheet",
            ("export", "shop", "--format", "daily", "--out", "made.xlsx"),
            "an .xlsx file",
        ),
        ("cluster", ("compare", *VARIANT, "--dask", "tcp://127.0.0.1:1"), "--dask"),
    ],
)
def test_what_needs_an_extra_says_so(
    extra: str, line: tuple[str, ...], what: str, tmp_path: Path
) -> None:
    for method in ("sobol", "morris"):
        (tmp_path / f"{method}.yaml").write_text(STUDY.format(method=method))
    done = without(extra, *line, place=tmp_path)
    said = f"{what} needs the extra `{extra}`: pip install 'journeysim[{extra}]'."
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not [file for file in tmp_path.iterdir() if file.suffix != ".yaml"]
