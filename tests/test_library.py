"""Every market that ships: it runs, people buy, nothing drifts, and a student can read its file."""

import math
from itertools import takewhile

import pytest

from sim import load_scenario
from sim.engine.day import run_fast
from sim.measures.totals import total
from sim.model.columns import Count
from sim.runs.run import Run, make_manifest
from sim.scenario.library import library_file, library_names
from sim.vocabulary import DAYS_PER_YEAR

DRIFT = 0.1  # of a year's purchases, at most: a market at rest
ERRORS = 4.0


@pytest.mark.parametrize("name", library_names())
def test_a_market_that_ships_is_alive_and_at_rest(name: str) -> None:
    market = load_scenario(name, agents=2_000, days=2 * DAYS_PER_YEAR)
    records = run_fast(market, threads=1)
    bought = records.counts[:, :, Count.PURCHASES] + records.counts[:, :, Count.RENEWALS]
    first, second = (int(bought[day : day + DAYS_PER_YEAR].sum()) for day in (0, DAYS_PER_YEAR))
    assert first > 0
    # purchases of a customer come together: an error is larger than that of single events
    error = ERRORS * math.sqrt(2.0 * (first + second))
    if not any(offer.launch_day for offer in market.offers.values()):
        assert abs(second - first) <= DRIFT * (first + second) / 2 + error
    assert total(records, Count.NEEDS) > total(records, Count.PURCHASES)
    made = Run(market, records, make_manifest(market, "fast", 1, seconds=1.0))
    conversion, score = (
        made.summary["conversion"]["per_need"],
        made.summary["experience"]["recommendation_score"],
    )
    assert 0.0 < conversion < 1.0
    assert score is None or -50.0 < score < 90.0


@pytest.mark.parametrize("name", library_names())
def test_a_file_says_first_what_it_is(name: str) -> None:
    lines = library_file(name).read_text(encoding="utf-8").splitlines()
    head = list(takewhile(lambda line: line.startswith("#"), lines))
    assert len(head) >= 6
    assert "ssum" in "\n".join(lines)  # assumed, assumption: said of the numbers
    market = load_scenario(name)
    assert market.title_da
    assert market.description_da
