"""A linear market for media mix models, and what its data should say.

`help_desk.helped` with a flyer that is bought by the contact. Each purchase needs the
flyer or a clerk at the checkout that day; the poster does nothing.
"""

import math
from pathlib import Path

import pandas as pd

from sim.cli import main
from sim.scenario.dump import dump_scenario
from sim.scenario.levers import with_settings
from sim.scenario.schema import Scenario
from worlds.help_desk import FALL, PRICE, helped

CLERK = 0.005  # the chance to meet the clerk at the checkout
CONTACT = 10.0  # what one flyer costs
CONTACTS = 20.0  # flyers a day, before a region's own size, level and bursts
FLYER = {
    "starts": "push",
    "control": "paid",
    "reach": {"purchase": 1.0},
    "effects": {"friction": -FALL},
    "budget_per_day": CONTACTS * CONTACT,
    "cost": {"per_contact": CONTACT},
}
POSTER = {
    "starts": "push",
    "control": "paid",
    "reach": {"latent": 1.0, "consider": 1.0},
    "budget_per_day": CONTACTS * CONTACT,
    "cost": {"per_contact": CONTACT},
}
DESK = {"starts": "pull", "reach": {"purchase": CLERK}, "effects": {"friction": -FALL}}
# A contact meets somebody who would not buy: without the clerk, who then does, all but surely.
PER_KRONE = PRICE / CONTACT * (1.0 - CLERK) * (1.0 - math.exp(-FALL))


def street(agents: int, seed: int = 5) -> Scenario:
    """The market with flyer, poster and clerk; a need a day, so that the checkout is busy."""
    made = helped(agents, 40, seed, flyer=FLYER, poster=POSTER, clerk=DESK)
    return with_settings(made, overrides={"segments.all.need.rate_per_year": 365.0})


def write_street(place: Path) -> Path:
    """The folder of two regions of a small street for a year, as the command writes it."""
    (place / "street.yaml").write_text(dump_scenario(street(600)), encoding="utf-8")
    made = place / "made"
    told = [str(place / "street.yaml"), "--regions", "2", "--years", "1", "--threads", "1"]
    assert main(["export-mmm", *told, "--out", str(made), "--quiet"]) == 0
    return made


def read(folder: Path, name: str) -> pd.DataFrame:
    dates = ["date_week"] if name.startswith("weekly") else []
    return pd.read_csv(folder / f"{name}.csv", parse_dates=dates)


def of(frame: pd.DataFrame, **cells: object) -> pd.DataFrame:
    """The rows in which the columns have these values."""
    for name, value in cells.items():
        frame = frame[frame[name] == value]
    return frame
