"""Saved mappings: made once by hand, found again for the next file of the same shape."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gridsvc.errors import InputError, NotFoundError, one_of
from gridsvc.ingest.layers import COMPONENTS, LAYER_COLUMN, Layer, check_fields, from_definition
from gridsvc.ingest.meanings.mapping import column_names, signature
from gridsvc.store import areas, audit
from gridsvc.store import profiles as store
from gridsvc.store.connection import Connection
from gridsvc.store.profiles import Profile

__all__ = ["Match", "Profile", "delete_profile", "find_profiles", "get_profile", "list_profiles", "save_profile"]

LONGEST_NAME = 80
SIMILAR = 0.8
"""Share of all columns that two files have both, from which their mappings may serve each other."""


@dataclass(frozen=True, kw_only=True)
class Match:
    """A profile that may serve a file. `overlap`: columns in both among columns in either, 0 to 1."""

    profile: Profile
    exact: bool
    """Made for a file of this very shape; else it is only offered as similar."""
    overlap: float
    missing: tuple[str, ...]
    """Columns that its mapping names and the file has not."""
    layer: Layer
    """The mapping, its columns written as the file writes them."""


def save_profile(
    conn: Connection, name: str, layer: Layer, layers: Mapping[str, Sequence[str]], account_id: int | None
) -> Profile:
    """Save what the columns of a file mean. `layers`: the layers of that file and their columns.

    Another profile of the name is overwritten; fields that the target does not have are refused.
    """
    name = _checked_name(name)
    _check_target(conn, layer.target)
    check_fields(layer.layer, layer.target, [*layer.fields, *layer.constants, *layer.values])
    with conn.transaction():
        before = store.profile(conn, name)
        store.save(
            conn,
            name=name,
            target=layer.target,
            signature=signature(layers),
            columns=column_names(layers),
            definition=layer.definition(),
            made_by=account_id,
        )
        saved = get_profile(conn, name)
        audit.record(conn, "profile.save", _thing(saved), before=_told(before), after=_told(saved))
    return saved


def find_profiles(conn: Connection, layers: Mapping[str, Sequence[str]]) -> list[Match]:
    """Profiles for a file: those of its very shape, the newest first; else similar ones, the best first."""
    exact = store.profiles_of_signature(conn, signature(layers))
    if exact:
        return [_match(one, layers, exact=True) for one in exact]
    similar = [_match(one, layers, exact=False) for one in store.profiles(conn)]
    return sorted((one for one in similar if one.overlap >= SIMILAR), key=lambda one: -one.overlap)


def list_profiles(conn: Connection) -> list[Profile]:
    """All of them, by name."""
    return store.profiles(conn)


def get_profile(conn: Connection, name: str) -> Profile:
    found = store.profile(conn, name)
    if found is None:
        raise NotFoundError(f"there is no profile named {name!r}", zh=f"没有名为“{name}”的映射方案")
    return found


def delete_profile(conn: Connection, name: str) -> None:
    with conn.transaction():
        gone = get_profile(conn, name)
        store.delete(conn, name)
        audit.record(conn, "profile.delete", _thing(gone), before=_told(gone))


def _match(profile: Profile, layers: Mapping[str, Sequence[str]], *, exact: bool) -> Match:
    here, there = set(column_names(layers)), set(profile.columns)
    written = {column.strip().casefold(): column for columns in layers.values() for column in columns}
    layer = _rewritten(from_definition(profile.name, profile.definition), written)
    wanted = [*layer.fields.values(), *(layer.coordinate_columns or ())]
    known = {*written.values(), LAYER_COLUMN}
    return Match(
        profile=profile,
        exact=exact,
        overlap=len(here & there) / max(1, len(here | there)),
        missing=tuple(column for column in dict.fromkeys(wanted) if column not in known),
        layer=layer,
    )


def _rewritten(layer: Layer, written: Mapping[str, str]) -> Layer:
    """`written`: column in one case → as the file writes it."""
    fields = {name: written.get(source.strip().casefold(), source) for name, source in layer.fields.items()}
    columns = layer.coordinate_columns
    if columns is not None:
        east, north = (written.get(column.strip().casefold(), column) for column in columns)
        columns = (east, north)
    return replace(layer, fields=fields, coordinate_columns=columns)


def _checked_name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise InputError(
            f"a profile's name has 1 to {LONGEST_NAME} characters", zh=f"映射方案名称须为 1 至 {LONGEST_NAME} 个字符"
        )
    return name


def _check_target(conn: Connection, target: str) -> None:
    known = [COMPONENTS, *sorted(kind.kind for kind in areas.kinds(conn))]
    if target not in known:
        raise one_of("target", target, known, zh="导入目标")


def _thing(profile: Profile) -> str:
    return f"profile {profile.id}"


def _told(profile: Profile | None) -> dict[str, object] | None:
    if profile is None:
        return None
    return {"name": profile.name, "target": profile.target, "definition": profile.definition}
