"""Whistles (吹哨报到): departments asked to come to a place, and whether they came."""

from sqlalchemy import Column, Double, ForeignKey, Integer, MetaData, Table, text
from sqlalchemy.dialects.postgresql import UUID

from gridsvc.store.tables.columns import area_ids, codes, document, index, moment, serial, shape, words


def declare(metadata: MetaData, srid: int) -> None:
    Table(
        "whistle",
        metadata,
        Column("id", UUID(as_uuid=True), primary_key=True),
        Column("case_id", ForeignKey("cases.id"), nullable=True),
        words("reason"),
        words("whistler", comment="name of an account"),
        moment("at"),
        Column("minutes", Integer, nullable=False, comment="in which to arrive; they run always"),
        moment("due_at"),
        moment("closed_at", nullable=True),
        words("outcome", nullable=True, comment="of the whole"),
        codes("departments", comment="that were called: who may see it, beside whoever has its areas"),
        area_ids(),
        shape("POINT", srid),
        index("whistle_at", "at", serves="whistles_page"),
        index(
            "whistle_case", "case_id", postgresql_where=text("case_id is not null"),
            serves="foreign key: the whistles of a case",
        ),
    )  # fmt: skip
    Table(
        "whistle_call",
        metadata,
        Column("whistle_id", ForeignKey("whistle.id"), primary_key=True),
        Column("department", ForeignKey("department.code"), primary_key=True),
        moment("answered_at", nullable=True),
        moment("arrived_at", nullable=True),
        Column("distance_m", Double, nullable=True, comment="from the place, when it arrived"),
        words("outcome", nullable=True, comment="what this department did"),
        shape("POINT", srid, nullable=True),
        index("whistle_call_department", "department", serves="foreign key: the calls of a department"),
        comment="a department that was called",
    )
    Table(
        "whistle_step",
        metadata,
        serial(),
        Column("whistle_id", ForeignKey("whistle.id"), nullable=False),
        words("move", comment="blow, answer, arrive, report or close"),
        moment("at"),
        words("actor", comment="name of an account"),
        words("department", nullable=True, comment="that it is about"),
        words("note", nullable=True),
        document("details"),
        index("whistle_step_whistle", "whistle_id", "id", serves="whistle_steps"),
        comment="append-only life of a whistle",
    )
