"""Each rule gives the same bits as plain Python and as machine code.

The two engines call the same functions; they can only agree if the compiler has not
rearranged a formula, fused a product with a sum, or taken another exp than Python's. The
inputs are drawn with the project's own draws, and some lie on the bounds.
"""

import importlib
import inspect
import math
import pkgutil
import struct
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numba import njit

import sim.model
from sim.draws import MAX_SEED, lot, lot_u01, lot_wins, philox, u01
from sim.model import (
    choice,
    columns,
    counting,
    ledger,
    money,
    movement,
    need,
    ownership,
    perception,
    reach,
    surveys,
    talk,
    traits,
    turnover,
)
from sim.model import market as market_rules
from sim.model import queue as queue_rules
from sim.model.columns import FIRST_TOUCHPOINT_SLOT, FLAGS
from sim.scenario.arrays import make_tables
from sim.scenario.quantiles import normal_table
from worlds.markets import MARKETS

ROWS = 1000
SEED = 12345
Sampler = Callable[[float], Any]


def between(low: float, high: float) -> Sampler:
    """Reals from low to high, both included."""
    return lambda u: low + (high - low) * u


def around_zero(scale: float) -> Sampler:
    """Reals of either sign and of very different sizes, and 0."""
    return lambda u: 0.0 if u == 0.5 else math.copysign(scale * abs(2 * u - 1) ** 9, u - 0.5)


def positive(scale: float) -> Sampler:
    """Reals above or at 0, of very different sizes."""
    return lambda u: scale * u**9


def whole(low: int, high: int) -> Sampler:
    """Integers from low to high, both included."""
    return lambda u: min(high, low + int((high - low + 1) * u))


def switch(u: float) -> bool:
    return u < 0.5


def below_one(u: float) -> float:
    """What a draw can be: 1 is not."""
    return min(u, 1.0 - 2.0**-53)


def weights(count: int) -> Sampler:
    """Single-precision weights that add up to about 1."""

    def sample(u: float) -> Any:
        raw = np.array([(u * (k + 3.7)) % 1.0 + 0.01 for k in range(count)])
        return (raw / raw.sum()).astype(np.float32)

    return sample


def reals(count: int, low: float, high: float) -> Sampler:
    return lambda u: np.array([low + (high - low) * ((u * (7.3 + k)) % 1.0) for k in range(count)])


share, signed, logit = between(0.0, 1.0), between(-1.0, 1.0), between(-100.0, 100.0)
stock, rate = positive(1e4), positive(60.0)
NORMAL = normal_table()
SEASON = np.concatenate([[0.0], np.cumsum([1.0 + 0.3 * math.cos(d / 58.0) for d in range(400)])])
SHARES = np.cumsum([0.2, 0.3, 0.5])

