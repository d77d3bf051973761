"""Reports in: each stored once, located, routed, registered where confirmed; a bad row changes nothing."""

import gzip
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql as compose
from psycopg.errors import LockNotAvailable

from gridsvc.areas.apply import apply_draft
from gridsvc.casework.bulk import take_many
from gridsvc.casework.files import Columns, import_reports, read_reports
from gridsvc.casework.intake import LOT, Taken, find_report, take_in, take_one
from gridsvc.casework.regression import compare
from gridsvc.casework.simulate import Trial, simulate
from gridsvc.cli.reports import days_of
from gridsvc.domain.reports import Report
from gridsvc.errors import ConflictError, FileError, GridsvcError, InputError
from gridsvc.store import casework, channels, drafts, duties
from gridsvc.store.casework import ReportFilter
from gridsvc.store.city import City, the_city
from gridsvc.store.components import current_checksum
from gridsvc.store.connection import Connection, connect
from tests import made
from tests.sketch import Sketch

TOWN = Sketch("""
    a . . b . . c
    . 1 . . . 2 .
    . . . . . . .
    d . . e . . f . 9
""")
COLUMNS = Columns(
    channel="hotline",
    fields={name: name for name in ("external_id", "category", "reported_at", "closed_at", "lon", "lat", "address")},
    recorded={"department": "department"},
)
COLUMNS_OF_CONDITIONS = ("external_id", "category", "reported_at", "condition")
HEADER = "external_id,category,reported_at,closed_at,lon,lat,address,department"


def take_file(conn: Connection, town: City, file: Path) -> tuple[int, Taken]:
    return import_reports(conn, town, file, COLUMNS, file.parent / "uploads")


def prepare(conn: Connection) -> None:
    """Two grids, one channel that confirms and one that does not, duties for litter by grid."""
    town = the_city(conn)
    made.put_areas(conn, town, made.kind("grid"), {"w": TOWN.polygon("abed"), "e": TOWN.polygon("bcfe")})
    made.put_departments(conn, "west", "east")
    made.put_channel(conn)
    made.put_channel(conn, "public", confirmed=False)
    words = {"channel": "hotline", "category": "LITTER", "name_zh": "垃圾", "name_en": "Litter"}
    channels.declare_categories(conn, [{**words, "kind": "event", "subclass_code": "0110"}])
    made.put_rules(
        conn,
        made.rule("west", area_kind="grid", area_code="w"),
        made.rule("east", area_kind="grid", area_code="e", co_operating=("west",)),
    )


@pytest.fixture
def ready(conn: Connection) -> Connection:
    prepare(conn)
    return conn


def at(mark: str) -> dict[str, str]:
    lon, lat = TOWN.lonlat(mark)
    return {"lon": repr(lon), "lat": repr(lat)}


def row(external_id: str, mark: str | None = "1", **given: str) -> dict[str, str]:
    place = at(mark) if mark else {"lon": "", "lat": ""}
    values = {"category": "LITTER", "reported_at": "2026-06-01T12:00:00+08:00", "closed_at": "", "address": "", **place}
    return {**values, "department": "west", "external_id": external_id, **given}


def write(folder: Path, *rows: dict[str, str], name: str = "reports.csv") -> Path:
    file = folder / name
    file.write_text(table(*rows), encoding="utf-8")
    return file


def table(*rows: dict[str, str]) -> str:
    lines = [",".join(values[column] for column in HEADER.split(",")) for values in rows]
    return "\n".join([HEADER, *lines, ""])


def count(conn: Connection, table: str) -> int:
    found = conn.execute(compose.SQL("SELECT count(*) FROM {}").format(compose.Identifier(table))).fetchone()
    assert found is not None
    return int(found[0])


def stored(conn: Connection, report: Report) -> dict[str, Any]:
    found = casework.report_by_id(conn, report.id)
    assert found is not None
    return found


def differences(conn: Connection) -> list[dict[str, Any]]:
    return [found for (found,) in conn.execute("SELECT differs FROM report_repeat ORDER BY id")]


