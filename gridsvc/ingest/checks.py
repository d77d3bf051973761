"""Running the rules: over each lot as it is read, then over what is kept of all of them."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from gridsvc.domain.crs import BoolArray
from gridsvc.domain.findings import Finding
from gridsvc.ingest import staging
from gridsvc.ingest.layers import COMPONENTS
from gridsvc.ingest.rules import RULES
from gridsvc.ingest.rules.contract import Context, Found, Lot, Rule, Whole
from gridsvc.ingest.stage import Stager
from gridsvc.ingest.staging import Reason
from gridsvc.store import batches
from gridsvc.store.connection import Connection

Progress = Callable[[str, int], None]
"""Told the step and how many features are done."""


COUNTED = ("count", "first", "last", "example")
"""Values of a sentence about many features that differ from lot to lot."""


@dataclass(kw_only=True)
class Tally:
    """What the rules found, as it is written away; only errors are remembered one by one."""

    conn: Connection
    batch_id: int
    srid: int
    set_aside: frozenset[str]
    """Rules whose errors reject the row instead of the file."""
    severities: Counter[str] = field(default_factory=Counter)
    refusing: Finding | None = None
    """The first error that refuses the file."""
    refusals: int = 0
    rejected: dict[tuple[str, int], list[Reason]] = field(default_factory=dict)
    """What is wrong with each feature (layer, number) that is set aside."""

    def keep(self, findings: Iterable[Finding]) -> None:
        batches.add_findings(self.conn, self.batch_id, map(self._counted, findings), self.srid)

    def _counted(self, finding: Finding) -> Finding:
        self.severities[finding.severity] += 1
        if finding.severity == "error":
            if finding.rule in self.set_aside and finding.layer is not None and finding.feature is not None:
                self.rejected.setdefault((finding.layer, finding.feature), []).append(
                    (finding.message, finding.message_zh or finding.message)
                )
            else:
                self.refusing = self.refusing or finding
                self.refusals += 1
        return finding


def check_lots(stager: Stager, stream: Any, context: Context, tally: Tally, folder: Path, progress: Progress) -> Any:
    """Stage and check the file lot by lot; the staged rows as a table."""
    first = 0
    rules = [rule for rule in RULES if not rule.whole and rule.applies(stager.layer)]
    of_file: dict[Any, tuple[Rule, Found]] = {}
    with staging.written(folder, staging.ROWS) as writer, ThreadPoolExecutor(1) as beside:
        kept = beside.submit(int)
        for batch in stream:
            lot = stager.lot(batch, first)
            kept.result()
            kept = beside.submit(lambda lot, batch: writer.write_batch(stager.rows(lot, batch)), lot, batch)
            tally.keep(finding for rule in rules for finding in _of_rows(rule, lot, context, of_file))
            first += len(lot)
            progress("check", first)
        kept.result()
    tally.keep(rule.finding(one, lot) for rule, one in of_file.values())
    return staging.rows(folder)


def _of_rows(rule: Rule, lot: Lot, context: Context, of_file: dict[Any, tuple[Rule, Found]]) -> Iterator[Finding]:
    """What is said of features; what is said of a whole lot is gathered until it can be said of the file."""
    for one in rule.check(lot, context):
        if one.row is not None:
            yield rule.finding(one, lot)
            continue
        same = {name: value for name, value in one.values.items() if name not in COUNTED}
        key = (rule.name, repr(sorted(same.items())))
        of_file[key] = (rule, _together(of_file[key][1], one) if key in of_file else one)


def _together(before: Found, one: Found) -> Found:
    values = {**one.values, **{name: before.values[name] for name in ("first", "example") if name in before.values}}
    if "count" in values:
        values["count"] = int(before.values["count"]) + int(one.values["count"])  # type: ignore[call-overload]
    return Found(row=None, values=values, geom=before.geom)


def check_whole(stager: Stager, rows: Any, context: Context, tally: Tally) -> None:
    whole = whole_of(stager, rows)
    staging.let_go()
    for rule in RULES:
        if rule.whole and rule.applies(stager.layer):
            tally.keep(rule.findings(whole, context))


def whole_of(stager: Stager, rows: Any) -> Whole:
    areas = stager.layer.target != COMPONENTS
    return Whole(
        layer=stager.layer,
        source_layers=_one(rows["layer"]),
        numbers=np.asarray(rows["feature"]),
        code=_one(rows["code"]),
        subclass_code=_one(rows["subclass_code"]),
        parent_code=_one(rows["parent_code"]),
        x=np.asarray(rows["x"]),
        y=np.asarray(rows["y"]),
        identity=np.asarray(rows["identity"]).view(np.uint64),
        shapes=_shapes(rows) if areas else None,
    )


def rejected_rows(tally: Tally, rows: Any) -> tuple[BoolArray, NDArray[np.int64], list[Reason]]:
    """A mask of the staged rows that are set aside; their places, and why each is."""
    mask = np.zeros(rows.num_rows, dtype=np.bool_)
    if not tally.rejected:
        return mask, np.zeros(0, dtype=np.int64), []
    numbers = pa.array([feature for _, feature in tally.rejected])
    candidates = np.flatnonzero(pa.compute.is_in(rows["feature"], numbers).to_numpy())
    names = zip(
        rows["layer"].take(pa.array(candidates)).to_pylist(),
        rows["feature"].take(pa.array(candidates)).to_pylist(),
        strict=True,
    )
    found = [
        (row, tally.rejected[key]) for row, key in zip(candidates.tolist(), names, strict=True) if key in tally.rejected
    ]
    places = np.array([row for row, _ in found], dtype=np.int64)
    mask[places] = True
    return mask, places, [_joined(reasons) for _, reasons in found]


def _joined(reasons: list[Reason]) -> Reason:
    english, chinese = zip(*reasons, strict=True)
    return "; ".join(english), "；".join(chinese)


def note_findings(notes: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    """What was taken for granted while reading, English and Chinese."""
    for english, chinese in notes:
        yield Finding(rule="reading", severity="note", message=english, message_zh=chinese)


def _one(column: Any) -> Any:
    """One array of a chunked column."""
    return column.combine_chunks()


def _shapes(rows: Any) -> NDArray[Any]:
    return np.asarray(shapely.from_wkb(rows["geom"].to_pylist()), dtype=object)
