"""Closed forms and exact recursions of the limiting cases, independent of the model's code."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special, stats

from sim.model.columns import Reals

WEEK = 7.0


# Absorbing Markov chains (Kemeny & Snell 1960, ch. 3).


def absorption(moves: ArrayLike, absorbed: ArrayLike) -> Reals:
    """Chance to be absorbed from each state: (I - Q)^-1 R. `moves` (n, n), `absorbed` (n,)."""
    q = np.asarray(moves, dtype=np.float64)
    return np.asarray(np.linalg.solve(np.eye(len(q)) - q, np.asarray(absorbed)), dtype=np.float64)


def mean_steps(moves: ArrayLike) -> Reals:
    """Mean number of steps until the chain ends, from each state: (I - Q)^-1 1."""
    return absorption(moves, np.ones(len(np.asarray(moves))))


def variance_of_steps(moves: ArrayLike) -> Reals:
    """Variance of the number of steps: (2 (I - Q)^-1 - I) m - m^2."""
    m = mean_steps(moves)
    result: Reals = 2.0 * absorption(moves, m) - m - m**2
    return result


def chain_by_day(step: ArrayLike, start: ArrayLike, days: int) -> Reals:
    """State chances after each of `days` steps of a chain (n, n): (days, n)."""
    state = np.asarray(start, dtype=np.float64)
    rows = []
    for _ in range(days):
        state = state @ np.asarray(step, dtype=np.float64)
        rows.append(state)
    return np.array(rows)


# Diffusion (Bass 1969).


class AwarenessSpread(NamedTuple):
    """Share aware after each day, and its standard deviation in a market of n people."""

    share: Reals  # (D,)
    deviation: Reals  # (D,)


def bass_by_day(p: float, q: float, people: int, *, days: int) -> AwarenessSpread:
    """Discrete Bass diffusion: F' = F + (1 - F)(1 - (1 - p) exp(-q F)), in a market of n people.

    Tonight's aware each tell somebody with chance q; tomorrow a message is heard by a random
    person. The variance is that of the linear noise approximation (van Kampen 1992, ch. X):
    last day's deviation grows by the slope of the recursion; today's luck adds that of the
    number of messages and that of who is reached.
    """
    share, variance = 0.0, 0.0
    shares, variances = [], []
    for _ in range(days):
        missed = (1.0 - p) * math.exp(-q * share)
        slope = missed + (1.0 - share) * missed * q
        reached = (1.0 - share) * missed * (1.0 - missed)
        told = ((1.0 - share) * missed) ** 2 * share * q * (1.0 - q)
        variance = slope**2 * variance + (reached + told) / people
        share = share + (1.0 - share) * (1.0 - missed)
        shares.append(share)
        variances.append(variance)
    return AwarenessSpread(np.array(shares), np.sqrt(variances))


def bass(p: float, q: float, time: float) -> float:
    """Bass's share of adopters in continuous time."""
    gone = math.exp(-(p + q) * time)
    return (1.0 - gone) / (1.0 + q / p * gone)


# Adstock: a stock that gains X_t each day and keeps a share `kept` of it overnight.


class Moments(NamedTuple):
    """Mean, variance and fourth cumulant."""

    mean: float
    variance: float
    fourth: float


def bernoulli(chance: float) -> Moments:
    """Cumulants of one encounter or none."""
    variance = chance * (1.0 - chance)
    return Moments(chance, variance, variance * (1.0 - 6.0 * variance))


def poisson(rate: float) -> Moments:
    """Cumulants of a Poisson number of contacts."""
    return Moments(rate, rate, rate)


def adstock(gain: Moments, kept: float, days: int) -> Moments:
    """The stock after `days` days, the last day's gain undiminished: geometric sums."""

    def total(base: float) -> float:
        return days if base == 1.0 else (1.0 - base**days) / (1.0 - base)

    return Moments(
        gain.mean * total(kept), gain.variance * total(kept**2), gain.fourth * total(kept**4)
    )


def variance_error(m: Moments, people: int) -> float:
    """Standard error of the sample variance: sqrt((k4 + 2 s^4) / n)."""
    return math.sqrt((m.fourth + 2.0 * m.variance**2) / people)


# Queues: `load` is arrivals x service time; times in units of the mean service time.


def erlang_b(servers: int, load: float) -> float:
    """Share blocked without a waiting room (Erlang 1917; the usual recursion)."""
    blocked = 1.0
    for n in range(1, servers + 1):
        blocked = load * blocked / (n + load * blocked)
    return blocked


def erlang_c(servers: int, load: float) -> tuple[float, float]:
    """(share who wait, mean wait of all) with endless patience."""
    blocked = erlang_b(servers, load)
    waits = servers * blocked / (servers - load * (1.0 - blocked))
    return waits, waits / (servers - load)


def erlang_a(servers: int, load: float, patience_rate: float) -> tuple[float, float, float]:
    """(share who wait, share who give up, mean wait of all) with exponential patience.

    Palm's M/M/n + M: birth and death with death rate min(k, n) + rate x (k - n)+.
    """
    most = int(servers + 40.0 * (1.0 + load / max(patience_rate, 0.05)))
    k = np.arange(1, most + 1)
    death = np.minimum(k, servers) + patience_rate * np.maximum(k - servers, 0)
    log_weight = np.concatenate([[0.0], np.cumsum(np.log(load / death))])
    chance = np.exp(log_weight - special.logsumexp(log_weight))
    waiting = float((np.maximum(np.arange(most + 1) - servers, 0) * chance).sum())
    return float(chance[servers:].sum()), patience_rate * waiting / load, waiting / load


def constant_service_wait(load: float) -> float:
    """Mean wait before one server whose services all take 1 (Pollaczek & Khinchine)."""
    return load / (2.0 * (1.0 - load))


