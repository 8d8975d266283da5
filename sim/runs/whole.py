"""A whole run as bytes, so that it can be made on another machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
from numpy.typing import NDArray

from sim.records import TABLES, restore
from sim.records.steps import as_text, from_text
from sim.runs.run import Manifest, Run, write_table
from sim.runs.store import Keep, pack_arrays, unpack_arrays
from sim.scenario.validate import Origin, validate

SCENARIO, MANIFEST, STEPS = "scenario", "manifest", "next_krone"


def keep_whole(what: str, of: Callable[[Run], Run]) -> Keep[Run]:
    """How a whole run is kept. `what`: all that it depends on beside its scenario; `of`: what is
    done to it where it is made."""
    return Keep(f"whole run, {what}", of, pack_run, unpack_run)


def pack_run(run: Run) -> bytes:
    """The run as bytes: its tables as Parquet, the rest as JSON."""
    parts = {
        SCENARIO: run.scenario.model_dump_json().encode(),
        MANIFEST: json.dumps(run.manifest.as_dict()).encode(),
    }
    if run.next_krone is not None:
        parts[STEPS] = as_text(run.next_krone).encode()
    for name in TABLES:
        stream = BytesIO()
        write_table(run.records, name, stream)
        parts[name] = stream.getvalue()
    return pack_arrays({name: np.frombuffer(part, np.uint8) for name, part in parts.items()})


def unpack_run(content: bytes) -> Run:
    """The run that was packed; its records are equal to the last bit.

    Raises ValueError, KeyError, OSError and the like for other bytes.
    """
    parts: dict[str, NDArray[Any]] = unpack_arrays(content)
    scenario = validate(json.loads(parts[SCENARIO].tobytes()), Origin())
    records = restore(
        scenario, lambda name: parquet.read_table(pa.BufferReader(parts[name].tobytes()))
    )
    steps = None
    if STEPS in parts:
        steps = from_text(parts[STEPS].tobytes(), scenario.touchpoints)
    return Run(scenario, records, Manifest(**json.loads(parts[MANIFEST].tobytes())), steps)
