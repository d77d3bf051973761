"""Memory of imports does not grow with what was looked at before; that all is the same in parts."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import shapely

from gridsvc.domain import area_index
from gridsvc.domain.area_index import KindIndex, holding
from gridsvc.ingest import staging
from gridsvc.store import arrows
from gridsvc.store.connection import Connection


def test_staged_rows_are_there_after_their_memory_was_let_go(tmp_path: Path) -> None:
    table = pa.table({"row": np.arange(2_000_000)})
    with staging.written(tmp_path, "rows.arrow", table.schema) as writer:
        writer.write_table(table)
    found = staging.rows(tmp_path)
    assert found.equals(table)
    looked_at = _mapped()
    staging.let_go()
    assert _mapped() < looked_at - 10_000
    assert found.equals(table)


def _mapped() -> int:
    """Kilobytes of mapped files that this process is resident with."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("RssFile")).split()[1])


@pytest.mark.parametrize("lot", [1, 2, 100])
def test_points_are_found_in_lots_as_at_once(monkeypatch: pytest.MonkeyPatch, lot: int) -> None:
    monkeypatch.setattr(area_index, "LOT", lot)
    shapes = np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], dtype=object)
    kind = KindIndex(ids=np.array([7, 8]), codes=np.array(["a", "b"], dtype=object), shapes=shapes)
    x, y = np.array([0.5, 1.5, 1.0, 9.0, np.nan]), np.array([0.5, 0.5, 0.5, 0.5, 0.5])
    assert holding(x, y, {"k": kind})["k"].tolist() == [0, 1, 0, -1, -1]
    assert holding(x[:0], y[:0], {"k": kind})["k"].tolist() == []


@pytest.mark.parametrize("count", [0, 2, 3, 7])
def test_rows_are_copied_in_lots_as_at_once(conn: Connection, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(arrows, "LOT", 3)
    conn.execute("CREATE TEMP TABLE copied (n int, said text)")
    columns = [pa.array(range(count)), pa.chunked_array([[f"{n}\t"] for n in range(count)], pa.string())]
    arrows.copy_arrow(conn, "COPY copied (n, said) FROM STDIN", columns)
    found = conn.execute("SELECT n, said FROM copied ORDER BY n").fetchall()
    assert found == [(n, f"{n}\t") for n in range(count)]
