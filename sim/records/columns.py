"""What every column of every table is: name, type, unit, meaning. The one place.

Scale: a table that adds up over customers counts people and money of the whole
`population`, so every figure is a simulated count times `people_per_agent` (in the
manifest); divide by it to get simulated customers. `customers` and `panel` have one row
for each simulated customer and event, and hold that customer's own figures.

Days count from 0; a year is 365 days and has twelve equal months; ages and cohorts are
such months. Money is in the scenario's currency. Names (segment, phase, ...) are those of
the scenario. A figure that does not exist is null, never a special number. Columns whose
name ends in `_sum` are sums: divide by the count beside them for a mean.

The Parquet files carry this text: units and meanings stand in the metadata of their schema.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import pyarrow as pa

from sim.model.columns import STARS, Count

EPOCH = datetime(2025, 1, 1)  # the date written for day 0 of a panel; the model knows no dates
NAME = pa.dictionary(pa.int16(), pa.string())
PEOPLE = "people"
MONEY = "currency"


class ColumnInfo(NamedTuple):
    """One line of the documentation of the tables."""

    table: str
    column: str
    type: str
    unit: str
    nullable: bool
    meaning: str


def _column(name: str, kind: Any, unit: str, meaning: str, nullable: bool = False) -> Any:
    return pa.field(name, kind, nullable, {"unit": unit, "meaning": meaning})


def _name(name: str, meaning: str = "", nullable: bool = False) -> Any:
    return _column(name, NAME, "name", meaning or f"{name} of the scenario", nullable)


def _people(name: str, meaning: str) -> Any:
    return _column(name, pa.float64(), PEOPLE, meaning)


def _count(name: str, unit: str, meaning: str) -> Any:
    return _column(name, pa.float64(), unit, meaning)


def _money(name: str, meaning: str) -> Any:
    return _column(name, pa.float64(), MONEY, meaning)


def _table(meaning: str, *columns: Any) -> Any:
    return pa.schema(columns, {"meaning": meaning})


DAY = _column("day", pa.int16(), "day", "day of the run, 0-based")
SEGMENT = _name("segment")
TOUCHPOINT = _name("touchpoint")
PHASE = _name("phase")

DAILY_UNITS = {
    Count.REVENUE: MONEY,
    Count.MARGIN: MONEY,
    Count.NEW_REVENUE: MONEY,
    Count.NEW_MARGIN: MONEY,
    Count.RENEWAL_REVENUE: MONEY,
    Count.RENEWAL_MARGIN: MONEY,
    Count.SATISFACTION: "-1..1",
    Count.STARS: "stars",
}
DAILY_NAMES = {
    count: count.name.lower() + ("_sum" if DAILY_UNITS.get(count, MONEY) != MONEY else "")
    for count in Count
}
DAILY_MEANINGS = {
    Count.NEEDS: "needs that arose: journeys begun",
    Count.NEEDS_CONSIDERED: "of these, with the brand in the consideration set from the start",
    Count.NEEDS_LOYAL: "of these, straight to the purchase phase by the loyalty shortcut",
    Count.ADDED: "journeys in which the brand came into the set on the way",
    Count.CHECKOUTS_STARTED: "checkouts started",
    Count.CHECKOUTS_ABANDONED: "checkouts abandoned",
    Count.PURCHASES: "purchases of the firm's offers, without renewals",
    Count.NEW_CUSTOMERS: "purchases by people who were not and had not been customers",
    Count.REACTIVATIONS: "purchases by lapsed customers",
    Count.RENEWALS: "subscription periods paid again",
    Count.CHURNED: "subscribers who did not renew",
    Count.LAPSED: "customers who stopped being customers, subscribers included",
    Count.LEFT: "journeys given up without buying anywhere",
    Count.LOST: "journeys that ended in a competitor's purchase",
    Count.WAITED: "decisions to buy nothing that day",
    Count.REVENUE: "revenue: purchases, add-ons and renewals",
    Count.MARGIN: "revenue less unit costs (marketing spend is not taken off)",
    Count.NEW_REVENUE: "part of the revenue: first purchases of new customers",
    Count.NEW_MARGIN: "part of the margin: first purchases of new customers",
    Count.RENEWAL_REVENUE: "part of the revenue: renewals",
    Count.RENEWAL_MARGIN: "part of the margin: renewals",
    Count.TALKS_POSITIVE: "times that somebody recommended the brand",
    Count.TALKS_NEGATIVE: "times that somebody warned against the brand",
    Count.JUDGEMENTS: "purchases judged by their owners",
    Count.SATISFACTION: "satisfaction after each judgement, summed",
    Count.REVIEWS: "reviews posted",
    Count.STARS: "stars of the reviews posted, summed",
}

TABLES: dict[str, Any] = {
    "phases": _table(
        "People in each phase at the end of each day.",
        DAY,
        SEGMENT,
        PHASE,
        _people("customers", "people in the phase at the end of the day"),
    ),
    "daily": _table(
        "What happened each day, by segment.",
        DAY,
        SEGMENT,
        *(
            _column(
                DAILY_NAMES[count],
                pa.float64(),
                DAILY_UNITS.get(count, PEOPLE),
                DAILY_MEANINGS[count],
            )
            for count in Count
        ),
    ),
    "flows": _table(
        "Moves between phases; only pairs that occurred.",
        DAY,
        SEGMENT,
        _name("from_phase", "phase left"),
        _name("to_phase", "phase entered"),
        _people("customers", "people who made the move"),
    ),
    "purchases": _table(
        "Purchases by offer and by how the brand came into consideration; only what occurred.",
        DAY,
        SEGMENT,
        _name("offer"),
        _name("route", "initial, added or loyalty"),
        _people("purchases", "purchases"),
    ),
    "add_ons": _table(
        "Add-ons sold; only what occurred.",
        DAY,
        SEGMENT,
        _name("offer"),
        _name("add_on", "add-on of the offer"),
        _people("sold", "add-ons sold"),
    ),
    "losses": _table(
        "Journeys that ended in a competitor's purchase; only what occurred.",
        DAY,
        SEGMENT,
        _name("competitor"),
        _name("offer", "the competitor's offer"),
        _people("customers", "people lost"),
    ),
    "touchpoints": _table(
        "Encounters; only those that occurred.",
        DAY,
        SEGMENT,
        PHASE,
        TOUCHPOINT,
        _count("encounters", "encounters", "customer and touchpoint met, at most once a day"),
        _count("contacts", "contacts", "contacts, several to an encounter with paid push"),
        _count("visits", "visits", "encounters that became a visit to the firm's place"),
        _people("first_met", "people who met the touchpoint for the first time in the run"),
        _count("quality_sum", "-1..1", "perceived quality (before habituation), summed"),
        _count("bad", "encounters", "encounters felt as bad"),
        _count("wait_minutes", "minutes", "minutes waited, summed; service touchpoints only"),
        _count("gave_up", "encounters", "encounters that ended by leaving the queue"),
    ),
    "spend": _table(
        "Money spent on touchpoints; only days with any.",
        DAY,
        TOUCHPOINT,
        _money("spend", "money spent, commissions on orders included"),
        _money(
            "last_visit_revenue",
            "revenue of orders whose last click, direct left out, was here",
        ),
    ),
    "scores": _table(
        "Answers 0 to 10 to 'would you recommend us', one a judgement; only those given.",
        DAY,
        SEGMENT,
        _column("score", pa.int8(), "0..10", "answer"),
        _count("judgements", "judgements", "judgements with this answer"),
    ),
    "market": _table(
        "What holds for everybody, by day.",
        DAY,
        _column("rating", pa.float64(), "stars", "public rating at the end of the day"),
        _people("told_positive", "listeners that were told good things"),
        _people("told_negative", "listeners that were told bad things"),
        *(
            _count(f"reviews_{stars}", "reviews", f"reviews with {stars} stars")
            for stars in range(1, STARS + 1)
        ),
    ),
    "cohorts": _table(
        "Customers by month of first purchase and age in months.",
        SEGMENT,
        _column("cohort", pa.int16(), "month", "month of first purchase; null: before day 0", True),
        _column("age_months", pa.int16(), "months", "whole months since the first purchase"),
        _people("new_customers", "size of the cohort: people with their first purchase then"),
        _people("customers", "of these, customers at the end of month cohort + age"),
        _people("purchases", "purchases at this age"),
        _money("revenue", "revenue at this age, renewals included"),
        _money("margin", "margin at this age"),
        _column("complete", pa.bool_(), "", "whether the run saw all of this age of all of them"),
    ),
    "customers": _table(
        "One row for each simulated customer, at the end of the run.",
        _column("customer_key", pa.uint32(), "", "permanent number of the customer"),
        SEGMENT,
        _name("phase", "phase at the end"),
        _name("relationship", "none, customer or lapsed"),
        _column("before_start", pa.bool_(), "", "was a customer already on day 0"),
        _column("first_purchase_day", pa.int16(), "day", "null: none, or before day 0", True),
        _column("second_purchase_day", pa.int16(), "day", "null: none", True),
        _column("last_purchase_day", pa.int16(), "day", "null: none in the run", True),
        _column("last_need_day", pa.int16(), "day", "the last need arose; null: none did", True),
        _column("last_lapse_day", pa.int16(), "day", "null: never lapsed", True),
        _name("offer", "offer bought last; null: none in the run", True),
        _column("purchases", pa.int16(), "purchases", "purchases in the run"),
        _column("revenue", pa.float64(), MONEY, "revenue from this customer, renewals included"),
        _column("margin", pa.float64(), MONEY, "margin from this customer"),
        _column("satisfaction", pa.float32(), "-1..1", "null: has owned nothing", True),
        _column("loyalty", pa.float32(), "0..1", "habit"),
        _column("awareness", pa.float32(), "0..1", "memory of the brand"),
        _column("engagement", pa.float32(), "", "stock of interest"),
        _column("trust", pa.float32(), "0..1", "belief that the firm delivers"),
        _column("permission", pa.bool_(), "", "may be contacted one-to-one"),
        _column("need_rate_per_year", pa.float64(), "needs a year", "the customer's own rate"),
        _column("budget", pa.float32(), MONEY, "most that the customer has to spend"),
        _column("price_sensitivity", pa.float32(), "", "factor on the weight of the price"),
    ),
    "panel": _table(
        "Everything that happened to the customers of the panel, in order.",
        _column("case_id", pa.uint32(), "", "customer_key"),
        _column(
            "timestamp",
            pa.timestamp("ms"),
            "",
            f"{EPOCH:%Y-%m-%d} is day 0; seconds only number the events of a day",
        ),
        _name("event", "need, encounter, move, purchase, checkout_abandoned, ..."),
        _name(
            "touchpoint",
            "of an encounter; of a purchase: its last click, direct left out",
            True,
        ),
        _name("phase", "phase in which it happened"),
        _name("to_phase", "where a move or a need led", True),
        _name("offer", "offer of the firm, or competitor.offer", True),
        _name("route", "how the brand is considered; null: it is not", True),
        _column("device", pa.int8(), "", "device of an encounter, 0-based", True),
        _column("visit", pa.bool_(), "", "whether the encounter became a visit"),
        _column(
            "value",
            pa.float32(),
            "",
            "encounter: perceived quality; purchase, renewal: revenue; loss: price paid;"
            " judgement: satisfaction; talk: +1 or -1; else 0",
        ),
    ),
}


# Of a table whose rows count something: the columns that together name a row. No two rows have the
# same; of a table in DENSE, every row that there can be is there.
KEYS: dict[str, tuple[str, ...]] = {
    "phases": ("day", "segment", "phase"),
    "daily": ("day", "segment"),
    "flows": ("day", "segment", "from_phase", "to_phase"),
    "purchases": ("day", "segment", "offer", "route"),
    "add_ons": ("day", "segment", "offer", "add_on"),
    "losses": ("day", "segment", "competitor", "offer"),
    "touchpoints": ("day", "segment", "phase", "touchpoint"),
    "spend": ("day", "touchpoint"),
    "scores": ("day", "segment", "score"),
    "market": ("day",),
    "cohorts": ("segment", "cohort", "age_months"),
    "customers": ("customer_key",),
}
DENSE = ("phases", "daily", "market", "cohorts", "customers")
# Figures that may lie below 0; all others are counts, money taken or spent, or days.
SIGNED = (
    "margin",
    "new_margin",
    "renewal_margin",
    "satisfaction_sum",
    "quality_sum",
    "satisfaction",
    "value",
    "engagement",
)


def describe() -> list[ColumnInfo]:
    """Every column of every table, in order, for the documentation."""
    return [
        ColumnInfo(
            table,
            field.name,
            "name" if field.type == NAME else str(field.type),
            field.metadata[b"unit"].decode(),
            field.nullable,
            field.metadata[b"meaning"].decode(),
        )
        for table, schema in TABLES.items()
        for field in schema
    ]
