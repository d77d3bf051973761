"""One factory per noun."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import shapely

from gridsvc.areas.apply import ALWAYS, apply_draft
from gridsvc.domain.areas import AreaKind
from gridsvc.domain.components import anchors
from gridsvc.domain.departments import Department
from gridsvc.domain.duties import DutyRule
from gridsvc.domain.reports import Report
from gridsvc.store import areas, batches, channels, drafts, duties
from gridsvc.store import city as store
from gridsvc.store.channels import Channel
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from gridsvc.store.locating import SqlLocator

NOON = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)


def kind(name: str, **given: Any) -> AreaKind:
    return AreaKind(**{"kind": name, "name_zh": name, "name_en": name, "must_tile": True, **given})


def put_areas(conn: Connection, city: City, area_kind: AreaKind, shapes: Mapping[str, Any], **given: Any) -> int:
    """Areas of a kind by code, in force since ever (or `valid_from`); the revision."""
    areas.declare_kinds(conn, [area_kind])
    draft = drafts.add_draft(conn, area_kind.kind, None, "test")
    rows = [(code, f"{code}区", f"Area {code}", None, shape) for code, shape in shapes.items()]
    drafts.fill_draft(conn, draft, city.srid, rows)
    return apply_draft(conn, draft, given.get("valid_from", ALWAYS)).revision


def put_departments(conn: Connection, *codes: str) -> None:
    rows = [
        Department(code=code, name_zh=code, name_en=code, parent=None, level="unit", on_platform=True) for code in codes
    ]
    store.declare_departments(conn, rows)


def put_channel(conn: Connection, channel: str = "hotline", *, confirmed: bool = True, folds: bool = False) -> None:
    given = {"channel": channel, "name_zh": channel, "name_en": channel}
    channels.declare_channels(conn, [Channel(**given, confirmed=confirmed, folds=folds)])


def rule(lead: str, **given: Any) -> DutyRule:
    """A duty for event 0110 in the whole city, unless something else is said."""
    return DutyRule(
        **{
            "id": 0,
            "kind": "event",
            "class_code": "01",
            "subclass_code": "0110",
            "area_kind": None,
            "area_code": None,
            "lane": "dispatched",
            "lead": lead,
            **given,
        }
    )


def put_rules(conn: Connection, *rules: DutyRule, origin: str = "duties.csv") -> None:
    duties.add_duty_rules(conn, origin, rules)


def report(external_id: str, lonlat: tuple[float, float] | None = None, **given: Any) -> Report:
    lon, lat = lonlat or (None, None)
    return Report(
        **{
            "channel": "hotline",
            "external_id": external_id,
            "reported_at": NOON,
            "kind": "event",
            "subclass_code": "0110",
            "lon": lon,
            "lat": lat,
            **given,
        }
    )


def put_component(conn: Connection, city: City, code: str, subclass_code: str, shape: Any, **given: Any) -> None:
    """A component where it stands, in the areas of today; live unless its state says otherwise."""
    batch = batches.add_batch(conn, layer="test", target="components", file_name=code, sha256=code)
    batches.finish_batch(conn, batch, "promoted", {})
    (found,) = SqlLocator(conn, city.srid).areas(*anchors(np.array([shape])), [datetime.now(UTC)])
    conn.execute(
        "INSERT INTO component (component_code, code_scheme, subclass_code, state, authority, owner, maintainer,"
        " position, area_ids, batch_id, geom)"
        " VALUES (%s, 'source', %s, %s, %s, %s, %s, %s, %s, %s, ST_SetSRID(%s::geometry, %s))",
        (
            code, subclass_code, given.get("state", "intact"), given.get("authority"), given.get("owner"),
            given.get("maintainer"), given.get("position"),
            sorted(area_id for area_id, _ in found.values()), batch, shapely.to_wkb(shape, hex=True), city.srid,
        ),
    )  # fmt: skip
