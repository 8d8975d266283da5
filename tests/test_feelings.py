"""What encounters, purchases and time do to what customers feel, and what they do then.

Each rule alone in a small market, against what it comes to by hand or in closed form.
"""

import math
from typing import Any

import numpy as np
import pytest

from sim.engine.day import run_fast
from sim.model.columns import Count
from sim.records.recorder import Records
from sim.theory.bare import CERTAIN_BIAS, Piece, market, phases_by_night
from sim.vocabulary import EventCode, Relationship

ERRORS = 4.0  # standard errors
STORED = 1e-4  # stocks are stored in single precision, and fade by a millionth of a day's part
RELATE = {"relate": {"kind": "relate", "pace_per_day": 0.0}}
AT_ONCE = {"consider": {"pace_per_day": 1.0, "bias": CERTAIN_BIAS}}
NO_WEIGHT = dict.fromkeys(
    ("fit", "price", "trust", "engagement", "experience", "satisfaction", "loyalty"), 0.0
)


def within(found: float, chance: float, of: float) -> bool:
    """Whether a share of `of` independent trials is what its chance says."""
    return abs(found - chance) <= ERRORS * math.sqrt(chance * (1.0 - chance) / of)


def sign(**fields: Any) -> Piece:
    """A touchpoint that everybody meets every day while needing nothing."""
    return {"sign": {"starts": "pull", "reach": {"latent": 1.0}} | fields}


def on_day(day: int) -> dict[str, int]:
    """A flight of one day."""
    return {"start_day": day, "days_on": 1, "days_off": 0}


def owners(
    agents: int, days: int, start: Piece, *, phases: Piece = RELATE, **parts: Any
) -> Records:
    """Everybody owns something and needs nothing."""
    segment = {"start": {"customers": 1.0, **start}, **parts.pop("segment", {})}
    journey = {"shape": "loop", "phases": phases, "behaviour": parts.pop("behaviour", {})}
    return run_fast(
        market("owners", agents, days, journey=journey, segments={"all": segment}, **parts)
    )


def buyers(
    agents: int, days: int, journey: Piece, *, segment: Piece | None = None, **parts: Any
) -> Records:
    """Everybody knows the brand, and a need soon ends in a decision."""
    base: Piece = {"need": {"rate_per_year": 60.0}, "start": {"awareness": 1.0}}
    return run_fast(
        market(
            "buyers",
            agents,
            days,
            journey=journey,
            segments={"all": base | (segment or {})},
            **parts,
        )
    )


# --- encounters ---


def test_what_is_pleasant_every_day_dulls() -> None:
    """Quality .6 is felt as .6 / (1 + k / 2) on day k; trust follows."""
    records = run_fast(
        market(
            "dull",
            3,
            6,
            segments={"all": {"start": {"trust": 0.5}}},
            touchpoints=sign(quality={"mean": 0.6}, habituation=2.0, effects={"trust": 0.1}),
        )
    )
    trust = 0.5
    for seen in range(6):
        trust += 0.1 * 0.6 / (1.0 + seen / 2.0) * (1.0 - trust)
    assert records.customers["trust"] == pytest.approx(trust, abs=1e-5)


def test_messages_move_as_far_as_they_fit() -> None:
    """Overlap of (.4, .6) with needs of (.75, .25): .4 + .25."""
    fit, days = 0.65, 4
    records = run_fast(
        market(
            "fits",
            3,
            days,
            journey={"needs": ["fun", "price"]},
            segments={
                "all": {"need_weights": {"fun": {"mean": 0.75}, "price": {"mean": 0.25}}},
            },
            touchpoints=sign(
                message={"fun": 0.4, "price": 0.6},
                promise=0.8,
                effects={"awareness": 0.2, "engagement": 0.5, "expectation": 0.3},
            ),
        )
    )
    people = records.customers
    assert people["awareness"] == pytest.approx(1.0 - (1.0 - 0.2 * fit) ** days, abs=STORED)
    assert people["engagement"] == pytest.approx(days * 0.5 * fit, abs=STORED)
    expected = 0.8 * (1.0 - (1.0 - 0.3 * fit) ** days)
    assert people["expectation"] == pytest.approx(expected, abs=STORED)


def test_effects_are_those_of_the_phase() -> None:
    """Interest of .5 at home and .2 on the way, counted encounter by encounter."""
    records = run_fast(
        market(
            "in_phases",
            60,
            12,
            panel=1.0,
            segments={"all": {"need": {"rate_per_year": 60.0}}},
            touchpoints=sign(
                reach={"latent": 1.0, "consider": 1.0},
                effects={"engagement": 0.5},
                effects_in={"consider": {"engagement": 0.2}},
            ),
        )
    )
    events = records.events[records.events["event"] == EventCode.ENCOUNTER]
    home, away = (
        np.bincount(events["customer"][events["phase"] == phase], minlength=60) for phase in (0, 1)
    )
    assert home.sum() > 100
    assert away.sum() > 100
    assert records.customers["engagement"] == pytest.approx(0.5 * home + 0.2 * away, abs=1e-3)


