"""`GET /api/v1/due`."""

from typing import Any

import httpx
import pytest

ASKED = {"kind": "component", "subclass_code": "0101", "condition": "翻起", "at": "2026-02-13T08:00:59Z"}


def ask(service: httpx.Client, **changed: str) -> httpx.Response:
    return service.get("/api/v1/due", params={**ASKED, **changed})


def test_due_with_zone_limit_and_reason(service: httpx.Client) -> None:
    found: dict[str, Any] = ask(service).json()
    assert (found["begin"], found["due_at"]) == ("2026-02-13T16:00:00+08:00", "2026-02-24T16:00:00+08:00")
    assert (
        found["limit"] | {"value": 2, "unit": "work_days", "profile": "default", "provisional": False} == found["limit"]
    )
    assert found["spans"][0] == {"begin": "2026-02-13T16:00:00+08:00", "end": "2026-02-13T18:00:00+08:00"}
    assert found["special_days"][1] == {
        "day": "2026-02-15", "workday": False, "name_zh": "春节", "name_en": "Spring Festival",
    }  # fmt: skip
    assert found["stages"]["verify"] == "2026-02-13T16:30:00+08:00"
    assert found["explanation"]["zh"].startswith("上水井盖，盖板松动作响或翻起")


@pytest.mark.parametrize(("changed", "status", "en", "zh"), [
    ({"at": "2199-02-13T16:00:00Z"}, 422, "of 2199 are not known", "尚无 2199 年"),
    ({"condition": "盖板"}, 422, "condition '盖板' is not known; choose one of: 盖板丢失", "没有这样的情形"),
    ({"kind": "tree"}, 422, "kind 'tree' is not known", "没有这样的类型"),
    ({"subclass_code": "9999"}, 404, "component subclass '9999' is not in the catalogue", "目录中没有小类“9999”"),
    ({"at": "2026-02-13T16:00:00"}, 422, "at", ""),
])  # fmt: skip
def test_what_is_wrong_is_told_in_both_languages(
    service: httpx.Client, changed: dict[str, str], status: int, en: str, zh: str
) -> None:
    answer = ask(service, **changed)
    assert answer.status_code == status
    assert en in answer.json()["detail"]
    assert zh in answer.json()["detail_zh"]
