"""What files say of their coordinates, in the spellings found in the wild, and how numbers become the city's."""

import numpy as np
import pytest
from pyproj import CRS, Transformer

from gridsvc.errors import InputError
from gridsvc.ingest.places.coordinates import TURNS, match, parse, transform
from gridsvc.ingest.places.gauss_kruger import SYSTEMS
from tests.sketch import ORIGIN, SRID

DATUM = {
    "CGCS2000": 'GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",'
    'SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]',
    "Xian": 'GEOGCS["GCS_Xian_1980",DATUM["D_Xian_1980",SPHEROID["Xian_1980",6378140.0,298.257]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]',
    "Beijing": 'GEOGCS["GCS_Beijing_1954",DATUM["D_Beijing_1954",SPHEROID["Krasovsky_1940",6378245.0,298.3]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]',
    "WGS84": 'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]',
    "none": 'GEOGCS["GCS_Unknown",DATUM["D_Unknown",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]',
    "CGCS2000, datum open": 'GEOGCS["x",DATUM["D_Unknown",SPHEROID["CGCS2000",6378137.0,298.257222101]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]',
}
PROJ = "+proj=tmerc +lat_0=0 +lon_0=105 +k=1 +x_0=500000 +y_0=0 +units=m +no_defs"


def gk(name: str, datum: str, meridian: float = 105, east: float = 500_000, projection: str = "Gauss_Kruger") -> str:
    return (
        f'PROJCS["{name}",{DATUM[datum]},PROJECTION["{projection}"],PARAMETER["False_Easting",{east}],'
        f'PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",{meridian}],PARAMETER["Scale_Factor",1.0],'
        'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
    )


@pytest.mark.parametrize("form", ["WKT1_ESRI", "WKT1_GDAL", "WKT2_2019"])
def test_every_gauss_kruger_system_of_china_is_found_again_from_its_prj(form: str) -> None:
    for system in SYSTEMS:
        told = match(CRS.from_epsg(system.epsg).to_wkt(form))
        assert (told.epsg, told.confidence) == (system.epsg, 1.0), told.note


def test_the_table_says_of_each_system_what_the_register_says() -> None:
    assert len({system.epsg for system in SYSTEMS}) == 4 * 21 + 4 * 11 + 2 * 21 + 2 * 11
    for system in SYSTEMS:
        told = CRS.from_epsg(system.epsg)
        numbers = {each.name: each.value for each in told.coordinate_operation.params}
        assert numbers["Longitude of natural origin"] == system.meridian
        assert numbers["False easting"] == system.false_easting
        assert told.geodetic_crs.to_epsg() == system.datum.geographic
        assert ("3-degree" not in told.name) == system.six


@pytest.mark.parametrize("epsg", [4490, 4326, 4610, 4214, 4555, 32647, 32648, 32750, 3857, 2248, 26985, 2326, 3826])
def test_other_systems_are_found_again_from_their_prj(epsg: int) -> None:
    told = match(CRS.from_epsg(epsg).to_wkt("WKT1_ESRI"))
    assert told.epsg == epsg
    assert told.confidence >= 0.9


