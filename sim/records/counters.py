"""The tables of a run that add up over customers: each declared once, and put back into records.

See `sim.records.cells` for what a declaration says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sim.model.columns import (
    BEFORE_START,
    SCORES,
    STARS,
    Cohort,
    Count,
    Integers,
    Touch,
    month_of,
    months_in,
)
from sim.records.cells import (
    Axis,
    Cells,
    Key,
    cell_table,
    counted,
    in_fractions,
    in_money,
    in_money_of_day,
    in_people,
    key_columns,
    measured,
    numbers,
    stored_cells,
    words,
)
from sim.records.names import Names
from sim.records.recorder import Records, end_of_day
from sim.records.table import MONEY, NUMBER, PEOPLE, Made, RunTable, Stored
from sim.vocabulary import DAYS_PER_YEAR, MONTHS_PER_YEAR, NEVER

# --- axes ---


def _add_on_codes(names: Names) -> Integers:
    codes = np.full((len(names.offers), names.most_add_ons, 2), NEVER, dtype=np.int64)
    for o, own in enumerate(names.add_ons):
        for a, name in enumerate(own):
            codes[o, a] = o, names.all_add_ons.index(name)
    return codes.reshape(-1, 2)


def _rival_codes(names: Names) -> Integers:
    codes = [(names.competitors.index(c), names.rival_offers.index(o)) for c, o in names.rivals]
    return np.array(codes, dtype=np.int64).reshape(-1, 2)


SEGMENTS = words("segment", lambda names: names.segments)
PHASES = words("phase", lambda names: names.phases)
FROM_PHASES = words("from_phase", lambda names: names.phases, "phase left")
TO_PHASES = words("to_phase", lambda names: names.phases, "phase entered")
OFFERS = words("offer", lambda names: names.offers)
ROUTE = words("route", lambda names: names.routes, "initial, added or loyalty")
TOUCHPOINTS = words("touchpoint", lambda names: names.touchpoints)
ADD_ONS = Axis(
    (*OFFERS.keys, Key(name="add_on", meaning="add-on of the offer", of=lambda n: n.all_add_ons)),
    _add_on_codes,
    "an add-on of an offer that does not have it",
)
RIVALS = Axis(
    (
        Key(name="competitor", meaning="competitor of the scenario", of=lambda n: n.competitors),
        Key(name="offer", meaning="the competitor's offer", of=lambda n: n.rival_offers),
    ),
    _rival_codes,
    "an offer of a competitor that does not have it",
)
PAIRS = Axis(
    (*PHASES.keys, *TOUCHPOINTS.keys),
    lambda names: np.array(names.pairs, dtype=np.int64).reshape(-1, 2),
    "a touchpoint in a phase where it is not",
)
ANSWERS = Axis(
    (Key(name="score", meaning="answer", kind=pa.int8(), unit="0..10"),),
    numbers(lambda names: SCORES),
)

# --- counters of a day ---

# What a counter is worth, by its unit; of all others it is people.
WORTH = {MONEY: in_money_of_day, "-1..1": in_fractions, "minutes": in_fractions}


def _held(name: str, meaning: str) -> Made:
    """People in a phase; who was there at birth follows from the first evening and its moves."""

    def keep(rows: Cells, stored: Stored) -> None:
        records = rows.records
        held = np.zeros((len(records.flows), *records.start.shape), dtype=np.int64)
        held[rows.place] = stored.whole(name, rows.people)
        first = records.flows[0]
        records.start[...] = held[0] - first.sum(axis=1) + first.sum(axis=2)
        if not np.array_equal(end_of_day(records), held):
            raise ValueError("it is not what the moves in flows lead to")

    return replace(counted(name, end_of_day, meaning), keep=keep)


def _of_day(count: Count, meaning: str, unit: str = PEOPLE, *, signed: bool = False) -> Made:
    """A counter of the day, called as the engines call it."""
    return counted(
        count.name.lower() + ("" if unit in (PEOPLE, MONEY) else "_sum"),
        lambda records: records.counts[..., count],
        meaning,
        unit=unit,
        worth=WORTH.get(unit, in_people),
        signed=signed,
    )


def _met(touch: Touch, unit: str, meaning: str, *, name: str = "", signed: bool = False) -> Made:
    """A counter of touchpoints."""
    return counted(
        name or touch.name.lower(),
        lambda records: records.touch[..., touch],
        meaning,
        unit=unit,
        worth=WORTH.get(unit, in_people),
        signed=signed,
    )


PEOPLE_IN_PHASES = cell_table(
    "phases",
    "People in each phase at the end of each day.",
    axes=(SEGMENTS, PHASES),
    values=(_held("customers", "people in the phase at the end of the day"),),
    of=end_of_day,
    dense=True,
)
OF_DAY = (
    _of_day(Count.NEEDS, "needs that arose: journeys begun"),
    _of_day(
        Count.NEEDS_CONSIDERED, "of these, with the brand in the consideration set from the start"
    ),
    _of_day(Count.NEEDS_LOYAL, "of these, straight to the purchase phase by the loyalty shortcut"),
    _of_day(Count.ADDED, "journeys in which the brand came into the set on the way"),
    _of_day(Count.CHECKOUTS_STARTED, "checkouts started"),
    _of_day(Count.CHECKOUTS_ABANDONED, "checkouts abandoned"),
    _of_day(Count.PURCHASES, "purchases of the firm's offers, without renewals"),
    _of_day(Count.NEW_CUSTOMERS, "purchases by people who were not and had not been customers"),
    _of_day(Count.REACTIVATIONS, "purchases by lapsed customers"),
    _of_day(Count.RENEWALS, "subscription periods paid again"),
    _of_day(Count.CHURNED, "subscribers who did not renew"),
    _of_day(Count.LAPSED, "customers who churned, subscribers included"),
    _of_day(Count.LEFT, "journeys given up without buying anywhere"),
    _of_day(Count.LOST, "journeys that ended in a competitor's purchase"),
    _of_day(Count.WAITED, "decisions to buy nothing that day"),
    _of_day(Count.REVENUE, "revenue: purchases, add-ons and renewals", MONEY),
    _of_day(
        Count.MARGIN,
        "revenue less unit costs (marketing spend is not taken off)",
        MONEY,
        signed=True,
    ),
    _of_day(Count.NEW_REVENUE, "part of the revenue: first purchases of new customers", MONEY),
    _of_day(
        Count.NEW_MARGIN, "part of the margin: first purchases of new customers", MONEY, signed=True
    ),
    _of_day(Count.RENEWAL_REVENUE, "part of the revenue: renewals", MONEY),
    _of_day(Count.RENEWAL_MARGIN, "part of the margin: renewals", MONEY, signed=True),
    _of_day(Count.TALKS_POSITIVE, "times that someone recommended the brand"),
    _of_day(Count.TALKS_NEGATIVE, "times that someone warned against the brand"),
    _of_day(Count.JUDGEMENTS, "purchases judged by their owners"),
    _of_day(Count.SATISFACTION, "satisfaction after each judgement, summed", "-1..1", signed=True),
    _of_day(Count.REVIEWS, "reviews posted"),
    _of_day(Count.STARS, "stars of the reviews posted, summed", "stars"),
    _of_day(Count.MOVED_AWAY, "people who left the market; as many newcomers took their places"),
    _of_day(Count.CUSTOMERS_MOVED, "of these, customers"),
    _of_day(Count.CHANGED_OFFER, "subscription periods paid again, of another offer than before"),
    _of_day(Count.CHURNED_TO_RIVAL, "subscribers who did not renew and went to a competitor"),
)
DAILY = replace(
    cell_table(
        "daily",
        "What happened each day, by segment.",
        axes=(SEGMENTS,),
        values=OF_DAY,
        of=lambda records: records.counts[..., Count.NEEDS],
        dense=True,
    ),
    claims={
        "it has more new customers than purchases": lambda records: bool(
            (records.counts[..., Count.NEW_CUSTOMERS] <= records.counts[..., Count.PURCHASES]).all()
        )
    },
)
FLOWS = cell_table(
    "flows",
    "Moves between phases; only pairs that occurred.",
    axes=(SEGMENTS, FROM_PHASES, TO_PHASES),
    values=(counted("customers", lambda records: records.flows, "people who made the move"),),
    of=lambda records: records.flows,
)
PURCHASES = cell_table(
    "purchases",
    "Purchases by offer and by how the brand came into consideration; only what occurred.",
    axes=(SEGMENTS, OFFERS, ROUTE),
    values=(
        counted("purchases", lambda records: records.purchases, "purchases"),
        counted(
            "revenue",
            lambda records: records.sales,
            "revenue of these, add-ons included",
            unit=MONEY,
            worth=in_money,
        ),
    ),
    of=lambda records: records.purchases,
    total=Count.PURCHASES,
)


def _sold(records: Records) -> Integers:
    """Add-ons sold, (D, S, O x A)."""
    sold: Integers = records.add_ons.reshape(*records.add_ons.shape[:2], -1)
    return sold


ADD_ONS_SOLD = cell_table(
    "add_ons",
    "Add-ons sold; only what occurred.",
    axes=(SEGMENTS, ADD_ONS),
    values=(counted("sold", _sold, "add-ons sold"),),
    of=_sold,
)
LOSSES = cell_table(
    "losses",
    "Journeys that ended in a competitor's purchase; only what occurred.",
    axes=(SEGMENTS, RIVALS),
    values=(counted("customers", lambda records: records.losses, "people lost"),),
    of=lambda records: records.losses,
    total=Count.LOST,
)
ENCOUNTERS = cell_table(
    "touchpoints",
    "Encounters; only those that occurred.",
    axes=(SEGMENTS, PAIRS),
    values=(
        _met(Touch.ENCOUNTERS, "encounters", "customer and touchpoint met, at most once a day"),
        _met(Touch.CONTACTS, "contacts", "contacts, several to an encounter with paid push"),
        _met(Touch.VISITS, "visits", "encounters that became a visit to the firm's place"),
        _met(
            Touch.FIRST_MET, PEOPLE, "people who met the touchpoint for the first time in the run"
        ),
        _met(
            Touch.QUALITY,
            "-1..1",
            "perceived quality (before habituation), summed",
            name="quality_sum",
            signed=True,
        ),
        _met(Touch.BAD, "encounters", "encounters felt as bad"),
        _met(
            Touch.WAIT,
            "minutes",
            "minutes waited, summed; service touchpoints only",
            name="wait_minutes",
        ),
        _met(Touch.GAVE_UP, "encounters", "encounters that ended by leaving the queue"),
        _met(Touch.SENT_HOME, "encounters", "encounters that ended at closing, unserved"),
        _met(
            Touch.SERVICE,
            "minutes",
            "minutes of work on those who were served; service touchpoints only",
            name="service_minutes",
        ),
    ),
    of=lambda records: records.touch[..., Touch.ENCOUNTERS],
)
SPEND = cell_table(
    "spend",
    "Money spent on touchpoints; only days with any.",
    axes=(TOUCHPOINTS,),
    values=(
        measured(
            "spend",
            lambda records: records.spend,
            "money spent, commissions on orders included",
            unit=MONEY,
        ),
        counted(
            "last_visit_revenue",
            lambda records: records.commission,
            "revenue of orders whose last click, direct left out, was here",
            unit=MONEY,
            worth=in_money,
        ),
    ),
    of=lambda records: (records.spend != 0.0) | (records.commission != 0),
)
SCORES_GIVEN = cell_table(
    "scores",
    "Answers 0 to 10 to 'would you recommend us', one a judgement; only those given.",
    axes=(SEGMENTS, ANSWERS),
    values=(
        counted(
            "judgements",
            lambda records: records.scores,
            "judgements with this answer",
            unit="judgements",
        ),
    ),
    of=lambda records: records.scores,
    total=Count.JUDGEMENTS,
)


def _told(name: str, place: int, meaning: str) -> Made:
    return counted(name, lambda records: records.messages[:, place], meaning)


def _reviews(stars: int) -> Made:
    return counted(
        f"reviews_{stars}",
        lambda records: records.stars[:, stars - 1],
        f"reviews with {stars} stars",
        unit="reviews",
    )


MARKET = cell_table(
    "market",
    "What holds for everybody, by day.",
    axes=(),
    values=(
        measured(
            "rating",
            lambda records: records.rating,
            "public rating at the end of the day",
            unit="stars",
        ),
        _told("told_positive", 0, "listeners that were told good things"),
        _told("told_negative", 1, "listeners that were told bad things"),
        *(_reviews(stars) for stars in range(1, STARS + 1)),
    ),
    of=lambda records: records.rating,
    dense=True,
)


# --- ages of cohorts ---


COHORT_AXES = (
    SEGMENTS,
    Axis(  # as counters have it: place 0 is for those from before day 0
        (
            Key(
                name="cohort",
                meaning="month of first purchase; null: before day 0",
                kind=pa.int16(),
                unit="month",
                nullable=True,
            ),
        ),
        numbers(lambda names: months_in(names.scenario.days) + 1),
    ),
    Axis(
        (
            Key(
                name="age_months",
                meaning="whole months since the first purchase",
                kind=pa.int16(),
                unit="months",
            ),
        ),
        numbers(lambda names: months_in(names.scenario.days)),
    ),
)


def _ages(records: Records, names: Names) -> Iterator[Cells]:
    """The ages of cohorts that the run saw, by segment, cohort and age."""
    sizes = [len(axis.codes(names)) for axis in COHORT_AXES]
    segment, cohort, age = (index.ravel() for index in np.indices(sizes))
    seen = _month_of_age(cohort, age) < months_in(records.scenario.days)
    place = segment[seen], cohort[seen], age[seen]
    yield Cells(records=records, names=names, axes=COHORT_AXES, place=place)


def _stored_ages(table: Stored, records: Records, names: Names) -> Cells:
    """The ages that a table names. Raises ValueError if the run was too short for one."""
    found = stored_cells(COHORT_AXES)(table, records, names)
    _, cohort, age = found.place
    if (_month_of_age(cohort, age) >= months_in(names.scenario.days)).any():
        raise ValueError("it has months after the end of the run")
    return found


def _month_of_age(cohort: Integers, age: Integers) -> Integers:
    """The month of the run in which cohorts are of an age."""
    month: Integers = np.maximum(cohort - 1, 0) + age
    return month


def _most_ages(names: Names) -> int:
    months = months_in(names.scenario.days)
    return len(names.segments) * (months + months * (months + 1) // 2)


def cohort_sizes(records: Records) -> Integers:
    """Customers by segment and month of first purchase, (S, M + 1); column 0: before day 0."""
    months = months_in(records.scenario.days)
    first = records.customers["first_day"].astype(np.int64)
    owner = (first >= 0) | (first == BEFORE_START)
    cohort = np.where(first >= 0, 1 + first * MONTHS_PER_YEAR // DAYS_PER_YEAR, 0)
    segments = len(records.scenario.segments)
    place = records.customers["segment"].astype(np.int64) * (months + 1) + cohort
    sizes: Integers = np.bincount(place[owner], minlength=segments * (months + 1))
    return sizes.reshape(segments, months + 1)


def _size_of_cohort(rows: Cells) -> Any:
    segment, cohort, _ = rows.place
    return cohort_sizes(rows.records)[segment, cohort] * rows.people


def _place_of_active(rows: Cells) -> tuple[Integers, ...]:
    segment, cohort, age = rows.place
    return _month_of_age(cohort, age), segment, cohort


def _is_complete(rows: Cells) -> NDArray[np.bool_]:
    _, cohort, age = rows.place
    # whoever bought first on the last day of the month is that age a month later
    last = _month_of_age(cohort, age) + (cohort > 0)
    complete: NDArray[np.bool_] = last < month_of(rows.records.scenario.days)
    return complete


def _of_age(cohort: Cohort, meaning: str, unit: str = PEOPLE, *, signed: bool = False) -> Made:
    """A counter of cohorts."""
    return counted(
        cohort.name.lower(),
        lambda records: records.cohorts[..., cohort],
        meaning,
        unit=unit,
        worth=in_money if unit == MONEY else in_people,
        signed=signed,
    )


COHORTS = RunTable(
    name="cohorts",
    meaning="Customers by month of first purchase and age in months.",
    columns=(
        *key_columns(COHORT_AXES),
        Made(
            name="new_customers",
            kind=NUMBER,
            unit=PEOPLE,
            meaning="size of the cohort: people with their first purchase then",
            fill=_size_of_cohort,
        ),
        counted(
            "customers",
            lambda records: records.active,
            "of these, customers at the end of month cohort + age",
            at=_place_of_active,
        ),
        _of_age(Cohort.PURCHASES, "purchases at this age"),
        _of_age(Cohort.REVENUE, "revenue at this age, renewals included", MONEY),
        _of_age(Cohort.MARGIN, "margin at this age", MONEY, signed=True),
        Made(
            name="complete",
            kind=pa.bool_(),
            meaning="whether the run saw all of this age of all of them",
            fill=_is_complete,
        ),
    ),
    rows=_ages,
    stored=_stored_ages,
    most_rows=_most_ages,
    dense=True,
)

COUNTERS = (
    PEOPLE_IN_PHASES,
    DAILY,
    FLOWS,
    PURCHASES,
    ADD_ONS_SOLD,
    LOSSES,
    ENCOUNTERS,
    SPEND,
    SCORES_GIVEN,
    MARKET,
    COHORTS,
)
