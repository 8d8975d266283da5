"""Who notices: tests and limiting cases, one by one.

`python -m benchmarks.noticing` reads names, a line of JSON a question, and answers in a line. A
name is a test (`tests/test_past.py::test_...`) or `verify: CASE`. The answer says of each whether
it `noticed` (an assertion failed), was `silent`, or `broke` (anything else went wrong: nobody
should learn of a wrong rule by a crash); whoever comes after one that noticed is not asked.

Each question is answered by a process of its own, which has the libraries already and takes the
package `sim` as it is then, from whichever place comes first on the path: so `benchmarks.mutants`
can put a wrong one there. All runs are made by the reference engine, which calls the rules as plain
Python: a wrong rule is wrong there at once, and nothing need be compiled. So it is never the other
engine that notices.
"""

import importlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

NOTICED, SILENT, BROKE = "noticed", "silent", "broke"
VERIFY = "verify: "
ROOT = Path(__file__).parent.parent
LIBRARIES = ("numba", "pandas", "pyarrow.parquet", "scipy.stats", "scipy.special", "hypothesis")
LIBRARIES += ("mesa", "simpy", "pydantic", "ruamel.yaml", "typer", "matplotlib.figure")


def use_the_reference_engine() -> None:
    """Whoever asks for the fast engine from now on is given the reference engine."""
    import sim.engine.day
    from sim.reference.market import run_reference

    def run(scenario: Any, *, check: bool = False, **_: object) -> Any:
        return run_reference(scenario, check=check)

    sim.engine.day.run_fast = run


def by_theory(case: str) -> str:
    """What a limiting case says, in the size that the reference engine has time for."""
    from sim.theory import CASES, engine_named

    checks, small = CASES[case]
    if small is None:
        raise SystemExit(f"{VERIFY}{case} is too large for the reference engine")
    found = checks(engine_named("reference"), small)
    return SILENT if all(check.passed for check in found) else NOTICED


class Verdicts:
    """What pytest found, test by test."""

    def __init__(self) -> None:
        self.of: dict[str, str] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[Any]) -> Any:
        """An assertion that failed has noticed; whatever else was raised broke the test."""
        report = yield
        if call.excinfo is not None and not report.skipped:
            asserted = call.when == "call" and is_assertion(call.excinfo.value)
            self.of[item.nodeid] = NOTICED if asserted else BROKE
        elif call.when == "call":
            self.of.setdefault(item.nodeid, SILENT)
        return report


def is_assertion(error: BaseException) -> bool:
    """Whether nothing but assertions failed; hypothesis tells of several at once."""
    if isinstance(error, BaseExceptionGroup):
        return all(is_assertion(each) for each in error.exceptions)
    return isinstance(error, AssertionError | pytest.fail.Exception)


def by_test(name: str) -> str:
    """What a test says; of one with parameters, the first that notices."""
    verdicts = Verdicts()
    options = ["-x", "-q", "--no-header", "--tb=line", "-p", "no:cacheprovider", "-p", "no:xdist"]
    options += [
        "--noconftest",
        "-W",
        "ignore",
        "--rootdir",
        str(ROOT),
        "-c",
        str(ROOT / "pyproject.toml"),
    ]
    pytest.main([*options, str(ROOT / name)], plugins=[verdicts])
    found = set(verdicts.of.values())
    return next((word for word in (BROKE, NOTICED, SILENT) if word in found), BROKE)


def answer(names: list[str]) -> dict[str, str]:
    """Ask everybody who is named, until somebody notices."""
    use_the_reference_engine()
    found: dict[str, str] = {}
    for name in names:
        is_case = name.startswith(VERIFY)
        found[name] = by_theory(name.removeprefix(VERIFY)) if is_case else by_test(name)
        if found[name] == NOTICED:
            break
    return found


def answer_apart(names: list[str], place: Path) -> dict[str, str]:
    """The same in a process of its own, which says nothing else; `place`: of a file for it."""
    place.unlink(missing_ok=True)
    child = os.fork()
    if child == 0:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        try:
            place.write_text(json.dumps(answer(names)), encoding="utf-8")
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    if not place.exists():
        return dict.fromkeys(names, BROKE)
    found: dict[str, str] = json.loads(place.read_text(encoding="utf-8"))
    return found


def main() -> None:
    """Answer questions until there are no more."""
    for name in LIBRARIES:
        importlib.import_module(name)
    with tempfile.TemporaryDirectory() as folder:
        for question in sys.stdin:
            print(
                json.dumps(answer_apart(json.loads(question), Path(folder) / "answer")), flush=True
            )


if __name__ == "__main__":
    main()
