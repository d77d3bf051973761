"""The check of a batch: its file is read, staged, looked at by every rule, and compared with the store."""

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyproj import CRS

from gridsvc.domain.areas import parent_digits
from gridsvc.domain.catalogue import Subclass
from gridsvc.domain.crs import BoolArray
from gridsvc.errors import ConflictError, FileError
from gridsvc.ingest import exported, photos, sources, staging
from gridsvc.ingest.checks import Tally, check_lots, check_whole, note_findings, rejected_rows
from gridsvc.ingest.comparing import Speaks, speaks_of
from gridsvc.ingest.context import context_of
from gridsvc.ingest.desk import Desk, looked_before, open_batch, outline, whereabouts
from gridsvc.ingest.diff import CHANGES, Compared, Scope, compare, scope_from
from gridsvc.ingest.layers import COMPONENTS, LAYER_COLUMN, Layer, from_definition, row_field
from gridsvc.ingest.places.whereabouts import Proposal, Whereabouts
from gridsvc.ingest.rules.contract import Context
from gridsvc.ingest.rules.shapes import endless
from gridsvc.ingest.sources.wording import listed
from gridsvc.ingest.stage import PSEUDO, Stager, names_of
from gridsvc.store import areas, batches, locating
from gridsvc.store.batches import ROW_FIELDS
from gridsvc.store.connection import Connection


@dataclass(frozen=True, kw_only=True)
class Checked:
    layer: Layer
    read: int
    tally: Tally
    scope: Scope | None
    """Of components."""
    compared: Compared | None
    """Of components."""
    rejected: BoolArray
    counts: dict[str, Any]


def check_batch(conn: Connection, desk: Desk, batch_id: int) -> Checked:
    """All of it or, if the file cannot be read or this is killed, nothing: the batch then waits to be checked again."""
    batch = open_batch(conn, batch_id)
    _refuse_undefined(batch)
    staging.forget(desk.folder(batch_id))  # or rows of this check could be promoted by what another one found
    layer = from_definition(batch["layer"], batch["definition"])
    kept, folder = desk.kept(batch), desk.folder(batch_id)
    context = context_of(conn, desk.city)
    tally = Tally(conn=conn, batch_id=batch_id, srid=desk.city.srid, set_aside=frozenset(layer.set_aside))
    with _reading(desk, batch, layer, kept) as (looked, reading), conn.transaction():
        chosen = _chosen(looked, layer)
        columns = exported.columns_of(kept, looked, chosen, layer.target, desk.limits) if layer.as_exported else None
        layer = exported.fitted(layer, columns) if columns else layer
        batches.forget_findings(conn, batch_id)
        stager, rows = _staged(conn, desk, looked, chosen, layer, columns, context, tally, reading, folder)
        notes = dict.fromkeys((*looked.notes, *reading.notes))
        tally.keep(note_findings([*((note.en, note.zh) for note in notes), *_declared(stager)]))
        check_whole(stager, rows, context, tally)
        rejected, places, reasons = rejected_rows(tally, rows)
        scope, compared = None, None
        inventory = batches.inventory_state(conn)
        is_given = bool(batch["scope"]) and not batch["scope"].get("suggested")
        if layer.target == COMPONENTS:
            scope = scope_from(batch["scope"]) if is_given else suggested_scope(conn, rows)
            compared = compared_with_store(conn, rows, rejected, speaks_from(stager), scope, context.subclasses)
            tally.keep(photos.gather(desk, kept, looked, rows, rejected, folder))
        _keep_changes(folder, compared)
        counts = _counts(conn, stager, rows.num_rows, tally, compared, rejected, inventory)
        told = {**scope.as_json(), "suggested": not is_given} if scope else {}
        batches.keep_checked(conn, batch_id, counts, told)
    staging.keep_reasons(folder, places, reasons)
    return Checked(
        layer=layer, read=rows.num_rows, tally=tally, scope=scope, compared=compared, rejected=rejected, counts=counts
    )


def _refuse_undefined(batch: Mapping[str, Any]) -> None:
    if not batch["definition"]:
        raise ConflictError(
            f"batch {batch['id']} ({batch['file_name']}): nobody has said what its columns mean; drop it and import "
            "the file again, or go on with it on the page /imports",
            zh=f"批次 {batch['id']}（{batch['file_name']}）尚未确定字段对应：请在“导入”页面继续，或放弃后重新导入",
        )


