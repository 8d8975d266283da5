"""What touchpoints truly add: paired differences, their errors, and shared credit."""

import math
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from sim.engine.day import run_fast
from sim.errors import InputError
from sim.measures.attribution.shapley import shapley_of_game
from sim.measures.figure import Undefined
from sim.measures.incrementality import (
    NOTHING_PLACED,
    OUTCOMES,
    UNSEEN,
    effect,
    effects,
    own_outcomes,
    step_return,
)
from sim.measures.intervals import (
    NORMAL_975,
    Effect,
    Estimate,
    interval,
    over_seeds,
    ratio_interval,
)
from sim.model.columns import Count
from sim.pages.touchpoints import touchpoints_page
from sim.pages.words.language import explain, speaking
from sim.questions.contrasts import shapley_weights
from sim.questions.touchpoints.effects import (
    ALL,
    CURVE,
    EVERY,
    KNOCK_OUT,
    LEAST_SEEDS,
    PARTS,
    SHAPLEY,
    STEP,
    SYNERGY,
    EffectsStudy,
    TouchpointsRequest,
    independent_factor,
    plan,
    reached,
    seeds_for,
    study,
)
from sim.questions.touchpoints.tables import (
    effects_table,
    money_table,
    outcome,
    profit_per_krone,
    roas,
    summary,
)
from sim.records.steps import Step
from sim.runs.store import Store
from sim.vocabulary import Purpose
from tools.paired import without
from worlds.by_hand import by_hand
from worlds.help_desk import BUYS, DAILY, FALL, HELP, POSTER, PRICE, UNIT_COST, helped
from worlds.markets import MARKETS
from worlds.paid_media import paid
from worlds.shop import shop

SEEDS = 6


@pytest.fixture(scope="module")
def toy() -> EffectsStudy:
    """The linear market, six seeds."""
    return study(helped(), TouchpointsRequest(replicates=SEEDS, step=0.25, curves=True))


def one(made: EffectsStudy, kind: str, name: str) -> list[Effect]:
    """The margin of a contrast, by seed."""
    found = [seeds for seeds in made.of(kind) if seeds[0].contrast.name == name]
    assert len(found) == 1
    return outcome(found[0], "margin")


# --- measures ---


@pytest.mark.parametrize("name", ["town", "club", "stall"])
def test_own_outcomes_add_up_to_what_was_counted(name: str) -> None:
    records = run_fast(MARKETS[name])
    own, counts = own_outcomes(records), records.counts.sum(axis=(0, 1))
    assert own["purchases"].sum() == counts[Count.PURCHASES]
    assert own["new_customers"].sum() == counts[Count.NEW_CUSTOMERS]
    assert own["retained_customers"].sum() == records.active[-1].sum()
    assert own["revenue"].sum() == counts[Count.REVENUE]
    assert own["margin"].sum() == counts[Count.MARGIN]


def test_in_a_funnel_every_purchase_is_a_new_customer() -> None:
    records = run_fast(helped(agents=300))
    own, counts = own_outcomes(records), records.counts.sum(axis=(0, 1))
    assert own["new_customers"].sum() == counts[Count.NEW_CUSTOMERS] == counts[Count.PURCHASES]
    assert counts[Count.PURCHASES] > 0
    assert own["retained_customers"].sum() == 0


def test_effect_by_hand() -> None:
    # differences 0, 2, 4: mean 2, deviation 2; two people each
    assert effect("purchases", np.array([0.0, 2.0, 4.0]), 2.0) == (12.0, 2.0 * math.sqrt(3) * 2.0)
    value, error = effect("margin", np.array([0.0, 200.0, 400.0]), 2.0)  # minor units
    assert (value, error) == pytest.approx((12.0, 4.0 * math.sqrt(3)), rel=1e-12)


