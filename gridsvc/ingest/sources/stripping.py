"""The task of the child process that makes bare pictures of the photos in an archive."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from gridsvc.errors import InputError
from gridsvc.files.pictures import MOST_BYTES, stripped
from gridsvc.ingest.sources.archives import Archive, Member, opened
from gridsvc.ingest.sources.model import Limits


def write_pictures(kept: Path, file_name: str, limits: Limits, wanted: Sequence[str], target: BinaryIO) -> None:
    """Of each photo a line of JSON, with the size of the JPEG that follows, or why there is none."""
    with opened(kept, file_name, limits) as archive:
        members = {str(member.path): member for member in archive.members}
        for path in wanted:
            said, picture = _picture(archive, members[path])
            target.write(json.dumps({"path": path, "size": len(picture), **said}).encode() + b"\n" + picture)


def _picture(archive: Archive, member: Member) -> tuple[dict[str, str], bytes]:
    if member.info.file_size > MOST_BYTES:
        size = f"{MOST_BYTES // 1_000_000} MB"
        return {"en": f"it is larger than {size}", "zh": f"超过 {size}"}, b""
    try:
        return {"en": "", "zh": ""}, stripped(b"".join(archive.blocks(member)))[1]
    except InputError as error:
        return {"en": str(error), "zh": "不是可读取的 JPEG、PNG 或 WebP 图片"}, b""
