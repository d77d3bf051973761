"""The rules that a running service holds: read anew by whoever first sees another revision of them."""

from threading import Lock

from gridsvc.domain.duty_words import Names
from gridsvc.store.casework import Revisions, current_revisions
from gridsvc.store.connection import Connection
from gridsvc.store.duties import Rules, read_rules


class LiveRules:
    """For transactions that change no rules themselves: what they saw of their own would stay if they were undone."""

    def __init__(self) -> None:
        self._held: Rules | None = None
        self._reading = Lock()

    def now(self, conn: Connection) -> tuple[Revisions, Rules]:
        """What a decision made now is based on, both as they are at one moment. One round trip unless rules changed."""
        while True:
            revisions = current_revisions(conn)
            held = self._held
            if held is not None and held.revision == revisions.rules:
                return revisions, held
            with self._reading:
                if self._held is held:
                    self._renew(conn, revisions.rules)

    @property
    def names(self) -> Names | None:
        """Of the rules that a decision was based on last."""
        return self._held.names if self._held else None

    def _renew(self, conn: Connection, revision: int) -> None:
        """Unless they changed while they were read."""
        found = read_rules(conn, revision)
        if current_revisions(conn).rules == revision:
            self._held = found
