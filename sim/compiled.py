"""How functions are compiled, decided in one place.

``@rule`` leaves a function as it is (the reference engine calls it as plain Python) and
tells numba that compiled kernels may call it too (the fast engine does). ``@kernel`` and
``@part`` compile the fast engine's own loops.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic, register_jitable

from sim.compile_cache import CheckedCache

Function = TypeVar("Function", bound=Callable[..., Any])

# Kernels own no memory: they only read and write arrays that Python made. Without this switch
# numba counts references at every touch of an array, atomically, and is twenty times slower.
OPTIONS: dict[str, Any] = {"nogil": True, "_nrt": False}


def rule(function: Function) -> Function:
    """Mark a small pure function as callable from plain Python and from kernels."""
    marked: Function = register_jitable(function)
    return marked


def kernel(function: Function) -> Function:
    """Compile a loop over customers: kept on disk, runs beside others (no GIL)."""
    return _kept(function, njit(**OPTIONS)(function))


def part(function: Function) -> Function:
    """Compile a piece of a kernel into its caller: a call with so many arrays would cost more."""
    return _kept(function, njit(forceinline=True, **OPTIONS)(function))


def _trailing_zeros(_: Any, word: Any) -> Any:
    """The place of the lowest bit that is set, 0 .. 63; the word (uint64) must not be 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(types.uint64), generate


lowest_bit = cast(Callable[[Any], int], intrinsic(_trailing_zeros))


def _kept(function: Function, dispatcher: Any) -> Function:
    """The compiled function, with files that are checked instead of numba's `cache=True`."""
    dispatcher._cache = CheckedCache(function)
    return cast(Function, dispatcher)