RULES: dict[Callable[..., Any], tuple[Sampler, ...]] = {
    choice.gumbel: (below_one,),
    choice.need_fit: (reals(4, 0.0, 1.0), weights(4)),
    choice.price_disutility: (between(0.0, 100.0), positive(1e6), stock, between(1.0, 1e9)),
    choice.brand_utility: (reals(8, -9.0, 9.0), share, stock, signed, signed, share),
    choice.value_for_money: (
        logit,
        share,
        positive(1e6),
        stock,
        between(1.0, 1e9),
        reals(8, -9.0, 9.0),
    ),
    choice.add_on_chance: (share, share, whole(1, 8)),
    choice.habit_after: (share, share, switch),
    choice.abandon_chance: (share, between(-2000.0, 2000.0)),
    choice.picks_anew_chance: (share,),
    columns.month_of: (whole(0, 7300),),
    columns.months_in: (whole(1, 7300),),
    columns.is_month_end: (whole(0, 7300), whole(1, 7300)),
    columns.cohort_of: (whole(-2, 7300),),
    columns.since_start: (whole(-2, 7300), whole(0, 7300)),
    columns.age_of: (whole(-2, 3000), whole(3000, 7300)),
    counting.fixed: (between(-1e6, 1e6),),
    money.wallet: (positive(1e9), stock, whole(0, 365)),
    money.can_pay: (stock, stock, positive(1e3), whole(0, 365)),
    money.basket_factor: (
        between(0.0, 1.8),
        between(0.0, 1.8),
        between(-9.0, 9.0),
        between(-9.0, 9.0),
    ),
    money.in_basket: (whole(0, 10**9), between(0.0, 100.0)),
    money.refilled: (stock, stock, whole(0, 365), positive(1e9)),
    money.running_cost: (
        positive(1e6),
        whole(0, 10**6),
        positive(1e3),
        positive(1e9),
        share,
        positive(1e5),
        between(0.01, 1e4),
    ),
    money.spend_of_day: (
        positive(1e6),
        whole(0, 10**6),
        positive(1e3),
        between(0.01, 1e4),
        whole(0, 4),
        between(-1.0, 1e6),
        whole(0, 1),
        positive(1e6),
        whole(0, 3),
    ),
    movement.sigmoid: (between(-2000.0, 2000.0),),
    movement.readiness: (
        logit,
        reals(6, -100.0, 100.0),
        share,
        stock,
        share,
        signed,
        signed,
        share,
    ),
    movement.advance_chance: (share, logit),
    movement.advance_target: (whole(0, 8), whole(0, 8), switch, whole(0, 8)),
    movement.day_of_moment: (whole(0, 32_000), whole(0, 8)),
    movement.goes_on_today: (
        *(whole(0, 8), whole(0, 8)),
        *(whole(0, 1), whole(0, 1), whole(0, 1)),
        switch,
    ),
    movement.phase_after_search: (switch, whole(0, 1), whole(-1, 8), whole(-1, 8), whole(0, 8)),
    movement.lapse_chance: (rate, between(0.0, 3.0), signed),
    need.waiting_mass: (below_one,),
    need.need_day: (positive(3.0), positive(40.0), lambda u: SEASON, whole(-1, 398)),
    ownership.verdict: (signed, signed, signed, share),
    ownership.satisfaction_after: (signed, signed, share),
    ownership.served_satisfaction: (signed, share, signed, between(1.0, 10.0)),
    ownership.hurt_by_judgement: (between(0.0, 2.0), signed, signed),
    ownership.hurt_by_service: (between(0.0, 2.0), signed, signed),
    ownership.regained: (between(0.0, 2.0), share, signed, switch),
    ownership.loyalty_after: (share, share, signed),
    ownership.shifted_chance: (share, between(0.0, 10.0), signed),
    ownership.recommendation: (signed, between(0.0, 10.0), between(0.0, 20.0)),
    ownership.price_against_renewal: (
        between(0.0, 1000.0),
        stock,
        positive(1e6),
        positive(1e6),
        stock,
    ),
    ownership.usual_price: (positive(1e6), lambda u: math.inf if u > 0.9 else 1e3 * u, stock),
    ownership.cancel_chance: (
        share,
        between(0.0, 10.0),
        signed,
        between(0.0, 10.0),
        share,
        between(-2000.0, 2000.0),
    ),
    ownership.left_after_lapse: (stock, share),
    ownership.withdrawal_chance: (share, signed, between(1.0, 10.0)),
    perception.clip: (around_zero(2.0), lambda u: -1.0, lambda u: 1.0),
    perception.delivered_quality: (signed, between(0.0, 2.0), between(-5.0, 5.0)),
    perception.waiting_penalty: (stock, between(0.0, 2.0), share),
    perception.shared_quality: (signed, signed, share),
    perception.perceived_quality: (signed, signed, positive(10.0)),
    perception.dulled: (signed, stock, stock),
    perception.unserved_quality: (signed, share),
    perception.annoyed: (signed, stock, positive(100.0)),
    perception.norm_after: (signed, signed, share),
    perception.welcome: (signed, between(0.0, 100.0)),
    perception.put_off: (share, signed),
    perception.doubt_after: (share, share, share, share, share),
    perception.consider_chance: (share, share),
    perception.adding_chance: (share, share, signed, between(0.0, 100.0)),
    perception.recalled_share: (share, signed),
    perception.end_after: (signed, signed, share),
    perception.message_fit: (reals(4, 0.0, 1.0), weights(4)),
    perception.awareness_after: (share, share, share, whole(0, 50)),
    perception.engagement_after: (
        stock,
        stock,
        share,
        whole(0, 50),
        signed,
        between(0.0, 100.0),
    ),
    perception.trust_after: (share, share, signed, between(1.0, 10.0)),
    perception.expectation_after: (signed, share, share, signed),
    perception.peak_after: (signed, signed, share),
    perception.remembered: (signed, signed, logit, between(0.0, 30.0), share, share, share),
    queue_rules.queue_time: (whole(0, 7300), below_one, between(0.01, 1e4)),
    queue_rules.queue_day: (between(0.0, 7300.0),),
    queue_rules.arrival_minute: (
        between(0.0, 720.0),
        between(720.0, 1440.0),
        between(0.0, 7300.0),
    ),
    queue_rules.service_minutes: (between(0.0, 1440.0), switch, below_one),
    queue_rules.patience_minutes: (positive(1e9), below_one),
    queue_rules.outcome_of: (
        between(0.0, 1440.0),
        positive(1e9),
        between(0.0, 3000.0),
        between(0.0, 1440.0),
    ),
    queue_rules.minutes_waited: (
        whole(0, 2),
        between(0.0, 1440.0),
        positive(1e9),
        between(0.0, 3000.0),
        between(0.0, 1440.0),
    ),
    queue_rules.answer_day: (whole(0, 7300), positive(1e6)),
    reach.chance_of: (rate,),
    reach.most_chance: (rate,),
    reach.rate_of: (share,),
    reach.may_meet: (whole(0, 5), whole(0, 2), whole(0, 1), whole(0, 1)),
    reach.push_rate: (positive(1e9), positive(1e6), around_zero(1e9)),
    reach.contacts_met: (below_one, positive(1200.0)),
    columns.cell_of: tuple([whole(0, 2)] * 3 + [whole(0, 1)] * 2 + [whole(3, 9)]),
    surveys.stated_importance: (share, whole(1, 8), share),
    surveys.stated_intention: (share, between(0.01, 1.0)),
    surveys.need_within: (positive(2.0), lambda u: SEASON, whole(0, 100), whole(1, 200)),
    surveys.considered_then: (switch, share, share),
    talk.public_rating: (
        between(1.0, 5.0),
        whole(1, 10**6),
        whole(0, 10**6),
        whole(0, 10**6),
        between(0.01, 1e4),
    ),
    talk.talk_sign: (signed,),
    talk.own_talk_chance: (
        share,
        stock,
        signed,
        between(0.0, 10.0),
        between(0.0, 20.0),
        share,
    ),
    talk.review_chance: (share, share, signed),
    talk.fan_talk_chance: (share, stock, share),
    talk.capped_sociability: (stock, stock),
    talk.stars_of: (signed, between(1.0, 5.0), between(0.0, 10.0)),
    talk.rating_quality: (between(1.0, 5.0), between(1.0, 5.0)),
    talk.listener: (below_one, below_one, whole(0, 99), whole(0, 99), whole(1, 100), share),
    traits.quantile: (lambda u: NORMAL, below_one),
    traits.segment_of: (below_one, lambda u: SHARES),
    traits.lognormal: (between(-30.0, 30.0), between(0.0, 2.0), between(-9.0, 9.0)),
    traits.need_weight: (share, share, between(-5.0, 5.0)),
    traits.own_affinity: (share, below_one),
    turnover.leaving_day: (
        whole(0, MAX_SEED),
        whole(0, 10**6),
        whole(0, 900),
        positive(20.0),
        whole(1, 1000),
    ),
    turnover.leaving_until: (
        whole(0, MAX_SEED),
        whole(0, 10**6),
        whole(-1, 900),
        positive(0.5),
        whole(1, 1000),
    ),
}
DRAWS: dict[Callable[..., Any], tuple[Sampler, ...]] = {
    philox: tuple([whole(0, 2**32 - 1)] * 4 + [whole(0, MAX_SEED)]),
    u01: (whole(0, MAX_SEED), *[whole(0, 2**32 - 1)] * 4),
    lot: (whole(0, MAX_SEED), *[whole(0, 2**32 - 1)] * 2, whole(0, 63)),
    lot_u01: (whole(0, 65535), whole(0, MAX_SEED), *[whole(0, 2**32 - 1)] * 2, whole(0, 63)),
    lot_wins: (
        whole(0, 65535),
        between(-0.5, 1.5),
        whole(0, MAX_SEED),
        *[whole(0, 2**32 - 1)] * 2,
        whole(0, 63),
    ),
}
# Rules that take all of the tables, tested on those of the toy markets: the mornings here, the
# nights where the engines are held to the same records.
OF_THE_MARKET = {
    ledger.rating_now,
    ledger.close_day,
    ledger.spend_today,
    market_rules.cell_weight,
    market_rules.standing_rate,
    market_rules.stand,
    market_rules.daily_rates,
    market_rules.movement_bounds,
    market_rules.daily_bounds,
}