def put(conn: Connection, city: City, report: Report) -> dict[str, Any]:
    """The report as it is stored."""
    found = find_report(conn, take_one(conn, city, report).id)
    assert found is not None
    return found


def test_a_report_is_located_routed_and_registered(ready: Connection, town: City) -> None:
    found = put(ready, town, made.report("a", TOWN.lonlat("2")))
    assert (found["lead"], found["co_operating"], found["state"]) == ("east", ["west"], "registered")
    assert (found["case_state"], found["manual_reason"]) == ("dispatched", None)
    assert (found["lon"], found["lat"]) == pytest.approx(TOWN.lonlat("2"), abs=1e-9)
    assert found["explanation"]["areas"][0]["code"] == "e"
    assert found["explanation"]["winner"]["lead"] == "east"
    assert [found[name] for name in ("area_revision", "duty_revision")] == [1, 1]


def test_the_same_twice_in_one_file_is_one_report(ready: Connection, town: City, tmp_path: Path) -> None:
    _, taken = take_file(ready, town, write(tmp_path, row("a"), row("b"), row("a")))
    assert (taken.read, taken.new, taken.repeated, taken.registered) == (3, 2, 1, 2)
    assert (count(ready, "report"), count(ready, "cases"), differences(ready)) == (2, 2, [{}])


def test_the_same_in_two_files_is_one_report(ready: Connection, town: City, tmp_path: Path) -> None:
    take_file(ready, town, write(tmp_path, row("a")))
    _, taken = import_reports(
        ready, town, write(tmp_path, row("a"), row("b"), name="more.csv"), COLUMNS, tmp_path / "uploads"
    )
    assert (taken.new, taken.repeated) == (1, 1)
    assert count(ready, "routing_decision") == 2


def test_the_same_file_twice_is_refused(ready: Connection, town: City, tmp_path: Path) -> None:
    batch, _ = take_file(ready, town, write(tmp_path, row("a")))
    before = current_checksum(ready)
    with pytest.raises(ConflictError, match=rf"again\.csv: this very file was imported on .* as batch {batch}"):
        take_file(ready, town, write(tmp_path, row("a"), name="again.csv"))
    assert current_checksum(ready) == before


@pytest.mark.parametrize(
    ("changed", "differs"),
    [
        ({"description": "worse"}, {"description": "worse"}),
        ({"address": "2 Main Street", "accuracy_m": 5.0}, {"address": "2 Main Street", "accuracy_m": 5.0}),
        ({"component_code": "5107990101000001"}, {"component_code": "5107990101000001"}),
        ({"subclass_code": "0111"}, {"subclass_code": "0111"}),
        ({"recorded": {"department": "east"}}, {"recorded": {"department": "east"}}),
        ({"lon": None, "lat": None}, {"x": None, "y": None}),
        ({"closed_at": made.NOON}, {"recorded": {"closed_at": "2026-06-01T04:00:00+00:00"}}),
        ({"reported_at": made.NOON.replace(hour=5)}, {"reported_at": "2026-06-01T05:00:00+00:00"}),
        ({"reported_at": made.NOON.astimezone()}, {}),
    ],
)
def test_what_a_repeat_says_differently_is_kept(
    ready: Connection, town: City, changed: dict[str, Any], differs: dict[str, Any]
) -> None:
    first = made.report("a", TOWN.lonlat("1"))
    take_in(ready, town, [first])
    before = stored(ready, first)
    assert not take_one(ready, town, replace(first, **changed)).new
    assert differences(ready) == [differs]
    assert stored(ready, first) == before


def test_two_channels_may_use_the_same_number(ready: Connection, town: City) -> None:
    taken = take_in(ready, town, [made.report("7"), made.report("7", channel="public")])
    assert taken.new == 2


def test_a_channel_that_does_not_confirm_makes_no_case(ready: Connection, town: City) -> None:
    found = put(ready, town, made.report("a", TOWN.lonlat("1"), channel="public"))
    assert (found["lead"], found["state"], found["case_id"]) == ("west", "confirming", None)


