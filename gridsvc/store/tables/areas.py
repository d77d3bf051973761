"""Areas by kind with validity, their pieces for fast location, and drafts."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from gridsvc.store.tables.columns import document, index, moment, now, serial, shape, words


def declare(metadata: MetaData, srid: int) -> None:
    Table(
        "area_kind",
        metadata,
        words("kind", primary_key=True),
        words("name_zh"),
        words("name_en"),
        Column("parent", ForeignKey("area_kind.kind"), nullable=True),
        Column("made_of", ForeignKey("area_kind.kind"), nullable=True),
        Column("must_tile", Boolean, nullable=False),
        words("code_scheme"),
        Column("specificity", Integer, nullable=False),
    )
    _drafts(metadata, srid)
    _revisions(metadata)
    _areas(metadata, srid)
    _successions(metadata)
    _pieces(metadata, srid)


def _drafts(metadata: MetaData, srid: int) -> None:
    Table(
        "area_draft",
        metadata,
        serial(),
        Column("kind", ForeignKey("area_kind.kind"), nullable=False),
        Column("base_revision", Integer, nullable=False),
        Column("batch_id", BigInteger, ForeignKey("import_batch.id"), nullable=True),
        words("note"),
        now("made_at"),
        Column("applied_revision", Integer, nullable=True),
        words("deed", server_default=text("'import'")),
        Column(
            "whole",
            Boolean,
            nullable=False,
            server_default=text("true"),
            comment="areas of its kind that it does not name end",
        ),
        Column("reverses", Integer, nullable=True, comment="the revision that it takes back"),
        Column(
            "remarks",
            JSONB,
            nullable=False,
            server_default=text("'[]'::jsonb"),
            comment="what could not be done as asked",
        ),
    )
    Table(
        "area_draft_row",
        metadata,
        Column("draft_id", ForeignKey("area_draft.id", ondelete="CASCADE"), nullable=False),
        words("code"),
        words("name_zh"),
        words("name_en"),
        words("parent_code", nullable=True),
        document("attributes"),
        shape("MULTIPOLYGON", srid, nullable=True, comment="none: the area ends, and nothing takes its code"),
        Column("kind", ForeignKey("area_kind.kind"), nullable=False),
        Column(
            "redrawn",
            Boolean,
            nullable=False,
            server_default=text("false"),
            comment="made anew because areas that it is made of change",
        ),
        PrimaryKeyConstraint("draft_id", "kind", "code"),
    )


def _revisions(metadata: MetaData) -> None:
    Table(
        "area_revision",
        metadata,
        Column("revision", Integer, primary_key=True, autoincrement=False),
        Column("draft_id", ForeignKey("area_draft.id"), nullable=False, unique=True),
        moment("valid_from"),
        now("applied_at"),
        moment("began_at", nullable=True, comment="since when the inventory follows it; none: yet to come"),
        moment("called_off_at", nullable=True),
        words(
            "cases",
            server_default=text("'reroute'"),
            comment="open cases that another department would have now: reroute or keep",
        ),
    )


def _areas(metadata: MetaData, srid: int) -> None:
    Table(
        "area",
        metadata,
        serial(),
        Column("kind", ForeignKey("area_kind.kind"), nullable=False),
        words("code"),
        words("name_zh"),
        words("name_en"),
        words("parent_code", nullable=True),
        document("attributes"),
        Column("area_m2", Double, nullable=False),
        moment("valid_from"),
        moment("valid_to", nullable=True),
        Column("revision", ForeignKey("area_revision.revision"), nullable=False),
        shape("MULTIPOLYGON", srid),
        Column("ended_by", ForeignKey("area_revision.revision"), nullable=True),
        Column(
            "current",
            Boolean,
            nullable=False,
            server_default=text("false"),
            comment="in force today: what the inventory is assigned to",
        ),
        CheckConstraint("valid_to is null or valid_to > valid_from", name="validity"),
        index(
            "area_in_force",
            "kind",
            "code",
            unique=True,
            postgresql_where=text("current"),
            serves="areas_in_force",
        ),
        index(
            "area_newest",
            "kind",
            "code",
            unique=True,
            postgresql_where=text("valid_to is null"),
            serves="stage_changes",
        ),
        index("area_revision_of", "revision", serves="foreign key: the areas of a revision"),
        index("area_ended", "ended_by", serves="foreign key: the areas that a revision ended"),
        index("area_geom", "geom", postgresql_using="gist", serves="nearest_areas"),
    )


def _successions(metadata: MetaData) -> None:
    Table(
        "area_succession",
        metadata,
        Column("kind", ForeignKey("area_kind.kind"), primary_key=True),
        words("code", primary_key=True),
        words("successor", primary_key=True),
        Column("revision", ForeignKey("area_revision.revision"), primary_key=True),
        index("area_succession_revision", "revision", serves="foreign key: what a revision passed on"),
        comment="which areas took over the ground of one whose code ended: duties that name it hold for them",
    )


def _pieces(metadata: MetaData, srid: int) -> None:
    Table(
        "area_piece",
        metadata,
        Column("area_id", ForeignKey("area.id", ondelete="CASCADE"), nullable=False),
        shape("POLYGON", srid),
        index("area_piece_geom", "geom", postgresql_using="gist", serves="locate_points"),
        index("area_piece_area", "area_id", serves="foreign key: the pieces of an area"),
        comment="areas cut into pieces of at most 64 vertices, so that the index is sharp",
    )
    Table(
        "area_edge",
        metadata,
        Column("area_id", ForeignKey("area.id", ondelete="CASCADE"), nullable=False),
        shape("LINESTRING", srid),
        index("area_edge_near", "area_id", "geom", postgresql_using="gist", serves="locate_points"),
        comment="the edges of areas in runs of at most 16 vertices: distance to an edge by index",
    )
