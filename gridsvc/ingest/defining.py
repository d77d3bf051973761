"""What somebody decided a file to mean, looked at before it counts: every name in it must be known."""

from collections.abc import Iterable
from dataclasses import replace

from gridsvc.errors import InputError, one_of
from gridsvc.ingest.diff import Scope
from gridsvc.ingest.encodings.values import codec_of
from gridsvc.ingest.layers import COMPONENTS, Layer, check_fields
from gridsvc.ingest.places.coordinates import parse
from gridsvc.ingest.rules import RULES
from gridsvc.store import areas
from gridsvc.store.city import subclasses
from gridsvc.store.connection import Connection

MOST_NAMED = 5


def check_definition(conn: Connection, layer: Layer, scope: Scope | None) -> Layer:
    """The layer as it is to be kept."""
    kinds = [kind.kind for kind in areas.kinds(conn)]
    if layer.target not in (COMPONENTS, *kinds):
        raise one_of("target", layer.target, [COMPONENTS, *kinds], zh="导入目标")
    check_fields(layer.layer, layer.target, [*layer.fields, *layer.constants, *layer.values])
    _known("rule", layer.set_aside, [rule.name for rule in RULES], "检查项")
    if layer.crs is not None:
        parse(layer.crs)
    if layer.encoding is not None:
        codec_of(layer.encoding)
    if scope is not None:
        _check_scope(conn, scope, kinds)
    return replace(layer, encoding=layer.encoding or None, crs=layer.crs or None)


def _check_scope(conn: Connection, scope: Scope, kinds: list[str]) -> None:
    if scope.kind is None and scope.areas:
        raise InputError("scope: say of which kind its areas are", zh="请指定范围中区域的类型")
    codes = [one.subclass_code for one in subclasses(conn) if one.kind == "component"]
    _known("subclass of the scope", scope.subclasses, codes, "小类")
    if scope.kind is None:
        return
    if scope.kind not in kinds:
        raise one_of("kind of area of the scope", scope.kind, kinds, zh="区域类型")
    known = {area.code for area in areas.areas_in_force(conn, scope.kind)}
    unknown = [code for code in scope.areas if code not in known]
    if unknown:
        raise InputError(
            f"scope: there is no {scope.kind} {', '.join(unknown[:MOST_NAMED])}",
            zh=f"范围中有不存在的区域：{'、'.join(unknown[:MOST_NAMED])}",
        )


def _known(what: str, given: Iterable[str], known: list[str], zh: str) -> None:
    allowed = set(known)
    for one in given:
        if one not in allowed:
            raise one_of(what, one, known, zh=zh)
