"""Life of the embedded cluster: made, started, stopped, looked at."""

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gridsvc.cli import db
from gridsvc.errors import SetupError
from gridsvc.localdb import Cluster
from tests.localdb.helpers import folder_of, processes, value

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts the server as another account")


def test_up_twice_status_and_down_leave_no_process(cluster: Cluster) -> None:
    assert not cluster.status().exists
    assert not cluster.down()
    assert cluster.up()
    assert not cluster.up()
    status = cluster.status()
    assert (status.exists, status.running, status.data_folder) == (True, True, cluster.folder)
    assert status.version is not None
    assert status.version >= 15
    folder = folder_of(cluster)
    assert status.pid in {process.pid for process in processes(folder)}
    assert cluster.down()
    assert processes(folder) == []
    assert (cluster.status().exists, cluster.status().running, cluster.status().pid) == (True, False, None)
    assert not cluster.down()


def test_commands_up_status_log_and_down(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDSVC_DATA_FOLDER", str(cluster.folder))

    def run(*words: str) -> str:
        result = CliRunner().invoke(db.app, list(words))
        assert result.exit_code == 0, result.output
        return result.output

    assert json.loads(run("status", "--json"))["exists"] is False
    assert "started" in run("up")
    assert json.loads(run("up", "--json"))["changed"] is False
    assert json.loads(run("status", "--json"))["running"] is True
    assert len(run("log", "--lines", "2").splitlines()) == 2
    assert "stopped" in run("down")
    assert "does not run" in run("status")


def test_two_processes_start_one_server(cluster: Cluster) -> None:
    code = "import sys; from pathlib import Path; from gridsvc.localdb import Cluster; "
    code += "print(Cluster(Path(sys.argv[1]), fsync=False).up())"
    command = [sys.executable, "-c", code, str(cluster.folder)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    answers = sorted(process.communicate(timeout=60)[0].strip() for process in both)
    assert answers == ["False", "True"]
    postmasters = [process for process in processes(folder_of(cluster)) if "-D" in process.cmdline()]
    assert len(postmasters) == 1


def test_port_taken_at_a_later_start_gives_another(cluster: Cluster) -> None:
    cluster.up()
    first = cluster.status().port
    assert first is not None
    cluster.down()
    with socket.create_server(("127.0.0.1", first)):
        assert cluster.up()
        assert cluster.status().port != first
        assert value(cluster.addresses().database_url, "SELECT 1") == 1


def test_the_database_is_utf8_with_checksums_and_without_jit(running: Cluster) -> None:
    url = running.addresses().admin_url
    assert value(url, "SHOW server_encoding") == "UTF8"
    assert value(url, "SHOW data_checksums") == "on"
    assert value(url, "SHOW jit") == "off"
    assert value(url, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'gridsvc'") == "gridsvc_admin"
    assert value(url, "SELECT count(*) FROM pg_available_extensions WHERE name = 'postgis'") == 1


@pytest.mark.parametrize("name", ["x" * 150, "网格 'a,b' \"c\" $HOME `id`"])
def test_long_and_odd_paths(tmp_path: Path, make_cluster: Callable[[Path], Cluster], name: str) -> None:
    cluster = make_cluster(tmp_path / name / "data")
    assert cluster.up()
    assert value(cluster.addresses().database_url, "SELECT current_user") == "gridsvc"


def test_an_odd_path_that_the_account_can_enter(make_cluster: Callable[[Path], Cluster]) -> None:
    with tempfile.TemporaryDirectory(prefix="a,b 'c' \"d\" $HOME `id` ") as name:
        Path(name).chmod(0o755)
        cluster = make_cluster(Path(name) / "d")
        try:
            assert cluster.up()
            assert folder_of(cluster).is_relative_to(name)
            assert value(cluster.addresses().database_url, "SELECT current_user") == "gridsvc"
        finally:
            cluster.remove()


@as_root
def test_root_in_a_folder_that_the_account_cannot_enter(
    tmp_path: Path, make_cluster: Callable[[Path], Cluster]
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    cluster = make_cluster(closed / "data")
    cluster.up()
    status = cluster.status()
    assert not folder_of(cluster).is_relative_to(closed)
    assert {process.uids().real for process in processes(folder_of(cluster))} == {folder_of(cluster).stat().st_uid}
    assert folder_of(cluster).stat().st_uid != 0
    assert value(cluster.addresses().database_url, "SELECT 1") == 1
    assert status.data_folder == closed / "data"


@as_root
def test_what_a_deleted_data_folder_left_behind_is_set_aside(cluster: Cluster) -> None:
    cluster.up()
    folder, record = folder_of(cluster), cluster.folder / "cluster.json"
    cluster.down()
    if folder.is_relative_to(cluster.folder):
        pytest.skip("the account can enter the test's folder, so nothing lies elsewhere")
    record.unlink()
    assert cluster.up()
    kept = list(folder.parent.glob(f"{folder.name}.old-*"))
    assert len(kept) == 1
    kept[0].rename(folder.with_name("check"))
    subprocess.run(["rm", "-r", str(folder.with_name("check"))], check=True)


def test_missing_record_or_missing_files_are_told(tmp_path: Path, cluster: Cluster) -> None:
    with pytest.raises(SetupError, match=r"no database cluster in .*gridsvc db up"):
        cluster.addresses()
    cluster.up()
    cluster.down()
    folder = folder_of(cluster)
    folder.rename(tmp_path / "elsewhere")
    with pytest.raises(SetupError, match=r"database files in .* are missing"):
        cluster.up()
    (tmp_path / "elsewhere").rename(folder)
    assert cluster.up()
