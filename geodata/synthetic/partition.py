"""Divide a set of unit grids into connected parts of nearly equal number."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
Neighbours = list[list[int]]


def divide(cells: IntArray, parts: int, column: IntArray, row: IntArray, neighbours: Neighbours) -> list[IntArray]:
    """Halve again and again across the longer side; every part hangs together by whole edges.

    Args:
        cells: numbers of unit grids that hang together, at least `parts` of them
        column, row: place of every unit grid of the city in the lattice
        neighbours: per unit grid its four neighbours, -1 for none
    """
    if len(cells) < parts:
        raise ValueError(f"{len(cells)} unit grids cannot make {parts} parts")
    done: list[IntArray] = []
    waiting = [(cells, parts)]
    while waiting:
        piece, count = waiting.pop()
        if count == 1:
            done.append(np.sort(piece))
            continue
        left, right = _halve(piece, count, column, row, neighbours)
        left_count = _share(count, len(left), len(right))
        waiting += [(right, count - left_count), (left, left_count)]
    return done


def _share(count: int, left: int, right: int) -> int:
    wish = round(count * left / (left + right))
    return min(max(wish, 1, count - right), count - 1, left)


def _halve(
    piece: IntArray, count: int, column: IntArray, row: IntArray, neighbours: Neighbours
) -> tuple[IntArray, IntArray]:
    across, other = column[piece], row[piece]
    if np.ptp(other) > np.ptp(across):
        across, other = other, across
    order = piece[np.lexsort((other, across))]
    cut = round(len(piece) * (count // 2) / count)
    left, right = set(order[:cut].tolist()), set(order[cut:].tolist())
    for giving, taking in ((left, right), (right, left)):
        for small in connected(giving, neighbours)[1:]:
            giving -= small
            taking |= small
    return np.array(sorted(left)), np.array(sorted(right))


def connected(cells: set[int], neighbours: Neighbours) -> list[set[int]]:
    """The pieces of a set of unit grids, largest first."""
    left = set(cells)
    pieces = []
    while left:
        start = min(left)
        piece, queue = {start}, deque([start])
        left.discard(start)
        while queue:
            for beside in neighbours[queue.popleft()]:
                if beside in left:
                    left.discard(beside)
                    piece.add(beside)
                    queue.append(beside)
        pieces.append(piece)
    return sorted(pieces, key=lambda p: (-len(p), min(p)))
