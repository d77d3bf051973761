"""The channels that reports come by, and when two of their reports may mean one problem."""

from dataclasses import asdict
from typing import Any

from gridsvc.domain.duplicates import USUAL_RULE
from gridsvc.store import channels, duplicates
from gridsvc.store.connection import Connection


def all_channels(conn: Connection) -> dict[str, Any]:
    """`duplicates`: the usual rule, and those of subclasses where it is not as usual."""
    return {
        "channels": [asdict(channel) for channel in channels.channels(conn).values()],
        "duplicates": {"usual": asdict(USUAL_RULE), "by_subclass": duplicates.duplicate_rules(conn)},
    }
