"""How far web analytics can follow a person. Behaviour does not use it."""

from sim.scenario.declare import assumed, published
from sim.scenario.parts import Days, Part, Share

GOOGLE = "Google (n.d.)"


class Trail(Part):
    """What is left of a person's way in the data: cookies, consent, log-in, windows."""

    consent: Share = assumed(
        0.7,
        "consent to cookies",
        "share of people who accept cookies; the others are not tracked",
        unit="share",
    )
    logged_in: Share = assumed(
        0.1,
        "people logged in",
        "share of people who log in wherever they visit: one visitor on all devices, permanently",
        unit="share",
    )
    cookie_days: Days = assumed(
        30,
        "life of a cookie in days",
        "days without a touch on a device, after which its cookie is gone",
        unit="days",
        note=("between the 7 days of one browser (Wilander 2019) and the two years of others"),
    )
    lookback_days: Days = published(
        30,
        "window for clicks in days",
        "most days between a visit and a purchase that it counts for",
        unit="days",
        source=GOOGLE,
    )
    view_days: Days = published(
        1,
        "window for views in days",
        "most days between a view and a visit of the same visitor for which it counts",
        unit="days",
        source=GOOGLE,
    )
