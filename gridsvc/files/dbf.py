"""The table of a shapefile (dBASE): ten bytes for a name, 254 for a text, and what a code page cannot say."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gridsvc.files.layers import Note

LONGEST_NAME, LONGEST_TEXT = 10, 254
MOST_FIELDS = 255
MISSING = "〓"
"""Stands for a character that the code page has not; printers use it so, and GBK has it."""
MOST_SHOWN = 20
LONGEST_INT = 10**17
WIDTHS = {"int64": 18, "double": 24, "bool": 1}
"""Bytes of a value, as GDAL writes them."""
HEAD = ("layer", "field", "name", "note_zh", "note_en")


def encodable(text: str, encoding: str) -> tuple[str, set[str]]:
    """The text with MISSING for what the encoding has not, and what that was."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        lost = {letter for letter in set(text) if not _can(letter, encoding)}
        return "".join(MISSING if letter in lost else letter for letter in text), lost
    return text, set()


def _can(letter: str, encoding: str) -> bool:
    try:
        letter.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def cut(text: str, longest: int, encoding: str) -> str:
    """As many whole characters as fit into so many bytes."""
    return text.encode(encoding)[:longest].decode(encoding, "ignore")


def short_names(names: Sequence[str], encoding: str) -> dict[str, str]:
    """A name of at most ten bytes for each, unequal to every other without regard to case; short ones stay."""
    fitting = {name: cut(encodable(name, encoding)[0], LONGEST_NAME, encoding) for name in names}
    given: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(names, key=lambda name: fitting[name] != name):
        given[name] = _unique(fitting[name] or "FIELD", taken, encoding)
        taken.add(given[name].casefold())
    return {name: given[name] for name in names}


def _unique(name: str, taken: set[str], encoding: str) -> str:
    free, number = name, 0
    while free.casefold() in taken:
        number += 1
        free = cut(name, LONGEST_NAME - len(str(number)), encoding) + str(number)
    return free


@dataclass
class TextColumn:
    """What a column of text is when it is written; `see` it all before `write` says the same again."""

    encoding: str
    width: int = 1
    cut: int = 0
    replaced: int = 0
    lost: set[str] = field(default_factory=set)

    def see(self, texts: pa.Array) -> None:
        fitted, count = self._fitted(texts, self.lost)
        self.replaced += count[0]
        self.cut += count[1]
        self.width = max(self.width, fitted[1])

    def write(self, texts: pa.Array) -> pa.Array:
        return self._fitted(texts, set())[0][0]

    def _fitted(self, texts: pa.Array, lost: set[str]) -> tuple[tuple[pa.Array, int], tuple[int, int]]:
        """The texts as they fit and the bytes of the longest; how many were replaced in and how many were cut."""
        longest = pc.max(pc.binary_length(texts)).as_py() or 0
        if longest <= LONGEST_TEXT and (self.encoding == "utf-8" or pc.all(pc.string_is_ascii(texts)).as_py()):
            return (texts, longest), (0, 0)
        coded = texts.dictionary_encode()
        counts = Counter(coded.indices.drop_null().to_pylist())
        fitted, widest, replaced, shortened = [], 0, 0, 0
        for place, text in enumerate(coded.dictionary.to_pylist()):
            able, gone = encodable(text, self.encoding)
            short = cut(able, LONGEST_TEXT, self.encoding)
            fitted.append(short)
            lost |= gone
            widest = max(widest, len(short.encode(self.encoding)))
            replaced += counts[place] if gone else 0
            shortened += counts[place] if short != able else 0
        return (pa.array(fitted, pa.string()).take(coded.indices), widest), (replaced, shortened)

    def notes(self, name: str) -> list[Note]:
        found = []
        if self.replaced:
            shown = "".join(sorted(self.lost)[:MOST_SHOWN])
            found.append(
                Note(
                    column=name,
                    zh=f"{self.replaced} 处含 {self.encoding.upper()} 中没有的字，已写为“{MISSING}”：{shown}",
                    en=f"{self.replaced} values hold characters that {self.encoding.upper()} has not; {MISSING} stands "
                    f"for them: {shown}",
                )
            )
        if self.cut:
            found.append(
                Note(
                    column=name,
                    zh=f"{self.cut} 处超过 {LONGEST_TEXT} 字节，已按整字截断",
                    en=f"{self.cut} values take more than {LONGEST_TEXT} bytes; they were cut between characters",
                )
            )
        return found


class NumberColumn:
    """Whether dBASE holds the numbers of a column in full; those that it does not are written as text."""

    def __init__(self, kind: pa.DataType) -> None:
        self._fits: Callable[[Any], bool] = _ints_fit if pa.types.is_integer(kind) else _floats_fit
        self.is_text = False

    def see(self, numbers: pa.Array) -> None:
        values = numbers.drop_null().to_numpy(zero_copy_only=False)
        self.is_text = self.is_text or not self._fits(values)

    def note(self, name: str) -> Note:
        return Note(
            column=name, zh="数值位数过多，已写为文本，以免丢失精度",
            en="its numbers have more digits than dBASE holds; they are written as text, so that none is lost",
        )  # fmt: skip


def _ints_fit(values: Any) -> bool:
    return bool((np.abs(values) < LONGEST_INT).all())


def _floats_fit(values: Any) -> bool:
    """In 24 places with 15 decimals, as GDAL writes them."""
    texts = np.char.mod("%.15f", values)
    return bool((np.char.str_len(texts) <= WIDTHS["double"]).all() and (texts.astype(np.float64) == values).all())


def fields_csv(layers: Mapping[str, Mapping[str, str]], notes: Sequence[Note]) -> bytes:
    """The full name of each field of each layer, and what was lost; `layers` hold short names by full ones."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(HEAD)
    for layer, names in layers.items():
        for name, short in names.items():
            said = [note for note in notes if note.column == name]
            out.writerow([layer, short, name, "；".join(n.zh for n in said), "; ".join(n.en for n in said)])
    return text.getvalue().encode("utf-8-sig")


def full_names(fields: bytes) -> dict[str, dict[str, str]]:
    """Of such a file: the full name by field, by layer. ValueError where it is none."""
    reader = csv.DictReader(io.StringIO(fields.decode("utf-8-sig")))
    if tuple(reader.fieldnames or ()) != HEAD:
        raise ValueError(f"its head is not {','.join(HEAD)}")
    found: dict[str, dict[str, str]] = {}
    for row in reader:
        found.setdefault(row["layer"], {})[row["field"]] = row["name"]
    return found
