"""The first schema: city, catalogue, areas, inventory, casework, imports."""

import sqlalchemy as sa
from alembic import context, op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    srid = context.config.attributes["srid"]
    op.create_table(
        "area_kind",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("made_of", sa.Text(), nullable=True),
        sa.Column("must_tile", sa.Boolean(), nullable=False),
        sa.Column("code_scheme", sa.Text(), nullable=False),
        sa.Column("specificity", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["made_of"], ["area_kind.kind"], name=op.f("area_kind_made_of_fkey")),
        sa.ForeignKeyConstraint(["parent"], ["area_kind.kind"], name=op.f("area_kind_parent_fkey")),
        sa.PrimaryKeyConstraint("kind", name=op.f("area_kind_pkey")),
    )
    op.create_table(
        "catalogue_version",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("checksum", sa.Text(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("catalogue_version_pkey")),
    )
    op.create_table(
        "channel",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False, comment="its reports arrive confirmed"),
        sa.PrimaryKeyConstraint("channel", name=op.f("channel_pkey")),
    )
    op.create_table(
        "city",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("srid", sa.Integer(), nullable=False),
        sa.Column("district_code", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("heat_kind", sa.Text(), nullable=True),
        sa.Column("synthetic", sa.Boolean(), nullable=False),
        sa.Column("initialised_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("city_one_row_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("city_pkey")),
    )
    op.create_table(
        "code_serial",
        sa.Column("district_code", sa.Text(), nullable=False),
        sa.Column("subclass_part", sa.Text(), nullable=False),
        sa.Column("last_serial", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("district_code", "subclass_part", name=op.f("code_serial_pkey")),
        comment="serials only grow: an issued code is never issued again",
    )
    op.create_table(
        "department",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("parent", sa.Text(), nullable=True),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("on_platform", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["parent"], ["department.code"], name=op.f("department_parent_fkey")),
        sa.PrimaryKeyConstraint("code", name=op.f("department_pkey")),
    )
    op.create_index("department_parent", "department", ["parent"], unique=False)
    op.create_table(
        "duty_revision",
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("checksum", sa.Text(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("revision", name=op.f("duty_revision_pkey")),
    )
    op.create_table(
        "import_batch",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("counts", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("staged_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("promoted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("import_batch_pkey")),
    )
    op.create_index("import_batch_file", "import_batch", ["sha256", "layer"], unique=False)
    op.create_table(
        "layer",
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("definition", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.PrimaryKeyConstraint("layer", name=op.f("layer_pkey")),
        comment="named layers of the city: what `gridsvc import FILE --layer NAME` means",
    )
    op.create_table(
        "area_draft",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("base_revision", sa.Integer(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("applied_revision", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("area_draft_batch_id_fkey")),
        sa.ForeignKeyConstraint(["kind"], ["area_kind.kind"], name=op.f("area_draft_kind_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("area_draft_pkey")),
    )
    op.create_table(
        "catalogue_subclass",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subclass_code", sa.Text(), nullable=False),
        sa.Column("class_code", sa.Text(), nullable=False),
        sa.Column("class_zh", sa.Text(), nullable=False),
        sa.Column("class_en", sa.Text(), nullable=False),
        sa.Column("subclass_zh", sa.Text(), nullable=False),
        sa.Column("subclass_en", sa.Text(), nullable=False),
        sa.Column("geometry", sa.Text(), nullable=True),
        sa.Column(
            "geometry_allowed", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False
        ),
        sa.Column("accuracy_class", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("national_code", sa.Text(), nullable=True),
        sa.Column("cjt214_code", sa.Text(), nullable=True),
        sa.Column("aliases", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.ForeignKeyConstraint(
            ["version"], ["catalogue_version.version"], name=op.f("catalogue_subclass_version_fkey")
        ),
        sa.PrimaryKeyConstraint("version", "kind", "subclass_code", name=op.f("catalogue_subclass_pkey")),
    )
    op.create_table(
        "channel_category",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subclass_code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["channel"], ["channel.channel"], name=op.f("channel_category_channel_fkey")),
        sa.PrimaryKeyConstraint("channel", "category", name=op.f("channel_category_pkey")),
    )
    op.create_table(
        "component",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("component_code", sa.Text(), nullable=False),
        sa.Column("code_scheme", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("subclass_code", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("maintainer", sa.Text(), nullable=True),
        sa.Column("position", sa.Text(), nullable=True),
        sa.Column("attributes", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column(
            "area_ids", postgresql.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'::bigint[]"), nullable=False
        ),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("geom", Geometry(srid=srid, spatial_index=False), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("component_batch_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("component_pkey")),
        sa.UniqueConstraint("component_code", name=op.f("component_component_code_key")),
    )
    op.create_index("component_batch", "component", ["batch_id"], unique=False)
    op.create_index("component_geom", "component", ["geom"], unique=False, postgresql_using="gist")
    op.create_table(
        "duty_rule",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("class_code", sa.Text(), nullable=False),
        sa.Column("subclass_code", sa.Text(), nullable=True),
        sa.Column("area_kind", sa.Text(), nullable=True),
        sa.Column("area_code", sa.Text(), nullable=True),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("co_operating", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("supervising", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["area_kind"], ["area_kind.kind"], name=op.f("duty_rule_area_kind_fkey")),
        sa.ForeignKeyConstraint(["lead"], ["department.code"], name=op.f("duty_rule_lead_fkey")),
        sa.ForeignKeyConstraint(["revision"], ["duty_revision.revision"], name=op.f("duty_rule_revision_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("duty_rule_pkey")),
    )
    op.create_index("duty_rule_revision", "duty_rule", ["revision"], unique=False)
    op.create_table(
        "import_finding",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("feature", sa.Integer(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("import_finding_batch_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("import_finding_pkey")),
    )
    op.create_index("import_finding_batch", "import_finding", ["batch_id"], unique=False)
    op.create_table(
        "import_row",
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("feature", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("name_zh", sa.Text(), nullable=True),
        sa.Column("name_en", sa.Text(), nullable=True),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column("subclass_code", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("authority", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("maintainer", sa.Text(), nullable=True),
        sa.Column("position", sa.Text(), nullable=True),
        sa.Column("attributes", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column(
            "area_ids", postgresql.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'::bigint[]"), nullable=False
        ),
        sa.Column("geom", Geometry(srid=srid, spatial_index=False), nullable=True),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["import_batch.id"], name=op.f("import_row_batch_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("batch_id", "feature", name=op.f("import_row_pkey")),
        comment="staging: rows as read, in the city's CRS; gone once promoted",
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "report",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("subclass_code", sa.Text(), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("component_code", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("recorded", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("manual_reason", sa.Text(), nullable=True),
        sa.Column(
            "area_ids", postgresql.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'::bigint[]"), nullable=False
        ),
        sa.Column(
            "current_area_ids",
            postgresql.ARRAY(sa.BigInteger()),
            server_default=sa.text("'{}'::bigint[]"),
            nullable=False,
        ),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("geom", Geometry(geometry_type="POINT", srid=srid, spatial_index=False), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("report_batch_id_fkey")),
        sa.ForeignKeyConstraint(["channel"], ["channel.channel"], name=op.f("report_channel_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("report_pkey")),
        sa.UniqueConstraint("channel", "external_id", name=op.f("report_channel_external_id_key")),
    )
    op.create_index("report_batch", "report", ["batch_id"], unique=False)
    op.create_index(
        "report_manual", "report", ["reported_at"], unique=False, postgresql_where=sa.text("manual_reason is not null")
    )
    op.create_index("report_reported_at", "report", ["reported_at", "id"], unique=False)
    op.create_table(
        "area_draft_row",
        sa.Column("draft_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column("attributes", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("geom", Geometry(geometry_type="MULTIPOLYGON", srid=srid, spatial_index=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["area_draft.id"], name=op.f("area_draft_row_draft_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("draft_id", "code", name=op.f("area_draft_row_pkey")),
    )
    op.create_table(
        "area_revision",
        sa.Column("revision", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("draft_id", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["draft_id"], ["area_draft.id"], name=op.f("area_revision_draft_id_fkey")),
        sa.PrimaryKeyConstraint("revision", name=op.f("area_revision_pkey")),
        sa.UniqueConstraint("draft_id", name=op.f("area_revision_draft_id_key")),
    )
    op.create_table(
        "cases",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("report_id", sa.UUID(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["lead"], ["department.code"], name=op.f("cases_lead_fkey")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("cases_report_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("cases_pkey")),
        sa.UniqueConstraint("report_id", name=op.f("cases_report_id_key")),
        comment="a registered matter; in the plural because CASE is a word of SQL",
    )
    op.create_index("cases_open", "cases", ["report_id"], unique=False, postgresql_where=sa.text("closed_at is null"))
    op.create_table(
        "component_version",
        sa.Column("component_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subclass_code", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("maintainer", sa.Text(), nullable=True),
        sa.Column("position", sa.Text(), nullable=True),
        sa.Column("attributes", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column(
            "area_ids", postgresql.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'::bigint[]"), nullable=False
        ),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("geom", Geometry(srid=srid, spatial_index=False), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("component_version_batch_id_fkey")),
        sa.ForeignKeyConstraint(["component_id"], ["component.id"], name=op.f("component_version_component_id_fkey")),
        sa.PrimaryKeyConstraint("component_id", "version", name=op.f("component_version_pkey")),
        comment="what a component was; a row is written when it is superseded",
    )
    op.create_table(
        "report_repeat",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("report_id", sa.UUID(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("differs", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("report_repeat_batch_id_fkey")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("report_repeat_report_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("report_repeat_pkey")),
        comment="the same report sent again: counted and kept, never a second report",
    )
    op.create_index("report_repeat_report", "report_repeat", ["report_id"], unique=False)
    op.create_table(
        "routing_decision",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("report_id", sa.UUID(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("lead", sa.Text(), nullable=True),
        sa.Column("co_operating", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("supervising", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False),
        sa.Column("lane", sa.Text(), nullable=True),
        sa.Column("rule_id", sa.BigInteger(), nullable=True),
        sa.Column("manual_reason", sa.Text(), nullable=True),
        sa.Column("area_revision", sa.Integer(), nullable=False),
        sa.Column("duty_revision", sa.Integer(), nullable=False),
        sa.Column("inventory_batch", sa.BigInteger(), nullable=False),
        sa.Column("explanation", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.ForeignKeyConstraint(["lead"], ["department.code"], name=op.f("routing_decision_lead_fkey")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("routing_decision_report_id_fkey")),
        sa.ForeignKeyConstraint(["rule_id"], ["duty_rule.id"], name=op.f("routing_decision_rule_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("routing_decision_pkey")),
    )
    op.create_index("routing_decision_report", "routing_decision", ["report_id", "id"], unique=False)
    op.create_table(
        "time_limit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("profile", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subclass_code", sa.Text(), nullable=False),
        sa.Column("condition_zh", sa.Text(), nullable=False),
        sa.Column("condition_en", sa.Text(), nullable=False),
        sa.Column("limit_value", sa.Integer(), nullable=False),
        sa.Column("limit_unit", sa.Text(), nullable=False),
        sa.Column("closing_zh", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version", "kind", "subclass_code"],
            ["catalogue_subclass.version", "catalogue_subclass.kind", "catalogue_subclass.subclass_code"],
            name=op.f("time_limit_version_kind_subclass_code_fkey"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("time_limit_pkey")),
    )
    op.create_index("time_limit_subclass", "time_limit", ["version", "kind", "subclass_code"], unique=False)
    op.create_table(
        "area",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_zh", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("parent_code", sa.Text(), nullable=True),
        sa.Column("attributes", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("area_m2", sa.Double(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("valid_to", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("geom", Geometry(geometry_type="MULTIPOLYGON", srid=srid, spatial_index=False), nullable=False),
        sa.CheckConstraint("valid_to is null or valid_to > valid_from", name=op.f("area_validity_check")),
        sa.ForeignKeyConstraint(["kind"], ["area_kind.kind"], name=op.f("area_kind_fkey")),
        sa.ForeignKeyConstraint(["revision"], ["area_revision.revision"], name=op.f("area_revision_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("area_pkey")),
    )
    op.create_index("area_geom", "area", ["geom"], unique=False, postgresql_using="gist")
    op.create_index(
        "area_in_force", "area", ["kind", "code"], unique=True, postgresql_where=sa.text("valid_to is null")
    )
    op.create_index("area_revision_of", "area", ["revision"], unique=False)
    op.create_table(
        "case_step",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("case_step_case_id_fkey")),
        sa.PrimaryKeyConstraint("case_id", "step", name=op.f("case_step_pkey")),
        comment="append-only life of a case",
    )
    op.create_table(
        "area_edge",
        sa.Column("area_id", sa.BigInteger(), nullable=False),
        sa.Column("geom", Geometry(geometry_type="LINESTRING", srid=srid, spatial_index=False), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("area_edge_area_id_fkey"), ondelete="CASCADE"),
        comment="the edges of areas in runs of at most 16 vertices: distance to an edge by index",
    )
    op.create_index("area_edge_near", "area_edge", ["area_id", "geom"], unique=False, postgresql_using="gist")
    op.create_table(
        "area_piece",
        sa.Column("area_id", sa.BigInteger(), nullable=False),
        sa.Column("geom", Geometry(geometry_type="POLYGON", srid=srid, spatial_index=False), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["area.id"], name=op.f("area_piece_area_id_fkey"), ondelete="CASCADE"),
        comment="areas cut into pieces of at most 64 vertices, so that the index is sharp",
    )
    op.create_index("area_piece_area", "area_piece", ["area_id"], unique=False)
    op.create_index("area_piece_geom", "area_piece", ["geom"], unique=False, postgresql_using="gist")
