"""The mutants of `benchmarks.mutants`: each rule of docs/model.md switched off, or worse by 30 %.

Most stand in pure rules (sim/model), which both engines call, or in the tables that both read
(sim/scenario). Their texts are those of the program: who changes a line that stands here changes it
here too, and a test says so.
"""

from typing import NamedTuple

HAND, TABLES = "tests/test_rules_by_hand.py::test_", "tests/test_tables_by_hand.py::test_"
NEUTRAL, RENEWAL = "tests/test_bad_and_neutral.py::test_", "tests/test_renewal.py::test_"
TIME, ORDERS = "tests/test_touchpoints_in_time.py::test_", "tests/test_orders_and_habit.py::test_"
FEEL, PAST = "tests/test_feelings.py::test_", "tests/test_past.py::test_"
SAME_DAY, PICKS = "tests/test_same_day.py::test_", "tests/test_tentative_choice.py::test_"
BACK = "tests/test_owners_go_back.py::test_"
SERVICE, WITH = "tests/test_service_decides.py::test_", "tests/test_companions.py::test_"


class Mutant(NamedTuple):
    """One text of the program in place of another."""

    name: str
    section: str  # heading of docs/model.md
    rule: str  # as that page names it, or the field
    file: str
    old: str  # stands exactly once in the file
    new: str
    noticed_by: tuple[str, ...]  # tests and limiting cases that should


def _of(file: str, section: str) -> "_Place":
    return _Place(f"sim/{file}.py", section)


class _Place:
    """Where mutants stand, to be written in a line or two each."""

    def __init__(self, file: str, section: str) -> None:
        self.file, self.section = file, section

    def __call__(self, name: str, rule: str, old: str, new: str, *by: str) -> Mutant:
        return Mutant(name, self.section, rule, self.file, old, new, by)


_felt = _of("model/perception", "Encounters")
_owned = _of("model/ownership", "Ownership")
_met = _of("model/ownership", "Encounters")
_moved = _of("model/movement", "Movement")
_chosen = _of("model/choice", "Choice and checkout")
_paid = _of("model/money", "Choice and checkout")
_said = _of("model/talk", "Talk and reviews")
_served = _of("model/queue", "Service queues")
_reached = _of("model/reach", "Reach")
_gone = _of("model/turnover", "A past, and people who come and go")

