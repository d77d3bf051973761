"""Logs for programs: one JSON object a line, with the request's id and nothing personal."""

import logging
import re
import sys
import traceback
from contextvars import ContextVar
from typing import Any

import psycopg
from pythonjsonlogger.json import JsonFormatter
from typing_extensions import override

from gridsvc.errors import GridsvcError

request_id: ContextVar[str] = ContextVar("request_id", default="")
_SECRETS = re.compile(
    r"""(gsv_)[\w-]+|(://[^:/\s]*:)[^@/\s]+(?=@)|((?:password|secret|token|code)["']?\s*[=:]\s*["']?)[^\s&,;"']+""",
    re.I,
)


class Formatter(JsonFormatter):
    def __init__(self) -> None:
        super().__init__(
            "{asctime}{levelname}{name}{message}", style="{", json_ensure_ascii=False,
            rename_fields={"asctime": "at", "levelname": "level", "name": "logger"},
        )  # fmt: skip

    @override
    def formatException(self, ei: Any) -> str:
        return "" if ei[1] is None else described(ei[1])

    @override
    def format(self, record: logging.LogRecord) -> str:
        if known := request_id.get():
            record.request_id = known
        return masked(super().format(record))


def described(error: BaseException) -> str:
    """Type and place of an error. Its own words only where we chose them: others quote what people wrote."""
    if isinstance(error, psycopg.Error):
        quotes = (error.sqlstate or "").startswith("22")  # data exceptions quote the value
        words = f": {error.sqlstate} {'' if quotes else error.diag.message_primary or ''}"
    else:
        words = f": {error}" if isinstance(error, GridsvcError) else ""
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    return "\n".join([f"{type(error).__name__}{words}", *places])


def masked(text: str) -> str:
    """Without passwords in addresses, tokens, and what stands after words such as password."""
    return _SECRETS.sub(lambda found: f"{found[1] or found[2] or found[3]}***", text)


def to_stderr() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Formatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in ("uvicorn.access", "uvicorn.error", "httpx", "urllib3"):
        logging.getLogger(name).setLevel(logging.WARNING)
