"""Rules against values worked out by hand from their formulas in docs/model.md.

Of each rule one plain case or two, of which every factor shows in the result: whoever drops one of
them, or changes it by a third, is noticed here, whatever the engines agree on.
"""

import math

import numpy as np
import pytest

from sim.draws import Draw, u01
from sim.model.choice import (
    abandon_chance,
    add_on_chance,
    brand_utility,
    gumbel,
    habit_after,
    need_fit,
    price_disutility,
    value_for_money,
)
from sim.model.market import movement_bounds
from sim.model.money import basket_factor, in_basket, refilled, running_cost, spend_of_day
from sim.model.movement import advance_chance, advance_target, lapse_chance, readiness, sigmoid
from sim.model.need import need_day, waiting_mass
from sim.model.ownership import (
    cancel_chance,
    hurt_by_judgement,
    hurt_by_service,
    loyalty_after,
    price_against_renewal,
    regained,
    satisfaction_after,
    served_satisfaction,
    shifted_chance,
    usual_price,
    verdict,
    withdrawal_chance,
)
from sim.model.perception import (
    adding_chance,
    annoyed,
    awareness_after,
    consider_chance,
    delivered_quality,
    doubt_after,
    dulled,
    end_after,
    engagement_after,
    expectation_after,
    message_fit,
    norm_after,
    peak_after,
    perceived_quality,
    put_off,
    recalled_share,
    remembered,
    shared_quality,
    trust_after,
    unserved_quality,
    waiting_penalty,
    welcome,
)
from sim.model.queue import (
    GAVE_UP,
    SENT_HOME,
    SERVED,
    answer_day,
    arrival_minute,
    outcome_of,
    queue_day,
    queue_time,
    service_minutes,
)
from sim.model.reach import chance_of, contacts_met, may_meet, push_rate, rate_of
from sim.model.talk import (
    capped_sociability,
    fan_talk_chance,
    listener,
    own_talk_chance,
    public_rating,
    rating_quality,
    review_chance,
    stars_of,
    talk_sign,
)
from sim.model.traits import lognormal, need_weight, own_affinity
from sim.model.turnover import leaving_day
from sim.scenario.arrays import make_tables
from sim.scenario.quantiles import exposure_table
from sim.theory.bare import market
from sim.vocabulary import NEVER, Audience, Relationship, code_of

about = pytest.approx


# Encounters.


def test_the_quality_that_is_felt() -> None:
    assert delivered_quality(0.2, 0.3, 2.0) == about(0.8)
    assert delivered_quality(0.2, 0.3, 5.0) == 1.0
    assert shared_quality(0.2, -0.6, 0.25) == about(0.0)
    assert waiting_penalty(30.0, 0.02, 0.25) == about(0.45)
    assert unserved_quality(0.3, 0.5) == about(-0.2)
    assert perceived_quality(0.7, 0.2, 0.1) == about(0.4)


def test_the_pleasant_is_dulled_and_annoys_and_the_unpleasant_is_not() -> None:
    assert dulled(0.6, 4.0, 4.0) == about(0.3)  # half after `habituation` exposures
    assert dulled(0.6, 8.0, 4.0) == about(0.2)
    assert dulled(-0.6, 8.0, 4.0) == -0.6
    assert annoyed(0.5, 3.0, 4.0) == about(0.125)
    assert annoyed(0.5, 6.0, 4.0) == about(-0.25)
    assert annoyed(-0.5, 6.0, 4.0) == -0.5
    assert norm_after(0.2, 0.7, 0.1) == about(0.25)


def test_what_a_contact_does_to_what_is_known() -> None:
    assert message_fit(np.array([0.7, 0.3]), np.array([0.4, 0.6])) == about(0.7)
    assert awareness_after(0.2, 0.5, 0.5, 1) == about(0.4)
    assert awareness_after(0.2, 0.5, 0.5, 2) == about(0.55)
    assert welcome(-0.1, 4.0) == about(0.6)
    assert welcome(0.1, 4.0) == 1.0
    assert engagement_after(1.0, 0.5, 0.4, 3, 0.0, 4.0) == about(1.6)
    assert engagement_after(1.0, 0.5, 0.4, 3, -0.5, 4.0) == about(0.4)
    assert expectation_after(0.2, 0.5, 0.4, 0.7) == about(0.3)


def test_what_is_felt_moves_trust_in_proportion_to_the_room_left() -> None:
    assert trust_after(0.4, 0.5, 0.5, 2.0) == about(0.55)
    assert trust_after(0.4, 0.25, -0.5, 2.0) == about(0.3)