_ENCOUNTERS = [
    _felt(
        "trust: gains less",
        "perception.trust_after",
        "trust + gain * perceived * (1.0 - trust)",
        "trust + 0.7 * gain * perceived * (1.0 - trust)",
        f"{TIME}who_sees_too_much_is_annoyed",
    ),
    _felt(
        "trust: bad no stronger than good",
        "perception.trust_after",
        "trust + min(1.0, gain * bad_is_stronger) * perceived * trust",
        "trust + min(1.0, gain) * perceived * trust",
        f"{TIME}who_sees_too_much_is_annoyed",
    ),
    _felt(
        "habituation: off",
        "perception.dulled",
        "return perceived / (1.0 + familiarity / habituation)",
        "return perceived",
        f"{FEEL}what_is_pleasant_every_day_dulls",
        f"{HAND}the_pleasant_is_dulled_and_annoys_and_the_unpleasant_is_not",
    ),
    _felt(
        "habituation: dulls less",
        "perception.dulled",
        "(1.0 + familiarity / habituation)",
        "(1.0 + 0.7 * familiarity / habituation)",
        f"{FEEL}what_is_pleasant_every_day_dulls",
        f"{HAND}the_pleasant_is_dulled_and_annoys_and_the_unpleasant_is_not",
    ),
    _felt(
        "annoyance: off",
        "perception.annoyed",
        "return clip(felt * (1.0 - familiarity / annoys_after), -1.0, 1.0)",
        "return felt",
        f"{TIME}who_sees_too_much_is_annoyed",
    ),
    _felt(
        "norm: follows more slowly",
        "perception.norm_after",
        "norm + follows * (quality - norm)",
        "norm + 0.7 * follows * (quality - norm)",
        f"{TIME}a_copied_nicety_becomes_the_usual_one",
    ),
    _felt(
        "norm: not taken off",
        "perception.perceived_quality",
        "delivered - norm - penalty, -1.0, 1.0)",
        "delivered - penalty, -1.0, 1.0)",
        f"{HAND}the_quality_that_is_felt",
    ),
    _felt(
        "companions: their experience counts less",
        "perception.shared_quality",
        "own + weight * (companions - own)",
        "own + 0.7 * weight * (companions - own)",
        f"{WITH}weights_from_one_s_own_to_the_companion_s",
    ),
    _felt(
        "waiting: felt in full comfort too",
        "perception.waiting_penalty",
        "wait_minutes * penalty_per_minute * (1.0 - comfort)",
        "wait_minutes * penalty_per_minute",
        f"{HAND}the_quality_that_is_felt",
    ),
    _felt(
        "message: fits everybody",
        "perception.message_fit",
        "fit += min(message[k], float(weights[k]))",
        "fit += float(weights[k])",
        f"{FEEL}messages_move_as_far_as_they_fit",
        f"{HAND}what_a_contact_does_to_what_is_known",
    ),
    _felt(
        "awareness: gains less",
        "perception.awareness_after",
        "awareness + gain * fit * (1.0 - awareness)",
        "awareness + 0.7 * gain * fit * (1.0 - awareness)",
        f"{FEEL}messages_move_as_far_as_they_fit",
        f"{HAND}what_a_contact_does_to_what_is_known",
    ),
    _felt(
        "engagement: gains less",
        "perception.engagement_after",
        "engagement + gain * fit * contacts",
        "engagement + 0.7 * gain * fit * contacts",
        f"{FEEL}messages_move_as_far_as_they_fit",
        f"{HAND}what_a_contact_does_to_what_is_known",
    ),
    _felt(
        "bad_takes: off",
        "perception.welcome",
        "return 1.0 + bad_takes * felt",
        "return 1.0",
        f"{NEUTRAL}an_unpleasant_encounter_takes_interest_by_hand",
        f"{HAND}what_a_contact_does_to_what_is_known",
    ),
    _felt(
        "bad_takes: takes less",
        "perception.welcome",
        "1.0 + bad_takes * felt\n",
        "1.0 + 0.7 * bad_takes * felt\n",
        f"{NEUTRAL}an_unpleasant_encounter_takes_interest_by_hand",
        f"{HAND}what_a_contact_does_to_what_is_known",
    ),
    _felt(
        "expectation: follows messages less",
        "perception.expectation_after",
        "expectation + gain * fit * (promise",
        "expectation + 0.7 * gain * fit * (promise",
        f"{FEEL}messages_move_as_far_as_they_fit",
        f"{HAND}what_a_contact_does_to_what_is_known",
    ),
    _felt(
        "deters: puts off less",
        "perception.put_off",
        "max(0.0, -felt * deters)",
        "max(0.0, -felt * 0.7 * deters)",
        f"{NEUTRAL}each_warning_turns_a_share_into_doubt_and_out_of_the_set",
        f"{HAND}a_warning_sows_doubt",
    ),
    _felt(
        "doubt: what was known is not doubted",
        "perception.doubt_after",
        "doubt + share * max(0.0, known - doubt) + (",
        "doubt + (",
        f"{HAND}a_warning_sows_doubt",
    ),
    _felt(
        "sells_unknown: off",
        "perception.doubt_after",
        "(1.0 - sells_unknown) * (awareness - known)",
        "(awareness - known)",
        f"{HAND}a_warning_sows_doubt",
    ),
    _felt(
        "doubt: does not keep from considering",
        "perception.consider_chance",
        "max(0.0, awareness - doubt)",
        "max(0.0, awareness)",
        f"{NEUTRAL}a_warning_never_raises_the_chance_to_consider",
    ),
    _felt(
        "added: by unpleasant encounters too",
        "perception.adding_chance",
        "consider_chance(awareness, doubt) * max(0.0, welcome(felt, bad_takes))",
        "consider_chance(awareness, doubt)",
        f"{HAND}a_warning_sows_doubt",
    ),
    _felt(
        "salience: all is remembered",
        "perception.recalled_share",
        "return strength / (1.0 - salience + strength)",
        "return 1.0",
        f"{NEUTRAL}memory_never_leaves_its_range_and_what_is_not_recalled_leaves_no_trace",
    ),
    _felt(
        "salience: less is remembered",
        "perception.recalled_share",
        "strength = salience * abs(felt)",
        "strength = 0.7 * salience * abs(felt)",
        f"{HAND}how_much_of_a_moment_is_remembered",
    ),
    _felt(
        "memory: no peak",
        "perception.remembered",
        "weight_peak * peak + weight_end",
        "weight_end",
        f"{HAND}how_much_of_a_moment_is_remembered",
        "verify: peak, end and mean",
    ),
    _felt(
        "memory: the end moves less",
        "perception.end_after",
        "(1.0 - recalled) * end + recalled * felt",
        "(1.0 - 0.7 * recalled) * end + 0.7 * recalled * felt",
        "verify: peak, end and mean",
    ),
    _met(
        "permission: is withdrawn less",
        "ownership.withdrawal_chance",
        "        return chance\n    return min(1.0, chance",
        "        return 0.7 * chance\n    return min(1.0, 0.7 * chance",
        f"{NEUTRAL}who_is_written_to_badly_takes_permission_back",
        f"{HAND}an_unpleasant_contact_ends_a_permission_more_often",
    ),
    _met(
        "permission: bad is no stronger",
        "ownership.withdrawal_chance",
        "chance * (1.0 - bad_is_stronger * felt)",
        "chance",
        f"{NEUTRAL}who_is_written_to_badly_takes_permission_back",
        f"{HAND}an_unpleasant_contact_ends_a_permission_more_often",
    ),
    _met(
        "service: satisfies an owner less",
        "ownership.served_satisfaction",
        "weight * perceived * (1.0 - satisfaction) / 2.0",
        "0.7 * weight * perceived * (1.0 - satisfaction) / 2.0",
        f"{FEEL}owners_are_pleased_hurt_and_won_back",
        f"{HAND}service_moves_an_owner_and_what_hurt_can_be_given_back",
    ),
    _met(
        "recovery: off",
        "ownership.regained",
        "return share * hurt",
        "return 0.0",
        f"{FEEL}owners_are_pleased_hurt_and_won_back",
        f"{HAND}service_moves_an_owner_and_what_hurt_can_be_given_back",
    ),
]

