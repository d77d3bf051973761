"""Addresses and names of places in words, Chinese and English: one spelling for all, and what their parts are."""

import re
import unicodedata
from dataclasses import dataclass

LONGEST = 200
"""Characters of an address that are looked at."""
MOST_PIECES = 12
"""Characters of a Chinese name, or words of an English one, that is looked for within an address."""
SIGN = r"(?<=\d)[号弄]$"
HAN = r"\u3400-\u9fff"
WORDS = {
    "st": "street", "str": "street", "rd": "road", "ave": "avenue", "av": "avenue", "blvd": "boulevard", "dr": "drive",
    "ln": "lane", "ct": "court", "pl": "place", "sq": "square", "hwy": "highway", "pkwy": "parkway", "ter": "terrace",
    "cir": "circle", "n": "north", "s": "south", "e": "east", "w": "west",
    "northeast": "ne", "northwest": "nw", "southeast": "se", "southwest": "sw",
}  # fmt: skip
"""Short forms, in the one spelling; not as the first word, where `st` is a saint and a letter is a name."""
ENGLISH_ROADS = (
    "street", "road", "avenue", "boulevard", "drive", "lane", "court", "place", "square", "highway", "parkway",
    "terrace", "circle", "way", "alley",
)  # fmt: skip
DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
TENS = {"十": 10, "百": 100, "千": 1000}
SPELLED_NUMBER = re.compile(f"([{''.join((*DIGITS, *TENS))}]+)(?=号|弄|栋|幢|单元)")
ROAD = r"(?:大道|大街|胡同|公路|高速|[路街巷道弄])(?:[东南西北中上下前后一二三四五六七八九十]段)?"
ROAD_END = re.compile(rf"(?:{ROAD}(?![口道])|\b(?:{'|'.join(ENGLISH_ROADS)})(?: [ns][ew])?)$")
ADMINISTRATIVE = re.compile(rf"(?:自治州|自治县|街道(?:办事处)?|[省市区县旗镇乡]|社区|村)(?=[{HAN}0-9a-z]{{2}})")
"""Ends of names of areas; what follows is the address proper."""
VAGUE = re.compile(
    "(?:的?(?:附近|旁边|对面|门口|门前|楼下|路边|周边|一带|交界|[东南西北]侧|[内外前后旁处]))+$"
)  # fmt: skip
CROSSINGS = (
    re.compile(
        rf"^(?P<a>.+?{ROAD})(?:与|和|及|跟|同|/|、|-|—|－|交)(?P<b>.+?{ROAD})(?:的?(?:交叉路?口|交汇处?|十字路口|路口|口|相交处?|交叉处))?$"
    ),
    re.compile(r"^(?:the )?(?:corner|intersection|crossing) of (?P<a>.+?) (?:and|&|at) (?P<b>.+)$"),
    re.compile(r"^(?P<a>.+?) ?(?: and | & |&| @ | at |/) ?(?P<b>.+)$"),
)
CHINESE_NUMBER = re.compile(rf"^(?P<road>.*?{ROAD})(?P<number>\d{{1,5}})(?:[-－]\d+)?(?:号|弄)?(?P<rest>.*)$")
ENGLISH_NUMBER = re.compile(r"^(?P<number>\d{1,5})(?: ?- ?\d{1,5})?(?: block of)? (?P<road>[a-z0-9].*)$")


@dataclass(frozen=True, kw_only=True)
class Sought:
    """What an address asks for."""

    spelled: str
    """All of it, in the one spelling."""
    core: str
    """The same without areas and without `nearby`."""
    phrases: tuple[str, ...]
    """What a place may be called: without the areas that it lies in, without `nearby`, without the house number."""
    crossing: tuple[str, str] | None = None
    road: str | None = None
    number: int | None = None
    """The house number on the road."""
    vague: bool = False
    """It says that the place is only near what it names."""


