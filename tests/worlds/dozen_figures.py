"""The figures of the dozen, worked out by hand from the ledger in `worlds.dozen`.

All numbers here are those of the ledger, or small sums of them. One simulated customer stands
for two people. The months begin on days 0, 31, 61, 92, 122, 153, 183, 213, 244, 274, 305, 335,
365 and 396: thirteen whole months and a part of the fourteenth.
"""

import math
from typing import Any

from tools.projection import projected_margins
from worlds.dozen import CUSTOMERS, DAYS, NEEDS

MONTH = 365 / 12  # days
PEOPLE = 2  # that a customer stands for
RATING = 7 / 48, 5 / 52  # quality of the reviews that the friend reads

PURCHASES = {
    "regular": (2, 102, 202, 302),
    "bargainer": (2,),
    "hesitant": (3,),
    "member": (2, 269),
    "first": (2,),
    "second": (2,),
    "hasty": (3, 103, 203, 303),
    "friend": (42,),
    "latecomer": (102,),
}
RENEWALS = {
    "member": (32, 62, 299, 329, 359, 389),
    "first": tuple(range(32, 400, 30)),
    "second": tuple(range(32, 400, 30)),
}
LOSSES = {"bargainer": (82, 162, 242, 322), "hesitant": (323,)}
LAPSES = {"member": (92,), "hasty": (3, 103, 203, 303)}
ABANDONED = {"hesitant": (2,)}
TALKS = {"praiser": tuple(range(DAYS))}
SATISFACTION = {
    "regular": {2: 1.0, 102: 1.0, 202: 1.0, 302: 1.0},
    "bargainer": {2: 1.0},
    "hesitant": {3: -0.375},
    "member": {9: 1.0, 276: 1.0},
    "hasty": {3: 0.75, 103: 0.5, 203: 0.5, 303: 0.5},
    "friend": {42: -0.25 + 7 / 192},
    "latecomer": {102: 0.0},
}
# (customer, touchpoint, phase): {day: quality}, but for the desk and the mails
MET = {
    ("regular", "site", "look"): {0: 1.0},
    ("regular", "site", "weigh"): {1: 1.0},
    ("regular", "catalogue", "buy"): {100: 1.0, 200: 1.0, 300: 1.0},
    ("bargainer", "site", "look"): {0: 1.0},
    ("bargainer", "site", "weigh"): {1: 1.0},
    ("offended", "call", "weigh"): {1: -1.0},
    ("hesitant", "form", "look"): {0: -0.5, 4: -0.5, 324: -0.5},
    ("hesitant", "reminder", "buy"): {3: 0.5},
    ("hesitant", "recovery", "buy"): {6: 0.25, 326: 0.25},
    ("member", "site", "look"): {0: 1.0, 93: 1.0},
    ("member", "site", "weigh"): {1: 1.0, 94: 1.0},
    ("member", "thanks", "own"): {4: 1.0, 271: 1.0},
    ("member", "support", "praise"): {70: -1.0},
    ("member", "support", "own"): dict.fromkeys(range(71, 80), -1.0),
    ("hasty", "brochure", "look"): {1: 1.0},
    ("hasty", "desk", "buy"): {3: 0.0},
    ("hasty", "win_back", "look"): {4: 0.0, 104: 0.0, 204: 0.0, 304: 0.0},
    ("praiser", "newsletter", "praise"): dict.fromkeys(range(10, 400, 50), 0.5),
    ("friend", "friends", "look"): {40: 1.0, 43: 1.0},
    ("friend", "reviews", "weigh"): {41: RATING[0], 44: RATING[1]},
    ("latecomer", "search", "look"): {100: 1.0},
    ("idle", "poster", "unaware"): {5: 1.0},
    ("idle", "poster", "aware"): {6: 1.0},
}
SECOND_WAITED = {("first", "desk", "buy"): {2: 0.0}, ("second", "desk", "buy"): {2: -0.75}}
MAILS = {("first", "mail", "own"): dict.fromkeys(range(20, 25), 0.0)}

# The summary.


def worth(by_age: dict[int, float]) -> float:
    """Margins at ages in months, discounted at 10 % a year."""
    return sum(margin * 1.1 ** (-age / 12) for age, margin in by_age.items())


