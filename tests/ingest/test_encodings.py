"""The encoding of a table is read from its bytes; what the table declares is a hint."""

import io
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridsvc.errors import FileError
from gridsvc.ingest.encodings.deciding import (
    SURE,
    EncodingReading,
    decode_values,
    of_bytes,
    of_dbf,
    of_text,
)
from gridsvc.ingest.encodings.declared import known
from tests.ingest.dbf import ANSI_LDID, BIG5_LDID, GBK_LDID, WESTERN_LDID, latin, write_dbf

STREETS = [
    "解放路",
    "人民路中段",
    "涪城区城厢街道",
    "临园干道东段",
    "3号楼2单元",
    "A区路灯",
    "雨水井盖",
    "完好",
    "绵阳市城管局",
]
TAIWAN = ["忠孝東路", "仁愛路四段", "中山北路", "臺北市大安區", "高雄市鼓山區", "路燈", "人孔蓋", "自來水", "電力公司"]
GERMAN = ["Königsallee", "Münchner Straße", "Grünstraße", "Bürgermeister-Müller-Weg", "Größe", "Schloßplatz"]
FRENCH = ["Rue de l'Église", "Château d'Eau", "Allée des Chênes", "Forêt", "Place de la République", "Hôtel"]
SPANISH = ["Calle Núñez", "Peñón", "Avenida de la Constitución", "Plaza de España", "Córdoba", "Jardín"]
CHINESE_PLACES = (
    "市区县镇乡村街道路巷号楼单元门社居委会网格井盖灯杆箱树池水电公园广场"
    "学校医院大东西南北中上下一二三人民解放建设胜利和平"
)


def reading(
    folder: Path, words: list[str], codec: str, *, cpg: str | None = None, ldid: int = 0, width: int = 40
) -> EncodingReading:
    """Of a table that holds the words in a codec, with this .cpg beside it."""
    declaration = folder / "table.cpg"
    if cpg is not None:
        declaration.write_text(cpg)
    dbf = write_dbf(folder / "table.dbf", [one.encode(codec) for one in words], ldid=ldid, width=width)
    return of_dbf(dbf, declaration if cpg is not None else None)


@pytest.mark.parametrize(
    ("words", "codec", "expected"),
    [
        (STREETS, "gb18030", "gb18030"),
        (STREETS, "utf-8", "utf-8"),
        (TAIWAN, "big5", "big5"),
        (TAIWAN, "utf-8", "utf-8"),
        (TAIWAN, "gb18030", "gb18030"),
        (GERMAN, "cp1252", "cp1252"),
        (GERMAN, "utf-8", "utf-8"),
        (FRENCH, "cp1252", "cp1252"),
        (FRENCH, "utf-8", "utf-8"),
        (SPANISH, "cp1252", "cp1252"),
        (SPANISH, "utf-8", "utf-8"),
        (["新宿区", "さくら通り", "消火栓", "マンホール"], "cp932", "shift_jis"),
        (["서울시 강남구", "가로등", "소화전"], "cp949", "euc-kr"),
        (["улица Ленина", "Невский проспект", "Москва"], "cp1251", "cp1251"),
        (["ئۈرۈمچى", "تىيانشان"], "utf-8", "utf-8"),
    ],
)
@pytest.mark.parametrize("cpg", [None, "GBK", "UTF-8", "Big5", "ISO 8859-1", "System", "rubbish", ""])
@pytest.mark.parametrize("ldid", [0, GBK_LDID, BIG5_LDID, ANSI_LDID, WESTERN_LDID])
def test_nothing_that_is_declared_hides_what_the_bytes_are(
    tmp_path: Path, words: list[str], codec: str, expected: str, cpg: str | None, ldid: int
) -> None:
    found = reading(tmp_path, words, codec, cpg=cpg, ldid=ldid)
    as_declared = decode_values(latin([one.encode(codec) for one in words]), found.chosen).to_pylist()
    assert as_declared == words
    assert found.confidence >= SURE
    assert found.chosen in (expected, "latin-1")


