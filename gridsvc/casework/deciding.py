"""Reports with their places: located, and decided by the rules of a router. Nothing is stored."""

import dataclasses
from collections.abc import Sequence

from gridsvc.casework.routing import Router
from gridsvc.casework.situations import Claim
from gridsvc.domain.duties import Problem
from gridsvc.domain.reports import Report
from gridsvc.domain.routing import Situation
from gridsvc.store.casework import Place, Routed


def decided(router: Router, reports: Sequence[Report], places: Sequence[Place | None]) -> list[Routed]:
    problems = [router.problem(report) for report in reports]
    times = [report.reported_at for report in reports]
    locations = router.locate(places, times)
    situations = router.situations(
        [
            Claim(
                problem=problem, place=place, location=location, at=report.reported_at,
                accuracy_m=router.accuracy(report), component_code=report.component_code,
            )
            for report, problem, place, location in zip(reports, problems, places, locations, strict=True)
        ]
    )  # fmt: skip
    current = router.current_areas(places, times, locations)
    return [_decided(router, *one) for one in zip(reports, problems, places, situations, current, strict=True)]


def _decided(
    router: Router, report: Report, problem: Problem, place: Place | None, situation: Situation, current: list[int]
) -> Routed:
    decision = router.decide(problem, situation)
    return Routed(
        report=dataclasses.replace(report, kind=problem.kind, subclass_code=problem.subclass_code),
        place=place,
        area_ids=situation.location.area_ids if situation.location else [],
        current_area_ids=current,
        decision=decision,
        registered=router.channels[report.channel].confirmed and decision.lead is not None,
    )
