"""Any value that a lever may take, for property tests."""

from typing import Any

from hypothesis import strategies as st

from sim.scenario.levers import Lever


def value_of(lever: Lever) -> st.SearchStrategy[Any]:
    """Any value within the lever's bounds, the bounds and small values more often."""
    if lever.choices:
        return st.sampled_from(lever.choices)
    if lever.kind == "boolean":
        return st.booleans()
    low = 0.0 if lever.low is None else lever.low
    high = low + 1e6 if lever.high is None else lever.high
    if lever.kind == "integer":
        return st.integers(int(low), int(high)) | st.integers(int(low), int(min(high, low + 30)))
    near = st.floats(low, min(high, low + 2.0), exclude_min=low == 0.0)
    return st.sampled_from([low, high]) | near | st.floats(low, high, exclude_min=low == 0.0)