EVERY_MONTH = {0: 60.0} | dict.fromkeys(range(1, 13), 30.0)  # two payments in the first
QUARTERLY = dict.fromkeys((0, 3, 6, 9), 40.0)  # 100, 200 and 300 days after the first
# what each brought at each age in months
BROUGHT: dict[str, dict[int, float]] = {
    "regular": QUARTERLY,
    "bargainer": {0: 40.0},
    "hesitant": {0: 80.0},
    "member": {0: 60.0, 1: 30.0, 8: 30.0, 9: 30.0, 10: 30.0, 11: 30.0, 12: 30.0},
    "first": EVERY_MONTH,
    "second": EVERY_MONTH,
    "hasty": QUARTERLY,
    "friend": {0: 80.0},
    "latecomer": {0: 95.0},
}
FIRST_ORDER = {
    "regular": 40.0,
    "bargainer": 40.0,
    "hesitant": 80.0,
    "member": 30.0,
    "first": 30.0,
    "second": 30.0,
    "hasty": 40.0,
    "friend": 80.0,
    "latecomer": 95.0,
}
# on the two people that each customer stands for: the poster's 8 and the call's 2 won nobody;
# the site's 400 x 2.5 + 8 x 2 x .5 = 1008 go by visits, of which the member made half
WON_FOR = {
    "regular": 252.0,
    "bargainer": 252.0,
    "hesitant": 1.0,
    "member": 504.0,
    "first": 0.0,
    "second": 0.0,
    "hasty": 8.0,
    "friend": 0.0,
    "latecomer": 90.0,
}
ACQUISITION = 8 + 8 + 90 + 1008 + 2 + 1  # poster, brochure, search, site, call, reminder
RETENTION = 480 + 40 + 24 + 4 + 30  # mail, recovery, win_back, newsletter, catalogue
DELIVERY = 6  # thanks, which a purchase triggers
NEW = 9 * PEOPLE
BY_AGE = [555, 90, 60, 140, 60, 60, 140, 60, 90, 170, 90, 90, 90]  # the sums of `BROUGHT`
CUSTOMER_MONTHS = 7 + 8 * 7 + 9 * 6  # at the ends of months 0, 1 to 7, 8 to 13


def projections() -> dict[str, float]:
    """Value over 36 months of a customer of each segment, but for the member."""
    back = 3 / 397 * MONTH  # hasty: lapsed from day 3 on, bought thrice
    later = {11 + n: 40.0 * back * (1 - back) ** n for n in range(1, 25)}
    return {
        # ages 12 to 35: the average of ages 2 to 11, as they stay
        "regular": worth(QUARTERLY | dict.fromkeys(range(12, 36), 12.0)),
        "first": worth(EVERY_MONTH | dict.fromkeys(range(12, 36), 30.0)),
        "second": worth(EVERY_MONTH | dict.fromkeys(range(12, 36), 30.0)),
        "hasty": worth(QUARTERLY | later),
        "bargainer": 40.0,
        "hesitant": 80.0,
        "friend": 80.0,
        "latecomer": 95.0,
    }


def projected() -> float:
    """Value over 36 months of a new customer, from the ledger's counts of all of them."""
    margins = projected_margins(
        won=[9] * 9 + [8, 8, 7],
        margin=[float(margin) for margin in BY_AGE[:12]],
        active=[8, 8, 8, 7, 7, 7, 7, 7, 8, 7, 7, 6],
        before=[9, 8, 8, 8, 7, 7, 7, 7, 7, 7, 7, 6],
        # four came back; the member lapsed for 177 days, hasty for 397
        back=4 / 574 * MONTH,
        order=(6 * 40 + 30) / 7,
        period=1,
    )
    return worth(dict(enumerate(margins)))


def touched(
    encounters: int,
    spend: float,
    quality: float,
    bad: int = 0,
    visits: int = 0,
    wait: float = 0.0,
) -> dict[str, float]:
    """A touchpoint's figures, from simulated encounters and the sum of their quality."""
    return {
        "encounters": PEOPLE * encounters,
        "contacts": PEOPLE * encounters,
        "visits": PEOPLE * visits,
        "spend": spend,
        "quality": quality / encounters,
        "bad_share": bad / encounters,
        "wait_minutes": wait / encounters,
    }


def of_journeys() -> dict[str, float]:
    """Conversion of the 29 journeys: 20 began in look, 9 in buy; 1 and 6 are there at the end.

    16 of 21 bought that went out of buy; 18 of 19 went on from weigh, 1 to doubt and so nowhere;
    all 19 that went out of look came to weigh.
    """
    buy = 16 / 21
    weigh = look = 18 / 19 * buy
    conversion = (20 * look + 9 * buy) / 29
    # squares of what a move changes, times (visits expected / times that somebody went out)^2
    error = (20 / 19) ** 2 * (18 * (buy - weigh) ** 2 + weigh**2)
    error += ((20 * 18 / 19 + 9) / 21) ** 2 * (16 * (1 - buy) ** 2 + 5 * buy**2)
    error += 20 * (look - conversion) ** 2 + 9 * (buy - conversion) ** 2
    # purchases per customer: 0 three times, 1 six times, 2, 4, 4; mean 16 / 12
    error *= (6 + 4 + 16 + 16) / 16 - 16 / 12
    error += (0.25 * (1 * look + 6 * buy)) ** 2
    level = math.log(-math.log(1 - conversion))
    half = 1.959963984540054 * math.sqrt(error) / 29 / (1 - conversion)
    half /= -math.log(1 - conversion)
    low, high = (1 - math.exp(-math.exp(level + side * half)) for side in (-1, 1))
    return {
        "per_need": conversion,
        "per_need_low": low,
        "per_need_high": high,
        "under_way": 7 / 29,
    }


