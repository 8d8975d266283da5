"""A tentative choice: an offer is picked on the way, and holds as far as there is trust."""

import math
from typing import Any

import numpy as np
import pytest

from sim.engine.day import run_fast
from sim.errors import ScenarioErrors
from sim.reference.market import run_reference
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario
from sim.vocabulary import EventCode
from tools.differences import differences
from worlds.markets import market

SURE = 4.0  # standard errors
SETTLED = {"kind": "consider", "bias": 50.0, "pace_per_day": 1.0}
PREFERRED = 0.7  # chance of the saloon, of two cars
BY_CHANCE = PREFERRED**2 + (1.0 - PREFERRED) ** 2  # that two choices are the same


def cars(trust: float, agents: int = 6000, *, tentative: bool = True, **fields: Any) -> Scenario:
    """Two cars, nobody else's, looked at on one day, tried on the next and bought on the third."""
    appeal = math.log(PREFERRED / (1.0 - PREFERRED))
    start = {"awareness": 1.0, "trust": trust}
    return market(
        name="cars",
        population=agents,
        agents=agents,
        days=12,
        seed=9,
        panel=1.0,
        journey={
            "phases": {
                "home": {"kind": "latent"},
                "look": SETTLED,
                "try": SETTLED | {"tentative": tentative},
                "pay": {"kind": "purchase", "pace_per_day": 1.0},
                "own": {"kind": "relate", "pace_per_day": 0.0},
            },
            "checkout": {"abandon": 0.0},
            "choice": {"waiting": -100.0, "trust": 0.0},
            "behaviour": {"awareness_half_life_days": 1e6},
        },
        segments={"all": {"share": 1.0, "need": {"rate_per_year": 100.0}, "start": start}},
        offers={
            "saloon": {"price": 0.0, "appeal": appeal, "judgement_days": 365},
            "estate": {"price": 0.0, "judgement_days": 365},
        },
        touchpoints={"showroom": {"starts": "pull", "reach": {"look": 0.5}}},
        **fields,
    )


def held(scenario: Scenario) -> tuple[int, int]:
    """Purchases of what was picked, and all purchases after a pick."""
    run = run_fast(scenario, threads=1)
    picked: dict[int, int] = {}
    same = every = 0
    for event in run.events:
        who = int(event["customer"])
        if event["event"] == EventCode.PICKED:
            picked[who] = int(event["offer"])
        elif event["event"] == EventCode.PURCHASE and who in picked:
            every += 1
            same += picked.pop(who) == event["offer"]
    return same, every


@pytest.mark.parametrize("trust", [0.0, 0.4, 1.0])
def test_a_pick_holds_with_trust_and_by_chance(trust: float) -> None:
    """With the chance that is the trust it stands; chosen anew, it is the same by chance."""
    same, every = held(cars(trust))
    chance = trust + (1.0 - trust) * BY_CHANCE
    assert every > 5_000
    assert abs(same / every - chance) <= SURE * math.sqrt(chance * (1.0 - chance) / every)


def test_what_is_picked_is_what_the_choice_would_be() -> None:
    """The shares of the picks are those of the logit, as without a tentative choice."""
    for scenario in (cars(1.0), cars(1.0, tentative=False)):
        run = run_fast(scenario, threads=1)
        bought = run.events[run.events["event"] == EventCode.PURCHASE]
        share = float(np.mean(bought["offer"] == 0))
        error = math.sqrt(PREFERRED * (1.0 - PREFERRED) / len(bought))
        assert abs(share - PREFERRED) < SURE * error


def test_who_picks_a_rivals_offer_may_still_come_back() -> None:
    """Rivals' offers are picked too; with full trust every pick is what is bought."""
    rival = {"other": {"offers": {"hatchback": {"price": 0.0}}}}
    run = run_fast(cars(1.0, competitors=rival), threads=1)
    last: dict[int, tuple[bool, int]] = {}
    kept = lost = 0
    for event in run.events:
        who, code, offer = int(event["customer"]), event["event"], int(event["offer"])
        if code in (EventCode.PICKED, EventCode.COMPETITOR_PICKED):
            last[who] = code == EventCode.PICKED, offer
        elif code in (EventCode.PURCHASE, EventCode.LOST_TO_COMPETITOR) and who in last:
            assert last.pop(who) == (code == EventCode.PURCHASE, offer)
            kept += code == EventCode.PURCHASE
            lost += code == EventCode.LOST_TO_COMPETITOR
    assert kept > 1_000
    assert lost > 1_000


@pytest.mark.parametrize("trust", [0.0, 0.5])
def test_both_engines_pick_and_change_their_mind(trust: float) -> None:
    rival = {"other": {"offers": {"hatchback": {"price": 0.0}}}}
    scenario = cars(trust, 200, competitors=rival)
    assert differences(run_reference(scenario), run_fast(scenario, threads=1)) == []


@pytest.mark.parametrize("phase", ["home", "look", "pay", "own"])
def test_it_is_refused_where_it_has_no_effect(phase: str) -> None:
    with pytest.raises(ScenarioErrors, match="tentative"):
        with_settings(cars(0.5), overrides={f"journey.phases.{phase}.tentative": True})
