"""Requests at a constant rate, whether or not those before are answered; a slow answer cannot slow the asking."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

LINES = 64
"""Connections that are kept open; a request that finds none free waits, and its waiting counts."""


@dataclass(frozen=True, kw_only=True)
class Answered:
    """One value per request, in their order."""

    statuses: list[int]
    milliseconds: list[float]
    """From the moment at which the request was due to the last byte of its answer."""


def asked_at_rate(port: int, requests: Sequence[bytes], per_second: float) -> Answered:
    return asyncio.run(_asked(port, requests, per_second))


async def _asked(port: int, requests: Sequence[bytes], per_second: float) -> Answered:
    lines: asyncio.Queue[_Line] = asyncio.Queue()
    for _ in range(LINES):
        lines.put_nowait(_Line(*await asyncio.open_connection("127.0.0.1", port)))
    answered = Answered(statuses=[0] * len(requests), milliseconds=[0.0] * len(requests))

    async def ask(n: int, due: float) -> None:
        line = await lines.get()
        answered.statuses[n] = await line.ask(requests[n])
        answered.milliseconds[n] = 1_000 * (time.perf_counter() - due)
        lines.put_nowait(line)

    begun, asking = time.perf_counter() + 0.1, []
    for n in range(len(requests)):
        due = begun + n / per_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        asking.append(asyncio.create_task(ask(n, due)))
    await asyncio.gather(*asking)
    while not lines.empty():
        lines.get_nowait().writer.close()
    return answered


@dataclass(frozen=True)
class _Line:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, request: bytes) -> int:
        """The status of the answer, which is read to its end."""
        self.writer.write(request)
        head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
        await self.reader.readexactly(int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0]))
        return int(head.split(b" ", 2)[1])
