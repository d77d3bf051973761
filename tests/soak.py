"""What long trials found, kept in BENCHMARKS.md: one line a trial, the last time that it was run."""

from dataclasses import dataclass
from datetime import date

from tests.bench.figures import BENCHMARKS, machine

BEGIN, END = "<!-- make soak -->", "<!-- end of soak -->"
HEAD = ("| trial | found | bar | held | when, where |", "|---|---|---|---|---|")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    trial: str
    found: str
    bar: str
    held: bool

    def row(self) -> str:
        verdict = "yes" if self.held else "**no**"
        return f"| {self.trial} | {self.found} | {self.bar} | {verdict} | {date.today()}, {machine()} |"


def keep(outcome: Outcome) -> None:
    """In place of what the trial found before."""
    print(outcome.row())
    text = BENCHMARKS.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    kept, _, after = rest.partition(END)
    rows = {_trial(line): line for line in kept.splitlines() if line.startswith("|") and line not in HEAD}
    rows[outcome.trial] = outcome.row()
    table = "\n".join([*HEAD, *rows.values()])
    BENCHMARKS.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


def _trial(row: str) -> str:
    return row.split("|")[1].strip()
