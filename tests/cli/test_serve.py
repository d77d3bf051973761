"""The service as a process: it answers, and takes its database along when it is told to stop."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from gridsvc.localdb import Cluster

GRIDSVC = str(Path(sys.executable).parent / "gridsvc")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str, process: subprocess.Popen[str], seconds: float = 30) -> str:
    """The body of the first good answer."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=2) as response:
                return str(response.read().decode())
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"{url} does not answer; the service {process.poll()}")


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl+C"])
def test_serve_answers_and_leaves_nothing_behind(tmp_path: Path, stop: signal.Signals) -> None:
    port, folder = free_port(), tmp_path / "data"
    own = {key: value for key, value in os.environ.items() if not key.startswith("GRIDSVC_")}
    environ = {**own, "GRIDSVC_DATA_FOLDER": str(folder), "GRIDSVC_PORT": str(port)}
    cluster = Cluster(folder)
    try:
        made = [GRIDSVC, "init", "--crs", "EPSG:4544", "--name-en", "Town"]
        subprocess.run(made, env=environ, check=True, capture_output=True)
        cluster.down()
        with subprocess.Popen([GRIDSVC, "serve"], env=environ, stdout=subprocess.PIPE, text=True) as service:
            assert '"ready"' in answers(f"http://127.0.0.1:{port}/ready", service)
            taken = subprocess.run([GRIDSVC, "serve"], env=environ, capture_output=True, text=True, check=False)
            assert taken.returncode == 1
            assert f"port {port} of 127.0.0.1 cannot be had" in taken.stderr
            service.send_signal(stop)
            service.wait(20)
        assert not cluster.status().running
    finally:
        cluster.remove()
