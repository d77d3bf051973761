"""Tables in: the catalogue, departments and duties; an error names file and line and nothing is loaded."""

import gzip
import shutil
from pathlib import Path

import pytest

from gridsvc import resources
from gridsvc.domain.duties import DutyRule
from gridsvc.errors import FileError
from gridsvc.ingest import tables
from gridsvc.store import areas, duties
from gridsvc.store import city as store
from gridsvc.store.connection import Connection
from tests import made

CATALOGUE = resources.folder("geodata/catalogue")
OWN = (
    "kind,class_code,class_zh,class_en,subclass_code,subclass_zh,subclass_en,geometry,geometry_allowed,"
    "accuracy_class,source\n"
)
DEPARTMENTS = "code,name_zh,name_en,parent,level,on_platform\n"
DUTIES = (
    "kind,class_code,subclass_code,area_kind,area_code,lane,lead,co_operating,supervising,priority,valid_from,"
    "valid_to,source\n"
)
LANES = "kind,class_code,subclass_code,area_kind,area_code,lane,priority,valid_from,valid_to,source,rule\n"
TAXONOMY = "channel,category,name_zh,name_en,kind,subclass_code\n"


def table(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def limited(conn: Connection, version: int) -> int:
    ((count,),) = conn.execute(
        "SELECT count(DISTINCT (kind, subclass_code)) FROM time_limit WHERE version = %s AND profile = 'default'",
        [version],
    ).fetchall()
    return int(count)


def test_the_standard_has_124_component_subclasses_in_five_classes(conn: Connection) -> None:
    found = store.subclasses(conn)
    standing = [s for s in found if s.kind == "component"]
    assert len({s.subclass_code for s in standing}) == len(standing) == 124
    assert {s.class_code for s in standing} == {"01", "02", "03", "04", "05"}
    assert all(s.geometry_allowed and s.accuracy_class for s in standing)
    assert limited(conn, 1) == len(found)


def test_the_standard_loaded_twice_is_one_version(conn: Connection) -> None:
    assert tables.load_catalogue(conn, CATALOGUE) == (1, False)


def test_own_subclasses_make_a_version_that_keeps_everything_else(conn: Connection, tmp_path: Path) -> None:
    before = store.subclasses(conn)
    own = table(
        tmp_path, "own.csv", f"{OWN}component,05,其他,Other,0588,许愿池,Wishing well,point,point|polygon,B,own\n"
    )
    assert tables.load_own_subclasses(conn, own) == (2, True)
    assert tables.load_own_subclasses(conn, own) == (0, False)
    after = store.subclasses(conn)
    assert {s.subclass_zh for s in after} - {s.subclass_zh for s in before} == {"许愿池"}
    assert len(after) == len(before) + 1
    assert limited(conn, 2) == limited(conn, 1) == len(before)


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        ("part,05,其他,Other,0588,许愿池,Wishing well,point,point,B,own", "kind is one of component, event"),
        ("component,05,其他,Other,588,许愿池,Wishing well,point,point,B,own", "a subclass code has four digits"),
        ("component,05,其他,Other,0188,许愿池,Wishing well,point,point,B,own", "does not begin with its class 05"),
        ("component,05,其他,Other,0588,许愿池,Wishing well,dot,dot,B,own", "geometry is one of point, line, polygon"),
        ("component,05,其他,Other,0588,许愿池,Wishing well,,,B,own", "which geometry is allowed"),
        ("component,05,其他,Other", "it has not as many cells as the header"),
    ],
)
def test_own_subclasses_that_are_wrong(conn: Connection, tmp_path: Path, row: str, cause: str) -> None:
    with pytest.raises(FileError, match=rf"own\.csv: line 2: .*{cause}"):
        tables.load_own_subclasses(conn, table(tmp_path, "own.csv", f"{OWN}{row}\n"))


