"""The city itself, its catalogue and its departments."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    SmallInteger,
    Table,
)

from gridsvc.store.tables.columns import codes, index, now, serial, words


def declare(metadata: MetaData, srid: int) -> None:  # noqa: ARG001  one signature for all rooms
    _city(metadata)
    _catalogue(metadata)
    _time_limits(metadata)
    Table(
        "department",
        metadata,
        words("code", primary_key=True),
        words("name_zh"),
        words("name_en"),
        Column("parent", ForeignKey("department.code"), nullable=True),
        words("level"),
        Column("on_platform", Boolean, nullable=False),
        Column("retired_on", Date, nullable=True, comment="the first day without it"),
        index("department_parent", "parent", serves="foreign key: a parent's children"),
    )


def _city(metadata: MetaData) -> None:
    Table(
        "city",
        metadata,
        Column("id", SmallInteger, primary_key=True, autoincrement=False),
        words("name_zh"),
        words("name_en"),
        Column("srid", Integer, nullable=False),
        words("district_code"),
        words("time_zone"),
        words("heat_kind", nullable=True),
        Column("synthetic", Boolean, nullable=False),
        now("initialised_at"),
        words("fallback_department", nullable=True, comment="acts first while the owner of a component is not known"),
        CheckConstraint("id = 1", name="one_row"),
    )


def _catalogue(metadata: MetaData) -> None:
    Table(
        "catalogue_version",
        metadata,
        Column("version", Integer, primary_key=True, autoincrement=False),
        words("title"),
        words("checksum"),
        now("loaded_at"),
    )
    Table(
        "catalogue_subclass",
        metadata,
        Column("version", ForeignKey("catalogue_version.version"), primary_key=True),
        words("kind", primary_key=True),
        words("subclass_code", primary_key=True),
        words("class_code"),
        words("class_zh"),
        words("class_en"),
        words("subclass_zh"),
        words("subclass_en"),
        words("geometry", nullable=True),
        codes("geometry_allowed"),
        words("accuracy_class", nullable=True),
        words("source"),
        words("national_code", nullable=True),
        words("cjt214_code", nullable=True),
        codes("aliases"),
    )


def _time_limits(metadata: MetaData) -> None:
    Table(
        "time_limit",
        metadata,
        serial(),
        Column("version", Integer, nullable=False),
        words("profile"),
        words("kind"),
        words("subclass_code"),
        words("condition_zh"),
        words("condition_en"),
        Column("limit_value", Integer, nullable=False),
        words("limit_unit"),
        words("closing_zh"),
        words("source"),
        ForeignKeyConstraint(
            ["version", "kind", "subclass_code"],
            ["catalogue_subclass.version", "catalogue_subclass.kind", "catalogue_subclass.subclass_code"],
        ),
        index(
            "time_limit_subclass",
            "version",
            "kind",
            "subclass_code",
            serves="foreign key: the limits of a subclass",
        ),
    )
