"""What pages show of batches beside what the checks need."""

from collections.abc import Sequence
from typing import Any

from gridsvc.store.connection import Connection
from gridsvc.store.rows import dicts, tuples, value

Box = tuple[float, float, float, float]


def account_names(conn: Connection, accounts: Sequence[int]) -> dict[int, dict[str, Any]]:
    """`name` and `display_name` by id; needs the system's rights."""
    return {row["id"]: row for row in dicts(conn, "account_names", accounts=list(accounts))}


def revisions_in_force(conn: Connection, batches: Sequence[int]) -> dict[int, int]:
    """By batch: the revision in which the draft that it became was applied."""
    return dict(tuples(conn, "revisions_in_force", batches=list(batches)))


def severities_of_features(conn: Connection, batch_id: int, features: Sequence[int]) -> list[tuple[Any, ...]]:
    """Layer, feature and severity of what was found about features with these numbers, of any layer."""
    return tuples(conn, "severities_of_features", batch_id=batch_id, features=list(features))


def finding_cells(conn: Connection, batch_id: int, box: Box, size: float) -> list[tuple[Any, ...]]:
    """Column, row, severity and count of findings in square cells, counted from the box's lower left corner."""
    x, y, most_x, most_y = box
    return tuples(conn, "finding_cells", batch_id=batch_id, x=x, y=y, most_x=most_x, most_y=most_y, size=size)


def rejected_count(conn: Connection, batch_id: int) -> int:
    return int(value(conn, "rejected_count", batch_id=batch_id))