@pytest.mark.parametrize("word", ["市", "解放路", "路灯", "井盖", "联通", "亳州", "㙍村", "Manhole 井盖 DN300", "A区"])
@pytest.mark.parametrize("codec", ["gb18030", "utf-8"])
def test_one_chinese_word_is_enough(tmp_path: Path, word: str, codec: str) -> None:
    found = reading(tmp_path, [word], codec)
    assert (found.chosen, found.confidence >= SURE) == (codec, True)
    assert found.candidates[0].samples == (word,)


@pytest.mark.parametrize("words", [["中正路"], ["臺北市", "路燈"], ["台南市北區", "高雄", "鼓山"]])
def test_one_to_three_words_of_big5_are_enough(tmp_path: Path, words: list[str]) -> None:
    assert reading(tmp_path, words, "big5").chosen == "big5"


def test_where_little_speaks_for_one_encoding_a_person_is_asked() -> None:
    found = of_bytes(["區".encode("big5")])
    assert found.confidence < SURE
    assert {one.encoding for one in found.candidates} >= {"big5", "gb18030"}
    assert "look at the samples" in found.note
    assert "请对照示例选择" in found.note_zh


def test_bytes_that_are_no_text_at_all_are_not_believed() -> None:
    dice = random.Random(7)
    draws = [[bytes(dice.choices(range(0x21, 0x100), k=8)) for _ in range(20)] for _ in range(40)]
    assert sum(of_bytes(values).confidence >= SURE for values in draws) <= 1


@pytest.mark.parametrize(("codec", "words"), [("cp852", ["Łódź", "Gdańsk"]), ("koi8-r", ["улица Ленина", "Москва"])])
def test_text_that_makes_no_sense_under_any_encoding_tried_is_not_believed(codec: str, words: list[str]) -> None:
    assert of_bytes(one.encode(codec) for one in words).confidence < SURE


@settings(deadline=None)
@given(
    st.lists(st.text(CHINESE_PLACES, min_size=2, max_size=8), min_size=8, max_size=40, unique=True),
    st.sampled_from(["gb18030", "utf-8"]),
)
def test_eight_place_names_are_always_recognised(words: list[str], codec: str) -> None:
    found = of_bytes(one.encode(codec) for one in words)
    assert (found.chosen, found.confidence >= SURE) == (codec, True)


@settings(deadline=None)
@given(
    st.lists(st.text(CHINESE_PLACES, min_size=4, max_size=12), min_size=8, max_size=30, unique=True),
    st.sampled_from(["gb18030", "utf-8"]),
    st.integers(9, 15),
)
def test_values_cut_inside_a_character_are_recognised(words: list[str], codec: str, width: int) -> None:
    assert of_bytes(one.encode(codec)[:width] for one in words).chosen == codec


def test_a_table_of_ascii_needs_no_word(tmp_path: Path) -> None:
    found = reading(tmp_path, ["Main Street", "N0001"], "ascii", cpg="GBK")
    assert (found.chosen, found.confidence, found.declared, found.contradicted) == ("utf-8", 1.0, "gbk", False)
    assert (found.note, found.note_zh, found.candidates) == ("", "", ())


@pytest.mark.parametrize("cpg", ["GBK", "936", "CP936", "GB2312", "GB18030"])
def test_what_is_declared_rightly_needs_no_word(tmp_path: Path, cpg: str) -> None:
    found = reading(tmp_path, [*STREETS, "㙍村", "𠮷祥街"], "gb18030", cpg=cpg)
    assert (found.chosen, found.contradicted, found.note) == ("gb18030", False, "")


def test_a_utf8_table_that_says_gbk_is_named(tmp_path: Path) -> None:
    found = reading(tmp_path, STREETS, "utf-8", cpg="GBK")
    assert (found.chosen, found.declared, found.declared_by, found.contradicted) == ("utf-8", "gbk", ".cpg", True)
    assert found.note == "The .cpg says GBK, the bytes are UTF-8."
    assert found.note_zh == ".cpg 声明的编码为 GBK，实际内容是 UTF-8。"


def test_a_gbk_table_that_says_utf8_is_named(tmp_path: Path) -> None:
    found = reading(tmp_path, STREETS, "gbk", cpg="UTF-8")
    assert (found.chosen, found.contradicted) == ("gb18030", True)
    assert found.note == "The .cpg says UTF-8, the bytes are GB18030 (GBK)."


