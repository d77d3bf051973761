"""Texts and dates: readable, there, not too long, plausible."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from gridsvc.ingest.rules.columns import by_value, column, holds, is_empty, rows_where, whose
from gridsvc.ingest.rules.contract import UNREADABLE, Context, Found, Lot, TextArray, found, rule
from gridsvc.ingest.rules.wording import NOTHING, Both, column_name, field_name, short, tally

NAME_FIELDS = ("name_zh", "name_en", "subclass_name", "authority", "owner", "maintainer")
LONGEST_NAME = 200
LONGEST_TEXT = 4_000

DATE_FIELDS = ("surveyed_at", "changed_at")
DATES = [
    re.compile(rf"{day}(?:[T ]\d{{1,2}}:\d{{2}}(?::\d{{2}}(?:\.\d+)?)?(?:Z|[+-]\d{{2}}:?\d{{2}})?)?", re.ASCII)
    for day in (
        r"(\d{4})-(\d{1,2})-(\d{1,2})",
        r"(\d{4})/(\d{1,2})/(\d{1,2})",
        r"(\d{4})\.(\d{1,2})\.(\d{1,2})",
        r"(\d{4})年(\d{1,2})月(\d{1,2})日",
        r"(\d{4})(\d{2})(\d{2})",
    )
]
"""How a day is written, with or without a time of day behind it."""
EARLIEST = np.datetime64("1949-10-01")
NUMBERED_DAYS = (
    (re.compile(r"([2-6]\d{4})(?:\.\d+)?", re.ASCII), np.datetime64("1899-12-30"), np.timedelta64(1, "D"),
     Both("表格软件的日期序号", "a spreadsheet's serial number for")),
    (re.compile(r"(\d{12,13})", re.ASCII), np.datetime64("1970-01-01"), np.timedelta64(1, "ms"),
     Both("自 1970 年起的毫秒数，即", "milliseconds since 1970,")),
)  # fmt: skip
"""Numbers that stand for days: how they are written, from when they count, and in what steps."""

LATIN = "\u0080-\u0090\u009d\u00a0-\u00aa\u00ac-\u00ba\u00bc-\u00bf€ƒ†‡ˆ‰Š•˜™šœŒŽžŸ"
"""What is left of the second and third byte of a character in UTF-8, read as Windows-1252 or Latin-1."""
SIGNS = f"{LATIN}«»‹›‘’“”‚„…–—"
"""The same, with what stands behind words anyway."""
READ_AS_LATIN = re.compile(f"[ÂÃ][{SIGNS}]|â€|[à-ï](?:[{LATIN}][{SIGNS}]|[{SIGNS}][{LATIN}])")
LEAD = b"\xc3"
"""Begins each letter from À to ÿ in UTF-8, and no Chinese character."""
SAMPLE = 200
"""Rows of a lot in which a column is looked at for Chinese that was read wrongly: it would be so all along."""
CHINESE = re.compile("[\u3400-\u9fff]")
BYTES, ASCII, MOST = 3, 0x7F, 0.6
"""Of a Chinese character in UTF-8; the share of a text's bytes that have to be such characters. Some were lost."""

Days = NDArray[np.datetime64]


@rule(
    zh="文字可读",
    en="Texts can be read",
    says_zh="{field:zh}“{text}”含有控制字符或无法识别的文字",
    says="its {field} {text!r} holds control characters or text that could not be read",
    hint_zh="检查所选的文件编码；编码无误时请在源数据中改正",
    hint="check the encoding chosen for the file; if that is right, correct the text at its source",
)
def readable(lot: Lot, _context: Context) -> Iterator[Found]:
    for name, texts in lot.fields.items():
        if holds(texts, UNREADABLE):
            for row in rows_where(pc.match_substring(texts, UNREADABLE)):
                yield found(row, field=field_name(name), text=short(texts[int(row)].as_py()))


@rule(
    zh="未对应的列文字可读",
    en="Texts of columns that are not mapped can be read",
    says_zh="第 {first:,} 至 {last:,} 个要素中，{count:,} 个的{field:zh}含有无法识别的文字（如{example:zh}：“{text}”）",
    says="{field} holds text that could not be read in {count:,} of the features {first:,} to {last:,} "
    "(such as {example}: {text!r})",
    hint_zh="检查所选的文件编码；这些列按属性原样保存，不需要时可不导入",
    hint="check the encoding chosen for the file; the column is kept as an attribute, leave it out if nobody needs it",
    severity="warning",
)
def rest_readable(lot: Lot, _context: Context) -> Iterator[Found]:
    for name, texts in lot.rest.items():
        if holds(texts, UNREADABLE):
            yield from _told(lot, column_name(name), texts, rows_where(pc.match_substring(texts, UNREADABLE)))


