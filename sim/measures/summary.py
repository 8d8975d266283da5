"""The figures of a run in one object: what `run --json` prints and `summary.json` holds.

`sim.measures.catalogue` is the contract: the keys, with their meaning and unit. People and money
are those of the whole population. A figure that does not exist is null, and `undefined` says why.
"""

from __future__ import annotations

from typing import Any

from sim.measures import (
    bottlenecks,
    conversion,
    economics,
    experience,
    incrementality,
    leaving,
    moves,
    profit,
    repurchase,
    retention,
    segments_money,
    value,
)
from sim.measures.figure import Undefined, plain
from sim.measures.journey_map import ALL
from sim.model.columns import Count
from sim.records.recorder import Records
from sim.records.steps import NextKrone
from sim.vocabulary import Purpose

REPURCHASE_MONTHS = (3, 6, 12)


def figures_of(
    records: Records, next_krone: NextKrone | None = None
) -> tuple[dict[str, Any], dict[str, str]]:
    """The figures of the catalogue, nested at the dots, and why those that are None do not exist.

    `next_krone`: what a step up of each touchpoint did; None if that was not tried out.
    """
    return plain(
        {
            "conversion": _conversion(records),
            "customers": _customers(records),
            "retention": {
                "month_1": retention.retention(records, 1),
                "month_6": retention.retention(records, 6),
                "month_12": retention.retention(records, 12),
                "repeat_rate": retention.repeat_rate(records),
                "repurchase": {
                    f"month_{age}": repurchase.repurchase_share(records, age)
                    for age in REPURCHASE_MONTHS
                },
            },
            "economics": _economics(records, next_krone),
            "experience": {
                "mean_satisfaction": experience.mean_satisfaction(records),
                "recommendation_score": experience.recommendation_score(records),
                "bad_share": experience.bad_share(records),
                "rating": float(records.rating[-1]),
            },
            "touchpoints": {
                name: figures._asdict()
                for name, figures in experience.touchpoint_figures(records).items()
            },
            "next_krone": incrementality.next_krone_figures(next_krone, together=False),
            "next_krone_purpose": incrementality.next_krone_figures(next_krone, together=True),
        }
    )


def _conversion(records: Records) -> dict[str, Any]:
    return {
        "overall": conversion.conversion(records),
        "per_need": conversion.conversion_per_need(records),
        "by_phase": conversion.phase_conversion(conversion.phase_moves(records)),
        "by_segment": conversion.conversion_by_segment(records),
        "by_offer": {
            row.offer: {"purchases": row.purchases, "share": row.share, "revenue": row.revenue}
            for row in conversion.offer_table(records)
        },
        "by_route": conversion.route_shares(records),
        "checkout_abandonment": conversion.checkout_abandonment(records),
        "visit_conversion": conversion.visit_conversion(records),
        "days_in_phase": moves.days_in_phase(records),
        "leaving": _leaving(records),
        "bottlenecks": _bottlenecks(records),
    }


def _leaving(records: Records) -> dict[str, Any]:
    lost: dict[str, dict[str, float]] = {}
    for row in leaving.lost_table(records):
        lost.setdefault(row.competitor, {})[row.offer] = row.people
    by_phase = {row.phase: row.left for row in leaving.leaving_table(records) if row.segment == ALL}
    return {
        "by_phase": by_phase,
        "gave_up": leaving.gave_up(records),
        "to_competitor": lost,
    }


def _bottlenecks(records: Records) -> dict[str, Any]:
    phases = records.scenario.journey.phases
    rows = {row.where: row._asdict() for row in bottlenecks.bottlenecks(records)}
    for row in rows.values():
        del row["where"]
    return {
        "by_phase": {name: rows[name] for name in phases if name in rows},
        "checkout": rows[bottlenecks.CHECKOUT],
    }


def _customers(records: Records) -> dict[str, Any]:

    def people(count: Count) -> float:
        return conversion.total(records, count) * records.people_per_agent

    return {
        "new": people(Count.NEW_CUSTOMERS),
        "active_start": retention.active_at(records, end=False) * records.people_per_agent,
        "active_end": retention.active_at(records, end=True) * records.people_per_agent,
        "lapsed": people(Count.LAPSED),
        "reactivated": people(Count.REACTIVATIONS),
        "purchases": people(Count.PURCHASES),
        "renewals": people(Count.RENEWALS),
    }


def _economics(records: Records, next_krone: NextKrone | None) -> dict[str, Any]:
    margin = economics.money(records, Count.MARGIN)
    spend = float(records.spend.sum())
    cac, projected = economics.cac(records), value.clv_projected(records)
    marginal = incrementality.cac_marginal(next_krone)
    return {
        "revenue": economics.money(records, Count.REVENUE),
        "margin": margin,
        "margin_first": economics.margin_for(records, Purpose.ACQUISITION),
        "margin_returning": economics.margin_for(records, Purpose.RETENTION),
        "spend": spend,
        "spend_acquisition": economics.spend_for(records, Purpose.ACQUISITION),
        "spend_retention": economics.spend_for(records, Purpose.RETENTION),
        "profit": margin - spend,
        "first_order_margin": economics.first_margin(records),
        "cac": cac,
        "cac_paid": economics.cac_paid(records),
        "keeping_cost_per_year": economics.keeping_cost(records),
        "keep_to_win_ratio": economics.keep_to_win(records),
        "return_by_purpose": economics.return_by_purpose(records),
        "break_even_month": profit.break_even_month(records),
        "clv_realised": value.clv_realised(records),
        "clv_projected": projected,
        "clv_cac_ratio": value.value_to_cost(projected, cac),
        "clv_horizon_months": value.HORIZON_MONTHS,
        "cac_marginal": marginal if isinstance(marginal, Undefined) else marginal.value,
        "payback_days": value.payback_days(records),
        "by_segment": {
            row.segment: {
                "cac": row.cac,
                "first_order_margin": row.first_order_margin,
                "clv_realised": row.clv_realised,
                "clv_projected": row.clv_projected,
                "clv_cac_ratio": row.clv_cac_ratio,
            }
            for row in segments_money.money_by_segment(records)
        },
    }