def test_the_language_byte_speaks_where_the_cpg_says_nothing(tmp_path: Path) -> None:
    found = reading(tmp_path, STREETS, "utf-8", cpg="", ldid=GBK_LDID)
    assert (found.declared, found.declared_by, found.contradicted) == ("gbk", "LDID", True)
    assert found.note == "The language byte of the DBF (LDID) says GBK, the bytes are UTF-8."


def test_the_cpg_goes_before_the_language_byte(tmp_path: Path) -> None:
    found = reading(tmp_path, STREETS, "utf-8", cpg="UTF-8", ldid=GBK_LDID)
    assert (found.declared, found.declared_by, found.note) == ("utf-8", ".cpg", "")


@pytest.mark.parametrize(("ldid", "said"), [(0, None), (ANSI_LDID, "ANSI")])
def test_a_table_that_names_no_encoding_is_told_what_it_is(tmp_path: Path, ldid: int, said: str | None) -> None:
    found = reading(tmp_path, STREETS, "utf-8", ldid=ldid)
    assert (found.declared, found.contradicted) == (said, False)
    assert found.note.endswith("the bytes are UTF-8.")


def test_a_cpg_that_names_nothing_is_repeated(tmp_path: Path) -> None:
    found = reading(tmp_path, STREETS, "gbk", cpg="System\r\n")
    assert (found.declared, found.declared_by, found.contradicted) == ("System", ".cpg", False)
    assert found.note == "The .cpg says “System”, which names no encoding, the bytes are GB18030 (GBK)."


def test_western_text_without_signs_of_windows_may_be_called_iso(tmp_path: Path) -> None:
    found = reading(tmp_path, GERMAN, "latin-1", cpg="ISO 8859-1")
    assert (found.contradicted, found.note) == (False, "")


CODE_PAGES = {
    "cp874": ["ถนนสุขุมวิท", "กรุงเทพ"],
    "cp1253": ["Οδός Ερμού", "Θεσσαλονίκη"],
    "cp1254": ["Atatürk Caddesi", "Şişli", "İstanbul"],
    "cp1255": ["רחוב הרצל", "תל אביב"],
    "cp1256": ["شارع الملك", "القاهرة"],
    "cp852": ["Łódź", "Gdańsk"],
    "cp866": ["улица Ленина", "Москва"],
    "euc_jp": ["新宿区", "さくら通り"],
    "johab": ["서울시 강남구", "가로등"],
}


@pytest.mark.parametrize("codec", CODE_PAGES)
def test_any_code_page_that_is_declared_rightly_is_found(tmp_path: Path, codec: str) -> None:
    found = reading(tmp_path, CODE_PAGES[codec], codec, cpg=codec)
    assert (found.chosen, found.contradicted, found.note) == (codec, False, "")


@pytest.mark.parametrize("codec", CODE_PAGES)
@pytest.mark.parametrize(
    ("words", "truth"), [(["路灯"], "gb18030"), (["芙蓉"], "gb18030"), (["路灯"], "utf-8"), (["忠孝東路"], "big5")]
)
def test_no_code_page_that_is_declared_hides_chinese(tmp_path: Path, codec: str, words: list[str], truth: str) -> None:
    found = reading(tmp_path, words, truth, cpg=codec)
    assert (found.chosen, found.contradicted) == (truth, True)


def test_central_european_text_is_told_from_western() -> None:
    polish = ["Łódź", "Święta", "Piłsudskiego", "Żoliborz", "Główna"]
    assert of_bytes(one.encode("cp1250") for one in polish).chosen == "cp1250"


def test_rows_in_another_encoding_are_counted(tmp_path: Path) -> None:
    values = [f"{one}{n}".encode() for n in range(10) for one in STREETS] + ["绵阳市游仙区".encode("gbk")]
    found = of_dbf(write_dbf(tmp_path / "table.dbf", values), None)
    assert found.chosen == "utf-8"
    assert found.note.endswith("1 of the 91 different values looked at hold bytes that are not UTF-8.")


