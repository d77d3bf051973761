"""How likely the bytes of a table are under each encoding.

Likelihoods of characters are summed over all sampled values, language by language, so that short cells count for what
they are. charset-normalizer, made for whole documents, was tried: it takes 解放路 人民路 in GB18030 for Korean and
Straße München in Windows-1252 for Windows-1250. It needs sentences, and here are words of two to eight characters.

Confidence weighs the encodings that are tried, no others: a Thai or Greek code page that no declaration names may be
taken for Chinese or Russian with high confidence. The samples show it, and a person may choose any encoding.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gridsvc.domain.crs import BoolArray
from gridsvc.ingest.encodings.characters import NEVER, PLANE, Model, alphabet, models
from gridsvc.ingest.encodings.samples import Cell
from gridsvc.ingest.encodings.values import BROKEN, CUT, codec_of, decode_cell

SCRIPTS = {
    "utf-8": ("simplified", "traditional", "japanese", "korean", "western", "central", "cyrillic", "any"),
    "gb18030": ("simplified", "traditional"),
    "big5": ("traditional",),
    "cp1252": ("western",),
    "latin-1": ("western",),
    "cp1250": ("central",),
    "shift_jis": ("japanese",),
    "euc-kr": ("korean",),
    "cp1251": ("cyrillic",),
}
"""The languages expected in each encoding that is always tried."""
OTHER = ("simplified", "traditional", "japanese", "korean", "any")
"""Those expected in another encoding of several bytes, where a table declares one; of one byte: its own letters."""
PRIOR = {
    "big5": -1.0,
    "cp1252": -0.5,
    "latin-1": -3.0,
    "cp1250": -3.0,
    "shift_jis": -2.5,
    "euc-kr": -2.5,
    "cp1251": -3.0,
}
"""Logarithm; 0 for the others: the product is for Chinese cities."""
DECLARED = 1.5
"""What a declaration is worth: it decides between readings that are equally likely, and nothing else."""
WEIGHT, SURE = 0.5, 40
"""Trust in the models: half, and less the more values there are, as neighbours tend to resemble one another."""

PER_BROKEN, PER_CUT, PER_UNEXPECTED_CUT = -20.0, -6.0, -14.0
FAR = -13.0
"""Of a character outside the basic plane; rare ideographs such as 𠮷 mostly."""
IDEOGRAPHIC = ("simplified", "traditional", "japanese", "korean")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One encoding's reading of the sampled cells."""

    encoding: str
    texts: tuple[str, ...]
    likelihood: float
    """Natural logarithm, prior included; comparable between encodings only."""
    broken: int
    """Cells with bytes that are no character."""
    plausible: float
    """0 where even the best language finds nothing but odd characters, 1 where they are as usual."""


def readings(cells: Sequence[Cell], declared: str | None) -> list[tuple[Reading, float]]:
    """Readings and their probabilities, best first. Encodings under which all cells read the same count as one."""
    tried = dict.fromkeys((*SCRIPTS, *([declared] if declared else [])))
    ordered = sorted((_reading(cells, one, declared) for one in tried), key=lambda one: one.likelihood)
    kept = list({one.texts: one for one in ordered}.values())
    odds = np.exp([one.likelihood - ordered[-1].likelihood for one in kept])
    shares = (odds / odds.sum()).tolist()
    trusted = [
        (one, share * one.plausible * (1 - one.broken / len(cells))) for one, share in zip(kept, shares, strict=True)
    ]
    return sorted(trusted, key=lambda one: (-one[1], -one[0].likelihood))


