"""The figures of a run in one object: what `run --json` prints and `summary.json` holds.

`KEYS` is the contract: the keys, with their meaning and unit. People and money are those of
the whole population. A figure that does not exist is null, and `undefined` says why.
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
from sim.records import Count
from sim.run import Run
from sim.vocabulary import Purpose

REPURCHASE_MONTHS = (3, 6, 12)

KEYS: dict[str, str] = {
    "scenario": "name of the scenario",
    "seed": "seed of the draws",
    "agents": "simulated customers",
    "population": "people that they stand for",
    "days": "days simulated",
    "currency": "of all money",
    "engine": "fast or reference",
    "threads": "threads that did the work",
    "seconds": "duration of the simulation",
    "customer_days_per_second": "agents x days / seconds",
    "conversion.overall": "people who bought / people whose need arose",
    "conversion.per_need": "purchases / needs that arose",
    "conversion.by_phase.*": "people who advanced / people who entered the phase",
    "conversion.by_segment.*": "people who bought / people whose need arose, of the segment",
    "conversion.by_offer.*.purchases": "purchases of the offer, without renewals",
    "conversion.by_offer.*.share": "of all purchases",
    "conversion.by_offer.*.revenue": "its price and add-ons, without renewals",
    "conversion.by_route.*": "share of the purchases: initial, added, loyalty",
    "conversion.checkout_abandonment": "checkouts abandoned / started",
    "conversion.visit_conversion": "purchases / visits",
    "conversion.days_in_phase.*": "mean days of a stay in the phase",
    "conversion.leaving.by_phase.*": "people who left: gave up, bought elsewhere, or stopped",
    "conversion.leaving.gave_up": "people who gave a journey up and bought nowhere",
    "conversion.leaving.to_competitor.*.*": "people who bought a competitor's offer instead",
    "conversion.bottlenecks.by_phase.*.left": "people who left from the phase",
    "conversion.bottlenecks.by_phase.*.chance": "sales gained for each of them kept",
    "conversion.bottlenecks.by_phase.*.worth": "margin gained if a tenth of them were kept",
    "conversion.bottlenecks.checkout.left": "checkouts abandoned",
    "conversion.bottlenecks.checkout.chance": "sales gained for each of them completed",
    "conversion.bottlenecks.checkout.worth": "margin gained if a tenth of them were completed",
    "customers.new": "people won as new customers",
    "customers.active_start": "people who were customers on day 0",
    "customers.active_end": "people who are customers at the end",
    "customers.lapsed": "times that somebody stopped being a customer",
    "customers.reactivated": "purchases by people who had stopped being customers",
    "customers.purchases": "purchases, without renewals",
    "customers.renewals": "subscription periods paid again",
    "retention.month_1": "share of new customers who are customers 1 month after",
    "retention.month_6": "share of new customers who are customers 6 months after",
    "retention.month_12": "share of new customers who are customers 12 months after",
    "retention.repeat_rate": "share of buyers who bought again within 365 days",
    "retention.repurchase.month_3": "share of new customers who bought again within 3 months",
    "retention.repurchase.month_6": "share of new customers who bought again within 6 months",
    "retention.repurchase.month_12": "share of new customers who bought again within 12 months",
    "economics.revenue": "revenue, renewals included",
    "economics.margin": "revenue less unit costs",
    "economics.margin_first": "of it, from new customers' first purchases",
    "economics.margin_returning": "of it, all other: returning customers and renewals",
    "economics.spend": "marketing spend",
    "economics.spend_acquisition": "of it, on touchpoints that are to win customers",
    "economics.spend_retention": "of it, on touchpoints that are to keep customers",
    "economics.profit": "margin less marketing spend",
    "economics.first_order_margin": "margin of a new customer's first order",
    "economics.cac": "acquisition spend / new customers",
    "economics.cac_paid": "acquisition spend under paid control / new customers",
    "economics.keeping_cost_per_year": "retention spend / customer and year",
    "economics.keep_to_win_ratio": "keeping_cost_per_year / cac",
    "economics.return_by_purpose.*": "margin / spend: of first purchases; of all others",
    "economics.break_even_month": "month from whose end on cumulative profit stays at 0 or more",
    "economics.clv_realised": "discounted margin per new customer, until the end of the run",
    "economics.clv_projected": "discounted margin per new customer, over 36 months, projected",
    "economics.clv_cac_ratio": "clv_projected / cac",
    "economics.clv_horizon_months": "horizon of clv_projected",
    "economics.cac_marginal": "extra acquisition spend / extra new customer, a step up",
    "economics.payback_days": "days until a new customer's margin covers the cac",
    "economics.by_segment.*.cac": "acquisition spend on the segment / its new customers",
    "economics.by_segment.*.first_order_margin": "margin of a new customer's first order",
    "economics.by_segment.*.clv_realised": "as clv_realised, of the segment's customers",
    "economics.by_segment.*.clv_projected": "as clv_projected, of the segment's customers",
    "economics.by_segment.*.clv_cac_ratio": "clv_projected / cac, of the segment",
    "experience.mean_satisfaction": "after a judgement, -1 to 1",
    "experience.recommendation_score": "% answers 9 and 10 less % answers 0 to 6",
    "experience.bad_share": "bad encounters / encounters",
    "experience.rating": "public rating at the end, stars",
    "next_krone.*.return": "extra profit per krone placed on the touchpoint, a step up",
    "next_krone.*.low": "of its 95 % interval over customers",
    "next_krone.*.high": "of its 95 % interval over customers",
    "next_krone_purpose.*.return": "the same, all touchpoints with the purpose together",
    "next_krone_purpose.*.low": "of its 95 % interval over customers",
    "next_krone_purpose.*.high": "of its 95 % interval over customers",
    "touchpoints.*.encounters": "encounters, at most one a person and day",
    "touchpoints.*.contacts": "contacts, several to an encounter with paid push",
    "touchpoints.*.visits": "encounters that became a visit",
    "touchpoints.*.spend": "money spent",
    "touchpoints.*.quality": "mean perceived quality, -1 to 1",
    "touchpoints.*.bad_share": "bad encounters / encounters",
    "touchpoints.*.wait_minutes": "mean wait of an encounter",
    "undefined.*": "why a figure is null",
}


def summarise(run: Run) -> dict[str, Any]:
    """The figures of `KEYS`, nested at the dots."""
    records, manifest = run.records, run.manifest
    figures, reasons = plain(
        {
            "conversion": _conversion(run),
            "customers": _customers(run),
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
            "economics": _economics(run),
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
            "next_krone": incrementality.next_krone_figures(run.next_krone, together=False),
            "next_krone_purpose": incrementality.next_krone_figures(run.next_krone, together=True),
        }
    )
    return {
        "scenario": manifest.scenario,
        "seed": manifest.seed,
        "agents": manifest.agents,
        "population": manifest.population,
        "days": manifest.days,
        "currency": run.scenario.currency,
        "engine": manifest.engine,
        "threads": manifest.threads,
        "seconds": manifest.seconds,
        "customer_days_per_second": manifest.customer_days_per_second,
        **figures,
        "undefined": reasons,
    }


def _conversion(run: Run) -> dict[str, Any]:
    records = run.records
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
        "leaving": _leaving(run),
        "bottlenecks": _bottlenecks(run),
    }


def _leaving(run: Run) -> dict[str, Any]:
    lost: dict[str, dict[str, float]] = {}
    for row in leaving.lost_table(run.records):
        lost.setdefault(row.competitor, {})[row.offer] = row.people
    by_phase = {
        row.phase: row.left for row in leaving.leaving_table(run.records) if row.segment == ALL
    }
    return {
        "by_phase": by_phase,
        "gave_up": leaving.gave_up(run.records),
        "to_competitor": lost,
    }


def _bottlenecks(run: Run) -> dict[str, Any]:
    phases = run.scenario.journey.phases
    rows = {row.where: row._asdict() for row in bottlenecks.bottlenecks(run.records)}
    for row in rows.values():
        del row["where"]
    return {
        "by_phase": {name: rows[name] for name in phases if name in rows},
        "checkout": rows[bottlenecks.CHECKOUT],
    }


def _customers(run: Run) -> dict[str, Any]:
    records = run.records

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


def _economics(run: Run) -> dict[str, Any]:
    records = run.records
    margin = economics.money(records, Count.MARGIN)
    spend = float(records.spend.sum())
    cac, projected = economics.cac(records), value.clv_projected(records)
    marginal = incrementality.cac_marginal(run.next_krone)
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
