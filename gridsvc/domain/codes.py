"""Component codes: 6 digits of the district, 2 of the class, 2 of the subclass, 6 of the serial (GB/T 30428.2)."""

import re

from gridsvc.errors import InputError

SCHEME = (
    "gbt30428.2-2013"  # 6 + 2 + 2 + 6; the draft successor is 16 digits too (6 + 2 + 3 + 5), so length proves nothing
)
LAST_SERIAL = 999_999


def component_code(district: str, subclass_part: str, serial: int) -> str:
    """The 16-digit code; `subclass_part` is the national four-digit code where one is known, else the city's own."""
    if not re.fullmatch("[0-9]{6}", district):
        raise InputError(f"district code {district!r}: six digits are needed for component codes")
    if not re.fullmatch("[0-9]{4}", subclass_part):
        raise InputError(f"subclass {subclass_part!r}: four digits are needed for component codes")
    if not 1 <= serial <= LAST_SERIAL:
        raise InputError(
            f"district {district}, subclass {subclass_part}: serial {serial} is outside 1 to {LAST_SERIAL}"
        )
    return f"{district}{subclass_part}{serial:06d}"
