"""One report over HTTP: sent in few round trips, whole or not at all, by the rules of that moment."""

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from gridsvc.store.connection import connect
from tests import made
from tests.api.town import TOWN
from tests.service import running

LON, LAT = TOWN.lonlat("1")
REPORT = {
    "channel": "hotline", "reported_at": "2026-06-01T12:00:00+08:00", "kind": "event", "subclass_code": "0110",
    "lon": LON, "lat": LAT,
}  # fmt: skip


def sent(service: httpx.Client, external_id: str, **given: Any) -> httpx.Response:
    return service.post("/api/v1/reports", json={**REPORT, "external_id": external_id, **given})


def stored(database: str, external_id: str) -> list[tuple[Any, ...]]:
    with connect(database) as conn:
        return conn.execute(
            "SELECT (SELECT count(*) FROM routing_decision WHERE report_id = report.id),"
            "       (SELECT count(*) FROM cases WHERE report_id = report.id),"
            "       (SELECT count(*) FROM report_repeat WHERE report_id = report.id)"
            "  FROM report WHERE external_id = %s",
            [external_id],
        ).fetchall()


def test_what_the_database_refuses_leaves_nothing_and_hinders_nobody(service: httpx.Client, database: str) -> None:
    for n in range(10):
        refused = sent(service, "refused", description="before\0after")
        assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
        assert sent(service, f"taken {n}").status_code == 201
    assert sent(service, "refused", channel="fax").status_code == 422
    assert stored(database, "refused") == []


def test_one_id_sent_twenty_times_at_once_is_one_report_and_one_case(service: httpx.Client, database: str) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda n: sent(service, "same", description=str(n)), range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({(answer.json()["id"], answer.json()["case_id"]) for answer in answers}) == 1
    assert stored(database, "same") == [(1, 1, 19)]


def test_the_rules_that_the_service_holds_are_those_in_force(service: httpx.Client, database: str) -> None:
    assert sent(service, "before").json()["lead"] == "west"
    with connect(database) as conn, conn.transaction():
        made.put_rules(conn, made.rule("east"))
    after = sent(service, "after").json()
    assert (after["lead"], after["duty_revision"]) == ("east", 2)


def test_far_more_reports_than_connections_are_all_taken_in(service: httpx.Client, database: str) -> None:
    """Those that wait for a connection must not take the threads that those with one need to go on."""

    async def send_all(host: str) -> list[int]:
        limits = httpx.Limits(max_connections=None)
        async with httpx.AsyncClient(
            base_url=f"http://{host}", headers=service.headers, timeout=30, limits=limits, trust_env=False, verify=False
        ) as crowd:
            sending = [crowd.post("/api/v1/reports", json={**REPORT, "external_id": f"crowd {n}"}) for n in range(50)]
            return [answer.status_code for answer in await asyncio.gather(*sending)]

    with running(database, pool_size=2) as host:
        assert Counter(asyncio.run(send_all(host))) == {201: 50}
