"""Crashes, broken files and missing programs."""

import os
import shutil
import signal
from pathlib import Path

import psutil
import psycopg
import pytest

from gridsvc.errors import SetupError
from gridsvc.localdb import Cluster, binaries
from tests.localdb.helpers import folder_of, processes, value


def _pid(cluster: Cluster) -> int:
    pid = cluster.status().pid
    assert pid is not None
    return pid


@pytest.fixture
def cluster_in_use(running: Cluster) -> Cluster:
    running.up()
    return running


def test_data_survives_a_killed_server(cluster_in_use: Cluster) -> None:
    cluster_in_use.down()
    cluster = Cluster(cluster_in_use.folder, fsync=True)
    cluster.up()
    connection = psycopg.connect(cluster.addresses().admin_url)
    connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 10000) AS n")
    connection.commit()
    connection.execute("INSERT INTO kept VALUES (-1)")
    os.kill(_pid(cluster), signal.SIGKILL)
    connection.close()
    assert cluster.up()
    assert value(cluster.addresses().admin_url, "SELECT count(*) || ':' || min(n) FROM kept") == "10000:1"


def test_children_that_outlive_a_killed_server_do_not_stop_the_next_start(
    cluster_in_use: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gridsvc.localdb.processes.PATIENCE", 1.0)
    folder, pid = folder_of(cluster_in_use), _pid(cluster_in_use)
    children = psutil.Process(pid).children()
    for child in children:
        child.suspend()
    os.kill(pid, signal.SIGKILL)
    assert processes(folder) != []
    assert cluster_in_use.up()
    assert value(cluster_in_use.addresses().admin_url, "SELECT 1") == 1
    assert not {child.pid for child in children} & {process.pid for process in processes(folder)}


def test_down_after_a_killed_server_leaves_no_process(cluster_in_use: Cluster) -> None:
    folder = folder_of(cluster_in_use)
    os.kill(_pid(cluster_in_use), signal.SIGKILL)
    cluster_in_use.down()
    assert processes(folder) == []


def test_a_pid_file_that_names_another_program_is_stale(cluster_in_use: Cluster) -> None:
    file = folder_of(cluster_in_use) / "data" / "postmaster.pid"
    text = file.read_text()
    cluster_in_use.down()
    file.write_text(text.replace(text.split()[0], str(os.getpid()), 1))
    assert not cluster_in_use.status().running
    assert cluster_in_use.up()


def test_a_broken_configuration_is_quoted_from_the_log(cluster_in_use: Cluster) -> None:
    cluster_in_use.down()
    file = folder_of(cluster_in_use) / "data" / "postgresql.conf"
    sound = file.read_text()
    file.write_text(f"{sound}\nwork_mem = 'a lot'\n")
    with pytest.raises(SetupError, match=r'server\.log.*\n(.*\n)*.*"work_mem": "a lot"'):
        cluster_in_use.up()
    file.write_text(sound)
    assert cluster_in_use.up()


def test_an_interrupted_creation_is_completed(cluster: Cluster) -> None:
    cluster.up()
    cluster.down()
    record = cluster.folder / "cluster.json"
    record.write_text(record.read_text().replace('"ready": true', '"ready": false'))
    shutil.rmtree(folder_of(cluster) / "data")
    assert not cluster.status().exists
    assert cluster.up()
    assert value(cluster.addresses().database_url, "SELECT current_user") == "gridsvc"


def test_a_damaged_record_is_told(cluster: Cluster) -> None:
    cluster.folder.mkdir()
    record = cluster.folder / "cluster.json"
    record.write_text("{")
    with pytest.raises(SetupError, match=r"cluster\.json is damaged"):
        cluster.status()
    record.unlink()


def test_missing_programs_name_the_packages(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "PLACES", ())
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SetupError, match="apt-get install postgresql postgresql-postgis"):
        cluster.up()


def test_missing_major_version_and_missing_postgis_name_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SetupError, match="postgresql-99 postgresql-99-postgis-3"):
        binaries.find_installation(99)
    monkeypatch.setattr(binaries.Installation, "has_postgis", lambda _: False)
    with pytest.raises(SetupError, match=r"has no PostGIS; .*postgresql-\d+-postgis-3"):
        binaries.find_installation()


def test_the_newest_version_that_has_postgis_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    three = [binaries.Installation(version, Path("/x")) for version in (18, 17, 15)]
    monkeypatch.setattr(binaries, "installations", lambda: three)
    monkeypatch.setattr(binaries.Installation, "has_postgis", lambda self: self.version < 18)
    assert binaries.find_installation().version == 17


def test_a_data_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(SetupError, match=r"data folder .* cannot be made"):
        Cluster(tmp_path / "data").up()