@pytest.mark.parametrize(
    ("name", "old", "new", "cause"),
    [
        ("components_124.csv", "\n01,公用设施,Public utilities,0102", "\n01,公用设施,Public utilities,0101",
         r"components_124\.csv: line 3: the same thing stands at line 2 already"),
        ("components_124.csv", "point,point,A,gbt", "point,dot,A,gbt",
         r"components_124\.csv: line 2: .*geometry is one of"),
        ("components_124.csv", "geometry_allowed", "allowed", "the column 'geometry_allowed' is missing"),
        ("components_124.csv", "facilities,0599", "facilities,0588",
         r"deadlines\.csv: line \d+: component subclass 0599 is not in the catalogue"),
        ("deadlines.csv", "urgent_hours", "minutes", r"deadlines\.csv: line 2: .*unit 'minutes' is not one of"),
        ("deadlines.csv", ",2,urgent_hours", ",two,urgent_hours", r"deadlines\.csv: line 2: invalid literal"),
        ("deadlines.csv", "\n0101,", "\n0001,", r"deadlines\.csv: line \d+: component subclass 0001 is not in"),
        ("deadlines_city_yuncheng.csv", "\n0101,", "\n0001,", r"yuncheng\.csv: line \d+: component subclass 0001"),
        ("deadlines_city_yuncheng.csv", ",2,urgent_hours", ",0,urgent_hours", r"csv: line 2: .*not above zero"),
        ("component_code_evidence.csv", ",0101,found", ",101,found",
         r"components_124\.csv: line 2: .*national code '101' has not four digits"),
    ],
)  # fmt: skip
def test_a_broken_catalogue_is_refused(
    conn: Connection, tmp_path: Path, name: str, old: str, new: str, cause: str
) -> None:
    folder = tmp_path / "catalogue"
    shutil.copytree(CATALOGUE, folder)
    text = (folder / name).read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FileError, match=cause):
        tables.load_catalogue(conn, folder)


def test_a_catalogue_with_a_row_too_few(conn: Connection, tmp_path: Path) -> None:
    folder = tmp_path / "catalogue"
    shutil.copytree(CATALOGUE, folder)
    for name in ("components_124.csv", "deadlines.csv", "deadlines_city_yuncheng.csv"):
        lines = (folder / name).read_text(encoding="utf-8-sig").splitlines()
        kept = [line for line in lines if ",路灯," not in line]
        (folder / name).write_text("\n".join(kept), encoding="utf-8")
    with pytest.raises(FileError, match="123 component subclasses in 5 classes, not 124 in 5"):
        tables.load_catalogue(conn, folder)


def test_a_subclass_without_a_limit(conn: Connection, tmp_path: Path) -> None:
    folder = tmp_path / "catalogue"
    shutil.copytree(CATALOGUE, folder)
    lines = (folder / "deadlines.csv").read_text(encoding="utf-8-sig").splitlines()
    (folder / "deadlines.csv").write_text("\n".join(line for line in lines if not line.startswith("0599,")))
    with pytest.raises(FileError, match="no time limit for component 0599"):
        tables.load_catalogue(conn, folder)


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "it is empty: not even a header line"),
        ("code,名称\nA,东\n".encode("gbk"), "it cannot be read as CSV in UTF-8 after line"),
        (b'code,name\nA,"open\n', "it cannot be read as CSV in UTF-8 after line"),
        (b"name\nA\n", "the column 'code' is missing"),
        (b"code,name\nA,b,c\n", "line 2: it has not as many cells as the header"),
        (b'code,name\n"A\nB",b\nA\n', "line 4: it has not as many cells"),
    ],
)
def test_a_file_that_is_no_table(tmp_path: Path, content: bytes, cause: str) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    with pytest.raises(FileError, match=rf"x\.csv: {cause}"):
        tables.read_table(tmp_path / "x.csv", lambda row: row["code"])


def test_a_gzipped_table(tmp_path: Path) -> None:
    whole = gzip.compress("\ufeffcode\n东\n".encode())
    (tmp_path / "x.csv.gz").write_bytes(whole)
    assert tables.read_table(tmp_path / "x.csv.gz", lambda row: row["code"]) == ["东"]
    for broken in (whole[:-9], b"plain"):
        (tmp_path / "x.csv.gz").write_bytes(broken)
        with pytest.raises(FileError, match="it cannot be read as CSV"):
            tables.read_table(tmp_path / "x.csv.gz", lambda row: row["code"])
    with pytest.raises(FileError, match="there is no such file"):
        tables.read_table(tmp_path / "none.csv", dict)


