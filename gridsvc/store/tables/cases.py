"""Cases with their clocks, their steps and their hops from department to department; guides of disposal."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Integer, MetaData, Table, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from gridsvc.store.tables.columns import document, index, moment, serial, words


def declare(metadata: MetaData, srid: int) -> None:  # noqa: ARG001  one signature for all rooms
    _cases(metadata)
    _steps(metadata)
    Table(
        "case_hop",
        metadata,
        Column("case_id", ForeignKey("cases.id"), primary_key=True),
        Column("hop", Integer, primary_key=True, autoincrement=False),
        Column("department", ForeignKey("department.code"), nullable=False),
        Column(
            "above", Integer, nullable=True, comment="the hop that transferred; none: dispatched by the command centre"
        ),
        moment("given_at"),
        moment("accept_due_at", nullable=True),
        moment("accepted_at", nullable=True),
        moment("ended_at", nullable=True),
        words("how", nullable=True, comment="the move that ended it"),
        index("case_hop_department", "department", serves="foreign key: the hops of a department"),
        comment="a case with a department: from being given it until it is passed on, given back or done",
    )
    Table(
        "guide",
        metadata,
        words("kind", primary_key=True),
        words("subclass_code", primary_key=True),
        words("text_zh"),
        words("text_en"),
        words("source"),
        comment="how a problem of a subclass is disposed of",
    )


def _cases(metadata: MetaData) -> None:
    Table(
        "cases",
        metadata,
        serial(),
        Column("report_id", ForeignKey("report.id"), nullable=False, unique=True),
        Column("lead", ForeignKey("department.code"), nullable=False),
        words("lane"),
        words("state"),
        moment("registered_at"),
        moment("closed_at", nullable=True, comment="when it ended: closed, voided or merged"),
        Column("version", Integer, nullable=False, comment="number of its last step"),
        Column(
            "department", ForeignKey("department.code"), nullable=True, comment="with whom it is now: of the open hop"
        ),
        words("held_state", nullable=True, comment="to which it returns when it was put aside"),
        words("condition", nullable=True, comment="in Chinese, of the limit"),
        Column("clock", JSONB, nullable=True, comment="of disposal: begin, limit, extensions, pauses"),
        moment("due_at", nullable=True, comment="disposal; none: the clock stands, or due_reason says why"),
        Column("due_provisional", Boolean, nullable=False, comment="by the shortest limit: no condition was said"),
        words("due_reason", nullable=True, comment="why it cannot be told when it is due"),
        words("stage", nullable=True, comment="what is to happen next: dispatch, accept or verify"),
        moment("stage_due_at", nullable=True),
        Column("extension_asked", JSONB, nullable=True, comment="by how much, while nobody has answered"),
        moment("review_at", nullable=True, comment="of a case on the backlog"),
        moment("warned_at", nullable=True, comment="that it is nearly due"),
        Column("merged_into", ForeignKey("cases.id"), nullable=True),
        Column("split_from", ForeignKey("cases.id"), nullable=True),
        words("file_number", nullable=True, comment="of enforcement"),
        Column("statutory_due", Date, nullable=True, comment="of enforcement"),
        index("cases_open", "report_id", postgresql_where=text("closed_at is null"), serves="area_counts"),
        index("cases_due", "due_at", postgresql_where=text("closed_at is null"), serves="cases_nearly_due"),
        index(
            "cases_statutory", "statutory_due",
            postgresql_where=text("closed_at is null and statutory_due is not null"), serves="cases_nearly_due",
        ),
        index("cases_registered", "registered_at", "id", serves="cases_page"),
        index("cases_department", "department", postgresql_where=text("closed_at is null"), serves="cases_page"),
        index(
            "cases_merged", "merged_into", postgresql_where=text("merged_into is not null"),
            serves="foreign key: what was merged into a case",
        ),
        index(
            "cases_split", "split_from", postgresql_where=text("split_from is not null"),
            serves="foreign key: what was split from a case",
        ),
        comment="a registered matter; in the plural because CASE is a word of SQL",
    )  # fmt: skip


def _steps(metadata: MetaData) -> None:
    Table(
        "case_step",
        metadata,
        Column("case_id", ForeignKey("cases.id"), primary_key=True),
        Column("step", Integer, primary_key=True),
        words("state", comment="after it"),
        moment("at"),
        words("actor", comment="name of an account, or of the part of the service that did it"),
        words("note", nullable=True),
        words("move"),
        words("department", nullable=True, comment="of the actor"),
        photos(),
        document("details"),
        comment="append-only life of a case",
    )
    Table(
        "report_step",
        metadata,
        Column("report_id", ForeignKey("report.id"), primary_key=True),
        Column("step", Integer, primary_key=True, autoincrement=False),
        words("move"),
        words("state", comment="after it"),
        moment("at"),
        words("actor", comment="name of an account, or of the part of the service that did it"),
        words("department", nullable=True, comment="of the actor"),
        words("note", nullable=True),
        photos(),
        document("details"),
        comment="append-only life of a report before it is registered",
    )


def photos() -> Column[list[object]]:
    return Column("photos", ARRAY(UUID(as_uuid=True)), nullable=False, server_default=text("'{}'::uuid[]"))
