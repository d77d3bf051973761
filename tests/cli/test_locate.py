"""`gridsvc locate`: every row of a file comes back with its areas, or with what is odd about its place."""

from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from gridsvc.domain.datum import gcj02_from_wgs84
from gridsvc.files import points
from gridsvc.store.city import the_city
from gridsvc.store.connection import Connection
from tests import made
from tests.cli.commands import Gridsvc
from tests.ingest.layers import TOWN
from tests.sketch import SRID

KIND = "responsibility_grid"


def lonlat(mark: str) -> tuple[float, float]:
    return TOWN.lonlat(mark)


def written(file: Path, rows: list[str]) -> Path:
    file.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return file


@pytest.mark.usefixtures("standing")
def test_a_csv_file_keeps_every_row_and_text(gridsvc: Gridsvc, tmp_path: Path) -> None:
    (lon, lat), (east, north) = lonlat("1"), lonlat("4")
    rows = [
        "编号,lon,lat", f'007,{lon},{lat}', f"8, {east} ,{north}", f'"a,b",{lat},{lon}', "9,0,0", "10,,", "11,x,nan",
        "12,1e999,5",
    ]  # fmt: skip
    said = gridsvc("locate", written(tmp_path / "a.csv", rows), "--kind", KIND)
    assert said.code == 0
    assert "7 rows, of these 1 outside every area, 1 with swapped coordinates, 3 without a place" in said.out
    found = pd.read_csv(tmp_path / "a-located.csv", dtype=str, keep_default_na=False)
    assert found["编号"].tolist() == ["007", "8", "a,b", "9", "10", "11", "12"]
    assert found["lon"].tolist()[:2] == [str(lon), f" {east} "]
    assert found[KIND].tolist() == ["G1", "G2", "", "", "", "", ""]
    assert found["location_note"].tolist() == [
        "", "", "outside; inside if the coordinates are swapped", "outside every area", *["no place"] * 3,
    ]  # fmt: skip
    assert list(found.columns[3:]) == [KIND, f"{KIND}_on_boundary", f"{KIND}_overlap", "location_note"]


