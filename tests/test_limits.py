"""The limiting cases: the model against theory, and the theory against published figures."""

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import integrate, special, stats

import sim.theory as verify
from sim.cli import main
from sim.engine.day import run_fast
from sim.records.recorder import Records
from sim.reference.market import run_reference
from sim.scenario.schema import Scenario
from sim.theory import CASES, Check
from sim.theory import formulas as theory
from sim.theory import queues as desks
from sim.theory.check import all_near, exactly, fits, near, near_days

SMALL = [name for name, case in CASES.items() if case.small is not None]
LONG = ("turnover", "permission")  # for the reference engine


def failed(checks: list[Check]) -> list[Check]:
    return [check for check in checks if not check.passed]


@pytest.mark.parametrize("name", CASES)
def test_the_run_matches_theory(name: str) -> None:
    """And by so many customers that a rule 2 % wrong would be noticed."""
    checks = CASES[name].checks(run_fast, 1.0)
    assert failed(checks) == []
    assert [check for check in checks if not check.sharp] == []
    assert {check.case for check in checks} == {name}


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow if name in LONG else ()) for name in SMALL],
)
def test_the_reference_engine_finds_the_very_same(name: str) -> None:
    checks, small = CASES[name]
    assert small is not None
    found = checks(run_reference, small)
    assert failed(found) == []
    assert found == checks(run_fast, small)


Change = Callable[[str, Any], Any]


def changed(part: Any, change: Change) -> Any:
    """A scenario's data with every number given to `change` under its key."""
    if not isinstance(part, dict):
        return part
    return {
        key: change(key, value) if isinstance(value, float) else changed(value, change)
        for key, value in part.items()
    }


def wrong_engine(keys: tuple[str, ...], factor: float) -> Callable[[Scenario], Records]:
    """The fast engine, but with rules in which some parameters count for 2 % more or less."""

    def run(scenario: Scenario) -> Records:
        found = []

        def change(key: str, value: float) -> float:
            if key not in keys:
                return value
            found.append(key)
            return min(1.0, value * factor) if value <= 1.0 else value * factor

        content = changed(scenario.model_dump(mode="json"), change)
        assert found
        return run_fast(Scenario.model_validate(content))

    return run


WRONG = [
    ("absorbing chain", ("leave_per_day",), 1.02),
    ("Bass diffusion", ("latent",), 0.98),
    ("paid push", ("budget_per_day",), 1.02),
    ("multinomial logit", ("price",), 1.02),
    ("adstock", ("awareness",), 1.02),
    ("subscription", ("mean",), 1.02),
    ("repeat purchases", ("mean",), 1.02),
    ("customer value", ("mean",), 1.02),
    ("customer value", ("price",), 1.02),
    ("peak, end and mean", ("mean",), 0.98),
    ("usual quality", ("norm",), 0.98),
]
WRONG_TOO = [
    ("absorbing chain", ("back_per_day",), 1.02),
    ("absorbing chain", ("pace_per_day",), 0.98),
    ("absorbing chain", ("skip",), 0.98),
    ("Bass diffusion", ("fan_per_day",), 1.02),
    ("multinomial logit", ("fit",), 1.02),
    ("adstock", ("engagement_half_life_days",), 1.02),
    ("adstock", ("engagement",), 0.98),
    ("queues", ("service_minutes",), 1.02),
    ("queues", ("mean",), 1.02),
    ("repeat purchases", ("rate_per_year",), 1.02),
]


@pytest.mark.parametrize(
    ("name", "keys", "factor"),
    [*WRONG, *(pytest.param(*each, marks=pytest.mark.slow) for each in WRONG_TOO)],
)
def test_an_engine_two_percent_wrong_fails(name: str, keys: tuple[str, ...], factor: float) -> None:
    assert failed(CASES[name].checks(wrong_engine(keys, factor), 1.0)) != []


