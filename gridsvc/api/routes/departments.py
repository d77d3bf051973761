"""`/api/v1/departments`: the tree of departments."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response, status
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints
from starlette.convertors import Convertor, register_url_convertor

from gridsvc.api.dependencies import LONGEST_NAME, CallerAlone, Conn, Day, TheService, edits_rules, needs
from gridsvc.api.problems import CONFLICT, NOT_FOUND, RESPONSES, TOO_LARGE
from gridsvc.api.tables import TABLE_BODY, Sent, sent_table
from gridsvc.casework.departments import import_departments, put_department, retire, tree
from gridsvc.casework.departments_reading import COLUMNS, NEEDED
from gridsvc.domain.access import Right
from gridsvc.domain.departments import Department
from gridsvc.store.callers import acting


class DepartmentCode(Convertor[str]):
    """What may stand in the address of a department: any code, but no word that means something else there."""

    regex = "(?!import$)[^/]+"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("department", DepartmentCode())
router = APIRouter(tags=["departments"], responses=RESPONSES)
EDITS = [Depends(edits_rules)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME)]
Code = Annotated[str, Path(min_length=1, max_length=LONGEST_NAME, pattern=r"^\S(.*\S)?$")]


class DepartmentGiven(BaseModel):
    """All that a department is."""

    model_config = ConfigDict(extra="forbid")

    name_zh: Name
    name_en: Name
    parent: Name | None = Field(None, description="code of the department above it")
    level: Literal["city", "district", "subdistrict", "unit"]
    on_platform: StrictBool = Field(description="takes orders in the system; one that does not cannot lead")


class Retirement(BaseModel):
    model_config = ConfigDict(extra="forbid")

    retired_on: Day | None = Field(description="the first day without it; null takes it back")
    even_so: StrictBool = Field(False, description="though rules or open cases name it")
    dry_run: StrictBool = Field(False, description="only say what names it")
    reason: str = Field("", max_length=1_000, description="why, for the record")


async def _sent(request: Request, caller: CallerAlone, service: TheService) -> Sent:
    await edits_rules(caller)
    return await sent_table(request, caller, service, Right.EDIT_RULES, COLUMNS, NEEDED)


@router.get("/departments", dependencies=[Depends(needs(Right.SEE_DETAILS))])
def list_departments(conn: Conn) -> dict[str, Any]:
    """The tree, from the city down: names, level, whether each works in the system, and since when it is retired."""
    return {"departments": tree(conn)}


@router.post("/departments/import", responses=TOO_LARGE, openapi_extra=TABLE_BODY)
def bring_in(
    sent: Annotated[Sent, Depends(_sent)],
    conn: Conn,
    dry_run: Annotated[bool, Query(description="change nothing; all that is wrong is listed")] = False,
) -> dict[str, Any]:
    """Add and change the departments of a file; nothing is changed if a row is wrong, and others stay as they are."""
    with acting(conn, Right.EDIT_RULES):
        return asdict(import_departments(conn, sent.name, sent.rows, dry_run=dry_run))


@router.put(
    "/departments/{code:department}",
    responses={201: {"description": "It is new"}},
    dependencies=EDITS,
)
def put(conn: Conn, code: Code, given: DepartmentGiven, response: Response) -> dict[str, Any]:
    """Add a department, rename it, or move it below another one; the tree stays free of circles."""
    department = Department(code=code, **given.model_dump())
    with acting(conn, Right.EDIT_RULES):
        new = put_department(conn, department)
    if new:
        response.status_code = status.HTTP_201_CREATED
    return asdict(department)


@router.post("/departments/{code}/retire", responses=NOT_FOUND | CONFLICT, dependencies=EDITS)
def retire_one(conn: Conn, code: Code, given: Retirement) -> dict[str, Any]:
    """From a day on there is no such department; 409 while rules or open cases name it, which says which."""
    with acting(conn, Right.EDIT_RULES):
        done = retire(conn, code, given.retired_on, even_so=given.even_so, dry_run=given.dry_run, reason=given.reason)
    return asdict(done)
