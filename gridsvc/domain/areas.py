"""Kinds of area and the codes of areas (GB/T 30428.1 and free schemes)."""

import re
from dataclasses import dataclass

from gridsvc.errors import InputError, one_of

CODE_SCHEMES = {
    "free": re.compile(r"\S(.{0,62}\S)?"),
    "district": re.compile(r"[0-9]{6}"),
    "subdistrict": re.compile(r"[0-9]{9}"),
    "community": re.compile(r"[0-9]{12}"),
    "unit_grid": re.compile(r"[0-9]{15}"),  # GB/T 30428.1-2013: 6 + 3 + 3 + 3
    "unit_grid_14": re.compile(r"[0-9]{14}"),  # CJ/T 213-2005: 6 + 3 + 3 + 2
}
PARENT_SCHEMES = {
    "subdistrict": ("district", 6),
    "community": ("subdistrict", 9),
    "unit_grid": ("community", 12),
    "unit_grid_14": ("community", 12),
}
"""Schemes whose codes begin with the code of the parent: the parent's scheme, and how many digits that has."""


@dataclass(frozen=True, kw_only=True)
class AreaKind:
    """A kind of area; `specificity` decides between duty rules, higher wins."""

    kind: str
    name_zh: str
    name_en: str
    parent: str | None = None
    made_of: str | None = None
    must_tile: bool = False
    code_scheme: str = "free"
    specificity: int = 0

    def __post_init__(self) -> None:
        if self.code_scheme not in CODE_SCHEMES:
            raise one_of(f"area kind {self.kind}: code scheme", self.code_scheme, sorted(CODE_SCHEMES))
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}", self.kind):
            raise InputError(f"area kind {self.kind!r}: use lower-case letters, digits and _")


def fits_scheme(code: str, scheme: str) -> bool:
    return CODE_SCHEMES[scheme].fullmatch(code) is not None


def parent_digits(kind: AreaKind, parent: AreaKind | None) -> int | None:
    """How many digits of a code are the code of the parent; None where codes do not name it."""
    scheme, digits = PARENT_SCHEMES.get(kind.code_scheme, (None, None))
    return digits if parent is not None and parent.code_scheme == scheme else None
