"""Conversion and bottlenecks, as a section of a report."""

from __future__ import annotations

from collections.abc import Sequence

from sim.measures.bottlenecks import CHECKOUT, SHARE_KEPT, Bottleneck, bottlenecks
from sim.measures.conversion import (
    LEAST_JOURNEYS,
    OfferRow,
    PhaseMoves,
    conversion_by_segment,
    offer_table,
    phase_conversion,
    phase_moves,
    route_shares,
)
from sim.measures.figure import Figure, Undefined
from sim.measures.leaving import NOWHERE, ReasonRow, gave_up, lost_table, reasons, where_to
from sim.measures.moves import days_in_phase
from sim.pages.charts.amounts import advanced_chart, bottlenecks_chart
from sim.pages.charts.render import drawn
from sim.pages.sections import Section, Table
from sim.pages.words import numbers
from sim.pages.words.headlines import NONE, why_none
from sim.pages.words.language import say, say_number
from sim.pages.words.names import (
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
    """Shares that advanced, phases, segments and offers; where people leave, and why."""
    scenario = records.scenario
    moves = phase_moves(records)
    ranked = bottlenecks(records)
    drawings = [drawn(advanced_chart(moves, scenario))]
    text = []
    gains = [row for row in ranked if not isinstance(row.worth, Undefined) and row.left]
    if gains:
        title = say("Margin gained if {share} of the leavers stayed", share=_whole(SHARE_KEPT))
        drawings.append(drawn(bottlenecks_chart(title, gains, scenario)))
        text += _about_worth(gains[0], scenario)
    else:
        text.append(say("No bottleneck can be ranked: nobody bought, or nobody left."))
    text += _where_they_went(records)
    found = reasons(records)
    if not found:
        text.append(
            say(
                "Whether bad encounters go with leaving cannot be told: the panel has no touchpoint"
                " with {least} journeys that met it first in a bad way and {least} others. A larger"
                " panel (the scenario's field {field}) would tell more.",
                least=LEAST_JOURNEYS,
                field="panel",
            )
        )
    tables = [
        _phase_table(records, moves, {row.where: row for row in ranked}),
        _segment_table(records),
        _offer_table(records),
        _rival_table(records),
    ]
    if found:
        tables.append(_reason_table(scenario, found))
    return Section(
        "conversion",
        say("Conversion and bottlenecks"),
        text,
        drawings=drawings,
        tables=[table for table in tables if table is not None],
    )


# --- in words ----------------------------------------------------------------------------


def _about_worth(first: Bottleneck, scenario: Scenario) -> list[str]:
    worth, chance = (_number(figure) for figure in (first.worth, first.chance))
    people = numbers.count(first.left)
    if first.where == CHECKOUT:
        text = say_number(
            "Most would be gained at the checkout: 1 checkout was abandoned.",
            "Most would be gained at the checkout: {people} checkouts were abandoned.",
            first.left,
            people=people,
        )
    else:
        text = say_number(
            "Most would be gained in the {phase} phase: 1 person left it.",
            "Most would be gained in the {phase} phase: {people} people left it.",
            first.left,
            phase=phase_in_text(scenario, first.where),
            people=people,
        )
    return [
        f"{text} "
        + say(
            "Had {share} of them gone on instead, each would have brought {chance} more purchases"
            " on average, and all of them {worth} more margin.",
            share=_whole(SHARE_KEPT),
            chance=numbers.decimal(chance),
            worth=numbers.money(worth, scenario.currency),
        ),
        say(
            "This supposes that those kept would do as the others who were in that phase (the"
            " phases as a Markov chain, with the run's own flows, segment by segment). It flatters"
            " the phases of the search, since those who leave are less ready than those who stay."
            " It counts the next purchase alone, and no cost of the improvement. Abandoned"
            " checkouts lead to leaving the purchase phase, so those two bars overlap."
        ),
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
            "Of {all} journeys that ended without a purchase here, {gave_up} were given up"
            " and {lost} ended at a competitor.",
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
            f"{phase_in_text(records.scenario, phase)} {numbers.percent(rival / of)}"
            for phase, (rival, of) in by_phase.items()
        )
        text.append(
            say(
                "By the phase that they left, a competitor got in the panel: {shares}.",
                shares=shares,
            )
        )
    return [" ".join(text)]


def _whole(share: float) -> str:
    return f"{share * 100.0:.0f}{numbers.SPACE}%"


# --- tables ------------------------------------------------------------------------------


def _phase_table(records: Records, moves: list[PhaseMoves], worth: dict[str, Bottleneck]) -> Table:
    people, days, rates = records.people_per_agent, days_in_phase(records), phase_conversion(moves)
    is_loop = records.scenario.journey.shape == Shape.LOOP
    chances = [
        worth[move.phase].chance
        if move.phase in worth
        else Undefined("no journey has begun that could be left")
        for move in moves
    ]
    rows = []
    for move, chance in zip(moves, chances, strict=True):
        back = [move.fell_back, *([move.needed] if is_loop else []), move.left]
        rows.append(
            [
                phase_name(records.scenario, move.phase),
                numbers.whole(move.entered * people),
                numbers.whole(move.advanced * people),
                _share(rates[move.phase]),
                _figure(days[move.phase], 1),
                *(numbers.whole(count * people) for count in back),
                _share(chance),
                numbers.whole(move.still_there * people),
            ]
        )
    head = [
        say("Phase"),
        say("Entered"),
        say("Advanced"),
        say("Rate"),
        say("Days"),
        say("Fell back"),
        *([say("New need")] if is_loop else []),
        say("Left"),
        say("Chance"),
        say("There at end"),
    ]
    caption = say(
        "How people came into each phase and left it. Rate: advanced (out of the purchase phase:"
        " bought here), of those who entered or were there on day 0. Days: mean length of a stay."
        " Left: gave up, went to a competitor, or stopped being customers. Chance: of a purchase,"
        " for each of them kept"
    )
    missing = {say("Rate"): rates.values(), say("Days"): days.values(), say("Chance"): chances}
    return Table(caption + why_none(missing), head, rows)


def _segment_table(records: Records) -> Table:
    shares = conversion_by_segment(records)
    rows = [[segment_name(records.scenario, name), _share(share)] for name, share in shares.items()]
    head = [say("Segment"), say("Conversion")]
    caption = say("Conversion by segment: people who bought, of those whose need arose")
    caption += why_none({head[1]: shares.values()})
    routes = {
        route: share
        for route, share in route_shares(records).items()
        if not isinstance(share, Undefined)
    }
    if not routes:
        return Table(caption, head, rows)
    words = {
        "initial": say("from the start of the journey"),
        "added": say("added on the way"),
        "loyalty": say("by habit"),
    }
    told = [f"{words[route]} {numbers.percent(share)}" for route, share in routes.items()]
    caption += ". " + say(
        "How the brand came into consideration, of all purchases: {shares}",
        shares=", ".join(told[: -1 if records.scenario.journey.shape == Shape.FUNNEL else None]),
    )
    return Table(caption, head, rows)


def _offer_table(records: Records) -> Table | None:
    found: list[OfferRow] = offer_table(records)
    if not found:
        return None
    scenario = records.scenario
    rows = [
        [
            offer_name(scenario, row.offer),
            numbers.whole(row.purchases),
            _share(row.share),
            _share(row.first_share),
            numbers.whole(row.revenue),
        ]
        for row in found
    ]
    head = [
        say("Offer"),
        say("Purchases"),
        say("Share"),
        say("Share of first"),
        say("Revenue, {currency}", currency=scenario.currency),
    ]
    caption = say(
        "What was bought. Share of first: of people's first purchases, in the panel. Revenue:"
        " with add-ons, without renewals"
    )
    missing = {head[2]: [row.share for row in found], head[3]: [row.first_share for row in found]}
    return Table(caption + why_none(missing), head, rows)


def _rival_table(records: Records) -> Table | None:
    lost = lost_table(records)
    people = sum(row.people for row in lost)
    if not people:
        return None
    rows = [
        [
            numbers.name(row.competitor),
            numbers.name(row.offer),
            numbers.whole(row.people),
            numbers.percent(row.people / people),
        ]
        for row in sorted(lost, key=lambda row: -row.people)
    ]
    head = [say("Competitor"), say("Offer"), say("People"), say("Share")]
    return Table(say("To whom customers were lost"), head, rows, [say("Offer")])


def _reason_table(scenario: Scenario, found: Sequence[ReasonRow]) -> Table:
    rows = [
        [
            phase_name(scenario, row.phase),
            touchpoint_name(scenario, row.touchpoint),
            numbers.percent(row.bad_left / row.bad),
            numbers.percent(row.other_left / row.other),
            f"{_points(row.difference)} ({_points(row.low)}; {_points(row.high)})",
            numbers.whole(row.leavers) if row.low > 0.0 else NONE,
        ]
        for row in found[:MOST_REASONS]
    ]
    head = [
        say("Phase"),
        say("Touchpoint"),
        say("Left after bad"),
        say("after other"),
        say("Points more (95 %)"),
        say("Leavers"),
    ]
    caption = say(
        "Do bad encounters go with leaving? Share of the panel's stays that ended in leaving, after"
        " a bad first encounter there and after any other, and the difference in points with its"
        " 95 % interval. {sure} of {count} differ by more than luck explains ({none}: it may be"
        " luck); of many, one in forty does by luck alone. An association, not an effect."
        " Leavers: people behind the difference",
        sure=sum(row.low > 0.0 for row in found),
        count=len(found),
        none=NONE,
    )
    return Table(caption, head, rows, [say("Touchpoint")])


def _share(figure: Figure) -> str:
    return NONE if isinstance(figure, Undefined) else numbers.percent(figure)


def _figure(figure: Figure, digits: int) -> str:
    return NONE if isinstance(figure, Undefined) else numbers.decimal(figure, digits)


def _points(share: float) -> str:
    return numbers.decimal(share * 100.0, 1)
