"""Every measure of a run, declared once: key, unit, meaning, name, and the function that gives it.

`summary.json`, what `--json` prints, headlines, comparisons, studies and the documentation read
this list; the functions stand in the modules beside it. A star stands for a name of the scenario
(a phase, a segment, a touchpoint, ...). People and money are those of the whole population. A
figure that does not exist is null in a summary, and `undefined` says why.

Names, notes and meanings are English texts; where they are shown they are translated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple, TypeVar

from sim.measures import (
    bottlenecks,
    conversion,
    economics,
    experience,
    incrementality,
    journeys,
    leaving,
    moves,
    retention,
    surveys,
    totals,
    value,
)
from sim.measures.figure import plain
from sim.measures.segments_money import money_by_segment
from sim.model.columns import Count
from sim.records.recorder import Records
from sim.records.steps import NextKrone
from sim.vocabulary import Purpose

Asked = TypeVar("Asked")


class Unit(StrEnum):
    """What a measure counts, and so how it is written."""

    MONEY = "currency"
    PEOPLE = "people"
    TIMES = "times"  # that something happened
    SHARE = "share"  # of something: written in per cent
    RATIO = "ratio"  # of two amounts
    DAYS = "days"
    MINUTES = "minutes"
    MONTHS = "months"
    POINTS = "points"  # of the Net Promoter Score, -100 to 100
    SCALE = "scale"  # -1 to 1
    STARS = "stars"
    NONE = ""  # a word or a number that is no measure


class Measure(NamedTuple):
    """One measure.

    `meaning`: the definition, in one line; `name`: what a reader calls it, empty where it has no
    place in a report; `note`: what is said beside it where it heads a report; `of`: gives the
    figure, or why there is none; where the key has stars, figures by the names that they stand
    for; `of_steps`: the same, of what a step up of each touchpoint did. What is said of the run
    itself, and not measured, has neither.
    """

    key: str
    unit: Unit
    meaning: str
    name: str = ""
    note: str = ""
    of: Callable[[Records], Any] | None = None
    of_steps: Callable[[NextKrone | None], Any] | None = None


def _each(
    table: Callable[[Records], Iterable[Any]], by: str, field: str
) -> Callable[[Records], Any]:
    """A field of every row of a measure's table, by another one."""
    return lambda records: {getattr(row, by): getattr(row, field) for row in table(records)}


def _field(row: Callable[[Records], Any], field: str) -> Callable[[Records], Any]:
    """A field of the one row of a measure."""
    return lambda records: getattr(row(records), field)


def _with(measure: Callable[[Records, Asked], Any], asked: Asked) -> Callable[[Records], Any]:
    """A measure of what is asked for."""
    return lambda records: measure(records, asked)


def _of_touchpoints(field: str) -> Callable[[Records], Any]:
    """A figure of every touchpoint."""
    return lambda records: {
        name: getattr(figures, field)
        for name, figures in experience.touchpoint_figures(records).items()
    }


def _of_surveys(field: str) -> Callable[[Records], Any]:
    """A figure of every survey."""
    return lambda records: {
        name: getattr(figures, field) for name, figures in surveys.survey_figures(records).items()
    }


def _of_steps(field: str, together: bool) -> Callable[[NextKrone | None], Any]:
    """A figure of the return of every step, by touchpoint, or by purpose if `together`."""
    return lambda steps: {
        name: figures[field]
        for name, figures in incrementality.next_krone_figures(steps, together).items()
    }


MONEY, PEOPLE, TIMES, SHARE = Unit.MONEY, Unit.PEOPLE, Unit.TIMES, Unit.SHARE
RATIO, DAYS, SCALE, NONE = Unit.RATIO, Unit.DAYS, Unit.SCALE, Unit.NONE

