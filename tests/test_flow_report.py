"""The drawings of the flow, and the section about conversion, as the report shows them."""

import re
from functools import cache
from typing import Any

import pytest

from sim.measures.bottlenecks import CHECKOUT, bottlenecks
from sim.measures.conversion import phase_moves
from sim.measures.figure import Undefined
from sim.measures.moves import steps
from sim.model.columns import Count
from sim.pages.blocks import Aside
from sim.pages.charts.drawing import Drawing
from sim.pages.charts.flow import BOX, WIDTH, flow_section
from sim.pages.conversion import conversion_section
from sim.pages.words import numbers
from sim.pages.words.language import speaking
from sim.records.recorder import Records
from sim.runs.run import run
from worlds.by_hand import (
    BUY,
    COMPARE,
    IDLE,
    LOOK,
    OWN,
    PRAISE,
    by_hand,
    nothing_happened,
    unmeasured,
)
from worlds.markets import MARKETS


@cache
def seen(name: str) -> Records:
    return run(MARKETS[name]).records


def texts(drawing: Drawing) -> list[str]:
    return re.findall(r"<text [^>]*>(.*?)</text>", drawing.svg)


def frames(drawing: Drawing) -> list[tuple[str, float, float, float, float]]:
    """Each text with about the left, right, upper and lower edge of its letters, in points."""
    found = []
    for given, text in re.findall(r"<text ([^>]*)>(.*?)</text>", drawing.svg):
        style = dict(re.findall(r"(font-size|text-anchor): ([\w.]+)", given))
        x, y = (float(place) for place in re.findall(r' [xy]="([\d.]+)"', given))
        size = float(style["font-size"].removesuffix("px"))
        wide = 0.55 * size * len(text)  # of common sans-serif letters and figures
        left = x - {"middle": wide / 2, "end": wide}.get(style.get("text-anchor", ""), 0.0)
        found.append((text, left, left + wide, y - 0.7 * size, y))
    return found


def plain(text: str) -> str:
    return text.replace(numbers.SPACE, " ")


def turning() -> Records:
    """A loop in which everything that may be drawn happens."""
    records = nothing_happened(by_hand(population=12_000, agents=12_000))
    flows, counts = records.flows[1, 0], records.counts[1, 0]
    flows[IDLE, LOOK] = 9_000
    flows[LOOK, COMPARE], flows[LOOK, BUY], flows[LOOK, IDLE] = 6_000, 700, 1_100
    flows[COMPARE, BUY], flows[COMPARE, LOOK], flows[COMPARE, IDLE] = 4_000, 300, 1_200
    flows[BUY, OWN], flows[BUY, IDLE] = 2_500, 1_300
    flows[OWN, PRAISE], flows[OWN, LOOK], flows[OWN, BUY], flows[OWN, IDLE] = 800, 410, 220, 330
    flows[PRAISE, LOOK], flows[PRAISE, OWN], flows[PRAISE, IDLE] = 90, 110, 70
    counts[Count.PURCHASES], counts[Count.MARGIN] = 2_500, 25_000_000
    counts[Count.CHECKOUTS_STARTED], counts[Count.CHECKOUTS_ABANDONED] = 4_000, 1_500
    return records


def test_the_loop_shows_every_way_with_its_people() -> None:
    section = flow_section(turning())
    (drawing,) = section.drawings
    found = texts(drawing)
    for number in (
        *("9,000", "6,000", "4,000", "800"),  # on to the next phase
        "700",  # past one
        *("300 back", "110 back"),
        *("1,100", "1,200", "1,300", "330", "70"),  # out
        "2,500 purchases",
        "500 with a new need",  # 410 and 90
        "220",
    ):
        assert number in found, number
    assert found.count("drop off") == 3
    assert found.count("churn") == 2
    assert found.count("by habit") == 1
    assert [name for name in found if name in ("Idle", "Look", "Compare", "Buy", "Own", "Praise")]


def test_arrows_are_as_wide_as_their_people() -> None:
    (drawing,) = flow_section(turning()).drawings
    widths = {float(width) for width in re.findall(r"stroke-width: ([\d.]+)", drawing.svg)}
    for people in (9_000, 6_000, 4_000, 2_500):
        assert any(abs(width - 30.0 * people / 9_000) < 1e-4 for width in widths)


