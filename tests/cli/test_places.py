"""`gridsvc places` and `gridsvc channels`."""

from pathlib import Path

from gridsvc.store.connection import Connection
from tests.cli.commands import Gridsvc


def test_a_layer_is_loaded_searched_and_rolled_back(gridsvc: Gridsvc, standing: Connection, tmp_path: Path) -> None:
    area = standing.execute(
        "SELECT ST_X(p), ST_Y(p) FROM area,"
        " LATERAL (SELECT ST_Transform(ST_PointOnSurface(geom), 4326) AS p) AS at LIMIT 1"
    ).fetchone()
    assert area is not None
    lon, lat = area
    first, second = tmp_path / "one.csv", tmp_path / "two.csv"
    first.write_text(f"name,lon,lat\n人民公园,{lon!r},{lat!r}\n,{lon!r},{lat!r}\n", encoding="utf-8")
    second.write_text(f"name,lon,lat\n体育馆,{lon!r},{lat!r}\n", encoding="utf-8")
    how = ("--layer", "names", "--kind", "place", "--columns", "name_zh=name")
    said = gridsvc("places", "load", first, *how)
    assert (said.code, said.out) == (0, "names: 1 of kind place from one.csv (2 read, 1 without name)\n")
    assert gridsvc("places", "load", first, *how).out == "names: one.csv is there already\n"
    assert gridsvc("places", "find", "人民公园").out.splitlines()[-1] == "certain"
    gridsvc("places", "load", second, *how)
    assert gridsvc("places", "find", "人民公园").out == "nothing is called like that\n"
    assert gridsvc("places", "rollback", "names").code == 0
    assert gridsvc("places", "find", "人民公园", "--json").json["candidates"][0]["layer"] == "names"
    assert gridsvc("places", "layers").out.startswith("names: 1 of kind place from one.csv")
    wrong = gridsvc("places", "load", second, *how[:4], "--columns", "name_zh")
    assert (wrong.code, "write FIELD=COLUMN" in wrong.err) == (1, True)
    standing.execute("TRUNCATE place_batch CASCADE")


def test_channels_are_listed(gridsvc: Gridsvc) -> None:
    out = gridsvc("channels", "list").out
    assert (
        "public           公众上报 / Public report: to be confirmed first, open to the public, proposes duplicates"
        in out
    )
    assert "within 50 m and 1440 min" in out
