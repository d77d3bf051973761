"""Files that are read whole before they are sent: a slow reader keeps no connection, and what fails is a problem."""

import tempfile
from collections.abc import Iterator
from typing import IO

from fastapi.responses import StreamingResponse

BLOCK, IN_MEMORY = 1 << 16, 1 << 20


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
