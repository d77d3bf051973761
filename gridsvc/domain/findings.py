"""What a check says about a feature."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`severity` is error, warning, repaired or note.

    `feature` is the 1-based number in the file; None when the finding is about the whole file.
    """

    rule: str
    severity: str
    feature: int | None
    message: str
