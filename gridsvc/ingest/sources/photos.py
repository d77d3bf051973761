"""Photos of a survey: they are listed, not read, by the code of the component that they show."""

import re
from pathlib import PurePosixPath

from gridsvc.ingest.sources.model import Photo

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".bmp", ".tif", ".tiff", ".gif")
NUMBERED = re.compile(r"(?:_\d{1,3}|[-_ ]?[(（]\d{1,3}[)）]|(?<=\d{10})-\d{1,2})$")
"""One of several photos of one component: `…_1`, `… (2)`, `…-1`."""
GENERAL = "IMG|DSC|DSCN|DSCF|PIC|WX|photos?|images?|pictures?|照片|图片|影像|近景|远景|全景|正面|侧面"
COUNTER = re.compile(rf"(?:{GENERAL})?[-_ ]?\d{{0,4}}", re.IGNORECASE)
"""Names that say nothing of the component: they tell photos of a folder apart, or name the folder of all."""


def photo_of(path: PurePosixPath) -> Photo:
    stem = NUMBERED.sub("", path.stem)
    folder = path.parent.name
    by_folder = folder and COUNTER.fullmatch(path.stem) and not COUNTER.fullmatch(folder)
    return Photo(path=str(path), key=NUMBERED.sub("", folder) if by_folder else stem)
