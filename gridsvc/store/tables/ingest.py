"""Import batches, their staged rows and findings."""

from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table

from gridsvc.store.tables.columns import area_ids, document, index, moment, now, serial, shape, words


def declare(metadata: MetaData, srid: int) -> None:
    _batches(metadata)
    _rows(metadata, srid)
    _findings(metadata)


def _batches(metadata: MetaData) -> None:
    Table(
        "layer",
        metadata,
        words("layer", primary_key=True),
        document("definition"),
        comment="named layers of the city: what `gridsvc import FILE --layer NAME` means",
    )
    Table(
        "import_batch",
        metadata,
        serial(),
        words("layer"),
        words("target"),
        words("file_name"),
        words("sha256"),
        words("state"),
        document("counts"),
        now("staged_at"),
        moment("promoted_at", nullable=True),
        index("import_batch_file", "sha256", "layer", serves="batch_of_file"),
    )


def _rows(metadata: MetaData, srid: int) -> None:
    Table(
        "import_row",
        metadata,
        Column("batch_id", ForeignKey("import_batch.id", ondelete="CASCADE"), primary_key=True),
        Column("feature", Integer, primary_key=True),
        words("code", nullable=True),
        words("name_zh", nullable=True),
        words("name_en", nullable=True),
        words("parent_code", nullable=True),
        words("subclass_code", nullable=True),
        words("state", nullable=True),
        words("authority", nullable=True),
        words("owner", nullable=True),
        words("maintainer", nullable=True),
        words("position", nullable=True),
        document("attributes"),
        area_ids(),
        shape("GEOMETRY", srid, nullable=True),
        prefixes=["UNLOGGED"],
        comment="staging: rows as read, in the city's CRS; gone once promoted",
    )


def _findings(metadata: MetaData) -> None:
    Table(
        "import_finding",
        metadata,
        serial(),
        Column("batch_id", ForeignKey("import_batch.id", ondelete="CASCADE"), nullable=False),
        words("rule"),
        words("severity"),
        Column("feature", Integer, nullable=True),
        words("message"),
        index("import_finding_batch", "batch_id", serves="findings_of_batch"),
    )
