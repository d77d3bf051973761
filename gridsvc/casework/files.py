"""Files of reports: CSV, gzipped or not, streamed row by row."""

import csv
import gzip
import hashlib
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from gridsvc.casework.intake import Taken, take_in
from gridsvc.casework.routing import ReportError
from gridsvc.domain.reports import MAX_ACCURACY, Report, check_not_to_come, check_position
from gridsvc.errors import ConflictError, FileError, GridsvcError, InputError, one_of
from gridsvc.store import audit, batches, casework, uploads
from gridsvc.store.city import City
from gridsvc.store.connection import Connection

TARGET = "reports"
SURPLUS = "\0surplus"
"""Key of the cells that a row has too many; no column can be named so."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
FIELDS = (
    "external_id", "channel", "category", "kind", "subclass_code", "reported_at", "closed_at", "lon", "lat",
    "accuracy_m", "component_code", "condition", "channel_due_at", "address", "description",
    "reporter_name", "reporter_phone",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Which source column is which field; `empty` are values that mean nothing (such as 1970-01-01)."""

    channel: str | None
    fields: Mapping[str, str]
    recorded: Mapping[str, str] = field(default_factory=dict)
    """What the channel itself recorded: `department` or an area kind → column."""
    empty: frozenset[str] = frozenset({""})

    def __post_init__(self) -> None:
        for name in self.fields:
            if name not in FIELDS:
                raise one_of("field of reports", name, list(FIELDS))


def import_reports(conn: Connection, city: City, file: Path, columns: Columns, folder: Path) -> tuple[int, Taken]:
    """All rows of a file or none of them; the batch and what became of the rows. The file is kept in `folder`."""
    digest, _ = uploads.keep(file, folder)
    layer = f"{TARGET}:{columns.channel or 'many channels'}"
    with conn.transaction():
        casework.lock_reports(conn)
        _check_new(conn, file, digest, layer)
        batch_id = batches.add_batch(conn, layer=layer, target=TARGET, file_name=file.name, sha256=digest)
        taken = _take_rows(conn, city, file, columns, batch_id)
        if taken.read == 0:
            raise FileError(file.name, "it holds no reports")
        counts = {
            "read": taken.read, "new": taken.new, "repeated": taken.repeated, "manual": dict(taken.manual),
            "unknown_conditions": taken.unknown_conditions,
        }  # fmt: skip
        batches.finish_batch(conn, batch_id, "promoted", counts)
        audit.record(conn, "report.import", f"batch {batch_id}", after={"file": file.name, **counts})
    return batch_id, taken


def _check_new(conn: Connection, file: Path, digest: str, layer: str) -> None:
    known = batches.batch_of_file(conn, digest, layer)
    if known:
        raise ConflictError(
            f"{file.name}: this very file was imported on {known[1]:%Y-%m-%d %H:%M} UTC as batch {known[0]}; "
            "there is nothing to do"
        )


def _take_rows(conn: Connection, city: City, file: Path, columns: Columns, batch_id: int) -> Taken:
    try:
        return take_in(conn, city, read_reports(file, columns), batch_id)
    except ReportError as error:
        raise FileError(file.name, f"row {error.number}: {error}") from error


def read_reports(file: Path, columns: Columns) -> Iterator[Report]:
    """Each row as a report; an error names the row."""
    with _rows(file) as rows:
        _check_header(file, columns, rows.fieldnames or [])
        for number, row in enumerate(rows, start=1):
            yield _report(file, columns, number, row)


def header(file: Path) -> list[str]:
    """The names of a file's columns."""
    if not file.is_file():
        raise FileError(str(file), "there is no such file")
    with _rows(file) as rows:
        return list(rows.fieldnames or [])


@contextmanager
def _rows(file: Path) -> "Iterator[csv.DictReader[str]]":
    """The rows of a file; what cannot be read is an error that names the line before."""
    with _open(file) as text:
        reader = csv.DictReader(text, restkey=SURPLUS, restval=None, strict=True)
        try:
            yield reader
        except (csv.Error, UnicodeDecodeError, EOFError, gzip.BadGzipFile, zlib.error) as error:
            line = f" after line {reader.line_num}" if reader.line_num else ""
            raise FileError(file.name, f"it cannot be read as CSV in UTF-8{line}: {error}") from error


