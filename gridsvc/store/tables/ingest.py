"""Import batches and their findings. Staged rows are files of the data folder, since they can be made anew."""

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, Column, Double, ForeignKey, Integer, MetaData, Table

from gridsvc.store.tables.columns import document, index, moment, now, serial, words


def declare(metadata: MetaData, srid: int) -> None:
    _batches(metadata)
    _findings(metadata, srid)
    _rejected(metadata)


def _batches(metadata: MetaData) -> None:
    Table(
        "layer",
        metadata,
        words("layer", primary_key=True),
        document("definition"),
        comment="named layers of the city: what `gridsvc import FILE --layer NAME` means",
    )
    Table(
        "near_distance",
        metadata,
        words("subclass_code", primary_key=True),
        Column("metres", Double, nullable=False),
        comment="within which two components of a subclass are remarked upon; 0: never",
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
        words("kind", server_default="file", comment="file, or hand: one component changed in a form"),
        words("ending", server_default="", comment="how the name of the kept file ends"),
        Column("account_id", BigInteger, nullable=True, comment="whose it is"),
        document("inspection"),
        document("definition"),
        document("scope"),
        words("gone", server_default="keep", comment="what becomes of components that the file lacks: keep, or retire"),
        document("work"),
        words("error", server_default="", comment="why it was refused, or why its last step failed"),
        words("error_zh", server_default=""),
        moment("ended_at", nullable=True),
        index("import_batch_file", "sha256", "layer", serves="batch_of_file"),
    )


def _findings(metadata: MetaData, srid: int) -> None:
    Table(
        "import_finding",
        metadata,
        serial(),
        Column("batch_id", ForeignKey("import_batch.id", ondelete="CASCADE"), nullable=False),
        words("rule"),
        words("severity"),
        Column("feature", Integer, nullable=True),
        words("message"),
        words("layer", nullable=True),
        words("code", nullable=True),
        words("message_zh", server_default=""),
        words("hint", server_default=""),
        words("hint_zh", server_default=""),
        Column("geom", Geometry("GEOMETRY", srid=srid, spatial_index=False), nullable=True),
        index("import_finding_batch", "batch_id", serves="findings_of_batch"),
    )


def _rejected(metadata: MetaData) -> None:
    Table(
        "import_rejected",
        metadata,
        Column("batch_id", ForeignKey("import_batch.id", ondelete="CASCADE"), primary_key=True),
        words("layer", primary_key=True),
        Column("feature", Integer, primary_key=True),
        words("code", nullable=True),
        words("reason"),
        document("row"),
        words("reason_zh", server_default=""),
        comment="features that were set aside when their batch was promoted, as they were in the file",
    )
