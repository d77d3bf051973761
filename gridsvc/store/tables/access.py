"""Accounts, their credentials and sessions, and how visible subclasses are."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    UniqueConstraint,
    text,
)

from gridsvc.store.tables.columns import codes, index, moment, now, serial, words


def declare(metadata: MetaData, srid: int) -> None:  # noqa: ARG001  one signature for all rooms
    _accounts(metadata)
    _credentials(metadata)
    _sessions(metadata)
    Table(
        "subclass_visibility",
        metadata,
        words("subclass_code", primary_key=True),
        Column("visibility", SmallInteger, nullable=False, comment="0 public, 1 staff, 2 sensitive"),
        CheckConstraint("visibility between 0 and 2", name="known"),
        comment="component subclasses that are not as visible as usual (1)",
    )
    Table(
        "permission_version",
        metadata,
        words("checksum", primary_key=True, comment="of the files in store/sql/permissions that are in force"),
    )


def _accounts(metadata: MetaData) -> None:
    Table(
        "account",
        metadata,
        serial(),
        words("name", unique=True),
        words("display_name"),
        Column("department", ForeignKey("department.code"), nullable=True),
        Column("whole_city", Boolean, nullable=False, comment="its areas of duty are all there are"),
        Column("demo", Boolean, nullable=False, comment="signs in only while the service runs as a demo"),
        words("oidc_issuer", nullable=True),
        words("oidc_subject", nullable=True),
        moment("disabled_at", nullable=True),
        now("made_at"),
        UniqueConstraint("oidc_issuer", "oidc_subject"),
        index("account_department", "department", serves="foreign key: the accounts of a department"),
    )
    Table(
        "account_role",
        metadata,
        Column("account_id", ForeignKey("account.id"), primary_key=True),
        words("role", primary_key=True),
    )
    Table(
        "account_area",
        metadata,
        Column("account_id", ForeignKey("account.id"), primary_key=True),
        Column("area_kind", ForeignKey("area_kind.kind"), primary_key=True),
        words("area_code", primary_key=True),
        comment="areas of duty, by code: whichever area of that code is in force",
    )
    Table(
        "role_right",
        metadata,
        words("role", primary_key=True),
        words("right_name", primary_key=True),
        comment="written from domain/access.py at every set-up",
    )


def _credentials(metadata: MetaData) -> None:
    Table(
        "credential",
        metadata,
        Column("account_id", ForeignKey("account.id"), primary_key=True),
        words("password_hash", nullable=True, comment="argon2id; none: no sign-in by password"),
        Column("must_change", Boolean, nullable=False, comment="the password was set by somebody else"),
        words("totp_secret", nullable=True),
        Column("totp_on", Boolean, nullable=False, server_default=text("false"), comment="a first code was given"),
        Column("totp_step", BigInteger, nullable=True, comment="the last time step used: no code works twice"),
    )
    Table(
        "sign_in_failure",
        metadata,
        Column("key", LargeBinary, primary_key=True, comment="SHA-256 of the name, whether or not it exists"),
        Column("failures", Integer, nullable=False),
        moment("last_at"),
        moment("locked_until", nullable=True),
    )


def _sessions(metadata: MetaData) -> None:
    Table(
        "session",
        metadata,
        Column("token_hash", LargeBinary, primary_key=True),
        Column("account_id", ForeignKey("account.id"), nullable=False),
        words("csrf"),
        now("made_at"),
        moment("seen_at"),
        moment("expires_at"),
        index("session_account", "account_id", serves="foreign key: the sessions of an account"),
    )
    Table(
        "api_token",
        metadata,
        serial(),
        Column("account_id", ForeignKey("account.id"), nullable=False),
        words("title"),
        Column("token_hash", LargeBinary, nullable=False, unique=True),
        codes("scopes"),
        now("made_at"),
        moment("expires_at"),
        moment("used_at", nullable=True),
        moment("revoked_at", nullable=True),
        index("api_token_account", "account_id", serves="foreign key: the tokens of an account"),
    )
