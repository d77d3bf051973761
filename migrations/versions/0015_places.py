"""Reports that repeat others, channels that fold them, and names of places."""

import sqlalchemy as sa
from alembic import context, op
from geoalchemy2 import Geometry
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    srid = context.config.attributes["srid"]
    _add_columns()
    _add_duplicates()
    _add_layers(srid)
    _add_placed(srid)


def _add_columns() -> None:
    op.add_column(
        "channel",
        sa.Column(
            "folds",
            sa.Boolean(),
            nullable=False,
            server_default=sa.text("false"),
            comment="what surely repeats an open report is linked to it at once",
        ),
    )
    op.add_column(
        "channel",
        sa.Column(
            "accuracy_m",
            sa.Double(),
            nullable=True,
            comment="metres by which places may be wrong, where reports do not say",
        ),
    )
    for column in (
        sa.Column(
            "matched_component", sa.Text(), nullable=True, comment="the component that it means, if that is certain"
        ),
        sa.Column("linked_to", sa.UUID(), nullable=True, comment="the open report that it repeats"),
        sa.Column(
            "repeats",
            sa.Boolean(),
            nullable=False,
            server_default=sa.text("false"),
            comment="it surely repeats an open report, linked or not: later ones are compared with that one",
        ),
    ):
        op.add_column("report", column)
    op.create_foreign_key(op.f("report_linked_to_fkey"), "report", "report", ["linked_to"], ["id"])
    op.create_index(
        "report_first_places",
        "report",
        ["geom", "subclass_code", "reported_at"],
        postgresql_using="gist",
        postgresql_where=sa.text("not repeats"),
    )
    op.create_index(
        "report_first_components",
        "report",
        ["matched_component"],
        postgresql_where=sa.text("not repeats and matched_component is not null"),
    )
    op.create_index("report_linked", "report", ["linked_to"], postgresql_where=sa.text("linked_to is not null"))


def _add_duplicates() -> None:
    op.create_table(
        "duplicate_rule",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subclass_code", sa.Text(), nullable=False),
        sa.Column(
            "radius_m", sa.Double(), nullable=False, comment="reports farther apart are not proposed as duplicates"
        ),
        sa.Column(
            "fold_m", sa.Double(), nullable=False, comment="nearer ones are linked at once, where the channel folds"
        ),
        sa.Column("minutes", sa.Integer(), nullable=False, comment="reports farther apart in time are not duplicates"),
        sa.CheckConstraint(
            "0 <= fold_m and fold_m <= radius_m and minutes >= 0", name=op.f("duplicate_rule_order_check")
        ),
        sa.PrimaryKeyConstraint("kind", "subclass_code", name=op.f("duplicate_rule_pkey")),
        comment="when two reports of a subclass may mean one problem, where not as usual",
    )
    op.create_table(
        "report_duplicate",
        sa.Column("report_id", sa.UUID(), nullable=False),
        sa.Column("of_report_id", sa.UUID(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False, comment="component, place, or desk: found by a person"),
        sa.Column("distance_m", sa.Double(), nullable=True, comment="none where one of the two has no place"),
        sa.Column("minutes", sa.Integer(), nullable=False, comment="between the two"),
        sa.Column("state", sa.Text(), nullable=False, comment="proposed, linked or refused"),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("account", sa.Text(), nullable=True, comment="who linked or refused; none: the system"),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("report_duplicate_report_id_fkey")),
        sa.ForeignKeyConstraint(["of_report_id"], ["report.id"], name=op.f("report_duplicate_of_report_id_fkey")),
        sa.PrimaryKeyConstraint("report_id", "of_report_id", name=op.f("report_duplicate_pkey")),
    )
    op.create_index("report_duplicate_of", "report_duplicate", ["of_report_id"])


def _add_layers(srid: int) -> None:
    op.create_table(
        "place_batch",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="address, place or road"),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("set_aside", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False, comment="the others of a layer are kept to go back to"),
        sa.PrimaryKeyConstraint("id", name=op.f("place_batch_pkey")),
        comment="a file of addresses, names of places or roads: a layer is replaced as a whole",
    )
    op.create_index("place_batch_current", "place_batch", ["layer"], unique=True, postgresql_where=sa.text("current"))
    op.create_table(
        "place",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("road", sa.Text(), nullable=True, comment="of an address, in the one spelling"),
        sa.Column("number", sa.Integer(), nullable=True, comment="house number on the road"),
        sa.Column("geom", Geometry(srid=srid, spatial_index=False), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["place_batch.id"], name=op.f("place_batch_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("place_pkey")),
    )
    op.create_index("place_batch_id", "place", ["batch_id"])
    op.create_index("place_house", "place", ["road", "number"], postgresql_where=sa.text("road is not null"))
    op.create_table(
        "place_name",
        sa.Column("place_id", sa.BigInteger(), nullable=False),
        sa.Column("spelled", sa.Text(), nullable=False),
        sa.Column("house", sa.Boolean(), nullable=False, comment="found exactly only: all numbers of a road are alike"),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("place_name_place_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("place_id", "spelled", name=op.f("place_name_pkey")),
        comment="what a place is called, in the one spelling; Chinese, English or both",
    )
    op.create_index("place_name_exact", "place_name", ["spelled"])
    op.create_index(
        "place_name_alike",
        "place_name",
        ["spelled"],
        postgresql_using="gin",
        postgresql_ops={"spelled": "gin_trgm_ops"},
        postgresql_where=sa.text("not house"),
    )


def _add_placed(srid: int) -> None:
    op.create_table(
        "report_place",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("report_id", sa.UUID(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("account", sa.Text(), nullable=True),
        sa.Column(
            "asked", sa.Text(), nullable=True, comment="the words that were looked for; none: pointed out on a map"
        ),
        sa.Column("name", sa.Text(), nullable=True, comment="of the candidate that was chosen"),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("layer", sa.Text(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=True, comment="that the candidate came from"),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("geom", Geometry(geometry_type="POINT", srid=srid, spatial_index=False), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("report_place_report_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("report_place_pkey")),
        comment="append-only: who gave a report its place, and from which source",
    )
    op.create_index("report_place_report", "report_place", ["report_id"])
