"""The synthetic city holds what it promises: exact tilings, right codes, whole tables."""

import itertools
import re
import subprocess
import sys
import tomllib
import zipfile
from collections import Counter
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import CRS

from tests.geodata.folder import FAULTY, KINDS, PARENTS, SCRIPT, SMALLEST, build, read_csv


def test_same_arguments_give_the_same_city(city: Path, tmp_path: Path) -> None:
    again = build(tmp_path / "again", *SMALLEST)
    names = sorted(path.name for path in city.iterdir())
    assert names == sorted(path.name for path in again.iterdir())
    for name in names:
        if name.endswith(".zip"):
            one, other = pyogrio.read_dataframe(city / name), pyogrio.read_dataframe(again / name)
            assert shapely.equals_exact(one.geometry.values, other.geometry.values).all()
            assert one.drop(columns="geometry").equals(other.drop(columns="geometry"))
        else:
            assert (city / name).read_bytes() == (again / name).read_bytes(), name


def test_another_seed_gives_another_city(city: Path, tmp_path: Path) -> None:
    other = build(tmp_path / "other", *SMALLEST[:-2], "2", "--quiet")
    assert (city / "truth.csv").read_bytes() != (other / "truth.csv").read_bytes()


def test_too_small_a_city_is_refused_in_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path / "x"), "--unit-grids", "3"], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "--unit-grids must lie between" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    done = subprocess.run([sys.executable, str(SCRIPT), str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 1
    assert "is not empty" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_run_that_was_cut_short_can_be_repeated(tmp_path: Path) -> None:
    build(tmp_path, *SMALLEST)
    (tmp_path / "city.toml").unlink()
    (tmp_path / "components_01_point_510705.zip").write_bytes(b"left over")
    build(tmp_path, *SMALLEST)
    assert (tmp_path / "city.toml").is_file()
    assert not (tmp_path / "components_01_point_510705.zip").exists()


@pytest.mark.parametrize("kind", KINDS)
def test_tiles_without_gap_or_overlap(areas: dict[str, gpd.GeoDataFrame], kind: str) -> None:
    shapes = areas[kind].geometry.values
    whole = shapely.union_all(areas["unit_grid"].geometry.values)
    assert set(shapely.get_type_id(shapes)) == {3}
    assert shapely.coverage_is_valid(shapes)
    assert shapely.is_valid(shapes).all()
    assert shapely.area(shapely.union_all(shapes)) == pytest.approx(shapely.area(shapes).sum(), abs=1e-4)
    assert shapely.area(shapes).sum() == pytest.approx(whole.area, abs=1e-4)


def test_planted_faults_are_one_kind_each(areas: dict[str, gpd.GeoDataFrame]) -> None:
    whole = areas["unit_grid"].area.sum()
    for kind in ("responsibility_grid", "sub_grid"):
        assert shapely.coverage_is_valid(areas[kind].geometry.values)
        assert areas[kind].area.sum() < whole - 1000
    patrols = areas["patrol_grid"]
    assert shapely.union_all(patrols.geometry.values).area == pytest.approx(whole, abs=1e-4)
    assert patrols.area.sum() > whole + 1000


@pytest.mark.parametrize("child", PARENTS)
def test_children_lie_inside_their_parent(areas: dict[str, gpd.GeoDataFrame], child: str) -> None:
    parents = areas[PARENTS[child]].set_index("CODE").geometry
    children = areas[child]
    inside = shapely.covers(parents.loc[children["PARENT"]].values, children.geometry.values)
    assert inside.all()


@pytest.mark.parametrize("kind", ["community_grid", *FAULTY])
def test_grids_are_unions_of_whole_unit_grids(areas: dict[str, gpd.GeoDataFrame], kind: str) -> None:
    units = areas["unit_grid"].geometry.values
    shapes = areas[kind].geometry.values
    pairs = shapely.STRtree(units).query(shapes, predicate="covers")
    area = np.bincount(pairs[0], weights=shapely.area(units[pairs[1]]), minlength=len(shapes))
    assert area == pytest.approx(shapely.area(shapes), abs=1e-4)


def test_codes_follow_their_schemes(areas: dict[str, gpd.GeoDataFrame]) -> None:
    digits = {"district": 6, "subdistrict": 9, "community": 12, "unit_grid": 15}
    for kind, length in digits.items():
        codes = areas[kind]["CODE"]
        assert codes.is_unique
        assert codes.str.fullmatch(rf"\d{{{length}}}").all()
        if kind in PARENTS:
            assert all(c.startswith(p) for c, p in zip(codes, areas[kind]["PARENT"], strict=True))
    assert len(areas["unit_grid"]) == 300
    assert Counter(areas["sub_grid"]["PARENT"]) == dict.fromkeys(areas["responsibility_grid"]["CODE"], 4)


def test_unit_grids_are_wiggly_about_a_hectare_and_exact_to_the_millimetre(areas: dict[str, gpd.GeoDataFrame]) -> None:
    shapes = areas["unit_grid"].geometry.values
    assert np.median(shapely.get_num_coordinates(shapes)) == 41
    assert np.median(shapely.area(shapes)) == pytest.approx(10_000, rel=0.1)
    coordinates = shapely.get_coordinates(shapes)
    assert (coordinates == np.round(coordinates, 3)).all()


def test_district_border_follows_the_real_one(areas: dict[str, gpd.GeoDataFrame]) -> None:
    source = SCRIPT.parent / "mianyang" / "districts.geojson"
    real = gpd.read_file(source).to_crs("EPSG:4544").set_index("gb").geometry
    line = shapely.intersection(real["156510703"], real["156510704"])
    made = areas["district"].set_index("CODE").geometry
    border = shapely.intersection(made["510703"], made["510704"])
    assert border.length > 1000
    assert shapely.distance(shapely.points(shapely.get_coordinates(border)), line).max() < 40


def test_shapefiles_say_their_crs_and_are_gbk(city: Path) -> None:
    with zipfile.ZipFile(city / "components_05_point_510703.zip") as archive:
        names = {Path(name).suffix: name for name in archive.namelist()}
        assert archive.read(names[".cpg"]).strip().upper() == b"GBK"
        assert "路灯".encode("gbk") in archive.read(names[".dbf"])
        assert CRS.from_wkt(archive.read(names[".prj"]).decode()).to_epsg(min_confidence=20) == 4544


def test_every_subclass_has_components_with_codes(components: gpd.GeoDataFrame) -> None:
    catalogue = read_csv(SCRIPT.parent / "catalogue" / "components_124.csv")
    assert len(components) == 5000
    assert set(components["ObjName"]) == {row["subclass_zh"] for row in catalogue}
    assert components["ObjID"].is_unique
    assert components["ObjID"].str.fullmatch(r"5107\d{12}").all()
    lamps = components[components["ObjName"] == "路灯"]
    assert (lamps["ObjID"].str[6:10] == "0137").all()
    geometry = {row["subclass_zh"]: row["geometry"] for row in catalogue}
    types = components.geometry.geom_type.map({"Point": "point", "LineString": "line", "Polygon": "polygon"})
    assert (types == components["ObjName"].map(geometry)).all()


def test_bgid_names_the_unit_grid_that_holds_the_component(
    components: gpd.GeoDataFrame, areas: dict[str, gpd.GeoDataFrame]
) -> None:
    cells = areas["unit_grid"].set_index("CODE").geometry.loc[components["BGID"]].values
    shapes = components.geometry.values
    assert shapely.contains_properly(cells, shapes).all()
    assert shapely.distance(shapely.boundary(cells), shapes).min() > 0.005


def test_departments_are_one_tree(city: Path) -> None:
    rows = {row["code"]: row for row in read_csv(city / "departments.csv")}
    assert len(rows) == 73
    assert [c for c, row in rows.items() if not row["parent"]] == ["MY"]
    assert {row["level"] for row in rows.values()} == {"city", "district", "subdistrict", "unit"}
    assert {row["on_platform"] for row in rows.values()} == {"true", "false"}
    for code in rows:
        path = [code]
        while parent := rows[path[-1]]["parent"]:
            path.append(parent)
            assert len(path) <= len(rows), f"cycle above {code}"


def test_every_code_in_the_tables_is_known(
    city: Path, areas: dict[str, gpd.GeoDataFrame], components: gpd.GeoDataFrame
) -> None:
    departments = {row["code"] for row in read_csv(city / "departments.csv")}
    known = {(kind, code) for kind, frame in areas.items() for code in frame["CODE"]} | {("", "")}
    duties = read_csv(city / "duties.csv")
    assert len({row["rule"] for row in duties}) == len(duties)
    for row in [*duties, *read_csv(city / "lanes.csv"), *read_csv(city / "rosters.csv")]:
        assert (row["area_kind"], row["area_code"]) in known
    for row in duties:
        named = [row["lead"], row["supervising"], *row["co_operating"].split(";")]
        assert {code for code in named if code} <= departments
    for column in ("DeptCode1", "DeptCode2", "DeptCode3"):
        assert set(components[column].dropna()) - {""} <= departments


def test_rosters_are_complete_and_cannot_be_dialled(city: Path, areas: dict[str, gpd.GeoDataFrame]) -> None:
    rows = read_csv(city / "rosters.csv")
    count = Counter((row["area_kind"], row["post"]) for row in rows)
    grids = len(areas["responsibility_grid"])
    assert count["responsibility_grid", "head"] == grids
    assert count["responsibility_grid", "member"] == 8 * grids
    assert count["patrol_grid", "inspector"] == len(areas["patrol_grid"])
    assert all(re.fullmatch(r"000-0000-\d{6}", row["phone"]) for row in rows)


def test_city_toml_names_files_that_exist(city: Path) -> None:
    manifest = tomllib.loads((city / "city.toml").read_text(encoding="utf-8"))
    assert manifest["city"]["synthetic"] is True
    assert manifest["city"]["crs"] == "EPSG:4544"
    layers = [*manifest["areas"], *manifest["components"], *manifest["roads"], *manifest["reports"]]
    tables = itertools.chain.from_iterable([v] if isinstance(v, str) else v for v in manifest["tables"].values())
    assert all((city / name).is_file() for name in [*(layer["file"] for layer in layers), *tables])
    for layer in [*manifest["areas"], *manifest["components"], *manifest["roads"]]:
        columns = set(pyogrio.read_info(city / layer["file"])["fields"])
        assert {v for v in layer["fields"].values() if isinstance(v, str)} <= columns
    assert "SYNTHETIC" in (city / "README.txt").read_text(encoding="utf-8")


def test_roads_have_names_and_run_along_unit_grids(city: Path, areas: dict[str, gpd.GeoDataFrame]) -> None:
    roads = pyogrio.read_dataframe(city / "roads.zip")
    edges = shapely.union_all(shapely.boundary(areas["unit_grid"].geometry.values))
    assert roads["NAME"].str.len().min() >= 3
    assert roads["NAME"].is_unique
    assert shapely.covers(edges, roads.geometry.values).all()
