"""The whole way of files over HTTP, with a service and a worker as they are run."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import shapely

from gridsvc.areas.apply import apply_draft
from gridsvc.store.connection import connect
from tests.api.imports import IMPORTS, Desk, brought, desk, ended, send, step
from tests.ingest.layers import LAMP, TOWN, points, write

DEFINITION = {"target": "components", "constants": {"subclass": LAMP}, "fields": {"code": "CODE", "state": "STATE"}}
CODES = [f"51070305990000{n:02}" for n in (1, 2, 3)]


@pytest.fixture(scope="module")
def at(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk(database, tmp_path_factory.mktemp("data")) as found:
        yield found


@pytest.fixture
def wang(at: Desk) -> Iterator[httpx.Client]:
    with at.of("wang") as client:
        yield client


def lamps(folder: Path, marks: str = "138", **columns: list[object]) -> Path:
    given = {"CODE": CODES[: len(marks)], "STATE": ["完好", "破损", "完好"][: len(marks)], **columns}
    return write(folder / "路灯杆.zip", points(marks), **given)


def test_the_whole_way_of_a_file(at: Desk, wang: httpx.Client, tmp_path: Path) -> None:
    batch = brought(wang, lamps(tmp_path))
    found = wang.get(f"{IMPORTS}/{batch}").json()
    assert (found["state"], found["file_name"], found["who"], found["account"]) == (
        "inspected", "路灯杆.zip", "wang", "wang",
    )  # fmt: skip
    (layer,) = found["inspection"]["layers"]
    assert layer["count"] == 3
    assert layer["whereabouts"]["proved"]
    assert "sample" not in layer

    suggestion = wang.get(f"{IMPORTS}/{batch}/suggestion").json()
    assert {one["target"]: one["source"] for one in suggestion["fields"]} == {"code": "CODE", "state": "STATE"}
    assert [(one["value"], one["count"], one["code"]) for one in suggestion["values"]["state"]] == [
        ("完好", 2, "intact"), ("破损", 1, "damaged"),
    ]  # fmt: skip
    assert (suggestion["counted"], suggestion["whole"], suggestion["profiles"]) == (3, True, [])

    answer = wang.put(f"{IMPORTS}/{batch}/definition", json={**DEFINITION, "save_as": "路灯"})
    assert answer.status_code == 202, answer.text
    checked = ended(wang, batch)
    assert (checked["state"], checked["counts"]["changes"]["added"]) == ("checked", 3)
    assert checked["work"]["done"] == checked["work"]["total"] == 3
    assert checked["scope"]["subclasses"] == [LAMP]

    changes = wang.get(f"{IMPORTS}/{batch}/changes", params={"action": "added", "limit": 2}).json()
    assert (changes["total"], changes["totals"]["added"]) == (3, 3)
    first = changes["changes"][0]
    assert (first["action"], first["code"], first["feature"]) == ("added", CODES[0], 1)
    assert (first["lon"], first["lat"]) == pytest.approx(TOWN.lonlat("1"), abs=1e-6)

    promoted = step(wang, batch, "promote")
    assert (promoted["state"], promoted["counts"]["added"]) == ("promoted", 3)
    assert wang.get("/api/v1/components").json()["total"] == 3
    assert wang.post(f"{IMPORTS}/{batch}/promote").status_code == 409
    done = wang.get(f"{IMPORTS}/{batch}/changes", params={"action": "added", "limit": 2}).json()
    assert (done["total"], [one["code"] for one in done["changes"]]) == (3, CODES[:2])
    drawn = wang.get(f"{IMPORTS}/{batch}/features").json()
    assert sorted(one["properties"]["code"] for one in drawn["features"]) == CODES

    undone = step(wang, batch, "rollback")
    assert (undone["state"], undone["counts"]["removed"]) == ("rolled_back", 3)
    assert wang.get("/api/v1/components").json()["total"] == 0
    listed = wang.get(IMPORTS, params={"limit": 1}).json()
    assert (listed["imports"][0]["id"], listed["imports"][0]["state"]) == (batch, "rolled_back")
    assert "inspection" not in listed["imports"][0]
    assert at.leftovers() == []


def test_a_mapping_is_found_again_and_forgotten(wang: httpx.Client, tmp_path: Path) -> None:
    batch = brought(wang, lamps(tmp_path))
    wang.put(f"{IMPORTS}/{batch}/definition", json={**DEFINITION, "save_as": "老路灯"})
    ended(wang, batch)
    offered = wang.get(f"{IMPORTS}/{batch}/suggestion").json()["profiles"]
    assert [one["definition"]["fields"] for one in offered if one["name"] == "老路灯"] == [DEFINITION["fields"]]
    saved = {one["name"]: one for one in wang.get("/api/v1/import-profiles").json()["profiles"]}
    assert (saved["老路灯"]["made_by"], saved["老路灯"]["target"]) == ("wang", "components")
    assert wang.delete("/api/v1/import-profiles/老路灯").status_code == 200
    assert wang.delete("/api/v1/import-profiles/老路灯").status_code == 404


def test_columns_that_number_rows_are_left_out_unless_somebody_wants_them(wang: httpx.Client, tmp_path: Path) -> None:
    batch = brought(wang, lamps(tmp_path, OBJECTID=[4, 5, 6], HEIGHT=[8, 8, 9]))
    suggestion = wang.get(f"{IMPORTS}/{batch}/suggestion").json()
    assert (suggestion["ignored"], suggestion["as_exported"]) == (["OBJECTID"], False)
    for ignored, attributes in ((None, {"HEIGHT"}), ([], {"HEIGHT", "OBJECTID"}), (["HEIGHT"], {"OBJECTID"})):
        assert wang.put(f"{IMPORTS}/{batch}/definition", json={**DEFINITION, "ignored": ignored}).status_code == 202
        checked = ended(wang, batch)
        assert checked["definition"]["ignored"] == ignored
        assert set(checked["counts"]["speaks"]["attributes"]) == attributes
    wang.post(f"{IMPORTS}/{batch}/drop")


def test_what_this_system_wrote_comes_back_by_its_names(wang: httpx.Client, tmp_path: Path) -> None:
    batch = brought(wang, lamps(tmp_path, HEIGHT=[8, 8, 9]))
    wang.put(f"{IMPORTS}/{batch}/definition", json=DEFINITION)
    ended(wang, batch)
    step(wang, batch, "promote")
    answer = wang.get("/api/v1/components/export", params={"form": "shapefile"})
    assert answer.status_code == 200, answer.text
    (tmp_path / "written.zip").write_bytes(answer.content)
    again = brought(wang, tmp_path / "written.zip")
    assert wang.get(f"{IMPORTS}/{again}/suggestion").json()["as_exported"]
    wang.put(f"{IMPORTS}/{again}/definition", json={"target": "components", "as_exported": True})
    checked = ended(wang, again)
    assert {name: n for name, n in checked["counts"]["changes"].items() if n} == {"unchanged": 3}
    step(wang, batch, "rollback")


def test_loose_parts_of_a_shapefile_are_one_import(wang: httpx.Client, tmp_path: Path) -> None:
    write(tmp_path / "lamps.shp", points("12"))
    parts = [file for file in sorted(tmp_path.iterdir()) if file.suffix in (".shp", ".shx", ".dbf", ".prj", ".cpg")]
    batch = brought(wang, *parts)
    found = wang.get(f"{IMPORTS}/{batch}").json()
    assert (found["file_name"], found["inspection"]["layers"][0]["count"]) == ("lamps.zip", 2)


def test_what_the_checks_found_is_listed_shown_and_sent_back(wang: httpx.Client, tmp_path: Path) -> None:
    away = shapely.Point(480_000, 3_480_000)
    file = write(tmp_path / "x.gpkg", [*points("13"), away], CODE=CODES)
    batch = brought(wang, file)
    definition = {"target": "components", "constants": {"subclass": LAMP}, "set_aside": ["inside_city"]}
    wang.put(f"{IMPORTS}/{batch}/definition", json=definition)
    assert ended(wang, batch)["counts"]["set_aside"] == 1
    found = wang.get(f"{IMPORTS}/{batch}/findings", params={"severity": "error"}).json()
    assert found["total"] == len(found["findings"]) == 1
    (finding,) = found["findings"]
    assert (finding["rule"], finding["feature"], finding["geometry"]["type"]) == ("inside_city", 3, "Point")
    assert "km outside the city" in finding["message"]
    assert finding["message_zh"]
    (title,) = [one for one in found["totals"] if one["rule"] == "inside_city"]
    assert title["title"]
    assert title["title_zh"] != title["title"]
    for form, first in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("gpkg", b"SQLite")):
        answer = wang.get(f"{IMPORTS}/{batch}/findings/file", params={"form": form})
        assert answer.content.startswith(first), form
        assert f"import-{batch}-findings.{form}" in answer.headers["content-disposition"]
    rejected = wang.get(f"{IMPORTS}/{batch}/rejected").json()
    assert (rejected["total"], rejected["rejected"][0]["feature"]) == (1, 3)
    step(wang, batch, "promote")
    kept = wang.get(f"{IMPORTS}/{batch}/rejected").json()
    assert kept["total"] == 1
    for one in (rejected["rejected"][0], kept["rejected"][0]):
        assert (one["reason"], one["reason_zh"]) == (finding["message"], finding["message_zh"])
    step(wang, batch, "rollback")


def test_rows_are_shown_on_a_map_with_their_action_and_worst_finding(wang: httpx.Client, tmp_path: Path) -> None:
    twins = [TOWN.point("1"), TOWN.point("1"), TOWN.point("3")]
    batch = brought(wang, write(tmp_path / "x.gpkg", twins, NOTE=["a", "b", "c"]))
    wang.put(f"{IMPORTS}/{batch}/definition", json={"target": "components", "constants": {"subclass": LAMP}})
    ended(wang, batch)
    lon, lat = TOWN.lonlat("1")
    bbox = f"{lon - 0.0005},{lat - 0.0005},{lon + 0.0005},{lat + 0.0005}"
    found = wang.get(f"{IMPORTS}/{batch}/features", params={"bbox": bbox, "zoom": 18}).json()
    assert (found["type"], found["cells"], found["total"]) == ("FeatureCollection", False, 2)
    said = [(one["properties"]["feature"], one["properties"]["severity"]) for one in found["features"]]
    assert said == [(1, None), (2, "warning")]
    assert found["features"][0]["geometry"]["coordinates"] == pytest.approx([lon, lat], abs=1e-6)
    whole = wang.get(f"{IMPORTS}/{batch}/features", params={"bbox": "-180,-90,180,90", "zoom": 2}).json()
    assert whole["total"] == 3
    assert wang.get(f"{IMPORTS}/{batch}/features", params={"bbox": "0,0,1,1"}).json()["total"] == 0
    assert wang.get(f"{IMPORTS}/{batch}/features", params={"bbox": "1,2,3"}).status_code == 422


def test_an_area_layer_goes_the_same_way_and_becomes_a_draft(wang: httpx.Client, tmp_path: Path) -> None:
    halves = [TOWN.polygon("abed"), TOWN.polygon("bcfe")]
    batch = brought(wang, write(tmp_path / "grids.gpkg", halves, CODE=["N1", "N2"], NAME=["西", "东"]))
    fields = {"code": "CODE", "name_zh": "NAME"}
    answer = wang.put(f"{IMPORTS}/{batch}/definition", json={"target": "responsibility_grid", "fields": fields})
    assert answer.status_code == 202, answer.text
    ended(wang, batch)
    shown = wang.get(f"{IMPORTS}/{batch}/features").json()
    assert [one["geometry"]["type"] for one in shown["features"]] == ["Polygon", "Polygon"]
    assert [one["properties"]["action"] for one in shown["features"]] == ["added", "added"]
    promoted = step(wang, batch, "promote")
    assert promoted["counts"]["areas"] == 2
    assert promoted["counts"]["draft"]
    step(wang, batch, "rollback")


def test_what_cannot_be_read_is_said_in_both_languages(wang: httpx.Client, tmp_path: Path) -> None:
    (tmp_path / "lamps.zip").write_bytes(b"PK\x03\x04 this is no zip")
    answer = send(wang, tmp_path / "lamps.zip")
    batch = answer.json()["id"]
    found = ended(wang, batch, "failed")
    assert found["state"] == "received"
    assert found["error"].startswith("lamps.zip: ")
    assert found["error_zh"]
    assert wang.post(f"{IMPORTS}/{batch}/inspect").status_code == 202
    ended(wang, batch, "failed")
    assert wang.post(f"{IMPORTS}/{batch}/drop").json()["state"] == "dropped"
    assert wang.post(f"{IMPORTS}/{batch}/drop").status_code == 409


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"target": "moon"}, "target 'moon' is not known"),
        ({"fields": {"colour": "X"}}, "field of layer components 'colour' is not known"),
        ({"crs": "EPSG:banana"}, "cannot be read as a coordinate system"),
        ({"encoding": "klingon"}, "'klingon' is not the name of a text encoding"),
        ({"encoding": "zlib"}, "'zlib' is not the name of a text encoding"),
        ({"encoding": "rot13"}, "'rot13' is not the name of a text encoding"),
        ({"set_aside": ["luck"]}, "rule 'luck' is not known"),
        ({"scope": {"kind": "district", "areas": ["999"], "subclasses": []}}, "there is no district 999"),
        ({"scope": {"kind": None, "areas": [], "subclasses": ["9999"]}}, "subclass of the scope '9999' is not known"),
        ({"turn": "upside-down"}, "body.turn"),
        ({"colour": 1}, "Extra inputs"),
    ],
)
def test_a_definition_that_names_what_is_not_there_is_refused(
    wang: httpx.Client, tmp_path: Path, change: dict[str, object], said: str
) -> None:
    batch = send(wang, lamps(tmp_path)).json()["id"]
    ended(wang, batch)
    answer = wang.put(f"{IMPORTS}/{batch}/definition", json={**DEFINITION, **change})
    assert answer.status_code == 422, answer.text
    assert said in answer.json()["detail"]
    assert answer.json()["detail_zh"]


def test_two_people_at_one_import(at: Desk, wang: httpx.Client, tmp_path: Path) -> None:
    """Each sees what the other does, and neither gets between."""
    batch = brought(wang, lamps(tmp_path))
    with at.of("li") as li:
        assert li.get(f"{IMPORTS}/{batch}").json()["who"] == "wang"
        answers = [
            client.put(f"{IMPORTS}/{batch}/definition", json=DEFINITION).status_code for client in (wang, li, wang, li)
        ]
        assert answers[0] == 202
        assert set(answers) <= {202, 409}
        ended(li, batch)
        asked = [client.post(f"{IMPORTS}/{batch}/promote") for client in (li, wang)]
        assert [answer.status_code for answer in asked] == [202, 409]
        assert asked[1].json()["detail_zh"]
        ended(wang, batch)
        step(li, batch, "rollback")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("POST", ""),
        ("GET", "/1"),
        ("PUT", "/1/definition"),
        ("POST", "/1/promote"),
        ("GET", "/1/features"),
    ],
)
def test_somebody_without_the_right_sees_and_does_nothing(at: Desk, method: str, path: str) -> None:
    with at.of("analyst") as client:
        answer = client.request(method, IMPORTS + path, json=DEFINITION if method == "PUT" else None)
        assert answer.status_code == 403, answer.text
        assert "import_data" in answer.json()["detail"]


def test_what_is_not_there_is_not_found(wang: httpx.Client) -> None:
    for path in ("", "/suggestion", "/findings", "/findings/file", "/changes", "/features", "/rejected"):
        assert wang.get(f"{IMPORTS}/987654{path}").status_code == 404, path
    for path in ("check", "promote", "rollback", "cancel", "drop", "inspect"):
        assert wang.post(f"{IMPORTS}/987654/{path}").status_code == 404, path


def test_who_did_what_is_recorded(at: Desk, wang: httpx.Client, tmp_path: Path) -> None:
    batch = brought(wang, lamps(tmp_path))
    wang.put(f"{IMPORTS}/{batch}/definition", json=DEFINITION)
    ended(wang, batch)
    step(wang, batch, "promote")
    with at.of("li") as li:
        step(li, batch, "rollback")
    with connect(at.database) as conn:
        rows = conn.execute(
            "SELECT action, source, account.name FROM audit JOIN account ON account.id = account_id"
            " WHERE thing = %s ORDER BY audit.id",
            (f"batch {batch}",),
        ).fetchall()
    assert rows == [("import.receive", "api", "wang"), ("import", "api", "wang"), ("import.rollback", "api", "li")]


def test_areas_in_force_are_told_from_a_draft_that_can_be_taken_back(
    at: Desk, wang: httpx.Client, tmp_path: Path
) -> None:
    halves = [TOWN.polygon("abed"), TOWN.polygon("bcfe")]
    batch = brought(wang, write(tmp_path / "grids.gpkg", halves, CODE=["F1", "F2"], NAME=["西", "东"]))
    fields = {"code": "CODE", "name_zh": "NAME"}
    wang.put(f"{IMPORTS}/{batch}/definition", json={"target": "responsibility_grid", "fields": fields})
    ended(wang, batch)
    promoted = step(wang, batch, "promote")
    assert promoted["in_force"] is None
    with connect(at.database) as conn:
        applied = apply_draft(conn, promoted["counts"]["draft"])
    assert wang.get(f"{IMPORTS}/{batch}").json()["in_force"] == applied.revision
    listed = wang.get(IMPORTS, params={"limit": 2}).json()["imports"]
    assert [one["in_force"] for one in listed] == [applied.revision, None]
    wang.post(f"{IMPORTS}/{batch}/rollback")
    assert "is in force as revision" in ended(wang, batch, "failed")["error"]
