"""New reports compared with open ones: what they repeat is proposed, or linked at once where their channel folds."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from gridsvc.domain.duplicates import Compared, Duplicate, settle
from gridsvc.domain.matching import Match
from gridsvc.domain.reports import Report
from gridsvc.domain.routing import Decision
from gridsvc.store import duplicates
from gridsvc.store.casework import Routed
from gridsvc.store.channels import Channel
from gridsvc.store.connection import Connection
from gridsvc.store.duplicates import Near

Found = Mapping[UUID, Duplicate]
"""What each report may repeat."""


def take_turns(conn: Connection, channels: Mapping[str, Channel], reports: Sequence[Report]) -> None:
    """Before a lot is stored: lots of channels that fold come one after another."""
    if any(channels[report.channel].folds for report in reports):
        duplicates.take_turns(conn)


def compare(
    conn: Connection, srid: int, channels: Mapping[str, Channel], routed: Sequence[Routed], *, stored: bool = False
) -> tuple[list[Routed], Found]:
    """The reports with what they surely mean and are linked to, and what they may repeat.

    They come in the order in which they are to count, the first of several with one id. What is stored already is left
    out, unless `stored` says that all of them are; what comes closed repeats nothing.
    """
    meant = [replace(one, matched_component=surely_meant(one.decision)) for one in routed]
    first = {one.report.id: one for one in reversed(meant) if one.report.closed_at is None}
    fresh = [one for one in meant if first.get(one.report.id) is one]
    near = duplicates.repeated_reports(conn, srid, fresh, stored=stored)
    found = settle([_compared(fresh[n], channels, near[n]) for n in sorted(near)])
    linked = {id_: duplicate.of for id_, (duplicate, folded) in found.items() if folded}
    sure = {id_ for id_, (duplicate, _) in found.items() if duplicate.sure}
    settled = [
        replace(
            one, linked_to=linked.get(one.report.id), repeats=one.report.id in sure,
            registered=one.registered and one.report.id not in linked,
        )
        for one in meant
    ]  # fmt: skip
    return settled, {id_: duplicate for id_, (duplicate, _) in found.items()}


def surely_meant(decision: Decision) -> str | None:
    """The component that a report names, or the only one that it can mean."""
    told = decision.explanation.get("component")
    sure = Match.of_json(told).sure if told else None
    return sure.component_code if sure else None


def _compared(one: Routed, channels: Mapping[str, Channel], near: Near) -> Compared:
    report = one.report
    assert one.place is not None
    return Compared(
        id=report.id, kind=report.kind or "", subclass_code=report.subclass_code or "", component=one.matched_component,
        x=one.place[0], y=one.place[1], at=report.reported_at, rule=near.rule, folds=channels[report.channel].folds,
        known=near.known,
    )  # fmt: skip
