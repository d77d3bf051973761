"""A city in a folder: every slip is named before anything is loaded, and loading twice changes nothing."""

import gzip
from datetime import date
from pathlib import Path

import pytest

from gridsvc import resources
from gridsvc.areas import apply
from gridsvc.cli import load
from gridsvc.cli.city_folder import read_city_folder
from gridsvc.cli.samples import sample_folder
from gridsvc.config import Settings
from gridsvc.errors import FileError, InputError, NotFoundError
from gridsvc.ingest.teams import load_teams
from gridsvc.store import areas, batches, city, clocks, components, drafts, duties, rosters
from gridsvc.store.connection import Connection
from tests.ingest.layers import TOWN, points, write

CITY = """
[city]
name_zh = "小城"
name_en = "Small town"
crs = "EPSG:4544"
district_code = "510703"
time_zone = "Asia/Shanghai"
heat_kind = "responsibility_grid"

[[area_kinds]]
kind = "district"
name_zh = "区"
name_en = "District"
must_tile = true
code_scheme = "district"

[[area_kinds]]
kind = "responsibility_grid"
name_zh = "责任网格"
name_en = "Responsibility grid"
specificity = 30

[[area_kinds]]
kind = "sub_grid"
name_zh = "子网格"
name_en = "Sub-grid"
parent = "responsibility_grid"
specificity = 40

[[areas]]
layer = "district"
file = "district.zip"
kind = "district"
fields = { code = { value = "510703" } }

[[areas]]
layer = "grids"
file = "grids.zip"
kind = "responsibility_grid"
fields = { code = "CODE" }

[[splits]]
parent = "responsibility_grid"
into = "sub_grid"
parts = 4

[[components]]
layer = "lamps"
file = "lamps.zip"
subclass = "0599"
set_aside = ["inside_city"]

[tables]
departments = "departments.csv"
subclasses = "subclasses.csv"
taxonomy = "taxonomy.csv"
duties = ["duties.csv"]

[[channels]]
channel = "hotline"
name_zh = "热线"
name_en = "Hotline"
confirmed = true

[[reports]]
file = "reports.csv.gz"
channel = "hotline"
[reports.fields]
external_id = "ID"
category = "WHAT"
reported_at = "AT"
lon = "LON"
lat = "LAT"
"""
TABLES = {
    "departments.csv": "code,name_zh,name_en,parent,level,on_platform\nA,甲,A,,city,true\n",
    "subclasses.csv": (
        "kind,class_code,class_zh,class_en,subclass_code,subclass_zh,subclass_en,geometry,geometry_allowed,"
        "accuracy_class,source\nevent,01,市容环境,City appearance,0197,涂写,Scribbles,,,,own\n"
    ),
    "taxonomy.csv": "channel,category,name_zh,name_en,kind,subclass_code\nhotline,scribble,涂写,Scribbles,event,0197\n",
    "duties.csv": (
        "kind,class_code,subclass_code,area_kind,area_code,lane,lead,co_operating,supervising,priority,valid_from,"
        "valid_to,source\nevent,,0197,,,,A,,,,,,own\n"
    ),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "small-town"
    made.mkdir()
    (made / "city.toml").write_text(CITY, encoding="utf-8")
    for name, text in TABLES.items():
        (made / name).write_text(text, encoding="utf-8")
    write(made / "district.zip", [TOWN.polygon("acfd")])
    write(made / "grids.zip", [TOWN.polygon("abed"), TOWN.polygon("bcfe")], CODE=["G1", "G2"])
    write(made / "lamps.zip", points("1234"))
    lon, lat = TOWN.lonlat("1")
    rows = f"ID,WHAT,AT,LON,LAT\nR1,scribble,2026-06-01T12:00:00+08:00,{lon},{lat}\nR2,noise,2026-06-01T12:00:00Z,,\n"
    (made / "reports.csv.gz").write_bytes(gzip.compress(rows.encode()))
    return made


def bring(conn: Connection, folder: Path) -> list[str]:
    said: list[str] = []
    settings = Settings(data_folder=folder.parent / "data")
    load.load_city(conn, read_city_folder(folder), settings, lambda what, figures, _: said.append(f"{what}: {figures}"))
    return said


def counts(conn: Connection) -> dict[str, int]:
    names = ("area", "component", "report", "cases", "department", "duty_rule", "catalogue_version", "import_batch")
    query = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in names)  # noqa: S608  our own names
    return dict(conn.execute(query).fetchall())  # type: ignore[call-overload]