def bottleneck(left: float, chance: float | None, margin: float) -> dict[str, float | None]:
    return {"left": left, "chance": chance, "worth": margin}


def of_phase(
    left: float, chance: float | None, margin: float, fell_back: float = 0
) -> dict[str, float | None]:
    return {**bottleneck(left, chance, margin), "fell_back": fell_back}


NOTHING = of_phase(0.0, None, 0.0)


def by_hand() -> dict[str, Any]:
    """All figures of the summary but those of the machine."""
    cac, keeping = ACQUISITION / NEW, RETENTION / (CUSTOMER_MONTHS / 14 * PEOPLE * DAYS / 365)
    value = projected()
    no_value = dict.fromkeys(
        ("cac", "first_order_margin", "clv_realised", "clv_projected", "clv_cac_ratio")
    )
    by_segment: dict[str, dict[str, float | None]] = {name: dict(no_value) for name in CUSTOMERS}
    for name, first in FIRST_ORDER.items():
        own, future = WON_FOR[name] / PEOPLE, projections().get(name)
        by_segment[name] = {
            "cac": own,
            "first_order_margin": first,
            "clv_realised": worth(BROUGHT[name]),
            "clv_projected": future,
            "clv_cac_ratio": future / own if own and future is not None else None,
        }
    return {
        "scenario": "dozen",
        "agents": 12,
        "population": 24,
        "days": 400,
        "currency": "DKK",
        "conversion": {
            "overall": 9 / 10,  # the praiser and the idle need nothing, the offended never buys
            **of_journeys(),
            "by_phase": {
                "unaware": 17 / 17,
                "aware": 0 / 1,
                "look": 19 / 20,
                "doubt": 0 / 1,
                "weigh": 18 / 19,
                "buy": 16 / 27,
                "own": 3 / 23,
                "praise": None,
            },
            "by_segment": {
                name: (1.0 if name in PURCHASES else 0.0) if NEEDS[name] else None
                for name in CUSTOMERS
            },
            "by_offer": {
                "basic": {"purchases": 18, "share": 9 / 16, "revenue": 1800},
                "plus": {"purchases": 6, "share": 3 / 16, "revenue": 1240},  # with two wraps
                "club": {"purchases": 8, "share": 4 / 16, "revenue": 400},
            },
            "by_route": {"initial": 12 / 16, "added": 1 / 16, "loyalty": 3 / 16},
            "checkout_abandonment": 1 / 17,
            "visit_conversion": 16 / 9,  # loyalty needs no visit
            # nights / times somebody went out
            "days_in_phase": {
                "unaware": (1 + 1 + 4 + 5) / 17,  # offended, member, hasty, idle
                "aware": None,
                "look": (397 + 1 + 40 + 100) / 19,  # offended, hasty, friend, latecomer
                "doubt": 1 / 1,
                "weigh": 19 / 19,
                "buy": (395 + 394 + 395 + 176 + 1 + 1 + 390 + 357 + 297) / 21,
                "own": (4 + 5 + 2 + 38 + 398 + 398 + 1 + 1) / 21,
                "praise": (183 + 400) / 1,
            },
            "leaving": {
                "by_phase": {"look": 0, "doubt": 2, "weigh": 0, "buy": 10, "own": 10, "praise": 0},
                "gave_up": 2,
                "to_competitor": {"rival": {"copy": 10}},
            },
            "bottlenecks": {
                "by_phase": {
                    "look": NOTHING,
                    "doubt": of_phase(2, 0.0, 0.0),
                    "weigh": of_phase(
                        0, 0.0, 0.0, fell_back=2
                    ),  # the offended, for whom nothing is gained
                    # the bargainer's four end in a purchase of 40 with chance 1 / 5, the
                    # hesitant's one in a purchase of 80 with chance 1 / 2
                    "buy": of_phase(
                        10,
                        (4 * 0.2 + 1 * 0.5) / 5,
                        0.1 * PEOPLE * (4 * 0.2 * 40 + 1 * 0.5 * 80),
                    ),
                    # hasty has no need as a customer; the member would have paid once more
                    "own": of_phase(10, 0.0, 0.1 * PEOPLE * 30),
                    "praise": NOTHING,
                },
                "checkout": bottleneck(2, 1 - 1 * 0.5, 0.1 * PEOPLE * 0.5 * 80),
            },
        },
        "customers": {
            "new": NEW,
            "active_start": 2,
            "active_end": 18,  # all but offended, hasty and idle
            "lapsed": 10,
            "reactivated": 8,
            "purchases": 32,
            "renewals": 64,
        },
        "retention": {
            # won in month 0: seven, in 1 the friend, in 3 the latecomer. Hasty never lasts to
            # the end of a month; the member is away in months 3 to 7.
            "month_1": (6 + 1 + 1) / 9,
            "month_6": (5 + 1 + 1) / 9,
            "month_12": 6 / 7,
            "repeat_rate": 3 / 7,  # regular, member, hasty, of those of month 0
            "repurchase": {
                "month_3": 0.0,
                "month_6": 2 / 9,  # regular and hasty after 100 days
                "month_12": 3 / 9,  # the member after 267; all others are followed so far
            },
        },
        "economics": {
            "revenue": PEOPLE * (9 * 100 + 3 * 200 + 20 + (4 + 32) * 50),
            "margin": PEOPLE * (9 * 40 + 3 * 80 + 15 + (4 + 32) * 30),
            "margin_first": PEOPLE * 465,
            "margin_returning": PEOPLE * (1695 - 465),
            "spend": ACQUISITION + RETENTION + DELIVERY,
            "spend_acquisition": ACQUISITION,
            "spend_retention": RETENTION,
            "spend_delivery": DELIVERY,
            "profit": 3390 - 1117 - 584,
            "first_order_margin": 465 / 9,
            "cac": cac,
            "cac_paid": (8 + 90) / NEW,  # poster, search
            "keeping_cost_per_year": keeping,
            "serving_cost": DELIVERY / (32 + 64),  # purchases and renewals
            "keep_to_win_ratio": keeping / cac,
            "return_by_purpose": {
                "acquisition": PEOPLE * 465 / ACQUISITION,
                "retention": PEOPLE * (1695 - 465) / RETENTION,
            },
            "break_even_month": 2,
            "clv_realised": worth(dict(enumerate(BY_AGE))) / 9,
            "clv_projected": value,
            "clv_cac_ratio": value / cac,
            "clv_horizon_months": 36,
            "cac_marginal": None,
            # what 555 - 465 more in the first month of life brings, to cover the rest
            "payback_days": (cac - 465 / 9) / ((555 - 465) / 9) * MONTH,
            "by_segment": by_segment,
        },
        "experience": {
            "mean_satisfaction": (4 + 1 - 0.375 + 2 + 0.5 + 0.125 + 2.25 - 0.25 + 7 / 192 + 0) / 16,
            # 10 x 7, 9; and 3, 6, 4, 5
            "recommendation_score": 100 * (8 - 4) / 16,
            "bad_share": 15 / 58,
            "rating": (45 + 2 * (20 + 5 + 2 + 10 + 4 + 3 + 5 + 12 + 3 + 3)) / (10 + 2 * 16),
        },
        "touchpoints": {
            "poster": touched(2, 8.0, 2.0),
            "brochure": touched(1, 8.0, 1.0),
            # a click for each of two people; on 102 a fifth of 440 would be 88, but of three days'
            # budgets there are 90 - 10 left
            "search": touched(1, 10.0 + 80.0, 1.0, visits=1),
            "site": touched(8, 1008.0, 8.0, visits=8),
            "call": touched(1, 2.0, -1.0, bad=1),
            "form": touched(3, 0.0, -1.5, bad=3),
            "reminder": touched(1, 1.0, 0.5),
            "friends": touched(2, 0.0, 2.0),
            "reviews": touched(2, 0.0, sum(RATING)),
            "desk": touched(3, 0.0, -0.75, bad=1, wait=60.0),
            "mail": touched(5, 5 * 8 * 12.0, 0.0, wait=5 * 120.0),
            "thanks": touched(2, 6.0, 2.0),
            "recovery": touched(2, 40.0, 0.5),
            "win_back": touched(4, 24.0, 0.0),
            "support": touched(10, 0.0, -10.0, bad=10),
            "newsletter": touched(8, 4.0, 4.0),
            "catalogue": touched(3, 30.0, 3.0),
        },
        # A quarter more: reaches are 1 and stay so, and more budget pays all of the commission,
        # which changes nobody: there is nothing to tell a return from.
        "next_krone": {"search": {"return": None, "low": None, "high": None}},
        "next_krone_purpose": {"acquisition": {"return": None, "low": None, "high": None}},
    }
