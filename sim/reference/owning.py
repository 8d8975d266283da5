"""Owning: judgement, renewal, lapse."""

from sim.draws import Draw
from sim.model.addresses import LOOKS_AROUND
from sim.model.columns import Count
from sim.model.counting import fixed
from sim.model.ownership import (
    cancel_chance,
    hurt_by_judgement,
    left_after_lapse,
    loyalty_after,
    price_against_renewal,
    recommendation,
    satisfaction_after,
    shifted_chance,
    usual_price,
    verdict,
)
from sim.model.perception import delivered_quality
from sim.model.talk import review_chance, stars_of
from sim.model.traits import quantile
from sim.reference.notebook import Details
from sim.reference.trading import Buyer, best
from sim.vocabulary import MINOR_UNITS, NEVER, EventCode, Option, Relationship


class Owner(Buyer):
    """What a customer of the firm goes through."""

    def judge(self) -> None:
        """Judge the last purchase: satisfaction, loyalty, a review, perhaps the end."""
        t = self.t
        self.settle()
        self.judge_day = NEVER
        judgement = self.verdict_on(self.performance_of(self.offer))
        before = self.satisfaction
        self.satisfaction = satisfaction_after(before, judgement, t.satisfaction_speed)
        self.hurt = hurt_by_judgement(self.hurt, before, self.satisfaction)
        if judgement < t.bad_threshold:
            self.bad_day = self.today
        self.loyalty = loyalty_after(self.loyalty, t.loyalty_gain, self.satisfaction)
        self.record(Count.JUDGEMENTS)
        self.record(Count.SATISFACTION, fixed(self.satisfaction))
        self.talk_day = self.today
        score = recommendation(self.satisfaction, t.score_neutral, t.score_slope)
        self.market.notes.tally.scores[0, self.segment, score] += 1
        self.market.notes.event(
            self, EventCode.JUDGEMENT, Details(offer=self.offer), value=self.satisfaction
        )
        if self.luck(Draw.REVIEW) < self.chance_to_review():
            self.review()
        if self.owns and not self.subscribes:
            if self.luck(Draw.LAPSE) < self.chance_to_lapse_after_judgement():
                self.stop()

    def verdict_on(self, performance: float) -> float:
        """Returns the judgement of a purchase that performed like this, -1 .. 1."""
        weight = self.t.performance_weight
        return float(verdict(performance, self.expectation, self.experience, weight))

    def chance_to_review(self) -> float:
        """Chance that a judgement is posted for all to see."""
        t = self.t
        return float(review_chance(t.review_chance, t.review_extremity, self.satisfaction))

    def chance_to_lapse_after_judgement(self) -> float:
        """Chance that a judgement ends the relation of somebody without a subscription."""
        effect = self.t.lapse_effect[self.segment]
        return float(shifted_chance(self.lapse, effect, self.satisfaction))

    def performance_of(self, offer: int) -> float:
        """Returns how well the purchase performed, drawn on the day of its judgement."""
        mean, sd = self.t.performance[offer]
        z = quantile(self.t.normal_quantiles, self.luck(Draw.PERFORMANCE, offer))
        return float(delivered_quality(mean, sd, z))

    def review(self) -> None:
        """Post stars for all to see."""
        stars = stars_of(self.satisfaction, self.t.stars_neutral, self.t.stars_slope)
        self.market.notes.tally.stars[0, stars - 1] += 1
        self.record(Count.REVIEWS)
        self.record(Count.STARS, stars)

    def renew(self) -> None:
        """Pay for another period, or leave."""
        t = self.t
        if self.luck(Draw.RENEWAL) < self.chance_to_cancel():
            choice = self.look_around()
            if choice < 0:
                self.record(Count.CHURNED)
                if choice <= Option.COMPETITOR:
                    self.record(Count.CHURNED_TO_RIVAL)
                    self.take_habit(int(t.rival_brand[Option.COMPETITOR - choice]))
                self.stop()
                return
            self.record(Count.CHANGED_OFFER)
            self.offer = choice
        self.paid = t.price[self.offer]
        revenue = int(t.price_minor[self.offer])
        margin = revenue - int(t.cost_minor[self.offer])
        self.record(Count.RENEWALS)
        self.record(Count.REVENUE, revenue)
        self.record(Count.MARGIN, margin)
        self.record(Count.RENEWAL_REVENUE, revenue)
        self.record(Count.RENEWAL_MARGIN, margin)
        self.revenue += revenue
        self.margin += margin
        self.renewal_day = self.today + int(t.subscription_days[self.offer])
        self.market.notes.count_age(self, purchases=0, revenue=revenue, margin=margin)
        self.market.notes.event(
            self, EventCode.RENEWAL, Details(offer=self.offer), value=revenue / MINOR_UNITS
        )

    def look_around(self) -> int:
        """Returns what somebody takes who does not renew: an offer, a rival's, or none (WAIT)."""
        looks = float(self.t.looks_around[self.segment])
        if self.luck(Draw.RENEWAL, LOOKS_AROUND) >= looks:
            return int(Option.WAIT)
        self.settle()
        nothing = (self.utility_of_waiting(), int(Option.WAIT))
        return best([nothing, *self.firms_offers(leaving=True), *self.rivals_offers(leaving=True)])

    def chance_to_cancel(self) -> float:
        """Chance that a subscription is not renewed."""
        t, s = self.t, self.segment
        usual = usual_price(self.paid, t.cheapest_rival, t.switching_cost[s])
        income = self.income * int(t.subscription_days[self.offer])
        price = price_against_renewal(
            t.renewal_price[s], self.price_sensitivity, t.price[self.offer], usual, income
        )
        stocks = (t.renewal_effect[s], self.satisfaction, t.renewal_loyalty[s], self.loyalty_now)
        return float(cancel_chance(self.churn, *stocks, price))

    def stop(self) -> None:
        """Stop being a customer; a journey under way goes on."""
        self.record(Count.LAPSED)
        self.market.notes.event(self, EventCode.LAPSE, Details(offer=self.offer))
        self.forget()
        subscribed = self.subscribes
        self.relationship = Relationship.LAPSED
        self.loyalty = 0.0
        self.lapse_day = self.today
        self.renewal_day = NEVER
        if self.relates:
            self.move_to(self.t.first_latent)
            if subscribed:
                self.expect_a_need(from_day=self.today)

    def forget(self) -> None:
        """Who stops being a customer loses a share of what it knew and felt."""
        forgets = float(self.t.forgets[self.segment])
        if forgets > 0.0:
            self.settle()
            self.awareness = left_after_lapse(self.awareness, forgets)
            self.doubt = left_after_lapse(self.doubt, forgets)
            self.engagement = left_after_lapse(self.engagement, forgets)
            self.satisfaction = left_after_lapse(self.satisfaction, forgets)
