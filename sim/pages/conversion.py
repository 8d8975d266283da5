"""Drop-off and bottlenecks, as a section of a report."""

from __future__ import annotations

from collections.abc import Sequence

from sim.measures.bottlenecks import CHECKOUT, SHARE_KEPT, Bottleneck, bottlenecks, went
from sim.measures.conversion import (
    LEAST_JOURNEYS,
    OfferRow,
    PhaseMoves,
    conversion,
    conversion_by_segment,
    offer_table,
    phase_conversion,
    phase_moves,
    route_shares,
    visit_conversion,
)
from sim.measures.figure import Figure, Undefined
from sim.measures.intervals import Estimate
from sim.measures.journeys import conversion_per_need
from sim.measures.leaving import NOWHERE, ReasonRow, gave_up, lost_table, reasons, where_to
from sim.measures.moves import days_in_phase
from sim.pages.blocks import Figures, Section, TableBlock, TableColumn, table
from sim.pages.charts.amounts import advanced_chart, bottlenecks_chart
from sim.pages.charts.render import drawn
from sim.pages.words import numbers
from sim.pages.words.headlines import NONE, why_none
from sim.pages.words.language import prose, say, say_number
from sim.pages.words.names import (
    competitor_name,
    competitor_offer_name,
    offer_name,
    phase_in_text,
    phase_name,
    segment_name,
    touchpoint_name,
)
from sim.records.recorder import Records
from sim.scenario.schema import Scenario
from sim.vocabulary import Shape

MOST_REASONS = 8  # rows of touchpoints that are shown


def conversion_section(records: Records) -> Section:
    """Shares that advanced and what drop-offs cost, as charts; the tables behind them, folded."""
    scenario = records.scenario
    moves = phase_moves(records)
    ranked = bottlenecks(records)
    drawings = [drawn(advanced_chart(moves, scenario))]
    text = _rates(records)
    gains = [row for row in ranked if not isinstance(row.worth, Undefined) and went(row)]
    if gains:
        whole_percent = numbers.whole_percent(SHARE_KEPT)
        title = say("Value of {share} fewer drop-offs", share=whole_percent)
        drawings.append(drawn(bottlenecks_chart(title, gains, scenario)))
        text += _about_worth(gains[0], scenario)
    else:
        text.append(say("No bottleneck can be ranked, because nobody bought or nobody left."))
    text += _where_they_went(records)
    found = reasons(records)
    if not found:
        text.append(prose("report.no_reasons", least=LEAST_JOURNEYS, field="panel"))
    tables = [
        _phase_table(records, moves, {row.where: row for row in ranked}),
        _segment_table(records),
        _offer_table(records),
        _rival_table(records),
    ]
    if found:
        tables.append(_reason_table(scenario, found))
    shown = [table for table in tables if table is not None]
    return Section(
        "conversion", say("Drop-off and bottlenecks"), [*text, Figures(drawings), *shown]
    )


# --- in words ----------------------------------------------------------------------------


def _rates(records: Records) -> list[str]:
    """The three conversion rates, each with what it is a share of."""
    found = (conversion_per_need(records), conversion(records), visit_conversion(records))
    journeys, people, visits = (numbers.cell(one, numbers.percent) for one in found)
    if all(isinstance(one, Undefined) for one in found):
        return []
    return [
        say(
            "Over the whole run, {journeys} of journeys, {visits} of visits and {people} of people"
            " with a need led to a purchase here.",
            journeys=journeys,
            visits=visits,
            people=people,
        )
    ]


def _about_worth(first: Bottleneck, scenario: Scenario) -> list[str]:
    worth, chance = (_number(figure) for figure in (first.worth, first.chance))
    people = numbers.count(went(first))
    if first.where == CHECKOUT:
        text = say_number(
            "Checkout is the costliest drop-off: 1 checkout was abandoned.",
            "Checkout is the costliest drop-off: {people} checkouts were abandoned.",
            first.left,
            people=people,
        )
    else:
        text = say_number(
            "The costliest drop-off is in the {phase} phase: 1 person left or fell back.",
            "The costliest drop-off is in the {phase} phase: {people} people left or fell back.",
            went(first),
            phase=phase_in_text(scenario, first.where),
            people=people,
        )
    return [
        f"{text} "
        + say(
            "Had {share} of them gone on, each would have made {chance} more purchases on average,"
            " and all of them {worth} more margin.",
            share=numbers.whole_percent(SHARE_KEPT),
            chance=numbers.decimal(chance),
            worth=numbers.money(worth, scenario.currency),
        )
    ]


def _number(figure: Figure) -> float:
    return 0.0 if isinstance(figure, Undefined) else figure


def _where_they_went(records: Records) -> list[str]:
    people = gave_up(records)
    lost = sum(row.people for row in lost_table(records))
    if not people + lost:
        return []
    text = [
        say(
            "Of {all} journeys without a purchase here, {gave_up} were abandoned and {lost} ended"
            " at a competitor.",
            all=numbers.count(people + lost),
            gave_up=numbers.percent(people / (people + lost)),
            lost=numbers.percent(lost / (people + lost)),
        )
    ]
    by_phase: dict[str, list[float]] = {}
    for row in where_to(records):
        sums = by_phase.setdefault(row.phase, [0.0, 0.0])
        sums[0] += 0 if row.competitor == NOWHERE else row.stays
        sums[1] = row.of
    if by_phase:
        shares = "; ".join(
            f"{phase_name(records.scenario, phase)} {numbers.percent(rival / of)}"
            for phase, (rival, of) in by_phase.items()
        )
        text.append(
            say(
                "Share lost to a competitor, by the phase of the drop-off: {shares}.",
                shares=shares,
            )
        )
    return [" ".join(text)]


# --- tables ------------------------------------------------------------------------------


