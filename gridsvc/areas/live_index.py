"""The grid index that a running service holds: renewed when the areas have a new revision, and at the time of one."""

import logging
import socket
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event, Lock, Thread

import psycopg

from gridsvc.domain.grid_index import GridIndex
from gridsvc.errors import SetupError
from gridsvc.store.areas import NOW, AsOf, current_revision
from gridsvc.store.connection import Connection
from gridsvc.store.listening import listening, wait_for_news
from gridsvc.store.locating import grid_index

AHEAD = timedelta(minutes=10)
"""How long before areas change by their date the index of those to come is made."""
LOOK = 60.0
"""Seconds after which the revision is looked at though nobody told of one."""
SOON, LATE = 0.2, 30.0
"""Seconds before a connection that broke is made anew: twice as many each time."""
MOST_PAST = 2
"""Indexes of other times that are kept."""
logger = logging.getLogger("gridsvc.index")


class LiveIndex:
    """Indexes that do not change; which of them are held is changed at once, by the thread of `following`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._held: tuple[GridIndex, ...] = ()
        self._past: deque[tuple[int | None, GridIndex]] = deque(maxlen=MOST_PAST)
        """With the revision that left its areas, if one was named."""
        self._making = Lock()
        self._over = Event()
        self._bell, self._ring = socket.socketpair()

    def now(self) -> GridIndex | None:
        """For a transaction that writes, which compares its revision with its own. None: PostGIS answers."""
        return self._covering(datetime.now(UTC))

    def seen(self, revision: int, when: AsOf = NOW) -> GridIndex | None:
        """For a transaction that reads, and sees this revision. None: PostGIS answers."""
        index = self._covering(when.at or datetime.now(UTC)) if when.revision is None else None
        return index if index is not None and index.revision == revision else None

    def _covering(self, moment: datetime) -> GridIndex | None:
        return next((index for index in self._held if index.covers(moment)), None)

    def as_of(self, conn: Connection, when: AsOf) -> GridIndex:
        """For many points: one that is held, or else one made now, of which the last few are kept.

        The caller's transaction keeps the areas.
        """
        revision, moment = current_revision(conn), when.at or datetime.now(UTC)
        with self._making:
            held = [(None, index) for index in self._held] + list(self._past)
            for left_by, index in held:
                if index.revision == revision and left_by == when.revision and index.covers(moment):
                    return index
            made = grid_index(conn, when, known=[index for _, index in held])
            self._past.append((when.revision, made))
            return made

    @contextmanager
    def following(self) -> Iterator[None]:
        """It is made, and follows the areas, in a thread until the block ends."""
        thread = Thread(target=self._follow, daemon=True, name="grid index")
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            self._ring.close()
            thread.join(timeout=30)
            self._bell.close()

    def _follow(self) -> None:
        pause = SOON
        while not self._over.is_set():
            try:
                with listening(self._url) as conn:
                    while not self._over.is_set():
                        self._renew(conn)
                        pause = SOON
                        wait_for_news(conn, self._bell, self._seconds())
            except (SetupError, psycopg.Error) as error:
                logger.warning("the areas are not followed for %s s: %s", pause, type(error).__name__)
            except Exception:
                logger.exception("the index was not made; PostGIS answers")
            self._over.wait(pause)
            pause = min(2 * pause, LATE)

    def _renew(self, conn: Connection) -> None:
        """Those of now and of soon, unless they are held."""
        now = datetime.now(UTC)
        with conn.transaction():
            if not self._is_new(current_revision(conn), now):
                return
            made = [grid_index(conn, AsOf(at=now), known=self._held)]
            if made[0].until is not None and made[0].until - now <= AHEAD:
                made.append(grid_index(conn, AsOf(at=made[0].until), known=[*made, *self._held]))
        made[0].at(0.0, 0.0)  # what one point needs is compiled before somebody waits for it
        self._held = tuple(made)
        logger.info("index made", extra={"revision": made[0].revision, "kinds": len(made[0].kinds)})

    def _is_new(self, revision: int, now: datetime) -> bool:
        soon = [index for index in self._held if index.revision == revision and index.covers(now)]
        if not soon:
            return True
        until = soon[0].until
        return until is not None and until - now <= AHEAD and self._covering(until) is None

    def _seconds(self) -> float:
        """Until something is to be done though nobody tells."""
        now = datetime.now(UTC)
        until = [index.until for index in self._held if index.until is not None]
        waits = [(moment - before - now).total_seconds() for moment in until for before in (AHEAD, timedelta())]
        return min([LOOK, *(seconds + 0.001 for seconds in waits if seconds > 0)])
