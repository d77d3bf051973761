"""A free port on the loopback address."""

import random
import socket

from gridsvc.errors import SetupError

PORTS = range(20000, 30000)  # below those that Linux gives to outgoing connections


def free_port() -> int:
    for port in random.sample(PORTS, 500):
        if is_free(port):
            return port
    raise SetupError(f"no free port between {PORTS.start} and {PORTS.stop} on 127.0.0.1")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