def test_no_rule_is_forgotten() -> None:
    rules = set()
    for module_info in pkgutil.iter_modules(sim.model.__path__):
        module = importlib.import_module(f"sim.model.{module_info.name}")
        for _, function in inspect.getmembers(module, inspect.isfunction):
            makes_room = function.__name__.startswith("new_")
            if function.__module__ == module.__name__ and not makes_room:
                rules.add(function)
    assert rules == set(RULES) | OF_THE_MARKET


def inputs(samplers: tuple[Sampler, ...]) -> Iterator[list[Any]]:
    """Rows of arguments: each argument at both its ends and its middle, then at random."""
    for k in range(len(samplers)):
        for end in (0.0, 0.5, 1.0):
            yield [sample(end if k == n else 0.3) for n, sample in enumerate(samplers)]
    yield [sample(0.0) for sample in samplers]
    yield [sample(1.0) for sample in samplers]
    for row in range(ROWS):
        yield [sample(u01(SEED, 99, row, 0, n)) for n, sample in enumerate(samplers)]


def test_no_chance_is_higher_than_its_bound() -> None:
    """And the bound is not far above where most chances are: a bound that is costs time."""
    for rate in np.concatenate([10.0 ** np.linspace(-12, 3, 3001), np.linspace(0, 5, 3001)]):
        chance, bound = reach.chance_of(rate), reach.most_chance(rate)
        assert chance <= bound <= 1.0
        assert rate > 0.3 or bound <= chance * 1.002


