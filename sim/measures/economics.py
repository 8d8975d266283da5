"""Economics: what winning and keeping customers costs, and what the money brings back.

- *margin* = revenue - unit costs; *profit* = margin - marketing spend. All in the
  scenario's currency, for the whole population.
- *spend for acquisition, for retention* = spend of the touchpoints with that purpose.
- *cac*, blended = acquisition spend / new customers won in the same window.
- *cac, paid* = acquisition spend on touchpoints under paid control / new customers won in the
  same window: all of them, whoever won them. It is the part of the blended cac that is paid to
  others for contacts, and never more than it; the rest is own and earned work. It does not say
  what a customer won by advertising cost: for that one would have to know which customers would
  not have come by themselves, and dividing by those that tracking credits to advertising would
  pass a rule of attribution off as knowledge.
- *cost of keeping* = retention spend / customer-years; customer-years = customers at the
  ends of the months, averaged, x years of the run.
- *keep to win* = cost of keeping a customer for a year / blended cac. An outcome of the market
  and the plan; there is no figure that it ought to be.
- *return by purpose* = margin / spend, as plain accounting. Acquisition: margin of new
  customers' first purchases / acquisition spend. Retention: all other margin, that of returning
  customers' purchases and of renewals / retention spend. It is no causal return: much of either
  margin would have come without the spend, and each spend helps the other's margin.

In a funnel every purchase is a stranger's: all margin is that of first purchases.
"""

from __future__ import annotations

import numpy as np

from sim.measures.figure import Figure, Undefined, ratio
from sim.measures.once import once
from sim.measures.totals import counts, of_segment, people, total
from sim.model.columns import Count
from sim.records.recorder import Records
from sim.vocabulary import DAYS_PER_YEAR, MINOR_UNITS, Control, Purpose

NO_NEW = "no new customer was won"
NOTHING_TO_WIN = "nothing was spent to win customers"
NOTHING_TO_KEEP = "nothing was spent to keep customers"


def money(records: Records, count: Count) -> float:
    """A daily money counter for the whole run and population, in currency."""
    return total(records, count) / MINOR_UNITS * records.people_per_agent


@once
def spend_for(records: Records, purpose: Purpose, control: Control | None = None) -> float:
    """Money spent on touchpoints with the purpose; `control`: only on those under it."""
    mine = np.array(
        [
            touchpoint.purpose == purpose and control in (None, touchpoint.control)
            for touchpoint in records.scenario.touchpoints.values()
        ],
        dtype=np.bool_,
    )
    return float(records.spend[:, mine].sum())


def spend(records: Records) -> float:
    """Money spent on all touchpoints."""
    return float(records.spend.sum())


def profit(records: Records) -> float:
    """Margin less marketing spend."""
    return money(records, Count.MARGIN) - spend(records)


def new_customers(records: Records) -> float:
    """People won as new customers in the run."""
    return people(records, Count.NEW_CUSTOMERS)


def cac(records: Records) -> Figure:
    """Acquisition spend / new customers."""
    return ratio(spend_for(records, Purpose.ACQUISITION), new_customers(records), NO_NEW)


def cac_paid(records: Records) -> Figure:
    """Acquisition spend under paid control / new customers, all of them."""
    spent = spend_for(records, Purpose.ACQUISITION, Control.PAID)
    return ratio(spent, new_customers(records), NO_NEW)


def customer_years(records: Records) -> float:
    """People who are customers, times the years of the run in which they are."""
    customers = float(records.active.sum(axis=(1, 2)).mean()) * records.people_per_agent
    return customers * records.scenario.days / DAYS_PER_YEAR


def keeping_cost(records: Records) -> Figure:
    """Retention spend per customer and year."""
    spent = spend_for(records, Purpose.RETENTION)
    return ratio(spent, customer_years(records), "there were no customers to keep")


def keep_to_win(records: Records) -> Figure:
    """Cost of keeping a customer for a year / cost of winning one."""
    keep, win = keeping_cost(records), cac(records)
    if isinstance(keep, Undefined):
        return keep
    if isinstance(win, Undefined):
        return win
    return ratio(keep, win, NOTHING_TO_WIN)


def margin_for(records: Records, purpose: Purpose) -> float:
    """Margin set against a purpose: of new customers' first purchases, or all other."""
    first = money(records, Count.NEW_MARGIN)
    return first if purpose == Purpose.ACQUISITION else money(records, Count.MARGIN) - first


def return_by_purpose(records: Records) -> dict[str, Figure]:
    """Margin / spend of each purpose: accounting, no causal return."""
    found: dict[str, Figure] = {}
    for purpose in Purpose:
        spent, margin = spend_for(records, purpose), margin_for(records, purpose)
        if purpose == Purpose.ACQUISITION:
            found[str(purpose)] = ratio(margin, spent, NOTHING_TO_WIN)
        else:
            found[str(purpose)] = ratio(margin, spent, NOTHING_TO_KEEP)
    return found


def first_margin(records: Records, segment: int | None = None) -> Figure:
    """Margin of a new customer's first order, in currency; of one segment, or of all."""
    mine = of_segment(counts(records), segment)
    return ratio(mine[Count.NEW_MARGIN] / MINOR_UNITS, int(mine[Count.NEW_CUSTOMERS]), NO_NEW)
