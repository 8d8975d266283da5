"""Each measure once for a run: what was found is kept with the records, which then stay."""

from dataclasses import replace

import numpy as np
import pytest

from sim.measures import conversion, totals
from sim.measures.catalogue import MEASURES, figures_of
from sim.measures.once import once
from sim.model.columns import Count
from sim.records.recorder import Records
from worlds.by_hand import by_hand, nothing_happened, unmeasured, win


def test_what_was_found_is_not_computed_again() -> None:
    asked: list[int] = []

    @once
    def measure(records: Records, age: int = 1) -> int:
        asked.append(age)
        return age

    records = nothing_happened(by_hand())
    assert [measure(records), measure(records, 1), measure(records, age=1)] == [1, 1, 1]
    assert measure(records, 2) == 2
    assert asked == [1, 2]
    assert measure(nothing_happened(by_hand())) == 1
    assert asked == [1, 2, 1]
    assert conversion.phase_moves(records) is conversion.phase_moves(records, None)
    assert conversion.phase_moves(records) is not conversion.phase_moves(records, 0)


def test_records_that_were_measured_stay() -> None:
    records = nothing_happened(by_hand())
    win(records, 0, 1)
    assert totals.total(records, Count.NEW_CUSTOMERS) == 1
    with pytest.raises(ValueError, match="read-only"):
        win(records, 0, 1)
    with pytest.raises(ValueError, match="read-only"):
        totals.counts(records)[0, 0] = 1
    copy = unmeasured(records)
    win(copy, 0, 1)
    assert totals.total(copy, Count.NEW_CUSTOMERS) == 2
    other = replace(records, counts=np.zeros_like(records.counts))
    assert totals.total(other, Count.NEW_CUSTOMERS) == 0


def test_every_figure_of_a_summary_has_its_function_in_the_catalogue() -> None:
    figures, _ = figures_of(nothing_happened(by_hand()))
    groups = dict.fromkeys(m.key.split(".")[0] for m in MEASURES if m.of or m.of_steps)
    assert set(figures) == set(groups)
    without = [m.key for m in MEASURES if not m.of and not m.of_steps]
    assert all("." not in key for key in without if key not in ("intervals.*", "undefined.*"))
