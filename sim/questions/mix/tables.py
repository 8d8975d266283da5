"""Test data for media mix models as Arrow tables: every column with its unit and meaning.

`weekly`: a row a region and week, what a modeller is given. `truth`, `weekly_truth` and
`response_curves`: what a model should have found; `sim.questions.mix.mmm` says what each figure is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from sim.measures.incrementality import Effect, Estimate, interval, ratio_interval
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
    WEEKLY,
    Market,
    MixData,
    Part,
    joined,
)
from sim.records.table import MONEY, PEOPLE
from sim.runs.exports.weekly import DATE, FIXED
from sim.scenario.schema import Scenario

RATIO = "ratio"
TEXT, NUMBER = pa.string(), pa.float64()

# name: (unit, meaning); what a table of weeks begins with and has more than the export `weekly`
REGION_WEEK = {
    "region": ("name", "the market: region_1, region_2, ..."),
    DATE: ("", "first day of the week"),
    "population": (PEOPLE, "people of the region"),
}
PRICES = {
    "own_price": (MONEY, "list price of the firm's offers, mean; it never changes"),
    "competitor_price": (MONEY, "list price of the competitors' offers, mean; it never changes"),
}
OF_MEDIA = {
    "spend": (MONEY, "money spent on the touchpoint"),
    "contacts": ("contacts", "contacts with the touchpoint"),
    "visits": ("visits", "contacts that became a visit: clicks"),
}
KINDS = {
    OBSERVED: "what the table of weeks has",
    BASE_SALES: "without any medium",
    CONTRIBUTION: "what a medium adds",
    INTERACTION: "observed - base - sum of contributions",
}


def _about(meanings: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """The meanings, each followed by those of the ends of its interval."""
    found: dict[str, tuple[str, str]] = {}
    for name, (unit, meaning) in meanings.items():
        found[name] = unit, meaning
        for end in ("low", "high"):
            found[f"{name}_{end}"] = unit, f"{end} end of the 95 % interval of {name}"
    return found


OUTCOMES = {
    "revenue": (MONEY, "revenue of this kind"),
    "purchases": (PEOPLE, "purchases of this kind"),
    "new_customers": (PEOPLE, "first purchases of this kind"),
}
RATIOS = {
    "roas": (RATIO, "revenue / spend that would be saved on all touchpoints"),
    "roas_on_own_spend": (RATIO, "revenue / spend on the medium: what a model estimates"),
    "mroas": (RATIO, "the same as roas, of a tenth more budget"),
    "mroas_on_own_spend": (RATIO, "the same as roas_on_own_spend, of a tenth more budget"),
}
TRUTH = {
    "region": ("name", f"the market; {ALL_REGIONS}: all of them together"),
    "kind": ("name", "; ".join(f"{kind}: {meaning}" for kind, meaning in KINDS.items())),
    "touchpoint": ("name", "the medium of a contribution"),
    "spend": (MONEY, "spend on the medium; of what is observed: on all touchpoints"),
    **_about(OUTCOMES),
    "share": (RATIO, "revenue / observed revenue"),
    **_about(RATIOS),
}
WEEKLY_TRUTH = {
    "region": REGION_WEEK["region"],
    DATE: REGION_WEEK[DATE],
    "kind": TRUTH["kind"],
    "touchpoint": TRUTH["touchpoint"],
    **{name: OUTCOMES[name] for name in ("revenue", "purchases", "new_customers")},
}
CURVES = {
    "region": TRUTH["region"],
    "touchpoint": ("name", "the medium"),
    "factor": (RATIO, "times its budget; 1: as it is"),
    "spend": (MONEY, "spend on the medium"),
    **_about(
        {
            "revenue": (MONEY, "revenue that this much of the medium adds"),
            "purchases": (PEOPLE, "purchases that this much of the medium adds"),
        }
    ),
}
ENDS = frozenset(name for name in TRUTH if name.endswith(("_low", "_high")))
NULLABLE = ENDS | {"touchpoint", "spend", "share", *RATIOS}  # of the truth: where there is none
TEXTS = ("region", "kind", "touchpoint")


def weekly(data: MixData) -> Any:
    """A row a region and week: spend, contacts, visits, sales and controls, as Arrow.

    Money and people are of the region's whole population.
    """
    return pa.concat_tables([_weeks(market) for market in data.markets])


def _weeks(market: Market) -> Any:
    scenario, table = market.region.scenario, market.weekly
    rows = table.num_rows
    more = {
        "region": pa.array([market.region.name] * rows, TEXT),
        "population": pa.array([float(scenario.population)] * rows, NUMBER),
        **{
            name: pa.array([price] * rows, NUMBER)
            for name, price in constant_prices(scenario).items()
        },
    }
    names = [*REGION_WEEK, *FIXED, *constant_prices(scenario)]
    names += [name for name in table.column_names if name not in (DATE, *FIXED)]
    about = REGION_WEEK | PRICES
    fields = [
        pa.field(name, more[name].type, False, _metadata(*about[name]))
        if name in more
        else table.schema.field(name)
        for name in names
    ]
    columns = [more[name] if name in more else table[name] for name in names]
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


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
    """A row a region and kind, and medium if it is a contribution; at last of all regions."""
    rows: list[Mapping[str, Any]] = []
    for market in data.markets:
        rows += _truth_of(market.region.name, data.media, [market])
    if data.markets and data.markets[0].parts:
        rows += _truth_of(ALL_REGIONS, data.media, data.markets)
    return _table(TRUTH, rows, NULLABLE)


def _truth_of(
    name: str, media: Sequence[str], markets: Sequence[Market]
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
        row |= _ends(outcome, interval([found.outcomes[outcome]]))
    return row


def _ratio(part: Effect, whole: float) -> Estimate | None:
    return ratio_interval([part], [whole])


def _joined(
    markets: Sequence[Market], kind: str, medium: str, factor: float | None = None
) -> Found:
    found = [market.of(kind, medium, factor) for market in markets]
    return joined([one for one in found if one is not None])


def _total(markets: Sequence[Market], kind: str) -> dict[str, float]:
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
    return _table(WEEKLY_TRUTH, rows, frozenset({"touchpoint"}))


def _weeks_of_parts(market: Market) -> Iterator[Mapping[str, Any]]:
    dates = market.weekly[DATE].to_pylist()
    for week, date in enumerate(dates):
        for part in market.parts:
            yield _week_of(market.region.name, date, part, week)


def _week_of(region: str, date: Any, part: Part, week: int) -> Mapping[str, Any]:
    row = {"region": region, DATE: date, "kind": part.kind, "touchpoint": part.medium}
    return row | {name: float(part.weeks[name][week]) for name in WEEKLY}


def response_curves(data: MixData) -> Any:
    """A row a region, medium and factor: what so much of its budget adds; at last of all."""
    groups = [(market.region.name, [market]) for market in data.markets if market.found]
    if groups:
        groups.append((ALL_REGIONS, list(data.markets)))
    rows = []
    for name, markets in groups:
        for medium in data.media:
            for factor in FACTORS:
                found = _joined(markets, CURVE, medium, factor)
                row = {"region": name, "touchpoint": medium, "factor": factor}
                row |= {"spend": found.placed}
                for outcome in ("revenue", "purchases"):
                    row |= _ends(outcome, interval([found.outcomes[outcome]]))
                rows.append(row)
    return _table(CURVES, rows)


def _table(
    about: Mapping[str, tuple[str, str]],
    rows: Sequence[Mapping[str, Any]],
    nullable: frozenset[str] = frozenset(),
) -> Any:
    """Rows as a table with these columns; what a row does not have is null."""
    fields, columns = [], []
    for name, (unit, meaning) in about.items():
        kind = TEXT if name in TEXTS else pa.timestamp("ms") if name == DATE else NUMBER
        fields.append(pa.field(name, kind, name in nullable, _metadata(unit, meaning)))
        columns.append(pa.array([row.get(name) for row in rows], kind))
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def _metadata(unit: str, meaning: str) -> dict[str, str]:
    return {"unit": unit, "meaning": meaning}


TABLES: dict[str, Callable[[MixData], Any]] = {
    "weekly": weekly,
    "truth": truth,
    "weekly_truth": weekly_truth,
    "response_curves": response_curves,
}
