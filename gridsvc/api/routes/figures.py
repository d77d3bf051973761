"""`/api/v1/figures`: how well departments, areas and posts do, by the formulae of GB/T 30428.4."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query

from gridsvc.api.dependencies import LONGEST_NAME, Conn, Day, Kind, SubclassCode, TheCaller, TheCity, needs
from gridsvc.api.files import FILES, layer_file
from gridsvc.api.problems import RESPONSES
from gridsvc.casework.figures import Question, ask, figures_layer
from gridsvc.domain.access import Right
from gridsvc.store.figures import Cut

router = APIRouter(tags=["figures"], responses=RESPONSES)
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "As JSON, or as the file that was asked for",
        "content": {name: kind for name, kind in FILES[200]["content"].items() if "csv" in name or "sheet" in name},
    }
}


def _question(
    by: Annotated[
        str,
        Query(max_length=LONGEST_NAME, description="all, department, area (with area_kind), subclass, lane or rule"),
    ] = "all",
    first: Annotated[
        Day | None, Query(alias="from", description="first day, in the city's time; the first of this month")
    ] = None,
    last: Annotated[Day | None, Query(alias="to", description="last day, included; none: today")] = None,
    every: Annotated[
        str | None,
        Query(max_length=LONGEST_NAME, description="one row for each day, week, month or year; none: one row"),
    ] = None,
    area_kind: Annotated[str | None, Query(max_length=LONGEST_NAME, description="with by=area or area_code")] = None,
    area_code: Annotated[str | None, Query(max_length=LONGEST_NAME, description="only of this area")] = None,
    kind: Kind = None,
    subclass_code: SubclassCode = None,
    lane: Annotated[str | None, Query(max_length=LONGEST_NAME, description="self, dispatched or enforcement")] = None,
    department: Annotated[str | None, Query(max_length=LONGEST_NAME, description="only of this department")] = None,
) -> Question:
    cut = Cut(
        by=by, area_kind=area_kind, area_code=area_code, kind=kind, subclass_code=subclass_code, lane=lane,
        department=department,
    )  # fmt: skip
    return Question(cut=cut, first=first, last=last, every=every)


@router.get("/figures", dependencies=[Depends(needs(Right.SEE_REPORTS))], responses=ANSWERS)
def figures(
    conn: Conn,
    caller: TheCaller,
    city: TheCity,
    question: Annotated[Question, Depends(_question)],
    form: Annotated[
        Literal["json", "csv", "xlsx"], Query(description="csv and xlsx need the right to export")
    ] = "json",
    lang: Annotated[Literal["zh", "en"], Query(description="of a file's headings and words")] = "zh",
) -> Any:
    """Figures of what the caller may see, each with numerator, denominator and formula; what was not due has no value.

    A case can be due in two periods (finished in one, its limit in the other), so periods are not to be added up.
    """
    answer = ask(conn, city, question)
    if form == "json":
        return answer.as_json()
    caller.check(Right.EXPORT)
    layer = figures_layer(conn, city, answer, lang)
    return layer_file(lambda _: layer, form, encoding="utf-8", crs=None, coordinates=False)
