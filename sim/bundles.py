"""Named tuples of arrays as kernels take them: one pointer, whatever they hold.

numba takes a named tuple apart into a number for each of its parts, and an array into five and
more: the market's tables alone are a thousand arguments, which every function of the engine would
be compiled and called with. A `Bundle` keeps these numbers in a block of memory instead, where
compiled code loads them when it needs them; `t.pace[p]` means the same in Python and in a kernel.

Compiled code takes what stands in the block as constant. What changes must stand in an array.
"""

from functools import cache
from typing import Any, TypeVar, cast

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.imputils import impl_ret_borrowed, lower_getattr_generic
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import NativeValue, models, register_model, typeof_impl, unbox
from numba.np.numpy_support import from_dtype

Named = TypeVar("Named", bound=tuple[Any, ...])

WORD = ir.IntType(64)


class BundleType(types.Type):
    """The type of a bundle: the fields of its named tuple, and where each begins in the block."""

    def __init__(self, name: str, fields: tuple[tuple[str, Any], ...]) -> None:
        self.places: dict[str, tuple[int, Any]] = {}
        place = 0
        for field, kind in fields:
            self.places[field] = place, kind
            place += 1 + 2 * kind.ndim if isinstance(kind, types.Array) else 1
        held = ", ".join(f"{field}: {kind}" for field, kind in fields)
        super().__init__(name=f"bundle({name}: {held})")


@cache
def _array_kind(dtype: np.dtype[Any], axes: int) -> Any:
    """numba's type of a C-contiguous array."""
    return types.Array(from_dtype(dtype), axes, "C")


@cache
def _bundle_type(name: str, fields: tuple[tuple[str, Any], ...]) -> BundleType:
    """One type for all bundles of the same parts: to make it takes longer than to use it."""
    return BundleType(name, fields)


class Bundle:
    """A named tuple of arrays, integers and reals, ready for kernels.

    Raises `ValueError` for an array that is not C-contiguous, TypeError for any other part.
    """

    def __init__(self, held: Any) -> None:
        self.held = held  # the block points into these arrays
        fields = list[tuple[str, Any]]()
        block = list[int]()
        for name, part in zip(held._fields, held, strict=True):
            kind: Any
            if isinstance(part, np.ndarray):
                if not part.flags.c_contiguous:
                    raise ValueError(f"{name} is not C-contiguous")
                kind = _array_kind(part.dtype, part.ndim)
                block += [part.ctypes.data, *part.shape, *part.strides]
            elif isinstance(part, int | np.integer):
                kind = types.int64
                block.append(int(part))
            elif isinstance(part, float):
                kind = types.float64
                block.append(int(np.float64(part).view(np.int64)))
            else:
                raise TypeError(f"{name} is a {type(part).__name__}")
            fields.append((name, kind))
        self.block = np.array(block, dtype=np.int64)
        self.address = self.block.ctypes.data
        self.kind = _bundle_type(type(held).__name__, tuple(fields))


def bundle(held: Named) -> Named:
    """The named tuple as kernels take it; plain Python keeps to the tuple itself.

    Its arrays must be C-contiguous. Raises as `Bundle` does.
    """
    return cast(Named, Bundle(held))


# --- what numba has to know ---


def _type_of(value: Bundle, _: Any) -> BundleType:
    return value.kind


def _field_type(_: Any, bundle_type: BundleType, field: str) -> Any:
    return bundle_type.places[field][1] if field in bundle_type.places else None


def _unbox(_: BundleType, value: Any, c: Any) -> NativeValue:
    address = c.pyapi.object_getattr_string(value, "address")
    pointer = c.pyapi.long_as_voidptr(address)
    c.pyapi.decref(address)
    return NativeValue(pointer)


def _load(context: Any, builder: Any, bundle_type: BundleType, value: Any, field: str) -> Any:
    place, kind = bundle_type.places[field]
    block = builder.bitcast(value, WORD.as_pointer())

    def word(more: int, of: Any = WORD) -> Any:
        at = builder.gep(block, [ir.Constant(WORD, place + more)])
        loaded = builder.load(builder.bitcast(at, of.as_pointer()))
        loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
        return loaded

    if not isinstance(kind, types.Array):
        return word(0, ir.DoubleType() if kind == types.float64 else WORD)
    array = context.make_array(kind)(context, builder)
    shape = [word(1 + axis) for axis in range(kind.ndim)]
    strides = [word(1 + kind.ndim + axis) for axis in range(kind.ndim)]
    items = ir.Constant(WORD, 1)
    for length in shape:
        items = builder.mul(items, length)
    size = context.get_abi_sizeof(context.get_data_type(kind.dtype))
    array.data = builder.inttoptr(word(0), array.data.type)
    array.shape = cgutils.pack_array(builder, shape, WORD)
    array.strides = cgutils.pack_array(builder, strides, WORD)
    array.nitems = items
    array.itemsize = ir.Constant(WORD, size)
    for unused in ("meminfo", "parent"):
        setattr(array, unused, cgutils.get_null_value(getattr(array, unused).type))
    return impl_ret_borrowed(context, builder, kind, array._getvalue())


typeof_impl.register(Bundle)(_type_of)
register_model(BundleType)(models.OpaqueModel)  # a pointer to the block
unbox(BundleType)(_unbox)
fields_of_bundles = {"key": BundleType, "generic_resolve": _field_type}
infer_getattr(type("BundleFields", (AttributeTemplate,), fields_of_bundles))
lower_getattr_generic(BundleType)(_load)