def test_what_does_not_happen_is_not_drawn() -> None:
    records = nothing_happened(by_hand(population=12))
    records.flows[0, 0, IDLE, LOOK] = 5
    found = texts(flow_section(records).drawings[0])
    assert "5" in found
    assert not {"drop off", "churn", "by habit"} & set(found)
    assert not [text for text in found if "purchases" in text or "back" in text]


def test_the_funnel_shows_every_step_and_its_losses() -> None:
    records = seen("stall")
    (drawing,) = flow_section(records).drawings
    found = [plain(text) for text in texts(drawing)]
    for step in steps(records):
        assert plain(numbers.count(step.reached)) in found
        if step.phase:
            assert numbers.name(step.phase) in found
            share = plain(numbers.percent(step.left / step.reached))
            assert f"dropped off ({share})" in found
    assert "Bought" in found


@pytest.mark.parametrize("name", list(MARKETS))
def test_a_drawing_says_in_words_what_it_shows(name: str) -> None:
    (drawing,) = flow_section(seen(name)).drawings
    shape = "Funnel" if seen(name).scenario.journey.shape == "funnel" else "Loop"
    assert drawing.alt.startswith(shape)
    people = seen(name).people_per_agent
    if shape == "Loop":
        for move in phase_moves(seen(name)):
            words = f"{numbers.name(move.phase)}: {numbers.count(move.advanced * people)} advanced"
            assert words in drawing.alt
    assert drawing == flow_section(seen(name)).drawings[0]  # to the byte


KINDS = {
    4: ["latent", "consider", "purchase", "relate"],
    6: ["latent", "consider", "purchase", "relate", "relate", "advocate"],
    8: ["latent", "consider", "consider", "consider", "purchase", "relate", "relate", "advocate"],
    9: ["latent", "latent", *["consider"] * 4, "purchase", "relate", "advocate"],
}


@pytest.mark.parametrize("count", list(KINDS))
def test_boxes_of_any_loop_stand_apart_on_the_page(count: int) -> None:
    from sim.pages.charts.flow import BOX_HIGH, _Loop

    phases = {
        f"p{k}": {"kind": kind, "name_da": "Informationssøgning"}
        for k, kind in enumerate(KINDS[count])
    }
    fields: dict[str, Any] = {"journey": {"phases": phases}, "touchpoints": {}}
    records = nothing_happened(by_hand(**fields))
    loop = _Loop(records)
    places = list(loop.at.values())
    assert len(set(places)) == count
    for k, (x, y) in enumerate(places):
        assert BOX / 2 <= x <= WIDTH - BOX / 2
        assert BOX_HIGH / 2 <= y <= loop.height - BOX_HIGH / 2
        for x2, y2 in places[k + 1 :]:
            # the gap leaves room for a number between two boxes of a column
            assert x != x2 or abs(y - y2) >= BOX_HIGH + 20
    with speaking("da"):
        records = unmeasured(records)
        records.flows[0, 0, 0, KINDS[count].index("consider")] = 3
        found = texts(flow_section(records).drawings[0])
    assert found.count("Informationssøgning") == count


@pytest.mark.parametrize("language", ["en", "da"])
def test_no_text_covers_another_or_leaves_the_page(language: str) -> None:
    funnel = seen("stall")
    with speaking(language):
        for records in (turning(), funnel):
            found = frames(flow_section(records).drawings[0])
            for k, (text, left, right, high, low) in enumerate(found):
                assert left >= -2.0, text
                assert right <= WIDTH + 2.0, text
                for other, left2, right2, high2, low2 in found[k + 1 :]:
                    apart = right <= left2 or right2 <= left or low <= high2 or low2 <= high
                    assert apart, (text, other)


def test_a_run_in_which_nobody_moves_says_so() -> None:
    section = flow_section(nothing_happened(by_hand()))
    assert not section.drawings
    assert "nobody moved" in section.paragraphs[0]


# --- conversion --------------------------------------------------------------------------