@pytest.mark.parametrize(
    ("reason", "mark", "given"),
    [
        ("no_location", None, {}),
        ("outside", "9", {}),
        ("unmapped", "1", {"kind": None, "subclass_code": None, "category": "NEVER HEARD OF"}),
        ("unmapped", "1", {"kind": None, "subclass_code": None}),
        ("unmapped", "1", {"subclass_code": "0999"}),
        ("nobody", "1", {"subclass_code": "0111"}),
    ],
)
def test_a_person_decides_what_rules_cannot(
    ready: Connection, town: City, reason: str, mark: str | None, given: dict[str, Any]
) -> None:
    report = made.report("a", TOWN.lonlat(mark) if mark else None, **given)
    taken = take_in(ready, town, [report])
    assert (taken.manual, taken.registered, count(ready, "cases")) == ({reason: 1}, 0, 0)
    found = stored(ready, report)
    assert (found["manual_reason"], found["explanation"]["manual_reason"]) == (reason, reason)
    assert (found["lead"], found["state"]) == (None, "reported")
    assert found["explanation"]["category"] == given.get("category")


def test_one_report_of_an_unknown_subclass_is_refused_with_the_known_ones(ready: Connection, town: City) -> None:
    with pytest.raises(InputError, match=r"event subclass '0999' is not known; choose one of: .*0110, 0111"):
        take_one(ready, town, made.report("a", subclass_code="0999"))
    assert count(ready, "report") == 0


def test_an_unknown_channel_is_refused_with_the_known_ones(ready: Connection, town: City) -> None:
    with pytest.raises(InputError, match="channel 'fax' is not known; known: hotline, public"):
        take_in(ready, town, [made.report("a"), made.report("b", channel="fax")])
    assert count(ready, "report") == 0


def test_closed_history_makes_the_steps_of_its_case(ready: Connection, town: City) -> None:
    closed = made.NOON + timedelta(days=2)
    found = put(ready, town, made.report("a", TOWN.lonlat("1"), closed_at=closed))
    assert found["case_state"] == "closed"
    steps = ready.execute("SELECT step, state, at, actor, note FROM case_step ORDER BY step").fetchall()
    assert [step[:4] for step in steps] == [
        (1, "registered", made.NOON, "intake"),
        (2, "dispatched", made.NOON, "intake"),
        (3, "closed", closed, "intake"),
    ]
    assert [step[4] for step in steps] == [None, "west", "taken over from the record of the channel"]


def test_areas_of_its_own_time_hold_a_report(ready: Connection, town: City) -> None:
    whole = {"all": TOWN.polygon("acfd")}
    made.put_areas(ready, town, made.kind("grid"), whole, valid_from=datetime(2026, 7, 1, tzinfo=UTC))
    reports = [made.report(day, TOWN.lonlat("1"), reported_at=datetime.fromisoformat(f"{day}T00:00:00+00:00"))
               for day in ("2026-06-30", "2026-07-01")]  # fmt: skip
    take_in(ready, town, reports)
    assert [stored(ready, r)["explanation"]["areas"][0]["code"] for r in reports] == ["w", "all"]


def test_a_new_table_of_duties_replaces_the_old_one_and_may_come_back(ready: Connection, town: City) -> None:
    def lead(name: str) -> Any:
        return put(ready, town, made.report(name, TOWN.lonlat("1")))["lead"]

    tables = [(made.rule("west", source=source),) for source in ("first", "second")]
    everything = [replace(rule, id=0, origin="") for rule in duties.duty_rules(ready)]
    for n, rules in enumerate([tables[0], tables[1], tables[0], everything]):
        made.put_rules(ready, *rules)
        assert [rule.source for rule in duties.duty_rules(ready)] == [rule.source for rule in rules]
        assert lead(f"a{n}") == "west"
    assert casework.current_revisions(ready).duty == 5
    assert duties.add_duty_rules(ready, "duties.csv", everything) == (5, False)


