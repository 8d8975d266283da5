"""Owning: judgement, renewal, lapse."""

from sim.draws import Draw
from sim.model.columns import Count
from sim.model.counting import fixed
from sim.model.ownership import (
    hurt_by_judgement,
    loyalty_after,
    recommendation,
    satisfaction_after,
    shifted_chance,
    verdict,
)
from sim.model.perception import delivered_quality
from sim.model.talk import stars_of
from sim.model.traits import quantile
from sim.reference.trading import Buyer
from sim.vocabulary import MINOR_UNITS, NEVER, EventCode, Relationship


class Owner(Buyer):
    """What a customer of the firm goes through."""

    def judge(self) -> None:
        """Judge the last purchase: satisfaction, loyalty, a review, perhaps the end."""
        t = self.t
        self.settle()
        self.judge_day = NEVER
        judgement = verdict(
            self.performance_of(self.offer),
            self.expectation,
            self.experience,
            t.performance_weight,
        )
        before = self.satisfaction
        self.satisfaction = satisfaction_after(before, judgement, t.satisfaction_speed)
        self.hurt = hurt_by_judgement(self.hurt, before, self.satisfaction)
        if judgement < t.bad_threshold:
            self.bad_day = self.today
        self.loyalty = loyalty_after(self.loyalty, t.loyalty_gain, self.satisfaction)
        self.tell(Count.JUDGEMENTS)
        self.tell(Count.SATISFACTION, fixed(self.satisfaction))
        score = recommendation(self.satisfaction)
        self.market.notes.tally.scores[0, self.segment, score] += 1
        self.market.notes.event(
            self, EventCode.JUDGEMENT, offer=self.offer, value=self.satisfaction
        )
        if self.luck(Draw.REVIEW) < t.review_chance:
            self.review()
        if self.owns and not self.subscribes:
            leaves = shifted_chance(self.lapse, t.lapse_effect[self.segment], self.satisfaction)
            if self.luck(Draw.LAPSE) < leaves:
                self.stop()

    def performance_of(self, offer: int) -> float:
        """How well the purchase performed, drawn on the day of its judgement."""
        mean, sd = self.t.performance[offer]
        z = quantile(self.t.normal_quantiles, self.luck(Draw.PERFORMANCE, offer))
        return float(delivered_quality(mean, sd, z))

    def review(self) -> None:
        """Post stars for all to see."""
        stars = stars_of(self.satisfaction)
        self.market.notes.tally.stars[0, stars - 1] += 1
        self.tell(Count.REVIEWS)
        self.tell(Count.STARS, stars)

    def renew(self) -> None:
        """Pay for another period, or leave."""
        t = self.t
        leaves = shifted_chance(self.churn, t.renewal_effect[self.segment], self.satisfaction)
        if self.luck(Draw.RENEWAL) < leaves:
            self.tell(Count.CHURNED)
            self.stop()
            return
        revenue = int(t.price_minor[self.offer])
        margin = revenue - int(t.cost_minor[self.offer])
        self.tell(Count.RENEWALS)
        self.tell(Count.REVENUE, revenue)
        self.tell(Count.MARGIN, margin)
        self.tell(Count.RENEWAL_REVENUE, revenue)
        self.tell(Count.RENEWAL_MARGIN, margin)
        self.revenue += revenue
        self.margin += margin
        self.renewal_day = self.today + int(t.subscription_days[self.offer])
        self.market.notes.count_age(self, 0, revenue, margin)
        self.market.notes.event(
            self, EventCode.RENEWAL, offer=self.offer, value=revenue / MINOR_UNITS
        )

    def stop(self) -> None:
        """Stop being a customer; a journey under way goes on."""
        self.tell(Count.LAPSED)
        self.market.notes.event(self, EventCode.LAPSE, offer=self.offer)
        subscribed = self.subscribes
        self.relationship = Relationship.LAPSED
        self.loyalty = 0.0
        self.lapse_day = self.today
        self.renewal_day = NEVER
        if self.relates:
            self.move_to(self.t.first_latent)
            if subscribed:
                self.expect_a_need(from_day=self.today)
