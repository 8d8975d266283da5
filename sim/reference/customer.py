"""A customer's day: need, encounters, movement, ownership, talk."""

from typing import TYPE_CHECKING

from sim.draws import Draw
from sim.model import addresses as item
from sim.model.columns import SLOT_ADVANCE, SLOT_BACK, SLOT_EXIT, SLOT_TALK, Count
from sim.model.movement import advance_chance, advance_target, lapse_chance, readiness
from sim.model.talk import fan_talk_chance, own_talk_chance, talk_sign
from sim.reference.encounters import Meeting
from sim.reference.owning import Owner
from sim.vocabulary import NEVER, EventCode, Relationship, Route

if TYPE_CHECKING:
    from sim.reference.market import Market


class Customer(Owner):
    """A simulated customer. The market calls `notice` in the morning and `live` afterwards."""

    def __init__(self, market: "Market", key: int) -> None:
        """Be born; nothing is heard yet."""
        super().__init__(market, key)
        self.heard_good = 0  # messages of friends, told yesterday
        self.heard_bad = 0
        self.says = 0  # today's talk: its sign, or 0
        self.meetings: list[Meeting] = []
        self.knew_this_morning = False
        self.advocated_this_morning = False

    def notice(self) -> None:
        """The morning: a need may arise, and it shows which touchpoints the day brings."""
        if self.need_day == self.today and not self.searches:
            if self.judge_day != NEVER:
                self.judge()
            self.feel_need()
        self.knew_this_morning = self.relationship != Relationship.NONE
        self.advocated_this_morning = bool(self.t.advocates[self.phase])
        self.meetings = self.find_meetings()

    def live(self) -> None:
        """The rest of the day."""
        repelled = False
        for meeting in self.meetings:
            felt = self.meet(meeting)
            repelled = self.is_repelled(meeting.touchpoint, felt) or repelled
        self.move(repelled)
        if self.judge_day == self.today:
            self.judge()
        if self.renewal_day == self.today:
            self.renew()
        self.talk()

    # Needs.

    def feel_need(self) -> None:
        """A new journey starts, with the brand in the set from the start or not."""
        self.tell(Count.NEEDS)
        self.need_day = NEVER
        self.need_began = self.today
        self.forget_last_journey()
        phase = self.t.first_consider
        if self.owns and self.luck(Draw.CONSIDERATION, item.BY_LOYALTY) < self.loyalty_now:
            self.consider_by(Route.LOYALTY)
            self.tell(Count.NEEDS_LOYAL)
            self.tell(Count.NEEDS_CONSIDERED)
            phase = self.t.purchase_phase
        elif self.luck(Draw.CONSIDERATION, item.BY_AWARENESS) < self.awareness_now:
            self.consider_by(Route.INITIAL)
            self.tell(Count.NEEDS_CONSIDERED)
        self.market.notes.event(self, EventCode.NEED, to_phase=phase)
        self.move_to(phase)

    def forget_last_journey(self) -> None:
        """What belongs to one journey only."""
        self.peak = self.end = self.total = 0.0
        self.count = 0
        self.friction = 0.0
        self.visited = False
        self.last_click = NEVER
        self.consider_by(Route.NONE)

    # Movement.

    def move(self, repelled: bool) -> None:
        """Give up, fall back, move on or decide, as the phase allows; at most one of them."""
        if self.searches:
            self.search_on(repelled)
        elif self.relates:
            self.stay_related(repelled)
        else:
            self.move_on()

    def search_on(self, repelled: bool) -> None:
        """A day's movement on the way to a purchase."""
        t, here = self.t, self.phase
        if self.wins(SLOT_EXIT, t.leave[here]):
            self.give_up(t.leave_to_competitor[here], item.LEAVE_RIVAL)
        elif repelled or self.wins(SLOT_BACK, t.back[here]):
            self.move_to(max(here - 1, t.first_consider))
        elif not t.decides[here]:
            self.move_on()
        elif self.wins(SLOT_ADVANCE, t.pace[here]):
            self.decide()

    def stay_related(self, repelled: bool) -> None:
        """A day's movement after a purchase."""
        t, s = self.t, self.segment
        lapses = lapse_chance(t.lapse_rate[s], t.lapse_effect[s], self.satisfaction)
        can_fall = self.phase > t.first_relate
        if not self.subscribes and self.wins(SLOT_EXIT, lapses):
            self.stop()
        elif can_fall and (repelled or self.wins(SLOT_BACK, t.back[self.phase])):
            self.move_to(self.phase - 1)
        else:
            self.move_on()

    def move_on(self) -> None:
        """Advance to the next phase, or past it, if readiness and luck allow."""
        t, here = self.t, self.phase
        there = int(t.next_phase[here])
        if there == NEVER:
            return
        if self.wins(SLOT_ADVANCE, advance_chance(t.pace[here], self.readiness())):
            skips = self.luck(Draw.SKIP) < t.skip[here]
            self.move_to(advance_target(here, there, skips, t.purchase_phase))

    def readiness(self) -> float:
        """Readiness to move on; the firm's stocks count only if the firm is considered."""
        bias = float(self.t.bias[self.phase])
        if self.searches and not self.considered:
            return bias
        return float(
            readiness(
                bias,
                self.t.readiness_weights[self.phase],
                self.awareness_now,
                self.engagement_now,
                self.trust,
                self.experience,
                self.satisfaction,
                self.loyalty_now,
            )
        )

    # Talk.

    def talk(self) -> None:
        """Recommend or warn, as one who was or had been a customer this morning, or as a fan."""
        t, sign = self.t, 1
        if self.knew_this_morning:
            chance = own_talk_chance(
                t.talk_per_day,
                self.sociability,
                self.satisfaction,
                t.negative_factor,
                t.advocate_factor if self.advocated_this_morning else 1.0,
            )
            sign = talk_sign(self.satisfaction)
        else:
            chance = fan_talk_chance(t.fan_per_day, self.sociability, self.awareness_now)
        if self.wins(SLOT_TALK, chance):
            self.says = sign
            self.market.hear(sign)
            self.tell(Count.TALKS_POSITIVE if sign > 0 else Count.TALKS_NEGATIVE)
            self.market.notes.event(self, EventCode.TALK, value=float(sign))
