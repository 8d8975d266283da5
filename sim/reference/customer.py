"""A customer's day: need, encounters, movement, ownership, talk.

A customer of one's own is a subclass. The methods to override are those that give a chance, a
quality or a utility and change nothing: docs/customers.md lists them and shows how.
"""

from typing import TYPE_CHECKING

from sim.draws import Draw
from sim.model import addresses as item
from sim.model.columns import SLOT_ADVANCE, SLOT_BACK, SLOT_EXIT, SLOT_TALK, Count
from sim.model.movement import (
    advance_chance,
    advance_target,
    goes_on_today,
    lapse_chance,
    readiness,
)
from sim.model.perception import consider_chance
from sim.model.talk import fan_talk_chance, own_talk_chance, talk_sign
from sim.reference.encounters import Meeting
from sim.reference.notebook import Details
from sim.reference.owning import Owner
from sim.reference.person import Person
from sim.vocabulary import NEVER, EventCode, Relationship, Route

if TYPE_CHECKING:
    from sim.reference.market import Market


class Customer(Owner):
    """A simulated customer. The market calls `notice` in the morning and `live` afterwards."""

    def __init__(self, market: "Market", key: int, after: Person | None = None) -> None:
        """Be born; nothing is heard yet."""
        super().__init__(market, key, after)
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
        repelled, unserved = False, None
        for meeting in self.meetings:
            if meeting.visit is None and not self.may_come_to(meeting.touchpoint):
                continue
            felt = self.meet(meeting)
            repelled = self.is_repelled(meeting.touchpoint, felt) or repelled
            if self.gives_up_after(meeting):
                unserved = meeting.touchpoint
        if unserved is not None and self.searches:
            self.give_up(self.t.unserved_to_competitor[unserved], item.UNSERVED_RIVAL)
        else:
            here = self.phase
            self.move(repelled)
            self.go_on_today(here)
        if self.judge_day == self.today:
            self.judge()
        if self.renewal_day == self.today:
            self.renew()
        self.talk()

    def go_on_today(self, here: int) -> None:
        """The day's later moments: the phases that are lived on the day they are entered.

        `here`: the phase of the moment before.
        """
        while self.enters_another_today(here):
            here = self.phase
            self.moment += 1
            repelled = False
            for meeting in self.find_meetings_now():
                if self.may_come_to(meeting.touchpoint):
                    felt = self.meet(meeting)
                    repelled = self.is_repelled(meeting.touchpoint, felt) or repelled
            self.move(repelled)
        self.moment = 0

    def enters_another_today(self, here: int) -> bool:
        """Whether the last movement led from phase `here` on into one that is lived today."""
        t, there = self.t, self.phase
        bought = self.last_day == self.today
        flags = t.same_day[there], t.searches[here], t.searches[there]
        return bool(goes_on_today(here, there, *flags, bought))

    # Needs.

    def feel_need(self) -> None:
        """A new journey starts, with the brand in the set from the start or not."""
        self.record(Count.NEEDS)
        self.need_day = NEVER
        self.need_began = self.today
        self.need_phase = self.phase
        self.forget_last_journey()
        phase = self.t.first_consider
        if self.owns and self.luck(Draw.CONSIDERATION, item.BY_LOYALTY) < self.chance_to_return():
            self.consider_by(Route.LOYALTY)
            self.record(Count.NEEDS_LOYAL)
            self.record(Count.NEEDS_CONSIDERED)
            phase = self.t.purchase_phase
        elif self.luck(Draw.CONSIDERATION, item.BY_AWARENESS) < self.chance_to_recall():
            self.consider_by(Route.INITIAL)
            self.record(Count.NEEDS_CONSIDERED)
        self.market.notes.event(self, EventCode.NEED, Details(to_phase=phase))
        self.move_to(phase)

    def chance_to_return(self) -> float:
        """Chance that a need takes an owner straight to the purchase, by habit: loyalty."""
        return self.loyalty_now

    def chance_to_recall(self) -> float:
        """Chance that the brand is in the set when the need arises: known, not in doubt."""
        return float(consider_chance(self.awareness_now, self.doubt_now))

    def forget_last_journey(self) -> None:
        """What belongs to one journey only."""
        self.peak = self.end = self.total = 0.0
        self.recalled = 0.0
        self.friction = 0.0
        self.visited = False
        self.last_click = NEVER
        self.answer_day = self.pick_day = NEVER
        self.done = 0
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
        if self.wins(SLOT_EXIT, self.chance_to_leave()):
            self.give_up(t.leave_to_competitor[here], item.LEAVE_RIVAL)
        elif repelled or self.wins(SLOT_BACK, self.chance_to_fall_back()):
            self.move_to(max(here - 1, t.first_consider))
        elif not t.decides[here]:
            self.move_on()
        elif self.wins(SLOT_ADVANCE, self.chance_to_decide()):
            self.decide()

    def stay_related(self, repelled: bool) -> None:
        """A day's movement after a purchase."""
        can_fall = self.phase > self.t.first_relate
        if not self.subscribes and self.wins(SLOT_EXIT, self.chance_to_lapse()):
            self.stop()
        elif can_fall and (repelled or self.wins(SLOT_BACK, self.chance_to_fall_back())):
            self.move_to(self.phase - 1)
        else:
            self.move_on()

    def move_on(self) -> None:
        """Advance to the next phase, or past it, if readiness and luck allow."""
        t, here = self.t, self.phase
        there = int(t.next_phase[here])
        if there == NEVER or not self.may_move_on():
            return
        if self.wins(SLOT_ADVANCE, self.chance_to_move_on()):
            skips = self.luck_now(Draw.SKIP) < t.skip[here]
            self.move_to(advance_target(here, there, skips, t.purchase_phase))
            if t.tentative[self.phase]:
                self.pick()

    def chance_to_leave(self) -> float:
        """Chance to give this journey up today."""
        return float(self.t.leave[self.phase])

    def chance_to_fall_back(self) -> float:
        """Chance to fall back a phase today, without a bad encounter."""
        return float(self.t.back[self.phase])

    def chance_to_decide(self) -> float:
        """Chance to look at the offers today and choose, in the purchase phase."""
        return float(self.t.pace[self.phase])

    def chance_to_lapse(self) -> float:
        """Chance that somebody without a subscription stops being a customer today."""
        t, s = self.t, self.segment
        return float(lapse_chance(t.lapse_rate[s], t.lapse_effect[s], self.satisfaction))

    def chance_to_move_on(self) -> float:
        """Chance to move on from this phase today, by pace and readiness."""
        return float(advance_chance(self.t.pace[self.phase], self.readiness()))

    def readiness(self) -> float:
        """Returns the readiness to move on, in logits.

        The firm's stocks count only if the firm is considered.
        """
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
        """Recommend or warn, perhaps."""
        if self.wins(SLOT_TALK, self.chance_to_talk()):
            self.says = sign = self.sign_of_talk()
            self.market.spread_word(sign)
            self.record(Count.TALKS_POSITIVE if sign > 0 else Count.TALKS_NEGATIVE)
            self.market.notes.event(self, EventCode.TALK, value=float(sign))

    def chance_to_talk(self) -> float:
        """Chance to talk today: of those who were, or had been, customers this morning; of fans."""
        t = self.t
        if not self.knew_this_morning:
            liked = consider_chance(self.awareness_now, self.doubt_now)
            return float(fan_talk_chance(t.fan_per_day, self.sociability, liked))
        return float(
            own_talk_chance(
                t.talk_per_day,
                self.sociability,
                self.satisfaction,
                t.negative_factor,
                t.advocate_factor if self.advocated_this_morning else 1.0,
                t.talk_decay[self.today - self.talk_day],
            )
        )

    def sign_of_talk(self) -> int:
        """Returns 1 for a recommendation, -1 for a warning."""
        return int(talk_sign(self.satisfaction)) if self.knew_this_morning else 1
