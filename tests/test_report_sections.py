"""The journey map, the sentiment curve and the cohorts as the report shows them."""

import re
from functools import cache

import numpy as np
import pytest

from sim.measures.figure import Undefined
from sim.measures.journey_map import Face, by_touchpoint, journey_map
from sim.measures.retention import cohort_table, survival
from sim.model.columns import Count
from sim.pages.pages import make_report
from sim.pages.words import numbers
from sim.records.recorder import Records
from sim.runs.run import Run, run
from sim.vocabulary import FIXED_POINT
from worlds.by_hand import IDLE, OWN, alone, by_hand, nothing_happened, run_of, unmeasured, win
from worlds.markets import LONG_CLUB, MARKETS


@cache
def club() -> Run:
    return run(LONG_CLUB)


@cache
def page(name: str) -> str:
    return make_report(club() if name == "club" else run(MARKETS[name]))


def section(text: str, name: str) -> str:
    return text[text.index(f'<section id="{name}"') :].split("</section>")[0]


def rows_of(text: str, table: str) -> dict[str, list[str]]:
    """The cells of each line of a table, as HTML, by the line's name."""
    body = text[text.index(f'<table class="{table}">') :].split("</table>")[0]
    found = {}
    for line in re.findall(r"<tr>(.*?)</tr>", body.split("<tbody>")[1], re.DOTALL):
        name, *cells = re.split(r"<t[hd][^>]*>", line)[1:]
        found[re.split("<", name)[0]] = [cell.split("</td>")[0] for cell in cells]
    return found


@pytest.mark.parametrize("name", ["town", "stall", "club"])
def test_every_face_and_figure_of_the_map_is_the_measure_s(name: str) -> None:
    records = club().records if name == "club" else run(MARKETS[name]).records
    lines = rows_of(section(page(name), "journey-map"), "map")
    phases = list(records.scenario.journey.phases)
    rows = {(row.phase, row.touchpoint): row for row in journey_map(records)}
    assert list(lines)[-1] == "All touchpoints"
    assert len(lines) == len(records.scenario.touchpoints) + 1
    for own in by_touchpoint(records):
        cells = lines[numbers.name(own.touchpoint)]
        assert len(cells) == len(phases) + 1
        for phase, cell in zip(phases, cells, strict=False):
            row = rows.get((phase, own.touchpoint))
            if row is None:
                assert cell == "–"
            elif isinstance(row.quality, Undefined) or isinstance(row.bad_share, Undefined):
                assert cell == "nobody met it"
            else:
                assert f'href="#face-{row.face}"' in cell
                assert f"</svg>{row.face}</span>" in cell
                assert f">quality {numbers.decimal(row.quality)}<" in cell
                assert f">{numbers.percent(row.bad_share)} bad<" in cell
                queue = not isinstance(row.wait_minutes, Undefined)
                assert (" gave up" in cell) == queue


def test_touchpoints_stand_in_the_order_of_the_journey() -> None:
    late_first = {
        "parcel": {"starts": "pull", "reach": {"own": 0.5}},
        "never": {"starts": "pull", "reach": {"idle": 0.5}},
        "poster": {"starts": "pull", "reach": {"idle": 0.5, "own": 0.5}},
    }
    records = nothing_happened(by_hand(touchpoints=late_first))
    pairs = {(row.phase, row.touchpoint): k for k, row in enumerate(journey_map(records))}
    records = unmeasured(records)
    for pair in (("own", "parcel"), ("idle", "poster"), ("own", "poster")):
        records.touch[0, 0, pairs[pair], 0] = 1
    lines = rows_of(section(make_report(run_of(records)), "journey-map"), "map")
    assert list(lines) == ["Poster", "Parcel", "Never", "All touchpoints"]
    assert IDLE < OWN


def test_each_face_is_drawn_once_and_all_are_explained() -> None:
    text = section(page("town"), "journey-map")
    legend = text[text.index('<ul class="legend">') : text.index("</ul>")]
    for face in Face:
        assert text.count(f'<symbol id="face-{face}"') == 1
        assert f"<b>{face}</b>" in legend