@contextmanager
def _reading(
    desk: Desk, batch: Mapping[str, Any], layer: Layer, kept: Path
) -> Iterator[tuple[sources.Inspection, sources.Reading]]:
    """The file as it is read, and what is in it: as it was found before, or looked at now."""
    name = str(batch["file_name"])
    looked = looked_before(batch["inspection"])
    if looked is None and layer.as_exported:
        looked = sources.inspect(kept, name, desk.limits)
    layers = tuple(found.name for found in _chosen(looked, layer)) if looked else layer.source_layers
    choice = sources.Choice(layers=layers, encoding=layer.encoding, coordinate_columns=layer.coordinate_columns)
    with sources.reading(kept, name, choice, desk.limits, look=looked is None) as reading:
        found = looked or reading.inspection
        assert found is not None
        yield found, reading


def _declared(stager: Stager) -> Iterator[tuple[str, str]]:
    layer = stager.layer
    if stager.parent_digits is not None:
        yield (
            f"no column says in which area each lies: it is taken from the first {stager.parent_digits} digits of the "
            "code (GB/T 30428.1)",
            f"未指定上级编码列：上级编码取自编码的前 {stager.parent_digits} 位（GB/T 30428.1）",
        )
    if layer.to_point:
        yield "shapes were reduced to a point on them, as the layer declares", "按图层设置，图形已转为其上的一点"
    if layer.as_exported:
        yield from exported.notes(layer)
    elif left := layer.left_out(stager.columns):
        yield (
            f"columns that were not kept, as they number rows or were left out by choice: {', '.join(left)}",
            f"以下列只是行号、坐标，或已选择不保留，因此未作为属性保留：{'、'.join(left)}",
        )


def _chosen(looked: sources.Inspection, layer: Layer) -> list[sources.SourceLayer]:
    """The layers of the file that the layer means."""
    names = exported.layers_of(looked) if layer.as_exported else [found.name for found in looked.layers]
    wanted = layer.source_layers or tuple(names)
    for name in wanted:
        if name not in names:
            raise FileError(
                looked.file_name,
                f"it has no layer {name!r}; it holds: {', '.join(names) or 'none'}",
                zh=f"没有图层“{name}”；文件中有：{'、'.join(names) or '无'}",
            )
    whole = looked.kind == "survey" or LAYER_COLUMN in layer.fields.values()
    if len(names) > 1 and not layer.source_layers and not whole:
        raise FileError(
            looked.file_name,
            f"it holds {len(names)} layers, name one of them with --source-layer: {', '.join(names)} (or all come in, "
            f"if their names tell the subclass: --field subclass='{LAYER_COLUMN}')",
            zh=f"文件含 {len(names)} 个图层，请指定其中之一：{'、'.join(names)}（图层名为小类时，"
            f"可将小类对应为“{LAYER_COLUMN}”，一次导入全部图层）",
        )
    return [found for found in looked.layers if found.name in wanted]


def _staged(
    conn: Connection,
    desk: Desk,
    looked: sources.Inspection,
    chosen: list[sources.SourceLayer],
    layer: Layer,
    columns: exported.Columns | None,
    context: Context,
    tally: Tally,
    reading: sources.Reading,
    folder: Any,
) -> tuple[Stager, Any]:
    crs = _crs(conn, looked.file_name, chosen, layer, desk.city.srid)
    stream = exported.Named(reading, columns) if columns else reading
    stager = Stager(
        layer=layer,
        srid=desk.city.srid,
        crs=crs,
        source_crs=CRS.from_user_input(crs),
        columns=tuple(name for name in stream.schema.names if name not in PSEUDO),
        subclass_names=names_of(list(context.subclasses.values())),
        file_name=looked.file_name,
        parent_digits=_parent_digits(layer, context),
    )
    with endless():
        return stager, check_lots(stager, stream, context, tally, folder, desk.progress)


def _parent_digits(layer: Layer, context: Context) -> int | None:
    if layer.target == COMPONENTS or "parent_code" in {*layer.fields, *layer.constants}:
        return None
    kind = context.kinds[layer.target]
    return parent_digits(kind, context.kinds.get(kind.parent or ""))


def _crs(conn: Connection, file_name: str, chosen: list[sources.SourceLayer], layer: Layer, srid: int) -> str:
    """What somebody said, else what the file says if the data then lie in the city. Nothing else is assumed."""
    if layer.crs is not None:
        return layer.crs
    found = [whereabouts(source, outline(conn), srid) for source in chosen]
    if len({one.declared.epsg or one.declared.wkt for one in found}) > 1:
        raise _different(file_name, chosen, found)
    for source, one in zip(chosen, found, strict=True):
        if one.declared.crs is None or (source.sample and not one.proved):  # shapes that are not there are at no place
            raise _unproved(file_name, source, one, alone=len(chosen) == 1)
    return str(found[0].declared.crs)


