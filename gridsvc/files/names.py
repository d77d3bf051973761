"""Names of columns in files for others, after GB/T 30428.2 as city systems write them (at most ten bytes)."""

OBJECT_CODE, OBJECT_NAME, SUBCLASS = "ObjID", "ObjName", "subclass"
UNIT_GRID, POSITION, STATE = "BGID", "ObjPos", "ObjState"
SURVEYED, CHANGED, DATA_SOURCE, NOTE = "ORDate", "CHDate", "DataSource", "Note"
DEPARTMENTS = {"authority": ("DeptCode1", "DeptName1"), "owner": ("DeptCode2", "DeptName2"),
               "maintainer": ("DeptCode3", "DeptName3")}  # fmt: skip
OWN_CODE, CODE_BASIS, CLASS_CODE, CLASS_NAME = "OwnCode", "CodeBasis", "ClassCode", "ClassName"
"""Of files with national codes: the city's own subclass code, whose code `subclass` is, and the national class."""

COMPONENT_FIELDS = {
    OBJECT_CODE: "code", OBJECT_NAME: "subclass_name", SUBCLASS: "subclass", "DeptCode1": "authority",
    "DeptCode2": "owner", "DeptCode3": "maintainer", UNIT_GRID: "unit_grid", POSITION: "position", STATE: "state",
    SURVEYED: "surveyed_at", CHANGED: "changed_at", DATA_SOURCE: "data_source", NOTE: "note",
}  # fmt: skip
"""Columns of an exported file and the target fields that they are when it comes back."""

AREA_M2 = "area_m2"
DERIVED = frozenset({"DeptName1", "DeptName2", "DeptName3", OWN_CODE, CODE_BASIS, CLASS_CODE, CLASS_NAME, AREA_M2})
"""Columns that are written for people: they follow from others, and are not read back."""

FIELDS_FILE = "fields.csv"
"""In the ZIP of a shapefile: the full name of each column, which ten bytes may not hold."""


def unique(name: str, taken: set[str]) -> str:
    """The name, or the name with the first free number; `taken` holds names without regard to case, and gets it."""
    free, number = name, 0
    while free.casefold() in taken:
        number += 1
        free = f"{name}_{number}"
    taken.add(free.casefold())
    return free
