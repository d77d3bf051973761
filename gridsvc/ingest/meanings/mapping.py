"""Which column of a file means which field: suggestions from names and values, for a person to correct."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace

from gridsvc.domain.areas import AreaKind
from gridsvc.domain.catalogue import Subclass
from gridsvc.ingest.layers import COMPONENTS, LAYER_COLUMN, fields_of
from gridsvc.ingest.meanings.columns import NUMBERED, Called, called, cut_of, plain
from gridsvc.ingest.meanings.evidence import ColumnLook, Evidence
from gridsvc.ingest.meanings.names import PARTIES, PARTY_CODES, PARTY_NAMES
from gridsvc.ingest.meanings.values import ValueSuggestion, suggest_departments, suggest_states, suggest_values

__all__ = [
    "ColumnLook", "Suggestion", "ValueSuggestion", "column_names", "signature", "suggest_departments",
    "suggest_fields", "suggest_states", "suggest_values",
]  # fmt: skip

THRESHOLD = 0.5
PROVEN, SUPPORT, DOUBT, SUREST = 0.75, 0.05, 0.25, 0.99
IN_A_ROW = 0.8


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """That a column (`source`) means a field (`target`). Below `values.SURE` a person has to confirm."""

    target: str
    source: str
    confidence: float
    reason: str
    reason_zh: str


def suggest_fields(
    target: str, columns: Sequence[ColumnLook], *, subclasses: Sequence[Subclass] = (), kinds: Sequence[AreaKind] = ()
) -> list[Suggestion]:
    """The best column for each field that one fits, in the order of the target's fields; no column twice.

    `columns` may hold LAYER_COLUMN, whose examples are the names of the file's layers. Subclasses and kinds of
    area make the look at values sharper.
    """
    evidence = Evidence(target, subclasses, kinds)
    found = [one for column in columns for one in _meanings_of(column, target, evidence)]
    found += _numbered_parties(columns) if target == COMPONENTS else []
    chosen = _best_of_each(found)
    if target == COMPONENTS:
        _names_for_codes(chosen)
    return [chosen[name] for name in fields_of(target) if name in chosen]


def _meanings_of(column: ColumnLook, target: str, evidence: Evidence) -> list[Suggestion]:
    """What one column may mean by itself."""
    if column.name == LAYER_COLUMN:
        return _layer_names(column, target, evidence)
    named = called(column.name, evidence.known)
    weighed = [_weighed(meaning, column, named.get(meaning), evidence) for meaning in evidence.known]
    return [one for one in weighed if one is not None and one.confidence >= THRESHOLD]


def _weighed(meaning: str, column: ColumnLook, name: Called | None, evidence: Evidence) -> Suggestion | None:
    """Name and values of a column together; None if neither says that it has the meaning."""
    verdict = evidence.says(meaning, column)
    if name is None:
        if verdict is None or not (verdict.fits and verdict.proves):
            return None
        return Suggestion(
            target=meaning, source=column.name, confidence=PROVEN, reason=verdict.reason, reason_zh=verdict.reason_zh
        )
    reason, reason_zh, confidence = name.reason, name.reason_zh, name.confidence
    if verdict is not None and verdict.fits:
        confidence = min(SUREST, max(confidence, PROVEN if verdict.proves else 0.0) + SUPPORT)
        reason += f"; {verdict.reason}" if verdict.reason else ""
        reason_zh += f"；{verdict.reason_zh}" if verdict.reason_zh else ""
    elif verdict is not None:
        confidence -= DOUBT
        reason, reason_zh = f"{reason}; its values do not look like it", f"{reason_zh}；但其值不像"
    return Suggestion(
        target=meaning, source=column.name, confidence=round(confidence, 2), reason=reason, reason_zh=reason_zh
    )


def _layer_names(column: ColumnLook, target: str, evidence: Evidence) -> list[Suggestion]:
    share = evidence.layer_names(column.examples) if target == COMPONENTS else 0.0
    if share < 0.5:
        return []
    return [
        Suggestion(
            target="subclass", source=LAYER_COLUMN, confidence=0.85 if share == 1 else 0.65,
            reason="the layers are named after subclasses", reason_zh="图层按小类命名",
        )
    ]  # fmt: skip


def _numbered_parties(columns: Sequence[ColumnLook]) -> list[Suggestion]:
    """Columns of one name but for a number: authority, owner and maintainer in this order."""
    codes, names = _rows_of(columns, PARTY_CODES), _rows_of(columns, PARTY_NAMES)
    both = codes.keys() & names.keys()
    made = [one for base in sorted(both) for one in _in_turns(codes[base])]
    for rows, ending in ((codes, ""), (names, "_name")):
        made += [one for base in sorted(rows.keys() - both) for one in _in_a_row(rows[base], ending)]
    return made


def _rows_of(columns: Sequence[ColumnLook], names: Set[str]) -> dict[str, dict[int, str]]:
    """Beginning of a name → number, or 0 where there is none → column."""
    rows: dict[str, dict[int, str]] = {}
    for column in sorted(columns, key=lambda one: one.name):
        numbered = NUMBERED.fullmatch(column.name)
        base, number = (numbered["base"], int(numbered["number"])) if numbered else (column.name, 0)
        if plain(base) in names or any(cut_of(column.name, name) is not None for name in names):
            rows.setdefault(plain(base), {})[number] = column.name
    return rows


def _in_a_row(row: Mapping[int, str], ending: str) -> list[Suggestion]:
    """Two or three codes, or as many names."""
    if not 2 <= len(row) <= len(PARTIES) or (0 not in row and max(row) > len(PARTIES)):
        return []
    places = {number: place if 0 in row else number - 1 for place, number in enumerate(sorted(row))}
    return [_by_place(PARTIES[place] + ending, row[number], place) for number, place in places.items()]


def _in_turns(row: Mapping[int, str]) -> list[Suggestion]:
    """Six columns that were cut to the same beginning: a code and a name of each."""
    if len(row) != 2 * len(PARTIES):
        return []
    sources = [row[number] for number in sorted(row)]
    return [
        _by_place(PARTIES[place // 2] + ("_name" if place % 2 else ""), source, place // 2)
        for place, source in enumerate(sources)
    ]


def _by_place(meaning: str, source: str, place: int) -> Suggestion:
    return Suggestion(
        target=meaning,
        source=source,
        confidence=IN_A_ROW,
        reason=f"by its number, {place + 1} of authority, owner and maintainer",
        reason_zh=f"按编号顺序，为主管、权属、养护中的第 {place + 1} 个",
    )


def _best_of_each(found: Sequence[Suggestion]) -> dict[str, Suggestion]:
    """Meaning → suggestion, the surest first, so that no column and no meaning comes twice."""
    chosen: dict[str, Suggestion] = {}
    taken: set[str] = set()
    for one in sorted(found, key=lambda one: (-one.confidence, one.target, plain(one.source), one.source)):
        if one.target not in chosen and one.source not in taken:
            chosen[one.target] = one
            taken.add(one.source)
    return chosen


def _names_for_codes(chosen: dict[str, Suggestion]) -> None:
    """A department that is told by name only stands for its code: its values then need a mapping."""
    for party in PARTIES:
        name = chosen.get(f"{party}_name")
        if party not in chosen and name is not None:
            chosen[party] = replace(
                name,
                target=party,
                reason=f"{name.reason}; only names are given, which need codes",
                reason_zh=f"{name.reason_zh}；只有部门名称，需对应到部门代码",
            )


def column_names(layers: Mapping[str, Sequence[str]]) -> list[str]:
    """All columns of a file's layers, each once, in one case; `layers`: layer → columns."""
    return sorted({column.strip().casefold() for columns in layers.values() for column in columns} - {LAYER_COLUMN})


def signature(layers: Mapping[str, Sequence[str]]) -> str:
    """Of the shape of a file: its columns, and how its layers' names are built where it has several.

    The order of columns and layers, the case of names and the number of layers do not matter.
    """
    built = sorted({_built(name) for name in layers}) if len(layers) > 1 else []
    text = json.dumps({"columns": column_names(layers), "layers": built}, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _built(name: str) -> str:
    """`0103_雨水井盖` is a number, a stroke and a word."""
    return re.sub("[^0-9\\W_]+", "w", re.sub("[0-9]+", "0", name.strip()))
