"""Attributes that hold what a column of `CUSTOMER` can hold, and nothing finer.

A float column is single precision: what is stored is rounded, what is read back is a plain
Python float, so that rules compute in double precision from rounded values, as both engines
must. An integer column takes any integer that fits and refuses the rest, which in an array
would wrap around in silence.
"""

from typing import Any, TypeVar

import numpy as np

Class = TypeVar("Class", bound=type)


def single(value: float) -> float:
    """`value` rounded to single precision."""
    return float(np.float32(value))


class SingleColumn:
    """A column of single-precision floats."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __set__(self, owner: Any, value: float) -> None:
        owner.__dict__[self.name] = single(value)


class IntegerColumn:
    """A column of integers from `low` to `high`."""

    def __init__(self, name: str, low: int, high: int) -> None:
        self.name = name
        self.low = low
        self.high = high

    def __set__(self, owner: Any, value: int) -> None:
        whole = int(value)
        if not self.low <= whole <= self.high:
            raise OverflowError(f"{self.name} is {whole}: outside {self.low} .. {self.high}")
        owner.__dict__[self.name] = whole


def column(name: str, dtype: np.dtype[Any]) -> SingleColumn | IntegerColumn:
    """The attribute that stands for a column of this type.

    Raises `TypeError` for a type that no column of a customer has.
    """
    if dtype == np.float32:
        return SingleColumn(name)
    if np.issubdtype(dtype, np.integer):
        bounds = np.iinfo(dtype)
        return IntegerColumn(name, int(bounds.min), int(bounds.max))
    raise TypeError(f"column {name} is {dtype}: neither single precision nor an integer")


def with_columns(row: np.dtype[Any]) -> Any:
    """Class decorator: give the class an attribute for each column of `row`."""

    def decorate(owner: Class) -> Class:
        for name in row.names or ():
            setattr(owner, name, column(name, row[name]))
        return owner

    return decorate
