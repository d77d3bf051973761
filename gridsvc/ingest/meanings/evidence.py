"""What the values of a column say for or against a meaning."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gridsvc.domain.areas import AreaKind
from gridsvc.domain.catalogue import Subclass
from gridsvc.ingest.layers import COMPONENTS
from gridsvc.ingest.meanings.columns import area_meanings, component_meanings, plain
from gridsvc.ingest.meanings.names import PARTIES, ROW_NUMBERS, USUAL_PARENTS
from gridsvc.ingest.meanings.values import SURE, state_lexicon, subclass_lexicon, understand

SCHEME_DIGITS = {
    "district": (6,),
    "subdistrict": (9,),
    "community": (12,),
    "unit_grid": (15, 14),
    "unit_grid_14": (14,),
    "free": (),
}
CHINESE_SIGN = re.compile("[\u3400-\u9fff]")
DATE = re.compile(r"(18|19|20)[0-9]{2}([-/.年]?[0-9]{1,2}[-/.月]?[0-9]{0,2}.*)?")
SHORTEST_AREA_CODE = 9
"""Digits that prove an area code without a telling name: postal codes have six."""


@dataclass(frozen=True, kw_only=True)
class ColumnLook:
    """A column as inspection shows it; `type` as pyogrio or pandas name it."""

    name: str
    type: str
    examples: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """`proves`: the values alone are enough to suggest the meaning."""

    fits: bool
    proves: bool = False
    reason: str = ""
    reason_zh: str = ""


class Evidence:
    """Of a target: what a column's examples say for a meaning. None: nothing either way."""

    def __init__(self, target: str, subclasses: Sequence[Subclass], kinds: Sequence[AreaKind]) -> None:
        known = {kind.kind: kind for kind in kinds}
        parent = known[target].parent if target in known else USUAL_PARENTS.get(target)
        self._catalogue = subclass_lexicon(subclasses) if subclasses else None
        self._states = state_lexicon()
        self._checks: dict[str, Callable[[Sequence[str]], Verdict | None]]
        if target == COMPONENTS:
            self.known = component_meanings()
            self._checks = self._of_components()
        else:
            own_names = {kind.kind: (kind.name_zh, kind.name_en) for kind in kinds}
            self.known = area_meanings(target, parent, own_names)
            own, above = _digits(target, known), _digits(parent, known)
            self._checks = {
                "code": lambda texts: _area_code(texts, own),
                "parent_code": lambda texts: _area_code(texts, above),
                "name_zh": lambda texts: Verdict(fits=_share(texts, _chinese) > 0),
                "name_en": lambda texts: Verdict(fits=_share(texts, _latin) > 0),
                "valid_from": _dates,
            }

    def _of_components(self) -> dict[str, Callable[[Sequence[str]], Verdict | None]]:
        parties: dict[str, Callable[[Sequence[str]], Verdict | None]] = {}
        for party in PARTIES:
            parties |= {party: _department_codes, f"{party}_name": _department_names}
        return parties | {
            "code": _component_codes,
            "unit_grid": lambda texts: _area_code(texts, SCHEME_DIGITS["unit_grid"]) if _one_city(texts) else None,
            "subclass": self._subclass_codes,
            "subclass_name": self._subclass_names,
            "state": self._state_words,
            "surveyed_at": _dates,
            "changed_at": _dates,
            "longitude": lambda texts: Verdict(fits=_share(texts, _degrees) == 1),
            "latitude": lambda texts: Verdict(fits=_share(texts, _degrees) == 1),
        }

    def says(self, meaning: str, column: ColumnLook) -> Verdict | None:
        texts = [text.strip() for text in column.examples if text.strip()]
        if not texts or meaning not in self._checks or plain(column.name) in ROW_NUMBERS:
            return None
        return self._checks[meaning](texts)

    def layer_names(self, names: Sequence[str]) -> float:
        """Share of the layers' names that surely mean a subclass."""
        if self._catalogue is None:
            return 0.0
        found = [understand(name, self._catalogue) for name in names]
        return sum(one is not None and one.confidence >= SURE for one in found) / max(1, len(names))

    def _subclass_codes(self, texts: Sequence[str]) -> Verdict:
        """Codes that lost their zero fit a name that says so, but prove nothing alone."""
        if self._catalogue is None:
            return Verdict(fits=_share(texts, lambda text: _is_number(text, (4,))) > 0.5)
        codes = self._catalogue.codes
        return Verdict(
            fits=_share(texts, lambda text: text.removesuffix(".0") in codes) > 0.5,
            proves=_share(texts, lambda text: text in codes and len(text) == 4) > 0.5,
            reason="its values are subclass codes",
            reason_zh="其值是小类代码",
        )

    def _subclass_names(self, texts: Sequence[str]) -> Verdict | None:
        if self._catalogue is None:
            return None if _share(texts, _chinese) == 1 else Verdict(fits=False)
        named = [text not in self._catalogue.codes and self._catalogue.exact(text) is not None for text in texts]
        return Verdict(
            fits=sum(named) / len(named) > 0.5,
            proves=True,
            reason="its values are names of subclasses",
            reason_zh="其值是小类名称",
        )

    def _state_words(self, texts: Sequence[str]) -> Verdict:
        fits = _share(texts, lambda text: self._states.exact(text) is not None) > 0.5
        return Verdict(fits=fits, proves=True, reason="its values are states", reason_zh="其值是部件状态")