def _different(file_name: str, chosen: list[sources.SourceLayer], found: list[Whereabouts]) -> FileError:
    systems: dict[str, list[str]] = {}
    for source, one in zip(chosen, found, strict=True):
        systems.setdefault(one.declared.name, []).append(source.name)
    told = "; ".join(f"{name or 'not said'}: {listed(layers)}" for name, layers in systems.items())
    told_zh = "；".join(f"{name or '未说明'}：{listed(layers)}" for name, layers in systems.items())
    return FileError(
        file_name,
        f"its layers are in different coordinate systems ({told}); import those of each by themselves, "
        "or say one for all",
        zh=f"各图层的坐标系不同（{told_zh}），请按坐标系分别导入，或统一指定坐标系",
    )


def _unproved(file_name: str, source: sources.SourceLayer, found: Whereabouts, *, alone: bool) -> FileError:
    """With ways to read the coordinates, of which somebody has to choose one."""
    absent = source.crs is None and source.path.lower().endswith(".shp")
    prj, prj_zh = (
        (f"{source.name}.prj is missing or empty: ", f"缺少 {source.name}.prj，或其内容为空：") if absent else ("", "")
    )
    layer, layer_zh = ("", "") if alone else (f"layer {source.name}: ", f"图层“{source.name}”：")
    fitting = found.proposals[:5]
    offers = f". It may be: {'; '.join(f'{offer.title} ({_option(offer)})' for offer in fitting)}" if fitting else ""
    offers_zh = f"可能是：{'；'.join(offer.title_zh for offer in fitting)}。请确认后" if fitting else "请"
    return FileError(
        file_name,
        f"{layer}{prj}{found.note or 'its coordinate system is not known'}; nothing is assumed{offers}",
        zh=f"{layer_zh}{prj_zh}{found.note_zh or '坐标系未知'}。{offers_zh}指定坐标系",
    )


def _option(offer: Proposal) -> str:
    return f"--crs {offer.crs} --turn {offer.turn}" if offer.turn else f"--crs {offer.crs}"


def compared_with_store(
    conn: Connection,
    rows: Any,
    rejected: BoolArray,
    speaks: Speaks,
    scope: Scope,
    subclasses: Mapping[str, Subclass],
) -> Compared:
    return compare(conn, rows, rejected, speaks, scope, _area_ids(conn, scope), subclasses)


def speaks_from(stager: Stager) -> Speaks:
    fields = {row_field(name) for name in (*stager.layer.fields, *stager.layer.constants)}
    if "subclass_name" in fields:
        fields.add("subclass_code")
    extra = fields - {*ROW_FIELDS, "subclass_name"}
    own = [f"{name} (source)" if name in extra else name for name in stager.rest]
    return speaks_of(fields, [*own, *extra])


def suggested_scope(conn: Connection, rows: Any) -> Scope:
    """The subclasses of the file, and the areas in which it has something: of the smallest tiling kind with parts."""
    subclasses = tuple(sorted(code for code in pc.unique(rows["subclass_code"]).to_pylist() if code))
    known = areas.kinds_in_use(conn)
    parents = {kind.parent for kind in known}
    kinds = [kind for kind in known if kind.must_tile and kind.kind in parents]
    if not kinds:
        return Scope(kind=None, areas=(), subclasses=subclasses)
    kind = max(kinds, key=lambda kind: kind.specificity).kind
    index = locating.kind_index(conn, kind)
    found = index.find(np.asarray(rows["x"]), np.asarray(rows["y"])).places
    held = np.unique(found[found >= 0])
    return Scope(kind=kind, areas=tuple(index.codes[held].tolist()), subclasses=subclasses)


def _area_ids(conn: Connection, scope: Scope) -> list[int] | None:
    if scope.kind is None:
        return None
    known = locating.kind_areas(conn, scope.kind)
    return [int(n) for n in known.ids[np.isin(known.codes, scope.areas)]]


def _keep_changes(folder: Any, compared: Compared | None) -> None:
    table = compared.changes if compared else pa.Table.from_pylist([], schema=CHANGES)
    with staging.written(folder, staging.CHANGES, CHANGES) as writer:
        writer.write_table(table)


def _counts(
    conn: Connection, stager: Stager, read: int, tally: Tally, compared: Compared | None, rejected: BoolArray,
    inventory: dict[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """`refusals`: errors that refuse the file. `inventory`: with which state of the store it was compared; `touched`:
    a digest of the components that promoting would change or retire, none if somebody changed the store meanwhile."""
    still = batches.inventory_state(conn) == inventory
    speaks = speaks_from(stager)
    return {
        "speaks": {"fields": sorted(speaks.fields), "attributes": sorted(speaks.attributes)},
        "read": read,
        "findings": dict(tally.severities),
        "refusals": tally.refusals,
        "refusing": dataclasses.asdict(tally.refusing) | {"geom": None} if tally.refusing else None,
        "set_aside": int(rejected.sum()),
        "changes": compared.totals() if compared else {},
        "inventory": inventory,
        "touched": batches.versions_digest(conn, compared.touched()) if compared and still else None,
    }
