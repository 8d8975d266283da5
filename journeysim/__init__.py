"""The project under its own name: `from journeysim import run` is `from sim import run`."""

from typing import Any

import sim
from sim import __all__ as __all__


def __getattr__(name: str) -> Any:
    return getattr(sim, name)


def __dir__() -> list[str]:
    return dir(sim)
