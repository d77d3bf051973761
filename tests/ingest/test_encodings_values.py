"""Values that were read byte by byte become text; damage stays where it is and can be counted."""

from pathlib import Path

import pyarrow as pa
import pyogrio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridsvc.errors import InputError
from gridsvc.ingest.encodings.deciding import codec_of, decode_field_names, decode_marked, decode_values, of_bytes
from tests.ingest.dbf import ANSI_LDID, GBK_LDID, latin, write_dbf


def test_decoding_passes_ascii_nulls_and_repeated_values() -> None:
    values = latin(["路灯".encode("gbk"), None, b"A1", "路灯".encode("gbk"), b""])
    chunked = pa.chunked_array([values, values])
    assert decode_values(values, "gb18030").to_pylist() == ["路灯", None, "A1", "路灯", ""]
    assert decode_values(chunked, "gbk").to_pylist() == ["路灯", None, "A1", "路灯", ""] * 2
    assert decode_values(latin([]), "gb18030").to_pylist() == []
    assert decode_values(latin([None, None]), "gb18030").to_pylist() == [None, None]


def test_a_cut_character_is_dropped_and_marked_and_its_neighbours_stand() -> None:
    values = [whole := "涪城区井盖".encode("gbk"), whole[:-1], whole, None]
    decoded = decode_marked(latin(values), "gb18030")
    assert decoded.values.to_pylist() == ["涪城区井盖", "涪城区井", "涪城区井盖", None]
    assert (decoded.cut.tolist(), decoded.broken.tolist()) == ([False, True, False, False], [False] * 4)


@pytest.mark.parametrize("kept", [9, 10, 11])
def test_a_long_character_may_be_cut_anywhere(kept: int) -> None:
    assert decode_values(latin(["井盖路灯𠮷".encode("gb18030")[:kept]]), "gb18030").to_pylist() == ["井盖路灯"]
    assert decode_values(latin(["井盖𠮷".encode()[: kept - 2]]), "utf-8").to_pylist() == ["井盖"]


def test_broken_bytes_become_a_sign_and_are_marked() -> None:
    decoded = decode_marked(latin([b"A\xff\xffB", "路灯".encode("gbk"), b"A\xff\xffB"]), "gb18030")
    assert decoded.values.to_pylist() == ["A\ufffd\ufffdB", "路灯", "A\ufffd\ufffdB"]
    assert decoded.broken.tolist() == [True, False, True]


def test_line_ends_inside_values_stay_where_they_are() -> None:
    values = ["路灯\n坏".encode("gbk"), "井盖".encode("gbk")]
    assert decode_values(latin(values), "gb18030").to_pylist() == ["路灯\n坏", "井盖"]


def test_the_reader_keeps_every_byte(tmp_path: Path) -> None:
    values = [bytes(range(0x80, 0xA0)), bytes(range(0xA0, 0xC0)), bytes(range(0xE0, 0x100)), b"end\x85", b"\xa0"]
    for ldid in (0, GBK_LDID, ANSI_LDID):
        write_dbf(tmp_path / "table.dbf", values, ldid=ldid, name="部件名称".encode("gbk"))
        (tmp_path / "table.cpg").write_text("GBK")
        _, table = pyogrio.read_arrow(tmp_path / "table.dbf", encoding="ISO-8859-1")
        assert [one.encode("latin-1") for one in table.column(0).to_pylist()] == values
        assert decode_field_names([table.column_names[0].encode("latin-1")], "gb18030") == ["部件名称"]


def test_names_cut_at_ten_bytes_lose_the_half_character_and_stay_different() -> None:
    utf8 = [one.encode()[:10] for one in ("部件名称", "部件名称一", "部件名甲")]
    assert decode_field_names([*utf8, b"ObjID", b""], "utf-8") == ["部件名", "部件名_1", "部件名_2", "ObjID", "field_5"]


@settings(deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=20), st.sampled_from(["utf-8", "gb18030", "big5", "cp1252"]))
def test_any_bytes_are_read_without_an_exception(values: list[bytes], codec: str) -> None:
    assert 0 <= of_bytes(values).confidence <= 1
    decoded = decode_marked(latin(list(values)), codec)
    damaged = decoded.broken | decoded.cut
    exact = [None if bad else one.decode(codec_of(codec)) for one, bad in zip(values, damaged, strict=True)]
    assert [None if bad else one for one, bad in zip(decoded.values.to_pylist(), damaged, strict=True)] == exact


def test_a_name_that_is_no_encoding_is_refused() -> None:
    with pytest.raises(InputError, match="'hex' is not the name of a text encoding"):
        codec_of("hex")
