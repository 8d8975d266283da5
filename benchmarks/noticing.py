"""Who notices: tests and limiting cases, one by one.

`python -m benchmarks.noticing NAME ...`, where a name is a test (`tests/test_past.py::test_...`, or
one of its parameters) or `verify: CASE`. It looks at whichever package `sim` comes first
on the path, so that `benchmarks.mutants` can put a wrong one there. All runs are made by the
reference engine, which calls the rules as plain Python: a wrong rule is wrong there at once, and
nothing need be compiled. So it is never the other engine that notices.

The last line is JSON: for each name whether it `noticed` (an assertion failed), was `silent`, or
`broke` (anything else went wrong: nobody should learn of a wrong rule by a crash). It stops at the
first that noticed.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

import sim.engine.day
from sim.records.recorder import Records
from sim.scenario.schema import Scenario

NOTICED, SILENT, BROKE = "noticed", "silent", "broke"
VERIFY = "verify: "
ROOT = Path(__file__).parent.parent


def use_the_reference_engine() -> None:
    """Whoever asks for the fast engine from now on is given the reference engine."""
    from sim.reference.market import run_reference

    def run(scenario: Scenario, *, check: bool = False, **_: object) -> Records:
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
    options += ["--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml")]
    pytest.main([*options, str(ROOT / name)], plugins=[verdicts])
    found = set(verdicts.of.values())
    return next((word for word in (BROKE, NOTICED, SILENT) if word in found), BROKE)


def main() -> None:
    """Ask everybody who is named, until somebody notices."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="+", metavar="NAME")
    use_the_reference_engine()
    found: dict[str, str] = {}
    for name in parser.parse_args().names:
        is_case = name.startswith(VERIFY)
        found[name] = by_theory(name.removeprefix(VERIFY)) if is_case else by_test(name)
        if found[name] == NOTICED:
            break
    print(f"\n{json.dumps(found)}")


if __name__ == "__main__":
    main()
