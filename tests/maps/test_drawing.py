"""Map files: small, complete, the same each time, and no text from data becomes markup, script or template."""

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from gridsvc.errors import InputError, SetupError
from gridsvc.maps import assets
from gridsvc.maps.drawing import COOL, MAX_BYTES, NONE_COLOUR, WARM, grid_map, heat_map
from gridsvc.maps.policy import frame_policy
from tests.maps import made

LIMIT = 2_000_000


def test_the_limit_is_two_megabytes() -> None:
    assert MAX_BYTES <= LIMIT


def test_five_thousand_cells_with_outlines_fit() -> None:
    html = heat_map(made.cells(5000, size=40), made.caption(), outlines=made.areas(4, 3, points=3000))
    assert html.count('"Polygon"') >= 5000
    assert len(html.encode()) <= LIMIT


def test_three_hundred_areas_of_ten_thousand_vertices_fit() -> None:
    areas = made.areas(20, 15, points=2500)
    assert np.mean([shape.exterior.coords.__len__() for shape in areas.geometry]) > 10_000
    html = grid_map(areas, made.caption(), outlines=made.areas(3, 3, points=3000))
    assert len(html.encode()) <= LIMIT


def test_more_cells_than_a_file_holds_are_refused() -> None:
    with pytest.raises(InputError, match="use larger cells"):
        heat_map(made.cells(9000), made.caption(), outlines=None)


def test_the_same_data_make_the_same_file() -> None:
    first, second = (heat_map(made.cells(30), made.caption(), outlines=made.areas(2, 2)) for _ in range(2))
    assert first == second


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(InputError, match="zh, en"):
        heat_map(made.cells(3), made.caption(), outlines=None, lang="fr")


def test_what_is_not_drawn_is_said() -> None:
    areas = made.areas(2, 2)
    html = grid_map(areas, made.caption(total=int(areas.count.sum()) + 12, unplaced=5))
    assert "其中 5 件没有位置" in html
    assert "7 of these lie in no area" in html


def test_a_name_is_never_run_as_a_template() -> None:
    hostile = ["{{ 7 * 7 }}", "{% raw %}", "{# gone #}", "{{ this.__class__ }}"]
    caption = made.caption(title_zh="{{ 7 * 7 }}", city_en="{% endraw %}{{ 7 * 7 }}")
    html = grid_map(made.areas(2, 2, names=hostile), caption, outlines=made.areas(2, 2, names=hostile))
    for name in hostile:
        assert name in html
    assert "{% endraw %}" in html


def test_a_script_end_in_a_name_does_not_end_the_script() -> None:
    hostile = ["</script><script>alert(1)</script>", "<!--", "\u2028", "\"'&"]
    html = grid_map(made.areas(2, 2, names=hostile), made.caption(city_zh="</title><script>alert(1)</script>"))
    assert html.count("<script>") == html.count("</script>") == 2
    assert "alert(1)" in html


def test_nothing_is_linked_but_an_empty_icon() -> None:
    html = heat_map(made.cells(10), made.caption(), outlines=None)
    assert re.findall(r"<(?:script|link|img|iframe)\b[^>]+>", html) == ['<link rel="icon" href="data:,">']
    assert re.search(r"url\((?!#)|@import|sourceMappingURL|jquery|bootstrap", html) is None


def test_the_policy_names_each_inline_part_and_no_more() -> None:
    policy = frame_policy(heat_map(made.cells(10), made.caption(), outlines=None))
    assert policy.count("sha256-") == 3
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'; script-src 'sha256-")


def test_missing_leaflet_says_what_to_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(assets, "files", lambda _: tmp_path)
    with pytest.raises(SetupError, match=r"leaflet/absent\.js is missing; run `make setup`"):
        assets.vendored("leaflet", "absent.js")


@pytest.mark.parametrize("palette", [WARM, COOL])
def test_each_class_is_clearly_darker_than_the_one_before(palette: tuple[str, ...]) -> None:
    """Lightness alone tells the classes apart, whatever colours an eye can see; zero is lighter than all."""
    steps = [_luminance(colour) for colour in (NONE_COLOUR, *palette)]
    assert all((before + 0.05) / (after + 0.05) >= 1.2 for before, after in pairwise(steps))


def _luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