MEASURES: tuple[Measure, ...] = (
    Measure("scenario", NONE, "name of the scenario"),
    Measure("seed", NONE, "seed of the draws"),
    Measure("agents", NONE, "simulated customers"),
    Measure("population", NONE, "people that they stand for"),
    Measure("days", NONE, "days simulated"),
    Measure("currency", NONE, "of all money"),
    Measure("engine", NONE, "fast or reference"),
    Measure("threads", NONE, "threads that did the work"),
    Measure("seconds", NONE, "duration of the simulation"),
    Measure("customer_days_per_second", NONE, "agents x days / seconds"),
    # --- conversion ---
    Measure(
        "conversion.overall",
        SHARE,
        "people who bought in the run / people whose need arose in it",
        "Buyer penetration, of people with a need",
        of=conversion.conversion,
    ),
    Measure(
        "conversion.per_need",
        SHARE,
        "journeys (needs) that end in a purchase / journeys; those under way as expected",
        "Conversion per need",
        "journeys that end in a purchase here ÷ journeys begun, whole run",
        of=journeys.conversion_per_need,
    ),
    Measure(
        "conversion.per_need_low",
        SHARE,
        "of its 95% CI over customers",
        of=journeys.conversion_low,
    ),
    Measure(
        "conversion.per_need_high",
        SHARE,
        "of its 95% CI over customers",
        of=journeys.conversion_high,
    ),
    Measure(
        "conversion.under_way",
        SHARE,
        "journeys under way at the end / journeys of the run",
        "Journeys under way at the end",
        of=journeys.under_way,
    ),
    Measure(
        "conversion.by_phase.*",
        SHARE,
        "people who advanced / people who entered the phase",
        "conversion rate of the phase",
        of=conversion.conversion_by_phase,
    ),
    Measure(
        "conversion.by_segment.*",
        SHARE,
        "people who bought in the run / people whose need arose in it, of the segment",
        "buyer penetration, of people with a need",
        of=conversion.conversion_by_segment,
    ),
    Measure(
        "conversion.by_offer.*.purchases",
        TIMES,
        "purchases of the offer, without renewals",
        "purchases",
        of=_each(conversion.offer_table, "offer", "purchases"),
    ),
    Measure(
        "conversion.by_offer.*.share",
        SHARE,
        "of all purchases",
        "share of purchases",
        of=_each(conversion.offer_table, "offer", "share"),
    ),
    Measure(
        "conversion.by_offer.*.revenue",
        MONEY,
        "its price and add-ons, without renewals",
        "revenue",
        of=_each(conversion.offer_table, "offer", "revenue"),
    ),
    Measure(
        "conversion.by_route.*",
        SHARE,
        "share of the purchases: initial, added, loyalty",
        "share of purchases",
        of=conversion.route_shares,
    ),
    Measure(
        "conversion.checkout_abandonment",
        SHARE,
        "checkouts abandoned / started",
        "Checkouts abandoned",
        of=conversion.checkout_abandonment,
    ),
    Measure(
        "conversion.visit_conversion",
        SHARE,
        "purchases / visits",
        "Visit conversion rate",
        of=conversion.visit_conversion,
    ),
    Measure(
        "conversion.days_in_phase.*",
        DAYS,
        "mean days of a stay in the phase",
        "mean stay",
        of=moves.days_in_phase,
    ),
    Measure(
        "conversion.leaving.by_phase.*",
        PEOPLE,
        "people who left: gave up, bought elsewhere, or churned",
        "people who left",
        of=leaving.left_by_phase,
    ),
    Measure(
        "conversion.leaving.gave_up",
        PEOPLE,
        "people who gave a journey up and bought nowhere",
        "Journeys given up",
        of=leaving.gave_up,
    ),
    Measure(
        "conversion.leaving.to_competitor.*.*",
        PEOPLE,
        "people who bought a competitor's offer instead",
        "people lost to it",
        of=leaving.lost_by_offer,
    ),
    Measure(
        "conversion.bottlenecks.by_phase.*.left",
        PEOPLE,
        "people who left from the phase",
        "people who left",
        of=_each(bottlenecks.of_phases, "where", "left"),
    ),
    Measure(
        "conversion.bottlenecks.by_phase.*.fell_back",
        PEOPLE,
        "people who fell back from the phase of the search to an earlier one",
        "people who fell back",
        of=_each(bottlenecks.of_phases, "where", "fell_back"),
    ),
    Measure(
        "conversion.bottlenecks.by_phase.*.chance",
        SHARE,
        "sales gained per drop-off, had they stayed",
        "sales gained per drop-off avoided",
        of=_each(bottlenecks.of_phases, "where", "chance"),
    ),
    Measure(
        "conversion.bottlenecks.by_phase.*.worth",
        MONEY,
        "margin gained if a tenth of those who left or fell back had stayed",
        "value of 10% fewer drop-offs",
        of=_each(bottlenecks.of_phases, "where", "worth"),
    ),
    Measure(
        "conversion.bottlenecks.checkout.left",
        TIMES,
        "checkouts abandoned",
        "Checkouts abandoned",
        of=_field(bottlenecks.at_checkout, "left"),
    ),
    Measure(
        "conversion.bottlenecks.checkout.chance",
        SHARE,
        "sales gained for each of them completed",
        "Sales gained per checkout recovered",
        of=_field(bottlenecks.at_checkout, "chance"),
    ),
    Measure(
        "conversion.bottlenecks.checkout.worth",
        MONEY,
        "margin gained if a tenth of them were completed",
        "Value of recovering 10% of abandoned checkouts",
        of=_field(bottlenecks.at_checkout, "worth"),
    ),
    # --- customers ---
    Measure(
        "customers.new",
        PEOPLE,
        "people acquired as new customers",
        "New customers",
        "acquired in the run",
        of=economics.new_customers,
    ),
    Measure(
        "customers.active_start",
        PEOPLE,
        "people who were customers on day 0",
        "Active customers on day 0",
        of=retention.customers_at_start,
    ),
    Measure(
        "customers.active_end",
        PEOPLE,
        "active customers, end of run",
        "Active customers, end of run",
        "have bought and not churned",
        of=retention.customers_at_end,
    ),
    Measure(
        "customers.lapsed",
        TIMES,
        "times that a customer churned",
        "Customers churned",
        of=_with(totals.people, Count.LAPSED),
    ),
    Measure(
        "customers.reactivated",
        TIMES,
        "purchases by people who had churned",
        "Customers reactivated",
        of=_with(totals.people, Count.REACTIVATIONS),
    ),
    Measure(
        "customers.purchases",
        TIMES,
        "purchases, without renewals",
        "Purchases",
        of=_with(totals.people, Count.PURCHASES),
    ),
    Measure(
        "customers.renewals",
        TIMES,
        "subscription periods paid again",
        "Renewals",
        of=_with(totals.people, Count.RENEWALS),
    ),
    # --- retention ---
    Measure(
        "retention.month_1",
        SHARE,
        "share of new customers who are customers 1 month after",
        "Retention rate after 1 month",
        of=_with(retention.retention, 1),
    ),
    Measure(
        "retention.month_6",
        SHARE,
        "share of new customers who are customers 6 months after",
        "Retention rate after 6 months",
        of=_with(retention.retention, 6),
    ),
    Measure(
        "retention.month_12",
        SHARE,
        "share of new customers who are customers 12 months after",
        "Retention rate after 12 months",
        "new customers who are still customers by then",
        of=_with(retention.retention, 12),
    ),
    Measure(
        "retention.repeat_rate",
        SHARE,
        "share of buyers who bought again within 365 days",
        "Repeat-purchase rate",
        "bought again within 365 days ÷ buyers followed that long",
        of=retention.repeat_rate,
    ),
    Measure(
        "retention.repurchase.month_3",
        SHARE,
        "share of new customers who bought again within 3 months",
        "Repeat-purchase rate within 3 months",
        of=_with(retention.repurchase_share, 3),
    ),
    Measure(
        "retention.repurchase.month_6",
        SHARE,
        "share of new customers who bought again within 6 months",
        "Repeat-purchase rate within 6 months",
        of=_with(retention.repurchase_share, 6),
    ),
    Measure(
        "retention.repurchase.month_12",
        SHARE,
        "share of new customers who bought again within 12 months",
        "Repeat-purchase rate within 12 months",
        of=_with(retention.repurchase_share, 12),
    ),
    # --- economics ---
    Measure(
        "economics.revenue",
        MONEY,
        "revenue, renewals included",
        "Revenue",
        "purchases, add-ons and renewals",
        of=_with(economics.money, Count.REVENUE),
    ),
    Measure(
        "economics.margin",
        MONEY,
        "revenue less unit costs",
        "Contribution margin",
        "revenue less unit costs",
        of=_with(economics.money, Count.MARGIN),
    ),
    Measure(
        "economics.margin_first",
        MONEY,
        "of it, from new customers' first purchases",
        "Margin of first purchases",
        of=_with(economics.margin_for, Purpose.ACQUISITION),
    ),
    Measure(
        "economics.margin_returning",
        MONEY,
        "of it, all other: repeat purchases and renewals",
        "Margin of repeat purchases",
        of=_with(economics.margin_for, Purpose.RETENTION),
    ),
    Measure(
        "economics.spend",
        MONEY,
        "marketing spend",
        "Marketing spend",
        "on all touchpoints",
        of=economics.spend,
    ),
    Measure(
        "economics.spend_acquisition",
        MONEY,
        "of it, on acquisition touchpoints",
        "Acquisition spend",
        of=_with(economics.spend_for, Purpose.ACQUISITION),
    ),
    Measure(
        "economics.spend_retention",
        MONEY,
        "of it, on retention touchpoints",
        "Retention spend",
        of=_with(economics.spend_for, Purpose.RETENTION),
    ),
    Measure(
        "economics.spend_delivery",
        MONEY,
        "of it, on touchpoints that deliver: cost to serve",
        "Delivery spend",
        of=_with(economics.spend_for, Purpose.DELIVERY),
    ),
    Measure(
        "economics.profit",
        MONEY,
        "margin less marketing spend",
        "Profit",
        "margin less marketing spend, before overheads",
        of=economics.profit,
    ),
    Measure(
        "economics.first_order_margin",
        MONEY,
        "margin of a new customer's first order",
        "Margin of a first purchase",
        of=economics.first_margin,
    ),
    Measure(
        "economics.cac",
        MONEY,
        "acquisition spend / new customers",
        "Customer acquisition cost (CAC)",
        "acquisition spend ÷ new customers, whole run",
        of=economics.cac,
    ),
    Measure(
        "economics.cac_paid",
        MONEY,
        "acquisition spend under paid control / new customers",
        "CAC, paid touchpoints",
        of=economics.cac_paid,
    ),
    Measure(
        "economics.keeping_cost_per_year",
        MONEY,
        "retention spend / customer and year",
        "Retention cost per customer and year",
        of=economics.keeping_cost,
    ),
    Measure(
        "economics.serving_cost",
        MONEY,
        "delivery spend / purchase or renewal",
        "Cost to serve an order",
        of=economics.serving_cost,
    ),
    Measure(
        "economics.keep_to_win_ratio",
        RATIO,
        "keeping_cost_per_year / cac",
        "Retention cost ÷ CAC",
        of=economics.keep_to_win,
    ),
    Measure(
        "economics.return_by_purpose.*",
        RATIO,
        "margin / spend: of first purchases; of all others",
        "margin-to-spend ratio",
        of=economics.return_by_purpose,
    ),
    Measure(
        "economics.break_even_month",
        Unit.MONTHS,
        "month from whose end on cumulative profit stays at 0 or more",
        "Break-even month",
        of=economics.break_even_month,
    ),
    Measure(
        "economics.clv_realised",
        MONEY,
        "discounted margin per new customer, until the end of the run",
        "CLV to date",
        of=value.clv_realised,
    ),
    Measure(
        "economics.clv_projected",
        MONEY,
        "discounted margin per new customer, over 36 months, projected",
        "Customer lifetime value (CLV)",
        "discounted margin per new customer over {months} months, projected",
        of=value.clv_projected,
    ),
    Measure(
        "economics.clv_cac_ratio",
        RATIO,
        "clv_projected / cac",
        "CLV:CAC",
        "lifetime value ÷ acquisition cost",
        of=value.clv_to_cac,
    ),
    Measure(
        "economics.clv_horizon_months",
        Unit.MONTHS,
        "horizon of clv_projected",
        of=lambda records: value.HORIZON_MONTHS,
    ),
    Measure(
        "economics.cac_marginal",
        MONEY,
        "extra acquisition spend / extra new customer, a step up",
        "Marginal CAC",
        of_steps=incrementality.cac_marginal_value,
    ),
    Measure(
        "economics.payback_days",
        DAYS,
        "days until a new customer's margin covers the cac",
        "CAC payback time",
        of=value.payback_days,
    ),
    Measure(
        "economics.by_segment.*.cac",
        MONEY,
        "acquisition spend on the segment / its new customers",
        "CAC",
        of=_each(money_by_segment, "segment", "cac"),
    ),
    Measure(
        "economics.by_segment.*.first_order_margin",
        MONEY,
        "margin of a new customer's first order",
        "margin of a first purchase",
        of=_each(money_by_segment, "segment", "first_order_margin"),
    ),
    Measure(
        "economics.by_segment.*.clv_realised",
        MONEY,
        "as clv_realised, of the segment's customers",
        "CLV to date",
        of=_each(money_by_segment, "segment", "clv_realised"),
    ),
    Measure(
        "economics.by_segment.*.clv_projected",
        MONEY,
        "as clv_projected, of the segment's customers",
        "CLV",
        of=_each(money_by_segment, "segment", "clv_projected"),
    ),
    Measure(
        "economics.by_segment.*.clv_cac_ratio",
        RATIO,
        "clv_projected / cac, of the segment",
        "CLV:CAC",
        of=_each(money_by_segment, "segment", "clv_cac_ratio"),
    ),
    # --- experience ---
    Measure(
        "experience.mean_satisfaction",
        SCALE,
        "after an evaluation, -1 to 1",
        "Satisfaction",
        of=experience.mean_satisfaction,
    ),
    Measure(
        "experience.recommendation_score",
        Unit.POINTS,
        "% answers 9 and 10 less % answers 0 to 6",
        "Net Promoter Score (NPS)",
        "% promoters (9–10) minus % detractors (0–6), {low} to 100",
        of=experience.recommendation_score,
    ),
    Measure(
        "experience.bad_share",
        SHARE,
        "bad encounters / encounters",
        "Bad encounters",
        of=experience.bad_share,
    ),
    Measure(
        "experience.rating",
        Unit.STARS,
        "public rating at the end, stars",
        "Public rating",
        of=experience.rating,
    ),
    # --- marginal returns, and touchpoints ---
    Measure(
        "next_krone.*.return",
        RATIO,
        "extra profit per unit of currency placed on the touchpoint, a step up",
        "marginal return",
        of_steps=_of_steps("return", together=False),
    ),
    Measure(
        "next_krone.*.low",
        RATIO,
        "of its 95% CI over customers",
        of_steps=_of_steps("low", together=False),
    ),
    Measure(
        "next_krone.*.high",
        RATIO,
        "of its 95% CI over customers",
        of_steps=_of_steps("high", together=False),
    ),
    Measure(
        "next_krone_purpose.*.return",
        RATIO,
        "the same, all touchpoints with the purpose together",
        "marginal return",
        of_steps=_of_steps("return", together=True),
    ),
    Measure(
        "next_krone_purpose.*.low",
        RATIO,
        "of its 95% CI over customers",
        of_steps=_of_steps("low", together=True),
    ),
    Measure(
        "next_krone_purpose.*.high",
        RATIO,
        "of its 95% CI over customers",
        of_steps=_of_steps("high", together=True),
    ),
    Measure(
        "touchpoints.*.encounters",
        TIMES,
        "encounters, at most one a person and day",
        "encounters",
        of=_of_touchpoints("encounters"),
    ),
    Measure(
        "touchpoints.*.contacts",
        TIMES,
        "contacts, several to an encounter with paid push",
        "contacts",
        of=_of_touchpoints("contacts"),
    ),
    Measure(
        "touchpoints.*.visits",
        TIMES,
        "encounters that became a visit",
        "visits",
        of=_of_touchpoints("visits"),
    ),
    Measure("touchpoints.*.spend", MONEY, "money spent", "spend", of=_of_touchpoints("spend")),
    Measure(
        "touchpoints.*.quality",
        SCALE,
        "mean perceived quality, -1 to 1",
        "perceived quality",
        of=_of_touchpoints("quality"),
    ),
    Measure(
        "touchpoints.*.bad_share",
        SHARE,
        "bad encounters / encounters",
        "bad encounters",
        of=_of_touchpoints("bad_share"),
    ),
    Measure(
        "touchpoints.*.wait_minutes",
        Unit.MINUTES,
        "mean wait of an encounter",
        "mean wait",
        of=_of_touchpoints("wait_minutes"),
    ),
    # --- surveys ---
    Measure(
        "surveys.*.asked",
        PEOPLE,
        "people asked",
        "people asked",
        of=_of_surveys("asked"),
    ),
    Measure(
        "surveys.*.recommendation_score",
        Unit.POINTS,
        "promoters less detractors, in percent of the answers, -100 to 100",
        "NPS",
        of=_of_surveys("recommendation_score"),
    ),
    Measure(
        "surveys.*.stated_intention",
        SHARE,
        "mean chance to buy in the window as it was stated; without subscribers",
        "stated intention to buy",
        of=_of_surveys("stated_intention"),
    ),
    Measure(
        "surveys.*.intention",
        SHARE,
        "mean chance to buy in the window as the mind stood; of the same people",
        "intention to buy",
        of=_of_surveys("intention"),
    ),
    Measure(
        "surveys.*.bought",
        SHARE,
        "of the same people, those who bought in the window",
        "bought after the survey",
        of=_of_surveys("bought"),
    ),
    Measure("intervals.*", NONE, "ends of a key metric's 95% CI, by its key"),
    Measure("undefined.*", NONE, "why a figure is null"),
)

