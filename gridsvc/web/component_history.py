"""The history of a component in words."""

from collections.abc import Mapping
from typing import Any

from gridsvc.domain.versions import ATTRIBUTE, GEOMETRY
from gridsvc.web.component_form import shown
from gridsvc.web.component_messages import COMPONENT_NAMES

LONGEST_VALUE = 120


def told_steps(steps: list[dict[str, Any]], lang: str, named: Mapping[str, Mapping[str, str]]) -> list[dict[str, Any]]:
    """`named`: names of the codes that fields hold. Each step gets `told`: name, before and after of what changed."""
    names = COMPONENT_NAMES[lang]["fields"]
    return [
        {
            **step,
            "reshaped": any(one["field"] == GEOMETRY for one in step["changes"]),
            "told": [_told(one, names, named) for one in step["changes"] if one["field"] != GEOMETRY],
        }
        for step in steps
    ]


def _told(one: Mapping[str, Any], names: Mapping[str, str], named: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    field = one["field"].removeprefix(ATTRIBUTE)
    known = named.get(field, {})
    return {
        "name": names.get(field, field),
        **{side: _short(known.get(one[side], "") or shown(one[side])) for side in ("before", "after")},
    }


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