_LATER = [
    _moved(
        "lapse: daily less often",
        "movement.lapse_chance",
        "chance_of(rate_per_day * exp",
        "chance_of(0.7 * rate_per_day * exp",
        f"{FEEL}owners_lapse_by_the_day",
        f"{HAND}the_dissatisfied_lapse_more_often",
    ),
    _moved(
        "lapse: the satisfied daily",
        "movement.lapse_chance",
        "exp(-effect * satisfaction)",
        "exp(effect * satisfaction)",
        f"{FEEL}owners_lapse_by_the_day",
        f"{HAND}the_dissatisfied_lapse_more_often",
    ),
    _moved(
        "readiness: by less trust",
        "movement.readiness",
        "weights[READY_TRUST] * trust",
        "0.7 * weights[READY_TRUST] * trust",
        f"{FEEL}readiness_is_the_sum_of_what_is_felt",
        f"{HAND}readiness_is_a_sum_and_the_chance_its_logistic",
    ),
    _moved(
        "pace: slower",
        "movement.advance_chance",
        "return pace * sigmoid(logit)",
        "return 0.7 * pace * sigmoid(logit)",
        "verify: absorbing chain",
    ),
    _moved(
        "skip: off",
        "movement.advance_target",
        "return next_phase + 1",
        "return next_phase",
        "verify: absorbing chain",
    ),
    _moved(
        "same day: never",
        "movement.goes_on_today",
        "return there > here and same_day != 0",
        "return False and same_day != 0",
        f"{SAME_DAY}when_a_day_goes_on",
        f"{SAME_DAY}a_whole_trip_on_one_day_has_the_product_of_the_paces",
    ),
    _moved(
        "same day: who gives up goes on",
        "movement.goes_on_today",
        "(bought or searched == 0 or searches != 0)",
        "True",
        f"{SAME_DAY}when_a_day_goes_on",
    ),
    _moved(
        "same day: with the draws of the first moment",
        "movement.day_of_moment",
        "return day + MOMENT_DAYS * moment",
        "return day",
        f"{SAME_DAY}no_moment_shares_an_address",
        f"{SAME_DAY}a_later_moment_has_luck_of_its_own",
    ),
    _moved(
        "owners go back: never",
        "movement.phase_after_search",
        "if owners_go_back != 0:",
        "if owners_go_back > 1:",
        f"{BACK}where_a_search_leads_that_ends_without_a_purchase",
        f"{BACK}an_owner_who_gives_up_is_where_its_need_arose",
    ),
    _moved(
        "owners go back: prospects too",
        "movement.phase_after_search",
        "    if not owns:\n        return first_latent\n",
        "",
        f"{BACK}where_a_search_leads_that_ends_without_a_purchase",
        f"{BACK}it_is_remembered_through_a_long_search",
    ),
    _of("model/need", "Need")(
        "need: less often",
        "need.need_day",
        "season_cumulative[today + 1] + mass / rate_per_day",
        "season_cumulative[today + 1] + mass / (0.7 * rate_per_day)",
        f"{HAND}a_need_arises_when_its_mass_is_reached",
    ),
    _chosen(
        "price: weighs less",
        "choice.price_disutility",
        "weight * sensitivity * price / budget",
        "0.7 * weight * sensitivity * price / budget",
        f"{HAND}the_utility_of_an_offer",
    ),
    _chosen(
        "choice: no random variation",
        "choice.gumbel",
        "return -log(-log(max(u, SMALLEST)))",
        "return 0.0",
        "verify: multinomial logit",
    ),
    _chosen(
        "choice: loyalty counts less",
        "choice.brand_utility",
        "weights[CHOICE_LOYALTY] * loyalty",
        "0.7 * weights[CHOICE_LOYALTY] * loyalty",
        f"{HAND}the_utility_of_an_offer",
    ),
    _chosen(
        "pick: always holds",
        "choice.picks_anew_chance",
        "return 1.0 - trust",
        "return 0.0",
        f"{PICKS}a_pick_holds_with_trust_and_by_chance",
    ),
    _chosen(
        "pick: holds more often",
        "choice.picks_anew_chance",
        "return 1.0 - trust",
        "return 0.7 * (1.0 - trust)",
        f"{PICKS}a_pick_holds_with_trust_and_by_chance",
    ),
    _chosen(
        "checkout: abandoned less",
        "choice.abandon_chance",
        "min(1.0, base * exp",
        "min(1.0, 0.7 * base * exp",
        f"{FEEL}checkouts_are_abandoned_by_their_friction",
        f"{HAND}friction_multiplies_the_chance_to_abandon",
    ),
    _chosen(
        "checkout: without friction",
        "choice.abandon_chance",
        "base * exp(min(friction, MOST_FRICTION))",
        "base",
        f"{FEEL}checkouts_are_abandoned_by_their_friction",
        f"{HAND}friction_multiplies_the_chance_to_abandon",
    ),
    _chosen(
        "add-ons: whatever one needs",
        "choice.add_on_chance",
        "chance * weight * needs",
        "chance",
        f"{HAND}what_is_taken_along_and_how_large_an_order_is",
    ),
    _chosen(
        "habit: grows less",
        "choice.habit_after",
        "habit + gain * (1.0 - habit)",
        "habit + 0.7 * gain * (1.0 - habit)",
        f"{HAND}habit_takes_a_share_of_the_room_left_and_starts_anew_with_another_brand",
    ),
    _chosen(
        "habit: kept with another brand",
        "choice.habit_after",
        "        return habit + gain * (1.0 - habit)\n    return gain",
        "        return habit + gain * (1.0 - habit)\n    return habit",
        f"{ORDERS}habit_stays_between_none_and_all",
    ),
    _paid(
        "basket: all orders alike",
        "money.basket_factor",
        "    if variance <= 0.0:",
        "    if variance >= 0.0:",
        f"{HAND}what_is_taken_along_and_how_large_an_order_is",
    ),
    _paid(
        "basket: larger than the price",
        "money.basket_factor",
        "lognormal(-variance / 2.0, sd_within, z_order)",
        "lognormal(0.0, sd_within, z_order)",
        f"{HAND}what_is_taken_along_and_how_large_an_order_is",
    ),
    _paid(
        "subscription: paid out of the budget",
        "money.wallet",
        "return income_per_day * period_days",
        "return budget",
        f"{RENEWAL}a_period_is_paid_out_of_its_income_and_a_purchase_out_of_the_budget",
    ),
    _owned(
        "judgement: expects nothing",
        "ownership.verdict",
        "disconfirmation = performance - expectation",
        "disconfirmation = performance",
        f"{FEEL}a_purchase_is_judged_by_hand",
        f"{HAND}a_purchase_is_judged_by_performance_against_expectation_and_by_experience",
    ),
    _owned(
        "satisfaction: moves less",
        "ownership.satisfaction_after",
        "satisfaction + speed * (judgement",
        "satisfaction + 0.7 * speed * (judgement",
        f"{FEEL}a_purchase_is_judged_by_hand",
        f"{HAND}a_purchase_is_judged_by_performance_against_expectation_and_by_experience",
    ),
    _owned(
        "loyalty: gains less",
        "ownership.loyalty_after",
        "loyalty + gain * satisfaction * (1.0 - loyalty)",
        "loyalty + 0.7 * gain * satisfaction * (1.0 - loyalty)",
        f"{FEEL}a_purchase_is_judged_by_hand",
        f"{HAND}a_purchase_is_judged_by_performance_against_expectation_and_by_experience",
    ),
    _owned(
        "loyalty: is not lost",
        "ownership.loyalty_after",
        "return loyalty + gain * satisfaction * loyalty",
        "return loyalty",
        f"{FEEL}a_purchase_is_judged_by_hand",
        f"{HAND}a_purchase_is_judged_by_performance_against_expectation_and_by_experience",
    ),
    _owned(
        "churn: sign of satisfaction",
        "ownership.cancel_chance",
        "holds = satisfaction_effect * satisfaction",
        "holds = -satisfaction_effect * satisfaction",
        f"{RENEWAL}who_renews_is_by_the_odds_of_what_they_feel",
        f"{RENEWAL}dearer_than_usual_never_keeps_anybody",
    ),
    _owned(
        "churn: loyalty_effect off",
        "ownership.cancel_chance",
        "satisfaction_effect * satisfaction + loyalty_effect * loyalty - price",
        "satisfaction_effect * satisfaction - price",
        f"{RENEWAL}who_renews_is_by_the_odds_of_what_they_feel",
        f"{HAND}satisfaction_and_loyalty_hold_and_a_price_above_the_usual_drives_away",
    ),
    _owned(
        "churn: price_effect less",
        "ownership.price_against_renewal",
        "effect * sensitivity * (price - usual)",
        "0.7 * effect * sensitivity * (price - usual)",
        f"{RENEWAL}a_rival_that_costs_less_raises_the_odds_of_leaving",
        f"{HAND}satisfaction_and_loyalty_hold_and_a_price_above_the_usual_drives_away",
    ),
    _owned(
        "churn: switching_cost off",
        "ownership.usual_price",
        "min(paid, rival + switching_cost)",
        "min(paid, rival)",
        f"{RENEWAL}a_rival_that_costs_less_raises_the_odds_of_leaving",
        f"{HAND}satisfaction_and_loyalty_hold_and_a_price_above_the_usual_drives_away",
    ),
    _owned(
        "lapse: at a judgement whatever one feels",
        "ownership.shifted_chance",
        "chance / (chance + (1.0 - chance) * exp(effect * satisfaction))",
        "chance",
        f"{FEEL}a_judgement_may_end_it",
        f"{RENEWAL}dearer_than_usual_never_keeps_anybody",
    ),
    _owned(
        "lapse: forgets less",
        "ownership.left_after_lapse",
        "stock * (1.0 - forgets)",
        "stock * (1.0 - 0.7 * forgets)",
        f"{NEUTRAL}who_stops_being_a_customer_forgets_a_share",
    ),
    _owned(
        "score: other mapping",
        "ownership.recommendation",
        "neutral + slope * satisfaction",
        "neutral + 0.7 * slope * satisfaction",
        f"{ORDERS}the_default_mapping_uses_the_whole_range",
    ),
    _said(
        "talk: buyers less",
        "talk.own_talk_chance",
        "min(1.0, per_day * sociability * strength",
        "min(1.0, 0.7 * per_day * sociability * strength",
        f"{FEEL}owners_talk_as_strongly_as_they_feel",
        f"{HAND}who_talks",
    ),
    _said(
        "talk: half-life off",
        "talk.own_talk_chance",
        " * advocate_factor * fresh)",
        " * advocate_factor)",
        f"{FEEL}owners_talk_less_with_time",
        f"{HAND}who_talks",
    ),
    _said(
        "talk: advocates no more than others",
        "talk.own_talk_chance",
        " * advocate_factor * fresh)",
        " * fresh)",
        f"{FEEL}owners_talk_as_strongly_as_they_feel",
        f"{HAND}who_talks",
    ),
    _said(
        "talk: the dissatisfied no more than others",
        "talk.own_talk_chance",
        "-satisfaction * negative_factor",
        "-satisfaction",
        f"{FEEL}owners_talk_as_strongly_as_they_feel",
        f"{HAND}who_talks",
    ),
    _said(
        "talk: fans less",
        "talk.fan_talk_chance",
        "fan_per_day * sociability * awareness",
        "0.7 * fan_per_day * sociability * awareness",
        f"{HAND}who_talks",
    ),
    _said(
        "talk: nobody warns",
        "talk.talk_sign",
        "return -1 if satisfaction < 0.0 else 1",
        "return 1",
        f"{FEEL}owners_talk_as_strongly_as_they_feel",
        f"{HAND}who_talks",
    ),
    _said(
        "reviews: extremity less",
        "talk.review_chance",
        "1.0 - extremity + extremity",
        "1.0 - 0.7 * extremity + 0.7 * extremity",
        f"{ORDERS}the_extreme_post_more_often",
    ),
    _said(
        "reviews: other stars",
        "talk.stars_of",
        "neutral + slope * satisfaction + 0.5",
        "neutral + 0.7 * slope * satisfaction + 0.5",
        f"{ORDERS}the_default_mapping_uses_the_whole_range",
    ),
    _said(
        "rating: those before day 0 alone",
        "talk.public_rating",
        "start_rating * start_count + people_per_agent * stars",
        "start_rating * (start_count + people_per_agent * reviews)",
        f"{HAND}what_is_posted_and_seen",
    ),
    _of("model/market", "Reach")(
        "talk: reaches fewer",
        "market.daily_rates",
        "weights[cell] * flight * messages / t.agents",
        "0.7 * weights[cell] * flight * messages / t.agents",
        "verify: Bass diffusion",
    ),
    _served(
        "closing: nobody is sent home",
        "queue.outcome_of",
        "if start >= shuts:",
        "if start >= shuts + 1e9:",
        f"{SERVICE}how_a_visit_ends",
    ),
    _served(
        "response: answered sooner",
        "queue.answer_day",
        "int(response_minutes / MINUTES_PER_DAY)",
        "int(0.7 * response_minutes / MINUTES_PER_DAY)",
        f"{HAND}a_desk_has_a_calendar_and_an_answer_takes_whole_days",
    ),
    _served(
        "patience: endless",
        "queue.outcome_of",
        "return GAVE_UP\n    if start",
        "return SERVED\n    if start",
        f"{SERVICE}how_a_visit_ends",
    ),
    _felt(
        "unserved: no worse than the usual",
        "perception.unserved_quality",
        "return norm - penalty",
        "return norm",
        f"{HAND}the_quality_that_is_felt",
    ),
    _reached(
        "reach: money buys fewer contacts",
        "reach.push_rate",
        "weight * contacts / audience",
        "0.7 * weight * contacts / audience",
        "verify: paid push",
    ),
    _reached(
        "audience: prospects are everybody",
        "reach.may_meet",
        "return relationship == NOBODY",
        "return True",
        f"{HAND}an_audience_is_met_and_nobody_else",
    ),
    _gone(
        "turnover: fewer leave",
        "turnover.leaving_day",
        "place, born, 0)) / rate_per_day",
        "place, born, 0)) / (0.7 * rate_per_day)",
        f"{HAND}people_leave_on_the_day_that_their_draw_says",
    ),
    _gone(
        "turnover: off",
        "turnover.leaving_day",
        "if rate_per_day <= 0.0:",
        "if rate_per_day >= 0.0:",
        f"{HAND}people_leave_on_the_day_that_their_draw_says",
    ),
]