def test_intervals_by_hand() -> None:
    assert interval([Effect(10.0, 2.0)]) == (10.0, 10.0 - 2 * NORMAL_975, 10.0 + 2 * NORMAL_975)
    three = [Effect(1.0, 9.0), Effect(2.0, 9.0), Effect(3.0, 9.0)]
    assert over_seeds(three) == (2.0, pytest.approx(1.0 / math.sqrt(3), rel=1e-12))
    value, low, high = interval(three)  # Student's 97.5 % point, two degrees of freedom: 4.302653
    assert (value, low, high) == pytest.approx(
        (2.0, 2.0 - 4.302653 / math.sqrt(3), 2.0 + 4.302653 / math.sqrt(3)), rel=1e-6
    )


def test_a_ratio_is_one_of_totals() -> None:
    found = ratio_interval([Effect(10.0, 1.0), Effect(30.0, 1.0)], [10.0, 10.0])
    assert found is not None
    assert found.value == 2.0  # not the mean of ratios of single runs
    # rests -10 and 10: error of their mean 10; Student's point at one degree of freedom 12.706
    assert found.high - found.value == pytest.approx(12.7062 * 10.0 / 10.0, rel=1e-4)
    assert ratio_interval([Effect(10.0, 1.0)], [0.0]) is None
    single = ratio_interval([Effect(10.0, 1.0)], [5.0])
    assert single is not None
    assert single.high - single.value == pytest.approx(NORMAL_975 / 5.0)


# --- the study, against closed forms ---


def test_no_effect_is_exactly_none_in_every_replicate(toy: EffectsStudy) -> None:
    for kind in (KNOCK_OUT, STEP):
        for name in OUTCOMES:
            (poster,) = [s for s in toy.of(kind) if s[0].contrast.name == "poster"]
            assert len(poster) == SEEDS
            assert {each.outcomes[name] for each in poster} == {Effect(0.0, 0.0)}
            assert {each.spend for each in poster} == {0.0}


def checkouts(seed: int) -> int:
    """How many reached the checkout, whatever touchpoints do; simulated."""
    records = run_fast(helped(seed=seed))
    return int(records.counts[..., Count.CHECKOUTS_STARTED].sum())


def test_an_isolated_touchpoint_adds_its_closed_form(toy: EffectsStudy) -> None:
    """Knock-out: checkouts x chance x margin x people; a step of 25 %: a quarter of it."""
    started = [checkouts(seed) for seed in toy.seeds]
    each = BUYS * (PRICE - UNIT_COST) * 2.0  # people each
    exact = each * sum(started) / SEEDS
    for kind, share in ((KNOCK_OUT, 1.0), (STEP, 0.25)):
        found = one(toy, kind, "help")
        value, low, high = interval(found)
        assert low < share * exact < high
        # a rule wrong by 10 % lies outside: the interval is narrow enough to notice
        assert high - low < 0.25 * share * exact
        assert abs(value - share * exact) < 3.0 * over_seeds(found).se
        # purchases are binomial given the checkouts: sd^2 = p (1 - p) n
        chance = BUYS * share
        spread = math.sqrt(chance * (1.0 - chance) * started[0]) * (PRICE - UNIT_COST) * 2.0
        # customers, not checkouts, are the units of the error: several checkouts of one
        # customer add the spread of their number, so it is somewhat larger
        assert spread < found[0].se < 1.5 * spread


def test_money_of_the_isolated_touchpoint(toy: EffectsStudy) -> None:
    (seeds,) = [s for s in toy.of(KNOCK_OUT) if s[0].contrast.name == "help"]
    days = toy.scenario.days
    assert {each.spend for each in seeds} == {DAILY * days}
    margin = sum(each.outcomes["margin"].value for each in seeds) / SEEDS
    revenue = sum(each.outcomes["revenue"].value for each in seeds) / SEEDS
    spent, sold = profit_per_krone(seeds), roas(seeds)
    assert isinstance(spent, tuple)
    assert isinstance(sold, tuple)
    assert spent[0] == pytest.approx(margin / (DAILY * days) - 1.0, rel=1e-9)
    assert sold[0] == pytest.approx(revenue / (DAILY * days), rel=1e-9)
    (poster,) = [s for s in toy.of(KNOCK_OUT) if s[0].contrast.name == "poster"]
    assert profit_per_krone(poster) == "nothing more is spent"


