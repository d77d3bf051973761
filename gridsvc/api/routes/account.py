"""`/api/v1/account`: who asks, and what they may do."""

from typing import Any

from fastapi import APIRouter

from gridsvc.api.dependencies import TheCaller
from gridsvc.api.problems import RESPONSES
from gridsvc.errors import UnauthenticatedError

router = APIRouter(tags=["account"], responses=RESPONSES)


@router.get("/account")
def own_account(caller: TheCaller) -> dict[str, Any]:
    """The account that asks, with its roles and the rights that count for this token or session."""
    if caller.account_id is None:
        raise UnauthenticatedError("nobody is signed in")
    return {
        "name": caller.name,
        "display_name": caller.display_name,
        "department": caller.department,
        "whole_city": caller.whole_city,
        "roles": caller.roles,
        "rights": caller.rights,
        "must_change_password": caller.must_change,
    }
