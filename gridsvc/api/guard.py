"""What holds for every request and answer: an id, a line in the log, headers, HEAD, and the size of a body."""

import logging
import re
import time
import uuid
from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gridsvc.api.logs import request_id

MOST_BYTES = 128_000
"""Of a request's body: reading a large one that makes no sense takes longer than it took to send."""
MOST_BYTES_OF = {
    re.compile("/api/v1/locate"): 600_000,  # 10,000 points
    re.compile("/api/v1/reports/[^/]+/photos"): 16_000_000,
    re.compile("/api/v1/reports/bulk"): 4_000_000,  # 1,000 reports
    re.compile("/api/v1/areas/drafts"): 4_000_000,  # streets and buildings of a part of the city
    re.compile("/api/v1/imports/[^/]+/definition"): 4_000_000,  # thousands of values and areas
}
UPLOADS = re.compile("/api/v1/imports")
TABLES_OF_POINTS = re.compile(r"/api/v1/locate application/vnd\.apache\.(arrow\.stream|parquet)")
"""Path and type of the content."""
MEGABYTE = 1 << 20
MOST_DRAINED = 40_000_000
"""Of a body that is refused: read and dropped, or as much as would have been taken."""
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self)",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
"""Unless a route says otherwise. Answers differ by caller, so no cache keeps them."""
STRICT_TRANSPORT = "max-age=31536000"
logger = logging.getLogger("gridsvc.requests")


class Guard:
    """HEAD is answered as GET without its body; a body above MOST_BYTES is refused with 413 as it is read."""

    def __init__(self, app: ASGIApp, upload_megabytes: int) -> None:
        self.app = app
        self._most_of = MOST_BYTES_OF | dict.fromkeys((UPLOADS, TABLES_OF_POINTS), upload_megabytes * MEGABYTE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"
        asked = {**scope, "method": "GET"} if head else dict(scope)
        known, begun = str(uuid.uuid4()), time.perf_counter()
        noted = request_id.set(known)
        answer = _Answer(send, known, head=head, tls=scope["scheme"] == "https")
        try:
            await self.app(asked, self._limited(scope, receive), answer.send)
        finally:
            line = {"method": scope["method"], "route": _declared(asked), "status": answer.status}
            logger.info("answered", extra={**line, "ms": round(1_000 * (time.perf_counter() - begun), 1)})
            request_id.reset(noted)

    def _limited(self, scope: Scope, receive: Receive) -> Receive:
        announced = Headers(scope=scope).get("content-length", "")
        told = int(announced) if announced.isdecimal() else 0
        most = self._most(scope)
        read = 0

        async def limited() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if max(told, read) > most:
                await _drain(message, receive, max(MOST_DRAINED, most))
                raise TooLargeError(most)
            return message

        return limited

    def _most(self, scope: Scope) -> int:
        typed = f"{scope['path']} {content_type(Headers(scope=scope))}"
        known = (most for path, most in self._most_of.items() if path.fullmatch(scope["path"]) or path.fullmatch(typed))
        return max(known, default=MOST_BYTES)


def content_type(headers: Headers) -> str:
    """Without its parameters."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def _declared(scope: Scope) -> str:
    """The route as it is declared, for what stands in a path or a query may be personal."""
    route = getattr(scope.get("route"), "path", None)
    if route is None:
        return "/assets" if scope["path"].startswith("/assets/") else "(none)"
    parts = scope["path"].split("/")
    return "/".join(parts[: len(parts) - route.count("/")]) + str(route)


async def _drain(message: Message, receive: Receive, most: int) -> None:
    """Let the sender finish, within reason: whoever is cut off while sending never reads the answer."""
    left = most
    while message.get("more_body") and left > 0:
        message = await receive()
        left -= len(message.get("body", b""))


class TooLargeError(HTTPException):
    """`zh`: the detail in Chinese."""

    def __init__(self, most: int) -> None:
        whole = most % MEGABYTE == 0
        said, zh = (f"{most // MEGABYTE:,} MB",) * 2 if whole else (f"{most:,} bytes", f"{most:,} 字节")
        detail = f"the body takes more than {said}; send less at a time"
        super().__init__(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail, headers={"Connection": "close"})
        self.zh = f"发送的内容超过上限（{zh}），请减小后重试"


class _Answer:
    """Adds the headers, leaves out the body of a HEAD, and remembers the status."""

    def __init__(self, send: Send, known: str, *, head: bool, tls: bool) -> None:
        self.status = 0
        self._send, self._id, self._head, self._tls = send, known, head, tls

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers["X-Request-Id"] = self._id
            if self._tls:
                headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
        elif self._head and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await self._send(message)