def spelled(text: str) -> str:
    """The one spelling: full width, case, spaces, short forms, and numbers in words do not matter."""
    text = unicodedata.normalize("NFKC", text)[:LONGEST].casefold().replace("號", "号")
    text = re.sub(r"['’]", "", text)
    text = re.sub(r"[#\"“”()\[\]{}·。;；:：!！?？]|\bno\. ?(?=\d)|第(?=\d+号)", " ", text)
    text = re.sub(r"(?<=[a-z])\.", " ", text)
    text = SPELLED_NUMBER.sub(lambda found: str(_number(found[1])), text)
    text = re.sub(rf"(?<=[{HAN}])\s+|\s+(?=[{HAN}])", "", text)
    text = re.sub(r"(?<=\d)\s*号(?=$|[^楼线院])", "号", text)
    words = re.sub(r"\s*[,，]\s*", " , ", text).split()
    return " ".join(_word(n, word) for n, word in enumerate(words)).replace(" , ", ", ").strip(" ,")


def name_spelled(text: str) -> str:
    """The same for a place's own name; the sign after a house number says nothing."""
    return re.sub(SIGN, "", spelled(text))


def _word(place: int, word: str) -> str:
    return WORDS.get(word, word) if place else word


def _number(signs: str) -> int:
    """Chinese numerals up to thousands; digits one after another (一二三) too."""
    if not any(sign in TENS for sign in signs):
        return int("".join(str(DIGITS[sign]) for sign in signs))
    total, digit = 0, None
    for sign in signs:
        if sign in TENS:
            total, digit = total + (1 if digit is None else digit) * TENS[sign], None
        else:
            digit = DIGITS[sign]
    return total + (digit or 0)


def sought(text: str) -> Sought:
    """What an address asks for; nothing is looked up."""
    whole = spelled(text)
    bare = VAGUE.sub("", whole) or whole
    first = bare.split(", ")[0]
    crossing = _crossing(first)
    phrases = [whole, bare, first, *_without_areas(first)]
    core = re.sub(SIGN, "", phrases[-1])
    road, number = _housed(phrases[-1])
    if road is not None:
        phrases += [house(road, number or 0), road]
    kept = dict.fromkeys(re.sub(SIGN, "", phrase) for phrase in reversed(phrases) if phrase)
    return Sought(
        spelled=whole, core=core, phrases=tuple(kept), crossing=crossing, road=road, number=number, vague=bare != whole
    )  # fmt: skip


def house(road: str, number: int) -> str:
    """The name of an address, in the one spelling."""
    return f"{road}{number}" if re.search(f"[{HAN}]$", road) else f"{number} {road}"


def parts(text: str) -> list[str]:
    """Every name that may stand within an address: runs of Chinese characters, or of whole English words."""
    pieces = re.findall(rf"[{HAN}]|[a-z0-9]+", text)
    chinese = any(re.match(f"[{HAN}]", piece) for piece in pieces)
    gap = "" if chinese else " "
    return [
        gap.join(pieces[first:last])
        for first in range(len(pieces))
        for last in range(first + (2 if chinese else 1), min(first + MOST_PIECES, len(pieces)) + 1)
    ]


def housed(name: str) -> tuple[str | None, int | None]:
    """Road and house number of the name of an address, in the one spelling; None where it has none."""
    return _housed(spelled(name).split(", ")[0])


def _housed(phrase: str) -> tuple[str | None, int | None]:
    found = CHINESE_NUMBER.match(phrase) or ENGLISH_NUMBER.match(phrase)
    if found is None:
        return None, None
    return found["road"], int(found["number"])


def _without_areas(phrase: str) -> list[str]:
    """What follows each name of an area that the phrase begins with."""
    return [phrase[found.end() :] for found in ADMINISTRATIVE.finditer(phrase)]


def _crossing(phrase: str) -> tuple[str, str] | None:
    for pattern in CROSSINGS:
        found = pattern.match(phrase)
        if found:
            one, other = (_without_areas(part)[-1:] or [part] for part in (found["a"], found["b"]))
            return _roads(one[0].strip(), other[0].strip())
    return None


def _roads(one: str, other: str) -> tuple[str, str] | None:
    """Both as roads; `14th and U Street` says what the first is with the second."""
    end = ROAD_END.search(other)
    if end is None:
        return None
    if not ROAD_END.search(one) and re.fullmatch(r"[a-z0-9 ]+", one):
        one = f"{one} {end[0]}"
    return (one, other) if ROAD_END.search(one) else None
