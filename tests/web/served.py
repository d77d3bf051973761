"""A small server for pages that a test has rendered, with their policies, and for the product's own assets."""

import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from urllib.parse import urlsplit

Pages = dict[str, tuple[str, str]]
"""Path to (text, policy); the query of a request is ignored."""


def _asset(path: str) -> bytes | None:
    file = files("gridsvc.web") / path.lstrip("/")
    return file.read_bytes() if path.startswith("/assets/") and ".." not in path and file.is_file() else None


@contextmanager
def served(pages: Pages) -> Iterator[str]:
    """Serve `pages` on a free port of this machine; gives host:port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            text, policy = pages.get(path, ("", ""))
            body = text.encode() if text else _asset(path)
            kind = mimetypes.guess_type(path)[0] or "text/html; charset=utf-8"
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", kind)
            if policy:
                self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
