"""Photos of a survey as bare pictures: another process reads them, as it does all that comes from strangers."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gridsvc.ingest.sources.model import Choice, Limits
from gridsvc.ingest.sources.reader import Child

LOT = 200
"""Photos that one process reads: its time is limited."""


@dataclass(frozen=True, kw_only=True)
class Picture:
    path: str
    content: bytes
    """A JPEG without anything but pixels; empty if the photo cannot be used."""
    en: str
    """Why not."""
    zh: str


def pictures(kept: Path, file_name: str, limits: Limits, paths: Sequence[str]) -> Iterator[Picture]:
    """Of the photos at these places in an archive. FileError if that cannot be read, or takes too much."""
    for first in range(0, len(paths), LOT):
        wanted = Choice(layers=tuple(paths[first : first + LOT]))
        with Child("pictures", kept, file_name, wanted, limits) as child:
            for said in map(json.loads, iter(child.output.readline, b"")):
                content = child.output.read(said.pop("size"))
                yield Picture(**said, content=content)
            child.finish()
