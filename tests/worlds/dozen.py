"""A dozen customers, every event forced, and the ledger of what each of them does.

Twelve customers stand for 24 people, over 400 days. Each is the only one of its segment: the
shares of the segments are cut between the draws that assign the customers, whatever the seed.
Chances are 0 or 1, spreads 0, times fixed by flights, delays, subscription periods and by
money that has to be saved up. What a parameter cannot make quite certain (half-lives end at a
million days, log-odds at 10) is so but for a chance of a few in ten thousand. One thing is
left to luck: a need that arises "at once" comes the next day with chance 1 - exp(-1000 / 365),
.94, so only seeds are taken whose draws say so for each need of the ledger.

What people want (a need attribute each) has the utility 133 if it is ours and 100 if it is the
rival's; waiting has 66, our other offers 33, the rival's 0. Gumbel luck bridges 33 once in
10^14 times. Readiness -50 + 100 trust holds customers back in a phase or lets them go on. A
judgement is half performance, half experience, and is the new satisfaction. How one leaves
the phases:

    unaware   latent    at once for aware, with trust 1
    aware     latent
    look      consider  at once, with trust 1, past doubt to weigh
    doubt     consider  gives up at once
    weigh     consider  at once to buy; back to doubt after a bad encounter
    buy       purchase  decides every day
    own       relate    at once to praise, with satisfaction 1
    praise    advocate  back to own after a bad encounter

So who needs something on day d, and trusts, is in look that morning, moves to weigh on day d,
to buy on d + 1, and decides from d + 2 on. The next need arises the day after a journey ends;
none arises in a subscription, whose price is held against the money too. All encounters are
remembered alike, no wish to talk fades, warnings deter nobody, and who waits at closing is served.
The prices: basic 100 (costs 60), plus 200 (120), its wrap 20 (5), its insurance 1000; club 50 (20)
for 30 days; the rival's copy 80.

The ledger. "q" is perceived quality, "s" satisfaction after a judgement, with the answer 0 to
10 (floor(5.5 + 5 s)) and the stars (floor(3.5 + 2 s)). To the end means to day 399.

regular     wants basic, has 100, saves 1 a day. Need 0; site (a visit, q 1) in look on 0 and in
            weigh on 1; buys on 2, judged the same day: .5 x 1 + .5 x 1 = 1 (10, 5 stars), which
            makes loyalty 1. Need 3, by loyalty straight to buy; a catalogue (q 1) there on 100;
            100 saved on 102: buys, s 1 again. Likewise needs 103, 203, 303, catalogues 200,
            300, purchases 202, 302. In buy to the end, a customer.
bargainer   wants basic or the copy, has 100, saves 1 a day. Need 0; site on 0 and 1; buys basic
            on 2: s 1 (10, 5 stars), loyalty 1. Need 3, straight to buy; 80 saved on 82: the
            copy. Likewise needs 83, 163, 243, 323, and copies 162, 242, 322. In buy to the end,
            a customer.
offended    wants basic. Need 0; a call (q -1, bad) in weigh on 1 takes all trust and throws it
            back to doubt; gives up on 2. Need 3: in look to the end, without trust.
hesitant    wants plus or the copy, has 200, saves .25 a day. Need 0; a form (q -.5, bad,
            friction 10) in look on 0; abandons the checkout on 2; a reminder (q .5, friction
            -10) in buy on 3, buys on 3. Judged: peak .5 (of equals the last), end .5, mean 0:
            experience .25; .5 x -1 + .5 x .25 = -.375 (3, 2 stars). Need 4: the form in look on
            4 (bad); recovery (q .25) two days after, in buy on 6. 80 saved on 323: the copy.
            Need 324: form on 324, recovery on 326. In buy to the end, a customer.
member      wants club, has 50, saves .1875 a day: 50 after 267 days. Need 0; site on 0 and 1;
            buys on 2; thanks (q 1) in own on 4; judged on 9: 1 (10, 5 stars). To praise on 10.
            Renews on 32 and 62. Ten times bad support (q -1) on 70 to 79, the first in praise,
            which throws it back to own: satisfaction 1, 0, -.5, -.75 ... -.998. Churns on 92.
            Need 93; site on 93 and 94; in buy from 94 on; buys on 269; thanks on 271; judged
            on 276: 1 (10, 5 stars); to praise on 277; renews on 299, 329, 359, 389.
first       want club, have 50. Need 0; both come to the desk on 2, in buy. Whoever is served
second      second waits an hour: q 0 and 0 - 1 x (1 - .25) = -.75 (bad). Both buy on 2; judged
            on 9: .5 x 1 + .5 x 0 = .5 (8, 4 stars) and .5 x 1 + .5 x -.75 = .125 (6, 3 stars).
            They renew on 32, 62, ... 392, 13 times each. In own to the end. The customer
            called first writes five mails, on 20 to 24, each answered after two hours:
            q 1 - 2 x (1 - .5) = 0.
hasty       wants basic, has 100, saves 1 a day; no trust. Need 0; a brochure (q 1) in look on
            1 gives trust: weigh on 1, buy on 2; comes to the desk on 3, the second run day of
            the same queue day, finds the server busy and leaves at once (q 0, wait 0); buys on
            3. Judged: peak 1, end 0, mean .5: experience .5; .5 + .25 = .75 (9, 5 stars).
            Lapses at each judgement. Needs 4, 104, 204, 304, each time win_back (q 0) in look;
            buys again on 103, 203, 303: experience 0, s .5 (8, 4 stars). In buy to the end.
praiser     a customer from before, satisfied (1): to praise on 0, recommends every day. A
            newsletter (q .5) every 50 days from 10 on: eight. Needs nothing.
friend      wants plus, has 200; neither knows nor trusts. Need 0, stays in look. From 40 on it
            hears friends (q 1): knows (added), trusts, weigh on 40. Reviews in weigh on 41, q
            r = 7/48 (see below); buys on 42. Judged: peak 1, end r, mean (1 + r) / 2:
            experience .5 + .5 r; .5 x -1 + .25 + .25 r = -.25 + 7/192 (4, 3 stars). Need 43:
            friends in look on 43, reviews (q 5/52) in weigh on 44; in buy to the end.
latecomer   wants plus, has 220; knows, no trust. Need 0, stays in look. Search (a visit, q 1)
            in look on 100: trust; weigh on 100, buy on 101; buys on 102, with the wrap; the
            insurance is beyond it. Judged: .5 x -1 + .5 x 1 = 0 (5, 3 stars). Need 103; in buy
            to the end.
idle        needs nothing. A poster (q 1) in unaware on 5: trust, to aware; and in aware on 6.

Rating: 10 reviews of 4.5 stars before; two people post each judgement. By day 41 seven
judgements, 5 + 5 + 2 + 5 + 4 + 3 + 5 = 29 stars: (45 + 58) / (10 + 14) = 103/24, and
(103/24 - 4) / 2 = 7/48. By day 44, with the friend's 3: 109/26, and 5/52.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import count, islice, pairwise
from typing import Any

import pytest

from sim.draws import SETUP_DAY, Draw, u01
from sim.questions.touchpoints.next_krone import try_next_krone
from sim.runs.run import Run, run
from sim.scenario.schema import Scenario
from worlds.markets import market

DAYS = 400
AGENTS, POPULATION = 12, 24
LASTING = 1e6  # days: nothing fades
AT_ONCE = 1000.0  # needs a year: the next one arises tomorrow, with chance ENOUGH
ENOUGH = -math.expm1(-AT_ONCE / 365.0)

# Needs of each customer in the ledger, and the touchpoints that it may meet.
NEEDS = {
    "regular": (0, 3, 103, 203, 303),
    "bargainer": (0, 3, 83, 163, 243, 323),
    "offended": (0, 3),
    "hesitant": (0, 4, 324),
    "member": (0, 93),
    "first": (0,),
    "second": (0,),
    "hasty": (0, 4, 104, 204, 304),
    "praiser": (),
    "friend": (0, 43),
    "latecomer": (0, 103),
    "idle": (),
}
MEETS = {
    "regular": ["site", "catalogue"],
    "bargainer": ["site"],
    "offended": ["call"],
    "hesitant": ["form", "reminder", "recovery"],
    "member": ["site", "thanks", "support"],
    "first": ["desk", "mail"],
    "second": ["desk"],
    "hasty": ["brochure", "desk", "win_back"],
    "praiser": ["newsletter"],
    "friend": ["friends", "reviews"],
    "latecomer": ["search"],
    "idle": ["poster"],
}
CUSTOMERS = tuple(NEEDS)

PHASES: dict[str, dict[str, Any]] = {
    "unaware": {"kind": "latent", "pace_per_day": 1.0, "bias": -50.0, "weights": {"trust": 100.0}},
    "aware": {"kind": "latent"},
    "look": {
        "kind": "consider",
        "pace_per_day": 1.0,
        "bias": -50.0,
        "weights": {"trust": 100.0},
        "skip": 1.0,
    },
    "doubt": {"kind": "consider", "leave_per_day": 1.0},
    "weigh": {"kind": "consider", "pace_per_day": 1.0, "bias": 50.0, "back_after_bad": 1.0},
    "buy": {"kind": "purchase", "pace_per_day": 1.0},
    "own": {
        "kind": "relate",
        "pace_per_day": 1.0,
        "bias": -80.0,
        "weights": {"satisfaction": 100.0},
    },
    "praise": {"kind": "advocate", "back_after_bad": 1.0},
}
WANTS = ("basic", "basic_or_copy", "plus", "plus_or_copy", "club")


def attributes(*wanted: str) -> dict[str, float]:
    """Fits those who want it, and nobody else."""
    return {want: float(want in wanted) for want in WANTS}


OFFERS: dict[str, dict[str, Any]] = {
    "basic": {
        "price": 100.0,
        "unit_cost": 60.0,
        "appeal": 33.0,
        "attributes": attributes("basic", "basic_or_copy"),
        "performance": {"mean": 1.0},
        "judgement_days": 0,
    },
    "plus": {
        "price": 200.0,
        "unit_cost": 120.0,
        "appeal": 33.0,
        "attributes": attributes("plus", "plus_or_copy"),
        "performance": {"mean": -1.0},
        "judgement_days": 0,
        "add_ons": {
            "wrap": {"price": 20.0, "unit_cost": 5.0, "chance": 1.0},
            "insurance": {"price": 1000.0, "chance": 1.0},
        },
    },
    "club": {
        "price": 50.0,
        "unit_cost": 20.0,
        "appeal": 33.0,
        "attributes": attributes("club"),
        "performance": {"mean": 1.0},
        "subscription_days": 30,
        "judgement_days": 7,
    },
}


def once(start: int, days: int = 1) -> dict[str, int]:
    """A flight of so many days."""
    return {"start_day": start, "days_on": days, "days_off": 7300}


RETENTION = {"purpose": "retention"}
REMEMBERED = {"salience": 1.0, "unsubscribe": 0.0}
TOUCHPOINTS: dict[str, dict[str, Any]] = {
    "poster": {
        "starts": "push",
        "control": "paid",
        "reach": {"unaware": 1.0, "aware": 1.0},
        "quality": {"mean": 1.0},
        "effects": {"trust": 1.0},
        "cost": {"per_contact": 2.0},
        "flight": once(5, 2),
    },
    "brochure": {
        "starts": "push",
        "reach": {"look": 1.0},
        "quality": {"mean": 1.0},
        "effects": {"trust": 1.0},
        "cost": {"per_contact": 4.0},
        "flight": once(1),
    },
    "search": {
        "starts": "pull",
        "control": "paid",
        "reach": {"look": 1.0},
        "quality": {"mean": 1.0},
        "effects": {"trust": 1.0},
        "cost": {"per_click": 5.0, "per_order_share": 0.2},
        "budget_per_day": 30.0,
        "flight": once(100, 3),
        "tracking": "click",
        "click_chance": 1.0,
    },
    "site": {
        "starts": "pull",
        "reach": {"look": 1.0, "weigh": 1.0},
        "quality": {"mean": 1.0},
        "cost": {"per_day": 2.5, "per_visit": 0.5},
        "click_chance": 1.0,
    },
    "call": {
        "starts": "push",
        "reach": {"weigh": 1.0},
        "quality": {"mean": -1.0},
        "effects": {"trust": 1.0},
        "cost": {"per_contact": 1.0},
    },
    "form": {
        "starts": "pull",
        "reach": {"look": 1.0},
        "quality": {"mean": -0.5},
        "effects": {"friction": 10.0},
    },
    "reminder": {
        "starts": "triggered",
        "trigger": "checkout_abandoned",
        "reach": {"buy": 1.0},
        "quality": {"mean": 0.5},
        "effects": {"friction": -10.0},
        "cost": {"per_contact": 0.5},
    },
    "friends": {
        "starts": "earned",
        "control": "earned",
        "reach": {"look": 1.0},
        "quality": {"mean": 1.0},
        "personalised": True,
        "effects": {"awareness": 1.0, "trust": 1.0},
        "flight": {"start_day": 40},
    },
    "reviews": {
        "starts": "pull",
        "control": "earned",
        "reach": {"weigh": 1.0},
        "shows_rating": True,
    },
    "desk": {  # opens for a moment, so that all come at the same minute
        "starts": "service",
        "reach": {"buy": 1.0},
        "capacity": {
            "servers": 1,
            "opens_hour": 9.0,
            "closes_hour": 9.000001,
            "service_minutes": 60.0,
            "service_constant": True,
            "overtime": True,
            "comfort": 0.25,
        },
        "flight": once(2, 2),
    },
    "mail": RETENTION
    | {
        "starts": "service",
        "reach": {"own": 1.0},
        "quality": {"mean": 1.0},
        "capacity": {
            "servers": 1,
            "opens_hour": 9.0,
            "closes_hour": 17.0,
            "service_minutes": 0.0,
            "response_minutes": 120.0,
            "comfort": 0.5,
        },
        "cost": {"per_staff_hour": 12.0},
        "flight": once(20, 5),
    },
    "thanks": {
        "starts": "triggered",
        "trigger": "purchase",
        "delay_days": 2,
        "reach": {"own": 1.0},
        "quality": {"mean": 1.0},
        "cost": {"per_contact": 1.5},
    },
    "recovery": RETENTION
    | {
        "starts": "triggered",
        "trigger": "bad_experience",
        "delay_days": 2,
        "audience": "customers",
        "reach": {"buy": 1.0, "own": 1.0},
        "quality": {"mean": 0.25},
        "cost": {"per_contact": 10.0},
    },
    "win_back": RETENTION
    | {
        "starts": "triggered",
        "trigger": "lapse",
        "audience": "lapsed",
        "reach": {"look": 1.0},
        "cost": {"per_contact": 3.0},
    },
    "support": RETENTION
    | {
        "starts": "pull",
        "reach": {"own": 1.0, "praise": 1.0},
        "quality": {"mean": -1.0},
        "flight": once(70, 10),
    },
    "newsletter": RETENTION
    | {
        "starts": "push",
        "audience": "permitted",
        "reach": {"own": 1.0, "praise": 1.0},
        "quality": {"mean": 0.5},
        "cost": {"per_contact": 0.25},
        "flight": {"start_day": 10, "days_on": 1, "days_off": 49},
    },
    "catalogue": RETENTION
    | {
        "starts": "push",
        "audience": "customers",
        "reach": {"buy": 1.0},
        "quality": {"mean": 1.0},
        "cost": {"per_contact": 5.0},
        "flight": {"start_day": 100, "days_on": 1, "days_off": 99},
    },
}


def person(
    name: str,
    wants: str = "basic",
    has: float = 100.0,
    saves: float = 0.0,
    trusts: bool = True,
    knows: bool = True,
    **fields: Any,
) -> dict[str, Any]:
    """The segment of one customer, without its share."""
    start = {"trust": float(trusts), "awareness": float(knows), **fields.pop("start", {})}
    return {
        "need": {"rate_per_year": AT_ONCE if NEEDS[name] else 0.0},
        "need_weights": {wants: {"mean": 1.0}},
        "budget": {"mean": has},
        "income_per_day": {"mean": saves},
        "sociability": {"mean": 0.0},
        "affinities": {
            # talk falls on everybody in proportion: one message a day must reach this one
            touchpoint: (1e6 if touchpoint == "friends" else 1.0) * (touchpoint in MEETS[name])
            for touchpoint in TOUCHPOINTS
        },
        "renewal": {"churn": {"mean": 0.0}},
        "start": start,
        **fields,
    }


PEOPLE = {
    "regular": person("regular", saves=1.0),
    "bargainer": person("bargainer", "basic_or_copy", saves=1.0),
    "offended": person("offended"),
    "hesitant": person("hesitant", "plus_or_copy", has=200.0, saves=0.25),
    "member": person(
        "member",
        "club",
        has=50.0,
        saves=0.1875,
        renewal={"churn": {"mean": 0.5}, "satisfaction_effect": 10.0},
    ),
    "first": person("first", "club", has=50.0),
    "second": person("second", "club", has=50.0),
    "hasty": person(
        "hasty",
        saves=1.0,
        trusts=False,
        patience_minutes={"mean": 0.0},
        lapse={"per_purchase": {"mean": 1.0}},
    ),
    "praiser": person(
        "praiser",
        sociability={"mean": 1.0},
        start={"customers": 1.0, "satisfaction": 1.0, "permission": 1.0},
    ),
    "friend": person("friend", "plus", has=200.0, trusts=False, knows=False),
    "latecomer": person("latecomer", "plus", has=220.0, trusts=False),
    "idle": person("idle", trusts=False),
}


def segment_draws(seed: int) -> list[float]:
    """The draw that assigns each customer to a segment, by key."""
    return [float(u01(seed, int(Draw.SEGMENT), key, SETUP_DAY, 0)) for key in range(AGENTS)]


def keys(seed: int) -> dict[str, int]:
    """The key of each customer of the ledger: the segments stand in the order of the draws."""
    draws = segment_draws(seed)
    by_draw = sorted(range(AGENTS), key=lambda key: draws[key])
    return dict(zip(CUSTOMERS, by_draw, strict=True))


def shares(seed: int) -> dict[str, float]:
    """Shares that put each customer into a segment of its own."""
    ordered = sorted(segment_draws(seed))
    cuts = [(low + high) / 2.0 for low, high in pairwise(ordered)]
    bounds = [0.0, *cuts, 1.0]
    widths = [high - low for low, high in pairwise(bounds)]
    return dict(zip(CUSTOMERS, widths, strict=True))


def all_needs_at_once(seed: int) -> bool:
    """Whether every need of the ledger arises on the first day on which it can."""
    return all(
        u01(seed, int(Draw.NEED), key, SETUP_DAY, number) < ENOUGH
        for name, key in keys(seed).items()
        for number in range(len(NEEDS[name]))
    )


def lucky_seeds() -> Iterator[int]:
    """The seeds for which the ledger holds."""
    return filter(all_needs_at_once, count())


def dozen(seed: int) -> Scenario:
    """The scenario of the ledger, for one of the `lucky_seeds`."""
    part = shares(seed)
    return market(
        name="dozen",
        population=POPULATION,
        agents=AGENTS,
        days=DAYS,
        seed=seed,
        panel=1.0,
        discount_rate_per_year=0.1,
        journey={
            "needs": list(WANTS),
            "phases": PHASES,
            "checkout": {"abandon": 1e-4, "retry": 1.0},
            "choice": {
                "fit": 100.0,
                "waiting": 66.0,
                "subscriptions_by_income": False,
                **dict.fromkeys(
                    ("price", "trust", "engagement", "experience", "satisfaction", "loyalty"), 0.0
                ),
            },
            "behaviour": {
                "awareness_half_life_days": LASTING,
                "loyalty_half_life_days": LASTING,
                "performance_weight": 0.5,
                "satisfaction_speed": 1.0,
                "service_weight": 1.0,
                "loyalty_gain": 1.0,
                "bad_is_stronger": 2.0,
                "bad_threshold": -0.25,
                "bad_takes": 0.0,
                "unserved_penalty": 0.0,
                "wait_penalty_per_hour": 1.0,
                "memory": {"peak": 0.25, "end": 0.25, "mean": 0.5},
            },
        },
        segments={name: {"share": part[name], **PEOPLE[name]} for name in CUSTOMERS},
        offers=OFFERS,
        competitors={
            "rival": {
                "offers": {
                    "copy": {
                        "price": 80.0,
                        "attributes": attributes("basic_or_copy", "plus_or_copy"),
                    }
                }
            }
        },
        touchpoints={name: REMEMBERED | fields for name, fields in TOUCHPOINTS.items()},
        talk={
            "per_day": 1.0,
            "listeners_positive": 1,
            "half_life_days": None,
            "deters": 0.0,
            "sells_unknown": 1.0,
        },
        reviews={"chance": 1.0, "start_rating": 4.5, "start_count": 10, "usual_rating": 4.0},
    )


SEEDS = tuple(islice(lucky_seeds(), 3))
MADE = [("fast", SEEDS[0]), ("reference", SEEDS[0]), ("fast", SEEDS[1]), ("fast", SEEDS[2])]
both = pytest.mark.parametrize(("engine", "seed"), MADE)


@cache
def made(engine: str, seed: int) -> Run:
    """The run, with flow checked against census, and a step up of what can be had more of."""
    found = run(dozen(seed), engine=engine, check=True)
    return replace(found, next_krone=try_next_krone(found, threads=1))


def one() -> Run:
    """One of them: all are alike."""
    return made(*MADE[0])