def test_every_decision_can_be_replayed_from_its_explanation(ready: Connection, town: City, tmp_path: Path) -> None:
    rows = [row(f"{mark}{n}", mark, **given) for mark in "1239ae" if mark != "3"
            for n, given in enumerate(({}, {"category": "X"}))]  # fmt: skip
    _, taken = take_file(ready, town, write(tmp_path, *rows, row("none", None)))
    found = simulate(ready, town, "hotline", ReportFilter())
    assert (found.reports, found.automatic) == (taken.new, taken.registered)
    assert found.manual == taken.manual
    assert (found.compared, found.agree) == (taken.registered, len("1a"))
    without = simulate(ready, town, "hotline", ReportFilter(), Trial(without=["duties.csv"]))
    assert (without.automatic, without.manual["nobody"]) == (0, taken.registered)


def test_a_simulation_names_what_it_does_not_know(ready: Connection, town: City) -> None:
    with pytest.raises(InputError, match="channel 'fax' is not known; choose one of: hotline, public"):
        simulate(ready, town, "fax", ReportFilter())
    with pytest.raises(InputError, match=r"table of rules 'x' is not known; choose one of: duties\.csv"):
        simulate(ready, town, "hotline", ReportFilter(), Trial(without=["x"]))


# Files


def test_a_row_without_an_id_comes_in_once(ready: Connection, town: City, tmp_path: Path) -> None:
    nameless = row("", "1")
    _, taken = import_reports(
        ready, town, write(tmp_path, nameless, row("", "2"), nameless), COLUMNS, tmp_path / "uploads"
    )
    assert (taken.new, taken.repeated) == (2, 1)
    _, again = import_reports(
        ready, town, write(tmp_path, nameless, row("b"), name="more.csv"), COLUMNS, tmp_path / "uploads"
    )
    assert (again.new, again.repeated) == (1, 1)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (row("x", reported_at="2026-06-01T12:00:00"), "row 2: .*is a time without its zone"),
        (row("x", reported_at=""), "row 2: reported_at is missing"),
        (row("x", reported_at="yesterday"), "row 2: reported_at 'yesterday' is not a time such as"),
        (row("x", reported_at="0001-01-01T00:00:00+14:00"), "row 2: .*is not between 1970 and 2200"),
        (row("x", reported_at="2199-12-31T23:59:59+08:00"), "row 2: reported_at .*is yet to come"),
        (row("x", closed_at="9999-12-31T23:59:59-12:00"), "row 2: .*closed_at .*is not between 1970 and 2200"),
        (row("x", lon="east"), "row 2: lon 'east' is not a number"),
        (row("x", lon="nan"), "row 2: .*longitude nan, latitude .*is not on the earth"),
        (row("x", lon="31.4", lat="104.6"), r"row 2: .*is not on the earth \(longitude and latitude swapped\?\)"),
        (row("x", lon=""), "row 2: .*longitude and latitude are given together"),
        (row("x" * 201), "row 2: .*an external id has 1 to 200 characters"),
        (row("x", address="Main Street, corner"), "row 2: it has more cells than the header names"),
        (row("x", address="Main\0Street"), r"row 2: address holds a control character, .*'Main\\x00Street'"),
        (row("\x1b[31mx"), "row 2: external_id holds a control character"),
        (row("x", department="\x7f"), "row 2: department holds a control character"),
        (row("x", lon="15", lat="0"), "row 2: report hotline/x: .*cannot be projected"),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_stored(
    ready: Connection, town: City, tmp_path: Path, wrong: dict[str, str], message: str
) -> None:
    before = current_checksum(ready)
    with pytest.raises(FileError, match=rf"reports\.csv: {message}"):
        take_file(ready, town, write(tmp_path, row("a"), wrong, row("c")))
    assert (current_checksum(ready), count(ready, "import_batch")) == (before, 0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"the file is empty \(0 bytes\)"),
        (b"\n", "it is empty: not even a header line"),
        (HEADER.encode() + b"\n", "it holds no reports"),
        (
            HEADER.replace("lon", "long").encode() + b"\n",
            "it has no column 'lon' for lon; its columns are: external_id",
        ),
        (HEADER.encode() + b",lon\n", "the column 'lon' stands in it twice"),
        ("名称".encode("gbk"), "it cannot be read as CSV in UTF-8: "),
        (HEADER.encode() + b"\nx,LITTER\n", "row 1: it has fewer cells than the header names; is the file cut off"),
        (HEADER.encode() + b'\nx,"LITTER\n', "it cannot be read as CSV in UTF-8 after line 1: unexpected end of data"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_why(
    ready: Connection, town: City, tmp_path: Path, content: bytes, message: str
) -> None:
    file = tmp_path / "reports.csv"
    file.write_bytes(content)
    before = current_checksum(ready)
    with pytest.raises(FileError, match=rf"reports\.csv: {message}"):
        take_file(ready, town, file)
    assert current_checksum(ready) == before


def _packed() -> bytes:
    return gzip.compress(table(*(row(str(n)) for n in range(3_000))).encode())


@pytest.mark.parametrize(
    "content",
    [b"plain text", _packed()[:8_000], _packed()[:2_000] + bytes(500)],
    ids=["not gzip", "cut off", "damaged"],
)
def test_a_damaged_archive_is_told(ready: Connection, town: City, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "reports.csv.gz"
    file.write_bytes(content)
    with pytest.raises(FileError, match=r"reports\.csv\.gz: .*(cannot be read as CSV in UTF-8|is the file cut off)"):
        take_file(ready, town, file)
    assert count(ready, "report") == 0


def test_names_in_quotation_marks_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    file = tmp_path / "reports.csv"
    text = f'{HEADER}\nx,LITTER,2026-06-01T12:00:00+08:00,,,,"1, Main ""Street""",\n'
    file.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert [report.address for report in read_reports(file, COLUMNS)] == ['1, Main "Street"']


def test_a_field_that_reports_do_not_have_is_named() -> None:
    with pytest.raises(InputError, match="field of reports 'colour' is not known; choose one of: external_id"):
        Columns(channel="hotline", fields={"colour": "c"})


def test_an_unknown_channel_in_a_file_is_named_with_its_row(ready: Connection, town: City, tmp_path: Path) -> None:
    columns = Columns(channel=None, fields={**COLUMNS.fields, "channel": "department"})
    rows = [row(str(n), department="hotline") for n in range(LOT + 5)]
    file = write(tmp_path, *rows, row("x", department="fax"))
    with pytest.raises(FileError, match=rf"reports\.csv: row {LOT + 6}: report x: channel 'fax' is not known; known: "):
        import_reports(ready, town, file, columns, tmp_path / "uploads")
    assert count(ready, "report") == 0


def test_a_position_too_vague_is_no_position(ready: Connection, town: City, tmp_path: Path) -> None:
    columns = Columns(channel="hotline", fields={**COLUMNS.fields, "accuracy_m": "address"})
    file = write(tmp_path, row("good", address="2000"), row("vague", address="2000.5"))
    _, taken = import_reports(ready, town, file, columns, tmp_path / "uploads")
    assert (taken.new, taken.manual) == (2, {"ambiguous": 1, "no_location": 1})
    query = "SELECT recorded ->> 'position_left_out' FROM report WHERE external_id = 'vague' AND geom IS NULL"
    told = ready.execute(query).fetchone()
    assert told is not None
    assert told[0].endswith("accuracy 2000.5 m is worse than 2000 m")
    wrong = write(tmp_path, row("negative", address="-1"), name="negative.csv")
    with pytest.raises(FileError, match=r"row 1: .*accuracy -1.0 m is not between 0 and 2000 m"):
        import_reports(ready, town, wrong, columns, tmp_path / "uploads")


def test_a_repeat_says_what_differs(ready: Connection, town: City) -> None:
    first = made.report("a", TOWN.lonlat("1"))
    assert take_one(ready, town, first).differs is None
    assert take_one(ready, town, first).differs == {}
    lon, lat = TOWN.lonlat("2")
    moved = replace(first, lon=lon, lat=lat, address="there")
    assert take_one(ready, town, moved).differs == {"address": "there", "lon": lon, "lat": lat}


def test_what_is_yet_to_come_cannot_be_reported(ready: Connection, town: City) -> None:
    now = datetime.now(UTC)
    with pytest.raises(InputError, match=r"reported_at .* is yet to come"):
        take_one(ready, town, made.report("a", reported_at=now + timedelta(hours=25)))
    assert take_one(ready, town, made.report("a", reported_at=now + timedelta(hours=23))).new


def test_a_condition_that_the_subclass_has_not_is_refused_or_counted(
    ready: Connection, town: City, tmp_path: Path
) -> None:
    """Refused from a single caller and as one of many, also by the channel's word; a file is kept."""
    word = made.report("w", TOWN.lonlat("1"), kind=None, subclass_code=None, category="LITTER", condition="moonlight")
    for report in (word, made.report("c", TOWN.lonlat("1"), condition="moonlight")):
        with pytest.raises(InputError, match="condition 'moonlight' is not known"):
            take_one(ready, town, report)
    wrong, right = take_many(ready, town, [word, replace(word, condition=None)])
    assert "condition 'moonlight' is not known" in (wrong.error or "")
    assert (right.error, right.new) == (None, True)
    file = tmp_path / "conditions.csv"
    lines = [f"f{n},LITTER,2026-06-01T12:00:00+08:00,{said}" for n, said in enumerate(["moonlight", "", "sunshine"])]
    file.write_text("\n".join(["external_id,category,reported_at,condition", *lines, ""]), encoding="utf-8")
    columns = Columns(channel="hotline", fields={name: name for name in COLUMNS_OF_CONDITIONS})
    _, taken = import_reports(ready, town, file, columns, tmp_path / "uploads")
    assert (taken.new, taken.unknown_conditions) == (3, 2)
    counts = ready.execute("SELECT counts ->> 'unknown_conditions' FROM import_batch").fetchone()
    assert counts == ("2",)


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        (None, datetime(9999, 12, 31), "the day 9999-12-31 is not between 1970 and 2200"),
        (datetime(2026, 6, 2), datetime(2026, 6, 1), "the last day 2026-06-01 is before the first day 2026-06-02"),
    ],
)
def test_days_that_no_report_can_have_are_refused(
    town: City, first: datetime | None, last: datetime, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        days_of(town, first, last)


def test_days_are_the_citys_own_and_both_included(town: City) -> None:
    found = days_of(town, datetime(2026, 6, 1), datetime(2026, 6, 1))
    assert (found.from_time, found.to_time) == (
        datetime(2026, 5, 31, 16, tzinfo=UTC),
        datetime(2026, 6, 1, 16, tzinfo=UTC),
    )


def test_a_record_without_a_located_area_is_counted(ready: Connection, town: City) -> None:
    recorded = {"recorded": {"grid": "w"}}
    take_in(
        ready,
        town,
        [made.report("in", TOWN.lonlat("1"), **recorded), made.report("out", TOWN.lonlat("9"), **recorded),
         made.report("none", **recorded), made.report("unsaid", TOWN.lonlat("1"))],
    )  # fmt: skip
    found = compare(ready, "hotline", "grid", ReportFilter())
    assert (found.compared, found.same, found.not_recorded, found.not_located) == (1, 1, 1, 2)


# Committed data


@pytest.fixture(scope="module")
def committed(cloned: Callable[[str], "contextmanager[str]"]) -> Iterator[str]:
    with cloned("intake_committed") as url:
        with connect(url) as conn, conn.transaction():
            prepare(conn)
        yield url


def test_two_tables_loaded_at_once_are_two_revisions(committed: str) -> None:
    def load() -> int:
        with connect(committed) as conn, conn.transaction():
            return duties.add_duty_rules(conn, "other.csv", [made.rule("east", subclass_code="0111")])[0]

    with ThreadPoolExecutor(1) as pool, connect(committed) as conn:
        with conn.transaction():
            first, _ = duties.add_duty_rules(conn, "one.csv", [made.rule("west", subclass_code="0111")])
            second = pool.submit(load)
            assert wait([second], timeout=0.5).not_done
        assert second.result() == first + 1


def test_twenty_at_once_are_one_report(committed: str) -> None:
    def send(n: int) -> tuple[bool, int]:
        with connect(committed) as conn:
            taken = take_one(conn, the_city(conn), made.report("same", TOWN.lonlat("1"), description=str(n)))
            found = find_report(conn, taken.id)
            assert found is not None
            return taken.new, found["case_id"]

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(send, range(20)))
    assert sum(new for new, _ in answers) == 1
    assert len({case for _, case in answers}) == 1
    with connect(committed) as conn:
        assert [count(conn, t) for t in ("report", "routing_decision", "cases", "report_repeat")] == [1, 1, 1, 19]


