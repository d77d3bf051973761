"""Photos of a survey: read when a batch is checked, kept with its components when it is promoted."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from gridsvc.domain.crs import BoolArray
from gridsvc.domain.findings import Finding
from gridsvc.files.pictures import MOST_PHOTOS
from gridsvc.ingest import sources, staging
from gridsvc.ingest.desk import Desk
from gridsvc.store import photos as store
from gridsvc.store.connection import Connection

RULE = "photos"
PHOTOS, FOLDER = "photos.arrow", "photos"
SCHEMA = pa.schema([("code", pa.string()), ("sha256", pa.string())])


def gather(
    desk: Desk, kept: Path, looked: sources.Inspection, rows: Any, rejected: BoolArray, folder: Path
) -> Iterator[Finding]:
    """Make the photos of staged components ready beside their rows; what is wrong with the others."""
    codes = set(rows["code"].filter(pa.array(~rejected)).to_pylist())
    strange = [photo.path for photo in looked.photos if photo.key not in codes]
    if strange:
        yield _warning(
            f"{len(strange)} photos are called as no component of the file that comes in (such as {strange[0]})",
            f"{len(strange)} 张照片的名称与文件中可入库的部件编码不符（如 {strange[0]}）",
            "they are not kept: call a photo, or its folder, as the code of its component",
            "这些照片不会保存；照片或其所在文件夹应以部件编码命名",
        )
    wanted, many = _few(looked.photos, codes)
    for code, count in many.items():
        yield _warning(
            f"{count} photos are of component {code}; the first {MOST_PHOTOS} are kept",
            f"部件 {code} 有 {count} 张照片，只保存前 {MOST_PHOTOS} 张", "", "", code,
        )  # fmt: skip
    if wanted:
        yield from _made(desk, kept, looked.file_name, wanted, folder)


def _few(photos: tuple[sources.Photo, ...], codes: set[str]) -> tuple[dict[str, str], dict[str, int]]:
    """Code by path of the photos that are to be kept; of which codes there are too many."""
    counts: Counter[str] = Counter()
    wanted = {}
    for photo in sorted(photos, key=lambda photo: photo.path):
        if photo.key in codes:
            counts[photo.key] += 1
            if counts[photo.key] <= MOST_PHOTOS:
                wanted[photo.path] = photo.key
    return wanted, {code: count for code, count in counts.items() if count > MOST_PHOTOS}


def _made(desk: Desk, kept: Path, file_name: str, wanted: dict[str, str], folder: Path) -> Iterator[Finding]:
    (folder / FOLDER).mkdir(mode=0o700, exist_ok=True)
    codes, hashes = [], []
    for number, picture in enumerate(sources.pictures(kept, file_name, desk.limits, list(wanted)), start=1):
        desk.progress("photos", number)
        code = wanted[picture.path]
        if not picture.content:
            yield _warning(
                f"the photo {picture.path} cannot be kept: {picture.en}",
                f"照片 {picture.path} 无法保存：{picture.zh}", "", "", code,
            )  # fmt: skip
            continue
        digest = hashlib.sha256(picture.content).hexdigest()
        (folder / FOLDER / digest).write_bytes(picture.content)
        codes.append(code)
        hashes.append(digest)
    with staging.written(folder, PHOTOS, SCHEMA) as writer:
        writer.write_table(pa.table([codes, hashes], schema=SCHEMA))


def keep(conn: Connection, desk: Desk, batch_id: int) -> int:
    """Keep what was made ready; how many photos their components did not have yet."""
    folder = desk.folder(batch_id)
    if not (folder / PHOTOS).exists():
        return 0
    listed = staging.rows(folder, PHOTOS)
    for digest in pc.unique(listed["sha256"]).to_pylist():
        store.keep((folder / FOLDER / digest).read_bytes(), desk.photos)
    return store.add_component_photos(conn, batch_id, listed["code"].to_pylist(), listed["sha256"].to_pylist())


def _warning(en: str, zh: str, hint: str, hint_zh: str, code: str | None = None) -> Finding:
    return Finding(rule=RULE, severity="warning", code=code, message=en, message_zh=zh, hint=hint, hint_zh=hint_zh)
