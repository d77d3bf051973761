"""What comes in, safely: files of GIS staff and surveyors, looked at and read by a process of their own.

`inspect` says what is in a file, `reading` gives its rows as Arrow record batches while they are read.
"""

from gridsvc.ingest.sources.model import (
    BATCH,
    FEATURE,
    GEOMETRY,
    LAYER,
    Choice,
    Inspection,
    Limits,
    Note,
    Photo,
    SourceField,
    SourceLayer,
)
from gridsvc.ingest.sources.pictures import Picture, pictures
from gridsvc.ingest.sources.reader import Reading, content_hash, inspect, reading

__all__ = [
    "BATCH", "FEATURE", "GEOMETRY", "LAYER", "Choice", "Inspection", "Limits", "Note", "Photo", "Picture", "Reading",
    "SourceField", "SourceLayer", "content_hash", "inspect", "pictures", "reading",
]  # fmt: skip
