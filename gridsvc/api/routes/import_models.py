"""What the routes of imports take and give, as OpenAPI describes it."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from gridsvc.api.dependencies import LONGEST_NAME
from gridsvc.ingest.diff import Scope
from gridsvc.ingest.layers import Layer

LONGEST_COLUMN, LONGEST_VALUE, LONGEST_CRS = 300, 1_000, 5_000
MOST_AREAS, MOST_VALUES, MOST_NAMES = 20_000, 5_000, 1_000
"""That one definition names."""

BatchId = Annotated[int, Path(ge=1, lt=2**63, description="number of the import")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME)]
Column = Annotated[str, StringConstraints(max_length=LONGEST_COLUMN)]
Value = Annotated[str, StringConstraints(max_length=LONGEST_VALUE)]
State = Literal["waiting", "working", "done", "failed", "cancelled", "lost"]


class ScopeGiven(BaseModel):
    """Where and of what the file claims to know everything: only there can a component be gone."""

    model_config = ConfigDict(extra="forbid")

    kind: Name | None = Field(None, description="kind of the areas; null: the whole city")
    areas: list[Name] = Field(default_factory=list, max_length=MOST_AREAS, description="codes of areas of that kind")
    subclasses: list[Name] = Field(default_factory=list, max_length=MOST_NAMES, description="subclass codes")

    def scope(self) -> Scope:
        return Scope(kind=self.kind, areas=tuple(self.areas), subclasses=tuple(self.subclasses))


class Definition(BaseModel):
    """What a file means."""

    model_config = ConfigDict(extra="forbid")

    layer: Name | None = Field(None, description="name of what it becomes, such as a named layer; null: its target")
    target: Name = Field(description="components, or an area kind")
    source_layers: list[Column] = Field(
        default_factory=list, max_length=MOST_NAMES, description="layers of the file that are meant; none: the only one"
    )
    fields: dict[Name, Column] = Field(default_factory=dict, description="target field: column of the file")
    constants: dict[Name, Value] = Field(default_factory=dict, description="target field: the same value for all")
    values: dict[Name, Annotated[dict[Value, Value], Field(max_length=MOST_VALUES)]] = Field(
        default_factory=dict, description="target field: value of the file: value in the store"
    )
    encoding: Name | None = Field(None, description="of the attribute table; null: as the bytes say")
    crs: Annotated[str, StringConstraints(max_length=LONGEST_CRS)] | None = Field(
        None, description="EPSG:n, WKT or PROJ string; null: as the file says, if that is proved"
    )
    turn: Literal["", "swapped", "feet", "us-feet", "gcj02", "bd09"] = Field(
        "", description="what was done to the coordinates and has to be undone"
    )
    coordinate_columns: tuple[Column, Column] | None = Field(None, description="columns with east and north of a table")
    to_point: bool = Field(False, description="reduce lines and polygons to a point on them")
    set_aside: list[Name] = Field(
        default_factory=list, max_length=MOST_NAMES, description="rules whose errors set the row aside"
    )
    ignored: list[Column] | None = Field(
        None, max_length=MOST_NAMES,
        description="columns that are not kept as attributes; null: those that number rows, as OBJECTID, X and Y",
    )  # fmt: skip
    as_exported: bool = Field(False, description="this system wrote the file: its columns are known by their names")
    scope: ScopeGiven | None = Field(None, description="null: what the file itself shows")
    gone: Literal["keep", "retire"] = Field("keep", description="what becomes of components that the file lacks")
    save_as: Name | None = Field(None, description="save the mapping as a profile of this name")

    def as_layer(self) -> Layer:
        return Layer(
            layer=self.layer or self.target,
            target=self.target,
            source_layers=tuple(self.source_layers),
            fields=self.fields,
            constants=self.constants,
            values=self.values,
            encoding=self.encoding,
            crs=self.crs,
            turn=self.turn,
            coordinate_columns=self.coordinate_columns,
            to_point=self.to_point,
            set_aside=tuple(self.set_aside),
            ignored=None if self.ignored is None else tuple(self.ignored),
            as_exported=self.as_exported,
        )


class Work(BaseModel):
    """The step that was asked for last."""

    step: Literal["inspect", "check", "promote", "rollback"]
    state: State = Field(description="lost: it was begun, and its worker is gone; ask for it again")
    phase: str = Field(description="what of the step is done at the moment")
    done: int = Field(description="features")
    total: int | None = Field(description="features of the file, as far as that is known")
    seconds: int | None = Field(None, description="for how long it has been at work; null while it is not")
    stopping: bool = Field(description="it was told to stop")


class ImportListed(BaseModel):
    """An import batch."""

    id: int
    kind: str = Field(description="file, or hand: one component changed in a form")
    file_name: str
    layer: str
    target: str = Field(description="components, or an area kind; empty before the definition")
    state: str = Field(description="received, inspected, checked, promoted, rolled_back, refused or dropped")
    counts: dict[str, Any]
    scope: dict[str, Any]
    gone: str
    staged_at: datetime
    promoted_at: datetime | None
    ended_at: datetime | None
    account: str | None = Field(description="who brought it, as an account; null: the command line of old")
    who: str | None = Field(description="the same as a person's name")
    error: str = Field(description="why it was refused, or why its last step failed; empty if it did not")
    error_zh: str = Field(description="the same in Chinese")
    in_force: int | None = Field(
        description="revision in which its draft of areas is in force, and no way leads back; null: it is not"
    )
    work: Work | None


class ImportShown(ImportListed):
    inspection: dict[str, Any] = Field(
        description="layers with their fields, examples, encoding and whereabouts; notes"
    )
    definition: dict[str, Any]


class Imports(BaseModel):
    total: int
    imports: list[ImportListed]


class Received(BaseModel):
    id: int
    file_name: str
    work: Work


class Asked(BaseModel):
    id: int
    work: Work


class SuggestedField(BaseModel):
    target: str
    source: str = Field(description="column of the file; (layer) is the name of the layer")
    confidence: float = Field(description="0 to 1; below 0.8 a person has to confirm")
    reason: str
    reason_zh: str


class SuggestedValue(BaseModel):
    value: str
    count: int
    code: str | None
    confidence: float
    reason: str
    reason_zh: str


class SuggestedProfile(BaseModel):
    name: str
    target: str
    exact: bool = Field(description="made for a file of this very shape")
    overlap: float = Field(description="columns in both among columns in either")
    missing: list[str] = Field(description="columns that the profile names and the file has not")
    definition: dict[str, Any]


class Suggestion(BaseModel):
    target: str
    fields: list[SuggestedField]
    values: dict[str, list[SuggestedValue]] = Field(description="by field; the most frequent values first")
    counted: int = Field(description="features over which the values were counted")
    whole: bool = Field(description="whether these are all")
    profiles: list[SuggestedProfile]
    ignored: list[str] = Field(description="columns that number rows or say where they are, and tell nothing of things")
    as_exported: bool = Field(description="it has the columns of a file that this system wrote")


class Profile(BaseModel):
    id: int
    name: str
    target: str
    columns: list[str]
    definition: dict[str, Any]
    made_by: str | None
    made_at: datetime


class Profiles(BaseModel):
    profiles: list[Profile]