def test_a_warning_sows_doubt() -> None:
    assert put_off(0.5, -0.4) == about(0.2)
    assert put_off(0.5, 0.4) == 0.0
    # of .5 known without doubt a fifth, and all but a quarter of the .2 that the warning made known
    assert doubt_after(0.1, 0.6, 0.8, 0.2, 0.25) == about(0.1 + 0.1 + 0.15)
    assert consider_chance(0.8, 0.35) == about(0.45)
    assert adding_chance(0.8, 0.35, -0.1, 4.0) == about(0.45 * 0.6)


def test_how_much_of_a_moment_is_remembered() -> None:
    assert recalled_share(0.5, 0.5) == about(1.0 / 3.0)
    assert recalled_share(0.8, -1.0) == about(0.8)
    assert recalled_share(1.0, 0.0) == 1.0
    assert peak_after(0.2, -0.6, 0.5) == about(-0.3)
    assert peak_after(0.4, -0.6, 0.5) == 0.4
    assert end_after(0.2, -0.6, 0.25) == about(0.0)
    assert remembered(0.8, -0.2, 1.5, 3.0, 0.5, 0.3, 0.2) == about(0.4 - 0.06 + 0.1)
    assert remembered(0.8, -0.2, 0.2, 0.5, 0.5, 0.3, 0.2) == about(0.4 - 0.06 + 0.04)


def test_an_unpleasant_contact_ends_a_permission_more_often() -> None:
    assert withdrawal_chance(0.02, 0.5, 2.0) == 0.02
    assert withdrawal_chance(0.02, -0.5, 2.0) == about(0.04)


# Service.


def test_a_desk_closes_and_who_waits_goes_home() -> None:
    assert outcome_of(600.0, 30.0, 620.0, 660.0) == SERVED
    assert outcome_of(600.0, 10.0, 620.0, 660.0) == GAVE_UP
    assert outcome_of(600.0, 300.0, 670.0, 660.0) == SENT_HOME
    assert outcome_of(600.0, 300.0, 670.0, 1e18) == SERVED  # with overtime


def test_a_desk_has_a_calendar_and_an_answer_takes_whole_days() -> None:
    assert answer_day(7, 1439.0) == 7
    assert answer_day(7, 4.0 * 1440.0) == 11
    assert queue_time(24, 0.5, 25.0) == about(0.98)
    assert queue_day(1.98) == 1
    assert arrival_minute(540.0, 1020.0, 3.25) == about(660.0)
    assert service_minutes(20.0, 0, 0.5) == about(20.0 * math.log(2.0))


# Movement.


def test_readiness_is_a_sum_and_the_chance_its_logistic() -> None:
    weights = np.array([1.0, 2.0, 3.0, 5.0, 7.0, 11.0])
    found = readiness(-1.0, weights, 0.5, 1.0, 0.25, 0.2, 0.5, 0.1)
    assert found == about(-1.0 + 0.5 + 1.0 + 0.75 + 1.0 + 3.5 + 1.1)
    assert sigmoid(math.log(3.0)) == about(0.75)
    assert sigmoid(-math.log(3.0)) == about(0.25)
    assert advance_chance(0.4, math.log(3.0)) == about(0.3)
    assert [advance_target(1, 2, skips, 4) for skips in (False, True)] == [2, 3]
    assert advance_target(1, 2, True, 2) == 2


def test_the_dissatisfied_lapse_more_often() -> None:
    assert lapse_chance(0.1, 2.0, 0.0) == about(1.0 - math.exp(-0.1))
    assert lapse_chance(0.1, 2.0, -0.5) == about(1.0 - math.exp(-0.1 * math.e))
    assert lapse_chance(0.1, 2.0, 0.5) == about(1.0 - math.exp(-0.1 / math.e))


def test_the_bounds_of_movements_hold_where_they_are_reached() -> None:
    """Whoever is as dissatisfied as can be has exactly the highest chance to lapse."""
    journey = {
        "shape": "loop",
        "phases": {"relate": {"kind": "relate", "pace_per_day": 0.25}},
    }
    lapse = {"per_day": 0.1, "satisfaction_effect": 2.0}
    t = make_tables(market("bounds", 1, 1, journey=journey, segments={"all": {"lapse": lapse}}))
    bounds = np.zeros(4)
    movement_bounds(t, 3 * 12 + 4, bounds)  # an owner in the relate phase
    assert bounds[0] == about(1.0 - 0.9 ** math.exp(2.0))


def test_a_need_arises_when_its_mass_is_reached() -> None:
    """Of season 1, 1, 2, 2: a mass of .5 at .1 a day is five days of season 1."""
    season = np.cumsum([0.0, 1.0, 1.0, 2.0, 2.0, 2.0])
    assert waiting_mass(0.5) == about(math.log(2.0))
    assert need_day(0.5, 0.4, season, -1) == 0
    assert need_day(0.5, 1.1, season, -1) == 2
    assert need_day(0.5, 1.1, season, 0) == 2
    assert need_day(0.5, 2.1, season, 0) == 3
    assert need_day(0.5, 9.0, season, 0) == NEVER


