"""The filter: who might win anything today.

For a tile of customers at a time the daily lots are drawn and compared with the highest
chances of the customers' cell. Nearly everybody loses everywhere and costs a few nanoseconds;
the rules then run only for the rest. Within a cell the thresholds are the same, so that the
loop over customers compiles to vector instructions. The lots are those of `sim.draws.lot`,
drawn here in 32-bit words because that is what the vector unit multiplies; a test holds
the two together.
"""

import numpy as np
from numpy.typing import NDArray

from sim.compiled import part
from sim.draws import LOTS_PER_BLOCK, MULTIPLIER_0, MULTIPLIER_1, ROUNDS, Draw
from sim.engine.state import LANES, WORD_SLOTS, Morning, Scratch, i8

u32 = np.uint32
u64 = np.uint64
M0, M1 = u64(MULTIPLIER_0), u64(MULTIPLIER_1)
HIGH = u64(32)
LOW16 = u32(0xFFFF)
SIXTEEN = u32(16)
LOTS = u32(int(Draw.LOTS))

BLOCKS = WORD_SLOTS // LOTS_PER_BLOCK  # whose lots share a word


@part
def compare_block(
    who: NDArray[np.uint32],
    count: int,
    day: int,
    block: int,
    keys: NDArray[np.uint32],
    limits: NDArray[np.uint32],
    hits: NDArray[np.uint32],
) -> None:
    """Set bit s of hits[k] where customer who[k] draws a lot below limits[s] in this block."""
    t0, t1, t2, t3 = limits[0], limits[1], limits[2], limits[3]
    t4, t5, t6, t7 = limits[4], limits[5], limits[6], limits[7]
    for k in range(count):
        c0 = who[k]
        c1 = u32(day)
        c2 = LOTS
        c3 = u32(block)
        for r in range(ROUNDS):
            p0 = M0 * u64(c0)
            p1 = M1 * u64(c2)
            c0 = u32(p1 >> HIGH) ^ c1 ^ keys[r, 0]
            c2 = u32(p0 >> HIGH) ^ c3 ^ keys[r, 1]
            c1 = u32(p1)
            c3 = u32(p0)
        hits[k] = (
            u32((c0 & LOW16) < t0)
            | (u32((c0 >> SIXTEEN) < t1) << u32(1))
            | (u32((c1 & LOW16) < t2) << u32(2))
            | (u32((c1 >> SIXTEEN) < t3) << u32(3))
            | (u32((c2 & LOW16) < t4) << u32(4))
            | (u32((c2 >> SIXTEEN) < t5) << u32(5))
            | (u32((c3 & LOW16) < t6) << u32(6))
            | (u32((c3 >> SIXTEEN) < t7) << u32(7))
        )


@part
def sort_tile(
    cells: NDArray[np.uint16],
    first: int,
    count: int,
    places: NDArray[np.int64],
    who: NDArray[np.uint32],
) -> None:
    """Fill who[0:count] with the tile's customers, cell by cell, in order within a cell.

    `places` (cells + 1,) is left with the place after each cell's last customer.
    """
    for c in range(len(places)):
        places[c] = 0
    for k in range(count):
        places[i8(cells[first + k]) + 1] += 1
    for c in range(1, len(places)):
        places[c] += places[c - 1]
    for k in range(count):
        c = i8(cells[first + k])
        who[places[c]] = u32(first + k)
        places[c] += 1


@part
def tile_hits(
    day: int,
    first: int,
    count: int,
    cells: NDArray[np.uint16],
    morning: Morning,
    scratch: Scratch,
) -> None:
    """Fill the scratch's who and hits for customers first .. first + count - 1, sorted by cell."""
    places, who, block_hits, hits = scratch.places, scratch.who, scratch.block_hits, scratch.hits
    sort_tile(cells, first, count, places, who)
    for word in range(len(hits)):
        for k in range(count):
            hits[word, k] = u64(0)
    start = 0
    for c in range(len(places) - 1):
        end = places[c]
        if end == start:
            continue
        # Filled up with whoever comes next: what is left over of a vector costs as much as one.
        filled = -(-(end - start) // LANES) * LANES
        for block in range(morning.blocks.shape[1]):
            if not morning.blocks[c, block]:
                continue
            limits = morning.thresholds[c, block * 8 : block * 8 + 8]
            compare_block(who[start:], filled, day, block, morning.keys, limits, block_hits)
            mine = hits[block // BLOCKS, start:end]
            shift = u64(8 * (block % BLOCKS))
            for k in range(end - start):
                mine[k] |= u64(block_hits[k]) << shift
        start = end
