import pytest

from gridsvc.ingest.rules.texts import days, misread
from tests.ingest.rules.lots import areas, check, context, lot, points, said

TWO = points("12")


def test_text_that_could_not_be_read_is_named_with_its_field() -> None:
    found = check("readable", lot(TWO, position=["好", "中\ufffd路"]))
    assert [(one.severity, one.feature, one.message) for one in found] == [
        ("error", 2, "its position '中\ufffd路' holds control characters or text that could not be read")
    ]
    assert found[0].message_zh == "位置描述“中\ufffd路”含有控制字符或无法识别的文字"


def test_a_long_text_is_quoted_in_part() -> None:
    (found,) = check("readable", lot(TWO, note=["\ufffd" + "a" * 5_000, None]))
    assert len(found.message) < 200


@pytest.mark.parametrize("spoilt", ["锟斤拷路", "???", "人民??????"])
def test_text_that_was_lost_before(spoilt: str) -> None:
    (found,) = check("text_lost", lot(TWO, first=100, position=["好吗?", spoilt]))
    assert (found.severity, found.feature) == ("warning", None)
    assert found.message == (
        f"position was spoilt by an earlier conversion in 1 of the features 101 to 102 (such as feature 102 of layer "
        f"things: {spoilt!r})"
    )


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<b>north</b>", True),
        ("see <a href='x'>this</a>", True),
        ("A &amp; B", True),
        ("12&#176;", True),
        ("a < b > c", False),
        ("A & B", False),
        ("AT&T; x", False),
    ],
)
def test_html_in_a_text_is_said_once_for_a_column(text: str, html: bool) -> None:
    found = check("text_plain", lot([*TWO, *TWO], note=text))
    assert len(found) == html
    if found:
        assert found[0].message.startswith("note holds HTML in 4 of the features 1 to 4 (such as feature 1 of")


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("rest_readable", "中\ufffd路"),
        ("text_lost", "锟斤拷路"),
        ("text_plain", "Hydrant<p align=center><b>Not In Service</b>"),
        ("text_misread", "涓滆璺彛"),
    ],
)
def test_columns_that_are_not_mapped_are_looked_at_too(rule: str, text: str) -> None:
    (found,) = check(rule, lot([*TWO, *TWO], rest={"DESCRIPTIO": [None, text, "fine", text]}))
    assert (found.severity, found.feature) == ("warning", None)
    assert found.message.startswith("the column 'DESCRIPTIO' ")
    assert "in 2 of the features 1 to 4 (such as feature 2 of" in found.message
    assert "“DESCRIPTIO”列" in found.message_zh


@pytest.mark.parametrize("encoding", ["gb18030", "cp1252", "latin-1"])
@pytest.mark.parametrize("text", ["东街路口", "人民路1号旁", "公园北门", "涪城区城厢街道"])
def test_chinese_that_was_read_in_another_encoding(text: str, encoding: str) -> None:
    assert misread(text.encode().decode(encoding, "replace"))
    assert not misread(text)


@pytest.mark.parametrize("text", ["CafÃ©", "itâ€™s", "12Â°", "FÃ¼rst"])
def test_accents_that_were_read_in_another_encoding(text: str) -> None:
    assert misread(text)


@pytest.mark.parametrize(
    "text", ["“café”…", "«CAFÉ»", "São Paulo", "联通", "Fürst-Franz-Josef-Straße", "½ à ¼", "Ã", "12°", "（东）—西，"]
)
def test_accents_and_signs_that_are_meant(text: str) -> None:
    assert not misread(text)


def test_lengths_of_names_and_of_other_texts() -> None:
    long = lot(TWO, name_zh=["名" * 200, "名" * 201], note=["n" * 4_000, "n" * 4_001], layer=areas())
    assert [(one.feature, one.message[:50]) for one in check("text_length", long)] == [
        (2, "its name_zh has 201 characters, more than 200: '名名"),
        (2, "its note has 4,001 characters, more than 4,000: 'n"),
    ]


def test_what_the_standard_asks_for_is_counted_where_it_is_missing() -> None:
    data = lot(points("1234"), authority=["LIGHT", None, None, "LIGHT"], state="intact", surveyed_at="2020-01-01")
    found = check("attributes_given", data)
    assert [one.message for one in found] == [
        "no authority is given for 2 of the features 1 to 4 (such as feature 2 of layer things)",
        "no position is given for 4 of the features 1 to 4 (such as feature 1 of layer things)",
    ]
    assert found[0].message_zh == "第 1 至 4 个要素中，2 个没有填写主管部门（如图层“things”的要素 2）"
    notes = [one.message.split()[1] for one in check("attributes_complete", data)]
    assert notes == ["unit_grid", "changed_at", "data_source"]
    without_grids = context(kinds={})
    assert [one.message.split()[1] for one in check("attributes_complete", data, without_grids)] == notes[1:]


@pytest.mark.parametrize(
    "text",
    [
        "2024-03-05", "2024-3-5", "2024/3/5", "2024/03/05", "20240305", "2024年3月5日", "2024年03月05日",
        "2024.3.5", "2024.03.05 8:30", "2024-03-05T10:11:12Z", "2024-03-05 00:00:00", "2024/3/5 8:30",
        "2024-03-05T10:11:12.5+08:00",
    ],
)  # fmt: skip
def test_dates_are_read_as_they_are_written(text: str) -> None:
    column = lot(TWO, surveyed_at=[text, None]).fields["surveyed_at"]
    assert list(days(column).astype(str)) == ["2024-03-05", "NaT"]
    assert check("date_readable", lot(TWO, surveyed_at=text)) == []


@pytest.mark.parametrize(
    "text",
    ["5.3.2024", "03/05/2024", "2024-02-30", "2024-13-01", "202403", "00000000", "２０２４-03-05", "昨天", "45356"],
)
def test_what_is_no_date_is_not_guessed_at(text: str) -> None:
    assert said("date_readable", lot(TWO, changed_at=[None, text])) == [(2, f"its changed_at {text!r} is not a date")]


@pytest.mark.parametrize(
    ("text", "seems"),
    [
        ("45356", "it seems to be a spreadsheet's serial number for 2024-03-05; "),
        ("45356.5", "it seems to be a spreadsheet's serial number for 2024-03-05; "),
        ("1709596800000", "it seems to be milliseconds since 1970, 2024-03-05; "),
        ("12345", ""),
        ("昨天", ""),
    ],
)
def test_a_number_that_may_be_a_day_is_named(text: str, seems: str) -> None:
    (finding,) = check("date_readable", lot(points("1"), changed_at=text))
    assert finding.hint == f"{seems}dates are written 2024-03-05, 2024/3/5, 2024.3.5, 20240305 or 2024年3月5日"
    assert ("2024-03-05；" in finding.hint_zh) == bool(seems)


@pytest.mark.parametrize("text", ["1900-01-01", "1949-09-30", "2999/1/1"])
def test_dates_that_cannot_be_so(text: str) -> None:
    data = lot(TWO, surveyed_at=["1949-10-01", text])
    assert said("date_plausible", data) == [(2, f"its surveyed_at {text!r} lies before October 1949 or in the future")]


def test_a_change_before_the_survey() -> None:
    data = lot(points("123"), surveyed_at="2020/1/2", changed_at=["2020-01-02", "20200101", None])
    assert said("date_order", data) == [(2, "it was changed on 2020-01-01, before its survey on 2020-01-02")]
