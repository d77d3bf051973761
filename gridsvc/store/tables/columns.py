"""Columns and indexes as the declarations spell them."""

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB


def serial() -> Column[int]:
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def words(name: str, **options: Any) -> Column[str]:
    """Text, required unless `nullable=True`."""
    return Column(name, Text, **{"nullable": False, **options})


def moment(name: str, **options: Any) -> Column[Any]:
    return Column(name, DateTime(timezone=True), **{"nullable": False, **options})


def now(name: str) -> Column[Any]:
    return moment(name, server_default=text("now()"))


def document(name: str) -> Column[Any]:
    return Column(name, JSONB, nullable=False, server_default=text("'{}'::jsonb"))


def codes(name: str, **options: Any) -> Column[Any]:
    return Column(name, ARRAY(Text), nullable=False, server_default=text("'{}'::text[]"), **options)


def area_ids(name: str = "area_ids") -> Column[Any]:
    """The areas that hold the thing, one per kind in use."""
    return Column(name, ARRAY(BigInteger), nullable=False, server_default=text("'{}'::bigint[]"))


def shape(kind: str, srid: int, *, nullable: bool = False, **options: Any) -> Column[Any]:
    return Column("geom", Geometry(kind, srid=srid, spatial_index=False), nullable=nullable, **options)


def index(name: str, *columns: Any, serves: str, **options: Any) -> Index:
    """An index that says which named query (or rule) it is for; a test holds the name to be true."""
    return Index(name, *columns, info={"serves": serves}, **options)
