"""Who a person is and where it stands: own traits, stocks that fade, luck, phases, needs."""

from typing import TYPE_CHECKING, Any

import mesa
import numpy as np
from numpy.typing import NDArray

from sim.draws import SETUP_DAY, Draw, lot, lot_wins, u01
from sim.model import addresses as item
from sim.model.columns import (
    BEFORE_START,
    CUSTOMER,
    NOT_YET,
    START_AWARENESS,
    START_CUSTOMERS,
    START_ENGAGEMENT,
    START_LOYALTY,
    START_PERMISSION,
    START_PERMISSION_PROSPECTS,
    START_SATISFACTION,
    START_TRUST,
    Count,
    Tables,
    cell_of,
)
from sim.model.money import refilled
from sim.model.movement import day_of_moment
from sim.model.need import need_day, waiting_mass
from sim.model.perception import remembered
from sim.model.talk import capped_sociability
from sim.model.traits import lognormal, need_weight, own_affinity, quantile, segment_of
from sim.model.turnover import leaving_day
from sim.reference.columns import single, with_columns
from sim.reference.notebook import Details
from sim.vocabulary import NEVER, EventCode, Relationship, Route

if TYPE_CHECKING:
    from sim.reference.market import Market

DAYS_THAT_MAY_COME = ("need_day", "judge_day", "renewal_day", "answer_day")
DAYS_OF_A_JOURNEY = ("pick_day",)
DAYS_THAT_MAY_HAVE_BEEN = ("need_began", "abandoned_day", "bad_day", "lapse_day")
DAYS_OF_PURCHASE = ("first_day", "second_day", "last_day")


