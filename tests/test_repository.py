"""What the repository promises about its own files."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.dependencies import verdict

ROOT = Path(__file__).parent.parent
TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock", "requirements-bench.lock"])
def test_locks_hold_names_and_versions_only(lock: str) -> None:
    lines = [line for line in (ROOT / lock).read_text().splitlines() if line and not line.startswith("#")]
    assert lines
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+( ; .+)?", line) for line in lines)


def test_the_npm_lock_names_no_address() -> None:
    assert "http" not in re.sub(r'"(url|funding)": *"[^"]*"', "", (ROOT / "package-lock.json").read_text())


def test_every_folder_of_data_says_where_it_comes_from() -> None:
    data = {
        Path(name).parent for name in TRACKED if name.startswith("geodata/") and name.endswith((".zip", ".csv", ".gz"))
    }
    assert data
    for folder in data:
        assert any((ROOT / parent / "SOURCE.md").exists() for parent in (folder, *folder.parents)), folder


def test_the_sample_city_stays_small() -> None:
    sample = ROOT / "geodata" / "samples" / "washington-dc"
    assert sum(file.stat().st_size for file in sample.iterdir()) <= 12e6


def test_the_top_level_is_what_it_should_be() -> None:
    folders = {name.split("/")[0] for name in TRACKED if "/" in name}
    assert folders == {".ci", "docker", "geodata", "gridsvc", "migrations", "notebooks", "tests"}


def test_makefile_targets_of_readme_and_contributing_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for text in ("README.md", "CONTRIBUTING.md"):
        for target in re.findall(r"make ([a-z]+)", (ROOT / text).read_text(encoding="utf-8")):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"{text}: make {target}"


@pytest.mark.parametrize(
    ("told", "code", "words"),
    [
        (
            '{"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "CVE-1"}]}]}',
            1,
            "1 in 1 packages\na 1: CVE-1",
        ),
        ('{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}', 0, "0 in 1 packages"),
        ('{"dependencies": [{"name": "a", "skip_reason": "not found"}]}', 0, "0 in 0 packages; 1 could not be asked"),
        ("", 1, "not asked; No module named pip_audit"),
    ],
)
def test_a_known_vulnerability_fails_the_check(told: str, code: int, words: str) -> None:
    found = verdict(told, "No module named pip_audit")
    assert (found[0], words in found[1]) == (code, True), found


def test_no_network_is_no_fault() -> None:
    assert verdict("", "requests.exceptions.ConnectionError: Max retries exceeded")[0] == 0
