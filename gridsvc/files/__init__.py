"""Layers as files for others: shapefile, GeoPackage, GeoJSON, CSV, Excel. Knows nothing of where the rows come from."""

from gridsvc.files.layers import ENDINGS, FORMS, MEDIA_TYPES, Lot, Note, OutLayer, RowLayer, Written, form_of
from gridsvc.files.places import one_point
from gridsvc.files.spooled import ATTRIBUTES, GEOMETRY, SpooledLayer, spool
from gridsvc.files.write import ENCODINGS, write

__all__ = [
    "ATTRIBUTES",
    "ENCODINGS",
    "ENDINGS",
    "FORMS",
    "GEOMETRY",
    "MEDIA_TYPES",
    "Lot",
    "Note",
    "OutLayer",
    "RowLayer",
    "SpooledLayer",
    "Written",
    "form_of",
    "one_point",
    "spool",
    "write",
]
