"""What an operator may do wrong, or do twice, or do at once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from gridsvc.cli.files import write_text
from gridsvc.cli.load import initialise
from gridsvc.errors import InputError, SetupError
from gridsvc.localdb import Addresses, Cluster
from gridsvc.store.city import City, the_city
from gridsvc.store.connection import connect
from tests.cli.commands import Gridsvc
from tests.database import TOWN, as_service, drop

GRIDSVC = str(Path(sys.executable).parent / "gridsvc")


def test_init_again_changes_only_what_is_said(gridsvc: Gridsvc, database: str) -> None:
    with connect(database) as conn:
        before = the_city(conn)
        assert gridsvc("init", "--crs", "EPSG:4544").code == 0
        assert the_city(conn) == before
        assert gridsvc("init", "--crs", "EPSG:4544", "--time-zone", "Asia/Urumqi").code == 0
        assert the_city(conn) == City(**{**vars(before), "time_zone": "Asia/Urumqi"})


@pytest.mark.parametrize("command", [("batch", "list"), ("init", "--crs", "EPSG:4544")])
@pytest.mark.parametrize("address", ["postgres//gridsvc:S3CRET@127.0.0.1/db", "postgresql://gridsvc:S3 CRET@h/db"])
def test_a_mistyped_address_is_not_quoted(
    gridsvc: Gridsvc, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], address: str
) -> None:
    monkeypatch.setenv("GRIDSVC_DATABASE_URL", address)
    said = gridsvc(*command)
    assert said.code == 1
    assert "cannot be read as an address" in said.err
    assert "CRET" not in said.err + said.out


def test_two_set_ups_at_once_both_succeed(server: str, cloned: Callable[[str], AbstractContextManager[str]]) -> None:
    with cloned("twice") as url:
        name = url.split("dbname=")[1].split()[0]
    try:
        to = Addresses(admin_url=url, database_url=as_service(url))
        with ThreadPoolExecutor(2) as pool:
            new = list(pool.map(lambda _: initialise(TOWN, to), range(2)))
        assert sorted(new) == [False, True]
    finally:
        drop(server, name)


def test_a_map_replaces_files_only(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a file that could be written to"):
        write_text(tmp_path, "map")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError):
        write_text(tmp_path / "pipe", "map")
    (tmp_path / "plain").write_text("")
    with pytest.raises(SetupError, match="cannot be written"):
        write_text(tmp_path / "plain" / "map.html", "map")
    (tmp_path / "link").symlink_to(tmp_path / "real.html")
    write_text(tmp_path / "link", "map")
    assert (tmp_path / "real.html").read_text() == "map"
    assert (tmp_path / "link").is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "pipe", "plain", "real.html"]


def test_serve_on_a_database_without_a_city_is_one_line(server: str) -> None:
    done = subprocess.run(
        [GRIDSVC, "serve", "--port", "8973"],
        env={**os.environ, "GRIDSVC_DATABASE_URL": server}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "gridsvc: this database holds no city yet: run `gridsvc init --crs EPSG:n` first\n"


def test_sigterm_in_the_middle_of_a_load_stops_the_database_too(tmp_path: Path) -> None:
    own = {key: value for key, value in os.environ.items() if not key.startswith("GRIDSVC_")}
    cluster = Cluster(tmp_path / "data")
    try:
        command = [GRIDSVC, "demo", "--no-serve"]
        environ = {**own, "GRIDSVC_DATA_FOLDER": str(tmp_path / "data")}
        with subprocess.Popen(command, env=environ, cwd=tmp_path, stdout=subprocess.DEVNULL) as load:
            until = time.monotonic() + 30
            while not cluster.status().running and time.monotonic() < until:
                time.sleep(0.1)
            time.sleep(1)
            load.send_signal(signal.SIGTERM)
            assert load.wait(30) == 128 + signal.SIGTERM
        assert not cluster.status().running
    finally:
        cluster.remove()
