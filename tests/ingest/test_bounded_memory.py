"""Memory of imports does not grow with what was looked at before; that all is the same in parts."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

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


@pytest.mark.parametrize("count", [0, 2, 3, 7])
def test_rows_are_copied_in_lots_as_at_once(conn: Connection, monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    monkeypatch.setattr(arrows, "LOT", 3)
    conn.execute("CREATE TEMP TABLE copied (n int, said text)")
    columns = [pa.array(range(count)), pa.chunked_array([[f"{n}\t"] for n in range(count)], pa.string())]
    arrows.copy_arrow(conn, "COPY copied (n, said) FROM STDIN", columns)
    found = conn.execute("SELECT n, said FROM copied ORDER BY n").fetchall()
    assert found == [(n, f"{n}\t") for n in range(count)]
