"""Who is on duty in which area: team templates, which of them holds for a kind of area, and the people."""

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Integer, MetaData, Table

from gridsvc.store.tables.columns import index, moment, serial, words

NO_SERVICE = "'' where posts do not differ by service"


def declare(metadata: MetaData, srid: int) -> None:  # noqa: ARG001  one signature for all rooms
    _teams(metadata)
    Table(
        "roster_entry",
        metadata,
        serial(),
        Column("area_kind", ForeignKey("area_kind.kind"), nullable=False),
        words("area_code", comment="whichever area of that code is in force"),
        words("post"),
        words("service", comment=NO_SERVICE),
        words("person", comment="'' once retention erased who it was"),
        words("phone", nullable=True),
        Column("department", ForeignKey("department.code"), nullable=True),
        Column("account", ForeignKey("account.name"), nullable=True),
        moment("valid_from"),
        moment("valid_to", nullable=True, comment="equal to valid_from: it never counted"),
        words("source", comment="file that it came from"),
        CheckConstraint("valid_to is null or valid_to >= valid_from", name="validity"),
        index("roster_entry_area", "area_kind", "area_code", serves="roster_page"),
        index("roster_entry_department", "department", serves="foreign key: the people of a department"),
        index("roster_entry_account", "account", serves="foreign key: the posts of an account"),
        comment="append-only: what changes is an entry that ends and another that begins",
    )


def _teams(metadata: MetaData) -> None:
    Table(
        "team_template",
        metadata,
        words("template", primary_key=True),
        words("name_zh"),
        words("name_en"),
        words("source"),
    )
    Table(
        "team_post",
        metadata,
        Column("template", ForeignKey("team_template.template", ondelete="CASCADE"), primary_key=True),
        words("post", primary_key=True),
        words("service", primary_key=True, comment=NO_SERVICE),
        words("name_zh"),
        words("name_en"),
        words("service_zh"),
        words("service_en"),
        Column("least", Integer, nullable=False),
        Column("most", Integer, nullable=True, comment="none: as many as there are"),
        Column("leads", Boolean, nullable=False, comment="an area has at most one at a time"),
        Column("elsewhere", Boolean, nullable=False, comment="one person may hold it in several areas"),
        Column("place", Integer, nullable=False, comment="in the order of the template"),
    )
    Table(
        "team_use",
        metadata,
        words("area_kind", primary_key=True),
        Column("template", ForeignKey("team_template.template"), nullable=False),
        index("team_use_template", "template", serves="foreign key: the kinds of area that use a template"),
        comment="which template holds for a kind of area, whether or not the city has that kind",
    )
