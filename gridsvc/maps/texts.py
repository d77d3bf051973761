"""Every text of a map that does not come from the data, in Chinese and English."""

from typing import NamedTuple

from gridsvc.errors import one_of

TAGS = {"zh": "zh-CN", "en": "en"}


class Both(NamedTuple):
    """One text in both languages; a map holds both and shows one."""

    zh: str
    en: str


SYNTHETIC = Both("虚构城市", "Synthetic city")
CELLS = Both("六边形", "Hexagons")
AREAS = Both("区域", "Areas")
REPORTS = Both("上报", "Reports")
NOTHING = Both("没有符合条件的记录", "Nothing matches this filter")
NOTHING_HINT = Both("可以换一个类别或更长的时间再看。", "Try another kind or a longer time.")
NOT_DRAWABLE = Both("没有可以画在图上的记录", "Nothing here can be drawn on the map")
NOT_DRAWABLE_HINT = Both("符合条件的记录都没有位置。", "None of the matching records has a place on this map.")


def unplaced(count: int) -> Both:
    verbs = ("has", "is") if count == 1 else ("have", "are")
    return Both(
        f"其中 {count:,} 件没有位置，未画出", f"{count:,} of these {verbs[0]} no place and {verbs[1]} not drawn"
    )


def elsewhere(count: int) -> Both:
    return Both(
        f"其中 {count:,} 件不在图上任何区域内，未画出",
        f"{count:,} of these {'lies' if count == 1 else 'lie'} in no area shown here",
    )


def far_outside(count: int) -> Both:
    return Both(
        f"其中 {count:,} 件远在城市之外，未画出",
        f"{count:,} of these {'lies' if count == 1 else 'lie'} far outside the city and "
        f"{'is' if count == 1 else 'are'} not drawn",
    )


def hexagon(size: float) -> Both:
    return Both(f"六边形边长 {size:,.0f} 米", f"Hexagon edge {size:,.0f} m")


def tag(lang: str) -> str:
    """The language tag that a document carries; raises InputError for a language that is not served."""
    if lang not in TAGS:
        raise one_of("language", lang, list(TAGS))
    return TAGS[lang]
