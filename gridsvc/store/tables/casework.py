"""Channels and their words, duty rules, reports, routing decisions."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Double,
    ForeignKey,
    Identity,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from gridsvc.store.tables.columns import area_ids, codes, document, index, moment, now, serial, shape, words


def declare(metadata: MetaData, srid: int) -> None:
    _channels(metadata)
    _duties(metadata)
    _lanes(metadata)
    _rule_book(metadata)
    _reports(metadata, srid)
    _people(metadata)
    _repeats(metadata)
    _decisions(metadata)


def _channels(metadata: MetaData) -> None:
    Table(
        "channel",
        metadata,
        words("channel", primary_key=True),
        words("name_zh"),
        words("name_en"),
        Column("confirmed", Boolean, nullable=False, comment="its reports arrive confirmed"),
        Column(
            "open_to_public",
            Boolean,
            nullable=False,
            server_default=text("false"),
            comment="whoever has no account may report by it",
        ),
        Column(
            "folds",
            Boolean,
            nullable=False,
            server_default=text("false"),
            comment="what surely repeats an open report is linked to it at once",
        ),
        Column(
            "accuracy_m", Double, nullable=True, comment="metres by which places may be wrong, where reports do not say"
        ),
    )
    Table(
        "channel_category",
        metadata,
        Column("channel", ForeignKey("channel.channel"), primary_key=True),
        words("category", primary_key=True),
        words("name_zh"),
        words("name_en"),
        words("kind", nullable=True),
        words("subclass_code", nullable=True),
        words("parent_category", nullable=True, comment="of the same channel"),
    )


def _duties(metadata: MetaData) -> None:
    Table(
        "duty_revision",
        metadata,
        Column("revision", Integer, primary_key=True, autoincrement=False),
        words("origin"),
        words("checksum"),
        now("loaded_at"),
        Column(
            "edited",
            Boolean,
            nullable=False,
            server_default=text("false"),
            comment="by somebody's hand or file, not loaded with the city",
        ),
        words("reason", nullable=True),
    )
    Table(
        "duty_rule",
        metadata,
        serial(),
        Column("revision", ForeignKey("duty_revision.revision"), nullable=False),
        words("kind"),
        words("class_code"),
        words("subclass_code", nullable=True),
        Column("area_kind", ForeignKey("area_kind.kind"), nullable=True),
        words("area_code", nullable=True),
        words("lane"),
        Column("lead", ForeignKey("department.code"), nullable=False),
        codes("co_operating"),
        codes("supervising"),
        Column("priority", Integer, nullable=False),
        Column("valid_from", Date, nullable=True),
        Column("valid_to", Date, nullable=True),
        words("source"),
        words("name", nullable=True, comment="what the city calls it"),
        words("level", nullable=True, comment="city, district, subdistrict or community"),
        index("duty_rule_revision", "revision", serves="foreign key: the rules of a revision"),
    )


def _lanes(metadata: MetaData) -> None:
    Table(
        "lane_rule",
        metadata,
        serial(),
        Column("revision", ForeignKey("duty_revision.revision"), nullable=False),
        words("kind"),
        words("class_code"),
        words("subclass_code", nullable=True),
        Column("area_kind", ForeignKey("area_kind.kind"), nullable=True),
        words("area_code", nullable=True),
        words("lane"),
        Column("priority", Integer, nullable=False),
        Column("valid_from", Date, nullable=True),
        Column("valid_to", Date, nullable=True),
        words("source"),
        words("name", nullable=True, comment="what the city calls it"),
        index("lane_rule_revision", "revision", serves="foreign key: the rules of a revision"),
        comment="in which lane a problem is disposed of; dispatched where no rule is about it",
    )


def _rule_book(metadata: MetaData) -> None:
    Table(
        "rule_book",
        metadata,
        Column("id", SmallInteger, primary_key=True, autoincrement=False),
        Column(
            "revision",
            BigInteger,
            Identity(always=True),
            nullable=False,
            comment="another one after each change, and never one that was there before",
        ),
        CheckConstraint("id = 1", name="one_row"),
        comment="the number of all that routing follows besides areas and components; triggers count it on",
    )


def _reports(metadata: MetaData, srid: int) -> None:
    Table(
        "report",
        metadata,
        Column("id", UUID(as_uuid=True), primary_key=True),
        Column("channel", ForeignKey("channel.channel"), nullable=False),
        words("external_id"),
        words("category", nullable=True),
        words("kind", nullable=True),
        words("subclass_code", nullable=True),
        moment("reported_at"),
        now("received_at"),
        Column("accuracy_m", Double, nullable=True),
        words("component_code", nullable=True),
        words("address", nullable=True),
        words("description", nullable=True),
        document("recorded"),
        words("state"),
        words("manual_reason", nullable=True),
        area_ids(),
        area_ids("current_area_ids"),
        Column("batch_id", BigInteger, ForeignKey("import_batch.id"), nullable=True),
        shape("POINT", srid, nullable=True),
        codes("departments", comment="lead, co-operating and supervising ones of the newest decision: who may see it"),
        moment("anonymised_at", nullable=True),
        words("condition", nullable=True, comment="which one of its subclass, as the reporter says"),
        moment("channel_due_at", nullable=True, comment="until when the channel wants an answer"),
        words("confirmer", nullable=True, comment="account that is to confirm; none: the shift leader's list"),
        moment("confirm_due_at", nullable=True),
        words("matched_component", nullable=True, comment="the component that it means, if that is certain"),
        Column("linked_to", ForeignKey("report.id"), nullable=True, comment="the open report that it repeats"),
        Column(
            "repeats",
            Boolean,
            nullable=False,
            server_default=text("false"),
            comment="it surely repeats an open report, linked or not: later ones are compared with that one",
        ),
        moment("register_due_at", nullable=True, comment="of one that waits for a person, who registers or rejects it"),
        UniqueConstraint("channel", "external_id"),
        index("report_reported_at", "reported_at", "id", serves="reports_page"),
        index(
            "report_manual", "reported_at", postgresql_where=text("manual_reason is not null"), serves="reports_page"
        ),
        index(
            "report_confirming",
            "confirm_due_at",
            postgresql_where=text("state = 'confirming'"),
            serves="confirmations_page",
        ),
        index("report_batch", "batch_id", serves="foreign key: the reports of a batch"),
        index(
            "report_first_places",
            "geom",
            "subclass_code",
            "reported_at",
            postgresql_using="gist",
            postgresql_where=text("not repeats"),
            serves="repeated_reports",
        ),
        index(
            "report_first_components",
            "matched_component",
            postgresql_where=text("not repeats and matched_component is not null"),
            serves="repeated_reports",
        ),
        index("report_linked", "linked_to", postgresql_where=text("linked_to is not null"), serves="report_by_id"),
    )


def _people(metadata: MetaData) -> None:
    Table(
        "reporter",
        metadata,
        Column("report_id", ForeignKey("report.id"), primary_key=True),
        words("name", nullable=True),
        words("phone", nullable=True),
        comment="who reported: seen only by those who work on it, erased by retention",
    )
    Table(
        "photo",
        metadata,
        Column("id", UUID(as_uuid=True), primary_key=True, server_default=text("gen_random_uuid()")),
        Column("report_id", ForeignKey("report.id"), nullable=False),
        words("original_sha256", nullable=True, comment="as it was sent, with what the camera wrote into it; erased"),
        words("shared_sha256", comment="the same picture without that"),
        words("original_type", comment="image/jpeg, image/png or image/webp"),
        now("added_at"),
        UniqueConstraint("report_id", "shared_sha256"),
    )


def _repeats(metadata: MetaData) -> None:
    Table(
        "report_repeat",
        metadata,
        serial(),
        Column("report_id", ForeignKey("report.id"), nullable=False),
        Column("batch_id", BigInteger, ForeignKey("import_batch.id"), nullable=True),
        document("differs"),
        now("received_at"),
        index("report_repeat_report", "report_id", serves="foreign key: the repeats of a report"),
        comment="the same report sent again: counted and kept, never a second report",
    )


def _decisions(metadata: MetaData) -> None:
    Table(
        "routing_decision",
        metadata,
        serial(),
        Column("report_id", ForeignKey("report.id"), nullable=False),
        now("decided_at"),
        Column("lead", ForeignKey("department.code"), nullable=True),
        codes("co_operating"),
        codes("supervising"),
        words("lane", nullable=True),
        Column("rule_id", ForeignKey("duty_rule.id"), nullable=True),
        words("manual_reason", nullable=True),
        Column("area_revision", Integer, nullable=False),
        Column("duty_revision", Integer, nullable=False),
        Column("inventory_batch", BigInteger, nullable=False),
        document("explanation"),
        words("rule", nullable=True, comment="component:… or the name or number of the duty rule"),
        index("routing_decision_report", "report_id", "id", serves="report_by_id"),
        index(
            "routing_decision_fallback",
            "report_id",
            postgresql_where=text("rule = 'component:fallback'"),
            serves="ownership_todo",
        ),
    )
