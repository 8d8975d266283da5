"""Deciding, checking out and buying; and the ways in which a journey ends without the firm."""

import numpy as np
from numpy.typing import NDArray

from sim.draws import Draw
from sim.model import addresses as item
from sim.model.choice import (
    abandon_chance,
    add_on_chance,
    brand_utility,
    gumbel,
    habit_after,
    need_fit,
    picks_anew_chance,
    value_for_money,
)
from sim.model.columns import (
    CHOICE_HABIT,
    CHOICE_WAITING,
    NOT_YET,
    OWN_BRAND,
    START_AWARENESS,
    START_ENGAGEMENT,
    START_TRUST,
    Count,
)
from sim.model.money import basket_factor, can_pay, in_basket, wallet
from sim.model.movement import phase_after_search
from sim.model.traits import quantile
from sim.reference.encounters import Visitor
from sim.reference.notebook import Details
from sim.vocabulary import MINOR_UNITS, NEVER, EventCode, Option, Relationship, Route


class Buyer(Visitor):
    """What a person does in the purchase phase."""

    def pick(self) -> None:
        """A tentative choice, among all but waiting: today's luck is kept until it is given up."""
        self.settle()
        self.pick_day = self.today
        options = self.firms_offers() if self.considered else []
        options += self.rivals_offers()
        if not options:
            return
        choice = best(options)
        if choice <= Option.COMPETITOR:
            details = Details(offer=Option.COMPETITOR - choice)
            self.market.notes.event(self, EventCode.COMPETITOR_PICKED, details)
        else:
            self.market.notes.event(self, EventCode.PICKED, Details(offer=choice))

    def chance_to_pick_anew(self) -> float:
        """Chance that a tentative choice does not hold today."""
        return float(picks_anew_chance(self.trust))

    def decide(self) -> None:
        """Look at the options once, and take the best."""
        self.settle()
        if self.pick_day != NEVER and self.luck(Draw.PICK_ANEW) < self.chance_to_pick_anew():
            self.pick_day = self.today
        options = [(self.utility_of_waiting(), int(Option.WAIT))]
        if self.considered and self.may_move_on():
            options += self.firms_offers()
        options += self.rivals_offers()
        choice = best(options)
        if choice == Option.WAIT:
            self.record(Count.WAITED)
        elif choice <= Option.COMPETITOR:
            self.buy_elsewhere(rival=Option.COMPETITOR - choice)
        else:
            self.check_out(offer=choice)

    def utility_of_waiting(self) -> float:
        """Returns the utility of buying nothing today, with today's luck."""
        luck = self.luck(Draw.CHOICE, item.WAITING)
        return float(self.t.choice_weights[CHOICE_WAITING] + gumbel(luck))

    def firms_offers(self, leaving: bool = False) -> list[tuple[float, int]]:
        """(utility, offer) of each of the firm's offers that can be paid.

        `leaving`: of its subscriptions other than the one that is given up.
        """
        t, brand = self.t, self.utility_of_brand()
        if self.brand == OWN_BRAND:
            brand += self.utility_of_habit()
        options = []
        for offer, price in enumerate(t.price):
            period = int(t.subscription_days[offer])
            if (leaving and (period == 0 or offer == self.offer)) or self.today < t.launch[offer]:
                continue
            days = int(t.income_days[offer])
            if can_pay(price, self.money, self.income, days):
                appeal, attributes = t.appeal[offer], t.offer_attributes[offer]
                value = self.value_for_money(appeal, attributes, price, income_days=days)
                luck = self.luck_of_option(item.FIRST_OFFER_ITEM + offer)
                options.append((value + brand + luck, offer))
        return options

    def rivals_offers(self, leaving: bool = False) -> list[tuple[float, int]]:
        """(utility, COMPETITOR - rival) of each rival offer that can be paid.

        `leaving`: of subscriptions alone.
        """
        t = self.t
        options = []
        for rival, price in enumerate(t.rival_price):
            period = int(t.rival_period[rival])
            if leaving and period == 0:
                continue
            days = int(t.rival_income_days[rival])
            if can_pay(price, self.money, self.income, days):
                strength, attributes = t.rival_strength[rival], t.rival_attributes[rival]
                value = self.value_for_money(strength, attributes, price, income_days=days)
                luck = self.luck_of_option(item.FIRST_RIVAL_ITEM + rival)
                utility = value + luck
                if self.brand == t.rival_brand[rival]:
                    utility += self.utility_of_habit()
                options.append((utility, Option.COMPETITOR - rival))
        return options

    def luck_of_option(self, address: int) -> float:
        """Returns an offer's luck: today's, or that of the day whose pick one stands by."""
        day = self.today if self.pick_day == NEVER else self.pick_day
        return float(gumbel(self.luck_of(Draw.CHOICE, day, address)))

    def value_for_money(
        self,
        appeal: float,
        attributes: NDArray[np.float64],
        price: float,
        *,
        income_days: int,
    ) -> float:
        """Returns the utility of an offer, the firm's or a rival's, before feelings and luck.

        `income_days`: whose income the price is held against; 0: against the budget.
        """
        fit = need_fit(attributes, self.weights)
        weights, sensitivity = self.t.choice_weights, self.price_sensitivity
        held = wallet(self.budget, self.income, income_days)
        return float(value_for_money(appeal, fit, price, sensitivity, held, weights))

    def utility_of_brand(self) -> float:
        """Returns what feelings for the firm add to the utility of each of its offers."""
        weights, experience = self.t.choice_weights, self.experience
        feelings = (self.trust, self.engagement, experience, self.satisfaction, self.loyalty)
        return float(brand_utility(weights, *feelings))

    def utility_of_habit(self) -> float:
        """Returns what the habit adds to the utility of the brand bought last, whichever it is."""
        return float(self.t.choice_weights[CHOICE_HABIT] * self.habit)

    # The checkout.

    def check_out(self, offer: int) -> None:
        """Try to pay for an offer of the firm."""
        self.record(Count.CHECKOUTS_STARTED)
        if self.luck(Draw.CHECKOUT, item.FATE_ABANDON) >= self.chance_to_abandon():
            self.buy(offer)
            return
        self.record(Count.CHECKOUTS_ABANDONED)
        self.abandoned_day = self.today
        self.market.notes.event(self, EventCode.CHECKOUT_ABANDONED, Details(offer=offer))
        tries_again = self.luck(Draw.CHECKOUT, item.FATE_RETRY) < self.chance_to_retry()
        if not tries_again:
            self.give_up(self.t.to_competitor, item.FATE_RIVAL)

    def chance_to_abandon(self) -> float:
        """Chance to abandon the checkout, by this journey's friction."""
        return float(abandon_chance(self.t.abandon, self.friction))

    def chance_to_retry(self) -> float:
        """Chance to stay in the purchase phase after an abandoned checkout."""
        return self.t.retry

    def buy(self, offer: int) -> None:
        """Money changes hands, and in a loop the buyer becomes a customer."""
        t, tally = self.t, self.market.notes.tally
        size = self.size_of_order(offer)
        if t.income_days[offer] == 0:
            self.money = max(0.0, self.money - t.price[offer] * size)
        self.paid = t.price[offer]
        revenue = in_basket(int(t.price_minor[offer]), size)
        margin = revenue - in_basket(int(t.cost_minor[offer]), size)
        for extra_revenue, extra_margin in self.take_add_ons(offer):
            revenue += extra_revenue
            margin += extra_margin
        self.record(Count.PURCHASES)
        self.record(Count.REVENUE, revenue)
        self.record(Count.MARGIN, margin)
        if self.relationship == Relationship.NONE:
            self.record(Count.NEW_CUSTOMERS)
            self.record(Count.NEW_REVENUE, revenue)
            self.record(Count.NEW_MARGIN, margin)
        if self.relationship == Relationship.LAPSED:
            self.record(Count.REACTIVATIONS)
        tally.purchases[0, self.segment, offer, self.route] += 1
        tally.sales[0, self.segment, offer, self.route] += revenue
        if self.last_click != NEVER:
            tally.commission[0, self.last_click] += revenue
        self.remember_purchase(offer, revenue, margin)
        self.market.notes.event(
            self,
            EventCode.PURCHASE,
            Details(touchpoint=self.last_click, offer=offer),
            value=revenue / MINOR_UNITS,
        )
        if t.loop:
            self.own(offer)
        else:
            self.become_a_stranger()
        self.end_journey(t.first_relate if t.loop else t.first_latent)

    def size_of_order(self, offer: int) -> float:
        """Returns the size of today's order against the offer's price; a subscription has one."""
        if self.t.subscription_days[offer] > 0:
            return 1.0
        normal = self.t.normal_quantiles
        own = quantile(normal, self.luck_at_birth(Draw.BASKET, item.OWN_BASKET))
        order = quantile(normal, self.luck(Draw.BASKET, item.FIRST_ORDER_ITEM + offer))
        between, within = self.t.basket[offer]
        return float(basket_factor(between, within, own, order))

    def take_add_ons(self, offer: int) -> list[tuple[int, int]]:
        """(revenue, margin) in minor units of each add-on that is wanted and can be paid."""
        t = self.t
        taken = []
        for a in range(int(t.add_ons[offer])):
            luck = self.luck(Draw.ADD_ON, offer * item.ADD_ONS_PER_OFFER + a)
            price = t.add_on_price[offer, a]
            if luck < self.chance_of_add_on(offer, a) and price <= self.money:
                self.money -= price
                self.market.notes.tally.add_ons[0, self.segment, offer, a] += 1
                revenue = int(t.add_on_price_minor[offer, a])
                taken.append((revenue, revenue - int(t.add_on_cost_minor[offer, a])))
        return taken

    def chance_of_add_on(self, offer: int, a: int) -> float:
        """Chance to take an add-on of an offer that is bought."""
        t = self.t
        chance = float((t.add_on_chance_own if self.owns else t.add_on_chance)[offer, a])
        need = int(t.add_on_need[offer, a])
        if need == NEVER:
            return chance
        return float(add_on_chance(chance, float(self.weights[need]), len(self.weights)))

    def remember_purchase(self, offer: int, revenue: int, margin: int) -> None:
        """The customer's own history, and that of its cohort."""
        self.revenue += revenue
        self.margin += margin
        self.purchases += 1
        if self.first_day == NOT_YET:
            self.first_day = self.today
        elif self.second_day == NOT_YET:
            self.second_day = self.today
        self.last_day = self.talk_day = self.today
        self.offer = offer
        self.take_habit(OWN_BRAND)
        self.market.notes.count_age(self, purchases=1, revenue=revenue, margin=margin)

    def take_habit(self, brand: int) -> None:
        """Buying a brand makes or strengthens the habit with it; a funnel's next need has none."""
        if self.t.loop:
            self.habit = habit_after(self.habit, self.t.habit_gain, self.brand == brand)
            self.brand = brand

    def own(self, offer: int) -> None:
        """Be a customer: the judgement will come, and the renewal of a subscription."""
        self.relationship = Relationship.CUSTOMER
        self.judge_day = self.today + int(self.t.judgement_days[offer])
        period = int(self.t.subscription_days[offer])
        if period > 0:
            self.renewal_day = self.today + period

    def become_a_stranger(self) -> None:
        """In a funnel the next need is a stranger's: all that the journey built is gone."""
        start = self.t.start[self.segment]
        self.awareness = start[START_AWARENESS]
        self.engagement = start[START_ENGAGEMENT]
        self.trust = start[START_TRUST]
        self.expectation = 0.0
        self.doubt = 0.0
        self.permission = False

    # Ends without the firm.

    def give_up(self, to_competitor: float, address: int) -> None:
        """Give the journey up; with chance `to_competitor` at the best rival one can pay."""
        self.settle()
        if to_competitor > 0.0 and self.luck(Draw.DEPARTURE, address) < to_competitor:
            options = self.rivals_offers()
            if options:
                self.buy_elsewhere(rival=Option.COMPETITOR - best(options))
                return
        self.record(Count.LEFT)
        self.end_journey(self.phase_after_search())

    def buy_elsewhere(self, rival: int) -> None:
        """The journey ends in a competitor's purchase."""
        price = self.t.rival_price[rival]
        self.record(Count.LOST)
        self.market.notes.tally.losses[0, self.segment, rival] += 1
        if self.t.rival_income_days[rival] == 0:
            self.money -= price
        self.take_habit(int(self.t.rival_brand[rival]))
        self.market.notes.event(
            self, EventCode.LOST_TO_COMPETITOR, Details(offer=rival), value=price
        )
        self.end_journey(self.phase_after_search())

    def phase_after_search(self) -> int:
        """Returns the phase to which a search leads that ends without a purchase from the firm."""
        t = self.t
        places = self.need_phase, t.first_relate, t.first_latent
        return int(phase_after_search(self.owns, t.owners_go_back, *places))

    def end_journey(self, phase: int) -> None:
        """On to `phase`, where one waits for the next need."""
        self.considered = False
        self.route = Route.NONE
        self.visited = False
        self.pick_day = NEVER
        self.move_to(phase)
        if not self.subscribes:
            self.expect_a_need(from_day=self.today)


def best(options: list[tuple[float, int]]) -> int:
    """The option of highest utility; of equals the first."""
    return max(options, key=lambda option: option[0])[1]
