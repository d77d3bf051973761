"""One row of a file and one component: which fields differ, and how far it moved."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from gridsvc.domain.components import anchors
from gridsvc.domain.location import TOLERANCE
from gridsvc.domain.versions import DESCRIBED

COMPARED = DESCRIBED
"""Fields of a component that a file may speak of, beside attributes and shape."""


@dataclass(frozen=True, kw_only=True)
class Speaks:
    """What a file says of components; of the rest the store knows better."""

    fields: frozenset[str]
    """Of COMPARED."""
    attributes: frozenset[str]
    """Keys."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    fields: tuple[str, ...]
    """Names of fields, `attributes.KEY`, and `geometry`; none: nothing changed."""
    moved: float
    """Metres between the places before and after; 0 if the shape is the same to a millimetre."""


def difference(row: Mapping[str, Any], stored: Mapping[str, Any], speaks: Speaks) -> Difference:
    """`row` and `stored` have COMPARED, `attributes` as mappings and `geom` as shapely geometries in the city's CRS."""
    fields = [name for name in COMPARED if name in speaks.fields and _said(name, row, stored) != stored[name]]
    keys = sorted(speaks.attributes)
    given, known = row["attributes"], stored["attributes"]
    fields += [f"attributes.{key}" for key in keys if not same_value(given.get(key), known.get(key))]
    same_place = same_shape(row["geom"], stored["geom"])
    if not same_place:
        fields.append("geometry")
    return Difference(fields=tuple(fields), moved=0.0 if same_place else _moved(row["geom"], stored["geom"]))


def merged(row: Mapping[str, Any], stored: Mapping[str, Any], speaks: Speaks) -> dict[str, Any]:
    """The component as it becomes: what the file says, and the rest as it was."""
    fields = {name: _said(name, row, stored) if name in speaks.fields else stored[name] for name in COMPARED}
    given = row["attributes"]
    kept = {
        key: value
        for key, value in stored["attributes"].items()
        if key not in speaks.attributes or same_value(given.get(key), value)
    }
    same = same_shape(row["geom"], stored["geom"])
    return {
        **fields,
        "attributes": json.dumps(kept | {key: given[key] for key in given if key not in kept}, ensure_ascii=False),
        "geom": stored["geom"] if same else row["geom"],
    }


def same_shape(one: Any, other: Any) -> bool:
    """To a millimetre, wherever a ring begins and however it turns."""
    if shapely.equals_exact(one, other, tolerance=0):
        return True
    if (one.geom_type, shapely.get_num_coordinates(one)) != (other.geom_type, shapely.get_num_coordinates(other)):
        return False
    pair = shapely.normalize(np.array([one, other], dtype=object))
    return bool(shapely.equals_exact(pair[0], pair[1], tolerance=TOLERANCE)) or _covering(one, other)


def _covering(one: Any, other: Any) -> bool:
    """The same for shapes whose order hangs on less than a millimetre, as where two corners are as far to the west."""
    if not np.allclose(one.bounds, other.bounds, rtol=0, atol=TOLERANCE):
        return False
    apart = shapely.hausdorff_distance(one, other)
    return bool(apart <= TOLERANCE and abs(one.area - other.area) <= TOLERANCE * one.length)


def same_value(given: Any, stored: Any) -> bool:
    """Whether an attribute says the same: not every form of file tells numbers from texts, or keeps outer blanks."""
    if given == stored:
        return True
    one, other = _text(given), _text(stored)
    if one == other:
        return True
    both_text = isinstance(given, str) and isinstance(stored, str)
    return not both_text and _number(one) == _number(other) is not None


def _text(value: Any) -> str:
    """As files write it, lines ended in one way; of nothing, nothing."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n").strip()
    return json.dumps(value, ensure_ascii=False)


def _number(text: str) -> int | float | None:
    """What is written as JSON writes a number; with zeros before it, it is a code."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None


def _said(name: str, row: Mapping[str, Any], stored: Mapping[str, Any]) -> Any:
    """A row without a state leaves it as it is."""
    return stored[name] if name in ("state", "subclass_code") and row[name] is None else row[name]


def _moved(one: Any, other: Any) -> float:
    x, y = anchors([one, other])
    return float(np.hypot(x[0] - x[1], y[0] - y[1]))


def speaks_of(fields: Collection[str], attributes: Sequence[str]) -> Speaks:
    return Speaks(fields=frozenset(fields) & frozenset(COMPARED), attributes=frozenset(attributes))
