"""The server's configuration: memory by the size of the machine, addresses, authentication."""

import os
from pathlib import Path

MIB = 1024 * 1024

ACCESS = """# written by gridsvc
local all all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
"""


def machine_memory() -> int:
    """Bytes of memory that this machine or its control group allows."""
    installed = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = Path("/sys/fs/cgroup/memory.max")
    try:
        return min(installed, int(limit.read_text()))
    except (OSError, ValueError):
        return installed


def configuration(port: int, socket_folder: Path, fsync: bool, memory: int, cores: int) -> str:
    """The text of gridsvc.conf."""
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": str(socket_folder),
        "password_encryption": "scram-sha-256",
        "log_line_prefix": "%m [%p] %q%u@%d ",
        "jit": "off",
        **_memory(memory),
        **_work(cores),
        **({} if fsync else {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}),
    }
    lines = [f"{name} = '{value}'" for name, value in settings.items()]
    return "\n".join(["# written by gridsvc at every start; own settings belong in postgresql.auto.conf", *lines, ""])


def _memory(memory: int) -> dict[str, str]:
    """Shares of the machine: 512 MiB of buffers on 24 GiB keep every server process under 1 GiB resident."""

    def share(divisor: int, least: int, most: int) -> str:
        return f"{max(least, min(most, memory // divisor // MIB))}MB"

    return {
        "max_connections": "60",
        "shared_buffers": share(48, 64, 512),
        "effective_cache_size": share(2, 256, 64 * 1024),
        "work_mem": share(768, 4, 32),
        "maintenance_work_mem": share(96, 64, 256),
        "max_wal_size": share(6, 512, 4096),
        "min_wal_size": share(48, 80, 512),
    }


def _work(cores: int) -> dict[str, str]:
    helpers = str(max(0, min(4, cores - 1)))
    return {
        "max_parallel_workers": str(cores),
        "max_parallel_workers_per_gather": helpers,
        "max_parallel_maintenance_workers": helpers,
        "random_page_cost": "1.1",
        "checkpoint_timeout": "15min",
    }
