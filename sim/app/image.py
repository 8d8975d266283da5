"""A market's memory as bytes, ready to be put into the memory of the engine's module."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.bundles import Bundle

# The module's own constants lie at the bottom, its stack below STACK; the market begins there.
STACK = 1 << 20
ALIGNED = 64  # bytes


class Image(NamedTuple):
    """Bytes from `STACK` on, where the bundles' blocks lie in them, and where each array does."""

    content: bytes
    blocks: tuple[int, ...]  # addresses, in the order of the bundles
    arrays: dict[str, tuple[int, NDArray[Any]]]  # "Tuple.field" -> address, as it is here

    @property
    def end(self) -> int:
        """The address after the last byte."""
        return STACK + len(self.content)


def image_of(bundles: tuple[Bundle, ...]) -> Image:
    """Bundles and all that they point to, laid out anew; arrays that share memory still do."""
    content = bytearray()
    placed = dict[int, int]()  # address here -> address there
    arrays = dict[str, tuple[int, NDArray[Any]]]()

    def put(data: bytes) -> int:
        content.extend(bytes(-len(content) % ALIGNED))
        address = STACK + len(content)
        content.extend(data)
        return address

    blocks = []
    for number, each in enumerate(bundles):
        block = each.block.copy()
        for name, part in zip(each.held._fields, each.held, strict=True):
            if not isinstance(part, np.ndarray):
                continue
            here = part.ctypes.data
            if part.nbytes == 0 or here not in placed:
                placed[here] = put(part.tobytes())
            block[each.kind.places[name][0]] = placed[here]
            arrays[f"{number} {type(each.held).__name__}.{name}"] = placed[here], part
        blocks.append(put(block.tobytes()))
    return Image(bytes(content), tuple(blocks), arrays)
