"""`gridsvc export`: forms by ending or by name, and files that are there whole or not at all."""

import csv
import zipfile
from pathlib import Path

import pyogrio
import pytest

from gridsvc.store.city import the_city
from gridsvc.store.connection import Connection
from tests import made
from tests.cli.commands import Gridsvc
from tests.ingest.layers import TOWN


@pytest.fixture
def inventory(standing: Connection) -> Connection:
    """A lamp in each grid, the eastern one removed."""
    city = the_city(standing)
    made.put_component(standing, city, "W1", "0599", TOWN.point("1"), position="㙍街")
    made.put_component(standing, city, "E1", "0599", TOWN.point("4"))
    standing.execute("UPDATE component SET state = 'removed' WHERE component_code = 'E1'")
    return standing


@pytest.mark.usefixtures("inventory")
def test_components_in_every_form(gridsvc: Gridsvc, tmp_path: Path) -> None:
    for name in ("a.gpkg", "a.geojson", "a.zip"):
        said = gridsvc("export", "components", tmp_path / name)
        assert (said.code, said.out, said.err) == (0, f"{tmp_path / name}: 1 components\n", "")
        assert pyogrio.read_dataframe(tmp_path / name)["ObjID"].tolist() == ["W1"]
    assert gridsvc("export", "components", tmp_path / "a.xlsx").code == 0
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.geojson", "a.gpkg", "a.xlsx", "a.zip"]


@pytest.mark.usefixtures("inventory")
def test_a_plain_table_and_one_after_the_standard(gridsvc: Gridsvc, tmp_path: Path) -> None:
    plain, standard = tmp_path / "plain.csv", tmp_path / "standard.csv"
    assert gridsvc("export", "components", plain).out == f"{plain}\n"
    gridsvc("export", "components", standard, "--form", "csv", "--retired", "--area", "responsibility_grid:G2")
    heads = []
    for file, codes in ((plain, ["W1"]), (standard, ["E1"])):
        with file.open(encoding="utf-8-sig", newline="") as text:
            heads.append(next(csv.reader(text)))
            assert [row[0] for row in csv.reader(text)] == codes
    assert [head[0] for head in heads] == ["component_code", "ObjID"]


@pytest.mark.usefixtures("inventory")
def test_gbk_national_codes_and_another_crs(gridsvc: Gridsvc, tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    said = gridsvc(
        "export",
        "components",
        file,
        "--encoding",
        "gbk",
        "--national-codes",
        "--crs",
        "EPSG:4490",
        "--subclass",
        "0599",
    )
    assert said.out.splitlines()[1:] == [
        "  ObjID: 1 component codes hold other digits at 7 to 10 than the national subclass code; "
        "codes stay as they are",
        "  ObjPos: 1 values hold characters that GBK has not; 〓 stands for them: 㙍",
    ]
    found = pyogrio.read_dataframe(file)
    assert (found["subclass"].tolist(), found["ObjPos"].tolist(), found.crs.to_epsg()) == (["0137"], ["〓街"], 4490)
    with zipfile.ZipFile(file) as archive:
        assert archive.read("components.cpg") == b"GBK"


@pytest.mark.usefixtures("inventory")
def test_areas(gridsvc: Gridsvc, tmp_path: Path) -> None:
    file = tmp_path / "grids.gpkg"
    said = gridsvc("export", "areas", file, "--kind", "responsibility_grid")
    assert (said.code, said.out) == (0, f"{file}: 2 responsibility_grid\n")
    assert pyogrio.read_dataframe(file)["code"].tolist() == ["G1", "G2"]
    gridsvc("export", "areas", tmp_path / "old.csv", "--kind", "responsibility_grid", "--at", "2020-01-01")
    assert (tmp_path / "old.csv").read_text(encoding="utf-8-sig").count("\n") == 3


@pytest.mark.usefixtures("inventory")
def test_what_is_refused_leaves_no_file(gridsvc: Gridsvc, tmp_path: Path) -> None:
    for arguments, cause in (
        (("components", "a.dwg"), "ending of a file to write '.dwg' is not known"),
        (("components", "a.gpkg", "--form", "kml"), "form of file 'kml' is not known"),
        (("components", "a.gpkg", "--area", "G2"), "area 'G2': write KIND:CODE"),
        (("components", "a.zip", "--encoding", "big5"), "encoding of a shapefile 'big5' is not known"),
        (("components", "a.gpkg", "--crs", "EPSG:1"), "CRS 'EPSG:1' is not known"),
        (("areas", "a.gpkg", "--kind", "park"), "area kind 'park' is not known"),
        (("areas", "a.gpkg", "--kind", "district", "--revision", "99"), "areas have no revision 99"),
    ):
        said = gridsvc("export", *arguments)
        assert (said.code, cause in said.err) == (1, True), (arguments, said)
    (tmp_path / "folder.gpkg").mkdir()
    assert "is not a file that could be written to" in gridsvc("export", "components", tmp_path / "folder.gpkg").err
    assert [file.name for file in tmp_path.iterdir()] == ["folder.gpkg"]
