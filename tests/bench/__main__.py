"""`make bench`: measures on this machine, beside peers, and writes BENCHMARKS.md and out/bench.json.

`python -m tests.bench NAME…` measures some of MEASURES again and puts what it finds in place of their rows.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from gridsvc.localdb import Cluster
from tests.bench import access, desk, drawing, grids, heat, imports, intake, locator, sample
from tests.bench.figures import Figure, machine, publish

MEASURES = (
    sample.load_sample,
    sample.locate_sample,
    intake.washington,
    heat.heat_map,
    imports.imports,
    grids.area_checks,
    drawing.drawing,
    desk.desk,
    locator.locator,
    intake.planted_truth,
    intake.large_city,
    access.row_level_security,
)


def measured(folder: Path, chosen: list[str]) -> Iterator[Figure]:
    for measure in MEASURES:
        if chosen and measure.__name__ not in chosen:
            continue
        for figure in measure(folder):
            print(figure.row(), flush=True)
            yield figure


def main() -> None:
    chosen = sys.argv[1:]
    if strange := sorted(set(chosen) - {measure.__name__ for measure in MEASURES}):
        sys.exit(f"not known: {', '.join(strange)}; choose of {', '.join(measure.__name__ for measure in MEASURES)}")
    print(machine())
    with tempfile.TemporaryDirectory(prefix="gridsvc-bench-") as name:
        folder = Path(name)
        try:
            publish(measured(folder, chosen), whole=not chosen)
        finally:
            Cluster(folder).remove()


if __name__ == "__main__":
    main()