def _phase_table(
    records: Records, moves: list[PhaseMoves], worth: dict[str, Bottleneck]
) -> TableBlock:
    people, days, rates = records.people_per_agent, days_in_phase(records), phase_conversion(moves)
    is_loop = records.scenario.journey.shape == Shape.LOOP
    chances = [
        worth[move.phase].chance
        if move.phase in worth
        else Undefined("no journey has begun that could be left")
        for move in moves
    ]
    rows: list[list[numbers.Cell]] = []
    for move, chance in zip(moves, chances, strict=True):
        back = [move.fell_back, *([move.needed] if is_loop else []), move.left]
        rows.append(
            [
                phase_name(records.scenario, move.phase),
                move.entered * people,
                move.advanced * people,
                rates[move.phase],
                days[move.phase],
                *(count * people for count in back),
                chance,
                move.still_there * people,
            ]
        )
    columns = [
        TableColumn(say("Phase")),
        TableColumn(say("Entered"), numbers.whole),
        TableColumn(say("Advanced"), numbers.whole),
        TableColumn(say("Advance rate"), numbers.percent),
        TableColumn(say("Days"), lambda value: numbers.decimal(value, 1)),
        TableColumn(say("Fell back"), numbers.whole),
        *([TableColumn(say("New need"), numbers.whole)] if is_loop else []),
        TableColumn(say("Dropped off"), numbers.whole),
        TableColumn(say("Sales gained"), numbers.percent),
        TableColumn(say("There at end"), numbers.whole),
    ]
    caption = prose("report.phases_table")
    missing = {
        say("Advance rate"): rates.values(),
        say("Days"): days.values(),
        say("Sales gained"): chances,
    }
    return table(caption + why_none(missing), columns, rows, fold=say("Flows by phase"))


def _segment_table(records: Records) -> TableBlock:
    shares = conversion_by_segment(records)
    rows = [[segment_name(records.scenario, name), share] for name, share in shares.items()]
    columns = [TableColumn(say("Segment")), TableColumn(say("Bought"), numbers.percent)]
    caption = prose("report.conversion_by_segment")
    caption += why_none({columns[1].head: shares.values()})
    routes = {
        route: share
        for route, share in route_shares(records).items()
        if not isinstance(share, Undefined)
    }
    if not routes:
        return table(caption, columns, rows, fold=say("Buyer penetration by segment"))
    words = {
        "initial": say("from the start of the journey"),
        "added": say("added during the journey"),
        "loyalty": say("by habit"),
    }
    told = [f"{words[route]} {numbers.percent(share)}" for route, share in routes.items()]
    caption += ". " + say(
        "How the brand entered consideration, share of all purchases: {shares}",
        shares=", ".join(told[: -1 if records.scenario.journey.shape == Shape.FUNNEL else None]),
    )
    return table(caption, columns, rows, fold=say("Buyer penetration by segment"))


def _offer_table(records: Records) -> TableBlock | None:
    found: list[OfferRow] = offer_table(records)
    if not found:
        return None
    scenario = records.scenario
    rows = [
        [
            offer_name(scenario, row.offer),
            row.purchases,
            row.share,
            row.first_share,
            row.revenue,
        ]
        for row in found
    ]
    columns = [
        TableColumn(say("Offer")),
        TableColumn(say("Purchases"), numbers.whole),
        TableColumn(say("Share"), numbers.percent),
        TableColumn(say("Share of first purchases"), numbers.percent),
        TableColumn(say("Revenue, {currency}", currency=scenario.currency), numbers.whole),
    ]
    caption = prose("report.offers_table")
    missing = {
        columns[2].head: [row.share for row in found],
        columns[3].head: [row.first_share for row in found],
    }
    return table(caption + why_none(missing), columns, rows, fold=say("Purchases by offer"))


def _rival_table(records: Records) -> TableBlock | None:
    lost = lost_table(records)
    people = sum(row.people for row in lost)
    if not people:
        return None
    rows: list[list[numbers.Cell]] = [
        [
            competitor_name(records.scenario, row.competitor),
            competitor_offer_name(records.scenario, row.competitor, row.offer),
            row.people,
            row.people / people,
        ]
        for row in sorted(lost, key=lambda row: -row.people)
    ]
    columns = [
        TableColumn(say("Competitor")),
        TableColumn(say("Offer"), words=True),
        TableColumn(say("People"), numbers.whole),
        TableColumn(say("Share"), numbers.percent),
    ]
    return table(
        say("People who bought a competitor's offer instead"),
        columns,
        rows,
        fold=say("Losses to competitors"),
    )


def _reason_table(scenario: Scenario, found: Sequence[ReasonRow]) -> TableBlock:
    rows: list[list[numbers.Cell]] = [
        [
            phase_name(scenario, row.phase),
            touchpoint_name(scenario, row.touchpoint),
            row.bad_left / row.bad,
            row.other_left / row.other,
            numbers.with_interval(Estimate(row.difference, row.low, row.high), _points),
            row.leavers if row.low > 0.0 else None,
        ]
        for row in found[:MOST_REASONS]
    ]
    columns = [
        TableColumn(say("Phase")),
        TableColumn(say("Touchpoint"), words=True),
        TableColumn(say("Drop-off after bad"), numbers.percent),
        TableColumn(say("After other"), numbers.percent),
        TableColumn(say("Difference, pp (95% CI)")),
        TableColumn(say("Drop-offs"), numbers.whole),
    ]
    caption = prose(
        "report.reasons_table",
        sure=sum(row.low > 0.0 for row in found),
        count=len(found),
        none=NONE,
    )
    return table(caption, columns, rows, fold=say("Bad encounters and drop-off"))


def _points(share: float) -> str:
    return numbers.decimal(share * 100.0, 1)
