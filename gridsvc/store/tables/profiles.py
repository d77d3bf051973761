"""Saved mappings: what the columns and values of a file mean, for the next file of the same shape."""

from sqlalchemy import BigInteger, Column, MetaData, Table

from gridsvc.store.tables.columns import codes, document, now, serial, words


def declare(metadata: MetaData, srid: int) -> None:  # noqa: ARG001  one signature for all rooms
    """`columns` are those of the file that it was made for; `made_by` is an account, none for the command line."""
    Table(
        "import_profile",
        metadata,
        serial(),
        words("name", unique=True),
        words("target"),
        words("signature"),
        codes("columns"),
        document("definition"),
        Column("made_by", BigInteger, nullable=True),
        now("made_at"),
    )