def test_departments_come_in_with_parents_first_and_only_once(conn: Connection, tmp_path: Path) -> None:
    text = f"{DEPARTMENTS}C,丙,C,B,unit,no\nB,乙,B,A,district,yes\nA,甲,A,,city,TRUE\n"
    for _ in range(2):
        assert tables.load_departments(conn, table(tmp_path, "departments.csv", text)) == 3
    found = store.departments(conn)
    assert [(d.code, d.parent, d.on_platform) for d in found] == [
        ("A", None, True),
        ("B", "A", True),
        ("C", "B", False),
    ]


@pytest.mark.parametrize(
    ("rows", "cause"),
    [
        ("A,甲,A,B,city,true\nB,乙,B,A,city,true", "department A: stands above itself by way of A"),
        ("A,甲,A,A,city,true", "department A: stands above itself"),
        ("A,甲,A,Z,city,true", "department A: its parent Z does not exist"),
        ("A,甲,A,,town,true", "line 2: department A: level 'town' is not one of city, district"),
        ("A,甲,A,,city,maybe", "line 2: 'maybe' is neither true nor false"),
        ("A,甲,A,,city,true\nA,甲,A,,city,true", "line 3: the same thing stands at line 2 already"),
        (",甲,A,,city,true", "a department has no code"),
    ],
)
def test_departments_that_are_wrong(conn: Connection, tmp_path: Path, rows: str, cause: str) -> None:
    with pytest.raises(FileError, match=rf"departments\.csv: {cause}"):
        tables.load_departments(conn, table(tmp_path, "departments.csv", f"{DEPARTMENTS}{rows}\n"))
    assert store.departments(conn) == []


def test_duties_come_in_once(conn: Connection, tmp_path: Path) -> None:
    made.put_departments(conn, "A", "B")
    areas.declare_kinds(conn, [made.kind("community")])
    rows = "event,,0110,,,,A,B; ,A,,,,own\nevent,01,,community,C1,self,B,,,5,2026-01-01,2026-12-31,own\n"
    file = table(tmp_path, "duties.csv", DUTIES + rows)
    assert tables.load_duties(conn, file) == (2, True)
    assert tables.load_duties(conn, file) == (2, False)
    first, second = duties.duty_rules(conn)
    assert isinstance(first, DutyRule)
    assert (first.class_code, first.subclass_code, first.lane, first.co_operating) == (
        "01",
        "0110",
        "dispatched",
        ("B",),
    )
    assert (second.area_kind, second.area_code, second.priority) == ("community", "C1", 5)


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        ("event,,0110,,,,Z,,,,,,own", "department Z does not exist"),
        ("event,,0110,,,,,,,,,,own", r"department \(none\) does not exist"),
        ("event,,0110,,,,A,Y;Z,,,,,own", "department Y does not exist"),
        ("event,,0110,,,,A,,Z,,,,own", "department Z does not exist"),
        ("event,,0001,,,,A,,,,,,own", "event subclass 0001 is not in the catalogue"),
        ("thing,,0110,,,,A,,,,,,own", "thing subclass 0110 is not in the catalogue"),
        ("event,77,,,,,A,,,,,,own", "event class 77 is not in the catalogue"),
        ("event,,,,,,A,,,,,,own", "it names neither a class nor a subclass"),
        ("event,,0110,block,B1,,A,,,,,,own", "area kind 'block' is not known; choose one of: community"),
        ("event,,0110,community,,,A,,,,,,own", "area_kind and area_code go together"),
        ("event,,0110,,C1,,A,,,,,,own", "area_kind and area_code go together"),
        ("event,,0110,,,bus,A,,,,,,own", "lane is one of"),
        ("event,,0110,,,,A,,,high,,,own", "invalid literal for int"),
        ("event,,0110,,,,A,,,,2026-02-30,,own", "day is out of range"),
        ("event,,0110,,,,A,,,,,31.12.2026,own", "Invalid isoformat string: '31.12.2026'"),
        ("event,,0110,,,,A,,,,2026-02-01,2026-01-01,own", "ends before it begins"),
    ],
)
def test_duties_that_are_wrong(conn: Connection, tmp_path: Path, row: str, cause: str) -> None:
    made.put_departments(conn, "A")
    areas.declare_kinds(conn, [made.kind("community")])
    good = "event,,0110,,,,A,,,,,,own"
    with pytest.raises(FileError, match=rf"duties\.csv: line 3: .*{cause}"):
        tables.load_duties(conn, table(tmp_path, "duties.csv", f"{DUTIES}{good}\n{row}\n"))
    assert duties.duty_rules(conn) == []


