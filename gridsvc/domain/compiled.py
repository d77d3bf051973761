"""Compiling functions on numbers and arrays of numbers."""

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., object])


def inlined(function: Function) -> Function:
    """The same as a part of every compiled function that calls it: what a call with many arrays costs is saved."""
    return cast(Function, njit(inline="always")(function))


def compiled(function: Function) -> Function:
    """The same function as machine code, made at its first call; it holds up no other thread.

    The code is kept beside the file, or in the user's cache or NUMBA_CACHE_DIR; where nothing can be written every
    process makes it anew.
    """
    try:
        return cast(Function, njit(nogil=True, cache=True)(function))
    except RuntimeError:  # no place for a cache
        return cast(Function, njit(nogil=True)(function))
