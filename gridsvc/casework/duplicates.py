"""New reports compared with open ones: what they repeat is proposed, or linked at once where their channel folds."""

import dataclasses
from collections.abc import Mapping, Sequence

from gridsvc.domain.duplicates import Compared, settle
from gridsvc.domain.reports import Report
from gridsvc.domain.routing import Decision
from gridsvc.store import duplicates
from gridsvc.store.casework import Channel, Routed
from gridsvc.store.connection import Connection
from gridsvc.store.duplicates import Near


def take_turns(conn: Connection, channels: Mapping[str, Channel], reports: Sequence[Report]) -> None:
    """Before a lot is stored: lots of channels that fold come one after another."""
    if any(channels[report.channel].folds for report in reports):
        duplicates.take_turns(conn)


def compare(conn: Connection, channels: Mapping[str, Channel], routed: Sequence[Routed]) -> list[Routed]:
    """The reports with what they surely mean and are linked to; what they may repeat is kept.

    They are stored already, with their places, and come in the order in which they are to count. What comes closed
    repeats nothing.
    """
    routed = [dataclasses.replace(one, matched_component=surely_meant(one.decision)) for one in routed]
    fresh = [one for one in routed if one.report.closed_at is None]
    near = duplicates.repeated_reports(conn, fresh)
    found = settle([_compared(fresh[n], channels, near[n]) for n in sorted(near)])
    linked = {id_: duplicate.of for id_, (duplicate, folded) in found.items() if folded}
    settled = [
        dataclasses.replace(
            one, linked_to=linked.get(one.report.id), registered=one.registered and one.report.id not in linked
        )
        for one in routed
    ]  # fmt: skip
    duplicates.add_duplicates(conn, settled, {id_: duplicate for id_, (duplicate, _) in found.items()})
    return settled


def surely_meant(decision: Decision) -> str | None:
    """The component that a report names, or the only one that it can mean."""
    match = decision.explanation.get("component")
    if not match or not match["found"] or (match["named"] is None and len(match["found"]) > 1):
        return None
    return str(match["found"][0]["component_code"])


def _compared(one: Routed, channels: Mapping[str, Channel], near: Near) -> Compared:
    report = one.report
    return Compared(
        id=report.id, kind=report.kind or "", subclass_code=report.subclass_code or "", component=one.matched_component,
        x=near.x, y=near.y, at=report.reported_at, rule=near.rule, folds=channels[report.channel].folds,
        known=near.known,
    )  # fmt: skip
