"""What tells customers apart before the run: the tables of segments, (S, ...)."""

import math

import numpy as np

from sim.scenario.arrays import Fields, Reals, integers, reals
from sim.scenario.parts import NO_PATIENCE_LIMIT, Positive
from sim.scenario.quantiles import beta_table, log_parameters, need_rate_table, normal_table
from sim.scenario.schema import Scenario
from sim.vocabulary import DAYS_PER_YEAR


def segment_tables(scenario: Scenario) -> Fields:
    """The fields of `Tables` under the heading segments."""
    segments = list(scenario.segments.values())
    touchpoints = list(scenario.touchpoints)
    seasons = [
        season_factors(s.need.season.amplitude, s.need.season.peak_day, scenario.days + 1)
        for s in segments
    ]
    mean, sd = need_weights(scenario)
    logs = np.array(
        [
            [
                log_parameters(trait)
                for trait in (s.budget, s.income_per_day, s.price_sensitivity, s.sociability)
            ]
            for s in segments
        ]
    )
    no_limit = Positive(mean=NO_PATIENCE_LIMIT)
    starts = [s.start for s in segments]
    return {
        "share_cumulative": np.cumsum([s.share for s in segments]),
        "season_cumulative": np.array([np.concatenate([[0.0], np.cumsum(f)]) for f in seasons]),
        "need_rate_quantiles": np.array([need_rate_table(s) for s in segments]),
        "churn_quantiles": np.array([beta_table(s.renewal.churn) for s in segments]),
        "lapse_quantiles": np.array([beta_table(s.lapse.per_purchase) for s in segments]),
        "normal_quantiles": normal_table(),
        "weight_mean": mean,
        "weight_sd": sd,
        "log_mean": np.ascontiguousarray(logs[:, :, 0]),
        "log_sd": np.ascontiguousarray(logs[:, :, 1]),
        "patience": np.array([log_parameters(s.patience_minutes or no_limit) for s in segments]),
        "start": reals(
            [
                [
                    s.customers,
                    s.awareness,
                    s.engagement,
                    s.trust,
                    s.satisfaction,
                    s.loyalty,
                    s.permission,
                    s.permission_prospects,
                ]
                for s in starts
            ]
        ),
        "lapse_rate": np.array([-math.log1p(-min(s.lapse.per_day, 1.0 - 1e-12)) for s in segments]),
        "lapse_effect": np.array([s.lapse.satisfaction_effect for s in segments]),
        "renewal_effect": np.array([s.renewal.satisfaction_effect for s in segments]),
        "affinity": reals(
            [[s.affinities.get(name, 1.0) for name in touchpoints] for s in segments]
        ).reshape(len(segments), len(touchpoints)),
        "affinity_spread": reals([s.affinity_spread for s in segments]),
        "devices": integers([s.devices for s in segments]),
        "sociability_mean": reals([s.sociability.mean for s in segments]),
    }


def need_weights(scenario: Scenario) -> tuple[Reals, Reals]:
    """Mean and sd of the need weights, (S, K); a segment that names none weighs all alike."""
    needs = scenario.journey.needs
    mean = np.zeros((len(scenario.segments), len(needs)))
    sd = np.zeros_like(mean)
    for s, segment in enumerate(scenario.segments.values()):
        for k, need in enumerate(needs):
            weight = segment.need_weights.get(need)
            mean[s, k] = weight.mean if weight else float(not segment.need_weights)
            sd[s, k] = weight.sd if weight else 0.0
    return mean, sd


def season_factors(amplitude: float, peak_day: int, days: int) -> Reals:
    """The yearly wave 1 + amplitude cos(2 pi (day - peak) / 365) for days 0 to days - 1."""
    angle = 2.0 * math.pi / DAYS_PER_YEAR
    return np.array([1.0 + amplitude * math.cos(angle * (day - peak_day)) for day in range(days)])