def _check_header(file: Path, columns: Columns, header: Sequence[str]) -> None:
    if not header:
        raise FileError(file.name, "it is empty: not even a header line")
    if twice := sorted({name for name in header if header.count(name) > 1}):
        raise FileError(file.name, f"the column {twice[0]!r} stands in it twice")
    for name, source in {**columns.fields, **columns.recorded}.items():
        if source not in header:
            raise FileError(file.name, f"it has no column {source!r} for {name}; its columns are: {', '.join(header)}")


def _report(file: Path, columns: Columns, number: int, row: Mapping[str, str | None]) -> Report:
    def given(source: str | None) -> str | None:
        text = (row.get(source) or "").strip() if source else ""
        if _CONTROL.search(text):
            raise InputError(f"{source} holds a control character, which is no text: {text[:40]!r}")
        return None if text in columns.empty else text

    try:
        _check_width(row)
        found = {name: given(source) for name, source in columns.fields.items()}
        recorded = {name: text for name, source in columns.recorded.items() if (text := given(source))}
        lon, lat, accuracy, note = _position(found)
        reported_at = _moment(found.get("reported_at"), "reported_at") or _missing("reported_at")
        report = Report(
            channel=columns.channel or found.get("channel") or "",
            external_id=found.get("external_id") or _content_id(row),
            category=found.get("category"),
            kind=found.get("kind"),
            subclass_code=found.get("subclass_code"),
            reported_at=reported_at,
            closed_at=_moment(found.get("closed_at"), "closed_at"),
            lon=lon,
            lat=lat,
            accuracy_m=accuracy,
            component_code=found.get("component_code"),
            condition=found.get("condition"),
            channel_due_at=_moment(found.get("channel_due_at"), "channel_due_at"),
            address=found.get("address"),
            description=found.get("description"),
            reporter_name=found.get("reporter_name"),
            reporter_phone=found.get("reporter_phone"),
            recorded=recorded | note,
        )
        check_not_to_come("reported_at", reported_at, datetime.now(UTC))
    except GridsvcError as error:
        raise FileError(file.name, f"row {number}: {error}") from error
    return report


def _position(found: Mapping[str, str | None]) -> tuple[float | None, float | None, float | None, dict[str, str]]:
    """Longitude, latitude and accuracy; a position that is too vague is none, and the note says what it was."""
    lon, lat = _number(found.get("lon"), "lon"), _number(found.get("lat"), "lat")
    accuracy = _number(found.get("accuracy_m"), "accuracy_m")
    if accuracy is None or not accuracy > MAX_ACCURACY:
        return lon, lat, accuracy, {}
    check_position("the position", lon, lat)
    note = f"longitude {lon}, latitude {lat}: accuracy {accuracy:g} m is worse than {MAX_ACCURACY:.0f} m"
    return None, None, None, {"position_left_out": note}


def _check_width(row: Mapping[str, str | None]) -> None:
    if SURPLUS in row:
        raise InputError("it has more cells than the header names; is a comma in a text without quotation marks?")
    if None in row.values():
        raise InputError("it has fewer cells than the header names; is the file cut off?")


def _content_id(row: Mapping[str, str | None]) -> str:
    """A row without an id is known by its content, so that it too comes in once."""
    content = "\x1f".join(f"{key}={value}" for key, value in sorted(row.items()))
    return f"row-{hashlib.sha256(content.encode()).hexdigest()[:24]}"


def _moment(text: str | None, name: str) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"{name} {text!r} is not a time such as 2016-07-08T08:00:00+08:00") from error


def _missing(name: str) -> datetime:
    raise InputError(f"{name} is missing")


def _number(text: str | None, name: str) -> float | None:
    if text is None:
        return None
    try:
        return float(text)
    except ValueError as error:
        raise InputError(f"{name} {text!r} is not a number") from error


def _open(file: Path) -> IO[str]:
    if file.suffix == ".gz":
        return gzip.open(file, "rt", encoding="utf-8-sig", newline="")
    return file.open(encoding="utf-8-sig", newline="")
