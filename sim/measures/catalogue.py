"""Every measure of a run, declared once: key, unit, name, meaning.

`summary.json`, what `--json` prints, headlines, comparisons, studies and the documentation read
this list; the functions that reckon the figures stand in the modules beside it. A star stands for
a name of the scenario (a phase, a segment, a touchpoint, ...). People and money are those of the
whole population.

Names, notes and meanings are English texts; where they are shown they are translated.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from typing import NamedTuple


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
    POINTS = "points"  # of the recommendation score, -100 to 100
    SCALE = "scale"  # -1 to 1
    STARS = "stars"
    NONE = ""  # a word or a number that is no measure


class Measure(NamedTuple):
    """One measure.

    `meaning`: the definition, in one line; `name`: what a reader calls it, empty where it has no
    place in a report; `note`: what is said beside it where it heads a report.
    """

    key: str
    unit: Unit
    meaning: str
    name: str = ""
    note: str = ""


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
        "people who bought / people whose need arose",
        "Conversion",
        "of people with a need bought here",
    ),
    Measure(
        "conversion.per_need", SHARE, "purchases / needs that arose", "Conversion of each need"
    ),
    Measure(
        "conversion.by_phase.*",
        SHARE,
        "people who advanced / people who entered the phase",
        "conversion of the phase",
    ),
    Measure(
        "conversion.by_segment.*",
        SHARE,
        "people who bought / people whose need arose, of the segment",
        "conversion",
    ),
    Measure(
        "conversion.by_offer.*.purchases",
        TIMES,
        "purchases of the offer, without renewals",
        "purchases",
    ),
    Measure("conversion.by_offer.*.share", SHARE, "of all purchases", "share of purchases"),
    Measure(
        "conversion.by_offer.*.revenue", MONEY, "its price and add-ons, without renewals", "revenue"
    ),
    Measure(
        "conversion.by_route.*",
        SHARE,
        "share of the purchases: initial, added, loyalty",
        "share of purchases",
    ),
    Measure(
        "conversion.checkout_abandonment",
        SHARE,
        "checkouts abandoned / started",
        "Checkouts abandoned",
    ),
    Measure("conversion.visit_conversion", SHARE, "purchases / visits", "Purchases per visit"),
    Measure("conversion.days_in_phase.*", DAYS, "mean days of a stay in the phase", "mean stay"),
    Measure(
        "conversion.leaving.by_phase.*",
        PEOPLE,
        "people who left: gave up, bought elsewhere, or stopped",
        "people who left",
    ),
    Measure(
        "conversion.leaving.gave_up",
        PEOPLE,
        "people who gave a journey up and bought nowhere",
        "Journeys given up",
    ),
    Measure(
        "conversion.leaving.to_competitor.*.*",
        PEOPLE,
        "people who bought a competitor's offer instead",
        "people lost to it",
    ),
    Measure(
        "conversion.bottlenecks.by_phase.*.left",
        PEOPLE,
        "people who left from the phase",
        "people who left",
    ),
    Measure(
        "conversion.bottlenecks.by_phase.*.chance",
        SHARE,
        "sales gained for each of them kept",
        "sales gained for each kept",
    ),
    Measure(
        "conversion.bottlenecks.by_phase.*.worth",
        MONEY,
        "margin gained if a tenth of them were kept",
        "margin of a tenth fewer leavers",
    ),
    Measure(
        "conversion.bottlenecks.checkout.left", TIMES, "checkouts abandoned", "Checkouts abandoned"
    ),
    Measure(
        "conversion.bottlenecks.checkout.chance",
        SHARE,
        "sales gained for each of them completed",
        "Sales gained for each checkout completed",
    ),
    Measure(
        "conversion.bottlenecks.checkout.worth",
        MONEY,
        "margin gained if a tenth of them were completed",
        "Margin of a tenth fewer checkouts abandoned",
    ),
    # --- customers ---
    Measure(
        "customers.new",
        PEOPLE,
        "people won as new customers",
        "New customers",
        "people won in the run",
    ),
    Measure(
        "customers.active_start", PEOPLE, "people who were customers on day 0", "Customers on day 0"
    ),
    Measure(
        "customers.active_end",
        PEOPLE,
        "people who are customers at the end",
        "Customers at the end",
        "of the firm",
    ),
    Measure(
        "customers.lapsed",
        TIMES,
        "times that somebody stopped being a customer",
        "Customers lost",
    ),
    Measure(
        "customers.reactivated",
        TIMES,
        "purchases by people who had stopped being customers",
        "Customers won back",
    ),
    Measure("customers.purchases", TIMES, "purchases, without renewals", "Purchases"),
    Measure("customers.renewals", TIMES, "subscription periods paid again", "Renewals"),
    # --- retention ---
    Measure(
        "retention.month_1",
        SHARE,
        "share of new customers who are customers 1 month after",
        "Still customers after 1 month",
    ),
    Measure(
        "retention.month_6",
        SHARE,
        "share of new customers who are customers 6 months after",
        "Still customers after 6 months",
    ),
    Measure(
        "retention.month_12",
        SHARE,
        "share of new customers who are customers 12 months after",
        "Still customers after 12 months",
    ),
    Measure(
        "retention.repeat_rate",
        SHARE,
        "share of buyers who bought again within 365 days",
        "Repeat rate",
        "of buyers bought again within 365 days of their first purchase",
    ),
    Measure(
        "retention.repurchase.month_3",
        SHARE,
        "share of new customers who bought again within 3 months",
        "Bought again within 3 months",
    ),
    Measure(
        "retention.repurchase.month_6",
        SHARE,
        "share of new customers who bought again within 6 months",
        "Bought again within 6 months",
    ),
    Measure(
        "retention.repurchase.month_12",
        SHARE,
        "share of new customers who bought again within 12 months",
        "Bought again within 12 months",
    ),
    # --- economics ---
    Measure(
        "economics.revenue",
        MONEY,
        "revenue, renewals included",
        "Revenue",
        "purchases, add-ons and renewals",
    ),
    Measure(
        "economics.margin", MONEY, "revenue less unit costs", "Margin", "revenue less unit costs"
    ),
    Measure(
        "economics.margin_first",
        MONEY,
        "of it, from new customers' first purchases",
        "Margin of first purchases",
    ),
    Measure(
        "economics.margin_returning",
        MONEY,
        "of it, all other: returning customers and renewals",
        "Margin of returning customers",
    ),
    Measure("economics.spend", MONEY, "marketing spend", "Marketing spend", "on all touchpoints"),
    Measure(
        "economics.spend_acquisition",
        MONEY,
        "of it, on touchpoints that are to win customers",
        "Spend to win customers",
    ),
    Measure(
        "economics.spend_retention",
        MONEY,
        "of it, on touchpoints that are to keep customers",
        "Spend to keep customers",
    ),
    Measure(
        "economics.profit",
        MONEY,
        "margin less marketing spend",
        "Profit",
        "margin less marketing spend",
    ),
    Measure(
        "economics.first_order_margin",
        MONEY,
        "margin of a new customer's first order",
        "Margin of a first order",
    ),
    Measure(
        "economics.cac",
        MONEY,
        "acquisition spend / new customers",
        "Cost of a new customer",
        "acquisition spend per new customer",
    ),
    Measure(
        "economics.cac_paid",
        MONEY,
        "acquisition spend under paid control / new customers",
        "Cost of a new customer, paid touchpoints",
    ),
    Measure(
        "economics.keeping_cost_per_year",
        MONEY,
        "retention spend / customer and year",
        "Cost of keeping a customer for a year",
    ),
    Measure(
        "economics.keep_to_win_ratio",
        RATIO,
        "keeping_cost_per_year / cac",
        "Keeping against winning",
    ),
    Measure(
        "economics.return_by_purpose.*",
        RATIO,
        "margin / spend: of first purchases; of all others",
        "margin per krone spent",
    ),
    Measure(
        "economics.break_even_month",
        Unit.MONTHS,
        "month from whose end on cumulative profit stays at 0 or more",
        "Break-even",
    ),
    Measure(
        "economics.clv_realised",
        MONEY,
        "discounted margin per new customer, until the end of the run",
        "Value of a new customer so far",
    ),
    Measure(
        "economics.clv_projected",
        MONEY,
        "discounted margin per new customer, over 36 months, projected",
        "Value of a new customer",
        "discounted margin of a new customer over {months} months, projected",
    ),
    Measure(
        "economics.clv_cac_ratio",
        RATIO,
        "clv_projected / cac",
        "Value against cost",
        "value / cost of a new customer",
    ),
    Measure("economics.clv_horizon_months", Unit.MONTHS, "horizon of clv_projected"),
    Measure(
        "economics.cac_marginal",
        MONEY,
        "extra acquisition spend / extra new customer, a step up",
        "Cost of one more new customer",
    ),
    Measure(
        "economics.payback_days",
        DAYS,
        "days until a new customer's margin covers the cac",
        "Payback time",
    ),
    Measure(
        "economics.by_segment.*.cac",
        MONEY,
        "acquisition spend on the segment / its new customers",
        "cost of a new customer",
    ),
    Measure(
        "economics.by_segment.*.first_order_margin",
        MONEY,
        "margin of a new customer's first order",
        "margin of a first order",
    ),
    Measure(
        "economics.by_segment.*.clv_realised",
        MONEY,
        "as clv_realised, of the segment's customers",
        "value of a new customer so far",
    ),
    Measure(
        "economics.by_segment.*.clv_projected",
        MONEY,
        "as clv_projected, of the segment's customers",
        "value of a new customer",
    ),
    Measure(
        "economics.by_segment.*.clv_cac_ratio",
        RATIO,
        "clv_projected / cac, of the segment",
        "value against cost",
    ),
    # --- experience ---
    Measure("experience.mean_satisfaction", SCALE, "after a judgement, -1 to 1", "Satisfaction"),
    Measure(
        "experience.recommendation_score",
        Unit.POINTS,
        "% answers 9 and 10 less % answers 0 to 6",
        "Recommendation score",
        "% who would recommend less % who would not, {low} to 100",
    ),
    Measure("experience.bad_share", SHARE, "bad encounters / encounters", "Bad encounters"),
    Measure("experience.rating", Unit.STARS, "public rating at the end, stars", "Public rating"),
    # --- the next krone, and touchpoints ---
    Measure(
        "next_krone.*.return",
        RATIO,
        "extra profit per krone placed on the touchpoint, a step up",
        "profit per krone more",
    ),
    Measure("next_krone.*.low", RATIO, "of its 95 % interval over customers"),
    Measure("next_krone.*.high", RATIO, "of its 95 % interval over customers"),
    Measure(
        "next_krone_purpose.*.return",
        RATIO,
        "the same, all touchpoints with the purpose together",
        "profit per krone more",
    ),
    Measure("next_krone_purpose.*.low", RATIO, "of its 95 % interval over customers"),
    Measure("next_krone_purpose.*.high", RATIO, "of its 95 % interval over customers"),
    Measure(
        "touchpoints.*.encounters",
        TIMES,
        "encounters, at most one a person and day",
        "encounters",
    ),
    Measure(
        "touchpoints.*.contacts",
        TIMES,
        "contacts, several to an encounter with paid push",
        "contacts",
    ),
    Measure("touchpoints.*.visits", TIMES, "encounters that became a visit", "visits"),
    Measure("touchpoints.*.spend", MONEY, "money spent", "spend"),
    Measure("touchpoints.*.quality", SCALE, "mean perceived quality, -1 to 1", "perceived quality"),
    Measure("touchpoints.*.bad_share", SHARE, "bad encounters / encounters", "bad encounters"),
    Measure("touchpoints.*.wait_minutes", Unit.MINUTES, "mean wait of an encounter", "mean wait"),
    Measure("undefined.*", NONE, "why a figure is null"),
)

# The figures that head a report and that a terminal shows, in this order.
HEADLINES = (
    "economics.profit",
    "economics.revenue",
    "economics.margin",
    "economics.spend",
    "customers.new",
    "customers.active_end",
    "conversion.overall",
    "retention.repeat_rate",
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
