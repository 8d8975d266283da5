"""Where the records of two runs differ, to the bit."""

import dataclasses

import numpy as np

from sim.records.recorder import Records


def differences(one: Records, other: Records) -> list[str]:
    """Where two runs' records differ by as much as a bit: array, column, first place, values."""
    found = []
    for field in dataclasses.fields(one):
        if field.name == "scenario":
            continue
        a, b = getattr(one, field.name), getattr(other, field.name)
        if a.shape != b.shape or a.dtype != b.dtype:
            found.append(f"{field.name}: {a.dtype}{a.shape} and {b.dtype}{b.shape}")
            continue
        for column in a.dtype.names or ("",):
            x, y = (a[column], b[column]) if column else (a, b)
            bits = f"u{x.dtype.itemsize}"
            unequal = np.argwhere(
                np.ascontiguousarray(x).view(bits) != np.ascontiguousarray(y).view(bits)
            )
            if len(unequal):
                first = tuple(unequal[0])
                place = f"{field.name} {column} {[int(k) for k in first]}"
                found.append(f"{place}: {x[first]!r} and {y[first]!r}, {len(unequal)} differ")
    return found
