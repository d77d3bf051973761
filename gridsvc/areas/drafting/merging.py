"""Making one area of several, ending areas, and taking a revision back."""

from collections.abc import Sequence

from gridsvc.areas.drafting.coding import Codes
from gridsvc.areas.drafting.making import ended, keep_draft, the_areas, the_kind
from gridsvc.domain.succession import merge
from gridsvc.errors import ConflictError, InputError, NotFoundError
from gridsvc.store import audit, drafts
from gridsvc.store.city import City
from gridsvc.store.connection import Connection


def merge_areas(
    conn: Connection, city: City, kind: str, codes: Sequence[str], *, code: str | None = None, name: str | None = None
) -> int:
    """A draft in which these areas are one; they share a parent and hang together.

    `code`: of the new area; if not said, the next of the parent where codes are coded, else the first one named.
    """
    area_kind, parts = the_kind(conn, kind), the_areas(conn, kind, codes)
    if len(parts) < 2:
        raise InputError("name two areas or more to merge", zh="请指定两个或更多要合并的区域")
    parents = {part.parent_code for part in parts}
    if len(parents) > 1:
        named = ", ".join(sorted(map(str, parents)))
        raise InputError(f"areas in different parents cannot be one: {named}", zh=f"上级不同的区域不能合并：{named}")
    (parent,) = parents
    coded = area_kind.code_scheme != "free" and parent is not None
    new = code or (Codes(conn, area_kind).fresh(str(parent)) if coded else parts[0].code)
    shape = merge([part.geom for part in parts])
    zh = name or (new if parts[0].name_zh == parts[0].code else parts[0].name_zh)
    en = name or (new if parts[0].name_en == parts[0].code else parts[0].name_en)
    rows = [ended(part) for part in parts if part.code != new] + [(new, zh, en, parent, shape)]
    return keep_draft(conn, city, kind, rows, deed="merge", note=f"{' + '.join(part.code for part in parts)} → {new}")


def retire_areas(conn: Connection, city: City, kind: str, codes: Sequence[str]) -> int:
    """A draft in which these areas end, and nothing takes their place."""
    the_kind(conn, kind)
    parts = the_areas(conn, kind, codes)
    rows = [ended(part) for part in parts]
    return keep_draft(conn, city, kind, rows, deed="retire", note=", ".join(part.code for part in parts))


def reverse(conn: Connection, revision: int) -> int:
    """A draft that takes back what a revision changed: areas that it ended come back with their codes."""
    with conn.transaction():
        found = drafts.find_revision(conn, revision)
        if found is None:
            raise NotFoundError(f"areas have no revision {revision}", zh=f"没有版本 {revision}")
        later = drafts.overtaken(conn, revision)
        if later is not None:
            kind, code, other = later
            raise ConflictError(
                f"revision {revision} cannot be taken back before revision {other}, which changed {kind} {code} since",
                zh=f"第 {other} 版此后又变更了 {kind} {code}，请先撤销该版，再撤销第 {revision} 版",
            )
        taken = drafts.the_draft(conn, found.draft_id)
        draft_id = drafts.add_draft(
            conn, taken.kind, None, f"- {taken.note}", deed="reverse", whole=False, reverses=revision
        )
        if not drafts.draft_reverse(conn, draft_id, revision):
            raise InputError(f"revision {revision} changed no areas", zh=f"第 {revision} 版未改变任何区域")
        audit.record(conn, "areas.draft", f"draft {draft_id}", after={"deed": "reverse", "revision": revision})
    return draft_id