def bits(value: Any) -> Any:
    """What must be equal: a float's eight bytes, an integer or a truth value as an integer."""
    if isinstance(value, tuple):
        return tuple(bits(part) for part in value)
    if isinstance(value, float | np.floating):
        return struct.pack("d", value)
    return int(value)


@pytest.mark.parametrize("rule", [*RULES, *DRAWS], ids=lambda rule: rule.__name__)
def test_a_rule_gives_the_same_bits_in_python_and_in_machine_code(rule: Any) -> None:
    samplers = (RULES | DRAWS)[rule]
    compiled = njit(rule)
    results = set()
    for arguments in inputs(samplers):
        expected, found = bits(rule(*arguments)), bits(compiled(*arguments))
        assert found == expected, (arguments, rule(*arguments), compiled(*arguments))
        results.add(expected)
    assert len(results) > 1
    assert len(compiled.signatures) == 1


MORNING = market_rules.stand, market_rules.daily_rates, market_rules.daily_bounds


@pytest.fixture(scope="module")
def compiled_morning() -> tuple[Callable[..., None], ...]:
    """The morning's rules, compiled once for all markets."""
    return tuple(map(njit, MORNING))


@pytest.mark.parametrize("name", ["town", "club", "stall", "clinic", "theatre"])
def test_a_morning_has_the_same_bits_in_python_and_in_machine_code(
    name: str, compiled_morning: tuple[Callable[..., None], ...]
) -> None:
    t = make_tables(MARKETS[name])
    cells = len(t.share_cumulative) * len(t.pace) * FLAGS
    census = np.array([int(30 * u01(SEED, 98, cell, 0, 0)) for cell in range(cells)])
    mornings = []
    for stand, rates_rule, bounds_rule in (MORNING, compiled_morning):
        standing = market_rules.new_standing(t)
        stand(t, standing)
        rates = np.full((len(t.starts), cells), np.nan)
        bounds = np.full((cells, FIRST_TOUCHPOINT_SLOT + len(t.starts)), np.nan)
        rates_rule(t, standing, 12, census, 17.0, rates)
        bounds_rule(t, standing, rates, bounds)
        mornings.append((rates.tobytes(), bounds.tobytes()))
        assert np.count_nonzero(rates) > 0
        assert not np.isnan(rates).any()
        assert not np.isnan(bounds).any()
    assert mornings[0] == mornings[1]