_read = {
    section: _of("scenario/arrays", section)
    for section in (
        "A past, and people who come and go",
        "Reach",
        "Encounters",
        "Service queues",
        "Movement",
        "Choice and checkout",
        "Ownership",
        "Talk and reviews",
        "Days that everybody shares",
    )
}
_PEOPLE, _REACH = _read["A past, and people who come and go"], _read["Reach"]
_ENCOUNTER, _SERVICE = _read["Encounters"], _read["Service queues"]
_OWNER, _TALK, _DAYS = (
    _read[name] for name in ("Ownership", "Talk and reviews", "Days that everybody shares")
)
_OFFER = _read["Choice and checkout"]
_timeline = _of("scenario/tables_by_day", "A timeline")
_drawn = _of("scenario/drawn_days", "Days that everybody shares")

_FIELDS = [
    _PEOPLE(
        "past: nothing runs in it",
        "past_days",
        "begun = (since >= 0) | before",
        "begun = since >= 0",
        "verify: past",
    ),
    _PEOPLE(
        "turnover: a smaller share leaves",
        "turnover_per_year",
        "-min(scenario.turnover_per_year, MOST_TURNOVER)",
        "-0.7 * min(scenario.turnover_per_year, MOST_TURNOVER)",
        f"{TABLES}a_share_a_year_is_a_rate_a_day",
    ),
    _REACH(
        "segments: a touchpoint is for all",
        "segments",
        "        return 0.0\n    return scenario.segments[segment].affinities",
        "        return 1.0\n    return scenario.segments[segment].affinities",
        f"{TIME}what_is_for_a_segment_meets_no_other_and_quality_is_that_of_the_phase",
    ),
    _REACH(
        "frequency cap: off",
        "frequency_cap",
        "t.frequency_cap or 0",
        "0",
        f"{TABLES}contacts_are_capped_and_dull_and_annoy_and_some_see_more",
        f"{TIME}a_cap_is_kept_in_a_small_market",
    ),
    _REACH(
        "exposure: all are alike",
        "exposure_shape",
        "NEVER if t.exposure_shape is None else shapes.index(t.exposure_shape)",
        "NEVER",
        f"{TABLES}contacts_are_capped_and_dull_and_annoy_and_some_see_more",
    ),
    _REACH(
        "trigger: period longer",
        "trigger_every_days",
        "t.trigger_every_days or 0 for",
        "int((t.trigger_every_days or 0) * 1.3) for",
        f"{TIME}a_period_comes_back_until_the_next_purchase",
    ),
    _REACH(
        "trigger: phase, another one",
        "trigger_phase",
        "place(t.trigger_phase, phases)",
        "0 * place(t.trigger_phase, phases)",
        f"{TIME}a_phase_entered_starts_what_it_triggers_unless_it_was_left",
    ),
    _REACH(
        "trigger: encounter, never",
        "trigger_touchpoint",
        "column(place(t.trigger_touchpoint, names), sources)",
        "NEVER",
        f"{TIME}an_encounter_starts_what_it_triggers",
    ),
    _REACH(
        "trigger: renewal, not told before",
        "delay_days",
        '"delay": integers([t.delay_days for',
        '"delay": integers([0 * t.delay_days for',
        f"{TIME}a_coming_renewal_is_told_so_many_days_before",
    ),
    _REACH(
        "flight: begins at once",
        "flight",
        "scenario.days) - flight.start_day",
        "scenario.days)",
        f"{TABLES}a_flight_runs_in_turns_from_its_start_and_not_in_the_past",
    ),
    _ENCOUNTER(
        "quality_in: the same in every phase",
        "quality_in",
        "touchpoint.quality_in.get(phase, touchpoint.quality)",
        "touchpoint.quality",
        f"{TIME}what_is_for_a_segment_meets_no_other_and_quality_is_that_of_the_phase",
    ),
    _ENCOUNTER(
        "effects_in: the same in every phase",
        "effects_in",
        "t.effects_in.get(p, t.effects)",
        "t.effects",
        f"{TABLES}a_touchpoint_is_for_its_segments_and_differs_by_phase",
    ),
    _ENCOUNTER(
        "norm: follows a smaller share a year",
        "norm_follows_per_year",
        "log1p(-min(share_per_year, MOST_TURNOVER))",
        "log1p(-0.7 * min(share_per_year, MOST_TURNOVER))",
        f"{TIME}a_copied_nicety_becomes_the_usual_one",
    ),
    _ENCOUNTER(
        "salience: none says its own",
        "salience",
        "SALIENCE[t.starts] if t.salience is None else t.salience",
        "SALIENCE[t.starts]",
        f"{TIME}what_is_salient_is_what_is_remembered",
    ),
    _ENCOUNTER(
        "companions: nobody has one along",
        "accompanied",
        "t.accompanied for t in",
        "0 for t in",
        f"{WITH}whoever_has_a_companion_along_feels_what_it_feels",
    ),
    _ENCOUNTER(
        "permission: withdrawn from everybody",
        "unsubscribe",
        "t.unsubscribe if t.audience == Audience.PERMITTED else 0.0",
        "t.unsubscribe",
        f"{NEUTRAL}only_who_is_written_to_by_permission_takes_it_back",
    ),
    _ENCOUNTER(
        "half-lives: longer",
        "half_life_days",
        "rate = LOG2 / half_life_days",
        "rate = 0.7 * LOG2 / half_life_days",
        f"{TABLES}stocks_fade_by_their_half_lives",
    ),
    _SERVICE(
        "requires: nothing",
        "requires",
        "row[word] |= np.uint64(1 << bit)",
        "row[word] |= np.uint64(0)",
        f"{SERVICE}nobody_gets_around_a_small_desk",
    ),
    _SERVICE(
        "overtime: never",
        "overtime",
        "capacity is None or capacity.overtime",
        "capacity is None",
        f"{TABLES}a_desk_is_open_as_long_as_it_says",
    ),
    _SERVICE(
        "closing: never",
        "closes_hour",
        "return capacity.closes_hour * MINUTES_PER_HOUR",
        "return NEVER_SHUTS",
        f"{TABLES}a_desk_is_open_as_long_as_it_says",
    ),
    _SERVICE(
        "response: at once",
        "response_minutes",
        "c.response_minutes if c else 0.0",
        "0.0",
        f"{SERVICE}nobody_gets_around_a_small_desk",
    ),
    _SERVICE(
        "unserved: fewer give up",
        "unserved_leave",
        "c.unserved_leave if c else 0.0",
        "0.7 * c.unserved_leave if c else 0.0",
        f"{SERVICE}whoever_a_small_desk_sends_home_gives_up_or_goes_to_a_rival",
    ),
    _SERVICE(
        "unserved: nobody goes to a competitor",
        "unserved_to_competitor",
        "c.unserved_to_competitor if c else 0.0",
        "0.0",
        f"{SERVICE}whoever_a_small_desk_sends_home_gives_up_or_goes_to_a_rival",
    ),
    _OFFER(
        "launch: on the past's day",
        "launch_day",
        "o.launch_day and o.launch_day + scenario.past_days",
        "o.launch_day",
        f"{TIME}nothing_is_bought_before_its_launch",
    ),
    _OFFER(
        "add-ons: customers take no more than others",
        "chance_of_customers",
        "own = extra.chance if extra.chance_of_customers is None else extra.chance_of_customers",
        "own = extra.chance",
        f"{TABLES}customers_take_add_ons_by_a_chance_of_their_own",
    ),
    _OFFER(
        "paid_by_others: off",
        "paid_by_others",
        "_minor(o.price + o.paid_by_others)",
        "_minor(o.price)",
        f"{TABLES}an_offer_is_bought_from_its_launch_and_others_may_pay_for_it",
    ),
    _OFFER(
        "basket: varies less",
        "basket",
        "variance = log1p(basket.cv * basket.cv)",
        "variance = 0.7 * log1p(basket.cv * basket.cv)",
        f"{TABLES}an_offer_is_bought_from_its_launch_and_others_may_pay_for_it",
    ),
    _OFFER(
        "habit: of no weight",
        "choice.habit",
        "reals([getattr(weights, name) for name in CHOICE_WEIGHTS])",
        'reals([getattr(weights, name) * (name != "habit") for name in CHOICE_WEIGHTS])',
        f"{ORDERS}who_has_a_habit_buys_the_same_brand_again",
    ),
    _OWNER(
        "renewal: looks_around less",
        "looks_around",
        "reals([s.renewal.looks_around for",
        "reals([0.7 * s.renewal.looks_around for",
        f"{RENEWAL}so_many_look_around_as_were_said",
    ),
    _OWNER(
        "renewal: no competitor is compared with",
        "cheapest rival",
        "(o.price for _, _, o in rivals if o.subscription_days is not None), default=math.inf",
        "(math.inf for _ in rivals), default=math.inf",
        f"{TABLES}a_subscription_is_compared_with_the_cheapest_of_the_rivals",
    ),
    _TALK(
        "talk: half-life never",
        "half_life_days",
        "np.ones(days + 1) if half_life is None else _decay(half_life, days)",
        "np.ones(days + 1)",
        f"{FEEL}owners_talk_less_with_time",
        f"{TABLES}stocks_fade_by_their_half_lives",
    ),
    _DAYS(
        "day states: needs as on any day",
        "needs",
        "factor[:-1][days] *= scenario.day_states[name].needs",
        "factor[:-1][days] *= 1.0",
        f"{TABLES}states_of_the_day_are_factors",
    ),
    _DAYS(
        "day states: reach as on any day",
        "reach",
        "rows[names.index(touchpoint_name)][days[name]] *= factor",
        "rows[names.index(touchpoint_name)][days[name]] *= 1.0",
        f"{TABLES}states_of_the_day_are_factors",
    ),
    _DAYS(
        "day states: waits as on any day",
        "waiting",
        "rows[names.index(touchpoint)][days[name]] *= factor",
        "rows[names.index(touchpoint)][days[name]] *= 1.0",
        f"{TABLES}states_of_the_day_are_factors",
    ),
    _DAYS(
        "day states: only_on off",
        "only_on",
        "rows[j] *= np.any([days[name] for name in touchpoint.only_on], axis=0)",
        "rows[j] *= 1.0",
        f"{TABLES}states_of_the_day_are_factors",
    ),
    _drawn(
        "day states: on fewer days",
        "share",
        "share = min(share, most_share(mean_days))",
        "share = 0.7 * min(share, most_share(mean_days))",
        "verify: states of the day",
    ),
    _drawn(
        "day states: calendar from the past's first day",
        "every_days",
        "for day in range(-past, days)]",
        "for day in range(0, past + days)]",
        f"{TIME}a_calendar_counts_from_day_0_in_the_past_too",
    ),
    _timeline(
        "changes: none",
        "changes",
        "for day, state in states]\n    ordered",
        "for day, state in states[:1]]\n    ordered",
        f"{TABLES}what_changes_on_a_day_holds_from_that_day_on",
    ),
    _timeline(
        "follows_price: less",
        "follows_price",
        "1.0 + r.follows_price * (",
        "1.0 + 0.7 * r.follows_price * (",
        f"{TIME}a_rival_follows_the_price_after_its_delay",
    ),
    _timeline(
        "follows_price: at once",
        "follows_after_days",
        "if since + rival.follows_after_days <= day:",
        "if since <= day:",
        f"{TIME}a_rival_follows_the_price_after_its_delay",
    ),
    _of("scenario/quantiles", "Reach")(
        "exposure: cut lower",
        "exposure_shape",
        "np.minimum(_gamma_table(shape) / shape, MOST_EXPOSURE)",
        "np.minimum(_gamma_table(shape) / shape, 0.7 * MOST_EXPOSURE)",
        f"{HAND}heavy_viewers_are_gamma_cut_at_four_times_the_mean",
    ),
]