def test_distances_of_near_come_from_the_folder(folder: Path) -> None:
    file = folder / "city.toml"
    file.write_text(f'{CITY}\n[near]\n"0221" = 0\n"0599" = 1.5\n', encoding="utf-8")
    assert read_city_folder(folder).near == {"0221": 0.0, "0599": 1.5}


@pytest.mark.parametrize(
    "wrong", ['"221" = 0', '"0221" = -1', '"0221" = 101', '"0221" = nan', '"0221" = true', '"0221" = "1"']
)
def test_distances_of_near_that_make_no_sense(folder: Path, wrong: str) -> None:
    (folder / "city.toml").write_text(f"{CITY}\n[near]\n{wrong}\n", encoding="utf-8")
    with pytest.raises(FileError, match="near: "):
        read_city_folder(folder)


def test_loading_twice_changes_nothing(conn: Connection, folder: Path) -> None:
    assert bring(conn, folder) == [
        "Tables: 3 kinds of area, 1 departments, 1 categories, 1 duty rules",
        "Areas: 1 district, 2 responsibility_grid, 8 sub_grid",
        "Components: 4 in 1 layers",
        "Reports: 2 new, 0 repeated; 1 routed automatically, 1 at the manual desk",
    ]
    before, checksum = counts(conn), components.current_checksum(conn)
    assert before == {
        "area": 11, "component": 4, "report": 2, "cases": 1, "department": 1, "duty_rule": 1, "catalogue_version": 2,
        "import_batch": 4,
    }  # fmt: skip
    again = bring(conn, folder)
    assert again[1:] == ["Areas: all there", "Components: all there", "Reports: all there"]
    assert counts(conn) == before
    assert components.current_checksum(conn) == checksum


def test_a_run_cut_short_between_draft_and_force_is_taken_up(
    conn: Connection, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr(load, "apply_draft", killed)
        with pytest.raises(KeyboardInterrupt):
            bring(conn, folder)
    assert areas.area_count(conn, "district") == 0
    assert bring(conn, folder)[1] == "Areas: 1 district, 2 responsibility_grid, 8 sub_grid"
    assert apply.apply_draft is load.apply_draft


def test_areas_that_others_drew_later_stay(conn: Connection, folder: Path) -> None:
    bring(conn, folder)
    city = read_city_folder(folder).city
    draft = drafts.add_draft(conn, "responsibility_grid", None, "by hand")
    drafts.fill_draft(conn, draft, city.srid, [("X", "X", "X", None, TOWN.polygon("acfd"))])
    apply.apply_draft(conn, draft)
    assert bring(conn, folder)[1] == "Areas: 4 sub_grid"
    assert [area.code for area in areas.areas_in_force(conn, "responsibility_grid")] == ["X"]


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        ("[city]", "[city", "it is not TOML in UTF-8"),
        ("[[splits]]", "[[split]]", "section 'split' is not known; choose one of: city"),
        ("crs =", "csr =", r"key of \[city\] 'csr' is not known; choose one of: name_zh"),
        ('name_zh = "小城"', "", "a key is missing or not known, or its value is of the wrong type: 'name_zh'"),
        ("EPSG:4544", "EPSG:4490", "has the unit degree"),
        ('"510703"\ntime', '"5107"\ntime', "district_code '5107' is not six digits"),
        ("Asia/Shanghai", "Asia/Mianyang", "time_zone 'Asia/Mianyang' is not known"),
        ('heat_kind = "resp', 'heat_kind = "irresp', "area kind 'irresponsibility_grid' is not known"),
        ("specificity = 30", "specific = 30", "a key is missing or not known.*'specific'"),
        ('parent = "responsibility_grid"\nspec', 'parent = "ward"\nspec', "area kind 'ward' is not known"),
        ('into = "sub_grid"', 'into = "quarter"', "area kind 'quarter' is not known; choose one of: district"),
        ('kind = "responsibility_grid"\nfields', 'kind = "ward"\nfields', "area kind 'ward' is not known"),
        ('{ code = "CODE" }', '{ cod = "CODE" }', "field of layer grids 'cod' is not known; choose one of: code"),
        ("set_aside", "set_asside", "key of layer lamps 'set_asside' is not known; choose one of: layer, file"),
        ('"inside_city"', '"outside"', "set_aside of layer lamps: rule 'outside' is not known"),
        ('"lamps.zip"', '"trees.zip"', r"the file trees\.zip is named but not there"),
        ("taxonomy =", "taxonmy =", r"key of \[tables\] 'taxonmy' is not known"),
        ("[tables]", "[reports]", "it is not TOML"),
        ("confirmed = true", "sure = true", "a key is missing or not known.*'sure'"),
        ("lat = ", "latitude = ", "field of reports 'latitude' is not known"),
        ("district_code = ", "district_code = 5 #", "its value is of the wrong type"),
    ],
)
def test_slips_are_named(folder: Path, old: str, new: str, cause: str) -> None:
    text = CITY.replace(old, new, 1)
    assert text != CITY
    (folder / "city.toml").write_text(text, encoding="utf-8")
    with pytest.raises(FileError, match=rf"city\.toml: .*{cause}"):
        read_city_folder(folder)


