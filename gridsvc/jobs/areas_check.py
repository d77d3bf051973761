"""How well areas fit together, in force or as a draft would leave them: two rooms that edges bring together."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from gridsvc.areas.apply import waiting_draft
from gridsvc.areas.changes import prepared
from gridsvc.ingest.standing import Report, check_areas
from gridsvc.store import areas, audit
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from gridsvc.store.drafts import Change

REMEMBERED = 8
"""Reports that the service keeps, so that paging through one checks once."""


def check(conn: Connection, city: City, kinds: Sequence[str] = (), draft_id: int | None = None) -> list[Report]:
    """Of kinds that are named, else of all in use; with a draft, of those that it changes and those that lie in them.

    NotFoundError or ConflictError for a draft that cannot be applied to the areas of today. Nothing is written.
    """
    with _changes(conn, city, draft_id) as changes:
        wanted = kinds or _concerned(conn, changes)
        return [check_areas(conn, city, kind, changes) for kind in dict.fromkeys(wanted)]


@contextmanager
def _changes(conn: Connection, city: City, draft_id: int | None) -> Iterator[list[Change] | None]:
    """What a draft changes, with what is redrawn because of it; taken back at the end."""
    if draft_id is None:
        yield None
        return
    with conn.transaction(force_rollback=True):
        yield prepared(conn, waiting_draft(conn, draft_id), city.srid)


def _concerned(conn: Connection, changes: Sequence[Change] | None) -> list[str]:
    if changes is None:
        return [kind.kind for kind in areas.kinds_in_use(conn)]
    changed = {change.kind for change in changes}
    return [kind.kind for kind in areas.kinds(conn) if changed & {kind.kind, kind.parent}]


@dataclass(frozen=True)
class Reports:
    """The last reports of a running service. Drafts do not change, so one stays right until areas or kinds do."""

    _kept: OrderedDict[Any, Report] = field(default_factory=OrderedDict)
    _one_at_a_time: Lock = field(default_factory=Lock)

    def report(self, conn: Connection, city: City, kind: str, draft_id: int | None) -> Report:
        """Of one kind; worked out by one thread at a time."""
        key = kind, draft_id, areas.current_revision(conn), areas.newest_change(conn), tuple(areas.kinds(conn))
        with self._one_at_a_time:
            if key not in self._kept:
                (self._kept[key],) = check(conn, city, [kind], draft_id)
                while len(self._kept) > REMEMBERED:
                    self._kept.popitem(last=False)
            self._kept.move_to_end(key)
            return self._kept[key]


def record_export(conn: Connection, reports: Sequence[Report], draft_id: int | None) -> None:
    """That findings were taken out as a file."""
    rows = sum(len(report.findings) for report in reports)
    after = {"kinds": [report.kind for report in reports], "draft": draft_id, "rows": rows}
    audit.record(conn, "export.area_findings", f"{rows} findings", after=after)
