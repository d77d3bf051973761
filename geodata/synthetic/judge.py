"""The right answer to a report, from how it was placed."""

from dataclasses import dataclass, replace

import numpy as np

from synthetic.component_files import parties
from synthetic.decide import Outcome, lowest_codes
from synthetic.situations import Draft
from synthetic.world import World


@dataclass(frozen=True)
class Truth:
    """Areas by kind, the outcome, and what was near."""

    areas: dict[str, str]
    boundary: bool
    outcome: Outcome


def judge(world: World, draft: Draft, day: str) -> Truth:
    """Apply the rules of README.md in their order."""
    areas = lowest_codes(world.survey.areas, draft.cells)
    boundary = draft.on_edge
    if draft.reason:
        return Truth(areas, boundary, Outcome(reason=draft.reason))
    outcome = _decide(world, draft, areas, day)
    fault = "" if outcome.reason else _fault(world, draft, areas)
    return Truth(areas, boundary, replace(outcome, reason=fault) if fault else outcome)


def _fault(world: World, draft: Draft, areas: dict[str, str]) -> str:
    if "" in areas.values():
        return "gap"
    return "overlap" if any(cell in world.survey.areas.overlaps for cell in draft.cells) else ""


def _decide(world: World, draft: Draft, areas: dict[str, str], day: str) -> Outcome:
    lane = world.decider.lane(draft.kind, draft.subclass, areas, day)
    if draft.twins:
        return Outcome(lane, reason="ambiguous")
    if draft.component >= 0:
        authority, owner, maintainer = (str(p[0]) for p in parties(world.survey, np.array([draft.component])))
        return world.decider.by_component(lane, authority, owner, maintainer)
    here = world.decider.by_matrix(draft.kind, draft.subclass, areas, day)
    for cell in draft.reached:
        there = lowest_codes(world.survey.areas, [cell])
        if _who(world.decider.by_matrix(draft.kind, draft.subclass, there, day)) != _who(here):
            return Outcome(lane, reason="ambiguous")
    return here


def _who(outcome: Outcome) -> tuple[str, ...]:
    return outcome.lane, outcome.lead, outcome.co_operating, outcome.supervising, outcome.reason