def test_no_city_there(folder: Path) -> None:
    with pytest.raises(FileError, match=r"nowhere/city\.toml: there is no such file; a city is a folder"):
        read_city_folder(folder / "nowhere")
    (folder / "city.toml").write_bytes(CITY.encode("gbk"))
    with pytest.raises(FileError, match="it is not TOML in UTF-8"):
        read_city_folder(folder)


def test_sample_cities_go_by_name_and_others_by_folder(folder: Path, tmp_path: Path) -> None:
    assert sample_folder("washington-dc", tmp_path, lambda *_: None).name == "washington-dc"
    assert sample_folder(str(folder), tmp_path, lambda *_: None) == folder
    with pytest.raises(NotFoundError, match="no sample city or folder 'atlantis'; samples: mianyang, washington-dc"):
        sample_folder("atlantis", tmp_path, lambda *_: None)


def test_a_table_that_is_wrong_stops_the_load(conn: Connection, folder: Path) -> None:
    (folder / "duties.csv").write_text(TABLES["duties.csv"].replace(",A,", ",Z,"), encoding="utf-8")
    with pytest.raises(FileError, match=r"duties\.csv: line 2: department Z does not exist"):
        bring(conn, folder)
    assert duties.duty_rules(conn) == []
    assert batches.batches(conn) == []


def test_a_table_of_duties_that_is_renamed_replaces_the_old_one(conn: Connection, folder: Path) -> None:
    bring(conn, folder)
    text = (folder / "duties.csv").read_text(encoding="utf-8")
    (folder / "list.csv").write_text(text.replace(",own", ",new"), encoding="utf-8")
    manifest = (folder / "city.toml").read_text(encoding="utf-8")
    (folder / "city.toml").write_text(manifest.replace("duties.csv", "list.csv"), encoding="utf-8")
    bring(conn, folder)
    assert [(rule.origin, rule.source) for rule in duties.duty_rules(conn)] == [("list.csv", "new")]


def test_lanes_and_the_fallback_department_come_in_and_go(conn: Connection, folder: Path) -> None:
    (folder / "lanes.csv").write_text(
        "kind,class_code,subclass_code,area_kind,area_code,lane,priority,valid_from,valid_to,source,rule\n"
        "event,,0197,,,self,,,,own,L1\n",
        encoding="utf-8",
    )
    without = (folder / "city.toml").read_text(encoding="utf-8")
    manifest = without.replace("[tables]", '[routing]\nfallback_department = "A"\n[tables]\nlanes = "lanes.csv"')
    (folder / "city.toml").write_text(manifest, encoding="utf-8")
    assert read_city_folder(folder).city.fallback_department == "A"
    assert "1 duty rules, 1 lane rules" in bring(conn, folder)[0]
    assert [(rule.name, rule.lane) for rule in duties.lane_rules(conn)] == [("L1", "self")]
    (folder / "city.toml").write_text(without, encoding="utf-8")
    bring(conn, folder)
    assert duties.lane_rules(conn) == []
    (folder / "city.toml").write_text(manifest.replace('department = "A"', 'department = "Z"'), encoding="utf-8")
    with pytest.raises(InputError, match="fallback_department 'Z' is not known; choose one of: A"):
        bring(conn, folder)