@pytest.mark.usefixtures("standing")
def test_geoparquet_in_any_crs_with_distances(
    gridsvc: Gridsvc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(points, "LOT", 2)
    shapes = [TOWN.point("1"), None, shapely.Point(), TOWN.point("4"), TOWN.point("1").buffer(1)]
    frame = geopandas.GeoDataFrame({"n": range(5), KIND: "own"}, geometry=shapes, crs=SRID)
    frame.to_parquet(tmp_path / "a.parquet")
    said = gridsvc("locate", tmp_path / "a.parquet", "--to", tmp_path / "b.parquet", "--distances", "--json")
    assert (said.code, said.json["rows"], said.json["no_place"]) == (0, 5, 2)
    found = geopandas.read_parquet(tmp_path / "b.parquet")
    assert found[KIND].tolist() == ["own"] * 5
    assert [code if isinstance(code, str) else None for code in found[f"{KIND}_1"]] == ["G1", None, None, "G2", "G1"]
    assert found[f"{KIND}_edge_m"].isna().tolist() == [False, True, True, False, False]
    assert found.crs.to_epsg() == SRID


@pytest.mark.usefixtures("standing")
def test_columns_by_name_in_metres(gridsvc: Gridsvc, tmp_path: Path) -> None:
    x, y = TOWN.xy("1")
    pq.write_table(pa.table({"east": [x, np.nan], "north": [y, 1.0]}), tmp_path / "a.parquet")
    said = gridsvc("locate", tmp_path / "a.parquet", "--x", "east", "--y", "north", "--crs", f"EPSG:{SRID}")
    assert said.code == 0
    assert pq.read_table(tmp_path / "a-located.parquet")[KIND].to_pylist() == ["G1", None]


@pytest.mark.parametrize(
    ("name", "rows", "options", "complaint"),
    [
        ("a.csv", ["a,b", "1,2"], [], "which columns hold the coordinates"),
        ("a.csv", ["x,y", "1,2"], [], "columns called x and y may be in any system: say --crs"),
        ("a.csv", ["lon,lat", "1,2"], ["--x", "lon"], "name both columns"),
        ("a.csv", ["lon,lat", "1,2"], ["--x", "lon", "--y", "laat"], "there is no column 'laat'; there are lon, lat"),
        ("a.csv", ["lon,lat", "1,2"], ["--crs", "EPSG:0"], "CRS 'EPSG:0' is not known"),
        ("a.csv", ["lon,lat", "1,2"], ["--datum", "mars"], "datum is one of gcj02, bd09"),
        ("a.csv", ["lon,lat", "1,2"], ["--kind", "mars"], "area kind in use 'mars'"),
        ("a.csv", ["lon,lat", "1,2"], ["--encoding", "mars"], "encoding 'mars' is not known"),
        ("a.csv", ["lon,lat,lat", "1,2,3"], [], "two columns are called 'lat'"),
        ("a.csv", ["lon,lat", "1,2", "3"], [], "cannot be read"),
        ("a.csv", [], [], "cannot be read"),
        ("a.parquet", ["lon,lat"], [], "cannot be read"),
        ("a.shp", ["lon,lat"], [], "points are read from and written to .csv, .parquet"),
    ],
)
@pytest.mark.usefixtures("standing")
def test_what_is_refused_leaves_no_file(
    gridsvc: Gridsvc, tmp_path: Path, name: str, rows: list[str], options: list[str], complaint: str
) -> None:
    said = gridsvc("locate", written(tmp_path / name, rows), *options)
    assert said.code == 1
    assert complaint in said.err
    assert [file.name for file in tmp_path.iterdir()] == [name]


@pytest.mark.usefixtures("standing")
def test_gbk_comes_back_as_utf_8_with_a_mark(gridsvc: Gridsvc, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes("名,lon,lat\n井盖,1,2\n".encode("gb18030"))
    assert "cannot be read" in gridsvc("locate", file).err
    assert gridsvc("locate", file, "--encoding", "gb18030").code == 0
    assert (tmp_path / "a-located.csv").read_bytes().startswith('\ufeff"名"'.encode())
    file.write_bytes(b"a,lon,lat\n\xff\xff,1,2\n")
    assert "cannot be read" in gridsvc("locate", file, "--encoding", "gb18030").err


@pytest.mark.usefixtures("standing")
def test_no_file_and_the_same_file(gridsvc: Gridsvc, tmp_path: Path) -> None:
    assert "there is no such file" in gridsvc("locate", tmp_path / "none.csv").err
    file = written(tmp_path / "a.csv", ["lon,lat", "1,2"])
    assert "is the file that is read" in gridsvc("locate", file, "--to", file).err


def test_shifted_degrees(gridsvc: Gridsvc, standing: Connection, tmp_path: Path) -> None:
    assert standing
    lon, lat = gcj02_from_wgs84(*(np.array([each]) for each in lonlat("1")))
    file = written(tmp_path / "a.csv", ["经度,纬度", f"{lon[0]},{lat[0]}"])
    assert gridsvc("locate", file, "--datum", "gcj02").code == 0
    assert pd.read_csv(tmp_path / "a-located.csv")[KIND].tolist() == ["G1"]


@pytest.mark.parametrize(("options", "code"), [
    ([], "all"), (["--revision", "2"], "G1"), (["--revision", "3"], "all"), (["--at", "2026-05-31"], "G1"),
    (["--at", "2026-06-02"], "all"),
])  # fmt: skip
def test_of_another_time_as_a_stream_of_arrow(
    gridsvc: Gridsvc, standing: Connection, tmp_path: Path, options: list[str], code: str
) -> None:
    whole = {"all": TOWN.polygon("acfd")}
    made.put_areas(standing, the_city(standing), made.kind(KIND, specificity=30), whole, valid_from=made.NOON)
    (lon, lat), file = lonlat("1"), tmp_path / "a.arrows"
    with pa.ipc.new_stream(file, pa.schema({"lon": pa.float64(), "lat": pa.float64()})) as stream:
        stream.write_batch(pa.record_batch({"lon": [lon, np.nan], "lat": [lat, 1.0]}))
    assert gridsvc("locate", file, *options).code == 0
    with pa.ipc.open_stream((tmp_path / "a-located.arrows").read_bytes()) as found:
        assert found.read_all()[KIND].to_pylist() == [code, None]


@pytest.mark.parametrize(("options", "complaint"), [
    (["--revision", "9"], "areas have no revision 9; the newest is 2"),
    (["--revision", "1", "--at", "2026-05-31"], "say a revision or a moment, not both"),
    (["--at", "1960-01-01"], "is not between 1970 and 2200"),
])  # fmt: skip
@pytest.mark.usefixtures("standing")
def test_there_is_no_such_time(gridsvc: Gridsvc, tmp_path: Path, options: list[str], complaint: str) -> None:
    file = written(tmp_path / "a.csv", ["lon,lat", "1,2"])
    for command in (("locate", file), ("map", "grid", "-o", tmp_path / "map.html"), ("map", "heat")):
        said = gridsvc(*command, *options)
        assert (said.code, complaint in said.err) == (1, True), said
    assert not list(tmp_path.glob("*.html"))
