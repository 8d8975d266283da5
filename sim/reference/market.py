"""The reference engine's day, in order; a run is days in a row.

1. morning: budgets, season, yesterday's talk and rating become rates of encounters;
2. notice:  needs arise, and customers see which touchpoints the day brings;
3. queues:  those who come to service touchpoints are served, or lose patience;
4. live:    encounters, movement, purchase, ownership, talk;
5. night:   friends are told, everybody is counted, the day is written down.

No stage reads what another customer does in the same stage, so the order of customers
cannot matter.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.draws import SETUP_DAY, Draw
from sim.model.columns import CUSTOMER, FLAGS, MET_BITS, Count, Tables, is_month_end
from sim.model.conservation import ConservationError
from sim.model.market import daily_rates, new_standing, stand
from sim.model.talk import listener
from sim.model.turnover import leaving_until
from sim.records.recorder import Recorder, Records
from sim.reference.customer import Customer
from sim.reference.notebook import Notebook
from sim.reference.service import Desk, Visit
from sim.scenario.arrays import make_tables, pair_names
from sim.scenario.levers import with_settings
from sim.scenario.load import load_scenario
from sim.scenario.schema import Scenario
from sim.scenario.tables_by_day import tables_by_day
from sim.vocabulary import MINOR_UNITS

ONES = (1 << MET_BITS) - 1
Order = Callable[[Sequence[Customer]], Iterable[Customer]]


class Market(mesa.Model):  # type: ignore[misc]  # mesa brings no types
    """A market whose `step` is one day; `running` turns False after the last one.

    The scenario's past is lived through when the market is made.

    Mesa's own random numbers are never used: every draw has an address (`sim.draws`).
    After the last day `records` holds all that the run left behind. `datacollector` keeps a
    few running totals per day (see `FIGURES`), which is what `mesa.batch_run` returns.
    """

    def __init__(
        self,
        scenario: Scenario | str | Path,
        seed: int | None = None,
        *,
        check: bool = False,
        order: Order | None = None,
        customer_class: type[Customer] = Customer,
        **settings: Any,
    ) -> None:
        """Open a market for its first day.

        `scenario`: a scenario, a file or a library name (`mesa.batch_run` takes a `Scenario`
        only inside a list). `seed`: in place of the scenario's. `settings`: lever paths and
        values, as in `Market("webshop_loop", **{"touchpoints.website.norm": 0.1})`. `check`:
        verify every night that flow equals census. `order`: permutes the customers at
        every stage of every day, to show that it cannot matter. `customer_class`: of all
        customers, a subclass of `sim.reference.customer.Customer`, see docs/customers.md.
        Raises `sim.errors.ScenarioErrors` for a bad scenario or setting; TypeError for a class
        of anything else than customers.
        """
        if not issubclass(customer_class, Customer):
            raise TypeError(f"{customer_class.__name__} is no subclass of {Customer.__name__}")
        super().__init__(seed=0)
        if not isinstance(scenario, Scenario):
            scenario = load_scenario(scenario)
        if seed is not None or settings:
            scenario = with_settings(scenario, overrides={**settings, "seed": seed})
        self.scenario = scenario
        self.check = check
        self.order = order
        self.changes = tables_by_day(scenario)
        self.t: Tables = self.changes[0][1]
        if scenario.past_days:
            self.t = make_tables(scenario.before, pair_names(scenario))
        self.day = 0  # counts from the past's first
        self.notes = Notebook(self.t)
        self.recorder = Recorder(scenario, self.t)
        self.customer_class = customer_class
        self.customers = [customer_class(self, key) for key in range(scenario.agents)]
        self.gone: list[Customer] = []  # who left since day 0, by number
        self.census = self.count_customers()
        self.standing = new_standing(self.t)
        stand(self.t, self.standing)
        self.rates = np.zeros_like(self.standing.rates)
        self.desks = [
            Desk(int(servers), float(shuts))
            for servers, shuts in zip(self.t.servers, self.t.shuts, strict=True)
        ]
        self.rating = self.recorder.public_rating()
        self.norms = self.recorder.ledger.norms.copy()
        self.told_good = 0  # listeners told yesterday
        self.told_bad = 0
        self.records: Records | None = None
        self.datacollector = mesa.DataCollector(model_reporters=FIGURES)
        while self.day < self.t.past:
            self.live_a_day()
        self.begin_the_run()

    def begin_the_run(self) -> None:
        """Day 0: what is reported begins, by the scenario's own tables."""
        self.change_tables()
        if self.t.past:  # whose tables may have had other shapes
            past, self.recorder = self.recorder.ledger, Recorder(self.scenario, self.t)
            for name in ("reviews", "unspent", "norms"):
                getattr(self.recorder.ledger, name)[:] = getattr(past, name)
            self.notes = Notebook(self.t)
        t, first = self.t, self.t.agents
        self.newcomers = []  # the number of the first who will come to each place
        for customer in self.customers:
            customer.begin_the_run()
            self.newcomers.append(first)
            day = customer.leave_day
            first += leaving_until(t.seed, customer.key, day, t.leave_rate, t.days)
        self.start = self.by_phase(self.census)

    def step(self) -> None:
        """One day."""
        if not self.running:
            raise RuntimeError(f"the market closed after {self.scenario.days} days")
        self.live_a_day()
        self.datacollector.collect(self)
        if self.day == self.t.days:
            self.close()

    def change_tables(self) -> None:
        """From today on the market's tables are the next ones."""
        before = self.t
        _, self.t = self.changes.pop(0)
        self.recorder.t = self.t
        self.recorder.ledger.norms[:] += self.t.norm - before.norm
        stand(self.t, self.standing)
        for desk, servers, shuts in zip(self.desks, self.t.servers, self.t.shuts, strict=True):
            desk.change(int(servers), float(shuts))
        for customer in self.customers:
            customer.change_tables(before, self.t)

    def live_a_day(self) -> None:
        """The day's stages, of the past too."""
        if self.changes and self.t.past + self.changes[0][0] == self.day > self.t.past:
            self.change_tables()
        self.open_morning()
        self.notice()
        self.serve_queues()
        self.live()
        self.close_night()

    def everybody(self) -> Iterable[Customer]:
        """All customers, in the order of their keys unless another is asked for."""
        return self.customers if self.order is None else self.order(self.customers)

    # Stage 1.

    def open_morning(self) -> None:
        """Rates of encounters, from last night's census, yesterday's talk and the rating."""
        self.rating = self.recorder.public_rating()
        self.norms = self.recorder.ledger.norms.copy()
        messages = float(self.told_good + self.told_bad)
        daily_rates(self.t, self.standing, self.day, self.census, messages, self.rates)

    # Stage 2.

    def notice(self) -> None:
        """Everybody's morning; some have left the market, and newcomers come."""
        for customer in list(self.everybody()):
            if customer.leave_day == self.day:
                customer = self.replace(customer)
            customer.notice()

    def replace(self, leaver: Customer) -> Customer:
        """Returns the newcomer who takes the place of somebody who leaves the market."""
        leaver.move_away()
        newcomer = self.customer_class(self, leaver.key, leaver)
        self.customers[leaver.key] = newcomer
        leaver.remove()
        if self.day >= self.t.past:
            self.gone.append(leaver)
            first = leaver.number == leaver.key
            newcomer.number = self.newcomers[leaver.key] if first else leaver.number + 1
            newcomer.join_panel()
        return newcomer

    # Stage 3.

    def serve_queues(self) -> None:
        """Play the day of each service touchpoint."""
        queues: defaultdict[int, list[Visit]] = defaultdict(list)
        for customer in self.everybody():
            for meeting in customer.meetings:
                if meeting.visit is not None:
                    queues[meeting.touchpoint].append(meeting.visit)
        for touchpoint, visits in queues.items():
            self.desks[touchpoint].serve(visits)

    # Stage 4.

    def live(self) -> None:
        """Everybody's day."""
        for customer in self.everybody():
            customer.live()

    def spread_word(self, sign: int) -> None:
        """A customer talks: so many listeners are told."""
        told = self.t.listeners_positive if sign > 0 else self.t.listeners_negative
        self.notes.tally.messages[0, 0 if sign > 0 else 1] += told

    # Stage 5.

    def close_night(self) -> None:
        """Friends are told, everybody is counted, the day is written down."""
        self.tell_friends()
        sums = self.notes.sums()
        before, self.census = self.census, self.count_customers()
        if self.check:
            self.check_flow_is_census(before, sums["flows"])
        self.recorder.record_day(self.day, sums, self.rates)
        day = self.day - self.t.past
        if day >= 0 and is_month_end(day, self.scenario.days):
            history = self.table(self.customers)
            self.recorder.record_month(
                day,
                history["segment"],
                history["relationship"],
                first_day=history["first_day"],
            )
        if self.day in self.recorder.interviews.evenings:
            people = self.table(self.customers)
            weights = np.array([customer.weights for customer in self.customers])
            self.recorder.interviews.see(self.t, self.day, people, weights=weights)
        self.told_good, self.told_bad = (int(told) for told in sums["messages"])
        self.notes.turn_page()
        self.day += 1

    def tell_friends(self) -> None:
        """What was heard yesterday is past; what is said today is heard tomorrow."""
        for customer in self.customers:
            customer.heard_good = customer.heard_bad = 0
        for talker in self.everybody():
            if self.t.network and talker.says:
                for friend in self.friends_told_by(talker):
                    if talker.says > 0:
                        friend.heard_good += 1
                    else:
                        friend.heard_bad += 1
            talker.says = 0

    def friends_told_by(self, talker: Customer) -> list[Customer]:
        """The friends whom a talker tells today, each as often as it is told."""
        t = self.t
        told = t.listeners_positive if talker.says > 0 else t.listeners_negative
        friends = []
        for m in range(told):
            friend = int(talker.luck_of(Draw.LISTENER, 1 + self.day, m) * t.friends)
            u_far = talker.luck_of(Draw.LISTENER, SETUP_DAY, 2 * friend)
            u_who = talker.luck_of(Draw.LISTENER, SETUP_DAY, 2 * friend + 1)
            key = listener(u_far, u_who, talker.key, friend, t.agents, t.far_share)
            if key != talker.key:
                friends.append(self.customers[key])
        return friends

    def close(self) -> None:
        """After the last day: the records are complete."""
        self.running = False
        # Mesa counts the agents of each model in a table of its own, which would keep this
        # market and its customers in memory until the process ends.
        getattr(mesa.Agent, "_ids", {}).pop(self, None)
        self.records = self.recorder.finish(
            self.start,
            self.notes.tally.cohorts.sum(axis=0),
            self.table(self.customers + self.gone),
            met=self.met(self.customers + self.gone),
            events=[self.notes.event_table()],
        )

    # Counting.

    def count_customers(self) -> NDArray[np.int64]:
        """Customers in each cell, (cells,)."""
        cells = len(self.t.share_cumulative) * len(self.t.pace) * FLAGS
        return np.bincount([customer.cell for customer in self.customers], minlength=cells)

    def by_phase(self, census: NDArray[np.int64]) -> NDArray[np.int64]:
        """Customers in each segment and phase, (S, P)."""
        shape = (len(self.t.share_cumulative), len(self.t.pace), FLAGS)
        counted: NDArray[np.int64] = census.reshape(shape).sum(axis=2)
        return counted

    def check_flow_is_census(self, before: NDArray[np.int64], flows: NDArray[np.int64]) -> None:
        """Raise `ConservationError` unless tonight is last night, plus who came, less who went.

        `before` (cells,): last night's census; `flows` (S, P, P): today's, from and to.
        """
        expected = self.by_phase(before) + flows.sum(axis=1) - flows.sum(axis=2)
        counted = self.by_phase(self.census)
        if not np.array_equal(counted, expected):
            raise ConservationError(
                f"day {self.day}: phases hold {counted} but flows say {expected}"
            )

    def table(self, customers: Sequence[Customer]) -> NDArray[np.void]:
        """The state of customers as rows of `CUSTOMER`, (n,)."""
        rows = np.zeros(len(customers), dtype=CUSTOMER)
        for name in CUSTOMER.names or ():
            rows[name] = [getattr(customer, name) for customer in customers]
        return rows

    def met(self, customers: Sequence[Customer]) -> NDArray[np.uint64]:
        """Which touchpoints customers have met: bits, (n, words)."""
        words = -(-len(self.t.starts) // MET_BITS)
        return np.array(
            [[c.met >> MET_BITS * word & ONES for word in range(words)] for c in customers],
            dtype=np.uint64,
        ).reshape(len(customers), words)

    # Figures.

    def total(self, column: Count) -> int:
        """A count, summed over segments and the days so far, in simulated customers."""
        return int(self.recorder.daily("counts")[self.t.past :, :, column].sum())

    def money(self, column: Count) -> float:
        """A count of money so far, in the scenario's currency, for the whole population."""
        return self.total(column) / MINOR_UNITS * self.t.people_per_agent

    def active_customers(self) -> int:
        """How many simulated customers own something tonight."""
        return sum(customer.owns for customer in self.customers)

    def spend(self) -> float:
        """Money spent on touchpoints so far, in the scenario's currency."""
        return float(self.recorder.ledger.spend[self.t.past :].sum())


FIGURES = {
    "needs": lambda market: market.total(Count.NEEDS),
    "purchases": lambda market: market.total(Count.PURCHASES),
    "new_customers": lambda market: market.total(Count.NEW_CUSTOMERS),
    "active_customers": Market.active_customers,
    "revenue": lambda market: market.money(Count.REVENUE),
    "margin": lambda market: market.money(Count.MARGIN),
    "spend": Market.spend,
    "recommendations": lambda market: market.total(Count.TALKS_POSITIVE),
    "warnings": lambda market: market.total(Count.TALKS_NEGATIVE),
}


def run_reference(
    scenario: Scenario,
    *,
    check: bool = False,
    progress: Callable[[int], None] | None = None,
    order: Order | None = None,
    customer_class: type[Customer] = Customer,
) -> Records:
    """Run a scenario in the reference engine.

    `check`: verify every night that flow equals census. `progress` is called with the number
    of days done. `order`: permutes the customers, `customer_class`: whose rules they follow, see
    `Market`. Raises `ConservationError` if a check fails.
    """
    market = Market(scenario, check=check, order=order, customer_class=customer_class)
    while market.running:
        market.step()
        if progress is not None:
            progress(market.day - market.t.past)
    assert market.records is not None
    return market.records
