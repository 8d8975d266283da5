"""Ask the processor for a customer's row some customers ahead of its turn.

At a million customers the rows do not fit in the cache, and the rules would wait for memory
about as long as they compute. numba offers no such call, hence the intrinsic.
"""

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

from sim.compiled import part
from sim.engine.state import State
from sim.model.columns import CUSTOMER

ROW_BYTES = CUSTOMER.itemsize
LINE = 64  # bytes of a cache line
AHEAD = 6  # customers: about a memory access's time of rules


def make_hint(typing_context: Any, array: Any, index: Any, offset: Any) -> Any:
    """Hint that the cache line `offset` bytes into row `index` of an array is needed soon."""
    signature = types.void(array, types.intp, types.intp)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        rows = make_array(signature.args[0])(context, builder, arguments[0])
        stride = builder.extract_value(rows.strides, 0)
        place = builder.add(builder.mul(arguments[1], stride), arguments[2])
        start = builder.bitcast(rows.data, cgutils.voidptr_t)
        address = builder.gep(start, [place])
        word = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, word, word, word])
        hint = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        to_read, keep, data = (ir.Constant(word, value) for value in (0, 3, 1))
        builder.call(hint, [address, to_read, keep, data])
        return context.get_dummy_value()

    return signature, generate


# (array, row, offset in bytes) as a kernel calls it
prefetch_bytes = cast(Callable[[Any, int, int], None], intrinsic(make_hint))


@part
def prefetch_row(state: State, i: int) -> None:
    """Bring what the rules will read of customer `i` into the cache."""
    for line in range(0, ROW_BYTES, LINE):
        prefetch_bytes(state.customers, i, line)
    prefetch_bytes(state.weights, i, 0)
    prefetch_bytes(state.familiarity, i, 0)
