"""What a check says about a feature."""

from dataclasses import dataclass
from typing import Any

SEVERITIES = ("error", "warning", "repaired", "note")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One sentence about one feature, or about the whole file.

    `feature` is the 1-based number in its layer of the file; None when the finding is about the whole layer or file.
    """

    rule: str
    severity: str
    """One of SEVERITIES: an error refuses the file, or sets the row aside where the layer lets it."""
    layer: str | None = None
    """Layer of the file; None when the finding is about the whole file."""
    feature: int | None = None
    code: str | None = None
    """What the feature calls itself."""
    message: str
    """English."""
    message_zh: str = ""
    hint: str = ""
    """What to do about it, in English."""
    hint_zh: str = ""
    geom: Any = None
    """Shapely geometry in the city's CRS of what is wrong; None where it has no place."""
