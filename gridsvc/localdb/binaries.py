"""Finds the PostgreSQL programs of any installed version."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gridsvc.errors import SetupError

OLDEST = 15
PLACES = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "usr/local/pgsql/bin")
PROGRAMS = ("initdb", "pg_ctl", "postgres")


@dataclass(frozen=True)
class Installation:
    version: int
    folder: Path

    def program(self, name: str) -> str:
        return str(self.folder / name)

    def has_postgis(self) -> bool:
        shares = [self.folder.parent / "share", Path(f"/usr/share/postgresql/{self.version}")]
        if (self.folder / "pg_config").exists():
            shares.insert(0, Path(_output(self.program("pg_config"), "--sharedir")))
        return any((share / "extension" / "postgis.control").exists() for share in shares)


def find_installation(version: int | None = None) -> Installation:
    """The newest installation that has PostGIS, or the one of that major version."""
    found = installations()
    if version is not None:
        found = [one for one in found if one.version == version]
    if not found:
        raise _nothing_found(version)
    with_postgis = [one for one in found if one.has_postgis()]
    if not with_postgis:
        newest = found[0].version
        raise SetupError(f"PostgreSQL {newest} has no PostGIS; {_advice(f'postgresql-{newest}-postgis-3')}")
    return with_postgis[0]


def installations() -> list[Installation]:
    """Every usable installation, newest first."""
    found = {}
    for folder in _candidates():
        if all(os.access(folder / name, os.X_OK) for name in PROGRAMS):
            version = _major_version(folder)
            if version >= OLDEST:
                found[folder.resolve()] = Installation(version, folder.resolve())
    return sorted(found.values(), key=lambda one: one.version, reverse=True)


def _candidates() -> Iterator[Path]:
    for place in PLACES:
        yield from sorted(Path("/").glob(place))
    for entry in os.environ.get("PATH", "").split(os.pathsep):
        if entry:
            yield Path(entry)
    if pg_config := shutil.which("pg_config"):
        yield Path(_output(pg_config, "--bindir"))


def _major_version(folder: Path) -> int:
    match = re.search(r"\(PostgreSQL\) (\d+)", _output(str(folder / "postgres"), "--version"))
    return int(match[1]) if match else 0


def _output(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=20, check=False).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""


def _nothing_found(version: int | None) -> SetupError:
    if version is None:
        return SetupError(
            f"no PostgreSQL {OLDEST} or newer is installed; {_advice('postgresql', 'postgresql-postgis')}"
        )
    packages = (f"postgresql-{version}", f"postgresql-{version}-postgis-3")
    return SetupError(f"the cluster was made by PostgreSQL {version}, which is not installed; {_advice(*packages)}")


def _advice(*packages: str) -> str:
    return f"on Debian or Ubuntu: apt-get install {' '.join(packages)}"
