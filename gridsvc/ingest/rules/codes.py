"""Codes: each once, in the scheme of their city and subclass (GB/T 30428.2), and not spoilt on the way."""

import unicodedata
from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gridsvc.domain.catalogue import Subclass
from gridsvc.ingest.rules.columns import (
    Rows,
    by_value,
    digits_of,
    each_value,
    holds,
    is_empty,
    number,
    rows_where,
)  # fmt: skip
from gridsvc.ingest.rules.contract import Context, Found, Lot, TextArray, Whole, found, rule
from gridsvc.ingest.rules.wording import Both, feature_name, short, tally

LONGEST_CODE = 64
STANDARD_DIGITS = 16
"""6 of the district, 4 of the subclass, 6 of the serial."""
SURVEY_DIGITS = 18
"""Codes of monitoring points in the draft successor of the standard."""
EXCEL_DIGITS = 15
"""Significant digits that a spreadsheet keeps of a number."""
FLOAT = r"^([0-9]\.[0-9]+[eE]\+?[0-9]+|[0-9]+[eE]\+[0-9]+|[0-9]{6,}\.0+)$"
MARKED = r"^[='\"]|\s"
"""Blanks within, and what spreadsheets put before a text of digits."""
NO_CODE = pa.array(
    [
        "无",
        "空",
        "未知",
        "待定",
        "暂无",
        "不详",
        "未编码",
        "null",
        "none",
        "nan",
        "n/a",
        "na",
        "#n/a",
        "-",
        "--",
        "—",
        "——",
        "/",
        "\\",
        "?",
    ]
)
"""What stands in columns of codes where there is none."""
TELLING = 5
"""So many long codes that all end in zeros do not do so by chance."""


@rule(
    zh="编码在文件中不重复",
    en="A code stands once in the file",
    says_zh="编码 {code} 已用于{first:zh}",
    says="code {code} stands at {first} already",
    hint_zh="同一对象请删去一行；不同对象请改正编码",
    hint="if both are the same thing, leave one out; otherwise correct the code",
    whole=True,
)
def code_once(whole: Whole, _context: Context) -> Iterator[Found]:
    encoded = whole.code.dictionary_encode()
    if len(encoded.dictionary) == len(encoded) - encoded.null_count:
        return
    indices = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
    before = np.maximum.accumulate(np.concatenate(([-1], indices[:-1])))  # texts are numbered as they first appear
    firsts = np.flatnonzero(indices > before)
    for row in np.flatnonzero((indices >= 0) & (indices <= before)):
        first = firsts[indices[row]]
        yield found(row, code=short(whole.code[int(row)].as_py()), first=feature_name(whole, first, row))


@rule(
    zh=f"编码不超过 {LONGEST_CODE} 个字符",
    en=f"A code is at most {LONGEST_CODE} characters of text",
    says_zh=f"编码“{{code}}”超过 {LONGEST_CODE} 个字符，或含有不可见字符",
    says=f"code {{code!r}} is longer than {LONGEST_CODE} characters or holds control characters",
    hint_zh="检查编码列是否对应正确",
    hint="is the right column mapped to the code?",
)
def code_form(lot: Lot, _context: Context) -> Iterator[Found]:
    codes = lot.fields["code"]
    fits = pc.and_(pc.less_equal(pc.utf8_length(codes), LONGEST_CODE), pc.utf8_is_printable(codes))
    for row in rows_where(pc.invert(fits)):
        yield found(row, code=short(codes[int(row)].as_py()))


@rule(
    zh="编码中没有全角字符、空格和表格软件的文本标记",
    en="A code has no full-width characters, blanks or a spreadsheet's marks of text",
    says_zh="编码“{code}”含有全角字符、空格或表格软件的文本标记，应写作“{plain}”",
    says="code {code!r} holds full-width characters, blanks or a spreadsheet's mark of text; plainly it is {plain!r}",
    hint_zh="两种写法会被视为不同的编码，请在源数据中统一",
    hint="the two would be different codes: use one way of writing at the source",
    severity="warning",
)
def code_plain(lot: Lot, _context: Context) -> Iterator[Found]:
    codes = lot.fields["code"]
    for row in rows_where(pc.or_(pc.invert(pc.string_is_ascii(codes)), pc.match_substring_regex(codes, MARKED))):
        code = codes[int(row)].as_py()
        plain = "".join(unicodedata.normalize("NFKC", code).split()).removeprefix("=").strip("'\"")
        if plain != code and (plain.isdecimal() or not code.isascii()):
            yield found(row, code=short(code), plain=short(plain))