def test_owners_are_pleased_hurt_and_won_back() -> None:
    """.5 on day 0, -.4 on day 1, and on day 2 half of what that took is given back."""

    def service(day: int, **fields: Any) -> Piece:
        return {"starts": "pull", "reach": {"relate": 1.0}, "flight": on_day(day)} | fields

    touchpoints = {
        "good": service(0, quality={"mean": 0.5}),
        "bad": service(1, quality={"mean": -0.4}),
        "mend": service(2, effects={"recovery": 0.5}),
    }
    behaviour = {"service_weight": 0.3, "bad_is_stronger": 2.0}
    found = []
    for days in (1, 2, 3):
        records = owners(
            3, days, {"satisfaction": 0.2}, behaviour=behaviour, touchpoints=touchpoints
        )
        people = records.customers[0]
        found.append((float(people["satisfaction"]), float(people["hurt"])))
    pleased = 0.2 + 0.3 * 0.5 * 0.8 / 2.0
    hurt = 0.6 * 0.4 * (1.0 + pleased) / 2.0
    left = (pleased, 0.0), (pleased - hurt, hurt), (pleased - hurt / 2.0, hurt / 2.0)
    assert np.array(found) == pytest.approx(np.array(left), abs=1e-6)


# --- judgement ---


@pytest.mark.parametrize(
    ("performance", "start"),
    [
        (0.8, {"customers": 0.0}),
        (-0.1, {"customers": 1.0, "satisfaction": 0.1, "loyalty": 0.6}),
    ],
)
def test_a_purchase_is_judged_by_hand(performance: float, start: Piece) -> None:
    """A promise of .5 was believed: the judgement is what the product did beyond that.

    Satisfaction goes .4 of the way to it each time, and loyalty half of what satisfaction says.
    """
    everywhere = dict.fromkeys(("latent", "consider", "purchase", "relate"), 1.0)
    records = buyers(
        40,
        40,
        {
            "shape": "loop",
            "phases": AT_ONCE | RELATE,
            "behaviour": {
                "performance_weight": 1.0,
                "satisfaction_speed": 0.4,
                "loyalty_gain": 0.5,
            },
        },
        segment={"start": {"awareness": 1.0, **start}},
        offers={"offer": {"performance": {"mean": performance}}},
        panel=1.0,
        touchpoints=sign(
            reach=everywhere, flight=on_day(0), promise=0.5, effects={"expectation": 1.0}
        ),
    )
    events = records.events[records.events["event"] == EventCode.JUDGEMENT]
    judged = np.bincount(events["customer"], minlength=40)
    assert judged.max() > 3
    for person, times in zip(records.customers, judged, strict=True):
        satisfaction, loyalty = start.get("satisfaction", 0.0), start.get("loyalty", 0.0)
        hurt = 0.0
        for _ in range(times):
            before = satisfaction
            satisfaction += 0.4 * (performance - 0.5 - satisfaction)
            hurt += max(0.0, min(before, 0.0) - satisfaction)
            loyalty += 0.5 * satisfaction * (1.0 - loyalty if satisfaction >= 0.0 else loyalty)
        stored = [float(person[name]) for name in ("satisfaction", "hurt", "loyalty")]
        assert stored == pytest.approx([satisfaction, hurt, loyalty], abs=STORED)


# --- the end of a relation ---


@pytest.mark.parametrize("satisfaction", [0.6, -0.6])
def test_owners_lapse_by_the_day(satisfaction: float) -> None:
    """(1 - p)^t are left, p = 1 - (1 - .03)^exp(-1.5 s)."""
    agents, days = 3000, 15
    records = owners(
        agents,
        days,
        {"satisfaction": satisfaction},
        segment={"lapse": {"per_day": 0.03, "satisfaction_effect": 1.5}},
    )
    kept = 0.97 ** (days * math.exp(-1.5 * satisfaction))
    stayed = (records.customers["relationship"] == Relationship.CUSTOMER).mean()
    assert within(float(stayed), kept, agents)


