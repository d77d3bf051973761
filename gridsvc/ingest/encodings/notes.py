"""What the user is told about the encoding of a file, in English and Chinese."""

from collections.abc import Sequence

TITLES = {
    "utf-8": "UTF-8",
    "gb18030": "GB18030 (GBK)",
    "big5": "Big5",
    "cp1252": "Windows-1252",
    "cp1250": "Windows-1250",
    "latin-1": "ISO 8859-1",
    "shift_jis": "Shift JIS",
    "euc-kr": "EUC-KR",
    "cp1251": "Windows-1251",
}
"""Of encodings; others are shown as they are called."""


def note(
    likely: Sequence[str], declared: str | None, declared_by: str | None,
    *, known: bool, sure: bool, silent: bool, broken: int, looked_at: int,
) -> tuple[str, str]:  # fmt: skip
    """A sentence in English and Chinese; empty if there is nothing to say. `likely`: the best one or two encodings.

    `known`: what is declared names an encoding; `silent`: nothing is to be said unless there is doubt.
    """
    lost, lost_zh = _lost(TITLES.get(likely[0], likely[0]), broken, looked_at)
    if silent and sure:
        return lost, lost_zh
    said, said_zh = _said(declared, declared_by, known)
    found, found_zh = _found([TITLES.get(one, one) for one in likely], sure)
    return f"{said}, {found}. {lost}".strip(), f"{said_zh}，{found_zh}。{lost_zh}"


def _said(declared: str | None, declared_by: str | None, known: bool) -> tuple[str, str]:
    if declared is None:
        return "No encoding is declared", "文件未声明编码"
    place, place_zh = {
        ".cpg": ("The .cpg", ".cpg "),
        "LDID": ("The language byte of the DBF (LDID)", "DBF 的语言字节（LDID）"),
    }.get(declared_by or "", ("The file", "文件"))
    if known:
        return f"{place} says {declared.upper()}", f"{place_zh}声明的编码为 {declared.upper()}"
    return f"{place} says “{declared}”, which names no encoding", f"{place_zh}写的是“{declared}”，不能据此确定编码"


def _found(likely: list[str], sure: bool) -> tuple[str, str]:
    if sure:
        return f"the bytes are {likely[0]}", f"实际内容是 {likely[0]}"
    either, either_zh = " or ".join(likely), " 或 ".join(likely)
    return f"the bytes may be {either}: look at the samples and choose", f"实际内容可能是 {either_zh}，请对照示例选择"


def _lost(title: str, broken: int, looked_at: int) -> tuple[str, str]:
    if not broken:
        return "", ""
    return (
        f"{broken} of the {looked_at} different values looked at hold bytes that are not {title}.",
        f"抽查的 {looked_at} 个不同取值中，有 {broken} 个含有不属于 {title} 的字节。",
    )