def test_a_desk_that_opens_empty_hardly_biases_a_days_mean() -> None:
    """By .3 % at most, where its check allows several per cent."""
    states = np.arange(400)
    for servers, load in desks.WAITING_ROOM:
        busy = theory.birth_death(np.full(399, load), np.minimum(states[1:], servers))
        wait = np.maximum(states - servers + 1, 0) / servers
        mean, bias = theory.opening_bias(busy, wait, desks.ARRIVALS / load)
        assert mean == pytest.approx(theory.erlang_c(servers, load)[1], rel=1e-6)
        assert abs(bias) < 0.001 * mean
    for servers, load in desks.NO_WAITING_ROOM:
        busy = theory.birth_death(np.full(servers, load), np.arange(1, servers + 1))
        full = np.eye(servers + 1)[-1]
        mean, bias = theory.opening_bias(busy, full, desks.ARRIVALS / load)
        assert mean == pytest.approx(theory.erlang_b(servers, load), rel=1e-6)
        assert abs(bias) < 0.0031 * mean
    for (servers, load), rate in desks.IMPATIENT:
        waiting = np.maximum(states - servers, 0)
        leave = np.minimum(states, servers) + rate * waiting
        busy = theory.birth_death(np.full(399, load), leave[1:])
        mean, bias = theory.opening_bias(busy, rate * waiting / load, desks.ARRIVALS / load)
        assert mean == pytest.approx(theory.erlang_a(servers, load, rate)[1], rel=1e-6)
        assert abs(bias) < 0.002 * mean


# Theory against published figures, and against other ways to compute them.


def test_absorbing_chain_of_the_facts() -> None:
    moves, bought = [[0, 0.3, 0], [0.1, 0, 0.4], [0, 0.2, 0]], [0, 0, 0.25]
    assert theory.absorption(moves, bought) == pytest.approx(
        [0.033708, 0.112360, 0.272472], abs=1e-6
    )
    assert theory.mean_steps(moves) == pytest.approx([1.505618, 1.685393, 1.337079], abs=1e-6)


def test_variance_of_steps_of_a_geometric_time() -> None:
    assert theory.variance_of_steps([[0.75]]) == pytest.approx([0.75 / 0.25**2])


def test_erlang_tables_of_the_facts() -> None:
    for (servers, load), blocked in {
        (2, 1): 0.2,
        (5, 3): 0.110054,
        (10, 5): 0.018385,
        (10, 10): 0.214582,
        (100, 90): 0.026957,
    }.items():
        assert theory.erlang_b(servers, load) == pytest.approx(blocked, abs=5e-7)
    for (servers, load), (waits, wait) in {
        (2, 1.5): (0.642857, 1.285714),
        (5, 4): (0.554113, 0.554113),
        (10, 8): (0.409180, 0.204590),
    }.items():
        assert theory.erlang_c(servers, load) == pytest.approx((waits, wait), abs=1e-6)
    _, gave_up, wait = theory.erlang_a(50, 48, 0.5)
    assert (gave_up, wait) == pytest.approx((0.03091, 0.06182), abs=5e-6)
    assert theory.erlang_a(50, 48, 1.0)[0] == pytest.approx(0.405404, abs=5e-7)
    assert theory.erlang_a(50, 48, 1.0)[0] == pytest.approx(stats.poisson.sf(49, 48), rel=1e-9)


def test_subscription_figures_of_the_facts() -> None:
    t = np.arange(400)
    for shape, lifetime in (((0.668, 3.806), 5.922), ((0.704, 1.182), 3.695)):
        survival = theory.sbg_survival(*shape, t)
        assert (survival / 1.1**t).sum() == pytest.approx(lifetime, abs=1e-3)
        a, b = shape
        retention = survival[1:] / survival[:-1]
        assert retention == pytest.approx((b + t[1:] - 1) / (a + b + t[1:] - 1), rel=1e-9)


def test_variance_of_a_discounted_lifetime_by_direct_sum() -> None:
    a, b, n = 0.704, 1.182, 30
    t = np.arange(n + 1)
    survival = theory.sbg_survival(a, b, t)
    ends = np.append(survival[:-1] - survival[1:], survival[-1])
    worth = np.cumsum(1.1 ** -t.astype(float))
    direct = float(ends @ worth**2 - (ends @ worth) ** 2)
    assert theory.sbg_lifetime_variance(a, b, 0.1, renewals=n) == pytest.approx(direct, rel=1e-9)


