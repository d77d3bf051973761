"""`make bench`: measures on this machine, beside peers, and writes BENCHMARKS.md and out/bench.json."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from gridsvc.localdb import Cluster
from tests.bench import access, desk, drawing, grids, heat, imports, intake, locator, sample
from tests.bench.figures import Figure, machine, publish


def measured(folder: Path) -> Iterator[Figure]:
    for measure in (
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
    ):
        for figure in measure(folder):
            print(figure.row(), flush=True)
            yield figure


def main() -> None:
    print(machine())
    with tempfile.TemporaryDirectory(prefix="gridsvc-bench-") as name:
        folder = Path(name)
        try:
            publish(measured(folder))
        finally:
            Cluster(folder).remove()


if __name__ == "__main__":
    main()
