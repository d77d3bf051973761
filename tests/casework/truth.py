"""What was planted about the reports of a synthetic city, beside what the product found."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gridsvc.store.connection import Connection

KINDS = (
    "district", "subdistrict", "community", "unit_grid", "community_grid", "responsibility_grid", "sub_grid",
    "patrol_grid",
)  # fmt: skip
NAMES = (
    "external_id", "explanation", "lead", "co_operating", "supervising", "lane", "rule", "rule_id", "manual_reason",
)  # fmt: skip


def decided(conn: Connection, folder: Path) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    """Each stored decision with the truth about its report; KeyError for a report that was not planted."""
    with (folder / "truth.csv").open(encoding="utf-8", newline="") as text:
        truth = {row["external_id"]: row for row in csv.DictReader(text)}
    rows = conn.execute(
        "SELECT external_id, explanation, lead, co_operating, supervising, lane, rule, rule_id,"
        "       routing_decision.manual_reason"
        "  FROM report JOIN routing_decision ON report_id = report.id"
    )
    for row in rows:
        yield dict(zip(NAMES, row, strict=True)), truth.pop(row[0])
    if truth:
        raise AssertionError(f"{len(truth)} reports were not decided, {next(iter(truth))} among them")


def areas_told(row: dict[str, Any]) -> dict[str, str]:
    """The areas of a decision as the truth writes them, and what it says of edges and overlaps."""
    found = {area["kind"]: area for area in row["explanation"]["areas"]}
    on_edge = "unit_grid" in found and found["unit_grid"]["on_boundary"]
    overlap = any(area["overlap"] for area in found.values())
    codes = {kind: found[kind]["code"] if kind in found else "" for kind in KINDS}
    return {**codes, "boundary": str(int(on_edge)), "overlap": str(int(overlap))}


def told(row: dict[str, Any]) -> dict[str, str]:
    """A decision as the truth writes it: what is decided or, where the areas are at fault, proposed."""
    at_fault = row["manual_reason"] in ("gap", "overlap")  # elsewhere no proposal was planted
    parties = (row["explanation"]["proposal"] if at_fault else None) or row
    matched = (row["explanation"]["component"] or {}).get("matched")
    return {
        "lead": parties["lead"] or "", "co_operating": ";".join(parties["co_operating"]),
        "supervising": ";".join(parties["supervising"]), "lane": row["lane"] or "",
        "winning_rule": parties["rule"] or "", "manual_reason": row["manual_reason"] or "",
        "component_code": matched or "",
    }  # fmt: skip


def differences(row: dict[str, Any], truth: dict[str, str]) -> dict[str, tuple[str, str]]:
    """By column: what was planted, and what was found instead."""
    flags = {"boundary": truth["boundary"] == "1", "overlap": truth["case"] == "overlap"}
    planted = {**truth, **{name: str(int(flag)) for name, flag in flags.items()}}
    found = {**areas_told(row), **told(row)}
    return {name: (planted[name], text) for name, text in found.items() if planted[name] != text}


def agreeing(conn: Connection, folder: Path) -> tuple[int, int]:
    """Reports about which everything is as planted, and all reports."""
    right = [not differences(row, truth) for row, truth in decided(conn, folder)]
    return sum(right), len(right)
