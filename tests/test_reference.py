"""The reference market as a Mesa model, and its columns as attributes."""

import gc
import weakref

import mesa
import numpy as np
import pytest

from sim.engine.day import run_fast
from sim.errors import ScenarioErrors
from sim.model.columns import CUSTOMER, Count
from sim.reference.columns import with_columns
from sim.reference.market import Market, run_reference
from sim.scenario.levers import with_settings
from sim.vocabulary import Relationship
from worlds.markets import MARKETS


def test_batch_run_gives_the_figures_of_the_fast_engine() -> None:
    base, lever = MARKETS["stall"], "touchpoints.smell.quality.mean"
    rows = mesa.batch_run(
        Market,
        {"scenario": [base], "seed": [1, 2], lever: [-0.5, 0.5]},
        number_processes=1,
        display_progress=False,
    )
    assert len(rows) == 4
    for row in rows:
        overrides = {"seed": row["seed"], lever: row[lever]}
        records = run_fast(with_settings(base, overrides=overrides), threads=1)
        counts = records.counts.sum(axis=(0, 1))
        scale = records.people_per_agent
        assert row["Step"] == base.days - 1
        assert row["needs"] == counts[Count.NEEDS]
        assert row["purchases"] == counts[Count.PURCHASES]
        assert row["new_customers"] == counts[Count.NEW_CUSTOMERS]
        assert row["revenue"] == counts[Count.REVENUE] / 100 * scale
        assert row["margin"] == counts[Count.MARGIN] / 100 * scale
        assert row["spend"] == records.spend.sum()
        assert row["active_customers"] == 0


def test_batch_run_collects_every_day() -> None:
    rows = mesa.batch_run(
        Market,
        {"scenario": [MARKETS["clinic"]]},
        number_processes=1,
        data_collection_period=1,
        display_progress=False,
    )
    records = run_fast(MARKETS["clinic"], threads=1)
    bought = records.counts[:, :, Count.PURCHASES].sum(axis=1).cumsum()
    assert [row["purchases"] for row in rows] == bought.tolist()
    owners_at_end = records.customers["relationship"] == Relationship.CUSTOMER
    assert rows[-1]["active_customers"] == owners_at_end.sum()


def test_a_market_closes_after_its_last_day() -> None:
    hermit = Market(MARKETS["hermit"])
    assert hermit.records is None
    hermit.run_model()
    assert (hermit.day, hermit.running) == (1, False)
    assert hermit.records is not None
    with pytest.raises(RuntimeError, match="closed after 1 days"):
        hermit.step()


def test_a_closed_market_can_be_forgotten() -> None:
    hermit = Market(MARKETS["hermit"])
    hermit.run_model()
    trace = weakref.ref(hermit)
    del hermit
    gc.collect()
    assert trace() is None


def test_progress_counts_the_days() -> None:
    days: list[int] = []
    run_reference(MARKETS["hermit"], progress=days.append)
    assert days == [1]


def test_a_market_opens_by_library_name_and_refuses_a_wrong_lever() -> None:
    with pytest.raises(ScenarioErrors):
        Market("no_such_scenario")
    with pytest.raises(ScenarioErrors):
        Market(MARKETS["stall"], **{"touchpoints.smel.norm": 0.1})


# Columns as attributes.


@with_columns(CUSTOMER)
class Row:
    awareness: float
    count: int


def test_a_float_column_rounds_to_single_precision_and_gives_plain_floats() -> None:
    row = Row()
    row.awareness = 0.1
    assert type(row.awareness) is float
    assert row.awareness == float(np.float32(0.1)) != 0.1


def test_an_integer_column_refuses_what_does_not_fit() -> None:
    row = Row()
    row.purchases = np.int64(2**15 - 1)
    assert type(row.purchases) is int
    with pytest.raises(OverflowError, match="purchases is 32768"):
        row.purchases = 2**15


def test_a_column_of_another_type_is_refused() -> None:
    with pytest.raises(TypeError, match="column name is"):
        with_columns(np.dtype([("name", np.float64)]))(Row)
