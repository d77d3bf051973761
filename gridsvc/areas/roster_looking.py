"""Rosters looked at: who is on duty, what is missing, and the file that can be brought in again."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from gridsvc.areas.roster_reading import teams_in_use
from gridsvc.areas.roster_words import COLUMNS, days_of
from gridsvc.domain.rosters import Gap, Team, completeness
from gridsvc.errors import one_of
from gridsvc.files import OutLayer
from gridsvc.store import areas, audit, rosters
from gridsvc.store.city import City
from gridsvc.store.connection import Connection

LANGUAGES = ("zh", "en")
Shown = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Looked:
    """A question about rosters: of a kind of area, of one area, at a time."""

    kind: str | None = None
    area_code: str | None = None
    at: datetime


def looked(
    conn: Connection, kind: str | None = None, area_code: str | None = None, at: datetime | None = None
) -> Looked:
    """`at`: now, if not said. InputError if there is no such kind."""
    known = [each.kind for each in areas.kinds(conn)]
    if kind is not None and kind not in known:
        raise one_of("area kind", kind, known, zh="区域类型")
    return Looked(kind=kind, area_code=area_code, at=at or datetime.now(UTC))


def roster_page(conn: Connection, asked: Looked, *, limit: int | None, offset: int = 0) -> Shown:
    """Who is on duty, as far as the caller sees it, with the names of posts and services."""
    kind, code, at = asked.kind, asked.area_code, asked.at
    teams = teams_in_use(conn)
    rows = rosters.page(conn, kind=kind, area_code=code, at=at, limit=limit, offset=offset)
    entries = [{**row, **_names(teams.get(row["area_kind"]), row["post"], row["service"])} for row in rows]
    return {"at": at, "total": rosters.count(conn, kind=kind, area_code=code, at=at), "entries": entries}


def _names(team: Team | None, post: str, service: str) -> dict[str, str]:
    """Of a post and its service; their codes where the template does not know them any more."""
    known = team.find(post, service) if team else None
    if known is None:
        return {"post_zh": post, "post_en": post, "service_zh": service, "service_en": service}
    return {
        "post_zh": known.name_zh, "post_en": known.name_en,
        "service_zh": known.service_zh, "service_en": known.service_en,
    }  # fmt: skip


def check_rosters(conn: Connection, asked: Looked, *, limit: int | None = None, offset: int = 0) -> list[Shown]:
    """Each kind of area with a team template: its totals, and the areas that the caller sees which are not complete."""
    teams = teams_in_use(conn)
    kinds = [asked.kind] if asked.kind in teams else [] if asked.kind else sorted(teams)
    return [_checked(conn, kind, teams[kind], asked, limit, offset) for kind in kinds]


def _checked(conn: Connection, kind: str, team: Team, asked: Looked, limit: int | None, offset: int) -> Shown:
    held, seen = rosters.posts_held(conn, kind, asked.at), rosters.areas_seen(conn, kind, asked.at)
    chosen = {code: names for code, *names in seen if asked.area_code in (None, code)}
    found = [completeness(team, code, held.get(code, [])) for code in chosen]
    open_ones = [one for one in found if not one.complete]
    stop = None if limit is None else offset + limit
    return {
        "kind": kind,
        "template": team.template,
        "areas": len(found),
        "complete": len(found) - len(open_ones),
        "without_anybody": sum(one.people == 0 for one in found),
        "people": sum(one.people for one in found),
        "missing": _summed(team, (gap for one in found for gap in one.missing)),
        "surplus": _summed(team, (gap for one in found for gap in one.surplus)),
        "not_in_force": sorted(set(held) - {code for code, *_ in seen}) if asked.area_code is None else [],
        "incomplete": [
            {
                "code": one.area_code, "name_zh": chosen[one.area_code][0], "name_en": chosen[one.area_code][1],
                "people": one.people, "missing": _summed(team, one.missing), "surplus": _summed(team, one.surplus),
            }
            for one in open_ones[offset:stop]
        ],
    }  # fmt: skip


def _summed(team: Team, gaps: Iterable[Gap]) -> list[Shown]:
    counts: Counter[tuple[str, str]] = Counter()
    for gap in gaps:
        counts[gap.post, gap.service] += gap.count
    return [
        {"post": post, "service": service, "count": count, **_names(team, post, service)}
        for (post, service), count in counts.items()
    ]


def templates(conn: Connection) -> Shown:
    """All team templates with their posts, and which holds for which kind of area."""
    return {"templates": list(rosters.teams(conn).values()), "in_use": rosters.team_uses(conn)}


def use_template(conn: Connection, kind: str, template: str) -> None:
    """The template holds for this kind of area from now on. Needs the system's rights."""
    looked(conn, kind)
    known = list(rosters.teams(conn))
    if template not in known:
        raise one_of("team template", template, known, zh="岗位模板")
    before = rosters.team_uses(conn).get(kind)
    rosters.use_team(conn, kind, template)
    audit.record(conn, "roster.template", kind, before={"template": before}, after={"template": template})


def roster_layer(conn: Connection, city: City, asked: Looked, lang: str = LANGUAGES[0]) -> OutLayer:
    """The roster as a table that can be brought in again. That it was taken out is recorded."""
    if lang not in LANGUAGES:
        raise one_of("language", lang, list(LANGUAGES), zh="语言")
    kinds = {kind.kind: kind.name_zh if lang == "zh" else kind.name_en for kind in areas.kinds(conn)}
    entries = roster_page(conn, asked, limit=None)["entries"]
    rows = [_row(entry, kinds, lang, ZoneInfo(city.time_zone)) for entry in entries]
    columns = {
        words[0] if lang == "zh" else field: pa.array([row[field] for row in rows], pa.string())
        for field, words in COLUMNS.items()
    }
    audit.record(
        conn, "export.roster", f"{len(rows)} roster entries", after={"kind": asked.kind, "rows": len(rows)}
    )  # fmt: skip
    return OutLayer(name="rosters", columns=columns, geometry=np.full(len(rows), None, object), srid=city.srid)


def _row(entry: Shown, kinds: Mapping[str, str], lang: str, zone: ZoneInfo) -> dict[str, str | None]:
    first, last = days_of(entry["valid_from"], entry["valid_to"], zone)
    return {
        **{name: entry[name] for name in ("area_code", "person", "phone", "department", "account")},
        "area_kind": kinds[entry["area_kind"]],
        "post": entry[f"post_{lang}"],
        "service": entry[f"service_{lang}"] or None,
        "valid_from": first.isoformat(),
        "valid_to": last.isoformat() if last else None,
    }
