"""Each measure once for a run: what was found is kept with the run's records."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

import numpy as np

from sim.records.recorder import Records

Parameters = ParamSpec("Parameters")
Found = TypeVar("Found")

Measured = Callable[Concatenate[Records, Parameters], Found]


def once(measure: Measured[Parameters, Found]) -> Measured[Parameters, Found]:
    """The measure, computed when it is first asked for and then kept as long as the records are.

    Neither the records nor what was found may be changed afterwards; arrays cannot be.
    """
    signature = inspect.signature(measure)

    @wraps(measure)
    def kept(records: Records, *args: Parameters.args, **kwargs: Parameters.kwargs) -> Found:
        asked = signature.bind(records, *args, **kwargs)
        asked.apply_defaults()
        key = (measure, *list(asked.arguments.values())[1:])
        if key not in records.found:
            one = measure(records, *args, **kwargs)
            if isinstance(one, np.ndarray):
                one.flags.writeable = False
            records.found[key] = one
        found: Found = records.found[key]
        return found

    return cast(Measured[Parameters, Found], kept)
