"""An owner whose search ends without a purchase goes back to where its need arose."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.engine.day import run_fast
from sim.model.columns import Count
from sim.model.movement import phase_after_search
from sim.records.recorder import Records
from sim.reference.market import run_reference
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario
from sim.vocabulary import EventCode
from tools.differences import differences
from worlds.markets import MARKETS, market

PHASES = ("home", "aware", "look", "pay", "use", "rave")
HOME, AWARE, LOOK, PAY, USE, RAVE = range(len(PHASES))
SWITCH = "journey.behaviour.owners_go_back"
CERTAIN = 50.0  # a bias of readiness 1
ENGINES = {"fast": lambda scenario: run_fast(scenario, threads=1), "reference": run_reference}


def owners(*, back: bool = True, agents: int = 300, **look: Any) -> Scenario:
    """Owners on day 0, all of whom recommend from day 1 on; with needs, and a rival's free gift."""
    return market(
        name="owners",
        population=agents,
        agents=agents,
        days=60,
        seed=3,
        panel=1.0,
        journey={
            "phases": {
                "home": {"kind": "latent", "pace_per_day": 0.5},
                "aware": {"kind": "latent"},
                "look": {"kind": "consider", "bias": CERTAIN, "pace_per_day": 1.0, **look},
                "pay": {"kind": "purchase", "pace_per_day": 1.0},
                "use": {"kind": "relate", "bias": CERTAIN, "pace_per_day": 1.0},
                "rave": {"kind": "advocate"},
            },
            "checkout": {"abandon": 0.0},
            "choice": {"waiting": -100.0},
            "behaviour": {
                "owners_go_back": back,
                "loyalty_gain": 0.0,
                "awareness_half_life_days": 1e6,
            },
        },
        segments={
            "all": {
                "share": 1.0,
                "need": {"rate_per_year": 40.0},
                "start": {"customers": 1.0, "awareness": 1.0},
            }
        },
        offers={"thing": {"price": 0.0, "appeal": 50.0, "judgement_days": 365}},
        competitors={"rival": {"offers": {"gift": {"price": 0.0}}}},
        touchpoints={"shop": {"starts": "pull", "reach": {"use": 0.5}}},
    )


def mixed() -> Scenario:
    """Half of them owners; searches of days, in which some give up, buy elsewhere or lapse."""
    return with_settings(
        owners(agents=200, leave_per_day=0.2, leave_to_competitor=0.5),
        overrides={
            "journey.phases.look.pace_per_day": 0.4,
            "journey.phases.use.pace_per_day": 0.1,
            "segments.all.start.customers": 0.5,
            "segments.all.lapse.per_day": 0.02,
            "segments.all.lapse.per_purchase.mean": 0.2,
        },
    )


def lived(engine: str, scenario: Scenario) -> Records:
    return ENGINES[engine](scenario)


def moves(run: Records, here: int, there: int) -> NDArray[np.int64]:
    """People who moved from here to there, by day."""
    found: NDArray[np.int64] = run.flows[:, 0, here, there]
    return found


def count(run: Records, column: Count) -> int:
    return int(run.counts[..., column].sum())


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("elsewhere", [0.0, 1.0])
def test_an_owner_who_gives_up_is_where_its_need_arose(engine: str, elsewhere: float) -> None:
    """With chance 1, on the day of the need: day for day as many come back as left."""
    run = lived(engine, owners(leave_per_day=1.0, leave_to_competitor=elsewhere))
    ended = count(run, Count.LOST if elsewhere else Count.LEFT)
    assert count(run, Count.PURCHASES) == 0
    assert ended == count(run, Count.NEEDS) > 1000
    for phase in (USE, RAVE):
        assert (moves(run, LOOK, phase) == moves(run, phase, LOOK)).all()
    assert moves(run, LOOK, RAVE).sum() > 0.9 * ended
    assert moves(run, RAVE, LOOK)[0] == 0  # all are in the first relate phase on day 0
    assert moves(run, USE, LOOK)[2:].sum() == 0  # and nobody is from day 2 on


@pytest.mark.parametrize("engine", ENGINES)
def test_without_it_an_owner_who_gives_up_is_in_the_first_relate_phase(engine: str) -> None:
    run = lived(engine, owners(back=False, leave_per_day=1.0))
    assert moves(run, LOOK, RAVE).sum() == 0
    assert moves(run, LOOK, USE).sum() == count(run, Count.NEEDS) > 1000


@pytest.mark.parametrize("engine", ENGINES)
def test_an_owner_who_buys_is_in_the_first_relate_phase(engine: str) -> None:
    run = lived(engine, owners())
    bought = count(run, Count.PURCHASES)
    assert count(run, Count.LEFT) == count(run, Count.LOST) == 0
    assert moves(run, RAVE, LOOK).sum() > 1000
    assert moves(run, PAY, USE).sum() == bought > 1000
    assert moves(run, PAY, RAVE).sum() == 0


@pytest.mark.parametrize("engine", ENGINES)
def test_it_is_remembered_through_a_long_search(engine: str) -> None:
    """Some buy, some give up, some are prospects: each ends where it must, one by one."""
    run = lived(engine, mixed())
    began: dict[int, int] = {}
    ends = {"bought": 0, "owners": 0, "others": 0}
    owns = {int(row["number"]): bool(row["began_as"] == 1) for row in run.customers}
    bought: set[int] = set()
    for event in run.events:
        who, here, there = (int(event[name]) for name in ("customer", "phase", "to_phase"))
        if event["event"] == EventCode.NEED:
            began[who] = here
        elif event["event"] == EventCode.PURCHASE:
            owns[who] = True
            bought.add(who)
        elif event["event"] == EventCode.LAPSE:
            owns[who] = False
        elif event["event"] == EventCode.MOVE and here in (LOOK, PAY) and there not in (LOOK, PAY):
            phase = began.pop(who)
            if who in bought:
                bought.remove(who)
                ends["bought"] += 1
                assert there == USE
            elif owns[who]:
                ends["owners"] += 1
                assert there == phase
            else:
                ends["others"] += 1
                assert there == HOME
    assert min(ends.values()) > 30, ends


def test_both_engines_go_back_alike() -> None:
    for scenario in (owners(leave_per_day=1.0), owners(), mixed()):
        assert differences(lived("reference", scenario), lived("fast", scenario)) == []


@pytest.mark.parametrize("engine", ENGINES)
def test_a_funnel_knows_no_owners(engine: str) -> None:
    on = with_settings(MARKETS["stall"], overrides={SWITCH: True})
    assert differences(lived(engine, on), lived(engine, MARKETS["stall"])) == []


@pytest.mark.parametrize(
    ("owns", "back", "there"),
    [(False, 0, 0), (False, 1, 0), (True, 0, 4), (True, 1, 5)],
)
def test_where_a_search_leads_that_ends_without_a_purchase(
    owns: bool, back: int, there: int
) -> None:
    assert phase_after_search(owns, back, RAVE, USE, HOME) == there
