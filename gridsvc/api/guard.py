"""What holds for every request and answer: headers, HEAD, and the size of a body."""

from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 4_000_000
"""Of a request's body; 10,000 points take about a tenth of it."""
MOST_DRAINED = 10 * MOST_BYTES
"""Of a body that is refused: read and dropped."""
HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}


class Guard:
    """HEAD is answered as GET without its body; a body above MOST_BYTES is refused with 413 as it is read."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"
        asked = {**scope, "method": "GET"} if head else scope
        await self.app(asked, _limited(scope, receive), _finished(send, head=head))


def _limited(scope: Scope, receive: Receive) -> Receive:
    announced = Headers(scope=scope).get("content-length", "")
    told = int(announced) if announced.isdecimal() else 0
    read = 0

    async def limited() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if max(told, read) > MOST_BYTES:
            await _drain(message, receive)
            raise _too_large()
        return message

    return limited


async def _drain(message: Message, receive: Receive) -> None:
    """Let the sender finish, within reason: whoever is cut off while sending never reads the answer."""
    left = MOST_DRAINED
    while message.get("more_body") and left > 0:
        message = await receive()
        left -= len(message.get("body", b""))


def _too_large() -> HTTPException:
    detail = f"the body takes more than {MOST_BYTES:,} bytes; send less at a time"
    return HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail, headers={"Connection": "close"})


def _finished(send: Send, *, head: bool) -> Send:
    async def finished(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        elif head and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return finished