def test_a_judgement_may_end_it() -> None:
    """At satisfaction .4 the log-odds of stopping are .8 lower: each judgement on its own."""
    records = buyers(
        600,
        30,
        {
            "shape": "loop",
            "phases": AT_ONCE | RELATE,
            "behaviour": {"performance_weight": 1.0, "satisfaction_speed": 1.0},
        },
        segment={"lapse": {"per_purchase": {"mean": 0.3}, "satisfaction_effect": 2.0}},
        offers={"offer": {"performance": {"mean": 0.4}}},
    )
    totals = records.counts.sum(axis=(0, 1))
    judged = float(totals[Count.JUDGEMENTS])
    assert judged > 1500
    chance = 0.3 / (0.3 + 0.7 * math.exp(0.8))
    assert within(totals[Count.LAPSED] / judged, chance, judged)


# --- on the way to a purchase ---


def test_readiness_is_the_sum_of_what_is_felt() -> None:
    """Bias -2, awareness .5, engagement 1.5 of one half, trust 2 of .6: .45."""
    records = run_fast(
        market(
            "ready",
            800,
            20,
            journey={
                "phases": {
                    "consider": {
                        "pace_per_day": 0.6,
                        "bias": -2.0,
                        "weights": {"awareness": 0.5, "engagement": 1.5, "trust": 2.0},
                    }
                }
            },
            segments={
                "all": {
                    "need": {"rate_per_year": 60.0},
                    "start": {"awareness": 1.0, "engagement": 1.0, "trust": 0.6},
                }
            },
        )
    )
    flows = records.flows.sum(axis=1)
    there = phases_by_night(records)[:-1, 1].sum() + flows[:, 0, 1].sum()
    chance = 0.6 / (1.0 + math.exp(-0.45))
    assert there > 1500
    assert within(flows[:, 1, 2].sum() / there, chance, float(there))


def test_feelings_add_to_every_own_offer() -> None:
    """A rival that is the same but for a trust of .5 that counts twice: a logit of 1."""
    records = buyers(
        1000,
        30,
        {"phases": AT_ONCE, "choice": NO_WEIGHT | {"trust": 2.0}},
        segment={"start": {"awareness": 1.0, "trust": 0.5}},
        competitors={"rival": {"offers": {"it": {"price": 0.0}}}},
    )
    totals = records.counts.sum(axis=(0, 1))
    decided = float(totals[Count.PURCHASES] + totals[Count.LOST])
    assert decided > 2500
    assert within(totals[Count.PURCHASES] / decided, 1.0 / (1.0 + math.exp(-1.0)), decided)


@pytest.mark.parametrize("friction", [0.0, 0.5, -1.0])
def test_checkouts_are_abandoned_by_their_friction(friction: float) -> None:
    """.3 exp(friction) of them."""
    records = buyers(
        1000,
        20,
        {"phases": AT_ONCE, "checkout": {"abandon": 0.3, "retry": 0.0}},
        touchpoints=sign(reach={"purchase": 1.0}, effects={"friction": friction}),
    )
    totals = records.counts.sum(axis=(0, 1))
    started = float(totals[Count.CHECKOUTS_STARTED])
    assert started > 1500
    chance = 0.3 * math.exp(friction)
    assert within(totals[Count.CHECKOUTS_ABANDONED] / started, chance, started)


# --- talk ---


@pytest.mark.parametrize(
    ("satisfaction", "advocates", "factor"),
    [(0.5, False, 1.0), (-0.5, False, 1.8), (0.5, True, 2.5)],
)
def test_owners_talk_as_strongly_as_they_feel(
    satisfaction: float, advocates: bool, factor: float
) -> None:
    """.2 a day x |satisfaction|; who is dissatisfied, and who recommends, so much more."""
    agents, days = 3000, 4
    praise = {"praise": {"kind": "advocate"}}
    on = {"relate": {"kind": "relate", "pace_per_day": 1.0, "bias": CERTAIN_BIAS}}
    records = owners(
        agents,
        days,
        {"satisfaction": satisfaction},
        phases=on | praise if advocates else RELATE,
        talk={
            "per_day": 0.2,
            "negative_factor": 1.8,
            "advocate_factor": 2.5,
            "half_life_days": None,
        },
    )
    good, bad = (
        int(records.counts[1:, 0, column].sum())  # on day 0 nobody recommends as an advocate
        for column in (Count.TALKS_POSITIVE, Count.TALKS_NEGATIVE)
    )
    said, unsaid = (good, bad) if satisfaction > 0.0 else (bad, good)
    assert unsaid == 0
    trials = float(agents * (days - 1))
    assert within(said / trials, 0.2 * abs(satisfaction) * factor, trials)


def test_owners_talk_less_with_time() -> None:
    """Half as often every four days."""
    agents, half_life = 3000, 4.0
    records = owners(
        agents, 9, {"satisfaction": 1.0}, talk={"per_day": 0.4, "half_life_days": half_life}
    )
    for day in (0, 4, 8):
        said = records.counts[day, 0, Count.TALKS_POSITIVE] / agents
        assert within(float(said), 0.4 * 0.5 ** (day / half_life), agents), day