def test_own_subclasses_may_return_to_what_they_were(conn: Connection, folder: Path) -> None:
    first = TABLES["subclasses.csv"]
    for text in (first, first.replace("涂写", "涂鸦"), first, first.replace("涂写", "涂鸦")):
        (folder / "subclasses.csv").write_text(text, encoding="utf-8")
        bring(conn, folder)
        names = [s.subclass_zh for s in city.subclasses(conn) if (s.kind, s.subclass_code) == ("event", "0197")]
        assert names == ["涂鸦" if "涂鸦" in text else "涂写"]


TEAMS = (
    "template,template_zh,template_en,used_for,post,service,name_zh,name_en,service_zh,service_en,least,most,leads,"
    "elsewhere,source\nown,自定,Own,responsibility_grid sub_grid,head,,组长,leader,,,1,1,true,false,own\n"
    "own,自定,Own,responsibility_grid sub_grid,member,road,组员,member,道路,roads,1,,false,true,own\n"
)
ROSTER = (
    "area_kind,area_code,post,service,person\nresponsibility_grid,G1,组长,,甲\nresponsibility_grid,G1,组员,道路,乙\n"
)


def with_rosters(folder: Path, teams: str = TEAMS, roster: str = ROSTER, more: str = "") -> Path:
    (folder / "teams.csv").write_text(teams, encoding="utf-8")
    (folder / "people.csv").write_bytes(roster.encode("gbk"))
    text = CITY.replace("[tables]", '[tables]\nteams = "teams.csv"\nrosters = "people.csv"') + more
    (folder / "city.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_city_brings_its_own_teams_and_people_once(conn: Connection, folder: Path, tmp_path: Path) -> None:
    settings = Settings(data_folder=tmp_path / "data")
    said: list[tuple[str, str]] = []
    for _ in range(2):
        load.load_city(conn, read_city_folder(with_rosters(folder)), settings, lambda *one: said.append(one[:2]))
    assert [figures for what, figures in said if what == "Rosters"] == ["2 people in 1 areas", "all there"]
    assert "1 team templates" in said[0][1]
    assert rosters.team_uses(conn)["sub_grid"] == "own"
    assert len(rosters.entries_of(conn, "responsibility_grid", None)) == 2


def test_a_city_may_choose_a_team(conn: Connection, folder: Path) -> None:
    chosen = with_rosters(folder, more='[teams]\nsub_grid = "loudi"\n')
    load.load_tables(conn, read_city_folder(chosen))
    assert rosters.team_uses(conn) | {"sub_grid": "loudi", "responsibility_grid": "own"} == rosters.team_uses(conn)
    load_teams(conn, resources.folder("geodata/catalogue") / "teams.csv", first=True)
    assert rosters.team_uses(conn)["sub_grid"] == "loudi", "an upgrade leaves what the city chose"
    with pytest.raises(InputError, match="team template 'x' is not known"):
        load.load_tables(conn, read_city_folder(with_rosters(folder, more='[teams]\nsub_grid = "x"\n')))
    with pytest.raises(FileError, match="area kind 'park' is not known"):
        read_city_folder(with_rosters(folder, more='[teams]\npark = "loudi"\n'))


@pytest.mark.parametrize(("old", "new", "cause"), [
    ("自定,Own,responsibility_grid sub_grid,member", "别的,Own,responsibility_grid sub_grid,member",
     "line 3: of template own it says something else"),
    ("1,1,true,false", "1,1,yes,false", "line 2: 'yes' is neither true nor false"),
    ("1,1,true,false", "1,two,true,false", "line 2: invalid literal"),
    ("1,1,true,false", "2,1,true,false", "leader cannot be at least 2"),
    ("member,road,组员", "member,road,", "line 3: name_zh is empty"),
    ("least,most", "least,the_most", "the column 'most' is missing"),
])  # fmt: skip
def test_team_templates_with_slips(conn: Connection, folder: Path, old: str, new: str, cause: str) -> None:
    assert old in TEAMS
    with pytest.raises(FileError, match=cause):
        load.load_tables(conn, read_city_folder(with_rosters(folder, TEAMS.replace(old, new))))


CLOCKS = """
[work]
hours = { monday = "09:00-12:00 14:00-17:00", saturday = "09:00-12:00" }
holidays = "own"
years = [2027]
[limits]
profile = "yuncheng"
rework = "new_limit"
stages = { accept = 60 }
"""


def with_clocks(folder: Path, text: str = CLOCKS, days: str = "2027-01-01,holiday,元旦,New Year") -> Path:
    (folder / "calendar.csv").write_text(f"day,type,name_zh,name_en\n{days}\n", encoding="utf-8")
    manifest = CITY.replace("[tables]", '[tables]\ncalendar = "calendar.csv"') + text
    (folder / "city.toml").write_text(manifest, encoding="utf-8")
    return folder


def test_working_time_and_limits_come_from_the_folder(conn: Connection, folder: Path, town: city.City) -> None:
    for _ in range(2):
        figures = load.load_tables(conn, read_city_folder(with_clocks(folder)))
        assert "1 own days" in figures
    calendar, rules = clocks.clocks(conn, town)
    assert calendar.week == {1: ((540, 720), (840, 1020)), 6: ((540, 720),)}
    assert calendar.hours(date(2027, 1, 1)) == ()
    assert calendar.hours(date(2027, 1, 4)) == calendar.week[1]
    with pytest.raises(InputError, match="of 2026 are not known"):
        calendar.hours(date(2026, 1, 1))
    assert (rules.profile, rules.rework) == ("yuncheng", "new_limit")
    assert rules.stages == {"accept": 60}


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        ("monday", "moonday", "weekday 'moonday' is not known; choose one of: monday"),
        ('"09:00-12:00" }', "9 }", "hours of saturday are not a text"),
        ('"09:00-12:00" }', '"9-12" }', "hours '9-12' are not written as 08:00-12:00"),
        ("hours = {", "hours = {} #", "the working week has no hours at all"),
        ('"own"', '"us"', r"holidays of \[work\] 'us' is not known; choose one of: cn, own"),
        ("[2027]", '["2027"]', r"years of \[work\]: '2027' is not a year"),
        ("holidays =", "holiday =", r"key of \[work\] 'holiday' is not known"),
        ("new_limit", "later", r"rework of \[limits\] 'later' is not known; choose one of: first_limit, new_limit"),
        ("accept", "closing", "stage 'closing' is not known; choose one of: accept"),
        ("60", "0", "is not between 1 and"),
    ],
)
def test_slips_about_working_time_are_named(folder: Path, old: str, new: str, cause: str) -> None:
    text = CLOCKS.replace(old, new, 1)
    assert text != CLOCKS
    with pytest.raises(FileError, match=rf"city\.toml: .*{cause}"):
        read_city_folder(with_clocks(folder, text))


def test_slips_about_working_time_that_the_database_knows(conn: Connection, folder: Path) -> None:
    with pytest.raises(InputError, match="limit profile 'jinan' is not known; choose one of: default, yuncheng"):
        load.load_tables(conn, read_city_folder(with_clocks(folder, CLOCKS.replace("yuncheng", "jinan"))))
    with pytest.raises(FileError, match=r"calendar\.csv: the year 2027 is called whole but has no holiday here"):
        load.load_tables(conn, read_city_folder(with_clocks(folder, days="2026-01-01,holiday,元旦,New Year")))
    (folder / "city.toml").write_text(CITY + CLOCKS, encoding="utf-8")
    with pytest.raises(FileError, match="the city's calendar is one file"):
        read_city_folder(folder)
