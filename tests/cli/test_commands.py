"""The commands of GIS staff: exit codes, one line of error, and JSON that programs can read."""

import subprocess
import sys
from pathlib import Path

import pytest

from gridsvc.store import batches, components
from gridsvc.store.connection import Connection
from tests.cli.commands import Gridsvc
from tests.ingest.layers import TOWN, cut, points, without, write


def test_import_and_what_the_batches_say(gridsvc: Gridsvc, standing: Connection, tmp_path: Path) -> None:
    said = gridsvc("import", write(tmp_path / "lamps.zip", points("13")), "--layer", "0599")
    assert (said.code, said.err) == (0, "")
    assert said.out == "lamps.zip: 2 components added as batch 1, 2 codes issued\n"
    listed = gridsvc("batch", "list")
    assert listed.out.split()[3:] == ["promoted", "0599", "lamps.zip"]
    shown = gridsvc("batch", "show", 1)
    assert shown.out.startswith("batch 1: lamps.zip into 0599, promoted; gone 0, read 2, added 2, areas 0, ")
    assert components.component_count(standing) == 2


def test_json_of_import_and_batches(gridsvc: Gridsvc, standing: Connection, tmp_path: Path) -> None:
    file = write(tmp_path / "lamps.zip", points("13"), CODE=["路灯1", "路灯2"])
    done = gridsvc("import", file, "--layer", "components", "--subclass", "0599", "--field", "code=CODE", "--json").json
    assert (done["read"], done["added"], done["issued"], done["draft_id"]) == (2, 2, 0, None)
    listed = gridsvc("batch", "list", "--json").json
    assert listed["total"] == 1
    assert listed["batches"][0]["id"] == done["batch_id"]
    shown = gridsvc("batch", "show", done["batch_id"], "--json").json
    assert shown["counts"]["added"] == 2
    assert {finding["severity"] for finding in shown["findings"]} == {"warning", "note"}
    assert standing.execute("SELECT max(component_code) FROM component").fetchone() == ("路灯2",)


def test_from_check_to_promotion_and_back(gridsvc: Gridsvc, standing: Connection, tmp_path: Path) -> None:
    before = components.current_checksum(standing)
    file = write(tmp_path / "lamps.zip", points("13"), CODE=["a", "b"])
    said = gridsvc("import", file, "--layer", "0599", "--field", "code=CODE", "--check-only")
    assert said.out.startswith("lamps.zip: batch 1, 2 read; found: ")
    assert components.current_checksum(standing) == before, "nothing counts before it is promoted"
    assert gridsvc("batch", "diff", 1, "--only", "added").out.splitlines() == [
        "batch 1: 0 gone, 2 added, 0 changed, 0 rejected, 0 ambiguous, 0 unchanged", "  added      a", "  added      b",
    ]  # fmt: skip
    assert gridsvc("batch", "diff", 1, "--only", "moved").code == 1
    assert gridsvc("batch", "findings", 1, tmp_path / "found.csv", "--language", "en").code == 0
    head, *found = (tmp_path / "found.csv").read_text(encoding="utf-8-sig").splitlines()
    assert head.startswith('"number","severity","rule"')
    assert found
    assert gridsvc("batch", "check", 1).code == 0
    assert gridsvc("batch", "promote", 1).out == "lamps.zip: 2 components added as batch 1, 0 codes issued\n"
    assert gridsvc("batch", "promote", 1).err == "gridsvc: batch 1 (lamps.zip) is promoted already\n"
    assert gridsvc("batch", "rollback", 1).out == ("batch 1 is rolled back: 2 removed, 0 are again what they were\n")
    assert components.current_checksum(standing) == before
    gridsvc("import", file, "--layer", "0599", "--field", "code=CODE", "--check-only")
    assert gridsvc("batch", "drop", 2).out == "batch 2 is dropped\n"


def test_areas_from_import_to_force_and_split(gridsvc: Gridsvc, standing: Connection, tmp_path: Path) -> None:
    file = write(tmp_path / "grids.zip", [TOWN.polygon("abed"), TOWN.polygon("bcfe")], CODE=["N1", "N2"])
    said = gridsvc("import", file, "--layer", "responsibility_grid", "--field", "code=CODE")
    assert said.code == 0
    assert "grids.zip: 2 areas became draft 3 of responsibility_grid; `gridsvc areas apply 3` puts" in said.out
    assert "draft 3: import, 2 responsibility_grid, from batch" in gridsvc("areas", "list").out
    done = gridsvc("areas", "apply", 3)
    assert done.out.startswith("draft 3 is in force as revision 3: 4 areas changed")  # two end, two begin
    again = gridsvc("areas", "apply", 3)
    assert (again.code, again.err) == (1, "gridsvc: draft 3 was applied already, as revision 3\n")
    standing.execute(
        "INSERT INTO area_kind VALUES ('sub_grid', '子网格', 'Sub-grid', 'responsibility_grid', NULL, true, 'free', 40)"
    )
    draft = gridsvc("areas", "split", "responsibility_grid", "--json").json["draft"]
    assert gridsvc("areas", "apply", draft, "--json").json["areas"] == 8
    assert gridsvc("areas", "list", "--json").json["kinds"]["sub_grid"] == 8