@rule(
    zh="没有编码的留空，而不填占位文字",
    en="Where there is no code there is nothing",
    says_zh="编码“{code}”是占位文字，不是编码",
    says="code {code!r} is no code but a word for none",
    hint_zh="没有编码的请留空，入库时自动编号；或在字段对应中不选编码列",
    hint="leave it empty, and a code is given when it is promoted",
)
def code_placeholder(lot: Lot, _context: Context) -> Iterator[Found]:
    codes = lot.fields["code"]
    nothing = pc.or_(pc.is_in(pc.utf8_lower(codes), NO_CODE), pc.match_substring_regex(codes, "^0{4,}$"))
    for row in rows_where(nothing):
        yield found(row, code=short(codes[int(row)].as_py()))


@rule(
    zh="编码是文本而不是小数",
    en="A code is text and no decimal number",
    says_zh="编码“{code}”曾被当作数值保存，已失去原样",
    says="code {code!r} was kept as a number once and is not what it was",
    hint_zh="将编码列设为文本后重新导出",
    hint="make the column of codes a text column and export it again",
)
def code_float(lot: Lot, _context: Context) -> Iterator[Found]:
    codes = lot.fields["code"]
    if holds(codes, ".", "+"):
        for row in rows_where(pc.match_substring_regex(codes, FLOAT)):
            yield found(row, code=short(codes[int(row)].as_py()))


@rule(
    zh="长编码没有被舍入",
    en="Long codes were not rounded",
    says_zh=f"全部 {{count:,}} 个长于 {EXCEL_DIGITS} 位的编码自第 {EXCEL_DIGITS + 1} 位起都是 0，编码已被舍入",
    says=f"all {{count:,}} codes of more than {EXCEL_DIGITS} digits end in zeros from digit {EXCEL_DIGITS + 1} on: "
    "they were rounded",
    hint_zh="表格软件只保留 15 位有效数字；请向提供方索取编码为文本的文件",
    hint="a spreadsheet keeps 15 digits of a number; ask for a file in which codes are text",
    whole=True,
)
def code_rounded(whole: Whole, _context: Context) -> Iterator[Found]:
    count = 0
    for width in range(STANDARD_DIGITS, 25):
        rows, digits = digits_of(whole.code, width)
        if digits[:, EXCEL_DIGITS:].any():
            return
        count += len(rows)
    if count >= TELLING:
        yield found(None, count=count)


@rule(
    zh="部件编码以本市的区划代码开头",
    en="A component code begins with a district of the city",
    says_zh="编码 {code} 以 {district} 开头，它不是本市的区划代码；这样的编码有 {count:,} 个",
    says="code {code} begins with {district}, which is no district of the city; codes that begin so: {count:,}",
    hint_zh="编码会照原样保留，不占用本市的流水号",
    hint="such codes are kept as they are and take no serial of this city",
    severity="warning",
    targets="components",
)
def code_district(lot: Lot, context: Context) -> Iterator[Found]:
    codes = lot.fields["code"]
    rows, digits = digits_of(codes, STANDARD_DIGITS)
    known = [int(district) for district in context.districts]
    foreign = rows[~np.isin(number(digits[:, :6]), known)]
    if known and len(foreign):
        prefixes = pc.utf8_slice_codeunits(codes, 0, 6)
        for district, row, count in each_value(prefixes, foreign):
            yield found(row, code=codes[row].as_py(), district=district, count=count)


