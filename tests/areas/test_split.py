"""Splitting a kind makes a draft of parts that carry their parent's code."""

import pytest
import shapely

from gridsvc.areas.apply import apply_draft
from gridsvc.areas.drafting.splitting import split_areas
from gridsvc.errors import InputError, NotFoundError
from gridsvc.store import areas, drafts
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from tests import made
from tests.sketch import Sketch

TOWN = Sketch(
    """
    a . b . c
    . . i . .
    d . e . f
    . . . . .
    . . g . h
    """,
    step=100,
)
GRIDS = {"A": TOWN.polygon("aied"), "B": TOWN.polygon("abcfhgei")}
SUB = made.kind("sub_grid", parent="responsibility_grid")


@pytest.fixture
def grids(conn: Connection, town: City) -> Connection:
    made.put_areas(conn, town, made.kind("responsibility_grid"), GRIDS)
    areas.declare_kinds(conn, [SUB])
    return conn


def test_parts_are_named_after_their_parent_and_cover_it(grids: Connection, town: City) -> None:
    apply_draft(grids, split_areas(grids, town, "responsibility_grid", into="sub_grid"))
    found = areas.areas_in_force(grids, "sub_grid")
    assert [part.code for part in found] == [f"{code}-{n}" for code in GRIDS for n in range(1, 5)]
    assert {part.parent_code for part in found} == {"A", "B"}
    assert found[0].name_zh == "A区-1"
    for code, shape in GRIDS.items():
        parts = [part for part in found if part.parent_code == code]
        together = shapely.union_all([part.geom for part in parts])
        assert shapely.symmetric_difference(together, shape).area < 1e-6
        assert max(part.area_m2 for part in parts) / min(part.area_m2 for part in parts) < 1.001
    assert shapely.coverage_is_valid([shapely.get_geometry(part.geom, 0) for part in found])


def test_splitting_changes_nothing_before_it_is_applied(grids: Connection, town: City) -> None:
    draft_id = split_areas(grids, town, "responsibility_grid", into="sub_grid", parts=2)
    assert areas.areas_in_force(grids, "sub_grid") == []
    (draft,) = [draft for draft in drafts.drafts(grids) if draft.applied_revision is None]
    assert (draft.id, draft.areas, draft.note) == (draft_id, 4, "2 responsibility_grid → 2 sub_grid, area")


@pytest.mark.parametrize(
    ("parent", "into", "parts", "cause"),
    [
        ("responsibility_grid", "sub_grid", 1, "2 to 64 parts, not 1"),
        ("responsibility_grid", "sub_grid", 65, "2 to 64 parts, not 65"),
        ("ward", "sub_grid", 4, "area kind 'ward' is not known; choose one of: block, responsibility_grid, sub_grid"),
        ("responsibility_grid", "quarter", 4, "area kind 'quarter' is not known"),
        ("sub_grid", "responsibility_grid", 4, r"does not lie inside sub_grid \(its parent is none\)"),
        ("responsibility_grid", "block", 4, "codes of block begin with the code of a community"),
    ],
)
def test_splits_that_make_no_sense(
    grids: Connection, town: City, parent: str, into: str, parts: int, cause: str
) -> None:
    areas.declare_kinds(grids, [made.kind("block", parent="responsibility_grid", code_scheme="unit_grid")])
    with pytest.raises(InputError, match=cause):
        split_areas(grids, town, parent, into=into, parts=parts)


def test_nothing_to_split(conn: Connection, town: City) -> None:
    areas.declare_kinds(conn, [made.kind("responsibility_grid"), SUB])
    with pytest.raises(NotFoundError, match="there are no areas of responsibility_grid"):
        split_areas(conn, town, "responsibility_grid", into="sub_grid")