# Off, where the list above has less; and what shows in a small market alone.
_ALONE = [
    _felt(
        "trust: gains nothing",
        "perception.trust_after",
        "trust + gain * perceived * (1.0 - trust)",
        "trust",
        f"{TIME}who_sees_too_much_is_annoyed",
    ),
    _owned(
        "loyalty: gains nothing",
        "ownership.loyalty_after",
        "loyalty + gain * satisfaction * (1.0 - loyalty)",
        "loyalty",
        f"{FEEL}a_purchase_is_judged_by_hand",
    ),
    _owned(
        "hurt: by no judgement",
        "ownership.hurt_by_judgement",
        "hurt + max(0.0, min(before, 0.0) - after)",
        "hurt",
        f"{FEEL}a_purchase_is_judged_by_hand",
    ),
    _met(
        "service: bad no stronger than good",
        "ownership.served_satisfaction",
        "min(1.0, weight * bad_is_stronger)",
        "min(1.0, weight)",
        f"{FEEL}owners_are_pleased_hurt_and_won_back",
    ),
    _moved(
        "lapse: never daily",
        "movement.lapse_chance",
        "chance_of(rate_per_day * exp(-effect * satisfaction))",
        "0.0 * chance_of(rate_per_day * exp(-effect * satisfaction))",
        f"{FEEL}owners_lapse_by_the_day",
    ),
    _owned(
        "lapse: sign of satisfaction at a judgement",
        "ownership.shifted_chance",
        "exp(effect * satisfaction)",
        "exp(-effect * satisfaction)",
        f"{FEEL}a_judgement_may_end_it",
    ),
    _owned(
        "churn: satisfaction_effect less",
        "ownership.cancel_chance",
        "holds = satisfaction_effect * satisfaction",
        "holds = 0.7 * satisfaction_effect * satisfaction",
        f"{RENEWAL}who_renews_is_by_the_odds_of_what_they_feel",
    ),
    _owned(
        "churn: price_effect off",
        "ownership.price_against_renewal",
        "effect * sensitivity * (price - usual) / income",
        "0.0 * effect",
        f"{RENEWAL}a_rival_that_costs_less_raises_the_odds_of_leaving",
    ),
    _chosen(
        "checkout: never abandoned",
        "choice.abandon_chance",
        "min(1.0, base * exp(min(friction, MOST_FRICTION)))",
        "0.0 * base",
        f"{FEEL}checkouts_are_abandoned_by_their_friction",
    ),
    _chosen(
        "choice: trust counts less",
        "choice.brand_utility",
        "weights[CHOICE_TRUST] * trust",
        "0.7 * weights[CHOICE_TRUST] * trust",
        f"{FEEL}feelings_add_to_every_own_offer",
    ),
    _said(
        "talk: buyers never",
        "talk.own_talk_chance",
        "min(1.0, per_day * sociability * strength * advocate_factor * fresh)",
        "0.0 * per_day",
        f"{FEEL}owners_talk_as_strongly_as_they_feel",
    ),
    _served(
        "patience: longer",
        "queue.patience_minutes",
        "return ENDLESS\n    return -mean * log1p(-u)",
        "return ENDLESS\n    return -1.3 * mean * log1p(-u)",
        f"{SERVICE}patience_is_exponential_around_its_mean",
    ),
    _OFFER(
        "choice: a competitor's offer without appeal",
        "strength",
        "strength + o.appeal for",
        "strength for",
        f"{ORDERS}a_rival_s_offer_has_its_own_appeal",
    ),
    _OFFER(
        "habit: with a competitor it counts for the firm",
        "choice.habit",
        "integers([brand for brand, _, _ in rivals])",
        "integers([1 for brand, _, _ in rivals])",
        f"{ORDERS}a_rival_s_buyer_has_the_same_habit",
    ),
    _ENCOUNTER(
        "salience: by default that of service",
        "salience",
        "SALIENCE[t.starts]",
        "SALIENCE[Starts.SERVICE]",
        f"{NEUTRAL}an_advertisement_is_remembered_less_than_a_service",
    ),
    _drawn(
        "day states: longer spells",
        "mean_days",
        "ends = 1.0 / mean_days",
        "ends = 1.0 / (1.3 * mean_days)",
        "verify: states of the day",
    ),
    _of("scenario/levers", "A past, and people who come and go")(
        "past: lived under what changes on day 0",
        "variants",
        "if not changed.past_days or changed.variants == Since.ALWAYS:",
        "if True:",
        f"{PAST}a_change_of_today_is_another_market_than_one_of_always",
    ),
]

MUTANTS: tuple[Mutant, ...] = (*_ENCOUNTERS, *_LATER, *_FIELDS, *_ALONE)
