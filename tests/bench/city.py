"""Synthetic cities for benchmarks and long trials."""

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parent.parent.parent / "geodata" / "make_city.py"


def make_city(folder: Path, *, components: int, unit_grids: int, reports: int = 1_000) -> Path:
    sizes = {"components": components, "unit-grids": unit_grids, "reports": reports, "seed": 1}
    options = [word for name, size in sizes.items() for word in (f"--{name}", str(size))]
    subprocess.run([sys.executable, str(SCRIPT), str(folder), *options, "--quiet"], check=True)
    return folder
