"""Reports that are stored already, decided anew: with another place, or standing for themselves again."""

from collections.abc import Sequence
from uuid import UUID

from gridsvc.casework import duplicates
from gridsvc.casework.routing import Router
from gridsvc.casework.situations import Claim
from gridsvc.store import casework
from gridsvc.store.casework import Routed
from gridsvc.store.connection import Connection


def decide_again(conn: Connection, router: Router, report_ids: Sequence[UUID]) -> list[Routed]:
    """One more decision about each, kept beside the earlier ones; confirmed ones with a lead become cases.

    For reports that are no cases yet, in the caller's transaction, which keeps the areas.
    """
    stored = casework.reports_to_decide(conn, report_ids)
    reports, places = [report for report, _ in stored], [place for _, place in stored]
    times = [report.reported_at for report in reports]
    duplicates.take_turns(conn, router.channels, reports)
    locations = router.locate(places, times)
    problems = [router.problem(report) for report in reports]
    situations = router.situations(
        [
            Claim(
                problem=problem, place=place, location=location, at=report.reported_at,
                accuracy_m=report.accuracy_m, component_code=report.component_code,
            )
            for report, problem, place, location in zip(reports, problems, places, locations, strict=True)
        ]
    )  # fmt: skip
    decisions = [router.decide(*both) for both in zip(problems, situations, strict=True)]
    routed = [
        Routed(
            report=report, area_ids=location.area_ids if location else [], current_area_ids=today, decision=decision,
            registered=router.channels[report.channel].confirmed and decision.lead is not None,
        )
        for report, location, today, decision in zip(
            reports, locations, router.current_areas(places, times, locations), decisions, strict=True
        )
    ]  # fmt: skip
    routed = duplicates.compare(conn, router.channels, routed)
    casework.add_decisions(conn, routed, router.revisions)
    return routed