# What getrusage tells may be the peak of the process that started this one
PROGRAM = """
import json, re, sys
from pathlib import Path
from gridsvc.casework.files import import_reports
from gridsvc.store.city import the_city
from gridsvc.store.connection import connect
from tests.casework.test_intake import COLUMNS
peaks = []
with connect(sys.argv[1]) as conn:
    for file in sys.argv[2:]:
        import_reports(conn, the_city(conn), Path(file), COLUMNS, Path(file).parent / "uploads")
        peaks.append(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]))
print(json.dumps(peaks))
"""


def test_memory_does_not_grow_with_the_number_of_reports(committed: str, tmp_path: Path) -> None:
    files = []
    for many in (6_000, 36_000):
        rows = (row(f"{many}-{n}", "12"[n % 2], address="x" * 200) for n in range(many))
        files.append(str(write(tmp_path, *rows, name=f"{many}.csv")))
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, committed, *files], capture_output=True, text=True, check=True
    )
    first, second = json.loads(done.stdout)
    assert second - first < 12_000, f"{first} kB after 6,000 reports, {second} kB after 36,000 more"
    assert second < 1_000_000


def together(*tasks: Callable[[], Any]) -> list[Any]:
    """What each returns or raises when all run at once."""

    def run(task: Callable[[], Any]) -> Any:
        try:
            return task()
        except GridsvcError as error:
            return error

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def taking(url: str, file: Path) -> Callable[[], int]:
    def take() -> int:
        with connect(url) as conn:
            return take_file(conn, the_city(conn), file)[1].new

    return take


