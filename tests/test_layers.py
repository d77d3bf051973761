"""The rooms of the house: arrows point down only (the contracts stand in pyproject.toml)."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = [
    "access", "api", "areas", "casework", "cli", "config", "domain", "errors", "files", "ingest", "inventory", "jobs",
    "localdb", "maps", "store", "web",
]  # fmt: skip


def test_imports_point_down_only() -> None:
    linter = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    run = subprocess.run(linter, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


def test_a_broken_arrow_is_found(tmp_path: Path) -> None:
    """The contract that guards the rooms can fail: a use case that imports another one breaks it."""
    package = tmp_path / "gridsvc"
    for room in ROOMS:
        (package / room).mkdir(parents=True)
        (package / room / "__init__.py").touch()
    (package / "__init__.py").touch()
    (package / "ingest" / "promote.py").write_text("import gridsvc.areas\n")
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text(encoding="utf-8"), encoding="utf-8")
    script = (
        "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command; lint_imports_command()"
    )
    command = [sys.executable, "-P", "-c", script, "--no-cache"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 1, run.stdout + run.stderr
    assert "gridsvc.ingest is not allowed to import gridsvc.areas" in run.stdout
