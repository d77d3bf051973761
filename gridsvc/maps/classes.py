"""Classes for counts that are skewed: few places have many reports, most have few."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST = 6
_SHARES = (0.0, 0.35, 0.6, 0.8, 0.92, 0.98)
_NICE = np.array([1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10])


@dataclass(frozen=True)
class Classes:
    """Class 0 is zero; class i ≥ 1 holds the counts from `lower[i - 1]` to `upper[i - 1]`, both included."""

    lower: tuple[int, ...]
    upper: tuple[int, ...]

    def of(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """The class of each count."""
        return np.searchsorted(np.array(self.lower, dtype=np.int64), counts, side="right").astype(np.int64)


def classify(counts: NDArray[np.int64]) -> Classes:
    """At most six classes over the positive counts, none empty, with bounds that are easy to read.

    Few different values: one class each. Otherwise quantiles that lie closer together towards the top, rounded to
    preferred numbers.
    """
    positive = counts[counts > 0]
    values = np.unique(positive)
    if len(values) == 0:
        return Classes((), ())
    lower = values if len(values) <= MOST else _bounds(positive)
    lower = lower[np.unique(np.searchsorted(lower, positive, side="right") - 1)]
    upper = [*(lower[1:] - 1), values[-1]]
    return Classes(tuple(int(v) for v in lower), tuple(int(v) for v in upper))


def _bounds(positive: NDArray[np.int64]) -> NDArray[np.int64]:
    nice = [_nice(float(v)) for v in np.quantile(positive, _SHARES[1:])]
    least, most = int(positive.min()), int(positive.max())
    return np.unique([least, *(v for v in nice if least < v <= most)]).astype(np.int64)


def _nice(value: float) -> int:
    """The preferred number nearest to a value ≥ 1; all whole numbers below 10 are preferred."""
    if value < 10:
        return round(value)
    power = 10.0 ** np.floor(np.log10(value))
    return int(_NICE[np.argmin(np.abs(_NICE - value / power))] * power)