def _reading(cells: Sequence[Cell], encoding: str, declared: str | None) -> Reading:
    codec = codec_of(encoding)
    texts = tuple(decode_cell(cell.raw, codec) for cell in cells)
    cuts = sum(
        PER_CUT if cell.full else PER_UNEXPECTED_CUT
        for cell, text in zip(cells, texts, strict=True)
        if text.endswith(CUT)
    )
    points = np.frombuffer("\n".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.int64)
    best = max(_likelihood(points, script) for script in _scripts(encoding, codec))
    odd = int((points >= 0x80).sum() - sum(text.endswith(CUT) for text in texts))
    weight = WEIGHT * min(1.0, (SURE / len(cells)) ** 0.5)
    prior = PRIOR.get(encoding, 0.0) if encoding != declared else DECLARED + max(PRIOR.get(encoding, 0.0), -1.0)
    return Reading(
        encoding=encoding,
        texts=texts,
        likelihood=float((best.total + cuts) * weight + prior),
        broken=sum(BROKEN in text for text in texts),
        plausible=1.0 if encoding == "utf-8" else float(np.clip((best.foreign / max(1, odd) + 14.5) / 2.5, 0.05, 1)),
    )


def _scripts(encoding: str, codec: str) -> tuple[str, ...]:
    """Names of models; a codec of one byte is its own."""
    several = any(decode_cell(bytes((one,)), codec) == CUT for one in range(0x80, 0x100))
    return SCRIPTS.get(encoding) or (OTHER if several else (codec,))


@dataclass(frozen=True, order=True)
class _Likelihood:
    total: float
    foreign: float
    """Of the characters beyond ASCII alone."""


def _likelihood(points: NDArray[np.int64], script: str) -> _Likelihood:
    model = _marked(script)
    near = points < PLANE
    far = FAR if script in (*IDEOGRAPHIC, "any") else NEVER
    each = np.where(near, model[np.where(near, points, 0)], far)
    neighbours = _mixed(points) if script in IDEOGRAPHIC else _alphabetic(points, script)
    return _Likelihood(float(each.sum() + neighbours), float(each[points >= 0x80].sum() + neighbours))


def _mixed(points: NDArray[np.int64]) -> float:
    """Ideographs beside Latin letters: A区 and LED灯 occur, an ideograph inside a word is a letter of the West."""
    ideographs = (points >= 0x3400) & (points < 0xD800)
    lower, upper = _latin(points)
    letters = lower | upper
    inside = (letters[:-2] & ideographs[1:-1] & letters[2:]).sum()
    return -3.0 * float(inside) - 4.0 * float(_beside(ideographs, lower)) - float(_beside(ideographs, upper))


def _alphabetic(points: NDArray[np.int64], script: str) -> float:
    """Capitals after small letters, signs and accents in a row, two alphabets in a word: bytes of something else."""
    lower, upper = _cases()
    base = np.minimum(points, PLANE - 1)
    foreign = points >= 0x80
    turned = float((lower[base][:-1] & upper[base][1:] & (foreign[:-1] | foreign[1:])).sum())
    if script in ("western", "central"):
        return -4.0 * turned - 3.5 * float((foreign[:-1] & foreign[1:]).sum())
    others = (points >= 0x250) & (points < 0x2000)
    return -4.0 * turned - 5.0 * _beside(others, np.logical_or(*_latin(points)))


def _latin(points: NDArray[np.int64]) -> tuple[BoolArray, BoolArray]:
    """Small letters and capitals of ASCII."""
    return (points >= 97) & (points <= 122), (points >= 65) & (points <= 90)


def _beside(some: BoolArray, others: BoolArray) -> int:
    return int((some[:-1] & others[1:]).sum() + (others[:-1] & some[1:]).sum())


@lru_cache(maxsize=1)
def _cases() -> tuple[BoolArray, BoolArray]:
    """Small letters and capitals by code point."""
    characters = [chr(point) for point in range(PLANE)]
    return np.array([one.islower() for one in characters]), np.array([one.isupper() for one in characters])


@lru_cache(maxsize=16)
def _marked(script: str) -> Model:
    """The model with what stands for damage: cuts are counted by cell."""
    model = models()[script].copy() if script in models() else alphabet(script)
    model[ord(BROKEN)], model[ord(CUT)] = PER_BROKEN, 0.0
    return model
