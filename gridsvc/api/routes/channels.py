"""`/api/v1/channels`: the channels that reports come by."""

from typing import Any

from fastapi import APIRouter, Depends

from gridsvc.api.dependencies import Conn, needs
from gridsvc.api.problems import RESPONSES
from gridsvc.casework.channels import all_channels
from gridsvc.domain.access import Right

router = APIRouter(tags=["reports"], responses=RESPONSES)


@router.get("/channels", dependencies=[Depends(needs(Right.SEE_REPORTS))])
def list_channels(conn: Conn) -> dict[str, Any]:
    """The channels of the city.

    `confirmed`: reports need no confirmation before they are registered; `open_to_public`: whoever has no account may
    report by it; `folds`: what surely repeats an open report is linked to it at once. `accuracy_m`: by how many
    metres its places may be wrong, where reports do not say. `duplicates` says when reports of a subclass may mean one
    problem, and within how many metres they surely do.
    """
    return all_channels(conn)
