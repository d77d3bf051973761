"""What row-level security costs: the same questions of a million components with and without it, in turns."""

import itertools
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from psycopg.conninfo import make_conninfo
from pyproj import Transformer

from gridsvc.cli.load import initialise
from gridsvc.domain.access import Right
from gridsvc.localdb import Addresses, Cluster
from gridsvc.store import components, plans
from gridsvc.store.callers import act_for_good, name_caller
from gridsvc.store.city import City
from gridsvc.store.components import ComponentFilter
from gridsvc.store.connection import Connection, connect
from tests.bench.figures import Figure, against

MILLION, SRID = 1_000_000, 4544
TOWN = City(
    name_zh="基准城", name_en="Bench", srid=SRID, district_code="510799", time_zone="Asia/Shanghai", heat_kind=None,
    synthetic=True,
)  # fmt: skip
COSTS = 1.15
ROUNDS, PLACES, ZOOM = 6, 50, 16
Ask = Callable[[Connection, float, float], Any]


def row_level_security(folder: Path) -> Iterator[Figure]:
    cluster = Cluster(folder)
    cluster.up()
    try:
        yield from _measured(cluster.addresses())
    finally:
        cluster.down()


def _measured(addresses: Addresses) -> Iterator[Figure]:
    to = Addresses(
        admin_url=make_conninfo(addresses.admin_url, dbname="bench_access"),
        database_url=make_conninfo(addresses.database_url, dbname="bench_access"),
    )
    initialise(TOWN, to)
    with connect(to.admin_url) as owner, ExitStack() as open_ones:
        _build(owner)
        name_caller(owner, "whole", "", "")  # the owner is under no policy; the details are computed for it too
        roles = {name: open_ones.enter_context(connect(to.database_url)) for name in ("whole", "one")}
        for name, conn in roles.items():
            act_for_good(conn, name_caller(conn, name, "", ""), Right.SEE_DETAILS, as_system=False)
            for query, plan in plans.plans(conn, SRID, 504_500, 3_504_500):
                assert plans.uses_index(plan), f"{query}: {plan}"
        for what, ask in ASKED.items():
            yield from _compared(what, ask, owner, roles)


def _compared(what: str, ask: Ask, owner: Connection, roles: dict[str, Connection]) -> Iterator[Figure]:
    """Medians over places in one subdistrict, all of whose components both roles see; whoever asks first changes."""
    chance, asking = random.Random(1), {"none": owner, **roles}
    places = [(chance.uniform(503_600, 505_400), chance.uniform(3_503_600, 3_505_400)) for _ in range(PLACES)]
    orders = itertools.cycle(itertools.permutations(asking))
    times: dict[str, list[float]] = {name: [] for name in asking}
    for x, y in places * ROUNDS:
        answers = []
        for name in next(orders):
            begun = time.perf_counter()
            answer = ask(asking[name], x, y)
            times[name].append(1_000 * (time.perf_counter() - begun))
            answers.append(answer)
        assert answers[0] == answers[1] == answers[2] or what == "tile", "the same rows, with and without policies"
    middle = {name: statistics.median(found[PLACES:]) for name, found in times.items()}  # the first round warms up
    for name, words in (("whole", "a whole-city role"), ("one", "a role with one subdistrict")):
        title = f"{what} among {MILLION:,} components under row-level security, {words}"
        yield against(title, "ms", middle[name], COSTS, **{"without it": middle["none"]})


def _nearby(conn: Connection, x: float, y: float) -> Any:
    return components.nearby(conn, SRID, x, y, radius=100.0, limit=20, subclass_code=None)


def _listed(conn: Connection, x: float, y: float) -> Any:
    box = ComponentFilter(box=(x - 400, y - 400, x + 400, y + 400))
    page = components.components_page(conn, SRID, box, limit=100, offset=0)
    return components.components_total(conn, SRID, box), page


def _tile(conn: Connection, x: float, y: float) -> Any:
    east, north = TO_TILES.transform(x, y)
    size = 2 * 20_037_508.342789244 / 2**ZOOM
    column, row = int((east + 20_037_508.342789244) / size), int((20_037_508.342789244 - north) / size)
    return len(components.component_tile(conn, SRID, ZOOM, column, row))


TO_TILES = Transformer.from_crs(SRID, 3857, always_xy=True)
ASKED: dict[str, Ask] = {
    "nearby (20 within 100 m)": _nearby,
    "list and count of a box of 800 m": _listed,
    "tile": _tile,
}


def _build(conn: Connection) -> None:
    """Components at random on 144 km², each in five areas; one account for all of it, one for a sixteenth."""
    for statement in (
        "INSERT INTO area_kind VALUES ('subdistrict', 's', 's', NULL, NULL, false, 'free', 1)",
        "INSERT INTO import_batch (layer, target, file_name, sha256, state)"
        " VALUES ('c', 'components', 'f', 'x', 'promoted')",
        "INSERT INTO area_draft (kind, base_revision, note) VALUES ('subdistrict', 0, '')",
        "INSERT INTO area_revision VALUES (1, 1, '1970-01-01')",
        "INSERT INTO area (kind, code, name_zh, name_en, area_m2, valid_from, revision, current, geom)"
        " SELECT 'subdistrict', 'S' || n, 'a', 'a', 9e6, '1970-01-01', 1, true, ST_Multi(ST_MakeEnvelope("
        "        500000 + n % 4 * 3000, 3500000 + n / 4 * 3000, 503000 + n % 4 * 3000, 3503000 + n / 4 * 3000, 4544))"
        "   FROM generate_series(0, 15) AS n",
        "INSERT INTO component (component_code, code_scheme, subclass_code, state, owner, area_ids, batch_id, geom)"
        " SELECT lpad(n::text, 16, '0'), 'x', (ARRAY['0101','0102','0103','0110','0305'])[1 + n % 5], 'intact', 'D1',"
        "        ARRAY[(SELECT min(id) FROM area) + floor(x / 3000)::int + 4 * floor(y / 3000)::int, 1000 + n % 50,"
        "              2000 + n % 500, 5000 + n % 5000, 20000 + n % 20000],"
        "        1, ST_SetSRID(ST_MakePoint(500000 + x, 3500000 + y), 4544)"
        "   FROM (SELECT n, random() * 12000 AS x, random() * 12000 AS y"
        "           FROM generate_series(1, 1000000) AS n) AS placed",
        "INSERT INTO account (name, display_name, whole_city, demo) VALUES ('whole', 'w', true, false),"
        " ('one', 'o', false, false)",
        "INSERT INTO account_role SELECT id, 'inspector' FROM account",
        "INSERT INTO account_area SELECT id, 'subdistrict', 'S5' FROM account WHERE name = 'one'",
        "VACUUM ANALYZE",
    ):
        conn.execute(statement)  # type: ignore[call-overload]
