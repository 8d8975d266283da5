"""journeysim: an agent-based market simulator of the customer journey.

    from sim import load_scenario, run

    market = run(load_scenario("webshop_loop", agents=20_000))
    market.summary["economics"]["cac"]
    market.daily  # a pandas DataFrame; market.tables names them all

Whatever is heavy is imported when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sim.runs.run import run

if TYPE_CHECKING:
    from sim.pages.folder import write_folder
    from sim.runs.run import Run, read_folder, summarise
    from sim.scenario.load import load_scenario
    from sim.scenario.schema import Scenario
    from sim.verify import verify_all

    __version__: str

__all__ = [
    "Run",
    "Scenario",
    "__version__",
    "load_scenario",
    "read_folder",
    "run",
    "summarise",
    "verify_all",
    "write_folder",
]

HOME = {
    "Run": "sim.runs.run",
    "Scenario": "sim.scenario.schema",
    "load_scenario": "sim.scenario.load",
    "read_folder": "sim.runs.run",
    "summarise": "sim.runs.run",
    "verify_all": "sim.verify",
    "write_folder": "sim.pages.folder",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("journeysim")
    if name not in HOME:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    return getattr(import_module(HOME[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