def test_the_sentiment_curve_says_its_figures() -> None:
    records = nothing_happened(by_hand())
    records.touch[0, 0, 0, 0], records.touch[0, 0, 1, 0] = 4, 2
    records.touch[0, 0, 0, 4], records.touch[0, 0, 1, 4] = FIXED_POINT, -FIXED_POINT
    text = section(make_report(run_of(records)), "sentiment")
    assert "encounter is 0.25 before the delivery, −0.50 during it, where" in text
    assert 'aria-label="Mean perceived quality by phase: Look 0.25, Buy −0.50"' in text


def test_what_does_not_apply_says_why() -> None:
    nobody = make_report(run_of(nothing_happened(by_hand())))
    bare = make_report(run_of(nothing_happened(alone())))
    for name in ("journey-map", "sentiment"):
        assert "nobody met a touchpoint in this run" in section(nobody, name)
        assert "no touchpoint that people can meet" in section(bare, name)
        assert "<svg" not in section(bare, name)
    assert "No cohorts are shown: cohorts need" in section(bare, "keeping")
    assert "No reactivation rate is shown: nobody churned" in section(bare, "keeping")
    funnel = section(page("stall"), "keeping")
    assert "No cohorts are shown: a funnel ends at the purchase" in funnel
    assert "<table" not in funnel
    assert "<svg" not in funnel


def test_the_heat_map_shows_every_cohort_at_every_age() -> None:
    lines = rows_of(section(page("club"), "keeping"), "heat")
    rows = cohort_table(club().records)
    assert len(lines) == 6
    for cohort in range(6):
        people, *cells = lines[f"Month {cohort + 1}"]
        mine = [row for row in rows if row.cohort == cohort]
        assert people == numbers.whole(mine[0].new_customers)
        shares = ["–" if isinstance(r.share, Undefined) else f"{r.share * 100:.0f}" for r in mine]
        assert cells == shares


def test_the_survival_curve_says_its_end_and_its_band() -> None:
    last = survival(club().records)[-1]
    text = section(page("club"), "keeping")
    band = numbers.interval(last.low, last.high, numbers.percent)
    assert f"{numbers.percent(last.share)} 5 months later (95% CI {band})" in text


def test_bars_of_churn_rest_on_enough_customers() -> None:
    records = nothing_happened(by_hand(days=122, agents=400))
    win(records, 0, 120)
    for month, still in enumerate((101, 99, 90, 80)):
        records.active[month, 0, 1] = still
    alt = re.search(r'aria-label="(Net churn[^"]*)"', make_report(run_of(records)))
    assert alt is not None
    assert alt[1].replace(numbers.SPACE, " ") == "Net churn by month of tenure: month 1 1.98%"
    records = unmeasured(records)
    records.active[0, 0, 1] = 99
    text = section(make_report(run_of(records)), "keeping")
    assert "Churn is not shown, because fewer than 100" in text


def crowded() -> Records:
    """The most touchpoints and phases there can be, over five and a half years."""
    kinds = ["latent", *["consider"] * 3, "purchase", *["relate"] * 3, "advocate"]
    phases = {f"phase_number_{k}_with_a_long_name": {"kind": kind} for k, kind in enumerate(kinds)}
    reach = dict.fromkeys(phases, 0.1)
    touchpoints = {
        f"touchpoint_{j}_has_one_too": {"starts": "pull", "reach": reach} for j in range(56)
    }
    journey = {"shape": "loop", "phases": phases}
    records = nothing_happened(by_hand(days=2000, touchpoints=touchpoints, journey=journey))
    records.touch[::50, 0, :, 0] = 1 + np.arange(56 * 9) % 7
    records.touch[::50, 0, :, 4] = FIXED_POINT // 10
    for month in range(65):
        win(records, 15 + month * 365 // 12, 7)
        records.active[month, 0, 1:] = 5
    records.counts[9, 0, Count.LAPSED] = 3
    return records


def test_the_largest_report_is_small_and_the_same_each_time() -> None:
    records = crowded()
    text = make_report(run_of(records))
    assert len(text.encode()) < 600_000
    assert text == make_report(run_of(records))
    lines = rows_of(section(text, "keeping"), "heat")
    assert list(lines)[:2] == ["Months 1–3", "Months 4–6"]
    assert len(lines) == 21
    assert lines["Months 1–3"][1:] == ["71"] * 21  # 15 of 21 at every age
    assert len(rows_of(section(text, "journey-map"), "map")) == 57