@pytest.mark.parametrize("codec", ["gb18030", "utf-8"])
@pytest.mark.parametrize("width", [9, 10, 11, 13, 14])
def test_a_column_cut_inside_characters_keeps_its_encoding(tmp_path: Path, codec: str, width: int) -> None:
    found = reading(tmp_path, [f"{one}绵阳市涪城区" for one in STREETS], codec, width=width)
    assert (found.chosen, found.confidence >= SURE) == (codec, True)
    assert "hold bytes" not in found.note


def test_one_word_among_many_rows_is_found(tmp_path: Path) -> None:
    """Between the stripes of rows that are looked at first."""
    rows = [b"plain"] * 40_000
    rows[500] = "人民路".encode("gbk")
    assert of_dbf(write_dbf(tmp_path / "table.dbf", rows, width=12), None).chosen == "gb18030"


def test_text_in_the_later_rows_counts_as_much(tmp_path: Path) -> None:
    words = [f"{STREETS[n % 9]}{n}".encode("gbk") for n in range(20_000)]
    assert of_dbf(write_dbf(tmp_path / "table.dbf", words, before=20_000, width=24), None).chosen == "gb18030"


def test_names_of_columns_are_evidence(tmp_path: Path) -> None:
    table = write_dbf(tmp_path / "table.dbf", [b"1", b"2"], name="部件名称".encode("gbk"))
    assert of_dbf(table, None).chosen == "gb18030"


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "table.dbf").write_bytes(b"\x03")
    with pytest.raises(FileError, match="not a DBF table"):
        of_dbf(tmp_path / "table.dbf", None)


def test_a_table_that_was_cut_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    table = write_dbf(tmp_path / "table.dbf", [one.encode("gbk") for one in STREETS])
    table.write_bytes(table.read_bytes()[:-100])
    assert of_dbf(table, None).chosen == "gb18030"


@pytest.mark.parametrize("codec", ["gb18030", "utf-8", "big5"])
def test_a_csv_is_read_from_its_bytes(codec: str) -> None:
    words = TAIWAN if codec == "big5" else STREETS
    text = "".join(f'{n},"{word}",{word}\r\n' for n, word in enumerate(words))
    assert of_text(io.BytesIO(text.encode(codec))).chosen == codec


@pytest.mark.parametrize(("codec", "expected"), [("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16")])
def test_a_mark_at_the_beginning_decides(codec: str, expected: str) -> None:
    found = of_text(io.BytesIO("编号,名称\r\n1,路灯".encode(codec)))
    assert (found.chosen, found.confidence, found.note) == (expected, 1.0, "")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", ["code,name\r\n1,lamp", "编号,名称\r\n1,一号路灯\r\n2,二号路灯"])
def test_utf_16_without_a_mark_is_told_by_its_nul_bytes(codec: str, text: str) -> None:
    found = of_text(io.BytesIO(text.encode(codec)))
    assert (found.chosen, found.note) == (codec, "The text is UTF-16 without a byte-order mark")
    assert "没有字节顺序标记" in found.note_zh


@pytest.mark.parametrize(
    "content", [b"", b"1", b"a,b\n1,2\n", b"\0\0\0\0", "路灯,市".encode("gbk"), b"\xd0\xcf\x11\xe0\0\0a\0"]
)
def test_other_bytes_are_no_utf_16(content: bytes) -> None:
    assert "utf-16" not in of_text(io.BytesIO(content)).chosen


def test_samples_are_shown_short_and_without_control_characters() -> None:
    shown = of_bytes([("路灯\x07" + "市" * 50).encode()]).candidates[0].samples[0]
    assert shown.startswith("路灯\ufffd市")
    assert len(shown) <= 25


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("UTF-8", "utf-8"), ("utf8", "utf-8"), ("65001", "utf-8"), ("GBK", "gbk"), ("936", "gbk"), ("CP936", "gbk"),
        ("GB2312", "gb2312"), ("Big5", "big5"), ("950", "big5"), ("ISO 8859-1", "iso8859-1"),
        ("ISO88591", "iso8859-1"), ("88591", "iso8859-1"), ("1252", "cp1252"), ("ANSI 1252", "cp1252"),
        ("System", None), ("ANSI", None), ("", None), ("punycode", None), ("unicode_escape", None), ("x\0y", None),
    ],
)  # fmt: skip
def test_declarations_as_they_are_found(text: str, codec: str | None) -> None:
    assert known(text) == codec
