"""Components with versions, and the serials of issued codes."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from gridsvc.store.tables.columns import area_ids, document, index, moment, now, serial, shape, words


def declare(metadata: MetaData, srid: int) -> None:
    Table(
        "component",
        metadata,
        serial(),
        words("component_code", unique=True),
        words("code_scheme"),
        Column("version", Integer, nullable=False, server_default=text("1")),
        *_described(srid, Column("batch_id", BigInteger, nullable=False, comment="of import_batch: none is deleted")),
        now("recorded_at"),
        Column(
            "visibility",
            SmallInteger,
            nullable=False,
            comment="of its subclass; kept by a trigger, so that row-level security need not look it up",
        ),
        _digest(),
        index("component_geom", "geom", postgresql_using="gist", serves="components_nearby"),
        index("component_subclass", "subclass_code", "component_code", serves="components_page"),
        index("component_batch", "batch_id", serves="later_batches"),
    )
    _version(metadata, srid)
    _photo(metadata)
    Table(
        "code_serial",
        metadata,
        words("district_code", primary_key=True),
        words("subclass_part", primary_key=True),
        Column("last_serial", Integer, nullable=False),
        comment="serials only grow: an issued code is never issued again",
    )


def _version(metadata: MetaData, srid: int) -> None:
    Table(
        "component_version",
        metadata,
        Column("component_id", BigInteger, primary_key=True, autoincrement=False),
        Column("version", Integer, primary_key=True),
        *_described(srid, Column("batch_id", BigInteger, ForeignKey("import_batch.id"), nullable=False)),
        moment("recorded_at"),
        now("superseded_at"),
        words("component_code"),
        words("code_scheme"),
        Column("superseded_by", BigInteger, ForeignKey("import_batch.id"), nullable=False),
        words("fate", comment="changed, retired, or undone: what the superseding batch did to it"),
        _digest(),
        index("component_version_superseded", "superseded_by", serves="later_batches"),
        index("component_version_batch", "batch_id", serves="foreign key: the versions that a batch wrote"),
        index("component_version_code", "component_code", serves="component_history"),
        comment="what a component was; a row is written when it is superseded",
    )


def _photo(metadata: MetaData) -> None:
    Table(
        "component_photo",
        metadata,
        Column("id", UUID(as_uuid=True), primary_key=True, server_default=text("gen_random_uuid()")),
        Column("component_id", ForeignKey("component.id"), nullable=False),
        Column("batch_id", BigInteger, ForeignKey("import_batch.id"), nullable=False),
        words("sha256", comment="of its pixels alone as a JPEG"),
        now("added_at"),
        UniqueConstraint("component_id", "sha256"),
        index("component_photo_batch", "batch_id", serves="forget_component_photos"),
    )


def _digest() -> Column[Any]:
    return Column(
        "digest",
        BigInteger,
        nullable=True,
        comment="of the row of a file that it was last taken from; none once anything else changed it",
    )


def _described(srid: int, batch_id: Column[Any]) -> list[Column[object]]:
    return [
        words("subclass_code"),
        words("state"),
        words("authority", nullable=True),
        words("owner", nullable=True),
        words("maintainer", nullable=True),
        words("position", nullable=True),
        document("attributes"),
        area_ids(),
        batch_id,
        shape("GEOMETRY", srid),
    ]