def test_repeat_purchases_of_the_facts() -> None:
    """The facts' own parameters are rounded; three figures agree."""
    for weeks, bought in ((1, 0.0532), (13, 0.5336), (26, 0.9013), (39, 1.1950)):
        found = theory.bgnbd(0.243, 4.414, 0.793, b=2.426, weeks=weeks)
        assert found == pytest.approx(bought, rel=2e-3)


def test_repeat_purchases_on_whole_days_by_another_integral() -> None:
    r, alpha, a, b = 0.6, 2.0, 0.8, 2.4
    days = 20

    def alive(q: float) -> float:
        return sum(q * float(special.hyp2f1(-t, a, a + b, q)) for t in range(days))

    def density(u: float) -> float:  # u = the gamma's own chance takes the pole at 0 away
        return alive(-math.expm1(-float(stats.gamma.ppf(u, r, scale=1 / alpha)) / 7))

    direct = integrate.quad(density, 0, 1, limit=200)[0]
    assert theory.bgnbd_by_day(r, alpha, a, b=b, days=days)[0] == pytest.approx(direct, rel=1e-6)


def test_moments_of_repeat_purchases_on_whole_days_by_their_distribution() -> None:
    """Day by day, P(k bought so far and still a customer), for each rate and dropout chance."""
    r, alpha, a, b = 2.0, 3.0, 2.0, 3.0
    days = 15
    x, w = special.roots_legendre(120)
    u, w = (x + 1) / 2, w / 2
    q = -np.expm1(-stats.gamma.ppf(u, r, scale=1 / alpha) / 7)[:, None]
    p = stats.beta.ppf(u, a, b)[None, :]
    alive = np.zeros((days + 1, 120, 120))
    gone = np.zeros_like(alive)
    alive[0] = 1.0
    for _ in range(days):
        buys = alive * q
        alive -= buys
        alive[1:] += buys[:-1] * (1 - p)
        gone[1:] += buys[:-1] * p
    chance = ((alive + gone) * w[:, None] * w).sum(axis=(1, 2))
    count = np.arange(days + 1)
    mean = chance @ count
    variance = chance @ (count - mean) ** 2
    assert chance.sum() == pytest.approx(1.0)
    found = theory.bgnbd_by_day(r, alpha, a, b=b, days=days)
    assert found == pytest.approx((mean, variance), rel=1e-4)


def test_customer_values_of_the_facts() -> None:
    assert theory.customer_value(100, 0.8, 0.1) == pytest.approx(266.67, abs=0.005)
    assert theory.customer_value(100, 0.9, 0.1) == pytest.approx(450)
    later = 100 * (1 + 0.1) / (1 + 0.1 - 0.8)
    assert theory.customer_value(100, 0.8, 0.1) + 100 == pytest.approx(later)
    lifetimes = np.arange(2000)
    chance = 0.2 * 0.8**lifetimes
    worth = np.array([100 * (1 - 1.1**-k) / 0.1 for k in lifetimes.astype(float)])
    direct = chance @ worth**2 - (chance @ worth) ** 2
    assert theory.customer_value_variance(100, 0.8, 0.1) == pytest.approx(direct, rel=1e-9)


def test_bass_figures_of_the_facts() -> None:
    assert theory.bass(0.03, 0.38, 5) == pytest.approx(0.3312, abs=5e-5)
    assert theory.bass(0.03, 0.38, 10) == pytest.approx(0.8128, abs=5e-5)
    peak = math.log(0.38 / 0.03) / 0.41
    assert peak == pytest.approx(6.193, abs=5e-4)
    assert theory.bass(0.03, 0.38, peak) == pytest.approx(0.4605, abs=5e-5)


def test_bass_by_day_tends_to_bass() -> None:
    """Ten years in steps so small that the recursion is the differential equation."""
    steps = 2000
    spread = theory.bass_by_day(0.03 / steps, 0.38 / steps, 1000, days=10 * steps)
    assert spread.share[-1] == pytest.approx(theory.bass(0.03, 0.38, 10), abs=1e-4)


