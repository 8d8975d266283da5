"""Day 0: every customer draws who it is and where it stands."""

import numpy as np
from numpy.typing import NDArray

from sim.compiled import part
from sim.draws import SETUP_DAY, Draw, u01
from sim.engine.schedule import next_wake, schedule_need
from sim.engine.state import Row, State
from sim.model.addresses import (
    BUDGET,
    CHURN,
    FIRST_WEIGHT,
    HAS_PERMISSION,
    INCOME,
    IS_CUSTOMER,
    LAPSE,
    NEED_RATE,
    PATIENCE,
    PRICE,
    RENEWAL,
    SOCIABILITY,
)
from sim.model.columns import (
    BEFORE_START,
    NOT_YET,
    START_AWARENESS,
    START_CUSTOMERS,
    START_ENGAGEMENT,
    START_LOYALTY,
    START_PERMISSION,
    START_PERMISSION_PROSPECTS,
    START_SATISFACTION,
    START_TRUST,
    Tables,
    cell_of,
)
from sim.model.talk import capped_sociability
from sim.model.traits import lognormal, need_weight, quantile, segment_of
from sim.vocabulary import NEVER, Relationship

OWNER = int(Relationship.CUSTOMER)


@part
def draw_traits(t: Tables, c: Row, i: int, s: int) -> None:
    """Own values of the customer's traits."""
    seed = t.seed
    normal = t.normal_quantiles
    c.budget = lognormal(
        t.log_mean[s, 0],
        t.log_sd[s, 0],
        quantile(normal, u01(seed, Draw.TRAIT, i, SETUP_DAY, BUDGET)),
    )
    c.income = lognormal(
        t.log_mean[s, 1],
        t.log_sd[s, 1],
        quantile(normal, u01(seed, Draw.TRAIT, i, SETUP_DAY, INCOME)),
    )
    c.price_sensitivity = lognormal(
        t.log_mean[s, 2],
        t.log_sd[s, 2],
        quantile(normal, u01(seed, Draw.TRAIT, i, SETUP_DAY, PRICE)),
    )
    sociability = lognormal(
        t.log_mean[s, 3],
        t.log_sd[s, 3],
        quantile(normal, u01(seed, Draw.TRAIT, i, SETUP_DAY, SOCIABILITY)),
    )
    c.sociability = capped_sociability(sociability, t.sociability_mean[s])
    c.patience = lognormal(
        t.patience[s, 0],
        t.patience[s, 1],
        quantile(normal, u01(seed, Draw.TRAIT, i, SETUP_DAY, PATIENCE)),
    )
    c.need_rate = quantile(t.need_rate_quantiles[s], u01(seed, Draw.TRAIT, i, SETUP_DAY, NEED_RATE))
    c.churn = quantile(t.churn_quantiles[s], u01(seed, Draw.TRAIT, i, SETUP_DAY, CHURN))
    c.lapse = quantile(t.lapse_quantiles[s], u01(seed, Draw.TRAIT, i, SETUP_DAY, LAPSE))


@part
def draw_weights(t: Tables, row: NDArray[np.float32], i: int, s: int) -> None:
    """The customer's need weights, adding up to 1; the segment's means if all were cut to 0."""
    needs = t.weight_mean.shape[1]
    total = 0.0
    for k in range(needs):
        z = quantile(t.normal_quantiles, u01(t.seed, Draw.TRAIT, i, SETUP_DAY, FIRST_WEIGHT + k))
        weight = need_weight(t.weight_mean[s, k], t.weight_sd[s, k], z)
        row[k] = weight
        total += weight
    if total <= 0.0:
        for k in range(needs):
            row[k] = t.weight_mean[s, k]
            total += t.weight_mean[s, k]
    for k in range(needs):
        row[k] = np.float64(row[k]) / total


@part
def start_standing(t: Tables, c: Row, i: int, s: int) -> None:
    """Where the customer stands on day 0."""
    seed = t.seed
    c.awareness = t.start[s, START_AWARENESS]
    c.engagement = t.start[s, START_ENGAGEMENT]
    c.trust = t.start[s, START_TRUST]
    c.money = np.float64(c.budget)
    c.phase = t.first_latent
    c.last_click = NEVER
    c.first_day = NOT_YET
    c.second_day = NOT_YET
    c.last_day = NOT_YET
    c.judge_day = NEVER
    c.renewal_day = NEVER
    c.need_day = NEVER
    c.need_began = NEVER
    c.abandoned_day = NEVER
    c.bad_day = NEVER
    c.lapse_day = NEVER
    permission = t.start[s, START_PERMISSION_PROSPECTS]
    if u01(seed, Draw.START, i, SETUP_DAY, IS_CUSTOMER) < t.start[s, START_CUSTOMERS]:
        permission = t.start[s, START_PERMISSION]
        c.relationship = OWNER
        c.phase = t.first_relate
        c.satisfaction = t.start[s, START_SATISFACTION]
        c.loyalty = t.start[s, START_LOYALTY]
        c.first_day = BEFORE_START
        c.last_day = BEFORE_START
        period = t.subscription_days[0]
        if period > 0:
            c.renewal_day = 1 + int(u01(seed, Draw.START, i, SETUP_DAY, RENEWAL) * period)
    if u01(seed, Draw.START, i, SETUP_DAY, HAS_PERMISSION) < permission:
        c.permission = 1


@part
def give_birth(t: Tables, state: State, census: NDArray[np.int64], first: int, last: int) -> None:
    """Fill the rows of customers first .. last - 1 and count them into `census` (cells,)."""
    phases = len(t.pace)
    for i in range(first, last):
        c = state.customers[i]
        s = segment_of(u01(t.seed, Draw.SEGMENT, i, SETUP_DAY, 0), t.share_cumulative)
        c.segment = s
        draw_traits(t, c, i, s)
        draw_weights(t, state.weights[i], i, s)
        start_standing(t, c, i, s)
        if u01(t.seed, Draw.PANEL, i, SETUP_DAY, 0) < t.panel:
            c.panel = 1
        if c.renewal_day == NEVER:
            schedule_need(t, c, i, NEVER)
        cell = cell_of(s, c.phase, c.relationship, c.permission, c.visited, phases)
        state.cell[i] = cell
        census[cell] += 1
        state.wake[i] = next_wake(t, c, NEVER)
