"""What was found as plain values, as JSON holds them, and back: for files that are read again."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import numpy as np
from pydantic import BaseModel

from sim.measures.figure import REASON, Undefined

CLOCK = "seconds"  # a field that is left out: the same question has the same answer, to the byte


def to_plain(value: Any) -> Any:
    """The value as JSON knows it, without clocks; reasons for no figure as `{"$undefined": ...}`.

    Records become objects, named tuples and sequences lists, infinities "inf" and "-inf", which
    pydantic reads as numbers where a number is due. Raises TypeError for what is no plain data,
    ValueError for NaN.
    """
    if isinstance(value, Undefined):
        return {REASON: [value.template, to_plain(dict(value.values))]}
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        if math.isnan(value):
            raise ValueError("NaN is no figure")
        return float(value) if math.isfinite(value) else str(value)
    if isinstance(value, np.generic):
        return to_plain(value.item())
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if is_dataclass(value) and not isinstance(value, type):
        names = [each.name for each in fields(value) if each.name != CLOCK]
        return {name: to_plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {to_plain(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [to_plain(item) for item in value]
    raise TypeError(f"{type(value).__name__} is no plain data")


def with_reasons(value: Any) -> Any:
    """Nested plain values with their reasons again. Raises ValueError for what is no reason."""
    if isinstance(value, Mapping):
        if REASON in value:
            return Undefined.read(value)
        return {key: with_reasons(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_reasons(item) for item in value]
    return value
