"""Tables without places, such as rosters and rules: files in and the forms of files out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from gridsvc.api import uploads
from gridsvc.api.dependencies import Service
from gridsvc.api.files import FILES
from gridsvc.domain.access import Right
from gridsvc.errors import InputError
from gridsvc.ingest.headed import HeadedRow, read_headed
from gridsvc.store.callers import Caller

FILE: dict[str, Any] = {
    "type": "object",
    "required": [uploads.FIELD],
    "properties": {uploads.FIELD: {"type": "string", "format": "binary", "description": "one .xlsx or .csv file"}},
}
TABLE_BODY = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": FILE}}}}
FORMS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": FILES[200]["description"],
        "content": {name: kind for name, kind in FILES[200]["content"].items() if "csv" in name or "sheet" in name},
    }
}


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A file as it was read."""

    name: str
    rows: Sequence[HeadedRow]


async def sent_table(
    request: Request, caller: Caller, service: Service, right: Right, words: Mapping[str, Sequence[str]],
    needed: Sequence[str],
) -> Sent:  # fmt: skip
    """Received and read before the transaction; it may name people, so it is not kept."""
    caller.check(right)
    with uploads.incoming(service.settings.uploads) as folder:
        parts = await uploads.received(request, folder)
        if len(parts) != 1:
            raise InputError("upload: send one file", zh="请上传一个文件")
        ((name, file),) = parts.items()
        named = file.rename(file.with_name(f"table{Path(name).suffix}"))
        return Sent(name=name, rows=await run_in_threadpool(read_headed, named, name, words, needed))
