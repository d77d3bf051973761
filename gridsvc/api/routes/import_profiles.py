"""`/api/v1/import-profiles`: saved mappings."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path

from gridsvc.api.dependencies import LONGEST_NAME, Conn, needs
from gridsvc.api.problems import NOT_FOUND, RESPONSES
from gridsvc.api.routes.import_models import Profiles
from gridsvc.domain.access import Right
from gridsvc.ingest.meanings import profiles
from gridsvc.store.callers import acting
from gridsvc.store.previews import account_names

router = APIRouter(tags=["imports"], responses=RESPONSES, dependencies=[Depends(needs(Right.IMPORT_DATA))])


@router.get("/import-profiles")
def list_profiles(conn: Conn) -> Profiles:
    """Mappings that were saved under a name; one is offered again for files of the same shape."""
    with acting(conn, Right.IMPORT_DATA):
        found = profiles.list_profiles(conn)
        names = account_names(conn, [one.made_by for one in found if one.made_by is not None])
    shown = [{**vars(one), "made_by": names[one.made_by]["name"] if one.made_by in names else None} for one in found]
    return Profiles.model_validate({"profiles": shown})


@router.delete("/import-profiles/{name}", responses=NOT_FOUND)
def delete_profile(conn: Conn, name: Annotated[str, Path(max_length=LONGEST_NAME)]) -> dict[str, Any]:
    """Forget a mapping; imports that used it stay as they are."""
    with acting(conn, Right.IMPORT_DATA):
        profiles.delete_profile(conn, name)
    return {"name": name}
