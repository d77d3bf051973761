"""What several rules ask of one layer is worked out once."""

import weakref
from collections.abc import Callable
from typing import Generic, TypeVar

from gridsvc.ingest.rules.contract import Context, Whole

Answer = TypeVar("Answer")


class Once(Generic[Answer]):
    """Decorates a function; keeps its answer for the layer that was asked about last.

    Layers are told apart by identity (they hold arrays, so that they can be neither compared nor hashed), and are not
    kept alive.
    """

    def __init__(self, work: Callable[[Whole, Context], Answer]) -> None:
        self._work = work
        self._last: tuple[weakref.ref[Whole], weakref.ref[Context], Answer] | None = None

    def __call__(self, whole: Whole, context: Context) -> Answer:
        last = self._last
        if last is not None and last[0]() is whole and last[1]() is context:
            return last[2]
        answer = self._work(whole, context)
        self._last = weakref.ref(whole), weakref.ref(context), answer
        return answer
