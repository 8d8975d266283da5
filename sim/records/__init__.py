"""The tables of a run: records as tidy columns, and back.

`columns` says what every column is; `build` fills them from records, `people` those with a
row for each customer or event, `restore` makes records of them again. A table is a stream
of Arrow record batches (what Parquet files hold); `frame` gives it as a pandas DataFrame.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.disk import new_file
from sim.records.build import dense_batch
from sim.records.columns import TABLES, describe
from sim.records.people import customer_batches, panel_batches
from sim.records.recorder import Records
from sim.records.restore import restore

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TABLES", "as_frame", "batches", "describe", "frame", "restore", "write_frame"]


def batches(records: Records, name: str) -> Iterator[Any]:
    """The table `name` as Arrow record batches, so that a large one is never whole in memory.

    Raises `KeyError` if there is no such table.
    """
    if name == "customers":
        return customer_batches(records)
    if name == "panel":
        return panel_batches(records)
    if name not in TABLES:
        raise KeyError(name)
    return iter([dense_batch(records, name)])


def frame(records: Records, name: str) -> pd.DataFrame:
    """The table `name` as a DataFrame; names are categories, whole numbers may be missing."""
    import pyarrow as pa

    return as_frame(pa.Table.from_batches(batches(records, name), schema=TABLES[name]))


def as_frame(table: Any) -> pd.DataFrame:
    """An Arrow table as a DataFrame in which missing whole numbers stay missing."""
    import pandas as pd
    import pyarrow as pa

    nullable = {
        pa.int8(): pd.Int8Dtype(),
        pa.int16(): pd.Int16Dtype(),
        pa.bool_(): pd.BooleanDtype(),
    }
    missing = {
        field.name: nullable[field.type]
        for field in table.schema
        if field.nullable and field.type in nullable
    }
    whole: pd.DataFrame = table.drop_columns(list(missing)).to_pandas()
    for name, kind in missing.items():
        place = table.schema.get_field_index(name)
        whole.insert(
            place,
            name,
            table.column(name).to_pandas(types_mapper={table.schema.field(name).type: kind}.get),
        )
    return whole


def write_frame(table: pd.DataFrame, file: Path) -> None:
    """Write a DataFrame as a new Parquet file. Raises OSError."""
    with new_file(file) as stream:
        table.to_parquet(stream, compression="zstd", index=False)