@rule(
    zh="文字没有按错误的编码读取",
    en="No text was read in a wrong encoding before",
    says_zh="第 {first:,} 至 {last:,} 个要素中，{count:,} 个的{field:zh}像是被按其他编码读取的 UTF-8 文字"
    "（如{example:zh}：“{text}”）",
    says="{field} looks like UTF-8 read in another encoding in {count:,} of the features {first:,} to {last:,} "
    "(such as {example}: {text!r})",
    hint_zh="若是所选编码不对，请重新选择；否则请在源数据中改正",
    hint="choose another encoding if this file's was chosen wrongly; otherwise correct the text at its source",
    severity="warning",
)
def text_misread(lot: Lot, _context: Context) -> Iterator[Found]:
    for field, texts in _texts(lot):
        some = texts.slice(0, SAMPLE)
        if holds(texts, LEAD) or (not pc.all(pc.string_is_ascii(some)).as_py() and whose(some, misread).any()):
            yield from _told(lot, field, texts, np.flatnonzero(whose(texts, misread)))


@rule(
    zh="文字没有在早先的转换中损坏",
    en="No text was lost in an earlier conversion",
    says_zh="第 {first:,} 至 {last:,} 个要素中，{count:,} 个的{field:zh}是早先转码时损坏的文字"
    "（如{example:zh}：“{text}”）",
    says="{field} was spoilt by an earlier conversion in {count:,} of the features {first:,} to {last:,} "
    "(such as {example}: {text!r})",
    hint_zh="原文已无法恢复，请向提供方索取未经转码的文件",
    hint="the text cannot be brought back; ask for the file as it was before it was converted",
    severity="warning",
)
def text_lost(lot: Lot, _context: Context) -> Iterator[Found]:
    yield from _with_pattern(lot, (("锟斤拷",), ("???",)), r"锟斤拷|\?\?\?")


@rule(
    zh="文字字段中没有 HTML",
    en="Texts are plain, without HTML",
    says_zh="第 {first:,} 至 {last:,} 个要素中，{count:,} 个的{field:zh}含有 HTML 标记（如{example:zh}：“{text}”）",
    says="{field} holds HTML in {count:,} of the features {first:,} to {last:,} (such as {example}: {text!r})",
    hint_zh="系统按普通文字保存和显示；如不需要这些标记，请在源数据中去掉",
    hint="it is kept and shown as plain text; take the marks out at the source if they are not meant",
    severity="warning",
)
def text_plain(lot: Lot, _context: Context) -> Iterator[Found]:
    yield from _with_pattern(lot, (("<",), ("&", ";")), r"</?[A-Za-z][^<>]*>|<!--|&(?:[a-z]{2,8}|#[0-9]{1,6});")


def _with_pattern(lot: Lot, needs: tuple[tuple[str, ...], ...], pattern: str) -> Iterator[Found]:
    """Columns in which a pattern occurs that cannot do without all needles of one of these groups."""
    for field, texts in _texts(lot):
        if any(all(holds(texts, needle) for needle in needles) for needles in needs):
            yield from _told(lot, field, texts, rows_where(pc.match_substring_regex(texts, pattern)))


def _texts(lot: Lot) -> Iterator[tuple[Both, TextArray]]:
    """All text of the file, mapped or not."""
    yield from ((field_name(name), texts) for name, texts in lot.fields.items())
    yield from ((column_name(name), texts) for name, texts in lot.rest.items())


def _told(lot: Lot, field: Both, texts: TextArray, rows: NDArray[np.int64]) -> Iterator[Found]:
    if len(rows):
        yield from tally(lot, rows, field=field, text=short(texts[int(rows[0])].as_py()))


def misread(text: str) -> bool:
    """Whether it makes sense only as UTF-8 that was read as Windows-1252, or as GBK."""
    if text.isascii():
        return False
    if READ_AS_LATIN.search(text):
        return True
    raw = text.encode("gb18030", "ignore")
    found = CHINESE.findall(raw.decode("utf-8", "ignore"))
    return len(found) > 1 and BYTES * len(found) > MOST * sum(byte > ASCII for byte in raw)


@rule(
    zh=f"名称不超过 {LONGEST_NAME} 字，其他文字不超过 {LONGEST_TEXT} 字",
    en=f"Names have at most {LONGEST_NAME} characters, other texts {LONGEST_TEXT:,}",
    says_zh="{field:zh}有 {length:,} 字，超过 {most:,} 字：“{text}”",
    says="its {field} has {length:,} characters, more than {most:,}: {text!r}",
    hint_zh="检查该字段是否对应错列",
    hint="is the right column mapped to this field?",
    severity="warning",
)
def text_length(lot: Lot, _context: Context) -> Iterator[Found]:
    for name, texts in lot.fields.items():
        most = LONGEST_NAME if name in NAME_FIELDS else LONGEST_TEXT
        if name == "code" or not pc.any(pc.greater(pc.binary_length(texts), most)).as_py():
            continue
        for row in rows_where(pc.greater(pc.utf8_length(texts), most)):
            text = texts[int(row)].as_py()
            yield found(row, field=field_name(name), length=len(text), most=most, text=short(text))


