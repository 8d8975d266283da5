"""What a customer is at any moment: the columns that both engines keep, and the cells.

Stocks are single precision: both engines compute in double precision and round when they
store, so that a million customers fit in a laptop's memory and bits still agree.
"""

import numpy as np

from sim.compiled import rule

CUSTOMER = np.dtype(
    [
        ("revenue", np.int64),  # minor units, whole run
        ("margin", np.int64),
        ("met", np.uint64),  # bit j: has met touchpoint j
        ("awareness", np.float32),
        ("engagement", np.float32),
        ("trust", np.float32),
        ("expectation", np.float32),
        ("friction", np.float32),
        ("peak", np.float32),
        ("end", np.float32),
        ("total", np.float32),
        ("satisfaction", np.float32),
        ("hurt", np.float32),  # satisfaction lost that recovery can give back
        ("loyalty", np.float32),
        ("money", np.float32),
        ("need_rate", np.float32),  # per day
        ("budget", np.float32),
        ("income", np.float32),  # per day
        ("price_sensitivity", np.float32),
        ("sociability", np.float32),
        ("patience", np.float32),  # mean minutes
        ("churn", np.float32),
        ("lapse", np.float32),
        ("count", np.int32),  # encounters of this journey
        ("purchases", np.int16),
        ("need_count", np.int16),
        ("stocks_day", np.int16),  # the day the decaying stocks stand at
        ("need_day", np.int16),
        ("need_began", np.int16),
        ("judge_day", np.int16),
        ("renewal_day", np.int16),
        ("abandoned_day", np.int16),
        ("bad_day", np.int16),
        ("lapse_day", np.int16),
        ("first_day", np.int16),  # first purchase; BEFORE: before day 0
        ("second_day", np.int16),
        ("last_day", np.int16),
        ("segment", np.uint8),
        ("phase", np.uint8),
        ("relationship", np.uint8),
        ("permission", np.uint8),
        ("visited", np.uint8),
        ("considered", np.uint8),
        ("route", np.uint8),
        ("offer", np.uint8),  # last offer bought
        ("last_click", np.int8),  # of this journey's last visit with a known source
        ("panel", np.uint8),
    ],
    align=True,
)

BEFORE_START = -2  # first_day of those who were customers on day 0
NOT_YET = -1

# A cell is a group of customers that the market treats alike: it fixes the touchpoints'
# audiences. 12 cells for each segment and phase: relationship x permission x visited.
FLAGS = 12

# Slots of the daily lottery before the touchpoints' own.
SLOT_EXIT, SLOT_BACK, SLOT_ADVANCE, SLOT_TALK = 0, 1, 2, 3
FIRST_TOUCHPOINT_SLOT = 4


@rule
def cell_of(
    segment: int, phase: int, relationship: int, permission: int, visited: int, phases: int
) -> int:
    """The cell of a customer: an integer below segments x phases x 12."""
    return ((segment * phases + phase) * 3 + relationship) * 4 + permission * 2 + visited
