"""Reports that repeat others, and names of places."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    text,
)

from gridsvc.store.tables.columns import document, index, now, serial, shape, words


def declare(metadata: MetaData, srid: int) -> None:
    _duplicates(metadata)
    _layers(metadata, srid)
    _placed(metadata, srid)


def _duplicates(metadata: MetaData) -> None:
    Table(
        "duplicate_rule",
        metadata,
        words("kind", primary_key=True),
        words("subclass_code", primary_key=True),
        Column("radius_m", Double, nullable=False, comment="reports farther apart are not proposed as duplicates"),
        Column("fold_m", Double, nullable=False, comment="nearer ones are linked at once, where the channel folds"),
        Column("minutes", Integer, nullable=False, comment="reports farther apart in time are not duplicates"),
        CheckConstraint("0 <= fold_m and fold_m <= radius_m and minutes >= 0", name="order"),
        comment="when two reports of a subclass may mean one problem, where not as usual",
    )
    Table(
        "report_duplicate",
        metadata,
        Column("report_id", ForeignKey("report.id"), primary_key=True),
        Column("of_report_id", ForeignKey("report.id"), primary_key=True),
        words("by", comment="component, place, or desk: found by a person"),
        Column("distance_m", Double, nullable=True, comment="none where one of the two has no place"),
        Column("minutes", Integer, nullable=False, comment="between the two"),
        words("state", comment="proposed, linked or refused"),
        now("at"),
        words("account", nullable=True, comment="who linked or refused; none: the system"),
        index("report_duplicate_of", "of_report_id", serves="foreign key: what may repeat a report"),
    )


def _layers(metadata: MetaData, srid: int) -> None:
    Table(
        "place_batch",
        metadata,
        serial(),
        words("layer"),
        words("kind", comment="address, place or road"),
        words("file_name"),
        words("sha256"),
        now("loaded_at"),
        Column("places", Integer, nullable=False),
        document("set_aside"),
        Column("current", Boolean, nullable=False, comment="the others of a layer are kept to go back to"),
        index(
            "place_batch_current",
            "layer",
            unique=True,
            postgresql_where=text("current"),
            serves="current_places",
        ),
        comment="a file of addresses, names of places or roads: a layer is replaced as a whole",
    )
    Table(
        "place",
        metadata,
        serial(),
        Column("batch_id", ForeignKey("place_batch.id", ondelete="CASCADE"), nullable=False),
        words("name"),
        words("road", nullable=True, comment="of an address, in the one spelling"),
        Column("number", Integer, nullable=True, comment="house number on the road"),
        shape("GEOMETRY", srid),
        index("place_batch_id", "batch_id", serves="foreign key: the places of a batch"),
        index("place_house", "road", "number", postgresql_where=text("road is not null"), serves="houses_beside"),
    )
    Table(
        "place_name",
        metadata,
        Column("place_id", ForeignKey("place.id", ondelete="CASCADE"), primary_key=True),
        words("spelled", primary_key=True),
        Column("house", Boolean, nullable=False, comment="found exactly only: all numbers of a road are alike"),
        index("place_name_exact", "spelled", serves="places_named"),
        index(
            "place_name_alike",
            "spelled",
            postgresql_using="gin",
            postgresql_ops={"spelled": "gin_trgm_ops"},
            postgresql_where=text("not house"),
            serves="places_named",
        ),
        comment="what a place is called, in the one spelling; Chinese, English or both",
    )


def _placed(metadata: MetaData, srid: int) -> None:
    Table(
        "report_place",
        metadata,
        serial(),
        Column("report_id", ForeignKey("report.id"), nullable=False),
        now("at"),
        words("account", nullable=True),
        words("asked", nullable=True, comment="the words that were looked for; none: pointed out on a map"),
        words("name", nullable=True, comment="of the candidate that was chosen"),
        words("kind", nullable=True),
        words("layer", nullable=True),
        words("file_name", nullable=True, comment="that the candidate came from"),
        Column("accuracy_m", Double, nullable=True),
        shape("POINT", srid),
        index("report_place_report", "report_id", serves="foreign key: where a report was placed"),
        comment="append-only: who gave a report its place, and from which source",
    )