# Choice and checkout.


def test_the_utility_of_an_offer() -> None:
    weights = np.array([2.0, 3.0, 5.0, 7.0, 11.0, 13.0, 17.0, 0.0, 0.0])
    assert need_fit(np.array([0.5, 1.0]), np.array([0.6, 0.4])) == about(0.7)
    assert price_disutility(3.0, 1.5, 80.0, 240.0) == about(1.5)
    assert value_for_money(0.5, 0.7, 80.0, 1.5, 240.0, weights) == about(0.5 + 1.4 - 1.5)
    found = brand_utility(weights, 0.2, 1.0, 0.1, -0.2, 0.5)
    assert found == about(1.0 + 3.5 + 1.1 - 2.6 + 8.5)
    assert gumbel(math.exp(-2.0)) == about(-math.log(2.0))


def test_friction_multiplies_the_chance_to_abandon() -> None:
    assert abandon_chance(0.3, 0.0) == 0.3
    assert abandon_chance(0.3, math.log(2.0)) == about(0.6)
    assert abandon_chance(0.3, -math.log(2.0)) == about(0.15)
    assert abandon_chance(0.3, 1e9) == 1.0


def test_what_is_taken_along_and_how_large_an_order_is() -> None:
    assert add_on_chance(0.4, 0.75, 2) == about(0.6)
    assert add_on_chance(0.4, 0.5, 2) == about(0.4)
    assert basket_factor(0.6, 0.8, 1.0, -1.0) == about(math.exp(0.6 - 0.8 - 0.5))
    assert basket_factor(0.0, 0.8, 1.0, 1.0) == about(math.exp(0.8 - 0.32))
    assert in_basket(1000, 0.3337) == 334


def test_habit_takes_a_share_of_the_room_left_and_starts_anew_with_another_brand() -> None:
    assert habit_after(0.5, 0.4, True) == about(0.7)
    assert habit_after(0.5, 0.4, False) == 0.4


# Ownership.


def test_a_purchase_is_judged_by_performance_against_expectation_and_by_experience() -> None:
    assert verdict(0.5, 0.2, -0.4, 0.75) == about(0.75 * 0.3 - 0.25 * 0.4)
    assert satisfaction_after(0.2, -0.6, 0.25) == about(0.0)
    assert loyalty_after(0.5, 0.4, 0.5) == about(0.6)
    assert loyalty_after(0.5, 0.4, -0.5) == about(0.4)


def test_service_moves_an_owner_and_what_hurt_can_be_given_back() -> None:
    assert served_satisfaction(0.5, 0.4, 0.5, 2.0) == about(0.55)
    assert served_satisfaction(0.5, 0.4, -0.5, 2.0) == about(0.2)
    assert hurt_by_judgement(0.1, 0.4, -0.3) == about(0.4)
    assert hurt_by_service(0.1, 0.4, 0.1) == about(0.4)
    assert regained(0.4, 0.25, 0.0, True) == about(0.1)
    assert regained(0.4, 0.25, 0.0, False) == regained(0.4, 0.25, -0.1, True) == 0.0


def test_satisfaction_and_loyalty_hold_and_a_price_above_the_usual_drives_away() -> None:
    """By their log-odds: of a chance of one half exactly these."""

    def log_odds(chance: float) -> float:
        return math.log(chance / (1.0 - chance))

    assert log_odds(shifted_chance(0.5, 2.0, 0.4)) == about(-0.8)
    assert log_odds(cancel_chance(0.5, 2.0, 0.4, 3.0, 0.2, 0.5)) == about(-0.8 - 0.6 + 0.5)
    assert price_against_renewal(4.0, 1.5, 120.0, 100.0, 300.0) == about(0.4)
    assert usual_price(100.0, 40.0, 25.0) == about(65.0)
    assert usual_price(50.0, 40.0, 25.0) == 50.0


# Reach and money.


def test_money_buys_the_contacts_that_it_pays_for() -> None:
    assert push_rate(50.0, 0.5, 200.0) == about(0.125)
    assert chance_of(math.log(2.0)) == about(0.5)
    assert rate_of(0.75) == about(2.0 * math.log(2.0))
    met = [contacts_met(u, 1.0) for u in (0.64, 0.63, 0.27, 0.26, 0.09, 0.08)]
    assert met == [0, 1, 1, 2, 2, 3]  # P(N >= 1) = .632, P(N >= 2) = .264, P(N >= 3) = .080