# The figures that head a report and that a terminal shows, in this order.
HEADLINES = (  # the first four stand large
    "economics.profit",
    "customers.new",
    "conversion.per_need",
    "retention.repeat_rate",
    "economics.revenue",
    "economics.margin",
    "economics.spend",
    "customers.active_end",
    "economics.cac",
    "economics.clv_projected",
    "economics.clv_cac_ratio",
    "experience.recommendation_score",
)

KEYS: dict[str, str] = {measure.key: measure.meaning for measure in MEASURES}


@cache
def measure_of(key: str) -> Measure | None:
    """The measure of a key of a summary: of `touchpoints.web.spend` it is `touchpoints.*.spend`."""
    parts = key.split(".")
    for measure in MEASURES:
        pattern = measure.key.split(".")
        if len(pattern) == len(parts) and all(
            mine in ("*", its) for mine, its in zip(pattern, parts, strict=True)
        ):
            return measure
    return None


def names_in(key: str) -> list[str]:
    """The names of the scenario in a key, in their order: where its measure has stars."""
    measure = measure_of(key)
    if measure is None:
        return []
    both = zip(measure.key.split("."), key.split("."), strict=True)
    return [name for star, name in both if star == "*"]


def texts() -> Iterator[str]:
    """Every name and note: what a report may say, and so what is translated."""
    for measure in MEASURES:
        yield from (text for text in (measure.name, measure.note) if text)


# --- the figures of a run ---

LAST = ("next_krone", "next_krone_purpose")  # of the groups; not every run has them


def figures_of(
    records: Records, next_krone: NextKrone | None = None
) -> tuple[dict[str, Any], dict[str, str]]:
    """The figures of the catalogue, nested at the dots, and why those that are None do not exist.

    `next_krone`: what a step up of each touchpoint did; None if that was not tried out.
    """
    nested: dict[str, Any] = {}
    for measure in MEASURES:
        if measure.of is not None:
            _put(nested, measure.key.split("."), measure.of(records))
        elif measure.of_steps is not None:
            _put(nested, measure.key.split("."), measure.of_steps(next_krone))
    for group in LAST:
        nested[group] = nested.pop(group)
    return plain(nested)


def _put(nested: dict[str, Any], path: Sequence[str], figures: Any) -> None:
    """Put a figure, or figures by name where the path has a star, where they belong."""
    first, *rest = path
    if first != "*" and not rest:
        nested[first] = figures
    elif first != "*":
        _put(nested.setdefault(first, {}), rest, figures)
    else:
        assert isinstance(figures, Mapping)
        for name, figure in figures.items():
            _put(nested, [name, *rest], figure)