def test_rules_keep_the_names_that_the_city_gives_them(conn: Connection, tmp_path: Path) -> None:
    made.put_departments(conn, "A")
    head = DUTIES.replace("source\n", "source,rule\n")
    tables.load_duties(conn, table(tmp_path, "duties.csv", f"{head}event,,0110,,,,A,,,,,,own,R7\n"))
    assert [(rule.name, rule.label) for rule in duties.duty_rules(conn)] == [("R7", "R7")]
    tables.load_duties(conn, table(tmp_path, "duties.csv", f"{DUTIES}event,,0110,,,,A,,,,,,own\n"))
    assert [(rule.name, rule.label == str(rule.id)) for rule in duties.duty_rules(conn)] == [(None, True)]


def test_lanes_come_in_once_and_a_newer_table_replaces_the_old_one(conn: Connection, tmp_path: Path) -> None:
    areas.declare_kinds(conn, [made.kind("community")])
    rows = "event,,0110,,,self,,,,own,L1\nevent,01,,community,C1,enforcement,5,2026-01-01,2026-12-31,own,L2\n"
    file = table(tmp_path, "lanes.csv", LANES + rows)
    assert tables.load_lanes(conn, file) == (2, True)
    assert tables.load_lanes(conn, file) == (2, False)
    first, second = duties.lane_rules(conn)
    assert (first.class_code, first.subclass_code, first.lane, first.name) == ("01", "0110", "self", "L1")
    assert (second.subclass_code, second.area_code, second.lane, second.priority) == (None, "C1", "enforcement", 5)
    tables.load_lanes(conn, table(tmp_path, "lanes.csv", f"{LANES}event,,0110,,,enforcement,,,,own,L3\n"))
    assert [rule.name for rule in duties.lane_rules(conn)] == ["L3"]


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        ("event,,0110,,,,,,,own,", "lane is one of self, dispatched, enforcement"),
        ("event,,0001,,,self,,,,own,", "event subclass 0001 is not in the catalogue"),
        ("event,,0110,block,B1,self,,,,own,", "area kind 'block' is not known; choose one of: community"),
        ("event,,0110,,,self,,2026-02-01,2026-01-01,own,", "ends before it begins"),
    ],
)
def test_lanes_that_are_wrong(conn: Connection, tmp_path: Path, row: str, cause: str) -> None:
    areas.declare_kinds(conn, [made.kind("community")])
    with pytest.raises(FileError, match=rf"lanes\.csv: line 2: .*{cause}"):
        tables.load_lanes(conn, table(tmp_path, "lanes.csv", f"{LANES}{row}\n"))
    assert duties.lane_rules(conn) == []


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        ("hotline,x,甲,A,event,0001", "event subclass 0001 is not in the catalogue"),
        ("telex,x,甲,A,event,0110", "channel 'telex' is not known; choose one of: hotline"),
    ],
)
def test_taxonomies_that_are_wrong(conn: Connection, tmp_path: Path, row: str, cause: str) -> None:
    made.put_channel(conn)
    with pytest.raises(FileError, match=rf"taxonomy\.csv: line 2: {cause}"):
        tables.load_taxonomy(conn, table(tmp_path, "taxonomy.csv", f"{TAXONOMY}{row}\n"))


def test_a_nul_character_is_named_by_its_line(conn: Connection, tmp_path: Path) -> None:
    departments = table(tmp_path, "departments.csv", f"{DEPARTMENTS}A,甲,A,,city,true\nB,乙\0,B,,city,true\n")
    with pytest.raises(FileError, match=r"departments\.csv: line 3: it holds a NUL character"):
        tables.load_departments(conn, departments)
    file = table(tmp_path, "duties.csv", f"{DUTIES}component,,0599,,,,A\0,,,,,,own\n")
    with pytest.raises(FileError, match=r"duties\.csv: line 2: it holds a NUL character"):
        tables.load_duties(conn, file)
