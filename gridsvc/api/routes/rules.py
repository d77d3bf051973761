"""`/api/v1/rules`: who is responsible for what, and in which lane: looked at, changed, checked as a whole."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, status
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from gridsvc.api.dependencies import (
    LONGEST_NAME,
    CallerAlone,
    Conn,
    Day,
    Kind,
    Limit,
    Offset,
    SubclassCode,
    TheCity,
    TheService,
    edits_rules,
    needs,
)
from gridsvc.api.files import layer_file
from gridsvc.api.problems import CONFLICT, NOT_FOUND, RESPONSES, TOO_LARGE
from gridsvc.api.tables import FORMS, TABLE_BODY, Sent, sent_table
from gridsvc.casework import matrix
from gridsvc.casework.matrix_checking import check_matrix
from gridsvc.casework.matrix_looking import RuleFilter, compare_revisions, revisions_page, rules_layer, rules_page
from gridsvc.casework.matrix_words import columns, needed
from gridsvc.domain.access import Right
from gridsvc.store.callers import acting

router = APIRouter(tags=["rules"], responses=RESPONSES)
SEES = [Depends(needs(Right.SEE_DETAILS))]
EDITS = [Depends(edits_rules)]
LONGEST_TEXT = 1_000

Of = Annotated[Literal["duties", "lanes"], Query(description="rules of duty, or of lanes")]
Name = Annotated[str, Field(max_length=LONGEST_NAME)]
TableName = Annotated[str | None, Query(max_length=LONGEST_NAME, description="of one table, such as duties.csv")]
Revision = Annotated[int, Query(ge=0, lt=2**31, description="of its table, that was looked at")]
Reason = Annotated[str, Query(max_length=LONGEST_TEXT, description="why, for the record")]
RuleId = Annotated[int, Path(ge=1, lt=2**63)]


class RuleGiven(BaseModel):
    """What is said of a rule; null takes it away, and what is not said stays as it is."""

    model_config = ConfigDict(extra="forbid")

    rule: Name | None = Field(None, description="what the city calls it")
    kind: Name | None = Field(None, description="component or event")
    class_code: Name | None = Field(None, description="code or name of a class; without a subclass the whole class")
    subclass_code: Name | None = Field(None, description="code or name")
    area_kind: Name | None = Field(None, description="with area_code; neither: the whole city")
    area_code: Name | None = None
    lane: Name | None = Field(None, description="self, dispatched or enforcement")
    lead: Name | None = Field(None, description="code or name of a department; likewise the others")
    co_operating: list[Name] | None = Field(None, max_length=50)
    supervising: list[Name] | None = Field(None, max_length=50)
    level: Name | None = Field(None, description="city, district, subdistrict or community")
    priority: int | None = Field(None, strict=True, ge=-(2**31), lt=2**31)
    valid_from: Day | None = Field(None, description="first day")
    valid_to: Day | None = Field(None, description="last day, included")
    source: str | None = Field(None, max_length=LONGEST_TEXT, description="where it is written down: the source of law")
    reason: str = Field("", max_length=LONGEST_TEXT, description="why it is changed, for the record")

    def cells(self) -> dict[str, str]:
        """As a row of a file says it."""
        said = self.model_dump(mode="json", include=self.model_fields_set - {"reason", "table", "revision"})
        return {
            name: "" if value is None else ";".join(value) if isinstance(value, list) else str(value)
            for name, value in said.items()
        }


class NewRule(RuleGiven):
    table: str = Field("by hand", min_length=1, max_length=LONGEST_NAME, description="the table that it joins")
    revision: int | None = Field(None, strict=True, ge=0, lt=2**31, description="of the table, that was looked at")


class ChangedRule(RuleGiven):
    revision: int = Field(strict=True, ge=0, lt=2**31, description="of its table, that was looked at")


def _filter(
    of: Of = "duties",
    table: TableName = None,
    revision: Annotated[int | None, Query(ge=1, lt=2**31, description="as this revision left the tables")] = None,
    kind: Kind = None,
    class_code: Annotated[str | None, Query(max_length=LONGEST_NAME, description="of this class")] = None,
    subclass_code: SubclassCode = None,
    area_kind: Annotated[str | None, Query(max_length=LONGEST_NAME, description="about areas of this kind")] = None,
    area_code: Annotated[str | None, Query(max_length=LONGEST_NAME, description="about the area of this code")] = None,
    lane: Annotated[str | None, Query(max_length=LONGEST_NAME, description="of this lane")] = None,
    department: Annotated[
        str | None, Query(max_length=LONGEST_NAME, description="in which this department has a part")
    ] = None,
    day: Annotated[Day | None, Query(description="in force on this day")] = None,
) -> RuleFilter:
    return RuleFilter(
        of_lanes=of == "lanes", table=table, revision=revision, kind=kind, class_code=class_code,
        subclass_code=subclass_code, area_kind=area_kind, area_code=area_code, lane=lane, department=department,
        day=day,
    )  # fmt: skip


Chosen = Annotated[RuleFilter, Depends(_filter)]


async def _sent(request: Request, caller: CallerAlone, service: TheService, of: Of = "duties") -> Sent:
    of_lanes = of == "lanes"
    words = columns(of_lanes=of_lanes)
    await edits_rules(caller)
    return await sent_table(request, caller, service, Right.EDIT_RULES, words, needed(of_lanes=of_lanes))


@router.get("/rules", responses=NOT_FOUND, dependencies=SEES)
def list_rules(conn: Conn, chosen: Chosen, limit: Limit = 100, offset: Offset = 0) -> dict[str, Any]:
    """Rules by table, as they are or as a revision left them; `tables` tells the newest revision of each."""
    return rules_page(conn, chosen, limit=limit, offset=offset)


@router.get("/rules/check", dependencies=EDITS)
def check(
    conn: Conn,
    city: TheCity,
    service: TheService,
    what: Annotated[str | None, Query(max_length=LONGEST_NAME, description="only findings of this sort")] = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> dict[str, Any]:
    """All that is wrong with the rules: nobody, contradictions, rules that never win, departments that retired, …"""
    with acting(conn, Right.EDIT_RULES):
        found = check_matrix(conn, city, index=service.index.now(), what=what)
    return {
        "from": found.day, "counts": found.counts, "total": len(found.findings),
        "findings": found.findings[offset : offset + limit],
    }  # fmt: skip


@router.get("/rules/revisions", dependencies=SEES)
def list_revisions(conn: Conn, table: TableName = None, limit: Limit = 100, offset: Offset = 0) -> dict[str, Any]:
    """What changed the rules, newest first: which table, when, by hand or with a city, why."""
    return revisions_page(conn, table, limit=limit, offset=offset)


@router.get("/rules/difference", dependencies=SEES)
def compare(
    conn: Conn,
    table: Annotated[str, Query(max_length=LONGEST_NAME, description="which table")],
    before: Annotated[int, Query(ge=0, lt=2**31, description="a revision of the rules")],
    after: Annotated[int, Query(ge=0, lt=2**31, description="another one")],
) -> dict[str, Any]:
    """Which rules of a table one revision has and the other has not; one that changed is in both lists."""
    return compare_revisions(conn, table, before, after)


@router.get(
    "/rules/export",
    dependencies=[Depends(needs(Right.EXPORT))],
    response_class=StreamingResponse,
    responses=FORMS | NOT_FOUND,
)
def export(
    conn: Conn,
    city: TheCity,
    chosen: Chosen,
    form: Annotated[Literal["csv", "xlsx"], Query(description="of the file")] = "xlsx",
    lang: Annotated[Literal["zh", "en"], Query(description="of headings and words")] = "zh",
) -> StreamingResponse:
    """Rules as a file that can be brought in again. That they were taken out is recorded."""
    layer = rules_layer(conn, city, chosen, lang)
    return layer_file(lambda _: layer, form, encoding="utf-8", crs=None, coordinates=False)


@router.post("/rules", status_code=status.HTTP_201_CREATED, responses=CONFLICT, dependencies=EDITS)
def add(conn: Conn, city: TheCity, given: NewRule, of: Of = "duties") -> dict[str, Any]:
    """One more rule: a new revision of its table. All rules of the table have new ids in it."""
    with acting(conn, Right.EDIT_RULES):
        done = matrix.add_rule(
            conn, city, given.table, given.cells(), of_lanes=of == "lanes", base=given.revision, reason=given.reason
        )
    return asdict(done)


@router.post("/rules/import", responses=TOO_LARGE | CONFLICT, openapi_extra=TABLE_BODY)
def bring_in(
    sent: Annotated[Sent, Depends(_sent)],
    conn: Conn,
    city: TheCity,
    of: Of = "duties",
    table: TableName = None,
    revision: Annotated[int | None, Query(ge=0, lt=2**31, description="of the table, that was looked at")] = None,
    reason: Reason = "",
    dry_run: Annotated[bool, Query(description="change nothing; all that is wrong is listed")] = False,
) -> dict[str, Any]:
    """Replace a table by a file, whose name it has if nothing is said; nothing is changed if a row is wrong."""
    with acting(conn, Right.EDIT_RULES):
        done = matrix.import_rules(
            conn, city, sent.name, sent.rows, of_lanes=of == "lanes", table=table, base=revision, dry_run=dry_run,
            reason=reason,
        )  # fmt: skip
    return asdict(done)


@router.patch("/rules/{rule_id:int}", responses=NOT_FOUND | CONFLICT, dependencies=EDITS)
def change(conn: Conn, city: TheCity, rule_id: RuleId, given: ChangedRule, of: Of = "duties") -> dict[str, Any]:
    """Change one rule: a new revision of its table. 409 if somebody changed the table meanwhile, saying what."""
    with acting(conn, Right.EDIT_RULES):
        done = matrix.change_rule(
            conn, city, rule_id, given.cells(), of_lanes=of == "lanes", base=given.revision, reason=given.reason
        )
    return asdict(done)


@router.delete("/rules/{rule_id:int}", responses=NOT_FOUND | CONFLICT, dependencies=EDITS)
def remove(conn: Conn, rule_id: RuleId, revision: Revision, of: Of = "duties", reason: Reason = "") -> dict[str, Any]:
    """A rule that counts no more: a new revision of its table. What it decided keeps it."""
    with acting(conn, Right.EDIT_RULES):
        done = matrix.remove_rule(conn, rule_id, of_lanes=of == "lanes", base=revision, reason=reason)
    return asdict(done)