def birth_death(births: ArrayLike, deaths: ArrayLike) -> Reals:
    """Generator of a birth and death process: births from 0 .. n - 1, deaths from 1 .. n."""
    up, down = (np.asarray(x, dtype=np.float64) for x in (births, deaths))
    generator = np.diag(up, 1) + np.diag(down, -1)
    result: Reals = generator - np.diag(generator.sum(axis=1))
    return result


def opening_bias(generator: ArrayLike, value: ArrayLike, duration: float) -> tuple[float, float]:
    """(long-run mean of `value`, what starting in state 0 adds to its mean over `duration`).

    The bias is (p - pi) D f / T, with the deviation matrix D = (1 pi - Q)^-1 - 1 pi, once the
    duration is long against the relaxation time (Coolen-Schrijner & van Doorn 2002).
    """
    q, f = np.asarray(generator, dtype=np.float64), np.asarray(value, dtype=np.float64)
    n = len(q)
    system = np.vstack([q.T, np.ones(n)])
    pi = np.linalg.lstsq(system, np.append(np.zeros(n), 1.0), rcond=None)[0]
    ergodic = np.outer(np.ones(n), pi)
    deviation = np.linalg.inv(ergodic - q) - ergodic
    return float(pi @ f), float((np.eye(n)[0] - pi) @ deviation @ f) / duration


# The customer base.


def sbg_survival(a: float, b: float, renewals: ArrayLike) -> Reals:
    """Share left after so many renewals: B(a, b + t) / B(a, b) (Fader & Hardie 2007)."""
    t = np.asarray(renewals, dtype=np.float64)
    survival: Reals = np.exp(special.betaln(a, b + t) - special.betaln(a, b))
    return survival


def sbg_lifetime_variance(a: float, b: float, discount: float, *, renewals: int) -> float:
    """Variance of one customer's discounted lifetime, cut after so many renewals.

    L = sum of v^t over t <= K; E L^2 = sum over s, t of v^(s + t) S(max(s, t)).
    """
    t = np.arange(renewals + 1)
    v = (1.0 + discount) ** -t.astype(np.float64)
    s = sbg_survival(a, b, t)
    before = np.concatenate([[0.0], np.cumsum(v)[:-1]])
    second = float((s * v * (v + 2.0 * before)).sum())
    return second - float((s * v).sum()) ** 2


def bgnbd(r: float, alpha: float, a: float, *, b: float, weeks: float) -> float:
    """Expected repeat purchases in continuous time (Fader, Hardie & Lee 2005, eq. 9)."""
    part = (alpha / (alpha + weeks)) ** r
    hyper = float(special.hyp2f1(r, b, a + b - 1.0, weeks / (alpha + weeks)))
    return float((a + b - 1.0) / (a - 1.0) * (1.0 - part * hyper))


def bgnbd_by_day(r: float, alpha: float, a: float, *, b: float, days: int) -> tuple[float, float]:
    """(mean, variance) of repeat purchases by customer when they happen on whole days.

    A customer of weekly rate m and dropout chance p buys on a day with chance
    q = 1 - exp(-m / 7), at most once, and then drops out with chance p. So with s = 1 - p q
    E X = sum s^t q and E X(X - 1) = 2 q^2 (1 - p) sum t s^(t - 1), t < days; integrated over
    the gamma (Gauss-Laguerre) and the beta (Gauss-Jacobi) distribution.
    """
    x, wx = special.roots_genlaguerre(150, r - 1.0)
    y, wy = special.roots_jacobi(80, b - 1.0, a - 1.0)
    q = -np.expm1(-x / alpha / WEEK)[:, None]
    p = ((1.0 + y) / 2.0)[None, :]
    weight = (wx / wx.sum())[:, None] * (wy / wy.sum())[None, :]
    t = np.arange(days)[:, None, None]
    alive = (1.0 - p * q)[None] ** t
    first = q * alive.sum(axis=0)
    pairs = 2.0 * q**2 * (1.0 - p) * (t[1:] * alive[:-1]).sum(axis=0)
    mean = float((weight * first).sum())
    return mean, float((weight * (pairs + first)).sum()) - mean**2


def none_bought(r: float, alpha: float, weeks: float) -> float:
    """Share of customers without any repeat purchase: (alpha / (alpha + t))^r."""
    return float((alpha / (alpha + weeks)) ** r)


def customer_value(margin: float, retention: float, discount: float) -> float:
    """m r / (1 + d - r), the first margin one period from now (Gupta & Lehmann 2003)."""
    return margin * retention / (1.0 + discount - retention)


def customer_value_variance(margin: float, retention: float, discount: float) -> float:
    """Variance of one customer's value: m v (1 - v^K) / (1 - v) with geometric lifetime K."""
    v = 1.0 / (1.0 + discount)

    def generating(z: float) -> float:
        return (1.0 - retention) / (1.0 - retention * z)

    return (margin * v / (1.0 - v)) ** 2 * (generating(v**2) - generating(v) ** 2)


# Choice (McFadden 1974).


def logit_shares(utilities: ArrayLike) -> Reals:
    """Multinomial logit shares of options with these utilities."""
    shares: Reals = special.softmax(np.asarray(utilities, dtype=np.float64))
    return shares


def normal_points(count: int) -> tuple[Reals, Reals]:
    """Points and weights that integrate over a standard normal (Gauss-Hermite)."""
    x, w = special.roots_hermitenorm(count)
    return x, w / w.sum()


def poisson_chances(rate: float, most: int) -> Reals:
    """P(0), P(1), ... P(most - 1), P(at least most)."""
    below = stats.poisson.pmf(np.arange(most), rate)
    return np.append(below, 1.0 - below.sum())
