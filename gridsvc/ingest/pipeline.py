"""The flow of an import: read → stage → check → promote. Areas end as a draft, components in the inventory."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import shapely

from gridsvc.domain.areas import fits_scheme
from gridsvc.domain.catalogue import Subclass
from gridsvc.domain.components import anchors, in_a_series
from gridsvc.domain.findings import Finding
from gridsvc.errors import ConflictError, FileError
from gridsvc.ingest.layers import COMPONENTS, Layer
from gridsvc.ingest.read import read_features
from gridsvc.ingest.rules import RULES, Context, Staged
from gridsvc.ingest.stage import rows, staged
from gridsvc.ingest.uploads import keep
from gridsvc.store import areas, audit, batches, components
from gridsvc.store.city import City, subclasses
from gridsvc.store.connection import Connection


@dataclass(frozen=True, kw_only=True)
class Imported:
    batch_id: int
    layer: str
    read: int
    promoted: int
    set_aside: int
    issued: int
    draft_id: int | None
    findings: dict[str, int] = field(default_factory=dict)
    """How many findings of each severity."""


def already_imported(conn: Connection, file: Path, layer: Layer, uploads: Path) -> int | None:
    """The batch that promoted this very file into this layer."""
    digest, _ = keep(file, uploads)
    known = batches.batch_of_file(conn, digest, layer.layer)
    return known[0] if known else None


def import_file(conn: Connection, city: City, file: Path, layer: Layer, uploads: Path) -> Imported:
    """Bring a file into the store, or raise and leave the current rows as they were."""
    digest, kept = keep(file, uploads)
    _refuse_again(conn, file, layer, digest)
    frame, notes = read_features(kept, file.name, layer.source_layer)
    components_known = [s for s in subclasses(conn) if s.kind == "component"]
    data = staged(frame, layer, city.srid, file.name, notes, components_known)
    batches.end_abandoned(conn)
    batch_id, findings = _stage_and_check(conn, city, data, file.name, digest)
    try:
        rejected = _refuse_or_set_aside(batch_id, data, findings, file.name)
        with conn.transaction():
            batches.lock_promotion(conn)
            _refuse_again(conn, file, layer, digest)
            batches.set_aside(conn, batch_id, sorted(rejected))
            imported = _promote(conn, city, data, batch_id, rejected, findings)
            batches.drop_rows(conn, batch_id)
            batches.finish_batch(conn, batch_id, "promoted", _counts(imported))
            after = {"file": file.name, "layer": layer.layer, **_counts(imported)}
            audit.record(conn, "import", f"batch {batch_id}", after=after)
    except BaseException:  # a stop by the keyboard too: the batch has ended, whatever ended it
        _end_refused(conn, batch_id, data, findings)
        raise
    finally:
        if not conn.closed:
            batches.release(conn, batch_id)
    return imported


def _refuse_again(conn: Connection, file: Path, layer: Layer, digest: str) -> None:
    """Asked before the work and again once no other promotion can come between."""
    known = batches.standing_batch_of_file(conn, digest, layer.layer)
    if known:
        raise ConflictError(
            f"{file.name}: this very file was imported into layer {layer.layer} on {known[1]:%Y-%m-%d %H:%M} UTC "
            f"as batch {known[0]}; there is nothing to do"
        )


def _stage_and_check(
    conn: Connection, city: City, data: Staged, file_name: str, digest: str
) -> tuple[int, list[Finding]]:
    """The batch with its rows and findings is kept whatever the checks say."""
    layer = data.layer
    with conn.transaction():
        batch_id = batches.add_batch(conn, layer=layer.layer, target=layer.target, file_name=file_name, sha256=digest)
        batches.hold(conn, batch_id)
        batches.stage_rows(conn, batch_id, rows(data, city.srid))
        context = _context(conn, city.srid)
        findings = [Finding(rule="reading", severity="note", feature=None, message=note) for note in data.notes]
        for rule in RULES:
            if rule.applies(layer):
                findings += rule.findings(data, context)
        batches.add_findings(conn, batch_id, findings)
    return batch_id, findings


def _context(conn: Connection, srid: int) -> Context:
    outline = batches.city_outline(conn)
    return Context(
        srid=srid,
        outline=shapely.from_wkb(outline) if outline else None,
        subclasses={s.subclass_code: s for s in subclasses(conn) if s.kind == "component"},
        kinds={kind.kind: kind for kind in areas.kinds(conn)},
        known_codes=lambda codes: batches.known_codes(conn, codes),
        area_codes=lambda kind: {area.code for area in areas.areas_in_force(conn, kind)},
    )


def _refuse_or_set_aside(batch_id: int, data: Staged, findings: list[Finding], file_name: str) -> set[int]:
    """Features that the layer lets be set aside; any other error refuses the file."""
    errors = [finding for finding in findings if finding.severity == "error"]
    refusing = [finding for finding in errors if finding.rule not in data.layer.set_aside]
    if not refusing:
        return {finding.feature for finding in errors if finding.feature is not None}
    first = refusing[0]
    more = f" ({len(errors)} errors in all: `gridsvc batch show {batch_id}`)" if len(errors) > 1 else ""
    raise FileError(file_name, f"{first.message}{more}", first.feature)


def _end_refused(conn: Connection, batch_id: int, data: Staged, findings: list[Finding]) -> None:
    """Unless it was promoted already, or the database is gone: then the next import ends it."""
    if conn.closed:
        return
    errors = sum(finding.severity == "error" for finding in findings) or 1
    with conn.transaction():
        batches.drop_rows(conn, batch_id)
        batches.finish_batch(conn, batch_id, "refused", {"read": len(data.shapes), "errors": errors})


def _promote(
    conn: Connection, city: City, data: Staged, batch_id: int, rejected: set[int], findings: list[Finding]
) -> Imported:
    issued, draft_id = 0, None
    if data.layer.target == COMPONENTS:
        _refuse_taken(conn, batch_id)
        known = {s.subclass_code: s for s in subclasses(conn) if s.kind == "component"}
        brought, foreign = _brought(conn, city, data, known)
        issued = _place(conn, city, data, batch_id, rejected, known, brought)
        promoted = components.promote_rows(conn, batch_id, foreign)
    else:
        draft_id = areas.add_draft(conn, data.layer.target, batch_id, f"from batch {batch_id}")
        promoted = areas.fill_draft_from_batch(conn, draft_id, batch_id)
    return Imported(
        batch_id=batch_id,
        layer=data.layer.layer,
        read=len(data.shapes),
        promoted=promoted,
        set_aside=len(rejected),
        issued=issued,
        draft_id=draft_id,
        findings=dict(Counter(finding.severity for finding in findings)),
    )


def _brought(conn: Connection, city: City, data: Staged, known: Mapping[str, Subclass]) -> tuple[list[int], list[int]]:
    """Features that bring codes: those of a series that is issued here, and those of any other scheme."""
    districts = {city.district_code, *(area.code for area in areas.areas_in_force(conn, "district"))}
    ours: list[int] = []
    foreign: list[int] = []
    columns = data.fields["code"], data.fields["subclass_code"]
    for feature, (code, subclass) in enumerate(zip(*columns, strict=True), start=1):
        if code:
            parts = known[subclass].parts if subclass in known else ()
            (ours if in_a_series(code, districts, parts) else foreign).append(feature)
    return ours, foreign


def _place(
    conn: Connection,
    city: City,
    data: Staged,
    batch_id: int,
    rejected: set[int],
    known: Mapping[str, Subclass],
    brought: list[int],
) -> int:
    """Areas for every row, and codes for those that bring none, in the district that each stands in."""
    kept = [row for row in range(len(data.shapes)) if row + 1 not in rejected]
    x, y = anchors(data.shapes[kept])
    found = areas.SqlLocator(conn, city.srid).areas(x, y, [datetime.now(UTC)] * len(kept))
    wanted: list[tuple[str, str] | None] = []
    for code, subclass, kinds in zip(
        data.fields["code"].iloc[kept], data.fields["subclass_code"].iloc[kept], found, strict=True
    ):
        _, district = kinds.get("district", (0, ""))
        inside = district if fits_scheme(district, "district") else city.district_code
        wanted.append(None if code else (inside, known[subclass].issued_part))
    codes = components.issue_codes(conn, batch_id, wanted, brought)
    area_ids = [sorted(area_id for area_id, _ in kinds.values()) for kinds in found]
    components.place_rows(conn, batch_id, [row + 1 for row in kept], area_ids, codes)
    return len(codes) - codes.count(None)


def _refuse_taken(conn: Connection, batch_id: int) -> None:
    """Codes that another import brought since the checks."""
    taken = batches.taken_codes(conn, batch_id)
    if taken:
        raise ConflictError(
            f"batch {batch_id}: code {taken[0]} came into the store meanwhile ({len(taken)} codes in all); import again"
        )


def _counts(imported: Imported) -> dict[str, Any]:
    return {
        "read": imported.read,
        "promoted": imported.promoted,
        "set_aside": imported.set_aside,
        "issued": imported.issued,
        "draft": imported.draft_id,
        "findings": imported.findings,
    }
