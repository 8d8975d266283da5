"""An export as a sheet of an .xlsx file: dates are dates, numbers are numbers, text is only text.

Needs the extra `spreadsheet`. Every cell is written as what it is, so that no text can become a
formula, a number or a link. The same table gives the same bytes: the time at which the document
was made is always day 0, and files in an .xlsx file have the time 1980.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping
from tempfile import TemporaryDirectory
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

import pyarrow as pa

from sim.errors import InputError
from sim.records.people import EPOCH

MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384  # of a sheet, its heading included
AT_ONCE = 65_536  # rows that are held as objects of Python
PROPERTIES = "docProps/custom.xml"  # the file in an .xlsx file with properties of one's own
MOST_OF_PROPERTIES = 100_000  # bytes that are read
DATE, TIME = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"
WIDTH = 19  # of a column, in characters: a time fits


def check_size(rows: int, columns: int) -> None:
    """Raise `InputError` if a sheet has no room for so many rows below a heading, or columns."""
    for count, most, what in ((rows, MOST_ROWS - 1, "rows"), (columns, MOST_COLUMNS, "columns")):
        if count > most:
            raise InputError(
                f"the export has {count:,} {what}, and a sheet of an .xlsx file holds {most:,};"
                " write a .csv or .parquet file."
            )


def sheet_of(table: Any, name: str, mark: str) -> bytes:
    """An Arrow table as an .xlsx file with one sheet; a cell of what is null stays empty.

    `name`: of the sheet; `mark`: the name of a property of the document that says it, too.
    Columns hold text, numbers, switches, dates and times. Raises OSError if there is no room for
    temporary files.
    """
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import FileCreateError

    made = io.BytesIO()
    with TemporaryDirectory() as place:
        # row by row through a file of its own: cells of a long log take gigabytes in memory
        book = Workbook(made, {"constant_memory": True, "tmpdir": place})
        book.set_properties({"created": EPOCH})
        book.set_custom_property(mark, name, "text")
        sheet = book.add_worksheet(name)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, table.num_columns - 1, WIDTH)
        formats = {form: book.add_format({"num_format": form}) for form in (DATE, TIME)}
        writers = [_writer(sheet, field.type, formats) for field in table.schema]
        for column, title in enumerate(table.column_names):
            sheet.write_string(0, column, title)
        row = 0
        for batch in table.to_batches(AT_ONCE):
            cells = [_plain(column).to_pylist() for column in batch.columns]
            for line in zip(*cells, strict=True):
                row += 1
                for column, (write, cell) in enumerate(zip(writers, line, strict=True)):
                    if cell is not None:
                        write(row, column, cell)
        try:
            book.close()
        except FileCreateError as error:
            raise error.args[0] from error  # what the system said
    return made.getvalue()


def _writer(sheet: Any, kind: Any, formats: Mapping[str, Any]) -> Any:
    """What writes a cell of this type of Arrow's into a sheet, by row, column and value."""
    if pa.types.is_temporal(kind):
        form = formats[DATE if pa.types.is_date(kind) else TIME]
        return lambda row, column, value: sheet.write_datetime(row, column, value, form)
    if pa.types.is_boolean(kind):
        return sheet.write_boolean
    if pa.types.is_string(kind):
        return sheet.write_string
    return sheet.write_number


def _plain(column: Any) -> Any:
    """Numbers of single precision as the shortest ones that they are known by: 0.3, not 0.30000001.

    All else as it is.
    """
    if column.type == pa.float32():
        return column.cast(pa.string()).cast(pa.float64())
    return column


def is_marked(file: IO[bytes], name: str, mark: str) -> bool:
    """Whether a file is an .xlsx file with this mark, as `sheet_of` makes it.

    Raises OSError.
    """
    try:
        with ZipFile(file) as archive, archive.open(PROPERTIES) as properties:
            content = properties.read(MOST_OF_PROPERTIES)
    except (BadZipFile, KeyError, EOFError, zlib.error, RuntimeError, ValueError):
        return False
    return f'name="{mark}"><vt:lpwstr>{name}</vt:lpwstr>'.encode() in content
