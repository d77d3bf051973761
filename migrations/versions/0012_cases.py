"""The life of a case: clocks, hops between departments, steps with their moves; reports that are confirmed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"

MOVES = "CASE state WHEN 'registered' THEN 'register' WHEN 'closed' THEN 'take_over' ELSE 'dispatch' END"


def upgrade() -> None:
    _widen_cases()
    _widen_steps()
    _add_hops()
    _widen_reports()
    for name, usual, comment in (
        ("return_minutes", 120, "working minutes in which a department may return"),
        ("sample_percent", 10, "of self-disposed cases, verified before closing"),
        ("warn_minutes", 60, "before it is due a case is warned of"),
    ):
        _required("clock_rules", name, sa.Integer(), str(usual), comment)
    op.create_table(
        "guide",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subclass_code", sa.Text(), nullable=False),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "subclass_code", name=op.f("guide_pkey")),
        comment="how a problem of a subclass is disposed of",
    )


def _required(table: str, name: str, kind: sa.types.TypeEngine[object], first: str, comment: str | None = None) -> None:
    """A column that rows which are there already get by an expression."""
    op.add_column(table, sa.Column(name, kind, nullable=True, comment=comment))
    op.execute(sa.update(sa.table(table, sa.column(name))).values({name: sa.text(first)}))
    op.alter_column(table, name, nullable=False)


def _optional(table: str, name: str, kind: sa.types.TypeEngine[object], comment: str | None = None) -> None:
    op.add_column(table, sa.Column(name, kind, nullable=True, comment=comment))


def _widen_cases() -> None:
    op.alter_column("cases", "closed_at", comment="when it ended: closed, voided or merged")
    last = "coalesce((SELECT max(step) FROM case_step WHERE case_id = cases.id), 0)"
    _required("cases", "version", sa.Integer(), last, "number of its last step")
    _optional("cases", "department", sa.Text(), "with whom it is now: of the open hop")
    op.execute("UPDATE cases SET department = lead WHERE closed_at IS NULL")
    moment, document = sa.DateTime(timezone=True), postgresql.JSONB()
    _optional("cases", "held_state", sa.Text(), "to which it returns when it was put aside")
    _optional("cases", "condition", sa.Text(), "in Chinese, of the limit")
    _optional("cases", "clock", document, "of disposal: begin, limit, extensions, pauses")
    _optional("cases", "due_at", moment, "disposal; none: the clock stands, or due_reason says why")
    _required("cases", "due_provisional", sa.Boolean(), "false", "by the shortest limit: no condition was said")
    _optional("cases", "due_reason", sa.Text(), "why it cannot be told when it is due")
    _optional("cases", "stage", sa.Text(), "what is to happen next: dispatch, accept or verify")
    _optional("cases", "stage_due_at", moment)
    _optional("cases", "extension_asked", document, "by how much, while nobody has answered")
    _optional("cases", "review_at", moment, "of a case on the backlog")
    _optional("cases", "warned_at", moment, "that it is nearly due")
    for name in ("merged_into", "split_from"):
        _optional("cases", name, sa.BigInteger())
        op.create_foreign_key(op.f(f"cases_{name}_fkey"), "cases", "cases", [name], ["id"])
    _optional("cases", "file_number", sa.Text(), "of enforcement")
    _optional("cases", "statutory_due", sa.Date(), "of enforcement")
    op.create_foreign_key(op.f("cases_department_fkey"), "cases", "department", ["department"], ["code"])
    op.create_index("cases_due", "cases", ["due_at"], postgresql_where=sa.text("closed_at is null"))
    op.create_index("cases_registered", "cases", ["registered_at", "id"])
    op.create_index("cases_department", "cases", ["department"], postgresql_where=sa.text("closed_at is null"))
    op.create_index("cases_merged", "cases", ["merged_into"], postgresql_where=sa.text("merged_into is not null"))
    op.create_index("cases_split", "cases", ["split_from"], postgresql_where=sa.text("split_from is not null"))


def _photos() -> sa.Column[object]:
    return sa.Column("photos", postgresql.ARRAY(sa.UUID()), nullable=False, server_default=sa.text("'{}'::uuid[]"))


def _details() -> sa.Column[object]:
    return sa.Column("details", postgresql.JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb"))


ACTOR = "name of an account, or of the part of the service that did it"


def _widen_steps() -> None:
    op.alter_column("case_step", "state", comment="after it")
    op.alter_column("case_step", "actor", comment=ACTOR)
    _required("case_step", "move", sa.Text(), MOVES)
    _optional("case_step", "department", sa.Text(), "of the actor")
    op.add_column("case_step", _photos())
    op.add_column("case_step", _details())
    op.create_table(
        "report_step",
        sa.Column("report_id", sa.UUID(), nullable=False),
        sa.Column("step", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("move", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="after it"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False, comment=ACTOR),
        sa.Column("department", sa.Text(), nullable=True, comment="of the actor"),
        sa.Column("note", sa.Text(), nullable=True),
        _photos(),
        _details(),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("report_step_report_id_fkey")),
        sa.PrimaryKeyConstraint("report_id", "step", name=op.f("report_step_pkey")),
        comment="append-only life of a report before it is registered",
    )


def _add_hops() -> None:
    op.create_table(
        "case_hop",
        sa.Column("case_id", sa.BigInteger(), nullable=False),
        sa.Column("hop", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column(
            "above",
            sa.Integer(),
            nullable=True,
            comment="the hop that transferred; none: dispatched by the command centre",
        ),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accept_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("how", sa.Text(), nullable=True, comment="the move that ended it"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("case_hop_case_id_fkey")),
        sa.ForeignKeyConstraint(["department"], ["department.code"], name=op.f("case_hop_department_fkey")),
        sa.PrimaryKeyConstraint("case_id", "hop", name=op.f("case_hop_pkey")),
        comment="a case with a department: from being given it until it is passed on, given back or done",
    )
    op.create_index("case_hop_department", "case_hop", ["department"])
    op.execute(
        "INSERT INTO case_hop (case_id, hop, department, given_at, ended_at, how)"
        " SELECT id, 1, lead, registered_at, closed_at, CASE WHEN closed_at IS NOT NULL THEN 'take_over' END FROM cases"
    )


def _widen_reports() -> None:
    moment = sa.DateTime(timezone=True)
    _optional("report", "condition", sa.Text(), "which one of its subclass, as the reporter says")
    _optional("report", "channel_due_at", moment, "until when the channel wants an answer")
    _optional("report", "confirmer", sa.Text(), "account that is to confirm; none: the shift leader's list")
    _optional("report", "confirm_due_at", moment)
    confirming = sa.text("state = 'confirming'")
    op.create_index("report_confirming", "report", ["confirm_due_at"], postgresql_where=confirming)
