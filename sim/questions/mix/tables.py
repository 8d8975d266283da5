"""Test data for media mix models as Arrow tables: every column with its unit and meaning.

`weekly`: a row a region and week, what a modeller is given. `truth`, `weekly_truth` and
`response_curves`: what a model should have found; `sim.questions.mix.mmm` says what each figure is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from sim.measures.incrementality import is_seen
from sim.measures.intervals import Effect, Estimate, interval, ratio_interval
from sim.questions.contrasts import Found
from sim.questions.mix.mmm import (
    ALL_REGIONS,
    BASE_SALES,
    CONTRIBUTION,
    CURVE,
    FACTORS,
    INTERACTION,
    OBSERVED,
    STEP_UP,
    MixData,
    MixPart,
    RegionWeeks,
    joined,
)
from sim.questions.mix.mmm import WEEKLY as OF_WEEKS
from sim.records.table import MONEY, NUMBER, PEOPLE, TEXT, Column, Table
from sim.runs.exports.periods import OF_MARKET, TOUCHPOINT, WEEK, for_touchpoints
from sim.runs.exports.periods import WEEKLY as WEEKS
from sim.scenario.schema import Scenario

RATIO = "ratio"
KINDS = {
    OBSERVED: "what the table of weeks has",
    BASE_SALES: "without any medium",
    CONTRIBUTION: "what a medium adds",
    INTERACTION: "observed - base - sum of contributions",
}


def _number(name: str, unit: str, meaning: str, *, nullable: bool = False) -> Column:
    return Column(name=name, kind=NUMBER, unit=unit, meaning=meaning, nullable=nullable)


def _with_ends(column: Column, *, nullable: bool = False) -> tuple[Column, ...]:
    """A figure and the ends of its interval."""
    name, unit = column.name, column.unit
    ends = (
        _number(f"{name}_{end}", unit, f"{end} end of the 95% CI of {name}", nullable=nullable)
        for end in ("low", "high")
    )
    return column, *ends


DATES = WEEKS.column(WEEK)
REGION = Column(
    name="region", kind=TEXT, unit="name", meaning="the market: region_1, region_2, ..."
)
REGION_OR_ALL = replace(REGION, meaning=f"the market; {ALL_REGIONS}: all of them together")
KIND = Column(
    name="kind",
    kind=TEXT,
    unit="name",
    meaning="; ".join(f"{kind}: {meaning}" for kind, meaning in KINDS.items()),
)
MEDIUM = Column(name="touchpoint", kind=TEXT, unit="name", meaning="the medium")
OF_CONTRIBUTION = replace(MEDIUM, meaning="the medium of a contribution", nullable=True)
OUTCOMES = {
    "revenue": _number("revenue", MONEY, "revenue of this kind"),
    "purchases": _number("purchases", PEOPLE, "purchases of this kind"),
    "new_customers": _number("new_customers", PEOPLE, "first purchases of this kind"),
}
PRICES = (
    _number("own_price", MONEY, "list price of the firm's offers, mean; it never changes"),
    _number(
        "competitor_price", MONEY, "list price of the competitors' offers, mean; it never changes"
    ),
)
OF_MEDIA = {
    "spend": _number(f"{TOUCHPOINT}_spend", MONEY, "money spent on the touchpoint"),
    "contacts": _number(f"{TOUCHPOINT}_contacts", "contacts", "contacts with the touchpoint"),
    "visits": _number(f"{TOUCHPOINT}_visits", "visits", "contacts that became a visit: clicks"),
}
WEEKLY = Table(
    name="weekly",
    meaning="A row a region and week: spend, contacts, visits, sales and controls.",
    columns=(
        REGION,
        DATES,
        _number("population", PEOPLE, "people of the region"),
        *OF_MARKET,
        *PRICES,
        *OF_MEDIA.values(),
    ),
)
TRUTH = Table(
    name="truth",
    meaning="A row a region and kind, and medium if a contribution; the last are of all regions.",
    columns=(
        REGION_OR_ALL,
        KIND,
        OF_CONTRIBUTION,
        _number(
            "spend",
            MONEY,
            "spend on the medium; of what is observed: on all touchpoints",
            nullable=True,
        ),
        *(each for column in OUTCOMES.values() for each in _with_ends(column, nullable=True)),
        _number("share", RATIO, "revenue / observed revenue", nullable=True),
        *(
            each
            for name, meaning in (
                ("roas", "revenue / spend that would be saved on all touchpoints"),
                (
                    "roas_on_own_spend",
                    "revenue / spend on the medium: what a model estimates",
                ),
                ("mroas", "the same as roas, of a tenth more budget"),
                (
                    "mroas_on_own_spend",
                    "the same as roas_on_own_spend, of a tenth more budget",
                ),
            )
            for each in _with_ends(_number(name, RATIO, meaning, nullable=True), nullable=True)
        ),
    ),
)
WEEKLY_TRUTH = Table(
    name="weekly_truth",
    meaning="A row a region, week and kind (and medium): what each part of the sales was.",
    columns=(REGION, DATES, KIND, OF_CONTRIBUTION, *OUTCOMES.values()),
)
CURVES = Table(
    name="response_curves",
    meaning="A row a region, medium and factor: what so much of its budget adds; the last: of all.",
    columns=(
        REGION_OR_ALL,
        MEDIUM,
        _number("factor", RATIO, "times its budget; 1: as it is"),
        _number("spend", MONEY, "spend on the medium"),
        *_with_ends(
            _number("revenue", MONEY, "revenue that this much of the medium adds"), nullable=True
        ),
        *_with_ends(
            _number("purchases", PEOPLE, "purchases that this much of the medium adds"),
            nullable=True,
        ),
    ),
)


def weekly(data: MixData) -> Any:
    """A row a region and week: spend, contacts, visits, sales and controls, as Arrow.

    Money and people are of the region's whole population.
    """
    return pa.concat_tables([_weeks(market) for market in data.markets])


def _weeks(market: RegionWeeks) -> Any:
    scenario, table = market.region.scenario, market.weekly
    rows, prices = table.num_rows, constant_prices(scenario)
    more: dict[str, Any] = {
        REGION.name: market.region.name,
        "population": float(scenario.population),
        **prices,
    }
    columns = tuple(c for c in WEEKLY.columns if c not in PRICES or c.name in prices)
    declared = for_touchpoints(replace(WEEKLY, columns=columns), scenario.touchpoints)
    # the weeks of the run say of a touchpoint's columns what they hold
    fields = [
        table.schema.field(name) if name in table.column_names else declared.column(name).arrow
        for name in declared.names
    ]
    cells = [
        pa.array([more[column.name]] * rows, column.kind)
        if column.name in more
        else table[column.name]
        for column in declared.columns
    ]
    return pa.Table.from_arrays(cells, schema=pa.schema(fields))


def constant_prices(scenario: Scenario) -> dict[str, float]:
    """The mean list price of the firm's offers, and of the competitors' if there are any."""
    rivals = [
        offer.price for rival in scenario.competitors.values() for offer in rival.offers.values()
    ]
    own = [offer.price for offer in scenario.offers.values()]
    found = {"own_price": math.fsum(own) / len(own)}
    if rivals:
        found["competitor_price"] = math.fsum(rivals) / len(rivals)
    return found


def truth(data: MixData) -> Any:
    """A row a region and kind, and medium if a contribution; the last are of all regions."""
    rows: list[Mapping[str, Any]] = []
    for market in data.markets:
        rows += _truth_of(market.region.name, data.media, [market])
    if data.markets and data.markets[0].parts:
        rows += _truth_of(ALL_REGIONS, data.media, data.markets)
    return _table(TRUTH, rows)


def _truth_of(
    name: str, media: Sequence[str], markets: Sequence[RegionWeeks]
) -> Iterator[Mapping[str, Any]]:
    """The rows of one region, or of several as one."""
    if not markets[0].parts:
        return
    observed = _total(markets, OBSERVED)
    for kind in (OBSERVED, BASE_SALES):
        total = _total(markets, kind)
        row: dict[str, Any] = {"region": name, "kind": kind, **total}
        if kind == OBSERVED:
            row["spend"] = math.fsum(
                math.fsum(market.weekly[column].to_pylist())
                for market in markets
                for column in market.weekly.column_names
                if column.endswith("_spend")
            )
        yield row | _share(total["revenue"], observed["revenue"])
    for medium in media:
        whole = _joined(markets, CONTRIBUTION, medium)
        step = _joined(markets, STEP_UP, medium)
        row = {"region": name, "kind": CONTRIBUTION, "touchpoint": medium, "spend": whole.placed}
        row |= _outcomes(whole, observed["revenue"])
        for ratio, one in (("roas", whole), ("mroas", step)):
            gain = one.outcomes["revenue"]
            row |= _ends(ratio, _ratio(gain, one.spend))
            row |= _ends(f"{ratio}_on_own_spend", _ratio(gain, one.placed))
        yield row
    rest = _joined(markets, INTERACTION, INTERACTION)
    row = {"region": name, "kind": INTERACTION}
    yield row | _outcomes(rest, observed["revenue"])


def _outcomes(found: Found, observed: float) -> dict[str, float | None]:
    """The cells of a contrast's outcomes, with their intervals, and its share of the revenue."""
    row = _share(found.outcomes["revenue"].value, observed)
    for outcome in OUTCOMES:
        row |= _amount(outcome, found.outcomes[outcome])
    return row


