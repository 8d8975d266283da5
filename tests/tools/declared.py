"""Files held against the declarations of their columns (`sim.records.table`)."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as parquet

from sim.records.table import NUMBER, TEXT, WHOLE, Table

KINDS = {
    TEXT: lambda kind: pa.types.is_string(kind) or pa.types.is_large_string(kind),
    NUMBER: pa.types.is_floating,
    WHOLE: pa.types.is_integer,
}


def assert_declared(file: Path, table: Table) -> None:
    """The file has the table's name and columns, of their kinds, and nulls where there may be."""
    stored = parquet.read_table(file)
    assert file.stem == table.name
    assert stored.column_names == table.names
    for column in table.columns:
        cells = stored[column.name]
        is_empty = pa.types.is_null(cells.type)  # no row has one
        assert is_empty or KINDS[column.kind](cells.type), (table.name, column.name)
        missing = cells.null_count
        if pa.types.is_floating(cells.type):
            missing += pc.sum(pc.is_nan(cells)).as_py() or 0
        assert column.nullable or not missing, (table.name, column.name)
