"""Accounts, sessions, audit, personal data and photos; whom a row may be shown to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "permission_version",
        sa.Column(
            "checksum", sa.Text(), nullable=False, comment="of the files in store/sql/permissions that are in force"
        ),
        sa.PrimaryKeyConstraint("checksum", name=op.f("permission_version_pkey")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True, comment="none: the public, or the service itself"),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("thing", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False, comment="web, api, cli or service"),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("payload_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of salt and payload"),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_pkey")),
        comment="one row per command, append-only; nothing personal stands here",
    )
    op.create_index("audit_account", "audit", ["account_id", "id"], unique=False)
    op.create_table(
        "retention_rule",
        sa.Column(
            "state", sa.Text(), nullable=False, comment="of a report or its case; `audit` for payloads of the audit"
        ),
        sa.Column("after_days", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("state", name=op.f("retention_rule_pkey")),
    )
    op.create_table(
        "role_right",
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("right_name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("role", "right_name", name=op.f("role_right_pkey")),
        comment="written from domain/access.py at every set-up",
    )
    op.create_table(
        "sign_in_failure",
        sa.Column("key", sa.LargeBinary(), nullable=False, comment="SHA-256 of the name, whether or not it exists"),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("sign_in_failure_pkey")),
    )
    op.create_table(
        "subclass_visibility",
        sa.Column("subclass_code", sa.Text(), nullable=False),
        sa.Column("visibility", sa.SmallInteger(), nullable=False, comment="0 public, 1 staff, 2 sensitive"),
        sa.CheckConstraint("visibility between 0 and 2", name=op.f("subclass_visibility_known_check")),
        sa.PrimaryKeyConstraint("subclass_code", name=op.f("subclass_visibility_pkey")),
        comment="component subclasses that are not as visible as usual (1)",
    )
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=True),
        sa.Column("whole_city", sa.Boolean(), nullable=False, comment="its areas of duty are all there are"),
        sa.Column("demo", sa.Boolean(), nullable=False, comment="signs in only while the service runs as a demo"),
        sa.Column("oidc_issuer", sa.Text(), nullable=True),
        sa.Column("oidc_subject", sa.Text(), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["department"], ["department.code"], name=op.f("account_department_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("account_pkey")),
        sa.UniqueConstraint("name", name=op.f("account_name_key")),
        sa.UniqueConstraint("oidc_issuer", "oidc_subject", name=op.f("account_oidc_issuer_oidc_subject_key")),
    )
    op.create_index("account_department", "account", ["department"], unique=False)
    op.create_table(
        "audit_payload",
        sa.Column("audit_id", sa.BigInteger(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("audit_payload_audit_id_fkey")),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("audit_payload_pkey")),
        comment="name, address, before and after: erased by retention, while its hash stays",
    )
    op.create_table(
        "audit_seal",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("audit_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the hash before and of the row"),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("audit_seal_audit_id_fkey")),
        sa.PrimaryKeyConstraint("position", name=op.f("audit_seal_pkey")),
        sa.UniqueConstraint("audit_id", name=op.f("audit_seal_audit_id_key")),
        comment="the chain: a changed or missing row breaks it",
    )
    op.create_table(
        "audit_unsealed",
        sa.Column("audit_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("audit_unsealed_audit_id_fkey")),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("audit_unsealed_pkey")),
        comment="rows that the sealer has not chained yet",
    )
    op.create_table(
        "account_area",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("area_kind", sa.Text(), nullable=False),
        sa.Column("area_code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("account_area_account_id_fkey")),
        sa.ForeignKeyConstraint(["area_kind"], ["area_kind.kind"], name=op.f("account_area_area_kind_fkey")),
        sa.PrimaryKeyConstraint("account_id", "area_kind", "area_code", name=op.f("account_area_pkey")),
        comment="areas of duty, by code: whichever area of that code is in force",
    )
    op.create_table(
        "account_role",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("account_role_account_id_fkey")),
        sa.PrimaryKeyConstraint("account_id", "role", name=op.f("account_role_pkey")),
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("api_token_account_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("api_token_pkey")),
        sa.UniqueConstraint("token_hash", name=op.f("api_token_token_hash_key")),
    )
    op.create_index("api_token_account", "api_token", ["account_id"], unique=False)
    op.create_table(
        "credential",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True, comment="argon2id; none: no sign-in by password"),
        sa.Column("must_change", sa.Boolean(), nullable=False, comment="the password was set by somebody else"),
        sa.Column("totp_secret", sa.Text(), nullable=True),
        sa.Column(
            "totp_on", sa.Boolean(), server_default=sa.text("false"), nullable=False, comment="a first code was given"
        ),
        sa.Column("totp_step", sa.BigInteger(), nullable=True, comment="the last time step used: no code works twice"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("credential_account_id_fkey")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("credential_pkey")),
    )
    op.create_table(
        "photo",
        sa.Column("id", sa.UUID(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("report_id", sa.UUID(), nullable=False),
        sa.Column(
            "original_sha256",
            sa.Text(),
            nullable=True,
            comment="as it was sent, with what the camera wrote into it; erased",
        ),
        sa.Column("shared_sha256", sa.Text(), nullable=False, comment="the same picture without that"),
        sa.Column("original_type", sa.Text(), nullable=False, comment="image/jpeg, image/png or image/webp"),
        sa.Column("added_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("photo_report_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("photo_pkey")),
        sa.UniqueConstraint("report_id", "shared_sha256", name=op.f("photo_report_id_shared_sha256_key")),
    )
    op.create_table(
        "reporter",
        sa.Column("report_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("reporter_report_id_fkey")),
        sa.PrimaryKeyConstraint("report_id", name=op.f("reporter_pkey")),
        comment="who reported: seen only by those who work on it, erased by retention",
    )
    op.create_table(
        "session",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("session_account_id_fkey")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("session_pkey")),
    )
    op.create_index("session_account", "session", ["account_id"], unique=False)
    op.add_column(
        "channel",
        sa.Column(
            "open_to_public",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="whoever has no account may report by it",
        ),
    )
    op.add_column(
        "component",
        sa.Column(
            "visibility",
            sa.SmallInteger(),
            server_default=sa.text("1"),
            nullable=False,
            comment="of its subclass; kept by a trigger, so that row-level security need not look it up",
        ),
    )
    op.create_index("component_subclass", "component", ["subclass_code", "component_code"], unique=False)
    op.add_column(
        "report",
        sa.Column(
            "departments",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'::text[]"),
            nullable=False,
            comment="lead, co-operating and supervising ones of the newest decision: who may see it",
        ),
    )
    op.add_column("report", sa.Column("anonymised_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE report SET departments = decision.departments"
        "  FROM (SELECT DISTINCT ON (report_id) report_id,"
        "               array_remove(lead || co_operating || supervising, NULL) AS departments"
        "          FROM routing_decision ORDER BY report_id, id DESC) AS decision"
        " WHERE decision.report_id = report.id"
    )
