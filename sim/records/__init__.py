"""The tables of a run: records as tidy columns, and back.

`table` says what a table is; `tables` declares those of a run, each with how it is made of records
and read back. A table is a stream of Arrow record batches (what Parquet files hold); `frame` gives
it as a pandas DataFrame.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.disk import new_file
from sim.records.recorder import Records
from sim.records.tables import TABLES, batches, restore

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TABLES", "as_frame", "batches", "frame", "restore", "write_frame"]


def frame(records: Records, name: str) -> pd.DataFrame:
    """The table `name` as a DataFrame; names are categories, whole numbers may be missing.

    Raises `KeyError` if there is no such table.
    """
    import pyarrow as pa

    schema = TABLES[name].schema
    return as_frame(pa.Table.from_batches(batches(records, name), schema=schema))


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
