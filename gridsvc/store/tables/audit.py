"""The record of who did what, its chain, and the rules of retention."""

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Integer, LargeBinary, MetaData, Table
from sqlalchemy.dialects.postgresql import JSONB

from gridsvc.store.tables.columns import index, moment, words


def declare(metadata: MetaData, srid: int) -> None:  # noqa: ARG001  one signature for all rooms
    _record(metadata)
    _chain(metadata)
    Table(
        "retention_rule",
        metadata,
        words("state", primary_key=True, comment="of a report or its case; `audit` for payloads of the audit"),
        Column("after_days", Integer, nullable=False),
    )


def _record(metadata: MetaData) -> None:
    Table(
        "audit",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        moment("at"),
        Column("account_id", BigInteger, nullable=True, comment="none: the public, or the service itself"),
        words("action"),
        words("thing"),
        words("source", comment="web, api, cli or service"),
        words("request_id"),
        Column("payload_hash", LargeBinary, nullable=False, comment="SHA-256 of salt and payload"),
        index("audit_account", "account_id", "id", serves="audit_page"),
        comment="one row per command, append-only; nothing personal stands here",
    )
    Table(
        "audit_payload",
        metadata,
        Column("audit_id", ForeignKey("audit.id"), primary_key=True),
        Column("salt", LargeBinary, nullable=False),
        Column("payload", JSONB, nullable=False),
        comment="name, address, before and after: erased by retention, while its hash stays",
    )


def _chain(metadata: MetaData) -> None:
    Table(
        "audit_unsealed",
        metadata,
        Column("audit_id", ForeignKey("audit.id"), primary_key=True),
        comment="rows that the sealer has not chained yet",
    )
    Table(
        "audit_seal",
        metadata,
        Column("position", BigInteger, primary_key=True, autoincrement=False),
        Column("audit_id", ForeignKey("audit.id"), nullable=False, unique=True),
        Column("hash", LargeBinary, nullable=False, comment="SHA-256 of the hash before and of the row"),
        comment="the chain: a changed or missing row breaks it",
    )
