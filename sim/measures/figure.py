"""A figure, or why there is none; rows of figures as a table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    import pandas as pd

FIELD = re.compile(r"\{\w+\}")  # of a template
REASON = "$undefined"  # in a file, before a reason; no name begins with this sign


class Undefined(str):
    """Stands for a figure that does not exist; the text says why.

    `template` and `values` keep what the text is made of, so that it can be translated.
    """

    template: str
    values: Mapping[str, Any]

    def __new__(cls, template: str, /, **values: Any) -> Undefined:
        made = super().__new__(cls, template.format(**values) if values else template)
        made.template, made.values = template, values
        return made

    @classmethod
    def read(cls, found: Any) -> Undefined:
        """The reason that a file holds as `{"$undefined": [template, values]}`.

        Raises ValueError for anything else.
        """
        if isinstance(found, Undefined):
            return found
        if not isinstance(found, Mapping) or list(found) != [REASON]:
            raise ValueError("it is no reason why a figure does not exist")
        template, values = found[REASON]
        if not isinstance(template, str) or not isinstance(values, Mapping):
            raise ValueError("it is no reason why a figure does not exist")
        if values and set("{}") & set(FIELD.sub("", template)):  # names alone, no widths and such
            raise ValueError("it is no reason why a figure does not exist")
        try:
            return cls(
                template,
                **{
                    name: cls.read(value) if isinstance(value, Mapping) else value
                    for name, value in values.items()
                },
            )
        except (LookupError, AttributeError) as error:
            raise ValueError("a reason lacks what it is made of") from error

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(cls.read)


Figure: TypeAlias = float | Undefined


def ratio(part: float, whole: float, why: str) -> Figure:
    """part / whole; undefined, because of `why`, if the whole is 0."""
    if whole:
        return float(part) / float(whole)
    return why if isinstance(why, Undefined) else Undefined(why)


def in_months(count: int) -> Undefined:
    """So many months, in words that can be translated."""
    return Undefined("1 month") if count == 1 else Undefined("{count} months", count=count)


def plain(nested: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """`nested` with None for every `Undefined`, and why: reasons by dotted key."""
    reasons: dict[str, str] = {}

    def strip(value: Any, path: str) -> Any:
        if isinstance(value, Undefined):
            reasons[path] = value
            return None
        if isinstance(value, Mapping):
            return {
                key: strip(item, f"{path}.{key}" if path else key) for key, item in value.items()
            }
        return value

    return strip(nested, ""), reasons


def plain_rows(rows: Iterable[Iterable[Any]]) -> list[list[Any]]:
    """The cells of rows, with None for every `Undefined`."""
    return [[None if isinstance(cell, Undefined) else cell for cell in row] for row in rows]


def tidy(kind: type[NamedTuple], rows: Iterable[Any]) -> pd.DataFrame:
    """Rows as a pandas table, a column for each field of `kind`; no figure: missing."""
    import pandas as pd

    return pd.DataFrame(plain_rows(rows), columns=list(kind._fields))
