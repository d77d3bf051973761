"""What the other process said of a file, from JSON to what the product knows."""

from typing import Any

from gridsvc.ingest.encodings.deciding import Candidate, EncodingReading
from gridsvc.ingest.sources.model import Inspection, Note, Photo, SourceField, SourceLayer


def inspection_of(found: dict[str, Any]) -> Inspection:
    return Inspection(
        file_name=found["file_name"],
        kind=found["kind"],
        layers=tuple(_layer(one) for one in found["layers"]),
        photos=tuple(Photo(**one) for one in found["photos"]),
        notes=tuple(Note(**one) for one in found["notes"]),
    )


def _layer(found: dict[str, Any]) -> SourceLayer:
    columns = found["coordinate_columns"]
    return SourceLayer(
        **{
            **found,
            "fields": tuple(SourceField(**{**one, "examples": tuple(one["examples"])}) for one in found["fields"]),
            "encoding": _encoding(found["encoding"]),
            "bounds": tuple(found["bounds"]) if found["bounds"] else None,
            "sample": tuple((x, y) for x, y in found["sample"]),
            "coordinate_columns": tuple(columns) if columns else None,
        }
    )


def _encoding(found: dict[str, Any] | None) -> EncodingReading | None:
    if found is None:
        return None
    candidates = tuple(Candidate(**{**one, "samples": tuple(one["samples"])}) for one in found["candidates"])
    return EncodingReading(**{**found, "candidates": candidates})
