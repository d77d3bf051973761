"""The Content-Security-Policy for a map that is served: its inline parts are named by hash, it loads nothing."""

import base64
import hashlib
import re

_PART = re.compile(r"<(script|style)>(.*?)</\1>", re.DOTALL)


def frame_policy(html: str) -> str:
    """The policy header for a document made by `heat_map` or `grid_map`, shown in a frame of the same site."""
    hashes: dict[str, list[str]] = {"script": [], "style": []}
    for kind, text in _PART.findall(html):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        hashes[kind].append(f"'sha256-{digest}'")
    parts = [f"{kind}-src {' '.join(found)}" for kind, found in hashes.items() if found]
    rest = ["img-src data:", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'self'"]
    return "; ".join(["default-src 'none'", *parts, *rest])
