"""How functions are compiled, decided in one place.

``@rule`` leaves a function as it is (the reference engine calls it as plain Python) and
tells numba that compiled kernels may call it too (the fast engine does). ``@kernel`` and
``@part`` compile the fast engine's own loops.

Three operations have no name in Python that numba would compile to the one instruction that
they are: to read a float's bits, to make a float of bits, to divide by what is never 0.
"""

import struct
from collections.abc import Callable
from typing import Any, TypeVar, cast

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic, overload, register_jitable

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


# --- instructions ---

_DOUBLE, _INTEGER = struct.Struct("<d"), struct.Struct("<q")
_bytes_of_double, _double_of = _DOUBLE.pack, _DOUBLE.unpack
_bytes_of_integer, _integer_of = _INTEGER.pack, _INTEGER.unpack


def bits_of(value: float) -> int:
    """The 64 bits of a double (IEEE 754), as a signed integer."""
    bits: int = _integer_of(_bytes_of_double(value))[0]
    return bits


def of_bits(bits: int) -> float:
    """The double that has these 64 bits, given as a signed integer."""
    value: float = _double_of(_bytes_of_integer(bits))[0]
    return value


def ratio(value: float, other: float) -> float:
    """value / other, where `other` is never 0: numba would look, to raise what Python raises."""
    return value / other


def _instruction(
    write: Callable[..., Any], result: types.Type, arguments: tuple[types.Type, ...]
) -> Any:
    """What a kernel calls for one instruction, which `write(builder, values)` writes."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return write(builder, values)

    def make_unary(typing_context: Any, value: Any) -> Any:
        return result(*arguments), generate

    def make_binary(typing_context: Any, value: Any, other: Any) -> Any:
        return result(*arguments), generate

    return intrinsic(make_unary if len(arguments) == 1 else make_binary)


_to_bits = _instruction(
    lambda builder, values: builder.bitcast(values[0], ir.IntType(64)),
    types.int64,
    (types.float64,),
)
_to_double = _instruction(
    lambda builder, values: builder.bitcast(values[0], ir.DoubleType()),
    types.float64,
    (types.int64,),
)
_divide = _instruction(
    lambda builder, values: builder.fdiv(*values),
    types.float64,
    (types.float64, types.float64),
)


@overload(bits_of, strict=False)
def _bits_of(value: Any) -> Callable[..., Any]:
    return lambda value: _to_bits(value)


@overload(of_bits, strict=False)
def _of_bits(bits: Any) -> Callable[..., Any]:
    return lambda bits: _to_double(bits)


@overload(ratio, strict=False)
def _ratio(value: Any, other: Any) -> Callable[..., Any]:
    return lambda value, other: _divide(value, other)
