"""Pages as text: escaped, complete in both languages, and with addresses that keep the filter."""

import re
from html import unescape

import pytest

from gridsvc.web.render import (
    Choice,
    HeatFilter,
    Summary,
    Visitor,
    render_docs,
    render_frame_problem,
    render_heat,
    render_home,
    render_problem,
)

VISITOR = Visitor(
    city_zh="试城",
    city_en="Trial City",
    synthetic=True,
    name="li",
    display_name="李",
    rights=("see_reports",),
    csrf="c",
)
SUMMARY = Summary(areas=345, components=58_560, reports=34_083, automatic=30_675, manual=3_408)
KINDS = [Choice(value="district", zh="区", en="District")]
HOSTILE = "<script>alert(1)</script>\"'&{{ 7 * 7 }}"


def heat(chosen: HeatFilter, lang: str = "zh", **changed: object) -> str:
    values: dict[str, object] = {"area_kinds": KINDS, "subclasses": [], "total": 22_690, **changed}
    return render_heat(VISITOR, chosen, lang=lang, **values)  # type: ignore[arg-type]


def pages(lang: str) -> dict[str, str]:
    return {
        "home": render_home(VISITOR, SUMMARY, lang=lang),
        "heat": heat(HeatFilter(), lang),
        "docs": render_docs(VISITOR, lang=lang),
        "problem": render_problem(404, "详情 detail", lang, visitor=VISITOR, path="/absent"),
        "frame": render_frame_problem(422, "详情 detail", lang),
    }


@pytest.mark.parametrize(("lang", "tag"), [("zh", "zh-CN"), ("en", "en")])
def test_every_page_says_its_language_and_holds_no_inline_code(lang: str, tag: str) -> None:
    for name, html in pages(lang).items():
        assert html.startswith(f'<!DOCTYPE html>\n<html lang="{tag}">'), name
        assert re.search(r"<style|style=|\son\w+=|<script(?! src=\"/assets/)", html) is None, name
        assert re.search(r"(src|href)=\"(https?:)?//", html) is None, name


def test_the_first_page_tells_the_figures() -> None:
    html = render_home(VISITOR, SUMMARY, lang="en")
    for text in ("34,083", "58,560", "90.0%", "3,408", "Trial City", "Synthetic city"):
        assert text in html
    assert '<iframe class="map" sandbox="allow-scripts" src="/maps/grid?lang=en"' in html


def test_whoever_has_areas_of_duty_is_told_that_figures_are_theirs() -> None:
    seer, disposer, all_of_it = (
        render_home(Visitor(city_zh="试城", city_en="Trial City", rights=rights, whole_city=whole), SUMMARY, lang="en")
        for rights, whole in [((), False), (("dispose",), False), ((), True)]
    )
    assert "Only what lies in your areas of duty</p>" in seer
    assert "and what your department handles</p>" in disposer
    assert "areas of duty" not in all_of_it
    assert "只含您责任区域内的数据" in heat(HeatFilter())


def test_no_reports_have_no_share() -> None:
    html = render_home(VISITOR, Summary(areas=1, components=0, reports=0, automatic=0, manual=0))
    assert "<dd>–</dd>" in html


def test_the_heat_page_keeps_the_filter_in_frame_and_language_links() -> None:
    chosen = HeatFilter(by="district", kind="component", subclass="01 & 02", start="2016-07-08", end="2016-08-16")
    html = unescape(heat(chosen))
    query = "by=district&kind=component&subclass=01+%26+02&from=2016-07-08&to=2016-08-16"
    assert f'src="/maps/heat/frame?{query}&lang=zh"' in html
    assert f'href="/maps/heat?{query}&lang=en"' in html
    assert '<option value="district" selected>区</option>' in html
    assert 'name="from" value="2016-07-08"' in html


def test_subclasses_stand_in_their_groups() -> None:
    choices = [
        Choice(value=code, zh=zh, en=zh, group_zh=group, group_en=group)
        for code, zh, group in [
            ("0101", "上水井盖", "公用设施"),
            ("0401", "行道树", "园林绿化"),
            ("0102", "污水井盖", "公用设施"),
        ]
    ]
    html = heat(HeatFilter(subclass="0102"), subclasses=choices)
    groups = re.findall(r'<optgroup label="([^"]+)">(.*?)</optgroup>', html, re.DOTALL)
    assert {name: text.count("<option") for name, text in groups} == {"公用设施": 2, "园林绿化": 1}
    assert '<option value="0102" selected>' in html


def test_a_filter_that_cannot_be_used_is_explained_in_place_of_the_map() -> None:
    html = heat(HeatFilter(), problem="起始日期晚于截止日期")
    assert 'role="alert">起始日期晚于截止日期' in html
    assert "<iframe" not in html


def test_everything_given_is_escaped() -> None:
    visitor = Visitor(
        city_zh=HOSTILE, city_en=HOSTILE, name=HOSTILE, display_name=HOSTILE, rights=(HOSTILE,), csrf=HOSTILE
    )
    option = Choice(value=HOSTILE, zh=HOSTILE, en=HOSTILE, group_zh=HOSTILE)
    html = "".join(
        [
            render_home(visitor, SUMMARY),
            render_heat(visitor, HeatFilter(subclass=HOSTILE), area_kinds=[option], subclasses=[option], total=1),
            render_docs(visitor, openapi=HOSTILE),
            render_problem(400, HOSTILE, path=f"/{HOSTILE}", asked={HOSTILE: HOSTILE}),
            render_frame_problem(400, HOSTILE),
        ]
    )
    assert "<script>alert" not in html
    assert "{{ 7 * 7 }}" in html
    assert re.search(r'="[^"]*<', html) is None