@pytest.mark.parametrize(
    ("audience", "relationship", "permission", "visited"),
    [
        (Audience.PROSPECTS, Relationship.NONE, 0, 0),
        (Audience.CUSTOMERS, Relationship.CUSTOMER, 0, 0),
        (Audience.LAPSED, Relationship.LAPSED, 0, 0),
        (Audience.PERMITTED, Relationship.NONE, 1, 0),
        (Audience.VISITORS, Relationship.NONE, 0, 1),
    ],
)
def test_an_audience_is_met_and_nobody_else(
    audience: Audience, relationship: Relationship, permission: int, visited: int
) -> None:
    code = code_of(audience)
    assert may_meet(code, relationship, permission, visited)
    other = Relationship.LAPSED if relationship != Relationship.LAPSED else Relationship.NONE
    assert not may_meet(code, other, 0, 0)
    assert may_meet(code_of(Audience.ALL), other, 0, 0)


def test_what_a_day_costs() -> None:
    running = running_cost(100.0, 20, 0.5, 400.0, 0.1, 30.0, 2.0)
    assert running == about(100.0 + 20.0 + 80.0 + 30.0)
    push, pull = 0, 1
    assert spend_of_day(running, 10, 0.25, 2.0, push, -1.0, 1.0, 0.0, 0) == about(235.0)
    assert spend_of_day(5.0, 10, 0.25, 2.0, push, 50.0, 1.0, 0.0, 0) == about(55.0)
    assert spend_of_day(5.0, 10, 0.25, 2.0, push, 50.0, 1.0, 0.0, 2) == about(10.0)  # a cap
    assert spend_of_day(5.0, 10, 0.25, 2.0, push, 50.0, 0.0, 0.0, 0) == about(5.0)
    assert spend_of_day(90.0, 0, 0.0, 2.0, pull, 50.0, 1.0, 70.0, 0) == about(70.0)
    assert refilled(10.0, 2.0, 3, 100.0) == about(16.0)
    assert refilled(10.0, 2.0, 300, 100.0) == 100.0


# Talk and reviews.


def test_who_talks() -> None:
    assert own_talk_chance(0.1, 1.5, 0.4, 2.0, 1.0, 1.0) == about(0.06)
    assert own_talk_chance(0.1, 1.5, -0.4, 2.0, 1.0, 1.0) == about(0.12)
    assert own_talk_chance(0.1, 1.5, 0.4, 2.0, 3.0, 0.5) == about(0.09)
    assert fan_talk_chance(0.1, 1.5, 0.4) == about(0.06)
    assert capped_sociability(5.0, 1.5) == about(4.5)
    assert [talk_sign(s) for s in (-0.1, 0.0, 0.1)] == [-1, 1, 1]
    # ring neighbours, alternately to either side, or anybody
    assert [listener(0.5, 0.9, 3, friend, 10, 0.1) for friend in range(4)] == [4, 2, 5, 1]
    assert listener(0.05, 0.95, 3, 0, 10, 0.1) == 9


def test_what_is_posted_and_seen() -> None:
    assert review_chance(0.5, 0.8, 0.5) == about(0.5 * (0.2 + 0.2))
    assert [stars_of(s, 3.0, 2.0) for s in (-1.0, -0.3, 0.2, 0.5, 1.0)] == [1, 2, 3, 4, 5]
    assert public_rating(4.0, 10.0, 6, 2, 5.0) == about((40.0 + 30.0) / (10.0 + 10.0))
    assert rating_quality(4.5, 4.0) == about(0.25)
    assert rating_quality(1.0, 4.0) == -1.0


# Who people are, and how long they stay.


def test_traits() -> None:
    assert lognormal(0.5, 0.2, 2.0) == about(math.exp(0.9))
    assert lognormal(0.0, 0.1, 9.0) == about(math.exp(0.5))
    assert need_weight(0.5, 0.2, 1.0) == about(0.7)
    assert need_weight(0.5, 0.2, -4.0) == 0.0
    assert own_affinity(0.5, 0.75) == about(1.25)


def test_people_leave_on_the_day_that_their_draw_says() -> None:
    """birth + 1 + floor(-ln(1 - u) / rate), place by place."""
    rate, born, days = 0.01, 3, 10_000
    for place in range(50):
        stay = -math.log(1.0 - u01(7, Draw.TURNOVER, place, born, 0)) / rate
        assert leaving_day(7, place, born, rate, days) == born + 1 + int(stay)


def test_heavy_viewers_are_gamma_cut_at_four_times_the_mean() -> None:
    """Of shape 1: -ln(1 - u), cut at 4 and scaled to mean 1, which is 1 - exp(-4)."""
    table = exposure_table(1.0)
    scale = 1.0 - math.exp(-4.0)
    for u in (0.25, 0.5, 0.75):
        assert table[0, int(1024 * u)] == about(-math.log(1.0 - u) / scale, rel=1e-3)
    assert table.max() == about(4.0 / scale, rel=1e-3)