def test_parts_of_a_linear_market_add_up(toy: EffectsStudy) -> None:
    """All at once, the sum of parts: the same to the last bit, since the poster does nothing."""
    assert one(toy, ALL, EVERY) == one(toy, PARTS, EVERY) == one(toy, KNOCK_OUT, "help")
    assert {each.value for each in one(toy, SYNERGY, EVERY)} == {0.0}


def test_a_response_curve_starts_at_the_loss_of_all(toy: EffectsStudy) -> None:
    points = {s[0].contrast.factor: outcome(s, "margin") for s in toy.of(CURVE)}
    assert set(points) == {0.0, 0.25, 0.5, 1.5, 2.0, 3.0}
    assert [p.value for p in points[0.0]] == [-e.value for e in one(toy, KNOCK_OUT, "help")]
    # linear up to a reach of 1: 0.4 x 2 = 0.8
    for factor in (0.25, 0.5, 1.5, 2.0):
        exact = (factor - 1.0) * interval(one(toy, KNOCK_OUT, "help")).value
        _, low, high = interval(points[factor])
        assert low < exact < high


def test_two_doors_stand_in_for_each_other() -> None:
    """Two help desks: one alone misses (1 - r), so knock-outs give 2 r (1 - r) of r (2 - r)."""
    made = study(helped(agents=6000, left=HELP, right=HELP), TouchpointsRequest(replicates=1))
    whole, parts = (one(made, kind, EVERY)[0].value for kind in (ALL, PARTS))
    exact = 2.0 * (1.0 - 0.4) / (2.0 - 0.4)
    assert parts / whole == pytest.approx(exact, rel=0.06)  # about 4 standard errors
    synergy = interval(one(made, SYNERGY, EVERY))
    assert synergy.high < 0.0
    assert synergy.value == pytest.approx(parts - whole)


# --- Shapley ---


def test_shapley_weights_agree_with_orders_and_with_another_program() -> None:
    """The fixture of facts: v(A) .02 v(B) .03 v(C) .01 v(AB) .07 v(AC) .03 v(BC) .05 v(ABC) .10."""
    worth = {"": 0.0, "A": 0.02, "B": 0.03, "C": 0.01, "AB": 0.07, "AC": 0.03, "BC": 0.05}
    worth["ABC"] = 0.10
    weights = shapley_weights("ABC")
    values = {
        player: sum(w * worth["".join(sorted(coalition))] for coalition, w in mine.items())
        for player, mine in weights.items()
    }
    assert values == pytest.approx({"A": 0.033333, "B": 0.048333, "C": 0.018333}, abs=1e-6)
    by_order = dict.fromkeys("ABC", 0.0)
    for order in permutations("ABC"):
        for place, player in enumerate(order):
            before = "".join(sorted(order[:place]))
            after = "".join(sorted(order[: place + 1]))
            by_order[player] += (worth[after] - worth[before]) / 6.0
    assert values == pytest.approx(by_order, rel=1e-12)
    game = np.array([worth[k] for k in ("", "A", "B", "AB", "C", "AC", "BC", "ABC")])
    assert list(values.values()) == pytest.approx(list(shapley_of_game(game)), rel=1e-12)


