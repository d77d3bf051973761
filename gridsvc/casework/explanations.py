"""Explanations as those who ask may see them, in words too."""

from collections.abc import Mapping
from typing import Any

from gridsvc.domain.access import visibility_rank
from gridsvc.domain.duty_words import Names
from gridsvc.domain.explaining import in_words, without_components
from gridsvc.store import accounts
from gridsvc.store.connection import Connection
from gridsvc.store.duties import names

SENSITIVE = visibility_rank("sensitive")


def shown(
    conn: Connection, report: Mapping[str, Any], *, clearance: bool, known: Names | None = None
) -> dict[str, Any]:
    """A report with its explanation in words; without `clearance` no sensitive component is named in it.

    `known`: names for those words, asked for if not given.
    """
    explanation = report["explanation"]
    if explanation is None:
        return {**report, "explanation_text": None}
    hide = not clearance and is_about(report, sensitive_subclasses(conn))
    told = without_components(explanation) if hide else explanation
    own = {"component_code": None} if hide else {}
    return {**report, **own, "explanation": told, "explanation_text": in_words(told, report, known or names(conn))}


def sensitive_subclasses(conn: Connection) -> frozenset[str]:
    """Codes of the component subclasses that only some may see."""
    return frozenset(code for code, rank in accounts.visibilities(conn).items() if rank == SENSITIVE)


def is_about(report: Mapping[str, Any], subclasses: frozenset[str]) -> bool:
    """Whether the report or its explanation is about a component of one of these subclasses."""
    found = (report["explanation"].get("component") or {}).get("found", ())
    codes = {component["subclass_code"] for component in found}
    codes |= {report["subclass_code"]} if report["kind"] == "component" else set()
    return not codes.isdisjoint(subclasses)
