from pathlib import PurePosixPath

import pytest

from gridsvc.ingest.sources.photos import photo_of


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("photos/5107030101000001.jpg", "5107030101000001"),
        ("photos/5107030101000001_1.jpg", "5107030101000001"),
        ("照片/5107030101000001(2).JPG", "5107030101000001"),
        ("照片/5107030101000001-3.png", "5107030101000001"),
        ("普查/5107030101000001/1.jpg", "5107030101000001"),
        ("普查/5107030101000001/IMG_0042.jpg", "5107030101000001"),
        ("普查/5107030101000001/近景.jpg", "5107030101000001"),
        ("A-12.jpg", "A-12"),
        ("photos/IMG_0042.jpg", "IMG_0042"),
    ],
)
def test_photos_are_keyed_by_what_they_show(path: str, key: str) -> None:
    assert photo_of(PurePosixPath(path)).key == key