def test_shapley_values_add_up_and_a_dummy_gets_nothing() -> None:
    names = ("left", "right", "poster")
    market = helped(agents=4000, left=HELP, right=HELP, poster=POSTER)
    made = study(market, TouchpointsRequest(replicates=1, players=names))
    shares = {name: one(made, SHAPLEY, name)[0] for name in names}
    total = sum(share.value for share in shares.values())
    assert total == pytest.approx(one(made, ALL, EVERY)[0].value, rel=1e-12)  # efficiency
    assert shares["poster"].value == pytest.approx(0.0, abs=1e-9 * total)  # dummy
    gap = shares["left"].value - shares["right"].value  # symmetry, as far as luck goes
    assert abs(gap) < 4.0 * math.hypot(shares["left"].se, shares["right"].se)
    assert shares["left"].value > 0.3 * total


def test_a_split_takes_two_to_the_n_runs() -> None:
    names = [f"desk_{place}" for place in range(5)]
    market = helped(**dict.fromkeys(names, HELP))
    alone = len(plan(market, TouchpointsRequest()).markets)
    with_split = len(plan(market, TouchpointsRequest(players=tuple(names))).markets)
    # as it is, none, and each alone missing are there already
    assert with_split - alone == 2**5 - 1 - 5


# --- replicates and precision ---


def test_seeds_are_paired_and_threads_do_not_show() -> None:
    market = helped(agents=400, days=20)
    two = study(market, TouchpointsRequest(replicates=2), Store(threads=2))
    assert list(two.seeds) == [3, 4]
    again = study(
        market.model_copy(update={"seed": 4}), TouchpointsRequest(replicates=1), Store(threads=1)
    )
    assert again.found[0] == two.found[1]


def test_the_precision_chooses_the_number_of_seeds() -> None:
    market = helped(agents=400, days=20)
    pilot = study(market, TouchpointsRequest(replicates=1))
    first = reached(pilot)
    assert first is not None
    assert seeds_for(pilot.found[0], first * 1.01) == 1
    assert seeds_for(pilot.found[0], first * 0.99) == LEAST_SEEDS
    assert seeds_for(pilot.found[0], first / 3.0) == pytest.approx(9, abs=1)
    made = study(market, TouchpointsRequest(precision=first / 2.5))
    assert len(made.seeds) == pytest.approx(2.5**2, abs=1)
    after = reached(made)
    assert after is not None
    # the pilot's largest error is not quite every seed's
    assert after == pytest.approx(first / 2.5, rel=0.25)


def test_shared_luck_is_worth_runs() -> None:
    """Independent luck: var(with) + var(without), against var of the difference, measured."""
    made = study(shop(), TouchpointsRequest(replicates=1))
    factor = independent_factor(made)
    assert factor is not None
    assert factor > 1.0
    (search,) = [s for s in made.of(STEP) if s[0].contrast.name == "search"]
    shared, own = search[0].outcomes["margin"].se, search[0].independent_se
    base = own_outcomes(run_fast(shop()))["margin"] / 100.0
    assert own == pytest.approx(math.sqrt(2.0 * base.var() * len(base)), rel=0.1)
    assert shared < 0.5 * own


def test_errors_over_customers_are_nearly_those_over_seeds() -> None:
    """In a market with queues, talk and ratings: ratio of the two errors, over 40 seeds.

    A standard deviation over 40 seeds has itself an error of 1 / sqrt(2 x 39) = 11 %.
    """
    names, seeds = ("site", "display", "letter"), range(40)
    off = {name: without(name) for name in names}
    found: dict[str, list[Effect]] = {name: [] for name in names}
    for seed in seeds:
        before = run_fast(shop({"seed": seed}))
        for name in names:
            after = run_fast(shop({"seed": seed}, off[name]))
            found[name].append(effects(after, before)["margin"])
    ratios = []
    for errors in found.values():
        over_customers = math.sqrt(sum(each.se**2 for each in errors) / len(seeds))
        ratios.append(over_seeds(errors).se * math.sqrt(len(seeds)) / over_customers)
    # three errors of the ratio to each side, and 10 % for what customers do to one another
    assert all(0.6 < ratio < 1.43 for ratio in ratios), ratios