def test_adstock_moments_by_simulated_sum() -> None:
    """All 2^6 histories of six days of a coin, exactly."""
    kept, chance = 0.8, 0.3
    histories = (np.arange(64)[:, None] >> np.arange(6)) & 1
    weight = np.prod(np.where(histories, chance, 1 - chance), axis=1)
    stock = histories @ kept ** np.arange(6)
    mean = weight @ stock
    centred = stock - mean
    variance = weight @ centred**2
    found = theory.adstock(theory.bernoulli(chance), kept, 6)
    fourth = weight @ centred**4 - 3 * variance**2
    assert found == pytest.approx((mean, variance, fourth), rel=1e-9)


# The checks themselves.


def test_an_undefined_figure_fails() -> None:
    assert not near("c", "w", math.nan, exact=1.0, standard_error=1.0).passed
    assert not exactly("c", "w", math.nan, exact=0.0).passed


def test_the_tolerance_is_four_standard_errors() -> None:
    assert near("c", "w", 1.399, exact=1.0, standard_error=0.1).passed
    assert not near("c", "w", 1.401, exact=1.0, standard_error=0.1).passed
    assert exactly("c", "w", 2.0, exact=2.0).passed
    assert not exactly("c", "w", 2.0, exact=math.nextafter(2.0, 3.0)).passed


def test_few_days_widen_the_tolerance() -> None:
    daily = np.array([0.9, 1.0, 1.1])
    few, many = (
        near_days("c", "w", daily, exact=1.0),
        near_days("c", "w", np.tile(daily, 50), exact=1.0),
    )
    assert few.standard_error == pytest.approx(0.1 / math.sqrt(3))
    assert few.tolerance / few.standard_error > 20 > 5 > many.tolerance / many.standard_error


def test_many_comparisons_widen_the_tolerance_but_one_bad_value_fails() -> None:
    exact, error = np.ones(100), np.full(100, 0.1)
    found = exact.copy()
    found[7] += 0.48
    assert all_near("c", "w", found, exact=exact, standard_error=error).passed
    found[7] += 0.05
    assert not all_near("c", "w", found, exact=exact, standard_error=error).passed


def test_chi_square_of_the_right_and_of_a_wrong_die() -> None:
    even, odd = np.full(6, 1 / 6), np.array([1.1, 0.9, 1, 1, 1, 1]) / 6
    counts = np.array([1000, 1000, 1000, 1000, 1000, 1000])
    assert fits("c", "w", counts, chances=even, wrong=[odd]).found == 0.0
    assert not fits("c", "w", 10 * counts * odd * 6, chances=even, wrong=[odd]).passed
    rare = np.array([0.5, 0.499, 0.001])
    assert (
        fits("c", "w", [500, 499, 1], chances=rare, wrong=[rare]).exact == 1.0
    )  # the rare class has joined


@pytest.fixture
def two_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    def one(_run: object, _size: float) -> list[Check]:
        return [near("good", "what", np.float64(1.0), exact=1.0, standard_error=np.float64(0.1))]

    def other(_run: object, _size: float) -> list[Check]:
        return [near("bad", "what", math.nan, exact=1.0, standard_error=0.1)]

    monkeypatch.setattr(
        verify, "CASES", {"good": verify.Case(one, None), "bad": verify.Case(other, 1.0)}
    )


@pytest.mark.usefixtures("two_cases")
def test_verify_prints_a_line_each_and_fails_if_one_does(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["verify"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines[1:3]] == [["ok", "good"], ["FAILS", "bad"]]
    assert lines[-1] == "1 of 2 checks against theory passed."
    assert main(["verify", "--quiet"]) == 1
    assert "good" not in capsys.readouterr().out


@pytest.mark.usefixtures("two_cases")
def test_verify_as_json_is_one_object_without_nan(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--json", "--engine", "reference"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["passed"], found["engine"]) == (False, "reference")
    (check,) = found["checks"]  # the other case has no size for this engine
    assert (check["case"], check["found"], check["passed"]) == ("bad", None, False)
    assert main(["verify", "--json"]) == 1
    good, bad = json.loads(capsys.readouterr().out)["checks"]
    assert (good["found"], good["passed"], bad["passed"]) == (1.0, True, False)


def test_verify_with_an_engine_that_does_not_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--engine", "steam"]) == 2
    assert "steam" in capsys.readouterr().err
