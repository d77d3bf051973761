"""What values of a file mean: subclasses, departments and states by code, by name, or by what comes near a name."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from gridsvc.domain.catalogue import Subclass
from gridsvc.domain.components import STATES
from gridsvc.domain.departments import Department
from gridsvc.ingest.meanings.columns import plain
from gridsvc.ingest.meanings.words import STATE_WORDS, SUBCLASS_WORDS

SURE = 0.8
"""Below it a person has to confirm."""
NEAREST = 0.79
LEAST_LIKENESS = {False: 0.6, True: 0.8}
"""By whether the text is in Latin letters: a few in common prove little."""
AS_LIKE = 0.02
MOST_LISTED = 5
MOST_COMPARED = 1_000
"""Values that are compared letter by letter; a column with more of them holds no names of subclasses."""
NOISE = re.compile(
    r"[(（\[【](个|座|处|根|块|盏|台|株|棵|条|米|m|㎡|平方米|套|组|点|线|面)[)）\]】]"
    r"|(?<![a-z])(components?|objects?|point|line|polygon|pt|ln|pg|poly|layer|shp)(?![a-z])|部件|图层",
    re.IGNORECASE,
)
SHAPE_ENDS = re.compile(r"(?<=..)[_\-. ]*[点线面]$|[_\-. ]+[点线面](?=[_\-. ])")
BRACKETS = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]")
FOUR_DIGITS = re.compile(r"(?<![0-9])[0-9]{4}(?![0-9])")


@dataclass(frozen=True, kw_only=True)
class ValueSuggestion:
    """`code` is None where nothing fits, or several do; the reason then says which."""

    value: str
    count: int
    code: str | None
    confidence: float
    reason: str
    reason_zh: str


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """A thing that a code or name can mean, and how surely."""

    code: str
    confidence: float
    reason: str
    reason_zh: str
    says: str = ""
    """How it is called, where that is to be shown."""


@dataclass
class Lexicon:
    """Codes as they are written, and names made plain; a name may belong to several things."""

    codes: dict[str, Meaning] = field(default_factory=dict)
    names: dict[str, dict[str, Meaning]] = field(default_factory=dict)

    def add_code(self, text: str, meaning: Meaning) -> None:
        self.codes.setdefault(text, meaning)

    def add_name(self, name: str, meaning: Meaning) -> None:
        """Kept by the thing's code; what was added first stands."""
        if plain(name):
            self.names.setdefault(plain(name), {}).setdefault(meaning.code, meaning)

    def exact(self, value: str) -> Meaning | None:
        """By code or name alone, where exactly one thing has it."""
        code = self.codes.get(re.sub(r"\.0+$", "", value.strip()))
        named = self.names.get(plain(value), {})
        return code or (next(iter(named.values())) if len(named) == 1 else None)


def subclass_lexicon(subclasses: Sequence[Subclass]) -> Lexicon:
    """Of components; the national code of one counts only where no other has it for its own."""
    lexicon, components = Lexicon(), [s for s in subclasses if s.kind == "component"]
    for one in components:
        lexicon.add_code(one.subclass_code, _meaning(one, 1.0, "a subclass code", "小类代码"))
    for one in components:
        if one.national_code:
            lexicon.add_code(one.national_code, _meaning(one, 0.95, "a national subclass code", "国家标准小类代码"))
    for text, code in list(lexicon.codes.items()):
        if text.startswith("0"):
            lost = ("a code without its leading zero", "缺少前导零的代码")
            lexicon.add_code(text.lstrip("0"), _renamed(code, 0.85, *lost))
    for one in components:
        for name, confidence, en, zh in _names(one):
            lexicon.add_name(name, _meaning(one, confidence, en, zh))
    return lexicon


def _names(one: Subclass) -> Iterator[tuple[str, float, str, str]]:
    yield one.subclass_zh, 0.99, "its Chinese name", "小类名称"
    for alias in one.aliases:
        yield alias, 0.95, "another name of it", "小类别名"
    yield one.subclass_en, 0.95, "its English name", "小类英文名"
    for word in SUBCLASS_WORDS.get(one.subclass_zh, "").split():
        yield word, 0.85, "a usual word for it", "常用说法"
    yield BRACKETS.sub("", one.subclass_zh), 0.9, "its name without brackets", "去掉括号的小类名称"
    yield BRACKETS.sub("", one.subclass_en), 0.9, "its English name without brackets", "去掉括号的小类英文名"


def _meaning(one: Subclass, confidence: float, en: str, zh: str) -> Meaning:
    says = f"{one.subclass_code} {one.subclass_zh}"
    return Meaning(code=one.subclass_code, confidence=confidence, reason=en, reason_zh=zh, says=says)


def _renamed(meaning: Meaning, most: float, en: str, zh: str) -> Meaning:
    return Meaning(
        code=meaning.code, confidence=min(most, meaning.confidence), reason=en, reason_zh=zh, says=meaning.says
    )


def department_lexicon(departments: Sequence[Department]) -> Lexicon:
    lexicon = Lexicon()
    for one in departments:
        says = f"{one.code} {one.name_zh}"
        for text, confidence, en, zh in (
            (one.name_zh, 0.99, "its Chinese name", "部门名称"),
            (one.name_en, 0.95, "its English name", "部门英文名"),
        ):
            lexicon.add_name(text, Meaning(code=one.code, confidence=confidence, reason=en, reason_zh=zh, says=says))
        code = Meaning(code=one.code, confidence=1.0, reason="a department code", reason_zh="部门代码", says=says)
        lexicon.add_code(one.code, code)
    return lexicon


