"""The fast engine's memory: one row a customer, one column beside it where a loop needs it."""

from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from sim.draws import LOTS_PER_BLOCK, ROUNDS, WEYL_0, WEYL_1
from sim.model.columns import CUSTOMER, EVENT, FIRST_TOUCHPOINT_SLOT, MET_BITS, Tables

TILE = 2048  # customers whose lots are drawn together; fits in the cache
SMALLEST_CHUNK = 16 * TILE  # customers for whom it is worth to start a task
LANES = 8  # customers to which short groups are filled up: what a step of the vector unit takes
FAR = 32767  # a wake day that never comes
WORD_SLOTS = 56  # slots whose bits share a word: seven blocks; the word's other bits are flags

# A record: a customer's (CUSTOMER) or an event's (EVENT). numba knows its columns, and assigning
# to one writes into the array; a type checker knows neither.
Row = Any

# Kernels widen a column's narrow integers before they compute with them. numpy's integers are
# no `int` to a type checker (its float64 is a `float`), though they do what an `int` does.
i8 = cast(type[int], np.int64)


class State(NamedTuple):
    """Everything that changes, n customers."""

    customers: NDArray[np.void]  # (n,) of CUSTOMER
    weights: NDArray[np.float32]  # (n, K) need weights, adding up to 1
    familiarity: NDArray[np.float32]  # (n, H)
    met_day: NDArray[np.int16]  # (n, E) the last day on which touchpoints that trigger were met
    met: NDArray[np.uint64]  # (n, words) bit j: has met touchpoint j
    done: NDArray[np.uint64]  # (n, words) as met, in this journey; (1, words) if none is required
    cell: NDArray[np.uint16]  # (n,)
    wake: NDArray[np.int16]  # (n,) next day on which something is due
    active: NDArray[np.uint32]  # (n,) the chunk's customers with something today
    hits: NDArray[np.uint64]  # (n, words) the slots they may have won, beside `active`
    newcomers: NDArray[np.int64]  # (n + 1,) how many come to the places before; (1,) if nobody
    gone: NDArray[np.void]  # (g,) of CUSTOMER: who left since day 0
    gone_met: NDArray[np.uint64]  # (g, words) as met
    nobody: NDArray[np.void]  # (1,) of CUSTOMER: a blank row
    talked: NDArray[np.int8]  # (n,) +1 or -1: told the network today; (1,) without network
    inbox: NDArray[np.int16]  # (n, 2) good and bad heard from friends; (1, 2) without


class Morning(NamedTuple):
    """What holds for everybody today."""

    census: NDArray[np.int64]  # (cells,) customers last night
    rates: NDArray[np.float64]  # (J, cells)
    bounds: NDArray[np.float64]  # (cells, slots)
    thresholds: NDArray[np.uint32]  # (cells, slots, padded to whole blocks): lots below may win
    blocks: NDArray[np.uint8]  # (cells, blocks): whether any lot of the block can win
    keys: NDArray[np.uint32]  # (10, 2) Philox round keys of the seed
    talk: NDArray[np.float64]  # (3,) good and bad messages of yesterday, public rating
    norms: NDArray[np.float64]  # (J,) what is usual
    served: NDArray[np.uint64]  # (words,) the slots of service touchpoints


class Scratch(NamedTuple):
    """Working memory of one thread, see `sim.engine.lots`."""

    places: NDArray[np.int64]  # (cells + 1,)
    who: NDArray[np.uint32]  # (TILE + LANES,)
    block_hits: NDArray[np.uint32]  # (TILE + LANES,)
    hits: NDArray[np.uint64]  # (words, TILE)


class Arrivals(NamedTuple):
    """Customers who come to service touchpoints today, per chunk in order of arrival here."""

    customer: NDArray[np.uint32]
    touchpoint: NDArray[np.int16]
    day: NDArray[np.int64]  # of the queue, see `sim.model.queue.queue_time`
    minute: NDArray[np.float64]
    service: NDArray[np.float64]
    patience: NDArray[np.float64]
    wait: NDArray[np.float64]  # filled by the queue
    outcome: NDArray[np.uint8]  # of `sim.vocabulary.Outcome`


