"""Answers that are made whole before they are sent: a slow reader keeps no connection, and what fails is a problem."""

import json
import tempfile
from collections.abc import Iterator
from typing import IO, Any

from fastapi import Response
from fastapi.responses import StreamingResponse

BLOCK, IN_MEMORY = 1 << 16, 1 << 20


def as_json(answer: dict[str, Any]) -> Response:
    """Of texts, numbers, lists and the like, which are written as they are: no model is asked, so it is quick."""
    return Response(json.dumps(answer, ensure_ascii=False, separators=(",", ":")), media_type="application/json")


def csv_file(name: str, lines: Iterator[bytes]) -> StreamingResponse:
    """A CSV file to be saved."""
    spool: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  closed when it was sent
    for block in lines:
        spool.write(block)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(spool.tell())}
    spool.seek(0)
    return StreamingResponse(_blocks(spool), media_type="text/csv; charset=utf-8", headers=headers)


def _blocks(spool: IO[bytes]) -> Iterator[bytes]:
    with spool:
        while block := spool.read(BLOCK):
            yield block
