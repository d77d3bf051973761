"""A figure, and the table and file that hold them."""

import json
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

BENCHMARKS = Path(__file__).parent.parent.parent / "BENCHMARKS.md"
JSON = Path("out/bench.json")
BEGIN, END = "<!-- make bench -->", "<!-- end -->"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """`ratio` is ours to the best peer's; `goal` says what counts as met."""

    name: str
    unit: str
    ours: float
    peers: dict[str, float]
    goal: str
    met: bool | None
    """None: only shown beside another figure."""

    @property
    def ratio(self) -> float | None:
        best = max if self.goal.startswith("≥") else min
        return self.ours / best(self.peers.values()) if self.peers else None

    def row(self) -> str:
        peers = ", ".join(f"{name} {value:.3g}" for name, value in self.peers.items()) or "–"
        ratio = f"{self.ratio:.2f}" if self.ratio is not None else "–"
        verdict = {True: "yes", False: "**no**", None: "–"}[self.met]
        return f"| {self.name} | {self.ours:.3g} {self.unit} | {peers} | {ratio} | {self.goal} | {verdict} |"


def at_most(name: str, unit: str, ours: float, limit: float, **peers: float) -> Figure:
    return Figure(name=name, unit=unit, ours=ours, peers=peers, goal=f"≤ {limit:g} {unit}", met=ours <= limit)


def at_least(name: str, unit: str, ours: float, limit: float, **peers: float) -> Figure:
    """More is better."""
    return Figure(name=name, unit=unit, ours=ours, peers=peers, goal=f"≥ {limit:g} {unit}", met=ours >= limit)


def against(name: str, unit: str, ours: float, ratio: float, **peers: float) -> Figure:
    """Ours at most `ratio` times the best peer's."""
    met = ours <= ratio * min(peers.values())
    return Figure(name=name, unit=unit, ours=ours, peers=peers, goal=f"≤ {ratio:g} × peer", met=met)


def shown(name: str, unit: str, ours: float, **peers: float) -> Figure:
    """Beside another figure, without a goal of its own."""
    return Figure(name=name, unit=unit, ours=ours, peers=peers, goal="–", met=None)


def publish(figures: Iterable[Figure], *, whole: bool) -> None:
    """Into out/bench.json and the table of BENCHMARKS.md; what is not the `whole` in place of its rows."""
    figures = list(figures)
    JSON.parent.mkdir(exist_ok=True)
    rows = [{**asdict(figure), "ratio": figure.ratio} for figure in figures]
    JSON.write_text(json.dumps(rows, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    text = BENCHMARKS.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    old, _, after = rest.partition(END)
    new = {figure.row().split(" | ")[0]: figure.row() for figure in figures}
    kept = {} if whole else {line.split(" | ")[0]: line for line in old.splitlines() if line.startswith("| ")}
    kept.pop("| figure", None)
    table = "\n".join(
        [
            f"{date.today()}, {machine()}:",
            "",
            "| figure | ours | peer | ratio | goal | met |",
            "|---|---|---|---|---|---|",
            *(kept | new).values(),
        ]
    )
    BENCHMARKS.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {system}, Python {platform.python_version()}"