class Desks(NamedTuple):
    """Where the queues stand; they are carried from one day of the run to the next."""

    free: NDArray[np.float64]  # (J, most servers) minute at which each is free
    day: NDArray[np.int64]  # (J,) the day of the queue that this holds for
    order: NDArray[np.int64]  # (n,) places of a touchpoint's arrivals: working memory


class Cursor(NamedTuple):
    """Where each chunk begins, and stands in the lists it fills."""

    first: NDArray[np.int64]  # (chunks + 1,) its first customer, and the end
    active: NDArray[np.int64]  # (chunks,)
    arrivals: NDArray[np.int64]


def chunk_for(agents: int, threads: int) -> int:
    """Customers that one task takes: an equal part for each thread, in whole tiles."""
    tiles = -(-agents // (threads * TILE))
    return max(SMALLEST_CHUNK, tiles * TILE)


def slots_of(t: Tables) -> int:
    """Slots of the daily lottery, padded to whole blocks of eight."""
    slots = FIRST_TOUCHPOINT_SLOT + len(t.starts)
    return -(-slots // LOTS_PER_BLOCK) * LOTS_PER_BLOCK


def words_of(t: Tables) -> int:
    """Words that hold a bit for each slot."""
    return -(-slots_of(t) // WORD_SLOTS)


def words_met(t: Tables) -> int:
    """Words that hold a bit for each touchpoint."""
    return -(-len(t.starts) // MET_BITS)


def new_state(t: Tables, cells: int) -> State:
    """Memory for a run; customers are all zero until they are born."""
    n = t.agents
    network = n if t.network else 1
    habits = int(t.habit.max(initial=-1)) + 1
    if cells > np.iinfo(np.uint16).max:
        raise ValueError(f"{cells} cells are more than 65535")
    return State(
        customers=np.zeros(n, dtype=CUSTOMER),
        weights=np.zeros((n, t.weight_mean.shape[1]), dtype=np.float32),
        familiarity=np.zeros((n, habits), dtype=np.float32),
        met_day=np.full((n, int(t.source.max(initial=-1)) + 1), -1, dtype=np.int16),
        met=np.zeros((n, words_met(t)), dtype=np.uint64),
        done=np.zeros((n if t.ordered else 1, words_met(t)), dtype=np.uint64),
        cell=np.zeros(n, dtype=np.uint16),
        wake=np.full(n, FAR, dtype=np.int16),
        active=np.zeros(n, dtype=np.uint32),
        hits=np.zeros((n, words_of(t)), dtype=np.uint64),
        newcomers=np.zeros(n + 1 if t.leave_rate > 0.0 else 1, dtype=np.int64),
        gone=np.zeros(0, dtype=CUSTOMER),
        gone_met=np.zeros((0, words_met(t)), dtype=np.uint64),
        nobody=np.zeros(1, dtype=CUSTOMER),
        talked=np.zeros(network, dtype=np.int8),
        inbox=np.zeros((network, 2), dtype=np.int16),
    )


def fitted_state(held: State, blank: State, *, before: Tables, t: Tables) -> State:
    """The state of a market whose tables change from `before` to `t`, of the same people.

    `held`: its arrays; `blank`: new ones by `t`, which stand in where the old do not fit: nobody is
    used to what did not dull, nothing was required, no friend has talked.
    """
    fitting = {
        name: array if array.shape == getattr(blank, name).shape else getattr(blank, name)
        for name, array in held._asdict().items()
    }
    for name in ("gone", "gone_met"):
        fitting[name] = getattr(held, name)
    both = (before.habit >= 0) & (t.habit >= 0)
    familiarity = np.zeros_like(blank.familiarity)
    familiarity[:, t.habit[both]] = held.familiarity[:, before.habit[both]]
    both = (before.source >= 0) & (t.source >= 0)
    met_day = np.full_like(blank.met_day, -1)
    met_day[:, t.source[both]] = held.met_day[:, before.source[both]]
    return State(**{**fitting, "familiarity": familiarity, "met_day": met_day})


def fitted_desks(held: Desks, blank: Desks, *, before: Tables, t: Tables) -> Desks:
    """Desks whose servers become as many as in `t`: of too many, those stay who are free first."""
    for j in t.desks:
        stay = np.sort(held.free[j, : before.servers[j]])[: t.servers[j]]
        blank.free[j, : len(stay)] = stay
    return blank._replace(day=held.day)


def round_keys(seed: int) -> NDArray[np.uint32]:
    """The ten pairs of round keys that Philox derives from a seed, (10, 2)."""
    low, high = seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF
    rows = [
        ((low + r * WEYL_0) & 0xFFFFFFFF, (high + r * WEYL_1) & 0xFFFFFFFF) for r in range(ROUNDS)
    ]
    return np.array(rows, dtype=np.uint32)


def new_morning(t: Tables, cells: int) -> Morning:
    """Room for what a morning fills."""
    slots = slots_of(t)
    return Morning(
        census=np.zeros(cells, dtype=np.int64),
        rates=np.zeros((len(t.starts), cells)),
        bounds=np.zeros((cells, FIRST_TOUCHPOINT_SLOT + len(t.starts))),
        thresholds=np.zeros((cells, slots), dtype=np.uint32),
        blocks=np.zeros((cells, slots // LOTS_PER_BLOCK), dtype=np.uint8),
        keys=round_keys(t.seed),
        talk=np.zeros(3),
        norms=np.zeros(len(t.starts)),
        served=served_slots(t),
    )


def new_scratch(t: Tables, cells: int) -> Scratch:
    """Working memory for one thread."""
    return Scratch(
        places=np.zeros(cells + 1, dtype=np.int64),
        who=np.zeros(TILE + LANES, dtype=np.uint32),
        block_hits=np.zeros(TILE + LANES, dtype=np.uint32),
        hits=np.zeros((words_of(t), TILE), dtype=np.uint64),
    )


def new_desks(t: Tables) -> Desks:
    """An empty queue for each service touchpoint."""
    free = np.zeros((len(t.servers), int(t.servers.max(initial=0))))
    free[:] = t.opens[:, None]
    return Desks(
        free=free,
        day=np.zeros(len(t.servers), dtype=np.int64),
        order=np.zeros(t.agents if len(t.desks) else 0, dtype=np.int64),
    )


def served_slots(t: Tables) -> NDArray[np.uint64]:
    """The slots of service touchpoints, as bits, (words,)."""
    served = np.zeros(words_of(t), dtype=np.uint64)
    for j in t.desks:
        word, bit = divmod(FIRST_TOUCHPOINT_SLOT + int(j), WORD_SLOTS)
        served[word] |= np.uint64(1 << bit)
    return served


def new_arrivals(size: int) -> Arrivals:
    """Room for so many arrivals."""
    return Arrivals(
        customer=np.zeros(size, dtype=np.uint32),
        touchpoint=np.zeros(size, dtype=np.int16),
        day=np.zeros(size, dtype=np.int64),
        minute=np.zeros(size),
        service=np.zeros(size),
        patience=np.zeros(size),
        wait=np.zeros(size),
        outcome=np.zeros(size, dtype=np.uint8),
    )


def new_events(size: int) -> NDArray[np.void]:
    """Room for so many events of the panel."""
    return np.zeros(size, dtype=EVENT)


class Log(NamedTuple):
    """Events of panel customers, emptied every night."""

    events: NDArray[np.void]  # (chunks, most a day) of EVENT
    used: NDArray[np.int64]  # (chunks,)