def _digits(kind: str | None, known: dict[str, AreaKind]) -> tuple[int, ...]:
    """How many digits the codes of a kind have; none: any code is one."""
    if kind in known:
        return SCHEME_DIGITS[known[kind].code_scheme]
    return SCHEME_DIGITS.get(kind or "", ())


def _share(texts: Sequence[str], holds: Callable[[str], bool]) -> float:
    return sum(map(holds, texts)) / len(texts)


def _component_codes(texts: Sequence[str]) -> Verdict | None:
    if _share(texts, lambda text: _is_number(text, (16,))) < 1:
        return None
    return Verdict(fits=True, proves=True, reason="its values are codes of 16 digits", reason_zh="其值为 16 位编码")


def _area_code(texts: Sequence[str], digits: Sequence[int]) -> Verdict | None:
    if not digits:
        return None
    return Verdict(
        fits=_share(texts, lambda text: _is_number(text, digits)) == 1,
        proves=min(digits) >= SHORTEST_AREA_CODE,
        reason=f"its values are codes of {digits[0]} digits",
        reason_zh=f"其值为 {digits[0]} 位编码",
    )


def _one_city(texts: Sequence[str]) -> bool:
    """By the first four digits of the district (GB/T 2260)."""
    return len({text[:4] for text in texts}) == 1


def _department_codes(texts: Sequence[str]) -> Verdict | None:
    return Verdict(fits=_share(texts, str.isdecimal) == 1) if _told(texts) else None


def _department_names(texts: Sequence[str]) -> Verdict | None:
    return Verdict(fits=_share(texts, _chinese) > 0.5) if _told(texts) else None


def _told(texts: Sequence[str]) -> bool:
    """Whether codes and names can be told apart: Latin letters may be either."""
    return _share(texts, _chinese) > 0.5 or _share(texts, str.isdecimal) == 1


def _dates(texts: Sequence[str]) -> Verdict:
    return Verdict(fits=_share(texts, lambda text: DATE.fullmatch(text) is not None) > 0.5)


def _is_number(text: str, digits: Sequence[int]) -> bool:
    return text.isdecimal() and len(text) in digits


def _chinese(text: str) -> bool:
    return CHINESE_SIGN.search(text) is not None


def _latin(text: str) -> bool:
    return not _chinese(text) and any(sign.isalpha() for sign in text)


def _degrees(text: str) -> bool:
    return re.fullmatch(r"-?[0-9]{1,3}\.[0-9]+", text) is not None and abs(float(text)) <= 180
