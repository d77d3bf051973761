"""`/api/v1/figures`: as data and as files, of what the caller sees."""

import io
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import openpyxl
import pytest

from gridsvc.store.connection import connect
from tests.accounts import put_account, put_token
from tests.api import town
from tests.service import asking, running

FIGURES = "/api/v1/figures"
JUNE = {"from": "2026-06-01", "to": "2026-06-30"}
SINCE_JUNE = {"from": "2026-06-01"}
"""Until today, when the reports came in and were registered."""
EVERYBODY: dict[str, dict[str, Any]] = {
    "analyst": {"roles": ("analyst",), "whole_city": True},
    "head-w": {"roles": ("grid_head",), "areas": ("grid:w",)},
    "handler-east": {"roles": ("department_handler",), "department": "east"},
}


@pytest.fixture(scope="module")
def clients(database: str) -> Iterator[dict[str, httpx.Client]]:
    """On the small town: ten cases in the west, nine in the east, one report there that waits for confirmation."""
    town.build(database)
    with connect(database) as conn, conn.transaction():
        tokens = {}
        for name, who in EVERYBODY.items():
            roles, rest = who["roles"], {key: value for key, value in who.items() if key != "roles"}
            tokens[name] = put_token(conn, put_account(conn, name, *roles, **rest))
    with running(database) as host, asking(host) as public, ExitStack() as stack:
        yield {"public": public} | {name: stack.enter_context(asking(host, token)) for name, token in tokens.items()}


def of(client: httpx.Client, figure: str, **asked: str) -> dict[str | None, tuple[int, int]]:
    answer = client.get(FIGURES, params={**SINCE_JUNE, **asked})
    assert answer.status_code == 200, answer.text
    return {
        row["key"]: (row["figures"][figure]["numerator"], row["figures"][figure]["denominator"])
        for row in answer.json()["rows"]
    }


def test_each_figure_comes_with_its_formula_and_says_nothing_of_nothing(clients: dict[str, httpx.Client]) -> None:
    answer = clients["analyst"].get(FIGURES, params={**JUNE, "by": "department"}).json()
    (disposal,) = [one for one in answer["figures"] if one["figure"] == "disposal"]
    assert disposal == {
        "figure": "disposal", "name_zh": "处置率", "name_en": "disposal", "formula_zh": "处置数 / 应处置数",
        "formula_en": "disposed / due for disposal", "unit": "share",
    }  # fmt: skip
    west = next(row for row in answer["rows"] if row["key"] == "west")
    assert west["figures"]["self_disposal"] == {"numerator": 0, "denominator": 0, "value": None}
    assert west["figures"]["report_to_accepted"] == {"count": 0, "median": None, "p90": None}
    assert (west["from"], west["to"]) == ("2026-06-01", "2026-06-30")


def test_everybody_sees_figures_of_what_they_see(clients: dict[str, httpx.Client]) -> None:
    assert of(clients["analyst"], "valid_reports", by="area", area_kind="grid") == {
        "w": (10, 11), "e": (9, 10), None: (0, 4),
    }  # fmt: skip
    assert of(clients["head-w"], "valid_reports", by="area", area_kind="grid") == {"w": (10, 11)}
    assert of(clients["handler-east"], "valid_reports") == {"all": (9, 10)}
    assert of(clients["analyst"], "valid_reports", area_kind="grid", area_code="e") == {"all": (9, 10)}
    assert clients["public"].get(FIGURES).status_code == 401


def test_files_are_for_those_who_may_export(clients: dict[str, httpx.Client]) -> None:
    asked = {**SINCE_JUNE, "by": "department", "form": "xlsx", "lang": "en"}
    answer = clients["analyst"].get(FIGURES, params=asked)
    assert "figures.xlsx" in answer.headers["content-disposition"]
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.values)
    assert rows[0][:5] == ("key", "name", "from", "to", "figure")
    assert ("west", "valid reports", 10, 10, 100) in [(row[0], row[4], *row[5:8]) for row in rows]
    text = clients["analyst"].get(FIGURES, params={**asked, "form": "csv", "lang": "zh"}).content.decode("utf-8-sig")
    assert text.splitlines()[0].startswith('"代码","名称","起始日期"')
    assert clients["head-w"].get(FIGURES, params=asked).status_code == 403


def test_what_is_wrong_is_told_in_both_languages(clients: dict[str, httpx.Client]) -> None:
    answer = clients["analyst"].get(FIGURES, params={"by": "street"})
    assert (answer.status_code, answer.json()["detail_zh"][:9]) == (422, "没有这样的统计口径")