def _amount(name: str, found: Effect, is_known: bool = False) -> dict[str, float | None]:
    """A part of the sales and its interval; without one where no simulated customer differs.

    The amount stays, as the parts add up to what is observed. `is_known`: nothing else could be, as
    nothing of a medium adds nothing.
    """
    if not is_known and not is_seen([found]):
        return {name: found.value}
    return _ends(name, interval([found]))


def _ratio(part: Effect, whole: float) -> Estimate | None:
    """What a krone brings; none where no simulated customer differs."""
    return ratio_interval([part], [whole]) if is_seen([part]) else None


def _joined(
    markets: Sequence[RegionWeeks], kind: str, medium: str, *, factor: float | None = None
) -> Found:
    found = [market.of(kind, medium, factor) for market in markets]
    return joined([one for one in found if one is not None])


def _total(markets: Sequence[RegionWeeks], kind: str) -> dict[str, float]:
    """The sums over weeks of a part that is no contrast."""
    parts = [part for market in markets for part in market.parts if part.kind == kind]
    return {name: math.fsum(v for part in parts for v in part.weeks[name]) for name in OUTCOMES}


def _share(part: float, observed: float) -> dict[str, float | None]:
    return {"share": part / observed if observed else None}


def _ends(name: str, found: Estimate | None) -> dict[str, float | None]:
    if found is None:
        return {}
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}


