"""How far web analytics can follow a person. Behaviour does not use it."""

from pydantic import Field

from sim.scenario.parts import Days, Part, Share


class Trail(Part):
    """What is left of a person's way in the data: cookies, consent, log-in, windows."""

    consent: Share = Field(  # assumption
        default=0.7, description="share of people who accept cookies; the others leave no trail"
    )
    logged_in: Share = Field(  # assumption
        default=0.1, description="share of people who log in, so that their devices are one visitor"
    )
    # Assumption: between the 7 days of one browser (Wilander 2019) and the two years of others.
    cookie_days: Days = Field(
        default=30, description="a device's cookie is gone after so many days without a touch"
    )
    lookback_days: Days = Field(  # Google (n.d.)
        default=30, description="a visit counts for a purchase at most so many days later"
    )
    view_days: Days = Field(  # Google (n.d.)
        default=1, description="a view counts if a visit follows within so many days"
    )
