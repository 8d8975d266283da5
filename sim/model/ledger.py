"""What a run writes down every night: the day's counters, the rating, the money spent.

Rows are days. Both engines close their days here, so that money is added up in one order.
"""

from typing import NamedTuple

from sim.compiled import rule
from sim.model.columns import Integers, Reals, Tables, Touch
from sim.model.money import running_cost, spend_of_day
from sim.model.perception import norm_after
from sim.model.talk import public_rating
from sim.vocabulary import MINOR_UNITS, Starts, code_of

PUSH = code_of(Starts.PUSH)
CONTACTS, VISITS, COLUMNS = int(Touch.CONTACTS), int(Touch.VISITS), len(Touch)


class Ledger(NamedTuple):
    """The counters of `sim.model.columns.Tally` by day, each row flattened, and what follows.

    D days, J touchpoints, S segments, M months.
    """

    flows: Integers  # (D, S x P x P)
    counts: Integers  # (D, S x Count)
    purchases: Integers  # (D, S x O x Route)
    sales: Integers  # (D, S x O x Route) minor units
    add_ons: Integers  # (D, S x O x A)
    losses: Integers  # (D, S x R)
    touch: Integers  # (D, S x pairs x Touch)
    commission: Integers  # (D, J or 1) minor units
    scores: Integers  # (D, S x 11)
    stars: Integers  # (D, 5)
    messages: Integers  # (D, 2)
    spend: Reals  # (D, J) currency, whole population
    rating: Reals  # (D,) at the day's end
    active: Integers  # (M, S, M + 1) customers left at each month's end, by cohort
    reviews: Integers  # (2,) stars, and reviews, of all days so far
    norms: Reals  # (J,) what is usual today
    unspent: Reals  # (J,) of the search budgets of all days so far
    met: Integers  # (2, J) contacts and visits of a day: working memory


@rule
def rating_now(t: Tables, ledger: Ledger) -> float:
    """The rating that customers see, see `public_rating`."""
    return public_rating(
        t.start_rating,
        t.start_reviews,
        ledger.reviews[0],
        ledger.reviews[1],
        t.people_per_agent,
    )


@rule
def close_day(t: Tables, ledger: Ledger, rates: Reals, day: int) -> None:
    """Complete a day whose counters are written: its rating and spend, and what has become usual.

    `rates` (J, cells): this morning's, of encounters; a push that can meet nobody spends nothing.
    """
    for star in range(ledger.stars.shape[1]):
        ledger.reviews[0] += (star + 1) * ledger.stars[day, star]
        ledger.reviews[1] += ledger.stars[day, star]
    ledger.rating[day] = rating_now(t, ledger)
    for j in range(len(t.starts)):
        ledger.met[0, j] = 0
        ledger.met[1, j] = 0
    pairs = len(t.touchpoint_of_pair)
    segments = ledger.touch.shape[1] // (max(1, pairs) * COLUMNS)
    for segment in range(segments):
        for pair in range(pairs):
            j = t.touchpoint_of_pair[pair]
            row = (segment * pairs + pair) * COLUMNS
            ledger.met[0, j] += ledger.touch[day, row + CONTACTS]
            ledger.met[1, j] += ledger.touch[day, row + VISITS]
    for j in range(len(t.starts)):
        ledger.spend[day, j] = spend_today(t, ledger, rates[j], j, day)
        ledger.norms[j] = norm_after(ledger.norms[j], t.own_quality[j], t.norm_follows[j])


@rule
def spend_today(t: Tables, ledger: Ledger, rates: Reals, j: int, day: int) -> float:
    """Money spent on touchpoint `j`: currency, whole population. `rates` (cells,): its own."""
    flight = t.flight[j, day]
    if flight <= 0.0:
        return 0.0
    running = running_cost(
        t.day_cost[j],
        ledger.met[1, j],
        t.click_cost[j],
        ledger.commission[day, j] / MINOR_UNITS,
        t.order_share[j],
        t.staff_cost[j],
        t.people_per_agent,
    )
    budget = -1.0
    is_search = False
    if t.budget[j] >= 0.0:
        budget = t.budget[j] * flight
        is_search = t.starts[j] != PUSH
    if is_search:
        ledger.unspent[j] += budget
    has_audience = 0.0
    for cell in range(len(rates)):
        if rates[cell] > 0.0:
            has_audience = 1.0
            break
    money = spend_of_day(
        running,
        ledger.met[0, j],
        t.contact_cost[j],
        t.people_per_agent,
        t.starts[j],
        budget,
        has_audience,
        ledger.unspent[j],
        t.cap[j],
    )
    if is_search:
        ledger.unspent[j] -= money
    return money
