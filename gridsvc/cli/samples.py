"""Where the sample cities are; the synthetic one is built on first use."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from gridsvc import resources
from gridsvc.errors import NotFoundError, SetupError

SYNTHETIC = {"mianyang": ("--components", "5000", "--unit-grids", "300", "--reports", "2000", "--seed", "1")}


def sample_folder(city: str, data_folder: Path, say: Callable[[str, str, float], None]) -> Path:
    """A sample's folder by its name, or the folder itself."""
    samples = resources.folder("geodata") / "samples"
    if (samples / city / "city.toml").exists():
        return samples / city
    if city in SYNTHETIC:
        return _build(city, data_folder / "samples" / city, say)
    if Path(city).is_dir():
        return Path(city)
    known = sorted([*(folder.parent.name for folder in samples.glob("*/city.toml")), *SYNTHETIC])
    raise NotFoundError(f"there is no sample city or folder {city!r}; samples: {', '.join(known)}")


def _build(city: str, target: Path, say: Callable[[str, str, float], None]) -> Path:
    if (target / "city.toml").exists():
        return target
    script = resources.folder("geodata") / "make_city.py"
    if not script.exists():
        raise SetupError(f"{city} is built by geodata/make_city.py, which is only in a checkout of the source")
    begun = time.perf_counter()
    target.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, str(script), str(target), *SYNTHETIC[city]], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SetupError(f"{city} could not be built: {done.stderr.strip()[-2000:]}")
    say("Synthetic", f"{city} built in {target}", time.perf_counter() - begun)
    return target