def weekly_truth(data: MixData) -> Any:
    """A row a region, week and kind (and medium): what each part of the sales was, by week."""
    rows = [row for market in data.markets for row in _weeks_of_parts(market)]
    return _table(WEEKLY_TRUTH, rows)


def _weeks_of_parts(market: RegionWeeks) -> Iterator[Mapping[str, Any]]:
    dates = market.weekly[WEEK].to_pylist()
    for week, date in enumerate(dates):
        for part in market.parts:
            about = {REGION.name: market.region.name, WEEK: date}
            yield about | _week_of(part, week)


def _week_of(part: MixPart, week: int) -> dict[str, Any]:
    row = {"kind": part.kind, "touchpoint": part.medium}
    return row | {name: float(part.weeks[name][week]) for name in OF_WEEKS}


def response_curves(data: MixData) -> Any:
    """A row a region, medium and factor: what so much of its budget adds; the last: of all."""
    groups = [(market.region.name, [market]) for market in data.markets if market.found]
    if groups:
        groups.append((ALL_REGIONS, list(data.markets)))
    rows = []
    for name, markets in groups:
        for medium in data.media:
            for factor in FACTORS:
                found = _joined(markets, CURVE, medium, factor=factor)
                row = {"region": name, "touchpoint": medium, "factor": factor}
                row |= {"spend": found.placed}
                for outcome in ("revenue", "purchases"):
                    row |= _amount(outcome, found.outcomes[outcome], is_known=factor == 0.0)
                rows.append(row)
    return _table(CURVES, rows)


def _table(table: Table, rows: Sequence[Mapping[str, Any]]) -> Any:
    """Rows as an Arrow table with the columns declared; what a row does not have is null."""
    cells = [pa.array([row.get(c.name) for row in rows], c.kind) for c in table.columns]
    return pa.Table.from_arrays(cells, schema=table.schema)


TABLES: dict[str, Callable[[MixData], Any]] = {
    "weekly": weekly,
    "truth": truth,
    "weekly_truth": weekly_truth,
    "response_curves": response_curves,
}
