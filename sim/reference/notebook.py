"""Where customers write down what happens to them: counters of the day, events of the panel."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.model.columns import EVENT, Cohort, Count, Tables, Tally, age_of, cohort_of, since_start
from sim.records.recorder import DAILY, new_tally
from sim.vocabulary import NEVER, EventCode

if TYPE_CHECKING:
    from sim.reference.person import Person


class Details(NamedTuple):
    """What an event of the panel's log says beside who, when, where and its value."""

    touchpoint: int = NEVER
    to_phase: int = NEVER
    offer: int = NEVER
    device: int = NEVER
    visit: int = 0


NO_DETAILS = Details()


class Notebook:
    """The counters of `sim.model.columns`, as one chunk, and the events of the run so far."""

    def __init__(self, t: Tables) -> None:
        self.tally: Tally = new_tally(t, chunks=1)
        self.events: list[tuple[float, ...]] = []

    def count(self, who: "Person", column: Count, amount: int = 1) -> None:
        """Add to a count of the day."""
        self.tally.counts[0, who.segment, column] += amount

    def count_age(self, who: "Person", *, purchases: int, revenue: int, margin: int) -> None:
        """Count money (minor units) under the month of first purchase and the age in months."""
        past = who.t.past
        if who.today < past:
            return
        first = since_start(who.first_day, past)
        cohort, age = cohort_of(first), age_of(first, who.today - past)
        row = self.tally.cohorts[0, who.segment, cohort, age]
        row[Cohort.PURCHASES] += purchases
        row[Cohort.REVENUE] += revenue
        row[Cohort.MARGIN] += margin

    def event(
        self,
        who: "Person",
        code: EventCode,
        details: Details = NO_DETAILS,
        *,
        value: float = 0.0,
    ) -> None:
        """Write an event down if the customer belongs to the panel."""
        if not who.panel:
            return
        touchpoint, to_phase, offer, device, visit = details
        here = (code, touchpoint, who.phase, to_phase)
        self.events.append((who.number, who.today, *here, offer, who.route, device, visit, value))

    def sums(self) -> dict[str, Any]:
        """The day's counters as the recorder wants them: by name, summed over chunks."""
        return {name: getattr(self.tally, name).sum(axis=0) for name in DAILY}

    def turn_page(self) -> None:
        """Start the next day at 0; cohorts count on."""
        for name in DAILY:
            getattr(self.tally, name)[...] = 0

    def event_table(self) -> NDArray[np.void]:
        """All events so far, in the order in which they were written."""
        return np.array(self.events, dtype=EVENT)