@rule(
    zh="部件编码与小类一致",
    en="A component code carries its subclass",
    says_zh="编码 {code} 第 7 至 10 位是 {digits}（{says:zh}），而小类是 {subclass:zh}（应为 {wanted}）",
    says="code {code} says subclass {digits} ({says}), but the row's subclass is {subclass} (digits {wanted})",
    hint_zh="核对编码与小类，改正其中之一",
    hint="find out which of the two is right and correct the other",
    targets="components",
)
def code_subclass(lot: Lot, context: Context) -> Iterator[Found]:
    """Of codes of this city, and of those whose digits name another subclass; other schemes have 16 digits too."""
    codes, subclasses = lot.fields["code"], lot.fields["subclass_code"]
    rows, digits = digits_of(codes, STANDARD_DIGITS)
    parts = number(digits[:, 6:10])
    named = _by_part(context.subclasses)
    ours = np.isin(number(digits[:, :6]), [int(district) for district in context.districts])
    doubtful = _disagreeing(subclasses, rows, parts, context) & (ours | np.isin(parts, [int(part) for part in named]))
    for row, part in zip(rows[doubtful], parts[doubtful], strict=True):
        own = context.subclasses[subclasses[int(row)].as_py()]
        text = f"{part:04d}"
        yield found(
            row, code=codes[int(row)].as_py(), digits=text, says=named.get(text, Both("无此小类", "no subclass")),
            subclass=Both(f"{own.subclass_code} {own.subclass_zh}", f"{own.subclass_code} {own.subclass_en}"),
            wanted="/".join(sorted(own.parts)),
        )  # fmt: skip


def _disagreeing(subclasses: TextArray, rows: Rows, parts: Rows, context: Context) -> np.ndarray:
    """Which of the rows have a subclass of the catalogue whose codes do not carry these four digits."""
    values, indices = by_value(subclasses)
    right = np.ones((len(values) + 1, 10_000), dtype=np.bool_)
    for index, value in enumerate(values):
        if value in context.subclasses:
            right[index] = False
            right[index, [int(part) for part in context.subclasses[value].parts]] = True
    return ~right[indices[rows], parts]


def _by_part(subclasses: Mapping[str, Subclass]) -> dict[str, Both]:
    """Names of the subclass that four digits of a code mean: by the national code first."""
    own = {s.subclass_code: Both(s.subclass_zh, s.subclass_en) for s in subclasses.values()}
    return own | {s.issued_part: Both(s.subclass_zh, s.subclass_en) for s in subclasses.values()}


@rule(
    zh="部件编码采用 16 位方案",
    en="Component codes follow the scheme of 16 digits",
    says_zh="第 {first:,} 至 {last:,} 个要素中，{count:,} 个的编码{scheme:zh}（如{example:zh}：{code}）",
    says="a code {scheme} stands in {count:,} of the features {first:,} to {last:,} (such as {example}: {code})",
    hint_zh="编码照原样保留",
    hint="such codes are kept as they are",
    severity="note",
    targets="components",
)
def code_other_scheme(lot: Lot, _context: Context) -> Iterator[Found]:
    codes = lot.fields["code"]
    other = ~is_empty(codes)
    other[digits_of(codes, STANDARD_DIGITS)[0]] = False
    survey = digits_of(codes, SURVEY_DIGITS)[0]
    other[survey] = False
    schemes = {
        Both("为 18 位（标准修订草案）", "of 18 digits, as the draft successor of the standard has,"): survey,
        Both("不是 16 位数字", "that is not of 16 digits"): np.flatnonzero(other),
    }
    for scheme, rows in schemes.items():
        if len(rows):
            yield from tally(lot, rows, scheme=scheme, code=short(codes[int(rows[0])].as_py()))


@rule(
    zh="部件带有编码",
    en="A component brings its code",
    says_zh="第 {first:,} 至 {last:,} 个要素中，{count:,} 个没有编码（如{example:zh}）",
    says="no code is given for {count:,} of the features {first:,} to {last:,} (such as {example})",
    hint_zh="与库中部件对不上的，入库时自动编号",
    hint="those that are not found in the store get a code when they are promoted",
    severity="note",
    targets="components",
)
def code_absent(lot: Lot, _context: Context) -> Iterator[Found]:
    yield from tally(lot, is_empty(lot.fields["code"]))