@rule(
    zh="填写了主管部门和位置描述",
    en="Authority and position are given",
    says_zh="第 {first:,} 至 {last:,} 个要素中，{count:,} 个没有填写{field:zh}（如{example:zh}）",
    says="no {field} is given for {count:,} of the features {first:,} to {last:,} (such as {example})",
    hint_zh="标准要求填写；若文件中有该列，请在字段对应中选择它",
    hint="the standard asks for it; if the file has such a column, map it",
    severity="warning",
    targets="components",
)
def attributes_given(lot: Lot, _context: Context) -> Iterator[Found]:
    yield from _missing(lot, "authority", "position")


@rule(
    zh="填写了标准规定的其他属性",
    en="The other attributes of the standard are given",
    says_zh="第 {first:,} 至 {last:,} 个要素中，{count:,} 个没有填写{field:zh}（如{example:zh}）",
    says="no {field} is given for {count:,} of the features {first:,} to {last:,} (such as {example})",
    hint_zh="可以导入；若文件中有该列，请在字段对应中选择它",
    hint="it may come in without; if the file has such a column, map it",
    severity="note",
    targets="components",
)
def attributes_complete(lot: Lot, context: Context) -> Iterator[Found]:
    grids = ("unit_grid",) if "unit_grid" in context.kinds else ()
    yield from _missing(lot, "state", *grids, *DATE_FIELDS, "data_source")


def _missing(lot: Lot, *names: str) -> Iterator[Found]:
    for name in names:
        yield from tally(lot, is_empty(column(lot, name)), field=field_name(name))


@rule(
    zh="日期可识别",
    en="Dates can be read",
    says_zh="{field:zh}“{text}”不是可识别的日期",
    says="its {field} {text!r} is not a date",
    hint_zh="{seems:zh}日期写作 2024-03-05、2024/3/5、2024.3.5、20240305 或 2024年3月5日",
    hint="{seems}dates are written 2024-03-05, 2024/3/5, 2024.3.5, 20240305 or 2024年3月5日",
    targets="components",
)
def date_readable(lot: Lot, _context: Context) -> Iterator[Found]:
    for name in DATE_FIELDS:
        texts = column(lot, name)
        for row in np.flatnonzero(np.isnat(days(texts)) & ~is_empty(texts)):
            text = texts[int(row)].as_py()
            yield found(row, field=field_name(name), text=short(text), seems=_seems(text))


def _seems(text: str) -> Both:
    for pattern, start, step, name in NUMBERED_DAYS:
        if match := pattern.fullmatch(text):
            day = (start + int(match[1]) * step).astype("datetime64[D]")
            return Both(f"似为{name.zh} {day}；", f"it seems to be {name.en} {day}; ")
    return NOTHING


@rule(
    zh="日期在 1949 年 10 月之后、今天之前",
    en="Dates lie between October 1949 and today",
    says_zh="{field:zh}“{text}”早于 1949 年 10 月或晚于今天",
    says="its {field} {text!r} lies before October 1949 or in the future",
    hint_zh="核对日期；空日期不要用占位值代替",
    hint="check the date; leave an unknown date empty instead of putting a placeholder",
    severity="warning",
    targets="components",
)
def date_plausible(lot: Lot, _context: Context) -> Iterator[Found]:
    tomorrow = np.datetime64((datetime.now(UTC) + timedelta(days=1)).date())  # somewhere it is tomorrow already
    for name in DATE_FIELDS:
        texts = column(lot, name)
        day = days(texts)
        for row in np.flatnonzero((day < EARLIEST) | (day > tomorrow)):
            yield found(row, field=field_name(name), text=texts[int(row)].as_py())


@rule(
    zh="变更日期不早于初始日期",
    en="A component changes after its first survey",
    says_zh="变更日期 {changed} 早于初始日期 {surveyed}",
    says="it was changed on {changed}, before its survey on {surveyed}",
    hint_zh="核对两个日期，检查两列是否对应颠倒",
    hint="check the two dates, and whether their columns are mapped the wrong way round",
    severity="warning",
    targets="components",
)
def date_order(lot: Lot, _context: Context) -> Iterator[Found]:
    surveyed, changed = (days(column(lot, name)) for name in DATE_FIELDS)
    for row in np.flatnonzero(changed < surveyed):
        yield found(row, changed=changed[row], surveyed=surveyed[row])


def days(texts: TextArray) -> Days:
    """The day that each text says; NaT where it is empty or no date."""
    values, indices = by_value(texts)
    return np.array([*map(_day, values), "NaT"], dtype="datetime64[D]")[indices]  # index -1 is the last


@lru_cache(maxsize=10_000)
def _day(text: str) -> str:
    """As numpy reads it."""
    for pattern in DATES:
        if match := pattern.fullmatch(text):
            year, month, day = map(int, match.groups())
            try:
                return datetime(year, month, day).date().isoformat()
            except ValueError:
                break
    return "NaT"
