"""A figure, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias


class Undefined(str):
    """Stands for a figure that does not exist; the text says why."""

    __slots__ = ()


Figure: TypeAlias = float | Undefined


def ratio(part: float, whole: float, why: str) -> Figure:
    """part / whole; undefined, because of `why`, if the whole is 0."""
    return float(part) / float(whole) if whole else Undefined(why)


def in_months(count: int) -> str:
    """So many months, in words."""
    return f"{count} month{'' if count == 1 else 's'}"


def plain(nested: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """`nested` with None for every `Undefined`, and why: reasons by dotted key."""
    reasons: dict[str, str] = {}

    def strip(value: Any, path: str) -> Any:
        if isinstance(value, Undefined):
            reasons[path] = str(value)
            return None
        if isinstance(value, Mapping):
            return {
                key: strip(item, f"{path}.{key}" if path else key) for key, item in value.items()
            }
        return value

    return strip(nested, ""), reasons