def state_lexicon() -> Lexicon:
    lexicon = Lexicon()
    for text, state in STATES.items():
        code = Meaning(code=state, confidence=1.0, reason="a state of GB/T 30428", reason_zh="国家标准状态", says=text)
        lexicon.add_code(text, code)
        lexicon.add_code(state, code)
        for word in STATE_WORDS[state].split():
            usual = Meaning(code=state, confidence=0.85, reason="a usual word for it", reason_zh="常用说法", says=text)
            lexicon.add_name(word, usual)
    return lexicon


NOTHING = Meaning(code="", confidence=0.0, reason="nothing comes near it", reason_zh="没有相近的名称")


def suggest_values(values: Mapping[str, int], subclasses: Sequence[Subclass]) -> list[ValueSuggestion]:
    """For each value of a column, or name of a layer, the subclass that it means; the most frequent first.

    `values`: value → how many features have it. Below SURE a person has to confirm.
    """
    return _suggest(values, subclass_lexicon(subclasses))


def suggest_departments(values: Mapping[str, int], departments: Sequence[Department]) -> list[ValueSuggestion]:
    """The same for names or codes of departments."""
    return _suggest(values, department_lexicon(departments))


def suggest_states(values: Mapping[str, int]) -> list[ValueSuggestion]:
    """The same for states; codes are those of `domain.components.STATES`."""
    return _suggest(values, state_lexicon())


def _suggest(values: Mapping[str, int], lexicon: Lexicon) -> list[ValueSuggestion]:
    made, left = [], MOST_COMPARED
    for value, count in sorted(values.items(), key=lambda item: (-item[1], item[0])):
        meaning = understand(value, lexicon)
        if meaning is None and left > 0:
            meaning, left = _nearest(value, lexicon), left - 1
        meaning = meaning or NOTHING
        made.append(
            ValueSuggestion(
                value=value, count=count, code=meaning.code or None, confidence=round(meaning.confidence, 2),
                reason=meaning.reason, reason_zh=meaning.reason_zh,
            )
        )  # fmt: skip
    return made


def understand(value: str, lexicon: Lexicon) -> Meaning | None:
    """By code, by name, or by both in one text (`0103_雨水井盖`); None if neither is there."""
    if (meaning := lexicon.exact(value)) is not None:
        return meaning
    digits = [lexicon.codes[text] for text in FOUR_DIGITS.findall(value) if text in lexicon.codes]
    named = next((lexicon.names[text] for text in _bare(value) if text in lexicon.names), {})
    if digits:
        return _agreed(digits[0], list(named.values()))
    if len(named) > 1:
        return _several(named.values())
    for one in named.values():
        return _renamed(one, 0.9, f"{one.reason}, without what is around it", f"{one.reason_zh}（去掉附加文字）")
    return None


def _bare(value: str) -> list[str]:
    """Plain texts of what may be the name in a value, the longest first."""
    less = NOISE.sub(" ", value)
    return [plain(re.sub("[0-9]+", "", text)) for text in (value, less, SHAPE_ENDS.sub("", less.strip()))]


def _agreed(code: Meaning, named: Sequence[Meaning]) -> Meaning:
    """Of a code and a name in one text. Where they disagree the name is the better witness: codings differ."""
    if not named:
        return _renamed(code, 0.85, f"the code in it: {code.says}", f"其中的代码：{code.says}")
    if code.code in {one.code for one in named}:
        return _renamed(code, 0.98, f"code and name in it: {code.says}", f"其中的代码和名称一致：{code.says}")
    name = named[0]
    reason = f"its code means {code.says}, its name {name.says}"
    return _renamed(name, 0.5, reason, f"代码对应 {code.says}，名称对应 {name.says}，两者不一致")


def _several(meanings: Iterable[Meaning]) -> Meaning:
    listed = sorted({one.says for one in meanings})
    shown, more = listed[:MOST_LISTED], len(listed) - MOST_LISTED
    return Meaning(
        code="",
        confidence=0.0,
        reason=f"it may be {', '.join(shown)}" + (f" and {more} more" if more > 0 else ""),
        reason_zh=f"可能对应{'、'.join(shown)}" + (f"等 {len(listed)} 项" if more > 0 else ""),
    )


def _nearest(value: str, lexicon: Lexicon) -> Meaning | None:
    """By the one name that holds it; else by a name that it holds or that is most alike."""
    text = _bare(value)[-1]
    if len(text) < 2:
        return None
    holders = [meanings for name, meanings in lexicon.names.items() if _holds(name, text)]
    if len({code for meanings in holders for code in meanings}) > 1:
        return _several(one for meanings in holders for one in meanings.values())
    likeness = {name: _likeness(text, name) for name in lexicon.names}
    most = max(likeness.values(), default=0.0)
    if most < LEAST_LIKENESS[text.isascii()]:
        return None
    alike = [lexicon.names[name] for name, how in likeness.items() if how >= most - AS_LIKE]
    best = {one.code: one for meanings in alike for one in meanings.values()}
    if len(best) > 1:
        return _several(best.values())
    (one,) = best.values()
    return _renamed(one, min(NEAREST, most), f"comes near {one.says}", f"与“{one.says}”相近")


def _holds(long: str, short: str) -> bool:
    return len(short) >= (4 if short.isascii() else 2) and short in long


def _likeness(text: str, name: str) -> float:
    """Nought to one. A text that holds the other whole is like it, the more of it the more."""
    short, long = sorted((text, name), key=len)
    if _holds(long, short):
        return LEAST_LIKENESS[text.isascii()] + (NEAREST - LEAST_LIKENESS[text.isascii()]) * len(short) / len(long)
    alike, least = SequenceMatcher(a=text, b=name, autojunk=False), LEAST_LIKENESS[text.isascii()]
    return alike.ratio() if alike.real_quick_ratio() >= least and alike.quick_ratio() >= least else 0.0