def test_a_request_that_makes_no_sense_is_refused() -> None:
    market = helped()
    for request, field in (
        (TouchpointsRequest(step=0.0), "step"),
        (TouchpointsRequest(replicates=0), "replicates"),
        (TouchpointsRequest(replicates=2, precision=0.1), "precision"),
        (TouchpointsRequest(precision=2.0), "precision"),
        (TouchpointsRequest(players=("help",)), "shapley"),
        (TouchpointsRequest(players=("help", "help")), "shapley"),
        (TouchpointsRequest(players=("help", "psoter")), "shapley"),
    ):
        with pytest.raises(InputError) as caught:
            plan(market, request)
        assert [problem.field for problem in caught.value.problems] == [field]
    with pytest.raises(InputError, match="no enabled touchpoint"):
        plan(by_hand(touchpoints={}), TouchpointsRequest())


def test_the_summary_has_no_figure_without_a_reason(toy: EffectsStudy) -> None:
    found = summary(toy)
    poster = found["touchpoints"]["poster"]
    assert poster["knock_out"]["return"] is None
    assert found["undefined"]["touchpoints.poster.knock_out.return"] == "nothing more is spent"
    assert found["touchpoints"]["help"]["knock_out"]["margin"][0] == pytest.approx(
        interval(one(toy, KNOCK_OUT, "help")).value
    )
    assert [point["factor"] for point in found["curves"]["help"]] == [0, 0.25, 0.5, 1.5, 2, 3]


def test_where_nobody_differs_there_is_no_figure_and_a_reason() -> None:
    """An effect that not one simulated customer shows is neither found nor excluded."""
    market = helped(agents=100, days=10, poster=paid(), useful=paid(effects={"friction": -FALL}))
    for count in (1, 4):
        found = study(market, TouchpointsRequest(replicates=count, curves=True))
        told = summary(found)
        for kind in ("knock_out", "step"):
            mine = told["touchpoints"]["poster"][kind]
            for name in ("purchases", "revenue", "margin", "profit", "roas", "return"):
                assert mine[name] is None
                assert told["undefined"][f"touchpoints.poster.{kind}.{name}"] == UNSEEN
            assert mine["placed"] > 0.0
        knock_out = told["touchpoints"]["useful"]["knock_out"]
        assert knock_out["margin"][1] < knock_out["margin"][2]
        effects = effects_table(found).query("name == 'poster' and outcome != 'retained_customers'")
        assert effects[["value", "se", "low", "high"]].isna().all(axis=None)
        money = money_table(found).query("name == 'poster'")
        assert money[["roas", "roas_low", "return", "return_high"]].isna().all(axis=None)
        for language in ("en", "da"):
            with speaking(language):
                page = touchpoints_page(found, "command")
                assert explain(Undefined(UNSEEN)) in page
                assert "0 to 0" not in page


def test_that_nothing_was_seen_is_not_precise_enough() -> None:
    market = helped(agents=100, days=5, poster=paid())
    assert len(study(market, TouchpointsRequest()).seeds) == LEAST_SEEDS


def test_in_a_funnel_nobody_is_kept_and_that_is_known() -> None:
    told = summary(study(MARKETS["stall"], TouchpointsRequest(replicates=1)))
    for found in told["touchpoints"].values():
        assert found["knock_out"]["retained_customers"] == [0.0, 0.0, 0.0]


def test_the_next_krone_has_no_return_where_nobody_differs() -> None:
    amounts = (9.0, 9.0, 9.0, 0.0, 0.0, 0.0, 0.0)
    step = Step("poster", False, Purpose.ACQUISITION, False, False, *amounts)
    assert step_return(step) == Undefined(UNSEEN)
    assert isinstance(step_return(replace(step, margin_se=1.0)), Estimate)
    assert step_return(replace(step, placed=0.0)) == Undefined(NOTHING_PLACED)
