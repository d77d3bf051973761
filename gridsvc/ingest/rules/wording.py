"""Words that rules share: values that differ between the two languages, names of fields and features, counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridsvc.domain.crs import BoolArray
from gridsvc.ingest.rules.contract import Found, Lot, Whole, found

LONGEST_QUOTE = 60
"""Characters of a text of the file that a sentence repeats."""
FARTHEST = 20_000_000
"""Metres. Nothing on earth is farther from anything; coordinates may be any numbers."""
LARGEST = 510_000_000_000_000
"""Square metres: the surface of the earth."""


@dataclass(frozen=True)
class Both:
    """A value that differs between the languages: `{value:zh}` in the Chinese sentence, `{value}` in the English."""

    zh: str
    en: str

    def __format__(self, spec: str) -> str:
        return self.zh if spec == "zh" else self.en


NOTHING = Both("", "")

FIELDS = {
    "code": "编码",
    "name_zh": "中文名称",
    "name_en": "英文名称",
    "parent_code": "上级编码",
    "subclass_code": "小类代码",
    "subclass_name": "小类名称",
    "state": "状态",
    "authority": "主管部门",
    "owner": "权属单位",
    "maintainer": "养护单位",
    "position": "位置描述",
    "unit_grid": "所在单元网格",
    "surveyed_at": "初始日期",
    "changed_at": "变更日期",
    "data_source": "数据来源",
    "note": "备注",
}
"""Chinese names of the fields of a staged row. In English they go by the names that a mapping uses."""


def field_name(name: str) -> Both:
    return Both(FIELDS.get(name, name), name)


def column_name(name: str) -> Both:
    """A column of the file that no field is made of."""
    return Both(f"“{name}”列", f"the column {name!r}")


def short(text: str) -> str:
    return text if len(text) <= LONGEST_QUOTE else f"{text[: LONGEST_QUOTE - 1]}…"


def length(metres: float) -> Both:
    if not metres < FARTHEST:
        return Both("超过 20,000 公里", "more than 20,000 km")
    if metres >= 10_000:
        return Both(f"{metres / 1_000:,.0f} 公里", f"{metres / 1_000:,.0f} km")
    if metres >= 1_000:
        return Both(f"{metres / 1_000:.1f} 公里", f"{metres / 1_000:.1f} km")
    digits = 1 if metres >= 1 else 2 if metres >= 0.01 else 4
    return Both(f"{metres:.{digits}f} 米", f"{metres:.{digits}f} m")


def feature_name(data: Lot | Whole, row: int | np.integer[Any], beside: int | np.integer[Any] | None = None) -> Both:
    """A feature by its number; with its layer, unless it stands in the layer of the feature `beside`."""
    number, layer = int(data.numbers[row]), data.source_layers[int(row)].as_py()
    if beside is not None and data.source_layers[int(beside)].as_py() == layer:
        return Both(f"要素 {number}", f"feature {number}")
    return Both(f"图层“{layer}”的要素 {number}", f"feature {number} of layer {layer}")


def tally(lot: Lot, so: BoolArray | NDArray[np.int64], **values: object) -> Iterator[Found]:
    """One sentence for all features of the lot that are so (a mask or rows), where one for each would hide the rest.

    It may use `count`, `example` (the first that is so), and `first` and `last`, the lot's place in the file.
    """
    rows = np.flatnonzero(so) if so.dtype == np.bool_ else so
    if len(rows):
        place = {"first": lot.first + 1, "last": lot.first + len(lot)}
        yield found(None, count=len(rows), example=feature_name(lot, rows[0]), **place, **values)