@with_columns(CUSTOMER)
class Person(mesa.Agent):  # type: ignore[misc]  # mesa brings no types
    """A simulated person: the columns of `CUSTOMER` as attributes, and what holds for all.

    Beside the columns: `key`, the permanent number of the customer; `weights` on the need
    attributes, adding up to 1; `familiarity` with each touchpoint that dulls.
    """

    # What each column means is said at `CUSTOMER`.
    revenue: int
    margin: int
    awareness: float
    engagement: float
    trust: float
    expectation: float
    friction: float
    peak: float
    end: float
    total: float
    satisfaction: float
    hurt: float
    loyalty: float
    habit: float
    paid: float
    doubt: float
    money: float
    need_rate: float
    budget: float
    income: float
    price_sensitivity: float
    sociability: float
    patience: float
    churn: float
    lapse: float
    recalled: float
    purchases: int
    need_count: int
    stocks_day: int
    need_day: int
    need_began: int
    judge_day: int
    renewal_day: int
    abandoned_day: int
    bad_day: int
    lapse_day: int
    phase_day: int
    talk_day: int
    first_day: int
    second_day: int
    last_day: int
    segment: int
    phase: int
    relationship: int
    permission: int
    visited: int
    considered: int
    route: int
    offer: int
    brand: int
    need_phase: int
    last_click: int
    panel: int
    answer_day: int
    pick_day: int
    born: int
    leave_day: int
    began_as: int
    number: int

    def __init__(self, market: "Market", key: int, after: "Person | None" = None) -> None:
        """Be born: draw who this is, from the segment's distributions, and where it stands.

        `key`: the person's place in the market; `after`: who left it today, for a newcomer.
        """
        super().__init__(market)
        self.market = market
        self.t: Tables = market.t
        self.key = key
        for name in CUSTOMER.names or ():
            setattr(self, name, 0)
        self.born = SETUP_DAY if after is None else market.day
        self.stocks_day = self.phase_day = self.talk_day = self.born
        if after is None:
            place = self.luck_at_birth(Draw.SEGMENT, 0)
            self.segment = segment_of(place, self.t.share_cumulative)
        else:
            self.segment = after.segment
        self.draw_traits()
        self.weights = self.draw_weights()
        self.moment = 0  # of today: the phases that are lived on the day they are entered
        self.met = 0  # bit j: has met touchpoint j
        self.done = 0  # likewise, in this journey
        self.met_on: dict[int, int] = {}  # the last day, of touchpoints that trigger others
        self.familiarity = [0.0] * (int(self.t.habit.max(initial=NEVER)) + 1)
        self.know_nothing()
        if after is None:
            self.take_a_start()
        t = self.t
        self.leave_day = leaving_day(t.seed, key, self.born, t.leave_rate, t.days)
        if not self.subscribes:
            self.expect_a_need(from_day=NEVER if after is None else self.today)

    # Luck: every draw has an address, nothing is used up.

    @property
    def today(self) -> int:
        """The market's day."""
        return self.market.day

    def luck_of(self, purpose: Draw, day: int, about: int) -> float:
        """The uniform draw for this purpose and day, about this item."""
        return float(u01(self.t.seed, int(purpose), self.key, day, about))

    def luck(self, purpose: Draw, about: int = 0) -> float:
        """Today's draw, of what happens once a day."""
        return self.luck_of(purpose, self.today, about)

    def luck_now(self, purpose: Draw, about: int = 0) -> float:
        """This moment's draw, of what each moment of a day brings: encounters and movement."""
        return self.luck_of(purpose, self.address_day, about)

    @property
    def address_day(self) -> int:
        """The day in the address of this moment's draws."""
        return int(day_of_moment(self.today, self.moment))

    def own_luck(self, about: int = 0) -> float:
        """Today's draw for a rule of one's own; the engines ask for none of these."""
        return self.luck(Draw.OWN_RULE, about)

    def luck_at_birth(self, purpose: Draw, about: int) -> float:
        """The draw that holds for the person's whole time in the market."""
        return self.luck_of(purpose, self.born, about)

    def wins(self, slot: int, chance: float) -> bool:
        """Whether the customer wins this slot of this moment's lottery."""
        if chance <= 0.0:
            return False
        day = self.address_day
        ticket = lot(self.t.seed, self.key, day, slot)
        return bool(lot_wins(ticket, chance, self.t.seed, self.key, day, slot))

    # Traits.

    def draw_traits(self) -> None:
        """Own values of what differs between the customers of a segment."""
        t, s = self.t, self.segment
        self.budget = self.positive_trait(t.log_mean[s], t.log_sd[s], item.BUDGET)
        self.income = self.positive_trait(t.log_mean[s], t.log_sd[s], item.INCOME)
        self.price_sensitivity = self.positive_trait(t.log_mean[s], t.log_sd[s], item.PRICE)
        sociability = self.positive_trait(t.log_mean[s], t.log_sd[s], item.SOCIABILITY)
        self.sociability = capped_sociability(sociability, t.sociability_mean[s])
        mean, sd = t.patience[s]
        self.patience = lognormal(mean, sd, self.normal_at_birth(item.PATIENCE))
        for name, table, address in (
            ("need_rate", t.need_rate_quantiles, item.NEED_RATE),
            ("churn", t.churn_quantiles, item.CHURN),
            ("lapse", t.lapse_quantiles, item.LAPSE),
        ):
            setattr(self, name, quantile(table[s], self.luck_at_birth(Draw.TRAIT, address)))

    def normal_at_birth(self, address: int) -> float:
        """A standard normal draw for one trait."""
        return float(quantile(self.t.normal_quantiles, self.luck_at_birth(Draw.TRAIT, address)))

    def positive_trait(self, log_mean: Any, log_sd: Any, address: int) -> float:
        """A lognormal trait; its address is also its column in the tables."""
        z = self.normal_at_birth(address)
        return float(lognormal(log_mean[address], log_sd[address], z))

    def draw_weights(self) -> NDArray[np.float32]:
        """Need weights that add up to 1; the segment's means if all were cut to 0.

        They are kept in single precision, before and after the division.
        """
        means, sds = self.t.weight_mean[self.segment], self.t.weight_sd[self.segment]
        drawn = []
        for k, (mean, sd) in enumerate(zip(means, sds, strict=True)):
            z = self.normal_at_birth(item.FIRST_WEIGHT + k)
            drawn.append(need_weight(mean, sd, z))
        if not any(weight > 0.0 for weight in drawn):
            drawn = list(means)
        total = 0.0
        for weight in drawn:
            total += weight
        return np.array([single(weight) / total for weight in drawn], dtype=np.float32)

    def know_nothing(self) -> None:
        """Where a newcomer stands."""
        self.trust = self.t.start[self.segment, START_TRUST]
        self.money = self.budget
        self.phase = self.t.first_latent
        self.last_click = self.need_phase = NEVER
        for name in DAYS_THAT_MAY_COME + DAYS_OF_A_JOURNEY + DAYS_THAT_MAY_HAVE_BEEN:
            setattr(self, name, NEVER)
        for name in DAYS_OF_PURCHASE:
            setattr(self, name, NOT_YET)

    def take_a_start(self) -> None:
        """Where those stand who are there from the first day on."""
        t, start = self.t, self.t.start[self.segment]
        self.awareness = start[START_AWARENESS]
        self.engagement = start[START_ENGAGEMENT]
        permission = start[START_PERMISSION_PROSPECTS]
        if self.luck_at_birth(Draw.START, item.IS_CUSTOMER) < start[START_CUSTOMERS]:
            permission = start[START_PERMISSION]
            self.relationship = Relationship.CUSTOMER
            self.phase = t.first_relate
            self.satisfaction = start[START_SATISFACTION]
            self.loyalty = start[START_LOYALTY]
            self.first_day = BEFORE_START
            self.last_day = BEFORE_START
            period = int(t.subscription_days[0])
            if period > 0:
                self.paid = t.price[0]
                self.renewal_day = 1 + int(self.luck_at_birth(Draw.START, item.RENEWAL) * period)
        self.permission = self.luck_at_birth(Draw.START, item.HAS_PERMISSION) < permission

    def begin_the_run(self) -> None:
        """Day 0: what is reported begins."""
        self.number = self.key
        self.began_as = self.relationship
        self.revenue = self.margin = self.purchases = 0
        self.second_day = NOT_YET
        if self.first_day != NOT_YET:
            self.first_day = BEFORE_START
        self.met = 0
        self.join_panel()

    def change_tables(self, before: Tables, t: Tables) -> None:
        """From today on the market's tables are others: traits are drawn again, by these."""
        self.t = t
        self.draw_traits()
        self.weights = self.draw_weights()
        familiarity = [0.0] * (int(t.habit.max(initial=NEVER)) + 1)
        for old, new in zip(before.habit, t.habit, strict=True):
            if old != NEVER and new != NEVER:
                familiarity[new] = self.familiarity[old]
        self.familiarity = familiarity
        columns = zip(before.source, t.source, strict=True)
        self.met_on = {
            int(new): self.met_on[int(old)] for old, new in columns if int(old) in self.met_on
        }
        self.met_on.pop(NEVER, None)

    def join_panel(self) -> None:
        """Perhaps be one of those whose every event is logged."""
        self.panel = self.luck_at_birth(Draw.PANEL, 0) < self.t.panel

    def move_away(self) -> None:
        """Leave the market."""
        self.record(Count.MOVED_AWAY)
        if self.owns:
            self.record(Count.CUSTOMERS_MOVED)
        if self.searches:
            self.record(Count.LEFT)
        self.move_to(self.t.first_latent)

    # Standing.

    @property
    def searches(self) -> bool:
        """Whether a journey is under way: the need is felt and nothing is bought yet."""
        return bool(self.t.searches[self.phase])

    @property
    def relates(self) -> bool:
        """Whether this is a phase after a purchase."""
        return bool(self.t.relates[self.phase])

    @property
    def owns(self) -> bool:
        """Whether this is a customer of the firm."""
        return self.relationship == Relationship.CUSTOMER

    @property
    def subscribes(self) -> bool:
        """Whether there is a renewal to come."""
        return self.renewal_day != NEVER

    @property
    def cell(self) -> int:
        """The group of customers that the market treats alike."""
        return int(
            cell_of(
                self.segment,
                self.phase,
                self.relationship,
                self.permission,
                self.visited,
                len(self.t.pace),
            )
        )

    @property
    def experience(self) -> float:
        """What is remembered of the current journey's encounters."""
        return float(remembered(self.peak, self.end, self.total, self.recalled, *self.t.memory))

    def affinity_to(self, j: int) -> float:
        """Returns the customer's own factor on the rate of encounters with touchpoint `j`."""
        spread = self.t.affinity_spread[self.segment]
        if spread <= 0.0:
            return 1.0
        return float(own_affinity(spread, self.luck_at_birth(Draw.AFFINITY, j)))

    def exposure_to(self, j: int) -> float:
        """Returns the customer's factor as a heavy or light viewer of touchpoint `j`."""
        shape = int(self.t.exposure[j])
        if shape == NEVER:
            return 1.0
        luck = self.luck_at_birth(Draw.AFFINITY, item.FIRST_EXPOSURE + j)
        return float(quantile(self.t.exposure_quantiles[shape], luck))

    # Stocks. They stand at the day they were last changed; until then they are only read.

    @property
    def awareness_now(self) -> float:
        """Awareness, faded to today."""
        return float(self.awareness * self.t.awareness_decay[self.today - self.stocks_day])

    @property
    def engagement_now(self) -> float:
        """Engagement, faded to today."""
        return float(self.engagement * self.t.engagement_decay[self.today - self.stocks_day])

    @property
    def loyalty_now(self) -> float:
        """Loyalty, faded to today."""
        return float(self.loyalty * self.t.loyalty_decay[self.today - self.stocks_day])

    @property
    def doubt_now(self) -> float:
        """Doubt, faded to today: as awareness does."""
        return float(self.doubt * self.t.awareness_decay[self.today - self.stocks_day])

    def settle(self) -> None:
        """Bring what fades, and money, up to today: something is about to change them."""
        days = self.today - self.stocks_day
        self.awareness = self.awareness_now
        self.engagement = self.engagement_now
        self.loyalty = self.loyalty_now
        self.habit *= self.t.loyalty_decay[days]
        self.doubt = self.doubt_now
        self.money = refilled(self.money, self.income, days, self.budget)
        left = self.t.familiarity_decay[days]
        self.familiarity = [single(exposures * left) for exposures in self.familiarity]
        self.stocks_day = self.today

    # Phases and needs.

    def move_to(self, phase: int) -> None:
        """Go into another phase."""
        if phase == self.phase:
            return
        self.market.notes.tally.flows[0, self.segment, self.phase, phase] += 1
        self.market.notes.event(self, EventCode.MOVE, Details(to_phase=int(phase)))
        self.phase = phase
        self.phase_day = self.today

    def consider_by(self, route: Route) -> None:
        """The brand is in the consideration set by this route, or not in it."""
        self.considered = route != Route.NONE
        self.route = route

    def expect_a_need(self, from_day: int) -> None:
        """Draw the day on which the next need arises, after `from_day`."""
        mass = waiting_mass(self.luck_at_birth(Draw.NEED, self.need_count))
        self.need_count += 1
        season = self.t.season_cumulative[self.segment]
        self.need_day = need_day(self.need_rate, mass, season, from_day)

    def record(self, column: Count, amount: int = 1) -> None:
        """Add to one of the day's counts of the segment."""
        self.market.notes.count(self, column, amount)
