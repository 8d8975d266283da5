"""Checks as people and programs read them."""

import math
from collections.abc import Sequence
from typing import Any

from rich.table import Table

from sim.theory.check import Check

WIDTH = 200  # characters, more than a line needs: a check stays on one line


def _figure(value: float) -> str:
    return f"{value:.6g}" if value else "0"


def as_table(checks: Sequence[Check]) -> Table:
    """One line a check: what was found, what is exact, and how far apart they may be."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("", "case", "what"):
        table.add_column(name, no_wrap=True)
    for name in ("found", "exact", "standard error", "difference", "allowed"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("note", no_wrap=True)
    for check in checks:
        table.add_row(
            "ok" if check.passed else "FAILS",
            check.case,
            check.what,
            _figure(check.found),
            _figure(check.exact),
            f"{check.standard_error:.2g}",
            f"{check.found - check.exact:+.2g}",
            f"{check.tolerance:.2g}",
            check.note,
            style=None if check.passed else "red",
        )
    return table


def as_json(checks: Sequence[Check]) -> list[dict[str, Any]]:
    """The checks as JSON objects; a figure that is undefined is null."""
    return [
        {
            "case": check.case,
            "what": check.what,
            "found": check.found if math.isfinite(check.found) else None,
            "exact": check.exact,
            "standard_error": check.standard_error,
            "tolerance": check.tolerance,
            "shift_if_2_percent_wrong": check.shift,
            "passed": check.passed,
            "note": check.note,
        }
        for check in checks
    ]


def summary(checks: Sequence[Check]) -> str:
    """How many passed, in a sentence."""
    passed = sum(check.passed for check in checks)
    return f"{passed} of {len(checks)} checks against theory passed."
