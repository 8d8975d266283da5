"""What one process finds, as hashes by name: `python tests/same_everywhere.py`.

`tests/test_same_everywhere.py` runs it as it is and on a lesser processor, and compares.
"""

import dataclasses
import hashlib
import json
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from sim import load_scenario
from sim.compile_cache import is_kept
from sim.engine.day import run_fast
from sim.questions.levers.design import Spread
from sim.questions.levers.study import Distribution, Range, Scale
from sim.records.recorder import Records
from sim.runs.run import run
from sim.scenario.arrays import make_tables
from sim.scenario.customers import Need, Segment
from sim.scenario.parts import BetaShare
from sim.scenario.quantiles import beta_table, need_rate_table
from worlds.markets import MARKETS

LIBRARY = "the C library's own"  # what has to differ, or the comparison shows nothing
VALUES = [math.ldexp(1.0 + k * 0.618 % 1.0, k % 11 - 6) for k in range(20_000)]
SHARES = np.arange(1.0, 400.0) / 400.0
RANGES = {
    "normal": Range(distribution=Distribution.NORMAL, mean=5.0, sd=2.0),
    "lognormal": Range(distribution=Distribution.LOGNORMAL, mean=3.0, sd=2.0),
    "gamma": Range(distribution=Distribution.GAMMA, mean=3.0, sd=2.0),
    "beta": Range(distribution=Distribution.BETA, mean=0.3, sd=0.1),
    "log scale": Range(low=1.0, high=70.0, scale=Scale.LOG),
}


def sha(*arrays: Any) -> str:
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:16]


def quantiles() -> Iterator[Any]:
    for size in (0.05, 1.0, 12.0, 3e4):
        yield need_rate_table(Segment(share=1.0, need=Need(gamma_shape=size)))
        for mean in (0.003, 0.3, 0.9):
            yield beta_table(BetaShare(mean=mean, concentration=size))


def of_records(records: Records) -> Iterator[Any]:
    for field in dataclasses.fields(records):
        value = getattr(records, field.name)
        if isinstance(value, np.ndarray):
            names = value.dtype.names
            yield from (value[name] for name in names) if names else (value,)


def found() -> dict[str, str]:
    functions = (math.exp, math.log, math.log1p, math.expm1, math.cos, np.exp, np.log)
    hashes = {
        LIBRARY: sha([[f(x) for x in VALUES] for f in functions]),
        "quantiles": sha(*quantiles()),
    }
    for name, given in RANGES.items():
        hashes[name] = sha(Spread(given).quantile(SHARES))
    for name in ("webshop_loop", "webshop_funnel"):
        tables = make_tables(load_scenario(name))
        hashes[f"tables of {name}"] = sha(*(x for x in tables if isinstance(x, np.ndarray)))
    for name in ("town", "club"):
        made = run(MARKETS[name], engine="reference")
        hashes[f"reference, {name}"] = sha(*of_records(made.records))
        figures = json.dumps({key: one for key, one in made.summary.items() if "second" not in key})
        hashes[f"summary, {name}"] = hashlib.sha256(figures.encode()).hexdigest()[:16]
    if is_kept("sim.engine.live", "live_chunk"):  # it would compile for minutes
        for name in ("clinic", "stall"):
            hashes[f"fast, {name}"] = sha(*of_records(run_fast(MARKETS[name])))
        large = load_scenario("webshop_loop", agents=5000, days=120)
        hashes["fast, webshop_loop"] = sha(*of_records(run_fast(large)))
    return hashes


if __name__ == "__main__":
    print(json.dumps(found()))