def test_one_file_at_once_comes_in_once(committed: str, tmp_path: Path) -> None:
    file = write(tmp_path, *(row(f"once-{n}") for n in range(500)))
    found = together(*[taking(committed, file)] * 4)
    assert [answer for answer in found if isinstance(answer, int)] == [500]
    assert sum(isinstance(answer, ConflictError) for answer in found) == 3


def test_files_in_another_order_do_not_wait_for_one_another(committed: str, tmp_path: Path) -> None:
    """More than one lot each, while single reports of the same names come in."""
    rows = [row(f"cross-{n}") for n in range(3 * LOT)]
    files = [write(tmp_path, *rows, name="up.csv"), write(tmp_path, *reversed(rows), name="down.csv")]

    def single() -> int:
        with connect(committed) as conn:
            names = [f"cross-{n}" for n in range(0, 3 * LOT, 150)]
            return sum(take_one(conn, the_city(conn), made.report(name, TOWN.lonlat("1"))).new for name in names)

    found = together(*[taking(committed, file) for file in files], single, single)
    assert sum(found) == 3 * LOT


def test_areas_wait_for_the_reports_that_are_coming_in(committed: str) -> None:
    with connect(committed) as conn, connect(committed) as other:
        draft = drafts.add_draft(other, "grid", None, "test")
        drafts.fill_draft(other, draft, the_city(other).srid, [("w", "w", "w", None, TOWN.polygon("acfd"))])
        other.execute("SET lock_timeout = '300ms'")
        with conn.transaction():
            take_in(conn, the_city(conn), [made.report("waits", TOWN.lonlat("1"))])
            with pytest.raises(LockNotAvailable):
                apply_draft(other, draft)
        apply_draft(other, draft)
