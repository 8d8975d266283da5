"""Touchpoints: which of them a day brings, and what meeting one does to a person."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.draws import Draw, lot, lot_u01
from sim.model.columns import (
    EFFECT_AWARENESS,
    EFFECT_ENGAGEMENT,
    EFFECT_EXPECTATION,
    EFFECT_FRICTION,
    EFFECT_PERMISSION,
    EFFECT_RECOVERY,
    EFFECT_TRUST,
    FIRST_TOUCHPOINT_SLOT,
    MET_BITS,
    Count,
    Touch,
)
from sim.model.counting import fixed
from sim.model.ownership import (
    hurt_by_service,
    regained,
    served_satisfaction,
    withdrawal_chance,
)
from sim.model.perception import (
    adding_chance,
    annoyed,
    awareness_after,
    delivered_quality,
    doubt_after,
    dulled,
    end_after,
    engagement_after,
    expectation_after,
    message_fit,
    peak_after,
    perceived_quality,
    put_off,
    recalled_share,
    shared_quality,
    trust_after,
    unserved_quality,
    waiting_penalty,
)
from sim.model.queue import (
    answer_day,
    arrival_minute,
    patience_minutes,
    queue_day,
    queue_time,
    service_minutes,
)
from sim.model.reach import chance_of, contacts_met, may_meet, rate_of
from sim.model.talk import rating_quality
from sim.model.traits import quantile
from sim.reference.columns import single
from sim.reference.notebook import Details
from sim.reference.person import Person
from sim.reference.service import Visit
from sim.vocabulary import NEVER, EventCode, Outcome, Route, Starts, Trigger, code_of

DAY_OF = {  # the attribute that holds the day of a trigger's event
    code_of(Trigger.NEED): "need_began",
    code_of(Trigger.CHECKOUT_ABANDONED): "abandoned_day",
    code_of(Trigger.PURCHASE): "last_day",
    code_of(Trigger.BAD_EXPERIENCE): "bad_day",
    code_of(Trigger.LAPSE): "lapse_day",
    code_of(Trigger.PERIOD): "last_day",
    code_of(Trigger.RENEWAL): "renewal_day",
}


@dataclass(slots=True)
class Meeting:
    """An encounter that today brings; `visit` if the customer has to queue for it."""

    touchpoint: int
    rate: float
    visit: Visit | None


@dataclass(slots=True)
class Encounter:
    """What happened in an encounter."""

    touchpoint: int
    contacts: int
    wait: float = 0.0  # minutes
    worked: float = 0.0  # minutes that serving took
    outcome: Outcome = Outcome.SERVED
    perceived: float = 0.0  # quality, -1 .. 1, before habituation
    felt: float = 0.0  # after it
    visits: bool = False
    warns: bool = False  # it is word of mouth, and bad

    @property
    def served(self) -> bool:
        """Whether the customer got what it came for."""
        return self.outcome == Outcome.SERVED


class Visitor(Person):
    """What touchpoints and a person do to each other."""

    # Which touchpoints today brings.

    def find_meetings(self) -> list[Meeting]:
        """The touchpoints met today, in the order of the scenario file."""
        meetings = []
        for j, standing_rate in enumerate(self.market.rates[:, self.cell].tolist()):
            rate = standing_rate or self.rate_of_occasion(j)
            if rate <= 0.0 or (self.t.servers[j] > 0 and not self.may_come_to(j)):
                continue
            rate *= self.affinity_to(j)
            rate *= self.exposure_to(j)
            if self.wins(FIRST_TOUCHPOINT_SLOT + j, chance_of(rate)):
                visit = self.visit_to(j) if self.t.servers[j] > 0 else None
                meetings.append(Meeting(j, rate, visit))
        return meetings

    def find_meetings_now(self) -> list[Meeting]:
        """The touchpoints met in a later moment of the day, in the order of the scenario file."""
        meetings = []
        for j in self.t.at_any_moment.tolist():
            rate = (
                float(self.market.rates[j, self.cell]) * self.affinity_to(j) * self.exposure_to(j)
            )
            if self.wins(FIRST_TOUCHPOINT_SLOT + j, chance_of(rate)):
                meetings.append(Meeting(j, rate, None))
        return meetings

    def rate_of_occasion(self, j: int) -> float:
        """Encounters a day with a touchpoint that has no standing rate: an event's, friends'."""
        t = self.t
        if t.trigger[j] != NEVER:
            times = int(self.is_due(j))
        elif t.network and t.carries_talk[j]:
            times = self.heard_good + self.heard_bad
        else:
            times = 0
        if times == 0 or not self.belongs_to_audience(j):
            return 0.0
        rate = rate_of(t.reach[j, self.phase]) * t.affinity[self.segment, j]
        return float(rate * t.flight[j, self.today] * times)

    def may_come_to(self, j: int) -> bool:
        """Whether the order of touchpoints lets one meet touchpoint `j` now.

        Asked in the morning of who would queue, otherwise when it is its turn.
        """
        if self.t.once[j] and (self.done >> j & 1 or self.answer_day > self.today):
            return False
        return self.has_all(self.t.requires[j])

    def may_move_on(self) -> bool:
        """Whether nothing that this phase requires of those who consider the firm is missing."""
        if self.searches and not self.considered:
            return True
        is_answered = self.answer_day <= self.today
        return is_answered and self.has_all(self.t.phase_requires[self.phase])

    def has_all(self, required: NDArray[np.uint64]) -> bool:
        """Whether all that is required (words,) has been met in this journey."""
        wanted = sum(int(bits) << MET_BITS * word for word, bits in enumerate(required))
        return self.done & wanted == wanted

    def belongs_to_audience(self, j: int) -> bool:
        """Whether touchpoint `j` is for people in this position."""
        return bool(may_meet(self.t.audience[j], self.relationship, self.permission, self.visited))

    def is_due(self, j: int) -> bool:
        """Whether the event that starts touchpoint `j` lies exactly its delay back, or ahead."""
        t, trigger = self.t, int(self.t.trigger[j])
        if trigger == code_of(Trigger.ENCOUNTER):
            happened = self.met_on.get(int(t.trigger_source[j]), NEVER)
        elif trigger == code_of(Trigger.PHASE):
            happened = self.phase_day if self.phase == t.trigger_phase[j] else NEVER
        else:
            happened = getattr(self, DAY_OF[trigger])
        if happened < 0:
            return False
        since = self.today - happened
        if trigger == code_of(Trigger.PERIOD):
            return bool(since > 0 and since % t.trigger_every[j] == 0)
        if trigger == code_of(Trigger.RENEWAL):
            since = -since
        return bool(since == t.delay[j])

    def visit_to(self, j: int) -> Visit:
        """When the customer comes to service touchpoint `j`, and how long it would wait."""
        t = self.t
        opens, closes = float(t.opens[j]), float(t.closes[j])
        mean, constant = float(t.service[j]), bool(t.service_constant[j])
        time = queue_time(self.today, self.luck(Draw.ARRIVAL, j), t.people_per_agent)
        return Visit(
            customer=self.key,
            touchpoint=j,
            day=queue_day(time),
            minute=arrival_minute(opens, closes, time),
            service=service_minutes(mean, constant, self.luck(Draw.SERVICE, j)),
            patience=patience_minutes(self.patience, self.luck(Draw.PATIENCE, j)),
        )

    # What an encounter does.

    def meet(self, meeting: Meeting) -> float:
        """Have an encounter. Returns the quality as felt."""
        t, j = self.t, meeting.touchpoint
        self.settle()
        had = Encounter(j, self.contacts_of(meeting))
        if meeting.visit is not None:
            had.wait, had.outcome = meeting.visit.wait + t.response[j], meeting.visit.outcome
            had.worked = meeting.visit.service if had.served else 0.0
        delivered = self.delivered_by(j) if had.served else self.denied_by(j)
        had.perceived = self.perceived_from(j, delivered, had.wait)
        had.felt = self.felt_from(j, had.perceived)
        self.grow_used_to(j, had.contacts)
        known = self.awareness
        had.warns = bool(t.carries_talk[j]) and had.felt < 0.0
        if had.served:
            self.take_in_message(j, had.contacts, had.felt)
        self.feel(had)
        if had.warns:
            self.heed(had, known)
        had.visits = had.served and self.follow_up(had)
        if had.felt < t.bad_threshold:
            self.bad_day = self.today
        self.note_encounter(had)
        return had.felt

    def contacts_of(self, meeting: Meeting) -> int:
        """Returns how many contacts it is: paid push may come several times a day."""
        t, j = self.t, meeting.touchpoint
        if t.starts[j] != code_of(Starts.PUSH) or t.budget[j] < 0.0:
            return 1
        slot = FIRST_TOUCHPOINT_SLOT + j
        ticket = lot(t.seed, self.key, self.address_day, slot)
        u = lot_u01(ticket, t.seed, self.key, self.address_day, slot)
        contacts = max(1, int(contacts_met(u, meeting.rate)))
        return min(contacts, int(t.cap[j])) if t.cap[j] > 0 else contacts

    def delivered_by(self, j: int) -> float:
        """Returns the quality that touchpoint `j` delivers this time, -1 .. 1."""
        own = self.quality_by(j, self.luck_now(Draw.QUALITY, j))
        if not (self.t.accompanied[j] and self.has_companion):
            return own
        theirs = self.quality_by(j, self.luck_now(Draw.COMPANION_QUALITY, j))
        return float(shared_quality(own, theirs, self.t.companion_weight[self.segment]))

    def quality_by(self, j: int, luck: float) -> float:
        """Returns the quality that touchpoint `j` delivers by this uniform draw, -1 .. 1."""
        z = quantile(self.t.normal_quantiles, luck)
        return float(delivered_quality(self.usual_quality(j), self.t.quality[self.phase, j, 1], z))

    @property
    def has_companion(self) -> bool:
        """Whether one decides with a companion, for good."""
        luck = self.luck_at_birth(Draw.COMPANION, 0)
        return bool(luck < self.t.companion_share[self.segment])

    def denied_by(self, j: int) -> float:
        """Returns what leaving service touchpoint `j` unserved is like, before the wait."""
        return float(unserved_quality(self.market.norms[j], self.t.unserved_penalty))

    def usual_quality(self, j: int) -> float:
        """Mean quality of touchpoint `j` today: its own, the rating's, or what is being said."""
        t = self.t
        own = float(t.quality[self.phase, j, 0])
        if t.shows_rating[j]:
            return float(rating_quality(self.market.rating, t.usual_rating))
        if not t.carries_talk[j]:
            return own
        good, bad = self.market.told_good, self.market.told_bad
        if t.network:
            good, bad = self.heard_good, self.heard_bad
        is_good = self.luck_now(Draw.TALK_SIGN, j) * (good + bad) < good
        return own if is_good else -own

    def perceived_from(self, j: int, delivered: float, wait: float) -> float:
        """Returns the quality as perceived: against what is usual, less the wait (minutes)."""
        per_minute = self.t.wait_penalty * self.t.waiting[j, self.today]
        penalty = waiting_penalty(wait, per_minute, self.t.comfort[j])
        return float(perceived_quality(delivered, self.market.norms[j], penalty))

    def felt_from(self, j: int, perceived: float) -> float:
        """Returns the quality as felt: dulled by what one is used to, or annoying."""
        habit = int(self.t.habit[j])
        if habit == NEVER:
            return perceived
        familiarity = self.familiarity[habit]
        felt = dulled(perceived, familiarity, self.t.habituation[j])
        return float(annoyed(felt, familiarity, self.t.annoys[j]))

    def grow_used_to(self, j: int, contacts: int) -> None:
        """Add exposures to a touchpoint that dulls."""
        habit = int(self.t.habit[j])
        if habit != NEVER:
            self.familiarity[habit] = single(self.familiarity[habit] + contacts)

    def take_in_message(self, j: int, contacts: int, felt: float) -> None:
        """What contact itself does: awareness, engagement, expectation, friction."""
        effects = self.t.effects[self.phase, j]
        fit = message_fit(self.t.message[self.segment, j], self.weights)
        self.awareness = awareness_after(self.awareness, effects[EFFECT_AWARENESS], fit, contacts)
        self.engagement = engagement_after(
            self.engagement, effects[EFFECT_ENGAGEMENT], fit, contacts, felt, self.t.bad_takes
        )
        self.expectation = expectation_after(
            self.expectation, effects[EFFECT_EXPECTATION], fit, self.t.promise[j]
        )
        self.friction += effects[EFFECT_FRICTION]

    def feel(self, had: Encounter) -> None:
        """What the felt quality does: trust, memory, and an owner's satisfaction."""
        t, effects, felt = self.t, self.t.effects[self.phase, had.touchpoint], had.felt
        self.trust = trust_after(self.trust, effects[EFFECT_TRUST], felt, t.bad_is_stronger)
        recalled = recalled_share(t.salience[had.touchpoint], felt)
        self.peak = peak_after(self.peak, felt, recalled)
        self.end = end_after(self.end, felt, recalled)
        self.total += recalled * felt
        self.recalled += recalled
        if not self.owns:
            return
        before = self.satisfaction
        self.satisfaction = served_satisfaction(before, t.service_weight, felt, t.bad_is_stronger)
        self.hurt = hurt_by_service(self.hurt, before, self.satisfaction)
        given_back = regained(self.hurt, effects[EFFECT_RECOVERY], felt, had.served)
        if given_back > 0.0:
            self.satisfaction = min(1.0, self.satisfaction + given_back)
            self.hurt -= given_back

    def heed(self, had: Encounter, known: float) -> None:
        """What a warning does beside the quality felt: doubt, and the brand may leave the set.

        `known`: awareness before it was heard.
        """
        t = self.t
        share = put_off(t.deters, had.felt)
        self.doubt = doubt_after(self.doubt, known, self.awareness, share, t.sells_unknown)
        if self.considered and self.luck_now(Draw.ADDED, had.touchpoint) < share:
            self.consider_by(Route.NONE)

    def follow_up(self, had: Encounter) -> bool:
        """Perhaps give or withdraw permission, start to consider. Returns whether it is a visit."""
        j = had.touchpoint
        visits = self.luck_now(Draw.CLICK, j) < self.chance_to_click(j)
        if visits:
            self.visited = True
            if self.t.is_source[j]:
                self.last_click = j
        if not self.permission:
            self.permission = self.luck_now(Draw.PERMISSION, j) < self.chance_to_permit(j)
        elif self.luck_now(Draw.WITHDRAWAL, j) < self.chance_to_withdraw(j, had.felt):
            self.permission = False
        if self.searches and not self.considered and not had.warns:
            if self.luck_now(Draw.ADDED, j) < self.chance_to_consider(j, had.felt):
                self.consider_by(Route.ADDED)
                self.record(Count.ADDED)
        return bool(visits)

    def chance_to_click(self, j: int) -> float:
        """Chance that an encounter with touchpoint `j` becomes a visit."""
        return float(self.t.click_chance[j])

    def chance_to_permit(self, j: int) -> float:
        """Chance that an encounter makes one give permission to be written to."""
        return float(self.t.effects[self.phase, j, EFFECT_PERMISSION])

    def chance_to_withdraw(self, j: int, felt: float) -> float:
        """Chance that an encounter ends the permission to be written to."""
        return float(withdrawal_chance(self.t.unsubscribe[j], felt, self.t.bad_is_stronger))

    def chance_to_consider(self, j: int, felt: float) -> float:
        """Chance that an encounter, felt like this, brings the brand into the set of a search."""
        return float(adding_chance(self.awareness, self.doubt, felt, self.t.bad_takes))

    def note_encounter(self, had: Encounter) -> None:
        """Write the encounter down."""
        t, j, notes = self.t, had.touchpoint, self.market.notes
        row = notes.tally.touch[0, self.segment, t.pair[self.phase, j]]
        row[Touch.ENCOUNTERS] += 1
        row[Touch.CONTACTS] += had.contacts
        row[Touch.VISITS] += had.visits
        row[Touch.QUALITY] += fixed(had.perceived)
        row[Touch.BAD] += had.felt < t.bad_threshold
        row[Touch.WAIT] += fixed(had.wait)
        row[Touch.GAVE_UP] += had.outcome == Outcome.GAVE_UP
        row[Touch.SENT_HOME] += had.outcome == Outcome.SENT_HOME
        row[Touch.SERVICE] += fixed(had.worked)
        if t.source[j] != NEVER:
            self.met_on[int(t.source[j])] = self.today
        if t.ordered and had.served and not self.done >> j & 1:
            self.done |= 1 << j
            if t.once[j]:
                self.answer_day = max(self.answer_day, answer_day(self.today, t.response[j]))
        if not self.met & 1 << j:
            self.met |= 1 << j
            row[Touch.FIRST_MET] += 1
        if self.panel:
            device = int(self.luck_now(Draw.DEVICE, j) * t.devices[self.segment])
            details = Details(touchpoint=j, device=device, visit=int(had.visits))
            notes.event(self, EventCode.ENCOUNTER, details, value=had.perceived)

    def gives_up_after(self, meeting: Meeting) -> bool:
        """Whether one gives the journey up because one left the queue unserved."""
        if meeting.visit is None or meeting.visit.outcome == Outcome.SERVED:
            return False
        j = meeting.touchpoint
        return self.luck(Draw.UNSERVED, j) < float(self.t.unserved_leave[j])

    def is_repelled(self, j: int, felt: float) -> bool:
        """Whether an encounter was so bad that the customer falls back."""
        if felt >= self.t.bad_threshold:
            return False
        return self.luck_now(Draw.BACK, j) < self.chance_to_be_repelled(j)

    def chance_to_be_repelled(self, j: int) -> float:
        """Chance that a bad encounter with touchpoint `j` throws one back a phase."""
        return float(self.t.back_after_bad[self.phase])
