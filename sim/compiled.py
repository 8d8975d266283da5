"""How a rule serves two engines: plain Python, and machine code when a kernel calls it.

``@rule`` leaves the function as it is (the reference engine calls it as plain Python)
and tells numba that compiled kernels may call it too (the fast engine does).
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba.extending import register_jitable

RuleFunction = TypeVar("RuleFunction", bound=Callable[..., Any])


def rule(function: RuleFunction) -> RuleFunction:
    """Mark a small pure function as callable from plain Python and from kernels."""
    return cast(RuleFunction, register_jitable(function))
