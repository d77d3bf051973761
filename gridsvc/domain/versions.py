"""What changed from one version of a component to the next."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DESCRIBED = ("subclass_code", "state", "authority", "owner", "maintainer", "position")
"""Fields of a component beside its attributes and its shape."""
ATTRIBUTE = "attributes."
"""Stands before the key of an attribute in the name of a field."""
GEOMETRY = "geometry"


@dataclass(frozen=True, kw_only=True)
class Difference:
    field: str
    """One of DESCRIBED, `attributes.KEY`, or `geometry`."""
    before: Any
    """None: there was nothing."""
    after: Any


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Both have DESCRIBED, `attributes` as a mapping, and `geometry` as anything that can be compared."""
    found = [Difference(field=name, before=before[name], after=after[name]) for name in (*DESCRIBED, GEOMETRY)]
    was, becomes = before["attributes"], after["attributes"]
    found += [
        Difference(field=f"{ATTRIBUTE}{key}", before=was.get(key), after=becomes.get(key))
        for key in sorted({*was, *becomes})
    ]
    return [one for one in found if one.before != one.after]