@pytest.mark.parametrize(
    ("text", "epsg"),
    [
        (gk("CGCS2000_3_Degree_GK_CM_105E", "CGCS2000"), 4544),
        (gk("CGCS2000_GK_CM_105E", "CGCS2000"), 4507),
        (gk("CGCS2000_3_Degree_GK_Zone_35", "CGCS2000", east=35_500_000), 4523),
        (gk("CGCS2000_GK_Zone_18", "CGCS2000", east=18_500_000), 4496),
        (gk("CGCS2000 3度带 105E", "CGCS2000", projection="Transverse_Mercator"), 4544),
        (gk("国家2000坐标系", "CGCS2000"), 4544),
        (gk("Xian_1980_3_Degree_GK_CM_105E", "Xian"), 2380),
        (gk("Xian_1980_GK_Zone_18", "Xian", east=18_500_000), 2332),
        (gk("Beijing_1954_3_Degree_GK_CM_105E", "Beijing"), 2432),
        (gk("Beijing_1954_GK_Zone_18N", "Beijing"), 21458),
        (gk("Beijing_1954_GK_Zone_18", "Beijing", east=18_500_000), 21418),
        (DATUM["CGCS2000"], 4490),
        (DATUM["WGS84"], 4326),
        (f"\ufeff{DATUM['WGS84']}\r\n\0", 4326),
        (gk("CGCS2000_3_Degree_GK_CM_105E", "CGCS2000") + ',VERTCS["Yellow_Sea_1985",VDATUM["Yellow_Sea_1985"],'
         'PARAMETER["Vertical_Shift",0.0],PARAMETER["Direction",1.0],UNIT["Meter",1.0]]', 4544),
        ("EPSG:4544", 4544),
        ("EPSG:4507", 4507),
        ("urn:ogc:def:crs:EPSG::4490", 4490),
        ("+init=epsg:4544", 4544),
        ("OGC:CRS84", 4326),
        ('GEOGCRS["CGCS2000",DATUM["China 2000",ELLIPSOID["CGCS2000",6378137,298.257222101]],CS[ellipsoidal,2],'
         'AXIS["longitude",east],AXIS["latitude",north],ANGLEUNIT["degree",0.0174532925199433]]', 4490),
        ("+proj=longlat +datum=WGS84 +no_defs", 4326),
        ("+proj=utm +zone=48 +datum=WGS84 +units=m", 32648),
    ],
)  # fmt: skip
def test_spellings_of_the_wild_are_matched(text: str, epsg: int) -> None:
    told = match(text)
    assert told.epsg == epsg, told.note
    assert told.confidence >= 0.9
    assert told.crs == f"EPSG:{epsg}"
    assert str(epsg) in told.note
    assert str(epsg) in told.note_zh


def test_a_crs_object_is_matched_like_its_text() -> None:
    assert match(CRS.from_epsg(4544)).epsg == 4544


