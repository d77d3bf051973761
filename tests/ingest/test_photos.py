"""Photos of a survey: kept with the components that they show, stripped, once, and gone with their batch."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from gridsvc.domain.access import Right
from gridsvc.errors import ConflictError
from gridsvc.ingest.desk import Desk
from gridsvc.ingest.pipeline import import_file
from gridsvc.ingest.promote import Promoted
from gridsvc.ingest.rollback import roll_back
from gridsvc.inventory.component import component, photo
from gridsvc.store import batches
from gridsvc.store import photos as store
from gridsvc.store.accounts import set_visibility
from gridsvc.store.callers import act_for_good, name_caller
from gridsvc.store.city import City
from gridsvc.store.connection import Connection
from tests.access.test_photos import photo as taken
from tests.accounts import put_account
from tests.ingest.layers import LAMP, desk, lamps, points, write

CODES = ["5107030137000001", "5107030137000002"]
LAYER = lamps(fields={"code": "CODE"})
ONE, OTHER = taken(), taken(size=(50, 40))


@pytest.fixture
def at(town: City, tmp_path: Path) -> Desk:
    return desk(town, tmp_path)


def survey(folder: Path, name: str, photos: dict[str, bytes], codes: list[str] = CODES) -> Path:
    write(folder / f"{name}.zip", points("12"[: len(codes)]), CODE=codes)
    with zipfile.ZipFile(folder / f"{name}.zip", "a") as archive:
        for path, content in photos.items():
            archive.writestr(f"照片/{path}", content)
    return folder / f"{name}.zip"


def brought(conn: Connection, at: Desk, file: Path) -> Promoted:
    return import_file(conn, at, file, LAYER)


def warned(conn: Connection, done: Promoted) -> list[str]:
    return [one.message for one in batches.findings_of(conn, done.batch_id, rule="photos")]


def shown(conn: Connection, code: str) -> list[Any]:
    return list(component(conn, code)["photos"])


def test_photos_are_kept_without_what_the_camera_wrote(ready: Connection, at: Desk, tmp_path: Path) -> None:
    photos = {f"{CODES[0]}_1.jpg": ONE, f"{CODES[0]}_2.png": OTHER, f"{CODES[1]}/IMG_1.jpg": ONE}
    done = brought(ready, at, survey(tmp_path, "one", photos))
    assert (done.photos, warned(ready, done)) == (3, [])
    assert [len(shown(ready, code)) for code in CODES] == [2, 1]
    with Image.open(io.BytesIO(photo(ready, shown(ready, CODES[1])[0], at.photos))) as kept:
        assert (kept.format, kept.size, dict(kept.getexif())) == ("JPEG", (60, 40), {})


def test_the_same_photo_again_is_nothing_to_do(ready: Connection, at: Desk, tmp_path: Path) -> None:
    brought(ready, at, survey(tmp_path, "one", {f"{CODES[0]}.jpg": ONE}))
    again = brought(ready, at, survey(tmp_path, "again", {f"{CODES[0]}-1.jpg": ONE}))
    assert (again.nothing_to_do, again.photos) == (True, 0)
    other = brought(ready, at, survey(tmp_path, "other", {f"{CODES[0]}.jpg": OTHER}))
    assert (other.nothing_to_do, other.photos, len(shown(ready, CODES[0]))) == (False, 1, 2)


def test_photos_that_cannot_be_kept_are_named(ready: Connection, at: Desk, tmp_path: Path) -> None:
    bad = {"IMG_7.jpg": ONE, f"{CODES[0]}.jpg": b"no picture", f"{CODES[1]}.jpg": ONE[: len(ONE) // 2]}
    many = {f"{CODES[1]}_{n}.png": taken(size=(30 + n, 30)) for n in range(1, 23)}
    done = brought(ready, at, survey(tmp_path, "bad", {**bad, **many}))
    found = warned(ready, done)
    assert "1 photos are called as no component of the file that comes in (such as 照片/IMG_7.jpg)" in found
    assert any(f"照片/{CODES[0]}.jpg cannot be kept: this is not a picture" in one for one in found)
    assert any(f"照片/{CODES[1]}.jpg cannot be kept: the picture cannot be read" in one for one in found)
    assert f"23 photos are of component {CODES[1]}; the first 20 are kept" in found
    assert (done.photos, len(found)) == (19, 4)


def test_photos_go_with_their_batch(ready: Connection, at: Desk, tmp_path: Path) -> None:
    first = brought(ready, at, survey(tmp_path, "first", {f"{CODES[0]}.jpg": ONE}))
    second = brought(ready, at, survey(tmp_path, "second", {f"{CODES[0]}.jpg": OTHER, f"{CODES[1]}.jpg": OTHER}))
    with pytest.raises(ConflictError, match=rf"by batch {second.batch_id} \(2 of them\)"):
        roll_back(ready, at, first.batch_id)
    roll_back(ready, at, second.batch_id)
    assert [len(shown(ready, code)) for code in CODES] == [1, 0]
    roll_back(ready, at, first.batch_id)
    assert ready.execute("SELECT count(*) FROM component_photo").fetchone() == (0,)


def test_files_stay_while_a_component_has_them(
    ready: Connection, at: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = brought(ready, at, survey(tmp_path, "one", {f"{CODES[0]}.jpg": ONE}))
    monkeypatch.setattr(store, "YOUNG", -1.0)
    assert store.sweep(ready, at.photos) == 0
    roll_back(ready, at, done.batch_id)
    assert store.sweep(ready, at.photos) == 1


def test_photos_are_details(ready: Connection, at: Desk, tmp_path: Path) -> None:
    brought(ready, at, survey(tmp_path, "one", {f"{CODES[0]}.jpg": ONE}))
    set_visibility(ready, LAMP, 0)
    put_account(ready, "reader", "analyst", whole_city=True)
    ready.execute("DELETE FROM role_right WHERE role = 'analyst' AND right_name = 'see_details'")
    act_for_good(ready, name_caller(ready, "reader", "local", "r"), Right.EXPORT, as_system=False)
    assert shown(ready, CODES[0]) == []
    ready.execute("RESET ROLE")