def test_what_was_refused_ends_with_one_line_and_changes_nothing(
    gridsvc: Gridsvc, standing: Connection, tmp_path: Path
) -> None:
    good = write(tmp_path / "good.zip", points("1"))
    gridsvc("import", good, "--layer", "0599")
    before = components.current_checksum(standing)
    bare = write(tmp_path / "bare.zip", points("12"))
    arguments = [
        (
            ("import", without(write(tmp_path / "a.zip", points("1")), ".shx"), "--layer", "0599"),
            "a.zip: a.shx is missing",
        ),
        (("import", cut(write(tmp_path / "b.zip", points("1"))), "--layer", "0599"), "b.zip: it is not a complete zip"),
        (("import", good, "--layer", "0599"), "good.zip: this very file was imported into layer 0599"),
        (("import", tmp_path / "none.zip", "--layer", "0599"), "none.zip: there is no such file"),
        (("import", bare, "--layer", "lamps"), "layer 'lamps' is not known; choose one of: district"),
        (("import", bare, "--layer", "components"), "bare.zip, feature 1: it names no subclass"),
        (("import", bare, "--layer", "components", "--subclass", "9999"), "bare.zip, feature 1: subclass '9999'"),
        (("import", bare, "--layer", "0599", "--field", "code"), "--field 'code': write TARGET=COLUMN"),
        (("import", bare, "--layer", "0599", "--field", "code=ID"), "bare.zip: it has no column 'ID' for code"),
        (("batch", "show", "999"), "batch 999 does not exist; `gridsvc batch list`"),
        (("areas", "apply", "999"), "draft 999 does not exist"),
        (("areas", "split", "ward"), "area kind 'ward' is not known"),
        (("init", "--crs", "EPSG:4490"), "has the unit degree"),
        (("init", "--crs", "EPSG:4544", "--district-code", "51"), "district code '51' is not six digits"),
        (("init", "--crs", "EPSG:4544", "--time-zone", "Mars"), "time zone 'Mars' is not known"),
        (("demo", "atlantis", "--no-serve"), "no sample city or folder 'atlantis'; samples: mianyang, washington-dc"),
    ]
    for given, cause in arguments:
        said = gridsvc(*given)
        assert said.code == 1, (given, said)
        assert said.err.startswith("gridsvc: "), given
        assert cause in said.err, (given, said.err)
        assert said.err.count("\n") == 1, said.err
        assert said.out == "", given
    assert components.current_checksum(standing) == before
    assert {batch["state"] for batch in batches.batches(standing)} == {"promoted", "refused"}


@pytest.mark.parametrize(
    "arguments",
    [("import",), ("import", "x.zip"), ("batch", "show", "one"), ("fly",), ("areas", "apply", "1", "--at", "x")],
)
def test_wrong_use_ends_with_two(gridsvc: Gridsvc, arguments: tuple[str, ...]) -> None:
    said = gridsvc(*arguments)
    assert said.code == 2
    assert "Usage" in said.err


def test_the_hundred_newest_batches_say_how_many_there_are(gridsvc: Gridsvc, standing: Connection) -> None:
    assert gridsvc("batch", "list").out == "nothing was imported yet\n"
    for n in range(103):
        batches.add_batch(standing, layer="l", target="components", file_name=f"{n}.zip", sha256=str(n))
    lines = gridsvc("batch", "list").out.splitlines()
    assert (len(lines), lines[-1]) == (101, "these are the newest 100 of 103")
    listed = gridsvc("batch", "list", "--json").json
    assert (listed["total"], len(listed["batches"])) == (103, 100)


def test_init_may_be_repeated(gridsvc: Gridsvc) -> None:
    said = gridsvc("init", "--crs", "EPSG:4544", "--name-en", "Test town", "--json")
    assert said.json == {"srid": 4544, "new": False, "administrator": None, "password": None}


@pytest.mark.usefixtures("gridsvc", "standing")
def test_a_program_sees_the_exit_code_and_no_traceback(tmp_path: Path) -> None:
    file = write(tmp_path / "lamps.geojson", [TOWN.polygon("126")])
    command = [sys.executable, "-c", "from gridsvc.cli.main import main; main()", "import", file, "--layer", "0599"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == ("gridsvc: lamps.geojson, feature 1: it is a Polygon, where the layer asks for point\n")


def test_a_setting_that_is_wrong(gridsvc: Gridsvc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDSVC_PORT", "http")
    said = gridsvc("batch", "list")
    assert (said.code, said.err.count("\n")) == (2, 1)
    assert said.err.startswith("gridsvc: the setting GRIDSVC_PORT is wrong: Input should be a valid integer")


def test_no_database_yet(gridsvc: Gridsvc, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRIDSVC_DATABASE_URL")
    said = gridsvc("batch", "list")
    assert said.code == 1
    assert said.err.startswith("gridsvc: there is no database yet in ")
    monkeypatch.setenv("GRIDSVC_DATABASE_URL", "postgresql://127.0.0.1:1/none?password=secret")
    said = gridsvc("batch", "list")
    assert said.code == 1
    assert "does not answer" in said.err
    assert "secret" not in said.err