@pytest.mark.parametrize(
    ("text", "epsg", "says"),
    [
        (gk("CGCS2000_3_Degree_GK_CM_108E", "CGCS2000"), 4544, "name speaks of another"),
        (gk("CGCS2000_3_Degree_GK_Zone_36", "CGCS2000", east=35_500_000), 4523, "name speaks of another"),
        (gk("Xian_1980_3_Degree_GK_CM_105E", "CGCS2000"), 4544, "name speaks of another"),
        (gk("CGCS2000_3_Degree_GK_CM_105E", "CGCS2000, datum open"), 4544, "only the ellipsoid"),
        (f"{PROJ} +ellps=GRS80", 4544, "only the ellipsoid"),
        (f"{PROJ} +ellps=krass", 2432, "only the ellipsoid"),
        (f"{PROJ} +a=6378140 +b=6356755.288157528", 2380, "only the ellipsoid"),
        ("WGS 84", 4326, "by its name only"),
    ],
)
def test_a_match_that_needs_confirmation_says_why(text: str, epsg: int, says: str) -> None:
    told = match(text)
    assert told.epsg == epsg
    assert told.confidence < 0.9
    assert says in told.note


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (DATUM["none"], "does not say its datum"),
        ("+proj=longlat +ellps=GRS80", "does not say its datum"),
        ("+proj=longlat +ellps=WGS84", "does not say its datum"),
        (DATUM["CGCS2000"].replace("D_China_2000", "D_Ours").replace("GCS_China_Geodetic_Coordinate_System_2000", "O"),
         "no EPSG code"),
        (gk("Ours", "Xian", meridian=104.5), "CM 104.5°E"),
        (gk("Ours", "CGCS2000", east=50_000), "false easting 50000 m"),
        (gk("WGS_1984_GK_CM_105E", "WGS84"), "on World Geodetic System 1984"),
        (gk("Xian_1980_3_Degree_GK_CM_105E", "Xian").replace("6378140.0", "6378245.0"), "no EPSG code"),
    ],
)  # fmt: skip
def test_what_has_no_epsg_code_gets_none_but_can_be_used_as_it_is_stated(text: str, says: str) -> None:
    told = match(text)
    assert told.epsg is None
    assert says in told.note
    assert told.crs == told.wkt is not None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "does not say"),
        ("  \r\n", "does not say"),
        ('LOCAL_CS["城建坐标",UNIT["Meter",1.0]]', "needs its PROJ string"),
        ('ENGCRS["ours",EDATUM["here"],CS[Cartesian,2],AXIS["(E)",east],AXIS["(N)",north],LENGTHUNIT["metre",1]]',
         "needs its PROJ string"),
        ("no such system", "cannot be read"),
        ('PROJCS["cut off', "cannot be read"),
        ('{"type": "nothing"}', "cannot be read"),
        ("2000", "only a number"),
        ("+proj=tmerc +lon_0=105 +nadgrids=/etc/hostname", "names a file"),
        ("+proj=longlat +datum=WGS84 +geoidgrids=https://a.example/b.tif", "names a file"),
        ("+init=/etc/hostname:1", "names a file"),
        ("+proj=pipeline +step +proj=utm +zone=48", "chain of steps"),
        ("x" * 40_000, "too long"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_said_to_be_so_in_both_languages(text: str | None, says: str) -> None:
    told = match(text)
    assert (told.wkt, told.crs, told.epsg, told.confidence) == (None, None, None, 0)
    assert says in told.note
    assert told.note_zh
    assert len(told.note) < 300


def test_a_shift_that_the_file_brings_along_is_kept_and_one_of_nothing_is_dropped() -> None:
    plain = gk("Beijing_1954_3_Degree_GK_CM_105E", "Beijing")
    shifted = plain.replace("298.3]]", "298.3],TOWGS84[15.8,-154.4,-82.3,0,0,0,0]]")
    told = match(shifted)
    assert told.epsg == 2432
    assert told.crs == told.wkt
    assert "of its own" in told.note
    away = transform(np.array([ORIGIN]), str(told.crs), "", SRID) - ORIGIN
    assert 50 < np.hypot(*away[0]) < 300
    none = DATUM["WGS84"].replace("298.257223563]]", "298.257223563],TOWGS84[0,0,0,0,0,0,0]]")
    assert match(none).crs == "EPSG:4326"


XY = np.array([ORIGIN, (471_234.567891, 3_481_111.1), (500_000.0, 3_300_000.25)])


@pytest.mark.parametrize("crs", ["EPSG:4544", "EPSG:4507", gk("CGCS2000_3_Degree_GK_CM_105E", "CGCS2000")])
def test_numbers_in_the_citys_own_system_come_back_bit_for_bit(crs: str) -> None:
    assert transform(XY, crs, "", SRID).tobytes() == XY.tobytes()
    assert not np.shares_memory(transform(XY, crs, "", SRID), XY)


@pytest.mark.parametrize(
    "crs", ["EPSG:4490", "EPSG:4326", "EPSG:4523", "EPSG:4545", "EPSG:32648", "EPSG:3857", f"{PROJ} +datum=WGS84"]
)
def test_numbers_of_another_system_land_where_they_mean(crs: str) -> None:
    given = np.column_stack(Transformer.from_crs(SRID, crs, always_xy=True).transform(*XY.T))
    assert transform(given, crs, "", SRID) == pytest.approx(XY, abs=1e-3)
    assert transform(given[:, ::-1], crs, "swapped", SRID) == pytest.approx(XY, abs=1e-3)


def test_feet_become_metres() -> None:
    assert transform(XY / 0.3048, "EPSG:4544", "feet", SRID) == pytest.approx(XY)
    assert transform(XY * 3937 / 1200, "EPSG:4544", "us-feet", SRID) == pytest.approx(XY)


@pytest.mark.parametrize("turn", ["gcj02", "bd09"])
def test_a_shift_is_undone_whatever_system_the_shifted_places_are_written_in(turn: str) -> None:
    undone = transform(XY, "EPSG:4544", turn, SRID)
    assert 200 < np.hypot(*(undone - XY).T).min() < 1_500
    for crs in ("EPSG:4326", "EPSG:3857", "EPSG:4523"):
        given = np.column_stack(Transformer.from_crs(SRID, crs, always_xy=True).transform(*XY.T))
        assert transform(given, crs, turn, SRID) == pytest.approx(undone, abs=1e-3)


@pytest.mark.parametrize("turn", TURNS)
def test_what_is_no_place_is_not_finite_and_its_neighbours_are(turn: str) -> None:
    given = np.array([(104.7, 31.4), (np.nan, 31.4), (104.7, np.inf), (1e9, 1e9)])
    placed = transform(given, "EPSG:4326", turn, SRID)
    assert not np.isfinite(placed[1:]).all(axis=1).any()
    if turn != "swapped":
        assert np.isfinite(placed[0]).all()


def test_a_definition_that_cannot_be_used_is_refused_with_a_reason() -> None:
    with pytest.raises(InputError, match="cannot be read") as refused:
        parse("no such system")
    assert "无法识别" in refused.value.zh