def test_bottlenecks_are_drawn_with_their_money_the_largest_first() -> None:
    records = turning()
    section = conversion_section(records)
    drawing = next(each for each in section.drawings if each.name == "bottlenecks")
    rows = [row for row in bottlenecks(records) if row.left]
    assert rows[0].where == CHECKOUT
    places = []
    for row in rows:
        assert not isinstance(row.worth, Undefined)
        name = "Checkout" if row.where == CHECKOUT else numbers.name(row.where)
        words = f"{name} {numbers.money(row.worth, 'DKK')}"
        places.append(drawing.alt.index(words))
    assert places == sorted(places)
    first = plain(next(text for text in section.paragraphs if "costliest" in text))
    assert first.startswith("Checkout is the costliest drop-off: 1,500 checkouts were abandoned")
    assert "Had 10% of them" in first
    assert plain(numbers.money(float(rows[0].worth), "DKK")) in first


def test_the_table_of_phases_is_the_measure_s() -> None:
    records = turning()
    table = conversion_section(records).tables[0]
    for move, row in zip(phase_moves(records), table.rows, strict=True):
        cells = dict(zip(table.head, row, strict=True))
        assert cells["Phase"] == numbers.name(move.phase)
        for head, number in (
            ("Entered", move.entered),
            ("Advanced", move.advanced),
            ("Fell back", move.fell_back),
            ("New need", move.needed),
            ("Dropped off", move.left),
            ("There at end", move.still_there),
        ):
            assert cells[head] == numbers.whole(number)


def test_a_missing_figure_has_the_reason_of_its_own_column() -> None:
    phases, segments, offers = conversion_section(seen_nothing()).tables
    assert phases.caption.endswith(
        " (–: Advance rate: nobody entered it; Advance rate: it is the last phase;"
        " Days: nobody went out of it; Sales gained: no journey has begun that could be left;"
        " Sales gained: nobody dropped off or fell back)"
    )
    assert segments.caption.endswith("whole run (–: no need arose)")
    assert offers.caption.endswith(
        " (–: Share: nobody bought; Share of first purchases: the panel saw 0 first purchases, too"
        " few for a share: 30 are needed)"
    )


def test_a_funnel_has_no_column_of_new_needs_and_no_habit() -> None:
    phases, segments, *_ = conversion_section(seen("stall")).tables
    assert "New need" not in phases.head
    assert {len(row) for row in phases.rows} == {len(phases.head)}
    assert "added during the journey" in segments.caption
    assert "by habit" not in segments.caption


def test_a_loop_says_why_a_stay_has_no_length() -> None:
    assert "–: nobody went out of it." not in how_to_read(turning())
    records = seen_nothing()
    records.flows[1, 0, IDLE, LOOK] = 3
    assert how_to_read(records).endswith(" –: nobody went out of it.")


def how_to_read(records: Records) -> str:
    (note,) = flow_section(records).of(Aside)
    return " ".join(note.paragraphs)


def test_whom_customers_were_lost_to_is_a_table() -> None:
    records = seen("stall")
    tables = {table.fold: table for table in conversion_section(records).tables}
    rows = tables["Losses to competitors"].rows
    lost = records.losses.sum(axis=(0, 1)) * records.people_per_agent
    most_first = sorted(lost.tolist(), reverse=True)
    assert [row[2] for row in rows] == [numbers.whole(people) for people in most_first]


def test_what_cannot_be_told_says_why() -> None:
    words = " ".join(conversion_section(nothing_happened(by_hand())).paragraphs)
    assert "No bottleneck can be ranked" in words
    assert "no touchpoint has 30 journeys" in words
    assert "bottlenecks" not in [d.name for d in conversion_section(seen_nothing()).drawings]


def seen_nothing() -> Records:
    return nothing_happened(by_hand())


@pytest.mark.parametrize("name", list(MARKETS))
def test_the_sections_speak_danish(name: str) -> None:
    with speaking("da"):
        flow, conversion = flow_section(seen(name)), conversion_section(seen(name))
    assert flow.title == "Kunderejsens forløb"
    assert conversion.title == "Frafald og flaskehalse"
    words = [*flow.paragraphs, *conversion.paragraphs]
    words += [text for table in conversion.tables for text in (table.caption, *table.head)]
    words += [text for d in (*flow.drawings, *conversion.drawings) for text in (d.title, d.alt)]
    assert not [text for text in words if re.search(r"\b(the|of|people|left|moved)\b", text)]
